"""Levers on contacts between states, and on data retention and preservation.

Liaison bodies, officers abroad, 24/7 points, police, joint teams and the action day (M5, M8, M10, M13, M19, M20).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.data.costs import Payer, wage_level
from sim.data.geography import CrimeGeography
from sim.data.load import members
from sim.data.providers import single_points
from sim.law.days import YEAR
from sim.policy.in_numbers import added_by
from sim.policy.lever import Today, WorldLever
from sim.policy.levers.shared import Setting, ShareOfWhole, free, system_price_level, world_lever
from sim.policy.places import TIERS, mask_of, tier_of_states
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment, Floats, Mask
from sim.world.baseline import body_persons, case_slots, posts_abroad
from sim.world.parameters import Parameters
from sim.world.records import Body, DeskKind
from sim.world.world import World

#: The network of 24/7 points, as memberships.csv calls it.
_NETWORK = "Budapest 24/7 network (art. 35)"
_WORKING_DAYS = 220.0
#: Days for which logs are kept where no law says, mean over custodians (sim/world/parameters).
_USUAL_RETENTION_DAYS = 90.0
_MOST_POSTS = 200.0  # of one state, with all its hosts (judgement); the most today is twelve


@dataclass(frozen=True)
class BodyStaff:
    """Effect of a lever that multiplies the staff of liaison bodies."""

    bodies: tuple[Body, ...]

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Multiplies the staff that bodies had before any policy, and rounds it."""
        rows = list(self.bodies)
        world.liaison_body["staff"][rows] = np.rint(world.liaison_body["staff_base"][rows] * assignment.value)
        desks = world.liaison_body["desk"][rows]
        if (desks >= 0).all():
            world.desk["servers"][desks] = world.liaison_body["staff"][rows].astype(np.int64)


@dataclass(frozen=True)
class Feed:
    """Effect of a lever that improves the data which states send to a body."""

    body: Body

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Raises the quality of the data that states send, where law lets them; never lowers the quality."""
        feed = world.feed[self.body]
        rows = assignment.state_mask
        feed[rows] = np.maximum(feed[rows], assignment.value)


def _posts(world: World, assignment: Assignment) -> None:
    """Sets the number of liaison officers that states pay for abroad."""
    rows = assignment.state_mask
    world.state["posts_abroad"][rows] = assignment.reached(world.state["posts_abroad_base"][rows])


def _duty(world: World, assignment: Assignment) -> None:
    """Multiplies the staff of 24/7 contact points, rounded over each tier of states."""
    rows = (world.desk["kind"] == DeskKind.CONTACT_POINT) & assignment.state_mask[world.desk["state"]]
    world.desk["servers"][rows] = _on_duty(world.desk["staff_base"][rows], world.desk["state"][rows], assignment.value)


def _on_duty(there: Floats, state: npt.NDArray[np.int64], times: float) -> Floats:
    """Whole persons at each 24/7 contact point after a multiplication; zero is possible.

    Points outside the network, which nobody asks, are rounded apart from those that count.
    """
    whole, outside = np.rint(there), ~mask_of(members(_NETWORK))[state]
    return whole + added_by(times, whole, tier_of_states()[state] + TIERS * outside, there)


def _posting(world: World, assignment: Assignment) -> None:
    """Posts an officer between each selected pair of states, or recalls the officer."""
    world.posting_set[assignment.pair_mask] = int(assignment.value)


@dataclass(frozen=True)
class StaffOf:
    """Number of staff of some liaison bodies today, for levers that multiply it."""

    bodies: tuple[Body, ...]

    def __call__(self) -> Floats:
        """Number of people at each of the liaison bodies today."""
        return np.rint(_persons(self))


def _persons(staff: StaffOf) -> Floats:
    """Unrounded number of staff of some liaison bodies today."""
    return body_persons(Parameters().liaison)[list(staff.bodies)]


def _all_posts() -> Floats:
    """Liaison posts that each state has abroad today, float64 [state]."""
    return posts_abroad(Parameters().liaison, case_slots(CrimeGeography.load(), Parameters().case.case_slots))


def _posts_at(times: float, chosen: Mask | None = None) -> Floats:
    """Whole liaison posts of each state after a multiplication in the chosen states, float64 [state]."""
    base = _all_posts()
    among, then = np.ones(len(base), np.bool_) if chosen is None else chosen, np.rint(base)
    then[among] += added_by(times, then[among], np.zeros(int(among.sum()), np.int64), base[among])
    return then


def _all_on_duty() -> Floats:
    """Staff of each state's 24/7 contact point today, float64 [state]; 0 without one."""
    return Parameters().liaison.contact_point_staff * mask_of(members(_NETWORK)).astype(np.float64)


