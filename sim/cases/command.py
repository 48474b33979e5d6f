"""`comity case`: one operation on record under the law of its days and other law, or all of them."""

import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console
from rich.text import Text

from sim.calibration.ensemble import sets_of_today
from sim.cases.expected import frame_of
from sim.cases.figures import intervals_figure, laws_figure, pit_figure
from sim.cases.other_law import Law
from sim.cases.page import all_page, case_page
from sim.cases.reading import CaseResult
from sim.cases.real_case import RealCase, load_case, operations
from sim.cases.run import CaseTask, run_plainly
from sim.experiments import store
from sim.experiments.control import OnProgress
from sim.experiments.jobs import conduct_jobs
from sim.experiments.manifest import code_version
from sim.report.page.parts import Page, write_page
from sim.report.style import save, styled
from sim.results.codebook import write_csv
from sim.world.parameters import Parameters

#: Worlds of one case and of all, each with a parameter set of its own, and groups that stand for a case in each of
#: them: what a few minutes allow.
SEEDS, COPIES = 50, 4
SEEDS_OF_ALL, COPIES_OF_ALL = 50, 4


@dataclass(frozen=True)
class CaseOptions:
    """How a command runs cases.

    Attributes:
        seeds: number of worlds.
        first_seed: of the first.
        workers: worker processes, 1 or more.
        results: folder under which the report's folder is made.
        command: as typed.
        quiet: no progress bar.
        progress: called with the number of worlds that are done and of all worlds; None for nobody.
    """

    seeds: int
    first_seed: int
    workers: int
    results: Path
    command: str
    quiet: bool = False
    progress: OnProgress | None = None


def tasks_of(cases: tuple[RealCase, ...], laws: tuple[Law, ...], options: CaseOptions) -> list[CaseTask]:
    """One world for each seed, under a parameter set of its own, with many copies of a case that is alone in it."""
    copies, sets = COPIES if len(cases) == 1 else COPIES_OF_ALL, sets_of_today(options.first_seed)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    return [CaseTask(cases, seed, copies, laws, parameters=sets.parameters(Parameters(), seed)) for seed in seeds]


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
    found = conduct_jobs(
        run_plainly, tasks, folder, many, console, label="Worlds", quiet=options.quiet, progress=informed
    )
    return frame_of(CaseResult(**row | {"law": Law(row["law"])}) for rows in found.values() for row in rows)


def unfinished(cases: tuple[RealCase, ...], laws: tuple[Law, ...], results: Path) -> Path:
    """Folder of worlds that are done until their report is written: the same for the same cases and law."""
    return results / f".unfinished-cases-{_digest((cases, laws))}"


def _digest(value: object) -> str:
    """A short name of a value that prints all that it holds."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:10]


def placed(cases: Sequence[RealCase]) -> tuple[RealCase, ...]:
    """Those whose group can be placed in time."""
    return tuple(case for case in cases if case.planted is not None)


def one_case(word: str, options: CaseOptions, console: Console) -> Path:
    """Runs one case and writes its report.

    Raises:
        InputError: there is no such case, or its file has mistakes.
    """
    case, began = load_case(word), time.monotonic()
    results = simulated((case,), tuple(Law), options, console)
    page, figures = case_page(results, case, options.command), case_figures(results, case, options.command)
    place = _write(f"case-{case.key}", page, figures, results, options, console, began)
    shutil.rmtree(unfinished((case,), tuple(Law), options.results), ignore_errors=True)
    return place


def case_figures(results: pd.DataFrame, case: RealCase, command: str) -> dict[str, Figure]:
    """Figures of one case, by name."""
    with styled():
        return {"laws": laws_figure(results, case, command).draw()}


def all_cases(options: CaseOptions, console: Console) -> Path:
    """Runs all operations on record and writes their report."""
    record, began = operations(), time.monotonic()
    results = simulated(placed(record), (Law.AS_IT_WAS,), options, console)
    page = all_page(results, record, options.command)
    place = _write("cases", page, all_figures(results, record, options.command), results, options, console, began)
    shutil.rmtree(unfinished(placed(record), (Law.AS_IT_WAS,), options.results), ignore_errors=True)
    return place


def all_figures(results: pd.DataFrame, record: Sequence[RealCase], command: str) -> dict[str, Figure]:
    """Figures of all operations, by name."""
    with styled():
        return {
            "cases_pit": pit_figure(results, record, command).draw(),
            "cases_intervals": intervals_figure(results, record, command).draw(),
        }


def _write(
    name: str,
    page: Page,
    figures: dict[str, Figure],
    results: pd.DataFrame,
    options: CaseOptions,
    console: Console,
    began: float,
) -> Path:
    """The folder of a report: summary, figures, the results of every world, and what made them."""
    made = {
        "command": options.command,
        "code": code_version(),
        "seeds": [options.first_seed, options.first_seed + options.seeds - 1],
        "groups": len(results) // results["law"].nunique(),
    } | {"wall_seconds": round(time.monotonic() - began, 1)}
    with store.writing(options.results, store.run_name(name)) as run:
        with styled():
            for kind, figure in figures.items():
                save(figure, run.folder / store.FIGURES, kind)
        write_csv(results, run.folder / "cases.csv")
        (run.folder / store.MANIFEST).write_text(json.dumps(made, indent=2, ensure_ascii=False), encoding="utf-8")
        write_page(page, run.folder)
    console.print(Text("\n".join(page.answer)))
    console.print(Text(f"Report: {run.place / store.REPORT}"), soft_wrap=True)
    return run.place
