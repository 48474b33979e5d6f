"""Generates the pages of levers and of outcomes from their declarations."""

from itertools import groupby

from sim.measures.outcomes import BREAKDOWNS, HEADLINES, OUTCOMES
from sim.policy.lever import Lever, Quantity
from sim.policy.levers import LEVERS
from sim.report.marking import markdown_table, marked

_LEVERS = """\
# Levers

What a scenario or a sweep can move: {count} levers. `comity levers` prints the same list. Costs in euros are in
[the data](data.md) (`unit_costs.csv`).
"""
_OUTCOMES = """\
# Outcomes

Every run measures {count} outcomes: the columns of `outcomes.parquet`. A share is a number from 0 to 1. An outcome
that is undefined, such as a share of nothing, is missing (NaN). *Better* says what a policy wants; for some that
depends on the view taken.

## Headlines

{headlines}

## All outcomes

[All outcomes with unit and definition as CSV](../odd/outcomes.csv)

## Breakdowns

Tables of each run, by channel, stage, state or year, in `breakdowns/`.

{breakdowns}
"""


def levers() -> str:
    """Text of the page of levers, in Markdown."""
    parts = [_LEVERS.format(count=len(LEVERS))]
    for theme, members in groupby(LEVERS.values(), lambda lever: lever.name.partition(".")[0]):
        parts += [f"## `{theme}`", *map(_lever, members)]
    return "\n\n".join(parts) + "\n"


def _lever(lever: Lever) -> str:
    """Section on one lever."""
    numeric = lever.gradual or lever.quantity is Quantity.SPREAD
    values = f"{lever.low:g} to {lever.high:g}, {lever.unit}" if numeric else ", ".join(lever.choices) or lever.unit
    facts = [
        ("value", values),
        ("selects", lever.target.value),
        ("acts on", lever.acts_on),
        ("needs", lever.needs),
        ("cost", lever.cost),
        ("not answerable", lever.no_path),
        ("source", f"{lever.source} ({lever.tag.value})"),
    ]
    lines = [f"- *{name}*: {marked(text)}" for name, text in facts if text]
    return f"### `{lever.name}`\n\n{marked(lever.title)}\n\n" + "\n".join(lines)


def outcomes() -> str:
    """Text of the page of outcomes, in Markdown."""
    chosen = [
        (f"`{entry.key}`", marked(entry.title), marked(entry.unit)) for entry in OUTCOMES if entry.key in HEADLINES
    ]
    headlines = markdown_table(("key", "what it is", "unit"), chosen, ())
    tables = [(f"`{name}`", _first(measure.__doc__)) for name, measure in BREAKDOWNS.items()]
    breakdowns = markdown_table(("table", "what it holds"), tables, ())
    return _OUTCOMES.format(count=len(OUTCOMES), headlines=headlines, breakdowns=breakdowns)


def _first(text: str | None) -> str:
    """First paragraph of a docstring, escaped for Markdown."""
    return marked((text or "").partition("\n\n")[0])
