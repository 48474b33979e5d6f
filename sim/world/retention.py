"""Retention of data: legal duties to keep data, and the amount of data held on users.

Retention in the model is lognormal by kind of data, stretched by a policy's scale and never below what the law of the
custodian's state or a policy wants, so the days of records held on one user in a steady state are the mean of
max(scale · X, floor).

A duty of retention binds kinds of custodian (judgement, where a law does not say): that on traffic data and addresses
operators of access; that on subscribers hosts as well; that on logs everybody; that on logs of applications hosts and
large providers; that on content everybody. Duties that give data on grave crime alone are left out. A large provider
follows the law of its seat.
"""

from datetime import date
from functools import cache
from math import erf, exp, log, sqrt

import numpy as np
import numpy.typing as npt

from sim.data.geography import ProviderClass
from sim.data.load import read_table, states
from sim.world.world import World

_FILE = "retention_by_state.csv"
#: Kinds of data held on every user.
KINDS = ("subscriber", "traffic", "content")
_MAJOR, _HOST, _ACCESS = ProviderClass.MAJOR, ProviderClass.HOST, ProviderClass.ACCESS
#: Duties in the data file: the kind of data that they are about, and the classes of provider that they bind.
_DUTIES = {
    "traffic/IP": ("traffic", (_ACCESS,)),
    "subscriber": ("subscriber", (_ACCESS, _HOST)),
    "logs": ("traffic", (_ACCESS, _HOST, _MAJOR)),
    "application logs": ("traffic", (_HOST, _MAJOR)),
    "content": ("content", (_ACCESS, _HOST, _MAJOR)),
}


def change_dates(first: date, last: date) -> set[date]:
    """Days on which some state's retention law changes, after `first` and up to `last`."""
    table = read_table(_FILE)
    days = {table.day(row, column) for row in table.rows for column in ("since", "until")}
    return {day for day in days if day is not None and first < day <= last}


def mandatory_days(data_kind: str, on: date) -> npt.NDArray[np.float64]:
    """Days for which law requires custodians to keep a kind of data, on a date, float64 [state].

    0: the state has no such duty on that day, or had none yet. NaN: nothing is known of the state.
    """
    table = read_table(_FILE)
    position = {state: index for index, state in enumerate(states())}
    days = np.full(len(position), np.nan)
    for row in table.rows:
        if row["data_kind"] == data_kind:
            since, until = table.day(row, "since"), table.day(row, "until")
            binds = (since or date.min) <= on < (until or date.max)  # without a first day it has always been so
            days[position[row["iso3"]]] = table.number(row, "mandatory_days") if binds else 0.0
    return days


@cache
def _by_law(kind: str, provider_class: int, on: date) -> npt.NDArray[np.float64]:
    """Days for which law requires a class of providers to keep a kind of data, on a date, float64 [state]."""
    duties = [duty for duty, (about, bound) in _DUTIES.items() if about == kind and provider_class in bound]
    days = np.max([np.nan_to_num(mandatory_days(duty, on)) for duty in duties], axis=0, initial=0.0)
    days.setflags(write=False)
    return np.asarray(days, dtype=np.float64)


def keep_by_law(world: World, on: date) -> bool:
    """Applies the retention law of a date to custodians; returns true if any duty changes."""
    provider, changed = world.provider, False
    for kind in KINDS:
        for provider_class in ProviderClass:
            rows = np.flatnonzero(provider.kind == provider_class)
            days = np.broadcast_to(_by_law(kind, provider_class, on), len(world.state))[provider.state[rows]]
            changed = changed or bool((provider[f"keeps_{kind}"][rows] != days).any())
            provider[f"keeps_{kind}"][rows] = days
    return changed


def mean_retention_days(median: float, sigma: float, scale: float, floor: float) -> float:
    """Mean number of days for which data are kept: max(scale · X, floor) with lognormal X."""
    stretched = scale * median
    if stretched <= 0.0:
        return floor
    if sigma <= 0.0:
        return max(stretched, floor)
    mean = stretched * exp(sigma**2 / 2)
    if floor <= 0.0:
        return mean
    place = (log(floor) - log(stretched)) / sigma
    return floor * _normal(place) + mean * (1.0 - _normal(place - sigma))


def _normal(x: float) -> float:
    """Cumulative distribution function of the standard normal."""
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def days_held(world: World) -> npt.NDArray[np.float64]:
    """Days of records per user that each state's custodians hold, over all kinds of data, float64 [state].

    Access providers and hosts of the user's state hold them: the one that must keep them longer counts.
    """
    row, state, provider = world.setting[0], world.state, world.provider
    scale, sigma = float(row["retention_scale"]), float(row["retention_sigma"])
    held = np.zeros(len(state))
    for kind in KINDS:
        keeps = provider[f"keeps_{kind}"]
        floors = np.maximum(keeps[state.access_provider], keeps[state.host_provider])
        floors = np.maximum(floors, float(row["retention_floor_days"]))
        median = float(row[f"{kind}_retention_days"])
        mean = {floor: mean_retention_days(median, sigma, scale, floor) for floor in set(floors.tolist())}
        held += [mean[floor] for floor in floors.tolist()]
    return held


def settle_data_held(world: World, day: float) -> None:
    """Adds data held since the last call, from the start of policies on, to the total; updates the amount held now."""
    state, start = world.state, float(world.setting[0]["policy_start"])
    days: npt.NDArray[np.float64] = np.maximum(day - np.maximum(state.data_held_since, start), 0.0)
    state.data_held_sum += state.data_held * days
    state.data_held_since[:] = day
    state.data_held = state.users * days_held(world)
