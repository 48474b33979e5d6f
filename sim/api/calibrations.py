"""Comparisons with the public record: `sim.calibrate` and `sim.runs` for parameter sets, `sim.case` for operations."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.entry_point import ExecutorLike, Progress, Request, TemporaryFolder, Value, listed, study
from sim.api.results import Plots
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd

    from sim.api.own_model import Model
    from sim.calibration.targets import CalibrationTarget
    from sim.cases.real_case import RealCase
    from sim.world.parameters import WorldSpec

#: Sets of the prior by size, and runs of each, where facts are one's own.
SETS = {"full": 400, "small": 24}
RUNS_OF_SET = 4
#: A set meets a fact within this many standard errors, of the fact and of the mean over its runs together.
ERRORS = 2.0


class CalibrationFolder:
    """Results of a finished calibration, read from its folder.

    Attributes:
        files: what was written.
        folder: where the ensemble of this calibration lies.

    Examples:
        >>> facts = pd.DataFrame({"outcome": ["turnaround_median"], "value": [6.0], "error": [3.0]})
        >>> fitted = sim.calibrate(
        ...     targets=facts, parameters="desk.court_wait_days", size="small", world="tiny", executor="serial"
        ... )
        >>> fitted.ensemble.columns.tolist(), "of 24 sets" in fitted.summary
        (['desk.court_wait_days'], True)
    """

    def __init__(self, files: list[Path]) -> None:
        self.files, self.folder = tuple(files), files[0].parent

    @property
    def ensemble(self) -> pd.DataFrame:
        """One row per parameter set: its values by dotted name; with published facts also its distance from each."""
        import pandas as pd

        from sim.calibration.ensemble import load

        return pd.read_csv(self.files[0]) if self.files[0].suffix == ".csv" else load(self.files[0]).frame

    @property
    def runs(self) -> pd.DataFrame:
        """All runs by which the sets were found, as `sim.runs` has them; an error where facts were one's own."""
        return runs(self.folder)

    @property
    def summary(self) -> str:
        """Text of calibration.md: the facts that the sets agree with, and the uncertainties that remain."""
        return next(path for path in self.files if path.name == "calibration.md").read_text("utf-8")

    def __repr__(self) -> str:
        return f"{len(self.ensemble)} parameter sets\nResults: {self.folder}"


