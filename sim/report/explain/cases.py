"""The life of a case, from a victim's report to its end and what the group did afterwards."""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.report.explain import wording
from sim.report.explain.account import Account, Entry, Tone, in_order
from sim.report.explain.book import Book, ended_by, is_set
from sim.report.explain.custody import member_entries
from sim.report.explain.groups import case_end, describe, group_entries
from sim.report.explain.leads import (
    causes,
    first_leads,
    has_many_steps,
    lead_entries,
    opening_entries,
    pending,
    whole_leads,
)
from sim.report.explain.liaison import in_short, support_entries
from sim.report.explain.phrases import STAGES, duration, stage_lengths
from sim.report.explain.preparation import merged_on, preparation_entries
from sim.report.explain.queues import Desks
from sim.report.explain.steps import Lead, leads_of
from sim.report.explain.wording import date, days, state
from sim.world.records import CaseStatus, RequestPurpose, RequestStatus, Stage

_FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
_UNOPENED = {
    CaseStatus.DROPPED_CAPACITY: "no investigator was free for a case of this weight",
    CaseStatus.NO_OFFENCE: "what the group does is no offence there",
}
_SHOWN = 3  # pending steps told one by one
_AFTERWARDS = 6  # changes of the group told after the case


def case_account(book: Book, row: int, *, full: bool = False) -> Account:
    """The story of a case.

    Args:
        book: the tables.
        row: of the case.
        full: every step in an entry of its own, however many there are.
    """
    case, desks = book["case"][row], Desks(book)
    title = f"Case {row}: {_unit(book, row)} against group {case.group}"
    if case.status in _UNOPENED:
        why = f"On {date(case.opened)} a victim reported it there, but no case was opened: {_UNOPENED[case.status]}."
        return Account(title, [describe(book, case.group), why], (), case.opened, _asides(book, row, [], folded=False))
    leads = leads_of(book, row)
    folded = has_many_steps(leads) and not full
    told = whole_leads(desks, leads) if folded else (*opening_entries(book, row, leads), *lead_entries(desks, leads))
    entries = [
        Entry(float(case.opened), _opening(book, row, leads), Tone.MILESTONE),
        *told,
        *preparation_entries(desks, row),
        *support_entries(book, row),
        *member_entries(book, known_by=row),
        *_joins(book, row),
        *_group_meanwhile(book, row),
        _closing(book, row, leads),
        *_group_afterwards(book, row),
    ]
    facts = [_in_short(book, row), *_requests(book, row), *_losses(book, leads), *in_short(book, row)]
    return Account(title, facts, in_order(entries), float(case.opened), _asides(book, row, leads, folded=folded))


def _unit(book: Book, row: int) -> str:
    return state(book.code(book["case"].state[row]))


def _opening(book: Book, row: int, leads: Sequence[Lead]) -> str:
    first = first_leads(leads, float(book["case"].opened[row]))
    return f"A victim's report leads {_unit(book, row)} to open the case" + (f"; {first}." if first else ".")


def _in_short(book: Book, row: int) -> str:
    """Who, against whom, how long, and the end."""
    case = book["case"][row]
    last = ended_by(float(case.closed), book.end)
    worked = f"{_unit(book, row)} worked on it from {date(case.opened)} to {date(last)}, {days(last - case.opened)}"
    end = case_end(book, row) if is_set(case.closed) else "it is still open at the end of the run"
    return f"{describe(book, case.group)} {worked}; {end}."


def _requests(book: Book, row: int) -> Iterator[str]:
    """What was asked abroad, what came of it, and where the time went."""
    request = book["request"]
    mine = [int(r) for r in book.where("request", case=row) if request.requesting[r] != request.requested[r]]
    formal = [r for r in mine if request.purpose[r] in _FORMAL]
    if formal:
        states = len({int(request.requested[r]) for r in formal})
        yield (
            f"Formal requests abroad: {len(formal)} to {wording.count(states, 'state')}: {_ends(book, formal)}. "
            f"Their time: {_time(book, formal)}."
        )
    police = [r for r in mine if request.purpose[r] == RequestPurpose.LEAD]
    frozen = [r for r in mine if request.purpose[r] == RequestPurpose.PRESERVATION]
    parts = [
        f"{asked} of {wording.count(len(rows), one)}"
        for rows, asked, one in (
            (police, f"police gave leads to {_executed(book, police)}", "question"),
            (frozen, f"24/7 points preserved {_executed(book, frozen)}", "item"),
        )
        if rows
    ]
    if parts:
        yield f"Beside them, {wording.listing(parts)}."


