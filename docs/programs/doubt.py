"""Measures how early stopping affects intervals, for docs/doubt.md: `python -m docs.programs.doubt`.

Stored pairs of the comparison give what worlds differ by: the differences of each policy from today's law, by parameter
set, without their mean. An effect is planted on them, and sets are drawn again with replacement: a study whose truth is
known. Its policy stops as a policy of a study does. Counted are intervals that hold the planted effect, and signs that
are called clear and are wrong.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from docs.programs import ROOT
from sim.experiments.doubt import DECISIVE, ROUND_WORLDS, sequence_reach, settled
from sim.experiments.sets import ROUND, set_numbers
from sim.experiments.statistics import FEWEST_PAIRS, interval
from sim.measures.arrays import Floats, Integers

BASELINE, POLICIES = "status_quo", ("faster_mlat", "all_three", "stronger_liaison", "harmonised_law")
#: Planted effects, as parts of today's level.
PLANTED = (-0.04, 0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15, 0.3, 0.6)
WORLDS, ALLOCATIONS = 100, 1000
COLUMNS = ("policy", "planted", "worlds", "cover", "cover_fixed", "half_width", "half_width_fixed", "wrong")
PAGE, MARK = ROOT / "docs" / "doubt.md", ("<!-- doubt -->", "<!-- end -->")


def stored(file: Path = ROOT / "results" / "reference" / "outcomes.csv") -> dict[str, Floats]:
    """Differences of each stored policy relative to today's mean level, f8[seeds, outcomes]."""
    outcomes = pd.read_csv(file, usecols=["block", "scenario", "seed", *DECISIVE]).query("block == 'main'")
    rows_of = {key: rows.set_index("seed").sort_index()[[*DECISIVE]] for key, rows in outcomes.groupby("scenario")}
    base = rows_of[BASELINE]
    return {key: ((rows_of[key] - base) / base.mean()).dropna().to_numpy() for key in POLICIES}


def drawn(differences: Floats, effect: float, random: np.random.Generator) -> Floats:
    """Resamples a study by parameter set and adds a known effect to all outcomes, f8[seeds, outcomes].

    Rounds of five seeds have two of one set; a drawn round has the two of a stored round, and three others.
    """
    centred = (differences - differences.mean(axis=0)).reshape(-1, ROUND, differences.shape[1])
    rounds = WORLDS // ROUND
    pairs = centred[random.integers(len(centred), size=rounds)][:, [0, -1]]
    others = centred[:, 1:-1].reshape(-1, differences.shape[1])
    single = others[random.integers(len(others), size=(rounds, ROUND - 2))]
    study = np.concatenate([pairs[:, :1], single, pairs[:, 1:]], axis=1).reshape(WORLDS, -1)
    truth = np.concatenate([centred[:, [0, -1]].mean(axis=(0, 1))[None], others.mean(axis=0)[None]])
    study -= (2.0 * truth[0] + (ROUND - 2) * truth[1]) / ROUND  # zero by construction, but for rounding
    return np.asarray(study + effect)


def stopped(effects: Floats, clusters: Integers) -> int:
    """Number of worlds after which a policy stops."""
    level = np.ones_like(effects)
    for worlds in range(FEWEST_PAIRS, WORLDS, ROUND_WORLDS):
        if settled(effects[:worlds], level[:worlds], WORLDS, clusters[:worlds]).all():
            return worlds
    return WORLDS


def measured(allocations: int = ALLOCATIONS, seed: int = 1) -> Iterator[dict[str, object]]:
    """Yields a row per policy and effect: worlds, wrong signs, coverage and half-widths with and without stopping."""
    clusters = set_numbers(np.arange(WORLDS))
    for policy, differences in stored().items():
        for effect in PLANTED:
            random = np.random.default_rng([seed, POLICIES.index(policy), PLANTED.index(effect)])
            rows = []
            for _ in range(allocations):
                effects = drawn(differences, effect, random)
                worlds = stopped(effects, clusters)
                row: list[float] = [worlds]
                for number in (worlds, WORLDS):
                    low, high = interval(effects[:number], clusters[:number])
                    row += [np.mean((low <= effect) & (effect <= high)), np.mean(high - low) / 2.0]
                centre = effects[:worlds].mean(axis=0)
                clear = np.abs(centre) > sequence_reach(effects[:worlds], clusters[:worlds])
                rows.append([*row, np.mean(clear & (np.sign(centre) != np.sign(effect)))])
            worlds_, cover, half, fixed, half_fixed, wrong = np.mean(rows, axis=0)
            yield dict(zip(COLUMNS, (policy, effect, worlds_, cover, fixed, half, half_fixed, wrong), strict=True))


def table(rows: pd.DataFrame) -> str:
    """Markdown table of the measured rows, with a summary row at its end."""
    numbers = rows[[*COLUMNS[2:]]].mean().to_dict()
    lines = [
        "| policy that gives the spread | planted | worlds | cover, stopped | cover, 100 worlds | half-width, stopped "
        "| half-width, 100 worlds | wrong sign called clear |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in [*rows.to_dict("records"), {"policy": "all", "planted": np.nan, **numbers}]:
        planted = "" if np.isnan(row["planted"]) else f"{100 * row['planted']:+.0f} %"
        parts = [f"{100 * row[key]:.1f} %" for key in COLUMNS[3:]]
        lines.append(f"| {row['policy']} | {planted} | {row['worlds']:.0f} | {' | '.join(parts)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    before, after = text[: text.index(MARK[0]) + len(MARK[0])], text[text.index(MARK[1]) :]
    rows = pd.DataFrame(measured(int(sys.argv[1]) if sys.argv[1:] else ALLOCATIONS))
    PAGE.write_text(f"{before}\n{table(rows)}\n{after}", encoding="utf-8")