@study
def calibrate(
    request: Request,
    *,
    targets: str | Path | pd.DataFrame | None = None,
    facts: str | Path = "",
    judgement: str | Path = "",
    parameters: str | Sequence[str] | None = None,
    size: str = "full",
    workers: int | None = None,
    executor: ExecutorLike = None,
    seed: int | None = None,
    world: str | None = None,
    set: Mapping[str, Value] | None = None,
    results: str | Path = "results",
    study: str | Path = "",
    finished: bool = False,
    progress: Progress = "bar",
    model: Model | None = None,
) -> CalibrationFolder:
    """Finds parameter sets that agree with facts; resumes if stopped, and never writes into the package.

    Where nothing is named, facts are the published ones and all that is uncertain varies: some 40 minutes on two cores.
    All that it finds stays in its folder, whose sets any study takes: `sim.compare(…, ensemble=found.folder)`.

    With facts of your own, sets are drawn from the plausible ranges (a Latin hypercube), each is run in the same worlds
    under today's law, and those that meet every fact are kept: draws of the prior given the facts.

    Args:
        targets: facts of your own: a table or CSV file with columns `outcome` (a key of `sim.outcomes()`), `value`, and
            `error`, one standard error, both in the unit of the outcome.
        facts (FILE): figures of your own, a YAML file as `sim.facts` reads it, which choose sets next to the published
            facts, in place of those on the same quantity; the ensemble stays in its own folder
        judgement (FOLDER): filled forms of experts on open choices, a folder for each expert (`comity forms` writes
            empty ones): parameters are drawn by what they say; the ensemble stays in its own folder
        parameters: with targets: what varies, by dotted name or theme; all that rests on judgement where None.
        size (SIZE): full, or small to try it (default: full); with facts of your own 400 or 24 sets
        study (DIR): its folder (default: named after the code, or after what varies)
        finished: all runs of --study are there, perhaps of other code: make only the results again

    Returns:
        The folder of the calibration: its parameter sets as a table, one row per set, and a text on how well they
        agree.

    Examples:
        >>> facts = pd.DataFrame({"outcome": ["turnaround_median"], "value": [6.0], "error": [3.0]})
        >>> fitted = sim.calibrate(
        ...     targets=facts, parameters="desk.court_wait_days", size="small", world="tiny", executor="serial"
        ... )
        >>> sim.compare("faster_mlat", ensemble=fitted.ensemble, world="tiny", replicates=2, progress=None).kind
        'compare'
    """
    from sim.calibration.calibrate import find_size
    from sim.calibration.command import carry_out
    from sim.calibration.judgement import read_forms
    from sim.calibration.waves import CalibrationSetting
    from sim.experiments.config import compose, cores, engine_of
    from sim.experiments.manifest import file_hash
    from sim.experiments.store import check_writable
    from sim.policy.version import source_hash

    if targets is not None:
        kept: dict[str, Any] = {"workers": workers, "executor": executor, "seed": seed, "set": set}
        kept |= {"world": world, "results": results, "progress": progress}
        varied = listed(parameters or "judgement")
        return CalibrationFolder(_to_own(_facts(targets), varied, size, {**kept, "study": str(study)}))
    if parameters is not None:
        raise mistake("they need facts", "parameters", parameters, "Give targets=: published ones vary all parameters.")
    if request.names:
        fix = "Leave it out: the calibration chooses its own."
        raise mistake("a calibration takes no scenario", "SCENARIO", request.names[0], fix)
    scale, (settings, _) = find_size(size), compose("sweep", request.words)
    named = f"calibration-{source_hash()[:10]}"  # the same command with the same code finds the same folder
    own: tuple[CalibrationTarget, ...] = ()
    if str(facts):
        named, own = f"{named}-{file_hash(Path(facts))[:6]}", _with_own(Path(facts))
    experts = read_forms(Path(judgement)) if str(judgement) else None
    named = f"{named}-{experts.sha256[:6]}" if experts else named
    folder = Path(study) if str(study) else Path(settings.execution.results) / named
    if finished and not folder.is_dir():
        raise mistake("no such folder", "--study", folder, "Name the folder of a calibration that has finished.")
    check_writable(folder, "--study")
    how = settings.execution
    chosen = scale, settings.world, settings.uncertainty, how.workers or cores(), how.first_seed
    shown: Any = {"progress": request.progress, "console": request.console, "engine": engine_of(how, request.executor)}
    setting = CalibrationSetting(
        folder, request.command, *chosen, finished=finished, facts=own, judgement=experts, **shown
    )
    return CalibrationFolder(carry_out(setting, size, publish=not (request.in_python or own or experts)))


def _with_own(file: Path) -> tuple[CalibrationTarget, ...]:
    """Facts that choose sets, with the user's figures of a file."""
    from sim.calibration.ensemble import load
    from sim.calibration.own_facts import read_figures, to_fit

    return to_fit(read_figures(file, load()))


def _facts(given: Any) -> pd.DataFrame:
    """Checks the facts that the user has given."""
    import pandas as pd

    from sim.experiments.statistics import known_outcome
    from sim.experiments.store import read_csv

    frame = given if isinstance(given, pd.DataFrame) else read_csv(Path(given))
    if absent := [name for name in ("outcome", "value", "error") if name not in frame]:
        raise mistake("this column is missing", "targets", absent[0], "Give outcome, value and error.")
    if frame.empty:
        raise mistake("no fact", "targets", fix="Write one row per fact.")
    for key, *numbers in frame[["outcome", "value", "error"]].itertuples(index=False):
        known_outcome(str(key), "targets")
        value, error = pd.to_numeric(pd.Series(numbers), errors="coerce")
        if not (value == value and error > 0):  # NaN is no number
            fix = "Write value and error as numbers, error above 0."
            raise mistake(f"no fact: {numbers[0]} ± {numbers[1]}", "targets", key, fix)
    return frame


