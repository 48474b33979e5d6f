"""Tests that damaged or foreign cache files only cost time, or give one message."""

import logging
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.cli import INPUT_ERROR, main
from sim.engine import caching
from sim.engine.caching import KINDS, MEASURED, PASTS, RULES, CacheKind, read, root, write
from sim.experiments import worker

ROOT = Path(__file__).parents[2]
ANOTHER, VICTIM = 65533, 65534
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
DRAWN = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
CONTENT = b"content that is kept" * 5

needs_two_users = pytest.mark.skipif(not IS_ROOT, reason="only root can act for two users")


@contextmanager
def scratch() -> Iterator[Path]:
    """Context manager: folder for one example, accessible to every user."""
    place = Path(tempfile.mkdtemp(prefix="faults-"))
    place.chmod(0o755)
    before = os.environ.get(caching.PLACE)
    try:
        yield place
    finally:
        left = os.environ.get(caching.PLACE)
        if left and left != before and not left.startswith(str(place)):
            shutil.rmtree(left, ignore_errors=True)  # a temporary folder, which would go when the run ends
        os.environ.pop(caching.PLACE, None)
        if before is not None:
            os.environ[caching.PLACE] = before
        for path in [place, *place.rglob("*")]:
            with suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o700)
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def messages() -> Iterator[list[str]]:
    """Context manager that yields the list of messages from its block."""
    said: list[str] = []

    class _Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    listener, logger = _Listener(logging.WARNING), logging.getLogger("sim.engine.caching")
    caching._warned.cache_clear()
    logger.addHandler(listener)
    try:
        yield said
    finally:
        logger.removeHandler(listener)
        caching._warned.cache_clear()


