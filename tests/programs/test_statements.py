"""Tests of the design's statements: the worlds that measure them, and verdicts."""

import math

import numpy as np
import pytest

from docs.programs import TODAY, Found, in_sets
from docs.programs.statements import HALF, arms, judged, lived_world, power, statements, table, verdict
from sim.experiments.statistics import Estimate
from sim.policy.well_known import UPPER_BOUND


@pytest.mark.slow
def test_every_statement_is_measured_in_a_world() -> None:
    """Every statement is measured in a world of default size, since tiny worlds have too few cases."""
    (task,) = in_sets(1, arms()).values()
    found = lived_world(task)
    for entry in statements():
        for arm, figure in ((entry.arm, entry.figure), *([(entry.arm, entry.against)] if entry.how == "rank" else [])):
            assert math.isfinite(found[arm or TODAY][figure]), entry.statement


def test_arms_of_statements_are_run_and_half_of_the_bound_moves_the_same_levers() -> None:
    for entry in statements():
        assert not {entry.arm, entry.against} - {"", *arms()} or entry.how == "rank"
        assert entry.how in ("level", "level %", "points %", "change", "rank")
    whole, half = (arms()[name].changes for name in (UPPER_BOUND, HALF))
    assert [change.lever for change in whole] == [change.lever for change in half]
    assert all(change.value == 0.5 for change in half)


def test_how_a_statement_is_judged() -> None:
    worlds = [{TODAY: {"x": 0.2 * size, "y": 1.0 / size}, "more": {"x": 0.3 * size}} for size in (1.0, 2.0, 3.0, 4.0)]
    found, line = Found(worlds), statements()[0]._replace(figure="x", arm="more", against="")
    came, single = judged(line._replace(how="level %"), found)
    assert came.value == pytest.approx(75.0) and single.tolist() == pytest.approx([30.0, 60.0, 90.0, 120.0])
    came, single = judged(line._replace(how="points %"), found)
    assert came.value == pytest.approx(25.0) and single[0] == pytest.approx(10.0)
    came, single = judged(line._replace(how="change"), found)
    assert came[:3] == pytest.approx((50.0, 50.0, 50.0)) and np.allclose(single, 50.0)
    assert judged(line._replace(arm="", against="y", how="rank"), found)[0].value == pytest.approx(-1.0)


def test_a_table_counts_worlds_inside_and_only_reports_what_has_no_bounds() -> None:
    named = {entry.figure for entry in statements()} | {entry.against for entry in statements()}
    worlds = [{arm: dict.fromkeys(named, size) for arm in arms()} for size in (1.0, 1.1, 1.2)]
    rows = table(Found(worlds)).splitlines()[2:]
    assert len(rows) == len(statements())
    for entry, row in zip(statements(), rows, strict=True):
        if math.isinf(entry.least) and math.isinf(entry.most):
            assert "reported" in row
        elif entry.how != "rank":
            assert " of 3 |" in row


def test_pairs_are_known_of_policies_that_move_little() -> None:
    """The page gives the required number of worlds for small effects only."""
    assert "`stronger_liaison`" in power() and "`faster_mlat`" not in power()


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        *((5.0, "holds"), (9.5, "open, the estimate lies inside"), (10.5, "open, the estimate lies outside")),
        *((12.0, "**does not hold**"), (math.nan, "not measured")),
    ],
)
def test_a_statement_holds_where_its_interval_lies_inside(estimate: float, words: str) -> None:
    assert verdict(Estimate(estimate, estimate - 1.0, estimate + 1.0, 9), 0.0, 10.0) == words


def test_worlds_that_share_a_set_count_as_one() -> None:
    """Worlds with one parameter set count as one, which widens the interval."""
    values = (1.0, 2.0, 3.0, 4.0, 1.0)
    worlds = Found([{TODAY: {"x": value}} for value in values])
    found = worlds.mean(worlds.values(TODAY, "x"))
    apart = Found(worlds.worlds[:4]).mean(np.array(values[:4]))
    assert found.value == pytest.approx(np.mean(values)) and apart.value == 2.5
    assert found.high - found.value > 1.5 * np.std(values, ddof=1) / 5**0.5
