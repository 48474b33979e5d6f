"""Tests of a request's course: waits, and decisions of lawyers, courts and custodians (M1, M2, M6, M7, M9)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import request as rules
from sim.agents.assistance.authority import silence_habit, silence_probability
from sim.agents.assistance.drafting import ROUTES
from sim.agents.assistance.patience import renege_before, reneges_on
from sim.agents.assistance.provider import production_time
from sim.agents.assistance.trust import complete_by_phone
from sim.agents.events import Event, Purpose
from sim.engine.random import derive, exponential, lognormal
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import NONE, Abuse, DeskKind, Growing, JobStatus, RequestPurpose, RequestStatus, Stage
from sim.world.world import World
from tests.agents.plain import chances, got, posted, put, small, table
from tests.agents.scene import AWAY, HOME, MONTH, NOW, OPEN, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

ASKS, ASKED, KEY = AWAY, THIRD, 5
EVERY_STAGE = sum(1 << stage for stage in Stage if stage != Stage.DEFICIENCY_RETURN)
PENDING, EXECUTED, REFUSED = RequestStatus.OPEN, RequestStatus.EXECUTED, RequestStatus.REFUSED
WITHDRAWN, NOT_SENT, NO_DATA = RequestStatus.WITHDRAWN, RequestStatus.NOT_SENT, RequestStatus.NO_DATA
MLAT, DOMESTIC, TEAM = Channel.MLAT, Channel.DOMESTIC, Channel.JOINT_TEAM
POLITICAL, NO_POWER, PROOF = Ground.POLITICAL_OR_ESSENTIAL_INTERESTS, Ground.NO_POWER, Ground.STANDARD_OF_PROOF
TRIAGE, RETURNED, REVIEW, COURT = Stage.INCOMING_TRIAGE, Stage.DEFICIENCY_RETURN, Stage.REVIEW, Stage.COURT_ORDER
#: Nobody refuses, appeals, withdraws, stays silent or takes time without a reason.
CALM = {"foreign_refusal": 0.0, "with_silence": 0.0, "appeal_probability": 0.0, "loop_withdrawal": 0.0, "phone": 0.0}
CALM |= {"court_refuses": 0.0, "own_returns": 0.0, "refusal_de_minimis": 0.0, "recognised_open": 0.0}
CALM |= {"deficiency": 0.0, "with_liaison_desks": 0.0, "with_leaks": 0.0, "elapsed_sigma": 0.0, "appeal_sigma": 0.0}
CALM |= {"with_queues": 1.0, "remedy": 0.0, "encrypted": 0.0, "bystanders_sigma": 0.0, "with_trust": 0.0}


#: Abuse is seen through, and nothing else is a matter of politics.
POLITICS = {"foreign_refusal": 1.0, "recognised_open": 1.0, "authority_screening": 99.0, "refusal_de_minimis": 0.0}
POLITICS |= {"refusal_ne_bis_in_idem": 0.0}
TRIFLES = {"refusal_de_minimis": 1.0, "foreign_refusal": 1.0}
AGAIN = {"answer_days": 29.0, "format_loop_probability": 1.0, "format_loop_days": 31.0}
AT_DESK, ON_ITS_WAY, NOWHERE = "at a desk", "on its way", "nowhere"


def asked(settings: dict[str, float] | None = None, **fields: Any) -> World:
    """Makes a world whose first request goes from AWAY to THIRD by a treaty, and is never refused."""
    world = small(8, CALM | (settings or {}))
    usual = {"requesting": ASKS, "requested": ASKED, "channel": MLAT, "chain": NONE, "job": NONE, "evidence": NONE}
    usual |= {
        "key": KEY,
        "route": EVERY_STAGE,
        "deadline_days": np.nan,
        "ended": np.nan,
        "given_up": np.nan,
        "called": np.nan,
    }
    usual |= {"queue_since": np.nan, "court_since": np.nan, "instrument": OPEN, "provider": 1, "stage_since": NOW}
    put(world, "request", **usual | fields)
    put(world, "group", home=HOME)
    world.used[Growing.REQUEST] = 1
    world.power[:], world.conflict[:], world.electronic[:] = 1, 0, 0
    world.proof[:], world.implementation[:] = -9.0, 1.0
    world.state["structured"], world.state["work_rate"], world.state["slots"] = 0.0, 1.0, 99.0
    world.provider["bulletproof"] = 0.0
    return world


def found(world: World) -> tuple[float, ...]:
    """Status, ground of refusal and stage of the request."""
    return got(world, "request", 0, "status ground stage")


@table(
    drafting=(Stage.DRAFTING, {"drafting_days": 11.0}, 2.0 * 11.0),
    completing=(RETURNED, {"supplement_days": 30.0}, 2.0 * 30.0 / 2),
    review=(REVIEW, {"ministry_days": 17.0}, 0.0),
    at_a_ministry=(REVIEW, {"ministry_days": 17.0, "home": ASKED}, 17.0 / 2),
    not_close=(REVIEW, {"ministry_days": 17.0, "affinity": 0.4}, 17.0 / 2),
    court=(COURT, {}, 0.0),
    production=(Stage.PRODUCTION, {"production_days": 19.0, "provider_pair_sigma": 0.0}, 19.0),
    appeal=(Stage.APPEAL, {"appeal_days": 23.0}, 23.0),
    answer=(Stage.RETURN, {"answer_days": 29.0, "format_loop_probability": 0.0}, 29.0),
    wrong_format=(Stage.RETURN, AGAIN | {"structured_format": 1.0}, 60.0),
)
def test_what_a_request_waits_for_in_each_stage(stage: int, settings: dict[str, float]) -> float:
    """The wait in each stage depends on staff, liaison officers, and compatible formats.

    Investigators work half as fast; officers halve what waits for people there; formats match in 0.6 · 0.5.
    """
    fields = {name: settings[name] for name in ("home", "affinity") if name in settings}
    world = asked({name: value for name, value in settings.items() if name not in fields}, officer=1, helped=0)
    world.setting["officer_speed"] = 0.5
    world.posting["until"] = np.nan
    world.state["work_rate"][ASKS], world.provider["days"] = 0.5, np.nan
    world.affinity[ASKS, ASKED] = fields.get("affinity", 0.6)
    world.group["home"] = fields.get("home", HOME)
    days = rules.waits_for_others(world, world.request[0], stage)
    assert world.request["reformatted"][0] == int(days == 60.0 and stage == Stage.RETURN)
    return days


def test_times_are_drawn_by_stage_and_return() -> None:
    settings = {"elapsed_sigma": 0.5, "appeal_sigma": 0.8, "drafting_days": 11.0, "appeal_days": 23.0}
    world = asked(settings | {"answer_days": 29.0, "format_loop_probability": 0.0}, loops=2)
    draws = {Stage.DRAFTING: (16 + 2, 11.0, 0.5), Stage.APPEAL: (Stage.APPEAL * 16, 23.0, 0.8)}
    draws |= {Stage.RETURN: (Stage.RETURN * 16 + 2, 29.0, 0.5)}
    days = {stage: lognormal(1, Purpose.STAGE_TIME, KEY, *draw) for stage, draw in draws.items()}
    days[Stage.PRODUCTION] = production_time(world, world.request[0], NOW)
    assert {stage: rules.waits_for_others(world, world.request[0], stage) for stage in days} == pytest.approx(days)


def place(world: World, days: float) -> str:
    """Text on a request's place: at a desk, waiting for some days, or nowhere."""
    if world.request["job"][0] >= 0:
        assert world.used[Growing.JOB] == 1
        return AT_DESK
    waits = [wait for kind, row, wait in posted(world) if (kind, row) == (Event.STAGE_ELAPSED, 0)]
    assert waits in ([], [pytest.approx(days)])
    return ON_ITS_WAY if waits else NOWHERE


