"""Users and affiliates of a group that was taken down: most go to rivals of its kind, some come back (M17).

They go in bands of equal size, each on its own day and to a rival of its own choice, so that a takedown moves harm
rather than ends it: a group's size stands in its spells, and losses follow it.
"""

import math

from sim.agents.criminals import add_spell
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Key, rule
from sim.engine.random import chance, derive, gumbel, lognormal
from sim.engine.rows import new_row
from sim.world.records import ActionType, GroupStatus, Growing, SpellCause
from sim.world.world import World

_USERS = 0x55534552
USER_BANDS = 4  # that a group's users fall into; more would only cost rows


@rule
def band_key(world: World, row: int, stamp: int) -> Key:
    """Lineage key of a band: group, takedown, place among the bands."""
    return derive(derive(world.group[row].key, _USERS), stamp)


@rule
def scatter_users(world: World, row: int) -> None:
    """A group is down: each band of its users looks for a rival within days to months (M17)."""
    group, setting = world.group[row], world.setting[0]
    if setting.with_moving_users == 0.0:
        return
    group.users_at_takedown = group.users
    for band in range(USER_BANDS):
        stamp = group.generation * USER_BANDS + band
        key = band_key(world, row, stamp)
        wait = lognormal(setting.seed, Purpose.USERS_LEAVE, key, 0, setting.users_delay_days, setting.elapsed_sigma)
        schedule(world, world.now[0] + wait, Event.USERS_MOVE, key, row, stamp)


@rule
def find_rival(world: World, row: int, key: Key) -> int:
    """An active group of the same kind, larger ones more likely; -1 when there is none (M17)."""
    setting, kind = world.setting[0], world.group[row].kind
    best, chosen = -math.inf, -1
    for other in range(world.used[Growing.GROUP]):
        rival = world.group[other]
        if rival.kind != kind or rival.status != GroupStatus.ACTIVE or other == row:
            continue
        size = rival.users * rival.capability
        if size > 0.0:
            taste = gumbel(setting.seed, Purpose.USERS_RIVAL, derive(key, rival.key), 0)
            utility = setting.users_follow_size * math.log(size) + taste
            if utility > best:
                best, chosen = utility, other
    return chosen


@rule
def users_move(world: World, row: int, stamp: int) -> None:
    """A band goes to a rival, unless its own group is active again; harm goes with it (M17)."""
    group, setting = world.group[row], world.setting[0]
    if group.generation != stamp // USER_BANDS:
        return
    moving = setting.users_moving * (1.0 - group.capability) * group.users_at_takedown / USER_BANDS
    amount = min(moving, group.users)
    key = band_key(world, row, stamp)
    rival = find_rival(world, row, key)
    if rival < 0 or amount <= 0.0:
        return
    place = new_row(world, world.migration, Growing.MIGRATION.value)
    migration = world.migration[place]
    migration.key = key
    migration.group = row
    migration.rival = rival
    migration.day = world.now[0]
    migration.amount = amount
    migration.next_migration = group.first_migration
    group.first_migration = place
    change_users(world, row, -amount, SpellCause.USERS_LEFT.value)
    change_users(world, rival, amount, SpellCause.USERS_JOINED.value)


@rule
def change_users(world: World, row: int, amount: float, cause: int) -> None:
    """A group gains or loses users; a spell records it while the group is active."""
    group = world.group[row]
    group.users += amount
    if group.status == GroupStatus.ACTIVE:
        add_spell(world, row, cause, ActionType.NONE.value, -1, group.capability)


@rule
def users_return(world: World, row: int) -> None:
    """The group is rebuilt: some of those who had left come back, as far as the rival still has them (M17)."""
    setting = world.setting[0]
    place = world.group[row].first_migration
    while place >= 0:
        migration = world.migration[place]
        if migration.settled == 0:
            migration.settled = 1
            rival = world.group[migration.rival]
            back = chance(setting.seed, Purpose.USERS_RETURN, migration.key, 0, setting.users_returning)
            amount = min(migration.amount, rival.users)
            if back and rival.status == GroupStatus.ACTIVE:
                migration.returned = world.now[0]
                change_users(world, migration.rival, -amount, SpellCause.USERS_LEFT.value)
                world.group[row].users += amount  # recorded by the spell of its being rebuilt
        place = migration.next_migration
