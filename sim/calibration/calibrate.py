"""`comity calibrate`: finds parameter sets that agree with published facts, starting from their prior ranges.

1. Sets from the prior, some run twice, which shows how much is chance.
2. Parameters that move a fact, a headline or the waits at desks by more than chance are the inputs of emulators, which
   are fitted to all runs so far; all others go on varying over their prior.
3. A fact that hardly any set meets, and that emulators cannot reach, is a miss of the model and chooses nothing.
4. Waves: sets drawn by how probable the emulators make it that they meet all facts and their desks' promises. What
   emulators do not know counts, so that the first wave is wide. To rule out what is implausible for any fact would
   leave nearly all of the prior: facts are measured with large errors, and runs hold much chance. The last waves lean
   to sets that certainly meet all, which makes what is left narrower than the facts alone do.
5. The best of all sets so far, emulator and own runs weighed together, are candidates and run again. Those whose desks
   break a promise go, and the best by the mean of their runs are kept.
6. The sets that are kept are run again with fresh seeds. All that is reported of them comes from these runs alone,
   since the best of many have had luck, too, in the runs by which they were chosen.

Counts of operations on record are no facts like others: the record is a sample. What a run gives is how many of its
operations would be on record, by probabilities that are parameters themselves, and sets are drawn by the negative
binomial probability of the number that is on record. No power sharpens it, so that sets hold what the record leaves
open. It fixes the product alone of how many operations there are and what share is on record.

All runs are kept in one table (runs.parquet, see sim/calibration/runs.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, pearsonr, rankdata

from sim.calibration import prior, waves
from sim.calibration.emulator import CUT, Match, Matched, chance_of, matched, one_thread
from sim.calibration.prior import draw_weighted, uniform
from sim.calibration.targets import ERRORS, CalibrationTarget, Flag, Role, of_role
from sim.calibration.waves import KINDS, CalibrationSetting, Drawn, Size, Wave, desk_key, joined, run_again, run_wave
from sim.data.influence import LEVELS, PlausibleInfluence
from sim.experiments.analyse.cases import means_of
from sim.experiments.manifest import code_version
from sim.experiments.settings import check_word
from sim.law.vocabulary import EvidenceTag
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.outcomes import HEADLINES
from sim.policy.well_known import BASELINE

#: A fact that fewer sets of the prior come near, and that emulators reach nowhere, is missed by the model.
LEAST_NEAR, LOOKED_AT = 0.01, 20_000
#: The last waves are drawn by this power of the probability, so that more of their sets certainly meet all.
LAST, SHARPENED = 3, 3.0
_NINE_IN_TEN = 1.645
#: A fact that more of the prior meets than this says little, and is not on the list of informative facts.
BY_PRIOR = 0.9


@dataclass(frozen=True)
class Calibration:
    """Results of a calibration: waves of runs, emulators, and the sets of the ensemble."""

    targets: tuple[CalibrationTarget, ...]  # facts that fit and can be reached
    beyond: tuple[CalibrationTarget, ...]  # facts that fit and that no set can meet
    inputs: Integers  # places of the parameters that emulators may use
    waves: tuple[Wave, ...]  # the prior, the waves, and the candidates' further runs
    first: Match  # emulators of the prior alone, of facts that can be reached and then of waits at desks
    last: Match  # emulators of all but the candidates' further runs
    promised: int  # candidates whose desks kept their promise
    confirmed: Wave  # the sets that are kept, with their fresh runs

    @property
    def runs(self) -> pd.DataFrame:
        """Table of all runs of the calibration."""
        return pd.concat([wave.runs for wave in (*self.waves, self.confirmed)])

    @property
    def informative(self) -> tuple[CalibrationTarget, ...]:
        """Reachable facts of the list that was written down before (`informative` in targets.yaml)."""
        return tuple(one for one in self.targets if one.informative)


def find_size(name: str) -> Size:
    """Finds the numbers of runs for a calibration, from the name of a size."""
    check_word("--size", name, waves.SIZES)
    return waves.SIZES[name]


def calibrate(setting: CalibrationSetting) -> Calibration:
    """Runs or resumes a calibration and returns its results."""
    with one_thread():
        size, seed, fit = setting.size, setting.seed, setting.facts or of_role(Role.FIT)
        made = [run_prior(setting)]
        _, first = emulated((*fit, *promises()), made[0], size.repeats)
        beyond = tuple(part.target for part in first.parts[: len(fit)] if is_beyond(part, made[0], seed))
        first = Match(tuple(part for part in first.parts if part.target not in beyond))
        asked = tuple(part.target for part in first.parts)

        def draw(number: int, sets: int) -> Drawn:
            """Draws parameter sets by their predicted probability of agreement with all facts."""
            found = first if number == 1 else emulated(asked, joined(made), size.repeats)[1]
            looked = setting.placed(uniform(LOOKED_AT, len(prior.axes()), seed + number))
            left = float(np.mean(found.implausibility(looked) <= CUT)), float(np.mean(np.exp(-found.energy(looked))))
            power = SHARPENED if number > len(size.waves) - LAST else 1.0
            return weighted(found, power, sets, seed + number * 100_000, setting.placed), left

        for number, sets in enumerate(size.waves, 1):
            what = "sets that probably meet all facts"
            made.append(run_wave(setting, number, what, partial(draw, number, sets), np.arange(sets)))
        every = joined(made)
        inputs, found = emulated(asked, every, size.repeats)
        number, best = len(made), best_of(every, found, size.candidates, promised=False)
        again = run_again(setting, number, "the best of all sets so far again", every.cube[best], size.tries)
        candidates = Wave(again.cube, pd.concat([every.chosen(best).runs, again.runs], ignore_index=True))
        kept = candidates.cube[best_of(candidates, found, size.kept)]
        confirmed = run_again(setting, number + 1, "fresh runs of the sets that are kept", kept, size.confirm)
    targets, promised = asked[: len(fit) - len(beyond)], int(promise_kept(candidates).sum())
    return Calibration(targets, beyond, inputs, (*made, again), first, found, promised, confirmed)


def weighted(
    found: Match, power: float, sets: int, seed: int, placed: Callable[[Floats], Floats] = lambda cube: cube
) -> Floats:
    """Draws parameter sets from the prior with weights P(agreement with all facts)^power, and those of the record.

    `placed` turns even draws into draws of the prior, which differ where experts judged parameters.
    """
    return placed(draw_weighted(lambda cube: found.weight(placed(cube), power), len(prior.axes()), sets, seed))


def best_of(wave: Wave, found: Match, most: int, *, promised: bool = True) -> Integers:
    """Indices of the parameter sets in a wave that are most likely to agree with all facts.

    With `promised` those whose desks break their promise are left out.
    """
    seen = [part.target.linked(means_of(wave.of_sets(part.target.outcome))) for part in found.parts]
    energy = found.energy(wave.cube, np.column_stack(seen), wave.number)
    allowed = promise_kept(wave) if promised else np.ones(len(energy), np.bool_)
    order = np.argsort(np.where(allowed, energy, np.inf), kind="stable")
    return np.sort(order[: min(most, int(allowed.sum()))])


def promises() -> tuple[CalibrationTarget, ...]:
    """Targets, one per kind of desk, for the ratio of simulated wait to target wait: 1."""
    error = math.log(waves.HIGH) / ERRORS
    return tuple(
        CalibrationTarget(
            *(desk_key(kind), f"Wait over its target, {kind.name.lower()}", "ratio", desk_key(kind), "", ""),
            *(Flag.READ, 1.0, Role.USED),
            error=error,
            outcome=desk_key(kind),
        )
        for kind in KINDS
    )


def promise_kept(wave: Wave) -> Mask:
    """True for each parameter set under which each kind of desk's mean wait is near its target, but for chance."""
    ratio = np.column_stack([means_of(wave.of_sets(desk_key(kind))) for kind in KINDS])
    # A few runs miss it by chance often enough, so that they must lie further outside than nine in ten do by chance.
    room = _NINE_IN_TEN * np.array([kind.row.chance for kind in KINDS]) / np.sqrt(wave.number)[:, np.newaxis]
    return ~((ratio > waves.HIGH + room) | (ratio < waves.LOW - room)).any(
        axis=1
    )  # a desk that no file met breaks none


