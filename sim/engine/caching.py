"""Disk caches of compiled rules and other reusable results, in one private folder per user.

What is read there is trusted: Numba's index of compiled code runs code when it is read. The folder therefore belongs to
the user, nobody else may enter it, and nobody else can put another in its place. Where there can be no such folder, a
temporary one is made, which the worker processes of a run share and which goes when the run ends.

A cache can only save time. Each entry bears a check on its name and content, and `read` is the one place that reads:
every error there, also one of the reader with the content, means that nothing is kept under that name.

All kinds together have a size (COMITY_CACHE_SIZE). What was used longest ago goes first, but nothing that this run has
used: a run over more worlds than fit would else remove each of them before the next run comes to it. What does not fit
next to it is not kept. `comity cache` shows and clears all of it.
"""

import atexit
import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from time import time
from typing import Any, BinaryIO, NamedTuple, TypeVar

import platformdirs

T = TypeVar("T")

#: Variable that names the folder of all caches: where the user wants it, or where a run has made a temporary one.
PLACE = "COMITY_CACHE"
#: Variable that says how many bytes all caches may take.
SIZE = "COMITY_CACHE_SIZE"
#: Bytes that they may take where nothing is said.
USUAL_SIZE = 1_000_000_000
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_RUNNING = "running"  # in it, each process that uses compiled rules holds a lock on a file of its own
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_LOGGER = getLogger(__name__)
_written: dict[str, int] = {}  # bytes by kind since its size was measured
_SHARE_WRITTEN = 256  # that is measured after this part of what a kind may take
_SHARE_OF_DISK = 4  # all caches take no more than this part of the room that there would be without them
_CHECK = 32  # bytes in front of what is kept, by which damage shows
_TEMPORARY = "comity-"  # front of the name of a folder that goes when the run ends
_NOWHERE = Path(os.devnull) / "comity"  # where nobody can write, and nothing can be read
_BEGUN = time()  # of this process: of the run, in its workers
_LONGEST_RUN = 3600.0  # seconds for which what a process has used stays, although more is kept later
_ROOM_FOR_RULES = 64_000_000  # bytes that rules need on disk before they are compiled, twice what they take


class CacheKind(NamedTuple):
    """A kind of cached result, with its folder and its share of the disk space."""

    name: str  # of its folder
    words: str  # what it holds
    share: float  # of what all caches may take; the rest is left to what has none
    loaded: bool = False  # whether a running process needs its entries on disk as long as it runs


RULES = CacheKind("rules", "compiled rules", 0.25, loaded=True)
PASTS = CacheKind("pasts", "worlds on the first day of policies", 0.0)
MEASURED = CacheKind("measured", "what was measured of runs", 0.35)
KINDS = (RULES, PASTS, MEASURED)
_FORMER = ("compiled", "baselines")  # folders of earlier versions


class Kept(NamedTuple):
    """A cache entry on disk, with its size and the time of its last use."""

    path: Path  # a file, or a folder with all that is in it
    size: int  # bytes
    used: float  # when it was last used, seconds since 1970


