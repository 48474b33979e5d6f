"""Which conclusions of a comparison rest on which mechanism.

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

from sim.experiments import statistics
from sim.experiments.compare import Difference, Verdict, difference_between
from sim.experiments.design import MAIN, Design
from sim.experiments.mechanisms import Mechanism
from sim.experiments.statistics import Estimate, Paired
from sim.measures.arrays import Floats
from sim.measures.outcomes import outcome


class Flip(StrEnum):
    """What becomes of a conclusion when a mechanism is left out."""

    HOLDS = "holds"
    REVERSED = "is reversed"
    LOST = "can no longer be distinguished from noise"
    GAINED = "appears only without it"
    UNDEFINED = "is not defined without it"


@dataclass(frozen=True)
class Conclusion:
    """One difference in the whole model and in worlds without one mechanism.

    Attributes:
        mechanism: what is left out.
        whole: the difference with every mechanism.
        without: the same difference without it.
        shift: by how much the effect is larger without it, seed by seed, with its interval, in the unit.
    """

    mechanism: Mechanism
    whole: Difference
    without: Difference
    shift: Estimate

    @property
    def flip(self) -> Flip:
        """Whether the same is concluded, and if not, what."""
        before, after = sign(self.whole), sign(self.without)
        if Verdict.UNDEFINED in (self.whole.verdict, self.without.verdict):
            return Flip.HOLDS if self.whole.verdict is self.without.verdict else Flip.UNDEFINED
        if before == after:
            return Flip.HOLDS
        return Flip.LOST if after == 0 else Flip.GAINED if before == 0 else Flip.REVERSED

    @property
    def moved(self) -> bool:
        """Whether the size of the effect itself changes so that it can be distinguished from noise."""
        return not self.shift.includes_zero

    @property
    def flips(self) -> bool:
        """Whether another conclusion is drawn, and not only because a border was crossed by chance."""
        return self.flip is not Flip.HOLDS and (self.moved or self.flip is Flip.UNDEFINED)

    @property
    def borderline(self) -> bool:
        """Whether another conclusion is drawn although the effect itself hardly changes."""
        return self.flip is not Flip.HOLDS and not self.flips


@dataclass(frozen=True)
class BaselineShift:
    """An outcome under the baseline without one mechanism.

    Attributes:
        outcome: key.
        level: mean without the mechanism.
        shift: how much larger it is than in the whole model, seed by seed.
    """

    outcome: str
    level: Estimate
    shift: Estimate


def sign(difference: Difference) -> int:
    """+1 or −1 where a difference can be distinguished from noise, else 0."""
    if difference.verdict is not Verdict.DISTINGUISHABLE:
        return 0
    return 1 if difference.difference > 0 else -1


def effects(outcomes: pd.DataFrame, design: Design, keys: Sequence[str]) -> list[Conclusion]:
    """What each policy changes, with every mechanism and without each, for the outcomes of the given keys."""
    policies = [scenario.key for scenario in design.scenarios if scenario.key != design.baseline]
    return _concluded(outcomes, design, [(policy, design.baseline) for policy in policies], keys)


def rankings(outcomes: pd.DataFrame, design: Design, keys: Sequence[str]) -> list[Conclusion]:
    """How each policy differs from each other policy, with every mechanism and without each."""
    policies = [scenario.key for scenario in design.scenarios if scenario.key != design.baseline]
    return _concluded(outcomes, design, [(second, first) for first, second in combinations(policies, 2)], keys)


def baseline_shifts(outcomes: pd.DataFrame, design: Design, keys: Sequence[str]) -> dict[str, list[BaselineShift]]:
    """Outcomes under the baseline without each mechanism, by the mechanism's key."""
    worlds, shifts = _Worlds(outcomes), {}
    for mechanism in design.mechanisms:
        ends = (mechanism.block, design.baseline), (MAIN, design.baseline)
        pairs = [worlds.values(key, *ends) for key in keys]
        shifts[mechanism.key] = [
            BaselineShift(key, statistics.mean(after), statistics.difference(after, before))
            for key, (after, before) in zip(keys, pairs, strict=True)
        ]
    return shifts


def _concluded(
    outcomes: pd.DataFrame, design: Design, pairs: Sequence[tuple[str, str]], keys: Sequence[str]
) -> list[Conclusion]:
    """Conclusions on pairs (scenario, what it is compared with), by mechanism, outcome and pair."""
    worlds, whole = _Worlds(outcomes), Paired(outcomes, MAIN)
    found = [difference_between(whole, *pair, outcome(key), MAIN) for key in keys for pair in pairs]
    conclusions = []
    for mechanism in design.mechanisms:
        block, rest = mechanism.block, Paired(outcomes, mechanism.block)
        for entry in found:
            scenario, other = entry.scenario, entry.baseline
            without = difference_between(rest, scenario, other, outcome(entry.outcome), block)
            ends = ((block, scenario), (block, other), (MAIN, scenario), (MAIN, other))
            after, after_other, before, before_other = worlds.values(entry.outcome, *ends)
            shift = statistics.difference(after - after_other, before - before_other)
            conclusions.append(Conclusion(mechanism, entry, without, shift))
    return conclusions


class _Worlds:
    """Outcomes of all blocks side by side: the same seeds with and without a mechanism."""

    def __init__(self, outcomes: pd.DataFrame) -> None:
        blocks, scenarios = outcomes["block"].astype(str), outcomes["scenario"].astype(str)
        self._paired = Paired(outcomes.assign(block=MAIN, scenario=blocks + "/" + scenarios), MAIN)

    def values(self, key: str, *arms: tuple[str, str]) -> list[Floats]:
        """An outcome in several arms (block, scenario), over the seeds that all of them have, in order of seed."""
        return self._paired.values(key, *("/".join(arm) for arm in arms))


def as_frame(conclusions: Sequence[Conclusion]) -> pd.DataFrame:
    """Conclusions as a table, one row each."""
    return pd.DataFrame(
        [
            {
                "left_out": entry.mechanism.key,
                "scenario": entry.whole.scenario,
                "compared_with": entry.whole.baseline,
                "outcome": entry.whole.outcome,
                "unit": entry.whole.unit,
                "whole": entry.whole.difference,
                "whole_low": entry.whole.low,
                "whole_high": entry.whole.high,
                "without": entry.without.difference,
                "without_low": entry.without.low,
                "without_high": entry.without.high,
                "shift": entry.shift.value,
                "shift_low": entry.shift.low,
                "shift_high": entry.shift.high,
                "pairs": entry.shift.pairs,
                "conclusion": str(entry.flip),
                "shift_distinguishable": entry.moved,
            }
            for entry in conclusions
        ]
    )
