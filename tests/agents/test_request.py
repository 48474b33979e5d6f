"""The life of a request: what it waits for, and what each stage decides (M6)."""

from typing import Any

import pytest

from sim.agents import request as rules
from sim.law.vocabulary import Channel, Ground
from sim.world.records import RequestStatus, Stage
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, fresh, noting
from tests.agents.scene import NOW

pytestmark = pytest.mark.usefixtures("as_python")

ASKS, ASKED = scene.AWAY, scene.THIRD


def asked(**fields: float) -> World:
    """A world whose first request AWAY sends to THIRD by a treaty, about a group that lives at HOME."""
    world = fresh(4)
    usual = {"requesting": ASKS, "requested": ASKED, "channel": Channel.MLAT, "chain": -1, "job": -1, "evidence": -1}
    for name, value in (usual | fields).items():
        world.request[name][0] = value
    world.group["home"][0] = scene.HOME
    return world


@pytest.mark.parametrize(
    ("stage", "nationals", "days"),
    [
        (Stage.DRAFTING, False, (1 + 11.0) / 2),
        (Stage.TRANSMISSION, False, (4 + 13.0) / 2),
        (Stage.DEFICIENCY_RETURN, False, (6 + 60.0) / 2),  # thirty days for people who work half as fast
        (Stage.REVIEW, True, (7 + 17.0) / 2),
        (Stage.REVIEW, False, 7 / 2),
        (Stage.COURT_ORDER, False, 8 / 2),
        (Stage.PRODUCTION, False, 19.0),
        (Stage.APPEAL, False, 10 * 16 + 23.0),
        (Stage.RETURN, False, 11 + 29.0 + 31.0),
    ],
)
def test_what_a_request_waits_for_in_each_stage(
    as_python: pytest.MonkeyPatch, stage: Stage, nationals: bool, days: float
) -> None:
    """Helpers halve what waits for people; nothing speeds up production, appeals, or answers in a wrong format."""
    answers(
        as_python,
        rules,
        drafting_median=11.0,
        transmission_median=13.0,
        production_time=19.0,
        eased=0.5,
        answer_median=29.0,
        elapsed=lambda _setting, _request, number, median: number + median,
        lognormal=lambda _seed, _purpose, _key, count, median, _sigma: count + median,
        goes_to_ministry=lambda _affinity, own: own,
        comes_in_wrong_format=lambda *given: given[3] == pytest.approx(0.2),
    )
    world = asked()
    for name, value in {"supplement": 30.0, "ministry": 17.0, "appeal": 23.0, "format_loop": 31.0}.items():
        world.setting[f"{name}_days"] = value
    world.state["work_rate"][ASKS] = 0.5
    world.state["structured"][ASKS], world.state["structured"][ASKED] = 0.5, 0.4
    world.group["home"][0] = ASKED if nationals else scene.HOME
    assert rules.waits_for_others(world, world.request[0], stage) == pytest.approx(days)
    assert world.request["reformatted"][0] == int(stage == Stage.RETURN)


@pytest.mark.parametrize(
    ("stage", "silent", "wait", "desk", "instant", "done"),
    [
        (Stage.COURT_ORDER, 0, 0.0, 0, 0.0, ("reach_desk", 0)),
        (Stage.COURT_ORDER, 0, 5.0, 0, 0.0, ("schedule", NOW + 5.0)),
        (Stage.APPEAL, 0, 0.0, -1, 0.0, ("schedule", NOW)),
        (Stage.COURT_ORDER, 0, 0.0, 0, 1.0, ("schedule", NOW + 1.0)),
        (Stage.INCOMING_TRIAGE, 0, 0.0, 3, 0.0, ("reach_desk", 0)),
        (Stage.INCOMING_TRIAGE, 1, 0.0, 3, 0.0, None),  # nobody ever takes it up
        (Stage.REVIEW, 1, 0.0, 3, 0.0, None),
        (Stage.COURT_ORDER, 1, 0.0, 3, 0.0, ("reach_desk", 0)),
        (Stage.TRANSMISSION, 0, 5.0, -1, 0.0, ("leave_country", 0)),
    ],
)
def test_a_stage_begins_with_waiting_for_others_and_then_at_a_desk(
    as_python: pytest.MonkeyPatch,
    stage: Stage,
    silent: int,
    wait: float,
    desk: int,
    instant: float,
    done: tuple[Any, ...] | None,
) -> None:
    """At once where there is nothing to wait for; where stages take no time, on the next day."""
    answers(as_python, rules, waits_for_others=wait, desk_of=desk)
    notes = noting(as_python, rules, "leave_country", "reach_desk", "schedule")
    world = asked(silent=silent)
    world.setting["instant_stages"] = instant
    rules.begin_stage(world, 0, stage)
    assert (world.request["stage"][0], world.request["stage_since"][0]) == (stage, NOW)
    assert (notes[0][:2] if notes else None) == done


