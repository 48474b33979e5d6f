"""Tests of authorities: drafting (M6), returns (M7), silence and refusal (M3), dual criminality (M1)."""

import itertools
import math
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from sim.agents.assistance import authority as rules
from sim.agents.assistance import drafting, offence
from sim.agents.events import Purpose
from sim.engine.random import lognormal, uniform
from sim.law.instruments import TERMS
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import NONE, REQUEST, STATE, Abuse, RequestPurpose, Stage
from sim.world.world import World
from tests.agents.plain import chances, fresh, holds, put, record, table
from tests.agents.scene import AWAY, DEADLINE, HOME, OPEN, open_channel
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

DEFAULT = row_of_settings()[0]
MLAT, BINDING, VOLUNTARY = Channel.MLAT, Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY
TEAM, DOMESTIC = Channel.JOINT_TEAM, Channel.DOMESTIC
CONTENT = DataKind.CONTENT


def request(**fields: float) -> Any:
    return record(REQUEST, **{"requested": 1, "deadline_days": math.nan} | fields)


def pair(electronic: int) -> np.ndarray:
    """Matrix of two states that is all true if `electronic` is 1, and all false otherwise."""
    return np.full((2, 2), electronic, np.uint8)


def share(odds: float) -> float:
    """Converts log-odds to a share."""
    return 1.0 / (1.0 + math.exp(-odds))


def test_direct_requests_need_no_formal_draft_and_answers_come_by_the_channel() -> None:
    """The median days to an answer depend on the channel: joint team, provider under an order, or others."""
    setting = row_of_settings(team_exchange_days=3.0, answer_days=14.0)[0]

    direct = {BINDING: (1, 1, 0.25), VOLUNTARY: (1, 1, 14.0), TEAM: (0, 1, 3.0), DOMESTIC: (0, 1, 14.0)}
    for channel in Channel:
        nature = rules.is_provider_channel(channel), rules.is_light(channel), rules.answer_median(setting, channel)
        assert nature == direct.get(channel, (0, 0, 14.0))


@table(
    usual=(MLAT, 10, 10, 1.0, 20.0),
    direct=(VOLUNTARY, 10, 10, 1.0, 5.0),
    crowded=(MLAT, 30, 10, 1.0, 60.0),
    no_place=(MLAT, 1, 0, 1.0, 200.0),
    half_as_able=(MLAT, 10, 10, 0.5, 40.0),
    hardly_able=(MLAT, 10, 10, 0.01, 200.0),
)
def test_drafting_answers_to_load_and_skill(channel: Channel, cases: float, slots: float, rate: float) -> float:
    """Drafting takes up to ten times as long in a crowded unit or for staff of low skill."""
    setting = row_of_settings(direct_draft_days=5.0, drafting_days=20.0)[0]
    state = record(STATE, open_cases=cases, slots=slots, work_rate=rate)
    return rules.drafting_median(setting, request(channel=channel), state)


@table(
    paper=(MLAT, 0, 0, 30.0),
    pair=(MLAT, 0, 1, 2.0),
    instrument=(MLAT, 1, 0, 2.0),
    at_home=(DOMESTIC, 0, 0, 0.25),
    team=(TEAM, 0, 0, 0.25),
)
def test_the_way_to_the_other_state(channel: Channel, own: int, both: int) -> float:
    """Transmission takes 30 days on paper, two days electronically, and six hours in direct channels."""
    setting = row_of_settings(diplomatic_days=30.0, electronic_days=2.0)[0]
    return rules.transmission_median(setting, pair(both), request(channel=channel, electronic=own))


def test_own_nationals_and_states_that_are_not_close_go_to_the_ministry() -> None:
    cases = {"close": (0.5, False, False), "nationals": (0.9, True, True), "not close": (0.49, False, True)}
    holds(rules.goes_to_ministry, cases)


def test_each_stage_and_each_return_has_a_draw_of_its_own() -> None:
    """Each return to a stage draws a new random time."""
    asked = request(loops=3, key=7)
    drawn = lognormal(1, Purpose.STAGE_TIME, 7, 83, 12.0, DEFAULT.elapsed_sigma)
    holds(lambda median: rules.elapsed(DEFAULT, asked, 5, median), drawn=(12.0, drawn), none=(0.0, 0.0))


