"""Early stopping of policies: after each round of worlds, policies with clear effects get no more runs.

After each round every policy is inspected. A confidence sequence says where its mean effect lies: a 95 % interval that
holds at all looks together, for one outcome and for many worlds. So a policy may stop at any look at which it is
clear, and chance alone makes an outcome clear at any look in no more than one of twenty policies without an effect.
Units are parameter sets. Each policy has the first worlds of the study, up to its own number; a study whose first seed
begins a round of seeds stops with whole rounds, so that worlds that share a set stop together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.special import ndtr as normal_share
from scipy.special import stdtrit as student_quantile

from sim.experiments.plan import MAIN, Mask, Plan, Run
from sim.experiments.statistics import CONFIDENCE, FEWEST_PAIRS, HARDLY, spread
from sim.measures.arrays import Floats, Integers
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import Measured, shown_in

if TYPE_CHECKING:
    from sim.experiments.study import Study

#: Outcomes that a policy is judged by: what is ranked, and the other two that the first screen begins with.
DECISIVE = shown_in(ShownIn.DECISIVE)
#: Worlds between two looks: two rounds of seeds in which parameter sets come again.
ROUND_WORLDS = 10
#: Number of parameter sets for which the confidence sequence is narrowest: those of the first look.
_TUNED_FOR = 24


def sequence_reach(values: Floats, clusters: Integers | None = None, confidence: float = CONFIDENCE) -> Floats:
    """Half the width of a confidence sequence for a mean over the first axis; infinite for fewer than two values.

    The mixture of normal means of Robbins (1970), in the form for unknown variances of Waudby-Smith et al. (2024), in
    units of the standard error by which `interval` goes. Its tail is then read as that of Student's t, as the standard
    error of few sets is itself chance. Values are f8[pairs, …], NaN left out; clusters as in `interval`.
    """
    _, apart, scale, freedom = spread(values, clusters)
    error, tail = 1.0 - confidence, -2.0 * np.log(1.0 - confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        mixed = (freedom + 1.0) * (tail + np.log(tail + 1.0)) / _TUNED_FOR
        far = np.sqrt(2.0 * (mixed + 1.0) / mixed * np.log(np.sqrt(mixed + 1.0) / error))
        reach = student_quantile(freedom, normal_share(far)) * np.sqrt(scale * (apart**2).sum(axis=0))
    return np.where(freedom >= 1.0, reach, np.inf)


def settled(effects: Floats, levels: Floats, most: int, clusters: Integers | None = None) -> Mask:
    """True for each outcome whose effect is clear, or certain to be negligible; arrays are f8[worlds, outcomes].

    An effect is clear if the confidence sequence leaves out zero. It is next to nothing if the mean over all worlds
    that the study may have, `most`, is certain to lie within two hundredths of today's level: the sequence for the mean
    of a finite number, of which these worlds are a part. One that is known in no world is none.
    """
    known = ~np.isnan(effects)
    pairs = known.sum(axis=0)
    centre = np.where(known, effects, 0.0).sum(axis=0) / np.maximum(pairs, 1)
    level = np.where(known, levels, 0.0).sum(axis=0) / np.maximum(pairs, 1)
    reach = sequence_reach(effects, clusters)
    left = np.sqrt(np.clip(1.0 - len(effects) / most, 0.0, 1.0))
    clear = np.abs(centre) > reach
    with np.errstate(invalid="ignore"):  # of an infinite reach no part is left at the last look
        nothing = np.abs(centre) + np.where(left > 0.0, reach * left, 0.0) <= HARDLY * np.abs(level)
    return np.asarray((pairs == 0) | ((pairs >= min(FEWEST_PAIRS, most)) & (clear | nothing)))


class Measurements(Protocol):
    """Interface of a group of results: the successful runs with their measurements."""

    @property
    def done(self) -> Iterable[tuple[Run, Measured]]:
        """Runs that did not fail, each with its measurements."""
        ...


class Gathered:
    """Outcomes of the finished runs at the main point, f8[outcomes, scenarios, seeds]; NaN if missing."""

    def __init__(self, plan: Plan, outcomes: Sequence[str]) -> None:
        self._plan, self._outcomes, self._main = plan, outcomes, plan.base.blocks.index(MAIN)
        self._keys = [scenario.key for scenario in plan.base.scenarios]
        self.values = np.full((len(outcomes), len(self._keys), plan.replicates), np.nan)

    def begin(self, study: Study) -> None:
        """Reads the outcomes of runs that finished before the study was resumed."""
        fresh = type(study)(study.folder, study.about)  # the other one keeps the parts that it has read
        columns = fresh.columns("outcomes", self._plan.runs, ids=False)
        if not columns:
            return
        rows = np.flatnonzero(columns["point"] == self._main)
        places = np.array([self._keys.index(str(key)) for key in columns["scenario"][rows]], np.int64)
        for place, key in enumerate(self._outcomes):
            self.values[place, places, columns["seed"][rows] - self._plan.first_seed] = columns[key][rows]

    def add(self, done: Iterable[tuple[Run, Measured]]) -> None:
        """Records the measured outcomes of some runs."""
        for run, measured in done:
            if run.point == self._main:
                of_run = [measured.outcomes[key] for key in self._outcomes]
                self.values[:, run.scenario, run.seed - self._plan.first_seed] = of_run


class Doubt:
    """Rule that decides after each round of worlds which policies get more runs.

    In a league each ranked policy that may still be the first goes on as well, and so does the first while there are
    others: they are eliminated when the sequence of their difference to the one with the largest mean leaves out zero.
    Policies named in `always` have all worlds. The baseline has as many worlds as the policy with most.
    """

    def __init__(
        self,
        plan: Plan,
        baseline: str,
        policies: Sequence[str],
        ranked: Collection[str] = (),
        follow: Mapping[str, str] | None = None,
        always: Sequence[str] = (),
    ) -> None:
        keys = [scenario.key for scenario in plan.base.scenarios]
        self._plan, self._keys, self._gathered = plan, keys, Gathered(plan, DECISIVE)
        self._baseline, self._ranked, self._follow = baseline, set(ranked), dict(follow or {})
        self._going, self._always = list(policies), list(always)
        self.worlds = dict.fromkeys((baseline, *policies, *always), plan.replicates)

    def begin(self, study: Study) -> None:
        """Reads the outcomes of runs that finished before the study was resumed."""
        self._gathered.begin(study)

    def add(self, result: Measurements) -> None:
        """Records the outcomes of some runs."""
        self._gathered.add(result.done)

    def rounds(self) -> Iterator[range]:
        """Yields a range of world numbers, from 0, for each round."""
        first = min(FEWEST_PAIRS, self._plan.replicates)
        ends = [0, first, *range(first + ROUND_WORLDS, self._plan.replicates, ROUND_WORLDS), self._plan.replicates]
        return (range(start, end) for start, end in pairwise(ends) if start < end)

    def look(self, worlds: int) -> list[str]:
        """Stops policies whose effects are clear after some worlds; returns the keys of the other policies."""
        contending = self._contending(worlds)
        for key in self._going:
            if key not in contending and settled(*self._effects(key, worlds)).all():
                self.worlds[key] = worlds
        self._going = [key for key in self._going if self.worlds[key] > worlds]
        self.worlds[self._baseline] = max((self.worlds[key] for key in self.worlds if key != self._baseline), default=0)
        return self._going

    def left_out(self) -> Mask:
        """True for each run of the plan that is no longer needed because its policy has stopped."""
        worlds = self.worlds | {key: self.worlds[policy] for key, policy in self._follow.items()}
        return left_out(self._plan, worlds)

    def _effects(self, key: str, worlds: int) -> tuple[Floats, Floats, int, Integers | None]:
        """Returns a policy's effects, today's levels, the greatest number of worlds, and parameter sets."""
        policy, base = (self._gathered.values[:, self._keys.index(one), :worlds].T for one in (key, self._baseline))
        return policy - base, base, self._plan.replicates, self._clusters(worlds)

    def _contending(self, worlds: int) -> set[str]:
        """Keys of ranked policies that may still be the best; empty if one is clearly the best."""
        going = [key for key in (*self._going, *self._always) if key in self._ranked]
        values = self._gathered.values[0, [self._keys.index(key) for key in going], :worlds].T
        if len(going) < 2 or np.isnan(values).all(axis=0).any():
            return set()
        best = values[:, [int(np.argmax(np.nanmean(values, axis=0)))]]
        behind = values - best
        reach = sequence_reach(behind, self._clusters(worlds))
        near = np.abs(np.nanmean(behind, axis=0)) <= reach
        alike = np.nanmax(np.abs(behind), axis=0) == 0.0  # the best one itself, or a policy that does the same
        return {key for key, one in zip(going, near, strict=True) if one} if near[~alike].any() else set()

    def _clusters(self, worlds: int) -> Integers | None:
        """Parameter set number of each of the first worlds; None if all have the same parameters."""
        sets = self._plan.base.sets
        return None if sets is None else sets.numbers(self._plan.first_seed + np.arange(worlds))


def left_out(plan: Plan, worlds: Mapping[str, int]) -> Mask:
    """True for each run that is outside the number of worlds given for its scenario."""
    most = np.array([worlds.get(scenario.key, plan.replicates) for scenario in plan.base.scenarios])
    return np.asarray(plan.runs["seed"] >= plan.first_seed + most[plan.runs["scenario"]])
