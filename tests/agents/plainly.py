"""Rules as plain Python, with all rules that they call; and draws whose outcome a test decides.

A test that asks for `plainly` compiles nothing. The rule that it tests can then be called as it is.
"""

from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from sim.engine import clock, linking, rows
from sim.world.records import GROWING
from sim.world.world import World
from tests.agents import scene
from tests.tiny import begun


class Drawn(NamedTuple):
    """A draw that a rule has asked for.

    Attributes:
        purpose: of the draw.
        number: which draw of its purpose.
        numbers: its probability, mean, or median and sigma.
    """

    purpose: int
    number: int
    numbers: tuple[float, ...]


@cache
def _first_day() -> World:
    """The world with which a scene begins, without the rows that it replaces: to copy it takes a tenth of the time."""
    world = begun().world
    return world._replace(**{name: getattr(world, name)[:1] for name in GROWING})


@pytest.fixture
def plainly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rules that call rules run as plain Python. The world of a scene was begun before, as it needs compiled ones."""
    first: tuple[Any, ...] = _first_day()
    monkeypatch.setattr(scene, "begun", lambda: SimpleNamespace(world=World(*(part.copy() for part in first))))
    monkeypatch.setattr(linking.RuleDispatcher, "__call__", lambda rule, *values: rule.py_func(*values))
    monkeypatch.setattr(rows, "_copy_template", rows._copy_in_python)
    for module in (rows, clock):
        monkeypatch.setattr(module, "prefetch", lambda *_: None)
    with np.errstate(over="ignore"):  # keys are hashed
        yield


def decide(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, happens: Callable[[Drawn], bool] = lambda _: True
) -> list[Drawn]:
    """Chances of a module's rules come out as a test decides; returns what was drawn, in order."""
    return _replace(monkeypatch, module, "chance", happens)


def draw_uniform(monkeypatch: pytest.MonkeyPatch, module: ModuleType, value: float) -> list[Drawn]:
    """Uniform draws of a module's rules are all the same number."""
    return _replace(monkeypatch, module, "uniform", lambda _: value)


def draw_middle(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str = "lognormal") -> list[Drawn]:
    """Times that a module's rules draw are their median or mean."""
    return _replace(monkeypatch, module, name, lambda drawn: drawn.numbers[0])


def _replace(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, outcome: Callable[[Drawn], Any]
) -> list[Drawn]:
    found: list[Drawn] = []

    def draw(_seed: Any, purpose: int, _key: Any, count: int, *numbers: float) -> Any:
        found.append(Drawn(int(purpose), int(count), tuple(map(float, numbers))))
        return outcome(found[-1])

    monkeypatch.setattr(module, name, draw)
    return found


def chances(drawn: list[Drawn]) -> list[float]:
    """Probabilities, means or medians of draws."""
    return [one.numbers[0] for one in drawn]


def told(monkeypatch: pytest.MonkeyPatch, module: ModuleType, *names: str, answer: Any = None) -> list[tuple[Any, ...]]:
    """Rules that a module calls do nothing but note what they were told: name, then all but the world."""
    notes: list[tuple[Any, ...]] = []

    def noted(name: str) -> Callable[..., Any]:
        def note(_: World, *values: Any) -> Any:
            notes.append((name, *values))
            return answer

        return note

    for name in names:
        monkeypatch.setattr(module, name, noted(name))
    return notes
