"""Sweeps: makes a plan from words of the command line or from a file of points, and runs the plan.

Every value of every axis is checked before any work starts.
"""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from io import StringIO
from itertools import islice, product
from pathlib import Path
from typing import Any

from rich.console import Console

from sim.experiments import seal, store
from sim.experiments.axis import Axis, AxisKind, Level, span_of
from sim.experiments.conduct import Evaluate, Finished, Options, conduct
from sim.experiments.config import Experiment, compose, experiment_of, in_full, nearest_key
from sim.experiments.design import check_samples, crossed, make_points, paired, size_of, some_alone
from sim.experiments.grammar import SCENARIO, SweepWords, axis_of, read_words, sweepable
from sim.experiments.manifest import study_hash
from sim.experiments.plan import Base, Kind, Plan, Table, table_of_points, with_lever
from sim.experiments.settings import Sweep, SweepSettings, check_world
from sim.experiments.study import Study
from sim.policy.problem import Findings, InputError, found_at, mistake, read_each
from sim.policy.scenario import Scenario, load, load_all, over
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec

#: Maximum number of points that are searched for combinations of worlds that cannot be.
MAX_SEARCHED = 20_000


@dataclass(frozen=True)
class Prepared:
    """A sweep that is checked and ready to run: its plan, settings and list of points."""

    experiment: Experiment
    sweep: Sweep
    plan: Plan


def prepare(
    names: Sequence[str],
    words: Sequence[str],
    vary: Sequence[str],
    command: str,
    more: Callable[[Experiment], Experiment] = lambda made: made,
) -> Prepared:
    """Reads and checks a sweep; `more` adds settings outside the configuration to the experiment, such as rules."""
    reading = read_words(words, vary)
    swept = [str(level.value) for axis in reading.axes if axis.key == SCENARIO for level in axis.levels]
    found = Findings(reading.mistakes)
    with found.gather():
        settings, resolved = compose("sweep", reading.overrides)
    if len(set(names)) < len(names):
        twice = next(name for name in names if list(names).count(name) > 1)
        found.add(mistake("this scenario is given twice", value=twice, fix="Name each once."))
    with found.gather():
        scenarios = load_all(swept or names or (BASELINE,))
    found.raise_all()
    if not isinstance(settings, SweepSettings):
        raise TypeError(type(settings))
    sweep, execution = settings.sweep, settings.execution
    listed = _listed(reading, sweep)
    axes = listed.axes if listed else reading.axes
    by_point = any(axis.key == SCENARIO for axis in axes)
    if listed and by_point:
        scenarios = _scenarios_of(listed)
    if by_point and names:
        fix = "Name scenarios either as words or as values of `scenario`."
        raise mistake("scenarios are named twice", SCENARIO, names[0], fix)
    own_seeds, kind = sweep.seeds == "own", Kind(sweep.design)
    if kind in (Kind.LATIN, Kind.SOBOL, Kind.MORRIS):
        check_samples(kind, axes, sweep.samples)
    size, many = len(listed.points) if listed else size_of(kind, axes, sweep.samples), execution.replicates
    arms = 1 if by_point else len(scenarios)
    _check_size(size, arms + sweep.paired, 1 if own_seeds else many, sweep.most_runs)
    points = listed.points if listed else make_points(kind, axes, sweep.samples, sweep.design_seed)
    if sweep.alone:
        if kind is not Kind.LATIN:
            raise mistake("not a design of which some points may move few levers", "sweep.design", kind, _ALONE)
        points = some_alone(points, axes, sweep.alone, sweep.design_seed)
    experiment = more(experiment_of(settings, resolved, scenarios, reading.overrides, command))
    chosen = _settings(axes, reading.overrides)
    base = Base(axes, scenarios, chosen, tuple(sweep.breakdowns), experiment.events, sets=experiment.sets)
    first, seeds = execution.first_seed, execution.replicates
    if sweep.paired:
        base = replace(base, scenarios=_with_baseline(scenarios, sweep.against), paired=True)
        plan = paired(kind, base, points, first, seeds, by_point=by_point)
    else:
        plan = crossed(kind, base, points, first, seeds, own_seeds=own_seeds, by_point=by_point)
    _check_values(plan, listed)
    return Prepared(experiment, sweep, plan)


#: Key of the scenario of a paired sweep in which no lever of a point moves.
BASELINE_KEY = "baseline"
_ALONE = "Write --design lhs, or leave --alone out."


