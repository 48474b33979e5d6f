"""Criminal groups: entry, members, changes of name, and exit without enforcement (M16)."""

import math

from sim.agents.crime.place import add_node, relocate_members, slip_away
from sim.agents.crime.risk import enters, entry_factor, schedule_doubt
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Key, rule
from sim.engine.random import chance, choose, derive, exponential, normal, poisson, uniform
from sim.engine.rows import new_row
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import ELEMENTS
from sim.world.records import ActionType, GroupStatus, Growing, SpellCause
from sim.world.world import World

_GROUP = 0x47524F55
_MEMBER = 0x4D454D42
_ELEMENTS = len(ELEMENTS)
TECHNICAL_SERVICES = 0  # place in GROUP_KINDS
EXTORTION = 1  # likewise
DDOS_FOR_HIRE = 5  # likewise
MARKETPLACES = 6  # likewise
COMMUNICATION_SERVICES = 7  # likewise
LEAST_NODES = 2
LEAST_MEMBERS = 2


@rule
def group_key(number: int) -> Key:
    """Key for random draws about a potential group, by number."""
    return derive(_GROUP, number)


@rule
def schedule_arrival(world: World, number: int) -> None:
    """Schedules the day on which potential group `number` may enter."""
    setting = world.setting[0]
    key = group_key(number)
    gap = exponential(setting.seed, Purpose.GROUP_GAP, key, 0, 1.0 / (setting.entry_rate * setting.entry_ceiling))
    schedule(world, world.now[0] + gap, Event.GROUP_ARRIVAL, key, number, 0)


@rule
def group_arrives(world: World, number: int) -> None:
    """Draws if a potential group enters; a higher expected gain makes entry more likely (M16)."""
    key = group_key(number)
    kind, home, domestic = draw_origin(world, key)
    factor = entry_factor(world, kind, home)
    if enters(world, key, factor):
        row = establish_group(world, key, kind, home, domestic)
        schedule_report(world, row)
        world.group[row].clipped += int(factor > world.setting[0].entry_ceiling)
    schedule_arrival(world, number + 1)


@rule
def draw_origin(world: World, key: Key) -> tuple[int, int, bool]:
    """Returns a potential group's kind, its home state, and True if it acts only at home (M15).

    A domestic group lives among its victims, so that every state has some; any other lives where its kind does.
    """
    seed = world.setting[0].seed
    kind = choose(world.place_kind, uniform(seed, Purpose.GROUP_KIND, key, 0))
    u = uniform(seed, Purpose.GROUP_HOME, key, 0)
    if chance(seed, Purpose.GROUP_DOMESTIC, key, 0, world.domestic_share[kind]):
        return kind, choose(world.place_victims, u), True
    return kind, choose(world.place_home[kind], u), False


@rule
def add_spell(world: World, group_row: int, cause: int, action_type: int, case_row: int, capability: float) -> int:
    """Begins an activity period of a group with new capability or size; returns the period's row."""
    row = new_row(world, world.spell, Growing.SPELL.value)
    spell = world.spell[row]
    spell.group = group_row
    spell.cause = cause
    spell.action_type = action_type
    spell.case = case_row
    spell.day = world.now[0]
    spell.capability = capability
    spell.scale = world.group[group_row].users
    settle_reserve(world, group_row)
    world.group[group_row].capability = capability
    world.group[group_row].income = world.group[group_row].users * capability
    return row


@rule
def settle_reserve(world: World, group_row: int) -> None:
    """Updates a group's money for income, spending and laundering since the last update (M14).

    With a constant income the reserve comes to be `assets_days` of it.
    """
    group, setting, now = world.group[group_row], world.setting[0], world.now[0]
    if setting.assets_days <= 0.0:
        group.reserve = 0.0
    else:
        left = math.exp(-(now - group.reserve_day) / setting.assets_days)
        group.reserve = group.reserve * left + group.income * setting.assets_days * (1.0 - left)
    group.reserve_day = now


@rule
def found_group(world: World, number: int) -> None:
    """Creates group `number` regardless of its expected gain, as on the first day."""
    key = group_key(number)
    kind, home, domestic = draw_origin(world, key)
    schedule_report(world, establish_group(world, key, kind, home, domestic))


