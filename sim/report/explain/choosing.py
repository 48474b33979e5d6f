"""Which cases are worth reading first: complete actions, then partial ones, then long cases."""

from collections.abc import Iterator
from dataclasses import dataclass

from sim.report.explain import wording
from sim.report.explain.book import Book, ended_by
from sim.report.explain.groups import case_end
from sim.report.explain.wording import date, days, state
from sim.world.records import CaseStatus

_EACH = 6
#: Never opened, or told as part of another case.
_UNTOLD = (CaseStatus.DROPPED_CAPACITY, CaseStatus.NO_OFFENCE, CaseStatus.MERGED)


@dataclass(frozen=True)
class Choice:
    """A case in a list.

    Attributes:
        case: row.
        unit, opened, length: who, when, how long.
        why: what makes it telling.
    """

    case: int
    unit: str
    opened: str
    length: str
    why: str


def telling_cases(book: Book) -> list[Choice]:
    """The most telling cases, the most instructive kind first."""
    chosen: list[Choice] = []
    for choice in (*_with_action(book, complete=1), *_with_action(book, complete=0), *_long(book)):
        if choice.case not in {other.case for other in chosen}:
            chosen.append(choice)
    return chosen


def _with_action(book: Book, *, complete: int) -> Iterator[Choice]:
    """Cases with an action day, those with the most partner states first."""
    action = book["action"]
    rows = sorted(book.where("action", complete=complete), key=lambda row: (-action.states[row], action.day[row]))
    cases = dict.fromkeys(int(action.case[row]) for row in rows)
    for case in list(cases)[:_EACH]:
        row = next(row for row in rows if action.case[row] == case)
        took = (
            "took the group down"
            if complete
            else f"removed {action.killed[row]} of {action.nodes[row]} control servers"
        )
        partners = wording.count(int(action.states[row]) - 1, "partner state")
        arrests = f", {wording.count(int(action.arrests[row]), 'arrest')}" if action.arrests[row] else ""
        yield _choice(book, case, f"action day on {date(action.day[row])} {took}: {partners}{arrests}")


def _long(book: Book) -> Iterator[Choice]:
    """The longest cases without an action day."""
    case = book["case"]
    rows = [row for row in range(len(case)) if case.status[row] not in _UNTOLD and case.actions[row] == 0]
    rows.sort(key=lambda row: case.opened[row] - ended_by(float(case.closed[row]), book.end))
    for row in rows[:_EACH]:
        end = case_end(book, row) or "still open"
        yield _choice(book, row, f"long, no action day: {end}")


def _choice(book: Book, row: int, why: str) -> Choice:
    case = book["case"][row]
    length = days(ended_by(float(case.closed), book.end) - case.opened)
    return Choice(row, state(book.code(case.state)), date(case.opened), length, why)
