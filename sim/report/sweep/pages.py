"""An analysis in plain words: what matters, where cases of interest lie, what a budget buys."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from sim.experiments.analyse.cases import Cases, Contrast, meaning
from sim.experiments.analyse.discover import CONFIRMING, LEAST_IN_BOX, METHODS, Discovery
from sim.experiments.analyse.sensitivity import FEW_SAMPLES, HIDES, Method, Sensitivity
from sim.experiments.analyse.tradeoff import AVERTED, MONEY, RIGHTS_COST, TIME, Tradeoff
from sim.measures.outcome import Outcome
from sim.measures.outcomes import outcome
from sim.policy.problem import InputError
from sim.report.marking import code, markdown_table, marked
from sim.report.page.parts import Chapter, Exhibit, Page, made_by
from sim.report.style import warning
from sim.report.sweep.shown import short, titled
from sim.results.words import counted, listing, lowered, number

_NAMED = 5
#: An adjusted R² that would be shown as 0 %, and a width of an interval that is none but for the computer's rounding.
_EXPLAINS_NOTHING, _NO_WIDTH = 0.005, 1e-9
NOISE_HIDES = f"more than {100 * HIDES:.0f} % is replicate noise, which hides what any parameter does"
#: What each part asks.
_TITLES = {
    "sensitivity": "What moves outcomes",
    "discover": "Where cases of interest lie",
    "tradeoff": "What money buys",
}
_MEASURE = {
    Method.MORRIS: "mean effect",
    Method.SOBOL: "share of the variance",
    Method.RANKS: "coefficient on ranks",
}
_BOUNDS, _LONGEST = 2, 60  # bounds of a box in the clause, and letters of a name there


def page(cases: Cases, sections: Mapping[str, Chapter], command: str) -> Page:
    """The whole page: its three sentences, what was run, and each part that was made, by name."""
    about = cases.study.about
    missing = f" {number(cases.missing)} of {counted(about['runs'], 'run')} missing." if cases.missing else ""
    run = (
        f"{warning(str(about['command']))}"
        f"Study {str(about['study'])[:10]}: {counted(cases.points, 'point')} ({cases.design} design), "
        f"{counted(len(cases.rows), 'run')}; "
        f"{_world_in_words(cases)}.{missing} Made by {code(about['command'])}."
    )
    title = f"What does the study “{cases.study.folder.name}” show?"
    chapters = (Chapter("What was run", run), *sections.values())
    return Page(title, sentences(cases, sections), sections=chapters, manifest=made_by(command))


def sentences(cases: Cases, sections: Mapping[str, Chapter]) -> tuple[str, str, str]:
    """What was asked, what was found and what limits it, in plain text; the arguments are those of `page`."""
    clauses = {name: section.answer for name, section in sections.items() if section.answer}
    asked = listing([lowered(_TITLES[name]) for name in clauses]) or "nothing that its design allows"
    answer = "; ".join(clauses.values()) or "no part of the analysis is possible with this study"
    seeds = int(cases.rows.groupby(["point", "scenario"])["seed"].nunique().min())
    chance = (
        "with one seed per point, chance cannot be distinguished from settings"
        if seeds < 2
        else f"each point has {seeds} seeds, which show how much is chance"
    )
    varied = counted(len(cases.axes), "setting") if cases.axes else counted(len(cases.scenarios), "scenario")
    missing = f", {number(cases.missing)} missing" if cases.missing else ""
    return (
        f"{counted(len(cases.rows), 'run')} over {varied}{missing} were asked {asked}.",
        f"{answer[0].upper()}{answer[1:]}.",
        f"Brackets hold 95 % intervals; {chance}.",
    )


def _world_in_words(cases: Cases) -> str:
    """Size of a study's world: groups, states, years."""
    world = cases.study.about["configuration"]["world"]
    states = f"{len(world['states'])} states" if world["states"] else "all states"
    years = f"{str(world['policy_start'])[:4]} to {str(world['end'])[:4]}"
    return f"{world['groups']} groups, {states}, {years}"


def impossible(part: str, problem: InputError) -> Chapter:
    """A part that this study does not allow, with the reason."""
    return Chapter(_TITLES[part], f"Not possible with this study: {problem.problem}. {problem.fix}")


