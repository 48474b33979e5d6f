"""Which channels there are to choose from, what each is worth, and what is learnt of it, by hand (M4)."""

import math

import pytest

from sim.agents import channels
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import ProviderPolicy, WhyNotAsked
from sim.world.world import World
from tests.agents.plain import answers, fresh, noting
from tests.agents.scene import AWAY, HOME, NOW
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

ROW = 1  # of terms
TRAFFIC, SUBSCRIBER, CONTENT = DataKind.TRAFFIC, DataKind.SUBSCRIBER, DataKind.CONTENT
ANSWERS, REFERS, IGNORES = ProviderPolicy
DEED = 0b101


def under_terms(row: int = ROW, carries: int = 1 << TRAFFIC, penalty: int = 0) -> World:
    """HOME can ask AWAY by an MLA treaty that carries some kinds of data, with a least penalty for others."""
    world = fresh()
    world.instrument[HOME, AWAY, Channel.MLAT] = row
    world.terms["carries"][[0, ROW]], world.terms["penalty_kinds"][[0, ROW]] = carries, penalty
    world.terms["exempt_offences"][ROW], world.terms["penalty_years"][ROW] = 0b10, 3.0
    return world


@pytest.mark.parametrize(
    ("row", "carries", "penalty", "offence", "is_open"),
    [
        (ROW, 1 << TRAFFIC, 0, False, True),
        (0, 1 << TRAFFIC, 0, False, True),
        (-1, 1 << TRAFFIC, 0, True, False),
        (ROW, 1 << SUBSCRIBER | 1 << CONTENT, 0, True, False),
        (ROW, 0xFF, 1 << TRAFFIC | 1, False, False),
        (ROW, 0xFF, 1 << TRAFFIC | 1, True, True),
        (ROW, 0xFF, 1 << CONTENT | 1 << SUBSCRIBER, False, True),
    ],
)
def test_a_channel_is_open_to_what_it_carries_and_to_what_is_grave_enough(
    as_python: pytest.MonkeyPatch, row: int, carries: int, penalty: int, offence: bool, is_open: bool
) -> None:
    """Where a least penalty binds this kind of data, the deed must be an offence at home that carries it."""
    world, seen = under_terms(row, carries, penalty), noting(as_python, channels, is_offence=offence)
    assert channels.is_open(world, HOME, AWAY, Channel.MLAT, TRAFFIC, DEED) == is_open
    assert seen == ([("is_offence", HOME, DEED, 0b10, 3.0)] if penalty & 1 else [])


@pytest.mark.parametrize(("age", "odds"), [(200.0, 0.0), (500.0, 4.5), (100.0, -1.5)])
def test_awareness_grows_with_the_age_of_a_channel(age: float, odds: float) -> None:
    """A logistic curve with one half at the half-time of 200 days, and a slope of 3 a half-time."""
    setting = row_of_settings(awareness_half_days=200.0)[0]
    expected = 1.0 / (1.0 + math.exp(-odds))
    assert channels.awareness(setting, NOW, NOW - age) == pytest.approx(expected)
    assert channels.awareness(row_of_settings(awareness_half_days=0.0)[0], NOW, NOW - age) == 1.0


@pytest.mark.parametrize(
    ("channel", "drawn", "known"),
    [(Channel.MLAT, 0.29, True), (Channel.MLAT, 0.3, False), (Channel.LETTERS_ROGATORY, 0.99, True)],
)
def test_each_investigator_knows_some_channels_and_all_know_letters(
    as_python: pytest.MonkeyPatch, channel: Channel, drawn: float, known: bool
) -> None:
    answers(as_python, channels, awareness=0.3, uniform=drawn)
    assert channels.is_known(row_of_settings()[0], 5, channel, NOW, 0.0) == known


TREATIES = (Channel.MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION)


@pytest.mark.parametrize("channel", list(Channel)[:8])
def test_what_a_channel_is_worth(channel: Channel) -> None:
    """Success counts 5, of answers that courts may not use 0.4 of it; each month of waiting costs 0.3."""
    costs = {"letters_cost": 1.7, "treaty_cost": 0.9, "direct_cost": 0.2}
    setting = row_of_settings(success_value=5.0, voluntary_evidence=0.4, delay_cost=0.3, **costs)[0]
    cost = 1.7 if channel == Channel.LETTERS_ROGATORY else 0.9 if channel in TREATIES else 0.2
    served = 5.0 * 0.6 * (0.4 if channel == Channel.PROVIDER_VOLUNTARY else 1.0)
    assert channels.utility(setting, channel, 75.0, 0.6) == pytest.approx(served - 0.3 * 2.5 - cost)


@pytest.mark.parametrize(
    ("channel", "kind", "policy", "in_team", "fits"),
    [
        (Channel.MLAT, TRAFFIC, IGNORES, False, True),
        (Channel.JOINT_TEAM, TRAFFIC, IGNORES, False, False),
        (Channel.JOINT_TEAM, TRAFFIC, IGNORES, True, True),
        (Channel.PROVIDER_VOLUNTARY, TRAFFIC, ANSWERS, False, True),
        (Channel.PROVIDER_VOLUNTARY, SUBSCRIBER, REFERS, False, True),
        (Channel.PROVIDER_VOLUNTARY, TRAFFIC, REFERS, False, False),
        (Channel.PROVIDER_VOLUNTARY, SUBSCRIBER, IGNORES, False, False),
    ],
)
def test_a_channel_must_fit_the_custodian(
    as_python: pytest.MonkeyPatch, channel: Channel, kind: DataKind, policy: ProviderPolicy, in_team: bool, fits: bool
) -> None:
    """And be open: what is closed fits nobody."""
    world = under_terms()
    for is_open in (True, False):
        answers(as_python, channels, is_open=lambda *_, is_open=is_open: is_open)
        assert channels.is_candidate(world, channel, HOME, AWAY, kind, DEED, policy, in_team) == (fits and is_open)


