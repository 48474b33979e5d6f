"""A worker over the real model: the numbers of `comity compare`, and one case in two arms."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.engine.caching import PLACE
from sim.experiments.run import Arm, Failure, Task, run_replicate
from sim.law.order import legal_order
from sim.policy.scenario import Scenario, load
from sim.web.lives import Follow, Life, Lives
from sim.web.pool import Arms
from sim.web.worker import ArmNumbers, Errand, Simulating, only_past
from sim.web.worlds import BaselineShelf, worlds_of
from sim.world.parameters import Parameters
from tests.tiny import TINY

BASE, FAST = load("status_quo"), load("faster_mlat")
WORLD = replace(TINY, policy_start="2027-01-01", end="2028-12-31", start="2026-07-01")


def errand(seed: int, *scenarios, **settings) -> Errand:
    """What a worker is asked about the tiny world."""
    follow = settings.pop("follow", None)
    return Errand("tiny", Task("page", seed, scenarios, WORLD, Parameters(), **settings), follow)


def test_an_arm_is_that_of_a_comparison() -> None:
    worker = Simulating()
    kept = {scenario.key: worker(errand(1, scenario)).result for scenario in (FAST, BASE)}
    for arm in run_replicate(errand(1, BASE, FAST).task).results:
        assert isinstance(arm, Arm)
        mine = kept[arm.scenario]
        assert isinstance(mine, ArmNumbers)
        np.testing.assert_equal(mine.outcomes, arm.measured.outcomes)
        np.testing.assert_equal(mine.country, arm.measured.breakdowns["country"])


def test_a_past_is_prepared_without_an_arm_and_what_goes_wrong_in_the_model_is_a_value() -> None:
    reply = Simulating()(only_past(errand(1, FAST)))
    assert (reply.result, reply.warm) == (None, {("tiny", 1)})
    broken = Task("page", 1, (FAST,), replace(WORLD, states=["DEU", "XXX"]), Parameters())
    assert isinstance(Simulating()(Errand("broken", broken)).result, Failure)


@pytest.fixture(scope="module")
def worker() -> Simulating:
    return Simulating()


def lives(worker: Simulating, policy: Scenario, follow: Follow) -> Lives:
    """A case or a request under today's law and under a policy."""
    found = worker(errand(1, BASE, policy, events=True, follow=follow)).result
    assert isinstance(found, Lives), found
    return found


def test_a_case_is_followed_in_both_arms(worker: Simulating) -> None:
    same = lives(worker, BASE, Follow())
    assert same.choices and same.row == same.case == same.choices[0].row
    assert same.lives[0] == same.lives[1] and same.lives[0].entries
    assert not any(map(any, same.apart))
    changed = lives(worker, load("full_cooperation"), Follow(same.case))
    assert changed.lives[0] == same.lives[0] and changed.lives[1] != same.lives[0]
    assert any(map(any, changed.apart)) and lives(worker, FAST, Follow(10**6)).row == same.row
    assert lives(worker, BASE, Follow(0)).row == 0 != same.row, "the first of all can be asked for"


def test_a_request_of_a_case_is_followed_in_both_arms(worker: Simulating) -> None:
    same = lives(worker, BASE, Follow(request=-1))
    assert same.row == same.choices[0].row and same.lives[0] == same.lives[1]
    assert len({choice.row for choice in same.choices}) == len(same.choices) > 1
    again = lives(worker, BASE, Follow(same.case, same.choices[-1].row))
    assert (again.row, again.case) == (same.choices[-1].row, same.case)
    assert again.lives[0] != same.lives[0]
    unknown = lives(worker, FAST, Follow(same.case, 10**6))  # one of the case, as it is under the policy
    assert unknown.case == same.case and unknown.row in {choice.row for choice in unknown.choices}


def test_requests_that_change_stand_first(worker: Simulating) -> None:
    found = lives(worker, load("full_cooperation"), Follow(request=-1, states=tuple(range(196))))
    before, after = found.lives
    assert before.end != after.end and not after.note
    assert sum(stage.days for stage in after.stages) < sum(stage.days for stage in before.stages)
    ends = [[choice.words[place].partition(": ")[2].split()[0] for place in (1, 2)] for choice in found.choices]
    turned = [today != policy for today, policy in ends]
    assert turned[0] and turned == sorted(turned, reverse=True), ends


def test_stages_of_a_request_add_up_to_its_length_and_name_their_desks(worker: Simulating) -> None:
    desks = ""
    for choice in lives(worker, BASE, Follow(request=-1, states=tuple(range(196)))).choices:
        life = lives(worker, BASE, Follow(request=choice.row)).lives[0]
        length = sum(stage.days for stage in life.stages)
        begun, ended = (date.fromisoformat(day) for day in (life.entries[0][0], life.end.partition(":")[0]))
        assert abs((ended - begun).days - length) <= 1.0, life
        assert [stage.stage for stage in life.stages] == sorted(stage.stage for stage in life.stages)
        assert life.stages[0].words.lower().startswith(f"from {begun}")
        desks += " ".join(stage.words for stage in life.stages)
    assert "the central authority of" in desks and "the outgoing desk of" in desks


def test_requests_of_states_in_view_are_theirs(worker: Simulating) -> None:
    germany, us = (legal_order().index(code) for code in ("DEU", "USA"))
    for state, name in ((germany, "Germany (DEU) to"), (us, "the United States (USA) to")):
        found = lives(worker, BASE, Follow(request=-1, states=(state,)))
        assert name in found.lives[0].title, found.lives[0].title
    nowhere = lives(worker, BASE, Follow(request=-1, states=(legal_order().index("TUV"),)))
    assert (nowhere.row, nowhere.choices, nowhere.lives) == (-1, (), (Life(), Life()))


def test_a_request_that_is_not_made_under_the_policy_says_why(worker: Simulating) -> None:
    case = lives(worker, BASE, Follow(request=-1)).case
    rows = [choice.row for choice in lives(worker, BASE, Follow(case, request=-1)).choices]
    after = [lives(worker, load("no_cooperation"), Follow(case, row)).lives[1] for row in rows]
    assert any(life.note.startswith("This request is not made here: ") and not life.title for life in after)
    assert all(life.note or life.title for life in after)


def test_the_page_finds_baselines_that_any_comparison_has_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE, str(tmp_path / "cache"))
    today = Arms("tiny", "today", lambda seed: errand(seed, BASE, keeps=True))
    shelf = BaselineShelf("today")
    assert shelf.find(today, 1) is None
    run_replicate(today.errand(1).task)
    back, alone = shelf.find(today, 1), Simulating()(errand(1, BASE)).result
    assert isinstance(alone, ArmNumbers) and back is not None
    np.testing.assert_equal(vars(back), vars(alone))
    assert shelf.find(replace(today, policy="another"), 1) is None and shelf.find(today, 2) is None


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
