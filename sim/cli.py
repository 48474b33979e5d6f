"""The command line, generated from the Python functions behind its commands.

Each option is in one signature alone: a parameter by position is a word, one by keyword an option of the same name;
`Args:` holds its help, with the word for its value in brackets (`sim.api.entry_point.declared`). A command also takes
words and options from the function of Python that does the same: those with such a word.

Everything heavy is imported inside the command that needs it, so that help and messages come at once. A
mistake of the user is one message on standard error and exit code 2; an interrupt is 130; the rest is a bug.
"""

from __future__ import annotations

import argparse
import errno
import inspect
import logging
import os
import shlex
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from sim import commands
from sim.api import answers, calibrations, studies
from sim.api.entry_point import AGAIN, HELP, Declared, Request, console, declared, docstring, overrides
from sim.api.results import SweepResult
from sim.law.suggest import UnknownNameError, nearest
from sim.policy.problem import EXIT_CODES, INPUT_ERROR, INTERRUPTED, InputError, mistake

#: A first parameter of this name is no option: it takes what was asked for.
_REQUEST = "request"
#: How shells complete the folder of a study; shtab reads it off the argument.
_COMPLETION = {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"}
EXAMPLES = HELP["examples"]


class Command(NamedTuple):
    """A command of the command line, with its Python function."""

    # what it does; gives the places of results, if any, which are printed where nothing else is
    function: Callable[..., Any]
    epilog: str = ""  # the text below its options
    apart: tuple[str, ...] = ()  # options of which only one can be given
    # function of Python that does the same: what it declares for the command line, too, the command's own function gets
    # where it was typed; help takes its text from there, where there is none here
    like: Callable[..., Any] | None = None

    @property
    def name(self) -> str:
        """Name of the command as users type it."""
        return self.function.__name__

    @property
    def said(self) -> tuple[str, str]:
        """Returns the first line of the command's help, and its full help."""
        texts = [docstring(owner) for owner in (self.function, self.like) if owner]
        heads = [text.partition("Args:\n")[0].partition("\n\n") for text in texts]
        line, more = (next((head[part].strip() for head in heads if head[part].strip()), "") for part in (0, 2))
        return line[:1].lower() + line[1:].rstrip("."), more

    def parameters(self) -> list[Declared]:
        """Visible parameters of the command: words, options, then keywords of the Python function."""
        parameters: dict[str, Declared] = {}
        for owner in filter(None, (self.function, self.like)):
            for entry in declared(owner):
                if entry.is_word and "KEY=VALUE" in entry.metavar:
                    entry = entry._replace(name="words", kind="list[str]")
                elif owner is not inspect.unwrap(self.function) and not entry.is_word and entry.default is not ...:
                    entry = entry._replace(default=None)
                parameters.setdefault(entry.name, entry)
        return list(parameters.values())

    def call(self, arguments: argparse.Namespace, typed: Sequence[str]) -> None:
        """Calls the command's function with the parsed arguments."""
        read = vars(arguments)
        there = [entry for entry in self.parameters() if not (read[entry.name] is None or read[entry.name] is False)]
        given = {entry.name: read[entry.name] for entry in there if not entry.key}
        if self.takes_request:
            names, words = commands.split(given.pop("words", []))
            words += overrides({entry.key: read[entry.name] for entry in there if entry.key})
            what = self.name, names, words, shlex.join(["comity", *typed]), console(quiet=read["quiet"])
            given[_REQUEST] = Request(
                *what, **{name: given[name] for name in ("rules", "ensemble", "facts") if name in given}
            )
        outcome = inspect.unwrap(self.function)(**given)
        places = getattr(outcome, "folder", outcome)
        if places and read.get("quiet"):
            print(*(places if isinstance(places, list) else [places]), sep="\n")  # scripts read it

    @property
    def takes_request(self) -> bool:
        """True if the command's function takes a `Request`."""
        return next(iter(inspect.signature(inspect.unwrap(self.function)).parameters), "") == _REQUEST


#: In the order of help.
COMMANDS = (
    *(Command(made, EXAMPLES["any"]) for made in (studies.run, studies.compare, studies.league, studies.portfolio)),
    Command(commands.ablate, EXAMPLES["ablate"], ("mechanisms", "all_", "list_"), studies.ablate),
    Command(studies.regret, EXAMPLES["any"]),
    Command(commands.sweep, EXAMPLES["sweep"], like=studies.sweep),
    Command(commands.calibrate, EXAMPLES["any"], like=calibrations.calibrate),
    Command(commands.status),
    Command(commands.verify),
    Command(commands.plot, EXAMPLES["plot"], ("heat", "scatter", "survival"), SweepResult.plot),
    Command(commands.analyse, EXAMPLES["analyse"]),
    Command(commands.validate),
    Command(commands.evidence),
    Command(commands.forms),
    *(Command(made) for made in (commands.scenarios, commands.levers, commands.check, commands.explain)),
    Command(calibrations.case),
    Command(commands.dashboard, EXAMPLES["dashboard"]),
    Command(commands.cache),
    Command(commands.law, like=answers.law),
)


#: Errors of a disk, besides that it is full.
_DISK_FAILS = (errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line and returns the exit code (see EXIT_CODES)."""
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: end quietly
        return 0
    except (ValueError, OSError, RuntimeError) as error:
        if not (message := str(error) if isinstance(error, InputError) else _no_bug(error)):
            raise
        print(f"comity: error: {message}", file=sys.stderr)
        return INPUT_ERROR
    except KeyboardInterrupt as interrupt:
        text = str(interrupt) or "stopped. Give the same command again to resume."
        print(f"\ncomity: {text}", file=sys.stderr)
        return INTERRUPTED


def _no_bug(error: Exception) -> str:
    """Message for an error that is not Comity's fault, such as a full disk; empty for any other error."""
    from sim.data.load import DataError

    if isinstance(error, DataError):
        place, end = "" if str(error).startswith("sim/") else "sim/data/", "" if str(error).endswith("?") else "."
        return f"{place}{error}{end} Take back what was changed in it, or install Comity again."
    if isinstance(error, UnknownNameError):
        return str(error)
    from sim.experiments.run import DISK_FULL, AllFailedError  # imports what no damaged file of data lets in

    if isinstance(error, AllFailedError) and error.slip:
        return error.slip
    if isinstance(error, AllFailedError) and error.by_death:
        return f"{error}. Please report the command: no setting should end a process."
    if isinstance(error, OSError) and error.errno in (*DISK_FULL, *_DISK_FAILS):
        place, why = f" at {error.filename}" if error.filename else "", os.strerror(error.errno or 0).lower()
        first = "Free some space" if error.errno in DISK_FULL else "Check the disk and the permissions there"
        fix = f"{first}, or name another folder with execution.results=PATH, and give the same command again"
        return f"the results cannot be written{place}: {why}. {fix}: finished replicates are kept."
    return ""


def _run(words: list[str]) -> int:
    """Parses the words of a command line and runs the command."""
    parser = build_parser(words)
    arguments, left = parser.parse_known_args(words)
    for word in left:
        if word.startswith("-"):
            raise mistake("unknown option", value=word, fix=nearest_option(word))
        if not hasattr(arguments, "words"):
            command = arguments.command
            shown = ("comity", command.name, *(entry.metavar for entry in command.parameters() if entry.is_word))
            fix = f"Write `{' '.join(shown)}`; options begin with -- (`comity {command.name} --help`)."
            raise mistake("one word too many", value=word, fix=fix)
    if hasattr(arguments, "words"):
        arguments.words = [*arguments.words, *left]  # words that came after an option
    if arguments.version:
        from sim.policy.version import version_in_words

        print(f"comity {version_in_words()}")
    elif arguments.print_completion is not None:
        print(_completion(arguments.print_completion))
    elif arguments.install_completion is not None:
        print(_install_completion(arguments.install_completion or Path(os.environ.get("SHELL", "")).name))
    elif command := getattr(arguments, "command", None):
        _log_to_standard_error(arguments.verbose)
        from sim.data.own import PLACE

        if parts := arguments.parts or [place for place in os.environ.get(PLACE, "").split(os.pathsep) if place]:
            from sim.api.scenario import use_all

            use_all(parts, "--parts")
        command.call(arguments, words)
    else:
        parser.print_help()
    return 0


class _ToStandardError(logging.Handler):
    """Log handler that prints to standard error, below any progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints one log message."""
        print(f"{time.strftime('%H:%M:%S')} {record.getMessage()}", file=sys.stderr)


def _log_to_standard_error(level: int) -> None:
    """Sends the log to standard error; `level` selects nothing, steps or details."""
    logger = logging.getLogger("sim")
    logger.handlers[:] = [_ToStandardError()] if level else []
    logger.setLevel((logging.WARNING, logging.INFO, logging.DEBUG)[min(level, 2)])
    logger.propagate = False  # what others do with their own lines is no matter of this command


#: Where shells look for the completion of a command: the variable that names the folder of the user's files of this
#: kind, that folder below home where it is not set, the file below it, and what is left to do.
_SHELLS = {
    "bash": ("XDG_DATA_HOME", ".local/share", "bash-completion/completions/comity", "Open a new bash to use it."),
    "zsh": (
        *("XDG_DATA_HOME", ".local/share", "zsh/site-functions/_comity"),
        "Add to ~/.zshrc: fpath+=({folder}); autoload -U compinit; compinit",
    ),
    "fish": ("XDG_CONFIG_HOME", ".config", "fish/completions/comity.fish", "Open a new fish to use it."),
}


def _completion(shell: str) -> str:
    """Text of the shell script for completion of commands and options."""
    import shtab

    if shell not in _SHELLS or shell not in shtab.SUPPORTED_SHELLS:
        raise mistake("no completion for this shell", "SHELL", shell, f"Choose one of {', '.join(_SHELLS)}.")
    return str(shtab.complete(build_parser(), shell))


def _install_completion(shell: str) -> str:
    """Installs the shell's completion script; returns a text with the next steps."""
    text = _completion(shell)
    variable, usual, name, rest = _SHELLS[shell]
    file = Path(os.environ.get(variable) or Path.home() / usual) / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fix = f"Write it yourself: comity --print-completion {shell}"
        raise mistake(f"cannot be written ({error.strerror})", "--install-completion", file, fix) from None
    return f"Written: {file}\n{rest.format(folder=file.parent)}"


def _reading(entry: Declared) -> dict[str, Any]:
    """Keyword arguments of argparse for a parameter of a command."""
    kind, metavars = entry.kind.removesuffix(" | None"), tuple(entry.metavar.removesuffix(AGAIN).split())
    how: dict[str, Any] = {"help": entry.words.replace("%", "%%")} | ({} if entry.is_word else {"dest": entry.name})
    if kind == "bool":
        return how | {"action": "store_true"}
    how["metavar"] = metavars[0] if len(metavars) == 1 else metavars
    if kind == "list[str]" or entry.metavar.endswith(AGAIN):
        return how | ({"nargs": "*"} if entry.is_word else {"action": "append"})
    if entry.is_word:
        return how if entry.default is ... else how | {"nargs": "?", "default": entry.default}
    how |= {"required": True} if entry.default is ... else {"default": entry.default}
    how |= {"nargs": len(metavars)} if len(metavars) > 1 else {}
    return how | ({"type": int} if kind == "int" and not entry.key else {})


class _Parser(argparse.ArgumentParser):
    """Argument parser that reports a mistake in one message."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raises an InputError, where argparse would print the usage and exit."""
        raise mistake(message, fix=f"See `{self.prog} --help`.")


def build_parser(typed: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Makes the parser for all commands.

    It has only the options of the command that was typed, since it begins sooner.
    """
    codes = "".join(f"  {code:<4} {words}\n" for code, words in EXIT_CODES.items())
    parser = _Parser(
        prog="comity",
        description="What do harmonised law and faster legal assistance change in cybercrime takedowns?",
        epilog=f"{EXAMPLES['any']}\nExit codes:\n{codes}",
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    words = "have the shell complete words: bash, zsh or fish; yours where none is named"
    parser.add_argument("--install-completion", nargs="?", const="", metavar="SHELL", help=words)
    parser.add_argument("--print-completion", metavar="SHELL", help="print the script for bash, zsh or fish")
    added = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    for command in COMMANDS:
        _add(added, command, whole=typed is None or command.name in typed)
    return parser


def _add(parsers: Any, command: Command, *, whole: bool) -> None:
    """Adds a command to the parser, with all its parameters or with its help line only."""
    line, more = command.said
    shown = "\n\n".join(textwrap.fill(part, 79) for part in more.split("\n\n"))
    parser = parsers.add_parser(command.name, help=line, description=shown or None, epilog=command.epilog or None)
    parser.set_defaults(command=command)
    words = "show what is done, line by line, on standard error; twice for details"
    parser.add_argument("-v", "--verbose", action="count", default=0, help=words)
    words = "folder of parts of your own, or a file of rules; again for another; programs: use what you trust"
    parser.add_argument("--parts", metavar="FOLDER", default=[], action="append", help=words)
    if command.takes_request:
        parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but where results are")
    one = parser.add_mutually_exclusive_group() if command.apart else parser
    for entry in command.parameters() if whole else ():
        names = (entry.name,) if entry.is_word else entry.typed
        action = (one if entry.name in command.apart else parser).add_argument(*names, **_reading(entry))
        if entry.name == "study" and entry.default is ...:
            action.complete = _COMPLETION


def nearest_option(word: str) -> str:
    """Finds the option, of any command, that is most similar to a misspelt one."""
    if word.casefold().endswith((".yaml", ".yml", ".csv")):
        return f"A file whose name begins with - is written ./{word}."
    common = ["--help", "--verbose", "--parts", "--quiet", "--version", "--install-completion", "--print-completion"]
    own = (option for one in COMMANDS for entry in one.parameters() if not entry.is_word for option in entry.typed)
    name, options = word.partition("=")[0], {*common, *own}
    if name in options:
        return "Other commands have it; `comity COMMAND --help` lists what one takes."
    return nearest(name, options, what="one of the options")
