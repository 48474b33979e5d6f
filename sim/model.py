"""The observable entry point: a Mesa model over the same rows and rules as `sim.simulate`.

`CooperationModel.step` advances one day, or a chosen period, with the compiled kernel. Agents hold row numbers, not
views, since tables move when they grow; their properties read and write the rows themselves. `AgentSet`,
`DataCollector` and Mesa's visualisation work on them as on any Mesa model. Only the part of Mesa is used that its
versions 3.3 to 4.0 share. Importing this module imports Mesa, which takes seconds.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import mesa
import numpy as np

from sim.data.bodies import liaison_rows
from sim.law.days import to_date
from sim.law.order import LegalOrder, legal_order
from sim.policy.problem import InputError
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import GROUP_KINDS, Parameters, WorldSpec
from sim.world.records import Body, CaseStatus, DeskKind, GroupStatus, Growing, RequestStatus
from sim.world.world import World, records


class Row(mesa.Agent):
    """An agent that is a row of a table."""

    table = ""  # its name

    def __init__(self, model: "CooperationModel", row: int) -> None:
        super().__init__(model)
        self.row = row  # place in the table

    @property
    def record(self) -> Any:
        """The row itself: its fields can be read, and written at one's own risk."""
        return getattr(self.model.world, self.table)[self.row]


def _shown(field: str, kind: Callable[[Any], Any], about: str) -> Any:
    """A property of an agent that is a field of its row."""
    return property(lambda agent: kind(getattr(agent.record, field)), doc=about)


class NationalAgency(Row):
    """Police and prosecutors of a state."""

    table = "state"
    open_cases = _shown("open_cases", int, "Cases being worked on.")
    slots = _shown("slots", float, "Cases that it can work on at once.")
    skill = _shown("skill", float, "Skill of its requests, 0–1.")

    @property
    def state(self) -> str:
        """ISO code."""
        return self.model.law.states[self.row]


class Desk(Row):
    """A staffed desk."""

    table = "desk"
    staff = _shown("servers", int, "Persons.")
    recent_wait = _shown("wait_recent", float, "Running mean of the wait for a person, days.")

    @property
    def state(self) -> str:
        """ISO code."""
        return self.model.law.states[int(self.record.state)]

    @property
    def backlog(self) -> int:
        """Files in the queue that will be served, approximately: the work in the queue by the size of a file."""
        return round(float(self.record.work / self.record.file_hours))


class CentralAuthority(Desk):
    """The office of a state that receives requests for mutual legal assistance."""


class ServiceProvider(Desk):
    """A provider and its desk for foreign orders; `row` is that of the desk."""

    @property
    def provider(self) -> Any:
        """The provider's own row."""
        return self.model.world.provider[int(self.record.provider)]


class CriminalGroup(Row):
    """A criminal group."""

    table = "group"
    kind = _shown("kind", lambda code: GROUP_KINDS[code], "One of GROUP_KINDS.")
    status = _shown("status", GroupStatus, "Active, down, exited or removed.")
    capability = _shown("capability", float, "Share of its full capability, 0–1.")

    @property
    def home(self) -> str:
        """State of its core members, ISO code."""
        return self.model.law.states[int(self.record.home)]


