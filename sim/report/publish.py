"""Reports of studies: pages of comparisons and runs, which page and figures each kind of study has, and the folder.

The folder, with tables, figures and summary, appears when it is whole.
"""

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd
from rich.console import Console
from rich.table import Table

from sim.data.spreadsheet import as_csv
from sim.experiments import store
from sim.experiments.conduct import Finished
from sim.experiments.config import Experiment
from sim.experiments.control import counting
from sim.experiments.design import Design
from sim.experiments.manifest import manifest, read_manifest
from sim.experiments.parts import EVENT_TABLES
from sim.experiments.plan import Kind
from sim.experiments.results import archive, read_results
from sim.experiments.seal import digest, summed
from sim.experiments.study import Study
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.places import Place
from sim.policy.scenario import catalogue, load
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report import league, places, provenance, questions, tables
from sim.report.draw import ABLATION_FIGURES, FIGURES, REGRET_FIGURES, Picture, draw_all, exhibits, side_pictures
from sim.report.headline import leading, reasons, sentences
from sim.report.marking import worded
from sim.report.page.parts import Chapter, Exhibit, Fold, Page, rendered, write_manifest, write_page
from sim.report.story import TABLES, Story, unmoved_paragraphs
from sim.results.codebook import write_csv
from sim.results.stored import decoded, read_stored
from sim.results.words import listing

#: Breakdowns with one row per pair of states and replicate: they would fill the folder. Pairs of chosen places stay.
_ONLY_POOLED = ("pairs", "trust_by_pair")
_UNFOLDED = 10_000  # letters of a line that nothing is folded to
_LONGEST = 48  # letters of the question in the name of a folder
#: Which figures stand under which heading.
_STAGES, _EFFECTS = ("turnaround_by_stage",), ("forest", "by_change")
_QUESTIONS = {
    "How long answers take": ("turnaround_distribution", "open_by_age"),
    "What becomes of groups and people": ("takedown_curves", "members_by_fate"),
    "Between states": ("state_map",),
    "What each gain costs in rights": ("gain_against_rights",),
    "What cooperation can do at all": ("ladder",),
}


def comparison_page(story: Story, drawn: Collection[str], made: Mapping[str, Any] | None = None) -> Page:
    """The report of a comparison, with figures that were drawn and the manifest of its folder, if it has one."""
    sections = (
        *(_place(story, place, drawn, f"side_{row}") for row, place in enumerate(story.experiment.places, 1)),
        Chapter("Gain beside rights and cost", tables.rights(story)),
        Chapter("How far cases come", tables.funnel(story), _figures(story, drawn, _STAGES)),
        _gains(story),
        _effects(story, drawn),
        Chapter("What another choice of facts says", tables.beside_counts(story)),
        *_pictures(story, drawn),
        _numbers(story, "Every outcome, every scenario", tables.levels(story)),
        *provenance.closing(story),
    )
    title, *said, assumes, sure = sentences(story)
    policy = leading(story)
    of = next(scenario for scenario in story.design.scenarios if scenario.key == policy).based_on
    based = [f"“{load(key).title}”" for key in of if key in catalogue()]  # of a package, the policies in it
    package = f" ({listing(based)})" if len(based) > 1 else ""
    who, against = f"with “{story.title[policy]}”", f"against “{story.title[story.baseline]}”:"
    cards = {f"The world, {who}{package}, {against}": tables.first_cards(story, policy)}
    if story.experiment.places and "country" in story.results.breakdowns:
        place, *_ = story.experiment.places
        side = places.Side(story, (place,))
        cards = {f"{place.title}, {who}, {against}": places.cards(story, place, policy, side), **cards}
    above, line = "In the whole world:" if len(cards) > 1 else "", provenance.line(story, made)
    grounds = Fold("How sure each number is, and why", reasons(story, policy))
    first = line, cards, tables.BARS, tables.bars(story), worded("bars"), above, sure, grounds, assumes
    return Page(
        title, tuple(filter(None, said)), provenance.notes(story), sections, provenance.manifest(story, made), *first
    )


