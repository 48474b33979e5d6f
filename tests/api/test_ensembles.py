"""Parameter sets of one's own, and of the package, in every kind of study."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.api.keywords import Value
from sim.policy.problem import InputError
from sim.world.parameters import Parameters

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


def test_a_value_of_an_axis_holds_in_every_set_also_where_it_is_the_default() -> None:
    default = Parameters().desk.court_wait_days
    sets = pd.DataFrame({"desk.court_wait_days": [default * 3], "request.court_touch_hours": [9.0]})
    points = pd.DataFrame({"uncertainty.desk.court_wait_days": [default, default * 3]})
    asked = {"points": points, "replicates": 1, "set": {"world": "tiny"}, "progress": None}
    drawn = sim.sweep(ensemble=sets, **asked)  # type: ignore[arg-type]
    backlog = drawn.outcomes.set_index("point")["court_backlog"]
    assert backlog[0] < backlog[1] and "that somebody gave" in drawn.headline
    usual = sim.sweep(**asked)  # type: ignore[arg-type]
    assert "at their default" in usual.headline
    assert usual.outcomes.set_index("point")["court_backlog"][0] != backlog[0]


@pytest.mark.parametrize(
    ("ensemble", "said"),
    [
        ("nothing", "no parameter sets of that name"),
        ("nothing.csv", "cannot be read"),
        (pd.DataFrame({"desk.court_wait": [1.0]}), "no parameter of that name"),
        (pd.DataFrame({"desk.court_wait_days": [-1.0]}), "is outside 1 to"),
        (pd.DataFrame({"desk.court_wait_days": [None]}), "a number is needed"),
        (pd.DataFrame({"desk.court_wait_days": []}), "no parameter set"),
        (3, "not parameter sets"),
    ],
)
def test_wrong_sets_are_one_message(ensemble: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        sim.run("status_quo", replicates=1, set=SMALL, progress=None, ensemble=ensemble)  # type: ignore[arg-type]


def test_one_world_takes_no_sets() -> None:
    with pytest.raises(InputError, match="for many"):
        sim.compare("faster_mlat", point=True, ensemble=pd.DataFrame({"desk.court_wait_days": [60.0]}), progress=None)


def test_a_grid_is_an_array_and_has_differences_from_any_of_its_points() -> None:
    """Of a point from itself it is nothing; of the others it is that of the same worlds."""
    grid: dict[str, list[Value]] = {"court.staff": [1, 3], "uncertainty.desk.court_wait_days": [20, 60]}
    found = sim.sweep(values=grid, replicates=2, set={"world": "tiny"}, progress=None)
    cube = found.to_xarray()
    assert cube["court_backlog"].dims == (*grid, "scenario", "seed") and cube["harm"].attrs["units"]
    changes = found.differences_from({"court.staff": 1}).query("outcome == 'court_backlog'").set_index("point")
    rows = found.outcomes.set_index(["court.staff", "uncertainty.desk.court_wait_days", "seed"])["court_backlog"]
    for point, row in changes.iterrows():
        here, there = (rows.loc[staff, row["uncertainty.desk.court_wait_days"]] for staff in (row["court.staff"], 1))
        assert row["difference"] == pytest.approx((here - there).mean()), point
        assert row["low"] <= row["difference"] <= row["high"] and row["pairs"] == 2
    assert (changes.loc[changes["court.staff"] == 1, "difference"] == 0).all()
    for reference, said in (({"court.staf": 1}, "no axis"), ({"court.staff": 2}, "no point has this level")):
        with pytest.raises(InputError, match=said):
            found.differences_from(reference)


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


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: UNTYPED.compare(["a", "b"], set=SMALL), "not a scenario"),
        (lambda: UNTYPED.compare("faster_mlat", places=["DEU", 3], set=SMALL), "not a word"),
        (lambda: UNTYPED.compare("faster_mlat", progress="yes", set=SMALL), "not somebody to inform"),
        (lambda: UNTYPED.run("status_quo", replicates=2, set={"execution.replicates": 9}), "given twice"),
        (lambda: UNTYPED.sweep(values={"court.staff": 1.5}), "one value is no axis"),
        (lambda: UNTYPED.ablate("faster_mlat", mechanisms="queue", set=SMALL), "queue"),
        (
            lambda: UNTYPED.Scenario.from_changes("m", {"lever": "x"}, title="", question="", author=""),
            "list of changes",
        ),
        (lambda: UNTYPED.mesa_model("faster", world="tiny"), "unknown scenario"),
        (lambda: UNTYPED.mesa_model(world="tin"), "no such choice"),
    ],
)
def test_a_slip_is_one_message(call: Callable[[], object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()


def test_a_mesa_model_lives_under_a_named_policy() -> None:
    today, policy = (sim.mesa_model(key, world="tiny", period_days=400) for key in ("status_quo", "full_cooperation"))
    for model in (today, policy):
        while model.running:
            model.step()
    counts = [model.datacollector.get_model_vars_dataframe()["open_requests"].iloc[-1] for model in (today, policy)]
    assert counts[1] < counts[0]
