"""Agents of the Mesa model; each is a view of one row of the world's tables.

An agent holds the number of its row, not a view, since tables move when they grow. What a policy decides, such as
staff, can be set, through the lever that scenarios use and at its price; all else follows from the rules and cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import mesa
from mesa.discrete_space import FixedAgent

from sim.data.bodies import liaison_rows
from sim.policy.problem import InputError
from sim.world.parameters import GROUP_KINDS
from sim.world.records import Body, GroupStatus, UnitKind


class ReadOnlyError(InputError, AttributeError):
    """Error for setting a read-only property of an agent; the message says how to change its value."""


class Follows:
    """Read-only property of an agent, with the value of a field in its table row."""

    def __init__(self, field: str, kind: Callable[[Any], Any], doc: str, moved_by: str) -> None:
        self.field, self.kind, self.moved_by, self.name = field, kind, moved_by, ""
        self.__doc__ = doc

    def __set_name__(self, _owner: type, name: str) -> None:
        """Stores the name under which a class declares the property."""
        self.name = name

    def __get__(self, agent: Row | None, _owner: type) -> Any:
        """Present value of the field; accessed on the class, the property itself."""
        return self if agent is None else self.kind(getattr(agent.record, self.field))

    def __set__(self, agent: Row, value: object) -> NoReturn:
        """Raises a ReadOnlyError that says how to change the value."""
        raise agent.cannot_set(self.name, value, self.moved_by)


class Row(mesa.Agent):
    """Base class of agents, each a view of one row of a table."""

    model: Any  # the CooperationModel, which imports this file
    table = ""  # its name

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row  # place in the table

    @property
    def record(self) -> Any:
        """The agent's row in the world's table, for reading only."""
        return getattr(self.model.world, self.table)[self.row]

    def cannot_set(self, name: str, value: object, moved_by: str) -> ReadOnlyError:
        """Makes the error for setting a read-only property."""
        key = f"{type(self).__name__}.{name}"
        return ReadOnlyError("follows from the rules and cannot be set", key=key, value=value, fix=moved_by)


class Placed(Row, FixedAgent):
    """Base class of agents that are on the cell of a state."""

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model, row)
        if (cell := model.cell_of(self.state)) is not None:
            self.cell = cell

    @property
    def state(self) -> str:
        """ISO code of the agent's state."""
        raise NotImplementedError

    @property
    def pos(self) -> int | None:
        """Coordinate of the agent's cell; None before the agent has a cell."""
        return None if self.cell is None else self.cell.coordinate

    @pos.setter
    def pos(self, node: None) -> None:
        """Does nothing; Mesa sets None before an agent has a cell."""


class NationalAgency(Placed):
    """Police and prosecutors of a state, as a Mesa agent."""

    table = "state"
    open_cases = Follows(
        "open_cases", int, "Cases being worked on.", "Cases open and close by themselves; investigators work on them."
    )
    slots = Follows(
        "slots",
        float,
        "Cases that it can work on at once.",
        'Write model.apply("agency.investigators", "+50 %", states=agent.state).',
    )
    skill = Follows(
        "skill",
        float,
        "Skill of its requests, 0–1.",
        'Write model.apply("agency.training", "10 days", states=agent.state).',
    )

    @property
    def state(self) -> str:
        """ISO code of the agency's state."""
        return self.model.law.states[self.row]


class Desk(Placed):
    """A desk with staff, as a Mesa agent."""

    table = "desk"
    recent_wait = Follows(
        "wait_recent", float, "Running mean of the wait for a person, days.", "Staff, demand and law decide it."
    )

    @property
    def state(self) -> str:
        """ISO code of the state to which the desk belongs."""
        return self.model.law.states[int(self.record.state)]

    @property
    def backlog(self) -> int:
        """Estimated number of files in the desk's queue: hours of work divided by mean hours per file."""
        return round(float(self.record.work / self.record.file_hours))

    @backlog.setter
    def backlog(self, value: object) -> None:
        """Raises an error: a queue cannot be set."""
        raise self.cannot_set("backlog", value, "Staff, demand and law decide it.")


