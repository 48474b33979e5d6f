"""Dated accounts of a case (M13), a request (M6) or a group, from beginning to end.

First stand the functions that fill gaps of sentences, each of the name of its gap.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite
from typing import Any

import numpy as np

from sim.law.vocabulary import Channel
from sim.report.explain.events import Events
from sim.report.explain.sentences import Account, Entry, date, days, gap, reports, said, say, tally
from sim.results import labels
from sim.results.words import counted, listing, per_cent
from sim.world import records
from sim.world.records import DeskKind, MilestoneKind, RequestPurpose, RequestStatus, Stage
from sim.world.records.desks import WITH_UNITS

MANY = 20  # steps of a case from which on each of its leads is one entry
_AFTERWARDS = 6  # changes of the group listed after the case
_REQUEST = ("what", "instrument", "meant", "trusted", "supported", "completed", "truth", "stages")  # facts of a request
#: Purposes of requests for evidence or authority, police questions and preservation apart.
FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
_LEAST_SHARE, _LEAST_DAYS, _MOST = 0.1, 5.0, 3  # of stages that are named among the longest


def until(day: float, end: float) -> float:
    """The day of an event, or the last day of the run if the event never happens."""
    return float(day) if isfinite(day) else end


def duration(events: Events, request: Any) -> float:
    """Days from the first draft of a request to its end, or to the end of the run if it has not ended."""
    return until(request.ended, events.end) - float(request.drafted)


def settled(requests: Any) -> Any:
    """Day on which each requester got an answer or stopped waiting; NaN if neither happened."""
    return np.fmin(requests.given_up, requests.ended)


def stage_lengths(events: Events, request: Any) -> dict[Stage, float]:
    """Days that a request spent in each stage; an unfinished stage lasts until the request's end.

    A request that is withdrawn at the moment at which a desk is done with it has had that stage counted already.
    """
    lengths = {stage: float(request[f"stage_{stage.value}"]) for stage in Stage}
    if request.status in (RequestStatus.OPEN, RequestStatus.WITHDRAWN) and request.stage > 0:
        uncounted = duration(events, request) - sum(lengths.values())
        last = until(request.ended, events.end)
        lengths[Stage(request.stage)] += max(min(last - float(request.stage_since), uncounted), 0.0)
    return {stage: length for stage, length in lengths.items() if length > 0.0}


@gap
def longest(events: Events, request: Any) -> str:
    """Sentence that names the stages in which a request spent most time; empty if no stage is long."""
    lengths = stage_lengths(events, request)
    least = max(_LEAST_SHARE * sum(lengths.values()), _LEAST_DAYS)
    named = [stage for stage in sorted(lengths, key=lambda stage: -lengths[stage])[:_MOST] if lengths[stage] >= least]
    parts = [f"{days(lengths[stage])} {say(events, stage.row.spent, request)}" for stage in named]
    return f" Longest: {listing(parts)}." if parts else ""


def asks(events: Events, request: Any) -> Any:
    """All requests for the same data as a given one: questions to police, preservation and formal requests, in order.

    A question to police names no item: it belongs to all items of its step of a lead. Other requests are alone.
    """
    if request.chain < 0 or request.purpose not in (RequestPurpose.CHAIN, RequestPurpose.LEAD):
        return events.rows("request", row=request.row)
    every = events.rows("request", chain=request.chain, hop=request.hop)
    if request.evidence < 0:
        return every
    return every[(every.evidence == request.evidence) | (every.purpose == RequestPurpose.LEAD)]


@gap
def before(events: Events, request: Any) -> str:
    """Text on the results of a case's earlier requests for the same data, in order."""
    others, known = asks(events, request), settled(request)
    ended = others[settled(others) < known]
    came = tally(filter(None, (said(events, "came of", one) for one in ended[np.argsort(settled(ended))])))
    return f" Before that: {came}." if came else ""


