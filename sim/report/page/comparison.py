"""The report of a comparison, and that of a run of one scenario."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sim.experiments.plan import Kind
from sim.experiments.statistics import ASSUMPTION, MANY_WORLDS, ONE_WORLD
from sim.measures.outcomes import OUTCOMES
from sim.policy.places import Place
from sim.policy.well_known import LOWER_BOUND
from sim.report import ablation, answer, places, provenance, regret, summary, tables, templates, unmoved
from sim.report.by_change import by_change_table
from sim.report.draw import ABLATION_FIGURES, FIGURES, REGRET_FIGURES, draw_all
from sim.report.figures.side import side_pictures
from sim.report.headline import leading, sentences
from sim.report.page.html import rendered
from sim.report.page.parts import Chapter, Exhibit, Fold, Page, Sheet
from sim.report.picture import Picture
from sim.report.story import Story
from sim.results.words import counted

Drawings = Mapping[str, str]
#: Which figures stand under which heading; what is in none stands under the last.
_TIME = ("turnaround_distribution", "turnaround_by_stage", "open_by_age", "turnaround_matrix")
_GROUPS = ("takedown_curves", "members_by_fate", "impunity_by_residence")
_STATES = ("state_map", "request_exchange")
_LIMITS = ("ladder", "court_slack")
_RIGHTS = ("gain_against_rights",)
_EFFECTS = ("forest", "by_change")


def html_of(story: Story) -> str:
    """report.html of a study of any of these kinds, with every figure that it has data for."""
    page, figures = PAGES.get(
        story.design.plan.kind, (comparison_page if story.compared else run_page, pictures(story))
    )
    with TemporaryDirectory() as folder:
        place = Path(folder)
        drawn = draw_all(lambda: story, place, lambda _: None, figures)
        return rendered(page(story, {name: (place / f"{name}.svg").read_text(encoding="utf-8") for name in drawn}))


def pictures(story: Story) -> dict[str, Picture]:
    """Every figure of a comparison by name, with those of the places that somebody asks about."""
    return {**FIGURES, **side_pictures(story.experiment.places)}


def comparison_page(story: Story, drawings: Drawings, made: Mapping[str, Any] | None = None) -> Page:
    """The report of a comparison.

    Args:
        story: what was found.
        drawings: text of the SVG of every figure that was drawn, by name.
        made: the manifest of its folder, if it has one.
    """
    sections = (
        Chapter("At a glance", tables.glance(story)),
        Chapter("Gain beside rights and cost", tables.rights(story), _figures(story, drawings, _RIGHTS)),
        _gains(story),
        *(_place(story, place, drawings, f"side_{row}") for row, place in enumerate(story.experiment.places, 1)),
        _effects(story, drawings),
        *_pictures(story, drawings),
        Chapter("All numbers", f"Means over replicates. {summary.undefined(story)}", folds=tuple(_numbers(story))),
        *_closing(story),
    )
    title = f"What changes against “{story.title[story.baseline]}”?"
    kept = tuple(section for section in sections if section.markdown or section.figures or section.folds)
    return Page(title, sentences(story), summary.notes(story), kept, templates.manifest(story, made))


def run_page(story: Story, drawings: Drawings, made: Mapping[str, Any] | None = None) -> Page:
    """The report of one scenario, which is compared with nothing."""
    scenario = story.scenarios[0]
    sheet = Sheet("levels.csv", tables.levels_csv(story))
    levels = Fold("Every outcome", tables.levels_with_intervals(story, scenario), sheet)
    joined = [] if story.in_force.empty else [Fold("How many states have joined, year by year", tables.joined(story))]
    folds = (levels, *joined, Fold("What becomes of identified members", tables.people(story)))
    folds = (*folds, Fold("Who asks and who benefits, by income of states", tables.incomes(story)))
    sections = (
        *_pictures(story, drawings),
        Chapter("All numbers", summary.undefined(story), folds=folds),
        *_closing(story),
    )
    return Page(
        story.title[scenario], sentences(story), summary.notes(story), sections, templates.manifest(story, made)
    )


def _gains(story: Story) -> Chapter:
    """Who gains and who pays under each policy."""
    if not story.compared:
        return Chapter("Who gains, who pays")
    side = places.Side(story, places.all_groups(story.experiment.world))
    lead, *others = sorted(story.reported, key=lambda key: key != leading(story))
    opened = f"### {story.marked[lead]}\n\n{places.who_gains(story, lead, side)}"
    folds = tuple(Fold(story.title[key], places.who_gains(story, key, side)) for key in others)
    return Chapter("Who gains, who pays", f"{_GAINS_NOTE}\n\n{opened}", folds=folds)


_GAINS_NOTE = (
    "Paired differences from the baseline over the policy years, a run, by income and region of states; in bold what "
    "can be distinguished from noise (about one number in twenty is so by chance). Gains first, then burdens: cost of "
    "the policy, of work, hours for others, and accounts handed over by custodians there."
)


def _place(story: Story, place: Place, drawings: Drawings, figure: str) -> Chapter:
    """A country's side."""
    side = places.Side(story, (place,))
    short = "\n".join(f"- {places.in_short(story, place, scenario, side)}" for scenario in story.reported)
    kept = story.results.breakdowns
    waits = f"\n\n### Where its own requests wait\n\n{places.bottlenecks(story, place)}" if "pairs" in kept else ""
    return Chapter(
        place.title,
        f"{short}{waits}\n\n### Burden by desk\n\n{places.burden(story, place)}",
        _figures(story, drawings, (figure,)),
        (Fold("Everything that each policy changes here", places.changes(story, place, side)),),
    )


