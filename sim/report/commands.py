"""The two commands that simulate: from an experiment to a finished results folder."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from sim.experiments.config import Experiment


def run_comparison(experiment: "Experiment", console: "Console") -> Path:
    """Compare the scenarios of `experiment` in paired replicates.

    Returns:
        The results folder, complete: outcomes, paired differences, figures and summary.md.

    Raises:
        sim.experiments.store.ResultsError: If the results folder cannot be written.
        sim.experiments.failures.AllFailed: If no replicate succeeded.
    """
    raise NotImplementedError


def run_scenario(experiment: "Experiment", console: "Console") -> Path:
    """Run the one scenario of `experiment` in all its replicates; same folder, no differences."""
    raise NotImplementedError
