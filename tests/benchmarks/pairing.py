"""What pairing by seed gains: `python -m tests.benchmarks.pairing [SEEDS]` writes docs/pairing.md.

Arms of one seed share their past and every random draw that has the same purpose, so much of the noise in two arms is
the same and cancels in their difference. The gain of an outcome is the variance of the difference between two arms of
independent seeds, Var(a) + Var(b), over the variance of the paired difference, Var(a − b): the factor by which more
replicates would be needed without pairing.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.experiments.executors import executor
from sim.experiments.plan import MAIN
from sim.experiments.run import Task, run_replicate
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec

PAGE = Path(__file__).parents[2] / "docs" / "pairing.md"
POLICIES = ("faster_mlat", "harmonised_law")
SEEDS = 32
_WORKERS = 2
#: Fewer seeds in which an outcome is defined give no variance worth reporting.
_FEWEST = 8

Values = Mapping[str, Mapping[str, npt.NDArray[np.float64]]]


def gain(values: npt.NDArray[np.float64], baseline: npt.NDArray[np.float64]) -> float:
    """Variance without pairing over variance with it; inf where both arms are the same, NaN where not known."""
    known = ~(np.isnan(values) | np.isnan(baseline))
    values, baseline = values[known], baseline[known]
    apart = values.var(ddof=1) + baseline.var(ddof=1) if values.size >= _FEWEST else 0.0
    if apart == 0.0:
        return float("nan")
    paired = (values - baseline).var(ddof=1)
    return float(apart / paired) if paired else float("inf")


def simulated(seeds: int) -> Values:
    """Every outcome by scenario and seed, in the default world."""
    scenarios = tuple(load(key) for key in (BASELINE, *POLICIES))
    tasks = [Task(MAIN, seed, scenarios, WorldSpec(), Parameters()) for seed in range(1, seeds + 1)]
    replicates = {task.seed: made for task, made in executor(_WORKERS).run(run_replicate, tasks)}
    arms = [arm for place in sorted(replicates) for arm in replicates[place].arms]
    return {
        scenario.key: {
            entry.key: np.array([arm.measured.outcomes[entry.key] for arm in arms if arm.scenario == scenario.key])
            for entry in OUTCOMES
        }
        for scenario in scenarios
    }


def page(values: Values, seeds: int) -> str:
    """The table in Markdown, most gained first."""
    gains = {
        entry.key: [gain(values[policy][entry.key], values[BASELINE][entry.key]) for policy in POLICIES]
        for entry in OUTCOMES
    }
    known = {key: found for key, found in gains.items() if not np.isnan(found).any()}
    order = sorted(known, key=lambda key: -float(np.prod(known[key])))
    rows = [f"| {outcome(key).title} | {' | '.join(_fold(value) for value in known[key])} |" for key in order]
    middle = [float(np.median([found[place] for found in known.values()])) for place in range(len(POLICIES))]
    titles = [load(policy).title for policy in POLICIES]
    return "\n".join(
        (
            "# What pairing by seed gains",
            "",
            "All arms of a seed share their past and their random draws. For each outcome, the table divides the "
            "variance of the difference from today's law between independent seeds by the variance of the paired "
            "difference. The ratio is the factor by which more replicates would be needed for an interval of the same "
            "width without pairing. One means that pairing gains nothing.",
            "",
            f"The median gain over outcomes is {_fold(middle[0])}-fold under “{titles[0]}” and "
            f"{_fold(middle[1])}-fold under “{titles[1]}”. It gains most on "
            f"{', '.join(_lower(key) for key in order[:3])}, and least on "
            f"{', '.join(_lower(key) for key in order[-3:])}.",
            "",
            f"| outcome | {' | '.join(titles)} |",
            "| --- | ---: | ---: |",
            *rows,
            "",
            f"Default world, seeds 1 to {seeds}; with so few seeds a gain is known to within a factor of about "
            f"{_factor(seeds):.1f} either way. "
            f"Made by `python -m tests.benchmarks.pairing {seeds}`.",
            "",
        )
    )


def _lower(key: str) -> str:
    title = outcome(key).title
    return f"“{title}”"


def _fold(value: float) -> str:
    """A gain with two figures."""
    return "same" if np.isinf(value) else f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _factor(seeds: int) -> float:
    """Half-width, as a factor, of the 95 % interval of a ratio of two independent normal sample variances."""
    from scipy.stats import f

    return float(np.sqrt(f.ppf(0.975, 2 * (seeds - 1), seeds - 1) / f.ppf(0.025, 2 * (seeds - 1), seeds - 1)))


def main() -> None:
    """Runs the benchmark and writes the page."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(simulated(seeds), seeds), encoding="utf-8")
    print(f"written: {PAGE.relative_to(PAGE.parents[1])}")


if __name__ == "__main__":
    main()
