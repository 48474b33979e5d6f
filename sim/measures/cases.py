"""Measures of cases: share of groups investigated, stages that cases reach, and cases solved (M11)."""

from collections.abc import Iterator
from enum import IntEnum

import numpy as np

from sim.law.days import MONTH
from sim.law.vocabulary import EVIDENCE_CHANNELS
from sim.measures.arrays import CODE, ROW, STATE, Columns, Floats, Integers, Mask, among, share
from sim.measures.columns import gather
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.world.parameters import TAKEDOWN_DAYS
from sim.world.records import CaseStatus, ChainStatus, ChainTarget, MilestoneKind, RequestPurpose, RequestStatus

#: A report that comes to nothing: no case.
_NOT_TAKEN = (CaseStatus.DROPPED_CAPACITY, CaseStatus.TOO_SMALL)
NEVER_OPENED = (*_NOT_TAKEN, CaseStatus.NO_OFFENCE)
_DROPPED = (*_NOT_TAKEN, CaseStatus.DROPPED_ATTRITION)
_OF_LEADING = {"status": CODE, "merged_into": ROW, "opened": np.float64, "closed": np.float64, "state": STATE}


class Reached(IntEnum):
    """Stages of progress that a case can reach after its opening."""

    OPENED = 0
    NODE_SIGHTED = 1  # it knows a control node
    EVIDENCE = 2  # a formal request brought data
    PARTNER_NEEDED = 3  # another state has to act, where a node or the registry of its domain lies
    TRAIL_COMPLETE = 4  # a lead has come to a control node
    COURT_ASKED = 5  # for searches and seizures, in any state
    AUTHORITY = 6  # one court has granted them
    FULL_ACTION = 7  # an action day of all that were ready
    BROUGHT_DOWN = 8
    STILL_DOWN = 9  # 180 days later


@once
def _reports(observation: Observation) -> Integers:
    """Status of the case on each victim's report in the policy years; reports of what is no offence are left out."""
    case = observation.cases
    status = case["status"][observation.window.holds(case["opened"])]
    return np.asarray(status[status != CaseStatus.NO_OFFENCE])


@once
def _closed(observation: Observation) -> Mask:
    """True for each case that was closed in the policy years; false for reports on which none was opened."""
    case = observation.cases
    return np.asarray(observation.window.holds(case["closed"]) & ~among(case["status"], NEVER_OPENED))


def _ended(observation: Observation, status: CaseStatus) -> float:
    """Share of cases with the given final status, among cases closed in the policy years."""
    return share(observation.cases["status"] == status, _closed(observation))


def _solved(observation: Observation, *, at_home: bool) -> float:
    """Share of solved cases among cases closed in the policy years, on groups at home or abroad."""
    case, home_of_group = observation.cases, np.ascontiguousarray(observation.tables["group"]["home"])
    home = home_of_group[case["group"]] == case["state"]
    return share(case["status"] == CaseStatus.SOLVED, _closed(observation) & (home == at_home))


def _investigated(observation: Observation, from_quantile: float, to_quantile: float) -> float:
    """Share of groups that ever had a case, among groups between two quantiles of size."""
    group, window = observation.tables["group"], observation.window
    gone = group["ended"] < window.start  # NaN: still there
    present = np.flatnonzero((group["entered"] < window.end) & ~gone)
    if present.size == 0:
        return float("nan")
    low, high = np.quantile(group["scale"][present], (from_quantile, to_quantile))
    chosen = (group["scale"][present] >= low) & (group["scale"][present] <= high)
    return share(group["cases"][present] > 0, chosen)


