"""summary.md: the answer first, then what it rests on, in plain words; every number can be traced."""

from collections.abc import Sequence

from sim.experiments.compare import Difference, Verdict
from sim.experiments.design import MAIN
from sim.experiments.statistics import ASSUMPTION, MANY_WORLDS, ONE_WORLD
from sim.measures.outcome import Better
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.scenario import Scenario
from sim.report import answer, provenance, tables, templates, unmoved
from sim.report.marking import marked
from sim.report.story import Story
from sim.report.words import in_unit, level

_CAPTION = {
    "forest": "What each policy changes",
    "gain_against_rights": "What each gain costs in rights",
    "takedown_curves": "Time to takedown",
    "turnaround_distribution": "How long an answer takes",
    "turnaround_by_stage": "Where the time goes",
    "ladder": "The ladder from no cooperation to frictionless cooperation",
    "court_slack": "Dependence on court slack",
    "turnaround_matrix": "Turnaround between states",
    "request_exchange": "Requests and answers between states",
    "trust_map": "Trust between states",
    "liaison_bodies": "What liaison bodies are asked for, and how soon they answer",
    "members_by_fate": "Where identified members stand five years later",
    "impunity_by_residence": "Impunity by state of residence",
    "displacement": "Does crime end, or does it move?",
}


def comparison(story: Story, figures: Sequence[str]) -> str:
    """The summary of a comparison.

    Args:
        story: what was found.
        figures: names of the figures that were drawn.
    """
    baseline = story.marked[story.baseline]
    return templates.filled(
        templates.COMPARISON,
        title=f"What changes against “{baseline}”?",
        headlines="\n\n".join(answer.headline(story, key) for key in answer.ANSWER[:2]),
        answer=answer.by_policy(story),
        bounds=answer.bounds(story),
        courts=answer.courts(story),
        unmoved="\n\n".join(unmoved.paragraphs(story)),
        trust=_trust(story),
        rights=tables.rights(story),
        assumption=f"{ASSUMPTION} {MANY_WORLDS if story.experiment.sets else ONE_WORLD}",
        verdicts="\n\n".join(_verdicts(story, scenario) for scenario in story.reported),
        figures=_figures(figures),
        undefined=_undefined(story),
        levels=tables.levels(story),
        baseline=baseline,
        changes="\n\n".join(
            f"### {story.marked[scenario]}\n\n{tables.changes(story, scenario)}" for scenario in story.compared
        ),
        ladder=_section("The ladder: share of the way, and the mean itself", tables.ladder(story))
        if story.ladder
        else "",
        court_table=_section("Court slack", tables.courts(story)) if story.design.court_waits else "",
        in_force=_in_force(story),
        displaced=_section("Does crime end, or does it move?", tables.displaced(story)) if story.policies else "",
        people=_section("What becomes of identified members", tables.people(story)),
        incomes=_section("Who asks and who benefits, by income of states", tables.incomes(story)),
        countries=_section("A country's side", tables.by_country(story)) if story.policies else "",
        costs=_section("What it costs, and what one more takedown costs", tables.costs(story)),
        closing=_closing(story),
    )


def run(story: Story, figures: Sequence[str]) -> str:
    """The summary of one scenario."""
    scenario = story.scenarios[0]
    return templates.filled(
        templates.RUN,
        title=story.marked[scenario],
        answer="\n".join(
            f"- {about.title}: **{level(story.level(scenario, about.key), about)}**{in_unit(about.unit)}"
            for about in map(outcome, answer.ANSWER)
        ),
        trust=_trust(story),
        figures=_figures(figures),
        undefined=_undefined(story),
        levels=tables.levels_with_intervals(story, scenario),
        in_force=_in_force(story),
        people=_section("What becomes of identified members", tables.people(story)),
        incomes=_section("Who asks and who benefits, by income of states", tables.incomes(story)),
        closing=_closing(story),
    )


def _trust(story: Story) -> str:
    replicates = story.replicates(story.baseline)
    few = " With so few replicates the intervals are rough." if replicates < 20 else ""
    few = " One replicate says nothing about chance: there are no intervals." if replicates == 1 else few
    return (
        f"These figures rest on {story.basis} and on many values that are judgement; those of "
        f"most influence are named under “What the numbers mean”.{few}"
    )


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


def _verdicts(story: Story, scenario: str) -> str:
    """Outcomes of one scenario sorted by what can be said about them."""
    entries = [entry for entry in story.differences[MAIN] if entry.scenario == scenario]
    groups = (
        ("better", [entry for entry in entries if _good(entry) is True]),
        ("worse", [entry for entry in entries if _good(entry) is False]),
        ("changed", [entry for entry in entries if answer.moved(entry) and _good(entry) is None]),
        ("not distinguishable from noise", [e for e in entries if e.verdict is Verdict.NOT_DISTINGUISHABLE]),
        ("identical in every replicate", [e for e in entries if e.verdict is Verdict.IDENTICAL]),
        ("not defined", [e for e in entries if e.verdict is Verdict.UNDEFINED]),
    )
    lines = [f"- {name}: {'; '.join(entry.title for entry in found)}." for name, found in groups if found]
    return f"**{story.marked[scenario]}**\n\n" + "\n".join(lines)


def _good(entry: Difference) -> bool | None:
    """Whether a difference that can be distinguished from noise is wanted; None where it is neither or nothing."""
    better = outcome(entry.outcome).better
    if not answer.moved(entry) or better is Better.NEITHER:
        return None
    return (entry.difference > 0) == (better is Better.MORE)


def _figures(names: Sequence[str]) -> str:
    return "\n\n".join(f"![{_CAPTION[name]}](figures/{name}.png)" for name in names)


def _section(title: str, table: str) -> str:
    return f"## {title}\n\n{table}"


def _in_force(story: Story) -> str:
    """How many states have joined, where a scenario makes states join anything."""
    return "" if story.in_force.empty else _section("How many states have joined, year by year", tables.joined(story))


def _asked(scenario: Scenario) -> str:
    """The question of a scenario, who wrote it, and what its numbers rest on."""
    sources = f"; sources: {'; '.join(map(marked, scenario.sources))}" if scenario.sources else ""
    return f"- **{marked(scenario.title)}**: {marked(scenario.question)} ({marked(scenario.author)}{sources})"


def _closing(story: Story) -> str:
    """Meaning, definitions, and where each number comes from."""
    world = story.experiment.world
    return templates.CLOSING.substitute(
        groups=f"about {world.groups}",
        states=f"{len(world.states)} states" if world.states else f"{len(story.states)} states",
        sensitivity=provenance.influence_in_words(),
        scenarios="\n".join(map(_asked, story.design.scenarios)),
        **templates.closing_parts(story, OUTCOMES),
    )
