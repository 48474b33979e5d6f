"""The report of a comparison, that of a run of one scenario, and what every report of a study says."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sim.data.spreadsheet import as_csv
from sim.experiments.store import LEVELS
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.places import Place
from sim.policy.scenario import catalogue, load
from sim.report import places, provenance, tables
from sim.report.draw import FIGURES, Picture, side_pictures
from sim.report.headline import leading, sentences
from sim.report.marking import worded
from sim.report.page.parts import Chapter, Exhibit, Fold, Page
from sim.report.story import Story, unmoved_paragraphs
from sim.results.words import listing

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
        *_pictures(story, drawn),
        _numbers(story, "Every outcome, every scenario", tables.levels(story)),
        *provenance.closing(story),
    )
    title, said, sure = sentences(story)
    policy = leading(story)
    of = next(scenario for scenario in story.design.scenarios if scenario.key == policy).based_on
    based = [f"“{load(key).title}”" for key in of if key in catalogue()]  # of a package, the policies in it
    package = f" ({listing(based)})" if len(based) > 1 else ""
    who, against = f"with “{story.title[policy]}”", f"against “{story.title[story.baseline]}”:"
    cards = {f"The world, {who}{package}, {against}": tables.cards(story, policy)}
    if story.experiment.places and "country" in story.results.breakdowns:
        place, *_ = story.experiment.places
        side = places.Side(story, (place,))
        cards = {f"{place.title}, {who}, {against}": places.cards(story, place, policy, side), **cards}
    above, line = "In the whole world:" if len(cards) > 1 else "", provenance.line(story, made)
    first = line, cards, tables.BARS, tables.bars(story), worded("bars"), above, sure
    return Page(title, (said,), provenance.notes(story), sections, provenance.manifest(story, made), *first)


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


def exhibits(story: Story, drawn: Collection[str], known: Mapping[str, Picture]) -> tuple[Exhibit, ...]:
    """Those figures that were drawn, with what they say and their numbers."""
    return tuple(
        Exhibit(picture.title, name, picture.describe(story), picture.fold(story, name))
        for name, picture in known.items()
        if name in drawn
    )


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
    folds = [Fold(title, means, LEVELS, as_csv(story.levels))]
    if not story.in_force.empty:
        folds.append(Fold("How many states have joined, year by year", places.joined(story)))
    if story.compared:
        folds.append(Fold("What it costs, and what one more takedown costs", tables.costs(story)))
    return Chapter("All numbers", folds=tuple(folds), annex=True)