def sensitivity(
    found: Sensitivity,
    outcomes: Sequence[Outcome],
    contrasts: Sequence[Contrast],
    figures: Sequence[str],
    named: pd.DataFrame,
) -> Chapter:
    """Which axes matter most, outcome by outcome."""
    parts = [_method(found)]
    if len(named):
        pairs = zip(named["parameter"], named["share"], strict=True)
        words = "; ".join(f"`{key}` ({100 * share:.1f} %): {meaning(f'uncertainty.{key}')}" for key, share in pairs)
        parts.append(f"Over all outcomes, the judgement parameters of most influence are {words}.")
    for contrast in contrasts:
        lines = [_line(found, outcome, contrast) for outcome in outcomes if len(found.of(outcome.key, contrast.label))]
        if lines:
            parts.append(f"**{marked(titled(contrast))}**\n\n" + "\n".join(lines))
    text = "\n\n".join([*parts, "All indices: `analysis/sensitivity.csv`."])
    exhibits = tuple(Exhibit("Indices", name) for name in figures)
    return Chapter(_TITLES["sensitivity"], text, exhibits, answer=sensitivity_clause(found, outcomes, contrasts))


def sensitivity_clause(found: Sensitivity, outcomes: Sequence[Outcome], contrasts: Sequence[Contrast]) -> str:
    """What moves the first outcome most of which chance hides nothing."""
    pairs = [(outcome, contrast) for contrast in contrasts for outcome in outcomes]
    known = [pair for pair in pairs if len(found.of(pair[0].key, pair[1].label))]
    shown = [pair for pair in known if not found.hidden(pair[0].key, pair[1].label)]
    if not shown:
        return f"chance hides what settings do to {listing([lowered(outcome.title) for outcome in outcomes], 'or')}"
    outcome, contrast = shown[0]
    row = found.of(outcome.key, contrast.label).iloc[0]
    floor = row.get("noise_floor", 0.0)
    size = _size(found.method, outcome, row)
    name = shorten(meaning(str(row["parameter"])), _LONGEST, placeholder=" …")
    if _width(row) > 0 and row["low"] <= (floor if floor > 0 else 0.0) and not row["high"] < 0:
        return f"no setting moves {lowered(outcome.title)} by more than chance (most: “{name}”, {size})"
    return f"“{name}” moves {lowered(outcome.title)} most ({size})"


def _size(method: Method, outcome: Outcome, row: pd.Series[float]) -> str:
    """An index with its interval."""
    unit = {Method.MORRIS: outcome.unit, Method.SOBOL: "share"}.get(method, "")
    value, low, high = (number(float(row[end]), unit) for end in ("value", "low", "high"))
    interval = f", {low} to {high}" if _width(row) > 0 else ", no interval"
    return f"{_MEASURE[method]} {value}{f' {unit}' if unit not in ('', 'share') else ''}{interval}"


def _method(found: Sensitivity) -> str:
    """How influence was measured, and how far that carries."""
    row = found.table.iloc[0]
    seeds = (
        " With one seed per point, replicate noise cannot be distinguished from the parameters."
        if row["seeds"] < 2
        else f" Each point has {row['seeds']:.0f} seeds, so replicate noise is known."
    )
    if found.method is Method.MORRIS:
        return (
            f"Morris, {counted(int(row['size']), 'trajectory', 'trajectories')}: mu* is the mean size of what moving a "
            f"parameter over its interval does, sigma how much that depends on the others.{seeds}"
        )
    if found.method is Method.SOBOL:
        few = " That is few: read the intervals." if row["size"] < FEW_SAMPLES else ""
        return f"Sobol, {counted(int(row['size']), 'base sample')}: shares of the variance between points.{few}{seeds}"
    mixed = " Some axes move together and cannot be distinguished." if found.table["confounded"].any() else ""
    return (
        f"Regression on ranks over {counted(int(row['size']), 'point')}. It sees what rises or falls steadily. "
        f"{_explained(found.table)}{mixed}{seeds}"
    )


def _explained(table: pd.DataFrame) -> str:
    """How much of the ranks a regression explains, and for which outcomes that is not distinguishable from zero."""
    by_outcome = table.groupby("outcome", sort=False)["r_squared"].min()
    nothing = by_outcome < _EXPLAINS_NOTHING
    words = []
    if nothing.any():
        names = "; ".join(outcome(str(key)).title for key in by_outcome.index[nothing])
        words.append(
            f"What it explains cannot be distinguished from zero (adjusted R² of zero, in at least one part "
            f"below) for: {names}."
        )
    if not nothing.all():
        others = " of the others" if nothing.any() else ""
        words.append(
            f"It explains {100 * by_outcome[~nothing].min():.0f} % or more of the ranks{others} (R², adjusted for the "
            "number of axes and words); where that is little, a Sobol design shows more."
        )
    return " ".join(words)


