"""Tests that a run ends with an error if no branch handles a member of an enumeration."""

from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from functools import partial
from inspect import signature
from types import SimpleNamespace

import numpy as np
import pytest

import sim.simulate
from sim.agents.assistance import authority, liaison_bodies, postings, request, request_at_desk
from sim.agents.crime import resurgence
from sim.agents.events import MEMBERS, Event, EventKind, Ladder, instead_of, kinds, name_of_unhandled, row_ladder
from sim.agents.investigation import liaison_answers, reviewing, waves
from sim.engine.clock import Count, post
from sim.engine.compiling import in_python
from sim.policy.indicators import Indicator
from sim.policy.problem import InputError
from sim.world.records import ActionType, DeskKind, ReferralTask, RequestStatus, Stage, UnitKind
from sim.world.records.desks import WITH_UNITS
from sim.world.world import World
from tests.agents.plain import Patch, fresh, put

pytestmark = pytest.mark.usefixtures("as_python")


def unhandled(world: World) -> str:
    """Name of the unhandled member that ended the run; empty if none did."""
    counted = int(world.counters[Count.UNHANDLED])
    world.counters[Count.UNHANDLED] = 0
    return name_of_unhandled(counted) if counted else ""


def test_each_kind_of_event_goes_to_the_rule_that_it_names(monkeypatch: Patch) -> None:
    world, called = fresh(), list[tuple[str, tuple[int, ...]]]()
    for kind in kinds().values():
        taken = len(signature(in_python(getattr(sim.simulate, kind.answered_by))).parameters) - 1
        heard = partial(lambda name, _, *given: called.append((name, given)), kind.answered_by)
        monkeypatch.setattr(sim.simulate, kind.answered_by, heard)
        in_python(sim.simulate.dispatch)(world, kind.value, 7, 8)
        assert called.pop() == (kind.answered_by, (7, 8)[:taken])
    assert not unhandled(world)
    assert len({kind.answered_by for kind in kinds().values()}) == len(kinds()) > len(Event)


def test_an_event_without_a_rule_ends_the_run_with_its_name(monkeypatch: Patch) -> None:
    world, known = fresh(), kinds()
    post(world, float(world.now[0]) + 1.0, np.uint64(1), Event.LIAISON_REVIEW.value, 0, 0)
    post(world, float(world.now[0]) + 2.0, np.uint64(2), Event.LIAISON_REVIEW.value, 0, 0)
    del known[Event.LIAISON_REVIEW]
    monkeypatch.setattr(sim.simulate, "kinds", lambda: known)
    monkeypatch.setattr(sim.simulate, "dispatch", in_python(sim.simulate._dispatch()))
    handled, day = int(world.counters[Count.HANDLED]), float(world.now[0])
    with pytest.raises(InputError, match=r"Event\.LIAISON_REVIEW: no rule handles it"):
        sim.simulate.simulate(world, day + 9.0)
    assert (world.counters[Count.HANDLED], world.now[0]) == (handled + 1, day + 1.0)


def test_a_kind_of_event_whose_rule_is_not_there_is_named(monkeypatch: Patch) -> None:
    stray = SimpleNamespace(name="STRAY", value=99, answered_by="no_such_rule")
    monkeypatch.setattr(sim.simulate, "kinds", lambda: {stray.value: stray})
    with pytest.raises(ValueError, match=r"STRAY: 0 rules of sim\.agents are called no_such_rule"):
        sim.simulate._dispatch()


def test_kinds_of_event_with_one_number_are_named(monkeypatch: Patch) -> None:
    stray = IntEnum("Stray", {"STRAY": Event.GROUP_EXIT.value})
    monkeypatch.setattr(EventKind, "__subclasses__", lambda: [Event, stray])
    with pytest.raises(ValueError, match="GROUP_EXIT and STRAY have the number 3"):
        kinds()


def test_a_rule_takes_only_the_place_of_one_with_its_name_and_arguments() -> None:
    def hold_operation(world: World) -> None:
        """Rule that belongs to another mechanism, which the check must refuse."""

    with pytest.raises(TypeError, match="is not hold_operation"):
        instead_of(reviewing.hold_operation)(hold_operation)
    assert reviewing.hold_operation is waves.hold_operation


#: Every rule that acts otherwise from stage to stage.
STAGED: dict[str, Callable[[World, int], object]] = {
    "desk_of": lambda world, _: request_at_desk.desk_of(world, world.request[0]),
    "waits_for_others": lambda world, stage: request.waits_for_others(world, world.request[0], stage),
    "eased": lambda world, stage: postings.eased(world, world.request[0], stage),
    "is_instant": lambda world, stage: authority.is_instant(world, world.request[0], stage),
    "stage_begins": lambda world, stage: request.stage_begins(world, 0, stage),
    "stage_ends": lambda world, stage: request.stage_ends(world, 0, stage),
}


@pytest.mark.parametrize("stage", [*Stage, len(Stage) + 1])
@pytest.mark.parametrize("name", STAGED)
def test_rules_of_stages_know_each_stage_and_no_other(monkeypatch: Patch, name: str, stage: int) -> None:
    for row in (one.row for one in Stage):  # what they do is tested elsewhere
        for rule in filter(None, (row.begins, row.ends)):
            monkeypatch.setattr(request, rule, lambda *_: None)
    world = fresh()
    put(world, "request", stage=stage)
    STAGED[name](world, stage)
    assert unhandled(world) == ("" if stage in list(Stage) else named(Ladder.STAGE, stage))


