"""Tests of a paired sweep, in which each point has its own worlds, each with the baseline."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.experiments.seal import differences
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError

TINY: dict[str, Any] = {"world": "tiny", "execution.executor": "serial"}
ASKED: dict[str, Any] = {"set": {**TINY, "sweep.breakdowns": []}, "progress": None, "paired": True}
LEVERS_HERE = ("court.staff", "central_authority.duty_to_answer", "liaison.posts")
SPANS = dict(zip(LEVERS_HERE, ("interval(1,2)", "interval(0,1)", "interval(1,3)"), strict=True))


def test_effects_of_a_point_are_those_of_a_comparison_of_the_same_seeds() -> None:
    """Effects of a point equal those of `compare` with the same seeds."""
    policies = ["faster_mlat", "harmonised_law"]
    swept = sim.sweep(values={"scenario": policies, "court.staff": [1, 1.5]}, design="zipped", replicates=2, **ASKED)
    assert len(swept.outcomes) == 2 * 2 * 2 and swept.outcomes["seed"].nunique() == 4
    found = swept.differences.set_index(["scenario", "outcome"])
    asked = {"replicates": 2, "point": True, "set": TINY, "progress": None}
    alone = sim.compare("faster_mlat", seed=1, **asked).differences.set_index("outcome")
    for outcome in ("groups_brought_down", "turnaround_median", "policy_cost"):
        assert found.loc[("harmonised_law", outcome), "point"] == 1
        same = found.loc[("faster_mlat", outcome)]
        assert same["baseline_mean"] == pytest.approx(alone.loc[outcome, "baseline_mean"], rel=1e-12)
    staffed = sim.sweep(values={"scenario": policies}, replicates=2, **ASKED).differences
    for place, policy in enumerate(policies):
        compared = sim.compare(policy, seed=1 + 2 * place, **asked).differences.set_index("outcome")
        mine = staffed[staffed["scenario"] == policy].set_index("outcome")
        columns = ["baseline_mean", "difference", "low", "high"]
        known = compared.index[compared["difference"].notna()]
        np.testing.assert_allclose(mine.loc[known, columns], compared.loc[known, columns], rtol=1e-9, atol=1e-9)


def test_no_lever_of_a_point_moves_the_baseline_and_parameters_move_both() -> None:
    waits = {"desk.court_wait_days": [10, 200]}
    swept = sim.sweep(values=waits | {"court.staff": [1, 3]}, design="zipped", replicates=1, **ASKED)
    rows = swept.outcomes.set_index(["scenario", "seed"]).drop(columns=["run", "point", "court.staff", *waits])
    assert rows.loc[("baseline", 1)].equals(rows.loc[("status_quo", 1)]), "a neutral value does nothing"
    assert not rows.loc[("baseline", 2)].equals(rows.loc[("status_quo", 2)]), "three times the judges change something"
    plain = sim.simulate({"desk.court_wait_days": 200}, seed=2, world="tiny")
    assert rows.loc[("baseline", 2), "turnaround_median"] == plain["turnaround_median"]


def test_half_of_the_points_move_one_to_three_levers(tmp_path: Path) -> None:
    swept = sim.sweep(values=SPANS, design="lhs", samples=8, alone=0.5, replicates=1, results=tmp_path, **ASKED)
    points = swept.outcomes.drop_duplicates("point")
    moved = sum((points[name] != LEVERS[name].neutral).astype(int) for name in LEVERS_HERE)
    assert len(points) == 8 and (moved >= 1).all() and (moved < 3).sum() <= 4 <= (moved == 3).sum() + 4
    assert (moved < 3).any(), "one to three of three: some move fewer; all of four move three in 1 of 81 designs"
    assert swept.folder is not None
    stored = pd.read_parquet(swept.folder / "effects.parquet")
    pd.testing.assert_frame_equal(stored, swept.differences, check_dtype=False)
    assert not differences(swept.folder), "its sum is known"
    assert stored["pairs"].eq(1).any() and stored["low"].isna().all()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"values": {"court.staff": [1, 2]}, "alone": 0.5}, "lhs"),
        ({"values": {"court.staff": "interval(1,2)"}, "design": "lhs", "samples": 2, "alone": 1.5}, "out of range"),
        ({"values": {"court.staff": [1, 2]}, "paired": False, "against": "current_trends"}, "--paired|paired"),
        ({"values": {"court.staff": [1, 2]}, "seeds": "own"}, "said twice"),
        ({"values": {"court.staff": [2, 3]}, "design": "lhs", "samples": 2, "alone": 1.0}, "leaves it as it is"),
        ({"values": {"world.groups": [10, 20]}, "design": "lhs", "samples": 2, "alone": 1.0}, "no lever varies"),
    ],
)
def test_what_makes_no_sense_is_one_message(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        sim.sweep(**{**ASKED, "replicates": 1, **asked})
