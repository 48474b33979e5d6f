"""Groups after enforcement: takedown, return, recovery, and migration of users to rivals (M17).

A group needs machines and people; the loss of either can end its capability. A takedown is seldom the end.

Users and affiliates of a group that was taken down go to rivals of its kind, and some come back. They go in bands of
equal size, each on its own day and to a rival of its own choice, so that a takedown moves harm rather than ends it: a
group's size is in its activity periods, and losses follow it.
"""

import math

from sim.agents.crime.criminals import (
    COMMUNICATION_SERVICES,
    DDOS_FOR_HIRE,
    EXTORTION,
    MARKETPLACES,
    TECHNICAL_SERVICES,
    add_spell,
)
from sim.agents.crime.place import flee
from sim.agents.events import Event, Ladder, Purpose, row_ladder, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, gumbel, lognormal
from sim.engine.rows import new_row
from sim.world.parameters import RESIDUAL, TAKEDOWN_DAYS
from sim.world.records import ActionType, GroupStatus, Growing, MemberStatus, SpellCause
from sim.world.world import World

_USERS = 0x55534552
USER_BANDS = 4  # that a group's users fall into; more would only cost rows
_LEAST_SIGMA = 1.0e-9
_LEAST_KEPT = 0.01  # of P(never returns), even if nearly all nodes survive


@rule
def residual(setting: Record, nodes: float, core: float) -> float:
    """Share of a group's capability that remains after the loss of given shares of control nodes and core.

    The loss of `nodes_to_fall` of the nodes alone, or of `core_to_fall` of the core alone, leaves RESIDUAL.
    """
    if nodes >= 1.0 or core >= 1.0:
        return 0.0
    left = 1.0 if nodes == 0.0 else (1.0 - nodes) ** setting.residual_nodes
    return left if core == 0.0 else left * (1.0 - core) ** setting.residual_core


@rule
def is_down(left: float) -> bool:
    """True if the remaining share of a group's capability is so small that the group counts as taken down."""
    return left <= RESIDUAL + 1.0e-9


@rule
def is_held(member: Record) -> bool:
    """True if a core member is in custody or convicted."""
    status = member.status
    return status == MemberStatus.HELD or status == MemberStatus.SURRENDERED or status == MemberStatus.CONVICTED


@rule
def members_held(world: World, group_row: int) -> int:
    """Number of a group's core members who are in custody or convicted and not yet replaced."""
    group, held = world.group[group_row], 0
    for row in range(group.first_member, group.first_member + group.members):
        held += int(is_held(world.member[row]) and world.member[row].replaced == 0)
    return held


@rule
def core_lost(world: World, group_row: int) -> float:
    """Share of a group's core that is in custody and not replaced."""
    return members_held(world, group_row) / world.group[group_row].members


@rule
def type_of_takedown(kind: int, core: float, exposed: bool, by_domain: bool) -> int:
    """Kind of takedown (ActionType) by its means, on which the group's return depends (M17).

    `core` is the share of its core in custody; `exposed`: a leader was named in public, with sanctions; `by_domain`:
    most of what was removed fell with its domains.
    """
    if core >= 0.5:
        return ActionType.ARRESTS.value
    if exposed:
        return ActionType.EXPOSURE.value
    if by_domain or kind == DDOS_FOR_HIRE:
        return ActionType.DOMAIN_SEIZURE.value
    return ActionType.SERVICE.value if kind == MARKETPLACES else ActionType.INFRASTRUCTURE.value


@rule
def back_without_domains(world: World) -> tuple[float, float, float]:
    """Return of a group whose domains were seized: P(never), median days, and remaining capacity."""
    setting = world.setting[0]
    return setting.domain_never, setting.domain_return_days, setting.domain_capacity


@rule
def back_from_exposure(world: World) -> tuple[float, float, float]:
    """Return of a group whose leader was named in public: P(never), median days, and remaining capacity."""
    setting = world.setting[0]
    return setting.exposure_never, setting.exposure_return_days, setting.exposure_capacity


@rule
def back_after_arrests(world: World) -> tuple[float, float, float]:
    """Return of a group whose core was arrested: P(never), median days, and remaining capacity."""
    setting = world.setting[0]
    return setting.arrests_never, setting.arrests_return_days, setting.infrastructure_capacity


@rule
def back_without_servers(world: World, kind: int) -> tuple[float, float, float]:
    """Return of a group that lost its servers, by kind: P(never), median days, and remaining capacity.

    Who rents them out sells nothing, extortion continues with its affiliates, a market is replaced.
    """
    setting = world.setting[0]
    if kind == MARKETPLACES:
        return setting.market_never, setting.market_return_days, setting.market_capacity
    if kind in (TECHNICAL_SERVICES, COMMUNICATION_SERVICES):
        return setting.rented_never, setting.rented_return_days, setting.infrastructure_capacity
    if kind == EXTORTION:
        return setting.extortion_never, setting.extortion_return_days, setting.infrastructure_capacity
    return setting.infrastructure_never, setting.infrastructure_return_days, setting.infrastructure_capacity


