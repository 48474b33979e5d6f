"""Cases: which groups are investigated, and which cases are solved (M11)."""

import numpy as np

from sim.measures.arrays import Integers, Mask, among, share
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, Outcome
from sim.world.records import CaseStatus

#: A report that comes to nothing: no case.
NEVER_OPENED = (CaseStatus.DROPPED_CAPACITY, CaseStatus.NO_OFFENCE)
_DROPPED = (CaseStatus.DROPPED_CAPACITY, CaseStatus.DROPPED_ATTRITION)


@once
def _reports(observation: Observation) -> Integers:
    """CaseStatus of reports that reached a unit in the policy years and are an offence there."""
    case = observation.cases
    status = case["status"][observation.window.holds(case["opened"])]
    return np.asarray(status[status != CaseStatus.NO_OFFENCE])


@once
def _closed(observation: Observation) -> Mask:
    """Cases that were closed in the policy years."""
    case = observation.cases
    return np.asarray(observation.window.holds(case["closed"]) & ~among(case["status"], NEVER_OPENED))


def _ended(observation: Observation, status: CaseStatus) -> float:
    """Share of the cases that were closed in the policy years for one reason."""
    return share(observation.cases["status"] == status, _closed(observation))


def _solved(observation: Observation, *, at_home: bool) -> float:
    """Share of closed cases that were solved, of those on groups at home in the unit's state or abroad."""
    case, home_of_group = observation.cases, np.ascontiguousarray(observation.tables["group"]["home"])
    home = home_of_group[case["group"]] == case["state"]
    return share(case["status"] == CaseStatus.SOLVED, _closed(observation) & (home == at_home))


def _investigated(observation: Observation, from_quantile: float, to_quantile: float) -> float:
    """Share of groups of some sizes, present in the policy years, on which a case was ever opened."""
    group, window = observation.tables["group"], observation.window
    gone = group["ended"] < window.start  # NaN: still there
    present = np.flatnonzero((group["entered"] < window.end) & ~gone)
    if present.size == 0:
        return float("nan")
    low, high = np.quantile(group["scale"][present], (from_quantile, to_quantile))
    chosen = (group["scale"][present] >= low) & (group["scale"][present] <= high)
    return share(group["cases"][present] > 0, chosen)


OUTCOMES = (
    Outcome(
        "cases_opened_per_year",
        "Cases opened",
        "per year",
        Better.MORE,
        "Reports of victims on which a unit opened a case, per year.",
        lambda observation: observation.per_year(_reports(observation) != CaseStatus.DROPPED_CAPACITY),
    ),
    Outcome(
        "cases_dropped_share",
        "Cases dropped for lack of people",
        "share",
        Better.LESS,
        "Reports that no investigator was free for, and cases given up later, over all reports of an offence.",
        lambda observation: share(among(_reports(observation), _DROPPED)),
    ),
    Outcome(
        "cases_solved_share",
        "Cases solved",
        "share",
        Better.MORE,
        "Cases closed in the policy years by an action day that took the group down, over all cases closed in it.",
        lambda observation: _ended(observation, CaseStatus.SOLVED),
    ),
    Outcome(
        "cases_hopeless_share",
        "Cases given up as hopeless",
        "share",
        Better.LESS,
        "Cases closed because nothing that the unit could still do was worth the effort, over all closed.",
        lambda observation: _ended(observation, CaseStatus.DROPPED_HOPELESS),
    ),
    Outcome(
        "cases_solved_home_share",
        "Cases solved, groups at home",
        "share",
        Better.MORE,
        "The same, of cases on groups whose core lives in the state that investigates.",
        lambda observation: _solved(observation, at_home=True),
    ),
    Outcome(
        "cases_solved_abroad_share",
        "Cases solved, groups abroad",
        "share",
        Better.MORE,
        "The same, of cases on groups whose core lives in another state.",
        lambda observation: _solved(observation, at_home=False),
    ),
    Outcome(
        "investigated_large_share",
        "Largest groups investigated",
        "share",
        Better.MORE,
        "Groups of the largest tenth, of those present in the policy years, on which a unit ever opened a case.",
        lambda observation: _investigated(observation, 0.9, 1.0),
    ),
    Outcome(
        "investigated_small_share",
        "Smallest groups investigated",
        "share",
        Better.NEITHER,
        "Groups of the smaller half, of those present in the policy years, on which a unit ever opened a case.",
        lambda observation: _investigated(observation, 0.0, 0.5),
    ),
)
