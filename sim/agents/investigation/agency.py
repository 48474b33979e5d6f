"""Police units, which open and close cases (M10, M11)."""

import math

from sim.agents.assistance import deed_of, is_offence
from sim.agents.crime import schedule_report, victims_state
from sim.agents.events import Event, Purpose, schedule
from sim.agents.investigation.assets import hold_reported
from sim.agents.investigation.chains import keep_chains, withdraw
from sim.agents.investigation.custody import forget_members
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, normal
from sim.engine.rows import new_row
from sim.law.vocabulary import Channel
from sim.world.records import CaseStatus, ChainStatus, GroupStatus, Growing, RequestStatus
from sim.world.world import World

_CASE = 0x43415345


@rule
def has_open_case(world: World, group_row: int, state: int) -> bool:
    """True if a unit of the state already investigates the group."""
    row = world.group[group_row].first_case
    while row >= 0:
        if world.case[row].state == state and math.isnan(world.case[row].closed):
            return True
        row = world.case[row].next_case
    return False


@rule
def opening_score(setting: Record, key: Key, scale: float) -> float:
    """Value of a possible case to a unit: log of the group's size plus a random term for solvability."""
    return math.log(scale) + normal(setting.seed, Purpose.REPORT_SCORE, key, 0)


@rule
def opening_threshold(setting: Record, open_cases: int, slots: float) -> float:
    """Minimum score of a report for which a unit opens a case; higher with more open cases (M11)."""
    return setting.open_threshold + setting.load_threshold * open_cases / max(slots, 0.01)


@rule
def victim_reports(world: World, group_row: int) -> None:
    """Handles a victim's report: the unit opens a case, or records why it opens none."""
    group, setting = world.group[group_row], world.setting[0]
    if group.status == GroupStatus.EXITED or group.status == GroupStatus.REMOVED:
        return
    number = group.reports
    group.reports += 1
    schedule_report(world, group_row)
    if group.status != GroupStatus.ACTIVE:
        return
    state = victims_state(world, group_row, number)
    hold_reported(world, group_row, state, number)
    if has_open_case(world, group_row, state):
        return
    key = case_key(group.key, state, number)
    unit = world.state[state]
    if not is_offence(world, state, deed_of(world, group_row), 0, 0.0):
        add_case(world, group_row, state, number, key, CaseStatus.NO_OFFENCE)
        return
    score = opening_score(setting, key, group.users)
    if score < min(setting.open_threshold, opening_threshold(setting, unit.open_cases, unit.slots)):
        add_case(world, group_row, state, number, key, CaseStatus.TOO_SMALL)
    elif score < opening_threshold(setting, unit.open_cases, unit.slots):
        add_case(world, group_row, state, number, key, CaseStatus.DROPPED_CAPACITY)
    else:
        open_case(world, group_row, state, number, key)


@rule
def case_key(group_key: Key, state: int, number: int) -> Key:
    """Key for random draws about a possible case, by group, state, and number of the victim's report."""
    return derive(derive(derive(group_key, _CASE), state), number)


@rule
def open_case(world: World, group_row: int, state: int, number: int, key: Key) -> int:
    """Opens a case and its first chains of evidence; returns the case's row."""
    case_row = add_case(world, group_row, state, number, key, CaseStatus.INVESTIGATING)
    world.state[state].open_cases += 1
    keep_chains(world, case_row)
    schedule_review(world, case_row)
    return case_row


@rule
def schedule_review(world: World, case_row: int) -> None:
    """Schedules the next review of a case."""
    case, setting = world.case[case_row], world.setting[0]
    day = world.now[0] + setting.review_interval_days
    schedule(world, day, Event.CASE_REVIEW, case.key, case_row, 0)


@rule
def add_case(world: World, group_row: int, state: int, number: int, key: Key, status: int) -> int:
    """Records a case, also one that is never opened, and returns its row."""
    row = new_row(world, world.case, Growing.CASE.value)
    case, group, now = world.case[row], world.group[group_row], world.now[0]
    case.key = key
    case.group = group_row
    case.state = state
    case.ordinal = number
    case.status = status
    case.opened = now
    case.closed = math.nan if status == CaseStatus.INVESTIGATING else now
    case.oldest_ask = now
    case.quality = normal(world.setting[0].seed, Purpose.CASE_QUALITY, key, 0)
    if status == CaseStatus.INVESTIGATING:
        case.next_case = group.first_case
        group.first_case = row
        group.cases += 1
    return row


@rule
def close_case(world: World, case_row: int, status: int) -> None:
    """Closes a case; withdraws some of its open requests with a notice to the requested state."""
    case = world.case[case_row]
    if not math.isnan(case.closed):
        return
    if case.status != CaseStatus.MERGED:
        case.status = status
        forget_members(world, case_row)
    case.closed = world.now[0]
    world.state[case.state].open_cases -= 1
    chain_row = case.first_chain
    while chain_row >= 0:
        chain = world.chain[chain_row]
        if chain.status == ChainStatus.LIVE:
            chain.status = ChainStatus.GIVEN_UP.value
        chain_row = chain.next_chain
    request_row = case.first_request
    while request_row >= 0:
        close_request(world, request_row)
        request_row = world.request[request_row].next_request


@rule
def close_request(world: World, request_row: int) -> None:
    """Withdraws a closed case's request, or leaves it open if nobody notifies the requested state."""
    request, setting = world.request[request_row], world.setting[0]
    if request.status != RequestStatus.OPEN:
        return
    notified = chance(setting.seed, Purpose.CLOSURE_NOTIFIED, request.key, 0, setting.closure_notified)
    if notified and request.channel != Channel.POLICE and request.channel != Channel.PRESERVATION_24_7:
        withdraw(world, request_row)


@rule
def leave_group(world: World, case_row: int) -> None:
    """Removes a dropped case from the list of cases on its group."""
    case = world.case[case_row]
    group, row = world.group[case.group], world.group[case.group].first_case
    if row == case_row:
        group.first_case = case.next_case
        return
    while row >= 0 and world.case[row].next_case != case_row:
        row = world.case[row].next_case
    if row >= 0:
        world.case[row].next_case = case.next_case


@rule
def close_cases_of(world: World, group_row: int, status: int) -> None:
    """Closes all cases on a group that has exited or was taken down."""
    row = world.group[group_row].first_case
    while row >= 0:
        close_case(world, row, status)
        row = world.case[row].next_case
    world.group[group_row].first_case = -1
