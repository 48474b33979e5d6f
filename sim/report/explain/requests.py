"""Describes the life of one request, stage by stage (M6): who waited for whom, behind what, and how it ended."""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.law.vocabulary import Channel, DataKind, Offence
from sim.report.explain import phrases
from sim.report.explain.account import OF_REQUEST, Account, Entry, Tone, entries_from, in_order
from sim.report.explain.events import Events, ended_by, is_set
from sim.report.explain.phrases import Visit, behind, visits_of
from sim.report.explain.wording import date, days
from sim.results import labels
from sim.results.words import counted, listing
from sim.world.records import Abuse, Body, DeskKind, RequestPurpose, RequestStatus, Stage

_PURPOSES = {
    RequestPurpose.CHAIN: "the next step of a trail",
    RequestPurpose.CORROBORATION: "supplementary evidence of lower value",
    RequestPurpose.ACTION: "authority for the action day",
    RequestPurpose.LEAD: "police information",
    RequestPurpose.PRESERVATION: "preservation of data until a formal request comes",
    RequestPurpose.PRETEXT: "data on a person, without a genuine case",
}
_OFFENCES = {
    Offence.ILLEGAL_ACCESS: "illegal access",
    Offence.COMPUTER_FORGERY: "computer forgery",
    Offence.COMPUTER_FRAUD: "computer fraud",
    Offence.MONEY_LAUNDERING: "money laundering",
}
_AT_ONCE = 0.5  # days
_AFTER_RETURN = (Stage.INCOMING_TRIAGE, Stage.COURT_ORDER)
_FOR = {
    Stage.TRANSLATION: " for translation",
    Stage.DEFICIENCY_RETURN: " with what was missing",
    Stage.REVIEW: " for review",
    Stage.RETURN: " for filtering of the answer",
}


def request_account(events: Events, row: int) -> Account:
    """The life of a request."""
    request = events["request"][row]
    entries = [
        Entry(float(request.drafted), _drafted(events, row), Tone.MILESTONE),
        *_sending(events, row),
        *_desk_entries(events, row, visits_of(events, row)),
        *_evidence(events, row),
        *entries_from(events, OF_REQUEST, row),
        ending(events, row),
    ]
    asides = []
    if request.case >= 0:
        asides = [f"--case {request.case}: the case that it belongs to", f"--group {request.group}: the group"]
    title = f"Request {row}: {events.state(request.requesting)} to {events.state(request.requested)}"
    return Account(title, _facts(events, row), in_order(entries), float(request.drafted), asides)


def _facts(events: Events, row: int) -> list[str]:
    """The request in short."""
    request, terms = events["request"][row], events.terms(events["request"].instrument[row])
    what = labels.DATA[DataKind(request.data_kind)]
    facts = [f"{what.capitalize()} from {phrases.custodian(events, row)}, by {phrases.way(events, row)}."]
    if terms is not None:
        deadline = f"deadline {days(request.deadline_days)}" if is_set(request.deadline_days) else "no deadline"
        force = ", whose breach has a cost" if request.enforceable == 1 and is_set(request.deadline_days) else ""
        facts.append(f"The instrument: {terms.article}; {deadline}{force}.")
    urgent = "It was urgent." if request.urgent == 1 else "It was a routine request."
    facts.append(f"{urgent} It was meant for {_PURPOSES[RequestPurpose(request.purpose)]}.")
    facts += [*_trust(events, row), *_support(events, row)]
    if request.abusive != Abuse.NONE:
        facts.append(_truth(events, row))
    elif request.accounts > 1:
        others = counted(int(request.accounts) - 1, "other account")
        facts.append(f"Data of {others} were handed over together with the account that it concerned.")
    lengths = phrases.stage_lengths(events, row).items()
    parts = [f"{labels.STAGES[stage]} {length:.0f}" for stage, length in lengths if length >= 1.0]
    return [*facts, f"Its days by stage: {', '.join(parts)}."] if parts else facts


def _trust(events: Events, row: int) -> Iterator[str]:
    """Trust of the requested state in the requesting one (M19), and a departure of its contact officer.

    Nothing before the request is first read. A departure is reported if it lies between the last two accounts of
    trust before the request ended.
    """
    request, account = events["request"][row], events["trust"]
    if not is_set(request.trust):
        return
    own, place = events.state(request.requesting), events.state(request.requested)
    then = "answered" if request.purpose == RequestPurpose.LEAD else "last read it"
    text = f"{place} trusted {own} at {request.trust:.2f}, from 0 to 1, when it {then}."
    rows = events.where("trust", trusting=request.requested, trusted=request.requesting)
    before = rows[account.day[rows] <= ended_by(request.ended, events.end)]
    if before.size >= 2 and account.contact[before[-1]] != account.contact[before[-2]]:
        since, until = (date(account.day[number]) for number in before[-2:])
        text += (
            f" Its contact officer for {own} had left between {since} and {until}, and trust was lost with that person."
        )
    yield text