def test_paper_may_come_in_the_wrong_format() -> None:
    """Paper requests may be in the wrong format, but less often with structured exchange.

    Six in ten, of which half are right where 0.8 of exchange is structured: 0.36. Never if sent electronically.
    """
    setting = row_of_settings(format_loop_probability=0.6, structured_format=0.5)[0]
    paper = {0.8: 0.36, 0.0: 0.6}
    for channel, own, both, structured in itertools.product((MLAT, BINDING), (0, 1), (0, 1), paper):
        wrong = paper[structured] if channel == MLAT and not own and not both else 0.0
        asked = request(channel=channel, electronic=own)

        def again(key: int, asked: Any = asked, both: int = both, structured: float = structured) -> bool:
            asked.key = key
            return rules.comes_in_wrong_format(setting, pair(both), asked, structured)

        chances(again, Purpose.FORMAT, wrong)


def test_how_often_a_file_lacks_something() -> None:
    """The probability of deficiency falls with skill, trust, earlier returns and quality."""
    weights = {"skill": 1.5, "trust": 0.7, "template": 0.6, "breadth": 0.4, "lead": 0.3, "repeat": 0.5, "quality": 0.8}
    settings = {f"deficiency_{name}": weight for name, weight in weights.items()}

    def probability(usual: float, kind: DataKind, lead: bool, loops: int) -> float:
        setting = row_of_settings(deficiency=usual, structured_deficiency=0.9, **settings)[0]
        return rules.deficiency_probability(
            setting, request(data_kind=kind, loops=loops, trust=0.3), 0.9, 0.3, 0.5, lead, 0.25
        )

    def expected(share_of_files: float) -> float:
        return share(math.log(share_of_files / (1.0 - share_of_files)) - 0.8 * 0.5)

    usual = 0.2 * math.exp(-1.5 * 0.4 + 0.7 * 0.2 - 0.6 * 0.3 - 0.9 * 0.25)
    holds(
        probability,
        narrow=(0.2, DataKind.SUBSCRIBER, False, 0, expected(usual)),
        content=(0.2, CONTENT, False, 0, expected(1.4 * usual)),
        searches=(0.2, DataKind.SEARCH_SEIZURE, False, 0, expected(1.4 * usual)),
        led=(0.2, DataKind.SUBSCRIBER, True, 0, expected(0.7 * usual)),
        third_time=(0.2, DataKind.SUBSCRIBER, False, 2, expected(0.25 * usual)),
        hardly_ever=(0.0, DataKind.SUBSCRIBER, False, 0, expected(0.001)),
        nearly_always=(9.0, DataKind.SUBSCRIBER, False, 0, expected(0.99)),
    )


def test_habits_of_silence_belong_to_an_ordered_pair() -> None:
    """Habits of silence have the declared mean and spread over pairs of 20 states (false alarm: 1 in 8,000)."""
    setting = row_of_settings(silence_habit=0.8)[0]
    habit = np.array([[rules.silence_habit(setting, i, j) for j in range(20)] for i in range(20)])
    assert abs(np.corrcoef(habit.ravel(), habit.T.ravel())[0, 1]) < 4 / 20
    assert habit.mean() == pytest.approx(0.0, abs=4 * 0.8 / 20)
    assert habit.std() == pytest.approx(0.8, rel=4 / (20 * math.sqrt(2)))
    assert not rules.silence_habit(row_of_settings(silence_habit=0.0)[0], 0, 1)


def test_how_often_nobody_answers() -> None:
    weights = {"friendly": -2.0, "distance": 1.5, "nationals": 0.6, "implementation": 0.5, "scale": 0.9}
    setting = row_of_settings(**{f"silence_{name}": weight for name, weight in weights.items()}, with_silence=0.8)[0]

    def expected(odds: float) -> float:
        silent = 1.0 - (1.0 - share(odds)) * (1.0 - 0.4 * 0.5)
        odds = silent / (1.0 - silent) * math.exp(0.3)
        return odds / (1.0 + odds) * 0.9 * 0.8

    holds(
        lambda nationals: rules.silence_probability(setting, 0.3, nationals, 0.6, 0.3),
        others=(False, expected(-2.0 + 1.5 * 0.7)),
        own=(True, expected(-2.0 + 1.5 * 0.7 + 0.6)),
    )


