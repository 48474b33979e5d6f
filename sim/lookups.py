"""Commands that show, draw or ask, and need no study of their own; see `sim/commands.py`."""

from __future__ import annotations

from typing import Any

from sim.api.sweeps import SweepResult
from sim.commands import EPILOG, console, print_places, split
from sim.options import Command, Typed
from sim.policy.problem import mistake

_PLOT_EPILOG = """\
  comity plot results/STUDY                                        headline outcomes along the first axis
  comity plot results/STUDY --x court.staff --y harm --y takedown_rate --by uncertainty.desk.court_wait_days
  comity plot results/STUDY --heat court.staff central_authority.staff --y turnaround_median
  comity plot results/STUDY --x court.staff --against status_quo    differences, paired by seed
  comity plot results/STUDY --scatter takedown_rate without_criminality_per_year
  comity plot results/STUDY --survival --x court.staff              takedown and turnaround curves by level
"""
_ANALYSE_EPILOG = """\
  comity analyse results/STUDY                                      all that its design allows
  comity analyse results/STUDY --sensitivity --y harm
  comity analyse results/STUDY --discover --interest 'takedown_rate<0.3'
  comity analyse results/STUDY --tradeoff --budget '500 million euros' --require 'harm<100'
"""
_DASHBOARD_EPILOG = EPILOG.partition("\n")[0] + "\n  comity dashboard world=tiny\n"


def status(study: str = "results") -> None:
    """Show how far a study is, or list studies.

    Args:
        study (STUDY): folder of a study, or of results, whose studies are listed with the command that resumes each
            (default: results)
    """
    from pathlib import Path

    from rich.console import Console

    from sim.experiments.status import print_folder
    from sim.experiments.study import STUDY
    from sim.results.stored import check_other, check_report

    folder = Path(study)
    if not (folder / STUDY).exists():
        check_other(folder)
    check_report(folder)
    print_folder(folder, Console(markup=False, emoji=False))


def plot(
    study: str,
    *,
    typed: Typed,
    **options: Any,
) -> None:
    """Draw a study.

    Draws a study. Figures are written as SVG and PNG into its folder figures/, with the numbers drawn as CSV.

    Args:
        study (STUDY): folder of the study
    """
    from pathlib import Path

    from sim.report.sweep.plot import PlotOptions
    from sim.report.sweep.plot import plot as draw

    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in options.items()
    }
    print_places(typed.quiet, *draw(Path(study), PlotOptions(**given), typed.command, console(typed.quiet)))


def analyse(
    study: str,
    *,
    quiet: bool = False,
    sensitivity: bool = False,
    discover: bool = False,
    tradeoff: bool = False,
    y: list[str] | None = None,
    interest: str = "",
    budget: str = "",
    require: list[str] | None = None,
    typed: Typed,
) -> None:
    """What matters in a study, and what it buys.

    Which parameters matter, where the bad cases lie, and what a budget buys. Writes analysis.md, tables
    (analysis/) and figures (figures/) into the study's folder.

    Args:
        study (STUDY): folder of the study
        quiet: print nothing but what was written
        sensitivity: influence of every axis, by what the design allows
        discover: where cases of interest lie: PRIM and CART
        tradeoff: Pareto front, regret and satisficing of portfolios
        y (OUTCOME): outcome of --sensitivity (default: headline)
        interest (CONDITION): of --discover: OUTCOME for its worst tenth, or 'OUTCOME<NUMBER'
        budget (MONEY): of --tradeoff, such as '500 million euros'
        require (CONDITION): of --tradeoff: what satisfies; again for another
    """
    from pathlib import Path

    from sim.report.sweep.analyse import AnalysisOptions
    from sim.report.sweep.analyse import analyse as find

    asked = {"sensitivity": sensitivity, "discover": discover, "tradeoff": tradeoff}
    parts = tuple(part for part, wanted in asked.items() if wanted)
    options = AnalysisOptions(parts, tuple(y or ()), interest, budget, tuple(require or ()))
    print_places(quiet, find(Path(study), options, typed.command, console(quiet)))


