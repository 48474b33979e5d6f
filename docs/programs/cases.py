"""Writes docs/cases.md and its figures in half an hour on one core: `python -m docs.programs.cases`."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, product
from math import isnan

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console
from scipy.special import ndtri
from scipy.stats import binom

from docs.programs import DOCS, KEPT, asked
from sim.calibration.ensemble import sets_of_today
from sim.cases import command
from sim.cases.real_case import RealCase, case_files, load_case, operations
from sim.cases.run import Law
from sim.measures.arrays import Floats
from sim.report.figures.rows import Panel, Rows
from sim.report.marking import markdown_table, marked
from sim.report.page.parts import Chapter, Exhibit, Page, made_by, markdown_of
from sim.report.style import BLACK, BLUE, ORANGE, Caption, per_cent, save, styled
from sim.results.own_error import on_class
from sim.results.words import counted, listing
from sim.results.words import per_cent as share_in_words

COMMAND = "python -m docs.programs.cases"
PIT_BINS = 5
_STEPS = 25  # that stand for the model's own error
_LEAST_STEP = 1e-9
#: Look and name of what is in the figure of all intervals.
_LOOKS = {"model": (BLUE, "-", "|"), "inside": (BLACK, "-", "o"), "outside": (ORANGE, "-", "D")}
_NAMES = {
    "model": "median; middle 80 % (thick) and 95 %",
    "inside": "on record, inside the widest interval shown",
    "outside": "on record, outside",
}


def holds(entry: command.Expectation, probability: float, own: float = 0.0) -> bool:
    """True if an interval of simulated values contains the recorded one, allowing for the model's own error."""
    if own > 0.0:
        factors = np.exp(own * ndtri((np.arange(_STEPS) + 0.5) / _STEPS))
        entry = command.Expectation(np.outer(entry.draws, factors).ravel(), entry.recorded)
    low, high = command.central(entry.draws, probability)
    return low <= entry.recorded <= high


def expectations(frame: pd.DataFrame, cases: Sequence[RealCase], measure: str) -> list[command.Expectation]:
    """Comparisons of one measure with its recorded value, for all operations that have one."""
    return [entry for case in cases if (entry := command.expectation(frame, case, measure)).has()]


