"""Answers of liaison bodies, and their effects on requests, chains and cases (M20)."""

import math

import numpy as np

from sim.agents.assistance import (
    deed_of,
    is_offence,
    may_do,
    preservation_answered,
    request_helped,  # noqa: F401 - a row of ReferralTask names it
    serves,
    settle_referral,
)
from sim.agents.cases import find_partner, is_leading, is_working, lead_of
from sim.agents.crime import break_core
from sim.agents.events import Ladder, Purpose, row_ladder
from sim.agents.investigation.action import bring_in, hop_due, look_for_nodes, reveal_node, work_together
from sim.agents.investigation.custody import arrest_probability, hold
from sim.agents.investigation.matching import compared
from sim.agents.investigation.removal import is_willing
from sim.agents.investigation.sweeps import share_of_victims
from sim.engine.compiling import rule
from sim.engine.random import chance, derive
from sim.world.records import (
    ChainStatus,
    MemberStatus,
    NodeDiscovery,
    ReferralTask,
    RequestStatus,
    TaskResult,
)
from sim.world.world import World

_HOPS = 1024  # of a chain, so that draws of two chains never meet
_STEPS, _NEAR = 50, 1.0e-6


@rule
def referral_answered(world: World, row: int) -> None:
    """Applies a liaison body's answer to a referral, by the rule for the kind of task."""
    settle_referral(world, row, task_answered(world, row, world.referral[row].task))


@rule
def freeze_answered(world: World, request_row: int, referral_row: int) -> None:
    """Handles a contact point's answer to a request, and settles its referral if there is one."""
    result = preserved(world, request_row)
    if referral_row > 0:
        settle_referral(world, referral_row - 1, result)


@rule
def preserved(world: World, request_row: int) -> int:
    """Applies the answer of a 24/7 contact point to a request for a freeze; returns the TaskResult."""
    preservation_answered(world, request_row)
    if world.request[request_row].status == RequestStatus.EXECUTED:
        return TaskResult.HELPED.value
    return TaskResult.NOTHING.value


@rule
def comparison_answered(world: World, row: int) -> int:
    """Merges two units' cases if a body's comparison shows the same group; returns the TaskResult."""
    other_row = compared(world, row)
    referral = world.referral[row]
    if other_row < 0:
        return TaskResult.NOTHING.value
    lead_row = work_together(world, referral.case, other_row)
    if may_do(world, referral.body, ReferralTask.DECONFLICT.value):  # a task force takes the group as its target
        world.case[lead_row].joint_target = 1
    return TaskResult.HELPED.value


@rule
def units_informed(world: World, row: int) -> int:
    """Merges two units' cases after J-CAT has informed both; returns the TaskResult."""
    referral = world.referral[row]
    one, other = referral.case, referral.subject
    if not is_leading(world.case[one]) or not is_leading(world.case[other]):
        return TaskResult.TOO_LATE.value
    lead_row = work_together(world, one, other)
    world.case[lead_row].joint_target = 1
    return TaskResult.HELPED.value


@rule
def analysis_answered(world: World, row: int) -> int:
    """Applies Europol's analysis, which comes before the unit's own analysis; returns the TaskResult."""
    referral, setting = world.referral[row], world.setting[0]
    chain = world.chain[referral.subject]
    if not is_working(world, referral.case):
        return TaskResult.TOO_LATE.value
    number, how = chain.ordinal * _HOPS + referral.stamp, NodeDiscovery.LIAISON_BODY
    look_for_nodes(world, referral.case, Purpose.NODE_BY_ANALYST, how, number, setting.analysis_seen)
    if chain.status != ChainStatus.LIVE or chain.attempt != referral.stamp or chain.request >= 0:
        return TaskResult.TOO_LATE.value
    hop_due(world, referral.subject, referral.stamp)
    return TaskResult.HELPED.value


@rule
def notice_published(world: World, row: int) -> int:
    """Publishes a notice on a wanted person, whom the home state may then arrest; returns the TaskResult."""
    referral, setting = world.referral[row], world.setting[0]
    member = world.member[referral.subject]
    if member.status != MemberStatus.INDICTED:
        return TaskResult.TOO_LATE.value
    member.noticed = world.now[0]
    if member.residence != referral.state:
        found = setting.notice_located * arrest_probability(world, member.known_by, member.residence)
        if chance(setting.seed, Purpose.NOTICE_FOUND, member.key, 0, found):
            member.by_notice = 1
            hold(world, referral.subject, member.residence)
            break_core(world, member.group, member.known_by)
    return TaskResult.HELPED.value


@rule
def coordinated(world: World, row: int) -> int:
    """Starts a body's coordination of a case, which speeds up preparation; returns the TaskResult."""
    referral = world.referral[row]
    if not is_working(world, referral.case):
        return TaskResult.TOO_LATE.value
    case_row = lead_of(world, referral.case)
    case = world.case[case_row]
    if (case.support >> referral.body) & 1:
        return TaskResult.NOTHING.value
    case.support |= 1 << referral.body
    widen(world, case_row, referral.body)
    return TaskResult.HELPED.value


@rule
def eagerness(shares: np.ndarray, expected: float) -> float:
    """λ for which the expected number of joining states, Σ(1 − e^(−λ share)), is `expected`.

    `shares` are the states' parts of the victims, 0 of those that cannot join. The sum is concave in λ, so that
    Newton's steps from 0 come near it from below.
    """
    if expected >= np.count_nonzero(shares):
        return math.inf
    found = 0.0
    for _ in range(_STEPS):
        left = np.exp(-found * shares)
        step = (expected - np.sum(1.0 - left)) / np.sum(shares * left)
        found += step
        if step <= _NEAR * found:
            break
    return found


@rule
def widen(world: World, case_row: int, body: int) -> None:
    """Adds states that a body brings into a case, namely states with victims or with a control node.

    A state opens proceedings of its own for its victims if its law punishes the deed, and it is willing.
    """
    case, setting = world.case[case_row], world.setting[0]
    group, deed, shares = world.group[case.group], deed_of(world, case.group), np.zeros(len(world.state))
    for state in range(len(world.state)):
        new = find_partner(world, case_row, state) < 0 and serves(world, body, case.state, state)
        if new and is_offence(world, state, deed, 0, 0.0) and is_willing(world, case_row, state):
            shares[state] = share_of_victims(world, group, state)
    rate = eagerness(shares, setting.brought_in)
    for state in range(len(world.state)):
        joins = 1.0 - math.exp(-rate * shares[state]) if shares[state] > 0.0 else 0.0
        if chance(setting.seed, Purpose.BROUGHT_IN, derive(case.key, state), body, joins):
            bring_in(world, case_row, state)
    for row in range(group.first_node, group.first_node + group.nodes):
        if serves(world, body, case.state, world.node[row].state):
            key = derive(case.key, world.node[row].slot)
            if chance(setting.seed, Purpose.BROUGHT_IN, key, len(world.state) + body, setting.analysis_seen):
                reveal_node(world, case_row, row, NodeDiscovery.LIAISON_BODY)


@rule
def evidence_preserved(world: World, row: int) -> int:
    """Handles the answer of a 24/7 contact point to a referral; returns the TaskResult."""
    return preserved(world, world.referral[row].subject)


#: What the answer to a task does, and its TaskResult; a visit is no question.
task_answered = row_ladder(
    "task_answered", Ladder.TASK, "answered", globals(), f"return {TaskResult.NOTHING}", "world, row, task", needed=True
)
