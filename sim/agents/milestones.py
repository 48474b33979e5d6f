"""Turning points are written down as they happen, so that nobody has to infer them from traces."""

from sim.engine.compiling import rule
from sim.engine.rows import new_row
from sim.world.records import Growing, MilestoneKind
from sim.world.world import World


@rule
def record_milestone(
    world: World, kind: MilestoneKind, case_row: int, group_row: int, subject: int, reason: int
) -> None:
    """Adds a turning point of today; see MilestoneKind for what subject and reason are."""
    row = new_row(world, world.milestone, Growing.MILESTONE.value)
    milestone = world.milestone[row]
    milestone.day = world.now[0]
    milestone.kind = kind.value
    milestone.case = case_row
    milestone.group = group_row
    milestone.subject = subject
    milestone.reason = reason
