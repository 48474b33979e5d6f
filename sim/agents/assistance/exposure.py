"""States that know of a case, and leaks from these states to the group (M22).

Each state that learns of a case adds exposure: the one that leads it, those that prepare the action, and those that
were asked for data, for police information or for preservation. Corrupt administrations leak more, the state in which
the group lives more again, and what went by secure channels only leaks less. A leak warns the group.
"""

import math

import numpy as np

from sim.agents.assistance.trust import blame_leaker
from sim.agents.cases import lead_of
from sim.agents.events import Purpose
from sim.engine.compiling import Record, rule
from sim.engine.random import uniform
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import Growing
from sim.world.world import World

_NONE = np.uint64(0)


@rule
def is_secure(world: World, one: int, other: int) -> bool:
    """True if two states share a secure channel today."""
    return one == other or world.electronic[one, other] == 1


@rule
def inform(world: World, case_row: int, state: int, channel: int, takes_part: bool, protected: bool) -> None:
    """Records that a state learns of a case, or of its lead case after a merger."""
    case_row = lead_of(world, case_row)
    case = world.case[case_row]
    if state == case.state:
        return
    word, bit = state >> 6, np.uint64(1) << np.uint64(state & 63)
    known = case.informed[word] & bit != _NONE
    if known and not takes_part and (protected or case.informed_openly[word] & bit != _NONE):
        return  # the list has nothing to learn from it
    case.informed[word] |= bit
    if not protected:
        case.informed_openly[word] |= bit
    row = case.first_recipient if known else -1
    while row >= 0:
        recipient = world.recipient[row]
        if recipient.state == state:
            recipient.takes_part = max(recipient.takes_part, int(takes_part))
            recipient.protected = min(recipient.protected, int(protected))
            return
        row = recipient.next_recipient
    row = new_row(world, world.recipient, Growing.RECIPIENT.value)
    recipient = world.recipient[row]
    recipient.case = case_row
    recipient.state = state
    recipient.next_recipient = case.first_recipient
    recipient.since = world.now[0]
    recipient.channel = channel
    recipient.takes_part = int(takes_part)
    recipient.protected = int(protected)
    case.first_recipient = row
    case.recipients += 1


@rule
def inform_by_request(world: World, request: Record) -> None:
    """Records that the requested state learns of a case from a request, unless the request goes to a provider."""
    if request.case < 0:
        return  # abusive: there is no case that could leak
    if request.channel == Channel.DOMESTIC or request.channel == Channel.PROVIDER_BINDING:
        return
    if request.channel != Channel.PROVIDER_VOLUNTARY:
        secure = request.electronic == 1 or is_secure(world, request.requesting, request.requested)
        inform(world, request.case, request.requested, request.channel, False, secure)


@rule
def inform_partner(world: World, case_row: int, state: int) -> None:
    """Records that a state which prepares an action knows the whole case."""
    secure = is_secure(world, world.case[case_row].state, state)
    inform(world, case_row, state, Channel.JOINT_TEAM.value, True, secure)


@rule
def pass_on_recipients(world: World, from_row: int, lead_row: int) -> None:
    """Adds the states that know of a merged case to the states that know of its lead case."""
    row = world.case[from_row].first_recipient
    while row >= 0:
        recipient = world.recipient[row]
        protected = recipient.protected == 1
        inform(world, lead_row, recipient.state, recipient.channel, recipient.takes_part == 1, protected)
        row = recipient.next_recipient


@rule
def leakiness(setting: Record, tier: int, is_home: bool) -> float:
    """Leak rate of a state relative to the best-governed states; higher at the group's home and with corruption."""
    ratio = 1.0
    for _ in range(tier):
        ratio *= setting.leak_step
    return ratio * setting.leak_home if is_home else ratio


@rule
def recipient_exposure(world: World, recipient: Record, home: int) -> float:
    """Leak hazard from one state that knows of a case, relative to a best-governed participating state."""
    setting = world.setting[0]
    exposure = leakiness(setting, world.state[recipient.state].tier, recipient.state == home)
    if recipient.takes_part == 0:
        exposure *= setting.leak_request
    if recipient.protected == 1:
        exposure *= setting.leak_protected
    return exposure


