"""Levers on liaison bodies, officers abroad, joint teams and the action day (M20, M13)."""

from dataclasses import dataclass

import numpy as np

from sim.data.costs import Payer, wage_level
from sim.data.geography import CrimeGeography
from sim.data.load import read_table
from sim.policy.lever import YES_OR_NO, Limits, NoScale, OwnStage, Quantity, Shape, Target, Today, WorldLever
from sim.policy.levers.shared import Floats, Setting, free, system_price_level
from sim.policy.places import mask_of
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment
from sim.world.baseline import case_slots
from sim.world.liaison import STAFFED_BODIES, body_persons, posts_abroad
from sim.world.parameters import CaseParameters, LiaisonParameters
from sim.world.records import Body, DeskKind
from sim.world.world import World

_MOST_POSTS = 200.0  # of one state, with all its hosts (judgement); the most today is twelve
_POST_COST = "200,000 to 400,000 euros a post and year (M24)"


@dataclass(frozen=True)
class BodyStaff:
    """Multiplies the people of liaison bodies; a body without people does nothing."""

    bodies: tuple[Body, ...]

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Rounds from the base, so that repeated steps do not drift."""
        rows = list(self.bodies)
        world.liaison_body["staff"][rows] = np.rint(world.liaison_body["staff_base"][rows] * assignment.value)
        desks = world.liaison_body["desk"][rows]
        if (desks >= 0).all():
            world.desk["servers"][desks] = world.liaison_body["staff"][rows].astype(np.int64)


@dataclass(frozen=True)
class Feed:
    """Raises what the selected states give a body; where law opens no way to it, they still give nothing."""

    body: Body

    def __call__(self, world: World, assignment: Assignment) -> None:
        """Never lowers it."""
        feed = world.feed[self.body]
        rows = assignment.state_mask
        feed[rows] = np.maximum(feed[rows], assignment.value)


def _posts(world: World, assignment: Assignment) -> None:
    """Sets the officers that states can pay for, as a multiple or as a number."""
    rows = assignment.state_mask
    world.state["posts_abroad"][rows] = assignment.reached(world.state["posts_abroad_base"][rows])


def _duty(world: World, assignment: Assignment) -> None:
    """Multiplies the people on duty at 24/7 points, rounded from the base, so that repeated steps do not drift."""
    rows = (world.desk["kind"] == DeskKind.CONTACT_POINT) & assignment.state_mask[world.desk["state"]]
    world.desk["servers"][rows] = np.rint(world.desk["staff_base"][rows] * assignment.value).astype(np.int64)


def _posting(world: World, assignment: Assignment) -> None:
    """Posts an officer in each selected pair, or withdraws the order."""
    world.posting_set[assignment.pair_mask] = int(assignment.value)


@dataclass(frozen=True)
class StaffOf:
    """Persons that work for some bodies on files of this tier in the default world."""

    bodies: tuple[Body, ...]

    def __call__(self) -> Floats:
        """Those of each body."""
        return np.rint(body_persons(LiaisonParameters())[[STAFFED_BODIES.index(body) for body in self.bodies]])


def _all_posts() -> Floats:
    """Posts abroad of each state in the default world."""
    return posts_abroad(LiaisonParameters(), case_slots(CrimeGeography.load(), CaseParameters().case_slots))


def _all_on_duty() -> Floats:
    """Persons on duty at the 24/7 point of each state in the default world; none outside the network."""
    return LiaisonParameters().contact_point_staff * _members("Budapest 24/7")


@dataclass(frozen=True)
class PaidJointly:
    """What the members of a body pay together by the year: a multiple of what there is.

    Attributes:
        unit: unit cost.
        base: parameter that says how much there is, or bodies whose persons are meant.
    """

    unit: str
    base: str | StaffOf

    def __call__(self, ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
        """Charges for what is more than there was."""
        of = self.base
        base = of() if isinstance(of, StaffOf) else np.array([getattr(LiaisonParameters(), of)])
        more = ledger.new(assignment.lever, np.rint(base * assignment.value), base)
        ledger.commit_jointly(day, Payer.LIAISON, float(more.sum()) * ledger.cost(self.unit))


def _members(of: str) -> Floats:
    """[S] 1 for the members of a body of memberships.csv whose name begins like this, 0 for others."""
    rows = read_table("memberships.csv").rows
    return mask_of({row["iso3"] for row in rows if row["body"].startswith(of)}).astype(np.float64)


def _posts_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Posts abroad beyond those that a state has; an officer costs much the same from any state."""
    base = posts_abroad(LiaisonParameters(), ledger.baseline.case_slots)
    more = ledger.new_in_states(assignment, assignment.reached(base), np.rint(base))
    ledger.commit(day, Payer.LIAISON, a_year=more * ledger.cost("liaison_post"))


