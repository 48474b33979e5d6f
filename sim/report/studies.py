"""Conducts studies up to the finished report, prints early answers, and reads finished reports.

What draws and writes the report is imported while workers simulate: it takes seconds that they need not wait for. The
report of the first worlds is written by a thread, which workers do not wait for either.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from math import isnan, nan
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from rich.console import Console
from rich.text import Text

from sim.experiments import store
from sim.experiments.conduct import Finished, Options, Precision, conduct
from sim.experiments.config import Experiment, experiment_of, settings_of
from sim.experiments.control import alone, unkept
from sim.experiments.design import Design, ablation, comparison, plain
from sim.experiments.doubt import Doubt
from sim.experiments.manifest import file_hash, manifest, read_manifest, unfinished_folder
from sim.experiments.plan import Kind
from sim.experiments.results import Results, read_results
from sim.experiments.run import AllFailedError, Failure, FailureStage
from sim.experiments.sets import SET_COLUMN, ChosenBy, OwnError, ParameterSets, Weighed
from sim.experiments.settings import Settings
from sim.experiments.statistics import Until
from sim.experiments.study import EARLY_REPORT, STUDY, Study
from sim.experiments.worker import BatchResult, peak_memory
from sim.law.order import legal_order
from sim.policy.document import MOST_BYTES
from sim.policy.places import Place
from sim.policy.problem import InputError, mistake, printable
from sim.policy.scenario import Scenario, catalogue, load, of_files
from sim.policy.scenario_timeline import alternatives, policy_days
from sim.report.view import View
from sim.results.stored import AGAIN, StoredBreakdowns, outcomes_file, outcomes_of, read_stored, values_of_sets
from sim.world.parameters import WorldSpec

KINDS = (Kind.RUN, Kind.COMPARE, Kind.ABLATE, Kind.REGRET, Kind.LEAGUE)  # kinds of study whose report can be read back
#: Number of worlds after which an answer is given for the first time, and again each time that so many have been added.
FIRST_WORLDS = 20
#: A report of the first worlds is written where the others take at least this long, seconds: it takes time itself.
WORTH_SECONDS = 30.0


class Answers:
    """Prints answers while a study runs, starts early reports, and decides when there are enough worlds.

    `worlds` is the number of worlds of the answer: all that were asked for, or those that were enough.
    """

    def __init__(
        self,
        experiment: Experiment,
        design: Design,
        console: Console,
        *,
        kept: bool = True,
        doubt: Doubt | None = None,
    ) -> None:
        self.worlds = design.plan.replicates
        self._experiment, self._design, self._console, self._kept = experiment, design, console, kept
        self._precision = Precision(experiment.until, design) if experiment.until else None
        self._doubt = doubt
        self._study: Study | None = None
        self._early: Future[None] | None = None  # the report of the first worlds
        self._thread = ThreadPoolExecutor(1)  # that writes it
        self._shown, self._begun = 0, monotonic()
        self._at_first, self._added, self._closing = 0, False, False

    def begin(self, study: Study) -> None:
        """Notes that a study has started, whose answers will be printed."""
        self._study, self._begun = study, monotonic()
        if self._precision is not None:
            self._precision.begin(study)

    def add(self, result: BatchResult) -> None:
        """Records the results of some finished runs."""
        self._added = True
        if self._precision is not None:
            self._precision.add(result.done)

    def look(self, worlds: int, write: Callable[[], None]) -> bool:
        """Prints an early answer when one is due; returns true if the study has enough worlds."""
        if not self._added:
            self._at_first = worlds
        if self._precision is not None and (enough := self._precision.enough(worlds)):
            self.worlds = enough
            return True
        if self._shown + FIRST_WORLDS <= worlds < self._design.plan.replicates:
            write()
            self._shown = worlds - worlds % FIRST_WORLDS
            self._answer(worlds)
        return False

    def _answer(self, worlds: int) -> None:
        """Prints the answer of the worlds simulated so far; starts an early report if the other worlds take long."""
        from sim.report.headline import sentences

        assert self._study is not None  # noqa: S101 - looks come after the beginning
        study = Study(self._study.folder, self._study.about)  # which reads its parts again
        planned = self._design.plan.replicates
        stopped = {} if self._doubt is None else {key: min(of, worlds) for key, of in self._doubt.worlds.items()}
        so_far = self._design.first(worlds, planned).limited(stopped)
        found = read_results(study, replace(so_far.plan, base=replace(so_far.plan.base, breakdowns=())))
        if found.outcomes.empty:
            return
        shown = " ".join(sentences(View(self._experiment, so_far, found)))
        most = f"at most {planned}" if self._experiment.until or self._doubt else str(planned)
        self._print(f"After {worlds} of {most} worlds: {shown}")
        seconds = monotonic() - self._begun
        worth = seconds * (planned - worlds) / max(worlds - self._at_first, 1) >= WORTH_SECONDS
        if self._kept and self._early is None and worth and earlier(self._experiment, study) is None:
            finished = Finished(len(so_far.plan), 0, 0, 0, seconds, peak_memory(), stopped=False)
            self._early = self._thread.submit(self._write, so_far, study, finished)

    def _write(self, so_far: Design, study: Study, finished: Finished) -> None:
        """Writes the early report; an error in it does not affect the study."""
        from sim.report.publish import write_report

        silent = replace(self._experiment, progress=None, quiet=True)
        try:
            view, made = _content(silent, so_far, study, finished)
            place = write_report(view, study, made, Console(quiet=True), early=self._go_on)
            (study.folder / EARLY_REPORT).write_text(place.name, "utf-8")
            self._print(f"Report so far: {place / store.REPORT}")
        except Exception as error:
            words = printable(f"{type(error).__name__}: {error}")
            self._print(f"No report of the first worlds could be written ({words})", "yellow")

    def _go_on(self, _: int) -> None:
        """Raises KeyboardInterrupt if the early report in progress has to stop."""
        if self._closing:
            raise KeyboardInterrupt

    def _print(self, words: str, style: str = "") -> None:
        self._console.print(Text(words, style), soft_wrap=True)

    def close(self) -> None:
        """Stops an early report in progress after its current figure."""
        self._closing = True
        self._thread.shutdown()


def earlier(experiment: Experiment, study: Study) -> Path | None:
    """Finds the folder of a study's early report; None if there is none."""
    written = study.folder / EARLY_REPORT
    name = Path(written.read_text("utf-8", "replace")).name if written.is_file() else ""
    place = experiment.results / name
    return place if name and place.is_dir() else None


