"""Groups brought down and takedowns, as counts and as rates, return afterwards, and the actions that led there.

Counts are of the whole world. The groups of the model are not a sample of those that there are: they stand for all
groups of the tier that national units investigate, some 300 at a time, so that nothing is scaled up. A world of few
states or groups has counts of its own.
"""

import numpy as np

from sim.law.days import MONTH, YEAR
from sim.measures.arrays import Columns, Floats, Table, mean, median, ratio, share
from sim.measures.history import TAKEN_DOWN
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, ShownIn, as_outcome
from sim.measures.survival import RiskTable, at, incidence, risk_table, survival, watched
from sim.world.parameters import TAKEDOWN_DAYS
from sim.world.records import GroupStatus

#: Points at which the takedown curve is stored: months since a group's first day.
CURVE_MONTHS: tuple[float, ...] = tuple(float(month) for month in range(0, 97))
FIVE_YEARS = 5 * YEAR
#: A coordinated case counts as major when at least this many states acted.
MAJOR_STATES = 3
RETURN_DAYS = 365.0
LITTLE_CHANCE = 0.2


@once
def _first_events(observation: Observation) -> RiskTable:
    """Risk table of the first takedown (cause 1) against self-exit (cause 2) by age of the group."""
    lives = observation.lives
    return risk_table(lives.watched_until, lives.cause, lives.watched_from, causes=2)


def _full(observation: Observation) -> Table:
    """Action days of all that were ready, disruptions by one unit alone left out."""
    action = observation.during("action")
    return np.asarray(action[action["disruption"] == 0])


@as_outcome(
    "Groups brought down",
    "groups",
    Better.MORE,
    shows=ShownIn.MAIN | ShownIn.FIRST | ShownIn.CHANGE | ShownIn.LADDER | ShownIn.REGRET | ShownIn.LEAGUE,
)
def groups_brought_down(observation: Observation) -> float:
    """Enforcement actions in the world in the policy years that bring a group to a tenth of its capability or less, for
    any time. A group that is brought down again counts again.
    """
    return float(observation.lives.blow_day.size)


@as_outcome(
    "Takedowns expected",
    "takedowns",
    Better.MORE,
    shows=ShownIn.FIRST | ShownIn.HEADLINE | ShownIn.SUMMARY | ShownIn.FOREST | ShownIn.PAGE | ShownIn.LADDER,
)
def takedowns_expected(observation: Observation) -> float:
    """Groups brought down × the chance that each stays down for 180 days, by kind of group and of action: as many as
    takedowns are on average, and less moved by chance.
    """
    # Whether a group comes back, and when, is drawn apart from all else, so each blow counts with its chance to last.
    # To that comes who left by itself while down and would have been back within the 180 days: this is counted, as the
    # chance of leaving is not known. A blow without known chance (a partial action against a weak group) counts as it
    # came out. The expectation is that of the number of takedowns, the variance is smaller.
    lives, group = observation.lives, observation.tables["group"]
    blow = observation.spells[lives.blow]
    gone = group[blow["group"]]
    left = (gone["status"] == GroupStatus.EXITED) & ~lives.back & lives.lasted
    left &= gone["back_on"] < lives.blow_day + TAKEDOWN_DAYS
    return float(np.where(np.isnan(blow["lasting"]), lives.lasted, blow["lasting"] + left).sum())


@as_outcome("Takedowns counted", "takedowns", Better.MORE)
def takedowns(observation: Observation) -> float:
    """Enforcement actions in the world in the policy years after which a group stays at or below 10 % capability for
    180 days.
    """
    return float(observation.lives.takedown_day.size)


@as_outcome("Takedown rate", "per 100 group-years", Better.MORE, shows=ShownIn.SUMMARY)
def takedown_rate(observation: Observation) -> float:
    """Enforcement actions after which a group stays at or below 10 % capability for 180 days, over the time that groups
    spend above 10 % in the policy years.
    """
    return ratio(100.0 * observation.lives.takedown_day.size, observation.lives.years_at_risk)


@as_outcome("Groups taken down within five years", "share", Better.MORE)
def takedown_five_year(observation: Observation) -> float:
    """Aalen–Johansen incidence of a group's first takedown by age five years, self-exit competing; groups already
    active at the policy's start are watched from then on.
    """
    table = _first_events(observation)
    if not observation.lives.cause.size:
        return float("nan")
    return float(at(np.array([FIVE_YEARS]), table.time, incidence(table)[TAKEN_DOWN - 1], 0.0)[0])


@as_outcome("Groups brought down that are back within a year", "share", Better.LESS)
def return_within_year(observation: Observation) -> float:
    """Kaplan–Meier share back above 10 % capability within 365 days of the action."""
    lives = observation.lives
    if not lives.blow_day.size:
        return float("nan")
    table = risk_table(lives.down_days, lives.back)
    return float(1.0 - at(np.array([RETURN_DAYS]), table.time, survival(table), 1.0)[0])


@as_outcome("Actions that were partial", "share", Better.LESS, shows=ShownIn.CHECKS)
def partial_action_share(observation: Observation) -> float:
    """Action days that did not take their group down, over all in the policy years; no disruptions."""
    return share(_full(observation)["down"] == 0)


@as_outcome("Action days with little chance", "share", Better.LESS, shows=ShownIn.CHECKS)
def long_shot_share(observation: Observation) -> float:
    """Action days on which the unit foresaw a chance below 0.2, over all; no disruptions."""
    return share(_full(observation)["foreseen"] < LITTLE_CHANCE)


@as_outcome("Chance foreseen on action days", "share", Better.NEITHER, shows=ShownIn.CHECKS)
def foreseen_chance(observation: Observation) -> float:
    """Mean chance of taking the group down that units foresaw on their action days; no disruptions."""
    return mean(_full(observation)["foreseen"])


@as_outcome("Operations on several groups", "share", Better.NEITHER, shows=ShownIn.CHECKS)
def wave_share(observation: Observation) -> float:
    """Operations that hit more than one group: an action day, and those of other cases that joined it; no
    disruptions.
    """
    table = _full(observation)
    hits = np.unique(np.column_stack([table["operation"], table["group"]]), axis=0)
    _, groups = np.unique(hits[:, 0], return_counts=True)
    return share(groups > 1)


@as_outcome("Major case: opening to action", "months", Better.LESS)
def major_case_months(observation: Observation) -> float:
    """Median over actions of at least 3 states that took their group down; successful cases only."""
    action, window = observation.tables["action"], observation.window
    inside = (action["day"] >= window.start) & (action["day"] <= window.end)
    major = action[inside & (action["down"] == 1) & (action["states"] >= MAJOR_STATES)]
    return median(major["day"] - observation.tables["case"]["opened"][major["case"]]) / MONTH


def curve(observation: Observation) -> Columns:
    """Incidence of takedown and of self-exit, and the number at risk, by age of the group in months."""
    months: Floats = np.array(CURVE_MONTHS)
    days = months * MONTH
    lives, table = observation.lives, _first_events(observation)
    taken, left = incidence(table)
    return {
        "month": months,
        "taken_down": at(days, table.time, taken, 0.0),
        "left_by_itself": at(days, table.time, left, 0.0),
        "at_risk": watched(days, lives.watched_until, lives.watched_from),
    }
