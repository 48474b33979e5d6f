"""`comity case`: one operation on record under the law of its days and other law, with its figure."""

import hashlib
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from rich.console import Console
from rich.text import Text

from sim.calibration.ensemble import sets_of_today
from sim.cases.page import MEASURES, case_page, expectation, frame_of, share_interval
from sim.cases.real_case import RealCase
from sim.cases.run import NAMES, CaseTask, Law, run_case
from sim.experiments import store
from sim.experiments.control import OnProgress
from sim.experiments.executors import conduct_jobs
from sim.experiments.manifest import code_version
from sim.report.figures.rows import Panel, Rows
from sim.report.page.parts import write_manifest, write_page
from sim.report.style import BLUE, VERMILLION, Caption, per_cent, plain, save, styled
from sim.results.codebook import write_csv
from sim.world.parameters import Parameters

MODEL = {"model": (BLUE, "-", "o")}
_SPREAD = {"start": 0.1, "inner_start": 0.25, "value": 0.5, "inner_end": 0.75, "end": 0.9}


def case_figures(results: pd.DataFrame, case: RealCase, command: str) -> dict[str, Figure]:
    """Figures of one case, by name: `laws` has the share taken down and the spread of each measure, a row per law."""
    rows, shares = results[(results["case"] == case.key) & results["applies"]], []
    for row, law in enumerate(Law):
        acted = rows.loc[rows["law"] == str(law), "acted"]
        low, high = share_interval(int(acted.sum()), len(acted))
        shares.append({"row": row, "series": "model", "value": float(acted.mean()), "start": low, "end": high})
    panels = [panel("share of groups taken down", shares, per_cent)]
    for measure, label in MEASURES.items():
        found = [expectation(results, case, measure, law) for law in Law]
        marks = [
            {"row": row, "series": "model"} | {name: np.quantile(entry.draws, part) for name, part in _SPREAD.items()}
            for row, entry in enumerate(found)
            if entry.draws.size
        ]
        panels.append(panel(label, marks, recorded=found[0].recorded))
    drawn = Rows(
        Caption.of("cases", "laws", command, case=case.title),
        panels,
        [NAMES[law] for law in Law],
        MODEL,
        {"model": "share; median"},
        (12.0, 4.4),
        further={"on record": Line2D([], [], color=VERMILLION, linestyle="--")},
    )
    with styled():
        return {"laws": drawn.draw()}


def panel(
    label: str, marks: Sequence[Mapping[str, object]], ticks: object = plain, recorded: float | None = None
) -> Panel:
    """One measure, from zero on, with what is on record; arrests are far apart."""
    table = pd.DataFrame(marks, columns=["row", "series", *_SPREAD])
    ends = [1.0 if ticks is per_cent else 0.0, *table["end"].dropna(), *table["value"].dropna(), recorded or 0.0]
    lines = () if recorded is None else ((recorded, VERMILLION, "--"),)
    scale, low = ("symlog", -0.2) if label == MEASURES["all_arrests"] else ("linear", 0.0)
    return Panel("", label, table, (low, 1.05 * max(ends) or 1.0), lines, ticks=ticks, scale=scale)


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
    """Cases in many worlds, as `frame_of` gives them, in order of seed."""
    tasks = {f"seed {task.seed}, {_digest(task.parameters)}": task for task in tasks_of(cases, laws, options)}
    folder, many, informed = _unfinished(cases, laws, options.results), options.workers, options.progress
    found = conduct_jobs(run_case, tasks, folder, many, console, label="Worlds", quiet=options.quiet, progress=informed)
    return frame_of(row for rows in found.values() for row in rows)


def _unfinished(cases: tuple[RealCase, ...], laws: tuple[Law, ...], results: Path) -> Path:
    """Folder of worlds that are done until their report is written: the same for the same cases and law."""
    return results / f".unfinished-cases-{_digest((cases, laws))}"


def _digest(value: object) -> str:
    """A short name of a value that prints all that it holds."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:10]


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
    shutil.rmtree(_unfinished((case,), laws, options.results), ignore_errors=True)
    console.print(Text("\n".join(page.answer)))
    console.print(Text(f"Report: {run.place / store.REPORT}"), soft_wrap=True)
    return run.place, results
