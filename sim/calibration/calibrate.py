"""`comity calibrate`: from the prior to an ensemble of parameter sets that agree with the published facts.

1. Sets from the prior, some run twice, which shows how much is chance.
2. Parameters that move a fact, a headline or the waits at desks by more than chance are the inputs of emulators, which
   are fitted to all runs so far; all others go on varying over their prior.
3. A fact that hardly any set meets, and that emulators cannot reach, is a miss of the model and chooses nothing.
4. Waves: sets drawn by how probable the emulators make it that they meet all facts and their desks' promises. What
   emulators do not know counts, so that the first wave is wide. To rule out what is implausible for any fact would
   leave nearly all of the prior: facts are measured with large errors, and runs hold much chance. The last waves lean
   to sets that meet all for sure, which makes what is left narrower than the facts alone do.
5. The best of all sets so far, emulator and own runs weighed together, are candidates and run again. Those whose desks
   break a promise go, and the best by the mean of their runs are kept.
6. The sets that are kept are run again with fresh seeds. All that is reported of them comes from these runs alone,
   since the best of many have had luck, too, in the runs by which they were chosen.
7. A second ensemble is chosen without facts that count, and a policy simulated in both (`sim.calibration.spread`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.calibration import prior
from sim.calibration.drawing import draw_weighted, uniform
from sim.calibration.emulator import one_thread
from sim.calibration.matching import CUT, Match, Matched, chance_of, match
from sim.calibration.ranking import moving
from sim.calibration.runs import HIGH, KINDS, broken, desk_key
from sim.calibration.targets import ERRORS, CalibrationTarget, Flag, Role, of_role
from sim.calibration.waves import CalibrationSetting, Wave, joined, run_wave, wave_file
from sim.experiments.control import OnProgress
from sim.measures.arrays import Floats, Integers, Mask
from sim.policy.problem import mistake
from sim.world.records import DeskKind

#: A fact that fewer sets of the prior come near, and that emulators reach nowhere, is missed by the model.
LEAST_NEAR, LOOKED_AT = 0.01, 20_000
#: The last waves are drawn by this power of the probability, so that more of their sets meet all for sure.
LAST, SHARPENED = 3, 3.0
#: A fact that more of the prior meets than this says little.
BY_PRIOR = 0.9
#: Sets that are drawn for each one of the second ensemble.
DRAWN = 4


@dataclass(frozen=True)
class Size:
    """How many runs a calibration makes.

    Attributes:
        prior: sets from the prior.
        repeats: of them, sets that are run twice.
        waves: sets of each wave of history matching.
        candidates: sets of them all that are run again.
        tries: further runs of each of them.
        kept: sets that are kept at most.
        confirm: fresh runs of each of them.
        beside: sets of a second ensemble, which no count chooses, beside as many of these.
    """

    prior: int
    repeats: int
    waves: tuple[int, ...]
    candidates: int
    tries: int
    kept: int
    confirm: int
    beside: int

    @property
    def steps(self) -> tuple[int, ...]:
        """Runs of each step."""
        chosen = self.candidates * self.tries, self.kept * self.confirm
        return self.prior + self.repeats, *self.waves, *chosen, DRAWN * self.beside, 2 * self.beside

    @property
    def runs(self) -> int:
        """All of them together."""
        return sum(self.steps)

    def counted(self, step: int, on_progress: OnProgress | None) -> OnProgress | None:
        """Who is kept informed of one step, as who is kept informed of the whole.

        Args:
            step: from 0, for the prior.
            on_progress: called with the number of runs that are done and of all runs; None for nobody.
        """
        if on_progress is None:
            return None
        before = sum(self.steps[:step])
        return lambda done, _: on_progress(before + done, self.runs)


#: The sizes that can be asked for; small shows that everything works, and its ensemble is worth nothing.
SIZES = {
    "full": Size(
        prior=184,
        repeats=80,
        waves=(80, 80, 130, 130, 130, 150, 150, 120),
        candidates=180,
        tries=2,
        kept=100,
        confirm=4,
        beside=25,
    ),
    "small": Size(prior=48, repeats=12, waves=(24,), candidates=30, tries=2, kept=12, confirm=2, beside=6),
}


@dataclass(frozen=True)
class Volume:
    """What emulators leave of the prior.

    Attributes:
        plausible: share that is not ruled out: no fact is more than CUT standard deviations away.
        meets: share that should meet all facts and promises.
    """

    plausible: float
    meets: float

    @classmethod
    def of(cls, found: Match, cube: Floats) -> Volume:
        """By sets from the prior."""
        return cls(float(np.mean(found.implausibility(cube) <= CUT)), float(np.mean(np.exp(-found.energy(cube)))))

    def __str__(self) -> str:
        return f"{100 * self.plausible:.2g} % of the prior is not ruled out; {100 * self.meets:.2g} % should meet all"


@dataclass(frozen=True)
class Calibration:
    """All that a calibration has found.

    Attributes:
        size: how many runs.
        targets: facts that fit and can be reached.
        beyond: facts that fit and that no set can meet.
        inputs: places of the parameters that emulators may use.
        waves: the prior, the waves, and the candidates' further runs.
        first: emulators of the prior alone, of facts that can be reached and then of waits at desks.
        last: emulators of all but the candidates' further runs.
        left: what is left of the prior before each wave.
        promised: candidates whose desks kept their promise.
        kept: f8[sets, parameters] shares of the sets that are kept.
        confirmed: their fresh runs.
    """

    size: Size
    targets: tuple[CalibrationTarget, ...]
    beyond: tuple[CalibrationTarget, ...]
    inputs: Integers
    waves: tuple[Wave, ...]
    first: Match
    last: Match
    left: tuple[Volume, ...]
    promised: int
    kept: Floats
    confirmed: Wave

    @property
    def runs(self) -> int:
        """Runs that were made."""
        return sum(len(wave.set_of_run) for wave in (*self.waves, self.confirmed))

    @property
    def informative(self) -> tuple[CalibrationTarget, ...]:
        """Facts that can be reached and that not nearly all of the prior meets anyway."""
        return tuple(one for one in self.targets if inside_share(self.waves[0], one) < BY_PRIOR)


def find_size(name: str) -> Size:
    """A size by its name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in SIZES:
        raise mistake("no size of a calibration", "--size", name, f"Choose one of {', '.join(SIZES)}.")
    return SIZES[name]


