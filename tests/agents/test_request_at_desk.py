"""A request at a desk: which desk, how much work, and its place in line (M6)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import request_at_desk
from sim.agents.desk import FIRST_OF_ALL
from sim.world.records import Abuse, Body, DeskKind, Stage
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, fresh, noting
from tests.agents.scene import NOW

pytestmark = pytest.mark.usefixtures("as_python")

FOREIGN = scene.THIRD  # the state that is asked; AWAY asks
ALL_STAGES = sum(1 << stage for stage in Stage)


def asked(**fields: float) -> World:
    """A world whose first request AWAY sends to FOREIGN; it passes all stages."""
    world = fresh(4)
    request = world.request[0]
    usual = {"requesting": scene.AWAY, "requested": FOREIGN, "route": ALL_STAGES, "deadline_days": np.nan}
    for name, value in (usual | {"queue_since": np.nan, "court_since": np.nan} | fields).items():
        request[name] = value
    world.deadline_days[:] = np.nan
    return world


def desk_row(world: World, kind: DeskKind, state: int) -> int:
    """The place of a state's desk among all: by kind, then by state."""
    return list(range(kind * len(world.state), (kind + 1) * len(world.state)))[state]


@pytest.mark.parametrize(
    ("stage", "kind", "state"),
    [
        (Stage.DRAFTING, None, 0),
        (Stage.TRANSLATION, DeskKind.OUTGOING, scene.AWAY),
        (Stage.OUTGOING_CHECK, DeskKind.OUTGOING, scene.AWAY),
        (Stage.TRANSMISSION, None, 0),
        (Stage.INCOMING_TRIAGE, DeskKind.INCOMING, FOREIGN),
        (Stage.DEFICIENCY_RETURN, DeskKind.OUTGOING, scene.AWAY),
        (Stage.REVIEW, DeskKind.INCOMING, FOREIGN),
        (Stage.COURT_ORDER, DeskKind.COURT, FOREIGN),
        (Stage.APPEAL, None, 0),
        (Stage.RETURN, DeskKind.INCOMING, FOREIGN),
        (Stage.FORENSICS, DeskKind.FORENSIC, scene.AWAY),
    ],
)
def test_each_stage_has_its_desk(stage: Stage, kind: DeskKind | None, state: int) -> None:
    """Authorities and laboratory of the state that asks, authority and court of the one that is asked."""
    world = asked(stage=stage)
    expected = -1 if kind is None else desk_row(world, kind, state)
    assert request_at_desk.desk_of(world, world.request[0]) == expected


def test_a_request_from_judge_to_judge_passes_no_authority() -> None:
    """The court reviews it and answers itself; what it lacks, the judge who asks completes."""
    direct = ALL_STAGES & ~(1 << Stage.OUTGOING_CHECK) & ~(1 << Stage.INCOMING_TRIAGE)
    for stage, kind in ((Stage.REVIEW, DeskKind.COURT), (Stage.RETURN, None), (Stage.DEFICIENCY_RETURN, None)):
        world = asked(stage=stage, route=direct)
        expected = -1 if kind is None else desk_row(world, kind, FOREIGN)
        assert request_at_desk.desk_of(world, world.request[0]) == expected


@pytest.mark.parametrize(
    ("phoned", "resume", "kept"),
    [(1, Stage.REVIEW, True), (1, Stage.COURT_ORDER, False), (0, Stage.REVIEW, False)],
)
def test_a_lawyer_on_the_phone_keeps_the_file(phoned: int, resume: Stage, kept: bool) -> None:
    """What is completed by phone does not pass the outgoing authority again."""
    world = asked(stage=Stage.DEFICIENCY_RETURN, phoned=phoned, resume=resume)
    expected = -1 if kept else desk_row(world, DeskKind.OUTGOING, scene.AWAY)
    assert request_at_desk.desk_of(world, world.request[0]) == expected


def test_the_custodian_produces_at_its_own_desk() -> None:
    """That of the provider."""
    world = asked(stage=Stage.PRODUCTION, provider=1)
    assert request_at_desk.desk_of(world, world.request[0]) == world.provider["desk"][1] > 0


