"""Report on a league of policies: their ranking, ties, and costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd

from sim.data.spreadsheet import as_csv
from sim.experiments.statistics import Estimate
from sim.measures.outcomes import outcome
from sim.policy.schema import Recommendation
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report import provenance
from sim.report.draw import Picture
from sim.report.figures.rows import Panel, Rows, around_zero, axis_label, captioned, marks_of
from sim.report.headline import WHAT, caveats, doubts, in_model, parts, reasons
from sim.report.marking import markdown_table, worded
from sim.report.page.parts import Fold, Page
from sim.report.phrases import named, unmoved_paragraphs, world_named, worldwide, years
from sim.report.section import PageKind, section
from sim.report.style import BLUE, GREY, money
from sim.report.tables import BARS, bars_of, first_cards, price, rights_cards
from sim.report.view import TABLES as ALL_TABLES
from sim.report.view import View
from sim.results.confidence import record
from sim.results.effects import is_clear, is_hardly, is_same
from sim.results.league import RANKED_BY, SHOWN, LeaguePlace, league_table, standings
from sim.results.words import cell, counted, listing, number

FILE = "league.csv"
DRAWN = (RANKED_BY, "turnaround_median")  # outcomes of the figure, beside the price
_BARS = (*BARS[:2], "Group", *BARS[2:])
_PAGES = (PageKind.LEAGUE,)
_NAMED = 4  # policies that a sentence names, at most


def league_of(view: View, *, apart: bool = False) -> list[LeaguePlace]:
    """Ranked policies of a league or, if `apart`, bounds and other futures of the world.

    Without a rank are policies that are not answerable, bounds and other futures of the world.
    """
    bounds = {one.key for one in view.design.scenarios if one.recommendation is Recommendation.BOUNDS}
    bounds |= {LOWER_BOUND, UPPER_BOUND, *_unanswered(view)}

    def find() -> list[LeaguePlace]:
        found = standings(view.arms, view.baseline, [key for key in view.compared if (key in bounds) is apart])
        return [replace(entry, place=0, group=0) for entry in found] if apart else found

    places: list[LeaguePlace] = view.once(("league", apart), find)
    return places


def _unanswered(view: View) -> dict[str, str]:
    """Reasons why the model cannot judge some policies, by policy key."""
    return {
        one.key: " ".join(f"{why}." for why in one.unanswered.values())
        for one in view.design.scenarios
        if one.unanswered
    }


def _groups(entries: Sequence[LeaguePlace]) -> list[list[LeaguePlace]]:
    """Ranked policies divided into groups of ties."""
    return [list(group) for _, group in groupby(entries, lambda entry: entry.group)]


def sentences(view: View) -> tuple[str, ...]:
    """Answer of a league as sentences: the first policy, its ties, the cheapest of them, and the confidence."""
    entries = league_of(view)
    if not entries:
        return ("No policy takes part.",)
    first, total = entries[0].ranked, len(entries)
    peers = [entry for entry in entries[1:] if entry.group == 1]
    small = [entry for entry in entries if is_hardly(entry.ranked) or is_same(entry.ranked)]
    still = [entry for entry in entries if not is_clear(entry.ranked) and entry not in small]
    effect = f"would {'raise' if first.difference > 0 else 'lower'} {WHAT} by {in_model(first)}."
    lead = f"{named(view, first.scenario)}, first of {total} policies, {effect}"
    if not is_clear(first):
        lead = f"None of {total} policies has a clear effect on {WHAT}."
    alike = f"{counted(len(peers), 'other', 'others')} cannot be distinguished from it"
    others = alike if peers else "no other policy would do as much"
    said = [f"{worldwide(view)}, in {years(view)} and {view.worlds}, {others}."]
    priced = [entry for entry in (entries[0], *peers) if entry.price.value]
    if peers and priced:
        cheapest = min(priced, key=lambda entry: entry.price.value).scenario
        said.append(f"Of these {named(view, cheapest)} would cost least: {price(view.price(cheapest))[0]}.")
    said += filter(None, [parts(view, first.scenario)])
    if is_clear(first):
        rises = [one.ranked.difference > 0 for one in entries if is_clear(one.ranked)]
        up, down = rises.count(True), rises.count(False)
        lower = f", {down} would lower them" if down else ""
        hardly = f", {len(small)} would hardly change them" if small else ""
        unclear = f"; for {len(still)} the effect is unclear" if still else ""
        said.append(f"{up} of {total} policies would raise takedowns{lower}{hardly}{unclear}.")
    return lead, doubts(view, first.scenario), " ".join(said), caveats(view, first.scenario), record()


def head(view: View, made: Mapping[str, Any] | None) -> Page:
    """First screen of a league's report."""
    entries, notes, made_by = league_of(view), provenance.notes(view), provenance.manifest(view, made)
    title, *said = sentences(view)
    if not entries:
        return Page(title, (), notes, (), made_by)
    lead = entries[0].scenario
    rows = bars_of(view, [entry.ranked for entry in entries], lead)
    numbered = zip(["", *(str(entry.group) for entry in entries)], rows, strict=False)
    bars = [replace(row, cells=(group, *row.cells)) for group, row in numbered]
    about = f"{world_named(view)}, with “{view.title[lead]}”, against “{view.title[view.baseline]}”:"
    line, note = provenance.line(view, made), f"{worded('bars')} {worded('league_bars')}"
    grounds = Fold("How sure each number is, and why", reasons(view, lead))
    first = (
        line,
        {about: first_cards(view, lead)},
        rights_cards(view, lead),
        _BARS,
        tuple(bars),
        note,
        "",
        said[-1],
        grounds,
        said[-2],
        worded("doubts"),
    )
    answer = tuple(filter(None, said[:-2]))
    return Page(title, answer, notes, (), made_by, *first)