def _to_own(facts: pd.DataFrame, parameters: list[str], size: str, kept: Mapping[str, Any]) -> list[Path]:
    """Writes the parameter sets, drawn from the prior, that agree with all of the user's facts; returns the files."""
    import numpy as np

    from sim.api.studies import sweep
    from sim.data.spreadsheet import as_csv
    from sim.experiments import seal
    from sim.experiments.settings import check_word
    from sim.report.marking import markdown_table

    check_word("--size", size, SETS)
    swept = sweep(vary=parameters, design="lhs", samples=SETS[size], replicates=RUNS_OF_SET, **kept)
    of_set = swept.outcomes.groupby("point")
    keys, value, error = facts["outcome"].tolist(), facts["value"].to_numpy(float), facts["error"].to_numpy(float)
    means, chance = of_set[keys].mean(), np.sqrt(of_set[keys].var().mean().to_numpy() / RUNS_OF_SET)
    apart = ((means - value) / np.hypot(error, chance)).abs()
    meets = (apart <= ERRORS).all(axis=1)  # what is missing does not
    stated, met = map("{:g} ± {:g}".format, value, error), map("{:.0f} %".format, 100 * (apart <= ERRORS).mean())
    of_all, of_kept = (map("{:.4g}".format, sets.mean()) for sets in (means, means[meets]))
    rows = list(zip(keys, stated, of_all, of_kept, met, strict=True))
    if not meets.any():
        worst = rows[int(apart.min().argmax())]
        problem = f"none of {len(meets)} sets meets all facts; {worst[0]} is {worst[2]} in their mean"
        raise mistake(problem, "targets", worst[1], "Widen errors, let other parameters vary, or take size full.")
    ensemble = swept.points[meets]
    head = ["fact", "value", "all sets", "sets that meet all", "of all sets meet it"]
    text = f"# Calibration to facts of one's own\n\n{int(meets.sum())} of {len(meets)} sets meet all facts.\n\n"
    place = Path(str(swept.folder))
    (place / "ensemble.csv").write_text(as_csv(ensemble), encoding="utf-8", newline="")
    (place / "calibration.md").write_text(text + markdown_table(head, rows) + "\n", encoding="utf-8")
    written = [place / "ensemble.csv", place / "calibration.md"]
    seal.renew(*written)
    return written


def runs(source: str | Path) -> pd.DataFrame:
    """Reads all runs of a calibration, so that they can be weighed by facts of one's own.

    Columns `wave` (0: draws of the prior, in which all values of a plausible range are equally likely; then sets that
    lean to the published facts; the last: fresh runs of the sets that are kept), `set` (its number, the same wherever
    it ran), `kept` (True if it is in the ensemble), `seed`, `failed` (the error; missing where there was none) and
    `code` (hash of the sources). Then each parameter by its dotted name (`sim.parameters()` has units), each outcome by
    its key (`sim.outcomes()`), the measure of each published fact as `fact.…` in the fact's unit, and the mean wait at
    each kind of desk over its target as `wait.…`. Runs are of today's law; missing values are outcomes without cases.

    Args:
        source: the file (comity-runs-VERSION.parquet of a release), or the folder of a calibration.

    Returns:
        One row per run.

    Raises:
        InputError: no such file, or another kind of file.

    Examples:
        >>> fitted = sim.calibrate(size="small", world="tiny")
        >>> made = sim.runs(fitted.folder)
        >>> first = made[made["wave"] == 0]
        >>> len(first), first["set"].nunique(), "desk.court_wait_days" in made, "fact.mla_parties_months" in made
        (60, 48, True, True)
    """
    from sim.calibration.runs import read

    return read(source)


class CaseReplay:
    """Result of simulating a recorded operation: real events, next to the model's expectations.

    Attributes:
        outcomes: one row per law, world and planted group.
        folder: the results folder; None where nothing was kept.

    Examples:
        >>> replayed = sim.case("emotet", replicates=1, progress=None)
        >>> len(replayed.headline.splitlines()), len(replayed.outcomes) > 1
        (3, True)
    """

    def __init__(self, case: RealCase, outcomes: pd.DataFrame, command: str, folder: Path | None) -> None:
        self._case, self.outcomes, self.command, self.folder = case, outcomes, command, folder

    @cached_property
    def summary(self) -> str:
        """Text of summary.md: the whole answer in Markdown."""
        from sim.cases.command import case_page
        from sim.report.page.parts import markdown_of

        return markdown_of(case_page(self.outcomes, self._case, self.command))

    @property
    def headline(self) -> str:
        """Answer in three sentences of plain text: the recorded operation next to the model's expectations."""
        from sim.cases.command import case_sentences

        return "\n".join(case_sentences(self.outcomes, self._case))

    @property
    def plot(self) -> Plots:
        """Figures of the operation by name; the only one is `laws`."""
        from sim.cases.command import case_figures

        return Plots(laws=lambda: case_figures(self.outcomes, self._case, self.command)["laws"])

    def __repr__(self) -> str:
        return f"{self.headline}\nResults: {self.folder}" if self.folder else self.headline