def validate(*, ensemble: str = "", results: str = "results", quiet: bool = False, typed: Typed) -> None:
    """Show published facts beside the calibrated sets.

    Shows every published fact beside what the calibrated sets say. Runs nothing.

    Args:
        ensemble (FILE): another ensemble (default: the package's own)
        results (DIR): folder for results
        quiet: print nothing but the folder of the report
    """
    from pathlib import Path

    from sim.calibration.command import run_validation

    print_places(quiet, *run_validation(ensemble, Path(results), typed.command, console(quiet)))


def scenarios(word: str = "") -> None:
    """List the scenarios.

    Args:
        word (WORD): a key, of which all is shown, or a word that is looked for (default: all, a line each)
    """
    from sim.policy.listing import print_scenarios

    print_scenarios(word)


def levers(word: str = "") -> None:
    """List what a scenario can change.

    Args:
        word (WORD): a key, of which all is shown, or a word that is looked for (default: all, a line each)
    """
    from sim.policy.listing import print_levers

    print_levers(word)


def check(words: list[str]) -> None:
    """Find what a scenario asks for that can change nothing, before anything is simulated.

    Args:
        words (SCENARIO|KEY=VALUE): the scenario; overrides of the world
    """
    from sim.api import asked
    from sim.policy.listing import understood
    from sim.policy.scenario import load

    names, overrides = split(words)
    found = asked.check(names, overrides) or [f"{names[0]}: nothing found against law, data and world."]
    print(*understood([load(names[0])]), *found, sep="\n")


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
    """Show the life of one case of a run.

    Args:
        run (RUN): results folder of a run made with --events
        case (ID): show this case; without any ID, list cases worth reading
        request (ID): show this request, stage by stage
        group (ID): show this criminal group
        scenario (KEY): of which scenario; default: the first of the run
        seed (N): of which seed; default: the lowest of the run
        full: show every step of a long case
        markdown (FILE): write the same to a Markdown file as well
    """
    from pathlib import Path

    from sim.report.explain.command import explain as explain_run

    ids = {"case": case, "request": request, "group": group}
    given = {kind: written for kind, written in ids.items() if written is not None}
    file = Path(markdown) if markdown else None
    explain_run(Path(run), given, scenario=scenario, seed=seed, full=full, markdown=file)


def case(
    case: str = "",
    *,
    all_: bool = False,
    results: str = "results",
    replicates: str | None = None,
    workers: str = "0",
    seed: str = "1",
    quiet: bool = False,
    typed: Typed,
) -> None:
    """Run an operation on public record.

    Where does what happened fall in what the model expected? A group like the one on record is planted in many
    worlds, and its case is opened on the recorded day under the law of that time, and under other law.

    Args:
        case (CASE): avalanche, emotet, or a file that ends in .yaml
        all_: every operation on record, under the law of its days
        results (DIR): folder for results
        replicates (N): number of seeds (default: 50, with --all 60)
        workers (N): worker processes, 0 for one per core
        seed (N): first seed
        quiet: print nothing but the folder of the results
    """
    from pathlib import Path

    from sim.cases.command import SEEDS, SEEDS_OF_ALL, CaseOptions, all_cases, one_case
    from sim.data.load import check_files
    from sim.experiments.config import cores
    from sim.experiments.store import check_writable

    if bool(case) == all_:
        problem = "a case and --all" if all_ else "a case is needed"
        fix = "Write `comity case avalanche`, `comity case emotet`, or `comity case --all`."
        raise mistake(problem, "CASE", case or None, fix)
    default, many = SEEDS_OF_ALL if all_ else SEEDS, _whole(workers, "--workers", 0, 1024)
    options = CaseOptions(
        seeds=default if replicates is None else _whole(replicates, "--replicates", 1, 100_000),
        first_seed=_whole(seed, "--seed", 0, 2**62),
        workers=many or cores(),
        results=Path(results),
        command=typed.command,
        quiet=quiet,
    )
    check_files()
    check_writable(options.results, "--results")
    screen = console(quiet)
    print_places(quiet, all_cases(options, screen) if all_ else one_case(case, options, screen))


