"""Staff of authorities: people learn, forget and leave, and vacant posts are filled slowly (M21).

A unit is the people of one central authority, court or laboratory, or the investigators of a state. At each quarterly
review it loses those who leave, learns from the files it handled and from training, and begins to look for people for
its empty posts; months later they come, unskilled. Persons of desks are whole and are drawn one by one; investigators
are counted in cases that they can work on, fractions included, so that what leaves and comes is the expected share.
"""

import math

from sim.agents.assistance.desk import staff_desk, work_rate, working_pace
from sim.agents.assistance.trust import trust_reviewed
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, lognormal, uniform
from sim.engine.rows import new_row
from sim.law.days import MONTH, YEAR
from sim.world.parameters import REVIEW_DAYS
from sim.world.records import Growing, UnitKind
from sim.world.records.desks import WITH_UNITS
from sim.world.world import World

REVIEWS_PER_COUNT = 4
_REVIEWS_REMEMBERED = 8.0  # experience is of two years: few files come evenly
UNIT_KINDS = 5
_AT_DESKS = len(WITH_UNITS)  # units of a state at desks; they come before its investigators
_UNIT = 0x554E4954
_STATE = 0x53544154
_MOST_PERSONS = 4096  # of a unit, so that the draws of two reviews never meet


@rule
def unit_key(kind: int, state: int) -> Key:
    """Key for random draws about one unit of a state."""
    return derive(derive(_UNIT, kind), state)


@rule
def away_in_training(setting: Record, training_days: float) -> float:
    """Share of working time that people spend in training."""
    return min(training_days / setting.working_days, 0.9)


@rule
def practised(
    setting: Record, skill: float, upkeep: float, training_days: float, specialised: float, files: float, years: float
) -> float:
    """Skill K of a unit after some years: dK/dt = (upkeep + training)·(1 − K) + b·ln(files + 1) − K·ln 2 ÷ t½.

    Upkeep is the gap that today's training and guidance close a year, training the days beyond it that a person has a
    year; `specialised` is the share of people who do nothing else, and a person handles so many files a year.
    """
    closing = upkeep + setting.training_gain * training_days
    forgotten = math.log(2.0) * 12.0 / setting.skill_half_life_months  # slower where people do nothing else
    rate = closing + forgotten * (1.0 - (1.0 - setting.specialist_decay) * specialised)
    limit = (closing + setting.learning * math.log(1.0 + files)) / rate
    return min(max(limit + (skill - limit) * math.exp(-rate * years), 0.0), 1.0)


@rule
def mixed(skill: float, persons: float, joining: float, new_hire_skill: float) -> float:
    """Mean skill of a unit after new hires, of their own skill, have joined it."""
    return (skill * persons + new_hire_skill * joining) / max(persons + joining, 1e-9)


@rule
def leaving_persons(setting: Record, unit: Record) -> float:
    """Draws the number of people who leave a unit in a quarter; for investigators, a fixed share."""
    share = 1.0 - math.exp(-setting.leaving * REVIEW_DAYS / YEAR)
    if unit.kind == UnitKind.INVESTIGATION:
        return unit.persons * share
    key, number = unit_key(unit.kind, unit.state), 0
    for person in range(min(int(unit.persons), _MOST_PERSONS)):
        number += int(chance(setting.seed, Purpose.UNIT_LEAVES, key, unit.reviews * _MOST_PERSONS + person, share))
    return float(number)


@rule
def open_vacancy(world: World, unit_row: int, persons: float, opened: float) -> int:
    """Adds a record of a unit's search for people; returns the record's row."""
    row = new_row(world, world.vacancy, Growing.VACANCY.value)
    vacancy, unit = world.vacancy[row], world.unit[unit_row]
    vacancy.key = derive(unit_key(unit.kind, unit.state), unit.openings)
    vacancy.unit = unit_row
    vacancy.persons = persons
    vacancy.opened = opened
    unit.openings += 1
    unit.recruiting += persons
    return row


@rule
def look_for_people(world: World, unit_row: int) -> None:
    """Starts a search for people for those of a unit's vacant posts that no search covers yet."""
    unit, setting = world.unit[unit_row], world.setting[0]
    missing = unit.posts - unit.persons - unit.recruiting
    if missing <= 1e-9:
        return
    row = open_vacancy(world, unit_row, missing, world.now[0])
    key = world.vacancy[row].key
    months = lognormal(setting.seed, Purpose.UNIT_HIRING, key, 0, setting.hiring_months, setting.hiring_sigma)
    schedule(world, world.now[0] + MONTH * months, Event.POST_FILLED, key, row, 0)


