"""The request pipeline in Mesa: requests and desks are agents, and what happens next is an event of Mesa (3.5 on)."""

import heapq
import math
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np

from tests.benchmarks.pipeline import Days, Delay, Pipeline, Staffed


class Desk(mesa.Agent):  # type: ignore[misc, type-arg, unused-ignore]  # Mesa ships no types
    """A staffed desk; files wait in the order of their first arrival."""

    model: Any

    def __init__(self, model: "Office", staffed: Staffed) -> None:
        super().__init__(model)
        self.free = staffed.servers
        self.mean = staffed.touch_hours / model.pipeline.hours_per_day
        self.queue: list[tuple[float, int, Request]] = []

    def submit(self, request: "Request", since: float) -> None:
        """A file reaches the desk."""
        if self.free > 0:
            self.free -= 1
            self.start(request)
        else:
            heapq.heappush(self.queue, (since, request.number, request))

    def start(self, request: "Request") -> None:
        """A person takes up a file."""
        sigma = self.model.touch_sigma
        days = self.mean * math.exp(self.model.random.gauss(0.0, sigma) - 0.5 * sigma * sigma)
        self.model.after(days, request.served)

    def finish(self) -> None:
        """A person is free for the next file."""
        if self.queue:
            self.start(heapq.heappop(self.queue)[2])
        else:
            self.free += 1


class Request(mesa.Agent):  # type: ignore[misc, type-arg, unused-ignore]  # likewise
    """A request; each method is what happens at the end of a stage."""

    model: Any

    def __init__(self, model: "Office", number: int) -> None:
        super().__init__(model)
        self.number = number
        self.drafted = self.first_come = model.now()
        self.loops = 0
        self.desk = model.outgoing
        self.wait(model.pipeline.drafting, self.reach_outgoing)

    def wait(self, delay: Delay, then: Callable[[], None]) -> None:
        """Waiting on others."""
        self.model.after(delay.median * math.exp(self.model.random.gauss(0.0, delay.sigma)), then)

    def reach(self, desk: Desk, since: float) -> None:
        """The request becomes a file at a desk."""
        self.desk = desk
        desk.submit(self, since)

    def served(self) -> None:
        """A person has finished the file."""
        desk, model = self.desk, self.model
        desk.finish()
        if desk is model.outgoing and self.loops > 0:
            self.reach(model.incoming, self.first_come)
        elif desk is model.outgoing:
            self.wait(model.pipeline.transmission, self.transmitted)
        elif desk is model.incoming:
            self.triage()
        elif desk is model.court:
            self.wait(model.pipeline.production, self.reach_provider)
        else:
            self.wait(model.pipeline.returning, self.returned)

    def triage(self) -> None:
        """The incoming lawyer accepts the file or returns it."""
        pipeline = self.model.pipeline
        if self.model.random.random() < pipeline.return_probability(self.loops):
            self.loops += 1
            self.wait(pipeline.deficiency_return, self.reach_outgoing_again)
        else:
            self.reach(self.model.court, self.model.now())

    def reach_outgoing(self) -> None:
        """To the outgoing desk."""
        self.reach(self.model.outgoing, self.model.now())

    def reach_outgoing_again(self) -> None:
        """To the outgoing desk, which sends on what was lacking; its place dates from its drafting."""
        self.reach(self.model.outgoing, self.drafted)

    def transmitted(self) -> None:
        """It has arrived abroad; its place in the queue dates from now."""
        self.first_come = self.model.now()
        self.reach(self.model.incoming, self.first_come)

    def reach_provider(self) -> None:
        """To the provider's desk."""
        self.reach(self.model.provider, self.model.now())

    def returned(self) -> None:
        """The answer is there."""
        self.model.turnarounds[self.number] = self.model.now() - self.drafted
        self.model.left -= 1
        self.remove()


class Office(mesa.Model):  # type: ignore[misc, type-arg, unused-ignore]  # likewise
    """The pipeline as a Mesa model."""

    def __init__(self, pipeline: Pipeline, seed: int) -> None:
        super().__init__(rng=seed)
        self.pipeline = pipeline
        self.arrived = 0
        self.left = pipeline.requests
        self.turnarounds = np.full(pipeline.requests, np.nan)
        self.touch_sigma = math.sqrt(math.log(1.0 + pipeline.variation))
        self.outgoing = Desk(self, pipeline.outgoing)
        self.incoming = Desk(self, pipeline.incoming)
        self.court = Desk(self, pipeline.court)
        self.provider = Desk(self, pipeline.provider)
        self.expect_request()

    def now(self) -> float:
        """The day."""
        return float(self.time)

    def after(self, days: float, then: Callable[[], None]) -> None:
        """Something happens after some days."""
        self.schedule_event(then, after=days)

    def expect_request(self) -> None:
        """The next request is expected."""
        if self.arrived < self.pipeline.requests:
            self.after(self.random.expovariate(self.pipeline.per_day), self.request_arrives)

    def request_arrives(self) -> None:
        """Drafting of a request begins."""
        Request(self, self.arrived)
        self.arrived += 1
        self.expect_request()


def has_scheduler() -> bool:
    """Whether this version of Mesa has events of its own."""
    return hasattr(mesa.Model, "schedule_event")


def run(pipeline: Pipeline, seed: int) -> Days:
    """Days from drafting to return of each request, in the order of arrival, a hundred days at a time."""
    office = Office(pipeline, seed)
    while office.left > 0:
        office.run_for(100.0)
    return office.turnarounds
