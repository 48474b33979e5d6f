"""Declares a parameter: default, unit, ranges, source, meaning and evidence tag in one place.

A parameter has two ranges. The allowed range is what the model can be run with. The plausible range is what an informed
expert could not exclude: studies vary a parameter over it.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import exp, log
from typing import Any

from sim.law.vocabulary import EvidenceTag


class Scale(StrEnum):
    """On which scale the values of a range are equally likely."""

    LINEAR = "linear"
    LOG = "log"
    LOGIT = "logit"

    def between(self, low: float, high: float, share: float) -> float:
        """The value at a share 0–1 of the way from the low end of a range to the high end."""
        if self is Scale.LINEAR:
            return low + share * (high - low)
        if self is Scale.LOG:
            return exp(log(low) + share * (log(high) - log(low)))
        start, end = log(low / (1 - low)), log(high / (1 - high))
        return 1 / (1 + exp(-(start + share * (end - start))))

    def why_not(self, low: float, high: float) -> str:
        """Why a range cannot be on this scale; empty where it can."""
        if not low < high:
            return "its low end is not below its high end"
        if self is Scale.LOG and low <= 0:
            return "a range on a log scale begins above 0"
        if self is Scale.LOGIT and not (low > 0 and high < 1):
            return "a range on a logit scale lies between 0 and 1, both excluded"
        return ""


@dataclass(frozen=True)
class Plausible:
    """The range of values that an informed expert could not exclude.

    Attributes:
        low, high: its ends, in the parameter's unit.
        scale: on which values are equally likely.
        reason: why these ends, and what they rest on.

    Raises:
        ValueError: the ends are not in order, or cannot be on this scale.
    """

    low: float
    high: float
    scale: Scale
    reason: str

    def __post_init__(self) -> None:
        if problem := self.scale.why_not(self.low, self.high):
            raise ValueError(f"plausible range {self.low:g} to {self.high:g} ({self.scale}): {problem}")


@dataclass(frozen=True)
class Declaration:
    """Unit, ranges, source and evidence tag of a parameter.

    Attributes:
        unit: of its values.
        low, high: what the model allows.
        source: in a word or two; docs/sources.md explains them.
        tag: how well the default is known.
        meaning: what it is.
        plausible: what an informed expert could not exclude; None for a switch.
    """

    unit: str
    low: float
    high: float
    source: str
    tag: EvidenceTag
    meaning: str
    plausible: Plausible | None = None


@dataclass(frozen=True)
class Parameter:
    """A parameter without its plausible range yet."""

    default: float
    declaration: Declaration

    def plausible(self, low: float, high: float, scale: Scale, reason: str) -> Any:
        """The dataclass field, once its plausible range is known; arguments as for `Plausible`."""
        complete = replace(self.declaration, plausible=Plausible(low, high, scale, reason))
        return field(default=self.default, metadata={"declaration": complete})


def parameter(
    default: float,
    unit: str,
    low: float,
    high: float,
    source: str,
    meaning: str,
    tag: EvidenceTag = EvidenceTag.JUDGEMENT,
) -> Parameter:
    """A parameter and its allowed range; `.plausible(…)` behind it makes the dataclass field."""
    return Parameter(default, Declaration(unit, low, high, source, tag, meaning))


def switch(source: str, meaning: str) -> Any:
    """A dataclass field that is 1 for on, which is the default, or 0 for off."""
    declaration = Declaration("switch", 0, 1, source, EvidenceTag.JUDGEMENT, meaning)
    return field(default=1, metadata={"declaration": declaration})
