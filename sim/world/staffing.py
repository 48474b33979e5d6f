"""Persons at desks, and the time that desks take, before any policy: judgement, since no authority publishes either.

The load that follows from both is found in `sim/world/loads.py`. A desk has at least one person; what its own files do
not fill, other crime does, so scarcity is carried by that other work and never by a person working slower than a
person. What followed files take of it is seen in the burn-in (`sim/world/stock.py`).
"""

import numpy as np
import numpy.typing as npt

from sim.world.parameters import DeskParameters
from sim.world.records import DeskKind

Float = npt.NDArray[np.float64]
SKILL_BY_TIER = np.array([0.75, 0.6, 0.45, 0.3])  # judgement, M21
COURT_WAIT_BY_TIER = np.array([1.0, 1.2, 1.6, 2.0])  # judgement: courts of poorer states are slower
_STAFF_PER_ROOT_GDP = {  # persons per square root of a billion USD, judgement
    DeskKind.OUTGOING: 0.18,
    DeskKind.INCOMING: 0.35,
    DeskKind.COURT: 0.20,
    DeskKind.FORENSIC: 0.30,
    DeskKind.PROVIDER: 0.15,
}


def staff(kind: DeskKind, gdp_usd: Float) -> Float:
    """Persons at a desk of each state before rounding: a square-root rule in GDP, at least one."""
    result: Float = np.maximum(_STAFF_PER_ROOT_GDP[kind] * np.sqrt(np.maximum(gdp_usd, 0.0) / 1e9), 1.0)
    return result


def target_waits(kind: DeskKind, desk: DeskParameters, tiers: npt.NDArray[np.int8]) -> Float:
    """Mean wait of files that arrive at desks of a kind, days, float64 [desk].

    Args:
        kind: of desk.
        desk: targets.
        tiers: quality of government of the state of each desk, 0 best – 3.
    """
    if kind == DeskKind.INCOMING:
        by_tier = (
            desk.incoming_wait_tier_1,
            desk.incoming_wait_tier_2,
            desk.incoming_wait_tier_3,
            desk.incoming_wait_tier_4,
        )
        return np.array(by_tier)[tiers]
    if kind == DeskKind.COURT:
        return np.asarray(desk.court_wait_days * COURT_WAIT_BY_TIER[tiers])
    days = {
        DeskKind.OUTGOING: desk.outgoing_wait_days,
        DeskKind.FORENSIC: desk.forensic_wait_days,
        DeskKind.PROVIDER: 0.0,
        DeskKind.LIAISON_BODY: desk.liaison_wait_days,
        DeskKind.CONTACT_POINT: desk.contact_point_wait_days,
    }
    return np.full(len(tiers), days[kind])
