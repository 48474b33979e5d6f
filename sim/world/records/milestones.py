"""Turning points of cases and groups that no other table keeps."""

from sim.world.records.codes import MilestoneKind
from sim.world.records.field import Entity, Field

MILESTONE = Entity(
    "milestone",
    "A turning point in the life of a case or a group that no other table keeps.",
    (
        Field("day", "f8", "day", "when it happened"),
        Field("kind", "i4", MilestoneKind, "what happened"),
        Field("case", "i4", "row of case", "case concerned"),
        Field("group", "i4", "row of group", "group concerned"),
        Field("subject", "i4", "row", "chain, node, case, partner, action or member that the kind names"),
        Field("reason", "i4", "code", "why, in the codes that the kind names; -1 where it names none"),
    ),
)
