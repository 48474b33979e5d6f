"""Tests of unusual uses: duplicate or missing names, files in the way, full disks, signals."""

import errno
import os
import signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.experiments import store
from sim.experiments.analyse.effects import Effects
from sim.experiments.conduct import _Conductor
from sim.experiments.control import stopping_at_once
from sim.experiments.design import plain
from sim.experiments.ledger import Ledger
from sim.experiments.manifest import input_hashes
from sim.experiments.parts import EXPERIMENTS, set_aside, unfinished_name
from sim.experiments.plan import Run
from sim.experiments.run import AllFailedError, Failure, FailureStage
from sim.experiments.settings import Ablation, check_ablation, chosen, is_on
from sim.experiments.store import read_text
from sim.experiments.study import settle
from sim.experiments.sweep import prepare
from sim.experiments.worker import Worker
from sim.policy.problem import InputError
from tests.experiments.fakes import conducted, experiment
from tests.tiny import parameters


def test_mechanisms_are_named_once_and_there_to_be_left_out() -> None:
    first, second = chosen(("hop_chain", "queues"), "ablation.mechanisms")
    assert (first.key, second.key) == ("hop_chain", "queues")
    for keys, words in (
        (("queues", "queues"), "named twice"),
        ((), "no mechanism to leave out.*hop_chain"),
        (("queue",), "unknown mechanism.*queues"),
    ):
        with pytest.raises(InputError, match=rf"ablation\.mechanisms.*{words}"):
            chosen(keys, "ablation.mechanisms")
    without = parameters({second.switch: 0.0})
    assert is_on(parameters(), second) and is_on(without, first) and not is_on(without, second)
    asked = Ablation(mechanisms=["hop_chain", "queues"])
    assert check_ablation(asked, parameters()) == (first, second)
    with pytest.raises(InputError, match=rf"left out of this world already.*remove {second.switch}=0"):
        check_ablation(asked, without)
    with pytest.raises(InputError, match=r"'faster_mlat': this scenario is given twice"):
        prepare(("status_quo", "faster_mlat", "faster_mlat"), ["court.staff=1,2"], [], "comity sweep")


