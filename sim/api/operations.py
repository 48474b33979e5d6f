"""`sim.case`: an operation on public record, under the law of its days and under other law."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.api.door import in_python
from sim.api.keywords import Progress, asked_for
from sim.api.results import Plots
from sim.api.scenario import TemporaryFolder
from sim.cases.command import CaseOptions, case_figures, one_case, simulated
from sim.cases.other_law import Law
from sim.cases.page import case_page, case_sentences
from sim.cases.real_case import load_case
from sim.data.load import check_files
from sim.experiments.config import cores
from sim.experiments.store import check_writable
from sim.report.page.parts import markdown_of

if TYPE_CHECKING:
    from sim.cases.real_case import RealCase


class CaseReplay:
    """An operation on record beside what the model expected.

    Attributes:
        outcomes: one row per law, world and planted group.
        folder: the results folder; None where nothing was kept.
    """

    def __init__(self, case: RealCase, outcomes: pd.DataFrame, command: str, folder: Path | None) -> None:
        self._case, self.outcomes, self.command, self.folder = case, outcomes, command, folder

    @cached_property
    def summary(self) -> str:
        """summary.md: the whole answer in Markdown."""
        return markdown_of(case_page(self.outcomes, self._case, self.command))

    @property
    def headline(self) -> str:
        """The answer in three sentences of plain text."""
        return "\n".join(case_sentences(self.outcomes, self._case))

    @property
    def plot(self) -> Plots:
        """The figure `laws`."""
        return Plots({"laws": lambda: case_figures(self.outcomes, self._case, self.command)["laws"]})

    def __repr__(self) -> str:
        place = f"\nResults: {self.folder}" if self.folder else ""
        return f"{self.headline}{place}"


@in_python
def case(
    name: str | os.PathLike[str],
    *,
    replicates: int = 50,
    seed: int = 1,
    workers: int = 0,
    results: str | Path | None = None,
    progress: Progress = "bar",
) -> CaseReplay:
    """Plants a group like the one on record in many worlds, and opens its case on the recorded day.

    Args:
        name: key of an operation with a file ("avalanche", "emotet"), or the path of such a file.
        replicates: number of worlds.
        seed: the first seed.
        workers: worker processes; 0 for one per core.
        results: folder in which a new folder of results is made; nothing is kept where None.
        progress: see `sim.run`; a function is called with the number of worlds that are done and of all worlds.

    Raises:
        InputError: a mistake in what was given.
    """
    asked = asked_for("case", [name], {"progress": progress}, {"--replicates": replicates, "--seed": seed})
    temporary = TemporaryFolder() if results is None else None
    place = temporary.path if temporary else Path(str(results))
    many = workers or cores()
    options = CaseOptions(replicates, seed, many, place, asked.command, asked.quiet, asked.progress)
    check_files()
    real = load_case(asked.names[0])
    if results is None:
        return CaseReplay(real, simulated((real,), tuple(Law), options, asked.console), asked.command, None)
    check_writable(place, "results")
    folder = one_case(asked.names[0], options, asked.console)
    return CaseReplay(real, pd.read_csv(folder / "cases.csv", float_precision="round_trip"), asked.command, folder)
