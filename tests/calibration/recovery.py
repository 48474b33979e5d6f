"""Tests if calibration recovers known parameter sets: `python -m tests.calibration.recovery FOLDER [SETS]`.

FOLDER is that of a calibration whose runs are there. Sets of its prior are planted in turn: what one run gave for each,
measured as badly as the real facts, stands for the facts, and sets are drawn from the prior by emulators of all other
runs, as waves are. Nothing is run; a calibration would go on, run what it draws and keep the best. Reported: how many
90 % intervals hold the planted value (85 to 95 % are wanted), of all parameters, of those that facts decide most, and
of headlines; and along how many directions of parameters sets that are found follow those planted.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.calibration import prior
from sim.calibration.calibrate import HEADLINES, emulated, run_prior
from sim.calibration.emulator import Emulator, Match, fit, one_thread
from sim.calibration.prior import draw_weighted
from sim.calibration.targets import Bound, CalibrationTarget, Role, of_role
from sim.calibration.waves import SIZES, CalibrationSetting, Drawn, Wave, joined, run_wave
from sim.experiments.analyse.cases import means_of
from sim.measures.arrays import Floats, Integers, Mask

SETS, DRAWS, PARTICLES, NAMED, INTERVAL = 40, 400, 1200, 8, (0.05, 0.95)
#: Standard deviation of a share over its prior; correlation times √sets that chance exceeds in one direction of forty.
PRIOR_SD, BY_CHANCE = float(np.sqrt(1 / 12)), 1.96


@dataclass(frozen=True)
class Recovery:
    """Result of a search for known (planted) parameter sets."""

    holds: Mask  # bool[planted, parameters] whether 90 % intervals hold them
    ratio: Floats  # f8[parameters] standard deviation after over before, mean over planted sets
    decisive: Floats  # f8[parameters] part in the linear variance of facts, mean over facts
    headlines: dict[str, Mask]  # the same of headlines, bool[planted] by key
    followed: Floats  # f8[directions] correlation of what is found with what was planted, the strongest first

    def named(self, number: int = NAMED) -> Integers:
        """Indices of the parameters that facts identify best."""
        return np.argsort(-self.decisive)[:number]


def around(target: CalibrationTarget, value: float) -> CalibrationTarget:
    """Copy of a fact with another value, given on the fact's scale."""
    return replace(target, value=float(target.unscaled(np.array([value]))[0]), bound=Bound.NONE)


def directions(found: Match) -> Floats:
    """Unit vectors along which facts identify parameters best, f8[directions, parameters]."""
    slopes = []
    for part in found.parts:
        slope = part.emulator.rest.copy()
        slope[part.emulator.strongest] += part.emulator.weights[: len(part.emulator.strongest)]
        slopes.append(slope / (part.target.half_width * part.target.slope))
    return np.linalg.svd(np.array(slopes), full_matrices=False)[2]


def recover(found: Match, headlines: dict[str, Emulator], planted: Wave, seed: int = 1, draws: int = DRAWS) -> Recovery:
    """Calibrates to outcomes of planted sets instead of facts; returns how well the sets are recovered."""
    random, ways = np.random.default_rng(seed), directions(found)
    holds, ratios, inside, along = [], [], [], []
    for place, truth in enumerate(planted.cube):
        parts = []
        for part in found.parts:
            value = float(part.target.scaled(planted.of_sets(part.target.outcome)[place, :1])[0])
            if not np.isnan(value):  # a world without an operation has no median of them
                measured = value + part.target.error * float(random.standard_normal())
                parts.append(replace(part, target=around(part.target, measured)))
        own = seed + 100_000 * (place + 1)
        drawn = draw_weighted(Match(tuple(parts)).energy, len(truth), draws, own, PARTICLES)
        low, high = np.quantile(drawn, INTERVAL, axis=0)
        holds.append((truth >= low) & (truth <= high))
        ratios.append(drawn.std(axis=0) / PRIOR_SD)
        along.append((ways @ truth, ways @ drawn.mean(axis=0)))
        runs = {key: planted.of_sets(key)[place, 0] for key in headlines}
        inside.append([_holds(headlines[key], drawn, value, random) for key, value in runs.items()])
    followed = [np.corrcoef(*pairs)[0, 1] for pairs in np.array(along).transpose(2, 1, 0)]
    decisive = np.mean([part.emulator.main_effects for part in found.parts], axis=0)
    by_key = dict(zip(headlines, np.array(inside).T, strict=True))
    return Recovery(np.array(holds), np.mean(ratios, axis=0), decisive, by_key, np.array(followed))


def _holds(emulator: Emulator, drawn: Floats, value: float, random: np.random.Generator) -> bool:
    """True if the 90 % interval of runs with the drawn sets contains a value."""
    runs = emulator(drawn) + np.sqrt(emulator.error) * random.standard_normal(len(drawn))
    return bool(np.quantile(runs, INTERVAL[0]) <= value <= np.quantile(runs, INTERVAL[1]))


def _not_drawn() -> Drawn:
    raise FileNotFoundError("the folder lacks a wave")


def read(folder: Path, sets: int) -> tuple[Match, dict[str, Emulator], Wave]:
    """Reads a calibration; returns its emulators, and the last sets of the prior as planted sets."""
    size = SIZES["full"]
    drawn = run_prior(setting := CalibrationSetting(folder, "", size, finished=True))
    waves = [run_wave(setting, number, "", _not_drawn, np.arange(of)) for number, of in enumerate(size.waves, 1)]
    rest, planted = (drawn.chosen(of) for of in np.split(np.arange(size.prior), [size.prior - sets]))
    others = joined([rest, *waves])
    with one_thread():
        inputs, found = emulated(of_role(Role.FIT), others, size.repeats)
        headlines = {key: fit(others.cube, means_of(others.of_sets(key)), inputs) for key in HEADLINES}
    return found, headlines, planted


def report(found: Recovery) -> str:
    """Text with the figures of a recovery test."""
    sets, named, names = len(found.holds), found.named(), prior.names()
    over = np.abs(found.followed) * np.sqrt(sets) > BY_CHANCE
    lines = [
        f"{sets} planted sets, {found.holds.shape[1]} parameters. 90 % intervals that hold what was planted:",
        f"  all parameters: {100 * found.holds.mean():.1f} %",
        f"  the {len(named)} that the facts decide most: {100 * found.holds[:, named].mean():.1f} % "
        f"(standard error {100 * np.sqrt(0.09 / (sets * len(named))):.1f} points)",
        *(f"  {key}: {100 * held.mean():.0f} % of runs" for key, held in found.headlines.items()),
        f"Directions that are followed by more than chance: {over.sum()} of {len(over)}; correlations "
        + ", ".join(f"{one:.2f}" for one in found.followed),
        f"Parameters that become narrower than 0.9 of the prior: {(found.ratio < 0.9).sum()}.",
        "Standard deviation after over before, and part of the facts' linear variance:",
        *(f"  {names[k]}: {found.ratio[k]:.2f} ({100 * found.decisive[k]:.0f} %)" for k in named),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    with one_thread():
        print(report(recover(*read(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else SETS))))
