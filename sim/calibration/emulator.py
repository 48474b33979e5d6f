"""Emulators, which predict outcomes from parameters, and history matching, which excludes parameter sets.

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
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
from scipy.special import ndtr as normal_share

from sim.calibration.targets import DISCREPANCY, CalibrationTarget
from sim.experiments.portfolio import linear_models
from sim.measures.arrays import Floats, Integers

Shape = tuple[int, int, int]
#: Shapes that are tried: how many parameters are linear, squared, and multiplied with each other.
SHAPES: tuple[Shape, ...] = ((3, 3, 0), (6, 3, 3), (15, 3, 2), (30, 6, 4), (60, 15, 10))
#: Penalties that are tried for the joint effect of all other parameters; infinite: no effect.
RESTS = (300.0, 1000.0, 3000.0, math.inf)
#: Parts of the data that are predicted from the others, in turn.
FOLDS = 5
PENALTIES = tuple(10.0**power for power in np.arange(-1.0, 4.6, 0.5).tolist())
#: A uniform share less a half, times this, has variance 1.
_STANDARD = math.sqrt(12.0)
#: A set that is compared with so few others says nothing of an emulator.
FEWEST = 3 * FOLDS


@dataclass(frozen=True)
class Emulator:
    """Regression that predicts an outcome of the model from the parameters."""

    strongest: Integers  # places of the parameters used, the strongest first
    shape: Shape  # how many of them are linear, squared, and multiplied with each other
    weights: Floats  # f8[features] coefficients
    rest: Floats  # f8[parameters] weights of all parameters in what these leave
    intercept: float  # at features of 0
    error: float = math.nan  # mean squared error for sets not seen, chance of one run included
    explained: float = math.nan  # R² for sets not seen; below 0 where a constant does better; NaN where all are equal

    def __call__(self, cube: Floats) -> Floats:
        """Predicts the outcome of parameter sets, given as shares of ranges, f8[sets, parameters]."""
        main = _features(cube, self.strongest, self.shape) @ self.weights
        return np.asarray(main + (cube - 0.5) @ self.rest + self.intercept)

    @property
    def main_effects(self) -> Floats:
        """Share of each parameter in the variance that all linear terms explain, f8[parameters], of sum 1."""
        linear = np.zeros(len(self.rest))
        linear[self.strongest] = self.weights[: len(self.strongest)] ** 2
        return linear / max(float(linear.sum()), 1e-300)


def fit(cube: Floats, values: Floats, inputs: Integers | None = None) -> Emulator:
    """Fits an emulator to the values of an outcome, and estimates its error for new parameter sets.

    It may use the parameters at the places of `inputs`, or all; what others do is part of its error. Folds are taken in
    turn, as sets stand in no order.
    """
    known = ~np.isnan(values)
    inputs = np.arange(cube.shape[1]) if inputs is None else inputs
    cube, values = cube[known], values[known]

    def error(shape: Shape, penalty: float) -> float:
        """Mean squared error of predictions in cross-validation, for one form of emulator."""
        predicted, fold = np.empty(len(values)), np.arange(len(values)) % FOLDS
        for out in (fold == number for number in range(FOLDS)):
            predicted[out] = _fitted(cube[~out], values[~out], inputs, shape, penalty)(cube[out])
        return float(np.mean((values - predicted) ** 2))

    errors = {(shape, math.inf): error(shape, math.inf) for shape in SHAPES}
    shape, _ = min(errors, key=errors.__getitem__)
    errors |= {(shape, rest): error(shape, rest) for rest in RESTS if math.isfinite(rest)}
    least, spread = min(errors, key=errors.__getitem__), float(values.var())
    explained = 1.0 - errors[least] / spread if spread > 0.0 else math.nan
    return replace(_fitted(cube, values, inputs, *least), error=errors[least], explained=explained)


def _fitted(cube: Floats, values: Floats, inputs: Integers, shape: Shape, penalty: float) -> Emulator:
    """Fits an emulator of one form, from the parameters most correlated with the outcome."""
    models = linear_models("calibration")
    correlations = import_module("sklearn.feature_selection").r_regression(cube[:, inputs], values)
    strongest = inputs[np.argsort(-np.abs(correlations), kind="stable")[: shape[0]]]
    features = _features(cube, strongest, shape)
    main = models.RidgeCV(alphas=PENALTIES).fit(features, values)
    weights, intercept = np.asarray(main.coef_, np.float64), float(main.intercept_)
    rest = np.zeros(cube.shape[1])
    if math.isfinite(penalty):
        model = models.Ridge(alpha=penalty)
        model.fit((cube - 0.5) * _STANDARD, values - features @ weights - intercept)
        rest, intercept = np.asarray(model.coef_, np.float64) * _STANDARD, intercept + float(model.intercept_)
    return Emulator(strongest, shape, weights, rest, intercept)


def constant(value: float, error: float, parameters: int) -> Emulator:
    """Makes an emulator that predicts a constant with a large error, for outcomes that few sets have."""
    return Emulator(np.empty(0, np.int64), (0, 0, 0), np.empty(0), np.zeros(parameters), value, error)


def _features(cube: Floats, strongest: Integers, shape: Shape) -> Floats:
    """Inputs of an emulator's regression: standardised parameters, some squares and products."""
    linear = (cube[:, strongest] - 0.5) * _STANDARD
    squares = linear[:, : shape[1]] ** 2 - 1.0
    one, other = np.triu_indices(min(shape[2], linear.shape[1]), 1)
    return np.hstack([linear, squares, linear[:, one] * linear[:, other]])


