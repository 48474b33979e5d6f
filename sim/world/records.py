"""The record types of the world: one per entity, declared once.

The same array is what compiled rules read and write, what Mesa agents show, and what becomes a DataFrame.
All times are days since 2022-01-01 as float64; a time that has not come is NaN. Row numbers are -1 for "none".
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

NONE = -1
STAGES = 12


class Stage(IntEnum):
    """Stages of a request (M6); `stage_days[stage - 1]` holds the days spent in it."""

    DRAFTING = 1
    TRANSLATION = 2
    OUTGOING_CHECK = 3
    TRANSMISSION = 4
    INCOMING_TRIAGE = 5
    DEFICIENCY_RETURN = 6
    REVIEW = 7
    COURT_ORDER = 8
    PRODUCTION = 9
    APPEAL = 10
    RETURN = 11
    FORENSICS = 12


class RequestStatus(IntEnum):
    """Every request is open or ends in exactly one of the others."""

    OPEN = 0
    EXECUTED = 1
    REFUSED = 2
    NO_DATA = 3  # answered, but the evidence was gone
    WITHDRAWN = 4
    NOT_SENT = 5  # stopped at the sender's own central authority


class RequestPurpose(IntEnum):
    """What the requester wants with it."""

    CHAIN = 0  # the next hop of an attribution chain
    CORROBORATION = 1  # supplementary, lower value (M25)
    ACTION = 2  # authority for searches and seizures on the action day
    LEAD = 3  # police information
    PRESERVATION = 4


class EvidenceStatus(IntEnum):
    """What became of an evidence item."""

    AVAILABLE = 0
    OBTAINED = 1
    LOST_RETENTION = 2
    LOST_PRESERVATION_EXPIRED = 3
    LOST_MOVED = 4
    LOST_ENCRYPTED = 5
    INADMISSIBLE = 6
    NOT_OBTAINED = 7  # refused, withdrawn or no channel


class CaseStatus(IntEnum):
    """A case is investigating, preparing an action, or closed for one reason."""

    INVESTIGATING = 0
    PREPARING = 1
    SOLVED = 2  # its action day took the group down
    MERGED = 3
    DROPPED_ATTRITION = 4
    DROPPED_CAPACITY = 5  # never opened: no investigator free
    CLOSED_GROUP_GONE = 6
    NO_OFFENCE = 7  # never opened: not an offence where it was reported


class GroupStatus(IntEnum):
    """State of a criminal group."""

    ACTIVE = 0
    DOWN = 1
    EXITED = 2
    REMOVED = 3  # taken down and never returns


class ChainStatus(IntEnum):
    """State of an attribution chain."""

    LIVE = 0
    COMPLETE = 1
    GIVEN_UP = 2


class ChainTarget(IntEnum):
    """What a chain leads to."""

    INFRASTRUCTURE = 0
    PERSON = 1


class ActionType(IntEnum):
    """Kinds of enforcement action, each with its own return behaviour (M17)."""

    NONE = 0
    PARTIAL = 1
    DOMAIN_SEIZURE = 2
    INFRASTRUCTURE = 3
    INFRASTRUCTURE_AND_ARRESTS = 4


class MemberStatus(IntEnum):
    """Where a core member stands with the law (M14). An indictment is not a conviction."""

    UNKNOWN = 0
    WANTED = 1  # identified by a case
    INDICTED = 2  # publicly charged and at large
    HELD = 3  # arrested; surrender or trial to come
    SURRENDERED = 4  # handed over; trial to come
    RELEASED = 5  # surrender refused and not prosecuted instead
    CONVICTED = 6
    ACQUITTED = 7


class SpellCause(IntEnum):
    """Why a group's capability changed."""

    ENTRY = 0
    REBRAND = 1
    PARTIAL_ACTION = 2
    TAKEDOWN = 3
    RETURN = 4
    REBUILT = 5
    SELF_EXIT = 6


class DeskKind(IntEnum):
    """Staffed desks; desk row = kind * number of states + state, providers follow."""

    OUTGOING = 0
    INCOMING = 1
    COURT = 2
    FORENSIC = 3
    PROVIDER = 4


class JobStatus(IntEnum):
    """A file at a desk."""

    WAITING = 0
    IN_SERVICE = 1
    SERVED = 2
    WITHDRAWN = 3


class Growing(IntEnum):
    """Tables that grow during a run; the value is their place in `World.used`."""

    JOB = 0
    GROUP = 1
    NODE = 2
    CASE = 3
    CHAIN = 4
    REQUEST = 5
    EVIDENCE = 6
    PARTNER = 7
    ACTION = 8
    SPELL = 9
    MEMBER = 10


