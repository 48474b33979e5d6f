"""Puts random mutants into a copy of the repository and runs their tests: `python -m tests.mutants`.

Each mutant is judged by the tests of its room that `make test` runs, up to the first that fails: files that name its
function or module come first. A mutant in a rule meets tests in plain Python first, and only those that survive them
are compiled, which takes a minute or two. Its row is written to a table as soon as its tests have ended, so that a run
that is interrupted resumes behind the last row.
A mutant is *caught* when a test fails that does not merely compare fingerprints of worlds, and by a *fingerprint* when
only such tests do. A test that hangs fails, as in `make test`, here after most of `--limit`. One that *survives* is
either no error at all, as nothing that the model can do would differ, or shows what no test asks. `--room ROOM …`
draws from some packages, `--each 8` so many from each of them; `--only PLACE` tries the mutants of one line again.
"""

# Why no library: mutmut leaves out decorated functions, and so all rules; cosmic-ray has one test command for all
# mutants, draws no sample, and writes into the sources in use.

import argparse
import contextlib
import importlib.util
import math
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sim.engine.caching import PLACE, RULES
from sim.engine.caching import root as caches
from tests.mutants.mutate import ROOMS, ROOT, Mutant, comparing_worlds, draw, draw_each, living, mutants

VERDICTS = ("caught", "fingerprint", "survived", "limit")
COLUMNS = ("place", "before", "after", "verdict", "caught_by", "seconds")
#: Packages of tests, next to that of the same name, in which a room of sim/ is tested.
ALSO = {
    "agents": ("queues", "world", "law"),
    "data": ("law", "policy", "world"),
    "engine": ("queues", "world"),
    "experiments": ("rules",),
    "report": ("experiments",),
    "results": ("api", "experiments", "report"),
    "world": ("queues",),
}
#: Packages of rules, which are compiled unless Numba is switched off.
COMPILED = ("agents", "cases", "engine", "measures", "world")
_LIVES = re.compile(r"\b(?:begun|ended|world_at|in_any_world|compared|pairs|simulate|printed_by)\(|DISABLE_JIT")
_PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not compilation and not slow")
_ENDED = ("-o", "faulthandler_exit_on_timeout=true")
_LEFT_OUT = (".*", "__pycache__")
_HANGS = 0.6  # of all time: a single test that takes longer fails; a new rule is compiled within less
_PLAIN = 90.0  # seconds for the tests of a rule in plain Python, some of which take long
_MEMORY = 8 * 2**30  # bytes of address space: a mutant may make a table grow without end
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/\S+\.py(?:::[^\s\[]+)?)", re.MULTILINE)
_HUNG = re.compile(r'/(tests/\S+\.py)", line \d+ in (test\w+)')


class Tried(NamedTuple):
    """Verdict on a mutant (one of VERDICTS), and the test that failed."""

    verdict: str
    by: str = ""


class Stage(NamedTuple):
    """Tests to run together, with rules uncompiled or with compared fingerprints of worlds."""

    tests: list[str]
    plain: bool = False
    fingerprints: bool = False


