"""Two commits measured in turns: `python -m tests.benchmarks.against OLD_FOLDER [--only NAME …]`.

OLD_FOLDER is a checkout of the other commit with its own `.venv`. Each row of `kept.WANTED` is printed as soon as it is
known: what old and new took, medians of some rounds, and the ratio of the two, in which each time is divided by the
fixed loop of its own process. Both sides have a cache of their own. Run it on a quiet machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.kept import ROOT, TIMES, WANTED

MEASURES = Path(__file__).with_name("measures.py")
#: Time after which a measurement is given up, seconds.
PATIENCE = 3600.0


class Side:
    """A checkout with its interpreter and a cache of its own, which a first small run fills with compiled rules."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self._folder, self._cache = folder.resolve(), cache
        self._found: dict[str, list[dict[str, Any]]] = {}
        self._run("-c", "import sim; sim.run('status_quo', replicates=1, set={'world': 'tiny'}, progress=None)")

    def measured(self, name: str, options: list[str], rounds: int) -> list[dict[str, Any]]:
        """What a measurement of `measures.py` has given, in so many rounds; what went wrong as a note."""
        found = self._found.setdefault(name, [])
        while len(found) < rounds:
            try:
                said = self._run(str(MEASURES), name, *options)
                found.append(json.loads(said.splitlines()[-1]))
            except (subprocess.SubprocessError, ValueError, IndexError) as error:
                found.append({"note": str(getattr(error, "stderr", None) or error).strip().splitlines()[-1]})
        return found

    def _run(self, *words: str) -> str:
        """What its interpreter prints."""
        environment = dict(os.environ) | {"XDG_CACHE_HOME": str(self._cache), "PYTHONPATH": str(self._folder)}
        command = [str(self._folder / ".venv" / "bin" / "python"), "-P", *words]
        done = subprocess.run(
            command, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout


def line(name: str, sides: tuple[Side, Side], rounds: int, options: list[str]) -> str:
    """One row, measured in turns; NaN and a note where it is not known."""
    wanted, values, ratios, notes = WANTED[name], [], [], set[str]()
    for turn in range(1, rounds + 1):
        for side in sides:
            side.measured(wanted.measure, options, turn)
    for side in sides:
        found = side.measured(wanted.measure, options, rounds)
        known = [one for one in found if isinstance(one.get(wanted.value), int | float)] or [{"loop": 1.0}]
        notes |= {one["note"] for one in found if "note" in one}
        numbers = [(float(one.get(wanted.value, "nan")), one["loop"]) for one in known]
        values.append(median(value for value, _ in numbers))
        ratios.append(median(value / loop if wanted.unit in TIMES else value for value, loop in numbers))
    said = f" ({'; '.join(sorted(notes))[:200]})" if notes else ""
    shown = " | ".join(f"{value:,.4g}" for value in values)
    ratio = ratios[1] / ratios[0] if ratios[0] else float("nan")
    return f"| {name} | {wanted.words}, {wanted.unit} | {shown} | {ratio:.3f} |{said}"


def main() -> None:
    """Prints the table, one row as soon as it is known."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("old", type=Path, metavar="OLD_FOLDER")
    parser.add_argument("--new", type=Path, default=ROOT, help="the other checkout (default: this one)")
    parser.add_argument("--only", nargs="+", choices=WANTED, default=list(WANTED), help=", ".join(WANTED))
    parser.add_argument("--rounds", type=int, default=1, help="measurements of each side")
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="of the one row of --only")
    chosen = parser.parse_args()
    for folder in (chosen.old, chosen.new):
        if not (folder / ".venv" / "bin" / "python").exists():
            parser.error(f"{folder} has no .venv: make one there with `make .venv/.ok`")
    print(f"Load {os.getloadavg()[0]:.1f}. Old: {chosen.old.resolve()}; new: {chosen.new.resolve()}", flush=True)
    print("| name | what | old | new | new / old |\n| --- | --- | ---: | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory(prefix="comity-against-") as caches:
        sides = (Side(chosen.old, Path(caches) / "old"), Side(chosen.new, Path(caches) / "new"))
        for name in chosen.only:
            print(line(name, sides, chosen.rounds, chosen.option), flush=True)


if __name__ == "__main__":
    sys.exit(main())
