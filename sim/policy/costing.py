"""What a policy costs: a ledger of the money that its steps commit (M24).

Staff cost what they earn while they are there; systems, training, templates and laws cost once, and systems, training
and duties something every year. Prices are in sim/data/unit_costs.csv. What is not for sale (politics, bounds of the
model) is named, not priced.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from sim.data.costs import LEDGER, Payer, unit_costs, wage_level
from sim.data.geography import CrimeGeography
from sim.law.amendments import (
    Amendment,
    CloseChannels,
    DriftAffinity,
    ReviseTerms,
    ShiftAffinity,
)
from sim.law.days import to_day
from sim.policy.apply import adopting_pairs
from sim.policy.apply_capacity import reached_by_programme
from sim.policy.apply_contacts import selected_bonds
from sim.policy.costing_law import LAW_PRICES
from sim.policy.costing_liaison import LIAISON_PRICES
from sim.policy.levers import DRIFT
from sim.policy.places import load_atlas
from sim.policy.scenario import Cost
from sim.policy.terms import FIELDS
from sim.policy.timeline import Assignment, Step
from sim.world.footing import Footing
from sim.world.records import DeskKind

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
#: Treaties with a duty to be reached day and night.
#: Days for which logs are kept where no law says, mean over custodians (sim/world/parameters).
_USUAL_RETENTION_DAYS = 90.0
_YEAR = 365.25
_WORKING_DAYS = 220.0


class Price(StrEnum):
    """Which end of the declared range of unit costs."""

    LOW = "low"
    CENTRAL = "central"
    HIGH = "high"


@dataclass(frozen=True)
class Spending:
    """What a policy commits.

    Attributes:
        ledger: rows of LEDGER; times are days since 2022-01-01.
        unpriced: levers that it moves and that have no price.
    """

    ledger: npt.NDArray[np.void]
    unpriced: tuple[str, ...]

    def total(self, start: float, end: float) -> float:
        """Euros between two days, undiscounted."""
        first, last = (np.clip(self.ledger[name], start, end) for name in ("start", "until"))
        once = self.ledger["once"][(self.ledger["start"] >= start) & (self.ledger["start"] < end)]
        return float(once.sum() + (self.ledger["a_year"] * (last - first)).sum() / _YEAR)

    def a_year(self, day: float) -> float:
        """Euros a year that are committed on a day."""
        running = (self.ledger["start"] <= day) & (day < self.ledger["until"])
        return float(self.ledger["a_year"][running].sum())


@dataclass
class _Book:
    """Levels that the policy has reached so far, and the rows written down."""

    footing: Footing
    price: Price
    end: float
    rows: list[npt.NDArray[np.void]] = field(default_factory=list)
    staff: Floats = field(init=False)
    skill: Floats = field(init=False)
    template: Floats = field(init=False)
    electronic: Mask = field(init=False)
    investigators: Floats = field(init=False)
    training: dict[str, Floats] = field(default_factory=dict)
    programme: Mask = field(init=False)
    shares: dict[str, Floats] = field(default_factory=dict)
    keeping: float = 0.0
    joint_days: Floats = field(init=False)
    bound: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.staff = _persons(self.footing.persons)
        self.skill = self.footing.skill.copy()
        self.template = np.zeros(len(self.footing.inside))
        self.electronic = self.footing.electronic.copy()
        self.investigators = self.footing.case_slots * self.cost("investigators_per_case")
        self.programme = np.zeros(len(self.footing.inside), np.bool_)
        self.joint_days = np.zeros(len(self.footing.inside) ** 2)

    def cost(self, name: str) -> float:
        """A unit cost at the chosen end of its range."""
        return float(getattr(unit_costs()[name], self.price))

    def commit(self, day: float, payer: Payer, once: Floats | float = 0.0, a_year: Floats | float = 0.0) -> None:
        """Writes a row a state: paid on a day, and by the year from then on."""
        rows = np.zeros(len(self.footing.inside), LEDGER)
        rows["payer"], rows["state"] = payer, np.arange(len(rows))
        rows["start"], rows["until"] = day, self.end
        rows["once"], rows["a_year"] = once, a_year
        moved = self.footing.inside & ((rows["once"] != 0.0) | (rows["a_year"] != 0.0))
        self.rows.append(rows[moved])

    def commit_jointly(self, day: float, payer: Payer, a_year: float) -> None:
        """Writes a row of no state: what members of a body pay together by the year."""
        self.rows.append(np.array([(payer, -1, day, self.end, 0.0, a_year)], LEDGER))


def spend(
    steps: Sequence[Step], footing: Footing, end: float, price: Price = Price.CENTRAL, costs: Sequence[Cost] = ()
) -> Spending:
    """What dated steps cost.

    Args:
        steps: of a timeline, sorted by day.
        footing: desks and channels before the policy.
        end: day on which nobody pays any more.
        price: which end of the range of unit costs.
        costs: amounts beyond those of the levers.
    """
    book = _Book(footing, price, end)
    unpriced: dict[str, None] = {}
    for step in steps:
        day = to_day(step.on)
        for assignment in step.assignments:
            rule = _ASSIGNED.get(assignment.lever)
            if rule is None:
                unpriced[assignment.lever] = None
            else:
                rule(book, day, assignment)
        for amendment in step.amendments:
            LAW_PRICES.get(type(amendment), _free)(book, day, amendment)
            unpriced |= dict.fromkeys(_without_price(amendment))
    rows = np.concatenate([*book.rows, *(_beyond(cost, end) for cost in costs), np.zeros(0, LEDGER)])
    return Spending(rows, tuple(unpriced))


def _without_price(amendment: Amendment) -> tuple[str, ...]:
    """Levers behind an amendment that nobody can put a price on."""
    if isinstance(amendment, ReviseTerms):
        return tuple(lever for lever, field in FIELDS.items() if field == amendment.field)
    return (_NOT_FOR_SALE[type(amendment)],) if type(amendment) in _NOT_FOR_SALE else ()


def _beyond(cost: Cost, end: float) -> npt.NDArray[np.void]:
    """A row for an amount that the scenario names itself; it belongs to no state."""
    until = end if cost.until is None else min(to_day(cost.until), end)
    return np.array([(cost.payer, -1, to_day(cost.start), until, cost.once, cost.a_year)], LEDGER)


def _persons(unrounded: Floats) -> Floats:
    """Persons at desks, as the world rounds them."""
    return np.maximum(np.rint(unrounded), 1.0)


def _chosen(assignment: Assignment) -> Mask:
    """States of an assignment."""
    states = load_atlas().states
    return np.ones(len(states), np.bool_) if assignment.states is None else np.isin(states, assignment.states)


def _staff(payer: Payer, unit: str, *kinds: DeskKind) -> Callable[[_Book, float, Assignment], None]:
    """Salaries of the persons that a desk has more than it had."""

    def rule(book: _Book, day: float, assignment: Assignment) -> None:
        """Paid by the year as long as they stay."""
        footing = book.footing
        desks = np.isin(footing.kind, kinds) & _chosen(assignment)[footing.state]
        persons = np.where(desks, _persons(footing.persons * assignment.value), book.staff)
        more = np.bincount(footing.state, persons - book.staff, len(footing.inside))
        book.staff = persons
        book.commit(day, payer, a_year=more * book.cost(unit) * wage_level())

    return rule


def _investigators(book: _Book, day: float, assignment: Assignment) -> None:
    """Salaries of the investigators that a state has more than it had."""
    before = book.footing.case_slots * book.cost("investigators_per_case")
    persons = np.where(_chosen(assignment), before * assignment.value, book.investigators)
    more, book.investigators = persons - book.investigators, persons
    book.commit(day, Payer.INVESTIGATOR, a_year=more * book.cost("staff_investigator") * wage_level())


def _training(payer: Payer, *kinds: DeskKind) -> Callable[[_Book, float, Assignment], None]:
    """Training of the people of desks, or of investigators where no kind is given: weeks of five days, every year."""

    def rule(book: _Book, day: float, assignment: Assignment) -> None:
        """Paid by the year as long as it goes on."""
        footing, states = book.footing, len(book.footing.inside)
        desks = np.isin(footing.kind, kinds)
        persons = np.bincount(footing.state[desks], book.staff[desks], states) if kinds else book.investigators
        before = book.training.get(assignment.lever, np.zeros(states))
        weeks = np.where(_chosen(assignment), persons * assignment.value / 5.0, before)
        book.training[assignment.lever] = weeks
        book.commit(day, payer, a_year=(weeks - before) * book.cost("training_week") * wage_level())

    return rule


def _programme(book: _Book, day: float, assignment: Assignment) -> None:
    """A system in every state that a programme for a secure channel reaches for the first time."""
    new = np.zeros(len(book.programme), np.bool_)
    new[reached_by_programme(assignment)] = True
    new &= ~book.programme
    book.programme |= new
    once: Floats = np.where(new, book.cost("case_system") * np.minimum(np.sqrt(wage_level()), 1.0), 0.0)
    book.commit(day, Payer.CENTRAL_AUTHORITY, once, once * book.cost("case_system_upkeep"))


def _share(payer: Payer, unit: str, *, yearly: bool) -> Callable[[_Book, float, Assignment], None]:
    """What costs as much as its share of a whole: once as it is reached, or every year that it is kept."""

    def rule(book: _Book, day: float, assignment: Assignment) -> None:
        """Paid for the part that is new."""
        before = book.shares.get(assignment.lever, np.zeros(len(book.footing.inside)))
        reached = np.where(_chosen(assignment), assignment.value, before)
        book.shares[assignment.lever] = reached if yearly else np.maximum(reached, before)
        euros = book.cost(unit) * np.minimum(np.sqrt(wage_level()), 1.0)
        if yearly:
            book.commit(day, payer, a_year=(reached - before) * euros)
        else:
            book.commit(day, payer, np.maximum(reached - before, 0.0) * euros)

    return rule


def _skill(book: _Book, day: float, assignment: Assignment) -> None:
    """Weeks of training for everybody at the desks, and again for those who come after."""
    footing = book.footing
    reached = np.where(_chosen(assignment), np.maximum(footing.skill, assignment.value), book.skill)
    desks = np.isin(footing.kind, (DeskKind.OUTGOING, DeskKind.INCOMING))
    persons = np.bincount(footing.state[desks], book.staff[desks], len(footing.inside))
    weeks = np.maximum(reached - book.skill, 0.0) * persons * book.cost("training_weeks")
    once = weeks * book.cost("training_week") * wage_level()
    book.skill = reached
    book.commit(day, Payer.CENTRAL_AUTHORITY, once, once * book.cost("training_renewal"))


def _electronic(book: _Book, day: float, assignment: Assignment) -> None:
    """A case system in every state that sends or receives electronically for the first time."""
    had = book.electronic.any(axis=0) | book.electronic.any(axis=1)
    book.electronic.flat[adopting_pairs(book.electronic, assignment)] = True
    has = book.electronic.any(axis=0) | book.electronic.any(axis=1)
    # Software is bought on the world market, its introduction at home: the square root of wages.
    once: Floats = np.where(has & ~had, book.cost("case_system") * np.minimum(np.sqrt(wage_level()), 1.0), 0.0)
    book.commit(day, Payer.CENTRAL_AUTHORITY, once, once * book.cost("case_system_upkeep"))


def _template(book: _Book, day: float, assignment: Assignment) -> None:
    """Introduction of a template, as far as it is introduced."""
    reached = np.where(_chosen(assignment), np.maximum(book.template, assignment.value), book.template)
    once = (reached - book.template) * book.cost("template") * wage_level()
    book.template = reached
    book.commit(day, Payer.CENTRAL_AUTHORITY, once)


def _exchange(book: _Book, day: float, assignment: Assignment) -> None:
    """Officers abroad, by the days of a working year; each state pays for those that it sends to states inside."""
    states = len(book.footing.inside)
    before = book.joint_days.copy()
    book.joint_days[selected_bonds(states, assignment)] = assignment.value
    days = ((book.joint_days - before).reshape(states, states) * book.footing.inside).sum(axis=1)
    book.commit(day, Payer.LIAISON, a_year=days / _WORKING_DAYS * book.cost("liaison_post") * wage_level())


def _retention(days_of: Callable[[float], float]) -> Callable[[_Book, float, Assignment], None]:
    """Storage of what would have been deleted."""

    def rule(book: _Book, day: float, assignment: Assignment) -> None:
        """Paid by users and year of keeping."""
        extra = days_of(assignment.value) / _YEAR
        more, book.keeping = extra - book.keeping, extra
        users = CrimeGeography.load().internet_users
        book.commit(day, Payer.PROVIDER, a_year=more * users * book.cost("retention"))

    return rule


def _nothing(_book: _Book, _day: float, _assignment: Assignment) -> None:
    """Costs nothing by itself."""


def _free(_book: _Book, _day: float, _amendment: Amendment) -> None:
    """An amendment without a price."""


#: How each lever of the world is priced.
_ASSIGNED: Mapping[str, Callable[[_Book, float, Assignment], None]] = MappingProxyType(
    {
        "central_authority.staff": _staff(
            Payer.CENTRAL_AUTHORITY, "staff_authority", DeskKind.OUTGOING, DeskKind.INCOMING
        ),
        "court.staff": _staff(Payer.COURT, "staff_court", DeskKind.COURT),
        "provider.staff": _staff(Payer.PROVIDER, "staff_provider", DeskKind.PROVIDER),
        "forensic.staff": _staff(Payer.LABORATORY, "staff_laboratory", DeskKind.FORENSIC),
        "central_authority.skill": _skill,
        "agency.investigators": _investigators,
        "agency.specialised": _nothing,
        "agency.training": _training(Payer.INVESTIGATOR),
        "central_authority.training": _training(Payer.CENTRAL_AUTHORITY, DeskKind.OUTGOING, DeskKind.INCOMING),
        "court.training": _training(Payer.COURT, DeskKind.COURT),
        "forensic.training": _training(Payer.LABORATORY, DeskKind.FORENSIC),
        "secure_channel.adoption": _programme,
        "request.structured": _share(Payer.CENTRAL_AUTHORITY, "format_conversion", yearly=False),
        "forensic.decryption": _share(Payer.LABORATORY, "decryption", yearly=True),
        **LIAISON_PRICES,
        "desk.load_growth_after": _nothing,
        "central_authority.urgent_head_start": _nothing,
        "central_authority.deadline": _nothing,
        "central_authority.deadline_enforceable": _nothing,
        "transmission.electronic_share": _electronic,
        "request.template": _template,
        "evidence.retention_floor": _retention(lambda days: max(days - _USUAL_RETENTION_DAYS, 0.0)),
        "evidence.retention_scale": _retention(lambda times: (times - 1.0) * _USUAL_RETENTION_DAYS),
        "preservation.duration_scale": _nothing,
        "preservation.use": _share(Payer.CENTRAL_AUTHORITY, "contact_point", yearly=True),
        "preservation.delay_scale": _nothing,
        "preservation.missed_scale": _nothing,
        "contacts.joint_days": _exchange,
        "contacts.stay": _nothing,
        "police.first": _nothing,
        "police.before_formal": _nothing,
        # What oversight takes is hours, which are counted as work on requests.
        "oversight.authority_screening": _nothing,
        "oversight.provider_screening": _nothing,
        "oversight.provider_court_order": _nothing,
    }
)
_NOT_FOR_SALE: Mapping[type, str] = MappingProxyType(
    {CloseChannels: "channels.closed", ShiftAffinity: "politics.affinity_shift", DriftAffinity: DRIFT}
)

#: Levers of the world that have a price, nought included.
PRICED = frozenset(_ASSIGNED)
