"""The commands: how their words are read, and how mistakes in them are reported.

Everything heavy is imported inside the command that needs it, so that help and messages come at once. A
mistake of the user is one message on standard error and exit code 2; an interrupt is 130; the rest is a bug.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from sim.law.suggest import nearest
from sim.policy.problem import EXIT_CODES, INPUT_ERROR, INTERRUPTED, InputError, mistake
from sim.report.sweep.arguments import add_analyse, add_plot

_EPILOG = """\
Any value of the configuration can be changed as key=value:
  comity run faster_mlat world.groups=100 execution.replicates=20
  comity compare harmonised_law uncertainty=overloaded_courts
"""


_ABLATE_EPILOG = """\
Any value of the configuration can be changed as key=value:
  comity ablate
  comity ablate faster_mlat --mechanism queues --mechanism hop_chain execution.replicates=50
  comity ablate --all uncertainty=overloaded_courts
"""


_SWEEP_EPILOG = """\
What varies is written as key=values; a key with one value is set for all points. Keys are levers (`comity levers`),
uncertainty.…, world.…, uncertainty or world themselves (files of conf/), and scenario.
  1,1.5,2                       a list
  range(1,2,0.25)               numbers from 1 in steps of 0.25, 2 left out
  interval(1,3)                 for --design lhs, sobol or morris
  tag(log,interval(0.1,10))     the same, even in the logarithm

Designs: factorial (every combination), zipped (the n-th values together), lhs (--samples points), sobol (--samples ×
(axes + 2) points, a power of two), morris (--samples × (axes + 1) points), csv (--points FILE: one column per key, one
row per point). Every point is run under every scenario that is named and under the same seeds, so in the same random
worlds.
  comity sweep central_authority.staff=1,1.5,2 uncertainty.desk.court_wait_days=5,60,150
  comity sweep faster_mlat harmonised_law --vary judgement --design morris --samples 20 --dry-run
  comity sweep scenario=status_quo,faster_mlat world.groups=100,300 --design zipped
  comity sweep status_quo faster_mlat --points points.csv --replicates 20
A lever that the scenario moves takes the value in the scenario's own time and place; any other acts everywhere at once.

The same command again does only what is missing, after Ctrl-C, a kill or a full disk; more --replicates add seeds.
On a cluster: --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT in a job array from 0, or
  comity sweep … --executor dask execution.scheduler=slurm --workers 40
  comity sweep … --executor dask execution.scheduler=tls://host:8786
See docs/sweeps.md for the rest.
"""


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one message, like every other mistake."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raises the problem instead of printing the usage and exiting."""
        raise mistake(message, fix=f"See `{self.prog} --help`.")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        argv: words after `comity`; those of the process when None.

    Returns:
        Exit code: see EXIT_CODES. A bug is an exception, by which Python ends with 1.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except InputError as problem:
        print(f"comity: error: {problem}", file=sys.stderr)
        return INPUT_ERROR
    except ValueError as error:
        from sim.data.load import DataError

        if not isinstance(error, DataError):
            raise
        print(f"comity: error: sim/data/{error}. Install Comity again.", file=sys.stderr)
        return INPUT_ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: end quietly
        return 0
    except OSError as error:
        from sim.experiments.run import DISK_FULL

        if error.errno not in DISK_FULL:
            raise
        print(f"comity: error: {_full(error)}", file=sys.stderr)
        return INPUT_ERROR
    except RuntimeError as error:
        from sim.experiments.run import AllFailedError

        if not (isinstance(error, AllFailedError) and error.by_death):
            raise
        print(f"comity: error: {error}. Please report the command: no setting should end a process.", file=sys.stderr)
        return INPUT_ERROR
    except KeyboardInterrupt as interrupt:
        text = str(interrupt) or "stopped. Give the same command again to resume."
        print(f"\ncomity: {text}", file=sys.stderr)
        return INTERRUPTED


