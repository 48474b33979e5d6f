"""Writes docs/cases.md and its figures: `python -m docs.programs.cases`, half an hour of one core."""

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
from sim.cases.command import (
    FEWEST,
    MEASURES,
    MODEL,
    NARROW,
    TEXTS,
    WIDE,
    CaseOptions,
    Expectation,
    acted_share,
    case_figures,
    central,
    exhibit,
    expectation,
    happened,
    in_time,
    panel,
    share_interval,
    simulated,
    taken_down,
    under_each_law,
)
from sim.cases.real_case import RealCase, case_files, load_case, operations
from sim.cases.run import Law
from sim.measures.arrays import Floats
from sim.report.figures.rows import Panel, Rows
from sim.report.marking import markdown_table, marked
from sim.report.page.parts import Chapter, Exhibit, Page, made_by, markdown_of
from sim.report.style import BLACK, BLUE, ORANGE, Caption, per_cent, save, styled
from sim.results.words import counted, listing
from sim.results.words import per_cent as share_in_words

COMMAND = "python -m docs.programs.cases"
PIT_BINS = 5
_STEPS = 25  # that stand for the model's own error
_LEAST_STEP = 1e-9
#: Look and name of what stands in the figure of all intervals.
_LOOKS = {"model": (BLUE, "-", "|"), "inside": (BLACK, "-", "o"), "outside": (ORANGE, "-", "D")}
_NAMES = {
    "model": "median; middle 80 % (thick) and 95 %",
    "inside": "on record, inside the widest interval shown",
    "outside": "on record, outside",
}


def holds(entry: Expectation, probability: float, own: float = 0.0) -> bool:
    """Whether that interval holds what happened; with the model's own error in logs, a draw stands for others near."""
    if own > 0.0:
        factors = np.exp(own * ndtri((np.arange(_STEPS) + 0.5) / _STEPS))
        entry = Expectation(np.outer(entry.draws, factors).ravel(), entry.recorded)
    low, high = central(entry.draws, probability)
    return low <= entry.recorded <= high


def expectations(frame: pd.DataFrame, cases: Sequence[RealCase], measure: str) -> list[Expectation]:
    """One measure of all cases of which it is known."""
    return [entry for case in cases if (entry := expectation(frame, case, measure)).has()]


