"""A request in clauses: what it asks, by which channel, how it ended, where its time went and at which desks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.law.vocabulary import Channel, Ground
from sim.report.explain import wording
from sim.report.explain.events import Events, ended_by, is_given_up, is_set
from sim.report.explain.wording import date, days
from sim.results import labels
from sim.results.words import counted, listing
from sim.world.records import STAGES as STAGE_COUNT
from sim.world.records import Abuse, DeskKind, EvidenceStatus, RequestStatus, Stage

_NAMED_BY_CHANNEL = (Channel.LETTERS_ROGATORY, Channel.PROVIDER_VOLUNTARY)
#: Stands for the length of a request in the text of its failure.
_TOOK = "⟨length⟩"
_KNOWN = " (the model knows: no answer would ever have come)"
_LEAST_SHARE, _LEAST_DAYS, _MOST = 0.1, 5.0, 3


def way(events: Events, row: int) -> str:
    """Channel and instrument."""
    request = events["request"][row]
    channel, terms = Channel(request.channel), events.terms(request.instrument)
    if terms is None or channel in _NAMED_BY_CHANNEL:
        return labels.CHANNELS[channel]
    return f"{labels.CHANNELS[channel]} ({terms.name})"


def custodian(events: Events, row: int) -> str:
    """The provider that holds the data, in its state."""
    request = events["request"][row]
    place = events.state(request.requested)
    if request.provider < 0:
        return place
    provider = events.providers[int(request.provider)]
    names = ("", f"a hosting provider in {place}", f"an access provider in {place}")
    return names[provider.provider_class] or f"{provider.name}, asked in {place}"


def duration(events: Events, row: int) -> float:
    """Days from the first draft to the end, or to the end of the run."""
    request = events["request"][row]
    return float(ended_by(request.ended, events.end) - request.drafted)


def refusal(events: Events, row: int) -> str:
    """The refusing authority and its ground; for a request without a genuine case, who found that out."""
    request = events["request"][row]
    ground, place = Ground(request.ground), events.state(request.requested)
    if ground is Ground.PROVIDER_POLICY:
        if request.abusive == Abuse.FALSE_EMERGENCY:
            return f"the provider in {place} called back and found that it was false"
        return f"the provider in {place} did not produce"
    if ground is Ground.DECLINED_BY_POLICE:
        return f"police of {place} declined"
    if ground is Ground.POLITICAL_OR_ESSENTIAL_INTERESTS and request.abusive != Abuse.NONE:
        if request.channel == Channel.POLICE:
            return "INTERPOL stopped it as political (article 3 of its constitution)"
        if request.stage == Stage.APPEAL:
            return f"a court of {place} found for the person affected, who had appealed"
    refuser = f"a court of {place}" if request.stage == Stage.COURT_ORDER else place
    text = f"{refuser} refused ({labels.GROUNDS[ground]})"
    if ground is Ground.MISTAKE:
        text += " (the model knows: by mistake, the conduct is an offence there)"
    return text


def gone_on(item: np.record) -> float | None:
    """Day on which a lost item was gone; None where it was not lost in that way."""
    return {
        EvidenceStatus.LOST_RETENTION: float(item.retained_until),
        EvidenceStatus.LOST_MOVED: float(item.moves_at),
        EvidenceStatus.LOST_PRESERVATION_EXPIRED: float(item.frozen_until),
    }.get(EvidenceStatus(item.status))


def loss(events: Events, row: int) -> str:
    """The reason for which an evidence item could not be used, with the day on which it was lost."""
    item = events["evidence"][row]
    status = EvidenceStatus(item.status)
    if status is EvidenceStatus.LOST_RETENTION:
        return f"deleted on {date(item.retained_until)} when its retention ended"
    if status is EvidenceStatus.LOST_PRESERVATION_EXPIRED:
        gone = min(item.retained_until, item.moves_at)
        return f"preserved only until {date(item.frozen_until)} (without preservation: kept until {date(gone)})"
    if status is EvidenceStatus.LOST_MOVED:
        return f"lost when the server moved on {date(item.moves_at)}"
    return "delivered, but encrypted and unreadable" if status is EvidenceStatus.LOST_ENCRYPTED else "not obtained"


def failures(events: Events, rows: Sequence[int], until: float = math.inf) -> list[str]:
    """Ends of requests without a result, as the agency could know them and as the model knows them.

    Requests that ended alike are counted together, the most frequent end first.

    Args:
        events: the tables.
        rows: of the requests.
        until: day after which nobody waited for an answer.
    """
    alike: dict[str, list[float]] = {}
    for row in rows:
        request = events["request"][row]
        if until < ended_by(request.ended, events.end):
            text = f"still unanswered by {events.state(request.requested)} {_TOOK}"
            alike.setdefault(text, []).append(until - float(request.drafted))
        elif is_given_up(request):
            known = _KNOWN if request.silent == 1 else ""
            text = f"given up {_TOOK} unanswered by {events.state(request.requested)}{known}"
            alike.setdefault(text, []).append(float(request.given_up - request.drafted))
        else:
            alike.setdefault(_failing(events, row), []).append(duration(events, row))
    parts = []
    for text, lengths in sorted(alike.items(), key=lambda item: -len(item[1])):
        shortest, longest = days(min(lengths)), days(max(lengths))
        took = text.replace(_TOOK, f"after {shortest if shortest == longest else f'{shortest} to {longest}'}")
        parts.append(took if len(lengths) == 1 else f"{wording.times(len(lengths))} {took}")
    return parts


def end_without_result(events: Events, row: int) -> str:
    """How a request ended without a result, with when its sender had given it up before."""
    request = events["request"][row]
    end = _failing(events, row).replace(_TOOK, f"after {days(duration(events, row))}")
    if not is_given_up(request) or not is_set(request.ended):
        return end
    return f"{end}; its sender had given it up on {date(float(request.given_up))}"


def _failing(events: Events, row: int) -> str:
    """A failure, with a mark where its length belongs."""
    request = events["request"][row]
    status, place = RequestStatus(request.status), events.state(request.requested)
    if status is RequestStatus.REFUSED:
        return refusal(events, row)
    if status is RequestStatus.NOT_SENT:
        own, ground = events.state(request.requesting), labels.GROUNDS[Ground(request.ground)]
        if request.channel == Channel.DOMESTIC:
            return f"prosecutors of {own} took it to no court ({ground})"
        return f"the central authority of {own} did not send it ({ground})"
    if status is RequestStatus.NO_DATA:
        if request.evidence < 0:
            return f"{place} found nothing usable: the data were no longer kept"
        gone = gone_on(events["evidence"][request.evidence])
        early = ", before they were even requested" if gone is not None and gone < request.drafted else ""
        return f"{place} found nothing usable: the data were {loss(events, int(request.evidence))}{early}"
    return _unanswered(events, row)


def _unanswered(events: Events, row: int) -> str:
    """A request without an answer."""
    request = events["request"][row]
    place, still = events.state(request.requested), request.status == RequestStatus.OPEN
    given_up = ", and given up" if is_set(request.given_up) else ""
    if request.silent == 1:
        known = f"unanswered by {place}{given_up}" if still else f"withdrawn {_TOOK} unanswered by {place}"
        return f"{known}{_KNOWN}"
    if still:
        return f"still unanswered by {place} {_TOOK}{given_up}"
    if not is_set(request.sent):
        return f"withdrawn before it was sent to {place}"
    if request.loops and request.stage == Stage.DEFICIENCY_RETURN:
        return f"withdrawn {_TOOK} while {place} wanted it completed"
    served = events["job"].ended[events.where("job", request=row)]
    if request.loops and served.size and served[-1] == request.ended:  # it ended as a desk finished with it
        return f"withdrawn {_TOOK} when {place} returned it as deficient"
    return f"withdrawn {_TOOK} unanswered by {place}"


@dataclass(frozen=True)
class Visit:
    """A file at a desk.

    Attributes:
        kind: of desk.
        stage: of the request.
        state: index of the desk's state.
        arrived, started, ended: days; NaN where it has not happened.
        expected: days that it could expect to wait when it came, by the work before it and the people there.
    """

    kind: DeskKind
    stage: Stage
    state: int
    arrived: float
    started: float
    ended: float
    expected: float


def visits_of(events: Events, request: int) -> list[Visit]:
    """A request's visits to desks, in order."""
    job, states, visits = events["job"], len(events.law.states), []
    for row in events.where("job", request=request):
        desk, stage = int(job.desk[row]), Stage(int(job.stage[row]))
        kind = DeskKind(min(desk // states, DeskKind.PROVIDER))
        at_provider = kind >= DeskKind.PROVIDER
        state = events.providers[desk - DeskKind.PROVIDER * states].state if at_provider else desk % states
        times = (float(job[column][row]) for column in ("arrived", "started", "ended", "expected"))
        visits.append(Visit(kind, stage, state, *times))
    return visits


def behind(visit: Visit) -> str:
    """The work that a file waited behind, in a few words."""
    if np.isnan(visit.expected) or visit.expected < 1.0:
        return "with nothing waiting before it"
    return f"behind {days(visit.expected)} of work"


def stage_lengths(events: Events, row: int) -> dict[Stage, float]:
    """Days spent in each stage; the stage that was not finished counts until the request ended.

    A request that is withdrawn at the moment at which a desk is done with it has had that stage counted already.
    """
    request = events["request"][row]
    lengths = {Stage(number): float(request[f"stage_{number}"]) for number in range(1, STAGE_COUNT + 1)}
    unfinished = RequestStatus(request.status) in (RequestStatus.OPEN, RequestStatus.WITHDRAWN)
    if unfinished and request.stage > 0:
        last = float(ended_by(request.ended, events.end))
        uncounted = last - float(request.drafted) - sum(lengths.values())
        lengths[Stage(request.stage)] += max(min(last - float(request.stage_since), uncounted), 0.0)
    return {stage: length for stage, length in lengths.items() if length > 0.0}


@dataclass(frozen=True)
class StageSpan:
    """A stage that a request has passed, or stands in.

    Attributes:
        stage: which.
        since: first day known in it; NaN where a return makes that unknown.
        days: spent in it, all returns together.
        waited: of these, days that its file waited at a desk before somebody took it up.
        desks: kind and state of the desks, in order.
    """

    stage: Stage
    since: float
    days: float
    waited: float
    desks: tuple[tuple[DeskKind, int], ...]


def stage_spans(events: Events, row: int) -> list[StageSpan]:
    """The stages of a request, in their order.

    Stages follow each other, so each begins when those before it are over. A request that was returned enters some
    stages again; of those after the first reading, only arrivals at desks are known then.
    """
    request, visits = events["request"][row], visits_of(events, row)
    last, at, spans = ended_by(float(request.ended), events.end), float(request.drafted), []
    for stage, days_in in sorted(stage_lengths(events, row).items()):
        seen = [visit for visit in visits if visit.stage is stage]
        since, at = at, at + days_in
        if request.loops and stage > Stage.INCOMING_TRIAGE:
            since = seen[0].arrived if seen else math.nan
        waited = sum(max(float(ended_by(visit.started, last)) - visit.arrived, 0.0) for visit in seen)
        desks = tuple(dict.fromkeys((visit.kind, visit.state) for visit in seen))
        spans.append(StageSpan(stage, since, days_in, waited, desks))
    return spans


def where_time_went(events: Events, row: int) -> str:
    """The longest stages of a request, and what it waited behind."""
    lengths = stage_lengths(events, row)
    least = max(_LEAST_SHARE * sum(lengths.values()), _LEAST_DAYS)
    longest = sorted(lengths, key=lambda stage: -lengths[stage])[:_MOST]
    parts = [f"{days(lengths[stage])} {_stage(events, row, stage)}" for stage in longest if lengths[stage] >= least]
    return listing(parts)


def _stage(events: Events, row: int, stage: Stage) -> str:
    """A stage of a request, in a few words."""
    request = events["request"][row]
    own, place = (events.state(side) for side in (request.requesting, request.requested))
    if stage is Stage.INCOMING_TRIAGE:
        visits = [visit for visit in visits_of(events, row) if visit.stage is stage]
        return f"at the central authority of {place}" + (f" ({behind(visits[0])})" if visits else "")
    return {
        Stage.DRAFTING: "of drafting",
        Stage.TRANSLATION: "of translation",
        Stage.OUTGOING_CHECK: f"at the central authority of {own}",
        Stage.TRANSMISSION: "on the way",
        Stage.DEFICIENCY_RETURN: f"to complete it ({counted(request.loops, 'return')} as deficient)",
        Stage.REVIEW: f"of legal review in {place}",
        Stage.COURT_ORDER: f"for a court order in {place}",
        Stage.PRODUCTION: "with the provider",
        Stage.APPEAL: "for an appeal",
        Stage.RETURN: "for filtering and sending the answer",
        Stage.FORENSICS: f"in the forensic laboratory of {own}",
    }[stage]
