"""`comity case`: compares a recorded operation with simulations under several kinds of law."""

import hashlib
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from rich.console import Console
from rich.text import Text
from scipy.stats import binomtest

from sim.calibration.ensemble import sets_of_today
from sim.cases.real_case import RealCase
from sim.cases.run import CaseTask, Law, run_case
from sim.experiments import store
from sim.experiments.control import OnProgress
from sim.experiments.engines import Engine
from sim.experiments.executors import conduct_jobs
from sim.experiments.manifest import code_version
from sim.experiments.seal import digest, summed
from sim.experiments.statistics import difference, mean
from sim.measures.arrays import Floats
from sim.report.figures.rows import Panel, Rows
from sim.report.marking import markdown_table, marked, texts
from sim.report.page.parts import Exhibit, Page, made_by, write_manifest, write_page
from sim.report.provenance import quoted
from sim.report.section import PageKind, chapters, section
from sim.report.style import BLUE, VERMILLION, Caption, plain, save, styled
from sim.report.style import per_cent as in_per_cent
from sim.results.codebook import write_csv
from sim.results.words import counted, per_cent, span
from sim.world.parameters import Parameters, WorldSpec

#: The measures compared, as text with units.
MEASURES = {"months": "months from opening to action", "states": "states that act", "all_arrests": "persons arrested"}
#: Fewest draws on which each interval may rest: with fewer, its ends would be the least and the greatest of them.
FEWEST = {0.80: 20, 0.95: 40}
NARROW, WIDE = FEWEST
TEXTS = texts("cases")
_PAGES = (PageKind.CASE,)
MODEL = {"model": (BLUE, "-", "o")}
_SPREAD = {"start": 0.1, "inner_start": 0.25, "value": 0.5, "inner_end": 0.75, "end": 0.9}
#: Groups that stand for a case in each world, which has a parameter set of its own: what a few minutes allow.
COPIES = 4