def _with_baseline(scenarios: Sequence[Scenario], against: str) -> tuple[Scenario, ...]:
    """Scenarios of a paired sweep: the baseline under a special key, and every other scenario on top of it."""
    base = load(against or BASELINE)
    if named := [scenario.key for scenario in scenarios if scenario.key == BASELINE_KEY]:
        fix = "Rename the file: a paired sweep calls its baseline so."
        raise mistake("not the name of a policy here", SCENARIO, named[0], fix)
    others = (one if one.key == base.key else over(one, base) for one in scenarios)
    return (replace(base, key=BASELINE_KEY), *others)


def _listed(reading: SweepWords, sweep: Sweep) -> Listed | None:
    """Reads the points from the file that the user gives; None if the user gives none."""
    if sweep.design == Kind.LISTED or sweep.points:
        if reading.axes:
            fix = "Write its values into the file, or leave the file out."
            raise mistake("varies in addition to a file of points", reading.axes[0].key, fix=fix)
        if not sweep.points:
            raise mistake("a file of points is needed", fix="Write --points FILE.csv.")
        sweep.design = Kind.LISTED.value
        return listed(*read_rows(Path(sweep.points), sweep.most_runs + 1, "point", check_heading))
    if not reading.axes:
        fix = "Write a lever or key with its values, such as central_authority.staff=1,1.5,2, or --vary THEME."
        raise mistake("nothing varies", fix=fix)
    return None


def _check_size(points: int, scenarios: int, seeds: int, most: int) -> None:
    """Raises an error if a sweep has more runs than allowed, before any run is prepared."""
    runs = points * scenarios * seeds
    if runs > most:
        words = f"{points:,} points × {scenarios} scenarios × {seeds:,} seeds = {runs:,} runs"
        fix = f"Sample them (--design lhs --samples 1000), or allow it with sweep.most_runs={runs}."
        raise mistake(words, fix=fix)
    if points == 0:
        raise mistake("a design without any point", fix="Write at least one value.")


def _scenarios_of(listed: Listed) -> tuple[Scenario, ...]:
    """Loads the scenarios that a file of points names."""
    (axis,) = (axis for axis in listed.axes if axis.kind is AxisKind.SCENARIO)
    place = dict(zip(reversed(listed.points[axis.key].tolist()), reversed(listed.places), strict=True))

    def read(level: Level) -> Scenario:
        """Loads one scenario; an error names its line in the file."""
        with found_at(place[level.label if axis.numeric else str(level.label)]):
            return load(str(level.value))

    return tuple(read_each(read, axis.levels))


def _settings(axes: Sequence[Axis], overrides: Sequence[str]) -> Mapping[tuple[str, ...], tuple[WorldSpec, Parameters]]:
    """World and parameters for every combination of the configuration files that the sweep varies."""
    choices = [axis for axis in axes if axis.kind is AxisKind.CHOICE]
    found = {}
    for levels in product(*(axis.levels for axis in choices)):
        chosen = [f"{axis.key}={level.label}" for axis, level in zip(choices, levels, strict=True)]
        settings, _ = compose("sweep", [*chosen, *overrides])
        found[tuple(str(level.label) for level in levels)] = (settings.world, settings.uncertainty)
    return found


def _check_values(plan: Plan, listed: Listed | None) -> None:
    """Raises an error if the plan has an impossible world or an impossible value of a lever."""
    from sim.law.order import legal_order

    base, found = plan.base, Findings()
    for number, levels in _worlds(plan):
        with found.gather(), found_at(listed.places[number] if listed else ""):
            check_world(base.configured(levels)[0])
    found.raise_all()
    law, world = legal_order(), base.configured(plan.levels(0))[0]
    days = policy_days(world)
    moves = [(axis.key, level.value) for axis in base.axes if axis.kind is AxisKind.LEVER for level in axis.extremes()]

    def check(scenario: Scenario) -> None:
        """Raises an error if a scenario is impossible in the period of its world."""
        timeline_of(scenario, law, *days)
        for key, value in moves:
            timeline_of(with_lever(scenario, key, value, world.policy_start), law, *days)

    read_each(check, base.scenarios)


