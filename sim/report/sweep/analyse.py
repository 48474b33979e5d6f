"""`comity analyse STUDY`: writes tables, figures and a page of text into the study's folder."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import astuple, dataclass
from math import nan
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm
from rich.console import Console
from rich.text import Text
from scipy.stats import binomtest

from sim.experiments import seal, store
from sim.experiments.analyse.cases import Cases, Contrast, known_outcomes, meaning, read_condition, read_money
from sim.experiments.analyse.discover import CONFIRMING, LEAST_IN_BOX, Box, Discovery, discover
from sim.experiments.analyse.discover import METHODS as OF_BOXES
from sim.experiments.analyse.sensitivity import FEW_SAMPLES, HIDES, Method, Sensitivity, influence, sensitivity
from sim.experiments.analyse.tradeoff import AVERTED, MONEY, RIGHTS_COST, TIME, Tradeoff, tradeoff
from sim.experiments.axis import AxisKind
from sim.experiments.store import check_folders, check_outputs
from sim.measures.arrays import Floats
from sim.measures.outcome import Outcome
from sim.measures.outcomes import outcome
from sim.policy.problem import InputError
from sim.report.figures.kinds import Pane, Points
from sim.report.figures.rows import Panel, Rows
from sim.report.marking import code, markdown_table, marked, texts, worded
from sim.report.page.parts import Chapter, Exhibit, Page, made_by, write_page
from sim.report.provenance import quoted
from sim.report.style import BLACK, BLUE, ORANGE, VERMILLION, Caption, plain, save, signed, small_print, styled, warning
from sim.report.sweep.shown import named, short, titled
from sim.results.codebook import FILE as CODEBOOK
from sim.results.codebook import write_csv
from sim.results.stored import check_report
from sim.results.words import counted, listing, lowered, number, per_cent

PAGE, REPORT, TABLES = "analysis.md", "analysis.html", "analysis"
#: Where the cases of interest lie when nobody has said what is of interest: its worst tenth.
INTEREST = "groups_brought_down"
#: What each part asks.
ASKS = {"sensitivity": "What moves outcomes", "discover": "Where cases of interest lie", "tradeoff": "What money buys"}
#: Indices of an outcome in a figure and in the text, and portfolios of the front that are numbered.
MOST, _NAMED, _NUMBERED = 10, 5, 12
#: An adjusted R² that would be shown as 0 %, and a width of an interval that is none but for the computer's rounding.
_EXPLAINS_NOTHING, _NO_WIDTH = 0.005, 1e-9
_BOUNDS = 2  # bounds of a box in a clause
#: Look of each index, its columns and those of the ends of its interval.
_INDICES = {"value": (BLUE, "-", "o"), "first": (ORANGE, "-", "s"), "noise": (BLACK, "-", "|")}
_COLUMNS = {"value": ["value", "low", "high"], "first": ["first", "first_low", "first_high"]}
_COLUMNS |= {"noise": ["noise_floor"] * 3}
#: Look of cases in the figure of a box, and what the key calls them.
_CASES = {"other": (BLUE, "", "."), "interest": (VERMILLION, "", "X")}
_OF_CASES = {"other": "other cases", "interest": "cases of interest"}
#: What is said of each method: what its size counts, what it measures, on which axis if not the outcome's, its indices.
METHODS: Mapping[Method, Mapping[str, Any]] = {one: texts("report")["methods"][one.name.lower()] for one in Method}


@dataclass(frozen=True)
class AnalysisOptions:
    """Options of `comity analyse`, as the user typed them."""

    parts: tuple[str, ...] = ()  # sensitivity, discover, tradeoff; none for all that the study allows
    y: tuple[str, ...] = ()  # outcomes of the sensitivity; none for the headline
    interest: str = ""  # condition of the discovery
    budget: str = ""  # of the trade-off, and what it requires
    require: tuple[str, ...] = ()


def analyse(folder: Path, options: AnalysisOptions, command: str, console: Console) -> Path:
    """Writes the analyses of a study that the user wants, by default all possible ones; returns the page."""
    check_report(folder)
    cases, tables = Cases.read(folder), folder / TABLES
    cases.study.refuse_changed()  # what is written joins the rest under its sums
    check_folders(tables)
    store.check_writable(tables, "STUDY", "Copy the study to where you may write, or change its permissions.")
    check_outputs(tables, folder / store.FIGURES, folder / PAGE, folder / REPORT)
    chapters, written = {}, list[Path]()
    for name in options.parts or _PARTS:
        try:
            found = _PARTS[name](cases, options, command)
        except InputError as problem:
            if options.parts:
                raise
            why = f"Not possible with this study: {problem.problem}. {problem.fix}"
            found = Analysed(Chapter(ASKS[name], why), {}, {})
        for file, table in found.tables.items():
            write_csv(table, tables / f"{file}.csv")
        for file, figure in found.figures.items():
            with styled():
                save(figure.draw(), folder / store.FIGURES, file)
        chapters[name] = found.chapter
        written += [tables / f"{file}.csv" for file in found.tables]
        written += [folder / store.FIGURES / f"{file}{kind}" for file in found.figures for kind in (".png", ".svg")]
    page = _page(cases, chapters, command)
    report = write_page(page, folder, PAGE, REPORT)
    seal.renew(folder / PAGE, report, *written, *(path for path in [tables / CODEBOOK] if path.exists()))
    console.print(Text("\n".join(page.answer)))
    console.print(f"Analysis: {folder / PAGE}", soft_wrap=True)
    console.print(f"Report: {report}", soft_wrap=True)
    return folder / PAGE


class Analysed(NamedTuple):
    """Result of one analysis: its section of the page, and its tables and figures by file name."""

    chapter: Chapter
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Rows | Points]


def _page(cases: Cases, sections: Mapping[str, Chapter], command: str) -> Page:
    """Makes the page of analyses: three sentences, the runs, and a section for each analysis."""
    about, world = cases.study.about, cases.study.about["configuration"]["world"]
    missing = f" {number(cases.missing)} of {counted(about['runs'], 'run')} missing." if cases.missing else ""
    states = f"{len(world['states'])} states" if world["states"] else "all states"
    run = (
        f"{warning(str(about['command']))}Study {str(about['study'])[:10]}: {counted(cases.points, 'point')} "
        f"({cases.design} design), {counted(len(cases.rows), 'run')}; {world['groups']} groups, {states}, "
        f"{str(world['policy_start'])[:4]} to {str(world['end'])[:4]}.{missing} Made by {code(about['command'])}."
    )
    digest = seal.digest(seal.sums(folder)) if seal.is_sealed(folder := cases.study.folder) else ""
    made = made_by(command) | quoted(digest)
    title, chapters = f"What does the study “{cases.study.folder.name}” show?", [Chapter("What was run", run)]
    return Page(title, sentences(cases, sections), (), (*chapters, *sections.values()), made)


def sentences(cases: Cases, sections: Mapping[str, Chapter]) -> tuple[str, str, str]:
    """The question of the analysis, its finding and its limits, as three sentences of plain text."""
    clauses = {name: section.answer for name, section in sections.items() if section.answer}
    asked = listing([lowered(ASKS[name]) for name in clauses]) or "nothing that its design allows"
    answer = "; ".join(clauses.values()) or "no part of the analysis is possible with this study"
    seeds = int(cases.rows.groupby(["point", "scenario"])["seed"].nunique().min())
    chance = f"each point has {seeds} seeds, which show how much is chance"
    if seeds < 2:
        chance = "with one seed per point, chance cannot be distinguished from settings"
    varied = counted(len(cases.axes), "setting") if cases.axes else counted(len(cases.scenarios), "scenario")
    return (
        f"{counted(len(cases.rows), 'run')} over {varied} were asked {asked}.",
        f"{answer[0].upper()}{answer[1:]}.",
        f"Brackets hold 95 % intervals; {chance}.",
    )


def _sensitivity(cases: Cases, options: AnalysisOptions, command: str) -> Analysed:
    """Finds the axes that influence each outcome most; returns section, tables and figures."""
    outcomes, contrasts = known_outcomes(options.y), cases.contrasts()
    keys = [outcome.key for outcome in outcomes]
    found = sensitivity(cases, keys, contrasts)
    figures = {
        f"sensitivity-{number}".removesuffix("-1"): index_figure(cases, found, outcomes, one, command)
        for number, one in enumerate(contrasts, 1)
        if (found.table["contrast"] == one.label).any()
    }
    tables = {"sensitivity": found.table}
    if found.method is Method.MORRIS and any(axis.kind is AxisKind.UNCERTAINTY for axis in cases.axes):
        tables["influence"] = influence(cases, contrasts[0], keys)
    return Analysed(sensitivity_chapter(found, outcomes, contrasts, list(figures)), tables, figures)


def sensitivity_chapter(
    found: Sensitivity, outcomes: list[Outcome], contrasts: Sequence[Contrast], figures: list[str]
) -> Chapter:
    """Section on the most influential axes for each outcome."""
    parts = [_method(found)]
    for contrast in contrasts:
        lines = [_line(found, outcome, contrast) for outcome in outcomes if len(found.of(outcome.key, contrast.label))]
        if lines:
            parts.append(f"**{marked(titled(contrast))}**\n\n" + "\n".join(lines))
    text = "\n\n".join([*parts, "All indices: `analysis/sensitivity.csv`."])
    exhibits = tuple(Exhibit("Indices", name) for name in figures)
    return Chapter(ASKS["sensitivity"], text, exhibits, answer=sensitivity_clause(found, outcomes, contrasts))


def sensitivity_clause(found: Sensitivity, outcomes: Sequence[Outcome], contrasts: Sequence[Contrast]) -> str:
    """Clause on the axis with the strongest influence on an outcome."""
    known = ((outcome, one) for one in contrasts for outcome in outcomes if len(found.of(outcome.key, one.label)))
    shown = [(outcome, one) for outcome, one in known if not found.hidden(outcome.key, one.label)]
    if not shown:
        return f"chance hides what settings do to {listing([lowered(outcome.title) for outcome in outcomes], 'or')}"
    outcome, contrast = shown[0]
    row = found.of(outcome.key, contrast.label).iloc[0]
    unit, floor = _unit(found.method, outcome), row.get("noise_floor", 0.0)
    measured = f"{number(row['value'], unit)}{f' {unit}' if unit not in ('', 'share') else ''}, {_ends(row, unit)}"
    size, name = f"{METHODS[found.method]['measure']} {measured}", meaning(str(row["parameter"]))
    if _wide(row) and row["low"] <= (floor if floor > 0 else 0.0) and not row["high"] < 0:
        return f"no setting moves {lowered(outcome.title)} by more than chance (most: “{name}”, {size})"
    return f"“{name}” moves {lowered(outcome.title)} most ({size})"


def _unit(method: Method, outcome: Outcome) -> str:
    """Unit of a sensitivity index."""
    return {Method.MORRIS: outcome.unit, Method.SOBOL: "share"}.get(method, "")


def _ends(row: pd.Series[float], unit: str) -> str:
    """Text on the interval of a sensitivity index, or that there is none."""
    return f"{number(row['low'], unit)} to {number(row['high'], unit)}" if _wide(row) else "no interval"


def _wide(row: pd.Series[float]) -> bool:
    """True if the interval of a sensitivity index has a width above zero."""
    return bool(row["high"] - row["low"] > _NO_WIDTH * max(1.0, abs(float(row["value"]))))


def _method(found: Sensitivity) -> str:
    """Text on the method of a sensitivity analysis, and on its limits."""
    row, ranks = found.table.iloc[0], found.method is Method.RANKS
    seeds = worded("one_seed" if row["seeds"] < 2 else "many_seeds", seeds=f"{row['seeds']:.0f}")
    few = " That is few: read the intervals." if row["size"] < FEW_SAMPLES else ""
    mixed = " Some axes move together and cannot be distinguished." if ranks and found.table["confounded"].any() else ""
    gaps = {"few": few, "mixed": mixed, "explained": _explained(found.table) if ranks else ""}
    size = counted(int(row["size"]), *METHODS[found.method]["size"])
    return f"{worded(f'method_{found.method.name.lower()}', size=size, **gaps)} {seeds}"


def _explained(table: pd.DataFrame) -> str:
    """Text on the share of the variance in outcomes' ranks that a regression on the axes explains."""
    by_outcome = table.groupby("outcome", sort=False)["r_squared"].min()
    nothing = by_outcome < _EXPLAINS_NOTHING
    names = "; ".join(outcome(str(key)).title for key in by_outcome.index[nothing])
    words = [worded("explains_nothing", names=names)] if names else []
    if not nothing.all():
        share, others = f"{100 * by_outcome[~nothing].min():.0f} %", " of the others" if names else ""
        words.append(worded("explains", share=share, others=others))
    return " ".join(words)


