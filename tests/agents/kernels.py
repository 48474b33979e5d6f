"""Entry points that drive single rules of the agents in compiled code and keep the result on disk.

Each holds only the tables that its rules touch, so that it compiles in a moment.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.agents.action import prepare
from sim.agents.authority import elapsed, silence_habit
from sim.agents.provider import loss, production_time, retention_days
from sim.agents.resurgence import come_back, take_down
from sim.engine.clock import drop_first, first_event
from sim.engine.compiling import kernel
from sim.engine.random import derive, lognormal
from sim.law.vocabulary import DataKind
from sim.world.records import EvidenceStatus, GroupStatus
from sim.world.world_pointer import attach

_HOP = 901  # a purpose of draws that the model does not have


@kernel
def answered_in_time(setting, provider, item, median, sigma, out):
    """Rows of `out`: how many of 1, 2, 3 hops in a row find the evidence of one communication still there."""
    samples, hops = out.shape
    item = item[0]
    for sample in range(samples):
        key = derive(77, sample)
        item.created = 0.0
        item.retained_until = retention_days(setting[0], provider[0], key, DataKind.TRAFFIC.value)
        item.moves_at = math.inf
        day, found = 0.0, True
        for hop in range(hops):
            day += lognormal(setting[0].seed, _HOP, key, hop, median, sigma)
            found = found and loss(item, day) == EvidenceStatus.AVAILABLE
            out[sample, hop] = found


@kernel
def habits_of_silence(setting, out):
    """Habits of silence between all pairs."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = silence_habit(setting[0], i, j)


class Investigation(NamedTuple):
    """The part of a world that readiness needs."""

    setting: np.ndarray
    event: np.ndarray
    agenda: np.ndarray
    due: np.ndarray
    counters: np.ndarray
    now: np.ndarray
    group: np.ndarray
    node: np.ndarray
    case: np.ndarray
    partner: np.ndarray


@kernel
def days_to_readiness(world, out):
    """Day on which the last of 1, 2, … partners of a case has prepared, for many cases."""
    investigation = attach(world)
    cases, partners = out.shape
    for case in range(cases):
        last = 0.0
        for i in range(partners):
            partner = investigation.partner[0]
            partner.key = derive(derive(55, case), i)
            prepare(investigation, 0, 1.0)
            if first_event(investigation, math.inf) >= 0:
                drop_first(investigation)
            last = max(last, partner.prepared_at)
            out[case, i] = last


class Learning(NamedTuple):
    """The part of a world that experience needs."""

    setting: np.ndarray
    belief_days: np.ndarray
    belief_success: np.ndarray
    own_pace: np.ndarray
    own_success: np.ndarray


class Underworld(NamedTuple):
    """The part of a world that takedown and return need."""

    setting: np.ndarray
    event: np.ndarray
    agenda: np.ndarray
    due: np.ndarray
    counters: np.ndarray
    now: np.ndarray
    used: np.ndarray
    neutral: np.ndarray
    group: np.ndarray
    node: np.ndarray
    case: np.ndarray
    state: np.ndarray
    spell: np.ndarray
    member: np.ndarray
    sighting: np.ndarray
    place_hosting: np.ndarray
    place_registry: np.ndarray
    domestic_share: np.ndarray
    domain_share: np.ndarray
    buys_services: np.ndarray
    news: np.ndarray
    news_day: np.ndarray


@kernel
def returns(world, action_type, days, capability):
    """Takes a group down again and again: days until it is back, infinite when it never is, and how strong."""
    underworld = attach(world)
    group = underworld.group[0]
    for sample in range(len(days)):
        group.key = derive(33, sample)
        group.status = GroupStatus.ACTIVE.value
        while first_event(underworld, math.inf) >= 0:
            drop_first(underworld)
        underworld.used[:] = 0
        underworld.now[0] = 100.0
        group.blows = 0
        take_down(underworld, 0, action_type, -1, 0.0)
        days[sample], capability[sample] = math.inf, group.capability
        if group.status == GroupStatus.DOWN:
            underworld.now[0] = underworld.event[first_event(underworld, math.inf)].time
            days[sample] = underworld.now[0] - 100.0
            come_back(underworld, 0, group.generation)
            capability[sample] = group.capability


@kernel
def production_days(setting, request, out):
    """Days that a provider takes over each of many requests, apart from its line."""
    for sample in range(len(out)):
        request[0].key = derive(44, sample)
        out[sample] = production_time(setting[0], request[0], 0.0)


@kernel
def elapsed_days(setting, request, stages, medians, out):
    """Days that many requests wait on others in stages with given medians, float64 [stage, sample]."""
    request = request[0]
    for sample in range(out.shape[1]):
        request.key = derive(11, sample)
        for i in range(len(stages)):
            out[i, sample] = elapsed(setting[0], request, stages[i], medians[i])