def rungs() -> tuple[Scenario, ...]:
    """Scenarios of the cooperation ladder that lie between no and full cooperation."""
    return tuple(load(key) for key, path in catalogue().items() if path.parent.name == "rungs")


def report(experiment: Experiment, kind: Kind, console: Console) -> Path:
    """Conducts or resumes a study and writes its report; returns the report's folder.

    The answer goes to standard output, unless the console is quiet. In a comparison of ways to decide, the first
    scenario is the baseline and the second the one that is judged.
    """
    design = design_of(experiment, kind)
    store.check_writable(experiment.results)
    folder = unfinished_folder(experiment, design.plan)
    design, study, finished = _conducted(experiment, design, folder, console, kept=True)
    from sim.report.pages import publication
    from sim.report.phrases import unmoved_lines
    from sim.report.publish import print_answer, write_report
    from sim.report.rankings import RANKINGS

    with alone(folder, "p"):
        if not finished.done:
            raise AllFailedError(list(read_results(study, design.plan).failures))
        found, made = _content(experiment, design, study, finished)
        place = write_report(found, study, made, console, earlier(experiment, study))
        study.remove()
        if study.folder.exists():
            console.print(Text(printable(f"Other files are still in {study.folder}")), soft_wrap=True)
        for failure in found.results.failures:
            console.print(Text(printable(failure.text), "red"))
    said = *publication(found).answer(found), *unmoved_lines(found)
    ranking = RANKINGS[kind](found) if kind in RANKINGS else None
    print_answer(place, console.quiet, *said, *([ranking] if ranking else []))
    return place


