"""Offenders' beliefs about sanctions, and the effect of these beliefs on entry and exit (M16).

A belief is p = 1 − (1 − prior) · exp(−experience). Experience is a sum of lessons, so that each lesson of weight λ
removes the share λ of the doubt that is left, p ← p + λ (1 − p); it fades with a half-life, and undisturbed work pulls
it slowly below zero. A group learns from actions against itself, from what befalls groups of its kind, and a little
from what becomes public about others. News are kept by what one is afraid for (servers, people, money, victims), by
kind of group, and by the state that acted; all of it is evaluated only when somebody asks.

Expected gain is EU = R − p · sanction · δ^delay − cost, in years of usual income. Only its distance from the EU of a
group that knows what is usual matters. Constant costs therefore cancel, and entry and exit run at the declared rates in
the default world, however strong the response. Both responses are thinnings: potential arrivals, and days on which a
group may leave, are the same in every scenario.
"""

import math

from sim.agents.events import Event, Purpose, record_milestone, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, exponential
from sim.law.days import MONTH, YEAR
from sim.world.records import Concern, GroupStatus, Growing, MilestoneKind
from sim.world.world import World

_LN2 = math.log(2.0)


@rule
def faded(value: float, days: float, setting: Record) -> float:
    """Experience that remains after some days, with a half-life of `memory_weeks` (M16 τ)."""
    if value == 0.0:
        return 0.0  # of most places nothing was ever heard
    return value * math.exp(-_LN2 * days / (7.0 * setting.memory_weeks))


@rule
def belief(prior: float, experience: float) -> float:
    """P(sanction) as a group perceives it, from a prior and experience (M16)."""
    return max(1.0 - (1.0 - prior) * math.exp(-experience), 0.0)


@rule
def lesson(share: float, weight: float) -> float:
    """Experience gained from an event: `weight` · −ln(1 − share)."""
    return -weight * math.log(1.0 - share)


@rule
def calm_experience(setting: Record) -> float:
    """Experience of a group that has long been left in peace (negative; M16 μ)."""
    return -setting.calm_per_month * 7.0 * setting.memory_weeks / (MONTH * _LN2)


@rule
def own_experience(setting: Record, group: Record, now: float) -> float:
    """A group's present experience of actions against it, faded by time and quiet (M16)."""
    calm = calm_experience(setting)
    return calm + faded(group.experience - calm, now - group.experience_day, setting)


@rule
def learn(setting: Record, group: Record, now: float, weight: float) -> None:
    """Adds an action against a group to the group's experience; experienced groups learn less (M16 λ₁)."""
    taught = lesson(setting.lesson_own, weight) / (1.0 + setting.habituation * group.blows)
    group.experience = own_experience(setting, group, now) + taught
    group.experience_day = now


@rule
def news_heard(world: World, concern: int, kind: int, state: int) -> float:
    """Experience that groups of one kind have from news about a state (M16)."""
    setting, now = world.setting[0], world.now[0]
    among_peers = faded(world.news[concern, kind, state], now - world.news_day[concern, kind, state], setting)
    public = world.news.shape[1] - 1
    in_public = faded(world.news[concern, public, state], now - world.news_day[concern, public, state], setting)
    return among_peers + in_public


@rule
def add_news(world: World, concern: int, kind: int, state: int, weight: float) -> None:
    """Adds an event to the news about a state, for one kind of group or for all."""
    setting, now = world.setting[0], world.now[0]
    old = faded(world.news[concern, kind, state], now - world.news_day[concern, kind, state], setting)
    world.news[concern, kind, state] = old + weight
    world.news_day[concern, kind, state] = now


@rule
def spread_news(world: World, concern: int, kind: int, state: int, weight: float) -> None:
    """Spreads news of an event in a state, fully to groups of the same kind and partly to others (M16 λ₂)."""
    setting = world.setting[0]
    if setting.with_learning == 0.0:
        return
    taught = lesson(setting.lesson_peers, weight)
    add_news(world, concern, kind, state, taught)
    add_news(world, concern, world.news.shape[1] - 1, state, setting.publicity * taught)


@rule
def anywhere(world: World) -> int:
    """Index that stands for "no particular state" in the array of news."""
    return int(world.news.shape[2] - 1)


@rule
def learn_from_action(world: World, action_row: int) -> None:
    """Lets a group learn from an action day against it, and other groups from the news (M16)."""
    action, setting = world.action[action_row], world.setting[0]
    if setting.with_learning == 0.0:
        return
    group, case = world.group[action.group], world.case[action.case]
    weight = 1.0 if action.down == 1 else setting.lesson_partial
    take_lesson(world, action.group, weight, action_row)
    spread_news(world, Concern.SERVERS.value, group.kind, anywhere(world), weight)
    spread_news(world, Concern.VICTIMS.value, group.kind, case.state, weight)
    if action.down == 1:
        years = (world.now[0] - case.opened) / YEAR
        expected = world.sanction_delay[group.kind]
        world.sanction_delay[group.kind] = expected + setting.delay_weight * (years - expected)


@rule
def learn_from_arrest(world: World, group_row: int, state: int) -> None:
    """Lets a group learn from the arrest of a member, and other groups from the news (M16)."""
    if world.setting[0].with_learning == 0.0:
        return
    take_lesson(world, group_row, 1.0, -1)
    kind = world.group[group_row].kind
    spread_news(world, Concern.PEOPLE.value, kind, anywhere(world), 1.0)
    spread_news(world, Concern.PEOPLE.value, kind, state, 1.0)


