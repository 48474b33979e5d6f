"""The choice at a review: act, wait, disrupt or give up, by what the unit knows (M13).

The unit does not know how many control nodes there are. Each search finds any one of them with the same chance. From
a Poisson prior, the number still unseen is therefore Poisson as well, for any number found. Values are days of the
harm of a mean group. Choices are weighed again at every review.
"""

import math
from enum import IntEnum

import numpy as np

from sim.agents.authority import logistic
from sim.agents.cases import find_partner
from sim.agents.chains import leads_followed
from sim.agents.court import order_probability
from sim.agents.criminals import LEAST_MEMBERS, LEAST_NODES
from sim.agents.custody import arrest_probability
from sim.agents.leaks import exposure_of, leak_hazard
from sim.agents.liaison_bodies import synchrony
from sim.agents.proof import concerns, search_strength
from sim.agents.removal import is_ready, removal_of_known, silence_towards
from sim.agents.resurgence import RESIDUAL, core_lost, is_down, members_held, residual, return_terms, type_of_takedown
from sim.agents.sightings import has_lost, knows, link_to
from sim.engine.compiling import Record, rule
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import DataKind
from sim.world.records import ActionType, CaseStatus, MemberStatus
from sim.world.world import World

_WAITS = (30.0, 90.0, 180.0, 360.0, 720.0)  # days; between them the value hardly differs
_SOON = 180.0  # days: a unit that means to act by then prepares
_RARE = 1.0e-3  # combinations of arrests and sizes of the core that are less likely are left out
_UNSEEN_MOST = 100  # nodes considered; with so many unseen no action succeeds


class Decision(IntEnum):
    """What a unit does after a review."""

    WAIT = 0
    ACT = 1
    DISRUPT = 2
    GIVE_UP = 3


@rule
def unseen_nodes(world: World, case_row: int) -> float:
    """Control nodes that the unit expects beyond those that it knows."""
    case, setting = world.case[case_row], world.setting[0]
    group, unseen = world.group[case.group], (LEAST_NODES + setting.control_nodes) * math.exp(-case.search)
    for row in range(group.first_node, group.first_node + group.nodes):
        unseen += float(int(has_lost(world, case_row, row)))  # once seen, it is somewhere
    return unseen


@rule
def unlinked_nodes(world: World, case_row: int) -> float:
    """Control nodes that the unit expects to be linked to the group by no trail yet, known ones and others."""
    group, number = world.group[world.case[case_row].group], unseen_nodes(world, case_row)
    for row in range(group.first_node, group.first_node + group.nodes):
        number += float(int(knows(world, case_row, row) and link_to(world, case_row, row) == 0.0))
    return number


@rule
def trails_by(world: World, case_row: int, wait: float) -> float:
    """Trails that the unit expects to complete within some days: as before, and before the first one by what is usual.

    It is usual that each hop takes as long as units wait patiently, and that they follow several leads at once.
    """
    case, setting = world.case[case_row], world.setting[0]
    usual = (1.0 + setting.extra_hops) * setting.impatience_days
    usual /= leads_followed(setting, world.group[case.group])
    return wait * (case.trails + 1.0) / (world.now[0] - case.opened + usual)


@rule
def found_by(world: World, case_row: int, wait: float) -> float:
    """Share of the unseen nodes that the unit expects to find within some days."""
    setting = world.setting[0]
    by_trails = -math.log(1.0 - min(setting.reveal, 0.99)) * trails_by(world, case_row, wait)
    return 1.0 - math.exp(-by_trails - setting.technical_discovery * wait / YEAR)


@rule
def authority_by(world: World, case_row: int, state: int, odds: float) -> float:
    """P(a state authorises the action on a file of some strength), as the unit judges it."""
    ordered = order_probability(world, state, DataKind.SEARCH_SEIZURE.value, logistic(odds))
    return ordered * (1.0 - silence_towards(world, case_row, state))