class LiaisonBody(Row):
    """A body through which states work together, with its desk."""

    table = "liaison_body"
    body = _shown("kind", Body, "Which body.")

    @property
    def name(self) -> str:
        """Its name."""
        return liaison_rows()[self.body].title

    @property
    def desks(self) -> tuple[int, ...]:
        """Rows of its desks: one, one a state for the 24/7 network, none for trainers."""
        first, states = int(self.record.desk), len(self.model.law.states)
        if first < 0:
            return ()
        return tuple(range(first, first + (states if liaison_rows()[self.body].desk == "states" else 1)))

    @property
    def _rows(self) -> Any:
        return self.model.world.desk[list(self.desks)]

    @property
    def staff(self) -> int:
        """Persons at its desks, or trainers."""
        return int(self._rows.servers.sum()) if self.desks else int(self.record.staff)

    @property
    def backlog(self) -> int:
        """Files that wait at its desks."""
        return sum(round(float(desk.work / desk.file_hours)) for desk in self._rows)

    @property
    def recent_wait(self) -> float:
        """Running mean of the wait for a person at its desks, days; 0 where it has none."""
        return sum(self._rows.wait_recent.tolist()) / len(self.desks) if self.desks else 0.0

    @property
    def members(self) -> tuple[str, ...]:
        """States that feed it and can reach at least one other through it today, ISO codes."""
        world, row = self.model.world, self.record
        inside = feeds = world.feed[self.body] > 0.0
        if liaison_rows()[self.body].basis or row.channel >= 0:
            by_channel = row.channel >= 0
            reach = world.instrument[:, :, row.channel] >= 0 if by_channel else world.bodies >> row.between & 1 == 1
            inside = feeds & (reach & feeds[None, :]).any(axis=1)
        return tuple(state for state, here in zip(self.model.law.states, inside, strict=True) if here)


class CooperationModel(mesa.Model):
    """The world as a Mesa model.

    Args:
        spec: what is simulated and when; the default world when not given.
        parameters: every uncertainty; defaults when not given.
        timeline: the policy; the law as it is when not given.
        seed: run seed; the same seed gives the same tables as `sim.simulate.start`.
        period_days: days that a step advances.
        law: the legal order; loaded when not given.

    Attributes:
        simulation: the run underneath.
        datacollector: daily open requests, open cases, active groups, takedowns so far.
    """

    def __init__(
        self,
        spec: WorldSpec | None = None,
        parameters: Parameters | None = None,
        timeline: Timeline | None = None,
        seed: int = 1,
        period_days: float = 1.0,
        law: LegalOrder | None = None,
    ) -> None:
        for key, given in (("spec", spec), ("timeline", timeline)):
            if isinstance(given, str):
                fix = "sim.mesa_model takes world and scenario by name."
                raise InputError("a name is not enough here", key=key, value=given, fix=fix)
        super().__init__(rng=seed)
        self.law = law or legal_order()
        self.simulation = start(spec or WorldSpec(), parameters or Parameters(), self.law, timeline or Timeline(), seed)
        self.period_days = period_days
        states = len(self.law.states)
        for row in range(states):
            NationalAgency(self, row)
        for row in range(states):
            CentralAuthority(self, int(DeskKind.INCOMING) * states + row)
        for desk in np.flatnonzero(self.world.desk["kind"] == DeskKind.PROVIDER):
            ServiceProvider(self, int(desk))
        for row in range(len(self.world.liaison_body)):
            LiaisonBody(self, row)
        self._groups = 0
        self._meet_new_groups()
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "date": lambda model: model.today.isoformat(),
                "open_requests": lambda model: model.count("request", "status", (RequestStatus.OPEN,)),
                "open_cases": lambda model: model.count(
                    "case", "status", (CaseStatus.INVESTIGATING, CaseStatus.PREPARING)
                ),
                "active_groups": lambda model: model.count("group", "status", (GroupStatus.ACTIVE,)),
                "takedown_actions": lambda model: model.count("action", "down", (1,)),
            }
        )
        self.datacollector.collect(self)

    @property
    def world(self) -> World:
        """The tables; they may be other arrays after a step."""
        return self.simulation.world

    @property
    def today(self) -> date:
        """The date that the model has reached."""
        return to_date(self.simulation.day)

    def count(self, table: str, field: str, values: Sequence[int]) -> int:
        """Rows of a table whose field has one of some values."""
        return int(np.isin(records(self.world, table)[field], values).sum())

    def step(self) -> None:
        """Advances one period, meets groups that entered, and collects data."""
        self.simulation.advance(min(self.simulation.day + self.period_days, self.simulation.end))
        self.running = self.simulation.day < self.simulation.end
        self._meet_new_groups()
        self.datacollector.collect(self)

    def _meet_new_groups(self) -> None:
        for row in range(self._groups, int(self.world.used[Growing.GROUP])):
            CriminalGroup(self, row)
        self._groups = int(self.world.used[Growing.GROUP])
