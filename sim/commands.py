"""What each command does once its words are read; heavy modules are imported inside the command."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, TypeVar

from sim.policy.problem import mistake

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import DataclassInstance
    from rich.console import Console

    from sim.api.asked import Asked
    from sim.experiments.config import Experiment

_LEAST_BUDGET = 1e6
OptionsT = TypeVar("OptionsT", bound="DataclassInstance")


def run(arguments: argparse.Namespace) -> None:
    """`comity run`."""
    from sim.api import asked

    _report("run", asked.run(_asked(arguments)), arguments)


def compare(arguments: argparse.Namespace) -> None:
    """`comity compare`: scenarios against the baseline, which always comes first; the status quo if none is named."""
    from sim.api import asked

    names = ("places", "until", "point", "by_change", "horizon")
    options = {name: getattr(arguments, name) for name in names}
    experiment = asked.compare(_asked(arguments), arguments.against, **options)
    _report("compare", experiment, arguments)


def league(arguments: argparse.Namespace) -> None:
    """`comity league`: every policy of the catalogue in the same worlds, ranked."""
    from sim.api import asked

    _report("league", asked.league(_asked(arguments), arguments.against, point=arguments.point), arguments)


def portfolio(arguments: argparse.Namespace) -> None:
    """`comity portfolio`: which measures buy most together."""
    from sim.api import asked
    from sim.policy.problem import InputError
    from sim.policy.units import read_euros

    try:
        budget = read_euros(arguments.budget)
    except InputError as problem:
        raise mistake(
            "not an amount in euros", "--budget", arguments.budget, "Write --budget '1 billion euros'."
        ) from problem
    if budget < _LEAST_BUDGET:
        fix = "Write a million euros or more: it is for all states and policy years."
        raise mistake("less than most measures cost", "--budget", arguments.budget, fix)
    experiment = asked.portfolio(_asked(arguments))
    from sim.report.portfolio import report

    _print_places(arguments, report(experiment, budget, _console(arguments)))


def ablate(arguments: argparse.Namespace) -> None:
    """`comity ablate`: the comparison again with each mechanism left out in turn."""
    from sim.api import asked
    from sim.experiments.mechanisms import mechanisms

    if arguments.list:
        from sim.report.ablation import print_mechanisms

        print_mechanisms()
        return
    keys = [mechanism.key for mechanism in mechanisms()] if arguments.all else arguments.mechanism
    _report("ablate", asked.ablate(_asked(arguments), keys), arguments)


def regret(arguments: argparse.Namespace) -> None:
    """`comity regret`: a policymaker who reviews, compared with others who spend the same budget."""
    from sim.api import asked

    _report("regret", asked.regret(_asked(arguments)), arguments)


def _report(kind: str, experiment: Experiment, arguments: argparse.Namespace) -> None:
    """Conducts a study that ends in a report."""
    from sim.experiments.plan import Kind
    from sim.report.studies import report

    _print_places(arguments, report(experiment, Kind(kind), _console(arguments)))


def _asked(arguments: argparse.Namespace) -> Asked:
    """What the words ask for."""
    from sim.api.asked import Asked

    names, words = _split(arguments)
    rules, ensemble, quiet = getattr(arguments, "rules", ""), getattr(arguments, "ensemble", ""), arguments.quiet
    command, console = _typed(arguments), _console(arguments)
    return Asked(names, words, command, console, quiet=quiet, rules=rules, ensemble=ensemble)


def sweep(arguments: argparse.Namespace) -> None:
    """`comity sweep`: many points of a design, each under every scenario and seed."""
    names, words = _split(arguments)
    from functools import partial

    from sim.api.ensembles import NONE, sets_named
    from sim.experiments.conduct import Options
    from sim.experiments.prepare import prepare
    from sim.experiments.rules import read_rules
    from sim.experiments.sweep import read_shard, show
    from sim.experiments.sweep import sweep as conduct_sweep

    for option in ("design", "samples", "seeds", "executor"):
        if (written := getattr(arguments, option)) is not None:
            words.append(f"{'execution' if option == 'executor' else 'sweep'}.{option}={written}")
    if arguments.points is not None:
        words.append(f"sweep.points={_quoted(arguments.points)}")
    shard = read_shard(arguments.shard) if arguments.shard else (0, 1)
    options, study = Options(shard, arguments.retry_failed, arguments.allow_other_code), arguments.study or ""
    command = _typed(arguments)
    rules = read_rules(arguments.rules)
    sets = partial(sets_named, arguments.ensemble or NONE)
    prepared = prepare(names, words, arguments.vary or (), command, quiet=arguments.quiet, rules=rules, sets=sets)
    if arguments.dry_run:
        show(prepared, study, _console(arguments))
        return
    made, _ = conduct_sweep(prepared, study, options, _console(arguments))
    _print_places(arguments, made.folder)


def calibrate(arguments: argparse.Namespace) -> None:
    """`comity calibrate`: parameter sets that agree with published facts."""
    from sim.calibration.command import run_calibration

    names, overrides = _split(arguments)
    if names:
        raise mistake(
            "a calibration takes no scenario", "SCENARIO", names[0], "Leave it out: the calibration chooses its own."
        )
    options = {"finished": arguments.finished, "quiet": arguments.quiet}
    size, study = arguments.size, arguments.study
    written = run_calibration(overrides, size, study, _typed(arguments), _console(arguments), **options)
    _print_places(arguments, *written)


def validate(arguments: argparse.Namespace) -> None:
    """`comity validate`: published facts beside the calibrated sets."""
    from pathlib import Path

    from sim.calibration.command import run_validation

    results, command = Path(arguments.results), _typed(arguments)
    _print_places(arguments, *run_validation(arguments.ensemble, results, command, _console(arguments)))


def status(arguments: argparse.Namespace) -> None:
    """`comity status STUDY`."""
    from pathlib import Path

    from rich.console import Console

    from sim.api.others import check_other
    from sim.experiments.status import print_folder
    from sim.experiments.study import STUDY
    from sim.results.stored import check_report

    folder = Path(arguments.study)
    if not (folder / STUDY).exists():
        check_other(folder)
    check_report(folder)
    print_folder(folder, Console(markup=False, emoji=False))


def plot(arguments: argparse.Namespace) -> None:
    """`comity plot STUDY`."""
    from pathlib import Path

    from sim.report.sweep.plot import PlotOptions
    from sim.report.sweep.plot import plot as draw

    options = _options(PlotOptions, arguments)
    written = draw(Path(arguments.study), options, _typed(arguments), _console(arguments))
    _print_places(arguments, *written)


def analyse(arguments: argparse.Namespace) -> None:
    """`comity analyse STUDY`."""
    from pathlib import Path

    from sim.report.sweep.analyse import AnalysisOptions
    from sim.report.sweep.analyse import analyse as find

    options = _options(AnalysisOptions, arguments)
    page = find(Path(arguments.study), options, _typed(arguments), _console(arguments))
    _print_places(arguments, page)


def _options(kind: type[OptionsT], arguments: argparse.Namespace) -> OptionsT:
    """Options as a command takes them; those that were not typed keep their default."""
    from dataclasses import fields

    typed = {item.name: getattr(arguments, item.name) for item in fields(kind)}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in typed.items() if value}
    return kind(**given)


def _typed(arguments: argparse.Namespace) -> str:
    """The command line as it would be typed again."""
    return shlex.join(["comity", *arguments.typed])


def _print_places(arguments: argparse.Namespace, *places: Path) -> None:
    """Prints where results are when nothing else is printed: scripts read it."""
    if arguments.quiet:
        print(*places, sep="\n")


def _quoted(path: str) -> str:
    """A path as the grammar of overrides takes it."""
    quoted = path.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"


def _split(arguments: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Scenarios, and overrides with those that options stand for."""
    from sim.experiments.overrides import is_override

    names = [word for word in arguments.words if not is_override(word)]
    overrides = [word for word in arguments.words if word not in names]
    for option, key in (("replicates", "replicates"), ("workers", "workers"), ("seed", "first_seed")):
        if (written := getattr(arguments, option)) is not None:
            overrides.append(f"execution.{key}={written}")
    if arguments.results is not None:
        overrides.append(f"execution.results={_quoted(arguments.results)}")
    if arguments.events:
        overrides.append("execution.events=true")
    return names, overrides


