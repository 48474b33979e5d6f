"""summary.md: the report's short form. The answer first, in plain words; long tables are files beside it."""

from collections.abc import Iterator

from sim.experiments.design import MAIN
from sim.measures.outcome import Better
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.places import Place
from sim.policy.scenario import Scenario
from sim.report import answer, places, provenance, tables, templates, unmoved
from sim.report.by_change import by_change_table
from sim.report.headline import sentences
from sim.report.marking import marked
from sim.report.page.parts import Chapter, Exhibit, Page, markdown_of
from sim.report.story import Story
from sim.results.effects import UNCLEAR, PairedEffect, is_clear
from sim.results.words import in_unit, level, listing, number


def comparison(story: Story) -> str:
    """The summary of a comparison."""
    by_change = (
        f"### {story.marked[policy.scenario]}, change by change\n\n{by_change_table(story, policy.scenario)}"
        for policy in story.design.apart
    )
    forest = Exhibit("What each policy changes", "", address="figures/forest.png")
    more = (*by_change, answer.bounds(story), answer.courts(story))
    return _written(
        story,
        f"What changes against “{story.title[story.baseline]}”?",
        Chapter(
            "What each policy changes",
            "\n\n".join([*unmoved.paragraphs(story), tables.headlines(story)]),
            (forest,) if story.policies else (),
        ),
        Chapter("What each change does, what cooperation can do, and courts", "\n\n".join(filter(None, more))),
        Chapter("What each gain costs in rights", tables.rights(story)),
        *(_place(story, place) for place in story.experiment.places),
    )


def run(story: Story) -> str:
    """The summary of one scenario."""
    scenario = story.scenarios[0]
    levels = (
        f"- {about.title}: **{level(story.level(scenario, about.key), about)}**{in_unit(about.unit)}"
        for about in map(outcome, answer.ANSWER)
    )
    return _written(story, story.title[scenario], Chapter("Headlines", "\n".join(levels)))


def _written(story: Story, title: str, *sections: Chapter) -> str:
    """A summary with what every summary ends with."""
    text = f"{templates.meaning(story)}\n- {provenance.in_words()}{templates.failures(story)}"
    meaning = Chapter("What the numbers mean, and what they do not", text)
    shown = tuple(section for section in (*sections, meaning) if section.markdown)
    whole = "The whole report, with figures, definitions and every table: report.html."
    page = Page(title, sentences(story), (*notes(story), whole), shown, templates.manifest(story, None))
    return markdown_of(page)


def notes(story: Story) -> tuple[str, ...]:
    """What the sentences rest on: short plain facts."""
    replicates = story.replicates(story.baseline)
    sets = story.experiment.sets
    plausible = f"each with a plausible parameter set, {sets.standing}" if sets else ""
    world = plausible or "one world, every parameter at its default"
    few = "With so few replicates the intervals are rough." if replicates < _FEW else ""
    few = "One replicate says nothing about chance: there are no intervals." if replicates == 1 else few
    found = (
        f"{story.basis.capitalize()} ({world}). Ranges are 95 % intervals.",
        few,
        *worlds(story),
        provenance.part_of_the_world(story.experiment.world),
        "Simulated worlds with many values that nobody knows: read differences, not levels. Not a forecast.",
    )
    return tuple(note for note in found if note)


_FEW = 20


_AS_ALL = "levels beside others are as all worlds would give them: a rise is added, a fall taken in proportion"


def worlds(story: Story) -> Iterator[str]:
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


def _place(story: Story, place: Place) -> Chapter:
    """What each policy brings a state or group."""
    side = places.Side(story, (place,))
    lines = (f"- {places.in_short(story, place, scenario, side)}" for scenario in story.reported)
    return Chapter(place.title, "\n".join(lines))


def undefined(story: Story) -> str:
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


def verdicts(story: Story, scenario: str) -> str:
    """Outcomes of one scenario sorted by what can be said about them."""
    entries = [entry for entry in story.differences[MAIN] if entry.scenario == scenario]
    groups = (
        ("better", [entry for entry in entries if _good(entry) is True]),
        ("worse", [entry for entry in entries if _good(entry) is False]),
        ("changed", [entry for entry in entries if is_clear(entry) and _good(entry) is None]),
        *((str(verdict), [entry for entry in entries if entry.verdict is verdict]) for verdict in UNCLEAR),
    )
    lines = [f"- {name}: {'; '.join(entry.title for entry in found)}." for name, found in groups if found]
    return f"**{story.marked[scenario]}**\n\n" + "\n".join(lines)


def _good(entry: PairedEffect) -> bool | None:
    """Whether a difference that can be distinguished from noise is wanted; None where it is neither or nothing."""
    better = outcome(entry.outcome).better
    if not is_clear(entry) or better is Better.NEITHER:
        return None
    return (entry.difference > 0) == (better is Better.MORE)


def asked(scenario: Scenario) -> str:
    """The question of a scenario, who wrote it, and what its numbers rest on."""
    sources = f"; sources: {'; '.join(map(marked, scenario.sources))}" if scenario.sources else ""
    return f"- **{marked(scenario.title)}**: {marked(scenario.question)} ({marked(scenario.author)}{sources})"
