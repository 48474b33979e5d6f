"""A request at a desk: which desk, how much work, and its place in line (M6)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import request_at_desk
from sim.law.vocabulary import Channel
from sim.world.records import Abuse, Body, DeskKind, Growing, ProviderPolicy, Stage
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import fresh, got, put, table
from tests.agents.scene import NOW

pytestmark = pytest.mark.usefixtures("as_python")

FOREIGN = scene.THIRD  # the state that is asked; AWAY asks
ALL_STAGES = sum(1 << stage for stage in Stage)
#: Days: of its place, by its deadline, as urgent, by trust, by an officer, and by Eurojust (.1 of 90).
KEPT, DEADLINE, URGENT, TRUST, OFFICER, EUROJUST = 1.0, 20.0, 300.0, 4000.0, 45.0, 9.0
OUTGOING, INCOMING, COURT = DeskKind.OUTGOING, DeskKind.INCOMING, DeskKind.COURT
LINE = 100.0  # days that a file waits at any desk


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


def test_each_stage_has_its_desk() -> None:
    """Authorities and laboratory of the state that asks, authority and court of the one that is asked."""
    outgoing = dict.fromkeys((Stage.TRANSLATION, Stage.OUTGOING_CHECK, Stage.DEFICIENCY_RETURN), DeskKind.OUTGOING)
    incoming = dict.fromkeys((Stage.INCOMING_TRIAGE, Stage.REVIEW, Stage.RETURN), DeskKind.INCOMING)
    kinds = outgoing | incoming | {Stage.COURT_ORDER: DeskKind.COURT, Stage.FORENSICS: DeskKind.FORENSIC}
    direct = {"route": ALL_STAGES & ~(1 << Stage.OUTGOING_CHECK) & ~(1 << Stage.INCOMING_TRIAGE)}
    judges = {Stage.REVIEW: DeskKind.COURT, Stage.RETURN: None, Stage.DEFICIENCY_RETURN: None}
    cases = [({"stage": stage}, kinds.get(stage)) for stage in Stage]
    cases += [(direct | {"stage": stage}, kind) for stage, kind in judges.items()]
    for phoned, resume in ((1, Stage.REVIEW), (1, Stage.COURT_ORDER), (0, Stage.REVIEW)):
        kind = None if phoned and resume == Stage.REVIEW else DeskKind.OUTGOING
        cases.append(({"stage": Stage.DEFICIENCY_RETURN, "phoned": phoned, "resume": resume}, kind))
    for fields, kind in cases:
        world = asked(**fields)
        state = scene.AWAY if kind in (DeskKind.OUTGOING, DeskKind.FORENSIC) else FOREIGN
        expected = -1 if kind is None else desk_row(world, kind, state)
        assert request_at_desk.desk_of(world, world.request[0]) == expected, fields


def test_a_providers_work_is_counted_without_a_line() -> None:
    """It takes a request up at once; none is done on one that meets a shut door."""
    world = asked(stage=Stage.PRODUCTION, provider=1, stage_since=NOW - 3.0)
    assert request_at_desk.desk_of(world, world.request[0]) == -1
    request_at_desk.count_work(world, 0)
    assert got(world, "job", 0, "desk started ended") == (world.provider["desk"][1], NOW - 3.0, NOW)
    put(world, "request", channel=Channel.PROVIDER_VOLUNTARY, sent=NOW)
    put(world, "provider", 1, policy=ProviderPolicy.NEVER)
    request_at_desk.count_work(world, 0)
    assert world.used[Growing.JOB] == 1


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
    put(world, "setting", **{f"{name}_touch_hours": value for name, value in hours_of.items()})
    put(world, "setting", translation_hours=5.0, later_pass_hours=2.0, screening_work=0.2)
    put(world, "setting", authority_screening=2.5, provider_screening=4.0)
    world.shared_language[:] = 1
    world.shared_language[scene.AWAY, FOREIGN] = int(not foreign)
    expected = hours + (5.0 if foreign and stage == Stage.OUTGOING_CHECK else 0.0)
    assert request_at_desk.mean_touch(world, world.request[0]) == pytest.approx(expected)


def test_a_file_that_comes_back_keeps_its_place() -> None:
    """From the day on which it first came to this kind of desk; at the outgoing authority, from that of its draft."""
    for kind, field in ((DeskKind.INCOMING, "queue_since"), (DeskKind.COURT, "court_since")):
        world = asked()
        assert request_at_desk.place_kept(world, world.request[0], kind) == 0.0
        assert world.request[field][0] == NOW
        world.now[0] = NOW + 30.0
        assert request_at_desk.place_kept(world, world.request[0], kind) == 30.0
    for kind, loops, days in ((OUTGOING, 0, 0.0), (OUTGOING, 1, 40.0), (DeskKind.FORENSIC, 1, 0.0)):
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
def test_which_deadline_binds(
    kind: DeskKind, own: float, own_binds: int, treaty: float, treaty_binds: int, bound: bool, allowed: float
) -> None:
    """Other desks know the treaty's alone; a deadline binds where its breach has a cost."""
    world = asked(deadline_days=treaty, enforceable=treaty_binds)
    world.deadline_days[FOREIGN], world.deadline_enforceable[FOREIGN] = own, own_binds
    request = world.request[0]
    assert request_at_desk.is_bound(world, request, kind) == bound
    assert request_at_desk.allowed_days(world, request, kind) == pytest.approx(allowed, nan_ok=True)


