"""Emulators: what a run would give for a parameter set, and history matching: which sets they do not rule out.

One emulator an outcome: ridge regression on the shares of the strongest parameters, squares and products of the very
strongest, the penalty chosen by leave-one-out error. Which are the strongest is decided inside every fold of the
cross-validation, so that the error is that of sets never seen; how many are used, and how many of them are squared and
multiplied, is what gives the least error. Few are best where runs are few: waits and counts hang on three or four.
What is left is learned from all parameters together, with weights that are shrunk so strongly that each has a little:
hundreds of parameters move the number of operations, none by much. A Gaussian process with one length scale for each
of the ten strongest was better for 3 of 16 facts, by little, and took minutes (docs/calibration.md).

A set is implausible for a fact where the emulated outcome lies far from it, measured in standard deviations of all that
could explain it: the emulator's error, chance, the error of the fact's measurement, and what no parameter set could
repair in the model (DISCREPANCY, declared here). An outcome that is often missing has a second emulator for whether it
is there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
from scipy.special import ndtr as normal_share

from sim.calibration.targets import CalibrationTarget
from sim.experiments.portfolio import linear_models
from sim.measures.arrays import Floats, Integers

#: Shapes that are tried: how many parameters are linear, squared, and multiplied with each other.
SHAPES = ((3, 3, 0), (6, 3, 3), (15, 3, 2), (30, 6, 4), (60, 15, 10))
#: Parts of the data that are predicted from the others, in turn.
FOLDS = 5
PENALTIES = tuple(10.0**power for power in np.arange(-1.0, 4.6, 0.5).tolist())
#: A uniform share less a half, times this, has variance 1.
_STANDARD = math.sqrt(12.0)
#: A set that is compared with so few others says nothing of an emulator.
FEWEST = 3 * FOLDS


Shape = tuple[int, int, int]
#: Penalties that are tried for what all parameters together do beside those; infinite: nothing.
RESTS = (300.0, 1000.0, 3000.0, math.inf)


@dataclass(frozen=True)
class Emulator:
    """A fitted emulator."""

    strongest: Integers  # places of the parameters used, the strongest first
    shape: Shape  # how many of them are linear, squared, and multiplied with each other
    weights: Floats  # f8[features] coefficients
    rest: Floats  # f8[parameters] weights of all parameters in what these leave
    intercept: float  # at features of 0
    error: float  # mean squared error for sets not seen, chance of one run included
    explained: float  # R² for sets not seen; below 0 where a constant does better
    main_effects: Floats  # f8[parameters] part of the explained linear variance that each parameter has

    def __call__(self, cube: Floats) -> Floats:
        """Predictions for f8[sets, parameters] shares."""
        main = _features(cube, self.strongest, self.shape) @ self.weights
        return np.asarray(main + (cube - 0.5) @ self.rest + self.intercept)


def fit(cube: Floats, values: Floats, inputs: Integers | None = None) -> Emulator:
    """Fits an emulator of an outcome and estimates its error for sets that it has not seen; NaN are left out.

    It may use the parameters at the places of `inputs`, or all; what others do is part of its error.
    """
    known = ~np.isnan(values)
    inputs = np.arange(cube.shape[1]) if inputs is None else inputs
    cube, values = cube[known], values[known]
    if len(values) < FEWEST:
        raise ValueError(f"{len(values)} sets are too few for an emulator: {FEWEST} at least")

    def tried(shape: Shape, penalty: float) -> Floats:
        """What each set is predicted to have by others."""
        return cross_validated(cube, values, lambda one, of, new: _fitted(one, of, inputs, shape, penalty)(new))

    def error(predicted: Floats) -> float:
        """Mean squared error."""
        return float(np.mean((values - predicted) ** 2))

    by_shape = {shape: tried(shape, math.inf) for shape in SHAPES}
    shape = min(by_shape, key=lambda shape: error(by_shape[shape]))
    by_rest = {rest: by_shape[shape] if math.isinf(rest) else tried(shape, rest) for rest in RESTS}
    rest = min(by_rest, key=lambda rest: error(by_rest[rest]))
    found = _fitted(cube, values, inputs, shape, rest)
    return replace(found, error=error(by_rest[rest]), explained=explained(values, by_rest[rest]))


def _fitted(cube: Floats, values: Floats, inputs: Integers, shape: Shape, penalty: float) -> Emulator:
    """An emulator of one shape, whose error is not known."""
    strongest = inputs[find_strongest(cube[:, inputs], values, shape[0])]
    features = _features(cube, strongest, shape)
    models = linear_models("calibration")
    main = models.RidgeCV(alphas=PENALTIES).fit(features, values)
    weights, intercept = np.asarray(main.coef_, np.float64), float(main.intercept_)
    rest, linear = np.zeros(cube.shape[1]), np.zeros(cube.shape[1])
    if math.isfinite(penalty):
        model = models.Ridge(alpha=penalty)
        model.fit((cube - 0.5) * _STANDARD, values - features @ weights - intercept)
        rest, intercept = np.asarray(model.coef_, np.float64) * _STANDARD, intercept + float(model.intercept_)
    linear[strongest] = weights[: len(strongest)] ** 2
    effects = linear / max(float(linear.sum()), 1e-300)
    return Emulator(strongest, shape, weights, rest, intercept, math.nan, math.nan, effects)


def constant(value: float, error: float, parameters: int) -> Emulator:
    """What stands for an emulator where too few sets have the outcome: one value for all, with a large error."""
    none, zeros = np.empty(0, np.int64), np.zeros(parameters)
    return Emulator(none, (0, 0, 0), np.empty(0), zeros, value, error, math.nan, zeros)


def cross_validated(cube: Floats, values: Floats, predict: Any) -> Floats:
    """What each set is predicted to have from the other folds; folds are taken in turn, as sets stand in no order."""
    fold = np.arange(len(values)) % FOLDS
    found = np.empty(len(values))
    for out in (fold == number for number in range(FOLDS)):
        found[out] = predict(cube[~out], values[~out], cube[out])
    return found


def explained(values: Floats, predicted: Floats) -> float:
    """R² of predictions; NaN where all values are equal."""
    spread = float(np.sum((values - values.mean()) ** 2))
    return 1.0 - float(np.sum((values - predicted) ** 2)) / spread if spread > 0 else math.nan


def find_strongest(cube: Floats, values: Floats, number: int) -> Integers:
    """Places of the parameters that go with an outcome most, by correlation, the strongest first."""
    centred = cube - cube.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    strength = np.abs(centred.T @ (values - values.mean())) / np.maximum(spread, 1e-12)
    return np.argsort(-strength, kind="stable")[:number]


def _features(cube: Floats, strongest: Integers, shape: Shape) -> Floats:
    """Shares of the strongest parameters with mean 0 and variance 1, then squares and products of the first few."""
    linear = (cube[:, strongest] - 0.5) * _STANDARD
    squares = linear[:, : shape[1]] ** 2 - 1.0
    one, other = np.triu_indices(min(shape[2], linear.shape[1]), 1)
    return np.hstack([linear, squares, linear[:, one] * linear[:, other]])


def one_thread() -> AbstractContextManager[Any]:
    """Linear algebra in one thread: for matrices as small as these several would mostly wait for each other."""
    with suppress(ModuleNotFoundError):  # it comes with scikit-learn, and `linear_models` says what is missing
        found: AbstractContextManager[Any] = import_module("threadpoolctl").threadpool_limits(1)
        return found
    return nullcontext()


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
    for target, column, own in zip(targets, values.T, chance.tolist(), strict=True):
        there = ~np.isnan(column)
        missing = 1.0 - float(there.mean())
        is_often = OFTEN_MISSING < missing < 1.0 - OFTEN_MISSING
        presence = fit(cube, there.astype(np.float64), inputs) if is_often else None
        if there.sum() >= FEWEST:
            emulator = fit(cube, column, inputs)
        else:  # hardly any set has it: a constant that rules nothing out
            middle = column[there].mean() if there.any() else target.linked(np.array([target.value]))[0]
            width = 3.0 * target.half_width * target.slope
            emulator = constant(float(middle), width**2, cube.shape[1])
        parts.append(Matched(target, emulator, presence, own, missing))
    return Match(tuple(parts))


def chance_of(pairs: Floats) -> Floats:
    """Variance of one run about the mean of its set, from pairs of runs, f8[sets, 2, targets] as emulators scale."""
    difference = pairs[:, 0] - pairs[:, 1]
    known = (column[~np.isnan(column)] for column in difference.T)
    return np.array([float(np.mean(column**2)) / 2 if len(column) else 0.0 for column in known])
