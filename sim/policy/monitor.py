"""Policymakers who review indicators, and begin or end measures within a budget (M24).

The policymaker never sees the world, only `sim/policy/indicators.py`. What it decides at a review depends on the
indicators so far and on the minutes of earlier reviews, on nothing else, so a run can be repeated.

An indicator's log is its level less the effects of the measures in operation, plus error. Level and effects have normal
priors; each review is one more observation. The policymaker cannot distinguish two measures that began together and act
on the same indicator, nor a measure from a change in the world.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from math import fsum

import numpy as np
import numpy.typing as npt

from sim.law.days import MONTH, to_date, to_day
from sim.law.national import stable_number
from sim.law.order import LegalOrder
from sim.policy.change import Change
from sim.policy.expansion import add_months, steps_of
from sim.policy.indicators import Indicator, Scope, observe
from sim.policy.lever import WorldLever
from sim.policy.levers import spend
from sim.policy.process import Clock
from sim.policy.schema import Decides
from sim.policy.timeline import Minute, Step
from sim.world.baseline import Baseline

#: Standard deviation of the prior: of an effect, as a share of its mean; of the level, log.
EFFECT_DOUBT, LEVEL_DOUBT = 1.0, 3.0
#: Standard deviations that the policymaker assumes for an indicator's error and for the world's own movement, log.
ERROR, DRIFT = 0.15, 0.10
#: Least value of an indicator, days lost per request, so that its log is finite.
LEAST = 0.1


@dataclass(frozen=True)
class Effect:
    """Belief about the reduction of a measure's indicator, on a log scale: mean and standard deviation."""

    mean: float  # expected
    deviation: float  # standard deviation of the belief

    @property
    def cut(self) -> float:
        """Relative reduction of the indicator that the policymaker expects."""
        return float(1.0 - np.exp(-max(self.mean, 0.0)))


def prior(expects: float) -> Effect:
    """Belief about a measure before any review, from the reduction that the scenario file expects."""
    mean = -float(np.log1p(-min(expects, 0.95)))
    return Effect(mean, EFFECT_DOUBT * mean)


def updated(
    priors: Sequence[Effect], operating: npt.NDArray[np.float64], seen: npt.NDArray[np.float64]
) -> tuple[Effect, ...]:
    """Beliefs about measures after reviews that showed the indicator's values `seen`, f8[reviews].

    `operating` is how far each measure was in operation in the time that the figures cover, 0–1 [reviews, measures].
    """
    if not len(seen) or not priors:
        return tuple(priors)
    logs = np.log(np.maximum(seen, LEAST))
    design = np.column_stack([np.ones(len(seen)), -operating])
    centre = np.array([logs[0], *(effect.mean for effect in priors)])
    precision = np.diag([LEVEL_DOUBT**-2, *(max(effect.deviation, 1e-6) ** -2 for effect in priors)])
    weight = 1.0 / (ERROR**2 + DRIFT**2)
    posterior = np.linalg.inv(precision + weight * design.T @ design)
    mean = posterior @ (precision @ centre + weight * design.T @ logs)
    spread = np.sqrt(np.diag(posterior))
    return tuple(Effect(float(m), float(s)) for m, s in zip(mean[1:], spread[1:], strict=True))


#: Years over which one-off costs are spread, when measures are compared and budgets kept.
SPREAD_YEARS = 10.0


@dataclass(frozen=True)
class Measure:
    """A measure that a policymaker can begin at a review: its change, delay and expected effect."""

    name: str  # in a few words, unique in the file
    change: Change  # what it does; it begins at the review that chooses it
    lag_months: int  # until it is fully in operation
    against: Indicator  # the indicator that it is meant to lower
    expects: float  # by what share, as believed before any evidence


