"""A desk with staff: files of simulated requests, their place in the queue, and the work on them (M6).

Central authorities, courts, laboratories, liaison bodies and 24/7 points all work like this. What else waits
there is in `line.py`. Touch time, which a person spends on a file, is kept apart from the time that it waits.
"""

import math

from sim.agents.assistance.line import (
    add_work,
    ahead_at,
    busy_by_chance,
    change_capacity,
    days_until_turn,
    hours_before,
    is_crowded,
    last_wait,
    live_until,
    next_change,
    overtaking_share,
    served_at,
    total_capacity,
    wait_of,
    work_at,
)
from sim.agents.assistance.patience import renege_before
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, exponential, normal
from sim.engine.rows import new_row
from sim.world.records import Growing, JobStatus
from sim.world.records.desks import by_kind
from sim.world.world import World

#: By kind of desk: true where other work makes way for files; true where its people are a unit of the state.
_MAKES_WAY, _WITH_UNIT = by_kind("makes_way"), by_kind("unit")
_DESK = 0x4445534B
_SEEN = 100.0  # files over which a desk learns how many of its files are under a deadline that binds
_FAR = 60.0  # days
_SOON = 1.0  # days after the planned one on which a turn is still in time, as is one that comes before it: judgement


@rule
def desk_key(desk_row: int) -> Key:
    """Key for random draws about a desk."""
    return derive(_DESK, desk_row)


@rule
def file_key(request: Record) -> Key:
    """Key for random draws about a request's file; new for each stage and each return of the request."""
    return derive(request.key, request.stage * 16 + request.loops)


@rule
def touch_hours(setting: Record, key: Key, mean: float) -> float:
    """Random number of working hours for a file, lognormal with the given mean."""
    sigma = setting.touch_sigma
    return mean * math.exp(sigma * (normal(setting.seed, Purpose.TOUCH, key, 0) - 0.5 * sigma))


@rule
def work_rate(setting: Record, skill: float, skill_base: float) -> float:
    """Work per hour of people with skill K, relative to today's people: throughput ∝ K^½ (M21)."""
    return math.exp(setting.throughput_skill * math.log(max(skill, 0.01) / max(skill_base, 0.01)))


@rule
def working_pace(setting: Record, desk: Record) -> float:
    """Hours of work on files that one person at a desk does per calendar day.

    With turnover (M21) work follows the root of skill, from today's pace at today's skill, and training takes time.
    """
    if setting.with_turnover == 0.0:
        return desk.pace * (1.0 + setting.pace_skill * (desk.skill - 0.5))
    today = desk.pace * (1.0 + setting.pace_skill * (desk.skill_base - 0.5))
    return today * work_rate(setting, desk.skill, desk.skill_base) * (1.0 - desk.away)


@rule
def live_desk(world: World, desk_row: int) -> None:
    """Brings a desk's queue up to today."""
    desk, setting, now = world.desk[desk_row], world.setting[0], world.now[0]
    if desk.month_end <= now:
        if not is_crowded(setting, desk, desk.work_end):
            count_engaged(world, desk_row)
        live_until(setting, desk, desk_key(desk_row), now)


@rule
def count_engaged(world: World, desk_row: int) -> None:
    """Counts the followed files that a desk's people work on today, and forgets those that are done.

    Open files, planned ones included, need no closer look while they are fewer than the people.
    """
    desk, now = world.desk[desk_row], world.now[0]
    row, before = desk.planned, -1
    desk.engaged = desk.open_files
    if desk.open_files < desk.servers:
        return
    desk.engaged = 0
    while row >= 0:
        job = world.job[row]
        if job.status == JobStatus.IN_SERVICE:
            desk.engaged += int(job.started <= now)
            before = row
        elif before >= 0:
            world.job[before].next_planned = job.next_planned
        else:
            desk.planned = job.next_planned
        row = job.next_planned


@rule
def staff_desk(world: World, desk_row: int) -> None:
    """Recomputes a desk's daily capacity after a change of its people, skill or training."""
    desk, setting = world.desk[desk_row], world.setting[0]
    capacity = desk.servers * working_pace(setting, desk)
    if capacity != desk.capacity:
        live_desk(world, desk_row)
        change_capacity(desk, world.now[0], capacity)