DESK = np.dtype(
    [
        ("kind", "i8"),
        ("state", "i8"),
        ("provider", "i8"),
        ("servers", "i8"),  # persons
        ("pace", "f8"),  # touch-hours one person does a calendar day on these files
        ("skill", "f8"),  # 0–1
        ("staff_base", "f8"),  # persons before any policy, unrounded
        ("skill_base", "f8"),
        ("target_wait", "f8"),  # the wait that staffing was inverted from, days
        ("background_rate", "f8"),  # bundles of other work a day
        ("background_hours", "f8"),  # mean touch-hours of a bundle
        ("bundles", "i8"),  # potential bundles so far
        ("clipped", "i8"),  # potential bundles beyond the declared ceiling of their rate
        ("wait_recent", "f8"),  # running mean of the wait for a server, days
        ("wait_reference", "f8"),  # the same, frozen when the policy starts
        ("queue_root", "i8"),  # row in job, NONE when nobody waits
        ("busy", "i8"),
        ("waiting", "i8"),  # may count files that have withdrawn but not been met yet
    ]
)

JOB = np.dtype(
    [
        # What the queue compares and follows comes first, so that it shares a cache line.
        ("priority", "f8"),  # the smaller, the sooner; fixed at arrival since all disciplines age linearly
        ("key", "u8"),
        ("left", "i8"),  # children in the queue's heap
        ("right", "i8"),
        ("patience_until", "f8"),  # it withdraws then, if still waiting
        ("status", "i8"),  # JobStatus
        ("desk", "i8"),
        ("request", "i8"),  # NONE: a bundle of other work
        ("urgent", "i8"),  # 1: in the urgent class
        ("arrived", "f8"),
        ("started", "f8"),
        ("ended", "f8"),
        ("touch_hours", "f8"),  # work that it needs
    ]
)

GROUP = np.dtype(
    [
        ("key", "u8"),
        ("kind", "i8"),  # row of GROUP_KINDS
        ("home", "i8"),  # state of its core members
        ("status", "i8"),
        ("action", "i8"),  # ActionType of the last action
        ("first_node", "i8"),
        ("nodes", "i8"),  # control nodes
        ("members", "i8"),  # core members
        ("first_member", "i8"),
        ("first_case", "i8"),
        ("cases", "i8"),
        ("facts", "i8"),  # elements that its conduct fulfils, bit mask as in LawArrays.elements
        ("generation", "i8"),  # counts takedowns and rebuilds; an event of an older one is void
        ("entered", "f8"),
        ("ended", "f8"),
        ("lineage_until", "f8"),
        ("scale", "f8"),  # harm relative to the type's rate
        ("capability", "f8"),
        ("alert_until", "f8"),
        ("last_action", "f8"),
        ("brands", "i8"),
        ("reports", "i8"),
        ("hop_mean", "f8"),  # mean extra hops of a chain
    ]
)

NODE = np.dtype(
    [
        ("key", "u8"),
        ("group", "i8"),
        ("slot", "i8"),
        ("state", "i8"),
        ("provider", "i8"),
        ("since", "f8"),  # its operator is with this state since then
        ("moves_at", "f8"),
        ("moves", "i8"),
        ("known_by", "i8"),  # the case that knows it, NONE while unknown
        ("known_at", "f8"),
    ]
)

CASE = np.dtype(
    [
        ("key", "u8"),
        ("group", "i8"),
        ("state", "i8"),
        ("ordinal", "i8"),
        ("status", "i8"),
        ("next_case", "i8"),
        ("opened", "f8"),
        ("closed", "f8"),
        ("chains", "i8"),  # chains ever opened
        ("live_chains", "i8"),
        ("first_chain", "i8"),
        ("first_partner", "i8"),
        ("known_nodes", "i8"),
        ("known_members", "i8"),
        ("indicators", "i8"),  # answered hops, for matching
        ("reviews", "i8"),
        ("match_hazard", "f8"),
        ("merged_into", "i8"),
        ("team_formed", "f8"),  # NaN: no joint team
        ("prepared", "f8"),  # first day of preparation
        ("acted", "f8"),
        ("actions", "i8"),
        ("action_requests", "i8"),
        ("leads", "i8"),  # police answers
        ("evidence", "i8"),  # admissible answers
        ("quality", "f8"),  # persistent drafting quality of this file, standard normal
    ]
)

CHAIN = np.dtype(
    [
        ("key", "u8"),
        ("case", "i8"),
        ("ordinal", "i8"),
        ("next_chain", "i8"),
        ("target", "i8"),  # ChainTarget
        ("hops", "i8"),
        ("hop", "i8"),  # hop being asked, from 0
        ("attempt", "i8"),  # asks and re-asks of this chain; part of every lineage key below it
        ("status", "i8"),  # ChainStatus
        ("doubled", "i8"),
        ("asked", "f8"),
        ("created", "f8"),  # when the traced communication happened: evidence ages from here
        ("request", "i8"),
        ("evidence", "i8"),
        ("next_evidence", "i8"),  # item of the next hop, preserved early on a police lead
        ("node", "i8"),  # control node that it leads to
        ("tried", "i8"),  # bit mask of channels tried for this hop
        ("lead", "i8"),  # 1 when police information on this hop has arrived
    ]
)

