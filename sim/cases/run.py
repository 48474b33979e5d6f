"""Simulation of recorded operations: a world of their time, to which groups and cases are added.

A case runs under the law of its day, or under other law from the day on which it is opened. In an operation against
several groups, only the action against this one counts. Affiliates and customers are arrested after the day. A failure
is an exception here: a case is one command, and nothing of it can be kept without the rest.
"""

import math
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np

from sim.agents.crime import establish_group, schedule_report
from sim.agents.events import Purpose
from sim.agents.investigation import case_key, open_case, opening_score, opening_threshold
from sim.cases.real_case import RealCase
from sim.data.load import members
from sim.engine.compiling import Key, kernel, rule
from sim.engine.random import choose, derive, exponential, normal, uniform
from sim.law.amendments import Amendment, BringIntoForce, Join
from sim.law.arrays import LawArrays
from sim.law.days import MONTH, YEAR, to_date, to_day
from sim.law.order import Cache, LegalOrder, legal_order
from sim.policy.expansion import add_months
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation, start
from sim.world.growth import DONE, table_without_room, with_room
from sim.world.parameters import GROUP_KINDS, Parameters, WorldSpec
from sim.world.records import CaseStatus, GroupStatus, Growing, SpellCause
from sim.world.world import World, duplicate, records
from sim.world.world_pointer import attach


class Law(StrEnum):
    """Kinds of law under which a recorded case can be simulated, such as the law of its time."""

    AS_IT_WAS = "as_it_was"
    TODAY = "today"
    SECOND_PROTOCOL = "second_protocol"
    E_EVIDENCE = "e_evidence"
    WITHOUT_EUROPOL = "without_europol"


@dataclass(frozen=True, eq=False)
class LawOfOneDay(LegalOrder):
    """Legal order in which the law of one day applies on every day."""

    kept: date = date.max  # the day whose law it is
    since: date = date.max  # day from which it is kept; channels are then as old as they were on `kept`

    def arrays(self, _on: date, _amendments: tuple[Amendment, ...] = ()) -> LawArrays:
        """Law of the fixed day as arrays, for any requested date."""
        arrays = super().arrays(self.kept, ())
        opened = arrays.opened + np.float32(to_day(self.since) - to_day(self.kept))
        opened.setflags(write=False)
        return arrays._replace(opened=opened)

    def change_dates(self, _start: date, _end: date, _amendments: tuple[Amendment, ...] = ()) -> tuple[date, ...]:
        """Returns an empty tuple, because this law never changes."""
        return ()


@cache
def order_of(law: Law, since: date) -> LegalOrder:
    """Makes the legal order for a kind of law, without a draw of unread law."""
    order = legal_order()
    if law is Law.TODAY:
        parts = {item.name: getattr(order, item.name) for item in fields(LegalOrder)} | {"_drawn": Cache(4)}
        return LawOfOneDay(**parts, kept=date.fromisoformat(WorldSpec().policy_start), since=since)
    if law is Law.WITHOUT_EUROPOL:  # it binds nobody, and J-CAT, which sits there, has no members
        order = order.without("europol")
        nobody = np.zeros_like(order.relations.joined["JCAT"])
        return replace(order, relations=replace(order.relations, joined={**order.relations.joined, "JCAT": nobody}))
    return order


def timeline_of_law(law: Law, since: date) -> Timeline:
    """Makes the timeline of what a kind of law changes from a date on; empty where `order_of` already differs."""
    amendments: tuple[Amendment, ...] = ()
    assignments = (Assignment("europol.staff", 0.0),) if law is Law.WITHOUT_EUROPOL else ()
    if law in (Law.SECOND_PROTOCOL, Law.E_EVIDENCE):  # which are named as their treaties
        states = legal_order().states if law is Law.SECOND_PROTOCOL else tuple(sorted(members("EU", "member")))
        amendments = (Join(states, law.value, since), BringIntoForce(law.value, since))
    # Another legal order takes effect at the next date of a timeline, so that even an empty step has its use.
    return Timeline((Step(since, amendments, assignments),))


#: Years that a world runs before anything is measured, as the default world does.
BURN_IN_YEARS = 5
#: Years after the last action on record until a world ends: time to act, and to see who returns.
YEARS_TO_END = 7
#: Earliest first day of a world: the law of days before 2000 is not in the data.
FIRST_START = date(2001, 1, 1)
_MOST_COPIES = 100
#: Years after the action on record within which an action in the model counts.
YEARS_AFTER = 5
RETURN_YEARS = 2.0


