"""One file at one desk: when it is taken up, how long it expects to wait, and what its deadline does (M6, M21)."""

import math

import numpy as np
import pytest

from sim.agents import desk
from sim.agents.events import Event, Purpose
from sim.engine.random import derive
from sim.world.records import DeskKind, Growing, JobStatus, Stage
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, certain, drawing, fresh, noting
from tests.agents.scene import MONTH, NOW
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

DESK = 7


def at_desk(**fields: float) -> World:
    """File 0 of request 3, of 12 hours, waits at a desk of three persons who do 2.5 hours a day each."""
    world = fresh(with_queues=1.0, with_turnover=0.0, pace_skill=0.4, touch_variation=1.0)
    values = {"kind": DeskKind.COURT, "servers": 3, "pace": 2.5, "skill": 0.5, "capacity": 7.5, "work": 30.0}
    values |= {"work_end": 30.0, "work_day": NOW - 5.0, "month_end": NOW + 25.0, "joined": 0.0, "joined_day": NOW}
    values |= {"idle": 0.0, "overtime": 0.0, "served": 100.0, "engaged": 1, "dated": 0.0, "offered": 4.0}
    for name, value in values.items():
        world.desk[name][DESK] = value
    job = {"desk": DESK, "request": 3, "touch_hours": 12.0, "status": JobStatus.WAITING, "arrived": NOW, "key": 55}
    for name, value in (job | fields).items():
        world.job[name][0] = value
    world.job["started"] = world.job["ended"] = np.nan
    world.used[Growing.JOB] = 1
    return world


def test_work_on_a_file_has_the_declared_mean(as_python: pytest.MonkeyPatch) -> None:
    """Lognormal: a normal draw of 1.3 at σ = 0.8 is exp(0.8 · 1.3 − 0.32) times the mean."""
    setting = row_of_settings(touch_sigma=0.8)[0]
    answers(as_python, desk, normal=1.3)
    hours = desk.touch_hours(setting, 5, 20.0)
    assert hours == pytest.approx(20.0 * math.exp(1.04 - 0.32))


@pytest.mark.parametrize(("skill", "base", "rate"), [(0.15, 0.6, 0.5), (0.6, 0.15, 2.0), (0.0, 0.16, 0.25)])
def test_work_grows_with_the_root_of_skill(skill: float, base: float, rate: float) -> None:
    assert desk.work_rate(row_of_settings(throughput_skill=0.5)[0], skill, base) == pytest.approx(rate)


@pytest.mark.parametrize(("turnover", "pace"), [(0.0, 2.5 * (1 - 0.4 * 0.1)), (1.0, 2.5 * (1 + 0.4 * 0.2) * 0.7 * 0.9)])
def test_the_pace_of_a_person(as_python: pytest.MonkeyPatch, turnover: float, pace: float) -> None:
    """By the desk's skill of 0.4; with turnover, from the pace at today's 0.7 on, and a tenth of time is training."""
    world = at_desk()
    world.setting["with_turnover"] = turnover
    row = world.desk[DESK]
    row.skill, row.skill_base, row.away = 0.4, 0.7, 0.1
    answers(as_python, desk, work_rate=lambda _, skill, base: 0.7 if (skill, base) == (0.4, 0.7) else 9.0)
    assert desk.working_pace(world.setting[0], row) == pytest.approx(pace)


@pytest.mark.parametrize(("capacity", "changes"), [(7.5, []), (6.0, [(NOW, 7.5)])])
def test_a_desk_learns_of_its_people_only_when_its_capacity_changes(
    as_python: pytest.MonkeyPatch, capacity: float, changes: list[tuple[float, float]]
) -> None:
    world, seen = at_desk(), noting(as_python, desk, "change_capacity")
    world.desk["capacity"][DESK] = capacity
    answers(as_python, desk, live_desk=None)
    desk.staff_desk(world, DESK)
    assert [given for _, *given in seen] == [pytest.approx(change) for change in changes]


@pytest.mark.parametrize(
    ("binding", "deadline", "days"),
    [(True, 30.0, 335.0), (True, 400.0, 0.0), (False, 30.0, 0.0), (True, np.nan, 0.0)],
)
def test_a_deadline_that_binds_moves_a_file_forward(binding: bool, deadline: float, days: float) -> None:
    setting = row_of_settings(deadline_horizon=365.0)[0]
    assert desk.deadline_head_start(setting, binding, deadline) == days


