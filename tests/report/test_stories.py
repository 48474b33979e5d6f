"""What the first screen says of small stories: a row for each branch, and its bars and cards from the same numbers."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from sim.experiments.statistics import Estimate
from sim.measures.outcomes import outcome
from sim.report import tables
from sim.report.headline import leading, sentences
from sim.report.story import Story, named
from sim.results.effects import PairedEffect, Verdict
from sim.results.words import rough_wait
from tests.report.casebook import filed
from tests.report.pages import altered, with_results
from tests.report.reading import check_quotable
from tests.report.test_words import entry

KEYS = {"down": "groups_brought_down", "wait": "turnaround_median", "harm": "harm", "bulk": "bystanders_per_year"}
KEYS |= {"direct": "ordinary_direct_per_year", "answer": "provider_median", "lasting": "takedowns_expected"}
KEYS |= {"abused": "abusive_executed_per_year"}
VERDICTS = {"!": Verdict.DISTINGUISHABLE, "~": Verdict.NOT_DISTINGUISHABLE, "=": Verdict.IDENTICAL}
POLICIES = ("harmonised_law", "faster_mlat", "harmonised_and_faster")
#: Policies a, b and c, how many of them there are, and what each changes, with its ends, in per cent of today; =>
#: which leads, what is said, ! what is not.
STORIES = filed("stories")


def read(story: Story, line: str) -> tuple[Story, list[PairedEffect]]:
    """The story of a line, and its effects."""
    many, *changes = line.partition(" =>")[0].split()
    policies, found = POLICIES[: int(many)], []
    for letter, change in zip(changes[::2], changes[1::2], strict=True):
        at = next(place for place, sign in enumerate(change) if sign in VERDICTS)
        about, parts = outcome(KEYS[change[:at]]), [float(part) / 100.0 for part in change[at + 1 :].split(",")]
        base = story.level(story.baseline, about.key).value
        value, low, high = (base * part for part in parts)
        names = {"scenario": policies["abc".index(letter)], "outcome": about.key}
        names |= {"title": about.title, "unit": about.unit}
        names |= dict(zip(("relative", "relative_low", "relative_high"), parts, strict=True))
        ends = {"baseline_mean": base, "scenario_mean": base + value, "difference": value, "low": low, "high": high}
        found.append(entry(**names, **ends, verdict=VERDICTS[change[at]]))
    keys = (story.baseline, *policies)
    shown = tuple(one for key in keys for one in story.design.scenarios if one.key == key)
    made = Story(replace(story.experiment, places=()), replace(story.design, scenarios=shown), story.results)
    return altered(made, differences={"main": found}), found


def in_months(wait: float) -> str:
    return rough_wait(wait).removesuffix(" months")


@pytest.mark.parametrize("line", STORIES.splitlines())
def test_what_is_said_first_follows_from_what_is_clear(story: Story, line: str) -> None:
    shown, found = read(story, line)
    expected, _, absent = line.partition("=> ")[2].partition(" ! ")
    lead, _, there = expected.partition(" ")
    text = " ".join(sentences(shown))
    check_quotable(sentences(shown))
    assert leading(shown) == POLICIES["abc".index(lead)]
    assert all(part in text for part in there.split("|")), text
    assert not any(part in text for part in absent.split("|") if part), text
    of = {(one.scenario, one.outcome): one for one in found}
    check_bars(shown, of)
    for policy in shown.reported:
        check_cards(shown, policy, {key: of.get((policy, KEYS[key])) for key in KEYS})


def is_felt(one: PairedEffect | None) -> bool:
    """Whether an effect is more than chance, and of a wait at least a fiftieth."""
    clear = one is not None and one.verdict is Verdict.DISTINGUISHABLE
    return clear and (one.unit != "months" or abs(one.relative) >= 0.02)


def check_bars(shown: Story, of: dict[tuple[str, str], PairedEffect]) -> None:
    """Today's level, and each policy's change apart from it; most first."""
    base, wait = (shown.level(shown.baseline, KEYS[key]).value for key in ("down", "wait"))
    downs = {policy: of[policy, KEYS["down"]] for policy in shown.reported if (policy, KEYS["down"]) in of}
    moves = {key: (one.difference, one.low, one.high) if is_felt(one) else (0.0,) * 3 for key, one in downs.items()}
    today, *bars = tables.bars(shown)
    assert today.after == today.today == pytest.approx(base) and today.cells[0] == in_months(wait)
    assert [bar.name for bar in bars] == [shown.title[key] for key in sorted(downs, key=lambda key: -moves[key][0])]
    for bar in bars:
        key = next(key for key in downs if shown.title[key] == bar.name)
        assert (bar.after, bar.low, bar.high) == pytest.approx([base + end for end in moves[key]])
        waits = of.get((key, KEYS["wait"]))
        assert bar.cells[0] == in_months(wait + (waits.difference if is_felt(waits) else 0.0))
        assert bar.kind == ("lead" if key == leading(shown) else "") and ("change:" in bar.words) == is_felt(downs[key])


def check_cards(shown: Story, policy: str, of: dict[str, PairedEffect | None]) -> None:
    """A card is quiet where nothing is felt, and a burden where things get worse."""
    wait, groups, *others, price, rights = tables.cards(shown, policy)
    assert price.quiet == (price.value == "no price") != price.burden
    for card, one, worse in ((wait, of["wait"], 1), (groups, of["down"], -1)):
        assert card.quiet != is_felt(one) and card.burden == (is_felt(one) and one.difference * worse > 0)
    direct = [one for one in (of["direct"], of["answer"]) if is_felt(one) and abs(one.relative) > 0.02]
    assert [card.burden for card in others] == [one.unit == "days" and one.difference > 0 for one in direct]
    lasting = of["lasting"]
    assert ("stay down" in groups.detail) == (is_felt(of["down"]) and is_felt(lasting))
    touched = [one for one in (of["abused"], of["bulk"]) if is_felt(one) and one.difference > 0]
    often = sorted((one for one in touched if one.scenario_mean >= 1.0), key=lambda one: -one.relative)
    assert rights.burden != rights.quiet == (not often) and rights.detail.count("more a year") == max(len(often) - 1, 0)
    assert not often or often[0].title.split()[0].lower() in rights.title.lower()


def test_other_policies_that_may_do_as_much_are_named_or_counted(story: Story) -> None:
    for third, said in ((50.0, "2 other policies may do as much."), (10.0, "{} may do as much. {} no clear")):
        outcomes, key = story.results.outcomes.copy(), KEYS["down"]
        outcomes[key] = 100.0
        for place, (policy, more) in enumerate(zip(story.policies, (50.0, 50.0, third), strict=True), 1):
            mine = (outcomes["scenario"] == policy).to_numpy()
            outcomes.loc[mine, key] += more + outcomes.loc[mine, "seed"] * place % 5
        text = " ".join(sentences(with_results(story, outcomes)))
        assert said.partition(" {}")[0].format(named(story, story.policies[1])) in text, text
        assert text.count("may do as much") == 1


def test_a_wait_is_in_months_from_a_month_on_and_a_price_in_billions_from_a_billion_on() -> None:
    for wait, shown in ((1.0, "2.0 → 1.0 months"), (0.5, f"{rough_wait(2.0)} → {rough_wait(0.5)}")):
        ends = {"baseline_mean": 2.0, "scenario_mean": wait, "difference": wait - 2.0, "low": -1.6, "high": -0.9}
        one = entry(outcome=KEYS["wait"], unit="months", **ends)
        assert tables._card(SimpleNamespace(difference=lambda *_, one=one: one), "", KEYS["wait"], "").value == shown
    for price, unit in ((1000.0, "billion"), (999.0, "million"), (0.0, "price")):
        middle, ends = tables.price(Estimate(price, 0.9 * price, 1.1 * price, 9))
        assert middle.split()[-1] == unit and bool(ends) == (price > 0)
