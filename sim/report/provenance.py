"""What results rest on, in words: worlds, method, inputs verified, recalled or judged, and where numbers come from."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from math import exp, isnan
from typing import Any

from sim.experiments.manifest import code_in_words, code_version
from sim.law.order import legal_order
from sim.law.vocabulary import EvidenceTag
from sim.measures.outcome import Outcome
from sim.measures.outcomes import outcome
from sim.policy.listing import understood
from sim.policy.scenario import Scenario
from sim.report.marking import marked, texts
from sim.report.story import Story
from sim.results.words import counted, listing, number, rough
from sim.world.parameters import WorldSpec, declarations

_TAG_COLUMN = "status"
#: The evidence tag that each status of the data files amounts to; partly recalled counts as recalled.
_TAGS = dict.fromkeys(("mixed", "recalled (not retrieved)"), EvidenceTag.RECALLED) | {tag: tag for tag in EvidenceTag}
#: Fewer replicates than these leave intervals rough.
FEW = 20


def parameter_tags() -> Counter[str]:
    """Number of model parameters by evidence tag."""
    return Counter(str(declaration.tag) for _, _, declaration in declarations())


def data_tags() -> dict[str, Counter[str]]:
    """Rows by evidence tag, for every data file that carries one."""
    by_file: dict[str, Counter[str]] = {}
    for entry in sorted(files("sim.data").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".csv"):
            with entry.open(encoding="utf-8") as lines:
                rows = csv.DictReader(lines)
                if _TAG_COLUMN in (rows.fieldnames or ()):
                    by_file[entry.name] = Counter(_TAGS.get(row[_TAG_COLUMN], "other") for row in rows)
    return by_file


def in_words() -> str:
    """Two sentences on what the inputs rest on, and the files with most recalled rows."""
    parameters, data = parameter_tags(), data_tags()
    total = sum(data.values(), Counter[str]())
    recalled = {name: tags[EvidenceTag.RECALLED] for name, tags in data.items() if tags[EvidenceTag.RECALLED]}
    worst = sorted(recalled, key=lambda name: -recalled[name])[:5]
    named = ", ".join(f"{name} ({recalled[name]} of {sum(data[name].values())} rows)" for name in worst)
    return (
        f"Of {sum(parameters.values())} model parameters, {parameters[EvidenceTag.JUDGEMENT]} are judgement "
        f"and {parameters[EvidenceTag.VERIFIED]} rest on a source that was read. Of {sum(total.values())} "
        f"rows of data with a flag, {total[EvidenceTag.VERIFIED]} are verified, "
        f"{total[EvidenceTag.RECALLED]} are wholly or partly recalled rather than looked up, "
        f"{total[EvidenceTag.JUDGEMENT]} are judgement. Most recalled rows stand in {named or 'no file'}; "
        "each row names its own source in `sim/data/`."
    )


def part_of_the_world(world: WorldSpec) -> str:
    """A warning where a world is smaller than the real one."""
    if not world.states:
        return ""
    return (
        f"A part of the world, for trying things out: {counted(len(world.states), 'state')} of "
        f"{len(legal_order().states)} and about {counted(world.groups, 'group')} of {WorldSpec().groups}. "
        "Its numbers mean nothing."
    )


def meaning(story: Story) -> str:
    """What the numbers mean, and what they do not: a list."""
    world = story.experiment.world
    size = {"groups": f"about {world.groups}", "states": f"{len(world.states) or len(story.states)} states"}
    return str(texts("report")["meaning"]).format(**size)


def asked(scenario: Scenario, title: str) -> str:
    """The question of a scenario under its marked title, who wrote it, and what its numbers rest on."""
    sources = f"; sources: {'; '.join(map(marked, scenario.sources))}" if scenario.sources else ""
    return f"- **{title}**: {marked(scenario.question)} ({marked(scenario.author)}{sources})"


def method(story: Story) -> str:
    """How the numbers were made, in a paragraph, and what intervals hold."""
    world, sets, words = story.experiment.world, story.experiment.sets, texts("report")
    seeds = counted(len(story.design.seeds()), "random world")
    mode = words["many_worlds"].format(standing=sets.standing) if sets else words["one_world"]
    return (
        f"In each of {seeds}, about {world.groups} criminal groups meet the agencies, central authorities, courts, "
        f"providers and liaison bodies of the states under dated law. The past is simulated from {world.start} under "
        f"the law as it was; on {world.policy_start} the world is copied, and each copy lives on under one policy "
        f"until {world.end}. Copies share every random draw that the policy does not touch, so a difference comes from "
        f"the policy.\n\n{words['paired_intervals']} {mode}"
    )


def line(story: Story, made: Mapping[str, Any] | None) -> str:
    """What was made, when, by which version, from how many worlds: the line above and below a page."""
    world, day = story.experiment.world, (made or {}).get("made", "")
    when = f" of {day}" if day else ""
    years = f"{world.policy_start[:4]} to {world.end[:4]}"
    return f"Comity {code_version()['version']} · comparison{when} · {story.worlds}, {years} · not a forecast"


def notes(story: Story) -> tuple[str, ...]:
    """What the sentences rest on: short plain facts."""
    replicates = story.replicates(story.baseline)
    sets = story.experiment.sets
    plausible = f"each with a plausible parameter set, {sets.standing}" if sets else ""
    world = plausible or "one world, every parameter at its default"
    few = "With so few replicates the intervals are rough." if replicates < FEW else ""
    few = "One replicate says nothing about chance: there are no intervals." if replicates == 1 else few
    found = (
        f"{story.basis.capitalize()} ({world}). Ranges are 95 % intervals; those of prices hold 95 % of worlds.",
        few,
        *_worlds(story),
        part_of_the_world(story.experiment.world),
        funded(story.design.scenarios),
        own_error(story),
        "Simulated worlds with many values that nobody knows: read differences, not levels. Not a forecast.",
    )
    return tuple(note for note in found if note)


def funded(scenarios: Sequence[Scenario]) -> str:
    """What each state is given in numbers, and what posts are in this model, where a scenario moves them."""
    posts = any(change.lever.name == "liaison.posts" for scenario in scenarios for change in scenario.changes)
    filled = "Posts are funded, not filled: an officer goes only where requests are sent often enough."
    return " ".join([*understood(scenarios), *([filled] if posts else [])])


def own_error(story: Story) -> str:
    """How far a level may be off by the model's own error, by an example; empty where nobody knows."""
    sets = story.experiment.sets
    if sets is None or isnan(sets.own_error.levels):
        return ""
    low, high = (rough(100.0 * exp(way * sets.own_error.levels)) for way in (-1.96, 1.96))
    found = f"Levels are rough: where 100 cases or days are shown, the truth lies between {low} and {high} (95 %)."
    if isnan(sets.own_error.counts):
        return f"{found} Differences are surer, and leave this out."
    return f"{found} Differences are surer; the ranges of groups brought down are wide to allow for a part of this."


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
    for key in story.scenarios:
        by_number.setdefault(len(design.seeds_of(key)), []).append(f"“{story.title[key]}”")
    for size, titles in by_number.items():
        if size < design.plan.replicates:
            rest, as_all = "rests" if len(titles) == 1 else "rest", texts("report")["as_all"]
            yield f"{listing(titles)} {rest} on {size} of these worlds; {as_all}."


def definitions(outcomes: Iterable[Outcome]) -> str:
    """What outcomes count: a list."""
    return "\n".join(f"- **{about.title}** ({about.unit}): {about.definition}" for about in outcomes)


def failures(story: Story) -> str:
    """What went wrong, as a paragraph of its own; empty where nothing did."""
    failed = "\n".join(f"- {marked(failure.text)}" for failure in story.failures)
    return f"\n\nFailed, and therefore missing:\n\n{failed}" if failed else ""


def manifest(story: Story, made: Mapping[str, Any] | None) -> dict[str, str]:
    """Where the numbers come from, by name: command, code, seeds, inputs; packages by the manifest of a folder."""
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
    return found | {"files": texts("report")["files"]}
