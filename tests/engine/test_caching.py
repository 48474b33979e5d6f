"""Tests of disk caches: private to their user, limited in size, and safe against damage."""

import os
import pickle
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sim.cli import INPUT_ERROR, main
from sim.engine import caching
from sim.engine.caching import MEASURED, PASTS, RULES, CacheKind, entries, folder, prune, read, root, write

ROOT = Path(__file__).parents[2]
ANOTHER, VICTIM = 65533, 65534
SHOW = "from sim.engine.caching import root; print(root())"
SHOW_TWICE = f"import subprocess, sys; {SHOW}; subprocess.run([sys.executable, '-c', '{SHOW}'])"


def python(*words: str, user: int | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a Python process, optionally as another user; returns the finished process."""
    known = {name: value for name, value in os.environ.items() if name not in (caching.PLACE, "XDG_CACHE_HOME")}
    environment = known | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | variables
    as_user: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd="/", capture_output=True, text=True, check=False, **as_user
    )
    assert done.returncode == 0, done.stderr
    return done


def mode(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fixture: a private cache folder."""
    monkeypatch.setenv(caching.PLACE, str(tmp_path / "made" / "cache"))
    return root()


def test_a_folder_is_made_for_the_user_alone_and_taken_from_others(cache: Path, tmp_path: Path) -> None:
    write(MEASURED, "one", b"content")
    assert [mode(place) for place in (tmp_path / "made", cache, cache / "measured")] == [0o700] * 3
    for left, found in ((0o755, ["one"]), (0o777, [])):  # what others could have written is not read
        cache.chmod(left)
        python("-c", SHOW, COMITY_CACHE=str(cache))
        assert mode(cache) == 0o700 and [path.name for path in cache.rglob("*") if path.is_file()] == found


@pytest.mark.parametrize("place", ["a link", "in a folder of all", "a file", "relative"])
def test_where_no_folder_is_private_a_temporary_one_is_shared_and_goes(tmp_path: Path, place: str) -> None:
    named = tmp_path / place / "comity"
    if place == "a link":
        (tmp_path / "elsewhere").mkdir()
        named.parent.mkdir()
        named.symlink_to(tmp_path / "elsewhere")
    elif place == "in a folder of all":
        named.parent.mkdir()
        named.parent.chmod(0o777)
    elif place == "a file":
        named.parent.write_text("")
    done = python("-c", SHOW_TWICE, TMPDIR=str(tmp_path), COMITY_CACHE="x/y" if place == "relative" else str(named))
    mine, of_child = done.stdout.split()
    assert mine == of_child and Path(mine).parent == tmp_path
    assert not Path(mine).exists() and done.stderr.count("COMITY_CACHE=FOLDER") == 1


def test_what_is_damaged_is_not_read(cache: Path) -> None:
    write(MEASURED, "one", b"content")
    assert read(MEASURED, "one", bytes) == b"content"
    whole = (cache / "measured" / "one").read_bytes()
    (cache / "pasts" / "one").write_bytes(whole)
    (cache / "measured" / "two").write_bytes(whole)
    assert read(PASTS, "one", bytes) is read(MEASURED, "two", bytes) is None, "it was kept under another name"
    for damaged in (whole[:-1], whole[:20], b"", whole[:-1] + b"x"):
        (cache / "measured" / "one").write_bytes(damaged)
        assert read(MEASURED, "one", bytes) is None
    assert read(MEASURED, "another", bytes) is None


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("kind", [PASTS, MEASURED])
def test_what_was_used_longest_ago_goes_first(monkeypatch: pytest.MonkeyPatch, kind: CacheKind) -> None:
    monkeypatch.setenv(caching.SIZE, "10 kB" if kind is PASTS else "28kB")
    for number in range(40):
        write(kind, f"{number}", bytes(1000))
        os.utime(folder(kind) / f"{number}", (number, number))
        read(kind, "0", bytes)
    left = [entry.path.name for entry in entries(kind)]
    assert 8_000 < sum(entry.size for entry in entries(kind)) <= 10_050
    assert {"0", "39"} <= set(left) and "1" not in left


@pytest.mark.usefixtures("cache")
def test_a_run_over_more_than_fits_finds_as_much_as_fits_when_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(caching.SIZE, "10kB")

    def run() -> int:
        """Stores cached entries that are missing; returns the number of those found, out of twenty."""
        found = 0
        for number in range(20):
            if read(PASTS, f"{number}", bytes) is not None:
                found += 1
            else:
                write(PASTS, f"{number}", bytes(1000))
        return found

    assert [run(), run(), run()] == [0, 9, 9]
    for entry in entries(PASTS):  # another run, an hour later
        os.utime(entry.path, (1, 1))
    write(PASTS, "new", bytes(1000))
    assert read(PASTS, "new", bytes) and len(entries(PASTS)) <= 9


@pytest.mark.usefixtures("cache")
def test_all_kinds_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(caching.SIZE, "40kB")
    for number in range(40):
        for kind in caching.KINDS:
            write(kind, f"{number}", bytes(1000))
            os.utime(folder(kind) / f"{number}", (number, number))
    sizes = [sum(entry.size for entry in entries(kind)) for kind in caching.KINDS]
    assert sum(sizes) <= 40_000 and min(sizes) > 4_000


@pytest.mark.parametrize(
    ("said", "size"), [("", 10**9), ("0", 0), ("2GB", 2 * 10**9), (" 1.5 m", 1_500_000), ("7k", 7000), ("1T", 10**12)]
)
def test_a_size_may_be_said_in_words_that_people_use(monkeypatch: pytest.MonkeyPatch, said: str, size: int) -> None:
    monkeypatch.setenv(caching.SIZE, said)
    assert caching.limit() == size


@pytest.mark.parametrize("said", ["2Q", "-1", "inf", "1e9", "GB"])
@pytest.mark.usefixtures("cache")
def test_what_is_no_size_is_one_message_and_stops_no_reader(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    monkeypatch.setenv(caching.SIZE, said)
    write(MEASURED, "one", b"content")
    assert read(MEASURED, "one", bytes) in (None, b"content")
    assert main(["cache"]) == INPUT_ERROR
    assert capsys.readouterr().err.count(caching.SIZE) == 1


def test_what_a_running_process_has_loaded_stays(cache: Path) -> None:
    for name in ("old", "loaded"):
        (folder(RULES) / name).write_bytes(bytes(1000))
        os.utime(folder(RULES) / name, (1, 1))
    code = "from sim.engine.caching import RULES, folder, touch; touch(folder(RULES) / 'loaded'); print(); input()"
    words = [sys.executable, "-u", "-c", code]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        running.stdout.readline()
        python("-m", "sim", "cache", "--clear", COMITY_CACHE=str(cache))
        assert [entry.path.name for entry in entries(RULES)] == ["loaded"]
        running.kill()
    os.utime(folder(RULES) / "loaded", (1, 1))  # before this process
    assert prune(RULES, 0) == 0
    assert entries(RULES) == []


SMALL = """
import numpy as np
from sim.engine.compiling import kernel
@kernel
def twice(number):
    return 2 * number
assert twice(3) == 6
"""


class Bomb:
    """Object that runs code when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.place / "exploded"),)


@pytest.fixture
def shared() -> Iterator[Path]:
    """Fixture: folder that every user can write to, like /tmp."""
    place = Path(tempfile.mkdtemp(prefix="shared-"))
    place.chmod(0o1777)
    yield place
    shutil.rmtree(place)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can act for two users")
def test_no_user_reads_what_another_has_forged(shared: Path) -> None:
    """A user never reads cache files that another user forged, in a shared folder or behind a link."""
    (shared / "small.py").write_text(SMALL)
    python(str(shared / "small.py"), user=ANOTHER, XDG_CACHE_HOME=str(shared / "another"))
    forged = shared / "another" / "comity"
    bomb = pickle.dumps(Bomb(shared))
    compiled = [path for path in (forged / "rules").rglob("*") if path.is_file()]
    assert compiled
    for path in compiled:
        path.write_bytes(sha256(f"rules/{path.name}\n".encode() + bomb).digest() + bomb)
    python(str(shared / "small.py"), user=ANOTHER, XDG_CACHE_HOME=str(shared / "another"))
    (shared / "exploded").rmdir()  # its own user did read it
    for way in ("copy", "link"):
        (shared / way).mkdir()
        (shared / f"private {way}").mkdir()
    shutil.copytree(forged, shared / "copy" / "comity")
    (shared / "link" / "comity").symlink_to(forged)
    for path in shared.rglob("*"):
        if path.name != "small.py" and not path.is_symlink():
            os.chown(path, ANOTHER, ANOTHER)
            path.chmod(0o777)
    for way in ("copy", "link"):
        place = {"XDG_CACHE_HOME": str(shared / way), "TMPDIR": str(shared / f"private {way}")}
        python(str(shared / "small.py"), user=VICTIM, **place)
        assert not (shared / "exploded").exists(), way
