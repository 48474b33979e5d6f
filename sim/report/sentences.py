"""Parts of sentences that say what a figure shows; plain text, each number with its interval."""

from textwrap import shorten

from sim.law.order import legal_order
from sim.measures.outcomes import outcome
from sim.report.story import Story
from sim.results.effects import PairedEffect, is_clear
from sim.results.words import change, counted, in_unit, interval, level, listing

#: Policies that a sentence names, at most.
_NAMED = 4
_LONGEST_TITLE = 44  # letters of a title in a sentence


def quoted(story: Story, scenario: str) -> str:
    """The title of a scenario in quotation marks."""
    return f"“{story.title[scenario]}”"


def named(story: Story, scenario: str) -> str:
    """The same, cut where it is long."""
    return f"“{shorten(story.title[scenario], _LONGEST_TITLE, placeholder=' …')}”"


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


def moved(story: Story, keys: tuple[str, ...]) -> str:
    """How many of some outcomes each policy changes by more than noise; of many policies, the first few."""
    counts = {
        scenario: sum(entry.scenario == scenario for key in keys for entry in clear(story, key))
        for scenario in story.policies
    }
    most = sorted(counts, key=lambda scenario: -counts[scenario])[:_NAMED]
    parts = [f"{counts[scenario]} under {quoted(story, scenario)}" for scenario in most]
    rest = f" (the first of {len(counts)} policies)" if len(counts) > len(most) else ""
    return f"Of {counted(len(keys), 'outcome')}, more than noise changes {listing(parts)}{rest}."


def few_sent(story: Story, scenario: str) -> str:
    """Why turnaround says little where channels are closed."""
    sent = (
        interval(story.level(scenario, "requests_per_year")),
        interval(story.level(story.baseline, "requests_per_year")),
    )
    return (
        f"{quoted(story, scenario)} is left out: only {sent[0]} requests are sent there in a year, against {sent[1]}, "
        "and only the easy ones still pass, so that turnaround there says nothing about speed."
    )
