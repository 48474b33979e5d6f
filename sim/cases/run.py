"""Runs cases on record: a world that begins years before, the group, its case, and what came of it.

A failure is an exception here: a case is one command, and nothing of it can be kept without the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from sim.cases.other_law import Law, order_of, timeline_of_law
from sim.cases.planting import open_recorded_case, plant
from sim.cases.reading import CaseResult, read_result
from sim.cases.real_case import RealCase
from sim.law.days import to_date, to_day
from sim.law.order import legal_order
from sim.policy.timeline import Timeline
from sim.simulate import Simulation, start
from sim.world.parameters import GROUP_KINDS, Parameters, WorldSpec
from sim.world.world import World, duplicate

#: Years that a world runs before anything is measured, as the default world does.
BURN_IN_YEARS = 5
#: Years after the last action on record until a world ends: time to act, and to see who returns.
YEARS_TO_END = 7
#: Earliest first day of a world: the law of days before 2000 is not in the data.
FIRST_START = date(2001, 1, 1)
_MOST_COPIES = 100


@dataclass(frozen=True)
class CaseTask:
    """Cases in the world of one seed.

    Attributes:
        cases: one, or several that live in the same world.
        seed: run seed.
        copies: groups that stand for each case, each with draws of its own: two halve the cost of a draw.
        laws: law under which they are run from the first opening on; several share the past, and need a single case.
        spec: whose dates are replaced; groups and states stay.
    """

    cases: tuple[RealCase, ...]
    seed: int
    copies: int = 1
    laws: tuple[Law, ...] = (Law.AS_IT_WAS,)
    spec: WorldSpec = field(default_factory=WorldSpec)


def years_later(day: date, years: int) -> date:
    """The same day in another year; 28 February for a leap day."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def dates(cases: tuple[RealCase, ...], spec: WorldSpec) -> WorldSpec:
    """The specification of the world in which cases are run: from years before the first opening to years after all."""
    opened = min(case.opened or case.planted or case.acted for case in cases)
    acted = max(case.acted for case in cases)
    first = max(min(years_later(opened, -BURN_IN_YEARS), _entered(cases)), FIRST_START)
    return replace(
        spec,
        start=first.isoformat(),
        policy_start=opened.isoformat(),
        end=years_later(acted, YEARS_TO_END).isoformat(),
        follow_up_days=0,
    )


def _entered(cases: tuple[RealCase, ...]) -> date:
    """A year before the first group enters."""
    return years_later(min(case.planted or case.acted for case in cases), -1)


def run_case(task: CaseTask) -> tuple[CaseResult, ...]:
    """Runs the cases of a task; a group whose first day is before the world's enters on that one.

    Raises:
        ValueError: several cases and several kinds of law.
    """
    if len(task.cases) > 1 and len(task.laws) > 1:
        raise ValueError("other law is for one case at a time")
    spec = dates(task.cases, task.spec)
    past = start(spec, Parameters(), legal_order(), Timeline(), task.seed)
    plants = [Plant(case, copy) for case in task.cases for copy in range(task.copies)]
    if len(task.cases) == 1:
        return tuple(_under_each_law(past, task, plants))
    for day, opens, one in _stops(plants, past.day):
        past.advance(day)
        (one.open if opens else one.enter)(past)
    past.advance(past.end)
    return tuple(one.read(past.world, task.seed, Law.AS_IT_WAS) for one in plants)


@dataclass
class Plant:
    """A group that stands for one on record, in one world.

    Attributes:
        case: what is on record.
        copy: the same case may have several groups in a world, each with draws of its own.
        row: of the group.
        opened: whether its case was opened on the recorded day.
    """

    case: RealCase
    copy: int
    row: int = -1
    opened: bool = False

    def enter(self, run: Simulation) -> None:
        """The group enters today."""
        opens = self.case.opened
        lead = run.law.index(self.case.lead) if opens else None
        days = max(to_day(opens) - run.day, 0.0) if opens else 0.0
        number = _MOST_COPIES * self.case.number + self.copy
        run.world, self.row = plant(run.world, number, GROUP_KINDS.index(self.case.kind), lead, days)

    def open(self, run: Simulation) -> None:
        """The lead opens its case today, if the group is there."""
        run.world, self.opened = open_recorded_case(run.world, self.row, run.law.index(self.case.lead))

    def read(self, world: World, seed: int, law: Law) -> CaseResult:
        """What came of it."""
        return read_result(world, self.case, self.row, self.opened, seed, law)


def _stops(plants: list[Plant], first: float) -> list[tuple[float, bool, Plant]]:
    """Days on which groups enter (False) and cases open (True), in order."""
    stops = [(max(to_day(one.case.planted or one.case.acted), first), False, one) for one in plants]
    stops += [(to_day(one.case.opened), True, one) for one in plants if one.case.opened is not None]
    return sorted(stops, key=lambda stop: (stop[0], stop[1], stop[2].case.key, stop[2].copy))


def _under_each_law(past: Simulation, task: CaseTask, plants: list[Plant]) -> Iterator[CaseResult]:
    """One case under several kinds of law, forked from the same past on the day on which it opens."""
    (case,) = task.cases
    past.advance(max(to_day(case.planted or case.acted), past.day))
    for one in plants:
        one.enter(past)
    if case.opened is not None:
        past.advance(to_day(case.opened))
    since, finished = to_date(past.day), None
    for law in task.laws:
        order = order_of(law, since).drawn(task.seed)
        arm = Simulation(duplicate(past.world, finished), order, timeline_of_law(law, since), past.end)
        arm.advance(arm.day)  # other law holds before the case opens
        for one in plants if case.opened is not None else ():
            one.open(arm)
        arm.advance(arm.end)
        yield from (one.read(arm.world, task.seed, law) for one in plants)
        finished = arm.world
