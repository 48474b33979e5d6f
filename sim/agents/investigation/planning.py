"""A unit's decision at a review of its case (act, wait, disrupt or close), and the states that act (M13).

Values are days of the harm of a mean group. Choices are weighed again at every review.
"""

import math
from enum import IntEnum

import numpy as np

from sim.agents.assistance import concerns, exposure_of, leak_hazard
from sim.agents.cases import case_in, knows
from sim.agents.crime import LEAST_NODES, core_lost, lastingness, residual, return_terms, type_of_takedown
from sim.agents.events import record_milestone
from sim.agents.investigation.foresight import Outlook, forecast_by, outlook_alone, outlook_of
from sim.engine.compiling import Record, rule
from sim.law.days import MONTH, YEAR
from sim.world.parameters import RESIDUAL
from sim.world.records import CaseStatus, MilestoneKind
from sim.world.world import World

_WAITS = (60.0, 180.0, 540.0)  # days, judgement: soon, within half a year, and much later
_QUARTER = 90.0  # days
_SOON = 180.0  # days: a unit that means to act by then prepares


class Decision(IntEnum):
    """Decisions that a unit can take at a review of its case."""

    WAIT = 0
    ACT = 1
    DISRUPT = 2
    GIVE_UP = 3


@rule
def days_of_takedown(world: World, kind: int, nodes: float, core: float) -> float:
    """Value of a takedown: days of the group's usual harm that the takedown averts.

    `nodes` and `core` are the shares of its control nodes that fall and of its core in custody.
    """
    setting, action_type = world.setting[0], type_of_takedown(kind, core, False, False)
    never, median, capacity = return_terms(world, kind, action_type)
    lasting = lastingness(setting, action_type, nodes < 1.0 - 0.5 / LEAST_NODES)  # some are likely to survive
    never = min(never * lasting, 1.0)
    back = median * lasting + 0.5 * (1.0 - capacity) * setting.regrowth_days
    return never * setting.horizon_days + (1.0 - never) * min(back, setting.horizon_days)


@rule
def days_of_weakening(setting: Record, nodes: float, core: float, core_before: float) -> float:
    """Value of an action without takedown: days of the group's usual harm that the action averts."""
    before = residual(setting, 0.0, core_before)
    left = max(residual(setting, nodes, core), RESIDUAL)
    lost = max(1.0 - left / max(before, RESIDUAL), 0.0)
    return lost * lost * setting.rebuild_days  # what was lost, for the time that it takes to rebuild as much


@rule
def fading(world: World, case_row: int) -> float:
    """Daily rate at which waiting lowers a case's value, as the group may exit or the case may leak."""
    setting = world.setting[0]
    leak = leak_hazard(setting, exposure_of(world, case_row)) / setting.review_interval_days
    lineage = 1.0 / (setting.lineage_months * MONTH)
    return lineage + setting.attrition_per_year / YEAR + leak * setting.alert_move * setting.with_alert


@rule
def kept_after(setting: Record, nodes: float) -> float:
    """Share of a unit's knowledge of nodes that is still valid after an action."""
    return (1.0 - nodes) * (1.0 - setting.alert_move * setting.with_alert)


@rule
def price_of_action(world: World, case_row: int) -> float:
    """Cost of an action day, in days of an average group's harm; grows with the states that must act."""
    case = world.case[case_row]
    states, row = 1, case.first_partner
    while row >= 0:
        state = world.partner[row].state
        states += int(state != case.state and is_needed(world, case_row, state))
        row = world.partner[row].next_partner
    return world.setting[0].action_price * states


@rule
def is_needed(world: World, case_row: int, state: int) -> bool:
    """True if an action needs a state, because a known control node or its domain's registry is there."""
    group = world.group[world.case[case_row].group]
    for row in range(group.first_node, group.first_node + group.nodes):
        if concerns(world.node[row], state) and knows(world, case_row, row):
            return True
    return False


@rule
def value_of_acting(
    world: World, case_row: int, outlook: Outlook, wait: float, price: float, rate: float
) -> tuple[float, float]:
    """Returns the value of an action in `wait` days, and the share of the case's later value that remains.

    `rate` is that of `fading`, which no choice changes.
    """
    setting, case = world.setting[0], world.case[case_row]
    group = world.group[case.group]
    chance, nodes, core = forecast_by(world, case_row, outlook, wait)
    taken_down = group.users * days_of_takedown(world, group.kind, nodes, core)
    weakened = group.users * group.capability * days_of_weakening(setting, nodes, core, core_lost(world, case.group))
    value = chance * taken_down + (1.0 - chance) * weakened - price
    left = math.exp(-rate * wait)
    return left * value, left * (1.0 - chance) * kept_after(setting, nodes)


