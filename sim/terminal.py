"""What a command does to the terminal that it runs in: lines of the log, and completion of its words by the shell."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sim.policy.problem import mistake

if TYPE_CHECKING:
    import argparse


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