def test_dual_criminality_is_about_the_conduct_and_tested_where_an_instrument_lets_it_be() -> None:
    for elements, facts, punished, years in itertools.product(range(8), range(8), (0, 1), (0, 2, 3)):
        met = all(facts >> bit & 1 for bit in range(3) if elements >> bit & 1)
        assert rules.dual_criminality(punished, 2, elements, years, facts) == (punished == 1 and years <= 2 and met)
    for test, data_kind, listed in itertools.product(range(3), (CONTENT, DataKind.SUBSCRIBER), (True, False)):
        terms = record(TERMS, dual_criminality=test, dual_criminality_kinds=1 << CONTENT)
        expected = data_kind == CONTENT and (test == 1 or (test == 2 and not listed))
        assert rules.tests_dual_criminality(terms, data_kind, listed) == expected


def test_assessors_err_both_ways() -> None:
    """Assessors deny some real offences and accept some acts that are no offence."""
    setting = row_of_settings(assessor_false_refusal=0.2, assessor_skill=0.6, assessor_false_acceptance=0.1)[0]
    for key, abusive, alleged, skill in itertools.product(range(1, 41), list(Abuse)[:3], (True, False), (0.5, 0.0)):
        drawn = uniform(1, Purpose.REFUSAL_LAW, key, 0)
        offence = alleged and abusive != Abuse.OPEN
        expected = drawn < 0.2 * math.exp(-0.6 * skill) if offence else drawn >= 0.1
        assert rules.fails_on_law(setting, request(abusive=abusive, key=key), alleged, skill) == expected


def test_grounds_that_national_law_gives() -> None:
    """National law gives grounds for refusal: no offence, no legal power, or a conflict with data protection.

    Where an offence is said to be none, it is by mistake.
    """

    def found(key: int, tested: bool, power: int, conflict: int, scale: float = 1.0, alleged: bool = False) -> int:
        values = {"assessor_false_acceptance": 0.0, "assessor_false_refusal": 1.0, "assessor_skill": 0.0}
        setting = row_of_settings(refusal_data_protection=0.4, foreign_refusal=scale, **values)[0]
        return rules.legal_ground(setting, request(key=key), tested, alleged, power, conflict, 0.5)

    holds(
        found,
        no_offence=(1, True, 0, 1, Ground.DUAL_CRIMINALITY),
        by_mistake=(1, True, 0, 1, 1.0, True, Ground.MISTAKE),
        not_tested=(1, False, 1, 0, Ground.NONE),
        no_power=(1, False, 0, 1, Ground.NO_POWER),
        nobody_refuses=(1, True, 0, 1, 0.0, Ground.NONE),
    )
    chances(lambda key: found(key, False, 1, 1, 0.5) == Ground.DATA_PROTECTION, Purpose.REFUSAL_DATA, 0.2)
    chances(lambda key: found(key, False, 0, 0, 0.3) == Ground.NO_POWER, Purpose.LET_OFF, 0.3)
    chances(lambda key: found(key, True, 1, 0, 0.3) == Ground.DUAL_CRIMINALITY, Purpose.LET_OFF, 0.3)
    chances(lambda key: found(key, False, 1, 0) == Ground.DATA_PROTECTION, Purpose.REFUSAL_DATA, 0.0)


def abroad(setting: Any) -> World:
    """Stand-in for a world that has only the settings on the speed of authorities abroad."""
    return cast(World, SimpleNamespace(setting=[setting]))


def instant(setting: Any, channel: Channel, stage: int, key: int) -> bool:
    route = drafting.route_of(channel, RequestPurpose.CHAIN)
    return bool(rules.is_instant(abroad(setting), request(key=key, channel=channel, route=route), stage))


def test_stages_abroad_take_a_day_by_who_acts_in_them() -> None:
    """A setting that makes courts, providers or authorities abroad instant shortens only their own stages.

    What judges send each other, courts review.
    """
    acting: dict[str, tuple[Stage, ...]]
    acting = {"instant_courts": (Stage.COURT_ORDER, Stage.APPEAL), "instant_providers": (Stage.PRODUCTION,)}
    acting["instant_authorities"] = (Stage.TRANSMISSION, Stage.INCOMING_TRIAGE, Stage.RETURN)
    reviewed = {MLAT: "instant_authorities", Channel.JUDICIAL_DIRECT: "instant_courts"}
    for name, channel in itertools.product(acting, reviewed):
        setting = row_of_settings(**{name: 0.4})[0]
        for stage in Stage:
            acts = stage in acting[name] or (stage == Stage.REVIEW and reviewed[channel] == name)
            chances(partial(instant, setting, channel, stage), Purpose.INSTANT, 0.4 if acts else 0.0, stage)
            assert not rules.is_instant(abroad(setting), request(key=1, channel=Channel.DOMESTIC), stage)
        at_once = 0.4 if name == "instant_authorities" else 0.0
        chances(partial(rules.answers_at_once, setting), Purpose.INSTANT, at_once)


