"""A unit's forecast of an action day: nodes that fall, arrests, and P(takedown) (M13).

The unit does not know how many control nodes there are. Each search finds any one of them with the same chance. From
a Poisson prior, the number still unseen is therefore Poisson as well, for any number found. What does not depend on
the day of the action is gathered once, as an outlook.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from sim.agents.assistance import logistic, order_probability, search_strength, synchrony
from sim.agents.cases import find_partner, knows, link_to
from sim.agents.crime import LEAST_MEMBERS, LEAST_NODES, is_down, members_held, residual
from sim.agents.investigation.chains import leads_followed
from sim.agents.investigation.custody import arrest_probability
from sim.agents.investigation.removal import is_ready, removal_of_known, silence_towards
from sim.engine.compiling import Record, rule
from sim.law.days import YEAR
from sim.law.vocabulary import DataKind
from sim.world.parameters import RESIDUAL
from sim.world.records import MemberStatus
from sim.world.world import World

_RARE = 1.0e-3  # combinations of arrests and sizes of the core that are less likely are left out
_UNSEEN_MOST = 100  # nodes considered; with so many unseen no action succeeds


class Prospect(IntEnum):
    """Columns of the array of control nodes that a unit knows, as input of its forecasts."""

    TODAY = 0  # P(it falls today)
    READY = 1  # P(it falls once its state is ready)
    PATIENCE = 2  # days in which 1 − 1 ÷ e of such states become ready; 0: waiting changes nothing
    ODDS = 3  # strength of the file before a court of its state; inf: it has authorised
    ANSWERS = 4  # P(its state answers at all)
    LINK = 5  # log-odds that a first trail to it would add
    STATE = 6  # row of its state


class Custody(IntEnum):
    """Columns of the array of possible results of arrests."""

    WEIGHT = 0  # probability
    CORE = 1  # share of the core in custody
    NODES = 2  # share of control nodes whose loss then takes the group down


class Room(IntEnum):
    """Rows of a forecast's working memory."""

    KNOWN = 0  # distribution of known nodes that fall
    FALL = 1  # and of unseen ones
    SURVIVE = 2  # of unseen ones


_PROSPECTS, _CUSTODIES, _ROOMS = len(Prospect), len(Custody), len(Room)


class Outlook(NamedTuple):
    """Input of a unit's forecasts of an action: known nodes, possible arrests, and expected unknown nodes."""

    prospects: np.ndarray  # of each known control node, float64 [known, Prospect]
    custody: np.ndarray  # arrests and sizes of the core that are likely, float64 [combination, Custody]
    unseen: float  # control nodes expected beyond those known
    unlinked: float  # control nodes expected that no trail links to the group
    room: np.ndarray  # float64 [Room, numbers], to write in: it would take long to ask for memory for each day


@rule
def unseen_nodes(world: World, case_row: int) -> float:
    """Expected number of a group's control nodes that a unit does not know."""
    case, setting = world.case[case_row], world.setting[0]
    unseen, row = (LEAST_NODES + setting.control_nodes) * math.exp(-case.search), case.first_sighting
    while row >= 0:
        unseen += 1.0 - world.sighting[row].in_sight  # once seen, it is somewhere
        row = world.sighting[row].next_sighting
    return unseen


@rule
def unlinked_nodes(world: World, case_row: int) -> float:
    """Expected number of a group's control nodes, known or unknown, that no completed chain links to the group."""
    number, row = unseen_nodes(world, case_row), world.case[case_row].first_sighting
    while row >= 0:
        sighting = world.sighting[row]
        number += float(int(sighting.in_sight == 1 and sighting.link == 0.0))
        row = sighting.next_sighting
    return number


@rule
def trails_by(world: World, case_row: int, wait: float) -> float:
    """Expected number of chains completed within `wait` days, from the rate in the case so far.

    It is usual that each hop takes as long as units wait patiently, and that they follow several leads at once.
    """
    case, setting = world.case[case_row], world.setting[0]
    usual = (1.0 + setting.extra_hops) * setting.impatience_days
    usual /= leads_followed(setting, world.group[case.group])
    return wait * (case.trails + 1.0) / (world.now[0] - case.opened + usual)


