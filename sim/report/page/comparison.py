"""The report of a comparison, that of a run of one scenario, and what every report of a study says."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sim.data.spreadsheet import as_csv
from sim.experiments.manifest import code_in_words
from sim.experiments.statistics import ASSUMPTION, MANY_WORLDS, ONE_WORLD
from sim.experiments.store import LEVELS
from sim.measures.outcome import Outcome
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.places import Place
from sim.policy.scenario import Scenario
from sim.report import places, provenance, tables, unmoved
from sim.report.draw import FIGURES
from sim.report.figures.effects import side_pictures
from sim.report.headline import leading, sentences
from sim.report.marking import marked
from sim.report.page.parts import Chapter, Exhibit, Fold, Page, Sheet
from sim.report.picture import Picture
from sim.report.story import Story
from sim.results.words import counted, listing, number

#: Which figures stand under which heading; what is in none stands under the last.
_TIME = ("turnaround_distribution", "turnaround_by_stage", "open_by_age")
_GROUPS = ("takedown_curves", "members_by_fate", "impunity_by_residence")
_STATES = ("state_map", "request_exchange")
_LIMITS = ("ladder",)
_RIGHTS = ("gain_against_rights",)
_EFFECTS = ("forest", "by_change")
#: Fewer replicates than these leave intervals rough.
FEW = 20


def comparison_page(story: Story, drawn: Collection[str], made: Mapping[str, Any] | None = None) -> Page:
    """The report of a comparison.

    Args:
        story: what was found.
        drawn: names of the figures that were drawn.
        made: the manifest of its folder, if it has one.
    """
    sections = (
        Chapter("At a glance", tables.glance(story)),
        Chapter("Gain beside rights and cost", tables.rights(story), _figures(story, drawn, _RIGHTS)),
        _gains(story),
        *(_place(story, place, drawn, f"side_{row}") for row, place in enumerate(story.experiment.places, 1)),
        _effects(story, drawn),
        *_pictures(story, drawn),
        _numbers(story, "Every outcome, every scenario", tables.levels(story)),
        *_closing(story),
    )
    title = f"What changes against “{story.title[story.baseline]}”?"
    return Page(title, sentences(story), notes(story), sections, manifest(story, made))


def run_page(story: Story, drawn: Collection[str], made: Mapping[str, Any] | None = None) -> Page:
    """The report of one scenario, which is compared with nothing; the arguments are those of `comparison_page`."""
    scenario = story.scenarios[0]
    sections = (
        Chapter("Headlines", tables.levels_with_intervals(story, scenario, map(outcome, tables.ANSWER))),
        *_pictures(story, drawn),
        _numbers(story, "Every outcome", tables.levels_with_intervals(story, scenario, OUTCOMES)),
        *_closing(story),
    )
    return Page(story.title[scenario], sentences(story), notes(story), sections, manifest(story, made))


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
    return Chapter("Who gains, who pays", f"{_GAINS_NOTE}\n\n{opened}", folds=folds)


_GAINS_NOTE = (
    "Paired differences from the baseline over the policy years, a run, by income and region of states; in bold what "
    "can be distinguished from noise (about one number in twenty is so by chance). Gains first, then burdens: cost of "
    "the policy, of work, hours for others, and accounts handed over by custodians there."
)


def _place(story: Story, place: Place, drawn: Collection[str], figure: str) -> Chapter:
    """A country's side."""
    side = places.Side(story, (place,))
    short = "\n".join(f"- {places.in_short(story, place, scenario, side)}" for scenario in story.reported)
    waits = (
        Fold("Where its own requests wait", places.bottlenecks(story, place))
        if "pairs" in story.results.breakdowns
        else None
    )
    folds = (
        waits,
        Fold("Burden by desk", places.burden(story, place)),
        Fold("Everything that each policy changes here", places.changes(story, place, side)),
    )
    return Chapter(place.title, short, _figures(story, drawn, (figure,)), tuple(filter(None, folds)))


def _effects(story: Story, drawn: Collection[str]) -> Chapter:
    """What each policy changes: a table, the forest, which change does the work, and all outcomes by policy."""
    by_change = (
        f"### {story.marked[policy.scenario]}, change by change\n\n{tables.by_change(story, policy.scenario)}"
        for policy in story.design.apart
    )
    parts = (*unmoved.paragraphs(story), tables.headlines(story), _SHARES, *by_change)
    folds = tuple(Fold(story.title[scenario], tables.changes(story, scenario)) for scenario in story.reported)
    return Chapter("What each policy changes", "\n\n".join(parts), _figures(story, drawn, _EFFECTS), folds)


