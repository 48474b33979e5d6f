"""Parameter sets of one's own, and of the package, in every kind of study."""

from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.api.keywords import Value
from sim.policy.problem import InputError
from sim.world.parameters import Parameters

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
