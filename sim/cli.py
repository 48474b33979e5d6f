"""The commands: `comity run`, `compare`, `scenarios`, `levers`, `law`.

Everything heavy is imported inside the command that needs it, so that help and messages come at once. A mistake
of the user is one message on standard error and exit code 2; an interrupt is 130; the rest is a bug and may show.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from sim.policy.problem import InputError, nearest

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from sim.experiments.config import Experiment
    from sim.policy.scenario import Scenario

INPUT_ERROR = 2
INTERRUPTED = 130
#: Scenarios of a comparison that names none, in the order in which they are shown.
DEFAULT_COMPARISON = (
    "status_quo",
    "harmonised_law",
    "faster_mlat",
    "harmonised_and_faster",
    "no_cooperation",
    "frictionless",
)
BASELINE = "status_quo"

_EPILOG = """\
Any value of the configuration can be changed as key=value:
  comity run faster_mlat world.groups=100 execution.replicates=20
  comity compare harmonised_law uncertainty=overloaded_courts
"""


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as one message, like every other mistake."""

    def error(self, message: str) -> NoReturn:
        """Raises the problem instead of printing the usage and exiting."""
        raise InputError(message, where="command line", fix=f"See `{self.prog} --help`.")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        argv: words after `comity`; those of the process when None.

    Returns:
        Exit code: 0 done, 2 a mistake in what the user gave, 130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except InputError as problem:
        print(f"comity: error: {problem}", file=sys.stderr)
        return INPUT_ERROR
    except KeyboardInterrupt:
        print(
            "\ncomity: stopped. Give the same command again to go on from what is finished.", file=sys.stderr
        )
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: end quietly
        return 0


def _run(words: list[str]) -> int:
    """Reads the words and runs their command."""
    parser = build_parser()
    arguments, left = parser.parse_known_args(words)
    for word in left:
        if word.startswith("-") or not hasattr(arguments, "words"):
            raise InputError(
                "unknown option", where="command line", value=word, fix=_nearest_option(word, parser)
            )
    if hasattr(arguments, "words"):
        arguments.words = [*arguments.words, *left]  # words that came after an option
    if arguments.print_completion:
        import shtab

        print(shtab.complete(parser, arguments.print_completion))
        return 0
    command: Callable[[argparse.Namespace], int] | None = getattr(arguments, "command", None)
    if command is None:
        parser.print_help()
        return 0
    arguments.typed = words
    return command(arguments)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; shell completion is made from it as well."""
    parser = _Parser(
        prog="comity",
        description="What do harmonised law and faster legal assistance change in cybercrime takedowns?",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.add_argument(
        "--print-completion",
        choices=("bash", "zsh"),
        metavar="SHELL",
        help="print a completion script: bash or zsh",
    )
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    run = commands.add_parser("run", help="simulate one scenario", allow_abbrev=False)
    run.add_argument("words", nargs="*", metavar="SCENARIO|KEY=VALUE", help="the scenario; overrides")
    run.set_defaults(command=_command_run)
    compare = commands.add_parser(
        "compare", help="compare scenarios in paired replicates", allow_abbrev=False
    )
    compare.add_argument(
        "words",
        nargs="*",
        metavar="SCENARIO|KEY=VALUE",
        help="scenarios (default: the six of the question); overrides",
    )
    compare.set_defaults(command=_command_compare)
    for simulating in (run, compare):
        _add_simulation_options(simulating)
    scenarios = commands.add_parser("scenarios", help="list the scenarios", allow_abbrev=False)
    scenarios.set_defaults(command=_command_scenarios)
    levers = commands.add_parser("levers", help="list what a scenario can change", allow_abbrev=False)
    levers.set_defaults(command=_command_levers)
    _add_law(commands.add_parser("law", help="ask who may ask whom for what on a day", allow_abbrev=False))
    return parser


def _add_simulation_options(parser: argparse.ArgumentParser) -> None:
    """Options of the commands that simulate; each is short for a key of the configuration."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("-o", "--results", metavar="DIR", help="folder for results (execution.results)")
    parser.add_argument("--replicates", metavar="N", help="number of seeds (execution.replicates)")
    parser.add_argument(
        "--workers", metavar="N", help="worker processes, 0 for one a core (execution.workers)"
    )
    parser.add_argument("--seed", metavar="N", help="first seed (execution.first_seed)")
    parser.add_argument("--events", action="store_true", help="keep the event tables (execution.events)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def _add_law(parser: argparse.ArgumentParser) -> None:
    """Arguments of `comity law`."""
    parser.add_argument("requesting", metavar="REQUESTING", help="state that asks, such as DEU")
    parser.add_argument("requested", metavar="REQUESTED", help="state that is asked, such as USA")
    parser.add_argument("data", metavar="DATA", help="what is asked for, such as content or subscriber")
    parser.add_argument("--offence", default="illegal_access", metavar="NAME", help="default: illegal_access")
    parser.add_argument("--on", default="", metavar="DATE", help="day, as 2026-09-01; default: today")
    parser.set_defaults(command=_command_law)


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"comity {version('comity')}")
        parser.exit()


