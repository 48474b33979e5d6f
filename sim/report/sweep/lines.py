"""One outcome along an axis as lines, over two axes as a map of cells, and over another outcome as points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize, TwoSlopeNorm

from sim.experiments.analyse.cases import axis_label
from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.experiments.statistics import Estimate
from sim.measures.outcome import Outcome
from sim.report.figures.kinds import Curves, Pane, Points, Tiles
from sim.report.figures.rows import factor
from sim.report.marking import worded
from sim.report.style import BLACK, Caption, look, small_print
from sim.report.sweep.shown import PARTS, Shown, changes_from, levelled, named, panels, summary, title_of, today
from sim.results.words import interval, lowered, number, span
from sim.world.parameters import Scale

_PARTS, _NUMBERED = 6, 9  # parts of an interval, and the most cells across that still leave room for a number in each
_COLUMNS = 3
#: With fewer seeds than this each is shown: an interval of their mean is then about as wide as their scatter, or wider.
FEW_SEEDS = 8


def line_data(shown: Shown, axis: Axis, outcomes: Sequence[Outcome], by: Axis | None) -> pd.DataFrame:
    """What is drawn: outcome, panel, scenario, at, level, value, low, high, spread_low, spread_high, points, seeds."""
    keys = [*([] if axis.key == SCENARIO else [SCENARIO]), "place", "at", "level"]
    found = [
        summary(rows, outcome.key, keys, own_seeds=shown.own_seeds).assign(outcome=outcome.key, panel=title)
        for title, rows in _levels(shown, axis, outcomes, by)
        for outcome in outcomes
    ]
    return pd.concat(found, ignore_index=True)


def seed_data(shown: Shown, axis: Axis, outcomes: Sequence[Outcome], by: Axis | None) -> pd.DataFrame:
    """Single seeds, each the mean of its points, where there are few: outcome, panel, scenario, at, seed, value."""
    if shown.own_seeds or shown.rows["seed"].nunique() >= FEW_SEEDS:
        return pd.DataFrame(columns=["outcome", "panel", SCENARIO, "at", "seed", "value"])
    found = [
        rows.groupby([SCENARIO, "at", "seed"])[outcome.key]
        .mean()
        .reset_index(name="value")
        .assign(outcome=outcome.key, panel=title)
        for title, rows in _levels(shown, axis, outcomes, by)
        for outcome in outcomes
    ]
    return pd.concat(found, ignore_index=True)


def describe_lines(shown: Shown, axis: Axis, outcomes: Sequence[Outcome], data: pd.DataFrame) -> str:
    """What the last level shows of each outcome, with its interval, for those who cannot see the figure."""
    parts, last = [], data[data["place"] == data["place"].max()]
    changes = bool(shown.against) or shown.paired
    for outcome in outcomes:
        unit = "" if outcome.unit == "share" else f" {outcome.unit}"
        for row in last[last["outcome"] == outcome.key].to_dict("records"):
            estimate = Estimate(row["value"], row["low"], row["high"], 0)
            words = span(*estimate[:3], outcome.unit) if changes else interval(estimate, outcome.unit)
            under = title_of(str(row.get(SCENARIO) or row["level"]))
            panel = f", {row['panel']}" if row["panel"] else ""
            parts.append(f"{outcome.title} under “{under}”{panel}: {words}{unit}.")
    where = "" if axis.key == SCENARIO else f"“{named(axis.key)}” at {last['level'].iloc[0]} {axis.unit}. "
    compared = "Changes from the first level in the same worlds. " if shown.paired else ""
    return f"{where}{compared}{' '.join(parts)}"


def _levels(shown: Shown, axis: Axis, abouts: Sequence[Outcome], by: Axis | None) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of each panel with their levels; as changes from the first one where that is shown."""
    for title, rows in panels(shown, by):
        at_levels = levelled(rows, axis, PARTS)
        if shown.paired:
            first = at_levels[at_levels["place"] == at_levels["place"].min()]
            at_levels = changes_from(at_levels, first, [axis.key], shown.axes, [about.key for about in abouts])
        yield title, at_levels


