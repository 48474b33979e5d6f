"""`comity calibrate`: from the prior to an ensemble of parameter sets that agree with the published facts.

1. Sets from the prior, some run twice, which shows how much is chance.
2. Waves of history matching: emulators are fitted to all runs so far, and sets are drawn that they do not rule out.
3. Candidates: sets drawn by how probable the emulators make it that they meet all targets.
4. A filter: each candidate is run once with a fresh seed, and the best are kept, emulator and run weighed together.
5. The sets that are kept are run again with fresh seeds. All that is reported of them comes from these runs alone,
   since the best of many have had luck, too, in the runs by which they were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.calibration import prior
from sim.calibration.drawing import draw_region, draw_weighted, uniform
from sim.calibration.emulator import one_thread, process_explained
from sim.calibration.matching import CUT, Match, chance_of, match
from sim.calibration.targets import CalibrationTarget, Role, of_role
from sim.calibration.waves import CalibrationSetting, Wave, run_wave
from sim.experiments.control import OnProgress
from sim.measures.arrays import Floats
from sim.policy.problem import mistake


@dataclass(frozen=True)
class Size:
    """How many runs a calibration makes.

    Attributes:
        prior: sets from the prior.
        repeats: of them, sets that are run twice.
        waves: sets of each wave of history matching.
        candidates: sets that are filtered.
        kept: sets that are kept.
        confirm: fresh runs of each of them.
    """

    prior: int
    repeats: int
    waves: tuple[int, ...]
    candidates: int
    kept: int
    confirm: int

    @property
    def steps(self) -> tuple[int, ...]:
        """Runs of each step under today's law."""
        return self.prior + self.repeats, *self.waves, self.candidates, self.kept * self.confirm

    @property
    def runs(self) -> int:
        """All of them together."""
        return sum(self.steps)

    def counted(self, step: int, on_progress: OnProgress | None) -> OnProgress | None:
        """Who is kept informed of one step, as who is kept informed of the whole.

        Args:
            step: from 0, for the prior, whose sets are run under a policy, too.
            on_progress: called with the number of runs that are done and of all runs; None for nobody.
        """
        if on_progress is None:
            return None
        first, *others = self.steps
        runs = (2 * first, *others)
        return lambda done, _: on_progress(sum(runs[:step]) + done, sum(runs))


#: The policy whose effect is looked at over the prior: the influence of parameters on it is shipped.
POLICY = "harmonised_and_faster"
#: The sizes that can be asked for; small shows that everything works, and its ensemble is worth nothing.
SIZES = {
    "full": Size(prior=640, repeats=64, waves=(240,), candidates=260, kept=200, confirm=2),
    "small": Size(prior=48, repeats=12, waves=(24,), candidates=30, kept=12, confirm=2),
}


@dataclass(frozen=True)
class Calibration:
    """All that a calibration has found.

    Attributes:
        size: how many runs.
        targets: those that fit.
        waves: the prior, the waves of history matching, and the candidates.
        first: emulators of the prior alone.
        last: emulators of all but the candidates.
        left: share of the prior that is not ruled out, at each wave.
        process: R² of a Gaussian process on the prior, by target.
        kept: f8[sets, parameters] shares of the sets that are kept.
        confirmed: their fresh runs.
    """

    size: Size
    targets: tuple[CalibrationTarget, ...]
    waves: tuple[Wave, ...]
    first: Match
    last: Match
    left: tuple[float, ...]
    process: tuple[float, ...]
    kept: Floats
    confirmed: Wave

    @property
    def runs(self) -> int:
        """Runs that were made."""
        return sum(len(wave.set_of_run) for wave in (*self.waves, self.confirmed))


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
    targets, parameters = of_role(Role.FIT), len(prior.axes())

    def announce(number: int, title: str) -> None:
        """Says which step begins."""
        console.print(f"Calibration, step {number + 1} of {len(size.waves) + 3}: {title}")

    def of_step(number: int) -> CalibrationSetting:
        """How a step is run: it counts behind those before it."""
        return replace(setting, progress=size.counted(number, setting.progress))

    def carry_out(number: int, title: str, cube: Floats) -> Wave:
        """One wave after the first: every set once."""
        announce(number, title)
        return run_wave(of_step(number), number, cube, np.arange(len(cube)), console)

    announce(0, "the prior")
    waves = [run_prior(of_step(0), size, console)]
    pairs = np.stack([scaled(waves[0], target)[: size.repeats, :2] for target in targets], axis=2)
    chance, left = chance_of(pairs), []
    first = found = _matched(targets, waves, chance)
    for number, sets in enumerate(size.waves, 1):
        cube, share = draw_region(found.implausibility, parameters, sets, setting.seed + number * 100_000, CUT)
        left.append(share)
        console.print(f"{100 * share:.3g} % of the prior is not ruled out")
        waves.append(carry_out(number, "sets that are not ruled out", cube))
        found = _matched(targets, waves, chance)
    number = len(size.waves) + 1
    cube = draw_weighted(found.energy, parameters, size.candidates, setting.seed + number * 100_000)
    candidates = carry_out(number, "candidates", cube)
    seen = np.column_stack([means(scaled(candidates, target)) for target in targets])
    best = np.argsort(found.energy(candidates.cube, seen), kind="stable")[: size.kept]
    kept = candidates.cube[np.sort(best)]
    runs = np.tile(np.arange(len(kept)), size.confirm)
    announce(number + 1, "fresh runs of the sets that are kept")
    confirmed = run_wave(of_step(number + 1), number + 1, kept, runs, console)
    console.print("Comparing emulators")
    process = tuple(process_explained(waves[0].cube, means(scaled(waves[0], target))) for target in targets)
    return Calibration(
        size, targets, (*waves, candidates), first, found, tuple(left), process, confirmed.cube, confirmed
    )


def run_prior(setting: CalibrationSetting, size: Size, console: Console) -> Wave:
    """The first wave: sets from the prior, the first few run twice, all under a policy as well."""
    cube = uniform(size.prior, len(prior.axes()), setting.seed)
    runs = np.concatenate([np.arange(size.prior), np.arange(size.repeats)])
    return run_wave(setting, 0, cube, runs, console, POLICY)


def scaled(wave: Wave, target: CalibrationTarget) -> Floats:
    """f8[sets, runs of each] outcomes of a wave on the scale of a target."""
    return target.scaled(wave.of_sets(target.outcome))


def means(values: Floats) -> Floats:
    """Mean over the runs of each set that have the outcome; NaN where none has it."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan))


def _matched(targets: tuple[CalibrationTarget, ...], waves: list[Wave], chance: Floats) -> Match:
    """Emulators of all runs so far."""
    cube = np.concatenate([wave.cube for wave in waves])
    values = np.column_stack([np.concatenate([means(scaled(wave, target)) for wave in waves]) for target in targets])
    return match(targets, cube, values, chance)


def folder_of(results: Path, name: str) -> Path:
    """The folder of a calibration: the same command with the same code finds the same one."""
    from sim.policy.version import source_hash

    return Path(name) if name else results / f"calibration-{source_hash()[:10]}"
