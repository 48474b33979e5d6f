"""What comes of a calibration: the ensemble as a table, its manifest, and docs/calibration.md.

The page says what was done, how far sets agree with the facts, and what stays unknown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd

from sim.calibration import prior
from sim.calibration.calibrate import (
    BY_PRIOR,
    LAST,
    LEAST_NEAR,
    LOOKED_AT,
    SHARPENED,
    Calibration,
    TwoEnsembles,
    meets_at_first,
    promise_kept,
)
from sim.calibration.emulator import CUT, DISCREPANCY
from sim.calibration.ensemble import COMMAND, DISTANCE, RUN, VALUE
from sim.calibration.targets import ERRORS, Bound, CalibrationTarget, Role, of_role
from sim.calibration.waves import CalibrationSetting
from sim.experiments.analyse.cases import means_of
from sim.experiments.manifest import code_version
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES
from sim.report.marking import markdown_table, texts
from sim.report.page.parts import Chapter, Page
from sim.results.words import counted, per_cent
from sim.world.parameters import WorldSpec

#: Of a share that is evenly spread over 0–1: standard deviation, and kurtosis, which decides the error of that.
_PRIOR_SD, _KURTOSIS = 1.0 / np.sqrt(12.0), 1.8
#: Standard errors beyond which a shift or a narrowing is no accident among hundreds of parameters.
_ERRORS = 4.0
ENDS = (0.05, 0.5, 0.95)


def with_outcome() -> tuple[CalibrationTarget, ...]:
    """All facts that runs can be compared with, those that fit first."""
    return tuple(one for role in (Role.FIT, Role.VALIDATION, Role.REVISED, Role.USED) for one in of_role(role))


def table(found: Calibration) -> pd.DataFrame:
    """The ensemble: parameters, distances, and outcomes of fresh runs, one row per set."""
    runs = (columns_of(target, found.confirmed.of_sets(target.outcome)) for target in with_outcome())
    return pd.concat([prior.frame_of(found.kept), *map(pd.DataFrame, runs)], axis=1)


def columns_of(target: CalibrationTarget, values: Floats) -> dict[str, Floats]:
    """What the ensemble has of a fact, from f8[sets, runs of each]."""
    mean = means_of(values)
    each = {f"{RUN.format(number)}{target.key}": run for number, run in enumerate(values.T, 1)}
    return {f"{DISTANCE}{target.key}": target.distance(mean), f"{VALUE}{target.key}": mean, **each}


def manifest(found: Calibration, setting: CalibrationSetting, size: str) -> dict[str, Any]:
    """What made the ensemble, as plain values."""
    prior_runs, after = found.waves[0], found.confirmed
    levels = {key: (prior_runs.of_sets(key)[:, 0], means_of(after.of_sets(key))) for key in HEADLINES}
    left = [wave.left for wave in found.waves if wave.left]
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "command": COMMAND,
        "size": size,
        "sizes": asdict(setting.size) | {"waves": list(setting.size.waves)},
        "seed": setting.seed,
        "runs": len(found.runs),
        "runs_failed": int(found.runs["failed"].notna().sum()),
        "sets": len(found.kept),
        "runs_of_each_set": setting.size.confirm,
        "world": asdict(setting.world),
        "code": code_version(),
        "sources_of_waves": [list(wave.code) for wave in (*found.waves, after)],
        "discrepancy": DISCREPANCY,
        "share_of_prior_not_ruled_out": [float(f"{one.plausible:.3g}") for one in left],
        "share_of_prior_that_should_meet_all": [float(f"{one.meets:.2g}") for one in left],
        "parameters_varied": len(prior.axes()),
        "inputs": [prior.names()[place] for place in found.inputs],
        "beyond_reach": [target.key for target in found.beyond],
        "informative": [target.key for target in found.informative],
        "candidates_that_keep_promises": found.promised,
        "levels": {  # 5 %, median and 95 % of first runs of the prior, and of sets' mean runs
            key: [[float(f"{end:.4g}") for end in np.nanquantile(values, ENDS)] for values in both]
            for key, both in levels.items()
        },
        "prior": {one.key: ends_of(one, prior_runs.of_sets(one.outcome)[:, 0]) for one in with_outcome()},
    }


def ends_of(target: CalibrationTarget, values: Floats) -> list[float]:
    """Numbers whose median, 5 and 95 % are those of first runs of the prior, and the share of them that meets a fact.

    Empty where none has the outcome.
    """
    if np.isnan(values).all():
        return []
    low, middle, high = np.nanquantile(values, ENDS).tolist()
    return [low, low, middle, high, high, float(target.inside(values).mean())]


def movements(kept: Floats) -> pd.DataFrame:
    """What the data say of every parameter, on the scale of its prior, by dotted name.

    `ratio` is the standard deviation among the sets over that of the prior, `shift` that of the mean, in standard
    deviations of the prior; `identified`: either is more than chance among so many.
    """
    ratio, shift = kept.std(axis=0, ddof=1) / _PRIOR_SD, (kept.mean(axis=0) - 0.5) / _PRIOR_SD
    error_of_shift, error_of_ratio = 1.0 / np.sqrt(len(kept)), np.sqrt((_KURTOSIS - 1.0) / (4.0 * len(kept)))
    identified = (np.abs(shift) > _ERRORS * error_of_shift) | (ratio < 1.0 - _ERRORS * error_of_ratio)
    return pd.DataFrame({"ratio": ratio, "shift": shift, "identified": identified}, index=prior.names())


def meets(frame: pd.DataFrame, targets: Sequence[CalibrationTarget]) -> pd.DataFrame:
    """Whether each set meets each of some facts, a column per fact."""
    return pd.DataFrame({target.key: target.inside(frame[f"{VALUE}{target.key}"].to_numpy()) for target in targets})


def meeting_all(frame: pd.DataFrame, targets: Sequence[CalibrationTarget]) -> float:
    """Share of the sets that meet every one of some facts; NaN where there are none."""
    return float(meets(frame, targets).all(axis=1).mean())


#: Names of the figures.
FACTS_FIGURE, MOVED_FIGURE = "calibration_facts", "calibration_moved"


def calibration_page(found: Calibration, frame: pd.DataFrame, about: Mapping[str, Any], second: TwoEnsembles) -> Page:
    """The page of a calibration, its ensemble and manifest, and another ensemble beside it."""
    others = {"number": len(second.sets), "first": second.first, "second": second.second, "of_logs": second.of_logs}
    sections = (
        Chapter("What was done", _summary(found, frame, about)),
        Chapter("Facts", _targets(found, frame)),
        Chapter("Emulators", _emulators(found)),
        Chapter("What the facts say of parameters", _parameters(found)),
        Chapter("A second ensemble, which no count chose", said("second", **others)),
    )
    return Page("Calibration", (), sections=sections, manifest={"command": COMMAND, "code": code_of(about)})


def paragraph(text: str) -> str:
    """A paragraph, broken into lines."""
    return fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)


def said(name: str, **gaps: object) -> str:
    """A paragraph of the texts, with its gaps filled."""
    return paragraph(texts("calibration")[name].format(**gaps))


def code_of(about: Mapping[str, Any]) -> str:
    """Date and code version of an ensemble in words."""
    code = about.get("code") or {}
    commit = f", commit {str(code['commit'])[:10]}" if code.get("commit") else ""
    changed = " with changes" if code.get("dirty") else ""
    version = f"Comity {code.get('version', '')}{commit}{changed}"
    return f"{about.get('made', '')}, {version}, sources {str(code.get('sources'))[:10]}"


def _summary(found: Calibration, frame: pd.DataFrame, about: Mapping[str, Any]) -> str:
    """What was done, and the shares of sets that agree."""
    main, every, size = found.informative, found.targets, about["sizes"]
    met, before = meets(frame, every), meets_at_first(found.waves[0], every)
    keys, left = [target.key for target in main], (wave.left for wave in found.waves if wave.left)
    own_world = about["world"] == asdict(WorldSpec())
    gaps = {**about, **size, "version": about.get("version", 1), "command": COMMAND, "code": code_of(about)}
    gaps |= {"left": "; ".join(f"{100 * part.plausible:.2g} and {100 * part.meets:.1g} %" for part in left)}
    gaps |= {"world": "of the default world" if own_world else "of another world than the default"}
    gaps |= {"waves": ", ".join(map(str, size["waves"])), "last": min(LAST, len(size["waves"])), "sharpened": SHARPENED}
    gaps |= {"prompt": found.promised, "promised": per_cent(float(promise_kept(found.confirmed).mean()))}
    gaps |= {"confirm": counted(size["confirm"], "more run"), "outcomes": len({target.outcome for target in main})}
    gaps |= {"inputs": len(found.inputs), "errors": ERRORS, "cut": CUT, "by_prior": per_cent(BY_PRIOR)}
    gaps |= {"main": len(main), "every": len(every), "near": per_cent(LEAST_NEAR), "looked": LOOKED_AT}
    gaps |= {"all_main": per_cent(meeting_all(frame, main)), "all_every": per_cent(meeting_all(frame, every))}
    gaps |= {"mean_main": met[keys].sum(axis=1).mean(), "mean_every": met.sum(axis=1).mean()}
    gaps |= {"medians": meets(frame.median().to_frame().T, main).iloc[0].sum()}
    gaps |= {"prior_all": per_cent(before[keys].all(axis=1).mean()), "prior_mean": before[keys].sum(axis=1).mean()}
    gaps |= {"beyond": ", ".join(target.title for target in found.beyond) or "there is none"}
    return "\n\n".join(said(name, **gaps) for name in ("made", "chosen", "ruled_out", "met", "beyond"))


def _targets(found: Calibration, frame: pd.DataFrame) -> str:
    """Shares that meet each fact, before and after."""
    rows, first, met = [], meets_at_first(found.waves[0], found.targets).mean(), meets(frame, found.targets).mean()
    for target, part in zip(found.targets, found.first.parts, strict=False):  # those that are promised come behind them
        effects = part.emulator.main_effects
        strongest = f"`{prior.names()[int(effects.argmax())]}` ({per_cent(float(effects.max()))})"
        inside = (per_cent(float(share[target.key])) for share in (first, met))
        rows.append([target.title, band(target), target.unit, *inside, strongest, str(target.flag)])
    head = ["fact", "within", "unit", "prior inside", "sets inside", "strongest parameter", "fact is"]
    figure, text = (
        f"![Published facts beside the model](figures/{FACTS_FIGURE}.png)",
        said("facts", sets=len(found.waves[0].cube)),
    )
    return f"{figure}\n\n{text}\n\n{markdown_table(head, rows, right={3, 4})}"


def band(target: CalibrationTarget) -> str:
    """Between which an outcome meets the fact, in words."""
    if target.bound is Bound.LOWER:
        return f"≥ {figure(target.low)}"
    high = figure(target.high)
    return f"≤ {high}" if target.bound is Bound.UPPER else f"{figure(target.low)} to {high}"


def figure(value: float) -> str:
    """A number of three digits, or a whole one."""
    return f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _emulators(found: Calibration) -> str:
    """Quality of the emulators."""
    rows, facts = [], found.last.parts[: len(found.targets)]
    for first, part in zip(found.first.parts, facts, strict=False):
        width, last = part.target.half_width * part.target.slope, part.emulator.explained
        most = 1.0 - part.chance * (1.0 - last) / part.emulator.error
        numbers = first.emulator.explained, last, most, *(part.own_error**0.5 / width, part.chance**0.5 / width)
        rows.append([part.target.title, *("–" if math.isnan(number) else f"{number:.2f}" for number in numbers)])
    text = said("emulators", less=sum(part.own_error < part.chance for part in facts), facts=len(rows))
    return f"{text}\n\n{markdown_table(['target', 'prior R²', 'last R²', 'at most', 'error', 'chance'], rows)}"


def _parameters(found: Calibration) -> str:
    """Parameters that moved, and the list of those that did not."""
    every = movements(found.kept)
    known = every.query("identified").sort_values("ratio", kind="stable")
    rows = [[f"`{one.Index}`", f"{one.ratio:.2f}", f"{one.shift:+.2f}"] for one in known.itertuples()]
    inputs = ", ".join(f"`{prior.names()[place]}`" for place in found.inputs) or "none"
    rest = [f"`{name}`" for name in every.index[~every["identified"]]]
    parts = (
        said("moved", every=len(every), known=len(known)),
        f"![Parameters that moved or narrowed](figures/{MOVED_FIGURE}.png)",
        markdown_table(["parameter", "ratio", "shift"], rows) if rows else "None.",
        said("inputs", number=len(found.inputs), inputs=inputs),
        "### Not identified",
        paragraph(f"The facts say nothing of these {len(rest)} one by one: the ensemble holds their whole prior."),
        paragraph(", ".join(rest)),
    )
    return "\n\n".join(parts)
