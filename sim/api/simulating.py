"""Checks requests before work starts, and offers `sim.simulate`, which simulates one world without files.

Commands and Python meet here, so both give the same numbers and the same messages.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsFloat

from sim.api import scope
from sim.api.entry_point import NONE, PACKAGE, EnsembleLike, Request, ScenarioLike, in_python, named, table_file
from sim.data.load import check_files
from sim.experiments.config import Experiment, compose, engine_of, experiment_of, nearest_key
from sim.experiments.grammar import SCENARIO, axis_of, parameters, sweepable
from sim.experiments.plan import Base, Run
from sim.experiments.rules import read_rules
from sim.experiments.run import AllFailedError, run_replicate, window
from sim.experiments.sets import ChosenBy, ParameterSets
from sim.experiments.settings import Execution, check_word, check_world
from sim.experiments.store import check_writable
from sim.law.order import legal_order
from sim.law.suggest import nearest
from sim.policy import files
from sim.policy.check import check as find
from sim.policy.listing import dose_in_all, doses, understood
from sim.policy.problem import InputError, mistake, read_each
from sim.policy.scenario import Scenario, load, load_all, over
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.well_known import BASELINE, COMPARED, LOWER_BOUND, UPPER_BOUND

if TYPE_CHECKING:
    import pandas as pd

    from sim.api.own_model import Model
    from sim.calibration.ensemble import Ensemble
    from sim.experiments.axis import Axis
    from sim.experiments.run import ScenarioRun, Task

#: Scenarios of an ablation that names none, in the order in which they are shown: the policies without the bounds.
DEFAULT_ABLATION = (BASELINE, *COMPARED)
#: Scenarios of a comparison that names none.
DEFAULT_COMPARISON = (*DEFAULT_ABLATION, LOWER_BOUND, UPPER_BOUND)
_MOST_YEARS = 50
#: True where this module belongs to the model of the process, and not to another one besides.
_OF_FIRST = scope.present() is scope.FIRST
_LOGGER = getLogger(__name__)


def prepared(request: Request, scenarios: tuple[Scenario, ...], sets: str = NONE) -> Experiment:
    """Makes an experiment from a request, after checks; `sets` are parameter sets for users who name none."""
    settings, resolved = compose(request.kind, request.words)
    _LOGGER.info("configuration: %s", " ".join([request.kind, *request.words]))
    for scenario in scenarios:
        _LOGGER.info("scenario %s: %s, %d changes", scenario.key, scenario.file, len(scenario.changes))
    experiment = completed(request, experiment_of(settings, resolved, scenarios, request.words, request.command), sets)
    check_files()
    law, days = legal_order(), policy_days(experiment.world)
    read_each(lambda scenario: timeline_of(scenario, law, *days), scenarios)
    if not request.temporary:
        check_writable(experiment.results)
    if request.kind in ("run", "compare"):
        notes = (f"Note: {one}" for scenario in scenarios for one in find(scenario, law, experiment.world))
        for line in dict.fromkeys((*understood(scenarios), *files.notes(scenarios), *notes)):
            request.console.print(line, soft_wrap=True)
    return experiment


def completed(request: Request, made: Experiment, sets: str = NONE) -> Experiment:
    """Fills in an experiment's executor, rules and parameter sets from the user's request."""
    chosen, rules = sets_named(request.ensemble or sets, request.facts), read_rules(request.rules)
    if request.executor is not None:
        tasks = made.resolved["execution"]["workers"]
        made = replace(made, engine=engine_of(Execution(workers=tasks), request.executor))
    return replace(made, quiet=request.console.quiet, progress=request.progress, rules=rules, sets=chosen)


def worlds_of(request: Request, *, point: bool) -> str:
    """Name of the parameter sets for a comparison: the package's by default, none if `point` is true."""
    if point and request.ensemble not in ("", NONE):
        fix = "Leave --point out, which means no ensemble."
        raise mistake("one world, and parameter sets for many", "--ensemble", request.ensemble, fix)
    return NONE if point else PACKAGE


def enough(experiment: Experiment, least: int, why: str, problem: str = "too few replicates") -> Experiment:
    """Returns the experiment if it has enough replicates; otherwise raises an error."""
    if experiment.replicates < least:
        fix = f"Take {least} at least: {why}."
        raise mistake(problem, "execution.replicates", experiment.replicates, fix)
    return experiment


