"""How a sweep scales: two processes against one, what a run costs beside its simulation, memory of 100,000 runs.

`python -m tests.benchmarks.scale`. Where other programs keep the cores busy, the ratio of two processes to one says
more about them than about this; so the same is measured with runs that sleep, which nobody can slow down, and beside
each round stands what the machine gives to two processes that do nothing but multiply.
"""

import json
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.experiments.conduct import Options
from sim.experiments.prepare import prepare
from sim.experiments.sweep import sweep
from tests.benchmarks import machine
from tests.benchmarks.instant import instant, napping

ROOT = Path(__file__).parents[2]
ROUNDS = 3

#: By name: what is evaluated, the words of the sweep, whether a run works on the processor.
STUDIES = {
    "default": (None, ("court.staff=1,1.5", "execution.replicates=120")),
    "tiny": (None, ("court.staff=1,1.5", "world=tiny", "execution.replicates=200")),
    "napping": (napping, ("court.staff=1,1.5", "world=tiny", "execution.replicates=60", "sweep.breakdowns=[]")),
    "instant": (
        instant,
        ("court.staff=range(1,2,0.01)", "world=tiny", "execution.replicates=1000", "sweep.breakdowns=[]"),
    ),
}


def one(name: str, workers: int) -> dict[str, float]:
    """Carries a study out in this process."""
    evaluate, words = STUDIES[name]
    with tempfile.TemporaryDirectory() as folder:
        typed = [*words, f"execution.results='{folder}'", f"execution.workers={workers}"]
        prepared = prepare((), typed, (), "comity sweep …", quiet=True)
        _, finished = sweep(prepared, "", Options(), Console(file=StringIO()), evaluate)
        parts = len(list(Path(folder).rglob("*.parquet")))
    assert finished.done == finished.fresh == len(prepared.plan)
    return {
        "runs": finished.done,
        "seconds": finished.seconds,
        "working": finished.working,
        "megabytes": finished.peak_memory / 2**20,
        "parts": parts,
    }


def measured(name: str, workers: int) -> dict[str, float]:
    """The same in a process of its own, so that memory is its own."""
    words = [sys.executable, "-m", "tests.benchmarks.scale", name, str(workers)]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def speed_up(name: str) -> str:
    """Two processes against one, in turns."""
    ratios = []
    for _ in range(ROUNDS):
        given = machine.speed_up()
        alone, together = measured(name, 1), measured(name, 2)
        ratios.append(alone["seconds"] / together["seconds"])
        print(
            f"  {name}: one {alone['seconds']:.1f} s, two {together['seconds']:.1f} s, {ratios[-1]:.2f}×; "
            f"work {alone['working']:.1f} and {together['working']:.1f} s; the machine before: {given:.2f}×",
            flush=True,
        )
    return f"{name}: two processes {np.median(ratios):.2f}× one (median of {ROUNDS}, best {max(ratios):.2f})"


def main(words: list[str]) -> int:
    """One study for another process, or all that there is to measure."""
    if words:
        print(json.dumps(one(words[0], int(words[1]))))
        return 0
    many = measured("instant", 2)
    each = 1000 * many["seconds"] / many["runs"]
    print(
        f"{many['runs']:,.0f} runs that take no time: {many['seconds']:.1f} s, {each:.2f} ms a run, parent "
        f"{many['megabytes']:.0f} MB, {many['parts']:.0f} files",
        flush=True,
    )
    print(speed_up("napping"), flush=True)
    tiny = measured("tiny", 2)
    print(f"tiny world: {tiny['runs'] / tiny['seconds']:.1f} runs a second, two processes", flush=True)
    print(speed_up("default"), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
