"""Liaison bodies: the states they serve, and the tasks that states refer to them (M20).

A body helps two states that both feed it: members, and third states with an agreement. It has few people: with more of
them, more is brought to it. It does not order, compel, sign or execute. It compares, analyses, publishes, hosts and
pays, and every request keeps its own authorities. No request without a genuine case behind it, above all no political
one (INTERPOL Constitution art. 3), reaches any of them.
"""

import math

from sim.agents.assistance.authority import answers_at_once, is_between_authorities
from sim.agents.assistance.desk import add_job, submit, touch_hours
from sim.agents.events import Event, Ladder, Purpose, row_ladder, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, lognormal
from sim.engine.rows import new_row
from sim.world.records import NONE, Abuse, Body, Growing, ReferralTask, RequestPurpose, Stage, TaskResult
from sim.world.world import World

NO_BODY = -1
_REFERRAL = 0x45525244
_HEAD_START = 30.0  # days, of a common target of J-CAT at its analysts' desks


@rule
def serves(world: World, body: int, one: int, other: int) -> bool:
    """True if a liaison body can act between two states today, given its legal basis and its sources of data.

    Nobody turns to a body without people; contact points have theirs in each state.
    """
    if world.feed[body, one] <= 0.0 or world.feed[body, other] <= 0.0:
        return False
    office = world.liaison_body[body]
    if body != Body.CONTACT_POINTS and office.staff <= 0.0:
        return False
    if one == other:
        return True
    if office.channel != NONE:
        return world.instrument[one, other, office.channel] >= 0
    return (int(world.bodies[one, other]) >> office.between) & 1 == 1


@rule
def may_do(world: World, body: int, task: int) -> bool:
    """True if a liaison body handles this kind of task."""
    return body != NO_BODY and (world.liaison_body[body].tasks >> task) & 1 == 1


@rule
def body_for(world: World, task: int, one: int, other: int) -> int:
    """Highest-ranked liaison body that handles a task for two states; NO_BODY if none."""
    best = NO_BODY
    for body in range(len(world.liaison_body)):
        better = best == NO_BODY or world.liaison_body[body].rank > world.liaison_body[best].rank
        if better and may_do(world, body, task) and serves(world, body, one, other):
            best = body
    return best


@rule
def taken_up(world: World, body: int, share: float) -> float:
    """Share of suitable tasks that states refer to a liaison body; grows with the body's staff.

    Its people do not wait for work: those who ask know what it has time for.
    """
    office = world.liaison_body[body]
    return min(share * office.staff / office.staff_base, 1.0) if office.staff_base > 0.0 else share


@rule
def common_body(world: World, one: int, other: int) -> int:
    """Highest-ranked police body that compares information from two states; NO_BODY if none."""
    return NO_BODY if one == other else body_for(world, ReferralTask.COMPARE.value, one, other)


#: Mean hours that a body's staff work on a task; a visit is no file.
mean_hours = row_ladder("mean_hours", Ladder.TASK, "hours", globals(), "return 0.0", "world, task", needed=True)


@rule
def add_referral(
    world: World, body: int, task: int, key: Key, case_row: int, subject: int, state: int, other: int
) -> int:
    """Creates the record of a task referred to a liaison body; returns its row."""
    row = new_row(world, world.referral, Growing.REFERRAL.value)
    referral = world.referral[row]
    referral.key = derive(derive(key, _REFERRAL), task)
    referral.body = body
    referral.task = task
    referral.case = case_row
    referral.subject = subject
    referral.state = state
    referral.other = other
    referral.asked = world.now[0]
    return row


@rule
def open_referral(
    world: World, body: int, task: int, key: Key, case_row: int, subject: int, state: int, other: int
) -> int:
    """Refers a task to a liaison body, whose desk gets a file for it; returns the referral's row.

    `key` is that of what the body is asked for; with the task, it identifies the referral. `subject` is the row of what
    it is about, -1 for the case, and `other` the state concerned; for a contact point, its state.
    """
    setting, now = world.setting[0], world.now[0]
    row = add_referral(world, body, task, key, case_row, subject, state, other)
    referral = world.referral[row]
    if answers_at_once(setting, referral.key):
        schedule(world, now + 1.0, Event.REFERRAL_ANSWERED, referral.key, row, 0)
        return row
    desk = world.liaison_body[body].desk
    if body == Body.CONTACT_POINTS:
        desk += other
    hours = touch_hours(setting, referral.key, mean_hours(world, task))
    referral.job = add_job(world, desk, -1, referral.key, 0, hours)
    world.job[referral.job].referral = row
    submit(world, referral.job, _HEAD_START if world.case[case_row].joint_target == 1 else 0.0)
    return row


