"""The trust map: trust between the authorities of the busiest states, and what a policy changes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure

from sim.measures.arrays import Floats
from sim.report.story import Story
from sim.report.style import frame, new_figure, small_print

#: Change of trust at which colours of the second panel are full.
_FULL = 0.2


def trust_map(story: Story) -> Figure | None:
    """Trust under the baseline, and the change by the policy that was named last; None where no states deal."""
    if len(story.busiest) < 2 or story.trust.empty:
        return None
    policies = story.policies[-1:]
    figure = new_figure(1.4 + 6.2 * (1 + len(policies)), 7.2)
    panels = figure.subplots(1, 1 + len(policies), squeeze=False)[0]
    usual = _matrix(story, story.design.baseline)
    _panel(figure, panels[0], story, usual, Normalize(0, 1), "cividis", "trust, 0 to 1")
    panels[0].set_title(story.drawn[story.design.baseline])
    for axes, policy in zip(panels[1:], policies, strict=True):
        change = _matrix(story, policy) - usual
        _panel(figure, axes, story, change, TwoSlopeNorm(0, -_FULL, _FULL), "PuOr", "change of trust (0 to 1)")
        axes.set_title(f"What “{story.drawn[policy]}” changes")
    others = (
        f" There is room for one of {len(story.policies)} policies: the one that was named last. "
        "breakdowns/trust_by_pair.parquet has all of them."
        if len(story.policies) > 1
        else ""
    )
    frame(
        figure,
        "Who trusts whom?",
        f"Trust between the authorities of the {len(story.busiest)} busiest states. Rows trust, columns are trusted; "
        f"states are in order of traffic. Numbers are hundredths. Empty: no dealings in any replicate.{others}",
        small_print(
            story.command,
            "Yearly values of the policy years, weighted by the dealings of the year, pooled over replicates.",
        ),
    )
    return figure


def _panel(figure: Figure, axes: Axes, story: Story, values: Floats, norm: Normalize, colours: str, label: str) -> None:
    """A matrix with the numbers in its cells."""
    names = [story.states[row] for row in story.busiest]
    image = axes.imshow(np.ma.masked_invalid(values), cmap=colours, norm=norm)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7.5)
    axes.set_yticks(range(len(names)), names, fontsize=7.5)
    axes.set(xlabel="state that is trusted", ylabel="state that trusts")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    beyond = "both" if np.nanmax(np.abs(values), initial=0.0) > abs(norm.vmax or 1.0) else "neither"
    figure.colorbar(image, ax=axes, shrink=0.8, pad=0.02, extend=beyond).set_label(label)
    shades = image.cmap(norm(values))[..., :3] @ (0.299, 0.587, 0.114)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            ink = "black" if shades[row, column] > 0.5 else "white"
            text = f"{100 * value:.0f}".replace("-0", "0").replace("-", "−")
            axes.text(column, row, text, ha="center", va="center", fontsize=6.5, color=ink, in_layout=False)


def _matrix(story: Story, scenario: str) -> Floats:
    """Trust [trusting, trusted] between the busiest states, NaN without dealings."""
    place = {state: row for row, state in enumerate(story.busiest)}
    trust = np.full((len(place), len(place)), np.nan)
    rows: pd.DataFrame = story.trust[story.trust["scenario"] == scenario]
    for trusting, trusted, value in zip(rows["trusting"], rows["trusted"], rows["trust"], strict=True):
        if trusting in place and trusted in place:
            trust[place[trusting], place[trusted]] = value
    return trust
