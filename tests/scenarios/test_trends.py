"""Tests of the moving baseline, in which requests grow, and of the frozen baseline."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.experiments.run import tables_of
from sim.law.days import to_day
from sim.policy.levers import LEVERS
from sim.policy.scenario import load
from sim.policy.timeline import Timeline
from sim.world.parameters import WorldSpec
from tests.scenarios.paired import LESS_NOISE, REDUCED, START, timeline_for
from tests.tiny import begun

SPEC = WorldSpec()
YEARS = [to_day(date(year, 1, 1)) for year in range(int(SPEC.policy_start[:4]), int(SPEC.end[:4]) + 2)]


@pytest.mark.slow
def test_requests_grow_as_fast_as_other_work_within_a_point() -> None:
    """Requests grow as fast as other work within a point (24 worlds, standard error 0.3 points)."""
    scenario = load("current_trends")
    wanted = next(change.value for change in scenario.changes if change.lever is LEVERS["desk.load_growth_after"])
    assert isinstance(wanted, float)
    growth = []
    for seed in range(24):
        arm = begun(seed, SPEC, LESS_NOISE, timeline=timeline_for("current_trends", SPEC, seed))
        arm.advance(YEARS[-1])
        drafted = np.histogram(tables_of(arm)["request"]["drafted"], YEARS)[0]
        growth.append(float(np.polyfit(np.arange(drafted.size), np.log(drafted), 1)[0]))
    assert abs(np.mean(growth) - wanted) < 0.01


def test_growth_of_other_work_is_handed_to_the_desks() -> None:
    spec = replace(REDUCED, groups=5, end="2028-12-31")
    found = []
    for timeline in (Timeline(), timeline_for("current_trends", spec, 1)):
        arm = begun(1, spec, timeline=timeline)
        arm.advance(to_day(START) + 1)
        found.append(float(arm.world.setting["load_growth_after"][0]))
    assert found == [0.0, 0.04]
