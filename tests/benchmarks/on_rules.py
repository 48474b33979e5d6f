"""The benchmark pipeline by the model's own rules, in a world without anything else.

This does more than the pipeline asks for: each request is tested for dual criminality, refusal, silence, appeal and
withdrawal, whose probabilities are set to nil, learns its terms from the treaty, and leaves a full row behind.
"""

import math
from functools import cache
from typing import Any

import numpy as np

from sim.agents.assistance.desk import finish, is_done
from sim.agents.assistance.drafting import add_request
from sim.agents.assistance.request import complete_stage, file_in_line, stage_elapsed, start_request
from sim.agents.events import Event
from sim.agents.first_day import begin_world
from sim.engine.clock import EVENT_COUNTS, drop_first, empty_clock, first_event, post
from sim.engine.compiling import kernel, rule
from sim.engine.growable import empty
from sim.engine.random import derive, exponential
from sim.law.order import LegalOrder
from sim.law.vocabulary import Channel, DataKind
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import GROWING, DeskKind, Growing, RequestPurpose, Stage
from sim.world.world import World
from sim.world.world_pointer import attach
from tests.benchmarks.pipeline import Days, Pipeline, Staffed

ASKING, ASKED = "FRA", "USA"
ARRIVAL = 1000  # kind of the event that stands for the stream of requests
_GAP = 1000  # purpose of the draw of the time between them
_STREAM = 0x53545245
_NO_WITHDRAWAL = 1e-9  # a month: the first falls beyond the end of the stream
_LONGEST_DAYS = 2000  # after the last arrival
_LEFT_OUT = ~((1 << Stage.TRANSLATION) | (1 << Stage.REVIEW))  # stages that the pipeline does not have


@rule
def expect_request(world: World, number: int, mean_gap: float) -> None:
    """Schedules the arrival of the request with a given number."""
    key = derive(_STREAM, number)
    gap = exponential(world.setting[0].seed, _GAP, key, 0, mean_gap)
    post(world, world.now[0] + gap, key, ARRIVAL, number, 0)


@cache
def law() -> LegalOrder:
    """The legal order, read once."""
    return LegalOrder.load()


def desk_rows(pipeline: Pipeline, world: World) -> dict[int, Staffed]:
    """Rows of the four desks of the pipeline, with the staff of each."""
    states, asking, asked = len(law().states), law().index(ASKING), law().index(ASKED)
    return {
        DeskKind.OUTGOING * states + asking: pipeline.outgoing,
        DeskKind.INCOMING * states + asked: pipeline.incoming,
        DeskKind.COURT * states + asked: pipeline.court,
        int(world.provider[0].desk): pipeline.provider,
    }


def parameters(pipeline: Pipeline) -> Parameters:
    """Parameters under which the model's rules simulate the pipeline."""
    result = Parameters()
    request = result.request
    request.drafting_days = pipeline.drafting.median
    request.electronic_days = pipeline.transmission.median
    request.supplement_days = pipeline.deficiency_return.median
    request.production_days = pipeline.production.median
    request.answer_days = pipeline.returning.median
    request.outgoing_touch_hours = pipeline.outgoing.touch_hours
    request.incoming_touch_hours = pipeline.incoming.touch_hours
    request.court_touch_hours = pipeline.court.touch_hours
    request.provider_touch_hours = pipeline.provider.touch_hours
    request.touch_variation = pipeline.variation
    request.deficiency, request.deficiency_repeat = pipeline.deficiency, pipeline.repeat
    request.deficiency_skill = request.deficiency_trust = request.deficiency_quality = 0.0
    request.appeal_probability = request.loop_withdrawal = 0.0
    request.withdrawal_per_month = _NO_WITHDRAWAL
    result.desk.pace_skill = result.mechanism.with_turnover = 0.0
    return result


def _set_desk(desk: Any, pipeline: Pipeline, staffed: Staffed, day: float) -> None:
    """Sets the staff of a desk without a background load."""
    desk.servers, desk.pace = staffed.servers, pipeline.hours_per_day
    desk.capacity = staffed.servers * pipeline.hours_per_day
    desk.file_hours, desk.tempo = staffed.touch_hours, 1.0
    desk.demand_elasticity = desk.pace_elasticity = 0.0  # work goes at one pace
    desk.custody_share = desk.urgent_head_start = 0.0  # and by date
    desk.load = desk.offered = desk.own_load = 0.0
    desk.work = desk.work_end = 0.0
    desk.work_day = desk.month_end = day


