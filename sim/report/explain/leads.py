"""Leads of a case (M10): each step asks the next custodian, and is answered, lost, or still open; in words."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby
from typing import Any

from sim.report.explain import requests
from sim.report.explain.events import Events, is_given_up, is_set
from sim.report.explain.words import Entry, Tone, date, days, tally
from sim.results import labels
from sim.results.words import counted, listing
from sim.world import records
from sim.world.records import ChainStatus, EvidenceStatus, MilestoneKind, RequestPurpose, RequestStatus

SAME_DAY = 1e-6
_WHAT = "{data_kind:data} from {custodian}"
MANY = 12  # steps of a case from which on a lead is one entry


class StepResult(Enum):
    """The result of a step."""

    ANSWERED = "answered"
    LOST = "lost"
    PENDING = "pending"


@dataclass(frozen=True)
class LeadStep:
    """One ask of a lead."""

    number: int  # hop, from 1
    item: int  # row of the evidence that is asked for
    formal: Sequence[int]  # rows of formal requests, in order; none where no way was open or seemed worth it
    lead: int  # row of the question to police, -1 for none
    preservation: Sequence[int]  # rows of requests to preserve the item
    asked: float  # day
    result: StepResult = StepResult.PENDING  # what became of it
    ended: float = math.nan  # day on which that was known; NaN while it is pending
    by_lead: bool = False  # whether police information alone let the trail go on


@dataclass(frozen=True)
class Lead:
    """A chain of evidence."""

    number: int  # in its case, from 1
    row: int  # of the chain
    target: str  # what it leads to
    complete: bool  # whether its last step was answered
    steps: Sequence[LeadStep]  # in order

    @property
    def opened(self) -> float:
        """Day of the first ask."""
        return self.steps[0].asked

    def of(self, result: StepResult) -> list[LeadStep]:
        """Steps with a result."""
        return [step for step in self.steps if step.result is result]


def leads_of(events: Events, case: int) -> list[Lead]:
    """All leads of a case, in order."""
    rows = sorted((int(row) for row in events.where("chain", case=case)), key=lambda row: events["chain"].ordinal[row])
    return [lead for row in rows if (lead := lead_of(events, row)).steps]


def lead_of(events: Events, row: int) -> Lead:
    """A chain with its steps."""
    chain, request = events["chain"][row], events["request"]
    mine = [int(number) for number in events.where("request", chain=row)]
    police = sorted((r for r in mine if request.purpose[r] == RequestPurpose.LEAD), key=lambda r: request.drafted[r])
    items = [int(item) for item in events.where("evidence", chain=row)]
    asks = {item: _formally_asked(events, item, [r for r in mine if request.evidence[r] == item]) for item in items}
    asked = sorted(_with_police(events, asks, police), key=lambda step: (step.asked, step.item))
    steps = [_with_end(events, chain, asked, number) for number in range(len(asked))]
    target = "a core member" if chain.target == records.ChainTarget.PERSON else "a control server"
    return Lead(int(chain.ordinal) + 1, row, target, bool(chain.status == ChainStatus.COMPLETE), steps)


def _formally_asked(events: Events, item: int, held: Sequence[int]) -> LeadStep | None:
    """An ask for an item by the formal requests held for it; None where there was none, nor a try."""
    request, evidence = events["request"], events["evidence"]
    formal = [r for r in held if request.purpose[r] == RequestPurpose.CHAIN]
    frozen = [r for r in held if request.purpose[r] == RequestPurpose.PRESERVATION]
    if formal:
        return LeadStep(int(request.hop[formal[0]]) + 1, item, formal, -1, frozen, float(request.drafted[formal[0]]))
    if evidence.status[item] == EvidenceStatus.NOT_OBTAINED:
        return LeadStep(int(evidence.hop[item]) + 1, item, (), -1, frozen, float(evidence.settled[item]))
    return None


def _with_police(events: Events, asks: Mapping[int, LeadStep | None], police: Sequence[int]) -> list[LeadStep]:
    """Steps with the questions to police that belong to them.

    A formal request may wait for the answer of police, and not be made where it is enough: such a question is a step
    of its own. Other items were preserved early on a police lead, and never asked for.
    """
    request, evidence = events["request"], events["evidence"]
    steps = [step for step in asks.values() if step is not None]
    left = [item for item, step in asks.items() if step is None]
    for number, row in enumerate(police):
        day, hop = float(request.drafted[row]), int(request.hop[row]) + 1
        until = float(request.drafted[police[number + 1]]) if number + 1 < len(police) else math.inf
        fits = [s for s in steps if s.number == hop and s.lead < 0 and (day == s.asked or day < s.asked < until)]
        if fits:
            first = min(fits, key=lambda step: step.asked)
            steps[steps.index(first)] = replace(first, lead=row, asked=day)
            continue
        items = [item for item in left if evidence.hop[item] + 1 == hop]
        if items:
            left.remove(items[0])
            steps.append(LeadStep(hop, items[0], (), row, (), day))
    return steps


def _with_end(events: Events, chain: Any, steps: Sequence[LeadStep], number: int) -> LeadStep:
    """A step with what became of it: the trail has gone on from it, or not."""
    step, last = steps[number], number == len(steps) - 1
    reached = chain.hop + 1 if last else steps[number + 1].number
    if reached > step.number or (last and chain.status == ChainStatus.COMPLETE):
        until = math.inf if last else steps[number + 1].asked
        for row in step.formal:  # the first answer that was read before the next ask; content is read in the laboratory
            request = events["request"][row]
            read = events["job"].ended[request.job] if request.stage == records.Stage.FORENSICS else request.ended
            if request.status == RequestStatus.EXECUTED and is_set(read) and read <= until:
                return replace(step, result=StepResult.ANSWERED, ended=float(read))
        ended = float(events["request"].ended[step.lead]) if step.lead >= 0 else step.asked
        return replace(step, result=StepResult.ANSWERED, ended=ended, by_lead=True)
    ended = step.asked
    if step.formal:
        request = events["request"][step.formal[-1]]
        ended = float(request.given_up if is_given_up(request) else request.ended)
        if last:  # after the end of its case nobody waits for the answer
            waiting = request.status in (RequestStatus.OPEN, RequestStatus.EXECUTED) and not is_given_up(request)
            closed = events["case"].closed[chain.case]
            if waiting or not ended < (closed if is_set(closed) else math.inf):
                return step
    return replace(step, result=StepResult.LOST, ended=ended)


def lead_entries(events: Events, leads: Sequence[Lead], *, folded: bool) -> Iterator[Entry]:
    """Leads of a case: each in one entry, or each of its steps that has ended."""
    for lead in leads:
        if not folded:
            yield from (_step(events, lead, step) for step in lead.steps if step.result is not StepResult.PENDING)
            continue
        answered, lost = lead.of(StepResult.ANSWERED), lead.of(StepResult.LOST)
        if not (answered or lost):
            continue
        text = f"Lead {lead.number}, towards {lead.target}, since {date(lead.opened)}: "
        text += f"{counted(len(answered) + len(lost), 'ask')}, {len(answered)} answered."
        if rows := [_executed(events, step) for step in answered if not step.by_lead]:
            row = max(rows, key=lambda row: requests.duration(events, row))
            slowest = f" Slowest: {_WHAT}, {days(requests.duration(events, row))} by {{way}}"
            text += f"{events.say(slowest, events['request'][row])}{requests.where_time_went(events, row, ': ')} "
            text += f"[request {row}]."
        text += f" Lost: {_lost(events, lost)}." if lost else ""
        pending = " It was waiting for an answer when the case ended." if lead.of(StepResult.PENDING) else ""
        text += f" It led to {lead.target}." if lead.complete else pending or " It led nowhere."
        ended = max(step.ended for step in (*answered, *lost))
        yield Entry(ended, text, Tone.PROGRESS if lead.complete else Tone.SETBACK)


def _lost(events: Events, lost: Sequence[LeadStep]) -> str:
    """Causes of losses, with where and, for data that were gone, when."""
    alike: dict[str, list[str]] = {}
    for step in lost:
        item = events["evidence"][step.item]
        place, gone = events.state(item.state), requests.gone_on(events, item)
        alike.setdefault(_cause(events, step), []).append(f"{place} ({date(gone)})" if is_set(gone) else place)
    most_first = sorted(alike.items(), key=lambda item: -len(item[1]))
    return "; ".join(f"{len(places)} {cause}: {tally(places)}" for cause, places in most_first)


def opening_entries(events: Events, case: int, leads: Sequence[Lead]) -> Iterator[Entry]:
    """Openings of later leads, with the reason: others had ended, or others stayed unanswered."""
    later = [lead for lead in leads if lead.opened > events["case"].opened[case] + SAME_DAY]
    of_lead = {row: of for _, row, of in events.milestones(MilestoneKind.LEAD_OPENED, case=case) if of >= 0}
    for day, group in groupby(later, key=lambda lead: lead.opened):
        new = list(group)
        beside = [int(events["chain"].ordinal[of_lead[lead.row]]) + 1 for lead in new if lead.row in of_lead]
        why = "after other leads had ended"
        if beside:
            patience = days(events.setting("case", "impatience_days"))
            why = f"in parallel to {_numbered('lead', beside)}, unanswered for more than {patience}"
        yield Entry(day, f"{_numbered('Lead', [lead.number for lead in new])} ({_targets(new)}) opened {why}.")


def _numbered(word: str, numbers: Sequence[int]) -> str:
    return f"{word if len(numbers) == 1 else f'{word}s'} {listing(list(map(str, numbers)))}"


def first_leads(leads: Sequence[Lead], opened: float) -> str:
    """The leads that are followed from the start."""
    first = [lead for lead in leads if lead.opened <= opened + SAME_DAY]
    return f"; {counted(len(first), 'lead')} followed at once: {_targets(first)}" if first else ""


def _targets(leads: Sequence[Lead]) -> str:
    """Targets of leads; with numbers where there are several leads."""
    if len(leads) == 1:
        return f"towards {leads[0].target}"
    counts = sorted(Counter(lead.target for lead in leads).items())
    return listing([f"{n} towards {what if n == 1 else what.removeprefix('a ') + 's'}" for what, n in counts])


def pending(events: Events, leads: Sequence[Lead], until: float) -> list[str]:
    """Steps that had no end on the day when the case or the run ended, one clause each."""
    return [
        events.say(f"{_WHAT}, asked {days(until - step.asked)} before ", events["request"][step.formal[-1]])
        + f"(lead {lead.number}, step {step.number})"
        for lead in leads
        for step in lead.of(StepResult.PENDING)
    ]


def causes(events: Events, leads: Sequence[Lead]) -> list[tuple[str, int]]:
    """Causes of lost steps, the most frequent one first."""
    return Counter(_cause(events, step) for lead in leads for step in lead.of(StepResult.LOST)).most_common()


def _cause(events: Events, step: LeadStep) -> str:
    """The cause of one loss, in a word or two."""
    if not step.formal:
        unasked = events.milestones(MilestoneKind.NOT_ASKED, subject=int(events["evidence"].chain[step.item]))
        why = [reason for day, _, reason in unasked if abs(day - step.asked) < SAME_DAY]
        return f"never formally asked{f' ({labels.NOT_ASKED[records.WhyNotAsked(why[0])]})' if why else ''}"
    request = events["request"][step.formal[-1]]
    if request.silent != 1 and is_given_up(request):
        return "given up before an answer"
    lost = events["evidence"].status[step.item] == EvidenceStatus.LOST_ENCRYPTED
    return events.said("cause", request, unreadable="delivered but encrypted" if lost else "gone before the answer")


def _step(events: Events, lead: Lead, step: LeadStep) -> Entry:
    """A single step that was answered or lost."""
    place, row = f"Lead {lead.number}, step {step.number}", step.formal[-1] if step.formal else -1
    if step.result is StepResult.LOST:
        text, tone = f"{place} lost: {_loss(events, step)}.{_around(events, step)}", Tone.SETBACK
    elif step.by_lead:
        took = "police of {requested:state} answered after {ended-sent:days} ({way}), which was enough to continue."
        text, tone = f"{place}: {events.say(took, events['request'][step.lead])}", Tone.PROGRESS
        text += f" The formal request of {date(step.asked)} was still open." if step.formal else ""
        row = -1
    else:
        row, tone = _executed(events, step), Tone.PROGRESS
        took = f"answered after {days(step.ended - events['request'].drafted[row])}: {_WHAT}, by {{way}}{{urgency}}"
        text = f"{place} {events.say(f'{took}{{deadline}}.', events['request'][row])}"
        text += requests.where_time_went(events, row, " Longest: ", ".")
        text += events.said("read", events["evidence"][step.item])
        text += f"{before_that(events, step.formal, row)}{_around(events, step)}"
    if lead.complete and step is lead.steps[-1]:
        text += f" The trail ends here: it led to {lead.target}."
    return Entry(step.ended, f"{text} [request {row}]" if row >= 0 else text, tone)


def _loss(events: Events, step: LeadStep) -> str:
    """The cause of one loss, and the stages in which the request had been."""
    if not step.formal:
        what = events.say("{state:state} for {data_kind:data}", events["evidence"][step.item])
        return f"no formal request to {what}: no channel was open, or none seemed worthwhile"
    row = step.formal[-1]
    request = events["request"][row]
    spent = "" if request.silent == 1 else requests.where_time_went(events, row, "; ")
    asked = events.say("{data_kind:data}, asked on {drafted:date} by {way}{urgency}", request)
    return f"{requests.failures(events, [row])[0]} ({asked}{spent}){before_that(events, step.formal, row)}"


def before_that(events: Events, rows: Sequence[int], row: int) -> str:
    """How the requests of some that came before one, for the same thing, ended."""
    before = requests.failures(events, [other for other in rows if other < row])
    return f" Before that, {'; '.join(before)}." if before else ""


def _around(events: Events, step: LeadStep) -> str:
    """The answer of police to the question beside the formal request, and what was preserved until when."""
    request, beside = events["request"], step.lead >= 0 and not step.by_lead
    text = events.said("police", request[step.lead]) if beside else ""
    if kept := events.said("kept", events["evidence"][step.item]):
        return f"{text}{kept}"
    failed = step.preservation and all(request.status[row] == RequestStatus.REFUSED for row in step.preservation)
    return f"{text} A 24/7 request to preserve it failed." if failed else text


def _executed(events: Events, step: LeadStep) -> int:
    """The formal request that was answered."""
    return next(row for row in step.formal if events["request"].status[row] == RequestStatus.EXECUTED)
