"""Finds the best doses of measures under a budget: runs with random doses, an emulator, and a search.

A measure is a lever that the catalogue moves, that can be dosed and that has a price; its dose runs from 0, today, to
1, the strongest that a scenario of the catalogue uses, in that scenario's states, days and ramp. In each world some
random doses are run besides today. The emulator is a ridge regression of what they gain on doses, their squares and
products, and on the doses of each parameter set apart, so that it says what each set would choose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from itertools import combinations
from typing import Any

import numpy as np

from sim.data.costs import Prices, central_prices
from sim.experiments.axis import Axis, AxisKind
from sim.experiments.config import Experiment
from sim.experiments.design import crossed, unit_points
from sim.experiments.plan import Base, Kind, Plan, table_of_points
from sim.experiments.run import baseline_of, window
from sim.law.days import to_day
from sim.law.order import legal_order
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.cost import present_value
from sim.policy.change import Change
from sim.policy.lever import Quantity, WorldLever
from sim.policy.levers import spend
from sim.policy.problem import extra_install, mistake
from sim.policy.scenario import Scenario, catalogue, load
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.schema import Recommendation
from sim.world.parameters import WorldSpec

#: Doses are bought in this number of equal steps up to the whole.
STEPS = 4
#: Points of the design in each world besides today: with it one warm-up serves all.
POINTS = 15
#: Share of doses of the design at each end: what is best is often nothing or all.
_AT_ENDS = 0.2
#: Portfolios that are run.
BEST = 5
#: Weight of the doses of one parameter set relative to those of all; the best is chosen by leave-one-out error.
_APART = (0.0, 0.3, 1.0)
_PENALTIES = tuple(np.logspace(-1.0, 4.0, 11).tolist())
_MILLION = 1e6


@dataclass(frozen=True)
class Purchase:
    """A measure that can be bought: the change of a lever at its full dose."""

    change: Change
    scenario: str

    @property
    def key(self) -> str:
        """Key of the lever that the measure moves."""
        return self.change.lever.name

    def value(self, dose: float) -> float:
        """Value of the lever for a dose of the measure, in the lever's unit."""
        neutral, whole = self.change.lever.neutral, float(str(self.change.value))
        if self.change.lever.quantity is Quantity.DAYS and min(neutral, whole) > 0.0:
            return float(neutral * (whole / neutral) ** dose)  # a deadline of years is none: halves, not sums
        return neutral + dose * (whole - neutral)


def purchases(world: WorldSpec) -> tuple[Purchase, ...]:
    """All measures that can be bought in doses, each up to the strongest dose in the catalogue."""
    found: dict[str, Purchase] = {}
    for scenario in map(load, catalogue()):
        if scenario.group != "main" or scenario.recommendation is Recommendation.BOUNDS:
            continue
        moved = [change.lever.name for change in scenario.changes]
        for change in scenario.changes:
            lever = change.lever
            priced = isinstance(lever, WorldLever) and lever.charges is not None
            if not (priced and lever.gradual and change.growth is None and moved.count(lever.name) == 1):
                continue
            entry = Purchase(change, scenario.key)
            known = found.get(lever.name)
            if known is None or abs(entry.value(1) - lever.neutral) > abs(known.value(1) - lever.neutral):
                found[lever.name] = entry
    return tuple(entry for entry in found.values() if price(world, [entry], [1.0]) > 0.0)


def portfolio(bought: Sequence[Purchase], doses: Sequence[float], title: str) -> Scenario:
    """Makes a scenario that sets each measure to its dose."""
    changes = tuple(
        replace(entry.change, value=entry.value(dose)) for entry, dose in zip(bought, doses, strict=True) if dose > 0.0
    )
    words = " ".join(f"{entry.key}={dose:.6g}" for entry, dose in zip(bought, doses, strict=True))
    key = f"portfolio_{hashlib.sha256(words.encode()).hexdigest()[:8]}"
    return Scenario(key, title, "What do these measures buy together?", "Comity", (), (), changes, "")


