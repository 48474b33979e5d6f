"""Tests that a number has the same value in reports, figures, league, what-if page, Python and README.

The stored reference and the stored league have the same worlds, so that a policy has the same effect in both, unless
the league is of an earlier model, which it then says at its top.
"""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

import sim
from docs.programs import NOTE
from docs.programs.earlier import is_of_the_reference
from sim.experiments.sets import ChosenBy
from sim.report import saying, tables
from sim.report.figures.effects import forest
from sim.report.headline import EXPECTED, leading, parts, sentences
from sim.report.places import REGIONS, all_groups
from sim.report.studies import read_report
from sim.report.view import View
from sim.results.confidence import record, record_in_full
from sim.results.effects import PairedEffect, Verdict, is_clear
from sim.results.labels import packaged_rows
from sim.results.league import RANKED_BY
from sim.results.words import change
from sim.web import reading, site
from sim.world.parameters import WorldSpec

ROOT = Path(__file__).parents[2]
REFERENCE, LEAGUE = (ROOT / "results" / name for name in ("reference", "league"))
POLICIES = ("harmonised_law", "faster_mlat", "stronger_liaison", "all_three")
NUMBERS = ["difference", "low", "high", "relative", "relative_low", "relative_high"]


@pytest.fixture(scope="module")
def view() -> View:
    return read_report(REFERENCE)


def effect(view: View, policy: str) -> PairedEffect:
    found = view.difference(policy, EXPECTED)
    assert found is not None
    return found


@pytest.mark.parametrize("policy", POLICIES)
def test_one_outcome_has_one_number_on_all_faces(view: View, policy: str) -> None:
    one = effect(view, policy)
    said, numbers = saying.change(one), [getattr(one, name) for name in NUMBERS]
    value = saying.verdict(one) or saying.per_cent(one.relative)
    first = "\n".join([*sentences(view), *(bar.words for bar in tables.bars(view))])
    assert said in first, "bars"
    assert tables.cards(view, policy)[0].value == value, "cards"
    assert saying.sizes(one) in first or policy not in (leading(view), "faster_mlat"), "headline"
    assert change(one) in tables.changes(view, policy) and change(one) in tables.rights(view), "tables"
    shown = forest(view)
    assert shown is not None
    marks = shown.table[(shown.table["scenario"] == view.title[policy]) & (shown.table["difference"] == one.difference)]
    assert numbers[:3] in marks[["difference", "low", "high"]].to_numpy().tolist(), "figure"
    row = pd.read_csv(LEAGUE / "league.csv").query("scenario == @policy").iloc[0]
    is_whole = is_of_the_reference()
    assert not is_whole or row["worlds"] == view.replicates(policy), "all worlds, also in the league"
    studies = ["results/reference", *(["results/league"] if is_whole else [])]
    for answer in (site._study(study)[policy] for study in studies):
        assert reading.cards(answer, 10)[0].value == value, "what-if page"
        assert str(answer.effects[EXPECTED].verdict) == str(one.verdict)
    asked = sim.open(REFERENCE).differences.query("scenario == @policy and outcome == @EXPECTED")
    assert asked[NUMBERS].to_numpy().tolist() == [numbers] and set(asked["verdict"]) == {str(one.verdict)}, "Python"
    if not is_of_the_reference():
        assert all(NOTE[:60] in (LEAGUE / name).read_text("utf-8") for name in ("summary.md", "report.html"))
    if not is_whole:
        return
    stored = pd.read_csv(LEAGUE / "differences.csv").query("scenario == @policy and outcome == @EXPECTED")
    assert stored[NUMBERS].to_numpy()[0] == pytest.approx(numbers, rel=1e-6), "league, all its outcomes"
    ends = [row[f"{RANKED_BY}_{end}"] for end in ("difference", "low", "high")]
    assert ends == pytest.approx(numbers[:3], rel=1e-6), "league, its table"
    assert said in unescape((LEAGUE / "summary.md").read_text("utf-8")) or policy not in _first_of_league()


def _first_of_league() -> list[str]:
    return pd.read_csv(LEAGUE / "league.csv").query("place > 0")["scenario"].tolist()[: tables.MOST_BARS]


def test_the_readme_says_what_the_reference_says(view: View) -> None:
    """The README gives the change of lasting takedowns with its interval for each clear effect."""
    text = " ".join((ROOT / "README.md").read_text("utf-8").replace("**", "").split())
    for policy in POLICIES:
        one = effect(view, policy)
        ends = f"{saying.per_cent(one.relative, sign=False)} ({saying.sizes(one).removesuffix(' %')})"
        assert (ends in text) == (one.verdict is Verdict.DISTINGUISHABLE), policy
    unclear = [policy for policy in POLICIES if effect(view, policy).verdict is not Verdict.DISTINGUISHABLE]
    assert (f"{saying.NO_CLEAR} effect" in text) == bool(unclear)
    shares = re.findall(r", (\d+ %) of the effect for (\d+ %) of the price", parts(view, leading(view)))
    assert "{} of what all three together bring, for {} of their price".format(*shares[0]) in text
    for key, say in (("turnaround_median", saying.by), ("usable_within_12_months", saying.from_to)):
        other = view.difference("faster_mlat", key)
        assert other is not None and say(other).replace(" %)", ")") in text, key
    assert record() in text
    assert all(f"{line.split(' on ')[0]} on " in text for line in record_in_full()[:4]), "facts"


