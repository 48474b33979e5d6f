"""`comity analyse STUDY`: numbers, figures and a page in plain words, all within the study's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm
from rich.console import Console
from rich.text import Text

from sim.experiments import store
from sim.experiments.analyse.cases import Cases, Contrast, known_outcomes, read_condition, read_money
from sim.experiments.analyse.discover import discover
from sim.experiments.analyse.sensitivity import HIDES, Method, Sensitivity, influence, sensitivity
from sim.experiments.analyse.tradeoff import AVERTED, MONEY, RIGHTS_COST, Tradeoff, tradeoff
from sim.experiments.axis import AxisKind
from sim.experiments.store import check_folders, check_outputs, damaged, read_json
from sim.measures.outcome import Outcome
from sim.policy.problem import InputError
from sim.report.figures.kinds import Pane, Points
from sim.report.figures.rows import Panel, Rows
from sim.report.marking import worded
from sim.report.page.parts import Chapter, Exhibit, write_page
from sim.report.style import BLACK, BLUE, ORANGE, Caption, plain, save, signed, small_print, styled
from sim.report.sweep import pages
from sim.report.sweep.shown import named, titled
from sim.results.codebook import write_csv
from sim.results.stored import check_report
from sim.results.words import counted

MOST = 10  # parameters that a panel shows

_NUMBERED = 12  # portfolios of the front that are numbered
#: Look of each index, and what it is called by method.
_INDICES = {"value": (BLUE, "-", "o"), "first": (ORANGE, "-", "s"), "noise": (BLACK, "-", "|")}
_OF_METHOD = {
    Method.MORRIS: {"value": "mu*", "noise": "replicate noise alone"},
    Method.SOBOL: {"value": "total: with others", "first": "first: alone"},
    Method.RANKS: {"value": "coefficient"},
}


#: Columns of an index and of the ends of its interval.
_COLUMNS = {"value": ["value", "low", "high"], "first": ["first", "first_low", "first_high"]}
_COLUMNS |= {"noise": ["noise_floor"] * 3}


def index_figure(cases: Cases, found: Sensitivity, outcomes: list[Outcome], contrast: Contrast, command: str) -> Rows:
    """Draws the indices of one contrast."""
    shown = [outcome for outcome in outcomes if len(found.of(outcome.key, contrast.label))]
    across, height = min(2, len(shown)), 1.1 + 0.24 * min(MOST, len(cases.axes))
    size = found.table.loc[found.table["contrast"] == contrast.label, ["size", "seeds"]].max()
    points = counted(int(size["size"]), *pages.SIZES[found.method])
    names = _OF_METHOD[found.method]
    read = f"{worded(f'index_{found.method.name.lower()}')} Lines: 95 % intervals."
    small = small_print(command, f"{found.method}: up to {points}, {counted(int(size['seeds']), 'seed')} per point.")
    caption = Caption(f"What moves the outcomes? {titled(contrast)}", read, small)
    panels = [_panel(found, outcome, found.of(outcome.key, contrast.label).head(MOST)) for outcome in shown]
    looks, labels = {key: _INDICES[key] for key in names}, names if len(names) > 1 else {}
    inches = 10.0 if across == 2 else 7.6, 2.1 + height * -(-len(shown) // across)
    return Rows(caption, panels, (), looks, labels, inches, across, {"value": 0.0, "first": 0.3, "noise": 0.0})


def _panel(found: Sensitivity, outcome: Outcome, rows: pd.DataFrame) -> Panel:
    """One outcome."""
    nothing = pd.DataFrame({"row": [0], "series": "value", "value": np.nan, "start": np.nan, "end": np.nan})
    if found.hidden(outcome.key, str(rows.iloc[0]["contrast"])):
        words = fill(f"More than {100 * HIDES:.0f} % is replicate noise, which hides what any parameter does.", 34)
        return Panel(outcome.title, "", nothing.assign(missing=words), (0.0, 1.0), rows=[""])
    row, share = rows.iloc[0], found.method is Method.MORRIS and outcome.unit == "share"
    factor = 100.0 if found.method is Method.SOBOL or share else 1.0
    numbers = {series: factor * rows[_COLUMNS[series]].to_numpy(np.float64) for series in _OF_METHOD[found.method]}
    marks = [pd.DataFrame(part, columns=["value", "start", "end"]).assign(series=key) for key, part in numbers.items()]
    table = pd.concat(marks).rename_axis("row").reset_index()
    ends = np.nan_to_num([0.0, *table[["value", "start", "end"]].to_numpy().ravel()])
    units = {Method.SOBOL: "% of the variance between points", Method.RANKS: "standardised coefficient"}
    own = "percentage points" if share else outcome.unit
    # How much of it is noise, or on how many trajectories it rests: those in which the outcome is defined.
    rests = f"\n(replicate noise: {100 * row['noise_share']:.0f} % of it)" if np.isfinite(row["noise_share"]) else ""
    if found.method is Method.MORRIS:
        rests = f" ({row['size']:.0f} trajector{'y, no interval' if row['size'] == 1 else 'ies'})"
    label, span = f"{units.get(found.method, own)}{rests}", (float(ends.min()), float(ends.max()) or 1.0)
    ticks = signed if found.method is Method.RANKS else plain
    names = [fill(named(key, 66), 34) for key in rows["parameter"]]
    return Panel(outcome.title, label, table, span, ticks=ticks, rows=names)


def front_figure(found: Tradeoff, command: str) -> Points:
    """Draws all portfolios, and numbers those of the front as the table does."""
    table, ranks = found.table, {key: str(place) for place, key in enumerate(found.front.head(_NUMBERED).index, 1)}
    level = table[RIGHTS_COST].to_numpy(np.float64)
    rights = level - level[table.index.get_loc(found.baseline)]
    reach = max(float(np.abs(rights).max()), 1e-9)
    count = found.by_state["state"].nunique()
    differ = ", ".join(named(key) for key in found.uncertain)
    worlds = "one world" if count == 1 else f"{count} worlds, which differ in {differ}"
    unnamed = f" ({_NUMBERED} of {len(found.front)} are numbered)" if len(found.front) > _NUMBERED else ""
    limited = np.isfinite(found.budget)
    money = f" within {found.budget:,.0f} million euros" if limited else ""
    gaps = {"money": money, "reference": found.reference, "unnamed": unnamed, "worlds": worlds}
    edge, words = np.where(table["front"], "black", "#BBBBBB"), [ranks.get(key, "") for key in table.index]
    points = table.rename(columns={MONEY: "x", AVERTED: "y", "averted_low": "low", "averted_high": "high"})
    points = points.assign(panel=0, series="", shade=rights, edge=edge, words=words)
    caption = Caption.of("report", "tradeoff", command, portfolios=counted(len(table), "portfolio"), **gaps)
    panes = [Pane("", "cost of the policy, million euros of 2024", "harm averted, billion USD of 2024")]
    shades, bar = TwoSlopeNorm(0, -reach, reach), "change in disclosures that touch rights, per year"
    made = caption, points, panes, {"": (BLACK, "", "o")}, {"": ""}, (8.6, 5.6)
    lines = (("h", 0.0, "-"), *([("v", found.budget, "--")] if limited else []))
    return Points(*made, shades=shades, bar=bar, lines=lines)


PAGE, REPORT, TABLES = "analysis.md", "analysis.html", "analysis"
#: Where the cases of interest lie when nobody has said what is of interest: its worst tenth.
INTEREST = "groups_brought_down"


@dataclass(frozen=True)
class AnalysisOptions:
    """What is asked for, as typed."""

    parts: tuple[str, ...] = ()  # sensitivity, discover, tradeoff; none for all that the study allows
    y: tuple[str, ...] = ()  # outcomes of the sensitivity; none for the headline
    interest: str = ""  # condition of the discovery
    budget: str = ""  # of the trade-off, and what it requires
    require: tuple[str, ...] = ()


def analyse(folder: Path, options: AnalysisOptions, command: str, console: Console) -> Path:
    """Analyses a study; parts that were found before stay on the page until they are found again."""
    check_report(folder)
    cases, tables = Cases.read(folder), folder / TABLES
    check_folders(tables)
    store.check_writable(tables, "STUDY", "Copy the study to where you may write, or change its permissions.")
    check_outputs(tables, folder / store.FIGURES, folder / PAGE, folder / REPORT)
    for name in options.parts or _PARTS:
        try:
            found = _PARTS[name](cases, options, command)
        except InputError as problem:
            if options.parts:
                raise
            why = f"Not possible with this study: {problem.problem}. {problem.fix}"
            found = Analysed(Chapter(pages.ASKS[name], why), {}, {})
        for file, table in found.tables.items():
            write_csv(table, tables / f"{file}.csv")
        for file, figure in found.figures.items():
            with styled():
                save(figure.draw(), folder / store.FIGURES, file)
        (tables / f"{name}.json").write_text(json.dumps(asdict(found.chapter)), encoding="utf-8")
    kept = {name: tables / f"{name}.json" for name in _PARTS}
    page = pages.page(cases, {name: _read(path) for name, path in kept.items() if path.exists()}, command)
    report = write_page(page, folder, PAGE, REPORT)
    console.print(Text("\n".join(page.answer)))
    console.print(f"Analysis: {folder / PAGE}", soft_wrap=True)
    console.print(f"Report: {report}", soft_wrap=True)
    return folder / PAGE


def _read(path: Path) -> Chapter:
    """A part of the page as it was kept."""
    found = read_json(path)
    try:
        figures = tuple(Exhibit(str(figure["title"]), Path(figure["name"]).name) for figure in found["figures"])
        return Chapter(str(found["title"]), str(found["markdown"]), figures, answer=str(found["answer"]))
    except (KeyError, TypeError) as error:
        raise damaged(path, error, "Take it away, and give the command again.") from None


class Analysed(NamedTuple):
    """What an analysis gives: its part of the page, and tables and figures by the names of their files."""

    chapter: Chapter
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Rows | Points]


def _sensitivity(cases: Cases, options: AnalysisOptions, command: str) -> Analysed:
    """Which axes matter."""
    outcomes, contrasts = known_outcomes(options.y), cases.contrasts()
    found = sensitivity(cases, [outcome.key for outcome in outcomes], contrasts)
    figures = {
        "sensitivity" if number == 1 else f"sensitivity-{number}": index_figure(cases, found, outcomes, one, command)
        for number, one in enumerate(contrasts, 1)
        if (found.table["contrast"] == one.label).any()
    }
    tables, moving = {"sensitivity": found.table}, pd.DataFrame()
    if found.method is Method.MORRIS and any(axis.kind is AxisKind.UNCERTAINTY for axis in cases.axes):
        moving = tables["influence"] = influence(cases, contrasts[0], [outcome.key for outcome in outcomes])
    return Analysed(pages.sensitivity(found, outcomes, contrasts, list(figures), moving), tables, figures)


def _discover(cases: Cases, options: AnalysisOptions, _: str) -> Analysed:
    """Where cases of interest lie."""
    found = discover(cases, read_condition(options.interest or INTEREST, "--interest"))
    tables = {"boxes": pages.box_table(found), "boxes_steps": found.trajectory}
    return Analysed(pages.discovery(found), tables, {})


def _tradeoff(cases: Cases, options: AnalysisOptions, command: str) -> Analysed:
    """What a budget buys."""
    budget = read_money(options.budget) if options.budget else float("inf")
    found = tradeoff(cases, budget, [read_condition(one, "--require", bounded=True) for one in options.require])
    tables = {"portfolios": found.table.reset_index(), "portfolios_by_world": found.by_state}
    return Analysed(pages.tradeoff(found), tables, {"tradeoff": front_figure(found, command)})


_PARTS = {"sensitivity": _sensitivity, "discover": _discover, "tradeoff": _tradeoff}
