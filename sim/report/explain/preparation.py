"""From known servers to the action day: partner states, team, merged cases, readiness, and the day itself (M13)."""

from collections.abc import Iterator
from itertools import groupby

from sim.report.explain import phrases, wording
from sim.report.explain.account import Entry, Tone
from sim.report.explain.book import Book, ended_by, is_set
from sim.report.explain.queues import Desks
from sim.report.explain.wording import date, days, state
from sim.world.records import ActionType, Discovery, MilestoneKind, RequestPurpose, RequestStatus

_SAME_DAY = 1e-6
_TYPES = {
    ActionType.DOMAIN_SEIZURE: "domains seized",
    ActionType.INFRASTRUCTURE: "infrastructure taken down without enough arrests to break the core",
    ActionType.INFRASTRUCTURE_AND_ARRESTS: "infrastructure taken down and at least half the core arrested",
}


def preparation_entries(desks: Desks, case: int) -> Iterator[Entry]:
    """Partners, merged cases, authority and readiness, team, first day of preparation, actions."""
    book = desks.book
    yield from _joining(book, case)
    yield from _authority(desks, case)
    yield from merging_entries(book, case)
    yield from _milestones(book, case)
    for row in book.where("action", case=case):
        yield Entry(float(book["action"].day[row]), action_text(book, int(row)), Tone.MILESTONE)


def merged_on(book: Book, case: int) -> float | None:
    """Day on which a case was merged into its lead case, None for one that was not."""
    days_ = [day for day, _, _ in book.milestones(MilestoneKind.MERGED, case=case)]
    return days_[-1] if days_ and book["case"].merged_into[case] >= 0 else None


def merging_entries(book: Book, case: int) -> Iterator[Entry]:
    """Cases of other units on the same group that joined this one."""
    for row in book.where("case", merged_into=case):
        other, day = book["case"][row], merged_on(book, int(row))
        if day is not None:
            text = f"The unit of {state(book.code(other.state))} learns that its case {row} aims at the same group: "
            yield Entry(day, text + "the two work together from now on.", Tone.MILESTONE)


def _joining(book: Book, case: int) -> Iterator[Entry]:
    """States that begin to prepare since a control server was found there."""
    partner, own = book["partner"], book["case"].state[case]
    merged = {(book["case"].state[row], merged_on(book, int(row))) for row in book.where("case", merged_into=case)}
    rows = [row for row in book.where("partner", case=case) if (partner.state[row], partner.joined[row]) not in merged]
    for day, group in groupby(sorted(rows, key=lambda row: partner.joined[row]), key=lambda row: partner.joined[row]):
        found = list(group)
        places = wording.listing([state(book.code(partner.state[row])) for row in found])
        abroad = [row for row in found if partner.state[row] != own]
        text = f"{'A control server is' if len(found) == 1 else 'Control servers are'} located in {places}"
        text += f", {how}." if (how := _discoveries(book, case, float(day))) else "."
        if abroad:
            asked = wording.listing([_asked(book, int(row)) for row in abroad])
            text += f" Authority for searches and seizures there: {asked}."
        yield Entry(float(day), text, Tone.PROGRESS)


_DISCOVERIES = {
    Discovery.CHAIN: "at the end of a lead",
    Discovery.BESIDE_ANOTHER: "beside the server that a lead led to",
    Discovery.POLICE: "by police information",
    Discovery.AT_OPENING: "visible from the start",
    Discovery.ANALYSIS: "by malware analysis and open sources",
    Discovery.OTHER_UNIT: "another unit knew it",
    Discovery.LIAISON_BODY: "seen by Europol's analysts",
}


def _discoveries(book: Book, case: int, day: float) -> str:
    """How the servers that became known on a day were found, each way once."""
    found = book.milestones(MilestoneKind.NODE_FOUND, group=book["case"].group[case])
    ways = [_DISCOVERIES[Discovery(how)] for when, _, how in found if abs(when - day) < _SAME_DAY]
    return wording.listing(list(dict.fromkeys(ways)))


def _asked(book: Book, partner: int) -> str:
    """How a partner is first asked for authority."""
    rows = book.where("request", partner=partner)
    place = state(book.code(book["partner"].state[partner]))
    return f"asked of {place} by {phrases.way(book, int(rows[0]))}" if rows.size else f"no way to ask {place}"


