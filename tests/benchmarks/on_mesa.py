"""The benchmark pipeline in Mesa 3.5 or newer: requests and desks are agents."""

import heapq
import math
from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np

from tests.benchmarks.pipeline import Days, Delay, Pipeline, Staffed


class Desk(mesa.Agent):  # type: ignore[misc, type-arg, unused-ignore]  # Mesa ships no types
    """A desk with staff, at which requests wait in order of their first arrival."""

    model: Any

    def __init__(self, model: "Office", staffed: Staffed) -> None:
        super().__init__(model)
        self.free = staffed.servers
        self.mean = staffed.touch_hours / model.pipeline.hours_per_day
        self.queue: list[tuple[float, int, Request]] = []

    def submit(self, request: "Request", since: float) -> None:
        """Adds a request's file to the desk."""
        if self.free > 0:
            self.free -= 1
            self.start(request)
        else:
            heapq.heappush(self.queue, (since, request.number, request))

    def start(self, request: "Request") -> None:
        """Assigns a person to a request."""
        request.desk, sigma = self, self.model.touch_sigma
        days = self.mean * math.exp(self.model.random.gauss(0.0, sigma) - 0.5 * sigma * sigma)
        self.model.schedule_event(request.served, after=days)

    def finish(self) -> None:
        """Frees the person, and starts the next request."""
        if self.queue:
            self.start(heapq.heappop(self.queue)[2])
        else:
            self.free += 1


class Request(mesa.Agent):  # type: ignore[misc, type-arg, unused-ignore]  # likewise
    """A request for assistance as an agent."""

    model: Any

    def __init__(self, model: "Office", number: int) -> None:
        super().__init__(model)
        self.number = number
        self.desk = model.outgoing
        self.stages = self.life()
        self.go_on()

    def go_on(self) -> None:
        """Begins the request's next stage."""
        next(self.stages, None)

    def served(self) -> None:
        """Continues after a person has finished work on the request."""
        self.desk.finish()
        self.go_on()

    def wait(self, delay: Delay) -> None:
        """Schedules the end of a wait outside desks."""
        self.model.schedule_event(self.go_on, after=delay.median * math.exp(self.model.random.gauss(0.0, delay.sigma)))

    def life(self) -> Iterator[None]:
        """Yields at each stage of the request, in order."""
        model, pipeline, drafted, loops = self.model, self.model.pipeline, float(self.model.time), 0
        yield self.wait(pipeline.drafting)
        yield model.outgoing.submit(self, float(model.time))
        yield self.wait(pipeline.transmission)
        first_come = float(model.time)
        yield model.incoming.submit(self, first_come)
        while model.random.random() < pipeline.return_probability(loops):
            loops += 1
            yield self.wait(pipeline.deficiency_return)
            yield model.outgoing.submit(self, drafted)
            yield model.incoming.submit(self, first_come)
        yield model.court.submit(self, float(model.time))
        yield self.wait(pipeline.production)
        yield model.provider.submit(self, float(model.time))
        yield self.wait(pipeline.returning)
        model.turnarounds[self.number] = float(model.time) - drafted
        model.left -= 1
        self.remove()


class Office(mesa.Model):  # type: ignore[misc, type-arg, unused-ignore]  # likewise
    """The pipeline of requests as a Mesa model."""

    def __init__(self, pipeline: Pipeline, seed: int) -> None:
        super().__init__(rng=seed)
        self.pipeline = pipeline
        self.arrived, self.left = 0, pipeline.requests
        self.turnarounds = np.full(pipeline.requests, np.nan)
        self.touch_sigma = math.sqrt(math.log(1.0 + pipeline.variation))
        self.outgoing, self.incoming = Desk(self, pipeline.outgoing), Desk(self, pipeline.incoming)
        self.court, self.provider = Desk(self, pipeline.court), Desk(self, pipeline.provider)
        self.expect_request()

    def expect_request(self) -> None:
        """Schedules the arrival of the next request."""
        if self.arrived < self.pipeline.requests:
            self.schedule_event(self.request_arrives, after=self.random.expovariate(self.pipeline.per_day))

    def request_arrives(self) -> None:
        """Creates a request and begins its drafting."""
        Request(self, self.arrived)
        self.arrived += 1
        self.expect_request()


def has_scheduler() -> bool:
    """True if this version of Mesa can schedule events."""
    return hasattr(mesa.Model, "schedule_event")


def run(pipeline: Pipeline, seed: int) -> Days:
    """Simulates the pipeline; returns each request's days from drafting to return."""
    office = Office(pipeline, seed)
    while office.left > 0:
        office.run_for(100.0)
    return office.turnarounds
