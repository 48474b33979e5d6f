"""Tests of sharing a study among processes and machines: shards, warm-ups, number of files."""

from pathlib import Path

from sim.experiments import conduct
from tests.experiments.sweep.models import fails_at_two, quick
from tests.experiments.sweep.studies import assert_same, carried_out, ready

WORDS = ("uncertainty.desk.rebound=0,0.5", "court.staff=1,2", "execution.replicates=4")
RUNS = 2 * 2 * 4


def test_tables_of_a_part_are_one_file_for_any_number_of_pasts(tmp_path: Path) -> None:
    made, _ = carried_out(ready(tmp_path, *WORDS))
    for table in ("experiments", "outcomes", "breakdowns/takedown_curve"):
        assert len(list((made.folder / table).glob("*.parquet"))) == 1
    assert len(made.table("breakdowns/takedown_curve")) == 3 * RUNS
    assert not [*made.folder.rglob("*.tmp")]


def test_levels_may_be_lists_of_states(tmp_path: Path) -> None:
    made, _ = carried_out(ready(tmp_path, "world.states=[DEU,FRA],[DEU,USA]", "execution.replicates=2"))
    assert made.outcomes()["world.states"].tolist() == ["DEU,FRA"] * 2 + ["DEU,USA"] * 2


def test_parts_grow_rarer_as_a_study_grows_longer(tmp_path: Path, monkeypatch) -> None:
    clock = iter(range(0, 10_000_000, 10))  # ten seconds between any two looks
    monkeypatch.setattr(conduct, "monotonic", lambda: next(clock))
    monkeypatch.setattr("sim.experiments.ledger.FLUSH_SHARE", 0.5)
    made, _ = carried_out(ready(tmp_path, *WORDS[:2], "execution.replicates=50", "sweep.breakdowns=[]"))
    assert len(made.outcomes()) == 200
    assert len(list((made.folder / "outcomes").glob("*.parquet"))) < 15


def test_a_shard_tries_its_own_failures_again(tmp_path: Path, monkeypatch) -> None:
    marker = tmp_path / "fails"
    marker.touch()
    monkeypatch.setenv("COMITY_TEST_FAILS", str(marker))
    whole, _ = carried_out(ready(tmp_path, *WORDS), quick, study="whole")
    for place in (0, 1):
        carried_out(ready(tmp_path, *WORDS), fails_at_two, shard=(place, 2))
    marker.unlink()
    for place in (0, 1):
        made, finished = carried_out(ready(tmp_path, *WORDS), fails_at_two, shard=(place, 2), retry_failed=True)
        assert finished.failed == 0 and finished.fresh == 2
    assert_same(made, whole)


def test_paired_seeds_give_each_point_a_seed_of_its_own(tmp_path: Path) -> None:
    made, finished = carried_out(ready(tmp_path, *WORDS, "sweep.seeds=own"))
    assert finished.done == 4 and made.outcomes()["seed"].tolist() == [1, 2, 3, 4]
