"""Tasks for executors: a module of its own, so that workers have little to read."""

import os
import signal
import threading
import warnings
from pathlib import Path


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


def own_pid(_number: int) -> int:
    return os.getpid()


def dies(_value: float, _place: object) -> str:
    """As an axis would call it for the words at a tick."""
    os.kill(os.getpid(), signal.SIGKILL)
    return ""
