"""The passage of a request from stage to stage, with a decision at the end of each stage (M6).

The decisions at the end of a stage belong to the authority, the court and the provider; this file moves the request
on. A stage is either waiting on others (an elapsed time), or a file at a desk, or one after the other.
"""

import math

from sim.agents.assistance.authority import (
    answer_median,
    comes_in_wrong_format,
    deficiency_probability,
    drafting_median,
    elapsed,
    goes_to_ministry,
    is_instant,
    is_silent,
    legal_ground,
    passes,
    political_silence,
    refusal_ground,
    silence_habit,
    silence_probability,
    transmission_median,
    would_answer,
)
from sim.agents.assistance.court import appeal_follows, applies_law, court_differs, is_enough
from sim.agents.assistance.desk import is_waiting, leave_line, look
from sim.agents.assistance.drafting import drafting_skill, next_stage, route, route_of
from sim.agents.assistance.exposure import inform_by_request
from sim.agents.assistance.liaison_bodies import ask_to_facilitate
from sim.agents.assistance.offence import is_offence_there, is_tested
from sim.agents.assistance.patience import renege_before
from sim.agents.assistance.postings import (
    count_traffic,
    eased,
    has_officer,
    is_chased,
    is_return_saved,
    let_go,
    seek_officer,
    would_end_by_call,
)
from sim.agents.assistance.provider import accounts_disclosed, produces, production_time, settle_evidence
from sim.agents.assistance.request_at_desk import count_work, desk_of, reach_desk
from sim.agents.assistance.trust import complete_by_phone, is_phoned, trust_in
from sim.agents.assistance.vetting import is_deceived, is_recognised, is_remedied, is_still_held, provider_objects
from sim.agents.events import Event, Ladder, Purpose, row_ladder, schedule
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, derive, lognormal, uniform
from sim.law.vocabulary import Channel, Ground
from sim.world.records import Abuse, DeskKind, RequestStatus, Stage
from sim.world.world import World

#: Stages in which the requested state starts a request, or never, as a bit mask.
_STARTS = route(*(stage for stage in Stage if stage.row.starts))


@rule
def wait_about(world: World, request: Record, stage: int, median: float) -> float:
    """Random days in a stage, around a median; less with the help of officers or Eurojust (M6)."""
    return elapsed(world.setting[0], request, stage, median) * eased(world, request, stage)


@rule
def drafting_wait(world: World, request: Record, stage: int) -> float:
    """Days in which investigators draft a request."""
    home = world.state[request.requesting]
    return wait_about(world, request, stage, drafting_median(world.setting[0], request, home))


@rule
def transmission_wait(world: World, request: Record, stage: int) -> float:
    """Days in which a request travels to the requested state."""
    return wait_about(world, request, stage, transmission_median(world.setting[0], world.electronic, request))


@rule
def supplement_wait(world: World, request: Record, stage: int) -> float:
    """Days in which investigators complete a returned file."""
    median = world.setting[0].supplement_days / max(world.state[request.requesting].work_rate, 0.1)
    return wait_about(world, request, stage, median)


@rule
def ministry_wait(world: World, request: Record, stage: int) -> float:
    """Days at the requested state's ministry; 0 if the ministry need not see the request."""
    affinity = world.affinity[request.requesting, request.requested]
    seen = goes_to_ministry(affinity, concerns_nationals(world, request))
    return wait_about(world, request, stage, world.setting[0].ministry_days if seen else 0.0)


@rule
def production_wait(world: World, request: Record) -> float:
    """Days until the provider produces data."""
    return production_time(world, request, world.now[0])


@rule
def appeal_wait(world: World, request: Record, stage: int) -> float:
    """Days until an appeal is decided."""
    setting = world.setting[0]
    median, sigma = setting.appeal_days, setting.appeal_sigma
    return lognormal(setting.seed, Purpose.STAGE_TIME, request.key, stage * 16, median, sigma)


@rule
def answer_wait(world: World, request: Record, stage: int) -> float:
    """Days until the requester has the answer in a usable form."""
    setting = world.setting[0]
    shared = world.state[request.requesting].structured * world.state[request.requested].structured
    days = elapsed(setting, request, stage, answer_median(setting, request.channel))
    if comes_in_wrong_format(setting, world.electronic, request, shared):
        request.reformatted = 1
        days += setting.format_loop_days
    return days