def run_page(story: Story, drawn: Collection[str], made: Mapping[str, Any] | None = None) -> Page:
    """The report of one scenario, which is compared with nothing; the arguments are those of `comparison_page`."""
    scenario = story.scenarios[0]
    sections = (
        Chapter("Headlines", tables.levels_with_intervals(story, scenario, map(outcome, tables.ANSWER))),
        Chapter("How far requests come", figures=_figures(story, drawn, _STAGES)),
        *_pictures(story, drawn),
        _numbers(story, "Every outcome", tables.levels_with_intervals(story, scenario, OUTCOMES)),
        *provenance.closing(story),
    )
    made_by = provenance.manifest(story, made)
    return Page(story.title[scenario], sentences(story), provenance.notes(story), sections, made_by)


def _figures(story: Story, drawn: Collection[str], names: Iterable[str]) -> tuple[Exhibit, ...]:
    """Those of some figures of a comparison that were drawn."""
    known = {**FIGURES, **side_pictures(story.experiment.places)}
    return exhibits(story, drawn, {name: known[name] for name in names if name in known})


def _gains(story: Story) -> Chapter:
    """Who gains and who pays under each policy."""
    side = places.Side(story, places.all_groups(story.experiment.world))
    lead, *others = sorted(story.reported, key=lambda key: key != leading(story))
    opened = f"### {story.marked[lead]}\n\n{places.who_gains(story, lead, side)}"
    folds = tuple(Fold(story.title[key], places.who_gains(story, key, side)) for key in others)
    moved = (change.lever.name for scenario in story.design.scenarios for change in scenario.changes)
    note = worded("gains") + (f" {worded('gains_of_providers')}" if "provider.staff" in moved else "")
    return Chapter("Who gains, who pays", f"{note}\n\n{opened}", folds=folds)


def _place(story: Story, place: Place, drawn: Collection[str], figure: str) -> Chapter:
    """A country's side."""
    side = places.Side(story, (place,))
    short = "\n".join(f"- {places.in_short(story, place, scenario, side)}" for scenario in story.reported)
    waits = [places.bottlenecks(story, place)] if "pairs" in story.results.breakdowns else []
    folds = (
        *(Fold("Where its own requests wait", text) for text in waits),
        Fold("Burden by desk", places.burden(story, place)),
        Fold("Everything that each policy changes here", places.changes(story, place, side)),
    )
    return Chapter(place.title, short, _figures(story, drawn, (figure,)), folds)


def _effects(story: Story, drawn: Collection[str]) -> Chapter:
    """What each policy changes: a table, the forest, which change does the work, and all outcomes by policy."""
    by_change = (
        f"### {story.marked[policy.scenario]}, change by change\n\n{tables.by_change(story, policy.scenario)}"
        for policy in story.design.apart
    )
    parts = (*unmoved_paragraphs(story), worded("shares"), *by_change)
    folds = tuple(Fold(story.title[scenario], tables.changes(story, scenario)) for scenario in story.reported)
    return Chapter("What each policy changes", "\n\n".join(parts), _figures(story, drawn, _EFFECTS), folds)


def _pictures(story: Story, drawn: Collection[str]) -> Iterable[Chapter]:
    """The other figures, by question."""
    for title, names in _QUESTIONS.items():
        text = tables.bounds(story) if "ladder" in names else ""
        yield Chapter(title, text, _figures(story, drawn, names), annex=True)


def _numbers(story: Story, title: str, levels: str) -> Chapter:
    """The long tables, each behind a fold; first the levels of all outcomes, under their title."""
    means = f"Means over the worlds in which an outcome is defined.\n\n{levels}"
    folds = [Fold(title, means, store.LEVELS, as_csv(story.levels))]
    if not story.in_force.empty:
        folds.append(Fold("How many states have joined, year by year", places.joined(story)))
    if story.compared:
        folds.append(Fold("What it costs, and what one more takedown costs", tables.costs(story)))
    return Chapter("All numbers", folds=tuple(folds), annex=True)