@rule
def found_by(setting: Record, trails: float, wait: float) -> float:
    """Expected share of unknown nodes that chains and analysis reveal within some days."""
    by_trails = -math.log(1.0 - min(setting.reveal, 0.99)) * trails
    return 1.0 - math.exp(-by_trails - setting.technical_discovery * wait / YEAR)


@rule
def authority_by(world: World, state: int, odds: float) -> float:
    """P(a state that answers authorises an action), as a unit expects from the strength of its file."""
    return order_probability(world, state, DataKind.SEARCH_SEIZURE.value, logistic(odds))


@rule
def judge_node(world: World, case_row: int, node_row: int, alone: bool, of: np.ndarray) -> None:
    """Fills one row, float64 [Prospect], with what a unit knows about a control node."""
    setting, node = world.setting[0], world.node[node_row]
    of[Prospect.TODAY] = removal_of_known(world, case_row, node, alone)
    in_time = synchrony(world, case_row, node.state)
    in_time += (1.0 - in_time) * setting.unsynchronised  # a node of a state that acts late may be warned
    of[Prospect.READY] = setting.removal * in_time
    row = find_partner(world, case_row, node.state)
    if not alone and is_ready(world, case_row, node.state):
        of[Prospect.TODAY] = of[Prospect.READY]
    elif row >= 0:
        partner = world.partner[row]
        waited = 0.0 if math.isnan(partner.asked) else world.now[0] - partner.asked
        of[Prospect.PATIENCE] = setting.readiness_days + waited
        of[Prospect.STATE] = node.state
        of[Prospect.ODDS] = math.inf
        if partner.authorised == 0:
            of[Prospect.ODDS] = search_strength(world, case_row, node.state)
            of[Prospect.ANSWERS] = 1.0 - silence_towards(world, case_row, node.state)
            of[Prospect.LINK] = setting.link if link_to(world, case_row, node_row) == 0.0 else 0.0


@rule
def prospects_of(world: World, case_row: int, alone: bool) -> np.ndarray:
    """Array of the control nodes that a unit knows, float64 [known, Prospect]."""
    case = world.case[case_row]
    group, number = world.group[case.group], 0
    prospects = np.zeros((case.known_nodes, _PROSPECTS))
    for row in range(group.first_node, group.first_node + group.nodes):
        if number < case.known_nodes and knows(world, case_row, row):
            judge_node(world, case_row, row, alone, prospects[number])
            number += 1
    return prospects


@rule
def removal_by(world: World, of: np.ndarray, wait: float, trails: float, unlinked: float) -> float:
    """P(a known node falls in an action in `wait` days), after `trails` more completed chains.

    A state that has not become ready for long becomes less likely to: hazard 1 ÷ (median + time waited).
    """
    today, ready = of[Prospect.TODAY], of[Prospect.READY]
    if wait == 0.0 or of[Prospect.PATIENCE] == 0.0:
        return today
    if not math.isinf(of[Prospect.ODDS]):
        odds = of[Prospect.ODDS] + world.setting[0].proof_content * trails
        odds += of[Prospect.LINK] * (1.0 - math.exp(-trails / max(unlinked, 1.0)))
        ready *= authority_by(world, int(of[Prospect.STATE]), odds) * of[Prospect.ANSWERS]
    return today + (1.0 - math.exp(-wait / of[Prospect.PATIENCE])) * max(ready - today, 0.0)


@rule
def with_trial(distribution: np.ndarray, number: int, probability: float) -> None:
    """Adds an independent trial to a distribution of the number of successes, in place."""
    for k in range(number + 1, 0, -1):
        distribution[k] = distribution[k] * (1.0 - probability) + distribution[k - 1] * probability
    distribution[0] *= 1.0 - probability


@rule
def known_that_fall(world: World, outlook: Outlook, wait: float, trails: float) -> np.ndarray:
    """Probability distribution of the number of known control nodes that fall, float64 [known + 1]."""
    prospects = outlook.prospects
    distribution = outlook.room[Room.KNOWN, : len(prospects) + 1]
    distribution[:] = 0.0
    distribution[0] = 1.0
    for number in range(len(prospects)):
        with_trial(distribution, number, removal_by(world, prospects[number], wait, trails, outlook.unlinked))
    return distribution


