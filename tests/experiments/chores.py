"""Tasks for tests of executors, in a small module that workers load quickly."""

import ctypes
import os
import signal
import threading
import time
import warnings
from pathlib import Path

NAP = 120.0


def square(number: int) -> int:
    return number * number


def deadly(given: tuple[int, str]) -> int:
    """Task that kills its process at number 3, always or only while the marker file is missing."""
    number, marker = given
    if number == 3 and not (marker and Path(marker).exists()):
        if marker:
            Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def faults(given: tuple[int, str]) -> int:
    """Task that crashes at number 3 by reading address zero, and leaves a child process behind."""
    number, child = given
    if number == 3:
        born = os.fork()
        if not born:
            time.sleep(60.0)
            Path(child).unlink()
            os._exit(0)
        Path(child).write_text(str(born))
        ctypes.string_at(0)
    return number


class Unreadable:
    """A function that ends the worker that unpickles it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return signal.raise_signal, (signal.SIGSEGV,)


def naps(place: str) -> None:
    """Records its process, then takes long to answer."""
    writing = Path(f"{place}.tmp")
    writing.write_text(str(os.getpid()))
    writing.replace(place)
    time.sleep(NAP)


def limit_of_core(_number: int) -> int:
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE)[0]


def environment(_number: int) -> dict[str, str]:
    return dict(os.environ)


def sum_or_die(numbers: tuple[int, ...]) -> int:
    if 5 in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    return sum(numbers)


def leaves(number: int) -> int:
    """Ends its worker, as if the worker were replaced for using too much memory."""
    if number % 3 == 1:
        warnings.warn("a worker leaves", stacklevel=1)
        os._exit(0)
    return number


def raises(number: int) -> int:
    if number == 2:
        raise OSError(28, "no space")
    return number


def made_of_a_lock(_number: int) -> object:
    return threading.Lock()