def _console(arguments: argparse.Namespace) -> Console:
    """Where progress and results are printed: standard error, so that standard output stays free for pipes.

    The text holds paths, names and words of the user: nothing in it is markup.
    """
    from rich.console import Console

    return Console(stderr=True, quiet=arguments.quiet, markup=False, emoji=False)


def scenarios(arguments: argparse.Namespace) -> None:
    """`comity scenarios`."""
    from sim.policy.listing import print_scenarios

    print_scenarios(arguments.word)


def levers(arguments: argparse.Namespace) -> None:
    """`comity levers`."""
    from sim.policy.listing import print_levers

    print_levers(arguments.word)


def check(arguments: argparse.Namespace) -> None:
    """`comity check`: what a scenario asks for that can change nothing."""
    from sim.api import asked
    from sim.experiments.overrides import is_override

    words = [word for word in arguments.words if is_override(word)]
    names = [word for word in arguments.words if word not in words]
    found = asked.check(names, words)
    print(*found or [f"{names[0]}: nothing found against law, data and world."], sep="\n")


def explain(arguments: argparse.Namespace) -> None:
    """`comity explain`: the life of a case, a request or a group, or a list of cases."""
    from pathlib import Path

    from sim.report.explain.command import explain as explain_run

    ids = {kind: getattr(arguments, kind) for kind in ("case", "request", "group")}
    explain_run(
        Path(arguments.run),
        {kind: written for kind, written in ids.items() if written is not None},
        scenario=arguments.scenario,
        seed=arguments.seed,
        full=arguments.full,
        markdown=Path(arguments.markdown) if arguments.markdown else None,
    )


