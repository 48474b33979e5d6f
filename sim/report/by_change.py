"""The table of what each change of a policy does."""

from collections.abc import Iterator, Mapping, Sequence

from sim.measures.outcomes import HEADLINES, outcome
from sim.report.marking import markdown_table, marked
from sim.report.story import Story
from sim.results.effects import PairedEffect, is_same
from sim.results.words import cell


def by_change_table(story: Story, scenario: str) -> str:
    """A policy that is taken apart as a Markdown table: a row per change and role, a column per headline outcome.

    In bold what can be distinguished from noise. Below it, changes that move none of these outcomes, and what their
    levers need.

    Args:
        story: what was found.
        scenario: key of the policy.
    """
    found: dict[tuple[int, str], list[PairedEffect]] = {}
    for entry in story.contributions:
        if entry.scenario == scenario:
            found.setdefault((entry.part, entry.role), []).append(entry)
    order = [key for key in found if key[0]] + [key for key in found if not key[0]]
    rows = [_row(key[0], found[key]) for key in order]
    table = markdown_table(["", "", *(outcome(key).heading for key in HEADLINES)], rows, range(2, 2 + len(HEADLINES)))
    return "\n\n".join([table, *_idle(story, scenario, found)])


def _idle(story: Story, scenario: str, found: Mapping[tuple[int, str], Sequence[PairedEffect]]) -> Iterator[str]:
    """A sentence for each change that moves none of these outcomes: what its lever needs."""
    policy, base = (
        next(entry for entry in story.design.scenarios if entry.key == key) for key in (scenario, story.baseline)
    )
    for part, change in enumerate((change for change in policy.changes if change not in base.changes), 1):
        rows = [entry for (number, _), entries in found.items() if number == part for entry in entries]
        if rows and all(map(is_same, rows)):
            needs = getattr(change.lever, "needs", "").rstrip(".")
            reason = f" {marked(change.lever.name)} needs {marked(needs)}." if needs else ""
            yield f"Change {part}, {marked(rows[0].label)}, moves none of these.{reason}"


def _row(part: int, entries: Sequence[PairedEffect]) -> list[str]:
    first = entries[0]
    name = f"{part}. {first.label}" if part else ""
    return [marked(name), first.role, *map(cell, entries)]
