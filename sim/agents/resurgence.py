"""Taken down, weakened, back and rebuilt: a takedown is seldom the end (M17)."""

import math

from sim.agents.criminals import add_spell
from sim.agents.events import Event, Purpose, schedule
from sim.agents.place import flee
from sim.agents.users import users_return
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, lognormal
from sim.world.records import ActionType, GroupStatus, SpellCause
from sim.world.world import World


@rule
def return_terms(setting: Record, action_type: int) -> tuple[float, float, float]:
    """P(never returns), median days to return, capacity at return, by type of action (M17)."""
    if action_type == ActionType.DOMAIN_SEIZURE:
        return setting.domain_never, setting.domain_return_days, setting.domain_capacity
    if action_type == ActionType.INFRASTRUCTURE_AND_ARRESTS:
        return setting.arrests_never, setting.arrests_return_days, setting.arrests_capacity
    return setting.infrastructure_never, setting.infrastructure_return_days, setting.infrastructure_capacity


@rule
def preparedness(setting: Record, blows: int) -> float:
    """A group's preparation for another takedown: those that were hit before keep backups (M17)."""
    if setting.with_learning == 0.0:
        return 0.0
    return 1.0 - math.exp(math.log(1.0 - setting.backups) * blows)


@rule
def take_down(world: World, row: int, action_type: int, case_row: int) -> None:
    """All control nodes are gone: the group is down, and returns or never does (mixture cure, M17)."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    group.generation += 1
    group.last_action = now
    group.action = action_type
    never, median, _ = return_terms(setting, action_type)
    never *= 1.0 - preparedness(setting, group.blows)
    group.blows += 1
    add_spell(world, row, SpellCause.TAKEDOWN.value, action_type, case_row, 0.0)
    if setting.with_return == 0.0 or chance(setting.seed, Purpose.RETURN_NEVER, group.key, group.generation, never):
        group.status = GroupStatus.REMOVED.value
        group.ended = now
        return
    group.status = GroupStatus.DOWN.value
    wait = lognormal(setting.seed, Purpose.RETURN_TIME, group.key, group.generation, median, setting.return_sigma)
    schedule(world, now + wait, Event.GROUP_RETURN, group.key, row, group.generation)


@rule
def come_back(world: World, row: int, stamp: int) -> None:
    """The group returns with new nodes and part of its capacity, and grows again."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    if group.status != GroupStatus.DOWN or group.generation != stamp:
        return
    group.status = GroupStatus.ACTIVE.value
    _, _, capacity = return_terms(setting, group.action)
    capacity += (1.0 - capacity) * preparedness(setting, group.blows - 1)
    for i in range(group.first_node, group.first_node + group.nodes):
        flee(world, i)
    add_spell(world, row, SpellCause.RETURN.value, group.action, -1, capacity)
    wait = lognormal(
        setting.seed,
        Purpose.REBUILD_TIME,
        group.key,
        group.generation,
        setting.regrowth_days,
        setting.rebuild_sigma,
    )
    schedule(world, now + wait, Event.GROUP_REBUILT, group.key, row, group.generation)


@rule
def weaken(world: World, row: int, killed_share: float, case_row: int) -> None:
    """Some control nodes survive: the group loses part of its capability and rebuilds within weeks (M17)."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    group.generation += 1
    group.last_action = now
    group.action = ActionType.PARTIAL.value
    group.blows += 1
    left = group.capability * (1.0 - setting.partial_loss * killed_share)
    add_spell(world, row, SpellCause.PARTIAL_ACTION.value, ActionType.PARTIAL.value, case_row, left)
    wait = lognormal(
        setting.seed,
        Purpose.REBUILD_TIME,
        group.key,
        group.generation,
        setting.rebuild_days,
        setting.rebuild_sigma,
    )
    schedule(world, now + wait, Event.GROUP_REBUILT, group.key, row, group.generation)


@rule
def rebuilt(world: World, row: int, stamp: int) -> None:
    """The group has its whole capability again."""
    group = world.group[row]
    if group.status == GroupStatus.ACTIVE and group.generation == stamp and group.capability < 1.0:
        users_return(world, row)
        add_spell(world, row, SpellCause.REBUILT.value, ActionType.NONE.value, -1, 1.0)