def price(world: WorldSpec, bought: Sequence[Purchase], doses: Sequence[float], prices: Prices | None = None) -> float:
    """Cost of the given doses over the policy years, discounted, in millions of euros."""
    law, days = legal_order(), policy_days(world)
    steps = timeline_of(portfolio(bought, doses, ""), law, *days, states=world.states).steps
    spent = spend(steps, baseline_of(tuple(world.states)), to_day(days[1]), prices or central_prices())
    return float(present_value(spent.ledger, window(world)).sum() / _MILLION)


def design(experiment: Experiment, bought: Sequence[Purchase]) -> tuple[Plan, Floats]:
    """Makes a plan: per world, one point with today's doses, then random doses; also f8[points, measures] doses."""
    worlds = experiment.replicates
    ends = [(entry.change.lever.neutral, entry.value(1.0)) for entry in bought]
    axes = tuple(
        Axis(entry.key, AxisKind.LEVER, entry.change.lever.unit, low=min(pair), high=max(pair))
        for entry, pair in zip(bought, ends, strict=True)
    )
    cube = unit_points(Kind.LATIN, axes, worlds * POINTS, experiment.first_seed)
    spread = np.clip((cube - _AT_ENDS) / (1.0 - 2.0 * _AT_ENDS), 0.0, 1.0)
    doses = np.concatenate([np.zeros((worlds, len(axes))), spread])
    columns = [np.array([entry.value(dose) for dose in doses[:, place]]) for place, entry in enumerate(bought)]
    every = portfolio(bought, np.ones(len(bought)).tolist(), "Every measure")
    base = Base(axes, (every,), {(): (experiment.world, experiment.parameters)}, sets=experiment.sets)
    points = table_of_points(axes, columns, len(doses))
    plan = crossed(Kind.LATIN, base, points, experiment.first_seed, worlds, own_seeds=True, by_point=False)
    return plan, doses


@dataclass(frozen=True)
class DoseEmulator:
    """Regression that predicts the gain of a portfolio from its doses."""

    shared: Floats  # f8[features] weights of doses, squares and products
    apart: Floats  # f8[sets, measures] what each dose adds in one parameter set
    explained: float  # R² for runs that were left out, chance included; NaN where all gain the same

    def gain(self, doses: Floats, number: int | None = None) -> Floats:
        """Predicted gain f8[portfolios] of doses f8[portfolios, measures], in one parameter set or on average."""
        more = self.apart.mean(axis=0) if number is None else self.apart[number]
        return np.asarray(_features(doses) @ self.shared + doses @ more)


def _features(doses: Floats) -> Floats:
    """Inputs of the emulator: the doses, their squares and their products."""
    pairs = list(combinations(range(doses.shape[1]), 2))
    products = doses[:, [one for one, _ in pairs]] * doses[:, [other for _, other in pairs]]
    return np.concatenate([doses, doses**2, products], axis=1)


def learn(doses: Floats, gains: Floats, sets: Integers) -> DoseEmulator:
    """Fits the emulator by ridge regression to the gains of doses in simulated runs.

    Doses are f8[runs, measures], gains f8[runs] over the baseline of the same world, and sets i8[runs] from 0.
    """
    ridge = linear_models("a portfolio").RidgeCV
    count, shared = int(sets.max()) + 1, _features(doses)
    mine = (sets[:, None] == np.arange(count))[:, :, None] * doses[:, None, :]
    fits = []
    for weight in _APART:
        table = np.concatenate([shared, weight * mine.reshape(len(doses), -1)], axis=1)
        fitted = ridge(_PENALTIES, fit_intercept=False).fit(table, gains)
        fits.append((float(fitted.best_score_), weight, fitted.coef_))
    error, weight, found = max(fits, key=lambda fit: fit[0])  # the first of equals
    apart, spread = weight * found[shared.shape[1] :].reshape(count, -1), float(np.var(gains))
    return DoseEmulator(found[: shared.shape[1]], apart, 1.0 + error / spread if spread else float("nan"))