_SHARES = (
    "Shares are over what is sent. A policy that makes other requests worthwhile changes the mix, so a share can fall "
    "while the number executed rises: read both."
)


def _pictures(story: Story, drawn: Collection[str]) -> Iterable[Chapter]:
    """The other figures, by question."""
    limits = "\n\n".join(part for part in (tables.bounds(story), tables.courts(story)) if part)
    known = (*_TIME, *_GROUPS, *_STATES, *_LIMITS, *_RIGHTS, *_EFFECTS)
    others = tuple(name for name in drawn if name not in known and not name.startswith("side_"))
    yield Chapter("How long answers take", figures=_figures(story, drawn, _TIME))
    yield Chapter("What becomes of groups and people", figures=_figures(story, drawn, _GROUPS))
    yield Chapter("Between states", figures=_figures(story, drawn, _STATES))
    yield Chapter("What cooperation can do at all", limits, _figures(story, drawn, _LIMITS))
    yield Chapter("More figures", figures=_figures(story, drawn, others))


def _numbers(story: Story, title: str, levels: str) -> Chapter:
    """The long tables, each behind a fold; first the levels of all outcomes, under their title."""
    folds = [Fold(title, levels, Sheet(LEVELS, as_csv(story.levels)))]
    more = (
        ("How many states have joined, year by year", tables.joined, not story.in_force.empty),
        ("Does crime end, or does it move?", tables.displaced, story.compared and story.policies),
        ("The busiest states", tables.by_country, story.compared and story.policies),
        ("What becomes of identified members", tables.people, True),
        ("Who asks and who benefits, by income of states", tables.incomes, True),
        ("What it costs, and what one more takedown costs", tables.costs, story.compared),
    )
    folds += [Fold(name, table(story)) for name, table, there in more if there]
    return Chapter("All numbers", f"Means over replicates. {_undefined(story)}", folds=tuple(folds))


def _undefined(story: Story) -> str:
    """Outcomes that are not defined in some worlds, and in how many; dashes mark those defined in none."""
    rows = story.outcomes[story.outcomes["scenario"].isin(story.scenarios)]
    found = []
    for entry in OUTCOMES:
        lost = rows[entry.key].isna().groupby(rows["scenario"]).sum()
        partly = [key for key in story.scenarios if 0 < lost[key] < story.replicates(key)]
        if partly:
            there = ", ".join(f"{lost[key]} of {story.replicates(key)} under “{story.marked[key]}”" for key in partly)
            found.append(f"{entry.title} ({there})")
    if not found:
        return "Every outcome is defined in all worlds or in none."
    return (
        "In some worlds an outcome is not defined, for example because a median is never reached. Such a world does "
        "not count for this outcome, so its mean may describe the easier worlds. "
        f"Not defined in some worlds: {'; '.join(found)}."
    )


def _closing(story: Story) -> tuple[Chapter, Chapter]:
    """What it rests on, and how it was made."""
    asks = "\n".join(map(_asked, story.design.scenarios))
    folds = (Fold("What each scenario asks", asks), Fold("Definitions", definitions(OUTCOMES)))
    world = story.experiment.world
    meaning = _MEANING.format(
        groups=f"about {world.groups}",
        states=f"{len(world.states) or len(story.states)} states",
        sensitivity=provenance.influence_in_words(),
    )
    text = f"{meaning}\n- {provenance.in_words()}{failures(story)}"
    return Chapter("What it rests on", text), Chapter("Method", _method(story), folds=folds)


_MEANING = """\
- They are what follows from dated law, from rules written down in the model, and from values of which many
  are judgement. They compare policies in the same simulated worlds; they are not forecasts of any year's
  figures.
- The groups are those that national units investigate ({groups} at a time in {states}); mass crime is present
  only as load on the desks.
- Harm is counted in rates that are judgement: read it in per cent, not in dollars.
- A takedown counts when a group stays at a tenth of its capability or less for 180 days. Groups may come back
  later, and others take their place.
- A faster or wider channel is not free: requesters without a genuine case use it too. Look at what is marked *(rights)*
  next to the gain. How many requests are abusive nobody knows; the share is a judgement within 0 to 5 %.
- {sensitivity}"""


def _asked(scenario: Scenario) -> str:
    """The question of a scenario, who wrote it, and what its numbers rest on."""
    sources = f"; sources: {'; '.join(map(marked, scenario.sources))}" if scenario.sources else ""
    return f"- **{marked(scenario.title)}**: {marked(scenario.question)} ({marked(scenario.author)}{sources})"


