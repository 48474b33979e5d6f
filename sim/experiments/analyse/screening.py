"""The screening behind sim/data/influence.csv: which judgement parameters move the headline outcomes most.

`python -m sim.experiments.analyse.screening` carries a Morris design out in a reduced world, or resumes one that
was stopped, and renews the file. It takes some ten minutes of one processor core.

Allowed ranges are what the model can be run with, and at their ends many worlds are absurd. So each parameter moves a
quarter of the way from its default towards either end of its allowed range.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from sim.experiments.analyse.cases import Cases, Contrast
from sim.experiments.analyse.influence import FILE, find_influence, write_influence
from sim.experiments.conduct import Options
from sim.experiments.grammar import ALLOWED, declared
from sim.experiments.prepare import Prepared, prepare
from sim.experiments.study import Study
from sim.experiments.sweep import sweep
from sim.world.parameters import Parameters

#: Part of the way from the default to the end of the allowed range.
REACH = 0.25
SCENARIOS = ("status_quo", "harmonised_and_faster")
TRAJECTORIES, SEEDS = 4, 2
WORLD = ("world.groups=60", "world.start=2026-01-01", "world.end=2030-12-31")
COMMAND = "python -m sim.experiments.analyse.screening"
STUDY = "influence"


def intervals() -> Iterator[tuple[str, float, float]]:
    """Every judgement parameter with the ends between which it is moved."""
    for axis in declared([f"{ALLOWED}judgement"]):
        _, theme, name = axis.key.split(".")
        default = float(getattr(getattr(Parameters(), theme), name))
        yield axis.key, default + REACH * (axis.low - default), default + REACH * (axis.high - default)


def words() -> list[str]:
    """What would be typed after `comity sweep`: an interval around the default of every judgement parameter."""
    words = [f"{key}=interval({low:.9g},{high:.9g})" for key, low, high in intervals()]
    design = ("sweep.design=morris", f"sweep.samples={TRAJECTORIES}", "sweep.breakdowns=[]")
    return [*words, *WORLD, *design, f"execution.replicates={SEEDS}"]


def prepared(*more: str) -> Prepared:
    """The sweep, ready to be carried out.

    Args:
        more: further overrides.
    """
    return prepare(SCENARIOS, [*words(), *more], (), COMMAND)


def screen(console: Console, *more: str) -> Study:
    """Carries out what is missing of the screening."""
    study, _ = sweep(prepared(*more), STUDY, Options(), console)
    return study


def renew(study: Study, path: Path) -> None:
    """Writes the parameters of most influence on levels under today's law, and on what a policy changes."""
    cases, (today, policy) = Cases.read(study.folder), SCENARIOS
    contrasts = (Contrast(today), Contrast(policy, today))
    write_influence([row for contrast in contrasts for row in find_influence(cases, contrast)], path)


if __name__ == "__main__":
    renew(screen(Console(stderr=True)), Path(__file__).parents[2] / "data" / FILE)
