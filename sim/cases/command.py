"""`comity case`: one operation on record under the law of its days and other law; and figures of one or of all."""

import hashlib
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from rich.console import Console
from rich.text import Text

from sim.calibration.ensemble import sets_of_today
from sim.cases.page import (
    MEASURES,
    NOMINAL,
    Expectation,
    case_page,
    expectation,
    expectations,
    frame_of,
    pit_histogram,
    share_interval,
)
from sim.cases.real_case import RealCase
from sim.cases.run import NAMES, CaseTask, Law, run_case
from sim.experiments import store
from sim.experiments.control import OnProgress
from sim.experiments.executors import conduct_jobs
from sim.experiments.manifest import code_version
from sim.report.figures.rows import Panel, Rows
from sim.report.page.parts import write_manifest, write_page
from sim.report.style import BLACK, BLUE, ORANGE, VERMILLION, Caption, per_cent, plain, save, styled
from sim.results.codebook import write_csv
from sim.world.parameters import Parameters

PIT_BINS = 5
_MODEL = {"model": (BLUE, "-", "o")}
#: Look and name of what stands in the figure of all intervals.
_LOOKS = {"model": (BLUE, "-", "|"), "inside": (BLACK, "-", "o"), "outside": (ORANGE, "-", "D")}
_NAMES = {
    "model": "median; middle 80 % (thick) and 95 %",
    "inside": "on record, inside the widest interval shown",
    "outside": "on record, outside",
}
#: Axis of each measure: arrests are far apart.
_SCALES = {"all_arrests": "symlog"}


def laws_figure(results: pd.DataFrame, case: RealCase, command: str) -> Rows:
    """One row per kind of law: share taken down with its interval, and the spread of each measure."""
    rows = results[(results["case"] == case.key) & results["applies"]]
    shares = [_share(rows.loc[rows["law"] == str(law), "acted"], row) for row, law in enumerate(Law)]
    panels = [_panel("share of groups taken down", shares, per_cent)]
    for measure, label in MEASURES.items():
        found = [expectation(results, case, measure, law) for law in Law]
        marks = [_spread(entry, row) for row, entry in enumerate(found) if entry.draws.size]
        recorded = found[0].recorded
        panels.append(_panel(label, marks, recorded=recorded, scale=_SCALES.get(measure, "linear")))
    return Rows(
        Caption.of("cases", "laws", command, case=case.title),
        panels,
        [NAMES[law] for law in Law],
        _MODEL,
        {"model": "share; median"},
        (12.0, 4.4),
        further={"on record": Line2D([], [], color=VERMILLION, linestyle="--")},
    )


def _panel(
    label: str,
    marks: Sequence[Mapping[str, object]],
    ticks: object = plain,
    recorded: float | None = None,
    scale: str = "linear",
) -> Panel:
    """One measure, from zero on, with what is on record."""
    table = pd.DataFrame(marks, columns=["row", "series", "value", "start", "end", "inner_start", "inner_end"])
    ends = [1.0 if ticks is per_cent else 0.0, *table["end"].dropna(), *table["value"].dropna(), recorded or 0.0]
    lines = () if recorded is None else ((recorded, VERMILLION, "--"),)
    return Panel(
        "", label, table, (-0.2 if scale == "symlog" else 0.0, 1.05 * max(ends) or 1.0), lines, ticks=ticks, scale=scale
    )


def _share(acted: "pd.Series[bool]", row: int) -> Mapping[str, object]:
    """Share of groups taken down."""
    low, high = share_interval(int(acted.sum()), len(acted))
    return {"row": row, "series": "model", "value": float(acted.mean()), "start": low, "end": high}


def _spread(entry: Expectation, row: int) -> Mapping[str, object]:
    """Median, middle half, and 80 %."""
    names = ("start", "inner_start", "value", "inner_end", "end")
    return {"row": row, "series": "model"} | dict(
        zip(names, np.quantile(entry.draws, (0.1, 0.25, 0.5, 0.75, 0.9)).tolist(), strict=True)
    )


