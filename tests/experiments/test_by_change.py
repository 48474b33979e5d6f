"""Tests of the effect of each change of a policy, alone and by its removal."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli import INPUT_ERROR, main
from sim.experiments.design import MAIN, Apart, comparison, label, take_apart
from sim.measures.outcomes import HEADLINES, OUTCOMES, outcome
from sim.policy.scenario import Scenario, load, over
from sim.report import pages
from sim.results.effects import ChangeRole, PairedArms, PairedEffect, Verdict, effects, taken_apart
from tests.experiments.fakes import experiment, frame_of


def scenario_runs_of(whole: Scenario, base: Scenario) -> tuple[Apart, tuple[Scenario, ...]]:
    """A policy of several changes, with its scenario runs."""
    taken = take_apart(whole, base)
    assert taken is not None
    return taken[0], tuple(taken[1])


def test_every_change_is_made_alone_and_left_out() -> None:
    whole, base = load("faster_mlat"), load("status_quo")
    apart, arms = scenario_runs_of(whole, base)
    by_key = {arm.key: arm for arm in arms}
    assert len(whole.changes) == len(apart.labels) == 6 and len(by_key) == len(arms) == 12
    assert list(apart.labels) == [label(change) for change in whole.changes]
    joining = load("current_trends").changes[1]
    assert "Second Additional Protocol" in label(joining) and label(joining).endswith(", for parties of Budapest")
    twice, _ = scenario_runs_of(replace(whole, changes=(whole.changes[0], whole.changes[1], whole.changes[0])), base)
    assert twice.labels[2] == f"{twice.labels[0]}, change 3", "each has words of its own"
    for place, (alone, without) in enumerate(zip(apart.alone, apart.without, strict=True)):
        assert by_key[alone].changes == (whole.changes[place],)
        assert by_key[without].changes == (*whole.changes[:place], *whole.changes[place + 1 :])
    package = load("all_three")
    based, (law, *_) = scenario_runs_of(package, base)
    assert based.labels == tuple(load(key).title for key in package.based_on), "a package is made of policies"
    assert law.changes == load("harmonised_law").changes
    apart, arms = scenario_runs_of(replace(whole, changes=whole.changes[:2]), base)
    assert len(arms) == 2
    assert apart.without == apart.alone[::-1], "what is without one has the other one only"


def test_the_baselines_changes_stay_in_every_arm_and_a_policymaker_who_reviews_is_a_part() -> None:
    base = load("current_trends")
    apart, arms = scenario_runs_of(over(load("faster_mlat"), base), base)
    assert len(apart.labels) == 6
    assert all(arm.changes[: len(base.changes)] == base.changes for arm in arms)
    assert take_apart(base, base) is None
    whole = load("monitor_and_update")
    added = replace(whole, changes=load("faster_mlat").changes[:1])
    _, (first, second) = scenario_runs_of(added, load("status_quo"))
    assert (first.monitor, len(first.changes)) == (None, 1)
    assert second.monitor == whole.monitor is not None and second.changes == ()


def test_arms_have_every_seed_and_share_the_past(tmp_path: Path) -> None:
    asked = replace(experiment(tmp_path, ("status_quo", "faster_mlat"), replicates=3), by_change=True)
    design = comparison(asked, ())
    frame = frame_of(design.plan)
    main_runs = frame[frame["point"] == 0]
    assert set(main_runs.groupby("scenario")["seed"].nunique()) == {3}
    assert main_runs["scenario"].nunique() == 2 + 12
    runs = design.plan.runs[design.plan.runs["point"] == 0]
    assert all(len(set(runs["past"][runs["seed"] == seed])) == 1 for seed in (1, 2, 3))
    shown = {design.plan.base.scenarios[place].key for place in design.shown["scenario"].tolist()}
    assert shown == {"status_quo", "faster_mlat"}


def _outcomes(effects: dict[str, float], noise: float = 0.01) -> pd.DataFrame:
    """Outcomes in ten very different worlds, in which each scenario run adds its own effect."""
    random = np.random.default_rng(1)
    world = random.normal(10.0, 5.0, 10)
    rows = [
        {"block": MAIN, "scenario": key, "seed": seed}
        | {about.key: world[seed] + effect + (random.normal(0, noise) if effect else 0.0) for about in OUTCOMES}
        for key, effect in effects.items()
        for seed in range(10)
    ]
    return pd.DataFrame(rows)


def _of(outcomes: pd.DataFrame, apart: Apart) -> dict[tuple[int, str], PairedEffect]:
    """Effects on the first headline outcome, by change and role."""
    entries = effects(PairedArms(outcomes), taken_apart(apart, "status_quo"), [outcome(HEADLINES[0])])
    return {(entry.part, entry.role): entry for entry in entries}


@pytest.fixture(scope="module")
def found() -> dict[tuple[int, str], PairedEffect]:
    """Effects of two changes that reinforce each other and of one without effect."""
    apart = Apart("p", ("a", "b", "c"), ("p.only.1", "p.only.2", "p.only.3"), ("p.w.1", "p.w.2", "p.w.3"))
    shifts = {"status_quo": 0, "p": 5.0, "p.only.1": 1.0, "p.only.2": 2.0, "p.only.3": 0, "p.w.1": 2, "p.w.2": 1}
    outcomes = _outcomes(shifts)
    same = outcomes[outcomes["scenario"] == "p"].assign(scenario="p.w.3")
    return _of(pd.concat([outcomes, same]), apart)


def test_what_a_change_does_alone_and_adds_to_the_others(found: dict[tuple[int, str], PairedEffect]) -> None:
    alone, added = ChangeRole.ALONE, ChangeRole.ADDED
    expected = {(1, alone): 1, (1, added): 3, (2, alone): 2, (2, added): 4}
    expected |= {(0, ChangeRole.TOGETHER): 5, (0, ChangeRole.LEFT_OVER): 2}
    for key, value in expected.items():
        assert found[key].difference == pytest.approx(value, abs=0.02), key
        assert found[key].low < value + 0.02 < found[key].high + 0.04
        assert found[key].verdict is Verdict.DISTINGUISHABLE, "worlds that differ a lot cancel: differences are paired"
    for role in (alone, added):
        assert (found[3, role].verdict, found[3, role].difference) == (Verdict.IDENTICAL, 0)


def test_a_world_without_a_median_does_not_count() -> None:
    apart = Apart("p", ("a", "b"), ("p.only.1", "p.only.2"), ("p.only.2", "p.only.1"))
    outcomes = _outcomes({"status_quo": 0, "p": 3.0, "p.only.1": 1.0, "p.only.2": 2.0})
    outcomes.loc[(outcomes["scenario"] == "p.only.1") & (outcomes["seed"] == 3), HEADLINES[0]] = np.nan
    left = _of(outcomes, apart)[0, ChangeRole.LEFT_OVER]
    assert left.pairs == 9 and left.difference == pytest.approx(0, abs=0.02)


def test_a_policy_with_one_change_is_refused_in_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "harmonised_offences", "--by-change", "--point", "world=tiny", "--replicates", "2", "--quiet"]
    assert main([*words, "-o", str(tmp_path)]) == INPUT_ERROR
    message = capsys.readouterr().err
    assert "nothing to take apart" in message and "--by-change" in message and "Traceback" not in message


INERT = """\
title: Deadlines that bind nobody
question: What does a deadline change that cannot be enforced?
author: test
changes:
  - {lever: central_authority.staff, value: +100 %, date: 2027-01-01}
  - {lever: central_authority.deadline_enforceable, value: no, date: 2027-01-01}