@pytest.mark.parametrize("foreign", [True, False])
@pytest.mark.parametrize(
    ("stage", "abusive", "hours"),
    [
        (Stage.OUTGOING_CHECK, Abuse.NONE, 3.0),
        (Stage.TRANSLATION, Abuse.NONE, 5.0),
        (Stage.DEFICIENCY_RETURN, Abuse.NONE, 3.0),
        (Stage.INCOMING_TRIAGE, Abuse.NONE, 7.0 * (1.0 + 0.2 * 1.5)),  # two and a half times today's care
        (Stage.REVIEW, Abuse.NONE, 2.0),
        (Stage.RETURN, Abuse.NONE, 2.0),
        (Stage.COURT_ORDER, Abuse.NONE, 11.0),
        (Stage.FORENSICS, Abuse.NONE, 13.0),
        (Stage.PRODUCTION, Abuse.NONE, 17.0 * (1.0 + 0.2 * 3.0)),
        (Stage.PRODUCTION, Abuse.FALSE_EMERGENCY, 0.5 * 4.0),
    ],
)
def test_work_on_a_file_by_stage(foreign: bool, stage: Stage, abusive: Abuse, hours: float) -> None:
    """Where languages differ, the outgoing authority translates; a fifth of the work is screening."""
    world = asked(stage=stage, abusive=abusive)
    hours_of = {"outgoing": 3.0, "incoming": 7.0, "court": 11.0, "forensic": 13.0, "provider": 17.0, "emergency": 0.5}
    for name, value in hours_of.items():
        world.setting[f"{name}_touch_hours"] = value
    for name, value in {"translation_hours": 5.0, "later_pass_hours": 2.0, "screening_work": 0.2}.items():
        world.setting[name] = value
    world.setting["authority_screening"], world.setting["provider_screening"] = 2.5, 4.0
    world.shared_language[:] = 1
    world.shared_language[scene.AWAY, FOREIGN] = int(not foreign)
    expected = hours + (5.0 if foreign and stage == Stage.OUTGOING_CHECK else 0.0)
    assert request_at_desk.mean_touch(world, world.request[0]) == pytest.approx(expected)


@pytest.mark.parametrize(("kind", "field"), [(DeskKind.INCOMING, "queue_since"), (DeskKind.COURT, "court_since")])
def test_a_file_that_comes_back_keeps_its_place(kind: DeskKind, field: str) -> None:
    """Counted from the day on which it first came to this kind of desk."""
    world = asked()
    assert request_at_desk.place_kept(world, world.request[0], kind) == 0.0
    assert world.request[field][0] == NOW
    world.now[0] = NOW + 30.0
    assert request_at_desk.place_kept(world, world.request[0], kind) == 30.0


@pytest.mark.parametrize(
    ("kind", "loops", "days"),
    [
        (DeskKind.OUTGOING, 0, 0.0),
        (DeskKind.OUTGOING, 1, 40.0),
        (DeskKind.FORENSIC, 1, 0.0),
        (DeskKind.PROVIDER, 1, 0.0),
    ],
)
def test_what_was_lacking_stands_as_if_the_draft_had_come(kind: DeskKind, loops: int, days: float) -> None:
    """At the outgoing authority, 40 days after it was drafted."""
    world = asked(loops=loops, drafted=NOW - 40.0)
    assert request_at_desk.place_kept(world, world.request[0], kind) == days


@pytest.mark.parametrize(
    ("kind", "own", "own_binds", "treaty", "treaty_binds", "bound", "allowed"),
    [
        (DeskKind.INCOMING, 30.0, 1, 60.0, 0, True, 30.0),
        (DeskKind.INCOMING, 30.0, 0, 60.0, 1, False, 30.0),
        (DeskKind.INCOMING, np.nan, 1, 60.0, 0, False, 60.0),
        (DeskKind.INCOMING, np.nan, 0, 60.0, 1, True, 60.0),
        (DeskKind.COURT, 30.0, 1, 60.0, 0, False, 60.0),
        (DeskKind.COURT, 30.0, 0, 60.0, 1, True, 60.0),
        (DeskKind.COURT, 30.0, 1, np.nan, 1, False, np.nan),
    ],
)
def test_a_states_own_deadline_binds_its_central_authority_before_the_treaty(
    kind: DeskKind, own: float, own_binds: int, treaty: float, treaty_binds: int, bound: bool, allowed: float
) -> None:
    """Other desks know the treaty's alone; a deadline binds where its breach has a cost."""
    world = asked(deadline_days=treaty, enforceable=treaty_binds)
    world.deadline_days[FOREIGN], world.deadline_enforceable[FOREIGN] = own, own_binds
    request = world.request[0]
    assert request_at_desk.is_bound(world, request, kind) == bound
    assert request_at_desk.allowed_days(world, request, kind) == pytest.approx(allowed, nan_ok=True)


#: Days: of its place, by its deadline, as urgent, by trust, by an officer, and by Eurojust (.1 of 90).
KEPT, DEADLINE, URGENT, TRUST, OFFICER, EUROJUST = 1.0, 20.0, 300.0, 4000.0, 50_000.0, 9.0


