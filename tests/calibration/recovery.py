"""Does calibration find parameter sets that are known? `python -m tests.calibration.recovery FOLDER [SETS]`.

FOLDER is that of a calibration whose runs are there. Sets of its prior are planted in turn: what one run of the real
model gave for each, measured as badly as the real facts, stands for the facts, and sets are drawn from the prior by
emulators of all other runs, as the waves of a calibration draw theirs. Nothing is run. A calibration goes on from
there: it runs what it draws and keeps the best, which this leaves out.

Reported: how many 90 % intervals hold the planted value (85 to 95 % are wanted), of all parameters, of those that facts
decide most, and of headlines; and along how many directions of parameters sets that are found follow those planted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.calibration import prior
from sim.calibration.calibrate import emulated, means, run_prior
from sim.calibration.drawing import draw_weighted
from sim.calibration.emulator import Emulator, fit, one_thread
from sim.calibration.matching import Match
from sim.calibration.ranking import HEADLINES
from sim.calibration.targets import Bound, CalibrationTarget, Role, of_role
from sim.calibration.waves import SIZES, CalibrationSetting, Drawn, Wave, joined, run_wave
from sim.measures.arrays import Floats, Integers, Mask

SETS, DRAWS, PARTICLES, NAMED = 40, 400, 1200, 8
INTERVAL = (0.05, 0.95)
#: Standard deviation of a share over its prior.
PRIOR_SD = float(np.sqrt(1 / 12))
#: Correlation over planted sets, times the root of their number, that chance exceeds in one direction of forty.
BY_CHANCE = 1.96


@dataclass(frozen=True)
class Recovery:
    """What came of planted sets.

    Attributes:
        holds: bool[planted, parameters] whether 90 % intervals hold them.
        ratio: f8[parameters] standard deviation after over before, mean over planted sets.
        decisive: f8[parameters] part in the linear variance of facts, mean over facts.
        headlines: whether 90 % intervals hold the planted headline, bool[planted] by key.
        followed: f8[directions] correlation of what is found with what was planted, along directions by which facts
            set them apart, the strongest first.
    """

    holds: Mask
    ratio: Floats
    decisive: Floats
    headlines: dict[str, Mask]
    followed: Floats

    def named(self, number: int = NAMED) -> Integers:
        """Places of the parameters that facts decide most."""
        return np.argsort(-self.decisive)[:number]


def around(target: CalibrationTarget, value: float) -> CalibrationTarget:
    """The same fact, measured as well, of another value, which is given on the scale of facts."""
    return replace(target, value=float(target.unscaled(np.array([value]))[0]), bound=Bound.NONE)


def directions(found: Match) -> Floats:
    """f8[directions, parameters] of length 1, by which facts set them apart: those of emulators' linear parts."""
    slopes = []
    for part in found.parts:
        slope = part.emulator.rest.copy()
        slope[part.emulator.strongest] += part.emulator.weights[: len(part.emulator.strongest)]
        slopes.append(slope / (part.target.half_width * part.target.slope))
    return np.linalg.svd(np.array(slopes), full_matrices=False)[2]


def recover(found: Match, headlines: dict[str, Emulator], planted: Wave, seed: int = 1, draws: int = DRAWS) -> Recovery:
    """Finds planted sets again.

    Args:
        found: emulators of facts, from other sets.
        headlines: emulators of headlines, from other sets.
        planted: sets and their runs, the first of which stands for the facts.
        seed: of errors of measurement and of draws.
        draws: sets that stand for what is known of each planted one.
    """
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
        run = [planted.of_sets(key)[place, 0] for key in headlines]
        inside.append([_holds(one, drawn, value, random) for one, value in zip(headlines.values(), run, strict=True)])
    pairs = np.array(along)
    followed = [np.corrcoef(pairs[:, 0, way], pairs[:, 1, way])[0, 1] for way in range(len(ways))]
    decisive = np.mean([part.emulator.main_effects for part in found.parts], axis=0)
    by_key = dict(zip(headlines, np.array(inside).T, strict=True))
    return Recovery(np.array(holds), np.mean(ratios, axis=0), decisive, by_key, np.array(followed))


def _holds(emulator: Emulator, drawn: Floats, value: float, random: np.random.Generator) -> bool:
    """Whether the 90 % interval of a run of the sets that were drawn holds an outcome."""
    runs = emulator(drawn) + np.sqrt(emulator.error) * random.standard_normal(len(drawn))
    low, high = np.quantile(runs, INTERVAL)
    return bool(low <= value <= high)


def _not_drawn() -> Drawn:
    """Nothing is drawn where all runs are there."""
    raise FileNotFoundError("the folder lacks a wave")


def read(folder: Path, sets: int) -> tuple[Match, dict[str, Emulator], Wave]:
    """Emulators of all runs of a calibration but those of planted sets, and these: of the prior, the last ones."""
    size = SIZES["full"]
    setting = CalibrationSetting(folder, "", size, finished=True)
    drawn = run_prior(setting)
    waves = [run_wave(setting, number, "", _not_drawn, np.arange(of)) for number, of in enumerate(size.waves, 1)]
    planted = drawn.chosen(np.arange(size.prior - sets, size.prior))
    others = joined([drawn.chosen(np.arange(size.prior - sets)), *waves])
    with one_thread():
        inputs, found = emulated(of_role(Role.FIT), others, size.repeats)
        headlines = {key: fit(others.cube, means(others.of_sets(key)), inputs) for key in HEADLINES}
    return found, headlines, planted


def report(found: Recovery) -> str:
    """The figures in words."""
    sets, named, names = len(found.holds), found.named(), prior.names()
    over = np.abs(found.followed) * np.sqrt(sets) > BY_CHANCE
    lines = [
        f"{sets} planted sets, {found.holds.shape[1]} parameters. 90 % intervals that hold what was planted:",
        f"  all parameters: {100 * found.holds.mean():.1f} %",
        f"  the {len(named)} that the facts decide most: {100 * found.holds[:, named].mean():.1f} % "
        f"(standard error {100 * np.sqrt(0.09 / (sets * len(named))):.1f} points)",
        *(f"  {key}: {100 * held.mean():.0f} % of runs" for key, held in found.headlines.items()),
        f"Directions along which sets that are found follow those planted by more than chance: {over.sum()} of "
        f"{len(over)}; correlations {', '.join(f'{one:.2f}' for one in found.followed)}",
        f"Parameters that become narrower than .9 of the prior: {(found.ratio < 0.9).sum()}.",
        "Standard deviation after over before, and part of the facts' linear variance:",
    ]
    lines += [f"  {names[k]}: {found.ratio[k]:.2f} ({100 * found.decisive[k]:.0f} %)" for k in named]
    return "\n".join(lines)


def main(words: Sequence[str]) -> None:
    """Prints the report."""
    with one_thread():
        print(report(recover(*read(Path(words[0]), int(words[1]) if len(words) > 1 else SETS))))


if __name__ == "__main__":
    main(sys.argv[1:])