def last_day(horizon: int, words: Sequence[str]) -> str:
    """Last day of a policy that lasts `horizon` years, as the text of a date."""
    if not 1 <= horizon <= _MOST_YEARS:
        fix = f"Write a number from 1 to {_MOST_YEARS}: 10 is usual, law takes 20."
        raise mistake("not a number of policy years", "--horizon", horizon, fix)
    first = date.fromisoformat(compose("compare", words)[0].world.policy_start)
    return str(date(first.year + horizon, first.month, 1) + timedelta(days=first.day - 2))


def the_one(names: Sequence[str], command: str = "") -> Scenario:
    """The scenario of a command that accepts only one; for several, the error suggests another command."""
    if len(names) == 1:
        return load(names[0])
    words, problem = " ".join(names), "more than one scenario" if names else "one scenario is needed"
    several = f"Write `{command} {words}`, or name one." if command else "Name one of them."
    fix = several if names else "`comity scenarios` lists them."
    raise mistake(problem, "SCENARIO", words or None, fix)


def comparison(
    request: Request, names: Sequence[str], default: tuple[str, ...], against: ScenarioLike = "", sets: str = NONE
) -> Experiment:
    """Makes a comparison of scenarios; every other scenario is put on top of a baseline that the user names."""
    baseline = named(against) or BASELINE
    base, *others = load_all([baseline, *(name for name in names or default if name != baseline)])
    scenarios = (base, *(over(scenario, base) for scenario in others))
    for number, scenario in enumerate(scenarios):
        if scenario.key in {other.key for other in scenarios[:number]}:
            fix = "Name each once, or rename your file."
            raise mistake("two scenarios of this name", "SCENARIO", scenario.key, fix)
    if len(scenarios) == 1:
        fix = f"Name another scenario, or none for {', '.join(default)}."
        raise mistake("nothing to compare with", "SCENARIO", baseline, fix)
    return replace(prepared(request, scenarios, sets), baseline=base.key if against else "")


def inert(names: Sequence[str], words: Sequence[str]) -> list[str]:
    """Texts on the one scenario that is named: the numbers that it sets, its doses and cost, lines without effect."""
    world, scenario, law = compose("run", words)[0].world, the_one(names), legal_order()
    timeline_of(scenario, law, *policy_days(world))
    notes = find(scenario, law, world) or (f"{names[0]}: nothing found against law, data and world.",)
    return [*understood([scenario]), *doses(scenario), *filter(None, [dose_in_all(scenario)]), *map(str, notes)]


#: Most lines of a file of sets, and what its names may begin with.
_MOST, _PREFIX = 1_000_000, "uncertainty."


def sets_named(named: str, facts: str = "") -> ParameterSets | None:
    """Reads the parameter sets that the user names; None if the user names none.

    A name is `package`, `none`, a CSV file with one row per set and one column per parameter by its dotted name, a
    Parquet file that `comity calibrate` wrote, or the folder that holds it. `facts` is a file of the user's figures,
    which weigh sets that were calibrated.
    """
    from sim.calibration.ensemble import FILE, sets_of_today
    from sim.calibration.ensemble import load as read_ensemble

    if facts:
        from sim.calibration.own_facts import weigh

        return weigh(Path(facts), ensemble_named(named)).sets()
    if named in (NONE, PACKAGE):
        return sets_of_today() if named == PACKAGE else None
    path = Path(named)
    if (listed := path / "ensemble.csv").is_file():  # of a calibration to facts of one's own
        path = listed
    if path.suffix.lower() == ".csv":
        return _given(path)
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        fix = "Write package, none, or a CSV file with a column for each parameter, or the folder of a calibration."
        raise mistake("no parameter sets of that name", "--ensemble", path, fix)
    return read_ensemble(file).sets()


