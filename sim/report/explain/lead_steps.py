"""A lead as a sequence of steps: each asks the next custodian, and is answered, lost, or still open (M10)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from sim.report.explain.events import Events, is_given_up, is_set
from sim.world.records import ChainStatus, ChainTarget, EvidenceStatus, RequestPurpose, RequestStatus, Stage

_OPEN_ENDS = (RequestStatus.OPEN, RequestStatus.EXECUTED)


class StepResult(Enum):
    """The result of a step."""

    ANSWERED = "answered"
    LOST = "lost"
    PENDING = "pending"


@dataclass(frozen=True)
class LeadStep:
    """One ask of a lead.

    Attributes:
        number: hop, from 1.
        item: row of the evidence that is asked for.
        formal: rows of formal requests, in order; none where no way was open or seemed worth it.
        lead: row of the question to police, -1 for none.
        preservation: rows of requests to preserve the item.
        asked: day.
        result: what became of it.
        ended: day on which that was known; NaN while it is pending.
        by_lead: whether police information alone let the trail go on.
    """

    number: int
    item: int
    formal: Sequence[int]
    lead: int
    preservation: Sequence[int]
    asked: float
    result: StepResult = StepResult.PENDING
    ended: float = math.nan
    by_lead: bool = False


@dataclass(frozen=True)
class Lead:
    """A chain of evidence.

    Attributes:
        number: in its case, from 1.
        row: of the chain.
        to_person: whether it leads to a core member, not to a control server.
        complete: whether its last step was answered.
        steps: in order.
    """

    number: int
    row: int
    to_person: bool
    complete: bool
    steps: Sequence[LeadStep]

    @property
    def opened(self) -> float:
        """Day of the first ask."""
        return self.steps[0].asked


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
    formal = [step for step in asks.values() if step is not None]
    unasked = [item for item, step in asks.items() if step is None]
    asked = sorted(_with_police(events, formal, unasked, police), key=lambda step: (step.asked, step.item))
    steps = [_with_end(events, chain, asked, number) for number in range(len(asked))]
    person = chain.target == ChainTarget.PERSON
    return Lead(int(chain.ordinal) + 1, row, bool(person), bool(chain.status == ChainStatus.COMPLETE), steps)


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


def _with_police(
    events: Events, steps: list[LeadStep], unasked: Sequence[int], police: Sequence[int]
) -> list[LeadStep]:
    """Steps with the questions to police that belong to them.

    A formal request may wait for the answer of police, and not be made where it is enough: such a question is a step
    of its own. Other items were preserved early on a police lead, and never asked for.
    """
    request, evidence = events["request"], events["evidence"]
    left = list(unasked)
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
        return _answered(events, step, until)
    if not last or _has_failed(events, chain, step):
        return replace(step, result=StepResult.LOST, ended=_failed_on(events, step))
    return step


def _answered(events: Events, step: LeadStep, until: float) -> LeadStep:
    """By the first formal answer that was read before the next ask, or else by police."""
    for row in step.formal:
        read = read_on(events, row)
        if is_set(read) and read <= until:
            return replace(step, result=StepResult.ANSWERED, ended=read)
    ended = float(events["request"].ended[step.lead]) if step.lead >= 0 else step.asked
    return replace(step, result=StepResult.ANSWERED, ended=ended, by_lead=True)


def read_on(events: Events, row: int) -> float:
    """Day on which an executed request had been read; content is read in the laboratory. NaN: not yet, or never."""
    request = events["request"][row]
    if request.status != RequestStatus.EXECUTED:
        return math.nan
    if request.stage != Stage.FORENSICS:
        return float(request.ended)
    return float(events["job"].ended[request.job])


def _has_failed(events: Events, chain: Any, step: LeadStep) -> bool:
    """Whether the last step of a lead was lost before its case ended; afterwards nobody waits for the answer."""
    if not step.formal:
        return True
    request, closed = events["request"][step.formal[-1]], events["case"].closed[chain.case]
    if RequestStatus(request.status) in _OPEN_ENDS and not is_given_up(request):
        return False
    return _failed_on(events, step) < (closed if is_set(closed) else math.inf)


def _failed_on(events: Events, step: LeadStep) -> float:
    """Day on which a step was lost."""
    if not step.formal:
        return step.asked
    request = events["request"][step.formal[-1]]
    return float(request.given_up if is_given_up(request) else request.ended)
