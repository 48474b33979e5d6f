"""Conclusions of a comparison, and their changes when a mechanism is left out.

A conclusion is the sign of a paired difference, where it can be distinguished from noise: between a policy and the
baseline, or between two policies. It flips when a world without the mechanism gives another one. Since the line
between what can be distinguished from noise and what cannot is crossed by chance as well, the effect with and without
the mechanism is compared too, seed by seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import pandas as pd

from sim.experiments.design import MAIN, Design
from sim.experiments.settings import Mechanism
from sim.measures.outcomes import outcome
from sim.results.effects import Comparison, PairedArms, PairedEffect, effects, is_clear, is_defined, sign


class Flip(StrEnum):
    """Ways in which a conclusion can change when a mechanism is left out."""

    HOLDS = "holds"
    REVERSED = "is reversed"
    LOST = "can no longer be distinguished from noise"
    GAINED = "appears only without it"
    UNDEFINED = "is not defined without it"


@dataclass(frozen=True)
class Conclusion:
    """An effect of a policy with all mechanisms, and the same effect without one of them."""

    mechanism: Mechanism  # what is left out
    whole: PairedEffect  # the effect with every mechanism
    without: PairedEffect  # the same effect without it
    shift: PairedEffect  # by how much the effect is larger without it, seed by seed

    @property
    def flip(self) -> Flip:
        """Kind of change in the conclusion without the mechanism, such as a lost or reversed effect."""
        before, after = sign(self.whole), sign(self.without)
        if not (is_defined(self.whole) and is_defined(self.without)):
            return Flip.HOLDS if self.whole.verdict is self.without.verdict else Flip.UNDEFINED
        if before == after:
            return Flip.HOLDS
        return Flip.LOST if after == 0 else Flip.GAINED if before == 0 else Flip.REVERSED

    @property
    def moved(self) -> bool:
        """True if leaving out the mechanism clearly changes the size of the effect."""
        return bool(is_clear(self.shift))

    @property
    def flips(self) -> bool:
        """True if the conclusion changes, unless it changes only because it is near a threshold."""
        return self.flip is not Flip.HOLDS and (self.moved or self.flip is Flip.UNDEFINED)

    @property
    def borderline(self) -> bool:
        """True if the conclusion changes only because the effect is near a threshold."""
        return self.flip is not Flip.HOLDS and not self.flips


def of_policies(arms: PairedArms, design: Design, keys: Sequence[str]) -> list[Conclusion]:
    """Makes conclusions on each policy, outcome and left-out mechanism."""
    return _concluded(arms, design, [(policy, design.baseline) for policy in _policies(design)], keys)


def of_rankings(arms: PairedArms, design: Design, keys: Sequence[str]) -> list[Conclusion]:
    """Makes conclusions on the better policy of each pair, with all mechanisms and with each left out."""
    pairs = [(second, first) for first, second in combinations(_policies(design), 2)]
    return _concluded(arms, design, pairs, keys)


def of_baseline(arms: PairedArms, design: Design, keys: Sequence[str]) -> dict[str, list[PairedEffect]]:
    """Effects of leaving out each mechanism on the baseline's outcomes, by mechanism."""
    base, about = design.baseline, [outcome(key) for key in keys]
    return {one.key: effects(arms, [Comparison((one.block, base), (MAIN, base))], about) for one in design.mechanisms}


def _policies(design: Design) -> list[str]:
    return [scenario.key for scenario in design.scenarios if scenario.key != design.baseline]


def _concluded(
    arms: PairedArms, design: Design, pairs: Sequence[tuple[str, str]], keys: Sequence[str]
) -> list[Conclusion]:
    """Makes conclusions on pairs of scenarios, by mechanism, outcome and pair."""
    found = []
    for one in design.mechanisms:
        for about in map(outcome, keys):
            for key, other in pairs:
                ends = ((MAIN, key), (MAIN, other)), ((one.block, key), (one.block, other))
                contrasts = Comparison(*ends[0]), Comparison(*ends[1]), Comparison(*ends[1], (ends[0],))
                found.append(Conclusion(one, *effects(arms, contrasts, [about])))
    return found


def as_table(conclusions: Sequence[Conclusion]) -> pd.DataFrame:
    """Table of conclusions, one row each."""
    return pd.DataFrame(
        [
            {"left_out": entry.mechanism.key, "scenario": entry.whole.scenario, "compared_with": entry.whole.baseline}
            | {"outcome": entry.whole.outcome, "unit": entry.whole.unit}
            | _ends("whole", entry.whole)
            | _ends("without", entry.without)
            | _ends("shift", entry.shift)
            | {"pairs": entry.shift.pairs, "conclusion": str(entry.flip), "shift_distinguishable": entry.moved}
            for entry in conclusions
        ]
    )


def _ends(name: str, entry: PairedEffect) -> dict[str, float]:
    return {name: entry.difference, f"{name}_low": entry.low, f"{name}_high": entry.high}
