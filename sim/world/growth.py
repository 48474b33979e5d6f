"""Growth of tables during a run: compiled code stops at a full table, and resumes with a longer one.

Compiled rules cannot enlarge a table. An entry point therefore works item by item (an event, a group, a desk). Before
an item it asks `table_without_room`; if a table is too short, it returns that table's number and `with_room` lengthens
the table and calls the entry again, which resumes where it stopped. A rule that adds more than the entry asked for
loses the row, corrupts no memory, and ends the run with an error.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.engine.clock import Count
from sim.engine.compiling import rule
from sim.engine.growable import GROWTH, lengthened
from sim.world.records import Growing
from sim.world.world import TABLE_NAMES, World

DONE = -1  # an entry's answer when it has finished; otherwise the number of the table that needs room
HEADROOM = 1024  # rows of a table that no item, and no stretch of events, can use up: a test measures it
STRETCH = 8  # events that are answered between two checks of the room that is left
EVENTS = len(TABLE_NAMES)  # place of the event queue in `room`, behind the growing tables
_MOST_ROWS = 2**31 - 1  # a row number is an int32


@rule
def table_without_room(world: World, more: int) -> int:
    """Number of the first table that lacks room for `more` rows; DONE if all tables have room."""
    if world.counters[Count.WAITING] + more > world.room[EVENTS]:
        return EVENTS
    for table in range(len(world.used)):
        if world.used[table] + more > world.room[table]:
            return table
    return DONE


def headroom(world: World, table: int) -> int:
    """Number of rows by which a table may grow between two checks of its length."""
    states = len(world.state)
    if table == Growing.TRUST:
        return HEADROOM + STRETCH * states  # a review files an account of every other state
    if table == Growing.POSTING:
        # One review may fill every post, and post an officer for every pair, where a policy says so.
        return HEADROOM + states * states + int(world.state["posts_abroad"].sum())
    return HEADROOM


def with_room(world: World, entry: Callable[..., int], *arguments: Any) -> World:
    """Calls a compiled entry point until it is done, and enlarges every table that gets full.

    The compiled entry takes the world and further arguments, and resumes where it stopped. Arrays of the world are
    changed in place; tables that need room are replaced by larger ones.
    """
    while True:
        lengths = [len(getattr(world, name)) for name in (*TABLE_NAMES, "event")]
        world.room[:] = [length - headroom(world, table) for table, length in enumerate(lengths)]
        with np.errstate(over="ignore"):  # without compilation: keys wrap around on purpose
            table = entry(world, *arguments)
        lost = int(world.counters[Count.LOST])
        if lost:
            name = "event" if lost < 0 else TABLE_NAMES[lost - 1]
            raise RuntimeError(f"table {name!r} was full when a rule added a row: the rule must ask for more room")
        if table == DONE:
            return world
        world = _grown(world, table)


def _grown(world: World, table: int) -> World:
    """Copy of a world in which one table is longer; other arrays are shared."""
    names = ("event", "due") if table == EVENTS else (TABLE_NAMES[table],)
    rows = GROWTH * len(getattr(world, names[0]))
    if rows > _MOST_ROWS:
        raise OverflowError(
            f"table {names[0]!r} would need {rows:,} rows; the most that can be numbered is {_MOST_ROWS:,}"
        )
    return world._replace(**{name: lengthened(getattr(world, name)) for name in names})
