"""Files that are followed at desks: when they are taken up, when they leave, and what deadlines do (M6, M21)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import desk as rules
from sim.agents.events import Event, Purpose
from sim.agents.line import all_busy, served_at
from sim.engine.random import derive, exponential, normal
from sim.world.records import DESK, REQUEST, DeskKind, Growing, JobStatus, Stage
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
    """File 0 of request 3, of 12 hours, waits at a desk of three persons who do 2.5 hours a day each.

    Before it 30 hours of work are in line: four days. Nobody gives up, and no file has a head start.
    """
    usual = {"with_queues": 1.0, "with_turnover": 0.0, "pace_skill": 0.4, "touch_variation": 1.0, "urgent_share": 0.0}
    world = small(12, usual | {"withdrawal_per_month": 0.0} | (settings or {}))
    values = {"kind": DeskKind.COURT, "servers": 3, "pace": 2.5, "skill": 0.5, "capacity": 7.5, "work": 30.0}
    values |= {"work_end": 30.0, "work_day": NOW - 5.0, "month_end": NOW + 25.0, "joined": 0.0, "joined_day": NOW}
    values |= {"idle": 0.0, "overtime": 0.0, "served": 100.0, "engaged": 1, "dated": 0.0, "offered": 4.0}
    put(world, "desk", D, **values | {"own_load": 0.0, "file_hours": 6.0} | (desk or {}))
    job = {"desk": D, "request": 3, "touch_hours": 12.0, "status": JobStatus.WAITING, "arrived": NOW, "key": 55}
    put(world, "job", **job | fields)
    world.job["started"] = world.job["ended"] = np.nan
    world.used[Growing.JOB] = 1
    return world


def test_work_on_a_file_has_the_declared_mean() -> None:
    """Lognormal with a mean of 20 hours."""
    setting = row_of_settings(touch_sigma=0.8)[0]
    expected = 20.0 * math.exp(0.8 * normal(1, Purpose.TOUCH, 5, 0) - 0.32)
    assert rules.touch_hours(setting, 5, 20.0) == pytest.approx(expected)


def test_work_grows_with_the_root_of_skill() -> None:
    setting = row_of_settings(throughput_skill=0.5)[0]
    for skill, base, rate in ((0.15, 0.6, 0.5), (0.6, 0.15, 2.0), (0.0, 0.16, 0.25), (0.16, 0.0, 4.0)):
        assert rules.work_rate(setting, skill, base) == pytest.approx(rate)


def test_the_pace_of_a_person() -> None:
    """By the desk's skill of 0.15; with turnover, from the pace at today's 0.6 on, and a tenth of time is training."""

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
    """Capacity from today on; the line is brought up to today, as after a month that has passed."""
    world = at_desk(desk={"capacity": capacity, "month_end": NOW + month_end})
    rules.staff_desk(world, D)
    return got(world, "desk", D, "capacity work_day")


@table(short=(True, 30.0, 335.0), long=(True, 400.0, 0.0), not_binding=(False, 30.0, 0.0), none=(True, math.nan, 0.0))
def test_a_deadline_that_binds_moves_a_file_forward(binding: Any, deadline: Any) -> Any:
    setting = row_of_settings(deadline_horizon=365.0)[0]
    return rules.deadline_head_start(setting, binding, deadline)


def test_a_late_file_is_returned_for_form_the_more_is_won_by_it() -> None:
    """Half of (80 − 60) ÷ 80; each stage and each return has a draw of its own."""
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
    """A running mean over a hundred at most; one that nobody dates says nothing of head starts."""
    row = record(DESK, seen=seen, dated=0.4, seen_dated=seen_dated, dated_head_start=200.0, dated_days=90.0)
    rules.meet_deadline(row, bound, 30.0, 300.0)
    return row.dated, row.seen, row.seen_dated, row.dated_head_start, row.dated_days


def test_a_file_before_all_others_waits_for_the_first_hands_that_are_free() -> None:
    """Half of what a file takes, more where files differ; and the others that overtake all, at most nine tenths."""
    for urgent, offered, before in ((0.3, 4.0, 0.3 * 4.0 / 7.5), (0.9, 40.0, 0.9)):
        world = at_desk({"urgent_share": urgent}, {"offered": offered, "kind": DeskKind.INCOMING})
        expected = exponential(1, Purpose.DESK_REST, 55, 0, 0.5 * 6.0 * 2.0 / 7.5 / (1.0 - before))
        assert rules.until_free(world.setting[0], world.job[0], world.desk[D]) == pytest.approx(expected)


def test_a_free_person_takes_a_file_up_at_once() -> None:
    """Where there are no lines at all, and by chance where the desk is not crowded; then it is no work in line."""
    assert rules.submit(at_desk({"with_queues": 0.0}), 0, 5.0) == 0.0
    world = at_desk(desk={"work": 0.0, "work_end": 0.0})
    busy = all_busy(world.setting[0], world.desk[D], 0.0)
    assert 0.1 < busy < 0.9

    def waits(key: int) -> bool:
        put(world, "job", key=key, status=JobStatus.WAITING)
        put(world, "desk", D, joined=0.0, engaged=1, work=0.0, work_end=0.0)
        days = rules.submit(world, 0, 5.0)
        assert (world.job["status"][0] == JobStatus.WAITING) == (days > 1e-3) == (world.desk["joined"][D] > 0.0)
        return bool(world.desk["joined"][D] > 0.0)

    chances(waits, Purpose.DESK_BUSY, busy)


def test_a_file_that_a_person_of_a_body_takes_up_is_work_in_line() -> None:
    """Others find less of the people's time; the hours are counted for the month. At a court it is no work in line."""
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
    """It expects the longer of the line and of the first free hands; its work joins what waits."""
    world = at_desk(desk={"file_hours": file_hours, "engaged": 3})
    rest = rules.until_free(world.setting[0], world.job[0], world.desk[D])
    days = rules.submit(world, 0, head_start)
    assert got(world, "job", 0, "head_start expected looked") == (head_start, days, NOW)
    assert world.job["served"][0] == pytest.approx(100.0 + 7.5 * 5.0)
    assert posted(world) == [(Event.FILE_IN_LINE, 0, pytest.approx(days, rel=1e-4))]
    ahead, joined = world.job["ahead"][0] / 7.5, world.desk["joined"][D]
    return days > rest, days if days > rest else days / rest, ahead if days > rest else ahead / rest, joined