@table(
    court=(COURT, {}, 0.0, 0.0, AT_DESK),
    ministry_first=(REVIEW, {}, 0.0, 17.0, ON_ITS_WAY),
    no_desk=(Stage.APPEAL, {}, 0.0, 23.0, ON_ITS_WAY),
    instant=(COURT, {}, 1.0, 1.0, ON_ITS_WAY),
    triage_in_silence=(TRIAGE, {"silent": 1}, 0.0, 0.0, NOWHERE),
    court_in_silence=(COURT, {"silent": 1}, 0.0, 0.0, AT_DESK),
    sent=(Stage.TRANSMISSION, {}, 0.0, 13.0, ON_ITS_WAY),
)
def test_a_stage_begins_with_waiting_and_then_at_a_desk(stage: int, fields: Any, instant: float, days: float) -> str:
    """A stage starts with a wait if it has one, and otherwise at a desk."""
    settings = {"ministry_days": 17.0, "diplomatic_days": 13.0, "appeal_days": 23.0, "instant_courts": instant}
    world = asked(settings, silent=fields.get("silent", 0))
    world.affinity[:] = 0.4
    rules.begin_stage(world, 0, stage)
    assert got(world, "request", 0, "stage stage_since") == (stage, NOW)
    assert (world.request["sent"][0] == NOW) == (stage == Stage.TRANSMISSION)
    return place(world, days)


