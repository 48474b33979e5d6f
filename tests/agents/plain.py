"""Rules as plain Python, with all that they call: nothing is compiled, and a rule can be replaced by a known answer."""

import sys
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.engine import prefetch, rows
from sim.engine.compiling import in_python, is_rule
from sim.engine.tables import checked
from sim.world.world import World
from tests.agents import scene
from tests.tiny import begun

_PREFETCH = prefetch.prefetch


@cache
def _first_day() -> World:
    """A tiny world on its first day, which compiled rules have filled."""
    return begun().world


def run_as_python(patch: pytest.MonkeyPatch) -> None:
    """Until the test ends, rules call each other as Python; what only compiled code can do is done by Python as well.

    Scenes begin with copies of a world that was filled before.
    """
    world = _first_day()
    patch.setattr(scene, "begun", lambda: SimpleNamespace(world=World(*(table.copy() for table in world))))
    for module in [module for name, module in sys.modules.items() if name.startswith("sim.")]:
        for name, value in list(vars(module).items()):
            if is_rule(value):
                patch.setattr(module, name, in_python(value))
            elif value is _PREFETCH:
                patch.setattr(module, name, prefetch._prefetch_in_python)
    patch.setattr(rows, "_copy_template", rows._copy_in_python)


@pytest.fixture
def as_python(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Rules run as Python; the patcher with which a test may replace some of them.

    Random words wrap around as they do in compiled code.
    """
    run_as_python(monkeypatch)
    with np.errstate(over="ignore"):
        yield monkeypatch


def answers(patch: pytest.MonkeyPatch, module: Any, **known: Any) -> None:
    """Replaces what a module asks other rules by known answers, whatever they are asked."""
    for name, value in known.items():
        patch.setattr(module, name, value if callable(value) else lambda *_, value=value: value)


def plain_scene(rows_: int, **settings: float) -> World:
    """The scene, in which no row is counted from the end of a table."""
    return World(*map(checked, scene.scene(rows_, **settings)))


def noting(patch: pytest.MonkeyPatch, module: Any, *names: str) -> list[tuple[Any, ...]]:
    """Replaces rules that do something by a note of what was to be done: name, and what it was given but the world."""
    notes: list[tuple[Any, ...]] = []
    for name in names:
        patch.setattr(module, name, lambda *given, name=name: notes.append((name, *given[1:])))
    return notes