def _full(error: OSError) -> str:
    """What to do when the disk is full."""
    place = f" at {error.filename}" if error.filename else ""
    return (
        f"the results cannot be written{place}: {os.strerror(error.errno or 0).lower()}. Free some space, or name "
        "another folder with execution.results=PATH, and give the same command again: finished replicates are kept."
    )


def _run(words: list[str]) -> int:
    """Reads the words and runs their command."""
    parser = build_parser()
    arguments, left = parser.parse_known_args(words)
    for word in left:
        if word.startswith("-"):
            raise mistake("unknown option", value=word, fix=_nearest_option(word, parser))
        if not hasattr(arguments, "words"):
            fix = _usage(arguments.command, parser)
            raise mistake("one word too many", value=word, fix=fix)
    if hasattr(arguments, "words"):
        arguments.words = [*arguments.words, *left]  # words that came after an option
    if arguments.print_completion is not None or arguments.install_completion is not None:
        from sim.terminal import completion, install_completion

        shell = arguments.print_completion
        print(install_completion(parser, arguments.install_completion) if shell is None else completion(parser, shell))
        return 0
    command = getattr(arguments, "command", None)
    if command is None:
        parser.print_help()
        return 0
    from sim.terminal import log_to_standard_error

    log_to_standard_error(arguments.verbose)
    from sim import commands

    arguments.typed = words
    getattr(commands, command)(arguments)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; shell completion is made from it as well."""
    parser = _Parser(
        prog="comity",
        description="What do harmonised law and faster legal assistance change in cybercrime takedowns?",
        epilog=f"{_EPILOG}\nExit codes:\n" + "".join(f"  {code:<4} {words}\n" for code, words in EXIT_CODES.items()),
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.add_argument(
        "--install-completion",
        nargs="?",
        const="",
        metavar="SHELL",
        help="have the shell complete words: bash, zsh or fish; yours where none is named",
    )
    parser.add_argument("--print-completion", metavar="SHELL", help="print the script for bash, zsh or fish")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)

    def add(command: str, words: str) -> argparse.ArgumentParser:
        """The parser of one command."""
        added = commands.add_parser(command, help=words)
        added.set_defaults(command=command)
        words = "show what is done, line by line, on standard error; twice for details"
        added.add_argument("-v", "--verbose", action="count", default=0, help=words)
        return added

    run = add("run", "simulate one scenario")
    _add_simulation(run, "the scenario; overrides")
    _add_rules(run)
    _add_ensemble(run, "none")
    compare = add("compare", "compare scenarios in paired replicates")
    _add_simulation(compare, "scenarios (default: the six of the question); overrides")
    _add_baseline(compare)
    words = "states or groups whose own side is reported, such as BRA,ASEAN: what they gain, give and pay"
    compare.add_argument("--for", metavar="STATES", default="", dest="places", help=words)
    words = (
        "take each policy apart: run each of its changes alone, and each left out; of a package, each of its policies"
    )
    compare.add_argument("--by-change", action="store_true", help=words)
    words = (
        "add worlds until the 95 %% interval of each policy's effect on OUTCOME reaches no further than WIDTH, in the "
        "outcome's unit: after 30 worlds at least, and after --replicates (here 400 by default) at the latest"
    )
    compare.add_argument("--horizon", metavar="YEARS", type=int, help="years of policy (10 by default; law takes 20)")
    compare.add_argument("--until", metavar="OUTCOME=WIDTH", default="", help=words)
    compare.description = (
        "Compares scenarios in the same random worlds. The answer by the first 20 worlds is shown as soon as they are\n"
        "there, and becomes firmer up to --replicates (100 by default). A report of the first worlds is written where\n"
        "the others take longer than half a minute, and renewed at the end."
    )
    _add_rules(compare)
    _add_league(add("league", "rank every policy of the catalogue in the same worlds"))
    _add_portfolio(add("portfolio", "find which measures buy most together under a budget"))
    _add_ablate(add("ablate", "compare with one mechanism left out at a time"))
    _add_regret(add("regret", "judge a policymaker who reviews"))
    _add_sweep(add("sweep", "run a design of many points, or resume it"))
    words = "folder of a study, or of results, whose studies are listed with the command that resumes each"
    status = add("status", "show how far a study is, or list studies")
    status.add_argument("study", metavar="STUDY", nargs="?", default="results", help=f"{words} (default: results)")
    add_plot(add("plot", "draw a study"))
    add_analyse(add("analyse", "what matters in a study, and what it buys"))
    _add_calibrate(add("calibrate", "find parameter sets that agree with published facts"))
    _add_validate(add("validate", "show published facts beside the calibrated sets"))
    words = "a key, of which all is shown, or a word that is looked for (default: all, a line each)"
    for command, what in (("scenarios", "the scenarios"), ("levers", "what a scenario can change")):
        add(command, f"list {what}").add_argument("word", metavar="WORD", nargs="?", default="", help=words)
    checked = add("check", "find what a scenario asks for that can change nothing, before anything is simulated")
    checked.add_argument("words", nargs="*", metavar="SCENARIO|KEY=VALUE", help="the scenario; overrides of the world")
    _add_explain(add("explain", "show the life of one case of a run"))
    _add_case(add("case", "run an operation on public record"))
    _add_dashboard(add("dashboard", "open the what-if page in a browser"))
    words = "show what is kept on disk to save time, beside any results"
    add("cache", words).add_argument("--clear", action="store_true", help="remove all that no running process needs")
    _add_law(add("law", "ask who may ask whom for what on a day"))
    return parser


def _add_ensemble(parser: argparse.ArgumentParser, usual: str) -> None:
    """Which parameter sets worlds take."""
    words = f"parameter sets that seeds take in turn: package, none, or a file or folder of sets (default: {usual})"
    parser.add_argument("--ensemble", metavar="SETS", default="", help=words)


def _add_baseline(parser: argparse.ArgumentParser) -> None:
    """What policies are compared with, and whether worlds have parameters of their own."""
    words = "baseline that continues under every scenario, such as current_trends (default: status_quo)"
    parser.add_argument("--against", metavar="SCENARIO", default="", help=words)
    words = "one world with every parameter at its default, instead of a plausible parameter set for each seed"
    parser.add_argument("--point", action="store_true", help=f"{words} (--ensemble none)")
    _add_ensemble(parser, "package")


def _add_league(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity league`."""
    parser.description = (
        "Which policy is worth it? Every scenario of the catalogue is run in the same random worlds (50 by default) "
        "and ranked by the takedowns that are to be expected, beside waits, rights and prices. Policies that cannot "
        "be distinguished form a group. The same command again does only what is missing."
    )
    _add_simulation(parser, "further scenarios that take part, such as your own files; overrides")
    _add_baseline(parser)
    _add_rules(parser)


