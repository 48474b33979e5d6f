"""What is kept is whole, comes back as it was, and belongs to its own configuration."""

import json
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.experiments import conduct_design as conducting
from sim.experiments import kept
from sim.experiments.design import MAIN, comparison, plain, with_court_wait
from sim.experiments.execution import TRIES, Executor, WorkerDeath
from sim.experiments.failures import AllFailedError, Failure, FailureStage
from sim.experiments.kept import Keeper, event_schema
from sim.experiments.manifest import configuration_hash, manifest
from sim.experiments.runner import Replicate
from sim.policy.scenario import load
from sim.world.records import GROWING
from tests.experiments.fakes import SIX, FaultyKeeper, experiment, fake_replicate

TWO = ("status_quo", "faster_mlat")


@pytest.fixture
def faked(monkeypatch, tmp_path):
    """Experiments that run on fake replicates and count them."""
    ran = []

    def run(task):
        ran.append(task.seed)
        return fake_replicate(task)

    monkeypatch.setattr(kept, "run_replicate", run)
    monkeypatch.setattr(conducting, "compile_rules", lambda *_: None)
    return experiment(tmp_path, TWO), ran


@pytest.fixture
def console():
    from io import StringIO

    from rich.console import Console

    return Console(file=StringIO())


def test_outcomes_come_back_as_they_were(tmp_path):
    (task,) = plain(experiment(tmp_path, TWO, replicates=1)).tasks
    keeper, replicate = Keeper(tmp_path / "kept"), fake_replicate(task)
    keeper.keep(task, replicate)
    results = keeper.load([task])
    for (_, row), arm in zip(results.outcomes.iterrows(), replicate.arms, strict=True):
        assert row["scenario"] == arm.scenario
        assert {key: row[key] for key in arm.measured.outcomes} == pytest.approx(arm.measured.outcomes, nan_ok=True)
    curve = results.breakdowns["turnaround_curve"]
    assert list(curve[curve["scenario"] == "faster_mlat"]["answered"]) == pytest.approx(
        list(replicate.arms[1].measured.breakdowns["turnaround_curve"]["answered"])
    )


def test_a_write_that_breaks_off_leaves_nothing_whole(tmp_path, monkeypatch):
    (task,) = plain(experiment(tmp_path, TWO, replicates=1)).tasks
    keeper = Keeper(tmp_path / "kept")
    replicate = fake_replicate(task)

    def breaks(path, **_tables):
        path.write_bytes(b"PK")
        raise OSError("disk full")

    monkeypatch.setattr(kept.np, "savez", breaks)
    with pytest.raises(OSError, match="disk full"):
        keeper.keep(task, replicate)
    assert not keeper.has(task)
    assert keeper.load([task]).outcomes.empty


def test_a_replicate_with_a_failure_is_shown_but_run_again(tmp_path):
    (task,) = plain(experiment(tmp_path, TWO, replicates=1)).tasks
    keeper = Keeper(tmp_path / "kept")
    failure = Failure.of(ValueError("no"), MAIN, 1, "faster_mlat", FailureStage.ARM)
    whole = fake_replicate(task)
    keeper.keep(task, Replicate(MAIN, 1, whole.arms[:1], (failure,)))
    assert not keeper.has(task)
    assert keeper.load([task]).failures == (failure,)
    assert len(keeper.load([task]).outcomes) == 1
    keeper.keep(task, whole)
    assert keeper.has(task)
    assert keeper.load([task]).failures == ()
    assert len(keeper.load([task]).outcomes) == 2


