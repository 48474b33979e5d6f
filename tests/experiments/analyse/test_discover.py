"""Tests of boxes worth reporting, of their bounds, and of studies without findings."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.experiments.analyse import discover as rules
from sim.experiments.analyse.discover import LEAST_CASES, LEAST_OF_INTEREST, Box, Restriction
from sim.experiments.axis import Axis, AxisKind
from sim.policy.problem import InputError

nan = float("nan")
STAFF = Axis("court.staff", AxisKind.LEVER, "times today's", ())
SHARE = Axis("uncertainty.request.deficiency", AxisKind.UNCERTAINTY, "share", ())
DAYS = Axis("uncertainty.desk.court_wait_days", AxisKind.UNCERTAINTY, "days", ())
AXES = {axis.key: axis for axis in (STAFF, SHARE, DAYS)}


def box(cases: int, density: float, *found: Restriction) -> Box:
    return Box("PRIM", 1.0, density, 0.5, cases, found)


def test_a_box_must_be_clearly_fuller_than_all_and_hardly_by_chance() -> None:
    """A reported box is twice as dense as all cases, or halfway from these to full, and unlikely by chance."""
    some = Restriction(SHARE.key, 0.1, nan, (), "x")
    for cases, density, usual, looked_at, said in (
        *((50, 0.40, 0.2, 1, True), (50, 0.38, 0.2, 1, False), (50, 0.90, 0.8, 1, True), (50, 0.88, 0.8, 1, False)),
        *((10, 0.40, 0.2, 1, False), (12, 0.50, 0.2, 2, True), (12, 0.50, 0.2, 4, False)),
    ):
        found = rules._says_something(box(cases, density, some), usual, looked_at)
        assert found == said, (cases, density, usual, looked_at)
    assert not rules._says_something(box(50, 0.9), 0.2, 1), "a box without bounds is all cases"
    assert box(1, 0.5).words == "anywhere" and box(1, 0.5, some, some).words == "x and x"


def test_peeling_stops_at_the_best_of_coverage_and_density_among_full_boxes() -> None:
    for density, chosen in (([0.2, 0.5, 0.8, 0.95], 2), ([0.2, 0.5, 0.79, 0.95], 3), ([0.2, 0.5, 0.6, 0.79], 1)):
        steps = pd.DataFrame({"coverage": [1.0, 0.8, 0.6, 0.3], "density": density})
        assert rules._chosen(steps) == chosen, density


def test_bounds_are_read_from_limits_the_tightest_first_without_those_of_chance() -> None:
    inputs = pd.DataFrame({SHARE.key: [0.0, 0.5, 1.0], STAFF.key: [1.0, 2.0, 5.0], DAYS.key: [10.0, 20.0, 30.0]})
    inputs["policy"] = pd.Categorical(["a", "b", "c"])
    limits = pd.DataFrame({SHARE.key: [0.75, 1.0], STAFF.key: [1.0, 2.0], DAYS.key: [12.0, 28.0]}, dtype=object)
    limits["policy"] = [{"a", "c"}, {"a", "c"}]
    found = rules._restrictions(limits, inputs, AXES, {})
    assert [entry.axis for entry in found] == [SHARE.key, STAFF.key, "policy", DAYS.key]
    assert [entry.words for entry in found] == [
        "request.deficiency ≥ 0.75",
        "Staff of the courts that order execution ≤ 2 times today's",
        "policy is a or c",
        "desk.court_wait_days from 12 to 28 days",
    ]
    np.testing.assert_equal([entry[1:3] for entry in found], [(0.75, nan), (nan, 2.0), (nan, nan), (12.0, 28.0)])
    assert found[2].allowed == ("a", "c")
    chances = {SHARE.key: [0.06, -1.0], STAFF.key: [0.05, 0.9], DAYS.key: [-1.0, -1.0]}
    left = [entry.axis for entry in rules._restrictions(limits, inputs, AXES, chances)]
    assert left == [STAFF.key, "policy", DAYS.key], "one that chance would make is left out"
    limits["policy"] = [{"a", "b", "c"}, {"a", "b", "c"}]
    limits[SHARE.key] = [0.0, 1.0]
    assert [entry.axis for entry in rules._restrictions(limits, inputs, AXES, {})] == [STAFF.key, DAYS.key]


@pytest.mark.parametrize(
    ("found", "inside"),
    [
        ((Restriction(SHARE.key, 0.2, nan, (), ""),), [2, 3, 4, 5]),
        ((Restriction(SHARE.key, nan, 0.2, (), ""),), [0, 1, 2]),
        ((Restriction(SHARE.key, 0.2, 0.4, (), ""), Restriction("policy", nan, nan, ("a",), "")), [2, 4]),
        ((), [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_box_is_counted_from_its_bounds(found: tuple[Restriction, ...], inside: list[int]) -> None:
    inputs = pd.DataFrame({SHARE.key: np.arange(6) / 10.0, "policy": list("ababab")})
    interest = np.array([True, False, True, True, False, False])
    made, caught = rules._box("CART", list(found), inputs, interest), int(interest[inside].sum())
    assert (made.cases, made.mass, made.coverage) == (len(inside), len(inside) / 6, caught / 3)
    assert made.density == caught / len(inside)


def test_too_few_cases_or_all_alike_is_one_message() -> None:
    condition = SimpleNamespace(outcome=SimpleNamespace(key="harm"))
    for number, such, said in (
        (LEAST_CASES - 1, 20, f"{LEAST_CASES - 1} cases are too few"),
        (LEAST_CASES, LEAST_OF_INTEREST - 1, f"{LEAST_OF_INTEREST - 1} of {LEAST_CASES} cases are of interest"),
        (LEAST_CASES, LEAST_CASES, f"{LEAST_CASES} of {LEAST_CASES} cases are of interest"),
        (LEAST_CASES, LEAST_OF_INTEREST, ""),
        (LEAST_CASES, LEAST_CASES - 1, ""),
    ):
        values, interest = np.arange(number, dtype=float), np.arange(number) < such
        for axes in ((STAFF,), ()):
            expected = said or ("" if axes else "nothing varies")
            if expected:
                with pytest.raises(InputError, match=expected):
                    rules._check(SimpleNamespace(axes=axes), condition, values, interest)
            else:
                rules._check(SimpleNamespace(axes=axes), condition, values, interest)
