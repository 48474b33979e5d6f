"""Writes what a command found: tables, figures and summary, in a folder that appears when it is whole."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sim.experiments import store
from sim.experiments.conduct import Conducted
from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.experiments.manifest import manifest
from sim.experiments.progress import counting
from sim.law.order import LegalOrder
from sim.measures.outcomes import outcome
from sim.report.draw import FIGURES, draw_all
from sim.report.files import write_tables, write_texts
from sim.report.story import Story
from sim.report.words import interval

_HEADLINES = ("executed_within_12_months", "turnaround_median", "takedown_rate")


def publish(
    experiment: Experiment,
    design: Design,
    conducted: Conducted,
    name: str,
    write: Callable[[Story, Sequence[str]], str],
    console: Console,
) -> Path:
    """Writes the folder of a design that has been carried out.

    Args:
        experiment: what the user asked for.
        design: what was run.
        conducted: what came of it.
        name: start of the folder's name.
        write: writes the summary from a story and the names of its figures.
        console: where the headline is told.

    Returns:
        The results folder.
    """
    story = Story(experiment, design, conducted.results, conducted.failures, LegalOrder.load().states)
    with store.writing(experiment.results, store.run_name(name)) as run:
        _write(run.folder, story, conducted, write, console)
    conducted.keeper.remove()
    _tell(story, run.place, console)
    return run.place


def _write(
    folder: Path,
    story: Story,
    conducted: Conducted,
    write: Callable[[Story, Sequence[str]], str],
    console: Console,
) -> None:
    """All files of a run."""
    quiet = story.experiment.quiet
    with counting(console, "Writing tables and figures", len(FIGURES) + 1, quiet) as advance:
        write_tables(folder, story)
        conducted.keeper.move_events(folder / store.EVENTS)
        advance(1)
        figures = draw_all(story, folder / store.FIGURES, advance)
    made = manifest(story.experiment, story.design, story.failures, conducted.seconds, conducted.peak_memory)
    write_texts(folder, story, write(story, figures), made)


def _tell(story: Story, place: Path, console: Console) -> None:
    """The headline as a table, and where the rest is."""
    table = Table("", *(f"{outcome(key).title} ({outcome(key).unit})" for key in _HEADLINES))
    for scenario in story.scenarios:
        cells = (interval(story.level(scenario, key), outcome(key).unit) for key in _HEADLINES)
        table.add_row(story.title[scenario], *cells)
    console.print(table)
    for failure in story.failures:
        console.print(f"[red]{failure.text}[/red]")
    console.print(f"Summary: {place / store.SUMMARY}", soft_wrap=True)