@table(authority=(MLAT, 1), provider=(Channel.PROVIDER_BINDING, 0), at_home=(DOMESTIC, 0))
def test_only_authorities_that_review_can_be_silent(channel: int) -> int:
    world = asked({"with_silence": 1.0, "silence_friendly": 50.0, "silence_scale": 1.0}, channel=channel)
    rules.leave_country(world, 0)
    assert world.request["sent"][0] == NOW
    return int(world.request["silent"][0])


with np.errstate(over="ignore"):  # random keys wrap around
    PATIENCE = exponential(1, Purpose.PATIENCE, KEY, 0, 4.0 * MONTH)


@table(
    in_this_stage=({}, PATIENCE - 5.0 + 1e-6, True),
    later=({}, PATIENCE - 5.0 - 1e-6, False),
    earlier=({"sent": NOW - PATIENCE - 1.0}, math.inf, False),
    taken_up_by_nobody=({}, math.inf, True),
    at_home=({"channel": DOMESTIC}, math.inf, False),
    not_sent=({"sent": math.nan}, math.inf, False),
    answered=({"status": REFUSED}, math.inf, False),
    no_emergency=({"abusive": Abuse.FALSE_EMERGENCY}, math.inf, False),
)
def test_a_sender_loses_patience_while_nothing_else_happens(fields: dict[str, float], days: float) -> bool:
    """Senders withdraw silent requests at a monthly rate, counted from the day of sending."""
    world = asked({"withdrawal_per_month": 0.25}, **{"channel": MLAT, "sent": NOW - 5.0} | fields)
    renege_before(world, 0, NOW + days)
    assert posted(world) in ([], [(Event.REQUEST_GIVEN_UP, 0, pytest.approx(PATIENCE - 5.0))])
    return len(posted(world)) == 1


@table((1, math.inf), (0, 9.0))
def test_senders_may_lose_patience_in_any_stage(silent: int) -> float:
    """A sender may withdraw a request in a stage that never starts, and while it is completed by phone."""
    settings = {"withdrawal_per_month": 30.0 / 1e-6, "phone_days": 9.0, "elapsed_sigma": 0.0}
    world = asked(settings, channel=MLAT, sent=NOW, silent=silent)
    if silent:
        rules.begin_stage(world, 0, TRIAGE)
    else:
        complete_by_phone(world, 0, COURT)
    assert posted(world)[0][0] == Event.REQUEST_GIVEN_UP
    return max((day for kind, _, day in posted(world) if kind == Event.STAGE_ELAPSED), default=math.inf)


