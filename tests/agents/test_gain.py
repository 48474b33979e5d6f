"""What groups expect to gain, and whether they enter, doubt, stay or leave (M16)."""

import math

import pytest

from sim.agents import gain as rules
from sim.agents.events import Event, Purpose
from sim.engine.random import exponential
from sim.law.days import MONTH
from sim.world.records import GroupStatus, Growing
from sim.world.world import World
from tests.agents.plain import chances, fresh, got, holds, posted, put
from tests.agents.scene import AWAY

pytestmark = pytest.mark.usefixtures("as_python")

KIND = 3
MONTHS = 60.0  # that a lineage lasts
OWN = math.log(8 / 7)  # experience that raises a risk of .2 to .3
#: 0.3 × 6 × 0.5² − 0.2 × 6 × 0.5¹ of sanctions are feared beyond the usual with experience, less without.
FEARED, FEARED_BY_NEWCOMERS = 0.45 - 0.6, 0.3 - 0.6


def underworld(earns: float = 1.6, **settings: float) -> World:
    """Group 0 of AWAY earns so much of what it began with; a sanction costs 6 there, and its risk is usually 0.2."""
    world = fresh(2, with_responsive_entry=1.0, sanction=6.0, discount=0.5, deterrence=0.7, sanction_delay=1.0)
    usual = {"lineage_months": MONTHS, "exit_ceiling": 3.0, "entry_ceiling": 2.0, "retirement": 0.25, "usual_news": 0.0}
    lessons = {"with_learning": 1.0, "risk_prior": 0.5, "memory_weeks": 10.0, "calm_per_month": 0.0}
    put(world, "setting", **usual | lessons | settings)
    world.news[:] = 0.0
    world.sanction_delay[KIND] = 2.0
    put(world, "state", AWAY, perceived_risk=0.4)
    put(world, "group", kind=KIND, capability=0.8, users=earns * 1.5 / 0.8, scale=1.5, experience_day=world.now[0])
    return world


def test_gain_is_income_less_the_sanctions_feared_beyond_the_usual() -> None:
    world = underworld()
    holds(
        lambda income, own: rules.change_of_gain(world, KIND, AWAY, income, own),
        as_usual=(1.0, 0.0, -FEARED_BY_NEWCOMERS),
        more_with_experience=(1.6, OWN, 0.6 - FEARED),
    )


def test_newcomers_enter_and_members_leave_by_what_they_gain() -> None:
    """A quarter retires no matter what it gains; experience is that beyond undisturbed work, here −.1."""
    calm = {"calm_per_month": 0.1 * MONTH * math.log(2.0) / 70.0}

    leave = 0.25 + 0.75 * math.exp(-0.7 * (0.6 - FEARED))
    for responsive, factors in ((1.0, (math.exp(-0.7 * FEARED_BY_NEWCOMERS), leave)), (0.0, (1.0, 1.0))):
        world = underworld(with_responsive_entry=responsive, **calm)
        world.group["experience"] = OWN - 0.1
        assert (rules.entry_factor(world, KIND, AWAY), rules.exit_factor(world, 0)) == pytest.approx(factors)


@pytest.mark.parametrize(("factor", "share"), [(0.5, 0.25), (1.0, 0.5), (7.0, 1.0)])
def test_potential_groups_enter_by_their_factor_below_the_ceiling(factor: float, share: float) -> None:
    """Twice as many stand ready as enter usually."""
    world = underworld()
    chances(lambda key: rules.enters(world, key, factor), Purpose.GROUP_ENTERS, share)


def test_groups_think_of_leaving_as_often_as_the_ceiling_lets_them() -> None:
    """Twice a lineage beside its end, at a ceiling of three; each doubt is numbered, and none where exit is fixed."""
    world = underworld()
    world.group["key"][1] = 5
    rules.schedule_doubt(world, 1)
    days = exponential(1, Purpose.GROUP_DOUBT_GAP, 5, 1, MONTHS * MONTH / 2)
    assert posted(world) == [(Event.GROUP_EXIT, 1, pytest.approx(days))]
    assert (world.event["stamp"][0], world.group["doubts"][1]) == (1, 1)
    world.setting["with_responsive_entry"] = 0.0
    rules.schedule_doubt(world, 1)
    assert world.group["doubts"][1] == 1 == len(posted(world))
    rules.stay_on(world, 1)
    stays = exponential(1, Purpose.GROUP_STAY, 5, 1, MONTHS * MONTH)  # another lineage
    assert (Event.GROUP_EXIT, 1, pytest.approx(stays)) in posted(world)


def tempted(factor: float) -> World:
    """A group that would leave so many times as often as usual: it fears nothing, and none retires."""
    return underworld(1.0 - math.log(factor) / 2.0, sanction=0.0, retirement=0.0, deterrence=2.0)


@pytest.mark.parametrize(("factor", "stays"), [(0.4, 0.6), (1.0, 0.0), (2.5, 0.0)])
def test_at_the_end_of_a_lineage_so_many_stay_as_the_factor_is_below_one(factor: float, stays: float) -> None:
    world = tempted(factor)

    def stays_on(key: int) -> bool:
        put(world, "group", key=key, stays=0)
        world.used[Growing.MILESTONE] = 0
        gone = rules.leaves(world, 0, 0)
        assert got(world, "group", 0, "stays clipped") == (not gone, 0)
        return not gone

    chances(stays_on, Purpose.GROUP_STAYS, stays)


@pytest.mark.parametrize(("factor", "goes", "clipped"), [(1.5, 0.25, 0), (2.99, 0.995, 0), (4.0, 1.0, 1)])
def test_on_a_day_of_doubt_so_many_go_as_the_factor_is_above_one(factor: float, goes: float, clipped: int) -> None:
    """Of two parts above one up to the ceiling of three; a greater factor is noted. Who stays will doubt once more."""
    world = tempted(factor)

    def goes_now(key: int) -> bool:
        put(world, "group", key=key, doubts=0, clipped=0)
        gone = rules.leaves(world, 0, 2)
        assert got(world, "group", 0, "clipped doubts") == (clipped, not gone)
        return gone

    chances(goes_now, Purpose.GROUP_LEAVES, goes, 2)


def test_a_group_that_is_gone_does_not_leave() -> None:
    for status in GroupStatus:
        world = tempted(1.0)
        world.group["status"] = status
        assert rules.leaves(world, 0, 0) == (status in {GroupStatus.ACTIVE, GroupStatus.DOWN})
