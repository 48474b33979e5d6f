"""Rules as plain Python all the way down, with the draws that a test wants: nothing is compiled.

`in_python` gives the Python function behind one rule, which calls compiled ones. Here these are plain too, and any of
them can be replaced by name, such as a draw by its median.
"""

import sys
from collections.abc import Callable
from functools import cache, wraps
from types import FunctionType
from typing import Any

import numpy as np

from sim.engine import prefetch, rows
from sim.engine.compiling import in_python, is_rule
from sim.world.parameters import complete
from sim.world.world import World
from tests.agents import scene

Namespace = dict[str, Any]
Notes = list[Any]  # of calls
_ROWS = 32


@cache
def _untouched() -> World:
    return scene.scene(_ROWS)


def fresh(**settings: float) -> World:
    """The scene of one case against one group, copied, which is much quicker than made; with some settings changed."""
    world = _untouched()
    world = world._replace(**{name: getattr(world, name).copy() for name in World._fields})
    for name, value in settings.items():
        world.setting[name] = value
    complete(world.setting)
    return world


def plain(rule: Callable[..., Any], **instead: Any) -> Callable[..., Any]:
    """A rule in Python, with all that it calls; rules of the given names are replaced wherever they are called."""
    bare = _bare(in_python(rule), {}, instead)

    @wraps(bare)
    def with_keys_that_wrap(*arguments: Any) -> Any:
        with np.errstate(over="ignore"):
            return bare(*arguments)

    return with_keys_that_wrap


def certain(rule: Callable[..., Any], **instead: Any) -> Callable[..., Any]:
    """The same without chance: times are their medians or means, and what is likelier than not happens."""
    return plain(rule, **(_CERTAIN | instead))


_CERTAIN: Namespace = {
    "lognormal": lambda _seed, _purpose, _key, _count, median, _sigma: median,
    "exponential": lambda _seed, _purpose, _key, _count, mean: mean,
    "chance": lambda _seed, _purpose, _key, _count, probability: probability > 0.5,
    "uniform": lambda _seed, _purpose, _key, _count: 0.5,
    "normal": lambda _seed, _purpose, _key, _count: 0.0,
}


class Draws:
    """Stands for a draw: remembers what was asked for, and gives the same each time.

    Attributes:
        seen: purpose, count and numbers of each draw.
        keys: the lineage key of each.
    """

    def __init__(self, result: Any) -> None:
        self.result = result
        self.seen: list[tuple[Any, ...]] = []
        self.keys: list[int] = []

    def __call__(self, _seed: Any, purpose: Any, key: Any, count: Any, *numbers: Any) -> Any:
        """One draw."""
        self.keys.append(int(key))
        self.seen.append((purpose, int(count), *numbers))
        return self.result


class Calls:
    """Stands for a rule: notes its name, or what it is given besides the first, and returns the same each time."""

    def __init__(self, notes: Notes, result: Any = None, name: str = "") -> None:
        self.notes, self.result, self.name = notes, result, name

    def __call__(self, _world: Any, *others: Any) -> Any:
        """One call."""
        self.notes.append(self.name or others)
        return self.result


def _bare(function: Any, spaces: dict[str, Namespace], instead: Namespace) -> FunctionType:
    """A function that looks up names among plain rules."""
    space = _space(function.__module__, spaces, instead)
    return FunctionType(function.__code__, space, function.__name__, function.__defaults__)


def _space(module: str, spaces: dict[str, Namespace], instead: Namespace) -> Namespace:
    """The names of a module, its rules made plain."""
    if module in spaces:
        return spaces[module]
    space = spaces[module] = dict(vars(sys.modules[module]))
    for name, value in list(space.items()):
        if name in instead:
            space[name] = instead[name]
        elif value is prefetch.prefetch:
            space[name] = prefetch._prefetch_in_python
        elif value is rows._copy_template:
            space[name] = rows._copy_in_python
        elif is_rule(value):
            space[name] = _bare(in_python(value), spaces, instead)
    return space
