"""Levers on data that are kept and preserved, and on contacts: officers, police, 24/7 points (M5, M8, M10, M19)."""

from dataclasses import dataclass

import numpy as np

from sim.data.costs import Payer, wage_level
from sim.data.geography import CrimeGeography
from sim.data.providers import single_points
from sim.law.days import YEAR
from sim.policy.levers.shared import Setting, ShareOfWhole, free, world_lever
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment, Mask
from sim.world.world import World

_WORKING_DAYS = 220.0
#: Days for which logs are kept where no law says, mean over custodians (sim/world/parameters).
_USUAL_RETENTION_DAYS = 90.0


@dataclass(frozen=True)
class Storage:
    """Storage of what would have been deleted, by users and year of keeping; both levers of retention pay for one."""

    multiplies: bool

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges for what is kept longer than so far."""
        value, usual = assignment.value, _USUAL_RETENTION_DAYS
        days = (value - 1.0) * usual if self.multiplies else max(value - usual, 0.0)
        more = ledger.new("evidence.retention", np.array(days / YEAR), np.array(0.0))
        users = CrimeGeography.load().internet_users
        ledger.commit(day, Payer.PROVIDER, a_year=more * users * ledger.cost("retention"))


def _selected_bonds(assignment: Assignment) -> Mask:
    """The ordered pairs of an assignment as a mask over bonds; no state has one with itself."""
    chosen = assignment.pair_mask
    return (chosen & ~np.eye(len(chosen), dtype=np.bool_)).ravel()


def _joint_days(world: World, assignment: Assignment) -> None:
    """Officers of the first state of each pair work in the second."""
    states = len(world.state)
    world.bond["joint_days"][_selected_bonds(assignment)] = assignment.value
    sending = (world.bond["joint_days"].reshape(states, states) > 0.0).any(axis=1)
    world.state["in_exchange"] = sending.astype(np.int64)


def _joint_days_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Officers abroad, by the days of a working year; each state pays for those that it sends to states inside."""
    states = len(ledger.baseline.inside)
    none = np.zeros(states**2)
    last = ledger.reached.get(assignment.lever, none)
    more = ledger.new(assignment.lever, np.where(_selected_bonds(assignment), assignment.value, last), none)
    days = (more.reshape(states, states) * ledger.baseline.inside).sum(axis=1)
    ledger.commit(day, Payer.LIAISON, a_year=days / _WORKING_DAYS * ledger.cost("liaison_post") * wage_level())


def _stay(world: World, assignment: Assignment) -> None:
    """Holds for officers appointed from now on; who was due to be appointed before has been (sim.simulate)."""
    world.bond["contact_stay"][_selected_bonds(assignment)] = assignment.value


def _single_point(world: World, assignment: Assignment) -> None:
    """Requests of the selected states to providers pass through one office; none is closed."""
    world.state["single_point"][assignment.state_mask] |= int(assignment.value)


def _single_point_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Two persons in each state that had no such office."""
    had = 2.0 * single_points().astype(np.float64)
    more = ledger.new_in_states(assignment, 2.0 * assignment.value, had, falls=False)
    ledger.commit(day, Payer.INVESTIGATOR, a_year=more * ledger.cost("staff_investigator") * wage_level())


LEVERS = (
    world_lever("evidence.retention_scale", Setting("retention_scale"), Storage(multiplies=True)),
    world_lever("evidence.retention_floor", Setting("retention_floor_days"), Storage(multiplies=False)),
    world_lever("preservation.duration_scale", Setting("preservation_days_scale"), free),
    world_lever("contacts.single_point", _single_point, _single_point_cost),
    world_lever("contacts.joint_days", _joint_days, _joint_days_cost),
    world_lever("contacts.stay", _stay, free),
    world_lever("police.first", Setting("police_first_least"), free),
    world_lever("police.before_formal", Setting("police_before_formal"), free),
    world_lever(
        "preservation.use",
        Setting("preservation_use_least"),
        ShareOfWhole(Payer.CENTRAL_AUTHORITY, "contact_point", yearly=True),
    ),
    world_lever("preservation.delay_scale", Setting("preservation_delay_scale"), free),
    world_lever("preservation.missed_scale", Setting("preservation_missed_scale"), free),
)
