"""Times the benchmark pipeline in each library in turn, so that other load affects all alike."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from tests.benchmarks import on_mesa, on_rules, on_simpy
from tests.benchmarks.pipeline import Days, Pipeline, disagreement, summary

#: Prepares a run, and gives back what is timed.
Preparation = Callable[[Pipeline, int], Callable[[], Days]]
#: Of mean and quantiles, after all rounds. The model leaves out the line at a provider, and files see only now and then
#: whether it is their turn: some two days of a hundred.
TOLERANCE = 0.08


@dataclass(frozen=True)
class Library:
    """A library with its implementation of the pipeline."""

    name: str  # as the table shows it
    prepare: Preparation  # makes a run ready; loading law and making tables is not timed
    runs: int = 1  # timed together in a round, so that the quick ones are timed for about as long as the others


@dataclass(frozen=True)
class Timing:
    """Measured times of one library."""

    name: str  # of the library
    requests_a_second: tuple[float, ...]  # processor time, one value for each round
    turnaround: Days  # mean and quantiles, days, mean of the rounds


def libraries() -> tuple[Library, ...]:
    """Installed libraries, this model first."""
    result = [
        Library("this model", lambda made, seed: partial(on_rules.simulate, on_rules.prepared(made, seed), made), 10),
        Library("SimPy", lambda pipeline, seed: partial(on_simpy.run, pipeline, seed)),
    ]
    if on_mesa.has_scheduler():
        result.append(Library("Mesa", lambda pipeline, seed: partial(on_mesa.run, pipeline, seed)))
    return tuple(result)


def compare(pipeline: Pipeline, rounds: int) -> tuple[Timing, ...]:
    """Times all libraries in several rounds, with a new seed in each round."""
    present = libraries()
    for library in present:
        library.prepare(replace(pipeline, requests=10), 1)()
    rates: dict[str, list[float]] = {library.name: [] for library in present}
    summaries: dict[str, list[Days]] = {library.name: [] for library in present}
    for round_number in range(rounds):
        for library in present:
            runs = [library.prepare(pipeline, 100 * round_number + number) for number in range(library.runs)]
            begun = time.process_time()
            turnarounds = [run() for run in runs]
            seconds = time.process_time() - begun
            rates[library.name].append(library.runs * pipeline.requests / seconds)
            summaries[library.name].extend(summary(days) for days in turnarounds)
    timings = tuple(Timing(name, tuple(rates[name]), np.mean(summaries[name], axis=0)) for name in rates)
    apart = disagreement([timing.turnaround for timing in timings])
    if apart > TOLERANCE:
        raise ValueError(f"turnarounds differ by {apart:.1%}, more than {TOLERANCE:.0%}: {timings}")
    return timings


def ratio(first: Timing, other: Timing) -> float:
    """Median over rounds of the speed of one library relative to another."""
    pairs = zip(first.requests_a_second, other.requests_a_second, strict=True)
    return float(np.median([a / b for a, b in pairs]))
