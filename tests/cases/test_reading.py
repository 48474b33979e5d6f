"""Tests of reading a recorded case's result from a finished world."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.cases.real_case import RealCase
from sim.cases.run import Plant, _stops, dates, read_result
from sim.law.days import MONTH, YEAR, to_day
from sim.world.parameters import WorldSpec
from sim.world.records import CaseStatus, Growing, SpellCause
from sim.world.world import World
from tests.agents.scene import scene

OPENED = date(2022, 1, 1)
CASE = RealCase("c", "C", "scams", "DEU", OPENED, date(2023, 1, 1), 3, (), None, 0, "full", 5.0)


def world_of(actions: list[dict[str, float]], *spells: tuple[int, int, float], now: float = 1e4) -> World:
    """Makes a world with the given actions against a group and the given activity periods."""
    world = scene(16)
    world.now[0] = now
    world.used[[Growing.ACTION, Growing.SPELL]] = len(actions), len(spells)
    for row, action in enumerate(actions):
        for name, value in ({"group": 0, "down": 1} | action).items():
            world.action[name][row] = value
    for row, spell in enumerate(spells):
        world.spell["group"][row], world.spell["cause"][row], world.spell["day"][row] = spell
    return world


def test_the_first_takedown_within_five_years_of_an_opened_case_counts_and_a_return_within_two() -> None:
    actions = [
        *({"day": -50.0, "states": 9}, {"day": 40.0, "down": 0, "states": 7}),
        *({"day": 60.0, "states": 3, "arrests": 2, "client_arrests": 5}, {"day": 61.0, "states": 30, "group": 1}),
        {"day": 90.0, "states": 8},
    ]
    found = read_result(world_of(actions, (0, SpellCause.RETURN, 60.0 + 700.0)), CASE, 0, opened=True, seed=1)
    assert found["months"] == pytest.approx(60.0 / MONTH)
    assert (found["states"], found["arrests"], found["client_arrests"]) == (3, 2, 5)
    assert found["returned"] == 1.0
    back, rebuilt = SpellCause.RETURN, SpellCause.REBUILT
    others = ((0, back, 50.0), (0, rebuilt, 100.0), (1, back, 100.0), (0, back, 60.0 + 800.0))
    for now, returned in ((60.0 + 700.0, np.nan), (60.0 + 731.0, 0.0)):
        world = world_of([{"day": 60.0}], *others, now=now)
        found = read_result(world, CASE, 0, opened=True, seed=1)
        np.testing.assert_equal((found["acted"], found["returned"]), (True, returned))
    late = read_result(world_of([{"day": to_day(date(2028, 2, 1))}]), CASE, 0, opened=True, seed=1)
    assert late["applies"] and not late["acted"]
    assert np.isnan([late["months"], late["states"], late["returned"]]).all()
    closed = read_result(world_of([{"day": 60.0}]), CASE, 0, opened=False, seed=1)
    assert not closed["applies"] and not closed["acted"]


def test_days_at_a_limit_count() -> None:
    """Actions and returns count on the first and on the last day of their time limits."""
    opened, last = to_day(OPENED), to_day(CASE.acted) + 5 * YEAR
    for day, acted in ((opened, True), (opened - 0.1, False), (last, True), (last + 0.1, False)):
        assert read_result(world_of([{"day": day}]), CASE, 0, True, 1)["acted"] == acted, day
    for day, now, returned in (
        *((60.0, 1e4, 0.0), (60.1, 1e4, 1.0), (60.0 + 2 * YEAR, 1e4, 1.0), (60.1 + 2 * YEAR, 1e4, 0.0)),
        *((900.0, 60.0 + 2 * YEAR, 0.0), (900.0, 59.9 + 2 * YEAR, np.nan)),
    ):
        world = world_of([{"day": 60.0}], (0, SpellCause.RETURN, day), now=now)
        np.testing.assert_equal(read_result(world, CASE, 0, True, 1)["returned"], returned)


def test_without_a_recorded_opening_the_first_case_that_was_not_refused_counts() -> None:
    unopened, world = replace(CASE, opened=None), world_of([{"day": 30.0}, {"day": 90.0, "states": 4}])
    world.used[Growing.CASE] = 5
    rows = ((0, CaseStatus.NO_OFFENCE, 10.0), (0, CaseStatus.DROPPED_CAPACITY, 20.0), (1, CaseStatus.SOLVED, 25.0))
    for row, (group, status, day) in enumerate(
        (*rows, (0, CaseStatus.SOLVED, 50.0), (0, CaseStatus.INVESTIGATING, 40.0))
    ):
        world.case["group"][row], world.case["status"][row], world.case["opened"][row] = group, status, day
    found = read_result(world, unopened, 0, opened=False, seed=1)
    assert found["applies"] and found["months"] == pytest.approx(50.0 / MONTH) and found["states"] == 4
    assert not read_result(world, unopened, 3, opened=True, seed=1)["applies"]


def test_a_world_begins_years_before_the_first_opening_and_ends_years_after_the_last_action() -> None:
    other = replace(CASE, key="o", active_since=date(2014, 6, 1), opened=None, acted=date(2021, 2, 1))
    spec = dates((CASE, other), WorldSpec(follow_up_days=99))
    assert (spec.start, spec.policy_start, spec.end) == ("2009-06-01", "2014-06-01", "2030-01-01")
    assert spec.follow_up_days == 0 and dates((replace(CASE, opened=date(2004, 5, 5)),), spec).start == "2001-01-01"
    long = replace(CASE, active_since=date(2012, 3, 3))
    assert dates((long,), spec).start == "2011-03-03", "a year before a group that entered long before its case"
    nobody = replace(CASE, opened=None)
    assert dates((nobody,), spec).policy_start == "2023-01-01" and dates((nobody,), spec).start == "2018-01-01"
    plants = [Plant(case, copy) for case in (CASE, other, nobody) for copy in (1, 0)]
    stops = [(day, opens, one.case.key, one.copy) for day, opens, one in _stops(plants, to_day(date(2015, 1, 1)))]
    first, start, acted = (to_day(day) for day in (date(2015, 1, 1), OPENED, nobody.acted))
    assert stops == [
        *((first, False, "o", 0), (first, False, "o", 1), (start, False, "c", 0), (start, False, "c", 1)),
        *((start, True, "c", 0), (start, True, "c", 1), (acted, False, "c", 0), (acted, False, "c", 1)),
    ]