def choice(
    patch: pytest.MonkeyPatch,
    candidates: list[int],
    *,
    tried: int = 0,
    known: tuple[int, ...] = tuple(range(8)),
    worth: float = -50.0,
) -> int:
    """What is chosen, where noise is 1.2 − 0.1 a channel and not asking is worth as much as noise says."""
    world = under_terms()
    world.setting["temperature"] = 0.5
    answers(
        patch,
        channels,
        is_candidate=lambda _, channel, *__: channel in candidates,
        is_known=lambda _, __, channel, *___: channel in known,
        believed_days=lambda _, __, ___, channel: 10.0 * channel,
        believed_success=0.5,
        utility=lambda _, __, days, success: 0.02 * days + success,
        gumbel=lambda _, __, ___, count: worth if count == 8 else 1.2 - 0.1 * count,
    )
    return int(channels.choose_channel(world, 5, HOME, AWAY, TRAFFIC, DEED, ANSWERS, False, tried, worth > -50.0))


def test_the_best_of_utility_and_noise_is_chosen(as_python: pytest.MonkeyPatch) -> None:
    """Utility of 0.2 a channel and a half, at a temperature of one half: 2.2 + 0.3 a channel with its noise."""
    assert choice(as_python, [0, 2, 5]) == 5
    assert choice(as_python, [0, 2, 5], tried=1 << 5) == 2
    assert choice(as_python, [0, 2, 5], tried=1 << 5, known=(0, 5)) == 0
    assert choice(as_python, [2], worth=2.79) == 2
    assert choice(as_python, [0], worth=2.19) == 0


NOT_OPEN, TRIED, UNKNOWN, HOPELESS = WhyNotAsked


@pytest.mark.parametrize(
    ("candidates", "tried", "known", "worth", "why"),
    [
        ([], 0, (), 9.0, NOT_OPEN),
        ([2], 1 << 2, (2,), 9.0, TRIED),
        ([2], 0, (), 9.0, UNKNOWN),
        ([2, 5], 1 << 2, (), 9.0, UNKNOWN),
        ([2], 0, (2,), 2.81, HOPELESS),
        ([2, 5], 1 << 5, (2,), 2.81, HOPELESS),
    ],
)
def test_why_nothing_was_asked_is_what_came_closest(
    as_python: pytest.MonkeyPatch,
    candidates: list[int],
    tried: int,
    known: tuple[int, ...],
    worth: float,
    why: WhyNotAsked,
) -> None:
    found = choice(as_python, candidates, tried=tried, known=known, worth=worth)
    assert found < 0
    assert channels.why_not_asked(found) == why


@pytest.mark.parametrize(
    ("channel", "days", "success"),
    [(Channel.MLAT, 120.0, 0.45), (Channel.PROVIDER_VOLUNTARY, 80.0, 0.6), (Channel.PROVIDER_BINDING, 80.0, 0.6)],
)
def test_own_experience_corrects_what_is_usual_with_states_and_not_with_providers(
    channel: Channel, days: float, success: float
) -> None:
    world = under_terms()
    world.belief_days[AWAY, channel], world.belief_success[AWAY, channel] = 80.0, 0.6
    world.own_pace[HOME, AWAY], world.own_success[HOME, AWAY] = 1.5, -0.15
    assert channels.believed_days(world, HOME, AWAY, channel) == pytest.approx(days)
    assert channels.believed_success(world, HOME, AWAY, channel) == pytest.approx(success)


@pytest.mark.parametrize(("own", "success"), [(0.7, 1.0), (-0.7, 0.0)])
def test_no_success_is_expected_beyond_certainty(own: float, success: float) -> None:
    world = under_terms()
    world.belief_success[AWAY, Channel.MLAT], world.own_success[HOME, AWAY] = 0.6, own
    assert channels.believed_success(world, HOME, AWAY, Channel.MLAT) == success


@pytest.mark.parametrize(("weight", "own"), [(0.1, 0.4), (0.5, 1.0)])
@pytest.mark.parametrize(("channel", "state"), [(Channel.MLAT, True), (Channel.PROVIDER_VOLUNTARY, False)])
@pytest.mark.parametrize(("succeeded", "value"), [(True, 1.0), (False, 0.0)])
def test_an_answer_moves_what_is_expected(
    weight: float, own: float, channel: Channel, state: bool, succeeded: bool, value: float
) -> None:
    """90 days where 60 are usual: by the weight for all, by four times it, at most wholly, for who was answered."""
    world = under_terms()
    world.setting["experience_weight"], world.setting["own_experience"] = weight, 4.0
    world.belief_days[AWAY, channel], world.belief_success[AWAY, channel] = 60.0, 0.3
    world.own_pace[HOME, AWAY], world.own_success[HOME, AWAY] = 1.2, 0.1
    request = world.request[0]
    request.requesting, request.requested, request.channel, request.drafted = HOME, AWAY, channel, NOW - 90.0
    channels.learn(world, request, NOW, succeeded)
    pace, success = (1.2 + own * (1.5 - 1.2), 0.1 + own * (value - 0.3 - 0.1)) if state else (1.2, 0.1)
    assert world.own_pace[HOME, AWAY] == pytest.approx(pace)
    assert world.own_success[HOME, AWAY] == pytest.approx(success)
    assert world.belief_days[AWAY, channel] == pytest.approx(60.0 + weight * 30.0)
    assert world.belief_success[AWAY, channel] == pytest.approx(0.3 + weight * (value - 0.3))