def pit_histogram(steps: Iterable[tuple[float, float]], bins: int) -> Floats:
    """Mean share of each of so many bins of 0–1, float64 [bins]; 1 ÷ bins everywhere for a model that is right."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    parts = [  # beyond all draws, or between two of them, all of it lies in one bin
        np.diff(np.clip((edges - min(below, 1.0 - _LEAST_STEP)) / max(up_to - below, _LEAST_STEP / 1000), 0.0, 1.0))
        for below, up_to in steps
    ]
    return np.mean(parts, axis=0) if parts else np.zeros(bins)


def all_page(
    results: pd.DataFrame, record: Sequence[RealCase], command: str, own: float = 0.0, more: Sequence[Chapter] = ()
) -> Page:
    """The page of all operations, those included that cannot be placed in time, with further chapters.

    Own is the standard deviation of the model's own error in levels, in logs; 0 where nobody knows it.
    """
    placed = [case for case in record if case.planted is not None]
    names = ", ".join(marked(case.title) for case in record if case.planted is None) or "none"
    missing = f"Not placed, since neither the group's first day nor the opening is on record: {names}."
    coverage, each = (TEXTS[key].format(few=FEWEST[NARROW], many=FEWEST[WIDE]) for key in ("coverage", "each"))
    figures = (Exhibit("PIT histogram", "cases_pit"), Exhibit("Intervals", "cases_intervals"))
    sections = (
        Chapter("What was asked", TEXTS["asked"].format(number=len(placed), worlds=results["seed"].nunique())),
        Chapter("Coverage of predictive intervals", f"{coverage}\n\n{_coverage(results, placed, own)}", figures),
        Chapter("Each operation", f"{each}\n\n{_operations(results, placed)}\n\n{missing}"),
        Chapter("What it rests on", f"{TEXTS['limits']}\n{TEXTS['operations']}"),
        *more,
    )
    title = "Operations on record, as the model expected them"
    return Page(title, _sentences(results, placed, own), sections=sections, manifest=made_by(command))


def _sentences(results: pd.DataFrame, placed: Sequence[RealCase], own: float) -> tuple[str, str, str]:
    """The answer on all operations that were set in the model, plain text, from results under the law as it was."""
    held = [_held(results, placed, measure, label, own) for measure, label in MEASURES.items()]
    shares = np.array([acted_share(results, case) for case in placed])
    return (
        f"Operations on record ({len(placed)}) were set in {counted(results['seed'].nunique(), 'world')} of the model "
        "under the law of their days.",
        f"The model's 80 % intervals{', its own error included,' if own else ''} "
        f"hold {listing([words for words in held if words])}."
        if any(held)
        else "Too few groups were taken down in the model to compare anything with the record.",
        f"Brackets hold chance; the model takes {100 * np.nanmean(shares):.0f} % of these groups down, "
        "in reality all were, since the record holds successes alone.",
    )


def _held(results: pd.DataFrame, placed: Sequence[RealCase], measure: str, label: str, own: float) -> str:
    """How many operations the 80 % interval of a measure holds, with the exact interval of that share."""
    enough = expectations(results, placed, measure)
    hits = sum(holds(entry, NARROW, own) for entry in enough)
    low, high = (100.0 * end for end in share_interval(hits, len(enough)))
    return f"{hits} of {len(enough)} for {label} ({low:.0f} to {high:.0f} %)" if enough else ""


def _coverage(results: pd.DataFrame, cases: Sequence[RealCase], own: float) -> str:
    """Coverage of the nominal intervals by measure, without the model's own error and with it."""
    rows = []
    for measure, label in MEASURES.items():
        known = expectations(results, cases, measure)
        cells = []
        for error, probability in product((0.0, own) if own else (0.0,), FEWEST):
            enough = [entry for entry in known if entry.has(probability)]
            hits = sum(holds(entry, probability, error) for entry in enough)
            low, high = share_interval(hits, len(enough))
            share = share_in_words(hits / max(len(enough), 1))
            span = f"{hits} of {len(enough)}: {share} ({100 * low:.0f}–{100 * high:.0f} %)"
            cells.append(span if enough else "too few draws")
        percentiles = np.array([entry.percentile for entry in known])
        below, middle = (percentiles < 50.0).sum(), np.median(percentiles) if known else float("nan")
        rows.append([label, str(len(known)), *cells, f"{middle:.0f}", f"{below} of {len(known)}"])
    nominal = [f"{100 * probability:.0f} % interval holds" for probability in FEWEST]
    nominal += [f"{words}, own error included" for words in nominal] if own else []
    head = ["", "operations", *nominal, "median percentile", "below the middle"]
    return markdown_table(head, rows)


def _operations(results: pd.DataFrame, cases: Sequence[RealCase]) -> str:
    """One row per operation: how often the model acts, then record, median and percentile by measure."""
    rows = []
    for case in cases:
        draws, cells = len(taken_down(results, case)), []
        for entry in (expectation(results, case, measure) for measure in MEASURES):
            if np.isnan(entry.recorded) or not entry.draws.size:
                cells.append("–")
                continue
            mark = "" if entry.draws.size >= FEWEST[NARROW] else " *"
            cells.append(f"{entry.recorded:.0f} / {np.median(entry.draws):.0f} ({entry.percentile:.0f}){mark}")
        share = share_in_words(acted_share(results, case))
        rows.append([marked(case.title), f"{case.acted:%Y}", share, str(draws), *cells])
    head = ["operation", "year", "taken down", "draws", *MEASURES.values()]
    return markdown_table(head, rows, {1, 2, 3, 4, 5, 6})


