"""How an investigator chooses the way to ask (M4), and how cheap ways invite more requests (M25)."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from sim.agents.channels import awareness, believed_days, believed_success, learn, utility, why_not_asked
from sim.agents.corroboration import corroboration_probability
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import REQUEST, ProviderPolicy, WhyNotAsked
from sim.world.world import World
from tests.agents import scene
from tests.agents.kernels import Learning
from tests.agents.scene import AWAY, HOME
from tests.tiny import row_of_settings

CHOICES = 40_000
DAYS, SHARE = st.floats(1, 1500), st.floats(0, 1)


def test_half_know_a_channel_at_the_half_time() -> None:
    rule, setting = in_python(awareness), row_of_settings()[0]
    half = setting.awareness_half_days
    assert rule(setting, 1000.0, 1000.0 - half) == pytest.approx(0.5)
    known = [rule(setting, 1000.0, 1000.0 - age) for age in (0, half / 2, half, 2 * half, 20 * half)]
    assert known == sorted(known)
    assert known[0] < 0.06  # a new instrument starts almost unknown
    assert known[-1] > 0.99
    assert rule(row_of_settings(awareness_half_days=0.0)[0], 1000.0, 1000.0) == 1.0


@given(st.sampled_from(range(8)), DAYS, DAYS, SHARE, SHARE)
def test_speed_and_success_draw_requests(channel: int, first: float, second: float, one: float, other: float) -> None:
    rule, setting = in_python(utility), row_of_settings()[0]
    quick, slow = sorted((first, second))
    rare, likely = sorted((one, other))
    assert rule(setting, channel, quick, rare) >= rule(setting, channel, slow, rare)
    assert rule(setting, channel, quick, likely) >= rule(setting, channel, quick, rare)


def test_what_cannot_be_used_in_court_is_worth_less() -> None:
    rule, setting = in_python(utility), row_of_settings()[0]
    assert rule(setting, Channel.PROVIDER_VOLUNTARY, 20.0, 0.6) < rule(setting, Channel.PROVIDER_BINDING, 20.0, 0.6)
    assert rule(setting, Channel.LETTERS_ROGATORY, 20.0, 0.6) < rule(setting, Channel.MLAT, 20.0, 0.6)


@given(DAYS, DAYS)
def test_quick_channels_invite_supplementary_requests(first: float, second: float) -> None:
    rule, setting = in_python(corroboration_probability), row_of_settings()[0]
    quick, slow = sorted((first, second))
    assert 0 <= rule(setting, slow) <= rule(setting, quick) <= 0.95
    assert rule(setting, setting.usual_days) == pytest.approx(setting.corroboration)
    assert rule(row_of_settings(rebound=0.0)[0], quick) == pytest.approx(setting.corroboration)


def experience(**settings: float) -> Learning:
    """What three states expect of each other before anything has happened."""
    shared, own = np.full((3, 12), 300.0), np.ones((3, 3))
    return Learning(row_of_settings(**settings), shared, np.full((3, 12), 0.5), own, np.zeros((3, 3)))


def answer(
    world: Learning, requesting: int, succeeded: bool, channel: Channel = Channel.MLAT, days: float = 100.0
) -> None:
    """State 1 answers a request."""
    asked = np.zeros(1, REQUEST).view(np.recarray)
    asked["requesting"], asked["requested"], asked["channel"], asked["drafted"] = requesting, 1, channel, 10.0
    in_python(learn)(world, asked[0], 10.0 + days, succeeded)


def test_experience_is_a_moving_average_of_one_state_and_channel() -> None:
    world = experience(experience_weight=0.1)
    answer(world, 0, True)
    days, success = world.belief_days, world.belief_success
    assert days[1, Channel.MLAT] == pytest.approx(280.0)
    assert success[1, Channel.MLAT] == pytest.approx(0.55)
    days[1, Channel.MLAT], success[1, Channel.MLAT] = 300.0, 0.5
    assert (days == 300.0).all()
    assert (success == 0.5).all()


def test_who_meets_with_silence_expects_less_than_others_do() -> None:
    """After one answer own experience has its weight, after many it is all; those who were answered see it apart."""
    world, days, success = (
        experience(experience_weight=0.05, own_experience=4.0),
        in_python(believed_days),
        in_python(believed_success),
    )
    answer(world, 0, False, days=600.0)
    shared = world.belief_success[1, Channel.MLAT]
    assert success(world, 0, 1, Channel.BUDAPEST) == pytest.approx(0.5 - 0.2 * 0.5)
    assert days(world, 0, 1, Channel.BUDAPEST) == pytest.approx(300.0 * (1.0 + 0.2 * 1.0))
    assert success(world, 2, 1, Channel.MLAT) == shared
    for _ in range(200):
        answer(world, 0, False, days=600.0)
        answer(world, 2, True, days=100.0)
    assert success(world, 0, 1, Channel.MLAT) < 0.1
    assert success(world, 2, 1, Channel.MLAT) > 0.9
    assert days(world, 0, 1, Channel.MLAT) == pytest.approx(600.0, rel=0.1)
    assert days(world, 2, 1, Channel.MLAT) == pytest.approx(100.0, rel=0.3)


def test_providers_are_known_to_all_alike_and_nobody_learns_without_weight() -> None:
    world = experience(experience_weight=0.1)
    answer(world, 0, False, Channel.PROVIDER_VOLUNTARY)
    assert (world.own_pace == 1.0).all() and (world.own_success == 0.0).all()
    assert in_python(believed_days)(world, 0, 1, Channel.PROVIDER_VOLUNTARY) == pytest.approx(280.0)
    still = experience(experience_weight=0.0)
    answer(still, 0, False)
    assert (still.own_pace == 1.0).all() and (still.own_success == 0.0).all()


OPENED = (Channel.LETTERS_ROGATORY, Channel.MLAT, Channel.BUDAPEST, Channel.JUDICIAL_DIRECT)


def market(*opened: Channel, **settings: float) -> World:
    """States HOME and AWAY between which these channels have been open for long; experience differs by channel."""
    world = scene.scene(4, **settings)
    for channel in opened:
        scene.open_channel(world, channel, AWAY)
    world.belief_days[:] = 120.0 + 10.0 * np.arange(12)
    world.belief_success[:] = 0.3 + 0.02 * np.arange(12)
    return world


def chosen(
    world: World,
    in_team: bool = False,
    tried: int = 0,
    may_abstain: bool = True,
    provider: int = ProviderPolicy.ANSWERS,
) -> Counter:
    """How often each channel was chosen, or nothing for a reason: see `reason`."""
    out = np.zeros(CHOICES, np.int64)
    scene.choose_channels(world, provider, in_team, tried, may_abstain, out)
    return Counter(out.tolist())


def reason(why: WhyNotAsked) -> int:
    """The choice that stands for not asking for a reason."""
    (choice,) = (code for code in range(-10, 0) if in_python(why_not_asked)(code) == why)
    return choice


def utilities(world: World, channels: Iterable[Channel]) -> dict[int, float]:
    """U over temperature of each channel; of not asking, which has utility 0."""
    setting, rule = world.setting[0], in_python(utility)
    found = {
        int(channel): rule(setting, channel, world.belief_days[AWAY, channel], world.belief_success[AWAY, channel])
        / setting.temperature
        for channel in channels
    }
    return found | {reason(WhyNotAsked.NOT_WORTH_IT): 0.0}


def assert_softmax(counts: Counter, values: dict[int, float]) -> None:
    """Chi-square of the counts against the softmax of the values; rejects a right rule once in a million times."""
    assert set(counts) <= set(values)
    weights = np.exp(np.array(list(values.values())))
    expected = counts.total() * weights / weights.sum()
    assert expected.min() > 5  # else the test could distinguish nothing
    distance = ((np.array([counts[channel] for channel in values]) - expected) ** 2 / expected).sum()
    assert chi2.sf(distance, len(values) - 1) > 1e-6


@pytest.mark.parametrize("temperature", [0.3, 0.5, 1.0])
def test_the_choice_of_a_channel_is_a_softmax(temperature: float) -> None:
    world = market(*OPENED, temperature=temperature)
    assert_softmax(chosen(world), utilities(world, OPENED))


def test_where_a_choice_must_be_made_it_is_a_softmax_of_the_rest() -> None:
    world = market(*OPENED)
    values = utilities(world, OPENED)
    del values[reason(WhyNotAsked.NOT_WORTH_IT)]
    assert_softmax(chosen(world, may_abstain=False), values)
    del values[Channel.MLAT]
    assert_softmax(chosen(world, may_abstain=False, tried=1 << Channel.MLAT), values)


def test_a_channel_counts_only_for_those_who_know_it() -> None:
    """Half know it: the choice is half of each softmax, within 5 standard errors."""
    world = market(Channel.LETTERS_ROGATORY, Channel.BUDAPEST)
    values = utilities(world, (Channel.LETTERS_ROGATORY, Channel.BUDAPEST))
    world.opened[HOME, AWAY, Channel.BUDAPEST] = world.now[0] - world.setting[0].awareness_half_days
    weights = {channel: np.exp(value) for channel, value in values.items()}
    expected = 0.5 * weights[Channel.BUDAPEST] / sum(weights.values())
    share = chosen(world)[Channel.BUDAPEST] / CHOICES
    assert share == pytest.approx(expected, abs=5 * np.sqrt(expected / CHOICES))


def test_only_what_is_open_and_fits_is_chosen() -> None:
    nothing_open = {reason(WhyNotAsked.NO_CHANNEL_OPEN)}
    assert set(chosen(market(), may_abstain=False)) == nothing_open
    team = market(Channel.JOINT_TEAM)
    assert set(chosen(team, may_abstain=False)) == nothing_open
    assert set(chosen(team, may_abstain=False, in_team=True)) == {Channel.JOINT_TEAM}
    voluntary = market(Channel.PROVIDER_VOLUNTARY)  # only who answers foreign authorities gives traffic data away
    assert set(chosen(voluntary, may_abstain=False, provider=ProviderPolicy.REFERS)) == nothing_open
    assert set(chosen(voluntary, may_abstain=False, provider=ProviderPolicy.IGNORES)) == nothing_open
    assert set(chosen(voluntary, may_abstain=False)) == {Channel.PROVIDER_VOLUNTARY}
    uncarried = market(Channel.MLAT)
    uncarried.terms["carries"] = 1 << DataKind.SUBSCRIBER
    assert set(chosen(uncarried, may_abstain=False)) == nothing_open


def test_why_nothing_is_asked() -> None:
    """Of several reasons, the one that comes closest to asking."""
    hopeless = market(Channel.MLAT, Channel.BUDAPEST)
    hopeless.belief_days[:] = 5000.0
    assert set(chosen(hopeless)) == {reason(WhyNotAsked.NOT_WORTH_IT)}
    assert set(chosen(hopeless, tried=1 << Channel.MLAT)) == {reason(WhyNotAsked.NOT_WORTH_IT)}
    both = 1 << Channel.MLAT | 1 << Channel.BUDAPEST
    assert set(chosen(hopeless, tried=both, may_abstain=False)) == {reason(WhyNotAsked.ALL_CHANNELS_TRIED)}
    new = market(Channel.MLAT, Channel.BUDAPEST)
    new.opened[HOME, AWAY, Channel.BUDAPEST] = new.now[0] + 100.0 * new.setting[0].awareness_half_days
    assert set(chosen(new, tried=1 << Channel.MLAT, may_abstain=False)) == {reason(WhyNotAsked.CHANNEL_UNKNOWN)}
