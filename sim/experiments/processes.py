"""Worker processes that execute tasks, each connected by a pipe; both ends of the pipe are in this module.

Nothing is shared between workers: no queue whose lock a killed worker could take with it, no message of a killed worker
that somebody would wait for. joblib's `Parallel` was tried and rejected: it waits for ever when a worker is replaced
for its growing memory while warnings are errors, and it ends all workers when one dies. Only the way in which loky, its
basis, starts processes is used: they neither fork nor run the caller's main module again.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import current_process
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from queue import SimpleQueue
from threading import Thread
from time import sleep
from typing import Any, Self, TypeVar

from sim.policy.problem import InputError, mistake

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")

#: Polling interval, seconds: for workers that have ended although their pipe has not, and for a parent that has ended.
POLL = 0.5
#: Time that a worker has to end once it is asked to, seconds; then it is killed.
_PATIENCE = 5.0
#: Message of a worker that has begun with its task.
_BEGUN = b"begun"
#: How a worker died when the cause is not known.
UNKNOWN_CAUSE = "for an unknown reason, perhaps because memory ran out"
#: Linux's option of prctl that asks for a signal when the parent dies.
_PARENT_DEATH_SIGNAL = 1
#: Signals by which the system ends a process whose compiled code has gone wrong.
_FAULTS = frozenset({"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"})


class DeathError(RuntimeError):
    """Error of a task whose worker process died."""

    def __init__(self, cause: str = UNKNOWN_CAUSE, *, begun: bool = True) -> None:
        self.cause, self.begun = cause, begun
        super().__init__(f"a process ended {cause}")


class AgainError(RuntimeError):
    """Error of a task that was not started, through no fault of its own, and should be tried again."""


def packed(value: Any) -> bytes:
    """Pickles a value to bytes for another process."""
    return bytes(ForkingPickler.dumps(value))


def unpacked(content: bytes) -> Any:
    """Restores a value from bytes that a process of this study made; unsafe for any other bytes."""
    return ForkingPickler.loads(content)


class TaskProcess:
    """A process that executes one task after another; if it dies, the next task starts a new process.

    It ends when it has had no task for some seconds, where a number of them is given.
    """

    def __init__(self, function: Callable[[Any], Any], idle: float | None = None) -> None:
        self._function, self._closed, self._idle = function, False, idle
        self.process: Any = None
        self._pipe: Any = None

    def start(self) -> None:
        """Starts the process and sends the function that it will execute."""
        from loky.backend.context import get_context

        context, names = get_context("loky"), ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        # Linear algebra in one thread: idle ones spin, and take time from other workers. What the user has set stays,
        # OMP_NUM_THREADS for all, as the others follow it.
        one = {} if names[0] in os.environ else {name: "1" for name in names if name not in os.environ}
        self._pipe, its = context.Pipe()
        with _deaf_children(), _having_children():
            process = context.Process(target=serve, args=(its, os.getpid(), self._idle), daemon=True, env=one)
            process.start()
            self.process = process  # only now: one that has not started cannot be ended
        if self._closed:  # meanwhile
            process.terminate()
        its.close()  # only the process holds it now: the pipe ends with the process, however that ends
        with suppress(OSError):  # it is dead already: its pipe will show it
            self._pipe.send(self._function)

    @property
    def alive(self) -> bool:
        """True if the process is running."""
        return self.process is not None and self.process.is_alive()

    def call(self, task: Any) -> Any:
        """Executes a task in the process and returns its result, or raises its error."""
        return self.result(self.call_for_bytes(task))

    @staticmethod
    def result(answer: bytes) -> Any:
        """Unpacks the result from an answer's bytes, or raises the error in it."""
        made, error, words = unpacked(answer)
        if error is not None:
            error.add_note(f"In a worker process:\n{words}")
            raise error
        return made

    def call_for_bytes(self, task: Any) -> bytes:
        """Executes a task and returns the answer as raw bytes."""
        if self._closed:
            raise DeathError(begun=False)
        if self.process is None:
            self.start()
        begun = False
        try:
            with suppress(OSError):  # likewise
                self._pipe.send(task)
            while (message := self._heard()) == _BEGUN:
                begun = True
        except (EOFError, OSError):
            raise DeathError(self.end(), begun=begun) from None
        return message

    def _heard(self) -> bytes:
        """Waits for the worker's next message and returns its bytes; EOFError if the worker is dead."""
        while not self._pipe.poll(POLL):
            if self._closed or (self.process.exitcode is not None and not self._pipe.poll()):
                raise EOFError
        message: bytes = self._pipe.recv_bytes()
        return message

    def terminate(self) -> None:
        """Kills the process even during a task; it will not be started again."""
        self._closed, process = True, self.process
        if process is not None:
            process.terminate()

    def end(self) -> str:
        """Waits until the process exits, or kills it; returns a text on the way the process ended."""
        process, self.process = self.process, None
        if process is None:
            return UNKNOWN_CAUSE
        self._pipe.close()
        process.join(_PATIENCE)
        if process.exitcode is None:
            with suppress(ProcessLookupError):  # another thread has heard of its end just now
                os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            process.join(_PATIENCE)  # one that even this does not end is not waited for
        if not (code := process.exitcode):
            return UNKNOWN_CAUSE
        if code > 0:
            return f"with exit code {code}"
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        if name in _FAULTS:
            return f"by {name}, a fault in compiled code"
        return f"by {name}" + (", perhaps because memory ran out" if name == "SIGKILL" else "")