def view(experiment: Experiment, kind: Kind, console: Console) -> View:
    """Conducts a study in a temporary folder and returns its view."""
    with TemporaryDirectory(prefix="comity-") as folder, unkept():
        asked = experiment, design_of(experiment, kind), Path(folder), console
        design, study, finished = _conducted(*asked, kept=False)
        results = read_results(study, design.plan, design.shown)
    if not finished.done:
        raise AllFailedError(list(results.failures))
    return View(experiment, design, results)


def _conducted(
    experiment: Experiment, design: Design, folder: Path, console: Console, *, kept: bool
) -> tuple[Design, Study, Finished]:
    """Conducts or resumes a study; returns the design limited to the worlds used, the study, and its final state."""
    doubt = design.doubt if experiment.by_policy else None
    watched = design.plan.kind is Kind.COMPARE
    answers = Answers(experiment, design, console, kept=kept, doubt=doubt) if watched else None
    asked = experiment, design.plan, folder, Options(retry_failed=True), console
    try:
        study, finished = conduct(*asked, about={}, meanwhile=_import_report, watch=answers, doubt=doubt)
    finally:
        if answers is not None:
            answers.close()
    used = design.first(answers.worlds) if answers is not None else design
    return used.limited(doubt.worlds) if doubt is not None else used, study, finished


def design_of(experiment: Experiment, kind: Kind) -> Design:
    """Chooses the points, scenarios and seeds for a kind of study."""
    if kind is Kind.COMPARE:
        return comparison(experiment, rungs())
    return ablation(experiment) if kind is Kind.ABLATE else plain(experiment, kind)


def _content(experiment: Experiment, design: Design, study: Study, finished: Finished) -> tuple[View, dict[str, Any]]:
    """Makes the view of a study for its report, and the manifest of the report's folder."""
    results = read_results(study, design.plan, design.shown)
    made = manifest(experiment, design, results.failures, finished.seconds, finished.peak_memory)
    return View(experiment, design, results), made


def _import_report() -> None:
    """Imports the modules that write reports before they are needed."""
    import sim.report.publish  # noqa: F401


def read_report(folder: Path) -> View:
    """Reads the results of a finished study of any kind from its folder.

    Scenarios whose file has changed since, or is gone, are known by their titles alone.
    """
    study = Study.open(folder, "FOLDER")
    kind = Kind(study.about["design"]["design"])
    if not study.is_report:
        fix = f"Give its command again, which resumes it: {study.command}"
        raise InputError(f"not finished, as it has no {store.MANIFEST}", where=str(folder), fix=fix)
    made = read_stored(folder / store.MANIFEST, read_manifest)
    resolved = study.about["configuration"]
    settings = read_stored(folder / STUDY, lambda _: settings_of(str(kind), resolved))
    experiment = read_stored(folder / store.MANIFEST, lambda _: _experiment(kind, settings, resolved, made, folder))
    design = design_of(experiment, kind)
    design = design.first(made.get("worlds", design.plan.replicates), made.get("planned", 0))
    design = design.limited(made.get("worlds_of", {}))
    if len(design.plan) != made["arms"]:
        problem = f"made by another version, whose design has {made['arms']} runs instead of {len(design.plan)}"
        fix = f"Read its tables with pandas, or run it again: {study.command}"
        raise InputError(problem, where=str(folder), fix=fix)
    outcomes = read_stored(outcomes_file(folder), outcomes_of)
    if experiment.sets and outcomes[SET_COLUMN].isna().any():  # a report of an earlier version
        outcomes[SET_COLUMN] = experiment.sets.numbers(outcomes["seed"].to_numpy())
    failures = tuple(Failure(**{**entry, "stage": FailureStage(entry["stage"])}) for entry in made["failures"])
    results = Results(outcomes, StoredBreakdowns(folder), failures)
    return View(experiment, design, results, folder)


