"""Every study, as Python asks for it. The command line takes its options from these signatures (`sim/options.py`).

What an option is called there, and the word for its value, stand in brackets in `Args:`; one whose text names a key of
the configuration in brackets is short for it. Heavy modules are imported inside functions, so that help comes at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from sim.api.door import NONE, PACKAGE, in_python
from sim.api.keywords import (
    EnsembleLike,
    Progress,
    ScenarioLike,
    StudyKeywords,
    Value,
    asked_for,
    listed,
    named,
    table_file,
    with_study_keywords,
    written,
)
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd

    from sim.api.results import StudyResult
    from sim.api.sweeps import SweepResult
    from sim.experiments.config import Experiment

#: Years of groups that are simulated sooner than two workers have started.
_LITTLE = 2_000


@in_python
@with_study_keywords
def run(scenario: ScenarioLike, *, ensemble: EnsembleLike = None, **study: Unpack[StudyKeywords]) -> StudyResult:
    """Simulates one scenario in many random worlds, each parameter at its default.

    `ensemble` may also be a table with one row per set and one column per parameter, or None for none.

    Args:
        scenario: key of a scenario (`comity scenarios` lists them), path of a scenario file, or a `sim.Scenario`.
        ensemble (SETS): parameter sets that seeds take in turn: package, none, or a file or folder of sets (default:
            none)

    Raises:
        InputError: a mistake in what was given.
    """
    return _conducted("run", [scenario], study, ensemble, NONE)


@in_python
@with_study_keywords
def compare(
    *scenarios: ScenarioLike,
    places: str | Sequence[str] = "",
    by_change: bool = False,
    horizon: int | None = None,
    until: str = "",
    against: ScenarioLike = "",
    point: bool = False,
    ensemble: EnsembleLike = PACKAGE,
    **study: Unpack[StudyKeywords],
) -> StudyResult:
    """Compares scenarios with a baseline in the same random worlds.

    Args:
        scenarios: as `run` takes them; the six of the question where none is named.
        places (--for STATES): states or groups whose own side is reported, such as BRA,ASEAN: what they gain, give and
            pay
        by_change: take each policy apart: run each of its changes alone, and each left out; of a package, each of its
            policies
        horizon (YEARS): years of policy (10 by default; law takes 20)
        until (OUTCOME=WIDTH): add worlds until the 95 % interval of each policy's effect on OUTCOME reaches no further
            than WIDTH, in the outcome's unit: after 30 worlds at least, and after --replicates (here 400 by default) at
            the latest
        against (SCENARIO): baseline that continues under every scenario, such as current_trends (default: status_quo)
        point: one world with every parameter at its default, instead of a plausible parameter set for each seed
            (--ensemble none)
        ensemble (SETS): parameter sets that seeds take in turn: package, none, or a file or folder of sets (default:
            package)

    Raises:
        InputError: a mistake in what was given.
    """
    sides = {"against": named(against), "point": point, "places": ",".join(listed(places))}
    more = {"by_change": by_change, "until": until, "horizon": horizon}
    return _conducted("compare", scenarios, study, ensemble, PACKAGE, **sides, **more)


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
        against (SCENARIO): baseline that continues under every scenario, such as current_trends (default: status_quo)
        point: one world with every parameter at its default, instead of a plausible parameter set for each seed
            (--ensemble none)
        ensemble (SETS): parameter sets that seeds take in turn: package, none, or a file or folder of sets (default:
            package)

    Raises:
        InputError: a mistake in what was given.
    """
    return _conducted("league", scenarios, study, ensemble, PACKAGE, against=named(against), point=point)


@in_python
@with_study_keywords
def ablate(
    *scenarios: ScenarioLike,
    mechanisms: str | Sequence[str] | None = None,
    ensemble: EnsembleLike = None,
    **study: Unpack[StudyKeywords],
) -> StudyResult:
    """Compares scenarios with today's law again and again, each time with one mechanism of the model left out.

    Several mechanisms stand in a list; `comity ablate --list` lists all.

    Args:
        scenarios: as `run` takes them; harmonised law, faster assistance and both where none is named.
        mechanisms (--mechanism NAME …): leave this one out (ablation.mechanisms); again for another (default: the
            decisive ones)
        ensemble (SETS): parameter sets that seeds take in turn: package, none, or a file or folder of sets (default:
            none)

    Raises:
        InputError: a mistake in what was given.
    """
    left_out = None if mechanisms is None else listed(mechanisms)
    return _conducted("ablate", scenarios, study, ensemble, NONE, mechanisms=left_out)


