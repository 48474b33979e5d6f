"""Effects of a request's result on its case: evidence and the next step, or a failed step (M8–M10)."""

import math

from sim.agents.assistance import (
    abuse_answered_by_police,
    add_job,
    add_proof,
    complete_stage,
    file_in_line,
    file_key,
    finish,
    head_start_at,
    in_team,
    is_done,
    is_excluded,
    is_taken_up_late,
    lead_answered,
    learn,
    learn_from_answer,
    learn_from_silence,
    let_go,
    not_obtained,
    referral_worked,
    stage_elapsed,
    submit,
    touch_hours,
)
from sim.agents.cases import is_working, lead_of
from sim.agents.events import Purpose
from sim.agents.investigation.action import leads_further, reveal_node, update_readiness
from sim.agents.investigation.chains import ask_formally, hop_answered, hop_failed, lose_hop
from sim.agents.investigation.custody import identify_member
from sim.engine.compiling import Record, rule
from sim.engine.random import chance
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import (
    Abuse,
    ChainStatus,
    ChainTarget,
    DeskKind,
    EvidenceStatus,
    NodeDiscovery,
    RequestPurpose,
    RequestStatus,
    Stage,
    UnitKind,
)
from sim.world.world import World


@rule
def request_ended(world: World, row: int) -> None:
    """Applies a request's result to its case."""
    request = world.request[row]
    if request.abusive != Abuse.NONE:
        return  # the requester has no case: no investigator learns from the answer
    learn_from_answer(world, request)
    if request.status != RequestStatus.NOT_SENT:
        succeeded = request.status == RequestStatus.EXECUTED
        if request.status != RequestStatus.WITHDRAWN or math.isnan(world.case[request.case].closed):
            learn(world, request, request.ended, succeeded)
    if not is_working(world, request.case):
        return
    if request.purpose == RequestPurpose.ACTION:
        action_answered(world, row)
    elif request.purpose == RequestPurpose.CORROBORATION:
        if request.status == RequestStatus.EXECUTED:
            world.case[request.case].evidence += 1
            add_proof(world, request.case, DataKind.SUBSCRIBER.value)
        not_obtained(world.evidence[request.evidence], request.ended)
    else:
        hop_request_ended(world, row)


@rule
def give_up(world: World, row: int) -> None:
    """Ends the requester's wait for an answer; the request itself stays open.

    Few requesters withdraw in writing, and nobody can recognise silence. An answer that comes later still counts.
    """
    request = world.request[row]
    if request.status != RequestStatus.OPEN or not math.isnan(request.given_up) or is_taken_up_late(world, row):
        return
    let_go(world, request)
    request.given_up = world.now[0]
    if request.abusive != Abuse.NONE:
        return
    learn_from_silence(world, request)
    learn(world, request, request.given_up, False)
    if not is_working(world, request.case):
        return
    if request.purpose == RequestPurpose.ACTION:
        ask_again_to_act(world, row)
    elif request.chain >= 0 and is_awaited(world.chain[request.chain], row):
        lose_hop(world, request.chain, False)


@rule
def is_awaited(chain: Record, request_row: int) -> bool:
    """True if an active chain of evidence waits for the answer to this request."""
    return chain.status == ChainStatus.LIVE and chain.request == request_row


@rule
def ask_again_to_act(world: World, row: int) -> None:
    """Lets a case ask a state for authority again once the file is stronger."""
    partner = world.partner[world.request[row].partner]
    if partner.request == row and partner.authorised == 0:
        partner.request = -1


@rule
def action_answered(world: World, row: int) -> None:
    """Applies a state's answer to a request for an action: the state authorises it, or may be asked again."""
    request = world.request[row]
    partner = world.partner[request.partner]
    if request.status != RequestStatus.EXECUTED:
        ask_again_to_act(world, row)
    elif partner.authorised == 0:
        partner.authorised = 1
        update_readiness(world, request.partner)


@rule
def hop_request_ended(world: World, row: int) -> None:
    """Applies the result of a chain's request; content data first go to the laboratory."""
    request, setting = world.request[row], world.setting[0]
    if request.status != RequestStatus.EXECUTED:
        if is_awaited(world.chain[request.chain], row):
            hop_failed(world, request.chain, row)
        return
    item = world.evidence[request.evidence]
    item.admissible = int(
        request.channel != Channel.PROVIDER_VOLUNTARY
        or chance(setting.seed, Purpose.ADMISSIBLE, request.key, 0, setting.voluntary_evidence)
    )
    if item.admissible == 1 and is_excluded(world, request):
        item.admissible = 0
        item.excluded = 1
    if item.admissible == 0:
        item.status = EvidenceStatus.INADMISSIBLE.value
    if request.data_kind == DataKind.CONTENT:
        go_to_laboratory(world, row)
    else:
        read_evidence(world, row)


