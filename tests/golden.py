"""Digests of what a tiny comparison and a tiny sweep find: a change of the program's form leaves them as they are.

`python -m tests.golden` prints them. Only identities and numbers count: titles, units and other words may change.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

COMPARE = ["compare", "status_quo", "faster_mlat", "harmonised_law", "--replicates", "3"]
SWEEP = ["sweep", "status_quo", "faster_mlat", "world.groups=10,20", "--replicates", "2", "--study", "golden"]
#: Columns that identify a row; all others that are not numbers are words or names of code.
IDENTITIES = ("block", "scenario", "seed", "outcome", "world.groups")
CODE = ("run", "code")


def digest(table: pd.DataFrame) -> str:
    """Hash of a table's identities and numbers, no matter the order of rows and columns."""
    kept = [
        column
        for column in sorted(set(table.columns) - set(CODE))
        if column in IDENTITIES or pd.api.types.is_numeric_dtype(table[column])
    ]
    identities = [column for column in IDENTITIES if column in kept]
    table = table[kept].sort_values(identities + [column for column in kept if column not in identities])
    return hashlib.sha256(table.to_csv(index=False, float_format="%.9g").encode()).hexdigest()[:16]


def comity(*arguments: str) -> Path:
    """Folder of results of one quiet command."""
    command = [sys.executable, "-m", "sim", *arguments, "world=tiny", "--quiet"]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return Path(ended.stdout.split("\n")[0].strip())


def main() -> None:
    """Run both studies and print a line for each table."""
    with tempfile.TemporaryDirectory() as place:
        compared = comity(*COMPARE, "-o", place)
        for name in ("outcomes.csv", "differences.csv", "costs.csv"):
            print("compare", name, digest(pd.read_csv(compared / name)))
        breakdowns = sorted((compared / "breakdowns").glob("*.parquet"))
        whole = "".join(sorted(digest(pd.read_parquet(path)) for path in breakdowns))
        print("compare", f"breakdowns ({len(breakdowns)})", hashlib.sha256(whole.encode()).hexdigest()[:16])
        comity(*SWEEP, "-o", place)
        parts = sorted((Path(place) / "golden" / "outcomes").rglob("*.parquet"))
        print("sweep outcomes", digest(pd.concat([pd.read_parquet(path) for path in parts], ignore_index=True)))


if __name__ == "__main__":
    main()
