"""Tasks on the workers of a Dask cluster: on this machine, on another, or in jobs of Slurm.

Dask blames a death on all tasks that wait at the worker, which while another one starts are more than one: it is not
sure. Tasks take a second or more (see the batches of `conduct`), so that a scheduler keeps up with hundreds of workers.
Every result is checked to come from this version of the code.
"""

from __future__ import annotations

import logging
import subprocess
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from sim.experiments.processes import DeathError, deaf_children
from sim.experiments.settings import SLURM, Execution
from sim.policy.problem import InputError, extra_install, mistake
from sim.policy.version import source_hash

if TYPE_CHECKING:
    from distributed import Client, Future

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")

#: Time after which a silent scheduler counts as dead, seconds.
SILENCE = 15.0
#: Time after which a result counts as lost, seconds.
_FETCH = 5.0
_START = (
    "Start one with `dask scheduler` and workers with `dask worker`, or leave execution.scheduler out for workers on "
    "this machine"
)


class DaskPool:
    """Workers of a cluster: where they were started from here, so many again when they go.

    One that dies while it starts ends its nanny as well.
    """

    sure = False

    def __init__(self, client: Client, wanted: int, function: Callable[[Any], Any]) -> None:
        self._client, self._wanted, self._function = client, wanted, function
        self._heard = monotonic()

    @property
    def room(self) -> int:
        """Workers, as the scheduler reports them; one where none has come yet."""
        return max(1, self._workers())

    def _workers(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError):
            raise _gone() from None

    def submit(self, task: Any) -> Future[Any]:
        """Hands a task to the cluster."""
        return self._client.submit(_checked, self._function, task, source_hash(), pure=False, retries=0)

    def result(self, future: Future[Any]) -> Any:
        """What came of a task."""
        from distributed.scheduler import KilledWorker

        self._heard = monotonic()
        try:
            return future.result(timeout=_FETCH)
        except KilledWorker:
            raise DeathError from None
        except (CancelledError, TimeoutError):  # its result was lost with the worker that had it
            if self._client.status != "running":
                raise _gone() from None
            raise DeathError(begun=False) from None

    def check(self) -> None:
        """A scheduler that answers is alive, even while tasks take long."""
        if self._client.status == "running":
            self._heard = monotonic()
        elif monotonic() - self._heard > SILENCE:
            raise _gone()
        if self._client.cluster is not None and self._workers() < self._wanted:
            self._client.cluster.scale(self._wanted)


def _checked(function: Callable[[TaskT], ResultT], task: TaskT, code: str) -> ResultT:
    """Does a task, if this worker has the code that the study is made with."""
    if source_hash() != code:
        problem = "a worker runs another version of Comity, whose results may differ"
        raise InputError(problem, key="execution.scheduler", fix="Start all workers from the same installation.")
    return function(task)


@contextmanager
def dask_pool(workers: int, cluster: Execution, function: Callable[[Any], Any]) -> Iterator[DaskPool]:
    """The workers of a cluster, which is started and ended here unless it runs already."""
    try:
        import cryptography  # noqa: F401 - makes the keys
        import dask
        import distributed
    except ImportError as error:
        problem, fix = f"{error.name} is not installed", extra_install("cluster")
        raise mistake(problem, "execution.executor", "dask", f"{fix} Or choose --executor processes.") from None
    settings = {
        "distributed.scheduler.allowed-failures": 0,
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.comm.timeouts.connect": f"{SILENCE:g}s",
        "distributed.deploy.lost-worker-timeout": "5s",
        "distributed.admin.low-level-log-length": 0,
    }
    with dask.config.set(settings), _quiet(), ExitStack() as open_things:
        if cluster.scheduler in ("", SLURM):
            started = open_things.enter_context(_local(workers) if not cluster.scheduler else _slurm(workers, cluster))
            client = open_things.enter_context(distributed.Client(started, set_as_default=False))
        else:
            client = open_things.enter_context(_existing(cluster.scheduler))
        yield DaskPool(client, workers, function)


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
def _slurm(workers: int, cluster: Execution) -> Iterator[Any]:
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
    """Asks Slurm whether it would accept such a job, since one that it refuses would never start."""
    words = ["sbatch", "--test-only"]
    answer = subprocess.run(words, input=script, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        reason = " ".join(answer.stderr.split()).removeprefix("allocation failure: ")
        raise _dead(f"Slurm refuses such a job ({reason})", "Change execution.slurm.queue, account, memory or options.")


def _existing(scheduler: str) -> Client:
    """A client of a scheduler that runs already."""
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
