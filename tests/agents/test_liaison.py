"""Police information (M8), matching (M12) and the set-up of joint teams (M13).

Shares of 20,000 draws are held to 0.015, at least 4 standard errors (0.0035); medians and spreads of 12,000 times or
more to 4 %, at least 3.9 standard errors: an error rate below 1e-4 for each assertion.
"""

import math

import numpy as np
import pytest

from sim.agents.authority import deficiency_probability
from sim.agents.events import Event
from sim.agents.liaison import could_join_team, in_team, police_decline_probability
from sim.agents.matching import matching_rate
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import REQUEST, CaseStatus, Growing, RequestPurpose, RequestStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import row_of_settings

ASKS = 20_000
SETTING = row_of_settings()[0]


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("police_days", 4, 4),
        ("police_sigma", 1, 1),
        ("police_declined", 0.1, 0.4),
        ("conversion", 0.7, 0.95),
        ("deficiency_lead", 0.2, 0.5),
        ("match_none", 0.002, 0.002),
        ("match_interpol", 0.01, 0.01),
        ("match_europol", 0.05, 0.05),
        ("match_jcat", 0.1, 0.1),
        ("team_threshold", 0.5, 0.7),
        ("team_setup_days", 90, 90),
    ],
)
def test_defaults_are_those_of_the_catalogue(name: str, low: float, high: float) -> None:
    assert low <= SETTING[name] <= high


def hop(hops: int = 3, data_kind: DataKind = DataKind.TRAFFIC, affinity: float = 1.0) -> World:
    """A chain at its first hop, whose custodian is in AWAY; police can be asked."""
    world = scene.scene(ASKS)
    world.affinity[:] = affinity
    scene.open_channel(world, Channel.POLICE, AWAY)
    world.used[[Growing.CHAIN, Growing.EVIDENCE]] = 1
    world.chain["hops"], world.chain["next_evidence"] = hops, 0  # the next custodian is known already
    world.evidence["state"], world.evidence["data_kind"] = AWAY, data_kind
    return world


def police_requests(world: World) -> None:
    """Every row of requests asks police about the hop."""
    world.used[Growing.REQUEST] = ASKS
    world.request["key"] = np.arange(1, ASKS + 1)
    world.request["requesting"], world.request["requested"] = HOME, AWAY
    world.request["purpose"], world.request["channel"] = RequestPurpose.LEAD, Channel.POLICE


def test_police_answer_within_days() -> None:
    world = hop()
    scene.ask_many_police(world, ASKS)
    days = scene.waits(world, Event.LEAD_ANSWERED)
    assert len(days) / ASKS == pytest.approx(SETTING.police_first, abs=0.015)
    assert np.median(days) == pytest.approx(4.0, rel=0.05)  # 4.4 standard errors
    assert np.log(days).std() == pytest.approx(1.0, rel=0.04)
    assert (world.request.purpose[: len(days)] == RequestPurpose.LEAD).all()


def test_police_are_not_asked_where_no_channel_is() -> None:
    world = hop()
    world.instrument[:] = -1
    scene.ask_many_police(world, 100)
    assert world.used[Growing.REQUEST] == 0


@pytest.mark.parametrize(("affinity", "expected"), [(1.0, 0.1), (0.6, 0.3), (0.0, 0.6)])
def test_police_decline_more_between_distant_states(affinity: float, expected: float) -> None:
    assert in_python(police_decline_probability)(SETTING, affinity) == pytest.approx(expected)
    world = hop(affinity=affinity)
    police_requests(world)
    scene.police_answers(world, np.zeros(ASKS, bool))
    declined = world.request.status == RequestStatus.REFUSED
    assert declined.mean() == pytest.approx(expected, abs=0.015)
    assert (world.request.ground[declined] == Ground.DECLINED_BY_POLICE).all()
    assert world.case[0].leads == world.case[0].indicators == (~declined).sum()
    assert world.case[0].evidence == 0  # a lead is never evidence


@pytest.mark.parametrize(
    ("hops", "data_kind", "suffices"),
    [
        (3, DataKind.TRAFFIC, 0.15),
        (3, DataKind.SUBSCRIBER, 0.15),
        (3, DataKind.CONTENT, 0.0),
        (1, DataKind.TRAFFIC, 0.0),
    ],
)
def test_leads_rarely_spare_the_formal_request(hops: int, data_kind: DataKind, suffices: float) -> None:
    world, goes_on = hop(hops, data_kind), np.zeros(ASKS, bool)
    police_requests(world)
    scene.police_answers(world, goes_on)
    answered = world.request.status == RequestStatus.EXECUTED
    assert goes_on[answered].mean() == pytest.approx(suffices, abs=0.015)
    assert not goes_on[~answered].any()


def test_what_a_member_gives_its_joint_team_is_enough() -> None:
    """In a formed team no formal request is needed for the hop, unless it is the last."""
    world, goes_on = hop(3, DataKind.TRAFFIC), np.zeros(ASKS, bool)
    police_requests(world)
    world.case["team_formed"][0], world.case["first_partner"][0] = 0.0, 0
    world.partner["state"][0], world.partner["in_team"][0] = AWAY, 1
    scene.police_answers(world, goes_on)
    assert goes_on[world.request.status == RequestStatus.EXECUTED].all()


def test_a_lead_cuts_returned_drafts_by_a_fifth_to_a_half() -> None:
    rule, asked = in_python(deficiency_probability), np.zeros(1, REQUEST).view(np.recarray)[0]
    without, with_lead = (rule(SETTING, asked, 0.5, 0.5, 0.0, 0.0, lead, 0.0) for lead in (False, True))
    assert 0.5 <= with_lead / without <= 0.8


