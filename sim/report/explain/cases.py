"""The life of a case, from a victim's report over its action day (M13) to its end, with what helped it (M20)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from sim.report.explain import leads as of_leads
from sim.report.explain import requests
from sim.report.explain.events import Events, ended_by, is_set, stage_lengths
from sim.report.explain.groups import action_text, case_end, described, group_entries, unit
from sim.report.explain.leads import SAME_DAY, Lead
from sim.report.explain.words import Account, Entry, Tone, date, days, times
from sim.results import labels
from sim.results.words import counted, listing, per_cent
from sim.world.records import (
    MilestoneKind,
    NodeDiscovery,
    ReferralTask,
    RequestPurpose,
    RequestStatus,
    Stage,
    TaskResult,
)

_FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
_SHOWN = 3  # pending steps listed one by one
_AFTERWARDS = 6  # changes of the group listed after the case


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
    entries += [*events.reports(row, "case", "custody", "money", column="known_by"), *_merging(events, row)]
    entries += [*_meanwhile(events, row, last), _closing(events, row, leads, last)]
    end = case_end(events, row) if is_set(case.closed) else "it is still open at the end of the run"
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
        states, time = len({int(request.requested[r]) for r in formal}), Counter[Stage]()
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
    chosen = list(rows)
    status, unheard = events["request"].status[chosen], events["request"].silent[chosen]
    executed = [r for r in rows if events["request"].status[r] == RequestStatus.EXECUTED]
    lengths = [requests.duration(events, r) for r in executed]
    median = f" (median {days(float(np.median(lengths)))})" if lengths else ""
    counts = [(int((status == code).sum()), code, word) for code, word in labels.ANSWERS.items()]
    parts = [f"{n} {word}{median if code is RequestStatus.EXECUTED else ''}" for n, code, word in counts if n]
    silent = int((unheard == 1).sum())
    return listing(parts) + (f" (the model knows: {silent} would never have been answered)" if silent else "")


def _liaison(events: Events, row: int) -> Iterator[str]:
    """Help by liaison bodies and liaison officers."""
    referral, request = events["referral"], events["request"]
    rows, own = events.where("referral", case=row), events.where("request", case=row)
    body, helped = referral.body[rows], referral.result[rows] == TaskResult.HELPED
    parts = [
        f"{name} ({counted(int(asked.sum()), 'file')}, {int((helped & asked).sum())} helped)"
        for which, name in labels.BODIES.items()
        if (asked := body == which).any()
    ]
    if parts:
        yield f"Liaison bodies were asked: {listing(parts)}."
    if analysed := int((helped & (referral.task[rows] == ReferralTask.ANALYSE)).sum()):
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


def _closing(events: Events, row: int, leads: Sequence[Lead], last: float) -> Entry:
    """The end of the case, and what was still unanswered then."""
    closed, left = is_set(events["case"].closed[row]), of_leads.pending(events, leads, last)
    text = f"The case ends: {case_end(events, row)}." if closed else "The run ends; the case is still open."
    if left:
        more = f"; and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
        text += f" Still unanswered: {'; '.join(left[:_SHOWN])}{more}."
    return Entry(last, text, Tone.MILESTONE)


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
            learns = f"The unit of {unit(events, other)} learns that its case {other} pursues the same group: "
            yield Entry(day, f"{learns}the two units work together from now on.", Tone.MILESTONE)
    if is_set(case.prepared):
        text = "The unit expects that it should act within half a year, and prepares an action day."
        yield Entry(float(case.prepared), text, Tone.MILESTONE)
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


def _merging(events: Events, row: int) -> Iterator[Entry]:
    """The case joins an older one."""
    if (joined := _merged_on(events, row)) is not None:
        older = int(events["case"].merged_into[row])
        text = f"The case joins case {older} of {unit(events, older)}, which is older and pursues the same group."
        yield Entry(joined, f"{text} Its leads continue for both cases.", Tone.MILESTONE)


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
        ways = [labels.DISCOVERIES[NodeDiscovery(way)] for when, _, way in servers if abs(when - day) < SAME_DAY]
        text += f", {listing(list(dict.fromkeys(ways)))}." if ways else "."
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
            text += of_leads.before_that(events, [other for other in asked if other < r])
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