@table(none=(0.0, 1), half=(0.5, 2), all=(1.0, 2))
def test_a_duty_to_answer_takes_up_what_would_be_silent(share: float) -> int:
    """A duty to answer lets a share of otherwise silent requests start."""
    world = asked({"with_silence": 1.0, "silence_friendly": 50.0, "silence_scale": 1.0}, channel=MLAT)
    put(world, "state", ASKED, owes_answers=share)

    def owed(key: int) -> bool:
        put(world, "request", key=key)
        return rules.is_owed_an_answer(world, world.request[0])

    chances(owed, Purpose.DUTY_TO_ANSWER, share)
    put(world, "state", ASKED, owes_answers=float(share > 0.0))
    rules.leave_country(world, 0)
    return int(world.request["silent"][0])


@table(
    called=({"silent": 1}, 1.0, (True, 0, AT_DESK)),
    in_vain=({"silent": 1}, 0.0, (False, 1, NOWHERE)),
    not_silent=({"silent": 0}, 1.0, (False, 0, NOWHERE)),
    not_there_yet=({"silent": 1, "stage": Stage.TRANSMISSION}, 1.0, (False, 1, NOWHERE)),
    nobody_to_call=({"silent": 1, "requesting": HOME}, 1.0, (False, 1, NOWHERE)),
)
def test_an_officer_calls_before_a_sender_reneges(fields: Any, recalls: float, /) -> Any:
    """A call by an officer brings a silent request to a desk before its sender withdraws."""
    settings = {"with_liaison_desks": 1.0, "officer_recalls": recalls, "officer_files": 9.0, "officer_hours": 0.0}
    world = asked(settings | {"withdrawal_per_month": 0.25}, **{"officer": NONE, "stage": TRIAGE} | fields)
    put(world, "request", case=0, purpose=RequestPurpose.CHAIN, stage_since=NOW - 40.0)
    world.posting_of[:] = NONE
    free = {"since": NOW - 9.0, "until": np.nan, "open": 0, "handled": 0, "next_posting": NONE}
    put(world, "posting", sending=ASKS, host=ASKED, **free)
    world.posting_of[ASKS, ASKED] = 0
    begun = bool(rules.is_taken_up_late(world, 0))
    assert world.request["stage_days"][0, TRIAGE - 1] == (40.0 if begun else 0.0)
    assert world.posting["handled"][0] == int(begun), "a call in vain takes no place"
    patience = exponential(1, Purpose.PATIENCE, KEY, 1, 4.0 * MONTH)
    called = world.request["called"][0]
    assert np.isnan(called) if not begun else reneges_on(world.setting[0], world.request[0]) == NOW + patience
    return begun, int(world.request["silent"][0]), place(world, 0.0)


@table(unwilling=(50.0, REFUSED), its_law_was_not_applied=(-50.0, PENDING))
def test_who_must_answer_refuses_openly_what_it_does_not_want_to_answer(political: float) -> int:
    """A state with a duty to answer sends a refusal where it would otherwise stay silent."""
    settings = {"silence_friendly": political, "silence_distance": 0.0, "silence_nationals": 0.0}
    world = asked(settings | {"silence_implementation": 0.5, "foreign_refusal": 1.0}, silent=2, stage=TRIAGE)
    world.implementation[:] = 0.4
    rules.complete_stage(world, 0)
    assert world.request["ground"][0] == (POLITICAL if political > 0.0 else Ground.NONE)
    return int(world.request["status"][0])


def test_silence_concerns_the_case_and_own_nationals() -> None:
    """Requests of one case share their chance of silence, which is higher for own nationals."""
    settings = {"with_silence": 1.0, "silence_friendly": -1.0, "silence_nationals": 1.5}
    for home, case, shared in ((HOME, 0, 0.0), (ASKED, 0, 0.0), (HOME, 0, 1.0), (HOME, NONE, 1.0)):
        world = asked(settings | {"silence_shared": shared}, case=case)
        world.affinity[:], world.implementation[:] = 0.7, 0.6
        world.affinity[ASKS, ASKED], world.implementation[ASKED] = 0.9, 0.8
        put(world, "group", home=home)
        habit = silence_habit(world.setting[0], ASKS, ASKED)
        share = silence_probability(world.setting[0], 0.9, home == ASKED, 0.8, habit)

        def silent(key: int, world: World = world) -> bool:
            put(world, "request", key=key)
            put(world, "case", key=key)
            return rules.is_met_with_silence(world, world.request[0])

        by_case = shared == 1.0 and case == 0
        chances(silent, Purpose.SILENCE, share, of=lambda key, by_case=by_case: derive(key, ASKED) if by_case else key)
    put(world, "group", home=ASKED)
    assert rules.concerns_nationals(world, world.request[0])
    put(world, "request", group=NONE)
    assert not rules.concerns_nationals(world, world.request[0])


