"""Published facts as data (sim/data/targets.yaml): value, error of measurement, and what measures each in a run.

Facts that fit choose parameter sets; those kept for validation never do, and which these are a rule decides that stands
in the file (`held_out`). A fact that is used is an input, so that meeting it is no evidence.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import poisson

from sim.data.load import DataError, read_entries
from sim.measures.arrays import Floats, Mask
from sim.measures.facts import FactKey
from sim.measures.outcomes import CHECKS, OUTCOMES
from sim.world.parameters import declarations

FILE = "targets.yaml"
#: An outcome meets a fact within this many standard errors of its measurement.
ERRORS = 2.0
#: Years over which a run of the default world counts rates.
COUNTED_YEARS = 10.0
#: An outcome of 0 or 1 counts as this part of the fact's way to it.
FLOOR = 0.1


class Role(StrEnum):
    """What a fact is used for; never two."""

    FIT = "fit"
    VALIDATION = "validation"
    #: Kept for validation, until the model was changed because it had missed the fact: it judges nothing any more.
    REVISED = "revised"
    USED = "used"
    UNMODELLED = "unmodelled"


class Flag(StrEnum):
    """Whether a fact was read in the text of the body that issued it."""

    READ = "read"
    RECALLED = "recalled"


class Bound(StrEnum):
    """Whether the value bounds the quantity on one side, and speaks only against outcomes on the other."""

    NONE = ""
    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True)
class CalibrationTarget:
    """A published fact."""

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

    @property
    def scale(self) -> str:
        """Logit for shares, log for all else."""
        return "logit" if self.unit == "share" else "log"

    def scaled(self, values: Floats) -> Floats:
        """Values on the scale on which they are about normal; NaN stays NaN."""
        least = FLOOR * self.value
        if self.scale == "log":
            return np.log(np.maximum(values, least))
        share = np.clip(values, least, 1.0 - FLOOR * (1.0 - self.value))
        return np.asarray(np.log(share / (1.0 - share)))

    def unscaled(self, values: Floats) -> Floats:
        """The inverse of `scaled`."""
        return np.asarray(np.exp(values) if self.scale == "log" else 1.0 / (1.0 + np.exp(-values)))

    def linked(self, values: Floats) -> Floats:
        """Values on the scale of emulators, on which chance is much alike and zeros are no outliers.

        The root of a rate, the arcsine of the root of a share, and the log of all else.
        """
        if self.unit == "share":
            return np.asarray(np.arcsin(np.sqrt(np.clip(values, 0.0, 1.0))))
        return np.sqrt(values) if self.unit == "per year" else self.scaled(values)

    @property
    def slope(self) -> float:
        """How much `linked` rises for each unit of `scaled`, at the fact."""
        if self.unit == "share":
            return 0.5 * math.sqrt(self.value * (1.0 - self.value))
        return 0.5 * math.sqrt(self.value) if self.unit == "per year" else 1.0

    @property
    def least_chance(self) -> float:
        """Least variance of one run on the scale of emulators, at the near end of the band: that of a Poisson count.

        Sets that were run twice say too little of a rate that is nearly 0 in most of them. 0 where it is no rate.
        """
        if self.unit != "per year":
            return 0.0
        return self.low - _mean_root(self.low) ** 2

    def _opened(self, low: float, high: float) -> tuple[float, float]:
        """Both ends of a band, open on the side that a bound leaves open."""
        return (-math.inf if self.bound is Bound.UPPER else low), (math.inf if self.bound is Bound.LOWER else high)

    @property
    def linked_band(self) -> tuple[float, float]:
        """The band on the scale of emulators, of means over runs; open where the value is a bound."""
        low, high = self.low, self.high
        if self.unit == "per year":
            return self._opened(_mean_root(low), _mean_root(high))
        return self._opened(*self.linked(np.array([low, high])).tolist())

    @property
    def middle(self) -> float:
        """The value on the scale of `scaled`."""
        return float(self.scaled(np.array([self.value]))[0])

    @property
    def half_width(self) -> float:
        """How far from the fact an outcome meets it, on the scale of `scaled`: the unit of distances."""
        return ERRORS * self.error

    @property
    def low(self) -> float:
        """The least outcome that meets the fact, in its unit."""
        return self._band[0]

    @property
    def high(self) -> float:
        """The largest outcome that meets the fact, in its unit."""
        return self._band[1]

    @property
    def _band(self) -> tuple[float, float]:
        """Between which an outcome meets the fact; open, and of a share up to 0 or 1, where the value is a bound."""
        ends = self._opened(self.middle - self.half_width, self.middle + self.half_width)
        low, high = self.unscaled(np.array(ends)).tolist()
        return low, high

    def inside(self, values: Floats) -> Mask:
        """Whether each value meets the fact; a missing one does not."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def apart(self, scaled: Floats, middle: float | None = None) -> Floats:
        """How far values, `scaled` or on another scale as `middle` is, lie from the fact; 0 where a bound is open."""
        gap = scaled - (self.middle if middle is None else middle)
        if self.bound is Bound.NONE:
            return np.abs(gap)
        return np.maximum(gap if self.bound is Bound.UPPER else -gap, 0.0)

    def distance(self, values: Floats) -> Floats:
        """How far each value lies outside the band, in half-widths; 0 inside, NaN where the outcome is missing."""
        return np.maximum(self.apart(self.scaled(values)) / self.half_width - 1.0, 0.0)


