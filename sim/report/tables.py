"""The findings of a comparison as Markdown tables and lists; effects beyond noise are in bold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import isfinite, isnan
from typing import Any

import pandas as pd

from sim.data.spreadsheet import as_csv
from sim.experiments import store
from sim.experiments.design import MAIN
from sim.experiments.statistics import Estimate
from sim.measures.cases import Reached
from sim.measures.outcome import Outcome, ShownIn
from sim.measures.outcomes import OUTCOMES, outcome, shown_in
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report import headline, places, saying
from sim.report.figures.effects import COSTS, GAIN
from sim.report.headline import EXPECTED, TURNAROUND, USABLE, leading
from sim.report.marking import markdown_table, marked, worded
from sim.report.page.parts import Bar, Card, Fold
from sim.report.phrases import named, unmoved_paragraphs, years
from sim.report.section import STUDIES, PageKind, Section, register, section
from sim.report.view import PRICE, TAKEN_APART, View
from sim.results import words as spoken
from sim.results.costs import as_all
from sim.results.effects import PairedEffect, is_clear, is_defined, taken_apart
from sim.results.labels import REACHED
from sim.results.words import (
    cell,
    change,
    counted,
    interval,
    level,
    listing,
    lowered,
    number,
    outward,
    rough,
    rough_ends,
)

#: Outcomes on rights, of which less is better.
_RIGHTS = [one.key for one in OUTCOMES if "(rights)" in one.title or one.key == "abusive_executed_share"]
_ABUSED = "abusive_executed_per_year"
_ABUSED_SHARE = "abusive_executed_share"
#: Fewer a year than this say too little for a number in large type.
_OFTEN = 10.0
_WAIT = "Median wait for legal assistance: requests through central authorities"
EXECUTED_IN_TIME = "mla_executed_within_12_months"
#: The same over all formal requests.
_EXECUTED_OF_ALL = "executed_within_12_months"
#: What stands beside the wait for any answer, which a refusal ends as well.
EXECUTED = {
    EXECUTED_IN_TIME: "Requests through central authorities executed within a year",
    "mla_execution_months": "Median time of those that are executed",
}
MOST_BARS = 8  # policies in the table of the first screen
BARS = ("Policy", "Lasting takedowns", "Wait", "Executed, of 100", "Usable, of 100", "Price")
_MOST_COLUMNS = 6
#: Verdicts in narrow columns.
_SHORT = {saying.HARDLY_ANY: saying.HARDLY_ANY.removeprefix("change ")}
_PRICE = "price, million euros of 2024"
ANSWER = shown_in(ShownIn.SUMMARY)
GAINS = tuple(key for key in ANSWER if key not in shown_in(ShownIn.RIGHTS))  # those that are no burden on rights


def cards(view: View, policy: str) -> tuple[Card, ...]:
    """Cards on a policy: takedowns, wait, evidence, progress to full cooperation, direct orders, price."""
    ten, first = years(view), _card(view, policy, EXPECTED, "Lasting takedowns: groups down for half a year or more")
    wait, evidence = (
        _card(view, policy, TURNAROUND, _WAIT),
        _card(view, policy, USABLE, "Usable evidence within a year"),
    )
    value, ends = price(spends := view.price(policy))
    who = places.payer(view, policy) if "country" in view.results.breakdowns else ""
    paid = f"{ends}; {who}".removesuffix("; ") if ends else "nothing that is counted"
    spent = Card(f"Price over {ten}, all states together", value, paid, not ends, spends.value > 0.0)
    direct = map(_direct_card, headline.asked_directly(view, policy))
    return first, wait, evidence, *_way_card(view, policy), *direct, spent


def _card(view: View, policy: str, key: str, title: str) -> Card:
    """Card on an outcome of the whole world, with today's level and the confidence."""
    entry, about, worlds = _of_today(view, policy, key), outcome(key), view.of_worlds(view.baseline, key)
    unchecked = view.unchecked(key)
    today = saying.level(view.level(view.baseline, key).value, worlds, about.unit, saying.OF.get(key, ""), unchecked)
    card = saying.card(entry, title, today, headline.sure(view, entry), years(view))
    if card.then:  # which says today's level
        may = saying.in_reality(worlds, about.unit, unchecked)
        card = replace(card, today=f"Today {may}" if may else "")
    return card


