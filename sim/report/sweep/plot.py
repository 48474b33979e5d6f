"""`comity plot STUDY`: which figure was asked for, and where it lands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console

from sim.experiments import store
from sim.experiments.analyse.cases import Cases, known_outcome, known_outcomes
from sim.experiments.axis import Axis
from sim.experiments.foreign import check_outputs
from sim.policy.problem import mistake
from sim.report.style import save, styled
from sim.report.sweep.lines import describe_lines, line_data, line_figure, seed_data
from sim.report.sweep.shown import Shown, show, today
from sim.report.sweep.survival import curve_data, curve_figure, kept_curves
from sim.report.sweep.two_axes import heat_data, heat_figure, scatter_data, scatter_figure
from sim.results.codebook import write_csv
from sim.results.stored import check_report


@dataclass(frozen=True)
class PlotOptions:
    """What a figure is to show, as typed.

    Attributes:
        x: axis along which lines are drawn, or that curves are distinguished by; empty for the first.
        y: outcomes; none for the headline.
        by: axis of which each level has a panel; empty for none.
        heat: the two axes of a map; none for no map.
        scatter: the two outcomes of a scatter; none for no scatter.
        survival: whether curves are drawn.
        scenarios, against, where: which part of the study.
        levels: whether lines and maps show levels instead of the change from the first one, or from today's.
    """

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


@dataclass(frozen=True)
class Plot:
    """A figure with its numbers.

    Attributes:
        name: of its files.
        data: the numbers that are drawn.
        figure: the figure.
        description: what it shows, from the numbers; empty for the explanation of its frame.
    """

    name: str
    data: pd.DataFrame
    figure: Figure
    description: str = ""


def plot(folder: Path, options: PlotOptions, command: str, console: Console) -> list[Path]:
    """Draws what was asked for into the study's folder `figures/`.

    Args:
        folder: of the study.
        options: what to draw.
        command: the command line, for the small print.
        console: where the figures are named.

    Returns:
        The PNG files.

    Raises:
        InputError: no study, an unknown key or outcome, or nothing to draw.
    """
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
        data = scatter_data(shown, across, up, by)
        name = _name("scatter", [across.key, up.key], options)
        yield Plot(name, data, scatter_figure(shown, across, up, data).draw())
    elif options.survival:
        yield from _curves(shown, options)
    else:
        axis, outcomes = _first(shown, options), known_outcomes(options.y)
        if by is not None and by.key == axis.key:
            raise mistake("the same as --x", "--by", by.key, "Name another.")
        shown = replace(shown, paired=_pairs(shown, options) and shown.rows[axis.key].nunique() > 1)
        data = line_data(shown, axis, outcomes, by)
        single = seed_data(shown, axis, outcomes, by)
        figure = line_figure(shown, axis, outcomes, by, data, single).draw()
        name = _name("lines", [axis.key, *options.y], options)
        yield Plot(name, data, figure, describe_lines(shown, axis, outcomes, data))


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
        data = heat_data(shown, across, up, outcome, by)
        if data["value"].notna().any():
            name = _name("heat", [across.key, up.key, outcome.key], options)
            yield Plot(name, data, heat_figure(shown, across, up, outcome, data).draw())


def _curves(shown: Shown, options: PlotOptions) -> Iterator[Plot]:
    """One figure per kind of curve."""
    for option, value in (("--against", options.against), ("--by", options.by), ("--y", " ".join(options.y))):
        if value:
            raise mistake("does not go with --survival", option, value)
    axis = _first(shown, options)
    for kind in kept_curves(shown):
        data = curve_data(shown, axis, kind)
        if data["value"].notna().any():
            name = _name("survival", [kind.table.removesuffix("_curve"), axis.key], options)
            yield Plot(name, data, curve_figure(shown, axis, kind, data).draw())


def _first(shown: Shown, options: PlotOptions) -> Axis:
    """The axis of the lines: the one that was named, or the first that varies."""
    if options.x:
        return shown.axis(options.x, "--x")
    varying = [axis for axis in shown.axes if axis.key not in {word.partition("=")[0] for word in shown.where}]
    return varying[0] if varying else shown.axis("scenario", "--x")


def _name(kind: str, keys: Sequence[str], options: PlotOptions) -> str:
    """Name of a figure's files, after what it shows."""
    parts = [kind, *(key.removeprefix("uncertainty.") for key in keys)]
    parts += ["by", options.by.removeprefix("uncertainty.")] if options.by else []
    parts += list(options.scenarios)
    parts += ["against", options.against] if options.against else []
    parts += list(options.where)
    parts += ["levels"] if options.levels else []
    return re.sub(r"[^A-Za-z0-9_.=+-]+", "_", "-".join(parts))[:120]
