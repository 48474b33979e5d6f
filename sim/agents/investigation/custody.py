"""Group members from suspicion to arrest, surrender, trial and conviction (M14).

An indictment is not a conviction, surrender takes time and can be refused, and a state that refuses to surrender may
prosecute instead. Members who live where nobody cooperates can be arrested only when they travel.
"""

import math

from sim.agents.assistance import (
    ask_for_notice,
    deed_of,
    is_offence,
    is_open,
    is_stronger,
    is_tested,
    is_worth_asking,
    logistic,
    order_probability,
    person_strength,
    political_refusal_probability,
    unlinked_member,
)
from sim.agents.crime import break_core, learn_from_arrest
from sim.agents.events import Event, Purpose, schedule
from sim.agents.investigation.removal import silence_towards
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, choose, exponential, lognormal, uniform
from sim.law.days import YEAR
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import MemberStatus
from sim.world.world import World

_EXTRADITABLE_YEARS = 1.0  # maximum penalty of what is extraditable (Budapest Convention art. 24)


@rule
def identify_member(world: World, case_row: int, link: float) -> None:
    """Records a new suspect in a lead case: a core member whom a completed chain identifies (M14)."""
    row = unlinked_member(world, case_row)
    if row < 0:
        return
    member = world.member[row]
    member.link = link
    if member.status == MemberStatus.UNKNOWN:
        member.status = MemberStatus.SUSPECTED.value
        member.known_by = case_row
        member.identified = world.now[0]
        world.case[case_row].known_members += 1


@rule
def seek_warrants(world: World, case_row: int) -> None:
    """Asks a unit's court for arrest warrants against suspects, if the file is strong enough (M2, M14)."""
    case, setting = world.case[case_row], world.setting[0]
    group, kind = world.group[case.group], DataKind.ARREST_EXTRADITION.value
    for row in range(group.first_member, group.first_member + group.members):
        member = world.member[row]
        if member.known_by != case_row or member.status != MemberStatus.SUSPECTED:
            continue
        odds = person_strength(world, case_row, member)
        if not (is_stronger(odds, member.shown) and is_worth_asking(world, case.state, kind, odds)):
            continue
        member.shown = odds
        granted = order_probability(world, case.state, kind, logistic(odds))
        if chance(setting.seed, Purpose.WARRANT, member.key, 0, granted):
            member.status = MemberStatus.WANTED.value


@rule
def hand_over_members(world: World, case_row: int, lead_row: int) -> None:
    """Transfers all members whom a merged case knows, from suspects to convicts, to its lead case."""
    case, lead = world.case[case_row], world.case[lead_row]
    group = world.group[case.group]
    for row in range(group.first_member, group.first_member + group.members):
        if world.member[row].known_by == case_row:
            world.member[row].known_by = lead_row
    lead.known_members += case.known_members
    case.known_members = 0


@rule
def forget_members(world: World, case_row: int) -> None:
    """Clears the suspects and wanted members of a dropped case; others keep their status."""
    case = world.case[case_row]
    group = world.group[case.group]
    for row in range(group.first_member, group.first_member + group.members):
        member = world.member[row]
        if member.known_by != case_row:
            continue
        if member.status == MemberStatus.SUSPECTED or member.status == MemberStatus.WANTED:
            member.status = MemberStatus.UNKNOWN.value
            member.known_by = -1
            member.link = 0.0
            member.shown = -math.inf
            case.known_members -= 1


@rule
def has_basis(world: World, requesting: int, requested: int, deed: int) -> bool:
    """True if one state may arrest and surrender people for another, under some instrument."""
    kind = DataKind.ARREST_EXTRADITION.value
    return is_open(world, requesting, requested, Channel.SURRENDER.value, kind, deed)


@rule
def surrender_terms(world: World, requesting: int, requested: int) -> Record:
    """Terms of the instrument under which one state surrenders people to another today."""
    return world.terms[max(world.instrument[requesting, requested, Channel.SURRENDER.value], 0)]


@rule
def is_warrant(terms: Record) -> bool:
    """True if surrender is by arrest warrant, with a deadline, and not by extradition."""
    return not math.isnan(terms.deadline_days[DataKind.ARREST_EXTRADITION.value])


