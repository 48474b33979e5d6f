"""Runs rules as plain Python in small worlds, for tests without compilation.

A test sets the rows that matter (`small`, `put`), calls a rule, and looks at what the world is then (`got`, `posted`):
for a table of cases where there are several (`table`, `holds`). Chance is decided by settings: a probability of 0 or 1,
a time without spread. Where it is not, `chances` compares with the draw itself, as do calls of `sim.engine.random`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numba.core.extending import _Intrinsic
from numba.core.registry import CPUDispatcher

from sim.agents.events import EventKind, kinds
from sim.engine import linking, rows
from sim.engine.random import uniform
from sim.engine.tables import checked
from sim.world import world_pointer
from sim.world.records import GROWING, Growing
from sim.world.records.field import Entity
from sim.world.world import World
from tests.agents import scene
from tests.tiny import begun, waiting_events

#: What is compiled in a way of its own, as it is where nothing is compiled.
_IN_PYTHON: dict[str, Callable[..., Any]] = {
    **{"_attach_compiled": world_pointer._attach_in_python, "_as_table_compiled": checked},
    **{"_copy_compiled": rows._copy_in_python, "_prefetch_compiled": lambda *_: None},
}
Patch = pytest.MonkeyPatch


@cache
def _first_day() -> World:
    """Small world that other worlds are copied from, since a copy takes a tenth of the time."""
    world = begun().world
    return world._replace(**{name: getattr(world, name)[:1] for name in GROWING})


@pytest.fixture
def as_python(monkeypatch: Patch) -> Iterator[Patch]:
    """Fixture: rules run as Python until the end of the test."""
    for kind in (CPUDispatcher, linking.RuleDispatcher):  # of rules by plain Numba, and by `linking`
        monkeypatch.setattr(kind, "__call__", lambda rule, *values, **named: rule.py_func(*values, **named))
    monkeypatch.setattr(_Intrinsic, "__call__", lambda part, *values: _IN_PYTHON[part._name](*values))
    with np.errstate(over="ignore"):  # random keys wrap around
        first: tuple[Any, ...] = _first_day()
        monkeypatch.setattr(scene, "begun", lambda: SimpleNamespace(world=World(*(table.copy() for table in first))))
        yield monkeypatch


def fresh(rows_: int = 32, /, **settings: float) -> World:
    """Makes the usual small world with some settings changed."""
    return World(*map(checked, scene.scene(rows_, **settings)))


def small(rows_: int = 12, /, setting: Mapping[str, float] | None = None, **tables: Mapping[str, Any]) -> World:
    """Makes the usual small world with some fields set, such as `small(case={"actions": 2})`.

    One value is in row 0, several stand in rows 0, 1, …; rows of tables that grow are in use up to the last.
    """
    world = fresh(rows_, **(setting or {}))
    for table, fields in tables.items():
        number = max(put(world, table, **{name: value}) for name, value in fields.items())
        if table in GROWING:
            place = list(GROWING).index(table)
            world.used[place] = max(world.used[place], number)
    return world


def put(world: World, table: str, first: int = 0, /, **fields: Any) -> int:
    """Sets fields of a table's rows, from row `first` on; returns the number of rows set."""
    number = 0
    for name, value in fields.items():
        values = np.atleast_1d(value)
        getattr(world, table)[name][first : first + len(values)] = values
        number = max(number, len(values))
    return number


def got(world: World, table: str, row: int, names: str) -> tuple[float, ...]:
    """Values of a row's fields, which are given as names in one string."""
    return tuple(float(getattr(world, table)[name][row]) for name in names.split())


def add_partners(world: World, *states: int, **fields: Any) -> World:
    """Adds partner states to case 0, none of them ready."""
    number = len(states)
    usual = {"state": states, "key": range(1, number + 1), "next_partner": range(-1, number - 1), "ready_at": np.nan}
    put(world, "partner", **{name: np.broadcast_to(value, number) for name, value in (usual | fields).items()})
    world.case["first_partner"][0], world.used[Growing.PARTNER] = number - 1, number
    return world


def posted(world: World) -> list[tuple[EventKind, int, Any]]:
    """Scheduled events in order of time: kind, row, and days from today."""
    events = np.sort(waiting_events(world), order="time")
    return [(kinds()[int(one["kind"])], int(one["entity"]), float(one["time"] - world.now[0])) for one in events]


def chances(
    rule: Callable[[Any], Any], purpose: int, share: float, count: int = 0, of: Callable[[Any], Any] = lambda key: key
) -> None:
    """Checks that a rule is true for exactly those of 80 keys whose random draw is below a probability.

    The rule is given a lineage key; `of` derives from it the key that the draw is about.
    """
    drawn = {key: uniform(1, purpose, of(key), count) for key in range(1, 81)}
    wrong = {key: round(drawn[key], 3) for key in drawn if bool(rule(key)) != (drawn[key] < share)}
    assert not wrong, f"not drawn with a probability of {share}: {wrong}"


def holds(run: Callable[..., Any], cases: Mapping[str, tuple[Any, ...]] | None = None, /, **named: Any) -> None:
    """Checks a function on several cases, each with its arguments and then the expected result."""
    wrong = []
    for name, (*given, expected) in (dict(cases or {}) | named).items():
        found = run(*given)
        if found != (expected if isinstance(expected, str | None) else pytest.approx(expected, nan_ok=True)):
            wrong.append(f"{name}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


def table(*rows_: tuple[Any, ...], **cases: tuple[Any, ...]) -> Callable[[Callable[..., Any]], Callable[[], None]]:
    """Decorator that turns a function into a test over rows of arguments and expected results."""

    def decorate(run: Callable[..., Any]) -> Callable[[], None]:
        def test() -> None:
            holds(run, {str(row[:-1]): row for row in rows_} | cases)

        test.__doc__, test.__name__ = run.__doc__, run.__name__
        return test

    return decorate


def record(kind: Entity, /, **fields: float) -> Any:
    """Makes a single row of a table with the given fields; all others are 0."""
    table = np.zeros(1, kind).view(np.recarray)
    for name, value in fields.items():
        table[name] = value
    return table[0]
