"""Compiled functions that drive the rule for one desk's queue, with the result cached on disk."""

import numpy as np

from sim.agents.assistance.capacity import join, live_quarter, send_to_desk, unit_key
from sim.agents.assistance.desk import desk_key, working_pace
from sim.agents.assistance.line import (
    all_busy,
    begin_month,
    change_capacity,
    days_until_turn,
    hours_before,
    last_wait,
    live_until,
    mean_wait,
    overtaking_share,
    total_capacity,
    wait_of,
    work_at,
)
from sim.agents.events import Purpose
from sim.engine.compiling import kernel, rule
from sim.engine.random import derive, exponential, lognormal, uniform
from sim.engine.tables import as_table
from sim.law.days import MONTH, YEAR
from sim.world.parameters import REVIEW_DAYS

_REST = 902  # a purpose of draws that the model does not have


@rule
def wait_for(setting, desk, day, head_start, key, number):
    """Days that a request with a priority credit waits if it arrives on a given day; see desk.submit."""
    if uniform(setting.seed, _REST, key, 2 * number) >= all_busy(setting, desk, work_at(desk, day)):
        return 0.0
    wait = wait_of(setting, desk, last_wait(setting, desk, work_at(desk, day)), head_start)
    rest = 0.5 * desk.file_hours * (1.0 + setting.touch_variation) / total_capacity(desk)
    before = min(overtaking_share(setting, desk) * desk.offered / total_capacity(desk), 0.9)
    return max(wait, exponential(setting.seed, _REST, key, 2 * number + 1, rest / (1.0 - before)))


@kernel
def waits_by_rule(setting, desk, step, capacity, head_starts, days, out):
    """Waits of requests with each priority credit, before and after a change of capacity.

    Desks are lives side by side, one a row, on their first day; from the day `step` on, 0 for never, they have the
    capacity in touch-hours a day. Head starts are days by class, days ascend, waits are float64 [desk, day, class].
    """
    settings, desks = as_table(setting), as_table(desk)
    for row in range(len(desks)):
        key = derive(91, row)
        begin_month(settings[0], desks[row], key)
        if step > 0.0:
            live_until(settings[0], desks[row], key, step)
            change_capacity(desks[row], step, capacity)
        for place in range(len(days)):
            live_until(settings[0], desks[row], key, days[place])
            for kind in range(len(head_starts)):
                number = place * len(head_starts) + kind
                out[row, place, kind] = wait_for(settings[0], desks[row], days[place], head_starts[kind], key, number)


@kernel
def turns(setting, desk, hours, head_starts, out):
    """Days until the turn of a request behind some work, and the work computed back from these days."""
    settings, desks = as_table(setting), as_table(desk)
    for row in range(len(hours)):
        days = days_until_turn(settings[0], desks[0], hours[row], 0.0, head_starts[row])
        out[row, 0] = days
        out[row, 1] = hours_before(settings[0], desks[0], days, head_starts[row])


@kernel
def mean_waits(setting, desk, work, out):
    """Mean wait of requests behind each amount of work at each desk, without custody, float64 [desk, amount]."""
    settings, desks = as_table(setting), as_table(desk)
    for row in range(len(desks)):
        for place in range(work.shape[1]):
            desks[row].work = work[row, place]
            desks[row].last_wait = last_wait(settings[0], desks[row], work[row, place])
            out[row, place] = mean_wait(settings[0], desks[row])


@kernel
def months(setting, desk, number, out):
    """Monthly values of a desk: work in the queue, wait of lowest priority, and capacity with overtime."""
    settings, desks = as_table(setting), as_table(desk)
    begin_month(settings[0], desks[0], np.uint64(7))
    for month in range(number):
        out[month, 0] = desks[0].work
        out[month, 1] = desks[0].last_wait
        out[month, 2] = total_capacity(desks[0])
        live_until(settings[0], desks[0], np.uint64(7), desks[0].month_end)


@rule
def hire(setting, unit, due, persons, day):
    """Opens vacancies for empty posts, and hires the persons who are due about this day."""
    missing = unit.posts - unit.persons - unit.recruiting
    for place in range(len(due)):
        if persons[place] > 0.0 and due[place] <= day + 0.5 * MONTH:
            unit.recruiting -= persons[place]
            join(setting, unit, persons[place])
            persons[place] = 0.0
        elif persons[place] == 0.0 and missing > 1e-9:
            key = derive(unit_key(unit.kind, unit.state), unit.openings)
            months = lognormal(setting.seed, Purpose.UNIT_HIRING, key, 0, setting.hiring_months, setting.hiring_sigma)
            due[place], persons[place] = day + MONTH * months, missing
            unit.recruiting += missing
            unit.openings += 1
            missing = 0.0


@kernel
def lives(setting, desk, unit, years, out):
    """Mean wait at each desk over the second half of a run with turnover of staff, float64 [desk].

    Desks on their first day and their people are changed; a unit without posts never changes.
    """
    settings, desks, units = as_table(setting), as_table(desk), as_table(unit)
    setting = settings[0]
    for row in range(len(desks)):
        desk, unit = desks[row], units[row]
        files = unit.handled * max(unit.persons_base, 1.0) * REVIEW_DAYS / YEAR
        due, persons = np.zeros(int(unit.posts) + 1), np.zeros(int(unit.posts) + 1)
        for month in range(12 * years):
            if unit.posts > 0.0:
                if month % 3 == 0:
                    live_quarter(setting, unit, files)
                hire(setting, unit, due, persons, month * MONTH)
                send_to_desk(setting, unit, desk)
                change_capacity(desk, month * MONTH, desk.servers * working_pace(setting, desk))
            live_until(setting, desk, desk_key(row), month * MONTH)
            if month == 6 * years - 1:
                desk.wait_sum = 0.0
        out[row] = desk.wait_sum / (6 * years)
