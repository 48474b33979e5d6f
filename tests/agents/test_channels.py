"""How an investigator chooses the way to ask, and what is learnt of it (M4)."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sim.agents import channels as rules
from sim.agents.events import Purpose
from sim.engine.random import gumbel
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import ProviderPolicy, WhyNotAsked
from sim.world.world import World
from tests.agents.plain import chances, fresh, holds, put, table
from tests.agents.scene import AWAY, DEADLINE, HOME, NOW, OPEN, THIRD, open_channel
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

TRAFFIC, SUBSCRIBER, CONTENT = DataKind.TRAFFIC, DataKind.SUBSCRIBER, DataKind.CONTENT
MLAT, VOLUNTARY, BINDING = Channel.MLAT, Channel.PROVIDER_VOLUNTARY, Channel.PROVIDER_BINDING
DEED = np.int64(0b101)  # one of two offences


traffic, others = 1 << TRAFFIC, 1 << SUBSCRIBER | 1 << CONTENT
OPENED = (Channel.LETTERS_ROGATORY, MLAT, Channel.BUDAPEST, Channel.JUDICIAL_DIRECT, BINDING)


@table(
    carried=(DEADLINE, traffic, 0, 1.0, 0, True),
    under_the_first_terms_of_all=(OPEN, traffic, 0, 1.0, 0, True),
    no_instrument=(-1, traffic, 0, 9.0, 0, False),
    other_data=(DEADLINE, others, 0, 9.0, 0, False),
    not_grave_enough=(DEADLINE, 0xFF, traffic | 1, 2.9, 0, False),
    just_grave_enough=(DEADLINE, 0xFF, traffic | 1, 3.0, 0, True),
    exempt=(DEADLINE, 0xFF, traffic | 1, 1.0, 0b100, True),
    another_offence_exempt=(DEADLINE, 0xFF, traffic | 1, 1.0, 0b010, False),
    penalty_for_other_data=(DEADLINE, 0xFF, others, 1.0, 0, True),
)
def test_a_channel_is_open_to_grave_data(row: int, carries: int, penalty_kinds: int, years: float, exempt: int) -> bool:
    """Where a least penalty of three years binds this kind of data, the deed must carry it at home or be exempt."""
    world = fresh()
    world.instrument[HOME, AWAY, MLAT] = row
    world.penalty_years[:], world.penalty_years[HOME] = 9.0, years
    for terms in (OPEN, DEADLINE):
        put(world, "terms", terms, carries=carries, penalty_kinds=penalty_kinds, penalty_years=3.0)
        put(world, "terms", terms, exempt_offences=exempt)
    return rules.is_open(world, HOME, AWAY, MLAT, TRAFFIC, DEED)


@table(
    new=(200.0, 0.0, 1.0 / (1.0 + math.exp(3.0))),
    at_the_half_time=(200.0, 200.0, 0.5),
    old=(200.0, 500.0, 1.0 / (1.0 + math.exp(-4.5))),
    known_at_once=(0.0, 0.0, 1.0),
)
def test_awareness_grows_with_the_age_of_a_channel(half: float, age: float) -> float:
    """A logistic curve with one half at the half-time of 200 days, and a slope of 3 a half-time."""
    return rules.awareness(row_of_settings(awareness_half_days=half)[0], NOW, NOW - age)


def test_each_investigator_knows_some_channels_and_all_know_letters() -> None:
    setting, opened = row_of_settings(awareness_half_days=200.0)[0], NOW - 200.0
    chances(lambda key: rules.is_known(setting, key, MLAT, NOW, opened), Purpose.CHANNEL_AWARE, 0.5, MLAT)
    assert all(rules.is_known(setting, key, Channel.LETTERS_ROGATORY, NOW, opened) for key in range(1, 21))


def test_what_a_channel_is_worth() -> None:
    """Success counts 5, of answers that courts may not use 0.4 of it; each month of waiting costs 0.3."""
    costs = {"letters_cost": 1.7, "treaty_cost": 0.9, "direct_cost": 0.2}
    setting = row_of_settings(success_value=5.0, voluntary_evidence=0.4, delay_cost=0.3, **costs)[0]
    worth = dict.fromkeys(list(Channel)[:8], 5.0 * 0.6 - 0.3 * 2.5 - 0.2)
    worth |= dict.fromkeys((MLAT, Channel.BUDAPEST, Channel.UN_CONVENTION), worth[BINDING] - 0.7)
    worth |= {Channel.LETTERS_ROGATORY: worth[BINDING] - 1.5, VOLUNTARY: worth[BINDING] - 5.0 * 0.6 * 0.6}
    for channel, value in worth.items():
        assert rules.utility(setting, channel, 75.0, 0.6) == pytest.approx(value), channel


ANSWERS, SHUT, NOBODY = 0, 1, -1


@table(
    to_authorities=(MLAT, SHUT, False, True),
    in_no_team=(Channel.JOINT_TEAM, SHUT, False, False),
    in_a_team=(Channel.JOINT_TEAM, SHUT, True, True),
    who_answers=(VOLUNTARY, ANSWERS, False, True),
    who_does_not=(VOLUNTARY, SHUT, False, False),
    no_provider=(VOLUNTARY, NOBODY, False, False),
)
def test_a_channel_must_be_open_and_fit_the_custodian(channel: Channel, asked: int, in_team: bool) -> bool:
    world = fresh()
    put(world, "provider", policy=(ProviderPolicy.GRADED, ProviderPolicy.NEVER), since=-np.inf)
    assert not rules.is_candidate(world, channel, HOME, AWAY, TRAFFIC, DEED, asked, in_team, 1)  # as it is not open
    open_channel(world, channel, AWAY)
    return rules.is_candidate(world, channel, HOME, AWAY, TRAFFIC, DEED, asked, in_team, 1)


def market(*opened: Channel, **settings: float) -> World:
    """States HOME and AWAY between which these channels have been open for long; experience differs by channel."""
    world = fresh(4, **settings)
    open_channel(world, Channel.LETTERS_ROGATORY, THIRD)
    for channel in opened:
        open_channel(world, channel, AWAY)
    world.belief_days[AWAY] = 120.0 + 10.0 * np.arange(12)
    world.belief_success[AWAY] = 0.3 + 0.02 * np.arange(12)
    world.own_pace[HOME, AWAY], world.own_success[HOME, AWAY] = 1.2, 0.1
    return world


def choice(world: World, key: int, tried: Sequence[Channel] = (), may_abstain: bool = True) -> int:
    mask = sum(1 << channel for channel in tried)
    return int(rules.choose_channel(world, key, HOME, AWAY, TRAFFIC, DEED, ANSWERS, False, mask, may_abstain))


@pytest.mark.parametrize("abstain", [True, False])
@pytest.mark.parametrize("tried", [(), (BINDING, MLAT)])
@pytest.mark.parametrize("temperature", [0.3, 2.0])
def test_the_best_of_utility_and_noise_is_chosen(temperature: float, tried: Sequence[Channel], abstain: bool) -> None:
    """So that the choice is a softmax of utilities over temperature; not asking has utility 0, and noise of its own."""
    world = market(*OPENED, temperature=temperature, awareness_half_days=0.0)
    chosen = set()
    for key in range(1, 101):
        worth = {}
        for channel in set(OPENED) - set(tried):
            days = rules.believed_days(world, HOME, AWAY, channel)
            success = rules.believed_success(world, HOME, AWAY, channel)
            value = rules.utility(world.setting[0], channel, days, success) / temperature
            worth[int(channel)] = value + gumbel(1, Purpose.CHANNEL_NOISE, key, channel)
        if abstain:
            worth[-1 - WhyNotAsked.NOT_WORTH_IT] = gumbel(1, Purpose.CHANNEL_NOISE, key, 8)
        best = max(worth, key=lambda one: worth[one])
        assert choice(world, key, tried, abstain) == best
        chosen.add(best)
    assert len(chosen) >= 2


def test_why_nothing_is_asked_is_what_came_closest() -> None:
    def why(opened: Sequence[Channel], tried: Sequence[Channel], new: Sequence[Channel], abstain: bool) -> int:
        world = market(*opened, awareness_half_days=200.0)
        world.belief_days[:] = 5e6
        world.opened[HOME, AWAY, list(new)] = NOW + 1e4
        return int(rules.why_not_asked(choice(world, 5, tried, abstain)))

    both = (MLAT, Channel.BUDAPEST)
    holds(
        why,
        not_open=((), (), (), False, WhyNotAsked.NO_CHANNEL_OPEN),
        tried=(both, both, (), False, WhyNotAsked.ALL_CHANNELS_TRIED),
        unknown=(both, (), both, False, WhyNotAsked.CHANNEL_UNKNOWN),
        one_tried_one_unknown=(both, both[:1], both[1:], False, WhyNotAsked.CHANNEL_UNKNOWN),
        one_unknown_one_tried=(both, both[1:], both[:1], False, WhyNotAsked.CHANNEL_UNKNOWN),
        hopeless=(both, (), (), True, WhyNotAsked.NOT_WORTH_IT),
        one_hopeless_one_tried=(both, both[1:], (), True, WhyNotAsked.NOT_WORTH_IT),
    )
    assert choice(market(MLAT, awareness_half_days=0.0), 5, may_abstain=False) == MLAT


@table(
    a_state=(MLAT, -0.15, (120.0, 0.45)),
    a_provider=(VOLUNTARY, -0.15, (80.0, 0.6)),
    a_provider_that_must=(BINDING, -0.15, (80.0, 0.6)),
    certainty=(MLAT, 0.7, (120.0, 1.0)),
    hopelessness=(MLAT, -0.7, (120.0, 0.0)),
)
def test_own_experience_corrects_what_is_usual_with_states_and_not_with_providers(channel: Channel, own: float) -> Any:
    """And no success is expected beyond certainty."""
    world = fresh()
    world.belief_days[AWAY, channel], world.belief_success[AWAY, channel] = 80.0, 0.6
    world.own_pace[HOME, AWAY], world.own_success[HOME, AWAY] = 1.5, own
    return rules.believed_days(world, HOME, AWAY, channel), rules.believed_success(world, HOME, AWAY, channel)


@table(
    success=(0.1, 60.0, MLAT, True, (63.0, 0.37, 1.32, 0.34)),
    failure=(0.1, 60.0, MLAT, False, (63.0, 0.27, 1.32, -0.06)),
    all_weight=(0.5, 60.0, MLAT, True, (75.0, 0.65, 1.5, 0.7)),
    a_provider=(0.1, 60.0, VOLUNTARY, True, (63.0, 0.37, 1.2, 0.1)),
    no_weight=(0.0, 60.0, MLAT, True, (60.0, 0.3, 1.2, 0.1)),
    a_few_hours_count_as_a_day=(0.5, 0.25, MLAT, True, (45.125, 0.65, 90.0, 0.7)),
)
def test_an_answer_moves_what_is_expected(weight: float, usual: float, channel: Channel, succeeded: bool) -> Any:
    """90 days where 60 are usual: by the weight for all, by four times it, at most wholly, for who was answered."""
    world = fresh(experience_weight=weight, own_experience=4.0)
    world.belief_days[AWAY, channel], world.belief_success[AWAY, channel] = usual, 0.3
    world.own_pace[HOME, AWAY], world.own_success[HOME, AWAY] = 1.2, 0.1
    put(world, "request", requesting=HOME, requested=AWAY, channel=channel, drafted=NOW - 90.0)
    rules.learn(world, world.request[0], NOW, succeeded)
    believed = world.belief_days[AWAY, channel], world.belief_success[AWAY, channel]
    return (*believed, world.own_pace[HOME, AWAY], world.own_success[HOME, AWAY])
