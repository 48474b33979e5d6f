"""How an investigator chooses the way to ask (M4), and how cheap ways invite more requests (M25)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.chains import corroboration_probability
from sim.agents.channels import awareness, learn, utility
from sim.law.vocabulary import Channel
from sim.world.records import REQUEST
from tests.agents.kernels import Learning
from tests.tiny import plain, row_of_settings

DAYS, SHARE = st.floats(1, 1500), st.floats(0, 1)


def test_half_know_a_channel_at_the_half_time() -> None:
    rule, setting = plain(awareness), row_of_settings()[0]
    half = setting.awareness_half_days
    assert rule(setting, 1000.0, 1000.0 - half) == pytest.approx(0.5)
    known = [rule(setting, 1000.0, 1000.0 - age) for age in (0, half / 2, half, 2 * half, 20 * half)]
    assert known == sorted(known)
    assert known[0] < 0.06  # a new instrument starts almost unknown
    assert known[-1] > 0.99
    assert rule(row_of_settings(awareness_half_days=0.0)[0], 1000.0, 1000.0) == 1.0


@given(st.sampled_from(range(8)), DAYS, DAYS, SHARE, SHARE)
def test_speed_and_success_draw_requests(channel: int, first: float, second: float, one: float, other: float) -> None:
    rule, setting = plain(utility), row_of_settings()[0]
    quick, slow = sorted((first, second))
    rare, likely = sorted((one, other))
    assert rule(setting, channel, quick, rare) >= rule(setting, channel, slow, rare)
    assert rule(setting, channel, quick, likely) >= rule(setting, channel, quick, rare)


def test_what_cannot_be_used_in_court_is_worth_less() -> None:
    rule, setting = plain(utility), row_of_settings()[0]
    assert rule(setting, Channel.PROVIDER_VOLUNTARY, 20.0, 0.6) < rule(setting, Channel.PROVIDER_BINDING, 20.0, 0.6)
    assert rule(setting, Channel.LETTERS_ROGATORY, 20.0, 0.6) < rule(setting, Channel.MLAT, 20.0, 0.6)


@given(DAYS, DAYS)
def test_quick_channels_invite_supplementary_requests(first: float, second: float) -> None:
    rule, setting = plain(corroboration_probability), row_of_settings()[0]
    quick, slow = sorted((first, second))
    assert 0 <= rule(setting, slow) <= rule(setting, quick) <= 0.95
    assert rule(setting, setting.usual_days) == pytest.approx(setting.corroboration)
    assert rule(row_of_settings(rebound=0.0)[0], quick) == pytest.approx(setting.corroboration)


def test_experience_is_a_moving_average_of_one_state_and_channel() -> None:
    days, success = np.full((2, 12), 300.0), np.full((2, 12), 0.5)
    asked = np.zeros(1, REQUEST).view(np.recarray)
    asked["requested"], asked["channel"], asked["drafted"], asked["ended"] = 1, Channel.MLAT, 10.0, 110.0
    world = Learning(row_of_settings(experience_weight=0.1), days, success)
    plain(learn)(world, asked[0], True)
    assert days[1, Channel.MLAT] == pytest.approx(280.0)
    assert success[1, Channel.MLAT] == pytest.approx(0.55)
    days[1, Channel.MLAT], success[1, Channel.MLAT] = 300.0, 0.5
    assert (days == 300.0).all()
    assert (success == 0.5).all()