@gap
def by_stage(events: Events, request: Any) -> str:
    """Text on the days that a request spent in each stage."""
    lengths = stage_lengths(events, request).items()
    parts = [f"{labels.STAGES[stage]} {length:.0f}" for stage, length in lengths if length >= 1.0]
    return f"Its days by stage: {', '.join(parts)}." if parts else ""


@gap
def way(events: Events, request: Any) -> str:
    """Text that names a request's channel and, if needed, its legal instrument."""
    channel = Channel(request.channel)
    own = channel in (Channel.LETTERS_ROGATORY, Channel.PROVIDER_VOLUNTARY) or request.instrument < 0
    return labels.CHANNELS[channel] + ("" if own else f" ({events.law.terms[request.instrument].name})")


@gap
def custodian(events: Events, request: Any) -> str:
    """Text that names the provider that holds the requested data, and its state."""
    place = events.state(request.requested)
    if request.provider < 0:
        return place
    provider = events.providers[int(request.provider)]
    names = ("", f"a hosting provider in {place}", f"an access provider in {place}")
    return names[provider.provider_class] or f"{provider.name}, asked in {place}"


@gap
def late(_: Events, request: Any) -> str:
    """Text that a request missed its deadline; empty if it did not."""
    return ", past its deadline" if request.ended - request.sent > request.deadline_days else ""


@gap
def unasked(events: Events, milestone: Any) -> str:
    """Text on data that arrived without a request, with the state that held the data."""
    items = events.rows("evidence", chain=milestone.subject, settled=milestone.day)
    return say(events, "{data_kind:data} in {state:state}", items[0]) if items.size else "data"


@gap
def place(events: Events, job: Any) -> str:
    """Text that names the desk working on a file, and its state."""
    kind, state = desk_of(events, job)
    return f"{labels.DESKS[kind]} {events.state(state)}"


def desk_of(events: Events, job: Any) -> tuple[DeskKind, int]:
    """Returns the kind of the desk that works on a file, and the index of its state."""
    states = len(events.law.states)
    kind, row = divmod(int(job.desk), states)
    if kind < len(WITH_UNITS):
        return WITH_UNITS[kind], row
    return DeskKind.PROVIDER, events.providers[int(job.desk) - len(WITH_UNITS) * states].state


@gap
def sent_back(events: Events, job: Any) -> str:
    """Sentence that a desk returned a file, with the correction that the desk asked for; empty if it did not."""
    later = events.rows("job", request=job.request, stage=job.stage).arrived > job.arrived
    lacks = desk_of(events, job)[0].row.asks_for
    return f"{place(events, job)} returns it and asks for {lacks}." if later.any() else ""


@gap
def followed(events: Events, case: Any) -> str:
    """Text on the number of leads that a case followed from its start."""
    opened = events.rows("milestone", kind=MilestoneKind.LEAD_OPENED, case=case.row, day=case.opened)
    goals = Counter(said(events, "goal", chain) for chain in events["chain"][opened.subject])
    towards = listing([f"{number} towards {goal}" for goal, number in goals.most_common()])
    return f"; {counted(opened.size, 'lead')} followed at once: {towards}" if goals else ""


@gap
def team(events: Events, case: Any) -> str:
    """Text that names the partners in a case's joint team."""
    partners = events.rows("partner", case=case.row, in_team=1)
    return listing([events.state(state) for state in partners.state]) or "no partner yet"


@gap
def waiting(events: Events, case: Any) -> str:
    """Text that names the states with unanswered requests at the end of the case or the run."""
    request, last = events.rows("request", case=case.row), until(case.closed, events.end)
    left = request[np.isin(request.purpose, FORMAL) & ~(settled(request) < last)]
    states = tally(map(events.state, left.requested))
    return f" Still unanswered: {counted(left.size, 'request')}, to {states}." if left.size else ""


