"""Measures of liaison bodies and officers: matches, replies, joint teams, action days, postings (M12, M13, M20)."""

import numpy as np

from sim.data.bodies import liaison_rows
from sim.law.days import YEAR
from sim.law.vocabulary import AUTHORITY_CHANNELS, Channel
from sim.measures.arrays import CODE, ROW, Columns, Floats, Mask, Table, among, ratio, select, share
from sim.measures.columns import gather
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.measures.survival import quantile, risk_table
from sim.world.records import NONE, Body, MilestoneKind, ReferralTask, RequestStatus, TaskResult

_OF_REFERRALS = {"body": CODE, "task": CODE, "result": CODE, "job": ROW, "asked": np.float64, "answered": np.float64}
_STAFFED = tuple(Body(row.code) for row in liaison_rows() if row.desk == "own")
_EUROPOL = (Body.EUROPOL, Body.JCAT)


@once
def _all_referrals(observation: Observation) -> Columns:
    """Columns of all tasks referred to liaison bodies."""
    return gather(observation.tables["referral"], _OF_REFERRALS)


@once
def _asked(observation: Observation) -> Columns:
    """Columns of referrals to liaison bodies in the policy years, with days to the answer or to the end."""
    referral, window = _all_referrals(observation), observation.window
    referral = select(referral, window.holds(referral["asked"]))
    answered = ~np.isnan(referral["answered"])
    days = np.where(answered, referral["answered"], window.observed_until) - referral["asked"]
    return {name: referral[name] for name in ("body", "task", "result")} | {"is_answered": answered, "days": days}


def _referrals(observation: Observation, bodies: tuple[Body, ...], *tasks: ReferralTask) -> Columns:
    """Columns of referrals in the policy years to given liaison bodies, for given tasks or all tasks."""
    referral = _asked(observation)
    return select(referral, among(referral["body"], bodies) & among(referral["task"], tasks or tuple(ReferralTask)))


def _matches(observation: Observation, *bodies: Body) -> float:
    """Yearly number of pairs of units with cases on the same group that the given bodies bring together."""
    referrals = _referrals(observation, bodies, ReferralTask.COMPARE, ReferralTask.DECONFLICT)
    return observation.per_year(referrals["result"] == TaskResult.HELPED)


def _reply(observation: Observation, quantile_: float, bodies: tuple[Body, ...], *tasks: ReferralTask) -> float:
    """Days until the share `quantile_` of referrals to the given bodies is answered."""
    referral = _referrals(observation, bodies, *tasks)
    return quantile(risk_table(referral["days"], referral["is_answered"]), quantile_)


@once
def _foreign_partners(observation: Observation) -> Table:
    """Table rows of states that joined another state's case in the policy years."""
    partner = observation.during("partner", "joined")
    return np.asarray(partner[partner["state"] != observation.cases["state"][partner["case"]]])


@once
def _joint_actions(observation: Observation) -> Table:
    """Table of action days in the policy years on which several states acted."""
    action = observation.during("action")
    return np.asarray(action[action["states"] > 1])


@once
def _liaised(observation: Observation) -> Mask:
    """True for each formal request through authorities, with which an officer or Eurojust could help."""
    return np.asarray(observation.formal & among(observation.request("channel"), AUTHORITY_CHANNELS))


@once
def _post_days(observation: Observation) -> Floats:
    """Number of days in the policy years on which each officer was posted."""
    posting, window = observation.tables["posting"], observation.window
    until = np.where(np.isnan(posting["until"]), window.end, posting["until"])
    days: Floats = np.maximum(np.minimum(until, window.end) - np.maximum(posting["since"], window.start), 0.0)
    return days


def _matches_per_year(observation: Observation) -> float:
    """Number of cases per year that are merged with another case on the same group."""
    milestone = observation.tables["milestone"]
    merged = milestone["day"][milestone["kind"] == MilestoneKind.MERGED]
    return observation.per_year(observation.window.holds(merged))


def _hub_backlog(observation: Observation) -> float:
    """Mean number of files that wait at liaison bodies."""
    referral, job = _all_referrals(observation), observation.tables["job"]
    rows = referral["job"][among(referral["body"], _STAFFED) & (referral["job"] != NONE)]
    window = observation.window
    arrived, started = job["arrived"][rows], job["started"][rows]
    left = np.clip(np.where(np.isnan(started), window.end, started), window.start, window.end)
    waited = left - np.clip(arrived, window.start, window.end)
    return float(waited.sum()) / (window.end - window.start)


