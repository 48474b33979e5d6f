"""A staffed desk: files wait for a person, are worked on for their touch time, and are given up (M6).

Central authorities, courts, providers and forensic laboratories all work like this. Touch time is kept apart from
the time that a file waits for others.
"""

import math

from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, exponential, normal
from sim.engine.rows import new_row
from sim.engine.waiting import NOBODY, enter, first_place, leave_first
from sim.world.records import DeskKind, Growing, JobStatus
from sim.world.world import World

_BUNDLE = 0x42554E44
WAIT_WEIGHT = 0.02  # of the newest file in a desk's running mean wait
REBOUND_CEILING = 1.6  # potential bundles per expected one: the declared ceiling of induced demand


@rule
def touch_hours(setting: Record, key: Key, count: int, mean: float) -> float:
    """Work that a file needs, hours: lognormal with the given mean and the declared squared variation."""
    sigma = setting.touch_sigma
    return mean * math.exp(sigma * (normal(setting.seed, Purpose.TOUCH, key, count) - 0.5 * sigma))


@rule
def work_rate(setting: Record, skill: float, skill_base: float) -> float:
    """Work done in an hour, of what is done at today's skill: throughput ∝ K^½ (M21)."""
    return math.exp(setting.throughput_skill * math.log(max(skill, 0.01) / max(skill_base, 0.01)))


@rule
def rated(setting: Record, desk: Record) -> float:
    """Work rate of a desk's staff, worked out anew when their skill has changed: it is asked for at each file."""
    if desk.work_rate == 0.0 or desk.skill_rated != desk.skill:
        desk.skill_rated = desk.skill
        desk.work_rate = work_rate(setting, desk.skill, desk.skill_base)
    return desk.work_rate


@rule
def working_pace(setting: Record, desk: Record) -> float:
    """Touch-hours that one person of the desk does in a calendar day.

    With turnover (M21) work follows the root of skill, from today's pace at today's skill, and training takes time.
    """
    if setting.with_turnover == 0.0:
        return desk.pace * (1.0 + setting.pace_skill * (desk.skill - 0.5))
    today = desk.pace * (1.0 + setting.pace_skill * (desk.skill_base - 0.5))
    return today * rated(setting, desk) * (1.0 - desk.away)


@rule
def file_priority(
    setting: Record, kind: int, since: float, urgent: int, enforceable: int, deadline_days: float
) -> float:
    """Place of a file in its queue, smaller is sooner.

    Disciplines of incoming desks: 0 first come, 1 class (urgent first), 2 earliest deadline, 3 ageing (urgent files
    have a head start). Other desks are first come. A deadline counts only where its breach has a cost.
    """
    binding = enforceable == 1 and not math.isnan(deadline_days)
    if kind != DeskKind.INCOMING:
        return since - (1.0e5 if binding else 0.0)
    discipline = int(setting.discipline_incoming)
    if discipline == 1:
        return since - (1.0e5 if urgent == 1 else 0.0)
    if discipline == 2:
        return since + (deadline_days if binding else 365.0)
    if discipline == 3:
        return since - (setting.ageing_days if urgent == 1 else 0.0)
    return since


@rule
def add_job(
    world: World,
    desk_row: int,
    request_row: int,
    key: Key,
    urgent: int,
    arrived: float,
    patience_until: float,
    hours: float,
) -> int:
    """Opens a file at a desk and returns its row; it is neither queued nor started yet."""
    row = new_row(world, world.job, Growing.JOB.value)
    job = world.job[row]
    job.key = key
    job.desk = desk_row
    job.request = request_row
    job.errand = -1
    job.urgent = urgent
    job.status = JobStatus.WAITING
    job.arrived = arrived
    job.started = math.nan
    job.ended = math.nan
    job.patience_until = patience_until
    job.touch_hours = hours
    return row


@rule
def somebody_is_free(world: World, desk: Record) -> bool:
    """Whether a file that reaches a desk is taken up at once."""
    return bool(desk.busy < desk.servers or world.setting[0].with_queues == 0.0)


@rule
def submit(world: World, row: int, priority: float) -> None:
    """A file reaches its desk: a free person takes it, or it waits at the place that its priority gives it."""
    job = world.job[row]
    desk = world.desk[job.desk]
    if somebody_is_free(world, desk):
        start(world, row)
    else:
        enter(world.waiting, desk, row, job.key, priority)
        desk.waiting += 1


