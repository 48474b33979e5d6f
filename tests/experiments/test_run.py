"""Tests of running one seed: shared warm-up, failing scenario runs, and dates as days."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sim.experiments import run
from sim.experiments.plan import MAIN
from sim.experiments.rules import tried
from sim.experiments.run import FailureStage, Task, run_replicate, window, without_turns_ahead
from sim.measures.outcomes import OUTCOMES
from sim.policy.lever import LawLever, Quantity
from sim.policy.levers import LEVERS
from sim.policy.scenario import load
from sim.world.parameters import Parameters, WorldSpec

STATES = ["DEU", "FRA", "NLD", "USA", "BRA"]
TINY = WorldSpec(groups=6, start="2026-01-01", policy_start="2027-01-01", end="2028-12-31", states=STATES)
THREE = tuple(load(key) for key in ("status_quo", "faster_mlat", "status_quo"))


def test_window_in_days():
    span = window(WorldSpec())
    assert (span.start, span.end, span.observed_until) == (1826.0, 5478.0, 5658.0)
    assert window(WorldSpec(policy_start="2022-01-01")).start == 0.0


@pytest.fixture(scope="module")
def replicate():
    """A tiny world under a policy without effect, under a second one, and under the first again."""
    return run_replicate(Task(MAIN, 7, THREE, TINY, Parameters(), events=True))


def test_the_same_policy_gives_the_same_tables_and_arms_share_their_past(replicate):
    first, other, again = replicate.arms
    assert replicate.failures == () and first.measured.outcomes["requests_per_year"] > 0
    for name, rows in first.events.items():
        assert rows.tobytes() == again.events[name].tobytes(), name
    assert first.measured.outcomes == pytest.approx(again.measured.outcomes, rel=0, abs=0, nan_ok=True)
    assert first.events["request"].tobytes() != other.events["request"].tobytes()
    first, other, _ = replicate.arms
    start = window(TINY).start
    before = [arm.events["request"][arm.events["request"]["drafted"] < start] for arm in (first, other)]
    assert before[0].size == before[1].size > 0
    assert np.array_equal(before[0]["key"], before[1]["key"])


def test_arms_that_take_over_memory_measure_the_same(replicate):
    """A scenario run in the reused memory of another one gives the same outcomes."""
    lean = run_replicate(Task(MAIN, 7, THREE, TINY, Parameters()))
    assert all(arm.events == {} for arm in lean.arms)
    for mine, other in zip(lean.arms, replicate.arms, strict=True):
        assert mine.measured.outcomes == pytest.approx(other.measured.outcomes, rel=0, abs=0, nan_ok=True)
        for name, columns in mine.measured.breakdowns.items():
            for column, values in columns.items():
                np.testing.assert_array_equal(values, other.measured.breakdowns[name][column])


def test_a_failing_arm_costs_only_itself(monkeypatch):
    def breaks(*given):
        breaks.calls += 1
        if breaks.calls == 1:
            raise ZeroDivisionError("no such thing")
        return whole(*given)

    breaks.calls, whole = 0, run.measure
    monkeypatch.setattr(run, "measure", breaks)
    made = run_replicate(Task(MAIN, 7, (load("status_quo"), load("faster_mlat")), TINY, Parameters()))
    assert [arm.scenario for arm in made.arms] == ["faster_mlat"]
    (failure,) = made.failures
    assert (failure.scenario, failure.stage) == ("status_quo", FailureStage.MEASURE)
    assert "ZeroDivisionError: no such thing" in failure.message
    assert "Traceback" in failure.details and "status_quo" in failure.text
    impossible = replace(TINY, states=["DEU", "XXX"])
    made = run_replicate(Task(MAIN, 7, (load("status_quo"),), impossible, Parameters()))
    assert made.arms == () and made.failures[0].stage is FailureStage.BURN_IN, "a past that fails costs the seed"


def test_a_policy_that_acts_on_the_first_day_stays_in_its_own_arm():
    """A policy that acts on its first day does not affect the scenario run after it."""
    first, alone = (
        run_replicate(Task(MAIN, 7, tuple(load(key) for key in keys), TINY, Parameters(), events=True)).arms[-1]
        for keys in (("no_cooperation", "status_quo"), ("status_quo",))
    )
    assert first.events["request"].tobytes() == alone.events["request"].tobytes()


def test_each_part_of_ones_own_is_tried_in_a_small_world_and_the_first_that_fails_is_named(monkeypatch):
    seen, law = [], next(lever for lever in LEVERS.values() if isinstance(lever, LawLever) and lever.gradual)
    lever = {"writes": lambda _, assignment: seen.append((assignment.lever, assignment.value))}
    kinds = ("gradual", True, Quantity.SHARE), ("switch", False, Quantity.SWITCH), ("words", False, Quantity.CHOICE)
    said = (dict(zip(("name", "gradual", "quantity"), kind, strict=True)) for kind in kinds)
    levers = [SimpleNamespace(**words, **lever, high=2.0) for words in said]
    law = replace(law, amends=lambda selected: seen.append((law.name, selected.value)))
    made = replace(OUTCOMES[0], key="mine", measure=lambda _: 1.0)
    parts = {"levers.py": [*levers, law], "outcomes.py": [made]}
    monkeypatch.setattr("sim.data.own.MADE", parts)
    assert tried("") is None and seen == [("gradual", 2.0), ("switch", 2.0), (law.name, law.high)]
    parts["outcomes.py"] = [replace(made, measure=lambda _: 1 / 0)]
    failed = "fails in a small world (ZeroDivisionError: division by zero)"
    assert tried("") == ("outcomes.py", "mine", failed)
    levers[1].writes = lambda *_: 1 / 0
    assert tried("") == ("levers.py", "switch", failed)


def test_no_file_of_the_event_tables_starts_after_the_last_day(replicate):
    """Event tables contain no start of work after the last observed day."""
    last = window(TINY).observed_until
    for one in replicate.arms:
        started = one.events["job"]["started"]
        assert np.nanmax(started) <= last and np.isnan(started).any()
    ahead = without_turns_ahead(jobs := one.events["job"], float(np.nanmedian(jobs["started"])))
    assert np.isnan(ahead["started"]).sum() > np.isnan(jobs["started"]).sum()
