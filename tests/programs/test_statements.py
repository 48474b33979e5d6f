"""Statements of the design: in which worlds they are measured, and when one holds."""

import math

import numpy as np
import pytest

from docs.programs import Line, verdict
from docs.programs.statements import DRAWN, change, changed, find, statements, table
from sim.experiments.statistics import Estimate
from sim.world.parameters import Parameters, check, with_values


@pytest.mark.slow
def test_statements_are_measured_in_draws() -> None:
    """A level and a change by a lever, in two draws: the lever shares the draw's past."""
    chosen = [
        entry for entry in statements() if entry.text.startswith(("Requests refused for", "Officers ×5: requests"))
    ]
    level, moved = find(chosen, DRAWN[:2], 1)
    assert 0.0 < level.estimate.value < 50.0
    assert level.estimate.low <= level.estimate.value <= level.estimate.high
    assert moved.estimate.value > 0.0
    assert level.worlds == moved.worlds == 2
    assert table([level, moved], [level, moved]).count("of 2 |") == 4


def test_changes_by_the_same_share_are_known_exactly_and_every_setting_can_be_made() -> None:
    """Worlds that differ much in their level say no less of a share."""
    base = np.array([1.0, 3.0, 20.0, np.nan])
    assert change(base * 0.6, base)[:3] == pytest.approx((-40.0, -40.0, -40.0))
    found = change(base * np.array([0.5, 0.7, 0.6, 1.0]), base)
    assert found.low < found.value < found.high < 0.0
    # A factor is of the draw's own value, and ends where the range does.
    for entry in statements():
        for world in DRAWN:
            check(with_values(Parameters(), changed(entry.setting, world.values)[0]))
    for value, then in ((0.01, 0.1), (0.2, 0.5)):
        assert changed("case.leak_per_year × 10", {"case.leak_per_year": value})[0] == {"case.leak_per_year": then}
    moved = changed("law.join = second_protocol, liaison.posts = 5.0, custody.arrest = 0.5", {})
    assert moved == ({"custody.arrest": 0.5}, {"law.join": "second_protocol", "liaison.posts": 5.0})


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
    assert verdict(Estimate(estimate, estimate - 1.0, estimate + 1.0, 9), 0.0, 10.0) == words


def test_a_line_counts_worlds_inside_or_judges_their_mean() -> None:
    found = [{"days": value} for value in (1.0, 2.0, 9.0, math.nan)]
    line = Line("days", "Wait", "days", 0.0, 3.0)
    assert line.row(found, found[:1]) == [
        "Wait",
        "days",
        "2.00 (1.20 to 7.60)",
        "2 of 3",
        "1.00 (1.00 to 1.00)",
        "1 of 1",
        "0 to 3",
    ]
    assert line._replace(by_mean=True).row(found, found[3:])[2:6] == [
        "mean +4.00 ± 10.83",
        "open, the estimate lies outside",
        "mean +nan ± nan",
        "not measured",
    ]
    assert Line("days", "Wait", "days").row(found, found)[3::3] == ["", "reported"]
