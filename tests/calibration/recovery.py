"""Does calibration recover parameters that are known? `python -m tests.calibration.recovery FOLDER [SETS]`.

FOLDER is that of a calibration whose prior has been run. Real runs would be too dear here (a whole calibration for each
planted set), so that emulators fitted to those runs stand for the model: they, with the chance of a run added, give the
published facts of each planted set and the runs from which new emulators are fitted. That flatters: the model is as
smooth as its emulators. Nothing is known beforehand but the prior, and facts are measured as well as real ones.

Reported: how many 90 % intervals hold the planted value (80 to 97 % are wanted), over all parameters and over those
that the facts decide most, and how much narrower than the prior these become.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.calibration import prior
from sim.calibration.calibrate import SIZES, means, run_prior, scaled
from sim.calibration.drawing import draw_weighted, uniform
from sim.calibration.matching import Match, chance_of, match
from sim.calibration.targets import Bound, CalibrationTarget, Role, of_role
from sim.calibration.waves import CalibrationSetting, Wave
from sim.measures.arrays import Floats

SETS, DRAWS, NAMED = 8, 1000, 8
INTERVAL = (0.05, 0.95)
#: Standard deviation of a share over its prior.
PRIOR_SD = float(np.sqrt(1 / 12))


@dataclass(frozen=True)
class Recovery:
    """What came of planted sets.

    f8[planted, parameters] shares, whether 90 % intervals hold them, and f8[parameters] standard deviations after over
    before and parts in the linear variance of outcomes, as means over planted sets and over targets.
    """

    planted: Floats
    holds: np.ndarray
    ratio: Floats
    decisive: Floats

    def named(self, number: int = NAMED) -> np.ndarray:
        """Places of the parameters that the facts decide most."""
        return np.argsort(-self.decisive)[:number]


def read_prior(folder: Path) -> Wave:
    """The prior's runs of a calibration that has finished."""
    return run_prior(CalibrationSetting(folder, "", finished=True), SIZES["full"], Console(stderr=True))


def truth_of(wave: Wave, targets: Sequence[CalibrationTarget]) -> Match:
    """Emulators that stand for the model, with the chance of its runs."""
    values = [scaled(wave, target) for target in targets]
    chance = chance_of(np.stack([column[:, :2] for column in values], axis=2))
    known = np.bincount(wave.set_of_run, minlength=len(wave.cube)) > 0
    return match(targets, wave.cube[known], np.column_stack([means(column) for column in values])[known], chance)


def simulated(truth: Match, cube: Floats, seed: int) -> Floats:
    """One run of each set by the stand-in, on the targets' scales; f8[sets, targets]."""
    draw = np.random.default_rng(seed)
    return np.column_stack(
        [part.emulator(cube) + np.sqrt(part.chance) * draw.standard_normal(len(cube)) for part in truth.parts]
    )


def around(target: CalibrationTarget, value: float) -> CalibrationTarget:
    """The same fact, measured as well, of another value, which is given on its scale."""
    return replace(target, value=float(target.unscaled(np.array([value]))[0]), bound=Bound.NONE)


def recover(truth: Match, sets: int, runs: int, seed: int = 1, draws: int = DRAWS) -> Recovery:
    """Plants sets and finds them again by emulators fitted to runs of the stand-in; draws stand for what is known."""
    targets, parameters = [part.target for part in truth.parts], len(truth.parts[0].emulator.main_effects)
    cube = uniform(runs, parameters, seed)
    chance = np.array([part.chance for part in truth.parts])
    fitted = match(targets, cube, simulated(truth, cube, seed + 1), chance)
    planted = uniform(sets, parameters, seed + 2)
    facts = simulated(truth, planted, seed + 3)
    holds, ratios = [], []
    for number in range(sets):
        parts = [replace(p, target=around(p.target, v)) for p, v in zip(fitted.parts, facts[number], strict=True)]
        found = draw_weighted(Match(tuple(parts)).energy, parameters, draws, seed + 100_000 * (number + 1))
        low, high = np.quantile(found, INTERVAL, axis=0)
        holds.append((planted[number] >= low) & (planted[number] <= high))
        ratios.append(found.std(axis=0) / PRIOR_SD)
    decisive = np.mean([part.emulator.main_effects for part in fitted.parts], axis=0)
    return Recovery(planted, np.array(holds), np.mean(ratios, axis=0), decisive)


def report(found: Recovery) -> str:
    """The figures in words."""
    sets, named, names = len(found.planted), found.named(), prior.names()
    lines = [
        f"{sets} planted sets, {found.planted.shape[1]} parameters. 90 % intervals that hold the planted value:",
        f"  all parameters: {100 * found.holds.mean():.1f} %",
        f"  the {len(named)} that the facts decide most: {100 * found.holds[:, named].mean():.1f} % "
        f"(standard error {100 * np.sqrt(0.09 / (sets * len(named))):.1f} points)",
        f"Parameters that become narrower than .9 of the prior: {(found.ratio < 0.9).sum()}, "
        f"than .7: {(found.ratio < 0.7).sum()}.",
        "Standard deviation after over before, and part of the outcomes' linear variance:",
    ]
    lines += [f"  {names[k]}: {found.ratio[k]:.2f} ({100 * found.decisive[k]:.0f} %)" for k in named]
    return "\n".join(lines)


def main(words: Sequence[str]) -> None:
    """Prints the report."""
    truth = truth_of(read_prior(Path(words[0])), of_role(Role.FIT))
    print(report(recover(truth, int(words[1]) if len(words) > 1 else SETS, SIZES["full"].prior)))


if __name__ == "__main__":
    main(sys.argv[1:])