def pit_histogram(steps: Iterable[tuple[float, float]], bins: int) -> Floats:
    """Mean share of cases in each of some equal bins of 0–1, float64 [bin]; uniform for a correct model."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    firsts = ((min(below, 1.0 - _LEAST_STEP), up_to) for below, up_to in steps)  # the last bin holds its end
    parts = [np.diff(np.interp(edges, (first, max(up_to, first + _LEAST_STEP)), (0, 1))) for first, up_to in firsts]
    return np.mean(parts, axis=0) if parts else np.zeros(bins)


def all_page(results: pd.DataFrame, record: Sequence[RealCase], own: float, more: Sequence[Chapter]) -> Page:
    """Makes the page on all recorded operations, including those that cannot be simulated.

    Own is the standard deviation of the model's own error in levels, in logs; 0 where nobody knows it.
    """
    placed = [case for case in record if case.planted is not None]
    names = ", ".join(marked(case.title) for case in record if case.planted is None) or "none"
    missing = f"Not placed, since neither the group's first day nor the opening is on record: {names}."
    fewest = dict(zip(("few", "many"), command.FEWEST.values(), strict=True))
    coverage, each = (command.TEXTS[key].format(**fewest) for key in ("coverage", "each"))
    figures = (Exhibit("PIT histogram", "cases_pit"), Exhibit("Intervals", "cases_intervals"))
    sections = (
        Chapter("What was asked", command.TEXTS["asked"].format(number=len(placed), worlds=results["seed"].nunique())),
        Chapter("Coverage of predictive intervals", f"{coverage}\n\n{_coverage(results, placed, own)}", figures),
        Chapter("Each operation", f"{each}\n\n{_operations(results, placed)}\n\n{missing}"),
        Chapter("What it rests on", f"{command.TEXTS['limits']}\n{command.TEXTS['operations']}"),
        *more,
    )
    title = "Operations on record, as the model expected them"
    return Page(title, _sentences(results, placed, own), sections=sections, manifest=made_by(COMMAND))


def _sentences(results: pd.DataFrame, placed: Sequence[RealCase], own: float) -> tuple[str, str, str]:
    """Summary of all simulated operations in three sentences of plain text."""
    held = []
    for measure, label in command.MEASURES.items():
        enough = expectations(results, placed, measure)
        hits = sum(holds(entry, command.NARROW, own) for entry in enough)
        low, high = (100.0 * end for end in command.share_interval(hits, len(enough)))
        held.append(f"{hits} of {len(enough)} for {label} ({low:.0f} to {high:.0f} %)")
    shares = np.array([command.acted_share(results, case) for case in placed])
    return (
        f"Operations on record ({len(placed)}) were set in {counted(results['seed'].nunique(), 'world')} of the model "
        "under the law of their days.",
        f"The model's 80 % intervals{', its own error included,' if own else ''} hold {listing(held)}.",
        f"Brackets hold chance; the model takes {100 * np.nanmean(shares):.0f} % of these groups down, "
        "in reality all were, since the record holds successes alone.",
    )


def _coverage(results: pd.DataFrame, cases: Sequence[RealCase], own: float) -> str:
    """Table of how often intervals contain the recorded value, by measure, without and with the model's own error."""
    rows = []
    for measure, label in command.MEASURES.items():
        known = expectations(results, cases, measure)
        cells = []
        for error, probability in product((0.0, own) if own else (0.0,), command.FEWEST):
            enough = [entry for entry in known if entry.has(probability)]
            hits = sum(holds(entry, probability, error) for entry in enough)
            low, high = command.share_interval(hits, len(enough))
            share = share_in_words(hits / max(len(enough), 1))
            span = f"{hits} of {len(enough)}: {share} ({100 * low:.0f}–{100 * high:.0f} %)"
            cells.append(span if enough else "too few draws")
        percentiles = np.array([entry.percentile for entry in known])
        below, middle = (percentiles < 50.0).sum(), np.median(percentiles) if known else float("nan")
        rows.append([label, str(len(known)), *cells, f"{middle:.0f}", f"{below} of {len(known)}"])
    nominal = [f"{100 * probability:.0f} % interval holds" for probability in command.FEWEST]
    nominal += [f"{words}, own error included" for words in nominal] if own else []
    head = ["", "operations", *nominal, "median percentile", "below the middle"]
    return markdown_table(head, rows)


def _operations(results: pd.DataFrame, cases: Sequence[RealCase]) -> str:
    """Table with a row per operation: share with a takedown, and record, median and percentile by measure."""
    rows = []
    for case in cases:
        draws, cells = len(command.taken_down(results, case)), []
        for entry in (command.expectation(results, case, measure) for measure in command.MEASURES):
            if np.isnan(entry.recorded) or not entry.draws.size:
                cells.append("–")
                continue
            mark = "" if entry.draws.size >= command.FEWEST[command.NARROW] else " *"
            cells.append(f"{entry.recorded:.0f} / {np.median(entry.draws):.0f} ({entry.percentile:.0f}){mark}")
        share = share_in_words(command.acted_share(results, case))
        rows.append([marked(case.title), f"{case.acted:%Y}", share, str(draws), *cells])
    head = ["operation", "year", "taken down", "draws", *command.MEASURES.values()]
    return markdown_table(head, rows, {1, 2, 3, 4, 5, 6})


def all_figures(results: pd.DataFrame, record: Sequence[RealCase]) -> dict[str, Figure]:
    """Figures on all recorded operations, by name."""
    with styled():
        return {"cases_pit": _pit(results, record).draw(), "cases_intervals": _intervals(results, record).draw()}


