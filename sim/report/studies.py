"""The commands that end in a report: from an experiment to a finished results folder, with answers on the way.

What draws and writes the report is imported while workers simulate: it takes seconds that they need not wait for. The
report of the first worlds is written by a process of its own, so that no worker waits for it either.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from sim.experiments import store
from sim.experiments.conduct import Finished, Options, Precision, conduct
from sim.experiments.config import Experiment
from sim.experiments.control import alone
from sim.experiments.design import Design, ablation, comparison, plain
from sim.experiments.manifest import unfinished_folder
from sim.experiments.plan import Kind
from sim.experiments.processes import ProcessPool
from sim.experiments.results import read_results
from sim.experiments.run import AllFailedError
from sim.experiments.study import EARLY_REPORT, Study
from sim.experiments.worker import BatchResult, peak_memory
from sim.policy.problem import printable
from sim.policy.scenario import Scenario, catalogue, load

if TYPE_CHECKING:
    from sim.report.story import Story

#: Number of worlds after which an answer is given for the first time, and again each time that so many have been added.
FIRST_WORLDS = 20
#: A report of the first worlds is written where the others take at least this long, seconds: it takes time itself.
WORTH_SECONDS = 30.0


class Answers:
    """Shows the answer so far, and says when it is precise enough.

    A report of the first worlds is written where results are kept. `worlds` is the number of worlds of the answer: all
    that were asked for, or those that were enough.
    """

    def __init__(self, experiment: Experiment, design: Design, console: Console, *, kept: bool = True) -> None:
        self.worlds = design.plan.replicates
        self._experiment, self._design, self._console, self._kept = experiment, design, console, kept
        self._precision = Precision(experiment.until, design) if experiment.until else None
        self._study: Study | None = None
        self._report: _Report | None = None
        self._shown = self._at_first = 0
        self._begun = monotonic()
        self._added = False

    def begin(self, study: Study) -> None:
        """Meets the study."""
        self._study, self._begun = study, monotonic()
        if self._precision is not None:
            self._precision.begin(study)

    def add(self, result: BatchResult) -> None:
        """Takes note of what came of a batch."""
        self._added = True
        if self._precision is not None:
            self._precision.add(result.done)

    def look(self, worlds: int, write: Callable[[], None]) -> bool:
        """Prints the answer by so many worlds when it is time; returns whether they are enough."""
        if not self._added:
            self._at_first = worlds
        if self._precision is not None and (enough := self._precision.enough(worlds)):
            self.worlds = enough
            return True
        if self._report is not None:
            self._report.announce(self._console)
        if self._shown + FIRST_WORLDS <= worlds < self._design.plan.replicates:
            write()
            self._shown = worlds - worlds % FIRST_WORLDS
            self._answer(worlds)
        return False

    def _answer(self, worlds: int) -> None:
        """Prints the answer by the first worlds, and has their report written where that is worth while."""
        from sim.report.headline import sentences
        from sim.report.story import Story

        assert self._study is not None  # noqa: S101 - looks come after the beginning
        study = Study(self._study.folder, self._study.about)  # which reads its parts again
        design, planned = self._design, self._design.plan.replicates
        so_far = design.first(worlds, planned)
        bare = replace(so_far.plan, base=replace(so_far.plan.base, breakdowns=()))
        found = read_results(study, bare)
        if found.outcomes.empty:
            return
        shown = sentences(Story(self._experiment, so_far, found))
        most = f"at most {planned}" if self._experiment.until else str(planned)
        self._console.print(Text(f"After {worlds} of {most} worlds: {' '.join(shown)}"), soft_wrap=True)
        seconds = monotonic() - self._begun
        left = seconds / max(worlds - self._at_first, 1) * (planned - worlds)
        if self._kept and self._report is None and left >= WORTH_SECONDS and earlier(self._experiment, study) is None:
            finished = Finished(len(so_far.plan), 0, 0, 0, seconds, peak_memory(), stopped=False)
            alone = replace(self._experiment, progress=None, quiet=True, executor="serial", workers=1)
            self._report = _Report((alone, so_far, study.folder, study.about, finished))

    def close(self) -> None:
        """Ends what still writes a report of the first worlds."""
        if self._report is not None:
            self._report.announce(self._console)
            self._report.end(self._experiment.results)


def earlier(experiment: Experiment, study: Study) -> Path | None:
    """The folder of the report of a study's first worlds; None where there is none."""
    try:
        name = (study.folder / EARLY_REPORT).read_text("utf-8")
    except OSError:
        return None
    place = experiment.results / Path(name).name
    return place if name and place.is_dir() else None


