"""From what was typed to a plan: every value of every axis is checked before any work starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, product
from pathlib import Path

from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.config import Experiment, compose, experiment_of
from sim.experiments.design import check_samples, crossed, make_points, size_of
from sim.experiments.grammar import SCENARIO, SweepWords, read_words, sweepable
from sim.experiments.plan import Base, Kind, Plan, with_lever
from sim.experiments.points_file import Listed, read_points
from sim.experiments.settings import Sweep, SweepSettings, check_sweep, check_word, check_world
from sim.policy.problem import COMMAND_LINE, Findings, InputError, found_at, mistake
from sim.policy.scenario import Scenario, load, load_all
from sim.policy.scenario_timeline import timeline_of
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec, check

#: Maximum number of points that are searched for combinations of worlds that cannot be.
MAX_SEARCHED = 20_000


@dataclass(frozen=True)
class Prepared:
    """A sweep ready to be carried out.

    Attributes:
        experiment: base configuration and execution.
        sweep: settings of the sweep.
        plan: all runs.
    """

    experiment: Experiment
    sweep: Sweep
    plan: Plan


def prepare(
    names: Sequence[str], words: Sequence[str], vary: Sequence[str], command: str, *, quiet: bool = False
) -> Prepared:
    """Reads and checks a sweep.

    Args:
        names: scenarios that every point is run under; none for the status quo.
        words: axes and overrides as typed.
        vary: parameters or themes to vary over their plausible or allowed ranges.
        command: the command line, for study.yaml.
        quiet: no progress bar.

    Raises:
        InputError: a mistake in any of it.
    """
    reading = read_words(words, vary)
    settings, resolved = compose("sweep", reading.overrides)
    if not isinstance(settings, SweepSettings):
        raise TypeError(type(settings))
    sweep, execution = settings.sweep, settings.execution
    check_sweep(sweep)
    listed = _listed(reading, sweep)
    axes = listed.axes if listed else reading.axes
    by_point = any(axis.key == SCENARIO for axis in axes)
    if len(set(names)) < len(names):
        twice = next(name for name in names if list(names).count(name) > 1)
        raise mistake("this scenario is given twice", value=twice, fix="Name each once.")
    scenarios = _scenarios_of(axes, listed) if by_point else load_all(names or (BASELINE,))
    if by_point and names:
        fix = "Name scenarios either as words or as values of `scenario`."
        raise mistake("scenarios are named twice", SCENARIO, names[0], fix)
    own_seeds, kind = sweep.seeds == "own", Kind(sweep.design)
    if kind in (Kind.LATIN, Kind.SOBOL, Kind.MORRIS):
        check_samples(kind, axes, sweep.samples)
    _check_size(
        len(listed.points) if listed else size_of(kind, axes, sweep.samples),
        1 if by_point else len(scenarios),
        1 if own_seeds else execution.replicates,
        sweep.most_runs,
    )
    points = listed.points if listed else make_points(kind, axes, sweep.samples, sweep.design_seed)
    experiment = experiment_of(settings, resolved, scenarios, reading.overrides, command, quiet=quiet)
    found = _settings(axes, listed, reading.overrides)
    base = Base(axes, scenarios, found, tuple(sweep.breakdowns), experiment.events)
    first, seeds = execution.first_seed, execution.replicates
    plan = crossed(kind, base, points, first, seeds, own_seeds=own_seeds, by_point=by_point)
    _check_values(plan, listed)
    return Prepared(experiment, sweep, plan)


def _listed(reading: SweepWords, sweep: Sweep) -> Listed | None:
    """Points where a file lists them."""
    if sweep.design == Kind.LISTED or sweep.points:
        if reading.axes:
            fix = "Write its values into the file, or leave the file out."
            raise mistake("varies in addition to a file of points", reading.axes[0].key, fix=fix)
        if not sweep.points:
            raise mistake("a file of points is needed", fix="Write --points FILE.csv.")
        sweep.design = Kind.LISTED.value
        return read_points(Path(sweep.points), sweep.most_runs + 1)
    if not reading.axes:
        raise mistake(
            "nothing varies",
            fix="Write a lever or key with its values, such as central_authority.staff=1,1.5,2, or --vary THEME.",
        )
    return None


def _check_size(points: int, scenarios: int, seeds: int, most: int) -> None:
    """A study that nobody can have meant is refused before anything is made of it."""
    runs = points * scenarios * seeds
    if runs > most:
        words = f"{points:,} points × {scenarios} scenarios × {seeds:,} seeds = {runs:,} runs"
        fix = f"Sample them (--design lhs --samples 1000), or allow it with sweep.most_runs={runs}."
        raise mistake(words, fix=fix)
    if points == 0:
        raise mistake("a design without any point", fix="Write at least one value.")


def _scenarios_of(axes: Sequence[Axis], listed: Listed | None) -> tuple[Scenario, ...]:
    """Scenarios that an axis names."""
    (axis,) = (axis for axis in axes if axis.kind is AxisKind.SCENARIO)
    if listed is None:
        return load_all(str(level.value) for level in axis.levels)
    scenarios, found = [], Findings()
    for level in axis.levels:
        with found.gather(), found_at(listed.place_of(axis, level)):
            scenarios.append(load(str(level.value)))
    found.raise_all()
    return tuple(scenarios)


def _settings(
    axes: Sequence[Axis], listed: Listed | None, overrides: Sequence[str]
) -> Mapping[tuple[str, ...], tuple[WorldSpec, Parameters]]:
    """World and parameters for every combination of configuration files."""
    choices = [axis for axis in axes if axis.kind is AxisKind.CHOICE]
    known = sweepable().groups
    for axis in choices:
        for level in axis.levels:
            with found_at(listed.place_of(axis, level) if listed else ""):
                check_word(axis.key, str(level.label), known[axis.key])
    found = {}
    for levels in product(*(axis.levels for axis in choices)):
        chosen = [f"{axis.key}={level.label}" for axis, level in zip(choices, levels, strict=True)]
        settings, _ = compose("sweep", [*chosen, *overrides])
        found[tuple(str(level.label) for level in levels)] = (settings.world, settings.uncertainty)
    return found


def _check_values(plan: Plan, listed: Listed | None) -> None:
    """Every value of every axis alone, every combination of worlds, and every scenario with each value of a lever."""
    from sim.law.order import LegalOrder

    base = plan.base
    first = plan.levels(0)
    for place, axis in enumerate(base.axes):
        for level in axis.extremes() if axis.kind is AxisKind.UNCERTAINTY else ():
            levels = (*first[:place], level, *first[place + 1 :])
            try:
                check(base.configured(levels)[1])
            except ValueError as error:
                where = listed.place_of(axis, level) if listed else COMMAND_LINE
                raise InputError(str(error), where=where) from None
    for number, levels in _worlds(plan):
        with found_at(listed.places[number] if listed else ""):
            for axis, level in zip(base.axes, levels, strict=True):
                default = getattr(WorldSpec(), axis.key.removeprefix("world."), None)
                if axis.kind is AxisKind.WORLD and type(level.value) is not type(default):
                    fix = f"Write a value such as {default if default != [] else '[DEU,FRA]'}."
                    raise mistake("not a value of this key", axis.key, level.label, fix)
            check_world(base.configured(levels)[0])
    law, found, world = LegalOrder.load(), Findings(), base.configured(first)[0]
    days = date.fromisoformat(world.policy_start), date.fromisoformat(world.end)
    moves = [(axis.key, level.value) for axis in base.axes if axis.kind is AxisKind.LEVER for level in axis.extremes()]
    for scenario in base.scenarios:
        with found.gather():
            timeline_of(scenario, law, *days)
            for key, value in moves:
                timeline_of(with_lever(scenario, key, value, world.policy_start), law, *days)
    found.raise_all()


def _worlds(plan: Plan) -> Iterator[tuple[int, tuple[Level, ...]]]:
    """One point of each world, with its number."""
    shaping = [place for place, axis in enumerate(plan.base.axes) if axis.kind is AxisKind.WORLD]
    seen = set()
    for number in islice(range(len(plan.points)), MAX_SEARCHED if shaping else 1):
        levels = plan.levels(number)
        world = tuple(levels[place].label for place in shaping)
        if world not in seen:
            seen.add(world)
            yield number, levels