def _pit(results: pd.DataFrame, cases: Sequence[RealCase]) -> Rows:
    """Figure of each measure's histogram of percentiles, with the range of bars expected by chance."""
    panels = []
    for measure, label in command.MEASURES.items():
        steps = [entry.step for entry in expectations(results, cases, measure)]
        shares = pd.DataFrame({"row": range(PIT_BINS), "series": "model", "value": pit_histogram(steps, PIT_BINS)})
        ends = (binom.ppf(tail, len(steps), 1.0 / PIT_BINS) for tail in (0.025, 0.975))
        low, high = (float(end) / max(len(steps), 1) for end in ends)
        span = (0.0, max(high, float(shares["value"].max())) or 1.0)
        lines, table = ((1.0 / PIT_BINS, "#444444", "--"),), shares.assign(start=np.nan, end=np.nan)
        title = f"{label} ({len(steps)} operations)"
        panels.append(Panel(title, "share of operations", table, span, lines, (low, high), ticks=per_cent))
    edges = pairwise(100 * place // PIT_BINS for place in range(PIT_BINS + 1))
    names = [f"percentile {low} to {high}" for low, high in edges]
    return Rows(Caption.of("cases", "pit", COMMAND), panels, names, command.MODEL, {}, (10.5, 3.6))


def _intervals(results: pd.DataFrame, cases: Sequence[RealCase]) -> Rows:
    """Figure with a row per operation: predicted intervals and recorded value of each measure."""
    every = {case: [command.expectation(results, case, measure) for measure in command.MEASURES] for case in cases}
    shown = [case for case, found in every.items() if any(entry.has() for entry in found)]
    panels = []
    for place, label in enumerate(command.MEASURES.values()):
        marks = [mark for row, case in enumerate(shown) for mark in _expected(every[case][place], row)]
        panels.append(command.panel(label, marks))
    names, size = [f"{case.title} ({case.acted:%Y})" for case in shown], (11.0, 2.0 + 0.24 * len(shown))
    caption, places = Caption.of("cases", "intervals", COMMAND), dict.fromkeys(_LOOKS, 0.0)
    return Rows(caption, panels, names, _LOOKS, _NAMES, size, places=places)


def _expected(entry: command.Expectation, row: int) -> Sequence[Mapping[str, object]]:
    """Markers of one operation: its predicted intervals and the recorded value."""
    if not entry.has():
        return []
    widest = command.WIDE if entry.has(command.WIDE) else command.NARROW
    (inner, upper), (low, high) = command.central(entry.draws, command.NARROW), command.central(entry.draws, widest)
    model = {"row": row, "series": "model", "value": float(np.median(entry.draws))}
    happened = {"row": row, "series": "inside" if holds(entry, widest) else "outside", "value": entry.recorded}
    return [model | {"start": low, "end": high, "inner_start": inner, "inner_end": upper}, happened]


if __name__ == "__main__":
    wanted, console, record = asked(COMMAND, seeds=50), Console(stderr=True), operations()
    options = command.CaseOptions(wanted.seeds, 1, wanted.workers, KEPT, COMMAND)
    placed = tuple(case for case in record if case.planted is not None)
    results = command.simulated(placed, (Law.AS_IT_WAS,), options, console)
    figures, sections = all_figures(results, record), list[Chapter]()
    for case in map(load_case, case_files()):
        found = command.simulated((case,), tuple(Law), options, console)
        text = [f"`comity case {case.key}` {command.in_time(case)}"]
        text += [command.happened(found, case), command.under_each_law(found, case)]
        sections.append(Chapter(case.title, "\n\n".join(text), (command.exhibit(case, f"case_{case.key}_"),)))
        drawn = command.case_figures(found, case, COMMAND)
        figures |= {f"case_{case.key}_{name}": figure for name, figure in drawn.items()}
    own = on_class("operations", sets_of_today().own_error).error
    more = [*sections, Chapter("Other law", command.TEXTS["laws"])]
    page = markdown_of(all_page(results, record, 0.0 if isnan(own) else own, more), "svg")
    (DOCS / "cases.md").write_text(page, encoding="utf-8")
    with styled():
        for name, figure in figures.items():
            save(figure, DOCS / "figures", name, png=False)