#: Random number of days that a request spends outside any desk in a stage (M6).
waits_for_others = row_ladder(
    "waits_for_others", Ladder.STAGE, "waits", globals(), "return 0.0", "world, request, stage"
)


@rule
def may_be_unanswered_in(stage: int) -> bool:
    """True for a stage in which requests that are never answered stay."""
    return (_STARTS >> stage) & 1 == 1


@rule
def begin_stage(world: World, row: int, stage: int) -> None:
    """Begins a stage of a request: the time outside desks first, then the stage's desk."""
    request, now = world.request[row], world.now[0]
    request.stage = stage
    request.stage_since = now
    stage_begins(world, row, stage)
    if request.silent == 1 and may_be_unanswered_in(stage):
        renege_before(world, row, math.inf)
        return  # nobody ever takes it up
    wait = 1.0 if is_instant(world, request, stage) else waits_for_others(world, request, stage)
    if wait == 0.0 and desk_of(world, request) >= 0:
        reach_desk(world, row)
        return
    if stage == Stage.TRANSMISSION and goes_to_provider(request):
        wait += days_at_provider(world, request, wait)
    schedule(world, now + wait, Event.STAGE_ELAPSED, request.key, row, request.stage)
    renege_before(world, row, now + wait)


@rule
def goes_to_provider(request: Record) -> bool:
    """True if a request goes from its sender straight to a provider."""
    return next_stage(request.route, Stage.TRANSMISSION.value) == Stage.PRODUCTION


@rule
def days_at_provider(world: World, request: Record, transit: float) -> float:
    """Moves a request to production, which begins after `transit` days; returns the days that it takes there.

    Nobody decides anything when it arrives: one event ends both stages.
    """
    request.stage = Stage.PRODUCTION.value
    request.stage_since = world.now[0] + transit
    if is_instant(world, request, request.stage):
        return 1.0
    return production_time(world, request, request.stage_since)


@rule
def leave_country(world: World, row: int) -> None:
    """Sends a request abroad, and draws if the requested state will ever answer it."""
    request, setting = world.request[row], world.setting[0]
    now = world.now[0]
    request.sent = now
    inform_by_request(world, request)
    ask_to_facilitate(world, row)
    count_traffic(world, request)
    seek_officer(world, row)
    if request.channel != Channel.DOMESTIC and route_of(request.channel, request.purpose) & (1 << Stage.REVIEW.value):
        silent = is_met_with_silence(world, request) and not is_chased(setting, world.posting, request)
        request.silent = int(silent) * (2 if is_owed_an_answer(world, request) else 1)


@rule
def is_taken_up_late(world: World, row: int) -> bool:
    """Starts work on an ignored request if an officer's call succeeds as its sender loses patience; true if so."""
    request, setting = world.request[row], world.setting[0]
    stage, now = request.stage, world.now[0]
    if request.silent != 1 or not may_be_unanswered_in(stage):
        return False
    if not would_end_by_call(setting, request):
        return False  # a call in vain takes no place at an officer's
    seek_officer(world, row)
    if not has_officer(world.posting, request):
        return False
    request.silent = 0
    request.stage_days[stage - 1] += now - request.stage_since
    request.called = now
    begin_stage(world, row, stage)
    return True


@rule
def is_met_with_silence(world: World, request: Record) -> bool:
    """True if the requested state will never start work on a request unless somebody calls."""
    setting, i, j = world.setting[0], request.requesting, request.requested
    nationals, habit = concerns_nationals(world, request), silence_habit(setting, i, j)
    probability = silence_probability(setting, world.affinity[i, j], nationals, world.implementation[j], habit)
    case_key = derive(world.case[request.case].key, j) if request.case >= 0 else request.key
    return is_silent(setting, request.key, case_key, probability)


@rule
def is_owed_an_answer(world: World, request: Record) -> bool:
    """True if a duty to respond makes a state handle a request (M3)."""
    share = world.state[request.requested].owes_answers
    return share > 0.0 and chance(world.setting[0].seed, Purpose.DUTY_TO_ANSWER, request.key, 0, share)


