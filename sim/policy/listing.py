"""Lists for a terminal: the scenarios, and the levers that a scenario file can move."""

from rich.console import Console
from rich.table import Table

from sim.policy.lever import Lever, Quantity
from sim.policy.levers import LEVERS
from sim.policy.scenario import catalogue, load


def print_scenarios(console: Console | None = None) -> None:
    """Prints key, title and question of every scenario."""
    table = Table(show_lines=True)
    for heading in ("scenario", "what it is", "what it asks"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "scenario")
    for key in catalogue():
        scenario = load(key)
        table.add_row(key, scenario.title, scenario.question)
    (console or Console()).print(table)


def print_levers(console: Console | None = None) -> None:
    """Prints every lever with its unit, range, selection and cost."""
    table = Table(show_lines=True)
    for heading in ("lever", "what it is", "value", "acts on", "cost", "evidence"):
        table.add_column(heading, overflow="fold")
    for lever in LEVERS.values():
        selects = {"world": "the world", "states": "states", "pairs": "pairs of states"}[lever.target]
        table.add_row(lever.name, lever.title, _value(lever), selects, lever.cost, lever.tag.value)
    (console or Console()).print(table)


def _value(lever: Lever) -> str:
    """Unit and range, or the words allowed."""
    if lever.choices:
        return ", ".join(lever.choices)
    if lever.quantity in (Quantity.SWITCH, Quantity.INSTRUMENT, Quantity.SHARE):
        return lever.unit
    return f"{lever.low:g} to {lever.high:g} {lever.unit}"
