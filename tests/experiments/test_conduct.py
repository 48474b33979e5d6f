"""Tests of studies that end in a report: stored runs, resuming, and messages on failures."""

import json
import re
import sys
from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from sim.calibration.ensemble import sets_of_today
from sim.experiments import conduct as conducting
from sim.experiments import control
from sim.experiments.conduct import Options, conduct
from sim.experiments.control import Display, counting, expected
from sim.experiments.design import MAIN, comparison, plain
from sim.experiments.executors import TRIES, Executor
from sim.experiments.manifest import manifest, unfinished_folder
from sim.experiments.parts import event_schema
from sim.experiments.plan import Kind
from sim.experiments.results import read_results
from sim.experiments.run import Failure, FailureStage, Replicate
from sim.policy.places import places_named
from sim.policy.scenario import load
from sim.report.studies import report
from sim.world.parameters import WorldSpec
from sim.world.records import GROWING
from tests.experiments.fakes import NO_FIGURES, SIX, conducted, experiment, frame_of
from tests.experiments.replicates import fake_replicate, faulty_replicate

TWO = ("status_quo", "faster_mlat")


@pytest.fixture
def counted(tmp_path):
    """An experiment, and a stand-in for the model that counts its runs."""
    ran = []

    def run(task):
        ran.append(task.seed)
        return fake_replicate(task)

    return experiment(tmp_path, TWO), ran, run


def results(asked, evaluate=fake_replicate):
    design = plain(asked)
    study, _ = conducted(asked, design, evaluate)
    return read_results(study, design.plan)


def failure(task, scenario="faster_mlat", stage=FailureStage.ARM):
    return Failure.of(ValueError("no"), MAIN, task.seed, scenario, stage)


def test_tables_come_back_as_they_were(tmp_path):
    asked = experiment(tmp_path, TWO, replicates=1)
    found = results(asked)
    arms = fake_replicate(plain(asked).plan.base.task(next(plain(asked).plan.warm_ups(np.ones(2, bool))))).arms
    for (_, row), arm in zip(found.outcomes.iterrows(), arms, strict=True):
        assert row["scenario"] == arm.scenario
        assert {key: row[key] for key in arm.measured.outcomes} == pytest.approx(arm.measured.outcomes, nan_ok=True)
    for name, columns in arms[1].measured.breakdowns.items():
        table = found.breakdowns[name]
        table = table[table["scenario"] == "faster_mlat"]
        assert list(table) == ["block", "scenario", "seed", *columns]
        for column, values in columns.items():
            assert table[column].dtype == values.dtype
            np.testing.assert_array_equal(table[column], values)


def test_millions_of_rows_by_pair_of_states_are_measured_where_a_country_asks_for_its_side(tmp_path):
    asked = experiment(tmp_path, TWO, replicates=1)
    of_brazil = replace(asked, places=places_named("BRA", "--for"))
    bare, whole = (set(comparison(entry, ()).plan.base.breakdowns) for entry in (asked, of_brazil))
    assert whole - bare == {"pairs"} and whole < set(plain(asked).plan.base.breakdowns)


def test_rows_stand_in_the_order_of_points_seeds_and_scenarios(tmp_path, monkeypatch):
    asked = experiment(tmp_path, SIX, replicates=3)
    design = comparison(asked, (load("instant_courts"),))
    monkeypatch.setattr("sim.experiments.ledger.FLUSH_BREAKDOWNS", 1)

    class Backwards(Executor):
        def run(self, function, tasks, *_, **__):
            for task in reversed(list(tasks)):
                yield task, function(task)

    monkeypatch.setattr(conducting, "Executor", Backwards)
    study, _ = conducted(asked, design)
    assert len(list((study.store / "outcomes").iterdir())) > 1
    rows = read_results(study, design.plan).outcomes
    keys = list(zip(rows["block"], rows["seed"], rows["scenario"], strict=True))
    assert keys[:13] == [(MAIN, 1, key) for key in SIX] + [(MAIN, 2, key) for key in (*SIX, "instant_courts")]
    assert keys == sorted(keys, key=lambda key: key[1]) and {block for block, _, _ in keys} == {MAIN}