def calibrate(setting: CalibrationSetting, size: Size, console: Console) -> Calibration:
    """Carries a calibration out, or resumes it.

    Args:
        setting: where and how it is run.
        size: how many runs.
        console: where progress is reported.

    Raises:
        InputError: a folder that holds something else.
        KeyboardInterrupt: somebody asked to stop.
    """
    with one_thread():
        return _calibrated(setting, size, console)


def _calibrated(setting: CalibrationSetting, size: Size, console: Console) -> Calibration:
    """The calibration itself."""
    fit = of_role(Role.FIT)

    def carry_out(number: int, title: str, cube: Floats, runs: int = 1) -> Wave:
        """One wave after the first, which counts behind those before it."""
        console.print(f"Calibration, step {number + 1} of {len(size.steps)}: {title}")
        counted = replace(setting, progress=size.counted(number, setting.progress))
        return run_wave(counted, number, cube, np.repeat(np.arange(len(cube)), runs), console)

    console.print(f"Calibration, step 1 of {len(size.steps)}: the prior")
    waves = [run_prior(replace(setting, progress=size.counted(0, setting.progress)), size, console)]
    inputs, first = emulated((*fit, *promises()), waves[0], size.repeats)
    beyond = tuple(part.target for part in first.parts[: len(fit)] if is_beyond(part, waves[0], setting.seed))
    asked = tuple(part.target for part in first.parts if part.target not in beyond)
    first = Match(tuple(part for part in first.parts if part.target in asked))
    left = []
    for number, sets in enumerate(size.waves, 1):
        power = SHARPENED if number > len(size.waves) - LAST else 1.0
        so_far = first if number == 1 else partial(emulated, asked, joined(waves), size.repeats)
        cube, volume = _drawn(setting, number, sets, power, so_far)
        left.append(volume)
        console.print(str(volume))
        waves.append(carry_out(number, "sets that probably meet all facts", cube))
    inputs, found = emulated(asked, joined(waves), size.repeats)
    number, every = len(size.waves) + 1, joined(waves)
    best = np.sort(np.argsort(energy_of(every, found, asked), kind="stable")[: size.candidates])
    again = carry_out(number, "the best of all sets so far again", every.cube[best], size.tries)
    candidates = every.chosen(best).and_again(again)
    promised = promise_kept(candidates)
    energy = np.where(promised, energy_of(candidates, found, asked), np.inf)
    kept = np.sort(np.argsort(energy, kind="stable")[: min(size.kept, int(promised.sum()))])
    confirmed = carry_out(number + 1, "fresh runs of the sets that are kept", candidates.cube[kept], size.confirm)
    targets = asked[: len(fit) - len(beyond)]
    return Calibration(
        size,
        targets,
        beyond,
        inputs,
        (*waves, again),
        first,
        found,
        tuple(left),
        int(promised.sum()),
        confirmed.cube,
        confirmed,
    )


