"""Perceived risk, expected gain, and the four choices of place, rule by rule (M15, M16)."""

import math

import numpy as np
import pytest

from sim.agents.gain import discounted_sanction, income
from sim.agents.place import relocation_rate
from sim.agents.resurgence import preparedness
from sim.agents.risk import belief, calm_experience, faded, learn, lesson, own_experience
from sim.engine.compiling import in_python
from sim.world.parameters import Parameters
from sim.world.records import GROUP, Concern, EvidenceStatus, GroupStatus, Growing
from sim.world.world import World
from tests.agents import scene
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import row_of_settings

SETTING = row_of_settings()[0]
SAMPLES = 20_000
WEEK = 7.0


def group(**values: float) -> np.record:
    """A group that has lived through nothing."""
    made = np.zeros(1, GROUP).view(np.recarray)
    for name, value in values.items():
        made[name] = value
    return made[0]


def test_a_lesson_removes_its_share_of_the_doubt() -> None:
    """P ← p + λ (1 − p), after any earlier experience (M16)."""
    for prior, past in ((0.1, 0.0), (0.4, 0.7)):
        before = in_python(belief)(prior, past)
        after = in_python(belief)(prior, past + in_python(lesson)(0.065, 1.0))
        assert after == pytest.approx(before + 0.065 * (1.0 - before))


def test_lessons_fade_by_half_in_the_declared_weeks() -> None:
    assert in_python(faded)(1.0, WEEK * SETTING.memory_weeks, SETTING) == pytest.approx(0.5)
    taught, now = group(experience=0.4, experience_day=100.0), 100.0 + 2 * WEEK * SETTING.memory_weeks
    calm = in_python(calm_experience)(SETTING)
    assert in_python(own_experience)(SETTING, taught, now) == pytest.approx(calm + (0.4 - calm) / 4)


def test_undisturbed_work_lowers_the_belief_below_the_prior_but_not_below_nought() -> None:
    untouched = group()
    later = in_python(own_experience)(SETTING, untouched, 3650.0)
    assert later == pytest.approx(in_python(calm_experience)(SETTING), rel=1e-6)
    assert 0.0 < in_python(belief)(0.1, later) < 0.1
    assert in_python(belief)(0.01, -1.0) == 0.0


def test_the_experienced_learn_less_from_another_blow() -> None:
    fresh, old = group(), group(blows=4)
    for each in (fresh, old):
        in_python(learn)(SETTING, each, 0.0, 1.0)
    assert fresh.experience == pytest.approx(-math.log(1 - SETTING.lesson_own))
    assert old.experience == pytest.approx(fresh.experience / (1 + 4 * SETTING.habituation))


def test_news_reach_ones_kind_and_in_part_all_others_and_concern_one_state_and_one_thing() -> None:
    heard = scene.news_of(scene.scene(4), Concern.SERVERS, 1, AWAY)
    taught = -math.log(1 - SETTING.lesson_peers)
    assert heard[Concern.SERVERS, 1, AWAY] == pytest.approx(taught * (1 + SETTING.publicity))
    assert heard[Concern.SERVERS, 0, AWAY] == pytest.approx(taught * SETTING.publicity)
    heard[Concern.SERVERS, :, AWAY] = 0.0
    assert not heard.any()
    assert not scene.news_of(scene.scene(4, with_learning=0.0), Concern.SERVERS, 1, AWAY).any()


def test_the_default_of_deterrence_is_the_mean_of_three_findings() -> None:
    """0, 0 and 11.8 % fewer: 4 % fewer entries when risk rises by as much as an arrest teaches; zero is allowed."""
    risk = Parameters().risk
    rise = risk.lesson_own * in_python(discounted_sanction)(SETTING, risk.sanction_delay)
    assert 1 - math.exp(-risk.deterrence * rise) == pytest.approx(0.118 / 3, abs=0.002)
    declaration = type(risk).__dataclass_fields__["deterrence"].metadata["declaration"]
    assert declaration.low == 0.0
    assert 1 - math.exp(-declaration.high * rise) > 0.118  # and so is what one of them found alone


