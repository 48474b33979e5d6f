"""Tasks on the workers of a Dask cluster: on this machine, on another, or in jobs of Slurm.

As many tasks are handed out as there are workers, so that none waits behind a task that kills its worker and is
blamed for it. Tasks take a second or more (see the batches of `conduct`), so that a scheduler keeps up with hundreds of
workers. Every result is checked to come from this version of the code.
"""

from __future__ import annotations

import logging
import queue
import subprocess
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sim.experiments.execution import SLURM, TRIES, Cluster, Executor, Work, WorkerDeath
from sim.experiments.processes import deaf_children
from sim.policy.problem import InputError, extra_install, mistake
from sim.policy.version import source_hash

if TYPE_CHECKING:
    from distributed import Client, Future

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")

#: Time after which a silent scheduler counts as dead, seconds.
SILENCE = 15.0
#: Polling interval for new workers and for a scheduler that has gone, seconds.
_POLL = 0.5
#: Time after which a result counts as lost with the worker that had it, seconds.
_FETCH = 5.0
_START = (
    "Start one with `dask scheduler` and workers with `dask worker`, or leave execution.scheduler out for workers on "
    "this machine"
)
_NONE = object()


@dataclass(frozen=True)
class DaskExecutor(Executor):
    """Workers of a Dask cluster; a task that has cost the life of several is given up and named.

    Attributes:
        workers: how many are started, where they are started from here.
        cluster: where they are.
        tries: how many workers a task may cost.
    """

    workers: int
    cluster: Cluster = field(default_factory=Cluster)
    tries: int = TRIES

    def carry_out(self, work: Work[TaskT, ResultT]) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Yields (task, its result) as results arrive.

        Raises:
            InputError: If Dask is not installed, no scheduler answers, or workers run another version of the code.
        """
        work.beforehand()
        waiting = iter(work.tasks)
        first = next(waiting, _NONE)
        if first is _NONE:
            return  # nothing to start a cluster for
        with _connected(self.workers, self.cluster, self.tries) as client:
            every: Iterator[Any] = chain((first,), waiting)
            pool: _Pool[TaskT, ResultT] = _Pool(client, work.function, every, work.parts, self.tries, self.workers)
            pool.fill()
            work.meanwhile()
            while pool.busy:
                yield from pool.results()
                pool.fill()


@dataclass
class _Pool(Generic[TaskT, ResultT]):
    """Tasks that are running, as many as there are workers for.

    Dask blames a death on all tasks that wait at the worker, which while another one starts are more than one. A task
    that it gives up is therefore suspected only; when all others are done, it is tried alone.
    """

    client: Client
    function: Callable[[TaskT], ResultT]
    tasks: Iterator[TaskT]
    parts: Callable[[TaskT], Sequence[TaskT]]
    tries: int
    wanted: int
    _running: dict[Future[Any], TaskT] = field(default_factory=dict)
    _again: deque[TaskT] = field(default_factory=deque)
    _suspects: deque[TaskT] = field(default_factory=deque)
    _trial: Future[Any] | None = None
    _done: queue.SimpleQueue[Future[Any]] = field(default_factory=queue.SimpleQueue)
    _heard: float = field(default_factory=monotonic)

    @property
    def busy(self) -> bool:
        """Whether any task is running."""
        return bool(self._running)

    def fill(self) -> None:
        """Hands out as many tasks as there are workers that are free, one where none has come yet."""
        room = max(1, self._workers())
        while len(self._running) < room and self._trial is None:
            task = self._again.popleft() if self._again else next(self.tasks, _NONE)
            if task is not _NONE:
                self._hand_out(task)  # type: ignore[arg-type]  # no sentinel comes here
            elif self._suspects and not self._running:
                self._trial = self._hand_out(self._suspects.popleft())
            else:
                return

    def _hand_out(self, task: TaskT) -> Future[Any]:
        """Gives a task to the cluster."""
        future = self.client.submit(_checked, self.function, task, source_hash(), pure=False, retries=0)
        self._running[future] = task
        future.add_done_callback(self._done.put)
        return future

    def results(self) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """The next result, or nothing for a while.

        Raises:
            InputError: If the scheduler has gone.
        """
        try:
            future = self._done.get(timeout=_POLL)
        except queue.Empty:
            self._check()
            return
        self._heard = monotonic()
        task = self._running.pop(future, _NONE)
        if task is _NONE:
            return
        yield from self._result(future, task)  # type: ignore[arg-type]  # likewise

    def _result(self, future: Future[Any], task: TaskT) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """The result of a task that has ended, or nothing where it has to be run again."""
        from distributed.scheduler import KilledWorker

        if future.status == "pending":  # its result was lost with the worker that had it: it is run again
            self._wait_on(future, task)
            return
        tried_alone, self._trial = future is self._trial, None
        if future.status == "cancelled":
            if self.client.status != "running":
                raise _gone()
            self._again.append(task)
            return
        try:
            made = future.result(timeout=_FETCH)
        except TimeoutError:  # likewise, but the news has not come yet
            self._trial = future if tried_alone else None
            self._wait_on(future, task)
        except KilledWorker:
            pieces = self.parts(task)
            if len(pieces) > 1:
                self._again.extend(pieces)
            elif tried_alone:
                yield task, WorkerDeath(self.tries)
            else:
                self._suspects.append(task)
        else:
            yield task, made

    def _wait_on(self, future: Future[Any], task: TaskT) -> None:
        """Waits again for a task whose result is not there after all."""
        self._running[future] = task
        future.add_done_callback(self._done.put)
        self._check()

    def _check(self) -> None:
        """Raises if the scheduler has been silent for long; one that answers is alive, even while tasks take long.

        Workers that have gone for good are replaced where they were started from here: a worker that dies while it
        starts ends its nanny as well.
        """
        if self.client.status == "running":
            self._heard = monotonic()
        elif monotonic() - self._heard > SILENCE:
            raise _gone()
        if self.client.cluster is not None and self._workers() < self.wanted:
            self.client.cluster.scale(self.wanted)

    def _workers(self) -> int:
        """Number of tasks that can run at once, as the scheduler reports it."""
        try:
            return sum(self.client.nthreads().values())
        except (OSError, TimeoutError):
            raise _gone() from None


def _checked(function: Callable[[TaskT], ResultT], task: TaskT, code: str) -> ResultT:
    """Does a task, if this worker has the code that the study is made with.

    Raises:
        InputError: If it has not.
    """
    if source_hash() != code:
        raise InputError(
            "a worker runs another version of Comity, whose results may differ",
            key="execution.scheduler",
            fix="Start all workers from the same installation.",
        )
    return function(task)


@contextmanager
def _connected(workers: int, cluster: Cluster, tries: int) -> Iterator[Client]:
    """A client of the cluster, which is started and ended here unless it runs already."""
    try:
        import cryptography  # noqa: F401 - makes the keys
        import dask
        import distributed
    except ImportError as error:
        problem, fix = f"{error.name} is not installed", extra_install("cluster")
        raise mistake(problem, "execution.executor", "dask", f"{fix} Or choose --executor processes.") from None
    settings = {
        "distributed.scheduler.allowed-failures": tries - 1,
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.comm.timeouts.connect": f"{SILENCE:g}s",
        "distributed.deploy.lost-worker-timeout": "5s",
        "distributed.admin.low-level-log-length": 0,
    }
    with dask.config.set(settings), _quiet(), ExitStack() as open_things:
        if cluster.scheduler in ("", SLURM):
            started = open_things.enter_context(_local(workers) if not cluster.scheduler else _slurm(workers, cluster))
            yield open_things.enter_context(distributed.Client(started, set_as_default=False))
        else:
            yield open_things.enter_context(_existing(cluster.scheduler))


def _local(workers: int) -> Any:
    """Workers on this machine, out of reach from other machines and, by keys of their own, from its other users."""
    from distributed import LocalCluster

    with deaf_children():
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tls://",
            security=True,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            memory_limit=0,  # the system's own limit is the only one
        )


@contextmanager
def _slurm(workers: int, cluster: Cluster) -> Iterator[Any]:
    """Workers in jobs of Slurm; a job that ends early is replaced.

    The one who can connect to a scheduler can have it run code. Connections are therefore encrypted, with keys that are
    made for this cluster: jobs read them from files in the user's home that nobody else can read.
    """
    import shutil

    import platformdirs

    settings = cluster.slurm
    if shutil.which("sbatch") is None:
        raise _dead("this machine has no sbatch", "Give the command on a login node, or use --shard in a job array.")
    from dask_jobqueue import SLURMCluster

    folder = platformdirs.user_log_dir("comity", appauthor=False, ensure_exists=True)
    with SLURMCluster(
        cores=settings.cores,
        processes=settings.cores,
        memory=settings.memory,
        walltime=settings.walltime,
        queue=settings.queue or None,
        account=settings.account or None,
        interface=settings.interface or None,
        job_extra_directives=list(settings.options),
        job_script_prologue=list(settings.prologue),
        scheduler_options={"dashboard_address": None},
        protocol="tls://",
        security=True,
        shared_temp_directory=folder,
        log_directory=folder,
    ) as started:
        _try_out(started.job_script())
        started.scale(workers)
        yield started


def _try_out(script: str) -> None:
    """Asks Slurm whether it would accept such a job, since one that it refuses would never start.

    Raises:
        InputError: If it would not.
    """
    words = ["sbatch", "--test-only"]
    answer = subprocess.run(words, input=script, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        reason = " ".join(answer.stderr.split()).removeprefix("allocation failure: ")
        raise _dead(f"Slurm refuses such a job ({reason})", "Change execution.slurm.queue, account, memory or options.")


def _existing(scheduler: str) -> Client:
    """A client of a scheduler that runs already.

    Raises:
        InputError: If nobody answers there.
    """
    from distributed import Client

    file = Path(scheduler)
    try:
        if "://" in scheduler:
            return Client(scheduler, timeout=SILENCE, set_as_default=False)
        if not file.is_file():
            raise _dead("no such scheduler file", scheduler=scheduler)
        return Client(scheduler_file=str(file), timeout=SILENCE, set_as_default=False)
    except TypeError:  # as Dask reports that it has no keys
        fix = "Name its certificates in Dask's own configuration, under distributed.comm.tls."
        raise _dead("the scheduler asks for keys, and there are none", fix, scheduler) from None
    except (OSError, TimeoutError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise _dead("no scheduler answers there", scheduler=scheduler) from None


def _gone() -> InputError:
    """A scheduler that answered at first and does so no longer."""
    return _dead(
        "the scheduler has gone while work was under way",
        f"{_START}; what is done is kept, and the same command resumes it.",
    )


def _dead(problem: str, fix: str = f"{_START}.", scheduler: str | None = None) -> InputError:
    """A cluster that cannot be worked with."""
    return mistake(problem, "execution.scheduler", scheduler, fix)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences Dask, which reports every worker that goes; here a death is reported with its task."""
    names = ("distributed", "distributed.nanny", "distributed.scheduler", "distributed.core", "distributed.client")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
