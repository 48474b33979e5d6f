"""What a lever is: its kind of value, its unit and range, what it selects, and what it costs."""

from dataclasses import dataclass
from enum import StrEnum

from sim.law.vocabulary import EvidenceTag


class Target(StrEnum):
    """What a change of a lever selects; INSTRUMENT: one entry of sim/data/terms.yaml."""

    WORLD = "world"
    STATES = "states"
    PAIRS = "pairs"
    INSTRUMENT = "instrument"


class Quantity(StrEnum):
    """What a lever's value is; the text is the unit as a user reads it."""

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


@dataclass(frozen=True)
class Lever:
    """One thing that a policy can move.

    Attributes:
        name: the name in scenario files and sweeps.
        title: what it is, in plain words.
        quantity: kind of value, whose text is the unit.
        low: least value allowed, in the unit.
        high: greatest value allowed.
        neutral: the value at which nothing is changed; ramps start there.
        target: what a change selects: the world, states, pairs of states, or an instrument.
        acts_on: the arrays or law that it changes.
        cost: what it costs, and whom.
        source: where effect and range come from.
        tag: how far that may be trusted.
        choices: words allowed, for CHOICE and CHOICES.
        needs: what else must hold for it to move anything; empty where it acts by itself.
    """

    name: str
    title: str
    quantity: Quantity
    low: float
    high: float
    neutral: float
    target: Target
    acts_on: str
    cost: str
    source: str
    tag: EvidenceTag = EvidenceTag.JUDGEMENT
    choices: tuple[str, ...] = ()
    needs: str = ""

    @property
    def unit(self) -> str:
        """The unit as a user reads it."""
        return self.quantity.value

    @property
    def gradual(self) -> bool:
        """Whether the value can rise step by step: a number, not a word or a switch."""
        return self.quantity in (
            Quantity.RATIO,
            Quantity.SHARE,
            Quantity.DAYS,
            Quantity.YEARS,
            Quantity.SHIFT,
            Quantity.RATE,
        )
