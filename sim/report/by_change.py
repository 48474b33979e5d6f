"""The table of what each change of a policy does."""

from collections.abc import Sequence

from sim.experiments.by_change import ChangeRole, Contribution
from sim.experiments.compare import Verdict
from sim.measures.outcomes import HEADLINES, outcome
from sim.report.marking import markdown_table, marked
from sim.report.story import Story
from sim.report.words import span


def by_change_table(story: Story, scenario: str) -> str:
    """A policy that is taken apart as a Markdown table: a row per change and role, a column per headline outcome.

    In bold what can be distinguished from noise.

    Args:
        story: what was found.
        scenario: key of the policy.
    """
    found: dict[tuple[int, ChangeRole], list[Contribution]] = {}
    for entry in story.contributions:
        if entry.scenario == scenario:
            found.setdefault((entry.part, entry.role), []).append(entry)
    order = [key for key in found if key[0]] + [key for key in found if not key[0]]
    rows = [_row(key[0], found[key]) for key in order]
    return markdown_table(["", "", *(outcome(key).heading for key in HEADLINES)], rows, range(2, 2 + len(HEADLINES)))


def _row(part: int, entries: Sequence[Contribution]) -> list[str]:
    first = entries[0]
    name = f"{part}. {first.label}" if part else ""
    return [marked(name), str(first.role), *map(_cell, entries)]


def _cell(entry: Contribution) -> str:
    if entry.verdict is Verdict.IDENTICAL:
        return "identical"
    words = span(entry.difference, entry.low, entry.high, entry.unit)
    return f"**{words}**" if entry.verdict is Verdict.DISTINGUISHABLE else words
