"""A request in clauses: what it asks, by which way, how it ended, where its time went."""

import math
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from sim.law.vocabulary import Channel, Ground
from sim.report.explain import abuse, wording
from sim.report.explain.book import Book, ended_by, is_given_up, is_set
from sim.report.explain.queues import Desks, behind, incoming
from sim.report.explain.wording import date, days, state
from sim.world.records import STAGES as STAGE_COUNT
from sim.world.records import Abuse, EvidenceStatus, RequestStatus, Stage

_CHANNELS = MappingProxyType(
    {
        Channel.LETTERS_ROGATORY: "letters rogatory",
        Channel.MLAT: "a treaty request",
        Channel.BUDAPEST: "a treaty request",
        Channel.UN_CONVENTION: "a treaty request",
        Channel.JUDICIAL_DIRECT: "a request from court to court",
        Channel.PROVIDER_BINDING: "an order to the provider",
        Channel.PROVIDER_VOLUNTARY: "a voluntary request to the provider",
        Channel.JOINT_TEAM: "the joint team",
        Channel.POLICE: "the police channel",
        Channel.PRESERVATION_24_7: "the 24/7 point",
        Channel.SURRENDER: "a surrender request",
        Channel.DOMESTIC: "its own procedure",
    }
)
#: Stages in a word or two.
STAGES = MappingProxyType(
    {
        Stage.DRAFTING: "drafting",
        Stage.TRANSLATION: "translation",
        Stage.OUTGOING_CHECK: "own central authority",
        Stage.TRANSMISSION: "transmission",
        Stage.INCOMING_TRIAGE: "requested central authority",
        Stage.DEFICIENCY_RETURN: "completing what was deficient",
        Stage.REVIEW: "legal review",
        Stage.COURT_ORDER: "court",
        Stage.PRODUCTION: "provider",
        Stage.APPEAL: "appeal",
        Stage.RETURN: "sending the answer",
        Stage.FORENSICS: "own laboratory",
    }
)
_NAMED_BY_CHANNEL = (Channel.LETTERS_ROGATORY, Channel.PROVIDER_VOLUNTARY)
_COURT = (Ground.STANDARD_OF_PROOF,)
_PROVIDER = (Ground.PROVIDER_POLICY,)
#: Stands for the length of a request in the text of its failure.
_TOOK = "⟨length⟩"
_KNOWN = " (the model knows: nobody there would ever have answered)"
_LEAST_SHARE, _LEAST_DAYS, _MOST = 0.1, 5.0, 3


def way(book: Book, row: int) -> str:
    """Channel and instrument."""
    request = book["request"][row]
    channel, terms = Channel(request.channel), book.terms(request.instrument)
    if terms is None or channel in _NAMED_BY_CHANNEL:
        return _CHANNELS[channel]
    return f"{_CHANNELS[channel]} ({terms.name})"


def custodian(book: Book, row: int) -> str:
    """The provider that holds the data, in its state."""
    request = book["request"][row]
    place = state(book.code(request.requested))
    if request.provider < 0:
        return place
    provider = book.providers[int(request.provider)]
    names = ("", f"a hosting provider in {place}", f"an access provider in {place}")
    return names[provider.provider_class] or f"{provider.name}, asked in {place}"


def duration(book: Book, row: int) -> float:
    """Days from the first draft to the end, or to the end of the run."""
    request = book["request"][row]
    return float(ended_by(request.ended, book.end) - request.drafted)


def refusal(book: Book, row: int) -> str:
    """Who refused on which ground."""
    request = book["request"][row]
    ground, place = Ground(request.ground), state(book.code(request.requested))
    seen_through = abuse.refusal(book, row) if request.abusive != Abuse.NONE else None
    if seen_through is not None:
        return seen_through
    if ground in _PROVIDER:
        return f"the provider in {place} did not produce"
    if ground is Ground.DECLINED_BY_POLICE:
        return f"police of {place} declined"
    refuser = f"a court of {place}" if ground in _COURT else place
    text = f"{refuser} refused ({wording.GROUNDS[ground]})"
    if ground is Ground.DUAL_CRIMINALITY and request.dual_criminality == 1:
        text += " (the model knows: by mistake, the conduct is an offence there)"
    return text


def gone_on(item: np.record) -> float | None:
    """Day on which a lost item was gone; None where it was not lost in that way."""
    return {
        EvidenceStatus.LOST_RETENTION: float(item.retained_until),
        EvidenceStatus.LOST_MOVED: float(item.moves_at),
        EvidenceStatus.LOST_PRESERVATION_EXPIRED: float(item.frozen_until),
    }.get(EvidenceStatus(item.status))


def loss(book: Book, row: int) -> str:
    """Why an evidence item could not be used, with the day on which it was lost."""
    item = book["evidence"][row]
    status = EvidenceStatus(item.status)
    if status is EvidenceStatus.LOST_RETENTION:
        return f"deleted on {date(item.retained_until)} when its retention ended"
    if status is EvidenceStatus.LOST_PRESERVATION_EXPIRED:
        gone = min(item.retained_until, item.moves_at)
        return (
            f"frozen only until {date(item.frozen_until)}, and gone since (it would have been kept until {date(gone)})"
        )
    if status is EvidenceStatus.LOST_MOVED:
        return f"gone with the server, which moved on {date(item.moves_at)}"
    return "delivered, but encrypted and unreadable" if status is EvidenceStatus.LOST_ENCRYPTED else "not obtained"


def failure(book: Book, row: int) -> str:
    """How a request that brought nothing ended, as the agency could know and as the model knows."""
    return failures(book, [row])[0]