def one_thread() -> AbstractContextManager[Any]:
    """Context manager that limits linear algebra to one thread, which is faster for small matrices."""
    linear_models("calibration")  # says what is missing before anything is run
    found: AbstractContextManager[Any] = import_module("threadpoolctl").threadpool_limits(1)
    return found


#: A set is ruled out where it is more than so many standard deviations from any fact.
CUT = 3.0
#: An outcome missing in more than this part of the sets has an emulator for whether it is there.
OFTEN_MISSING = 0.02
_LEAST_PROBABILITY = 1e-9
#: An emulated rate is at least this, per year.
_LEAST_RATE = 1e-3


@dataclass(frozen=True)
class Matched:
    """Emulators that predict a parameter set's agreement with one fact."""

    target: CalibrationTarget
    emulator: Emulator  # of the outcome on the scale of emulators
    presence: Emulator | None  # of whether the outcome is there, 0 or 1; None where it hardly ever is missing
    chance: float  # variance of one run about the mean of its set

    @property
    def own_error(self) -> float:
        """Variance of the emulator's error in predicting the mean outcome of a new parameter set."""
        return max(self.emulator.error - self.chance, 0.05 * self.emulator.error)

    @property
    def discrepancy(self) -> float:
        """Variance allowed for the difference between model and reality."""
        return (DISCREPANCY * self.target.slope) ** 2

    @property
    def unexplained(self) -> float:
        """Variance of one run's outcome around the fact, without the emulator's error."""
        return self.chance + self.discrepancy + (self.target.error * self.target.slope) ** 2

    def apart(self, linked: Floats) -> Floats:
        """Distance from the fact of outcomes on the emulators' scale; 0 on the side that a bound allows."""
        return self.target.apart(linked, float(self.target.linked(np.array(self.target.value))))

    def implausibility(self, cube: Floats) -> Floats:
        """Predicted distance of each set from the fact, in standard deviations, f8[sets]."""
        found = self.apart(self.emulator(cube)) / np.sqrt(self.own_error + self.unexplained)
        if self.presence is not None:
            found = np.maximum(found, np.maximum(0.5 - self.presence(cube), 0.0) / np.sqrt(self.presence.error))
        return np.asarray(found)

    def likelihood(self, cube: Floats) -> Floats:
        """Probability of the number on record under each set, relative to the rate that fits best, f8[sets].

        A count is Poisson about a rate, and the emulated rate has an error: it is taken as gamma, which makes the count
        negative binomial. Unlike agreement within a band, it weighs all rates, near and far.
        """
        target, middle, spread = self.target, self.emulator(cube), self.own_error + self.discrepancy
        # the emulator's scale is the root of a rate: its mean square is the rate, and holds the chance of one run
        rate = np.maximum(middle**2 + self.chance, _LEAST_RATE)
        variance = 4.0 * middle**2 * spread + 2.0 * spread**2 + _LEAST_RATE**2
        return count_probability(round(target.of), target.counted_years * rate, target.counted_years**2 * variance)

    def probability(self, cube: Floats, seen: Floats | None = None, runs: Integers | int = 1) -> Floats:
        """P(a set's mean outcome agrees with the fact), f8[sets], by the emulator and any runs."""
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
    """Emulators for all facts to which parameter sets are fitted."""

    parts: tuple[Matched, ...]

    def implausibility(self, cube: Floats) -> Floats:
        """Largest predicted distance of each set from any fact, in standard deviations, f8[sets]."""
        return np.asarray(np.max([part.implausibility(cube) for part in self.parts], axis=0))

    def energy(self, cube: Floats, seen: Floats | None = None, runs: Integers | int = 1) -> Floats:
        """Minus the log of P(a parameter set agrees with all facts), f8[sets]."""
        columns = [None] * len(self.parts) if seen is None else seen.T
        parts = zip(self.parts, columns, strict=True)
        return -np.sum([np.log(part.probability(cube, column, runs)) for part, column in parts], axis=0)

    def weight(self, cube: Floats, power: float = 1.0) -> Floats:
        """Minus the log of the weight by which sets are drawn, f8[sets].

        It is the probability that a set agrees with all other facts, to a power, times the likelihood of what a record
        counted, which no power sharpens: sets are a sample of what the record leaves open.
        """
        parts = [
            np.log(np.maximum(part.likelihood(cube), _LEAST_PROBABILITY))
            if part.target.is_counted
            else power * np.log(part.probability(cube))
            for part in self.parts
        ]
        return -np.sum(parts, axis=0)