@rule
def arrested_on_the_day(world: World, case_row: int, alone: bool) -> np.ndarray:
    """Probability distribution of the number of arrests on an action day, float64 [arrests + 1]."""
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
    """Share of a group's control nodes that must fall for a takedown, given the share of core in custody."""
    people = residual(setting, 0.0, core)
    if is_down(people):
        return 0.0
    return 1.0 - (1.0 - setting.nodes_to_fall) ** (math.log(RESIDUAL / people) / math.log(RESIDUAL))


@rule
def core_sizes(setting: Record, known: int, held: int) -> np.ndarray:
    """Probability distribution of the size of a group's core, float64 [size]; at least the known members.

    A group that goes on without those in custody has a core that is larger than they could break.
    """
    sizes = np.zeros(max(LEAST_MEMBERS, known, held) + int(4.0 * setting.core_members) + 10)
    weight, total = math.exp(-setting.core_members), 0.0
    for size in range(LEAST_MEMBERS, len(sizes)):
        broken = held > 0 and is_down(residual(setting, 0.0, held / size))
        sizes[size] = 0.0 if size < known or broken else weight
        total += sizes[size]
        weight *= setting.core_members / (size - LEAST_MEMBERS + 1.0)
    if total == 0.0:  # hardly possible: as large a core as is thought of
        sizes[len(sizes) - 1] = total = 1.0
    return sizes / total


@rule
def custody_by(world: World, case_row: int, alone: bool) -> np.ndarray:
    """Possible results of arrests, each with its probability, float64 [combination, Custody]."""
    case, setting = world.case[case_row], world.setting[0]
    held, arrested = members_held(world, case.group), arrested_on_the_day(world, case_row, alone)
    if held == 0 and len(arrested) == 1:  # the size of the core makes no difference
        return np.array([[1.0, 0.0, nodes_needed(setting, 0.0)]])
    sizes, found = core_sizes(setting, case.known_members, held), 0
    combinations = np.empty((len(arrested) * len(sizes), _CUSTODIES))
    for number in range(len(arrested)):
        for size in range(LEAST_MEMBERS, len(sizes)):
            weight = arrested[number] * (sizes[size] if held + number > 0 else 1.0)
            if weight < _RARE:
                continue
            core = min((held + number) / size, 1.0)
            combinations[found, Custody.WEIGHT] = weight
            combinations[found, Custody.CORE] = core
            combinations[found, Custody.NODES] = nodes_needed(setting, core)
            found += 1
            if held + number == 0:
                break  # without arrests the size of the core makes no difference
    return combinations[:found]


@rule
def poisson_numbers(weights: np.ndarray, mean: float, rare: float) -> np.ndarray:
    """Writes the Poisson probabilities of 0, 1, 2 and so on to an array, until the rest is negligible."""
    weight, number = math.exp(-mean), 0
    while number < _UNSEEN_MOST:
        weights[number] = weight
        number += 1
        weight *= mean / number
        if weight < rare and number > mean + 1.0:
            break
    return weights[:number]


@rule
def too_few(at_most: np.ndarray, seen: int) -> float:
    """P(a group has fewer nodes than any group), with `seen` nodes besides the unseen ones that survive."""
    missing = LEAST_NODES - 1 - seen
    return at_most[min(missing, len(at_most) - 1)] if missing >= 0 else 0.0


@rule
def chance_of_share(known: np.ndarray, needed: float, more: int, at_most: np.ndarray, least: int) -> float:
    """P(enough control nodes fall for a takedown, and the group has its minimum number of nodes).

    `known` is the distribution of known nodes that fall, of which `least` must; `more` unseen nodes fall as well, and
    `at_most` is P(so many unseen nodes survive, or fewer).
    """
    number, total = len(known) - 1, 0.0
    impossible, fewest = too_few(at_most, number + more), max(number + more, LEAST_NODES)
    for k in range(max(least, math.ceil(needed * fewest - more - 1.0e-9)), number + 1):
        survive = int((k + more + 1.0e-9) / needed) - number - more
        total += known[k] * (at_most[min(survive, len(at_most) - 1)] - impossible)
    return total