@gap
def case_end(events: Events, case: Any) -> str:
    """Text on the reason why a case ended; if its group was gone, on the end of the group."""
    if case.status != records.CaseStatus.CLOSED_GROUP_GONE:
        return labels.CASE_ENDS.get(records.CaseStatus(case.status), "")
    actions = events.rows("action", group=case.group, down=1)
    down = actions[(actions.day >= case.opened) & (actions.day <= case.closed) & (actions.case != case.row)]
    return said(events, "took", down[-1]) if down.size else "the group ended by itself, without any action against it"


@gap
def beginning(events: Events, partner: Any) -> str:
    """Sentence that names the states that begin to prepare on a day, with the control servers found there."""
    partners = events.rows("partner", case=partner.case, joined=partner.joined)
    if partners.row[0] != partner.row:
        return ""
    states, one = listing([events.state(state) for state in partners.state]), partners.size == 1
    found = events.rows("milestone", kind=MilestoneKind.NODE_FOUND, day=partner.joined)
    mine = (found.case == partner.case) | (events["case"].merged_into[found.case] == partner.case)
    ways = listing([labels.DISCOVERIES[records.NodeDiscovery(way)] for way in dict.fromkeys(found.reason[mine])])
    servers = f": {'a control server was' if one else 'control servers were'} found there, {ways}" if ways else ""
    return f"{states} {'begins' if one else 'begin'} to prepare for action{servers}."


@gap
def joint(events: Events, action: Any) -> str:
    """Text that names the other case with the same action day; empty if there is none."""
    joined = action.operation not in (action.row, records.NONE)
    return f" It joined the action day of case {events['action'].case[action.operation]}." if joined else ""


@gap
def share_left(events: Events, band: Any) -> str:
    """Text on the share of a criminal group's users who left it."""
    return per_cent(float(band.amount / events["group"].users_at_takedown[band.group]))


def case_account(events: Events, row: int, *, full: bool = False) -> Account:
    """Account of a case, with an entry for every step if `full` is true."""
    case, request = events["case"][row], events.rows("request", case=row)
    title = say(events, "Case {row}: {state:state} against group {group}", case)
    asides, last = _asides(events, case, request), until(case.closed, events.end)
    if case.status in labels.NOT_OPENED:
        return Account(title, [said(events, "not opened", case)], (), case.opened, asides)
    steps = [entry for entry in reports(events, row, "step") if case.opened < entry.day < last]
    if len(steps) > MANY and not full:
        steps, asides = [*_leads(events, row, last)], [f"--case {row} --full: every step of every lead", *asides]
    work = [entry for entry in reports(events, row, "work") if entry.day < last]
    custody = reports(events, row, "custody", column="known_by")
    entries = [*reports(events, row, "case"), *work, *steps, *custody, *_meanwhile(events, case, last)]
    entries = sorted([*entries, Entry(last, said(events, "ends", case))], key=lambda entry: entry.day)
    facts = [said(events, "worked", case), *_requests(events, request), *_losses(events, row, request)]
    return Account(title, [*facts, *_liaison(events, row, request)], entries, case.opened, asides)


def _meanwhile(events: Events, case: Any, last: float) -> list[Entry]:
    """Dated entries on changes of a case's group by others: all during the case, and the first few after it."""
    changes = sorted(reports(events, case.group, "change", "hit"), key=lambda entry: entry.day)
    own = f"Case {case.row} "
    seen = [entry for entry in changes if entry.day >= case.opened and not entry.text.startswith(own)]
    during = sum(entry.day <= last for entry in seen)
    return seen[: during + _AFTERWARDS]