def _command_run(arguments: argparse.Namespace) -> int:
    """`comity run`."""
    names, overrides = _split(arguments)
    if len(names) != 1:
        raise InputError(
            "one scenario is needed" if not names else "more than one scenario",
            where="command line",
            key="SCENARIO",
            value=" ".join(names) or None,
            fix="List them with `comity scenarios`, or use `comity compare` for several.",
        )
    from sim.policy.scenario import load

    experiment = _experiment("run", (load(names[0]),), overrides, arguments)
    from sim.report.commands import run_scenario

    run_scenario(experiment, _console(arguments))
    return 0


def _command_compare(arguments: argparse.Namespace) -> int:
    """`comity compare`: scenarios against the status quo, which is added where it is not named."""
    names, overrides = _split(arguments)
    names = names or list(DEFAULT_COMPARISON)
    from sim.policy.scenario import load

    scenarios = [load(name) for name in (names if BASELINE in names else [BASELINE, *names])]
    for number, scenario in enumerate(scenarios):
        if scenario.key in {other.key for other in scenarios[:number]}:
            raise InputError(
                "two scenarios of this name",
                where="command line",
                key="SCENARIO",
                value=scenario.key,
                fix="Name each once, or rename your file.",
            )
    if len(scenarios) == 1:
        raise InputError(
            "nothing to compare with",
            where="command line",
            key="SCENARIO",
            value=BASELINE,
            fix=f"Name another scenario, or none for {', '.join(DEFAULT_COMPARISON)}.",
        )
    experiment = _experiment("compare", tuple(scenarios), overrides, arguments)
    from sim.report.commands import run_comparison

    run_comparison(experiment, _console(arguments))
    return 0