def share_interval(hits: int, number: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact (Clopper–Pearson) confidence interval of a share; 0 to 1 without trials."""
    interval = binomtest(hits, number).proportion_ci(confidence)
    return (float(interval.low), float(interval.high)) if number else (0.0, 1.0)


def central(draws: Floats, probability: float) -> tuple[float, float]:
    """Ends of the central interval that contains a given share of the simulated values."""
    tail = (1.0 - probability) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail], method="inverted_cdf")
    return float(low), float(high)


class Expectation(NamedTuple):
    """One measure of a recorded operation: its value on record, and simulated values."""

    draws: Floats  # float64, without NaN
    recorded: float  # what happened; NaN where the record does not say

    def has(self, probability: float = NARROW) -> bool:
        """True if there is a recorded value, and enough simulated values for an interval."""
        return not np.isnan(self.recorded) and self.draws.size >= FEWEST[probability]

    @property
    def step(self) -> tuple[float, float]:
        """Returns two shares of simulated values: below the recorded value, and at or below it."""
        return float((self.draws < self.recorded).mean()), float((self.draws <= self.recorded).mean())

    @property
    def percentile(self) -> float:
        """Percentile (0–100) of the recorded value among the simulated values; ties count half."""
        return 50.0 * sum(self.step)


def frame_of(results: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Table of simulated operations, one row each, including the number of arrests."""
    frame = pd.DataFrame(list(results))
    return frame.assign(all_arrests=frame["arrests"] + frame["client_arrests"])


def of_case(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> pd.DataFrame:
    """Rows of a case's simulations under one kind of law in which its group was there to be investigated."""
    return frame[(frame["case"] == case.key) & (frame["law"] == str(law)) & frame["applies"]]


def taken_down(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> pd.DataFrame:
    """Rows of a case's simulations in which the group was taken down."""
    return of_case(frame, case, law).query("acted")


def expectation(frame: pd.DataFrame, case: RealCase, measure: str, law: Law = Law.AS_IT_WAS) -> Expectation:
    """Compares the recorded value of one measure of a case with the case's simulations."""
    draws = taken_down(frame, case, law)[measure].to_numpy(dtype=np.float64)
    recorded = {"months": case.months, "states": case.states, "all_arrests": case.arrests}[measure]
    comparable = measure != "months" or case.opened is not None
    return Expectation(draws if comparable else draws[:0], np.nan if recorded is None else float(recorded))


def acted_share(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> float:
    """Share of a case's simulations in which the group was taken down; NaN without simulations."""
    return float(of_case(frame, case, law)["acted"].astype(float).mean())


def by_seed(frame: pd.DataFrame, case: RealCase, law: Law) -> Floats:
    """Share of a case's simulations in which the group was taken down, float64 [seed]."""
    rows = frame[(frame["case"] == case.key) & (frame["law"] == str(law))]
    shares = rows["acted"].where(rows["applies"]).astype(float).groupby(rows["seed"]).mean()
    return np.asarray(shares, np.float64)


class CaseView(NamedTuple):
    """Record and simulations of one case, from which the page is made."""

    results: pd.DataFrame  # as `frame_of` gives them
    case: RealCase


def case_page(results: pd.DataFrame, case: RealCase, command: str) -> Page:
    """Makes the page on a recorded operation from its simulations."""
    view, figures = CaseView(results, case), {"laws": exhibit(case)}
    sections = chapters(PageKind.CASE, view, lambda names: tuple(figures[name] for name in names))
    title = f"{case.title}: what the model expected"
    return Page(title, case_sentences(results, case), sections=sections, manifest=made_by(command))


@section("What was asked", 10, pages=_PAGES)
def case_asked(view: CaseView) -> str:
    """Paragraph on a case's dates, which also says that no parameter was fitted to the case."""
    return f"{in_time(view.case)} Nothing is fitted to the case."


@section("What happened, and where it falls", 20, pages=_PAGES)
def what_happened(view: CaseView) -> str:
    """Table of each measure of a case, on record and in simulations."""
    return happened(view.results, view.case)


@section("The same case under other law", 30, figures=("laws",), pages=_PAGES)
def other_law(view: CaseView) -> str:
    """Section on the share of groups taken down under each kind of law."""
    return f"{under_each_law(view.results, view.case)}\n\n{TEXTS['laws']}"


@section("What it rests on", 40, pages=_PAGES)
def case_rests(view: CaseView) -> str:
    """Section on a case's limits, sources, and facts recalled from memory."""
    case = view.case
    sources, recalled = ("; ".join(map(marked, case.sources)), ", ".join(map(marked, case.recalled)) or "nothing")
    return f"{TEXTS['limits']}\n- Sources: {sources}.\n- Recalled, not verified: {recalled}."


def exhibit(case: RealCase, prefix: str = "") -> Exhibit:
    """Figure of a case with its texts; the file name begins with `prefix`."""
    return Exhibit(f"{case.title} under its law and other law", f"{prefix}laws")


def in_time(case: RealCase) -> str:
    """Text on a recorded operation's dates, lead state, and kind of group."""
    opened = f"Opened {case.opened:%Y-%m-%d}" if case.opened else "No opening on record"
    began = f"The group was active since {case.active_since:%Y}. " if case.active_since else ""
    kind = case.kind.replace("_", " ")
    return f"{began}{opened}, action {case.acted:%Y-%m-%d}. Lead: {case.lead}. Kind of group: {kind}."


def happened(results: pd.DataFrame, case: RealCase) -> str:
    """Table of a case's measures: simulated intervals, recorded value, and percentile."""
    taken, groups, rows = taken_down(results, case), of_case(results, case), []
    for measure, label in MEASURES.items():
        draws, recorded = entry = expectation(results, case, measure)
        if draws.size:
            record = ("–", "–") if np.isnan(recorded) else (f"{recorded:.0f}", f"{entry.percentile:.0f}")
            rows.append([label, record[0], *_drawn(draws), record[1]])
    for column, label in (("arrests", "of them core members"), ("client_arrests", "of them affiliates, customers")):
        if len(taken):
            rows.append([label, "–", *_drawn(taken[column].to_numpy(np.float64)), "–"])
    head = ["", "record", "median", "80 %", "95 %", "percentile of record"]
    known = {True: "it was back within two years", False: "it was not back within two years", None: "not on record"}
    back = groups["returned"].dropna()
    seen = "none was taken down early enough to be seen again"
    if len(back):
        low, high = share_interval(int(back.sum()), len(back))
        seen = (
            f"{per_cent(back.mean())} of groups taken down were (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"
        )
    return (
        f"In {results['seed'].nunique()} worlds, {len(groups)} groups were there when the case opened; "
        f"{len(taken)} were taken down within five years of the recorded action ({per_cent(acted_share(results, case))}"
        f"). A percentile of 50 is the middle of what the model expected.\n\n{markdown_table(head, rows)}\n\n"
        f"Return: {known[case.returned]}; in the model {seen}."
    )


def _drawn(draws: Floats) -> list[str]:
    """Table cells with the median and intervals of simulated values."""
    cells = [f"{np.median(draws):.0f}"]
    for probability, few in FEWEST.items():
        low, high = central(draws, probability)
        cells.append(f"{low:.0f}–{high:.0f}" if draws.size >= few else "–")
    return cells


def case_sentences(results: pd.DataFrame, case: RealCase) -> tuple[str, str, str]:
    """Summary of a recorded operation in three sentences, from simulations under all kinds of law."""
    share = mean(by_seed(results, case, Law.AS_IT_WAS))
    low, high = (100.0 * min(max(end, 0.0), 1.0) for end in (share.low, share.high))
    ends = "" if np.isnan(share.low) else f" ({low:.0f} to {high:.0f} %)"
    return (
        f"“{case.title}” was set in {counted(results['seed'].nunique(), 'world')} of the model under the law of its "
        "days, and nothing is fitted to it.",
        f"The model takes {per_cent(share.value)}{ends} of such groups down within five years{_beside(results, case)}.",
        f"{_other_law(results, case)}; famous operations may have met larger groups than the model drew.",
    )


def _beside(results: pd.DataFrame, case: RealCase) -> str:
    """Clause that compares one recorded measure with its simulated values; empty if none is recorded."""
    for measure, label in MEASURES.items():
        draws, recorded = expectation(results, case, measure)
        if draws.size and not np.isnan(recorded):
            low, high = central(draws, NARROW)
            few = "" if draws.size >= FEWEST[NARROW] else f", from only {counted(draws.size, 'group')}"
            median = f"{recorded:.0f} on record, {np.median(draws):.0f} in the model"
            return f"; {label}: {median} (80 % of groups {low:.0f} to {high:.0f}{few})"
    return ""


def _other_law(results: pd.DataFrame, case: RealCase) -> str:
    """Clause on the kind of law that changes takedowns most; says so if no change is clear or can be compared."""
    base, changes = by_seed(results, case, Law.AS_IT_WAS), {}
    for law in Law:
        change = difference(by_seed(results, case, law), base)
        if law is not Law.AS_IT_WAS and not np.isnan(change.value):
            changes[TEXTS["names"][law]] = change
    if not changes:
        return "Other law cannot be compared"
    law, change = max(changes.items(), key=lambda item: (not item[1].includes_zero, abs(item[1].value)))
    size = span(*change[:3], "share")
    if np.isnan(change.low):
        return f"A single world says nothing about chance or other law ({law}: {100 * change.value:+.0f} points)"
    if change.includes_zero:
        return f"No other law changes that share by more than chance (largest: {law}, {size})"
    return f"Among other laws, {law} changes that share most: {size}"


def under_each_law(results: pd.DataFrame, case: RealCase) -> str:
    """Markdown table of a case's results, with a row per kind of law."""
    base, rows = by_seed(results, case, Law.AS_IT_WAS), []
    for law in Law:
        taken, change = taken_down(results, case, law), difference(by_seed(results, case, law), base)
        points = f"{100 * change.value:+.0f} ({100 * change.low:+.0f} to {100 * change.high:+.0f})"
        cells = [f"{taken[column].median():.0f}" if len(taken) else "–" for column in MEASURES]
        share, back = per_cent(acted_share(results, case, law)), per_cent(float(taken["returned"].mean()))
        rows.append(
            [TEXTS["names"][law], share, "–" if law is Law.AS_IT_WAS or np.isnan(change.low) else points, *cells, back]
        )
    head = ["law", "taken down", "change, points", "months, median", "states, median", "arrests, median", "returned"]
    return f"{TEXTS['other_law']}\n\n{markdown_table(head, rows)}"


def case_figures(results: pd.DataFrame, case: RealCase, command: str) -> dict[str, Figure]:
    """Figures of a recorded operation, by name."""
    shares = []
    for row, law in enumerate(Law):
        acted = of_case(results, case, law)["acted"]
        low, high = share_interval(int(acted.sum()), len(acted))
        shares.append({"row": row, "series": "model", "value": float(acted.mean()), "start": low, "end": high})
    panels = [panel("share of groups taken down", shares, in_per_cent)]
    for measure, label in MEASURES.items():
        expectations = [expectation(results, case, measure, law) for law in Law]
        marks = [
            {"row": row, "series": "model"} | {name: np.quantile(entry.draws, part) for name, part in _SPREAD.items()}
            for row, entry in enumerate(expectations)
            if entry.draws.size
        ]
        panels.append(panel(label, marks, recorded=expectations[0].recorded))
    drawn = Rows(
        Caption.of("cases", "laws", command, case=case.title),
        panels,
        list(TEXTS["names"].values()),
        MODEL,
        {"model": "share; median"},
        (12.0, 4.4),
        further={"on record": Line2D([], [], color=VERMILLION, linestyle="--")},
    )
    with styled():
        return {"laws": drawn.draw()}


def panel(
    label: str, marks: Sequence[Mapping[str, object]], ticks: object = plain, recorded: float = float("nan")
) -> Panel:
    """Makes a panel of one measure under each kind of law, with the value on record."""
    table = pd.DataFrame(marks, columns=["row", "series", *_SPREAD])
    known = [] if np.isnan(recorded) else [recorded]
    ends = [1.0 if ticks is in_per_cent else 0.0, *table["end"].dropna(), *table["value"].dropna(), *known]
    lines = [(value, VERMILLION, "--") for value in known]
    scale, low = ("symlog", -0.2) if label == MEASURES["all_arrests"] else ("linear", 0.0)
    return Panel("", label, table, (low, 1.05 * max(ends) or 1.0), lines, ticks=ticks, scale=scale)


@dataclass(frozen=True)
class CaseOptions:
    """Options of `comity case` and similar commands."""

    seeds: int  # number of worlds
    first_seed: int  # of the first
    workers: int  # worker processes, 1 or more
    results: Path  # folder under which the report's folder is made
    command: str  # as typed
    quiet: bool = False  # no progress bar
    # called with the number of worlds that are done and of all worlds; None for nobody
    progress: OnProgress | None = None
    engine: Engine | None = None  # what carries worlds out elsewhere than in processes of this machine
    spec: WorldSpec = field(default_factory=WorldSpec)  # of the worlds; each case has days of its own


def tasks_of(cases: tuple[RealCase, ...], laws: tuple[Law, ...], options: CaseOptions) -> list[CaseTask]:
    """Makes the tasks for simulating cases: one world per seed, with COPIES groups for each case."""
    sets, seeds = sets_of_today(), range(options.first_seed, options.first_seed + options.seeds)
    usual = Parameters()
    return [CaseTask(cases, seed, COPIES, laws, options.spec, sets.parameters(usual, seed)) for seed in seeds]


def simulated(
    cases: tuple[RealCase, ...], laws: tuple[Law, ...], options: CaseOptions, console: Console
) -> pd.DataFrame:
    """Simulates cases in many worlds; returns the table that `frame_of` describes."""
    tasks = {f"seed {task.seed}, {_digest(task.parameters)}": task for task in tasks_of(cases, laws, options)}
    folder, many, informed = _unfinished(cases, laws, options), options.workers, options.progress
    how: dict[str, Any] = {"quiet": options.quiet, "progress": informed, "engine": options.engine}
    results = conduct_jobs(run_case, tasks, folder, many, console, label="Worlds", **how)
    return frame_of(row for rows in results.values() for row in rows)


def _unfinished(cases: tuple[RealCase, ...], laws: tuple[Law, ...], options: CaseOptions) -> Path:
    """Folder that keeps the results of finished worlds until the report is written."""
    return options.results / f".unfinished-cases-{_digest((cases, laws, options.spec))}"


def _digest(value: object) -> str:
    """Short hash of a value, made from its text."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:10]


def one_case(case: RealCase, options: CaseOptions, console: Console) -> tuple[Path, pd.DataFrame]:
    """Simulates a recorded operation and writes its report; returns folder and results of the report.

    The folder holds summary, figures, the results, and what made them.
    """
    began, laws = time.monotonic(), tuple(Law)
    results = simulated((case,), laws, options, console)
    page, figures = case_page(results, case, options.command), case_figures(results, case, options.command)
    manifest: dict[str, Any] = {
        "command": options.command,
        "code": code_version(),
        "seeds": [options.first_seed, options.first_seed + options.seeds - 1],
        "groups": len(results) // results["law"].nunique(),
        "wall_seconds": round(time.monotonic() - began, 1),
    }
    with store.writing(options.results, store.run_name(f"case-{case.key}")) as run:
        with styled():
            for kind, figure in figures.items():
                save(figure, run.folder / store.FIGURES, kind)
        write_csv(results, run.folder / "cases.csv")
        manifest["digest"] = digest(summed(run.folder))
        write_manifest(manifest, run.folder)
        write_page(replace(page, manifest={**page.manifest, **quoted(manifest["digest"])}), run.folder)
    shutil.rmtree(_unfinished((case,), laws, options), ignore_errors=True)
    console.print(Text("\n".join(page.answer)))
    console.print(Text(f"Report: {run.place / store.REPORT}"), soft_wrap=True)
    return run.place, results
