"""Loads of desks: found once for the same lives, found again where anything that they depend on differs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.engine.caching import LOADS, PLACE, entries
from sim.world import assemble, loads
from tests.interpreted import AS_PYTHON, printed_by
from tests.tiny import STATES, TINY, begun, legal_order

ONE_STATE = replace(TINY, states=["DEU"])


def test_loads_are_kept_on_disk_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = begun(1, ONE_STATE).world.desk["load"].copy()
    loads._lived.cache_clear()
    monkeypatch.setattr(loads, "_find_loads", None)  # nothing is lived a second time
    np.testing.assert_array_equal(begun(1, ONE_STATE).world.desk["load"], first)


def test_damaged_loads_are_lived_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE, str(tmp_path / "cache"))
    loads._lived.cache_clear()
    first = begun(1, ONE_STATE).world.desk["load"].copy()
    (entry,) = entries(LOADS)
    entry.path.write_bytes(entry.path.read_bytes()[:40])
    loads._lived.cache_clear()
    np.testing.assert_array_equal(begun(1, ONE_STATE).world.desk["load"], first)


def test_a_first_day_is_a_day_of_the_desks_own_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in line and skill are those of one day, on which people at work were as near as any to those who begin."""
    kept = []

    def spy(*lives: np.ndarray) -> loads.Loads:
        kept.append((lives[1], loads.loads(*lives)))
        return kept[-1][1]

    monkeypatch.setattr(assemble, "loads", spy)
    desks = begun(1, TINY).world.desk
    ((lived, found),) = kept
    inside = np.isin(desks["state"], [legal_order().index(state) for state in STATES])
    begin = desks[inside & (desks["servers"] > 0)]
    assert len(begin) == len(lived) > 20
    for row, desk in enumerate(begin):
        days, apart = found.days[row], np.abs(found.days[row, :, 1] - desk["servers"])
        same = np.isclose(days[:, 0] * lived["capacity"][row], desk["work"]) & np.isclose(days[:, 2], desk["skill"])
        assert same.any()
        assert apart[same].min() == apart.min()


@pytest.mark.parametrize(
    "changes",
    [
        {"request.withdrawal_per_month": 0.02},
        {"capacity.leaving": 0.3},
        {"desk.court_wait_days": 120.0},
        {"desk.rebound": 1.0},
        {"desk.urgent_head_start": 0.0},
        {"request.touch_variation": 4.0},
        {"capacity.hiring_months": 3.0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_a_desk_lives_by_changes_its_load(changes: dict[str, float]) -> None:
    usual, other = begun(1, ONE_STATE).world.desk["load"], begun(1, ONE_STATE, changes).world.desk["load"]
    assert (usual != other).any()


def test_nothing_else_does() -> None:
    usual = begun(1, ONE_STATE).world.desk["load"]
    np.testing.assert_array_equal(begun(2, ONE_STATE, {"criminal.lineage_months": 70.0}).world.desk["load"], usual)


def test_both_ways_to_run_rules_keep_loads_under_the_same_name() -> None:
    code = (
        "import json; from sim.engine.bound import digest; from sim.world.loads import find_load; "
        "print(json.dumps(digest(find_load)))"
    )
    assert printed_by(AS_PYTHON, "-c", code) == loads.digest(loads.find_load)
