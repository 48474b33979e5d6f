"""Cases: which one leads after a merger, whether it is worked on, and the states that take part (M11–M13)."""

from sim.engine.compiling import Record, rule
from sim.world.records import CaseStatus
from sim.world.world import World


@rule
def lead_of(world: World, case_row: int) -> int:
    """The case that leads: itself, or the one it was merged into."""
    case = world.case[case_row]
    return case.merged_into if case.status == CaseStatus.MERGED else case_row


@rule
def pool_knowledge(world: World, case_row: int, lead_row: int) -> None:
    """What a case has proved and searched counts for the one that leads it from now on, and bodies support that one."""
    case, lead = world.case[case_row], world.case[lead_row]
    lead.proof += case.proof
    lead.search += case.search
    lead.trails += case.trails
    lead.support |= case.support
    lead.asked_bodies |= case.asked_bodies


@rule
def work_alone(case: Record) -> None:
    """A case that had merged into another continues by itself, with what its own unit knows."""
    case.status = CaseStatus.INVESTIGATING.value
    case.merged_into = -1


@rule
def is_working(world: World, case_row: int) -> bool:
    """Whether the case is still worked on; a merged case is as long as its lead case is."""
    return is_leading(world.case[lead_of(world, case_row)])


@rule
def is_leading(case: Record) -> bool:
    """Whether the case is worked on under its own lead."""
    return case.status == CaseStatus.INVESTIGATING or case.status == CaseStatus.PREPARING


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
def case_in(world: World, case_row: int, state: int) -> int:
    """Row of the state's own case: the leading one, or one that was merged into it; -1 when it has none."""
    if world.case[case_row].state == state:
        return case_row
    row = world.group[world.case[case_row].group].first_case
    while row >= 0:
        case = world.case[row]
        if case.state == state and case.status == CaseStatus.MERGED and case.merged_into == case_row:
            return row
        row = case.next_case
    return -1
