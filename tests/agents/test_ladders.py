"""No ladder over events, stages, tasks or actions ends in an open `else`: what no branch names ends the run by name."""

import re
from pathlib import Path

import numpy as np
import pytest

import sim.simulate
from sim.agents.assistance import request, request_at_desk
from sim.agents.crime import resurgence
from sim.agents.events import MEMBERS, Event, Ladder, name_of_unhandled
from sim.agents.investigation import liaison_answers
from sim.engine.clock import Count, post
from sim.policy.problem import InputError
from sim.world.records import ActionType, ReferralTask, RequestStatus, Stage
from sim.world.world import World
from tests.agents.plain import Patch, fresh, put

pytestmark = pytest.mark.usefixtures("as_python")


def unhandled(world: World) -> str:
    """The member that ended the run; empty for none."""
    counted = int(world.counters[Count.UNHANDLED])
    world.counters[Count.UNHANDLED] = 0
    return name_of_unhandled(counted) if counted else ""


def test_each_kind_of_event_is_in_one_branch() -> None:
    text, _, _ = Path(sim.simulate.__file__).read_text("utf-8").partition("def prefetch_")
    branches = re.findall(r"if kind == Event\.(\w+):\n +\w+\(world", text)
    assert sorted(branches) == sorted(event.name for event in Event)


def test_an_event_without_a_rule_ends_the_run_with_its_name(monkeypatch: Patch) -> None:
    world = fresh()
    post(world, float(world.now[0]) + 1.0, np.uint64(1), Event.LIAISON_REVIEW.value, 0, 0)
    post(world, float(world.now[0]) + 2.0, np.uint64(2), Event.LIAISON_REVIEW.value, 0, 0)
    monkeypatch.setattr(sim.simulate, "answer_states", lambda *_: False)
    handled, day = int(world.counters[Count.HANDLED]), float(world.now[0])
    with pytest.raises(InputError, match=r"Event\.LIAISON_REVIEW: no rule handles it"):
        sim.simulate.simulate(world, day + 9.0)
    assert (world.counters[Count.HANDLED], world.now[0]) == (handled + 1, day + 1.0)


@pytest.mark.parametrize("stage", [*Stage, len(Stage) + 1])
def test_rules_of_stages_know_each_stage_and_no_other(stage: int) -> None:
    waits_otherwise = {Stage.PRODUCTION, Stage.APPEAL, Stage.RETURN}
    for rule, known in (
        (request_at_desk.desk_of, {*Stage}),
        (lambda *given: request.median_wait(*given, stage), {*Stage} - waits_otherwise),
    ):
        world = fresh()
        put(world, "request", stage=stage)
        rule(world, world.request[0])
        assert unhandled(world) == ("" if stage in known else named(Ladder.STAGE, stage))


def named(ladder: Ladder, member: int) -> str:
    """A member as a message calls it; one that there is not by its number."""
    kind = MEMBERS[ladder]
    return f"{kind.__name__}.{kind(member).name if member in list(kind) else member}"


@pytest.mark.parametrize("known", [True, False])
def test_a_stage_that_nobody_completes_is_named(monkeypatch: Patch, known: bool) -> None:
    """Translation ends where it is named among the stages that decide nothing."""
    world = fresh()
    put(world, "request", stage=Stage.TRANSLATION, route=0)
    if not known:
        monkeypatch.setattr(request, "_DECIDES_NOTHING", 0)
    request.complete_stage(world, 0)
    assert unhandled(world) == ("" if known else "Stage.TRANSLATION")
    assert world.request["status"][0] == (RequestStatus.EXECUTED if known else RequestStatus.OPEN)


def test_only_desk_work_has_hours() -> None:
    world = fresh()
    put(world, "request", stage=Stage.APPEAL)
    request_at_desk.mean_touch(world, world.request[0])
    assert unhandled(world) == "Stage.APPEAL"


def test_a_task_that_is_no_question_and_an_action_that_takes_nothing_down_are_named() -> None:
    world = fresh()
    put(world, "referral", task=ReferralTask.VISIT)
    liaison_answers.referral_answered(world, 0)
    assert unhandled(world) == "ReferralTask.VISIT"
    resurgence.take_down(world, 0, ActionType.DISRUPTION.value, 0, 0.5)
    assert unhandled(world) == "ActionType.DISRUPTION"
