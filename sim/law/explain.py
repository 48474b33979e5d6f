"""Answers legal questions for readers: open channels with terms, closed channels with reasons."""

from dataclasses import dataclass
from datetime import date

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.data.bodies import liaison_rows
from sim.data.load import UNDATED, by_state, read_table
from sim.law.amendments import Amendment
from sim.law.candidates import Candidate, candidates
from sim.law.channels import ClosedChannel, OpenChannel, Question
from sim.law.national import NationalLaw
from sim.law.order import LegalOrder
from sim.law.vocabulary import ELEMENTS, Channel, DataKind, EvidenceTag, Offence

TAG_STYLE = {EvidenceTag.VERIFIED: "green", EvidenceTag.RECALLED: "yellow", EvidenceTag.JUDGEMENT: "magenta"}

#: Kinds of data that a court may see; the others are measures of another sort.
EVIDENCE = frozenset({DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT, DataKind.SEARCH_SEIZURE})
_NOTES = """\
The model does not read the grounds of refusal in the text of an instrument; they are shown for the reader. It refuses \
on the facts above (dual criminality, powers, nationality, data protection), where a file proves too little by \
standards that are parameters, and for politics, triviality (de minimis) and double jeopardy (ne bis in idem) at \
rates that are the same under every instrument.
Evidence: verified = seen in a source; recalled = from memory; judgement = derived by rule, or a reading."""


@dataclass(frozen=True)
class Fact:
    """One legal fact that matters for a question."""

    what: str
    value: str
    tag: EvidenceTag


@dataclass(frozen=True)
class Answer:
    """Answer to a legal question: open channels, closed channels, and facts of national law."""

    question: Question
    open: tuple[OpenChannel, ...]
    closed: tuple[ClosedChannel, ...]
    facts: tuple[Fact, ...]
    candidates: tuple[Candidate, ...] = ()  # law that may come on a later day and concerns one of both states


def answer(
    order: LegalOrder,
    requesting: str,
    requested: str,
    data_kind: DataKind,
    on: date,
    offence: Offence = Offence.ILLEGAL_ACCESS,
    amendments: tuple[Amendment, ...] = (),
) -> Answer:
    """Answers one legal question under the law of a date."""
    question = Question(requesting, requested, data_kind, offence, on)
    opened = order.channels(question, amendments)
    open_channels = {channel.channel for channel in opened}
    # Nobody would look for channels that never carry data of this sort, nor for bilateral treaties that these states
    # have not concluded where the channel is open by another.
    alike = EVIDENCE if data_kind in EVIDENCE else {data_kind}
    carrying = {terms.channel for terms in order.terms if alike & terms.carries}
    closed = tuple(
        entry
        for entry in order.closed(question, amendments)
        if entry.channel in carrying
        and not (entry.channel in open_channels and order.treaties[entry.terms.treaty].form == "pairs")
    )
    later = tuple(one for one in candidates() if one.on > on and one.concerned & {requesting, requested})
    return Answer(question, opened, closed, _facts(order, question, amendments), later)


def _facts(order: LegalOrder, question: Question, amendments: tuple[Amendment, ...]) -> tuple[Fact, ...]:
    """Facts of national law in both states, and obstacles between the states, for a question."""
    law, national = order.arrays(question.on, amendments), order.national(question.on, amendments)
    requesting, requested, data_kind = question.requesting, question.requested, question.data_kind
    i, j = order.index(requesting), order.index(requested)
    facts = _offence_facts(order, national, requesting, question.offence)
    facts += _offence_facts(order, national, requested, question.offence)
    facts.append(_power_fact(order, national, requested, data_kind))
    facts.append(_nationals_fact(requested, bool(law.nationals_bar[j])))
    best = next((row for row in liaison_rows() if row.code == law.police_body[i, j]), None)
    judged = {
        f"{requested}: law in action (0–1)": f"{law.implementation[j]:.2f}",
        f"data-protection law of {requested} prevents sending": "yes" if law.conflict[i, j] else "no",
        "affinity (0–1)": f"{law.affinity[i, j]:.2f}",
        "best common police body": best.title if best else "none",
    }
    return (*facts, *(Fact(what, value, EvidenceTag.JUDGEMENT) for what, value in judged.items()))


