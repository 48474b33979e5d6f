"""Published facts as data (sim/data/targets.yaml): the outcome that each is compared with, and the band that it allows.

A target that calibrates chooses parameter sets; one that validates never does. An echo has a parameter that rests on
the same fact or decides the outcome nearly alone, so that meeting it is no evidence.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np

from sim.data.load import DataError, read_entries
from sim.law.vocabulary import EvidenceTag
from sim.measures.arrays import Floats, Mask
from sim.measures.outcomes import outcome
from sim.world.parameters import declarations

FILE = "targets.yaml"
#: Of a band that is open on one side, what stands for half its width, as a part of the other end.
OPEN_SHARE = 0.25
#: On a log scale an outcome of 0 counts as this part of the band's end.
FLOOR_SHARE = 0.1


class Role(StrEnum):
    """What a target is used for; never both."""

    CALIBRATE = "calibrate"
    VALIDATE = "validate"


class Insight(StrEnum):
    """What it says about the model that a target is met."""

    INFORMATIVE = "informative"
    ECHO = "echo"
    MET_BY_PRIOR = "met by prior"


@dataclass(frozen=True)
class CalibrationTarget:
    """A published fact and the band around it.

    Attributes:
        key: its name.
        title: in plain words.
        unit: of value, band and outcome.
        outcome: key of the outcome compared with it; empty where runs of the policy decade give none.
        definition: denominator and truncation.
        value: what was published; a set where sources differ.
        low, high: the band that counts as met; infinite where it is open.
        scale: linear, or log for what is skewed.
        role: calibrate or validate.
        insight: informative, echo or met by the prior.
        echo_of: the parameter that decides it, of an echo.
        source, status: as in every data file.
    """

    key: str
    title: str
    unit: str
    outcome: str
    definition: str
    value: tuple[float, ...]
    low: float
    high: float
    scale: str
    role: Role
    insight: Insight
    echo_of: str
    source: str
    status: EvidenceTag

    @property
    def kind(self) -> str:
        """Its insight in words, with the parameter of an echo."""
        return f"echo of {self.echo_of}" if self.insight is Insight.ECHO else str(self.insight)

    def inside(self, values: Floats) -> Mask:
        """Whether each value lies in the band; a missing one does not."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def scaled(self, values: Floats) -> Floats:
        """Values on the scale on which they are about normal; NaN stays NaN."""
        if self.scale == "linear":
            return np.asarray(values, np.float64)
        least = FLOOR_SHARE * (self.low if math.isfinite(self.low) and self.low > 0 else self.high)
        return np.log(np.maximum(values, least))

    @property
    def band(self) -> tuple[float, float]:
        """The ends of the band on the scale of `scaled`."""
        low, high = self.scaled(np.array([self.low, self.high]))
        if self.scale == "log" and not self.low > 0:
            low = -math.inf
        return float(low), float(high)

    @property
    def half_width(self) -> float:
        """Half the width of the band on the scale of `scaled`: the unit of distances."""
        low, high = self.band
        if math.isfinite(low) and math.isfinite(high):
            return (high - low) / 2
        end = high if math.isfinite(high) else low
        return math.log1p(OPEN_SHARE) if self.scale == "log" else OPEN_SHARE * abs(end)

    def distance(self, values: Floats) -> Floats:
        """How far each value lies outside the band, in half-widths; 0 inside, NaN where the outcome is missing."""
        low, high = self.band
        scaled = self.scaled(values)
        return np.maximum(np.maximum(low - scaled, scaled - high), 0.0) / self.half_width


@cache
def targets() -> tuple[CalibrationTarget, ...]:
    """All targets in the order of the file.

    Raises:
        DataError: names the entry and the key that cannot be used.
    """
    entries = read_entries(FILE)
    found = tuple(_target(entry) for entry in entries)
    keys = [target.key for target in found]
    for key in keys:
        if keys.count(key) > 1:
            raise DataError(f"{FILE}: {key}: two targets of this name")
    return found


def of_role(role: Role) -> tuple[CalibrationTarget, ...]:
    """Targets of one role that have an outcome."""
    return tuple(target for target in targets() if target.role is role and target.outcome)


def fingerprint() -> str:
    """Hash of all targets."""
    plain = [asdict(target) for target in targets()]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _target(entry: Mapping[str, Any]) -> CalibrationTarget:
    """One entry, checked."""
    key = str(entry.get("key", "an entry without key"))
    try:
        target = CalibrationTarget(
            key=key,
            title=str(entry["title"]),
            unit=str(entry["unit"]),
            outcome=str(entry["outcome"] or ""),
            definition=str(entry["definition"]).strip(),
            value=tuple(float(value) for value in entry["value"]),
            low=-math.inf if entry["low"] is None else float(entry["low"]),
            high=math.inf if entry["high"] is None else float(entry["high"]),
            scale=str(entry["scale"]),
            role=Role(entry["role"]),
            insight=Insight(entry["kind"]),
            echo_of=str(entry.get("echo_of", "")),
            source=str(entry["source"]).strip(),
            status=EvidenceTag(entry["status"]),
        )
    except KeyError as error:
        raise DataError(f"{FILE}: {key}: {error.args[0]} is missing") from None
    except (TypeError, ValueError) as error:
        raise DataError(f"{FILE}: {key}: {error}") from None
    if problem := _problem(target):
        raise DataError(f"{FILE}: {key}: {problem}")
    return target


def _problem(target: CalibrationTarget) -> str:
    """What is wrong with a target; empty where nothing is."""
    if not target.low < target.high:
        return f"low = {target.low:g} is not below high = {target.high:g}"
    if not (math.isfinite(target.low) or math.isfinite(target.high)):
        return "a band that is open on both sides is none"
    if target.scale not in ("linear", "log"):
        return f"scale = {target.scale!r} is neither linear nor log"
    if target.scale == "log" and not target.high > 0:
        return f"high = {target.high:g} cannot be on a log scale"
    if target.insight is Insight.ECHO and target.echo_of not in {name for name, _, _ in declarations()}:
        return f"echo_of = {target.echo_of!r} is no parameter"
    if target.insight is not Insight.ECHO and target.echo_of:
        return "echo_of is given for what is no echo"
    if target.outcome:
        try:
            unit = outcome(target.outcome).unit
        except KeyError:
            return f"outcome = {target.outcome!r} is no outcome"
        if unit != target.unit:
            return f"unit = {target.unit!r}, but the outcome has {unit!r}"
    return ""
