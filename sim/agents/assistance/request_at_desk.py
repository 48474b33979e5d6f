"""The file of a request at a desk: desk, hours of work, and priority in the queue (M6)."""

import math

from sim.agents.assistance.answering import is_shut
from sim.agents.assistance.authority import passes
from sim.agents.assistance.desk import (
    add_job,
    deadline_head_start,
    file_key,
    is_returned_for_form,
    meet_deadline,
    return_on_turn,
    submit,
    touch_hours,
)
from sim.agents.assistance.drafting import route
from sim.agents.assistance.line import urgent_credit
from sim.agents.assistance.postings import officer_credit
from sim.agents.assistance.trust import head_start
from sim.agents.events import Ladder, row_ladder
from sim.engine.compiling import Record, rule
from sim.world.records import Abuse, Body, DeskKind, JobStatus, Stage
from sim.world.records.desks import by_kind
from sim.world.world import World

#: Stages from which a deadline is counted, as a bit mask.
_DEADLINES = route(*(stage for stage in Stage if stage.row.deadline))
#: True for kinds of desk to which a state's own deadline applies.
_OWN_DEADLINE = by_kind("own_deadline")


@rule
def is_on_the_phone(request: Record) -> bool:
    """True if a deficient request is being completed by phone before its review."""
    return request.phoned == 1 and request.resume == Stage.REVIEW


@rule
def desk_of(world: World, request: Record) -> int:
    """Row of the desk that handles a request in its present stage; −1 if none does.

    The outgoing authority checks, translates, and sends on what was lacking. The incoming authority sees a file up to
    three times: to find it complete, to review it, and to sift the answer. Where a request goes from judge to judge,
    the court reviews it. A provider has no line (M9).
    """
    return stage_desk(world, request, request.stage)


@rule
def at_outgoing(world: World, request: Record) -> int:
    """Row of the requesting central authority's desk for outgoing requests."""
    return DeskKind.OUTGOING * len(world.state) + request.requesting


@rule
def at_sender(world: World, request: Record) -> int:
    """Row of the outgoing desk that checks a request; −1 if no check is due."""
    return at_outgoing(world, request) if passes(request, Stage.OUTGOING_CHECK) and not is_on_the_phone(request) else -1


@rule
def at_incoming(world: World, request: Record) -> int:
    """Row of the requested central authority's desk for incoming requests."""
    return DeskKind.INCOMING * len(world.state) + request.requested


@rule
def at_filter(world: World, request: Record) -> int:
    """Row of the incoming desk that filters the answer; −1 if the request never passed such a desk."""
    return at_incoming(world, request) if passes(request, Stage.INCOMING_TRIAGE) else -1


@rule
def at_court(world: World, request: Record) -> int:
    """Row of the courts' desk in the requested state."""
    return DeskKind.COURT * len(world.state) + request.requested


@rule
def at_reviewer(world: World, request: Record) -> int:
    """Row of the desk that reviews a request: the incoming authority's or, without one, the court's."""
    return at_incoming(world, request) if passes(request, Stage.INCOMING_TRIAGE) else at_court(world, request)


@rule
def at_laboratory(world: World, request: Record) -> int:
    """Row of the desk of the requesting state's forensic laboratory."""
    return DeskKind.FORENSIC * len(world.state) + request.requesting


stage_desk = row_ladder("stage_desk", Ladder.STAGE, "desk", globals(), "return -1", "world, request, stage")


@rule
def screened(setting: Record, hours: float, effort: float) -> float:
    """Hours of work on a file, given the effort of checks for abuse relative to today."""
    return hours * (1.0 + setting.screening_work * (effort - 1.0))


@rule
def mean_touch(world: World, request: Record) -> float:
    """Mean working hours that a request's present stage needs at its desk."""
    return stage_hours(world, request, request.stage)


@rule
def checking_hours(world: World, request: Record) -> float:
    """Mean working hours to check a draft, plus translation if the two states share no language."""
    setting, foreign = world.setting[0], world.shared_language[request.requesting, request.requested] == 0
    return setting.outgoing_touch_hours + (setting.translation_hours if foreign else 0.0)


@rule
def translation_hours(world: World) -> float:
    """Mean working hours to translate a request."""
    return max(world.setting[0].translation_hours, 0.01)


@rule
def triage_hours(world: World) -> float:
    """Mean working hours to check if an incoming request is complete."""
    setting = world.setting[0]
    return screened(setting, setting.incoming_touch_hours, setting.authority_screening)


@rule
def provider_hours(world: World, request: Record) -> float:
    """Mean working hours of a provider on a request, which differ for a claimed emergency."""
    setting = world.setting[0]
    if request.abusive == Abuse.FALSE_EMERGENCY:
        return setting.emergency_touch_hours * setting.provider_screening
    return screened(setting, setting.provider_touch_hours, setting.provider_screening)


stage_hours = row_ladder(
    "stage_hours", Ladder.STAGE, "hours", globals(), "return 0.0", "world, request, stage", needed=True
)


@rule
def since_incoming(world: World, request: Record) -> float:
    """Days since a request first reached the incoming authority's desk."""
    if math.isnan(request.queue_since):
        request.queue_since = world.now[0]
    return world.now[0] - request.queue_since


@rule
def since_court(world: World, request: Record) -> float:
    """Days since a request first reached the court's desk."""
    if math.isnan(request.court_since):
        request.court_since = world.now[0]
    return world.now[0] - request.court_since


