"""The rights side of cooperation, to be weighed against every gain (part H of the catalogue).

Abusive requests and false emergencies have no genuine case behind them; they are left out of all outcomes on requests
and counted here. Backlogs are all files at a desk and include them: a desk cannot distinguish them.
"""

import numpy as np

from sim.law.vocabulary import Channel, DataKind
from sim.measures.arrays import Columns, Floats, Kinds, Mask, among, occurring, ratio, select, share
from sim.measures.observation import EXECUTION_DAYS, Observation, once
from sim.measures.outcome import Better, Outcome, ShownIn
from sim.world.records import NONE, Abuse, DeskKind, RequestStatus, Stage

#: Kinds of data that only a judge or court lets be taken under a binding order to a provider abroad: Regulation (EU)
#: 2023/1543 art. 4(2); subscriber data may be ordered by a prosecutor.
_ORDERED_BY_JUDGES = (DataKind.TRAFFIC, DataKind.CONTENT)
_ASKED_BY_STATES = (Abuse.OPEN, Abuse.DISGUISED)
_COURT = 1 << Stage.COURT_ORDER
_SCREENING_DESKS = (DeskKind.INCOMING, DeskKind.COURT, DeskKind.PROVIDER)


def _without_case(observation: Observation, *kinds: Abuse) -> Columns:
    """Requests of the window with no genuine case behind them, of some kinds."""
    return select(observation.abuse, among(observation.abuse["abusive"], kinds))


@once
def _asked_by_states(observation: Observation) -> Columns:
    """Abusive and political requests that left their state in the window."""
    return _without_case(observation, *_ASKED_BY_STATES)


@once
def _emergencies(observation: Observation) -> Columns:
    """False emergencies of the window."""
    return _without_case(observation, Abuse.FALSE_EMERGENCY)


def _executed(request: Columns) -> Mask:
    return np.asarray(request["status"] == RequestStatus.EXECUTED)


def _abusive_share(observation: Observation) -> float:
    """Abusive requests over all, genuine formal ones and police questions included."""
    genuine = np.count_nonzero(observation.formal | observation.asks_police)
    abusive = _asked_by_states(observation)["sent"].size
    return ratio(float(abusive), float(abusive + genuine))


def _work_share(observation: Observation) -> float:
    """Work of desks on abusive requests over their work on all foreign requests, in hours."""
    job = observation.jobs
    inside = observation.window.holds(job["ended"]) & ~np.isnan(job["started"])
    done = np.flatnonzero(inside & among(job["kind"], _SCREENING_DESKS))
    request = observation.all_requests
    asked = job["request"][done]
    foreign, abusive = request["channel"][asked] != Channel.DOMESTIC, request["abusive"][asked] != Abuse.NONE
    hours = job["touch_hours"][done]
    return ratio(float(hours[abusive].sum()), float(hours[foreign].sum()))


def _false_disclosure_share(observation: Observation) -> float:
    """Disclosures to false emergencies over all that providers made of their own will."""
    false = int(np.count_nonzero(_executed(_emergencies(observation))))
    genuine = observation.executed & (observation.request("channel") == Channel.PROVIDER_VOLUNTARY)
    return ratio(float(false), float(false + np.count_nonzero(genuine)))


@once
def disclosures(observation: Observation) -> Mask:
    """Genuine requests that brought data on accounts."""
    return np.asarray(observation.formal & observation.executed & (observation.request("accounts") > 0))


def _over_collection(observation: Observation) -> float:
    """Accounts handed over for each that was asked for."""
    answers = disclosures(observation)
    return ratio(float(observation.request("accounts")[answers].sum()), float(np.count_nonzero(answers)))


@once
def _independent(observation: Observation) -> Mask:
    """Genuine requests that a court of the executing state, or by law a judge of the asking one, has to authorise."""
    court = (observation.request("route") & _COURT) > 0
    judge = (observation.request("channel") == Channel.PROVIDER_BINDING) & among(
        observation.request("data_kind"), _ORDERED_BY_JUDGES
    )
    return np.asarray(court | judge)


@once
def _given(observation: Observation) -> Mask:
    """Genuine formal requests executed and police questions answered: all by which information was given."""
    return observation.executed & (observation.formal | observation.asks_police)


def _notified(observation: Observation) -> Mask:
    """Genuine requests on whose execution the person affected is heard, and may appeal."""
    court = (observation.request("route") & _COURT) > 0
    return np.asarray(court & among(observation.request("data_kind"), _ORDERED_BY_JUDGES))


