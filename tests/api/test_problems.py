"""Tests of problem definitions for external optimisers, and of a sweep's tables and arrays."""

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError
from sim.world.parameters import Scale, declarations

SMALL: Any = {"world": "tiny", "execution.executor": "serial"}
WAIT = "desk.court_wait_days"


def plausible(key: str) -> Any:
    """Plausible range of a parameter."""
    return next(about.plausible for name, _, about in declarations() if name == key)


def test_a_problem_has_the_ranges_of_levers_and_parameters() -> None:
    lever = LEVERS["court.staff"]
    logs = [name for name, _, about in declarations() if about.plausible and about.plausible.scale is Scale.LOG]
    problem = sim.to_salib("court.staff", logs[0], "court.staff")
    span = plausible(logs[0])
    assert problem["names"] == ["court.staff", logs[0]] and problem["num_vars"] == 2
    assert problem["bounds"] == [[lever.low, lever.high], [span.low, span.high]]
    assert problem["dists"] == ["unif", "logunif"]
    assert "dists" not in sim.to_salib("court.staff")


def test_salib_draws_from_a_problem_what_simulate_takes() -> None:
    latin = pytest.importorskip("SALib.sample.latin", reason="SALib is optional")
    problem = sim.to_salib("desk", "court.staff")
    drawn = latin.sample(problem, 3, seed=1)
    low, high = np.array(problem["bounds"]).T
    assert len(drawn) == 3 and (drawn >= low).all() and (drawn <= high).all()
    values = dict(zip(problem["names"], drawn[0].tolist(), strict=True))
    assert sim.simulate(values, seed=1, world="tiny") != sim.simulate(seed=1, world="tiny")


@pytest.mark.filterwarnings("ignore")
def test_ema_workbench_gets_the_same_ranges() -> None:
    pytest.importorskip("ema_workbench", reason="EMA Workbench is optional")
    problem = sim.to_salib("desk", "court.staff")
    made = sim.to_ema("desk", "court.staff")
    assert [one.variable_name for one in made] == [[name] for name in problem["names"]]
    assert [[one.lower_bound, one.upper_bound] for one in made] == problem["bounds"]


def test_what_is_not_installed_has_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    with pytest.raises(InputError, match="pip install ema-workbench"):
        sim.to_ema("court.staff")


def test_an_array_without_xarray_has_a_message(scattered: sim.SweepResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match="pip install xarray"):
        scattered.to_xarray()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "nothing varies"),
        (("court.stafff",), "Did you mean court.staff"),
        ((next(key for key, lever in LEVERS.items() if not lever.gradual),), "no number, which has no range"),
    ],
)
def test_a_name_without_a_range_is_refused(names: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        sim.to_salib(*names)


@pytest.fixture(scope="module")
def scattered() -> sim.SweepResult:
    """Result of a small sweep over three points, two scenarios and two seeds."""
    points = pd.DataFrame({"court.staff": [1.0, 2.0, 3.0], f"uncertainty.{WAIT}": [60.0, 20.0, 40.0]})
    kept = SMALL | {"sweep.breakdowns": ["country"]}
    return sim.sweep("status_quo", "faster_mlat", points=points, replicates=2, set=kept, progress=None)


def test_axes_and_points_are_tables(scattered: sim.SweepResult) -> None:
    axes = scattered.axes.set_index("key")
    assert axes.loc["court.staff", "levels"] == (1.0, 2.0, 3.0) and axes.loc[WAIT, "unit"] == "days"
    assert scattered.points.to_dict("list") == {"court.staff": [1.0, 2.0, 3.0], WAIT: [60.0, 20.0, 40.0]}
    assert list(scattered.points.index) == [0, 1, 2] and scattered.points.attrs["units"][WAIT] == "days"


def test_a_breakdown_adds_up_to_outcomes_at_each_point(scattered: sim.SweepResult) -> None:
    assert scattered.breakdowns == ("country",)
    keys = ["point", "scenario", "seed"]
    rows = scattered.breakdown("country")
    assert rows["court.staff"].tolist() == rows["point"].add(1.0).tolist()
    assert {"DEU", "USA"} < set(rows["state"]) and len(set(rows["state"])) <= 13
    summed = rows.groupby(keys)["takedowns"].sum()
    pd.testing.assert_series_equal(summed, scattered.outcomes.set_index(keys)["takedowns"].sort_index())
    with pytest.raises(InputError, match="Did you mean country"):
        scattered.breakdown("countri")


def test_points_that_are_no_grid_are_a_dimension(scattered: sim.SweepResult) -> None:
    array = scattered.to_xarray()
    assert dict(array.sizes) == {"point": 3, "scenario": 2, "seed": 2}
    assert array[WAIT].dims == ("point",) and array[WAIT].values.tolist() == [60, 20, 40]
    assert array[WAIT].attrs["units"] == "days" and array["harm"].attrs["units"]
    for row in scattered.outcomes.to_dict("records"):
        at = {key: row[key] for key in ("point", "scenario", "seed")}
        assert array["harm"].sel(at).item() == row["harm"]


def test_an_interval_has_ends_and_points_with_own_seeds_have_worlds() -> None:
    found = sim.sweep(
        vary=["desk.court_wait_days", "desk.rebound"],
        replicates=1,
        progress=None,
        design="lhs",
        samples=3,
        seeds="own",
        set=SMALL,
    )
    first, span = found.axes.iloc[0], plausible("desk.court_wait_days")
    assert (first["low"], first["high"], first["scale"], first["levels"]) == (span.low, span.high, span.scale, ())
    array = found.to_xarray()
    assert dict(array.sizes) == {"point": 3, "scenario": 1, "world": 1}
    assert array["seed"].values.ravel().tolist() == found.outcomes.sort_values("point")["seed"].tolist()


def test_a_grid_can_be_had_by_point_too() -> None:
    found = sim.sweep(values={"court.staff": [1, 2]}, replicates=1, set=SMALL, progress=None)
    grid, points = found.to_xarray(), found.to_xarray(by_point=True)
    assert grid["harm"].dims == ("court.staff", "scenario", "seed")
    assert points["harm"].dims == ("point", "scenario", "seed")
    assert (grid["harm"].values == points["harm"].values).all()


def test_a_paired_sweep_has_worlds_of_each_point() -> None:
    found = sim.sweep(
        "faster_mlat",
        vary=["desk.rebound"],
        design="lhs",
        samples=2,
        paired=True,
        replicates=2,
        set=SMALL,
        progress=None,
    )
    array = found.to_xarray()
    assert dict(array.sizes) == {"point": 2, "scenario": 2, "world": 2}
    for row in found.outcomes.to_dict("records"):
        at = array.sel(point=row["point"], scenario=row["scenario"])
        assert at["harm"].values[at["seed"].values == row["seed"]].tolist() == [row["harm"]]
