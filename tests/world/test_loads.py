"""Loads of desks: with them files wait as long as they should, and each number that a desk lives by changes them."""

from dataclasses import replace

import numpy as np
import pytest

from sim.world import loads
from sim.world.records import DeskKind, UnitKind
from sim.world.world import World
from tests.queues.kernels import lives
from tests.tiny import STATES, TINY, begun, legal_order

ONE_STATE = replace(TINY, states=["DEU"])


def has_line(desks: np.ndarray) -> np.ndarray:
    """Which desks are staffed, stand in states of the tiny world, and keep a line: providers keep none."""
    inside = np.isin(desks["state"], [legal_order().index(state) for state in STATES])
    return inside & (desks["servers"] > 0) & (desks["kind"] != DeskKind.PROVIDER)


def alone(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Settings of a world whose other work does not grow, and its desks and their people before the first day."""
    setting, desks = world.setting.copy(), world.desk.copy()
    setting.load_growth = setting.load_growth_after = setting.policy_start = 0.0
    setting.load_growth_level = 1.0
    units = np.zeros(len(desks), world.unit.dtype).view(np.recarray)
    staffed = UnitKind.INVESTIGATION * len(world.state)
    units[:staffed] = world.unit[:staffed]
    units.skill, units.persons, units.recruiting = units.skill_base, units.persons_base, 0.0
    desks.servers[:staffed], desks.skill = units.posts[:staffed], desks.skill_base
    desks.capacity = desks.servers * desks.pace * (1.0 + setting.pace_skill * (desks.skill - 0.5))
    inside = has_line(desks)
    for name in ("own_load", "work", "work_day", "work_end", "month_end", "month", "wait_sum"):
        desks[name] = 0
    desks.wait_recent = desks.target_wait
    return setting, desks[inside], units[inside]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "request.withdrawal_per_month": 0.05,
            "desk.rebound": 1.0,
            "capacity.leaving": 0.25,
            "request.urgent_share": 0.2,
        },
    ],
    ids=["default", "much turnover"],
)
def test_in_long_lives_by_the_rules_desks_meet_their_targets(changes: dict[str, float]) -> None:
    """Two thousand years of each desk.

    A desk's mean is known to some 4 %, that of its kind to some 2 %: a right load fails with a probability under 1 %.
    """
    setting, desks, units = alone(begun(1, TINY, changes).world)
    desks.load = desks.offered = loads.loads(setting, desks, units).hours
    waits = np.zeros(len(desks))
    with np.errstate(over="ignore"):
        lives(setting, desks, units, 4000, waits)
    ratio = waits / desks.target_wait
    assert len(ratio) > 20
    assert np.abs(ratio - 1.0).max() < 0.2
    for kind in np.unique(desks.kind):
        assert ratio[desks.kind == kind].mean() == pytest.approx(1.0, abs=0.08)


def test_a_first_day_is_a_day_of_the_desks_own_life() -> None:
    """Work in line and skill are those of one day, on which people at work were as near as any to those who begin."""
    world = begun(1, TINY).world
    setting, desks, units = alone(world)
    found = loads.loads(setting, desks, units)
    begin = world.desk[has_line(world.desk)]
    assert len(begin) == len(desks) > 20
    for row, desk in enumerate(begin):
        days, apart = found.days[row], np.abs(found.days[row, :, 1] - desk["servers"])
        same = np.isclose(days[:, 0] * desks.capacity[row], desk["work"]) & np.isclose(days[:, 2], desk["skill"])
        assert same.any()
        assert apart[same].min() == apart.min()


def test_each_number_that_a_desk_lives_by_changes_its_load_and_nothing_else_does() -> None:
    usual = begun(1, ONE_STATE).world.desk["load"]
    numbers = {
        **{"request.withdrawal_per_month": 0.02, "capacity.leaving": 0.3, "desk.court_wait_days": 120.0},
        **{"desk.rebound": 1.0, "desk.urgent_head_start": 0.0, "request.touch_variation": 4.0},
        "capacity.hiring_months": 3.0,
    }
    for name, value in numbers.items():
        assert (usual != begun(1, ONE_STATE, {name: value}).world.desk["load"]).any(), name
    np.testing.assert_array_equal(begun(2, ONE_STATE, {"criminal.lineage_months": 70.0}).world.desk["load"], usual)