def _authority(desks: Desks, case: int) -> Iterator[Entry]:
    """When partners had their authority and were ready, and which never had it."""
    book, never, ready = desks.book, [], []
    closed = ended_by(float(book["case"].closed[case]), book.end)
    for row in book.where("partner", case=case):
        partner = book["partner"][row]
        asked = [int(r) for r in book.where("request", partner=row, purpose=RequestPurpose.ACTION)]
        granted = [r for r in asked if book["request"].status[r] == RequestStatus.EXECUTED]
        place = state(book.code(partner.state))
        if granted and book["request"].ended[granted[0]] <= closed:
            yield _authorised(desks, asked, granted[0], place, float(partner.ready_at))
        elif asked and partner.authorised == 0:
            never.append(_unauthorised(book, asked, place, closed))
        if is_set(partner.ready_at) and partner.ready_at <= closed:
            ready.append((float(partner.ready_at), place))
    if ready:
        yield _ready(ready)
    if never:
        yield Entry(closed, f"No authority to act has come from {'. Nor from '.join(never)}.", Tone.SETBACK)


def _ready(ready: list[tuple[float, str]]) -> Entry:
    """Partners that had prepared and had their authority, for the last action day or one that was never reached."""
    days_ = wording.listing([f"{place} ({date(day)})" for day, place in sorted(ready)])
    return Entry(max(ready)[0], f"Prepared and authorised, and so ready to act: {days_}.", Tone.PROGRESS)


def _authorised(desks: Desks, asked: list[int], row: int, place: str, ready: float) -> Entry:
    """A partner's authority comes."""
    book = desks.book
    request = book["request"][row]
    text = f"{place} authorises searches and seizures after {days(request.ended - request.drafted)}"
    text += f" ({phrases.way(book, row)})" + (", and is ready to act" if ready == request.ended else "")
    where = phrases.where_time_went(desks, row)
    text += f". Longest: {where}." if where else "."
    before = phrases.failures(book, [other for other in asked if other < row])
    return Entry(float(request.ended), text + (f" Before that, {'; '.join(before)}." if before else ""), Tone.PROGRESS)


def _unauthorised(book: Book, asked: list[int], place: str, closed: float) -> str:
    """A partner that never gave authority, and why."""
    since = date(book["request"].drafted[asked[0]])
    return (
        f"{place}, asked {wording.times(len(asked))} since {since}: {'; '.join(phrases.failures(book, asked, closed))}"
    )


def _milestones(book: Book, case: int) -> Iterator[Entry]:
    """Preparation and team."""
    me = book["case"][case]
    if is_set(me.prepared):
        text = "Enough control servers are known: the unit prepares an action day and waits for the right moment."
        yield Entry(float(me.prepared), text, Tone.MILESTONE)
    if is_set(me.team_formed):
        yield Entry(float(me.team_formed), _team(book, case), Tone.MILESTONE)


def _team(book: Book, case: int) -> str:
    """A joint team and its members; some join as servers are found with them."""
    partner, formed = book["partner"], float(book["case"].team_formed[case])
    rows = book.where("partner", case=case, in_team=1)
    first = [state(book.code(partner.state[row])) for row in rows if partner.joined[row] <= formed]
    later = [state(book.code(partner.state[row])) for row in rows if partner.joined[row] > formed]
    text = f"A joint investigation team is formed with {wording.listing(first) or 'no partner yet'}"
    return f"{text}; later joined by {wording.listing(later)}." if later else f"{text}."


def action_text(book: Book, row: int) -> str:
    """An action day and what it achieved."""
    action = book["action"][row]
    nodes = wording.count(action.nodes, "control server")
    text = (
        f"ACTION DAY with {wording.count(action.states - 1, 'partner state')}"
        f"{', in a joint team' if action.in_team == 1 else ''}: of {nodes}, {action.known_nodes} known, "
        f"{action.ready_nodes} in states that were ready, {action.killed} removed "
        f"(chance of removing all: {wording.share(action.expected_kill)}). "
    )
    if action.complete == 1:
        text += f"The group is down: {_TYPES[ActionType(action.type)]}."
    else:
        text += f"{_after_partial(book, row)} The group is alerted, known servers move and evidence goes faster."
    text += f" {wording.count(action.arrests, 'arrest')}." if action.arrests else " No arrest."
    return text + _money(book, row)


def _after_partial(book: Book, row: int) -> str:
    """What a group that was hit in part is left with."""
    action = book["action"][row]
    spells = book.where("spell", group=action.group, day=action.day, action_type=ActionType.PARTIAL)
    left = (
        f", with {wording.share(float(book['spell'].capability[spells[0]]))} of its capability" if spells.size else ""
    )
    return f"The group survives{left}."


def _money(book: Book, row: int) -> str:
    """Assets traced, frozen and confiscated."""
    action = book["action"][row]
    if not action.assets_traced:
        return ""
    text = f" Money worth {days(action.assets_traced)} of its full proceeds is traced"
    frozen = f", {days(action.assets_frozen)} of it frozen" if action.assets_frozen else ", none of it frozen"
    when = [date(day) for day, _, _ in book.milestones(MilestoneKind.CONFISCATED, subject=row)]
    taken = f" and on {when[0]} {days(action.assets_confiscated)} confiscated" if when else ""
    return f"{text}{frozen}{taken}."
