"""What was asked for, by words or in Python, as experiments: everything is checked before any work starts.

The commands and the Python interface meet here, so both give the same numbers and the same messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api.door import NONE, PACKAGE
from sim.data.load import check_files
from sim.experiments.config import Experiment, compose, experiment_of
from sim.experiments.settings import chosen
from sim.experiments.store import check_writable
from sim.law.order import legal_order
from sim.policy.check import check as find
from sim.policy.places import places_named
from sim.policy.problem import InputError, mistake, read_each
from sim.policy.scenario import Scenario, catalogue, load, load_all, over
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.well_known import BASELINE, LOWER_BOUND, UPPER_BOUND
from sim.world.parameters import WorldSpec

if TYPE_CHECKING:
    from rich.console import Console

    from sim.experiments.control import OnProgress
    from sim.experiments.prepare import Prepared
    from sim.experiments.sets import ParameterSets

#: Scenarios of an ablation that names none, in the order in which they are shown: the policies without the bounds.
DEFAULT_ABLATION = (BASELINE, "harmonised_law", "faster_mlat", "stronger_liaison", "all_three")
#: Scenarios of a comparison that names none.
DEFAULT_COMPARISON = (*DEFAULT_ABLATION, LOWER_BOUND, UPPER_BOUND)
#: The policymaker that is judged when none is named.
DEFAULT_REVIEWER = "monitor_and_update"
FEWEST_TO_JUDGE = 4
_MOST_YEARS = 50
#: Fewer worlds than these give a portfolio no parameter sets to differ.
FEWEST_TO_BUY = 4
_LOGGER = getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """What was asked for.

    Attributes:
        names: scenarios, by key or file.
        words: overrides of the configuration, each `key=value`.
        command: the command line that asks for the same.
        console: where progress and results are printed.
        quiet: no progress bar.
        progress: called with the number of runs that are done and of all runs; None for nobody.
        rules: file of rules in the place of the model's; empty for none.
        ensemble: parameter sets that worlds take in turn, as `sets_named` reads them; empty for what is usual.
        kept: what must last as long as this is asked for, such as the folder of a table that was given.
    """

    names: Sequence[str]
    words: Sequence[str]
    command: str
    console: Console
    quiet: bool = False
    progress: OnProgress | None = None
    rules: str = ""
    ensemble: str = ""
    kept: object = None


def run(asked: Asked) -> Experiment:
    """One scenario.

    Raises:
        InputError: a mistake in what was asked for.
    """
    names = asked.names
    if len(names) != 1:
        words, problem = " ".join(names), "more than one scenario" if names else "one scenario is needed"
        fix = f"Write `comity compare {words}`, or name one." if names else "`comity scenarios` lists them."
        raise mistake(problem, "SCENARIO", words or None, fix)
    return _with_sets(_experiment("run", (load(names[0]),), asked), asked.ensemble or NONE)


def compare(
    asked: Asked,
    against: str = "",
    *,
    point: bool = False,
    places: str = "",
    by_change: bool = False,
    until: str = "",
    horizon: int | None = None,
) -> Experiment:
    """Scenarios against a baseline, which always comes first; `sim.compare` says what each argument is.

    Raises:
        InputError: a mistake in what was asked for.
    """
    from sim.experiments.config import FEWEST_PAIRS, MOST_WORLDS, Until

    precise = Until.read(until) if until else None
    named = any(word.startswith(("execution.replicates=", "execution=")) for word in asked.words)
    if precise and not named:
        asked = replace(asked, words=[*asked.words, f"execution.replicates={MOST_WORLDS}"])
    if horizon is not None:
        asked = replace(asked, words=[*asked.words, f"world.end={_last_day(horizon, asked.words)}"])
    scenarios = _compared(asked.names, DEFAULT_COMPARISON, against or BASELINE)
    experiment = _experiment("compare", scenarios, asked)
    if against:
        experiment = replace(experiment, baseline=scenarios[0].key)
    if places:
        experiment = replace(experiment, places=places_named(places, "--for", experiment.world.states))
    if precise and experiment.replicates < FEWEST_PAIRS:
        fix = f"Take {FEWEST_PAIRS} at least: of fewer, the width of an interval is itself chance."
        raise mistake("too few worlds for --until", "execution.replicates", experiment.replicates, fix)
    experiment = replace(experiment, by_change=by_change, until=precise)
    return _with_sets(experiment, _worlds(asked, point))


def check(names: Sequence[str], words: Sequence[str]) -> tuple[InputError, ...]:
    """What a scenario asks for that can change nothing; nothing is simulated.

    Raises:
        InputError: a mistake in its file, or in what was asked for.
    """
    if len(names) != 1:
        raise mistake("one scenario is needed", "SCENARIO", " ".join(names) or None, "Write `comity check FILE`.")
    world, scenario, law = compose("run", words)[0].world, load(names[0]), legal_order()
    timeline_of(scenario, law, *policy_days(world))
    return find(scenario, law, world)


def league(asked: Asked, against: str = "", *, point: bool = False) -> Experiment:
    """Every scenario of the catalogue, and those that are named, against a baseline, as `sim.league` says.

    Raises:
        InputError: a mistake in what was asked for.
    """
    policies = [scenario for scenario in map(load, catalogue()) if scenario.group == "main"]
    _, end = policy_days(compose("league", asked.words)[0].world)
    late = [scenario.key for scenario in policies if any(change.start >= end for change in scenario.changes)]
    if late:
        asked.console.print(f"Left out, as they begin to act after the run ends: {', '.join(late)}")
    names = [name for name in (*(scenario.key for scenario in policies), *asked.names) if name not in late]
    scenarios = _compared([*dict.fromkeys(names)], (), against or BASELINE)
    experiment = replace(_experiment("league", scenarios, asked), baseline=scenarios[0].key if against else "")
    return _with_sets(experiment, _worlds(asked, point))


def portfolio(asked: Asked) -> Experiment:
    """Today alone, in worlds with parameters of their own, beside which portfolios of measures are set.

    Raises:
        InputError: a mistake in what was asked for.
    """
    if asked.names:
        fix = "Leave it out: measures are those of the catalogue."
        raise mistake("a portfolio takes no scenario", "SCENARIO", asked.names[0], fix)
    experiment = _experiment("portfolio", (load(BASELINE),), asked)
    if experiment.replicates < FEWEST_TO_BUY:
        fix = f"Take {FEWEST_TO_BUY} at least: the emulator learns from 15 runs in each."
        raise mistake("too few replicates", "execution.replicates", experiment.replicates, fix)
    return _with_sets(experiment, PACKAGE)


def _worlds(asked: Asked, point: bool) -> str:
    """Which parameter sets a comparison takes: those of the package where nothing is said."""
    if point and asked.ensemble not in ("", NONE):
        fix = "Leave --point out, which means no ensemble."
        raise mistake("one world, and parameter sets for many", "--ensemble", asked.ensemble, fix)
    return NONE if point else asked.ensemble or PACKAGE


def _with_sets(experiment: Experiment, named: str) -> Experiment:
    """The experiment in worlds that have parameter sets of their own, where some are named."""
    return replace(experiment, sets=sets_named(named, experiment.first_seed))


def _last_day(horizon: int, words: Sequence[str]) -> str:
    """The day before the one on which so many years of policy are over.

    Raises:
        InputError: years that nobody can simulate.
    """
    if not 1 <= horizon <= _MOST_YEARS:
        fix = f"Write a number from 1 to {_MOST_YEARS}: 10 is usual, law takes 20."
        raise mistake("not a number of policy years", "--horizon", horizon, fix)
    given = dict(word.split("=", 1) for word in words if "=" in word)
    first = date.fromisoformat(given.get("world.policy_start", WorldSpec().policy_start))
    return str(date(first.year + horizon, first.month, 1) + timedelta(days=first.day - 2))


def ablate(asked: Asked, mechanisms: Sequence[str] | None = None) -> Experiment:
    """The comparison again with each mechanism left out in turn, those of the configuration where None.

    Raises:
        InputError: a mistake in what was asked for.
    """
    if mechanisms is not None:
        chosen(mechanisms, "--mechanism")
        asked = replace(asked, words=[*asked.words, f"ablation.mechanisms=[{','.join(mechanisms)}]"])
    experiment = _experiment("ablate", _compared(asked.names, DEFAULT_ABLATION), asked)
    return _with_sets(experiment, asked.ensemble or NONE)


def sweep(asked: Asked, vary: Sequence[str]) -> Prepared:
    """Many points of a design, each under every scenario and seed, as `sim.sweep` says.

    Raises:
        InputError: a mistake in what was asked for.
    """
    from sim.experiments.prepare import prepare
    from sim.experiments.rules import read_rules

    rules, sets = read_rules(asked.rules), partial(sets_named, asked.ensemble or NONE)
    words = (asked.names, asked.words, vary, asked.command)
    return prepare(*words, quiet=asked.quiet, progress=asked.progress, rules=rules, sets=sets)


def regret(asked: Asked) -> Experiment:
    """A policymaker who reviews, compared with others who spend the same budget.

    Raises:
        InputError: a mistake in what was asked for.
    """
    from sim.policy.scenario_timeline import alternatives

    names = asked.names
    if len(names) > 1:
        fix = "Name the one whose policymaker is to be judged."
        raise mistake("more than one scenario", "SCENARIO", " ".join(names), fix)
    judged = load(names[0] if names else DEFAULT_REVIEWER)
    world = _experiment("regret", (judged,), asked).world
    arms = alternatives(judged, legal_order(), *policy_days(world), world.states)
    experiment = _experiment("regret", (load(BASELINE), *arms), asked)
    if experiment.replicates < FEWEST_TO_JUDGE:
        fix = f"Take {FEWEST_TO_JUDGE} at least: the best plan is chosen on one half and measured on the other."
        key, value = "execution.replicates", experiment.replicates
        raise mistake("too few replicates", key, value, fix)
    return experiment


def _compared(names: Sequence[str], default: tuple[str, ...], baseline: str = BASELINE) -> tuple[Scenario, ...]:
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


def _experiment(primary: str, scenarios: tuple[Scenario, ...], asked: Asked) -> Experiment:
    """Everything checked: configuration, scenarios on their days, results folder."""
    from sim.experiments.rules import read_rules

    settings, resolved = compose(primary, asked.words)
    _LOGGER.info("configuration: %s", " ".join([primary, *asked.words]))
    for scenario in scenarios:
        _LOGGER.info("scenario %s: %s, %d changes", scenario.key, scenario.file, len(scenario.changes))
    experiment = experiment_of(settings, resolved, scenarios, asked.words, asked.command, quiet=asked.quiet)
    experiment = replace(experiment, progress=asked.progress, rules=read_rules(asked.rules))
    check_files()
    law = legal_order()
    days = policy_days(experiment.world)
    read_each(lambda scenario: timeline_of(scenario, law, *days), scenarios)
    check_writable(experiment.results)
    if primary in ("run", "compare"):
        for line in dict.fromkeys(str(one) for scenario in scenarios for one in find(scenario, law, experiment.world)):
            asked.console.print(f"Note: {line}", soft_wrap=True)
    return experiment


_FIX = "Write package, none, or a CSV file with a column for each parameter, or the folder of a calibration."
#: Most lines of a file of sets, and what its names may begin with.
_MOST, _PREFIX = 1_000_000, "uncertainty."


def sets_named(named: str, first_seed: int) -> ParameterSets | None:
    """The parameter sets that somebody names; None for every parameter at its default.

    Args:
        named: `package`, `none`, a CSV file with one row per set and one column per parameter by its dotted name, a
            Parquet file that `comity calibrate` wrote, or the folder that holds it.
        first_seed: the seed that has the first set.

    Raises:
        InputError: there is nothing of that name, or a set that the model cannot be run with.
    """
    from sim.calibration.ensemble import sets_of_today

    if named == NONE:
        return None
    if named == PACKAGE:
        return sets_of_today(first_seed)
    path = Path(named)
    if (listed := path / "ensemble.csv").is_file():  # of a calibration to facts of one's own
        path = listed
    if path.suffix.lower() == ".csv":
        return _given(path, first_seed)
    return _calibrated(path, first_seed)


def _calibrated(path: Path, first_seed: int) -> ParameterSets:
    """Sets that a calibration wrote."""
    from sim.calibration.ensemble import FILE, load

    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise mistake("no parameter sets of that name", "--ensemble", path, _FIX)
    return load(file).sets(first_seed)


def _given(path: Path, first_seed: int) -> ParameterSets:
    """Sets of a table with a value for each named parameter, all within their allowed ranges."""
    from sim.experiments.grammar import parameters
    from sim.experiments.prepare import listed, read_rows
    from sim.experiments.sets import ChosenBy, ParameterSets
    from sim.law.suggest import nearest

    known = {key.removeprefix(_PREFIX) for key in parameters()}
    rows, places = read_rows(path, _MOST, "parameter set")
    keys = {name: f"{_PREFIX}{name.removeprefix(_PREFIX)}" for name in rows[0]}
    for name in keys:
        if name.removeprefix(_PREFIX) not in known:
            raise mistake("no parameter of that name", "--ensemble", name, nearest(name, known))
    found = listed([{keys[name]: cell for name, cell in row.items()} for row in rows], places)
    names = [axis.key.removeprefix(_PREFIX) for axis in found.axes]
    values: list[Mapping[str, float]] = [
        {name: axis.level(label).value for name, axis, label in zip(names, found.axes, point, strict=True)}
        for point in found.points.tolist()
    ]
    return ParameterSets(values, first_seed, ChosenBy.GIVEN)