@rule
def post_filled(world: World, row: int) -> None:
    """Adds the people found to a unit when a search ends, at most as many as posts are vacant."""
    vacancy, setting = world.vacancy[row], world.setting[0]
    unit = world.unit[vacancy.unit]
    unit.recruiting = max(unit.recruiting - vacancy.persons, 0.0)
    if join(setting, unit, vacancy.persons) > 0.0:
        vacancy.filled = world.now[0]
        put_to_work(world, vacancy.unit)


@rule
def send_to_desk(setting: Record, unit: Record, desk: Record) -> None:
    """Copies a unit's number of people (at least one) and skill to the unit's desk."""
    desk.skill = unit.skill
    desk.away = away_in_training(setting, unit.training_days + unit.visit_days)
    desk.servers = max(1, int(unit.persons))


@rule
def put_to_work(world: World, unit_row: int) -> None:
    """Applies a unit's people and skill to its desk or, for investigators, to their state's row."""
    unit, setting = world.unit[unit_row], world.setting[0]
    unit.skill = max(unit.skill, unit.skill_floor)
    if unit.kind == UnitKind.INVESTIGATION:
        state = world.state[unit.state]
        state.skill = unit.skill
        state.work_rate = work_rate(setting, unit.skill, unit.skill_base)
        away = away_in_training(setting, unit.training_days + unit.visit_days)
        state.slots = unit.persons * state.work_rate * (1.0 - away)
        return
    send_to_desk(setting, unit, world.desk[unit_row])
    staff_desk(world, unit_row)


@rule
def live_quarter(setting: Record, unit: Record, files: float) -> None:
    """Simulates a quarter in a unit: people learn from files, forget, and leave."""
    training, years = unit.training_days + unit.visit_days, REVIEW_DAYS / YEAR
    unit.handled += (files / (max(unit.persons, 1.0) * years) - unit.handled) / _REVIEWS_REMEMBERED
    unit.skill = practised(setting, unit.skill, unit.upkeep, training, unit.specialised, unit.handled, years)
    gone = max(leaving_persons(setting, unit), unit.persons - unit.posts)  # at least those whose posts were cut
    unit.persons = max(unit.persons - gone, 0.0)
    unit.left += gone
    unit.reviews += 1


@rule
def join(setting: Record, unit: Record, persons: float) -> float:
    """Adds new hires to a unit, at most as many as posts are vacant; returns how many joined."""
    joining = min(persons, unit.posts - unit.persons)
    if joining <= 0.0:
        return 0.0
    unit.skill = mixed(unit.skill, unit.persons, joining, setting.new_hire_skill)
    unit.persons += joining
    unit.joined += joining
    return joining


@rule
def people_reviewed(world: World, unit_row: int) -> None:
    """Reviews a unit's staff each quarter: people learn, forget and leave, and a search for new people may start."""
    unit, setting = world.unit[unit_row], world.setting[0]
    live_quarter(setting, unit, unit.files)
    unit.files = 0
    look_for_people(world, unit_row)
    put_to_work(world, unit_row)
    if unit.reviews % REVIEWS_PER_COUNT == 0:
        count_heads(world, unit_row)


@rule
def count_heads(world: World, unit_row: int) -> None:
    """Adds a row on a unit's people, posts, skill and turnover to the yearly table."""
    row = new_row(world, world.headcount, Growing.HEADCOUNT.value)
    count, unit = world.headcount[row], world.unit[unit_row]
    count.unit = unit_row
    count.kind = unit.kind
    count.state = unit.state
    count.tier = world.state[unit.state].tier
    count.day = world.now[0]
    count.skill = unit.skill
    count.persons = unit.persons
    count.posts = unit.posts
    count.joined = unit.joined
    count.left = unit.left
    unit.joined = 0.0
    unit.left = 0.0