@rule
def is_refused_openly(world: World, request: Record) -> bool:
    """True if a state with a duty to respond refuses a request that it would otherwise ignore."""
    if request.silent != 2 or not may_be_unanswered_in(request.stage):
        return False
    setting, i, j = world.setting[0], request.requesting, request.requested
    political = political_silence(setting, world.affinity[i, j], concerns_nationals(world, request))
    silent = 1.0 - would_answer(setting, political, world.implementation[j])
    u = uniform(setting.seed, Purpose.DUTY_TO_ANSWER, request.key, 1)
    return u * silent < political * setting.foreign_refusal


@rule
def concerns_nationals(world: World, request: Record) -> bool:
    """True if the requested state is the group's home, of which its core members are nationals."""
    return request.group >= 0 and world.group[request.group].home == request.requested


@rule
def advance(world: World, row: int) -> None:
    """Moves a request to its next stage, or executes it after the last one."""
    request = world.request[row]
    stage = next_stage(request.route, request.stage)
    if stage == 0:
        end(world, row, RequestStatus.EXECUTED.value, Ground.NONE.value)
    else:
        begin_stage(world, row, stage)


@rule
def end(world: World, row: int, status: int, ground: int) -> None:
    """Ends a request with its final status, and removes its file from any queue.

    The caller sees to it that the requester learns of it (`request_ended`).
    """
    request = world.request[row]
    now = world.now[0]
    request.status = status
    request.ground = ground
    request.ended = now
    let_go(world, request)
    if request.job >= 0 and world.job[request.job].request == row:
        leave_line(world, request.job)


@rule
def count_days(world: World, request: Record) -> None:
    """Adds the days of the ending stage to the request's days in that stage and at its desk."""
    now, stage = world.now[0], request.stage
    request.stage_days[stage - 1] += now - request.stage_since
    if stage == Stage.PRODUCTION and goes_to_provider(request):
        request.stage_days[Stage.TRANSMISSION.value - 1] += request.stage_since - request.sent
    if request.job >= 0 and world.job[request.job].ended == now:
        request.desk_days[stage - 1] += now - world.job[request.job].arrived


@rule
def complete_stage(world: World, row: int) -> None:
    """Ends a stage of a request with a decision by the desk, court or provider in charge."""
    request = world.request[row]
    count_days(world, request)
    if not is_turned_away(world, row):
        stage_ends(world, row, request.stage)


@rule
def go_back(world: World, row: int) -> None:
    """Returns a completed request to the stage from which it was sent back."""
    begin_stage(world, row, world.request[row].resume)


@rule
def outgoing_check(world: World, row: int) -> None:
    """Checks a request at the sender's central authority, which stops it if the matter is trivial."""
    request, setting = world.request[row], world.setting[0]
    if chance(setting.seed, Purpose.REFUSAL_MINIMIS, request.key, 1, setting.refusal_de_minimis):
        end(world, row, RequestStatus.NOT_SENT.value, Ground.DE_MINIMIS.value)
    else:
        advance(world, row)


@rule
def send_back(world: World, row: int, resume: int) -> None:
    """Returns an incomplete request to its sender, who completes, redrafts or withdraws it."""
    request, setting = world.request[row], world.setting[0]
    request.loops += 1
    if chance(setting.seed, Purpose.LOOP_WITHDRAWAL, request.key, request.loops, setting.loop_withdrawal):
        end(world, row, RequestStatus.WITHDRAWN.value, Ground.NONE.value)
        return
    request.resume = resume
    begin_stage(world, row, Stage.DRAFTING.value if resume == Stage.DRAFTING else Stage.DEFICIENCY_RETURN.value)


@rule
def is_read_at(request: Record, stage: int) -> bool:
    """True if the proof in a request is assessed at the end of this stage (M2).

    That is as it comes in, at the latest in review; where no authority reviews it, at home or in a joint team, the
    gatekeeper of those who draft it reads it first.
    """
    if not passes(request, Stage.COURT_ORDER):
        return False
    if passes(request, Stage.INCOMING_TRIAGE):
        return stage == Stage.INCOMING_TRIAGE
    return stage == (Stage.REVIEW if passes(request, Stage.REVIEW) else Stage.DRAFTING)