def _team_share(observation: Observation) -> float:
    """Share of cases with a joint team among cases that other states joined."""
    cases = np.unique(_foreign_partners(observation)["case"])
    return share(np.isfinite(observation.tables["case"]["team_formed"][cases]))


def _readiness_days(observation: Observation) -> float:
    """Median days from a state's joining of a case to its readiness to act."""
    partner, case = _foreign_partners(observation), observation.cases
    ready = ~np.isnan(partner["ready_at"])
    closed = case["closed"][partner["case"]]
    last = np.where(np.isnan(closed), observation.window.observed_until, closed)
    left = np.where(ready, partner["ready_at"], np.maximum(last, partner["joined"]))
    return quantile(risk_table(left - partner["joined"], ready), 0.5)


def _ready_share(observation: Observation) -> float:
    """Share of known control nodes on joint action days that are in states ready to act."""
    action = _joint_actions(observation)
    return ratio(float(action["ready_nodes"].sum()), float(action["known_nodes"].sum()))


def _voluntary_answered_share(observation: Observation) -> float:
    """Share of non-binding requests to providers, no longer open, that brought the data."""
    status = observation.request("status")
    requests = (observation.request("channel") == Channel.PROVIDER_VOLUNTARY) & (status != RequestStatus.OPEN)
    return share(status == RequestStatus.EXECUTED, requests)


def _posts_filled(observation: Observation) -> float:
    """Share of states' paid liaison posts that are filled on the last policy day."""
    posting, end = observation.tables["posting"], observation.window.end
    there = (posting["since"] <= end) & ~(posting["until"] <= end) & (posting["by_policy"] == 0)
    return ratio(float(np.count_nonzero(there)), float(observation.tables["state"]["posts_abroad"].sum()))


def _ordinary(observation: Observation) -> float:
    """Ordinary requests that an officer handles per year of posting."""
    posting = observation.tables["posting"]
    until = np.where(np.isnan(posting["until"]), observation.window.observed_until, posting["until"])
    years = np.maximum(until - posting["since"], 0.0).sum() / YEAR
    return ratio(float(posting["ordinary"].sum()), float(years))


MEASURES: Measures = {
    "matches_per_year": _matches_per_year,
    "matches_interpol_per_year": lambda seen: _matches(seen, Body.INTERPOL),
    "matches_europol_per_year": lambda seen: _matches(seen, *_EUROPOL),
    "interpol_reply_median": lambda seen: _reply(
        seen, 0.5, (Body.INTERPOL,), ReferralTask.COMPARE, ReferralTask.NOTICE
    ),
    "europol_reply_p80": lambda seen: _reply(seen, 0.8, _EUROPOL, ReferralTask.COMPARE),
    "hub_backlog": _hub_backlog,
    "preservation_reply_median": lambda seen: _reply(seen, 0.5, (Body.CONTACT_POINTS,)),
    "arrests_by_notice_per_year": lambda seen: seen.per_year(seen.during("member", "arrested")["by_notice"] == 1),
    "team_share": _team_share,
    "readiness_days": _readiness_days,
    "ready_share": _ready_share,
    "synchronous_actions_per_year": lambda seen: seen.per_year(_joint_actions(seen)["synchronous"] == 1),
    "synchronous_share": lambda seen: share(_joint_actions(seen)["synchronous"] == 1),
    "hosted_share": lambda seen: share(_joint_actions(seen)["support"] > 0),
    "eurojust_share": lambda seen: share(seen.request("helped") & (1 << Body.EUROJUST) > 0, _liaised(seen)),
    "officer_share": lambda seen: share(seen.request("officer") >= 0, _liaised(seen)),
    "voluntary_answered_share": _voluntary_answered_share,
    "returns_avoided_per_year": lambda seen: float(seen.request("returns_saved").sum()) / seen.window.years,
    "posts_filled_share": _posts_filled,
    "officer_ordinary": _ordinary,
    "postings": lambda seen: float(_post_days(seen).sum()) / (seen.window.end - seen.window.start),
}
