"""Lives of cases, from a victim's report over the action day (M13) to the end, and of groups (M14-M17)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from sim.report.explain import leads as of_leads
from sim.report.explain import requests
from sim.report.explain.events import Events, ended_by, is_set, stage_lengths
from sim.report.explain.leads import SAME_DAY, Lead
from sim.report.explain.words import Account, Entry, Tone, date, days, times
from sim.results import labels
from sim.results.words import counted, listing, per_cent
from sim.world import records
from sim.world.records import MilestoneKind, RequestPurpose, RequestStatus

_FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
_SHOWN = 3  # pending steps listed one by one
_AFTERWARDS = 6  # changes of the group listed after the case
_HEARD_DAYS = 180.0  # before a lesson, in which news of action against peers counts


def case_account(events: Events, row: int, *, full: bool = False) -> Account:
    """The life of a case; in full, every step has an entry of its own, even if there are many."""
    case, place = events["case"][row], unit(events, row)
    opened, last = float(case.opened), ended_by(case.closed, events.end)
    title, group = f"Case {row}: {place} against group {case.group}", described(events, case.group)
    if case.status in labels.NOT_OPENED:
        why = f"On {date(opened)} a victim reported it there, but no case was opened: {labels.NOT_OPENED[case.status]}."
        return Account(title, [group, why], (), opened, _asides(events, row, [], folded=False))
    leads = of_leads.leads_of(events, row)
    folded = sum(len(lead.steps) for lead in leads) > of_leads.MANY and not full
    first = f"A victim's report leads {place} to open the case{of_leads.first_leads(leads, opened)}."
    entries = [Entry(opened, first, Tone.MILESTONE)]
    entries += [] if folded else of_leads.opening_entries(events, row, leads)
    entries += [*of_leads.lead_entries(events, leads, folded=folded), *_preparation(events, row)]
    entries += events.reports(row, "case", "custody", "money", column="known_by")
    if (joined := _merged_on(events, row)) is not None:
        text = events.said("joins", case, older=unit(events, case.merged_into))
        entries.append(Entry(joined, text, Tone.MILESTONE))
    closed, left = is_set(case.closed), of_leads.pending(events, leads, last)
    text = f"The case ends: {case_end(events, row)}." if closed else "The run ends; the case is still open."
    more = f"; and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    text += f" Still unanswered: {'; '.join(left[:_SHOWN])}{more}." if left else ""
    entries += [*_meanwhile(events, row, last), Entry(last, text, Tone.MILESTONE)]
    end = case_end(events, row) if closed else "it is still open at the end of the run"
    facts = [f"{group} {place} worked on it from {date(opened)} to {date(last)}, {days(last - opened)}; {end}."]
    facts += _requests(events, row)
    if lost := of_leads.causes(events, leads):
        steps = f"{counted(sum(number for _, number in lost), 'step')} of its {counted(len(leads), 'lead')}"
        facts.append(f"{steps} came to nothing: {', '.join(f'{number} {cause}' for cause, number in lost[:6])}.")
    facts += _liaison(events, row)
    asides = _asides(events, row, leads, folded=folded)
    return Account(title, facts, sorted(entries, key=lambda entry: entry.day), opened, asides)


def _requests(events: Events, row: int) -> Iterator[str]:
    """Requests abroad, their results, and the stages that took their time."""
    request = events["request"]
    mine = [int(r) for r in events.where("request", case=row) if request.requesting[r] != request.requested[r]]
    if formal := [r for r in mine if request.purpose[r] in _FORMAL]:
        states, time = len({int(request.requested[r]) for r in formal}), Counter[records.Stage]()
        for r in formal:
            time.update(stage_lengths(events, r))
        whole = sum(time.values()) or 1.0
        where = listing([f"{labels.STAGES[stage]} {per_cent(part / whole)}" for stage, part in time.most_common(3)])
        yield (
            f"Formal requests abroad: {len(formal)} to {counted(states, 'state')}: {_ends(events, formal)}."
            f"{where and f' Where their time went: {where}.'}"
        )
    parts = []
    for purpose, did, what in (
        (RequestPurpose.LEAD, "police gave leads to", "question"),
        (RequestPurpose.PRESERVATION, "24/7 points preserved", "item"),
    ):
        if asked := [r for r in mine if request.purpose[r] == purpose]:
            executed = sum(request.status[r] == RequestStatus.EXECUTED for r in asked)
            parts.append(f"{did} {executed} of {counted(len(asked), what)}")
    if parts:
        yield f"In addition, {listing(parts)}."


def _ends(events: Events, rows: Sequence[int]) -> str:
    """Requests by how they ended."""
    request, counts = events["request"], Counter(int(events["request"].status[r]) for r in rows)
    lengths = [requests.duration(events, r) for r in rows if request.status[r] == RequestStatus.EXECUTED]
    median = {RequestStatus.EXECUTED: f" (median {days(float(np.median(lengths)))})"} if lengths else {}
    parts = [f"{counts[code]} {word}{median.get(code, '')}" for code, word in labels.ANSWERS.items() if counts[code]]
    silent = sum(request.silent[r] == 1 for r in rows)
    return listing(parts) + (f" (the model knows: {silent} would never have been answered)" if silent else "")


def _liaison(events: Events, row: int) -> Iterator[str]:
    """Help by liaison bodies and liaison officers."""
    referral, request = events["referral"], events["request"]
    rows, own = events.where("referral", case=row), events.where("request", case=row)
    body, helped = referral.body[rows], referral.result[rows] == records.TaskResult.HELPED
    parts = [
        f"{name} ({counted(int(asked.sum()), 'file')}, {int((helped & asked).sum())} helped)"
        for which, name in labels.BODIES.items()
        if (asked := body == which).any()
    ]
    if parts:
        yield f"Liaison bodies were asked: {listing(parts)}."
    if analysed := int((helped & (referral.task[rows] == records.ReferralTask.ANALYSE)).sum()):
        yield f"Analysis by Europol advanced a trail {times(analysed)}."
    if accompanied := int((request.officer[own] >= 0).sum()):
        corrected = int(request.returns_saved[own].sum())
        avoided = f" and avoided {counted(corrected, 'return')}" if corrected else ""
        yield f"Liaison officers supported {accompanied} of its requests{avoided}."


def _meanwhile(events: Events, row: int, last: float) -> Iterator[Entry]:
    """Changes of the group while the case was open, and the first ones after it."""
    case = events["case"][row]
    changes = list(group_entries(events, int(case.group), float(case.opened), actions=True))
    yield from (entry for entry in changes if entry.day <= last and not entry.text.startswith(f"Case {row} "))
    yield from [entry for entry in changes if entry.day > last][: _AFTERWARDS if is_set(case.closed) else 0]


def _asides(events: Events, row: int, leads: Sequence[Lead], *, folded: bool) -> list[str]:
    """Commands for related accounts."""
    case = events["case"]
    asides = [f"--case {row} --full: every step of every lead"] if folded else []
    asides.append(f"--group {case.group[row]}: the whole life of the group")
    if case.merged_into[row] >= 0:
        asides.append(f"--case {case.merged_into[row]}: the case that it joined")
    asides += [f"--case {other}: a case that joined it" for other in events.where("case", merged_into=row)[:4]]
    if rows := [step.formal[-1] for lead in leads for step in lead.steps if step.formal]:
        longest = max(rows, key=lambda request: requests.duration(events, request))
        asides.append(f"--request {longest}: its longest request, stage by stage")
    return asides


def _preparation(events: Events, row: int) -> Iterator[Entry]:
    """Partners, merged cases, authority and readiness, team, first day of preparation, actions."""
    yield from _joining(events, row)
    yield from _authority(events, row)
    case = events["case"][row]
    for other in events.where("case", merged_into=row):
        if (day := _merged_on(events, other)) is not None:
            text = events.said("learns", case, unit=unit(events, other), other=str(other))
            yield Entry(day, text, Tone.MILESTONE)
    if is_set(case.prepared):
        yield Entry(float(case.prepared), events.said("prepares", case), Tone.MILESTONE)
    if is_set(case.team_formed):
        partner, rows = events["partner"], events.where("partner", case=row, in_team=1)
        first = listing([events.state(partner.state[r]) for r in rows if partner.joined[r] <= case.team_formed])
        later = listing([events.state(partner.state[r]) for r in rows if partner.joined[r] > case.team_formed])
        text = f"A joint investigation team is formed with {first or 'no partner yet'}"
        yield Entry(float(case.team_formed), f"{text}{f'; later joined by {later}' if later else ''}.", Tone.MILESTONE)
    for number in events.where("action", case=row):
        yield Entry(float(events["action"].day[number]), action_text(events, int(number)), Tone.MILESTONE)


def _merged_on(events: Events, case: int) -> float | None:
    """Day on which a case was merged into its lead case, None for one that was not."""
    found = [day for day, _, _ in events.milestones(MilestoneKind.MERGED, case=case)]
    return found[-1] if found and events["case"].merged_into[case] >= 0 else None


def _joining(events: Events, row: int) -> Iterator[Entry]:
    """States that begin to prepare since a control server was found there."""
    partner, case = events["partner"], events["case"]
    others = [int(other) for other in events.where("case", merged_into=row)]
    merged = {(case.state[other], _merged_on(events, other)) for other in others}
    servers = [found for one in (row, *others) for found in events.milestones(MilestoneKind.NODE_FOUND, case=one)]
    rows = [r for r in events.where("partner", case=row) if (partner.state[r], partner.joined[r]) not in merged]
    for day, group in groupby(sorted(rows, key=lambda r: partner.joined[r]), key=lambda r: partner.joined[r]):
        found = list(group)
        places = listing([events.state(partner.state[r]) for r in found])
        text = f"{'A control server is' if len(found) == 1 else 'Control servers are'} located in {places}"
        ways = dict.fromkeys(records.NodeDiscovery(way) for when, _, way in servers if abs(when - day) < SAME_DAY)
        text += f", {listing([labels.DISCOVERIES[way] for way in ways])}." if ways else "."
        asked = []
        for r in found:
            if (state := partner.state[r]) != case.state[row]:
                own = events.where("request", partner=r)
                by = f" by {events.way(events['request'][own[0]])}" if own.size else ""
                asked.append(f"{'' if own.size else 'never '}asked of {events.state(state)}{by}")
        text += f" Authority for searches and seizures there: {listing(asked)}." if asked else ""
        yield Entry(float(day), text, Tone.PROGRESS)


def _authority(events: Events, row: int) -> Iterator[Entry]:
    """Days on which partners had their authority and were ready, and partners that never had it."""
    request, never, ready = events["request"], [], []
    closed = ended_by(events["case"].closed[row], events.end)
    for number in events.where("partner", case=row):
        partner = events["partner"][number]
        place, ready_at = events.state(partner.state), float(partner.ready_at)
        asked = [int(r) for r in events.where("request", partner=number, purpose=RequestPurpose.ACTION)]
        granted = [r for r in asked if request.status[r] == RequestStatus.EXECUTED]
        if granted and request.ended[granted[0]] <= closed:
            r, ended = granted[0], float(request.ended[granted[0]])
            text = f"{place} authorises searches and seizures after {days(requests.duration(events, r))} "
            text += f"({events.way(request[r])}){', and is ready to act' if ready_at == ended else ''}."
            text += requests.where_time_went(events, r, " Longest: ", ".")
            text += of_leads.before_that(events, asked, r)
            yield Entry(ended, text, Tone.PROGRESS)
        elif asked and partner.authorised == 0:
            failures = "; ".join(requests.failures(events, asked, closed))
            never.append(f"{place}, asked {times(len(asked))} since {date(request.drafted[asked[0]])}: {failures}")
        if is_set(ready_at) and ready_at <= closed:
            ready.append((ready_at, place))
    if ready:  # for the last action day, or for one that was never reached
        places = listing([f"{place} ({date(day)})" for day, place in sorted(ready)])
        yield Entry(max(ready)[0], f"Prepared and authorised, and therefore ready to act: {places}.", Tone.PROGRESS)
    if never:
        yield Entry(closed, f"No authority to act came from {'. No authority came from '.join(never)}.", Tone.SETBACK)


def group_account(events: Events, row: int) -> Account:
    """The life of a group."""
    group, action = events["group"][row], events["action"]
    cases = [int(number) for number in events.where("case", group=row)]
    opened = [number for number in cases if events["case"].status[number] not in labels.NOT_OPENED]
    entries = list(group_entries(events, row, float(group.entered)))
    for n in events.where("action", group=row):
        entries.append(Entry(float(action.day[n]), f"Case {action.case[n]}: {action_text(events, n)}", Tone.MILESTONE))
    entries += [*events.reports(row, "custody", column="group"), *_lessons(events, row)]
    for number in opened:
        case, place = events["case"][number], unit(events, number)
        entries.append(Entry(float(case.opened), f"{place} opens case {number}.", Tone.PROGRESS))
        if is_set(case.closed) and case.status != records.CaseStatus.SOLVED:
            ends = f"case {number} of {place} ends after {days(case.closed - case.opened)}"
            entries.append(Entry(float(case.closed), f"{ends}: {case_end(events, number)}."))
    members = Counter(int(code) for code in events["member"].status[events.where("member", group=row)])
    fates = listing([f"{n} {records.MemberStatus(code).name.lower()}" for code, n in members.most_common()])
    facts = [
        f"{described(events, row)} {events.say('It entered on {entered:date} and {end of group}.', group)}",
        f"{counted(len(cases), 'report')} reached police and led to {counted(len(opened), 'case')}. "
        f"Core members at the end of the run: {fates or 'none'}.",
    ]
    asides = [f"--case {number}: what the unit of {unit(events, number)} did" for number in opened[:6]]
    title = events.say(f"Group {row}: {{kind:kind}}", group)
    return Account(title, facts, sorted(entries, key=lambda entry: entry.day), group.entered, asides)


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

    kinds = ("change", "hit", "leak") if actions else ("change", "leak")
    alert = partial(events.setting, "criminal", "alert_days")
    found = events.reports(row, *kinds, leaker=leaker, until=lambda leak: date(leak.day + alert()))
    return (entry for entry in found if entry.day >= since)


def case_end(events: Events, row: int) -> str:
    """The reason for which a case ended, and for which its group was gone."""
    case, action = events["case"][row], events["action"]
    if case.status != records.CaseStatus.CLOSED_GROUP_GONE:
        return labels.CASE_ENDS.get(records.CaseStatus(case.status), "")
    down = [n for n in events.where("action", group=case.group, down=1) if action.day[n] <= case.closed]
    if down and action.case[down[-1]] != row:
        return f"the action day of case {action.case[down[-1]]} took the group down on {date(action.day[down[-1]])}"
    return "the group ended by itself, without any action against it"


def action_text(events: Events, row: int) -> str:
    """An action day and what it achieved."""
    action, operation = events["action"][row], ""
    spells = events.where("spell", group=action.group, day=action.day, action_type=action.type)
    left = per_cent(float(events["spell"].capability[spells[0]])) if spells.size else ""
    if action.operation not in (row, records.NONE):
        operation = f" It joined the action day of case {events['action'].case[action.operation]}."
    weakened = f", with {left} of its capability" if left else ""
    return events.said("action", action, weakened=weakened, operation=operation)
