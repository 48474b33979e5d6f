"""An instant stand-in for the model in workers, whose numbers depend on seed and policy.

This module imports little, since every worker imports it.
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import numpy as np

from sim.experiments.run import ScenarioRun
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures.outcomes import OUTCOMES, Measured
from sim.measures.turnaround import CURVE_MONTHS
from sim.policy.scenario import Scenario
from sim.web.worker import Errand, Result
from sim.world.records import STAGES


def numbers(seed: int, scenario: Scenario, columns: tuple[str, ...]) -> ScenarioRun:
    """One made-up scenario run, in which policies are faster."""
    draw = np.random.default_rng(seed)
    effect = 1.0 - 0.125 * min(len(scenario.changes), 4)
    values = draw.uniform(1.0, 2.0, len(OUTCOMES))
    outcomes = dict(zip((entry.key for entry in OUTCOMES), values.tolist(), strict=True))
    outcomes["turnaround_median"] *= effect
    outcomes["takedowns_expected"] += (1.0 - effect) * (0.1 + (-1.0) ** seed)
    months, stages = np.array(CURVE_MONTHS), np.arange(1, STAGES + 1, dtype=np.int8)
    country = {name: draw.poisson(20.0, 197).astype(np.float64) * effect for name in columns}
    tables = {
        "turnaround_by_stage": {
            "channel": np.full(STAGES, CENTRAL_AUTHORITY_CHANNELS[0], np.int8),
            "stage": stages,
            "days": draw.uniform(5.0, 90.0, STAGES) * effect,
            "answers": np.full(STAGES, 10, np.int32),
        },
        "requests_by_end": {  # which CONTRIBUTING's section reads
            **{code: np.zeros(1, np.int8) for code in ("status", "ground", "silent")},
            **{number: np.ones(1) for number in ("requests", "share")},
        },
        "turnaround_curve": {"month": months, "answered": 1.0 - np.exp(-months / (8.0 * effect))},
        "country": {"state": np.arange(-1, 196, dtype=np.int32), **country},
        "pairs": {
            "requesting": draw.integers(0, 196, 4000).astype(np.int16),
            "requested": draw.integers(0, 4, 4000).astype(np.int16),
            "days": (draw.exponential(200.0, 4000) * effect).astype(np.float32),
            "answered": np.ones(4000, np.bool_),
        },
    }
    return ScenarioRun(scenario.key, Measured(outcomes, tables), {})


@dataclass
class StandIn:
    """A worker function that is controlled by files in a folder.

    Attributes:
        columns: of the breakdown by state.
        folder: `hold` keeps every task waiting; `die-SEED` with a number ends that many processes at the seed;
            `fail-SEED` raises; `log-PID` lists what was done.
    """

    folder: Path
    columns: tuple[str, ...] = ()

    def __call__(self, errand: Errand) -> Result:
        """Follows the instructions in the folder, and returns an answer."""
        seed = errand.task.seed
        title = errand.task.scenarios[-1].title if errand.task.scenarios else "past"
        with (self.folder / f"log-{os.getpid()}").open("a", encoding="utf-8") as file:
            file.write(f"{errand.world}\t{seed}\t{title}\n")
        while (self.folder / "hold").exists():
            sleep(0.005)
        deadly = self.folder / f"die-{seed}"
        if deadly.exists() and (left := int(deadly.read_text())):
            deadly.write_text(str(left - 1))
            os.kill(os.getpid(), signal.SIGKILL)
        if (self.folder / f"fail-{seed}").exists():
            raise RuntimeError(f"seed {seed}")
        if not errand.task.scenarios:
            return None
        return numbers(seed, errand.task.scenarios[0], self.columns)

    def done(self, world: str) -> list[tuple[int, int, str]]:
        """Process, seed and title of each finished task in a world."""
        return [
            (int(path.name.removeprefix("log-")), int(seed), title)
            for path in self.folder.glob("log-*")
            for at, seed, title in (line.split("\t") for line in path.read_text("utf-8").splitlines())
            if at == world
        ]
