"""Parameter sets of one's own, and of the package, in every kind of study."""

from pathlib import Path
from typing import Any, cast

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


@pytest.mark.slow
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


def test_a_grid_is_an_array_and_has_differences_from_any_of_its_points() -> None:
    grid: dict[str, list[Value]] = {"court.staff": [1, 3], "uncertainty.desk.court_wait_days": [20, 60]}
    found = sim.sweep(values=grid, replicates=2, set={"world": "tiny"}, progress=None)
    cube = found.to_xarray()
    assert cube["court_backlog"].dims == (*grid, "scenario", "seed") and cube["harm"].attrs["units"]
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
    today, policy = (sim.mesa_model(key, world="tiny", period_days=400) for key in ("status_quo", "full_cooperation"))
    for model in (today, policy):
        while model.running:
            model.step()
    counts = [model.datacollector.get_model_vars_dataframe()["open_requests"].iloc[-1] for model in (today, policy)]
    assert counts[1] < counts[0]
    with pytest.raises(InputError, match=r"spec = 'tiny': .*sim.mesa_model"):
        type(today)("tiny")  # type: ignore[arg-type]


@pytest.mark.slow
def test_sets_that_meet_facts_of_ones_own_are_draws_of_the_prior_given_them(tmp_path: Path) -> None:
    """Without a doubt about a fact that lies apart from the middle, the sets move there, and the next call resumes."""
    facts = pd.DataFrame({"outcome": ["turnaround_median"], "value": [12.0], "error": [0.6]})
    asked: dict[str, Any] = {"parameters": ["desk.court_wait_days"], "size": "small", "results": tmp_path}
    asked |= {"set": {"world": "tiny", "execution.executor": "serial"}, "progress": None}
    found = sim.calibrate(targets=facts, **asked)
    kept = found.ensemble["desk.court_wait_days"]
    assert 0 < len(kept) < 24 and kept.min() > 20 and "sets meet all facts" in found.summary
    taken = sim.run("status_quo", replicates=1, set=SMALL, progress=None, ensemble=found.folder)
    assert "parameter set" in taken.headline or taken.command.count("--ensemble")
    with pytest.raises(InputError, match="none of 24 sets meets all facts"):
        sim.calibrate(targets=facts.assign(value=900), **asked)


def test_facts_of_ones_own_are_outcomes_with_a_value_and_an_error() -> None:
    facts = pd.DataFrame({"outcome": ["turnaround_median", "usable_share"], "value": [12.0, 1], "error": [0.6, 1]})
    for wrong, said in (
        *((facts.drop(columns="error"), "this column is missing"), (facts, "usable_share")),
        *((facts[:1].assign(outcome="turnaround"), "Did you mean"), (facts[:1].assign(error=0), "no fact: 12.0 ± 0")),
    ):
        with pytest.raises(InputError, match=said):
            sim.calibrate(targets=wrong, progress=None)
