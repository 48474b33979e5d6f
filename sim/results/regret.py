"""What a way of deciding leaves on the table: regret against the fixed plan that was best in hindsight.

Which plan was best is itself found out by simulation. Were it chosen and measured on the same seeds, the luck of the
draw would count as its merit. So it is chosen on one half of the seeds and measured on the other, both ways round.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.experiments import statistics
from sim.experiments.plan import MAIN
from sim.experiments.statistics import Estimate
from sim.measures.arrays import Floats
from sim.measures.outcome import Better, ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.results.effects import PairedArms

#: Outcomes on which ways to decide are judged; each must say whether more of it is better.
JUDGED = shown_in(ShownIn.REGRET)


@dataclass(frozen=True)
class Regret:
    """One way to decide on one outcome.

    Attributes:
        scenario: key of the arm.
        outcome: key of the outcome.
        best: the fixed plan that was best in hindsight, over all seeds.
        gain: what the arm improves on the baseline, above zero for better, with its interval, in the unit.
        regret: how much better the best fixed plan does, chosen on the other half of the seeds.
    """

    scenario: str
    outcome: str
    best: str
    gain: Estimate
    regret: Estimate


def regrets(arms: PairedArms, baseline: str, ways: Sequence[str], plans: Sequence[str]) -> list[Regret]:
    """Every way to decide on every judged outcome.

    Args:
        arms: outcomes.
        baseline: today's law, under which nothing is begun.
        ways: to decide, fixed plans included.
        plans: the fixed plans among them.
    """
    found: list[Regret] = []
    ends = [(MAIN, key) for key in (baseline, *ways)]
    clusters = arms.clusters(*ends)
    for key in JUDGED:
        base, *rest = arms.values(key, *ends)
        sign = 1.0 if outcome(key).better is Better.MORE else -1.0
        gains = {way: sign * (values - base) for way, values in zip(ways, rest, strict=True)}
        fixed = np.array([gains[plan] for plan in plans])
        best = plans[int(np.argmax(fixed.mean(axis=1)))] if fixed.size else ""
        bar = hindsight(fixed)
        found += [
            Regret(way, key, best, *(statistics.mean(part, clusters) for part in (gained, bar - gained)))
            for way, gained in gains.items()
        ]
    return found


def hindsight(gains: Floats) -> Floats:
    """What the plan that was best on the other half of the seeds gains, seed by seed.

    Args:
        gains: (plans, seeds), above zero for better; two seeds or more.

    Returns:
        (seeds,); NaN where there are too few seeds or no plans to choose by.
    """
    plans, seeds = gains.shape if gains.ndim == 2 else (0, 0)
    if plans == 0 or seeds < 2:
        return np.full(seeds, np.nan)
    even: npt.NDArray[np.bool_] = np.arange(seeds) % 2 == 0
    best = np.empty(seeds)
    for half in (even, ~even):
        best[half] = gains[int(np.argmax(gains[:, ~half].mean(axis=1)))][half]
    return best


def as_table(entries: Sequence[Regret]) -> pd.DataFrame:
    """Regrets as a table, one row each, with units and the number of seeds."""
    units = [outcome(entry.outcome).unit for entry in entries]
    return statistics.as_frame(entries).assign(unit=units, pairs=[entry.gain.pairs for entry in entries])
