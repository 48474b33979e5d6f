"""Expected gain of crime, and the entry and exit that respond to it (M16).

EU = R − p · sanction · δ^delay − cost, in years of usual income. Only its distance from the EU of a group that knows
what is usual matters. Constant costs therefore cancel, and entry and exit run at the declared rates in the default
world, however strong the response. Both responses are thinnings: potential arrivals, and days on which a group may
leave, are the same in every arm.
"""

import math

from sim.agents.events import Event, Purpose, record_milestone, schedule
from sim.agents.risk import calm_experience, own_experience, sanction_risk, usual_risk
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, exponential
from sim.law.days import MONTH
from sim.world.records import GroupStatus, MilestoneKind
from sim.world.world import World


@rule
def discounted_sanction(setting: Record, delay: float) -> float:
    """Weight of a sanction that comes after some years: sanction · δ^delay (M16)."""
    return setting.sanction * math.exp(math.log(setting.discount) * delay)


@rule
def change_of_gain(world: World, kind: int, home: int, income: float, own: float) -> float:
    """Expected gain less what is usual, in years of usual income, of which `income` is a multiple (M16).

    `own` is what the group has lived through itself, less what a group in undisturbed work has.
    """
    setting = world.setting[0]
    risk = sanction_risk(world, kind, home, own)
    feared = risk * discounted_sanction(setting, world.sanction_delay[kind])
    usual = usual_risk(world, home) * discounted_sanction(setting, setting.sanction_delay)
    return income - 1.0 - (feared - usual)


@rule
def entry_factor(world: World, kind: int, home: int) -> float:
    """Entry relative to the declared rate: exp(η · change of EU) for newcomers without experience (M16)."""
    setting = world.setting[0]
    if setting.with_responsive_entry == 0.0:
        return 1.0
    return math.exp(setting.deterrence * change_of_gain(world, kind, home, 1.0, 0.0))


@rule
def enters(world: World, key: Key, factor: float) -> bool:
    """Thins the fixed stream of potential arrivals."""
    setting = world.setting[0]
    share = min(factor, setting.entry_ceiling) / setting.entry_ceiling
    return chance(setting.seed, Purpose.GROUP_ENTERS, key, 0, share)


@rule
def income(group: Record) -> float:
    """Income of a group, relative to the day on which it entered: users that it has and can serve."""
    return group.capability * group.users / group.scale


@rule
def exit_factor(world: World, row: int) -> float:
    """Hazard of leaving relative to the declared one: retirement, and the rest by exp(−η · change of EU) (M16)."""
    setting, group = world.setting[0], world.group[row]
    if setting.with_responsive_entry == 0.0:
        return 1.0
    own = own_experience(setting, group, world.now[0]) - calm_experience(setting)
    change = change_of_gain(world, group.kind, group.home, income(group), own)
    return setting.retirement + (1.0 - setting.retirement) * math.exp(-setting.deterrence * change)


@rule
def schedule_doubt(world: World, row: int) -> None:
    """Posts the next day on which a group may leave early, at the ceiling of the rate at which it may."""
    group, setting = world.group[row], world.setting[0]
    if setting.with_responsive_entry == 0.0:
        return
    group.doubts += 1
    mean = setting.lineage_months * MONTH / (setting.exit_ceiling - 1.0)
    wait = exponential(setting.seed, Purpose.GROUP_DOUBT_GAP, group.key, group.doubts, mean)
    schedule(world, world.now[0] + wait, Event.GROUP_EXIT, group.key, row, group.doubts)


@rule
def stay_on(world: World, row: int) -> None:
    """A group whose lineage has run out stays for as long again as lineages last."""
    group, setting = world.group[row], world.setting[0]
    group.stays += 1
    record_milestone(world, MilestoneKind.STAYED, -1, row, -1, -1)
    wait = exponential(setting.seed, Purpose.GROUP_STAY, group.key, group.stays, setting.lineage_months * MONTH)
    schedule(world, world.now[0] + wait, Event.GROUP_EXIT, group.key, row, 0)


@rule
def leaves(world: World, row: int, stamp: int) -> bool:
    """Whether a group leaves today by itself, at the end of its lineage or on a day of doubt (M16).

    The hazard is the declared one times the factor: the share min(factor, 1) of the first days is taken, and the share
    factor − 1 of a second stream, which is posted only where exit responds. The stamp is 0 for the end of a lineage,
    else the number of the doubt.
    """
    group, setting = world.group[row], world.setting[0]
    if group.status == GroupStatus.EXITED or group.status == GroupStatus.REMOVED:
        return False
    factor = exit_factor(world, row)
    if stamp == 0:
        if chance(setting.seed, Purpose.GROUP_STAYS, group.key, group.stays, 1.0 - min(factor, 1.0)):
            stay_on(world, row)
            return False
        return True
    group.clipped += int(factor > setting.exit_ceiling)
    share = (min(factor, setting.exit_ceiling) - 1.0) / (setting.exit_ceiling - 1.0)
    if chance(setting.seed, Purpose.GROUP_LEAVES, group.key, stamp, share):
        return True
    schedule_doubt(world, row)
    return False