@rule
def referral_worked(world: World, row: int) -> None:
    """Ends a liaison body's work on a referral and schedules its answer."""
    referral, setting, now = world.referral[row], world.setting[0], world.now[0]
    if referral.task == ReferralTask.FREEZE:
        median = setting.preservation_delay_days * setting.preservation_delay_scale
        sigma = setting.preservation_delay_sigma
        key = world.request[referral.subject].key
        day = now + lognormal(setting.seed, Purpose.PRESERVATION_TIME, key, 1, median, sigma)
        schedule(world, day, Event.PRESERVATION_ANSWERED, key, referral.subject, row + 1)
        return
    body = world.liaison_body[referral.body]
    median = body.reply_days * (setting.interpol_scale if referral.body == Body.INTERPOL else 1.0)
    day = now + lognormal(setting.seed, Purpose.REFERRAL_REPLY, referral.key, 0, median, setting.elapsed_sigma)
    schedule(world, day, Event.REFERRAL_ANSWERED, referral.key, row, 0)


@rule
def ask_analysis(world: World, chain_row: int, key: Key) -> None:
    """May refer an evidence item to Europol's analysts, if both states concerned inform Europol."""
    chain, setting = world.chain[chain_row], world.setting[0]
    if setting.with_liaison_desks == 0.0 or setting.with_hop_chain == 0.0:
        return
    case, state = world.case[chain.case], world.evidence[chain.evidence].state
    body = body_for(world, ReferralTask.ANALYSE.value, case.state, state)
    if state == case.state or body == NO_BODY:
        return
    share = max(taken_up(world, body, setting.analysis_use), setting.analysis_share)
    share = 1.0 if case.joint_target == 1 else share
    if not chance(setting.seed, Purpose.ANALYSIS_ASKED, key, 0, share):
        return
    task = ReferralTask.ANALYSE.value
    row = open_referral(world, body, task, key, chain.case, chain_row, case.state, state)
    world.referral[row].stamp = chain.attempt


@rule
def ask_for_notice(world: World, member_row: int) -> None:
    """Asks INTERPOL to publish a notice on a wanted person."""
    member, setting = world.member[member_row], world.setting[0]
    if setting.with_liaison_desks == 0.0:
        return
    state, home, task = world.case[member.known_by].state, member.residence, ReferralTask.NOTICE.value
    body = body_for(world, task, state, home)
    if body != NO_BODY:
        open_referral(world, body, task, member.key, member.known_by, member_row, state, home)


@rule
def ask_to_facilitate(world: World, row: int) -> None:
    """May ask Eurojust to help with a formal request between two of its members."""
    request, setting = world.request[row], world.setting[0]
    if setting.with_liaison_desks == 0.0 or request.case < 0 or request.abusive != Abuse.NONE:
        return
    if not is_between_authorities(request.channel) or request.purpose == RequestPurpose.CORROBORATION:
        return
    i, j, task = request.requesting, request.requested, ReferralTask.FACILITATE.value
    body = body_for(world, task, i, j)
    if body == NO_BODY:
        return
    share = max(taken_up(world, body, setting.eurojust_requests), setting.eurojust_share)
    if chance(setting.seed, Purpose.EUROJUST_ASKED, request.key, 0, share):
        open_referral(world, body, task, request.key, request.case, row, i, j)


@rule
def fellows(world: World, case_row: int, body: int, to_act: bool) -> int:
    """Number of other states in a case's preparation that a liaison body can bring together with the lead state."""
    case, states = world.case[case_row], 0
    row = case.first_partner
    while row >= 0:
        partner = world.partner[row]
        counted = partner.state != case.state and not (to_act and math.isnan(partner.asked))
        states += int(counted and serves(world, body, case.state, partner.state))
        row = partner.next_partner
    return states