@rule
def establish_group(world: World, key: Key, kind: int, home: int, domestic: bool) -> int:
    """Creates a group with its conduct, control nodes, core members and lifetime; returns the group's row.

    Its victims do not report yet: see schedule_report.
    """
    setting, now = world.setting[0], world.now[0]
    seed = setting.seed
    row = new_row(world, world.group, Growing.GROUP.value)
    group = world.group[row]
    group.key = key
    group.kind = kind
    group.home = home
    group.domestic = int(domestic)
    group.facts = draw_facts(seed, key)
    group.entered = now
    group.named = now
    group.experience_day = now
    group.reserve_day = now
    group.lineage_until = now + exponential(seed, Purpose.GROUP_LINEAGE, key, 0, setting.lineage_months * MONTH)
    sigma = setting.scale_sigma
    group.scale = math.exp(sigma * normal(seed, Purpose.GROUP_SCALE, key, 0) - 0.5 * sigma * sigma)
    group.users = group.scale
    group.members = LEAST_MEMBERS + poisson(seed, Purpose.GROUP_MEMBERS, key, 0, setting.core_members)
    group.nodes = LEAST_NODES + poisson(seed, Purpose.GROUP_NODES, key, 0, setting.control_nodes)
    group.hop_mean = setting.extra_hops
    group.first_member = world.used[Growing.MEMBER]
    for slot in range(group.members):
        add_member(world, row, slot)
    group.first_node = world.used[Growing.NODE]
    for slot in range(group.nodes):
        add_node(world, row, slot)
    add_spell(world, row, SpellCause.ENTRY.value, ActionType.NONE.value, -1, 1.0)
    schedule(world, group.lineage_until, Event.GROUP_EXIT, key, row, 0)
    schedule_doubt(world, row)
    schedule_rebrand(world, row)
    return row


@rule
def add_member(world: World, group_row: int, slot: int) -> None:
    """Adds a core member to a group; the member is a national of the group's home state and lives there."""
    row = new_row(world, world.member, Growing.MEMBER.value)
    member, group = world.member[row], world.group[group_row]
    member.key = derive(derive(group.key, _MEMBER), slot)
    member.group = group_row
    member.slot = slot
    member.residence = group.home


@rule
def draw_facts(seed: Key, key: Key) -> int:
    """Draws which elements of an offence a group's conduct fulfils, as a bit mask."""
    facts = 0
    for bit in range(_ELEMENTS):
        if uniform(seed, Purpose.GROUP_FACTS, key, bit) < 0.8:
            facts |= 1 << bit
    return facts


@rule
def schedule_rebrand(world: World, row: int) -> None:
    """Schedules the next day on which a group changes its name."""
    group, setting = world.group[row], world.setting[0]
    wait = exponential(setting.seed, Purpose.GROUP_BRAND, group.key, group.brands, setting.brand_months * MONTH)
    schedule(world, world.now[0] + wait, Event.GROUP_REBRAND, group.key, row, group.brands)


@rule
def schedule_report(world: World, row: int) -> None:
    """Schedules the next report of a group's victim to police."""
    group, setting = world.group[row], world.setting[0]
    gap = exponential(setting.seed, Purpose.REPORT_GAP, group.key, group.reports, YEAR / setting.reports_per_year)
    schedule(world, world.now[0] + gap, Event.GROUP_REPORT, group.key, row, 0)


@rule
def rebrand(world: World, row: int, stamp: int) -> None:
    """Renames a group, which also moves part of its servers; statistics still count the same group."""
    group, setting = world.group[row], world.setting[0]
    if group.status == GroupStatus.EXITED or group.status == GroupStatus.REMOVED or group.brands != stamp:
        return
    group.brands += 1
    if group.status == GroupStatus.ACTIVE:
        for i in range(group.first_node, group.first_node + group.nodes):
            node = world.node[i]
            if chance(setting.seed, Purpose.NODE_REBRAND, node.key, group.brands, setting.rebrand_move):
                slip_away(world, i)
        relocate_members(world, row)
        group.named = world.now[0]
        add_spell(world, row, SpellCause.REBRAND.value, ActionType.NONE.value, -1, group.capability)
    schedule_rebrand(world, row)


@rule
def exit_by_itself(world: World, row: int) -> None:
    """Ends a group that leaves crime by its own decision and not by a takedown."""
    group = world.group[row]
    group.status = GroupStatus.EXITED.value
    group.ended = world.now[0]
    add_spell(world, row, SpellCause.SELF_EXIT.value, ActionType.NONE.value, -1, 0.0)