@rule
def deadline_head_start(setting: Record, binding: bool, deadline_days: float) -> float:
    """Priority credit in days that a binding deadline gives a file; shorter deadlines give more (M6)."""
    if not binding or math.isnan(deadline_days):
        return 0.0
    return max(setting.deadline_horizon - deadline_days, 0.0)


@rule
def is_returned_for_form(setting: Record, request: Record, wait: float, allowed: float) -> bool:
    """True if a desk returns a file as incomplete only to avoid missing a deadline (M6).

    The later it would be, the more is won by it.
    """
    probability = setting.returned_for_form * (wait - allowed) / max(wait, 1e-6)
    return chance(setting.seed, Purpose.RETURNED_FOR_FORM, request.key, request.stage * 16 + request.loops, probability)


@rule
def meet_deadline(desk: Record, bound: bool, allowed: float, head_start: float) -> None:
    """Updates a desk's estimates of the share and the urgency of files with a deadline."""
    desk.seen += 1
    desk.dated += ((1.0 if bound else 0.0) - desk.dated) / min(desk.seen + 1.0, _SEEN)
    if bound:
        desk.seen_dated += 1
        weight = 1.0 / min(desk.seen_dated, _SEEN)
        desk.dated_head_start += weight * (head_start - desk.dated_head_start)
        desk.dated_days += weight * (allowed - desk.dated_days)


@rule
def add_job(world: World, desk_row: int, request_row: int, key: Key, urgent: int, hours: float) -> int:
    """Creates the record of a file at a desk and returns its row; the file is not in the queue yet."""
    row = new_row(world, world.job, Growing.JOB.value)
    job = world.job[row]
    job.key = key
    job.desk = desk_row
    job.request = request_row
    job.urgent = urgent
    job.arrived = world.now[0]
    job.touch_hours = hours
    return row


@rule
def until_free(setting: Record, job: Record, desk: Record) -> float:
    """Days until a person is free for a file of top priority; work on other files is not interrupted.

    It is after the rest of the first file to be finished, and after the other files that overtake all.
    """
    capacity = max(total_capacity(desk), 1e-6)
    rest = 0.5 * desk.file_hours * (1.0 + setting.touch_variation) / capacity
    before = min(overtaking_share(setting, desk) * desk.offered / capacity, 0.9)
    return exponential(setting.seed, Purpose.DESK_REST, job.key, 0, rest / (1.0 - before))


@rule
def finds_all_busy(world: World, job: Record, work: float) -> bool:
    """True if a file that comes to a desk with some hours of work in its queue finds all people at work."""
    desk, setting = world.desk[job.desk], world.setting[0]
    if is_crowded(setting, desk, work):
        return True
    if chance(setting.seed, Purpose.DESK_BUSY, job.key, 0, busy_by_chance(desk)):
        return True
    count_engaged(world, job.desk)
    return bool(desk.engaged >= desk.servers)


@rule
def submit(world: World, row: int, head_start: float) -> float:
    """Puts a file in its desk's queue, or starts it if a person is free; returns the expected days of waiting.

    A free person's time would have been idle, so that the file is no more work in line. At a body or a 24/7 point it
    is: files are much of what there is to do, and a person who has one starts no other work. The priority credit is in
    days before files that come today without one; negative behind them.
    """
    job, setting, now = world.job[row], world.setting[0], world.now[0]
    desk = world.desk[job.desk]
    if setting.with_queues == 0.0:
        plan(world, row, 0.0)
        return 0.0
    live_desk(world, job.desk)
    desk.brought += job.touch_hours
    if not finds_all_busy(world, job, work_at(desk, now)):
        if _MAKES_WAY[desk.kind]:
            add_work(desk, now, job.touch_hours)
        plan(world, row, 0.0)
        return 0.0
    wait = wait_of(setting, desk, last_wait(setting, desk, work_at(desk, now)), head_start)
    wait = max(wait, until_free(setting, job, desk))
    job.head_start = head_start
    job.expected = wait
    job.ahead = hours_before(setting, desk, wait, head_start)
    job.looked, job.served = now, served_at(desk, now)
    add_work(desk, now, job.touch_hours)
    await_turn(world, row, wait)
    return wait


@rule
def look(world: World, row: int) -> None:
    """Updates the work ahead of a waiting file, and plans the work on it if its turn is near."""
    job = world.job[row]
    if job.status == JobStatus.WAITING:
        live_desk(world, job.desk)
        await_turn(world, row, days_left(world, row, world.now[0]))


