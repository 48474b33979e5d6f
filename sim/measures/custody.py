"""Custody and assets: identified, indicted, arrested, surrendered, convicted; assets (mechanism M14).

An indictment is not a conviction, and neither is an arrest.
"""

from collections.abc import Sequence

import numpy as np

from sim.measures.arrays import CODE, ROW, Columns, among, ratio, share
from sim.measures.harm import loss
from sim.measures.observation import Observation, gather, once
from sim.measures.outcome import Better, ShownIn, as_outcome
from sim.world.records import FrozenBy, MemberStatus

_OF_FREEZES = {
    "group": ROW,
    "by": CODE,
    "day": np.float64,
    "frozen": np.float64,
    "decided": np.float64,
    "confiscated": np.float64,
}


@once
def _freezes(observation: Observation) -> Columns:
    """All freezes of assets."""
    return gather(observation.tables["freeze"], _OF_FREEZES)


def _proceeds(observation: Observation, column: str, day: str, by: Sequence[FrozenBy] = tuple(FrozenBy)) -> float:
    """Value of what was frozen in some ways, by a column of `freeze` dated in the window; billion USD of 2024."""
    freeze = _freezes(observation)
    rows = np.flatnonzero(observation.window.holds(freeze[day]) & among(freeze["by"], by))
    rates = observation.harm_rates[observation.tables["group"]["kind"]]
    return float((rates[freeze["group"][rows]] * freeze[column][rows]).sum() / 1e9)


@as_outcome("Members arrested", "per year", Better.MORE)
def arrests_per_year(observation: Observation) -> float:
    """Core members arrested in the policy years, at reviews, on action days or when they travelled, per year."""
    return observation.per_year(observation.window.holds(observation.tables["member"]["arrested"]))


@as_outcome("Members convicted", "per year", Better.MORE, shows=ShownIn.LEAGUE)
def convictions_per_year(observation: Observation) -> float:
    """Core members convicted in the policy years, per year; trials take years, so late arrests are not in it."""
    return observation.per_year(observation.during("member", "ended")["status"] == MemberStatus.CONVICTED)


@as_outcome("Members arrested before or without an action day", "share", Better.NEITHER, shows=ShownIn.CHECKS)
def early_arrest_share(observation: Observation) -> float:
    """Core members arrested before any action day or disruption against their group, or of a group that saw none, over
    all arrested in the policy years.
    """
    group, action = observation.tables["group"], observation.tables["action"]
    first = np.full(len(group) + 1, np.inf)  # the last stands for no group
    np.minimum.at(first, action["group"], action["day"])
    arrested = observation.during("member", "arrested")
    return share(arrested["arrested"] < first[arrested["group"]], np.ones(len(arrested), np.bool_))


@as_outcome("Proceeds frozen", "share", Better.MORE)
def frozen_share(observation: Observation) -> float:
    """Proceeds frozen in the policy years, on victims' reports, in cases and on action days, over all that groups
    earned in them. Proceeds are taken to be as losses are.
    """
    return ratio(_proceeds(observation, "frozen", "day"), loss(observation, 0.0))


@as_outcome("Frozen proceeds that are frozen apart from action days", "share", Better.NEITHER, shows=ShownIn.CHECKS)
def frozen_apart_share(observation: Observation) -> float:
    """Proceeds frozen on victims' reports and in the course of cases, over all frozen in the policy years."""
    apart = _proceeds(observation, "frozen", "day", (FrozenBy.REPORT, FrozenBy.CASE))
    return ratio(apart, _proceeds(observation, "frozen", "day"))


@as_outcome("Proceeds confiscated", "share", Better.MORE)
def confiscated_share(observation: Observation) -> float:
    """Frozen proceeds that courts confiscated or gave back to victims in the policy years, whenever they were frozen,
    over all that groups earned in these years.
    """
    return ratio(_proceeds(observation, "confiscated", "decided"), loss(observation, 0.0))