@table(
    taken_up=(120.0, 20.0, waiting, (serving, 0.0, NOW, 137.5)),
    waits=(150.0, 20.0, waiting, (waiting, 30.0, NOW, 137.5, 4.0)),
    long_line=(1080.0, 20.0, waiting, (waiting, 960.0, NOW, 137.5, 64.0)),
    two_months=(570.0, 20.0, waiting, (waiting, 450.0, NOW, 137.5, 60.0)),
    a_quarter=(795.0, 20.0, waiting, (waiting, 675.0, NOW, 137.5, 60.0)),
    just_looked=(30.0, 0.0, waiting, (waiting, 30.0, NOW, 137.5, 4.0)),
    in_service=(120.0, 20.0, serving, (serving, 120.0, NOW - 20.0, 17.5)),
)
def test_a_file_is_taken_up_when_its_turn_comes(ahead: float, since: float, status: JobStatus) -> tuple[float, ...]:
    """Else it looks again when it will have come, or half-way; what was done meanwhile came before."""
    world = at_desk(arrived=NOW - 30.0, looked=NOW - since, served=137.5 - since * 6.0, ahead=ahead, status=status)
    rules.look(world, 0)
    waits = [days for kind, _, days in posted(world) if kind == Event.FILE_IN_LINE]
    ahead = round(float(world.job["ahead"][0]), 3)
    return (world.job["status"][0], ahead, *got(world, "job", 0, "looked served"), *waits)


def test_urgent_files_go_before_one_until_it_is_old_enough() -> None:
    """Half of the four hours that come a day have a head start of 40 days: 2 of the 6 that were done, then of 7.5."""
    settings = {"urgent_share": 0.5, "urgent_head_start": 40.0}
    line = {"arrived": NOW - 30.0, "looked": NOW - 20.0, "served": 17.5, "ahead": 100.0}
    world = at_desk(settings, {"kind": DeskKind.INCOMING}, **line)
    rules.look(world, 0)
    assert world.job["ahead"][0] == pytest.approx(20.0, rel=1e-4)
    assert posted(world) == [(Event.FILE_IN_LINE, 0, pytest.approx(20.0 / 5.5, rel=1e-4))]
    late = at_desk(settings | {"urgent_head_start": 200.0}, {"kind": DeskKind.INCOMING}, **line | {"ahead": 3000.0})
    rules.look(late, 0)  # in more than a year, before half of which it is 200 days old
    assert posted(late) == [(Event.FILE_IN_LINE, 0, pytest.approx(170.0))]


def test_a_person_works_on_a_file_for_its_hours() -> None:
    """12 hours at 2.5 a day."""
    world = at_desk()
    rules.start(world, 0)
    assert got(world, "job", 0, "status started") == (JobStatus.IN_SERVICE, NOW)
    assert world.desk["engaged"][D] == 2
    assert posted(world) == [(Event.JOB_SERVED, 0, pytest.approx(12.0 / 2.5))]


@table(waits=(waiting, withdrawn), in_service=(serving, (20.0, serving, math.nan)))
def test_a_file_that_is_laid_aside_takes_its_work_out_of_the_line(status: JobStatus) -> tuple[float, ...]:
    world = at_desk(desk={"joined": 20.0}, status=status)
    rules.leave_line(world, 0)
    return (world.desk["joined"][D], *got(world, "job", 0, "status ended"))


@table(a_court=(court, 3, 1), the_first_file=(court, 0, 1), a_task=(court, -1, 0), a_provider=(DeskKind.PROVIDER, 3, 0))
def test_people_learn_from_the_files_that_they_finish(kind: DeskKind, row: int) -> float:
    """Not from a task of a liaison body, nor do those at a provider, whom the model does not follow."""
    world = at_desk(desk={"kind": kind}, status=JobStatus.IN_SERVICE, request=row)
    world.unit["files"][D] = 0
    assert rules.finish(world, 0) == row
    assert (*got(world, "job", 0, "status ended"), world.desk["engaged"][D]) == (JobStatus.SERVED, NOW, 0)
    return world.unit["files"][D]


def test_a_new_file_is_neither_in_line_nor_started() -> None:
    world = at_desk()
    row = rules.add_job(world, D, 4, 99, 1, 6.0)
    assert got(world, "job", row, "desk request urgent arrived touch_hours status") == (D, 4, 1, NOW, 6.0, 0)
    assert row == 1 and np.isnan(world.job["started"][row])
    assert served_at(world.desk[D], NOW) == pytest.approx(137.5)