@rule
def capacity_reviewed(world: World, state: int) -> None:
    """Reviews a state each quarter: its staff, its adoption of the secure channel, and its trust."""
    if world.setting[0].with_turnover > 0.0:
        for kind in range(UNIT_KINDS):
            people_reviewed(world, kind * len(world.state) + state)
    adopt_secure_channel(world, state)
    trust_reviewed(world, state)
    schedule_capacity_review(world, state, REVIEW_DAYS)


@rule
def schedule_capacity_review(world: World, state: int, days: float) -> None:
    """Schedules a state's next review of staff in `days` days."""
    schedule(world, world.now[0] + days, Event.CAPACITY_REVIEW, derive(_STATE, state), state, 0)


@rule
def years_to_adopt(setting: Record, state: int, order: float) -> float:
    """Years until a state adopts a programme's secure channel; fewer for better-governed states (M22).

    `order` is its place among states by quality of government, 0 best – 1.
    """
    drawn = uniform(setting.seed, Purpose.SECURE_ADOPTION, derive(_STATE, state), 0)
    place = min(max(setting.adoption_order * order + (1.0 - setting.adoption_order) * drawn, 0.02), 0.98)
    return setting.adoption_half_years * max(1.0 + math.log(place / (1.0 - place)) / 3.0, 0.0)


@rule
def adopt_secure_channel(world: World, state_row: int) -> None:
    """Connects a state to the secure channel when its years to adopt it have passed; connected states share it."""
    state, setting = world.state[state_row], world.setting[0]
    if state.secure == 1 or math.isnan(state.programme_since):
        return
    order = (state.tier + 0.5) / 4.0
    if world.now[0] < state.programme_since + YEAR * years_to_adopt(setting, state_row, order):
        return
    state.secure = 1
    for other in range(len(world.state)):
        if other != state_row and world.state[other].secure == 1:
            world.electronic[state_row, other] = 1
            world.electronic[other, state_row] = 1


@rule
def begin_units(world: World, state: int) -> None:
    """Sets people and vacancies of a state's units on the first day, and schedules the first quarterly review."""
    if world.setting[0].with_turnover > 0.0:
        for kind in range(UNIT_KINDS):
            begin_unit(world, kind * len(world.state) + state)
    schedule_capacity_review(world, state, REVIEW_DAYS)


@rule
def most_searches(world: World, state: int) -> int:
    """Upper bound on the number of searches for people in a state on the first day."""
    most = int(world.setting[0].hiring_months) + 1
    for kind in range(_AT_DESKS):
        most += int(world.unit[kind * len(world.state) + state].posts)
    return most


@rule
def begin_unit(world: World, unit_row: int) -> None:
    """Sets a unit's people on the first day, with random vacancies of random age."""
    unit, setting = world.unit[unit_row], world.setting[0]
    months = setting.hiring_months
    if unit.kind == UnitKind.INVESTIGATION:
        steps, vacant = max(int(months / 3.0 + 0.5), 1), unit.posts - unit.persons_base
        for step in range(steps):
            if vacant > 0.0:
                open_search(world, unit_row, vacant / steps, (step + 0.5) / steps)
        return
    key, empty = unit_key(unit.kind, unit.state), 0
    share = 1.0 - unit.persons_base / unit.posts_base
    for post in range(int(unit.posts)):
        if chance(setting.seed, Purpose.UNIT_VACANT, key, post, share):
            empty += 1
            open_search(world, unit_row, 1.0, uniform(setting.seed, Purpose.UNIT_SOUGHT, key, post))
    unit.persons = unit.posts - empty
    desk = world.desk[unit_row]
    send_to_desk(setting, unit, desk)
    desk.capacity = desk.servers * working_pace(setting, desk)


@rule
def open_search(world: World, unit_row: int, persons: float, share_left: float) -> None:
    """Adds a search for people that began before the first day.

    Long searches are met more often than short ones: the time of one met is drawn in proportion to its length.
    """
    setting, now = world.setting[0], world.now[0]
    row = open_vacancy(world, unit_row, persons, now)
    vacancy, sigma = world.vacancy[row], setting.hiring_sigma
    met = setting.hiring_months * math.exp(sigma * sigma)
    days = MONTH * lognormal(setting.seed, Purpose.UNIT_HIRING, vacancy.key, 0, met, sigma)
    vacancy.opened = now - (1.0 - share_left) * days
    schedule(world, now + share_left * days, Event.POST_FILLED, vacancy.key, row, 0)
