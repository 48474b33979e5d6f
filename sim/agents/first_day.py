"""First day of a world: people, groups, queues at desks, and first events."""

import math

import numpy as np

from sim.agents.assistance import (
    begin_month,
    begin_units,
    desk_key,
    most_searches,
    schedule_abuse,
    schedule_emergency,
    schedule_liaison_review,
    schedule_orders,
    working_pace,
)
from sim.agents.crime import found_group, schedule_arrival
from sim.agents.events import Purpose, kinds
from sim.engine.compiling import Record, kernel, rule
from sim.engine.random import uniform
from sim.engine.tables import as_table
from sim.law.order import LegalOrder
from sim.world.assemble import assemble
from sim.world.growth import DONE, table_without_room, with_room
from sim.world.loads import PICKS
from sim.world.parameters import Parameters, WorldSpec, active_groups
from sim.world.records.desks import by_kind
from sim.world.retention import settle_data_held
from sim.world.world import World
from sim.world.world_pointer import attach

#: By kind of desk: true where its people are a unit of the state.
_WITH_UNIT = by_kind("unit")


def begin_world(
    spec: WorldSpec, parameters: Parameters, law: LegalOrder, seed: int, over: World | None = None
) -> World:
    """Creates a world on its first day, with law, groups and work; `seed` is from 0 to 2**63 − 1.

    Its tables stand in the memory of `over`, a world that nobody needs any more.
    """
    world, first_days = assemble(spec, parameters, law, seed, len(kinds()), over)
    world = with_room(world, populated, active_groups(spec, parameters), first_days, np.zeros(1, np.int64))
    settle_data_held(world, float(world.now[0]))
    return world


@kernel
def populated(arrays: World, groups: int, given: Record, begun: Record) -> int:
    """Adds people, groups and work to a new world; returns DONE, or the number of a full table.

    `given` are hours in line, people at work and their skill on days of desks' lives, float64 [desk, PICKS, 3];
    `begun` counts what has been begun, in an array of one: states, then groups, then desks.
    """
    world, first_days = attach(arrays), as_table(given)
    desks, states = len(world.desk), len(world.state)
    while begun[0] < desks + groups + states:
        state, group, desk = begun[0], begun[0] - states, begun[0] - states - groups
        table = table_without_room(world, most_searches(world, state) if group < 0 else 0)
        if table != DONE:
            return table
        if group < 0:
            begin_units(world, state)
        elif desk < 0:
            found_group(world, group)
        else:
            begin_desk(world, desk, first_days)
        begun[0] += 1
    begin_streams(world, groups)
    return DONE


@rule
def begin_streams(world: World, groups: int) -> None:
    """Schedules the first events of arrivals, reviews of postings, ordinary requests and abusive requests."""
    setting = world.setting[0]
    schedule_arrival(world, groups)
    if setting.with_liaison_desks > 0.0:
        schedule_liaison_review(world)
    if setting.background > 0:
        schedule_orders(world, world.now[0], 0)
    if setting.with_abuse > 0.0:
        schedule_abuse(world, 0)
        schedule_emergency(world, 0)


@rule
def begin_desk(world: World, row: int, first_days: Record) -> None:
    """Sets a desk's initial work and skill from a pre-simulated day with a similar number of people."""
    setting, desk, key = world.setting[0], world.desk[row], desk_key(row)
    first = int(uniform(setting.seed, Purpose.DESK_FIRST_DAY, key, 0) * PICKS)
    chosen, least = first, math.inf
    for step in range(PICKS):
        day = (first + step) % PICKS
        apart = abs(first_days[row, day, 1] - desk.servers)
        if apart < least:
            chosen, least = day, apart
    desk.work, skill = first_days[row, chosen, 0], first_days[row, chosen, 2]
    if skill > 0.0:  # it has a history: there is other work
        desk.skill = skill
        desk.capacity = desk.servers * working_pace(setting, desk)
        if _WITH_UNIT[desk.kind]:
            world.unit[row].skill = skill
    begin_month(setting, desk, key)