#: P(a group never returns), its median days to return, and its capacity then, by kind of group and action (M17).
#: Domains, a name in public and arrests work alike on all kinds. An action that takes no group down has no terms.
return_terms = row_ladder(
    "return_terms", Ladder.ACTION, "returns", globals(), "return 1.0, 1.0, 0.0", "world, kind, action", needed=True
)


@rule
def lastingness(setting: Record, action_type: int, some_left: bool) -> float:
    """Factor on the probability and time of staying down after a takedown; lower if control nodes survived (M17).

    What is on record is of takedowns that left something and of those that did not; a row of return lies midway, on the
    log scale. Nodes do not replace people.
    """
    if action_type == ActionType.ARRESTS:
        return 1.0
    factor = math.sqrt(max(setting.survivors, _LEAST_KEPT))
    return factor if some_left else 1.0 / factor


@rule
def lasting_probability(setting: Record, never: float, median: float, capacity: float) -> float:
    """P(a group stays down for 180 days after a takedown), without exits by its own decision (M17).

    `median` is the days to return of those that do; NaN where a group would still count as down with its capacity then.
    """
    if is_down(capacity):
        return math.nan
    late = math.log(TAKEDOWN_DAYS / median) / max(setting.elapsed_sigma, _LEAST_SIGMA)
    return never + (1.0 - never) * 0.5 * math.erfc(late / math.sqrt(2.0))


@rule
def preparedness(setting: Record, blows: int) -> float:
    """Preparedness (0–1) of a group for a takedown; rises with the number of earlier actions against it (M17)."""
    if setting.with_learning == 0.0:
        return 0.0
    return 1.0 - math.exp(math.log(1.0 - setting.backups) * blows)


@rule
def take_down(world: World, row: int, action_type: int, case_row: int, left: float) -> None:
    """Takes a group down, draws if and when it returns, and schedules moves of its users to rivals (M17).

    `left` is the share of control nodes that survive, with which it is back sooner and more surely.
    """
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    group.generation += 1
    group.last_action = now
    group.action = action_type
    never, median, capacity = return_terms(world, group.kind, action_type)
    lasting, prepared = lastingness(setting, action_type, left > 0.0), preparedness(setting, group.blows)
    never = min(never * lasting, 1.0) * (1.0 - prepared)
    if setting.with_return == 0.0:
        never = 1.0
    median *= lasting
    group.blows += 1
    spell = add_spell(world, row, SpellCause.TAKEDOWN.value, action_type, case_row, 0.0)
    capacity += (1.0 - capacity) * prepared
    world.spell[spell].lasting = lasting_probability(setting, never, median, capacity)
    if chance(setting.seed, Purpose.RETURN_NEVER, group.key, group.generation, never):
        group.status = GroupStatus.REMOVED.value
        group.ended = now
    else:
        group.status = GroupStatus.DOWN.value
        wait = lognormal(setting.seed, Purpose.RETURN_TIME, group.key, group.generation, median, setting.elapsed_sigma)
        group.back_on = now + wait
        schedule(world, group.back_on, Event.GROUP_RETURN, group.key, row, group.generation)
    if group.kind == TECHNICAL_SERVICES:
        cut_off_buyers(world, row)
    scatter_users(world, row)


@rule
def break_core(world: World, row: int, case_row: int) -> None:
    """Takes a group down if an arrest outside an action day leaves too few core members at large."""
    group = world.group[row]
    core = core_lost(world, row)
    if group.status == GroupStatus.ACTIVE and is_down(residual(world.setting[0], 0.0, core)):
        take_down(world, row, ActionType.ARRESTS.value, case_row, 1.0)


