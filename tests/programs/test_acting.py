"""Whether everything that can be set acts: the program that finds out, and the table that it has written."""

import csv

import pytest

from docs.programs.acting import ENDS, GATES, REASONS, TABLE, Found, Gate, Move, act, idle, moves, parts
from sim.policy.levers import LEVERS
from sim.world.parameters import declarations
from tests.tiny import TINY

NAMES = {*LEVERS, *(name for name, _, _ in declarations())}


def test_everything_is_moved_to_both_ends_and_gates_and_reasons_are_of_what_there_is() -> None:
    by_name: dict[str, set[object]] = {}
    for move in moves():
        by_name.setdefault(move.name, set()).add(move.value)
    assert set(by_name) == NAMES
    for name, _, declared in declarations():
        assert by_name[name] == {declared.low, declared.high}
    assert by_name["court.staff"] == {LEVERS["court.staff"].low, LEVERS["court.staff"].high}
    themes = {name.partition(".")[0] + "." for name in NAMES}
    assert set(GATES) <= NAMES | themes and set(ENDS) <= set(LEVERS)
    assert set(REASONS) <= NAMES
    assert {name for gate in GATES.values() for name in (*gate.levers, *gate.parameters)} <= NAMES


@pytest.mark.slow
def test_what_acts_is_distinguished_from_what_does_not() -> None:
    """Judicial authorities of no state are helped by an end of training that there has not been.

    A gate holds for both runs; else all that it changes would be laid to the lever.
    """
    idle_move = moves(["agency.training"])[0]._replace(value=0.0)
    gated = Move("lever", "central_authority.deadline_enforceable", 0.0, "yes or no")
    assert gated.gate.levers
    found = {entry.move: entry.changed for entry in act([idle_move, gated, *moves(["court.staff"])], 1, TINY)}
    assert found.pop(idle_move) == found.pop(gated) == ()
    assert all(len(changed) > 3 for changed in found.values()) and len(found) == 2


def test_a_page_names_what_changes_nothing() -> None:
    found = [Found(Move("lever", "a", end, "days"), ("harm",) * end) for end in (0, 1)]
    found += [Found(Move("parameter", "b.c", end, "days"), ()) for end in (0, 1)]
    assert idle(found) == ["b.c"] and "- `b.c`: no reason is known" in parts(found)["nothing"]
    assert Gate({"a": 1.0}).words == "a = 1.0"


@pytest.mark.skipif(
    "**Not of today's model.**" in TABLE.with_suffix(".md").read_text(encoding="utf-8"),
    reason="`make acting` writes the table once the model stands",
)
def test_nothing_in_the_table_is_idle_without_a_reason() -> None:
    """The table is made by `make acting`, and is of today's levers, parameters and ranges."""
    with TABLE.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    acts = {row["name"] for row in rows if int(row["outcomes"])}
    assert NAMES - acts == set(REASONS)
    for name, _, declared in declarations():
        assert {row["value"] for row in rows if row["name"] == name} == {f"{declared.low:g}", f"{declared.high:g}"}, (
            name
        )