@table(
    (OUTGOING, 1, 1, 0, KEPT),
    (DeskKind.FORENSIC, 1, 1, 0, 0.0),
    (INCOMING, 1, 1, 0, KEPT + DEADLINE + URGENT + TRUST + OFFICER + EUROJUST),
    (INCOMING, 0, 0, 0, KEPT + DEADLINE + TRUST + OFFICER),
    (COURT, 1, 1, 0, KEPT + DEADLINE + EUROJUST),
    (COURT, 1, 0, 0, KEPT + DEADLINE),
)
def test_what_moves_a_file_forward(kind: int, urgent: int, helped: int, abusive: int) -> float:
    """Urgency, trust and officers at the central authority; Eurojust at courts as well; at home its place alone."""
    settings = {"urgent_head_start": URGENT, "eurojust_speed": 0.1, "officer_speed": 0.5, "deadline_horizon": 80.0}
    settings |= {"trust_head_start": 2.0 * TRUST, "trust_usual": 0.5, "with_trust": 1.0}
    since = {"queue_since": NOW - KEPT, "court_since": NOW - KEPT, "drafted": NOW - KEPT, "loops": 1}
    since |= {"deadline_days": 60.0, "enforceable": 1, "officer": 1}
    world = asked(urgent=urgent, abusive=abusive, helped=(helped << Body.EUROJUST) | 1 << Body.EUROPOL, **since)
    put(world, "setting", **settings)
    put(world, "posting", 1, until=np.nan)
    put(world, "desk", kind=kind, last_wait=90.0)
    return request_at_desk.head_start_at(world, world.request[0], 0)


def arrived(own: float = np.nan, returned: float = 1e9, **fields: float) -> World:
    """The request comes to its desk, where one person is busy with work for 100 days, and others may lose patience.

    A file that would be late is surely returned, unless `returned` is 0.
    """
    usual = {"deadline_days": 60.0, "enforceable": 1, "urgent": 1, "key": 5, "queue_since": NOW, "court_since": NOW}
    world = asked(**usual | fields)
    steady = {"with_queues": 1.0, "returned_for_form": returned, "touch_sigma": 0.0, "deadline_horizon": 0.0}
    put(world, "setting", **steady | {"with_trust": 0.0, "urgent_head_start": 0.0, "with_turnover": 0.0})
    busy = {"servers": 1, "pace": 1.0, "capacity": 1.0, "work": LINE, "work_end": LINE, "work_day": NOW}
    busy |= {"offered": 99.0}
    for name, value in busy.items():
        world.desk[name] = value
    world.desk["month_end"], world.desk["engaged"], world.desk["seen"] = NOW + 30.0, 1, 0
    world.desk["own_load"] = world.desk["dated"] = world.desk["overtime"] = world.desk["idle"] = 0.0
    world.deadline_days[FOREIGN], world.deadline_enforceable[FOREIGN] = own, 1
    request_at_desk.reach_desk(world, 0)
    return world


@table(
    triage=({"stage": Stage.INCOMING_TRIAGE}, np.nan, (1, 60.0)),
    court=({"stage": Stage.COURT_ORDER}, np.nan, (1, 60.0)),
    own_deadline_is_not_the_courts=({"stage": Stage.COURT_ORDER}, 30.0, (1, 60.0)),
    seen_before=({"stage": Stage.REVIEW}, np.nan, (0, np.inf)),
    outgoing=({"stage": Stage.OUTGOING_CHECK}, np.nan, (0, np.inf)),
    own_deadline=({"stage": Stage.INCOMING_TRIAGE}, 30.0, (0, 30.0)),
    came_back=({"stage": Stage.INCOMING_TRIAGE, "loops": 1}, np.nan, (0, 60.0)),
    abusive=({"stage": Stage.INCOMING_TRIAGE, "abusive": Abuse.OPEN}, np.nan, (0, 60.0)),
    not_enforceable=({"stage": Stage.INCOMING_TRIAGE, "enforceable": 0}, np.nan, (1, np.inf)),
    not_late=({"stage": Stage.INCOMING_TRIAGE, "deadline_days": 1e6}, np.nan, (1, np.inf)),
)
def test_a_file_that_would_be_late_may_be_returned_on_its_last_day(fields: dict[str, float], own: float) -> Any:
    """It waits under a deadline of 60 days. Desks learn from genuine first files how many have a deadline."""
    world = arrived(own, **fields)
    request, job = world.request[0], world.job[0]
    place = request_at_desk.desk_of(world, request)
    assert (job.request, job.desk, job.stage, job.urgent, request.job) == (0, place, request.stage, 1, 0)
    assert job.touch_hours == pytest.approx(request_at_desk.mean_touch(world, request))
    assert job.expected > 60.0
    desk = world.desk[place]
    return float(desk.seen), job.returned_on - NOW


def test_desks_learn_what_deadlines_are_worth_from_files_that_are_bound() -> None:
    """The shorter a deadline, the more it moves files forward. Nobody returns files for their form where none would."""
    assert math.isinf(arrived(returned=0.0, stage=Stage.INCOMING_TRIAGE).job["returned_on"][0])
    world = arrived(stage=Stage.INCOMING_TRIAGE)
    desk = world.desk[request_at_desk.desk_of(world, world.request[0])]
    assert (desk.seen, desk.seen_dated, desk.dated_days) == (1, 1, 60.0)
