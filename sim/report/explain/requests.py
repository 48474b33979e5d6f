"""The life of one request (M6): what it asks, who waited for whom, behind what, where its time went, how it ended."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from sim.report.explain.events import Events, Visit, behind, ended_by, is_given_up, is_set, stage_lengths, visits_of
from sim.report.explain.words import Account, Entry, Tone, date, days, times
from sim.results import labels
from sim.results.words import listing
from sim.world.records import Body, DeskKind, RequestPurpose, RequestStatus, Stage

_TOOK = "⟨length⟩"  # stands for the length of a request in the text of its failure
_LEAST_SHARE, _LEAST_DAYS, _MOST = 0.1, 5.0, 3  # of stages that are named among the longest
_AT_ONCE = 0.5  # days


def request_account(events: Events, row: int) -> Account:
    """The life of a request."""
    request = events["request"][row]
    lead = str(events["chain"].ordinal[request.chain] + 1) if request.chain >= 0 else ""
    drafted = float(request.drafted)
    entries = [Entry(drafted, events.said("drafted", request, lead=lead), Tone.MILESTONE)]
    entries += [*_at_desks(events, row), *_evidence(events, request)]
    entries += [*events.reports(row, "request"), ending(events, row)]
    asides = [f"--case {request.case}: the case that it belongs to", f"--group {request.group}: the group"]
    title = events.say(f"Request {row}: {{requesting:state}} to {{requested:state}}", request)
    entries.sort(key=lambda entry: entry.day)
    return Account(title, [*filter(None, _facts(events, row))], entries, drafted, asides if request.case >= 0 else ())


def duration(events: Events, row: int) -> float:
    """Days from the first draft to the end, or to the end of the run."""
    request = events["request"][row]
    return ended_by(request.ended, events.end) - float(request.drafted)


def gone_on(events: Events, item: Any) -> float:
    """Day on which a lost item was gone; NaN where it was not lost in that way."""
    lost = events.first("lost", item)
    return float(item[lost.day]) if lost and lost.day else math.nan


def failures(events: Events, rows: Sequence[int], until: float = math.inf) -> list[str]:
    """Ends of requests without a result, as the agency could know them and as the model knows them.

    Requests that ended alike are counted together, the most frequent end first. After `until` nobody waits.
    """
    alike: dict[str, list[float]] = {}
    for row in rows:
        request, length = events["request"][row], duration(events, row)
        if until < ended_by(request.ended, events.end):
            text, length = events.said("still waiting", request), until - float(request.drafted)
        elif is_given_up(request):
            text, length = events.said("given up", request), float(request.given_up - request.drafted)
        else:
            text = _failing(events, row)
        alike.setdefault(text, []).append(length)
    parts = []
    for text, lengths in sorted(alike.items(), key=lambda item: -len(item[1])):
        span = " to ".join(dict.fromkeys((days(min(lengths)), days(max(lengths)))))
        took = text.replace(_TOOK, f"after {span}")
        parts.append(took if len(lengths) == 1 else f"{times(len(lengths))} {took}")
    return parts


def _failing(events: Events, row: int) -> str:
    """A failure, with a mark where its length belongs."""
    request = events["request"][row]

    def gone(_: Any) -> str:
        """How the data were lost that it asked for."""
        item = events["evidence"][request.evidence]
        early = ", before they were even requested" if gone_on(events, item) < request.drafted else ""
        return f"{events.said('lost', item)}{early}"

    served = events["job"].ended[events.where("job", request=row)]
    returned = "unanswered by {requested:state}"
    if served.size and served[-1] == request.ended:  # it ended as a desk finished with it
        returned = "when {requested:state} returned it as deficient"
    return events.said("failure", request, gone=gone, returned=events.say(returned, request))


def where_time_went(events: Events, row: int, before: str = "", after: str = "") -> str:
    """The longest stages of a request, and what it waited behind, between two texts; empty where none is long."""
    lengths, parts = stage_lengths(events, row), []
    least = max(_LEAST_SHARE * sum(lengths.values()), _LEAST_DAYS)
    for stage in sorted(lengths, key=lambda stage: -lengths[stage])[:_MOST]:
        if lengths[stage] >= least:
            visits = [visit for visit in visits_of(events, row) if visit.stage is stage is Stage.INCOMING_TRIAGE]
            waited = f" ({behind(visits[0])})" if visits else ""
            parts.append(f"{days(lengths[stage])} {events.said(f'spent {stage.name}', events['request'][row])}{waited}")
    return f"{before}{listing(parts)}{after}" if parts else ""


def _facts(events: Events, row: int) -> Iterator[str]:
    """The request in short."""
    request, terms = events["request"][row], events.terms(events["request"].instrument[row])
    what = events.say("{data_kind:data}", request).capitalize()
    yield events.say(f"{what} from {{custodian}}, by {{way}}.", request)
    yield events.said("instrument", request, article=terms.article) if terms is not None else ""
    yield events.said("purpose", request)
    yield from _trust(events, request)
    yield events.said("officer", request, host=lambda _: events.state(events["posting"].host[int(request.officer)]))
    yield events.said("followed up", request) if (int(request.helped) >> Body.EUROJUST) & 1 else ""
    yield events.said("truth", request)
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
    yield events.say(text, request)


def _at_desks(events: Events, row: int) -> Iterator[Entry]:
    """Sending, arrival at each desk, what the desk did; a second visit shows that the desk had returned the file."""
    request, visits = events["request"][row], visits_of(events, row)
    if is_set(request.sent) and request.sent > request.drafted:
        lengths = {stage: float(request[f"stage_{stage.value}"]) for stage in (Stage.DRAFTING, Stage.TRANSLATION)}
        spent = [f"{days(n)} {events.said(f'spent {stage.name}', request)}" for stage, n in lengths.items() if n >= 1.0]
        text = f"It is sent to {{requested:state}}{f' after {listing(spent)}' if spent else ''}."
        yield Entry(float(request.sent), events.say(text, request), Tone.PROGRESS)
    for number, visit in enumerate(visits):
        desk = f"{labels.DESKS[visit.kind]} {events.state(visit.state)}"
        reaches = f"It reaches {desk}{events.said(f'for {visit.stage.name}', request)}"
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
    day = ended_by(request.ended, events.end)
    if request.status == RequestStatus.EXECUTED and (end := events.first("end", request)):
        late = is_set(request.deadline_days) and request.ended - request.sent > request.deadline_days
        return Entry(day, events.say(end.text, request, late=", past its deadline" if late else ""), end.tone)
    text = f"The end: {_failing(events, row).replace(_TOOK, f'after {days(duration(events, row))}')}"
    if is_given_up(request) and is_set(request.ended):
        text += f"; its sender had given it up on {date(float(request.given_up))}"
    return Entry(day, f"{text}.", Tone.SETBACK)