def is_beyond(part: Matched, wave: Wave, seed: int) -> bool:
    """True if a fact is out of reach: fewer than 1 % of sets come near it in runs, and none in predictions."""
    runs = part.target.linked(wave.of_sets(part.target.outcome)[:, 0])
    near = part.apart(runs) <= CUT * math.sqrt(part.unexplained)  # what is missing is not near
    looked = uniform(LOOKED_AT, wave.cube.shape[1], seed)
    return bool(near.mean() < LEAST_NEAR and part.implausibility(looked).min() > CUT)


def meets_at_first(wave: Wave, targets: Sequence[CalibrationTarget]) -> pd.DataFrame:
    """True where the first run of a parameter set agrees with a fact, [set, fact]."""
    return pd.DataFrame({target.key: target.inside(wave.of_sets(target.outcome)[:, 0]) for target in targets})


def run_prior(setting: CalibrationSetting) -> Wave:
    """Runs the first wave: parameter sets drawn from the prior, some of which run twice."""
    sets, twice = setting.size.prior, setting.size.repeats
    runs = np.concatenate([np.repeat(np.arange(twice), 2), np.arange(twice, sets)])
    return run_wave(
        setting, 0, "the prior", lambda: (setting.placed(uniform(sets, len(prior.axes()), setting.seed)), ()), runs
    )


