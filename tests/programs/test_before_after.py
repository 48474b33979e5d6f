"""Tests of effects before and after: verdicts, sources of effects, and rules that each switch turns off."""

from collections.abc import Mapping

import pandas as pd
import pytest

from docs.programs import DOCS, ROOT, before_after, traced
from docs.programs.before_after import GROUPS, LASTING, SHOWN, USABLE, WAIT, Compared, Effect
from docs.programs.draws import (
    ALL,
    DEFAULT,
    EVERY,
    LATER,
    MOVED,
    NEWER,
    NOW,
    OFF,
    PERSONS,
    REVIEWED,
    TRENDS,
    VARIANTS,
    WORLDS,
    jobs,
    jobs_in_sets,
    scenarios_of,
    with_earlier_doses,
)
from docs.programs.ladders import CHAIN
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
    assert {name for rules in (OFF, LATER) for values in rules.values() for name in values} <= known
    today, rounded = _doses(CHAIN), _doses(CHAIN, earlier=True)
    assert {one.lever.name: one.value for one in scenarios_of(PERSONS)[1].changes} == rounded
    assert rounded["court.staff"] == pytest.approx(1.598, abs=1e-3) and today["court.staff"] == 1.5
    assert {name for name in today if today[name] != rounded[name]} == {"court.staff", "central_authority.staff"}


def _doses(key: str, *, earlier: bool = False) -> dict[str, object]:
    scenario = with_earlier_doses(load(key)) if earlier else load(key)
    return {one.lever.name: one.value for one in scenario.changes}


def test_a_review_begins_measures_with_the_doses_that_the_earlier_rounding_gave() -> None:
    today, earlier = load(REVIEWED).monitor, with_earlier_doses(load(REVIEWED)).monitor
    assert today and earlier
    doses = {
        one.name: (one.change.value, old.change.value)
        for one, old in zip(today.measures, earlier.measures, strict=True)
    }
    changed = {name: then for name, (now, then) in doses.items() if then != now}
    assert changed == {
        "people in central authorities": pytest.approx(1.229, abs=1e-3),
        "people in courts": pytest.approx(1.213, abs=1e-3),
    }


def test_every_variant_is_simulated_in_each_draw_with_its_policies() -> None:
    tasks = jobs(range(20, 22))
    assert len(tasks) == 2 * len(VARIANTS)
    every, now = tasks[f"{EVERY}, draw 20"], tasks[f"{NOW}, draw 20"]
    assert every.seed == now.seed == 1020
    assert every.parameters.desk.court_elasticity == 0.0 < now.parameters.desk.court_elasticity
    assert {*DEFAULT} < {one.key for one in now.scenarios} and len(every.scenarios) == 3
    assert now.scenarios[1].changes == load(DEFAULT[0]).changes


def test_in_sets_each_policy_that_moved_is_simulated_without_each_rule() -> None:
    """Each policy that moved is simulated without each newer rule, by its parameter, dose or lever."""
    tasks = jobs_in_sets(2)
    assert {place[0] for place in tasks} == set(WORLDS) and len(tasks) == 2 * len(WORLDS)
    now, without = (tasks[variant, 2] for variant in (NOW, ALL))
    assert [one.key for one in without.scenarios] == [BASELINE, *MOVED]
    assert without.parameters.evidence.share_spread == without.parameters.desk.court_elasticity == 0.0
    assert now.parameters.evidence.share_spread > 0.0
    runs = {one.key: {change.lever.name for change in one.changes} for one in now.scenarios}
    for what, lever in NEWER.items():
        assert runs[TRENDS] - runs[f"{TRENDS}, {what}"] == {lever}
    ended = {change.lever.name for change in without.scenarios[1 + MOVED.index(TRENDS)].changes}
    assert runs[TRENDS] - ended == set(NEWER.values())


def test_what_a_rule_does_is_the_paired_difference() -> None:
    """Without the first rule each world's wait falls by a month more; the policy that did not move is left out."""
    rule = next(iter(OFF))
    rows = [
        {"rules": rules, "seed": seed, "scenario": scenario, LASTING: 50.0, WAIT: 9.0 + seed - shorter, USABLE: 0.2}
        for seed in (1, 2, 3)
        for rules, scenario, shorter in (
            (NOW, BASELINE, 0.0),
            (NOW, CHAIN, 4.0),
            (rule, BASELINE, 0.0),
            (rule, CHAIN, 5.0),
        )
    ]
    moved = {("sets", CHAIN, "", WAIT): Compared.of(effect(-6.0, 0.1), effect(-4.0, 0.1))}
    moved[("sets", CHAIN, "", USABLE)] = Compared.of(effect(1.0, 0.1), effect(1.0, 0.1))
    lines = traced.traced(pd.DataFrame(rows), moved).splitlines()[2:]
    assert len(lines) == 2 and "median wait" in lines[1]
    assert "−5.00" in lines[1] and "−1.00 (−1.00 to −1.00)" in lines[1] and lines[1].rstrip(" |").endswith("yes")


def test_effects_in_sets_are_those_of_the_studies_that_are_stored() -> None:
    now = before_after.of_stored(lambda path: (ROOT / path).read_text("utf-8"))
    shown = before_after.policies(before_after.compared("sets", before_after.stored(), now), persons=True)
    assert shown in (DOCS / "before_after.md").read_text("utf-8"), before_after.COMMAND