@table(its_own=(0, 0, True), of_another=(0, 1, False), none=(NONE, 0, False))
def test_the_file_of_a_request_that_ended_is_laid_aside(job: int, of: int) -> bool:
    world = asked(job=job, officer=2)
    put(world, "job", request=of, status=JobStatus.WAITING, touch_hours=3.0)
    put(world, "posting", 2, open=4)
    rules.end(world, 0, REFUSED, NO_POWER)
    assert got(world, "request", 0, "status ground ended") == (REFUSED, NO_POWER, NOW)
    assert (posted(world), world.posting["open"][2]) == ([], 3)
    return bool(world.job["status"][0] != JobStatus.WAITING)


@table((0, NOW, 5.0), (0, NOW - 1.0, 2.0), (NONE, NOW, 2.0))
def test_days_are_added_up_by_stage(job: int, ended: float) -> float:
    """Days of a request are summed by stage, with those at a desk counted separately."""
    world = asked(job=job, stage=Stage.TRANSMISSION, stage_since=NOW - 7.0)
    request = world.request[0]
    request.stage_days[Stage.TRANSMISSION - 1] = request.desk_days[Stage.TRANSMISSION - 1] = 2.0
    put(world, "job", ended=ended, arrived=NOW - 3.0)
    rules.count_days(world, request)
    at_desk = float(request.desk_days[Stage.TRANSMISSION - 1])
    assert request.stage_days.tolist() == [0.0, 0.0, 0.0, 9.0] + [0.0] * 8
    assert request.desk_days.tolist() == [0.0, 0.0, 0.0, at_desk] + [0.0] * 8
    return at_desk


@table(
    outgoing=(Stage.OUTGOING_CHECK, {}, {}, (PENDING, 0, Stage.TRANSMISSION)),
    trifle=(Stage.OUTGOING_CHECK, TRIFLES, {}, (NOT_SENT, Ground.DE_MINIMIS, Stage.OUTGOING_CHECK)),
    triage=(TRIAGE, {"deficiency": 1e9}, {}, (PENDING, 0, RETURNED)),
    withdrawn=(TRIAGE, {"deficiency": 1e9, "loop_withdrawal": 1.0}, {}, (WITHDRAWN, 0, TRIAGE)),
    last=(TRIAGE, {}, {"route": 0}, (EXECUTED, 0, TRIAGE)),
    complete=(TRIAGE, {}, {}, (PENDING, 0, REVIEW)),
    returned=(RETURNED, {}, {"resume": REVIEW}, (PENDING, 0, REVIEW)),
    review=(REVIEW, POLITICS, {"abusive": Abuse.OPEN}, (REFUSED, POLITICAL, REVIEW)),
    court=(COURT, {"appeal_probability": 1.0}, {"data_kind": DataKind.CONTENT}, (PENDING, 0, Stage.APPEAL)),
    appeal=(Stage.APPEAL, {"remedy": 1.0}, {"abusive": Abuse.OPEN}, (REFUSED, POLITICAL, Stage.APPEAL)),
    production=(Stage.PRODUCTION, {}, {"evidence": 0}, (NO_DATA, 0, Stage.PRODUCTION)),
    answer=(Stage.RETURN, {"deficiency": 1e9}, {}, (PENDING, 0, Stage.FORENSICS)),
)
def test_each_stage_ends_with_the_decision_of_its_actor(stage: int, settings: Any, fields: Any) -> Any:
    world = asked(settings, stage=stage, stage_since=NOW - 2.0, **fields)
    rules.complete_stage(world, 0)
    assert world.request["stage_days"][0, stage - 1] == 2.0
    return found(world)


