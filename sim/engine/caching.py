"""Caches on disk: one private folder of the user's own for compiled rules and all else that is made once.

What is read there is trusted: Numba's index of compiled code runs code when it is read. The folder therefore belongs to
the user, nobody else may enter it, and nobody else can put another in its place. Where there can be no such folder, a
temporary one is made, which the worker processes of a run share and which goes when the run ends.

Each kind of cache has a size, and what was used longest ago goes first. `comity cache` shows and clears it.
"""

import atexit
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import platformdirs

#: Variable that names the folder of all caches: where the user wants it, or where a run has made a temporary one.
PLACE = "COMITY_CACHE"
_RUNNING = "running"  # in it, each process that uses compiled rules holds a lock on a file of its own
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_LOGGER = getLogger(__name__)
_written: dict[str, int] = {}  # bytes by kind since its size was looked at
_SHARE_WRITTEN = 256  # that is looked at after this part of what a kind may take
_CHECK = 32  # bytes in front of what is kept, by which damage shows
_TEMPORARY = "comity-"  # front of the name of a folder that goes when the run ends


class CacheKind(NamedTuple):
    """A kind of cache."""

    name: str  # of its folder
    words: str  # what it holds
    most: int  # bytes that it may take; but no more than a quarter of the room on disk, where none of it is loaded
    loaded: bool = False  # whether a running process needs its entries on disk as long as it runs


RULES = CacheKind("rules", "compiled rules", 400_000_000, loaded=True)
PASTS = CacheKind("pasts", "worlds on the first day of policies", 4_000_000_000)
BASELINES = CacheKind("baselines", "what was measured under today's law", 200_000_000)
KINDS = (RULES, PASTS, BASELINES)
_FORMER = ("compiled", "baselines")  # folders of earlier versions


class Kept(NamedTuple):
    """Something that is kept."""

    path: Path  # a file, or a folder with all that is in it
    size: int  # bytes
    used: float  # when it was last used, seconds since 1970


def root() -> Path:
    """The folder of all caches: private, and there."""
    return _private_or_temporary(os.environ.get(PLACE, ""))


def folder(kind: CacheKind) -> Path:
    """The folder of a kind of cache."""
    place = root()
    if kind.loaded:
        _say_that_this_runs(place)
    return _folder(place, kind.name)


def read(kind: CacheKind, name: str) -> bytes | None:
    """What is kept under a name; None where there is nothing, or it is damaged."""
    path = folder(kind) / name
    try:
        content = path.read_bytes()
    except OSError:
        return None
    check, body = content[:_CHECK], content[_CHECK:]
    if sha256(body).digest() != check:
        return None
    touch(path)
    return body


def is_temporary() -> bool:
    """Whether all that is kept goes when the run ends."""
    place = root()
    return place.name.startswith(_TEMPORARY) and place.parent == Path(tempfile.gettempdir()).resolve()


class Checked:
    """A file that is being written, whose first bytes are a check on all others."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._check, self.size = file, sha256(), file.write(bytes(_CHECK))

    def write(self, part: Any) -> int:
        """Writes bytes behind what is there; their number."""
        self._check.update(part)
        written = self._file.write(part)
        self.size += written
        return written

    def close(self) -> None:
        """Writes the first bytes."""
        self._file.seek(0)
        self._file.write(self._check.digest())


def write(kind: CacheKind, name: str, content: bytes | Callable[[Checked], None]) -> None:
    """Keeps something, or what a function writes, under a name; where nothing can be written, nothing is kept."""
    path, size = folder(kind) / name, 0
    with suppress(OSError):
        part = _new_file(path.parent)
        try:
            with part.open("wb") as opened:
                file = Checked(opened)
                _ = content(file) if callable(content) else file.write(content)
                file.close()
                size = file.size
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    _written[kind.name] = _written.get(kind.name, kind.most) + size
    if _written[kind.name] > kind.most // _SHARE_WRITTEN:
        prune(kind)
        _written[kind.name] = 0


def touch(path: Path) -> None:
    """Notes that an entry is used now."""
    with suppress(OSError):
        os.utime(path)


def entries(kind: CacheKind) -> list[Kept]:
    """All that is kept of a kind, what was used longest ago first."""
    found = []
    for path in (root() / kind.name).glob("*"):
        with suppress(OSError):  # another process has removed it
            files = [path, *path.rglob("*")] if path.is_dir() else [path]
            found.append(Kept(path, sum(file.lstat().st_size for file in files), path.lstat().st_mtime))
    return sorted(found, key=lambda entry: entry.used)


def allowed(kind: CacheKind) -> int:
    """Bytes that a kind may take on this disk."""
    if kind.loaded:
        return kind.most
    taken = sum(entry.size for entry in entries(kind))
    return min(kind.most, (taken + shutil.disk_usage(root()).free) // 4)


def prune(kind: CacheKind, most: int | None = None) -> None:
    """Removes what was used longest ago until so many bytes are left; never what a running process has loaded.

    Where no number is given, as many may be left as the kind may take.
    """
    kept = entries(kind)
    left, most = sum(entry.size for entry in kept), allowed(kind) if most is None else most
    running = _still_held(root()) if kind.loaded else ()
    since = min((file.stat().st_mtime for file in running), default=float("inf"))  # when the oldest of them began
    for entry in kept:
        if left <= most or entry.used >= since:
            break
        _remove(entry.path)
        left -= entry.size


def clear() -> None:
    """Removes all that no running process has loaded."""
    for kind in KINDS:
        prune(kind, 0)


@cache
def _private_or_temporary(named: str) -> Path:
    """The folder that is named, or the user's own; a temporary one where that cannot be private."""
    place = Path(named or platformdirs.user_cache_dir("comity", appauthor=False))
    try:
        return _private(place)
    except OSError as error:
        why = error.strerror or str(error)
    made = Path(tempfile.mkdtemp(prefix=_TEMPORARY)).resolve()
    os.environ[PLACE] = str(made)  # worker processes find it there
    atexit.register(_remove_own, made, os.getpid())
    fix = f"{PLACE}=FOLDER names one that is yours alone, and rules need not be compiled again each time."
    _LOGGER.warning("comity: caches are kept only until the end of this run: %s: %s. %s", place, why, fix)
    return made