def test_how_often_a_request_is_refused_for_politics() -> None:
    """The log-odds of political refusal grow with distance, and are higher for own nationals."""
    setting = row_of_settings(refusal_political=-3.0, refusal_distance=2.0, refusal_nationals=0.7)[0]
    holds(
        lambda nationals: rules.political_refusal_probability(setting, 0.4, nationals),
        others=(False, share(-1.8)),
        own=(True, share(-1.1)),
    )


def test_grounds_of_politics_and_expediency() -> None:
    """A refusal gives the first ground that applies, in the order of law, politics and expediency."""
    settings = {"refusal_political": 0.0, "refusal_distance": 0.0, "refusal_nationals": 0.0}
    settings |= {"refusal_de_minimis": 0.5, "refusal_ne_bis_in_idem": 0.5}
    setting, never = row_of_settings(foreign_refusal=0.5, **settings)[0], row_of_settings(foreign_refusal=0.0)[0]
    grounds = {Purpose.REFUSAL_POLITICAL: Ground.POLITICAL_OR_ESSENTIAL_INTERESTS}
    grounds |= {Purpose.REFUSAL_MINIMIS: Ground.DE_MINIMIS, Purpose.REFUSAL_BIS: Ground.NE_BIS_IN_IDEM}
    for key in range(1, 101):
        asked = request(key=key)
        drawn = [ground for purpose, ground in grounds.items() if uniform(1, purpose, key, 0) < 0.25]
        assert rules.refusal_ground(setting, asked, Ground.NONE.value, 0.5, False) == [*drawn, Ground.NONE][0]
        assert rules.refusal_ground(setting, asked, Ground.NO_POWER.value, 0.5, False) == Ground.NO_POWER
        assert rules.refusal_ground(never, asked, Ground.NONE.value, 0.5, False) == Ground.NONE


def test_a_draw_that_equals_its_probability_is_none() -> None:
    """An event whose random draw equals its probability does not happen."""
    asked, key = request(key=7, channel=MLAT), 7

    def drawn(purpose: Purpose) -> float:
        return uniform(1, purpose, key, 0)

    names = {"refusal_de_minimis": Purpose.REFUSAL_MINIMIS, "refusal_ne_bis_in_idem": Purpose.REFUSAL_BIS}
    names |= {"refusal_data_protection": Purpose.REFUSAL_DATA, "format_loop_probability": Purpose.FORMAT}
    names |= {"assessor_false_refusal": Purpose.REFUSAL_LAW}
    settings = {name: drawn(purpose) for name, purpose in names.items()}
    setting = row_of_settings(foreign_refusal=1.0, refusal_political=-99.0, silence_shared=0.0, **settings)[0]
    assert not rules.refusal_ground(setting, asked, Ground.NONE.value, 1.0, False)
    assert not rules.legal_ground(setting, asked, False, True, 1, 1, 0.5)
    assert not rules.comes_in_wrong_format(setting, pair(0), asked, 0.0)
    assert not rules.is_silent(setting, key, 8, drawn(Purpose.SILENCE))
    assert not rules.fails_on_law(setting, asked, True, 0.0)
    setting.assessor_false_acceptance = drawn(Purpose.REFUSAL_LAW)
    assert rules.fails_on_law(setting, asked, False, 0.0)


ACCESS, FRAUD, OTHER = 0, 3, 1  # two offences that the deed may be, and one that it is not
INTENT, DAMAGE = 1, 2  # elements


def law() -> World:
    """Makes a world in which AWAY punishes three offences, with different elements and maximum penalties."""
    world = fresh(4)
    world.offence[AWAY] = 0
    world.offence[AWAY, [ACCESS, FRAUD, OTHER]] = 1
    world.penalty_years[AWAY] = 9.0
    world.penalty_years[AWAY, [ACCESS, FRAUD]] = 1.0, 5.0
    world.elements[AWAY, [ACCESS, FRAUD]] = DAMAGE, INTENT
    return world