def case(arguments: argparse.Namespace) -> None:
    """`comity case`: an operation on record, or all of them."""
    from pathlib import Path

    from sim.cases.command import SEEDS, SEEDS_OF_ALL, CaseOptions, all_cases, one_case
    from sim.data.load import check_files
    from sim.experiments.config import cores
    from sim.experiments.store import check_writable

    if (arguments.case is None) != arguments.all:
        problem = "a case and --all" if arguments.all else "a case is needed"
        fix = "Write `comity case avalanche`, `comity case emotet`, or `comity case --all`."
        raise mistake(problem, "CASE", arguments.case, fix)
    default = SEEDS_OF_ALL if arguments.all else SEEDS
    workers = _whole(arguments.workers, "--workers", 0, 1024)
    options = CaseOptions(
        seeds=default if arguments.replicates is None else _whole(arguments.replicates, "--replicates", 1, 100_000),
        first_seed=_whole(arguments.seed, "--seed", 0, 2**62),
        workers=workers or cores(),
        results=Path(arguments.results),
        command=_typed(arguments),
        quiet=arguments.quiet,
    )
    check_files()
    check_writable(options.results, "--results")
    console = _console(arguments)
    place = all_cases(options, console) if arguments.all else one_case(arguments.case, options, console)
    _print_places(arguments, place)


def _whole(written: str, key: str, low: int, high: int) -> int:
    """A whole number of the command line within a range."""
    if not (written.isascii() and written.isdigit() and low <= int(written) <= high):
        raise mistake("out of range", key, written, f"Choose a whole number from {low:,} to {high:,}.")
    return int(written)


def dashboard(arguments: argparse.Namespace) -> None:
    """`comity dashboard`: the what-if page."""
    from sim.web.command import dashboard as serve

    serve(arguments.words, arguments.port, arguments.workers, opens=not arguments.no_open)


def law(arguments: argparse.Namespace) -> None:
    """`comity law`."""
    from rich.console import Console

    from sim.api.answers import law as ask
    from sim.law.explain import render

    words = (arguments.requesting, arguments.requested, arguments.data)
    found = ask(*words, offence=arguments.offence, on=arguments.on)
    Console().print(render(found.answer, dict(found.names)))


def cache(arguments: argparse.Namespace) -> None:
    """`comity cache`: what is kept on disk beside results, or clears it."""
    from rich.console import Console
    from rich.table import Table

    from sim.engine.caching import KINDS, allowed, clear, entries, root

    if arguments.clear:
        clear()
    table = Table("kind", "entries", "MB", "at most", "what", box=None)
    for kind in KINDS:
        sizes = [entry.size for entry in entries(kind)]
        table.add_row(
            kind.name, f"{len(sizes):,}", *(f"{size / 1e6:,.1f}" for size in (sum(sizes), allowed(kind))), kind.words
        )
    console = Console(markup=False, emoji=False)
    console.print(f"{root()}, which nobody else may enter", soft_wrap=True)
    console.print(table)
