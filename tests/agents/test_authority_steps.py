"""What authorities do, by hand-computed values: drafts, answers, returns, silence and refusal (M1, M3, M6, M7)."""

import math

import pytest

from sim.agents import authority
from sim.agents.events import Purpose
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import STATE, Abuse
from tests.agents.plain import answers, record
from tests.agents.test_authority import electronic, request
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

LIGHT = (Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY, Channel.JOINT_TEAM, Channel.DOMESTIC)


def logistic(odds: float) -> float:
    """The share that log-odds stand for."""
    return 1.0 / (1.0 + math.exp(-odds))


def test_odds_of_three_to_one_are_three_quarters() -> None:
    """And of one to three a quarter."""
    assert authority.logistic(math.log(3.0)) == pytest.approx(0.75)
    assert authority.logistic(-math.log(3.0)) == pytest.approx(0.25)


@pytest.mark.parametrize("channel", Channel)
def test_direct_requests_need_no_formal_draft_and_answers_come_by_the_channel(channel: Channel) -> None:
    """Three times as many cases as can be worked on, by people who work half as fast: six times as long."""
    setting = row_of_settings(direct_draft_days=5.0, drafting_days=20.0, team_exchange_days=3.0, answer_days=14.0)[0]
    state = record(STATE, open_cases=30, slots=10, work_rate=0.5)
    asked = request(channel=channel)[0]
    days = 5.0 if channel in LIGHT else 20.0
    assert authority.is_light(channel) == (channel in LIGHT)
    assert authority.is_provider_channel(channel) == (channel in LIGHT[:2])
    assert authority.drafting_median(setting, asked, state) == pytest.approx(6.0 * days)
    state.slots, state.work_rate = 1000, 0.01
    assert authority.drafting_median(setting, asked, state) == pytest.approx(
        10.0 * days
    )  # a tenth of the pace at least
    answer = {Channel.JOINT_TEAM: 3.0, Channel.PROVIDER_BINDING: 0.25}.get(channel, 14.0)
    assert authority.answer_median(setting, channel) == answer


def test_half_as_close_as_can_be_is_close_enough_without_the_ministry() -> None:
    """Only below it does a file go there."""
    assert not authority.goes_to_ministry(0.5, False)
    assert authority.goes_to_ministry(0.49, False)


def test_each_stage_and_each_return_has_a_draw_of_its_own(as_python: pytest.MonkeyPatch) -> None:
    """Sixteen numbers for each stage, one for each time that the request comes back to it."""
    answers(as_python, authority, lognormal=lambda _seed, _purpose, _key, count, median, _sigma: count + median)
    assert authority.elapsed(row_of_settings()[0], request(loops=3)[0], 5, 0.5) == 83.5
    assert authority.elapsed(row_of_settings()[0], request(loops=3)[0], 5, 0.0) == 0.0


@pytest.mark.parametrize(
    ("drawn", "shared", "wrong"), [(0.35, 0.8, True), (0.37, 0.8, False), (0.6, 0.0, False), (0.59, 0.0, True)]
)
def test_structured_formats_that_both_use_spare_answers_on_paper(
    as_python: pytest.MonkeyPatch, drawn: float, shared: float, wrong: bool
) -> None:
    """Six in ten are in the wrong format; where .8 is shared, half of these are right: .36."""
    answers(as_python, authority, uniform=drawn)
    setting = row_of_settings(format_loop_probability=0.6, structured_format=0.5)[0]
    paper, secure = request(channel=Channel.MLAT)[0], request(channel=Channel.MLAT, electronic=1)[0]
    assert authority.comes_in_wrong_format(setting, electronic(False), paper, shared) == wrong
    assert not authority.comes_in_wrong_format(setting, electronic(True), paper, shared)
    assert not authority.comes_in_wrong_format(setting, electronic(False), secure, shared)
    direct = request(channel=Channel.PROVIDER_BINDING)[0]
    assert not authority.comes_in_wrong_format(setting, electronic(False), direct, shared)