def _drawn(
    setting: CalibrationSetting,
    number: int,
    sets: int,
    power: float,
    so_far: Match | Callable[[], tuple[Integers, Match]],
) -> tuple[Floats, Volume]:
    """Sets for a wave, and what was left of the prior before it; a wave that was begun before has both already.

    Args:
        setting: where the wave is kept.
        number: of the wave.
        sets: how many.
        power: of the probability by which they are drawn.
        so_far: emulators of all runs before, or what fits them, which takes a while.
    """
    path, parameters = setting.folder / f"before-wave-{number}.json", len(prior.axes())
    if path.is_file() and wave_file(setting, number).is_file():
        return np.zeros((sets, parameters)), Volume(**json.loads(path.read_text("utf-8")))
    found = so_far if isinstance(so_far, Match) else so_far()[1]
    volume = Volume.of(found, uniform(LOOKED_AT, parameters, setting.seed + number))
    cube = draw_weighted(lambda cube: power * found.energy(cube), parameters, sets, setting.seed + number * 100_000)
    path.write_text(json.dumps(asdict(volume)), encoding="utf-8")
    return cube, volume


def energy_of(wave: Wave, found: Match, asked: Sequence[CalibrationTarget]) -> Floats:
    """Minus the log of the probability that each set of a wave meets all: emulators and its own runs weighed."""
    seen = np.column_stack([target.linked(means(wave.of_sets(target.outcome))) for target in asked])
    return found.energy(wave.cube, seen, wave.runs)


def promises() -> tuple[CalibrationTarget, ...]:
    """Waits at each kind of desk over their targets, as if they were facts: they must be near 1."""
    error = math.log(HIGH) / ERRORS
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
    """Whether the desks of each set keep their promise, in the mean of its runs."""
    found = np.column_stack([means(wave.of_sets(desk_key(kind))) for kind in KINDS])
    runs = np.bincount(wave.set_of_run, minlength=len(found)).tolist()
    ratios: list[dict[DeskKind, float]] = [dict(zip(KINDS, row, strict=True)) for row in found.tolist()]
    return np.array([not broken(of_set, number) for of_set, number in zip(ratios, runs, strict=True)])


def is_beyond(part: Matched, wave: Wave, seed: int) -> bool:
    """Whether hardly any set of the prior comes near a fact, and the emulator comes near it nowhere."""
    variance = part.chance + part.discrepancy + (part.target.error * part.target.slope) ** 2
    runs = scaled(wave, part.target)[:, 0]
    near = part.apart(runs) <= CUT * math.sqrt(variance)  # what is missing is not near
    if near.mean() >= LEAST_NEAR:
        return False
    looked = uniform(LOOKED_AT, wave.cube.shape[1], seed)
    return bool(part.implausibility(looked).min() > CUT)


def inside_share(wave: Wave, target: CalibrationTarget) -> float:
    """Share of the sets of a wave whose first run lies in a band."""
    return float(target.inside(wave.of_sets(target.outcome)[:, 0]).mean())


def run_prior(setting: CalibrationSetting, size: Size, console: Console) -> Wave:
    """The first wave: sets from the prior, the first few run twice."""
    cube = uniform(size.prior, len(prior.axes()), setting.seed)
    runs = np.concatenate([np.repeat(np.arange(size.repeats), 2), np.arange(size.repeats, size.prior)])
    return run_wave(setting, 0, cube, runs, console)


def scaled(wave: Wave, target: CalibrationTarget) -> Floats:
    """f8[sets, runs of each] outcomes of a wave on the scale of emulators."""
    return target.linked(wave.of_sets(target.outcome))


def means(values: Floats) -> Floats:
    """Mean over the runs of each set that have the outcome; NaN where none has it."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan))


def emulated(targets: Sequence[CalibrationTarget], wave: Wave, repeats: int) -> tuple[Integers, Match]:
    """Inputs by all runs so far, and emulators; chance is from the first sets, which were run twice."""
    inputs = np.array([prior.names().index(name) for name in moving(wave, targets)], np.int64)
    every = [scaled(wave, target) for target in targets]
    chance = chance_of(np.stack([values[:repeats, :2] for values in every], axis=2))
    chance = np.maximum(chance, [target.least_chance for target in targets])
    return inputs, match(targets, wave.cube, np.column_stack([means(values) for values in every]), chance, inputs)


def folder_of(results: Path, name: str) -> Path:
    """The folder of a calibration: the same command with the same code finds the same one."""
    from sim.policy.version import source_hash

    return Path(name) if name else results / f"calibration-{source_hash()[:10]}"