def _of_today(view: View, policy: str, key: str) -> PairedEffect | None:
    """Effect on an outcome; levels of a share are estimates for all worlds, even if fewer were simulated."""
    entry, base = view.difference(policy, key), view.level(view.baseline, key).value
    if entry is None or entry.unit != "share" or not is_defined(entry):
        return entry
    return replace(entry, baseline_mean=base, scenario_mean=as_all(base, entry.baseline_mean, entry.scenario_mean))


def _way_card(view: View, policy: str) -> tuple[Card, ...]:
    """Card on a policy's progress from no to full cooperation, in lasting takedowns; empty without the bounds."""
    found = {rung.scenario: rung for rung in view.ladder if rung.outcome == EXPECTED and not rung.withheld}
    if policy not in found or view.baseline not in found or policy in (LOWER_BOUND, UPPER_BOUND):
        return ()
    then, now = (found[key].share for key in (policy, view.baseline))
    value = " → ".join(rough(100.0 * share.value) for share in (now, then))
    ends = [" to ".join(outward(100.0 * share.low, 100.0 * share.high)) for share in (now, then)]
    rest = f"in {counted(then.pairs, 'world')}; full: nobody abroad refuses, is silent or takes time"
    detail = f"today {ends[0]}, then {ends[1]}, {rest}"
    title = "Way from no cooperation (0) to full (100), in lasting takedowns"
    return (Card(title, value, detail, plain=True),)


def first_cards(view: View, policy: str) -> tuple[Card, ...]:
    """Cards on a policy for the first screen; cards on executed requests come after the wait for an answer."""
    made = cards(view, policy)
    place = next(number for number, card in enumerate(made, 1) if card.title == _WAIT)
    return *made[:place], *_executed_cards(view, policy), *made[place:]


def _executed_cards(view: View, policy: str) -> Iterator[Card]:
    """Yields cards on the share of requests that are executed, for the outcomes that the study measured."""
    for key, title in EXECUTED.items():
        if isfinite(view.level(view.baseline, key).value):
            card, of_all = _card(view, policy, key, title), _of_today(view, policy, _EXECUTED_OF_ALL)
            if key == EXECUTED_IN_TIME and of_all is not None and is_defined(of_all):
                words = saying.verdict(of_all)
                levels = f"{saying.per_cent(of_all.relative)}, about {saying.of_100(of_all)}"
                words = saying.change(of_all) if words else levels
                line = f"In all ways together, between judges too: {words}"
                card = replace(card, detail=". ".join(filter(None, (card.detail, line))))
            yield card


def _direct_card(entry: PairedEffect) -> Card:
    """Card on direct orders to providers: their yearly number, or the time until an answer."""
    if entry.unit != "days":
        return replace(saying.card(entry, "Direct orders to providers"), plain=True, burden=False)
    return saying.card(entry, "Providers’ answer to direct orders")


def price(found: Estimate) -> tuple[str, str]:
    """Returns texts on the cost of a policy over its years and on its range; the range is empty without a price."""
    if isnan(found.value) or found.value == 0.0:
        return "no price", ""
    share, unit = (1e-3, "billion") if abs(found.value) >= 1e3 else (1.0, "million")
    middle, low, high = (rough(share * part) for part in found[:3])
    return f"€{middle} {unit}", f"{low} to {high}" if low != high else "in all worlds"


def rights_cards(view: View, policy: str) -> tuple[Card, ...]:
    """Cards on a policy's clear effects on rights: one on abuse, one on losses, one on gains.

    All outcomes on rights are asked, but those that are touched less than once a year.
    """
    known = [entry for key in _RIGHTS if (entry := view.difference(policy, key)) is not None and is_clear(entry)]
    rights = {one.outcome: one for one in known if one.unit != "per year" or _most(one) >= 1.0}
    abused = [rights.pop(key) for key in (_ABUSED, _ABUSED_SHARE) if key in rights]
    often = list(rights.values())
    often.sort(key=lambda one: (_is_rare(one), -abs(one.relative)))
    worse, better = ([one for one in often if one.difference * side > 0.0] for side in (1.0, -1.0))
    cards = [_abuse_card(view, abused)] if abused else []
    others = (("worse", worse), ("better", better))
    there = {"worse" if card.burden else "better" for card in cards}
    cards += [_rights_card(view, side, entries) for side, entries in others if entries or side not in there]
    return tuple(sorted(cards, key=lambda card: -card.burden))