@rule
def arrest_probability(world: World, case_row: int, state: int) -> float:
    """P(a wanted person is arrested where they live on an action day); 0 without a legal basis."""
    case, setting = world.case[case_row], world.setting[0]
    if state == case.state:
        return setting.arrest
    if not has_basis(world, case.state, state, deed_of(world, case.group)):
        return 0.0
    return setting.arrest * (1.0 - silence_towards(world, case_row, state))


@rule
def seek_arrest(world: World, case_row: int, row: int, probability: float) -> bool:
    """Tries to arrest a wanted member, and otherwise indicts the member; returns true for an arrest."""
    member, setting = world.member[row], world.setting[0]
    if chance(setting.seed, Purpose.CASE_ARREST, member.key, world.case[case_row].actions, probability):
        hold(world, row, member.residence)
        return True
    member.status = MemberStatus.INDICTED.value
    member.indicted = world.now[0]
    expect_travel(world, row)
    ask_for_notice(world, row)
    return False


@rule
def is_wanted_by(member: Record, case_row: int) -> bool:
    """True if a case has an arrest warrant against a group member."""
    return member.known_by == case_row and member.status == MemberStatus.WANTED


@rule
def arrest_wanted(world: World, case_row: int) -> int:
    """Arrests or publicly indicts the wanted members on an action day; returns the number of arrests."""
    group, arrests = world.group[world.case[case_row].group], 0
    for row in range(group.first_member, group.first_member + group.members):
        if is_wanted_by(world.member[row], case_row):
            probability = arrest_probability(world, case_row, world.member[row].residence)
            arrests += int(seek_arrest(world, case_row, row, probability))
    return arrests


@rule
def arrest_within_reach(world: World, case_row: int) -> int:
    """Tries to arrest wanted members before an action day; returns the number of attempts."""
    group, sought = world.group[world.case[case_row].group], 0
    for row in range(group.first_member, group.first_member + group.members):
        if is_wanted_by(world.member[row], case_row):
            probability = arrest_probability(world, case_row, world.member[row].residence)
            if probability > 0.0:
                seek_arrest(world, case_row, row, probability)
                sought += 1
    return sought


@rule
def expect_travel(world: World, row: int) -> None:
    """Schedules the next journey abroad on which an indicted member may be detected."""
    member, setting = world.member[row], world.setting[0]
    rate = setting.travel_per_year * setting.travel_indicted * setting.travel_detection
    if rate > 0.0:
        wait = exponential(setting.seed, Purpose.MEMBER_TRAVEL, member.key, member.journeys, YEAR / rate)
        schedule(world, world.now[0] + wait, Event.MEMBER_TRAVELS, member.key, row, 0)


@rule
def is_recognised(world: World, row: int) -> bool:
    """True if border control recognises a wanted traveller: always after a notice, before it by a random draw."""
    member, setting = world.member[row], world.setting[0]
    if setting.with_liaison_desks == 0.0 or not math.isnan(member.noticed):
        return True
    return chance(setting.seed, Purpose.TRAVELLER_KNOWN, member.key, member.journeys, setting.notice_recognised)


@rule
def caught_travelling(world: World, row: int) -> None:
    """Lets an indicted member travel abroad; border control may recognise and arrest the member."""
    member, setting = world.member[row], world.setting[0]
    if member.status != MemberStatus.INDICTED:
        return
    case = world.case[member.known_by]
    deed = deed_of(world, member.group)
    u = uniform(setting.seed, Purpose.MEMBER_TRAVEL_PLACE, member.key, member.journeys)
    member.journeys += 1
    state = choose(world.place_victims, u)  # people travel where people and money are
    if not is_recognised(world, row):
        expect_travel(world, row)
    elif state == case.state or has_basis(world, case.state, state, deed):
        member.by_notice = int(state != case.state and not math.isnan(member.noticed))
        hold(world, row, state)
        break_core(world, member.group, member.known_by)
    else:
        expect_travel(world, row)


