"""Direct cooperation between states: questions to police, 24/7 preservation, joint teams (M5, M8, M13).

Trust decides what police disclose and with whom a team is formed (M19). Liaison bodies have files of their own:
liaison_bodies.py, matching.py, postings.py.
"""

import math

from sim.agents.assistance.authority import answers_at_once, is_let_off
from sim.agents.assistance.channels import is_open
from sim.agents.assistance.drafting import add_request
from sim.agents.assistance.evidence import add_evidence
from sim.agents.assistance.exposure import inform_by_request
from sim.agents.assistance.liaison_bodies import open_referral, serves, team_share
from sim.agents.assistance.offence import deed_of
from sim.agents.assistance.postings import count_traffic, has_officer, officer_between, seek_officer
from sim.agents.assistance.provider import freeze
from sim.agents.assistance.trust import both_trust, trust_in
from sim.agents.cases import case_in, find_partner, lead_of
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, lognormal
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import Body, ChainStatus, EvidenceStatus, ReferralTask, RequestPurpose, RequestStatus
from sim.world.world import World

_LEAD = 0x4C454144
_FREEZE = 0x46524545
_FREEZE_DAYS = 90.0  # where the instrument fixes no number: Budapest art. 16(2), domestic order


@rule
def can_use(world: World, case_row: int, requested: int, channel: int, data_kind: int) -> bool:
    """True if the state that leads a case can use a channel to another state today."""
    case = world.case[case_row]
    return is_open(world, case.state, requested, channel, data_kind, deed_of(world, case.group))


@rule
def police_answer(setting: Record, police_body: int) -> tuple[float, float]:
    """Median (days) and sigma of the lognormal time that police need for an answer."""
    if setting.with_liaison_desks > 0.0 and police_body == Body.INTERPOL:
        return setting.interpol_message_days * setting.interpol_scale, setting.police_sigma
    return setting.police_days, setting.police_sigma


@rule
def ask_police(world: World, chain_row: int, key: Key) -> bool:
    """May ask police for the data of a chain's step as well, as a lead (M8); returns true if police are asked."""
    chain, setting = world.chain[chain_row], world.setting[0]
    item = world.evidence[chain.evidence]
    if not can_use(world, chain.case, item.state, Channel.POLICE, DataKind.POLICE_INFORMATION):
        return False
    share = max(setting.police_first, setting.police_first_least)
    if not chance(setting.seed, Purpose.POLICE_FIRST, key, 0, share):
        return False
    channel, kind = Channel.POLICE.value, DataKind.POLICE_INFORMATION.value
    row = add_request(world, derive(key, _LEAD), chain.case, RequestPurpose.LEAD, item.state, channel, kind)
    request = world.request[row]
    request.chain = chain_row
    request.hop = chain.hop
    request.sent = world.now[0]
    inform_by_request(world, request)
    count_traffic(world, request)
    seek_officer(world, row)
    median, sigma = police_answer(setting, world.police_body[request.requesting, request.requested])
    if has_officer(world.posting, request):
        median *= 1.0 - setting.officer_speed
    days = lognormal(setting.seed, Purpose.POLICE_TIME, key, 0, median, sigma)
    day = request.sent + (1.0 if answers_at_once(setting, key) else days)
    schedule(world, day, Event.LEAD_ANSWERED, request.key, row, chain.attempt)
    return True


@rule
def police_decline_probability(setting: Record, trust: float) -> float:
    """P(police decline to answer); higher with distrust of the requesting state (M8, M19)."""
    return min(setting.police_declined + setting.police_declined_distance * (1.0 - trust), 0.98)


@rule
def lead_answered(world: World, row: int, stamp: int) -> bool:
    """Records police information on a chain's step; returns true if the chain can continue with it (M8)."""
    request, setting = world.request[row], world.setting[0]
    request.trust = trust_in(world, request.requested, request.requesting)
    declined = police_decline_probability(setting, request.trust) * setting.foreign_refusal
    request.ended = world.now[0]
    if chance(setting.seed, Purpose.POLICE_DECLINES, request.key, 0, declined):
        request.status = RequestStatus.REFUSED.value
        request.ground = Ground.DECLINED_BY_POLICE.value
        return False
    request.status = RequestStatus.EXECUTED.value
    chain = world.chain[request.chain]
    if chain.status != ChainStatus.LIVE or chain.attempt != stamp:
        return False
    world.case[request.case].leads += 1
    world.case[request.case].indicators += 1
    chain.lead = 1
    # The next custodian is known as a lead, so that it can be asked to preserve before the formal answer.
    # Where hops are not followed in sequence, it has been asked already.
    if chain.hop + 1 < chain.hops and chain.next_evidence < 0 and setting.with_hop_chain != 0.0:
        key = derive(derive(chain.key, chain.hop + 1), chain.attempt + 1)
        chain.next_evidence = add_evidence(world, request.chain, chain.hop + 1, key)
        if world.evidence[chain.next_evidence].state != request.requesting:
            ask_preservation(world, request.chain, chain.next_evidence, derive(key, _LEAD))
    item = world.evidence[chain.evidence]
    last = chain.hop == chain.hops - 1
    if last or item.data_kind == DataKind.CONTENT:
        return False
    suffices = not chance(setting.seed, Purpose.POLICE_SUFFICES, request.key, 0, setting.conversion)
    return suffices or in_team(world, request.case, item.state)  # what a team shares is evidence for all its members


