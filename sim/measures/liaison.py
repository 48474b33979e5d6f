"""Liaison bodies and officers: matches, replies, teams, readiness, action days, postings (M12, M13, M20)."""

import numpy as np

from sim.law.vocabulary import Channel
from sim.measures.arrays import (
    CODE,
    ROW,
    Columns,
    Floats,
    Mask,
    Table,
    among,
    as_columns,
    quantile_of_sorted,
    ratio,
    select,
    share,
    split,
)
from sim.measures.observation import Observation, gather, once
from sim.measures.outcome import Better, Outcome, ShownIn
from sim.measures.survival import quantile, risk_table
from sim.world.records import NONE, Body, MilestoneKind, ReferralTask, RequestStatus, TaskResult

_OF_REFERRALS = {"body": CODE, "task": CODE, "result": CODE, "job": ROW, "asked": np.float64, "answered": np.float64}
_STAFFED = (Body.INTERPOL, Body.EUROPOL, Body.JCAT, Body.EUROJUST)
_EUROPOL = (Body.EUROPOL, Body.JCAT)
_LIAISED = (Channel.LETTERS_ROGATORY, Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION, Channel.JUDICIAL_DIRECT)


@once
def _all_referrals(observation: Observation) -> Columns:
    """All referrals to bodies."""
    return gather(observation.tables["referral"], _OF_REFERRALS)


@once
def _asked(observation: Observation) -> Columns:
    """Referrals of the policy years, by days until the answer; open ones are censored."""
    from sim.measures.passes import places_in_order

    referral, window = _all_referrals(observation), observation.window
    referral = select(referral, window.holds(referral["asked"]))
    answered = ~np.isnan(referral["answered"])
    days = np.where(answered, referral["answered"], window.observed_until) - referral["asked"]
    codes = {name: referral[name] for name in ("body", "task", "result")}
    return select(codes | {"is_answered": answered, "days": days}, places_in_order(days))


def _referrals(observation: Observation, bodies: tuple[Body, ...], *tasks: ReferralTask) -> Columns:
    """Referrals to some bodies in the policy years; of all tasks where none is named."""
    referral = _asked(observation)
    return select(referral, among(referral["body"], bodies) & among(referral["task"], tasks or tuple(ReferralTask)))


def _merged_per_year(observation: Observation) -> float:
    """Cases that were merged, a year."""
    milestone = observation.tables["milestone"]
    merged = milestone["day"][milestone["kind"] == MilestoneKind.MERGED]
    return observation.per_year(observation.window.holds(merged))


def _matches(observation: Observation, *bodies: Body) -> float:
    """Pairs of units that a body brought together, a year."""
    found = _referrals(observation, bodies, ReferralTask.COMPARE, ReferralTask.DECONFLICT)
    return observation.per_year(found["result"] == TaskResult.HELPED)


def _reply(observation: Observation, quantile_: float, bodies: tuple[Body, ...], *tasks: ReferralTask) -> float:
    """Days by which a share of what was asked is answered."""
    referral = _referrals(observation, bodies, *tasks)
    return quantile(risk_table(referral["days"], referral["is_answered"]), quantile_)


def _backlog(observation: Observation) -> float:
    """Mean number of files that wait at the desks of the bodies over the policy years."""
    referral, job = _all_referrals(observation), observation.tables["job"]
    rows = referral["job"][among(referral["body"], _STAFFED) & (referral["job"] != NONE)]
    window = observation.window
    arrived, started = job["arrived"][rows], job["started"][rows]
    left = np.clip(np.where(np.isnan(started), window.end, started), window.start, window.end)
    waited = left - np.clip(arrived, window.start, window.end)
    return float(waited.sum()) / (window.end - window.start)


@once
def _foreign_partners(observation: Observation) -> Table:
    """Parts of states other than the case's own that began in the policy years."""
    partner = observation.during("partner", "joined")
    return np.asarray(partner[partner["state"] != observation.cases["state"][partner["case"]]])


def _team_share(observation: Observation) -> float:
    """Share with a joint team of the cases in which another state began to take part in the policy years."""
    cases = np.unique(_foreign_partners(observation)["case"])
    return share(np.isfinite(observation.tables["case"]["team_formed"][cases]))


