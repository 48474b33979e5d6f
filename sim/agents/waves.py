"""Who acts on the day: partners, and cases on other groups that need states which act already (M13).

Two cases share the price of a state that acts on servers or domains for both. A unit joins
if its own action is then worth more to it than to wait. Each group is struck, and classed, by its own case alone.
"""

import math

import numpy as np

from sim.agents.cases import case_in, is_working
from sim.agents.events import record_milestone
from sim.agents.planning import is_needed, may_act, weigh
from sim.engine.compiling import rule
from sim.world.records import CaseStatus, GroupStatus, MilestoneKind
from sim.world.world import World


@rule
def has_a_part(world: World, case_row: int, row: int) -> bool:
    """Whether a partner acts on the day: it is ready, and has a node, its registry or proceedings of its own."""
    partner = world.partner[row]
    if math.isnan(partner.ready_at) or partner.state == world.case[case_row].state:
        return False
    own = math.isnan(partner.asked) or case_in(world, case_row, partner.state) >= 0
    return own or is_needed(world, case_row, partner.state)


@rule
def states_that_act(world: World, case_row: int) -> int:
    """States take part on the day: the leading one, and partners that have a part in it. Returns how many they are."""
    states, row = 1, world.case[case_row].first_partner
    while row >= 0:
        partner = world.partner[row]
        if has_a_part(world, case_row, row):
            states += 1
            partner.acted = world.now[0]
            record_milestone(world, MilestoneKind.ACTED, case_row, world.case[case_row].group, row, -1)
        row = partner.next_partner
    return states


@rule
def states_struck(world: World, case_row: int) -> np.ndarray:
    """States where a case acts on servers or domains on its action day, bool [state]: they are ready."""
    struck, row = np.zeros(len(world.state), np.bool_), world.case[case_row].first_partner
    while row >= 0:
        partner = world.partner[row]
        struck[partner.state] = not np.isnan(partner.ready_at) and is_needed(world, case_row, partner.state)
        row = partner.next_partner
    return struck


@rule
def states_shared(world: World, case_row: int, struck: np.ndarray) -> int:
    """States that a case needs for servers or domains and that act there already."""
    shared, row = 0, world.case[case_row].first_partner
    while row >= 0:
        state = world.partner[row].state
        shared += int(struck[state] and is_needed(world, case_row, state))
        row = world.partner[row].next_partner
    return shared


@rule
def joins(world: World, case_row: int, lead_state: int, struck: np.ndarray) -> bool:
    """Whether a case joins an action day: its state takes part, and to join is worth more than to wait or disrupt."""
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
