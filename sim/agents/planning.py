"""The choice of the action day: known nodes, states that are ready, gains and risks of waiting (M13)."""

import math

from sim.agents.leaks import leak_probability
from sim.engine.compiling import Record, rule
from sim.world.records import CaseStatus
from sim.world.world import World


@rule
def find_partner(world: World, case_row: int, state: int) -> int:
    """Row of a state's part in the case, -1 when it has none."""
    row = world.case[case_row].first_partner
    while row >= 0:
        if world.partner[row].state == state:
            return row
        row = world.partner[row].next_partner
    return -1


@rule
def kill_probability(setting: Record, known: bool, ready: bool) -> float:
    """P(a control node is removed on the action day)."""
    if not known:
        return setting.kill_unknown
    return setting.kill_ready if ready else setting.kill_unready


@rule
def gain_of_waiting(setting: Record, known: bool, ready: bool, waited: float) -> float:
    """Expected P(node removed) if the action waits one review longer.

    A state that has not become ready for long becomes less likely to: hazard 1 ÷ (median + time waited).
    """
    now = kill_probability(setting, known, ready)
    if known and ready:
        return now
    change = min(setting.review_interval_days / (setting.readiness_days + waited), 1.0)
    return now + change * (setting.kill_ready - now)


@rule
def prospects(world: World, case_row: int) -> tuple[float, float]:
    """(P_kill today, P_kill expected at the next review): products over the group's control nodes."""
    case, setting, now = world.case[case_row], world.setting[0], world.now[0]
    group = world.group[case.group]
    today, later = 1.0, 1.0
    for row in range(group.first_node, group.first_node + group.nodes):
        node = world.node[row]
        known = node.known_by == case_row
        ready, waited = False, now - case.opened
        if known:
            partner_row = find_partner(world, case_row, node.state)
            if partner_row >= 0:
                ready = not math.isnan(world.partner[partner_row].ready_at)
                waited = now - world.partner[partner_row].joined
        today *= kill_probability(setting, known, ready)
        later *= gain_of_waiting(setting, known, ready, waited)
    return today, later


@rule
def acts_now(setting: Record, today: float, later: float, leak: float, prepared_days: float) -> bool:
    """Whether acting today beats waiting: success now against success later, less harm meanwhile and leaks (M13).

    Value is counted in days of the group's harm averted over the horizon.
    """
    if today < setting.least_kill:
        return False
    if prepared_days >= setting.longest_preparation_days:
        return True
    return today * setting.horizon_days >= (1.0 - leak) * later * (setting.horizon_days - setting.review_interval_days)


@rule
def recipients(world: World, case_row: int) -> int:
    """States that prepare the action."""
    count, row = 1, world.case[case_row].first_partner
    while row >= 0:
        count += 1
        row = world.partner[row].next_partner
    return count


@rule
def ready_share(world: World, case_row: int) -> float:
    """Share of the states in the preparation that are ready."""
    ready, states, row = 0, 0, world.case[case_row].first_partner
    while row >= 0:
        partner = world.partner[row]
        ready += int(not math.isnan(partner.ready_at))
        states += 1
        row = partner.next_partner
    return ready / max(states, 1)


@rule
def weigh_action(world: World, case_row: int) -> bool:
    """At a review: is enough known to prepare, and is today the day?"""
    case, setting, now = world.case[case_row], world.setting[0], world.now[0]
    group = world.group[case.group]
    if case.known_nodes < setting.least_coverage * group.nodes:
        return False
    if case.status == CaseStatus.INVESTIGATING:
        case.status = CaseStatus.PREPARING.value
        if math.isnan(case.prepared):
            case.prepared = now
    waits = now - case.prepared < setting.longest_preparation_days
    if waits and setting.least_ready > 0.0 and ready_share(world, case_row) < setting.least_ready:
        return False
    today, later = prospects(world, case_row)
    leak = leak_probability(world, case_row)
    return acts_now(setting, today, later, leak, now - case.prepared)
