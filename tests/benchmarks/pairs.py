"""Measures how much paired seeds reduce variance, for docs/pairing.md: `python -m tests.benchmarks.pairs`.

Arms of one seed share their past and every random draw that has the same purpose, so much of the noise in two arms is
the same and cancels in their difference. The gain of an outcome is the variance of the difference between two arms of
independent seeds, Var(a) + Var(b), over the variance of the paired difference, Var(a − b): the factor by which more
replicates would be needed without pairing.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sim.experiments.executors import Executor
from sim.experiments.plan import MAIN
from sim.experiments.run import Task, run_replicate
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec

PAGE = Path(__file__).parents[2] / "docs" / "pairing.md"
#: Policies of the page.
POLICIES = ("faster_mlat", "harmonised_law")
SEEDS = 32
#: Fewer seeds in which an outcome is defined give no variance worth reporting.
_FEWEST = 8
_PAGE = """# What pairing by seed gains

All arms of a seed share their past and their random draws. For each outcome, the table divides the variance of the \
difference from today's law between independent seeds by the variance of the paired difference. The ratio is the \
factor by which more replicates would be needed for an interval of the same width without pairing. One means that \
pairing gains nothing. What gains most stands first.

The median gain over outcomes is {middle}.

| outcome | {titles} |
| --- | ---: | ---: |
{rows}

Default world, seeds 1 to {seeds}; with so few seeds a gain is known to within a factor of about {factor:.1f} either \
way. Made by `python -m tests.benchmarks.pairs {seeds}`.
"""


def gain(values: np.ndarray, baseline: np.ndarray) -> float:
    """Ratio of the variance of a difference without pairing to its variance with pairing."""
    known = ~(np.isnan(values) | np.isnan(baseline))
    values, baseline = values[known], baseline[known]
    apart = values.var(ddof=1) + baseline.var(ddof=1) if values.size >= _FEWEST else 0.0
    if apart == 0.0:
        return float("nan")
    paired = (values - baseline).var(ddof=1)
    return float(apart / paired) if paired else float("inf")


def simulated(policies: tuple[str, ...], seeds: int) -> dict[str, dict[str, np.ndarray]]:
    """Values of every outcome in the default world, by scenario and outcome, in order of seeds."""
    scenarios = tuple(load(key) for key in (BASELINE, *policies))
    tasks = [Task(MAIN, seed, scenarios, WorldSpec(), Parameters()) for seed in range(1, seeds + 1)]
    made = {task.seed: replicate for task, replicate in Executor(2).run(run_replicate, tasks)}
    arms = [arm for seed in sorted(made) for arm in made[seed].arms]
    return {
        scenario.key: {
            entry.key: np.array([arm.measured.outcomes[entry.key] for arm in arms if arm.scenario == scenario.key])
            for entry in OUTCOMES
        }
        for scenario in scenarios
    }


def page(values: Mapping[str, Mapping[str, np.ndarray]], seeds: int) -> str:
    """Markdown table of variance reductions by pairing, largest first."""
    from scipy.stats import f

    gains = {
        entry.key: [gain(values[policy][entry.key], values[BASELINE][entry.key]) for policy in POLICIES]
        for entry in OUTCOMES
    }
    known = {key: found for key, found in gains.items() if not np.isnan(found).any()}
    order = sorted(known, key=lambda key: -float(np.prod(known[key])))
    titles = [load(policy).title for policy in POLICIES]
    middle = np.median(list(known.values()), axis=0)
    low, high = f.ppf([0.025, 0.975], 2 * (seeds - 1), seeds - 1)
    return _PAGE.format(
        middle=" and ".join(f"{_fold(one)}-fold under “{title}”" for one, title in zip(middle, titles, strict=True)),
        titles=" | ".join(titles),
        rows="\n".join(f"| {outcome(key).title} | {' | '.join(map(_fold, known[key]))} |" for key in order),
        seeds=seeds,
        factor=float(np.sqrt(high / low)),
    )


def _fold(value: float) -> str:
    """Text of a variance reduction with two digits."""
    return "same" if np.isinf(value) else f"{value:.0f}" if value >= 10 else f"{value:.1f}"


if __name__ == "__main__":
    seeds = int((*sys.argv[1:], SEEDS)[0])
    PAGE.write_text(page(simulated(POLICIES, seeds), seeds), "utf-8")
