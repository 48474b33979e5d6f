"""The money that a policy commits, recorded in a ledger step by step (M24)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from sim.data.costs import LEDGER, Payer, Prices, unit_costs
from sim.law.days import YEAR
from sim.policy.in_numbers import whole_persons
from sim.policy.timeline import Assignment, Floats
from sim.world.baseline import Baseline
from sim.world.records import DeskKind, UnitKind


class Price(StrEnum):
    """Level of unit costs: low, central or high in their range."""

    LOW = "low"
    CENTRAL = "central"
    HIGH = "high"

    @property
    def prices(self) -> Prices:
        """All unit costs at this level."""
        return {name: float(getattr(cost, self)) for name, cost in unit_costs().items()}


@dataclass(frozen=True)
class Cost:
    """A cost of a scenario that no lever causes: amount, day and payer."""

    what: str  # as text
    once: float  # euros on the first day
    a_year: float  # euros a year from the first day on
    start: date  # first day
    until: date | None  # last day; None for the end of the run
    payer: Payer  # who bears it


@dataclass(frozen=True)
class Spending:
    """All payments that a policy commits, one-off and yearly."""

    ledger: npt.NDArray[np.void]  # rows of LEDGER; times are days since 2022-01-01
    unpriced: tuple[str, ...]  # levers that it moves and that have no price

    def total(self, start: float, end: float) -> float:
        """Euros that the policy commits between two days, not discounted."""
        first, last = (np.clip(self.ledger[name], start, end) for name in ("start", "until"))
        once = self.ledger["once"][(self.ledger["start"] >= start) & (self.ledger["start"] < end)]
        return float(once.sum() + (self.ledger["a_year"] * (last - first)).sum() / YEAR)

    def a_year(self, day: float) -> float:
        """Yearly payments to which the policy is committed on a day, in euros."""
        running = (self.ledger["start"] <= day) & (day < self.ledger["until"])
        return float(self.ledger["a_year"][running].sum())


@dataclass
class SpendingLedger:
    """Collects a policy's payments, and each lever's level so far, as only differences to it are paid."""

    baseline: Baseline  # desks and channels before the policy
    prices: Prices  # unit costs by their names
    end: float  # day on which nobody pays any more
    rows: list[npt.NDArray[np.void]] = field(default_factory=list)  # commitments written so far, arrays of LEDGER
    staff: Floats = field(init=False)  # persons at each desk of the baseline
    investigators: Floats = field(init=False)  # persons in each state, float64 [state]
    reached: dict[str, Floats] = field(default_factory=dict)  # what each lever has reached, by its name
    # states that have paid for ratifying an instrument, with its id
    bound: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.staff = whole_persons(self.baseline.persons)
        self.investigators = self.baseline.case_slots * self.prices["investigators_per_case"]

    @property
    def nothing(self) -> Floats:
        """Array of zeros, one per state."""
        return np.zeros(len(self.baseline.inside))

    def persons_at(self, kinds: Sequence[DeskKind | UnitKind]) -> Floats:
        """Number of persons at desks of some kinds whom the policy already pays, by state."""
        desks = np.isin(self.baseline.kind, kinds)
        return np.bincount(self.baseline.state[desks], self.staff[desks], len(self.baseline.inside))

    def new(self, name: str, reached: Floats, before: Floats) -> Floats:
        """Increase of a lever's level since the last payment for it; records the new level."""
        last = self.reached.get(name, before)
        self.reached[name] = reached
        return reached - last

    def new_in_states(
        self, assignment: Assignment, reached: Floats | float, before: Floats, *, falls: bool = True
    ) -> Floats:
        """[state] Increase of a lever's level in the selected states since the last payment for it.

        A lever reaches a level in the selected states, where there was another before the policy; unless it `falls`, a
        lower value takes nothing back.
        """
        last = self.reached.get(assignment.lever, before)
        now = np.where(assignment.state_mask, reached if falls else np.maximum(reached, last), last)
        return self.new(assignment.lever, now, before)

    def commit(
        self,
        day: float,
        payer: Payer,
        once: Floats | float = 0.0,
        a_year: Floats | float = 0.0,
        posts: Floats | float = 0.0,
    ) -> None:
        """Adds payments for each state: euros once on a day, and euros per year from then on."""
        moved = np.flatnonzero(self.baseline.inside & ((self.nothing + once != 0.0) | (self.nothing + a_year != 0.0)))
        rows = np.zeros(len(moved), LEDGER)
        rows["payer"], rows["state"], rows["start"], rows["until"] = payer, moved, day, self.end
        rows["once"], rows["a_year"] = (self.nothing + once)[moved], (self.nothing + a_year)[moved]
        rows["posts"] = (self.nothing + posts)[moved]
        self.rows.append(rows)

    def commit_jointly(self, day: float, payer: Payer, a_year: float) -> None:
        """Adds a yearly payment that the members of a body share."""
        self.rows.append(np.array([(payer, -1, day, self.end, 0.0, a_year, 0.0)], LEDGER))
