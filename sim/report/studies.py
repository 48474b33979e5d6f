"""The commands that end in a report: from an experiment to a finished results folder, with answers on the way.

What draws and writes the report is imported while workers simulate: it takes seconds that they need not wait for. The
report of the first worlds is written by a thread, which workers do not wait for either.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from sim.experiments import store
from sim.experiments.conduct import Finished, Options, Precision, conduct
from sim.experiments.config import Experiment
from sim.experiments.control import alone
from sim.experiments.design import Design, ablation, comparison, plain
from sim.experiments.manifest import unfinished_folder
from sim.experiments.plan import Kind
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
    """Shows the answer so far, has a report of the first worlds written, and says when there are worlds enough.

    `worlds` is the number of worlds of the answer: all that were asked for, or those that were enough.
    """

    def __init__(self, experiment: Experiment, design: Design, console: Console, *, kept: bool = True) -> None:
        self.worlds = design.plan.replicates
        self._experiment, self._design, self._console, self._kept = experiment, design, console, kept
        self._precision = Precision(experiment.until, design) if experiment.until else None
        self._study: Study | None = None
        self._early: Future[None] | None = None  # the report of the first worlds
        self._thread = ThreadPoolExecutor(1)  # that writes it
        self._shown, self._begun = 0, monotonic()

    def begin(self, study: Study) -> None:
        """Meets the study."""
        self._study, self._begun = study, monotonic()
        if self._precision is not None:
            self._precision.begin(study)

    def add(self, result: BatchResult) -> None:
        """Takes note of what came of a batch."""
        if self._precision is not None:
            self._precision.add(result.done)

    def look(self, worlds: int, write: Callable[[], None]) -> bool:
        """Prints the answer by so many worlds when it is time; returns whether they are enough."""
        if self._precision is not None and (enough := self._precision.enough(worlds)):
            self.worlds = enough
            return True
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
        planned = self._design.plan.replicates
        so_far = self._design.first(worlds, planned)
        found = read_results(study, replace(so_far.plan, base=replace(so_far.plan.base, breakdowns=())))
        if found.outcomes.empty:
            return
        shown = " ".join(sentences(Story(self._experiment, so_far, found)))
        most = f"at most {planned}" if self._experiment.until else str(planned)
        self._print(f"After {worlds} of {most} worlds: {shown}")
        seconds = monotonic() - self._begun
        worth = seconds * (planned - worlds) / worlds >= WORTH_SECONDS
        if self._kept and self._early is None and worth and earlier(self._experiment, study) is None:
            finished = Finished(len(so_far.plan), 0, 0, 0, seconds, peak_memory(), stopped=False)
            self._early = self._thread.submit(self._write, so_far, study, finished)

    def _write(self, so_far: Design, study: Study, finished: Finished) -> None:
        """Writes the report of the first worlds, and where it is; that it fails costs the study nothing."""
        from sim.report.publish import write_report

        silent = replace(self._experiment, progress=None, quiet=True), so_far, study, finished, Console(quiet=True)
        try:
            place, _ = write_report(*silent)
            (study.folder / EARLY_REPORT).write_text(place.name, "utf-8")
            self._print(f"Report so far: {place / store.REPORT}")
        except Exception as error:
            words = printable(f"{type(error).__name__}: {error}")
            self._print(f"No report of the first worlds could be written ({words})", "yellow")

    def _print(self, words: str, style: str = "") -> None:
        self._console.print(Text(words, style), soft_wrap=True)

    def close(self) -> None:
        """Waits for the report of the first worlds, if one is being written."""
        self._thread.shutdown()


def earlier(experiment: Experiment, study: Study) -> Path | None:
    """The folder of the report of a study's first worlds; None where there is none."""
    written = study.folder / EARLY_REPORT
    name = Path(written.read_text("utf-8")).name if written.is_file() else ""
    place = experiment.results / name
    return place if name and place.is_dir() else None


def rungs() -> tuple[Scenario, ...]:
    """The scenarios between the bounds of the ladder."""
    return tuple(load(key) for key, path in catalogue().items() if path.parent.name == "rungs")


def report(experiment: Experiment, kind: Kind, console: Console) -> Path:
    """Conducts a study of any kind that ends in a report, or resumes it, and reports it; returns the complete folder.

    The answer goes to standard output, unless the console is quiet. In a comparison of ways to decide, the first
    scenario is the baseline and the second the one that is judged.
    """
    design = design_of(experiment, kind)
    store.check_writable(experiment.results)
    folder = unfinished_folder(experiment, design.plan)
    design, study, finished = _conducted(experiment, design, folder, console, kept=True)
    from sim.report.publish import print_answer, publication, write_report
    from sim.report.sentences import unmoved_lines

    with alone(folder, "p"):
        if not finished.done:
            raise AllFailedError(list(read_results(study, design.plan).failures))
        place, found = write_report(experiment, design, study, finished, console, earlier(experiment, study))
        study.remove()
        if study.folder.exists():
            console.print(Text(printable(f"Other files are still in {study.folder}")), soft_wrap=True)
        for failure in found.results.failures:
            console.print(Text(printable(failure.text), "red"))
    print_answer(place, console.quiet, publication(kind, found).overview(found), *unmoved_lines(found))
    return place


def story(experiment: Experiment, kind: Kind, console: Console) -> Story:
    """Conducts a study of which no folder remains."""
    from sim.report.story import Story

    with TemporaryDirectory(prefix="comity-") as folder:
        try:
            asked = experiment, design_of(experiment, kind), Path(folder), console
            design, study, finished = _conducted(*asked, kept=False)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("stopped. Name a folder for results, and runs that are done are kept.") from None
        results = read_results(study, design.plan, design.shown)
    if not finished.done:
        raise AllFailedError(list(results.failures))
    return Story(experiment, design, results)


def _conducted(
    experiment: Experiment, design: Design, folder: Path, console: Console, *, kept: bool
) -> tuple[Design, Study, Finished]:
    """Conducts or resumes a study; returns it with the design of the worlds that were enough."""
    answers = Answers(experiment, design, console, kept=kept) if design.plan.kind is Kind.COMPARE else None
    asked = experiment, design.plan, folder, Options(retry_failed=True), console
    try:
        study, finished = conduct(*asked, about={}, meanwhile=_import_report, watch=answers)
    finally:
        if answers is not None:
            answers.close()
    return design.first(answers.worlds) if answers is not None else design, study, finished


def design_of(experiment: Experiment, kind: Kind) -> Design:
    """Which points, scenarios and seeds a kind of study runs."""
    if kind is Kind.COMPARE:
        return comparison(experiment, rungs())
    return ablation(experiment) if kind is Kind.ABLATE else plain(experiment, kind)


def _import_report() -> None:
    """Imports what publishing needs."""
    import sim.report.publish  # noqa: F401
