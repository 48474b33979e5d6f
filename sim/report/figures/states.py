"""By state: what a policy changes on a map of equal tiles, and who asks, is asked and gets answers."""

from functools import cache

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm

from sim.data.load import read_table
from sim.report.figures.kinds import Tiles
from sim.report.headline import leading
from sim.report.sentences import quoted, state_name
from sim.report.story import Story
from sim.report.style import Caption, small_print
from sim.report.ticks import signed_per_cent
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.effects import is_clear, is_few
from sim.results.words import counted, span

SHOWN = "own_in_time"
_NOISE, _FEW, _ABSENT, _FAINT = "#D9D9D9", "#F0F0F0", "#FFFFFF", "#777777"
#: The scale of colours holds this share of the states that change; beyond it colours are full, and numbers say more.
_WITHIN, _LEAST_REACH = 0.9, 0.05
_COLUMNS = ("state", "unit", "baseline_mean", "difference", "low", "high", "relative", "verdict")


def state_map(story: Story) -> Tiles | None:
    """One tile per state; None without a policy, or where no state has enough requests."""
    table = _changes(story)
    if table.empty or is_few(table).all():
        return None
    cells = _cells(story, table)
    sizes = cells["value"].abs().dropna()
    reach = max(_LEAST_REACH, float(sizes.quantile(_WITHIN)) if len(sizes) else 0.0)
    title = next(entry.title for entry in COUNTRY_OUTCOMES if entry.key == SHOWN)
    options = {"location": "bottom", "shrink": 0.35, "aspect": 30, "format": signed_per_cent}
    return Tiles(
        Caption(
            f"What “{story.drawn[leading(story)]}” changes for each state’s own requests",
            f"{title}: change against “{story.drawn[story.baseline]}”, in per cent, over paired replicates. A state "
            "has a colour and a number only where its change is distinguishable from noise; about one state in twenty "
            "is so by chance. Dark grey: within noise. Light grey: too few requests to say anything.",
            small_print(story.command, f"{story.basis}. Paired Student t. countries.csv has every interval."),
        ),
        cells,
        [""],
        ((), ()),
        ("", ""),
        TwoSlopeNorm(0.0, -reach, reach),
        "PuOr",
        f"change in {title.lower()}",
        (13.2, 2.0 + 12.8 * (cells["y"].max() + 1) / (cells["x"].max() + 1)),
        1,
        _COLUMNS,
        ticks=options | {"extend": "both" if (sizes > reach).any() else "neither"},
    )


def describe_state_map(story: Story) -> str:
    """How many states gain, lose, and stay within noise, and the largest change."""
    table = _changes(story)
    moved = table[is_clear(table)]
    more, fewer = (int((moved["difference"] * sign > 0).sum()) for sign in (1, -1))
    few = int(is_few(table).sum())
    text = (
        f"Under {quoted(story, leading(story))}, {counted(more, 'state has', 'states have')} clearly more of their own "
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


def _changes(story: Story) -> pd.DataFrame:
    """The change of each state under the policy that the report puts first."""
    if not story.policies:
        return pd.DataFrame(columns=["state", "verdict"])
    table = story.countries
    return table[(table["scenario"] == leading(story)) & (table["outcome"] == SHOWN) & (table["state"] >= 0)]


def _cells(story: Story, table: pd.DataFrame) -> pd.DataFrame:
    """A tile for each state: its code, and its change where it is clear."""
    places = pd.DataFrame(tile_grid(), index=["y", "x"]).T.rename_axis("state").reset_index()
    cells = places.merge(table.assign(state=table["state"].map(dict(enumerate(story.states)))), "left", "state")
    moved, few = is_clear(cells) & np.isfinite(cells["relative"]), is_few(cells)
    known = cells["verdict"].notna()
    words = [f"\n{signed_per_cent(change, None)}".replace(" ", "") for change in cells["relative"].fillna(0.0)]
    return cells.assign(
        panel="",
        value=cells["relative"].where(moved),
        words=cells["state"] + np.where(moved, words, ""),
        face=np.select([moved, ~known, few], ["", _ABSENT, _FEW], _NOISE),
        ink=np.where(known & ~few, "", _FAINT),
    )