def flipped(whole: bytes, at: int) -> bytes:
    """Bytes with one bit changed."""
    at %= 8 * len(whole)
    return whole[: at // 8] + bytes([whole[at // 8] ^ 1 << at % 8]) + whole[at // 8 + 1 :]


def replaced(path: Path, by: str, elsewhere: Path) -> None:
    """Replaces a file or folder by something different, such as a link."""
    if by == "a link":
        path.rename(elsewhere)
        path.symlink_to(elsewhere)
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    if by == "a folder":
        path.mkdir()
        (path / "inside").write_bytes(b"")
    elif by == "a file":
        path.write_bytes(b"\xe1\xff")
    elif by == "a pipe":
        os.mkfifo(path)
    elif by == "a socket":
        with socket.socket(socket.AF_UNIX) as made, suppress(OSError):  # names of sockets are short
            made.bind(str(path))
    elif by == "a circle":
        path.symlink_to(path)
    elif by == "a hole":
        with path.open("wb") as file:
            file.truncate(10**13)


FILES = ("a link", "a folder", "a file", "a pipe", "a socket", "a circle", "a hole", "nothing")


@DRAWN
@given(
    kind=st.sampled_from(KINDS),
    damage=st.one_of(
        st.tuples(st.just("flip"), st.integers(0, 10**6)),
        st.tuples(st.just("cut"), st.integers(0, 131)),
        st.tuples(st.just("add"), st.binary(min_size=1, max_size=50)),
        st.tuples(st.just("other"), st.binary(max_size=200)),
        st.tuples(st.just("put"), st.sampled_from(FILES)),
        st.tuples(st.just("mode"), st.integers(0, 0o777)),
        st.tuples(st.just("name"), st.sampled_from(KINDS)),
        st.tuples(st.just("owner"), st.just(ANOTHER)),
    ),
)
def test_a_damaged_entry_is_none_and_the_next_one_is_whole(kind: CacheKind, damage: tuple[str, Any]) -> None:
    with scratch() as place, messages() as said:
        os.environ[caching.PLACE] = str(place / "cache")
        write(kind, "one", CONTENT)
        path, (way, value) = root() / kind.name / "one", damage
        whole, may_stand = path.read_bytes(), False
        if way == "put":
            replaced(path, value, place / "elsewhere")
        elif way == "mode":
            path.chmod(value)
            may_stand = not value & 0o022  # nobody else could have written it
        elif way == "owner":
            if not IS_ROOT:
                return
            os.chown(path, value, value)
        elif way == "name":
            other = root() / value.name / "two"
            path.rename(other)
            kind, path = value, other
        else:
            changed = {
                "flip": lambda: flipped(whole, value),
                "cut": lambda: whole[:value],
                "add": lambda: whole + value,
                "other": lambda: value,
            }
            path.write_bytes(changed[way]())
        assert read(kind, path.name, bytes) in ((None, CONTENT) if may_stand else (None,))
        caching.holds(kind, "o")
        write(kind, path.name, CONTENT)
        assert read(kind, path.name, bytes) == CONTENT
        assert said == [] or kind is RULES


@DRAWN
@given(
    name=st.sampled_from(["", *(kind.name for kind in KINDS), "running"]),
    by=st.sampled_from(["itself", "a link", "a file", "a pipe", "a circle", "nothing"]),
    mode=st.integers(0, 0o777),
    owner=st.sampled_from([None, VICTIM]),
    umask=st.sampled_from([0, 0o022, 0o077, 0o277, 0o777]),
)
def test_any_folder_serves_or_is_left_with_one_message(
    name: str, by: str, mode: int, owner: int | None, umask: int
) -> None:
    with scratch() as place, messages() as said:
        os.environ[caching.PLACE] = str(place / "cache")
        write(RULES, "forged", CONTENT)
        at = root() / name if name else root()
        if by != "itself":
            replaced(at, by, place / "elsewhere")
        if at.exists() and not at.is_symlink():
            at.chmod(mode)
        if owner and IS_ROOT and os.path.lexists(at):
            os.chown(at, owner, owner, follow_symlinks=False)
        caching._private_or_temporary.cache_clear()
        before = os.umask(umask)
        try:
            found = root()
            write(PASTS, "one", CONTENT)
            assert read(PASTS, "one", bytes) == CONTENT
            forged = read(RULES, "forged", bytes)
        finally:
            os.umask(before)
        left = found != place.resolve() / "cache"
        assert len(said) == left and all(caching.PLACE in message and str(at) in message for message in said)
        foreign = IS_ROOT and owner and by in ("itself", "a file", "a link", "a pipe", "a circle")
        assert left or not foreign, "it is another user's"
        assert not (found.stat().st_mode | (found / "pasts").stat().st_mode) & 0o077
        open_to_others = by == "itself" and mode & 0o022 and name in ("", RULES.name)
        assert not (left or open_to_others) or forged is None, "others could have written it"


@pytest.mark.parametrize("noise", [b"", b"\xe1\xff", b"sim.simulate.run_until-", bytes(100)])
def test_a_damaged_note_of_compiled_rules_is_no_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noise: bytes
) -> None:
    monkeypatch.setenv(caching.PLACE, str(tmp_path / "cache"))
    monkeypatch.setattr("sim.engine.compiling.is_compiled", lambda _: True)
    assert worker._are_compiled()
    (note,) = (root() / RULES.name).glob("known-*")
    note.write_bytes(noise)
    monkeypatch.setattr("sim.engine.compiling.is_compiled", lambda _: False)
    assert not worker._are_compiled()


def test_rules_that_cannot_be_kept_are_one_message() -> None:
    with scratch() as place, messages() as said:
        os.environ[caching.PLACE] = str(place / "cache")
        replaced(root() / RULES.name, "a file", place)
        for name in ("one", "two"):
            write(RULES, name, CONTENT)
            assert read(RULES, name, bytes) is None
        assert len(said) == 1 and str(root() / RULES.name) in said[0]


