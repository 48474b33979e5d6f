"""What groups expect to gain, and whether they enter, doubt, stay or leave (M16)."""

import math

import pytest

from sim.agents import gain
from sim.agents.events import Event, Purpose
from sim.agents.gain import (
    change_of_gain,
    discounted_sanction,
    enters,
    entry_factor,
    exit_factor,
    income,
    leaves,
    schedule_doubt,
    stay_on,
)
from sim.law.days import MONTH
from sim.world.records import GroupStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, usual
from tests.agents.scene import AWAY
from tests.tiny import waiting_events

pytestmark = pytest.mark.usefixtures("as_python")

KIND = 3
MONTHS = 60.0  # that a lineage lasts


@pytest.fixture
def underworld() -> World:
    """Group 0 of AWAY earns 1.6 of what it began with; risk at home is 0.3 against 0.2 usually; a sanction costs 6."""
    world = fresh(2, with_responsive_entry=1.0, sanction=6.0, discount=0.5, deterrence=0.7, sanction_delay=1.0)
    world.setting["lineage_months"], world.setting["exit_ceiling"], world.setting["entry_ceiling"] = MONTHS, 3.0, 2.0
    world.setting["retirement"] = 0.25
    world.sanction_delay[KIND] = 2.0
    world.group["kind"], world.group["capability"] = KIND, 0.8
    world.group["users"], world.group["scale"] = 3.0, 1.5
    return world


def risks(as_python: pytest.MonkeyPatch) -> list[float]:
    """What a group expects to happen to it; returns the experience that was taken into account."""
    own: list[float] = []

    def risk(_world: World, _kind: int, _home: int, value: float) -> float:
        own.append(float(value))
        return 0.3

    answers(as_python, gain, sanction_risk=risk, usual_risk=0.2, own_experience=0.9, calm_experience=0.5)
    return own


#: 0.6 of income more, less 0.3 × 6 × 0.5² − 0.2 × 6 × 0.5¹ of sanctions feared.
SANCTIONS = 0.45 - 0.6
GAIN = 0.6 - SANCTIONS


def test_a_sanction_weighs_less_the_later_it_comes(underworld: World) -> None:
    """Half of it a year later, an eighth after three years."""
    assert discounted_sanction(underworld.setting[0], 3.0) == pytest.approx(0.75)
    assert discounted_sanction(underworld.setting[0], 0.0) == pytest.approx(6.0)


def test_gain_is_income_less_the_sanctions_feared_beyond_the_usual(
    underworld: World, as_python: pytest.MonkeyPatch
) -> None:
    own = risks(as_python)
    assert change_of_gain(underworld, KIND, AWAY, 1.6, 0.4) == pytest.approx(GAIN)
    assert own == [0.4]


def test_newcomers_enter_the_more_the_less_they_fear(underworld: World, as_python: pytest.MonkeyPatch) -> None:
    """They have no experience and the usual income; nothing counts where entry does not respond."""
    own = risks(as_python)
    assert entry_factor(underworld, KIND, AWAY) == pytest.approx(math.exp(0.7 * -SANCTIONS))
    assert own == [0.0]
    underworld.setting["with_responsive_entry"] = 0.0
    assert entry_factor(underworld, KIND, AWAY) == exit_factor(underworld, 0) == 1.0


@pytest.mark.parametrize(("factor", "share"), [(0.5, 0.25), (1.0, 0.5), (7.0, 1.0)])
def test_potential_groups_enter_by_their_factor_below_the_ceiling(
    underworld: World, as_python: pytest.MonkeyPatch, factor: float, share: float
) -> None:
    """Twice as many stand ready as enter usually."""
    drawn = drawing(as_python, gain, "chance", True)
    assert enters(underworld, 5, factor)
    assert first_numbers(drawn) == [share]


def test_a_group_earns_from_the_users_that_it_has_and_can_serve(underworld: World) -> None:
    assert income(underworld.group[0]) == pytest.approx(0.8 * 3.0 / 1.5)