class ProcessPool:
    """Pool of worker processes, each served by a thread; processes start when tasks need them."""

    def __init__(self, room: int, function: Callable[[Any], Any], first: int = 0) -> None:
        self.room = room
        self.processes = [TaskProcess(function) for _ in range(room)]
        self._threads = ThreadPoolExecutor(room)
        self._free: SimpleQueue[TaskProcess] = SimpleQueue()
        for number, process in enumerate(self.processes):
            if number < first:
                process.start()
            self._free.put(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all workers without waiting for busy ones."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self.processes:
            process.terminate()
        self._threads.shutdown()
        for process in self.processes:
            process.end()

    def unable(self, cause: str) -> InputError:
        """Makes the error for a pool in which no process has started any task."""
        problem = f"worker processes end before they begin with any task ({cause})"
        fix = "Try execution.executor=serial, which needs none"
        fix += "; if that ends as well, free some memory or install Comity again."
        return mistake(problem, "execution.executor", "processes", fix)

    def submit(self, task: Any) -> Future[Any]:
        """Submits a task to a free process."""
        return self._threads.submit(self._done, task)

    def _done(self, task: Any) -> Any:
        process = self._free.get()
        try:
            return process.call(task)
        finally:
            self._free.put(process)


def in_a_process(function: Callable[[TaskT], ResultT], task: TaskT) -> ResultT:
    """Executes a task in a new process, which an interrupt ends at once; returns the result."""
    process = TaskProcess(function)
    try:
        made: ResultT = process.call(task)
        return made
    finally:
        process.terminate()
        process.end()


@contextmanager
def _having_children() -> Iterator[None]:
    """Context manager: this process may start children, even if an engine made it a daemon.

    multiprocessing keeps daemons from it, as it ends them without a word; here a child ends with its parent by itself.
    """
    settings: dict[str, Any] = vars(current_process())["_config"]
    daemon = settings.pop("daemon", None)
    try:
        yield
    finally:
        if daemon is not None:
            settings["daemon"] = daemon


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Context manager: processes that start in the block ignore interrupts from the terminal."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(pipe: Connection, parent: int, idle: float | None = None) -> None:
    """Runs a worker process: reads the function, then executes tasks until the pipe closes.

    It also ends when no task has come for some seconds, where a number of them is given.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the terminal is for the parent
    _end_with(parent)
    _leave_no_core()
    with suppress(EOFError, OSError):  # the parent has gone
        try:
            function = pipe.recv()
            while pipe.poll(idle):
                task = pipe.recv()
                pipe.send_bytes(_BEGUN)
                pipe.send_bytes(_answer(function, task))
        except (EOFError, OSError):
            raise
        except Exception as error:  # what was sent cannot be read here
            pipe.send_bytes(_raised(error))


def _end_with(parent: int) -> None:
    """Makes this process end soon after its parent dies, even during a task.

    Linux ends it at once; elsewhere a thread polls, whenever compiled code lets it run.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)

    def watch() -> None:
        """Ends the process once its parent is dead; checks for that at intervals."""
        while os.getppid() == parent:
            sleep(POLL)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _leave_no_core() -> None:
    """Disables core dumps, which would keep a crashed process's pipe open for minutes.

    The limit is one byte: with a limit of zero, a system that pipes core dumps to a program still does so.
    """
    try:
        import resource
    except ImportError:
        return  # a system without core dumps
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (1 if most == resource.RLIM_INFINITY else min(1, most), most))


def _answer(function: Callable[[Any], Any], task: Any) -> Any:
    """Executes a task and pickles the result, or the error with its traceback."""
    try:
        return ForkingPickler.dumps((function(task), None, ""))
    except Exception as error:  # or the result cannot be sent
        return _raised(error)


def _raised(error: Exception) -> Any:
    """Pickles an error with its traceback; an error that cannot be pickled is replaced by its text."""
    where = "".join(traceback.format_exception(error))
    try:
        message = ForkingPickler.dumps((None, error, where))
        ForkingPickler.loads(message)
    except Exception:
        return ForkingPickler.dumps((None, RuntimeError(f"{type(error).__name__}: {error}"), where))
    return message
