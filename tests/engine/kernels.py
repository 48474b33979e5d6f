"""Entry points that drive rules of the engine in compiled code and keep the result on disk."""

import math
from typing import NamedTuple

import numpy as np

from sim.engine.clock import drop_first, first_event, post
from sim.engine.compiling import kernel
from sim.engine.random import bits, choose, derive, exponential, gumbel, lognormal, normal, poisson, uniform


class Clock(NamedTuple):
    """The part of a world that the event queue needs."""

    event: np.ndarray
    agenda: np.ndarray
    due: np.ndarray
    counters: np.ndarray
    now: np.ndarray


@kernel
def keep_time(clock, times, ties, posting, taken):
    """Posts the next event where `posting`, takes the first out otherwise; returns how many were taken."""
    put, count = 0, 0
    for posts in posting:
        if posts:
            post(clock, times[put], ties[put], 0, put, 0)
            put += 1
        else:
            first = first_event(clock, math.inf)
            if first >= 0:
                taken[count] = clock.event[first].entity
                drop_first(clock)
                count += 1
    return count


@kernel
def words(seeds, purposes, keys, counts, out):
    """Random words of many draws."""
    for i in range(len(out)):
        out[i] = bits(seeds[i], purposes[i], keys[i], counts[i])


@kernel
def uniforms(seeds, purposes, keys, counts, out):
    """Uniform draws."""
    for i in range(len(out)):
        out[i] = uniform(seeds[i], purposes[i], keys[i], counts[i])


@kernel
def shaped(seed, key, out):
    """Rows of `out`: normal, exponential of mean 3, lognormal(180, 0.8), Gumbel, Poisson of mean 1.6."""
    for i in range(out.shape[1]):
        out[0, i] = normal(seed, 1, key, i)
        out[1, i] = exponential(seed, 2, key, i, 3.0)
        out[2, i] = lognormal(seed, 3, key, i, 180.0, 0.8)
        out[3, i] = gumbel(seed, 4, key, i)
        out[4, i] = poisson(seed, 5, key, i, 1.6)


@kernel
def chosen(cumulative, shares, out):
    """Places that `choose` gives to shares of the last entry."""
    for i in range(len(out)):
        out[i] = choose(cumulative, shares[i])


@kernel
def descendants(parents, components, out):
    """Keys of descendants."""
    for i in range(len(out)):
        out[i] = derive(parents[i], components[i])
