"""The event queue: a binary heap ordered by (time, tie-breaker).

The tie-breaker is hashed from the entity's lineage key and the kind of event, so order never depends on rows.
The heap's columns are fields of whatever world is simulated:

* event_time float64: day of each event; event_tie uint64: tie-breaker; event_kind, event_entity, event_stamp int64:
  what happens, to which row, and the generation that row had when the event was posted (handlers drop void events).
* counters int64: events waiting, events handled, most waiting. now float64 of one element: day of the latest event.
"""

from sim.engine.compiling import rule

EVENT_COLUMNS = {"event_time": "f8", "event_tie": "u8", "event_kind": "i8", "event_entity": "i8", "event_stamp": "i8"}


@rule
def _before(world, i, time, tie):
    """Whether event i comes before an event at (time, tie)."""
    return world.event_time[i] < time or (world.event_time[i] == time and world.event_tie[i] < tie)


@rule
def _place(world, i, time, tie, kind, entity, stamp):
    world.event_time[i] = time
    world.event_tie[i] = tie
    world.event_kind[i] = kind
    world.event_entity[i] = entity
    world.event_stamp[i] = stamp


@rule
def _move(world, source, target):
    world.event_time[target] = world.event_time[source]
    world.event_tie[target] = world.event_tie[source]
    world.event_kind[target] = world.event_kind[source]
    world.event_entity[target] = world.event_entity[source]
    world.event_stamp[target] = world.event_stamp[source]


@rule
def post(world, time, tie, kind, entity, stamp):
    """Adds an event. The caller has made sure that there is room."""
    i = world.counters[0]
    world.counters[0] = i + 1
    world.counters[2] = max(world.counters[2], i + 1)
    while i > 0:
        parent = (i - 1) // 2
        if _before(world, parent, time, tie):
            break
        _move(world, parent, i)
        i = parent
    _place(world, i, time, tie, kind, entity, stamp)


@rule
def drop_first(world):
    """Removes the earliest event; it must be read first."""
    last = world.counters[0] - 1
    world.counters[0] = last
    time, tie = world.event_time[last], world.event_tie[last]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        if child + 1 < last and _before(world, child + 1, world.event_time[child], world.event_tie[child]):
            child += 1
        if not _before(world, child, time, tie):
            break
        _move(world, child, i)
        i = child
    if last > 0:
        _move(world, last, i)
