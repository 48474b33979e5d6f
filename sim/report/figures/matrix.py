"""Matrix of median turnaround between the busiest states, pooled over replicates."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from sim.experiments.pooled import FEWEST_REQUESTS
from sim.measures.arrays import Floats
from sim.report.story import Story
from sim.report.style import frame, new_figure, small_print

#: Months at which the colour changes.
_STEPS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 24, 36)


def turnaround_matrix(story: Story) -> Figure | None:
    """The baseline and the policy that was named last, side by side; None where there are no requests."""
    if len(story.busiest) < 2:
        return None
    shown = [story.design.baseline, *story.policies[-1:]]
    figure = new_figure(1.0 + 5.7 * len(shown), 7.2)
    panels = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, scenario in zip(panels, shown, strict=True):
        image = _panel(axes, story, scenario)
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


def _panel(axes: Axes, story: Story, scenario: str) -> AxesImage:
    """One scenario's matrix with the numbers in its cells."""
    months = _matrix(story, scenario)
    names = [story.states[row] for row in story.busiest]
    norm = BoundaryNorm(_STEPS, 256, extend="max")
    image = axes.imshow(np.ma.masked_invalid(months), cmap="viridis_r", norm=norm)
    axes.set_title(story.drawn[scenario])
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7.5)
    axes.set_yticks(range(len(names)), names, fontsize=7.5)
    axes.set(xlabel="answering state", ylabel="requesting state")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(months):
        if np.isfinite(value):
            ink = "white" if value > 10 else "black"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=7, color=ink, in_layout=False)
    return image


def _matrix(story: Story, scenario: str) -> Floats:
    """Median months [asking, answering], NaN where not known."""
    place = {state: row for row, state in enumerate(story.busiest)}
    months = np.full((len(place), len(place)), np.nan)
    rows = story.pair_medians[story.pair_medians["scenario"] == scenario]
    for asking, answering, median in zip(rows["requesting"], rows["requested"], rows["median_months"], strict=True):
        months[place[asking], place[answering]] = median
    return months
