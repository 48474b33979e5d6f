"""The life of one request, stage by stage (M6): who waited for whom, behind what, and how it ended."""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.law.vocabulary import Channel, DataKind
from sim.report.explain import abuse, liaison, phrases, trust, wording
from sim.report.explain.account import Account, Entry, Tone, in_order
from sim.report.explain.book import Book, is_set
from sim.report.explain.queues import Desks, Visit, behind
from sim.report.explain.wording import date, days, state
from sim.world.records import Abuse, DeskKind, RequestPurpose, RequestStatus, Stage

_PURPOSES = {
    RequestPurpose.CHAIN: "the next step of a trail",
    RequestPurpose.CORROBORATION: "a supplement of lower value",
    RequestPurpose.ACTION: "authority for the action day",
    RequestPurpose.LEAD: "police information",
    RequestPurpose.PRESERVATION: "freezing of data until a formal request comes",
    RequestPurpose.PRETEXT: "data on a person, with no genuine case behind it",
}
_AT_ONCE = 0.5  # days
_AFTER_RETURN = (Stage.INCOMING_TRIAGE, Stage.COURT_ORDER)
_FOR = {
    Stage.TRANSLATION: " for translation",
    Stage.DEFICIENCY_RETURN: " with what it lacked",
    Stage.REVIEW: " for review",
    Stage.RETURN: " so that the answer is sifted",
}


def request_account(book: Book, row: int) -> Account:
    """The story of a request."""
    request, desks = book["request"][row], Desks(book)
    visits = desks.visits(row)
    entries = [
        Entry(float(request.drafted), _drafted(book, row), Tone.MILESTONE),
        *_sending(book, row),
        *_desk_entries(book, row, visits),
        *_evidence(book, row),
        *liaison.request_entries(book, row),
        _ending(book, row),
    ]
    asides = []
    if request.case >= 0:
        asides = [f"--case {request.case}: the case that it belongs to", f"--group {request.group}: the group"]
    title = f"Request {row}: {state(book.code(request.requesting))} to {state(book.code(request.requested))}"
    return Account(title, _facts(desks, row), in_order(entries), float(request.drafted), asides)


def _facts(desks: Desks, row: int) -> list[str]:
    """The request in short."""
    book = desks.book
    request, terms = book["request"][row], book.terms(book["request"].instrument[row])
    what = wording.DATA[DataKind(request.data_kind)]
    facts = [f"{what.capitalize()} from {phrases.custodian(book, row)}, by {phrases.way(book, row)}."]
    if terms is not None:
        deadline = f"deadline {days(request.deadline_days)}" if is_set(request.deadline_days) else "no deadline"
        force = ", whose breach has a cost" if request.enforceable == 1 and is_set(request.deadline_days) else ""
        facts.append(f"The instrument: {terms.article}; {deadline}{force}.")
    urgent = "It was urgent." if request.urgent == 1 else "It was a routine request."
    facts.append(f"{urgent} It was meant for {_PURPOSES[RequestPurpose(request.purpose)]}.")
    if told := trust.trust_fact(book, row):
        facts.append(told)
    facts += liaison.request_facts(book, row)
    if request.abusive != Abuse.NONE:
        facts.append(abuse.truth(book, row))
    elif request.accounts > 1:
        others = wording.count(int(request.accounts) - 1, "other account")
        facts.append(f"Data of {others} were handed over with the one that it was about.")
    lengths = phrases.stage_lengths(book, row).items()
    parts = [f"{phrases.STAGES[stage]} {length:.0f}" for stage, length in lengths if length >= 1.0]
    return [*facts, f"Its days by stage: {', '.join(parts)}."] if parts else facts


def _drafted(book: Book, row: int) -> str:
    request = book["request"][row]
    if request.case < 0:
        return f"{state(book.code(request.requesting))} begins to draft it{_in_whose_name(request)}."
    step = f", step {request.hop + 1} of lead {book['chain'].ordinal[request.chain] + 1}" if request.chain >= 0 else ""
    return f"{state(book.code(request.requesting))} begins to draft it, for case {request.case}{step}."