@rule
def days_left(world: World, row: int, day: float) -> float:
    """Days from `day`, today or shortly before, until a file's turn; updates the work ahead of it as of that day."""
    job, setting = world.job[row], world.setting[0]
    desk = world.desk[job.desk]
    days, age = day - job.looked, day - job.arrived
    if days > 0.0:
        served = served_at(desk, day)
        job.ahead = ahead_at(setting, desk, job.ahead, (served - job.served) / days, age - days, age, job.head_start)
        job.looked, job.served = day, served
    return days_until_turn(setting, desk, job.ahead, age, job.head_start)


@rule
def await_turn(world: World, row: int, days: float) -> None:
    """Plans the work on a file if its turn comes soon, or else schedules a later check of its place in the queue.

    Where that is far off it looks after half of the days, but after two months at least, and when the last of a kind
    of file that overtakes it has done so: what the line does in between is known, save that people come and go.
    """
    job, setting, now = world.job[row], world.setting[0], world.now[0]
    if days <= _FAR:
        plan(world, row, days)
        return
    age = now - job.arrived
    unchanged = next_change(setting, world.desk[job.desk], age, job.head_start) - age
    days = min(days, max(min(0.5 * days, unchanged), _FAR))
    schedule(world, now + days, Event.FILE_IN_LINE, job.key, row, 0)
    renege_before(world, job.request, now + days)


@rule
def plan(world: World, row: int, days: float) -> None:
    """Foresees the day on which a person starts a file, and schedules the end of the work.

    Nothing happens on the day of its turn: the event that ends the work looks then if the turn had come as foreseen.
    A file that its desk returns instead is inspected on that day.
    """
    job, setting, now = world.job[row], world.setting[0], world.now[0]
    desk = world.desk[job.desk]
    job.status = JobStatus.IN_SERVICE
    job.started = now + days
    job.next_planned = desk.planned
    desk.planned = row
    desk.open_files += 1
    end = job.started + job.touch_hours / max(working_pace(setting, desk) * desk.tempo, 1e-6)
    schedule(world, end, Event.JOB_SERVED, job.key, row, 0)
    renege_before(world, job.request, end)
    if job.returned_on < math.inf:
        return_on_turn(world, row)


@rule
def return_on_turn(world: World, row: int) -> None:
    """Schedules a check of a file for the day of its turn, if it is to be returned for its form by then."""
    job = world.job[row]
    if job.status == JobStatus.IN_SERVICE and job.returned_on <= job.started:
        schedule(world, job.started, Event.FILE_IN_LINE, job.key, row, 0)


@rule
def is_done(world: World, row: int) -> bool:
    """True if a person finishes a file today; if its turn came days later than foreseen, the work ends later too."""
    job, now = world.job[row], world.now[0]
    if job.status != JobStatus.IN_SERVICE:
        return False
    if not job.started - job.looked > _SOON:
        return True
    live_desk(world, job.desk)
    days = days_left(world, row, job.started)
    if days <= _SOON:
        return True
    job.started += days
    schedule(world, now + days, Event.JOB_SERVED, job.key, row, 0)
    renege_before(world, job.request, now + days)
    return False


@rule
def is_waiting(world: World, job: Record) -> bool:
    """True if nobody works on a file: its turn has not come, or comes today and the desk returns it instead."""
    if job.status != JobStatus.IN_SERVICE:
        return bool(job.status == JobStatus.WAITING)
    return bool(job.started > world.now[0] or job.returned_on <= job.started == world.now[0])


@rule
def leave_line(world: World, row: int) -> None:
    """Removes a waiting file from a desk's queue."""
    job, now = world.job[row], world.now[0]
    if not is_waiting(world, job):
        return
    world.desk[job.desk].open_files -= int(job.status == JobStatus.IN_SERVICE)
    job.status = JobStatus.WITHDRAWN
    job.started = math.nan
    job.ended = now
    live_desk(world, job.desk)
    add_work(world.desk[job.desk], now, -job.touch_hours)


@rule
def finish(world: World, row: int) -> int:
    """Ends the work on a file; returns the row of the file's request, or −1 without a request."""
    job = world.job[row]
    job.status = JobStatus.SERVED
    job.ended = world.now[0]
    world.desk[job.desk].open_files -= 1
    if job.request >= 0 and _WITH_UNIT[world.desk[job.desk].kind]:
        world.unit[job.desk].files += 1
    return job.request
