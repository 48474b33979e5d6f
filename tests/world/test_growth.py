"""Tests of growing tables: rows are never added without space, and new rows have neutral values."""

import ast
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim.world.assemble
from sim.agents.events import Event, schedule
from sim.engine.clock import Count
from sim.engine.compiling import in_python, kernel
from sim.engine.growable import empty
from sim.engine.rows import new_row
from sim.world.growth import DONE, EVENTS, HEADROOM, STRETCH, _grown, headroom, table_without_room, with_room
from sim.world.records import ENTITIES, FIXED, GROWING, NONE, Growing
from sim.world.world import TABLE_NAMES, World, duplicate, records
from sim.world.world_pointer import attach
from tests.tiny import TINY, begun, digests, ended

SOURCES = Path(sim.world.assemble.__file__).parents[1]

#: Long vacancies everywhere: an authority begins with dozens of empty posts for each person at work.
VACANT = {"capacity.leaving": 0.9, "capacity.hiring_months": 60.0, "capacity.hiring_sigma": 2.0}


@kernel
def without_asking(world: World, members: int, events: int) -> int:
    """Adds rows without asking for space."""
    attached = attach(world)
    for _ in range(members):
        new_row(attached, attached.member, Growing.MEMBER.value)
    for number in range(events):
        schedule(attached, attached.now[0] + 1.0, Event.GROUP_REPORT, np.uint64(7), number, 0)
    return DONE


def test_a_first_day_with_next_to_no_room_or_most_posts_vacant(monkeypatch: pytest.MonkeyPatch) -> None:
    world = ended(1, replace(TINY, states=[]), VACANT)
    assert world.used[Growing.VACANCY] > 5 * sim.world.assemble._ROWS
    assert world.used[Growing.VACANCY] <= len(world.vacancy)
    # It is filled item by item, and begins with the same rows.
    usual = digests(begun(1, changes=VACANT).world)
    monkeypatch.setattr(sim.world.assemble, "_ROWS", 0)
    small = begun(1, changes=VACANT).world
    assert digests(small) == usual
    assert len(small.vacancy) > 64 * TINY.groups  # it grew


@pytest.mark.parametrize(("members", "events", "table"), [(10**6, 0, "member"), (0, 10**6, "event")])
def test_a_rule_that_adds_more_than_it_asked_for_spoils_no_memory(members: int, events: int, table: str) -> None:
    with pytest.raises(RuntimeError, match=f"table '{table}' was full"):
        with_room(begun(1).world, without_asking, members, events)


def test_room_is_asked_for_in_each_table_and_in_the_queue_of_events() -> None:
    """Space is requested in each table and in the event queue, exactly when rows would not fit.

    A table with room for 9 rows, of which 6 are used, has room for an item of 3, and not of 4.
    """
    world = World(**{name: empty(4, GROWING.get(name, np.dtype(float))) for name in World._fields})
    used, room = np.full(len(TABLE_NAMES), 6), np.full(EVENTS + 1, 99)
    world = world._replace(
        used=used, room=room, counters=np.zeros(9, np.int64), state=np.zeros(5, [("posts_abroad", int)])
    )
    world.counters[Count.WAITING] = 6
    for table in (EVENTS, 0, EVENTS - 1):
        room[:], room[table] = 99, 9
        assert [in_python(table_without_room)(world, more) for more in (3, 4)] == [DONE, table]
    world.state["posts_abroad"] = 2, 0, 3, 0, 0
    more = dict.fromkeys(Growing, HEADROOM) | {Growing.TRUST: HEADROOM + STRETCH * 5, Growing.POSTING: HEADROOM + 30}
    assert {table: headroom(world, table) for table in Growing} == more
    for table, names in ((EVENTS, {"event", "due"}), (1, {TABLE_NAMES[1]})):
        grown = _grown(world._replace(event=world.member[:4], due=world.member[:4]), table)
        assert {name for name in World._fields if len(getattr(grown, name)) > 9} >= names
    long = np.lib.stride_tricks.as_strided(world.member, (2**30 + 1,), (0,))
    with pytest.raises(OverflowError, match="table 'event' would need"):
        _grown(world._replace(event=long), EVENTS)