def _excluded_per_trial(observation: Observation) -> float:
    """Answers left out by courts, per member tried in the window."""
    member, window = observation.tables["member"], observation.window
    tried = (member["ended"] >= window.start) & (member["ended"] <= window.end) & (member["prosecuted_in"] != NONE)
    tried &= ~np.isnan(member["arrested"])
    return ratio(float(member["excluded"][tried].sum()), float(np.count_nonzero(tried)))


@once
def _held_by_state(observation: Observation) -> Floats:
    """Person-days of data held on an average day of the window, by state."""
    state, window = observation.tables["state"], observation.window
    rest = np.maximum(window.end - np.maximum(state["data_held_since"], window.start), 0.0)
    held = (state["data_held_sum"] + state["data_held"] * rest) / (window.end - window.start)
    return np.asarray(held, dtype=np.float64)


def _frozen_days_per_year(observation: Observation) -> float:
    """Days for which items lay frozen for foreign requests, frozen in the window, per year of it."""
    return float(observation.frozen_days.sum() / observation.window.years)


OUTCOMES = (
    Outcome(
        "abusive_per_year",
        "Abusive or political requests",
        "per year",
        Better.LESS,
        "Requests with no genuine case behind them that states sent abroad, by any way, in the policy years, a year.",
        lambda observation: _asked_by_states(observation)["sent"].size / observation.window.years,
    ),
    Outcome(
        "abusive_share",
        "Share of abusive or political requests",
        "share",
        Better.LESS,
        "Of all formal requests and police questions sent abroad, genuine and abusive ones.",
        _abusive_share,
    ),
    Outcome(
        "abusive_executed_share",
        "Abusive or political requests executed",
        "share",
        Better.LESS,
        "Executed, over those sent a year or more before the end.",
        lambda observation: share(
            _executed(_asked_by_states(observation)),
            _asked_by_states(observation)["sent"] <= observation.window.end - EXECUTION_DAYS,
        ),
    ),
    Outcome(
        "abusive_executed_per_year",
        "Abusive or political requests executed (rights)",
        "per year",
        Better.LESS,
        "The same as a number per year of sending.",
        lambda observation: observation.per_year(_executed(_asked_by_states(observation))),
        shows=ShownIn.SUMMARY | ShownIn.RIGHTS | ShownIn.COST,
    ),
    Outcome(
        "abusive_refused_per_year",
        "Abusive requests refused",
        "per year",
        Better.MORE,
        "Abusive requests and false emergencies refused on any ground by state, court, police, INTERPOL or provider.",
        lambda observation: observation.per_year(observation.abuse["status"] == RequestStatus.REFUSED),
    ),
    Outcome(
        "abusive_work_share",
        "Work lost on abusive requests",
        "share",
        Better.LESS,
        "Of the hours that incoming authorities, courts and providers worked on foreign requests, those spent on "
        "abusive ones and false emergencies.",
        _work_share,
    ),
    Outcome(
        "persons_exposed_per_year",
        "Accounts exposed to abuse (rights)",
        "per year",
        Better.LESS,
        "Accounts whose data were handed over to abusive requests and false emergencies, a year.",
        lambda observation: float(observation.abuse["accounts"].sum() / observation.window.years),
        shows=ShownIn.COST,
    ),
    Outcome(
        "false_emergencies_per_year",
        "False emergency requests",
        "per year",
        Better.LESS,
        "Requests to providers from somebody who pretends to be police in an emergency, a year.",
        lambda observation: _emergencies(observation)["sent"].size / observation.window.years,
    ),
    Outcome(
        "false_disclosures_per_year",
        "False emergencies that were answered (rights)",
        "per year",
        Better.LESS,
        "Of those, the ones to which the provider gave data.",
        lambda observation: observation.per_year(_executed(_emergencies(observation))),
        shows=ShownIn.RIGHTS | ShownIn.COST,
    ),
    Outcome(
        "false_disclosure_share",
        "False among voluntary disclosures",
        "share",
        Better.LESS,
        "Disclosures to false emergencies over all that providers made to foreign requests of their own will.",
        _false_disclosure_share,
    ),
    Outcome(
        "accounts_per_target",
        "Accounts handed over for each one asked for",
        "ratio",
        Better.LESS,
        "Accounts whose data executed formal requests brought, over the accounts that they were about.",
        _over_collection,
    ),
    Outcome(
        "bystanders_per_year",
        "Bystanders' accounts handed over (rights)",
        "per year",
        Better.LESS,
        "Accounts of persons under no suspicion whose data executed formal requests brought along, a year.",
        lambda observation: float(
            (observation.request("accounts")[disclosures(observation)] - 1).sum() / observation.window.years
        ),
        shows=ShownIn.SUMMARY | ShownIn.RIGHTS | ShownIn.COST,
    ),
    Outcome(
        "days_held_per_user",
        "Data held on each internet user",
        "days",
        Better.LESS,
        "Days of subscriber, traffic and content records held on a user, mean of the policy years; the three kinds "
        "are added up.",
        lambda observation: ratio(
            float(_held_by_state(observation).sum()), float(observation.tables["state"]["users"].sum())
        ),
    ),
    Outcome(
        "person_days_held",
        "Data held on everybody (rights)",
        "billion person-days",
        Better.LESS,
        "The same times the internet users of all states.",
        lambda observation: float(_held_by_state(observation).sum() / 1e9),
        shows=ShownIn.RIGHTS | ShownIn.COST,
    ),
    Outcome(
        "frozen_days_per_year",
        "Data frozen for foreign requests",
        "item-days per year",
        Better.NEITHER,
        "Days for which items lay preserved through 24/7 points, per year in which they were frozen.",
        _frozen_days_per_year,
    ),
    Outcome(
        "authorised_share",
        "Information given on a court's authority",
        "share",
        Better.MORE,
        "Of executed formal requests and answered police questions, those that a court or judge had to authorise: "
        "treaty and court-to-court requests, and binding orders for traffic or content. Voluntary answers of providers "
        "and police information have none.",
        lambda observation: share(_independent(observation), _given(observation)),
    ),
    Outcome(
        "unauthorised_per_year",
        "Information given without a court (rights)",
        "per year",
        Better.LESS,
        "The others, as a number per year.",
        lambda observation: observation.per_year(_given(observation) & ~_independent(observation)),
        shows=ShownIn.RIGHTS | ShownIn.COST,
    ),
    Outcome(
        "notified_share",
        "Information given with a right to appeal",
        "share",
        Better.MORE,
        "Of the same, those on which the person affected is heard and may appeal: traffic and content by court order.",
        lambda observation: share(_notified(observation), _given(observation)),
    ),
    Outcome(
        "appeals_per_year",
        "Appeals by persons affected",
        "per year",
        Better.NEITHER,
        "Genuine formal requests abroad against which somebody appealed, a year.",
        lambda observation: observation.per_year(observation.formal_days[:, Stage.APPEAL - 1] > 0.0),
    ),
    Outcome(
        "unconverted_share",
        "Police information used without evidence in due form (rights)",
        "share",
        Better.LESS,
        "Police answers on which a trail went on alone, over all police answers.",
        lambda observation: share(
            observation.request("unconverted") == 1, observation.executed & observation.asks_police
        ),
        shows=ShownIn.COST,
    ),
    Outcome(
        "excluded_per_trial",
        "Answers left out at trial",
        "per trial",
        Better.LESS,
        "Answers that courts left out because they rest on police information alone, per member tried.",
        _excluded_per_trial,
    ),
)


