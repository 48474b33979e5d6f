"""Indices of sensitivity: one panel per outcome, the parameters of most influence with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd

from sim.experiments.analyse.cases import Cases, Contrast
from sim.experiments.analyse.sensitivity import HIDES, Method, Sensitivity
from sim.measures.outcome import Outcome
from sim.report.figures.rows import Panel, Rows
from sim.report.style import BLACK, BLUE, ORANGE, Caption, small_print
from sim.report.sweep.shown import named, titled
from sim.report.ticks import plain, signed
from sim.results.words import counted

#: Parameters that a panel shows.
MOST = 10
_WORDS = {
    Method.MORRIS: "Mean size of what moving a parameter over its interval does (mu*), over trajectories. The tick is "
    "what chance alone would show: a mark that does not pass it cannot be distinguished from replicate noise.",
    Method.SOBOL: "Share of the variance that a parameter makes: alone (first), and with all in which it takes part "
    "(total). Shares of total can add up to more than 100 %.",
    Method.RANKS: "Standardised coefficient of a regression on ranks: how far the outcome's rank moves with the "
    "parameter's. To the right: more of it, more of the outcome.",
}

#: Look and name of each index; what each method's size counts, and in the plural where that is not an s more.
_LOOKS = {"value": (BLUE, "-", "o"), "first": (ORANGE, "-", "s"), "noise": (BLACK, "-", "|")}
_NAMES = {
    Method.MORRIS: {"value": "mu*", "noise": "replicate noise alone"},
    Method.SOBOL: {"value": "total: with others", "first": "first: alone"},
    Method.RANKS: {"value": "coefficient"},
}
_SIZES = {Method.MORRIS: ("trajectory", "trajectories"), Method.SOBOL: ("base sample",), Method.RANKS: ("point",)}


def index_figure(
    cases: Cases, found: Sensitivity, outcomes: Sequence[Outcome], contrast: Contrast, command: str
) -> Rows:
    """Draws the indices of one contrast."""
    shown = [outcome for outcome in outcomes if len(found.of(outcome.key, contrast.label))]
    across = min(2, len(shown))
    height = 1.1 + 0.24 * min(MOST, len(cases.axes))
    size = found.table.loc[found.table["contrast"] == contrast.label, ["size", "seeds"]].max()
    points = counted(int(size["size"]), *_SIZES[found.method])
    names = _NAMES[found.method]
    return Rows(
        Caption(
            f"What moves the outcomes? {titled(contrast)}",
            f"{_WORDS[found.method]} Lines: 95 % intervals.",
            small_print(command, f"{found.method}: up to {points}, {counted(int(size['seeds']), 'seed')} per point."),
        ),
        [_panel(found, outcome, found.of(outcome.key, contrast.label).head(MOST)) for outcome in shown],
        (),
        {key: _LOOKS[key] for key in names},
        names if len(names) > 1 else {},
        (10.0 if across == 2 else 7.6, 2.1 + height * -(-len(shown) // across)),
        across,
        {"value": 0.0, "first": 0.3, "noise": 0.0},
    )


def _panel(found: Sensitivity, outcome: Outcome, rows: pd.DataFrame) -> Panel:
    """One outcome."""
    nothing = pd.DataFrame({"row": [0], "series": "value", "value": np.nan, "start": np.nan, "end": np.nan})
    if found.hidden(outcome.key, str(rows.iloc[0]["contrast"])):
        words = fill(f"More than {100 * HIDES:.0f} % is replicate noise, which hides what any parameter does.", 34)
        return Panel(outcome.title, "", nothing.assign(missing=words), (0.0, 1.0), rows=[""])
    factor = 100.0 if found.method is Method.SOBOL or _share(found, outcome) else 1.0
    columns = {"value": ("value", "low", "high"), "first": ("first", "first_low", "first_high")}
    columns |= {"noise": ("noise_floor",) * 3}
    marks = [
        pd.DataFrame(factor * rows[list(columns[series])].to_numpy(np.float64), columns=["value", "start", "end"])
        for series in _NAMES[found.method]
    ]
    table = pd.concat([part.assign(series=key) for key, part in zip(_NAMES[found.method], marks, strict=True)])
    table = table.rename_axis("row").reset_index()
    ends = np.nan_to_num([0.0, *table[["value", "start", "end"]].to_numpy().ravel()])
    units = {Method.SOBOL: "% of the variance between points", Method.RANKS: "standardised coefficient"}
    own = "percentage points" if _share(found, outcome) else outcome.unit
    return Panel(
        outcome.title,
        f"{units.get(found.method, own)}{_rests_on(found, rows)}",
        table,
        (float(ends.min()), float(ends.max()) or 1.0),
        ticks=signed if found.method is Method.RANKS else plain,
        rows=[fill(named(key, 66), 34) for key in rows["parameter"]],
    )


def _rests_on(found: Sensitivity, rows: pd.DataFrame) -> str:
    """How much of it is noise, or on how many trajectories it rests: those in which the outcome is defined."""
    row = rows.iloc[0]
    if found.method is Method.MORRIS:
        return f" ({row['size']:.0f} trajector{'y, no interval' if row['size'] == 1 else 'ies'})"
    return f"\n(replicate noise: {100 * row['noise_share']:.0f} % of it)" if np.isfinite(row["noise_share"]) else ""


def _share(found: Sensitivity, outcome: Outcome) -> bool:
    return found.method is Method.MORRIS and outcome.unit == "share"
