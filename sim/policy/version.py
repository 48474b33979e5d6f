"""Which code this is: its version, and the commit of a checkout."""

import shutil
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]
#: Folders whose changes make the code another.
_SOURCES = ("sim", "conf", "scenarios")


@cache
def commit() -> str | None:
    """Commit of the checkout that runs; None for an installed package, or where git does not answer."""
    return _git("rev-parse", "HEAD")


@cache
def is_changed() -> bool | None:
    """Whether sources differ from the commit; None where there is none."""
    status = _git("status", "--porcelain", "--", *_SOURCES)
    return None if status is None else bool(status)


def version_in_words() -> str:
    """Version, and the commit where it is known."""
    known = commit()
    if known is None:
        return version("comity")
    return f"{version('comity')} (commit {known[:12]}{', with changes' if is_changed() else ''})"


def _git(*arguments: str) -> str | None:
    """Output of a git command, None where git does not answer."""
    program = shutil.which("git")
    if program is None or not (_CHECKOUT / ".git").exists():
        return None
    answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [program, "-C", str(_CHECKOUT), *arguments], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else None
