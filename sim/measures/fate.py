"""Status of members five years after they were identified by name (mechanism M14).

The cohort is all who were identified in the window at least five years before its end, so that each has had the same
time; where they stand is read off the dates of what happened to them.
"""

from enum import IntEnum

import numpy as np

from sim.law.days import YEAR
from sim.measures.arrays import Columns, Integers, Kinds, Mask, Table, among, share
from sim.measures.observation import Observation
from sim.measures.outcome import Better, as_outcome
from sim.world.records import MemberStatus

FATE_YEARS = 5.0


class Fate(IntEnum):
    """Status of a member, from nothing done to judged."""

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
    """Members identified in the window and at least five years before its end."""
    member, window = observation.tables["member"], observation.window
    known = (member["identified"] >= window.start) & (member["identified"] <= window.end - FATE_YEARS * YEAR)
    return np.asarray(member[known])


def fates(member: Table) -> Integers:
    """Fate of each member five years after identification."""
    by_then = {field: _by_then(member, field) for field in ("ended", "surrendered", "arrested", "indicted")}
    ends = [by_then["ended"] & (member["status"] == status) for status in _ENDS]
    reached = [by_then["surrendered"], by_then["arrested"], by_then["indicted"]]
    dropped = member["status"] == MemberStatus.UNKNOWN
    stages = [*_ENDS.values(), Fate.SURRENDERED, Fate.HELD, Fate.INDICTED, Fate.GIVEN_UP]
    return np.select([*ends, *reached, dropped], stages, Fate.WANTED)


def _by_then(member: Table, field: str) -> Mask:
    """Whether something had happened to each member five years after identification."""
    return np.asarray(member[field] - member["identified"] <= FATE_YEARS * YEAR)


@as_outcome("Identified members neither judged nor in custody after five years", "share", Better.LESS)
def impunity_share(observation: Observation) -> float:
    """Core members identified by name in the policy years, at least five years before its end, who five years later are
    at large, released without trial or no longer looked for, over all of those.
    """
    return share(among(fates(cohort(observation)), FREE))


def by_fate(observation: Observation) -> Columns:
    """The cohort by state of residence and fate, and how many of each had passed the steps on the way."""
    member = cohort(observation)
    kinds = Kinds.of({"residence": member["residence"], "fate": fates(member)})
    passed = {field: kinds.sum(_by_then(member, field)) for field in ("indicted", "arrested", "surrendered")}
    return kinds.codes | {"members": kinds.number.astype(np.float64)} | passed