@rule
def removal_by(world: World, case_row: int, node_row: int, wait: float, alone: bool) -> float:
    """P(a known node falls) if the action is some days away.

    A state that has not become ready for long becomes less likely to: hazard 1 ÷ (median + time waited).
    """
    setting, node = world.setting[0], world.node[node_row]
    now = removal_of_known(world, case_row, node, alone)
    row = find_partner(world, case_row, node.state)
    in_time = synchrony(world, case_row, node.state)
    in_time += (1.0 - in_time) * setting.unsynchronised  # a node of a state that acts late may be warned
    eventual = setting.removal * in_time
    if not alone and is_ready(world, case_row, node.state):
        return eventual
    if wait == 0.0 or row < 0:
        return now
    if world.partner[row].authorised == 0:
        trails = trails_by(world, case_row, wait)
        odds = search_strength(world, case_row, node.state) + setting.proof_content * trails
        if link_to(world, case_row, node_row) == 0.0:
            odds += setting.link * (1.0 - math.exp(-trails / max(unlinked_nodes(world, case_row), 1.0)))
        eventual *= authority_by(world, case_row, node.state, odds)
    asked = world.partner[row].asked
    waited = 0.0 if math.isnan(asked) else world.now[0] - asked
    return now + (1.0 - math.exp(-wait / (setting.readiness_days + waited))) * max(eventual - now, 0.0)


@rule
def with_trial(distribution: np.ndarray, number: int, probability: float) -> None:
    """Adds one more independent trial to the distribution of successes of `number` trials, in place."""
    for k in range(number + 1, 0, -1):
        distribution[k] = distribution[k] * (1.0 - probability) + distribution[k - 1] * probability
    distribution[0] *= 1.0 - probability


@rule
def known_that_fall(world: World, case_row: int, wait: float, alone: bool) -> np.ndarray:
    """Distribution of the number of known control nodes that fall, float64 [known + 1]."""
    case = world.case[case_row]
    group = world.group[case.group]
    distribution, number = np.zeros(case.known_nodes + 1), 0
    distribution[0] = 1.0
    for row in range(group.first_node, group.first_node + group.nodes):
        if knows(world, case_row, row) and number < case.known_nodes:
            with_trial(distribution, number, removal_by(world, case_row, row, wait, alone))
            number += 1
    return distribution


@rule
def arrested_on_the_day(world: World, case_row: int, alone: bool) -> np.ndarray:
    """Distribution of the number of wanted members who are arrested, float64; a unit that acts alone arrests nobody."""
    case = world.case[case_row]
    group = world.group[case.group]
    distribution, number = np.zeros(1 if alone else case.known_members + 1), 0
    distribution[0] = 1.0
    for row in range(group.first_member, group.first_member + group.members):
        member = world.member[row]
        if member.known_by == case_row and member.status == MemberStatus.WANTED and number < len(distribution) - 1:
            with_trial(distribution, number, arrest_probability(world, case_row, member.residence))
            number += 1
    return distribution


@rule
def nodes_needed(setting: Record, core: float) -> float:
    """Share of control nodes whose loss takes a group down that has lost a share of its core."""
    people = residual(setting, 0.0, core)
    if is_down(people):
        return 0.0
    return 1.0 - (1.0 - setting.nodes_to_fall) ** (math.log(RESIDUAL / people) / math.log(RESIDUAL))


@rule
def chance_of_share(known: np.ndarray, needed: float, fallen: float, left: float, today: bool) -> float:
    """P(the share of nodes that fall reaches what is needed), of groups that have the least number of nodes or more.

    Args:
        known: distribution of known nodes that fall, float64 [known + 1].
        needed: share of all nodes.
        fallen: expected unseen nodes that fall as well, Poisson.
        left: expected unseen nodes that survive, Poisson.
        today: unseen nodes fall only with known ones, as none will be found before the day.
    """
    number, total, possible, weight_fallen = len(known) - 1, 0.0, 0.0, math.exp(-fallen)
    for more in range(_UNSEEN_MOST):
        weight = weight_fallen * math.exp(-left)
        for unseen in range(_UNSEEN_MOST):
            least = math.ceil(needed * (number + more + unseen) - more - 1.0e-9)
            if number + more + unseen >= LEAST_NODES:
                possible += weight
                for k in range(max(least, int(today and more > 0)), number + 1):
                    total += weight * known[k]
            weight *= left / (unseen + 1.0)
            if weight < 1.0e-9 and unseen > left:
                break
        weight_fallen *= fallen / (more + 1.0)
        if weight_fallen < 1.0e-6 and more > fallen:
            break
    return total / possible if possible > 0.0 else 0.0