def test_skills_behind_a_draft_and_its_assessment() -> None:
    """Skill in drafting includes half of the outgoing authority's skill if that authority checks the draft."""
    world = asked(route=0)
    world.desk["skill"], world.state["skill"][ASKS], world.desk["skill"][ASKS] = 0.1, 0.4, 0.8
    world.desk["skill"][DeskKind.INCOMING * len(world.state) + ASKED] = 0.7
    assert rules.drafting_skill(world, world.request[0]) == pytest.approx(0.4)
    put(world, "request", route=1 << Stage.OUTGOING_CHECK)
    assert rules.drafting_skill(world, world.request[0]) == pytest.approx(0.6)
    assert rules.assessor_skill(world, world.request[0]) == pytest.approx(0.7)
    world.chain["lead"][0] = 1  # police information on the same trail
    assert not rules.has_lead(world, world.request[0])
    put(world, "request", chain=0)
    assert rules.has_lead(world, world.request[0]) and not rules.has_lead(asked(chain=0), world.request[0])


@table(
    complete=({}, (REVIEW, 0, 0, 0)),
    saved=({"deficiency": 1e9, "officer_completes": 1.0, "phone": 1.0}, (REVIEW, 0, 0, 0)),
    phoned=({"deficiency": 1e9, "phone": 1.0}, (RETURNED, 0, 1, REVIEW)),
    returned=({"deficiency": 1e9}, (RETURNED, 1, 0, TRIAGE)),
)
def test_an_incomplete_file_is_saved_phoned_about_or_returned(settings: dict[str, float]) -> tuple[float, ...]:
    world = asked({"with_trust": 1.0, "officer_completes": 0.0} | settings, stage=TRIAGE, officer=1)
    world.posting["until"] = np.nan
    rules.triage(world, 0)
    assert world.request["trust"][0] == pytest.approx(1.0, abs=0.02)
    assert all(days > 0.0 for kind, _, days in posted(world) if kind == Event.STAGE_ELAPSED)
    return got(world, "request", 0, "stage loops phoned resume")


def test_in_truth_an_abusive_request_states_no_offence() -> None:
    """A request states an offence only if it is genuine and its facts are punishable in the other state."""
    for offence, abusive, alleged in ((1, Abuse.NONE, 1), (0, Abuse.NONE, 0), (1, Abuse.OPEN, 0)):
        world = asked({"foreign_refusal": 1.0}, abusive=abusive, deed=1, dual_criminality=9)
        world.offence[ASKED], world.power[ASKED] = offence, 0
        assert rules.ground_in_law(world, world.request[0]) == NO_POWER
        assert world.request["dual_criminality"][0] == alleged


@table(
    genuine=(1, Abuse.NONE, 1.0, (PENDING, 0)),
    seen_through=(1, Abuse.OPEN, 1.0, (REFUSED, POLITICAL)),
    not_seen=(1, Abuse.OPEN, 0.0, (PENDING, 0)),
    no_power=(0, Abuse.NONE, 1.0, (REFUSED, NO_POWER)),
    on_law_first=(0, Abuse.OPEN, 1.0, (REFUSED, NO_POWER)),
)
def test_a_reviewer_refuses_on_a_ground_or_sees_through_abuse(power: int, abusive: int, recognised: float) -> Any:
    world = asked(POLITICS | {"recognised_open": recognised}, stage=REVIEW, abusive=abusive)
    world.power[ASKED] = power
    rules.review(world, 0)
    assert world.request["stage"][0] == (COURT if world.request["status"][0] == PENDING else REVIEW)
    return found(world)[:2]


