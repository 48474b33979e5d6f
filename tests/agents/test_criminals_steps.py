"""How groups enter, change and end, one decision at a time (M16)."""

import math

import numpy as np
import pytest

from sim.agents import criminals
from sim.agents.criminals import (
    add_spell,
    draw_facts,
    establish_group,
    exit_by_itself,
    group_arrives,
    rebrand,
    schedule_arrival,
    schedule_rebrand,
    schedule_report,
    settle_reserve,
)
from sim.agents.events import Event, Purpose
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import ELEMENTS
from sim.world.records import NONE, GroupStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, noting, usual
from tests.agents.scene import AWAY
from tests.tiny import waiting_events

pytestmark = pytest.mark.usefixtures("as_python")


@pytest.mark.parametrize(("factor", "clipped"), [(2.0, 0), (2.5, 1), (0.5, 0)])
@pytest.mark.parametrize("enters", [True, False])
def test_potential_groups_arrive_at_the_ceiling_of_their_rate(
    group: World, as_python: pytest.MonkeyPatch, factor: float, clipped: int, *, enters: bool
) -> None:
    """At half a group a day and a ceiling of two, one each day; the next is posted whether or not this one enters."""
    group.setting["entry_rate"], group.setting["entry_ceiling"] = 0.5, 2.0
    times = drawing(as_python, criminals, "exponential", usual)
    answers(as_python, criminals, entry_factor=factor, enters=enters)
    done = noting(as_python, criminals, establish_group=1, schedule_report=1)
    group_arrives(group, 7)
    assert [name for name, *_ in done] == ["establish_group", "schedule_report"] * enters
    assert group.group["clipped"][1] == (clipped if enters else 0)
    assert waiting_events(group)["entity"].tolist() == [8]
    group.setting["entry_rate"] = 0.25
    schedule_arrival(group, 9)
    assert first_numbers(times) == pytest.approx([1.0, 2.0])
    assert sorted(scene.waits(group, Event.GROUP_ARRIVAL)) == pytest.approx([1.0, 2.0])


def test_a_reserve_grows_by_income_and_is_spent_in_time(group: World) -> None:
    """After a span of its days the share exp(−1) of 5 is left, and the rest of 20 days' income was earned."""
    group.setting["assets_days"], now = 20.0, float(group.now[0])
    group.group["reserve"], group.group["income"], group.group["reserve_day"] = 5.0, 1.5, now - 20.0
    settle_reserve(group, 0)
    left = math.exp(-1.0)
    assert group.group["reserve"][0] == pytest.approx(5.0 * left + 30.0 * (1.0 - left))
    settle_reserve(group, 0)
    assert group.group["reserve"][0] == pytest.approx(5.0 * left + 30.0 * (1.0 - left))
    group.setting["assets_days"] = 0.0
    settle_reserve(group, 0)
    assert group.group["reserve"][0] == 0.0


def test_income_follows_users_and_capability(group: World) -> None:
    group.group["users"] = 3.0
    add_spell(group, 0, 1, 0, NONE, 0.6)
    assert group.group["income"][0] == pytest.approx(1.8) and group.group["capability"][0] == 0.6
    exit_by_itself(group, 0)
    assert group.group["income"][0] == 0.0 and group.group["status"][0] == GroupStatus.EXITED


def test_a_group_enters_with_its_size_core_and_nodes(group: World, as_python: pytest.MonkeyPatch) -> None:
    """At least two of both, and as many more as are drawn; its size is lognormal with a mean of one."""
    group.setting["lineage_months"], group.setting["scale_sigma"] = 50.0, 0.6
    answers(
        as_python,
        criminals,
        poisson=lambda _seed, purpose, *_: 2 if purpose == Purpose.GROUP_MEMBERS else 1,
        normal=1.5,
    )
    drawing(as_python, criminals, "exponential", usual)
    done = noting(as_python, criminals, "add_node", "schedule_doubt", "schedule_rebrand")
    row = establish_group(group, 5, 3, AWAY, True)
    new, now = group.group[row], float(group.now[0])
    assert (new.members, new.nodes) == (4, 3)
    assert new.scale == new.users == pytest.approx(math.exp(0.9 - 0.18))
    assert new.lineage_until == pytest.approx(now + 50.0 * MONTH)
    assert scene.waits(group, Event.GROUP_EXIT) == pytest.approx([50.0 * MONTH])
    assert [name for name, *_ in done] == ["add_node"] * 3 + ["schedule_doubt", "schedule_rebrand"]
    members = group.member[new.first_member :]
    assert members["slot"].tolist() == [0, 1, 2, 3] and (members["residence"] == AWAY).all()


@pytest.mark.parametrize(("drawn", "facts"), [(0.79, 2 ** len(ELEMENTS) - 1), (0.8, 0)])
def test_each_element_of_an_offence_is_fulfilled_in_four_of_five_groups(
    as_python: pytest.MonkeyPatch, drawn: float, facts: int
) -> None:
    drawing(as_python, criminals, "uniform", drawn)
    assert draw_facts(1, 5) == facts


def test_brands_last_for_their_months_and_reports_come_so_often_a_year(
    group: World, as_python: pytest.MonkeyPatch
) -> None:
    times = drawing(as_python, criminals, "exponential", usual)
    group.setting["brand_months"], group.setting["reports_per_year"] = 18.0, 5.0
    schedule_rebrand(group, 0)
    schedule_report(group, 0)
    assert first_numbers(times) == pytest.approx([18.0 * MONTH, YEAR / 5.0])
    assert scene.waits(group, Event.GROUP_REBRAND) == pytest.approx([18.0 * MONTH])
    assert scene.waits(group, Event.GROUP_REPORT) == pytest.approx([YEAR / 5.0])


def test_with_a_new_name_each_node_may_move(group: World, as_python: pytest.MonkeyPatch) -> None:
    """The group's own nodes, none beside them."""
    group.node["key"] = np.arange(8)
    shares = drawing(as_python, criminals, "chance", True)
    done = noting(as_python, criminals, "slip_away", "add_spell", "relocate_members", "schedule_rebrand")
    group.setting["rebrand_move"] = 0.65
    rebrand(group, 0, 0)
    assert [row for name, row, *_ in done if name == "slip_away"] == [2, 3, 4]
    assert first_numbers(shares) == [0.65] * 3