@rule
def start(world: World, row: int) -> None:
    """A person takes up a file."""
    job, setting = world.job[row], world.setting[0]
    desk = world.desk[job.desk]
    now = world.now[0]
    job.status = JobStatus.IN_SERVICE
    job.started = now
    desk.busy += 1
    desk.wait_recent += WAIT_WEIGHT * (now - job.arrived - desk.wait_recent)
    if now < setting.policy_start:
        desk.wait_reference = desk.wait_recent
    end = now + job.touch_hours / working_pace(setting, desk)
    schedule(world, end, Event.JOB_SERVED, job.key, row, 0)


@rule
def call_next(world: World, desk_row: int) -> None:
    """Free persons take the first files that have not been given up meanwhile."""
    desk = world.desk[desk_row]
    now = world.now[0]
    while desk.busy < desk.servers and first_place(world.waiting, desk) != NOBODY:
        row = leave_first(world.waiting, desk)
        desk.waiting -= 1
        job = world.job[row]
        if job.status == JobStatus.WITHDRAWN:
            continue
        if job.patience_until < now:
            job.status = JobStatus.WITHDRAWN
            job.ended = job.patience_until
            continue
        start(world, row)


@rule
def finish(world: World, row: int) -> int:
    """A person finishes a file and takes the next; returns the request it belonged to, or -1."""
    job = world.job[row]
    job.status = JobStatus.SERVED
    job.ended = world.now[0]
    world.desk[job.desk].busy -= 1
    if job.request >= 0 and world.desk[job.desk].kind < DeskKind.PROVIDER:
        world.unit[job.desk].files += 1
    call_next(world, job.desk)
    return job.request


@rule
def bundle_ceiling(desk: Record) -> float:
    """Potential bundles per expected one; only at incoming desks does demand answer to speed."""
    return REBOUND_CEILING if desk.kind == DeskKind.INCOMING else 1.0


@rule
def induced(setting: Record, ratio: float) -> float:
    """How many times as much is asked when a wait is `ratio` times what it was (M25)."""
    return math.exp(-setting.rebound * setting.with_rebound * math.log(ratio))


@rule
def bundle_share(setting: Record, desk: Record, now: float) -> float:
    """Share of potential bundles that arrive: growth until the policy starts, and rebound (M25).

    Induced demand: arrivals follow (wait now ÷ wait at the policy's start) to the power of minus the rebound.
    """
    growth = 1.0
    if now < setting.policy_start:
        growth = math.exp(setting.load_growth * (now - setting.policy_start) / 365.25)
    if now <= setting.policy_start or desk.wait_reference <= 0.0 or desk.kind != DeskKind.INCOMING:
        return growth / bundle_ceiling(desk)
    ratio = max(desk.wait_recent, 1.0) / max(desk.wait_reference, 1.0)
    return growth * induced(setting, ratio) / REBOUND_CEILING


@rule
def bundle_key(desk_row: int, number: int) -> Key:
    """Lineage key of the numbered potential bundle of a desk."""
    return derive(derive(_BUNDLE, desk_row), number)


@rule
def schedule_bundle(world: World, desk_row: int) -> None:
    """Posts the next bundle of other work at a desk: potential bundles are thinned by today's share.

    The share is that of the day on which the last bundle came, so that thinned bundles cost no event.
    """
    desk, setting = world.desk[desk_row], world.setting[0]
    if desk.background_rate <= 0.0:
        return
    share = bundle_share(setting, desk, world.now[0])
    desk.clipped += int(share > 1.0)
    mean_gap = 1.0 / (desk.background_rate * bundle_ceiling(desk))
    day = world.now[0]
    while True:
        key = bundle_key(desk_row, desk.bundles)
        day += exponential(setting.seed, Purpose.BUNDLE_GAP, key, 0, mean_gap)
        if chance(setting.seed, Purpose.BUNDLE_ACCEPTED, key, 0, share):
            break
        desk.bundles += 1
    schedule(world, day, Event.BUNDLE_ARRIVAL, key, desk_row, 0)


@rule
def bundle_arrives(world: World, desk_row: int) -> None:
    """A bundle of other work reaches a desk."""
    desk, setting = world.desk[desk_row], world.setting[0]
    key = bundle_key(desk_row, desk.bundles)
    desk.bundles += 1
    now = world.now[0]
    urgent = int(chance(setting.seed, Purpose.BUNDLE_URGENT, key, 0, setting.urgent_share))
    hours = touch_hours(setting, key, 0, desk.background_hours)
    until = math.inf  # patience does not matter to a file that is taken up at once
    if not somebody_is_free(world, desk):
        until = now + exponential(setting.seed, Purpose.PATIENCE, key, 0, 30.4375 / setting.withdrawal_per_month)
    row = add_job(world, desk_row, -1, key, urgent, now, until, hours)
    submit(world, row, file_priority(setting, desk.kind, now, urgent, 0, math.nan))
    schedule_bundle(world, desk_row)