def _leads(events: Events, case: int, last: float) -> Iterator[Entry]:
    """Yields an entry on each lead of a case, dated by the day on which the lead's last answer was read."""
    for chain in events.rows("chain", case=case):
        asked = events.rows("request", chain=chain.row, purpose=RequestPurpose.CHAIN)
        known = asked[settled(asked) < last]
        unasked = events.rows("milestone", kind=MilestoneKind.NOT_ASKED, subject=chain.row)
        if not (known.size or unasked.size):
            continue
        is_answered = (known.status == RequestStatus.EXECUTED) & np.isnan(known.given_up)
        answered = known[is_answered]
        lost = tally(said(events, "failure", one) for one in known[~is_answered])
        never = tally(say(events, "{unasked}", one) for one in unasked)
        text = say(events, "Lead {ordinal:step}, towards {goal}", chain)
        text += f", since {date(min([*asked.drafted, *unasked.day]))}: {counted(known.size, 'request')}"
        text += f"{route(events, known)}, {answered.size} answered."
        if answered.size:
            text += said(events, "slowest", max(answered, key=lambda one: duration(events, one)))
        text += f"{lost and f' Lost: {lost}.'}{never and f' Never asked for: {never}.'} "
        read = settled(known) + known[f"stage_{Stage.FORENSICS.value}"]
        yield Entry(min(max([*read, *unasked.day]), last), text + said(events, "led", chain))


def route(events: Events, known: Any) -> str:
    """Text that lists the states that received requests for one lead, in order."""
    places = [events.state(one.requested) for one in known[np.argsort(known.hop, kind="stable")]]
    there = [place for place, _ in groupby(places)]
    return f" to {' → '.join(there)}" if there else ""


def _requests(events: Events, request: Any) -> Iterator[str]:
    """Yields sentences on a case's requests abroad: number, results and longest stages."""
    abroad = request[request.requesting != request.requested]
    if (formal := abroad[np.isin(abroad.purpose, FORMAL)]).size:
        time, ends = Counter[records.Stage](), Counter(formal.status.tolist())
        for one in formal:
            time.update(stage_lengths(events, one))
        whole = sum(time.values()) or 1.0
        where = listing([f"{labels.STAGES[stage]} {per_cent(part / whole)}" for stage, part in time.most_common(3)])
        lengths = [duration(events, one) for one in formal if one.status == RequestStatus.EXECUTED]
        median = {RequestStatus.EXECUTED: f" (median {days(float(np.median(lengths)))})"} if lengths else {}
        parts = [f"{ends[code]} {word}{median.get(code, '')}" for code, word in labels.ANSWERS.items() if ends[code]]
        silent = int((formal.silent == 1).sum())
        knows = f" (the model knows: {silent} would never have been answered)" if silent else ""
        states = counted(np.unique(formal.requested).size, "state")
        yield f"Formal requests abroad: {formal.size} to {states}: {listing(parts)}{knows}." + (
            f" Where their time went: {where}." if where else ""
        )
    for purpose, did, what in (
        (RequestPurpose.LEAD, "Police gave leads to", "question"),
        (RequestPurpose.PRESERVATION, "24/7 points preserved", "item"),
    ):
        if (asked := abroad[abroad.purpose == purpose]).size:
            executed = int((asked.status == RequestStatus.EXECUTED).sum())
            yield f"{did} {executed} of {counted(asked.size, what)}."


def _losses(events: Events, case: int, request: Any) -> Iterator[str]:
    """Yields a sentence on the steps of a case's leads that failed, with the reasons, most frequent first."""
    unasked = events.rows("milestone", kind=MilestoneKind.NOT_ASKED, case=case)
    causes = [said(events, "cause", one) for one in request if one.purpose == RequestPurpose.CHAIN]
    causes += [say(events, "never formally asked ({reason:not_asked})", one) for one in unasked]
    if lost := [cause for cause in causes if cause]:
        yield f"{counted(len(lost), 'step')} of its leads came to nothing: {tally(lost, 6)}."


def _liaison(events: Events, case: int, request: Any) -> Iterator[str]:
    """Yields sentences on the help that a case got from liaison bodies and officers."""
    if (referral := events.rows("referral", case=case)).size:
        helped = referral.body[referral.result == records.TaskResult.HELPED]
        names = tally(labels.BODIES[records.Body(body)] for body in helped)
        yield f"Liaison bodies got {counted(referral.size, 'file')} and helped with {helped.size}: {names or 'none'}."
    if accompanied := int((request.officer >= 0).sum()):
        avoided = counted(int(request.returns_saved.sum()), "return")
        yield f"Liaison officers supported {accompanied} of its requests and avoided {avoided}."


