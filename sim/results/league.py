"""Ranking of policies in the same worlds, with ties that noise does not resolve; regrets of decision rules.

They stand in the order of their mean effect on what they are ranked by. The first policy opens a group. Each next one
belongs to it while the 95 % interval of its paired difference to the policy that opened the group holds zero; the first
that does not opens the next group.

A way of deciding has a regret against the fixed plan that was best in hindsight. Which one was best is found out by
simulation, too. Were it chosen and measured on the same seeds, the luck of the draw would count as its merit. So it is
chosen on one half of the seeds and measured on the other, both ways round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.experiments import statistics
from sim.experiments.plan import MAIN
from sim.experiments.statistics import Estimate
from sim.measures.arrays import Floats
from sim.measures.outcome import Better, ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.results.effects import Comparison, PairedArms, PairedEffect, effects

#: What policies are ranked by, and all that is shown of each.
RANKED_BY = "takedowns_expected"
SHOWN = (RANKED_BY, *(key for key in shown_in(ShownIn.LEAGUE) if key != RANKED_BY))


@dataclass(frozen=True)
class LeaguePlace:
    """A policy's place in the ranking, with its effects and price."""

    place: int  # from 1
    group: int  # from 1; policies of one group cannot be distinguished
    scenario: str  # key of the policy
    effects: Mapping[str, PairedEffect]  # against the baseline, by key of the outcome
    usual: Mapping[str, tuple[float, float]]  # both ends of the 50 % interval of each effect, likewise
    price: Estimate  # million euros: the median world, and 95 % of worlds
    usual_price: Estimate  # the same with half of worlds
    # paired difference of what is ranked to the policy that opens the group; None for that one
    to_first: PairedEffect | None

    @property
    def ranked(self) -> PairedEffect:
        """Effect on the outcome by which policies are ranked."""
        return self.effects[RANKED_BY]


def standings(arms: PairedArms, baseline: str, policies: Sequence[str]) -> list[LeaguePlace]:
    """Ranks policies by their effect; policies without runs are left out."""
    there = [_alone(arms, key, baseline) for key in policies if key in arms.scenarios()]
    there.sort(key=lambda entry: np.inf if isnan(entry.ranked.difference) else -entry.ranked.difference)
    found: list[LeaguePlace] = []
    group, first = 0, ""
    for place, entry in enumerate(there, 1):
        pair = [Comparison((MAIN, entry.scenario), (MAIN, first))] if first else []
        to_first = next(iter(effects(arms, pair, [outcome(RANKED_BY)])), None)
        if to_first is None or to_first.low > 0.0 or to_first.high < 0.0:
            group, first, to_first = group + 1, entry.scenario, None
        found.append(replace(entry, place=place, group=group, to_first=to_first))
    return found


def _alone(arms: PairedArms, scenario: str, baseline: str) -> LeaguePlace:
    """Effects of one policy compared with the baseline, as a league place without a rank."""
    contrast = Comparison((MAIN, scenario), (MAIN, baseline))
    found = {entry.outcome: entry for entry in effects(arms, [contrast])}  # all: verdicts are those of a comparison
    mine = {key: found[key] for key in SHOWN}
    values, base = arms.values(SHOWN, contrast.arm, contrast.against)
    half = statistics.interval(values - base, arms.clusters(contrast.arm, contrast.against), confidence=0.5)
    inner = dict(zip(SHOWN, zip(*(ends.tolist() for ends in half), strict=True), strict=True))
    (spent,) = arms.values("policy_cost", contrast.arm)
    price, usual = statistics.middle(spent), statistics.middle(spent, 0.5)
    return LeaguePlace(0, 0, scenario, mine, inner, price, usual, None)


def league_table(found: Sequence[LeaguePlace]) -> pd.DataFrame:
    """Table of ranked policies, with level and difference of each outcome."""
    rows = []
    for entry in found:
        row: dict[str, object] = {"place": entry.place, "group": entry.group, "scenario": entry.scenario}
        for key, one in entry.effects.items():
            row |= {f"{key}_baseline": one.baseline_mean, key: one.scenario_mean, f"{key}_difference": one.difference}
            row |= {f"{key}_low": one.low, f"{key}_high": one.high}
            row |= dict(zip((f"{key}_low_50", f"{key}_high_50"), entry.usual[key], strict=True))
        low, high = (float("nan"),) * 2 if entry.to_first is None else (entry.to_first.low, entry.to_first.high)
        row |= {"to_first_low": low, "to_first_high": high}
        row |= {"price": entry.price.value, "price_low": entry.price.low, "price_high": entry.price.high}
        row |= {"worlds": entry.ranked.pairs}
        rows.append(row)
    return pd.DataFrame(rows)


#: Outcomes on which ways to decide are judged; each must say whether more of it is better.
JUDGED = shown_in(ShownIn.REGRET)


@dataclass(frozen=True)
class Regret:
    """Lead of the best fixed plan over a decision rule on one outcome, with the rule's own gain."""

    scenario: str  # its key
    outcome: str  # key of the outcome
    best: str  # the fixed plan that was best in hindsight, over all seeds
    gain: Estimate  # its improvement on the baseline, above zero for better, with its interval, in the unit
    regret: Estimate  # how much better the best fixed plan does, chosen on the other half of the seeds


def regrets(arms: PairedArms, baseline: str, ways: Sequence[str], plans: Sequence[str]) -> list[Regret]:
    """Regrets of every decision rule, on every outcome that rules are judged by."""
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
    """Gain by seed of the plan that is best on the other half of the seeds, f8[seeds].

    NaN where there are too few seeds or no plans to choose by.
    """
    plans, seeds = gains.shape if gains.ndim == 2 else (0, 0)
    if plans == 0 or seeds < 2:
        return np.full(seeds, np.nan)
    even: npt.NDArray[np.bool_] = np.arange(seeds) % 2 == 0
    best = np.empty(seeds)
    for half in (even, ~even):
        best[half] = gains[int(np.argmax(gains[:, ~half].mean(axis=1)))][half]
    return best


def regret_table(entries: Sequence[Regret]) -> pd.DataFrame:
    """Table of regrets, one row each."""
    units = [outcome(entry.outcome).unit for entry in entries]
    return statistics.as_frame(entries).assign(unit=units, pairs=[entry.gain.pairs for entry in entries])
