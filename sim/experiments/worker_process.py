"""What a worker process does at its end of the pipe: one task after another, until the pipe ends (see `processes`)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from threading import Thread
from time import sleep
from typing import Any

#: Polling interval for a parent that has ended, seconds.
_POLL = 1.0
#: Linux's option of prctl that asks for a signal when the parent dies.
_PARENT_DEATH_SIGNAL = 1


@dataclass(frozen=True)
class Begun:
    """A worker has read its task."""


@dataclass(frozen=True)
class _Raised:
    """What a function raised, and where."""

    error: Exception
    traceback: str


def serve(pipe: Connection, parent: int) -> None:
    """Does one task after another, until the pipe ends.

    Args:
        pipe: this end; first comes the function, then its arguments, task by task.
        parent: id of the process that started this one, with which this one ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the terminal is for the parent
    _end_with(parent)
    _leave_no_core()
    with suppress(EOFError, OSError):  # the parent has gone
        try:
            function = pipe.recv()
            while True:
                _answer(pipe, function, pipe.recv())
        except (EOFError, OSError):
            raise
        except Exception as error:  # what was sent cannot be read here
            _send_error(pipe, error)


def _end_with(parent: int) -> None:
    """Lets this process end soon after its parent, even in the middle of a task: nobody is left to take the result.

    Linux ends it at once; elsewhere a thread polls, whenever compiled code lets it run.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)

    def watch() -> None:
        """Polls for the parent, which may have died before the signal was asked for."""
        while os.getppid() == parent:
            sleep(_POLL)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _leave_no_core() -> None:
    """Prevents core dumps: writing its memory out would hold the pipe of a faulty process open for minutes.

    The limit is one byte: with a limit of zero, a system that pipes core dumps to a program still does so.
    """
    try:
        import resource
    except ImportError:
        return  # a system without core dumps
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (1 if most == resource.RLIM_INFINITY else min(1, most), most))


def _answer(pipe: Connection, function: Callable[[Any], Any], task: Any) -> None:
    """Does one task."""
    pipe.send(Begun())
    try:
        made = function(task)
    except Exception as error:
        _send_error(pipe, error)
        return
    try:
        pipe.send(made)
    except OSError:
        raise
    except Exception as error:  # a result that cannot be sent
        _send_error(pipe, error)


def _send_error(pipe: Connection, error: Exception) -> None:
    """Sends an error; one that cannot be pickled is sent in words."""
    words = "".join(traceback.format_exception(error))
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))  # as the pipe does: one that cannot be read must not be sent
        pipe.send(_Raised(error, words))
    except OSError:
        raise
    except Exception:
        pipe.send(_Raised(RuntimeError(f"{type(error).__name__}: {error}"), words))


def read(message: Any) -> Any:
    """A result as the other end reads it; an error is raised there as it was here.

    Raises:
        Exception: what the function raised, with the worker's traceback as its note.
    """
    if isinstance(message, _Raised):
        message.error.add_note(f"In a worker process:\n{message.traceback}")
        raise message.error
    return message