def _most(entry: PairedEffect) -> float:
    return max(entry.baseline_mean, entry.scenario_mean)


def _is_rare(entry: PairedEffect) -> bool:
    """True for an outcome that counts events too rare for a percentage in large type."""
    return entry.unit == "per year" and _most(entry) < _OFTEN


def _rights_card(view: View, side: str, entries: Sequence[PairedEffect]) -> Card:
    """Card on the rights that lose or on the rights that gain, as `side` says."""
    if not entries:
        return Card(f"Rights, {side}", "none clearly", "", True)
    first, *others = entries
    also = f"Also: {'; '.join(map(_also, others))}" if others else ""
    card = saying.card(first, f"{_right(first)}: {side}", "", headline.sure(view, first))
    if _is_rare(first):
        return replace(card, value="rare", detail=_also(first, title=False), today=also)
    return replace(card, today=also if first.unit == "share" else f"{_today(first)}. {also}".removesuffix(". "))


def _abuse_card(view: View, entries: Sequence[PairedEffect]) -> Card:
    """Card on abusive requests that are executed: their number and their share."""
    first, *others = entries
    card = saying.card(first, "Abusive or political requests executed", "", headline.sure(view, first))
    if _is_rare(first):
        card = replace(card, value="rare", detail=_also(first, title=False))
    elif first.unit != "share":
        levels = f"about {' → '.join(rough_ends(first, most=2))} a year"
        card = replace(card, detail=f"{levels}; {saying.sided_sizes(first)}")
    for share in others:
        side = f"{'larger' if share.difference > 0.0 else 'smaller'} share"
        joint = ", but a" if first.difference * share.difference < 0.0 else ", and a"
        words = f"{side}: about {saying.of_100(share, saying.OF[_ABUSED_SHARE])}"
        more = "more" if first.difference > 0.0 else "fewer"
        card = replace(card, title=f"{card.title}: {more}{joint} {side}", today=words[0].upper() + words[1:])
    return replace(card, sure=f"How many requests are abusive is a guess of the modellers. {card.sure}")


def _today(entry: PairedEffect) -> str:
    return f"Today about {rough(entry.baseline_mean)} a year"


def _also(entry: PairedEffect, title: bool = True) -> str:
    """Text on the change in a further right: numbers for rare events, otherwise per cent."""
    words = saying.per_cent(entry.relative)
    if _is_rare(entry):
        words = f"{' → '.join(rough_ends(entry, most=2))} a year"
    return f"{lowered(_right(entry))} {words}" if title else f"about {words}"


def _right(entry: PairedEffect) -> str:
    """Short name of the right that an outcome is about."""
    return entry.title.replace(" (rights)", "").removesuffix(", all channels")


def bars(view: View) -> tuple[Bar, ...]:
    """Rows of the first screen: today, each policy by lasting takedowns, and full cooperation as the upper bound."""
    known = [entry for entry in view.of_policies(EXPECTED) if is_defined(entry)]
    known.sort(key=lambda entry: -entry.difference if is_clear(entry) else 0.0)
    rows = bars_of(view, known, leading(view))
    for place, entry in enumerate(known[:MOST_BARS]):
        above = {one.scenario for one in known[:place]}
        alike = [named(view, one) for one in headline.as_good(view, entry.scenario) if one in above]
        more = f", not distinguishable from {listing(alike[:2])}" if alike and is_clear(entry) else ""
        rows[place + 1] = replace(rows[place + 1], words=f"{rows[place + 1].words}{more}")
    return (*rows, *_bound(view))


def bars_of(view: View, entries: Sequence[PairedEffect], lead: str) -> list[Bar]:
    """Rows of bars: today with length 1, and policies relative to today."""
    made = [Bar(view.title[view.baseline], "today", ("–",) * (len(BARS) - 2), 1.0, 1.0)]
    for entry in entries[:MOST_BARS]:
        policy = entry.scenario
        cells = *_beside(view, policy), price(view.price(policy))[0]
        made.append(_bar(view, entry, cells, "lead" if policy == lead else ""))
    return made


