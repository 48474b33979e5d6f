"""What studies check before any work starts: scenarios, configuration, parameter sets.

The commands and the Python interface meet here, so both give the same numbers and the same messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from logging import getLogger
from pathlib import Path

from sim.api.door import NONE, PACKAGE
from sim.api.keywords import Asked
from sim.data.load import check_files
from sim.experiments.config import Experiment, compose, experiment_of
from sim.experiments.sets import ParameterSets
from sim.experiments.settings import check_word
from sim.experiments.store import check_writable
from sim.law.order import legal_order
from sim.policy.check import check as find
from sim.policy.listing import understood
from sim.policy.problem import mistake, read_each
from sim.policy.scenario import Scenario, load, load_all, over
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.well_known import BASELINE, LOWER_BOUND, UPPER_BOUND
from sim.world.parameters import WorldSpec

#: Scenarios of an ablation that names none, in the order in which they are shown: the policies without the bounds.
DEFAULT_ABLATION = (BASELINE, "harmonised_law", "faster_mlat", "stronger_liaison", "all_three")
#: Scenarios of a comparison that names none.
DEFAULT_COMPARISON = (*DEFAULT_ABLATION, LOWER_BOUND, UPPER_BOUND)
_MOST_YEARS = 50
_LOGGER = getLogger(__name__)


def prepared(asked: Asked, scenarios: tuple[Scenario, ...], sets: str = NONE) -> Experiment:
    """Everything checked: configuration, scenarios on their days, results folder; with sets where none are named."""
    settings, resolved = compose(asked.kind, asked.words)
    _LOGGER.info("configuration: %s", " ".join([asked.kind, *asked.words]))
    for scenario in scenarios:
        _LOGGER.info("scenario %s: %s, %d changes", scenario.key, scenario.file, len(scenario.changes))
    made = as_asked(asked, experiment_of(settings, resolved, scenarios, asked.words, asked.command), sets)
    check_files()
    law = legal_order()
    days = policy_days(made.world)
    read_each(lambda scenario: timeline_of(scenario, law, *days), scenarios)
    check_writable(made.results)
    if asked.kind in ("run", "compare"):
        notes = (f"Note: {one}" for scenario in scenarios for one in find(scenario, law, made.world))
        for line in dict.fromkeys((*understood(scenarios), *notes)):
            asked.console.print(line, soft_wrap=True)
    return made


def as_asked(asked: Asked, made: Experiment, sets: str = NONE) -> Experiment:
    """An experiment with what its configuration does not say; `sets` are taken where none are named."""
    from sim.experiments.rules import read_rules

    chosen, rules = sets_named(asked.ensemble or sets, made.first_seed), read_rules(asked.rules)
    return replace(made, quiet=asked.quiet, progress=asked.progress, rules=rules, sets=chosen)


def worlds_of(asked: Asked, *, point: bool) -> str:
    """Which parameter sets a comparison takes: those of the package where nothing is said."""
    if point and asked.ensemble not in ("", NONE):
        fix = "Leave --point out, which means no ensemble."
        raise mistake("one world, and parameter sets for many", "--ensemble", asked.ensemble, fix)
    return NONE if point else PACKAGE


def enough(experiment: Experiment, least: int, why: str, problem: str = "too few replicates") -> Experiment:
    """The same experiment; one with too few replicates is refused."""
    if experiment.replicates < least:
        fix = f"Take {least} at least: {why}."
        raise mistake(problem, "execution.replicates", experiment.replicates, fix)
    return experiment


def last_day(horizon: int, words: Sequence[str]) -> str:
    """The day before the one on which so many years of policy are over."""
    if not 1 <= horizon <= _MOST_YEARS:
        fix = f"Write a number from 1 to {_MOST_YEARS}: 10 is usual, law takes 20."
        raise mistake("not a number of policy years", "--horizon", horizon, fix)
    given = dict(word.split("=", 1) for word in words if "=" in word)
    first = date.fromisoformat(given.get("world.policy_start", WorldSpec().policy_start))
    return str(date(first.year + horizon, first.month, 1) + timedelta(days=first.day - 2))


def the_one(names: Sequence[str], command: str = "") -> Scenario:
    """The scenario of a command that takes one; `command` takes several, as a hint."""
    if len(names) == 1:
        return load(names[0])
    words, problem = " ".join(names), "more than one scenario" if names else "one scenario is needed"
    several = f"Write `{command} {words}`, or name one." if command else "Name one of them."
    fix = several if names else "`comity scenarios` lists them."
    raise mistake(problem, "SCENARIO", words or None, fix)


def compared(names: Sequence[str], default: tuple[str, ...], baseline: str = BASELINE) -> tuple[Scenario, ...]:
    """The scenarios to compare, the baseline first; another baseline than today's law continues under all of them."""
    base, *others = load_all([baseline, *(name for name in names or default if name != baseline)])
    scenarios = (base, *(over(scenario, base) for scenario in others))
    for number, scenario in enumerate(scenarios):
        if scenario.key in {other.key for other in scenarios[:number]}:
            fix = "Name each once, or rename your file."
            raise mistake("two scenarios of this name", "SCENARIO", scenario.key, fix)
    if len(scenarios) == 1:
        fix = f"Name another scenario, or none for {', '.join(default)}."
        raise mistake("nothing to compare with", "SCENARIO", baseline, fix)
    return scenarios


