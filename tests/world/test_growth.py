"""No row is ever added without room: entries ask first, and a rule that breaks its promise spoils a run, not memory."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim.world.assemble
from sim.agents.events import Event, schedule
from sim.engine.compiling import kernel
from sim.engine.rows import new_row
from sim.world.growth import DONE, with_room
from sim.world.records import Growing
from sim.world.world import World, digests
from sim.world.world_pointer import attach
from tests.tiny import TINY, begun, ended

SOURCES = Path(sim.world.assemble.__file__).parents[1]

#: Long vacancies everywhere: an authority begins with dozens of empty posts for each person at work.
VACANT = {"capacity.leaving": 0.9, "capacity.hiring_months": 60.0, "capacity.hiring_sigma": 2.0}


@kernel
def without_asking(world: World, members: int, events: int) -> int:
    """Adds rows whether there is room or not."""
    attached = attach(world)
    for _ in range(members):
        new_row(attached, attached.member, Growing.MEMBER.value)
    for number in range(events):
        schedule(attached, attached.now[0] + 1.0, Event.GROUP_REPORT, np.uint64(7), number, 0)
    return DONE


def test_a_world_in_which_most_posts_are_vacant() -> None:
    world = ended(1, replace(TINY, states=[]), VACANT)
    assert world.used[Growing.VACANCY] > 5 * sim.world.assemble._ROWS
    assert world.used[Growing.VACANCY] <= len(world.vacancy)


def test_a_first_day_that_begins_with_next_to_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is filled item by item, and begins with the same rows."""
    usual = digests(begun(1, changes=VACANT).world)
    monkeypatch.setattr(sim.world.assemble, "_ROWS", 0)
    small = begun(1, changes=VACANT).world
    assert digests(small) == usual
    assert len(small.vacancy) > 64 * TINY.groups  # it grew


@pytest.mark.parametrize(("members", "events", "table"), [(10**6, 0, "member"), (0, 10**6, "event")])
def test_a_rule_that_adds_more_than_it_asked_for_spoils_no_memory(members: int, events: int, table: str) -> None:
    with pytest.raises(RuntimeError, match=f"table '{table}' was full"):
        with_room(begun(1).world, without_asking, members, events)


def test_every_entry_point_is_called_through_the_door_that_makes_room() -> None:
    """Kernels are handed to `with_room`; nobody calls one."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.py")}
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    entries = [node for node in functions if "kernel" in (getattr(mark, "id", "") for mark in node.decorator_list)]
    kernels = {node.name for node in entries if getattr(node.args.args[0].annotation, "id", "") == "World"}
    calls = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls}
    handed = {getattr(call.args[1], "id", "") for call in calls if getattr(call.func, "id", "") == "with_room"}
    assert {"run_until", "desks_changed"} <= kernels
    assert not kernels & called
    assert kernels == handed