@rule
def ready_share(world: World, case_row: int) -> float:
    """Share of a case's preparing states that are ready today."""
    ready, states, row = 0, 0, world.case[case_row].first_partner
    while row >= 0:
        partner = world.partner[row]
        ready += int(not math.isnan(partner.ready_at))
        states += 1
        row = partner.next_partner
    return ready / max(states, 1)


@rule
def may_act(world: World, case_row: int) -> bool:
    """True if a unit can act today: it knows a node or a core member, and enough states are ready."""
    case = world.case[case_row]
    known = case.known_nodes > 0 or case.known_members > 0
    return known and ready_share(world, case_row) >= world.setting[0].least_ready


@rule
def best_wait(world: World, case_row: int, outlook: Outlook, price: float, rate: float) -> tuple[float, float]:
    """Returns the value of acting on the best later day, and the days until that day.

    A case is worth as much after an action that fails as before, less what is then no longer known.
    """
    by_itself, kept, later = np.empty(len(_WAITS)), np.empty(len(_WAITS)), 0.0
    for place in range(len(_WAITS)):
        by_itself[place], kept[place] = value_of_acting(world, case_row, outlook, _WAITS[place], price, rate)
        later = max(later, by_itself[place])
    best, days = -math.inf, 0.0
    for place in range(len(_WAITS)):
        value = by_itself[place] + kept[place] * later
        if value > best:
            best, days = value, _WAITS[place]
    return best, days


@rule
def weigh(world: World, case_row: int) -> tuple[float, float, float, float]:
    """Returns the values of acting today, of disrupting today and of waiting, and the best number of days to wait."""
    case, setting = world.case[case_row], world.setting[0]
    outlook, price = outlook_of(world, case_row, False), price_of_action(world, case_row)
    rate = fading(world, case_row)
    waiting, days = best_wait(world, case_row, outlook, price, rate)
    acting = disrupting = -math.inf
    if case.known_nodes > 0 or case.known_members > 0:
        later, alone = max(waiting, 0.0), outlook_alone(world, case_row, outlook)
        value, kept = value_of_acting(world, case_row, alone, 0.0, setting.action_price, rate)
        disrupting = value + kept * later
        if may_act(world, case_row):
            value, kept = value_of_acting(world, case_row, outlook, 0.0, price, rate)
            acting = value + kept * later
    return acting, disrupting, waiting, days


@rule
def choose_next(world: World, case_row: int) -> int:
    """Chooses a unit's `Decision` at a review; starts the preparation of an action that is near.

    A unit that waits weighs its case again when half of the wait is over, once a quarter at least, and when a
    state has become ready or joined.
    """
    case, now, ready = world.case[case_row], world.now[0], ready_share(world, case_row)
    if now < case.weighed_until and ready == case.weighed_ready:
        return Decision.WAIT.value
    acting, disrupting, waiting, days = weigh(world, case_row)
    if acting > 0.0 and acting >= waiting and acting >= disrupting:
        prepare_case(world, case_row)
        return Decision.ACT.value
    if disrupting > 0.0 and disrupting > waiting and world.case[case_row].known_nodes > 0:
        return Decision.DISRUPT.value
    if waiting <= 0.0:
        return Decision.GIVE_UP.value
    if days <= _SOON:
        prepare_case(world, case_row)
    case.weighed_until, case.weighed_ready = now + min(0.5 * days, _QUARTER), ready
    return Decision.WAIT.value


@rule
def prepare_case(world: World, case_row: int) -> None:
    """Begins the preparation of a case's action day."""
    case = world.case[case_row]
    if case.status != CaseStatus.PREPARING:
        case.status = CaseStatus.PREPARING.value
        if math.isnan(case.prepared):
            case.prepared = world.now[0]


@rule
def has_a_part(world: World, case_row: int, row: int) -> bool:
    """True if a state besides the lead state acts on the action day: it is ready, and has its own case or a target."""
    partner = world.partner[row]
    if math.isnan(partner.ready_at) or partner.state == world.case[case_row].state:
        return False
    own = math.isnan(partner.asked) or case_in(world, case_row, partner.state) >= 0
    return own or is_needed(world, case_row, partner.state)


@rule
def states_that_act(world: World, case_row: int) -> int:
    """Marks the states that act on an action day; returns their number, including the lead state."""
    states, row = 1, world.case[case_row].first_partner
    while row >= 0:
        partner = world.partner[row]
        if has_a_part(world, case_row, row):
            states += 1
            partner.acted = world.now[0]
            record_milestone(world, MilestoneKind.ACTED, case_row, world.case[case_row].group, row, -1)
        row = partner.next_partner
    return states