def _experiment(
    kind: Kind, settings: Settings, resolved: dict[str, Any], made: Mapping[str, Any], folder: Path
) -> Experiment:
    """Rebuilds the experiment of a stored study from its settings, manifest and parameter sets."""
    scenarios = tuple(_scenario(key, made) for key in made["scenarios"])
    if kind is Kind.REGRET:
        scenarios = _ways_to_decide(scenarios, settings.world)
    experiment = experiment_of(settings, resolved, scenarios, made["overrides"], made["command"])
    number, standing = made["parameter_sets"], made.get("parameter_sets_are") or ChosenBy.CALIBRATED
    errors = (made.get(key) for key in ("own_error", "own_error_of_shares"))
    own = OwnError(*(nan if error is None else error for error in errors))
    own = own._replace(shares=own.levels) if isnan(own.shares) else own  # before shares had one of their own
    values = values_of_sets(folder, made)
    begins = made.get("first_set_has_seed", experiment.first_seed)  # earlier versions counted from their first seed
    order, weighed = tuple(made.get("order_of_sets", ())), None
    if by := made.get("weighed_by"):
        weighed = Weighed(by["whose"], tuple(by["figures"]), tuple(by["values"]), by["effective"], by["of"])
    sets = ParameterSets(values, ChosenBy(standing), own, begins, order, weighed) if number else None
    return replace(
        experiment,
        baseline=made["baseline"] if kind in (Kind.COMPARE, Kind.LEAGUE) else "",
        sets=sets,
        by_change=made.get("by_change", False),
        by_policy=bool(made.get("worlds_of")),
        until=Until.read(made["until"]) if made.get("until") else None,
        places=tuple(Place(title, tuple(rows)) for title, rows in made.get("places", ())),
    )


def _ways_to_decide(scenarios: tuple[Scenario, ...], world: WorldSpec) -> tuple[Scenario, ...]:
    """Baseline, and variants of the judged scenario with different decision rules."""
    baseline, judged, *_ = scenarios
    arms: tuple[Scenario, ...] = ()
    if judged.monitor is not None:
        arms = alternatives(judged, legal_order(), *policy_days(world), world.states)
    if [(arm.key, arm.title) for arm in (baseline, *arms)] != [(arm.key, arm.title) for arm in scenarios]:
        fix = f"Read its tables with pandas, such as {store.REGRET}.csv. {AGAIN}."
        raise mistake("the scenario that was judged is not what it was", "scenario", judged.key, fix)
    return (baseline, *arms)


def _scenario(key: str, made: Mapping[str, Any]) -> Scenario:
    """Scenario of a stored report: from its file if unchanged, otherwise with key and title only."""
    hashes: Mapping[str, str] = made["inputs"]
    shipped = (of_files() | catalogue()).get(key)
    own = [Path(name) for name in hashes if Path(name).stem == key and not name.startswith(("sim/", "scenarios/"))]
    for path in (*own, *([shipped] if shipped else [])):
        if _may_be_scenario(path) and file_hash(path) in hashes.values():
            return load(key if path == shipped else str(path))
    title = made.get("titles", {}).get(key) or (load(key).title if shipped else key)
    return Scenario(key, title, "", "", (), (), (), "")


def _may_be_scenario(path: Path) -> bool:
    """True if a path from a manifest may be read as a scenario file; manifests may name any path."""
    plain = path.suffix in (".yaml", ".yml") and path.is_file() and os.access(path, os.R_OK)
    return plain and path.stat().st_size <= MOST_BYTES
