"""The life of a group (M14-M17), and what a case shares with it: arrests, leaks, action days, and how cases end."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sim.report.explain.events import Events, is_set
from sim.report.explain.words import Account, Entry, Tone, date, days
from sim.results import labels
from sim.results.words import counted, listing, per_cent
from sim.world.records import NONE, CaseStatus, MemberStatus

_HEARD_DAYS = 180.0  # before a lesson, in which news of action against peers counts


def group_account(events: Events, row: int) -> Account:
    """The life of a group."""
    group, action = events["group"][row], events["action"]
    cases = [int(number) for number in events.where("case", group=row)]
    opened = [number for number in cases if events["case"].status[number] not in labels.NOT_OPENED]
    entries = list(group_entries(events, row, float(group.entered)))
    for n in events.where("action", group=row):
        entries.append(Entry(float(action.day[n]), f"Case {action.case[n]}: {action_text(events, n)}", Tone.MILESTONE))
    entries += [*events.reports(row, "custody", column="group"), *_lessons(events, row), *_opened_cases(events, opened)]
    members = Counter(int(code) for code in events["member"].status[events.where("member", group=row)])
    fates = listing([f"{n} {MemberStatus(code).name.lower()}" for code, n in members.most_common()])
    facts = [
        f"{described(events, row)} {events.say('It entered on {entered:date} and {end of group}.', group)}",
        f"{counted(len(cases), 'report')} reached police and led to {counted(len(opened), 'case')}. "
        f"Core members at the end of the run: {fates or 'none'}.",
    ]
    asides = [f"--case {number}: what the unit of {unit(events, number)} did" for number in opened[:6]]
    title = events.say(f"Group {row}: {{kind:kind}}", group)
    return Account(title, facts, sorted(entries, key=lambda entry: entry.day), group.entered, asides)


def _opened_cases(events: Events, opened: list[int]) -> Iterator[Entry]:
    """Cases that were opened; the others are only counted."""
    for number in opened:
        case, place = events["case"][number], unit(events, number)
        yield Entry(float(case.opened), f"{place} opens case {number}.", Tone.PROGRESS)
        if is_set(case.closed) and case.status != CaseStatus.SOLVED:
            ends = f"case {number} of {place} ends after {days(case.closed - case.opened)}"
            yield Entry(float(case.closed), f"{ends}: {case_end(events, number)}.")


def unit(events: Events, case: int) -> str:
    """The state whose unit works on a case."""
    return events.state(events["case"].state[case])


def described(events: Events, row: int) -> str:
    """Kind, size and home of a group."""
    return events.said("described", events["group"][row], row=str(row))


def _lessons(events: Events, row: int) -> Iterator[Entry]:
    """What the group learns, who of it leaves, and users that move between it and others."""
    group, action, member = events["group"], events["action"], events["member"]

    def heard(lesson: Any) -> str:
        """Action days against others of its kind, of which it had heard."""
        peers = (group.kind[action.group] == group.kind[row]) & (action.group != row)
        recent = (action.day >= lesson.day - _HEARD_DAYS) & (action.day < lesson.day)
        return counted(int((peers & recent).sum()), "action day")

    yield from events.reports(
        row,
        "group",
        "rival",
        heard=heard,
        probability=lambda lesson: f"{lesson.reason / 1000:.1%}",
        mover=lambda move: events.say("{slot:member}", member[int(move.subject)]),
        left=lambda band: per_cent(float(band.amount / group.users_at_takedown[row])),
        brought=lambda band: per_cent(float(band.amount) / float(group.scale[row])),
    )


def group_entries(events: Events, row: int, since: float, *, actions: bool = False) -> Iterator[Entry]:
    """Changes of a group's state from a day on, with actions against it or without, and leaks."""

    def leaker(leak: Any) -> str:
        """The part of the state that leaked."""
        if leak.state == events["case"].state[leak.case]:
            return "the state of the case"
        return "a partner state" if leak.takes_part else "a state that was only asked"

    def until(leak: Any) -> str:
        """The day on which the alert ends."""
        return date(leak.day + events.setting("criminal", "alert_days"))

    kinds = ("change", "hit", "leak") if actions else ("change", "leak")
    found = events.reports(row, *kinds, leaker=leaker, until=until)
    return (entry for entry in found if entry.day >= since)


def case_end(events: Events, row: int) -> str:
    """The reason for which a case ended, and for which its group was gone."""
    case, action = events["case"][row], events["action"]
    if case.status != CaseStatus.CLOSED_GROUP_GONE:
        return labels.CASE_ENDS.get(CaseStatus(case.status), "")
    down = [n for n in events.where("action", group=case.group, down=1) if action.day[n] <= case.closed]
    if down and action.case[down[-1]] != row:
        return f"the action day of case {action.case[down[-1]]} took the group down on {date(action.day[down[-1]])}"
    return "the group ended by itself, without any action against it"


def action_text(events: Events, row: int) -> str:
    """An action day and what it achieved."""
    action, operation = events["action"][row], ""
    spells = events.where("spell", group=action.group, day=action.day, action_type=action.type)
    left = per_cent(float(events["spell"].capability[spells[0]])) if spells.size else ""
    if action.operation not in (row, NONE):
        operation = f" It joined the action day of case {events['action'].case[action.operation]}."
    weakened = f", with {left} of its capability" if left else ""
    return events.said("action", action, weakened=weakened, operation=operation)