def test_groups_leave_by_retirement_and_for_the_rest_the_less_they_gain(
    underworld: World, as_python: pytest.MonkeyPatch
) -> None:
    """A quarter retires whatever it gains; experience is that beyond undisturbed work."""
    own = risks(as_python)
    assert exit_factor(underworld, 0) == pytest.approx(0.25 + 0.75 * math.exp(-0.7 * GAIN))
    assert own == [pytest.approx(0.4)]


def test_groups_think_of_leaving_as_often_as_the_ceiling_lets_them(
    underworld: World, as_python: pytest.MonkeyPatch
) -> None:
    """Twice a lineage beside its end, at a ceiling of three; each doubt is numbered, and none where exit is fixed."""
    times = drawing(as_python, gain, "exponential", usual)
    schedule_doubt(underworld, 1)
    assert times == [(Purpose.GROUP_DOUBT_GAP, 1, pytest.approx(MONTHS * MONTH / 2))]
    assert scene.waits(underworld, Event.GROUP_EXIT) == pytest.approx([MONTHS * MONTH / 2])
    event = waiting_events(underworld)[0]
    assert (event["entity"], event["stamp"], underworld.group["doubts"][1]) == (1, 1, 1)
    underworld.setting["with_responsive_entry"] = 0.0
    schedule_doubt(underworld, 1)
    assert underworld.group["doubts"][1] == 1


def test_who_stays_on_stays_for_another_lineage(underworld: World, as_python: pytest.MonkeyPatch) -> None:
    times = drawing(as_python, gain, "exponential", usual)
    stay_on(underworld, 1)
    assert times == [(Purpose.GROUP_STAY, 1, pytest.approx(MONTHS * MONTH))]
    assert scene.waits(underworld, Event.GROUP_EXIT) == pytest.approx([MONTHS * MONTH])


@pytest.mark.parametrize(("factor", "stays"), [(0.4, 0.6), (1.0, 0.0), (2.5, 0.0)])
@pytest.mark.parametrize("happens", [True, False])
def test_at_the_end_of_a_lineage_so_many_stay_as_the_factor_is_below_one(
    underworld: World, as_python: pytest.MonkeyPatch, factor: float, stays: float, *, happens: bool
) -> None:
    answers(as_python, gain, exit_factor=factor)
    drawn = drawing(as_python, gain, "chance", happens)
    assert leaves(underworld, 0, 0) != happens
    assert first_numbers(drawn) == [pytest.approx(stays)]
    assert underworld.group["stays"][0] == happens and underworld.group["clipped"][0] == 0


@pytest.mark.parametrize(("factor", "goes", "clipped"), [(1.5, 0.25, 0), (3.0, 1.0, 0), (4.0, 1.0, 1)])
@pytest.mark.parametrize("happens", [True, False])
def test_on_a_day_of_doubt_so_many_go_as_the_factor_is_above_one(
    underworld: World, as_python: pytest.MonkeyPatch, factor: float, goes: float, clipped: int, *, happens: bool
) -> None:
    """Of two parts above one up to the ceiling of three; a greater factor is noted. Who stays will doubt once more."""
    answers(as_python, gain, exit_factor=factor)
    drawn = drawing(as_python, gain, "chance", happens)
    assert leaves(underworld, 0, 2) == happens
    assert drawn == [(Purpose.GROUP_LEAVES, 2, pytest.approx(goes))]
    assert underworld.group["clipped"][0] == clipped
    assert underworld.group["doubts"][0] == (not happens)


@pytest.mark.parametrize("status", list(GroupStatus))
def test_a_group_that_is_gone_does_not_leave(
    underworld: World, as_python: pytest.MonkeyPatch, status: GroupStatus
) -> None:
    underworld.group["status"] = status
    drawing(as_python, gain, "chance", False)
    answers(as_python, gain, exit_factor=1.0)
    assert leaves(underworld, 0, 0) == (status not in (GroupStatus.EXITED, GroupStatus.REMOVED))
