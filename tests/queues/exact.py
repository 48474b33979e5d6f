"""Exact simulation of a desk that handles requests one by one, against which the queue's rule is tested.

Files come one by one, need lognormal hours of work, and are given up after an exponential time while they wait. A free
person takes the waiting file with the smallest index = day of arrival − head start. An endless head start makes a
non-preemptive priority, a finite one a due date. Probes need no work and are never given up, so they measure the wait
of one more file without being load, no matter how many they are.
"""

import heapq
import math
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
FIRST = 1e6  # priority credit of files that are served before all others, days


class Steps(NamedTuple):
    """A step function of time: `value[i]` applies from `day[i]` to `day[i + 1]`."""

    day: Float
    value: Float


def constant(value: float) -> Steps:
    """A number that is constant over time."""
    return Steps(np.array([0.0]), np.array([float(value)]))


class Desk(NamedTuple):
    """Parameters of one desk and its work."""

    staff: Steps  # persons at work by day
    load: Steps  # files of other work a day by day
    share: Float  # share of each class in other work, float64 [class]
    head_start: Float  # days by which a class goes before its arrival, float64 [class]
    hours: float  # mean touch-hours of a file
    variation: float  # squared coefficient of variation of touch-hours
    withdrawal: float  # rate at which a waiting file is given up, a day
    pace: float  # touch-hours that a person does a day


def waits(desk: Desk, days: float, probes_a_day: float, seed: int) -> Float:
    """Waits of simulated test requests: day of arrival, class, days until the start, float64 [request, 3]."""
    return np.array(_run(*desk.staff, *desk.load, np.cumsum(desk.share), *desk[3:], days, probes_a_day, seed))


@numba.njit(nogil=True, cache=True)
def _run(  # noqa: C901 — one event loop on one screen
    staff_day, staff, load_day, load, shares, head_start, hours, variation, withdrawal, pace, days, probes_a_day, seed
):
    """The event loop: the next arrival, test request, end of work, or change of staff or load."""
    np.random.seed(seed)
    sigma = math.sqrt(math.log(1.0 + variation))
    classes = len(shares)
    most = load.max()
    line = [(0.0, 0.0, 0.0, 0.0, 0)]  # (index, arrival, hours, given up on, class), hours −1 for a probe
    line.pop()
    ends = [math.inf]  # days on which persons finish
    found = [(0.0, 0.0, 0.0)]
    found.pop()
    busy, number, at_staff, at_load = 0, 0, 0, 0
    now, arrival = 0.0, np.random.exponential(1.0 / most)
    probe = np.random.exponential(1.0 / probes_a_day)
    while True:
        change = staff_day[at_staff + 1] if at_staff + 1 < len(staff_day) else math.inf
        now = min(arrival, probe, ends[0], change)
        if now > days:
            return found
        while at_load + 1 < len(load_day) and load_day[at_load + 1] <= now:
            at_load += 1
        if now == change:
            at_staff += 1
        elif now == ends[0]:
            heapq.heappop(ends)
            busy -= 1
        elif now == arrival:
            arrival = now + np.random.exponential(1.0 / most)
            if np.random.random() * most < load[at_load]:
                kind = min(np.searchsorted(shares, np.random.random(), side="right"), classes - 1)
                work = hours * math.exp(sigma * (np.random.standard_normal() - 0.5 * sigma))
                patience = np.random.exponential(1.0 / withdrawal) if withdrawal > 0.0 else math.inf
                heapq.heappush(line, (now - head_start[kind], now, work, now + patience, kind))
        else:
            probe = now + np.random.exponential(1.0 / probes_a_day)
            kind = number % classes
            number += 1
            heapq.heappush(line, (now - head_start[kind], now, -1.0, math.inf, kind))
        while busy < staff[at_staff] and len(line) > 0:
            _, came, work, until, kind = heapq.heappop(line)
            if work < 0.0:
                found.append((came, float(kind), now - came))
            elif until >= now:
                busy += 1
                heapq.heappush(ends, now + work / pace)
