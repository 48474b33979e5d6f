"""Courts, step by step: standards of proof, orders and appeals; and requests beside others (M2, M6, M25)."""

import math

import pytest

from sim.agents import corroboration, court
from sim.agents.events import Purpose
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Abuse, Growing, RequestPurpose
from sim.world.world import World
from tests.agents.plain import answers, certain, drawing, fresh, noting
from tests.agents.scene import AWAY, HOME, open_channel

pytestmark = pytest.mark.usefixtures("as_python")

TRAFFIC, CONTENT, SUBSCRIBER = DataKind.TRAFFIC, DataKind.CONTENT, DataKind.SUBSCRIBER


def asked(**fields: float) -> World:
    """A request of HOME for traffic data in AWAY, where courts ask for 0.6 and law is in action to 0.8."""
    world = fresh(refusal_scale=1.0, proof_steepness=8.0, least_order=0.5)
    world.proof[AWAY, TRAFFIC], world.implementation[AWAY] = 0.6, 0.8
    values = {"requesting": HOME, "requested": AWAY, "data_kind": TRAFFIC, "channel": Channel.MLAT, "key": 77}
    for name, value in (values | fields).items():
        world.request[name][0] = value
    world.used[Growing.REQUEST] = 1
    return world


@pytest.mark.parametrize("strength", [0.45, 0.6, 0.9])
def test_a_court_answers_to_the_strength_shown_against_its_standard(strength: float) -> None:
    """A logistic curve through one half at the standard, of which law in action lets a part come true."""
    world = asked()
    response = 1.0 / (1.0 + math.exp(8.0 * (0.6 - strength)))
    assert court.response_to_proof(world, AWAY, TRAFFIC, strength) == pytest.approx(response)
    assert court.order_probability(world, AWAY, TRAFFIC, strength) == pytest.approx(0.8 * response)
    world.setting["refusal_scale"] = 0.0
    assert court.order_probability(world, AWAY, TRAFFIC, strength) == 1.0


@pytest.mark.parametrize(("least", "worth"), [(0.5, True), (0.51, False)])
def test_a_unit_asks_a_court_that_would_order_as_likely_as_it_demands(
    as_python: pytest.MonkeyPatch, least: float, worth: bool
) -> None:
    """Just at the standard of 0.6 with half of the chance; always where nobody refuses."""
    world, odds = asked(), math.log(1.5)
    world.setting["least_order"] = least
    assert court.is_likely(world.setting[0], 0.5) == worth
    answers(as_python, court, response_to_proof=0.5)
    assert court.is_worth_asking(world, AWAY, TRAFFIC, odds) == worth
    world.setting["refusal_scale"] = 0.0
    answers(as_python, court, response_to_proof=0.0)
    assert court.is_worth_asking(world, AWAY, TRAFFIC, odds)


@pytest.mark.parametrize(("drawn", "granted"), [(0.34, True), (0.35, False)])
@pytest.mark.parametrize(("abusive", "strength"), [(Abuse.NONE, 0.7), (Abuse.DISGUISED, 0.2)])
def test_an_order_is_made_on_what_the_court_is_shown(
    as_python: pytest.MonkeyPatch, drawn: float, granted: bool, abusive: Abuse, strength: float
) -> None:
    """A genuine request shows the file of the day, an abusive one what it pretends. Each return is another look."""
    world, draws = asked(abusive=abusive, strength=0.2, loops=2), drawing(as_python, court, "uniform", drawn)
    answers(as_python, court, shown=0.7)
    seen = noting(as_python, court, order_probability=0.35)
    assert court.order_granted(world, world.request[0]) == granted
    assert seen == [("order_probability", AWAY, TRAFFIC, strength)]
    assert draws == [(Purpose.ORDER, 2)]


def test_a_court_that_refused_an_action_finds_otherwise_only_of_a_stronger_file(as_python: pytest.MonkeyPatch) -> None:
    """Its draw belongs to the state's part in the case and stays the same at each look."""
    for purpose, key, look in ((RequestPurpose.ACTION, 99, 0), (RequestPurpose.CHAIN, 77, 2)):
        world, draws = asked(purpose=purpose, partner=4, loops=2), drawing(as_python, court, "uniform", 0.5)
        world.partner["key"][4] = 99
        answers(as_python, court, shown=0.7)
        court.order_granted(world, world.request[0])
        assert ([one.key for one in draws], draws) == ([key], [(Purpose.ORDER, look)])


@pytest.mark.parametrize(
    ("kind", "channel", "instant", "possible"),
    [
        (CONTENT, Channel.MLAT, 0.0, True),
        (TRAFFIC, Channel.MLAT, 0.0, True),
        (SUBSCRIBER, Channel.MLAT, 0.0, False),
        (CONTENT, Channel.DOMESTIC, 0.0, False),
        (CONTENT, Channel.MLAT, 1.0, False),
    ],
)
def test_who_is_notified_may_appeal(
    as_python: pytest.MonkeyPatch, kind: DataKind, channel: Channel, instant: float, possible: bool
) -> None:
    world, draws = asked(data_kind=kind, channel=channel), drawing(as_python, court, "chance", True)
    world.setting["instant_stages"], world.setting["appeal_probability"] = instant, 0.15
    assert court.appeal_follows(world.setting[0], world.request[0]) == possible
    assert draws == ([(Purpose.APPEAL, 0, 0.15)] if possible else [])


@pytest.mark.parametrize(("days", "factor"), [(60.0, 2.0), (240.0, 1.0), (0.5, 5.0)])
def test_cheap_ways_invite_requests_of_lower_value(days: float, factor: float) -> None:
    """0.1 at the usual 240 days; by the root of the ratio more, at most 0.5."""
    setting = fresh(corroboration=0.1, usual_days=240.0, corroboration_most=0.5, rebound=0.5, with_rebound=1.0).setting
    assert corroboration.corroboration_probability(setting[0], days) == pytest.approx(0.1 * factor)


@pytest.mark.parametrize("sent", [True, False])
def test_a_supplementary_request_asks_the_same_custodian_about_the_same_day(
    as_python: pytest.MonkeyPatch, sent: bool
) -> None:
    certain(as_python)
    world, draws = asked(case=0, evidence=6, provider=9, hop=2), drawing(as_python, corroboration, "chance", sent)
    open_channel(world, Channel.MLAT, AWAY)
    world.used[Growing.EVIDENCE], world.evidence["created"][6] = 7, 321.0
    answers(
        as_python,
        corroboration,
        believed_days=240.0,
        corroboration_probability=lambda _, days: days / 1000.0,
    )
    started = noting(as_python, corroboration, "start_request")
    corroboration.corroborate(world, 0)
    assert draws[0] == (Purpose.CORROBORATION, 0, 0.24)
    assert started == ([("start_request", 1)] if sent else [])
    if sent:
        extra, item = world.request[1], world.evidence[7]
        assert (extra.purpose, extra.requested, extra.channel) == (RequestPurpose.CORROBORATION, AWAY, Channel.MLAT)
        assert (extra.provider, extra.hop, extra.evidence) == (9, 2, 7)
        assert (item.created, item.data_kind, item.provider) == (321.0, TRAFFIC, 9)
