"""A worker over the real model: the numbers of `comity compare`, few pasts in memory, and one case in two arms."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.experiments.run import Arm, Failure, Task, run_replicate
from sim.policy.scenario import load
from sim.web.state import Draft
from sim.web.worker import ArmNumbers, CaseLives, Errand, Simulating, only_past
from sim.web.worlds import BaselineShelf, forget_old, worlds_of
from sim.world.parameters import Parameters
from tests.tiny import TINY
from tests.web.fakes import COLUMNS, arms
from tests.web.standin import numbers

BASE, FAST = load("status_quo"), load("faster_mlat")
WORLD = replace(TINY, policy_start="2027-01-01", end="2028-12-31", start="2026-07-01")


def errand(seed: int, *scenarios, **settings) -> Errand:
    """What a worker is asked about the tiny world."""
    case = settings.pop("case", None)
    return Errand("tiny", Task("page", seed, scenarios, WORLD, Parameters(), **settings), case)


def test_an_arm_is_that_of_a_comparison() -> None:
    worker = Simulating(10**9)
    kept = {scenario.key: worker(errand(1, scenario)).result for scenario in (FAST, BASE)}
    for arm in run_replicate(errand(1, BASE, FAST).task).results:
        assert isinstance(arm, Arm)
        mine = kept[arm.scenario]
        assert isinstance(mine, ArmNumbers)
        np.testing.assert_equal(mine.outcomes, arm.measured.outcomes)
        np.testing.assert_equal(mine.country, arm.measured.breakdowns["country"])


def test_pasts_are_kept_as_far_as_memory_allows() -> None:
    worker = Simulating(1)  # room for none but the last
    warm = [worker(only_past(errand(seed, FAST))).warm for seed in (1, 2, 1)]
    assert warm == [frozenset({("tiny", seed)}) for seed in (1, 2, 1)]
    roomy = Simulating(10**9)
    assert [len(roomy(only_past(errand(seed, FAST))).warm) for seed in (1, 2, 1)] == [1, 2, 2]


def test_what_goes_wrong_in_the_model_is_a_value() -> None:
    broken = Task("page", 1, (FAST,), replace(WORLD, states=["DEU", "XXX"]), Parameters())
    reply = Simulating(10**9)(Errand("broken", broken))
    assert isinstance(reply.result, Failure)


def test_a_case_is_followed_in_both_arms() -> None:
    worker = Simulating(10**9)
    same = worker(errand(1, BASE, BASE, events=True, case=-1)).result
    assert isinstance(same, CaseLives)
    assert same.choices
    assert same.case == same.choices[0].case
    assert same.lives[0] == same.lives[1]
    assert same.lives[0].entries
    assert not any(map(any, same.apart))
    changed = worker(errand(1, BASE, load("frictionless"), events=True, case=same.case)).result
    assert isinstance(changed, CaseLives)
    assert changed.lives[0] == same.lives[0]
    assert changed.lives[1] != same.lives[0]
    assert any(map(any, changed.apart))
    beyond = worker(errand(1, BASE, FAST, events=True, case=10**6)).result
    assert isinstance(beyond, CaseLives)
    assert beyond.case == same.case


def test_a_baseline_comes_back_from_the_shelf_and_a_damaged_one_does_not(tmp_path: Path) -> None:
    today, fast = arms(Draft()), arms(Draft("faster_mlat"))
    shelf, found = BaselineShelf(tmp_path / "new", str(today.policy)), numbers(1, BASE, COLUMNS)
    shelf.keep(today, 1, found)
    shelf.keep(fast, 1, found)
    back = shelf.find(today, 1)
    assert back is not None
    np.testing.assert_equal(vars(back), vars(found))
    assert shelf.find(fast, 1) is None
    assert shelf.find(today, 2) is None
    (file,) = (tmp_path / "new").iterdir()
    for content in (b"", b"PK\x03\x04 and nothing", file.read_bytes()[:-200]):
        file.write_bytes(content)
        assert shelf.find(today, 1) is None


def test_baselines_of_old_versions_are_removed(tmp_path: Path) -> None:
    forget_old(tmp_path / "nothing there")
    for age in range(6):
        folder = tmp_path / f"version-{age}"
        folder.mkdir()
        os.utime(folder, (1000 - age, 1000 - age))
    forget_old(tmp_path)
    assert {folder.name for folder in tmp_path.iterdir()} == {f"version-{age}" for age in range(4)}


def test_switches_of_assumptions_name_other_worlds_and_say_the_words() -> None:
    worlds = worlds_of(["world=tiny", "uncertainty.desk.rebound=0.1"])
    assert len({assumed.name for assumed in worlds.assumed.values()}) == 4
    plain, overloaded = worlds.assumed[False, True], worlds.assumed[True, True]
    assert plain.parameters.desk.rebound == 0.1
    assert plain.words == ("world=tiny", "uncertainty.desk.rebound=0.1", "--point")
    assert overloaded.words[-2:] == ("uncertainty=overloaded_courts", "--point")
    drawn = worlds.assumed[False, False]
    parameters = [drawn.task(seed, ()).parameters for seed in (1, 2, 5)]
    assert parameters[0] != parameters[1]
    assert parameters[0] == parameters[2], "every fifth seed has a set again"
    assert {one.desk.rebound for one in parameters} == {0.1}


@pytest.mark.parametrize("seed", [1, 4])
def test_seeds_have_the_same_law_whatever_the_policy(seed: int) -> None:
    """A policy moves levers, and the worlds stay the same: before it begins, nothing differs."""
    worker = Simulating(10**9)
    late = replace(FAST, changes=())
    one, other = (worker(errand(seed, scenario)).result for scenario in (BASE, late))
    assert isinstance(one, ArmNumbers)
    np.testing.assert_equal(vars(one), vars(other))
