"""Trust between two states' authorities, which grows and falls with experience (M19).

Trust is directed. What i has experienced with j is evidence for (a) and against (b) on top of a prior that affinity
sets; T_ij = (n₀·A + a) ÷ (n₀ + a + b). Evidence fades with time and is updated only when it is read.
Each state has one contact officer for every other state; an officer who leaves takes part of the trust along.

Trust decides where there is discretion: the place of a file in the queue, a phone call instead of a return, what
police disclose, what is shared, with whom a team is formed. Law, grounds of refusal, and silence between adversaries
follow affinity alone. With the mechanism switched off, trust is affinity.
"""

import math

from sim.agents.assistance.authority import is_provider_channel
from sim.agents.assistance.patience import renege_before
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, exponential, lognormal, uniform
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.parameters import REVIEW_DAYS
from sim.world.records import Abuse, Growing, RequestStatus, Stage
from sim.world.world import World

_BOND = 0x424F4E44
_REVIEWS_PER_ACCOUNT = 4


@rule
def trust_value(setting: Record, affinity: float, good: float, bad: float) -> float:
    """Trust T in a state, T = (n₀·A + a) ÷ (n₀ + a + b): mean of a Beta distribution with affinity A as prior."""
    return (setting.trust_prior * affinity + good) / (setting.trust_prior + good + bad)


@rule
def remembered(setting: Record, days: float) -> float:
    """Share of good and bad experience that still counts for trust after `days` days."""
    return math.exp(setting.trust_fading * days / YEAR)


@rule
def contact_key(trusting: int, trusted: int, number: int) -> Key:
    """Key for random draws about contact officer number `number` between two states."""
    return derive(derive(derive(_BOND, trusting), trusted), number)


@rule
def taken_along(setting: Record, key: Key) -> float:
    """Draws the share φ of experience that a trust record loses when a contact officer leaves."""
    spread = setting.contact_takes_most - setting.contact_takes_least
    return setting.contact_takes_least + spread * uniform(setting.seed, Purpose.CONTACT_TAKES, key, 0)


@rule
def bond_row(world: World, trusting: int, trusted: int) -> int:
    """Row of the trust record of one state about another."""
    return trusting * len(world.state) + trusted


@rule
def change_contacts(world: World, trusting: int, trusted: int) -> None:
    """Replaces the contact officers between two states once their terms have ended.

    Departures are dealt with on their own days whenever somebody looks, so that looking changes nothing.
    """
    bond, setting = world.bond[bond_row(world, trusting, trusted)], world.setting[0]
    while bond.contact_until <= world.now[0]:
        left = 0.0
        if bond.contact > 0:
            left = 1.0 - taken_along(setting, contact_key(trusting, trusted, bond.contact))
            left *= remembered(setting, bond.contact_until - bond.day)
        bond.good *= left
        bond.bad *= left
        bond.day = bond.contact_until
        bond.contact += 1
        key = contact_key(trusting, trusted, bond.contact)
        usual = exponential(setting.seed, Purpose.CONTACT_STAYS, key, 0, YEAR / setting.contact_leaves)
        bond.contact_until += usual * bond.contact_stay


@rule
def trust_in(world: World, trusting: int, trusted: int) -> float:
    """Trust (0–1) that one state's authorities have in another's today.

    Affinity is that of the law's arrays, [requesting, requested]: that of the requested to the requesting state.
    """
    setting, affinity = world.setting[0], float(world.affinity[trusted, trusting])
    if setting.with_trust == 0.0:
        return affinity
    change_contacts(world, trusting, trusted)
    bond = world.bond[bond_row(world, trusting, trusted)]
    left = remembered(setting, world.now[0] - bond.day)
    return trust_value(setting, affinity, left * bond.good, left * bond.bad)


@rule
def both_trust(world: World, one: int, other: int) -> tuple[float, float]:
    """Returns the trust of `other` in `one` and of `one` in `other`, or their affinity if trust is switched off."""
    if world.setting[0].with_trust == 0.0:
        affinity = float(world.affinity[one, other])
        return affinity, affinity
    return trust_in(world, other, one), trust_in(world, one, other)


@rule
def remember(world: World, trusting: int, trusted: int, good: float, bad: float) -> None:
    """Adds good and bad experience to a trust record, after fading the old experience."""
    if world.setting[0].with_trust == 0.0 or trusting == trusted:
        return
    change_contacts(world, trusting, trusted)
    bond = world.bond[bond_row(world, trusting, trusted)]
    left = remembered(world.setting[0], world.now[0] - bond.day)
    bond.good = left * bond.good + good
    bond.bad = left * bond.bad + bad
    bond.day = world.now[0]


@rule
def counts_for_trust(request: Record) -> bool:
    """True for a genuine request to another state's authorities; false for providers and at home."""
    channel = request.channel
    return request.abusive == Abuse.NONE and not is_provider_channel(channel) and channel != Channel.DOMESTIC


@rule
def days_with_asked(request: Record, now: float) -> float:
    """Days that a request has spent with the requested state, without time for completion by the sender."""
    completing = request.stage_days[Stage.DEFICIENCY_RETURN.value - 1]
    if request.stage == Stage.DEFICIENCY_RETURN and math.isnan(request.ended):
        completing += now - request.stage_since
    return now - request.sent - completing


@rule
def is_overlong(setting: Record, request: Record, now: float) -> bool:
    """True if a request has waited longer than its deadline or, without one, longer than usual."""
    allowed = setting.usual_days if math.isnan(request.deadline_days) else request.deadline_days
    return days_with_asked(request, now) > allowed


