"""Tests that a worker with the real model gives the numbers of `comity compare`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.engine.caching import PASTS, PLACE, folder
from sim.experiments.run import Failure, ScenarioRun, Task, run_replicate
from sim.policy.scenario import load
from sim.web.pool import worlds_of
from sim.web.worker import TABLES, Errand, simulate
from sim.world.parameters import Parameters
from tests.tiny import TINY

BASE, FAST = load("status_quo"), load("faster_mlat")
WORLD = replace(TINY, policy_start="2027-01-01", end="2028-12-31", start="2026-07-01")


def errand(seed: int, *scenarios, **settings) -> Errand:
    """A task for a worker in the tiny world."""
    return Errand("tiny", Task("page", seed, scenarios, WORLD, Parameters(), **settings))


def test_an_arm_is_that_of_a_comparison() -> None:
    kept = {scenario.key: simulate(errand(1, scenario)) for scenario in (FAST, BASE)}
    for arm in run_replicate(errand(1, BASE, FAST).task).results:
        assert isinstance(arm, ScenarioRun)
        mine = kept[arm.scenario]
        assert isinstance(mine, ScenarioRun)
        np.testing.assert_equal(mine.measured.outcomes, arm.measured.outcomes)
        assert tuple(mine.measured.breakdowns) == TABLES, "no more than the page reads"
        for name in TABLES:
            np.testing.assert_equal(mine.measured.breakdowns[name], arm.measured.breakdowns[name])


def test_a_past_is_prepared_without_an_arm_and_what_goes_wrong_in_the_model_is_a_value() -> None:
    assert simulate(errand(1)) is None
    broken = Task("page", 1, (FAST,), replace(WORLD, states=["DEU", "XXX"]), Parameters())
    assert isinstance(simulate(Errand("broken", broken)), Failure)


def test_the_page_finds_baselines_that_any_comparison_has_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE, str(tmp_path / "cache"))
    today = errand(1, BASE, keeps=True)
    run_replicate(today.task)
    (past,) = folder(PASTS).iterdir()
    kept = past.stat().st_mtime_ns
    alone, back = simulate(errand(1, BASE)), simulate(today)
    assert isinstance(alone, ScenarioRun) and past.stat().st_mtime_ns == kept, "the past was neither lived nor read"
    np.testing.assert_equal(vars(back.measured), vars(alone.measured))
    past.unlink()
    assert isinstance(simulate(today), ScenarioRun) and past.exists(), "policies will need it"


def test_switches_of_assumptions_name_other_worlds_and_say_the_words() -> None:
    worlds = worlds_of(["world=tiny", "uncertainty.desk.rebound=0.1"])
    assert len({assumed.words for assumed in worlds.values()}) == 4
    plain, overloaded = worlds[False, True], worlds[True, True]
    assert plain.experiment.parameters.desk.rebound == 0.1
    assert plain.words == ("world=tiny", "uncertainty.desk.rebound=0.1", "--point")
    assert overloaded.words[-2:] == ("uncertainty=overloaded_courts", "--point")
    drawn = worlds[False, False]
    parameters = [drawn.task(seed).parameters for seed in (1, 2, 5)]
    assert parameters[0] != parameters[1]
    assert parameters[0] == parameters[2], "every fifth seed has a set again"
    assert {one.desk.rebound for one in parameters} == {0.1}