def all_figures(results: pd.DataFrame, record: Sequence[RealCase], command: str) -> dict[str, Figure]:
    """Figures of all operations, by name."""
    drawn = {"cases_pit": _pit(results, record, command), "cases_intervals": _intervals(results, record, command)}
    with styled():
        return {name: rows.draw() for name, rows in drawn.items()}


def _pit(results: pd.DataFrame, cases: Sequence[RealCase], command: str) -> Rows:
    """PIT histogram of each measure, flat for a model that is right, and the central 95 % of chance in one bin."""
    panels = []
    for measure, label in MEASURES.items():
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
    return Rows(Caption.of("cases", "pit", command), panels, names, MODEL, {}, (10.5, 3.6))


def _intervals(results: pd.DataFrame, cases: Sequence[RealCase], command: str) -> Rows:
    """One row per operation: predictive intervals and what happened, for each measure."""
    shown = [case for case in cases if any(expectation(results, case, measure).has() for measure in MEASURES)]
    panels = []
    for measure, label in MEASURES.items():
        found = [expectation(results, case, measure) for case in shown]
        panels.append(panel(label, [mark for row, entry in enumerate(found) for mark in _expected(entry, row)]))
    return Rows(
        Caption.of("cases", "intervals", command),
        panels,
        [f"{case.title} ({case.acted:%Y})" for case in shown],
        _LOOKS,
        _NAMES,
        (11.0, 2.0 + 0.24 * len(shown)),
        places=dict.fromkeys(_LOOKS, 0.0),
    )


def _expected(entry: Expectation, row: int) -> Sequence[Mapping[str, object]]:
    """The intervals of one operation, and its record."""
    if not entry.has():
        return []
    widest = WIDE if entry.has(WIDE) else NARROW
    (inner, upper), (low, high) = central(entry.draws, NARROW), central(entry.draws, widest)
    model = {"row": row, "series": "model", "value": float(np.median(entry.draws))}
    happened = {"row": row, "series": "inside" if holds(entry, widest) else "outside", "value": entry.recorded}
    return [model | {"start": low, "end": high, "inner_start": inner, "inner_end": upper}, happened]


def chapter(results: pd.DataFrame, case: RealCase) -> Chapter:
    """The chapter of one case."""
    text = (f"`comity case {case.key}` {in_time(case)}", happened(results, case), under_each_law(results, case))
    return Chapter(case.title, "\n\n".join(text), (exhibit(case, f"case_{case.key}_"),))


if __name__ == "__main__":
    wanted = asked(COMMAND, seeds=50, seeds_of_all=50)  # no seeds leave out cases with a file
    console, record = Console(stderr=True), operations()
    options = CaseOptions(wanted.seeds_of_all, 1, wanted.workers, KEPT, COMMAND)
    placed = tuple(case for case in record if case.planted is not None)
    results = simulated(placed, (Law.AS_IT_WAS,), options, console)
    figures, sections = all_figures(results, record, COMMAND), []
    options = CaseOptions(wanted.seeds, 1, wanted.workers, KEPT, COMMAND)
    for key in case_files() if wanted.seeds else ():
        case = load_case(key)
        found = simulated((case,), tuple(Law), options, console)
        sections.append(chapter(found, case))
        figures |= {f"case_{key}_{name}": figure for name, figure in case_figures(found, case, COMMAND).items()}
    more = [*sections, Chapter("Other law", TEXTS["laws"])] if sections else []
    own = sets_of_today(1).own_error.levels
    text = markdown_of(all_page(results, record, COMMAND, 0.0 if isnan(own) else own, more))
    (DOCS / "cases.md").write_text(text, encoding="utf-8")
    with styled():
        for name, figure in figures.items():
            save(figure, DOCS / "figures", name)
