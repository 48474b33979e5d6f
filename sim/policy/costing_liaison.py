"""What liaison bodies, officers abroad, joint teams and trainers cost (M20, M24)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sim.data.costs import Payer, wage_level
from sim.data.load import read_table
from sim.policy.places import load_atlas
from sim.policy.timeline import Assignment
from sim.world.footing import Footing
from sim.world.liaison import posts_abroad
from sim.world.parameters import LiaisonParameters

Floats = npt.NDArray[np.float64]


class Book(Protocol):
    """The part of a ledger in the making that rules write to."""

    footing: Footing
    shares: dict[str, Floats]

    def cost(self, name: str) -> float:
        """A unit cost."""

    def commit(self, day: float, payer: Payer, once: Any = 0.0, a_year: Any = 0.0) -> None:
        """A row a state."""

    def commit_jointly(self, day: float, payer: Payer, a_year: float) -> None:
        """A row of no state: the members pay together."""


def _chosen(assignment: Assignment) -> npt.NDArray[np.bool_]:
    states = load_atlas().states
    return np.ones(len(states), np.bool_) if assignment.states is None else np.isin(states, assignment.states)


def jointly(unit: str, *fields: str) -> Callable[[Book, float, Assignment], None]:
    """What the members of a body pay together by the year: a multiple of what there is, named by parameters."""

    def rule(book: Book, day: float, assignment: Assignment) -> None:
        """For what is more than there was."""
        base = np.array([getattr(LiaisonParameters(), field) for field in fields])
        reached = np.rint(base * assignment.value)
        before = book.shares.get(assignment.lever, base)
        book.shares[assignment.lever] = reached
        book.commit_jointly(day, Payer.LIAISON, float((reached - before).sum()) * book.cost(unit))

    return rule


def _posts(book: Book, day: float, assignment: Assignment) -> None:
    """Posts abroad beyond those that a state has; they cost much the same wherever the officer comes from."""
    base = posts_abroad(LiaisonParameters(), book.footing.case_slots)
    before = book.shares.get(assignment.lever, np.rint(base))
    reached = np.where(_chosen(assignment), np.rint(base * assignment.value), before)
    book.shares[assignment.lever] = reached
    book.commit(day, Payer.LIAISON, a_year=(reached - before) * book.cost("liaison_post"))


def _postings(book: Book, day: float, assignment: Assignment) -> None:
    """A post a pair, paid by who sends; earlier pairs that are not named stay."""
    size = len(book.footing.inside)
    pairs = ~np.eye(size, dtype=np.bool_) if assignment.pairs is None else assignment.pairs
    before = book.shares.get(assignment.lever, np.zeros((size, size)))
    reached = np.where(pairs, assignment.value, before)
    book.shares[assignment.lever] = reached
    # A host outside the simulated world has nobody to be posted to.
    more = (reached - before)[:, book.footing.inside].sum(axis=1)
    book.commit(day, Payer.LIAISON, a_year=more * book.cost("liaison_post"))


def _points(book: Book, day: float, assignment: Assignment) -> None:
    """Persons on duty beyond those of today, in the states of the network."""
    states = load_atlas().states
    members = {row["iso3"] for row in read_table("memberships.csv").rows if row["body"].startswith("Budapest 24/7")}
    base = LiaisonParameters().contact_point_staff * np.isin(states, sorted(members))
    before = book.shares.get(assignment.lever, base)
    reached = np.where(_chosen(assignment), np.rint(base * assignment.value), before)
    book.shares[assignment.lever] = reached
    book.commit(day, Payer.CENTRAL_AUTHORITY, a_year=(reached - before) * book.cost("contact_duty") * wage_level())


def _feed(book: Book, day: float, assignment: Assignment) -> None:
    """A connection in each state, as far as it is made better."""
    before = book.shares.get(assignment.lever, np.zeros(len(book.footing.inside)))
    reached = np.where(_chosen(assignment), np.maximum(assignment.value, before), before)
    book.shares[assignment.lever] = reached
    once = (reached - before) * book.cost("feed") * np.minimum(np.sqrt(wage_level()), 1.0)
    book.commit(day, Payer.INVESTIGATOR, once)


def _bureaus(book: Book, day: float, assignment: Assignment) -> None:
    """A person more in each national bureau for half of the time that an answer takes."""
    before = book.shares.get(assignment.lever, np.zeros(1))
    reached = np.array([2.0 * max(1.0 - assignment.value, 0.0)])
    book.shares[assignment.lever] = reached
    book.commit(day, Payer.LIAISON, a_year=(reached - before)[0] * book.cost("staff_investigator") * wage_level())


def _taskforce(book: Book, day: float, assignment: Assignment) -> None:
    """An officer in The Hague for each state that joins; those who are there cost nothing more."""
    states = load_atlas().states
    members = {row["iso3"] for row in read_table("memberships.csv").rows if row["body"] == "J-CAT"}
    before = book.shares.get(assignment.lever, np.isin(states, sorted(members)).astype(np.float64))
    reached = np.where(_chosen(assignment), np.maximum(assignment.value, before), before)
    book.shares[assignment.lever] = reached
    book.commit(day, Payer.LIAISON, a_year=(reached - before) * book.cost("liaison_post"))


def _nothing(_book: Book, _day: float, _assignment: Assignment) -> None:
    """Costs nothing by itself."""


LIAISON_PRICES: Mapping[str, Callable[[Book, float, Assignment], None]] = MappingProxyType(
    {
        "interpol.staff": jointly("staff_liaison_body", "interpol_staff"),
        "interpol.feed": _feed,
        "interpol.reply": _bureaus,
        "jcat.join": _taskforce,
        "europol.staff": jointly("staff_liaison_body", "europol_staff", "jcat_staff"),
        "europol.feed": _feed,
        "europol.analysis": _nothing,
        "eurojust.staff": jointly("staff_liaison_body", "eurojust_staff"),
        "eurojust.use": _nothing,
        "joint_team.money": jointly("team_grant", "team_grants"),
        "liaison.posts": _posts,
        "liaison.posting": _postings,
        "contact_point.staff": _points,
        "capacity_builders.trainers": jointly("trainer", "builder_trainers"),
        "action.hosted": _nothing,
        "action.least_ready": _nothing,
    }
)
