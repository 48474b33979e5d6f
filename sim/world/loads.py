"""Other work of each desk, found so that files wait as long as they do (M6).

Nobody publishes the load of these desks; how long they take is known a little better. A desk's load is therefore found
from its target wait: the desk lives a long life of its own under the very rules of the model, with its people leaving
and being replaced, and its load is adjusted until the mean wait of arriving files meets the target (Robbins & Monro
1951; the mean of the later loads is taken, Polyak & Juditsky 1992). Desks of the same kind, size and tier share a life.
"""

import math
import os
import subprocess
import sys
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.agents.capacity import join, live_quarter, send_to_desk, unit_key
from sim.agents.desk import desk_key, working_pace
from sim.agents.events import Purpose
from sim.agents.line import change_capacity, live_until
from sim.engine.bound import digest
from sim.engine.caching import LOADS, read, write
from sim.engine.compiling import Record, kernel, rule, versions
from sim.engine.random import derive, lognormal
from sim.engine.tables import as_table
from sim.law.days import MONTH, YEAR
from sim.world.parameters import REVIEW_DAYS, SETTING
from sim.world.records import DESK, UNIT
from sim.world.world_pointer import COMPILED

Rows = npt.NDArray[np.void]
Float = npt.NDArray[np.float64]

YEARS = 4800  # of a desk's life; what is read off is from its second half
PICKS = 64  # days of that life from which a first day can be chosen
_GAIN, _GAIN_MONTHS, _GAIN_FADES = 0.03, 1200.0, 0.65  # of the adjustment, at first; it fades by a power of time
_SEED = 0x4C4F4144  # of that life: the same for all runs
#: What a desk's life depends on. Nothing else is known to it.
_SETTINGS = (
    "touch_variation",
    "urgent_share",
    "urgent_head_start",
    "withdrawal_per_month",
    "rebound",
    "with_rebound",
    "with_turnover",
    "throughput_skill",
    "pace_skill",
    "leaving",
    "new_hire_skill",
    "hiring_months",
    "hiring_sigma",
    "skill_half_life_months",
    "learning",
    "training_gain",
    "working_days",
    "specialist_decay",
)


class Loads(NamedTuple):
    """What desks must do so that files wait as long as they do.

    Attributes:
        hours: work that is sent to each desk, touch-hours a day, float64 [desk].
        days: some days of its life, float64 [desk, PICKS, 3]: work in line, in days of what all its people do, people
            at work, and their skill.
    """

    hours: Float
    days: Float


@rule
def hire(setting: Record, unit: Record, due: Record, persons: Record, day: float) -> None:
    """Looks for people for empty posts, and takes in those who come nearest to this day; see agents/capacity.py."""
    missing = unit.posts - unit.persons - unit.recruiting
    for place in range(len(due)):
        if persons[place] > 0.0 and due[place] <= day + 0.5 * MONTH:
            unit.recruiting -= persons[place]
            join(setting, unit, persons[place])
            persons[place] = 0.0
        elif persons[place] == 0.0 and missing > 1e-9:
            key = derive(unit_key(unit.kind, unit.state), unit.openings)
            months = lognormal(setting.seed, Purpose.UNIT_HIRING, key, 0, setting.hiring_months, setting.hiring_sigma)
            due[place] = day + MONTH * months
            persons[place] = missing
            unit.recruiting += missing
            unit.openings += 1
            missing = 0.0


