"""Tests of stored jobs: kept results, repeated ones, and values read back."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from sim.experiments.executors import LEDGER, conduct_jobs

done: list[int] = []


def halved(job: int) -> dict[str, Any]:
    """A result with a repeating decimal, an array, and a missing value."""
    done.append(job)
    if job == 13:
        raise ValueError("thirteen")
    return {"third": job / 3, "array": np.array([job, 0.1]), "unknown": math.nan}


def conducted(folder: Path, jobs: range, workers: int = 1, work: Callable[[int], Any] = halved) -> dict[str, Any]:
    done.clear()
    named = {f"job {job}": job for job in jobs}
    return conduct_jobs(work, named, folder, workers, Console(quiet=True), quiet=True)


def test_only_what_is_missing_is_done_and_all_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    first = conducted(tmp_path, range(1, 4))
    assert done == [1, 2, 3] and first["job 2"]["third"] == 2 / 3 and first["job 2"]["array"] == [2, 0.1]
    again = conducted(tmp_path, range(4, 0, -1))
    assert done == [4] and list(again) == ["job 4", "job 3", "job 2", "job 1"]
    assert repr({name: again[name] for name in first}) == repr(first)
    assert repr(conducted(tmp_path / "processes", range(1, 4), 2)) == repr(first)


def test_what_a_kill_cut_short_or_other_code_made_is_done_again(tmp_path: Path) -> None:
    conducted(tmp_path, range(1, 4))
    ledger = tmp_path / LEDGER
    one, two, three = ledger.read_text().splitlines(keepends=True)
    other = json.dumps(["other code", *json.loads(two)[1:]]) + "\n"
    ledger.write_text(one + other + three[:-9])
    conducted(tmp_path, range(1, 4))
    assert done == [2, 3] and len(ledger.read_text().splitlines()) == 3


def test_jobs_before_an_error_are_kept_and_a_result_that_is_no_plain_data_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="thirteen"):
        conducted(tmp_path, range(12, 15))
    assert done == [12, 13]
    with pytest.raises(ValueError, match="thirteen"):
        conducted(tmp_path, range(12, 15))
    assert done == [13]
    with pytest.raises(TypeError, match="plain data, not PosixPath"):
        conducted(tmp_path, range(1), work=a_path)


def a_path(_job: int) -> Path:
    return Path()
