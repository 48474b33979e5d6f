"""The commands: how their words are read, and how mistakes in them are reported.

Everything heavy is imported inside the command that needs it, so that help and messages come at once. A
mistake of the user is one message on standard error and exit code 2; an interrupt is 130; the rest is a bug.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sim.commands import EPILOG, STUDIES
from sim.lookups import LOOKS
from sim.options import nearest_option, parser_of, usage
from sim.policy.problem import INPUT_ERROR, INTERRUPTED, InputError, mistake

COMMANDS = (*STUDIES, *LOOKS)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        argv: words after `comity`; those of the process when None.

    Returns:
        Exit code: see EXIT_CODES. A bug is an exception, by which Python ends with 1.
    """
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
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
    place, why = f" at {error.filename}" if error.filename else "", os.strerror(error.errno or 0).lower()
    fix = "Free some space, or name another folder with execution.results=PATH, and give the same command again"
    return f"the results cannot be written{place}: {why}. {fix}: finished replicates are kept."


def _run(words: list[str]) -> int:
    """Reads the words and runs their command."""
    parser = parser_of(COMMANDS, EPILOG, words)
    arguments, left = parser.parse_known_args(words)
    for word in left:
        if word.startswith("-"):
            raise mistake("unknown option", value=word, fix=nearest_option(word, build_parser()))
        if not hasattr(arguments, "words"):
            fix = usage(arguments.command)
            raise mistake("one word too many", value=word, fix=fix)
    if hasattr(arguments, "words"):
        arguments.words = [*arguments.words, *left]  # words that came after an option
    if arguments.print_completion is not None or arguments.install_completion is not None:
        shell, parser = arguments.print_completion, build_parser()
        print(install_completion(parser, arguments.install_completion) if shell is None else completion(parser, shell))
        return 0
    command = getattr(arguments, "command", None)
    if command is None:
        parser.print_help()
        return 0
    log_to_standard_error(arguments.verbose)
    from sim.data.own import PLACE

    if parts := arguments.parts or os.environ.get(PLACE, ""):
        from sim.api.door import use

        use(parts)
    command.call(arguments, words)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; shell completion is made from it, and a page of the documentation."""
    return parser_of(COMMANDS, EPILOG)


class Shell(NamedTuple):
    """Where a shell looks for the completion of a command.

    Attributes:
        variable: names the folder of the user's files of this kind.
        usual: that folder where the variable is not set, below the home folder.
        name: of the file, below it.
        rest: what the user must add to a file, with {folder} for that of the script; empty for nothing.
    """

    variable: str
    usual: str
    name: str
    rest: str = ""


#: Shells whose completion can be installed.
SHELLS = {
    "bash": Shell("XDG_DATA_HOME", ".local/share", "bash-completion/completions/comity"),
    "zsh": Shell(
        "XDG_DATA_HOME",
        ".local/share",
        "zsh/site-functions/_comity",
        "Add to ~/.zshrc: fpath+=({folder}); autoload -U compinit; compinit",
    ),
    "fish": Shell("XDG_CONFIG_HOME", ".config", "fish/completions/comity.fish"),
}


def log_to_standard_error(level: int) -> None:
    """Shows what is done, line by line.

    Args:
        level: 0 for nothing, 1 for what is done, 2 and more for details.
    """
    import logging

    class ToStandardError(logging.Handler):
        """Prints to the standard error of the moment, which a progress bar replaces to stay below the lines."""

        def emit(self, record: logging.LogRecord) -> None:
            """Prints one line."""
            print(self.format(record), file=sys.stderr)

    handler, logger = ToStandardError(), logging.getLogger("sim")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger.handlers[:] = [handler] if level else []
    logger.setLevel((logging.WARNING, logging.INFO)[level] if level < 2 else logging.DEBUG)
    logger.propagate = False  # what others do with their own lines is no matter of this command


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script by which a shell completes the words of the command.

    Raises:
        InputError: the shell is not supported.
    """
    import shtab

    if shell not in SHELLS or shell not in shtab.SUPPORTED_SHELLS:
        raise mistake("no completion for this shell", "SHELL", shell, f"Choose one of {', '.join(SHELLS)}.")
    return str(shtab.complete(parser, shell))


def install_completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Writes the script to where the shell looks for it.

    Args:
        parser: of the command.
        shell: bash, zsh or fish; that of the environment where empty.

    Returns:
        What was done, and what is left to do.

    Raises:
        InputError: the shell is not supported, or its folder cannot be written.
    """
    shell = shell or Path(os.environ.get("SHELL", "")).name
    text = completion(parser, shell)
    place = SHELLS[shell]
    file = Path(os.environ.get(place.variable) or Path.home() / place.usual) / place.name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fix = f"Write it yourself: comity --print-completion {shell}"
        raise mistake(f"cannot be written ({error.strerror})", "--install-completion", file, fix) from None
    rest = place.rest.format(folder=file.parent) or f"Open a new {shell} to use it."
    return f"Written: {file}\n{rest}"