@rule
def is_returned_at_home(setting: Record, request: Record) -> bool:
    """True if the requester's own authority returns a draft for a formal defect (M7)."""
    return request.loops == 0 and chance(setting.seed, Purpose.OWN_RETURN, request.key, 0, setting.own_returns)


@rule
def is_turned_away(world: World, row: int) -> bool:
    """Refuses or returns a request with weak proof, or one handled only by duty; returns true in these cases."""
    request = world.request[row]
    if is_refused_openly(world, request):
        end(world, row, RequestStatus.REFUSED.value, Ground.POLITICAL_OR_ESSENTIAL_INTERESTS.value)
        return True
    return is_read_at(request, request.stage) and falls_short(world, row)


@rule
def falls_short(world: World, row: int) -> bool:
    """Sends back or ends a request that is too weak in proof or, at home, in form or in law; returns true if so.

    What those who draft it lay aside has reached no court: it stays with the unit.
    """
    request, setting = world.request[row], world.setting[0]
    at_home = request.channel == Channel.DOMESTIC
    status = RequestStatus.NOT_SENT.value if request.stage == Stage.DRAFTING else RequestStatus.REFUSED.value
    if at_home and not applies_law(world, request):
        end(world, row, status, Ground.LAW_NOT_APPLIED.value)
    elif is_enough(world, request) and not (at_home and is_returned_at_home(setting, request)):
        return False
    elif request.loops < setting.questions:
        send_back(world, row, request.stage)
    else:
        end(world, row, status, Ground.STANDARD_OF_PROOF.value)
    return True


@rule
def has_lead(world: World, request: Record) -> bool:
    """True if police information on the same evidence item makes a narrower request possible (M8)."""
    return request.chain >= 0 and world.chain[request.chain].lead == 1


@rule
def triage(world: World, row: int) -> None:
    """Checks a request at the incoming authority, which returns an incomplete request (M7)."""
    request, setting = world.request[row], world.setting[0]
    i, j = request.requesting, request.requested
    quality = world.case[request.case].quality if request.case >= 0 else 0.0
    skill, structured = drafting_skill(world, request), world.state[i].structured * world.state[j].structured
    request.trust = trust_in(world, j, i)
    lacking = deficiency_probability(
        setting, request, skill, world.template[i], quality, has_lead(world, request), structured
    )
    deficient = chance(setting.seed, Purpose.DEFICIENT, request.key, request.loops, lacking)
    if not deficient or is_return_saved(setting, world.posting, request):
        advance(world, row)
    elif is_phoned(setting, request):
        complete_by_phone(world, row, next_stage(request.route, request.stage))
    else:
        send_back(world, row, Stage.INCOMING_TRIAGE)


@rule
def assessor_skill(world: World, request: Record) -> float:
    """Skill of the people in the requested state who assess incoming requests."""
    return world.desk[DeskKind.INCOMING.value * len(world.state) + request.requested].skill


@rule
def ground_in_law(world: World, request: Record) -> int:
    """Legal ground on which the requested state refuses a request today, or Ground.NONE (M1, M2).

    Read at review and again at the court: a request that is pending when the law changes is judged by the new law.
    """
    i, j = request.requesting, request.requested
    alleged = is_offence_there(world, request)
    request.dual_criminality = int(alleged and request.abusive == Abuse.NONE)
    tested = is_tested(world, world.terms[request.instrument], i, request.data_kind, request.deed)
    power, conflict, skill = world.power[j, request.data_kind], world.conflict[i, j], assessor_skill(world, request)
    return legal_ground(world.setting[0], request, tested, alleged, power, conflict, skill)


@rule
def review(world: World, row: int) -> None:
    """Reviews a request in law and politics, and refuses it or passes it on to court (M1, M3)."""
    request, setting = world.request[row], world.setting[0]
    legal, nationals = ground_in_law(world, request), concerns_nationals(world, request)
    affinity = world.affinity[request.requesting, request.requested]
    ground, skill = refusal_ground(setting, request, legal, affinity, nationals), assessor_skill(world, request)
    if ground == Ground.NONE and request.abusive != Abuse.NONE and is_recognised(setting, request, skill):
        ground = Ground.POLITICAL_OR_ESSENTIAL_INTERESTS.value
    if ground != Ground.NONE:
        end(world, row, RequestStatus.REFUSED.value, ground)
    else:
        advance(world, row)