@pytest.mark.parametrize("clear", [False, True])
@needs_two_users
def test_the_command_names_what_it_cannot_touch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clear: bool
) -> None:
    """`comity cache --clear` names folders that it cannot delete and deletes the others."""
    monkeypatch.setenv(caching.PLACE, str(tmp_path / "cache"))
    for kind in (RULES, MEASURED):
        write(kind, "one", CONTENT)
    at = root() / RULES.name
    os.chown(at, VICTIM, VICTIM)
    if clear:
        monkeypatch.setattr(caching, "_remove", _refusing(at))  # as for a user who is not root
    assert main(["cache", *(["--clear"] if clear else [])]) == INPUT_ERROR
    said = capsys.readouterr().err
    assert str(at) in said and said.count(caching.PLACE) == 1 and "Traceback" not in said
    assert [path.exists() for path in (at / "one", at.parent / "measured" / "one")] == [True, not clear]


def _refusing(at: Path) -> Callable[[Path], str]:
    """Function that removes paths, except paths of another user."""
    remove = caching._remove
    return lambda path: "Operation not permitted" if path.is_relative_to(at) else remove(path)


TRIAL = """
import os, pickle, sys
from sim.engine import caching
print(caching.root())
print(os.stat(caching.root()).st_uid)
found = caching.read(caching.RULES, "planted", pickle.loads)
caching.write(caching.RULES, "mine", b"content")
assert caching.read(caching.RULES, "mine", bytes) == b"content"
"""


class Bomb:
    """Object that runs code when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.place / "exploded"),)


def as_user(user: int, place: Path, umask: int, words: tuple[str, ...], **variables: str) -> Any:
    """Finished process that another user runs, with its output."""
    known = {name: value for name, value in os.environ.items() if name not in (caching.PLACE, "XDG_CACHE_HOME")}
    environment = known | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(place)} | variables
    asked, ids = [sys.executable, *words], {"user": user, "group": user, "extra_groups": []}
    return subprocess.run(
        asked, env=environment, cwd="/", umask=umask, capture_output=True, text=True, check=False, **ids
    )


#: Where the cache of a victim is, whose each part is, and of what mode; what may be used, and whether code is read.
#: Rows are: owner and mode of the folder above, of the cache, of its rules, and of the entry in them.
OWN, FOREIGN = VICTIM, ANOTHER
ARRANGEMENTS: dict[str, tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    "all own": ((OWN, 0o755), (OWN, 0o700), (OWN, 0o700), (OWN, 0o600)),
    "above open": ((OWN, 0o777), (OWN, 0o700), (OWN, 0o700), (OWN, 0o600)),
    "above foreign": ((FOREIGN, 0o755), (OWN, 0o700), (OWN, 0o700), (FOREIGN, 0o644)),
    "cache foreign": ((OWN, 0o755), (FOREIGN, 0o777), (FOREIGN, 0o777), (FOREIGN, 0o644)),
    "cache once open": ((OWN, 0o755), (OWN, 0o777), (OWN, 0o700), (FOREIGN, 0o644)),
    "rules foreign": ((OWN, 0o755), (OWN, 0o700), (FOREIGN, 0o777), (FOREIGN, 0o644)),
    "rules of root": ((OWN, 0o755), (OWN, 0o700), (0, 0o755), (0, 0o644)),
    "rules once open": ((OWN, 0o755), (OWN, 0o755), (OWN, 0o777), (OWN, 0o600)),
    "entry foreign": ((OWN, 0o755), (OWN, 0o700), (OWN, 0o700), (FOREIGN, 0o644)),
    "entry open": ((OWN, 0o755), (OWN, 0o700), (OWN, 0o700), (OWN, 0o666)),
    "cache closed": ((OWN, 0o755), (OWN, 0o000), (OWN, 0o700), (FOREIGN, 0o644)),
    "rules read-only": ((OWN, 0o755), (OWN, 0o700), (OWN, 0o500), (FOREIGN, 0o644)),
    "above read-only": ((0, 0o755), (0, 0o755), (0, 0o755), (FOREIGN, 0o644)),
}
#: In which of them the victim's own folder serves; in the others there is one message.
SERVES = ("all own", "cache once open", "rules once open", "entry foreign", "entry open")


@pytest.mark.slow
@needs_two_users
@pytest.mark.parametrize("umask", [0, 0o022, 0o077, 0o777])
@pytest.mark.parametrize("arranged", list(ARRANGEMENTS))
def test_a_victim_runs_no_code_of_another_user(arranged: str, umask: int) -> None:
    with scratch() as place:
        place.chmod(0o1777)
        above, private = place / "above", place / "cache-less"
        rules = above / "cache" / RULES.name
        rules.mkdir(parents=True)
        private.mkdir()
        os.chown(private, VICTIM, VICTIM)
        bomb = pickle.dumps(Bomb(place))
        (rules / "planted").write_bytes(sha256(b"rules/planted\n" + bomb).digest() + bomb)
        paths = (above, rules.parent, rules, rules / "planted")
        for path, (owner, mode) in reversed(list(zip(paths, ARRANGEMENTS[arranged], strict=True))):
            path.chmod(mode)
            os.chown(path, owner, owner)
        done = as_user(VICTIM, private, umask, ("-c", TRIAL), COMITY_CACHE=str(rules.parent))
        assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
        used, owner = done.stdout.split()
        temporary = used != str(rules.parent.resolve())
        assert done.stderr.count("COMITY_CACHE=FOLDER") == temporary and int(owner) == VICTIM
        assert (place / "exploded").exists() == (arranged == "all own"), "what is the user's own is read"
        assert temporary == (
            arranged not in ("all own", "cache once open", "rules once open", "entry foreign", "entry open")
        )


@pytest.mark.slow
@needs_two_users
def test_all_that_is_drawn_holds_for_a_user_whom_modes_bind() -> None:
    with scratch() as place:
        os.chown(place, VICTIM, VICTIM)
        words = (
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(ROOT),
            "-c",
            str(ROOT / "pyproject.toml"),
        )
        drawn = (str(Path(__file__)), "-k", "damaged or left_with")
        done = as_user(VICTIM, place, 0o022, (*words, *drawn), HOME=str(place), COMITY_CACHE=str(place / "c"))
        assert done.returncode == 0, done.stdout[-3000:]


SMALL = """
from sim.engine.compiling import is_compiled, kernel
@kernel
def twice(number):
    return 2 * number
