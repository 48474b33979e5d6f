"""What two cores of this machine give to any program: a loop of multiplications that touches no memory.

Where cores are threads of the same core, or other guests of the host use their other halves, two processes do less than
twice as much as one. No program can do better than that, so measurements of two processes are given beside it.
"""

import subprocess
import sys
import time
from pathlib import Path

import numba
import numpy as np

_STEPS = 300_000_000
ROOT = Path(__file__).parents[2]


@numba.njit  # type: ignore[untyped-decorator, unused-ignore]
def multiply(steps: int) -> int:
    """Eight chains of multiplications side by side, which keep a core's multiplier busy."""
    a = b = c = d = e = f = g = h = np.uint64(1)
    factor, one = np.uint64(6364136223846793005), np.uint64(1)
    for _ in range(steps):
        a, b, c, d = a * factor + one, b * factor + a, c * factor + one, d * factor + c
        e, f, g, h = e * factor + one, f * factor + e, g * factor + one, h * factor + g
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h


def seconds(processes: int) -> float:
    """Wall time of the loop in so many processes at once, the mean over them."""
    words = [sys.executable, "-m", "tests.benchmarks.machine"]
    started = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    return sum(float(process.communicate()[0]) for process in started) / processes


def speed_up() -> float:
    """Work of two processes in the time in which one does its own, in units of that."""
    return 2.0 * seconds(1) / seconds(2)


if __name__ == "__main__":
    multiply(1)
    begun = time.perf_counter()
    multiply(_STEPS)
    print(time.perf_counter() - begun)