def _readiness(observation: Observation) -> float:
    """Kaplan–Meier median of the time from taking part to being ready, states abroad; censored when the case ends."""
    partner, case = _foreign_partners(observation), observation.cases
    ready = ~np.isnan(partner["ready_at"])
    closed = case["closed"][partner["case"]]
    last = np.where(np.isnan(closed), observation.window.observed_until, closed)
    left = np.where(ready, partner["ready_at"], np.maximum(last, partner["joined"]))
    return quantile(risk_table(left - partner["joined"], ready), 0.5)


@once
def _joint_actions(observation: Observation) -> Table:
    """Action days of the policy years in which other states took part."""
    action = observation.during("action")
    return np.asarray(action[action["states"] > 1])


def _ready_share(observation: Observation) -> float:
    """Share of the nodes known on action days whose state was ready."""
    action = _joint_actions(observation)
    return ratio(float(action["ready_nodes"].sum()), float(action["known_nodes"].sum()))


@once
def _liaised(observation: Observation) -> Mask:
    """Formal requests between states that an officer or Eurojust may help."""
    return np.asarray(observation.formal & among(observation.request("channel"), _LIAISED))


def _answered_voluntarily(observation: Observation) -> float:
    """Share of ended voluntary requests to providers that were answered."""
    status = observation.request("status")
    asked = (observation.request("channel") == Channel.PROVIDER_VOLUNTARY) & (status != RequestStatus.OPEN)
    return share(status == RequestStatus.EXECUTED, asked)


@once
def _post_days(observation: Observation) -> Floats:
    """Days in the policy years that each officer was posted."""
    posting, window = observation.tables["posting"], observation.window
    until = np.where(np.isnan(posting["until"]), window.end, posting["until"])
    days: Floats = np.maximum(np.minimum(until, window.end) - np.maximum(posting["since"], window.start), 0.0)
    return days


