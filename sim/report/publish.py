"""Publishes a finished study: tables, figures and summary, in a folder that appears when it is whole."""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text
from ruamel.yaml import YAML

from sim.experiments import store
from sim.experiments.conduct import Finished
from sim.experiments.config import Experiment
from sim.experiments.control import counting
from sim.experiments.design import Design
from sim.experiments.manifest import manifest
from sim.experiments.parts import EVENT_TABLES
from sim.experiments.plan import Kind
from sim.experiments.results import archive, read_results
from sim.experiments.run import AllFailedError
from sim.experiments.statistics import as_frame
from sim.experiments.study import Study
from sim.policy.alternatives import is_fixed
from sim.policy.places import Place
from sim.policy.problem import printable
from sim.report import ablation, places, regret, summary, tables, unmoved
from sim.report.coding import NO_STATE, decoded
from sim.report.draw import FIGURES, draw_all
from sim.report.figures.side import side_pictures
from sim.report.headline import sentences
from sim.report.page.comparison import PAGES, comparison_page, run_page
from sim.report.page.html import rendered
from sim.report.page.parts import Page, markdown_of
from sim.report.picture import Picture
from sim.report.story import Story
from sim.results import conclusions, effects
from sim.results import regret as decisions

#: Breakdowns with one row per pair of states and replicate: they would fill the folder.
_ONLY_POOLED = ("pairs", "trust_by_pair")


def answer_in_short(story: Story) -> RenderableType:
    """The three sentences of a run or a comparison, and what each policy brings the places asked about."""
    lines = [*sentences(story)]
    for place in story.experiment.places:
        side = places.Side(story, (place,))
        lines += [places.in_short(story, place, scenario, side).replace("**", "") for scenario in story.reported]
    return Text("\n".join(lines))


@dataclass(frozen=True)
class Publication:
    """How a command reports what it found.

    Attributes:
        page: makes report.html of a story, the drawings by name and the manifest.
        summary: writes summary.md from a story and the names of its figures.
        figures: what is drawn, by file name.
        overview: the headline for a terminal.
    """

    page: Callable[[Story, Mapping[str, str], Mapping[str, Any]], Page]
    summary: Callable[[Story, Sequence[str]], str]
    figures: Mapping[str, Picture]
    overview: Callable[[Story], RenderableType] = answer_in_short


def _publication(kind: Kind, places_asked: Sequence[Place]) -> Publication:
    """How a kind of study is reported."""
    match kind:
        case Kind.RUN:
            return Publication(run_page, lambda story, _: summary.run(story), FIGURES)
        case Kind.ABLATE | Kind.REGRET:
            page, figures = PAGES[kind]
            overview = ablation.overview if kind is Kind.ABLATE else regret.overview
            return Publication(
                page, lambda story, names: markdown_of(page(story, dict.fromkeys(names, ""))), figures, overview
            )
        case _:
            figures = {**FIGURES, **side_pictures(places_asked)}
            return Publication(comparison_page, lambda story, _: summary.comparison(story), figures)


def publish(
    experiment: Experiment,
    design: Design,
    study: Study,
    finished: Finished,
    console: Console,
    instead_of: Path | None = None,
) -> Path:
    """Writes the folder of a study that is finished, and removes the unfinished one.

    Args:
        experiment: what the user asked for.
        design: what was run.
        study: the finished study.
        finished: how it was conducted.
        console: where the headline is printed.
        instead_of: the report of its first worlds, which this one replaces.

    Returns:
        The results folder.

    Raises:
        AllFailedError: If no run succeeded.
    """
    if not finished.done:
        raise AllFailedError(list(read_results(study, design.plan).failures))
    place, story = write_report(experiment, design, study, finished, console, instead_of)
    study.remove()
    if study.folder.exists():
        console.print(Text(printable(f"Other files are still in {study.folder}")), soft_wrap=True)
    console.print(_publication(design.plan.kind, experiment.places).overview(story))
    for line in unmoved.lines(story):
        console.print(Text(line, "yellow"))
    for failure in story.failures:
        console.print(Text(printable(failure.text), "red"))
    console.print(Text(f"Report: {place / store.REPORT}"), soft_wrap=True)
    return place