@pytest.mark.parametrize(
    ("kind", "urgent", "helped", "days"),
    [
        (DeskKind.OUTGOING, 1, 1, KEPT),
        (DeskKind.FORENSIC, 1, 1, KEPT),
        (DeskKind.INCOMING, 1, 1, KEPT + DEADLINE + URGENT + TRUST + OFFICER + EUROJUST),
        (DeskKind.INCOMING, 0, 0, KEPT + DEADLINE + TRUST + OFFICER),
        (DeskKind.COURT, 1, 1, KEPT + DEADLINE + EUROJUST),
        (DeskKind.COURT, 1, 0, KEPT + DEADLINE),
        (DeskKind.PROVIDER, 1, 1, KEPT + DEADLINE),
    ],
)
def test_what_moves_a_file_forward(
    as_python: pytest.MonkeyPatch, kind: DeskKind, urgent: int, helped: int, days: float
) -> None:
    """Urgency, trust and officers at the central authority; Eurojust at courts as well; at home its place alone."""
    answers(
        as_python,
        request_at_desk,
        place_kept=KEPT,
        deadline_head_start=DEADLINE,
        head_start=TRUST,
        officer_head_start=OFFICER,
    )
    world = asked(urgent=urgent, helped=(helped << Body.EUROJUST) | 1 << Body.EUROPOL)
    world.setting["urgent_head_start"], world.setting["eurojust_speed"] = URGENT, 0.1
    world.desk["kind"][0], world.desk["last_wait"][0] = kind, 90.0
    assert request_at_desk.head_start_at(world, world.request[0], 0) == pytest.approx(days)
    world.request["abusive"][0] = Abuse.FALSE_EMERGENCY
    assert request_at_desk.head_start_at(world, world.request[0], 0) == FIRST_OF_ALL


def arrives(patch: pytest.MonkeyPatch, world: World, wait: float) -> list[tuple[Any, ...]]:
    """The request comes to its desk, where it will wait. Returns what the desk learns about deadlines."""
    learnt = noting(patch, request_at_desk, "meet_deadline")
    answers(
        patch,
        request_at_desk,
        touch_hours=6.0,
        head_start_at=3.0,
        submit=wait,
        is_returned_for_form=True,
        deadline_head_start=9.0,
    )
    request_at_desk.reach_desk(world, 0)
    return [note[1:] for note in learnt]


@pytest.mark.parametrize(
    ("fields", "own", "learns", "returned_after"),
    [
        ({"stage": Stage.INCOMING_TRIAGE}, np.nan, True, 60.0),
        ({"stage": Stage.COURT_ORDER}, np.nan, True, 60.0),
        ({"stage": Stage.COURT_ORDER}, 30.0, True, 60.0),  # the state's own deadline is not the court's
        ({"stage": Stage.PRODUCTION}, np.nan, True, 60.0),
        ({"stage": Stage.REVIEW}, np.nan, False, None),  # the desk has seen it before
        ({"stage": Stage.OUTGOING_CHECK}, np.nan, False, None),
        ({"stage": Stage.INCOMING_TRIAGE}, 30.0, False, 30.0),
        ({"stage": Stage.INCOMING_TRIAGE, "loops": 1}, np.nan, False, 60.0),
        ({"stage": Stage.INCOMING_TRIAGE, "abusive": Abuse.OPEN}, np.nan, False, 60.0),
        ({"stage": Stage.INCOMING_TRIAGE, "enforceable": 0}, np.nan, True, None),
        ({"stage": Stage.INCOMING_TRIAGE, "deadline_days": 120.0}, np.nan, True, None),  # it will not be late
    ],
)
def test_a_file_that_would_be_late_may_be_returned_on_its_last_day(
    as_python: pytest.MonkeyPatch, fields: dict[str, float], own: float, learns: bool, returned_after: float | None
) -> None:
    """It waits 100 days under a deadline of 60. Desks learn from genuine first files how many have a deadline."""
    world = asked(**{"deadline_days": 60.0, "enforceable": 1, "urgent": 1, "key": 5} | fields)
    world.deadline_days[FOREIGN], world.deadline_enforceable[FOREIGN] = own, 1
    learnt = arrives(as_python, world, 100.0)
    request, job = world.request[0], world.job[0]
    assert (job.request, job.desk, job.stage) == (0, request_at_desk.desk_of(world, request), request.stage)
    assert (job.touch_hours, job.urgent, request.job) == (6.0, 1, 0)
    if learns:
        assert learnt == [(request.enforceable == 1, request.deadline_days, 9.0)]
    else:
        assert learnt == []
    if returned_after is None:
        assert math.isinf(job.returned_on)
    else:
        assert job.returned_on == NOW + returned_after


def test_a_file_that_is_just_in_time_is_kept(as_python: pytest.MonkeyPatch) -> None:
    """Nothing is won by returning it, nor one that nobody would return."""
    world = asked(deadline_days=60.0, enforceable=1, stage=Stage.INCOMING_TRIAGE)
    arrives(as_python, world, 60.0)
    assert math.isinf(world.job["returned_on"][0])