def answer_in_short(story: Story) -> list[str]:
    """The sentences of a run or a comparison, and what each policy brings the places asked about."""
    lines = [*filter(None, sentences(story)), *filter(None, [provenance.funded(story.design.scenarios)])]
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
        return Publication(questions.regret_page, REGRET_FIGURES, questions.regret_sentences)
    if kind is Kind.LEAGUE:
        return Publication(league.page, league.LEAGUE_FIGURES, league.sentences, league.TABLES)
    figures = {**FIGURES, **side_pictures(story.experiment.places)}
    return Publication(comparison_page if story.compared else run_page, figures)


def made_of(story: Story) -> dict[str, Any] | None:
    """The manifest of the folder of a study; None where nothing was kept."""
    return None if story.folder is None else read_stored(story.folder / store.MANIFEST, read_manifest)


def html_of(story: Story) -> str:
    """report.html of a study, with every figure that it has data for."""
    page, figures, *_ = publication(story.design.plan.kind, story)
    made = made_of(story)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        drawn = draw_all(story, place, lambda _: None, figures, png=False)
        found = {path.stem: path.read_text("utf-8") for path in place.glob("*.svg")}
        return rendered(page(story, drawn, made), found)


def print_answer(place: Path, quiet: bool, *answer: str | Table) -> None:
    """Prints an answer and where its report is, to standard output: a pipe or a file takes it without the progress.

    A terminal folds what is longer than its lines; a pipe or a file gets each paragraph, and each row, on one line.
    """
    out = Console(quiet=quiet, markup=False, emoji=False, highlight=False)
    if not out.is_terminal:
        out.width = _UNFOLDED
    for part in answer:
        out.print(part, soft_wrap=not out.is_terminal)
    out.print(f"Report: {place / store.REPORT}", soft_wrap=True)


def write_report(
    experiment: Experiment,
    design: Design,
    study: Study,
    finished: Finished,
    console: Console,
    old: Path | None = None,
    *,
    early: Callable[[int], None] | None = None,
) -> tuple[Path, Story]:
    """Writes the folder of a report, instead of an older one; returns it, and what it was made from.

    An early one is soon replaced: its figures are SVG alone, which takes half as long, and `early`, called after each,
    ends it by raising.
    """
    kind = design.plan.kind
    with store.writing(experiment.results, store.run_name(question(experiment, design)), old) as run:
        story = Story(experiment, design, read_results(study, design.plan, design.shown))
        page, figures, _, made_tables = publication(kind, story)
        # All are saved here: processes of their own would import matplotlib again, and read what is made here already.
        with counting(console, "Writing tables and figures", len(figures) + 1, experiment.quiet) as advance:
            _write_tables(run.folder, story, made_tables)
            _link_events(study, run.folder / store.EVENTS)
            advance(1)
            drawn = draw_all(story, run.folder / store.FIGURES, early or advance, figures, png=not early)
        made = manifest(experiment, design, story.results.failures, finished.seconds, finished.peak_memory)
        archive(study, design.plan, run.folder)
        made |= {"made": date.today().isoformat(), "digest": digest(summed(run.folder))}  # all tables are there
        write_page(page(story, drawn, made), run.folder, kind="svg" if early else "png")
        (run.folder / store.CONFIG).write_text(store.yaml_text(experiment.resolved), encoding="utf-8")
        write_manifest(made, run.folder)
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
    chosen = [row for place in story.experiment.places for row in place.rows]
    for name, frame in story.results.breakdowns.items():
        kept = frame[frame["requesting"].isin(chosen)] if name == "pairs" and chosen else frame
        if name not in _ONLY_POOLED or kept is not frame:
            store.write_table(decoded(kept), _beside(folder / store.BREAKDOWNS / f"{name}.parquet"))
    for name, find in tables.items():
        table = find(story)
        if len(table.columns):
            (write_csv if name.endswith(".csv") else store.write_table)(table, _beside(folder / name))


def _beside(path: Path) -> Path:
    """The place of a file; its folder is there. A folder without any file would be one that no sum names."""
    path.parent.mkdir(exist_ok=True)
    return path