def _likely(chance: float) -> str:
    """Text for a probability; “yes” or “no” if certain."""
    return {0.0: "no", 1.0: "yes"}.get(chance, f"uncertain: {chance:.0%} likely (not read; drawn for each world)")


def _offence_facts(order: LegalOrder, national: NationalLaw, state: str, offence: Offence) -> list[Fact]:
    """Two facts of a state's law: whether an act is an offence, with its article, and the maximum penalty."""
    index, reading = order.index(state), order.reading
    extra = [name for bit, name in enumerate(ELEMENTS) if int(national.elements[index, offence]) >> bit & 1]
    statute = reading.statutes.get((state, offence))
    parts = [_likely(float(national.offence_chance[index, offence]))]
    if extra:
        parts.append(f"further elements: {plain(', '.join(extra))}")
    if statute is not None:
        parts.append(f"{statute['title']}, {statute['article']}" if statute["article"] else statute["title"])
        parts.append(f"source: {statute['source']}")
    tag, penalty_tag = reading.tag[state, offence], reading.penalty_tag(state, offence)
    years = f"{national.penalty_years[index, offence]:g} years"
    if penalty_tag is EvidenceTag.JUDGEMENT and order.draw is None:
        low, high = reading.usual_range(offence)
        years = (
            f"uncertain: about {years}, {low:g} to {high:g} in nine of ten laws read (not read; drawn for each world)"
        )
    return [
        Fact(f"{state}: {plain(offence.name)} is an offence", "; ".join(parts), tag),
        Fact(f"{state}: maximum penalty", years, penalty_tag),
    ]


def _power_fact(order: LegalOrder, national: NationalLaw, state: str, kind: DataKind) -> Fact:
    """Fact of a state's law on the power of its authorities to obtain the data."""
    parts, row = [_likely(float(national.power_chance[order.index(state), kind]))], order.reading.power_rows.get(state)
    if row is not None:
        extent = {"yes": f"powers in full since {row['since']}", "partial": "powers in part", "no": "no powers"}
        stands = "" if row["fixed"] == "yes" else "recalled, a prior: "
        parts.append(f"{stands}{extent[row['powers']]}; source: {row['source']}")
    return Fact(f"{state}: power to obtain {plain(kind.name)}", "; ".join(parts), order.reading.power_tag(state))


def _nationals_fact(state: str, barred: bool) -> Fact:
    """Fact of a state's law on extradition of the state's own nationals."""
    row = by_state(read_table("nationals.csv").rows).get(state)
    value = "not refused under a treaty" if row else "not known to be refused"
    value = "refused, arrest warrants apart" if barred else value
    note = f" ({row['notes']})" if row and row["notes"] else ""
    tag = EvidenceTag(row["status"]) if row else EvidenceTag.JUDGEMENT
    return Fact(f"{state}: extradition of its nationals", value + note, tag)


def render(found: Answer, names: dict[str, str] | None = None) -> RenderableType:
    """Formats an answer for the terminal; `names` gives country names by code."""
    names, question = names or {}, found.question
    title = (
        f"{question.requesting} → {question.requested}: {plain(question.data_kind.name)}, "
        f"{plain(question.offence.name)}, on {question.on}"
    )
    parties = " → ".join(names.get(state, state) for state in (question.requesting, question.requested))
    return Group(
        Text(title, style="bold"),
        Text(parties, style="dim"),
        Text(),
        _open_table(found),
        _fact_table(found),
        _closed_list(found),
        *([_candidate_table(found)] if found.candidates else []),
        Text(_NOTES, "dim"),
    )


def plain(name: str) -> str:
    """Name of an enumeration member in lower case with spaces, such as `search seizure`."""
    return name.lower().replace("_", " ").replace("24 7", "24/7")


