"""Knowledge in cases: merged cases and their lead case, participating states, and known control nodes (M11–M13).

Units know nothing of each other's finds until their cases are merged. A case that loses sight of a node still knows
that there is one more.
"""

from sim.engine.compiling import Record, rule
from sim.engine.random import derive
from sim.engine.rows import new_row
from sim.world.records import CaseStatus, Growing
from sim.world.world import World


@rule
def lead_of(world: World, case_row: int) -> int:
    """Row of a case's lead case, or of the case itself if it was not merged into another."""
    case = world.case[case_row]
    return case.merged_into if case.status == CaseStatus.MERGED else case_row


@rule
def pool_knowledge(world: World, case_row: int, lead_row: int) -> None:
    """Adds the proof, searches and liaison support of a merged case to its lead case."""
    case, lead = world.case[case_row], world.case[lead_row]
    lead.proof += case.proof
    lead.search += case.search
    lead.trails += case.trails
    lead.support |= case.support
    lead.asked_bodies |= case.asked_bodies


@rule
def work_alone(case: Record) -> None:
    """Separates a merged case from its lead case; the case keeps only what its own unit knows."""
    case.status = CaseStatus.INVESTIGATING.value
    case.merged_into = -1


@rule
def is_working(world: World, case_row: int) -> bool:
    """True if a case is open or, for a merged case, if its lead case is open."""
    return is_leading(world.case[lead_of(world, case_row)])


@rule
def is_leading(case: Record) -> bool:
    """True if a case is open and not merged into another."""
    return case.status == CaseStatus.INVESTIGATING or case.status == CaseStatus.PREPARING


@rule
def find_partner(world: World, case_row: int, state: int) -> int:
    """Row of the record of a state's participation in a case; −1 if it does not participate."""
    row = world.case[case_row].first_partner
    while row >= 0:
        if world.partner[row].state == state:
            return row
        row = world.partner[row].next_partner
    return -1


@rule
def case_in(world: World, case_row: int, state: int) -> int:
    """Row of a state's case that belongs to a lead case (or is that case); −1 if none."""
    if world.case[case_row].state == state:
        return case_row
    row = world.group[world.case[case_row].group].first_case
    while row >= 0:
        case = world.case[row]
        if case.state == state and case.status == CaseStatus.MERGED and case.merged_into == case_row:
            return row
        row = case.next_case
    return -1


@rule
def sighting_of(world: World, case_row: int, node_row: int) -> int:
    """Row of a case's record of a control node; −1 if the case never knew where the node is."""
    row = world.case[case_row].first_sighting
    while row >= 0 and world.sighting[row].node != node_row:
        row = world.sighting[row].next_sighting
    return row


@rule
def knows(world: World, case_row: int, node_row: int) -> bool:
    """True if a case knows where a control node is today."""
    row = sighting_of(world, case_row, node_row)
    return row >= 0 and world.sighting[row].in_sight == 1


@rule
def has_lost(world: World, case_row: int, node_row: int) -> bool:
    """True if a case once knew where a control node is, but no longer knows."""
    row = sighting_of(world, case_row, node_row)
    return row >= 0 and world.sighting[row].in_sight == 0


@rule
def link_to(world: World, case_row: int, node_row: int) -> float:
    """Log-odds of the proof in a case that a control node belongs to the group."""
    row = sighting_of(world, case_row, node_row)
    return world.sighting[row].link if row >= 0 else 0.0


@rule
def add_sighting(world: World, case_row: int, node_row: int) -> int:
    """Row of a case's record of a control node; creates the record if it is missing."""
    row = sighting_of(world, case_row, node_row)
    if row < 0:
        row = new_row(world, world.sighting, Growing.SIGHTING.value)
        world.sighting[row].key = derive(world.case[case_row].key, world.node[node_row].key)
        world.sighting[row].case = case_row
        world.sighting[row].node = node_row
        world.sighting[row].next_sighting = world.case[case_row].first_sighting
        world.case[case_row].first_sighting = row
    return row


@rule
def see(world: World, case_row: int, node_row: int) -> bool:
    """Records that a case knows from today where a node is; returns true if this is new to the case."""
    sighting = world.sighting[add_sighting(world, case_row, node_row)]
    if sighting.in_sight == 1:
        return False
    sighting.in_sight = 1
    world.case[case_row].known_nodes += 1
    return True


@rule
def prove_link(world: World, case_row: int, node_row: int, odds: float) -> None:
    """Records the log-odds with which a completed chain proves that a node belongs to the group."""
    sighting = world.sighting[sighting_of(world, case_row, node_row)]
    sighting.link = max(sighting.link, odds)


@rule
def lose_sight(world: World, case_row: int, node_row: int) -> None:
    """Records that a case no longer knows where a node is, and deletes the proof about the node's place."""
    row = sighting_of(world, case_row, node_row)
    if row >= 0 and world.sighting[row].in_sight == 1:
        world.sighting[row].in_sight = 0
        world.sighting[row].link = 0.0
        world.case[case_row].known_nodes -= 1


@rule
def forget_nodes(world: World, case_row: int) -> None:
    """Records that a case no longer knows where any node is."""
    row = world.case[case_row].first_sighting
    while row >= 0:
        lose_sight(world, case_row, world.sighting[row].node)
        row = world.sighting[row].next_sighting


@rule
def is_watched(world: World, node_row: int) -> bool:
    """True if any case on a node's group knows where the node is."""
    case_row = world.group[world.node[node_row].group].first_case
    while case_row >= 0:
        if knows(world, case_row, node_row):
            return True
        case_row = world.case[case_row].next_case
    return False