@pytest.mark.parametrize("kind", [DataKind.SUBSCRIBER, DataKind.CONTENT, DataKind.SEARCH_SEIZURE])
@pytest.mark.parametrize(("lead", "loops"), [(False, 0), (True, 2)])
def test_how_often_a_file_lacks_something(kind: DataKind, lead: bool, loops: int) -> None:
    """Each thing that helps multiplies the probability; quality moves the log-odds that result."""
    setting = row_of_settings(
        deficiency=0.2,
        deficiency_skill=1.5,
        deficiency_trust=0.7,
        deficiency_template=0.6,
        structured_deficiency=0.9,
        deficiency_breadth=0.4,
        deficiency_lead=0.3,
        deficiency_repeat=0.5,
        deficiency_quality=0.8,
    )[0]
    share = 0.2 * math.exp(-1.5 * 0.4) * math.exp(0.7 * 0.2) * math.exp(-0.6 * 0.3) * math.exp(-0.9 * 0.25)
    share *= 1.0 if kind == DataKind.SUBSCRIBER else 1.4
    share *= 0.7 * 0.25 if lead else 1.0
    expected = logistic(math.log(share / (1.0 - share)) - 0.8 * 0.5)
    asked = request(data_kind=kind, loops=loops)[0]
    found = authority.deficiency_probability(setting, asked, 0.9, 0.3, 0.3, 0.5, lead, 0.25)
    assert found == pytest.approx(expected)


def test_a_file_is_returned_and_a_state_silent_below_the_probability_alone(as_python: pytest.MonkeyPatch) -> None:
    """A draw that equals it is none."""
    setting, asked = row_of_settings(silence_habit=0.4, silence_shared=0.0)[0], request()[0]
    answers(as_python, authority, deficiency_probability=0.3, normal=2.0, chance=False)
    for drawn, below in ((0.3, False), (0.29, True), (0.31, False)):
        answers(as_python, authority, uniform=drawn)
        assert authority.is_deficient(setting, asked, 0.5, 0.5, 0.5, 0.0, False, 0.0) == below
        assert authority.is_silent(setting, 1, 2, 0.3) == below
    assert authority.silence_habit(setting, 0, 1) == pytest.approx(0.8)


@pytest.mark.parametrize("nationals", [False, True])
def test_how_often_nobody_answers(nationals: bool) -> None:
    """For politics or as the law is not in action; habit multiplies the odds."""
    setting = row_of_settings(silence_friendly=-2.0, silence_distance=1.5, silence_nationals=0.6)[0]
    setting.silence_implementation, setting.silence_scale, setting.with_silence = 0.5, 0.9, 0.8
    political = logistic(-2.0 + 1.5 * 0.7 + (0.6 if nationals else 0.0))
    silent = 1.0 - (1.0 - political) * (1.0 - 0.4 * 0.5)
    odds = silent / (1.0 - silent) * math.exp(0.3)
    found = authority.silence_probability(setting, 0.3, nationals, 0.6, 0.3)
    assert found == pytest.approx(odds / (1.0 + odds) * 0.9 * 0.8)


