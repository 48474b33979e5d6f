"""The event queue: eight lists (pages) of events per day, of which only the present page is sorted.

Most events lie months ahead, and many are void when their day comes. On the agenda they cost almost nothing: a page is
an unordered list. Only the events of the present page are kept in order, in a short array that holds all that is
compared and fits the nearest cache, no matter how many events wait in total. An insertion steps past the events that
come sooner. Up to about two hundred events per page, ten times those of the default world, a heap is no faster. Events
beyond the agenda's last page are kept on that page.

The tie-breaker is hashed from the entity's lineage key and the kind of event, so order never depends on rows. The queue
is a few fields of the simulated world: `event`, `agenda`, `due`, `counters` (see `Count`; events handled by
kind come behind) and `now` (the day of the latest event, an array of one).
"""

from enum import IntEnum
from typing import Any

import numpy as np

from sim.engine.compiling import Key, Record, rule
from sim.engine.growable import empty
from sim.engine.tables import prefetch

EVENT = np.dtype(
    [
        ("time", "f8"),  # day
        ("tie", "u8"),
        ("kind", "i4"),
        ("stamp", "i4"),  # generation of the entity when the event was posted; handlers drop void events
        ("entity", "i4"),  # row that it concerns
        ("behind", "i4"),  # next event on the same page, or next free row
    ]
)

DUE = np.dtype([("time", "f8"), ("tie", "u8"), ("row", "i8")])  # of an event


class Count(IntEnum):
    """Positions in the event queue's array `counters`."""

    WAITING = 0  # events that wait
    HANDLED = 1
    DUE = 2  # events of the present page
    PAGE = 3  # the present page
    FREE = 4  # first of the rows that were used and are free, plus one; 0 for none
    USED = 5  # rows of `event` that have ever been used: the most events that waited at one time
    AHEAD = 6  # row of the event of the next page that `event_ahead` returns next, plus one; 0 for none
    LOST = 7  # 0 for nothing, -1 for an event, else the number of a table plus one: what came when it was full
    FIRST = 8  # number of the agenda's first page, counted from the epoch: below zero in a world that begins before it
    UNHANDLED = 9  # 0 for nothing, else what no rule handles, which ends the run (sim/agents/events.py)


EVENT_COUNTS = len(Count)  # place in `counters` of the number of events of the first kind
PAGES_A_DAY = 8  # a power of two, so that no day is rounded; more than eight no longer pay


def empty_clock(events: int, days: int, kinds: int, first: int = 0) -> dict[str, Any]:
    """Arrays of an empty event queue, by name, for at most `events` events of `kinds` kinds.

    The agenda begins on the day `first` since the epoch, before which no event may come; events that are later than its
    number of days are kept on its last page.
    """
    counters = np.zeros(EVENT_COUNTS + kinds, np.int64)
    counters[Count.FIRST] = first * PAGES_A_DAY
    return {
        "event": empty(events, EVENT),
        "agenda": np.zeros(days * PAGES_A_DAY, np.int32),  # first event on a page plus one, 0 for none
        "due": empty(events, DUE),
        "counters": counters,
        "now": np.zeros(1),
    }


@rule
def _make_due(world: Record, time: float, tie: Key, row: int) -> None:
    """Inserts an event into the sorted list of the present page."""
    due = world.due
    place = world.counters[Count.DUE]
    world.counters[Count.DUE] = place + 1
    while place > 0 and due[place - 1].time < time:
        _move_up(due, place)
        place -= 1
    while place > 0 and due[place - 1].time == time and due[place - 1].tie < tie:
        _move_up(due, place)
        place -= 1
    entry = due[place]
    entry.time, entry.tie, entry.row = time, tie, row


@rule
def _move_up(due: Record, place: int) -> None:
    """Moves an event one position later in the sorted list of the present page."""
    entry, sooner = due[place], due[place - 1]
    entry.time, entry.tie, entry.row = sooner.time, sooner.tie, sooner.row


@rule
def _free_row(world: Record) -> int:
    """Finds a free row of the event table for a new event."""
    free = world.counters[Count.FREE] - 1
    if free >= 0:
        world.counters[Count.FREE] = world.event[free].behind
        return int(free)
    used = world.counters[Count.USED]
    world.counters[Count.USED] = used + 1
    return int(used)


@rule
def post(world: Record, time: float, tie: Key, kind: int, entity: int, stamp: int) -> None:
    """Adds an event to the queue; if the queue is full, drops the event and sets the flag `LOST`."""
    if world.counters[Count.WAITING] >= len(world.event):
        world.counters[Count.LOST] = -1
        return
    row = _free_row(world)
    entry = world.event[row]
    entry.time = time
    entry.tie = tie
    entry.kind = kind
    entry.entity = entity
    entry.stamp = stamp
    counters = world.counters
    counters[Count.WAITING] += 1
    page = int(min(time * PAGES_A_DAY - counters[Count.FIRST], len(world.agenda) - 1.0))
    if page <= counters[Count.PAGE]:
        _make_due(world, time, tie, row)
    else:
        entry.behind = world.agenda[page]
        world.agenda[page] = row + 1


@rule
def _turn_page(world: Record) -> None:
    """Goes on to the next page (an eighth of a day) and sorts its events."""
    page = world.counters[Count.PAGE] + 1
    world.counters[Count.PAGE] = page
    row = world.agenda[page] - 1
    world.agenda[page] = 0
    world.counters[Count.AHEAD] = world.agenda[min(page + 1, len(world.agenda) - 1)]
    while row >= 0:
        event = world.event[row]
        _make_due(world, event.time, event.tie, row)
        row = event.behind - 1


@rule
def event_ahead(world: Record) -> int:
    """Row of one more event of the next page at each call, in any order; −1 after the last.

    Events of a page are scattered in memory. Each call also prefetches the row that the next call will return.
    """
    row = world.counters[Count.AHEAD] - 1
    if row >= 0:
        behind = world.event[row].behind
        world.counters[Count.AHEAD] = behind
        prefetch(world.event, behind - 1)
    return int(row)


@rule
def first_event(world: Record, until: float) -> int:
    """Row of the earliest event in the queue if the event is due by `until`; −1 otherwise."""
    last = min(until * PAGES_A_DAY - world.counters[Count.FIRST], len(world.agenda) - 1.0)
    while world.counters[Count.DUE] == 0 and world.counters[Count.PAGE] + 1 <= last:
        _turn_page(world)
    if world.counters[Count.DUE] == 0:
        return -1
    first = world.due[world.counters[Count.DUE] - 1]
    return int(first.row) if first.time <= until else -1


@rule
def following_event(world: Record, place: int) -> int:
    """Row of the event in a place, from 1, among those left in the present page (an eighth of a day); −1 if none is."""
    due = world.counters[Count.DUE]
    return int(world.due[due - place].row) if due >= place else -1


@rule
def drop_first(world: Record) -> None:
    """Removes the earliest event from the queue."""
    counters = world.counters
    last = counters[Count.DUE] - 1
    row = world.due[last].row
    world.event[row].behind = counters[Count.FREE]
    counters[Count.FREE] = row + 1
    counters[Count.WAITING] -= 1
    counters[Count.DUE] = last