@rule
def core_sizes(setting: Record, known: int, held: int) -> np.ndarray:
    """Distribution of the size of a core, float64 [size]: no smaller than what is known of it.

    A group that goes on without those in custody has a core that is larger than they could break.
    """
    sizes = np.zeros(max(LEAST_MEMBERS, known, held) + int(4.0 * setting.core_members) + 10)
    weight, total = math.exp(-setting.core_members), 0.0
    for size in range(LEAST_MEMBERS, len(sizes)):
        broken = size < held or is_down(residual(setting, 0.0, min(held / size, 1.0)))
        sizes[size] = 0.0 if size < known or broken else weight
        total += sizes[size]
        weight *= setting.core_members / (size - LEAST_MEMBERS + 1.0)
    if total == 0.0:  # hardly possible: as large a core as is thought of
        sizes[len(sizes) - 1] = total = 1.0
    return sizes / total


@rule
def forecast(world: World, case_row: int, wait: float, alone: bool) -> tuple[float, float, float]:
    """(P(the group goes down), share of nodes that fall, share of the core in custody), if action is some days away."""
    case, setting = world.case[case_row], world.setting[0]
    known, arrested = known_that_fall(world, case_row, wait, alone), arrested_on_the_day(world, case_row, alone)
    unseen = unseen_nodes(world, case_row)
    found = unseen * found_by(world, case_row, wait)
    ready = 1.0 - math.exp(-0.5 * wait / setting.readiness_days)  # found on average half of the time before
    strength = setting.search_strength + case.proof + setting.link
    strength += setting.proof_content * trails_by(world, case_row, wait)
    falls = setting.removal * ready * authority_by(world, case_row, case.state, strength)
    fallen = found * falls + (unseen - found) * setting.removal_unknown * (1.0 if len(known) > 1 else 0.0)
    held = members_held(world, case.group)
    sizes = core_sizes(setting, case.known_members, held)
    chance, persons, nodes, considered = 0.0, 0.0, 0.0, 0.0
    for number in range(len(arrested)):
        for size in range(LEAST_MEMBERS, len(sizes)):
            weight = arrested[number] * (sizes[size] if held + number > 0 else 1.0)
            if weight < _RARE:
                continue
            share = min((held + number) / size, 1.0)
            needed = nodes_needed(setting, share)
            reached = 1.0
            if needed > 0.0:
                reached = chance_of_share(known, needed, fallen, unseen - fallen, wait == 0.0)
            chance += weight * reached
            persons += weight * share
            considered += weight
            if held + number == 0:
                break  # without arrests the size of the core makes no difference
    for number in range(len(known)):
        nodes += known[number] * number
    return chance / considered, (nodes + fallen) / max(len(known) - 1 + unseen, 1.0), persons / considered


@rule
def days_of_takedown(setting: Record, kind: int, nodes: float, core: float) -> float:
    """Days of a group's harm that its takedown averts: for good within the horizon, or until it is back and grown.

    `nodes` and `core` are the shares of its control nodes that fall and of its core in custody.
    """
    action_type = type_of_takedown(kind, core, False, False)
    never, median, capacity = return_terms(setting, action_type)
    if action_type != ActionType.ARRESTS and nodes < 1.0 - 0.5 / LEAST_NODES:  # some are likely to survive
        never *= setting.survivors
        median *= setting.survivors
    back = median + 0.5 * (1.0 - capacity) * setting.regrowth_days
    return never * setting.horizon_days + (1.0 - never) * min(back, setting.horizon_days)


@rule
def days_of_weakening(setting: Record, nodes: float, core: float, core_before: float) -> float:
    """Days of a group's harm that an action averts which does not take it down; earlier arrests are not its merit."""
    before = residual(setting, 0.0, core_before)
    left = max(residual(setting, nodes, core), RESIDUAL)
    lost = max(1.0 - left / max(before, RESIDUAL), 0.0)
    return lost * lost * setting.rebuild_days  # what was lost, for the time that it takes to rebuild as much


