"""Kinds of event, which are the table of contents of the model, purposes of random draws, and recorded milestones."""

from enum import IntEnum, unique
from pathlib import Path
from typing import Any, cast

import numpy as np

from sim.engine.clock import post
from sim.engine.compiling import Key, rule
from sim.engine.mixing import absorb
from sim.engine.rows import new_row
from sim.world.records import Growing, MilestoneKind
from sim.world.world import World


class Event(IntEnum):
    """Kinds of event; simulate.py defines who answers each."""

    GROUP_ARRIVAL = 0  # a potential group may enter; entity: its index among potential arrivals
    GROUP_REPORT = 1  # a victim reports a group
    GROUP_REBRAND = 2  # a group takes a new name
    GROUP_EXIT = 3  # a lineage ends by itself
    GROUP_RETURN = 4  # a group comes back after a takedown
    GROUP_REBUILT = 5  # capability is whole again
    NODE_MOVE = 6  # an operator leaves a state
    CASE_REVIEW = 7  # matching, team, attrition, action day
    TEAM_FORMED = 8  # a joint team begins its work
    CHAIN_HOP = 9  # the next hop of a chain can be asked for
    PARTNER_PREPARED = 10  # a state has prepared its part of the action
    LEAD_ANSWERED = 11  # the police channel answers
    PRESERVATION_ANSWERED = 12  # the 24/7 point answers
    STAGE_ELAPSED = 13  # waiting on others in a stage is over
    JOB_SERVED = 14  # a person finishes a file
    REQUEST_GIVEN_UP = 15  # the requester stops counting on an answer; the request stays open
    FILE_IN_LINE = 16  # a file in line looks whether its turn has come
    REQUEST_ENDED = 17  # the requester learns how a request ended
    MEMBER_TRAVELS = 18  # an indicted member enters a state that arrests
    SURRENDER_DECIDED = 19  # a court and a minister decide on surrender
    TRIAL_ENDS = 20  # a court convicts or acquits
    ASSETS_DECIDED = 21  # a court decides on confiscating what was frozen
    USERS_MOVE = 22  # a band of users and affiliates of a group taken down goes to a rival
    CAPACITY_REVIEW = 23  # a state reviews its people: who left, what they learnt, which posts to fill
    POST_FILLED = 24  # people who were looked for begin work
    ABUSE_ARRIVAL = 25  # a state wants data on a person without a genuine case; entity: its number in the stream
    FALSE_EMERGENCY = 26  # somebody who pretends to be police asks a provider; entity: its number in the stream
    REFERRAL_ANSWERED = 27  # a liaison body answers
    LIAISON_REVIEW = 28  # yearly: officers are posted, trainers travel
    ORDERS_SENT = 29  # direct requests to providers in ordinary cases; entity: number of the quarter
    CLIENTS_SOUGHT = 30  # police of many states arrest affiliates and customers of a group taken down
    SUPPLIER_FOUND = 31  # a group buys from another technical service
    ACTION_JOINED = 32  # a case acts on the day of another; stamp: row of that action


_ROWS = [row.split(",") for row in Path(__file__).with_name("purposes.csv").read_text(encoding="utf-8").split()[1:]]
#: Purposes of random draws, a row of purposes.csv each; with the lineage key and a count, one identifies a draw.
Purpose: Any = unique(cast(Any, IntEnum)("Purpose", {name: int(number) for name, number in _ROWS}))


@rule
def schedule(world: World, time: float, kind: Event, key: Key, entity: int, stamp: int) -> None:
    """Posts an event whose place among simultaneous ones follows from its lineage key and its kind."""
    post(world, time, absorb(np.uint64(key), np.uint64(kind.value)), kind.value, entity, stamp)


@rule
def record_milestone(
    world: World, kind: MilestoneKind, case_row: int, group_row: int, subject: int, reason: int
) -> None:
    """Adds a turning point of today, which no other table keeps; MilestoneKind defines subject and reason."""
    row = new_row(world, world.milestone, Growing.MILESTONE.value)
    milestone = world.milestone[row]
    milestone.day = world.now[0]
    milestone.kind = kind.value
    milestone.case = case_row
    milestone.group = group_row
    milestone.subject = subject
    milestone.reason = reason
