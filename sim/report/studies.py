"""The commands that end in a report: from an experiment to a finished results folder.

What draws and writes the report is imported while workers simulate: it takes seconds that they need not wait for.
"""

from pathlib import Path

from rich.console import Console

from sim.experiments import store
from sim.experiments.conduct import Options, conduct
from sim.experiments.config import Experiment
from sim.experiments.control import alone
from sim.experiments.design import ablation, comparison, plain
from sim.experiments.identity import unfinished_folder
from sim.experiments.plan import Kind
from sim.policy.scenario import Scenario, catalogue, load

_RUNGS = "rungs"


def rungs() -> tuple[Scenario, ...]:
    """The scenarios between the bounds of the ladder."""
    return tuple(load(key) for key, path in catalogue().items() if path.parent.name == _RUNGS)


def report(experiment: Experiment, kind: Kind, console: Console) -> Path:
    """Conducts a study, or resumes it, and reports it.

    Args:
        experiment: what the user asked for. In a comparison of ways to decide, the first scenario is the baseline and
            the second the one that is judged.
        kind: run (one scenario, without differences), compare, ablate or regret.
        console: where progress and the headline are printed.

    Returns:
        The results folder, complete.

    Raises:
        InputError: If the results folder cannot be written.
        KeyboardInterrupt: somebody asked to stop; with a message.
        AllFailedError: If no run succeeded.
    """
    match kind:
        case Kind.COMPARE:
            design = comparison(experiment, rungs())
        case Kind.ABLATE:
            design = ablation(experiment)
        case _:
            design = plain(experiment, kind)
    store.check_writable(experiment.results)
    folder = unfinished_folder(experiment, design.plan)
    study, finished = conduct(
        experiment, design.plan, folder, Options(retry_failed=True), console, about={}, meanwhile=_import_report
    )
    from sim.report.publish import publish

    with alone(folder, "p"):
        return publish(experiment, design, study, finished, console)


def _import_report() -> None:
    """Imports what publishing needs."""
    import sim.report.publish  # noqa: F401