def _open_table(found: Answer) -> RenderableType:
    """Formatted text on all open channels, one block per channel."""
    if not found.open:
        return Text("No channel is open for this question.\n", style="bold red")
    table = Table(title="Open channels", title_justify="left", show_header=False, show_lines=True)
    table.add_column("channel", width=18, overflow="fold")
    table.add_column("terms", overflow="fold")
    for channel in found.open:
        table.add_row(Text(plain(channel.channel.name), "bold"), _block(channel))
    return table


def _block(channel: OpenChannel) -> Text:
    """Formatted text on one open channel."""
    refusal = "; ".join(plain(ground) for ground in channel.terms.refusal)
    since = "before 2022" if channel.since <= UNDATED else str(channel.since)
    lines = [
        f"{channel.terms.name}, between the two since {since}",
        *conditions(channel),
        f"grounds of refusal in its text: {refusal}",
        f"article: {channel.terms.article}",
        f"source: {channel.source}",
    ]
    tag = (channel.tag.value, TAG_STYLE[channel.tag])
    return Text.assemble("\n".join(lines), "\nevidence: ", tag)


def conditions(channel: OpenChannel) -> list[str]:
    """Lines of text on the deadline and conditions of an open channel."""
    terms = channel.terms
    deadline = "none fixed" if channel.deadline_days is None else f"{channel.deadline_days:g} days"
    lines = [f"deadline: {deadline}"]
    if terms.emergency_days is not None:
        days = terms.emergency_days
        lines.append(f"emergency: {days:g} days" if days >= 2 else f"emergency: {days * 24:.0f} hours")
    if terms.preservation_days is not None and DataKind.PRESERVATION in terms.carries:
        lines.append(f"preservation holds {terms.preservation_days:g} days")
    if channel.dual_criminality_tested:
        chance = channel.dual_criminality_chance
        outcome = {0.0: "not met: expect refusal", 1.0: "met"}.get(chance, f"uncertain ({chance:.0%} likely to be met)")
        lines.append(f"dual criminality: tested, {outcome}")
    else:
        lines.append("dual criminality: not tested")
    where = "in both states" if terms.penalty_both else "in the requesting state"
    threshold = f"maximum ≥ {channel.threshold_years:g} years {where}" if channel.threshold_years else "none"
    lines.append(f"penalty threshold: {threshold}")
    if terms.enforceable:
        lines.append("breach of the deadline or order is punished")
    return lines + list(channel.notes)


def _fact_table(found: Answer) -> RenderableType:
    table = Table(title="National law and relations", title_justify="left")
    for heading in ("fact", "value", "evidence"):
        table.add_column(heading, overflow="fold")
    for fact in found.facts:
        table.add_row(fact.what, fact.value, Text(fact.tag.value, TAG_STYLE[fact.tag]))
    return table


def _closed_list(found: Answer) -> RenderableType:
    table = Table(title="Closed", title_justify="left", show_header=True)
    table.add_column("channel")
    table.add_column("reason", overflow="fold")
    for closed in found.closed:
        table.add_row(plain(Channel(closed.channel).name), closed.reason)
    return table


def _candidate_table(given: Answer) -> RenderableType:
    """Formatted table of possible future law, which the answer does not take into account."""
    table = Table(title="May come (in current_trends alone)", title_justify="left")
    for heading in ("day", "what", "share of worlds", "evidence"):
        table.add_column(heading, overflow="fold")
    for one in given.candidates:
        tag = (one.tag.value, TAG_STYLE[one.tag])
        table.add_row(str(one.on), Text(one.what), in_worlds(one), Text.assemble(tag, f"; source: {one.source}"))
    return table


def in_worlds(one: Candidate) -> str:
    """Share of worlds with a future event of law, such as "20% to 60%"; a remark if the model leaves the event out."""
    return f"{one.least:.0%} to {one.most:.0%}" if one.act else "shown alone: the model does not hold it"
