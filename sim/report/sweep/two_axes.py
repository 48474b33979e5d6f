"""An outcome over two axes as a map of cells, one panel per scenario; and one outcome over another as points."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize, TwoSlopeNorm

from sim.experiments.analyse.cases import axis_label
from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.measures.outcome import Outcome
from sim.report.figures.kinds import Pane, Points, Tiles
from sim.report.figures.rows import factor
from sim.report.style import Caption, look, small_print
from sim.report.sweep.shown import Shown, changes_from, levelled, named, panels, summary, title_of, today
from sim.results.words import number

#: Parts of an interval, and the most cells across that still leave room for a number in each.
_PARTS, _NUMBERED = 6, 9


def heat_data(shown: Shown, across: Axis, up: Axis, outcome: Outcome, by: Axis | None) -> pd.DataFrame:
    """What is drawn: panel, scenario, x and y (levels in words), x_place, y_place, value, low, high, points, seeds."""
    named = SCENARIO not in (across.key, up.key)
    keys = ([SCENARIO] if named else []) + ["x_place", "x", "y_place", "y"]
    found = []
    base = today(shown, (across, up))
    for title, rows in panels(shown, by):
        if shown.paired:
            own = rows[rows.index.isin(base.index)]
            rows = changes_from(rows, own, (across.key, up.key), shown.axes, [outcome.key])
        cells = levelled(rows, across, _PARTS).rename(columns={"place": "x_place", "level": "x"}).drop(columns="at")
        cells = levelled(cells, up, _PARTS).rename(columns={"place": "y_place", "level": "y"})
        found.append(summary(cells, outcome.key, keys, own_seeds=shown.own_seeds).assign(panel=title))
    table = pd.concat(found, ignore_index=True)
    return table if named else table.assign(**{SCENARIO: ""})


def heat_figure(shown: Shown, across: Axis, up: Axis, outcome: Outcome, data: pd.DataFrame) -> Tiles:
    """Draws `data`, as `heat_data` gives it."""
    titles = [title_of(str(key)) if key else "" for key in data[SCENARIO]]
    panel = [fill(", ".join(filter(None, words)), 44) for words in zip(titles, data["panel"], strict=True)]
    cells = data.assign(panel=panel, x=data["x_place"], y=data["y_place"], value=factor(outcome.unit) * data["value"])
    names = [
        [fill(str(word), wide) for word in data.drop_duplicates(f"{end}_place").sort_values(f"{end}_place")[end]]
        for end, wide in (("x", 12), ("y", 16))
    ]
    few = max(map(len, names)) <= _NUMBERED
    rank = {key: place for place, key in enumerate((*shown.scenarios, ""))}
    order = list(dict.fromkeys(cells.sort_values(SCENARIO, key=lambda keys: keys.map(rank), kind="stable")["panel"]))
    columns = min(3, len(order))
    changes = bool(shown.against) or shown.paired
    norm, palette = _colours(cells["value"], changes)
    rest = ", and over everything else that varies" if data["points"].max() > 1 else ""
    against = (
        f", against “{title_of(shown.against)}”" if shown.against else ", change from today" if shown.paired else ""
    )
    paired = "Changes from the cell in which both are as today, in the same random worlds. " if shown.paired else ""
    words = [_words(cell, changes) if few else "" for cell in cells.itertuples()]
    paired += "In brackets: not distinguishable from chance. " if any("(" in one for one in words) else ""
    return Tiles(
        Caption(
            f"{outcome.title}{against}",
            f"{paired}Mean over {'points' if shown.own_seeds else 'seeds'} in every cell of “{named(across.key)}” "
            f"(across) and “{named(up.key)}” (up){rest}. Empty cells have no run.",
            small_print(shown.command, shown.basis),
        ),
        cells.assign(words=words),
        order,
        (names[0], names[1]),
        (fill(axis_label(across), 44), fill(axis_label(up), 34)),
        norm,
        palette,
        fill(f"{outcome.title.lower()}, {shown.unit(outcome)}", 40),
        (max(7.4, 1.2 + 4.0 * columns), 2.0 + 3.3 * -(-len(order) // columns)),
        columns,
        up=True,
        square=False,
        fontsize=7.5,
    )


def _words(cell: Any, changes: bool) -> str:
    """The number of a cell; a change has its sign, and brackets where its interval holds zero."""
    words = number(cell.value)
    if not changes or not cell.value:
        return words
    words = f"+{words}" if cell.value > 0.0 else words
    return f"({words})" if cell.low <= 0.0 <= cell.high else words


def _colours(values: pd.Series, centred: bool) -> tuple[Normalize, str]:
    """Colours that the colour-blind can distinguish: around zero for differences, else from least to most."""
    least, most = float(values.min()), float(values.max())
    if centred:
        reach = max(abs(least), abs(most), 1e-12)
        return TwoSlopeNorm(0.0, -reach, reach), "PuOr"
    return Normalize(least, most if most > least else least + 1.0), "cividis"


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
