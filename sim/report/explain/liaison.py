"""Where a liaison body or a liaison officer acted in a case or for a request (M20)."""

from collections.abc import Iterator
from types import MappingProxyType

import numpy as np

from sim.report.explain.account import Entry, Tone
from sim.report.explain.book import Book, is_set
from sim.report.explain.wording import count, days, listing, state, times
from sim.world.records import Body, RequestStatus, Task, TaskResult

BODIES = MappingProxyType(
    {
        Body.INTERPOL: "INTERPOL",
        Body.EUROPOL: "Europol",
        Body.JCAT: "J-CAT",
        Body.EUROJUST: "Eurojust",
        Body.CONTACT_POINTS: "the 24/7 point",
        Body.BUILDERS: "capacity builders",
    }
)
_HELPED = MappingProxyType(
    {
        Task.COMPARE: "finds, by comparing what both units gave it, that another unit aims at the same group",
        Task.DECONFLICT: "tells the unit, before it acts, of another that aims at the same group",
        Task.NOTICE: "publishes a notice that a member is wanted",
        Task.COORDINATE: "has prosecutors of the states that take part meet: they are ready sooner",
        Task.ACTION_DAY: "hosts the preparation of the action day, so that all can act at once",
    }
)
_EUROJUST = MappingProxyType(
    {
        RequestStatus.OPEN: "Eurojust saw to it.",
        RequestStatus.WITHDRAWN: "Eurojust saw to it, in vain.",
    }
)


def support_entries(book: Book, case: int) -> Iterator[Entry]:
    """Answers of bodies that moved a case; what they gave for single steps is summed up in `in_short`."""
    for row in book.where("referral", case=case, result=TaskResult.HELPED):
        referral = book["referral"][row]
        task = Task(referral.task)
        if task in _HELPED and is_set(referral.answered):
            took = days(referral.answered - referral.asked)
            yield Entry(
                float(referral.answered),
                f"{BODIES[Body(referral.body)]} {_HELPED[task]}, {took} after being asked.",
                Tone.PROGRESS,
            )


def in_short(book: Book, case: int) -> list[str]:
    """One sentence on all that bodies and officers did for a case; none where they did nothing."""
    rows = book.where("referral", case=case)
    body, task = book["referral"].body[rows], book["referral"].task[rows]
    result = book["referral"].result[rows]
    parts = []
    for which in BODIES:
        asked = body == which
        if asked.any():
            helped = int((asked & (result == TaskResult.HELPED)).sum())
            parts.append(f"{BODIES[which]} ({count(int(asked.sum()), 'file')}, {helped} of help)")
    analysed = int(((task == Task.ANALYSE) & (result == TaskResult.HELPED)).sum())
    request = book["request"]
    own = request.case == case
    officer = int((own & (request.officer >= 0)).sum())
    mended = int(request.returns_saved[own].sum())
    facts = [f"Liaison bodies were asked: {listing(parts)}."] if parts else []
    if analysed:
        facts.append(f"Europol's analysts let a trail go on sooner {times(analysed)}.")
    if officer:
        saved = f", and saved {count(mended, 'return')}" if mended else ""
        facts.append(f"Liaison officers looked after {officer} of its requests{saved}.")
    return facts


def request_facts(book: Book, row: int) -> list[str]:
    """Who helped a request along."""
    request = book["request"][row]
    facts = []
    if request.officer >= 0:
        host = state(book.code(book["posting"].host[int(request.officer)]))
        saved = f" and saved {count(int(request.returns_saved), 'return')}" if request.returns_saved else ""
        facts.append(f"A liaison officer posted in {host} looked after it{saved}.")
    if (int(request.helped) >> Body.EUROJUST) & 1:
        facts.append(_EUROJUST.get(RequestStatus(request.status), "Eurojust saw to it: what came after went faster."))
    return facts


def request_entries(book: Book, row: int) -> Iterator[Entry]:
    """The day on which Eurojust had seen to a request."""
    referral = book["referral"]
    wanted = (referral.subject == row) & (referral.task == Task.FACILITATE) & (referral.result == TaskResult.HELPED)
    for place in np.flatnonzero(wanted):
        took = days(referral.answered[place] - referral.asked[place])
        yield Entry(
            float(referral.answered[place]), f"Eurojust has seen to it, {took} after being asked.", Tone.PROGRESS
        )