@rule
def hold(world: World, row: int, state: int) -> None:
    """Arrests a member; a trial follows at home, and a request for surrender elsewhere."""
    member = world.member[row]
    case = world.case[member.known_by]
    member.status = MemberStatus.HELD.value
    member.held_in = state
    member.arrested = world.now[0]
    learn_from_arrest(world, member.group, member.residence)
    if state == case.state:
        await_trial(world, row, state)
    else:
        await_surrender(world, row)


@rule
def await_surrender(world: World, row: int) -> None:
    """Schedules the decision on surrender, after weeks under an arrest warrant or else after years."""
    member, setting = world.member[row], world.setting[0]
    case = world.case[member.known_by]
    seed, key = setting.seed, member.key
    days = lognormal(seed, Purpose.SURRENDER_TIME, key, 0, setting.extradition_days, setting.elapsed_sigma)
    if is_warrant(surrender_terms(world, case.state, member.held_in)):
        days = setting.warrant_days
        if chance(seed, Purpose.SURRENDER_CONSENT, key, 0, setting.warrant_consent):
            days = setting.warrant_consent_days
    schedule(world, world.now[0] + days, Event.SURRENDER_DECIDED, key, row, 0)


@rule
def surrender_ground(world: World, row: int) -> int:
    """Ground on which surrender is refused (nationality, no offence there, politics), or Ground.NONE."""
    member, setting = world.member[row], world.setting[0]
    case, group = world.case[member.known_by], world.group[member.group]
    i, j, deed = case.state, member.held_in, deed_of(world, member.group)
    terms = surrender_terms(world, i, j)
    if not is_warrant(terms) and world.nationals_bar[j] == 1 and group.home == j:
        return Ground.NATIONALITY.value
    tested = is_tested(world, terms, i, DataKind.ARREST_EXTRADITION.value, deed)
    if tested and not is_offence(world, j, deed, 0, _EXTRADITABLE_YEARS):
        return Ground.DUAL_CRIMINALITY.value
    political = political_refusal_probability(setting, world.affinity[i, j], group.home == j)
    if chance(setting.seed, Purpose.SURRENDER_REFUSED, member.key, 0, political):
        return Ground.POLITICAL_OR_ESSENTIAL_INTERESTS.value
    return Ground.NONE.value


@rule
def surrender_decided(world: World, row: int) -> None:
    """Decides on surrender: the member is surrendered, tried in the arresting state, or released."""
    member, setting, now = world.member[row], world.setting[0], world.now[0]
    member.ground = surrender_ground(world, row)
    if member.ground == Ground.NONE:
        member.status = MemberStatus.SURRENDERED.value
        member.surrendered = now
        await_trial(world, row, world.case[member.known_by].state)
    elif chance(setting.seed, Purpose.PROSECUTED_INSTEAD, member.key, 0, setting.prosecute_instead):
        member.instead = 1
        await_trial(world, row, member.held_in)
    else:
        member.status = MemberStatus.RELEASED.value
        member.ended = now


@rule
def await_trial(world: World, row: int, state: int) -> None:
    """Schedules the judgment in a member's trial."""
    member, setting = world.member[row], world.setting[0]
    member.prosecuted_in = state
    days = lognormal(setting.seed, Purpose.TRIAL_TIME, member.key, 0, setting.trial_days, setting.elapsed_sigma)
    schedule(world, world.now[0] + days, Event.TRIAL_ENDS, member.key, row, 0)


@rule
def conviction_probability(setting: Record, odds: float) -> float:
    """P(conviction) in a trial, given the log-odds of the proof; higher standard than for searches.

    `odds` are log-odds; a complete file is convicted in the share `conviction`.
    """
    steepness, standard = setting.proof_steepness, setting.trial_standard
    response = logistic(steepness * (logistic(odds) - standard)) / logistic(steepness * (1.0 - standard))
    return setting.conviction * response


@rule
def trial_ends(world: World, row: int) -> None:
    """Decides a trial by the proof in the case and the evidence seized at the arrest."""
    member, setting = world.member[row], world.setting[0]
    odds = person_strength(world, member.known_by, member) + setting.proof_content
    probability = conviction_probability(setting, odds)
    convicted = chance(setting.seed, Purpose.CONVICTED, member.key, 0, probability)
    member.status = MemberStatus.CONVICTED.value if convicted else MemberStatus.ACQUITTED.value
    member.ended = world.now[0]