@pytest.mark.parametrize(
    ("channel", "waiting", "silent"),
    [(Channel.MLAT, True, 1), (Channel.PROVIDER_BINDING, True, 0), (Channel.DOMESTIC, False, 0)],
)
def test_who_has_sent_a_request_may_give_it_up_and_may_meet_silence(
    as_python: pytest.MonkeyPatch, channel: Channel, waiting: bool, silent: int
) -> None:
    """A quarter of senders a month lose patience; only authorities that review can be silent; nobody waits at home."""
    notes = noting(as_python, rules, "inform_by_request", "ask_to_facilitate", "seek_officer", "schedule")
    answers(as_python, rules, is_met_with_silence=True, exponential=lambda *given: given[4])
    world = asked(channel=channel)
    world.setting["withdrawal_per_month"] = 0.25
    rules.leave_country(world, 0)
    assert world.request["sent"][0] == NOW
    assert [note[1] for note in notes if note[0] == "schedule"] == ([NOW + 4 * 30.4375] if waiting else [])
    assert world.request["silent"][0] == silent


def test_silence_concerns_the_case_and_own_nationals(as_python: pytest.MonkeyPatch) -> None:
    """What belongs to a case may share its silence; nationals are core members at home where the request goes."""
    answers(
        as_python,
        rules,
        silence_habit=0.0,
        silence_probability=lambda *given: 0.5 if given[2] else 0.25,
        is_silent=lambda _setting, key, case_key, probability: (key == case_key, probability),
    )
    world = asked(key=5)
    assert rules.is_met_with_silence(world, world.request[0]) == (False, 0.25)
    world.group["home"][0] = ASKED
    assert rules.is_met_with_silence(world, world.request[0]) == (False, 0.5)
    world.request["case"][0] = world.request["group"][0] = -1
    assert rules.is_met_with_silence(world, world.request[0]) == (True, 0.25)


@pytest.mark.parametrize(("route", "ends"), [(1 << Stage.REVIEW, False), (1 << Stage.TRANSMISSION, True)])
def test_a_request_without_a_further_stage_is_executed(as_python: pytest.MonkeyPatch, route: int, ends: bool) -> None:
    """Otherwise it goes on to the next of its route."""
    notes = noting(as_python, rules, "begin_stage", "end")
    rules.advance(asked(route=route, stage=Stage.TRANSMISSION), 0)
    executed = ("end", 0, RequestStatus.EXECUTED, Ground.NONE)
    assert notes == [executed if ends else ("begin_stage", 0, Stage.REVIEW)]


@pytest.mark.parametrize(("job", "of", "leaves"), [(0, 0, True), (0, 1, False), (-1, 0, False)])
def test_the_file_of_a_request_that_ended_is_laid_aside(
    as_python: pytest.MonkeyPatch, job: int, of: int, leaves: bool
) -> None:
    """Its own, not one of another request."""
    notes = noting(as_python, rules, "let_go", "leave_line", "schedule")
    world = asked(job=job)
    world.job["request"][0] = of
    rules.end(world, 0, RequestStatus.REFUSED, Ground.NO_POWER)
    request = world.request[0]
    assert (request.status, request.ground, request.ended) == (RequestStatus.REFUSED, Ground.NO_POWER, NOW)
    assert [note[0] for note in notes] == ["let_go", *(["leave_line"] if leaves else []), "schedule"]


