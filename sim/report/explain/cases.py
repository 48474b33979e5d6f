"""Describes the life of a case, from a victim's report to its end, and that of the group that it pursues (M16, M17)."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from sim.report.explain import wording
from sim.report.explain.account import OF_CASE, OF_GROUP, Account, Entry, Tone, entries_from, in_order
from sim.report.explain.events import Events, ended_by, is_set
from sim.report.explain.lead_steps import Lead, leads_of
from sim.report.explain.leads import (
    causes,
    first_leads,
    has_many_steps,
    lead_entries,
    opening_entries,
    pending,
    whole_leads,
)
from sim.report.explain.phrases import duration, stage_lengths
from sim.report.explain.preparation import action_text, merged_on, preparation_entries
from sim.report.explain.wording import date, days, times
from sim.results import labels
from sim.results.words import counted, listing
from sim.world.records import (
    CaseStatus,
    GroupStatus,
    MemberStatus,
    ReferralTask,
    RequestPurpose,
    RequestStatus,
    SpellCause,
    Stage,
    TaskResult,
)

_FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
_UNOPENED = {
    CaseStatus.DROPPED_CAPACITY: "no investigator was free for a case of this weight",
    CaseStatus.NO_OFFENCE: "the conduct of the group is no offence there",
}
_SHOWN = 3  # pending steps listed one by one
_AFTERWARDS = 6  # changes of the group listed after the case
_ENDS = {
    CaseStatus.SOLVED: "its action day took the group down",
    CaseStatus.MERGED: "it continued as part of the case that it had joined, until that case ended",
    CaseStatus.DROPPED_ATTRITION: "the unit gave it up: people left or priorities changed",
    CaseStatus.DROPPED_HOPELESS: "the unit gave it up: nothing that it could still do was worth the effort",
}


def case_account(events: Events, row: int, *, full: bool = False) -> Account:
    """The life of a case.

    Args:
        events: the tables.
        row: of the case.
        full: give every step an entry of its own, even if there are many.
    """
    case = events["case"][row]
    title = f"Case {row}: {unit(events, row)} against group {case.group}"
    if case.status in _UNOPENED:
        why = f"On {date(case.opened)} a victim reported it there, but no case was opened: {_UNOPENED[case.status]}."
        facts = [describe(events, case.group), why]
        return Account(title, facts, (), case.opened, _asides(events, row, [], folded=False))
    leads = leads_of(events, row)
    folded = has_many_steps(leads) and not full
    trail = (
        whole_leads(events, leads) if folded else (*opening_entries(events, row, leads), *lead_entries(events, leads))
    )
    first = first_leads(leads, float(case.opened))
    opening = f"A victim's report leads {unit(events, row)} to open the case{f'; {first}' if first else ''}."
    older, joined, joining = int(case.merged_into), merged_on(events, row), []
    if joined is not None:
        text = f"The case joins case {older} of {unit(events, older)}, which is older and pursues the same group."
        joining = [Entry(joined, f"{text} Its leads continue for both cases.", Tone.MILESTONE)]
    entries = [
        Entry(float(case.opened), opening, Tone.MILESTONE),
        *trail,
        *preparation_entries(events, row),
        *entries_from(events, OF_CASE, row),
        *joining,
        *_changes(events, row),
        _closing(events, row, leads),
    ]
    facts = [_in_short(events, row), *_requests(events, row)]
    if lost := causes(events, leads):
        steps = f"{counted(sum(number for _, number in lost), 'step')} of its {counted(len(leads), 'lead')}"
        facts.append(f"{steps} came to nothing: {', '.join(f'{number} {cause}' for cause, number in lost[:6])}.")
    facts += _liaison(events, row)
    return Account(title, facts, in_order(entries), float(case.opened), _asides(events, row, leads, folded=folded))


def _in_short(events: Events, row: int) -> str:
    """The group, the unit, the duration, and the end."""
    case = events["case"][row]
    last = ended_by(float(case.closed), events.end)
    worked = f"{unit(events, row)} worked on it from {date(case.opened)} to {date(last)}, {days(last - case.opened)}"
    end = case_end(events, row) if is_set(case.closed) else "it is still open at the end of the run"
    return f"{describe(events, case.group)} {worked}; {end}."


def _requests(events: Events, row: int) -> Iterator[str]:
    """Requests abroad, their results, and the stages that took their time."""
    request = events["request"]
    mine = [int(r) for r in events.where("request", case=row) if request.requesting[r] != request.requested[r]]
    formal = [r for r in mine if request.purpose[r] in _FORMAL]
    if formal:
        states = len({int(request.requested[r]) for r in formal})
        yield (
            f"Formal requests abroad: {len(formal)} to {counted(states, 'state')}: {_ends(events, formal)}. "
            f"Where their time went: {_time(events, formal)}."
        )
    parts = []
    for purpose, did, what in (
        (RequestPurpose.LEAD, "police gave leads to", "question"),
        (RequestPurpose.PRESERVATION, "24/7 points preserved", "item"),
    ):
        asked = [r for r in mine if request.purpose[r] == purpose]
        if asked:
            executed = sum(request.status[r] == RequestStatus.EXECUTED for r in asked)
            parts.append(f"{did} {executed} of {counted(len(asked), what)}")
    if parts:
        yield f"In addition, {listing(parts)}."


def _ends(events: Events, rows: Sequence[int]) -> str:
    """Requests by how they ended."""
    status = events["request"].status[list(rows)]
    executed = [duration(events, r) for r in rows if events["request"].status[r] == RequestStatus.EXECUTED]
    median = f" (median {days(float(np.median(executed)))})" if executed else ""
    silent = int((events["request"].silent[list(rows)] == 1).sum())
    words = {
        RequestStatus.EXECUTED: f"executed{median}",
        RequestStatus.REFUSED: "refused",
        RequestStatus.NO_DATA: "found nothing usable",
        RequestStatus.WITHDRAWN: "withdrawn",
        RequestStatus.NOT_SENT: "not sent",
        RequestStatus.OPEN: "still open",
    }
    parts = [f"{number} {word}" for code, word in words.items() if (number := int((status == code).sum()))]
    unheard = f" (the model knows: {silent} would never have been answered)" if silent else ""
    return listing(parts) + unheard


def _time(events: Events, rows: Sequence[int]) -> str:
    """Stages by their share in the time of some requests, the three largest."""
    total: dict[Stage, float] = {}
    for row in rows:
        for stage, length in stage_lengths(events, row).items():
            total[stage] = total.get(stage, 0.0) + length
    largest = sorted(total, key=lambda stage: -total[stage])[:3]
    whole = sum(total.values()) or 1.0
    return listing([f"{labels.STAGES[stage]} {wording.share(total[stage] / whole)}" for stage in largest])


def _liaison(events: Events, row: int) -> Iterator[str]:
    """Help by liaison bodies and liaison officers."""
    referral, request = events["referral"], events["request"]
    rows, own = events.where("referral", case=row), events.where("request", case=row)
    body, task, helped = referral.body[rows], referral.task[rows], referral.result[rows] == TaskResult.HELPED
    parts = [
        f"{name} ({counted(int(asked.sum()), 'file')}, {int((helped & asked).sum())} helped)"
        for which, name in labels.BODIES.items()
        if (asked := body == which).any()
    ]
    if parts:
        yield f"Liaison bodies were asked: {listing(parts)}."
    if analysed := int((helped & (task == ReferralTask.ANALYSE)).sum()):
        yield f"Analysis by Europol advanced a trail {times(analysed)}."
    if accompanied := int((request.officer[own] >= 0).sum()):
        corrected = int(request.returns_saved[own].sum())
        avoided = f" and avoided {counted(corrected, 'return')}" if corrected else ""
        yield f"Liaison officers supported {accompanied} of its requests{avoided}."


def _changes(events: Events, row: int) -> Iterator[Entry]:
    """Changes of the group while the case was open, and the first ones after it."""
    case = events["case"][row]
    last = ended_by(float(case.closed), events.end)
    changes = list(group_entries(events, int(case.group), float(case.opened), actions=True))
    yield from (entry for entry in changes if entry.day <= last and not entry.text.startswith(f"Case {row} "))
    yield from [entry for entry in changes if entry.day > last][: _AFTERWARDS if is_set(case.closed) else 0]


def _closing(events: Events, row: int, leads: Sequence[Lead]) -> Entry:
    """The end of the case, and what was still unanswered then."""
    case = events["case"][row]
    closed, last = is_set(case.closed), ended_by(float(case.closed), events.end)
    left = pending(events, leads, last)
    text = f"The case ends: {case_end(events, row)}." if closed else "The run ends; the case is still open."
    if left:
        more = f"; and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
        text += f" Still unanswered: {'; '.join(left[:_SHOWN])}{more}."
    return Entry(last, text, Tone.MILESTONE)


def _asides(events: Events, row: int, leads: Sequence[Lead], *, folded: bool) -> list[str]:
    """Commands for related accounts."""
    asides = [f"--group {events['case'].group[row]}: the whole life of the group"]
    if folded:
        asides.insert(0, f"--case {row} --full: every step of every lead")
    lead = int(events["case"].merged_into[row])
    if lead >= 0:
        asides.append(f"--case {lead}: the case that it joined")
    asides += [f"--case {other}: a case that joined it" for other in events.where("case", merged_into=row)[:4]]
    rows = [step.formal[-1] for lead_ in leads for step in lead_.steps if step.formal]
    if rows:
        longest = max(rows, key=lambda request: duration(events, request))
        asides.append(f"--request {longest}: its longest request, stage by stage")
    return asides


def group_account(events: Events, row: int) -> Account:
    """The life of a group."""
    group, action = events["group"][row], events["action"]
    cases = [int(number) for number in events.where("case", group=row)]
    opened = [number for number in cases if events["case"].status[number] not in _UNOPENED]
    action_days = [
        Entry(float(action.day[n]), f"Case {action.case[n]}: {action_text(events, int(n))}", Tone.MILESTONE)
        for n in events.where("action", group=row)
    ]
    entries = [
        *group_entries(events, row, float(group.entered)),
        *action_days,
        *entries_from(events, OF_GROUP, row),
        *_opened_cases(events, opened),
    ]
    members = Counter(int(code) for code in events["member"].status[events.where("member", group=row)])
    fates = listing([f"{n} {MemberStatus(code).name.lower()}" for code, n in members.most_common()])
    facts = [
        f"{describe(events, row)} It entered on {date(group.entered)} and {_end(events, row)}.",
        f"{counted(len(cases), 'report')} reached police and led to {counted(len(opened), 'case')}. "
        f"Core members at the end of the run: {fates}.",
    ]
    asides = [f"--case {number}: what the unit of {unit(events, number)} did" for number in opened[:6]]
    return Account(f"Group {row}: {wording.kind_of_group(group.kind)}", facts, in_order(entries), group.entered, asides)


def _opened_cases(events: Events, opened: list[int]) -> Iterator[Entry]:
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
        f"{counted(group.members, 'core member')}, {counted(group.nodes, 'control server')}."
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
    known = counted(leak.recipients, "state knows", "states know")
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
        SpellCause.SUPPLIER_LOST: f"A service that it bought from is gone: the group keeps {left} of its capability.",
        SpellCause.SUPPLIER_FOUND: f"The group buys from another service and has {left} of its capability.",
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
