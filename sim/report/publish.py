"""Publishes a finished study: tables, figures and summary, in a folder that appears when it is whole."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from sim.experiments import store
from sim.experiments.conduct import Finished
from sim.experiments.config import Experiment
from sim.experiments.control import counting
from sim.experiments.design import Design
from sim.experiments.executors import executor
from sim.experiments.manifest import manifest
from sim.experiments.parts import EVENT_TABLES
from sim.experiments.plan import Kind
from sim.experiments.results import archive, read_results
from sim.experiments.run import AllFailedError
from sim.experiments.study import Study
from sim.measures.outcomes import outcome
from sim.policy.problem import printable
from sim.report import ablation, regret, summary, unmoved
from sim.report.draw import ABLATION_FIGURES, FIGURES, REGRET_FIGURES, Draw, draw_all
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
    """How a command reports what it found.

    Attributes:
        summary: writes summary.md from a story and the names of its figures.
        figures: what is drawn, by file name.
        overview: the headline for a terminal.
    """

    summary: Callable[[Story, Sequence[str]], str]
    figures: Mapping[str, Draw] = field(default_factory=lambda: FIGURES)
    overview: Callable[[Story], Table] = levels


def _publication(kind: Kind) -> Publication:
    """How a kind of study is reported."""
    match kind:
        case Kind.RUN:
            return Publication(summary.run)
        case Kind.ABLATE:
            return Publication(ablation.page, ABLATION_FIGURES, ablation.overview)
        case Kind.REGRET:
            return Publication(regret.page, REGRET_FIGURES, regret.overview)
        case _:
            return Publication(summary.comparison)


def publish(experiment: Experiment, design: Design, study: Study, finished: Finished, console: Console) -> Path:
    """Writes the folder of a study that is finished, and removes the unfinished one.

    Args:
        experiment: what the user asked for.
        design: what was run.
        study: the finished study.
        finished: how it was conducted.
        console: where the headline is printed.

    Returns:
        The results folder.

    Raises:
        AllFailedError: If no run succeeded.
    """

    @cache
    def story_of() -> Story:
        """Read while those who save figures start."""
        return Story(experiment, design, read_results(study, design.plan))

    if not finished.done:
        raise AllFailedError(list(read_results(study, design.plan).failures))
    kind = design.plan.kind
    publication = _publication(kind)
    name = f"{kind}-{design.scenarios[0].key}" if kind is Kind.RUN else str(kind)
    with store.writing(experiment.results, store.run_name(name)) as run:
        figures = _draw(run.folder, story_of, experiment, study, publication, console)
        story = story_of()
        made = manifest(experiment, design, story.failures, finished.seconds, finished.peak_memory)
        write_texts(run.folder, story, publication.summary(story, figures), made)
        archive(study, design.plan, run.folder)
    shutil.rmtree(study.folder)
    console.print(publication.overview(story))
    for line in unmoved.lines(story):
        console.print(Text(line, "yellow"))
    for failure in story.failures:
        console.print(Text(printable(failure.text), "red"))
    console.print(Text(f"Summary: {run.place / store.SUMMARY}"), soft_wrap=True)
    return run.place


def _draw(
    folder: Path,
    story_of: Callable[[], Story],
    experiment: Experiment,
    study: Study,
    publication: Publication,
    console: Console,
) -> list[str]:
    """Tables and figures; returns the names of figures that were drawn."""
    total = len(publication.figures)
    with counting(console, "Writing tables and figures", total + 1, experiment.quiet) as advance:

        def write() -> None:
            """Tables, while others save figures."""
            write_tables(folder, story_of())
            _link_events(study, folder / store.EVENTS)
            advance(1)

        several = experiment.executor == "processes" and experiment.workers > 1
        savers = executor(min(experiment.workers, total), "processes" if several else "serial")
        return draw_all(story_of, folder / store.FIGURES, advance, publication.figures, savers, write)


def _link_events(study: Study, target: Path) -> None:
    """Event tables stand in the report's folder as well, without a second copy where the file system allows it."""
    for part in study.parts:
        for table, files in part.files.items():
            if table.startswith(EVENT_TABLES):
                place = target / Path(table).name
                place.mkdir(parents=True, exist_ok=True)
                for file in files:
                    try:
                        os.link(file, place / file.name)
                    except OSError:
                        shutil.copy(file, place / file.name)