def _posting_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """One post per pair, paid by the sending state; earlier pairs that are not named stay."""
    inside = ledger.baseline.inside
    none = np.zeros((len(inside), len(inside)))
    last = ledger.reached.get(assignment.lever, none)
    new = ledger.new(assignment.lever, np.where(assignment.pair_mask, assignment.value, last), none)
    # A state outside the simulated world receives nobody.
    more = new[:, inside].sum(axis=1)
    ledger.commit(day, Payer.LIAISON, a_year=more * ledger.cost("liaison_post"))


def _contact_points_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """Persons on duty beyond those of today, in the states of the network."""
    base = LiaisonParameters().contact_point_staff * _members("Budapest 24/7")
    more = ledger.new_in_states(assignment, np.rint(base * assignment.value), base)
    ledger.commit(day, Payer.CENTRAL_AUTHORITY, a_year=more * ledger.cost("contact_duty") * wage_level())


def _feed_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """A connection in each state, as far as it gets better."""
    new = ledger.new_in_states(assignment, assignment.value, ledger.nothing, falls=False)
    ledger.commit(day, Payer.INVESTIGATOR, new * ledger.cost("feed") * system_price_level())


def _bureaus_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """One more person in each national bureau for half of the time that an answer takes."""
    more = ledger.new(assignment.lever, np.array(2.0 * max(1.0 - assignment.value, 0.0)), np.array(0.0))
    ledger.commit(day, Payer.LIAISON, a_year=more * ledger.cost("staff_investigator") * wage_level())


def _taskforce_cost(ledger: SpendingLedger, day: float, assignment: Assignment) -> None:
    """An officer in The Hague for each state that joins; those who are there cost nothing more."""
    more = ledger.new_in_states(assignment, assignment.value, _members("J-CAT"), falls=False)
    ledger.commit(day, Payer.LIAISON, a_year=more * ledger.cost("liaison_post"))


def _staff(lever: str, whom: str, bodies: tuple[Body, ...], stage: OwnStage) -> WorldLever:
    """People of one body."""
    return WorldLever(
        lever,
        f"Staff of {whom} for files of this tier",
        Quantity.RATIO,
        Target.WORLD,
        acts_on=f"servers of the desk of {whom}, at once, and what is brought to it, in proportion",
        stage=stage,
        writes=BodyStaff(bodies),
        cost="100,000 to 200,000 euros a person and year (judgement)",
        charges=PaidJointly("staff_liaison_body", StaffOf(bodies)),
        count=Today("persons", StaffOf(bodies)),
        source="M20",
    )


def _use(lever: str, title: str, field: str, stage: OwnStage, source: str, needs: str) -> WorldLever:
    """How much more often something is used."""
    return WorldLever(
        lever,
        title,
        Quantity.SHARE,
        Target.WORLD,
        acts_on=f"setting.{field}; where it is more already, it stays",
        stage=stage,
        writes=Setting(field),
        cost="none by itself: use is voluntary, and the body's people must cope with it",
        charges=free,
        source=source,
        needs=needs,
    )


def _feed(lever: str, name: str, body: Body, stage: OwnStage | NoScale) -> WorldLever:
    """How well states feed a body."""
    return WorldLever(
        lever,
        f"Least share of their indicators that states give {name}",
        Quantity.SHARE,
        Target.STATES,
        acts_on=f"feed of {name}; where law opens no way to it (see law.join), nothing can be given",
        stage=stage,
        writes=Feed(body),
        cost="connecting national case systems, once",
        charges=_feed_cost,
        source="M12; judgement",
        needs=f"states at both ends for which law opens {name}, and less given today than this",
    )