@rule
def come_back(world: World, row: int, stamp: int) -> None:
    """Restores a group with new nodes and members at part of its capacity; the capacity then grows again."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    if group.status != GroupStatus.DOWN or group.generation != stamp:
        return
    group.status = GroupStatus.ACTIVE.value
    for i in range(group.first_member, group.first_member + group.members):
        world.member[i].replaced = int(is_held(world.member[i]))
    _, _, capacity = return_terms(world, group.kind, group.action)
    capacity += (1.0 - capacity) * preparedness(setting, group.blows - 1)
    for i in range(group.first_node, group.first_node + group.nodes):
        flee(world, i)
    add_spell(world, row, SpellCause.RETURN.value, group.action, -1, capacity)
    median, sigma = setting.regrowth_days, setting.elapsed_sigma
    wait = lognormal(setting.seed, Purpose.REBUILD_TIME, group.key, group.generation, median, sigma)
    group.whole_on = now + wait
    schedule(world, group.whole_on, Event.GROUP_REBUILT, group.key, row, group.generation)


@rule
def weaken(world: World, row: int, action_type: int, left: float, case_row: int) -> None:
    """Reduces a group's capability to the share `left`; the group rebuilds it within weeks (M17).

    A group that is still growing after a return is not whole before it would have been anyway.
    """
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    if left >= 1.0:
        return
    group.generation += 1
    group.last_action = now
    group.action = action_type
    group.blows += 1
    add_spell(world, row, SpellCause.PARTIAL_ACTION.value, action_type, case_row, group.capability * left)
    median, sigma = setting.rebuild_days * (1.0 - left), setting.elapsed_sigma
    wait = lognormal(setting.seed, Purpose.REBUILD_TIME, group.key, group.generation, median, sigma)
    group.whole_on = now + wait if math.isnan(group.whole_on) else max(group.whole_on, now + wait)
    schedule(world, group.whole_on, Event.GROUP_REBUILT, group.key, row, group.generation)


@rule
def cut_off_buyers(world: World, row: int) -> None:
    """Lowers the capability of customers of a lost service until they find another service (M17).

    Who bought from it follows from its share of all users of such services. No loss of a service alone counts as a
    takedown of its buyers.
    """
    setting, service, market, now = world.setting[0], world.group[row], world.group[row].users, world.now[0]
    for other in range(world.used[Growing.GROUP]):
        if world.group[other].kind == TECHNICAL_SERVICES and world.group[other].status == GroupStatus.ACTIVE:
            market += world.group[other].users
    kept = 1.0 - setting.service_reliance
    for other in range(world.used[Growing.GROUP]):
        buyer = world.group[other]
        if world.buys_services[buyer.kind] == 0 or buyer.status != GroupStatus.ACTIVE:
            continue
        key = derive(buyer.key, service.key)
        bought = chance(setting.seed, Purpose.SERVICE_BOUGHT, key, service.generation, service.users / market)
        if bought and kept < 1.0 and not is_down(buyer.capability * kept):
            add_spell(world, other, SpellCause.SUPPLIER_LOST.value, ActionType.NONE.value, -1, buyer.capability * kept)
            median, sigma = setting.users_delay_days, setting.elapsed_sigma
            wait = lognormal(setting.seed, Purpose.SERVICE_FOUND, key, service.generation, median, sigma)
            schedule(world, now + wait, Event.SUPPLIER_FOUND, key, other, buyer.generation)


@rule
def supplier_found(world: World, row: int, stamp: int) -> None:
    """Restores a customer's capability when it finds a new service (M17)."""
    group, kept = world.group[row], 1.0 - world.setting[0].service_reliance
    if group.status == GroupStatus.ACTIVE and group.generation == stamp and group.capability < 1.0:
        capability = min(group.capability / kept, 1.0)
        add_spell(world, row, SpellCause.SUPPLIER_FOUND.value, ActionType.NONE.value, -1, capability)


@rule
def rebuilt(world: World, row: int, stamp: int) -> None:
    """Restores a group's full capability after it was weakened."""
    group = world.group[row]
    if group.status == GroupStatus.ACTIVE and group.generation == stamp and group.capability < 1.0:
        users_return(world, row)
        add_spell(world, row, SpellCause.REBUILT.value, ActionType.NONE.value, -1, 1.0)


@rule
def band_key(world: World, row: int, stamp: int) -> Key:
    """Key for random draws about one band of a group's users after a takedown, by the number `stamp`."""
    return derive(derive(world.group[row].key, _USERS), stamp)


@rule
def scatter_users(world: World, row: int) -> None:
    """Schedules the moves of a downed group's users to rivals, part by part (M17)."""
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
    """Row of another active group of the same kind, drawn by size; −1 if none exists (M17)."""
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
    """Moves one part of a downed group's users to a rival; fewer, the more capability the group has again (M17)."""
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
    """Changes a group's number of users; if the group is active, a new activity period begins."""
    group = world.group[row]
    group.users += amount
    if group.status == GroupStatus.ACTIVE:
        add_spell(world, row, cause, ActionType.NONE.value, -1, group.capability)


@rule
def users_return(world: World, row: int) -> None:
    """Moves some former users from rivals back to a group that has returned (M17)."""
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
                world.group[row].users += amount  # recorded by the activity period that begins when it is rebuilt
        place = migration.next_migration
