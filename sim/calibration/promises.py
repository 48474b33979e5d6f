"""Keeps draws of the prior whose desks keep their promise: `python -m sim.calibration.promises`, or `make sets`.

Each draw is run once, and rejected where its run breaks the promise (sim/calibration/runs.py). Nothing else chooses a
set: no published fact. How many draws foresee chances that do not come true is counted, and rejects none.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.calibration.ensemble import write
from sim.calibration.interim import FILE, FIRST, SETS, values_of
from sim.calibration.runs import HIGH, LOW, broken, realised
from sim.law.order import LegalOrder
from sim.measures.arrays import Floats
from sim.policy.problem import InputError
from sim.policy.timeline import Timeline
from sim.simulate import Simulation, start
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import DeskKind
from sim.world.world import records

_FORESEEN = 0.10  # by which chances foreseen on action days may differ from what came, beyond chance
_MOST = 20  # draws for each set that is wanted


def begin(number: int, world: WorldSpec | None = None) -> Simulation:
    """A run of a draw on its first day, with a seed of its own."""
    spec = replace(world or WorldSpec(), follow_up_days=0)
    return start(spec, with_values(Parameters(), values_of(number)), LegalOrder.load(), Timeline(), 1000 + number)


def foreseen_wrongly(foreseen: Floats, came: npt.NDArray[np.bool_]) -> bool:
    """Whether the mean chance foreseen is off what came by more than a tenth, beyond chance of one run in twenty.

    Args:
        foreseen: chance of taking the group down, float64 [action day].
        came: whether it did, bool [action day].
    """
    apart, chance = abs(float((foreseen - came).sum())), float((foreseen * (1.0 - foreseen)).sum()) ** 0.5
    return bool(apart > _FORESEEN * len(came) + 1.96 * chance)


def _judged(number: int) -> tuple[dict[DeskKind, float], bool]:
    """Realised ÷ target of one draw, and whether it foresees chances wrongly."""
    run = begin(number)
    ratios = realised(run)
    action = records(run.world, "action")
    full = action[(action["day"] >= run.world.setting["policy_start"][0]) & (action["disruption"] == 0)]
    return ratios, foreseen_wrongly(full["foreseen"], full["down"] != 0)


def make(path: Path, sets: int = SETS, workers: int = 1) -> None:
    """Draws, judges and writes; how many draws were rejected, and why, is written beside them.

    Raises:
        InputError: too few draws keep the promise.
    """
    import pandas as pd

    rows: list[dict[str, float | int]] = []
    rejected: Counter[str] = Counter()
    wrongly = 0
    draws = range(FIRST, FIRST + _MOST * sets)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        ahead = {number: pool.submit(_judged, number) for number in draws[:workers]}
        for number in draws:
            found, wrong = ahead.pop(number).result()
            wrongly += wrong
            if (following := number + workers) in draws:
                ahead[following] = pool.submit(_judged, following)
            reasons = broken(found)
            rejected.update(reasons)
            if not reasons:
                ratios = {f"ratio.{kind.name.lower()}": ratio for kind, ratio in found.items()}
                rows.append({**values_of(number), "draw": number, **ratios})
            if len(rows) == sets:
                break
            if number % 20 == 0:
                print(f"{number - FIRST + 1} draws, {len(rows)} kept, {dict(rejected)}", flush=True)
        pool.shutdown(cancel_futures=True)
    if len(rows) < sets:
        raise InputError(f"only {len(rows)} of {len(draws)} draws keep their promise", fix="See sim/world/stock.py.")
    about = {
        "calibrated": False,
        "sets": sets,
        "draws": number - FIRST + 1,
        "rejected": number - FIRST + 1 - sets,
        "rejected_for": dict(sorted(rejected.items())),
        "chances_foreseen_wrongly": wrongly,
        "rule": f"realised wait {LOW:g} to {HIGH:g} times the target at each kind of desk, or further outside by what "
        "nine in ten runs miss by chance; a draw can break several",
    }
    write(pd.DataFrame(rows), about, path, "python -m sim.calibration.promises")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--sets", type=int, default=SETS, help="sets that are wanted")
    chosen = parser.parse_args()
    with resources.as_file(resources.files("sim.data")) as data:
        make(Path(data) / FILE, chosen.sets, chosen.workers)
