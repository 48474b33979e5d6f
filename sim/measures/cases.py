"""Cases: which groups are investigated, how far cases come, and which are solved (M11)."""

from collections.abc import Iterator
from enum import IntEnum

import numpy as np

from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.measures.arrays import CODE, ROW, STATE, Columns, Floats, Integers, Mask, among, share
from sim.measures.columns import gather
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, ShownIn, as_outcome
from sim.world.parameters import TAKEDOWN_DAYS
from sim.world.records import CaseStatus, ChainStatus, ChainTarget, MilestoneKind, RequestPurpose, RequestStatus

#: A report that comes to nothing: no case.
NEVER_OPENED = (CaseStatus.DROPPED_CAPACITY, CaseStatus.NO_OFFENCE)
_DROPPED = (CaseStatus.DROPPED_CAPACITY, CaseStatus.DROPPED_ATTRITION)
_OF_LEADING = {"status": CODE, "merged_into": ROW, "opened": np.float64, "closed": np.float64, "state": STATE}


class Reached(IntEnum):
    """How far a case has come."""

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


@as_outcome("Cases opened", "per year", Better.MORE)
def cases_opened_per_year(observation: Observation) -> float:
    """Reports of victims on which a unit opened a case, per year."""
    return observation.per_year(_reports(observation) != CaseStatus.DROPPED_CAPACITY)


@as_outcome("Cases dropped for lack of people", "share", Better.LESS)
def cases_dropped_share(observation: Observation) -> float:
    """Reports that no investigator was free for, and cases given up later, over all reports of an offence."""
    return share(among(_reports(observation), _DROPPED))


@as_outcome("Cases solved", "share", Better.MORE)
def cases_solved_share(observation: Observation) -> float:
    """Cases closed in the policy years by an action day that took the group down, over all cases closed in it."""
    return _ended(observation, CaseStatus.SOLVED)


@as_outcome("Cases given up as hopeless", "share", Better.LESS, shows=ShownIn.CHECKS)
def cases_hopeless_share(observation: Observation) -> float:
    """Cases closed because nothing that the unit could still do was worth the effort, over all closed."""
    return _ended(observation, CaseStatus.DROPPED_HOPELESS)


@as_outcome("Cases solved, groups at home", "share", Better.MORE, shows=ShownIn.CHECKS)
def cases_solved_home_share(observation: Observation) -> float:
    """The same, of cases on groups whose core lives in the state that investigates."""
    return _solved(observation, at_home=True)


@as_outcome("Cases solved, groups abroad", "share", Better.MORE, shows=ShownIn.CHECKS)
def cases_solved_abroad_share(observation: Observation) -> float:
    """The same, of cases on groups whose core lives in another state."""
    return _solved(observation, at_home=False)


@as_outcome("Largest groups investigated", "share", Better.MORE, shows=ShownIn.CHECKS)
def investigated_large_share(observation: Observation) -> float:
    """Groups of the largest tenth, of those present in the policy years, on which a unit ever opened a case."""
    return _investigated(observation, 0.9, 1.0)


@as_outcome("Smallest groups investigated", "share", Better.NEITHER, shows=ShownIn.CHECKS)
def investigated_small_share(observation: Observation) -> float:
    """Groups of the smaller half, of those present in the policy years, on which a unit ever opened a case."""
    return _investigated(observation, 0.0, 0.5)


def _progress(observation: Observation) -> Iterator[tuple[Reached, Integers, Floats]]:
    """Rows of cases and days on which they came to each stage but the first; a case may come there often."""
    milestone, chain = observation.tables["milestone"], observation.tables["chain"]
    found = milestone[milestone["kind"] == MilestoneKind.NODE_FOUND]
    yield Reached.NODE_SIGHTED, found["case"], found["day"]
    asked = observation.all_requests
    executed = asked["status"] == RequestStatus.EXECUTED
    brought = executed & among(asked["purpose"], (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION))
    act = asked["purpose"] == RequestPurpose.ACTION
    for stage, chosen, day in (
        (Reached.EVIDENCE, brought & (asked["channel"] <= Channel.JOINT_TEAM), "ended"),
        (Reached.COURT_ASKED, act, "sent"),
        (Reached.AUTHORITY, act & executed, "ended"),
    ):
        rows = np.flatnonzero(chosen)
        yield stage, asked["case"][rows], asked[day][rows]
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
    yield Reached.STILL_DOWN, observation.lives.takedown_case, observation.lives.takedown_day + TAKEDOWN_DAYS


def by_progress(observation: Observation) -> Columns:
    """Leading cases opened in the policy years by how far they came.

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