def test_a_region_and_its_states_have_the_rule_of_the_world(view: View) -> None:
    """The interval of the world is no wider than those of its regions together, and no narrower than each."""
    places = all_groups(WorldSpec())
    found = view.of_groups([place.rows for place in places])
    is_region = found["state"].map(lambda row: places[row].title in REGIONS)
    takedowns = found[is_region & (found["outcome"] == "takedowns") & (found["scenario"] == "faster_mlat")]
    halves = (takedowns["high"] - takedowns["low"]) / 2.0
    world = view.difference("faster_mlat", "takedowns")
    assert world is not None and len(takedowns) == 5
    assert halves.max() <= (world.high - world.low) / 2.0 * 1.05 <= 1.05 * halves.sum() * 1.001
    assert takedowns["difference"].sum() == pytest.approx(world.difference, rel=1e-6)


def test_no_relative_interval_of_the_reference_contradicts_its_difference_about_zero(view: View) -> None:
    for one in view.differences["main"]:
        if one.relative_low == one.relative_low and one.baseline_mean > 0.0:
            assert (one.low > 0.0, one.high < 0.0) == (one.relative_low > 0.0, one.relative_high < 0.0), one


def test_the_first_screen_the_readme_and_the_league_say_alike_what_the_size_assumes(view: View) -> None:
    """First screen, README and league give the same sizes under other assumptions."""
    policy, (_, lead, _, said, _) = leading(view), sentences(view)
    trials = {trial["scenario"]: trial for trial in packaged_rows("trials.csv")}
    trial = trials[policy]
    tried = [float(trial[key]) for key in ("drawn", "none", "full")]
    sizes = [saying.per_cent(size, sign=False) for size in tried]
    assert all(size in said for size in sizes) and f"In {trial['worlds']} worlds" in said
    low, high = (float(end) for end in re.findall(r"(\d+) to (\d+) %", lead)[-1])
    assert low <= min(100.0 * size for size in tried) + 0.5
    assert high >= max(100.0 * size for size in tried) - 0.5
    league = [LEAGUE / "summary.md"] if is_of_the_reference() else []
    for page in (ROOT / "README.md", REFERENCE / "summary.md", *league):
        text = " ".join(page.read_text("utf-8").split())
        assert said in text, page


def test_a_screen_says_when_no_fact_chose_its_parameter_sets(view: View) -> None:
    """A first screen says so if its parameter sets were not fitted to any facts."""
    sets = view.experiment.sets
    assert sets is not None
    drawn = replace(view.experiment, sets=replace(sets, standing=ChosenBy.PRIOR))
    said = sentences(View(drawn, view.design, view.results))
    assert "comity calibrate" in said[3] and " worlds" not in said[3] and "Other assumptions" not in said[1]


def test_the_league_counts_policies_that_raise_lower_and_do_neither() -> None:
    """The league's counts of policies that raise or lower takedowns equal its table's verdicts."""
    text = (LEAGUE / "summary.md").read_text("utf-8").split("\n## ")[0]
    places = pd.read_csv(LEAGUE / "league.csv").query("place > 0")["scenario"]
    rows = pd.read_csv(LEAGUE / "differences.csv").query("outcome == @EXPECTED and block == 'main'")
    rows = rows[rows["scenario"].isin(places)]
    moving = rows[rows["verdict"] == str(Verdict.DISTINGUISHABLE)]["difference"] > 0.0
    hardly = rows["verdict"].isin([str(Verdict.HARDLY), str(Verdict.IDENTICAL)]).sum()
    said = f"{moving.sum()} of {len(rows)} policies would raise takedowns, {(~moving).sum()} would lower them"
    said += f", {hardly} would hardly change them" if hardly else ""
    assert f"{said}; for {len(rows) - len(moving) - hardly} the effect" in text


def test_no_interval_in_words_is_narrower_than_the_interval(view: View) -> None:
    """Rounded intervals in text are never narrower than the exact intervals."""
    shown = 0
    for one in filter(is_clear, view.differences["main"]):
        if one.relative_low == one.relative_low:
            low, high = (float(end.replace("−", "-").replace(" ", "")) for end in saying.signed_ends(one))
            assert low <= 100.0 * one.relative_low + 1e-6 and high >= 100.0 * one.relative_high - 1e-6, one
        if one.unit == "share":
            ends = [float(end) for end in re.findall(r"\d+(?:\.\d+)?", saying.moved(one))]
            least, most = sorted((abs(100.0 * one.low), abs(100.0 * one.high)))
            assert min(ends) <= least + 1e-6 and max(ends) >= most - 1e-6, one
            shown += 1
    assert shown > 20