def _line(found: Sensitivity, outcome: Outcome, contrast: Contrast) -> str:
    """The first few of one outcome."""
    rows = found.of(outcome.key, contrast.label).head(_NAMED)
    if found.hidden(outcome.key, contrast.label):
        return f"- {outcome.title}: {NOISE_HIDES}. Only more seeds per point would help."
    unit = outcome.unit if found.method is Method.MORRIS else ""
    words = []
    for _, row in rows.iterrows():
        noise = f", {100 * row['noise_share']:.0f} % noise" if np.isfinite(row["noise_share"]) else ""
        words.append(f"`{short(row['parameter'])}` {number(row['value'], unit)} ({_interval(row, unit)}{noise})")
    shown = f", {unit}" if unit not in ("", "share") else ""
    return f"- {outcome.title}{shown}: {'; '.join(words)}."


def _interval(row: pd.Series[Any], unit: str) -> str:
    """The interval of an index; one without width comes from too few points, and would look like certainty."""
    if not _width(row) > 0:
        return "no interval"
    return f"{number(row['low'], unit)} to {number(row['high'], unit)}"


def _width(row: pd.Series[float]) -> float:
    """Width of the interval of an index; 0 for what is only the computer's rounding, or unknown."""
    width = float(row["high"] - row["low"])
    return width if width > _NO_WIDTH * max(1.0, abs(float(row["value"]))) else 0.0


def discovery(found: Discovery) -> Chapter:
    """Boxes in words."""
    lines = [
        f"- {box.method}: {found.words} where **{marked(box.words)}**: {100 * box.density:.0f} % of the "
        f"box's {counted(box.cases, 'case')}, {100 * box.coverage:.0f} % of all such cases."
        for box in found.boxes
    ]
    bounded = dict.fromkeys(entry.axis for box in found.boxes for entry in box.restrictions)
    words = [f"`{short(key)}`: {meaning(key)}" for key in bounded if meaning(key) != key]
    text = "\n\n".join(
        [
            f"Cases of interest: {found.words}; {found.interest.sum()} of {counted(len(found.interest), 'case')} "
            f"({100 * found.share:.0f} %). A case is a point under a scenario, mean over its seeds.",
            "\n".join([*lines, *no_box(found)]),
            *([f"In words: {'; '.join(words)}."] if words else []),
            f"CART draws its boxes on {100 * (1 - CONFIRMING):.0f} % of the cases; the others must confirm them.",
            "All bounds: `analysis/boxes.csv`.",
        ]
    )
    return Chapter(_TITLES["discover"], text, (Exhibit("Boxes", "discovery"),), answer=discovery_clause(found))


def discovery_clause(found: Discovery) -> str:
    """The first box, with the interval of its density."""
    if not found.boxes:
        return f"no setting by itself says where {found.words}: no box is fuller than chance would make"
    box = found.boxes[0]
    bounds = [shorten(entry.words, _LONGEST, placeholder=" …") for entry in box.restrictions[:_BOUNDS]]
    more = len(box.restrictions) - len(bounds)
    bounds += [f"{more} more"] if more else []
    exact = binomtest(round(box.density * box.cases), box.cases).proportion_ci(method="exact")
    return (
        f"{found.words} mostly where {listing(bounds)} ({100 * box.density:.0f} % of {counted(box.cases, 'case')}, "
        f"{100 * exact.low:.0f} to {100 * exact.high:.0f} %)"
    )


def no_box(found: Discovery) -> list[str]:
    """In words, which method has found nothing."""
    without = [method for method in METHODS if all(box.method != method for box in found.boxes)]
    return [
        f"- {method}: no box was found that is clearly fuller of such cases than the rest, holds at least "
        f"{LEAST_IN_BOX} cases, and is more than chance would make."
        for method in without
    ]


def box_table(found: Discovery) -> pd.DataFrame:
    """One row per restriction of a box."""
    rows = [
        (
            place,
            box.method,
            box.coverage,
            box.density,
            box.mass,
            box.cases,
            *entry[:3],
            " ".join(entry.allowed),
            entry.words,
        )
        for place, box in enumerate(found.boxes, start=1)
        for entry in box.restrictions
    ]
    names = ("box", "method", "coverage", "density", "mass", "cases", "axis", "low", "high", "values", "in_words")
    return pd.DataFrame(rows, columns=list(names))


