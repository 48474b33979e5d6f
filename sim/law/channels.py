"""Legal answers on channels for readers: open channels with conditions, closed channels with reasons."""

from dataclasses import dataclass
from datetime import date

from sim.law import readiness
from sim.law.amendments import Amendment, CloseChannels
from sim.law.days import to_date
from sim.law.instruments import Terms
from sim.law.national import NationalLaw
from sim.law.treaties import Membership, Treaty, weakest
from sim.law.vocabulary import ELEMENTS, Channel, DataKind, EvidenceTag, Offence


@dataclass(frozen=True)
class Question:
    """A legal question: may one state obtain a kind of data, on an offence, from another state?"""

    requesting: str
    requested: str
    data_kind: DataKind
    offence: Offence
    on: date


@dataclass(frozen=True)
class OpenChannel:
    """A channel that is open for a legal question, with its instrument, conditions and evidence."""

    channel: Channel
    terms: Terms
    treaty: Treaty
    opened: date  # day since which the channel is open by any instrument
    since: date  # day since which this instrument is in force between the two
    deadline_days: float | None  # for this kind of data; None: the instrument fixes none
    dual_criminality_tested: bool  # for this kind of data at the requesting state's maximum penalty
    # probability that the requested state's law covers the offence: 0 or 1 where that has been read or drawn
    dual_criminality_chance: float
    threshold_years: float  # least maximum penalty asked for; 0 none
    tag: EvidenceTag  # the weakest of the terms' and the Parties' evidence
    source: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ClosedChannel:
    """An instrument that opens no channel for a legal question, with the reason."""

    channel: Channel
    terms: Terms
    reason: str


def open_channel(
    question: Question,
    terms: Terms,
    treaty: Treaty,
    days: tuple[float, float],
    national: NationalLaw,
    indices: tuple[int, int],
) -> OpenChannel:
    """Describes a channel that is open under an instrument, with the conditions for this question.

    `days` are `opened` and `since`, `indices` the two states' rows.
    """
    requesting, requested = indices
    penalty = maximum(national, requesting, question.offence)
    kind = question.data_kind
    elements = int(national.elements[requested, question.offence])
    memberships = memberships_of(treaty, question.requesting, question.requested)
    bound = kind in terms.penalty_kinds and question.offence not in terms.exempt_offences
    reading = f"reading (judgement): {terms.reading}" if terms.reading else ""
    notes = [note for note in (reading, *dict.fromkeys(membership.note for membership in memberships)) if note]
    tested = terms.tests_dual_criminality(kind, penalty)
    if terms.in_steps:
        notes.append(readiness.note(to_date(days[1]), question.on))
    if tested and elements:
        extra = ", ".join(name for bit, name in enumerate(ELEMENTS) if elements >> bit & 1)
        notes.append(f"{question.requested} asks for further elements: {extra}")
    return OpenChannel(
        channel=terms.channel,
        terms=terms,
        treaty=treaty,
        opened=to_date(days[0]),
        since=to_date(days[1]),
        deadline_days=terms.deadline_days.get(kind),
        dual_criminality_tested=tested,
        dual_criminality_chance=float(national.offence_chance[requested, question.offence]),
        threshold_years=terms.penalty_years if bound else 0.0,
        tag=weakest([terms.tag, *(membership.tag for membership in memberships)]),
        source="; ".join(dict.fromkeys((terms.source, *(membership.source for membership in memberships)))),
        notes=tuple(notes),
    )


def maximum(national: NationalLaw, state: int, offence: Offence) -> float:
    """Maximum penalty in years for an offence under a state's law; 0 if the act is no offence there."""
    return float(national.penalty_years[state, offence]) if national.offence[state, offence] else 0.0


