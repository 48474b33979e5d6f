"""Published facts from sim/data/targets.yaml: value, measurement error, and corresponding outcome.

Facts that fit choose parameter sets; those kept for validation never do, and a rule decides which these are: it is
in the file. A fact that is used is an input, so that meeting it is no evidence.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np

from sim.data.load import DataError, read_entries
from sim.measures.arrays import Floats, Mask

FILE = "targets.yaml"
#: An outcome meets a fact within this many standard errors of its measurement.
ERRORS = 2.0
#: Standard deviation of the model's own discrepancy, in logs or logits; judgement until facts kept apart have shown it.
DISCREPANCY = 0.1
#: Years over which a run of the default world counts rates.
COUNTED_YEARS = 10.0
#: Unit of rates that a run counts.
RATE = "per year"
#: An outcome of 0 or 1 counts as this part of the fact's way to it.
FLOOR = 0.1


class Role(StrEnum):
    """Uses of a published fact, such as fitting or validation; every fact has exactly one."""

    FIT = "fit"
    VALIDATION = "validation"
    #: Kept for validation, until the model was changed because it had missed the fact: it judges nothing any more.
    REVISED = "revised"
    USED = "used"
    UNMODELLED = "unmodelled"


class Flag(StrEnum):
    """Reliability of a fact's source: the issuer's own text, or some other source."""

    READ = "read"
    RECALLED = "recalled"


class Bound(StrEnum):
    """Kind of bound that a published value is, if any: outcomes above a lower one, or below an upper one, agree."""

    NONE = ""
    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True)
class CalibrationTarget:
    """A published fact: value, error, source, role, and corresponding outcome."""

    key: str
    title: str  # in plain words
    unit: str  # of value and outcome
    quantity: str  # what is measured; all facts of one have one role
    by: str  # who published it
    source: str
    flag: Flag  # read or recalled
    value: float  # as published
    role: Role  # what it is used for
    kind: str = ""  # of the quantity, by which facts are drawn for validation; empty where it judges nothing
    error: float = math.nan  # one standard error, on the scale of `scaled`; NaN where the fact judges nothing
    error_is: str | None = None  # how that was found; the file explains each way
    of: float = 0.0  # the number that the rule needs: cases, a count, a ratio of ends, a rounding; 0: none
    bound: Bound = Bound.NONE  # whether the value is a bound
    outcome: str = ""  # outcome or row of the table of facts that is compared with it; empty: none
    definition: str = ""  # denominator and truncation
    because: str = ""  # what it is an input of, or why no run gives it
    ranges: tuple[str, ...] = ()  # parameters whose plausible range names it
    added: str = ""  # the day on which it was written, where sets had been chosen before
    question: str = ""  # what a miss puts in question, by judgement
    # True if it is one of the facts by which a calibration is summed up: draws of the prior meet it too seldom to
    # agree by themselves. Written down before a calibration starts, from runs of the prior that it does not use.
    informative: bool = False

    @property
    def scale(self) -> str:
        """Name of the scale for comparing model and fact: logit for a share, log otherwise."""
        return "logit" if self.unit == "share" else "log"

    def scaled(self, values: Floats) -> Floats:
        """Converts values to the fact's scale (logit or log), on which errors are nearly normal."""
        least = FLOOR * self.value
        if self.scale == "log":
            return np.log(np.maximum(values, least))
        share = np.clip(values, least, 1.0 - FLOOR * (1.0 - self.value))
        return np.asarray(np.log(share / (1.0 - share)))

    def unscaled(self, values: Floats) -> Floats:
        """Converts values back from the fact's scale; inverse of `scaled`."""
        return np.asarray(np.exp(values) if self.scale == "log" else 1.0 / (1.0 + np.exp(-values)))

    def linked(self, values: Floats) -> Floats:
        """Converts values to the emulators' scale, on which random variance is nearly constant.

        The root of a rate, the arcsine of the root of a share, and the log of all else.
        """
        if self.unit == "share":
            return np.asarray(np.arcsin(np.sqrt(np.clip(values, 0.0, 1.0))))
        return np.sqrt(values) if self.unit == RATE else self.scaled(values)

    @property
    def is_counted(self) -> bool:
        """True if the value is the yearly rate of a number that was counted in a sample, such as a public record."""
        return self.unit == RATE and self.bound is Bound.NONE and self.of > 0.0

    @property
    def counted_years(self) -> float:
        """Years over which the published number was counted."""
        return self.of / self.value

    @property
    def slope(self) -> float:
        """Derivative of the emulators' scale with respect to the fact's scale, at the fact."""
        if self.unit == "share":
            return 0.5 * math.sqrt(self.value * (1.0 - self.value))
        return 0.5 * math.sqrt(self.value) if self.unit == RATE else 1.0

    @property
    def least_chance(self) -> float:
        """Minimum random variance of a run, on the emulators' scale.

        Sets that were run twice say too little of a rate that is nearly 0 in most of them. 0 where it is no rate.
        """
        return self.low - _mean_root(self.low) ** 2 if self.unit == RATE else 0.0

    @property
    def linked_band(self) -> tuple[float, float]:
        """Range of mean outcomes that agree with the fact, on the emulators' scale."""
        linked = _mean_root if self.unit == RATE else lambda end: float(self.linked(np.array(end)))
        return self._opened(linked(self.low), linked(self.high))

    @property
    def middle(self) -> float:
        """The published value on the fact's scale (see `scaled`)."""
        return float(self.scaled(np.array([self.value]))[0])

    @property
    def half_width(self) -> float:
        """Largest distance from the published value that counts as agreement, on the fact's scale."""
        return ERRORS * self.error

    @property
    def scaled_band(self) -> tuple[float, float]:
        """Range of outcomes that agree with the fact, on the fact's scale (see `scaled`)."""
        return self._opened(self.middle - self.half_width, self.middle + self.half_width)

    @property
    def low(self) -> float:
        """Smallest outcome that agrees with the fact, in the fact's unit."""
        return float(self.unscaled(np.array(self.scaled_band[0])))

    @property
    def high(self) -> float:
        """Largest outcome that agrees with the fact, in the fact's unit."""
        return float(self.unscaled(np.array(self.scaled_band[1])))

    def _opened(self, low: float, high: float) -> tuple[float, float]:
        """Ends of a range, with infinity on the side where the fact is only a bound."""
        return (-math.inf if self.bound is Bound.UPPER else low), (math.inf if self.bound is Bound.LOWER else high)

    def inside(self, values: Floats) -> Mask:
        """True for each value that agrees with the fact; missing values do not agree."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def apart(self, scaled: Floats, middle: float | None = None) -> Floats:
        """Distance of each value from the fact, on the given scale; 0 on the side that a bound allows."""
        gap = scaled - (self.middle if middle is None else middle)
        if self.bound is Bound.NONE:
            return np.abs(gap)
        return np.maximum(gap if self.bound is Bound.UPPER else -gap, 0.0)

    def distance(self, values: Floats) -> Floats:
        """Distance of each value from the range that agrees with the fact, in half-widths; 0 within; NaN: missing."""
        return np.maximum(self.apart(self.scaled(values)) / self.half_width - 1.0, 0.0)


def _mean_root(rate: float) -> float:
    """Expected square root of a rate that is measured by a Poisson count."""
    if math.isinf(rate):
        return rate
    from scipy.stats import poisson  # most of a second that a study, which asks for shipped sets, need not wait

    counts = poisson(rate * COUNTED_YEARS)
    number = np.arange(int(counts.ppf(1.0 - 1e-9)) + 1)
    return float(np.sum(counts.pmf(number) * np.sqrt(number / COUNTED_YEARS)))


@cache
def targets() -> tuple[CalibrationTarget, ...]:
    """All published facts, in the order of targets.yaml."""
    return tuple(map(_target, read_entries(FILE)))


def of_role(role: Role) -> tuple[CalibrationTarget, ...]:
    """Facts with a given role to which an outcome of the model corresponds."""
    return tuple(target for target in targets() if target.role is role and target.outcome)


def fingerprint() -> str:
    """Hash of the facts used for fitting: values, errors and corresponding outcomes.

    Words may change, and so may facts that only judge: the same sets would be chosen.
    """
    plain = sorted([one.key, one.outcome, one.unit, one.value, one.error, one.bound] for one in of_role(Role.FIT))
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]


def _target(entry: Mapping[str, Any]) -> CalibrationTarget:
    """Makes a fact from its entry in targets.yaml."""
    kinds: dict[str, Callable[[Any], Any]] = {
        "flag": Flag,
        "role": Role,
        "bound": Bound,
        "ranges": tuple,
        "informative": bool,
    }
    kinds |= dict.fromkeys(("value", "error", "of"), float)
    try:
        read: dict[str, Any] = {name: kinds.get(name, str)(value) for name, value in entry.items()}
        return CalibrationTarget(**read)
    except (TypeError, ValueError) as error:
        raise DataError(f"{FILE}: {entry.get('key')}: {error}") from None
