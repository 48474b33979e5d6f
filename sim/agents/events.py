"""Kinds of event, of random draw and of milestone in the whole model."""

import sys
from collections.abc import Callable, Mapping
from enum import IntEnum, unique
from inspect import signature
from itertools import pairwise
from typing import Any, Self, cast

import numpy as np

from sim.data.members import Member
from sim.engine.clock import Count, post
from sim.engine.compiling import Key, Rule, in_python, is_rule, rule
from sim.engine.mixing import absorb
from sim.engine.rows import new_row
from sim.world.parameters import SETTING
from sim.world.records import ActionType, DeskKind, Growing, MilestoneKind, ReferralTask, Stage
from sim.world.world import World


class EventKind(IntEnum):
    """Number of a kind of event, with the name of the rule in `sim.agents` that handles such events.

    `Event` holds those that several files know. A kind that only one mechanism knows is in a class of its own, next to
    its rules. The rule takes the world, the row of the event's entity, and its stamp, or the first of these alone.
    """

    _value_: int
    answered_by: str

    def __new__(cls, number: int, answered_by: str) -> Self:
        """Creates a kind of event with its number and the name of its rule."""
        kind = int.__new__(cls, number)
        kind._value_, kind.answered_by = number, answered_by
        return kind


class Event(EventKind):
    """Kinds of event that more than one file uses."""

    GROUP_ARRIVAL = 0, "group_arrives"  # a potential group may enter; entity: its index among arrivals
    GROUP_REPORT = 1, "victim_reports"  # a victim reports a group
    GROUP_REBRAND = 2, "rebrand"  # a group takes a new name
    GROUP_EXIT = 3, "group_exits"  # a lineage ends by itself
    GROUP_RETURN = 4, "come_back"  # a group comes back after a takedown
    GROUP_REBUILT = 5, "rebuilt"  # capability is whole again
    NODE_MOVE = 6, "node_stay_ends"  # an operator leaves a state
    CASE_REVIEW = 7, "case_reviewed"  # matching, team, attrition, action day
    TEAM_FORMED = 8, "team_formed"  # a joint team begins its work
    CHAIN_HOP = 9, "hop_due"  # the next hop of a chain can be asked for
    PARTNER_PREPARED = 10, "update_readiness"  # a state has prepared its part of the action
    LEAD_ANSWERED = 11, "police_answered"  # the police channel answers
    PRESERVATION_ANSWERED = 12, "freeze_answered"  # the 24/7 point answers
    STAGE_ELAPSED = 13, "stage_over"  # waiting on others in a stage is over
    JOB_SERVED = 14, "job_served"  # a person finishes a file
    REQUEST_GIVEN_UP = 15, "give_up"  # the requester stops counting on an answer; the request stays open
    FILE_IN_LINE = 16, "file_inspected"  # a file in line looks if its turn is near, or is returned
    REQUEST_ENDED = 17, "request_ended"  # a request that its case took back has ended
    MEMBER_TRAVELS = 18, "caught_travelling"  # an indicted member enters a state that arrests
    SURRENDER_DECIDED = 19, "surrender_decided"  # a court and a minister decide on surrender
    TRIAL_ENDS = 20, "trial_ends"  # a court convicts or acquits
    ASSETS_DECIDED = 21, "assets_decided"  # a court decides on confiscating what was frozen
    USERS_MOVE = 22, "users_move"  # a band of users and affiliates of a group taken down goes to a rival
    CAPACITY_REVIEW = 23, "capacity_reviewed"  # a state reviews its people: leavers, skills, posts to fill
    POST_FILLED = 24, "post_filled"  # people who were looked for begin work
    ABUSE_ARRIVAL = 25, "abuse_arrives"  # data wanted without a genuine case; entity: number in the stream
    FALSE_EMERGENCY = 26, "emergency_is_faked"  # false police ask a provider; entity: number in the stream
    REFERRAL_ANSWERED = 27, "referral_answered"  # a liaison body answers
    LIAISON_REVIEW = 28, "liaison_reviewed"  # yearly: officers are posted, trainers travel
    ORDERS_SENT = 29, "orders_sent"  # direct requests to providers in ordinary cases; entity: number of the quarter
    CLIENTS_SOUGHT = 30, "clients_sought"  # police arrest affiliates and customers of a group taken down
    SUPPLIER_FOUND = 31, "supplier_found"  # a group buys from another technical service