@rule
def chance_of_takedown(
    known: np.ndarray, custody: np.ndarray, fallen: float, left: float, today: bool, room: np.ndarray
) -> float:
    """P(a group is taken down by loss of nodes and members).

    `known` is the distribution of known nodes that fall; of unseen ones `fallen` are expected to fall, and `left` to
    survive, both Poisson. Today unseen nodes fall only with known ones, as none will be found before the day.
    """
    more_fall = poisson_numbers(room[Room.FALL], fallen, 1.0e-6)
    at_most = poisson_numbers(room[Room.SURVIVE], left, 1.0e-9)
    for number in range(1, len(at_most)):
        at_most[number] += at_most[number - 1]
    possible, reached, considered = 0.0, 0.0, 0.0
    for more in range(len(more_fall)):
        possible += more_fall[more] * (at_most[len(at_most) - 1] - too_few(at_most, len(known) - 1 + more))
    for place in range(len(custody)):
        weight, needed = custody[place, Custody.WEIGHT], custody[place, Custody.NODES]
        considered += weight
        if needed <= 0.0:
            reached += weight
        elif possible > 0.0:
            for more in range(len(more_fall)):
                least = int(today and more > 0)
                share = chance_of_share(known, needed, more, at_most, least)
                reached += weight * more_fall[more] * share / possible
    return reached / considered


@rule
def outlook_of(world: World, case_row: int, alone: bool) -> Outlook:
    """Collects the input to forecast an action by all states ready to act or, if `alone`, by the unit's own."""
    prospects, custody = prospects_of(world, case_row, alone), custody_by(world, case_row, alone)
    room = np.empty((_ROOMS, max(len(prospects) + 1, _UNSEEN_MOST)))
    return Outlook(prospects, custody, unseen_nodes(world, case_row), unlinked_nodes(world, case_row), room)


@rule
def outlook_alone(world: World, case_row: int, together: Outlook) -> Outlook:
    """Converts a forecast's input for all ready states to the input for the unit's own state alone."""
    prospects, custody = prospects_of(world, case_row, True), together.custody
    if world.case[case_row].known_members > 0:
        custody = custody_by(world, case_row, True)
    return Outlook(prospects, custody, together.unseen, together.unlinked, together.room)


@rule
def forecast_by(world: World, case_row: int, outlook: Outlook, wait: float) -> tuple[float, float, float]:
    """Forecasts an action in `wait` days: P(takedown), share of nodes that fall, share of core in custody."""
    case, setting, unseen = world.case[case_row], world.setting[0], outlook.unseen
    trails = trails_by(world, case_row, wait)
    known = known_that_fall(world, outlook, wait, trails)
    found = unseen * found_by(setting, trails, wait)
    ready = 1.0 - math.exp(-0.5 * wait / setting.readiness_days)  # found on average half of the time before
    strength = setting.search_strength + case.proof + setting.link + setting.proof_content * trails
    authority = authority_by(world, case.state, strength) if ready > 0.0 else 0.0
    falls = setting.removal * ready * authority
    fallen = found * falls + (unseen - found) * setting.removal_unknown * (1.0 if len(known) > 1 else 0.0)
    chance = chance_of_takedown(known, outlook.custody, fallen, unseen - fallen, wait == 0.0, outlook.room)
    nodes, persons, considered = 0.0, 0.0, 0.0
    for number in range(len(known)):
        nodes += known[number] * number
    for place in range(len(outlook.custody)):
        persons += outlook.custody[place, Custody.WEIGHT] * outlook.custody[place, Custody.CORE]
        considered += outlook.custody[place, Custody.WEIGHT]
    return chance, (nodes + fallen) / max(len(known) - 1 + unseen, 1.0), persons / considered


@rule
def forecast(world: World, case_row: int, wait: float, alone: bool) -> tuple[float, float, float]:
    """Forecasts an action like `forecast_by`, after collecting what the unit knows of its case."""
    return forecast_by(world, case_row, outlook_of(world, case_row, alone), wait)