@table(
    asked_back=(DOMESTIC, Stage.DRAFTING, 1, 1.0, 0.7, (PENDING, 0, Stage.DRAFTING)),
    read_again=(DOMESTIC, Stage.DRAFTING, 1, 1.0, 0.3, (PENDING, 0, COURT)),
    stays_with_the_unit=(DOMESTIC, Stage.DRAFTING, 2, 1.0, 0.7, (NOT_SENT, PROOF, Stage.DRAFTING)),
    not_applied=(DOMESTIC, Stage.DRAFTING, 0, 0.0, 0.3, (NOT_SENT, Ground.LAW_NOT_APPLIED, Stage.DRAFTING)),
    for_its_form=(DOMESTIC, Stage.DRAFTING, 0, 1.0, 0.0, (PENDING, 0, Stage.DRAFTING)),
    in_a_team=(TEAM, Stage.DRAFTING, 2, 0.0, 0.7, (NOT_SENT, PROOF, Stage.DRAFTING)),
    abroad_not_read_yet=(MLAT, Stage.DRAFTING, 2, 0.0, 0.7, (PENDING, 0, Stage.OUTGOING_CHECK)),
    abroad=(MLAT, TRIAGE, 1, 0.0, 0.7, (PENDING, 0, RETURNED)),
    abroad_in_the_end=(MLAT, TRIAGE, 2, 0.0, 0.7, (REFUSED, PROOF, TRIAGE)),
    from_judge_to_judge=(Channel.JUDICIAL_DIRECT, REVIEW, 2, 0.0, 0.7, (REFUSED, PROOF, REVIEW)),
)
def test_a_file_is_read_for_its_proof_before_any_court(asks: int, at: int, loops: int, law: float, tau: float) -> Any:
    """An incoming authority checks the strength of evidence before a court does."""
    settings = {"foreign_refusal": 1.0, "proof_steepness": 1e3, "trail_strength": 0.0, "supplement": 0.0}
    fields = {"channel": asks, "loops": loops, "resume": Stage.DRAFTING, "stage": at, "route": ROUTES[asks]}
    world = asked(settings | {"questions": 2.0, "own_returns": float(tau == 0.0)}, **fields)
    world.implementation[:], world.proof[:] = law, tau
    rules.complete_stage(world, 0)
    return found(world)


@table(
    law_of_the_day=(MLAT, 1.0, 1.0, 0.0, (REFUSED, NO_POWER, COURT)),
    at_home=(DOMESTIC, 1.0, 0.0, 0.0, (PENDING, 0, Stage.PRODUCTION)),
    in_a_team=(TEAM, 1.0, 0.0, 0.0, (PENDING, 0, Stage.PRODUCTION)),
    appeal=(TEAM, 1.0, 1.0, 0.0, (PENDING, 0, Stage.APPEAL)),
    not_applied=(TEAM, 0.0, 0.0, 0.0, (REFUSED, Ground.LAW_NOT_APPLIED, COURT)),
    court_differs=(DOMESTIC, 1.0, 0.0, 1.0, (REFUSED, PROOF, COURT)),
)
def test_a_court_decides_by_the_law_of_the_day(channel: int, applied: float, appealed: float, differs: float) -> Any:
    settings = {"foreign_refusal": 1.0, "appeal_probability": appealed, "court_refuses": differs}
    route = EVERY_STAGE & ~(1 << Stage.APPEAL)
    world = asked(settings, channel=channel, data_kind=DataKind.CONTENT, route=route, stage=COURT)
    world.power[ASKED], world.implementation[:] = 0, applied
    rules.court_decides(world, 0)
    return found(world)


@table(
    genuine=(Abuse.NONE, 1.0, 0.0, True),
    seen_through=(Abuse.OPEN, 1.0, 0.0, False),
    not_seen=(Abuse.OPEN, 0.0, 0.0, True),
    deceived=(Abuse.FALSE_EMERGENCY, 1.0, 1.0, True),
)
def test_a_provider_is_deceived_objects_or_produces(abusive: int, objects: float, deceived: float) -> bool:
    settings = {"provider_objects": objects, "emergency_deceived": deceived, "provider_screening": 1.0}
    settings |= {"foreign_refusal": 1.0, "provider_share": 0.5, "provider_domestic": 60.0}
    world = asked(settings, abusive=abusive)
    return rules.is_willing(world, world.request[0])


