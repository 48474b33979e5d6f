"""Puts random mutants into a copy of the repository and runs the tests that concern them: `python -m tests.mutants`.

Each mutant takes up to some minutes: one in a rule has the rules compiled again. Its row is written to a table as soon
as its tests have ended, so that a run that is interrupted resumes behind the last row. A mutant is *caught* when a test
fails that does not merely compare fingerprints of worlds. One that *survives* is either no error at all, as nothing
that the model can do would differ, or shows what no test asks. `--only PLACE` tries the mutants of one line again.
"""

# Why no library: mutmut leaves out decorated functions, and so all rules; cosmic-ray has one test command for all
# mutants, draws no sample, and writes into the sources in use.

import argparse
import csv
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.mutants.mutate import ROOT, Mutant, comparing_worlds, draw, mutants

COLUMNS = ("place", "before", "after", "verdict", "caught_by", "seconds")
#: Rooms of tests, beside that of the same name, in which a room of sim/ is tested.
ALSO = {"agents": ("queues", "world", "law")}
_LEFT_OUT = (".*", "results", "__pycache__")
_HASH = "from sim.engine.compiling import rules_hash; print(rules_hash())"
_MEMORY = 8 * 2**30  # bytes of address space: a mutant may make a table grow without end
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/\S+\.py(?:::[^\s\[]+)?)", re.MULTILINE)


class Tried(NamedTuple):
    """What became of a mutant.

    Attributes:
        verdict: "caught", "survived", or "limit": its tests took too long.
        by: the test that failed.
    """

    verdict: str
    by: str = ""


@dataclass
class Copy:
    """A copy of the repository in which mutants are tried.

    Attributes:
        place: folder of the copy and its caches.
        limit: seconds for the tests of one mutant.
        broken: tests that fail in the copy without any mutant.
        seen: test files that were run without any.
    """

    place: Path
    limit: float
    broken: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.root, self.usual, self.own = self.place / "copy", self.place / "usual", self.place / "own"
        shutil.copytree(ROOT, self.root, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        self._hash = self._rules_hash()

    def attempt(self, mutant: Mutant) -> Tried:
        """Runs the tests that concern a mutant, the nearest first, until one fails."""
        near, others = chosen(mutant, self.root)
        self._without_mutant([*near, *others])
        path, end = self.root / mutant.path, time.monotonic() + self.limit
        text = path.read_text("utf-8")
        _write(path, mutant.applied(text))
        try:
            cache = self._cache()
            for files in (near, others):
                failed = self._failing(files, cache, end, "-x")
                if failed:
                    return Tried("caught", failed[0])
        except subprocess.TimeoutExpired:
            return Tried("limit")
        finally:
            _write(path, text)
            shutil.rmtree(self.own, ignore_errors=True)
        return Tried("survived")

    def _without_mutant(self, files: Sequence[str]) -> None:
        """Once for each file, finds the tests that fail anyway; this also compiles what its tests call."""
        new = [file for file in files if file not in self.seen]
        self.broken += self._failing(new, self.usual, math.inf)
        self.seen.update(new)

    def _cache(self) -> Path:
        """Folder of compiled rules: one of its own where they depend on the mutant, begun with what it leaves alone.

        What is compiled is kept by all that it was made of, so that an entry point that the mutant does not reach is
        found there.
        """
        changed = self._rules_hash()
        if changed == self._hash:
            return self.usual
        compiled = Path("comity") / "compiled"
        if (self.usual / compiled / self._hash).exists():
            shutil.copytree(self.usual / compiled / self._hash, self.own / compiled / changed)
        return self.own

    def _failing(self, files: Sequence[str], cache: Path, end: float, *words: str) -> list[str]:
        """Tests that fail; the first file where pytest ends without saying which."""
        if not files:
            return []
        left_out = [*self.broken, *self._fingerprints(files)]
        options = ["-q", "-p", "no:cacheprovider", "-m", "not compilation", *words]
        code, text = self._run(
            ["-m", "pytest", *options, *(f"--deselect={name}" for name in left_out), *files], cache, end
        )
        if code in (0, 5):  # 5: no tests
            return []
        return _FAILED.findall(text) or [files[0]]

    def _fingerprints(self, files: Sequence[str]) -> Iterator[str]:
        for file in files:
            yield from (f"{file}::{name}" for name in comparing_worlds(self.root / file))

    def _run(self, words: Sequence[str], cache: Path, end: float) -> tuple[int, str]:
        """Runs Python in the copy; ends it with all its children when the time is over."""
        environment = os.environ | {
            "PYTHONPATH": str(self.root),
            "XDG_CACHE_HOME": str(cache),
            "NUMBA_NUM_THREADS": "1",
            "CI": "1",  # examples of hypothesis are the same each time
        }
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
        )
        try:
            text, _ = process.communicate(timeout=None if end == math.inf else max(end - time.monotonic(), 1.0))
        except BaseException:  # also when somebody interrupts
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        return process.returncode, text

    def _rules_hash(self) -> str:
        code, text = self._run(["-c", _HASH], self.usual, math.inf)
        assert code == 0, text
        return text.strip()