def _on_duty_at(times: float, chosen: Mask | None = None) -> Floats:
    """Whole staff of each state's 24/7 contact point after a multiplication, float64 [state]."""
    base = _all_on_duty()
    among, then = np.ones(len(base), np.bool_) if chosen is None else chosen, np.rint(base)
    then[among] = _on_duty(base[among], np.flatnonzero(among), times)
    return then


def _trainers() -> Floats:
    """Number of trainers today, as an array of one number."""
    return np.array([Parameters().liaison.builder_trainers])


@dataclass(frozen=True)
class PaidJointly:
    """Yearly cost of additional staff or work of a body, which its members share."""

    unit: str  # unit cost
    base: str | StaffOf  # parameter that says how much there is, or bodies whose persons are meant

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Adds to the ledger the cost of everything above the body's present size."""
        of = self.base
        if isinstance(of, StaffOf):  # whole people then, of a share of people today: as the rules have them
            base, then = of(), np.rint(_persons(of) * assignment.value)
        else:
            base = np.array([getattr(Parameters().liaison, of)])
            then = np.rint(base * assignment.value)
        more = ledger.new(assignment.lever, then, base)
        ledger.commit_jointly(day, Payer.LIAISON, float(more.sum()) * ledger.prices[self.unit])


def _posts_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges additional liaison posts abroad to the sending states."""
    base = posts_abroad(Parameters().liaison, ledger.baseline.case_slots)
    chosen, then = assignment.state_mask, np.rint(base)
    then[chosen] = assignment.reached(base[chosen])
    more = ledger.new_in_states(assignment, then, np.rint(base))
    ledger.commit(day, Payer.LIAISON, a_year=more * ledger.prices["liaison_post"], posts=more)


def _more_sent(ledger: SpendingLedger, assignment: Assignment) -> Floats:
    """[state] Additional officer days or posts that each state sends, summed over the selected pairs."""
    none = np.zeros(assignment.pair_mask.shape)
    last = ledger.reached.get(assignment.lever, none)
    new = ledger.new(assignment.lever, np.where(assignment.pair_mask, assignment.value, last), none)
    more: Floats = new[:, ledger.baseline.inside].sum(axis=1)  # a state outside the simulated world receives nobody
    return more


def _posting_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges the sending state of each selected pair for a post."""
    ledger.commit(day, Payer.LIAISON, a_year=_more_sent(ledger, assignment) * ledger.prices["liaison_post"])


def _contact_points_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges additional staff of 24/7 contact points to their states."""
    more = ledger.new_in_states(assignment, _on_duty_at(assignment.value, assignment.state_mask), _all_on_duty())
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, a_year=more * ledger.prices["contact_duty"] * wage_level())


def _feed_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges each state for its connection to a body, in proportion to the improvement of its data."""
    new = ledger.new_in_states(assignment, assignment.value, ledger.nothing, falls=False)
    ledger.commit(day, Payer.INVESTIGATOR, new * ledger.prices["feed"] * system_price_level())


