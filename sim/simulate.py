"""Runs a world by passing each event to the rule for its kind (see sim/agents/events.py).

`simulate` is the fast entry point. `Simulation` adds what changes on dates: law and policy are rebuilt in Python
between stretches of compiled running, so a run is law → world → events → law of the next date → events …
"""

import math
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from sim import agents
from sim.agents.assistance import count_contacts, deadline_head_start, live_desk, staff_desk, urgent_share
from sim.agents.events import Event, EventKind, Ladder, kinds, ladder, name_of_unhandled
from sim.agents.first_day import begin_world
from sim.engine.clock import EVENT_COUNTS, Count, drop_first, event_ahead, first_event, following_event
from sim.engine.compiling import in_python, is_rule, kernel, rule
from sim.engine.tables import prefetch
from sim.law.days import to_date, to_day
from sim.law.order import LegalOrder
from sim.policy.levers import apply_assignments
from sim.policy.own_rules import take_over
from sim.policy.problem import InputError
from sim.policy.timeline import Minute, Timeline
from sim.world.assemble import last_day
from sim.world.growth import DONE, STRETCH, table_without_room, with_room
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records.desks import by_kind
from sim.world.retention import change_dates, keep_by_law, settle_data_held
from sim.world.stock import stock_days, take_stock
from sim.world.world import World, duplicate, records
from sim.world.world_pointer import attach


def _dispatch() -> Callable[[World, int, int, int], None]:
    """Generates the rule that passes events to the rules for their kinds.

    Raises:
        ValueError: a kind names a rule that no file of `sim.agents` or that more than one has.
    """
    # All files are read, since a mechanism may have kinds of event in a file that no other file imports.
    modules = [import_module(file.name) for file in pkgutil.walk_packages(agents.__path__, f"{agents.__name__}.")]
    rules: dict[EventKind, str] = {}
    for kind in kinds().values():
        name = kind.answered_by
        answers = [vars(one)[name] for one in modules if name in vars(one) and _defines(one, vars(one)[name])]
        if len(answers) != 1:
            raise ValueError(f"{kind.name}: {len(answers)} rules of sim.agents are called {name}, not one")
        globals()[name] = answers[0]  # as an import would: rules of a user's own replace it there
        rules[kind] = name
    given = "world, row, stamp"
    return ladder("dispatch", Ladder.EVENT, rules, globals(), "pass", given, "world, event, row, stamp")


def _defines(module: ModuleType, value: Any) -> bool:
    """True if a module defines this rule itself rather than importing it."""
    return is_rule(value) and in_python(value).__module__ == module.__name__


dispatch = _dispatch()
#: By kind of desk: true where a deadline that its state sets itself applies.
_OWN_DEADLINE = by_kind("own_deadline")


@rule
def prefetch_rows(world: World) -> None:
    """Loads rows that the coming events need into the processor's cache."""
    ahead = event_ahead(world)
    if ahead >= 0:
        prefetch_subject(world, world.event[ahead].kind, world.event[ahead].entity)
    later = following_event(world, 2)
    if later >= 0:
        prefetch_neighbours(world, world.event[later].kind, world.event[later].entity)
    following = following_event(world, 1)
    if following >= 0:
        prefetch_further(world, world.event[following].kind, world.event[following].entity)


@rule
def prefetch_subject(world: World, kind: int, row: int) -> None:
    """Loads the row on which an event acts into the processor's cache."""
    if kind == Event.JOB_SERVED or kind == Event.FILE_IN_LINE:
        prefetch(world.job, row)
    elif kind == Event.STAGE_ELAPSED or kind == Event.REQUEST_GIVEN_UP or kind == Event.REQUEST_ENDED:
        prefetch(world.request, row)
    elif kind == Event.CHAIN_HOP:
        prefetch(world.chain, row)
    elif kind == Event.CASE_REVIEW:
        prefetch(world.case, row)


