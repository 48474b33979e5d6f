"""Tests of checksums of finished studies: when they are written and checked, and what they detect."""

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.cli import INPUT_ERROR, main
from sim.experiments import seal
from sim.experiments.store import read_json, to_copy, warning_of
from sim.experiments.study import Study, write_study
from sim.policy.problem import InputError
from tests.damage import make
from tests.experiments.sweep.studies import assert_same, carried_out, ready

NAMES = ("status_quo", "faster_mlat")
WORDS = ("court.staff=1,2", "execution.replicates=2")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make(tmp_path_factory.mktemp("made"), ("sweep", "comparison", "case"))


@pytest.fixture
def report(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made["comparison"], tmp_path / "report"))


@pytest.fixture
def sweep(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made["sweep"], tmp_path / "study"))


@pytest.mark.parametrize("kind", ["sweep", "comparison", "case"])
def test_another_program_reads_the_sums_and_they_are_of_all_files(kind: str, made: dict[str, Path]) -> None:
    folder = made[kind]
    done = subprocess.run(["sha256sum", "-c", "--strict", seal.FILE], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files - set(seal.sums(folder)) <= {seal.FILE, "log.txt", ".lock", ".lock-p"}
    assert done.stdout.count(": OK\n") == len(seal.sums(folder))


def test_a_report_shows_the_digest_of_its_tables_which_no_page_or_figure_changes(report: Path, capsys) -> None:
    assert main(["verify", str(report)]) == 0
    said = capsys.readouterr().out
    short = seal.digest(seal.sums(report))[: seal.SHORT]
    assert short in said and read_json(report / "manifest.json")["digest"].startswith(short)
    for page in ("report.html", "summary.md"):
        assert short in (report / page).read_text("utf-8")
        (report / page).write_text("another", "utf-8")
        seal.renew(report / page)
    assert seal.digest(seal.sums(report))[: seal.SHORT] == short
    (report / "costs.csv").write_text("another", "utf-8")
    seal.renew(report / "costs.csv")
    assert seal.digest(seal.sums(report))[: seal.SHORT] != short


def test_the_same_command_gives_the_same_digest(tmp_path: Path) -> None:
    digests = {seal.digest(seal.sums(make(tmp_path / name, ("run",))["run"])) for name in "ab"}
    assert len(digests) == 1


def test_each_file_that_differs_has_its_line(report: Path, capsys) -> None:
    (report / "costs.csv").write_text("a\n", "utf-8")
    (report / "levels.csv").unlink()
    (report / "own.csv").write_text("a\n", "utf-8")
    assert main(["verify", str(report)]) == INPUT_ERROR
    said = capsys.readouterr()
    assert [line.partition(":")[0] for line in said.out.splitlines()] == ["costs.csv", "levels.csv", "own.csv"]
    assert "3 of its files" in said.err
    with pytest.raises(InputError, match=r"costs\.csv .*levels\.csv .*own\.csv"):
        sim.open(report, verify=True)
    for command in ("status", "plot"):
        assert main([command, str(report)]) == INPUT_ERROR
        assert "costs.csv" in capsys.readouterr().err


def test_a_file_that_is_read_is_refused_when_it_reads_well_but_is_another(report: Path, sweep: Path) -> None:
    outcomes = pd.read_parquet(report / "outcomes.parquet")
    outcomes.assign(harm=outcomes["harm"] + 1.0).to_parquet(report / "outcomes.parquet")
    with pytest.raises(InputError, match=r"outcomes\.parquet: changed"):
        sim.open(report)
    table = sweep / "analysis" / "portfolios.csv"
    table.write_text(table.read_text("utf-8").replace("0", "1"), "utf-8")
    with pytest.raises(InputError, match=r"portfolios\.csv: changed"):
        _ = sim.open(sweep).analysis


def test_a_folder_without_sums_is_one_message_and_read_as_it_is(report: Path, tmp_path: Path, capsys) -> None:
    (report / seal.FILE).unlink()
    (report / "costs.csv").write_text("a\n", "utf-8")
    for folder, problem in ((report, f"no {seal.FILE}"), (tmp_path / "none", "no such folder")):
        assert main(["verify", str(folder)]) == INPUT_ERROR
        said = capsys.readouterr().err
        assert problem in said and said.count("\n") == 1
    assert main(["status", str(report)]) == 0
    with pytest.raises(InputError, match=seal.FILE):
        sim.open(report, verify=True)


def test_figures_and_analyses_that_are_made_again_have_new_sums(sweep: Path) -> None:
    (sweep / "analysis.md").write_text("old", "utf-8")
    assert "analysis.md" in seal.differences(sweep)
    assert main(["analyse", str(sweep)]) == 0
    assert main(["plot", str(sweep), "--y", "harm"]) == 0
    assert seal.differences(sweep) == {}
    written = sim.open(sweep).report(sweep / "copy.html")
    assert written.name in seal.sums(sweep)


def test_a_study_that_goes_on_has_no_sums_until_it_is_whole_again(tmp_path: Path) -> None:
    first, _ = carried_out(ready(tmp_path, *WORDS, names=NAMES))
    assert seal.is_sealed(first.folder)
    for place in (0, 1):
        again, _ = carried_out(ready(tmp_path, WORDS[0], "execution.replicates=4", names=NAMES), shard=(place, 2))
        assert seal.is_sealed(again.folder) == (place == 1)
    assert seal.differences(again.folder) == {}


def test_runs_of_a_part_that_was_changed_are_made_again_before_it_gets_new_sums(tmp_path: Path) -> None:
    """Changed parts of a study are simulated again before new checksums are written."""
    first, _ = carried_out(ready(tmp_path / "a", *WORDS, names=NAMES))
    whole, _ = carried_out(ready(tmp_path / "b", *WORDS, names=NAMES))
    (curves,) = (first.folder / "breakdowns" / "takedown_curve").iterdir()
    table = pd.read_parquet(curves)
    table.assign(share=table["share"] + 1.0).to_parquet(curves)
    with pytest.raises(InputError, match=r"p-000001\.parquet"):
        first.table("breakdowns/takedown_curve")
    again, finished = carried_out(ready(tmp_path / "a", *WORDS, names=NAMES))
    assert finished.fresh == 8
    assert_same(again, whole)
    assert seal.differences(again.folder) == {}


def test_sums_that_were_changed_are_named(report: Path, capsys) -> None:
    text = (report / seal.FILE).read_text("utf-8")
    for changed in (text.replace("a", "b", 1), text[:-80], "", text.upper(), text + text.splitlines()[1]):
        (report / seal.FILE).write_text(changed, "utf-8")
        assert main(["verify", str(report)]) == INPUT_ERROR
        assert seal.FILE in capsys.readouterr().err


def test_nothing_outside_is_read_for_sums_that_name_it(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "secret").write_text("x", "utf-8")
    seal._write(tmp_path / "study", {"../secret": seal._sum_of(tmp_path / "secret")})
    assert seal.differences(tmp_path / "study") == {"../secret": seal.MISSING}


def _unfinished(sweep: Path, command: str) -> Path:
    """An unfinished study from another user."""
    study = Study.open(sweep)
    (sweep / seal.FILE).unlink()
    shutil.rmtree(sweep / "experiments")
    write_study(sweep, {**study.about, "command": command})
    return sweep


@pytest.mark.parametrize("word", ["--rules FOREIGN.py", "--rules=FOREIGN.py", "--parts FOREIGN.py"])
@pytest.mark.parametrize("above", [False, True])
def test_a_program_of_a_stranger_is_never_handed_over_without_a_warning(
    word: str, above: bool, sweep: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _unfinished(sweep, f"comity sweep {word} x")
    assert main(["status", str(folder.parent if above else folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.startswith("Resume"))
    assert lines[place - 1].startswith("Warning: ") and "FOREIGN.py" in lines[place - 1]
    with pytest.raises(InputError, match="Warning: "):
        carried_out(ready(folder.parent, "court.staff=1,3", names=NAMES))


def test_a_command_is_put_together_from_its_words() -> None:
    for command in ("comity run a.b=1", "comity regret --budget '20 M€'", "comity sweep 'a=[1,2]'"):
        assert to_copy(command) == command and warning_of(command) == ""
    assert to_copy("comity   run    'x'") == "comity run x"
    assert "makes no study" in warning_of("comity cache --clear")