def ensemble_named(named: str = PACKAGE) -> Ensemble:
    """Reads a calibrated ensemble: the package's own (`package`), a file of `comity calibrate`, or its folder."""
    from sim.calibration.ensemble import FILE, load

    path = Path(named)
    file = path / FILE if path.is_dir() else path
    if named == NONE or (named != PACKAGE and (file.suffix.lower() == ".csv" or not file.is_file())):
        fix = (
            "Figures weigh sets by what their own runs give: leave --ensemble out, or name the folder of a calibration."
        )
        raise mistake("figures need calibrated parameter sets", "--ensemble", named, fix)
    return load(None if named == PACKAGE else file)


def _given(path: Path) -> ParameterSets:
    """Reads parameter sets from a table with a column per parameter; values out of range are an error."""
    from sim.experiments.sweep import listed, read_rows

    known = {key.removeprefix(_PREFIX) for key in parameters()}
    rows, places = read_rows(path, _MOST, "parameter set")
    keys = {name: f"{_PREFIX}{name.removeprefix(_PREFIX)}" for name in rows[0]}
    for name in keys:
        check_word("--ensemble", name.removeprefix(_PREFIX), known, "no parameter of that name")
    points = listed([{keys[name]: cell for name, cell in row.items()} for row in rows], places)
    names = [axis.name for axis in points.axes]
    values: list[Mapping[str, float]] = [
        {name: axis.level(label).value for name, axis, label in zip(names, points.axes, point, strict=True)}
        for point in points.points.tolist()
    ]
    return ParameterSets(values, ChosenBy.GIVEN)


class UnknownOutcomeError(InputError, KeyError):
    """Error for an outcome key that does not exist."""

    def __str__(self) -> str:
        return str(self.args[0])


class Outcomes(dict[str, float]):
    """Outcomes of one world under one scenario by key; NaN for an outcome that is undefined in this world.

    `sim.outcomes()` says what each is; the tables behind them are those of `sim.run`.

    Attributes:
        scenario: key of the scenario.
        seed: of the world.

    Examples:
        >>> one = sim.simulate(world="tiny")
        >>> one.scenario, one.seed, len(one) == len(sim.outcomes())
        ('status_quo', 1, True)
    """

    def __init__(self, scenario: str, seed: int, measured: Mapping[str, float], task: Task | None = None) -> None:
        super().__init__(measured)
        self.scenario, self.seed, self._task = scenario, seed, task

    @in_python
    def series(self, by: str = "year") -> pd.DataFrame:
        """Table of headline outcomes by year or month, from another simulation with the same draws.

        Args:
            by: `year` or `month`.

        Returns:
            As `StudyResult.series`, without the columns `scenario` and `seed`.

        Raises:
            InputError: another word than year or month.

        Examples:
            >>> by_year = sim.simulate(world="tiny").series()
            >>> by_year.columns.tolist(), by_year["time"].dt.year.unique().tolist()
            (['outcome', 'time', 'value', 'complete'], [2027, 2028, 2029])
        """
        from sim.api.results import as_series
        from sim.measures.series import TABLES, observation_of

        if self._task is None:
            fix = "Take those that sim.simulate returns in this process."
            raise mistake("these were not simulated here", "Outcomes", fix=fix)
        events = _run(replace(self._task, events=True)).events
        tables, states = {name: events[name] for name in TABLES}, len(legal_order().states)
        return as_series([((), observation_of(tables, window(self._task.world), states))], (), by)

    def __reduce__(self) -> tuple[Any, ...]:
        # A world of a user's own model has settings that other models cannot read: its numbers travel alone.
        task = self._task if _OF_FIRST else None
        return scope.remade, (__name__, "Outcomes", (self.scenario, self.seed, dict(self), task))

    def __missing__(self, key: object) -> float:
        """Raises an error that suggests the outcome with the most similar key."""
        raise UnknownOutcomeError("no outcome of that name", key="outcome", value=key, fix=nearest(str(key), self))

    def __getattr__(self, name: str) -> float:
        """Raises an error that explains how to read an outcome."""
        fix = f"Write [{name!r}]." if name in self else nearest(name, [*self, "scenario", "seed"], what="")
        raise AttributeError(f"Outcomes has no attribute {name!r}. {fix}".rstrip())


