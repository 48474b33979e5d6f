"""All commands; each takes its arguments from the signature of a Python function here or in `sim.api`.

`sim/cli.py` makes the command line of both; words of the options below stand in `sim/help.toml`. Heavy modules are
imported inside the command that needs them. Values of the configuration stay texts until it is composed, which checks
them.
"""

from __future__ import annotations

from inspect import unwrap
from pathlib import Path
from typing import Any

from sim.api import answers, calibrations, studies
from sim.api.entry_point import Request
from sim.policy.problem import extra_install, mistake


def ablate(request: Request, *, all_: bool = False, list_: bool = False, **options: Any) -> Any:
    """Compare results with one mechanism of the model left out at a time."""
    from sim.experiments.settings import mechanisms

    if list_:
        from sim.report.questions import print_mechanisms

        return print_mechanisms()
    every = {"mechanisms": [entry.key for entry in mechanisms()]} if all_ else {}
    return unwrap(studies.ablate)(request, **options, **every)


def sweep(
    request: Request,
    *,
    shard: str = "",
    dry_run: bool = False,
    retry_failed: bool = False,
    allow_other_code: bool = False,
    **options: Any,
) -> Path | None:
    """Run a study of many design points, or resume one."""
    from sim.experiments.conduct import Options
    from sim.experiments.sweep import read_shard, show
    from sim.experiments.sweep import sweep as conduct

    how = Options(read_shard(shard) if shard else (0, 1), retry_failed, allow_other_code)
    prepared, study = studies.prepared_sweep(request, options.get("vary", ())), options.get("study", "")
    if dry_run:
        show(prepared, study, request.console)
        return None
    return conduct(prepared, study, how, request.console)[0].folder


def calibrate(request: Request, *words: str, **options: Any) -> Any:
    """Find parameter sets that agree with published facts.

    Finds parameter sets that agree with the published facts of sim/data/targets.yaml, by history matching, and
    renews sim/data/ensemble.parquet and the pages calibration.md and validation.md of docs/. It takes some 45
    minutes on two cores; the same command again does only what is missing.
    """
    return list(unwrap(calibrations.calibrate)(request, **options).files)


def status(study: str = "results") -> None:
    """Show the progress of a study, or list all studies."""
    from rich.console import Console

    from sim.experiments.control import print_folder
    from sim.experiments.study import STUDY
    from sim.results.stored import check_other, check_report

    folder = Path(study)
    if not (folder / STUDY).exists():
        check_other(folder)
    check_report(folder)
    print_folder(folder, Console(markup=False, emoji=False))


def verify(folder: str) -> None:
    """Check that the files in a folder of results are unchanged.

    Names each file that was changed, that is missing, or that is none of the study's, a line each, and exits with 2;
    else prints the digest of its tables, which its report shows, too. `sha256sum -c SHA256SUMS` does almost the same.
    """
    from sim.experiments import seal
    from sim.policy.problem import InputError, printable

    place = Path(folder)
    known = seal.sums_of_finished(place)
    changes = seal.differences(place)
    for name, problem in changes.items():
        print(printable(f"{name}: {problem}"))
    if changes:
        fix = "Restore them, or give the command of the study again."
        raise InputError(f"{len(changes)} of its files are not as they were written", where=folder, fix=fix)
    print(
        printable(
            f"{folder}: {len(known):,} files are as they were written. Digest: {seal.digest(known)[: seal.SHORT]}"
        )
    )


def plot(request: Request, study: str, **options: Any) -> list[Path]:
    """Draw the figures of a study.

    Draws a study. Figures are written as SVG and PNG into its folder figures/, with the numbers drawn as CSV.
    """
    from sim.report.sweep.plot import PlotOptions
    from sim.report.sweep.plot import plot as draw

    given: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    return draw(Path(study), PlotOptions(**given), request.command, request.console)


def analyse(
    request: Request,
    study: str,
    *,
    sensitivity: bool = False,
    discover: bool = False,
    tradeoff: bool = False,
    y: list[str] | None = None,
    interest: str = "",
    budget: str = "",
    require: list[str] | None = None,
) -> Path:
    """Show what drives the results of a study, and which portfolios gain most.

    Which parameters matter, where the bad cases lie, and what a budget buys. Writes analysis.md, tables
    (analysis/) and figures (figures/) into the study's folder.
    """
    from sim.report.sweep.analyse import AnalysisOptions
    from sim.report.sweep.analyse import analyse as find

    wanted = {"sensitivity": sensitivity, "discover": discover, "tradeoff": tradeoff}
    parts = tuple(part for part, is_wanted in wanted.items() if is_wanted)
    options = AnalysisOptions(parts, tuple(y or ()), interest, budget, tuple(require or ()))
    return find(Path(study), options, request.command, request.console)


def validate(request: Request, *, ensemble: str = "", results: str = "results") -> list[Path]:
    """Compare published facts with the outcomes of the calibrated parameter sets.

    Shows every published fact next to what the calibrated sets give. Runs nothing.
    """
    from sim.calibration.command import run_validation

    return run_validation(ensemble, Path(results), request.command, request.console)


#: Rows of `comity evidence` for each answer.
_MOST_FIGURES = 3