def _executed(book: Book, rows: Sequence[int]) -> int:
    return sum(book["request"].status[r] == RequestStatus.EXECUTED for r in rows)


def _ends(book: Book, rows: Sequence[int]) -> str:
    """Requests by how they ended."""
    status = book["request"].status[list(rows)]
    executed = [duration(book, r) for r in rows if book["request"].status[r] == RequestStatus.EXECUTED]
    median = f" (median {days(float(np.median(executed)))})" if executed else ""
    silent = int((book["request"].silent[list(rows)] == 1).sum())
    words = {
        RequestStatus.EXECUTED: f"executed{median}",
        RequestStatus.REFUSED: "refused",
        RequestStatus.NO_DATA: "found nothing usable",
        RequestStatus.WITHDRAWN: "withdrawn",
        RequestStatus.NOT_SENT: "stopped at home",
        RequestStatus.OPEN: "still open",
    }
    parts = [f"{number} {word}" for code, word in words.items() if (number := int((status == code).sum()))]
    unheard = f" (the model knows: {silent} would never have been answered)" if silent else ""
    return wording.listing(parts) + unheard


def _time(book: Book, rows: Sequence[int]) -> str:
    """Stages by their share in the time of some requests, the three largest."""
    total: dict[Stage, float] = {}
    for row in rows:
        for stage, length in stage_lengths(book, row).items():
            total[stage] = total.get(stage, 0.0) + length
    largest = sorted(total, key=lambda stage: -total[stage])[:3]
    whole = sum(total.values()) or 1.0
    return wording.listing([f"{STAGES[stage]} {wording.share(total[stage] / whole)}" for stage in largest])


def _losses(book: Book, leads: Sequence[Lead]) -> Iterator[str]:
    """Why steps were lost."""
    why = causes(book, leads)
    if why:
        total, parts = sum(number for _, number in why), [f"{number} {cause}" for cause, number in why[:6]]
        steps = f"{wording.count(total, 'step')} of its {wording.count(len(leads), 'lead')}"
        yield f"{steps} came to nothing: {', '.join(parts)}."


def _joins(book: Book, row: int) -> Iterator[Entry]:
    """The case joins an older one."""
    lead, day = int(book["case"].merged_into[row]), merged_on(book, row)
    if day is not None:
        text = f"The case joins case {lead} of {_unit(book, lead)}, which is older and aims at the same group."
        yield Entry(day, f"{text} Its leads go on for the two.", Tone.MILESTONE)


def _group_meanwhile(book: Book, row: int) -> Iterator[Entry]:
    """What the group did, and others did to it, while the case was open."""
    case = book["case"][row]
    last = ended_by(float(case.closed), book.end)
    for entry in group_entries(book, int(case.group), float(case.opened), actions=True):
        if entry.day <= last and not entry.text.startswith(f"Case {row} "):
            yield entry


def _closing(book: Book, row: int, leads: Sequence[Lead]) -> Entry:
    """The end of the case, and what was still unanswered then."""
    case = book["case"][row]
    closed, last = is_set(case.closed), ended_by(float(case.closed), book.end)
    left = pending(book, leads, last)
    text = f"The case ends: {case_end(book, row)}." if closed else "The run ends; the case is still open."
    if left:
        more = f"; and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
        text += f" Still unanswered: {'; '.join(left[:_SHOWN])}{more}."
    return Entry(last, text, Tone.MILESTONE)


def _group_afterwards(book: Book, row: int) -> Iterator[Entry]:
    """What the group did after the case."""
    case = book["case"][row]
    if is_set(case.closed):
        later = [
            e for e in group_entries(book, int(case.group), float(case.closed), actions=True) if e.day > case.closed
        ]
        yield from (entry for entry in later[:_AFTERWARDS])


def _asides(book: Book, row: int, leads: Sequence[Lead], *, folded: bool) -> list[str]:
    """Where to look next."""
    asides = [f"--group {book['case'].group[row]}: the whole life of the group"]
    if folded:
        asides.insert(0, f"--case {row} --full: every step of every lead")
    lead = int(book["case"].merged_into[row])
    if lead >= 0:
        asides.append(f"--case {lead}: the case that it joined")
    asides += [f"--case {other}: a case that joined it" for other in book.where("case", merged_into=row)[:4]]
    rows = [step.formal[-1] for lead_ in leads for step in lead_.steps if step.formal]
    if rows:
        longest = max(rows, key=lambda request: duration(book, request))
        asides.append(f"--request {longest}: its longest request, stage by stage")
    return asides
