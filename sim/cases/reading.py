"""What came of a planted group: when it was taken down, by how many states, with which arrests, and its return.

Of an operation against several groups, only the action against this one counts. Affiliates and customers are arrested
after the day.
"""

import math
from typing import Any

import numpy as np

from sim.cases.other_law import Law
from sim.cases.real_case import RealCase
from sim.law.days import MONTH, YEAR, to_day
from sim.world.records import CaseStatus, SpellCause
from sim.world.world import World, records

#: Years after the action on record within which an action in the model counts.
YEARS_AFTER = 5
RETURN_YEARS = 2.0


def read_result(
    world: World, case: RealCase, group: int, opened: bool, seed: int, law: Law = Law.AS_IT_WAS
) -> dict[str, Any]:
    """Reads the tables of a world that has run to its end.

    Args:
        world: the world.
        case: what is on record.
        group: row of the planted group.
        opened: whether the recorded case was opened; without a recorded day, the model's own first case counts.
        seed: run seed.
        law: law of the run.

    Returns:
        One case in one world, as plain data; NaN where it did not come so far.

        - case, seed, law: its key, the run's seed, and under which law it was run.
        - applies: whether the group was there to be investigated; otherwise the record's condition was not met.
        - acted: whether the group was taken down within five years after the action on record.
        - months: from the opening to that.
        - states: that acted.
        - arrests: core members arrested on the day.
        - client_arrests: affiliates and customers arrested later.
        - returned: whether it was back within two years, 1 or 0.
        - earlier_actions: action days against it before it was taken down.
    """
    since = to_day(case.opened) if case.opened is not None else _first_case(world, group)
    applies = opened if case.opened is not None else not np.isnan(since)
    last = to_day(case.acted) + YEARS_AFTER * YEAR
    actions = np.asarray(records(world, "action"))
    own = (actions["group"] == group) & (actions["day"] <= last) & (actions["day"] >= since)
    down = np.flatnonzero(own & (actions["down"] == 1))
    found: dict[str, Any] = {"case": case.key, "seed": seed, "law": str(law), "applies": bool(applies), "acted": False}
    found |= dict.fromkeys(("months", "states", "arrests", "client_arrests", "returned"), math.nan)
    if not applies or not down.size:
        return found | {"earlier_actions": int(own.sum())}
    first = actions[down[0]]
    day = float(first["day"])
    numbers = {name: float(first[name]) for name in ("states", "arrests", "client_arrests")}
    came = {"acted": True, "months": (day - since) / MONTH, **numbers, "returned": _returned(world, group, day)}
    return found | came | {"earlier_actions": int((own & (actions["day"] < day)).sum())}


def _first_case(world: World, group: int) -> float:
    """Day on which the first case on a group was opened; NaN for none."""
    case = np.asarray(records(world, "case"))
    refused = (case["status"] == CaseStatus.NO_OFFENCE) | (case["status"] == CaseStatus.DROPPED_CAPACITY)
    days = case["opened"][(case["group"] == group) & ~refused]
    return float(days.min()) if days.size else float("nan")


def _returned(world: World, group: int, day: float) -> float:
    """Whether a group that was taken down on a day was back within two years; NaN where the run ends before."""
    if world.now[0] < day + RETURN_YEARS * YEAR:
        return float("nan")
    spell = np.asarray(records(world, "spell"))
    back = (spell["group"] == group) & (spell["cause"] == SpellCause.RETURN) & (spell["day"] > day)
    return float((spell["day"][back] <= day + RETURN_YEARS * YEAR).any())