@section("The league", 10, figures=("league",), pages=_PAGES)
def rule(_: View) -> str:
    """Text on the rule that puts policies into groups of ties."""
    return worded("league_rule")


def _numbers(view: View) -> tuple[Fold, ...]:
    """Collapsible section with all numbers of the league's table, also as a CSV file."""
    entries = league_of(view)
    return (Fold("Every number of this table", _table(view, entries), FILE, as_csv(league_table(entries))),)


@section("In numbers", 20, folds=_numbers, pages=_PAGES)
def reading(view: View) -> str:
    """Section with the league's table and a guide to reading it."""
    return f"{worded('league_reading')}\n\n{_table(view, league_of(view))}"


@section("Beside the policies", 30, pages=_PAGES)
def beside(view: View) -> str:
    """Section on scenarios outside the ranking: policies that the model cannot judge, bounds, other futures."""
    others, why = league_of(view, apart=True), _unanswered(view)
    text = [
        "Bounds of what cooperation can do, another course of the world, and policies on which the model has no answer."
    ]
    text += [
        f"Not answerable: {view.marked[one.scenario]}. {why[one.scenario]}" for one in others if one.scenario in why
    ]
    return "\n\n".join([*text, _table(view, others)]) if others else ""


@section("What moved nothing", 70, pages=_PAGES)
def unmoved(view: View) -> str:
    """Section that lists policies without effect on any outcome."""
    return "\n\n".join(unmoved_paragraphs(view))


def _table(view: View, entries: Sequence[LeaguePlace]) -> str:
    """Markdown table with a row for today's law and a row per policy, which has the number of its group."""
    today = [number(view.level(view.baseline, key).value, outcome(key).unit) for key in SHOWN]
    rows = [["", view.marked[view.baseline], *today, "", str(view.replicates(view.baseline))]]
    for entry in entries:
        worlds = str(view.replicates(entry.scenario))
        shown = [*(cell(entry.effects[key]) for key in SHOWN), _with_range(view.price(entry.scenario)), worlds]
        rows.append([str(entry.group or ""), view.marked[entry.scenario], *shown])
    head = ["group", "", *(outcome(key).heading for key in SHOWN), "price (euros of 2024)", "worlds"]
    return markdown_table(head, rows, range(2, len(head)))


