"""Two figures of an ensemble: facts beside the model, and what moved from the prior."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.calibration import prior
from sim.calibration.ensemble import Ensemble
from sim.calibration.page import FACTS_FIGURE, MOVED_FIGURE
from sim.calibration.results import movements
from sim.calibration.targets import Bound, Role, of_role
from sim.calibration.validate import ENDS, before, find
from sim.report.figures.rows import Panel, Rows
from sim.report.style import BLACK, BLUE, GREY, Caption, small_print, styled
from sim.report.ticks import plain

_LOOKS = {"prior": (GREY, "-", "s"), "sets": (BLUE, "-", "o"), "fact": (BLACK, "-", "|")}
_NAMES = {
    "prior": "draws of the prior: median and 90 %",
    "sets": "the ensemble: median and 90 %",
    "fact": "published, with two errors of measurement",
}
#: Ends of the axis of facts, as ratios to what was published.
_SPAN = (0.02, 50.0)


def figures(ensemble: Ensemble, command: str) -> dict[str, Figure]:
    """Both, by name."""
    with styled():
        return {
            FACTS_FIGURE: facts_figure(ensemble, command).draw(),
            MOVED_FIGURE: moved_figure(ensemble, command).draw(),
        }


def facts_figure(ensemble: Ensemble, command: str) -> Rows:
    """Each fact with the prior and the ensemble beside it, as ratios to what was published."""
    panels = []
    for role, title in ((Role.FIT, "facts that chose sets"), (Role.VALIDATION, "facts kept apart")):
        marks, names = [], []
        for row, target in enumerate(of_role(role)):
            found, half = find(ensemble, target), target.half_width
            names.append(target.title)
            ends = {one.target.key: ("prior", one.ends) for one in before(ensemble, [found])} or {}
            fact = np.array([-half, 0.0, half])
            fact[0 if target.bound is Bound.UPPER else 2] *= 1.0 if target.bound is Bound.NONE else 99.0
            shown = [*ends.values(), ("sets", found.ends), ("fact", fact + target.middle)]
            for series, spread in shown:
                low, value, high = np.clip(np.exp(spread - target.middle), *_SPAN)
                marks.append({"row": row, "series": series, "value": value, "start": low, "end": high})
        line = ((1.0, "black", "-"),)
        label = "model over published"
        panels.append(Panel(title, label, pd.DataFrame(marks), _SPAN, line, ticks=plain, scale="log", rows=names))
    most = max(len(panel.rows) for panel in panels)
    return Rows(
        Caption(
            "Published facts beside the model",
            "Of draws of the prior one run each, of the ensemble the mean of each set's fresh runs. Shares are set "
            "beside each other as odds. Where a fact is a bound, its line goes on to the side that it leaves open.",
            small_print(command, "Facts kept apart had no part in the choice of sets."),
        ),
        panels,
        panels[0].rows,
        _LOOKS,
        _NAMES,
        (12.0, 2.2 + 0.36 * most),
    )


def moved_figure(ensemble: Ensemble, command: str) -> Rows:
    """The parameters that moved or narrowed, as shares of the way through their plausible range."""
    cube = prior.shares(ensemble.frame[prior.names()].to_numpy(np.float64))
    moved = movements(cube).query("identified").sort_values("ratio", kind="stable")
    known = moved.sort_values("shift", key=lambda shift: -shift.abs(), kind="stable").index.tolist()
    marks = []
    for row, name in enumerate(known):
        low, median, high = np.quantile(cube[:, prior.names().index(name)], (ENDS[0], 0.5, ENDS[1]))
        marks.append({"row": row, "series": "prior", "value": 0.5, "start": ENDS[0], "end": ENDS[1]})
        marks.append({"row": row, "series": "sets", "value": median, "start": low, "end": high})
    columns = ["row", "series", "value", "start", "end"]
    label = "share of the way through the plausible range"
    panel = Panel("", label, pd.DataFrame(marks, columns=columns), (0.0, 1.0), (), ticks=plain)
    return Rows(
        Caption(
            "What the facts say of parameters",
            f"The {len(known)} of {len(prior.names())} parameters that moved or narrowed by more than chance gives "
            "among so many (four standard errors). All others keep their prior.",
            small_print(command, f"{ensemble.size} sets."),
        ),
        [panel],
        known,
        {key: _LOOKS[key] for key in ("prior", "sets")},
        {key: _NAMES[key] for key in ("prior", "sets")},
        (9.0, 2.0 + 0.34 * len(known)),
    )