def _bar(view: View, entry: PairedEffect, cells: tuple[str, ...], kind: str) -> Bar:
    ends = (1.0, 1.0, 1.0)
    if is_clear(entry) and not isnan(entry.relative_low):
        ends = 1.0 + entry.relative, 1.0 + entry.relative_low, 1.0 + entry.relative_high
    return Bar(view.title[entry.scenario], saying.change(entry), cells, 1.0, *ends, kind)


def _beside(view: View, policy: str) -> tuple[str, ...]:
    """Short texts next to a policy's bar: its effects on the wait, on execution and on usable evidence."""
    found = (_of_today(view, policy, key) for key in (TURNAROUND, EXECUTED_IN_TIME, USABLE))
    first, *others = (_SHORT.get(words := saying.verdict(one), words) or saying.size(one) for one in found)
    return ("few requests" if policy not in view.asking else first, *others)


def _bound(view: View) -> list[Bar]:
    """Row with the bar of full cooperation, the upper bound; empty if that was not simulated."""
    entry = view.difference(UPPER_BOUND, EXPECTED)
    if entry is None or not is_defined(entry) or UPPER_BOUND in view.reported:
        return []
    made = _bar(view, entry, (*_beside(view, UPPER_BOUND), "–"), "bound")
    return [replace(made, words=f"{made.words}; not a policy")]


def levels(view: View) -> str:
    """Table of the mean of every outcome, one column per scenario; the price is a median."""
    rows = []
    for about in OUTCOMES:
        found = (view.price(key) if about.key == PRICE else view.level(key, about.key) for key in view.scenarios)
        rows.append([about.heading, *(number(mean.value, about.unit) for mean in found)])
    return markdown_table(["", *(view.marked[key] for key in view.scenarios)], rows)


def _priced(entry: PairedEffect, price: Estimate) -> PairedEffect:
    """Effect on a policy's cost, with the median and range that reports show as its price."""
    value, low, high, _ = price
    return replace(entry, baseline_mean=0.0, scenario_mean=value, difference=value, low=low, high=high)


def levels_with_intervals(view: View, scenario: str, outcomes: Iterable[Outcome]) -> str:
    """Table of outcomes under one scenario: mean with interval, and range of 95 % of worlds.

    Where it is known, the model's own error is part of that range, and a range is marked if no facts check it.
    """
    rows = []
    for entry in outcomes:
        worlds = interval(view.of_worlds(scenario, entry.key), entry.unit)
        worlds += f", {saying.NOT_CHECKED}" if view.unchecked(entry.key) else ""
        rows.append([entry.heading, level(view.level(scenario, entry.key), entry), worlds])
    sets = view.experiment.sets
    own = ", with the model's own error" if sets and not isnan(sets.own_error.levels) else ""
    return markdown_table(["outcome", "mean (95 % interval of the mean)", f"median of worlds (95 %{own})"], rows)


def changes(view: View, scenario: str) -> str:
    """Table of all effects of a scenario, with the share of worlds that agree on the sign of each."""
    price = view.price(scenario)
    entries = [entry for entry in view.differences[MAIN] if entry.scenario == scenario]
    entries = [_priced(entry, price) if entry.outcome == PRICE else entry for entry in entries]
    rows = []
    for entry in entries:
        means = (number(mean, entry.unit) for mean in (entry.baseline_mean, entry.scenario_mean))
        said = change(entry), spoken.relative(entry), str(entry.pairs), spoken.verdict(entry)
        more = spoken.plausible_worlds(entry), number(entry.chance, "share")
        rows.append([f"{entry.title} ({entry.unit})", *means, *said, *more])
    header = ["outcome", "baseline", "policy", "difference (95 % interval)", "per cent", "pairs", "verdict"]
    header += ["same sign in plausible worlds", "chance in its spread"]
    return markdown_table(header, rows)


