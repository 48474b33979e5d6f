"""Tests of `sim.simulate`, and of the tables that list the model's contents."""

import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.policy.problem import InputError


def test_a_world_has_the_numbers_of_the_same_run() -> None:
    one = sim.simulate({"desk.court_wait_days": 50, "world.groups": np.int64(60)}, seed=2, world="tiny")
    values: dict[str, str | float] = {"world": "tiny", "uncertainty.desk.court_wait_days": 50, "world.groups": 60}
    many = sim.run("status_quo", replicates=2, seed=1, set=values, progress=None)
    row = many.outcomes.set_index("seed").loc[2]
    assert {key: row[key] for key in one} == pytest.approx(dict(one), rel=0, abs=0, nan_ok=True)
    assert len(one) == len(sim.outcomes()) and list(one) == list(sim.outcomes()["outcome"])
    assert (one.scenario, one.seed) == ("status_quo", 2)


def test_series_of_a_world_sum_to_its_outcomes_and_are_those_of_the_stored_run(tmp_path: Path) -> None:
    one = sim.simulate(seed=2, scenario="faster_mlat", world="tiny")
    stored = sim.run("faster_mlat", seed=1, replicates=2, world="tiny", progress=None, events=True, results=tmp_path)
    for by, periods in (("year", 3), ("month", 36)):
        found, many = one.series(by), sim.open(str(stored.folder)).series(by)
        assert many.groupby(["scenario", "seed", "outcome"]).size().eq(periods).all()
        rows = many[many["seed"] == 2].drop(columns=["scenario", "seed"]).reset_index(drop=True)
        assert rows.equals(found) and rows["time"].dt.year.min() == 2027
        days = found["time"].drop_duplicates().diff().shift(-1).dt.days.fillna(30 if by == "month" else 364)
        for key, whole in found.attrs["whole"].items():
            values = found.loc[found["outcome"] == key, "value"]
            assert found.attrs["units"][key] == sim.outcomes().set_index("outcome").loc[key, "unit"]
            if whole != "none":
                value = values.sum() if whole == "sum" else np.average(values, weights=days)
                assert value == pytest.approx(one[key], rel=1e-9), key


def test_series_that_cannot_be_made_are_one_message() -> None:
    with pytest.raises(InputError, match=r"by = 'week': no period\. Write year or month\."):
        sim.simulate(world="tiny").series("week")
    with pytest.raises(InputError, match="made from event tables, which were not kept"):
        sim.run("status_quo", replicates=1, world="tiny", progress=None).series()


def test_levers_come_on_top_of_a_scenario_that_is_read_again_when_its_file_changes(tmp_path: Path) -> None:
    alone = sim.simulate({"court.staff": 3}, seed=1, world="tiny")
    assert alone["court_backlog"] < sim.simulate(seed=1, world="tiny")["court_backlog"]
    file = tmp_path / "mine.yaml"
    text = (
        "title: T\nquestion: Q\nauthor: A\nchanges:\n  - lever: court.staff\n    value: +{} %\n    date: 2027-01-01\n"
    )
    waits = []
    for more in (0, 200):
        file.write_text(text.format(more))
        waits.append(sim.simulate(seed=1, scenario=file, world="tiny")["court_backlog"])
        file.touch()
    assert waits[1] < waits[0]


def test_what_there_is_stands_in_tables() -> None:
    levers, parameters = sim.levers().set_index("lever"), sim.parameters().set_index("parameter")
    posts = levers.loc["liaison.posts"]
    assert posts["counted"] == "posts" and posts["today"] > 0 and posts["low"] <= posts["neutral"] <= posts["high"]
    assert (parameters["low"] <= parameters["default"]).all() and (parameters["default"] <= parameters["high"]).all()
    ranged = parameters[parameters["unit"] != "switch"]
    assert (ranged["plausible_low"] < ranged["plausible_high"]).all() and (ranged["reason"] != "").all()
    for table in (levers, parameters, sim.states(), sim.treaties()):
        assert (table["source"] != "").all() and set(table["flag"]) <= {"verified", "recalled", "judgement"}
    assert set(sim.ensemble().columns) < set(parameters.index) and sim.ensemble().attrs["chosen_by"]
    assert set(sim.scenarios()["scenario"]) >= {"status_quo", "all_three"} and len(sim.states()) == 196


def test_treaties_grow_by_accession() -> None:
    early, late = (sim.treaties(day).set_index("treaty")["parties"] for day in ("2005-01-01", "2026-01-01"))
    assert 5 < early["budapest"] < 15 < 60 < late["budapest"] and (early > 0).sum() < (late > 0).sum()
    with pytest.raises(InputError, match="Write"):
        sim.treaties("May")


def test_functions_that_are_modules_too_have_a_signature() -> None:
    assert list(inspect.signature(sim.simulate).parameters) == ["values", "seed", "scenario", "world", "model"]
    assert list(inspect.signature(sim.law).parameters)[:3] == ["requesting", "requested", "data"]
    code = "import sim.simulate, comity, sim; print(comity is sim, comity.simulate.__name__, callable(sim.simulate))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "True sim.simulate True\n"


@pytest.mark.slow  # mypy reads pandas and matplotlib first
def test_a_type_checker_finds_mistakes_in_the_code_of_a_user(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).with_name("user.txt"), tmp_path / "user.py")
    request = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), "user.py"]
    said = subprocess.run(request, cwd=tmp_path, capture_output=True, text=True).stdout
    wrong = {int(line.split(":")[1]) for line in said.splitlines() if ": error:" in line}
    assert wrong == {4, 5, 6, 7, 8}, said