@rule
def appeal_decided(world: World, row: int) -> None:
    """Decides an appeal: the request is refused or, after the delay, continues."""
    request = world.request[row]
    if is_remedied(world.setting[0], request):
        end(world, row, RequestStatus.REFUSED.value, Ground.POLITICAL_OR_ESSENTIAL_INTERESTS.value)
    else:
        request.stage = Stage.COURT_ORDER
        advance(world, row)


@rule
def court_decides(world: World, row: int) -> None:
    """Decides a request in court, which may refuse it in law or, rarely, for lack of proof (M1, M2)."""
    request, setting = world.request[row], world.setting[0]
    ground = Ground.NONE.value
    if request.channel != Channel.DOMESTIC and request.channel != Channel.JOINT_TEAM:
        ground = ground_in_law(world, request)  # at home and in a joint team a state acts in proceedings of its own
    if ground != Ground.NONE:
        end(world, row, RequestStatus.REFUSED.value, ground)
    elif not applies_law(world, request):
        end(world, row, RequestStatus.REFUSED.value, Ground.LAW_NOT_APPLIED.value)
    elif court_differs(setting, request):
        end(world, row, RequestStatus.REFUSED.value, Ground.STANDARD_OF_PROOF.value)
    elif appeal_follows(setting, request):
        begin_stage(world, row, Stage.APPEAL.value)
    else:
        advance(world, row)


@rule
def is_willing(world: World, request: Record) -> bool:
    """True if a provider agrees to produce the requested data."""
    setting = world.setting[0]
    if request.abusive == Abuse.FALSE_EMERGENCY:
        return is_deceived(setting, request)
    if request.abusive != Abuse.NONE and provider_objects(setting, request):
        return False
    return produces(world, request)


@rule
def finds_data(world: World, request: Record) -> bool:
    """Settles a request's evidence item; returns true if readable data are there, or if the request needs none."""
    setting, now = world.setting[0], world.now[0]
    if request.evidence >= 0:
        item, means = world.evidence[request.evidence], world.state[request.requesting].decryption
        return settle_evidence(setting, item, now, means)
    if request.abusive == Abuse.OPEN or request.abusive == Abuse.DISGUISED:
        return is_still_held(setting, request, world.provider[request.provider], now)
    return True


@rule
def provider_decides(world: World, row: int) -> None:
    """Lets a provider refuse a request or produce the data, if it still has them (M9, M10)."""
    request, setting = world.request[row], world.setting[0]
    count_work(world, row)
    if not is_willing(world, request):
        end(world, row, RequestStatus.REFUSED.value, Ground.PROVIDER_POLICY.value)
    elif not finds_data(world, request):
        end(world, row, RequestStatus.NO_DATA.value, Ground.NONE.value)
    else:
        skill, template = world.state[request.requesting].skill, world.template[request.requesting]
        request.accounts = accounts_disclosed(setting, request, skill, template, has_lead(world, request))
        advance(world, row)


@rule
def stage_elapsed(world: World, row: int, stage: int) -> None:
    """Ends a stage's time outside desks; the request goes to the stage's desk or completes the stage."""
    request = world.request[row]
    if request.status != RequestStatus.OPEN or request.stage != stage:
        return
    if desk_of(world, request) >= 0 and not is_instant(world, request, stage):
        reach_desk(world, row)
    else:
        complete_stage(world, row)


@rule
def file_in_line(world: World, row: int) -> None:
    """Checks a waiting file: starts it, or returns it if the desk would miss a deadline."""
    job = world.job[row]
    if is_waiting(world, job) and world.now[0] >= job.returned_on:
        leave_line(world, row)
        if job.request >= 0:
            count_days(world, world.request[job.request])
            send_back(world, job.request, world.request[job.request].stage)
        return
    look(world, row)


@rule
def start_request(world: World, row: int) -> None:
    """Begins a request's first stage, drafting."""
    begin_stage(world, row, next_stage(world.request[row].route, 0))


#: What happens as a request enters a stage, and the decision at its end.
stage_begins = row_ladder("stage_begins", Ladder.STAGE, "begins", globals(), "pass", "world, row, stage")
stage_ends = row_ladder("stage_ends", Ladder.STAGE, "ends", globals(), "pass", "world, row, stage", needed=True)
