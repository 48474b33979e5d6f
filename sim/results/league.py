"""Policies side by side in the same worlds: their order, and which of them cannot be distinguished.

They stand in the order of their mean effect on what they are ranked by. The first policy opens a group. Each next one
belongs to it while the 95 % interval of its paired difference to the policy that opened the group holds zero; the first
that does not opens the next group. Intervals are not widened for the number of comparisons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.plan import MAIN
from sim.experiments.statistics import Estimate
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.results.costs import PRICE_RANGE
from sim.results.effects import Comparison, PairedArms, PairedEffect, effects

#: What policies are ranked by, and all that is shown of each.
RANKED_BY = "takedowns_expected"
SHOWN = (RANKED_BY, *(key for key in shown_in(ShownIn.LEAGUE) if key != RANKED_BY))
#: Half of worlds have a price between these.
_HALF = 0.25, 0.75


@dataclass(frozen=True)
class LeaguePlace:
    """A policy in a league.

    Attributes:
        place: from 1.
        group: from 1; policies of one group cannot be distinguished.
        scenario: key of the policy.
        effects: against the baseline, by key of the outcome.
        halves: half of the width of the 50 % interval of each effect, likewise.
        price: million euros: the median world with the range of nine in ten.
        usual_price: the same with the range of every other world.
        to_first: paired difference of what is ranked to the policy that opens the group; None for that one.
    """

    place: int
    group: int
    scenario: str
    effects: Mapping[str, PairedEffect]
    halves: Mapping[str, float]
    price: Estimate
    usual_price: Estimate
    to_first: PairedEffect | None

    @property
    def ranked(self) -> PairedEffect:
        """The effect by which it is ranked."""
        return self.effects[RANKED_BY]


def standings(arms: PairedArms, baseline: str, policies: Sequence[str]) -> list[LeaguePlace]:
    """Policies in their order.

    Args:
        arms: outcomes.
        baseline: what each is compared with.
        policies: keys; those that were never run are left out.
    """
    there = [_alone(arms, key, baseline) for key in policies if key in arms.scenarios()]
    there.sort(key=lambda entry: np.inf if isnan(entry.ranked.difference) else -entry.ranked.difference)
    found: list[LeaguePlace] = []
    group, first = 0, ""
    for place, entry in enumerate(there, 1):
        to_first = _effect(arms, entry.scenario, first) if first else None
        if to_first is None or to_first.low > 0.0 or to_first.high < 0.0:
            group, first, to_first = group + 1, entry.scenario, None
        found.append(replace(entry, place=place, group=group, to_first=to_first))
    return found


def _alone(arms: PairedArms, scenario: str, baseline: str) -> LeaguePlace:
    """A policy against the baseline, without a place."""
    contrast = Comparison((MAIN, scenario), (MAIN, baseline))
    about = [*map(outcome, SHOWN)]
    mine = {entry.outcome: entry for entry in effects(arms, [contrast], about)}
    values, base = arms.values(SHOWN, contrast.arm, contrast.against)
    half = statistics.half_width(values - base, arms.clusters(contrast.arm, contrast.against), 0.5)
    (spent,) = arms.values("policy_cost", contrast.arm)
    price, usual = statistics.middle(spent, PRICE_RANGE), statistics.middle(spent, _HALF)
    return LeaguePlace(0, 0, scenario, mine, dict(zip(SHOWN, half.tolist(), strict=True)), price, usual, None)


def _effect(arms: PairedArms, scenario: str, other: str) -> PairedEffect:
    """What is ranked, of one policy against another."""
    (found,) = effects(arms, [Comparison((MAIN, scenario), (MAIN, other))], [outcome(RANKED_BY)])
    return found


def as_table(found: Sequence[LeaguePlace]) -> pd.DataFrame:
    """A league as a table: one row for each policy, levels and differences of each outcome with their intervals."""
    rows = []
    for entry in found:
        row: dict[str, object] = {"place": entry.place, "group": entry.group, "scenario": entry.scenario}
        for key, one in entry.effects.items():
            row |= {f"{key}_baseline": one.baseline_mean, key: one.scenario_mean, f"{key}_difference": one.difference}
            row |= {f"{key}_low": one.low, f"{key}_high": one.high, f"{key}_half": entry.halves[key]}
        low, high = (float("nan"),) * 2 if entry.to_first is None else (entry.to_first.low, entry.to_first.high)
        row |= {"to_first_low": low, "to_first_high": high}
        row |= {"price": entry.price.value, "price_low": entry.price.low, "price_high": entry.price.high}
        rows.append(row)
    return pd.DataFrame(rows)
