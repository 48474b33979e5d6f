"""Takedown histories of groups, computed from the groups' activity periods (M17).

A takedown is an enforcement action after which a group stays at a tenth of its capability or less for 180
days.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.law.days import YEAR
from sim.measures.arrays import Floats, Integers, Mask, Table
from sim.measures.renamed import Renamed
from sim.world.parameters import TAKEDOWN_DAYS
from sim.world.records import SpellCause

#: At or below this capability a group is down.
DOWN = 0.10
#: Causes of a group's leaving the risk set; 0 is lost from sight.
TAKEN_DOWN, LEFT_BY_ITSELF = 1, 2


@dataclass(frozen=True)
class Window:
    """The period in which outcomes are measured, in days since 2022-01-01."""

    start: float  # policies start; nothing before it is counted
    end: float  # last day of the measured span
    observed_until: float  # last day simulated, end plus follow-up
    part_of: "Window | None" = None  # the measured period of which this is a year or a month; None for the whole

    def __post_init__(self) -> None:
        if not self.start < self.end <= self.observed_until:
            raise ValueError(f"a window must run start < end <= observed_until, not {self}")

    @property
    def whole(self) -> "Window":
        """The whole measured period, of which this window may be one year or month."""
        return self.part_of or self

    @property
    def years(self) -> float:
        """Length of the measured period, in years."""
        return (self.end - self.start) / YEAR

    def holds(self, day: Floats) -> Mask:
        """True for each day in the measured period; the last day does not count."""
        return np.asarray((day >= self.start) & (day < self.end))


@dataclass(frozen=True)
class Histories:
    """Arrays on the measured period: groups at risk, takedowns, and actions that brought a group down."""

    years_at_risk: float  # group-years with capability above a tenth
    takedown_day: Floats  # [k] day of each takedown
    takedown_case: Integers  # [k] row of the case that led it
    takedown_group: Integers  # [k] row of the group
    brought_down: Integers  # [b] place, among periods in order, of each action that brought a group down, for any time
    brought_down_day: Floats  # [b] day of it
    brought_down_by: Integers  # [b] ActionType of it
    down_days: Floats  # [b] days until the group was back, or until the last day seen
    back: Mask  # [b] whether it was seen to come back
    lasted: Mask  # [b] whether it stayed down for 180 days: the action was a takedown
    watched_from: Floats  # [g] age in days at which each group came under observation
    watched_until: Floats  # [g] age in days at its first takedown, its exit, or when it was lost from sight
    cause: Integers  # [g] TAKEN_DOWN, LEFT_BY_ITSELF or 0

    blow = Renamed("brought_down")
    blow_day = Renamed("brought_down_day")
    blow_action = Renamed("brought_down_by")


def histories(spell: Table, entered: Floats, window: Window) -> Histories:
    """Finds the takedowns of all groups, after which a group stays down for 180 days.

    Periods are in order of group, and of day within each group. An action in the last 180 days seen cannot be
    classified, so the measured span ends before them.
    """
    periods = _Periods.of(spell, window.observed_until)
    end = min(window.end, window.observed_until - TAKEDOWN_DAYS)
    brought_down = periods.brought_down & (periods.day >= window.start) & (periods.day <= end)
    takedown = brought_down & (periods.back_day - periods.day >= TAKEDOWN_DAYS)
    down_until = np.minimum(periods.back_day, window.observed_until)
    overlap = np.minimum(periods.until, end) - np.maximum(periods.day, window.start)
    from_day, until_day, cause = _first_events(periods, takedown, window.start, end, entered.size)
    present = from_day < until_day
    return Histories(
        years_at_risk=float(np.maximum(overlap, 0.0)[periods.active].sum() / YEAR),
        takedown_day=periods.day[takedown],
        takedown_case=periods.case[takedown],
        takedown_group=periods.group[takedown],
        brought_down=np.flatnonzero(brought_down),
        brought_down_day=periods.day[brought_down],
        brought_down_by=periods.action[brought_down],
        down_days=(down_until - periods.day)[brought_down],
        back=(periods.back_day <= window.observed_until)[brought_down],
        lasted=takedown[brought_down],
        watched_from=(from_day - entered)[present],
        watched_until=(until_day - entered)[present],
        cause=cause[present],
    )


def in_order(spell: Table) -> Table:
    """Activity periods sorted by group; the order within each group is kept."""
    return spell[np.argsort(spell["group"], kind="stable")]


class Stretches(NamedTuple):
    """Arrays of periods in which a group's capability is constant, cut to the measured period."""

    group: Integers  # row of the group
    from_day: Floats  # since the window's start
    until: Floats  # likewise
    capability: Floats  # share of full capability
    scale: Floats  # harm relative to the type's rate, with the users that the group then has

    @classmethod
    def of(cls, spell: Table, window: Window) -> "Stretches":
        """Makes periods of constant capability from activity periods sorted by group."""
        same = spell["group"][1:] == spell["group"][:-1]
        until = np.append(np.where(same, spell["day"][1:], window.end), window.end)[: spell.size]
        from_day, until = (np.clip(day, window.start, window.end) - window.start for day in (spell["day"], until))
        capability = np.where(spell["cause"] == SpellCause.SELF_EXIT, 0.0, spell["capability"])
        inside = (until > from_day) & (capability > 0.0)
        return cls(spell["group"][inside], from_day[inside], until[inside], capability[inside], spell["scale"][inside])