@rule
def ask_preservation(world: World, chain_row: int, evidence_row: int, key: Key) -> None:
    """May ask a 24/7 contact point, where one can be used, for a freeze of an evidence item by its custodian (M5)."""
    chain, setting, item = world.chain[chain_row], world.setting[0], world.evidence[evidence_row]
    if not can_use(world, chain.case, item.state, Channel.PRESERVATION_24_7, DataKind.PRESERVATION):
        return
    share = max(setting.preservation_use, setting.preservation_use_least)
    if not chance(setting.seed, Purpose.PRESERVATION_USED, key, 0, share):
        return
    purpose, channel, kind = RequestPurpose.PRESERVATION, Channel.PRESERVATION_24_7.value, DataKind.PRESERVATION.value
    row = add_request(world, derive(key, _FREEZE), chain.case, purpose, item.state, channel, kind)
    request = world.request[row]
    request.chain = chain_row
    request.evidence = evidence_row
    request.provider = item.provider
    request.sent = world.now[0]
    inform_by_request(world, request)
    i, j = request.requesting, request.requested
    if setting.with_liaison_desks > 0.0 and serves(world, Body.CONTACT_POINTS.value, i, j):
        open_referral(world, Body.CONTACT_POINTS.value, ReferralTask.FREEZE.value, request.key, chain.case, row, i, j)
        return
    median, sigma = setting.preservation_delay_days * setting.preservation_delay_scale, setting.preservation_delay_sigma
    days = lognormal(setting.seed, Purpose.PRESERVATION_TIME, key, 0, median, sigma)
    schedule(
        world,
        request.sent + (1.0 if answers_at_once(setting, key) else days),
        Event.PRESERVATION_ANSWERED,
        request.key,
        row,
        0,
    )


@rule
def renewals(setting: Record, key: Key) -> int:
    """Random number of renewals of a data freeze before the first missed renewal."""
    done = 0
    missed = setting.preservation_missed * setting.preservation_missed_scale
    while done < int(setting.preservation_renewals):
        if chance(setting.seed, Purpose.PRESERVATION_RENEWAL, key, done, missed):
            break
        done += 1
    return done


@rule
def preservation_answered(world: World, row: int) -> None:
    """Answers a preservation request: refuses it, or freezes the item, if still there, to the first missed renewal."""
    request, setting = world.request[row], world.setting[0]
    request.ended = world.now[0]
    request.status = RequestStatus.EXECUTED.value
    success = 1.0 - (1.0 - setting.preservation_success) * setting.foreign_refusal
    terms = world.terms[request.instrument]
    if world.power[request.requested, DataKind.PRESERVATION] == 0 and not is_let_off(setting, request):
        request.status = RequestStatus.REFUSED.value
        request.ground = Ground.NO_POWER.value
        return
    if not chance(setting.seed, Purpose.PRESERVATION_SUCCESS, request.key, 0, success):
        request.status = RequestStatus.REFUSED.value
        request.ground = Ground.PROVIDER_POLICY.value
        return
    length = _FREEZE_DAYS if math.isnan(terms.preservation_days) else terms.preservation_days
    days = length * setting.preservation_days_scale * (1 + renewals(setting, request.key))
    item = world.evidence[request.evidence]
    if item.status == EvidenceStatus.AVAILABLE:
        freeze(item, request.ended, days)


@rule
def in_team(world: World, case_row: int, state: int) -> bool:
    """True if a state belongs to a case's joint team."""
    lead_row = lead_of(world, case_row)
    if math.isnan(world.case[lead_row].team_formed):
        return False
    row = find_partner(world, lead_row, state)
    return row >= 0 and world.partner[row].in_team == 1


@rule
def could_join_team(world: World, case_row: int, state: int) -> bool:
    """True if law and trust allow a state to join a case's joint team (M13)."""
    case = world.case[case_row]
    if not can_use(world, case_row, state, Channel.JOINT_TEAM, DataKind.JOINT_TEAM):
        return False
    theirs, ours = both_trust(world, case.state, state)
    return min(theirs, ours) >= world.setting[0].team_threshold


@rule
def propose_team(world: World, case_row: int) -> None:
    """Schedules the formation of a joint team if an eligible state has a case too and prosecutors agree."""
    case, setting = world.case[case_row], world.setting[0]
    if not math.isnan(case.team_formed) or case.first_partner < 0:
        return
    row, eligible = case.first_partner, False
    while row >= 0:
        state = world.partner[row].state
        own = state != case.state and case_in(world, case_row, state) >= 0
        eligible = eligible or (own and could_join_team(world, case_row, state))
        row = world.partner[row].next_partner
    if eligible and chance(setting.seed, Purpose.CASE_TEAM, case.key, 0, team_share(setting, case)):
        median, sigma = setting.team_setup_days, setting.elapsed_sigma
        days = lognormal(setting.seed, Purpose.CASE_TEAM_SETUP, case.key, 0, median, sigma)
        case.team_formed = math.inf
        schedule(world, world.now[0] + days, Event.TEAM_FORMED, case.key, case_row, 0)


@rule
def preparation_left(world: World, case_row: int, state: int) -> float:
    """Share of a state's preparation for an action that is left after help by bodies and officers."""
    case, setting, left = world.case[case_row], world.setting[0], 1.0
    if (case.support >> Body.EUROJUST) & 1 and serves(world, Body.EUROJUST.value, case.state, state):
        left *= 1.0 - setting.eurojust_readiness
    if (case.support >> Body.EUROPOL) & 1 and serves(world, Body.EUROPOL.value, case.state, state):
        left *= 1.0 - setting.europol_readiness
    if officer_between(world, case.state, state) >= 0:
        left *= 1.0 - setting.officer_speed
    return left
