"""Tasks for executors: a module of its own, so that workers have little to read."""

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
    """Task 3 kills its process: always, or only the first time, when the marker file is not there."""
    number, marker = given
    if number == 3 and not (marker and Path(marker).exists()):
        if marker:
            Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def faults(given: tuple[int, str]) -> int:
    """Task 3 reads at address zero; a child of its process outlives it, and with it this end of the pipe."""
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
    """A function that ends the worker that reads it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return signal.raise_signal, (signal.SIGSEGV,)


def naps(place: str) -> None:
    """Writes who works on it, then does not answer for long."""
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
    """A worker that ends on its own, as one that is replaced for its memory would."""
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
