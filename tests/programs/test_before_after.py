"""Tests of effects before and after: verdicts, sources of effects, and rules that each switch turns off."""

from collections.abc import Mapping

import pytest

from docs.programs import before_after
from docs.programs.before_after import GROUPS, LASTING, SHOWN, USABLE, WAIT, Compared, Effect
from docs.programs.draws import DEFAULT, EVERY, NOW, OFF, PERSONS, TRACED, VARIANTS, jobs, scenarios_of
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.world.parameters import declarations


def effect(value: float, reach: float) -> Effect:
    return Effect(value, value - reach, value + reach, 100)


@pytest.mark.parametrize(
    ("then", "now", "verdict"),
    [
        (effect(60.0, 5.0), effect(40.0, 5.0), "moved"),
        (effect(60.0, 20.0), effect(40.0, 20.0), "within chance"),
        (effect(60.0, 5.0), effect(50.0, 5.0), ""),
        (effect(1.0, 2.0), effect(-3.0, 4.0), "–"),
        (effect(1.0, 2.0), effect(9.0, 3.0), "moved"),
    ],
)
def test_an_effect_moves_by_a_quarter_and_beyond_chance_or_it_has_not_moved(
    then: Effect, now: Effect, verdict: str
) -> None:
    assert Compared.of(then, now).verdict == verdict


def world(lasting: float, wait: float, usable: float) -> Mapping[str, float]:
    return {LASTING: lasting, WAIT: wait, USABLE: usable}


def test_effects_of_worlds_are_relative_for_takedowns_and_differences_for_waits_and_shares() -> None:
    worlds = [{BASELINE: world(50.0 + n, 9.0, 0.2), "p": world(75.0 + 1.5 * n, 4.0 + 0.1 * n, 0.25)} for n in range(4)]
    effects = before_after.of_worlds(worlds, "draws")
    assert effects["draws", "p", "", LASTING].value == pytest.approx(50.0)
    assert effects["draws", "p", "", WAIT].value == pytest.approx(-4.85)
    assert effects["draws", "p", "", USABLE].value == pytest.approx(5.0)


def test_effects_of_the_earlier_model_are_those_of_its_studies_ladders_and_draws() -> None:
    then = before_after.stored()
    assert then["sets", "faster_mlat", "", LASTING].value == pytest.approx(62.5, abs=0.1)
    assert then["sets", "faster_mlat", "", LASTING].worlds == 100
    assert then["steps", "faster_mlat: courts", "alone", GROUPS].value == pytest.approx(24.1, abs=0.1)
    assert {place[1] for place in then if place[0] == "draws"} == set(DEFAULT)
    assert {place[3] for place in then if place[0] != "steps"} == set(SHOWN)


def test_only_places_that_both_models_have_are_compared() -> None:
    then, now = {("sets", "p", "", WAIT): effect(1.0, 0.1)}, {("sets", "p", "", WAIT): effect(2.0, 0.1)}
    more = {("sets", "q", "", WAIT): effect(1.0, 0.1), ("draws", "p", "", WAIT): effect(1.0, 0.1)}
    assert list(before_after.compared("sets", then | more, now)) == [("sets", "p", "", WAIT)]
    words = before_after.summary(before_after.compared("sets", then, now))
    assert "1 moved beyond chance (p: median wait, × 2.00)" in words


def test_each_rule_is_switched_off_by_parameters_that_exist_and_doses_by_larger_ones() -> None:
    known = {name for name, _, _ in declarations()}
    assert {name for values in OFF.values() for name in values} <= known
    today, rounded = (
        {one.lever.name: one.value for one in scenarios_of(v, in_sets=True)[1].changes} for v in (NOW, PERSONS)
    )
    assert rounded["court.staff"] == pytest.approx(1.598, abs=1e-3) and today["court.staff"] == 1.5
    assert {name for name in today if today[name] != rounded[name]} == {"court.staff", "central_authority.staff"}


def test_every_variant_is_simulated_in_each_draw_and_set_with_its_policies() -> None:
    made = jobs(range(20, 22), 1)
    assert len(made) == 3 * len(VARIANTS)
    every, now = made[f"{EVERY}, draw 20"], made[f"{NOW}, draw 20"]
    assert every.seed == now.seed == 1020
    assert every.parameters.desk.court_elasticity == 0.0 < now.parameters.desk.court_elasticity
    assert [one.key for one in made[f"{NOW}, set of seed 1"].scenarios] == [BASELINE, *TRACED]
    assert {*DEFAULT} < {one.key for one in now.scenarios} and len(every.scenarios) == 3
    assert now.scenarios[1].changes == load(DEFAULT[0]).changes