@dataclass
class Copy:
    """A copy of the repository in a folder, in which mutants are tried one by one.

    Tests that fail in the copy without any mutant are broken, those that do not are sound.
    """

    place: Path
    limit: float
    broken: list[str] = field(default_factory=list)
    sound: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.root, self.caches = self.place / "copy", self.place / "caches"
        shutil.copytree(ROOT, self.root, ignore=_left_out)
        _take_over(caches(), self.caches)

    def attempt(self, mutant: Mutant) -> Tried:
        """Runs the tests of a mutant, nearest first, until one fails."""
        end = time.monotonic() + self.limit
        for stage in stages_of(mutant, self.root):
            left = [test for test in stage.tests if test not in self.broken]
            try:
                while failed := self._failing_with(mutant, left, end, stage.plain):
                    if failed in self.sound or not self._fails(failed, stage.plain):
                        self.sound.add(failed)
                        return Tried("fingerprint" if stage.fingerprints else "caught", failed)
                    self.broken.append(failed)
                    place = next(place for place, test in enumerate(left) if test.startswith(failed))
                    left = [test for test in left[place:] if not test.startswith(failed)]
            except subprocess.TimeoutExpired:
                if not stage.plain:
                    return Tried("limit")
        return Tried("survived")

    def _failing_with(self, mutant: Mutant, asked: list[str], end: float, plain: bool) -> str:
        """The first of some tests that fails with the mutant; empty if none does.

        What is compiled is kept by all that it was made of: an entry point that the mutant does not reach is found, and
        none that it reaches is taken for the usual one.
        """
        if not asked:
            return ""
        path = self.root / mutant.path
        text = path.read_text("utf-8")
        _write(path, mutant.applied(text))
        hangs = round(_HANGS * self.limit)  # where a signal does not reach it, as in a rule, its process is ended
        limits = ("--timeout", f"{hangs}", "-o", f"faulthandler_timeout={hangs + 10}", *_ENDED)
        try:
            until = min(end, time.monotonic() + _PLAIN) if plain else end
            code, said = self._run([*_PYTEST, "-x", *limits, *asked], until, plain)
        finally:
            _write(path, text)
        if code in (0, 5):  # 5: no tests
            return ""
        hung = _HUNG.search(said)
        return next(iter(_FAILED.findall(said)), "::".join(hung.groups()) if hung else asked[0])

    def _fails(self, test: str, plain: bool) -> bool:
        """True if a test fails without any mutant."""
        return self._run([*_PYTEST, test], math.inf, plain)[0] != 0

    def _run(self, words: Sequence[str], end: float, plain: bool = False) -> tuple[int, str]:
        """Runs Python in the copy up to a time limit; returns exit code and output, and kills processes left behind."""
        environment = os.environ | {
            "PYTHONPATH": str(self.root),
            PLACE: str(self.caches),
            "NUMBA_NUM_THREADS": "1",
            "CI": "1",  # examples of hypothesis are the same each time
            **({"NUMBA_DISABLE_JIT": "1"} if plain else {}),
        }
        said = self.place / "said.txt"  # no pipe: processes that a test leaves behind would hold it open
        with said.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=self.root,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
            )
        try:
            code = process.wait(None if end == math.inf else max(end - time.monotonic(), 1.0))
        except subprocess.TimeoutExpired:
            if not _FAILED.search(said.read_text("utf-8", "replace")):
                raise
            code = 1  # a test failed, and what it left behind kept pytest from its end
        finally:  # also when somebody interrupts
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return code, said.read_text("utf-8", "replace")


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Files that are left out of a copy: hidden files, bytecode, and the user's own results."""
    own = set(names) - {"reference", "league"} if Path(folder) == ROOT / "results" else set()
    return shutil.ignore_patterns(*_LEFT_OUT)(folder, names) | own


def _take_over(place: Path, other: Path) -> None:
    """Copies compiled rules into another private cache folder."""
    (other / RULES.name).mkdir(mode=0o700, parents=True)
    other.chmod(0o700)
    for file in (place / RULES.name).glob("[!.]*"):
        if file.is_file():
            shutil.copy2(file, other / RULES.name)


def _write(path: Path, text: str) -> None:
    """Writes a source file, and removes its outdated bytecode."""
    path.write_text(text, encoding="utf-8")
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def rooms_of_tests(path: str) -> tuple[str, ...]:
    """Folders of tests/ that are responsible for a file of sim/."""
    own = path.split("/")[1]
    return tuple(f"tests/{room}/" for room in (own, *ALSO.get(own, ())))


def stages_of(mutant: Mutant, root: Path) -> list[Stage]:
    """Stages of tests of a mutant, in the order of running.

    For a rule, tests in plain Python that simulate no world come first, and last come those that compare fingerprints.
    Tests of packages next to its own are run where their file names it, or where its own has none.
    """
    own, *beside = rooms_of_tests(mutant.path)
    files = {room: sorted((root / room).rglob("test_*.py")) for room in (own, *beside)}
    every = [file for room in files for file in files[room]]
    near = [file for pattern in _near(mutant) for file in every if pattern.search(file.read_text("utf-8"))]
    near = list(dict.fromkeys(near))
    others = [file for file in files[own] or every if file not in near]
    plain, usual, prints = Stage([], plain=True), Stage([]), Stage([], fingerprints=True)
    for file in (*near, *others):
        comparing = set(comparing_worlds(file))
        for name, lives in living(file, _LIVES).items():
            test = f"{file.relative_to(root).as_posix()}::{name}"
            if not name.startswith("test"):
                continue
            (prints if name in comparing else usual).tests.append(test)
            if file in near and not lives and name not in comparing and own.split("/")[1] in COMPILED:
                plain.tests.append(test)
    return [plain, usual, prints]


