"""By state: what a policy changes on a map of equal tiles, and who asks, is asked and gets answers."""

from functools import cache

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm

from sim.data.load import read_table
from sim.report.figures.kinds import Tiles
from sim.report.figures.rows import Panel, Rows
from sim.report.headline import leading
from sim.report.sentences import quoted, state_name
from sim.report.story import Story
from sim.report.style import BLUE, ORANGE, Caption, small_print
from sim.report.ticks import per_cent, signed_per_cent, spaced
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.effects import is_clear, is_few
from sim.results.words import counted, number, span

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


BUSIEST = 20
#: Look and name of each side of a state, with its columns: requests, and those of them that were answered.
_SIDES = {
    "asking": ((BLUE, "-", "o"), "as requesting state", "sent", "answers_got"),
    "asked": ((ORANGE, "-", "s"), "as requested state", "received", "answers_given"),
}


#: Titles and axes of the two panels.
_NUMBERS = ("Requests sent and received", "requests per run (log scale)")
_SHARES = ("Answers received and given", "share of requests that are answered")


def request_exchange(story: Story) -> Rows | None:
    """Two panels of the busiest states under the baseline; None where there are no requests."""
    rows = story.exchange[story.exchange["scenario"] == story.baseline]
    rows = rows[(rows["sent"] > 0) & (rows["received"] > 0)]
    rows = rows.assign(traffic=rows["sent"] + rows["received"]).nlargest(BUSIEST, "traffic", keep="first")
    if rows.empty:
        return None
    found = [
        pd.DataFrame({"series": side, "requests": rows[asked], "share": rows[answered] / rows[asked]})
        for side, (_, _, asked, answered) in _SIDES.items()
    ]
    marks = pd.concat([part.assign(row=range(len(rows))) for part in found], ignore_index=True)
    fewest, most = marks["requests"].min(), marks["requests"].max()
    return Rows(
        Caption(
            "Who asks, who is asked, and who gets answers?",
            f"The {len(rows)} states with the most requests to and from other states, under "
            f"“{story.drawn[story.baseline]}”, busiest first. Circles: what a state sends, and the share of it that is "
            "answered. Squares: what it receives, and the share of it that it answers. The longer the line, the less "
            "even the exchange. Direct requests to providers are left out. An answer: executed, refused or no data.",
            small_print(story.command, f"Formal requests that have had twelve months; mean of {story.basis}."),
        ),
        [
            Panel(*_NUMBERS, _joined(marks, "requests"), (0.8 * fewest, 1.25 * most), (), ticks=spaced, scale="log"),
            Panel(*_SHARES, _joined(marks, "share"), (0.0, 1.0), (), ticks=per_cent),
        ],
        [story.states[state] for state in rows["state"]],
        {side: shown for side, (shown, *_) in _SIDES.items()},
        {side: name for side, (_, name, *_) in _SIDES.items()},
        (9.6, 2.4 + 0.25 * len(rows)),
        places=dict.fromkeys(_SIDES, 0.0),
        columns={"panel": "shown", "row": "state", "series": "side", "value": "value"},
    )


def describe_exchange(story: Story) -> str:
    """Who sends and who receives most, and the share of it that is answered."""
    rows = story.exchange[story.exchange["scenario"] == story.baseline]
    sender, receiver = (rows.iloc[int(rows[column].to_numpy().argmax())] for column in ("sent", "received"))
    names = [state_name(int(row["state"])) for row in (sender, receiver)]
    got, given = sender["answers_got"] / sender["sent"], receiver["answers_given"] / receiver["received"]
    return (
        f"{names[0]} sends most, {number(sender['sent'])} requests per run, and gets an answer to "
        f"{number(got, 'share')}. {names[1]} receives most, {number(receiver['received'])}, and answers "
        f"{number(given, 'share')}. "
        f"Means of {story.basis}."
    )


def _joined(marks: pd.DataFrame, column: str) -> pd.DataFrame:
    """Marks with a line between the two of a state."""
    ends = marks.groupby("row")[column].agg(["min", "max"]).reindex(marks["row"])
    return marks.assign(value=marks[column], start=ends["min"].to_numpy(), end=ends["max"].to_numpy())
