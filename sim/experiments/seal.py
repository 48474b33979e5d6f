"""Checksums of a finished study in SHA256SUMS (size and SHA-256 of each file), which reveal any change.

It is written last, when all other files are on the disk, and `sha256sum -c SHA256SUMS` reads it, too. Its first line is
the sum of all others. It is no signature: one who changes a file can write its sum again, but not the digest that
somebody has quoted. In a folder only plain files are opened, and no link is followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sim.experiments import durable
from sim.policy.problem import InputError, printable

FILE = "SHA256SUMS"
#: Files of Comity's without a sum: the log grows, locks and what is being written come and go, damaged parts are set
#: aside.
WITHOUT_SUM = re.compile(
    rf"{FILE}|log\.txt|\.lock(-(p|s\d+of\d+))?|\.study\.yaml-\d+|(.*/)?\.(probe-\d+|[^/]+\.(tmp|damaged))"
)
#: Tables are what numbers are quoted from. Figures and analyses follow from them, and may be made again later.
_TABLES, _DERIVED = (".csv", ".parquet"), ("figures/", "analysis/", "analysis.")
#: What marks the folder of a study: sums above it are of something else.
_TOP = ("study.yaml", "manifest.json")
#: Letters of the digest that are shown.
SHORT = 12
CHANGED, MISSING, ADDED = "changed since it was written", "missing", "none of the study's files"
#: Largest file of sums that is read: that of some hundred thousand files.
_MOST_BYTES = 2**26
_MOST_NAMED = 5
_FIRST, _LINE = "# Comity: the SHA-256 of all lines below is {}\n", "# {} bytes\n{}  {}\n"
_ENTRY = re.compile(r"# (\d{1,15}) bytes\n([0-9a-f]{64})  ([^\n\\]+)\n")
_UNNAMEABLE = re.compile("[\ud800-\udfff]")  # bytes that are no UTF-8
_KINDS = ((stat.S_ISDIR, "a folder"), (stat.S_ISLNK, "a link"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
#: How a stranger's file is opened: never through a link, never waiting for a writer.
OPENING = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Sum(NamedTuple):
    """Size in bytes and SHA-256 of a file."""

    size: int  # bytes
    sha256: str


_NO_SUM = Sum(0, "0" * 64)


def kind_of(mode: int) -> str:
    """Text on the kind of a path that is not a regular file, such as a link; empty for a regular file."""
    if stat.S_ISREG(mode):
        return ""
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "a device")


def summed(folder: Path, *, flush: bool = False) -> dict[str, Sum]:
    """Computes the checksum of each regular file in a folder, by name."""
    found: dict[str, Sum] = {}
    for name, entry in _walked(folder):
        if entry.is_file(follow_symlinks=False) and _has_sum(name):
            found[name] = _sum_of(Path(entry.path))
        if flush:
            _flush(Path(entry.path))
    return found


def digest(sums: Mapping[str, Sum]) -> str:
    """SHA-256 over the checksums of all tables of a study, for citation: 64 hexadecimal digits."""
    lines = (f"{one.sha256}  {name}\n" for name, one in sorted(sums.items()) if _is_table(name))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def seal(folder: Path) -> None:
    """Forces the files of a finished study to the disk, and writes their checksums."""
    _write(folder, summed(folder, flush=True))


def is_sealed(folder: Path) -> bool:
    """True if a folder has checksums."""
    return os.path.lexists(folder / FILE)


def unseal(folder: Path) -> None:
    """Removes the checksum file of a study that will continue, if there is one."""
    if is_sealed(folder):
        (folder / FILE).unlink()
        durable.flush(folder)  # sums that came back after a power loss would not be those of its files


def sums(folder: Path) -> Mapping[str, Sum]:
    """Reads the checksums of a folder, by file name; FileNotFoundError if there are none."""
    file = folder / FILE
    about = file.lstat()
    if kind := kind_of(about.st_mode):
        raise _damaged(file, f"no plain file but {kind}")
    return _read(file, about.st_ino, about.st_mtime_ns, about.st_ctime_ns, about.st_size)


def sums_of_finished(folder: Path) -> Mapping[str, Sum]:
    """Reads the checksums of a finished study; an error if there are none."""
    try:
        return sums(folder)
    except OSError:
        pass
    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder), fix="Name a folder of results.")
    problem = f"it has no {FILE}: it is no finished study, an older version made it, or somebody took them away"
    raise InputError(problem, where=str(folder), fix="The command of the study makes a folder that can be verified.")


def differences(folder: Path) -> dict[str, str]:
    """Problems of changed, missing, added or non-regular files of a finished study, by file name."""
    known, found = sums(folder), dict[str, str]()
    there = dict(_walked(folder))
    for name, entry in there.items():
        mode = entry.stat(follow_symlinks=False).st_mode
        if name in known or WITHOUT_SUM.fullmatch(name):
            if kind := kind_of(mode):
                found[name] = f"no plain file but {kind}"
            elif name in known and (problem := _problem(Path(entry.path), known[name])):
                found[name] = problem
        elif not stat.S_ISDIR(mode):
            found[name] = ADDED
        elif not any(one.startswith(f"{name}/") for one in (*known, *there)):
            found[name] = f"{ADDED}: an empty folder"
    return dict(sorted({**found, **{name: MISSING for name in known if name not in there}}.items()))


def changed(folder: Path, *, derived: bool = True) -> dict[str, str]:
    """Problems of a study's changed or missing files, by name; empty for a folder without checksums.

    Figures and analyses, which follow from tables, may be left out.
    """
    found = differences(folder) if is_sealed(folder) else {}
    return {
        name: problem
        for name, problem in found.items()
        if not problem.startswith(ADDED) and (derived or not name.startswith(_DERIVED))
    }


def named(found: Mapping[str, str]) -> str:
    """Text that lists the first few changed files, each with its problem."""
    words = [f"{printable(name)} ({problem})" for name, problem in found.items()]
    more = f" and {len(words) - _MOST_NAMED} more" if len(words) > _MOST_NAMED else ""
    return f"not as it was written: {', '.join(words[:_MOST_NAMED])}{more}"


#: What can be done about a file that was changed.
_AGAIN = "Restore it, or give the command of the study again."


def check(path: Path) -> None:
    """Raises an error if a file differs from its checksum in the finished study that contains it."""
    above = _sealed_above(path)
    if above is None:
        return
    expected = sums(above).get(path.relative_to(above).as_posix())
    if expected is not None and (problem := _problem(path, expected)):
        fix = f"{_AGAIN} To read it as it is, take {FILE} away."
        raise InputError(problem, where=str(path), fix=fix)


def renew(*paths: Path) -> None:
    """Updates the checksums of rewritten files in the finished studies that contain them."""
    of_folder: dict[Path, dict[str, Sum]] = {}
    for path in paths:
        if (above := _sealed_above(path)) is not None:
            name = path.relative_to(above).as_posix()
            if _has_sum(name):
                _flush(path)
                of_folder.setdefault(above, {})[name] = _sum_of(path)
    for folder, found in of_folder.items():
        _write(folder, {**sums(folder), **found})


def _sealed_above(path: Path) -> Path | None:
    """Finds the finished study's folder that contains a file; None if there is none."""
    for folder in path.parents[:4]:
        if is_sealed(folder):
            return folder
        if any(os.path.lexists(folder / name) for name in _TOP):
            return None
    return None


