"""Declaration of a lever: something that a policy can change, with unit, range, effect and cost.

The levers themselves are rows of sim/data/levers.csv, with their rules in sim/policy/levers/, one file per theme.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.law.amendments import Amendment
from sim.law.vocabulary import DataKind, EvidenceTag, Offence
from sim.policy.spending import SpendingLedger
from sim.policy.timeline import Assignment
from sim.world.world import World

#: A value after reading: a number in the lever's unit, an instrument's identifier, or words of its list.
Value = float | str | tuple[str, ...]


class Target(StrEnum):
    """Kinds of selection that a lever's change needs: states, pairs, or one entry of sim/data/terms.yaml."""

    WORLD = "world"
    STATES = "states"
    PAIRS = "pairs"
    INSTRUMENT = "instrument"


class Quantity(StrEnum):
    """Quantities that a lever's value can measure; the text is the unit for readers."""

    RATIO = "times today's"
    SHARE = "share, 0 % to 100 %"
    DAYS = "days"
    YEARS = "years"
    SHIFT = "points on a scale of 0 to 1"
    RATE = "share a year"
    SPREAD = "standard deviation a year, in points on a scale of 0 to 1"
    SWITCH = "yes or no"
    CHOICE = "one word of a list"
    CHOICES = "words of a list, or all"
    INSTRUMENT = "instrument"


class Course(StrEnum):
    """Legal processes that can bring a change about, instead of a fixed date."""

    RATIFICATION = "ratification"
    LEGISLATION = "legislation"
    AGREEMENT = "agreement"
    ACCESSION = "accession"


class Limits(NamedTuple):
    """Smallest and largest value that a lever allows."""

    low: float  # least
    high: float  # greatest
    neutral: float  # changes nothing; ramps start there


class OwnStage(NamedTuple):
    """Outcome that measures the stage of cooperation on which a lever works."""

    # key of an outcome (sim/measures/outcomes.py), which moves one way from a lever's least value to its greatest
    outcome: str
    rises: bool  # whether it rises with the value


class Shape(StrEnum):
    """Kinds of lever whose values cannot be ordered by strength."""

    SWITCH = "switch"
    TIMING = "timing"
    IDLE = "idle"


class NoScale(NamedTuple):
    """Reason why the values of a lever cannot be ordered by strength."""

    # a switch; a timing, which decides when and not how much; or idle, where today's world leaves it nothing to move
    shape: Shape
    reason: str  # why


class Today(NamedTuple):
    """Number of persons, posts or cases that a lever multiplies, before any policy."""

    unit: str  # of what is counted: posts, persons
    # how many there are, unrounded, float64 [state]; of a lever of the world, one number for each body
    each: Callable[[], npt.NDArray[np.float64]]
    # most that a state can be given in numbers, also where it has none; 0 where only a multiple can be set
    most: float = 0.0
    least: float = 0.0  # fewest that each state keeps: desks that have at least one person each
    # how many there are of each at a multiple in chosen states, where desks round it; None where what there is is
    # rounded as a whole
    at: Callable[[float, npt.NDArray[np.bool_] | None], npt.NDArray[np.float64]] | None = None

    def today(self) -> float:
        """Total number of persons, posts or cases today, over all states or bodies."""
        return float(np.rint(self.each()).sum())

    def then(self, times: float, chosen: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.float64]:
        """Number in each state or body after a multiplication in chosen states, rounded as in a world."""
        return np.rint(self.each() * times) if self.at is None else self.at(times, chosen)


_GRADUAL = (Quantity.RATIO, Quantity.SHARE, Quantity.DAYS, Quantity.YEARS, Quantity.SHIFT, Quantity.RATE)
_USUAL_LIMITS: Mapping[Quantity, Limits] = {
    Quantity.RATIO: Limits(0, 20, neutral=1),
    Quantity.SHIFT: Limits(-1, 1, neutral=0),
}


