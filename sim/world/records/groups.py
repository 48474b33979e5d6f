"""Criminal groups: their members, control nodes and capability over time."""

import math

from sim.law.vocabulary import Ground
from sim.world.records.codes import ActionType, GroupStatus, MemberStatus, SpellCause
from sim.world.records.field import KEY, Entity, Field

GROUP = Entity(
    "group",
    "A criminal group of the tier that national units investigate.",
    (
        KEY,
        Field("kind", "i4", "code", "what it does, as a row of GROUP_KINDS"),
        Field("home", "i4", "row of state", "state of its core members"),
        Field("domestic", "i4", "0 or 1", "all of its victims live in its home state"),
        Field("status", "i4", GroupStatus, "active, down, gone"),
        Field("action", "i4", ActionType, "kind of the latest enforcement action"),
        Field("first_node", "i4", "row of node", "first control node; the others follow"),
        Field("nodes", "i4", "number", "control nodes that it has"),
        Field("members", "i4", "number", "core members that it has"),
        Field("first_member", "i4", "row of member", "first core member; the others follow"),
        Field("first_case", "i4", "row of case", "newest open case on it"),
        Field("cases", "i4", "number", "cases ever opened on it"),
        Field("first_migration", "i4", "row of migration", "newest band of users that left it for a rival"),
        Field("facts", "i4", "bit mask", "elements that its conduct fulfils, coded as in LawArrays.elements"),
        Field("generation", "i4", "number", "counts takedowns and rebuilds; an event of an older one is void"),
        Field("entered", "f8", "day", "began"),
        Field("ended", "f8", "day", "left by itself, or was removed"),
        Field("lineage_until", "f8", "day", "leaves by itself then, unless it would rather stay"),
        Field("scale", "f8", "ratio", "harm relative to the type's rate, with the users that it entered with"),
        Field("capability", "f8", "0–1", "share of full capability to do harm"),
        Field("alert_until", "f8", "day", "it is on its guard until then"),
        Field("last_action", "f8", "day", "latest enforcement action"),
        Field("brands", "i4", "number", "names taken since it entered"),
        Field("reports", "i4", "number", "victims' reports so far"),
        Field("users", "f8", "ratio", "users and affiliates that it has, in units of scale"),
        Field("users_at_takedown", "f8", "ratio", "users and affiliates that it had when it was last taken down"),
        Field("back_on", "f8", "day", "comes back after its latest takedown, unless it leaves first"),
        Field("whole_on", "f8", "day", "has or had its whole capability again, after a return or a partial loss"),
        Field("blows", "i4", "number", "actions against it so far, partial ones included"),
        Field("experience", "f8", "log", "what it has lived through: doubt of being caught is exp(−experience)"),
        Field("experience_day", "f8", "day", "day of that value, which fades from then on"),
        Field("income", "f8", "ratio", "proceeds a day, in those of a mean group of its kind at full capability"),
        Field("reserve", "f8", "days", "money in reach of a freeze, in days of a mean group's full proceeds"),
        Field("reserve_day", "f8", "day", "day of that value; income adds to it, and it is spent or laundered"),
        Field("named", "f8", "day", "took its present name"),
        Field("stays", "i4", "number", "times that it stayed though its lineage had run out"),
        Field("doubts", "i4", "number", "times that it thought of leaving early"),
        Field("clipped", "i4", "number", "choices to enter or leave for which the declared ceiling was too low"),
        Field("hop_mean", "f8", "hops", "mean extra hops of a chain"),
    ),
)