def _has_sum(name: str) -> bool:
    """True if a file of this name gets a checksum."""
    return (
        not WITHOUT_SUM.fullmatch(name) and _ENTRY.fullmatch(_line(name)) is not None and not _UNNAMEABLE.search(name)
    )


def _is_table(name: str) -> bool:
    return name.endswith(_TABLES) and not name.startswith(_DERIVED)


def _line(name: str, one: Sum = _NO_SUM) -> str:
    return _LINE.format(one.size, one.sha256, name)


def _walked(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yields relative name and directory entry of all paths below a folder; follows no links."""
    waiting: list[str] = [""]
    while waiting:
        above = waiting.pop()
        try:
            with os.scandir(folder / above) as entries:
                inside = list(entries)
        except OSError as error:
            problem, fix = f"cannot be read ({error.strerror})", "Name a folder of results, and check its permissions."
            raise InputError(problem, where=str(folder / above), fix=fix) from None
        for entry in inside:
            name = f"{above}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{name}/")
            yield name, entry


def _sum_of(path: Path) -> Sum:
    """Computes size and SHA-256 of a regular file."""
    about = path.lstat()
    return Sum(about.st_size, _hash(path, about.st_ino, about.st_mtime_ns, about.st_ctime_ns, about.st_size))


def _problem(path: Path, expected: Sum) -> str:
    """Text on the difference between a file and its checksum; empty if unchanged, missing or not regular."""
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):
            return ""
        return "" if about.st_size == expected.size and _sum_of(path) == expected else CHANGED
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be read ({error.strerror})"


@lru_cache(20_000)
def _hash(path: Path, *_state: int) -> str:
    """SHA-256 of a file, computed only once as long as the file is unchanged."""
    with os.fdopen(os.open(path, os.O_RDONLY | OPENING), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(16)
def _read(file: Path, *_state: int) -> Mapping[str, Sum]:
    """Reads a file of checksums, which must be exactly as Comity wrote it."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | OPENING), "rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _damaged(file, f"cannot be read ({error.strerror})") from None
    first, _, rest = raw.partition(b"\n")
    if len(raw) > _MOST_BYTES or first + b"\n" != _FIRST.format(hashlib.sha256(rest).hexdigest()).encode():
        raise _damaged(file, CHANGED)
    text = rest.decode("utf-8", "replace")
    found = {name: Sum(int(size), sha256) for size, sha256, name in _ENTRY.findall(text)}
    if "".join(_line(name, one) for name, one in found.items()) != text:
        raise _damaged(file, "no sums of a study of Comity's")
    return found


def _damaged(file: Path, problem: str) -> InputError:
    """Makes the error for a file of checksums that cannot be used."""
    fix = f"{_AGAIN} To read the study as it is, take {FILE} away."
    return InputError(problem, where=str(file), fix=fix)


def _write(folder: Path, found: Mapping[str, Sum]) -> None:
    """Writes checksums under a temporary name, forces them to disk, and renames the file."""
    rest = "".join(_line(name, one) for name, one in sorted(found.items()))
    writing = folder / f".{FILE}-{os.getpid()}.tmp"
    writing.unlink(missing_ok=True)  # never written through a link
    try:
        with writing.open("x", encoding="utf-8", newline="") as file:
            file.write(_FIRST.format(hashlib.sha256(rest.encode()).hexdigest()) + rest)
        durable.durable_replace(writing, folder / FILE)
    finally:
        writing.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Forces the content of a file or a folder to the disk."""
    if kind_of(path.lstat().st_mode) in ("", "a folder"):
        durable.flush(path)
