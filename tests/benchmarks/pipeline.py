"""The pipeline of requests that all benchmarked libraries simulate, and a comparison of their results.

Requests arrive as a Poisson stream. Each is drafted, checked at the outgoing desk, transmitted, taken up by the
incoming desk, ordered by a court, produced by a provider and returned. The incoming desk may return it as deficient:
the requester completes it, the outgoing desk sends it on, and it queues again in its old place. Waiting on others is
lognormal. The four desks are staffed and take files first come, first served, with lognormal touch time. Nothing is
refused, withdrawn or appealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Delay:
    """A lognormal wait outside desks: median and spread."""

    median: float  # days
    sigma: float  # standard deviation of the log


@dataclass(frozen=True)
class Staffed:
    """A desk of the pipeline: its staff and time per file."""

    servers: int  # persons
    touch_hours: float  # mean work on a file, hours; lognormal


@dataclass(frozen=True)
class Pipeline:
    """All numbers of the pipeline, the same for each library."""

    requests: int = 20_000  # requests simulated
    per_day: float = 4.0  # arrivals a day; desks are busy for 60 to 91 % of the time
    drafting: Delay = Delay(14, 0.7)
    transmission: Delay = Delay(3, 0.7)
    deficiency_return: Delay = Delay(45, 0.7)
    production: Delay = Delay(14, 0.7)
    returning: Delay = Delay(16, 0.7)
    outgoing: Staffed = Staffed(5, 3)
    incoming: Staffed = Staffed(17, 12)
    court: Staffed = Staffed(4, 4)
    provider: Staffed = Staffed(2, 1.5)
    deficiency: float = 0.45  # P(the incoming desk returns a first draft)
    repeat: float = 0.45  # factor on that probability for each return so far
    variation: float = 2.0  # squared coefficient of variation of touch time
    hours_per_day: float = 4.8  # touch-hours of a person a calendar day

    def return_probability(self, loops: int) -> float:
        """Probability that a request is returned as deficient after a number of returns."""
        return max(self.deficiency * self.repeat**loops, 0.001)


#: Quantiles of the turnaround that must agree.
LEVELS = (0.1, 0.5, 0.9)


def summary(turnarounds: Days) -> Days:
    """Mean and quantiles of days, after a warm-up of the first fifth of requests."""
    settled = turnarounds[len(turnarounds) // 5 :]
    return np.array([settled.mean(), *np.quantile(settled, LEVELS)])


def disagreement(summaries: Sequence[Days]) -> float:
    """Largest relative difference between the libraries' summaries."""
    return float(max(np.abs(other / summaries[0] - 1.0).max() for other in summaries))