def tradeoff(found: Tradeoff) -> Chapter:
    """The front, and which of it stands surprises best."""
    front = found.front
    money = "" if np.isinf(found.budget) else f" within {found.budget:,.0f} million euros"
    affordable = int(found.table["affordable"].sum())
    rows = [_front_row(found, place, key, row) for place, (key, row) in enumerate(front.iterrows(), start=1)]
    head = ["", "portfolio", "harm averted, billion USD", "disclosures that touch rights, per year"]
    head += ["cost, million euros", "median turnaround, months", "largest regret", "satisfies in"]
    text = "\n\n".join(
        [
            f"{len(front)} of {affordable} portfolio{'s' * (affordable != 1)}{money} "
            f"{'is' if len(front) == 1 else 'are'} beaten by no other: none is as good in harm averted, rights, money "
            f"and time and better in one of them. All are compared with {marked(found.reference)} "
            f"(“{marked(found.name(found.baseline))}”) in the same worlds. Means decide: "
            f"where intervals overlap, chance may have decided. {_worlds(found)}",
            f"Least regret in harm averted: {_best(found, -front[f'regret_{AVERTED}'])}. {_satisfying(found)}",
            markdown_table(head, rows, ()),
            "All portfolios: `analysis/portfolios.csv`, by world: `analysis/portfolios_by_world.csv`.",
        ]
    )
    return Chapter(_TITLES["tradeoff"], text, (Exhibit("Trade-offs", "tradeoff"),), answer=tradeoff_clause(found))


def tradeoff_clause(found: Tradeoff) -> str:
    """The portfolio that averts most harm, where that is more than chance."""
    key, row = next(iter(found.front.iterrows()))
    if key == found.baseline:
        return "no portfolio averts more harm than today's law and practice on average"
    name = shorten(found.name(key), _LONGEST, placeholder=" …")
    known = np.isfinite(row["averted_low"])
    interval = f", {number(row['averted_low'])} to {number(row['averted_high'])}" if known else ", one seed"
    size = f"{number(row[AVERTED])} billion USD{interval}"
    if known and row["averted_low"] <= 0.0:
        return f"no portfolio averts harm by more than chance (most: “{name}”, {size})"
    return f"“{name}” averts most harm ({size}) for {number(row[MONEY])} million euros"


def _front_row(found: Tradeoff, place: int, key: Hashable, row: pd.Series[Any]) -> list[str]:
    """A portfolio of the front."""
    interval = f" ({number(row['averted_low'])} to {number(row['averted_high'])})"
    averted = f"{number(row[AVERTED])}{interval if np.isfinite(row['averted_low']) else ''}"
    cells = (
        place,
        marked(found.name(key)),
        "0: the reference" if key == found.baseline else averted,
        number(row[RIGHTS_COST]),
        number(row[MONEY]),
        number(row[TIME]),
        number(row[f"regret_{AVERTED}"]),
        number(row["satisfied"], "share"),
    )
    return list(map(str, cells))


def _worlds(found: Tradeoff) -> str:
    """What worlds differ in, in words."""
    count = found.by_state["state"].nunique()
    if count == 1:
        return "There is one world: no uncertainty varies."
    differ = "; ".join(f"{meaning(key)} (`{short(key)}`)" for key in found.uncertain)
    return f"There are {count} worlds, which differ in: {differ}."


def _satisfying(found: Tradeoff) -> str:
    """Who meets the requirements, and how often."""
    often, asked = found.front["satisfied"], "; ".join(found.requirements)
    if not often.max() > 0:
        return f"None of them satisfies in any world; asked for is: {asked}."
    where = "in every world" if often.max() == 1 else f"in {number(often.max(), 'share')} of the worlds"
    return f"Satisfies most often, {where}: {_best(found, often)}; asked for is: {asked}."


def _best(found: Tradeoff, value: pd.Series[float]) -> str:
    """Portfolios with the highest value, ties together."""
    tied = value.index[np.isclose(value, value.max(), rtol=1e-9, atol=1e-12)]
    named = ", ".join(f"**{marked(found.name(key))}**" for key in tied[:_NAMED])
    more = f" and {len(tied) - _NAMED} more" if len(tied) > _NAMED else ""
    return f"{named}{more}{', all alike' if len(tied) > 1 else ''}"
