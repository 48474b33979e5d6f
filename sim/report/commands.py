"""The commands that simulate: from an experiment to a finished results folder.

What draws and writes the report is read while workers simulate: it takes seconds that they need not wait for.
"""

from pathlib import Path

from rich.console import Console

from sim.experiments import store
from sim.experiments.conduct_design import Conducted, conduct
from sim.experiments.config import Experiment
from sim.experiments.design import Design, ablation, comparison, plain
from sim.policy.scenario import Scenario, catalogue, load

_RUNGS = "rungs"


def run_comparison(experiment: Experiment, console: Console) -> Path:
    """Compares the scenarios of `experiment` in paired replicates.

    Returns:
        The results folder, complete: outcomes, paired differences, figures and summary.md.

    Raises:
        InputError: If the results folder cannot be written.
        AllFailedError: If no replicate succeeded.
    """
    design = comparison(experiment, rungs())
    conducted = _conducted(experiment, design, console)
    from sim.report import summary
    from sim.report.publish import Publication, publish

    return publish(experiment, design, conducted, Publication("compare", summary.comparison), console)


def run_ablation(experiment: Experiment, console: Console) -> Path:
    """Compares the scenarios of `experiment` with every mechanism, and with each of its mechanisms left out.

    Returns:
        The results folder, complete: outcomes, differences, conclusions, figures and summary.md.

    Raises:
        InputError: If the results folder cannot be written.
        AllFailedError: If no replicate succeeded.
    """
    design = ablation(experiment)
    conducted = _conducted(experiment, design, console)
    from sim.report.ablation.overview import overview
    from sim.report.ablation.page import page
    from sim.report.draw import ABLATION_FIGURES
    from sim.report.publish import Publication, publish

    publication = Publication("ablate", page, ABLATION_FIGURES, overview)
    return publish(experiment, design, conducted, publication, console)


def run_regret(experiment: Experiment, console: Console) -> Path:
    """Compares ways to decide under one budget: the first scenario is the baseline, the second the one judged.

    Returns:
        The results folder, complete: outcomes, differences, regrets, a figure and summary.md.

    Raises:
        InputError: If the results folder cannot be written.
        AllFailedError: If no replicate succeeded.
    """
    design = plain(experiment)
    conducted = _conducted(experiment, design, console)
    from sim.report.draw import REGRET_FIGURES
    from sim.report.publish import Publication, publish
    from sim.report.regret.judged import overview
    from sim.report.regret.page import page

    return publish(experiment, design, conducted, Publication("regret", page, REGRET_FIGURES, overview), console)


def run_scenario(experiment: Experiment, console: Console) -> Path:
    """Runs the one scenario of `experiment` in all its replicates; the same folder, without differences.

    Raises:
        InputError: If the results folder cannot be written.
        AllFailedError: If no replicate succeeded.
    """
    design = plain(experiment)
    conducted = _conducted(experiment, design, console)
    from sim.report import summary
    from sim.report.publish import Publication, publish

    publication = Publication(f"run-{experiment.scenarios[0].key}", summary.run)
    return publish(experiment, design, conducted, publication, console)


def rungs() -> tuple[Scenario, ...]:
    """The scenarios between the bounds of the ladder."""
    return tuple(load(key) for key, path in catalogue().items() if path.parent.name == _RUNGS)


def _conducted(experiment: Experiment, design: Design, console: Console) -> Conducted:
    """Carries a design out once it is known that its results can be written."""
    store.check_writable(experiment.results)
    return conduct(experiment, design, console, _read_report)


def _read_report() -> None:
    """Imports what publishing needs."""
    import sim.report.publish
    import sim.report.summary  # noqa: F401
