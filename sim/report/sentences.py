"""Parts of sentences that say what a figure shows; plain text, each number with its interval."""

from textwrap import shorten

from sim.experiments.run import window
from sim.law.order import legal_order
from sim.measures.outcomes import outcome
from sim.report.story import Story
from sim.results.effects import PairedEffect, is_clear
from sim.results.words import change, counted, in_unit, level

_LONGEST_TITLE = 44  # letters of a title in a sentence


def quoted(story: Story, scenario: str) -> str:
    """The title of a scenario in quotation marks."""
    return f"“{story.title[scenario]}”"


def named(story: Story, scenario: str) -> str:
    """The same, cut where it is long."""
    return f"“{shorten(story.title[scenario], _LONGEST_TITLE, placeholder=' …')}”"


def years(story: Story) -> str:
    """How long the policy years are."""
    return counted(round(window(story.experiment.world).years), "year")


def state_name(row: int) -> str:
    """The English name of a state, by its row number."""
    law = legal_order()
    return law.names[law.states[row]]


def at(story: Story, scenario: str, key: str) -> str:
    """The mean of an outcome under a scenario, with its interval and unit."""
    about = outcome(key)
    return f"{level(story.level(scenario, key), about)}{in_unit(about.unit)}"


def clear(story: Story, key: str) -> list[PairedEffect]:
    """Effects of an outcome that can be distinguished from noise, largest first, over all policies."""
    found = [story.difference(scenario, key) for scenario in story.policies]
    known = [entry for entry in found if entry is not None and is_clear(entry)]
    return sorted(known, key=lambda entry: -abs(entry.difference))


def strongest(story: Story, key: str) -> str:
    """Which policy changes an outcome most, and by how much."""
    found, title = clear(story, key), outcome(key).title
    if not found:
        return f"{title}: no policy changes it by more than noise."
    first = found[0]
    return f"{title}: most changed by {quoted(story, first.scenario)}, {change(first)}{in_unit(first.unit)}."