def inert(names: Sequence[str], words: Sequence[str]) -> list[str]:
    """What was understood of a scenario, and what in it can change nothing; nothing is simulated."""
    world, scenario, law = compose("run", words)[0].world, the_one(names), legal_order()
    timeline_of(scenario, law, *policy_days(world))
    found = find(scenario, law, world) or (f"{names[0]}: nothing found against law, data and world.",)
    return [*understood([scenario]), *map(str, found)]


_FIX = "Write package, none, or a CSV file with a column for each parameter, or the folder of a calibration."
#: Most lines of a file of sets, and what its names may begin with.
_MOST, _PREFIX = 1_000_000, "uncertainty."


def sets_named(named: str, first_seed: int) -> ParameterSets | None:
    """The parameter sets that somebody names, of which the first seed has the first; None for defaults.

    A name is `package`, `none`, a CSV file with one row per set and one column per parameter by its dotted name, a
    Parquet file that `comity calibrate` wrote, or the folder that holds it.
    """
    from sim.calibration.ensemble import FILE, sets_of_today
    from sim.calibration.ensemble import load as read_ensemble

    if named == NONE:
        return None
    if named == PACKAGE:
        return sets_of_today(first_seed)
    path = Path(named)
    if (listed := path / "ensemble.csv").is_file():  # of a calibration to facts of one's own
        path = listed
    if path.suffix.lower() == ".csv":
        return _given(path, first_seed)
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise mistake("no parameter sets of that name", "--ensemble", path, _FIX)
    return read_ensemble(file).sets(first_seed)


def _given(path: Path, first_seed: int) -> ParameterSets:
    """Sets of a table with a value for each named parameter, all within their allowed ranges."""
    from sim.experiments.grammar import parameters
    from sim.experiments.sets import ChosenBy, ParameterSets
    from sim.experiments.sweep import listed, read_rows

    known = {key.removeprefix(_PREFIX) for key in parameters()}
    rows, places = read_rows(path, _MOST, "parameter set")
    keys = {name: f"{_PREFIX}{name.removeprefix(_PREFIX)}" for name in rows[0]}
    for name in keys:
        check_word("--ensemble", name.removeprefix(_PREFIX), known, "no parameter of that name")
    found = listed([{keys[name]: cell for name, cell in row.items()} for row in rows], places)
    names = [axis.key.removeprefix(_PREFIX) for axis in found.axes]
    values: list[Mapping[str, float]] = [
        {name: axis.level(label).value for name, axis, label in zip(names, found.axes, point, strict=True)}
        for point in found.points.tolist()
    ]
    return ParameterSets(values, first_seed, ChosenBy.GIVEN)
