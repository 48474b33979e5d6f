"""The life of a criminal group: entry, brands, cases against it, actions, returns, end (M16, M17)."""

from collections.abc import Iterator

from sim.report.explain import wording
from sim.report.explain.account import Account, Entry, Tone, in_order
from sim.report.explain.adaptation import adaptation_entries
from sim.report.explain.book import Book, is_set
from sim.report.explain.custody import fates, member_entries
from sim.report.explain.preparation import action_text
from sim.report.explain.wording import date, days, state
from sim.world.records import CaseStatus, GroupStatus, SpellCause

_NEVER_OPENED = (CaseStatus.DROPPED_CAPACITY, CaseStatus.NO_OFFENCE)
_ENDS = {
    CaseStatus.SOLVED: "its action day took the group down",
    CaseStatus.MERGED: "it worked with the case it had joined until that ended",
    CaseStatus.DROPPED_ATTRITION: "the unit gave it up: people left or priorities changed",
    CaseStatus.CLOSED_GROUP_GONE: "the group was gone",
}


def group_account(book: Book, row: int) -> Account:
    """The story of a group."""
    group = book["group"][row]
    entries = [
        *group_entries(book, row, float(group.entered)),
        *_actions(book, row),
        *member_entries(book, group=row),
        *adaptation_entries(book, row),
        *_cases(book, row),
    ]
    cases = book["case"].status[book.where("case", group=row)]
    opened = sum(status not in _NEVER_OPENED for status in cases)
    facts = [
        f"{describe(book, row)} It entered on {date(group.entered)} and {_end(book, row)}.",
        f"{wording.count(cases.size, 'report')} reached police; {wording.count(opened, 'case')} came of them. "
        f"Core members at the end of the run: {fates(book, row)}.",
    ]
    told = [int(number) for number in book.where("case", group=row) if book["case"].status[number] not in _NEVER_OPENED]
    asides = [f"--case {number}: what the unit of {_unit(book, number)} did" for number in told[:6]]
    return Account(f"Group {row}: {wording.kind_of_group(group.kind)}", facts, in_order(entries), group.entered, asides)


def _actions(book: Book, row: int) -> Iterator[Entry]:
    """Action days against a group."""
    for number in book.where("action", group=row):
        text = f"Case {book['action'].case[number]}: {action_text(book, int(number))}"
        yield Entry(float(book["action"].day[number]), text, Tone.MILESTONE)


def describe(book: Book, row: int) -> str:
    """Kind, size and home of a group."""
    group = book["group"][row]
    return (
        f"Group {row}: {wording.kind_of_group(group.kind)} living in {state(book.code(group.home))}, "
        f"{wording.count(group.members, 'core member')}, {wording.count(group.nodes, 'control server')}."
    )


def group_entries(book: Book, row: int, since: float, *, actions: bool = False) -> Iterator[Entry]:
    """Changes of a group's state from a day on.

    Args:
        book: the tables.
        row: of the group.
        since: first day.
        actions: whether actions against it are told here as well.
    """
    for number in book.where("spell", group=row):
        spell = book["spell"][number]
        if spell.day >= since and (text := _change(book, int(number), actions=actions)):
            tone = Tone.PLAIN if spell.cause in (SpellCause.ENTRY, SpellCause.REBRAND) else Tone.SETBACK
            yield Entry(float(spell.day), text, tone)
    for number in book.where("leak", group=row):
        if book["leak"].day[number] >= since:
            yield Entry(float(book["leak"].day[number]), leak_text(book, int(number)), Tone.SETBACK)


def leak_text(book: Book, number: int) -> str:
    """Who leaked, how many could have, and what it did."""
    leak = book["leak"][number]
    source = state(book.code(leak.state))
    case = book["case"][leak.case]
    whose = "its own" if leak.state == case.state else "a partner's" if leak.takes_part else "one that was only asked"
    way = "" if leak.protected else ", told by ways that were not secure"
    until = date(leak.day + book.setting("criminal", "alert_days"))
    known = wording.count(leak.recipients, "state knows", "states know")
    traced = " It is traced: who takes part trusts that state less." if leak.traced else ""
    return (
        f"Somebody in {source} ({whose}{way}) warns the group of case {leak.case}, of which {known}: until {until} "
        f"evidence goes faster, and known servers may move at once.{traced}"
    )


def case_end(book: Book, row: int) -> str:
    """Why a case ended."""
    case = book["case"][row]
    status = CaseStatus(case.status)
    if status is CaseStatus.CLOSED_GROUP_GONE:
        return _gone(book, row)
    return _ENDS.get(status, "")


def _gone(book: Book, row: int) -> str:
    """How a group went that a case was after."""
    case = book["case"][row]
    down = [n for n in book.where("action", group=case.group, complete=1) if book["action"].day[n] <= case.closed]
    if down and book["action"].case[down[-1]] != row:
        return f"the action day of case {book['action'].case[down[-1]]} took the group down on {_day(book, down[-1])}"
    return "the group ended by itself, untouched by the law"


def _day(book: Book, action: int) -> str:
    return date(book["action"].day[action])


def _cases(book: Book, row: int) -> Iterator[Entry]:
    """Cases that were opened; the others are counted only."""
    for number in book.where("case", group=row):
        case = book["case"][number]
        if case.status in _NEVER_OPENED:
            continue
        yield Entry(float(case.opened), f"{_unit(book, int(number))} opens case {number}.", Tone.PROGRESS)
        if is_set(case.closed) and case.status != CaseStatus.SOLVED:
            length = days(case.closed - case.opened)
            text = f"case {number} of {_unit(book, int(number))} ends after {length}: {case_end(book, int(number))}."
            yield Entry(float(case.closed), text)


def _unit(book: Book, case: int) -> str:
    return state(book.code(book["case"].state[case]))


def _change(book: Book, number: int, *, actions: bool) -> str:
    """One change of a group's capability; nothing for changes that are told elsewhere."""
    spell = book["spell"][number]
    cause, left = SpellCause(spell.cause), wording.share(float(spell.capability))
    if cause in (SpellCause.PARTIAL_ACTION, SpellCause.TAKEDOWN):
        done = "takes the group down" if cause is SpellCause.TAKEDOWN else f"hits the group, which keeps {left}"
        return f"Case {spell.case} {done}." if actions else ""
    return {
        SpellCause.ENTRY: "The group begins its work.",
        SpellCause.REBRAND: "The group takes a new name and moves some of its servers.",
        SpellCause.RETURN: f"The group is back, on new servers, with {left} of its capability.",
        SpellCause.REBUILT: "The group has its whole capability again.",
        SpellCause.SELF_EXIT: "The group ends by itself.",
        SpellCause.USERS_JOINED: "",  # told with the bands that move
        SpellCause.USERS_LEFT: "",
    }[cause]


def _end(book: Book, row: int) -> str:
    """How a group stands at the end of the run."""
    group = book["group"][row]
    status = GroupStatus(group.status)
    if status is GroupStatus.REMOVED:
        return f"was taken down for good on {date(group.ended)}"
    if status is GroupStatus.EXITED:
        return f"ended by itself on {date(group.ended)}"
    return "is down at the end of the run" if status is GroupStatus.DOWN else "is still at work at the end of the run"
