"""The leads of a case as entries, and what stopped them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from sim.law.vocabulary import DataKind, Ground
from sim.report.explain import phrases, wording
from sim.report.explain.account import Entry, Tone
from sim.report.explain.book import Book, is_given_up
from sim.report.explain.queues import Desks
from sim.report.explain.steps import Lead, Outcome, Step
from sim.report.explain.telling import executed, folded_entry, step_entry
from sim.report.explain.wording import date, days, state
from sim.world.records import EvidenceStatus, MilestoneKind, RequestStatus, WhyNotAsked

_SAME_DAY = 1e-6
_FOLD = 2  # steps in a row that are told together
_MANY = 24  # steps of a case from which on a lead is told in one entry


def has_many_steps(leads: Sequence[Lead]) -> bool:
    """Whether a case has so many steps that a lead is told in one entry."""
    return sum(len(lead.steps) for lead in leads) > _MANY


def lead_entries(desks: Desks, leads: Sequence[Lead]) -> Iterator[Entry]:
    """Every step of all leads of a case; losses in a row are told together."""
    for lead in leads:
        for outcome, run in groupby(lead.steps, key=lambda step: step.outcome):
            steps = list(run)
            if outcome is Outcome.LOST and len(steps) >= _FOLD:
                yield folded_entry(desks.book, lead, steps)
            elif outcome is not Outcome.PENDING:
                yield from (step_entry(desks, lead, step) for step in steps)


def whole_leads(desks: Desks, leads: Sequence[Lead]) -> Iterator[Entry]:
    """All leads of a case, one entry each."""
    for lead in leads:
        told = [step for step in lead.steps if step.outcome is not Outcome.PENDING]
        if told:
            yield Entry(told[-1].ended, _whole(desks, lead, told), Tone.PROGRESS if lead.complete else Tone.SETBACK)


def _whole(desks: Desks, lead: Lead, told: Sequence[Step]) -> str:
    """A lead from its first ask to its end."""
    answered = [step for step in told if step.outcome is Outcome.ANSWERED]
    lost = [step for step in told if step.outcome is Outcome.LOST]
    text = f"Lead {lead.number}, towards {_target(lead.to_person)}, since {date(lead.opened)}: "
    text += f"{wording.count(len(told), 'ask')}, {len(answered)} answered.{_slowest(desks, answered)}"
    text += f" Lost: {_lost(desks.book, lost)}." if lost else ""
    return text + (f" It led to {_target(lead.to_person)}." if lead.complete else _unfinished(lead))


def _slowest(desks: Desks, answered: Sequence[Step]) -> str:
    """The formal answer that took longest, and where its time went."""
    rows = [executed(desks.book, step) for step in answered if not step.by_lead]
    if not rows:
        return ""
    row = max(rows, key=lambda row: phrases.duration(desks.book, row))
    what = wording.DATA[DataKind(desks.book["request"].data_kind[row])]
    text = f"{what} from {phrases.custodian(desks.book, row)}, {days(phrases.duration(desks.book, row))}"
    where = phrases.where_time_went(desks, row)
    return f" Slowest: {text} by {phrases.way(desks.book, row)}{f': {where}' if where else ''} [request {row}]."


def _lost(book: Book, lost: Sequence[Step]) -> str:
    """Causes of losses, with where and, for data that were gone, when."""
    alike: dict[str, list[str]] = {}
    for step in lost:
        alike.setdefault(_cause(book, step), []).append(_lost_at(book, step))
    told = sorted(alike.items(), key=lambda item: -len(item[1]))
    return "; ".join(f"{len(places)} {cause}: {wording.tally(places)}" for cause, places in told)


def _lost_at(book: Book, step: Step) -> str:
    """State of a lost item, with the day on which it was gone."""
    item = book["evidence"][step.item]
    place, gone = state(book.code(item.state)), phrases.gone_on(item)
    return f"{place} ({date(gone)})" if gone is not None else place


def _unfinished(lead: Lead) -> str:
    """How a lead stood that led nowhere."""
    return (
        " It was waiting for an answer when the case ended."
        if lead.steps[-1].outcome is Outcome.PENDING
        else (" It led nowhere.")
    )


def _target(person: bool) -> str:
    return "a core member" if person else "a control server"


def opening_entries(book: Book, case: int, leads: Sequence[Lead]) -> Iterator[Entry]:
    """When leads were opened, and why: at the start, as others were complete, or because others stayed unanswered."""
    opened = float(book["case"].opened[case])
    later = [lead for lead in leads if lead.opened > opened + _SAME_DAY]
    for day, group in groupby(later, key=lambda lead: lead.opened):
        new = list(group)
        names = wording.listing([str(lead.number) for lead in new])
        what = f"{'Lead' if len(new) == 1 else 'Leads'} {names} ({_targets(new)})"
        doubled = _doubled(book, case, new)
        if doubled:
            which = f"{'lead' if len(doubled) == 1 else 'leads'} {wording.listing(doubled)}"
            patience = days(book.setting("case", "impatience_days"))
            yield Entry(day, f"{what} opened, to double {which}, without an answer for more than {patience}.")
        else:
            yield Entry(day, f"{what} opened, as others have come to their end.")


def pending(book: Book, leads: Sequence[Lead], until: float) -> list[str]:
    """Steps that had no end on the day when the case or the run ended, one clause each."""
    told = []
    for lead in leads:
        for step in lead.steps:
            if step.outcome is Outcome.PENDING:
                row = step.formal[-1]
                what = wording.DATA[DataKind(book["request"].data_kind[row])]
                asked = f"{what} from {phrases.custodian(book, row)}, asked {days(until - step.asked)} before"
                told.append(f"{asked} (lead {lead.number}, step {step.number})")
    return told


def _targets(leads: Sequence[Lead]) -> str:
    """What leads are meant to lead to."""
    persons = sum(lead.to_person for lead in leads)
    parts = [f"{number} towards {what}" for number, what in _kinds(len(leads) - persons, persons) if number]
    return wording.listing(parts) if len(leads) > 1 else parts[0].removeprefix("1 ")


def _kinds(servers: int, persons: int) -> tuple[tuple[int, str], ...]:
    return (servers, "a control server" if servers == 1 else "control servers"), (persons, _members(persons))


def _members(number: int) -> str:
    return "a core member" if number == 1 else "core members"


def first_leads(leads: Sequence[Lead], opened: float) -> str:
    """What is followed from the start."""
    first = [lead for lead in leads if lead.opened <= opened + _SAME_DAY]
    return f"{wording.count(len(first), 'lead')} followed at once: {_targets(first)}" if first else ""


def _doubled(book: Book, case: int, new: Sequence[Lead]) -> list[str]:
    """Numbers of the unanswered leads that new ones double."""
    rows = {lead.row for lead in new}
    opened = book.milestones(MilestoneKind.LEAD_OPENED, case=case)
    return [str(int(book["chain"].ordinal[of]) + 1) for _, row, of in opened if row in rows and of >= 0]


def causes(book: Book, leads: Sequence[Lead]) -> list[tuple[str, int]]:
    """Why steps were lost, the most frequent cause first."""
    lost = [step for lead in leads for step in lead.steps if step.outcome is Outcome.LOST]
    return Counter(_cause(book, step) for step in lost).most_common()


_NOT_ASKED = {
    WhyNotAsked.NO_CHANNEL_OPEN: "no way to ask was open",
    WhyNotAsked.ALL_CHANNELS_TRIED: "every way to ask had been tried",
    WhyNotAsked.CHANNEL_UNKNOWN: "nobody had heard of the way that was open",
    WhyNotAsked.NOT_WORTH_IT: "asking did not seem worth it",
}


def _cause(book: Book, step: Step) -> str:
    """The cause of one loss, in a word or two."""
    if not step.formal:
        chain = int(book["evidence"].chain[step.item])
        told = book.milestones(MilestoneKind.NOT_ASKED, subject=chain)
        why = [reason for day, _, reason in told if abs(day - step.asked) < _SAME_DAY]
        return f"never formally asked ({_NOT_ASKED[WhyNotAsked(why[0])]})" if why else "never formally asked"
    request = book["request"][step.formal[-1]]
    if request.silent == 1:
        return "never answered (silence)"
    if is_given_up(request):
        return "given up before an answer"
    if request.status == RequestStatus.REFUSED:
        return f"refused ({wording.GROUNDS[Ground(request.ground)]})"
    if request.status == RequestStatus.NO_DATA:
        unreadable = book["evidence"].status[step.item] == EvidenceStatus.LOST_ENCRYPTED
        return "delivered but encrypted" if unreadable else "gone before the answer"
    if request.status == RequestStatus.NOT_SENT:
        return "stopped at home as too small"
    return "withdrawn before an answer"