def test_what_runs_will_take_is_said_before_they_begin(tmp_path, monkeypatch):
    """The expected time and memory of runs are printed before they begin."""
    for name, value in {"_WARM_UP_YEAR": 60.0, "_POLICY_YEAR": 30.0, "_EMPTY": 1e9, "_WORLD": 5e8}.items():
        monkeypatch.setattr(control, name, value)
    world = WorldSpec(start="2020-01-01", policy_start="2030-01-01", end="2039-01-01", follow_up_days=365)
    plan, every = plain(replace(experiment(tmp_path, TWO), world=world)).plan, np.ones(6, bool)
    wait, two = "once rules are compiled, and {} GB of memory", "2 workers, a core each"
    assert expected(plan, every, 1) == f"6 to run by 1 worker: some 1 h 0 min {wait.format(2.5)}"
    assert expected(plan, every, 2) == f"6 to run by {two}: some 30 min {wait.format(4.0)}"
    assert expected(plan, every & (np.arange(6) < 1), 1).startswith("1 to run by 1 worker: some 15 min ")
    assert "each: less than a minute once" in expected(plan, every, 1000)


def test_a_failed_run_is_shown_and_run_again(counted):
    asked, ran, run = counted

    def fails(task):
        arms = fake_replicate(task).arms
        return Replicate((arms[0], failure(task))) if task.seed == 2 else Replicate(arms)

    found = results(asked, fails)
    (lost,) = found.failures
    assert (lost.seed, lost.scenario, lost.message) == (2, "faster_mlat", "ValueError: no")
    assert len(found.outcomes) == 5
    found = results(asked, run)
    assert (ran, found.failures, len(found.outcomes)) == ([2], (), 6)
    asked = replace(asked, results=asked.results / "pasts")
    found = results(asked, lambda task: Replicate((failure(task, "", FailureStage.BURN_IN),) * 2))
    assert [(entry.seed, entry.scenario) for entry in found.failures] == [(1, ""), (2, ""), (3, "")]


def test_more_replicates_reuse_those_that_are_there_and_fewer_show_fewer(counted):
    asked, ran, run = counted
    results(asked, run)
    assert len(results(replace(asked, replicates=5), run).outcomes) == 10 and ran == [1, 2, 3, 4, 5]
    assert len(results(replace(asked, replicates=2), run).outcomes) == 4 and ran == [1, 2, 3, 4, 5]


def test_the_folder_of_an_unfinished_study_follows_what_matters(tmp_path):
    asked = experiment(tmp_path, TWO)
    same = unfinished_folder(asked, plain(asked).plan)
    more = replace(asked, replicates=9, workers=2)
    assert unfinished_folder(more, plain(more).plan) == same
    desk = replace(asked.parameters.desk, court_wait_days=99.0)
    for change in (
        {"parameters": replace(asked.parameters, desk=desk)},
        *({"world": replace(asked.world, groups=7)}, {"baseline": "faster_mlat"}, {"events": True}),
    ):
        other = replace(asked, **change)
        assert unfinished_folder(other, plain(other).plan) != same
    for design in (comparison(asked, ()), plain(asked, Kind.REGRET)):
        assert unfinished_folder(asked, design.plan) != same


def test_a_finished_comparison_is_left_and_the_next_begins_from_nothing(counted, monkeypatch):
    asked, ran, run = counted
    monkeypatch.setattr(conducting, "run_replicate", run)
    monkeypatch.setattr(conducting, "compile_rules", lambda *_: None)
    monkeypatch.setattr("sim.report.pages.FIGURES", NO_FIGURES)
    first, second = (report(asked, Kind.COMPARE, Console(file=StringIO())) for _ in range(2))
    assert first != second and sorted(asked.results.iterdir()) == sorted([first, second])
    assert ran == 2 * ran[: len(ran) // 2]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a fault there ends a process with an exit code")
def test_a_fault_in_compiled_code_is_reported_at_every_try_and_costs_its_own_run(tmp_path):
    asked = replace(experiment(tmp_path, TWO), workers=2, executor="processes", events=True)
    design, console = plain(asked), Console(file=StringIO())
    folder = unfinished_folder(asked, design.plan)
    study, _ = conduct(asked, design.plan, folder, Options(), console, about={}, evaluate=faulty_replicate)
    found = read_results(study, design.plan)
    (lost,) = found.failures
    assert (lost.seed, lost.scenario, lost.stage) == (2, "faster_mlat", FailureStage.WORKER)
    assert "SIGSEGV, a fault in compiled code" in lost.message
    runs = results(experiment(tmp_path / "other", TWO)).outcomes
    spared = runs[(runs["seed"] != 2) | (runs["scenario"] != "faster_mlat")].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.outcomes, spared)
    said = " ".join(console.file.getvalue().split())
    death = "A worker process ended by SIGSEGV, a fault in compiled code, at main, seed "
    assert said.count(f"{death}2, faster_mlat") == TRIES
    assert said.count(death) == TRIES + 1, "once with other runs"
    rows = study.table("events/group")
    assert len(rows[["scenario", "seed"]].drop_duplicates()) == 5


