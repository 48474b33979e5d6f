"""One outcome over another: a mark for every point of the design, a colour a scenario."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd

from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.measures.outcome import Outcome
from sim.report.figures.kinds import Pane, Points
from sim.report.figures.rows import factor
from sim.report.style import Caption, look, small_print
from sim.report.sweep.shown import Shown, panels, title_of

_MANY = 200


def scatter_data(shown: Shown, across: Outcome, up: Outcome, by: Axis | None) -> pd.DataFrame:
    """What is drawn: panel, scenario, point, and both outcomes as means over seeds."""
    found = []
    for title, rows in panels(shown, by):
        means = rows.groupby([SCENARIO, "point"], sort=True)[list(dict.fromkeys((across.key, up.key)))].mean()
        found.append(means.dropna().reset_index().assign(panel=title))
    return pd.concat(found, ignore_index=True)


def scatter_figure(shown: Shown, across: Outcome, up: Outcome, data: pd.DataFrame) -> Points:
    """Draws `data`, as `scatter_data` gives it."""
    titles = list(dict.fromkeys(data["panel"]))
    columns = min(3, len(titles))
    labels = [fill(f"{about.title.lower()}, {shown.unit(about)}", wide) for about, wide in ((across, 48), (up, 40))]
    return Points(
        Caption(
            f"{up.title} and {across.title[:1].lower()}{across.title[1:]}",
            f"A mark is a point of the design, mean over its seeds. {_correlation(data, across, up)}",
            small_print(shown.command, shown.basis),
        ),
        data.assign(
            panel=data["panel"].map(titles.index),
            series=data[SCENARIO],
            x=factor(across.unit) * data[across.key],
            y=factor(up.unit) * data[up.key],
        ),
        [Pane(fill(title, 40), *labels) for title in titles],
        {key: look(key, shown.scenarios) for key in shown.scenarios},
        {key: title_of(key) for key in shown.scenarios},
        (max(7.2, 3.4 * columns), 2.3 + (4.0 if columns == 1 else 2.9) * -(-len(titles) // columns)),
        columns,
        lines=(("h", 0.0, "-"), ("v", 0.0, "-")) if shown.against else (),
        faint=len(data) > _MANY,
    )


def _correlation(data: pd.DataFrame, across: Outcome, up: Outcome) -> str:
    """How the two go together over the points."""
    if len(data) < 3 or data[across.key].nunique() < 2 or data[up.key].nunique() < 2:
        return ""
    ranks = data[[across.key, up.key]].rank().to_numpy(np.float64)
    rho = float(np.corrcoef(ranks.T)[0, 1])
    return f"Rank correlation over all {len(data):,} marks: {rho:+.2f}.".replace("-", "−")
