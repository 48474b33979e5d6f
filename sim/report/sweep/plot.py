"""`comity plot STUDY`: outcomes along one or two axes or against each other, and curves by level of an axis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import Normalize, TwoSlopeNorm, to_hex
from matplotlib.figure import Figure
from rich.console import Console

from sim.experiments import seal, store
from sim.experiments.analyse.cases import Cases, axis_label, known_outcomes
from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.experiments.statistics import known_outcome
from sim.experiments.store import check_outputs
from sim.measures.outcome import Outcome
from sim.measures.outcomes import outcome as known
from sim.policy.problem import mistake
from sim.report.figures.kinds import Curves, Pane, Points, Tiles
from sim.report.figures.rows import factor
from sim.report.marking import texts, worded
from sim.report.style import BLACK, Caption, look, per_cent, save, small_print, styled
from sim.report.sweep.shown import (
    MOST_PANELS,
    PANELS,
    PARTS,
    Shown,
    changes_from,
    levelled,
    named,
    panels,
    show,
    summary,
    title_of,
    today,
)
from sim.results.codebook import FILE as CODEBOOK
from sim.results.codebook import write_csv
from sim.results.stored import check_report
from sim.results.words import lowered, number
from sim.world.parameters import Scale

#: Parts of an interval on a map, and the most cells across that still leave room for a number in each.
_PARTS, _NUMBERED = 6, 9
_COLUMNS = 3  # panels in a row
#: With fewer seeds than this each is shown: an interval of their mean is then about as wide as their scatter, or wider.
FEW_SEEDS = 8
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
#: Kinds of curve: breakdown that holds it and its column, words of the figure, what it counts and what it leaves out.
CURVES: Sequence[Mapping[str, str]] = texts("report")["survival"]


@dataclass(frozen=True)
class PlotOptions:
    """Options that the user chose for a figure; see `sim.api.results.SweepResult.plot`."""

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
    """A drawn figure with the table of its numbers."""

    name: str  # of its files
    data: pd.DataFrame  # the numbers that are drawn
    figure: Figure


def plot(folder: Path, options: PlotOptions, command: str, console: Console) -> list[Path]:
    """Draws the wanted figures into the study's folder `figures/`; returns the PNG files."""
    check_report(folder)
    cases = Cases.read(folder)
    cases.study.refuse_changed()  # what is drawn joins the rest under its sums
    shown = show(cases, options.scenarios, options.against, options.where, command)
    figures = folder / store.FIGURES
    store.check_writable(figures, "STUDY", "Copy the study to where you may write, or change its permissions.")
    check_outputs(figures)
    written = []
    with styled():
        for drawing in plots(shown, options):
            save(drawing.figure, figures, drawing.name)
            write_csv(drawing.data, figures / f"{drawing.name}.csv")
            written.append(figures / f"{drawing.name}.png")
            console.print(f"Figure: {written[-1]}", soft_wrap=True)
    seal.renew(figures / CODEBOOK, *(path.with_suffix(kind) for path in written for kind in (".csv", ".png", ".svg")))
    return written


def plots(shown: Shown, options: PlotOptions) -> Iterator[Plot]:
    """Yields each wanted figure once it is drawn."""
    by = shown.axis(options.by, "--by") if options.by else None
    if options.heat:
        yield from _maps(shown, options, by)
    elif options.scatter:
        across, up = (known_outcome(key, "--scatter") for key in options.scatter)
        data = scatter_data(shown, across, up, by)
        yield Plot(_name("scatter", options.scatter, options), data, scatter_figure(shown, across, up, data).draw())
    elif options.survival:
        yield from _curves(shown, options)
    else:
        axis, outcomes = _first(shown, options), known_outcomes(options.y)
        if by is not None and by.key == axis.key:
            raise mistake("the same as --x", "--by", by.key, "Name another.")
        shown = replace(shown, paired=_pairs(shown, options) and shown.rows[axis.key].nunique() > 1)
        data, single = line_data(shown, axis, outcomes, by)
        figure = line_figure(shown, axis, outcomes, by, data, single).draw()
        yield Plot(_name("lines", [axis.key, *options.y], options), data, figure)


def _pairs(shown: Shown, options: PlotOptions) -> bool:
    """True if the figure can show changes between levels of an axis, because all levels use the same worlds."""
    return not (options.levels or options.against or shown.own_seeds)


def _maps(shown: Shown, options: PlotOptions, by: Axis | None) -> Iterator[Plot]:
    """Yields one map per outcome over two axes of a sweep."""
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
    """Yields one figure for each kind of curve over time that the user wants."""
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
    """Axis along which lines are drawn: the one that the user names, or the first that varies."""
    if options.x:
        return shown.axis(options.x, "--x")
    varying = [axis for axis in shown.axes if axis.key not in {word.partition("=")[0] for word in shown.where}]
    return varying[0] if varying else shown.axis("scenario", "--x")


