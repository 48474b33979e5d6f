"""Tests of studies: complete or absent, resumable, and the same on any executor."""

import errno
import os
import re
import shutil
from contextlib import contextmanager, nullcontext
from io import StringIO
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from sim import cli
from sim.experiments import conduct, manifest, parts, seal, study
from sim.experiments.control import Status, print_status, status
from sim.experiments.design import plain
from sim.experiments.study import Study
from sim.experiments.sweep import _folder as folder_of
from sim.experiments.sweep import read_shard
from sim.policy.problem import InputError
from tests.experiments.fakes import conducted, experiment
from tests.experiments.sweep.models import fails_at_two
from tests.experiments.sweep.studies import assert_same, carried_out, ready

WORDS = ("uncertainty.desk.rebound=0,0.125,0.5", "court.staff=1,2", "execution.replicates=4")
NAMES = ("status_quo", "faster_mlat")
RUNS = 3 * 2 * 2 * 4


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Study:
    """A study that was run without interruption."""
    made, finished = carried_out(ready(tmp_path_factory.mktemp("whole"), *WORDS, names=NAMES))
    assert (finished.done, finished.failed, finished.missing) == (RUNS, 0, 0)
    return made


def test_each_run_has_one_row_and_the_same_command_does_nothing_more(whole: Study) -> None:
    rows = pd.read_parquet(whole.folder / "outcomes")  # one line reads it
    assert len(rows) == RUNS == rows["run"].nunique() == rows["harm"].nunique()
    assert whole.axes() == ["uncertainty.desk.rebound", "court.staff"]
    groups = whole.outcomes().groupby(["uncertainty.desk.rebound", "court.staff", "scenario"]).size()
    assert len(groups) == 12 and (groups == 4).all()
    before = sorted(path.name for path in whole.folder.rglob("*.parquet"))
    again, finished = carried_out(ready(whole.folder.parent, *WORDS, names=NAMES), evaluate=_never)
    assert (finished.fresh, finished.done) == (0, RUNS)
    assert sorted(path.name for path in again.folder.rglob("*.parquet")) == before


def _never(_task):
    raise AssertionError("nothing was missing")


def test_what_is_stopped_goes_on_to_the_same_tables(whole: Study, tmp_path: Path, monkeypatch) -> None:
    real = conduct.stopping

    @contextmanager
    def stops(console):
        """Interrupts the study soon after its start."""
        looks = count()
        with real(console) as stop:
            asked = property(lambda _: stop.asked or next(looks) >= 4)
            yield type("Stop", (), {"asked": asked})()

    words = [*WORDS, "execution.workers=1"]
    with monkeypatch.context() as patched:
        patched.setattr(conduct, "stopping", stops)
        with pytest.raises(KeyboardInterrupt, match=r"runs are in .*, \d+ are missing. Resume with: comity"):
            carried_out(ready(tmp_path, *words, names=NAMES))
    part = Study.open(tmp_path / "study")
    assert 0 < len(part.outcomes()) < RUNS
    done, finished = carried_out(ready(tmp_path, *words, names=NAMES))
    assert finished.fresh == RUNS - len(part.outcomes()) or finished.missing == 0
    assert_same(done, whole)


def test_shards_make_the_same_study(whole: Study, tmp_path: Path) -> None:
    for place in (2, 0, 1):
        made, finished = carried_out(ready(tmp_path, *WORDS, names=NAMES), shard=(place, 3))
        assert finished.missing == 0
    assert_same(made, whole)


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> Study:
    """A study with the same axes, scenarios and seeds but another number of groups."""
    return carried_out(ready(tmp_path_factory.mktemp("other"), *WORDS, "world.groups=7", names=NAMES))[0]


DAMAGE = {
    "truncated": lambda file, _: file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3]),
    "empty": lambda file, _: file.write_bytes(b""),
    "a bit": lambda file, _: file.write_bytes(bytes(b ^ (at == 300) for at, b in enumerate(file.read_bytes()))),
    "other columns": lambda file, _: pd.DataFrame({"number": [1, 2]}).to_parquet(file),
    "another study": lambda file, other: file.write_bytes(other.read_bytes()),
    "gone": lambda file, _: file.unlink(),
}


CURVES = "breakdowns/takedown_curve"
DAMAGED = [("truncated", "experiments"), ("truncated", CURVES), ("empty", "outcomes"), ("a bit", "outcomes")]
DAMAGED += [("a bit", CURVES), ("other columns", "experiments"), ("another study", "outcomes")]
DAMAGED += [("gone", "experiments"), ("gone", "outcomes"), ("gone", CURVES)]