@rule
def take_lesson(world: World, group_row: int, weight: float, action_row: int) -> None:
    """Lets a group learn from an event, and records the group's new perceived risk as a milestone (M16)."""
    setting, group, now = world.setting[0], world.group[group_row], world.now[0]
    learn(setting, group, now, weight)
    risk = sanction_risk(world, group.kind, group.home, own_experience(setting, group, now))
    record_milestone(world, MilestoneKind.LEARNT, -1, group_row, action_row, int(1000.0 * risk + 0.5))


@rule
def sanction_risk(world: World, kind: int, home: int, own: float) -> float:
    """P(sanction) at home that a group perceives from news and experience (M16)."""
    if world.setting[0].with_learning == 0.0:
        return usual_risk(world, home)
    experience = own + news_heard(world, Concern.SERVERS.value, kind, anywhere(world))
    experience += news_heard(world, Concern.PEOPLE.value, kind, anywhere(world))
    experience += news_heard(world, Concern.PEOPLE.value, kind, home)
    return belief(usual_prior(world, home), experience)


@rule
def usual_risk(world: World, home: int) -> float:
    """P(sanction) at home that an inexperienced group perceives under the usual news (M16)."""
    return belief(usual_prior(world, home), world.setting[0].usual_news)


@rule
def usual_prior(world: World, home: int) -> float:
    """P(sanction) at home that groups perceive before any news; higher in well-governed states."""
    return world.setting[0].risk_prior * world.state[home].perceived_risk


@rule
def losses_in(world: World, group_row: int, state: int) -> float:
    """Experience of a group from its servers lost in a state: the sum of their faded lessons (M16)."""
    setting, now, group = world.setting[0], world.now[0], world.group[group_row]
    total = 0.0
    for row in range(group.first_node, min(group.first_node + group.nodes, world.used[Growing.NODE])):
        node = world.node[row]  # a group that is founded settles one after the other: there are no more yet
        if node.lost_in == state and node.lost_at <= now:
            total += faded(lesson(setting.lesson_own, 1.0), now - node.lost_at, setting)
    return total


@rule
def added_risk(world: World, concern: int, group_row: int, state: int) -> float:
    """Perceived risk in a state above a group's prior, from news and from losses of its own (M15 p̂)."""
    prior = world.state[state].perceived_risk
    experience = news_heard(world, concern, world.group[group_row].kind, state)
    if concern == Concern.SERVERS:
        experience += losses_in(world, group_row, state)
    return belief(prior, experience) - prior


@rule
def discounted_sanction(setting: Record, delay: float) -> float:
    """Present weight of a sanction that comes after `delay` years: sanction · δ^delay (M16)."""
    return setting.sanction * math.exp(math.log(setting.discount) * delay)


@rule
def change_of_gain(world: World, kind: int, home: int, income: float, own: float) -> float:
    """Expected gain from crime minus the usual expected gain, in units of a usual yearly income (M16).

    `own` is what the group has lived through itself, less what a group in undisturbed work has.
    """
    setting = world.setting[0]
    risk = sanction_risk(world, kind, home, own)
    feared = risk * discounted_sanction(setting, world.sanction_delay[kind])
    usual = usual_risk(world, home) * discounted_sanction(setting, setting.sanction_delay)
    return income - 1.0 - (feared - usual)


@rule
def entry_factor(world: World, kind: int, home: int) -> float:
    """Factor on the entry rate of new groups: exp(η · change of expected gain) (M16)."""
    setting = world.setting[0]
    if setting.with_responsive_entry == 0.0:
        return 1.0
    return math.exp(setting.deterrence * change_of_gain(world, kind, home, 1.0, 0.0))


@rule
def enters(world: World, key: Key, factor: float) -> bool:
    """True if a potential group enters (random draw); more likely with a higher `factor`."""
    setting = world.setting[0]
    share = min(factor, setting.entry_ceiling) / setting.entry_ceiling
    return chance(setting.seed, Purpose.GROUP_ENTERS, key, 0, share)


@rule
def income(group: Record) -> float:
    """A group's income relative to its first day, from its users and capability."""
    return group.capability * group.users / group.scale


@rule
def exit_factor(world: World, row: int) -> float:
    """Factor on the exit rate of groups: a constant plus exp(−η · change of expected gain) (M16)."""
    setting, group = world.setting[0], world.group[row]
    if setting.with_responsive_entry == 0.0:
        return 1.0
    own = own_experience(setting, group, world.now[0]) - calm_experience(setting)
    change = change_of_gain(world, group.kind, group.home, income(group), own)
    return setting.retirement + (1.0 - setting.retirement) * math.exp(-setting.deterrence * change)


@rule
def schedule_doubt(world: World, row: int) -> None:
    """Schedules the next day on which a group considers an early exit."""
    group, setting = world.group[row], world.setting[0]
    if setting.with_responsive_entry == 0.0:
        return
    group.doubts += 1
    mean = setting.lineage_months * MONTH / (setting.exit_ceiling - 1.0)
    wait = exponential(setting.seed, Purpose.GROUP_DOUBT_GAP, group.key, group.doubts, mean)
    schedule(world, world.now[0] + wait, Event.GROUP_EXIT, group.key, row, group.doubts)


@rule
def stay_on(world: World, row: int) -> None:
    """Lets a group that reaches the end of its lifetime continue for another lifetime."""
    group, setting = world.group[row], world.setting[0]
    group.stays += 1
    record_milestone(world, MilestoneKind.STAYED, -1, row, -1, -1)
    wait = exponential(setting.seed, Purpose.GROUP_STAY, group.key, group.stays, setting.lineage_months * MONTH)
    schedule(world, world.now[0] + wait, Event.GROUP_EXIT, group.key, row, 0)


@rule
def leaves(world: World, row: int, stamp: int) -> bool:
    """True if a group exits today by its own decision, early or at its lifetime's end; else plans the next time (M16).

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
