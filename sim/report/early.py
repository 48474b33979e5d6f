"""A comparison's answer while it runs: sentences from the twentieth world on, and a report of the first worlds.

The report is written by a process of its own, so that no worker waits for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.text import Text

from sim.experiments import store
from sim.experiments.conduct import Finished
from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.experiments.precision import Precision
from sim.experiments.processes import end_process, start_process
from sim.experiments.study import EARLY_REPORT, Study
from sim.experiments.worker import BatchResult, peak_memory
from sim.experiments.worker_process import Begun, read
from sim.policy.problem import printable

#: Number of worlds after which an answer is given for the first time, and again each time that so many have been added.
FIRST_WORLDS = 20
#: A report of the first worlds is written where the others take at least this long, seconds: it takes time itself.
WORTH_SECONDS = 30.0


class Answers:
    """Shows the answer so far, and says when it is precise enough.

    Args:
        experiment: what the user asked for.
        design: of the whole comparison.
        console: where answers are printed.
        kept: whether results are kept, and so a report of the first worlds.

    Attributes:
        worlds: number of worlds of the answer: all that were asked for, or those that were enough.
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
            self._precision.add(result.done, result.outcomes)

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
        from sim.experiments.results import read_results
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
        self._console.print(Text(f"After {worlds} of {self._most(planned)} worlds: {' '.join(shown)}"), soft_wrap=True)
        seconds = monotonic() - self._begun
        left = seconds / max(worlds - self._at_first, 1) * (planned - worlds)
        if self._kept and self._report is None and left >= WORTH_SECONDS and earlier(self._experiment, study) is None:
            finished = Finished(len(so_far.plan), 0, 0, 0, seconds, 0.0, peak_memory(), stopped=False)
            alone = replace(self._experiment, progress=None, quiet=True, executor="serial", workers=1)
            self._report = _Report.begun(_Job(alone, so_far, study.folder, study.about, finished))

    def _most(self, planned: int) -> str:
        """The number of worlds to come to, in words."""
        return f"at most {planned}" if self._experiment.until else str(planned)

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


@dataclass(frozen=True)
class _Job:
    """A report of the first worlds, as the process that writes it takes it."""

    experiment: Experiment
    design: Design
    folder: Path
    about: Mapping[str, Any]
    finished: Finished


def _write(job: _Job) -> Path:
    """Writes the report, and into the study's folder where it is."""
    from sim.report.publish import write_report

    silent = Console(file=StringIO(), quiet=True)
    study = Study(job.folder, job.about)
    place, _ = write_report(job.experiment, job.design, study, job.finished, silent)
    (job.folder / EARLY_REPORT).write_text(place.name, "utf-8")
    return place


@dataclass
class _Report:
    """A process that writes a report of the first worlds, and this end of its pipe; None once it has been heard."""

    process: Any
    pipe: Any

    @classmethod
    def begun(cls, job: _Job) -> _Report:
        """Starts it."""
        process, pipe = start_process(_write)
        pipe.send(job)
        return cls(process, pipe)

    def announce(self, console: Console) -> None:
        """Prints where the report is once it is there; that it failed costs the study nothing."""
        try:
            while self.pipe is not None and self.pipe.poll():
                message = self.pipe.recv()
                if not isinstance(message, Begun):
                    console.print(Text(f"Report so far: {read(message) / store.REPORT}"), soft_wrap=True)
                    self.pipe = None
        except Exception as error:
            self.pipe = None
            words = printable(f"{type(error).__name__}: {error}")
            console.print(Text(f"No report of the first worlds could be written ({words})", "yellow"), soft_wrap=True)

    def end(self, results: Path) -> None:
        """Ends the process, and removes what it has not finished."""
        end_process(self.process, 0.0 if self.pipe is not None else 5.0)
        for left in results.glob(f"{store.WRITING}*-{self.process.pid}*"):
            shutil.rmtree(left, ignore_errors=True)
