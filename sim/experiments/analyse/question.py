"""Conditions and sums of money as a user writes them: `takedown_rate<0.3`, `500 million euros`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from sim.experiments.analyse.cases import known_outcome
from sim.measures.arrays import Floats, Mask
from sim.measures.outcome import Better, Outcome
from sim.policy.problem import mistake

#: Part of the cases that is looked at when no number is given.
TENTH = 0.1
_CONDITION = re.compile(r"\s*([a-z0-9_]+)\s*(?:(<=|>=|<|>)\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(%?))?\s*")
_MONEY = re.compile(
    r"\s*(?:EUR|€)?\s*(\d[\d\s,]*(?:\.\d+)?)\s*(thousand|k|million|m|billion|bn)?\s*(?:euros?|EUR|€)?\s*", re.I
)
#: Digits in groups of three or not at all, decimals after a point.
_GROUPED = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:[\s,]\d{3})+(?:\.\d+)?")
_SCALE = {"": 1.0, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9}


@dataclass(frozen=True)
class Condition:
    """A bound on an outcome.

    Attributes:
        outcome: what is bounded.
        above: whether values above the bound meet it.
        bound: in the outcome's unit; None for the worst tenth of the cases.
    """

    outcome: Outcome
    above: bool
    bound: float | None = None

    def limit(self, values: Floats) -> float:
        """The bound in numbers."""
        if self.bound is not None:
            return self.bound
        return float(np.nanquantile(values, 1 - TENTH if self.above else TENTH))

    def met(self, values: Floats) -> Mask:
        """For each value, whether it meets the condition; a worst tenth includes its bound."""
        limit = self.limit(values)
        if self.bound is None:
            return np.asarray(values >= limit if self.above else values <= limit)
        return np.asarray(values > limit if self.above else values < limit)

    def words(self, values: Floats) -> str:
        """The condition in plain words."""
        from_unit, unit = (100.0, " %") if self.outcome.unit == "share" else (1.0, f" {self.outcome.unit}")
        limit = f"{from_unit * self.limit(values):.4g}{unit}"
        if self.bound is None:
            return (
                f"{self.outcome.title.lower()} is in its {'highest' if self.above else 'lowest'} tenth "
                f"({'from' if self.above else 'up to'} {limit}{' on' if self.above else ''})"
            )
        return f"{self.outcome.title.lower()} is {'above' if self.above else 'below'} {limit}"


def read_condition(written: str, option: str, bounded: bool = False) -> Condition:
    """A condition; an outcome alone stands for the worst tenth of the cases.

    Args:
        written: as typed.
        option: that it was typed after.
        bounded: whether it must name a bound.

    Raises:
        InputError: not a condition, an unknown outcome, or one without a bound that must have one.
    """
    match = _CONDITION.fullmatch(written)
    if match is None:
        fix = "Write an outcome, or an outcome with a bound in quotes: 'takedown_rate<0.3'."
        raise mistake("not a condition", option, written, fix)
    outcome = known_outcome(match[1], option)
    if match[2] is None and bounded:
        fix = f"Write the bound to be kept, in quotes: '{outcome.key}<100'."
        raise mistake("a requirement needs a bound", option, written, fix)
    if match[2] is None:
        return Condition(outcome, outcome.better is not Better.MORE)
    return Condition(outcome, match[2].startswith(">"), float(match[3]) / (100 if match[4] else 1))


def read_money(written: str) -> float:
    """Millions of euros.

    Raises:
        InputError: If it is not a sum of money.
    """
    match = _MONEY.fullmatch(written)
    if match is None:
        fix = "Write for example '500 million euros', '1.5 billion euros' or 500000000."
        raise mistake("not a sum of euros", "--budget", written, fix)
    if not _GROUPED.fullmatch(match[1].strip()):
        fix = "Write a point before decimals, and commas only between groups of three digits: '1.5 million euros'."
        raise mistake("not a sum of euros", "--budget", written, fix)
    number = float(re.sub(r"[\s,]", "", match[1]))
    return number * _SCALE[(match[2] or "").lower()] / 1e6
