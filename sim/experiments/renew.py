"""Measures all that is derived from the default world, in the right order: `python -m sim.experiments.renew`.

Each step is a process of its own, since what it reads is read once. Later steps depend on earlier ones, and the first
ones a little on the last: two rounds let them agree. `make renew` continues with the screening of influence, the
reference comparison and the pages of docs/, which depend on all of these. A test measures again and fails when a number
is out of date.
"""

import subprocess
import sys

ROUNDS = 2
#: Modules that measure and write, in order.
STEPS = (
    "sim.experiments.derive",  # beliefs, trust and news with which a world begins: sim/data/derived.csv
)


def renew() -> None:
    """Carries out all steps.

    Raises:
        subprocess.CalledProcessError: one of them failed.
    """
    for number in range(1, ROUNDS + 1):
        for step in STEPS:
            print(f"round {number} of {ROUNDS}: {step}", flush=True)
            subprocess.run([sys.executable, "-m", step], check=True)  # noqa: S603 - our own modules


if __name__ == "__main__":
    renew()