def test_a_late_file_is_returned_for_form_the_more_is_won_by_it(as_python: pytest.MonkeyPatch) -> None:
    """Half of (80 − 60) ÷ 80; each stage and each return has a draw of its own."""
    world, draws = at_desk(), drawing(as_python, desk, "chance", True)
    world.request["stage"][3], world.request["loops"][3] = Stage.COURT_ORDER, 2
    setting = row_of_settings(returned_for_form=0.5)[0]
    assert desk.is_returned_for_form(setting, world.request[3], 80.0, 60.0)
    assert draws == [(Purpose.RETURNED_FOR_FORM, Stage.COURT_ORDER * 16 + 2, pytest.approx(0.125))]


def test_a_file_has_a_key_of_its_own_in_each_stage_and_return() -> None:
    """Below that of its request: the stage and the return, of which there are never sixteen."""
    world = at_desk()
    world.request["key"][3], world.request["stage"][3], world.request["loops"][3] = 55, Stage.COURT_ORDER, 2
    assert desk.file_key(world.request[3]) == derive(55, 130)


@pytest.mark.parametrize(("seen", "weight"), [(3, 1 / 5), (500, 1 / 100)])
def test_a_desk_learns_of_deadlines_from_the_files_that_it_sees(seen: int, weight: float) -> None:
    """A running mean over a hundred at most; one that nobody dates says nothing of head starts."""
    row = at_desk().desk[DESK]
    row.seen, row.dated, row.seen_dated, row.dated_head_start, row.dated_days = seen, 0.4, 1, 200.0, 90.0
    desk.meet_deadline(row, True, 30.0, 300.0)
    assert row.dated == pytest.approx(0.4 + 0.6 * weight)
    assert (row.seen, row.seen_dated, row.dated_head_start, row.dated_days) == (seen + 1, 2, 250.0, 60.0)
    desk.meet_deadline(row, False, 10.0, 500.0)
    assert row.dated < 0.4 + 0.6 * weight
    assert (row.seen, row.seen_dated, row.dated_head_start, row.dated_days) == (seen + 2, 2, 250.0, 60.0)


def test_many_dated_files_are_a_running_mean_of_a_hundred() -> None:
    row = at_desk().desk[DESK]
    row.seen_dated, row.dated_head_start, row.dated_days = 400, 200.0, 90.0
    desk.meet_deadline(row, True, 30.0, 300.0)
    assert (row.dated_head_start, row.dated_days) == pytest.approx((201.0, 89.4))


@pytest.mark.parametrize(("urgent", "before"), [(0.3, 0.3 * 4.0 / 7.5), (20.0, 0.9)])
def test_a_file_before_all_others_waits_for_the_first_hands_that_are_free(
    as_python: pytest.MonkeyPatch, urgent: float, before: float
) -> None:
    """Half of what a file takes, more where files differ; and the others that overtake all."""
    world, rest = at_desk(), drawing(as_python, desk, "exponential", 0.7)
    world.desk["file_hours"][DESK] = 6.0
    answers(as_python, desk, urgent_share=urgent)
    assert desk.until_free(world.setting[0], world.job[0], world.desk[DESK]) == 0.7
    assert rest == [(Purpose.DESK_REST, 0, pytest.approx(0.5 * 6.0 * 2.0 / 7.5 / (1.0 - before)))]


@pytest.mark.parametrize(("queues", "busy"), [(0.0, True), (1.0, False)])
def test_a_free_person_takes_a_file_up_at_once(as_python: pytest.MonkeyPatch, queues: float, busy: bool) -> None:
    certain(as_python)
    world, started = at_desk(), noting(as_python, desk, "start")
    world.setting["with_queues"] = queues
    answers(as_python, desk, chance=busy)
    assert desk.submit(world, 0, 5.0) == 0.0
    assert (started, world.desk["joined"][DESK]) == ([("start", 0)], 0.0)


@pytest.mark.parametrize(("wait", "until_free", "expected"), [(9.0, 2.0, 9.0), (1.0, 2.0, 2.0)])
def test_a_file_takes_its_place_in_line(
    as_python: pytest.MonkeyPatch, wait: float, until_free: float, expected: float
) -> None:
    """It expects the longer of the line and of the first free hands; its work joins what waits."""
    certain(as_python)
    world, looked = at_desk(), noting(as_python, desk, "look")
    answers(
        as_python,
        desk,
        chance=True,
        wait_of=wait,
        until_free=until_free,
        hours_before=lambda *about: about[2],
    )
    assert desk.submit(world, 0, 5.0) == expected
    job = world.job[0]
    assert (job.head_start, job.expected, job.ahead, job.looked) == (5.0, expected, expected, NOW)
    assert job.served == pytest.approx(100.0 + 7.5 * 5.0)
    assert (world.desk["joined"][DESK], looked) == (12.0, [("look", 0)])