LEVERS = (
    _staff("interpol.staff", "INTERPOL", (Body.INTERPOL,), OwnStage("matches_interpol_per_year", rises=True)),
    _feed("interpol.feed", "INTERPOL", Body.INTERPOL, NoScale(Shape.IDLE, "nearly all states give nine tenths today")),
    WorldLever(
        "interpol.reply",
        "Time that national bureaus take to answer through INTERPOL",
        Quantity.RATIO,
        Target.WORLD,
        limits=Limits(0.05, 5, neutral=1),
        acts_on="setting.interpol_scale: replies of INTERPOL, and police answers where it is the only way",
        writes=Setting("interpol_scale"),
        stage=OwnStage("interpol_reply_median", rises=True),
        cost="a person more in each bureau for half of the time (judgement)",
        charges=_bureaus_cost,
        source="M20: 5–30 d",
    ),
    WorldLever(
        "jcat.join",
        "States second an officer to the Joint Cybercrime Action Taskforce",
        Quantity.SWITCH,
        Target.STATES,
        acts_on="feed of J-CAT, between states whose police may talk at all",
        writes=Feed(Body.JCAT),
        stage=YES_OR_NO,
        cost=_POST_COST,
        charges=_taskforce_cost,
        source="M12, M20",
        needs="other states of the task force, and police who may talk at all",
    ),
    _staff(
        "europol.staff",
        "Europol and J-CAT",
        (Body.EUROPOL, Body.JCAT),
        OwnStage("matches_europol_per_year", rises=True),
    ),
    _feed("europol.feed", "Europol", Body.EUROPOL, OwnStage("matches_europol_per_year", rises=True)),
    _use(
        "europol.analysis",
        "Least share of answered hops between states that feed Europol that go to its analysts",
        "analysis_share",
        OwnStage("hub_backlog", rises=True),
        "M20",
        "states at both ends that feed Europol (europol.feed)",
    ),
    _staff("eurojust.staff", "Eurojust", (Body.EUROJUST,), OwnStage("eurojust_share", rises=True)),
    _use(
        "eurojust.use",
        "Least share of cases, and of requests between members, that are brought to Eurojust",
        "eurojust_share",
        OwnStage("eurojust_share", rises=True),
        "M20; Eurojust annual report 2024",
        "states at both ends that work through Eurojust (members, or with an agreement: law.join jit_agreement)",
    ),
    WorldLever(
        "liaison.posts",
        "Liaison officers and prosecutors on cybercrime that a state pays for; they go where traffic and closeness are",
        Quantity.RATIO,
        Target.STATES,
        acts_on="posts_abroad of states; filled at the yearly review, after half a year",
        writes=_posts,
        stage=OwnStage("postings", rises=True),
        cost=_POST_COST,
        charges=_posts_cost,
        count=Today("posts", _all_posts, most=_MOST_POSTS),
        source="M20, M24",
        needs="traffic: an officer goes only where requests are sent often enough (liaison.posting posts one anyway)",
    ),
    WorldLever(
        "liaison.posting",
        "A liaison officer is posted in each of these pairs, regardless of traffic",
        Quantity.SWITCH,
        Target.PAIRS,
        acts_on="posting_set; taken up at the yearly review, beyond what the sending state pays for itself",
        writes=_posting,
        stage=YES_OR_NO,
        cost=_POST_COST,
        charges=_posting_cost,
        source="M20, M24",
    ),
    WorldLever(
        "contact_point.staff",
        "Staff of 24/7 points for files of this tier",
        Quantity.RATIO,
        Target.STATES,
        acts_on="servers of contact points' desks",
        writes=_duty,
        stage=OwnStage("frozen_days_per_year", rises=True),
        cost="100,000 to 600,000 euros a year for duty round the clock (judgement)",
        charges=_contact_points_cost,
        count=Today("persons", _all_on_duty),
        source="M5, M20; Budapest Convention art. 35",
        needs="a desk of a 24/7 point in the selected states, and requests to it (preservation.use)",
    ),
    WorldLever(
        "capacity_builders.trainers",
        "Trainers of capacity builders (Council of Europe C-PROC, UNODC)",
        Quantity.RATIO,
        Target.WORLD,
        acts_on="staff of the capacity builders: how many states they visit in a year",
        writes=BodyStaff((Body.BUILDERS,)),
        stage=OwnStage("skill_authorities", rises=True),
        cost="120,000 to 250,000 euros a trainer and year (judgement)",
        charges=PaidJointly("trainer", "builder_trainers"),
        source="M20, M21",
    ),
    WorldLever(
        "action.least_ready",
        "Least share of states that must be ready before a case acts",
        Quantity.SHARE,
        Target.WORLD,
        acts_on="setting.least_ready",
        writes=Setting("least_ready"),
        stage=OwnStage("synchronous_actions_per_year", rises=False),
        cost="none; the group does harm while states wait, and each month is another in which something can leak",
        charges=free,
        source="M13: option value of waiting",
    ),
)