def _in_whose_name(request: np.record) -> str:
    """Who is behind a request without a case."""
    return ", or so it seems" if request.abusive == Abuse.FALSE_EMERGENCY else ""


def _sending(book: Book, row: int) -> Iterator[Entry]:
    """Translation and sending."""
    request = book["request"][row]
    if is_set(request.sent) and request.sent > request.drafted:
        spent = [
            f"{days(float(request[f'stage_{stage.value}']))} of {word}"
            for stage, word in ((Stage.DRAFTING, "drafting"), (Stage.TRANSLATION, "translation"))
            if request[f"stage_{stage.value}"] >= 1.0
        ]
        after = f" after {wording.listing(spent)}" if spent else ""
        yield Entry(float(request.sent), f"It is sent to {state(book.code(request.requested))}{after}.", Tone.PROGRESS)


def _desk_entries(book: Book, row: int, visits: Sequence[Visit]) -> Iterator[Entry]:
    """Arrival at each desk, and what the desk did; a desk that is visited again had sent the file back."""
    request = book["request"][row]
    for number, visit in enumerate(visits):
        desk = f"{wording.DESKS[visit.kind]} {state(book.code(visit.state))}"
        if visit.started - visit.arrived < _AT_ONCE:
            yield Entry(visit.arrived, f"It reaches {desk}{_FOR.get(visit.stage, '')} and is taken up at once.")
        else:
            yield from _waiting(visit, desk)
        again = any(later.stage is visit.stage for later in visits[number + 1 :])
        returned = again or (visit is visits[-1] and _sent_back(request, visit))
        if trust.was_phoned(request, visit, again):
            yield Entry(visit.ended, f"{desk} asks by phone for what it lacks, instead of a return.", Tone.PROGRESS)
        if returned and is_set(visit.ended) and is_set(visit.started):
            lacks = "more evidence" if visit.kind is DeskKind.COURT else "what it lacks"
            yield Entry(visit.ended, f"{desk} returns it and asks for {lacks}.", Tone.SETBACK)


def _waiting(visit: Visit, desk: str) -> Iterator[Entry]:
    """A file that waits at a desk."""
    yield Entry(visit.arrived, f"It reaches {desk}{_FOR.get(visit.stage, '')}, {behind(visit)}.")
    if is_set(visit.started):
        yield Entry(visit.started, f"{desk} takes it up after {days(visit.started - visit.arrived)}.")


def _sent_back(request: object, visit: Visit) -> bool:
    """Whether the last desk returned a file that never came back."""
    stage, loops = request.stage, request.loops  # type: ignore[attr-defined]
    given_up = request.status == RequestStatus.WITHDRAWN and request.ended == visit.ended  # type: ignore[attr-defined]
    returned = stage == Stage.DEFICIENCY_RETURN and not trust.is_on_the_phone(request)
    return visit.stage in _AFTER_RETURN and loops > 0 and (returned or given_up)


def _evidence(book: Book, row: int) -> Iterator[Entry]:
    """What happened to the data meanwhile."""
    request = book["request"][row]
    if request.evidence < 0:
        return
    item = book["evidence"][request.evidence]
    last = request.ended if is_set(request.ended) else book.end
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


def _ending(book: Book, row: int) -> Entry:
    """How it ended."""
    request = book["request"][row]
    day = float(request.ended) if is_set(request.ended) else book.end
    if request.status != RequestStatus.EXECUTED:
        return Entry(day, f"The end: {phrases.failure(book, row)}.", Tone.SETBACK)
    length = days(request.ended - request.drafted)
    if request.abusive != Abuse.NONE:
        return Entry(day, f"It is executed, after {length}. {abuse.exposed(book, row)}", Tone.SETBACK)
    if Channel(request.channel) is Channel.POLICE:
        return Entry(day, f"Police answer with a lead, after {length}.", Tone.MILESTONE)
    late = is_set(request.deadline_days) and request.ended - request.sent > request.deadline_days
    return Entry(day, f"It is executed, after {length}{', past its deadline' if late else ''}.", Tone.MILESTONE)
