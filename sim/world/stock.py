"""Adjusts load, staff and skill at desks to the simulated files during the warm-up (M6, M21).

A desk is staffed for the work it has. How much of it the followed files are depends on the world: on its parameters,
its groups and its draws. Twice a year before policy starts, other work of authorities becomes what is left to the
target wait besides the followed files of late. Liaison bodies and 24/7 points do hardly anything else: where followed
files are more than their people can do, people are added, and other work yields from month to month, before and after
(`sim/agents/assistance/line.py`). What the eve of policy finds is kept, so that all scenarios begin alike.
"""

import numpy as np
import numpy.typing as npt

from sim.law.days import MONTH, YEAR
from sim.world.baseline import upkeep
from sim.world.loads import steady_hours
from sim.world.records import Body, DeskKind
from sim.world.records.desks import by_kind
from sim.world.world import World, records

Rows = npt.NDArray[np.void]
Float = npt.NDArray[np.float64]

#: By kind of desk: true where other work makes way for files.
_MAKES_WAY = by_kind("makes_way")
_EVERY = 0.5 * YEAR
_EVE = 1.0  # days before policy starts
_LATELY = 2.0 * YEAR  # followed files of less are mostly chance at small desks
_FEWEST = 10  # files from which the size of files at a body's desk is known
_ROOM = 1.5  # of what a body's people can do, to what its followed files need: they come in waves
_MOST_PERSONS = 200  # at the desk of a body


def first_day(world: World) -> float:
    """First day of the world in days since the epoch."""
    return float(world.desk["month_end"][0]) - MONTH * int(world.desk["month"][0])


def stock_days(world: World) -> list[float]:
    """Days still to come on which `take_stock` is due: each half year up to the eve of policies, the latest first."""
    eve, first = float(world.setting["policy_start"][0]) - _EVE, first_day(world)
    times = int((eve - first) / _EVERY + 0.1)
    return [day for day in (eve - _EVERY * before for before in range(times)) if day > world.now[0]]


def take_stock(world: World) -> None:
    """Adjusts background load, staff of bodies, and upkeep of skill to recent files, in place.

    Those are the files of the later half of the time so far, two years at most: at first there are few. Desks must
    have been lived up to today; what their people do in a day follows after.
    """
    desk, unit, setting, now = world.desk, world.unit, world.setting[0], float(world.now[0])
    unit["upkeep"] = upkeep(setting, unit["skill_base"], unit["handled"])
    if not setting["background"] or setting["with_queues"] == 0.0:
        return
    days = min(0.5 * (now - first_day(world)), _LATELY)
    jobs = records(world, "job")
    seen = jobs[jobs["arrived"] >= now - days]
    waited = seen["touch_hours"] * (seen["started"] != seen["arrived"])
    queued = np.bincount(seen["desk"], waited, len(desk)) / days
    desk["own_load"] = np.where(_MAKES_WAY[desk["kind"]], desk["own_load"], queued)
    _know_sizes(world, seen)
    _staff_bodies(world, np.bincount(seen["desk"], seen["touch_hours"], len(desk)) / days)
    desk["load"] = np.where(desk["whole_load"] > 0.0, np.maximum(desk["whole_load"] - desk["own_load"], 0.0), 0.0)


def _know_sizes(world: World, seen: Rows) -> None:
    """Sets hours of work per file at liaison bodies, as a mean of recent files weighted by size.

    A body is asked for small things and large ones; how long others wait depends on the large ones.
    """
    at_body = seen[(world.desk["kind"][seen["desk"]] == DeskKind.LIAISON_BODY) & (seen["referral"] >= 0)]
    task = world.referral["task"][at_body["referral"]]
    tasks, hours = np.bincount(task), np.bincount(task, at_body["touch_hours"])
    size = (hours / np.maximum(tasks, 1))[task]  # of all bodies' files: how much a single one varies is known apart
    files, total, squares = (np.bincount(at_body["desk"], size**power, len(world.desk)) for power in range(3))
    known = files >= _FEWEST
    world.desk["file_hours"][known] = squares[known] / total[known]


def _staff_bodies(world: World, needed: Float) -> None:
    """Adds people at liaison bodies and contact points until each could do 1.5 times the work of its followed files.

    Followed files of each desk need some hours a day, float64 [desk].
    """
    desk = world.desk
    rows = np.flatnonzero(_MAKES_WAY[desk["kind"]] & (desk["whole_load"] > 0))
    staffed = desk[rows]
    a_person = staffed["capacity"] / staffed["servers"]
    whole = steady_hours(world.setting, staffed)
    for _ in range(_MOST_PERSONS):
        short = np.flatnonzero((whole < _ROOM * needed[rows]) & (staffed["servers"] < _MOST_PERSONS))
        if not short.size:
            break
        staffed["servers"][short] += 1
        staffed["capacity"] = staffed["servers"] * a_person
        whole[short] = steady_hours(world.setting, staffed[short])
    grown = staffed["servers"] > desk["servers"][rows]
    desk["whole_load"][rows] = whole
    desk["staff_base"][rows[grown]] = desk["servers"][rows[grown]] = staffed["servers"][grown]
    body = world.liaison_body
    own = np.flatnonzero((body["desk"] >= 0) & (body["kind"] != Body.CONTACT_POINTS))
    more = desk["servers"][body["desk"][own]] > body["staff"][own]
    body["staff"][own[more]] = body["staff_base"][own[more]] = desk["servers"][body["desk"][own[more]]]