@table(
    item=(0, Abuse.NONE, 90.0, True),
    lost_item=(0, Abuse.NONE, -1.0, False),
    held=(NONE, Abuse.OPEN, 90.0, True),
    not_held=(NONE, Abuse.OPEN, 0.0, False),
    authority=(NONE, Abuse.NONE, 0.0, True),
    deceived=(NONE, Abuse.FALSE_EMERGENCY, 0.0, True),
)
def test_what_a_custodian_must_still_have(evidence: int, abusive: int, kept: float) -> bool:
    settings = {"abuse_age_days": 20.0, "abuse_age_sigma": 0.0, "retention_scale": 0.0, "retention_floor_days": kept}
    world = asked(settings, evidence=evidence, abusive=abusive, drafted=NOW)
    world.provider["keeps_content"] = world.provider["keeps_traffic"] = world.provider["keeps_subscriber"] = 0.0
    put(world, "evidence", retained_until=NOW + kept, moves_at=np.inf, frozen_from=np.nan, frozen_until=np.nan)
    return rules.finds_data(world, world.request[0])


@table(
    at_a_desk=(PENDING, TRIAGE, EVERY_STAGE, 0.0, (PENDING, TRIAGE, 1)),
    no_desk=(PENDING, TRIAGE, 1 << TRIAGE, 1.0, (EXECUTED, TRIAGE, 0)),
    without_a_desk=(PENDING, Stage.DRAFTING, 1 << Stage.DRAFTING, 0.0, (EXECUTED, Stage.DRAFTING, 0)),
    ended=(REFUSED, TRIAGE, EVERY_STAGE, 0.0, (REFUSED, TRIAGE, 0)),
    gone_on=(PENDING, COURT, EVERY_STAGE, 0.0, (PENDING, COURT, 0)),
)
def test_when_waiting_is_over_the_file_comes_to_its_desk(status: int, stage: int, route: int, instant: float) -> Any:
    world = asked({"instant_authorities": instant}, status=status, stage=stage, route=route)
    rules.stage_elapsed(world, 0, Stage.DRAFTING if stage == Stage.DRAFTING else TRIAGE)
    return (*got(world, "request", 0, "status stage"), world.used[Growing.JOB])


@table(
    last_day=(JobStatus.WAITING, NOW, 0, (JobStatus.WITHDRAWN, RETURNED, 3.0)),
    of_no_request=(JobStatus.WAITING, NOW, NONE, (JobStatus.WITHDRAWN, COURT, 0.0)),
    later=(JobStatus.WAITING, NOW + 1.0, 0, (JobStatus.WAITING, COURT, 0.0)),
    in_service=(JobStatus.IN_SERVICE, NOW - 1.0, 0, (JobStatus.IN_SERVICE, COURT, 0.0)),
    turn_today=(JobStatus.IN_SERVICE, NOW, 0, (JobStatus.WITHDRAWN, RETURNED, 3.0)),
    turn_to_come=(JobStatus.IN_SERVICE, NOW + 1.0, 0, (JobStatus.IN_SERVICE, COURT, 0.0)),
    never=(JobStatus.WAITING, np.inf, 0, (JobStatus.WAITING, COURT, 0.0)),
)
def test_a_waiting_file_is_returned_on_its_last_day(status: int, returned_on: float, request: int) -> tuple[float, ...]:
    """A file whose turn has come is returned as well, if nobody has worked on it before that day."""
    world = asked(stage=COURT, stage_since=NOW - 3.0)
    put(world, "job", status=status, returned_on=returned_on, request=request, touch_hours=9.0, ahead=500.0)
    put(world, "job", looked=NOW, started=returned_on if status == JobStatus.IN_SERVICE else np.nan)
    before = world.job["status"][0]
    rules.file_in_line(world, 0)
    if before == JobStatus.WAITING and world.job["status"][0] == JobStatus.IN_SERVICE:
        world.job["status"][0] = JobStatus.WAITING  # its work is planned: it still waits for its turn
    assert world.request["resume"][0] == (COURT if world.request["stage"][0] == RETURNED else 0)
    return world.job["status"][0], world.request["stage"][0], world.request["stage_days"][0, COURT - 1]