def by_change(view: View, scenario: str) -> str:
    """Table of each change in a policy: its effect on headline outcomes, and its price."""
    apart = next(policy for policy in view.design.apart if policy.scenario == scenario)
    rows = []
    for one in taken_apart(apart, view.baseline):
        mine = (scenario, one.part, one.role)
        found = [entry for entry in view.contributions if (entry.scenario, entry.part, entry.role) == mine]
        cells = [cell(_priced(entry, view.price(one)) if entry.outcome == PRICE else entry) for entry in found]
        rows.append([marked(f"{one.part}. {one.label}") if one.part else "", one.role, *cells])
    header = ["", "", *(outcome(key).heading for key in TAKEN_APART)]
    return markdown_table(header, rows, range(2, len(header)))


@section("How far cases come", 30, figures=("turnaround_by_stage",))
def funnel(view: View) -> str:
    """Table of stages: number per 100 requests or cases that reach each, today and under the leading policy."""
    shown = [view.baseline, leading(view)]

    def share(sums: Any, some: Any, whole: Any) -> list[str]:
        """Number per hundred that reach a stage, as text, for each scenario in the table."""
        return [rough(100.0 * float(sums.loc[key, some]) / max(float(sums.loc[key, whole]), 1.0)) for key in shown]

    asked = view.pooled("asked", lambda: _asked(view)).set_index("scenario")
    rows = [[what, *share(asked, *ends)] for what, *ends in _ASKED]
    if "reached" in (table := view.pooled("cases", lambda: _cases(view))).columns:
        cases = table.pivot_table("cases", "scenario", "reached", "sum", observed=True)
        stages = [(title, stage.value) for stage, title in REACHED.items() if stage is not Reached.OPENED]
        rows += [[f"Of 100 cases opened: {title}", *share(cases, stage, 0)] for title, stage in stages]
    return f"{worded('funnel')}\n\n{markdown_table(['', *(view.marked[key] for key in shown)], rows)}"


def _asked(view: View) -> pd.DataFrame:
    """Table of requests by result, summed over all states, with a row per scenario."""
    columns = sorted({column for _, *ends in _ASKED for column in ends})
    return view.main("country").groupby("scenario", observed=True)[columns].sum().reset_index()


def _cases(view: View) -> pd.DataFrame:
    """Number of cases that reached each stage, by scenario; empty if not measured."""
    rows = view.main("cases_by_progress")
    keys = ["scenario", "reached"]
    return rows.groupby(keys, observed=True)["cases"].sum().reset_index() if "reached" in rows else pd.DataFrame()


#: Steps of requests in the breakdown of states: what it is, its column, and the column of which it is a part.
_ASKED = (
    ("Of 100 pieces of evidence needed abroad: asked for", "needed_asked", "needed"),
    ("Of 100 pieces of evidence needed abroad: usable within a year", "needed_in_time", "needed"),
    ("Of 100 requests from state to state, orders to providers apart: answered", "answers_got", "sent"),
    ("Of 100 requests from state to state, orders to providers apart: executed within a year", "in_time_got", "sent"),
)


@section("What cooperation can do at all", 75, figures=("ladder",), pages=STUDIES, annex=True)
def bounds(view: View) -> str:
    """Section on the meaning of both bounds (no and full cooperation), and on today's position between them."""
    words = [rung for rung in view.ladder if rung.scenario == view.baseline and not rung.withheld]
    if not view.ladder:
        return ""
    about = outcome(EXPECTED)
    levels = {rung.scenario: rung.level for rung in view.ladder if rung.outcome == about.key}
    lower, today, upper = (number(levels[key]) for key in (LOWER_BOUND, view.baseline, UPPER_BOUND))
    shares = "; ".join(f"{outcome(rung.outcome).title.lower()} {interval(rung.share, 'share')}" for rung in words)
    gaps = {"base": view.marked[view.baseline], "lower": lower, "today": today, "upper": upper}
    return worded("bounds", outcome=about.title, shares=shares or "withheld, the gap is within noise", **gaps)


