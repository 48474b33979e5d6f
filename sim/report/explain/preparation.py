"""Describes how an action day is prepared: partner states, team, merged cases, readiness, and the day itself (M13)."""

from collections.abc import Iterator
from itertools import groupby

from sim.report.explain import phrases, wording
from sim.report.explain.account import Entry, Tone
from sim.report.explain.events import Events, ended_by, is_set
from sim.report.explain.wording import date, days
from sim.results.words import counted, listing
from sim.world.records import NONE, ActionType, MilestoneKind, NodeDiscovery, RequestPurpose, RequestStatus

_SAME_DAY = 1e-6
_TYPES = {
    ActionType.DOMAIN_SEIZURE: "its domains were seized",
    ActionType.SERVICE: "the infrastructure of its market was removed",
    ActionType.INFRASTRUCTURE: "its infrastructure was removed without enough arrests to break the core",
    ActionType.EXPOSURE: "its infrastructure was removed and a leader at large named in public",
    ActionType.ARRESTS: "at least half of its core is in custody",
}


def preparation_entries(events: Events, case: int) -> Iterator[Entry]:
    """Partners, merged cases, authority and readiness, team, first day of preparation, actions."""
    yield from _joining(events, case)
    yield from _authority(events, case)
    yield from merging_entries(events, case)
    yield from _milestones(events, case)
    for row in events.where("action", case=case):
        yield Entry(float(events["action"].day[row]), action_text(events, int(row)), Tone.MILESTONE)


def merged_on(events: Events, case: int) -> float | None:
    """Day on which a case was merged into its lead case, None for one that was not."""
    days_ = [day for day, _, _ in events.milestones(MilestoneKind.MERGED, case=case)]
    return days_[-1] if days_ and events["case"].merged_into[case] >= 0 else None


def merging_entries(events: Events, case: int) -> Iterator[Entry]:
    """Cases of other units on the same group that joined this one."""
    for row in events.where("case", merged_into=case):
        other, day = events["case"][row], merged_on(events, int(row))
        if day is not None:
            text = f"The unit of {events.state(other.state)} learns that its case {row} pursues the same group: "
            yield Entry(day, text + "the two units work together from now on.", Tone.MILESTONE)


def _joining(events: Events, case: int) -> Iterator[Entry]:
    """States that begin to prepare since a control server was found there."""
    partner, own = events["partner"], events["case"].state[case]
    merged = {
        (events["case"].state[row], merged_on(events, int(row))) for row in events.where("case", merged_into=case)
    }
    units = [case, *(int(row) for row in events.where("case", merged_into=case))]
    servers = [found for unit in units for found in events.milestones(MilestoneKind.NODE_FOUND, case=unit)]
    rows = [
        row for row in events.where("partner", case=case) if (partner.state[row], partner.joined[row]) not in merged
    ]
    for day, group in groupby(sorted(rows, key=lambda row: partner.joined[row]), key=lambda row: partner.joined[row]):
        found = list(group)
        places = listing([events.state(partner.state[row]) for row in found])
        abroad = [row for row in found if partner.state[row] != own]
        text = f"{'A control server is' if len(found) == 1 else 'Control servers are'} located in {places}"
        ways = [_DISCOVERIES[NodeDiscovery(way)] for when, _, way in servers if abs(when - day) < _SAME_DAY]
        text += f", {listing(list(dict.fromkeys(ways)))}." if ways else "."
        if abroad:
            asked = []
            for row in abroad:
                place, requests = events.state(partner.state[row]), events.where("request", partner=row)
                way = phrases.way(events, int(requests[0])) if requests.size else ""
                asked.append(f"asked of {place} by {way}" if way else f"never asked of {place}")
            text += f" Authority for searches and seizures there: {listing(asked)}."
        yield Entry(float(day), text, Tone.PROGRESS)


_DISCOVERIES = {
    NodeDiscovery.CHAIN: "at the end of a lead",
    NodeDiscovery.BESIDE_ANOTHER: "next to the server that a lead led to",
    NodeDiscovery.POLICE: "by police information",
    NodeDiscovery.AT_OPENING: "visible from the start",
    NodeDiscovery.ANALYSIS: "by malware analysis and open sources",
    NodeDiscovery.OTHER_UNIT: "known to another unit",
    NodeDiscovery.LIAISON_BODY: "seen by Europol's analysts",
    NodeDiscovery.HANDED_OVER: "handed over from the start, by a seizure at home or an informant",
}


