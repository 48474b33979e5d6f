"""A step of a lead in sentences: the answer, or the loss and its cause; repeated losses are folded."""

from collections import Counter
from collections.abc import Sequence

from sim.law.vocabulary import DataKind
from sim.report.explain import phrases, wording
from sim.report.explain.account import Entry, Tone
from sim.report.explain.book import Book, is_set
from sim.report.explain.queues import Desks
from sim.report.explain.steps import Lead, Outcome, Step
from sim.report.explain.wording import date, days, state
from sim.world.records import EvidenceStatus, RequestStatus


def step_entry(desks: Desks, lead: Lead, step: Step) -> Entry:
    """A single step."""
    if step.outcome is Outcome.LOST:
        why, mark = _single_loss(desks, step), f" [request {step.formal[-1]}]" if step.formal else ""
        return Entry(step.ended, f"{_place(lead, step)} lost: {why}.{_around(desks, step)}{mark}", Tone.SETBACK)
    if step.by_lead:
        return Entry(step.ended, _by_police(desks.book, lead, step), Tone.PROGRESS)
    return Entry(step.ended, _by_evidence(desks, lead, step), Tone.PROGRESS)


def _place(lead: Lead, step: Step) -> str:
    return f"Lead {lead.number}, step {step.number}"


def _by_evidence(desks: Desks, lead: Lead, step: Step) -> str:
    """A formal answer."""
    book = desks.book
    row = executed(book, step)
    request = book["request"][row]
    data, way = wording.DATA[DataKind(request.data_kind)], phrases.way(book, row)
    text = (
        f"{_place(lead, step)} answered after {days(step.ended - request.drafted)}: {data} from "
        f"{phrases.custodian(book, row)}, by {way}{_urgency(request.urgent)}{_deadline(request)}."
    )
    where = phrases.where_time_went(desks, row)
    text += f" Longest: {where}." if where else ""
    item = book["evidence"][step.item]
    if item.decrypted:
        text += " It was encrypted; the laboratory opened it."
    if item.status == EvidenceStatus.INADMISSIBLE:
        why = "nobody can vouch for the way it travelled" if item.excluded else "it was given voluntarily"
        text += f" No court may use it: {why}."
    return f"{text}{_earlier(desks, step, row)}{_around(desks, step)}{end_of(lead, step)} [request {row}]"


def _by_police(book: Book, lead: Lead, step: Step) -> str:
    """Police information was enough."""
    request = book["request"][step.lead]
    open_still = f" The formal request of {date(step.asked)} was still open." if step.formal else ""
    return (
        f"{_place(lead, step)}: police of {state(book.code(request.requested))} answered after "
        f"{days(request.ended - request.sent)} ({phrases.way(book, step.lead)}), which was enough to go on."
        f"{open_still}{end_of(lead, step)}"
    )


def end_of(lead: Lead, step: Step) -> str:
    """Whether the trail ends here."""
    if not lead.complete or step is not lead.steps[-1]:
        return ""
    return f" The trail ends here: it led to {'a core member' if lead.to_person else 'a control server'}."


def _urgency(urgent: float) -> str:
    return ", urgent" if urgent == 1 else ", routine"


def _deadline(request: object) -> str:
    """The deadline that the instrument set."""
    length = request.deadline_days  # type: ignore[attr-defined]
    return f", deadline {days(length)}" if is_set(length) else ""


def _single_loss(desks: Desks, step: Step) -> str:
    """Why one step was lost, and where the request had been meanwhile."""
    if not step.formal:
        return _not_asked(desks.book, step)
    row = step.formal[-1]
    request = desks.book["request"][row]
    data, way = wording.DATA[DataKind(request.data_kind)], phrases.way(desks.book, row)
    asked = f"{data}, asked on {date(request.drafted)} by {way}"
    where = phrases.where_time_went(desks, row)
    spent = f"; {where}" if where and request.silent == 0 else ""
    return f"{phrases.failure(desks.book, row)} ({asked}{_urgency(request.urgent)}{spent}){_earlier(desks, step, row)}"


def _not_asked(book: Book, step: Step) -> str:
    item = book["evidence"][step.item]
    return (
        f"no formal request to {state(book.code(item.state))} for {wording.DATA[DataKind(item.data_kind)]}: "
        "no way was open, or none seemed worth it"
    )


def _earlier(desks: Desks, step: Step, row: int) -> str:
    """Requests for the same item before the one that is told."""
    before = phrases.failures(desks.book, [other for other in step.formal if other < row])
    return f" Before that, {'; '.join(before)}." if before else ""


def _around(desks: Desks, step: Step) -> str:
    """What police said, and what was preserved."""
    return _police(desks.book, step) + _freeze(desks.book, step)


def _police(book: Book, step: Step) -> str:
    """The answer of police to the question beside the formal request."""
    if step.lead < 0 or step.by_lead:
        return ""
    request = book["request"][step.lead]
    place = state(book.code(request.requested))
    if request.status == RequestStatus.EXECUTED:
        return f" Police of {place} gave a lead after {days(request.ended - request.sent)}."
    return f" Police of {place} declined to help." if request.status == RequestStatus.REFUSED else ""


def _freeze(book: Book, step: Step) -> str:
    """What was preserved, and until when."""
    item = book["evidence"][step.item]
    if is_set(item.frozen_from):
        return f" Preserved through the 24/7 point from {date(item.frozen_from)} to {date(item.frozen_until)}."
    if step.preservation and all(book["request"].status[row] == RequestStatus.REFUSED for row in step.preservation):
        return " A 24/7 request to preserve it failed."
    return ""


def executed(book: Book, step: Step) -> int:
    """The formal request that was answered."""
    return next(row for row in step.formal if book["request"].status[row] == RequestStatus.EXECUTED)


def folded_entry(book: Book, lead: Lead, steps: Sequence[Step]) -> Entry:
    """Several losses in a row."""
    numbers = sorted({step.number for step in steps})
    which = f"step {numbers[0]}" if len(numbers) == 1 else f"steps {numbers[0]} to {numbers[-1]}"
    text = f"Lead {lead.number}, {which}: {len(steps)} attempts since {date(steps[0].asked)} came to nothing"
    return Entry(steps[-1].ended, f"{text}: {_losses(book, steps)}.{_led(book, steps)}", Tone.SETBACK)


def _losses(book: Book, steps: Sequence[Step]) -> str:
    """Why steps were lost."""
    told = phrases.failures(book, [step.formal[-1] for step in steps if step.formal])
    unasked = Counter(state(book.code(book["evidence"].state[step.item])) for step in steps if not step.formal)
    if unasked:
        places = wording.listing([place if n == 1 else f"{place} ({n})" for place, n in unasked.most_common()])
        told.append(f"no formal request to {places}, as no way was open or none seemed worth it")
    return "; ".join(told)


def _led(book: Book, steps: Sequence[Step]) -> str:
    """What police said meanwhile."""
    said = [step.lead for step in steps if step.lead >= 0]
    gave = sum(book["request"].status[row] == RequestStatus.EXECUTED for row in said)
    return f" Police answered {gave} of {len(said)} questions meanwhile." if said else ""