def prepared(pipeline: Pipeline, seed: int) -> World:
    """Makes a world with one case, no background load, and room for all requests."""
    spec = WorldSpec(groups=1, background=False, states=[ASKING, ASKED])
    world = begin_world(spec, parameters(pipeline), law(), seed)
    world.setting.foreign_refusal = world.setting.silence_scale = world.setting.discipline_incoming = 0.0
    world.setting.court_refuses = world.setting.own_returns = world.setting.refusal_de_minimis = 0.0
    world.setting.appeal_probability = 0.0
    # every answer holds what was asked for, and a provider takes as long as any other
    world.setting.provider_domestic, world.setting.provider_elasticity = 50.0, 0.0
    world.setting.provider_pair_sigma = 0.0
    world.provider.days = pipeline.production.median
    # visits that the pipeline does not have: translating, sending on what was lacking, sifting the answer
    world.setting.translation_hours = world.setting.later_pass_hours = 0.0
    world.setting.with_trust = world.setting.with_liaison_desks = 0.0  # nobody phones, and nobody is helped
    for row, staffed in desk_rows(pipeline, world).items():
        _set_desk(world.desk[row], pipeline, staffed, float(world.now[0]))
    world.electronic[law().index(ASKING), law().index(ASKED)] = 1
    world.case[0].state = law().index(ASKING)
    world.case[0].first_recipient = -1
    world.used[Growing.CASE] = 1
    days = int(pipeline.requests / pipeline.per_day) + _LONGEST_DAYS
    tables = {
        # without what the group would have done
        **empty_clock(3 * pipeline.requests, days, len(world.counters) - EVENT_COUNTS),
        "request": empty(pipeline.requests, GROWING["request"]),
        "job": empty(8 * pipeline.requests, GROWING["job"]),
    }
    for table in tables.values():
        table.fill(np.zeros((), table.dtype))  # the system hands memory out when it is first written: not while timed
    enough = {"proof": np.full_like(world.proof, -9.0), "implementation": np.ones_like(world.implementation)}
    return world._replace(**tables, **enough)  # every file is enough, and law is applied


@rule
def request_arrives(world: World, number: int, requested: int) -> None:
    """Creates a request and begins its drafting."""
    purpose, channel, kind = RequestPurpose.CORROBORATION.value, Channel.MLAT.value, DataKind.SUBSCRIBER.value
    row = add_request(world, derive(_STREAM, number), 0, purpose, requested, channel, kind)
    request = world.request[row]
    request.provider = 0
    request.route &= _LEFT_OUT
    start_request(world, row)


@rule
def ends_today(world: World, row: int) -> int:
    """1 if a request ends with the present event, otherwise 0."""
    return int(world.request[row].ended == world.now[0])


@rule
def answer_stream(world: World, requests: int, mean_gap: float, requested: int) -> None:
    """Handles events until every request has ended."""
    left = requests
    expect_request(world, 0, mean_gap)
    while left > 0:
        event = world.event[first_event(world, math.inf)]
        world.now[0] = event.time
        kind, row, stamp = event.kind, event.entity, event.stamp
        drop_first(world)
        if kind == Event.STAGE_ELAPSED:
            stage_elapsed(world, row, stamp)
            left -= ends_today(world, row)
        elif kind == Event.JOB_SERVED:
            if is_done(world, row):
                complete_stage(world, finish(world, row))
                left -= ends_today(world, world.job[row].request)
        elif kind == Event.FILE_IN_LINE:
            file_in_line(world, row)
        elif kind == ARRIVAL:
            request_arrives(world, row, requested)
            if row + 1 < requests:
                expect_request(world, row + 1, mean_gap)


@kernel
def run_stream(world: World, requests: int, mean_gap: float, requested: int) -> None:
    """Calls `answer_stream` in compiled code."""
    answer_stream(attach(world), requests, mean_gap, requested)


def simulate(world: World, pipeline: Pipeline) -> Days:
    """Simulates the pipeline in a prepared world; returns each request's days from drafting to return."""
    with np.errstate(over="ignore"):
        run_stream(world, pipeline.requests, 1.0 / pipeline.per_day, law().index(ASKED))
    rows = world.request[: pipeline.requests]
    return np.asarray(rows["ended"] - rows["drafted"])