def _asides(events: Events, case: Any, request: Any) -> list[str]:
    """Options of `comity explain`, with descriptions, that show accounts related to this one."""
    asides = [f"--group {case.group}: the whole life of the group"]
    asides += [f"--case {case.merged_into}: the case that it joined"] if case.merged_into >= 0 else []
    joined = events.rows("case", merged_into=case.row)[:4]
    asides += [f"--case {other.row}: a case that joined it" for other in joined]
    if (formal := request[request.purpose == RequestPurpose.CHAIN]).size:
        longest = max(formal, key=lambda one: duration(events, one))
        asides.append(f"--request {longest.row}: its longest request, stage by stage")
    return asides


def group_account(events: Events, row: int) -> Account:
    """Account of a criminal group's history: reports, cases, changes, and members' fates (M14–M17)."""
    group, case = events["group"][row], events.rows("case", group=row)
    opened = [one for one in case if one.status not in labels.NOT_OPENED]
    statuses = Counter(events.rows("member", group=row).status.tolist()).most_common()
    fates = listing([f"{number} {records.MemberStatus(code).name.lower()}" for code, number in statuses])
    entries = [*reports(events, row, "group", "change"), *reports(events, row, "custody", column="group")]
    facts = [
        said(events, "lived", group),
        f"{counted(len(case), 'report')} reached police and led to {counted(len(opened), 'case')}. "
        f"Core members at the end of the run: {fates or 'none'}.",
    ]
    asides = [say(events, "--case {row}: what the unit of {state:state} did", one) for one in opened[:6]]
    title = say(events, "Group {row}: {kind:kind}", group)
    return Account(title, facts, sorted(entries, key=lambda entry: entry.day), float(group.entered), asides)


def request_account(events: Events, row: int) -> Account:
    """Account of a request: content, waits and reasons, duration of stages, and result."""
    request = events["request"][row]
    drafted = float(request.drafted)
    entries = [*reports(events, row, "request"), *_evidence(events, request)]
    if not isfinite(request.ended):
        entries.append(Entry(events.end, f"The run ends: still {said(events, 'failure', request)}."))
    asides = [f"--case {request.case}: the case that it belongs to", f"--group {request.group}: the group"]
    every = asks(events, request).row.tolist()
    at = every.index(request.row)
    asides += [f"--request {other}: the ask before it, for the same data" for other in every[max(at - 1, 0) : at]]
    asides += [f"--request {other}: the ask after it, for the same data" for other in every[at + 1 : at + 2]]
    facts: Sequence[str] = [fact for kind in _REQUEST if (fact := said(events, kind, request))]
    title = say(events, "Request {row}: {requesting:state} to {requested:state}", request)
    entries.sort(key=lambda entry: entry.day)
    return Account(title, facts, entries, drafted, asides if request.case >= 0 else ())


def _evidence(events: Events, request: Any) -> Iterator[Entry]:
    """Yields dated entries on data that were preserved or lost during a request."""
    if request.evidence < 0:
        return
    item, drafted = events["evidence"][request.evidence], float(request.drafted)
    yield from (entry for entry in reports(events, request.evidence, "item") if entry.day >= drafted)
    frozen = float(item.frozen_until) if isfinite(item.frozen_until) else -np.inf
    gone = max(min(float(item.retained_until), float(item.moves_at)), frozen)
    if gone < until(request.ended, events.end):
        why = "their server moves" if item.moves_at < item.retained_until else "the custodian deletes them"
        why = "their preservation runs out" if gone == frozen else why
        early = " even before it was drafted" if gone < drafted else ""
        yield Entry(max(gone, drafted), f"The data are gone{early}: {why} on {date(gone)}.")
