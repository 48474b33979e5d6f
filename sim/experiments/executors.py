"""Which executor carries out tasks: results depend neither on it nor on the number of its workers."""

from sim.experiments.execution import Cluster, Executor, SerialExecutor
from sim.experiments.processes import ProcessExecutor


def executor(workers: int, kind: str = "processes", cluster: Cluster | None = None) -> Executor:
    """The executor for a number of workers.

    Args:
        workers: number of processes, 1 or more.
        kind: one of `cluster.KINDS`; `serial` is this process, whose death ends everything.
        cluster: where Dask finds its workers; this machine by default.

    Raises:
        ValueError: If `workers` is below 1.
        InputError: If Dask is asked for and not installed.
    """
    if workers < 1:
        raise ValueError(f"at least one worker is needed, not {workers}")
    if kind == "serial":
        return SerialExecutor()
    if kind == "dask":
        from sim.experiments.on_dask import DaskExecutor

        return DaskExecutor(workers, cluster or Cluster())
    return ProcessExecutor(workers)