@dataclass(frozen=True)
class Monitor:
    """A policymaker in a scenario file: measures on offer, budget, review interval, and decision rule."""

    first: date  # day of the first review
    every_months: int  # between reviews
    budget: float  # euros a year for all measures together
    at_once: int  # measures that can be begun at one review
    scope: Scope  # which files the indicators cover
    stop: float  # a measure is ended when its estimated effect is below this share of what was expected
    measures: tuple[Measure, ...]  # what can be begun
    decides: Decides = Decides.BY_EVIDENCE  # how
    plan: tuple[str, ...] = ()  # names of the measures of a fixed plan, in their order

    def measure(self, name: str) -> Measure:
        """Finds one of the policymaker's measures by name."""
        return next(measure for measure in self.measures if measure.name == name)

    def days(self, end: date) -> tuple[date, ...]:
        """Dates of the policymaker's reviews: the first one, and all others before a last day."""
        days, number = [self.first], 1
        while (day := add_months(self.first, number * self.every_months)) < end:
            days.append(day)
            number += 1
        return tuple(days)


@dataclass(frozen=True, eq=False)
class Overseer:
    """A policymaker who reviews one run."""

    monitor: Monitor  # what the file says
    law: LegalOrder  # who is party to what
    clock: Clock  # waiting times of the run, and how good its figures are
    baseline: Baseline  # desks and channels before the policy, to know what measures cost
    _prices: dict[str, float] = field(default_factory=dict, init=False, repr=False)

    def days(self) -> tuple[float, ...]:
        """Days of the policymaker's reviews, counted from 2022-01-01."""
        return tuple(to_day(day) for day in self.monitor.days(self.clock.end))

    def review(self, day: float, request: npt.NDArray[np.void], minutes: Sequence[Minute]) -> Minute:
        """Observes indicators, decides on measures, and returns the record of the review."""
        seen = observe(
            request,
            day,
            len(minutes),
            scope=self.monitor.scope,
            lag_days=self.clock.reform.indicator_lag_months * MONTH,
            period_days=self.monitor.every_months * MONTH,
            noise=self.clock.reform.indicator_noise,
            seed=self.clock.seed,
        )
        effects = self._effects(day, seen, minutes)
        stopped = {name for minute in minutes for name in minute.ended}
        running = {name: minute.day for minute in minutes for name in minute.begun if name not in stopped}
        ended = self._to_end(day, effects, running) if self.monitor.decides is Decides.BY_EVIDENCE else ()
        kept = [name for name in running if name not in ended]
        begun = self._to_begin(seen, effects, kept, minutes)
        steps = [step for name in begun for step in self._begins(self.monitor.measure(name), day)]
        steps += [step for name in ended for step in self._ends(self.monitor.measure(name), day)]
        return Minute(day, seen, begun, ended, tuple(sorted(steps, key=lambda step: step.on)))

    def price(self, name: str) -> float:
        """Yearly price of a measure in euros, with a part of its one-off cost."""
        if name not in self._prices:
            steps = self._begins(self.monitor.measure(name), to_day(self.monitor.first))
            end = to_day(self.clock.end)
            spending = spend(steps, self.baseline, end + 1.0)
            self._prices[name] = spending.a_year(end) + float(spending.ledger["once"].sum() / SPREAD_YEARS)
        return self._prices[name]

    def _effects(self, day: float, seen: Mapping[str, float], minutes: Sequence[Minute]) -> dict[str, Effect]:
        """Beliefs about all measures after a review, by name, from all values of indicators so far."""
        effects: dict[str, Effect] = {}
        for indicator in Indicator:
            measures = [measure for measure in self.monitor.measures if measure.against is indicator]
            figures = [*((minute.day, minute.seen) for minute in minutes), (day, seen)]
            history = [(when, indicators[indicator]) for when, indicators in figures if indicator in indicators]
            operating = np.array([[self._operating(m, when, minutes) for m in measures] for when, _ in history])
            operating = operating.reshape(len(history), len(measures))
            believed = updated([prior(m.expects) for m in measures], operating, np.array([v for _, v in history]))
            effects |= {measure.name: effect for measure, effect in zip(measures, believed, strict=True)}
        return effects

    def _operating(self, measure: Measure, review: float, minutes: Sequence[Minute]) -> float:
        """Share (0–1) of a measure's full operation in the period that a review covers."""
        middle = review - MONTH * (self.clock.reform.indicator_lag_months + self.monitor.every_months / 2)
        begun = next((m.day for m in minutes if measure.name in m.begun), np.inf)
        ended = next((m.day for m in minutes if measure.name in m.ended), np.inf)
        if middle >= ended:
            return 0.0
        return float(np.clip((middle - begun) / max(measure.lag_months * MONTH, 1.0), 0.0, 1.0))

    def _to_end(self, day: float, effects: Mapping[str, Effect], running: Mapping[str, float]) -> tuple[str, ...]:
        """Names of measures to end, because their effect stays below expectation after enough time."""
        wait = MONTH * (self.clock.reform.indicator_lag_months + self.monitor.every_months)
        ended = []
        for name, begun in running.items():
            measure = self.monitor.measure(name)
            visible = day >= begun + measure.lag_months * MONTH + wait
            weak = effects[name].mean < self.monitor.stop * prior(measure.expects).mean
            # Law cannot be taken back by a budget decision.
            ended += [name] if isinstance(measure.change.lever, WorldLever) and visible and weak else []
        return tuple(ended)

    def _to_begin(
        self, seen: Mapping[str, float], effects: Mapping[str, Effect], kept: Sequence[str], minutes: Sequence[Minute]
    ) -> tuple[str, ...]:
        """Names of measures to begin now, within the budget, the preferred ones first."""
        tried = {name for minute in minutes for name in minute.begun}
        left = self.monitor.budget - fsum(self.price(name) for name in kept)
        chosen: list[str] = []
        for name in self._order(seen, effects, minutes):
            if name in tried or len(chosen) == self.monitor.at_once:
                continue
            if self.price(name) <= left:
                chosen.append(name)
                left -= self.price(name)
        return tuple(chosen)

    def _order(self, seen: Mapping[str, float], effects: Mapping[str, Effect], minutes: Sequence[Minute]) -> list[str]:
        """Names of the measures that the policymaker considers, most preferred first."""
        names = [measure.name for measure in self.monitor.measures]
        if self.monitor.decides is Decides.FIXED:
            return list(self.monitor.plan)
        if self.monitor.decides is Decides.AT_RANDOM:
            seed, review = str(self.clock.seed), str(len(minutes))
            return sorted(names, key=lambda name: stable_number("allocation", seed, review, name))
        if self.monitor.decides is Decides.OPEN_LOOP:
            seen = minutes[0].seen if minutes else seen
            effects = {measure.name: prior(measure.expects) for measure in self.monitor.measures}
        worth = {
            name: seen.get(self.monitor.measure(name).against, 0.0) * effects[name].cut / max(self.price(name), 1.0)
            for name in names
        }
        return sorted((name for name in names if worth[name] > 0.0), key=lambda name: -worth[name])

    def _begins(self, measure: Measure, day: float) -> list[Step]:
        """Dated steps that put a measure into operation on a day."""
        change = replace(measure.change, start=to_date(day))
        if change.process is None and change.lever.gradual and measure.lag_months:
            change = replace(change, ramp_months=measure.lag_months)
        elif change.process is None:
            change = replace(change, start=add_months(change.start, measure.lag_months))
        steps = steps_of(change, change.lever.neutral, self.clock, self.law)
        return [step for step in steps if step.on <= self.clock.end]

    def _ends(self, measure: Measure, day: float) -> list[Step]:
        """Dated steps that end a measure on a day and restore its lever."""
        change = replace(measure.change, start=to_date(day), value=measure.change.lever.neutral, ramp_months=None)
        return list(steps_of(change, change.lever.neutral, self.clock, self.law))


def affordable_plans(overseer: Overseer) -> tuple[tuple[str, ...], ...]:
    """Affordable sets of measures that no larger one contains; larger sets first, then the more promising.

    The best of them is known only in hindsight.
    """
    measures = overseer.monitor.measures
    prices = {measure.name: overseer.price(measure.name) for measure in measures}
    order = sorted(prices, key=lambda name: -overseer.monitor.measure(name).expects / max(prices[name], 1.0))
    plans: list[tuple[str, ...]] = []
    for size in range(len(order), 0, -1):
        for plan in combinations(order, size):
            cost = fsum(prices[name] for name in plan)
            if cost <= overseer.monitor.budget and not any(set(plan) <= set(larger) for larger in plans):
                plans.append(plan)
    return tuple(plans)