@rule
def host_for(world: World, case_row: int, task: int, to_act: bool) -> int:
    """Highest-ranked liaison body that handles a task for a case and one more preparing state, or NO_BODY."""
    best = NO_BODY
    for body in range(len(world.liaison_body)):
        better = best == NO_BODY or world.liaison_body[body].rank > world.liaison_body[best].rank
        if better and may_do(world, body, task) and fellows(world, case_row, body, to_act) > 0:
            best = body
    return best


@rule
def ask_coordination(world: World, case_row: int) -> None:
    """May ask Eurojust to coordinate a case, and a liaison body to host its action day."""
    case, setting = world.case[case_row], world.setting[0]
    if setting.with_liaison_desks == 0.0 or case.first_partner < 0:
        return
    meeting = host_for(world, case_row, ReferralTask.COORDINATE.value, False)
    if meeting != NO_BODY:
        share = max(taken_up(world, meeting, setting.eurojust_cases), setting.eurojust_share)
        ask_to_coordinate(world, case_row, meeting, ReferralTask.COORDINATE.value, share)
    host = host_for(world, case_row, ReferralTask.ACTION_DAY.value, True)
    if host != NO_BODY:
        states = fellows(world, case_row, host, True)
        share = 1.0 - (1.0 - taken_up(world, host, setting.action_day_use)) ** states
        ask_to_coordinate(world, case_row, host, ReferralTask.ACTION_DAY.value, share)


@rule
def ask_to_coordinate(world: World, case_row: int, body: int, task: int, share: float) -> None:
    """May ask a liaison body to coordinate a case; all reviews of the case share one random draw."""
    case, setting = world.case[case_row], world.setting[0]
    asked = (case.asked_bodies >> body) & 1 == 1
    if not asked and chance(setting.seed, Purpose.COORDINATION_ASKED, case.key, body, share):
        case.asked_bodies |= 1 << body
        key = derive(derive(case.key, body), case.actions)
        open_referral(world, body, task, key, case_row, -1, case.state, -1)


@rule
def team_share(setting: Record, case: Record) -> float:
    """Share of possible joint teams that prosecutors agree to form; larger after meetings at Eurojust."""
    if (case.support >> Body.EUROJUST) & 1:
        return min(setting.team_agreed * (1.0 + setting.team_gain), 1.0)
    return setting.team_agreed


@rule
def synchrony(world: World, case_row: int, state: int) -> float:
    """P(a ready state acts within 48 hours of the others); near 1 if a liaison body hosts the action day."""
    case, setting = world.case[case_row], world.setting[0]
    if setting.with_liaison_desks == 0.0 or state == case.state:
        return 1.0
    hosted = False
    for body in range(len(world.liaison_body)):
        hosts = may_do(world, body, ReferralTask.COORDINATE.value) or may_do(world, body, ReferralTask.ACTION_DAY.value)
        hosted = hosted or (hosts and (case.support >> body) & 1 == 1 and serves(world, body, case.state, state))
    return setting.synchrony_hosted if hosted else setting.synchrony_alone


@rule
def acts_in_time(world: World, case_row: int, partner_row: int) -> bool:
    """True if a ready state acts within 48 hours of the others on the action day (random draw)."""
    case, partner = world.case[case_row], world.partner[partner_row]
    share = synchrony(world, case_row, partner.state)
    return chance(world.setting[0].seed, Purpose.SYNCHRONY, partner.key, case.actions, share)


@rule
def settle_referral(world: World, row: int, result: int) -> None:
    """Records the answer to a referral, with its result."""
    world.referral[row].result = result
    world.referral[row].answered = world.now[0]


@rule
def request_helped(world: World, referral_row: int) -> int:
    """Applies Eurojust's help to a request, which shortens its remaining stages; returns the TaskResult."""
    referral = world.referral[referral_row]
    request = world.request[referral.subject]
    if request.status != 0 or request.stage > Stage.COURT_ORDER:
        return TaskResult.TOO_LATE.value
    request.helped |= 1 << referral.body
    return TaskResult.HELPED.value
