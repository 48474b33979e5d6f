"""Each implementation of the request pipeline runs, and all answer every request.

Exact queues agree with each other in their whole distribution. The kernel's desks are lines of hours lived in steps of
a month: at a desk without other work, files that join the line within a month are added to its end, while the idle
hours of that month were already left out when it began. They are done only after the month has ended, so that the
mean wait at such a desk is about half a month instead of hours: 190 days from drafting to return instead of 102. With
steps of a day in place of a month the kernel's own pipeline gives 101, and its quantiles agree too. Hence a wide
tolerance of the mean: this says that nothing is lost or comes back too early, not that the kernel is an exact queue.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.benchmarks.pipeline import Pipeline, disagreement, summary
from tests.benchmarks.speed import Library, libraries

SMALL = Pipeline(requests=4_000)
LIBRARIES = libraries()
KERNEL, EXACT = LIBRARIES[:2], LIBRARIES[2:]
MOST = 2.2  # times the mean turnaround of exact queues


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    """Mean and quantiles by the first exact library, over five times as many requests."""
    return summary(EXACT[0].prepare(replace(SMALL, requests=20_000), 3)())


@pytest.mark.parametrize("library", EXACT, ids=lambda library: library.name)
def test_same_distribution(library: Library, reference: np.ndarray) -> None:
    """One standard deviation between seeds is at most 2.7 %, so chance fails this once in 10,000 times."""
    turnarounds = library.prepare(SMALL, 4)()
    assert np.isfinite(turnarounds).all() and (turnarounds > 0).all()
    assert disagreement([reference, summary(turnarounds)]) < 0.12


@pytest.mark.parametrize("library", KERNEL, ids=lambda library: library.name)
def test_all_requests_end_and_none_sooner_than_from_exact_queues(library: Library, reference: np.ndarray) -> None:
    turnarounds = library.prepare(SMALL, 4)()
    assert len(turnarounds) == SMALL.requests
    assert np.isfinite(turnarounds).all() and (turnarounds > 0).all()
    assert 0.88 < summary(turnarounds)[0] / reference[0] < MOST


def test_other_staff_is_noticed(reference: np.ndarray) -> None:
    slower = replace(SMALL, incoming=replace(SMALL.incoming, servers=15))
    assert disagreement([reference, summary(EXACT[0].prepare(slower, 4)())]) > 0.12
    fewer, today = (summary(KERNEL[0].prepare(pipeline, 4)()) for pipeline in (slower, SMALL))
    assert fewer[0] > today[0]
