"""The commands that end in a report: from an experiment to a finished results folder.

What draws and writes the report is imported while workers simulate: it takes seconds that they need not wait for.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console

from sim.experiments import store
from sim.experiments.conduct import Options, conduct
from sim.experiments.config import Experiment
from sim.experiments.control import alone
from sim.experiments.design import Design, ablation, comparison, plain
from sim.experiments.identity import unfinished_folder
from sim.experiments.plan import Kind
from sim.experiments.results import read_results
from sim.experiments.run import AllFailedError
from sim.policy.scenario import Scenario, catalogue, load
from sim.report.early import Answers, earlier

if TYPE_CHECKING:
    from sim.report.story import Story

_RUNGS = "rungs"


def rungs() -> tuple[Scenario, ...]:
    """The scenarios between the bounds of the ladder."""
    return tuple(load(key) for key, path in catalogue().items() if path.parent.name == _RUNGS)


def report(experiment: Experiment, kind: Kind, console: Console) -> Path:
    """Conducts a study, or resumes it, and reports it.

    Args:
        experiment: what the user asked for. In a comparison of ways to decide, the first scenario is the baseline and
            the second the one that is judged.
        kind: run (one scenario, without differences), compare, league, ablate or regret.
        console: where progress and the headline are printed.

    Returns:
        The results folder, complete.

    Raises:
        InputError: If the results folder cannot be written.
        KeyboardInterrupt: somebody asked to stop; with a message.
        AllFailedError: If no run succeeded.
    """
    design = design_of(experiment, kind)
    store.check_writable(experiment.results)
    folder = unfinished_folder(experiment, design.plan)
    answers = Answers(experiment, design, console) if kind is Kind.COMPARE else None
    options = Options(retry_failed=True)
    try:
        study, finished = conduct(
            experiment, design.plan, folder, options, console, about={}, meanwhile=_import_report, watch=answers
        )
    finally:
        if answers is not None:
            answers.close()
    from sim.report.publish import publish

    design = design.first(answers.worlds) if answers is not None else design
    with alone(folder, "p"):
        return publish(experiment, design, study, finished, console, earlier(experiment, study))


def story(experiment: Experiment, kind: Kind, console: Console) -> Story:
    """Conducts a study of which no folder remains.

    Args:
        experiment: what was asked for.
        kind: run, compare, league, ablate or regret.
        console: where progress is printed.

    Raises:
        KeyboardInterrupt: somebody asked to stop.
        AllFailedError: If no run succeeded.
    """
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
    match kind:
        case Kind.COMPARE:
            return comparison(experiment, rungs())
        case Kind.ABLATE:
            return ablation(experiment)
        case _:
            return plain(experiment, kind)


def _import_report() -> None:
    """Imports what publishing needs."""
    import sim.report.publish  # noqa: F401