def _line(found: Sensitivity, outcome: Outcome, contrast: Contrast) -> str:
    """Text on the most influential axes for one outcome, as a line."""
    if found.hidden(outcome.key, contrast.label):
        return (
            f"- {outcome.title}: more than {100 * HIDES:.0f} % is replicate noise, which "
            "hides what any parameter does. Only more seeds per point would help."
        )
    unit, words = _unit(found.method, outcome), []
    for _, row in found.of(outcome.key, contrast.label).head(_NAMED).iterrows():
        noise = f", {100 * row['noise_share']:.0f} % noise" if np.isfinite(row["noise_share"]) else ""
        words.append(f"`{short(row['parameter'])}` {number(row['value'], unit)} ({_ends(row, unit)}{noise})")
    shown = f", {unit}" if unit not in ("", "share") else ""
    return f"- {outcome.title}{shown}: {'; '.join(words)}."


def index_figure(cases: Cases, found: Sensitivity, outcomes: list[Outcome], contrast: Contrast, command: str) -> Rows:
    """Figure of each axis's sensitivity index, for one contrast of scenarios."""
    shown = [outcome for outcome in outcomes if len(found.of(outcome.key, contrast.label))]
    across, height = min(2, len(shown)), 1.1 + 0.24 * min(MOST, len(cases.axes))
    size = found.table.loc[found.table["contrast"] == contrast.label, ["size", "seeds"]].max()
    points = counted(int(size["size"]), *METHODS[found.method]["size"])
    names = METHODS[found.method]["indices"]
    read = f"{worded(f'index_{found.method.name.lower()}')} Lines: 95 % intervals."
    small = small_print(command, f"{found.method}: up to {points}, {counted(int(size['seeds']), 'seed')} per point.")
    caption = Caption(f"What moves the outcomes? {titled(contrast)}", read, small)
    panels = [_panel(found, outcome, found.of(outcome.key, contrast.label).head(MOST)) for outcome in shown]
    looks, labels = {key: _INDICES[key] for key in names}, names if len(names) > 1 else {}
    inches = 10.0 if across == 2 else 7.6, 2.1 + height * -(-len(shown) // across)
    return Rows(caption, panels, (), looks, labels, inches, across, {"value": 0.0, "first": 0.3, "noise": 0.0})


def _panel(found: Sensitivity, outcome: Outcome, rows: pd.DataFrame) -> Panel:
    """Panel with the sensitivity indices of one outcome."""
    if found.hidden(outcome.key, str(rows.iloc[0]["contrast"])):
        words = fill(f"More than {100 * HIDES:.0f} % is replicate noise, which hides what any parameter does.", 34)
        nothing = dict.fromkeys(("value", "start", "end"), np.nan) | {"row": 0, "series": "value", "missing": words}
        return Panel(outcome.title, "", pd.DataFrame([nothing]), (0.0, 1.0), rows=[""])
    row, share = rows.iloc[0], found.method is Method.MORRIS and outcome.unit == "share"
    factor = 100.0 if found.method is Method.SOBOL or share else 1.0
    indices = METHODS[found.method]["indices"]
    numbers = {series: factor * rows[_COLUMNS[series]].to_numpy(np.float64) for series in indices}
    marks = [pd.DataFrame(part, columns=["value", "start", "end"]).assign(series=key) for key, part in numbers.items()]
    table = pd.concat(marks).rename_axis("row").reset_index()
    ends = np.nan_to_num([0.0, *table[["value", "start", "end"]].to_numpy().ravel()])
    unit = METHODS[found.method].get("axis") or ("percentage points" if share else outcome.unit)
    # How much of it is noise, or on how many trajectories it rests: those in which the outcome is defined.
    rests = f"\n(replicate noise: {100 * row['noise_share']:.0f} % of it)" if np.isfinite(row["noise_share"]) else ""
    if found.method is Method.MORRIS:
        rests = f" ({row['size']:.0f} trajector{'y, no interval' if row['size'] == 1 else 'ies'})"
    label, span = f"{unit}{rests}", (float(ends.min()), float(ends.max()) or 1.0)
    ticks = signed if found.method is Method.RANKS else plain
    names = [fill(named(key), 34) for key in rows["parameter"]]
    return Panel(outcome.title, label, table, span, ticks=ticks, rows=names)


def _discover(cases: Cases, options: AnalysisOptions, command: str) -> Analysed:
    """Finds boxes of cases by scenario discovery; returns section, tables and a figure of the first box."""
    found = discover(cases, read_condition(options.interest or INTEREST, "--interest"))
    lines = [
        f"- {box.method}: {found.words} where **{marked(box.words)}**: {100 * box.density:.0f} % of the "
        f"box's {counted(box.cases, 'case')}, {100 * box.coverage:.0f} % of all such cases."
        for box in found.boxes
    ]
    bounded = dict.fromkeys(entry.axis for box in found.boxes for entry in box.restrictions)
    words = [f"`{short(key)}`: {meaning(key)}" for key in bounded if meaning(key) != key]
    such = f"{found.interest.sum()} of {counted(len(found.interest), 'case')} ({100 * found.share:.0f} %)"
    without = [method for method in OF_BOXES if all(box.method != method for box in found.boxes)]
    lines += [worded("no_box", method=method, least=LEAST_IN_BOX) for method in without]
    boxes = "\n".join([*lines, *([f"\nIn words: {'; '.join(words)}."] if words else [])])
    text = worded("discovery", interest=found.words, such=such, boxes=boxes, drawing=f"{100 * (1 - CONFIRMING):.0f} %")
    chapter = Chapter(ASKS["discover"], text, (Exhibit("Cases", "discovery"),), answer=discovery_clause(found))
    tables = {"boxes": box_table(found), "boxes_steps": found.trajectory}
    return Analysed(chapter, tables, {"discovery": box_figure(found, command)})


def box_figure(found: Discovery, command: str) -> Points:
    """Figure of all cases and the first discovered box, along the two axes that it restricts most."""
    box = found.boxes[0] if found.boxes else None
    numeric = [str(key) for key in found.inputs if found.inputs[key].dtype.kind == "f"]
    bound = [entry.axis for entry in box.restrictions if entry.axis in numeric] if box else []
    keys = [*bound, *(key for key in numeric if key not in bound)][:2]
    x = found.inputs[keys[0]].to_numpy(np.float64) if keys else np.arange(len(found.inputs), dtype=np.float64)
    y = found.inputs[keys[1]].to_numpy(np.float64) if len(keys) > 1 else found.values
    names = [fill(named(key), 46) for key in keys]
    names += ["case", found.condition.outcome.title][len(names) :]
    said = worded("no_boxes")
    if box:
        coverage, density, share = map(per_cent, (box.coverage, box.density, found.share))
        said = worded("box", method=box.method, words=box.words, coverage=coverage, density=density, share=share)
    cases = counted(len(found.values), "case")
    caption = Caption.of("report", "box", command, interest=found.words, said=said, cases=cases)
    series = np.where(found.interest, "interest", "other")
    points = pd.DataFrame({"panel": 0, "series": series, "x": x, "y": y})
    (left, right), (bottom, top) = map(_bounds, (box, box), [*keys, "", ""], (x, y))
    frame = ((left, bottom), right - left, top - bottom) if box and bound else None
    return Points(caption, points, [Pane("", *names)], _CASES, _OF_CASES, (7.4, 5.6), box=frame)


def _bounds(box: Box | None, axis: str, values: Floats) -> tuple[float, float]:
    """Both ends of a discovered box along an axis; beyond all cases if the box does not restrict the axis."""
    margin = 0.02 * float(np.ptp(values))
    low, high = next(((one.low, one.high) for one in (box.restrictions if box else ()) if one.axis == axis), (nan, nan))
    least, most = float(values.min()) - margin, float(values.max()) + margin
    return least if np.isnan(low) else low, most if np.isnan(high) else high


def discovery_clause(found: Discovery) -> str:
    """Clause on the first discovered box, with the share of its cases that are of interest."""
    if not found.boxes:
        return f"no setting by itself says where {found.words}: no box is fuller than chance would make"
    box = found.boxes[0]
    bounds, more = [entry.words for entry in box.restrictions[:_BOUNDS]], len(box.restrictions) - _BOUNDS
    bounds += [f"{more} more"] if more > 0 else []
    exact = binomtest(round(box.density * box.cases), box.cases).proportion_ci(method="exact")
    return (
        f"{found.words} mostly where {listing(bounds)} ({100 * box.density:.0f} % of {counted(box.cases, 'case')}, "
        f"{100 * exact.low:.0f} to {100 * exact.high:.0f} %)"
    )


def box_table(found: Discovery) -> pd.DataFrame:
    """Table of discovered boxes, one row for each axis that a box restricts."""
    rows = [
        (place, *astuple(box)[:5], *entry[:3], " ".join(entry.allowed), entry.words)
        for place, box in enumerate(found.boxes, start=1)
        for entry in box.restrictions
    ]
    names = ("box", "method", "coverage", "density", "mass", "cases", "axis", "low", "high", "values", "in_words")
    return pd.DataFrame(rows, columns=list(names))


def _tradeoff(cases: Cases, options: AnalysisOptions, command: str) -> Analysed:
    """Compares portfolios: the Pareto front and the most robust portfolio; returns section, tables and figures."""
    budget = read_money(options.budget) if options.budget else float("inf")
    found = tradeoff(cases, budget, [read_condition(one, "--require", bounded=True) for one in options.require])
    front = found.front
    rows = [_front_row(found, place, key, row) for place, (key, row) in enumerate(front.iterrows(), start=1)]
    head = ["", "portfolio", "harm averted, billion USD", "disclosures that touch rights, per year"]
    head += ["cost, million euros", "median turnaround, months", "largest regret", "satisfies in"]
    best = f"{len(front)} of {counted(int(found.table['affordable'].sum()), 'portfolio')}"
    gaps = {"best": best, "are": "is" if len(front) == 1 else "are"}
    gaps["money"] = "" if np.isinf(found.budget) else f" within {found.budget:,.0f} million euros"
    gaps["reference"] = f"{marked(found.reference)} (“{marked(found.name(found.baseline))}”)"
    text = worded("front", table=markdown_table(head, rows, ()), asked="; ".join(found.requirements), **gaps)
    chapter = Chapter(ASKS["tradeoff"], text, (Exhibit("Trade-offs", "tradeoff"),), answer=tradeoff_clause(found))
    tables = {"portfolios": found.table.reset_index(), "portfolios_by_world": found.by_state}
    return Analysed(chapter, tables, {"tradeoff": front_figure(found, command)})


def tradeoff_clause(found: Tradeoff) -> str:
    """Clause on the portfolio that averts most harm, if its effect is beyond chance."""
    key, row = next(iter(found.front.iterrows()))
    if key == found.baseline:
        return "no portfolio averts more harm than today's law and practice on average"
    name = found.name(key)
    known = np.isfinite(row["averted_low"])
    interval = f", {number(row['averted_low'])} to {number(row['averted_high'])}" if known else ", one seed"
    size = f"{number(row[AVERTED])} billion USD{interval}"
    if known and row["averted_low"] <= 0.0:
        return f"no portfolio averts harm by more than chance (most: “{name}”, {size})"
    return f"“{name}” averts most harm ({size}) for {number(row[MONEY])} million euros"


def _front_row(found: Tradeoff, place: int, key: Hashable, row: pd.Series[Any]) -> list[str]:
    """Row of the table of trade-offs for one portfolio on the Pareto front."""
    interval = f" ({number(row['averted_low'])} to {number(row['averted_high'])})"
    averted = f"{number(row[AVERTED])}{interval if np.isfinite(row['averted_low']) else ''}"
    averted = "0: the reference" if key == found.baseline else averted
    cells = [number(row[name]) for name in (RIGHTS_COST, MONEY, TIME, f"regret_{AVERTED}")]
    return [str(place), marked(found.name(key)), averted, *cells, number(row["satisfied"], "share")]


def front_figure(found: Tradeoff, command: str) -> Points:
    """Figure of all portfolios by averted harm and cost; portfolios on the Pareto front have numbers."""
    table, ranks = found.table, {key: str(place) for place, key in enumerate(found.front.head(_NUMBERED).index, 1)}
    level = table[RIGHTS_COST].to_numpy(np.float64)
    rights = level - level[table.index.get_loc(found.baseline)]
    reach = max(float(np.abs(rights).max()), 1e-9)
    count, differ = found.by_state["state"].nunique(), ", ".join(named(key) for key in found.uncertain)
    worlds = "one world" if count == 1 else f"{count} worlds, which differ in {differ}"
    unnamed = f" ({_NUMBERED} of {len(found.front)} are numbered)" if len(found.front) > _NUMBERED else ""
    money, limited = f" within {found.budget:,.0f} million euros", bool(np.isfinite(found.budget))
    gaps = {"money": money if limited else "", "reference": found.reference, "unnamed": unnamed, "worlds": worlds}
    edge, words = np.where(table["front"], "black", "#BBBBBB"), [ranks.get(key, "") for key in table.index]
    points = table.rename(columns={MONEY: "x", AVERTED: "y", "averted_low": "low", "averted_high": "high"})
    points = points.assign(panel=0, series="", shade=rights, edge=edge, words=words)
    caption = Caption.of("report", "tradeoff", command, portfolios=counted(len(table), "portfolio"), **gaps)
    panes = [Pane("", "cost of the policy, million euros of 2024", "harm averted, billion USD of 2024")]
    shades, bar = TwoSlopeNorm(0, -reach, reach), "change in disclosures that touch rights, per year"
    made = caption, points, panes, {"": (BLACK, "", "o")}, {"": ""}, (8.6, 5.6)
    lines = (("h", 0.0, "-"), *([("v", found.budget, "--")] if limited else []))
    return Points(*made, shades=shades, bar=bar, lines=lines)


_PARTS = {"sensitivity": _sensitivity, "discover": _discover, "tradeoff": _tradeoff}