def closed_channel(
    question: Question,
    terms: Terms,
    treaty: Treaty,
    is_open: bool,
    penalty_years: float,
    amendments: tuple[Amendment, ...],
) -> ClosedChannel | None:
    """Reason why an instrument opens no channel for a question; None if it opens one, or never serves the requester."""
    if terms.only_requesting and question.requesting not in terms.only_requesting:
        return None
    if not is_open:
        reason = _shut(question, terms, amendments) or _unbound(question, terms, treaty)
    elif question.data_kind not in terms.carries:
        reason = f"does not carry {question.data_kind.name.lower().replace('_', ' ')}"
    elif not terms.meets_threshold(question.data_kind, question.offence, penalty_years):
        least = f"below the {terms.penalty_years:g} years asked for"
        short = f"maximum penalty {penalty_years:g} years in {question.requesting} is {least}"
        reason = short if penalty_years else f"no offence in {question.requesting}"
    else:
        return None
    return ClosedChannel(terms.channel, terms, f"{terms.name}: {reason}")


def memberships_of(treaty: Treaty, requesting: str, requested: str) -> tuple[Membership, ...]:
    """Memberships on which a treaty between two states rests."""
    if treaty.form == "pairs":
        pair = (min(requesting, requested), max(requesting, requested))
        return (treaty.pairs[pair],) if pair in treaty.pairs else ()
    if treaty.form == "requested":
        return (treaty.memberships[requested],) if requested in treaty.memberships else ()
    return tuple(treaty.memberships[state] for state in (requesting, requested) if state in treaty.memberships)


def _shut(question: Question, terms: Terms, amendments: tuple[Amendment, ...]) -> str | None:
    """Message for a channel that a scenario has closed to the question's states; None if no scenario has."""
    for amendment in amendments:
        if (
            isinstance(amendment, CloseChannels)
            and terms.channel in amendment.channels
            and (amendment.requesting is None or question.requesting in amendment.requesting)
            and (amendment.requested is None or question.requested in amendment.requested)
        ):
            return f"closed by the scenario on {amendment.on}"
    return None


def _unbound(question: Question, terms: Terms, treaty: Treaty) -> str:
    """Message on why a treaty does not apply between two states on a date."""
    entry = treaty.entry()
    if entry is None:
        return f"not in force ({len(treaty.memberships)} of {treaty.needed} ratifications seen)"
    if entry > question.on:
        return f"applies from {entry}"
    if treaty.ended is not None and treaty.ended <= question.on:
        return f"ended on {treaty.ended}"
    for state in (question.requesting, question.requested):
        if state in terms.reserved_by:
            return f"{state} has reserved it"
    if treaty.form == "parties":
        return _not_parties(question, treaty)
    return _not_listed(question, treaty) if treaty.form == "requested" else _no_pair(question, treaty)


def _no_pair(question: Question, treaty: Treaty) -> str:
    for membership in memberships_of(treaty, question.requesting, question.requested):
        return _outside(membership, question.on, "the two States")
    return f"none between {question.requesting} and {question.requested} in the data"


def _not_parties(question: Question, treaty: Treaty) -> str:
    outside = []
    for state in (question.requesting, question.requested):
        membership = treaty.memberships.get(state)
        if membership is None:
            outside.append(f"{state} is not a Party")
        elif membership.since > question.on or (membership.until is not None and membership.until <= question.on):
            outside.append(_outside(membership, question.on, state))
    return "; ".join(outside) or "both are associated, neither is a full member"


def _not_listed(question: Question, treaty: Treaty) -> str:
    excluded = treaty.memberships.get(question.requesting)
    if excluded is not None and excluded.role == "excluded":
        return f"not answered to {question.requesting} ({excluded.note})"
    membership = treaty.memberships.get(question.requested)
    if membership is not None and membership.role == "requested":
        return _outside(membership, question.on, question.requested)
    return f"providers in {question.requested} are not known to answer foreign authorities"


def _outside(membership: Membership, on: date, who: str) -> str:
    if membership.since > on:
        return f"binds {who} from {membership.since}"
    return f"no longer binds {who} since {membership.until}"
