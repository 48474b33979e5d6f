"""Programs that write parts of pages in docs/, run as `python -m docs.programs.NAME`.

People write the pages, but for what lies between `<!-- part: `program` -->` and `<!-- end -->`: that a program renews.
"""

import argparse
import hashlib
import pickle
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from rich.console import Console

from sim.calibration.ensemble import sets_of_today
from sim.data.load import read_table
from sim.experiments.executors import conduct_jobs
from sim.experiments.run import Task, measured_of, timeline_for, window
from sim.experiments.statistics import Estimate, mean, ratio
from sim.measures.arrays import Floats
from sim.measures.outcomes import Measured
from sim.policy.scenario import Scenario
from sim.policy.timeline import Step
from sim.report.marking import markdown_table
from sim.simulate import Simulation
from sim.world.parameters import Parameters, WorldSpec

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
DATA = ROOT / "sim" / "data"
#: Where programs keep what they have simulated.
KEPT = ROOT / "results" / "programs"
JobT = TypeVar("JobT")
_PART = re.compile(r"(<!-- (\w+): `([^`]+)` -->\n).*?(<!-- end -->)", re.DOTALL)


def rendered(text: str, made: Mapping[str, str], program: str) -> str:
    """Returns a page's text with the parts of one program replaced."""
    return _PART.sub(lambda at: f"{at[1]}\n{made[at[2]]}\n\n{at[4]}" if at[3] == program else at[0], text)


#: Note on a page of numbers that the model of today has not made yet; see docs/programs/earlier.py.
NOTE = (
    "Not of today's model. These numbers were measured before 2 December 2026. Since then other work at all desks "
    "answers to waits, courts take urgent files first, people come in whole numbers, and officers work hours.\n"
)


def renew(page: str, made: Mapping[str, str], program: str) -> None:
    """Updates the parts of one program in a page of docs/."""
    path = DOCS / f"{page}.md"
    path.write_text(rendered(path.read_text("utf-8"), made, program).replace(f"{NOTE}\n", ""), "utf-8")
    sys.stdout.write(f"{path.name} is written\n")


def ran(program: str, work: Callable[[JobT], Any], jobs: Mapping[str, JobT], workers: int) -> dict[str, Any]:
    """Executes a program's jobs that have no stored result; returns all results by job name."""
    if work.__module__ == "__main__":  # which processes that work for it do not know
        work = getattr(import_module(program.split()[-1]), work.__name__)
    return conduct_jobs(work, jobs, KEPT / program.rpartition(".")[2], workers, Console(stderr=True))


def data(name: str, **kinds: type) -> pd.DataFrame:
    """Reads a table of sim/data, with the given columns as numbers."""
    return pd.DataFrame([dict(row) for row in read_table(name).rows]).astype(kinds)


def table_of(rows: pd.DataFrame | Sequence[Mapping[str, object]], right: Collection[int] = ()) -> str:
    """Makes a Markdown table from rows with named columns; `right` are columns of numbers."""
    frame = pd.DataFrame(rows)
    cells = ([str(cell).replace("|", "\\|") for cell in row] for row in frame.itertuples(index=False, name=None))
    return markdown_table([*map(str, frame)], cells, right)


def asked(command: str, **numbers: int) -> argparse.Namespace:
    """Parses a program's numeric options, such as `--seeds 20`, and `--workers` from the command line."""
    parser = argparse.ArgumentParser(prog=command)
    for name, usual in {**numbers, "workers": 1}.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=usual, help=f"{usual} where none is named")
    return parser.parse_args()


#: The scenario run without a policy, as tables call it.
TODAY = "today"


def in_sets(worlds: int, arms: Mapping[str, Scenario]) -> dict[str, Task]:
    """Makes one task per world, for seeds from 1 on, each with the seed's parameter set; returns tasks by name.

    All scenario runs share the world's past; each policy is measured under the name of its scenario run.
    """
    sets, policies = sets_of_today(), tuple(replace(policy, key=name) for name, policy in arms.items())
    what = f"{len(policies)} arms {hashlib.sha256(pickle.dumps(policies)).hexdigest()[:12]}"
    usual, spec = Parameters(), WorldSpec()
    return {
        f"seed {seed}, {what}": Task("", seed, policies, spec, sets.parameters(usual, seed), prices=sets.prices(seed))
        for seed in range(1, worlds + 1)
    }


def lived(
    task: Task, past: Simulation, beyond: Mapping[str, Sequence[Step]]
) -> Iterator[tuple[str, Simulation, Measured]]:
    """Runs each scenario of a task from a common warm-up; yields name, finished run and measurements.

    `beyond` has steps by scenario run that no scenario can bring about.
    """
    over = None
    for policy in task.scenarios:
        arm = past.fork(timeline_for(task, policy).extended(beyond.get(policy.key, ())), over)
        arm.advance(window(task.world).observed_until)
        yield policy.key, arm, measured_of(arm, task.world, task.prices, policy, checks=True)
        over = arm


class Found:
    """Results of a program: values of each figure by scenario and world.

    Intervals hold chance and parameters: worlds that share a set count as one.
    """

    def __init__(self, worlds: Iterable[Mapping[str, Mapping[str, float]]]) -> None:
        self.worlds = list(worlds)
        self._clusters = sets_of_today().numbers(np.arange(len(self.worlds)) + 1)

    @property
    def words(self) -> str:
        """States the number of worlds and parameter sets."""
        return f"{len(self.worlds)} worlds, {len(set(self._clusters.tolist()))} calibrated parameter sets."

    def values(self, arm: str, key: str) -> Floats:
        """Values of a figure under one scenario, by world, f8[worlds]."""
        return np.array([world[arm].get(key, np.nan) for world in self.worlds], np.float64)

    def mean(self, values: Floats) -> Estimate:
        """Mean of values over worlds, with its interval."""
        return mean(values, self._clusters)

    def per_cent(self, values: Floats, base: Floats) -> Estimate:
        """Relative change from the second mean to the first, in per cent, with its interval."""
        found = ratio(values, base, self._clusters)
        value, low, high = (100.0 * (part - 1.0) for part in found[:3])
        return Estimate(value, low, high, found.pairs)

    def change(self, arm: str, key: str, base: str = TODAY) -> Estimate:
        """Change of a figure's mean between two scenarios, in per cent, with its interval."""
        return self.per_cent(self.values(arm, key), self.values(base, key))


def found_by(program: str, work: Callable[[Task], Any], arms: Mapping[str, Scenario], worlds: int) -> Found:
    """Simulates the worlds that have no stored results; returns all results of a program."""
    wanted = asked(program, worlds=worlds)
    return Found(ran(program, work, in_sets(wanted.worlds, arms), wanted.workers).values())


def interval(found: Sequence[float], digits: int = 1, sign: str = "+") -> str:
    """Text of an estimate with its interval; a dash if unknown."""
    value, low, high = (f"{part:{sign}.{digits}f}".replace("-", "−") for part in found[:3])
    return "–" if np.isnan(found[0]) else f"{value} ({low} to {high})"
