"""Tests of designs: their points, and that a plan lists every run once."""

import json
import os
import pickle
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from sim.experiments import sweep as preparing
from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.design import make_points, size_of
from sim.experiments.plan import MAX_SHARING, Kind, with_lever
from sim.experiments.sweep import Listed, _number_or_word, check_heading, listed, read_rows
from sim.policy.problem import InputError
from sim.policy.scenario import load
from tests.experiments.fakes import frame_of
from tests.experiments.sweep.studies import ready
from tests.tables import rows


def _listed(key: str, count: int) -> Axis:
    return Axis(key, AxisKind.UNCERTAINTY, "", tuple(Level(float(n), float(n)) for n in range(count)))


def _interval(key: str, low: float = 0.0, high: float = 1.0) -> Axis:
    return Axis(key, AxisKind.UNCERTAINTY, "", (), low, high)


def test_designs_of_lists_and_latin_hypercubes_have_the_points_that_they_must() -> None:
    points = make_points(Kind.FACTORIAL, (_listed("a", 3), _listed("b", 2), _listed("c", 4)), 0, 1)
    assert points.tolist() == list(product(range(3), range(2), range(4)))
    paired = make_points(Kind.ZIPPED, (_listed("a", 3), _listed("b", 3)), 0, 1)
    assert paired.tolist() == [(0, 0), (1, 1), (2, 2)]
    values = np.array(make_points(Kind.LATIN, (_interval("a"), _interval("b", 5.0, 6.0)), 20, 3).tolist())
    for column, low in ((0, 0.0), (1, 5.0)):
        assert sorted(np.floor((values[:, column] - low) * 20)) == list(range(20))
    values = np.array(make_points(Kind.LATIN, (_listed("a", 4), _interval("b")), 20, 3).tolist())
    assert np.bincount(values[:, 0].astype(int)).tolist() == [5, 5, 5, 5]


def test_morris_and_sobol_designs_have_their_size_and_all_samples_follow_their_seed() -> None:
    axes = tuple(_interval(name) for name in "abc")
    values = np.array(make_points(Kind.MORRIS, axes, 5, 1).tolist())
    assert len(values) == size_of(Kind.MORRIS, axes, 5) == 5 * 4
    for trajectory in values.reshape(5, 4, 3):
        moved = np.diff(trajectory, axis=0) != 0
        assert moved.sum(axis=1).tolist() == [1, 1, 1] and moved.any(axis=0).all()
    axes = (_interval("a"), _interval("b"))
    assert len(make_points(Kind.SOBOL, axes, 16, 1)) == size_of(Kind.SOBOL, axes, 16) == 64
    axes = (_interval("a"), _interval("b"))
    for kind in (Kind.LATIN, Kind.SOBOL, Kind.MORRIS):
        one, again, other = (make_points(kind, axes, 8, seed).tolist() for seed in (1, 1, 2))
        assert one == again != other


def read_points(file: Path) -> Listed:
    return listed(*read_rows(file, 100, "point", check_heading))


def test_points_from_a_file(tmp_path) -> None:
    file = tmp_path / "points.csv"
    file.write_text('scenario,court.staff,world.states\nstatus_quo,1.5,"[DEU,FRA]"\nfaster_mlat,+50 %,"[DEU,USA]"\n')
    found = read_points(file)
    assert [axis.kind for axis in found.axes] == [AxisKind.SCENARIO, AxisKind.LEVER, AxisKind.WORLD]
    rows = [zip(found.axes, row, strict=True) for row in found.points.tolist()]
    points = [[axis.level(label).value for axis, label in row] for row in rows]
    assert points == [["status_quo", 1.5, ["DEU", "FRA"]], ["faster_mlat", 1.5, ["DEU", "USA"]]]
    file.write_text("court.staff\n1.5\n")
    assert read_points(file).points.tolist() == [(1.5,)]


#: Text of a file; what the message must say after its name.
BAD = rows(Path(__file__).with_name("bad_points.txt"))


def test_a_cell_is_a_number_where_it_is_one_and_a_list_between_brackets() -> None:
    written = {"[A, B,]": ("A", "B"), "[A": "[A", "A]": "A]", "3": 3, "3.5": 3.5, "x": "x", 2: 2}
    assert {cell: _number_or_word(cell) for cell in written} == written


def test_a_bad_file_is_one_message_with_its_line(tmp_path) -> None:
    file = tmp_path / "points.csv"
    for text, message in BAD:
        file.write_text(json.loads(text))
        with pytest.raises(InputError, match=rf"^{file}{message}"):
            ready(tmp_path, f"sweep.points='{file}'")


def test_a_file_that_nobody_can_have_meant_is_refused(tmp_path, monkeypatch) -> None:
    file = tmp_path / "points.csv"
    monkeypatch.setattr(preparing, "MOST_IN_FILE", 3 * 2**20)
    for content, message in (
        (b"court.staff\n" + 1_100_000 * b"1\n", r"more than 1,000,001 lines. .*sweep.most_runs"),
        (bytes(2**20 + 1), "cannot be read"),
        (4 * [b"court.staff".ljust(2**20 - 1)], "more than 3,145,728 bytes"),
    ):
        file.write_bytes(content if isinstance(content, bytes) else b"\n".join(content))
        with pytest.raises(InputError, match=f"^{file}: {message}"):
            ready(tmp_path, f"sweep.points='{file}'")


