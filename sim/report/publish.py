"""Writes what a command found: tables, figures and summary, in a folder that appears when it is whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from sim.experiments import store
from sim.experiments.conduct_design import Conducted
from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.experiments.execution import Executor
from sim.experiments.executors import executor
from sim.experiments.manifest import manifest
from sim.experiments.progress import counting
from sim.law.order import legal_order
from sim.measures.outcomes import outcome
from sim.policy.problem import printable
from sim.report import unmoved
from sim.report.draw import FIGURES, Draw, draw_all
from sim.report.files import write_tables, write_texts
from sim.report.story import Story
from sim.report.words import level

_HEADLINES = ("executed_within_12_months", "turnaround_median", "takedown_rate")


def levels(story: Story) -> Table:
    """The headline of a run or a comparison, for a terminal."""
    table = Table(Column("", overflow="fold"), *(f"{outcome(key).title} ({outcome(key).unit})" for key in _HEADLINES))
    for scenario in story.scenarios:
        cells = (level(story.level(scenario, key), outcome(key)) for key in _HEADLINES)
        table.add_row(Text(story.title[scenario]), *cells)
    return table


@dataclass(frozen=True)
class Publication:
    """How a command tells what it found.

    Attributes:
        name: start of the results folder's name.
        summary: writes summary.md from a story and the names of its figures.
        figures: what is drawn, by file name.
        overview: the headline for a terminal.
    """

    name: str
    summary: Callable[[Story, Sequence[str]], str]
    figures: Mapping[str, Draw] = field(default_factory=lambda: FIGURES)
    overview: Callable[[Story], Table] = levels


def publish(
    experiment: Experiment, design: Design, conducted: Conducted, publication: Publication, console: Console
) -> Path:
    """Writes the folder of a design that has been carried out.

    Args:
        experiment: what the user asked for.
        design: what was run.
        conducted: what came of it.
        publication: how it is told.
        console: where the headline is told.

    Returns:
        The results folder.
    """

    @cache
    def told() -> Story:
        """Read while those who save figures start."""
        return Story(experiment, design, conducted.results, conducted.failures, legal_order().states)

    with store.writing(experiment.results, store.run_name(publication.name)) as run:
        figures = _draw(run.folder, told, experiment, conducted, publication, console)
        story = told()
        made = manifest(experiment, design, story.failures, conducted.seconds, conducted.peak_memory)
        write_texts(run.folder, story, publication.summary(story, figures), made)
    conducted.keeper.remove()
    console.print(publication.overview(story))
    for line in unmoved.lines(story):
        console.print(Text(line, "yellow"))
    for failure in story.failures:
        console.print(Text(printable(failure.text), "red"))
    console.print(Text(f"Summary: {run.place / store.SUMMARY}"), soft_wrap=True)
    return run.place


def _savers(experiment: Experiment, figures: int) -> Executor:
    """What saves figures: this process, or those of this machine where there are several; no more than figures."""
    several = experiment.executor == "processes" and experiment.workers > 1
    return executor(min(experiment.workers, figures), "processes" if several else "serial")


def _draw(
    folder: Path,
    told: Callable[[], Story],
    experiment: Experiment,
    conducted: Conducted,
    publication: Publication,
    console: Console,
) -> list[str]:
    """Tables and figures; returns the names of figures that were drawn."""
    total = len(publication.figures)
    with counting(console, "Writing tables and figures", total + 1, experiment.quiet) as advance:

        def write() -> None:
            """Tables, while others save figures."""
            write_tables(folder, told())
            conducted.keeper.move_events(conducted.tasks, folder / store.EVENTS)
            advance(1)

        savers = _savers(experiment, total)
        return draw_all(told, folder / store.FIGURES, advance, publication.figures, savers, write)