def _split(arguments: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Words without `=` are scenarios; the others, and options, are overrides."""
    names = [word for word in arguments.words if "=" not in word and not word.startswith(("+", "~"))]
    overrides = [word for word in arguments.words if word not in names]
    for option, key in (("replicates", "replicates"), ("workers", "workers"), ("seed", "first_seed")):
        if getattr(arguments, option) is not None:
            overrides.append(f"execution.{key}={getattr(arguments, option)}")
    if arguments.results is not None:
        quoted = arguments.results.replace("\\", "\\\\").replace("'", "\\'")
        overrides.append(f"execution.results='{quoted}'")
    if arguments.events:
        overrides.append("execution.events=true")
    return names, overrides


def _experiment(
    primary: str,
    scenarios: tuple[Scenario, ...],
    overrides: list[str],
    arguments: argparse.Namespace,
) -> Experiment:
    """Everything checked, before any work starts: configuration, scenarios on their days, results folder."""
    from datetime import date

    from sim.experiments.config import compose_experiment
    from sim.law.order import LegalOrder

    command = shlex.join(["comity", *arguments.typed])
    experiment = compose_experiment(primary, scenarios, overrides, command, quiet=arguments.quiet)
    law = LegalOrder.load()
    days = date.fromisoformat(experiment.world.policy_start), date.fromisoformat(experiment.world.end)
    for scenario in scenarios:
        scenario.timeline(law, *days)
    _check_results(experiment)
    return experiment


def _check_results(experiment: Experiment) -> None:
    """The results folder must be writable before any work is done."""
    from sim.experiments.store import check_writable

    try:
        check_writable(experiment.results)
    except InputError as problem:
        raise InputError(
            problem.problem,
            where="command line",
            key="execution.results",
            value=experiment.results,
            fix="Name another folder with -o DIR, or change its permissions.",
        ) from None


def _console(arguments: argparse.Namespace) -> Console:
    """Where progress and results are told: standard error, so that standard output stays free for pipes."""
    from rich.console import Console

    return Console(stderr=True, quiet=arguments.quiet)


def _command_scenarios(_arguments: argparse.Namespace) -> int:
    """`comity scenarios`."""
    from sim.policy.listing import print_scenarios

    print_scenarios()
    return 0


def _command_levers(_arguments: argparse.Namespace) -> int:
    """`comity levers`."""
    from sim.policy.listing import print_levers

    print_levers()
    return 0


def _command_law(arguments: argparse.Namespace) -> int:
    """`comity law`."""
    from datetime import date

    from sim.law.explain import answer, print_answer
    from sim.law.order import LegalOrder
    from sim.law.vocabulary import DataKind, Offence

    order = LegalOrder.load()
    states = [
        _state(getattr(arguments, side), side.upper(), order.states) for side in ("requesting", "requested")
    ]
    if states[0] == states[1]:
        raise InputError(
            "a state cannot ask itself",
            where="command line",
            key="REQUESTED",
            value=states[1],
            fix="Name two different states.",
        )
    kind = DataKind[_word(arguments.data, "DATA", tuple(DataKind.__members__))]
    offence = Offence[_word(arguments.offence, "--offence", tuple(Offence.__members__))]
    on = _day(arguments.on) if arguments.on else date.today()
    print_answer(answer(order, states[0], states[1], kind, on, offence), dict(order.names))
    return 0


def _state(written: str, key: str, states: tuple[str, ...]) -> str:
    """A state by its code or its English name."""
    from sim.policy.places import load_atlas

    if written.upper() in states:
        return written.upper()
    atlas = load_atlas()
    group = atlas.groups.get(written.casefold())
    if group is not None and len(group.states) == 1:
        return group.states[0]
    known = [*states, *(entry.title for entry in atlas.groups.values() if len(entry.states) == 1)]
    raise InputError(
        "unknown state", where="command line", key=key, value=written, fix=nearest(written, known)
    )


def _word(written: str, key: str, known: tuple[str, ...]) -> str:
    """A word of the law's vocabulary, in any case, with spaces, hyphens or underscores."""
    word = written.upper().replace("-", "_").replace(" ", "_")
    if word not in known:
        words = [name.lower() for name in known]
        raise InputError(
            "unknown", where="command line", key=key, value=written, fix=nearest(written.lower(), words)
        )
    return word


def _day(written: str) -> date:
    """The day of a legal question."""
    from datetime import date

    try:
        return date.fromisoformat(written)
    except ValueError:
        raise InputError(
            "not a day of the calendar",
            where="command line",
            key="--on",
            value=written,
            fix="Write it as 2026-09-01.",
        ) from None


def _nearest_option(word: str, parser: argparse.ArgumentParser) -> str:
    """The option that was meant, of any command."""
    options: set[str] = set()
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            options.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                waiting.extend(action.choices.values())
    return nearest(word.partition("=")[0], options, what="one of the options")