def test_what_is_no_plain_file_is_refused_unopened(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for file in (Path("/dev/zero"), tmp_path / "pipe", tmp_path / "folder"):
        with pytest.raises(InputError, match=f"^{file}: not a plain file. Name a CSV file"):
            read_points(file)


PLANS = (
    (("uncertainty.desk.rebound=0,1", "court.staff=1,2,3"), ("status_quo", "faster_mlat")),
    (("court.staff=range(1,5,0.1)",), ("status_quo",)),
    (("scenario=status_quo,faster_mlat", "world.groups=3,4", "sweep.design=zipped"), ()),
    (("uncertainty.desk.rebound=0,0.5,1,1.5", "sweep.seeds=own"), ("status_quo",)),
    (("uncertainty=default,overloaded_courts", "court.staff=1,2"), ("status_quo",)),
)


@pytest.mark.parametrize(("words", "names"), PLANS)
def test_every_run_is_listed_once_in_any_shards(words: tuple[str, ...], names: tuple[str, ...], tmp_path) -> None:
    plan = ready(tmp_path, *words, "execution.replicates=3", names=names).plan
    assert len(np.unique(plan.runs[["point", "scenario", "seed"]])) == len(plan)
    for shards in (1, 3):
        masks = [plan.shard(place, shards) for place in range(shards)]
        assert (np.sum(masks, axis=0) == 1).all()
        warm_ups = [past for mask in masks for past in plan.warm_ups(mask)]
        assert sorted(run.number for past in warm_ups for run in past) == list(range(len(plan)))
        for past in warm_ups:
            assert len(past) <= MAX_SHARING and len({run.seed for run in past}) == 1
            for run in past:
                assert plan.runs[run.number].item()[:3] == (run.point, run.scenario, run.seed)
                assert run.levels == plan.levels(run.point)


def test_points_that_differ_in_levers_share_their_past_and_all_meet_the_same_worlds(tmp_path) -> None:
    words = ("uncertainty.desk.rebound=0,1", "court.staff=1,2,3", "execution.replicates=2")
    plan = ready(tmp_path, *words, names=("status_quo", "faster_mlat")).plan
    warm_ups = list(plan.warm_ups(np.ones(len(plan), bool)))
    assert [len(past) for past in warm_ups] == [6, 6, 6, 6]
    for past in warm_ups:
        assert len({run.levels[0] for run in past}) == 1
        assert plan.base.task(past).parameters.desk.rebound == past[0].levels[0].value
    table = frame_of(plan)
    assert list(table) == ["point", "scenario", "seed", "uncertainty.desk.rebound", "court.staff"]
    assert len(table) == len(table.drop_duplicates()) == 6 * 2 * 2
    assert set(table.groupby("point")["seed"].unique().map(tuple)) == {(1, 2)}


def test_a_lever_takes_the_place_of_the_scenarios_own_value_and_its_growth_goes_on(tmp_path) -> None:
    plan = ready(tmp_path, "central_authority.staff=1,3", "court.staff=1,2", names=("faster_mlat",)).plan
    (past,) = plan.warm_ups(plan.runs["seed"] == plan.first_seed)
    changes = {change.lever.name: change for change in plan.base.task(past).scenarios[-1].changes}
    assert changes["central_authority.staff"].value == 3.0
    assert changes["central_authority.staff"].ramp_months == 24
    assert changes["court.staff"].value == 2.0
    assert changes["court.staff"].start.isoformat() == "2027-01-01"
    plan = ready(tmp_path, "court.staff=1,2", names=("current_trends",)).plan
    past = list(plan.warm_ups(np.ones(len(plan), bool)))[-1]
    court = [c for c in plan.base.task(past).scenarios[-1].changes if c.lever.name == "court.staff"]
    assert [(change.growth, change.value) for change in court] == [(0.035, 1.0), (None, 2.0)]


def test_an_instruments_deadline_is_swept_over_a_scenario_that_names_the_instrument(tmp_path) -> None:
    plan = ready(tmp_path, "instrument.deadline=5,20", names=("faster_e_evidence",)).plan
    swept = {
        change.value
        for past in plan.warm_ups(np.ones(len(plan), bool))
        for scenario in plan.base.task(past).scenarios
        for change in scenario.changes
        if change.instrument == "e_evidence"
    }
    assert swept == {5.0, 20.0}
    with pytest.raises(InputError, match="which the scenario does not name"):
        ready(tmp_path / "other", "instrument.deadline=5,20", names=("faster_mlat",))


def test_a_lever_that_the_scenario_moves_is_replaced_in_every_process() -> None:
    """A lever is replaced by name, also in a worker whose unpickled scenario has another lever object."""
    scenario, name = load("faster_mlat"), "central_authority.staff"
    for here in (scenario, pickle.loads(pickle.dumps(scenario))):  # noqa: S301 - our own bytes
        changed = with_lever(here, name, 3.0, "2027-01-01").changes
        assert len(changed) == len(scenario.changes)
        assert [change.value for change in changed if change.lever.name == name] == [3.0]