def two_cases(body: int = 0, affinity: float = 1.0, indicators: tuple[int, int] = (0, 0), state: int = AWAY) -> World:
    """Case 0 and a younger case 1 on the same group; reviews are a month of thirty days apart."""
    world = scene.scene(16, review_interval_days=30.0, with_liaison_desks=0.0)  # with them: see test_liaison_bodies
    world.instrument[:, :, Channel.POLICE] = scene.OPEN
    world.affinity[:], world.police_body[:] = affinity, body
    world.used[Growing.CASE] = 2
    world.case["state"][1], world.case["opened"][:2] = state, (10.0, 20.0)
    world.case["indicators"][:2] = indicators
    world.group["first_case"], world.case["next_case"][:2] = 1, (-1, 0)
    return world


MATCHES = [
    (0, 1.0, (0, 0), AWAY, 0.002 * 0.36),
    (1, 1.0, (0, 0), AWAY, 0.01 * 0.36),
    (2, 1.0, (0, 0), AWAY, 0.05 * 0.36),
    (3, 1.0, (0, 0), AWAY, 0.1 * 0.36),
    (3, 0.5, (0, 0), AWAY, 0.1 * 0.09),
    (3, 1.0, (4, 9), AWAY, 0.1 * 0.36 * 5),  # what both hold counts
    (0, 0.0, (3, 3), HOME, 0.002 * 4),  # one state's units share all
]


@pytest.mark.parametrize(("body", "affinity", "indicators", "state", "rate"), MATCHES)
def test_matches_by_police_body(
    body: int, affinity: float, indicators: tuple[int, int], state: int, rate: float
) -> None:
    """P(match a month) = 1 − exp(−κ · common indicators · σσ)."""
    months = np.zeros(ASKS, np.int64)
    scene.reviews_to_match(two_cases(body, affinity, indicators, state), months)
    for after in (1, *(math.ceil(times / rate) for times in (0.1, 0.5, 1, 2))):
        assert (months <= after).mean() == pytest.approx(-math.expm1(-rate * after), abs=0.015)


def test_nobody_knows_by_magic_that_two_cases_aim_at_one_group() -> None:
    rates = [in_python(matching_rate)(SETTING, body) for body in range(4)]
    assert rates == [0.002, 0.01, 0.05, 0.1]
    apart = two_cases(body=3, affinity=0.0)
    closed = two_cases(body=3)
    closed.instrument[:] = -1
    alone = two_cases(body=3)
    alone.case["status"][0] = CaseStatus.DROPPED_ATTRITION
    elder = two_cases(body=3)
    elder.case["opened"][0] = 30.0  # the elder case learns nothing from the younger
    for world in (apart, closed, alone, elder):
        reviews = np.zeros(20, np.int64)
        scene.reviews_to_match(world, reviews)
        assert (reviews == 4000).all()


def partners(*states: int, affinity: float = 0.6, basis: bool = True) -> World:
    """The case with these partner states, which may form joint teams with the case's where there is a basis."""
    world = scene.scene(2 * ASKS)
    world.affinity[:] = affinity
    if basis:
        scene.open_channel(world, Channel.JOINT_TEAM, AWAY)
    world.used[Growing.PARTNER] = len(states)
    world.partner["state"][: len(states)] = states
    world.partner["next_partner"][: len(states)] = [*range(1, len(states)), -1]
    world.partner["authorised"] = 1
    world.case["first_partner"][0] = 0 if states else -1
    return world


def test_teams_are_set_up_in_months() -> None:
    world, proposed = partners(HOME, AWAY), np.zeros(2 * ASKS, bool)
    scene.propose_teams(world, proposed)
    assert proposed.mean() == pytest.approx(SETTING.team_per_month, abs=0.008)
    days = scene.waits(world, Event.TEAM_FORMED)
    assert len(days) == proposed.sum()
    assert np.median(days) == pytest.approx(90, rel=0.06)  # of 3,200: 4.5 standard errors
    assert np.log(days).std() == pytest.approx(SETTING.elapsed_sigma, rel=0.06)


@pytest.mark.parametrize(
    ("states", "affinity", "basis", "formed"),
    [
        ((), 0.9, True, math.nan),  # nobody to form it with
        ((HOME,), 0.9, True, math.nan),
        ((THIRD,), 0.9, True, math.nan),  # no legal basis with this one
        ((AWAY,), 0.9, False, math.nan),
        ((AWAY,), 0.49, True, math.nan),  # too little trust
        ((AWAY,), 0.9, True, 500.0),  # there is one
        ((AWAY,), 0.9, True, math.inf),  # one is being set up
    ],
)
def test_no_team_without_basis_trust_and_partner(
    states: tuple[int, ...], affinity: float, basis: bool, formed: float
) -> None:
    world, proposed = partners(*states, affinity=affinity, basis=basis), np.zeros(500, bool)
    world.case["team_formed"][0] = formed
    scene.propose_teams(world, proposed)
    assert len(scene.waits(world, Event.TEAM_FORMED)) == 0


def test_a_team_takes_in_who_may_join() -> None:
    world = partners(HOME, AWAY, THIRD)
    assert not any(in_python(in_team)(world, 0, state) for state in (HOME, AWAY, THIRD))
    scene.form_team(world)
    assert world.case[0].team_formed == world.now[0]
    assert [bool(in_python(in_team)(world, 0, state)) for state in (HOME, AWAY, THIRD)] == [False, True, False]


def test_trust_at_the_threshold_is_enough() -> None:
    for affinity, could in ((0.5, True), (0.4999, False)):
        assert bool(in_python(could_join_team)(partners(AWAY, affinity=affinity), 0, AWAY)) is could
