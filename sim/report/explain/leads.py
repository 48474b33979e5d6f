"""Describes the leads of a case: each answer, each loss with its cause, and new leads; repeated losses are folded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from sim.law.vocabulary import DataKind, Ground
from sim.report.explain import phrases, wording
from sim.report.explain.account import Entry, Tone
from sim.report.explain.events import Events, is_given_up, is_set
from sim.report.explain.lead_steps import Lead, LeadStep, StepResult
from sim.report.explain.wording import date, days
from sim.results import labels
from sim.results.words import counted, listing
from sim.world.records import EvidenceStatus, MilestoneKind, RequestStatus, WhyNotAsked

_SAME_DAY = 1e-6
_FOLD = 2  # consecutive losses from which on they share an entry
_MANY = 24  # steps of a case from which on a lead is one entry
_NOT_ASKED = {
    WhyNotAsked.NO_CHANNEL_OPEN: "no channel was open",
    WhyNotAsked.ALL_CHANNELS_TRIED: "every channel had been tried",
    WhyNotAsked.CHANNEL_UNKNOWN: "the investigators did not know the open channel",
    WhyNotAsked.NOT_WORTH_IT: "a request did not seem worthwhile",
}


def has_many_steps(leads: Sequence[Lead]) -> bool:
    """Whether a case has so many steps that each lead becomes one entry."""
    return sum(len(lead.steps) for lead in leads) > _MANY


def lead_entries(events: Events, leads: Sequence[Lead]) -> Iterator[Entry]:
    """Every step of all leads of a case; consecutive losses share an entry."""
    for lead in leads:
        for result, run in groupby(lead.steps, key=lambda step: step.result):
            steps = list(run)
            if result is StepResult.LOST and len(steps) >= _FOLD:
                yield _folded(events, lead, steps)
            elif result is not StepResult.PENDING:
                yield from (_step_entry(events, lead, step) for step in steps)


def whole_leads(events: Events, leads: Sequence[Lead]) -> Iterator[Entry]:
    """All leads of a case, one entry each: from the first ask to the end."""
    for lead in leads:
        ended = [step for step in lead.steps if step.result is not StepResult.PENDING]
        if not ended:
            continue
        answered = [step for step in ended if step.result is StepResult.ANSWERED]
        lost = [step for step in ended if step.result is StepResult.LOST]
        text = f"Lead {lead.number}, towards {_target(lead)}, since {date(lead.opened)}: "
        text += f"{counted(len(ended), 'ask')}, {len(answered)} answered.{_slowest(events, answered)}"
        text += f" Lost: {_lost(events, lost)}." if lost else ""
        if lead.complete:
            text += f" It led to {_target(lead)}."
        elif lead.steps[-1].result is StepResult.PENDING:
            text += " It was waiting for an answer when the case ended."
        else:
            text += " It led nowhere."
        yield Entry(ended[-1].ended, text, Tone.PROGRESS if lead.complete else Tone.SETBACK)


def _slowest(events: Events, answered: Sequence[LeadStep]) -> str:
    """The formal answer that took longest, and where its time went."""
    rows = [_executed(events, step) for step in answered if not step.by_lead]
    if not rows:
        return ""
    row = max(rows, key=lambda row: phrases.duration(events, row))
    what = labels.DATA[DataKind(events["request"].data_kind[row])]
    text = f"{what} from {phrases.custodian(events, row)}, {days(phrases.duration(events, row))}"
    where = phrases.where_time_went(events, row)
    return f" Slowest: {text} by {phrases.way(events, row)}{f': {where}' if where else ''} [request {row}]."


def _lost(events: Events, lost: Sequence[LeadStep]) -> str:
    """Causes of losses, with where and, for data that were gone, when."""
    alike: dict[str, list[str]] = {}
    for step in lost:
        item = events["evidence"][step.item]
        place, gone = events.state(item.state), phrases.gone_on(item)
        alike.setdefault(_cause(events, step), []).append(f"{place} ({date(gone)})" if gone is not None else place)
    most_first = sorted(alike.items(), key=lambda item: -len(item[1]))
    return "; ".join(f"{len(places)} {cause}: {wording.tally(places)}" for cause, places in most_first)


def _target(lead: Lead) -> str:
    return "a core member" if lead.to_person else "a control server"


def opening_entries(events: Events, case: int, leads: Sequence[Lead]) -> Iterator[Entry]:
    """Openings of later leads, with the reason: others had ended, or others stayed unanswered."""
    opened = float(events["case"].opened[case])
    later = [lead for lead in leads if lead.opened > opened + _SAME_DAY]
    of_lead = {row: of for _, row, of in events.milestones(MilestoneKind.LEAD_OPENED, case=case)}
    for day, group in groupby(later, key=lambda lead: lead.opened):
        new = list(group)
        names = listing([str(lead.number) for lead in new])
        what = f"{'Lead' if len(new) == 1 else 'Leads'} {names} ({_targets(new)})"
        doubled = [of for row, of in of_lead.items() if of >= 0 and row in {lead.row for lead in new}]
        if doubled:
            numbers = listing([str(int(events["chain"].ordinal[of]) + 1) for of in doubled])
            which = f"{'lead' if len(doubled) == 1 else 'leads'} {numbers}"
            patience = days(events.setting("case", "impatience_days"))
            yield Entry(day, f"{what} opened in parallel to {which}, unanswered for more than {patience}.")
        else:
            yield Entry(day, f"{what} opened after other leads had ended.")


def first_leads(leads: Sequence[Lead], opened: float) -> str:
    """The leads that are followed from the start."""
    first = [lead for lead in leads if lead.opened <= opened + _SAME_DAY]
    return f"{counted(len(first), 'lead')} followed at once: {_targets(first)}" if first else ""


def _targets(leads: Sequence[Lead]) -> str:
    """Targets of leads; with numbers where there are several leads."""
    if len(leads) == 1:
        return f"towards {_target(leads[0])}"
    counts = Counter(_target(lead) for lead in leads)
    parts = [
        f"{number} towards {target if number == 1 else target.removeprefix('a ') + 's'}"
        for target in ("a control server", "a core member")
        if (number := counts[target])
    ]
    return listing(parts)


def pending(events: Events, leads: Sequence[Lead], until: float) -> list[str]:
    """Steps that had no end on the day when the case or the run ended, one clause each."""
    clauses = []
    for lead in leads:
        for step in lead.steps:
            if step.result is StepResult.PENDING:
                row = step.formal[-1]
                what = labels.DATA[DataKind(events["request"].data_kind[row])]
                asked = f"{what} from {phrases.custodian(events, row)}, asked {days(until - step.asked)} before"
                clauses.append(f"{asked} (lead {lead.number}, step {step.number})")
    return clauses


def causes(events: Events, leads: Sequence[Lead]) -> list[tuple[str, int]]:
    """Causes of lost steps, the most frequent one first."""
    lost = [step for lead in leads for step in lead.steps if step.result is StepResult.LOST]
    return Counter(_cause(events, step) for step in lost).most_common()


def _cause(events: Events, step: LeadStep) -> str:
    """The cause of one loss, in a word or two."""
    if not step.formal:
        chain = int(events["evidence"].chain[step.item])
        unasked = events.milestones(MilestoneKind.NOT_ASKED, subject=chain)
        why = [reason for day, _, reason in unasked if abs(day - step.asked) < _SAME_DAY]
        return f"never formally asked ({_NOT_ASKED[WhyNotAsked(why[0])]})" if why else "never formally asked"
    request = events["request"][step.formal[-1]]
    if request.silent == 1:
        return "never answered (silence)"
    if is_given_up(request):
        return "given up before an answer"
    if request.status == RequestStatus.REFUSED:
        return f"refused ({labels.GROUNDS[Ground(request.ground)]})"
    if request.status == RequestStatus.NO_DATA:
        unreadable = events["evidence"].status[step.item] == EvidenceStatus.LOST_ENCRYPTED
        return "delivered but encrypted" if unreadable else "gone before the answer"
    if request.status == RequestStatus.NOT_SENT:
        return f"not sent ({labels.GROUNDS[Ground(request.ground)]})"
    return "withdrawn before an answer"


def _step_entry(events: Events, lead: Lead, step: LeadStep) -> Entry:
    """A single step that was answered or lost."""
    if step.result is StepResult.LOST:
        mark = f" [request {step.formal[-1]}]" if step.formal else ""
        text = f"{_place(lead, step)} lost: {_single_loss(events, step)}.{_around(events, step)}{mark}"
        return Entry(step.ended, text, Tone.SETBACK)
    text = _by_police(events, lead, step) if step.by_lead else _by_evidence(events, lead, step)
    return Entry(step.ended, text, Tone.PROGRESS)


def _place(lead: Lead, step: LeadStep) -> str:
    return f"Lead {lead.number}, step {step.number}"


def _by_evidence(events: Events, lead: Lead, step: LeadStep) -> str:
    """A formal answer."""
    row = _executed(events, step)
    request, item = events["request"][row], events["evidence"][step.item]
    data, way = labels.DATA[DataKind(request.data_kind)], phrases.way(events, row)
    deadline = f", deadline {days(request.deadline_days)}" if is_set(request.deadline_days) else ""
    text = (
        f"{_place(lead, step)} answered after {days(step.ended - request.drafted)}: {data} from "
        f"{phrases.custodian(events, row)}, by {way}{_urgency(request)}{deadline}."
    )
    where = phrases.where_time_went(events, row)
    text += f" Longest: {where}." if where else ""
    if item.decrypted:
        text += " It was encrypted; the laboratory opened it."
    if item.status == EvidenceStatus.INADMISSIBLE:
        why = "it came through an insecure channel" if item.excluded else "it was given voluntarily"
        text += f" It is not admissible in court: {why}."
    return f"{text}{_earlier(events, step, row)}{_around(events, step)}{_trail_end(lead, step)} [request {row}]"


def _by_police(events: Events, lead: Lead, step: LeadStep) -> str:
    """Police information was enough."""
    request = events["request"][step.lead]
    open_still = f" The formal request of {date(step.asked)} was still open." if step.formal else ""
    return (
        f"{_place(lead, step)}: police of {events.state(request.requested)} answered after "
        f"{days(request.ended - request.sent)} ({phrases.way(events, step.lead)}), which was enough to continue."
        f"{open_still}{_trail_end(lead, step)}"
    )


def _trail_end(lead: Lead, step: LeadStep) -> str:
    """A sentence on the target, after the last step of a complete lead."""
    ends = lead.complete and step is lead.steps[-1]
    return f" The trail ends here: it led to {_target(lead)}." if ends else ""


def _urgency(request: np.record) -> str:
    return ", urgent" if request.urgent == 1 else ", routine"


def _single_loss(events: Events, step: LeadStep) -> str:
    """The cause of one loss, and the stages in which the request had been."""
    if not step.formal:
        item = events["evidence"][step.item]
        what = f"{events.state(item.state)} for {labels.DATA[DataKind(item.data_kind)]}"
        return f"no formal request to {what}: no channel was open, or none seemed worthwhile"
    row = step.formal[-1]
    request = events["request"][row]
    data, way = labels.DATA[DataKind(request.data_kind)], phrases.way(events, row)
    where = phrases.where_time_went(events, row)
    spent = f"; {where}" if where and request.silent == 0 else ""
    asked = f"{data}, asked on {date(request.drafted)} by {way}{_urgency(request)}{spent}"
    return f"{phrases.failures(events, [row])[0]} ({asked}){_earlier(events, step, row)}"


def _earlier(events: Events, step: LeadStep, row: int) -> str:
    """Requests for the same item before this one."""
    before = phrases.failures(events, [other for other in step.formal if other < row])
    return f" Before that, {'; '.join(before)}." if before else ""


def _around(events: Events, step: LeadStep) -> str:
    """The answer of police to the question beside the formal request, and what was preserved until when."""
    text, requests, item = "", events["request"], events["evidence"][step.item]
    if step.lead >= 0 and not step.by_lead:
        question = requests[step.lead]
        place = events.state(question.requested)
        if question.status == RequestStatus.EXECUTED:
            text = f" Police of {place} gave a lead after {days(question.ended - question.sent)}."
        elif question.status == RequestStatus.REFUSED:
            text = f" Police of {place} declined to help."
    if is_set(item.frozen_from):
        span = f"from {date(item.frozen_from)} to {date(item.frozen_until)}"
        return f"{text} Preserved through the 24/7 point {span}."
    if step.preservation and all(requests.status[row] == RequestStatus.REFUSED for row in step.preservation):
        return f"{text} A 24/7 request to preserve it failed."
    return text


def _executed(events: Events, step: LeadStep) -> int:
    """The formal request that was answered."""
    return next(row for row in step.formal if events["request"].status[row] == RequestStatus.EXECUTED)


def _folded(events: Events, lead: Lead, steps: Sequence[LeadStep]) -> Entry:
    """Consecutive losses: their causes, and the answers of police meanwhile."""
    numbers = sorted({step.number for step in steps})
    which = f"step {numbers[0]}" if len(numbers) == 1 else f"steps {numbers[0]} to {numbers[-1]}"
    losses = phrases.failures(events, [step.formal[-1] for step in steps if step.formal])
    unasked = Counter(events.state(events["evidence"].state[step.item]) for step in steps if not step.formal)
    if unasked:
        places = listing([place if n == 1 else f"{place} ({n})" for place, n in unasked.most_common()])
        losses.append(f"no formal request to {places}, as no channel was open or none seemed worthwhile")
    questions = [step.lead for step in steps if step.lead >= 0]
    gave = sum(events["request"].status[row] == RequestStatus.EXECUTED for row in questions)
    police = f" Police answered {gave} of {len(questions)} questions meanwhile." if questions else ""
    text = f"Lead {lead.number}, {which}: {len(steps)} attempts since {date(steps[0].asked)} came to nothing"
    return Entry(steps[-1].ended, f"{text}: {'; '.join(losses)}.{police}", Tone.SETBACK)