OUTCOMES = (
    Outcome(
        "matches_per_year",
        "Units on one group that work together",
        "per year",
        Better.MORE,
        "Cases merged because two units learnt that they aim at the same group, per year.",
        _merged_per_year,
        shows=ShownIn.CHECKS,
    ),
    Outcome(
        "matches_interpol_per_year",
        "Matches by INTERPOL",
        "per year",
        Better.MORE,
        "Of these, those that INTERPOL found by comparing what units had given it.",
        lambda observation: _matches(observation, Body.INTERPOL),
    ),
    Outcome(
        "matches_europol_per_year",
        "Matches by Europol and J-CAT",
        "per year",
        Better.MORE,
        "The same by Europol's analysts and the task force there.",
        lambda observation: _matches(observation, *_EUROPOL),
    ),
    Outcome(
        "interpol_reply_median",
        "Reply of INTERPOL",
        "days",
        Better.LESS,
        "Kaplan–Meier median from asking INTERPOL to its answer, comparisons and notices.",
        lambda observation: _reply(observation, 0.5, (Body.INTERPOL,), ReferralTask.COMPARE, ReferralTask.NOTICE),
    ),
    Outcome(
        "europol_reply_p80",
        "Reply of Europol, eight in ten",
        "days",
        Better.LESS,
        "Days within which Europol and J-CAT have answered 80 % of what was given to them to compare.",
        lambda observation: _reply(observation, 0.8, _EUROPOL, ReferralTask.COMPARE),
    ),
    Outcome(
        "hub_backlog",
        "Files waiting at liaison bodies",
        "number",
        Better.LESS,
        "Mean number of files that nobody at these bodies has taken up yet, over the policy years.",
        _backlog,
    ),
    Outcome(
        "preservation_reply_median",
        "Reply of a 24/7 point",
        "days",
        Better.LESS,
        "Kaplan–Meier median from asking a 24/7 point to preserve to its answer.",
        lambda observation: _reply(observation, 0.5, (Body.CONTACT_POINTS,)),
    ),
    Outcome(
        "arrests_by_notice_per_year",
        "Arrests abroad after a notice",
        "per year",
        Better.MORE,
        "Core members arrested outside the state that prosecutes them after INTERPOL had published a notice, per year.",
        lambda observation: observation.per_year(observation.during("member", "arrested")["by_notice"] == 1),
    ),
    Outcome(
        "team_share",
        "Cases with a joint team",
        "share",
        Better.MORE,
        "Cases in which a joint team began to work, over those in which another state came to take part in the policy "
        "years.",
        _team_share,
    ),
    Outcome(
        "readiness_days",
        "Readiness of a state that takes part",
        "days",
        Better.LESS,
        "Kaplan–Meier median from coming to take part to being prepared and authorised, states other than the lead.",
        _readiness,
    ),
    Outcome(
        "ready_share",
        "Known control nodes whose state was ready",
        "share",
        Better.MORE,
        "Of the control nodes known on action days of several states, those whose state was ready to act.",
        _ready_share,
        shows=ShownIn.CHECKS,
    ),
    Outcome(
        "synchronous_actions_per_year",
        "Simultaneous actions",
        "per year",
        Better.MORE,
        "Action days of several states on which all that were ready acted within 48 hours, per year.",
        lambda observation: observation.per_year(_joint_actions(observation)["synchronous"] == 1),
    ),
    Outcome(
        "synchronous_share",
        "Actions that were simultaneous",
        "share",
        Better.MORE,
        "The same, over all action days of several states.",
        lambda observation: share(_joint_actions(observation)["synchronous"] == 1),
        shows=ShownIn.CHECKS,
    ),
    Outcome(
        "hosted_share",
        "Actions coordinated by a liaison body",
        "share",
        Better.MORE,
        "Action days of several states that INTERPOL, Europol or Eurojust coordinated, over all of them.",
        lambda observation: share(_joint_actions(observation)["support"] > 0),
    ),
    Outcome(
        "eurojust_share",
        "Requests that Eurojust helped",
        "share",
        Better.MORE,
        "Formal requests between states that Eurojust saw to in time, over all.",
        lambda observation: share(observation.request("helped") & (1 << Body.EUROJUST) > 0, _liaised(observation)),
    ),
    Outcome(
        "officer_share",
        "Requests looked after by a liaison officer",
        "share",
        Better.MORE,
        "Formal requests between states that a liaison officer or prosecutor looked after, over all.",
        lambda observation: share(observation.request("officer") >= 0, _liaised(observation)),
        shows=ShownIn.CHECKS,
    ),
    Outcome(
        "voluntary_answered_share",
        "Voluntary answers of providers",
        "share",
        Better.MORE,
        "Requests straight to providers without a binding instrument that were answered, over all that ended.",
        _answered_voluntarily,
        shows=ShownIn.CHECKS,
    ),
    Outcome(
        "returns_avoided_per_year",
        "Returns avoided by liaison officers",
        "per year",
        Better.MORE,
        "Deficient drafts that an officer completed or explained by phone, so that they were not returned, per year.",
        lambda observation: float(observation.request("returns_saved").sum()) / observation.window.years,
    ),
    Outcome(
        "postings",
        "Liaison officers abroad",
        "persons",
        Better.NEITHER,
        "Mean number of liaison officers and prosecutors posted in another state over the policy years.",
        lambda observation: float(_post_days(observation).sum()) / (observation.window.end - observation.window.start),
    ),
)


def by_body(observation: Observation) -> Columns:
    """Referrals of the policy years by body and task: number, results and days until the answer."""
    referral, rows = _asked(observation), []
    for kind, place in split(referral["body"].astype(np.int16) * len(ReferralTask) + referral["task"]):
        done, result = referral["days"][place][referral["is_answered"][place]], referral["result"][place]
        median, slow = (quantile_of_sorted(done, share) for share in (0.5, 0.8))
        helped, late = (np.count_nonzero(result == code) for code in (TaskResult.HELPED, TaskResult.TOO_LATE))
        rows.append((*divmod(kind, len(ReferralTask)), place.size, done.size, helped, late, median, slow))
    names = ("body", "task", "asked", "answered", "helped", "too_late", "median_days", "p80_days")
    return as_columns(rows, names, codes=2)
