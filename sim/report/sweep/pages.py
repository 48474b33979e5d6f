"""An analysis in plain words: what matters, where cases of interest lie, what a budget buys."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import astuple
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
from sim.report.marking import code, markdown_table, marked, worded
from sim.report.page.parts import Chapter, Exhibit, Page, made_by
from sim.report.style import warning
from sim.report.sweep.shown import short, titled
from sim.results.words import counted, listing, lowered, number

_NAMED = 5
#: An adjusted R² that would be shown as 0 %, and a width of an interval that is none but for the computer's rounding.
_EXPLAINS_NOTHING, _NO_WIDTH = 0.005, 1e-9
#: What each part asks.
ASKS = {"sensitivity": "What moves outcomes", "discover": "Where cases of interest lie", "tradeoff": "What money buys"}
#: By method, what its size counts, and in the plural where that is not an s more; and what it measures.
SIZES = {Method.MORRIS: ("trajectory", "trajectories"), Method.SOBOL: ("base sample",), Method.RANKS: ("point",)}
_MEASURE = dict(zip(Method, ("mean effect", "share of the variance", "coefficient on ranks"), strict=True))
_BOUNDS, _LONGEST = 2, 60  # bounds of a box in the clause, and letters of a name there


def page(cases: Cases, sections: Mapping[str, Chapter], command: str) -> Page:
    """The whole page: its three sentences, what was run, and each part that was made, by name."""
    about, world = cases.study.about, cases.study.about["configuration"]["world"]
    missing = f" {number(cases.missing)} of {counted(about['runs'], 'run')} missing." if cases.missing else ""
    states = f"{len(world['states'])} states" if world["states"] else "all states"
    run = (
        f"{warning(str(about['command']))}Study {str(about['study'])[:10]}: {counted(cases.points, 'point')} "
        f"({cases.design} design), {counted(len(cases.rows), 'run')}; {world['groups']} groups, {states}, "
        f"{str(world['policy_start'])[:4]} to {str(world['end'])[:4]}.{missing} Made by {code(about['command'])}."
    )
    title = f"What does the study “{cases.study.folder.name}” show?"
    chapters = (Chapter("What was run", run), *sections.values())
    return Page(title, sentences(cases, sections), sections=chapters, manifest=made_by(command))


def sentences(cases: Cases, sections: Mapping[str, Chapter]) -> tuple[str, str, str]:
    """What was asked, what was found and what limits it, in plain text; the arguments are those of `page`."""
    clauses = {name: section.answer for name, section in sections.items() if section.answer}
    asked = listing([lowered(ASKS[name]) for name in clauses]) or "nothing that its design allows"
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


def sensitivity(
    found: Sensitivity, outcomes: list[Outcome], contrasts: Sequence[Contrast], figures: list[str], named: pd.DataFrame
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
    return Chapter(ASKS["sensitivity"], text, exhibits, answer=sensitivity_clause(found, outcomes, contrasts))


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
    row, ranks = found.table.iloc[0], found.method is Method.RANKS
    seeds = worded("one_seed" if row["seeds"] < 2 else "many_seeds", seeds=f"{row['seeds']:.0f}")
    few = " That is few: read the intervals." if row["size"] < FEW_SAMPLES else ""
    mixed = " Some axes move together and cannot be distinguished." if ranks and found.table["confounded"].any() else ""
    gaps = {"few": few, "mixed": mixed, "explained": _explained(found.table) if ranks else ""}
    size = counted(int(row["size"]), *SIZES[found.method])
    return f"{worded(f'method_{found.method.name.lower()}', size=size, **gaps)} {seeds}"


def _explained(table: pd.DataFrame) -> str:
    """How much of the ranks a regression explains, and for which outcomes that is not distinguishable from zero."""
    by_outcome = table.groupby("outcome", sort=False)["r_squared"].min()
    nothing = by_outcome < _EXPLAINS_NOTHING
    names = "; ".join(outcome(str(key)).title for key in by_outcome.index[nothing])
    words = [worded("explains_nothing", names=names)] if names else []
    if not nothing.all():
        share, others = f"{100 * by_outcome[~nothing].min():.0f} %", " of the others" if names else ""
        words.append(worded("explains", share=share, others=others))
    return " ".join(words)


def _line(found: Sensitivity, outcome: Outcome, contrast: Contrast) -> str:
    """The first few of one outcome."""
    if found.hidden(outcome.key, contrast.label):
        return (
            f"- {outcome.title}: more than {100 * HIDES:.0f} % is replicate noise, which "
            "hides what any parameter does. Only more seeds per point would help."
        )
    unit = outcome.unit if found.method is Method.MORRIS else ""
    words = []
    for _, row in found.of(outcome.key, contrast.label).head(_NAMED).iterrows():
        noise = f", {100 * row['noise_share']:.0f} % noise" if np.isfinite(row["noise_share"]) else ""
        ends = f"{number(row['low'], unit)} to {number(row['high'], unit)}" if _width(row) > 0 else "no interval"
        words.append(f"`{short(row['parameter'])}` {number(row['value'], unit)} ({ends}{noise})")
    shown = f", {unit}" if unit not in ("", "share") else ""
    return f"- {outcome.title}{shown}: {'; '.join(words)}."


def _width(row: pd.Series[float]) -> float:
    """Width of the interval of an index; 0 for what is only the computer's rounding, or unknown.

    An interval without width comes from too few points, and would look like certainty.
    """
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
    such = f"{found.interest.sum()} of {counted(len(found.interest), 'case')} ({100 * found.share:.0f} %)"
    drawing = f"{100 * (1 - CONFIRMING):.0f} %"
    boxes = "\n".join([*lines, *no_box(found), *([f"\nIn words: {'; '.join(words)}."] if words else [])])
    text = worded("discovery", interest=found.words, such=such, boxes=boxes, drawing=drawing)
    return Chapter(ASKS["discover"], text, answer=discovery_clause(found))


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
    return [worded("no_box", method=method, least=LEAST_IN_BOX) for method in without]


def box_table(found: Discovery) -> pd.DataFrame:
    """One row per restriction of a box."""
    rows = [
        (place, *astuple(box)[:5], *entry[:3], " ".join(entry.allowed), entry.words)
        for place, box in enumerate(found.boxes, start=1)
        for entry in box.restrictions
    ]
    names = ("box", "method", "coverage", "density", "mass", "cases", "axis", "low", "high", "values", "in_words")
    return pd.DataFrame(rows, columns=list(names))


def tradeoff(found: Tradeoff) -> Chapter:
    """The front, and which of it stands surprises best."""
    front = found.front
    rows = [_front_row(found, place, key, row) for place, (key, row) in enumerate(front.iterrows(), start=1)]
    head = ["", "portfolio", "harm averted, billion USD", "disclosures that touch rights, per year"]
    head += ["cost, million euros", "median turnaround, months", "largest regret", "satisfies in"]
    best = f"{len(front)} of {counted(int(found.table['affordable'].sum()), 'portfolio')}"
    gaps = {"best": best, "are": "is" if len(front) == 1 else "are", "worlds": _worlds(found)}
    gaps["money"] = "" if np.isinf(found.budget) else f" within {found.budget:,.0f} million euros"
    gaps["reference"] = f"{marked(found.reference)} (“{marked(found.name(found.baseline))}”)"
    text = worded("front", table=markdown_table(head, rows, ()), asked="; ".join(found.requirements), **gaps)
    return Chapter(ASKS["tradeoff"], text, (Exhibit("Trade-offs", "tradeoff"),), answer=tradeoff_clause(found))


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
    averted = "0: the reference" if key == found.baseline else averted
    cells = [number(row[name]) for name in (RIGHTS_COST, MONEY, TIME, f"regret_{AVERTED}")]
    return [str(place), marked(found.name(key)), averted, *cells, number(row["satisfied"], "share")]


def _worlds(found: Tradeoff) -> str:
    """What worlds differ in, in words."""
    count = found.by_state["state"].nunique()
    if count == 1:
        return "There is one world: no uncertainty varies."
    differ = "; ".join(f"{meaning(key)} (`{short(key)}`)" for key in found.uncertain)
    return f"There are {count} worlds, which differ in: {differ}."