def evidence(study: str = "results/reference", *, ensemble: str = "package", results: str = "") -> list[Path]:
    """Show which figure, if it were published, would narrow which answer most.

    For each policy and headline outcome: the facts whose knowledge would take most from the variance of its effect
    between parameter sets, by regression over a stored comparison. Runs nothing. Figures of your own weigh the sets by
    `--facts`.
    """
    from sim.api.entry_point import console
    from sim.api.simulating import ensemble_named
    from sim.calibration.worth import print_worth, table
    from sim.data.spreadsheet import as_csv
    from sim.experiments.store import check_writable

    figures = table(ensemble_named(ensemble), Path(study))
    print_worth(figures, _MOST_FIGURES, console())
    if not results:
        return []
    check_writable(Path(results), "--results")
    place = Path(results) / "evidence.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(as_csv(figures), encoding="utf-8", newline="")
    return [place]


def forms(folder: str) -> list[Path]:
    """Write empty forms for experts to judge the open choices.

    One form for each open choice, and seed questions, into a folder for one expert. `comity calibrate --judgement`
    draws parameters by the filled forms of all experts.
    """
    from sim.calibration.judgement import write_forms
    from sim.experiments.store import check_writable

    check_writable(Path(folder), "FOLDER")
    paths = write_forms(Path(folder))
    print(f"{len(paths)} forms in {folder}")
    return paths


def scenarios(word: str = "", *, files: bool = False) -> None:
    """List the scenarios."""
    from sim.policy.listing import print_files, print_scenarios

    (print_files if files else print_scenarios)(word)


def levers(word: str = "") -> None:
    """List the levers that a scenario can change."""
    from sim.policy.listing import print_levers

    print_levers(word)


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Separates scenarios from configuration overrides in the words of a command."""
    from sim.experiments.config import is_override

    names = [word for word in words if not is_override(word)]
    return names, [word for word in words if word not in names]


def check(words: list[str]) -> None:
    """List the lines of a scenario that have no effect, without simulating anything."""
    from sim.api.simulating import inert

    print(*inert(*split(words)), sep="\n")


def explain(
    run: str,
    *,
    case: str | None = None,
    request: str | None = None,
    group: str | None = None,
    scenario: str | None = None,
    seed: str | None = None,
    full: bool = False,
    markdown: str = "",
) -> None:
    """Show the history of one case in a run."""
    from sim.report.explain.command import explain as explain_run

    ids = {"case": case, "request": request, "group": group}
    given = {kind: written for kind, written in ids.items() if written is not None}
    file = Path(markdown) if markdown else None
    explain_run(Path(run), given, scenario=scenario, seed=seed, full=full, markdown=file)


def dashboard(
    words: list[str], *, port: int = 8765, workers: int = 0, no_open: bool = False, no_token: bool = False
) -> None:
    """Open the what-if page in a browser.

    Move a policy and see what it changes, in real paired worlds, while you look. The page is served to this
    machine alone, to those who have its address with the token, and nothing leaves it. The scenario files that
    it saves give the same numbers with `comity compare`.
    """
    from sim.experiments.settings import check_ranges

    check_ranges(("--port", port, 0, 65_535), ("--workers", workers, 0, 1024))
    try:
        from sim.web.app import dashboard as serve
    except ModuleNotFoundError:
        raise mistake("the page needs packages that are not installed", "dashboard", fix=extra_install("web")) from None
    serve(words, port, workers, opens=not no_open, token=not no_token)


def cache(*, clear: bool = False) -> None:
    """Show the caches on disk, which save time in later runs."""
    from rich.console import Console
    from rich.table import Table

    from sim.engine import caching
    from sim.experiments.worker import check_cache_size

    check_cache_size()
    place, left = caching.own(), caching.clear() if clear else []
    if fault := caching.fault():  # runs leave this folder for a temporary one
        left.append(fault)
    table, total = Table("kind", "entries", "MB", "at most", "what", box=None), 0
    for kind in caching.KINDS:
        sizes = [entry.size for entry in caching.entries(kind, place)]
        total += sum(sizes)
        most = "" if fault else f"{caching.allowed(kind, place) / 1e6:,.1f}"
        table.add_row(kind.name, f"{len(sizes):,}", f"{sum(sizes) / 1e6:,.1f}", most, kind.words)
    table.add_row("all", "", f"{total / 1e6:,.1f}", f"{caching.limit() / 1e6:,.1f}", f"{caching.SIZE} changes it")
    screen = Console(markup=False, emoji=False)
    screen.print(f"{place}{'' if fault else ', which nobody else may enter'}", soft_wrap=True)
    screen.print(table)
    if left:
        problem, first = "could not be removed" if clear else "cannot be used", left[0]
        others = f", and {len(left) - 1} more" if len(left) > 1 else ""
        raise mistake(f"{problem}: {first.why}{others}", str(first.path), fix=first.fix)


def law(requesting: str, requested: str, data: str, **options: Any) -> None:
    """Show if and how one state may request a kind of data from another on a day.

    REQUESTING or REQUESTED may be a group, such as ASEAN, too: a line for each state of it.
    """
    from rich.console import Console

    from sim.law.explain import plain

    pairs = answers.pairs_of(requesting, requested)
    for pair in pairs:
        answer = unwrap(answers.law)(*pair, data, **options)  # whose mistakes name what was typed
        if len(pairs) == 1:
            Console().print(answer)
        else:
            channels = [plain(channel.channel.name) for channel in answer.answer.open]
            print(f"{' → '.join(pair)}: {', '.join(channels) or 'no channel is open'}")