REQUEST = np.dtype(
    [
        ("key", "u8"),
        ("case", "i8"),
        ("chain", "i8"),
        ("partner", "i8"),
        ("group", "i8"),
        ("purpose", "i8"),
        ("hop", "i8"),
        ("requesting", "i8"),
        ("requested", "i8"),
        ("provider", "i8"),
        ("channel", "i8"),
        ("instrument", "i8"),  # row of terms.yaml on which it was drafted and which it keeps, NONE for domestic ones
        ("data_kind", "i8"),
        ("offence", "i8"),
        ("status", "i8"),
        ("ground", "i8"),
        ("stage", "i8"),
        ("resume", "i8"),  # stage to go back to after a deficiency return
        ("route", "i8"),  # bit mask of stages it passes
        ("urgent", "i8"),
        ("silent", "i8"),  # 1: nobody will ever answer
        ("loops", "i8"),  # deficiency returns
        ("dual_criminality", "i8"),  # the truth, whatever the assessor found
        ("enforceable", "i8"),
        ("electronic", "i8"),
        ("evidence", "i8"),
        ("job", "i8"),
        ("drafted", "f8"),  # drafting began
        ("sent", "f8"),  # left the requesting state
        ("ended", "f8"),
        ("stage_since", "f8"),
        ("deadline_days", "f8"),  # NaN: none
        ("queue_since", "f8"),  # first arrival at the incoming desk: a returned file keeps its place
        ("strength", "f8"),  # evidence strength shown, 0–1
        ("stage_days", "f8", (STAGES,)),
    ]
)

EVIDENCE = np.dtype(
    [
        ("key", "u8"),
        ("case", "i8"),
        ("chain", "i8"),
        ("hop", "i8"),
        ("state", "i8"),
        ("provider", "i8"),
        ("data_kind", "i8"),
        ("status", "i8"),
        ("admissible", "i8"),
        ("created", "f8"),
        ("retained_until", "f8"),
        ("moves_at", "f8"),  # inf for logs
        ("frozen_from", "f8"),
        ("frozen_until", "f8"),
        ("settled", "f8"),
    ]
)

PARTNER = np.dtype(
    [
        ("key", "u8"),
        ("case", "i8"),
        ("state", "i8"),
        ("next_partner", "i8"),
        ("in_team", "i8"),
        ("request", "i8"),
        ("authorised", "i8"),  # the action request was executed (or is not needed)
        ("attempt", "i8"),
        ("joined", "f8"),
        ("prepared_at", "f8"),  # local preparation done
        ("ready_at", "f8"),  # NaN until prepared and authorised
    ]
)

ACTION = np.dtype(
    [
        ("case", "i8"),
        ("group", "i8"),
        ("type", "i8"),
        ("complete", "i8"),
        ("day", "f8"),
        ("states", "i8"),
        ("known_nodes", "i8"),
        ("ready_nodes", "i8"),
        ("nodes", "i8"),
        ("killed", "i8"),
        ("arrests", "i8"),
        ("in_team", "i8"),
        ("expected_kill", "f8"),
        ("assets_traced", "f8"),  # days of the group's full proceeds whose place is known
        ("assets_frozen", "f8"),
        ("assets_confiscated", "f8"),
    ]
)

MEMBER = np.dtype(
    [
        ("key", "u8"),
        ("group", "i8"),
        ("slot", "i8"),
        ("residence", "i8"),  # state, also that of nationality
        ("status", "i8"),  # MemberStatus
        ("known_by", "i8"),  # case that identified the person, NONE while unknown
        ("held_in", "i8"),  # state of arrest
        ("prosecuted_in", "i8"),  # state of trial
        ("instead", "i8"),  # 1: prosecuted there because surrender was refused
        ("ground", "i8"),  # Ground on which surrender was refused
        ("identified", "f8"),
        ("indicted", "f8"),
        ("arrested", "f8"),
        ("surrendered", "f8"),
        ("ended", "f8"),  # released, convicted or acquitted
    ]
)

SPELL = np.dtype(
    [
        ("group", "i8"),
        ("cause", "i8"),
        ("action_type", "i8"),
        ("case", "i8"),
        ("day", "f8"),
        ("capability", "f8"),  # from this day until the group's next spell
    ]
)

STATE = np.dtype(
    [
        ("slots", "f8"),  # cases its agencies can work on at once
        ("open_cases", "i8"),
        ("skill", "f8"),
        ("tier", "i8"),  # 0 best governed – 3
        ("perceived_risk", "f8"),  # how likely criminals think action there is, 0–1
        ("host_provider", "i8"),
        ("access_provider", "i8"),
    ]
)

PROVIDER = np.dtype(
    [
        ("state", "i8"),
        ("kind", "i8"),  # 0 major, 1 host, 2 access
        ("desk", "i8"),
        ("representative", "i8"),  # state of its legal representative in the EU, NONE for others
        ("bulletproof", "f8"),  # share of foreign orders that it ignores
    ]
)

#: Record type of each growing table, by name, in the order of `Growing`.
GROWING: dict[str, npt.DTypeLike] = {
    "job": JOB,
    "group": GROUP,
    "node": NODE,
    "case": CASE,
    "chain": CHAIN,
    "request": REQUEST,
    "evidence": EVIDENCE,
    "partner": PARTNER,
    "action": ACTION,
    "spell": SPELL,
    "member": MEMBER,
}