def deed(facts: int) -> Any:
    """Conduct that may be illegal access or fraud, with the given facts."""
    return offence.as_deed(np.int32((1 << ACCESS) | (1 << FRAUD)), np.int32(facts))


@table(
    (INTENT, 4.0, 0, True),
    (INTENT, 5.0, 0, True),
    (INTENT, 6.0, 0, False),
    (INTENT, 6.0, 1 << FRAUD, True),
    (INTENT, 6.0, 1 << ACCESS, False),  # access asks for damage as well
    (INTENT | DAMAGE, 6.0, 1 << ACCESS, True),
    (0, 0.0, 0, False),
)
def test_a_deed_is_an_offence_if_one_is_met_and_grave_enough(facts: int, years: float, exempt: int) -> bool:
    return bool(offence.is_offence(law(), AWAY, deed(facts), exempt, years))


@table(
    binds=(OPEN, 1, DataKind.CONTENT, 6.0, 0, False),
    met=(OPEN, 1, DataKind.CONTENT, 5.0, 0, True),
    exempt=(OPEN, 1, DataKind.CONTENT, 6.0, 1 << FRAUD, True),
    requesting_side_alone=(OPEN, 0, DataKind.CONTENT, 6.0, 0, True),
    other_data=(OPEN, 1, DataKind.SUBSCRIBER, 6.0, 0, True),
    no_instrument=(NONE, 1, DataKind.CONTENT, 6.0, 0, True),
)
def test_some_instruments_ask_for_penalties_there(instrument, both, kind, years, exempt):
    world = law()
    put(world, "request", instrument=instrument, data_kind=DataKind.CONTENT, requested=AWAY, deed=deed(INTENT))
    put(world, "terms", penalty_both=both, penalty_kinds=1 << kind, penalty_years=years, exempt_offences=exempt)
    return bool(offence.is_offence_there(world, world.request[0]))


@table((5.0, 2, False), (6.0, 2, True), (5.0, 1, True))
def test_a_listed_offence_that_is_punished_enough_is_not_tested(years: float, dual_criminality: int) -> bool:
    world = law()
    kinds = 1 << DataKind.CONTENT
    put(world, "terms", dual_criminality=dual_criminality, dual_criminality_kinds=kinds, listed_penalty_years=years)
    return bool(offence.is_tested(world, world.terms[OPEN], AWAY, DataKind.CONTENT, deed(INTENT)))


@table(
    (0.5, Channel.PROVIDER_BINDING, 2**Stage.REVIEW + 2**Stage.COURT_ORDER),
    (0.0, Channel.PROVIDER_BINDING, 0),
    (0.5, Channel.MLAT, 0),
)
def test_oversight_adds_review_and_court_to_direct_requests(share: float, channel: Channel) -> int:
    return drafting.oversight_route(row_of_settings(provider_court_order=share)[0], channel)


def test_an_action_needs_no_production_and_stages_follow_each_other() -> None:
    route = drafting.route_of(Channel.JUDICIAL_DIRECT, RequestPurpose.ACTION)
    stages, stage = [], 0
    while stage := drafting.next_stage(route, stage):
        stages.append(stage)
    assert stages == [1, 2, 4, 7, 8, 11]
    assert drafting.route_of(Channel.JUDICIAL_DIRECT, RequestPurpose.CHAIN) == route + 2**Stage.PRODUCTION


@table(
    foreign_language=(0, Channel.JUDICIAL_DIRECT, (1, DEADLINE)),
    common_language=(1, Channel.JUDICIAL_DIRECT, (0, DEADLINE)),
    at_home=(0, Channel.DOMESTIC, (0, NONE)),
)
def test_a_draft_has_the_terms_of_its_instrument_and_may_be_translated(common: int, channel: Channel) -> Any:
    world = fresh(4)
    world.shared_language[HOME, AWAY] = common
    open_channel(world, Channel.JUDICIAL_DIRECT, AWAY, terms=DEADLINE)
    row = drafting.draft(world, 5, RequestPurpose.CHAIN, HOME, AWAY, channel, DataKind.CONTENT)
    request = world.request[row]
    request.instrument = NONE
    drafting.apply_terms(world, request, 3)
    return bool(request.route & 2**Stage.TRANSLATION), request.instrument
