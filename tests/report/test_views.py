"""Tests of first screens of small studies, whose bars and cards show the same numbers."""

import re
from dataclasses import replace

import pytest

from sim.experiments.statistics import Estimate
from sim.measures.outcomes import outcome
from sim.report import saying, tables
from sim.report.headline import leading, sentences
from sim.report.page.parts import Card
from sim.report.phrases import named
from sim.report.view import View
from sim.results.effects import PairedEffect, Verdict
from tests.report.casebook import filed
from tests.report.pages import altered, with_results
from tests.report.reading import check_quotable
from tests.report.test_words import entry

KEYS = {"usable": "usable_within_12_months", "wait": "turnaround_median", "harm": "harm", "bulk": "bystanders_per_year"}
KEYS |= {"direct": "ordinary_direct_per_year", "answer": "provider_median", "lasting": "takedowns_expected"}
KEYS |= {"abused": "abusive_executed_per_year"}
VERDICTS = {"?": Verdict.HARDLY, "!": Verdict.DISTINGUISHABLE, "~": Verdict.NOT_DISTINGUISHABLE, "=": Verdict.IDENTICAL}
POLICIES = ("harmonised_law", "faster_mlat", "harmonised_and_faster")
#: Policies a, b and c, how many of them there are, and what each changes, with its ends, in per cent of today; =>
#: which leads, what is said, ! what is not.
VIEWS = filed("views")


def read(view: View, line: str) -> tuple[View, list[PairedEffect]]:
    """The view of one row of the file, and its effects."""
    many, *changes = line.partition(" =>")[0].split()
    policies, found = POLICIES[: int(many)], []
    for letter, change in zip(changes[::2], changes[1::2], strict=True):
        at = next(place for place, sign in enumerate(change) if sign in VERDICTS)
        about, parts = outcome(KEYS[change[:at]]), [float(part) / 100.0 for part in change[at + 1 :].split(",")]
        base = view.level(view.baseline, about.key).value
        value, low, high = (base * part for part in parts)
        names = {"scenario": policies["abc".index(letter)], "outcome": about.key}
        names |= {"title": about.title, "unit": about.unit}
        names |= dict(zip(("relative", "relative_low", "relative_high"), parts, strict=True))
        ends = {"baseline_mean": base, "scenario_mean": base + value, "difference": value, "low": low, "high": high}
        found.append(entry(**names, **ends, verdict=VERDICTS[change[at]]))
    keys = (view.baseline, *policies)
    shown = tuple(one for key in keys for one in view.design.scenarios if one.key == key)
    made = View(replace(view.experiment, places=()), replace(view.design, scenarios=shown), view.results)
    return altered(made, differences={"main": found}), found


@pytest.mark.parametrize("line", VIEWS.splitlines())
def test_what_is_said_first_follows_from_what_is_clear(view: View, line: str) -> None:
    shown, found = read(view, line)
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


def is_change(one: PairedEffect | None) -> bool:
    """True if the verdict on an effect is a change."""
    return one is not None and one.verdict is Verdict.DISTINGUISHABLE


def check_bars(shown: View, of: dict[tuple[str, str], PairedEffect]) -> None:
    """Checks that bars are relative to today, with the largest first."""
    known = {policy: of[policy, KEYS["lasting"]] for policy in shown.reported if (policy, KEYS["lasting"]) in of}
    moves = {key: one.relative if is_change(one) else 0.0 for key, one in known.items()}
    today, *bars = tables.bars(shown)
    assert today.after == today.today == 1.0
    assert [bar.name for bar in bars] == [shown.title[key] for key in sorted(known, key=lambda key: -moves[key])]
    for bar in bars:
        key = next(key for key in known if shown.title[key] == bar.name)
        one = known[key]
        ends = (one.relative, one.relative_low, one.relative_high) if is_change(one) else (0.0,) * 3
        assert (bar.after, bar.low, bar.high) == pytest.approx([1.0 + end for end in ends])
        wait = of.get((key, KEYS["wait"]))
        words = {"change under 2 %": "under 2 %"}
        verdict = saying.verdict(wait)
        assert wait is None or bar.cells[0] == (words.get(verdict, verdict) or saying.per_cent(wait.relative))
        assert bar.kind == ("lead" if key == leading(shown) else "")
        assert bool(saying.verdict(one)) != is_change(one) and saying.verdict(one) in bar.words


def check_cards(shown: View, policy: str, of: dict[str, PairedEffect | None]) -> None:
    """Checks that cards mark unclear effects as quiet and worse results as burdens."""
    groups, wait, usable, *others, price = tables.cards(shown, policy)
    others = [card for card in others if not card.title.startswith("Way ")]
    assert price.quiet == (price.value == "no price") != price.burden
    for card, one, worse in ((groups, of["lasting"], -1), (wait, of["wait"], 1), (usable, of["usable"], -1)):
        assert card.quiet != is_change(one) and card.burden == (is_change(one) and one.difference * worse > 0)
        assert card.value == (saying.per_cent(one.relative) if is_change(one) else saying.verdict(one))
        assert bool(re.search("oday(’s)? about ", card.today)) == (card.then == "") and ("Confidence" in card.sure) == (
            one is not None and one.verdict is not Verdict.IDENTICAL
        )
    direct = [one for one in (of["direct"], of["answer"]) if is_change(one)]
    assert [card.burden for card in others] == [one.unit == "days" and one.difference > 0 for one in direct]
    check_rights(tables.rights_cards(shown, policy), of)