@in_python
@with_study_keywords
def sweep(
    *scenarios: ScenarioLike,
    values: Mapping[str, Sequence[Value] | str] | None = None,
    vary: str | Sequence[str] = (),
    design: str | None = None,
    samples: int | None = None,
    points: str | Path | pd.DataFrame | None = None,
    seeds: str | None = None,
    study: str = "",
    executor: str | None = None,
    ensemble: EnsembleLike = None,
    **more: Unpack[StudyKeywords],
) -> SweepResult:
    """Runs every point of a design under every scenario and seed; a study that is kept is resumed.

    `points` may also be a table: one row per point, one column per lever or key.

    Args:
        scenarios: as `sim.run` takes them; today's law where none is named.
        values: what varies: levers, or keys of the configuration, with a list of values each, or with words of the
            command line such as "range(1,2,0.25)" and "interval(1,3)".
        vary (NAME …): vary a parameter or theme over its plausible range, or allowed:NAME over all that the model
            allows
        design (KIND): factorial, zipped, lhs, sobol, morris or csv (sweep.design)
        samples (N): size of a sampled design (sweep.samples)
        points (FILE): CSV file of points (sweep.points)
        seeds (HOW): common to all points, or own: one seed per point (sweep.seeds)
        study (NAME): folder of the study (default: named after its design)
        executor (KIND): serial, processes or dask (execution.executor)
        ensemble (SETS): parameter sets that seeds take in turn: package, none, or a file or folder of sets (default:
            none); values of points hold in every set

    Raises:
        InputError: a mistake in what was given.
    """
    from sim.api import asked
    from sim.api.scenario import TemporaryFolder
    from sim.api.sweeps import SweepResult
    from sim.experiments.conduct import Options
    from sim.experiments.sweep import sweep as conduct_sweep

    results = more.get("results")
    if study and results is None:
        raise mistake("a study of a name needs a folder", "study", study, 'Write results="results".')
    temporary = TemporaryFolder() if results is None else None
    axes = [f"{key}={_axis(key, given)}" for key, given in (values or {}).items()]
    keys = {"sweep.design": design, "sweep.samples": samples, "sweep.seeds": seeds, "execution.executor": executor}
    axes += [f"{key}={written(value)}" for key, value in keys.items() if value]
    file, _points = table_file(points, "points", results)
    axes += [f"sweep.points={written(file)}"] if file is not None else []
    options = {"vary": listed(vary), "study": study}
    made = asked_for("sweep", scenarios, more, options, axes, ensemble=ensemble, usual=NONE)
    words = [*made.words, *([f"execution.results={written(temporary.path)}"] if temporary else [])]
    prepared = asked.sweep(replace(made, words=words), listed(vary))
    conducted, _ = conduct_sweep(prepared, study, Options(), made.console)
    return SweepResult(conducted, temporary)


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
    from sim.api.sweeps import SweepResult
    from sim.experiments.plan import Kind
    from sim.experiments.study import STUDY, Study
    from sim.report.kept import KINDS
    from sim.results.stored import check_other

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
    from sim.api.results import StudyResult
    from sim.report.kept import read_report

    story = read_report(folder)
    return StudyResult(story, story.design.plan.kind, folder)


def _conducted(
    kind: str,
    scenarios: Sequence[ScenarioLike],
    study: StudyKeywords,
    ensemble: EnsembleLike,
    usual: str,
    **options: Any,
) -> StudyResult:
    """Conducts what was asked for; a folder remains where one was asked for.

    Args:
        kind: of the study, whose function in `sim.api.asked` checks what was asked for.
        scenarios: as they were given, as are the next two.
        study: keywords of all studies.
        ensemble: parameter sets.
        usual: which sets such a study takes where none are named.
        options: what this kind alone takes.
    """
    from sim.api import asked
    from sim.api.results import StudyResult
    from sim.experiments.plan import Kind
    from sim.report import studies

    made = asked_for(kind, scenarios, study, options, ensemble=ensemble, usual=usual)
    experiment = _here(getattr(asked, kind)(made, **options), made.words)
    if study.get("results") is None:
        return StudyResult(studies.story(experiment, Kind(kind), made.console), Kind(kind), None)
    return _report(studies.report(experiment, Kind(kind), made.console))


def _axis(key: str, given: Sequence[Value] | str) -> str:
    """The values of an axis in words.

    Raises:
        InputError: one value and no list.
    """
    if isinstance(given, str):
        return given
    if not isinstance(given, Iterable):
        raise mistake("one value is no axis", key, given, f"Write a list, [{given}], or set it by set= for all points.")
    return ",".join(map(written, given))


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
