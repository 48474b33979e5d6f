"""Publishes a finished study: tables, figures and summary, in a folder that appears when it is whole."""

import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pandas as pd
from rich.console import Console

from sim.experiments import store
from sim.experiments.conduct import Finished
from sim.experiments.config import Experiment
from sim.experiments.control import counting
from sim.experiments.design import Design
from sim.experiments.manifest import manifest, read_manifest
from sim.experiments.parts import EVENT_TABLES
from sim.experiments.plan import Kind
from sim.experiments.results import archive, read_results
from sim.experiments.study import Study
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report import league, places, questions
from sim.report.draw import ABLATION_FIGURES, FIGURES, Picture, draw_all, side_pictures
from sim.report.headline import sentences
from sim.report.page.comparison import comparison_page, run_page
from sim.report.page.parts import Page, rendered, write_manifest, write_page
from sim.report.provenance import funded
from sim.report.story import TABLES, Story
from sim.results.codebook import write_csv
from sim.results.stored import decoded, read_stored

#: Breakdowns with one row per pair of states and replicate: they would fill the folder. Pairs of chosen places stay.
_ONLY_POOLED = ("pairs", "trust_by_pair")
_LONGEST = 48  # letters of the question in the name of a folder


def answer_in_short(story: Story) -> list[str]:
    """The sentences of a run or a comparison, and what each policy brings the places asked about."""
    lines = [*sentences(story), *filter(None, [funded(story.design.scenarios)])]
    for place in story.experiment.places:
        side = places.Side(story, (place,))
        lines += [places.in_short(story, place, scenario, side).replace("**", "") for scenario in story.reported]
    return lines


class Publication(NamedTuple):
    """How a command reports what it found."""

    # makes the report of a story, of the names of the figures that were drawn and of its manifest
    page: Callable[..., Page]
    figures: Mapping[str, Picture]  # what is drawn, by file name
    answer: Callable[[Story], Sequence[str]] = answer_in_short  # lines for a terminal
    # what is written beside outcomes and breakdowns, by file
    tables: Mapping[str, Callable[[Story], pd.DataFrame]] = TABLES


def publication(kind: Kind, story: Story) -> Publication:
    """How a kind of study is reported."""
    if kind is Kind.ABLATE:
        return Publication(questions.ablation_page, ABLATION_FIGURES, questions.ablation_sentences)
    if kind is Kind.REGRET:
        return Publication(questions.regret_page, {}, questions.regret_sentences)
    if kind is Kind.LEAGUE:
        return Publication(league.page, league.LEAGUE_FIGURES, league.sentences, league.TABLES)
    figures = {**FIGURES, **side_pictures(story.experiment.places)}
    return Publication(comparison_page if story.compared else run_page, figures)


def html_of(story: Story) -> str:
    """report.html of a study, with every figure that it has data for."""
    page, figures, *_ = publication(story.design.plan.kind, story)
    made = None if story.folder is None else read_stored(story.folder / store.MANIFEST, read_manifest)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        drawn = draw_all(story, place, lambda _: None, figures)
        return rendered(page(story, drawn, made), {name: (place / f"{name}.svg").read_text("utf-8") for name in drawn})


def print_answer(place: Path, quiet: bool, *answer: str) -> None:
    """Prints an answer and where its report is, to standard output: a pipe or a file takes it without the progress."""
    out = Console(quiet=quiet, markup=False, emoji=False, highlight=False)
    for part in answer:
        out.print(part, soft_wrap=not out.is_terminal)
    out.print(f"Report: {place / store.REPORT}", soft_wrap=True)


def write_report(
    experiment: Experiment, design: Design, study: Study, finished: Finished, console: Console, old: Path | None = None
) -> tuple[Path, Story]:
    """Writes the folder of a report, instead of an older one; returns it, and what it was made from."""
    kind = design.plan.kind
    with store.writing(experiment.results, store.run_name(question(experiment, design)), old) as run:
        story = Story(experiment, design, read_results(study, design.plan, design.shown))
        page, figures, _, made_tables = publication(kind, story)
        # All are saved here: processes of their own would import matplotlib again, and read what is made here already.
        with counting(console, "Writing tables and figures", len(figures) + 1, experiment.quiet) as advance:
            _write_tables(run.folder, story, made_tables)
            _link_events(study, run.folder / store.EVENTS)
            advance(1)
            drawn = draw_all(story, run.folder / store.FIGURES, advance, figures)
        made = manifest(experiment, design, story.results.failures, finished.seconds, finished.peak_memory)
        made["made"] = date.today().isoformat()
        write_page(page(story, drawn, made), run.folder)
        (run.folder / store.CONFIG).write_text(store.yaml_text(experiment.resolved), encoding="utf-8")
        write_manifest(made, run.folder)
        archive(study, design.plan, run.folder)
    return run.place, story


def question(experiment: Experiment, design: Design) -> str:
    """What was asked, as the beginning of a folder's name: compare-faster_mlat_and_2_more-for_Brazil."""
    kind, keys = design.plan.kind, [scenario.key for scenario in design.scenarios]
    if kind is not Kind.RUN:
        keys = [key for key in keys if key not in (design.baseline, LOWER_BOUND, UPPER_BOUND)] or keys
    more = f"_and_{len(keys) - 1}_more" if len(keys) > 1 else ""
    about = "" if kind is Kind.LEAGUE else f"-{keys[0][:_LONGEST]}{more}"
    places = "_".join(re.sub(r"\W+", "_", place.title.partition(" (")[0]) for place in experiment.places)
    return f"{kind}{about}{f'-for_{places[:_LONGEST]}' if places else ''}"


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


def _write_tables(folder: Path, story: Story, tables: Mapping[str, Callable[[Story], pd.DataFrame]]) -> None:
    """Outcomes, breakdowns and what follows from them."""
    outcomes = story.results.outcomes
    store.write_table(outcomes, folder / f"{store.OUTCOMES}.parquet")
    write_csv(outcomes, folder / f"{store.OUTCOMES}.csv")
    (folder / store.BREAKDOWNS).mkdir()
    chosen = [row for place in story.experiment.places for row in place.rows]
    for name, frame in story.results.breakdowns.items():
        kept = frame[frame["requesting"].isin(chosen)] if name == "pairs" and chosen else frame
        if name not in _ONLY_POOLED or kept is not frame:
            store.write_table(decoded(kept, story.states), folder / store.BREAKDOWNS / f"{name}.parquet")
    for name, find in tables.items():
        table = find(story)
        if len(table.columns):
            (write_csv if name.endswith(".csv") else store.write_table)(table, folder / name)
