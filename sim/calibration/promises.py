"""Keeps draws of the prior whose desks keep their promise: `python -m sim.calibration.promises`, or `make sets`.

Each draw is run once. Desks should take as long as they are meant to in the policy decade: the mean wait at each kind
of desk, weighted by the files that are followed, is .8 to 1.25 times its target. A single run misses that by chance
often enough, so a draw is rejected where its run lies further outside than nine runs in ten do by chance. Nothing else
chooses a set: no published fact. How many draws foresee chances that do not come true is counted, and rejects none.
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
from sim.law.days import YEAR
from sim.law.order import LegalOrder
from sim.measures.arrays import Floats
from sim.policy.problem import InputError
from sim.policy.timeline import Timeline
from sim.simulate import Simulation, desks_lived, start
from sim.world.growth import with_room
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import DeskKind
from sim.world.world import records

LOW, HIGH = 0.8, 1.25  # realised ÷ target
#: Kinds of desk with a line.
KINDS = tuple(kind for kind in DeskKind if kind is not DeskKind.PROVIDER)
#: Standard deviation of the ratio between runs of one draw: two runs of each of 20 draws; 24/7 points, of ten.
CHANCE = {
    DeskKind.OUTGOING: 0.14,
    DeskKind.INCOMING: 0.04,
    DeskKind.COURT: 0.17,
    DeskKind.FORENSIC: 0.10,
    DeskKind.LIAISON_BODY: 0.25,
    DeskKind.CONTACT_POINT: 0.11,
}
_NINE_IN_TEN = 1.645
_FORESEEN = 0.10  # by which chances foreseen on action days may differ from what came, beyond chance
_MOST = 20  # draws for each set that is wanted


def begin(number: int, world: WorldSpec | None = None) -> Simulation:
    """A run of a draw on its first day, with a seed of its own."""
    spec = replace(world or WorldSpec(), follow_up_days=0)
    return start(spec, with_values(Parameters(), values_of(number)), LegalOrder.load(), Timeline(), 1000 + number)


def _waits(run: Simulation) -> Floats:
    """Mean wait at each desk, summed over the months so far, and the months, float64 [2, desk]."""
    run.world = with_room(run.world, desks_lived)
    return np.array([run.world.desk["wait_sum"], run.world.desk["month"]], np.float64)


def realised(run: Simulation, yearly: list[Floats] | None = None) -> dict[DeskKind, float]:
    """Realised ÷ target wait by kind of desk in the years of policy, weighted by the files that are followed.

    Args:
        run: lived to its end.
        yearly: takes the mean wait at each desk in each whole year of policy, float64 [desk].
    """
    policy_start = float(run.world.setting["policy_start"][0])
    run.advance(policy_start)
    first = before = _waits(run)
    for year in range(1, int((run.end - policy_start) / YEAR) + 1 if yearly is not None else 1):
        run.advance(policy_start + year * YEAR)
        total, months = _waits(run) - before
        before = before + np.array([total, months])
        if yearly is not None:
            yearly.append(total / np.maximum(months, 1.0))
    run.advance(run.end)
    total, months = _waits(run) - first
    desk, job = run.world.desk, records(run.world, "job")
    ratio = total / np.maximum(months, 1.0) / np.maximum(desk["target_wait"], 1e-9)
    files = np.bincount(job["desk"][job["arrived"] >= policy_start], minlength=len(desk)).astype(np.float64)
    found: dict[DeskKind, float] = {}
    for kind in KINDS:
        at = desk["kind"] == kind
        found[kind] = float(np.average(ratio[at], weights=files[at])) if files[at].any() else np.nan
    return found


def broken(found: dict[DeskKind, float]) -> list[str]:
    """Kinds of desk that do not keep their promise, each with `slow` or `fast`; one that no file met breaks none."""
    room = {kind: _NINE_IN_TEN * CHANCE[kind] for kind in found}
    slow = [f"{kind.name.lower()} slow" for kind, ratio in found.items() if ratio > HIGH + room[kind]]
    fast = [f"{kind.name.lower()} fast" for kind, ratio in found.items() if ratio < LOW - room[kind]]
    return slow + fast


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
