"""What policies change: intervals in rows of outcomes, rights, one country's side and single changes; and the map."""

from collections.abc import Sequence
from functools import cache, partial
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm

from sim.data.load import read_table
from sim.law.order import legal_order
from sim.measures.outcome import ShownIn, keys_of
from sim.measures.outcomes import outcome, shown_in
from sim.policy.places import Place
from sim.report.figures.kinds import Tiles
from sim.report.figures.rows import EFFECTS, Panel, Rows, around_zero, axis_label, captioned, in_per_cent, marks_of
from sim.report.headline import leading
from sim.report.marking import worded
from sim.report.picture import Picture
from sim.report.places import TITLE, Side
from sim.report.sentences import clear, quoted
from sim.report.story import Story
from sim.report.style import BLACK, BLUE, GREY, ORANGE, signed_per_cent
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.effects import ChangeRole, PairedEffect, is_clear, is_few
from sim.results.labels import BETTER
from sim.results.words import change, counted, in_unit, listing, number, relative, span

SHOWN = shown_in(ShownIn.FOREST)
#: What a policy brings, and what it costs; less of these is better.
GAIN, COSTS = "executed_per_year", shown_in(ShownIn.RIGHTS)
_OF_PLACES = keys_of(COUNTRY_OUTCOMES, ShownIn.FOREST)  # what is drawn of a place


def forest(story: Story) -> Rows | None:
    """Relative differences with intervals; None when there is no policy to compare."""
    rows = {key: f"{outcome(key).title}\n({outcome(key).unit}; {BETTER[outcome(key).better]})" for key in SHOWN}
    return in_per_cent(story, captioned(story, "forest"), story.policies, rows, story.difference)


def gain_against_rights(story: Story) -> Rows | None:
    """The gain, and below it one row per measure of rights; None when there is no policy to compare."""
    caption = captioned(story, "gain_against_rights")
    today = {key: number(story.level(story.baseline, key).value, outcome(key).unit) for key in (GAIN, *COSTS)}
    names = {key: outcome(key).title.removesuffix(" (rights)") for key in today}
    rows = {key: f"{names[key]}\n({level} {outcome(key).unit} today)" for key, level in today.items()}
    return in_per_cent(story, caption, story.policies, rows, story.difference)


def describe_rights(story: Story) -> str:
    """What the policy with the largest gain changes in rights."""
    gains = clear(story, GAIN)
    if not gains or gains[0].difference < 0:
        policies = counted(len(story.policies), "policy", "policies")
        return f"None of {policies} has more requests executed by more than noise: no gain stands against a cost."
    first = gains[0]
    costs = [entry for key in COSTS for entry in clear(story, key) if entry.scenario == first.scenario]
    words = listing([f"“{entry.title}”, {change(entry)}{in_unit(entry.unit)}" for entry in costs])
    words = words or "none of these measures of rights by more than noise"
    return worded("say_rights", policy=quoted(story, first.scenario), gain=change(first), words=words)


def side_pictures(places: Sequence[Place]) -> dict[str, Picture]:
    """A picture for each place that somebody asks about, by name of its file."""
    return {
        f"side_{number}": Picture(title, partial(side_figure, place=place), partial(describe_side, place=place))
        for number, place in enumerate(places, 1)
        for title in [f"{place.title}: what each policy changes"]
    }


def side_figure(story: Story, place: Place) -> Rows | None:
    """Relative differences with intervals; None where no policy is compared, or nothing can be said."""
    side = Side(story, (place,))
    shown = [key for key in _OF_PLACES if any(_known(side.row(s, place, key)) for s in story.reported)]
    caption = captioned(story, "side", place=place.title)
    today = {key: f"{side.today(place, key)}{in_unit(TITLE[key].unit)} today; {TITLE[key].means}" for key in shown}
    rows = {key: f"{TITLE[key].title}\n({words})" for key, words in today.items()}
    return in_per_cent(story, caption, story.reported, rows, lambda key, what: side.row(key, place, what))


def describe_side(story: Story, place: Place) -> str:
    """What the policy of the headline changes by more than chance, in a sentence."""
    side, scenario = Side(story, (place,)), leading(story)
    rows = [row for key in _OF_PLACES if (row := side.row(scenario, place, key)) is not None]
    clear = [f"{TITLE[row.outcome].title.lower()} {relative(row)}" for row in rows if _known(row) and is_clear(row)]
    return f"By more than chance, {quoted(story, scenario)} changes {'; '.join(clear) or 'nothing'}."


def _known(row: Any) -> bool:
    """Whether a difference can be drawn in per cent."""
    return row is not None and not np.isnan(row.relative_low)


BY_CHANGE = shown_in(ShownIn.FIRST | ShownIn.CHANGE)
#: Colour, line and mark of each role, and its place within a row.
_ROLES: dict[str, tuple[str, str, str]] = {
    ChangeRole.ALONE: (BLUE, "-", "o"),
    ChangeRole.ADDED: (ORANGE, "-", "D"),
    ChangeRole.TOGETHER: (BLACK, "-", "s"),
    ChangeRole.LEFT_OVER: (GREY, "-", "^"),
}
_HEIGHTS: dict[str, float] = dict(zip(_ROLES, (-0.19, 0.19, 0.0, 0.0), strict=True))
_NAMED = 3
_TITLE = -1  # instead of the number of a change: the title of a policy, above its changes


