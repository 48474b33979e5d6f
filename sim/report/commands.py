"""The two commands that simulate: from an experiment to a finished results folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from sim.experiments import store
from sim.experiments.conduct import Conducted, conduct
from sim.experiments.config import Experiment
from sim.experiments.design import Design, comparison, plain
from sim.experiments.manifest import manifest
from sim.experiments.progress import counting
from sim.law.order import LegalOrder
from sim.policy.scenario import Scenario, catalogue, load
from sim.report import summary
from sim.report.draw import FIGURES, draw_all
from sim.report.files import write_tables, write_texts
from sim.report.story import Story
from sim.report.words import interval

_RUNGS = "rungs"
_HEADLINES = ("executed_within_12_months", "turnaround_median", "takedown_rate")


def run_comparison(experiment: Experiment, console: Console) -> Path:
    """Compares the scenarios of `experiment` in paired replicates.

    Returns:
        The results folder, complete: outcomes, paired differences, figures and summary.md.

    Raises:
        InputError: If the results folder cannot be written.
        AllFailedError: If no replicate succeeded.
    """
    design = comparison(experiment, rungs())
    return _publish(experiment, design, "compare", summary.comparison, console)


def run_scenario(experiment: Experiment, console: Console) -> Path:
    """Runs the one scenario of `experiment` in all its replicates; the same folder, without differences.

    Raises:
        InputError: If the results folder cannot be written.
        AllFailedError: If no replicate succeeded.
    """
    name = f"run-{experiment.scenarios[0].key}"
    return _publish(experiment, plain(experiment), name, summary.run, console)


def rungs() -> tuple[Scenario, ...]:
    """The scenarios between the bounds of the ladder."""
    return tuple(load(key) for key, path in catalogue().items() if path.parent.name == _RUNGS)


def _publish(
    experiment: Experiment,
    design: Design,
    name: str,
    write: Callable[[Story, Sequence[str]], str],
    console: Console,
) -> Path:
    """Runs a design and writes its folder, which appears only when it is whole."""
    store.check_writable(experiment.results)
    conducted = conduct(experiment, design, console)
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
    from rich.table import Table

    from sim.measures.outcomes import outcome

    table = Table("", *(f"{outcome(key).title} ({outcome(key).unit})" for key in _HEADLINES))
    for scenario in story.scenarios:
        cells = (interval(story.level(scenario, key), outcome(key).unit) for key in _HEADLINES)
        table.add_row(story.title[scenario], *cells)
    console.print(table)
    for failure in story.failures:
        console.print(f"[red]{failure.text}[/red]")
    console.print(f"Summary: {place / store.SUMMARY}", soft_wrap=True)