@pytest.mark.parametrize(("damage", "table"), DAMAGED)
def test_a_damaged_study_is_one_message_until_the_same_command_repairs_it(
    damage: str, table: str, whole: Study, other: Study, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(whole.folder, folder)
    (file,) = (folder / table).glob("*.parquet")
    DAMAGE[damage](file, next((other.folder / table).glob("*.parquet")))
    gone = (damage, table) == ("gone", "experiments")  # then nothing says that there was a run
    for words in (("plot", "--survival"), ("analyse", "--sensitivity")):
        assert cli.main([words[0], str(folder), *words[1:]]) == 2
        said = capsys.readouterr().err
        assert said.startswith("comity: error: ") and said.count("\n") == 1
        assert "comity sweep …" in said
        assert file.name in said or gone
    assert cli.main(["status", str(folder)]) == 2
    said = capsys.readouterr()
    assert file.name in said.out + said.err
    if (damage, table) != ("a bit", "breakdowns/takedown_curve"):  # of which status reads no rows, only the sum
        said = " ".join(said.out.split())
        assert f"done 0 of {RUNS} (0%)" in said and (" damaged " in said) is not gone
        assert "Resume with" in said
    again, finished = carried_out(ready(tmp_path, *WORDS, names=NAMES))
    assert finished.fresh == RUNS
    assert_same(again, whole)


KEYS = "study command design axes scenarios replicates first_seed runs blocks store code tables configuration inputs"


def test_a_key_of_study_yaml_that_is_renamed_is_one_message(
    whole: Study, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(whole.folder, folder)
    file = folder / "study.yaml"
    (folder / seal.FILE).unlink()
    text = file.read_text("utf-8")
    for key in f"{KEYS} seeds points kind unit values sources".split():
        renamed = re.sub(rf"(?m)^([ -]*){key}:", rf"\1{key}x:", text, count=1)
        assert renamed != text
        file.write_text(renamed, "utf-8")
        for command in ("status", "plot", "analyse"):
            assert cli.main([command, str(folder)]) == 2
            said = capsys.readouterr().err
            assert said.startswith(f"comity: error: {file}: ") and said.count("\n") == 1 and key in said


@pytest.fixture
def marker(tmp_path: Path, monkeypatch) -> Path:
    """Marker file; seed 2 fails as long as it exists."""
    (tmp_path / "fails").touch()
    monkeypatch.setenv("COMITY_TEST_FAILS", str(tmp_path / "fails"))
    return tmp_path / "fails"


def test_failures_are_rows_and_are_tried_again_only_when_asked(whole: Study, tmp_path: Path, marker: Path) -> None:
    made, finished = carried_out(ready(tmp_path, *WORDS, names=NAMES), fails_at_two)
    assert (finished.done, finished.failed) == (RUNS * 3 // 4, RUNS // 4)
    rows = made.table("experiments")
    lost = rows[rows["status"] == "failed"]
    assert set(lost["seed"]) == {2} and set(lost["message"]) == {"ValueError: no"}
    assert lost["traceback"].str.contains("ValueError").all()
    assert set(lost["stage"]) == {"simulating the policy decade"}
    marker.unlink()
    _, finished = carried_out(ready(tmp_path, *WORDS, names=NAMES), fails_at_two)
    assert (finished.fresh, finished.failed) == (0, RUNS // 4)
    again, finished = carried_out(ready(tmp_path, *WORDS, names=NAMES), fails_at_two, retry_failed=True)
    assert (finished.fresh, finished.failed) == (RUNS // 4, 0)
    assert_same(again, whole)


def test_a_full_disk_leaves_only_whole_parts_and_the_same_command_goes_on(
    whole: Study, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("sim.experiments.ledger.FLUSH_BREAKDOWNS", 5)
    written, real = [], parts.write

    def full(table, path):
        written.append(path)
        if len(written) > 7:
            path.write_bytes(b"PAR1")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        real(table, path)

    with monkeypatch.context() as patched:
        patched.setattr(parts, "write", full)
        with pytest.raises(OSError, match="No space left"):
            carried_out(ready(tmp_path, *WORDS, names=NAMES))
    kept = Study.open(tmp_path / "study").outcomes()
    assert 0 < len(kept) < RUNS
    again, finished = carried_out(ready(tmp_path, *WORDS, names=NAMES))
    assert 0 < finished.fresh < RUNS
    assert_same(again, whole)
    part = next((again.folder / "outcomes").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[: part.stat().st_size * 2 // 3])
    again, finished = carried_out(ready(tmp_path, *WORDS, names=NAMES))
    assert 0 < finished.fresh < RUNS and "damaged" in (again.folder / "log.txt").read_text()
    assert_same(again, whole)


def test_another_study_is_refused_with_what_differs(tmp_path: Path) -> None:
    carried_out(ready(tmp_path, *WORDS, names=NAMES))
    for words, names, said in (
        ((WORDS[0], "court.staff=1,3", WORDS[2]), NAMES, r"court.staff \(there 1, 2 .*; here 1, 3 "),
        (WORDS, ("status_quo",), r"scenarios \(there status_quo, faster_mlat; here status_quo\)"),
        ((*WORDS, "world.groups=7"), NAMES, r"world.groups \(there \d+; here 7\)"),
    ):
        with pytest.raises(InputError, match=rf"^command line: --study = .*it differs in {said}") as found:
            carried_out(ready(tmp_path, *words, names=names))
        assert found.value.fix == "Name another folder, or resume the study that is there: comity sweep …"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(InputError, match="the folder holds something else"):
        carried_out(ready(tmp_path, *WORDS, names=NAMES), study="other")


def test_another_version_of_the_code_is_refused_unless_allowed(tmp_path: Path, monkeypatch) -> None:
    first, _ = carried_out(ready(tmp_path, *WORDS[:2], "execution.replicates=2", names=NAMES))
    newer = {**manifest.code_version(), "sources": "f" * 64}
    monkeypatch.setattr(manifest, "code_version", lambda: newer)
    with pytest.raises(InputError, match="another version of the code"):
        carried_out(ready(tmp_path, *WORDS, names=NAMES))
    mixed, finished = carried_out(ready(tmp_path, *WORDS, names=NAMES), allow_other_code=True)
    assert finished.fresh == RUNS // 2
    rows = mixed.table("experiments")
    assert rows.groupby("code")["seed"].unique().map(set).to_dict() == {
        "f" * 16: {3, 4},
        first.about["code"]["sources"][:16]: {1, 2},
    }


@pytest.mark.usefixtures("marker")
def test_status_says_how_far_it_is_and_how_to_resume(tmp_path: Path) -> None:
    made, _ = carried_out(ready(tmp_path, *WORDS, names=NAMES), fails_at_two, shard=(0, 2))
    found = status(made.folder)
    assert found.done + found.failed == RUNS // 2 and found.missing == RUNS // 2
    assert found.messages == (("ValueError: no", found.failed),)
    said = StringIO()
    print_status(found, Console(file=said, width=200))
    for part in ("factorial, 6 points", " desk.rebound: 0, 0.125, 0.5", "ValueError: no", "Resume with"):
        assert part in said.getvalue()
    with pytest.raises(InputError, match=r"no study itself, but a folder of studies.*comity status"):
        status(tmp_path)
    with pytest.raises(InputError, match=r"no study.*study\.yaml"):
        status(made.folder / "outcomes")
    (made.folder / "manifest.json").write_text("{", "utf-8")  # as of a report
    with pytest.raises(InputError, match=r"manifest\.json: damaged"):
        status(made.folder)


#: What is unlike a report-less study of six finished runs; what is said of it then, and after ! what is not.
STATES = (
    ({}, {}, "lhs, 3 points|scenarios a, b|seeds 1 from 4, common to all|done 6 of 6 (100%)|failed 0|missing 0|"
     "running no|digest none: without SHA256SUMS|log last|Read it: pandas.read_parquet('here/outcomes')!"
     "main|not every|Try|Resume|damaged|more|×"),
    ({"points": 1, "seeds": "own"}, {"runs": 5, "done": 9}, "lhs, 1 point |seeds 1 from 4, own|(180%)|missing 0!not"),
    ({"blocks": ["main"]}, {"runs": 5}, "not every point|Resume with: comity sweep!points main|Try the"),
    ({"blocks": ["main", "b"]}, {"done": 3, "failed": 2}, "points main, b |(50%)|missing 1 !not every|Try the"),
    ({}, {"done": 4, "failed": 2}, "failed 2 |Try the failed ones again: comity sweep --retry-failed|Read it!Resume"),
    ({}, {"done": 5, "running": True}, "missing 1 |running yes!Resume|digest"),
    ({}, {"done": 5}, "Resume with!digest"),
    ({}, {"digest": 32 * "ab"}, "digest abababababab log!none"),
    ({"is_report": True}, {"done": 5}, "missing 1 |running no|Read it!Resume"),
    ({"blocks": ["main"], "is_report": True}, {}, "Read it!Resume"),
    ({}, {"runs": 0, "done": 0}, "done 0 of 0 (0%)"),
    ({}, {"unreadable": "uvwxyz", "messages": [*zip("abcdef", range(1007, 1001, -1), strict=True)]},
     "1,007 × a|1,003 × e|damaged u |damaged y |and 1 more!× f|damaged z|Read it"),
    ({}, {"unreadable": "uvwxy", "done": 5}, "damaged y |Resume with!more|Read it"),
)  # fmt: skip


def test_each_line_of_status_follows_from_what_is_there() -> None:
    for unlike, there, said in STATES:
        design = {"design": "lhs", "points": 3, "seeds": "common"} | unlike
        about = {"design": design, "axes": [], "blocks": [], "scenarios": ["a", "b"], "replicates": 1, "first_seed": 4}
        about |= {"command": "comity sweep", "blocks": unlike.get("blocks", [])}
        study = SimpleNamespace(about=about, folder="here", store=Path("here"), damaged=InputError)
        vars(study).update(is_report=False, is_light=False)
        vars(study).update({name: value for name, value in unlike.items() if name == "is_report"})
        usual = {"runs": 6, "done": 6, "failed": 0, "messages": (), "unreadable": "", "running": False, "last": "last"}
        console = Console(file=StringIO(), width=200)
        with pytest.raises(InputError, match=r"^u") if "unreadable" in there else nullcontext():
            print_status(Status(study, **usual | there), console)
        found, (wanted, _, absent) = re.sub(r"\s+", " ", console.file.getvalue()), said.partition("!")
        assert all(part in found for part in wanted.split("|")), (wanted, found)
        assert not absent or not any(part in found for part in absent.split("|")), (absent, found)


def test_status_of_a_folder_lists_its_studies_and_how_each_is_resumed(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    carried_out(ready(tmp_path, *WORDS, names=NAMES))
    carried_out(ready(tmp_path, *WORDS, names=NAMES), study="half", shard=(0, 2))
    asked = experiment(tmp_path, NAMES)
    begun, _ = conducted(asked, plain(asked))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "study.yaml").write_text("{", "utf-8")
    assert cli.main(["status", str(tmp_path)]) == 0
    said = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert begun.folder.name.startswith(".unfinished-")
    for part in (
        f"study factorial: status_quo, faster_mlat {RUNS} of {RUNS} finished",
        f"half factorial: status_quo, faster_mlat {RUNS // 2} of {RUNS} unfinished",
        "broken study.yaml: damaged",
        "Resume half with: comity sweep …",
        f"Resume {begun.folder.name} with: {asked.command}",
    ):
        assert part in said, part
    assert "Resume study" not in said


def test_ids_follow_all_that_a_run_depends_on(whole: Study, tmp_path: Path) -> None:
    other = (*WORDS[:2], "execution.replicates=1", "world.groups=7")
    made, _ = carried_out(ready(tmp_path, *other, names=NAMES))
    assert not set(made.outcomes()["run"]) & set(whole.outcomes()["run"])
    same = ("uncertainty.desk.rebound=0.5,0", "court.staff=2", "execution.replicates=1")
    made, _ = carried_out(ready(tmp_path, *same, names=NAMES), study="same")
    assert not set(made.outcomes()["run"]) - set(whole.outcomes()["run"]), "another design, the same runs"


def test_where_a_study_stands_and_which_shards_are_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    prepared = ready(tmp_path / "results", *WORDS, names=NAMES)
    for name, place in (
        *(("courts", tmp_path / "results" / "courts"), ("a/b", Path("a/b")), (f"{tmp_path}/c", tmp_path / "c")),
    ):
        assert folder_of(prepared, name) == place
    assert re.fullmatch(r".*/results/sweep-[0-9a-f]{10}", folder_of(prepared, "").as_posix())
    assert read_shard("3/4") == (3, 4)
    for written, last in (("4/4", 3), ("9/9", 8), ("-1/4", 3), ("1", 3), ("a/b", 3), ("1/0", 3), ("0/100001", 100000)):
        with pytest.raises(InputError, match=rf"Write i/n with i from 0 to n-1: 0/{last + 1} to {last}/{last + 1}\."):
            read_shard(written)


def test_two_studies_differ_in_six_settings_that_are_named_and_others_that_are_counted() -> None:
    """The message on differing studies names six settings and counts the others."""

    def about(number: int, **inputs: str) -> dict[str, Any]:
        world = {f"k{place}": number for place in range(6)}
        return {
            **{"scenarios": ["a"], "first_seed": 1, "design": {}, "axes": [], "inputs": inputs},
            "configuration": {"world": world, "execution": {"workers": number}, "sweep": {"x": number}},
        }

    named = ", ".join(f"world.k{place} (there 1; here 2)" for place in range(6))
    assert study._differences(about(1), about(2)) == f"in {named}"
    six = about(2) | {"first_seed": 9}
    assert study._differences(about(1), six) == f"in {named} and 1 more"
    said = study._differences(about(1, x="1", y="1"), about(1, y="2", z="3"))
    assert said == "in the content of x, y, z"
    fewer = about(1) | {"configuration": {"world": {f"k{place}": 1 for place in range(5)}}}
    assert study._differences(about(1), fewer) == "in world.k5 (there 1; here not set)"
    assert study._differences(about(1), about(1)) == "in its points or in the tables that it keeps"