MEMBER = Entity(
    "member",
    "A core member of a group.",
    (
        KEY,
        Field("group", "i4", "row of group", "its group"),
        Field("slot", "i4", "number", "place within its group"),
        Field("residence", "i4", "row of state", "where the person lives; a national of the group's home"),
        Field("status", "i4", MemberStatus, "where it stands"),
        Field("known_by", "i4", "row of case", "case that identified the person, NONE while unknown"),
        Field("link", "f8", "log-odds", "by which a completed trail links the person to the group"),
        Field("shown", "f8", "log-odds", "strength of the file when a warrant was last asked for", initial=-math.inf),
        Field("replaced", "i4", "0 or 1", "was in custody when the group came back, with others in the person's place"),
        Field("held_in", "i4", "row of state", "state of arrest"),
        Field("prosecuted_in", "i4", "row of state", "state of trial"),
        Field("instead", "i4", "0 or 1", "prosecuted there because surrender was refused"),
        Field("ground", "i4", Ground, "ground on which surrender was refused"),
        Field("journeys", "i4", "number", "journeys on which the person was recognised, but not arrested"),
        Field("noticed", "f8", "day", "a notice that the person is wanted was published"),
        Field("by_notice", "i4", "0 or 1", "arrested abroad after a notice"),
        Field("identified", "f8", "day", "identified by a case"),
        Field("indicted", "f8", "day", "publicly charged"),
        Field("arrested", "f8", "day", "arrested"),
        Field("surrendered", "f8", "day", "handed over"),
        Field("ended", "f8", "day", "released, convicted or acquitted"),
    ),
)

NODE = Entity(
    "node",
    "A control node of a group: a place from which it is run, with a host that may change.",
    (
        KEY,
        Field("group", "i4", "row of group", "its group"),
        Field("slot", "i4", "number", "place within its group"),
        Field("state", "i4", "row of state", "state in which its operator hosts it"),
        Field("provider", "i4", "row of provider", "host"),
        Field("since", "f8", "day", "its operator is with this state since then"),
        Field("moves_at", "f8", "day", "its operator leaves the state then"),
        Field("moves", "i4", "number", "moves so far"),
        Field("registry", "i4", "row of state", "state under whose law its domain is, NONE: it depends on no domain"),
        Field("lost_in", "i4", "row of state", "state in which it was last seized, NONE before"),
        Field("lost_at", "f8", "day", "was last seized"),
    ),
)

SIGHTING = Entity(
    "sighting",
    "What a case knows, or once knew, of a control node.",
    (
        KEY,
        Field("case", "i4", "row of case", "case that learnt of it"),
        Field("node", "i4", "row of node", "control node"),
        Field("next_sighting", "i4", "row of sighting", "next older one of the case"),
        Field("in_sight", "i4", "0 or 1", "the case knows where it is"),
        Field("link", "f8", "log-odds", "by which a completed trail links it to the group"),
    ),
)

SPELL = Entity(
    "spell",
    "A time during which a group's capability and size were constant.",
    (
        Field("group", "i4", "row of group", "group that changed"),
        Field("cause", "i4", SpellCause, "why it changed"),
        Field("action_type", "i4", ActionType, "enforcement action behind it"),
        Field("case", "i4", "row of case", "case behind it"),
        Field("day", "f8", "day", "when it changed"),
        Field("capability", "f8", "0–1", "from this day until the group's next spell"),
        Field("scale", "f8", "ratio", "harm relative to the type's rate from this day on, with the users it then has"),
        Field("lasting", "f8", "share", "P(is not back within 180 days), of a takedown; else NaN", initial=math.nan),
    ),
)

MIGRATION = Entity(
    "migration",
    "A band of users and affiliates that went from a group taken down to a rival of the same kind (M17).",
    (
        KEY,
        Field("group", "i4", "row of group", "group that they left"),
        Field("rival", "i4", "row of group", "group that they went to"),
        Field("next_migration", "i4", "row of migration", "band that left the same group before"),
        Field("settled", "i4", "0 or 1", "has decided whether to go back"),
        Field("day", "f8", "day", "when they went"),
        Field("amount", "f8", "ratio", "how many, in units of scale"),
        Field("returned", "f8", "day", "when they went back, NaN for never"),
    ),
)
