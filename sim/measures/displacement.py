"""Measures of displaced crime, which moves to other places, victims, methods, groups or times (M18).

Nothing here is imposed on the model: servers, victims, users, entry and return respond to what groups learn (M15–M17),
and this only counts where activity is found. One run cannot show displacement; a comparison needs two runs of a
seed side by side.
"""

from enum import IntEnum

import numpy as np

from sim.law.days import YEAR
from sim.measures.arrays import Columns, Floats, Integers, Table
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.world.parameters import GROUP_KINDS
from sim.world.records import GroupStatus

#: Length of a period of time, years.
PERIOD_YEARS = 0.5
_Part = tuple[Integers, Floats, Floats]


class Dimension(IntEnum):
    """Ways in which crime can move, each with its own kind of place; the last three share a measure."""

    SERVERS = 0  # control servers of groups that are active at the end; row of state
    VICTIMS = 1  # reports by victims; row of state
    METHOD = 2  # group-years, weighted by size and capability; row of GROUP_KINDS
    GROUP = 3  # the same; key of the group, as a signed number
    TIME = 4  # the same; half-year of the window


def activity(observation: Observation) -> Columns:
    """Table of crime and of enforcement against it, by dimension of displacement and place.

    Columns: dimension, place (see Dimension), activity, enforcement (servers seized, actions led, complete actions).
    """
    lost_in = observation.during("node", "lost_at")["lost_in"]
    case = observation.cases
    reported = case["state"][observation.window.holds(case["opened"])]
    led = case["state"][observation.during("action")["case"]]
    group, kinds = observation.tables["group"], len(GROUP_KINDS)
    years, actions = _by_group(observation)
    years_by_kind, actions_by_kind = (np.bincount(group["kind"], amount, kinds) for amount in (years, actions))
    some = np.flatnonzero((years > 0.0) | (actions > 0.0))
    parts: dict[Dimension, _Part] = {
        Dimension.SERVERS: _counted(observation, _hosts(observation), lost_in[lost_in >= 0]),
        Dimension.VICTIMS: _counted(observation, reported, led),
        Dimension.METHOD: (np.arange(kinds), years_by_kind, actions_by_kind),
        Dimension.GROUP: (group["key"][some].view(np.int64), years[some], actions[some]),
        Dimension.TIME: _periods(observation),
    }
    place, amount, events = map(np.concatenate, zip(*parts.values(), strict=True))
    dimension = np.repeat(np.array(list(parts), np.int32), [part[0].size for part in parts.values()])
    return {"dimension": dimension, "place": place, "activity": amount, "enforcement": events}


def _counted(observation: Observation, active: Integers, enforced: Integers) -> _Part:
    """Numbers of activities and enforcement actions by state, for the table of activity."""
    size = observation.states
    one, other = (np.bincount(rows, minlength=size).astype(np.float64) for rows in (active, enforced))
    return np.arange(size), one, other


@once
def _hosts(observation: Observation) -> Integers:
    """Host state of each control server of the groups active at the end, i8[servers]."""
    node, group = observation.tables["node"], observation.tables["group"]
    at_work = group["status"][node["group"]] == GroupStatus.ACTIVE
    return np.asarray(node["state"][at_work])


@once
def _complete_actions(observation: Observation) -> Table:
    """Table of enforcement actions in the measured period that took a group down."""
    action = observation.during("action")
    return np.asarray(action[action["down"] == 1])


@once
def _by_group(observation: Observation) -> tuple[Floats, Floats]:
    """Returns for each group: weighted years of activity in the measured period, and actions that took it down."""
    groups = observation.tables["group"].size
    group, from_day, until, capability, scale = observation.stretches
    years = np.bincount(group, scale * capability * (until - from_day) / YEAR, groups)
    return years, np.bincount(_complete_actions(observation)["group"], minlength=groups).astype(np.float64)


def _periods(observation: Observation) -> _Part:
    length = PERIOD_YEARS * YEAR
    number = int(np.ceil(observation.window.years / PERIOD_YEARS - 1e-9))
    _, from_day, until, capability, scale = observation.stretches
    years, size = np.empty(number), scale * capability
    for period in range(number):
        overlap = np.minimum(until, (period + 1) * length) - np.maximum(from_day, period * length)
        years[period] = float((size * np.maximum(overlap, 0.0)).sum()) / YEAR
    day = _complete_actions(observation)["day"] - observation.window.start
    place = np.minimum((day / length).astype(np.int64), number - 1)
    return np.arange(number), years, np.bincount(place, minlength=number).astype(np.float64)


def _top_three_hosts_share(observation: Observation) -> float:
    """Share of groups' control servers in the three states with most servers."""
    hosts = _hosts(observation)
    shares = np.sort(np.bincount(hosts, minlength=observation.states)) / max(hosts.size, 1)
    return float(shares[-3:].sum()) if hosts.size else float("nan")


MEASURES: Measures = {
    "entries_per_year": lambda seen: seen.per_year(seen.window.holds(seen.tables["group"]["entered"])),
    "top_three_hosts_share": _top_three_hosts_share,
}