#: A report of the first worlds, as the process that writes it takes it.
_Job = tuple[Experiment, Design, Path, Mapping[str, Any], Finished]


def _write(job: _Job) -> Path:
    """Writes the report, and into the study's folder where it is."""
    from sim.report.publish import write_report

    experiment, design, folder, about, finished = job
    silent = Console(file=StringIO(), quiet=True)
    place, _ = write_report(experiment, design, Study(folder, about), finished, silent)
    (folder / EARLY_REPORT).write_text(place.name, "utf-8")
    return place


class _Report:
    """A process that writes a report of the first worlds."""

    def __init__(self, job: _Job) -> None:
        self._pool = ProcessPool(1, _write, 1)
        self._pid = self._pool.processes[0].process.pid
        self._place: Future[Path] | None = self._pool.submit(job)

    def announce(self, console: Console) -> None:
        """Prints where the report is once it is there; that it failed costs the study nothing."""
        if self._place is None or not self._place.done():
            return
        try:
            console.print(Text(f"Report so far: {self._place.result() / store.REPORT}"), soft_wrap=True)
        except Exception as error:
            words = printable(f"{type(error).__name__}: {error}")
            console.print(Text(f"No report of the first worlds could be written ({words})", "yellow"), soft_wrap=True)
        self._place = None

    def end(self, results: Path) -> None:
        """Ends the process, and removes what it has not finished."""
        self._pool.close()
        for left in results.glob(f"{store.WRITING}*-{self._pid}*"):
            shutil.rmtree(left, ignore_errors=True)


def rungs() -> tuple[Scenario, ...]:
    """The scenarios between the bounds of the ladder."""
    return tuple(load(key) for key, path in catalogue().items() if path.parent.name == "rungs")


def report(experiment: Experiment, kind: Kind, console: Console) -> Path:
    """Conducts a study of any kind that ends in a report, or resumes it, and reports it; returns the complete folder.

    In a comparison of ways to decide, the first scenario is the baseline and the second the one that is judged.
    """
    design = design_of(experiment, kind)
    store.check_writable(experiment.results)
    folder = unfinished_folder(experiment, design.plan)
    answers = Answers(experiment, design, console) if kind is Kind.COMPARE else None
    options = Options(retry_failed=True)
    asked = experiment, design.plan, folder, options, console
    try:
        study, finished = conduct(*asked, about={}, meanwhile=_import_report, watch=answers)
    finally:
        if answers is not None:
            answers.close()
    from sim.report.publish import publish

    design = design.first(answers.worlds) if answers is not None else design
    with alone(folder, "p"):
        return publish(experiment, design, study, finished, console, earlier(experiment, study))


def story(experiment: Experiment, kind: Kind, console: Console) -> Story:
    """Conducts a study of which no folder remains."""
    from sim.report.story import Story

    design = design_of(experiment, kind)
    answers = Answers(experiment, design, console, kept=False) if kind is Kind.COMPARE else None
    with TemporaryDirectory(prefix="comity-") as folder:
        place, options = Path(folder), Options()
        try:
            study, finished = conduct(experiment, design.plan, place, options, console, about={}, watch=answers)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("stopped. Name a folder for results, and runs that are done are kept.") from None
        design = design.first(answers.worlds) if answers is not None else design
        results = read_results(study, design.plan, design.shown)
    if not finished.done:
        raise AllFailedError(list(results.failures))
    return Story(experiment, design, results)


def design_of(experiment: Experiment, kind: Kind) -> Design:
    """Which points, scenarios and seeds a kind of study runs."""
    if kind is Kind.COMPARE:
        return comparison(experiment, rungs())
    return ablation(experiment) if kind is Kind.ABLATE else plain(experiment, kind)


def _import_report() -> None:
    """Imports what publishing needs."""
    import sim.report.publish  # noqa: F401
