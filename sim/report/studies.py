"""The commands that end in a report: from an experiment to a finished results folder.

What draws and writes the report is imported while workers simulate: it takes seconds that they need not wait for.
"""

from pathlib import Path

from rich.console import Console

from sim.experiments import store
from sim.experiments.conduct import Options, conduct
from sim.experiments.config import Experiment
from sim.experiments.control import alone
from sim.experiments.design import Design, ablation, comparison, plain
from sim.experiments.identity import unfinished_folder
from sim.experiments.plan import Kind
from sim.policy.scenario import Scenario, catalogue, load

_RUNGS = "rungs"


def run_scenario(experiment: Experiment, console: Console) -> Path:
    """Runs the one scenario of an experiment in all its replicates: a report without differences."""
    return _reported(experiment, plain(experiment), console)


def run_comparison(experiment: Experiment, console: Console) -> Path:
    """Compares the scenarios of an experiment in paired replicates."""
    return _reported(experiment, comparison(experiment, rungs()), console)


def run_ablation(experiment: Experiment, console: Console) -> Path:
    """Compares the scenarios of an experiment with every mechanism, and with each of its mechanisms left out."""
    return _reported(experiment, ablation(experiment), console)


def run_regret(experiment: Experiment, console: Console) -> Path:
    """Compares ways to decide under one budget: the first scenario is the baseline, the second the one judged."""
    return _reported(experiment, plain(experiment, Kind.REGRET), console)


def rungs() -> tuple[Scenario, ...]:
    """The scenarios between the bounds of the ladder."""
    return tuple(load(key) for key, path in catalogue().items() if path.parent.name == _RUNGS)


def _reported(experiment: Experiment, design: Design, console: Console) -> Path:
    """Conducts a design, or resumes it, and reports it.

    Returns:
        The results folder, complete.

    Raises:
        InputError: If the results folder cannot be written.
        StoppedError: If somebody asked to stop.
        AllFailedError: If no run succeeded.
    """
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
