"""`comity plot STUDY`: which figure was asked for, where it lands, and takedown and turnaround curves by level."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from rich.console import Console

from sim.experiments import statistics, store
from sim.experiments.analyse.cases import Cases, known_outcomes
from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.experiments.statistics import known_outcome
from sim.experiments.store import check_outputs
from sim.policy.problem import mistake
from sim.report import style
from sim.report.figures.kinds import Curves, Pane
from sim.report.figures.rows import Look
from sim.report.marking import texts, worded
from sim.report.style import Caption, per_cent, save, small_print, styled
from sim.report.sweep import lines
from sim.report.sweep.shown import MOST_PANELS, PANELS, Shown, levelled, named, show, title_of, today
from sim.results.codebook import write_csv
from sim.results.stored import check_report


@dataclass(frozen=True)
class PlotOptions:
    """What a figure is to show, as `sim.api.results.SweepResult.plot` says it."""

    x: str = ""
    y: tuple[str, ...] = ()
    by: str = ""
    heat: tuple[str, ...] = ()
    scatter: tuple[str, ...] = ()
    survival: bool = False
    scenarios: tuple[str, ...] = ()
    against: str = ""
    where: tuple[str, ...] = ()
    levels: bool = False


class Plot(NamedTuple):
    """A figure with its numbers."""

    name: str  # of its files
    data: pd.DataFrame  # the numbers that are drawn
    figure: Figure
    description: str = ""  # what it shows, from the numbers; empty for the explanation of its frame


def plot(folder: Path, options: PlotOptions, command: str, console: Console) -> list[Path]:
    """Draws what was asked for into the study's folder `figures/`; returns the PNG files."""
    check_report(folder)
    cases = Cases.read(folder)
    shown = show(cases, options.scenarios, options.against, options.where, command)
    figures = folder / store.FIGURES
    store.check_writable(figures, "STUDY", "Copy the study to where you may write, or change its permissions.")
    check_outputs(figures)
    written = []
    with styled():
        for drawing in plots(shown, options):
            save(drawing.figure, figures, drawing.name, description=drawing.description)
            write_csv(drawing.data, figures / f"{drawing.name}.csv")
            written.append(figures / f"{drawing.name}.png")
            console.print(f"Figure: {written[-1]}", soft_wrap=True)
    return written


def plots(shown: Shown, options: PlotOptions) -> Iterator[Plot]:
    """The figures that were asked for, each once it is drawn."""
    by = shown.axis(options.by, "--by") if options.by else None
    if options.heat:
        yield from _maps(shown, options, by)
    elif options.scatter:
        across, up = (known_outcome(key, "--scatter") for key in options.scatter)
        data = lines.scatter_data(shown, across, up, by)
        name = _name("scatter", [across.key, up.key], options)
        yield Plot(name, data, lines.scatter_figure(shown, across, up, data).draw())
    elif options.survival:
        yield from _curves(shown, options)
    else:
        axis, outcomes = _first(shown, options), known_outcomes(options.y)
        if by is not None and by.key == axis.key:
            raise mistake("the same as --x", "--by", by.key, "Name another.")
        shown = replace(shown, paired=_pairs(shown, options) and shown.rows[axis.key].nunique() > 1)
        data = lines.line_data(shown, axis, outcomes, by)
        single = lines.seed_data(shown, axis, outcomes, by)
        figure = lines.line_figure(shown, axis, outcomes, by, data, single).draw()
        name = _name("lines", [axis.key, *options.y], options)
        yield Plot(name, data, figure, lines.describe_lines(shown, axis, outcomes, data))


def _pairs(shown: Shown, options: PlotOptions) -> bool:
    """Whether the same worlds are there at several levels, and nobody asked for something else than their changes."""
    return not (options.levels or options.against or shown.own_seeds)


def _maps(shown: Shown, options: PlotOptions, by: Axis | None) -> Iterator[Plot]:
    """A map an outcome."""
    across, up = (shown.axis(key, "--heat") for key in options.heat)
    if across.key == up.key:
        raise mistake("twice the same axis", "--heat", up.key, "Name two.")
    shown = replace(shown, paired=_pairs(shown, options) and not today(shown, (across, up)).empty)
    for outcome in known_outcomes(options.y):
        data = lines.heat_data(shown, across, up, outcome, by)
        if data["value"].notna().any():
            name = _name("heat", [across.key, up.key, outcome.key], options)
            yield Plot(name, data, lines.heat_figure(shown, across, up, outcome, data).draw())


def _curves(shown: Shown, options: PlotOptions) -> Iterator[Plot]:
    """One figure per kind of curve."""
    for option, value in (("--against", options.against), ("--by", options.by), ("--y", " ".join(options.y))):
        if value:
            raise mistake("does not go with --survival", option, value)
    axis = _first(shown, options)
    kept = [kind for kind in CURVES if f"breakdowns/{kind['table']}" in shown.study.about["tables"]]
    if not kept:
        fix = "Sweep with sweep.breakdowns=[takedown_curve,turnaround_curve], which is the default."
        raise mistake("this study has kept no curves", "--survival", fix=fix)
    for kind in kept:
        data = curve_data(shown, axis, kind)
        if data["value"].notna().any():
            name = _name("survival", [kind["table"].removesuffix("_curve"), axis.key], options)
            yield Plot(name, data, curve_figure(shown, axis, kind, data).draw())


