"""The commands: how their words are read, and how mistakes in them are reported.

Everything heavy is imported inside the command that needs it, so that help and messages come at once. A
mistake of the user is one message on standard error and exit code 2; an interrupt is 130; the rest is a bug.
"""

import argparse
import os
import sys
from collections.abc import Sequence

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
        from sim.terminal import completion, install_completion

        shell, parser = arguments.print_completion, build_parser()
        print(install_completion(parser, arguments.install_completion) if shell is None else completion(parser, shell))
        return 0
    command = getattr(arguments, "command", None)
    if command is None:
        parser.print_help()
        return 0
    from sim.terminal import log_to_standard_error

    log_to_standard_error(arguments.verbose)
    from sim.data.own import PLACE

    if parts := arguments.parts or os.environ.get(PLACE, ""):
        from sim.api.own_parts import use

        use(parts)
    command.call(arguments, words)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; shell completion is made from it, and a page of the documentation."""
    return parser_of(COMMANDS, EPILOG)