@rule
def find_load(setting: Record, desk: Record, unit: Record, place: int, days: Record) -> float:
    """Lives a desk's long life and returns the load with which it meets its target wait, hours a day.

    Args:
        setting: one row.
        desk: on its first day; changed.
        unit: its people, changed; one without posts where they never change.
        place: row of `days` that is filled.
        days: see Loads.
    """
    searches = int(unit.posts) + 1  # each is for a person at least
    due, persons = np.zeros(searches), np.zeros(searches)
    key = desk_key(place)
    files = unit.handled * max(unit.persons_base, 1.0) * REVIEW_DAYS / YEAR  # of this model's, a quarter
    months, whole = YEARS * 12, desk.capacity
    withdrawal = setting.withdrawal_per_month / MONTH
    log_load, total, picked = min(withdrawal * desk.target_wait, 1.0), 0.0, 0
    reach = withdrawal * desk.target_wait + 0.05
    desk.load = desk.offered = whole * math.exp(log_load)
    for month in range(months):
        day = month * MONTH
        if unit.posts > 0.0 and setting.with_turnover > 0.0:
            if month % 3 == 0:
                live_quarter(setting, unit, files)
            hire(setting, unit, due, persons, day)
            send_to_desk(setting, unit, desk)
            change_capacity(desk, day, desk.servers * working_pace(setting, desk))
        desk.load = whole * math.exp(log_load)
        before = desk.wait_sum
        live_until(setting, desk, key, day)
        error = (desk.wait_sum - before) / desk.target_wait - 1.0
        log_load -= _GAIN * reach * error * math.exp(-_GAIN_FADES * math.log(1.0 + month / _GAIN_MONTHS))
        log_load = min(max(log_load, -3.0), 3.0)
        if month >= months // 2:
            total += log_load
            if (month - months // 2) % (months // 2 // PICKS) == 0 and picked < PICKS:
                days[place, picked, 0] = desk.work / whole
                days[place, picked, 1], days[place, picked, 2] = desk.servers, desk.skill
                picked += 1
    load: float = whole * math.exp(total / (months - months // 2))
    return load


@kernel
def _find_loads(setting: Record, desk: Record, unit: Record, days: Record) -> Record:
    """Compiled entry: the load of each desk."""
    settings, desks, units = as_table(setting), as_table(desk), as_table(unit)
    loads = np.zeros(len(desk))
    for place in range(len(desk)):
        loads[place] = find_load(settings[0], desks[place], units[place], place, days)
    return loads


def _kept(name: str, desks: int) -> Loads | None:
    """Loads that were kept on disk; None where there are none."""
    content = read(LOADS, name)
    if content is None or len(content) != desks * (1 + PICKS * 3) * 8:
        return None
    kept = np.frombuffer(content, np.float64).reshape(desks, -1)
    return Loads(kept[:, 0], kept[:, 1:].reshape(desks, PICKS, 3))


@lru_cache(maxsize=64)
def _lived(rules: str, setting: bytes, desk: bytes, unit: bytes) -> Loads:
    """The loads of desks that differ from each other; kept on disk, since a long life takes a second or two.

    They are kept under a digest of the lives, of all rules by which they are lived (`rules` is a digest of those), and
    of what compiles them.
    """
    parts = (rules.encode(), versions().encode(), setting, desk, unit)
    name, number = sha256(b"|".join(parts)).hexdigest()[:24], len(desk) // DESK.dtype.itemsize
    kept = _kept(name, number)
    if not kept and not COMPILED:
        _live_compiled(setting, desk, unit)
        kept = _kept(name, number)
    if kept:
        return kept
    days = np.zeros((number, PICKS, 3))
    with np.errstate(over="ignore"):
        hours = _find_loads(
            np.frombuffer(setting, SETTING).copy(),
            np.frombuffer(desk, DESK.dtype).copy(),
            np.frombuffer(unit, UNIT.dtype).copy(),
            days,
        )
    write(LOADS, name, np.column_stack([hours, days.reshape(number, -1)]).tobytes())
    return Loads(hours, days)


def _live_compiled(*lives: bytes) -> None:
    """Has a process with compiled rules find loads and keep them: without compilation it takes a quarter of an hour.

    Raises:
        RuntimeError: it failed; the message ends with its last output.
    """
    code = (
        "import sys; from sim.engine.bound import digest; from sim.world.loads import _lived, find_load; "
        "_lived(digest(find_load), *(bytes.fromhex(line) for line in sys.stdin.read().split()))"
    )
    made = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        input="\n".join(part.hex() for part in lives),
        text=True,
        env=os.environ | {"NUMBA_DISABLE_JIT": "0", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(f"loads of desks could not be found by compiled rules: {made.stderr[-500:]}")


def loads(setting: Rows, desks: Rows, units: Rows) -> Loads:
    """The load of each desk, and some days of its life.

    Args:
        setting: the world's settings, one row.
        desks: on their first day, with all people at work.
        units: their people, in the same order; rows without posts where a desk's people never change.
    """
    known = np.zeros(1, SETTING)
    for name in _SETTINGS:
        known[name] = setting[name]
    known["touch_sigma"] = setting["touch_sigma"]
    known["load_growth_level"] = 1.0  # other work does not grow in that life
    known["seed"] = _SEED
    differing = ("kind", "target_wait", "servers", "skill_base", "file_hours", "capacity")
    kinds = np.array([*(desks[name] for name in differing), units["posts"]])
    _, first, number = np.unique(kinds, axis=1, return_index=True, return_inverse=True)
    rows, people = desks[first].copy(), units[first].copy()
    rows["state"] = rows["provider"] = 0
    rows["own_load"] = 0.0  # it is part of the load that is found
    people["state"] = np.arange(len(first))  # each life has draws of its own
    found = _lived(digest(find_load), known.tobytes(), rows.tobytes(), people.tobytes())
    number = number.reshape(-1)
    return Loads(found.hours[number], found.days[number])
