"""`sim.run`, `sim.compare`, `sim.league`, `sim.ablate`, `sim.demo` and `sim.open`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from sim.api import asked
from sim.api.asked import NONE, PACKAGE, Asked
from sim.api.door import in_python
from sim.api.keywords import (
    EnsembleLike,
    Progress,
    ScenarioLike,
    StudyKeywords,
    Value,
    asked_for,
    listed,
    named,
    with_study_keywords,
)
from sim.api.results import StudyResult
from sim.api.sweeps import SweepResult
from sim.experiments.plan import Kind
from sim.results.stored import check_other

if TYPE_CHECKING:
    from sim.experiments.config import Experiment

#: Years of groups that are simulated sooner than two workers have started.
_LITTLE = 2_000


@in_python
@with_study_keywords
def run(
    scenario: ScenarioLike,
    *,
    events: bool = False,
    ensemble: EnsembleLike = None,
    **study: Unpack[StudyKeywords],
) -> StudyResult:
    """Simulates one scenario in many random worlds, each parameter at its default.

    Args:
        scenario: key of a scenario (`comity scenarios` lists them), path of a scenario file, or a `sim.Scenario`.
        events: whether each request, case and action is kept in tables; needs `results`.
        ensemble: parameter sets that worlds take in turn: "package" for those of the package, a file or folder of sets,
            a table with one row per set and one column per parameter, or None for every parameter at its default.

    Raises:
        InputError: a mistake in what was given.
    """
    made = asked_for("run", [scenario], study, {}, ensemble=ensemble, usual=NONE, events=events)
    return _result(asked.run(made), Kind.RUN, made, study)


@in_python
@with_study_keywords
def compare(
    *scenarios: ScenarioLike,
    against: ScenarioLike = "",
    point: bool = False,
    places: str | Sequence[str] = "",
    by_change: bool = False,
    until: str = "",
    horizon: int | None = None,
    events: bool = False,
    ensemble: EnsembleLike = PACKAGE,
    **study: Unpack[StudyKeywords],
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
        events: see `run`, as for the next.
        ensemble: parameter sets that worlds take in turn.

    Raises:
        InputError: a mistake in what was given.
    """
    baseline, sides = named(against), ",".join(listed(places))
    options: dict[str, Any] = {"--against": baseline, "--point": point, "--for": sides, "--by-change": by_change}
    options |= {"--until": until, "--horizon": horizon}
    made = asked_for("compare", scenarios, study, options, ensemble=ensemble, usual=PACKAGE, events=events)
    experiment = asked.compare(
        made, baseline, point=point, places=sides, by_change=by_change, until=until, horizon=horizon
    )
    return _result(experiment, Kind.COMPARE, made, study)


@in_python
@with_study_keywords
def league(
    *scenarios: ScenarioLike,
    against: ScenarioLike = "",
    point: bool = False,
    ensemble: EnsembleLike = PACKAGE,
    **study: Unpack[StudyKeywords],
) -> StudyResult:
    """Ranks every policy of the catalogue in the same random worlds, by the takedowns that are to be expected.

    Args:
        scenarios: further ones that take part, as `run` takes them.
        against: see `compare`, as for the next two.
        point: one world with every parameter at its default.
        ensemble: parameter sets that worlds take in turn.

    Raises:
        InputError: a mistake in what was given.
    """
    options = {"--against": named(against), "--point": point}
    made = asked_for("league", scenarios, study, options, ensemble=ensemble, usual=PACKAGE)
    return _result(asked.league(made, named(against), point=point), Kind.LEAGUE, made, study)


@in_python
@with_study_keywords
def ablate(
    *scenarios: ScenarioLike,
    mechanisms: str | Sequence[str] | None = None,
    ensemble: EnsembleLike = None,
    **study: Unpack[StudyKeywords],
) -> StudyResult:
    """Compares scenarios with today's law again and again, each time with one mechanism of the model left out.

    Args:
        scenarios: as `run` takes them; harmonised law, faster assistance and both where none is named.
        mechanisms: what is left out in turn (`comity ablate --list` lists them); the decisive ones where None.
        ensemble: see `run`.

    Raises:
        InputError: a mistake in what was given.
    """
    left_out = None if mechanisms is None else listed(mechanisms)
    made = asked_for("ablate", scenarios, study, {"--mechanism": left_out}, ensemble=ensemble, usual=NONE)
    return _result(asked.ablate(made, left_out), Kind.ABLATE, made, study)


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


def _result(experiment: Experiment, kind: Kind, made: Asked, study: StudyKeywords) -> StudyResult:
    """Conducts what was asked for; a folder remains where one was asked for."""
    from sim.report import studies

    experiment = _here(experiment, made.words)
    if study.get("results") is None:
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