def emulated(targets: Sequence[CalibrationTarget], wave: Wave, repeats: int) -> tuple[Integers, Match]:
    """Fits emulators to all runs so far; returns them with the indices of their input parameters."""
    inputs, parts = np.array([prior.names().index(name) for name in moving(wave, targets)], np.int64), []
    for target in targets:
        values = target.linked(wave.of_sets(target.outcome))
        chance = max(chance_of(values[:repeats, :2]), target.least_chance)
        parts.append(matched(target, wave.cube, means_of(values), chance, inputs))
    return inputs, Match(tuple(parts))


# Which parameters move what: the influence of a parameter on an outcome is the square of their rank correlation. One
# that chance could have produced is not ranked: over all parameters and outcomes together, one ranking in twenty names
# a parameter that moves nothing.

#: How many parameters are named at most, how many vary in a calibration; chance that any named one moves nothing.
NAMED, INPUTS, ERROR = 10, 50, 0.05


def strongest(cube: Floats, outcomes: pd.DataFrame, names: Sequence[str], most: int = NAMED) -> pd.DataFrame:
    """Table of parameters with a clear effect on some outcome, strongest first.

    Each has the outcome that it moves most, and the rank correlation with the low and high end of its 95 % interval.
    """
    found = []
    for key, column in outcomes.items():
        values = column.to_numpy(np.float64)
        known = ~np.isnan(values)
        if known.sum() < 4 or np.ptp(values[known]) == 0.0:
            continue
        rank = pearsonr(rankdata(cube[known], axis=0), rankdata(values[known])[:, np.newaxis], axis=0)
        ends, size = rank.confidence_interval(0.95), math.sqrt(max(int(known.sum()) - 3, 1))  # both by Fisher
        columns = {"correlation": rank.statistic, "low": ends.low, "high": ends.high}
        distance = np.abs(np.arctanh(np.clip(rank.statistic, -0.999, 0.999))) * size
        found.append(pd.DataFrame({"parameter": names, "outcome": key, **columns, "distance": distance}))
    if not found:
        return pd.DataFrame(columns=["parameter", "outcome", "correlation", "low", "high"])
    table = pd.concat(found).sort_values("distance", ascending=False, kind="stable").drop_duplicates("parameter")
    return pd.DataFrame(table[table["distance"] > norm.isf(ERROR / 2 / cube.shape[1] / outcomes.shape[1])][:most])


def moving(wave: Wave, targets: Sequence[CalibrationTarget]) -> list[str]:
    """Names of parameters with a clear effect on a headline outcome, a fact or a wait, strongest first.

    All others may be fixed where a calibration is to have few inputs: no fact could choose them, and no headline asks.
    """
    keys = [*dict.fromkeys((*HEADLINES, *(target.outcome for target in targets)))]
    return strongest(wave.cube[wave.runs["set"]], wave.runs[keys], prior.names(), INPUTS)["parameter"].tolist()


def of_wave(wave: Wave) -> list[PlausibleInfluence]:
    """Parameters that most influence headline outcomes in a wave, by rank correlation."""
    axes = {axis.key.removeprefix(prior.PREFIX): axis for axis in prior.axes()}
    code = f"{code_version()['version']} ({', '.join(one[:10] for one in wave.code)})"
    found: Any = strongest(wave.cube[wave.runs["set"]], wave.runs[list(HEADLINES)], prior.names())
    return [
        PlausibleInfluence(
            *(LEVELS, rank, one.parameter, one.outcome, one.correlation**2),
            *(one.correlation, one.low, one.high, axes[one.parameter].low, axes[one.parameter].high),
            *(len(wave.runs), BASELINE, code, datetime.now(UTC).date(), prior.fingerprint()),
            source="rank correlations over the first wave of comity calibrate",
            status=str(EvidenceTag.JUDGEMENT),
        )
        for rank, one in enumerate(found.itertuples(), 1)
    ]