def linear_models(what: str) -> Any:
    """Imports scikit-learn's linear models; if scikit-learn is missing, the error says that `what` needs it."""
    try:
        return import_module("sklearn.linear_model")
    except ModuleNotFoundError:
        fix = extra_install("analysis")
        raise mistake(f"{what} needs scikit-learn, which is not installed", fix=fix) from None


@dataclass(frozen=True)
class Shop:
    """Prices of each measure's doses, a budget, and the search for the doses with the greatest gain."""

    prices: Floats  # f8[measures, STEPS + 1] million euros of each dose; the first is 0
    budget: float

    @cached_property
    def _moves(self) -> Integers:
        """i8[moves, measures]: possible steps of the search: one dose more, one less, or one shifted."""
        one = np.eye(len(self.prices), dtype=np.int64)
        swaps = (one[:, None] - one[None, :]).reshape(-1, len(one))
        return np.concatenate([one, -one, swaps[np.any(swaps != 0, axis=1)]])

    def cost(self, steps: Integers) -> Floats:
        """Cost f8[portfolios] in millions of euros, for numbers of dose steps i8[portfolios, measures]."""
        return np.asarray(np.take_along_axis(self.prices[None], steps[:, :, None], axis=2)[:, :, 0].sum(axis=1))

    def best(self, gain: Callable[[Floats], Floats], allowed: Mask) -> Floats:
        """f8[measures]: the doses with the greatest gain within the budget, found by a stepwise search.

        Each time the step is taken that gains most, or in a second search most for its money; steps may be moved from
        one measure to another. The better of both searches is kept.
        """
        ends = [self._climb(gain, allowed, by_money) for by_money in (False, True)]
        return ends[int(np.argmax(gain(np.array(ends))))]

    def _climb(self, gain: Callable[[Floats], Floats], allowed: Mask, by_money: bool) -> Floats:
        """Moves steps of doses, from none, until no move raises the gain within the budget; f8[measures]."""
        here, moves = np.zeros(len(self.prices), np.int64), self._moves[~np.any(self._moves[:, ~allowed], axis=1)]
        level, spent = 0.0, 0.0
        while True:
            there = here + moves
            there = there[np.all((there >= 0) & (there <= STEPS), axis=1)]
            cost = self.cost(there)
            there, cost = there[cost <= self.budget], cost[cost <= self.budget]
            more = gain(there / STEPS) - level
            worth = more / np.maximum(cost - spent, 1e-3 * self.budget) if by_money else more
            if not len(there) or more.max() <= 1e-9:
                return np.asarray(here / STEPS)
            place = int(np.argmax(np.where(more > 1e-9, worth, -np.inf)))
            here, level, spent = there[place], level + float(more[place]), float(cost[place])


def shop(world: WorldSpec, bought: Sequence[Purchase], budget: float, prices: Prices | None = None) -> Shop:
    """Makes a `Shop`: the price of every dose of every measure, and the budget."""
    steps = [step / STEPS for step in range(1, STEPS + 1)]
    table = [[0.0, *(price(world, [entry], [dose], prices) for dose in steps)] for entry in bought]
    return Shop(np.array(table), budget)


def best_five(emulator: DoseEmulator, at: Shop) -> Floats:
    """f8[portfolios, measures]: the best doses, and the best doses without each of the four top measures."""
    everything = np.ones(len(at.prices), np.bool_)
    first = at.best(emulator.gain, everything)
    lost = emulator.gain(first[None])[0] - emulator.gain(first * (1.0 - np.eye(len(first))))
    chosen = [place for place in np.argsort(-lost).tolist() if first[place] > 0.0][: BEST - 1]
    others = [at.best(emulator.gain, everything & (np.arange(len(first)) != place)) for place in chosen]
    found = np.unique(np.array([first, *others]), axis=0)
    return np.asarray(found[np.argsort(-emulator.gain(found))])
