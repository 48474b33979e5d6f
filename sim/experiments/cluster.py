"""Where Dask finds its workers: on this machine, at a scheduler that runs already, or in jobs of Slurm."""

from dataclasses import dataclass, field

from sim.policy.problem import mistake

#: Words for `execution.executor`: this process, processes of its own, or workers of Dask.
KINDS = ("serial", "processes", "dask")
SLURM = "slurm"


@dataclass
class Slurm:
    """Jobs that are asked of Slurm, one after another until as many workers run as were asked for.

    Attributes:
        queue: partition; empty for the cluster's own choice.
        account: whom the time is charged to; empty for the user's own.
        cores: worker processes a job, each on one core.
        memory: of a job, such as 4GB.
        walltime: of a job, hours:minutes:seconds; a job that ends is replaced.
        options: further lines of `#SBATCH`, such as --constraint=avx2.
        prologue: shell commands before a worker starts, such as "module load python".
        interface: network interface by which workers reach the scheduler; empty for the usual one.
    """

    queue: str = ""
    account: str = ""
    cores: int = 1
    memory: str = "4GB"
    walltime: str = "04:00:00"
    options: list[str] = field(default_factory=list)
    prologue: list[str] = field(default_factory=list)
    interface: str = ""


@dataclass(frozen=True)
class Cluster:
    """Where Dask finds its workers.

    Attributes:
        scheduler: empty for this machine, `slurm`, an address such as tls://host:8786, or a scheduler file.
        slurm: what is asked of Slurm.
    """

    scheduler: str = ""
    slurm: Slurm = field(default_factory=Slurm)


def check_cluster(kind: str, scheduler: str, slurm: Slurm) -> None:
    """A scheduler is for Dask, and jobs have at least one core.

    Raises:
        InputError: If it is not so.
    """
    if scheduler and kind != "dask":
        raise mistake(
            "a scheduler is for the executor dask", "execution.scheduler", scheduler, "Write --executor dask as well."
        )
    if not 1 <= slurm.cores <= 1024:
        raise mistake("out of range", "execution.slurm.cores", slurm.cores, "Choose a value from 1 to 1,024.")
