"""Scenario discovery: cases over the two axes that bound the box most, and the box."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd

from sim.experiments.analyse.cases import Cases, axis_label
from sim.experiments.analyse.discover import Box, Discovery
from sim.measures.arrays import Floats
from sim.report.figures.kinds import Pane, Points
from sim.report.style import BLUE, VERMILLION, Caption, small_print
from sim.results.words import counted

_LOOKS = {"other": (BLUE, "", "."), "interest": (VERMILLION, "", "X")}
_NAMES = {"other": "other cases", "interest": "cases of interest"}


def box_figure(cases: Cases, found: Discovery, command: str) -> Points:
    """Draws the first box, PRIM's where it has found one."""
    box = found.boxes[0] if found.boxes else None
    numeric = [str(key) for key in found.inputs if found.inputs[key].dtype.kind == "f"]
    bound = [entry.axis for entry in box.restrictions if entry.axis in numeric] if box else []
    keys = [*bound, *(key for key in numeric if key not in bound)][:2]
    x = found.inputs[keys[0]].to_numpy(np.float64) if keys else np.arange(len(found.inputs), dtype=np.float64)
    y = found.inputs[keys[1]].to_numpy(np.float64) if len(keys) > 1 else found.values
    names = [fill(axis_label(cases.axis(key, "--discover")), 46) for key in keys]
    names += ["case", found.condition.outcome.title][len(names) :]
    said = (
        f"{box.method}: {box.words}. The box holds {100 * box.coverage:.0f} % of such cases, and "
        f"{100 * box.density:.0f} % of its cases are such ({100 * found.share:.0f} % of all)."
        if box
        else "Neither PRIM nor CART found a box that is clearly fuller of such cases than the rest, beyond chance."
    )
    rests = f"{counted(len(found.values), 'case')}: points and scenarios, mean over seeds. ema-workbench."
    series = np.where(found.interest, "interest", "other")
    return Points(
        Caption(
            "Where do the cases of interest lie?", f"Of interest: {found.words}. {said}", small_print(command, rests)
        ),
        pd.DataFrame({"panel": 0, "series": series, "x": x, "y": y}),
        [Pane("Cases over the two axes that bound the box most", *names)],
        _LOOKS,
        _NAMES,
        (7.4, 5.6),
        box=_frame(box, keys, x, y) if box and keys else None,
    )


def _frame(box: Box, keys: list[str], x: Floats, y: Floats) -> tuple[tuple[float, float], float, float]:
    """Corner, width and height of the box, as far as it bounds these axes."""
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
    return (left, bottom), right - left, top - bottom