@rule
def prefetch_neighbours(world: World, kind: int, row: int) -> None:
    """Loads rows to which an event's row refers into the processor's cache."""
    if kind == Event.JOB_SERVED:
        prefetch(world.request, world.job[row].request)
    elif kind == Event.CASE_REVIEW:
        prefetch(world.chain, world.case[row].first_chain)
        prefetch(world.partner, world.case[row].first_partner)
        prefetch(world.recipient, world.case[row].first_recipient)
    elif kind == Event.CHAIN_HOP:
        prefetch(world.case, world.chain[row].case)
        prefetch(world.evidence, world.chain[row].evidence)
    elif kind == Event.STAGE_ELAPSED or kind == Event.REQUEST_ENDED:
        prefetch(world.evidence, world.request[row].evidence)
        prefetch(world.chain, world.request[row].chain)
        prefetch(world.case, world.request[row].case)


@rule
def prefetch_further(world: World, kind: int, row: int) -> None:
    """Loads the rows to which the neighbours of an event's row refer into the processor's cache."""
    if kind == Event.JOB_SERVED and world.job[row].request >= 0:
        request = world.request[world.job[row].request]
        prefetch(world.evidence, request.evidence)
        prefetch(world.case, request.case)
    elif kind == Event.CHAIN_HOP:
        prefetch(world.group, world.case[world.chain[row].case].group)


@kernel
def run_until(arrays: World, until: float) -> int:
    """Handles all events up to a day in compiled code; returns DONE, or the number of a full table."""
    world, left = attach(arrays), 0
    first = first_event(world, until)
    while first >= 0:
        if left == 0:
            table = table_without_room(world, 0)
            if table != DONE:
                return table
            left = STRETCH
        left -= 1
        event = world.event[first]
        kind, row, stamp = event.kind, event.entity, event.stamp
        world.now[0] = event.time
        drop_first(world)
        world.counters[Count.HANDLED] += 1
        world.counters[EVENT_COUNTS + kind] += 1
        prefetch_rows(world)
        dispatch(world, kind, row, stamp)
        if world.counters[Count.UNHANDLED] != 0:
            return DONE
        first = first_event(world, until)
    world.now[0] = max(world.now[0], until)
    return DONE


@kernel
def desks_lived(world: World) -> int:
    """Simulates all desks up to today in compiled code, before a policy changes their inputs."""
    attached = attach(world)
    for row in range(len(attached.desk)):
        live_desk(attached, row)
    return DONE


@kernel
def desks_changed(world: World) -> int:
    """Applies a policy's changes of staff and deadlines to all desks in compiled code."""
    attached = attach(world)
    setting = attached.setting[0]
    for row in range(len(attached.desk)):
        staff_desk(attached, row)
        desk = attached.desk[row]
        allowed = attached.deadline_days[desk.state]
        if _OWN_DEADLINE[desk.kind] and not math.isnan(allowed):
            desk.own_deadline = 1 + attached.deadline_enforceable[desk.state]
            desk.dated = urgent_share(setting, desk)
            desk.dated_days = allowed
            desk.dated_head_start = deadline_head_start(setting, True, allowed)
    return DONE


@kernel
def contacts_counted(world: World) -> int:
    """Updates all contact officers to today in compiled code (see `count_contacts`)."""
    count_contacts(attach(world))
    return DONE


def simulate(world: World, until: float) -> World:
    """Handles all events of a world up to the end of a day; returns the world.

    Returns the world, whose arrays are changed in place; tables that needed room are replaced by larger ones.

    Raises:
        InputError: an event, a stage, a task or an action came that no rule handles.
    """
    world = with_room(world, run_until, until)
    if counted := int(world.counters[Count.UNHANDLED]):
        fix = "Name it in a branch of the ladder that met it, or do not let it come (docs/own_rules.md)."
        raise InputError("no rule handles it", where="the model", key=name_of_unhandled(counted), fix=fix)
    return world


