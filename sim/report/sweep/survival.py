"""Takedown and turnaround curves, one per level of an axis, one panel per scenario."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from sim.experiments import statistics
from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.policy.problem import mistake
from sim.report.figures.kinds import Curves, Pane
from sim.report.figures.rows import Look
from sim.report.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILLION, Caption, small_print
from sim.report.sweep.shown import MOST_PANELS, PANELS, Shown, levelled, named, title_of
from sim.report.ticks import per_cent

_WORDS = (BLACK, ORANGE, BLUE, GREEN, PURPLE, VERMILLION)
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))


class Curve(NamedTuple):
    """A kind of curve.

    Attributes:
        table: breakdown that holds it.
        column: its values.
        title, vertical, horizontal: words of the figure.
        counted: in a sentence, what it counts and what it leaves out.
    """

    table: str
    column: str
    title: str
    vertical: str
    horizontal: str
    counted: str


CURVES = (
    Curve(
        "takedown_curve",
        "taken_down",
        "How soon are criminal groups taken down?",
        "groups taken down",
        "months since the group's first day",
        "Groups that leave by themselves count as never taken down; a curve ends where no group is at risk any more.",
    ),
    Curve(
        "turnaround_curve",
        "answered",
        "How long does mutual legal assistance take?",
        "requests answered",
        "months since the request was sent",
        "Requests through central authorities; those met with silence are left out, so that a curve can reach 100 % "
        "although some are never answered (outcome silence_share); withdrawn ones are censored.",
    ),
)


def kept_curves(shown: Shown) -> list[Curve]:
    """The curves that the study has kept.

    Raises:
        InputError: If it has kept none.
    """
    kept = [entry for entry in CURVES if f"breakdowns/{entry.table}" in shown.study.about["tables"]]
    if not kept:
        fix = "Sweep with sweep.breakdowns=[takedown_curve,turnaround_curve], which is the default."
        raise mistake("this study has kept no curves", "--survival", fix=fix)
    return kept


def curve_data(shown: Shown, axis: Axis, kind: Curve) -> pd.DataFrame:
    """What is drawn: scenario, level, month, value, low, high; the mean over points, its interval over seeds.

    Raises:
        InputError: If the axis has more levels than curves can be distinguished.
    """
    levels = levelled(shown.rows, axis, PANELS)
    if levels["place"].nunique() > MOST_PANELS:
        fix = f"At most {MOST_PANELS} curves can be distinguished: leave some out with --where."
        raise mistake(f"it has {levels['place'].nunique()} levels", "--x", axis.key, fix)
    table = shown.study.table(f"breakdowns/{kind.table}")
    rows = table.drop(columns=["point", SCENARIO, "seed"]).merge(
        levels[["run", "point", SCENARIO, "seed", "place", "level"]], on="run"
    )
    parts = ["place", "level", "month"] if axis.key == SCENARIO else [SCENARIO, "place", "level", "month"]
    over = "point" if shown.own_seeds else "seed"
    by_seed = rows.groupby([*parts, over], sort=True)[kind.column].mean().reset_index()
    if "at_risk" in rows:  # beyond the months in which any group is at risk, a curve is flat for lack of data
        last = rows[rows["at_risk"] > 0].groupby(parts[:-1])["month"].max().rename("last").reset_index()
        by_seed = by_seed[(by_seed["month"] <= by_seed.merge(last, on=parts[:-1], how="left")["last"]).to_numpy()]
    found = []
    for name, part in by_seed.groupby(parts, sort=True):
        entry = statistics.mean(part[kind.column].to_numpy(np.float64))
        keys = dict(zip(parts, name, strict=True))
        found.append(keys | {"value": entry.value, "low": entry.low, "high": entry.high})
    frame_ = pd.DataFrame(found)
    return frame_ if SCENARIO in frame_ else frame_.assign(**{SCENARIO: ""})


def curve_figure(shown: Shown, axis: Axis, kind: Curve, data: pd.DataFrame) -> Curves:
    """Draws `data`, as `curve_data` gives it."""
    order = [key for key in (*shown.scenarios, "") if (data[SCENARIO] == key).any()]
    across = min(3, len(order))
    levels = data.drop_duplicates("place").sort_values("place")
    series, words = levels["place"].astype(str), levels["level"].astype(str)
    names = [
        title_of(word) if axis.key == SCENARIO else f"{named(axis.key)}: {word} {axis.unit}".strip() for word in words
    ]
    return Curves(
        Caption(
            kind.title,
            f"One curve per level of “{named(axis.key, 160)}”: mean over points, with its 95 % interval over "
            f"{'points' if shown.own_seeds else 'seeds'}. {kind.counted}",
            small_print(shown.command, shown.basis),
        ),
        data.assign(
            panel=data[SCENARIO].map(order.index),
            series=data["place"].astype(str),
            at=data["month"],
            low=data["low"].clip(lower=0.0),
            high=data["high"].clip(upper=1.0),
        ),
        [Pane(fill(title_of(key), 42) if key else "", kind.horizontal, kind.vertical) for key in order],
        dict(zip(series, _looks(axis, len(levels)), strict=True)),
        dict(zip(series, names, strict=True)),
        (max(7.4, 3.4 * across), 2.5 + (3.7 if across == 1 else 3.0) * -(-len(order) // across)),
        across,
        {"sharex": True, "sharey": True},
        ticks=per_cent,
        spans={"xlim": (0, None), "ylim": (0, None)},
        key=min(3, len(names)),
    )


def _looks(axis: Axis, count: int) -> list[Look]:
    """Colour and line of each level: from dark to light along numbers, apart for words."""
    shades: Sequence[str] = _WORDS
    if axis.numeric:
        shades = [to_hex(shade) for shade in matplotlib.colormaps["viridis"](np.linspace(0.0, 0.82, count))]
    return [(shade, line, "") for shade, line in zip(shades, _LINES, strict=False)][:count]
