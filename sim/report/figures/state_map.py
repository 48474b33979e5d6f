"""What the leading policy changes for each state, on a map of equal tiles: small states show as well as large ones."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import TwoSlopeNorm, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.data.load import read_table
from sim.law.order import legal_order
from sim.report.headline import leading
from sim.report.sentences import quoted, state_name
from sim.report.story import Story
from sim.report.style import frame, new_figure, small_print
from sim.report.ticks import signed_per_cent
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.effects import is_clear, is_few
from sim.results.words import counted, span

SHOWN = "own_in_time"
_COLOURS = "PuOr"
_NOISE, _FEW, _ABSENT = "#D9D9D9", "#F0F0F0", "#FFFFFF"
#: The scale of colours holds this share of the states that change; beyond it colours are full, and numbers say more.
_WITHIN, _LEAST_REACH = 0.9, 0.05


def state_map(story: Story) -> Figure | None:
    """One tile per state; None without a policy, or where no state has enough requests."""
    table = _changes(story)
    if table.empty or is_few(table).all():
        return None
    rows, columns = (max(place) + 1 for place in zip(*tile_grid().values(), strict=True))
    figure = new_figure(13.2, 2.0 + 12.8 * rows / columns)
    axes = figure.subplots()
    moved = is_clear(table)
    sizes = table.loc[moved & np.isfinite(table["relative"]), "relative"].abs()
    reach = max(_LEAST_REACH, float(sizes.quantile(_WITHIN)) if len(sizes) else 0.0)
    colours = ScalarMappable(TwoSlopeNorm(0.0, -reach, reach), _COLOURS)
    by_state = {row.state: row for row in table.itertuples()}
    for code, (row, column) in tile_grid().items():
        state = legal_order().states.index(code)
        _tile(axes, (row, column), code, by_state.get(state), colours)
    axes.set(xlim=(-0.2, columns), ylim=(rows, -0.2), xticks=[], yticks=[], aspect="equal")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    extend = "both" if (sizes > reach).any() else "neither"
    bar = figure.colorbar(colours, ax=axes, location="bottom", shrink=0.35, pad=0.01, aspect=30, extend=extend)
    bar.set_label(f"change in {_title().lower()}", fontsize=8.5)
    bar.ax.xaxis.set_major_formatter(signed_per_cent)
    frame(
        figure,
        f"What “{story.drawn[_policy(story)]}” changes for each state’s own requests",
        f"{_title()}: change against “{story.drawn[story.baseline]}”, in per cent, over paired replicates. A state has "
        "a colour and a number only where its change is distinguishable from noise; about one state in twenty is so "
        f"by chance. Dark grey: within noise. Light grey: too few requests to say anything. Tiles are "
        "of equal size and stand roughly where the states lie.",
        small_print(
            story.command, f"{story.basis}. Paired Student t. countries.csv has every state with its interval."
        ),
    )
    return figure


def describe_state_map(story: Story) -> str:
    """How many states gain, lose, and stay within noise, and the largest change."""
    table = _changes(story)
    moved = table[is_clear(table)]
    more, fewer = (int((moved["difference"] * sign > 0).sum()) for sign in (1, -1))
    few = int(is_few(table).sum())
    text = (
        f"Under {quoted(story, _policy(story))}, {counted(more, 'state has', 'states have')} clearly more of their own "
        f"requests executed within 12 months, {fewer} fewer; {len(table) - len(moved) - few} are within noise, and "
        f"{few} send too few to say anything."
    )
    if moved.empty:
        return text
    most = moved.iloc[int(moved["difference"].abs().to_numpy().argmax())]
    words = span(most["difference"], most["low"], most["high"], "requests")
    return f"{text} Largest change: {state_name(int(most['state']))}, {words} requests per run."


@cache
def tile_grid() -> dict[str, tuple[int, int]]:
    """Row from the north and column from the west of each state, by its code."""
    table = read_table("tile_grid.csv")
    return {row["iso3"]: (int(table.number(row, "row")), int(table.number(row, "column"))) for row in table.rows}


def _policy(story: Story) -> str:
    """The policy shown: the one that the report puts first."""
    return leading(story)


def _title() -> str:
    """What is shown, in words."""
    return next(outcome.title for outcome in COUNTRY_OUTCOMES if outcome.key == SHOWN)


def _changes(story: Story) -> pd.DataFrame:
    """The change of each state."""
    if not story.policies:
        return pd.DataFrame(columns=["state", "verdict"])
    table = story.countries
    return table[(table["scenario"] == _policy(story)) & (table["outcome"] == SHOWN) & (table["state"] >= 0)]


def _tile(axes: Axes, place: tuple[int, int], code: str, change: Any, colours: ScalarMappable) -> None:
    """One state: its code, and its change where it is clear."""
    row, column = place
    moved = change is not None and is_clear(change) and np.isfinite(change.relative)
    if change is not None and moved:
        red, green, blue, _ = (float(part) for part in np.asarray(colours.to_rgba(change.relative)))
        face = (red, green, blue)
    else:
        face = to_rgb(_ABSENT if change is None else _FEW if is_few(change) else _NOISE)
    axes.add_patch(
        Rectangle((column + 0.03, row + 0.03), 0.94, 0.94, facecolor=face, edgecolor="#BBBBBB", linewidth=0.4)
    )
    ink = "white" if float(np.dot(face, (0.299, 0.587, 0.114))) < 0.5 else "black"
    faint = change is None or is_few(change)
    height = 0.33 if moved else 0.5
    axes.text(
        column + 0.5, row + height, code, ha="center", va="center", fontsize=6.8, color="#777777" if faint else ink
    )
    if change is not None and moved:
        words = signed_per_cent(float(change.relative), None).replace(" ", "")
        axes.text(column + 0.5, row + 0.72, words, ha="center", va="center", fontsize=6.2, color=ink)