def write_report(
    experiment: Experiment,
    design: Design,
    study: Study,
    finished: Finished,
    console: Console,
    instead_of: Path | None = None,
) -> tuple[Path, Story]:
    """Writes the folder of a report; the arguments are those of `publish`.

    Returns:
        The folder, and what it was made from.
    """
    kind = design.plan.kind
    publication = _publication(kind, experiment.places)
    name = f"{kind}-{design.scenarios[0].key}" if kind is Kind.RUN else str(kind)
    with store.writing(experiment.results, store.run_name(name), instead_of) as run:
        story = Story(experiment, design, read_results(study, design.plan, design.shown))
        figures = _draw(run.folder, story, study, publication, console)
        made = manifest(experiment, design, story.failures, finished.seconds, finished.peak_memory)
        made["busiest_states"] = [story.states[row] for row in story.busiest]  # found in a table that is not kept
        _write_texts(run.folder, story, publication.summary(story, figures), made)
        _write_report(run.folder, story, publication, figures, made)
        archive(study, design.plan, run.folder)
    return run.place, story


def _write_report(
    folder: Path, story: Story, publication: Publication, figures: Sequence[str], made: Mapping[str, Any]
) -> None:
    """report.html, with the drawings that stand in the folder."""
    place = folder / store.FIGURES
    drawings = {name: (place / f"{name}.svg").read_text(encoding="utf-8") for name in figures}
    page = publication.page(story, drawings, made)
    (folder / store.REPORT).write_text(rendered(page), encoding="utf-8")


def _draw(folder: Path, story: Story, study: Study, publication: Publication, console: Console) -> list[str]:
    """Tables and figures; returns the names of figures that were drawn.

    All are saved here: processes of their own would import matplotlib again, and read what is made here already.
    """
    total = len(publication.figures)
    with counting(console, "Writing tables and figures", total + 1, story.experiment.quiet) as advance:
        _write_tables(folder, story)
        _link_events(study, folder / store.EVENTS)
        advance(1)
        return draw_all(lambda: story, folder / store.FIGURES, advance, publication.figures)


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


def _write_tables(folder: Path, story: Story) -> None:
    """Outcomes, differences and breakdowns."""
    outcomes = story.results.outcomes
    store.write_table(outcomes, folder / f"{store.OUTCOMES}.parquet")
    store.write_csv(outcomes, folder / f"{store.OUTCOMES}.csv")
    entries = [entry for block in story.differences.values() for entry in block]
    if entries:
        store.write_csv(effects.as_table(entries), folder / f"{store.DIFFERENCES}.csv")
        store.write_csv(as_frame(story.costs), folder / f"{store.COSTS}.csv")
        codes = dict(enumerate(story.states)) | NO_STATE
        by_country = story.countries.assign(state=story.countries["state"].map(codes))
        store.write_csv(by_country, folder / f"{store.COUNTRIES}.csv")
    (folder / store.LEVELS).write_text(tables.levels_csv(story), encoding="utf-8")
    if story.policies:
        store.write_csv(as_frame(story.displacements), folder / f"{store.DISPLACEMENT}.csv")
    if story.design.mechanisms:
        store.write_csv(conclusions.as_table([*story.effects, *story.rankings]), folder / f"{store.CONCLUSIONS}.csv")
    if any(is_fixed(scenario) for scenario in story.design.scenarios):
        store.write_csv(decisions.as_table(regret.judged(story)), folder / f"{store.REGRET}.csv")
    if story.contributions:
        store.write_csv(effects.as_table(story.contributions), folder / f"{store.BY_CHANGE}.csv")
    breakdowns = folder / store.BREAKDOWNS
    breakdowns.mkdir()
    for name, frame in story.results.breakdowns.items():
        if name not in _ONLY_POOLED:
            store.write_table(decoded(frame, story.states), breakdowns / f"{name}.parquet")
    pooled = {
        "pair_medians": story.pair_medians,
        "trust_by_pair": story.trust,
        "impunity_by_residence": story.impunity,
        "exchange_by_state": story.exchange,
        "exchange_by_income": story.by_income,
    }
    if not story.in_force.empty:
        store.write_table(story.in_force, breakdowns / "instruments_in_force.parquet")
    for name, frame in pooled.items():
        store.write_table(decoded(frame, story.states), breakdowns / f"{name}.parquet")


def _write_texts(folder: Path, story: Story, summary: str, manifest: dict[str, Any]) -> None:
    """Summary, configuration and manifest."""
    (folder / store.SUMMARY).write_text(summary, encoding="utf-8")
    text = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(story.experiment.resolved, text)
    (folder / store.CONFIG).write_text(text.getvalue(), encoding="utf-8")
    (folder / store.MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")