@pytest.mark.parametrize(
    ("days", "started", "waits"), [(0.001, [0], []), (0.002, [], [0.002]), (12.0, [], [12.0]), (90.0, [], [MONTH])]
)
def test_a_file_is_taken_up_when_its_turn_comes(
    as_python: pytest.MonkeyPatch, days: float, started: list[int], waits: list[float]
) -> None:
    """Else it looks again when it will have come, in a month at most. What was done meanwhile came before it."""
    world = at_desk(arrived=NOW - 30.0, looked=NOW - 20.0, served=60.0, ahead=80.0, head_start=4.0)
    taken = noting(as_python, desk, "start")
    seen = noting(as_python, desk, left_for=3.0, ahead_after=41.0, days_until_turn=days)
    desk.look(world, 0)
    served = 100.0 + 7.5 * 5.0
    assert [given[-3:] for given in seen] == [
        pytest.approx(((served - 60.0) / 20.0, 10.0, 4.0)),  # rate, age when it last looked, head start
        pytest.approx((80.0, 3.0, 20.0)),
        pytest.approx((41.0, 30.0, 4.0)),
    ]
    job = world.job[0]
    assert (job.ahead, job.looked, job.served) == (41.0, NOW, pytest.approx(served))
    assert [row for _, row in taken] == started
    assert scene.waits(world, Event.FILE_IN_LINE) == pytest.approx(waits)


def test_a_file_looks_once_a_day_at_most_and_not_after_it_was_taken_up(as_python: pytest.MonkeyPatch) -> None:
    """Nothing was done since it last looked today."""
    certain(as_python)
    for status, looks in ((JobStatus.WAITING, 1), (JobStatus.IN_SERVICE, 0)):
        world = at_desk(status=status, looked=NOW, served=60.0, ahead=80.0)
        answers(as_python, desk, days_until_turn=12.0, left_for=9.0)
        desk.look(world, 0)
        assert (world.job["served"][0], world.job["ahead"][0]) == (60.0, 80.0)
        assert len(scene.waits(world, Event.FILE_IN_LINE)) == looks


def test_a_person_works_on_a_file_for_its_hours() -> None:
    """12 hours at 2.5 a day."""
    world = at_desk()
    desk.start(world, 0)
    assert (world.job["status"][0], world.job["started"][0]) == (JobStatus.IN_SERVICE, NOW)
    assert world.desk["engaged"][DESK] == 2
    assert scene.waits(world, Event.JOB_SERVED) == pytest.approx([12.0 / 2.5])


@pytest.mark.parametrize(("status", "leaves"), [(JobStatus.WAITING, True), (JobStatus.IN_SERVICE, False)])
def test_a_file_that_is_laid_aside_takes_its_work_out_of_the_line(status: JobStatus, leaves: bool) -> None:
    world = at_desk(status=status)
    world.desk["joined"][DESK] = 20.0
    desk.leave_line(world, 0)
    assert world.desk["joined"][DESK] == (8.0 if leaves else 20.0)
    assert (world.job["status"][0], world.job["ended"][0] == NOW) == (JobStatus.WITHDRAWN if leaves else status, leaves)


@pytest.mark.parametrize(
    ("kind", "row", "files"),
    [
        (DeskKind.COURT, 3, 1),
        (DeskKind.COURT, 0, 1),
        (DeskKind.COURT, -1, 0),  # a task of a liaison body
        (DeskKind.PROVIDER, 3, 0),  # whose people the model does not follow
    ],
)
def test_people_learn_from_the_files_that_they_finish(kind: DeskKind, row: int, files: int) -> None:
    world = at_desk(status=JobStatus.IN_SERVICE, request=row)
    world.desk["kind"][DESK], world.unit["files"][DESK] = kind, 0
    assert desk.finish(world, 0) == row
    assert (world.job["status"][0], world.job["ended"][0]) == (JobStatus.SERVED, NOW)
    assert (world.desk["engaged"][DESK], world.unit["files"][DESK]) == (0, files)


def test_a_new_file_is_neither_in_line_nor_started() -> None:
    world = at_desk()
    row = desk.add_job(world, DESK, 4, 99, 1, 6.0)
    job = world.job[row]
    assert (row, job.desk, job.request, job.urgent, job.arrived, job.touch_hours) == (1, DESK, 4, 1, NOW, 6.0)
    assert job.status == JobStatus.WAITING and np.isnan(job.started)
