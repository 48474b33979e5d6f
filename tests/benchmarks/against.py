"""Two commits measured in turns: `python -m tests.benchmarks.against OLD_FOLDER [--only NAME …]`.

OLD_FOLDER is a checkout of the other commit with its own `.venv`. Each row is printed as soon as it is known: what old
and new took, and the ratio of the two, in which each is divided by the fixed loop of its own process. Both sides have a
cache of their own, empty but for their compiled rules, so that nothing is kept from earlier. Run it on a quiet machine.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
MEASURES = Path(__file__).with_name("measures.py")
#: Time after which a measurement is given up, seconds.
PATIENCE = 3600.0


class Row(NamedTuple):
    """A row of the table: a measurement and what of it is compared.

    Attributes:
        what: in words.
        measure: name in `measures.py`.
        value: what is compared: processor seconds, wall seconds, or another value.
        over: another row of the old side that both are set beside, instead of the old side's own.
        rounds: how often it is measured on each side; the median counts.
        fresh: whether the cache holds nothing but compiled rules.
        timed: whether the value is a time, which is divided by the loop.
    """

    what: str
    measure: str
    value: str = "cpu"
    over: str = ""
    rounds: int = 1
    fresh: bool = False
    timed: bool = True


ROWS: Mapping[str, Row] = {
    "arm": Row("arm under calibrated sets, processor s", "arms", rounds=3),
    "events": Row("events of such an arm", "arms", "events", timed=False),
    "first_past": Row("first past of a new parameter set, processor s", "first_past", rounds=3),
    "measuring": Row("measuring an arm, processor s", "measuring", rounds=3),
    "warm_run": Row("a call of sim.run in the tiny world, warm, wall s", "warm_run", "wall", rounds=3),
    "warm_run_cpu": Row("the same, processor s", "warm_run"),
    "worker": Row("memory of a worker, MB", "worker", "mb", timed=False),
    "comparison": Row("default comparison, nothing kept, processor s", "comparison", fresh=True),
    "runs": Row("runs of it", "comparison", "runs", timed=False),
    "first_answer": Row("first answer beside the whole of old, cpu s", "first_answer", over="comparison", fresh=True),
    "own_twice": Row("own scenario, second time, beside the same, processor s", "own_twice", over="comparison"),
    "page_first": Row("page, 20 pairs of the first policy ever, wall s", "page", "first_policy", fresh=True),
    "page_second": Row("page, second policy, wall s", "page", "second_policy"),
    "page_estimate": Row("page, first estimate of the second policy, wall s", "page", "second_estimate"),
    "page_memory": Row("page with all processes, MB", "page", "mb", timed=False),
    "compiling": Row("compilation from nothing, processor s", "compiling"),
    "second_clone": Row("compilation in a second clone, processor s", "second_clone"),
    "mesa": Row("times Mesa", "libraries", "mesa", timed=False),
    "simpy": Row("times SimPy", "libraries", "simpy", timed=False),
}


class Side:
    """A checkout with its interpreter and a cache of its own.

    Args:
        folder: of the checkout.
        caches: where its caches are kept.
    """

    def __init__(self, folder: Path, caches: Path) -> None:
        self._folder, self._caches = folder.resolve(), caches
        self._found: dict[str, list[dict[str, Any]]] = {}

    def measured(self, row: Row, options: list[str], again: bool = False) -> list[dict[str, Any]]:
        """What a measurement has given so far; it is made where there is none yet, or once more."""
        found = self._found.setdefault(row.measure, [])
        if not found or again:
            found.append(self._measure(row, options))
        return found

    def _measure(self, row: Row, options: list[str]) -> dict[str, Any]:
        """One measurement in a process of its own; what went wrong as a note."""
        interpreter = self._folder / ".venv" / "bin" / "python"
        with tempfile.TemporaryDirectory() as empty:
            cache = Path(empty) / "cache" if row.fresh else self._cache()
            if row.fresh:
                shutil.copytree(self._cache("rules"), cache)
            environment = dict(os.environ) | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(self._folder)}
            command = [str(interpreter), "-P", str(MEASURES), row.measure, *options]
            try:
                done = subprocess.run(
                    command, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=PATIENCE
                )
                return dict(json.loads(done.stdout.splitlines()[-1]))
            except (subprocess.TimeoutExpired, ValueError, IndexError) as error:
                said = (
                    done.stderr.strip().splitlines()[-1:]
                    if isinstance(error, ValueError | IndexError)
                    else [str(error)]
                )
                return {"note": " ".join(said) or type(error).__name__}

    def _cache(self, kind: str = "used") -> Path:
        """A cache with the compiled rules of this side: as it was once they were there, or as it is used since."""
        rules = self._caches / "rules"
        if not rules.exists():
            environment = dict(os.environ) | {"XDG_CACHE_HOME": str(rules), "PYTHONPATH": str(self._folder)}
            code = "import sim; sim.run('status_quo', replicates=1, set={'world': 'tiny'}, progress=None)"  # compiles
            command = [str(self._folder / ".venv" / "bin" / "python"), "-P", "-c", code]
            subprocess.run(
                command, cwd=self._folder, env=environment, check=True, capture_output=True, timeout=PATIENCE
            )
            shutil.copytree(rules, self._caches / "used")
        return self._caches / kind


def value_of(row: Row, found: list[dict[str, Any]]) -> tuple[float, float]:
    """The median value of a row as it is, and divided by the loop where it is a time; NaN where it is not known."""
    known = [one for one in found if isinstance(one.get(row.value), int | float)]
    if not known:
        return float("nan"), float("nan")
    values = [float(one[row.value]) for one in known]
    scaled = [value / one["loop"] if row.timed else value for value, one in zip(values, known, strict=True)]
    return median(values), median(scaled)


def line(name: str, sides: tuple[Side, Side], rounds: int, options: list[str]) -> str:
    """One row, measured in turns."""
    row = ROWS[name]
    number = row.rounds if rounds == 0 else rounds
    for turn in range(number):
        for side in sides:
            found = side.measured(row, options)
            if turn and len(found) <= turn:
                side.measured(row, options, again=True)
    old, new = (side.measured(row, options) for side in sides)
    base = ROWS[row.over] if row.over else row
    (old_value, old_scaled) = value_of(base, sides[0].measured(base, []) if row.over else old)
    new_value, new_scaled = value_of(row, new)
    ratio = new_scaled / old_scaled if old_scaled else float("nan")
    notes = (
        {one["note"] for one in (*old, *new) if "note" in one} if old_scaled != old_scaled or ratio != ratio else set()
    )
    said = f" ({'; '.join(sorted(notes))[:200]})" if notes else ""
    return f"| {name} | {row.what} | {old_value:,.4g} | {new_value:,.4g} | {ratio:.3f} |{said}"


def main() -> None:
    """Prints the table, one row as soon as it is known."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("old", type=Path, metavar="OLD_FOLDER")
    parser.add_argument("--new", type=Path, default=ROOT, help="the other checkout (default: this one)")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), help=", ".join(ROWS), metavar="NAME")
    parser.add_argument("--rounds", type=int, default=0, help="measurements of each side (default: 1 or 3 by row)")
    parser.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="of the one measurement of --only"
    )
    chosen = parser.parse_args()
    for folder in (chosen.old, chosen.new):
        if not (folder / ".venv" / "bin" / "python").exists():
            parser.error(f"{folder} has no .venv: make one there with `make .venv/.ok`")
    print(
        f"Load average {os.getloadavg()[0]:.1f}. Old: {chosen.old.resolve()}; new: {chosen.new.resolve()}", flush=True
    )
    print("| name | what | old | new | new / old |\n| --- | --- | ---: | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory(prefix="comity-against-") as caches:
        sides = (Side(chosen.old, Path(caches) / "old"), Side(chosen.new, Path(caches) / "new"))
        for name in chosen.only:
            print(line(name, sides, chosen.rounds, chosen.option), flush=True)


if __name__ == "__main__":
    sys.exit(main())