def kinds() -> dict[int, EventKind]:
    """All kinds of event by number, including kinds declared by single mechanisms.

    Raises:
        ValueError: two kinds have one number.
    """
    members = sorted(kind for group in EventKind.__subclasses__() for kind in group)
    by_number = {kind.value: kind for kind in members}
    if len(by_number) < len(members):
        one, other = next(pair for pair in pairwise(members) if pair[0] == pair[1])
        raise ValueError(f"{one.name} and {other.name} have the number {one.value}; choose a free one for one of them")
    return by_number


class Ladder(IntEnum):
    """Enumerations over which rules branch; a member without a branch ends the run with an error."""

    EVENT = 1
    STAGE = 2
    TASK = 3
    ACTION = 4
    DESK_KIND = 5


#: The members of each but the events.
MEMBERS: dict[Ladder, type[Member]] = {
    Ladder.STAGE: Stage,
    Ladder.TASK: ReferralTask,
    Ladder.ACTION: ActionType,
    Ladder.DESK_KIND: DeskKind,
}
_WIDTH = 1000  # more members than any has


@unique
class Purpose(IntEnum):
    """Purposes of random draws; purpose, key of an entity, and count together identify one draw."""

    GROUP_GAP = 1
    GROUP_ENTERS = 2
    GROUP_KIND = 3
    GROUP_HOME = 4
    GROUP_NODES = 5
    GROUP_MEMBERS = 6
    GROUP_SCALE = 7
    GROUP_LINEAGE = 8
    GROUP_BRAND = 9
    GROUP_FACTS = 10
    NODE_PLACE = 13
    NODE_STAY = 14
    NODE_ALERT = 15
    NODE_REBRAND = 16
    NODE_REMOVED = 17
    NODE_REVEAL = 18
    REPORT_GAP = 19
    REPORT_STATE = 20
    REPORT_SCORE = 21
    CASE_QUALITY = 22
    CASE_ATTRITION = 23
    CASE_LEAK = 24
    CASE_TEAM = 25
    CASE_TEAM_SETUP = 26
    CASE_MATCH = 27
    CASE_ARREST = 28
    CHAIN_HOPS = 29
    CHAIN_AGE = 30
    CHAIN_NODE = 31
    CHAIN_ANALYSIS = 32
    CUSTODIAN = 33
    CUSTODIAN_PLACE = 34
    DATA_KIND = 35
    IMAGE = 36
    RETENTION = 37
    SERVER_LIFE = 38
    ENCRYPTED = 39
    ADMISSIBLE = 40
    CHANNEL_NOISE = 41
    CHANNEL_AWARE = 42
    POLICE_FIRST = 43
    POLICE_TIME = 44
    POLICE_DECLINES = 45
    POLICE_SUFFICES = 46
    PRESERVATION_USED = 47
    PRESERVATION_TIME = 48
    PRESERVATION_SUCCESS = 49
    PRESERVATION_RENEWAL = 50
    CORROBORATION = 51
    URGENT = 52
    STAGE_TIME = 53
    TOUCH = 54
    DEFICIENT = 55
    LOOP_WITHDRAWAL = 56
    PATIENCE = 57
    SILENCE = 58
    REFUSAL_LAW = 59
    REFUSAL_POLITICAL = 60
    REFUSAL_DATA = 61
    REFUSAL_MINIMIS = 62
    REFUSAL_BIS = 63
    STRENGTH = 64
    ORDER = 65
    LAW_APPLIED = 243
    COURT_REFUSES = 244
    OWN_RETURN = 245
    APPEAL = 66
    FORMAT = 67
    PROVIDER_ANSWERS = 68
    COMPLIANCE = 69
    DESK_MONTH = 70
    DESK_LOWEST = 71
    DESK_BUSY = 72
    DESK_REST = 73
    DESK_FIRST_DAY = 94
    RETURNED_FOR_FORM = 95
    PREPARATION = 74
    RETURN_NEVER = 75
    RETURN_TIME = 76
    REBUILD_TIME = 77
    NODE_TRACKED = 78
    NODE_SEEN = 79
    NODE_FOUND = 80
    CLOSURE_NOTIFIED = 81
    MEMBER_TRAVEL = 82
    MEMBER_TRAVEL_PLACE = 83
    SURRENDER_REFUSED = 84
    SURRENDER_TIME = 85
    SURRENDER_CONSENT = 86
    PROSECUTED_INSTEAD = 87
    TRIAL_TIME = 88
    CONVICTED = 89
    ASSETS_TRACED = 90
    ASSETS_FROZEN = 91
    ASSETS_CONFISCATED = 92
    ASSETS_TIME = 93
    ASSETS_PLACE = 117
    REPORT_PASSED = 118
    PLACE_SHUNNED = 100
    PLACE_AGAIN = 101
    GROUP_STAYS = 102
    GROUP_STAY = 103
    GROUP_DOUBT_GAP = 104
    GROUP_LEAVES = 105
    MEMBER_RELOCATES = 106
    MEMBER_PLACE = 107
    USERS_LEAVE = 108
    USERS_RIVAL = 109
    USERS_RETURN = 110
    FRESH_TRACE = 112
    WARRANT = 113
    NODE_DOMAIN = 114
    NODE_REGISTRY = 115
    LEADER_EXPOSED = 116
    UNIT_LEAVES = 150
    UNIT_HIRING = 151
    UNIT_VACANT = 152
    UNIT_SOUGHT = 153
    SECURE_ADOPTION = 154
    LEAK_SOURCE = 155
    EXCLUDED = 156
    DECRYPTED = 157
    ABUSE_GAP = 170
    ABUSE_STATE = 171
    ABUSE_TARGET = 172
    ABUSE_CUSTODIAN = 173
    ABUSE_OFFENCE = 174
    ABUSE_DISGUISED = 175
    ABUSE_POLICE = 176
    ABUSE_RECOGNISED = 177
    ABUSE_OBJECTED = 178
    ABUSE_AT_INTERPOL = 179
    ABUSE_REMEDY = 180
    ABUSE_AGE = 181
    BYSTANDERS = 182
    EMERGENCY_FOUND_OUT = 183
    REFERRAL_REPLY = 210
    ANALYSIS_ASKED = 211
    NODE_BY_ANALYST = 212
    EUROJUST_ASKED = 213
    COORDINATION_ASKED = 214
    SYNCHRONY = 215
    BROUGHT_IN = 251
    NOTICE_FOUND = 216
    TRAVELLER_KNOWN = 217
    OFFICER_SAVES_RETURN = 218
    OFFICER_CHASES = 219
    CONTACT_STAYS = 220
    CONTACT_TAKES = 221
    LEAK_TRACED = 222
    PHONED = 223
    PHONE_TIME = 224
    SILENCE_HABIT = 225
    SILENCE_SHARED = 226
    SERVICE_BOUGHT = 231
    SERVICE_FOUND = 232
    CLIENTS_UNREADABLE = 233
    CLIENTS_TIME = 234
    CLIENTS_ARRESTED = 235
    GROUP_DOMESTIC = 236
    AT_HOME = 237
    DOOR = 238
    DOOR_SHARE = 239
    DOOR_SHUT = 240
    DOOR_TRIED = 241
    PROVIDER_TIME = 242
    SERVERS_KNOWN = 248
    REQUESTS_GROWN = 247
    SHARE_GROWN = 256
    SHARE_SCATTERED = 257
    LET_OFF = 249
    INSTANT = 250
    DUTY_TO_ANSWER = 252
    ORDERS_LATE = 253
    ORDER_READY = 254
    WAY_CHANGED = 255