@rule
def fading(world: World, case_row: int) -> float:
    """Rate at which a case loses its worth, per day: the group leaves by itself, the case is dropped, or leaks."""
    setting = world.setting[0]
    leak = leak_hazard(setting, exposure_of(world, case_row)) / setting.review_interval_days
    lineage = 1.0 / (setting.lineage_months * MONTH)
    return lineage + setting.attrition_per_year / YEAR + leak * setting.alert_move * setting.with_alert


@rule
def kept_after(setting: Record, nodes: float) -> float:
    """Share of what is known that is still true after an action: what fell is replaced, and some of the rest moves."""
    return (1.0 - nodes) * (1.0 - setting.alert_move * setting.with_alert)


@rule
def price_of_action(world: World, case_row: int) -> float:
    """Price of an action day, in days of a mean group's harm: the unit's state works on it, and each that is needed."""
    case = world.case[case_row]
    states, row = 1, case.first_partner
    while row >= 0:
        state = world.partner[row].state
        states += int(state != case.state and is_needed(world, case_row, state))
        row = world.partner[row].next_partner
    return world.setting[0].action_price * states


@rule
def is_needed(world: World, case_row: int, state: int) -> bool:
    """Whether a known node, or the registry of its domain, lies in a state."""
    group = world.group[world.case[case_row].group]
    for row in range(group.first_node, group.first_node + group.nodes):
        if knows(world, case_row, row) and concerns(world.node[row], state):
            return True
    return False


@rule
def value_of_acting(world: World, case_row: int, wait: float, later: float, alone: bool) -> float:
    """Value of an action some days from now, by all states that are ready then or by the unit's own alone.

    `later` is what the case would be worth after one that fails.
    """
    setting, case = world.setting[0], world.case[case_row]
    group = world.group[case.group]
    chance, nodes, core = forecast(world, case_row, wait, alone)
    taken_down = group.users * days_of_takedown(setting, group.kind, nodes, core)
    before = core_lost(world, case.group)
    weakened = group.users * group.capability * days_of_weakening(setting, nodes, core, before)
    weakened += kept_after(setting, nodes) * later
    price = setting.action_price if alone else price_of_action(world, case_row)
    value = chance * taken_down + (1.0 - chance) * weakened - price
    return math.exp(-fading(world, case_row) * wait) * value


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
def best_wait(world: World, case_row: int, later: float) -> tuple[float, float]:
    """(value, days) of the best day for an action that is not today."""
    best, days = -math.inf, 0.0
    for wait in _WAITS:
        value = value_of_acting(world, case_row, wait, later, False)
        if value > best:
            best, days = value, wait
    return best, days


@rule
def weigh(world: World, case_row: int) -> tuple[float, float, float, float]:
    """(value of acting today, of disrupting today, of the best later day, days until that one)."""
    case, setting = world.case[case_row], world.setting[0]
    first, _ = best_wait(world, case_row, 0.0)
    waiting, days = best_wait(world, case_row, max(first, 0.0))
    later = max(waiting, 0.0)
    acting = disrupting = -math.inf
    if case.known_nodes > 0 or case.known_members > 0:
        disrupting = value_of_acting(world, case_row, 0.0, later, True)
        if ready_share(world, case_row) >= setting.least_ready:
            acting = value_of_acting(world, case_row, 0.0, later, False)
    return acting, disrupting, waiting, days


@rule
def choose_next(world: World, case_row: int) -> int:
    """What the unit does after a review, a `Decision`; it begins to prepare once it means to act soon."""
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
    return Decision.WAIT.value


@rule
def prepare_case(world: World, case_row: int) -> None:
    """The unit begins to prepare the action day."""
    case = world.case[case_row]
    if case.status != CaseStatus.PREPARING:
        case.status = CaseStatus.PREPARING.value
        if math.isnan(case.prepared):
            case.prepared = world.now[0]
