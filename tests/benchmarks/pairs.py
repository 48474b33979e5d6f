"""How many pairs of worlds an effect needs: `python -m tests.benchmarks.pairs [SETS [SEEDS]]` prints a table.

With that many pairs the 95 % interval of a mean paired difference is as narrow as ± 5 % of today's level. Each set has
some seeds; what it says holds chance and parameters, as in a comparison. Beside each number is the upper end of its own
95 % interval, from the variance of differences taken as normal, where a set counts once.
"""

import sys

import numpy as np

from sim.calibration.ensemble import sets_of_today
from sim.experiments.executors import executor
from sim.experiments.plan import MAIN
from sim.experiments.run import Arm, Task, run_replicate
from sim.experiments.statistics import half_width
from sim.measures.outcomes import outcome
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec, with_values

#: Policies that move what is counted by less than a fifth, and what is counted.
POLICIES = ("stronger_liaison", "harmonised_law", "faster_providers")
COUNTED = ("groups_brought_down", "takedowns_expected", "takedowns")
SETS, SEEDS, FIRST_SEED = 20, 2, 5000
#: Half of the interval, as a share of today's level.
WIDTH = 0.05


def needed(differences: np.ndarray, level: float, sets: int) -> tuple[float, float]:
    """Pairs that are needed, and the upper end of the 95 % interval of that number."""
    from scipy.stats import chi2, norm

    found = float(norm.ppf(0.975) ** 2 * differences.var(ddof=1) / (WIDTH * level) ** 2)
    return found, found * (sets - 1) / float(chi2.ppf(0.025, sets - 1))


def measured(sets: int, seeds: int) -> dict[str, np.ndarray]:
    """Outcomes by scenario, f8[seeds × sets, counted]."""
    scenarios, today = tuple(map(load, (BASELINE, *POLICIES))), sets_of_today(FIRST_SEED)
    print(f"{sets} sets ({today.standing}), {seeds} seeds each")
    tasks = [
        Task(MAIN, FIRST_SEED + 1000 * seed + number, scenarios, WorldSpec(), with_values(Parameters(), dict(values)))
        for seed in range(seeds)
        for number, values in enumerate(today.values[:sets])
    ]
    made = {task.seed: found for task, found in executor(1).run(run_replicate, tasks)}
    rows: dict[str, list[list[float]]] = {}
    for _, replicate in sorted(made.items(), key=lambda item: item[0]):
        for arm in getattr(replicate, "results", ()):
            assert isinstance(arm, Arm), arm
            rows.setdefault(arm.scenario, []).append([arm.measured.outcomes[key] for key in COUNTED])
    return {scenario: np.array(values) for scenario, values in rows.items()}


def main(words: list[str]) -> None:
    """Runs the worlds and prints a line for each outcome and policy."""
    sets, seeds = (int(given or usual) for given, usual in zip([*words, "", ""], (SETS, SEEDS), strict=False))
    found = measured(sets, seeds)
    clusters = np.tile(np.arange(sets), seeds)
    for place, key in enumerate(COUNTED):
        base = found[BASELINE][:, place]
        for policy in POLICIES:
            differences = found[policy][:, place] - base
            level, reach = base.mean(), float(half_width(differences, clusters))
            pairs, most = needed(differences, level, sets)
            effect = f"{100 * differences.mean() / level:+.1f} % (± {100 * reach / level:.1f})"
            print(
                f"{outcome(key).title:20} {policy:18} {level:6.1f} {effect:18} {pairs:5.1f} pairs, at most {most:.1f}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
