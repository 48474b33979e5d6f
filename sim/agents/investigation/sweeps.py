"""Arrests of a group's affiliates and customers after a seizure of its servers (M17).

They are no members of the core: their arrest takes nobody's capability. It becomes known where they live.
"""

import math

import numpy as np

from sim.agents.assistance import deed_of, is_offence, is_open, police_decline_probability, trust_in
from sim.agents.cases import find_partner
from sim.agents.crime import spread_news
from sim.agents.events import Event, Purpose, schedule
from sim.agents.investigation.agency import opening_threshold
from sim.agents.investigation.removal import silence_towards
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, derive, lognormal, poisson
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Concern
from sim.world.world import World

_SWEEP = 0x53574550


@rule
def expect_client_arrests(world: World, action_row: int) -> None:
    """Schedules arrests of a group's clients if seized servers reveal them."""
    action, setting = world.action[action_row], world.setting[0]
    group, case = world.group[action.group], world.case[action.case]
    key = derive(derive(case.key, _SWEEP), case.actions)
    if action.seized == 0 or chance(setting.seed, Purpose.CLIENTS_UNREADABLE, key, 0, setting.encrypted):
        return
    action.clients = world.clients[group.kind] * group.users
    days = lognormal(setting.seed, Purpose.CLIENTS_TIME, key, 0, setting.readiness_days, setting.readiness_sigma)
    schedule(world, world.now[0] + days, Event.CLIENTS_SOUGHT, key, action_row, 0)


@rule
def clients_sought(world: World, action_row: int) -> None:
    """Draws the number of arrests of a group's clients in each state."""
    action, setting = world.action[action_row], world.setting[0]
    kind, key = world.group[action.group].kind, derive(world.case[action.case].key, _SWEEP)
    for state in range(len(world.state)):
        mean = action.clients * share_of_clients(world, action.group, state)
        mean *= client_arrest_probability(world, action_row, state)
        count = world.case[action.case].actions
        arrests = poisson(setting.seed, Purpose.CLIENTS_ARRESTED, derive(key, state), count, mean)
        if arrests > 0:
            action.client_arrests += arrests
            action.client_states += 1
            spread_news(world, Concern.PEOPLE.value, kind, state, setting.lesson_partial)


@rule
def share_of_clients(world: World, group_row: int, state: int) -> float:
    """Share of a group's clients who live in a state.

    The clients of a domestic group live at home.
    """
    group = world.group[group_row]
    if group.domestic == 1:
        return 1.0 if state == group.home else 0.0
    if world.sells[group.kind] == 1:
        return share_at(world.place_victims, state)
    return share_at(world.place_home[group.kind], state)


@rule
def share_of_victims(world: World, group: Record, state: int) -> float:
    """Share of a group's victims who live in a state."""
    if group.domestic == 1:
        return 1.0 if state == group.home else 0.0
    return share_at(world.place_victims, state)


@rule
def share_at(cumulative: np.ndarray, place: int) -> float:
    """Share of one entry in the total, from an array of cumulative weights."""
    before = cumulative[place - 1] if place > 0 else 0.0
    return (cumulative[place] - before) / cumulative[len(cumulative) - 1]


@rule
def client_arrest_probability(world: World, action_row: int, state: int) -> float:
    """P(a client of a group who lives in a state is arrested).

    The seized data must name the client, the state's police must learn of it, its law must punish the conduct, and a
    unit must find it worth its time: by the same rule as a victim's report on a mean group.
    """
    action, setting, unit = world.action[action_row], world.setting[0], world.state[state]
    if not is_offence(world, state, deed_of(world, action.group), 0, 0.0):
        return 0.0
    needed = opening_threshold(setting, unit.open_cases, unit.slots)
    worthwhile = 0.5 * math.erfc(needed / math.sqrt(2.0))  # the score of a report is standard normal
    return setting.clients_identified * clients_reported(world, action_row, state) * worthwhile * setting.arrest


@rule
def clients_reported(world: World, action_row: int, state: int) -> float:
    """P(a state's police act on a report about clients); 1 if the state took part in the action."""
    action, setting = world.action[action_row], world.setting[0]
    case = world.case[action.case]
    row = find_partner(world, action.case, state)
    if state == case.state or (action.disruption == 0 and row >= 0 and world.partner[row].acted >= action.day):
        return 1.0
    kind = DataKind.POLICE_INFORMATION.value
    if not is_open(world, case.state, state, Channel.POLICE.value, kind, deed_of(world, case.group)):
        return 0.0
    declined = police_decline_probability(setting, trust_in(world, state, case.state)) * setting.foreign_refusal
    return (1.0 - declined) * (1.0 - silence_towards(world, action.case, state))