@dataclass(frozen=True)
class Lever:
    """Something that a policy can change, such as staff or a deadline; a `WorldLever` or a `LawLever`."""

    name: str  # the name in scenario files and sweeps
    title: str  # what it is, in plain words
    quantity: Quantity  # kind of value, whose text is the unit
    target: Target  # what a change selects: the world, states, pairs of states, or an instrument
    _: KW_ONLY
    acts_on: str  # the arrays or law that it changes, as text
    # the outcome of its own stage that moves one way along its scale, or why it has no such scale
    stage: OwnStage | NoScale
    cost: str  # what it costs, and whom, as text
    # writes what an assignment, or an amendment, costs to the ledger, from its day on; None where nobody can put a
    # price on it
    charges: Callable[[SpendingLedger, float, Any], None] | None
    source: str  # where effect and range come from
    tag: EvidenceTag = EvidenceTag.JUDGEMENT  # how far that may be trusted
    choices: tuple[str, ...] = ()  # words allowed, for CHOICE and CHOICES
    # why no path of the model leads from it to what it is meant for, declared before any result: results of a policy
    # that moves it are then no answer on that policy; empty where one does
    no_path: str = ""
    needs: str = ""  # what else must hold for it to move anything; empty where it acts by itself
    # least, greatest and neutral value; None for those that are usual for the quantity: 0 to 20 times today's, −1 to 1
    # for a shift, 0 to 1 for all others
    limits: Limits | None = None
    count: Today | None = None  # what there is of it today; None where nothing is counted

    @property
    def low(self) -> float:
        """Smallest value that the lever allows, in its unit."""
        return self._limits.low

    @property
    def high(self) -> float:
        """Largest value that the lever allows, in its unit."""
        return self._limits.high

    @property
    def neutral(self) -> float:
        """Value at which the lever changes nothing, in its unit."""
        return self._limits.neutral

    @property
    def _limits(self) -> Limits:
        return self.limits or _USUAL_LIMITS.get(self.quantity, Limits(0, 1, neutral=0))

    @property
    def unit(self) -> str:
        """Unit of the lever's value, for readers."""
        return self.quantity.value

    @property
    def gradual(self) -> bool:
        """True if the lever's value is a number, which can rise or fall in steps."""
        return self.quantity in _GRADUAL


@dataclass(frozen=True)
class WorldLever(Lever):
    """A lever that changes arrays of the world.

    Scenarios travel to other processes with their levers: rules are functions of a module or frozen dataclasses with
    `__call__`, which can be pickled and compared, not closures.
    """

    _: KW_ONLY
    writes: Callable[[World, Assignment], None]  # an assignment into a world's arrays, between two stretches of the run


@dataclass(frozen=True)
class LawLever(Lever):
    """A lever that changes the law."""

    _: KW_ONLY
    amends: Callable[[Selected], tuple[Amendment, ...]]  # the amendments that one change of it makes on one day
    courses: tuple[Course, ...] = ()  # courses of law by which it can come about in time (sim/policy/process.py)
    learned: bool = False  # whether authorities must learn to use the law that a parliament passes
    about_offences: bool = False  # whether a change can name articles of the Budapest Convention
    dated: bool = False  # whether each of its words has a day of its own and comes about in a share of worlds
    every_year: bool = False  # whether it acts again on every first of January


@dataclass(frozen=True)
class Selected:
    """A lever of law with its value on a day, and the states or pairs to which the value applies."""

    value: Any  # in the lever's unit: a `Value` of the lever's kind
    on: date  # the day
    states: tuple[str, ...]  # states it applies to
    requesting: tuple[str, ...] = ()  # requesting side of the pairs it applies to
    requested: tuple[str, ...] = ()  # requested side
    both_ways: bool = False  # the same with the sides exchanged
    everywhere: bool = True  # all pairs
    offences: tuple[Offence, ...] = ()  # offences that it is about; empty for all core offences
    instrument: str = ""  # entry of terms.yaml that it is about
    kinds: tuple[DataKind, ...] = ()  # data kinds that it is about, for terms that differ by kind
    seed: int = 0  # run seed, for what nobody decides
    kept: float = 0.0  # share of a shock to politics that is left a year later

    def blocks(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """Selected pairs, as blocks of requesting states and requested states that do not overlap."""
        asking, requested = self.requesting, self.requested
        if not self.both_ways:
            return ((asking, requested),)
        only_asked = tuple(state for state in requested if state not in asking)
        both = tuple(state for state in requested if state in asking)
        only_asking = tuple(state for state in asking if state not in requested)
        blocks = ((asking, requested), (only_asked, asking), (both, only_asking))
        return tuple(block for block in blocks if all(block))
