"""Matches of cases: two units discover, alone or through a body, that they investigate the same group (M12, M20).

Nobody knows before. A unit gives its indicators to the best body that it shares with others; the body's analysts
compare them when they come to it, so that a body that is overloaded finds less. With the desks of bodies switched off,
membership alone decides how soon two units are matched. Units of states that would not answer each other do not work
together, not even through a third.
"""

from sim.agents.assistance import NO_BODY, both_trust, common_body, may_do, open_referral
from sim.agents.cases import is_leading, work_alone
from sim.agents.events import Purpose
from sim.agents.investigation.removal import is_willing
from sim.agents.investigation.sweeps import share_of_victims
from sim.engine.compiling import rule
from sim.engine.random import derive, exponential
from sim.law.vocabulary import Channel
from sim.world.records import CaseStatus, ReferralTask
from sim.world.world import World

_COMPARE = 0x434F4D50
_INFORMED = 0x544F4C44


@rule
def matching_rate(world: World, body: int) -> float:
    """Monthly rate of matches between two cases, through a given body or without one (M12)."""
    return world.setting[0].match_none if body == NO_BODY else world.liaison_body[body].match_rate


@rule
def would_work_together(world: World, one: int, other: int) -> bool:
    """True if the states of two cases on the same group are willing to cooperate."""
    return is_willing(world, one, world.case[other].state) and is_willing(world, other, world.case[one].state)


@rule
def leading_case(world: World, case_row: int) -> int:
    """Row of the oldest lead case on the same group whose unit would cooperate, or the case's own row."""
    best = case_row
    row = world.group[world.case[case_row].group].first_case
    while row >= 0:
        other = world.case[row]
        older = is_leading(other) and other.opened < world.case[best].opened
        if older and would_work_together(world, case_row, row):
            best = row
        row = other.next_case
    return best


@rule
def takes_the_lead(world: World, case_row: int, other_row: int) -> bool:
    """True if the first of two cases should lead, by stage, victims and age.

    So prosecutors agree: by stage, then by where most of the loss lies, then by age (Eurojust, Guidelines for deciding
    which jurisdiction should prosecute, 2003 and 2016; recalled).
    """
    case, other = world.case[case_row], world.case[other_row]
    group = world.group[case.group]
    ours, theirs = case.action_requests > 0, other.action_requests > 0
    if ours != theirs:
        return bool(ours)
    loss, their_loss = share_of_victims(world, group, case.state), share_of_victims(world, group, other.state)
    if loss != their_loss:
        return bool(loss > their_loss)
    return bool(case.opened < other.opened)


@rule
def move_followers(world: World, case_row: int, lead_row: int) -> None:
    """Moves the followers of a case to its new lead case, unless their units are unwilling."""
    row = world.group[world.case[case_row].group].first_case
    while row >= 0:
        case = world.case[row]
        if case.status == CaseStatus.MERGED and case.merged_into == case_row:
            if would_work_together(world, row, lead_row):
                case.merged_into = lead_row
            else:
                work_alone(case)
        row = case.next_case


@rule
def add_hazard(world: World, case_row: int, lead_row: int, rate: float) -> bool:
    """Adds a case's hazard of a match since the last review; returns true if a match occurs.

    The hazard grows with the indicators that both hold and share.
    """
    case, lead, setting = world.case[case_row], world.case[lead_row], world.setting[0]
    theirs, ours = 1.0, 1.0
    if case.state != lead.state:
        trusts, trusted = both_trust(world, case.state, lead.state)
        theirs, ours = setting.sharing * trusts, setting.sharing * trusted
    common = 1 + min(case.indicators, lead.indicators)
    case.match_hazard += rate * common * theirs * ours * setting.review_interval_days / 30.0
    return case.match_hazard >= exponential(setting.seed, Purpose.CASE_MATCH, case.key, 0, 1.0)


@rule
def match(world: World, case_row: int) -> int:
    """Row of an older case on the same group that a unit discovers at a review; −1 if none (M12).

    Where both feed a body, its answer comes later: see `compared`.
    """
    lead_row = leading_case(world, case_row)
    if lead_row == case_row:
        return -1
    setting, i, j = world.setting[0], world.case[case_row].state, world.case[lead_row].state
    if i != j and world.instrument[i, j, Channel.POLICE.value] < 0:
        return -1
    police_body = world.police_body[i, j]
    if setting.with_liaison_desks > 0.0:
        body = common_body(world, i, j)
        if body != NO_BODY:
            ask_to_compare(world, case_row, lead_row, body)
        police_body = NO_BODY  # what units find out by themselves
    if add_hazard(world, case_row, lead_row, matching_rate(world, police_body)):
        return lead_row
    return -1


@rule
def ask_to_compare(world: World, case_row: int, lead_row: int, body: int) -> None:
    """Sends a unit's latest indicators to a liaison body, unless the body is still comparing earlier ones.

    Comparisons that could find nothing are part of the other work of the body's people.
    """
    case = world.case[case_row]
    if case.comparing == 1:
        return
    case.comparing = 1
    key = derive(derive(case.key, _COMPARE), case.reviews)
    open_referral(world, body, ReferralTask.COMPARE.value, key, case_row, -1, case.state, world.case[lead_row].state)


@rule
def compared(world: World, referral_row: int) -> int:
    """Row of the older case that a body's comparison of indicators finds; −1 if none."""
    referral = world.referral[referral_row]
    case_row, case = referral.case, world.case[referral.case]
    case.comparing = 0
    if not is_leading(case):
        return -1
    lead_row = leading_case(world, case_row)
    if lead_row == case_row:
        return -1
    i, j = case.state, world.case[lead_row].state
    quality = world.feed[referral.body, i] * world.feed[referral.body, j]
    rate = matching_rate(world, referral.body) * quality
    return lead_row if add_hazard(world, case_row, lead_row, rate) else -1


@rule
def rival(world: World, case_row: int) -> int:
    """Row of another unit's case on the same group that J-CAT could report to this unit; −1 if none."""
    case = world.case[case_row]
    row = world.group[case.group].first_case
    while row >= 0:
        other = world.case[row]
        informs = may_do(world, common_body(world, case.state, other.state), ReferralTask.DECONFLICT.value)
        if row != case_row and is_leading(other) and informs and would_work_together(world, case_row, row):
            return row
        row = other.next_case
    return -1


@rule
def waits_for_deconfliction(world: World, case_row: int) -> bool:
    """Asks J-CAT, once per case, to inform a rival unit if there is one; returns true if so: the action is put off.

    J-CAT cannot hold it back any longer.
    """
    case = world.case[case_row]
    if world.setting[0].with_liaison_desks == 0.0 or case.deconflicted == 1:
        return False
    other_row = rival(world, case_row)
    if other_row < 0:
        return False
    case.deconflicted = 1
    key, task = derive(derive(case.key, _INFORMED), case.actions), ReferralTask.DECONFLICT.value
    other_state = world.case[other_row].state
    body = common_body(world, case.state, other_state)
    open_referral(world, body, task, key, case_row, other_row, case.state, other_state)
    return True
