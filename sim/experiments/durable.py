"""Writes files durably, so that their content and names survive a loss of power.

A file is forced to the disk before it is renamed, and the folder of its new name after that.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

#: Never through a link, never waiting for a writer.
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def flush(place: Path) -> None:
    """Forces a file's content or the names in a folder to the disk; does nothing for folders under Windows."""
    is_windows = os.name == "nt"
    if is_windows and place.is_dir():
        return
    handle = os.open(place, (os.O_RDWR if is_windows else os.O_RDONLY) | _FLAGS)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that flush no folders, some over networks
            raise
    finally:
        os.close(handle)


def durable_replace(writing: Path, place: Path) -> None:
    """Renames a file durably: after a loss of power, its place has either the old or the complete new file."""
    flush(writing)
    writing.replace(place)
    flush(place.parent)


def lasting_folder(folder: Path) -> None:
    """Creates a folder and its parents if missing, and forces their names to the disk.

    That of a folder that is there is forced as well: who made it may have been killed before it could do so.
    """
    made = [folder, *(above for above in folder.parents if not above.exists())]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(made):
        flush(one.parent)
