"""Writes what a command found: tables, figures and summary, in a folder that appears when it is whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sim.experiments import store
from sim.experiments.conduct import Conducted
from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.experiments.execution import Executor
from sim.experiments.executors import executor
from sim.experiments.manifest import manifest
from sim.experiments.progress import counting
from sim.law.order import LegalOrder
from sim.measures.outcomes import outcome
from sim.report.draw import FIGURES, Draw, draw_all
from sim.report.files import write_tables, write_texts
from sim.report.story import Story
from sim.report.words import interval

_HEADLINES = ("executed_within_12_months", "turnaround_median", "takedown_rate")


def levels(story: Story) -> Table:
    """The headline of a run or a comparison, for a terminal."""
    table = Table("", *(f"{outcome(key).title} ({outcome(key).unit})" for key in _HEADLINES))
    for scenario in story.scenarios:
        cells = (interval(story.level(scenario, key), outcome(key).unit) for key in _HEADLINES)
        table.add_row(story.title[scenario], *cells)
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
    story = Story(experiment, design, conducted.results, conducted.failures, LegalOrder.load().states)
    with store.writing(experiment.results, store.run_name(publication.name)) as run:
        _write(run.folder, story, conducted, publication, console)
    conducted.keeper.remove()
    console.print(publication.overview(story))
    for failure in story.failures:
        console.print(f"[red]{failure.text}[/red]")
    console.print(f"Summary: {run.place / store.SUMMARY}", soft_wrap=True)
    return run.place


def _savers(experiment: Experiment) -> Executor:
    """What saves figures: processes of this machine, where the experiment has those."""
    return executor(experiment.workers if experiment.executor == "processes" else 1)


def _write(folder: Path, story: Story, conducted: Conducted, publication: Publication, console: Console) -> None:
    """All files of a run."""
    quiet = story.experiment.quiet
    with counting(console, "Writing tables and figures", len(publication.figures) + 1, quiet) as advance:

        def write() -> None:
            """Tables, while others save figures."""
            write_tables(folder, story)
            conducted.keeper.move_events(folder / store.EVENTS)
            advance(1)

        savers = _savers(story.experiment)
        figures = draw_all(story, folder / store.FIGURES, advance, publication.figures, savers, write)
    made = manifest(story.experiment, story.design, story.failures, conducted.seconds, conducted.peak_memory)
    write_texts(folder, story, publication.summary(story, figures), made)
