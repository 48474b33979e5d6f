"""Scenario discovery: cases over the two tightest axes with the box, and what each step of PRIM gave up."""

from __future__ import annotations

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.experiments.analyse.cases import Cases, axis_label
from sim.experiments.analyse.discover import Box, Discovery
from sim.report.style import BLUE, GREY, VERMILLION, Key, frame, new_figure, small_print
from sim.results.words import counted


def box_figure(cases: Cases, found: Discovery, command: str) -> Figure:
    """Draws the first box, PRIM's where it has found one."""
    figure = new_figure(10.0, 5.2)
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1.0])
    box = found.boxes[0] if found.boxes else None
    _cases(left, cases, found, box)
    steps = found.trajectory
    right.plot(100 * steps["coverage"], 100 * steps["density"], "o-", color=GREY, markersize=4, linewidth=1)
    stops = any(entry.method == "PRIM" for entry in found.boxes)  # where it has found nothing, no step is chosen
    chosen = steps[steps["chosen"].astype(bool)] if stops else steps.head(0)
    right.plot(100 * chosen["coverage"], 100 * chosen["density"], "D", color=VERMILLION, markersize=8)
    right.set(xlim=(0, 103), ylim=(0, 103), xlabel="coverage, % of all cases of interest in the box")
    right.set_ylabel("density, % of the box's cases of interest")
    right.set_title(f"Steps of PRIM ({'diamond: where it stops' if stops else 'none makes a box'})", fontsize=9)
    handles, labels = left.get_legend_handles_labels()
    frame(
        figure,
        "Where do the cases of interest lie?",
        f"Of interest: {found.words}. {box.method}: {box.words}. The box holds "
        f"{100 * box.coverage:.0f} % of such cases, and "
        f"{100 * box.density:.0f} % of its cases are such ({100 * found.share:.0f} % of all)."
        if box
        else f"Of interest: {found.words}. Neither PRIM nor CART found a box that is clearly fuller of such cases than "
        "the rest and more than chance.",
        small_print(
            command, f"{counted(len(found.values), 'case')}: points and scenarios, mean over seeds. ema-workbench."
        ),
        Key(handles, labels, len(labels)),
    )
    return figure


def _cases(axes: Axes, cases: Cases, found: Discovery, box: Box | None) -> None:
    """Cases over two axes of numbers: those of the box, or the first ones."""
    numeric = [str(key) for key in found.inputs if found.inputs[key].dtype.kind == "f"]
    bound = [entry.axis for entry in box.restrictions if entry.axis in numeric] if box else []
    keys = [*bound, *(key for key in numeric if key not in bound)][:2]
    inputs = found.inputs
    x = inputs[keys[0]].to_numpy(np.float64) if keys else np.arange(len(inputs), dtype=np.float64)
    y = inputs[keys[1]].to_numpy(np.float64) if len(keys) > 1 else found.values
    for chosen, colour, marker, size, name in (
        (~found.interest, BLUE, "o", 3.0, "other cases"),
        (found.interest, VERMILLION, "X", 6.0, "cases of interest"),
    ):
        axes.plot(x[chosen], y[chosen], marker, color=colour, markersize=size, alpha=0.7, markeredgewidth=0, label=name)
    names = [fill(axis_label(cases.axis(key, "--discover")), 46) for key in keys]
    axes.set_xlabel(names[0] if names else "case")
    axes.set_ylabel(names[1] if len(names) > 1 else found.condition.outcome.title)
    axes.set_title("Cases over the two axes that bound the box most", fontsize=9)
    if box and keys:
        _frame(axes, box, keys, x, y)


def _frame(
    axes: Axes, box: Box, keys: list[str], x: np.typing.NDArray[np.float64], y: np.typing.NDArray[np.float64]
) -> None:
    """The box as a frame, as far as it bounds these axes."""
    ends = []
    for number, values in enumerate((x, y)):
        entry = next((e for e in box.restrictions if len(keys) > number and e.axis == keys[number]), None)
        margin = 0.02 * float(np.ptp(values))
        low, high = float(values.min()) - margin, float(values.max()) + margin
        if entry:
            low = low if np.isnan(entry.low) else entry.low
            high = high if np.isnan(entry.high) else entry.high
        ends.append((low, high))
    (left, right), (bottom, top) = ends
    axes.add_patch(Rectangle((left, bottom), right - left, top - bottom, fill=False, color="black", linewidth=2.0))
