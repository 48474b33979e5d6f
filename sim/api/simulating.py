"""`sim.simulate`: one world under one scenario as a plain function, for tools that bring their own design."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, SupportsFloat

from sim.api.asked import sets_named
from sim.api.door import NONE, in_python
from sim.api.keywords import EnsembleLike, ScenarioLike, named, table_file
from sim.data.load import check_files
from sim.experiments.config import compose, nearest_key
from sim.experiments.plan import Base, Run
from sim.experiments.run import AllFailedError, run_replicate, timeline_for
from sim.experiments.settings import check_word, check_world
from sim.law.order import legal_order
from sim.measures.outcomes import BREAKDOWNS
from sim.policy.problem import mistake
from sim.policy.scenario import load
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.well_known import BASELINE

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.axis import Axis, Level
    from sim.experiments.run import Task
    from sim.experiments.sets import ParameterSets
    from sim.measures.outcomes import Measured
    from sim.model import CooperationModel


@dataclass(frozen=True, eq=False)
class Outcomes(Mapping[str, float]):
    """What was measured in one world under one scenario: a number by the key of each outcome.

    `sim.outcomes()` says what each is. An outcome that is not defined in this world is NaN.

    Attributes:
        scenario: key of the scenario.
        seed: of the world.
    """

    scenario: str
    seed: int
    _measured: Measured = field(repr=False)

    def __getitem__(self, key: str) -> float:
        return self._measured.outcomes[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._measured.outcomes)

    def __len__(self) -> int:
        return len(self._measured.outcomes)

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """Names of the tables behind the outcomes."""
        return tuple(self._measured.breakdowns)

    @in_python
    def breakdown(self, name: str) -> pd.DataFrame:
        """A table behind the outcomes, one of `breakdowns`, with states as ISO codes and codes as words."""
        import pandas as pd

        from sim.results.stored import decoded

        tables = self._measured.breakdowns
        check_word("breakdown", name, tables, "no such breakdown")
        return decoded(pd.DataFrame(tables[name]), legal_order().states)


@in_python
def simulate(
    values: Mapping[str, SupportsFloat | str] | None = None,
    seed: int = 1,
    scenario: ScenarioLike = BASELINE,
    world: str = "default",
) -> Outcomes:
    """Simulates one world under one scenario, and measures it; nothing is written anywhere.

    The same numbers as `sim.run` with that seed. After the first call of a process little but the run itself is left,
    so that a loop, SALib, EMA Workbench or Optuna can call it. A run that fails, a defect of the model, is a
    `RuntimeError`.

    Args:
        values: levers, and parameters by dotted name (`desk.court_wait_days`; `sim.levers()` and `sim.parameters()`
            list them), as well as keys such as `world.groups`. All else stands at its default.
        seed: of the world, 0 or more.
        scenario: key of a scenario, path of a scenario file, or a `sim.Scenario`; levers come on top of it.
        world: one of the worlds of the configuration: `default` or `tiny`.
    """
    task = _task(values, seed, scenario, world, None)
    made = run_replicate(task)
    if made.failures:
        raise AllFailedError(list(made.failures))
    return Outcomes(task.scenarios[0].key, int(seed), made.arms[0].measured)


@in_python
def mesa_model(
    scenario: ScenarioLike = BASELINE,
    *,
    seed: int = 1,
    world: str = "default",
    values: Mapping[str, SupportsFloat | str] | None = None,
    ensemble: EnsembleLike = None,
    period_days: float = 1.0,
) -> CooperationModel:
    """A world under a scenario as a Mesa model, to step through and to look at.

    Args:
        scenario: see `simulate`, as for the next three.
        seed: of the world.
        world: `default` or `tiny`.
        values: levers and parameters by name.
        ensemble: parameter sets, of which this seed has one; None for every parameter at its default.
        period_days: days that a step advances.
    """
    from sim.model import CooperationModel

    file, _kept = table_file(ensemble, "ensemble", None)
    task = _task(values, seed, scenario, world, sets_named(os.fspath(file or NONE), 1))
    return CooperationModel(task.world, task.parameters, timeline_for(task, task.scenarios[0]), seed, period_days)


def _task(
    values: Mapping[str, SupportsFloat | str] | None,
    seed: int,
    scenario: ScenarioLike,
    world: str,
    sets: ParameterSets | None,
) -> Task:
    """One world under one scenario, checked."""
    name, seed = named(scenario), int(seed)  # NumPy has whole numbers of its own
    base = _base(name, world, Path(name).stat().st_mtime_ns if Path(name).is_file() else 0)
    axes, levels = _axes(values or {})
    task = replace(base, axes=axes, sets=sets).task((Run(0, 0, 0, seed, levels),))
    if axes:
        _check(task)
    return task


@lru_cache(maxsize=64)
def _base(scenario: str, world: str, _changed: int) -> Base:
    """What every run under a scenario in a world starts from, checked once in a process for each state of a file."""
    check_files()
    settings, _ = compose("run", [f"world={world}"])
    base = Base((), (load(scenario),), {(): (settings.world, settings.uncertainty)}, tuple(BREAKDOWNS))
    _check(base.task((Run(0, 0, 0, 0, ()),)))
    return base


def _check(task: Task) -> None:
    """A world whose days are in order, and a scenario that can happen in it."""
    check_world(task.world)
    timeline_of(task.scenarios[0], legal_order(), *policy_days(task.world))


def _axes(values: Mapping[str, SupportsFloat | str]) -> tuple[tuple[Axis, ...], tuple[Level, ...]]:
    """Each value as an axis with one level."""
    from sim.experiments.grammar import SCENARIO, axis_of, parameters, sweepable

    axes, known = [], sweepable()
    for name, value in values.items():
        key = f"uncertainty.{name}" if f"uncertainty.{name}" in parameters() else name
        if key in known.groups or key == SCENARIO or key.startswith(("execution.", "sweep.")):
            raise mistake("no value of a world", "values", name, "Scenario, world and seed are keywords.")
        if key not in known.keys:
            raise mistake("no lever or parameter of that name", "values", name, nearest_key(name, known))
        axes.append(axis_of(key, [value.item() if hasattr(value, "item") else value]))
    return tuple(axes), tuple(axis.levels[0] for axis in axes)
