"""Tests of users' and the package's parameter sets in every kind of study."""

import warnings
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

import sim
from sim.api.entry_point import Value
from sim.api.simulating import sets_named
from sim.experiments.run import Replicate, Task
from sim.policy.problem import InputError
from sim.world.parameters import Parameters
from tests.experiments.analyse.test_analyse import everywhere

UNTYPED: Any = sim  # what a type checker would refuse
SMALL: dict[str, Value] = {"world": "tiny", "execution.executor": "serial"}


def test_sets_given_as_a_table_are_those_of_the_package(tmp_path: Path) -> None:
    sets = sim.ensemble().head(4)
    ours = sim.run("status_quo", replicates=2, set=SMALL, progress=None, ensemble="package")
    given = sim.run("status_quo", replicates=2, set=SMALL, progress=None, ensemble=sets, results=tmp_path)
    pd.testing.assert_frame_equal(ours.outcomes, given.outcomes)
    plain = sim.run("status_quo", replicates=2, set=SMALL, progress=None).outcomes
    assert (plain["handling_cost"] != ours.outcomes["handling_cost"]).all()
    file = next(tmp_path.glob("ensemble-*.csv"))
    assert str(file) in given.command, "the command line gives the same numbers"


@pytest.mark.slow
def test_a_value_of_an_axis_holds_in_every_set_also_where_it_is_the_default() -> None:
    default = Parameters().desk.court_wait_days
    sets = pd.DataFrame({"desk.court_wait_days": [default * 3], "request.court_touch_hours": [9.0]})
    points = pd.DataFrame({"uncertainty.desk.court_wait_days": [default, default * 3]})
    request = {"points": points, "replicates": 1, "set": {"world": "tiny"}, "progress": None}
    drawn = sim.sweep(ensemble=sets, **request)  # type: ignore[arg-type]
    found = drawn.outcomes.set_index("point")
    assert found["court_backlog"][0] < found["court_backlog"][1] and "that somebody gave" in drawn.headline
    usual = sim.sweep(**request)  # type: ignore[arg-type]
    assert "at their default" in usual.headline
    assert usual.outcomes.set_index("point")["touch_days"][0] != found["touch_days"][0]


def test_a_grid_is_an_array_and_has_differences_from_any_of_its_points() -> None:
    wait = "desk.court_wait_days"
    grid: dict[str, list[Value]] = {"court.staff": [1, 3], f"uncertainty.{wait}": [20, 60]}
    found = sim.sweep(values=grid, replicates=2, set={"world": "tiny"}, progress=None)
    cube = found.to_xarray()
    assert cube["court_backlog"].dims == ("court.staff", wait, "scenario", "seed") and cube["harm"].attrs["units"]
    assert list(found.axes["key"]) == list(found.points) == ["court.staff", wait] and wait in found.outcomes
    from_short = found.differences_from({wait: 20})
    assert from_short[wait].tolist() == found.differences_from({f"uncertainty.{wait}": 20})[wait].tolist()
    assert from_short.loc[from_short[wait] == 20, "difference"].dropna().eq(0.0).all()
    assert found.points.attrs["units"][wait] == "days"
    changes = found.differences_from({"court.staff": 1}).query("outcome == 'court_backlog'").set_index("court.staff")
    assert (changes.loc[1, "difference"] == 0).all() and (changes.loc[3, "difference"] < 0).all()
    with pytest.raises(InputError, match="a mapping"):
        found.differences_from(cast(Any, 3))
    with pytest.raises(InputError, match=r"^differences: no scenario to compare with"):
        _ = found.differences


def test_what_happened_and_whose_side_it_was_are_tables(tmp_path: Path) -> None:
    found = sim.run("status_quo", replicates=1, set=SMALL, progress=None, events=True, results=tmp_path)
    assert len(found.events("request")) > 100 and found.outcomes.attrs["units"]["harm"]
    sides = set(found.breakdown("country")["state"]) - {"no state"}
    assert 2 <= len(sides) < 50
    for call, said in (
        (lambda: found.events("requests"), "Did you mean request"),
        (lambda: UNTYPED.open(found.folder).breakdown("countri"), "Did you mean country"),
        (lambda: sim.run("status_quo", replicates=1, set=SMALL, progress=None).events("case"), "no events were kept"),
    ):
        with pytest.raises(InputError, match=said):
            call()