@rule
def since_drafted(world: World, request: Record) -> float:
    """Days since the drafting of a request that was returned; 0 if it was never returned."""
    return world.now[0] - request.drafted if request.loops > 0 else 0.0


#: Days since a request first reached this kind of desk; a returned file keeps its place in the queue.
place_kept = row_ladder(
    "place_kept", Ladder.DESK_KIND, "place", globals(), "return 0.0", "world, request", "world, request, desk_kind"
)


@rule
def has_own_deadline(world: World, request: Record, kind: int) -> bool:
    """True if a request falls under a deadline that the requested state set for its own desks."""
    return _OWN_DEADLINE[kind] and request.urgent == 1 and not math.isnan(world.deadline_days[request.requested])


@rule
def is_bound(world: World, request: Record, kind: int) -> bool:
    """True if a request has a deadline at this kind of desk, and its breach has a cost."""
    if has_own_deadline(world, request, kind):
        return world.deadline_enforceable[request.requested] == 1
    return request.enforceable == 1 and not math.isnan(request.deadline_days)


@rule
def allowed_days(world: World, request: Record, kind: int) -> float:
    """Days that a desk may take for a request: by the requested state's own deadline, or the instrument's."""
    if has_own_deadline(world, request, kind):
        return world.deadline_days[request.requested]
    return request.deadline_days


@rule
def by_place(days: float) -> float:
    """Priority credit in days at a desk where only a file's earlier place in the queue counts."""
    return days


@rule
def urgent_alone(days: float, world: World, request: Record, desk_row: int) -> float:
    """Priority credit in days at a desk where a file's earlier place and its urgency count."""
    return days + (urgent_credit(world.setting[0], world.desk[desk_row]) if request.urgent == 1 else 0.0)


@rule
def dated_credit(days: float, world: World, request: Record, desk_row: int) -> float:
    """Priority credit in days at a desk where earlier place, deadline and urgency count."""
    setting, kind = world.setting[0], world.desk[desk_row].kind
    kept = has_own_deadline(world, request, kind) or is_bound(world, request, kind)  # its own rule needs no force
    days += deadline_head_start(setting, kept, allowed_days(world, request, kind))
    return urgent_alone(days, world, request, desk_row)


@rule
def eurojust_credit(setting: Record, request: Record, desk: Record) -> float:
    """Priority credit in days that Eurojust's help gives a request."""
    return setting.eurojust_speed * desk.last_wait if (request.helped >> Body.EUROJUST) & 1 else 0.0


@rule
def incoming_credit(days: float, world: World, request: Record, desk_row: int) -> float:
    """Priority credit in days at an incoming authority, raised by trust, officers and Eurojust."""
    setting, desk = world.setting[0], world.desk[desk_row]
    days = dated_credit(days, world, request, desk_row)
    days += head_start(world, request.requested, request.requesting)
    days += officer_credit(setting, world.posting, request, desk, 1.0)
    return days + eurojust_credit(setting, request, desk)


@rule
def court_credit(days: float, world: World, request: Record, desk_row: int) -> float:
    """Priority credit in days at a court, raised by officers, Eurojust and a priority for foreign requests."""
    setting, desk = world.setting[0], world.desk[desk_row]
    days = dated_credit(days, world, request, desk_row)
    days += officer_credit(setting, world.posting, request, desk, setting.officer_at_court)
    days += world.state[request.requested].court_priority
    return days + eurojust_credit(setting, request, desk)


desk_credit = row_ladder(
    "desk_credit",
    Ladder.DESK_KIND,
    "credit",
    globals(),
    "return days",
    "days, world, request, desk_row",
    "days, world, request, desk_row, desk_kind",
    needed=True,
)


@rule
def head_start_at(world: World, request: Record, desk_row: int) -> float:
    """Priority credit in days of a request's file, compared with other files that arrive today."""
    kind = world.desk[desk_row].kind
    return desk_credit(place_kept(world, request, kind), world, request, desk_row, kind)


@rule
def count_work(world: World, row: int) -> None:
    """Records a provider's work on a request that it is open to, as one file that is started and finished at once."""
    request, setting = world.request[row], world.setting[0]
    if is_shut(world, request):
        return
    key = file_key(request)
    hours = touch_hours(setting, key, mean_touch(world, request))
    job = world.job[add_job(world, world.provider[request.provider].desk, row, key, request.urgent, hours)]
    job.stage, job.status = request.stage, JobStatus.SERVED
    job.arrived = job.started = request.stage_since
    job.ended = world.now[0]


@rule
def reach_desk(world: World, row: int) -> None:
    """Adds a request's file to the desk of the present stage."""
    request, setting = world.request[row], world.setting[0]
    desk_row = desk_of(world, request)
    desk, now = world.desk[desk_row], world.now[0]
    first = (_DEADLINES >> request.stage) & 1 == 1
    key = file_key(request)
    hours = touch_hours(setting, key, mean_touch(world, request))
    start = head_start_at(world, request, desk_row)
    request.job = add_job(world, desk_row, row, key, request.urgent, hours)
    world.job[request.job].stage = request.stage
    wait = submit(world, request.job, start)
    bound = is_bound(world, request, desk.kind)
    if not first:
        return
    allowed = allowed_days(world, request, desk.kind)
    if request.abusive == Abuse.NONE and request.loops == 0 and desk.own_deadline == 0:
        meet_deadline(desk, bound, allowed, deadline_head_start(setting, bound, allowed))
    if bound and wait > allowed and is_returned_for_form(setting, request, wait, allowed):
        world.job[request.job].returned_on = now + allowed
        return_on_turn(world, request.job)