def dashboard(words: list[str], *, port: str = "8765", workers: str = "0", no_open: bool = False) -> None:
    """Open the what-if page in a browser.

    Move a policy and see what it changes, in real paired worlds, while you look. The page is served to this
    machine alone, and nothing leaves it. The scenario files that it saves give the same numbers with
    `comity compare`.

    Args:
        words (KEY=VALUE): overrides
        port (N): 0 for any that is free (default: 8765)
        workers (N): worker processes, 0 for one per core
        no_open: print the address, and open no browser
    """
    from sim.web.command import dashboard as serve

    doors = _whole(port, "--port", 0, 65_535), _whole(workers, "--workers", 0, 1024)
    serve(words, *doors, opens=not no_open)


def cache(*, clear: bool = False) -> None:
    """Show what is kept on disk to save time, beside any results.

    Args:
        clear: remove all that no running process needs
    """
    from rich.console import Console
    from rich.table import Table

    from sim.engine import caching

    if clear:
        caching.clear()
    table = Table("kind", "entries", "MB", "at most", "what", box=None)
    for kind in caching.KINDS:
        sizes = [entry.size for entry in caching.entries(kind)]
        room = (f"{size / 1e6:,.1f}" for size in (sum(sizes), caching.allowed(kind)))
        table.add_row(kind.name, f"{len(sizes):,}", *room, kind.words)
    screen = Console(markup=False, emoji=False)
    screen.print(f"{caching.root()}, which nobody else may enter", soft_wrap=True)
    screen.print(table)


def law(
    requesting: str,
    requested: str,
    data: str,
    *,
    offence: str = "illegal_access",
    on: str | None = None,
    scenario: str | None = None,
) -> None:
    """Ask who may ask whom for what on a day.

    Args:
        requesting (REQUESTING): state that asks, such as DEU, or a group, such as ASEAN: a line for each of it
        requested (REQUESTED): state that is asked, such as USA, or a group
        data (DATA): what is asked for, such as content or subscriber
        offence (NAME): default: illegal_access
        on (DATE): day, as 2026-09-01; default: today
        scenario (KEY): whose changes are law by then, under the first seed (default: none, the law of the data)
    """
    from inspect import unwrap

    from rich.console import Console

    from sim.api.answers import law as ask_in_python
    from sim.api.answers import pairs_of
    from sim.law.explain import plain, render

    ask = unwrap(ask_in_python)  # whose mistakes name what was typed
    pairs = pairs_of(requesting, requested)
    for pair in pairs:
        found = ask(*pair, data, offence=offence, on=on, scenario=scenario)
        if len(pairs) == 1:
            Console().print(render(found.answer, dict(found.names)))
        else:
            channels = [plain(channel.channel.name) for channel in found.answer.open]
            print(f"{' → '.join(pair)}: {', '.join(channels) or 'no channel is open'}")


#: In the order of help.
LOOKS = (
    Command(status),
    Command(plot, _PLOT_EPILOG, ("heat", "scatter", "survival"), SweepResult.plot),
    Command(analyse, _ANALYSE_EPILOG),
    *(Command(function) for function in (validate, scenarios, levers, check, explain, case)),
    Command(dashboard, _DASHBOARD_EPILOG),
    Command(cache),
    Command(law),
)


def _whole(written: str, key: str, low: int, high: int) -> int:
    """A whole number of the command line within a range."""
    if not (written.isascii() and written.isdigit() and low <= int(written) <= high):
        raise mistake("out of range", key, written, f"Choose a whole number from {low:,} to {high:,}.")
    return int(written)
