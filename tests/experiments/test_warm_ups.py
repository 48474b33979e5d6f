"""Tests that cached warm-ups and scenario runs are bit for bit the same, or absent."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.data.costs import drawn_prices
from sim.engine import caching
from sim.engine.caching import MEASURED, PASTS, CacheKind, entries, write
from sim.experiments import run, warm_ups
from sim.experiments.plan import MAIN
from sim.experiments.run import Task, run_replicate, warm_up_of, window
from sim.experiments.warm_ups import changes_nothing, find_measured, find_warm_up, identity, keep_warm_up
from sim.measures.outcomes import BREAKDOWNS
from sim.policy.scenario import catalogue, load
from sim.policy.version import source_hash
from sim.world.parameters import Parameters, with_values
from sim.world.records import GROWING
from sim.world.world import World
from tests.tiny import TINY, digests

WORLD = replace(TINY, groups=3, end="2027-06-30")
TASK = Task(MAIN, 7, (load("faster_mlat"), load("status_quo")), WORLD, Parameters())


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fixture: a private cache folder."""
    monkeypatch.setenv(caching.PLACE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def name(kind: CacheKind = PASTS, **other: Any) -> str:
    task = replace(TASK, keeps=True, **other)
    made = task.warm_up_name if kind is PASTS else task.scenario_run_name(TASK.scenarios[1])
    assert made
    return made


def test_a_kept_past_is_the_fresh_one_and_lives_on_like_it():
    fresh = warm_up_of(TASK)
    keep_warm_up(name(), fresh)
    back = find_warm_up(name(), WORLD, 7)
    assert back
    for key, mine, other in zip(World._fields, fresh.world, back.world, strict=True):
        assert (mine.dtype, mine.shape[1:], mine.strides) == (other.dtype, other.shape[1:], other.strides), key
        assert len(mine) == len(other) or (key in GROWING and len(mine) < len(other)), key  # what grows has more room
        assert (type(mine), mine.flags.writeable) == (type(other), other.flags.writeable), key
    for day in (window(WORLD).start, window(WORLD).end):
        for past in (fresh, back):
            past.advance(day)
        assert digests(fresh.world) == digests(back.world)


def test_a_second_comparison_measures_the_same_from_what_is_kept():
    plain, kept = run_replicate(TASK).arms, replace(TASK, keeps=True)
    for task, expected in ((kept, plain), (kept, plain), (replace(kept, scenarios=TASK.scenarios[1:]), plain[1:])):
        found = run_replicate(task).arms
        assert [arm.scenario for arm in found] == [arm.scenario for arm in expected]
        for mine, other in zip(found, expected, strict=True):
            np.testing.assert_equal(vars(mine.measured), vars(other.measured))
        assert [len(entries(kind)) for kind in (PASTS, MEASURED)] == [1, 2]
    events = run_replicate(replace(kept, events=True)).arms
    assert all(len(arm.events["request"]) for arm in events), "what is kept has no event tables"


def test_a_world_in_the_memory_of_another_is_the_same_as_in_new_memory():
    larger = replace(TASK, seed=8, world=replace(WORLD, groups=12))
    fresh = run_replicate(TASK).arms
    for before in (larger, replace(larger, events=True), replace(larger, scenarios=TASK.scenarios[:1])):
        run_replicate(before)
        for task in (TASK, replace(TASK, keeps=True)):  # the second time, a kept past is read into that memory
            for mine, other in zip(run_replicate(task).arms, fresh, strict=True):
                np.testing.assert_equal(vars(mine.measured), vars(other.measured))


def test_a_world_takes_the_memory_of_those_before_but_no_event_tables():
    (arm,) = run_replicate(replace(TASK, events=True, scenarios=TASK.scenarios[:1])).arms
    before = {name: table.tobytes() for name, table in arm.events.items()}
    run_replicate(TASK)
    old = {place: lived.world.request for place, lived in run.SPENT.items()}
    run_replicate(replace(TASK, seed=9))
    assert all(np.shares_memory(old[place], run.SPENT[place].world.request) for place in ("past", "arm"))
    assert {name: table.tobytes() for name, table in arm.events.items()} == before


def test_arms_have_the_tables_that_are_wanted_and_a_kept_baseline_has_all():
    asked = replace(TASK, tables=("country",))
    faster, today = run_replicate(asked).arms
    assert set(faster.measured.breakdowns) == set(today.measured.breakdowns) == {"country"}
    faster, _ = run_replicate(replace(asked, keeps=True)).arms
    again = run_replicate(replace(TASK, keeps=True)).arms[1]
    assert set(faster.measured.breakdowns) == {"country"} and set(again.measured.breakdowns) == set(BREAKDOWNS)


def test_what_is_damaged_or_of_something_else_is_not_used(monkeypatch: pytest.MonkeyPatch):
    run_replicate(replace(TASK, keeps=True, scenarios=TASK.scenarios[1:]))
    readers: tuple[tuple[Any, Callable[[], object]], ...] = (
        (PASTS, lambda: find_warm_up(name(), WORLD, 7)),
        (MEASURED, lambda: find_measured(name(MEASURED))),
    )
    for kind, found in readers:
        (entry,) = entries(kind)
        whole = entry.path.read_bytes()
        for damaged in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
            entry.path.write_bytes(damaged)
            assert found() is None
        write(kind, name(kind), b"whole, but no arrays")
        assert found() is None
        entry.path.write_bytes(whole)
        assert found()
        entry.path.rename(entry.path.with_name(name(kind, seed=8)))
    assert find_warm_up(name(seed=8), WORLD, 8) is find_measured(name(MEASURED, seed=8)) is None, (
        "its name was another's"
    )
    others = [{"seed": 8}, {"world": replace(WORLD, groups=4)}]
    others += [{"parameters": with_values(Parameters(), {"desk.rebound": 0.1})}]
    assert len({name(), *(name(**other) for other in others)}) == 4
    dear = {"prices": drawn_prices("another set")}
    assert name(**dear) == name() and len({name(), name(MEASURED), name(MEASURED, **dear)}) == 3
    assert source_hash() in str(warm_ups._code())
    monkeypatch.setattr(warm_ups, "_BEGUN", 0.0)  # sources changed after this process had begun
    assert warm_ups._code.__wrapped__() is None


def test_nothing_is_simulated_for_a_question_that_was_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeated task is not simulated again, unless policy, prices or tables changed."""
    run_replicate(TASK)
    assert [len(entries(kind)) for kind in (PASTS, MEASURED)] == [0, 0]
    asked = replace(TASK, keeps=True)
    first = run_replicate(asked).arms
    monkeypatch.setattr(run, "warm_up_of", None)  # from here on, simulating a world is an error
    again = run_replicate(asked)
    assert not again.failures
    for mine, other in zip(again.arms, first, strict=True):
        np.testing.assert_equal(vars(mine.measured), vars(other.measured))
    changed = replace(TASK.scenarios[0], changes=TASK.scenarios[0].changes[:-1])
    for other in (
        {"scenarios": (changed,)},
        {"prices": drawn_prices("another set"), "scenarios": TASK.scenarios[:1]},
        {"tables": ("country",), "scenarios": TASK.scenarios[:1]},
        {"events": True},
    ):
        assert run_replicate(replace(asked, **other)).failures, other


def test_every_scenario_of_the_catalogue_has_an_identity_of_its_own() -> None:
    policies = [one for one in map(load, catalogue()) if not changes_nothing(one)]
    found = [identity(policy) for policy in policies]
    assert None not in found and len(set(found)) == len(policies) > 30
    ramp = replace(TASK.scenarios[0].changes[0], ramp_months=7.0)
    assert identity(replace(TASK.scenarios[0], changes=(ramp,))) != identity(TASK.scenarios[0])
    assert found == [identity(load(policy.key)) for policy in policies], "read again, a file is the same policy"
