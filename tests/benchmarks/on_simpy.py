"""The benchmark pipeline in SimPy: requests are processes, desks are resources."""

import math
import random
from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from tests.benchmarks.pipeline import Days, Delay, Pipeline, Staffed

Process = Generator[simpy.Event, Any, None]


class Office:
    """The simulation's environment, desks and random numbers."""

    def __init__(self, pipeline: Pipeline, seed: int) -> None:
        self.pipeline = pipeline
        self.environment = simpy.Environment()
        self.random = random.Random(seed)  # noqa: S311  # a simulation, not a secret
        self.turnarounds = np.full(pipeline.requests, np.nan)
        self.outgoing = simpy.PriorityResource(self.environment, pipeline.outgoing.servers)
        self.incoming = simpy.PriorityResource(self.environment, pipeline.incoming.servers)
        self.court = simpy.Resource(self.environment, pipeline.court.servers)
        self.provider = simpy.Resource(self.environment, pipeline.provider.servers)
        self.touch_sigma = math.sqrt(math.log(1.0 + pipeline.variation))

    def waiting(self, delay: Delay) -> simpy.Event:
        """Waits outside desks for a random time."""
        return self.environment.timeout(delay.median * math.exp(self.random.gauss(0.0, delay.sigma)))

    def work(self, desk: Staffed) -> simpy.Event:
        """Lets a person work on a file for a random time."""
        mean = desk.touch_hours / self.pipeline.hours_per_day
        sigma = self.touch_sigma
        return self.environment.timeout(mean * math.exp(self.random.gauss(0.0, sigma) - 0.5 * sigma * sigma))

    def arrivals(self) -> Process:
        """Creates requests at random intervals."""
        for number in range(self.pipeline.requests):
            yield self.environment.timeout(self.random.expovariate(self.pipeline.per_day))
            self.environment.process(self.request(number))

    def request(self, number: int) -> Process:
        """Simulates one request from stage to stage."""
        pipeline, environment = self.pipeline, self.environment
        drafted = environment.now
        yield self.waiting(pipeline.drafting)
        with self.outgoing.request(environment.now) as person:  # type: ignore[arg-type]  # any number does
            yield person
            yield self.work(pipeline.outgoing)
        yield self.waiting(pipeline.transmission)
        first_come, loops = environment.now, 0
        while True:
            with self.incoming.request(first_come) as person:  # type: ignore[arg-type]  # any number does
                yield person
                yield self.work(pipeline.incoming)
            if self.random.random() >= pipeline.return_probability(loops):
                break
            loops += 1
            yield self.waiting(pipeline.deficiency_return)
            with self.outgoing.request(drafted) as person:  # type: ignore[arg-type]  # likewise
                yield person
                yield self.work(pipeline.outgoing)
        with self.court.request() as person:
            yield person
            yield self.work(pipeline.court)
        yield self.waiting(pipeline.production)
        with self.provider.request() as person:
            yield person
            yield self.work(pipeline.provider)
        yield self.waiting(pipeline.returning)
        self.turnarounds[number] = environment.now - drafted


def run(pipeline: Pipeline, seed: int) -> Days:
    """Simulates the pipeline; returns each request's days from drafting to return."""
    office = Office(pipeline, seed)
    office.environment.process(office.arrivals())
    office.environment.run()
    return office.turnarounds
