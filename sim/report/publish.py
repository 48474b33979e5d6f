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
from sim.report.phrases import unmoved_paragraphs
from sim.report.view import TABLES, View
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


def comparison_page(view: View, drawn: Collection[str], made: Mapping[str, Any] | None = None) -> Page:
    """The report of a comparison, with figures that were drawn and the manifest of its folder, if it has one."""
    sections = (
        *(_place(view, place, drawn, f"side_{row}") for row, place in enumerate(view.experiment.places, 1)),
        Chapter("Gain beside rights and cost", tables.rights(view)),
        Chapter("How far cases come", tables.funnel(view), _figures(view, drawn, _STAGES)),
        _gains(view),
        _effects(view, drawn),
        Chapter("What another choice of facts says", tables.beside_counts(view)),
        *_pictures(view, drawn),
        _numbers(view, "Every outcome, every scenario", tables.levels(view)),
        *provenance.closing(view),
    )
    title, *said, assumes, sure = sentences(view)
    policy = leading(view)
    of = next(scenario for scenario in view.design.scenarios if scenario.key == policy).based_on
    based = [f"“{load(key).title}”" for key in of if key in catalogue()]  # of a package, the policies in it
    package = f" ({listing(based)})" if len(based) > 1 else ""
    who, against = f"with “{view.title[policy]}”", f"against “{view.title[view.baseline]}”:"
    cards = {f"The world, {who}{package}, {against}": tables.first_cards(view, policy)}
    if view.experiment.places and "country" in view.results.breakdowns:
        place, *_ = view.experiment.places
        side = places.Side(view, (place,))
        cards = {f"{place.title}, {who}, {against}": places.cards(view, place, policy, side), **cards}
    above, line = "In the whole world:" if len(cards) > 1 else "", provenance.line(view, made)
    grounds = Fold("How sure each number is, and why", reasons(view, policy))
    first = line, cards, tables.BARS, tables.bars(view), worded("bars"), above, sure, grounds, assumes
    return Page(
        title, tuple(filter(None, said)), provenance.notes(view), sections, provenance.manifest(view, made), *first
    )


def run_page(view: View, drawn: Collection[str], made: Mapping[str, Any] | None = None) -> Page:
    """The report of one scenario, which is compared with nothing; the arguments are those of `comparison_page`."""
    scenario = view.scenarios[0]
    sections = (
        Chapter("Headlines", tables.levels_with_intervals(view, scenario, map(outcome, tables.ANSWER))),
        Chapter("How far requests come", figures=_figures(view, drawn, _STAGES)),
        *_pictures(view, drawn),
        _numbers(view, "Every outcome", tables.levels_with_intervals(view, scenario, OUTCOMES)),
        *provenance.closing(view),
    )
    made_by = provenance.manifest(view, made)
    return Page(view.title[scenario], sentences(view), provenance.notes(view), sections, made_by)


def _figures(view: View, drawn: Collection[str], names: Iterable[str]) -> tuple[Exhibit, ...]:
    """Those of some figures of a comparison that were drawn."""
    known = {**FIGURES, **side_pictures(view.experiment.places)}
    return exhibits(view, drawn, {name: known[name] for name in names if name in known})


def _gains(view: View) -> Chapter:
    """Who gains and who pays under each policy."""
    side = places.Side(view, places.all_groups(view.experiment.world))
    lead, *others = sorted(view.reported, key=lambda key: key != leading(view))
    opened = f"### {view.marked[lead]}\n\n{places.who_gains(view, lead, side)}"
    folds = tuple(Fold(view.title[key], places.who_gains(view, key, side)) for key in others)
    moved = (change.lever.name for scenario in view.design.scenarios for change in scenario.changes)
    note = worded("gains") + (f" {worded('gains_of_providers')}" if "provider.staff" in moved else "")
    return Chapter("Who gains, who pays", f"{note}\n\n{opened}", folds=folds)


def _place(view: View, place: Place, drawn: Collection[str], figure: str) -> Chapter:
    """A country's side."""
    side = places.Side(view, (place,))
    short = "\n".join(f"- {places.in_short(view, place, scenario, side)}" for scenario in view.reported)
    waits = [places.bottlenecks(view, place)] if "pairs" in view.results.breakdowns else []
    folds = (
        *(Fold("Where its own requests wait", text) for text in waits),
        Fold("Burden by desk", places.burden(view, place)),
        Fold("Everything that each policy changes here", places.changes(view, place, side)),
    )
    return Chapter(place.title, short, _figures(view, drawn, (figure,)), folds)


def _effects(view: View, drawn: Collection[str]) -> Chapter:
    """What each policy changes: a table, the forest, which change does the work, and all outcomes by policy."""
    by_change = (
        f"### {view.marked[policy.scenario]}, change by change\n\n{tables.by_change(view, policy.scenario)}"
        for policy in view.design.apart
    )
    parts = (*unmoved_paragraphs(view), worded("shares"), *by_change)
    folds = tuple(Fold(view.title[scenario], tables.changes(view, scenario)) for scenario in view.reported)
    return Chapter("What each policy changes", "\n\n".join(parts), _figures(view, drawn, _EFFECTS), folds)


def _pictures(view: View, drawn: Collection[str]) -> Iterable[Chapter]:
    """The other figures, by question."""
    for title, names in _QUESTIONS.items():
        text = tables.bounds(view) if "ladder" in names else ""
        yield Chapter(title, text, _figures(view, drawn, names), annex=True)