class UnfitError(OSError):
    """Error for a folder that cannot be used for caches.

    Args:
        path: of the file or folder at fault.
        why: what is wrong with it.
        fix: what to do.
    """

    def __init__(self, path: Path, why: str, fix: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why
        self.fix = f"{fix}, or name a folder that is yours alone: {PLACE}=FOLDER."

    @classmethod
    def of(cls, error: Exception, place: Path) -> "UnfitError":
        """Converts another error about a folder or its content to this error."""
        if isinstance(error, UnfitError):
            return error
        path = Path(str(getattr(error, "filename", None) or place))
        number, why = getattr(error, "errno", None), getattr(error, "strerror", None) or str(error)
        if number in (errno.ENOTDIR, errno.ELOOP):
            return cls(path, "it is no folder", f"Remove {path}")
        if number in (errno.ENOSPC, errno.EDQUOT):
            return cls(place, why, "Make room there")
        if not os.path.lexists(path):  # what could not be made there
            path = path.parent
        with suppress(OSError, AttributeError):
            if path.stat().st_uid == os.geteuid():
                return cls(path, why, f"Take it back (chmod u+rwx {path}) or remove it")
        return cls(path, why, f"Make {place} a folder of your own")


def root() -> Path:
    """Private folder that contains all caches, created if missing; a temporary one if that fails."""
    return _private_or_temporary(os.environ.get(PLACE, ""))


def own() -> Path:
    """Cache folder that the user configured, or else the default one; returned without a check."""
    return Path(os.environ.get(PLACE, "") or platformdirs.user_cache_dir("comity", appauthor=False))


def fault() -> UnfitError | None:
    """Reason why the user's folder cannot be used for caches; None if it can."""
    try:
        _private(own())
    except Exception as error:
        return UnfitError.of(error, own())
    return None


def folder(kind: CacheKind) -> Path:
    """Folder for one kind of cache."""
    place = root()
    if kind.loaded:
        _say_that_this_runs(place)
    return place / kind.name


def read(kind: CacheKind, name: str, made: Callable[[memoryview], T]) -> T | None:
    """Content of a cache entry, converted by `made`; None if the entry is missing or unusable.

    What cannot be read goes, so that it takes no room.
    """
    path = folder(kind) / name
    try:
        content = memoryview(_content(path))
        if _check_on(kind, name, content[_CHECK:]).digest() != content[:_CHECK]:
            raise ValueError("damaged")
        found = made(content[_CHECK:])
        touch(path)
    except FileNotFoundError:
        return None
    except Exception as error:
        _LOGGER.info("not taken from the cache: %s/%s: %r", kind.name, name, error)
        _remove(path)
        return None
    return found


def holds(kind: CacheKind, front: str) -> bool:
    """True if the cache has a complete entry whose name starts with `front`."""
    with suppress(OSError):
        names = [path.name for path in folder(kind).iterdir()]
        return any(read(kind, name, len) is not None for name in names if name.startswith(front))
    return False


def is_temporary() -> bool:
    """True if the caches are in a temporary folder, which the process removes when it ends."""
    place = root()
    if place == _NOWHERE:
        return True
    return place.name.startswith(_TEMPORARY) and place.parent == Path(tempfile.gettempdir()).resolve()


class Checked:
    """A cache file that is being written, with a checksum in its first bytes."""

    closed = False

    def __init__(self, file: BinaryIO, kind: CacheKind, name: str) -> None:
        self._file, self._check, self.size = file, _check_on(kind, name), file.write(bytes(_CHECK))

    def write(self, part: Any) -> int:
        """Appends bytes to the file; returns their number."""
        self._check.update(part)
        written = self._file.write(part)
        self.size += written
        return written

    def close(self) -> None:
        """Writes the checksum into the first bytes of the file."""
        self._file.seek(0)
        self._file.write(self._check.digest())


def write(kind: CacheKind, name: str, content: bytes | Callable[[Checked], None]) -> None:
    """Stores an entry if there is room, else or on an error does not; `content` is bytes or writes them to a file."""
    try:
        path = folder(kind) / name
        if not (kind.loaded or _has_room(kind)):
            return
        handle, part = _new_file(path.parent)
        try:
            with os.fdopen(handle, "wb") as opened:
                file = Checked(opened, kind, name)
                _ = content(file) if callable(content) else file.write(content)
                file.close()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        most = allowed(kind)
        _written[kind.name] = _written.get(kind.name, most) + file.size
        if _written[kind.name] > most // _SHARE_WRITTEN:
            if prune(kind, most) > most and not kind.loaded:
                path.unlink()
            _written[kind.name] = 0
    except Exception as error:
        _LOGGER.info("not kept in the cache: %s/%s: %r", kind.name, name, error)
        if kind.loaded and isinstance(error, OSError):
            _warn_once(UnfitError.of(error, folder(kind)))


def touch(path: Path) -> None:
    """Marks an entry as used now."""
    with suppress(OSError):
        os.utime(path)


def entries(kind: CacheKind, place: Path | None = None) -> list[Kept]:
    """All entries of one kind of cache, least recently used first."""
    found = []
    with suppress(OSError):  # it is none of the user's
        for path in (*(place or root()).joinpath(kind.name).iterdir(),):
            with suppress(OSError):  # another process has removed it
                files = [path, *path.rglob("*")] if path.is_dir() and not path.is_symlink() else [path]
                found.append(Kept(path, sum(file.lstat().st_size for file in files), path.lstat().st_mtime))
    return sorted(found, key=lambda entry: entry.used)


def limit() -> int:
    """Maximum size in bytes of all caches together; ValueError if the user's setting is not a size."""
    said = os.environ.get(SIZE, "").strip()
    if not said:
        return USUAL_SIZE
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*([kMGT]?)B?", said, re.IGNORECASE)
    if not found:
        raise ValueError("no size")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def allowed(kind: CacheKind, place: Path | None = None) -> int:
    """Maximum size in bytes of one kind of cache, from the user's limit and the free disk space."""
    place = place or root()
    if kind.loaded:
        return int(limit() * kind.share)
    taken = {other: sum(entry.size for entry in entries(other, place)) for other in KINDS}
    whole = min(limit(), (sum(taken.values()) + shutil.disk_usage(place).free) // _SHARE_OF_DISK)
    if kind.share:
        return int(whole * kind.share)
    return max(whole - sum(size for other, size in taken.items() if other != kind), 0)


def prune(kind: CacheKind, most: int) -> int:
    """Removes least recently used entries until at most `most` bytes remain; returns the remaining bytes.

    Rules that a running process has loaded stay, and of other kinds what this run has used.
    """
    kept, since = entries(kind), _used_since(kind, root())
    left = sum(entry.size for entry in kept)
    for entry in kept:
        if left <= most or entry.used >= since:
            break
        if not _remove(entry.path):
            left -= entry.size
    return left


def clear() -> list[UnfitError]:
    """Empties the user's cache folder, except for files in use; returns an error for each path that it cannot free."""
    place = own()
    try:
        place = _private_itself(place)
    except Exception as error:
        return [UnfitError.of(error, place)]
    left = []
    for kind in KINDS:
        inside = place / kind.name
        if not os.path.lexists(inside):
            continue
        try:
            _refuse_unfit(inside)
            since = _used_since(kind, place) if kind.loaded else float("inf")
            gone = [entry.path for entry in entries(kind, place) if entry.used < since]
        except OSError:  # none of the user's, or no folder: it goes as a whole, if it can
            gone = [inside]
        left += [UnfitError.of(PermissionError(0, why, str(path)), path) for path in gone if (why := _remove(path))]
    return left


def make_sure_of_room() -> None:
    """Switches to a temporary cache folder if the disk has no room for compiled rules."""
    with suppress(OSError):
        place = root()
        if not is_temporary() and shutil.disk_usage(place).free < _ROOM_FOR_RULES:
            _leave(UnfitError(place, "no room left on the disk", f"Make room for {_ROOM_FOR_RULES // 10**6} MB there"))


def _content(path: Path) -> bytes:
    """Reads a cache file; OSError if other users could have written the file."""
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"))
    with os.fdopen(os.open(path, os.O_RDONLY | sum(flags)), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > max(limit(), USUAL_SIZE):
            raise OSError("no file of a cache")
        if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & _OTHERS_WRITE):
            raise OSError("others could write it")
        return file.read()


def _check_on(kind: CacheKind, name: str, content: Any = b"") -> Any:
    """Checksum of an entry's name and content so far, as a hash object for more content."""
    check = sha256(f"{kind.name}/{name}\n".encode())
    check.update(content)
    return check


def _used_since(kind: CacheKind, place: Path) -> float:
    """Time since which an entry must have been used, or else the cache may remove the entry."""
    if not kind.loaded:
        return max(_BEGUN, time() - _LONGEST_RUN)
    return min((file.stat().st_mtime for file in _still_held(place)), default=float("inf"))


def _has_room(kind: CacheKind) -> bool:
    """True if a cache has room for one more entry besides the entries that runs in progress need."""
    since, kept = _used_since(kind, root()), entries(kind)
    usual = sum(entry.size for entry in kept) // max(len(kept), 1)
    return sum(entry.size for entry in kept if entry.used >= since) + usual <= allowed(kind)


@cache
def _private_or_temporary(named: str) -> Path:
    """Configured or default cache folder, or a temporary folder if that cannot be made private."""
    if named == str(_NOWHERE):
        return _NOWHERE
    place = Path(named) if named else own()
    try:
        return _private(place)
    except Exception as error:
        return _leave(UnfitError.of(error, place))


def _leave(why: UnfitError) -> Path:
    """Creates a temporary cache folder for this process and its children, in place of an unusable folder."""
    made = _NOWHERE
    with suppress(OSError):
        temporary = Path(tempfile.mkdtemp(prefix=_TEMPORARY)).resolve()
        atexit.register(_remove_own, temporary, os.getpid())
        temporary.chmod(0o700)  # under any umask
        made = _private(temporary)
    os.environ[PLACE] = str(made)  # worker processes find it there
    _warn_once(why)
    return made


@cache
def _warned() -> list[str]:
    """List of the warnings that this process has given."""
    return []


def _warn_once(why: UnfitError) -> None:
    """Warns, only once per process, that caches are not in the user's folder, and gives the reason."""
    if not _warned():
        _warned().append(str(why))
        _LOGGER.warning("comity: caches are kept only until the end of this run: %s. %s", why, why.fix)


def _private(place: Path) -> Path:
    """Makes a folder and its subfolders private and writable; OSError with the reason on failure."""
    place = _private_itself(place)
    for name in (*(kind.name for kind in KINDS), _RUNNING):
        _made_alone(place / name)
        _refuse_unfit(place / name)
    return place


def _refuse_unfit(place: Path) -> None:
    """Closes a subfolder of the cache to other users; OSError if it belongs to one of them or is not writable."""
    if hasattr(os, "geteuid"):
        _make_ours_alone(place)
    handle, path = _new_file(place)
    os.close(handle)
    path.unlink()


def _private_itself(place: Path) -> Path:
    """Creates or checks a folder that only the user can enter or replace; OSError on failure."""
    if not place.is_absolute():
        raise UnfitError(place, "no absolute path", f"Give {PLACE} a whole path")
    for missing in reversed([above for above in place.parents if not above.exists()]):
        _made_alone(missing)
    parent = place.parent.resolve()
    place = parent / place.name
    _made_alone(place)
    if hasattr(os, "geteuid"):
        for above in (parent, *parent.parents):
            _refuse_replaceable(above)
        _make_ours_alone(place, (*_FORMER, *(kind.name for kind in KINDS), _RUNNING))
    return place


def _made_alone(place: Path) -> None:
    """Creates a missing folder to which only the user has access, under any umask."""
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
        place.chmod(0o700)


def _new_file(place: Path, front: str = ".") -> tuple[int, Path]:
    """Creates an empty file with a unique name; returns its handle and path."""
    handle, name = tempfile.mkstemp(prefix=front, dir=place)
    if hasattr(os, "fchmod"):
        os.fchmod(handle, 0o600)
    return handle, Path(name)


def _refuse_replaceable(above: Path) -> None:
    """Raises an OSError if other users could replace a folder."""
    found = above.stat()
    if found.st_uid not in (0, os.geteuid()):
        raise UnfitError(above, "it belongs to another user", f"Move the cache out of {above}")
    if found.st_mode & _OTHERS_WRITE and not found.st_mode & stat.S_ISVTX:
        raise UnfitError(above, "others may write to it", f"Close it to them (chmod go-w {above})")


def _make_ours_alone(place: Path, ours: tuple[str, ...] | None = None) -> None:
    """Removes other users' access to a folder, and files that they could have written.

    That is all that is in it, or what is there under these names. An OSError says that it is none of the user's,
    or not a folder, or that the file system knows no modes.
    """
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid():
            fix = f"Take it back (sudo chown -R {os.geteuid()} {place}) or remove it (sudo rm -r {place})"
            raise UnfitError(place, "it belongs to another user", fix)
        if found.st_mode & _OTHERS:
            os.fchmod(handle, 0o700)
            if os.fstat(handle).st_mode & _OTHERS:
                raise UnfitError(place, "others may read or write there", f"Close it to them (chmod 700 {place})")
        if found.st_mode & _OTHERS_WRITE:
            for path in place.iterdir() if ours is None else (place / name for name in ours):
                if _remove(path):
                    raise UnfitError(path, "others could have written it", f"Remove it (rm -r {path})")
    finally:
        os.close(handle)


@cache
def _say_that_this_runs(place: Path) -> int:
    """Locks a file while the process runs, to mark the cache as in use; returns the handle."""
    try:
        import fcntl

        handle, path = _new_file(place / _RUNNING, f"{os.getpid()}-")
        fcntl.flock(handle, fcntl.LOCK_SH)
    except (ImportError, OSError):
        return 0
    atexit.register(_remove_own, path, os.getpid())
    return handle


def _still_held(place: Path) -> Iterator[Path]:
    """Yields the lock files of running processes, and removes those of killed processes."""
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


def _remove(path: Path) -> str:
    """Removes a file, link or folder; returns why this failed, or an empty text."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
            if path.exists():
                shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _remove_own(path: Path, maker: int) -> None:
    """Removes a temporary file or folder, but not in forks of the process that created it."""
    if os.getpid() == maker:
        _remove(path)