@dataclass(frozen=True)
class _Periods:
    """Activity periods sorted by group, with the end of each and the group's next active day."""

    group: Integers
    day: Floats
    until: Floats
    back_day: Floats
    action: Integers
    case: Integers
    active: Mask
    brought_down: Mask
    exit: Mask

    @classmethod
    def of(cls, spell: Table, last_day: float) -> "_Periods":
        """Makes periods from sorted activity periods, with ends and groups' next active days."""
        group, day, cause = (np.ascontiguousarray(spell[name]) for name in ("group", "day", "cause"))
        size = group.size
        leaves = cause == SpellCause.SELF_EXIT
        active = (spell["capability"] > DOWN) & ~leaves
        same = group[1:] == group[:-1]
        until = np.append(np.where(same, day[1:], last_day), last_day)[:size]
        was_active = np.append(False, active[:-1] & same)[:size]
        enforced = (cause == SpellCause.PARTIAL_ACTION) | (cause == SpellCause.TAKEDOWN)
        following = np.minimum.accumulate(np.where(active, np.arange(size), size)[::-1])[::-1]
        known = np.minimum(following, size - 1)
        returns = (following < size) & (group[known] == group)
        back_day = np.where(returns, day[known], np.inf)
        brought_down = enforced & was_active & ~active
        action, case = (np.ascontiguousarray(spell[name]) for name in ("action_type", "case"))
        return cls(group, day, until, back_day, action, case, active, brought_down, leaves)


def _first_events(
    periods: _Periods, takedown: Mask, start: float, end: float, groups: int
) -> tuple[Floats, Floats, Integers]:
    """Returns for each group the first day at risk, the day of its first event, and the event's cause."""
    at_risk = periods.active & (periods.until > start)
    first_day = _earliest(periods.group[at_risk], np.maximum(periods.day[at_risk], start), groups)
    taken = _earliest(periods.group[takedown], periods.day[takedown], groups)
    gone = periods.exit & (periods.day >= start)
    left = _earliest(periods.group[gone], periods.day[gone], groups)
    until = np.minimum(np.minimum(taken, left), end)
    cause = np.where(taken <= np.minimum(left, end), TAKEN_DOWN, np.where(left <= end, LEFT_BY_ITSELF, 0))
    return first_day, until, cause


def _earliest(group: Integers, day: Floats, groups: int) -> Floats:
    """Earliest day of each group, inf for a group without days; days must be sorted within each group."""
    earliest = np.full(groups, np.inf)
    earliest[group[::-1]] = day[::-1]  # of days of one group the one put down last stays
    return earliest