@rule
def schedule(world: World, time: float, kind: EventKind, key: Key, entity: int, stamp: int) -> None:
    """Adds an event to the event queue."""
    post(world, time, absorb(np.uint64(key), np.uint64(kind.value)), kind.value, entity, stamp)


def instead_of(usual: Rule) -> Callable[[Rule], Rule]:
    """Decorator for a rule of a mechanism that takes the place of one of the model's usual rules.

    So a mechanism that changes what others do is one file, and they are as if it were not there once that is gone.

    Raises:
        TypeError: the two have different names or arguments.
    """

    def put(own: Rule) -> Rule:
        """Replaces the usual rule, in the rule's module, by the mechanism's rule."""
        before, after = in_python(usual), in_python(own)
        if (before.__name__, signature(before)) != (after.__name__, signature(after)):
            raise TypeError(f"{after.__name__}{signature(after)} is not {before.__name__}{signature(before)}")
        setattr(sys.modules[before.__module__], before.__name__, own)
        return own

    return put


@rule
def unhandled(world: World, ladder: Ladder, member: int) -> None:
    """Records an enumeration member that no branch of a rule handles; the run then stops with an error."""
    world.counters[Count.UNHANDLED] = ladder.value * _WIDTH + member


def name_of_unhandled(counted: int) -> str:
    """Names of enumeration and member, decoded from the number that `unhandled` recorded."""
    ladder, number = Ladder(counted // _WIDTH), counted % _WIDTH
    members = kinds() if ladder is Ladder.EVENT else {member.value: member for member in MEMBERS[ladder]}
    title = "Event" if ladder is Ladder.EVENT else MEMBERS[ladder].__name__
    return f"{title}.{members[number].name if number in members else number}"


def ladder(
    name: str, of: Ladder, rules: Mapping[Any, str], known: dict[str, Any], nothing: str, given: str, takes: str = ""
) -> Callable[..., Any]:
    """Makes the rule `name`, which calls a different rule for each member of an enumeration.

    The ladder takes the arguments `takes`, among them the lower-case name of the enumeration, which is the member's
    number; without a word it takes those `given`, of which each rule is given as many as it takes. A row without a name
    does `nothing`, a statement, and a number without a row ends the run. `known` is the namespace of the module that
    has the rules: they are called from there, and those of a user's own take their place. A name `setting.x` is the
    value of a parameter instead.

    Raises:
        ValueError: a row names a rule that the module does not have, or that takes more arguments, or no parameter.
    """
    member, returns, branches = of.name.lower(), nothing.startswith("return"), list[str]()
    for one, named in rules.items():
        act = nothing
        if named.startswith("setting."):
            if named.removeprefix("setting.") not in (SETTING.names or ()):
                raise ValueError(f"{type(one).__name__}.{one.name}: {named} is no parameter")
            act = f"return world.{named.replace('.', '[0].')}"
        elif named:
            if not is_rule(known.get(named)):
                raise ValueError(f"{type(one).__name__}.{one.name}: {known['__name__']} has no rule {named!r}")
            number = len(signature(in_python(known[named])).parameters)
            if number > given.count(",") + 1:
                raise ValueError(f"{type(one).__name__}.{one.name}: {named} takes {number} arguments, of {given}")
            act = f"{'return ' if returns else ''}{named}({', '.join(given.split(', ')[:number])})"
        branches.append(f"if {member} == {one.value}:  # {one.name}\n        {act}\n")
    closing = f"    else:\n        unhandled(world, Ladder.{of.name}, {member})\n    {nothing}\n"
    known |= {"unhandled": unhandled, "Ladder": Ladder}  # as an import would
    names: dict[str, Any] = {}
    exec(f"def {name}({takes or given}):\n    {'    el'.join(branches)}{closing}", known, names)  # noqa: S102 - the text is made from names of rules
    return rule(cast(Callable[..., Any], names[name]))


def row_ladder(
    name: str,
    of: Ladder,
    column: str,
    known: dict[str, Any],
    nothing: str,
    given: str,
    takes: str = "",
    *,
    needed: bool = False,
) -> Callable[..., Any]:
    """Makes a rule like `ladder`; a column of the members' rows names the rule for each member.

    Where a name is `needed`, a member whose row has none ends the run like a number without a row.
    """
    rules = {member: str(getattr(member.row, column)) for member in MEMBERS[of]}
    rows = {member: named for member, named in rules.items() if named or not needed}
    return ladder(name, of, rows, known, nothing, given, takes)


@rule
def record_milestone(
    world: World, kind: MilestoneKind, case_row: int, group_row: int, subject: int, reason: int
) -> None:
    """Records a milestone today; the meaning of `subject` and `reason` depends on MilestoneKind."""
    row = new_row(world, world.milestone, Growing.MILESTONE.value)
    milestone = world.milestone[row]
    milestone.day = world.now[0]
    milestone.kind = kind.value
    milestone.case = case_row
    milestone.group = group_row
    milestone.subject = subject
    milestone.reason = reason
