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

from sim.commands import COMMANDS, EXAMPLES
from sim.options import nearest_option, parser_of, usage
from sim.policy.problem import INPUT_ERROR, INTERRUPTED, InputError, mistake


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code (EXIT_CODES). A bug is an exception, by which Python ends with 1."""
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: end quietly
        return 0
    except (ValueError, OSError, RuntimeError) as error:
        if not (said := str(error) if isinstance(error, InputError) else _no_bug(error)):
            raise
        print(f"comity: error: {said}", file=sys.stderr)
        return INPUT_ERROR
    except KeyboardInterrupt as interrupt:
        text = str(interrupt) or "stopped. Give the same command again to resume."
        print(f"\ncomity: {text}", file=sys.stderr)
        return INTERRUPTED


def _no_bug(error: Exception) -> str:
    """What is said of an error that is no slip of the user and no bug either; empty for a bug."""
    from sim.data.load import DataError

    if isinstance(error, DataError):
        return f"{'' if str(error).startswith('sim/') else 'sim/data/'}{error}. Install Comity again."
    from sim.experiments.run import DISK_FULL, AllFailedError  # imports what no damaged file of data lets in

    if isinstance(error, AllFailedError) and error.by_death:
        return f"{error}. Please report the command: no setting should end a process."
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        place, why = f" at {error.filename}" if error.filename else "", os.strerror(error.errno or 0).lower()
        fix = "Free some space, or name another folder with execution.results=PATH, and give the same command again"
        return f"the results cannot be written{place}: {why}. {fix}: finished replicates are kept."
    return ""


def _run(words: list[str]) -> int:
    """Reads the words and runs their command."""
    parser = parser_of(COMMANDS, EXAMPLES["any"], words)
    arguments, left = parser.parse_known_args(words)
    for word in left:
        if word.startswith("-"):
            raise mistake("unknown option", value=word, fix=nearest_option(word, COMMANDS))
        if not hasattr(arguments, "words"):
            fix = usage(arguments.command)
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

        if parts := arguments.parts or os.environ.get(PLACE, ""):
            from sim.api.door import use

            use(parts)
        command.call(arguments, words)
    else:
        parser.print_help()
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; shell completion is made from it, and a page of the documentation."""
    return parser_of(COMMANDS, EXAMPLES["any"])


def _log_to_standard_error(level: int) -> None:
    """Shows what is done, line by line: nothing at level 0, what is done at 1, details at 2 and more."""
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
    """The script by which a shell completes the words of the command."""
    import shtab

    if shell not in _SHELLS or shell not in shtab.SUPPORTED_SHELLS:
        raise mistake("no completion for this shell", "SHELL", shell, f"Choose one of {', '.join(_SHELLS)}.")
    return str(shtab.complete(build_parser(), shell))


def _install_completion(shell: str) -> str:
    """Writes the script to where the shell looks for it; says what was done, and what is left to do."""
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
