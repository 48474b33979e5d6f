"""Joint action days, which cases on other groups join because they need the same states (M13).

Two cases share the price of a state that acts on servers or domains for both. A unit joins if its own action is then
worth more to it than to wait. Each group is struck, and classed, by its own case alone.
"""

import numpy as np

from sim.agents.cases import is_working
from sim.agents.events import EventKind, instead_of, schedule
from sim.agents.investigation.matching import waits_for_deconfliction
from sim.agents.investigation.planning import is_needed, may_act, prepare_case, weigh
from sim.agents.investigation.reviewing import hold_action_day
from sim.agents.investigation.reviewing import hold_operation as usual
from sim.engine.compiling import rule
from sim.world.records import CaseStatus, GroupStatus, Growing
from sim.world.world import World


class WaveEvent(EventKind):
    """Kind of event by which a case joins another case's action day."""

    ACTION_JOINED = 32, "join_action"  # a case acts on the day of another; stamp: row of that action


@instead_of(usual)
@rule
def hold_operation(world: World, case_row: int) -> None:
    """Carries out an action day that one case on each other group may join (M13)."""
    lead_state, lead_group = world.case[case_row].state, world.case[case_row].group
    struck = states_struck(world, case_row)
    operation = hold_action_day(world, case_row, False, -1)
    if world.setting[0].with_waves == 0.0:
        return
    for group_row in range(world.used[Growing.GROUP]):
        other, joined = world.group[group_row].first_case, group_row == lead_group
        while other >= 0 and not joined:
            joined = joins(world, other, lead_state, struck) and not waits_for_deconfliction(world, other)
            if joined:
                schedule(world, world.now[0], WaveEvent.ACTION_JOINED, world.case[other].key, other, operation)
            other = world.case[other].next_case


@rule
def join_action(world: World, case_row: int, operation: int) -> None:
    """Lets a case act on another case's action day, unless the case or its group has ended since."""
    case = world.case[case_row]
    leads = is_working(world, case_row) and case.status != CaseStatus.MERGED
    if leads and world.group[case.group].status == GroupStatus.ACTIVE:
        prepare_case(world, case_row)
        hold_action_day(world, case_row, False, operation)


@rule
def states_struck(world: World, case_row: int) -> np.ndarray:
    """True for each state in which a case's action hits servers or domains, bool [state]."""
    struck, row = np.zeros(len(world.state), np.bool_), world.case[case_row].first_partner
    while row >= 0:
        partner = world.partner[row]
        struck[partner.state] = not np.isnan(partner.ready_at) and is_needed(world, case_row, partner.state)
        row = partner.next_partner
    return struck


@rule
def states_shared(world: World, case_row: int, struck: np.ndarray) -> int:
    """Number of states that a case needs and that act in another case's action anyway."""
    shared, row = 0, world.case[case_row].first_partner
    while row >= 0:
        state = world.partner[row].state
        shared += int(struck[state] and is_needed(world, case_row, state))
        row = world.partner[row].next_partner
    return shared


@rule
def joins(world: World, case_row: int, lead_state: int, struck: np.ndarray) -> bool:
    """True if a case joins another case's action day, because acting now is its best choice."""
    case = world.case[case_row]
    if case.status == CaseStatus.MERGED or not is_working(world, case_row):
        return False
    if world.group[case.group].status != GroupStatus.ACTIVE or not (case.state == lead_state or struck[case.state]):
        return False
    shared = states_shared(world, case_row, struck)
    if shared == 0 or not may_act(world, case_row):
        return False
    value_now, disrupting, waiting, _ = weigh(world, case_row)
    saved = 0.5 * world.setting[0].action_price * shared  # a state that acts for two cases is paid for by both
    return value_now + saved > max(waiting, disrupting, 0.0)
