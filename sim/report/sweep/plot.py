"""`comity plot STUDY`: which figure was asked for, and where it lands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console

from sim.experiments import store
from sim.experiments.analyse.cases import Cases, known_outcome, known_outcomes
from sim.experiments.axis import Axis
from sim.experiments.overrides import COMMAND_LINE
from sim.measures.outcomes import HEADLINES
from sim.policy.problem import InputError
from sim.report.style import save, styled
from sim.report.sweep.heat import heat_data, heat_figure
from sim.report.sweep.lines import line_data, line_figure, seed_data
from sim.report.sweep.scatter import scatter_data, scatter_figure
from sim.report.sweep.shown import Shown, show
from sim.report.sweep.survival import curve_data, curve_figure, kept_curves


@dataclass(frozen=True)
class Asked:
    """What a figure is to show, as typed.

    Attributes:
        x: axis along which lines are drawn, or that curves are told apart by; empty for the first.
        y: outcomes; none for the headline.
        by: axis of which each level has a panel; empty for none.
        heat: the two axes of a map; none for no map.
        scatter: the two outcomes of a scatter; none for no scatter.
        survival: whether curves are drawn.
        scenarios, against, where: which part of the study.
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


@dataclass(frozen=True)
class Drawing:
    """A figure with its numbers.

    Attributes:
        name: of its files.
        data: the numbers that are drawn.
        figure: the figure.
    """

    name: str
    data: pd.DataFrame
    figure: Figure


def plot(folder: Path, asked: Asked, command: str, console: Console) -> list[Path]:
    """Draws what was asked for into the study's folder `figures/`.

    Args:
        folder: of the study.
        asked: what to draw.
        command: the command line, for the small print.
        console: where it is told what was drawn.

    Returns:
        The PNG files.

    Raises:
        InputError: no study, an unknown key or outcome, or nothing to draw.
    """
    cases = Cases.read(folder)
    shown = show(cases, asked.scenarios, asked.against, asked.where, command)
    figures = folder / store.FIGURES
    store.check_writable(figures, "STUDY", "Copy the study to where you may write, or change its permissions.")
    written = []
    with styled():
        for drawing in drawings(shown, asked):
            save(drawing.figure, figures, drawing.name)
            store.write_csv(drawing.data, figures / f"{drawing.name}.csv")
            written.append(figures / f"{drawing.name}.png")
            console.print(f"Figure: {written[-1]}", soft_wrap=True)
    return written


def drawings(shown: Shown, asked: Asked) -> Iterator[Drawing]:
    """The figures that were asked for, each once it is drawn."""
    cases = shown.cases
    by = cases.axis(asked.by, "--by") if asked.by else None
    if asked.heat:
        yield from _maps(shown, asked, by)
    elif asked.scatter:
        across, up = (known_outcome(key, "--scatter") for key in asked.scatter)
        data = scatter_data(shown, across, up, by)
        name = _name("scatter", [across.key, up.key], asked)
        yield Drawing(name, data, scatter_figure(shown, across, up, data))
    elif asked.survival:
        yield from _curves(shown, asked)
    else:
        axis, outcomes = _first(shown, asked), known_outcomes(asked.y, HEADLINES)
        if by is not None and by.key == axis.key:
            raise InputError("the same as --x", where=COMMAND_LINE, key="--by", value=by.key, fix="Name another.")
        data = line_data(shown, axis, outcomes, by)
        single = seed_data(shown, axis, outcomes, by)
        figure = line_figure(shown, axis, outcomes, by, data, single)
        yield Drawing(_name("lines", [axis.key, *asked.y], asked), data, figure)


def _maps(shown: Shown, asked: Asked, by: Axis | None) -> Iterator[Drawing]:
    """A map an outcome."""
    across, up = (shown.cases.axis(key, "--heat") for key in asked.heat)
    if across.key == up.key:
        raise InputError("twice the same axis", where=COMMAND_LINE, key="--heat", value=up.key, fix="Name two.")
    for outcome in known_outcomes(asked.y, HEADLINES):
        data = heat_data(shown, across, up, outcome, by)
        if data["value"].notna().any():
            name = _name("heat", [across.key, up.key, outcome.key], asked)
            yield Drawing(name, data, heat_figure(shown, across, up, outcome, data))


def _curves(shown: Shown, asked: Asked) -> Iterator[Drawing]:
    """A figure a kind of curve."""
    for option, value in (("--against", asked.against), ("--by", asked.by), ("--y", " ".join(asked.y))):
        if value:
            raise InputError("does not go with --survival", where=COMMAND_LINE, key=option, value=value)
    axis = _first(shown, asked)
    for kind in kept_curves(shown):
        data = curve_data(shown, axis, kind)
        if data["value"].notna().any():
            name = _name("survival", [kind.table.removesuffix("_curve"), axis.key], asked)
            yield Drawing(name, data, curve_figure(shown, axis, kind, data))


def _first(shown: Shown, asked: Asked) -> Axis:
    """The axis of the lines: the one that was named, or the first that varies."""
    if asked.x:
        return shown.cases.axis(asked.x, "--x")
    varying = [axis for axis in shown.cases.axes if axis.key not in {word.partition("=")[0] for word in shown.where}]
    return varying[0] if varying else shown.cases.axis("scenario", "--x")


def _name(kind: str, keys: Sequence[str], asked: Asked) -> str:
    """Name of a figure's files, after what it shows."""
    parts = [kind, *(key.removeprefix("uncertainty.") for key in keys)]
    parts += ["by", asked.by.removeprefix("uncertainty.")] if asked.by else []
    parts += list(asked.scenarios)
    parts += ["against", asked.against] if asked.against else []
    parts += list(asked.where)
    return re.sub(r"[^A-Za-z0-9_.=+-]+", "_", "-".join(parts))[:120]