def _worlds(plan: Plan) -> Iterator[tuple[int, tuple[Level, ...]]]:
    """Yields each different world of the plan once, as the number and the values of one of its points."""
    shaping = [place for place, axis in enumerate(plan.base.axes) if axis.kind is AxisKind.WORLD]
    seen = set()
    for number in islice(range(len(plan.points)), MAX_SEARCHED if shaping else 1):
        levels = plan.levels(number)
        world = tuple(levels[place].label for place in shaping)
        if world not in seen:
            seen.add(world)
            yield number, levels


#: Maximum size of a file of points, bytes.
MOST_IN_FILE = 2**28


@dataclass(frozen=True, eq=False)
class Listed:
    """Axes and points of a sweep from a user's file, with the line of each point."""

    axes: tuple[Axis, ...]
    points: Table
    places: tuple[str, ...]


def read_rows(
    path: Path, most: int, what: str, check: Callable[[Sequence[str], str], None] = lambda *_: None
) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """Reads a user's CSV file with a heading; returns the cells of each row by column, and its file and line.

    `check` refuses a heading, with its place.
    """
    fix = f"Name a CSV file: a heading, then one row per {what}."
    try:
        if path.exists() and not path.is_file():
            with_pipe = "Name a CSV file; write what a pipe gives to one first."
            raise InputError("not a plain file", where=str(path), fix=with_pipe)
        with path.open("rb") as file:
            content = file.read(MOST_IN_FILE + 1)
        for found, bound, unit in ((len(content), MOST_IN_FILE, "bytes"), (len(content.splitlines()), most, "lines")):
            if found > bound:
                shorter = "Write a heading, then one row for each; sweep.most_runs bounds how many."
                raise InputError(f"more than {bound:,} {unit}", where=str(path), fix=shorter)
        rows = list(_numbered(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("cannot be read", where=str(path), fix=fix) from error
    if len(rows) < 2:
        raise InputError(f"no {what}s", where=str(path), fix=f"Write a heading, then one row per {what}.")
    (line, heading), *body = rows
    check(heading, f"{path}:{line}")
    for line, row in body:
        if len(row) != len(heading) or not all(row):
            fix = f"Write {len(heading)} values, as in the heading."
            raise InputError("a cell is missing", where=f"{path}:{line}", value=",".join(row), fix=fix)
    return [dict(zip(heading, row, strict=True)) for _, row in body], tuple(f"{path}:{line}" for line, _ in body)


def check_heading(heading: Sequence[str], where: str) -> None:
    """Raises an error for a column heading that is repeated or is not a key that a sweep can vary."""
    known = sweepable()
    full = [in_full(key) for key in heading]
    for place, key in enumerate(full):
        problem = fix = ""
        if key not in known.keys and key not in known.groups:
            problem, fix = "unknown key", nearest_key(key, known)
        elif key.partition(".")[0] in ("execution", "sweep"):
            problem, fix = "says how a study is carried out and cannot vary in it", f"Write {key}=VALUE as a word."
        elif key in full[:place]:
            problem, fix = "this key is given twice", "Keep one of its columns."
        if problem:
            raise InputError(problem, where=where, key=f"heading of column {place + 1}", value=heading[place], fix=fix)


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yields the non-blank rows of a CSV file, each with the number of its first line."""
    line = 1
    for row in reader:
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def listed(rows: Sequence[Mapping[str, Any]], places: tuple[str, ...]) -> Listed:
    """Makes axes and points from rows with the same keys; errors name the file and line of a row."""
    axes, columns = [], []
    for key in rows[0]:
        written = [_number_or_word(row[key]) for row in rows]
        first = {value: place for place, value in enumerate(dict.fromkeys(written))}
        axis = _axis(key, written, places)
        axes.append(axis)
        columns.append(axis.column([axis.levels[first[value]].label for value in written]))
    return Listed(tuple(axes), table_of_points(axes, columns, len(rows)), places)


def _axis(key: str, written: Sequence[Any], places: Sequence[str]) -> Axis:
    """Makes an axis from the different values of a column; errors name the line."""
    try:
        return axis_of(key, dict.fromkeys(written))
    except InputError:
        for value, place in zip(written, places, strict=True):
            with found_at(place):
                axis_of(key, [value])  # one of them raises the same again
        raise


def _number_or_word(cell: Any) -> Any:
    """Converts a cell to a number if possible; `[A,B]` becomes a tuple."""
    if not isinstance(cell, str):
        return cell
    if cell.startswith("[") and cell.endswith("]"):
        return tuple(part.strip() for part in cell[1:-1].split(",") if part.strip())
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell


#: Table of what each point of a paired sweep changes, in its folder.
EFFECTS = "effects.parquet"
#: Points that a dry run shows, side by side.
SHOWN = 3


def sweep(
    prepared: Prepared, name: str, options: Options, console: Console, evaluate: Evaluate | None = None
) -> tuple[Study, Finished]:
    """Begins or resumes a sweep and executes its missing runs."""
    folder = _folder(prepared, name)
    store.check_writable(folder.parent, *(("--study", store.NAME_ANOTHER) if name else ()))
    print_size(prepared, console)
    about = asdict(prepared.sweep)
    study, finished = conduct(
        prepared.experiment, prepared.plan, folder, options, console, about=about, evaluate=evaluate
    )
    speed = f", {finished.fresh / finished.seconds:.1f} runs per second" if finished.fresh else ""
    console.print(
        f"{finished.done:,} done, {finished.failed:,} failed, {finished.missing:,} missing "
        f"({finished.fresh:,} of them now in {finished.seconds:.1f} s{speed})"
    )
    if finished.failed:
        why = f"Why runs failed: comity status {shlex.quote(str(study.folder))}"
        console.print(f"{why}; the same command with --retry-failed tries them again", soft_wrap=True)
    console.print(f"Read it: pandas.read_parquet('{study.store / 'outcomes'}')", soft_wrap=True)
    if prepared.plan.base.paired and finished.done:
        from sim.experiments.analyse.cases import Cases
        from sim.experiments.analyse.effects import paired_differences

        place = study.folder / EFFECTS
        store.write_table(paired_differences(Cases.read(study.folder)), place)
        seal.renew(place)
        console.print(f"What each point changes: pandas.read_parquet('{place}')", soft_wrap=True)
    return study, finished


def print_size(prepared: Prepared, console: Console) -> None:
    """Prints the number of runs that a sweep needs, before any work is done."""
    plan = prepared.plan
    seeds = "its own seed each" if plan.own_seeds else f"{plan.replicates:,} seeds"
    seeds = f"{plan.replicates:,} seeds of its own each" if plan.base.paired else seeds
    keys = [scenario.key for scenario in plan.base.scenarios]
    by_point = any(axis.kind is AxisKind.SCENARIO for axis in plan.base.axes)
    names = "as the points name them" if by_point else ", ".join(keys)
    names = f"{BASELINE_KEY}, and as the points name them" if by_point and plan.base.paired else names
    count = 1 + plan.base.paired if by_point else len(keys)
    console.print(
        f"{len(plan.points):,} points ({plan.kind}) × {count} scenarios ({names}) × {seeds} = {len(plan):,} runs",
        soft_wrap=True,
        highlight=False,
    )


def show(prepared: Prepared, name: str, console: Console) -> None:
    """Prints the runs that a sweep would execute and their folder, for `--dry-run`."""
    from rich.table import Column, Table

    print_size(prepared, console)
    axes, points = prepared.plan.base.axes, prepared.plan.points
    first = range(min(SHOWN, len(points)))
    wide = (Column(name, overflow="fold") for name in ("axis", "values"))
    table = Table(*wide, *(f"point {number}" for number in first))
    for axis in axes:
        values = (points[number][axis.key] for number in first)
        shown = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in values)
        table.add_row(axis.name, span_of(axis.plain()), *shown)
    console.print(table)
    console.print(f"Study: {_folder(prepared, name)}. Nothing was run.", soft_wrap=True, highlight=False)


def read_shard(written: str) -> tuple[int, int]:
    """Parses a shard `i/n`, in which i counts from 0."""
    place, _, of = written.partition("/")
    if not (place.isdecimal() and of.isdecimal() and 0 <= int(place) < int(of) <= 100_000):
        last = int(of) - 1 if of.isdecimal() and int(of) > 0 else 3
        fix = f"Write i/n with i from 0 to n-1: 0/{last + 1} to {last}/{last + 1}."
        raise mistake("not a shard", "--shard", written, fix)
    return int(place), int(of)


def _folder(prepared: Prepared, name: str) -> Path:
    """Folder of a sweep by its name or, without one, by a hash of the plan."""
    if name:
        written = Path(name)
        return written if written.is_absolute() or len(written.parts) > 1 else prepared.experiment.results / written
    digest = study_hash(prepared.experiment, prepared.plan)
    return prepared.experiment.results / f"sweep-{digest[:10]}"
