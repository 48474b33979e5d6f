"""What is read of a planted group, by hand."""

from datetime import date

import numpy as np
import pytest

from sim.cases.real_case import RealCase
from sim.cases.run import read_result
from sim.law.days import MONTH, to_day
from sim.world.records import Growing, SpellCause
from sim.world.world import World
from tests.agents.scene import scene

OPENED = date(2022, 1, 1)
CASE = RealCase("c", "C", "scams", "DEU", None, OPENED, date(2023, 1, 1), 3, 0, "full", 5.0, (), (), "")


def world_of(actions: list[dict[str, float]], *spells: tuple[int, int, float], now: float = 1e4) -> World:
    """A world on a day, by default long after, with actions on group 0, and spells: group, cause and day."""
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
        {"day": -50.0, "states": 9},
        {"day": 40.0, "down": 0, "states": 7},
        {"day": 60.0, "states": 3, "arrests": 2, "client_arrests": 5},
        {"day": 61.0, "states": 30, "group": 1},
        {"day": 90.0, "states": 8},
    ]
    found = read_result(world_of(actions, (0, SpellCause.RETURN, 60.0 + 700.0)), CASE, 0, opened=True, seed=1)
    assert found["months"] == pytest.approx(60.0 / MONTH)
    assert (found["states"], found["arrests"], found["client_arrests"], found["earlier_actions"]) == (3, 2, 5, 1)
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