def test_events_have_one_schema_and_one_file_per_seed(tmp_path):
    asked = experiment(tmp_path, SIX, replicates=2, events=True)
    design = comparison(asked, ())
    study, _ = conducted(asked, design)
    assert {path.name for path in (study.store / "events").iterdir()} == set(GROWING)
    parts = sorted((study.store / "events" / "request").iterdir())
    assert len(parts) == 2
    assert pq.read_schema(parts[0]).names == ["run", "point", *event_schema("request").names]
    rows = pd.read_parquet(parts[0])
    assert set(rows["seed"]) == {1} and set(rows["block"]) == {MAIN}
    sent = fake_replicate(design.plan.base.task(next(design.plan.warm_ups(design.plan.runs["point"] == 0)))).arms[2]
    assert np.array_equal(rows["sent"][rows["scenario"] == "faster_mlat"], sent.events["request"]["sent"])


def test_manifest_names_everything(tmp_path):
    asked = experiment(tmp_path)
    design = comparison(asked, (load("instant_courts"),))
    made = json.loads(json.dumps(manifest(asked, design, (), 12.345, 2**20 * 100)))
    assert made["command"] == asked.command
    assert made["code"]["version"] and len(made["code"]["sources"]) == 64
    assert made["packages"]["numpy"] == np.__version__
    assert made["seeds"] == {"main": [1, 2, 3]}
    assert (made["rungs"], made["peak_memory_megabytes"]) == (["instant_courts"], 100.0)
    for folder in ("sim/data/", "scenarios/"):
        assert any(name.startswith(folder) for name in made["inputs"])


def test_rungs_need_both_bounds_and_few_seeds_and_the_first_worlds_hold_scenarios_alone(tmp_path):
    asked = replace(experiment(tmp_path, SIX, replicates=100), sets=sets_of_today())
    design = comparison(asked, (load("instant_courts"),))
    counts = frame_of(design.plan).groupby("scenario")["seed"].count()
    assert counts.to_dict() == {**dict.fromkeys(SIX[:4], 100), **dict.fromkeys(SIX[4:], 30), "instant_courts": 10}
    warm_ups = list(design.plan.warm_ups(np.ones(len(design.plan), bool)))
    assert sorted(map(len, warm_ups)) == [4] * 70 + [6] * 20 + [7] * 10
    waits = {past[0].seed: design.plan.base.task(past).parameters.desk.court_wait_days for past in warm_ups}
    assert len(set(waits.values())) > 50, "each world has the courts of its own set"
    given = plain(asked).plan
    for past in given.warm_ups(np.ones(len(given), bool)):
        assert given.base.task(past).parameters.desk.court_wait_days == waits[past[0].seed]
    design = comparison(experiment(tmp_path, TWO), (load("instant_courts"),))
    assert (design.rungs, design.baseline) == ((), "status_quo"), "no rungs without both bounds"
    assert plain(experiment(tmp_path, ("faster_mlat", "harmonised_law"))).baseline == "faster_mlat"
    asked = experiment(tmp_path, SIX, replicates=100)
    design = comparison(asked, (load("instant_courts"),))
    sizes = {key: (len(seeds := design.seeds_of(key)), seeds[0], seeds[-1]) for key in (*SIX, "instant_courts")}
    ends = dict.fromkeys(SIX[4:], (30, 1, 30))
    assert sizes == {**dict.fromkeys(SIX[:4], (100, 1, 100)), **ends, "instant_courts": (10, 21, 30)}
    first = design.first(20, planned=100)
    assert (len(first.plan), first.planned, first.rungs) == (120, 100, ())
    assert len(comparison(replace(asked, baseline="no_cooperation"), ()).seeds_of("full_cooperation")) == 100


def test_a_line_of_progress_fits_into_eighty_columns() -> None:
    console = Console(width=80, force_terminal=True, color_system=None, file=StringIO())
    shown = Display(12_000, 10, 20)
    with counting(console, "Simulating", 12_345, quiet=False, shown=shown) as advance:
        advance(3, 1)
    with counting(console, "Writing tables and figures", 19, quiet=False) as step:
        step(3)
    lines = re.findall(r"(?:Simulating|Writing)[^\r\n\x1b]*", console.file.getvalue())
    assert len(lines) >= 2 and all(line.rstrip().endswith("left") and "…" not in line for line in lines), lines