def pit_figure(results: pd.DataFrame, cases: Sequence[RealCase], command: str) -> Rows:
    """PIT histogram of each measure: flat for a model that is right."""
    panels = []
    for measure, label in MEASURES.items():
        steps = [entry.step for entry in expectations(results, cases, measure)]
        shares = pd.DataFrame({"row": range(PIT_BINS), "series": "model", "value": pit_histogram(steps, PIT_BINS)})
        title = f"{label} ({len(steps)} operations)"
        low, high = _by_chance(len(steps))
        span = (0.0, max(high, float(shares["value"].max())) or 1.0)
        lines = ((1.0 / PIT_BINS, "#444444", "--"),)
        table = shares.assign(start=np.nan, end=np.nan)
        panels.append(Panel(title, "share of operations", table, span, lines, (low, high), ticks=per_cent))
    edges = [100 * place // PIT_BINS for place in range(PIT_BINS + 1)]
    return Rows(
        Caption.of("cases", "pit", command),
        panels,
        [f"percentile {low} to {high}" for low, high in pairwise(edges)],
        _MODEL,
        {},
        (10.5, 3.6),
    )


def _by_chance(number: int) -> tuple[float, float]:
    """Central 95 % of the share of one bin, were all percentiles uniform."""
    from scipy.stats import binom

    low, high = (float(binom.ppf(tail, number, 1.0 / PIT_BINS)) / max(number, 1) for tail in (0.025, 0.975))
    return low, high


def intervals_figure(results: pd.DataFrame, cases: Sequence[RealCase], command: str) -> Rows:
    """One row per operation: predictive intervals and what happened, for each measure."""
    shown = [case for case in cases if any(expectation(results, case, measure).known for measure in MEASURES)]
    panels = []
    for measure, label in MEASURES.items():
        found = [expectation(results, case, measure) for case in shown]
        marks = [mark for row, entry in enumerate(found) for mark in _expected(entry, row)]
        panels.append(_panel(label, marks, scale=_SCALES.get(measure, "linear")))
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
    if not entry.known:
        return []
    narrow, wide = NOMINAL
    widest = wide if entry.has(wide) else narrow
    inner, outer = (dict(zip(("start", "end"), entry.span(one), strict=True)) for one in (narrow, widest))
    model = {"row": row, "series": "model", "value": float(np.median(entry.draws)), **outer}
    happened = {"row": row, "series": "inside" if entry.holds(widest) else "outside", "value": entry.recorded}
    return [model | {f"inner_{end}": value for end, value in inner.items()}, happened]


#: Groups that stand for a case in each world, which has a parameter set of its own: what a few minutes allow.
COPIES = 4


@dataclass(frozen=True)
class CaseOptions:
    """How a command runs cases."""

    seeds: int  # number of worlds
    first_seed: int  # of the first
    workers: int  # worker processes, 1 or more
    results: Path  # folder under which the report's folder is made
    command: str  # as typed
    quiet: bool = False  # no progress bar
    # called with the number of worlds that are done and of all worlds; None for nobody
    progress: OnProgress | None = None


def tasks_of(cases: tuple[RealCase, ...], laws: tuple[Law, ...], options: CaseOptions) -> list[CaseTask]:
    """One world for each seed, under a parameter set of its own, with many copies of a case that is alone in it."""
    sets, seeds = sets_of_today(options.first_seed), range(options.first_seed, options.first_seed + options.seeds)
    return [CaseTask(cases, seed, COPIES, laws, parameters=sets.parameters(Parameters(), seed)) for seed in seeds]


def simulated(
    cases: tuple[RealCase, ...], laws: tuple[Law, ...], options: CaseOptions, console: Console
) -> pd.DataFrame:
    """Cases in many worlds, as `frame_of` gives them, in order of seed.

    Raises:
        KeyboardInterrupt: somebody asked to stop; with a message.
        RuntimeError: a worker process died at every try.
    """
    tasks = {f"seed {task.seed}, {_digest(task.parameters)}": task for task in tasks_of(cases, laws, options)}
    folder, many, informed = unfinished(cases, laws, options.results), options.workers, options.progress
    found = conduct_jobs(run_case, tasks, folder, many, console, label="Worlds", quiet=options.quiet, progress=informed)
    return frame_of(row for rows in found.values() for row in rows)


def own_error() -> float:
    """The model's own error in levels, in logs; 0 where nobody knows it."""
    known = sets_of_today(1).own_error.levels
    return 0.0 if isnan(known) else known


def unfinished(cases: tuple[RealCase, ...], laws: tuple[Law, ...], results: Path) -> Path:
    """Folder of worlds that are done until their report is written: the same for the same cases and law."""
    return results / f".unfinished-cases-{_digest((cases, laws))}"


def _digest(value: object) -> str:
    """A short name of a value that prints all that it holds."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:10]


def placed(cases: Sequence[RealCase]) -> tuple[RealCase, ...]:
    """Those whose group can be placed in time."""
    return tuple(case for case in cases if case.planted is not None)


def one_case(case: RealCase, options: CaseOptions, console: Console) -> tuple[Path, pd.DataFrame]:
    """Runs one case and writes its report; gives its folder and the results of every world.

    The folder holds summary, figures, the results, and what made them.
    """
    began, laws = time.monotonic(), tuple(Law)
    results = simulated((case,), laws, options, console)
    page, figures = case_page(results, case, options.command), case_figures(results, case, options.command)
    made = {
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
        write_manifest(made, run.folder)
        write_page(page, run.folder)
    shutil.rmtree(unfinished((case,), laws, options.results), ignore_errors=True)
    console.print(Text("\n".join(page.answer)))
    console.print(Text(f"Report: {run.place / store.REPORT}"), soft_wrap=True)
    return run.place, results


def case_figures(results: pd.DataFrame, case: RealCase, command: str) -> dict[str, Figure]:
    """Figures of one case, by name."""
    with styled():
        return {"laws": laws_figure(results, case, command).draw()}


def all_figures(results: pd.DataFrame, record: Sequence[RealCase], command: str) -> dict[str, Figure]:
    """Figures of all operations, by name."""
    with styled():
        return {
            "cases_pit": pit_figure(results, record, command).draw(),
            "cases_intervals": intervals_figure(results, record, command).draw(),
        }