def _method(story: Story) -> str:
    """How the numbers were made, in a paragraph, and what intervals hold."""
    world, sets = story.experiment.world, story.experiment.sets
    seeds = counted(len(story.design.seeds()), "random world")
    mode = MANY_WORLDS.format(standing=sets.standing) if sets else ONE_WORLD
    return (
        f"In each of {seeds}, about {world.groups} criminal groups meet the agencies, central authorities, courts, "
        f"providers and liaison bodies of the states under dated law. The past is simulated from {world.start} under "
        f"the law as it was; on {world.policy_start} the world is copied, and each copy lives on under one policy "
        f"until {world.end}. Copies share every random draw that the policy does not touch, so a difference comes from "
        f"the policy.\n\n{ASSUMPTION} {mode}"
    )


def notes(story: Story) -> tuple[str, ...]:
    """What the sentences rest on: short plain facts."""
    replicates = story.replicates(story.baseline)
    sets = story.experiment.sets
    plausible = f"each with a plausible parameter set, {sets.standing}" if sets else ""
    world = plausible or "one world, every parameter at its default"
    few = "With so few replicates the intervals are rough." if replicates < FEW else ""
    few = "One replicate says nothing about chance: there are no intervals." if replicates == 1 else few
    found = (
        f"{story.basis.capitalize()} ({world}). Ranges are 95 % intervals.",
        few,
        *_worlds(story),
        provenance.part_of_the_world(story.experiment.world),
        "Simulated worlds with many values that nobody knows: read differences, not levels. Not a forecast.",
    )
    return tuple(note for note in found if note)


_AS_ALL = "levels beside others are as all worlds would give them: a rise is added, a fall taken in proportion"


def _worlds(story: Story) -> Iterator[str]:
    """Whether more worlds are to come, why there are no more, and which scenarios rest on fewer."""
    design, there, until = story.design, story.replicates(story.baseline), story.experiment.until
    if design.planned:
        yield (
            f"The answer so far, by {there} of {'at most ' if until else ''}{design.planned} worlds. The others are "
            "being simulated, and this report is renewed when they are there."
        )
    elif until is not None:
        about = outcome(until.outcome)
        wanted = (
            f"the interval of each policy's effect on “{about.title}” reached {number(until.half_width)} {about.unit}"
        )
        enough = design.plan.replicates < story.experiment.replicates
        yield (
            f"Worlds were added until {wanted} to either side; nothing else ended it."
            if enough
            else f"Worlds were to be added until {wanted} to either side; these are all that were allowed."
        )
    by_number: dict[int, list[str]] = {}
    for key in story.climbers:
        by_number.setdefault(len(design.seeds_of(key)), []).append(f"“{story.title[key]}”")
    for size, titles in by_number.items():
        if size < design.plan.replicates:
            yield f"{listing(titles)} {'rests' if len(titles) == 1 else 'rest'} on {size} of these worlds; {_AS_ALL}."


def definitions(outcomes: Iterable[Outcome]) -> str:
    """What outcomes count: a list."""
    return "\n".join(f"- **{about.title}** ({about.unit}): {about.definition}" for about in outcomes)


def failures(story: Story) -> str:
    """What went wrong, as a paragraph of its own; empty where nothing did."""
    failed = "\n".join(f"- {marked(failure.text)}" for failure in story.failures)
    return f"\n\nFailed, and therefore missing:\n\n{failed}" if failed else ""


def manifest(story: Story, made: Mapping[str, Any] | None) -> dict[str, str]:
    """Where the numbers come from, by name: command, code, seeds, inputs.

    Args:
        story: what was found.
        made: the manifest of its folder, if it has one.
    """
    seeds = story.design.seeds()
    found = {
        "command": story.command,
        **code_in_words(),
        "seeds": f"{seeds[0]} to {seeds[-1]}",
        "baseline": story.baseline,
        "scenarios": ", ".join(story.scenarios),
    }
    if made is not None:
        found["packages"] = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    return found | {"files": _FILES}


_FILES = (
    "levels.csv holds the mean of every outcome under every scenario, outcomes.csv every outcome of every "
    "replicate, differences.csv every paired difference, countries.csv (of comparisons) those of every state, "
    "costs.csv and displacement.csv what their names say, breakdowns/ the tables behind the figures, "
    "config.yaml every value of the configuration, manifest.json code version, packages, seeds and hashes of all "
    "inputs."
)
