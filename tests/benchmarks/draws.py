"""What the random draws of the pipeline cost by themselves: a part of each request that no queue could save."""

import time

import numpy as np

from sim.agents.events import Purpose
from sim.engine.compiling import Key, kernel
from sim.engine.mixing import absorb
from sim.engine.random import derive, lognormal
from tests.benchmarks.pipeline import Pipeline

#: Lognormal waits and works of a request with a mean of 0.57 deficiency returns, and events whose place is hashed.
LOGNORMALS, EVENTS = 10, 11
_STREAM = 0x53545245


@kernel
def draw_stream(seed: Key, requests: int) -> float:
    """Draws what a stream of requests draws, and adds it up so that nothing can be left out."""
    total = 0.0
    for number in range(requests):
        key = derive(_STREAM, number)
        for count in range(LOGNORMALS):
            total += lognormal(seed, Purpose.STAGE_TIME, key, count, 14.0, 0.9)
        for kind in range(EVENTS):
            total += float(absorb(key, np.uint64(kind)) & np.uint64(1))
    return total


def microseconds_a_request(pipeline: Pipeline, rounds: int) -> float:
    """Processor time of the draws of one request, best of some rounds."""
    seed, best = np.uint64(1), float("inf")
    with np.errstate(over="ignore"):
        draw_stream(seed, 10)
        for _ in range(rounds):
            begun = time.process_time()
            draw_stream(seed, pipeline.requests)
            best = min(best, time.process_time() - begun)
    return best / pipeline.requests * 1e6
