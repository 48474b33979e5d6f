"""The plan of a study: a table of points (values of the axes), and a table with one row per run.

A point gives every axis one value. A run is one point under one scenario and one seed. Seeds do not depend on the
point, so every point meets the same random worlds. Runs of one seed that differ only in what acts after the policy's
first day share a warm-up: it is simulated once for all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.data.costs import central_prices
from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.run import Task
from sim.experiments.sets import ParameterSets
from sim.measures.arrays import Integers
from sim.policy.change import Change
from sim.policy.lever import Target, Value
from sim.policy.levers import find_lever
from sim.policy.problem import COMMAND_LINE, mistake
from sim.policy.scenario import Scenario
from sim.policy.schema import Order
from sim.policy.selection import PairSelection, StateSelection, read_kinds
from sim.world.parameters import Parameters, WorldSpec, with_values

Table = npt.NDArray[np.void]
Mask = npt.NDArray[np.bool_]

#: Name of the point that carries a comparison; further named points ask how its headline depends on a parameter.
MAIN = "main"

#: Columns of the table of runs: number of the point, place of the scenario, seed, and number of the shared warm-up.
RUN_COLUMNS = np.dtype([("point", "i4"), ("scenario", "i2"), ("seed", "i8"), ("past", "i4")])
#: Maximum number of runs that share one simulated past: they are one unit of work, lost when its worker dies.
MAX_SHARING = 16


class Kind(StrEnum):
    """Kinds of study design, which differ in the choice of points."""

    RUN = "run"
    COMPARE = "compare"
    ABLATE = "ablate"
    REGRET = "regret"
    LEAGUE = "league"
    FACTORIAL = "factorial"
    ZIPPED = "zipped"
    LATIN = "lhs"
    SOBOL = "sobol"
    MORRIS = "morris"
    LISTED = "csv"


class Run(NamedTuple):
    """One run of a study: its point, scenario and seed."""

    number: int  # its row in the table of runs
    point: int
    scenario: int  # place of its scenario among those of the study
    seed: int
    levels: tuple[Level, ...]


#: Runs of one seed that share a warm-up.
SharedRuns = tuple[Run, ...]


@dataclass(frozen=True)
class Base:
    """Information that workers need for all runs of a study: axes, scenarios, settings, and tables to keep."""

    axes: tuple[Axis, ...]
    scenarios: tuple[Scenario, ...]
    # world and parameters by the choices of configuration files, in the order of axes of that kind
    settings: Mapping[tuple[str, ...], tuple[WorldSpec, Parameters]]
    breakdowns: tuple[str, ...] = ()
    events: bool = False  # whether event tables are kept; of named points for the main one only
    # name of each point, such as `main` or `without queues`; empty where points have only numbers
    blocks: tuple[str, ...] = ()
    # parameter sets that seeds take in turn; None where every seed has the values of its point
    sets: ParameterSets | None = None
    kept: range = range(0)  # seeds whose past and baseline are kept on disk, at the main point
    # whether the first scenario is the baseline of a paired sweep, which no lever of a point moves
    paired: bool = False

    def task(self, past: SharedRuns) -> Task:
        """Makes the task that simulates runs with a common warm-up."""
        world, parameters = self.configured(past[0].levels)
        parameters = with_values(self.of_seed(parameters, past[0].seed), self._varied(past[0].levels))
        scenarios = tuple(self.scenario(run) for run in past)
        block = self.block(past[0].point)
        events = self.events and (not self.blocks or block == MAIN)
        keeps = block == MAIN and past[0].seed in self.kept
        prices = central_prices() if self.sets is None else self.sets.prices(past[0].seed)
        return Task(block, past[0].seed, scenarios, world, parameters, events, keeps, prices, self.breakdowns)

    def of_seed(self, parameters: Parameters, seed: int) -> Parameters:
        """Parameters for a seed: values that the point sets, otherwise values of the seed's parameter set."""
        return parameters if self.sets is None else self.sets.parameters(parameters, seed)

    def block(self, point: int) -> str:
        """Name of the point with a given number."""
        return self.blocks[point] if self.blocks else f"point {point}"

    def scenario(self, run: Run) -> Scenario:
        """Scenario of a run, with the lever values that the run's point sets."""
        scenario = self.scenarios[run.scenario]
        if self.paired and run.scenario == 0:
            return scenario
        for axis, level in zip(self.axes, run.levels, strict=True):
            if axis.kind is AxisKind.LEVER:
                scenario = with_lever(scenario, axis.key, level.value, self.configured(run.levels)[0].policy_start)
        return scenario

    def keys(self, run: Run, identities: str) -> dict[str, str | int]:
        """Values of the key columns in a run's rows, by column; the run's id is a hash of all its inputs."""
        scenario = self.scenarios[run.scenario].key
        levels = [f"{axis.key}={level.label!r}" for axis, level in zip(self.axes, run.levels, strict=True)]
        words = "\n".join((identities, scenario, str(run.seed), *levels))
        identity = hashlib.sha256(words.encode()).hexdigest()[:16]
        return {"run": identity, "point": run.point, "scenario": scenario, "seed": run.seed}

    def configured(self, levels: Sequence[Level]) -> tuple[WorldSpec, Parameters]:
        """Returns the world's specification and the parameters at a point, from the point's levels on all axes."""
        pairs = list(zip(self.axes, levels, strict=True))
        world, parameters = self.settings[tuple(str(lvl.label) for axis, lvl in pairs if axis.kind is AxisKind.CHOICE)]
        for axis, level in pairs:
            if axis.kind is AxisKind.WORLD:
                world = replace(world, **{axis.key.removeprefix("world."): level.value})
        return world, with_values(parameters, self._varied(levels))

    def _varied(self, levels: Sequence[Level]) -> dict[str, Any]:
        """Parameters that a point sets, by dotted name."""
        values: dict[str, Any] = {}
        for axis, level in zip(self.axes, levels, strict=True):
            if axis.kind is AxisKind.UNCERTAINTY:
                values[axis.name] = level.value
            elif axis.kind is AxisKind.MECHANISM and level.value:
                values[str(level.value)] = 0.0
        return values


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of a study: the tables of points and of runs, and the range of seeds."""

    kind: Kind
    base: Base
    points: Table  # one row per point, one column per axis under its key, with labels as tables show them
    # one row per run, with RUN_COLUMNS: seed by seed, and runs that share a warm-up together, so that a part of a
    # study is balanced
    runs: Table
    first_seed: int  # replicate i has seed first_seed + i
    replicates: int
    # whether each point has seeds of its own, instead of all of them: one, or `replicates` where the base is paired
    own_seeds: bool = False

    def __len__(self) -> int:
        """Number of runs."""
        return len(self.runs)

    def levels(self, point: int) -> tuple[Level, ...]:
        """Value of each axis at the point with a given number."""
        return tuple(axis.level(label) for axis, label in zip(self.base.axes, self.points[point].item(), strict=True))

    def warm_ups(self, chosen: Mask) -> Iterator[SharedRuns]:
        """Yields the chosen runs in groups that share a warm-up."""
        numbers = np.flatnonzero(chosen)
        ends = np.flatnonzero(np.diff(self.runs["past"][numbers])) + 1
        for part in np.split(numbers, ends) if len(numbers) else ():
            for first in range(0, len(part), MAX_SHARING):
                some = part[first : first + MAX_SHARING]
                rows = zip(some.tolist(), self.runs[some].tolist(), strict=True)
                yield tuple(Run(one, at, scenario, seed, self.levels(at)) for one, (at, scenario, seed, _) in rows)

    def shard(self, place: int, of: int) -> Mask:
        """True for each run of one of `of` shards, among which the study's warm-ups are divided."""
        chosen: Mask = self.runs["past"] % of == place
        return chosen

    def first(self, seeds: int) -> Plan:
        """Copy of the plan with only the first seeds."""
        runs = self.runs[self.runs["seed"] < self.first_seed + seeds]
        return replace(self, runs=runs, replicates=min(seeds, self.replicates))

    def whole_seeds(self, there: Mask) -> int:
        """Number of consecutive seeds, from the first, with all runs finished."""
        lacking = self.runs["seed"][~there]
        return int(lacking.min()) - self.first_seed if lacking.size else self.replicates

    def digest(self) -> str:
        """Hash of the table of points."""
        words = f"{len(self.points)} {self.points.dtype}"
        return hashlib.sha256(words.encode() + self.points.tobytes()).hexdigest()