@rule
def exposure_of(world: World, case_row: int) -> float:
    """Leak hazard from all states that know of a case, relative to one best-governed participating state."""
    case, setting = world.case[case_row], world.setting[0]
    home = world.group[case.group].home
    total = leakiness(setting, world.state[case.state].tier, case.state == home)
    row = case.first_recipient
    while row >= 0:
        total += recipient_exposure(world, world.recipient[row], home)
        row = world.recipient[row].next_recipient
    return total


@rule
def exposure_at_most(world: World, case_row: int) -> float:
    """Upper bound on a case's `exposure_of`, quick to compute.

    True as long as bad government and being its home make no state leak less, and neither protection nor being but
    asked for data makes it leak more: the ranges of these parameters see to that.
    """
    setting = world.setting[0]
    return setting.leak_corrupt * (world.case[case_row].recipients + setting.leak_home)


@rule
def leak_hazard(setting: Record, exposure: float) -> float:
    """Expected number of leaks until a case's next review, Σ ℓ_r t over the states that know of the case."""
    years = setting.review_interval_days / YEAR
    return setting.leak_per_year * setting.with_leaks * exposure * years


@rule
def leak_probability(world: World, case_row: int) -> float:
    """P(a case leaks before its next review) = 1 − exp(−Σ ℓ_r t)."""
    return 1.0 - math.exp(-leak_hazard(world.setting[0], exposure_of(world, case_row)))


@rule
def leaks(world: World, case_row: int) -> bool:
    """True if a case leaks to its group before the next review (random draw); records the leak.

    1 − exp(−hazard) is less than the hazard. A draw above the hazard that this number of recipients can reach at most
    is therefore no leak, and the exposure need not be added up. This is nearly always so.
    """
    case, setting = world.case[case_row], world.setting[0]
    drawn = uniform(setting.seed, Purpose.CASE_LEAK, case.key, case.reviews)
    if drawn >= leak_hazard(setting, exposure_at_most(world, case_row)):
        return False
    if drawn >= leak_probability(world, case_row):
        return False
    record_leak(world, case_row)
    return True


@rule
def record_leak(world: World, case_row: int) -> None:
    """Draws which state leaked, in proportion to the states' leak hazards, and records it."""
    case, setting = world.case[case_row], world.setting[0]
    home, exposure = world.group[case.group].home, exposure_of(world, case_row)
    left = exposure * uniform(setting.seed, Purpose.LEAK_SOURCE, case.key, case.reviews)
    row = new_row(world, world.leak, Growing.LEAK.value)
    leak = world.leak[row]
    leak.case = case_row
    leak.group = case.group
    leak.state = case.state
    leak.recipients = 1
    leak.takes_part = 1
    leak.protected = 1
    leak.day = world.now[0]
    leak.exposure = setting.leak_per_year * exposure
    left -= leakiness(setting, world.state[case.state].tier, case.state == home)
    recipient_row = case.first_recipient
    while recipient_row >= 0:
        recipient = world.recipient[recipient_row]
        if left >= 0.0:
            leak.state = recipient.state
            leak.takes_part = recipient.takes_part
            leak.protected = recipient.protected
            left -= recipient_exposure(world, recipient, home)
        leak.recipients += 1
        recipient_row = recipient.next_recipient
    leak.traced = int(blame_leaker(world, case_row, leak.state))


@rule
def is_excluded(world: World, request: Record) -> bool:
    """True if a court excludes evidence that was sent without protection (M22)."""
    setting = world.setting[0]
    if setting.with_leaks == 0.0 or request.channel == Channel.DOMESTIC or request.electronic == 1:
        return False
    if is_secure(world, request.requesting, request.requested):
        return False
    return uniform(setting.seed, Purpose.EXCLUDED, request.key, 0) < setting.exclusion_unprotected
