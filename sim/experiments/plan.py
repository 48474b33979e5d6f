"""What a sweep runs: points × scenarios × seeds, told by number, and the tasks that share a past.

Points that differ in levers or scenario alone have the same past: it is simulated once for all of them and each seed.
Every point meets the same random worlds: seeds do not depend on the point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.design import Task
from sim.experiments.points import Kind, Points
from sim.experiments.with_lever import with_lever
from sim.policy.scenario import Scenario
from sim.world.parameters import Parameters, WorldSpec

#: Arms that at most share one simulated past: a task is a unit of work, and is lost when its worker dies.
MOST_ARMS = 16


class Arm(NamedTuple):
    """One run of the sweep.

    Attributes:
        number: its number in the study.
        point: number of its point.
        scenario: place of its scenario among those of the study.
        levels: the value of each axis.
    """

    number: int
    point: int
    scenario: int
    levels: tuple[Level, ...]


class Unit(NamedTuple):
    """Arms of one seed that share their past."""

    seed: int
    arms: tuple[Arm, ...]


@dataclass(frozen=True)
class Ground:
    """What every run of a study starts from.

    Attributes:
        axes: what varies.
        scenarios: scenarios by key: those crossed with all points, and those of a scenario axis.
        crossed: keys of the scenarios that every point is run under; one empty key when an axis names scenarios.
        settings: world and parameters by the choices of configuration files, in the order of axes of that kind.
        events: whether event tables are kept.
    """

    axes: tuple[Axis, ...]
    scenarios: Mapping[str, Scenario]
    crossed: tuple[str, ...]
    settings: Mapping[tuple[str, ...], tuple[WorldSpec, Parameters]]
    events: bool = False

    def task(self, unit: Unit) -> Task:
        """A unit as the runner takes it; the key of each scenario is the number of its run."""
        world, parameters = self.configured(unit.arms[0].levels)
        scenarios = tuple(replace(self.scenario(arm), key=str(arm.number)) for arm in unit.arms)
        return Task("sweep", unit.seed, scenarios, world, parameters, self.events)

    def scenario_key(self, arm: Arm) -> str:
        """Key of the scenario of a run."""
        for axis, level in zip(self.axes, arm.levels, strict=True):
            if axis.kind is AxisKind.SCENARIO:
                return str(level.label)
        return self.crossed[arm.scenario]

    def scenario(self, arm: Arm) -> Scenario:
        """The scenario of a run, with the levers that its point sets."""
        scenario = self.scenarios[self.scenario_key(arm)]
        for axis, level in zip(self.axes, arm.levels, strict=True):
            if axis.kind is AxisKind.LEVER:
                scenario = with_lever(scenario, axis.key, level.value, self.configured(arm.levels)[0].policy_start)
        return scenario

    def configured(self, levels: tuple[Level, ...]) -> tuple[WorldSpec, Parameters]:
        """World and parameters at a point."""
        pairs = list(zip(self.axes, levels, strict=True))
        world, parameters = self.settings[tuple(str(lvl.label) for axis, lvl in pairs if axis.kind is AxisKind.CHOICE)]
        changes: dict[str, dict[str, Any]] = {}
        for axis, level in pairs:
            if axis.kind is AxisKind.WORLD:
                world = replace(world, **{axis.key.removeprefix("world."): level.value})
            elif axis.kind is AxisKind.UNCERTAINTY:
                theme, name = axis.key.removeprefix("uncertainty.").split(".")
                changes.setdefault(theme, {})[name] = level.value
        themes = {theme: replace(getattr(parameters, theme), **values) for theme, values in changes.items()}
        return world, replace(parameters, **themes) if themes else parameters


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of a study by number.

    Attributes:
        kind: how points were chosen.
        points: the points.
        ground: what every run starts from.
        first_seed: replicate i has seed first_seed + i.
        replicates: number of seeds.
        paired: whether each point has one seed of its own, instead of all of them.
    """

    kind: Kind
    points: Points
    ground: Ground
    first_seed: int
    replicates: int
    paired: bool = False
    _whole: int = field(default=0, repr=False)

    def __len__(self) -> int:
        """Number of runs."""
        return len(self.points) * len(self.ground.crossed) * (1 if self.paired else self.replicates)

    def number(self, point: int, scenario: int, seed: int) -> int:
        """Number of a run; −1 for one that is not in this study."""
        place, crossed = seed - self.first_seed, len(self.ground.crossed)
        if not (0 <= point < len(self.points) and 0 <= place < self.replicates and 0 <= scenario < crossed):
            return -1
        if self.paired:
            return point * crossed + scenario if place == point % self.replicates else -1
        return (place * len(self.points) + point) * crossed + scenario

    def units(self, missing: npt.NDArray[np.bool_], shard: tuple[int, int] = (0, 1)) -> Iterator[Unit]:
        """Runs that are missing, those with one past together; seed by seed, so that a part of a study is balanced.

        Args:
            missing: for each run by number, whether it is wanted.
            shard: (i, n): only every n-th past from the i-th on.
        """
        order, starts = self._pasts
        bounds = [*starts.tolist(), len(order)]
        turn = 0
        for place in range(self.replicates):
            for begin, end in pairwise(bounds):
                turn += 1
                if (turn - 1) % shard[1] != shard[0]:
                    continue
                arms = [arm for point in order[begin:end].tolist() for arm in self._arms(point, place, missing)]
                for first in range(0, len(arms), MOST_ARMS):
                    yield Unit(self.first_seed + place, tuple(arms[first : first + MOST_ARMS]))

    def at_points(self, points: Iterable[int]) -> npt.NDArray[np.bool_]:
        """For each run by number, whether it is of one of these points."""
        chosen = np.zeros(len(self), bool)
        for point in points:
            for place in range(self.replicates):
                for scenario in range(len(self.ground.crossed)):
                    number = self.number(point, scenario, self.first_seed + place)
                    if number >= 0:
                        chosen[number] = True
        return chosen

    def mine(self, shard: tuple[int, int]) -> npt.NDArray[np.bool_]:
        """For each run by number, whether it belongs to a shard."""
        if shard[1] == 1:
            return np.ones(len(self), bool)
        chosen = np.zeros(len(self), bool)
        for unit in self.units(np.ones(len(self), bool), shard):
            chosen[[arm.number for arm in unit.arms]] = True
        return chosen

    def _arms(self, point: int, place: int, missing: npt.NDArray[np.bool_]) -> Iterator[Arm]:
        """Wanted runs of one point under one seed."""
        levels: tuple[Level, ...] | None = None
        for scenario in range(len(self.ground.crossed)):
            number = self.number(point, scenario, self.first_seed + place)
            if number >= 0 and missing[number]:
                levels = levels if levels is not None else self.points.at(point)
                yield Arm(number, point, scenario, levels)

    @cached_property
    def _pasts(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Points in the order of their pasts, and where each past begins."""
        later = (AxisKind.LEVER, AxisKind.SCENARIO)
        shaping = [place for place, axis in enumerate(self.ground.axes) if axis.kind not in later]
        if len(shaping) == len(self.ground.axes):
            whole = np.arange(len(self.points))
            return whole, whole
        seen: dict[tuple[object, ...], int] = {}
        past = np.empty(len(self.points), dtype=np.int64)
        for point in range(len(self.points)):
            levels = self.points.at(point)
            past[point] = seen.setdefault(tuple(levels[place].label for place in shaping), len(seen))
        order = np.argsort(past, kind="stable")
        return order, np.searchsorted(past[order], np.arange(len(seen)))