@rule
def learn_from_answer(world: World, request: Record) -> None:
    """Updates the requester's trust: up if executed in time; down if executed late, or not by police; else the same."""
    answered = request.status != RequestStatus.WITHDRAWN and request.status != RequestStatus.NOT_SENT
    if not (answered and counts_for_trust(request)):
        return
    setting, i, j = world.setting[0], request.requesting, request.requested
    world.bond[bond_row(world, i, j)].dealings += 1
    executed = request.status == RequestStatus.EXECUTED
    if request.channel == Channel.POLICE:
        if executed:
            remember(world, i, j, setting.trust_police, 0.0)
        else:
            remember(world, i, j, 0.0, setting.trust_police)
    elif executed and is_overlong(setting, request, world.now[0]):
        remember(world, i, j, 0.0, setting.trust_late)
    elif executed:
        remember(world, i, j, setting.trust_fulfilled, 0.0)


@rule
def learn_from_silence(world: World, request: Record) -> None:
    """Lowers the trust of a requester that has stopped waiting for an overdue answer.

    A requester that gives up while completing its own file cannot complain of silence.
    """
    setting = world.setting[0]
    if request.stage == Stage.DEFICIENCY_RETURN:
        return
    if counts_for_trust(request) and is_overlong(setting, request, world.now[0]):
        world.bond[bond_row(world, request.requesting, request.requested)].dealings += 1
        remember(world, request.requesting, request.requested, 0.0, setting.trust_silence)


@rule
def blame_leaker(world: World, case_row: int, leaker: int) -> bool:
    """May trace a leak to a state, in which other states then have less trust; returns true if traced."""
    case, setting = world.case[case_row], world.setting[0]
    if not chance(setting.seed, Purpose.LEAK_TRACED, case.key, case.reviews, setting.leak_traced):
        return False
    remember(world, case.state, leaker, 0.0, setting.trust_leak)
    row = case.first_recipient
    while row >= 0:
        recipient = world.recipient[row]
        if recipient.takes_part == 1:
            remember(world, recipient.state, leaker, 0.0, setting.trust_leak)
        row = recipient.next_recipient
    return True


@rule
def trust_each_other(world: World, one: int, other: int) -> None:
    """Raises the mutual trust of two states after a joint action."""
    joint = world.setting[0].trust_joint
    remember(world, one, other, joint, 0.0)
    remember(world, other, one, joint, 0.0)


@rule
def act_together(world: World, case_row: int) -> None:
    """Raises the mutual trust of all states that acted on the same action day."""
    case, now = world.case[case_row], world.now[0]
    row = case.first_partner
    while row >= 0:
        partner = world.partner[row]
        if partner.acted == now:
            trust_each_other(world, case.state, partner.state)
            later = partner.next_partner
            while later >= 0:
                other = world.partner[later]
                if other.acted == now:
                    trust_each_other(world, partner.state, other.state)
                later = other.next_partner
        row = partner.next_partner


@rule
def head_start(world: World, trusting: int, trusted: int) -> float:
    """Priority credit in days for a file from a sender who is trusted more than usual; negative if less (M6, a₄)."""
    setting = world.setting[0]
    if setting.with_trust == 0.0:
        return 0.0
    return setting.trust_head_start * (trust_in(world, trusting, trusted) - setting.trust_usual)


@rule
def is_phoned(setting: Record, request: Record) -> bool:
    """True if a deficient request is completed by phone and not returned (random draw); likelier with trust."""
    probability = setting.phone * request.trust * setting.with_trust
    return uniform(setting.seed, Purpose.PHONED, request.key, request.loops) < probability


@rule
def complete_by_phone(world: World, row: int, resume: int) -> None:
    """Completes a request by phone; some days later the request goes to stage `resume`."""
    request, setting, now = world.request[row], world.setting[0], world.now[0]
    request.phoned = 1
    request.resume = resume
    request.stage = Stage.DEFICIENCY_RETURN.value
    request.stage_since = now
    count = request.loops
    days = lognormal(setting.seed, Purpose.PHONE_TIME, request.key, count, setting.phone_days, setting.elapsed_sigma)
    schedule(world, now + days, Event.STAGE_ELAPSED, request.key, row, request.stage)
    renege_before(world, row, now + days)


@rule
def trust_reviewed(world: World, state_row: int) -> None:
    """Raises a state's trust each quarter in those with whom it exchanges officers; records all trust once a year."""
    state = world.state[state_row]
    state.reviews += 1
    yearly = state.reviews % _REVIEWS_PER_ACCOUNT == 0
    if not yearly and state.in_exchange == 0:
        return
    learnt = world.setting[0].trust_joint_day * REVIEW_DAYS / YEAR
    for other in range(len(world.state)):
        bond = world.bond[bond_row(world, state_row, other)]
        if state.in_exchange == 1 and bond.joint_days > 0.0:
            remember(world, state_row, other, learnt * bond.joint_days, 0.0)
        if yearly and bond.dealings > 0:
            give_account(world, state_row, other)


@rule
def give_account(world: World, trusting: int, trusted: int) -> None:
    """Adds a row on one state's trust in another to the table of yearly trust."""
    row = new_row(world, world.trust, Growing.TRUST.value)
    account, bond = world.trust[row], world.bond[bond_row(world, trusting, trusted)]
    account.trusting = trusting
    account.trusted = trusted
    account.day = world.now[0]
    account.trust = trust_in(world, trusting, trusted)
    account.affinity = world.affinity[trusted, trusting]
    left = remembered(world.setting[0], world.now[0] - bond.day)
    account.good = left * bond.good
    account.bad = left * bond.bad
    account.dealings = bond.dealings
    account.contact = bond.contact
    bond.dealings = 0


@rule
def count_contacts(world: World) -> None:
    """Updates all contact officers to today, before a policy changes the length of later terms."""
    for trusting in range(len(world.state)):
        for trusted in range(len(world.state)):
            change_contacts(world, trusting, trusted)