def _add_portfolio(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity portfolio`."""
    parser.description = (
        "Which measures buy most together? Random doses of every measure of the catalogue that has a price are run in "
        "the same worlds, an emulator learns from them, and the best portfolios that the budget pays are run in other "
        "worlds. The same command again does only what is missing."
    )
    words = "what all measures together may cost over the policy years, discounted: '1 billion euros', '300 M€'"
    parser.add_argument("--budget", metavar="AMOUNT", required=True, help=words)
    _add_simulation(parser, "overrides", metavar="KEY=VALUE")


def _add_ablate(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity ablate`."""
    parser.description = (
        "Which conclusions rest on which mechanism? The comparison is made again in the same random worlds with one "
        "mechanism left out at a time, from the first day on."
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--mechanism",
        action="append",
        metavar="NAME",
        help="leave this one out (ablation.mechanisms); again for another (default: the decisive ones)",
    )
    which.add_argument("--all", action="store_true", help="leave each out that has a switch, in turn")
    which.add_argument("--list", action="store_true", help="list the mechanisms and exit")
    words = "scenarios (default: harmonised law, faster assistance, and both); overrides"
    _add_simulation(parser, words, epilog=_ABLATE_EPILOG)
    _add_rules(parser)
    _add_ensemble(parser, "none")


def _add_regret(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity regret`."""
    parser.description = (
        "Does it pay to review and adapt? A scenario with a policymaker is compared with the same measures begun "
        "without reviews, by lot, and by every fixed plan that the budget covers; the best of those is known in "
        "hindsight, chosen on one half of the replicates and measured on the other, so four are the fewest."
    )
    _add_simulation(parser, "a scenario with a `monitor` section (default: monitor_and_update); overrides")


def _add_sweep(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity sweep`."""
    parser.description = (
        "Runs every point of a design under every scenario and seed. The same command again does only what is missing."
    )
    helps = "vary a parameter or theme over its plausible range, or allowed:NAME over all that the model allows"
    parser.add_argument("--vary", action="append", metavar="NAME", help=helps)
    parser.add_argument("--design", metavar="KIND", help="factorial, zipped, lhs, sobol, morris or csv (sweep.design)")
    parser.add_argument("--samples", metavar="N", help="size of a sampled design (sweep.samples)")
    parser.add_argument("--points", metavar="FILE", help="CSV file of points (sweep.points)")
    parser.add_argument("--seeds", metavar="HOW", help="common to all points, or own: one seed per point (sweep.seeds)")
    parser.add_argument("--study", metavar="NAME", help="folder of the study (default: named after its design)")
    parser.add_argument("--executor", metavar="KIND", help="serial, processes or dask (execution.executor)")
    parser.add_argument("--shard", metavar="I/N", help="run only part I of N, from 0: for job arrays")
    parser.add_argument("--dry-run", action="store_true", help="show how many runs there would be, and run none")
    parser.add_argument("--retry-failed", action="store_true", help="run failed runs again")
    parser.add_argument("--allow-other-code", action="store_true", help="resume a study of another version")
    words = "scenarios (default: status_quo); levers or keys with the values that they take; overrides"
    _add_simulation(parser, words, metavar="SCENARIO|KEY=VALUES", epilog=_SWEEP_EPILOG)
    _add_rules(parser)
    _add_ensemble(parser, "none")


def _add_calibrate(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity calibrate`."""
    parser.description = (
        "Finds parameter sets that agree with the published facts of sim/data/targets.yaml, by history matching, and "
        "renews sim/data/ensemble.parquet and the pages calibration.md and validation.md of docs/. It takes some 45 "
        "minutes on two cores; the same command again does only what is missing."
    )
    parser.add_argument("--size", metavar="SIZE", default="full", help="full, or small to try it (default: full)")
    parser.add_argument("--study", metavar="DIR", default="", help="its folder (default: named after the code)")
    words = "all runs of --study are there, perhaps of other code: make only the results again"
    parser.add_argument("--finished", action="store_true", help=words)
    _add_simulation(parser, "overrides; with any of world.… the ensemble stays in its own folder", metavar="KEY=VALUE")


def _add_validate(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity validate`."""
    parser.description = "Shows every published fact beside what the calibrated sets say. Runs nothing."
    parser.add_argument("--ensemble", metavar="FILE", default="", help="another ensemble (default: the package's own)")
    parser.add_argument("-o", "--results", metavar="DIR", default="results", help="folder for results")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but the folder of the report")


def _add_simulation(
    parser: argparse.ArgumentParser,
    words: str,
    metavar: str = "SCENARIO|KEY=VALUE",
    epilog: str = _EPILOG,
) -> None:
    """Words and options of a command that simulates; each option is short for a key of the configuration."""
    parser.epilog = epilog
    parser.add_argument("words", nargs="*", metavar=metavar, help=words)
    parser.add_argument("-o", "--results", metavar="DIR", help="folder for results (execution.results)")
    parser.add_argument("--replicates", metavar="N", help="number of seeds (execution.replicates)")
    parser.add_argument("--workers", metavar="N", help="worker processes, 0 for one per core (execution.workers)")
    parser.add_argument("--seed", metavar="N", help="first seed (execution.first_seed)")
    parser.add_argument("--events", action="store_true", help="keep the event tables (execution.events)")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but the folder of the results")


def _add_rules(parser: argparse.ArgumentParser) -> None:
    """The file of own rules."""
    words = "Python file of rules that replace rules of the model; it is a program: run only what you trust"
    parser.add_argument("--rules", metavar="FILE", default="", help=words)


def _add_explain(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity explain`."""
    parser.add_argument("run", metavar="RUN", help="results folder of a run made with --events")
    parser.add_argument("--case", metavar="ID", help="show this case; without any ID, list cases worth reading")
    parser.add_argument("--request", metavar="ID", help="show this request, stage by stage")
    parser.add_argument("--group", metavar="ID", help="show this criminal group")
    parser.add_argument("--scenario", metavar="KEY", help="of which scenario; default: the first of the run")
    parser.add_argument("--seed", metavar="N", help="of which seed; default: the lowest of the run")
    parser.add_argument("--full", action="store_true", help="show every step of a long case")
    parser.add_argument("--markdown", metavar="FILE", help="write the same to a Markdown file as well")


def _add_case(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity case`."""
    parser.description = (
        "Where does what happened fall in what the model expected? A group like the one on record is planted in many "
        "worlds, and its case is opened on the recorded day under the law of that time, and under other law."
    )
    parser.add_argument("case", metavar="CASE", nargs="?", help="avalanche, emotet, or a file that ends in .yaml")
    parser.add_argument("--all", action="store_true", help="every operation on record, under the law of its days")
    parser.add_argument("-o", "--results", metavar="DIR", default="results", help="folder for results")
    parser.add_argument("--replicates", metavar="N", help="number of seeds (default: 50, with --all 60)")
    parser.add_argument("--workers", metavar="N", default="0", help="worker processes, 0 for one per core")
    parser.add_argument("--seed", metavar="N", default="1", help="first seed")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but the folder of the results")


def _add_dashboard(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity dashboard`."""
    parser.description = (
        "Move a policy and see what it changes, in real paired worlds, while you look. The page is served to this "
        "machine alone, and nothing leaves it. The scenario files that it saves give the same numbers with "
        "`comity compare`."
    )
    parser.epilog = _EPILOG.partition("\n")[0] + "\n  comity dashboard world=tiny\n"
    parser.add_argument("words", nargs="*", metavar="KEY=VALUE", help="overrides")
    parser.add_argument("--port", metavar="N", default="8765", help="0 for any that is free (default: 8765)")
    parser.add_argument("--workers", metavar="N", default="0", help="worker processes, 0 for one per core")
    parser.add_argument("--no-open", action="store_true", help="print the address, and open no browser")


def _add_law(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity law`."""
    parser.add_argument("requesting", metavar="REQUESTING", help="state that asks, such as DEU")
    parser.add_argument("requested", metavar="REQUESTED", help="state that is asked, such as USA")
    parser.add_argument("data", metavar="DATA", help="what is asked for, such as content or subscriber")
    parser.add_argument("--offence", default="illegal_access", metavar="NAME", help="default: illegal_access")
    parser.add_argument("--on", metavar="DATE", help="day, as 2026-09-01; default: today")


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from sim.policy.version import version_in_words

        print(f"comity {version_in_words()}")
        parser.exit()


def _usage(command: str, parser: argparse.ArgumentParser) -> str:
    """The words that a command takes, for somebody who has given it more."""
    choices = next(action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    words = [str(action.metavar) for action in choices[command]._actions if not action.option_strings]
    return f"Write `{' '.join(('comity', command, *words))}`; options begin with -- (`comity {command} --help`)."


def _nearest_option(word: str, parser: argparse.ArgumentParser) -> str:
    """The option that was meant, of any command."""
    options: set[str] = set()
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            options.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                waiting.extend(action.choices.values())
    if word.casefold().endswith((".yaml", ".yml", ".csv")):
        return f"A file whose name begins with - is written ./{word}."
    return nearest(word.partition("=")[0], options, what="one of the options")