def test_an_interrupted_experiment_goes_on(faked, console, monkeypatch):
    asked, ran = faked
    design = plain(asked)
    run = kept.run_replicate

    def interrupted(task):
        if task.seed == 2:
            raise KeyboardInterrupt
        return run(task)

    monkeypatch.setattr(kept, "run_replicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        conducting.conduct(asked, design, console)
    monkeypatch.setattr(kept, "run_replicate", run)
    conducted = conducting.conduct(asked, design, console)
    assert ran == [1, 2, 3], "the first seed is not run again"
    assert conducted.reused == 1
    assert list(conducted.results.outcomes["seed"]) == [1, 1, 2, 2, 3, 3]
    uninterrupted = conducting.conduct(replace(asked, results=asked.results / "other"), design, console)
    pd.testing.assert_frame_equal(conducted.results.outcomes, uninterrupted.results.outcomes)


def test_more_replicates_reuse_those_that_are_there(faked, console):
    asked, ran = faked
    conducting.conduct(asked, plain(asked), console)
    more = replace(asked, replicates=5)
    conducting.conduct(more, plain(more), console)
    assert ran == [1, 2, 3, 4, 5]


def test_configuration_hash_follows_what_matters(tmp_path):
    asked = experiment(tmp_path, TWO)
    same = configuration_hash(asked, plain(asked))
    more = replace(asked, replicates=9, workers=2)
    assert configuration_hash(more, plain(more)) == same
    other = replace(asked, parameters=with_court_wait(asked.parameters, 99.0))
    assert configuration_hash(other, plain(other)) != same
    world = replace(asked, world=replace(asked.world, groups=7))
    assert configuration_hash(world, plain(world)) != same


def test_all_failures_are_an_error_that_tells_the_first(faked, console, monkeypatch):
    asked, _ = faked

    def fails(task):
        return Replicate(
            task.block,
            task.seed,
            (),
            (Failure.of(ValueError("broken"), MAIN, task.seed, "", FailureStage.BURN_IN),),
        )

    monkeypatch.setattr(kept, "run_replicate", fails)
    with pytest.raises(AllFailedError, match="broken"):
        conducting.conduct(asked, plain(asked), console)


def test_a_dead_worker_becomes_a_failure(faked, console, monkeypatch):
    asked, _ = faked

    class Kills(Executor):
        def carry_out(self, work):
            work.meanwhile()
            for position, task in enumerate(work.tasks):
                yield task, WorkerDeath(2) if position == 1 else work.function(task)

    monkeypatch.setattr(conducting, "executor", lambda *_: Kills())
    conducted = conducting.conduct(asked, plain(asked), console)
    (failure,) = conducted.failures
    assert (failure.seed, failure.stage) == (2, FailureStage.WORKER)
    assert set(conducted.results.outcomes["seed"]) == {1, 3}


@pytest.mark.skipif(sys.platform == "win32", reason="a fault there ends a process with an exit code")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_in_compiled_code_is_told_at_every_try_and_costs_its_own_run(workers, faked, console, monkeypatch):
    asked = replace(faked[0], workers=workers, executor="processes", events=True)
    with monkeypatch.context() as patched:
        patched.setattr(conducting, "Keeper", FaultyKeeper)
        conducted = conducting.conduct(asked, plain(asked), console)
    (failure,) = conducted.failures
    assert (failure.seed, failure.scenario, failure.stage) == (2, "faster_mlat", FailureStage.WORKER)
    assert "SIGSEGV, a fault in compiled code" in failure.message
    undisturbed = conducting.conduct(replace(faked[0], results=asked.results / "other"), plain(asked), console)
    runs = undisturbed.results.outcomes
    spared = runs[(runs["seed"] != 2) | (runs["scenario"] != "faster_mlat")].reset_index(drop=True)
    pd.testing.assert_frame_equal(conducted.results.outcomes, spared)
    told = " ".join(console.file.getvalue().split())
    death = "A worker process ended by SIGSEGV, a fault in compiled code, at main, seed 2"
    assert told.count(f"{death}, faster_mlat") == TRIES
    assert told.count(death) == TRIES + 1, "with its scenarios together once"
    conducted.keeper.move_events(conducted.tasks, asked.results / "events")
    rows = pd.concat(map(pd.read_parquet, (asked.results / "events/group").iterdir()))
    assert len(rows[["scenario", "seed"]].drop_duplicates()) == 5


def test_a_seed_that_was_taken_apart_once_counts_once(tmp_path):
    (task,) = plain(experiment(tmp_path, TWO, replicates=1)).tasks
    keeper = Keeper(tmp_path / "kept")
    for part in (*task.apart(), task):
        keeper.keep(part, fake_replicate(part))
        assert keeper.load([task]).outcomes["scenario"].is_unique
    assert len(keeper.load([task]).outcomes) == 2


@pytest.mark.parametrize("file", ["about.json", "measured.npz"])
def test_a_kept_replicate_that_cannot_be_read_is_run_again(file, faked, console):
    asked, ran = faked
    folder = conducting.conduct(asked, plain(asked), console).keeper.folder / plain(asked).tasks[1].key
    (folder / file).write_bytes((folder / file).read_bytes()[: (folder / file).stat().st_size * 2 // 3])
    conducted = conducting.conduct(asked, plain(asked), console)
    assert (ran, conducted.reused) == ([1, 2, 3, 2], 2)
    assert len(conducted.results.outcomes) == 6


def test_events_have_one_schema_for_all_parts(tmp_path):
    (task,) = plain(experiment(tmp_path, TWO, replicates=1, events=True)).tasks
    keeper = Keeper(tmp_path / "kept")
    replicate = fake_replicate(task)
    keeper.keep(task, replicate)
    keeper.move_events([task], tmp_path / "events")
    assert {path.name for path in (tmp_path / "events").iterdir()} == set(GROWING)
    (part,) = (tmp_path / "events" / "request").iterdir()
    assert pq.read_schema(part).equals(event_schema("request"))
    rows = pd.read_parquet(part)
    assert {"block", "scenario", "seed", "stage_1", "stage_12", "sent"} <= set(rows)
    assert np.array_equal(rows["sent"][rows["scenario"] == "faster_mlat"], replicate.arms[1].events["request"]["sent"])


def test_manifest_names_everything(tmp_path):
    asked = experiment(tmp_path)
    design = comparison(asked, (load("no_delay"),))
    made = json.loads(json.dumps(manifest(asked, design, (), 12.345, 2**20 * 100)))
    assert made["command"] == asked.command
    assert made["code"]["version"]
    assert len(made["code"]["sources"]) == 64
    assert made["packages"]["numpy"] == np.__version__
    assert made["seeds"] == {"main": [1, 2, 3], "slack courts": [1, 2], "overloaded courts": [1, 2]}
    assert made["rungs"] == ["no_delay"]
    assert made["peak_memory_megabytes"] == 100.0
    assert any(name.startswith("sim/data/") for name in made["inputs"])
    assert any(name.startswith("scenarios/") for name in made["inputs"])


def test_design_runs_rungs_and_courts_on_fewer_seeds(tmp_path):
    asked = experiment(tmp_path, SIX, replicates=20)
    design = comparison(asked, (load("no_delay"),))
    main = [task for task in design.tasks if task.block == MAIN]
    assert [len(task.scenarios) for task in main] == [7] * 2 + [6] * 18
    slow = [task for task in design.tasks if task.block == "overloaded courts"]
    assert len(slow) == 2
    assert {scenario.key for scenario in slow[0].scenarios} == set(SIX[:4])
    assert slow[0].parameters.desk.court_wait_days == design.court_waits["overloaded courts"] == 150
    assert asked.parameters.desk.court_wait_days == design.court_waits[MAIN]
    assert len({task.key for task in design.tasks}) == len(design.tasks)


def test_it_is_told_how_many_replicates_there_are_as_they_were_asked_for(tmp_path):
    asked = experiment(tmp_path, SIX, replicates=4)
    told = "To simulate: 4 replicates, and 4 under 2 other settings (slack courts, overloaded courts)"
    assert conducting._size(comparison(asked, ()).tasks) == told
    assert conducting._size(plain(replace(asked, replicates=1)).tasks) == "To simulate: 1 replicate"


def test_no_rungs_without_both_bounds(tmp_path):
    design = comparison(experiment(tmp_path, TWO), (load("no_delay"),))
    assert design.rungs == ()
    assert design.baseline == "status_quo"


def test_the_first_scenario_is_the_baseline_where_todays_law_is_not_run(tmp_path):
    assert plain(experiment(tmp_path, ("faster_mlat", "harmonised_law"))).baseline == "faster_mlat"


def test_removing_forgets(tmp_path):
    (task,) = plain(experiment(tmp_path, TWO, replicates=1)).tasks
    keeper = Keeper(tmp_path / "kept")
    keeper.keep(task, fake_replicate(task))
    keeper.remove()
    assert not keeper.has(task)
    assert not (tmp_path / "kept").exists()