def table_of_points(axes: Sequence[Axis], columns: Sequence[npt.NDArray[Any]], size: int) -> Table:
    """Makes the table of points from one column of values per axis."""
    table = np.empty(size, [(axis.key, column.dtype) for axis, column in zip(axes, columns, strict=True)])
    for axis, column in zip(axes, columns, strict=True):
        table[axis.key] = column
    return table


def table_of_runs(point: Integers, scenario: Integers, seed: Integers, past_of_point: Integers) -> Table:
    """Makes the table of runs, in the order of execution."""
    group = past_of_point[point]
    order = np.lexsort((scenario, point, group, seed))
    runs = np.empty(len(order), RUN_COLUMNS)
    for name, values in (("point", point), ("scenario", scenario), ("seed", seed)):
        runs[name] = values[order]
    group = group[order]
    begins = (np.diff(runs["seed"], prepend=-1) != 0) | (np.diff(group, prepend=-1) != 0)
    runs["past"] = np.cumsum(begins) - 1
    return runs


def warm_ups_of_points(axes: Sequence[Axis], points: Table) -> npt.NDArray[np.int64]:
    """Warm-up number of each point; points that differ only after the policy start share a warm-up."""
    later = (AxisKind.LEVER, AxisKind.SCENARIO)
    shaping = [axis.key for axis in axes if axis.kind not in later]
    if len(shaping) == len(axes):
        return np.arange(len(points))
    levels = np.array([np.unique(points[key], return_inverse=True)[1] for key in shaping], np.int64)
    _, first, group = np.unique(levels.reshape(-1, len(points)), axis=1, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group]  # warm-ups are numbered in the order of their first points


def with_lever(scenario: Scenario, name: str, value: Value, on: str, instrument: str = "") -> Scenario:
    """Copy of a scenario in which a lever is set to a value.

    Where the scenario moves that lever itself, its value is replaced, and its days, ramp and states stay; where it
    does not, the lever is moved everywhere at once on the policy's first day.
    """
    lever = find_lever(name)

    def moves(change: Change) -> bool:
        """True if a change of the scenario sets the same lever and must be replaced."""
        return change.lever.name == name and change.growth is None

    if any(map(moves, scenario.changes)):
        changes = tuple(replace(change, value=value) if moves(change) else change for change in scenario.changes)
    elif lever.target is Target.INSTRUMENT and not instrument:
        fix = "Sweep it over a scenario that has a change of it, with `instrument: …`."
        raise mistake("is about one instrument, which the scenario does not name", name, fix=fix)
    else:
        everywhere = Change(
            lever=lever,
            value=value,
            start=date.fromisoformat(on),
            until=None,
            order=Order.BEST_GOVERNED_FIRST,
            ramp_months=None,
            states=StateSelection(),
            pairs=PairSelection(),
            where=COMMAND_LINE,
            instrument=instrument,
            kinds=read_kinds(lever, instrument, None) if instrument else (),
        )
        changes = (*scenario.changes, everywhere)
    return replace(scenario, changes=changes)
