"""Sets an older commit beside a newer one, under all scenarios and the same seeds: `python -m tests.old_and_new OLD`.

Each commit is checked out into a temporary folder and runs all scenarios that both have, with every parameter at its
default. The runs of a commit are a study under `results/codes/`: the same command resumes it, and more `--replicates`
add seeds. A page and a table of the paired differences are written into `docs/changed/`. What is not committed takes
no part.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.policy.problem import InputError, mistake
from sim.policy.well_known import BASELINE
from tests.old_and_new.page import Commit, compare, page

ROOT = Path(__file__).parents[2]
_LOCK = "requirements.lock"
_PIN = re.compile(r"^[\w.-]+==[^\s;]+", re.MULTILINE)
_CATALOGUE = "from sim.policy.scenario import catalogue; print(*catalogue())"
#: Paths whose commits can change results.
_SOURCES = ("sim", "conf", "scenarios")


@dataclass(frozen=True)
class Checkout:
    """A commit in a folder of its own, with a Python that has what it needs."""

    commit: Commit
    folder: Path
    python: str

    def ask(self, *words: str, shown: bool = False) -> str:
        """What its Python prints; with its standard error on the terminal if that is to be shown, for progress."""
        here = os.environ | {"PYTHONPATH": str(self.folder)}
        return ended([self.python, *words], self.folder, here, shown=shown)

    @property
    def scenarios(self) -> list[str]:
        """Keys of the scenarios that came with it."""
        return self.ask("-c", _CATALOGUE).split()

    def run(self, scenarios: Sequence[str], replicates: int, words: Sequence[str], results: Path) -> pd.DataFrame:
        """Every scenario under every seed, or what is missing of it: a row per scenario and seed, a column per outcome.

        The study of this commit is kept under the folder of results.
        """
        asked = hashlib.sha256("\n".join([*scenarios, *words]).encode()).hexdigest()[:8]
        study = results / f"{self.commit.short}-{asked}"
        sweep = ["sweep", f"scenario={','.join(scenarios)}", *words, "--replicates", str(replicates)]
        print(f"{self.commit.short}: {len(scenarios)} scenarios, {replicates} seeds, in {study}", flush=True)
        self.ask("-m", "sim", *sweep, "--study", str(study), shown=True)
        rows = pd.read_parquet(study / "outcomes")
        return rows[rows["seed"] < rows["seed"].min() + replicates]  # a study may hold more seeds than are asked for


def ended(words: Sequence[str], folder: Path, here: dict[str, str] | None = None, *, shown: bool = False) -> str:
    """What a program prints."""
    error = None if shown else subprocess.PIPE
    done = subprocess.run(words, cwd=folder, env=here, stdout=subprocess.PIPE, stderr=error, text=True, check=False)
    if done.returncode:
        said = (done.stderr or "").strip().splitlines()
        raise mistake(f"ended with code {done.returncode}", " ".join(words[:4]), fix=said[-1] if said else "See above.")
    return done.stdout.strip()


def commit_named(name: str, root: Path = ROOT) -> Commit:
    """A commit by its name: a hash, a branch, HEAD~3."""
    try:
        said = ended(["git", "log", "-1", "--format=%H%n%cs%n%s", "--end-of-options", name, "--"], root)
    except InputError:
        raise mistake("no such commit", "OLD or NEW", name, "`git log --oneline` lists commits.") from None
    return Commit(*said.split("\n", 2))


def commits_between(old: Commit, new: Commit, root: Path = ROOT) -> list[str]:
    """Subjects of the commits that the newer has beyond the older and that touch the model, the newest first."""
    span = f"{old.full}..{new.full}"
    return ended(["git", "log", "--no-merges", "--format=%s", span, "--", *_SOURCES], root).splitlines()


def pins(lock: Path) -> set[str]:
    """Packages with their versions, as a file locks them."""
    return set(_PIN.findall(lock.read_text("utf-8")))


@contextmanager
def checked_out(commit: Commit, root: Path = ROOT) -> Iterator[Checkout]:
    """A commit in a temporary folder: with this Python where it has all that the commit locks, else with its own."""
    with tempfile.TemporaryDirectory(prefix="comity-code-") as place:
        folder = Path(place) / commit.short
        ended(["git", "worktree", "add", "--detach", "--quiet", str(folder), commit.full], root)
        try:
            python = sys.executable
            if not pins(folder / _LOCK) <= pins(root / _LOCK):
                print(f"{commit.short}: it locks other packages, which are installed", flush=True)
                path = os.pathsep.join([str(root / ".uv" / "bin"), os.environ["PATH"]])
                ended(["make", "--silent", ".venv/.ok"], folder, os.environ | {"PATH": path})
                python = str(folder / ".venv" / "bin" / "python")
            yield Checkout(commit, folder, python)
        finally:
            ended(["git", "worktree", "remove", "--force", str(folder)], root)


def main(words: Sequence[str], root: Path = ROOT) -> int:
    """Runs both commits and writes the page; 2 after a mistake in what was asked for."""
    reader = argparse.ArgumentParser(prog="python -m tests.old_and_new", description=__doc__)
    reader.add_argument("old", help="the older commit")
    reader.add_argument("new", nargs="?", default="HEAD", help="the newer commit")
    reader.add_argument("words", nargs="*", help="key=value for both, such as world=tiny execution.workers=1")
    reader.add_argument("--replicates", type=int, default=8, help="number of seeds")
    reader.add_argument("--scenarios", help="only these, separated by commas, beside today's law")
    reader.add_argument("--name", help="of the page; the two commits if none is given")
    reader.add_argument("--results", type=Path, default=root / "results" / "codes", help="where runs are kept")
    reader.add_argument("--output", type=Path, default=root / "docs" / "changed", help="where the page is written")
    asked = reader.parse_args(words)
    if "=" in asked.new:
        asked.words, asked.new = [asked.new, *asked.words], "HEAD"
    try:
        written = old_and_new(asked, f"python -m tests.old_and_new {' '.join(words)}", root)
    except InputError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    print(f"Written: {written}")
    return 0


def old_and_new(asked: argparse.Namespace, command: str, root: Path) -> Path:
    """Runs both commits and writes what they differ in."""
    old, new = (commit_named(name, root) for name in (asked.old, asked.new))
    with checked_out(old, root) as before, checked_out(new, root) as after:
        there, here = before.scenarios, after.scenarios
        shared = [key for key in here if key in there]
        chosen = asked.scenarios.split(",") if asked.scenarios else shared
        if unknown := [key for key in chosen if key not in shared]:
            raise mistake("not in both commits", "--scenarios", ",".join(unknown), f"Both have {', '.join(shared)}.")
        chosen = [BASELINE, *(key for key in chosen if key != BASELINE)]
        results = asked.results.absolute()
        found = compare(*(code.run(chosen, asked.replicates, asked.words, results) for code in (before, after)))
    apart = [
        f"`{key}` in {code.short} alone"
        for code, keys, other in ((old, there, here), (new, here, there))
        for key in keys
        if key not in other
    ]
    name = asked.name or f"{old.short}-{new.short}"
    asked.output.mkdir(parents=True, exist_ok=True)
    found.frame.to_csv(asked.output / f"{name}.csv", index=False, float_format="%.6g")
    text = page(found, old, new, commits_between(old, new, root), apart, name, command)
    (asked.output / f"{name}.md").write_text(text, encoding="utf-8")
    return Path(asked.output / f"{name}.md")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
