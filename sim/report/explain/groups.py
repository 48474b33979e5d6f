"""The life of a group (M14-M17), and what a case shares with it: arrests, leaks, action days, and how cases end.

Most sentences are rows of the tables below: event table, column of the subject, column of the day, sentence, tone.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sim.report.explain.events import Events, Sentence, is_set
from sim.report.explain.words import Account, Entry, Tone, date, days
from sim.results import labels
from sim.results.words import counted, listing, per_cent
from sim.world.records import NONE, ActionType, CaseStatus, GroupStatus, MemberStatus, MilestoneKind, SpellCause

#: Changes of a group that no other entry reports.
_CHANGES = {
    SpellCause.ENTRY: "The group begins its work.",
    SpellCause.REBRAND: "The group takes a new name and moves some of its servers.",
    SpellCause.RETURN: "The group is back, on new servers, with {capability:share} of its capability.",
    SpellCause.REBUILT: "The group has recovered its full capability.",
    SpellCause.SELF_EXIT: "The group ends by itself.",
    SpellCause.SUPPLIER_LOST: "A service that it bought from is gone: the group keeps {capability:share} of its "
    "capability.",
    SpellCause.SUPPLIER_FOUND: "The group buys from another service and has {capability:share} of its capability.",
}
_ACTIONS = {
    SpellCause.TAKEDOWN: "Case {case} takes the group down.",
    SpellCause.PARTIAL_ACTION: "Case {case} hits the group, which keeps {capability:share}.",
}
_HEARD_DAYS = 180.0  # before a lesson, in which news of action against peers counts


def _identified(_: Events, member: Any) -> str:
    known = member.status != MemberStatus.UNKNOWN
    return "{slot:member}, living in {residence:state}, is identified." if known else ""


def _arrested(_: Events, member: Any) -> str:
    travelling = "while travelling " if is_set(member.indicted) else ""
    return f"{{slot:member}} is arrested {travelling}in {{held_in:state}}."


def _judged(_: Events, member: Any) -> str:
    """Release or judgment."""
    refused = "{held_in:state} refused surrender ({ground:ground})"
    if member.status == MemberStatus.RELEASED:
        return f"{{slot:member}} is released: {refused} and does not prosecute."
    verdict = "convicted" if member.status == MemberStatus.CONVICTED else "acquitted"
    instead = f", prosecuted there because {refused}" if member.instead == 1 else ""
    return f"{{slot:member}} is {verdict} in {{prosecuted_in:state}}{instead}."


def _learnt(events: Events, lesson: Any) -> str:
    """The lesson of an action against the group, or of the arrest of a member."""
    action, kind, group = events["action"], events["group"].kind, lesson.group
    peers = (kind[action.group] == kind[group]) & (action.group != group)
    heard = int((peers & (action.day >= lesson.day - _HEARD_DAYS) & (action.day < lesson.day)).sum())
    return (
        f"{'The arrest of a member' if lesson.subject < 0 else 'The action'} changes what the group expects: "
        f"a sanction with probability {lesson.reason / 1000:.1%}. In the half-year before, it had heard of "
        f"{counted(heard, 'action day')} against others of its kind."
    )


def _relocated(events: Events, move: Any) -> str:
    member = events.say("{slot:member}", events["member"][int(move.subject)])
    return f"{member} leaves {{reason:state}} for another state."


def _users_left(events: Events, band: Any) -> str:
    part = per_cent(float(band.amount / events["group"].users_at_takedown[int(band.group)]))
    return f"{part} of the users and affiliates that it had when it was taken down move to group {{rival}}."


def _users_joined(events: Events, band: Any) -> str:
    part = per_cent(float(band.amount) / float(events["group"].scale[int(band.rival)]))
    began = f"{part} of the users that this group began with"
    return f"Users and affiliates of group {{group}}, which was taken down, join: {began}."


def _leaked(events: Events, leak: Any) -> str:
    """The state that leaked, the number of states that could have, and the effect."""
    role = "a partner state" if leak.takes_part else "a state that was only asked"
    role = "the state of the case" if leak.state == events["case"].state[leak.case] else role
    way = "" if leak.protected else ", informed through an insecure channel"
    until = date(leak.day + events.setting("criminal", "alert_days"))
    traced = " The leak is traced: all states that take part trust that state less." if leak.traced else ""
    return (
        f"A leak in {{state:state}} ({role}{way}) warns the group of case {{case}}, of which "
        f"{counted(leak.recipients, 'state knows', 'states know')}. Until {until} evidence disappears faster, "
        f"and known servers may move at once.{traced}"
    )


_CHARGED = (
    "{slot:member} is charged in public but not caught: {residence:state} does not arrest, or the person was not found."
)
_SURRENDERED = "{held_in:state} surrenders {slot:member} to {prosecuted_in:state}, {surrendered-arrested:days} later."
CUSTODY = (
    ("identified", _identified, Tone.PROGRESS),
    ("indicted", _CHARGED, Tone.SETBACK),
    ("arrested", _arrested, Tone.MILESTONE),
    ("surrendered", _SURRENDERED, Tone.PROGRESS),
    ("ended", _judged, Tone.MILESTONE),
)
_STAYED = "The group could retire, but expects more gain than usual and stays."
_OF_GROUP = (
    *(Sentence("member", "group", *sentence) for sentence in CUSTODY),
    Sentence("milestone", "group", "day", _learnt, Tone.PLAIN, {"kind": MilestoneKind.LEARNT}),
    Sentence("milestone", "group", "day", _STAYED, Tone.PLAIN, {"kind": MilestoneKind.STAYED}),
    Sentence("milestone", "group", "day", _relocated, Tone.SETBACK, {"kind": MilestoneKind.RELOCATED}),
    Sentence("migration", "group", "day", _users_left, Tone.PLAIN),
    Sentence("migration", "group", "returned", "Some of its users come back from group {rival}.", Tone.SETBACK),
    Sentence("migration", "rival", "day", _users_joined, Tone.SETBACK),
    Sentence("migration", "rival", "returned", "Some users go back to group {group}.", Tone.PROGRESS),
)


def group_account(events: Events, row: int) -> Account:
    """The life of a group."""
    group, action = events["group"][row], events["action"]
    cases = [int(number) for number in events.where("case", group=row)]
    opened = [number for number in cases if events["case"].status[number] not in labels.NOT_OPENED]
    entries = list(group_entries(events, row, float(group.entered)))
    for n in events.where("action", group=row):
        entries.append(Entry(float(action.day[n]), f"Case {action.case[n]}: {action_text(events, n)}", Tone.MILESTONE))
    entries += [*events.reports(_OF_GROUP, row), *_opened_cases(events, opened)]
    members = Counter(int(code) for code in events["member"].status[events.where("member", group=row)])
    fates = listing([f"{n} {MemberStatus(code).name.lower()}" for code, n in members.most_common()])
    end = {
        GroupStatus.REMOVED: "was taken down for good on {ended:date}",
        GroupStatus.EXITED: "ended by itself on {ended:date}",
        GroupStatus.DOWN: "is down at the end of the run",
    }.get(GroupStatus(group.status), "is still active at the end of the run")
    facts = [
        f"{described(events, row)} {events.say(f'It entered on {{entered:date}} and {end}.', group)}",
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
    size = "{members:# core member}, {nodes:# control server}"
    return events.say(f"Group {row}: {{kind:kind}} living in {{home:state}}, {size}.", events["group"][row])


def group_entries(events: Events, row: int, since: float, *, actions: bool = False) -> Iterator[Entry]:
    """Changes of a group's state from a day on, with actions against it or without."""
    texts = _CHANGES | _ACTIONS if actions else _CHANGES
    for number in events.where("spell", group=row):
        spell = events["spell"][number]
        if spell.day >= since and (text := texts.get(SpellCause(spell.cause))):
            tone = Tone.PLAIN if spell.cause in (SpellCause.ENTRY, SpellCause.REBRAND) else Tone.SETBACK
            yield Entry(float(spell.day), events.say(text, spell), tone)
    leaks = events.reports((Sentence("leak", "group", "day", _leaked, Tone.SETBACK),), row)
    yield from (leak for leak in leaks if leak.day >= since)


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
    action = events["action"][row]
    text = f"ACTION DAY with {counted(action.states - 1, 'partner state')}"
    if action.disruption == 1:
        text = "DISRUPTION by the unit alone, with hosts and registries that oblige"
    text += ", in a joint team" if action.in_team == 1 else ""
    text += (
        ": of {nodes:# control server}, {known_nodes} known, {ready_nodes} in states that were ready, {killed} removed "
    )
    text += "(chance of taking the group down: {foreseen:share}). "
    if action.down == 1:
        text += f"The group is down: {labels.ACTIONS[ActionType(action.type)]}."
    else:
        spells = events.where("spell", group=action.group, day=action.day, action_type=action.type)
        left = per_cent(float(events["spell"].capability[spells[0]])) if spells.size else ""
        text += f"The group survives{f', with {left} of its capability' if left else ''}."
        text += " The group is alerted: known servers move and evidence disappears faster."
    text += " {arrests:# arrest}." if action.arrests else " No arrest."
    if action.operation not in (row, NONE):
        text += f" It joined the action day of case {events['action'].case[action.operation]}."
    if action.client_arrests > 0:
        text += " Later, police of {client_states:# state} arrest "
        text += "{client_arrests:# affiliate or customer|affiliates or customers} whom"
        text += " the seized servers name."
    return events.say(text, action)