before = is_compiled(twice)
assert twice(3) == 6
print(before, is_compiled(twice), sum(twice.stats.cache_hits.values()))
"""


@pytest.mark.slow
@pytest.mark.parametrize("plain", ["0", "1"])
def test_damaged_machine_code_is_compiled_again(plain: str) -> None:
    """Damaged machine code is compiled again and never executed, with or without Numba's own files."""
    with scratch() as place:
        (place / "small.py").write_text(SMALL)
        known = os.environ | {"PYTHONPATH": str(ROOT), caching.PLACE: str(place / "cache"), "COMITY_PLAIN_NUMBA": plain}

        def asked() -> list[str]:
            """Returns three texts: compiled before, compiled now, and number of loads from disk."""
            words = [sys.executable, str(place / "small.py")]
            done = subprocess.run(words, env=known, capture_output=True, text=True, check=False)
            assert done.returncode == 0 and done.stderr == "", done.stderr
            return done.stdout.split()

        assert asked() == ["False", "True", "0"]
        files = [path for path in (place / "cache" / "rules").rglob("*") if path.is_file()]
        for path in files:
            assert asked() == ["True", "True", "1"]
            for damaged in (flipped(path.read_bytes(), 4001), path.read_bytes()[:-9], b"", pickle.dumps(Bomb(place))):
                path.write_bytes(damaged)
                assert asked() == ["False", "True", "0"]
        assert not (place / "exploded").exists()
