"""Measures of arrests and assets (M14): group members from suspicion to conviction, and frozen money.

An indictment is not a conviction, and neither is an arrest. Fates are those of a cohort: all who were identified in the
window at least five years before its end, so that each has had the same time; where they stand is read off the dates of
what happened to them.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from sim.law.days import YEAR
from sim.measures.arrays import CODE, ROW, Columns, Integers, Kinds, Mask, Table, among, ratio, share
from sim.measures.columns import gather
from sim.measures.harm import loss
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.world.records import FrozenBy, MemberStatus

_OF_FREEZES = {"group": ROW, "by": CODE} | dict.fromkeys(("day", "frozen", "decided", "confiscated"), np.float64)


@once
def _freezes(observation: Observation) -> Columns:
    """Columns of all freezes of groups' money."""
    return gather(observation.tables["freeze"], _OF_FREEZES)


def _proceeds(observation: Observation, column: str, day: str, by: Sequence[FrozenBy] = tuple(FrozenBy)) -> float:
    """Sum of a `column` of freezes whose `day` is in the measured period, in billion USD of 2024."""
    freeze = _freezes(observation)
    rows = np.flatnonzero(observation.window.holds(freeze[day]) & among(freeze["by"], by))
    rates = observation.harm_rates[observation.tables["group"]["kind"]]
    return float((rates[freeze["group"][rows]] * freeze[column][rows]).sum() / 1e9)


def _early_arrest_share(observation: Observation) -> float:
    """Share of arrests made before any action against the group."""
    group, action = observation.tables["group"], observation.tables["action"]
    first = np.full(len(group) + 1, np.inf)  # the last stands for no group
    np.minimum.at(first, action["group"], action["day"])
    arrested = observation.during("member", "arrested")
    return share(arrested["arrested"] < first[arrested["group"]], np.ones(len(arrested), np.bool_))


def _frozen_apart_share(observation: Observation) -> float:
    """Share of frozen money that was frozen outside action days."""
    apart = _proceeds(observation, "frozen", "day", (FrozenBy.REPORT, FrozenBy.CASE))
    return ratio(apart, _proceeds(observation, "frozen", "day"))


FATE_YEARS = 5.0


class Fate(IntEnum):
    """Stages of proceedings that a group member can reach, such as wanted, charged, in custody and judged."""

    GIVEN_UP = 0  # the case was dropped and nobody looks for the person any more
    WANTED = 1  # identified, not charged in public
    INDICTED = 2  # charged in public and at large
    RELEASED = 3  # arrested, but surrender was refused and nobody prosecuted instead
    HELD = 4  # in custody where arrested; surrender or trial to come
    SURRENDERED = 5  # in custody, handed over; trial to come
    ACQUITTED = 6
    CONVICTED = 7


#: Neither judged nor in custody.
FREE = (Fate.GIVEN_UP, Fate.WANTED, Fate.INDICTED, Fate.RELEASED)
_ENDS = {
    MemberStatus.RELEASED: Fate.RELEASED,
    MemberStatus.ACQUITTED: Fate.ACQUITTED,
    MemberStatus.CONVICTED: Fate.CONVICTED,
}


def cohort(observation: Observation) -> Table:
    """Group members identified in the measured period at least five years before its end."""
    member, window = observation.tables["member"], observation.window
    known = (member["identified"] >= window.start) & (member["identified"] <= window.end - FATE_YEARS * YEAR)
    return np.asarray(member[known])


def fates(member: Table) -> Integers:
    """Stage of proceedings (Fate) of each group member five years after identification."""
    by_then = {field: _by_then(member, field) for field in ("ended", "surrendered", "arrested", "indicted")}
    ends = [by_then["ended"] & (member["status"] == status) for status in _ENDS]
    reached = [by_then["surrendered"], by_then["arrested"], by_then["indicted"]]
    dropped = member["status"] == MemberStatus.UNKNOWN
    stages = [*_ENDS.values(), Fate.SURRENDERED, Fate.HELD, Fate.INDICTED, Fate.GIVEN_UP]
    return np.select([*ends, *reached, dropped], stages, Fate.WANTED)


def _by_then(member: Table, field: str) -> Mask:
    """True for each group member whose date in a field is at most five years after identification."""
    return np.asarray(member[field] - member["identified"] <= FATE_YEARS * YEAR)


def by_fate(observation: Observation) -> Columns:
    """Table with the number of group members by state of residence and by stage of proceedings reached."""
    member = cohort(observation)
    kinds = Kinds.of({"residence": member["residence"], "fate": fates(member)})
    passed = {field: kinds.sum(_by_then(member, field)) for field in ("indicted", "arrested", "surrendered")}
    return kinds.codes | {"members": kinds.number.astype(np.float64)} | passed


MEASURES: Measures = {
    "arrests_per_year": lambda seen: seen.per_year(seen.window.holds(seen.tables["member"]["arrested"])),
    "convictions_per_year": lambda seen: seen.per_year(
        seen.during("member", "ended")["status"] == MemberStatus.CONVICTED
    ),
    "early_arrest_share": _early_arrest_share,
    "frozen_share": lambda seen: ratio(_proceeds(seen, "frozen", "day"), loss(seen, 0.0)),
    "frozen_apart_share": _frozen_apart_share,
    "confiscated_share": lambda seen: ratio(_proceeds(seen, "confiscated", "decided"), loss(seen, 0.0)),
    "impunity_share": lambda seen: share(among(fates(cohort(seen)), FREE)),
}