@dataclass(frozen=True)
class CaseTask:
    """Task of one worker: cases to simulate in the world of one seed."""

    cases: tuple[RealCase, ...]  # one, or several that live in the same world
    seed: int  # run seed
    copies: int = 1  # groups that stand for each case, each with draws of its own: two halve the cost of a draw
    # law under which they are run from the first opening on; several share the warm-up, and need a single case
    laws: tuple[Law, ...] = (Law.AS_IT_WAS,)
    spec: WorldSpec = field(default_factory=WorldSpec)  # whose dates are replaced; groups and states stay
    parameters: Parameters = field(default_factory=Parameters)  # of the world


def dates(cases: tuple[RealCase, ...], spec: WorldSpec) -> WorldSpec:
    """Copy of a world's specification with years before the first and after the last case."""
    opened = min(case.opened or case.planted or case.acted for case in cases)
    acted = max(case.acted for case in cases)
    entered = min(case.planted or case.acted for case in cases)
    first = max(min(add_months(opened, -12 * BURN_IN_YEARS), add_months(entered, -12)), FIRST_START)
    return replace(
        spec,
        start=first.isoformat(),
        policy_start=opened.isoformat(),
        end=add_months(acted, 12 * YEARS_TO_END).isoformat(),
        follow_up_days=0,
    )


def run_case(task: CaseTask) -> list[dict[str, Any]]:
    """Simulates the cases of a task; returns one result per kind of law and group, as plain values.

    A group whose first day is before the world's enters on that one. A case that is alone has one warm-up under all
    laws.
    """
    spec = dates(task.cases, task.spec)
    past = start(spec, task.parameters, legal_order(), Timeline(), task.seed)
    plants = [Plant(case, copy) for case in task.cases for copy in range(task.copies)]
    stops, opened = _stops(plants, past.day), task.cases[0].opened
    shared = sum(not opens for _, opens, _ in stops) if len(task.cases) == 1 else 0
    _pass(past, stops[:shared])
    if shared and opened is not None:
        past.advance(to_day(opened))
    since, results = to_date(past.day), list[dict[str, Any]]()
    finished: World | None = None
    for law in task.laws:
        order = order_of(law, since).drawn(task.seed)
        arm = Simulation(duplicate(past.world, finished), order, timeline_of_law(law, since), past.end)
        arm.advance(arm.day)  # other law holds before the case opens
        _pass(arm, stops[shared:])
        arm.advance(arm.end)
        results += [read_result(arm.world, one.case, one.row, one.opened, task.seed, law) for one in plants]
        finished = arm.world
    return results


@dataclass
class Plant:
    """A group that is added to a simulated world to represent the group of a recorded case."""

    case: RealCase  # what is on record
    copy: int  # the same case may have several groups in a world, each with draws of its own
    row: int = -1  # of the group
    opened: bool = False  # whether its case was opened on the recorded day

    def enter(self, run: Simulation) -> None:
        """Adds the group to the world on the present day.

        It is not domestic: operations on record are those of several states. Its draws are keyed by the number of the
        case. It is known to be there when its case opens; without a recorded opening the model opens cases, from the
        first report on.
        """
        lead, days = _NOBODY, 0.0
        if self.case.opened is not None:
            lead, days = run.law.index(self.case.lead), max(to_day(self.case.opened) - run.day, 0.0)
        number, kind = _MOST_COPIES * self.case.number + self.copy, GROUP_KINDS.index(self.case.kind)
        run.world = with_room(run.world, group_planted, number, kind, lead, days)
        self.row = int(run.world.used[Growing.GROUP]) - 1

    def open(self, run: Simulation) -> None:
        """Opens the case on the group on the present day, if the group is still active."""
        self.opened = bool(run.world.group["status"][self.row] == GroupStatus.ACTIVE)
        if self.opened:
            run.world = with_room(run.world, case_opened, self.row, run.law.index(self.case.lead))


def _stops(plants: list[Plant], first: float) -> list[tuple[float, bool, Plant]]:
    """Sorted days on which a group is added (False) or a case is opened (True)."""
    stops = [(max(to_day(one.case.planted or one.case.acted), first), False, one) for one in plants]
    stops += [(to_day(one.case.opened), True, one) for one in plants if one.case.opened is not None]
    return sorted(stops, key=lambda stop: (stop[0], stop[1], stop[2].case.key, stop[2].copy))


def _pass(run: Simulation, stops: list[tuple[float, bool, Plant]]) -> None:
    """Simulates a world from stop to stop; at each stop, adds a group or opens its case."""
    for day, opens, one in stops:
        run.advance(day)
        (one.open if opens else one.enter)(run)


