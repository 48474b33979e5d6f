"""Stages (M6), silence and refusal (M3), and dual criminality (M1)."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents import authority
from sim.agents.authority import (
    comes_in_wrong_format,
    deficiency_probability,
    drafting_median,
    dual_criminality,
    fails_on_law,
    goes_to_ministry,
    is_silent,
    legal_ground,
    political_refusal_probability,
    refusal_ground,
    silence_probability,
    transmission_median,
)
from sim.agents.court import appeal_follows, order_probability
from sim.engine.compiling import in_python
from sim.law.instruments import TERMS
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import REQUEST, STATE, Stage
from tests.agents import scene
from tests.agents.kernels import elapsed_days, habits_of_silence
from tests.tiny import row_of_settings

SAMPLES = 40_000
SHARE = st.floats(0, 1)
INFRINGING, INTENT, DAMAGE = 1, 2, 4


def request(**fields: float) -> np.recarray:
    table = np.zeros(1, REQUEST).view(np.recarray)
    table["requested"] = 1
    table["deadline_days"] = np.nan
    for name, value in fields.items():
        table[name] = value
    return table


def electronic(pair: bool) -> np.ndarray:
    """Whether each of two states sends electronically to the other."""
    return np.full((2, 2), int(pair), np.uint8)


def test_waits_on_others_follow_their_median_and_spread() -> None:
    """Medians and spreads of 40,000 draws within 4 %, some 5 standard errors; no median is no wait."""
    setting = row_of_settings()
    medians, out = np.array([10.0, 30.0, 5.0, 0.0]), np.zeros((4, SAMPLES))
    stages = np.array([Stage.DRAFTING, Stage.TRANSMISSION, Stage.RETURN, Stage.REVIEW])
    elapsed_days(setting, request(), stages, medians, out)
    assert np.median(out, axis=1) == pytest.approx(medians, rel=0.04)
    assert np.log(out[:3]).std(axis=1) == pytest.approx(setting[0].elapsed_sigma, rel=0.04)
    assert np.corrcoef(out[:3])[np.triu_indices(3, 1)] == pytest.approx(0.0, abs=0.02)  # each stage has its own draw


@pytest.mark.parametrize(
    ("channel", "own", "pair", "days"),
    [
        (Channel.MLAT, 0, False, "diplomatic_days"),
        (Channel.MLAT, 0, True, "electronic_days"),
        (Channel.MLAT, 1, False, "electronic_days"),
        (Channel.DOMESTIC, 0, False, None),
        (Channel.JOINT_TEAM, 0, False, None),
    ],
)
def test_the_way_to_the_other_state(channel: Channel, own: int, pair: bool, days: str | None) -> None:
    """Paper by diplomatic bag, electronic where the instrument or the pair has it, six hours where it is direct."""
    setting = row_of_settings()[0]
    median = transmission_median(setting, electronic(pair), request(channel=channel, electronic=own)[0])
    assert median == (0.25 if days is None else setting[days])


@given(st.floats(0.3, 1.5), st.floats(0, 400), st.floats(0.5, 200))
def test_drafting_answers_to_load_and_skill(rate: float, cases: float, slots: float) -> None:
    """No shorter with more cases, longer with less work done, and never more than ten times as long for the load."""
    setting = row_of_settings()[0]

    def days(work_rate: float, open_cases: float) -> float:
        state = np.zeros(1, STATE).view(np.recarray)
        state.work_rate, state.open_cases, state.slots = work_rate, open_cases, slots
        return float(in_python(drafting_median)(setting, request(channel=Channel.MLAT)[0], state[0]))

    assert days(1.0, 0.0) == setting.drafting_days
    assert days(rate, cases) >= days(rate, max(cases - 50.0, 0.0))
    assert days(rate, cases) == pytest.approx(days(1.0, cases) / rate)
    assert days(1.0, cases) <= 10.0 * setting.drafting_days


def test_own_nationals_and_states_that_are_not_close_go_to_the_ministry() -> None:
    assert in_python(goes_to_ministry)(0.9, True)
    assert in_python(goes_to_ministry)(0.4, False)
    assert not in_python(goes_to_ministry)(0.6, False)


def test_paper_may_come_in_the_wrong_format() -> None:
    """With the declared probability, 4,000 draws within 5 standard errors; never where sent electronically."""
    setting, asked = row_of_settings()[0], request(channel=Channel.MLAT)
    wrong = {True: 0, False: 0}
    for key in range(4000):
        asked.key = key
        for pair in wrong:
            wrong[pair] += comes_in_wrong_format(setting, electronic(pair), asked[0], 0.0)
    assert wrong[True] == 0
    assert wrong[False] / 4000 == pytest.approx(setting.format_loop_probability, abs=0.03)


def silence(affinity: float, nationals: bool, implementation: float, habit: float = 0.0) -> float:
    return float(in_python(silence_probability)(row_of_settings()[0], affinity, nationals, implementation, habit))


@given(SHARE, SHARE, SHARE, st.booleans())
def test_closer_states_answer_and_refuse_less(first: float, second: float, implementation: float, own: bool) -> None:
    setting = row_of_settings()[0]
    distant, close = sorted((first, second))
    assert silence(close, own, implementation) <= silence(distant, own, implementation)
    refusal = in_python(political_refusal_probability)
    assert refusal(setting, close, own) <= refusal(setting, distant, own)


@given(SHARE, SHARE, SHARE)
def test_own_nationals_and_idle_law_bring_silence(affinity: float, first: float, second: float) -> None:
    idle, active = sorted((first, second))
    assert silence(affinity, True, idle) >= silence(affinity, False, idle)
    assert silence(affinity, False, idle) >= silence(affinity, False, active)
    assert 0 <= silence(affinity, True, idle) <= 1


def habits(seed: int, **settings: float) -> np.ndarray:
    """Habits of silence between all pairs of 80 states."""
    out = np.zeros((80, 80))
    habits_of_silence(row_of_settings(seed=seed, **settings), out)
    return out


def test_habits_of_silence_belong_to_an_ordered_pair_and_a_seed() -> None:
    """6,400 pairs: mean and spread within 5 standard errors."""
    first, spread = habits(1), row_of_settings()[0].silence_habit
    np.testing.assert_array_equal(first, habits(1))
    assert abs(np.corrcoef(first.ravel(), habits(2).ravel())[0, 1]) < 5 / 80
    assert abs(np.corrcoef(first.ravel(), first.T.ravel())[0, 1]) < 5 / 80
    assert first.mean() == pytest.approx(0.0, abs=5 * spread / 80)
    assert first.std() == pytest.approx(spread, rel=5 / (80 * np.sqrt(2)))
    assert (habits(1, silence_habit=0.0) == 0.0).all()
    assert silence(0.5, False, 0.9, -1.0) < silence(0.5, False, 0.9) < silence(0.5, False, 0.9, 1.0)


@pytest.mark.parametrize("shared", [0.0, 0.7, 1.0])
def test_what_a_case_asks_of_a_state_is_silent_together(shared: float) -> None:
    """P stays; both of a case are silent with P(r² + (1 − r²)P). 6,000 cases, within 5 standard errors."""
    setting, probability, cases = row_of_settings(silence_shared=shared)[0], 0.3, 6_000
    with np.errstate(over="ignore"):
        silent = np.array(
            [
                [in_python(is_silent)(setting, 10 * case + n, 7 * case + 10**9, probability) for n in (1, 2)]
                for case in range(cases)
            ]
        )
    bound = 5 * np.sqrt(0.25 / cases)
    assert silent.mean(axis=0) == pytest.approx([probability] * 2, abs=bound)
    together = probability * (shared**2 + (1 - shared**2) * probability)
    assert silent.all(axis=1).mean() == pytest.approx(together, abs=bound)


def test_ranges_of_silence_and_refusal() -> None:
    """M3: non-answer 3–10 % between close states, 40–95 % between adversaries about own nationals."""
    assert 0.005 <= silence(0.95, False, 0.95) <= 0.10
    assert 0.40 <= silence(0.1, True, 0.9) <= 0.95
    refusal = in_python(political_refusal_probability)
    assert refusal(row_of_settings()[0], 0.9, False) < 0.02
    assert 0.02 < refusal(row_of_settings()[0], 0.1, True) < 0.35


@pytest.mark.parametrize("offence", [0, 1])
@pytest.mark.parametrize(("penalty", "threshold"), [(0, 0), (2, 0), (2, 2), (2, 3)])
def test_dual_criminality_is_about_the_conduct(offence: int, penalty: float, threshold: float) -> None:
    rule = in_python(dual_criminality)
    for elements, facts in itertools.product(range(8), repeat=2):
        met = set(np.flatnonzero([elements >> bit & 1 for bit in range(3)])) <= set(
            np.flatnonzero([facts >> bit & 1 for bit in range(3)])
        )
        assert rule(offence, penalty, elements, threshold, facts) == (offence == 1 and penalty >= threshold and met)


def terms(test: int, kinds: int, listed: float) -> np.void:
    table = np.zeros(1, TERMS).view(np.recarray)
    table["dual_criminality"], table["dual_criminality_kinds"], table["listed_penalty_years"] = test, kinds, listed
    return table[0]


def test_what_an_instrument_lets_be_tested() -> None:
    rule = in_python(authority.tests_dual_criminality)
    content = 1 << DataKind.CONTENT
    assert not rule(terms(0, content, 0), DataKind.CONTENT, False)
    assert rule(terms(1, content, 0), DataKind.CONTENT, True)
    assert not rule(terms(1, content, 0), DataKind.SUBSCRIBER, False)
    assert rule(terms(2, content, 3), DataKind.CONTENT, False)
    assert not rule(terms(2, content, 3), DataKind.CONTENT, True)  # a listed offence skips the test


def ground(
    lawful: bool, affinity: float = 0.9, conflict: int = 0, power: int = 1, tested: bool = True, **setting: float
) -> int:
    row, asked = row_of_settings(**setting)[0], request()[0]
    legal = in_python(legal_ground)(row, asked, tested, lawful, power, conflict, 0.5)
    return int(in_python(refusal_ground)(row, asked, legal, affinity, False))


def test_grounds_of_refusal() -> None:
    lawful, unlawful = True, False
    certain = {"assessor_false_refusal": 0.0, "assessor_false_acceptance": 0.0}
    never = certain | {"refusal_political": -99.0, "refusal_de_minimis": 0.0, "refusal_ne_bis_in_idem": 0.0}
    assert ground(lawful, **never) == Ground.NONE
    assert ground(unlawful, **never) == Ground.DUAL_CRIMINALITY
    assert ground(unlawful, tested=False, **never) == Ground.NONE
    assert ground(lawful, power=0, **never) == Ground.NO_POWER
    assert ground(lawful, **never | {"refusal_political": 99.0}) == Ground.POLITICAL_OR_ESSENTIAL_INTERESTS
    assert ground(lawful, conflict=1, **never | {"refusal_data_protection": 1.0}) == Ground.DATA_PROTECTION
    assert ground(lawful, conflict=0, **never | {"refusal_data_protection": 1.0}) == Ground.NONE
    assert ground(unlawful, power=0, refusal_scale=0.0) == Ground.NONE


def test_assessors_err_both_ways_and_less_with_skill() -> None:
    rule, setting = in_python(fails_on_law), row_of_settings()[0]
    share = {}
    for lawful, skill in itertools.product((0, 1), (0.0, 1.0)):
        asked = [request(key=key)[0] for key in range(1, 1501)]
        with np.errstate(over="ignore"):
            share[lawful, skill] = np.mean([rule(setting, row, lawful == 1, skill) for row in asked])
    assert share[1, 0.0] == pytest.approx(0.04, abs=0.016)  # three standard errors of 1,500 files
    assert share[1, 1.0] == pytest.approx(0.04 / math.e, abs=0.01)
    assert share[0, 0.0] == pytest.approx(0.97, abs=0.014)


@given(SHARE, SHARE, SHARE, st.floats(-3, 3))
def test_skill_trust_template_and_leads_help_drafts(first: float, second: float, other: float, quality: float) -> None:
    rule, setting = in_python(deficiency_probability), row_of_settings()[0]
    low, high = sorted((first, second))
    asked, broad = request(data_kind=DataKind.SUBSCRIBER)[0], request(data_kind=DataKind.CONTENT)[0]
    again = request(data_kind=DataKind.SUBSCRIBER, loops=1)[0]
    base = rule(setting, asked, low, other, other, quality, False, 0.0)
    assert 0 < base < 1
    assert rule(setting, asked, high, other, other, quality, False, 0.0) <= base
    assert rule(setting, asked, other, high, other, quality, False, 0.0) <= rule(
        setting, asked, other, low, other, quality, False, 0.0
    )
    assert rule(setting, asked, other, other, high, quality, False, 0.0) <= rule(
        setting, asked, other, other, low, quality, False, 0.0
    )
    assert rule(setting, asked, low, other, other, quality, True, 0.0) < base
    assert rule(setting, again, low, other, other, quality, False, 0.0) < base
    assert rule(setting, broad, low, other, other, quality, False, 0.0) > base
    assert rule(setting, asked, low, other, other, quality + 1, False, 0.0) < base
    assert rule(setting, asked, low, other, other, quality, False, 0.5) < base


@given(SHARE, SHARE, SHARE, SHARE)
def test_courts_follow_evidence_and_law_in_action(first: float, second: float, standard: float, action: float) -> None:
    """M2: more evidence helps, a higher standard hinders, and no order goes beyond the law in action."""
    world, kind = scene.scene(1), DataKind.CONTENT.value

    def rule(strength: float, standard: float) -> float:
        """P(order) in a state with a standard of proof."""
        world.implementation[0], world.proof[0, kind] = action, standard
        return float(in_python(order_probability)(world, 0, kind, strength))

    weak, strong = sorted((first, second))
    assert rule(weak, standard) <= rule(strong, standard) <= action + 1e-6
    assert rule(standard, weak) >= rule(standard, strong)
    assert rule(standard, standard) == pytest.approx(action / 2, abs=1e-5)


def test_nobody_appeals_what_is_not_notified() -> None:
    domestic = request(channel=Channel.DOMESTIC, data_kind=DataKind.CONTENT)[0]
    foreign = request(channel=Channel.MLAT, data_kind=DataKind.CONTENT)[0]
    subscriber = request(channel=Channel.MLAT, data_kind=DataKind.SUBSCRIBER)[0]
    with np.errstate(over="ignore"):
        appealed = in_python(appeal_follows)
        always = row_of_settings(appeal_probability=1.0)[0]
        assert appealed(always, foreign)
        assert not appealed(always, subscriber)
        assert not appealed(always, domestic)
        assert not appealed(row_of_settings(appeal_probability=1.0, instant_stages=1.0)[0], foreign)
