"""`sim.run`, `sim.compare`, `sim.league`, `sim.ablate`, `sim.demo` and `sim.open`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api import asked
from sim.api.door import in_python
from sim.api.ensembles import NONE, PACKAGE
from sim.api.keywords import EnsembleLike, Progress, ScenarioLike, Value, asked_for, listed, named, overrides
from sim.api.results import StudyResult
from sim.api.sweeps import SweepResult
from sim.experiments.plan import Kind
from sim.policy.problem import mistake
from sim.results.stored import check_other

if TYPE_CHECKING:
    from sim.api.asked import Asked
    from sim.experiments.config import Experiment

#: Years of groups that are simulated sooner than two workers have started.
_LITTLE = 2_000


# Keywords stand in every signature, though several share them: help(), editors and the reference show them there.
@in_python
def run(
    scenario: ScenarioLike,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    events: bool = False,
    set: Mapping[str, Value] | None = None,
    rules: str | Path = "",
    ensemble: EnsembleLike = None,
    results: str | Path | None = None,
    progress: Progress = "bar",
) -> StudyResult:
    """Simulates one scenario in many random worlds, each parameter at its default.

    Args:
        scenario: key of a scenario (`comity scenarios` lists them), path of a scenario file, or a `sim.Scenario`.
        replicates: number of seeds; as configured (100) where None, as are the next two.
        seed: the first seed.
        workers: worker processes; 0 for one per core.
        events: whether each request, case and action is kept in tables; needs `results`.
        set: values of the configuration by key, such as {"world.groups": 100, "uncertainty": "overloaded_courts"}.
        rules: Python file of rules that replace rules of the model.
        ensemble: parameter sets that worlds take in turn: "package" for those of the package, a file or folder of sets,
            a table with one row per set and one column per parameter, or None for every parameter at its default.
        results: folder in which a new folder of results is made; nothing is kept where None.
        progress: called with the number of runs that are done and of all runs; "bar" shows a bar where standard error
            is a terminal, and nothing elsewhere; None shows nothing.

    Raises:
        InputError: a mistake in what was given.
    """
    words = _words(set, replicates, seed, workers, results, events=events)
    made = asked_for("run", [scenario], words, progress, results, (), rules, ensemble, NONE)
    return _result(asked.run(made), Kind.RUN, made, results)


@in_python
def compare(
    *scenarios: ScenarioLike,
    against: ScenarioLike = "",
    point: bool = False,
    places: str | Sequence[str] = "",
    by_change: bool = False,
    until: str = "",
    horizon: int | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    events: bool = False,
    set: Mapping[str, Value] | None = None,
    rules: str | Path = "",
    ensemble: EnsembleLike = "package",
    results: str | Path | None = None,
    progress: Progress = "bar",
) -> StudyResult:
    """Compares scenarios with a baseline in the same random worlds.

    Args:
        scenarios: as `run` takes them; the six of the question where none is named.
        against: baseline that continues under every scenario, such as "current_trends"; today's law where empty.
        point: one world with every parameter at its default, instead of a plausible set per seed.
        places: states and groups of states whose own side is reported, such as ["BRA", "ASEAN"].
        by_change: whether each policy is taken apart: its changes alone, and each left out.
        until: outcome and half-width, such as "takedown_rate=0.02": worlds are added until the interval of each
            policy's effect is no wider, after 30 at least and `replicates` (here 400 where None) at the latest.
        horizon: years of policy, 10 where None; law takes 20.
        replicates: see `run`, as for all that follows.
        seed: the first seed.
        workers: worker processes.
        events: whether event tables are kept.
        set: values of the configuration by key.
        rules: Python file of rules that replace rules of the model.
        ensemble: see `run`.
        results: folder in which a new folder of results is made.
        progress: see `run`.

    Raises:
        InputError: a mistake in what was given.
    """
    words = _words(set, replicates, seed, workers, results, events=events)
    baseline = named(against)
    options = [*(["--against", baseline] if baseline else []), *(["--point"] if point else [])]
    sides = ",".join(listed(places))
    options += ["--for", sides] if sides else []
    options += ["--by-change"] if by_change else []
    options += ["--until", until] if until else []
    options += ["--horizon", str(horizon)] if horizon is not None else []
    made = asked_for("compare", scenarios, words, progress, results, options, rules, ensemble, PACKAGE)
    experiment = asked.compare(
        made, baseline, point=point, places=sides, by_change=by_change, until=until, horizon=horizon
    )
    return _result(experiment, Kind.COMPARE, made, results)


@in_python
def league(
    *scenarios: ScenarioLike,
    against: ScenarioLike = "",
    point: bool = False,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    set: Mapping[str, Value] | None = None,
    rules: str | Path = "",
    ensemble: EnsembleLike = "package",
    results: str | Path | None = None,
    progress: Progress = "bar",
) -> StudyResult:
    """Ranks every policy of the catalogue in the same random worlds, by the takedowns that are to be expected.

    Args:
        scenarios: further ones that take part, as `run` takes them.
        against: see `compare`.
        point: see `compare`.
        replicates: see `run`, as for all that follows; 50 where None.
        seed: the first seed.
        workers: worker processes.
        set: values of the configuration by key.
        rules: Python file of rules that replace rules of the model.
        ensemble: see `run`.
        results: folder in which a new folder of results is made.
        progress: see `run`.

    Raises:
        InputError: a mistake in what was given.
    """
    words, baseline = _words(set, replicates, seed, workers, results), named(against)
    options = [*(["--against", baseline] if baseline else []), *(["--point"] if point else [])]
    made = asked_for("league", scenarios, words, progress, results, options, rules, ensemble, PACKAGE)
    return _result(asked.league(made, baseline, point=point), Kind.LEAGUE, made, results)


@in_python
def ablate(
    *scenarios: ScenarioLike,
    mechanisms: str | Sequence[str] | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    set: Mapping[str, Value] | None = None,
    rules: str | Path = "",
    ensemble: EnsembleLike = None,
    results: str | Path | None = None,
    progress: Progress = "bar",
) -> StudyResult:
    """Compares scenarios with today's law again and again, each time with one mechanism of the model left out.

    Args:
        scenarios: as `run` takes them; harmonised law, faster assistance and both where none is named.
        mechanisms: what is left out in turn (`comity ablate --list` lists them); the decisive ones where None.
        replicates: see `run`, as for all that follows.
        seed: the first seed.
        workers: worker processes.
        set: values of the configuration by key.
        rules: Python file of rules that replace rules of the model.
        ensemble: see `run`.
        results: folder in which a new folder of results is made.
        progress: see `run`.

    Raises:
        InputError: a mistake in what was given.
    """
    words = _words(set, replicates, seed, workers, results)
    mechanisms = None if mechanisms is None else listed(mechanisms)
    options = [word for name in mechanisms or () for word in ("--mechanism", name)]
    made = asked_for("ablate", scenarios, words, progress, results, options, rules, ensemble, NONE)
    return _result(asked.ablate(made, mechanisms), Kind.ABLATE, made, results)


@in_python
def demo(*, progress: Progress = "bar") -> StudyResult:
    """Compares faster mutual legal assistance with today's law in a tiny world: seconds, and numbers without meaning.

    The first call of a version compiles the model's rules, which takes up to a minute.

    Args:
        progress: see `run`.
    """
    tiny: dict[str, Value] = {"world": "tiny", "execution.executor": "serial"}  # workers start slower than it runs
    return compare("faster_mlat", point=True, replicates=6, set=tiny, progress=progress)


@in_python
def open(folder: str | Path) -> StudyResult | SweepResult:
    """Reads a results folder; the numbers are those of the day it was made.

    Args:
        folder: of a run, a comparison, an ablation or a comparison of ways to decide that has finished, or of a sweep,
            which need not have finished.

    Returns:
        A `SweepResult` of a sweep, else a `StudyResult`.

    Raises:
        InputError: the folder holds something else, or it is damaged.
    """
    from sim.experiments.study import STUDY, Study
    from sim.report.kept import KINDS

    place = Path(folder)
    if not (place / STUDY).exists():
        check_other(place)
    study = Study.open(place, "FOLDER")
    if Kind(study.about["design"]["design"]) in KINDS:
        return _report(place)
    result = SweepResult(study)
    _ = result.headline  # a damaged table is found here, and not at its first use
    return result


def _report(folder: Path) -> StudyResult:
    """The result that the folder of a report holds."""
    from sim.report.kept import read_report

    story = read_report(folder)
    return StudyResult(story, story.design.plan.kind, folder)


def _result(experiment: Experiment, kind: Kind, made: Asked, results: str | Path | None) -> StudyResult:
    """Conducts what was asked for; a folder remains where one was asked for."""
    from sim.report import studies

    experiment = _here(experiment, made.words)
    if results is None:
        return StudyResult(studies.story(experiment, kind, made.console), kind, None)
    return _report(studies.report(experiment, kind, made.console))


def _here(experiment: Experiment, words: Sequence[str]) -> Experiment:
    """The same in this process, where there is so little to simulate that workers would take longer to start.

    Args:
        experiment: what was asked for.
        words: what was set: named workers or a named executor are kept.
    """
    world, named = experiment.world, ("execution.executor", "execution.workers", "execution=")
    years = int(world.end[:4]) - int(world.start[:4]) + 1
    little = world.groups * years * experiment.replicates * len(experiment.scenarios) <= _LITTLE
    if not little or experiment.rules is not None or any(word.startswith(named) for word in words):
        return experiment
    return replace(experiment, executor="serial")


def _words(
    set: Mapping[str, Value] | None,
    replicates: int | None,
    seed: int | None,
    workers: int | None,
    results: str | Path | None,
    *,
    events: bool = False,
) -> list[str]:
    """Keywords that several functions have, as overrides."""
    if events and results is None:
        raise mistake("event tables need a folder", "events", True, 'Write results="results".')
    execution: dict[str, Value | None] = {"replicates": replicates, "first_seed": seed, "workers": workers}
    execution |= {"results": str(results) if results is not None else None, "events": events or None}
    return overrides(set, execution)