def read_result(
    world: World, case: RealCase, group: int, opened: bool, seed: int, law: Law = Law.AS_IT_WAS
) -> dict[str, Any]:
    """Result of one simulated case as plain values by name; NaN for events that did not occur.

    It applies where the group was there to be investigated, and was acted against where it was taken down within five
    years after the action on record. Without a recorded opening the model's own first case counts.
    """
    since = to_day(case.opened) if case.opened is not None else _first_case(world, group)
    applies = opened if case.opened is not None else not np.isnan(since)
    last = to_day(case.acted) + YEARS_AFTER * YEAR
    actions = np.asarray(records(world, "action"))
    down = (actions["group"] == group) & (actions["day"] <= last) & (actions["day"] >= since) & (actions["down"] == 1)
    result: dict[str, Any] = {"case": case.key, "seed": seed, "law": str(law), "applies": bool(applies), "acted": False}
    result |= dict.fromkeys(("months", "states", "arrests", "client_arrests", "returned"), math.nan)
    if not (applies and down.any()):
        return result
    first = actions[down][0]
    day = float(first["day"])
    numbers = {name: float(first[name]) for name in ("states", "arrests", "client_arrests")}
    return result | numbers | {"acted": True, "months": (day - since) / MONTH, "returned": _returned(world, group, day)}


def _first_case(world: World, group: int) -> float:
    """Day on which the first case on a group was opened in a world; NaN if none was."""
    case = np.asarray(records(world, "case"))
    refused = np.isin(case["status"], (CaseStatus.NO_OFFENCE, CaseStatus.DROPPED_CAPACITY, CaseStatus.TOO_SMALL))
    days = case["opened"][(case["group"] == group) & ~refused]
    return float(days.min()) if days.size else float("nan")


def _returned(world: World, group: int, day: float) -> float:
    """1 if a group returned within two years of its takedown on `day`, 0 if not, NaN if unknown."""
    if world.now[0] < day + RETURN_YEARS * YEAR:
        return float("nan")
    spell = np.asarray(records(world, "spell"))
    back = (spell["group"] == group) & (spell["cause"] == SpellCause.RETURN) & (spell["day"] > day)
    return float((spell["day"][back] <= day + RETURN_YEARS * YEAR).any())


_PLANTED = 0x504C4E54
_ATTEMPTS = 10_000  # one in some thousand would be a rare group; a world where none is found keeps the last
_NOBODY = -1


@rule
def is_worth_a_case(world: World, key: Key, lead: int) -> bool:
    """True if the lead unit would open a case after a first report on a group with this key.

    The size is drawn as `establish_group` draws it.
    """
    setting, sigma, unit = world.setting[0], world.setting[0].scale_sigma, world.state[lead]
    size = math.exp(sigma * normal(setting.seed, Purpose.GROUP_SCALE, key, 0) - 0.5 * sigma * sigma)
    score = opening_score(setting, case_key(key, lead, 0), size)
    return score >= opening_threshold(setting, unit.open_cases, unit.slots)


@rule
def planted_key(world: World, number: int, lead: int, days: float) -> Key:
    """Key of a random group that lives long enough and on which the lead unit opens a case."""
    setting, key = world.setting[0], derive(_PLANTED, number)
    for attempt in range(_ATTEMPTS):
        drawn = derive(key, attempt)
        lasts = exponential(setting.seed, Purpose.GROUP_LINEAGE, drawn, 0, setting.lineage_months * MONTH) > days
        if lasts and (lead == _NOBODY or is_worth_a_case(world, drawn, lead)):
            return drawn
    return derive(key, _ATTEMPTS)


@kernel
def group_planted(world: World, number: int, kind: int, lead: int, days: float) -> int:
    """Adds a recorded case's group in compiled code; returns DONE, or the number of a full table."""
    attached = attach(world)
    table = table_without_room(attached, 0)
    if table != DONE:
        return table
    key = planted_key(attached, number, lead, days)
    home = choose(attached.place_home[kind], uniform(attached.setting[0].seed, Purpose.GROUP_HOME, key, 0))
    row = establish_group(attached, key, kind, home, False)
    if lead == _NOBODY:
        schedule_report(attached, row)
    return DONE


@kernel
def case_opened(world: World, group_row: int, lead: int) -> int:
    """Opens a recorded case in compiled code; returns DONE, or the number of a full table."""
    attached = attach(world)
    table = table_without_room(attached, 0)
    if table != DONE:
        return table
    group = attached.group[group_row]
    number = group.reports
    group.reports += 1
    open_case(attached, group_row, lead, number, case_key(group.key, lead, number))
    schedule_report(attached, group_row)
    return DONE
