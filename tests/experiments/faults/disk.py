"""A simulated disk that can fail, write partly, and lose data that were not flushed.

While it is `attached`, all that Python does below one folder passes through it: each open, write, replace, flush to the
disk, removal and new folder is a call with a number. At a chosen call it fails, or the process dies. It also knows what
a power loss may leave: of every file what was last flushed, all, half or nothing of what it held since, and for every
name in a folder what stood there at the last flush of the folder or at any moment since. Files and names are
independent of one another, which is more than any file system does wrong at once, and is what POSIX allows.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any

import pytest

_OPEN, _HANDLES = io.open, Path("/proc/self/fd")


class Killed(BaseException):
    """Exception for a killed process, whose later writes no longer reach the disk."""


class Trouble(Enum):
    """Faults that can happen at the chosen call."""

    KILL = "kill"
    TORN = "torn"  # half of a write reaches the disk, then the process is killed
    SHORT = "short"  # half of a write reaches the disk, then the disk is full
    FULL = "full"  # no space, from then on
    BROKEN = "broken"  # an error of the device, once
    DENIED = "denied"  # permission is refused, once


_NUMBERS = {
    Trouble.SHORT: errno.ENOSPC,
    Trouble.FULL: errno.ENOSPC,
    Trouble.BROKEN: errno.EIO,
    Trouble.DENIED: errno.EACCES,
}
#: Calls that need room.
_NEED_ROOM = ("open", "write", "mkdir", "fsync")


class Loss(Enum):
    """Effects of a power loss on what was not flushed."""

    ALL = "all of it vanishes"
    DATA = "names stay, and data vanish or are torn"
    NAMES = "data stay, and names vanish"
    ANY = "each file and each name has a fate of its own"


@dataclass(eq=False)
class File:
    """A file, with the part of its content that was flushed."""

    safe: bytes = b""
    last: bytes | None = None  # its content when its last name went


@dataclass(eq=False)
class Folder:
    """A folder, with the history of each name since the last flush."""

    names: dict[str, list[File | Folder | None]] = field(default_factory=dict)

    def now(self, name: str) -> File | Folder | None:
        """The file or folder that a name refers to now."""
        return self.names.get(name, [None])[-1]

    def put(self, name: str, node: File | Folder | None) -> None:
        """Lets a name refer to another file or folder."""
        self.names.setdefault(name, [None]).append(node)


@dataclass
class Disk:
    """All files below one folder, which serves as the disk."""

    root: Path
    top: Folder = field(default_factory=Folder)
    trouble: Trouble | None = None
    at: int = 0
    calls: int = 0
    dead: bool = False
    log: list[str] = field(default_factory=list)

    def begin(self, trouble: Trouble | None = None, at: int = 0) -> None:
        """Starts a process that meets a fault at a given call."""
        self.trouble, self.at, self.calls, self.dead = trouble, at, 0, False

    @property
    def struck(self) -> bool:
        """True if the fault has happened."""
        return self.trouble is not None and self.calls >= self.at

    # Calls.

    def step(self, call: str, path: Path, write: Callable[[float], int] | None = None) -> int | None:
        """Counts a call and causes the fault if it is the chosen call; returns the result of a write."""
        if self.dead:
            raise Killed
        self.calls += 1
        self.log.append(f"{self.calls} {call} {str(path)[len(str(self.root)) :]}")
        full = self.trouble is Trouble.FULL and self.calls >= self.at and call in _NEED_ROOM
        if not full and (self.trouble in (None, Trouble.FULL) or self.calls != self.at):
            return write(1.0) if write else None
        self.log.append(f"{self.trouble}")
        if self.trouble in (Trouble.TORN, Trouble.SHORT) and write:
            write(0.5)
        if self.trouble in (Trouble.KILL, Trouble.TORN):
            self.dead = True
            raise Killed
        number = _NUMBERS[self.trouble]
        raise OSError(number, os.strerror(number), str(path))

    def inside(self, path: Any, dir_fd: int | None = None) -> Path | None:
        """Path relative to the disk; None for a path elsewhere."""
        if dir_fd is not None or isinstance(path, int):
            return None
        made = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - links stay links
        return Path(made) if made.startswith(f"{self.root}{os.sep}") else None

    def _above(self, path: Path) -> Folder:
        """The folder that contains a path."""
        node = self.top
        for name in path.relative_to(self.root).parts[:-1]:
            found = node.now(name)
            assert isinstance(found, Folder), path
            node = found
        return node

    def node(self, path: Path) -> File | Folder | None:
        """The file or folder at a path."""
        return self.top if path == self.root else self._above(path).now(path.name)

    def made(self, path: Path, node: File | Folder) -> None:
        """Records a new file or folder at a path."""
        self._above(path).put(path.name, node)

    def goes(self, path: Path) -> None:
        """Records that a path is about to be removed."""
        node = self.node(path)
        if isinstance(node, File):
            node.last = _content_of(path)

    def gone(self, path: Path) -> None:
        """Records that a path was removed."""
        self._above(path).put(path.name, None)

    def moved(self, old: Path, new: Path) -> None:
        """Records that a file or folder was moved from one path to another."""
        node = self.node(old)
        self._above(old).put(old.name, None)
        self._above(new).put(new.name, node)

    def place(self, handle: int) -> Path | None:
        """Present path of an open file or folder; None outside the disk."""
        if _HANDLES.is_dir():  # Linux
            there = (_HANDLES / str(handle)).readlink()
            return there if there == self.root else self.inside(there)
        what = os.fstat(handle)
        return next((path for path in (self.root, *self.root.rglob("*")) if os.path.samestat(path.lstat(), what)), None)

    def flushed(self, path: Path) -> None:
        """Records that a file's content or a folder's names were flushed."""
        node = self.node(path)
        if isinstance(node, File):
            node.safe = _content_of(path)
        elif node is not None:
            node.names = {name: known[-1:] for name, known in node.names.items() if known[-1] is not None}

    # Power.

    def lose_power(self, loss: Loss, chance: Random) -> None:
        """Reduces the disk to content that can survive a power loss."""
        survivor = self.root.with_name(f"{self.root.name}-after")
        survivor.mkdir()
        self._survive(self.top, self.root, survivor, loss, chance)
        for path in self.root.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for path in survivor.iterdir():
            path.rename(self.root / path.name)
        survivor.rmdir()
        self.top = self._read(self.root)

    def _survive(self, folder: Folder, live: Path | None, to: Path, loss: Loss, chance: Random) -> None:
        """Writes the surviving content of a folder; `live` is its present path."""
        for name, known in sorted(folder.names.items()):
            pick = {Loss.ALL: 0, Loss.DATA: len(known) - 1, Loss.NAMES: 0}.get(loss, chance.randrange(len(known)))
            node = known[pick]
            now = live / name if live is not None and known[-1] is node else None
            if isinstance(node, Folder):
                (to / name).mkdir()
                self._survive(node, now or self._anywhere(node), to / name, loss, chance)
            elif node is not None:
                (to / name).write_bytes(self._content(node, now, loss, chance))

    def _content(self, node: File, now: Path | None, loss: Loss, chance: Random) -> bytes:
        """Surviving content of a file."""
        now = now or self._anywhere(node)
        written = now.read_bytes() if now is not None else node.last or b""
        if written == node.safe or loss is Loss.ALL:
            return node.safe
        if loss is Loss.NAMES:
            return written
        begun = len(node.safe) if written.startswith(node.safe) else 0  # what was added: its end, or a hole in it
        half = (begun + len(written)) // 2
        holed = written[:begun] + bytes(half - begun) + written[half:]
        fates = [node.safe, written[:half], holed]
        return chance.choice(fates if loss is Loss.DATA else [*fates, written])

    def _anywhere(self, wanted: File | Folder) -> Path | None:
        """Present path of a file or folder, if it has one."""

        def look(folder: Folder, place: Path) -> Path | None:
            for name, known in folder.names.items():
                if known[-1] is wanted:
                    return place / name
                if isinstance(known[-1], Folder) and (found := look(known[-1], place / name)):
                    return found
            return None

        return look(self.top, self.root)

    def _read(self, place: Path) -> Folder:
        """Content of a folder, all of which counts as flushed."""
        known = {path.name: self._read(path) if path.is_dir() else File(path.read_bytes()) for path in place.iterdir()}
        return Folder({name: [node] for name, node in known.items()})


def _content_of(path: Path) -> bytes:
    """Content of a file, read without counting as a call."""
    with _OPEN(path, "rb") as file:
        return bytes(file.read())


class _Written(io.FileIO):
    """An open file in which each write counts as a call."""

    def __init__(self, disk: Disk, where: Path, file: Any, mode: str) -> None:
        super().__init__(file, mode)
        self._disk, self._where = disk, where

    def write(self, content: Any) -> int:
        """Writes content completely, partly, or not at all."""
        body = bytes(content)
        if self._disk.dead:
            return len(body)  # nobody is there to hear it

        def part(share: float) -> int:
            return io.FileIO.write(self, body[: int(len(body) * share)])

        return self._disk.step("write", self._where, part) or 0


@contextmanager
def attached(disk: Disk) -> Iterator[None]:  # noqa: C901 - one function for each call
    """Redirects Python's file functions below the disk's folder to the simulated disk."""
    plain_open, plain = io.open, {name: getattr(os, name) for name in ("open", "fsync", "mkdir", "rmdir", "link")}
    plain |= {name: getattr(os, name) for name in ("replace", "rename", "unlink", "remove")}

    def opened(file: Any, mode: str = "r", buffering: int = -1, *args: Any, **options: Any) -> Any:
        place = disk.place(file) if isinstance(file, int) else disk.inside(file)
        if place is None or place == disk.root:
            return plain_open(file, mode, buffering, *args, **options)
        if not isinstance(file, int):
            disk.step("open", place)
        if not set(mode) & set("wax+"):
            return plain_open(file, mode, buffering, *args, **options)
        is_new = not isinstance(file, int) and not os.path.lexists(place)
        raw = _Written(disk, place, file, mode.replace("t", "").replace("b", ""))
        if is_new:
            disk.made(place, File())
        if buffering == 0:
            return raw
        buffered: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        names = ("encoding", "errors", "newline")
        text = dict(zip(names, args, strict=False)) | {name: options[name] for name in names if name in options}
        return io.TextIOWrapper(buffered, line_buffering=buffering == 1, **text)

    def os_open(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        place = disk.inside(path, dir_fd)
        if place is None:
            return plain["open"](path, flags, mode, dir_fd=dir_fd)
        disk.step("open", place)
        is_new = not os.path.lexists(place)
        handle = plain["open"](path, flags, mode)
        if is_new:
            disk.made(place, File())
        return handle

    def fsync(file: Any) -> None:
        place = disk.place(file if isinstance(file, int) else file.fileno())
        if place is None:
            plain["fsync"](file)
            return
        disk.step("fsync", place)
        disk.flushed(place)

    def mkdir(path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        place = disk.inside(path, dir_fd)
        if place is not None and not os.path.lexists(place) and place.parent.is_dir():
            disk.step("mkdir", place)
        plain["mkdir"](path, mode, dir_fd=dir_fd)
        if place is not None:
            disk.made(place, Folder())

    def removing(name: str) -> Callable[..., None]:
        def remove(path: Any, *, dir_fd: int | None = None) -> None:
            place = disk.inside(path, dir_fd)
            if place is not None and os.path.lexists(place):
                disk.step(name, place)
                disk.goes(place)
            plain[name](path, dir_fd=dir_fd)
            if place is not None:
                disk.gone(place)

        return remove

    def moving(name: str) -> Callable[..., None]:
        def move(old: Any, new: Any, **places: Any) -> None:
            source, place = disk.inside(old), disk.inside(new)
            if source is None or place is None:
                plain[name](old, new, **places)
                return
            disk.step(name, place)
            if os.path.lexists(place):
                disk.goes(place)
            plain[name](old, new, **places)
            disk.moved(source, place)

        return move

    def link(old: Any, new: Any, **places: Any) -> None:
        source, place = disk.inside(old), disk.inside(new)
        if source is None or place is None:
            plain["link"](old, new, **places)
            return
        disk.step("link", place)
        plain["link"](old, new, **places)
        node = disk.node(source)
        assert node is not None
        disk.made(place, node)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        patch.setattr(shutil, "_use_fd_functions", False)  # whole paths are easier to follow
        for name, made in (("open", os_open), ("fsync", fsync), ("mkdir", mkdir), ("link", link)):
            patch.setattr(os, name, made)
        for name in ("unlink", "remove", "rmdir"):
            patch.setattr(os, name, removing(name))
        for name in ("replace", "rename"):
            patch.setattr(os, name, moving(name))
        yield
