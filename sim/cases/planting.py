"""Puts a group on record into a world, and opens the case on it: the model's own rules, on given days.

The group's home, servers, members, size and life are drawn by the rules for any group of its kind. Two things are
conditioned on, since the record says them: it was still there when the investigation began, and it was worth
investigating, that is, the unit that opened the case would have opened it under the load that it has on that day. The
draw is repeated until both hold (rejection, so that the distribution is exactly the conditional one).

Until the day on which the investigation began, no unit works on the group: the record gives the first one.
"""

import math

from sim.agents.agency import case_key, open_case, opening_score, opening_threshold
from sim.agents.criminals import establish_group, schedule_report
from sim.agents.events import Purpose
from sim.engine.compiling import Key, kernel, rule
from sim.engine.random import choose, derive, exponential, normal, uniform
from sim.law.days import MONTH
from sim.world.growth import DONE, table_without_room, with_room
from sim.world.records import GroupStatus, Growing
from sim.world.world import World
from sim.world.world_pointer import attach

_PLANTED = 0x504C4E54
_ATTEMPTS = 10_000  # one in some thousand would be a rare group; a world where none is found keeps the last
_NOBODY = -1


@rule
def lasts(world: World, key: Key, days: float) -> bool:
    """Whether a group of this key would still be there some days after it entered, were nothing done about it."""
    setting = world.setting[0]
    return exponential(setting.seed, Purpose.GROUP_LINEAGE, key, 0, setting.lineage_months * MONTH) > days


@rule
def is_worth_a_case(world: World, key: Key, lead: int) -> bool:
    """Whether the unit of a state, with its present load, would open a case on a first report on a group of this key.

    The size is drawn as `establish_group` draws it.
    """
    setting, sigma, unit = world.setting[0], world.setting[0].scale_sigma, world.state[lead]
    size = math.exp(sigma * normal(setting.seed, Purpose.GROUP_SCALE, key, 0) - 0.5 * sigma * sigma)
    score = opening_score(setting, case_key(key, lead, 0), size)
    return score >= opening_threshold(setting, unit.open_cases, unit.slots)


@rule
def planted_key(world: World, number: int, lead: int, days: float) -> Key:
    """Key of the first of the numbered case's possible groups that meets both conditions of this file."""
    key = derive(_PLANTED, number)
    for attempt in range(_ATTEMPTS):
        drawn = derive(key, attempt)
        if lasts(world, drawn, days) and (lead == _NOBODY or is_worth_a_case(world, drawn, lead)):
            return drawn
    return derive(key, _ATTEMPTS)


@kernel
def group_planted(world: World, number: int, kind: int, lead: int, days: float) -> int:
    """Compiled entry: see plant."""
    attached = attach(world)
    table = table_without_room(attached, 0)
    if table != DONE:
        return table
    key = planted_key(attached, number, lead, days)
    home = choose(attached.place_home[kind], uniform(attached.setting[0].seed, Purpose.GROUP_HOME, key, 0))
    row = establish_group(attached, key, kind, home, False)
    if lead == _NOBODY:
        schedule_report(attached, row)
    return DONE


@kernel
def case_opened(world: World, group_row: int, lead: int) -> int:
    """Compiled entry: see open_recorded_case."""
    attached = attach(world)
    table = table_without_room(attached, 0)
    if table != DONE:
        return table
    group = attached.group[group_row]
    number = group.reports
    group.reports += 1
    open_case(attached, group_row, lead, number, case_key(group.key, lead, number))
    schedule_report(attached, group_row)
    return DONE


def plant(world: World, number: int, kind: int, lead: int | None, days: float) -> tuple[World, int]:
    """A group of a case on record enters the world today. Returns the world and the row of the group.

    It is not domestic: operations on record are those of several states.

    Args:
        world: its arrays are changed in place.
        number: of the case; its group's draws are keyed by it.
        kind: row of GROUP_KINDS.
        lead: row of the state that is going to open the case; None: the model opens cases, from the first report on.
        days: from today until the day on which the group is known to have been there.
    """
    world = with_room(world, group_planted, number, kind, _NOBODY if lead is None else lead, days)
    return world, int(world.used[Growing.GROUP]) - 1


def open_recorded_case(world: World, group_row: int, lead: int) -> tuple[World, bool]:
    """The lead's unit opens a case on a planted group today, and its victims report from now on.

    Returns the world, and whether the group was active, without which there is nothing to open.
    """
    if world.group["status"][group_row] != GroupStatus.ACTIVE:
        return world, False
    return with_room(world, case_opened, group_row, lead), True