def count_probability(number: int, mean: Floats, variance: Floats | float = 0.0) -> Floats:
    """Probability of a count, over that of the count which fits it best; its expectation has a mean and a variance.

    Negative binomial: Poisson, with an expectation that is gamma.
    """
    from scipy.stats import nbinom, poisson

    best = poisson.pmf(number, number)
    sure = np.asarray(variance) <= 1e-9 * np.square(mean)
    shape = np.square(mean) / np.where(sure, np.square(mean), variance)
    uncertain = nbinom.pmf(number, shape, shape / (shape + mean))
    return np.asarray(np.where(sure, poisson.pmf(number, mean), uncertain) / best)


def matched(target: CalibrationTarget, cube: Floats, values: Floats, chance: float, inputs: Integers) -> Matched:
    """Fits the emulators for one fact; `inputs` are the indices of the parameters used.

    Values are f8[sets] on the scale of emulators, NaN where the outcome is missing; chance is the variance of one run
    about the mean of its set.
    """
    there = ~np.isnan(values)
    is_often = OFTEN_MISSING < 1.0 - there.mean() < 1.0 - OFTEN_MISSING
    presence = fit(cube, there.astype(np.float64), inputs) if is_often else None
    if there.sum() >= FEWEST:
        return Matched(target, fit(cube, values, inputs), presence, chance)
    # hardly any set has it: a constant that rules nothing out
    middle = values[there].mean() if there.any() else target.linked(np.array(target.value))
    error = (3.0 * target.half_width * target.slope) ** 2
    return Matched(target, constant(float(middle), error, cube.shape[1]), presence, chance)


def chance_of(pairs: Floats) -> float:
    """Variance of single runs around the mean of their parameter set, from pairs of runs, f8[sets, 2]."""
    squares = (pairs[:, 0] - pairs[:, 1]) ** 2
    known = squares[~np.isnan(squares)]
    return float(known.mean()) / 2 if known.size else 0.0