def _private(place: Path) -> Path:
    """Makes a folder that nobody but the user can enter or replace, or makes sure that it is one; else an OSError."""
    if not place.is_absolute():
        raise OSError("no absolute path")
    parent = _made(place.parent).resolve()
    place = parent / place.name
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
    if hasattr(os, "geteuid"):
        for above in (parent, *parent.parents):
            _refuse_replaceable(above)
        _make_ours_alone(place)
    _new_file(place).unlink()  # it can be written to
    return place


def _new_file(place: Path) -> Path:
    """An empty file of a name that no other process uses."""
    handle, name = tempfile.mkstemp(prefix=".", dir=place)
    os.close(handle)
    return Path(name)


def _made(place: Path) -> Path:
    """A folder and those above it, made where they are missing: for the user alone."""
    for missing in reversed([above for above in (place, *place.parents) if not above.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    return place


def _refuse_replaceable(above: Path) -> None:
    """Nobody else may be able to put another folder in the place of one in this folder; else an OSError."""
    found = above.stat()
    if found.st_uid not in (0, os.geteuid()):
        raise OSError(f"{above} belongs to another user")
    if found.st_mode & _OTHERS_WRITE and not found.st_mode & stat.S_ISVTX:
        raise OSError(f"others may write to {above}")


def _make_ours_alone(place: Path) -> None:
    """Takes a folder of the user's own from all others; what they could have written there goes.

    An OSError says that it is none of the user's, or not a folder, or that the file system knows no modes.
    """
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid():
            raise OSError("it belongs to another user")
        if found.st_mode & _OTHERS:
            os.fchmod(handle, 0o700)
            if os.fstat(handle).st_mode & _OTHERS:
                raise OSError("others may read or write there")
        for name in (*_FORMER, *(kind.name for kind in KINDS), _RUNNING) if found.st_mode & _OTHERS_WRITE else ():
            _remove(place / name)
    finally:
        os.close(handle)


@cache
def _folder(place: Path, name: str) -> Path:
    """A folder inside the private one."""
    made = place / name
    with suppress(FileExistsError):
        made.mkdir(mode=0o700)
    if hasattr(os, "geteuid"):
        _make_ours_alone(made)
    return made


@cache
def _say_that_this_runs(place: Path) -> int:
    """Holds a lock until the process ends; returns its file, 0 where there are no locks."""
    try:
        import fcntl

        handle, name = tempfile.mkstemp(prefix=f"{os.getpid()}-", dir=_folder(place, _RUNNING))
        fcntl.flock(handle, fcntl.LOCK_SH)
    except (ImportError, OSError):
        return 0
    atexit.register(_remove_own, Path(name), os.getpid())
    return handle


def _still_held(place: Path) -> Iterator[Path]:
    """Files of running processes; those that a killed process has left go."""
    try:
        import fcntl
    except ImportError:
        return
    for path in (place / _RUNNING).glob("*"):
        with suppress(OSError), path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            except BlockingIOError:
                yield path


def _remove(path: Path) -> None:
    """Removes a file, a link or a folder; what is gone already is no matter."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _remove_own(path: Path, maker: int) -> None:
    """Removes what a process has made, when that process ends and no fork of it."""
    if os.getpid() == maker:
        _remove(path)