@study
def case(
    request: Request,
    name: str | os.PathLike[str] = "",
    *,
    replicates: int = 50,
    seed: int = 1,
    workers: int = 0,
    executor: ExecutorLike = None,
    results: str | Path | None = None,
    world: str | None = None,
    progress: Progress = "bar",
    model: Model | None = None,
) -> CaseReplay:
    """Simulate an operation of the public record, and compare the results with the record.

    Where does what happened fall in what the model expected? A group like the one on record is planted in many worlds,
    and its case is opened on the recorded day under the law of that time, and under other law.

    Args:
        name (CASE|KEY=VALUE): avalanche, emotet, or a file that ends in .yaml; on the command line with world=tiny,
            world.groups=N or world.states=[A,B]
        replicates (N): number of worlds, each of a seed (default: 50)
        seed (N): first seed
        workers (N): worker processes, 0 for one per core; on an engine, tasks at a time
        executor (KIND): processes, dask, or another that is installed; in Python also any executor of
            concurrent.futures, with workers= tasks at a time
        results (DIR): folder for results (default: results; in Python nothing is kept)

    Returns:
        The operation in the model's worlds, one row per law, world and planted group, with a headline and a figure.

    Examples:
        >>> replayed = sim.case("emotet", replicates=1, progress=None)
        >>> "Emotet" in replayed.headline
        True
    """
    from sim.cases.command import CaseOptions, one_case, simulated
    from sim.cases.real_case import load_case
    from sim.cases.run import Law
    from sim.data.load import check_files
    from sim.experiments.config import cores, engine_of
    from sim.experiments.control import unkept
    from sim.experiments.settings import Execution, check_executor, check_ranges
    from sim.experiments.store import check_writable

    if len(request.names) > 1:
        raise mistake("one case at a time", "CASE", " ".join(request.names), "Give the command once for each.")
    check_ranges(("--replicates", replicates, 1, 100_000), ("--seed", seed, 0, 2**62), ("--workers", workers, 0, 1024))
    check_files()
    temporary = TemporaryFolder() if request.temporary else None
    place = temporary.path if temporary else Path(results or "results")
    if not temporary:
        check_writable(place, "--results")
    how = Execution(workers=workers, executor=executor if isinstance(executor, str) else "processes")
    check_executor(how)
    shown = request.command, request.console.quiet, request.progress, engine_of(how, request.executor)
    real = load_case("".join(request.names))
    options = CaseOptions(replicates, seed, workers or cores(), place, *shown, _world_for(real, request.words))
    if temporary:
        with unkept():
            return CaseReplay(real, simulated((real,), tuple(Law), options, request.console), request.command, None)
    folder, found = one_case(real, options, request.console)
    return CaseReplay(real, found, request.command, folder)


#: What a recorded operation leaves open of its world; days are its own, parameters those of the calibrated sets.
_OF_ITS_WORLD = ("world", "world.groups", "world.states")


def _world_for(real: RealCase, words: Sequence[str]) -> WorldSpec:
    """Returns the world for a recorded operation from configuration overrides; its lead state must take part."""
    from sim.experiments.config import compose

    for word in words:
        key, _, value = word.partition("=")
        if key not in _OF_ITS_WORLD:
            fix = f"Leave it out, or set {', '.join(_OF_ITS_WORLD)}."
            raise mistake("a recorded operation has days and parameters of its own", key, value, fix)
    spec = compose("run", words)[0].world
    if spec.states and real.lead not in spec.states:
        fix = f"Add {real.lead}, which led “{real.title}”."
        raise mistake("the state that led is not in this world", "world.states", ",".join(spec.states), fix)
    return spec
