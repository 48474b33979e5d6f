"""History matching: which parameter sets the emulators do not rule out.

A set is implausible for a fact where the emulated outcome lies far from it, measured in standard deviations of all that
could explain it: the emulator's error, chance, the error of the fact's measurement, and what no parameter set could
repair in the model (DISCREPANCY, declared here). An outcome that is often missing has a second emulator for whether it
is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr as normal_share

from sim.calibration.emulator import FEWEST, Emulator, constant, fit
from sim.calibration.targets import CalibrationTarget
from sim.measures.arrays import Floats, Integers

#: Standard deviation of the model's own discrepancy, in logs or logits; judgement until facts kept apart have shown it.
DISCREPANCY = 0.1
#: A set is ruled out where it is more than so many standard deviations from any fact.
CUT = 3.0
#: An outcome missing in more than this part of the sets has an emulator for whether it is there.
OFTEN_MISSING = 0.02
_LEAST_PROBABILITY = 1e-9


@dataclass(frozen=True)
class Matched:
    """One target's emulators."""

    target: CalibrationTarget
    emulator: Emulator  # of the outcome on the scale of emulators
    presence: Emulator | None  # of whether the outcome is there, 0 or 1; None where it hardly ever is missing
    chance: float  # variance of one run about the mean of its set
    missing: float  # share of sets without the outcome

    @property
    def own_error(self) -> float:
        """Variance of the emulator about the mean of a set: its error for sets not seen, less chance."""
        return max(self.emulator.error - self.chance, 0.05 * self.emulator.error)

    @property
    def discrepancy(self) -> float:
        """Variance of the model's own discrepancy."""
        return (DISCREPANCY * self.target.slope) ** 2

    def apart(self, linked: Floats) -> Floats:
        """How far outcomes on the scale of emulators lie from the fact."""
        return self.target.apart(linked, float(self.target.linked(np.array([self.target.value]))[0]))

    def implausibility(self, cube: Floats) -> Floats:
        """Standard deviations from the fact, f8[sets]; the larger of value and presence."""
        measured = (self.target.error * self.target.slope) ** 2
        variance = self.own_error + self.chance + self.discrepancy + measured
        found = self.apart(self.emulator(cube)) / np.sqrt(variance)
        if self.presence is not None:
            absent = np.maximum(0.5 - self.presence(cube), 0.0) / np.sqrt(self.presence.error)
            found = np.maximum(found, absent)
        return np.asarray(found)

    def probability(self, cube: Floats, seen: Floats | None = None, runs: Integers | int = 1) -> Floats:
        """P(the mean of a set meets the fact), f8[sets]; means of runs that were seen count beside the emulator."""
        low, high = self.target.linked_band
        mean, variance = self.emulator(cube), np.full(len(cube), self.own_error)
        there = np.ones(len(cube)) if self.presence is None else np.clip(self.presence(cube), 0.02, 1.0)
        if seen is not None:
            known = ~np.isnan(seen)
            weight = self.own_error / (self.own_error + max(self.chance, 1e-12) / runs)
            mean = np.where(known, mean + weight * (np.where(known, seen, 0.0) - mean), mean)
            variance = np.where(known, self.own_error * (1.0 - weight), variance)
            there = np.where(known, 1.0, 0.5 * there)
        spread = np.sqrt(variance + self.discrepancy)
        inside = normal_share((high - mean) / spread) - normal_share((low - mean) / spread)
        return np.asarray(np.maximum(inside * there, _LEAST_PROBABILITY))


@dataclass(frozen=True)
class Match:
    """All facts that fit, emulated."""

    parts: tuple[Matched, ...]

    def implausibility(self, cube: Floats) -> Floats:
        """The worst over targets, f8[sets]."""
        return np.asarray(np.max([part.implausibility(cube) for part in self.parts], axis=0))

    def energy(self, cube: Floats, seen: Floats | None = None, runs: Integers | int = 1) -> Floats:
        """Minus the log of the probability that a set meets all targets, f8[sets]; seen: f8[sets, targets]."""
        found = np.zeros(len(cube))
        for place, part in enumerate(self.parts):
            found -= np.log(part.probability(cube, None if seen is None else seen[:, place], runs))
        return found


def match(
    targets: Sequence[CalibrationTarget], cube: Floats, values: Floats, chance: Floats, inputs: Integers | None = None
) -> Match:
    """Fits the emulators of all targets, which may use the parameters at the places of `inputs`.

    Values are f8[sets, targets] on the scale of emulators, NaN where an outcome is missing; chance is f8[targets]
    variance of one run about the mean of its set.
    """
    parts = []
    for place, target in enumerate(targets):
        there = ~np.isnan(values[:, place])
        missing = 1.0 - float(there.mean())
        presence = (
            fit(cube, there.astype(np.float64), inputs) if OFTEN_MISSING < missing < 1.0 - OFTEN_MISSING else None
        )
        emulator = _emulator(target, cube, values[:, place], inputs)
        parts.append(Matched(target, emulator, presence, float(chance[place]), missing))
    return Match(tuple(parts))


def _emulator(target: CalibrationTarget, cube: Floats, values: Floats, inputs: Integers | None) -> Emulator:
    """The emulator of an outcome; of one that hardly any set has, a constant that rules nothing out."""
    known = values[~np.isnan(values)]
    if len(known) >= FEWEST:
        return fit(cube, values, inputs)
    middle = float(known.mean()) if len(known) else float(target.linked(np.array([target.value]))[0])
    return constant(middle, (3.0 * target.half_width * target.slope) ** 2, cube.shape[1])


def chance_of(pairs: Floats) -> Floats:
    """Variance of one run about the mean of its set, from pairs of runs, f8[sets, 2, targets] as emulators scale."""
    difference = pairs[:, 0] - pairs[:, 1]
    known = (column[~np.isnan(column)] for column in difference.T)
    return np.array([float(np.mean(column**2)) / 2 if len(column) else 0.0 for column in known])