def check_rights(cards: tuple[Card, ...], of: dict[str, PairedEffect | None]) -> None:
    """Checks that each outcome on rights has a card, with worse ones first and few cases as "rare"."""
    touched = [one for one in (of["abused"], of["bulk"]) if one is not None and is_change(one)]
    often = [one for one in touched if max(one.baseline_mean, one.scenario_mean) >= 1.0]
    seen = {card.title.split()[0]: card for card in cards if not card.quiet}
    assert seen.keys() == {one.title.split()[0] for one in often}
    assert [card.burden for card in cards] == sorted((card.burden for card in cards), reverse=True)
    for one in often:
        card, rare = seen[one.title.split()[0]], max(one.baseline_mean, one.scenario_mean) < 10.0
        assert card.value == ("rare" if rare else saying.per_cent(one.relative)) and "Confidence" in card.sure
        assert card.burden == (one.difference > 0.0) and ("guess" in card.sure) == (one is of["abused"])
    absent = [card.title for card in cards if card.quiet]
    sides = {"worse" if one.difference > 0.0 else "better" for one in often}
    assert {f"Rights, {side}" for side in ("worse", "better") if side not in sides} == set(absent)


def test_few_cases_are_rare_and_how_much_abuse_and_what_share_stand_on_one_card(view: View) -> None:
    """One card gives the number and the share of abusive requests, and rare cases have no ratio."""
    names = ("abusive_executed_per_year", "abusive_executed_share", "without_criminality_per_year")
    found = []
    for key, before, after in zip(names, (40.0, 0.176, 2.3), (44.0, 0.168, 0.5), strict=True):
        ends = {"difference": after - before, "low": 0.9 * (after - before), "high": 1.1 * (after - before)}
        ratio = after / before - 1.0
        ends |= {"relative": ratio, "relative_low": 1.1 * ratio, "relative_high": 0.9 * ratio}
        about = {"outcome": key, "title": outcome(key).title, "unit": outcome(key).unit, "scenario": POLICIES[0]}
        found.append(entry(**about, baseline_mean=before, scenario_mean=after, **ends))
    abuse, rare = tables.rights_cards(altered(view, differences={"main": found}), POLICIES[0])
    assert abuse.value == "+10 %" and abuse.burden and "more, but a smaller share" in abuse.title
    assert "maller share: about 18 → 17 of 100" in abuse.today
    assert rare.value == "rare" and not rare.burden and "2.3 → 0.5 a year" in rare.detail and "%" not in rare.detail
    assert all("Confidence" in card.sure for card in (abuse, rare))


def test_other_policies_that_may_do_as_much_are_named_or_counted(view: View) -> None:
    for third, said in ((50.0, "2 other policies may do as much."), (10.0, "{} may do as much. {} no clear")):
        outcomes, key = view.results.outcomes.copy(), KEYS["lasting"]
        outcomes[key] = 100.0
        for place, (policy, more) in enumerate(zip(view.policies, (50.0, 50.0, third), strict=True), 1):
            mine = (outcomes["scenario"] == policy).to_numpy()
            outcomes.loc[mine, key] += more + outcomes.loc[mine, "seed"] * place % 5
        text = " ".join(sentences(with_results(view, outcomes)))
        assert said.partition(" {}")[0].format(named(view, view.policies[1])) in text, text
        assert text.count("may do as much") == 1


def test_a_card_has_the_ratio_in_its_value_and_levels_behind_it_and_a_price_is_in_billions_from_a_billion_on() -> None:
    ends = {"baseline_mean": 2.0, "scenario_mean": 1.0, "difference": -1.0, "low": -1.6, "high": -0.9}
    shares = {"relative": -0.5, "relative_low": -0.8, "relative_high": -0.45}
    one = entry(outcome=KEYS["wait"], unit="months", **ends, **shares)
    shown = saying.card(one, "", saying.level(2.0, Estimate(2.0, 0.3, 14.0, 9), "months"))
    assert (shown.value, shown.quiet, shown.burden) == ("−50 %", False, False)
    assert (shown.detail, shown.today) == (
        "45 to 80 % shorter",
        "27 to 49 days shorter; today about 2.0 months (in reality perhaps 0.3 to 14)",
    )
    ends = {"baseline_mean": 0.2, "scenario_mean": 0.32, "difference": 0.12, "low": 0.1, "high": 0.14}
    share = saying.card(entry(outcome=KEYS["usable"], **ends, relative=0.6, relative_low=0.5, relative_high=0.7), "")
    assert (share.value, share.then, share.detail) == ("+60 %", "about 20 → 32 of 100 steps abroad", "50 to 70 % more")
    assert (saying.size(one), saying.step(one)) == ("−50 %", "−1.0 months")
    none = saying.card(replace(one, verdict=Verdict.NOT_DISTINGUISHABLE), "", "today")
    assert (none.value, none.detail, none.today, none.quiet) == (saying.NO_CLEAR, "−80 to −45 %", "today", True)
    for verdict, said in ((Verdict.HARDLY, "change under 2 %"), (Verdict.FEW_WORLDS, "too few worlds to say")):
        assert saying.card(replace(one, verdict=verdict), "").value == said
    assert saying.card(replace(one, verdict=Verdict.TOO_FEW), "").detail == ""
    for price, unit in ((1000.0, "billion"), (999.0, "million"), (0.0, "price")):
        middle, ends = tables.price(Estimate(price, 0.9 * price, 1.1 * price, 9))
        assert middle.split()[-1] == unit and bool(ends) == (price > 0)
