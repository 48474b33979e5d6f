"""Functions for all kinds of study, for Python and the command line (`sim/cli.py`).

What an option is called there, and the word for its value, stand in brackets in `Args:`; one whose text names a key of
the configuration in brackets is short for it. Bodies check what was asked for, and conduct it.
Heavy modules are imported inside functions, so that help comes at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from sim.api.entry_point import PACKAGE, Request, TemporaryFolder, in_python, listed, study
from sim.api.results import StudyResult, SweepResult
from sim.policy.problem import InputError, mistake
from sim.policy.well_known import BASELINE

if TYPE_CHECKING:
    import pandas as pd

    from sim.api.entry_point import EnsembleLike, Progress, ScenarioLike, StudyKeywords, Value
    from sim.experiments.config import Experiment
    from sim.experiments.sweep import Prepared

#: Years of groups that are simulated sooner than two workers have started.
_LITTLE = 2_000
#: Fewer worlds than these give a portfolio no parameter sets to differ, and a policymaker no half to be judged by.
_FEWEST = 4
#: The word of --until by which each policy has worlds until it is clear.
_CLEAR = "clear"
#: Least budget of a portfolio, euros.
_LEAST_BUDGET = 1e6


def _reported(request: Request, experiment: Experiment) -> StudyResult:
    """Conducts a study that ends in a report; without a results folder, a temporary one is used."""
    from sim.experiments.plan import Kind
    from sim.report import studies

    kind = Kind(request.kind)
    if request.in_python:
        experiment = _here(experiment, request.words)
    if request.temporary:
        view = studies.view(experiment, kind, request.console)
        return StudyResult(lambda: view, None)
    folder = studies.report(experiment, kind, request.console)
    from sim.report.studies import read_report  # once runs are done; imported while they run

    return StudyResult(partial(read_report, folder), folder)


@study
def run(
    request: Request, scenario: ScenarioLike = "", *, ensemble: EnsembleLike = None, **more: Unpack[StudyKeywords]
) -> StudyResult:
    """Simulate one scenario.

    Each parameter has its default in all of its random worlds, unless sets are named.

    Args:
        scenario (SCENARIO|KEY=VALUE): a key (`comity scenarios` lists them), a file, or in Python a `sim.Scenario`; on
            the command line with overrides

    Returns:
        The study: one row per seed in `outcomes`.

    Examples:
        >>> found = sim.run("faster_mlat", world="tiny", replicates=2, progress=None)
        >>> found.outcomes[["scenario", "seed"]].to_numpy().tolist()
        [['faster_mlat', 1], ['faster_mlat', 2]]
    """
    from sim.api.simulating import prepared, the_one

    return _reported(request, prepared(request, (the_one(request.names, "comity compare"),)))


@study
def compare(
    request: Request,
    *scenarios: ScenarioLike,
    places: str | Sequence[str] = "",
    by_change: bool = False,
    horizon: int | None = None,
    until: str = "",
    against: ScenarioLike = "",
    point: bool = False,
    ensemble: EnsembleLike = PACKAGE,
    facts: str | Path = "",
    **more: Unpack[StudyKeywords],
) -> StudyResult:
    """Compare scenarios in paired replicates.

    Compares scenarios with a baseline in the same random worlds. The answer by the first 20 worlds is shown as soon as
    they are there, and becomes firmer up to --replicates (100 by default). A report of the first worlds is written
    where the others take longer than half a minute, and renewed at the end.

    Args:
        scenarios (SCENARIO|KEY=VALUE): scenarios (default: the six of the question); on the command line with overrides
        places (--for STATES): states or groups whose own side is reported, such as BRA,ASEAN: what they gain, give and
            pay
        by_change: take each policy apart: run each of its changes alone, and each left out; of a package, each of its
            policies
        horizon (YEARS): years of policy (10 by default; law takes 20)
        until (OUTCOME=WIDTH): add worlds until the 95 % interval of each policy's effect on OUTCOME reaches no further
            than WIDTH, in the outcome's unit: after 30 worlds at least, and after --replicates (here 400 by default) at
            the latest; `clear`: each policy by itself, until its effects on takedowns, wait and evidence are clear or
            next to nothing, after --replicates (100) at the latest

    Returns:
        The study: a headline, one row per scenario and seed in `outcomes`, and paired differences with their 95 %
        intervals in `differences`.

    Examples:
        >>> found = sim.compare("faster_mlat", world="tiny", replicates=2, point=True, progress=None)
        >>> found.differences["scenario"].unique().tolist(), int(found.differences["pairs"].max())
        (['faster_mlat'], 2)
    """
    from sim.api.simulating import DEFAULT_COMPARISON, comparison, enough, last_day, worlds_of
    from sim.policy.places import places_named

    precise, words = None, list(request.words)
    if until and until != _CLEAR:
        from sim.experiments.statistics import FEWEST_PAIRS, MOST_WORLDS, Until

        precise = Until.read(until)
        if not _says_how_many(words):
            words.append(f"execution.replicates={MOST_WORLDS}")
    if horizon is not None:
        words.append(f"world.end={last_day(horizon, words)}")
    sets = worlds_of(request, point=point)
    experiment = comparison(replace(request, words=words), request.names, DEFAULT_COMPARISON, against, sets)
    if precise:
        enough(
            experiment,
            FEWEST_PAIRS,
            "of fewer, the width of an interval is itself chance",
            "too few worlds for --until",
        )
    sides = places_named(",".join(listed(places)), "--for", experiment.world.states) if places else ()
    experiment = replace(experiment, places=sides, by_change=by_change)
    return _reported(request, replace(experiment, until=precise, by_policy=until == _CLEAR))


def _says_how_many(words: Sequence[str]) -> bool:
    """True if the words of a command set the number of worlds."""
    return any(word.startswith("execution.replicates=") for word in words)


@study
def league(
    request: Request,
    *scenarios: ScenarioLike,
    until: str = "",
    against: ScenarioLike = "",
    point: bool = False,
    ensemble: EnsembleLike = PACKAGE,
    facts: str | Path = "",
    **more: Unpack[StudyKeywords],
) -> StudyResult:
    """Rank every policy of the catalogue in the same worlds.

    Which policy is worth it? Every scenario of the catalogue is run in the same random worlds and ranked by the
    takedowns that are to be expected, next to waits, rights and prices. Policies that cannot be distinguished form a
    group. A policy has 30 worlds, and more while it is in doubt, up to 100; with --replicates every policy has that
    many. The same command again does only what is missing.

    Args:
        until (clear): with --replicates too each policy has worlds only until its effects on takedowns, wait and
            evidence are clear or next to nothing, and while it may be the first
        scenarios (SCENARIO|KEY=VALUE): further ones that take part, such as your own files; on the command line with
            overrides

    Returns:
        The study, whose headline and report rank all policies.

    Examples:
        >>> ranked = sim.league(world="tiny", replicates=2, point=True, progress=None)
        >>> len(ranked.scenarios) > 15
        True
    """
    from sim.api.simulating import comparison, worlds_of
    from sim.experiments.config import compose
    from sim.policy.scenario import catalogue, load
    from sim.policy.scenario_timeline import policy_days

    policies = [scenario for scenario in map(load, catalogue()) if scenario.group == "main"]
    _, end = policy_days(compose("league", request.words)[0].world)
    late = [scenario.key for scenario in policies if any(change.start >= end for change in scenario.changes)]
    if late:
        request.console.print(f"Left out, as they begin to act after the run ends: {', '.join(late)}")
    named = dict.fromkeys((*(scenario.key for scenario in policies), *request.names))
    names = [name for name in named if name not in late]
    if until not in ("", _CLEAR):
        fix = f"Write {_CLEAR}, or leave it out."
        raise mistake("a league has worlds until policies are clear, or all of them", "--until", until, fix)
    experiment = comparison(request, names, (), against, worlds_of(request, point=point))
    return _reported(request, replace(experiment, by_policy=until == _CLEAR or not _says_how_many(request.words)))


@study
def portfolio(request: Request, *words: str, budget: str, **more: Unpack[StudyKeywords]) -> Path:
    """Find the doses of measures with the greatest joint effect under a budget.

    Which measures buy most together? Random doses of every measure of the catalogue that has a price are run in
    the same worlds, an emulator learns from them, and the best portfolios that the budget pays are run in other
    worlds. The same command again does only what is missing.

    Args:
        words (KEY=VALUE): overrides, on the command line alone; in Python `set` has them
        budget (AMOUNT): what all measures together may cost over the policy years, discounted: '1 billion euros', '300
            M€'

    Returns:
        The folder of the study, with `report.html`.

    Examples:
        >>> small = {"world": "tiny", "replicates": 4, "results": "bought", "progress": None}
        >>> folder = sim.portfolio(budget="20 M€", **small)
        >>> (folder / "report.html").is_file()
        True
    """
    from sim.api.simulating import enough, prepared
    from sim.experiments.analyse.cases import read_money
    from sim.policy.scenario import load
    from sim.report.portfolio import report

    if (amount := 1e6 * read_money(budget)) < _LEAST_BUDGET:
        fix = "Write a million euros or more: it is for all states and policy years."
        raise mistake("less than most measures cost", "--budget", budget, fix)
    if wrong := (*request.names, *words):  # words are read before, but in Python
        fix = "Leave it out: measures are those of the catalogue."
        raise mistake("a portfolio takes no scenario", "SCENARIO", wrong[0], fix)
    if request.temporary:
        raise mistake("a portfolio is the folder of its report", "results", None, 'Write results="results".')
    experiment = prepared(request, (load(BASELINE),), PACKAGE)  # with which portfolios are compared
    return report(enough(experiment, _FEWEST, "the emulator learns from 15 runs in each"), amount, request.console)


@study
def ablate(
    request: Request,
    *scenarios: ScenarioLike,
    mechanisms: str | Sequence[str] | None = None,
    ensemble: EnsembleLike = None,
    **more: Unpack[StudyKeywords],
) -> StudyResult:
    """Compare scenarios with one mechanism left out at a time.

    Which conclusions rest on which mechanism? The comparison is made again in the same random worlds with one mechanism
    left out at a time, from the first day on. `comity ablate --list` lists all.

    Args:
        scenarios (SCENARIO|KEY=VALUE): scenarios (default: harmonised law, faster assistance, and both); on the command
            line with overrides
        mechanisms (--mechanism NAME …): leave this one out (ablation.mechanisms); again for another (default: the
            decisive ones)

    Returns:
        The study, whose `conclusions` has each effect with all mechanisms and without each.

    Examples:
        >>> found = sim.ablate("faster_mlat", mechanisms="trust", world="tiny", replicates=2, progress=None)
        >>> found.all_outcomes["block"].unique().tolist()
        ['main', 'without trust']
    """
    from sim.api.simulating import DEFAULT_ABLATION, comparison
    from sim.experiments.settings import chosen

    words = list(request.words)
    if mechanisms is not None:
        chosen(left_out := listed(mechanisms), "--mechanism")
        words.append(f"ablation.mechanisms=[{','.join(left_out)}]")
    return _reported(request, comparison(replace(request, words=words), request.names, DEFAULT_ABLATION))


@study
def regret(request: Request, scenario: ScenarioLike = "", **more: Unpack[StudyKeywords]) -> StudyResult:
    """Compare the decision rules of a policymaker: reviews, fixed plans, and random choices.

    Does it pay to review and adapt? A scenario with a policymaker is compared with the same measures begun without
    reviews, by lot, and by every fixed plan that the budget covers; the best of those is known in hindsight, chosen on
    one half of the replicates and measured on the other, so four are the fewest.

    Args:
        scenario (SCENARIO|KEY=VALUE): a scenario with a `monitor` section (default: monitor_and_update); on the command
            line with overrides

    Returns:
        The study, whose `regrets` has gain and regret of each way to decide on each judged outcome.

    Examples:
        >>> found = sim.regret(world="tiny", replicates=4, progress=None)
        >>> len(found.regrets) > 0
        True
    """
    from sim.api.simulating import enough, prepared, the_one
    from sim.law.order import legal_order
    from sim.policy.scenario import load
    from sim.policy.scenario_timeline import alternatives, policy_days

    judged = the_one(request.names or ("monitor_and_update",))
    world = prepared(request, (judged,)).world
    arms = alternatives(judged, legal_order(), *policy_days(world), world.states)
    experiment = prepared(request, (load(BASELINE), *arms))
    return _reported(
        request, enough(experiment, _FEWEST, "the best plan is chosen on one half and measured on the other")
    )


@study
def sweep(
    request: Request,
    *scenarios: ScenarioLike,
    values: Mapping[str, Sequence[Value] | str] | None = None,
    vary: str | Sequence[str] = (),
    design: str | None = None,
    samples: int | None = None,
    points: str | Path | pd.DataFrame | None = None,
    seeds: str | None = None,
    paired: bool = False,
    against: str | None = None,
    alone: float | None = None,
    study: str = "",
    ensemble: EnsembleLike = None,
    **more: Unpack[StudyKeywords],
) -> SweepResult:
    """Run a design of many points, or resume it.

    Runs every point of a design under every scenario and seed. The same command again does only what is missing. Where
    seeds have parameter sets, values of points hold in every set.

    Args:
        scenarios (SCENARIO|KEY=VALUES): scenarios (default: status_quo); on the command line with levers or keys and
            the values that they take, and with overrides
        values: what varies: levers, or keys of the configuration, with a list of values each, or with words of the
            command line such as "range(1,2,0.25)" and "interval(1,3)".
        vary (NAME …): vary a parameter or theme over its plausible range, or allowed:NAME over all that the model
            allows
        design (KIND): factorial, zipped, lhs, sobol, morris or csv (sweep.design)
        samples (N): size of a sampled design (sweep.samples)
        points (FILE): CSV file of points (sweep.points); in Python also a table: one row per point, one column per
            lever or key
        seeds (HOW): common to all points, or own: one seed per point (sweep.seeds)
        paired: run each point in worlds of its own, as many as replicates, each with the baseline as well
            (sweep.paired)
        against (KEY): baseline of a paired sweep, on top of which scenarios are put; status_quo by default
            (sweep.against)
        alone (SHARE): of an lhs design: share of the points at which one to three levers move and all others stay
            (sweep.alone)
        study (NAME): folder of the study (default: named after its design)

    Returns:
        The study: one row per point, scenario and seed in `outcomes`.

    Examples:
        >>> small = {"world": "tiny", "replicates": 2, "executor": "serial", "progress": None}
        >>> swept = sim.sweep(values={"court.staff": [1, 2]}, **small)
        >>> swept.outcomes[["court.staff", "seed"]].to_numpy().tolist()
        [[1.0, 1.0], [1.0, 2.0], [2.0, 1.0], [2.0, 2.0]]
    """
    from sim.experiments.conduct import Options
    from sim.experiments.control import unkept
    from sim.experiments.sweep import sweep as conduct

    ready = prepared_sweep(request, vary)
    if study and request.temporary:
        raise mistake("a study of a name needs a folder", "study", study, 'Write results="results".')
    temporary = TemporaryFolder() if request.temporary else None
    if temporary:
        ready = replace(ready, experiment=replace(ready.experiment, results=temporary.path))
    with unkept() if temporary else nullcontext():
        conducted, _ = conduct(ready, study, Options(), request.console)
    return SweepResult(conducted, temporary)


def prepared_sweep(request: Request, vary: str | Sequence[str] = ()) -> Prepared:
    """Prepares and checks a sweep without running it."""
    from sim.api.simulating import completed
    from sim.experiments.sweep import prepare

    return prepare(request.names, request.words, listed(vary), request.command, partial(completed, request))


@in_python
def demo(*, progress: Progress = "bar") -> StudyResult:
    """Compares faster mutual legal assistance with today's law in a tiny world, whose numbers mean nothing.

    The first call of a version compiles the model's rules, which takes up to a minute.

    Args:
        progress: see `run`.

    Returns:
        A comparison, as of `compare`.

    Examples:
        >>> list(sim.demo(progress=None).scenarios)
        ['status_quo', 'faster_mlat']
    """
    tiny: dict[str, Value] = {"world": "tiny", "execution.executor": "serial"}  # workers start slower than it runs
    return compare("faster_mlat", point=True, replicates=6, set=tiny, progress=progress)


@in_python
def open(folder: str | Path, *, verify: bool = False) -> StudyResult | SweepResult:
    """Reads a finished study or sweep from its results folder, with its original numbers.

    Args:
        folder: of a run, a comparison, an ablation or a comparison of ways to decide that has finished, or of a sweep,
            which need not have finished.
        verify: refuse a folder that is not, file by file, as it was written. Without it a file that was changed is
            refused when it is read.

    Returns:
        The study: a `SweepResult` of a sweep, a `StudyResult` of any other.

    Examples:
        >>> kept = sim.run("status_quo", world="tiny", replicates=1, results="kept", progress=None)
        >>> sim.open(kept.folder).outcomes.equals(kept.outcomes)
        True
    """
    from sim.experiments import seal
    from sim.experiments.study import STUDY, Study
    from sim.report.studies import KINDS, read_report
    from sim.results.stored import check_other

    place = Path(folder)
    if not (place / STUDY).exists():
        check_other(place)
    if verify:
        seal.sums_of_finished(place)
        if changes := seal.differences(place):
            raise InputError(seal.named(changes), where=str(place), fix="`comity verify` names each file.")
    study = Study.open(place, "FOLDER")
    is_report = study.about["design"]["design"] in KINDS
    result = StudyResult(partial(read_report, place), place) if is_report else SweepResult(study)
    _ = result.outcomes  # what is damaged is found here, and not at its first use
    return result


def _here(experiment: Experiment, words: Sequence[str]) -> Experiment:
    """Copy of a small experiment that runs in this process, faster than starting workers; a larger one as it is.

    Workers or an executor that are named among the words stay.
    """
    world, named = experiment.world, ("execution.executor", "execution.workers", "execution=")
    years = int(world.end[:4]) - int(world.start[:4]) + 1
    little = world.groups * years * experiment.replicates * len(experiment.scenarios) <= _LITTLE
    if not little or experiment.engine or experiment.rules is not None or any(word.startswith(named) for word in words):
        return experiment
    return replace(experiment, executor="serial")
