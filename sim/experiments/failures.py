"""A failure is a value: what was being done, for whom, and what went wrong."""

import errno
import traceback
from dataclasses import asdict, dataclass
from enum import StrEnum

#: Errors of a disk that is full: the user's to mend, not a failure of one replicate.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FailureStage(StrEnum):
    """What was being done when it went wrong."""

    BURN_IN = "simulating the past"
    ARM = "simulating the policy decade"
    MEASURE = "measuring"
    KEEP = "keeping the results"
    WORKER = "running at all: its worker process died"


@dataclass(frozen=True)
class Failure:
    """One thing that went wrong; the rest of an experiment goes on.

    Attributes:
        block: name of the parameter set.
        seed: run seed.
        scenario: the arm, empty when all arms of the seed are lost.
        stage: what was being done.
        message: type and text of the error.
        details: traceback.
    """

    block: str
    seed: int
    scenario: str
    stage: FailureStage
    message: str
    details: str

    @classmethod
    def of(cls, error: Exception, block: str, seed: int, scenario: str, stage: FailureStage) -> "Failure":
        """The failure that an exception amounts to."""
        details = "".join(traceback.format_exception(error))
        return cls(block, seed, scenario, stage, f"{type(error).__name__}: {error}", details)

    @classmethod
    def of_death(cls, cause: str, block: str, seed: int, scenario: str = "") -> "Failure":
        """What a worker process that ended would have reported, `cause` telling how it ended."""
        return cls(block, seed, scenario, FailureStage.WORKER, f"the process ended {cause}", "")

    @property
    def text(self) -> str:
        """One line for people."""
        arm = f", {self.scenario}" if self.scenario else ""
        return f"{self.block}, seed {self.seed}{arm}: failed in {self.stage}: {self.message}"

    def plain(self) -> dict[str, str | int]:
        """Plain values, for JSON."""
        return {name: value if isinstance(value, int) else str(value) for name, value in asdict(self).items()}


class AllFailedError(RuntimeError):
    """No replicate succeeded, so there is nothing to show; carries the first failure's traceback."""

    def __init__(self, failures: list[Failure]) -> None:
        self.failures = failures
        first = failures[0]
        others = f" (and {len(failures) - 1} others)" if len(failures) > 1 else ""
        super().__init__(f"none of the replicates succeeded. {first.text}{others}\n{first.details}".rstrip())

    @property
    def by_death(self) -> bool:
        """Whether processes ended and no error was raised: there is no traceback to show."""
        return not any(failure.details for failure in self.failures)