def failures(book: Book, rows: Sequence[int], until: float = math.inf) -> list[str]:
    """How requests that brought nothing ended; those that ended alike are told together, the most frequent first.

    Args:
        book: the tables.
        rows: of the requests.
        until: day after which nobody listened any more.
    """
    alike: dict[str, list[float]] = {}
    for row in rows:
        request = book["request"][row]
        if until < ended_by(request.ended, book.end):
            text = f"still unanswered by {state(book.code(request.requested))} {_TOOK}"
            alike.setdefault(text, []).append(until - float(request.drafted))
        elif is_given_up(request):
            known = _KNOWN if request.silent == 1 else ""
            text = f"given up {_TOOK} unanswered by {state(book.code(request.requested))}{known}"
            alike.setdefault(text, []).append(float(request.given_up - request.drafted))
        else:
            alike.setdefault(_failing(book, row), []).append(duration(book, row))
    told = sorted(alike.items(), key=lambda item: -len(item[1]))
    return [_often(text, lengths) for text, lengths in told]


def _often(text: str, lengths: Sequence[float]) -> str:
    """A failure with how often it occurred and how long it took."""
    shortest, longest = days(min(lengths)), days(max(lengths))
    took = shortest if len(lengths) == 1 or shortest == longest else f"{shortest} to {longest}"
    told = text.replace(_TOOK, f"after {took}")
    return told if len(lengths) == 1 else f"{wording.times(len(lengths))} {told}"


def _failing(book: Book, row: int) -> str:
    """A failure, with a mark where its length belongs."""
    request = book["request"][row]
    status, place = RequestStatus(request.status), state(book.code(request.requested))
    if status is RequestStatus.REFUSED:
        return refusal(book, row)
    if status is RequestStatus.NOT_SENT:
        own = state(book.code(request.requesting))
        return f"the central authority of {own} did not send it ({wording.GROUNDS[Ground(request.ground)]})"
    if status is RequestStatus.NO_DATA:
        if request.evidence < 0:
            return f"{place} found nothing usable: the data were no longer kept"
        gone = gone_on(book["evidence"][request.evidence])
        early = ", before they were even asked for" if gone is not None and gone < request.drafted else ""
        return f"{place} found nothing usable: the data were {loss(book, int(request.evidence))}{early}"
    return _unanswered(book, row)


def _unanswered(book: Book, row: int) -> str:
    """A request without an answer."""
    request = book["request"][row]
    place, still = state(book.code(request.requested)), request.status == RequestStatus.OPEN
    given_up = ", and nobody counted on it any more" if is_set(request.given_up) else ""
    if request.silent == 1:
        known = f"unanswered by {place}{given_up}" if still else f"withdrawn {_TOOK} unanswered by {place}"
        return f"{known}{_KNOWN}"
    if still:
        return f"still unanswered by {place} {_TOOK}{given_up}"
    if not is_set(request.sent):
        return f"withdrawn before it was sent to {place}"
    if request.loops and request.stage == Stage.DEFICIENCY_RETURN:
        return f"withdrawn {_TOOK} while {place} wanted it completed"
    if request.loops and _given_up_on_return(book, row):
        return f"withdrawn {_TOOK} when {place} returned it as deficient"
    return f"withdrawn {_TOOK} unanswered by {place}"


def _given_up_on_return(book: Book, row: int) -> bool:
    """Whether the requester gave up when the file came back: it ended as a desk finished with it."""
    served = book["job"].ended[book.where("job", request=row)]
    return served.size > 0 and float(served[-1]) == float(book["request"].ended[row])


def stage_lengths(book: Book, row: int) -> dict[Stage, float]:
    """Days spent in each stage; the stage that was not finished counts until the request ended."""
    request = book["request"][row]
    lengths = {Stage(number): float(request[f"stage_{number}"]) for number in range(1, STAGE_COUNT + 1)}
    unfinished = RequestStatus(request.status) in (RequestStatus.OPEN, RequestStatus.WITHDRAWN)
    if unfinished and request.stage > 0:
        lengths[Stage(request.stage)] += max(float(ended_by(request.ended, book.end) - request.stage_since), 0.0)
    return {stage: length for stage, length in lengths.items() if length > 0.0}


def where_time_went(desks: Desks, row: int) -> str:
    """The longest stages of a request, and what it waited behind."""
    lengths = stage_lengths(desks.book, row)
    least = max(_LEAST_SHARE * sum(lengths.values()), _LEAST_DAYS)
    longest = sorted(lengths, key=lambda stage: -lengths[stage])[:_MOST]
    parts = [f"{days(lengths[stage])} {_stage(desks, row, stage)}" for stage in longest if lengths[stage] >= least]
    return wording.listing(parts)


def _stage(desks: Desks, row: int, stage: Stage) -> str:
    """What a request waited for in a stage."""
    request = desks.book["request"][row]
    own, place = (state(desks.book.code(side)) for side in (request.requesting, request.requested))
    if stage is Stage.INCOMING_TRIAGE:
        visits = incoming(desks.visits(row))
        return f"at the central authority of {place}" + (f" ({behind(visits[0])})" if visits else "")
    return {
        Stage.DRAFTING: "of drafting",
        Stage.TRANSLATION: "of translation",
        Stage.OUTGOING_CHECK: f"at the central authority of {own}",
        Stage.TRANSMISSION: "on the way",
        Stage.DEFICIENCY_RETURN: f"to complete it ({wording.count(request.loops, 'return')} as deficient)",
        Stage.REVIEW: f"of legal review in {place}",
        Stage.COURT_ORDER: f"for a court order in {place}",
        Stage.PRODUCTION: "with the provider",
        Stage.APPEAL: "for an appeal",
        Stage.RETURN: "for filtering and sending the answer",
        Stage.FORENSICS: f"in the forensic laboratory of {own}",
    }[stage]
