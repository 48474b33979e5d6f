"""Levers on data that are kept and preserved, and on contacts: officers, police, 24/7 points (M5, M8, M10, M19)."""

from dataclasses import dataclass

import numpy as np

from sim.data.costs import Payer, wage_level
from sim.data.geography import CrimeGeography
from sim.data.providers import single_points
from sim.law.days import YEAR
from sim.policy.lever import YES_OR_NO, Limits, OwnStage, Quantity, Target, WorldLever
from sim.policy.levers.shared import Mask, Setting, ShareOfWhole, free
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment
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
        days = (
            (assignment.value - 1.0) * _USUAL_RETENTION_DAYS
            if self.multiplies
            else max(assignment.value - _USUAL_RETENTION_DAYS, 0.0)
        )
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
    more = ledger.new_in_states(
        assignment, 2.0 * assignment.value, 2.0 * single_points().astype(np.float64), falls=False
    )
    ledger.commit(day, Payer.INVESTIGATOR, a_year=more * ledger.cost("staff_investigator") * wage_level())


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
    WorldLever(
        "contacts.single_point",
        "All requests of a state to providers pass through one office that knows what each provider asks for",
        Quantity.SWITCH,
        Target.STATES,
        acts_on="single_point of states: voluntary answers of providers to their requests",
        writes=_single_point,
        stage=YES_OR_NO,
        cost="two persons in each state (judgement)",
        charges=_single_point_cost,
        source="M9; SIRIUS EU Electronic Evidence Situation Report 2024",
        needs="states without such an office (EU members have one), and providers that answer foreign requests",
    ),
    WorldLever(
        "contacts.joint_days",
        "Days a year that officers of one state work side by side with those of another, in an exchange",
        Quantity.DAYS,
        Target.PAIRS,
        limits=Limits(0, 366, neutral=0),
        acts_on="joint_days of bonds: evidence for the trust of the state that sends officers in the one that receives "
        "them",
        writes=_joint_days,
        stage=OwnStage("trust_mean", rises=True),
        cost="200,000 to 400,000 euros an officer abroad and year (M24), by days",
        charges=_joint_days_cost,
        source="M19: trust is built by working together; judgement",
    ),
    WorldLever(
        "contacts.stay",
        "How long contact officers stay who are appointed from then on",
        Quantity.RATIO,
        Target.PAIRS,
        limits=Limits(0.1, 10, neutral=1),
        acts_on="contact_stay of bonds; officers in post keep their term",
        writes=_stay,
        stage=OwnStage("trust_spread", rises=False),
        cost="none by itself; careers that reward staying",
        charges=free,
        source="M19: trust is tied to persons; judgement",
        needs="appointments after its day: officers in post keep their term",
    ),
    WorldLever(
        "police.first",
        "Least share of hops abroad that are asked about through police",
        Quantity.SHARE,
        Target.WORLD,
        acts_on="setting.police_first_least",
        writes=Setting("police_first_least"),
        stage=OwnStage("leads_per_year", rises=True),
        cost="a rule of work; hours of police, which are not modelled",
        charges=free,
        source="M4, M8; judgement",
    ),
    WorldLever(
        "police.before_formal",
        "A formal request waits until police have answered, and is not made where their answer is enough",
        Quantity.SWITCH,
        Target.WORLD,
        acts_on="setting.police_before_formal: the formal request of a hop is drafted when police have answered",
        writes=Setting("police_before_formal"),
        stage=YES_OR_NO,
        cost="days of waiting; what is never put in due form may be excluded at trial",
        charges=free,
        source="M8; judgement",
        needs="hops that are asked about through police (police.first)",
    ),
    WorldLever(
        "preservation.use",
        "Least share of hops abroad for which a 24/7 point is asked to preserve",
        Quantity.SHARE,
        Target.WORLD,
        acts_on="setting.preservation_use_least",
        writes=Setting("preservation_use_least"),
        stage=OwnStage("frozen_days_per_year", rises=True),
        cost="a point that is staffed day and night in each state, by its share",
        charges=ShareOfWhole(Payer.CENTRAL_AUTHORITY, "contact_point", yearly=True),
        source="Budapest Convention arts 16, 29, 35 (M5)",
        needs="24/7 points between the states (law.join: budapest, un_convention)",
    ),
    WorldLever(
        "preservation.delay_scale",
        "Time that a 24/7 point takes, waiting for its people aside",
        Quantity.RATIO,
        Target.WORLD,
        acts_on="setting.preservation_delay_scale",
        writes=Setting("preservation_delay_scale"),
        stage=OwnStage("preservation_reply_median", rises=True),
        cost="see preservation.use",
        charges=free,
        source="M5; judgement",
    ),
    WorldLever(
        "preservation.missed_scale",
        "Renewals of preservation that are missed",
        Quantity.RATIO,
        Target.WORLD,
        limits=Limits(0, 2, neutral=1),
        acts_on="setting.preservation_missed_scale",
        writes=Setting("preservation_missed_scale"),
        stage=OwnStage("frozen_days_per_year", rises=False),
        cost="a calendar that reminds",
        charges=free,
        source="M5 q .1–.3; judgement",
    ),
)
