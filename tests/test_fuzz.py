"""Tests of worlds at some random points and corners of the space of settings; see `make fuzz`."""

import math
import os
import signal

import numpy as np
import pytest

from sim.measures.outcomes import OUTCOMES
from tests import fuzz
from tests.fuzz import Point, axes, corners, live_all, lived, points
from tests.interpreted import python


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--workers 1 --every 100", "4 points"),
        pytest.param("--workers 1 --every 10", "40 points", marks=pytest.mark.slow),
        pytest.param("--workers 1 --every 10 --corners", "2 points", marks=pytest.mark.slow),
    ],
)
def test_a_part_of_it_brings_no_finds(words: str, said: str) -> None:
    """Worlds at random points have valid outcomes, and a crash affects only its own point."""
    done = python("-m", "tests.fuzz", *words.split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert said in done.stdout


def dies(point: Point) -> list[str]:
    if point.number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return []


def test_what_is_wrong_with_a_point_is_reported_and_costs_no_other(monkeypatch):
    finds = dict(live_all([Point(n, {}, {}) for n in range(4)], 2, dies))
    assert finds.pop(1)[0].startswith("died by SIGKILL") and set(finds) == {0, 2, 3} and not any(finds.values())
    monkeypatch.setattr(fuzz.resource, "setrlimit", lambda *_: None)  # of this process
    (said,) = lived(Point(2, {"none.such": 1.0}, {}))
    assert said.startswith("AttributeError: ") and "(fuzz.py:" in said
    assert next(fuzz._wrong({about.key: math.inf for about in OUTCOMES})) == f"{OUTCOMES[0].key} = inf"


def test_corners_stand_at_both_ends_of_every_axis_and_points_cover_it() -> None:
    """Corners reach both ends of every axis, and points cover each tenth of it equally."""

    def values(of: list[Point], name: str) -> list[float]:
        room, _, key = name.partition(".")
        return [(point.parameters if room == "uncertainty" else point.levers)[key] for point in of]

    at_ends, inside = corners(), points()
    for name, (low, high, whole) in axes().items():
        half = len(at_ends) // 2
        assert sorted(values(at_ends, name)) == pytest.approx([low] * half + [high] * half), name
        found = values(inside, name)
        assert low <= min(found) and max(found) <= high
        if not whole:
            assert np.histogram(found, 10, (low, high))[0].tolist() == [len(inside) // 10] * 10, name