def test_damaged_files_stand_side_by_side_and_others_say_where_they_break(tmp_path: Path, monkeypatch) -> None:
    for _ in range(3):
        (tmp_path / "a.parquet").touch()
        set_aside(tmp_path / "a.parquet")
    names = [".a.parquet.2.damaged", ".a.parquet.3.damaged", ".a.parquet.damaged"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    file = tmp_path / "log.txt"
    file.write_bytes(b"one\ntwo\n\xff\n")
    with pytest.raises(InputError, match=r"log\.txt:3: not UTF-8 text"):
        read_text(file)
    monkeypatch.setattr(store, "MOST_BYTES", 4)
    assert file.write_text("1234") == 4 and read_text(file) == "1234"
    assert file.write_text("12345") == 5
    with pytest.raises(InputError, match="larger than 4 bytes"):
        read_text(file)


def test_a_scenario_of_ones_own_is_hashed_by_its_file_and_a_shipped_one_by_its_name(tmp_path: Path) -> None:
    asked = experiment(tmp_path, ("status_quo", "faster_mlat"))
    shipped, mine = asked.scenarios[1], tmp_path / "mine.yaml"
    mine.write_text("title: x\n")
    own = [replace(shipped, file=str(path)) for path in (mine, tmp_path / "gone.yaml")]
    hashes = input_hashes(replace(asked, scenarios=(*asked.scenarios, *own)))
    assert {path for path in hashes if not path.startswith(("sim/data/", "scenarios/", "parts/"))} >= {str(mine)}
    assert str(tmp_path / "gone.yaml") not in hashes and "scenarios/faster_mlat.yaml" in hashes
    assert input_hashes(asked).items() < hashes.items()


def test_a_study_is_written_again_for_more_worlds_and_never_for_fewer(tmp_path: Path) -> None:
    asked = experiment(tmp_path, ("status_quo",), replicates=4)
    usual = conducted(asked, plain(asked))[0].about
    about = {**usual, "blocks": [], "code": {**usual["code"], "sources": "x"}}
    assert settle(tmp_path / "study", about, allow_other_code=False).about == about
    for changes, kept in (
        ({"replicates": 3, "command": "comity x"}, about),
        ({"replicates": 4, "command": "comity x"}, about),
        ({"replicates": 5}, about | {"replicates": 5}),
        ({"replicates": 2, "blocks": ["main"]}, about | {"replicates": 2, "blocks": ["main"]}),
        ({"replicates": 2, "blocks": ["main"]}, about | {"replicates": 2, "blocks": ["main"]}),
    ):
        assert settle(tmp_path / "study", about | changes, allow_other_code=False).about == kept
    other = about | {"code": {**about["code"], "sources": "y"}}
    with pytest.raises(InputError, match="another version of the code"):
        settle(tmp_path / "study", other, allow_other_code=False)
    assert settle(tmp_path / "study", other | {"replicates": 9}, allow_other_code=True).about["code"] == about["code"]
    with pytest.raises(InputError, match="another study is in this folder"):
        settle(tmp_path / "study", about | {"study": "b"}, allow_other_code=True)


def test_a_past_that_fails_costs_its_runs_and_a_full_disk_ends_all(tmp_path: Path) -> None:
    past = (Run(0, 0, 0, 7, ()), Run(1, 0, 1, 7, ()))
    base = SimpleNamespace(task=lambda past: past, block=lambda point: f"point {point}")

    def worker(number: int) -> Worker:
        def fails(_task: object) -> None:
            raise OSError(number, "why")

        return Worker(base, tmp_path, "", "p", fails)  # type: ignore[arg-type]

    results = worker(errno.EACCES)._results(past)
    assert [(one.block, one.seed, one.stage) for one in results] == [("point 0", 7, FailureStage.BURN_IN)] * 2
    with pytest.raises(OSError, match="why"):
        worker(errno.ENOSPC)._results(past)
    base.scenarios = [SimpleNamespace(key=key) for key in ("status_quo", "faster_mlat")]
    said: list[str] = []
    conductor = SimpleNamespace(worker=SimpleNamespace(base=base), log=said.append, console=SimpleNamespace(print=len))
    for runs in (past[1:], past):
        _Conductor._report_death(conductor, runs, "by SIGKILL")
    ends = (", faster_mlat", ", with 2 runs")
    assert said == [f"worker process ended by SIGKILL, at point 0, seed 7{end}" for end in ends]
    dead, raised = Failure.of_death("by SIGKILL", "main", 1, "x"), Failure("main", 2, "", FailureStage.ARM, "E", "t")
    for failures, others, by_death in (([dead], False, True), ([dead, dead, raised], True, False)):
        error = AllFailedError(failures)
        assert ("(and 2 others)" in str(error)) == others == ("others" in str(error)) and error.by_death == by_death


def test_a_shard_clears_up_after_itself_and_a_study_after_all(tmp_path: Path) -> None:
    left = [f"events/case/{unfinished_name(tag, 3)}" for tag in ("p", "s0of2", "s1of2")]  # of workers that have died
    left += ["events/case/notes.txt", "events/case/.mine-1200000003.parquet.tmp"]
    left += [f"{EXPERIMENTS}/{tag}-000001.parquet" for tag in ("p", "s0of2")]  # in the ledger: they count
    left += ["outcomes/p-000001.parquet", "outcomes/p-000002.parquet", "outcomes/s1of2-000003.parquet"]
    gone = {"s1of2": {left[2], left[9]}, "p": {left[0], left[1], left[2], left[8], left[9]}}
    for tag, cleared in gone.items():
        for name in left:
            (tmp_path / tag / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / tag / name).touch()
        Ledger(tmp_path / tag, None, "", {}, "", tag).clean()  # type: ignore[arg-type]
        assert {name for name in left if not (tmp_path / tag / name).exists()} == cleared


def test_signals_leave_at_once_and_a_spread_needs_three_trajectories_for_its_interval() -> None:
    for number, ends in ((signal.SIGTERM, SystemExit), (signal.SIGINT, KeyboardInterrupt)):
        with pytest.raises(ends) as left, stopping_at_once():
            os.kill(os.getpid(), number)
            signal.pause()
        assert number == signal.SIGINT or left.value.code == 143
    by_seed = np.array([[[1.0, 3.0]], [[5.0, 7.0]], [[3.0, 5.0]]])
    for number, value in ((1, np.nan), (2, 4.0 / np.sqrt(2.0)), (3, 2.0)):
        found = Effects(by_seed[:number], np.arange(number)).sigma()
        assert found.value == pytest.approx([value], nan_ok=True)
        assert np.isnan(found.low).all() == np.isnan(found.high).all() == (number < 3)
