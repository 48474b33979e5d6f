"""Paired worlds of today's law and a scenario, from one warm-up, in a reduced world."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.experiments.run import tables_of
from sim.law.days import to_day
from sim.law.order import LegalOrder
from sim.measures.harm import harm_rates
from sim.measures.history import Window
from sim.measures.observation import Observation
from sim.measures.outcomes import Measured, measure
from sim.policy.scenario import load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Timeline
from sim.simulate import Simulation, start
from sim.world.parameters import WorldSpec
from tests.tiny import legal_order, parameters

#: A dozen states of all tiers, so that a world of many groups takes a fraction of a second.
STATES = ["DEU", "FRA", "USA", "NLD", "GBR", "ROU", "BRA", "NGA", "IND", "RUS", "UKR", "VNM"]
REDUCED = WorldSpec(
    groups=90, start="2025-01-01", policy_start="2027-01-01", end="2034-12-31", follow_up_days=180, states=STATES
)


START, END = date.fromisoformat(REDUCED.policy_start), date.fromisoformat(REDUCED.end)


@dataclass(frozen=True)
class Pair:
    """One world under today's law, and the same world under a scenario."""

    without: Measured
    policy: Measured


def measured(simulation: Simulation, spec: WorldSpec) -> Measured:
    """Advances a scenario run to its end and measures it."""
    simulation.advance(simulation.end)
    start, end = (to_day(date.fromisoformat(day)) for day in (spec.policy_start, spec.end))
    return measure(Observation(Window(start, end, simulation.end), tables_of(simulation), harm_rates()), checks=True)


#: Groups of less unequal size, so that few of them do not decide what a pair of worlds shows.
LESS_NOISE = {"criminal.scale_sigma": 0.8}


#: Worlds under the law as it is, which are the same no matter what they are compared with.
_WITHOUT: dict[Hashable, Measured] = {}
#: Worlds at the start of the policy, of which those that were asked for last are kept.
_PASTS: dict[Hashable, Simulation] = {}
MOST_PASTS = 16


def past(
    seed: int, spec: WorldSpec = REDUCED, changes: Mapping[str, float] | None = None, law: LegalOrder | None = None
) -> Simulation:
    """A world on the first day of policies."""
    run = start(spec, parameters(changes), law or legal_order(), Timeline(), seed)
    run.advance(to_day(date.fromisoformat(spec.policy_start)))
    return run


def timeline_for(scenario: str, spec: WorldSpec = REDUCED, seed: int = 0) -> Timeline:
    """Timeline of a shipped scenario in the years of a world."""
    span = date.fromisoformat(spec.policy_start), date.fromisoformat(spec.end)
    return timeline_of(load(scenario), legal_order(), *span, seed)


def compared(seed: int, policy: Timeline, spec: WorldSpec, changes: Mapping[str, float] | None = None) -> Pair:
    """One world under today's law and under a policy, from one warm-up."""
    values = {**LESS_NOISE, **(changes or {})}
    key = seed, repr(spec), tuple(sorted(values.items()))
    if key not in _PASTS:
        while len(_PASTS) >= MOST_PASTS:
            del _PASTS[next(iter(_PASTS))]
        _PASTS[key] = past(seed, spec, values)
    if key not in _WITHOUT:
        _WITHOUT[key] = measured(_PASTS[key].fork(Timeline()), spec)
    return Pair(_WITHOUT[key], measured(_PASTS[key].fork(policy), spec))


def pairs(
    scenario: str, seeds: Sequence[int], spec: WorldSpec = REDUCED, changes: Mapping[str, float] | None = None
) -> list[Pair]:
    """Paired worlds of a scenario, one for each seed."""
    return [compared(seed, timeline_for(scenario, spec, seed), spec, changes) for seed in seeds]


#: Scenarios whose effect lies where states have no treaty, no power or a conflict of law: outside a dozen large states.
EVERYWHERE = ("bilateral_network", "universal_convention", "un_convention", "harmonised_powers", "privacy_bridges")
ALL_STATES = WorldSpec(groups=120, start="2025-01-01", policy_start="2027-01-01", end="2036-12-31")
#: Leaks are rare in a reduced world: made common, so that their number can be compared.
LEAKY = {"case.leak_per_year": 0.05}
#: A dozen states have a fifth of the world's traffic, and so need a fifth of its officers.
FEW_OFFICERS = {"liaison.officer_share": 0.006}
#: Ten times the abuse of today, so that few worlds show what it meets.
ABUSED = {"rights.abuse_share": 0.2}
#: Worlds in which all of these can be seen: three scenarios share their warm-ups and the law as it is.
SEEN = {**LEAKY, **FEW_OFFICERS, **ABUSED}
SPECIAL = dict.fromkeys(("secure_channels", "liaison_expansion", "longer_retention"), SEEN)


@cache
def _lived(scenario: str, seed: int) -> Pair:
    spec = ALL_STATES if scenario in EVERYWHERE else REDUCED
    return pairs(scenario, [seed], spec, SPECIAL.get(scenario))[0]


def found(scenario: str, seeds: range) -> list[Pair]:
    """Paired worlds of a shipped scenario, simulated once for each seed."""
    return [_lived(scenario, seed) for seed in seeds]


def gains(found: Sequence[Pair], outcome: str) -> npt.NDArray[np.float64]:
    """Increase of an outcome by the scenario, in each pair."""
    return np.array([pair.policy.outcomes[outcome] - pair.without.outcomes[outcome] for pair in found])


#: Seeds of effects that even four pairs show, or six; and of weaker ones.
FOUR, FEW, SIXTEEN, MORE_SEEDS = (range(number) for number in (4, 6, 16, 48))
#: Standard errors that a mean must be from zero on its side: an error rate below 1 % a one-sided assertion were there
#: no effect, by Student's t of three degrees of freedom, of five, and of many.
CERTAIN = {FOUR: 4.55, FEW: 3.4, SIXTEEN: 2.6, MORE_SEEDS: 2.6}


def t_value(values: npt.NDArray[np.float64]) -> float:
    """Mean in units of its standard error; infinite if all pairs are equal."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() / error) if error > 0 else float(np.sign(values.mean()) * np.inf)