@pytest.mark.parametrize(("job", "ended", "at_desk"), [(0, NOW, 5.0), (0, NOW - 1.0, 2.0), (-1, NOW, 2.0)])
def test_days_are_added_up_by_stage(job: int, ended: float, at_desk: float) -> None:
    """Seven days in the stage, the last three of them at a desk that has just served the file."""
    world = asked(job=job, stage=Stage.TRANSMISSION, stage_since=NOW - 7.0)
    request = world.request[0]
    request.stage_days[Stage.TRANSMISSION - 1] = request.desk_days[Stage.TRANSMISSION - 1] = 2.0
    world.job["ended"][0], world.job["arrived"][0] = ended, NOW - 3.0
    rules.count_days(world, request)
    assert request.stage_days.tolist() == [0.0, 0.0, 0.0, 9.0] + [0.0] * 8
    assert request.desk_days.tolist() == [0.0, 0.0, 0.0, at_desk] + [0.0] * 8


@pytest.mark.parametrize(
    ("stage", "decides"),
    [
        (Stage.INCOMING_TRIAGE, ("triage", 0)),
        (Stage.DEFICIENCY_RETURN, ("begin_stage", 0, Stage.REVIEW)),
        (Stage.REVIEW, ("review", 0)),
        (Stage.COURT_ORDER, ("court_decides", 0)),
        (Stage.APPEAL, ("appeal_decided", 0)),
        (Stage.PRODUCTION, ("provider_decides", 0)),
        (Stage.RETURN, ("advance", 0)),
    ],
)
def test_each_stage_ends_with_the_decision_of_its_actor(
    as_python: pytest.MonkeyPatch, stage: Stage, decides: tuple[Any, ...]
) -> None:
    """A draw that would stop a file at the outgoing check stops nothing elsewhere."""
    names = ("triage", "begin_stage", "review", "court_decides", "appeal_decided", "provider_decides", "advance", "end")
    notes = noting(as_python, rules, *names)
    answers(as_python, rules, chance=True)
    rules.complete_stage(asked(stage=stage, resume=Stage.REVIEW), 0)
    assert notes == [decides]


@pytest.mark.parametrize(("drawn", "sent"), [(0.11, False), (0.13, True)])
def test_trifles_are_stopped_at_the_own_authority(as_python: pytest.MonkeyPatch, drawn: float, sent: bool) -> None:
    """Three in ten, of which .4 are in force."""
    notes = noting(as_python, rules, "advance", "end")
    answers(as_python, rules, chance=lambda *given: drawn < given[4])
    world = asked(stage=Stage.OUTGOING_CHECK)
    world.setting["refusal_de_minimis"], world.setting["refusal_scale"] = 0.3, 0.4
    rules.complete_stage(world, 0)
    assert notes == [("advance", 0) if sent else ("end", 0, RequestStatus.NOT_SENT, Ground.DE_MINIMIS)]


@pytest.mark.parametrize("withdrawn", [True, False])
def test_what_is_sent_back_is_completed_or_given_up(as_python: pytest.MonkeyPatch, withdrawn: bool) -> None:
    """Each return counts, and the request comes back to the stage that returned it."""
    notes = noting(as_python, rules, "begin_stage", "end")
    answers(as_python, rules, chance=withdrawn)
    world = asked(loops=2)
    rules.send_back(world, 0, Stage.REVIEW)
    assert (world.request["loops"][0], world.request["resume"][0]) == (3, 0 if withdrawn else Stage.REVIEW)
    expected = ("end", 0, RequestStatus.WITHDRAWN, Ground.NONE) if withdrawn else ("begin_stage", 0, 6)
    assert notes == [expected]
