"""How precisely a comparison knows its effects as worlds arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.design import MAIN, Design
from sim.experiments.statistics import FEWEST_PAIRS, Until, half_width
from sim.experiments.study import Study
from sim.measures.arrays import Floats
from sim.measures.outcomes import OUTCOMES
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND

if TYPE_CHECKING:
    from sim.experiments.plan import Run


class Precision:
    """Effects on one outcome as worlds arrive, and the first number of worlds that is enough."""

    def __init__(self, until: Until, design: Design) -> None:
        keys = [scenario.key for scenario in design.plan.base.scenarios]
        compared = [scenario.key for scenario in design.scenarios if scenario.key != design.baseline]
        policies = [key for key in compared if key not in (LOWER_BOUND, UPPER_BOUND)] or compared
        self._until, self._plan = until, design.plan
        self._baseline, self._policies = keys.index(design.baseline), [keys.index(key) for key in policies]
        self._main, self._first = design.blocks.index(MAIN), design.plan.first_seed
        self._column = [entry.key for entry in OUTCOMES].index(until.outcome)
        self._values = np.full((len(keys), design.plan.replicates), np.nan)
        self._checked = FEWEST_PAIRS - 1

    def begin(self, study: Study) -> None:
        """Reads what is there already."""
        found = Study(study.folder, study.about).columns("outcomes", self._plan.runs, ids=False)
        if not found:
            return
        keys = [scenario.key for scenario in self._plan.base.scenarios]
        rows = np.flatnonzero(found["point"] == self._main)
        places = np.array([keys.index(str(key)) for key in found["scenario"][rows]])
        self._values[places, found["seed"][rows] - self._first] = found[self._until.outcome][rows]

    def add(self, runs: Sequence[Run], outcomes: Floats) -> None:
        """Adds runs with their outcomes, f8[runs, outcomes]."""
        for run, row in zip(runs, outcomes, strict=True):
            if run.point == self._main:
                self._values[run.scenario, run.seed - self._first] = row[self._column]

    def enough(self, worlds: int) -> int:
        """The smallest number of these first worlds, whose runs are all there, that is enough; 0 if none is.

        It does not depend on when it is asked, so that a study that is resumed ends with the same worlds.
        """
        for number in range(self._checked + 1, worlds + 1):
            if all(self._known(policy, number) for policy in self._policies):
                return number
            self._checked = number
        return 0

    def _known(self, policy: int, worlds: int) -> bool:
        """Whether the effect of a policy is known well enough by so many worlds."""
        effects, sets = (self._values[policy] - self._values[self._baseline])[:worlds], self._plan.base.sets
        clusters = None if sets is None else sets.numbers(self._first + np.arange(worlds))
        enough = np.count_nonzero(~np.isnan(effects)) >= FEWEST_PAIRS
        return bool(enough and half_width(effects, clusters) <= self._until.half_width)
