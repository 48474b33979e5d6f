"""Rules as plain Python, with all rules that they call: nothing is compiled, and any of them can be replaced.

A test that uses the fixture `as_python` calls a rule as it is. The fixture is the patcher by which the test replaces
what the rule calls, in the module that calls it: by known answers, by draws of a known outcome, or by notes.
"""

import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

from sim.engine import clock, linking, random, rows
from sim.engine.tables import checked
from sim.world.records import GROWING
from sim.world.records.field import Entity
from sim.world.world import World
from tests.agents import scene
from tests.tiny import begun

Patch = pytest.MonkeyPatch
Notes = list[Any]  # of calls, in order


class Drawn(tuple[Any, ...]):
    """A draw that a rule has asked for: its purpose, which of its purpose it is, and its numbers.

    Attributes:
        key: lineage key of whom the draw is about.
    """

    key: int

    @property
    def purpose(self) -> int:
        """Of the draw."""
        return int(self[0])

    @property
    def number(self) -> int:
        """Which draw of its purpose."""
        return int(self[1])

    @property
    def numbers(self) -> tuple[float, ...]:
        """Its probability, mean, or median and sigma."""
        return self[2:]


@cache
def _first_day() -> World:
    """The world with which a scene begins, without the rows that it replaces: to copy it takes a tenth of the time."""
    world = begun().world
    return world._replace(**{name: getattr(world, name)[:1] for name in GROWING})


@pytest.fixture
def as_python(monkeypatch: Patch) -> Iterator[Patch]:
    """Rules run as Python until the test ends. The world of a scene was begun before, as it needs compiled ones."""
    first: tuple[Any, ...] = _first_day()
    monkeypatch.setattr(scene, "begun", lambda: SimpleNamespace(world=World(*(table.copy() for table in first))))
    for kind in (CPUDispatcher, linking.RuleDispatcher):  # of rules by plain Numba, and by `linking`
        monkeypatch.setattr(kind, "__call__", lambda rule, *values, **named: rule.py_func(*values, **named))
    monkeypatch.setattr(rows, "_copy_template", rows._copy_in_python)
    for module in (rows, clock):
        monkeypatch.setattr(module, "prefetch", lambda *_: None)
    with np.errstate(over="ignore"):  # random keys wrap around
        yield monkeypatch


def fresh(rows_: int = 32, /, **settings: float) -> World:
    """The usual scene, with some settings changed; no row of it can be counted from the end of a table."""
    return World(*map(checked, scene.scene(rows_, **settings)))


def record(kind: Entity, /, **fields: float) -> Any:
    """One row of a table by itself; what is not given is 0."""
    table = np.zeros(1, kind).view(np.recarray)
    for name, value in fields.items():
        table[name] = value
    return table[0]


def answers(patch: Patch, module: ModuleType, **known: Any) -> None:
    """Rules that a module calls give known answers, whatever they are asked, or are other functions."""
    for name, value in known.items():
        patch.setattr(module, name, value if callable(value) else lambda *_, value=value: value)


def noting(patch: Patch, module: ModuleType, *names: str, **known: Any) -> Notes:
    """Rules that a module calls do nothing but note it: name, then all that they are given but the world.

    Args:
        patch: restores the rules when the test ends.
        module: the one that calls them.
        names: of rules whose answer does not matter.
        known: answers of other rules.
    """
    notes: Notes = []

    def note(name: str, answer: Any) -> Callable[..., Any]:
        def noted(*given: Any) -> Any:
            notes.append((name, *given[1:]))
            return answer

        return noted

    answers(patch, module, **{name: note(name, answer) for name, answer in (dict.fromkeys(names) | known).items()})
    return notes


def drawing(patch: Patch, module: ModuleType, name: str, outcome: Any) -> list[Drawn]:
    """Draws of one kind by a module's rules have a known outcome, or one that follows from what is drawn.

    Returns:
        What was drawn, in order.
    """
    found: list[Drawn] = []

    def draw(_seed: Any, purpose: int, key: Any, count: int, *numbers: float) -> Any:
        found.append(Drawn((int(purpose), int(count), *map(float, numbers))))
        found[-1].key = int(key)
        return outcome(found[-1]) if callable(outcome) else outcome

    patch.setattr(module, name, draw)
    return found


def usual(drawn: Drawn) -> float:
    """The outcome of a draw of a time that is its median or mean."""
    return drawn.numbers[0]


def first_numbers(drawn: list[Drawn]) -> list[float]:
    """Probabilities, means or medians of draws."""
    return [usual(one) for one in drawn]


def certain(patch: Patch) -> None:
    """Draws of all rules are without chance: times are their median or mean, and what is likelier than not happens."""
    outcomes: dict[str, Callable[..., Any]] = {
        "lognormal": lambda median, _sigma: median,
        "exponential": lambda mean: mean,
        "chance": lambda probability: probability > 0.5,
        "uniform": lambda: 0.5,
        "normal": lambda: 0.0,
    }
    for name, outcome in outcomes.items():
        drawn = getattr(random, name)
        for module in [module for place, module in sys.modules.items() if place.startswith("sim.")]:
            if vars(module).get(name) is drawn:
                patch.setattr(module, name, lambda *asked, outcome=outcome: outcome(*asked[4:]))
