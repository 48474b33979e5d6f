"""The life of one request (M6): what it asks, who waited for whom, behind what, where its time went, how it ended."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.law.vocabulary import Channel, Ground, Offence
from sim.report.explain.events import (
    Events,
    Sentence,
    Visit,
    behind,
    ended_by,
    is_given_up,
    is_set,
    stage_lengths,
    visits_of,
)
from sim.report.explain.words import Account, Entry, Tone, date, days, times
from sim.results import labels
from sim.results.words import counted, listing
from sim.world.records import (
    Abuse,
    Body,
    DeskKind,
    EvidenceStatus,
    ReferralTask,
    RequestPurpose,
    RequestStatus,
    Stage,
    TaskResult,
)

#: What a file comes to a desk for, where that is not plain.
_FOR = {
    Stage.TRANSLATION: " for translation",
    Stage.DEFICIENCY_RETURN: " with what was missing",
    Stage.REVIEW: " for review",
    Stage.RETURN: " for filtering of the answer",
}
#: Stages behind a number of days.
_SPENT = {
    Stage.DRAFTING: "of drafting",
    Stage.TRANSLATION: "of translation",
    Stage.OUTGOING_CHECK: "at the central authority of {requesting:state}",
    Stage.TRANSMISSION: "on the way",
    Stage.INCOMING_TRIAGE: "at the central authority of {requested:state}",
    Stage.DEFICIENCY_RETURN: "to complete it ({loops:# return} as deficient)",
    Stage.REVIEW: "of legal review in {requested:state}",
    Stage.COURT_ORDER: "for a court order in {requested:state}",
    Stage.PRODUCTION: "with the provider",
    Stage.APPEAL: "for an appeal",
    Stage.RETURN: "for filtering and sending the answer",
    Stage.FORENSICS: "in the forensic laboratory of {requesting:state}",
}
#: Evidence that could not be used: column of the day on which it was gone, and how.
_LOST: Mapping[EvidenceStatus, tuple[str, str]] = {
    EvidenceStatus.LOST_RETENTION: ("retained_until", "deleted on {retained_until:date} when its retention ended"),
    EvidenceStatus.LOST_MOVED: ("moves_at", "lost when the server moved on {moves_at:date}"),
    EvidenceStatus.LOST_PRESERVATION_EXPIRED: (
        "frozen_until",
        "preserved only until {frozen_until:date} (without preservation: kept until {retained_until&moves_at:date})",
    ),
    EvidenceStatus.LOST_ENCRYPTED: ("", "delivered, but encrypted and unreadable"),
}
_NAMED_BY_CHANNEL = (Channel.LETTERS_ROGATORY, Channel.PROVIDER_VOLUNTARY)
#: Stands for the length of a request in the text of its failure.
_TOOK = "⟨length⟩"
_FALSE = "called back and found that it was false"
_KNOWN = " (the model knows: no answer would ever have come)"
_LEAST_SHARE, _LEAST_DAYS, _MOST = 0.1, 5.0, 3  # of stages that are named among the longest
_AT_ONCE = 0.5  # days
_FOLLOWED_UP = "Eurojust follows it up, {answered-asked:days} after being asked."
_REPORTED = (
    Sentence(
        *("referral", "subject", "answered", _FOLLOWED_UP, Tone.PROGRESS),
        where={"task": ReferralTask.FACILITATE, "result": TaskResult.HELPED},
    ),
)


def request_account(events: Events, row: int) -> Account:
    """The life of a request."""
    request, end = events["request"][row], ending(events, row)
    drafted = float(request.drafted)
    entries = [Entry(drafted, events.say(_drafted(events, request), request), Tone.MILESTONE)]
    entries += [*_sending(events, request), *_at_desks(events, row), *_evidence(events, request)]
    entries += [*events.reports(_REPORTED, row), end]
    asides = []
    if request.case >= 0:
        asides = [f"--case {request.case}: the case that it belongs to", f"--group {request.group}: the group"]
    title = events.say(f"Request {row}: {{requesting:state}} to {{requested:state}}", request)
    facts = [events.say(fact, request) for fact in _facts(events, row)]
    return Account(title, facts, sorted(entries, key=lambda entry: entry.day), drafted, asides)


def way(events: Events, row: int) -> str:
    """Channel and instrument."""
    request = events["request"][row]
    channel, terms = Channel(request.channel), events.terms(request.instrument)
    named = "" if terms is None or channel in _NAMED_BY_CHANNEL else f" ({terms.name})"
    return f"{labels.CHANNELS[channel]}{named}"


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
    return ended_by(request.ended, events.end) - float(request.drafted)


def gone_on(item: Any) -> float | None:
    """Day on which a lost item was gone; None where it was not lost in that way."""
    column, _ = _LOST.get(EvidenceStatus(item.status), ("", ""))
    return float(item[column]) if column else None


def failures(events: Events, rows: Sequence[int], until: float = math.inf) -> list[str]:
    """Ends of requests without a result, as the agency could know them and as the model knows them.

    Requests that ended alike are counted together, the most frequent end first. After `until` nobody waits.
    """
    alike: dict[str, list[float]] = {}
    for row in rows:
        request, length = events["request"][row], duration(events, row)
        if until < ended_by(request.ended, events.end):
            text, length = f"still unanswered by {{requested:state}} {_TOOK}", until - float(request.drafted)
        elif is_given_up(request):
            text = f"given up {_TOOK} unanswered by {{requested:state}}{_KNOWN if request.silent == 1 else ''}"
            length = float(request.given_up - request.drafted)
        else:
            text = _failing(events, row)
        alike.setdefault(events.say(text, request), []).append(length)
    parts = []
    for text, lengths in sorted(alike.items(), key=lambda item: -len(item[1])):
        span = " to ".join(dict.fromkeys((days(min(lengths)), days(max(lengths)))))
        took = text.replace(_TOOK, f"after {span}")
        parts.append(took if len(lengths) == 1 else f"{times(len(lengths))} {took}")
    return parts


def _failing(events: Events, row: int) -> str:
    """A failure, with a mark where its length belongs."""
    request = events["request"][row]
    status = RequestStatus(request.status)
    if status is RequestStatus.REFUSED:
        return _refusal(request)
    if status is RequestStatus.NOT_SENT:
        courts = "prosecutors of {requesting:state} took it to no court ({ground:ground})"
        desk = "the central authority of {requesting:state} did not send it ({ground:ground})"
        return courts if request.channel == Channel.DOMESTIC else desk
    if status is RequestStatus.NO_DATA:
        nothing = "{requested:state} found nothing usable: the data were "
        if request.evidence < 0:
            return f"{nothing}no longer kept"
        item = events["evidence"][request.evidence]
        _, lost = _LOST.get(EvidenceStatus(item.status), ("", "not obtained"))
        gone = gone_on(item)
        early = ", before they were even requested" if gone is not None and gone < request.drafted else ""
        return f"{nothing}{events.say(lost, item)}{early}"
    still, given_up = status is RequestStatus.OPEN, ", and given up" if is_set(request.given_up) else ""
    unanswered = "unanswered by {requested:state}"
    if request.silent == 1:
        return f"{f'{unanswered}{given_up}' if still else f'withdrawn {_TOOK} {unanswered}'}{_KNOWN}"
    if still:
        return f"still {unanswered} {_TOOK}{given_up}"
    if not is_set(request.sent):
        return "withdrawn before it was sent to {requested:state}"
    if request.loops and request.stage == Stage.DEFICIENCY_RETURN:
        return f"withdrawn {_TOOK} while {{requested:state}} wanted it completed"
    served = events["job"].ended[events.where("job", request=row)]
    if request.loops and served.size and served[-1] == request.ended:  # it ended as a desk finished with it
        return f"withdrawn {_TOOK} when {{requested:state}} returned it as deficient"
    return f"withdrawn {_TOOK} {unanswered}"


def _refusal(request: Any) -> str:
    """The refusing authority and its ground; for a request without a genuine case, who found that out."""
    ground = Ground(request.ground)
    if ground is Ground.PROVIDER_POLICY:
        false = request.abusive == Abuse.FALSE_EMERGENCY
        return f"the provider in {{requested:state}} {_FALSE if false else 'did not produce'}"
    if ground is Ground.DECLINED_BY_POLICE:
        return "police of {requested:state} declined"
    if ground is Ground.POLITICAL_OR_ESSENTIAL_INTERESTS and request.abusive != Abuse.NONE:
        if request.channel == Channel.POLICE:
            return "INTERPOL stopped it as political (article 3 of its constitution)"
        if request.stage == Stage.APPEAL:
            return "a court of {requested:state} found for the person affected, who had appealed"
    court = "a court of " if request.stage == Stage.COURT_ORDER else ""
    mistaken = " (the model knows: by mistake, the conduct is an offence there)" if ground is Ground.MISTAKE else ""
    return f"{court}{{requested:state}} refused ({{ground:ground}}){mistaken}"


def where_time_went(events: Events, row: int, before: str = "", after: str = "") -> str:
    """The longest stages of a request, and what it waited behind, between two texts; empty where none is long."""
    lengths, parts = stage_lengths(events, row), []
    least = max(_LEAST_SHARE * sum(lengths.values()), _LEAST_DAYS)
    for stage in sorted(lengths, key=lambda stage: -lengths[stage])[:_MOST]:
        if lengths[stage] >= least:
            visits = [visit for visit in visits_of(events, row) if visit.stage is stage is Stage.INCOMING_TRIAGE]
            waited = f" ({behind(visits[0])})" if visits else ""
            parts.append(f"{days(lengths[stage])} {events.say(_SPENT[stage], events['request'][row])}{waited}")
    return f"{before}{listing(parts)}{after}" if parts else ""


def _facts(events: Events, row: int) -> Iterator[str]:
    """The request in short."""
    request, terms = events["request"][row], events.terms(events["request"].instrument[row])
    what = events.say("{data_kind:data}", request).capitalize()
    yield f"{what} from {custodian(events, row)}, by {way(events, row)}."
    if terms is not None:
        timed = is_set(request.deadline_days)
        force = ", whose breach has a cost" if request.enforceable == 1 and timed else ""
        yield f"The instrument: {terms.article}; {'deadline {deadline_days:days}' if timed else 'no deadline'}{force}."
    urgent = "It was urgent." if request.urgent == 1 else "It was a routine request."
    yield f"{urgent} It was meant for {labels.PURPOSES[RequestPurpose(request.purpose)]}."
    yield from _trust(events, request)
    if request.officer >= 0:
        host = events.state(events["posting"].host[int(request.officer)])
        avoided = " and avoided {returns_saved:# return}" if request.returns_saved else ""
        yield f"A liaison officer posted in {host} supported it{avoided}."
    if (int(request.helped) >> Body.EUROJUST) & 1:
        effect = {RequestStatus.OPEN: ".", RequestStatus.WITHDRAWN: ", in vain."}
        yield f"Eurojust followed it up{effect.get(RequestStatus(request.status), '; later stages were faster.')}"
    if request.abusive != Abuse.NONE:
        yield _truth(request)
    elif request.accounts > 1:
        others = counted(int(request.accounts) - 1, "other account")
        yield f"Data of {others} were handed over together with the account that it concerned."
    lengths = stage_lengths(events, row).items()
    if parts := [f"{labels.STAGES[stage]} {length:.0f}" for stage, length in lengths if length >= 1.0]:
        yield f"Its days by stage: {', '.join(parts)}."


def _trust(events: Events, request: Any) -> Iterator[str]:
    """Trust of the requested state in the requesting one (M19), and a departure of its contact officer.

    Nothing before the request is first read. A departure is reported if it lies between the last two accounts of
    trust before the request ended.
    """
    if not is_set(request.trust):
        return
    account, then = events["trust"], "answered" if request.purpose == RequestPurpose.LEAD else "last read it"
    text = f"{{requested:state}} trusted {{requesting:state}} at {request.trust:.2f}, from 0 to 1, when it {then}."
    rows = events.where("trust", trusting=request.requested, trusted=request.requesting)
    before = rows[account.day[rows] <= ended_by(request.ended, events.end)]
    if before.size >= 2 and account.contact[before[-1]] != account.contact[before[-2]]:
        since, until = (date(account.day[number]) for number in before[-2:])
        left = f"Its contact officer for {{requesting:state}} had left between {since} and {until}"
        text += f" {left}, and trust was lost with that person."
    yield text


def _truth(request: Any) -> str:
    """Facts about a request without a genuine case that only the model knows (part H)."""
    if request.abusive == Abuse.FALSE_EMERGENCY:
        return (
            "The model knows: nobody was in danger. It came from impostors who posed as police of {requesting:state}."
        )
    pretext = labels.OFFENCES[Offence(request.offence)]
    alleged = f"It alleged facts of {pretext} that had not happened."
    spoke = f"It spoke of {pretext}, but showed no such offence."
    return f"The model knows: there was no genuine case. {alleged if request.abusive == Abuse.DISGUISED else spoke}"


def _drafted(events: Events, request: Any) -> str:
    """Who begins it, and for what."""
    if request.case < 0:
        seeming = ", or so it seems" if request.abusive == Abuse.FALSE_EMERGENCY else ""
        return f"{{requesting:state}} begins to draft it{seeming}."
    of_lead = ""
    if request.chain >= 0:
        of_lead = f", step {request.hop + 1} of lead {events['chain'].ordinal[request.chain] + 1}"
    return f"{{requesting:state}} begins to draft it, for case {{case}}{of_lead}."


def _sending(events: Events, request: Any) -> Iterator[Entry]:
    """Translation and sending."""
    if is_set(request.sent) and request.sent > request.drafted:
        spent = [
            f"{days(float(request[f'stage_{stage.value}']))} {_SPENT[stage]}"
            for stage in (Stage.DRAFTING, Stage.TRANSLATION)
            if request[f"stage_{stage.value}"] >= 1.0
        ]
        text = f"It is sent to {{requested:state}}{f' after {listing(spent)}' if spent else ''}."
        yield Entry(float(request.sent), events.say(text, request), Tone.PROGRESS)


def _at_desks(events: Events, row: int) -> Iterator[Entry]:
    """Arrival at each desk, and what the desk did; a second visit shows that the desk had returned the file."""
    request, visits = events["request"][row], visits_of(events, row)
    for number, visit in enumerate(visits):
        desk = f"{labels.DESKS[visit.kind]} {events.state(visit.state)}"
        reaches = f"It reaches {desk}{_FOR.get(visit.stage, '')}"
        if visit.started - visit.arrived < _AT_ONCE:
            yield Entry(visit.arrived, f"{reaches} and is taken up at once.")
        else:
            yield Entry(visit.arrived, f"{reaches}, {behind(visit)}.")
            if is_set(visit.started):
                yield Entry(visit.started, f"{desk} takes it up after {days(visit.started - visit.arrived)}.")
        again = any(later.stage is visit.stage for later in visits[number + 1 :])
        if request.phoned == 1 and visit.stage is Stage.INCOMING_TRIAGE and not again and is_set(visit.ended):
            yield Entry(visit.ended, f"{desk} asks by phone for what it lacks, instead of a return.", Tone.PROGRESS)
        returned = again or (visit is visits[-1] and _is_sent_back(request, visit))
        if returned and is_set(visit.ended) and is_set(visit.started):
            lacks = "more evidence" if visit.kind is DeskKind.COURT else "what it lacks"
            yield Entry(visit.ended, f"{desk} returns it and asks for {lacks}.", Tone.SETBACK)


def _is_sent_back(request: Any, visit: Visit) -> bool:
    """Whether the last desk returned a file that did not come back."""
    if visit.stage not in (Stage.INCOMING_TRIAGE, Stage.COURT_ORDER) or request.loops == 0:
        return False
    if request.status == RequestStatus.WITHDRAWN and request.ended == visit.ended:
        return True
    if request.stage != Stage.DEFICIENCY_RETURN:
        return False
    from sim.agents.request_at_desk import is_on_the_phone  # imports Numba; few requests need it
    from sim.engine.compiling import in_python

    return not in_python(is_on_the_phone)(request)


def _evidence(events: Events, request: Any) -> Iterator[Entry]:
    """Preservation and loss of the data meanwhile."""
    if request.evidence < 0:
        return
    item, drafted = events["evidence"][request.evidence], float(request.drafted)
    if is_set(item.frozen_from) and item.frozen_from >= drafted:
        text = events.say("The data are preserved through the 24/7 point until {frozen_until:date}.", item)
        yield Entry(float(item.frozen_from), text, Tone.PROGRESS)
    frozen = float(item.frozen_until) if is_set(item.frozen_until) else -math.inf
    gone = max(min(float(item.retained_until), float(item.moves_at)), frozen)
    if gone < ended_by(request.ended, events.end):
        why = "their server moves" if item.moves_at < item.retained_until else "the custodian deletes them"
        why = "their preservation runs out" if gone == frozen else why
        early = " even before it was drafted" if gone < drafted else ""
        yield Entry(max(gone, drafted), f"The data are gone{early}: {why} on {date(gone)}.", Tone.SETBACK)


def ending(events: Events, row: int) -> Entry:
    """How a request ended, and why; on the last day observed where it is still open."""
    request = events["request"][row]
    day, length = ended_by(request.ended, events.end), days(duration(events, row))
    if request.status != RequestStatus.EXECUTED:
        text = f"The end: {events.say(_failing(events, row), request).replace(_TOOK, f'after {length}')}"
        if is_given_up(request) and is_set(request.ended):
            text += f"; its sender had given it up on {date(float(request.given_up))}"
        return Entry(day, f"{text}.", Tone.SETBACK)
    if request.abusive != Abuse.NONE:
        exposed = events.say("Data of {accounts:# account} were handed over to recipients", request)
        return Entry(day, f"It is executed, after {length}. {exposed} who had no right to them.", Tone.SETBACK)
    if Channel(request.channel) is Channel.POLICE:
        return Entry(day, f"Police answer with a lead, after {length}.", Tone.MILESTONE)
    late = is_set(request.deadline_days) and request.ended - request.sent > request.deadline_days
    return Entry(day, f"It is executed, after {length}{', past its deadline' if late else ''}.", Tone.MILESTONE)