def _bureaus_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges additional staff in national bureaus: one person in each bureau halves the time to an answer."""
    more = ledger.new(assignment.lever, np.array(2.0 * max(1.0 - assignment.value, 0.0)), np.array(0.0))
    ledger.commit(day, Payer.LIAISON, a_year=more * ledger.prices["staff_investigator"] * wage_level())


def _taskforce_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges an officer in The Hague to each state that newly takes part."""
    more = ledger.new_in_states(assignment, assignment.value, mask_of(members("J-CAT")).astype(np.float64), falls=False)
    ledger.commit(day, Payer.LIAISON, a_year=more * ledger.prices["liaison_post"])


@dataclass(frozen=True)
class Storage:
    """Cost of additional data retention, in proportion to users and years."""

    multiplies: bool

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Adds the cost of additional retention to the ledger."""
        value, usual = assignment.value, _USUAL_RETENTION_DAYS
        days = (value - 1.0) * usual if self.multiplies else max(value - usual, 0.0)
        more = ledger.new("evidence.retention", np.array(days / YEAR), np.array(0.0))
        users = CrimeGeography.load().internet_users
        ledger.commit(day, Payer.PROVIDER, a_year=more * users * ledger.prices["retention"])


def _joint_days(world: World, assignment: Assignment) -> None:
    """Sets the yearly days that officers of one state work in another, for each selected pair."""
    states = len(world.state)
    world.bond["joint_days"][assignment.pair_mask.ravel()] = assignment.value
    sending = (world.bond["joint_days"].reshape(states, states) > 0.0).any(axis=1)
    world.state["in_exchange"] = sending.astype(np.int64)


def _joint_days_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges the sending state for its officers' working days abroad."""
    days = _more_sent(ledger, assignment)
    ledger.commit(day, Payer.LIAISON, a_year=days / _WORKING_DAYS * ledger.prices["liaison_post"] * wage_level())


def _stay(world: World, assignment: Assignment) -> None:
    """Sets the length of stay of contact officers appointed from now on."""
    world.bond["contact_stay"][assignment.pair_mask.ravel()] = assignment.value


def _single_point(world: World, assignment: Assignment) -> None:
    """Lets selected states send requests to providers through one office."""
    world.state["single_point"][assignment.state_mask] |= int(assignment.value)


def _single_point_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Charges each state with a new single office the yearly wages of two persons."""
    had = 2.0 * single_points().astype(np.float64)
    more = ledger.new_in_states(assignment, 2.0 * assignment.value, had, falls=False)
    ledger.commit(day, Payer.INVESTIGATOR, a_year=more * ledger.prices["staff_investigator"] * wage_level())


def staff_lever(lever: str, *bodies: Body) -> WorldLever:
    """Makes a lever on the staff of liaison bodies, which their members pay jointly."""
    people = StaffOf(bodies)
    paid = PaidJointly("staff_liaison_body", people)
    return world_lever(lever, BodyStaff(bodies), paid, count=Today("persons", people))


LEVERS = (
    staff_lever("interpol.staff", Body.INTERPOL),
    world_lever("interpol.feed", Feed(Body.INTERPOL), _feed_cost),
    world_lever("interpol.reply", Setting("interpol_scale"), _bureaus_cost),
    world_lever("jcat.join", Feed(Body.JCAT), _taskforce_cost),
    staff_lever("europol.staff", Body.EUROPOL, Body.JCAT),
    world_lever("europol.feed", Feed(Body.EUROPOL), _feed_cost),
    world_lever("europol.analysis", Setting("analysis_share"), free),
    staff_lever("eurojust.staff", Body.EUROJUST),
    world_lever("eurojust.use", Setting("eurojust_share"), free),
    world_lever("liaison.posts", _posts, _posts_cost, count=Today("posts", _all_posts, most=_MOST_POSTS, at=_posts_at)),
    world_lever("liaison.posting", _posting, _posting_cost),
    world_lever(
        "contact_point.staff", _duty, _contact_points_cost, count=Today("persons", _all_on_duty, at=_on_duty_at)
    ),
    world_lever(
        "capacity_builders.trainers",
        BodyStaff((Body.BUILDERS,)),
        PaidJointly("trainer", "builder_trainers"),
        count=Today("persons", _trainers),
    ),
    world_lever("action.least_ready", Setting("least_ready"), free),
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
