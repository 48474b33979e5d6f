"""The answer of an analysis: a clause for each part, in Markdown, and the three sentences that they make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import shorten

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from sim.experiments.analyse.cases import Cases, Contrast, meaning
from sim.experiments.analyse.discover import Discovery
from sim.experiments.analyse.sensitivity import Method, Sensitivity
from sim.experiments.analyse.tradeoff import AVERTED, MONEY, Tradeoff
from sim.measures.outcome import Outcome
from sim.report.marking import marked
from sim.results.words import counted, listing, lowered, number

#: How a section begins with its clause, which the page finds there again when only another part is made.
_SHORT, _CLAUSE = "In short: {}.", re.compile(r"^In short: (.+)\.$", re.MULTILINE)
#: What each part asks.
_ASKS = {
    "sensitivity": "what moves outcomes",
    "discover": "where cases of interest lie",
    "tradeoff": "what money buys",
}
_MEASURE = {
    Method.MORRIS: "mean effect",
    Method.SOBOL: "share of the variance",
    Method.RANKS: "coefficient on ranks",
}
_BOUNDS, _LONGEST = 2, 60  # bounds of a box in the clause, and letters of a name there


def in_short(clause: str) -> str:
    """A clause as the first paragraph of its section."""
    return _SHORT.format(clause)


def sentences(cases: Cases, sections: Mapping[str, str]) -> tuple[str, str, str]:
    """What was asked, what was found and what limits it, in Markdown.

    Args:
        cases: the study.
        sections: text of each part that was made, by name.
    """
    clauses = {name: found[1] for name, text in sections.items() if (found := _CLAUSE.search(text))}
    asked = listing([_ASKS[name] for name in clauses]) or "nothing that its design allows"
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
    name = marked(shorten(meaning(str(row["parameter"])), _LONGEST, placeholder=" …"))
    if _width(row) > 0 and row["low"] <= (floor if floor > 0 else 0.0) and not row["high"] < 0:
        return f"no setting moves {lowered(outcome.title)} by more than chance (most: “{name}”, {size})"
    return f"“{name}” moves {lowered(outcome.title)} most ({size})"


def _size(method: Method, outcome: Outcome, row: pd.Series[float]) -> str:
    """An index with its interval."""
    unit = {Method.MORRIS: outcome.unit, Method.SOBOL: "share"}.get(method, "")
    value, low, high = (number(float(row[end]), unit) for end in ("value", "low", "high"))
    interval = f", {low} to {high}" if _width(row) > 0 else ", no interval"
    return f"{_MEASURE[method]} {value}{f' {unit}' if unit not in ('', 'share') else ''}{interval}"


def _width(row: pd.Series[float]) -> float:
    """Width of the interval of an index; 0 for what is only the computer's rounding, or unknown."""
    width = float(row["high"] - row["low"])
    return width if width > 1e-9 * max(1.0, abs(float(row["value"]))) else 0.0


def discovery_clause(found: Discovery) -> str:
    """The first box, with the interval of its density."""
    if not found.boxes:
        return f"no setting by itself says where {found.words}: no box is fuller than chance would make"
    box = found.boxes[0]
    bounds = [marked(shorten(entry.words, _LONGEST, placeholder=" …")) for entry in box.restrictions[:_BOUNDS]]
    more = len(box.restrictions) - len(bounds)
    bounds += [f"{more} more"] if more else []
    exact = binomtest(round(box.density * box.cases), box.cases).proportion_ci(method="exact")
    return (
        f"{found.words} mostly where {listing(bounds)} ({100 * box.density:.0f} % of {counted(box.cases, 'case')}, "
        f"{100 * exact.low:.0f} to {100 * exact.high:.0f} %)"
    )


def tradeoff_clause(found: Tradeoff) -> str:
    """The portfolio that averts most harm, where that is more than chance."""
    key, row = next(iter(found.front.iterrows()))
    if key == found.baseline:
        return "no portfolio averts more harm than today's law and practice on average"
    name = marked(shorten(found.name(key), _LONGEST, placeholder=" …"))
    known = np.isfinite(row["averted_low"])
    interval = f", {number(row['averted_low'])} to {number(row['averted_high'])}" if known else ", one seed"
    size = f"{number(row[AVERTED])} billion USD{interval}"
    if known and row["averted_low"] <= 0.0:
        return f"no portfolio averts harm by more than chance (most: “{name}”, {size})"
    return f"“{name}” averts most harm ({size}) for {number(row[MONEY])} million euros"
