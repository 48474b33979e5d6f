"""Median turnaround between the busiest states, as a matrix."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from sim.measures.arrays import Floats
from sim.report.sentences import quoted, state_name
from sim.report.story import Story
from sim.report.style import frame, new_figure, small_print
from sim.results.pooled import FEWEST_REQUESTS

#: Months at which the colour changes.
_STEPS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 24, 36)


def turnaround_matrix(story: Story) -> Figure | None:
    """The baseline and the policy that was named last, side by side; None where there are no requests."""
    if len(story.busiest) < 2:
        return None
    shown = [story.baseline, *story.policies[-1:]]
    figure = new_figure(1.0 + 5.7 * len(shown), 7.2)
    panels = figure.subplots(1, len(shown), squeeze=False)[0]
    norm = BoundaryNorm(_STEPS, 256, extend="max")
    for axes, scenario in zip(panels, shown, strict=True):
        months = _matrix(story, story.pair_medians, scenario, ("requesting", "requested", "median_months"))
        image = _cells(axes, story, months, norm, "viridis_r")
        axes.set(title=story.drawn[scenario], xlabel="answering state", ylabel="requesting state")
    bar = figure.colorbar(image, ax=list(panels), shrink=0.8, pad=0.01, ticks=_STEPS)
    bar.set_label("median turnaround, months")
    frame(
        figure,
        "Who waits how long for whom?",
        f"Median months to an answer between the {len(story.busiest)} busiest states, for requests through "
        "central authorities. Rows request, columns answer; states are in order of traffic. Empty: the pair "
        f"uses other channels, or made fewer than {FEWEST_REQUESTS} requests in all replicates, or the "
        "median was not reached.",
        small_print(story.command, "Kaplan–Meier, silent requests left out, pooled over replicates."),
    )
    return figure


def describe_turnaround_matrix(story: Story) -> str:
    """The quickest and the slowest pair, and how many pairs the policy shown makes faster."""
    columns = ("requesting", "requested", "median_months")
    usual = _matrix(story, story.pair_medians, story.baseline, columns)
    if np.isnan(usual).all():
        return f"No pair of states made {FEWEST_REQUESTS} requests, so there is no median to show."
    ends = [
        f"{usual[place]:.1f} months ({_pair(story, 'asks', place)})"
        for place in (np.unravel_index(find(usual), usual.shape) for find in (np.nanargmin, np.nanargmax))
    ]
    text = f"Under {quoted(story, story.baseline)}, medians between two states run from {ends[0]} to {ends[1]}."
    if story.policies:
        policy = story.policies[-1]
        change = _matrix(story, story.pair_medians, policy, columns) - usual
        known = change[np.isfinite(change)]
        text += (
            f" Under {quoted(story, policy)}, {np.count_nonzero(known < 0)} of {known.size} pairs are faster. A single "
            "cell rests on few requests: read whole rows and columns."
        )
    return text


def _pair(story: Story, verb: str, place: Sequence[np.intp]) -> str:
    """Two of the busiest states: of the row, and of the column."""
    row, column = (state_name(story.busiest[number]) for number in place)
    return f"{row} {verb} {column}"


def _matrix(story: Story, table: pd.DataFrame, scenario: str, columns: tuple[str, str, str]) -> Floats:
    """Values of a table between the busiest states, NaN where it has none.

    Args:
        story: the results.
        table: one row per scenario and ordered pair of states.
        scenario: which rows.
        columns: state by row, state by column, value.
    """
    place = {state: row for row, state in enumerate(story.busiest)}
    found = np.full((len(place), len(place)), np.nan)
    rows = table[table["scenario"] == scenario]
    for one, other, value in zip(*(rows[column] for column in columns), strict=True):
        if one in place and other in place:
            found[place[one], place[other]] = value
    return found


def _cells(axes: Axes, story: Story, values: Floats, norm: Normalize, colours: str) -> AxesImage:
    """A matrix with the numbers in its cells, black or white by the brightness of the cell."""
    names = [story.states[row] for row in story.busiest]
    image = axes.imshow(np.ma.masked_invalid(values), cmap=colours, norm=norm)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7.5)
    axes.set_yticks(range(len(names)), names, fontsize=7.5)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    brightness = image.cmap(norm(np.nan_to_num(values)))[..., :3] @ (0.299, 0.587, 0.114)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            ink = "black" if brightness[row, column] > 0.5 else "white"
            text = f"{value:.0f}".replace("-0", "0").replace("-", "−")
            axes.text(column, row, text, ha="center", va="center", fontsize=6.5, color=ink, in_layout=False)
    return image