@pytest.mark.parametrize("nationals", [False, True])
def test_how_often_a_request_is_refused_for_politics(nationals: bool) -> None:
    """Log-odds grow with distance, and for own nationals."""
    setting = row_of_settings(refusal_political=-3.0, refusal_distance=2.0, refusal_nationals=0.7)[0]
    expected = logistic(-3.0 + 2.0 * 0.6 + (0.7 if nationals else 0.0))
    assert authority.political_refusal_probability(setting, 0.4, nationals) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("alleged", "abusive", "skill", "drawn", "fails"),
    [
        (True, Abuse.NONE, 0.5, 0.14, True),  # below .2 · exp(−.6 · .5) = .148
        (True, Abuse.NONE, 0.5, 0.15, False),
        (True, Abuse.NONE, 0.0, 0.2, False),
        (True, Abuse.DISGUISED, 0.5, 0.5, False),  # a good disguise is taken for an offence
        (True, Abuse.OPEN, 0.5, 0.5, True),  # states no offence
        (False, Abuse.NONE, 0.5, 0.5, True),
        (False, Abuse.NONE, 0.5, 0.1, True),
        (False, Abuse.NONE, 0.5, 0.09, False),  # accepted in error
    ],
)
def test_assessors_err_both_ways(
    as_python: pytest.MonkeyPatch, alleged: bool, abusive: Abuse, skill: float, drawn: float, fails: bool
) -> None:
    """An offence is denied in two of ten files, less with skill; what is none is accepted in one of ten."""
    answers(as_python, authority, uniform=drawn)
    setting = row_of_settings(assessor_false_refusal=0.2, assessor_skill=0.6, assessor_false_acceptance=0.1)[0]
    assert authority.fails_on_law(setting, request(abusive=abusive)[0], alleged, skill) == fails


@pytest.mark.parametrize(
    ("tested", "power", "conflict", "drawn", "ground"),
    [
        (True, 1, 0, 0.9, Ground.DUAL_CRIMINALITY),
        (False, 0, 1, 0.1, Ground.NO_POWER),
        (False, 1, 1, 0.1, Ground.DATA_PROTECTION),
        (False, 1, 1, 0.2, Ground.NONE),  # .4 · .5 is the least draw that brings no refusal
        (False, 1, 0, 0.1, Ground.NONE),
    ],
)
def test_grounds_that_national_law_gives(
    as_python: pytest.MonkeyPatch, tested: bool, power: int, conflict: int, drawn: float, ground: Ground
) -> None:
    """What is no offence there, what its law cannot do, and what conflicts with data protection."""
    answers(as_python, authority, uniform=drawn, fails_on_law=True)
    setting = row_of_settings(refusal_scale=0.5, refusal_data_protection=0.4)[0]
    assert authority.legal_ground(setting, request()[0], tested, False, power, conflict, 0.5) == ground
    setting.refusal_scale = 0.0
    assert authority.legal_ground(setting, request()[0], tested, False, power, conflict, 0.5) == Ground.NONE


@pytest.mark.parametrize(
    ("purpose", "ground"),
    [
        (Purpose.REFUSAL_POLITICAL, Ground.POLITICAL_OR_ESSENTIAL_INTERESTS),
        (Purpose.REFUSAL_MINIMIS, Ground.DE_MINIMIS),
        (Purpose.REFUSAL_BIS, Ground.NE_BIS_IN_IDEM),
    ],
)
@pytest.mark.parametrize(("drawn", "refused"), [(0.19, True), (0.2, False), (0.3, False)])
def test_grounds_of_politics_and_expediency(
    as_python: pytest.MonkeyPatch, purpose: Purpose, ground: Ground, drawn: float, refused: bool
) -> None:
    """Each has a probability of .4, of which half is in force."""
    answers(
        as_python,
        authority,
        political_refusal_probability=0.4,
        uniform=lambda _seed, asked, _key, _count: drawn if asked == purpose else 0.99,
    )
    setting = row_of_settings(refusal_scale=0.5, refusal_de_minimis=0.4, refusal_ne_bis_in_idem=0.4)[0]
    found = authority.refusal_ground(setting, request()[0], Ground.NONE.value, 0.5, False)
    assert found == (ground if refused else Ground.NONE)
    law = authority.refusal_ground(setting, request()[0], Ground.NO_POWER.value, 0.5, False)
    assert law == Ground.NO_POWER  # comes first
    setting.refusal_scale = 0.0
    assert authority.refusal_ground(setting, request()[0], Ground.NONE.value, 0.5, False) == Ground.NONE