def test_every_entry_point_is_called_through_the_door_that_makes_room() -> None:
    """Compiled entry points are only called through `with_room`, which makes space for new rows."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.py")}
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    entries = [node for node in functions if "kernel" in (getattr(mark, "id", "") for mark in node.decorator_list)]
    kernels = {node.name for node in entries if getattr(node.args.args[0].annotation, "id", "") == "World"}
    calls = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls}
    handed = {getattr(call.args[1], "id", "") for call in calls if getattr(call.func, "id", "") == "with_room"}
    assert {"run_until", "desks_changed"} <= kernels and not kernels & called
    assert kernels == handed


GROWING_ENTITIES = [entity for entity in ENTITIES if entity not in FIXED]
#: Fields for which something else than their unit says what they begin with.
OTHERWISE = {
    **{("job", "returned_on"): math.inf, ("evidence", "moves_at"): math.inf, ("partner", "shown"): -math.inf},
    **{("member", "shown"): -math.inf, ("request", "deadline_days"): math.nan, ("request", "trust"): math.nan},
    ("spell", "lasting"): math.nan,
}


@kernel
def one_more_of_each(world: World) -> int:
    """Adds a request, a job and a migration, which have rows of different lengths."""
    attached = attach(world)
    new_row(attached, attached.request, Growing.REQUEST.value)
    new_row(attached, attached.job, Growing.JOB.value)
    new_row(attached, attached.migration, Growing.MIGRATION.value)
    return DONE


def expected(table: str, name: str, unit: object) -> float:
    if (table, name) in OTHERWISE:
        return OTHERWISE[table, name]
    if str(unit).startswith("row"):
        return NONE
    return math.nan if unit == "day" else 0


def test_tables_are_numbered_as_declared_and_a_new_row_means_no_other_row_and_no_day() -> None:
    """Tables have the numbers of their declaration, and a new row refers to no other row or day."""
    assert [table.name.lower() for table in Growing] == list(GROWING) == [entity.name for entity in GROWING_ENTITIES]
    for entity in GROWING_ENTITIES:
        for item in entity.fields:
            wanted = expected(entity.name, item.name, item.unit)
            np.testing.assert_array_equal(entity.neutral[item.name], wanted, f"{entity.name}.{item.name}")


def test_rules_take_such_rows_wherever_an_earlier_run_has_left_its_own() -> None:
    world = begun(1).world
    for name in GROWING:
        getattr(world, name)[int(world.used[list(GROWING).index(name)]) :].view(np.uint8)[:] = 7
    world = with_room(world, one_more_of_each)
    for entity in GROWING_ENTITIES:
        if entity.name in ("request", "job", "migration"):
            assert records(world, entity.name)[-1].tobytes() == entity.neutral.tobytes()


def test_a_copy_holds_the_same_rows_and_shares_nothing_that_can_be_written() -> None:
    """A copy has equal rows and shares no writable memory."""
    world = World(**{name: empty(4, GROWING.get(name, np.dtype(float))) for name in World._fields})
    world = world._replace(used=np.arange(len(GROWING)) % 4, terms=np.zeros(2))
    world.terms.flags.writeable = False  # as the law's arrays are
    for name in TABLE_NAMES:
        getattr(world, name).view(np.uint8)[:] = 7
    for over in (None, duplicate(world), world._replace(**{name: empty(1, GROWING[name]) for name in TABLE_NAMES})):
        made = duplicate(world, over)
        for name in World._fields:
            kept, own = getattr(world, name), getattr(made, name)
            assert np.shares_memory(kept, own) == (name == "terms"), name
            assert name in TABLE_NAMES or kept.tobytes() == own.tobytes(), name
        assert all(records(made, name).tobytes() == records(world, name).tobytes() for name in TABLE_NAMES)
        for name in TABLE_NAMES:
            lent = over is not None and len(getattr(over, name)) == 4
            assert lent == (over is not None and getattr(made, name) is getattr(over, name)), name
