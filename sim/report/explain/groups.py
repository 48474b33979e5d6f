"""Describes the life of a criminal group: entry, brands, cases against it, actions, returns, end (M16, M17)."""

from collections import Counter
from collections.abc import Iterator

from sim.report.explain import stories, wording
from sim.report.explain.account import Account, Entry, Tone, entries_from, in_order
from sim.report.explain.events import Events, is_set
from sim.report.explain.preparation import action_text
from sim.report.explain.wording import date, days
from sim.world.records import CaseStatus, GroupStatus, MemberStatus, SpellCause

_NEVER_OPENED = (CaseStatus.DROPPED_CAPACITY, CaseStatus.NO_OFFENCE)
_ENDS = {
    CaseStatus.SOLVED: "its action day took the group down",
    CaseStatus.MERGED: "it continued as part of the case that it had joined, until that case ended",
    CaseStatus.DROPPED_ATTRITION: "the unit gave it up: people left or priorities changed",
    CaseStatus.DROPPED_HOPELESS: "the unit gave it up: nothing that it could still do was worth the effort",
}


def group_account(events: Events, row: int) -> Account:
    """The life of a group."""
    group, action = events["group"][row], events["action"]
    cases = [int(number) for number in events.where("case", group=row)]
    opened = [number for number in cases if events["case"].status[number] not in _NEVER_OPENED]
    action_days = [
        Entry(float(action.day[n]), f"Case {action.case[n]}: {action_text(events, int(n))}", Tone.MILESTONE)
        for n in events.where("action", group=row)
    ]
    entries = [
        *group_entries(events, row, float(group.entered)),
        *action_days,
        *entries_from(events, stories.OF_GROUP, row),
        *_cases(events, opened),
    ]
    members = Counter(int(code) for code in events["member"].status[events.where("member", group=row)])
    fates = wording.listing([f"{n} {MemberStatus(code).name.lower()}" for code, n in members.most_common()])
    facts = [
        f"{describe(events, row)} It entered on {date(group.entered)} and {_end(events, row)}.",
        f"{wording.count(len(cases), 'report')} reached police and led to {wording.count(len(opened), 'case')}. "
        f"Core members at the end of the run: {fates}.",
    ]
    asides = [f"--case {number}: what the unit of {unit(events, number)} did" for number in opened[:6]]
    return Account(f"Group {row}: {wording.kind_of_group(group.kind)}", facts, in_order(entries), group.entered, asides)


def _cases(events: Events, opened: list[int]) -> Iterator[Entry]:
    """Cases that were opened; the others are only counted."""
    for number in opened:
        case, place = events["case"][number], unit(events, number)
        yield Entry(float(case.opened), f"{place} opens case {number}.", Tone.PROGRESS)
        if is_set(case.closed) and case.status != CaseStatus.SOLVED:
            length = days(case.closed - case.opened)
            text = f"case {number} of {place} ends after {length}: {case_end(events, number)}."
            yield Entry(float(case.closed), text)


def unit(events: Events, case: int) -> str:
    """The state whose unit works on a case."""
    return events.state(events["case"].state[case])


def describe(events: Events, row: int) -> str:
    """Kind, size and home of a group."""
    group = events["group"][row]
    return (
        f"Group {row}: {wording.kind_of_group(group.kind)} living in {events.state(group.home)}, "
        f"{wording.count(group.members, 'core member')}, {wording.count(group.nodes, 'control server')}."
    )


def group_entries(events: Events, row: int, since: float, *, actions: bool = False) -> Iterator[Entry]:
    """Changes of a group's state from a day on.

    Args:
        events: the tables.
        row: of the group.
        since: first day.
        actions: whether to include actions against it.
    """
    for number in events.where("spell", group=row):
        spell = events["spell"][number]
        if spell.day >= since and (text := _change(events, int(number), actions=actions)):
            tone = Tone.PLAIN if spell.cause in (SpellCause.ENTRY, SpellCause.REBRAND) else Tone.SETBACK
            yield Entry(float(spell.day), text, tone)
    for number in events.where("leak", group=row):
        if events["leak"].day[number] >= since:
            yield Entry(float(events["leak"].day[number]), leak_text(events, int(number)), Tone.SETBACK)


def leak_text(events: Events, number: int) -> str:
    """The state that leaked, the number of states that could have, and the effect."""
    leak = events["leak"][number]
    source = events.state(leak.state)
    case = events["case"][leak.case]
    role = "a partner state" if leak.takes_part else "a state that was only asked"
    role = "the state of the case" if leak.state == case.state else role
    way = "" if leak.protected else ", informed through an insecure channel"
    until = date(leak.day + events.setting("criminal", "alert_days"))
    known = wording.count(leak.recipients, "state knows", "states know")
    traced = " The leak is traced: all states that take part trust that state less." if leak.traced else ""
    return (
        f"A leak in {source} ({role}{way}) warns the group of case {leak.case}, of which {known}. Until {until} "
        f"evidence disappears faster, and known servers may move at once.{traced}"
    )


def case_end(events: Events, row: int) -> str:
    """The reason for which a case ended, and for which its group was gone."""
    case, action = events["case"][row], events["action"]
    if case.status != CaseStatus.CLOSED_GROUP_GONE:
        return _ENDS.get(CaseStatus(case.status), "")
    down = [n for n in events.where("action", group=case.group, down=1) if action.day[n] <= case.closed]
    if down and action.case[down[-1]] != row:
        return f"the action day of case {action.case[down[-1]]} took the group down on {date(action.day[down[-1]])}"
    return "the group ended by itself, without any action against it"


def _change(events: Events, number: int, *, actions: bool) -> str:
    """One change of a group's capability; empty for changes that other entries report."""
    spell = events["spell"][number]
    cause, left = SpellCause(spell.cause), wording.share(float(spell.capability))
    if cause in (SpellCause.PARTIAL_ACTION, SpellCause.TAKEDOWN):
        done = "takes the group down" if cause is SpellCause.TAKEDOWN else f"hits the group, which keeps {left}"
        return f"Case {spell.case} {done}." if actions else ""
    return {
        SpellCause.ENTRY: "The group begins its work.",
        SpellCause.REBRAND: "The group takes a new name and moves some of its servers.",
        SpellCause.RETURN: f"The group is back, on new servers, with {left} of its capability.",
        SpellCause.REBUILT: "The group has recovered its full capability.",
        SpellCause.SELF_EXIT: "The group ends by itself.",
        SpellCause.USERS_JOINED: "",  # reported with the bands that move
        SpellCause.USERS_LEFT: "",
    }[cause]


def _end(events: Events, row: int) -> str:
    """The status of a group at the end of the run."""
    group = events["group"][row]
    status = GroupStatus(group.status)
    if status is GroupStatus.REMOVED:
        return f"was taken down for good on {date(group.ended)}"
    if status is GroupStatus.EXITED:
        return f"ended by itself on {date(group.ended)}"
    return "is down at the end of the run" if status is GroupStatus.DOWN else "is still active at the end of the run"