def test_who_earns_less_leaves_sooner_and_retirement_is_beyond_gain() -> None:
    assert in_python(income)(group(capability=0.5, users=1.0, scale=2.0)) == 0.25
    world = scene.scene(4, deterrence=1.0, retirement=0.25)
    world.group["scale"] = 1.0
    factors = []
    for users in (1.0, 0.25):
        world.group["users"] = users
        world.group["capability"] = 1.0
        factors.append(scene.factor_of_exit(world))
    assert factors[1] > factors[0]
    assert factors[1] == pytest.approx(0.25 + (factors[0] - 0.25) * math.exp(0.75))
    assert scene.factor_of_exit(scene.scene(4, with_responsive_entry=0.0)) == 1.0


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.7])
def test_thinning_gives_the_hazard_that_it_should(factor: float) -> None:
    """Mean lifetime = usual mean ÷ factor, within 3 % (4 standard errors of 20,000 exponentials)."""
    world = scene.scene(8, deterrence=1.0, retirement=0.0, usual_news=0.0, with_learning=0.0)
    world.group["scale"] = 1.0
    world.group["users"] = 1.0 - math.log(factor)  # a change of gain of −ln(factor)
    world.group["capability"] = 1.0
    lives = np.zeros(SAMPLES)
    scene.lifetimes(world, lives)
    assert lives.mean() == pytest.approx(SETTING.lineage_months * 30.4375 / factor, rel=0.03)


def places(world: World, concern: Concern, present: int = -1) -> np.ndarray:
    """Shares of the first three states among the places that group 0 settles on."""
    found = np.zeros(SAMPLES, np.int64)
    supply = np.zeros(len(world.state))
    supply[:3] = [0.5, 0.8, 1.0]
    supply[3:] = 1.0
    scene.settle(world, concern, supply, present, found)
    return np.bincount(found, minlength=3)[:3] / SAMPLES


def test_places_are_a_conditional_logit_over_supply_risk_and_switching() -> None:
    """Drawing again is the logit of the catalogue: shares within 0.015, over 4 standard errors."""
    supply = np.array([0.5, 0.3, 0.2])
    world = scene.scene(4, perceived_risk_weight=3.0)
    world.state["perceived_risk"][:3] = 0.2
    assert places(world, Concern.SERVERS) == pytest.approx(supply, abs=0.015)
    scene.news_of(world, Concern.SERVERS, 0, HOME, 60.0)  # much is seized in the first state
    added = 0.8 * (1 - math.exp(-1.5 * 60.0 * -math.log(1 - SETTING.lesson_peers)))
    weights = supply * np.exp([-3.0 * added, 0.0, 0.0])
    assert places(world, Concern.SERVERS) == pytest.approx(weights / weights.sum(), abs=0.015)
    assert places(world, Concern.VICTIMS) == pytest.approx(supply, abs=0.015)  # another choice, other news
    weights = weights * np.exp([-SETTING.switching_cost, -SETTING.switching_cost, 0.0])
    assert places(world, Concern.SERVERS, THIRD) == pytest.approx(weights / weights.sum(), abs=0.015)
    world.setting["with_learning"] = 0.0
    assert places(world, Concern.SERVERS, THIRD) == pytest.approx(supply, abs=0.015)


def test_people_are_sticky() -> None:
    """M15: at most 2 % a year relocate, those under a public charge; without pressure nobody does."""
    assert in_python(relocation_rate)(SETTING, True, 0.0) <= 0.02
    assert in_python(relocation_rate)(SETTING, False, 0.0) == 0.0
    assert in_python(relocation_rate)(SETTING, False, 0.5) == pytest.approx(0.01)


def test_blows_that_were_survived_make_groups_prepared() -> None:
    assert in_python(preparedness)(SETTING, 0) == 0.0
    assert in_python(preparedness)(SETTING, 2) == pytest.approx(1 - (1 - SETTING.backups) ** 2)
    assert in_python(preparedness)(row_of_settings(with_learning=0.0)[0], 2) == 0.0


def test_evidence_of_a_merged_case_moves_faster_under_alert() -> None:
    """A merged case continues its leads, so that what it is after is in danger as well (M13)."""
    world = scene.scene(4)
    now = world.now[0]
    world.used[[Growing.CASE, Growing.CHAIN, Growing.EVIDENCE]] = 2
    world.case["next_case"][0] = 1
    world.case["status"][1] = 3  # MERGED
    world.case["merged_into"][1] = 0
    world.case["first_chain"][:2] = [0, 1]
    world.chain["next_chain"] = -1
    world.chain["case"][:2] = world.chain["evidence"][:2] = [0, 1]
    world.evidence["status"] = EvidenceStatus.AVAILABLE
    world.evidence["moves_at"] = now + 100.0
    scene.alert_group(world)
    np.testing.assert_allclose(world.evidence["moves_at"][:2], now + 100.0 / SETTING.alert_multiplier)
    assert world.group["status"][0] == GroupStatus.ACTIVE
