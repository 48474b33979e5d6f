"""The serial and the process executor give the same tables; a worker's death costs its own task only."""

import os
import signal
from pathlib import Path

import pandas as pd
import pytest

from sim.experiments.design import plain
from sim.experiments.executors import ProcessExecutor, SerialExecutor, WorkerDeath, executor
from tests.experiments.fakes import FakeKeeper, experiment


@pytest.fixture(params=[SerialExecutor(), ProcessExecutor(2)], ids=["serial", "processes"])
def either(request):
    return request.param


def _square(number: int) -> int:
    return number * number


def test_every_task_is_carried_out(either):
    assert sorted(either.run(_square, iter(range(7)))) == [(number, number**2) for number in range(7)]


def test_no_tasks_no_results(either):
    assert list(either.run(_square, [])) == []


@pytest.fixture(scope="module")
def serial_tables(tmp_path_factory):
    return _tables(SerialExecutor(), tmp_path_factory.mktemp("serial"))


def _tables(chosen, folder: Path) -> dict[str, pd.DataFrame]:
    tasks = plain(experiment(folder, ("status_quo", "faster_mlat"), replicates=3)).tasks
    keeper = FakeKeeper(folder)
    assert len(list(chosen.run(keeper, tasks))) == 3
    results = keeper.load(tasks)
    return {"outcomes": results.outcomes} | results.breakdowns


def test_tables_do_not_depend_on_the_executor(either, serial_tables, tmp_path):
    tables = _tables(either, tmp_path)
    assert tables.keys() == serial_tables.keys()
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, serial_tables[name])


def _deadly(given: tuple[int, str]) -> int:
    """Task 3 kills its process: always, or only the first time, when the marker file is not there."""
    number, marker = given
    if number == 3 and not (marker and Path(marker).exists()):
        if marker:
            Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("again", [False, True], ids=["killed once", "killed at every try"])
def test_a_killed_worker_costs_only_its_task(again, tmp_path):
    marker = "" if again else str(tmp_path / "died")
    run = ProcessExecutor(2).run(_deadly, [(number, marker) for number in range(8)])
    made = {number: result for (number, _), result in run}
    assert made.pop(3) == (WorkerDeath(2) if again else 3)
    assert made == {number: number for number in range(8) if number != 3}


def test_workers_must_be_positive():
    with pytest.raises(ValueError, match="at least one"):
        executor(0)
    assert executor(1) == SerialExecutor()
    assert executor(2) == ProcessExecutor(2)
