"""Where trust mattered to a request (M19): how much there was, the phone call, the contact officer who left."""

from typing import Any

from sim.report.explain.book import Book, ended_by, is_set
from sim.report.explain.queues import Visit
from sim.report.explain.wording import date, state
from sim.world.records import RequestPurpose, Stage


def trust_fact(book: Book, row: int) -> str:
    """How far who was asked trusted who asked when it read the request; empty where nobody has read it yet."""
    request = book["request"][row]
    if not is_set(request.trust):
        return ""
    own, place = state(book.code(request.requesting)), state(book.code(request.requested))
    then = "answered" if request.purpose == RequestPurpose.LEAD else "last read it"
    return f"{place} trusted {own} at {request.trust:.2f}, from 0 to 1, when it {then}.{_departure(book, row, own)}"


def _departure(book: Book, row: int, own: str) -> str:
    """The contact officer of who was asked, where one has left between the last two accounts before the end."""
    request, account = book["request"][row], book["trust"]
    rows = book.where("trust", trusting=request.requested, trusted=request.requesting)
    before = rows[account.day[rows] <= ended_by(request.ended, book.end)]
    if before.size < 2 or account.contact[before[-1]] == account.contact[before[-2]]:
        return ""
    since, until = (date(account.day[number]) for number in before[-2:])
    return f" Its contact officer for {own} had left between {since} and {until}, and took trust along."


def was_phoned(request: Any, visit: Visit, later: bool) -> bool:
    """Whether what a file lacked was completed by phone after this visit: it does not come back to that desk."""
    return bool(request.phoned == 1 and visit.stage is Stage.INCOMING_TRIAGE and not later and is_set(visit.ended))


def is_on_the_phone(request: Any) -> bool:
    """Whether a file is being completed by phone just now: it is to go on, not back to the desk."""
    return bool(request.phoned == 1 and request.stage == Stage.DEFICIENCY_RETURN and request.resume == Stage.REVIEW)
