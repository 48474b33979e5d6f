"""The request pipeline by the model's own rules for requests: only the stream of requests is made up.

This does more than the pipeline asks for: each request is tested for dual criminality, refusal, silence, appeal and
withdrawal, whose probabilities are set to nil, learns its terms from the treaty, and leaves a full row behind.
"""

import math

import numpy as np

from sim.agents.desk import finish
from sim.agents.drafting import add_request
from sim.agents.events import Event
from sim.agents.request import complete_stage, file_in_line, stage_elapsed, start_request
from sim.engine.clock import drop_first, first_event
from sim.engine.compiling import kernel, rule
from sim.engine.random import derive
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import RequestPurpose, Stage
from sim.world.world import World
from sim.world.world_pointer import attach
from tests.benchmarks.kernel_world import ARRIVAL, ASKED, STREAM, expect_request, law
from tests.benchmarks.pipeline import Days, Pipeline

_LEFT_OUT = ~((1 << Stage.TRANSLATION) | (1 << Stage.REVIEW))  # stages that the pipeline does not have


@rule
def request_arrives(world: World, number: int, requested: int) -> None:
    """Drafting of a request begins."""
    purpose, channel, kind = RequestPurpose.CORROBORATION.value, Channel.MLAT.value, DataKind.SUBSCRIBER.value
    row = add_request(world, derive(STREAM, number), 0, purpose, requested, channel, kind)
    request = world.request[row]
    request.provider = 0
    request.route &= _LEFT_OUT
    start_request(world, row)


@rule
def answer_stream(world: World, requests: int, mean_gap: float, requested: int) -> None:
    """Answers events until every request is back."""
    left = requests
    expect_request(world, 0, mean_gap)
    while left > 0:
        event = world.event[first_event(world, math.inf)]
        world.now[0] = event.time
        kind, row, stamp = event.kind, event.entity, event.stamp
        drop_first(world)
        if kind == Event.STAGE_ELAPSED:
            stage_elapsed(world, row, stamp)
        elif kind == Event.JOB_SERVED:
            complete_stage(world, finish(world, row))
        elif kind == Event.FILE_IN_LINE:
            file_in_line(world, row)
        elif kind == Event.REQUEST_ENDED:
            left -= 1
        elif kind == ARRIVAL:
            request_arrives(world, row, requested)
            if row + 1 < requests:
                expect_request(world, row + 1, mean_gap)


@kernel
def run_stream(world: World, requests: int, mean_gap: float, requested: int) -> None:
    """Compiled entry: see answer_stream."""
    answer_stream(attach(world), requests, mean_gap, requested)


def simulate(world: World, pipeline: Pipeline) -> Days:
    """Days from drafting to return of each request in a prepared world, in the order of arrival."""
    with np.errstate(over="ignore"):
        run_stream(world, pipeline.requests, 1.0 / pipeline.per_day, law().index(ASKED))
    rows = world.request[: pipeline.requests]
    return np.asarray(rows["ended"] - rows["drafted"])