def _authority(events: Events, case: int) -> Iterator[Entry]:
    """Days on which partners had their authority and were ready, and partners that never had it."""
    never: list[str] = []
    ready: list[tuple[float, str]] = []
    closed = ended_by(float(events["case"].closed[case]), events.end)
    for row in events.where("partner", case=case):
        partner = events["partner"][row]
        asked = [int(r) for r in events.where("request", partner=row, purpose=RequestPurpose.ACTION)]
        granted = [r for r in asked if events["request"].status[r] == RequestStatus.EXECUTED]
        place = events.state(partner.state)
        if granted and events["request"].ended[granted[0]] <= closed:
            yield _authorised(events, asked, granted[0], place, float(partner.ready_at))
        elif asked and partner.authorised == 0:
            since = date(events["request"].drafted[asked[0]])
            failures = "; ".join(phrases.failures(events, asked, closed))
            never.append(f"{place}, asked {wording.times(len(asked))} since {since}: {failures}")
        if is_set(partner.ready_at) and partner.ready_at <= closed:
            ready.append((float(partner.ready_at), place))
    if ready:  # for the last action day, or for one that was never reached
        places = listing([f"{place} ({date(day)})" for day, place in sorted(ready)])
        yield Entry(max(ready)[0], f"Prepared and authorised, and therefore ready to act: {places}.", Tone.PROGRESS)
    if never:
        yield Entry(closed, f"No authority to act came from {'. No authority came from '.join(never)}.", Tone.SETBACK)


def _authorised(events: Events, asked: list[int], row: int, place: str, ready: float) -> Entry:
    """A partner's authority comes."""
    request = events["request"][row]
    text = f"{place} authorises searches and seizures after {days(request.ended - request.drafted)}"
    text += f" ({phrases.way(events, row)})" + (", and is ready to act" if ready == request.ended else "")
    where = phrases.where_time_went(events, row)
    text += f". Longest: {where}." if where else "."
    before = phrases.failures(events, [other for other in asked if other < row])
    return Entry(float(request.ended), text + (f" Before that, {'; '.join(before)}." if before else ""), Tone.PROGRESS)


def _milestones(events: Events, case: int) -> Iterator[Entry]:
    """Preparation and team."""
    me = events["case"][case]
    if is_set(me.prepared):
        text = "The unit expects that it should act within half a year, and prepares an action day."
        yield Entry(float(me.prepared), text, Tone.MILESTONE)
    if is_set(me.team_formed):
        yield Entry(float(me.team_formed), _team(events, case), Tone.MILESTONE)


def _team(events: Events, case: int) -> str:
    """A joint team and its members; some join as servers are found with them."""
    partner, formed = events["partner"], float(events["case"].team_formed[case])
    rows = events.where("partner", case=case, in_team=1)
    first = [events.state(partner.state[row]) for row in rows if partner.joined[row] <= formed]
    later = [events.state(partner.state[row]) for row in rows if partner.joined[row] > formed]
    text = f"A joint investigation team is formed with {listing(first) or 'no partner yet'}"
    return f"{text}; later joined by {listing(later)}." if later else f"{text}."


def action_text(events: Events, row: int) -> str:
    """An action day and what it achieved."""
    action = events["action"][row]
    nodes = counted(action.nodes, "control server")
    with_whom = f"ACTION DAY with {counted(action.states - 1, 'partner state')}"
    if action.disruption == 1:
        with_whom = "DISRUPTION by the unit alone, with hosts and registries that oblige"
    text = (
        f"{with_whom}{', in a joint team' if action.in_team == 1 else ''}: of {nodes}, {action.known_nodes} known, "
        f"{action.ready_nodes} in states that were ready, {action.killed} removed "
        f"(chance of taking the group down: {wording.share(action.foreseen)}). "
    )
    if action.down == 1:
        text += f"The group is down: {_TYPES[ActionType(action.type)]}."
    else:
        spells = events.where("spell", group=action.group, day=action.day, action_type=action.type)
        left = wording.share(float(events["spell"].capability[spells[0]])) if spells.size else ""
        text += f"The group survives{f', with {left} of its capability' if left else ''}."
        text += " The group is alerted: known servers move and evidence disappears faster."
    text += f" {counted(action.arrests, 'arrest')}." if action.arrests else " No arrest."
    if action.operation not in (row, NONE):
        text += f" It joined the action day of case {events['action'].case[action.operation]}."
    if action.client_arrests > 0:
        persons, states = (
            counted(action.client_arrests, "affiliate or customer"),
            counted(action.client_states, "state"),
        )
        text += f" Later, police of {states} arrest {persons} whom the seized servers name."
    return text