@in_python
def simulate(
    values: Mapping[str, SupportsFloat | str] | None = None,
    seed: int = 1,
    scenario: ScenarioLike = BASELINE,
    world: str = "default",
    *,
    model: Model | None = None,  # noqa: ARG001 - `in_python` takes it
) -> Outcomes:
    """Simulates and measures one world under one scenario, without writing files.

    The same numbers as `sim.run` with that seed. After the first call of a process little but the run itself is left,
    so that a loop, SALib, EMA Workbench or Optuna can call it.

    Args:
        values: levers, and parameters by dotted name (`desk.court_wait_days`; `sim.levers()` and `sim.parameters()`
            list them), as well as keys such as `world.groups`. All else keeps its default.
        seed: of the world, 0 or more.
        scenario: key of a scenario, path of a scenario file, or a `sim.Scenario`; levers come on top of it.
        world: one of the worlds of the configuration: `default` or `tiny`.
        model: a `sim.Model` with parts of one's own.

    Returns:
        A number by the key of each outcome, in the unit that `sim.outcomes()` says; NaN where undefined in this world.

    Raises:
        InputError: a mistake in what was given.
        RuntimeError: the run failed, a defect of the model.

    Examples:
        >>> more = sim.simulate({"court.staff": 3, "desk.court_wait_days": 50}, seed=1, world="tiny")
        >>> more["court_backlog"] < sim.simulate(seed=1, world="tiny")["court_backlog"]
        True
    """
    task = _task(values, seed, scenario, world)
    return Outcomes(task.scenarios[0].key, int(seed), _run(task).measured.outcomes, task)


def _run(task: Task) -> ScenarioRun:
    """Simulates a task with a single run; returns its measurements, or raises the error of a failed run."""
    replicate = run_replicate(task)
    if replicate.failures:
        raise AllFailedError(list(replicate.failures))
    return replicate.arms[0]


@in_python
def world_of(
    scenario: ScenarioLike = BASELINE,
    seed: int = 1,
    world: str = "default",
    values: Mapping[str, SupportsFloat | str] | None = None,
    ensemble: EnsembleLike = None,
) -> Task:
    """Checks and returns the settings of one world under one scenario, for `sim.mesa_model`."""
    file, _kept = table_file(ensemble, "ensemble", None)
    return _task(values, seed, scenario, world, sets_named(os.fspath(file or NONE)))


def _task(
    values: Mapping[str, SupportsFloat | str] | None,
    seed: int,
    scenario: ScenarioLike,
    world: str,
    sets: ParameterSets | None = None,
) -> Task:
    """Makes the task for one world under one scenario, after a check; `values` are keyed by lever or parameter."""
    name, known = named(scenario), sweepable()
    axes: list[Axis] = []
    base = _base(name, world, Path(name).stat().st_mtime_ns if Path(name).is_file() else 0)
    for word, value in (values or {}).items():
        key = f"{_PREFIX}{word}" if f"{_PREFIX}{word}" in parameters() else word
        if key in known.groups or key == SCENARIO or key.startswith(("execution.", "sweep.")):
            raise mistake("no value of a world", "values", word, "Scenario, world and seed are keywords.")
        if key not in known.keys:
            raise mistake("no lever or parameter of that name", "values", word, nearest_key(word, known))
        if getattr(value, "ndim", 0):
            raise mistake("one world takes one value of each", word, value, "Give a number, or call it for each.")
        axes.append(axis_of(key, [value.item() if hasattr(value, "item") else value]))
    run = Run(0, 0, 0, int(seed), tuple(axis.levels[0] for axis in axes))  # NumPy has whole numbers of its own
    task = replace(base, axes=tuple(axes), sets=sets).task((run,))
    if axes:
        _check(task)
    return task


@lru_cache(maxsize=64)
def _base(scenario: str, world: str, _changed: int) -> Base:
    """Settings shared by all runs under a scenario in a world; cached until a file changes."""
    check_files()
    settings, _ = compose("run", [f"world={world}"])
    base = Base((), (load(scenario),), {(): (settings.world, settings.uncertainty)}, ())
    _check(base.task((Run(0, 0, 0, 0, ()),)))
    return base


def _check(task: Task) -> None:
    """Raises an error if the world's dates are out of order, or if the scenario is impossible in it."""
    check_world(task.world)
    timeline_of(task.scenarios[0], legal_order(), *policy_days(task.world))