def _first(shown: Shown, options: PlotOptions) -> Axis:
    """The axis of the lines: the one that was named, or the first that varies."""
    if options.x:
        return shown.axis(options.x, "--x")
    varying = [axis for axis in shown.axes if axis.key not in {word.partition("=")[0] for word in shown.where}]
    return varying[0] if varying else shown.axis("scenario", "--x")


def _name(kind: str, keys: Sequence[str], options: PlotOptions) -> str:
    """Name of a figure's files, after what it shows."""
    parts = [key.removeprefix("uncertainty.") for key in (kind, *keys, *(["by", options.by] if options.by else []))]
    parts += [*options.scenarios, *(["against", options.against] if options.against else []), *options.where]
    parts += ["levels"] if options.levels else []
    return re.sub(r"[^A-Za-z0-9_.=+-]+", "_", "-".join(parts))[:120]


_WORDS = (style.BLACK, style.ORANGE, style.BLUE, style.GREEN, style.PURPLE, style.VERMILLION)
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))


#: Kinds of curve: breakdown that holds it and its column, words of the figure, what it counts and what it leaves out.
CURVES: Sequence[Mapping[str, str]] = texts("report")["survival"]


def curve_data(shown: Shown, axis: Axis, kind: Mapping[str, str]) -> pd.DataFrame:
    """What is drawn: scenario, level, month, value, low, high; the mean over points, its interval over seeds."""
    levels = levelled(shown.rows, axis, PANELS)
    if levels["place"].nunique() > MOST_PANELS:
        fix = f"At most {MOST_PANELS} curves can be distinguished: leave some out with --where."
        raise mistake(f"it has {levels['place'].nunique()} levels", "--x", axis.key, fix)
    table = shown.study.table(f"breakdowns/{kind['table']}")
    held = levels[["run", "point", SCENARIO, "seed", "place", "level"]]
    rows = table.drop(columns=["point", SCENARIO, "seed"]).merge(held, on="run")
    parts = [*([] if axis.key == SCENARIO else [SCENARIO]), "place", "level", "month"]
    over = "point" if shown.own_seeds else "seed"
    by_seed = rows.groupby([*parts, over], sort=True)[kind["column"]].mean().reset_index()
    if "at_risk" in rows:  # beyond the months in which any group is at risk, a curve is flat for lack of data
        last = rows[rows["at_risk"] > 0].groupby(parts[:-1])["month"].max().rename("last").reset_index()
        by_seed = by_seed[(by_seed["month"] <= by_seed.merge(last, on=parts[:-1], how="left")["last"]).to_numpy()]
    found = [
        (*name, *statistics.mean(part[kind["column"]].to_numpy(np.float64))[:3])
        for name, part in by_seed.groupby(parts, sort=True)
    ]
    table = pd.DataFrame(found, columns=[*parts, "value", "low", "high"])
    return table if SCENARIO in table else table.assign(**{SCENARIO: ""})


def curve_figure(shown: Shown, axis: Axis, kind: Mapping[str, str], data: pd.DataFrame) -> Curves:
    """Draws `data`, as `curve_data` gives it."""
    order = [key for key in (*shown.scenarios, "") if (data[SCENARIO] == key).any()]
    across = min(3, len(order))
    levels = data.drop_duplicates("place").sort_values("place")
    series, words, scenarios = levels["place"].astype(str), levels["level"].astype(str), axis.key == SCENARIO
    names = [title_of(word) if scenarios else f"{named(axis.key)}: {word} {axis.unit}".strip() for word in words]
    over = "points" if shown.own_seeds else "seeds"
    read = worded("levels_of_curves", axis=named(axis.key, 160), over=over, counted=kind["counted"])
    points = data.assign(panel=data[SCENARIO].map(order.index), series=data["place"].astype(str), at=data["month"])
    points = points.assign(low=data["low"].clip(lower=0.0), high=data["high"].clip(upper=1.0))
    panes = [Pane(fill(title_of(key), 42) if key else "", kind["horizontal"], kind["vertical"]) for key in order]
    looks, labels = dict(zip(series, _looks(axis, len(levels)), strict=True)), dict(zip(series, names, strict=True))
    size = max(7.4, 3.4 * across), 2.5 + (3.7 if across == 1 else 3.0) * -(-len(order) // across)
    shared, spans = {"sharex": True, "sharey": True}, {"xlim": (0, None), "ylim": (0, None)}
    caption, key = Caption(kind["title"], read, small_print(shown.command, shown.basis)), min(3, len(names))
    return Curves(caption, points, panes, looks, labels, size, across, shared, ticks=per_cent, spans=spans, key=key)


def _looks(axis: Axis, count: int) -> list[Look]:
    """Colour and line of each level: from dark to light along numbers, apart for words."""
    shades: Sequence[str] = _WORDS
    if axis.numeric:
        shades = [to_hex(shade) for shade in matplotlib.colormaps["viridis"](np.linspace(0.0, 0.82, count))]
    return [(shade, line, "") for shade, line in zip(shades, _LINES, strict=False)][:count]