class CentralAuthority(Desk):
    """A state's office for incoming requests for legal assistance, as a Mesa agent."""

    staff = Follows(
        "servers",
        int,
        "Persons who work there; some posts are vacant.",
        "Set posts: people are hired, and leave, over months.",
    )

    @property
    def _unit(self) -> Any:
        world = self.model.world
        return world.unit[int(UnitKind.INCOMING) * len(world.state) + int(self.record.state)]

    @property
    def posts(self) -> int:
        """Number of paid posts; setting it changes the lever `central_authority.staff` today.

        The lever is a multiple, and those who send the state's own requests abroad grow alike.
        """
        return int(self._unit.posts)

    @posts.setter
    def posts(self, number: float) -> None:
        """Sets the number of paid posts from today on."""
        multiple = float(number) / float(self._unit.posts_base)
        self.model.apply("central_authority.staff", multiple, states=self.state)


class ServiceProvider(Desk):
    """A provider's desk for foreign requests, as a Mesa agent."""

    staff = Follows(
        "servers",
        int,
        "Persons.",
        'Write model.apply("provider.staff", "+50 %", states=agent.state): all providers of a state have it.',
    )

    @property
    def provider(self) -> Any:
        """The provider's row in the world's table of providers, for reading only."""
        return self.model.world.provider[int(self.record.provider)]


class CriminalGroup(Placed):
    """A criminal group as a Mesa agent."""

    table = "group"
    kind = Follows("kind", lambda code: GROUP_KINDS[code], "One of GROUP_KINDS.", "A group keeps it for life.")
    status = Follows(
        "status", GroupStatus, "Active, down, exited or removed.", "Actions of states and the group itself decide it."
    )
    capability = Follows(
        "capability", float, "Share of its full capability, 0–1.", "Actions of states and recovery decide it."
    )

    @property
    def home(self) -> str:
        """ISO code of the state in which the group's core members live."""
        return self.model.law.states[int(self.record.home)]

    @property
    def state(self) -> str:
        """ISO code of the group's home state, where the agent is in `model.space`."""
        return self.home


class LiaisonBody(Row):
    """A body through which states cooperate, as a Mesa agent without a cell."""

    table = "liaison_body"
    body = Follows("kind", Body, "Which body.", "A body keeps it.")

    @property
    def name(self) -> str:
        """Name of the body."""
        return liaison_rows()[self.body].title

    @property
    def desks(self) -> tuple[int, ...]:
        """Row numbers of the body's desks, such as one per state for the 24/7 network."""
        first = int(self.record.desk)
        if first < 0:
            return ()
        return tuple(first + row for row in self.model.rows) if self._in_each_state else (first,)

    @property
    def _in_each_state(self) -> bool:
        """True for a body with a desk in every state, such as the 24/7 network."""
        return liaison_rows()[self.body].desk == "states"

    @property
    def _rows(self) -> Any:
        return self.model.world.desk[list(self.desks)]

    @property
    def staff(self) -> int:
        """Number of people at the body's desks, or of its trainers; setting it changes a lever today."""
        return int(self._rows.servers.sum()) if self.desks else int(self.record.staff)

    @staff.setter
    def staff(self, persons: float) -> None:
        """Sets the number of people or trainers from today on."""
        if (lever := _STAFFED_BY.get(self.body)) is None:
            instead = 'States join it: write model.apply("jcat.join", "yes", states="DEU").'
            if self._in_each_state:
                instead = (
                    'Each state staffs its own: write model.apply("contact_point.staff", "2 times", states="DEU").'
                )
            raise self.cannot_set("staff", persons, instead)
        self.model.apply(lever, float(persons) / float(self.record.staff_base))

    @property
    def backlog(self) -> int:
        """Estimated number of files that wait at the body's desks."""
        return sum(round(float(desk.work / desk.file_hours)) for desk in self._rows)

    @property
    def recent_wait(self) -> float:
        """Mean days that files recently waited at the body's desks; 0 without desks."""
        return sum(self._rows.wait_recent.tolist()) / len(self.desks) if self.desks else 0.0

    @property
    def members(self) -> tuple[str, ...]:
        """ISO codes of the states that send data to the body and can use the body today."""
        world, body = self.model.world, self.record
        belongs = feeds = world.feed[self.body] > 0.0
        if liaison_rows()[self.body].basis or body.channel >= 0:
            by_channel = body.channel >= 0
            reach = world.instrument[:, :, body.channel] >= 0 if by_channel else world.bodies >> body.between & 1 == 1
            belongs = feeds & (reach & feeds[None, :]).any(axis=1)
        return tuple(self.model.law.states[row] for row in self.model.rows if belongs[row])


#: The lever by which a body gets people; others get theirs from states.
_STAFFED_BY = {
    Body.INTERPOL: "interpol.staff",
    Body.EUROPOL: "europol.staff",
    Body.EUROJUST: "eurojust.staff",
    Body.BUILDERS: "capacity_builders.trainers",
}