def by_change(story: Story) -> Rows | None:
    """One row per change, the whole and what is left over, policy by policy; None where none is taken apart."""
    if not story.contributions:
        return None
    rows: list[tuple[str, int, str]] = []
    for policy in story.design.apart:
        mine = [entry for entry in story.contributions if entry.scenario == policy.scenario]
        rows += [(policy.scenario, _TITLE, story.title[policy.scenario])]
        rows += dict.fromkeys((entry.scenario, entry.part, entry.label) for entry in mine)
    panels = [_panel(rows, [entry for entry in story.contributions if entry.outcome == key], key) for key in BY_CHANGE]
    names = [fill(f"{part}. {words}" if part > 0 else words, 52) for _, part, words in rows]
    bold = [row for row, (_, part, _) in enumerate(rows) if part == _TITLE]
    columns = {"scenario": "scenario", "label": "change"} | EFFECTS | {"series": "role"}
    labels, size = {str(role): str(role) for role in _ROLES}, (11.6, 2.9 + 0.46 * len(rows))
    made = captioned(story, "by_change"), panels, names, _ROLES, labels, size
    return Rows(*made, places=_HEIGHTS, bold=bold, columns=columns)


def describe_by_change(story: Story) -> str:
    """Which changes do the work in each policy, by median turnaround, and how many do nothing that can be seen."""
    return " ".join(
        f"{quoted(story, policy.scenario)}, {len(policy.labels)} changes: "
        f"{' '.join(_of_outcome(story, policy.scenario, key) for key in BY_CHANGE)}"
        for policy in story.design.apart[:_NAMED]
    )


def _of_outcome(story: Story, policy: str, key: str) -> str:
    """One outcome of one policy: the whole, and the changes that move it alone."""
    found = [entry for entry in story.contributions if (entry.scenario, entry.outcome) == (policy, key)]
    whole = next(entry for entry in found if entry.role == ChangeRole.TOGETHER)
    alone = [entry for entry in found if entry.role == ChangeRole.ALONE and is_clear(entry)]
    alone.sort(key=lambda entry: -abs(entry.difference))
    words = listing([f"“{entry.label}” {change(entry)}" for entry in alone[:_NAMED]])
    what = f"{whole.title} {change(whole)}{in_unit(whole.unit)} all together"
    return f"{what}; alone, {words}." if alone else f"{what}; no change alone moves it by more than noise."


def _panel(rows: list[tuple[str, int, str]], entries: list[PairedEffect], key: str) -> Panel:
    """One outcome."""
    about, places = outcome(key), {row: place for place, row in enumerate(rows)}
    marks = marks_of((places[entry.scenario, entry.part, entry.label], entry.role, entry) for entry in entries)
    whole = marks.loc[marks["series"] == ChangeRole.TOGETHER, ["start", "end"]].abs().max().max()
    reach = float(np.fmax(whole, around_zero(marks)[1]))
    return Panel(about.title, axis_label(about), marks, (-reach, reach), numbered=True)


MAPPED = "own_in_time"  # what the map shows
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
    title = next(entry.title for entry in COUNTRY_OUTCOMES if entry.key == MAPPED)
    caption = captioned(story, "state_map", policy=story.drawn[leading(story)], outcome=title)
    ticks = {"location": "bottom", "shrink": 0.35, "aspect": 30, "format": signed_per_cent}
    ticks |= {"extend": "both" if (sizes > reach).any() else "neither"}
    colours = TwoSlopeNorm(0.0, -reach, reach), "PuOr", f"change in {title.lower()}"
    size = 13.2, 2.0 + 12.8 * (cells["y"].max() + 1) / (cells["x"].max() + 1)
    return Tiles(caption, cells, [""], ((), ()), ("", ""), *colours, size, 1, _COLUMNS, ticks=ticks)


def describe_state_map(story: Story) -> str:
    """How many states gain, lose, and stay within noise, and the largest change."""
    table = _changes(story)
    moved = table[is_clear(table)]
    more, fewer = (int((moved["difference"] * sign > 0).sum()) for sign in (1, -1))
    few = int(is_few(table).sum())
    gaps = {"more": counted(more, "state has", "states have"), "fewer": fewer, "few": few}
    noise = len(table) - len(moved) - few
    text = worded("say_map", policy=quoted(story, leading(story)), noise=noise, **gaps)
    if moved.empty:
        return text
    most = moved.iloc[int(moved["difference"].abs().to_numpy().argmax())]
    words = span(most["difference"], most["low"], most["high"], "requests")
    name = legal_order().names[story.states[int(most["state"])]]
    return f"{text} Largest change: {name}, {words} requests per run."


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
    return table[(table["scenario"] == leading(story)) & (table["outcome"] == MAPPED) & (table["state"] >= 0)]


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
