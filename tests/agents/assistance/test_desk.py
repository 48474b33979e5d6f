"""Tests of desks: queue, deadlines, and workload over a month (M6, M21)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import desk as rules
from sim.agents.assistance import line
from sim.agents.assistance.line import all_busy
from sim.agents.events import Event, Purpose
from sim.engine.compiling import Record
from sim.engine.random import derive, exponential, normal, uniform
from sim.law.days import MONTH, YEAR
from sim.world.records import DESK, NONE, REQUEST, DeskKind, Growing, JobStatus, Stage
from sim.world.world import World
from tests.agents.plain import chances, got, holds, posted, put, record, small, table
from tests.agents.scene import NOW
from tests.tiny import row_of_settings

D = 7  # row of the desk
pytestmark = pytest.mark.usefixtures("as_python")
waiting, serving = JobStatus.WAITING, JobStatus.IN_SERVICE
withdrawn = (8.0, JobStatus.WITHDRAWN, NOW)
court = DeskKind.COURT


def at_desk(settings: dict[str, float] | None = None, desk: dict[str, float] | None = None, **fields: float) -> World:
    """Makes a world with a request of 12 hours that waits at a desk of three persons.

    Before it 30 hours of work are in line: four days. Nobody gives up, and no file has a priority credit.
    """
    usual = {"with_queues": 1.0, "with_turnover": 0.0, "pace_skill": 0.4, "touch_variation": 1.0, "urgent_share": 0.0}
    world = small(12, usual | {"withdrawal_per_month": 0.0} | (settings or {}))
    values = {"kind": DeskKind.COURT, "servers": 3, "pace": 2.5, "skill": 0.5, "capacity": 7.5, "work": 30.0}
    values |= {"work_end": 30.0, "work_day": NOW - 5.0, "month_end": NOW + 25.0, "joined": 0.0, "joined_day": NOW}
    values |= {"tempo": 1.0, "pace_elasticity": 0.0, "urgent_head_start": 0.0, "custody_share": 0.0}
    values |= {
        "idle": 0.0,
        "overtime": 0.0,
        "served": 100.0,
        "engaged": 1,
        "open_files": 2,
        "dated": 0.0,
        "offered": 4.0,
    }
    put(world, "desk", D, **values | {"own_load": 0.0, "file_hours": 6.0} | (desk or {}))
    job = {"desk": D, "request": 3, "touch_hours": 12.0, "status": JobStatus.WAITING, "arrived": NOW, "key": 55}
    job |= {"looked": np.nan, "returned_on": np.inf}
    put(world, "job", **job | fields)
    world.job["started"] = world.job["ended"] = np.nan
    world.desk["planned"][D] = world.desk["planned"][D] if desk and "planned" in desk else NONE
    world.used[Growing.JOB] = 1
    return world


def test_the_pace_of_a_person() -> None:
    """Staff work faster with more skill and slower while they are in training.

    By the desk's skill of 0.15; with turnover, from the pace at today's 0.6 on, and a tenth of time is training.
    """

    def pace(turnover: float) -> float:
        desk = {"skill": 0.15, "skill_base": 0.6, "away": 0.1}
        world = at_desk({"with_turnover": turnover, "throughput_skill": 0.5}, desk)
        return rules.working_pace(world.setting[0], world.desk[D])

    turnover = 2.5 * (1 + 0.4 * 0.1) * 0.5 * 0.9
    holds(pace, left_out=(0.0, 2.5 * (1 - 0.4 * 0.35)), turnover=(1.0, turnover))


@table(
    the_same=(7.5, 25.0, (7.5, NOW - 5.0)),
    more=(6.0, 25.0, (7.5, NOW)),
    the_same_a_month_on=(7.5, -1.0, (7.5, NOW - 5.0)),
)
def test_a_desk_learns_of_its_people_only_when_its_capacity_changes(capacity: float, month_end: float) -> Any:
    """A desk updates its queue only if its capacity has changed."""
    world = at_desk(desk={"capacity": capacity, "month_end": NOW + month_end})
    rules.staff_desk(world, D)
    return got(world, "desk", D, "capacity work_day")


@table(short=(True, 30.0, 335.0), long=(True, 400.0, 0.0), not_binding=(False, 30.0, 0.0), none=(True, math.nan, 0.0))
def test_a_deadline_that_binds_moves_a_file_forward(binding: Any, deadline: Any) -> Any:
    setting = row_of_settings(deadline_horizon=365.0)[0]
    return rules.deadline_head_start(setting, binding, deadline)


def test_a_late_file_is_returned_for_form_the_more_is_won_by_it() -> None:
    """A late request is more likely to be returned if the return saves more days.

    Half of (80 − 60) ÷ 80; each stage and each return has a draw of its own.
    """
    setting = row_of_settings(returned_for_form=0.5)[0]

    def returned(key: int, wait: float = 80.0) -> bool:
        asked = record(REQUEST, key=key, stage=Stage.COURT_ORDER, loops=2)
        return rules.is_returned_for_form(setting, asked, wait, 60.0)

    chances(returned, Purpose.RETURNED_FOR_FORM, 0.125, Stage.COURT_ORDER * 16 + 2)
    chances(lambda key: returned(key, 40.0), Purpose.RETURNED_FOR_FORM, 0.0)
    assert rules.file_key(record(REQUEST, key=55, stage=Stage.COURT_ORDER, loops=2)) == derive(55, 130)


@table(
    few_seen=(True, 3, 1, (0.4 + 0.6 / 5, 4, 2, 250.0, 60.0)),
    many_seen=(True, 500, 400, (0.4 + 0.6 / 100, 501, 401, 201.0, 89.4)),
    not_bound=(False, 3, 1, (0.4 - 0.4 / 5, 4, 1, 200.0, 90.0)),
)
def test_a_desk_learns_of_deadlines_from_the_files_that_it_sees(bound: bool, seen: int, seen_dated: int) -> Any:
    """A desk estimates the share of requests with a deadline by a running mean."""
    row = record(DESK, seen=seen, dated=0.4, seen_dated=seen_dated, dated_head_start=200.0, dated_days=90.0)
    rules.meet_deadline(row, bound, 30.0, 300.0)
    return row.dated, row.seen, row.seen_dated, row.dated_head_start, row.dated_days


def test_a_file_before_all_others_waits_for_the_first_hands_that_are_free() -> None:
    """A request with the highest priority waits only until a person is free."""
    for urgent, offered, before in ((0.3, 4.0, 0.3 * 4.0 / 7.5), (0.9, 40.0, 0.9)):
        world = at_desk({"urgent_share": urgent}, {"offered": offered, "kind": DeskKind.INCOMING})
        expected = exponential(1, Purpose.DESK_REST, 55, 0, 0.5 * 6.0 * 2.0 / 7.5 / (1.0 - before))
        assert rules.until_free(world.setting[0], world.job[0], world.desk[D]) == pytest.approx(expected)


def test_a_free_person_takes_a_file_up_at_once() -> None:
    """An idle person starts a request at once, without a queue."""
    assert rules.submit(at_desk({"with_queues": 0.0}), 0, 5.0) == 0.0
    world = at_desk(desk={"work": 0.0, "work_end": 0.0})
    busy = all_busy(world.setting[0], world.desk[D], 0.0)
    assert 0.1 < busy < 0.9

    def waits(key: int) -> bool:
        put(world, "job", key=key, status=JobStatus.WAITING, started=np.nan, looked=np.nan)
        put(world, "desk", D, joined=0.0, engaged=9, planned=NONE, work=0.0, work_end=0.0)
        days = rules.submit(world, 0, 5.0)
        assert rules.is_waiting(world, world.job[0]) == (days > 0.0) == (world.desk["joined"][D] > 0.0)
        return bool(world.desk["joined"][D] > 0.0)

    chances(waits, Purpose.DESK_BUSY, busy)


def test_a_file_that_a_person_of_a_body_takes_up_is_work_in_line() -> None:
    """A request that a liaison body starts at once still counts as work in its queue."""
    idle = {"work": 0.0, "work_end": 0.0, "offered": 0.0, "brought": 5.0}
    for kind, joined in ((DeskKind.LIAISON_BODY, 12.0), (DeskKind.CONTACT_POINT, 12.0), (court, 0.0)):
        world = at_desk(desk={**idle, "kind": kind})
        assert rules.submit(world, 0, 0.0) == 0.0
        assert (world.desk["joined"][D], world.desk["brought"][D]) == (joined, 17.0)


@table(
    behind=(0.0, 0.1, (True, 4.0, 4.0, 12.0)),
    with_a_head_start=(3.0, 0.1, (True, 1.0, 1.0, 12.0)),
    first_of_all=(99.0, 600.0, (False, 1.0, 1.0, 12.0)),
)
def test_a_file_takes_its_place_in_line(head_start: float, file_hours: float) -> tuple[float, ...]:
    world = at_desk(desk={"file_hours": file_hours})
    rest = rules.until_free(world.setting[0], world.job[0], world.desk[D])
    days = rules.submit(world, 0, head_start)
    assert got(world, "job", 0, "head_start looked") == (head_start, NOW)
    assert world.job["served"][0] == pytest.approx(100.0 + 7.5 * 5.0)
    assert world.job["started"][0] == NOW + days
    assert posted(world) == [(Event.JOB_SERVED, 0, pytest.approx(days + 12.0 / 2.5, rel=1e-4))]
    ahead, joined = world.job["ahead"][0] / 7.5, world.desk["joined"][D]
    return days > rest, days if days > rest else days / rest, ahead if days > rest else ahead / rest, joined


@table(
    its_turn=(120.0, 20.0, waiting, (serving, 0.0, NOW, 137.5, 0.0)),
    soon=(150.0, 20.0, waiting, (serving, 30.0, NOW, 137.5, 4.0)),
    in_two_months=(569.0, 20.0, waiting, (serving, 449.0, NOW, 137.5, 59.867)),
    a_quarter=(795.0, 20.0, waiting, (waiting, 675.0, NOW, 137.5, 60.0)),
    long_line=(1080.0, 20.0, waiting, (waiting, 960.0, NOW, 137.5, 64.0)),
    just_looked=(30.0, 0.0, waiting, (serving, 30.0, NOW, 137.5, 4.0)),
    withdrawn=(120.0, 20.0, JobStatus.WITHDRAWN, (JobStatus.WITHDRAWN, 120.0, NOW - 20.0, 17.5)),
)
def test_work_on_a_file_is_planned_when_its_turn_is_near(ahead: float, since: float, status: Any) -> tuple[float, ...]:
    """A request starts on its turn; while that is far off, the desk checks again after half of the days."""
    world = at_desk(arrived=NOW - 30.0, looked=NOW - since, served=137.5 - since * 6.0, ahead=ahead, status=status)
    rules.look(world, 0)
    days = [days - (4.8 if kind == Event.JOB_SERVED else 0.0) for kind, _, days in posted(world)]
    assert np.isnan(world.job["started"][0]) == (world.job["status"][0] != serving)
    rounded = [round(value, 3) for value in (float(world.job["ahead"][0]), *days)]
    return (world.job["status"][0], rounded[0], *got(world, "job", 0, "looked served"), *rounded[1:])


def test_urgent_files_go_before_one_until_it_is_old_enough() -> None:
    """Urgent requests overtake a request until it has waited for as long as their priority credit.

    Half of the four hours that come a day have a priority credit of 40 days: 2 of the 6 that were done, then of 7.5.
    """
    settings = {"urgent_share": 0.5, "urgent_head_start": 40.0}
    line = {"arrived": NOW - 30.0, "looked": NOW - 20.0, "served": 17.5, "ahead": 100.0}
    world = at_desk(settings, {"kind": DeskKind.INCOMING}, **line)
    rules.look(world, 0)
    assert world.job["ahead"][0] == pytest.approx(20.0, rel=1e-4)
    assert world.job["started"][0] - NOW == pytest.approx(20.0 / 5.5, rel=1e-4)
    late = at_desk(settings | {"urgent_head_start": 200.0}, {"kind": DeskKind.INCOMING}, **line | {"ahead": 3000.0})
    rules.look(late, 0)  # in more than a year, before half of which it is 200 days old
    assert posted(late) == [(Event.FILE_IN_LINE, 0, pytest.approx(170.0))]


@table(
    as_planned=(30.0, 7.5, 0.0, 0.0, True),
    people_left=(48.0, 6.0, 4.0, 24.0, False),
    a_day=(29.0, 6.0, 0.0, 5.0, True),
    people_came=(30.0, 9.0, 0.0, -6.0, True),
)
def test_a_file_is_done_unless_its_turn_came_days_later(ahead: float, done: float, later: float, left: float) -> bool:
    """A desk finishes a file unless its turn came more than a day later than foreseen.

    It looked eight days ago and was to start four days later; people have done so many hours a day since.
    """
    world = at_desk(
        desk={"capacity": done, "served": 100.0 - 3.0 * done}, arrived=NOW - 8.0, ahead=ahead, status=serving
    )
    put(world, "job", looked=NOW - 8.0, started=NOW - 4.0, served=100.0 - 6.0 * done)
    is_done = rules.is_done(world, 0)
    assert world.job["ahead"][0] == pytest.approx(left, abs=1e-3)
    assert world.job["started"][0] == pytest.approx(NOW - 4.0 + later, abs=1e-3)
    assert [(kind, round(days, 3)) for kind, _, days in posted(world)] == [(Event.JOB_SERVED, later)] * (not is_done)
    return is_done


@pytest.mark.parametrize("credit", [0.0, 15.0, -40.0])
@pytest.mark.parametrize("work", [250.0, 700.0, 1600.0])
def test_a_turn_comes_when_all_before_it_is_done(credit: float, work: float) -> None:
    """A request starts when all work before it is done, on the predicted day.

    Ten hours of work arrive a day: 3 are urgent, with a credit of 100 days, and 2 have one of 40 for their deadline.
    """
    queue = {"work": work, "work_end": work, "offered": 10.0, "load": 10.0, "dated": 0.2, "dated_head_start": 40.0}
    queue |= {"file_hours": 0.1, "target_wait": 1.0}
    rates = {"urgent_share": 0.3, "urgent_head_start": 100.0, "withdrawal_per_month": 0.1, "load_growth": 0.0}
    rates |= {
        "overtime": 0.0,
        "with_rebound": 0.0,
        "latent_need": 3.0,
        "load_growth_level": 1.0,
        "load_growth_after": 0.0,
    }
    world = at_desk(rates, {"kind": DeskKind.INCOMING, "capacity": 12.0, "own_deadline": 0} | queue)
    setting, desk = world.setting[0], world.desk[D]
    expected = rules.submit(world, 0, credit)
    ahead, age, step = float(world.job["ahead"][0]), 0.0, 0.01
    shares = [line.share_of_kind(setting, desk, kind) for kind in range(4)]
    starts = [line.head_start_of_kind(setting, desk, kind) for kind in range(4)]
    while ahead > 0.0:
        overtaking = sum(share for share, of in zip(shares, starts, strict=True) if of - credit > age)
        ahead -= step * (12.0 - 10.0 * overtaking + 0.1 / MONTH * ahead)
        age += step
    done = False
    while not done:
        kind, _, days = posted(world)[-1]
        world.now[0] += days
        if kind == Event.FILE_IN_LINE:
            rules.look(world, 0)
        else:
            done = rules.is_done(world, 0)
    assert world.job["started"][0] - NOW == pytest.approx(age, abs=0.1)
    assert expected == pytest.approx(age, abs=0.1)


def test_a_person_works_on_a_file_for_its_hours() -> None:
    """Work on a request takes a lognormal number of hours, at a fixed number of hours per day.

    12 hours at 2.5 a day; hours are lognormal with the declared mean, such as 20.
    """
    hours = 20.0 * math.exp(0.8 * normal(1, Purpose.TOUCH, 5, 0) - 0.32)
    assert rules.touch_hours(row_of_settings(touch_sigma=0.8)[0], 5, 20.0) == pytest.approx(hours)
    world = at_desk()
    rules.plan(world, 0, 0.0)
    assert got(world, "job", 0, "status started") == (JobStatus.IN_SERVICE, NOW)
    assert world.desk["open_files"][D] == 3
    assert rules.is_done(world, 0)
    assert posted(world) == [(Event.JOB_SERVED, 0, pytest.approx(12.0 / 2.5))]


@table(
    waits=(waiting, math.nan, withdrawn),
    planned=(serving, NOW + 1.0, withdrawn),
    turn_today=(serving, NOW, (20.0, serving, math.nan)),
    in_service=(serving, NOW - 1.0, (20.0, serving, math.nan)),
)
def test_a_file_that_is_laid_aside_takes_its_work_out_of_the_line(status: JobStatus, start: float) -> tuple[float, ...]:
    """A file whose work is planned leaves the line too, and the event of its end does nothing."""
    world = at_desk(desk={"joined": 20.0, "open_files": 5}, status=status)
    put(world, "job", started=start)
    rules.leave_line(world, 0)
    assert (status == waiting or start > NOW) == np.isnan(world.job["started"][0]) == (not rules.is_done(world, 0))
    assert world.desk["open_files"][D] == 5 - (start > NOW)
    return (world.desk["joined"][D], *got(world, "job", 0, "status ended"))


@table(a_court=(court, 3, 1), the_first_file=(court, 0, 1), a_task=(court, -1, 0), a_provider=(DeskKind.PROVIDER, 3, 0))
def test_people_learn_from_the_files_that_they_finish(kind: DeskKind, row: int) -> float:
    world = at_desk(desk={"kind": kind}, status=JobStatus.IN_SERVICE, request=row)
    world.unit["files"][D] = 0
    assert rules.finish(world, 0) == row
    assert (*got(world, "job", 0, "status ended"), world.desk["open_files"][D]) == (JobStatus.SERVED, NOW, 1)
    return world.unit["files"][D]


@table(
    nobody=((), (0, NONE)),
    two=((serving, NOW - 1.0, serving, NOW), (2, 0)),
    one_starts_later=((serving, NOW + 1.0, serving, NOW), (1, 0)),
    first_is_done=((JobStatus.SERVED, NOW - 1.0, serving, NOW), (1, 1)),
    second_is_done=((serving, NOW - 1.0, JobStatus.SERVED, NOW), (1, 0)),
    first_was_withdrawn=((JobStatus.WITHDRAWN, math.nan, serving, NOW - 1.0), (1, 1)),
)
def test_files_at_work_are_counted_and_those_done_forgotten(files: tuple[float, ...]) -> tuple[float, ...]:
    """A desk counts the followed files that its people work on today, and drops finished ones from its list.

    Where fewer files are open than it has people, it looks at none of them.
    """
    world = at_desk(desk={"engaged": 9, "open_files": 3, "servers": 3, "planned": 0 if files else NONE})
    if files:
        put(world, "job", status=files[::2], started=files[1::2], next_planned=(1, NONE))
    rules.count_engaged(world, D)
    if files and files[2] == JobStatus.SERVED:
        assert world.job["next_planned"][0] == NONE
    counted = got(world, "desk", D, "engaged planned")
    put(world, "desk", D, open_files=2, planned=1)
    rules.count_engaged(world, D)
    assert got(world, "desk", D, "engaged planned") == (2, 1)
    return counted


RATE = 0.02  # at which files are given up, a day
#: Of the files of an incoming authority, 0.3 are urgent and stand 100 days before others; 0.2 have a deadline: 40 days.
SHARES = [0.7 * 0.8, 0.3 * 0.8, 0.7 * 0.2, 0.3 * 0.2]
HEAD_STARTS = [0.0, 100.0, 40.0, 140.0]


def busy_settings(**changes: float) -> Record:
    """Settings of the model that the expected numbers of these tests assume."""
    usual = {"urgent_share": 0.3, "urgent_head_start": 100.0, "withdrawal_per_month": RATE * MONTH}
    return row_of_settings(**usual | {"touch_variation": 1.5} | changes)[0]


def desk(kind: DeskKind = DeskKind.INCOMING, **fields: float) -> Record:
    """Makes a desk that does ten hours of work a day, with a binding deadline for a fifth of its requests."""
    usual = {"kind": kind, "capacity": 10.0, "dated": 0.2, "dated_head_start": 40.0, "offered": 5.0, "tempo": 1.0}
    return record(DESK, **usual | fields)


@pytest.mark.parametrize(("age", "overtaken_by"), [(50.0, [1, 3]), (80.0, [3]), (120.0, [])])
def test_files_that_still_overtake_take_hours_from_those_behind(age: float, overtaken_by: list[int]) -> None:
    """More urgent work reduces the hours per day for a request in the queue."""
    expected = 12.0 - 5.0 * sum(SHARES[kind] for kind in overtaken_by)
    assert line.left_for(busy_settings(), desk(), 12.0, age, 20.0) == pytest.approx(expected)
    assert line.left_for(busy_settings(), desk(offered=500.0), 12.0, 50.0, 20.0) == pytest.approx(0.02 * 12.0)
    followed = line.left_for(busy_settings(), desk(offered=2.0, own_load=3.0), 12.0, age, 20.0)
    assert followed == pytest.approx(expected), "files of cases that are followed overtake as other files do"


def days_for(hours: float, rate: float) -> float:
    """Days until a number of hours is worked or withdrawn, at constant rates."""
    return math.log(1 + RATE * hours / rate) / RATE


@pytest.mark.parametrize("overtime", [0.0, 0.2])
def test_a_turn_comes_slower_while_urgent_files_overtake(overtime: float) -> None:
    """A turn comes later while more urgent requests keep arriving.

    A file of 30 days is overtaken for another 70: three in ten hours of 20 go to urgent files until then.
    """
    setting, row = busy_settings(), desk(dated=0.0, offered=20.0, capacity=12.0, overtime=overtime)
    slow, fast = 12.0 * (1 + overtime) - 6.0, 12.0 * (1 + overtime)
    assert line.days_until_turn(setting, row, 500.0, 30.0, 0.0) == pytest.approx(days_for(500.0, slow))
    left = (1600.0 + slow / RATE) * math.exp(-RATE * 70.0) - slow / RATE
    assert left > 0.0
    assert line.days_until_turn(setting, row, 1600.0, 30.0, 0.0) == pytest.approx(70.0 + days_for(left, fast))
    assert line.days_until_turn(setting, row, -3.0, 30.0, 0.0) == 0.0


def test_work_before_a_file_whose_turn_comes_in_some_days() -> None:
    """The work before a request includes urgent requests that will overtake it.

    120 days: urgent files overtake for the first 100 of them. Work that is withdrawn counts as well.
    """
    row = desk(dated=0.0, offered=20.0, capacity=12.0)
    expected = 6.0 / RATE * (math.exp(2.0) - 1.0) + 12.0 / RATE * (math.exp(2.4) - math.exp(2.0))
    assert line.hours_before(busy_settings(), row, 120.0, 0.0) == pytest.approx(expected)


def test_how_often_a_file_finds_all_at_work() -> None:
    """A request finds all staff busy with the probability of a queue in steady state."""
    usual = {"servers": 3, "file_hours": 8.0, "own_load": 1.0, "work": 30.0}
    for busy, changes in {
        0.6 ** (math.sqrt(8.0) - 1.0): ({}, {"engaged": 2}),
        1.0: ({"work": 30.01}, {"offered": 9.0}, {"engaged": 3}),
        0.0: ({"offered": 0.0, "own_load": 0.0},),
    }.items():
        for fields in changes:
            row = desk(**usual | fields)
            assert line.all_busy(busy_settings(), row, row.work) == pytest.approx(busy), fields


def test_mean_wait_over_all_kinds_of_file() -> None:
    """The mean wait is an average over classes of requests."""
    row = desk(servers=3, file_hours=8.0, own_load=1.0, work=20.0, last_wait=150.0)
    waits = sum(share * (150.0 - start) for share, start in zip(SHARES, HEAD_STARTS, strict=True))
    assert line.mean_wait(busy_settings(), row) == pytest.approx(waits * 0.6 ** (math.sqrt(8.0) - 1.0))


@table((1000.0 - YEAR, math.exp(-0.1)), (1000.0, 1.0), (1500.0 + 2 * YEAR, 1.2 * math.exp(0.06)))
def test_other_work_grows_before_policy_and_from_its_latest_change_on(day: float) -> float:
    """Other work grows until the policy starts, and then by the policy's latest growth rate.

    A tenth a year until policy starts, when desks hire as it grows; from a level of 1.2 on day 1500 0.03 a year.
    """
    setting = busy_settings(load_growth=0.1, policy_start=1000.0, load_growth_level=1.2, load_growth_since=1500.0)
    setting.load_growth_after, setting.with_rebound = 0.03, 0.5
    row = desk(load=8.0, work_day=day, wait_recent=200.0, target_wait=100.0, demand_elasticity=0.4)
    grown = line.growth(setting, day)
    assert line.offered(setting, row) == pytest.approx(8.0 * 2.0**-0.2 * max(grown, 1.0))
    return grown


@table(
    usual=(100.0, (1.0, 1.0)),
    quick=(50.0, (2.0**0.3, 2.0**-0.2)),
    slow=(200.0, (2.0**-0.3, 2.0**0.2)),
    very_quick=(0.0, (1.5, 1.0 / 1.5)),
    very_slow=(9000.0, (90.0**-0.3, 1.5)),
)
def test_other_work_and_pace_answer_to_the_wait_that_is_remembered(wait: float) -> tuple[float, float]:
    """A desk with short waits receives more other work, up to a bound, and works more slowly.

    Both are 1 at the usual wait. A quick desk is sent more, at most 1.5 times as much, and takes its time.
    """
    setting = busy_settings(latent_need=1.5, with_rebound=0.5)
    row = desk(target_wait=100.0, wait_recent=wait, demand_elasticity=0.6, pace_elasticity=0.4)
    still = busy_settings(latent_need=1.5, with_rebound=0.0)
    assert line.demand(still, row) == line.pace(still, row) == 1.0
    return line.demand(setting, row), line.pace(setting, row)


def test_both_answers_are_monotone_in_the_wait() -> None:
    """A longer wait brings less new work and a faster pace, for all elasticities and bounds."""
    draws = np.random.default_rng(62).uniform(size=(60, 3))
    for demanded, slower, need in draws.tolist():
        setting = busy_settings(latent_need=1.1 + 1.9 * need)
        rows = [
            desk(target_wait=80.0, wait_recent=wait, demand_elasticity=demanded, pace_elasticity=slower)
            for wait in (0.0, 1.0, 10.0, 40.0, 80.0, 160.0, 900.0, 5000.0)
        ]
        sent, done = ([rule(setting, row) for row in rows] for rule in (line.demand, line.pace))
        assert sent == sorted(sent, reverse=True) and done == sorted(done)
        assert sent[4] == done[4] == 1.0


def test_the_month_ahead_is_worked_at_the_pace_of_its_first_day() -> None:
    """A desk keeps the pace of a month's first day for the whole month.

    A desk that is quick does 0.8 of the work a day, and a file takes 1.25 times as long.
    """
    pace = math.log(0.8) / math.log(0.5)
    row = desk(DeskKind.COURT, target_wait=100.0, wait_recent=50.0, pace_elasticity=pace, file_hours=8.0, load=5.0)
    line.begin_month(busy_settings(latent_need=3.0, load_growth=0.0), row, np.uint64(7))
    assert row.tempo == pytest.approx(0.8)
    assert line.total_capacity(row) == pytest.approx(8.0)
    world = at_desk(desk={"tempo": 0.8})
    rules.plan(world, 0, 3.0)
    assert posted(world) == [(Event.JOB_SERVED, 0, pytest.approx(3.0 + 12.0 / 2.5 / 0.8))]


#: A court where 0.25 of files have somebody in custody, 0.3 of the others are urgent, and 0.2 of those have a deadline.
COURT_SHARES = [*(0.75 * share for share in SHARES), 0.25]


def court_of_classes(**fields: float) -> Record:
    """Makes a court with priority for requests on persons in custody, urgent requests and dated requests."""
    return desk(DeskKind.COURT, **{"custody_share": 0.25, "urgent_head_start": 60.0} | fields)


def test_a_court_has_files_with_somebody_in_custody_urgent_ones_and_others() -> None:
    """A court distinguishes custody and four classes by urgency and deadline, each with its priority credit.

    A file of 20 days is overtaken at 30 by what has more than 50 days: custody and urgent files.
    """
    setting, row = busy_settings(custody_head_start=300.0), court_of_classes()
    assert line.kinds_of_file(setting, row) == 5
    shares = [line.share_of_kind(setting, row, kind) for kind in range(5)]
    assert shares == pytest.approx(COURT_SHARES) and sum(shares) == pytest.approx(1.0)
    starts = [line.head_start_of_kind(setting, row, kind) for kind in range(5)]
    assert starts == [0.0, 60.0, 40.0, 100.0, 300.0]
    before = sum(COURT_SHARES[kind] for kind in (1, 3, 4))
    assert line.left_for(setting, row, 12.0, 30.0, 20.0) == pytest.approx(12.0 - 5.0 * before)
    assert line.overtaking_share(setting, row) == pytest.approx(0.25 + 0.75 * 0.3)


def test_the_mean_wait_at_a_court_leaves_out_files_with_somebody_in_custody() -> None:
    row = court_of_classes(servers=3, file_hours=8.0, work=500.0, last_wait=150.0)
    waits = sum(share * (150.0 - start) for share, start in zip(SHARES, [0.0, 60.0, 40.0, 100.0], strict=True))
    assert line.mean_wait(busy_settings(custody_head_start=300.0), row) == pytest.approx(waits)


def test_no_desk_has_urgent_files_that_does_not_take_them_first() -> None:
    setting = busy_settings()
    for kind, start, share in ((court, 0.0, 0.0), (court, 1.0, 0.3), (DeskKind.FORENSIC, 0.0, 0.0)):
        row = desk(kind, urgent_head_start=start)
        assert line.urgent_share(setting, row) == share
        assert line.urgent_credit(setting, row) == start
    assert line.urgent_credit(setting, desk(DeskKind.INCOMING)) == 100.0


def month(**fields: float) -> Record:
    """Makes a desk in a month from day 100 to day 130, with work that grows from 50 to 80 hours."""
    usual = {"work": 50.0, "work_end": 80.0, "work_day": 100.0, "month_end": 130.0, "overtime": 0.2, "served": 7.0}
    return desk(**usual | {"joined": 20.0, "joined_day": 105.0, "idle": 2.0} | fields)


@table((5.0, (15.0, 110.0, 50.0, 80.0)), (-4.0, (6.0, 110.0, 50.0, 80.0)), (-25.0, (0.0, 110.0, 35.0, 65.0)))
def test_a_file_joins_the_line_or_leaves_it(hours: float) -> tuple[float, ...]:
    """Work that joins or leaves a queue in mid-month changes the queue from that day on."""
    row, little = month(), month(work=3.0, work_end=4.0)
    line.add_work(little, 110.0, -25.0)
    assert (little.work, little.work_end) == (0.0, 0.0)
    line.add_work(row, 110.0, hours)
    return row.joined, row.joined_day, row.work, row.work_end


@table((8.0, (80.0 + (2 * 1.2 - 2.0) * 20, 0.0)), (14.0, (0.0, ((4 * 1.2 + 2.0) * 20 - 80) / 20)))
def test_people_come_or_go_within_a_month(capacity: float) -> tuple[float, ...]:
    """A mid-month change of staff changes idle time first, and then the work in the queue."""
    row = month()
    line.change_capacity(row, 110.0, capacity)
    assert (row.work, row.served, row.joined) == pytest.approx((60.0, 7.0 + 120.0, 10.0))
    assert (row.joined_day, row.work_day, row.capacity) == (110.0, 110.0, capacity)
    return row.work_end, row.idle


def test_a_month_is_reflected_at_an_empty_line() -> None:
    """Work in a queue follows a random path that is reflected at zero, as computed by hand.

    Drift −3 and chance +1 end at −2; the lowest point x with ln u = −1.5 solves 2 x (x + 2) = 1.5 · 4: it is −3.
    """
    assert line.reflected(2.0, -3.0, 4.0, 0.5, math.exp(-1.5)) == pytest.approx((1.0, 1.0))
    assert line.reflected(9.0, -3.0, 4.0, 0.5, math.exp(-1.5)) == pytest.approx((7.0, 0.0))


@table(
    late=(5, 60.0, 0.2, (6, 0.25, 1.0)),
    half_a_year_at_most=(6, 60.0, 0.2, (7, 0.0, 1.0)),
    in_time=(5, 120.0, 0.2, (0, 0.0, 0.0)),
    no_file_has_a_deadline=(5, -1.0, 0.0, (0, 0.0, 0.0)),
)
def test_overtime_where_dated_files_are_late(months: int, days: float, dated: float) -> tuple[float, ...]:
    """Staff work overtime if requests miss their deadline.

    They wait 110 days, 50 too long. Of 4 hours a day in files of 8, 0.2 are late; 0.3 of these return for form.
    """
    setting = busy_settings(overtime=0.25, returned_for_form=0.3)
    row = desk(DeskKind.COURT, dated=dated, last_wait=150.0, dated_days=days, overtime_months=months, load=4.0)
    row.file_hours, row.breaches, row.overtime_hours = 8.0, 1.0, 2.0
    line.work_overtime(setting, row)
    assert row.overtime_hours == pytest.approx(2.0 + row.overtime * 10.0 * MONTH)
    return row.overtime_months, row.overtime, (row.breaches - 1.0) / (0.7 * 0.2 * 4.0 * MONTH / 8.0 * 50.0 / YEAR)


@table(urgent=(60.0, (0.0, 0.0)), urgent_and_late=(5.0, (0.25, 0.3 * 4.0 * MONTH / 8.0 * 5.0 / YEAR)))
def test_a_state_sets_a_deadline_for_urgent_files_alone(days: float) -> tuple[float, float]:
    """A state's own deadline applies to its urgent requests only.

    They go before others by both priority credits, 140 days, and wait 10; no other file has a deadline.
    """
    row = desk(own_deadline=2, dated=0.3, dated_days=days, last_wait=150.0, load=4.0, file_hours=8.0)
    setting = busy_settings(overtime=0.25, returned_for_form=0.0)
    assert [line.share_of_kind(setting, row, kind) for kind in range(4)] == [0.7, 0.0, 0.0, 0.3]
    line.work_overtime(setting, row)
    return row.overtime, row.breaches


@table(
    a_body=(DeskKind.LIAISON_BODY, 6.0, (3.0, 5.0, 5.0, 0.0)),
    nothing_came=(DeskKind.CONTACT_POINT, 0.0, (1.5, 6.5, 6.5, 0.0)),
    colleagues_help=(DeskKind.CONTACT_POINT, 34.0, (10.0, 0.0, 0.0, 0.25)),
    what_the_eve_of_policy_found_is_kept=(DeskKind.COURT, 34.0, (2.0, 7.0, 7.0, 0.0)),
)
def test_other_work_of_bodies_yields_to_files(kind: DeskKind, brought: float) -> tuple[float, ...]:
    """A liaison body's background work makes room for the requests of the last month.

    Followed files had 2 of a usual 8 hours a day; a quarter of the last month's difference from that is believed.
    """
    row = desk(kind, dated=0.0, whole_load=8.0, own_load=2.0, load=7.0, brought=brought * MONTH, file_hours=8.0)
    line.begin_month(busy_settings(load_growth=0.0), row, np.uint64(7))
    return row.own_load, row.load, row.offered, row.overtime


@pytest.mark.parametrize(("dated", "overtime"), [(0.0, 0.0), (0.2, 0.25)])
def test_a_month_begins_with_what_is_sent_done_and_given_up(dated: float, overtime: float) -> None:
    """The work of a new month has the mean and variance of work received, done and withdrawn."""
    setting = busy_settings(overtime=0.25, urgent_share=0.0, withdrawal_per_month=RATE * MONTH, load_growth=0.0)
    row = desk(DeskKind.COURT, dated=dated, file_hours=8.0, work=300.0, work_day=100.0, month=4, overtime=0.2, load=6.0)
    row.wait_sum, row.wait_recent, row.dated_days = 10.0, 30.0, -100.0
    line.begin_month(setting, row, np.uint64(7))
    days = (1.0 - math.exp(-RATE * MONTH)) / RATE
    drift, variance = (6.0 - 10.0 * (1.0 + overtime) - 6.0) * days, (6.0 + 6.0) * 8.0 * 2.5 * MONTH
    chance = normal(1, Purpose.DESK_MONTH, 7, 4), uniform(1, Purpose.DESK_LOWEST, 7, 4)
    end, idle = line.reflected(300.0, drift, variance, *chance)
    assert (row.work_end, row.idle, row.month_end, row.month) == pytest.approx((end, idle / MONTH, 100.0 + MONTH, 5))
    before = desk(DeskKind.COURT, dated=dated, offered=6.0)
    assert (row.offered, row.overtime) == (6.0, overtime)
    assert row.last_wait == pytest.approx(line.last_wait(setting, before, 300.0))
    wait = row.wait_sum - 10.0
    assert wait == pytest.approx((1.0 - dated) * row.last_wait + dated * max(row.last_wait - 40.0, 0.0))
    assert row.wait_recent == pytest.approx(30.0 + (wait - 30.0) / 9.0)


@pytest.mark.parametrize(("day", "lived"), [(129.9, 0), (130.0, 1), (130.0 + 1.5 * MONTH, 2)])
def test_months_that_have_begun_by_a_day_are_lived(day: float, lived: int) -> None:
    """A month starts with the work that was left at the end of the previous one."""
    row = month(idle=0.0, month=3)
    line.live_until(busy_settings(), row, np.uint64(7), day)
    assert row.month == 3 + lived
    if lived:
        assert (row.joined, row.work_day) == (0.0, pytest.approx(130.0 + (lived - 1) * MONTH))
        assert row.month_end == pytest.approx(row.work_day + MONTH)
    if lived == 1:
        assert (row.work, row.served) == pytest.approx((80.0 + 20.0, 7.0 + 12.0 * 30.0))