def line_figure(
    shown: Shown, axis: Axis, outcomes: Sequence[Outcome], by: Axis | None, data: pd.DataFrame, single: pd.DataFrame
) -> Curves:
    """Draws `data`, as `line_data` gives it, and single seeds, as `seed_data` does."""
    titles = list(dict.fromkeys(data["panel"]))
    places = [(outcome, title) for outcome in outcomes for title in titles]
    across = len(titles) if by else min(len(outcomes), _COLUMNS)
    looks = {key: look(key, shown.scenarios) for key in shown.scenarios if axis.key != SCENARIO}
    levels = data.drop_duplicates("place").sort_values("place")["level"].astype(str)
    words = [fill(title_of(word) if axis.key == SCENARIO else word, 16) for word in levels]
    units = {one.key: f"{one.title.lower()}, {shown.unit(one)}" if by else shown.unit(one) for one in outcomes}
    question = f"{named(axis.key, 160)}: what does it change?"
    question = "What do the scenarios change?" if axis.key == SCENARIO else question
    small = small_print(shown.command, f"{shown.basis} {_interval(shown, data)}".strip())
    across_label, size = fill(axis_label(axis), 38), (max(7.0, 3.3 * across), 2.1 + 2.65 * -(-len(places) // across))
    caption = Caption(question, _explanation(shown, axis, data, not single.empty), small)
    panes = [Pane(fill(title or one.title, 34), across_label, fill(units[one.key], 34)) for one, title in places]
    labels, shared = {key: title_of(key) for key in looks}, {"sharex": True, "sharey": "row"} if by else {}
    made = caption, _placed(data, places, axis), panes, looks or {SCENARIO: (BLACK, "-", "o")}, labels, size, across
    return Curves(
        *made,
        shared,
        levels=((0.0, ""),) if shown.against or shown.paired else (),
        steps=() if axis.numeric else words,
        dots=_placed(single, places, axis),
        log=axis.scale is Scale.LOG,
        key=min(len(looks), 3) if len(shown.scenarios) > 1 or shown.against else 0,
    )


def _placed(table: pd.DataFrame, places: Sequence[tuple[Outcome, str]], axis: Axis) -> pd.DataFrame:
    """Rows with the number of their panel, their series, and numbers as they are drawn."""
    numbers = [name for name in ("value", "low", "high", "spread_low", "spread_high") if name in table]
    parts = []
    for panel, (outcome, title) in enumerate(places):
        part = table[(table["outcome"] == outcome.key) & (table["panel"] == title)]
        series = SCENARIO if axis.key == SCENARIO else part[SCENARIO]
        drawn = factor(outcome.unit) * part[numbers].astype(np.float64)
        parts.append(part.assign(panel=panel, series=series, **{name: drawn[name] for name in numbers}))
    return pd.concat(parts, ignore_index=True)


def _interval(shown: Shown, data: pd.DataFrame) -> str:
    """What the interval is."""
    if shown.own_seeds or not data["low"].notna().any():
        return ""
    seeds = int(data["seeds"].max())
    wide = ", wider than their scatter, since so few say little of their mean" if seeds < FEW_SEEDS else ""
    return f"Interval of the mean: Student's t over {seeds} seeds, each the mean of its points{wide}."


def _explanation(shown: Shown, axis: Axis, data: pd.DataFrame, single: bool) -> str:
    """How to read the bands that are there."""
    over, parts = "points" if shown.own_seeds else "seeds", []
    if shown.against:
        parts.append(f"Differences from “{title_of(shown.against)}” in the same simulated worlds.")
    elif len(shown.scenarios) == 1 and axis.key != SCENARIO:
        parts.append(f"Under “{title_of(shown.scenarios[0])}”.")
    if shown.paired:
        word = str(data.sort_values("place", kind="stable")["level"].iloc[0])
        first = f"“{title_of(word)}”" if axis.key == SCENARIO else f"{word} {axis.unit}".strip()
        parts.append(worded("changes_from_first", first=first))
    name, wide = ("Band", "Between dotted lines") if axis.numeric else ("Thin line", "Wide line")
    known, spread = (data[column].notna().any() for column in ("low", "spread_low"))
    parts.append(worded("interval", name=name, over=over) if known else worded("no_interval"))
    parts += ["Faint dots: single seeds."] if single else []
    parts += [worded("spread", wide=wide)] if spread else []
    return " ".join([*parts, *([] if axis.listed else [worded("parts_of_axis")])])


def heat_data(shown: Shown, across: Axis, up: Axis, outcome: Outcome, by: Axis | None) -> pd.DataFrame:
    """What is drawn: panel, scenario, x and y (levels in words), x_place, y_place, value, low, high, points, seeds."""
    keys = [*([] if SCENARIO in (across.key, up.key) else [SCENARIO]), "x_place", "x", "y_place", "y"]
    found, base = [], today(shown, (across, up))
    for title, rows in panels(shown, by):
        if shown.paired:
            own = rows[rows.index.isin(base.index)]
            rows = changes_from(rows, own, (across.key, up.key), shown.axes, [outcome.key])
        cells = levelled(rows, across, _PARTS).rename(columns={"place": "x_place", "level": "x"}).drop(columns="at")
        cells = levelled(cells, up, _PARTS).rename(columns={"place": "y_place", "level": "y"})
        found.append(summary(cells, outcome.key, keys, own_seeds=shown.own_seeds).assign(panel=title))
    table = pd.concat(found, ignore_index=True)
    return table if SCENARIO in table else table.assign(**{SCENARIO: ""})


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
    against = ", change from today" if shown.paired else ""
    against = f", against “{title_of(shown.against)}”" if shown.against else against
    words = [_words(cell, changes) if few else "" for cell in cells.itertuples()]
    read = "Changes from the cell in which both are as today, in the same random worlds. " if shown.paired else ""
    read += "In brackets: not distinguishable from chance. " if any("(" in one for one in words) else ""
    over = "points" if shown.own_seeds else "seeds"
    read += worded("cells", over=over, across=named(across.key), up=named(up.key), rest=rest)
    caption = Caption(f"{outcome.title}{against}", read, small_print(shown.command, shown.basis))
    bar, labels = f"{outcome.title.lower()}, {shown.unit(outcome)}", (axis_label(across), axis_label(up))
    size = max(7.4, 1.2 + 4.0 * columns), 2.0 + 3.3 * -(-len(order) // columns)
    made = caption, cells.assign(words=words), order, (names[0], names[1]), (fill(labels[0], 44), fill(labels[1], 34))
    return Tiles(*made, norm, palette, fill(bar, 40), size, columns, up=True, square=False, fontsize=7.5)


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
    read = f"A mark is a point of the design, mean over its seeds. {_correlation(data, across, up)}"
    caption = Caption(f"{up.title} and {lowered(across.title)}", read, small_print(shown.command, shown.basis))
    points = data.assign(panel=data["panel"].map(titles.index), series=data[SCENARIO])
    points = points.assign(x=factor(across.unit) * data[across.key], y=factor(up.unit) * data[up.key])
    panes, keys = [Pane(fill(title, 40), *labels) for title in titles], shown.scenarios
    looks, names = {key: look(key, keys) for key in keys}, {key: title_of(key) for key in keys}
    size = max(7.2, 3.4 * columns), 2.3 + (4.0 if columns == 1 else 2.9) * -(-len(titles) // columns)
    lines = (("h", 0.0, "-"), ("v", 0.0, "-")) if shown.against else ()
    return Points(caption, points, panes, looks, names, size, columns, lines=lines)


def _correlation(data: pd.DataFrame, across: Outcome, up: Outcome) -> str:
    """How the two go together over the points."""
    if len(data) < 3 or data[across.key].nunique() < 2 or data[up.key].nunique() < 2:
        return ""
    ranks = data[[across.key, up.key]].rank().to_numpy(np.float64)
    rho = float(np.corrcoef(ranks.T)[0, 1])
    return f"Rank correlation over all {len(data):,} marks: {rho:+.2f}.".replace("-", "−")
