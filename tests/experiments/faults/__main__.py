"""Runs random histories of commands on a failing disk: `python -m tests.experiments.faults --histories 2000`."""

import argparse
import time

from tests.experiments.faults.bench import kinds
from tests.experiments.faults.histories import Counted, histories


def main() -> None:
    """Runs histories; the first that breaks a guarantee ends the program with an error."""
    parser = argparse.ArgumentParser(prog="python -m tests.experiments.faults", description=__doc__)
    parser.add_argument("--histories", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", action="store_true", help="with the model instead of made-up runs: much slower")
    asked = parser.parse_args()
    counted, begun = Counted(), time.monotonic()
    histories(kinds(model=asked.model), asked.histories, counted, asked.seed)
    met = ", ".join(f"{number} {what}" for what, number in sorted(counted.met.items()))
    print(f"{counted.histories} histories in {time.monotonic() - begun:.0f} s, 0 broken: {met}")


if __name__ == "__main__":
    main()
