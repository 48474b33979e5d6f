"""Version of this code, and its commit if the code runs from a git checkout."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.data import own
from sim.policy.problem import InputError

PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = PACKAGE.parent
#: Suffixes of sources and data; other files in the package are nobody's, or notes.
SUFFIXES = frozenset({".py", ".csv", ".yaml", ".toml", ".parquet", ".j2", ".html", ".css", ".js"})
#: Folders that are no part of the hash: an installed package holds the first two, which are next to it in a checkout,
#: and lacks the last, which is the name comity there.
_APART = ("conf", "scenarios", "alias")
#: Folders whose changes make the code another.
_SOURCES = ("sim", "conf", "scenarios")


@cache
def release() -> str:
    """Version number of the installed package."""
    try:
        return version("comity")
    except PackageNotFoundError:
        fix = f"Install it once: {sys.executable} -m pip install --no-deps -e {_CHECKOUT}"
        raise InputError("these sources are not installed", where=str(PACKAGE), fix=fix) from None


@cache
def commit() -> str | None:
    """Git commit of the checkout; None if there is none."""
    return _git("rev-parse", "HEAD")


@cache
def is_changed() -> bool | None:
    """True if the package's sources differ from the git commit; None without a commit."""
    status = _git("status", "--porcelain", "--", *_SOURCES)
    return None if status is None else bool(status)


def sources(package: Path = PACKAGE) -> Iterator[Path]:
    """Yields all source and data files of the package in a fixed order."""
    depth = len(package.parts)
    for path in sorted((path for path in package.rglob("*") if path.suffix in SUFFIXES), key=lambda path: path.parts):
        if path.parts[depth] not in _APART and not path.name.startswith("."):
            yield path


@cache
def source_hash(package: Path = PACKAGE) -> str:
    """SHA-256 of the package's sources and data, and of the user's parts.

    It is the same in a checkout and installed, with stray files too.

    Configuration and scenarios are no part of it: they are next to the package in a checkout (`input_hashes`).
    """
    digest = hashlib.sha256(own.hashed(own.texts()).encode() if own.texts() else b"")
    for path in sources(package):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def version_in_words() -> str:
    """Text of the version, with the git commit if known."""
    known = commit()
    if known is None:
        return release()
    return f"{release()} (commit {known[:12]}{', with changes' if is_changed() else ''})"


def _git(*arguments: str) -> str | None:
    """Output of a git command; None if git fails."""
    program = shutil.which("git")
    if program is None or not (_CHECKOUT / ".git").exists():
        return None
    answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell; a lock would be left behind on a full disk
        [program, "--no-optional-locks", "-C", str(_CHECKOUT), *arguments], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else None