def _mean_root(rate: float) -> float:
    """Mean of the root of a rate that is counted over the years of a run, which is below the root of its mean."""
    if math.isinf(rate):
        return rate
    counts = poisson(rate * COUNTED_YEARS)
    number = np.arange(int(counts.ppf(1.0 - 1e-9)) + 1)
    return float(np.sum(counts.pmf(number) * np.sqrt(number / COUNTED_YEARS)))


@cache
def targets() -> tuple[CalibrationTarget, ...]:
    """All facts in the order of the file."""
    found = tuple(_target(entry) for entry in read_entries(FILE))
    for name, number in Counter(name for one in found for name in (one.key, f"{one.by}, {one.quantity}")).items():
        if number > 1:
            raise DataError(f"{FILE}: {name}: two facts of one name, or of one publisher and quantity")
    return found


def of_role(role: Role) -> tuple[CalibrationTarget, ...]:
    """Facts of one role that have an outcome."""
    return tuple(target for target in targets() if target.role is role and target.outcome)


def held_out(found: Iterable[CalibrationTarget]) -> frozenset[str]:
    """Quantities that were kept for validation: of each kind half, rounded up, by the hash of their names.

    Those that built the plausible range of a parameter are left out, and those that were added later are all kept.
    """
    open_to = [target for target in found if target.role in (Role.FIT, Role.VALIDATION, Role.REVISED)]
    kept = {target.quantity for target in open_to if target.added}
    built = {target.quantity for target in open_to if target.ranges} | kept
    for kind in {target.kind for target in open_to}:
        names = {target.quantity for target in open_to if target.kind == kind} - built
        ordered = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        kept.update(ordered[: (len(ordered) + 1) // 2])
    return frozenset(kept)


def fingerprint() -> str:
    """Hash of the facts that choose sets: what each is compared with, and its numbers.

    Words may change, and so may facts that only judge: the same sets would be chosen.
    """
    plain = sorted([one.key, one.outcome, one.unit, one.value, one.error, one.bound] for one in of_role(Role.FIT))
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]


def _target(entry: Mapping[str, Any]) -> CalibrationTarget:
    """One entry, checked."""
    key = str(entry.get("key", "an entry without key"))
    kept: dict[str, Callable[[Any], Any]] = {"flag": Flag, "role": Role, "bound": Bound}
    kept |= {"value": float, "error": float, "of": float, "ranges": tuple}
    try:  # all else is text of one line
        read: dict[str, Any] = {name: kept.get(name, str)(value) for name, value in entry.items()}
        read |= {name: " ".join(value.split()) for name, value in read.items() if type(value) is str}
        target = CalibrationTarget(**read)
    except (TypeError, ValueError) as error:
        raise DataError(f"{FILE}: {key}: {error}") from None
    if problem := _problem(target):
        raise DataError(f"{FILE}: {key}: {problem}")
    return target


def _problem(target: CalibrationTarget) -> str:
    """What is wrong with a fact; empty where nothing is."""
    judges = target.role in (Role.FIT, Role.VALIDATION)
    if judges and not (target.outcome and target.definition and target.kind):
        return "a fact that judges needs outcome, definition and kind"
    if target.added and target.role is Role.FIT:
        return "a fact that was added after sets had been chosen is kept for validation"
    if judges == bool(target.because):
        return "because says what a fact is an input of or why no run gives it, and is for no other"
    if target.outcome and not (target.error_is and target.error > 0):
        return "a fact with an outcome needs error and error_is"
    if target.outcome and not (target.value > 0 and (target.scale == "log" or target.value < 1)):
        return f"value = {target.value:g} has no {target.scale}"
    if unknown := set(target.ranges) - {name for name, _, _ in declarations()}:
        return f"ranges: {min(unknown)!r} is no parameter"
    units = {one.key: one.unit for one in (*OUTCOMES, *CHECKS)} | {fact.name.lower(): fact.unit for fact in FactKey}
    if target.outcome and target.outcome not in units:
        return f"outcome = {target.outcome!r} is no outcome"
    unit = units.get(target.outcome, target.unit)
    return f"unit = {target.unit!r}, but the outcome has {unit!r}" if unit != target.unit else ""