def _numbers(view: View, title: str, levels: str) -> Chapter:
    """The long tables, each behind a fold; first the levels of all outcomes, under their title."""
    means = f"Means over the worlds in which an outcome is defined.\n\n{levels}"
    folds = [Fold(title, means, store.LEVELS, as_csv(view.levels))]
    if not view.in_force.empty:
        folds.append(Fold("How many states have joined, year by year", places.joined(view)))
    if view.compared:
        folds.append(Fold("What it costs, and what one more takedown costs", tables.costs(view)))
    return Chapter("All numbers", folds=tuple(folds), annex=True)


def answer_in_short(view: View) -> list[str]:
    """The sentences of a run or a comparison, and what each policy brings the places asked about."""
    lines = [*filter(None, sentences(view)), *filter(None, [provenance.funded(view.design.scenarios)])]
    for place in view.experiment.places:
        side = places.Side(view, (place,))
        lines += [places.in_short(view, place, scenario, side).replace("**", "") for scenario in view.reported]
    return lines


class Publication(NamedTuple):
    """How a command reports what it found."""

    # makes the report of a view, of the names of the figures that were drawn and of its manifest
    page: Callable[..., Page]
    figures: Mapping[str, Picture]  # what is drawn, by file name
    answer: Callable[[View], Sequence[str]] = answer_in_short  # lines for a terminal
    # what is written beside outcomes and breakdowns, by file
    tables: Mapping[str, Callable[[View], pd.DataFrame]] = TABLES


def publication(kind: Kind, view: View) -> Publication:
    """How a kind of study is reported."""
    if kind is Kind.ABLATE:
        return Publication(questions.ablation_page, ABLATION_FIGURES, questions.ablation_sentences)
    if kind is Kind.REGRET:
        return Publication(questions.regret_page, REGRET_FIGURES, questions.regret_sentences)
    if kind is Kind.LEAGUE:
        return Publication(league.page, league.LEAGUE_FIGURES, league.sentences, league.TABLES)
    figures = {**FIGURES, **side_pictures(view.experiment.places)}
    return Publication(comparison_page if view.compared else run_page, figures)


def made_of(view: View) -> dict[str, Any] | None:
    """The manifest of the folder of a study; None where nothing was kept."""
    return None if view.folder is None else read_stored(view.folder / store.MANIFEST, read_manifest)


def html_of(view: View) -> str:
    """report.html of a study, with every figure that it has data for."""
    page, figures, *_ = publication(view.design.plan.kind, view)
    made = made_of(view)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        drawn = draw_all(view, place, lambda _: None, figures, png=False)
        found = {path.stem: path.read_text("utf-8") for path in place.glob("*.svg")}
        return rendered(page(view, drawn, made), found)


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
) -> tuple[Path, View]:
    """Writes the folder of a report, instead of an older one; returns it, and what it was made from.

    An early one is soon replaced: its figures are SVG alone, which takes half as long, and `early`, called after each,
    ends it by raising.
    """
    kind = design.plan.kind
    with store.writing(experiment.results, store.run_name(question(experiment, design)), old) as run:
        view = View(experiment, design, read_results(study, design.plan, design.shown))
        page, figures, _, made_tables = publication(kind, view)
        # All are saved here: processes of their own would import matplotlib again, and read what is made here already.
        with counting(console, "Writing tables and figures", len(figures) + 1, experiment.quiet) as advance:
            _write_tables(run.folder, view, made_tables)
            _link_events(study, run.folder / store.EVENTS)
            advance(1)
            drawn = draw_all(view, run.folder / store.FIGURES, early or advance, figures, png=not early)
        made = manifest(experiment, design, view.results.failures, finished.seconds, finished.peak_memory)
        archive(study, design.plan, run.folder)
        made |= {"made": date.today().isoformat(), "digest": digest(summed(run.folder))}  # all tables are there
        write_page(page(view, drawn, made), run.folder, kind="svg" if early else "png")
        (run.folder / store.CONFIG).write_text(store.yaml_text(experiment.resolved), encoding="utf-8")
        write_manifest(made, run.folder)
    return run.place, view


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


def _write_tables(folder: Path, view: View, tables: Mapping[str, Callable[[View], pd.DataFrame]]) -> None:
    """Outcomes, breakdowns and what follows from them."""
    outcomes = view.results.outcomes
    store.write_table(outcomes, folder / f"{store.OUTCOMES}.parquet")
    write_csv(outcomes, folder / f"{store.OUTCOMES}.csv")
    chosen = [row for place in view.experiment.places for row in place.rows]
    for name, frame in view.results.breakdowns.items():
        kept = frame[frame["requesting"].isin(chosen)] if name == "pairs" and chosen else frame
        if name not in _ONLY_POOLED or kept is not frame:
            store.write_table(decoded(kept), _beside(folder / store.BREAKDOWNS / f"{name}.parquet"))
    for name, find in tables.items():
        table = find(view)
        if len(table.columns):
            (write_csv if name.endswith(".csv") else store.write_table)(table, _beside(folder / name))


def _beside(path: Path) -> Path:
    """The place of a file; its folder is there. A folder without any file would be one that no sum names."""
    path.parent.mkdir(exist_ok=True)
    return path
