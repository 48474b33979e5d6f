"""Measures of takedowns: number, rate, lasting effect, groups' returns, and time until actions.

Counts are of the whole world. The groups of the model are not a sample of those that there are: they stand for all
groups of the tier that national units investigate, some 300 at a time, so that nothing is scaled up. A world of few
states or groups has counts of its own.
"""

import numpy as np

from sim.law.days import MONTH, YEAR
from sim.measures.arrays import Columns, Floats, Table, mean, median, ratio, share
from sim.measures.history import TAKEN_DOWN
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.measures.survival import RiskTable, at, incidence, risk_table, survival, watched
from sim.world.parameters import TAKEDOWN_DAYS
from sim.world.records import NONE, GroupStatus

#: Points at which the takedown curve is stored: months since a group's first day.
CURVE_MONTHS: tuple[float, ...] = tuple(float(month) for month in range(0, 97))
FIVE_YEARS = 5 * YEAR
#: A coordinated case counts as major when at least this many states acted.
MAJOR_STATES = 3
RETURN_DAYS = 365.0
LITTLE_CHANCE = 0.2


@once
def _first_events(observation: Observation) -> RiskTable:
    """Risk table of the first event by age of a group: takedown (cause 1) or own exit (cause 2)."""
    histories = observation.histories
    return risk_table(histories.watched_until, histories.cause, histories.watched_from, causes=2)


def full_action_days(observation: Observation) -> Table:
    """Table of action days in the measured period, without disruptions by a single unit."""
    action = observation.during("action")
    return np.asarray(action[action["disruption"] == 0])


def _takedowns_expected(observation: Observation) -> float:
    """Expected number of lasting takedowns, as a sum of probabilities over actions."""
    # Whether a group comes back, and when, is drawn apart from all else, so each action counts with its chance to last.
    # Groups that left by themselves while down and would have been back within the 180 days are added, as the
    # chance of leaving is not known. An action without known chance (a partial action against a weak group) counts as
    # it came out. The expectation is that of the number of takedowns, the variance is smaller.
    histories, group = observation.histories, observation.tables["group"]
    last = observation.periods[histories.brought_down]
    gone = group[last["group"]]
    left = (gone["status"] == GroupStatus.EXITED) & ~histories.back & histories.lasted
    left &= gone["back_on"] < histories.brought_down_day + TAKEDOWN_DAYS
    return float(np.where(np.isnan(last["lasting"]), histories.lasted, last["lasting"] + left).sum())


def _brought_down(observation: Observation, *, at_home: bool) -> float:
    """Number of groups brought down by a case in their home state or in another, as `at_home` says."""
    last = observation.periods[observation.histories.brought_down]
    home = observation.tables["group"]["home"][last["group"]]
    led = np.append(observation.tables["case"]["state"], NONE)[last["case"]]  # by nobody's case: abroad
    return float(np.count_nonzero((led == home) == at_home))


def _takedown_five_year(observation: Observation) -> float:
    """Share of groups with a takedown before the age of five years."""
    table = _first_events(observation)
    if not observation.histories.cause.size:
        return float("nan")
    return float(at(np.array([FIVE_YEARS]), table.time, incidence(table)[TAKEN_DOWN - 1], 0.0)[0])


def _return_within_year(observation: Observation) -> float:
    """Share of groups that return within RETURN_DAYS of an action that brought them down (Kaplan–Meier)."""
    histories = observation.histories
    if not histories.brought_down_day.size:
        return float("nan")
    table = risk_table(histories.down_days, histories.back)
    return float(1.0 - at(np.array([RETURN_DAYS]), table.time, survival(table), 1.0)[0])


def _major_case_months(observation: Observation) -> float:
    """Median months from a case's opening to an action of three or more states that took the group down."""
    action, window = observation.tables["action"], observation.window
    inside = (action["day"] >= window.start) & (action["day"] <= window.end)
    major = action[inside & (action["down"] == 1) & (action["states"] >= MAJOR_STATES)]
    return median(major["day"] - observation.tables["case"]["opened"][major["case"]]) / MONTH


def curve(observation: Observation) -> Columns:
    """Table by age in months: share of groups with a takedown, share with an own exit, number at risk."""
    months: Floats = np.array(CURVE_MONTHS)
    days = months * MONTH
    histories, table = observation.histories, _first_events(observation)
    taken, left = incidence(table)
    return {
        "month": months,
        "taken_down": at(days, table.time, taken, 0.0),
        "left_by_itself": at(days, table.time, left, 0.0),
        "at_risk": watched(days, histories.watched_until, histories.watched_from),
    }


MEASURES: Measures = {
    "groups_brought_down": lambda seen: float(seen.histories.brought_down_day.size),
    "brought_down_home": lambda seen: _brought_down(seen, at_home=True),
    "brought_down_abroad": lambda seen: _brought_down(seen, at_home=False),
    "takedowns_expected": _takedowns_expected,
    "takedowns": lambda seen: float(seen.histories.takedown_day.size),
    "takedown_rate": lambda seen: ratio(100.0 * seen.histories.takedown_day.size, seen.histories.years_at_risk),
    "takedown_five_year": _takedown_five_year,
    "return_within_year": _return_within_year,
    "partial_action_share": lambda seen: share(full_action_days(seen)["down"] == 0),
    "long_shot_share": lambda seen: share(full_action_days(seen)["foreseen"] < LITTLE_CHANCE),
    "foreseen_chance": lambda seen: mean(full_action_days(seen)["foreseen"]),
    "major_case_months": _major_case_months,
}