def _write(path: Path, text: str) -> None:
    """Writes a source file, and removes the bytecode of what it was before."""
    path.write_text(text, encoding="utf-8")
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def room_tests(root: Path, room: str) -> list[Path]:
    """Test files of a room."""
    return sorted((root / "tests" / room).rglob("test_*.py"))


def chosen(mutant: Mutant, root: Path) -> tuple[list[str], list[str]]:
    """Test files that concern a mutant: the nearest, and the others of its room.

    The nearest import its module or contain the name of its function. Rules are also tested at single desks, in worlds,
    and against the law of the day: of these rooms the nearest alone are run, as all of them take too long. Tests of
    further rooms do not count: an error should be noticed where it is made.
    """
    names = [mutant.path.removesuffix(".py").replace("/", "."), *([mutant.function] if mutant.function else [])]
    near = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    own = mutant.path.split("/")[1]
    nearest: list[str] = []
    others: list[str] = []
    for room in (own, *ALSO.get(own, ())):
        for path in room_tests(root, room):
            if near.search(path.read_text("utf-8")):
                nearest.append(path.relative_to(root).as_posix())
            elif room == own:
                others.append(path.relative_to(root).as_posix())
    return nearest, others


def rows(table: Path) -> list[dict[str, str]]:
    """What was tried so far."""
    if not table.exists():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add(table: Path, row: dict[str, str]) -> None:
    """Writes one row; the first one with the names of columns."""
    table.parent.mkdir(parents=True, exist_ok=True)
    new = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if new:
            writer.writeheader()
        writer.writerow(row)


def at_place(place: str, root: Path) -> list[Mutant]:
    """All mutants of `path:line`, or that of `path:line:column`."""
    path = Path(place.split(":")[0])
    found = mutants((root / path).read_text("utf-8"), path)
    return [mutant for mutant in found if f"{mutant.place}:".startswith(f"{place}:")]


def main(words: list[str]) -> int:
    """Tries the mutants that are asked for; returns 1 if one of them was not caught."""
    reader = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    reader.add_argument("--number", type=int, default=60, help="mutants to draw")
    reader.add_argument("--seed", type=int, default=1, help="of the draw")
    reader.add_argument("--limit", type=float, default=600.0, help="seconds for the tests of one mutant")
    reader.add_argument("--table", type=Path, default=ROOT / "results" / "mutants.csv", help="where rows are kept")
    reader.add_argument("--only", action="append", help="path:line[:column] of mutants to try; keeps no row")
    asked = reader.parse_args(words)
    for line in asked.only or ():
        if not (ROOT / line.split(":")[0]).is_file():
            reader.error(f"--only = {line!r}: no such file. Write sim/agents/desk.py:55, for example.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the copy is removed, and no tests are left running
    known = {} if asked.only else {row["place"] + row["after"]: row["verdict"] for row in rows(asked.table)}
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        copy = Copy(Path(place), asked.limit)
        again = [mutant for line in asked.only or () for mutant in at_place(line, copy.root)]
        for mutant in again if asked.only else draw(asked.number, asked.seed, copy.root):
            before, after = mutant.lines((copy.root / mutant.path).read_text("utf-8"))
            verdict = known.get(mutant.place + after)
            if verdict is None:
                begun = time.monotonic()
                tried = copy.attempt(mutant)
                values = mutant.place, before, after, *tried, f"{time.monotonic() - begun:.0f}"
                row = dict(zip(COLUMNS, values, strict=True))
                print(
                    "{place}  {verdict} {caught_by}  {seconds} s\n  - {before}\n  + {after}".format(**row), flush=True
                )
                if not asked.only:
                    add(asked.table, row)
                verdict = tried.verdict
            verdicts.append(verdict)
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("caught", "survived", "limit"))
    print(f"{len(verdicts)} mutants: {counts}")
    return int(verdicts.count("caught") < len(verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
