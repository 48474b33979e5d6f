"""Liaison bodies and officers: matches, replies, teams, readiness, action days, postings (M12, M13, M20)."""

import numpy as np

from sim.law.vocabulary import Channel
from sim.measures.arrays import CODE, ROW, Columns, Floats, Mask, Table, among, ratio, select, share
from sim.measures.columns import gather
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, ShownIn, as_outcome
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
    referral, window = _all_referrals(observation), observation.window
    referral = select(referral, window.holds(referral["asked"]))
    answered = ~np.isnan(referral["answered"])
    days = np.where(answered, referral["answered"], window.observed_until) - referral["asked"]
    return {name: referral[name] for name in ("body", "task", "result")} | {"is_answered": answered, "days": days}


def _referrals(observation: Observation, bodies: tuple[Body, ...], *tasks: ReferralTask) -> Columns:
    """Referrals to some bodies in the policy years; of all tasks where none is named."""
    referral = _asked(observation)
    return select(referral, among(referral["body"], bodies) & among(referral["task"], tasks or tuple(ReferralTask)))


def _matches(observation: Observation, *bodies: Body) -> float:
    """Pairs of units that a body brought together, a year."""
    found = _referrals(observation, bodies, ReferralTask.COMPARE, ReferralTask.DECONFLICT)
    return observation.per_year(found["result"] == TaskResult.HELPED)


def _reply(observation: Observation, quantile_: float, bodies: tuple[Body, ...], *tasks: ReferralTask) -> float:
    """Days by which a share of what was asked is answered."""
    referral = _referrals(observation, bodies, *tasks)
    return quantile(risk_table(referral["days"], referral["is_answered"]), quantile_)


@once
def _foreign_partners(observation: Observation) -> Table:
    """Parts of states other than the case's own that began in the policy years."""
    partner = observation.during("partner", "joined")
    return np.asarray(partner[partner["state"] != observation.cases["state"][partner["case"]]])


@once
def _joint_actions(observation: Observation) -> Table:
    """Action days of the policy years in which other states took part."""
    action = observation.during("action")
    return np.asarray(action[action["states"] > 1])


@once
def _liaised(observation: Observation) -> Mask:
    """Formal requests between states that an officer or Eurojust may help."""
    return np.asarray(observation.formal & among(observation.request("channel"), _LIAISED))


@once
def _post_days(observation: Observation) -> Floats:
    """Days in the policy years that each officer was posted."""
    posting, window = observation.tables["posting"], observation.window
    until = np.where(np.isnan(posting["until"]), window.end, posting["until"])
    days: Floats = np.maximum(np.minimum(until, window.end) - np.maximum(posting["since"], window.start), 0.0)
    return days


@as_outcome("Units on one group that work together", "per year", Better.MORE, shows=ShownIn.CHECKS)
def matches_per_year(observation: Observation) -> float:
    """Cases merged because two units learnt that they aim at the same group, per year."""
    milestone = observation.tables["milestone"]
    merged = milestone["day"][milestone["kind"] == MilestoneKind.MERGED]
    return observation.per_year(observation.window.holds(merged))


@as_outcome("Matches by INTERPOL", "per year", Better.MORE)
def matches_interpol_per_year(observation: Observation) -> float:
    """Of these, those that INTERPOL found by comparing what units had given it."""
    return _matches(observation, Body.INTERPOL)


@as_outcome("Matches by Europol and J-CAT", "per year", Better.MORE)
def matches_europol_per_year(observation: Observation) -> float:
    """The same by Europol's analysts and the task force there."""
    return _matches(observation, *_EUROPOL)


@as_outcome("Reply of INTERPOL", "days", Better.LESS)
def interpol_reply_median(observation: Observation) -> float:
    """Kaplan–Meier median from asking INTERPOL to its answer, comparisons and notices."""
    return _reply(observation, 0.5, (Body.INTERPOL,), ReferralTask.COMPARE, ReferralTask.NOTICE)


@as_outcome("Reply of Europol, eight in ten", "days", Better.LESS)
def europol_reply_p80(observation: Observation) -> float:
    """Days within which Europol and J-CAT have answered 80 % of what was given to them to compare."""
    return _reply(observation, 0.8, _EUROPOL, ReferralTask.COMPARE)


@as_outcome("Files waiting at liaison bodies", "number", Better.LESS)
def hub_backlog(observation: Observation) -> float:
    """Mean number of files that nobody at these bodies has taken up yet, over the policy years."""
    referral, job = _all_referrals(observation), observation.tables["job"]
    rows = referral["job"][among(referral["body"], _STAFFED) & (referral["job"] != NONE)]
    window = observation.window
    arrived, started = job["arrived"][rows], job["started"][rows]
    left = np.clip(np.where(np.isnan(started), window.end, started), window.start, window.end)
    waited = left - np.clip(arrived, window.start, window.end)
    return float(waited.sum()) / (window.end - window.start)