"""


def test_alone_is_the_whole_where_the_other_change_is_inert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One change has the effect of the whole policy, to the last digit, if the other change does nothing."""
    file = tmp_path / "inert.yaml"
    file.write_text(INERT, encoding="utf-8")
    words = ["compare", str(file), "--by-change", "--point", "world=tiny", "--replicates", "2"]
    monkeypatch.setattr(pages, "FIGURES", {"by_change": pages.FIGURES["by_change"]})
    assert main([*words, "execution.executor=serial", "--quiet", "-o", str(tmp_path / "results")]) == 0
    (folder,) = (tmp_path / "results").glob("compare-*")
    outcomes = pd.read_parquet(folder / "outcomes.parquet")
    outcomes = outcomes[outcomes["block"] == MAIN].set_index(["scenario", "seed"])
    keys = [outcome.key for outcome in OUTCOMES]
    pd.testing.assert_frame_equal(outcomes.loc["inert.only.1", keys], outcomes.loc["inert", keys])
    pd.testing.assert_frame_equal(outcomes.loc["inert.only.2", keys], outcomes.loc["status_quo", keys])
    assert not outcomes.loc["inert", keys].equals(outcomes.loc["status_quo", keys]), "staff does change something"
    table = pd.read_csv(folder / "by_change.csv")
    inert = table[(table["part"] == 2) & (table["outcome"] == HEADLINES[0])]
    assert set(inert["verdict"]) == {str(Verdict.IDENTICAL)}
    assert (folder / "figures" / "by_change.svg").exists()
    shown = pd.read_parquet(folder / "breakdowns" / "open_by_age.parquet")
    assert set(shown["scenario"]) == {"status_quo", "inert"}, "arms have outcomes only"
