"""The request pipeline on this kernel: its clock, randomness and the rules of desks.

The stages are written here once more, as a user of the kernel would write another model; `on_rules` runs the model's
own.
"""

import math
from typing import Any

import numpy as np

from sim.agents.desk import add_job, file_key, finish, look, submit, touch_hours
from sim.agents.events import Event, Purpose, schedule
from sim.engine.clock import Count, drop_first, first_event
from sim.engine.compiling import Record, kernel, rule
from sim.engine.prefetch import prefetch
from sim.engine.random import chance, derive, lognormal
from sim.engine.tables import as_table
from sim.world.world import World
from sim.world.world_pointer import attach
from tests.benchmarks.kernel_world import STREAM, desk_rows, expect_request
from tests.benchmarks.pipeline import Days, Delay, Pipeline

#: What a stage consists of: waiting on others, then a desk.
STAGE = np.dtype(
    [
        ("median", "f8"),  # days; 0: only the desk is waited for
        ("sigma", "f8"),  # of the log
        ("desk", "i8"),  # row, -1: no desk
        ("hours", "f8"),  # mean touch time
        ("following", "i8"),  # the next stage, -1 at the end
    ]
)
_DRAFTING, _OUTGOING, _TRANSMISSION, _INCOMING, _RETURNED, _COURT, _PRODUCTION, _RETURN = range(8)
_ROWS_AHEAD = 8  # as for any new row


@rule
def begin(world: World, row: int, stage: int, plan: Record) -> None:
    """A request enters a stage: waiting on others first, a desk after that.

    Rules must not call each other in a circle: compiled code that does cannot be kept in a cache.
    """
    request, setting = world.request[row], world.setting[0]
    request.stage = stage
    if plan[stage].median == 0.0:
        reach_desk(world, row, plan)
        return
    count = stage * 16 + request.loops
    days = lognormal(setting.seed, Purpose.STAGE_TIME, request.key, count, plan[stage].median, plan[stage].sigma)
    schedule(world, world.now[0] + days, Event.STAGE_ELAPSED, request.key, row, stage)


@rule
def reach_desk(world: World, row: int, plan: Record) -> None:
    """The request becomes a file at the desk of its stage."""
    request, setting, now = world.request[row], world.setting[0], world.now[0]
    stage, head_start = request.stage, 0.0
    if stage == _INCOMING:
        if request.loops == 0:
            request.queue_since = now
        head_start = now - request.queue_since  # a returned file keeps its place
    elif stage == _RETURNED:
        head_start = now - request.drafted
    key = file_key(request)
    hours = touch_hours(setting, key, plan[stage].hours)
    submit(world, add_job(world, plan[stage].desk, row, key, 0, hours), head_start)


@rule
def complete(world: World, row: int, plan: Record) -> None:
    """A stage is over: the next begins, or the incoming desk returns the file, or the answer is there."""
    request, setting = world.request[row], world.setting[0]
    following = plan[request.stage].following
    if request.stage == _INCOMING:
        probability = setting.deficiency
        for _ in range(request.loops):
            probability *= setting.deficiency_repeat
        if chance(setting.seed, Purpose.DEFICIENT, request.key, request.loops, max(probability, 0.001)):
            request.loops += 1
            following = _RETURNED
    if following < 0:
        request.ended = world.now[0]
    else:
        begin(world, row, following, plan)


@rule
def answer_stream(world: World, requests: int, mean_gap: float, plan: Record) -> None:
    """Answers events until none is left."""
    expect_request(world, 0, mean_gap)
    while world.counters[Count.WAITING] > 0:
        event = world.event[first_event(world, math.inf)]
        world.now[0] = event.time
        kind, row, stage = event.kind, event.entity, event.stamp
        drop_first(world)
        if kind == Event.STAGE_ELAPSED and plan[stage].desk >= 0:
            reach_desk(world, row, plan)
        elif kind == Event.STAGE_ELAPSED:
            complete(world, row, plan)
        elif kind == Event.JOB_SERVED:
            complete(world, finish(world, row), plan)
        elif kind == Event.FILE_IN_LINE:
            look(world, row)
        else:
            prefetch(world.request, row + _ROWS_AHEAD)
            world.request[row].key = derive(STREAM, row)
            world.request[row].drafted = world.now[0]
            begin(world, row, _DRAFTING, plan)
            if row + 1 < requests:
                expect_request(world, row + 1, mean_gap)


@kernel
def run_stream(world: World, requests: int, mean_gap: float, plan: Record) -> None:
    """Compiled entry: see answer_stream."""
    answer_stream(attach(world), requests, mean_gap, as_table(plan))


def plan_of(pipeline: Pipeline, world: World) -> Any:
    """The stages as a table for compiled rules."""
    plan = np.zeros(8, STAGE).view(np.recarray)
    plan.desk, plan.following = -1, np.arange(1, 9)
    delays: dict[int, Delay] = {
        _DRAFTING: pipeline.drafting,
        _TRANSMISSION: pipeline.transmission,
        _RETURNED: pipeline.deficiency_return,
        _PRODUCTION: pipeline.production,
        _RETURN: pipeline.returning,
    }
    for stage, delay in delays.items():
        plan[stage].median, plan[stage].sigma = delay.median, delay.sigma
    outgoing = next(iter(desk_rows(pipeline, world)))
    plan[_RETURNED].desk, plan[_RETURNED].hours = outgoing, pipeline.outgoing.touch_hours
    desks = zip((_OUTGOING, _INCOMING, _COURT, _PRODUCTION), desk_rows(pipeline, world).items(), strict=True)
    for stage, (row, staffed) in desks:
        plan[stage].desk, plan[stage].hours = row, staffed.touch_hours
    plan[_INCOMING].following, plan[_RETURNED].following, plan[_RETURN].following = _COURT, _INCOMING, -1
    return plan


def simulate(world: World, pipeline: Pipeline) -> Days:
    """Days from drafting to return of each request in a prepared world, in the order of arrival."""
    with np.errstate(over="ignore"):
        run_stream(world, pipeline.requests, 1.0 / pipeline.per_day, plan_of(pipeline, world))
    rows = world.request[: pipeline.requests]
    return np.asarray(rows["ended"] - rows["drafted"])