def _effects(story: Story, drawings: Drawings) -> Chapter:
    """What each policy changes: a table, the forest, which change does the work, and lists by policy."""
    folds = []
    for scenario in story.reported:
        lists = answer.one_policy(story, scenario)
        folds.append(Fold(story.title[scenario], f"{lists}\n\n{tables.changes(story, scenario)}"))
    for policy in story.design.apart:
        folds.append(Fold(f"{story.title[policy.scenario]}, change by change", by_change_table(story, policy.scenario)))
    text = "\n\n".join(part for part in (*unmoved.paragraphs(story), tables.headlines(story), _SHARES) if part)
    return Chapter("What each policy changes", text, _figures(story, drawings, _EFFECTS), tuple(folds))


_SHARES = (
    "Shares are over what is sent. A policy that makes other requests worthwhile changes the mix, so a share can fall "
    "while the number executed rises: read both."
)


def _pictures(story: Story, drawings: Drawings) -> Iterable[Chapter]:
    """The other figures, by question."""
    bounds = answer.bounds(story) if LOWER_BOUND in story.scenarios else ""
    limits = "\n\n".join(part for part in (bounds, answer.courts(story)) if part)
    known = (*_TIME, *_GROUPS, *_STATES, *_LIMITS, *_RIGHTS, *_EFFECTS)
    others = tuple(name for name in drawings if name not in known and not name.startswith("side_"))
    yield Chapter("How long answers take", figures=_figures(story, drawings, _TIME))
    yield Chapter("What becomes of groups and people", figures=_figures(story, drawings, _GROUPS))
    yield Chapter("Between states", figures=_figures(story, drawings, _STATES))
    yield Chapter("What cooperation can do at all", limits, _figures(story, drawings, _LIMITS))
    yield Chapter("More figures", figures=_figures(story, drawings, others))


def _figures(story: Story, drawings: Drawings, names: Iterable[str]) -> tuple[Exhibit, ...]:
    """Those figures that were drawn."""
    known = pictures(story)
    return tuple(
        Exhibit(known[name].title, drawings[name], known[name].describe(story), known[name].fold(story, name))
        for name in names
        if name in drawings
    )


def _numbers(story: Story) -> Iterable[Fold]:
    """The long tables, each behind a fold."""
    yield Fold("Every outcome, every scenario", tables.levels(story), Sheet("levels.csv", tables.levels_csv(story)))
    sets = story.experiment.sets
    mode = MANY_WORLDS.format(standing=sets.standing) if sets else ONE_WORLD
    verdicts = "\n\n".join(summary.verdicts(story, scenario) for scenario in story.reported)
    yield Fold("What can be distinguished from noise, and what cannot", f"{ASSUMPTION} {mode}\n\n{verdicts}")
    if story.ladder:
        yield Fold("The ladder: share of the way, and the mean itself", tables.ladder(story))
    if story.design.court_waits:
        yield Fold("Dependence on court slack", tables.courts(story))
    if not story.in_force.empty:
        yield Fold("How many states have joined, year by year", tables.joined(story))
    if story.policies:
        yield Fold("Does crime end, or does it move?", tables.displaced(story))
        yield Fold("The busiest states", tables.by_country(story))
    yield Fold("What becomes of identified members", tables.people(story))
    yield Fold("Who asks and who benefits, by income of states", tables.incomes(story))
    if story.compared:
        yield Fold("What it costs, and what one more takedown costs", tables.costs(story))


def _closing(story: Story) -> tuple[Chapter, Chapter]:
    """What it rests on, and how it was made."""
    asks = "\n".join(map(summary.asked, story.design.scenarios))
    folds = (Fold("What each scenario asks", asks), Fold("Definitions", templates.definitions(OUTCOMES)))
    text = f"{templates.meaning(story)}\n\n{provenance.in_words()}{templates.failures(story)}"
    return Chapter("What it rests on", text), Chapter("Method", _method(story), folds=folds)


def _method(story: Story) -> str:
    """How the numbers were made, in a paragraph."""
    world = story.experiment.world
    seeds = counted(len(story.design.seeds()), "random world")
    return (
        f"In each of {seeds}, about {world.groups} criminal groups meet the agencies, central authorities, courts, "
        f"providers and liaison bodies of the states under dated law. The past is simulated from {world.start} under "
        f"the law as it was; on {world.policy_start} the world is copied, and each copy lives on under one policy "
        f"until {world.end}. Copies share every random draw that the policy does not touch, so a difference comes from "
        "the policy. Intervals are Student's, over worlds; they hold chance"
        + (f", and parameters (each set is {sets.standing})." if (sets := story.experiment.sets) else " alone.")
    )


#: Kinds of study with a page and figures of their own.
PAGES: Mapping[Kind, tuple[Callable[..., Page], Mapping[str, Picture]]] = {
    Kind.ABLATE: (ablation.page, ABLATION_FIGURES),
    Kind.REGRET: (regret.page, REGRET_FIGURES),
}