def _near(mutant: Mutant) -> Iterator[re.Pattern[str]]:
    """Patterns of tests that are near to a mutant: names of its function and module."""
    module = mutant.path.removesuffix(".py").replace("/", ".")
    package, _, name = module.rpartition(".")
    imported = rf"{re.escape(module)}\b|from {re.escape(package)} import (?:\w+, )*{name}"
    for pattern in ([mutant.function] if mutant.function else []) + [imported]:
        yield re.compile(rf"\b(?:{pattern})\b")


def rows(table: Path) -> list[dict[str, str]]:
    """Results of the mutants tried so far."""
    return pd.read_csv(table, dtype=str, keep_default_na=False).to_dict("records") if table.exists() else []


def add(table: Path, row: dict[str, str]) -> None:
    """Appends one result to the file, after a line of column names if the file is new."""
    table.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([row], columns=COLUMNS).to_csv(table, mode="a", header=not table.exists(), index=False)


def at_place(place: str, root: Path) -> list[Mutant]:
    """Mutants at `path:line` or `path:line:column`."""
    path = Path(place.split(":")[0])
    found = mutants((root / path).read_text("utf-8"), path)
    return [mutant for mutant in found if f"{mutant.place}:".startswith(f"{place}:")]


def main(words: list[str]) -> int:
    """Tries the selected mutants; returns 1 unless every verdict is `caught`."""
    reader = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    reader.add_argument("--number", type=int, default=60, help="mutants to draw")
    reader.add_argument("--seed", type=int, default=1, help="of the draw")
    room = "of sim/ from which they are drawn, one or several; all by default"
    reader.add_argument("--room", "--rooms", nargs="+", action="extend", choices=ROOMS, help=room)
    reader.add_argument("--each", type=int, help="mutants to draw from each room, instead of --number from all")
    reader.add_argument("--limit", type=float, default=600.0, help="seconds for the tests of one mutant")
    reader.add_argument("--table", type=Path, default=ROOT / "results" / "mutants.csv", help="where rows are kept")
    reader.add_argument("--only", action="append", help="path:line[:column] of mutants to try; keeps no row")
    asked = reader.parse_args(words)
    for line in asked.only or ():
        if not (ROOT / line.split(":")[0]).is_file():
            reader.error(f"--only = {line!r}: no such file. Write sim/agents/desk.py:55, for example.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the copy is removed, and no tests are left running
    known = {} if asked.only else {row["place"] + row["after"]: row["verdict"] for row in rows(asked.table)}
    verdicts: list[str] = []
    of_room: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        copy = Copy(Path(place), asked.limit)
        again = [mutant for line in asked.only or () for mutant in at_place(line, copy.root)]
        asked_for = (asked.each or asked.number, asked.seed, copy.root, asked.room or ROOMS)
        for mutant in again if asked.only else (draw_each if asked.each else draw)(*asked_for):
            before, after = mutant.lines((copy.root / mutant.path).read_text("utf-8"))
            verdict = known.get(mutant.place + after)
            if verdict is None:
                begun = time.monotonic()
                tried = copy.attempt(mutant)
                values = mutant.place, before, after, *tried, f"{time.monotonic() - begun:.0f}"
                row = dict(zip(COLUMNS, values, strict=True))
                said = "{place}  {verdict} {caught_by}  {seconds} s\n  - {before}\n  + {after}"
                print(said.format(**row), flush=True)
                if not asked.only:
                    add(asked.table, row)
                verdict = tried.verdict
            verdicts.append(verdict)
            of_room[mutant.path.split("/")[1]].append(verdict)
    for room, found in of_room.items():
        print(f"{room}: {found.count('caught')} of {len(found)} caught")
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS)
    print(f"{len(verdicts)} mutants: {counts}")
    return int(verdicts.count("caught") < len(verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