def _name(kind: str, keys: Sequence[str], options: PlotOptions) -> str:
    """Name for the file of a figure, made of its kind, outcomes and options."""
    parts = [key.removeprefix("uncertainty.") for key in (kind, *keys, *(["by", options.by] if options.by else []))]
    parts += [*options.scenarios, *(["against", options.against] if options.against else []), *options.where]
    parts += ["levels"] if options.levels else []
    return re.sub(r"[^A-Za-z0-9_.=+-]+", "_", "-".join(parts))[:120]


def line_data(
    shown: Shown, axis: Axis, outcomes: Sequence[Outcome], by: Axis | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables for a line figure: means with intervals by scenario and level and, if seeds are few, values by seed."""
    found, single, few = [], [], not shown.own_seeds and shown.rows["seed"].nunique() < FEW_SEEDS
    for title, rows in panels(shown, by):
        at_levels = levelled(rows, axis, PARTS)
        if shown.paired:
            first = at_levels[at_levels["place"] == at_levels["place"].min()]
            at_levels = changes_from(at_levels, first, [axis.key], shown.axes, [about.key for about in outcomes])
        for about in outcomes:
            of = {"outcome": about.key, "panel": title}
            table = summary(at_levels, about.key, [SCENARIO, "place", "at", "level"], own_seeds=shown.own_seeds)
            seeds = at_levels.groupby([SCENARIO, "at", "seed"])[about.key].mean().reset_index(name="value")
            found.append(table.assign(**of))
            single.append((seeds if few else seeds.head(0)).assign(**of))
    return pd.concat(found, ignore_index=True), pd.concat(single, ignore_index=True)


def line_figure(
    shown: Shown, axis: Axis, outcomes: Sequence[Outcome], by: Axis | None, data: pd.DataFrame, single: pd.DataFrame
) -> Curves:
    """Figure of outcomes along an axis as lines, from the tables of `line_data`."""
    titles, scenarios = list(dict.fromkeys(data["panel"])), axis.key == SCENARIO
    places = [(outcome, title) for outcome in outcomes for title in titles]
    across = len(titles) if by else min(len(outcomes), _COLUMNS)
    looks = {"": (BLACK, "-", "o")} if scenarios else {key: look(key, shown.scenarios) for key in shown.scenarios}
    several = not scenarios and (len(looks) > 1 or bool(shown.against))
    levels = data.drop_duplicates("place").sort_values("place")["level"].astype(str)
    words = [fill(title_of(word) if scenarios else word, 16) for word in levels]
    units = {one.key: f"{one.title.lower()}, {shown.unit(one)}" if by else shown.unit(one) for one in outcomes}
    question = "What do the scenarios change?" if scenarios else f"{named(axis.key)}: what does it change?"
    read, small = _explanation(shown, axis, data, not single.empty), small_print(shown.command, shown.basis)
    panes = [
        Pane(fill(title or one.title, 30), fill(axis_label(axis), 38), fill(units[one.key], 34))
        for one, title in places
    ]
    numbers = [(outcome.key, title) for outcome, title in places]
    return Curves(
        Caption(question, read, small),
        _placed(data, numbers),
        panes,
        looks,
        {key: title_of(key) for key in looks if several},
        (max(7.0, 3.3 * across), 2.1 + 2.65 * -(-len(places) // across)),
        across,
        {"sharex": True, "sharey": "row"} if by else {},
        levels=((0.0, ""),) if shown.against or shown.paired else (),
        steps=() if axis.numeric else words,
        dots=_placed(single, numbers),
        log=axis.scale is Scale.LOG,
    )


def _placed(table: pd.DataFrame, places: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Table of markers with columns for panel and series added, and numbers scaled to the axis."""
    numbers = [name for name in ("value", "low", "high", "spread_low", "spread_high") if name in table]
    scale = [factor(known(key).unit) for key in table["outcome"]]
    drawn = table[numbers].astype(np.float64).mul(scale, axis=0)
    panel = [places.index(place) for place in zip(table["outcome"], table["panel"], strict=True)]
    return table.assign(panel=panel, series=table[SCENARIO], **{name: drawn[name] for name in numbers})


def _explanation(shown: Shown, axis: Axis, data: pd.DataFrame, single: bool) -> str:
    """Text that explains the bands in a figure to readers."""
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
    interval, spread = (data[column].notna().any() for column in ("low", "spread_low"))
    parts.append(worded("interval", name=name, over=over) if interval else worded("no_interval"))
    parts += ["Faint dots: single seeds."] if single else []
    parts += [worded("spread", wide=wide)] if spread else []
    return " ".join([*parts, *([] if axis.listed else [worded("parts_of_axis")])])


def heat_data(shown: Shown, across: Axis, up: Axis, outcome: Outcome, by: Axis | None) -> pd.DataFrame:
    """Table for a heat map: a panel's mean outcome for each scenario and pair of levels on two axes."""
    found, base = [], today(shown, (across, up))
    for title, rows in panels(shown, by):
        if shown.paired:
            own = rows[rows.index.isin(base.index)]
            rows = changes_from(rows, own, (across.key, up.key), shown.axes, [outcome.key])
        cells = levelled(rows, across, _PARTS).rename(columns={"place": "x_place", "level": "x"}).drop(columns="at")
        cells = levelled(cells, up, _PARTS).rename(columns={"place": "y_place", "level": "y"})
        keys = [SCENARIO, "x_place", "x", "y_place", "y"]
        found.append(summary(cells, outcome.key, keys, own_seeds=shown.own_seeds).assign(panel=title))
    return pd.concat(found, ignore_index=True)


def heat_figure(shown: Shown, across: Axis, up: Axis, outcome: Outcome, data: pd.DataFrame) -> Tiles:
    """Figure of an outcome over two axes as a heat map, from the table of `heat_data`."""
    rank = {key: place for place, key in enumerate((*shown.scenarios, ""))}
    cells = data.sort_values(SCENARIO, key=lambda keys: keys.map(rank), kind="stable")
    titles = [title_of(str(key)) if key else "" for key in cells[SCENARIO]]
    panel = [fill(", ".join(filter(None, words)), 44) for words in zip(titles, cells["panel"], strict=True)]
    cells = cells.assign(
        panel=panel, x=cells["x_place"], y=cells["y_place"], value=factor(outcome.unit) * cells["value"]
    )
    names = [
        [fill(str(word), wide) for word in data.drop_duplicates(f"{end}_place").sort_values(f"{end}_place")[end]]
        for end, wide in (("x", 12), ("y", 16))
    ]
    order, changes = list(dict.fromkeys(panel)), bool(shown.against) or shown.paired
    columns, few = min(_COLUMNS, len(order)), max(map(len, names)) <= _NUMBERED
    words = [_words(cell, changes) if few else "" for cell in cells.itertuples()]
    rest = ", and over everything else that varies" if data["points"].max() > 1 else ""
    against = ", change from today" if shown.paired else ""
    against = f", against “{title_of(shown.against)}”" if shown.against else against
    read = "Changes from the cell in which both are as today, in the same random worlds. " if shown.paired else ""
    read += "In brackets: not distinguishable from chance. " if any("(" in one for one in words) else ""
    over = "points" if shown.own_seeds else "seeds"
    read += worded("cells", over=over, across=named(across.key), up=named(up.key), rest=rest)
    caption = Caption(f"{outcome.title}{against}", read, small_print(shown.command, shown.basis))
    bar, labels = f"{outcome.title.lower()}, {shown.unit(outcome)}", (axis_label(across), axis_label(up))
    size = max(7.4, 1.2 + 4.0 * columns), 2.0 + 3.3 * -(-len(order) // columns)
    made = caption, cells.assign(words=words), order, (names[0], names[1]), (fill(labels[0], 44), fill(labels[1], 34))
    shades = *_colours(cells["value"], changes), fill(bar, 40)
    return Tiles(*made, *shades, size, columns, up=True, square=False, fontsize=7.5)


def _words(cell: Any, changes: bool) -> str:
    """Text for the number in a cell of a heat map; changes get a sign, and brackets if unclear."""
    words = number(cell.value)
    if not changes or not cell.value:
        return words
    words = f"+{words}" if cell.value > 0.0 else words
    return f"({words})" if cell.low <= 0.0 <= cell.high else words


def _colours(values: pd.Series, centred: bool) -> tuple[Normalize, str]:
    """Returns the colour scale for values and the name of its colours: diverging from zero if `centred`."""
    least, most = float(values.min()), float(values.max())
    if centred:
        reach = max(abs(least), abs(most), 1e-12)
        return TwoSlopeNorm(0.0, -reach, reach), "PuOr"
    return Normalize(least, most if most > least else least + 1.0), "cividis"


def scatter_data(shown: Shown, across: Outcome, up: Outcome, by: Axis | None) -> pd.DataFrame:
    """Table for a scatter figure: both outcomes, averaged over seeds, by panel, scenario and point."""
    found = []
    for title, rows in panels(shown, by):
        means = rows.groupby([SCENARIO, "point"], sort=True)[list(dict.fromkeys((across.key, up.key)))].mean()
        found.append(means.dropna().reset_index().assign(panel=title))
    return pd.concat(found, ignore_index=True)


def scatter_figure(shown: Shown, across: Outcome, up: Outcome, data: pd.DataFrame) -> Points:
    """Figure of two outcomes against each other, from the table of `scatter_data`."""
    titles, keys = list(dict.fromkeys(data["panel"])), shown.scenarios
    columns = min(_COLUMNS, len(titles))
    labels = [fill(f"{about.title.lower()}, {shown.unit(about)}", wide) for about, wide in ((across, 48), (up, 40))]
    read, small = "A mark is a point of the design, mean over its seeds.", small_print(shown.command, shown.basis)
    points = data.assign(panel=data["panel"].map(titles.index), series=data[SCENARIO])
    points = points.assign(x=factor(across.unit) * data[across.key], y=factor(up.unit) * data[up.key])
    caption, panes = (
        Caption(f"{up.title} and {lowered(across.title)}", read, small),
        [Pane(fill(title, 40), *labels) for title in titles],
    )
    looks, names = {key: look(key, keys) for key in keys}, {key: title_of(key) for key in keys}
    size = max(7.2, 3.4 * columns), 2.3 + (4.0 if columns == 1 else 2.9) * -(-len(titles) // columns)
    lines = (("h", 0.0, "-"), ("v", 0.0, "-")) if shown.against else ()
    return Points(caption, points, panes, looks, names, size, columns, lines=lines)


def curve_data(shown: Shown, axis: Axis, kind: Mapping[str, str]) -> pd.DataFrame:
    """Table for a figure of curves by scenario, level and month: mean over points, and interval over seeds."""
    levels = levelled(shown.rows, axis, PANELS)
    if levels["place"].nunique() > MOST_PANELS:
        fix = f"At most {MOST_PANELS} curves can be distinguished: leave some out with --where."
        raise mistake(f"it has {levels['place'].nunique()} levels", "--x", axis.key, fix)
    held = levels[["run", "point", SCENARIO, "seed", "place", "level"]]
    rows = shown.study.table(f"breakdowns/{kind['table']}").drop(columns=["point", SCENARIO, "seed"])
    rows = rows.merge(held, on="run")
    if "at_risk" in rows:  # beyond the months in which any group is at risk, a curve is flat for lack of data
        months = rows["month"].where(rows["at_risk"] > 0)
        rows = rows[rows["month"] <= months.groupby([rows[SCENARIO], rows["place"]]).transform("max")]
    found = summary(rows, kind["column"], [SCENARIO, "place", "level", "month"], own_seeds=shown.own_seeds)
    return found.drop(columns=["spread_low", "spread_high"])


def curve_figure(shown: Shown, axis: Axis, kind: Mapping[str, str], data: pd.DataFrame) -> Curves:
    """Figure of curves over time by level of an axis, from the table of `curve_data`."""
    order = [key for key in (*shown.scenarios, "") if (data[SCENARIO] == key).any()]
    across = min(_COLUMNS, len(order))
    levels = data.drop_duplicates("place").sort_values("place")
    series, words, scenarios = levels["place"].astype(str), levels["level"].astype(str), axis.key == SCENARIO
    names = [title_of(word) if scenarios else f"{named(axis.key)}: {word} {axis.unit}".strip() for word in words]
    shades = [to_hex(shade) for shade in matplotlib.colormaps["viridis"](np.linspace(0.0, 0.82, len(series)))]
    shades = [look(word, shown.scenarios)[0] for word in words] if scenarios else shades
    looks = {key: (shade, line, "") for key, shade, line in zip(series, shades, _LINES, strict=False)}
    over = "points" if shown.own_seeds else "seeds"
    read = worded("levels_of_curves", axis=named(axis.key), over=over, counted=kind["counted"])
    points = data.assign(panel=data[SCENARIO].map(order.index), series=data["place"].astype(str), at=data["month"])
    points = points.assign(low=data["low"].clip(lower=0.0), high=data["high"].clip(upper=1.0))
    panes = [Pane(fill(title_of(key), 42) if key else "", kind["horizontal"], kind["vertical"]) for key in order]
    size = max(7.4, 3.4 * across), 2.5 + (3.7 if across == 1 else 3.0) * -(-len(order) // across)
    shared, spans = {"sharex": True, "sharey": True}, {"xlim": (0, None), "ylim": (0, None)}
    made = Caption(kind["title"], read, small_print(shown.command, shown.basis)), points, panes, looks
    labels = dict(zip(series, names, strict=True))
    return Curves(*made, labels, size, across, shared, ticks=per_cent, spans=spans)