def abuse_by_end(observation: Observation) -> Columns:
    """Requests without a genuine case by kind, channel, status and ground: number, and accounts handed over."""
    ends = Kinds.of({name: observation.abuse[name] for name in ("abusive", "channel", "status", "ground")})
    return ends.codes | {"requests": ends.number.astype(np.float64)}


def abuse_by_state(observation: Observation) -> Columns:
    """States that sent abusive requests: number sent and executed."""
    request = _asked_by_states(observation)
    sent = np.bincount(request["requesting"], minlength=observation.states)
    executed = np.bincount(request["requesting"][_executed(request)], minlength=observation.states)
    return occurring("state", {"sent": sent, "executed": executed})


def data_held_by_state(observation: Observation) -> Columns:
    """Internet users and person-days of data held on an average day, by state."""
    users = observation.tables["state"]["users"]
    return occurring("state", {"users": users, "person_days": _held_by_state(observation)})


def disclosed_by_kind(observation: Observation) -> Columns:
    """Executed genuine requests abroad by kind of data: number, accounts asked for and handed over."""
    answers = np.flatnonzero(disclosures(observation))
    kind, accounts = observation.request("data_kind")[answers], observation.request("accounts")[answers]
    number, handed = np.bincount(kind, minlength=len(DataKind)), np.bincount(kind, accounts, len(DataKind))
    return occurring("data_kind", {"requests": number, "accounts": handed})