def _with_range(found: Estimate) -> str:
    """Text on a price with its range."""
    middle, ends = price(found)
    return f"{middle} ({ends})" if ends else middle


def league_figure(view: View) -> Rows | None:
    """Figure with a row per policy: its effects on the ranking outcome and the wait, and its price."""
    entries, others = league_of(view), league_of(view, apart=True)
    if not entries:
        return None
    names: list[str] = []
    placed: list[tuple[int, LeaguePlace]] = []
    bold = []
    for group in _groups([*entries, *others]):
        many = f"{len(group)} policies that cannot be distinguished" if group[1:] else "one policy"
        bold.append(len(names))
        names.append(f"{group[0].group}. {many}" if group[0].group else "beside the policies")
        placed += enumerate(group, len(names))
        names += [fill(view.drawn[entry.scenario], 48) for entry in group]
    panels = [*(_panel(placed, key, len(entries)) for key in DRAWN), _prices(placed)]
    looks, size = {"policy": (BLUE, "-", "o"), "price": (GREY, "-", "s")}, (13.0, 2.2 + 0.25 * len(names))
    columns = {"panel": "panel", "row": "policy", "value": "value", "start": "low", "end": "high"}
    columns |= {"inner_start": "low_50", "inner_end": "high_50"}
    caption, places = captioned(view, "league"), dict.fromkeys(looks, 0.0)
    return Rows(caption, panels, names, looks, {}, size, places=places, bold=bold, columns=columns)


def _panel(placed: Sequence[tuple[int, LeaguePlace]], key: str, policies: int) -> Panel:
    """Panel of the league's figure for one outcome; an arrowhead marks an interval end beyond the axis."""
    about = outcome(key)
    marks = marks_of((row, "policy", entry.effects[key]) for row, entry in placed)
    inner_start, inner_end = np.array([entry.usual[key] for _, entry in placed]).T
    marks = marks.assign(inner_start=inner_start, inner_end=inner_end)
    most = 1.1 * float(np.nanmax(np.abs(marks["value"].head(policies)), initial=0.0))
    reach = max(around_zero(marks.head(policies))[1], most)
    inner = marks[["inner_start", "inner_end"]].clip(-reach, reach)
    marks[["inner_start", "inner_end"]] = inner.mask(marks["value"].abs() > reach)
    return Panel(about.title, axis_label(about), marks, (-reach, reach), numbered=True)


def _prices(placed: Sequence[tuple[int, LeaguePlace]]) -> Panel:
    """Panel of the league's figure with the cost of each policy."""
    columns = ["row", "value", "start", "end", "inner_start", "inner_end", "words"]
    rows = [(row, *one.price[:3], *one.usual_price[1:3], _with_range(one.price)) for row, one in placed]
    marks = pd.DataFrame(rows, columns=columns).assign(series="price", missing="")
    marks.loc[marks["value"] == 0.0, ["words", "missing", "inner_start"]] = "", "no price", np.nan
    top = 1.5 * float(np.nanmax([1.0, *marks["end"]]))
    label = "million euros of 2024; bn: billion"
    return Panel("Price", label, marks, (0.0, top), (), ticks=money, numbered=True, scale="symlog")


def describe(view: View) -> str:
    """Sentence on the league's figure: the number of groups of policies, and the first policy of each."""
    firsts = [named(view, entry.scenario) for entry in league_of(view) if entry.to_first is None]
    shown = firsts[:_NAMED] + (["others"] if len(firsts) > _NAMED else [])
    return f"{counted(len(firsts), 'group')} of policies can be distinguished, opened by {listing(shown)}."


LEAGUE_FIGURES: dict[str, Picture] = {"league": Picture("The league of policies", league_figure, describe)}


#: Tables of the report, by file.
TABLES: Mapping[str, Callable[[View], pd.DataFrame]] = {
    FILE: lambda view: league_table([*league_of(view), *league_of(view, apart=True)]),
    **{name: ALL_TABLES[name] for name in ("differences.csv", "levels.csv", "costs.csv")},
}