@dataclass
class Simulation:
    """A run: a world, with the law and the policy that apply to it over time."""

    world: World
    law: LegalOrder
    timeline: Timeline  # the policy's dated steps; none for the law as it is
    end: float  # last day of the run, follow-up included
    minutes: tuple[Minute, ...] = field(default=(), init=False)  # what a policymaker has seen and decided so far
    _changes: list[float] = field(init=False, repr=False)
    _retention_changes: set[float] = field(init=False, repr=False)
    _stock_days: set[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._retention_changes = {to_day(when) for when in change_dates(to_date(self.day), to_date(self.end))}
        self._stock_days = set(stock_days(self.world))
        self._changes = self._scheduled()

    def _scheduled(self) -> list[float]:
        """Sorted days, from today on, with a change of law or policy or with a review."""
        amendments = self.timeline.amendments(to_date(self.end))
        legal = self.law.change_dates(to_date(self.day), to_date(self.end), amendments)
        reviews = self.timeline.reviewer.days() if self.timeline.reviewer else ()
        days = {to_day(when) for when in legal} | {day for day in self._retention_changes if day > self.day}
        days |= self._stock_days
        days |= {day for day in (*self.timeline.dates(), *reviews) if day >= self.day}
        return sorted(day for day in days if day <= self.end)

    @property
    def day(self) -> float:
        """Day since the epoch up to which all events have been handled."""
        return float(self.world.now[0])

    def advance(self, until: float) -> None:
        """Simulates up to a day, and applies changes of law and policy on their days."""
        while self._changes and self._changes[0] <= until:
            change = self._changes.pop(0)
            self.world = simulate(self.world, change)
            self._change(change)
        self.world = simulate(self.world, until)

    def _change(self, day: float) -> None:
        """Applies the review, amendments and lever values due on a day."""
        if day in self._stock_days:
            self.world = with_room(self.world, desks_lived)
            take_stock(self.world)
            self.world = with_room(self.world, desks_changed)
        self._review(day)
        when = to_date(day)
        arrays = self.law.arrays(when, self.timeline.amendments(when))
        self.world = self.world._replace(**arrays._asdict())
        assignments = self.timeline.assignments(day)
        if any(assignment.lever == "contacts.stay" for assignment in assignments):
            self.world = with_room(self.world, contacts_counted)
        keeps_otherwise = day in self._retention_changes and keep_by_law(self.world, when)
        if assignments:
            self.world = with_room(self.world, desks_lived)
            apply_assignments(self.world, assignments)
        if keeps_otherwise or assignments:
            settle_data_held(self.world, day)
        if assignments:
            self.world = with_room(self.world, desks_changed)

    def _review(self, day: float) -> None:
        """Lets the policymaker hold a review if one is due on a day."""
        reviewer = self.timeline.reviewer
        if reviewer is None or day not in reviewer.days():
            return
        minute = reviewer.review(day, np.asarray(records(self.world, "request")), self.minutes)
        self.minutes = (*self.minutes, minute)
        self.timeline = self.timeline.extended(minute.steps)
        self._changes = [later for later in self._scheduled() if later > day]

    def fork(self, timeline: Timeline, over: "Simulation | None" = None) -> "Simulation":
        """Starts a run under another policy from the present state; this run remains unchanged.

        It takes the memory of the tables of `over`, a finished run that nobody needs any more.
        """
        return Simulation(duplicate(self.world, over.world if over else None), self.law, timeline, self.end)

    def continued(self, timeline: Timeline) -> "Simulation":
        """Starts a run under another policy that takes over this run's tables without copying them."""
        return Simulation(self.world, self.law, timeline, self.end)


def start(
    spec: WorldSpec,
    parameters: Parameters,
    law: LegalOrder,
    timeline: Timeline,
    seed: int,
    over: Simulation | None = None,
) -> Simulation:
    """Starts a run on its first day; an empty `Timeline()` means present law and no policy.

    National law that is unread is drawn by the seed, unless the legal order is a drawn one already. The run takes the
    memory of the tables of `over`, a run that nobody needs any more.
    """
    law = law.drawn(seed) if law.draw is None else law
    world = begin_world(spec, parameters, law, seed, over.world if over else None)
    return Simulation(world, law, timeline, last_day(spec))


take_over()  # here all rules are known, and none is compiled