def _support(events: Events, row: int) -> Iterator[str]:
    """Help by a liaison officer or by Eurojust (M20)."""
    request = events["request"][row]
    if request.officer >= 0:
        host = events.state(events["posting"].host[int(request.officer)])
        avoided = f" and avoided {counted(int(request.returns_saved), 'return')}" if request.returns_saved else ""
        yield f"A liaison officer posted in {host} supported it{avoided}."
    if (int(request.helped) >> Body.EUROJUST) & 1:
        effect = {RequestStatus.OPEN: ".", RequestStatus.WITHDRAWN: ", in vain."}
        yield f"Eurojust followed it up{effect.get(RequestStatus(request.status), '; later stages were faster.')}"


def _truth(events: Events, row: int) -> str:
    """Facts about a request without a genuine case that only the model knows (part H)."""
    request = events["request"][row]
    if request.abusive == Abuse.FALSE_EMERGENCY:
        own = events.state(request.requesting)
        return f"The model knows: nobody was in danger. It came from impostors who posed as police of {own}."
    pretext = _OFFENCES[Offence(request.offence)]
    if request.abusive == Abuse.DISGUISED:
        return f"The model knows: there was no genuine case. It alleged facts of {pretext} that had not happened."
    return f"The model knows: there was no genuine case. It spoke of {pretext}, but showed no such offence."


def _drafted(events: Events, row: int) -> str:
    request = events["request"][row]
    own = events.state(request.requesting)
    if request.case < 0:
        seeming = ", or so it seems" if request.abusive == Abuse.FALSE_EMERGENCY else ""
        return f"{own} begins to draft it{seeming}."
    lead = (
        f", step {request.hop + 1} of lead {events['chain'].ordinal[request.chain] + 1}" if request.chain >= 0 else ""
    )
    return f"{own} begins to draft it, for case {request.case}{lead}."


def _sending(events: Events, row: int) -> Iterator[Entry]:
    """Translation and sending."""
    request = events["request"][row]
    if is_set(request.sent) and request.sent > request.drafted:
        spent = [
            f"{days(float(request[f'stage_{stage.value}']))} of {word}"
            for stage, word in ((Stage.DRAFTING, "drafting"), (Stage.TRANSLATION, "translation"))
            if request[f"stage_{stage.value}"] >= 1.0
        ]
        after = f" after {listing(spent)}" if spent else ""
        yield Entry(float(request.sent), f"It is sent to {events.state(request.requested)}{after}.", Tone.PROGRESS)


def _desk_entries(events: Events, row: int, visits: Sequence[Visit]) -> Iterator[Entry]:
    """Arrival at each desk, and what the desk did; a second visit shows that the desk had returned the file."""
    request = events["request"][row]
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


def _is_sent_back(request: np.record, visit: Visit) -> bool:
    """Whether the last desk returned a file that did not come back."""
    if visit.stage not in _AFTER_RETURN or request.loops == 0:
        return False
    if request.status == RequestStatus.WITHDRAWN and request.ended == visit.ended:
        return True
    if request.stage != Stage.DEFICIENCY_RETURN:
        return False
    from sim.agents.request_at_desk import is_on_the_phone  # imports Numba; few requests need it
    from sim.engine.compiling import in_python

    return not in_python(is_on_the_phone)(request)


def _evidence(events: Events, row: int) -> Iterator[Entry]:
    """Preservation and loss of the data meanwhile."""
    request = events["request"][row]
    if request.evidence < 0:
        return
    item = events["evidence"][request.evidence]
    last = request.ended if is_set(request.ended) else events.end
    if is_set(item.frozen_from) and item.frozen_from >= request.drafted:
        text = f"The data are preserved through the 24/7 point until {date(item.frozen_until)}."
        yield Entry(float(item.frozen_from), text, Tone.PROGRESS)
    frozen = item.frozen_until if is_set(item.frozen_until) else float("-inf")
    gone = max(min(float(item.retained_until), float(item.moves_at)), float(frozen))
    if gone < last:
        why = "their server moves" if item.moves_at < item.retained_until else "the custodian deletes them"
        why = "their preservation runs out" if gone == frozen else why
        early = " even before it was drafted" if gone < request.drafted else ""
        yield Entry(
            max(gone, float(request.drafted)), f"The data are gone{early}: {why} on {date(gone)}.", Tone.SETBACK
        )


def ending(events: Events, row: int) -> Entry:
    """How a request ended, and why; on the last day observed where it is still open."""
    request = events["request"][row]
    day = float(request.ended) if is_set(request.ended) else events.end
    if request.status != RequestStatus.EXECUTED:
        return Entry(day, f"The end: {phrases.end_without_result(events, row)}.", Tone.SETBACK)
    length = days(request.ended - request.drafted)
    if request.abusive != Abuse.NONE:
        accounts = counted(int(request.accounts), "account")
        exposed = f"Data of {accounts} were handed over to recipients who had no right to them."
        return Entry(day, f"It is executed, after {length}. {exposed}", Tone.SETBACK)
    if Channel(request.channel) is Channel.POLICE:
        return Entry(day, f"Police answer with a lead, after {length}.", Tone.MILESTONE)
    late = is_set(request.deadline_days) and request.ended - request.sent > request.deadline_days
    return Entry(day, f"It is executed, after {length}{', past its deadline' if late else ''}.", Tone.MILESTONE)
