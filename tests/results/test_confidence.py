"""A word of confidence follows from its grounds, and the weakest of them decides."""

import math
from dataclasses import replace

import pytest

from sim.results.confidence import Confidence, Grounds, of_direction, of_size

LOW, MEDIUM, HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH
SURE = Grounds(worlds=0.97, ablations=1.0, met=3, missed=0, judged=0.3, low=0.10, high=0.18)


@pytest.mark.parametrize(
    ("change", "direction", "size"),
    [
        ({}, HIGH, HIGH),
        ({"low": -0.18, "high": -0.10}, HIGH, HIGH),
        ({"worlds": 0.90}, MEDIUM, MEDIUM),
        ({"worlds": 0.79}, LOW, LOW),
        ({"ablations": 0.85}, MEDIUM, MEDIUM),
        ({"ablations": math.nan}, LOW, LOW),  # nobody tried
        ({"met": 1}, MEDIUM, MEDIUM),
        ({"met": 0}, MEDIUM, LOW),  # a size that no fact speaks for
        ({"missed": 1}, MEDIUM, MEDIUM),
        ({"met": 1, "missed": 2}, LOW, LOW),
        ({"judged": 0.6}, HIGH, MEDIUM),
        ({"judged": 0.9}, HIGH, LOW),
        ({"high": 0.21}, HIGH, MEDIUM),
        ({"high": 0.51}, HIGH, LOW),
        ({"low": -0.01}, HIGH, LOW),  # of no sign
    ],
)
def test_the_weakest_ground_decides(change: dict[str, float], direction: Confidence, size: Confidence) -> None:
    grounds = replace(SURE, **change)
    assert (of_direction(grounds), of_size(grounds)) == (direction, size)
