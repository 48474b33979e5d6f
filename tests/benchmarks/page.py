"""How fast the what-if page is: usable after the command, first estimate and 20 pairs after a move.

`python -m tests.benchmarks.page [world=tiny]` starts the page and looks at it as a browser does, without drawing it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen

MOVES = ("central_authority.staff=2", "court.staff=1.5", "scenario=faster_mlat")


def pairs(place: str, query: str) -> Iterator[tuple[float, int]]:
    """Seconds since a move and pairs that are there, for each answer of its stream."""
    begun = time.perf_counter()
    with urlopen(f"{place}stream?{query}", timeout=3600) as answers:  # noqa: S310 - this machine
        for line in answers:
            if line.startswith(b'data: {"pairs"'):
                yield time.perf_counter() - begun, json.loads(line[6:])["pairs"]


def reached(place: str, query: str) -> str:
    """When the first pair, five and all were there."""
    first: dict[int, float] = {}
    for seconds, number in pairs(place, query):
        for goal in (1, 5, 20):
            if number >= goal:
                first.setdefault(goal, seconds)
    return ", ".join(f"{goal} after {seconds:.1f} s" for goal, seconds in first.items())


def main(words: list[str]) -> None:
    """Prints the figures."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{found.getsockname()[1]}/"
    begun = time.perf_counter()
    command = [sys.executable, "-m", "sim", "dashboard", *words, "--no-open", "--port", place.rpartition(":")[2][:-1]]
    process = subprocess.Popen(command)
    try:
        while True:
            try:
                with urlopen(place, timeout=60):
                    break
            except OSError:
                time.sleep(0.02)
        print(f"load average {os.getloadavg()[0]:.1f}; usable after {time.perf_counter() - begun:.1f} s")
        print(f"first policy, cold: {reached(place, 'agency.investigators=2')}")
        for move in MOVES:
            print(f"{move}: {reached(place, move)}; again: {reached(place, move)}")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


if __name__ == "__main__":
    main(sys.argv[1:])