def test_a_stage_that_there_is_not_ends_the_run_as_a_request_enters_it() -> None:
    world = fresh()
    request.begin_stage(world, 0, len(Stage) + 1)
    assert unhandled(world) == f"Stage.{len(Stage) + 1}"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("no_such_rule", "has no rule 'no_such_rule'"),
        ("elapsed", "takes 4 arguments"),
        ("setting.no_such_days", "is no parameter"),
    ],
)
def test_a_stage_whose_rule_is_not_there_is_named(monkeypatch: Patch, rule: str, why: str) -> None:
    monkeypatch.setattr(Stage.TRANSLATION, "row", replace(Stage.TRANSLATION.row, waits=rule))
    with pytest.raises(ValueError, match=rf"Stage\.TRANSLATION: .*{why}"):
        row_ladder("waits", Ladder.STAGE, "waits", vars(request), "return 0.0", "world, request, stage")


def test_rows_of_stages_fit_together() -> None:
    """Each stage with a desk has hours, and each stage with a wait has something to wait for."""
    for stage in Stage:
        row = stage.row
        assert row.hours or not row.desk, stage
        assert not row.indicator or row.indicator in Indicator.__members__, stage
        assert row.label == row.label.strip() != "" != row.spent, stage
    assert len({stage.row.label for stage in Stage}) == len(Stage)


def named(ladder: Ladder, member: int) -> str:
    """Name of a member in an error message, or its number if it is unknown."""
    kind = MEMBERS[ladder]
    return f"{kind.__name__}.{kind(member).name if member in list(kind) else member}"


@pytest.mark.parametrize("known", [True, False])
def test_a_stage_that_nobody_completes_is_named(monkeypatch: Patch, known: bool) -> None:
    """A stage whose completion has no rule is named in the error."""
    world = fresh()
    put(world, "request", stage=Stage.TRANSLATION, route=0)
    if not known:
        monkeypatch.setattr(Stage.TRANSLATION, "row", replace(Stage.TRANSLATION.row, ends=""))
        ends = row_ladder("ends", Ladder.STAGE, "ends", vars(request), "pass", "world, row, stage", needed=True)
        monkeypatch.setattr(request, "stage_ends", ends)
    request.complete_stage(world, 0)
    assert unhandled(world) == ("" if known else "Stage.TRANSLATION")
    assert world.request["status"][0] == (RequestStatus.EXECUTED if known else RequestStatus.OPEN)


def test_only_desk_work_has_hours() -> None:
    world = fresh()
    put(world, "request", stage=Stage.APPEAL)
    request_at_desk.mean_touch(world, world.request[0])
    assert unhandled(world) == "Stage.APPEAL"


@pytest.mark.parametrize("task", [*ReferralTask, len(ReferralTask)])
def test_tasks_without_hours_or_an_answer_are_named(monkeypatch: Patch, task: int) -> None:
    """A task without hours or without an answer is named in the error."""
    for one in filter(None, (one.row.answered for one in ReferralTask)):
        monkeypatch.setattr(liaison_answers, one, lambda *_: 0)
    world = fresh()
    wrong = "" if task in list(ReferralTask)[: ReferralTask.VISIT] else named(Ladder.TASK, task)
    liaison_bodies.mean_hours(world, task)
    assert unhandled(world) == wrong
    put(world, "referral", task=task)
    liaison_answers.referral_answered(world, 0)
    assert unhandled(world) == wrong


@pytest.mark.parametrize("action", [*ActionType, len(ActionType)])
def test_actions_that_take_no_group_down_are_named(action: int) -> None:
    world, down = fresh(), list(ActionType)[ActionType.DOMAIN_SEIZURE :]
    resurgence.return_terms(world, 0, action)
    assert unhandled(world) == ("" if action in down else named(Ladder.ACTION, action))
    resurgence.take_down(world, 0, action, 0, 0.5)
    assert unhandled(world) == ("" if action in down else named(Ladder.ACTION, action))


@pytest.mark.parametrize("kind", [*DeskKind, len(DeskKind)])
def test_desks_at_which_no_request_waits_are_named(kind: int) -> None:
    world = fresh()
    put(world, "desk", kind=min(kind, len(DeskKind) - 1))
    wrong = "" if kind in list(DeskKind)[: DeskKind.PROVIDER] else named(Ladder.DESK_KIND, kind)
    request_at_desk.desk_credit(1.0, world, world.request[0], 0, kind)
    assert unhandled(world) == wrong
    request_at_desk.place_kept(world, world.request[0], kind)
    assert unhandled(world) == ("" if kind in list(DeskKind) else wrong)


def test_desks_that_are_units_come_first() -> None:
    """Kinds of desk with a unit come first, so that desk and unit have the same row number."""
    assert (
        [kind.value for kind in WITH_UNITS] == [UnitKind[kind.name] for kind in WITH_UNITS] == [*range(len(WITH_UNITS))]
    )
    assert UnitKind.INVESTIGATION == len(WITH_UNITS) == len(UnitKind) - 1
