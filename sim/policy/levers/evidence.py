"""Levers on how long data are kept and stay preserved (M10, M5)."""

from dataclasses import dataclass

import numpy as np

from sim.data.costs import Payer
from sim.data.geography import CrimeGeography
from sim.law.days import YEAR
from sim.policy.lever import Limits, OwnStage, Quantity, Target, WorldLever
from sim.policy.levers.shared import Setting, free
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment

#: Days for which logs are kept where no law says, mean over custodians (sim/world/parameters).
_USUAL_RETENTION_DAYS = 90.0


@dataclass(frozen=True)
class Storage:
    """Storage of what would have been deleted, by users and year of keeping; both levers of retention pay for one."""

    multiplies: bool

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges for what is kept longer than so far."""
        days = (
            (assignment.value - 1.0) * _USUAL_RETENTION_DAYS
            if self.multiplies
            else max(assignment.value - _USUAL_RETENTION_DAYS, 0.0)
        )
        more = ledger.new("evidence.retention", np.array(days / YEAR), np.array(0.0))
        users = CrimeGeography.load().internet_users
        ledger.commit(day, Payer.PROVIDER, a_year=more * users * ledger.cost("retention"))


LEVERS = (
    WorldLever(
        "evidence.retention_scale",
        "How long custodians keep data",
        Quantity.RATIO,
        Target.WORLD,
        acts_on="setting.retention_scale",
        writes=Setting("retention_scale"),
        stage=OwnStage("evidence_lost_retention_share", rises=False),
        cost="storage; privacy of all users, counted as retention burden",
        charges=Storage(multiplies=True),
        source="M10",
    ),
    WorldLever(
        "evidence.retention_floor",
        "Least time for which custodians must keep data",
        Quantity.DAYS,
        Target.WORLD,
        limits=Limits(0, 3650, neutral=0),
        acts_on="setting.retention_floor_days",
        writes=Setting("retention_floor_days"),
        stage=OwnStage("evidence_lost_retention_share", rises=False),
        cost="storage; privacy of all users, counted as retention burden",
        charges=Storage(multiplies=False),
        source="M10; BKA 2022",
    ),
    WorldLever(
        "preservation.duration_scale",
        "How long preserved data stay frozen",
        Quantity.RATIO,
        Target.WORLD,
        acts_on="setting.preservation_days_scale",
        writes=Setting("preservation_days_scale"),
        stage=OwnStage("frozen_days_per_year", rises=True),
        cost="borne by the custodians",
        charges=free,
        source="Budapest Convention arts 16 and 29 (M5)",
    ),
)
