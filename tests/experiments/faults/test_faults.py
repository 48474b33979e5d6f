"""Tests that a kill, a full disk, a disk error or a power loss costs some runs but never a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import StringIO
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from rich.console import Console

from sim.calibration import emulator, prior
from sim.calibration.command import carry_out
from sim.calibration.waves import Size
from sim.experiments import conduct as conducting
from sim.experiments import durable, ledger, parts
from sim.experiments.plan import Kind
from sim.policy.problem import InputError
from sim.report.studies import report
from tests.calibration.made_up import setting
from tests.experiments.fakes import NO_FIGURES, experiment
from tests.experiments.faults.bench import WELL, Bench, kinds, made
from tests.experiments.faults.disk import Loss, Trouble
from tests.experiments.faults.histories import Counted, histories
from tests.experiments.replicates import fake_replicate


def test_after_any_trouble_tables_are_equal_in_the_end_or_a_message_says_why_not() -> None:
    counted = Counted()
    histories(kinds(), 7, counted)
    assert {"killed", "message", "power lost"} <= counted.met.keys()


@pytest.mark.slow
def test_after_any_trouble_in_a_hundred_histories() -> None:
    histories(kinds(), 100, seed=2)


@pytest.mark.slow
def test_after_any_trouble_with_the_model() -> None:
    histories(kinds(model=True), 6)


# Planted bugs: each breaks one line of what makes tables last, and histories must find it.


def _no_flush(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(durable, "flush", lambda _: None)


def _ledger_first(patch: pytest.MonkeyPatch) -> None:
    place, waiting = ledger.Ledger._place, []

    def placed(self: ledger.Ledger, table: object, folder: str, name: str) -> None:
        if folder != parts.EXPERIMENTS:
            waiting.append((table, folder, name))
            return
        place(self, table, folder, name)
        while waiting:
            place(self, *waiting.pop(0))

    patch.setattr(ledger.Ledger, "_place", placed)


def _half_written(patch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def in_place(place: Path) -> Iterator[Path]:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield place

    patch.setattr(ledger, "beside", in_place)


@pytest.mark.slow
@pytest.mark.parametrize("plant", [_no_flush, _ledger_first, _half_written])
def test_a_planted_bug_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    what = made()
    histories([what], 1)  # what its tables are, while there is no bug
    plant(monkeypatch)
    with pytest.raises((AssertionError, InputError, pa.ArrowException)):  # tables differ, or cannot be read
        histories([what], 200, shrink=False)


# Reports and calibrations write more than their runs: a trouble at a call that is drawn, then the same command again.


def _survives(bench: Bench, command: Callable[[], object], whole: Callable[[Path], object], trials: int) -> None:
    """Runs a command with random faults, and checks that its visible results are always complete."""
    chance, place = Random(20261202), bench.disk.root  # noqa: S311 - no secret
    assert bench.ends(command) == WELL, bench.said
    calls, wanted = bench.disk.calls, whole(place)
    assert wanted
    for _ in range(trials):
        bench.disk.lose_power(Loss.ALL, chance)
        assert whole(place) == wanted, "what a command has written is gone"
        bench.empty()
        trouble, at, loss = chance.choice(list(Trouble)), chance.randint(1, calls), chance.choice(list(Loss))
        bench.disk.begin(trouble, at)
        bench.ends(command)
        if chance.random() < 0.7:
            bench.disk.lose_power(loss, chance)
        assert whole(place) in ({}, wanted), f"{trouble} at {at}, {loss}: what shows is not whole"
        bench.disk.begin()
        assert bench.ends(command) == WELL, f"{trouble} at {at}, {loss}: {bench.said}"
        assert whole(place) == wanted, f"{trouble} at {at}, {loss}"
        bench.disk.lose_power(chance.choice(list(Loss)), chance)
        assert whole(place) == wanted, f"{trouble} at {at}, {loss}, and a power loss after the end"


@pytest.fixture
def bench() -> Iterator[Bench]:
    there = Bench(made())
    yield there
    there.close()


@pytest.mark.slow
def test_a_report_that_shows_is_whole(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conducting, "run_replicate", fake_replicate)
    monkeypatch.setattr(conducting, "compile_rules", lambda *_: None)
    monkeypatch.setattr("sim.report.pages.FIGURES", NO_FIGURES)
    results = bench.disk.root / "results"
    asked = experiment(results, ("status_quo", "faster_mlat"), replicates=2, events=True)

    def whole(_: Path) -> dict[str, bytes]:
        """Tables of the reports in a folder, which must be equal if there are two."""
        found: dict[str, bytes] = {}
        for folder in results.glob("[!.]*") if results.exists() else ():
            tables = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _tables(folder)}
            assert not found or tables == found
            found = tables
        return found

    _survives(bench, lambda: report(asked, Kind.RUN, Console(file=StringIO(), quiet=True)), whole, 12)


def _tables(folder: Path) -> list[Path]:
    """CSV and Parquet files in a folder, by name."""
    return sorted(path for path in folder.rglob("[!.]*") if path.suffix in (".csv", ".parquet"))


@pytest.mark.slow
def test_a_calibration_that_ends_well_stays(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "SHAPES", emulator.SHAPES[:2])
    monkeypatch.setattr(emulator, "RESTS", emulator.RESTS[-2:])
    monkeypatch.setattr(prior, "PARTICLES", 600)
    size = Size(prior=20, repeats=4, waves=(8,), candidates=12, tries=1, kept=6, confirm=2)
    asked = setting(bench.disk.root / "calibration", size=size)

    def whole(place: Path) -> dict[str, bytes]:
        """Files of both ensembles, if the calibration is complete."""
        names = "ensemble.parquet", "runs.parquet"
        there = (place / "calibration" / "report.html").exists()
        return {name: (place / "calibration" / name).read_bytes() for name in names} if there else {}

    _survives(bench, partial(carry_out, asked, "small", publish=False), whole, 2)