def _progress(observation: Observation) -> Iterator[tuple[Reached, Integers, Floats]]:
    """Yields for each stage after opening the rows of cases that reached it, and their days."""
    milestone, chain = observation.tables["milestone"], observation.tables["chain"]
    discoveries = milestone[milestone["kind"] == MilestoneKind.NODE_FOUND]
    yield Reached.NODE_SIGHTED, discoveries["case"], discoveries["day"]
    requests = observation.all_requests
    executed = requests["status"] == RequestStatus.EXECUTED
    brought = executed & among(requests["purpose"], (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION))
    act = requests["purpose"] == RequestPurpose.ACTION
    for stage, chosen, day in (
        (Reached.EVIDENCE, brought & among(requests["channel"], EVIDENCE_CHANNELS), "ended"),
        (Reached.COURT_ASKED, act, "sent"),
        (Reached.AUTHORITY, act & executed, "ended"),
    ):
        rows = np.flatnonzero(chosen)
        yield stage, requests["case"][rows], requests[day][rows]
    partner, state = observation.tables["partner"], observation.tables["case"]["state"]
    abroad = partner[partner["state"] != state[partner["case"]]]
    yield Reached.PARTNER_NEEDED, abroad["case"], abroad["joined"]
    ended = milestone[milestone["kind"] == MilestoneKind.LEAD_ENDED]
    led = chain[ended["subject"]]
    ended = ended[(led["status"] == ChainStatus.COMPLETE) & (led["target"] == ChainTarget.INFRASTRUCTURE)]
    yield Reached.TRAIL_COMPLETE, ended["case"], ended["day"]
    action = observation.tables["action"]
    action = action[action["disruption"] == 0]
    yield Reached.FULL_ACTION, action["case"], action["day"]
    down = action[action["down"] == 1]
    yield Reached.BROUGHT_DOWN, down["case"], down["day"]
    yield Reached.STILL_DOWN, observation.histories.takedown_case, observation.histories.takedown_day + TAKEDOWN_DAYS


def by_progress(observation: Observation) -> Columns:
    """Table by stage: lead cases of the policy years that reached it, and months with it as their furthest.

    What a case did that was merged into another counts for the one that leads. A stage may be left out: a case whose
    servers are all at home needs no partner. `cases` came to a stage; in `months` it was the furthest of a case.
    """
    case, window = gather(observation.tables["case"], _OF_LEADING), observation.window
    merged, opened = case["status"] == CaseStatus.MERGED, case["opened"]
    lead = np.where(merged, case["merged_into"], np.arange(opened.size))
    first = np.full((len(Reached), opened.size), np.inf)
    first[Reached.OPENED] = opened
    for stage, rows, day in _progress(observation):
        known = (rows >= 0) & (day <= window.observed_until)
        np.minimum.at(first[stage], lead[rows[known]], day[known])
    leading = window.holds(opened) & ~merged & ~among(case["status"], NEVER_OPENED)
    first, opened, closed = first[:, leading], opened[leading], case["closed"][leading]
    until = np.fmin(closed, window.observed_until)
    furthest = np.minimum.accumulate(first[::-1])[::-1]  # who has come further is past this stage
    days = np.diff(np.clip(furthest, opened, until), axis=0, append=until[np.newaxis])
    return {
        "reached": np.arange(len(Reached), dtype=np.int32),
        "cases": np.isfinite(first).sum(axis=1).astype(np.float64),
        "months": days.sum(axis=1) / MONTH,
    }


MEASURES: Measures = {
    "cases_opened_per_year": lambda seen: seen.per_year(~among(_reports(seen), _NOT_TAKEN)),
    "cases_dropped_share": lambda seen: share(among(_reports(seen), _DROPPED)),
    "cases_too_small_share": lambda seen: share(_reports(seen) == CaseStatus.TOO_SMALL),
    "cases_no_investigator_share": lambda seen: share(_reports(seen) == CaseStatus.DROPPED_CAPACITY),
    "cases_solved_share": lambda seen: _ended(seen, CaseStatus.SOLVED),
    "cases_hopeless_share": lambda seen: _ended(seen, CaseStatus.DROPPED_HOPELESS),
    "cases_solved_home_share": lambda seen: _solved(seen, at_home=True),
    "cases_solved_abroad_share": lambda seen: _solved(seen, at_home=False),
    "investigated_large_share": lambda seen: _investigated(seen, 0.9, 1.0),
    "investigated_small_share": lambda seen: _investigated(seen, 0.0, 0.5),
}