@as_outcome("Reply of a 24/7 point", "days", Better.LESS)
def preservation_reply_median(observation: Observation) -> float:
    """Kaplan–Meier median from asking a 24/7 point to preserve to its answer."""
    return _reply(observation, 0.5, (Body.CONTACT_POINTS,))


@as_outcome("Arrests abroad after a notice", "per year", Better.MORE)
def arrests_by_notice_per_year(observation: Observation) -> float:
    """Core members arrested outside the state that prosecutes them after INTERPOL had published a notice, per year."""
    return observation.per_year(observation.during("member", "arrested")["by_notice"] == 1)


@as_outcome("Cases with a joint team", "share", Better.MORE)
def team_share(observation: Observation) -> float:
    """Cases in which a joint team began to work, over those in which another state came to take part in the policy
    years.
    """
    cases = np.unique(_foreign_partners(observation)["case"])
    return share(np.isfinite(observation.tables["case"]["team_formed"][cases]))


@as_outcome("Readiness of a state that takes part", "days", Better.LESS)
def readiness_days(observation: Observation) -> float:
    """Kaplan–Meier median from coming to take part to being prepared and authorised, states other than the lead."""
    partner, case = _foreign_partners(observation), observation.cases
    ready = ~np.isnan(partner["ready_at"])
    closed = case["closed"][partner["case"]]
    last = np.where(np.isnan(closed), observation.window.observed_until, closed)
    left = np.where(ready, partner["ready_at"], np.maximum(last, partner["joined"]))
    return quantile(risk_table(left - partner["joined"], ready), 0.5)


@as_outcome("Known control nodes whose state was ready", "share", Better.MORE, shows=ShownIn.CHECKS)
def ready_share(observation: Observation) -> float:
    """Of the control nodes known on action days of several states, those whose state was ready to act."""
    action = _joint_actions(observation)
    return ratio(float(action["ready_nodes"].sum()), float(action["known_nodes"].sum()))


@as_outcome("Simultaneous actions", "per year", Better.MORE)
def synchronous_actions_per_year(observation: Observation) -> float:
    """Action days of several states on which all that were ready acted within 48 hours, per year."""
    return observation.per_year(_joint_actions(observation)["synchronous"] == 1)


@as_outcome("Actions that were simultaneous", "share", Better.MORE, shows=ShownIn.CHECKS)
def synchronous_share(observation: Observation) -> float:
    """The same, over all action days of several states."""
    return share(_joint_actions(observation)["synchronous"] == 1)


@as_outcome("Actions coordinated by a liaison body", "share", Better.MORE)
def hosted_share(observation: Observation) -> float:
    """Action days of several states that INTERPOL, Europol or Eurojust coordinated, over all of them."""
    return share(_joint_actions(observation)["support"] > 0)


@as_outcome("Requests that Eurojust helped", "share", Better.MORE)
def eurojust_share(observation: Observation) -> float:
    """Formal requests between states that Eurojust saw to in time, over all."""
    return share(observation.request("helped") & (1 << Body.EUROJUST) > 0, _liaised(observation))


@as_outcome("Requests looked after by a liaison officer", "share", Better.MORE, shows=ShownIn.CHECKS)
def officer_share(observation: Observation) -> float:
    """Formal requests between states that a liaison officer or prosecutor looked after, over all."""
    return share(observation.request("officer") >= 0, _liaised(observation))


@as_outcome("Voluntary answers of providers", "share", Better.MORE, shows=ShownIn.CHECKS)
def voluntary_answered_share(observation: Observation) -> float:
    """Requests straight to providers without a binding instrument that were answered, over all that ended."""
    status = observation.request("status")
    asked = (observation.request("channel") == Channel.PROVIDER_VOLUNTARY) & (status != RequestStatus.OPEN)
    return share(status == RequestStatus.EXECUTED, asked)


@as_outcome("Returns avoided by liaison officers", "per year", Better.MORE)
def returns_avoided_per_year(observation: Observation) -> float:
    """Deficient drafts that an officer completed or explained by phone, so that they were not returned, per year."""
    return float(observation.request("returns_saved").sum()) / observation.window.years


@as_outcome("Liaison officers abroad", "persons", Better.NEITHER)
def postings(observation: Observation) -> float:
    """Mean number of liaison officers and prosecutors posted in another state over the policy years."""
    return float(_post_days(observation).sum()) / (observation.window.end - observation.window.start)
