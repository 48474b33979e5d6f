"""The regrets of a story, and how its arms are called."""

from rich.table import Column, Table
from rich.text import Text

from sim.experiments.regret import JUDGED, Regret, regrets
from sim.measures.outcomes import outcome
from sim.policy.alternatives import is_fixed
from sim.report.story import Story
from sim.report.words import level, span


def plans(story: Story) -> list[str]:
    """Arms that follow a fixed plan."""
    return [scenario.key for scenario in story.design.scenarios if is_fixed(scenario)]


def judged(story: Story) -> list[Regret]:
    """Every arm on every judged outcome."""
    return regrets(story.results.outcomes, story.baseline, story.compared, plans(story))


def in_words(entry: Regret) -> str:
    """A regret in words: how much better the best plan does."""
    unit = outcome(entry.outcome).unit
    return span(entry.regret.value, entry.regret.low, entry.regret.high, unit)


def overview(story: Story) -> Table:
    """Regret of every arm, for a terminal."""
    found = {(entry.scenario, entry.outcome): entry for entry in judged(story)}
    table = Table(
        Column("way to decide", overflow="fold"),
        "M€ over the policy years",
        *(f"regret: {outcome(key).title}" for key in JUDGED),
    )
    for arm in story.compared:
        cost = level(story.level(arm, "policy_cost"), outcome("policy_cost"))
        table.add_row(Text(story.title[arm]), cost, *(in_words(found[arm, key]) for key in JUDGED))
    return table
