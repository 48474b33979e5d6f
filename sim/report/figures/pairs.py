"""Median turnaround between the busiest states, as a matrix."""

from typing import Any

import pandas as pd
from matplotlib.colors import BoundaryNorm

from sim.report.figures.kinds import Tiles
from sim.report.sentences import quoted, state_name
from sim.report.story import Story
from sim.report.style import Caption, small_print
from sim.results.pooled import FEWEST_REQUESTS

#: Months at which the colour changes.
_STEPS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 24, 36)
_COLUMNS = ("scenario", "requesting_code", "requested_code", "requests", "median_months")


def turnaround_matrix(story: Story) -> Tiles | None:
    """The baseline and the policy that was named last, side by side; None where there are no requests."""
    if len(story.busiest) < 2:
        return None
    shown = [story.baseline, *story.policies[-1:]]
    place, codes = {state: row for row, state in enumerate(story.busiest)}, dict(enumerate(story.states))
    cells = story.pair_medians
    cells = cells[cells["scenario"].isin(shown) & cells["requesting"].isin(place) & cells["requested"].isin(place)]
    cells = cells.assign(
        panel=cells["scenario"].map(story.drawn),
        x=cells["requested"].map(place),
        y=cells["requesting"].map(place),
        value=cells["median_months"],
        words=[f"{months:.0f}" for months in cells["median_months"]],
        requesting_code=cells["requesting"].map(codes),
        requested_code=cells["requested"].map(codes),
    )
    names = [story.states[row] for row in story.busiest]
    return Tiles(
        Caption(
            "Who waits how long for whom?",
            f"Median months to an answer between the {len(story.busiest)} busiest states, for requests through "
            "central authorities. Rows request, columns answer; states are in order of traffic. Empty: the pair "
            f"uses other channels, or made fewer than {FEWEST_REQUESTS} requests in all replicates, or the "
            "median was not reached.",
            small_print(story.command, "Kaplan–Meier, silent requests left out, pooled over replicates."),
        ),
        cells,
        [story.drawn[key] for key in shown],
        (names, names),
        ("answering state", "requesting state"),
        BoundaryNorm(_STEPS, 256, extend="max"),
        "viridis_r",
        "median turnaround, months",
        (1.0 + 5.7 * len(shown), 7.2),
        len(shown),
        {name: name.removesuffix("_code") for name in _COLUMNS},
        ticks={"ticks": _STEPS},
    )


def describe_turnaround_matrix(story: Story) -> str:
    """The quickest and the slowest pair, and how many pairs the policy shown makes faster."""
    usual = _medians(story, story.baseline)
    if usual.empty:
        return f"No pair of states made {FEWEST_REQUESTS} requests, so there is no median to show."
    ordered: list[tuple[Any, float]] = list(usual.sort_values(kind="stable").items())
    ends = [
        f"{months:.1f} months ({state_name(one)} asks {state_name(other)})"
        for (one, other), months in (ordered[0], ordered[-1])
    ]
    text = f"Under {quoted(story, story.baseline)}, medians between two states run from {ends[0]} to {ends[1]}."
    if story.policies:
        change = (_medians(story, story.policies[-1]) - usual).dropna()
        text += (
            f" Under {quoted(story, story.policies[-1])}, {(change < 0).sum()} of {len(change)} pairs are faster. A "
            "single cell rests on few requests: read whole rows and columns."
        )
    return text


def _medians(story: Story, scenario: str) -> "pd.Series[float]":
    """Known medians between the busiest states, by requesting and requested state."""
    rows = story.pair_medians
    rows = rows[(rows["scenario"] == scenario) & rows["requesting"].isin(story.busiest)]
    rows = rows[rows["requested"].isin(story.busiest)]
    return rows.set_index(["requesting", "requested"])["median_months"].dropna()