@rule
def go_to_laboratory(world: World, row: int) -> None:
    """Sends content data to the requesting state's forensic laboratory (stage 12)."""
    request, setting = world.request[row], world.setting[0]
    request.stage = Stage.FORENSICS.value
    request.stage_since = world.now[0]
    desk_row = DeskKind.FORENSIC.value * len(world.state) + request.requesting
    key = file_key(request)
    hours = touch_hours(setting, key, setting.forensic_touch_hours)
    if world.evidence[request.evidence].decrypted == 1:
        hours *= setting.decryption_touch
    request.job = add_job(world, desk_row, row, key, request.urgent, hours)
    world.job[request.job].stage = request.stage
    submit(world, request.job, head_start_at(world, request, desk_row))


@rule
def read_evidence(world: World, row: int) -> None:
    """Adds examined evidence to its case and continues the chain."""
    request = world.request[row]
    if not is_working(world, request.case):
        return
    chain, case = world.chain[request.chain], world.case[request.case]
    trail = world.chain[chain.head]
    admissible = world.evidence[request.evidence].admissible
    case.evidence += admissible
    world.unit[UnitKind.INVESTIGATION.value * len(world.state) + request.requesting].files += 1
    if admissible == 1:
        trail.gaps &= ~(1 << request.hop)  # evidence in due form replaces what police said of this hop
    elif is_awaited(chain, row):
        trail.gaps |= 1 << request.hop
    if chain.status == ChainStatus.LIVE and chain.request == row:
        hop_answered(world, request.chain)


@rule
def job_served(world: World, row: int) -> None:
    """Ends a person's work on a file, and with it the request's stage, unless its turn came later than foreseen."""
    if not is_done(world, row):
        return
    request_row = finish(world, row)
    if world.job[row].referral >= 0:
        referral_worked(world, world.job[row].referral)
    if request_row < 0:
        return
    request = world.request[request_row]
    if request.stage == Stage.FORENSICS:
        days = world.now[0] - request.stage_since
        request.stage_days[Stage.FORENSICS.value - 1] += days
        request.desk_days[Stage.FORENSICS.value - 1] += days
        read_evidence(world, request_row)
    elif request.status == RequestStatus.OPEN and request.job == row:
        complete_stage(world, request_row)
        learn_end(world, request_row)


@rule
def stage_over(world: World, row: int, stage: int) -> None:
    """Ends a stage in which a request was at no desk; the requester learns the result if the request ends too."""
    if world.request[row].status == RequestStatus.OPEN:
        stage_elapsed(world, row, stage)
        learn_end(world, row)


@rule
def file_inspected(world: World, row: int) -> None:
    """Checks a waiting file; the requester learns the result if the request ends."""
    file_in_line(world, row)
    learn_end(world, world.job[row].request)


@rule
def learn_end(world: World, row: int) -> None:
    """Informs a requester of the result of a request that has just ended."""
    if row >= 0 and world.request[row].status != RequestStatus.OPEN and world.request[row].ended == world.now[0]:
        request_ended(world, row)


@rule
def police_answered(world: World, row: int, stamp: int) -> None:
    """Delivers police information, with which a chain may continue before the formal answer."""
    request = world.request[row]
    if request.abusive != Abuse.NONE:
        abuse_answered_by_police(world, row)
        return
    let_go(world, request)
    if not is_working(world, request.case):
        request.status = RequestStatus.WITHDRAWN.value
        request.ended = world.now[0]
        return
    goes_on = lead_answered(world, row, stamp)
    learn_from_answer(world, request)
    chain = world.chain[request.chain]
    if goes_on:
        if in_team(world, request.case, request.requested):
            world.chain[chain.head].gaps &= ~(1 << request.hop)
        else:
            request.unconverted = 1
            world.chain[chain.head].gaps |= 1 << request.hop
        hop_answered(world, request.chain)
        return
    if leads_further(request, chain, stamp):
        if chain.target == ChainTarget.PERSON:
            identify_member(world, lead_of(world, chain.case), 0.0)
        elif chain.node >= 0:
            reveal_node(world, chain.case, chain.node, NodeDiscovery.POLICE)
    if chain.status == ChainStatus.LIVE and chain.attempt == stamp and chain.request < 0:
        ask_formally(world, request.chain)
