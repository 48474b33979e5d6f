"""Statements of the design: in which worlds they are measured, and when one holds."""

import math

import numpy as np
import pytest

from docs.programs.statements import DRAWN, STATEMENTS, Finding, Statement, Variant, change, find, page
from sim.world.parameters import Parameters, check, with_values


def test_statements_are_measured_in_draws() -> None:
    """A level and a change by a lever, in two draws: the lever shares the draw's past."""
    chosen = [entry for entry in STATEMENTS if entry.text.startswith(("Requests refused for", "Officers ×5: requests"))]
    level, moved = find(chosen, DRAWN[:2], 1)
    assert 0.0 < level.estimate < 50.0
    assert level.low <= level.estimate <= level.high
    assert moved.estimate > 0.0
    assert level.worlds == moved.worlds == 2
    assert page([level, moved], [level, moved]).count("of 2 |") == 4


def test_a_change_by_the_same_share_everywhere_is_known_exactly() -> None:
    """Worlds that differ much in their level say no less of a share."""
    base = np.array([1.0, 3.0, 20.0, np.nan])
    assert change(base * 0.6, base) == pytest.approx((-40.0, -40.0, -40.0))
    estimate, low, high = change(base * np.array([0.5, 0.7, 0.6, 1.0]), base)
    assert low < estimate < high < 0.0


def test_every_setting_can_be_made_in_every_draw() -> None:
    """A factor is of the draw's own value, and ends where the range does."""
    for entry in STATEMENTS:
        for world in DRAWN:
            check(with_values(Parameters(), entry.setting.values(world.values)))
    assert Variant(times={"case.leak_per_year": 10.0}).values({"case.leak_per_year": 0.01}) == {
        "case.leak_per_year": 0.1
    }
    assert Variant(times={"case.leak_per_year": 10.0}).values({"case.leak_per_year": 0.2})["case.leak_per_year"] == 0.5


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (5.0, "holds"),
        (9.5, "open, the estimate lies inside"),
        (10.5, "open, the estimate lies outside"),
        (12.0, "**does not hold**"),
        (math.nan, "not measured"),
    ],
)
def test_a_statement_holds_where_its_interval_lies_inside(estimate: float, words: str) -> None:
    entry = Statement(1, "what should come out", "harm", Variant(), 0.0, 10.0)
    assert Finding(entry, estimate, estimate - 1.0, estimate + 1.0, 0, 1).verdict == words