def test_a_mesa_model_lives_under_a_named_policy() -> None:
    keys = ("status_quo", "full_cooperation")
    today, policy = (sim.mesa_model(key, seed=1, world="tiny", period_days=400) for key in keys)
    for model in (today, policy):
        model.run_model()
    counts = [model.datacollector.get_model_vars_dataframe()["open_requests"].iloc[-1] for model in (today, policy)]
    assert counts[1] < counts[0]
    assert policy.policy == "full_cooperation"


def test_calibration_keeps_the_sets_that_meet_a_users_facts(tmp_path: Path, monkeypatch) -> None:
    """Calibration keeps the sets that meet a user's facts within two standard errors; studies can take these sets."""
    ran: list[int] = []

    def waits(task: Task) -> Replicate:
        ran.append(task.seed)
        return everywhere(task, task.parameters.desk.court_wait_days + 40.0 * (task.seed % 2))

    monkeypatch.setattr("sim.experiments.conduct.run_replicate", waits)
    monkeypatch.setattr("sim.experiments.conduct.compile_rules", lambda *_: None)
    facts = pd.DataFrame({"outcome": ["turnaround_median", "harm"], "value": [80.0, 70.0], "error": [5.0, 40.0]})
    request: dict[str, Any] = {"parameters": ["desk.court_wait_days"], "results": tmp_path, "progress": None}
    request |= {"set": {"world": "tiny", "execution.executor": "serial", "sweep.breakdowns": []}}
    found = sim.calibrate(targets=facts, size="small", **request)
    drawn = sim.open(found.folder).outcomes.groupby("point")["desk.court_wait_days"].first()
    kept = drawn[(drawn - 60.0).abs() <= 2.0 * np.sqrt(25.0 + 400.0 / 3.0)]
    assert 0 < len(kept) < len(drawn) == 24 and found.ensemble["desk.court_wait_days"].tolist() == kept.tolist()
    assert f"{len(kept)} of 24 sets meet all facts." in found.summary and len(ran) == 24 * 4
    means = f"| {drawn.mean() + 20.0:.4g} | {kept.mean() + 20.0:.4g} | {100 * len(kept) / 24:.0f} % |"
    assert f"| turnaround_median | 80 ± 5 {means}" in found.summary
    for changed, size, said in (({"value": 900.0}, "small", "none of 24 sets meets"), ({}, "huge", "no such choice")):
        with pytest.raises(InputError, match=said):
            sim.calibrate(targets=facts.assign(**changed), size=size, **request)
    assert len(ran) == 24 * 4, "the next call resumes"
    taken = sets_named(str(found.folder))
    assert taken is not None and [entry["desk.court_wait_days"] for entry in taken.values] == kept.tolist()


def test_facts_of_ones_own_are_outcomes_with_a_value_and_an_error() -> None:
    facts = pd.DataFrame({"outcome": ["turnaround_median", "usable_share"], "value": [12.0, 1], "error": [0.6, 1]})
    for wrong, said in (
        *((facts.drop(columns="error"), "this column is missing"), (facts, "usable_share")),
        *((facts[:1].assign(outcome="turnaround"), "Did you mean"), (facts[:1].assign(error=0), "no fact: 12.0 ± 0")),
    ):
        with pytest.raises(InputError, match=said):
            sim.calibrate(targets=wrong, progress=None)


def test_the_old_name_of_a_column_warns_and_says_the_new_one() -> None:
    axes = {"desk.court_wait_days": [40, 80]}
    swept = sim.sweep("status_quo", "faster_mlat", values=axes, world="tiny", replicates=1, progress=None)
    for table in (swept.outcomes, swept.points, swept.differences):
        with pytest.warns(
            DeprecationWarning,
            match=r"'uncertainty\.desk\.court_wait_days' goes with the next version: write 'desk\.court_wait",
        ):
            old = table["uncertainty.desk.court_wait_days"]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pd.testing.assert_series_equal(old, table["desk.court_wait_days"])
            assert type(table.head(1)) is pd.DataFrame, "what is made from it is plain"
    assert swept.outcomes.attrs["units"]["turnaround_median"] == "months"
    with pytest.raises(KeyError):
        swept.outcomes["uncertainty.desk.rebound"]
