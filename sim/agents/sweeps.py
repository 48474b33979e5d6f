"""Arrests of a group's affiliates and customers by police of their own states, after its servers were seized (M17).

They are no members of the core: their arrest takes nobody's capability. It becomes known where they live.
"""

import math

from sim.agents.agency import opening_threshold
from sim.agents.cases import find_partner
from sim.agents.channels import is_open
from sim.agents.events import Event, Purpose, schedule
from sim.agents.liaison import police_decline_probability
from sim.agents.offence import deed_of, is_offence
from sim.agents.risk import spread_news
from sim.agents.trust import trust_in
from sim.engine.compiling import rule
from sim.engine.random import chance, derive, lognormal, poisson
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Concern
from sim.world.world import World

_SWEEP = 0x53574550


@rule
def expect_client_arrests(world: World, action_row: int) -> None:
    """Servers seized on an action day name clients, unless they are encrypted; states prepare as for an action day."""
    action, setting = world.action[action_row], world.setting[0]
    group, case = world.group[action.group], world.case[action.case]
    key = derive(derive(case.key, _SWEEP), case.actions)
    if action.killed == 0 or chance(setting.seed, Purpose.CLIENTS_UNREADABLE, key, 0, setting.encrypted):
        return
    action.clients = world.clients[group.kind] * group.users
    days = lognormal(setting.seed, Purpose.CLIENTS_TIME, key, 0, setting.readiness_days, setting.readiness_sigma)
    schedule(world, world.now[0] + days, Event.CLIENTS_SOUGHT, key, action_row, 0)


@rule
def clients_sought(world: World, action_row: int) -> None:
    """Police of each state arrest clients who live there, at the law and the capacity of the day."""
    action, seed = world.action[action_row], world.setting[0].seed
    kind, key = world.group[action.group].kind, derive(world.case[action.case].key, _SWEEP)
    homes, below = world.place_home[kind], 0.0
    for state in range(len(homes)):
        live_there, below = homes[state] - below, homes[state]
        mean = action.clients * live_there / homes[-1] * client_arrest_probability(world, action_row, state)
        arrests = poisson(seed, Purpose.CLIENTS_ARRESTED, derive(key, state), world.case[action.case].actions, mean)
        if arrests > 0:
            action.client_arrests += arrests
            action.client_states += 1
            spread_news(world, Concern.PEOPLE.value, kind, state, 1.0)


@rule
def client_arrest_probability(world: World, action_row: int, state: int) -> float:
    """P(a client who lives in a state is arrested).

    The seized data must name the client, the state's police must learn of it, its law must punish the conduct, and a
    unit must find it worth its time, by the same rule as on victims' reports.
    """
    action, setting, unit = world.action[action_row], world.setting[0], world.state[state]
    deed = deed_of(world, action.group)
    if not is_offence(world, state, deed, 0, 0.0):
        return 0.0
    needed = opening_threshold(setting, unit.open_cases, unit.slots) - math.log(world.group[action.group].scale)
    worthwhile = 0.5 * math.erfc(needed / math.sqrt(2.0))  # a report's score is a standard normal beside its harm
    return setting.clients_identified * clients_reported(world, action.case, state) * worthwhile * setting.arrest


@rule
def clients_reported(world: World, case_row: int, state: int) -> float:
    """P(police of a state take up what the leading unit reports): those who took part do, others by their trust."""
    case, setting = world.case[case_row], world.setting[0]
    if state == case.state or find_partner(world, case_row, state) >= 0:
        return 1.0
    kind = DataKind.POLICE_INFORMATION.value
    if not is_open(world, case.state, state, Channel.POLICE.value, kind, deed_of(world, case.group)):
        return 0.0
    trust = trust_in(world, state, case.state)
    return 1.0 - police_decline_probability(setting, trust) * setting.refusal_scale