def costs(view: View) -> str:
    """Table of each scenario's cost beyond the baseline's, in total and per unit of effect."""
    rows = []
    for entry in view.costs:
        paid, takedown = interval(view.price(entry.scenario)), entry.withheld_takedown or interval(entry.per_takedown)
        harm = entry.withheld_harm or interval(entry.per_euro_averted)
        rows.append([view.marked[entry.scenario], paid, interval(entry.handling), takedown, harm])
    header = ["million euros of 2024 over the policy years", "policy", "work on requests and cases"]
    header += ["for one more takedown", "euros for a euro of harm averted"]
    return f"{worded('costs')}\n\n{markdown_table(header, rows)}"


@section("Gain beside rights and cost", 20)
def rights(view: View) -> str:
    """Table of each policy's gain, its effects on rights and its price; clear effects are in bold."""
    base, titles = view.level, [view.marked[key] for key in (view.baseline, *view.reported)]
    rows = [
        [outcome(key).heading.replace(" (rights)", ""), number(base(view.baseline, key).value, outcome(key).unit)]
        + [cell(view.difference(scenario, key)) for scenario in view.reported]
        for key in (GAIN, EXPECTED, *COSTS)
    ]
    rows.append([_PRICE, "none", *(interval(view.price(scenario)) for scenario in view.reported)])
    return f"{worded('rights')}\n\n{_upright(['', *titles], rows)}"


def _upright(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown table of outcomes by scenario; rows and columns are exchanged if scenarios are many."""
    head, *others = zip(header, *rows, strict=True) if len(header) - 2 > _MOST_COLUMNS else (header, *rows)
    return markdown_table(head, others)


def _gains_of_others(view: View) -> Iterator[Fold]:
    """Yields collapsible sections on who gains and who pays, for each policy except the leading one."""
    side, lead = places.Side(view, places.all_groups(view.experiment.world)), leading(view)
    return (Fold(view.title[key], places.who_gains(view, key, side)) for key in view.reported if key != lead)


@section("Who gains, who pays", 40, folds=_gains_of_others)
def gains(view: View) -> str:
    """Section on who gains and who pays under the leading policy."""
    side, lead = places.Side(view, places.all_groups(view.experiment.world)), leading(view)
    moved = (change.lever.name for scenario in view.design.scenarios for change in scenario.changes)
    note = worded("gains") + (f" {worded('gains_of_providers')}" if "provider.staff" in moved else "")
    return f"{note}\n\n### {view.marked[lead]}\n\n{places.who_gains(view, lead, side)}"


def _all_changes(view: View) -> Iterator[Fold]:
    """Yields collapsible sections with all outcomes, one per policy."""
    return (Fold(view.title[scenario], changes(view, scenario)) for scenario in view.reported)


@section("What each policy changes", 50, figures=("forest", "by_change"), folds=_all_changes)
def effects(view: View) -> str:
    """Section on policies split into their changes: a figure of effects, and all outcomes below it."""
    parts = (
        f"### {view.marked[policy.scenario]}, change by change\n\n{by_change(view, policy.scenario)}"
        for policy in view.design.apart
    )
    return "\n\n".join([*unmoved_paragraphs(view), worded("shares"), *parts])


@section("Headlines", 10, pages=(PageKind.RUN,))
def headlines(view: View) -> str:
    """Table of headline outcomes under the scenario of a run."""
    return levels_with_intervals(view, view.scenarios[0], map(outcome, ANSWER))


def _numbers(view: View, title: str, means: str) -> Iterator[Fold]:
    """Yields collapsible sections with long tables; the first has the levels of all outcomes."""
    text = f"Means over the worlds in which an outcome is defined.\n\n{means}"
    yield Fold(title, text, store.LEVELS, as_csv(view.levels))
    if not view.in_force.empty:
        yield Fold("How many states have joined, year by year", places.joined(view))
    if view.compared:
        yield Fold("What it costs, and what one more takedown costs", costs(view))


def _numbers_of_all(view: View) -> Iterator[Fold]:
    return _numbers(view, "Every outcome, every scenario", levels(view))


def _numbers_of_one(view: View) -> Iterator[Fold]:
    return _numbers(view, "Every outcome", levels_with_intervals(view, view.scenarios[0], OUTCOMES))


register(
    Section("All numbers", 80, folds=_numbers_of_all, annex=True),
    Section("All numbers", 80, folds=_numbers_of_one, pages=(PageKind.RUN,), annex=True),
)
