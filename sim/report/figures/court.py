"""Court slack: each policy's gain where courts are idle, normal or overloaded."""

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.design import MAIN
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.sentences import clear, quoted
from sim.report.story import Story
from sim.report.style import Key, frame, look, new_figure, small_print
from sim.results.words import change, counted, signed

#: A panel is at most this many times as high as intervals of the world with most pairs need.
_WIDEST = 4.0
SHOWN = shown_in(ShownIn.COURT)


def court_slack(story: Story) -> Figure | None:
    """One panel per outcome; None where court slack was not varied."""
    if not story.design.court_waits or not story.policies:
        return None
    figure = new_figure(9.8, 4.7)
    panels = figure.subplots(1, len(SHOWN))
    blocks = sorted(story.design.court_waits, key=lambda block: story.design.court_waits[block])
    for axes, key in zip(panels, SHOWN, strict=True):
        _panel(axes, story, key, blocks)
    fewest = min(len(story.design.seeds(block)) for block in blocks)
    frame(
        figure,
        "Does it still help when courts are overloaded?",
        "Gain of each policy over the baseline, in worlds whose courts keep a request waiting for a short, "
        "a usual or a long time. Where courts are slow, the queue can move from central authorities to courts. Bars "
        "are 95 % intervals of paired differences; an arrowhead marks an end beyond the panel, with its number. Lines "
        "only join the results of separate worlds.",
        small_print(story.command, f"The slack and the overloaded world: {counted(fewest, 'replicate')} each."),
        Key.of(panels[0], 3),
    )
    return figure


def describe_court(story: Story) -> str:
    """The gain of the strongest policy in the world of the slowest courts, beside that in the usual one."""
    key, waits = SHOWN[0], story.design.court_waits
    slow = max(waits, key=waits.__getitem__)
    gains = clear(story, key) or [entry for entry in (story.difference(story.policies[0], key),) if entry]
    if not gains:
        return "There are too few worlds to say whether courts decide it."
    policy = gains[0].scenario
    entry = story.difference(policy, key, slow)
    overloaded = change(entry) if entry else "not known"
    return (
        f"{outcome(key).title} under {quoted(story, policy)}: {change(gains[0])} with usual courts, {overloaded} where "
        f"courts keep a request waiting for {waits[slow]:.0f} days. The second rests on "
        f"{counted(len(story.design.seeds(slow)), 'pair')}, so its interval is wide."
    )


def _panel(axes: Axes, story: Story, key: str, blocks: list[str]) -> None:
    """Differences of one outcome over the target wait of courts."""
    share = outcome(key).unit == "share"
    factor, unit = (100.0, "percentage points") if share else (1.0, outcome(key).unit)
    apart = min(0.2, 0.6 / len(story.policies))  # numbers at arrowheads need room
    limit = factor * _limit(story, key, blocks)
    for number, scenario in enumerate(story.policies):
        colour, line, marker = look(scenario, story.scenarios)
        entries = [story.difference(scenario, key, block) for block in blocks]
        known = [(place, entry) for place, entry in enumerate(entries) if entry is not None]
        places = np.array([place for place, _ in known]) + apart * (number - (len(story.policies) - 1) / 2)
        middle = factor * np.array([entry.difference for _, entry in known])
        ends = factor * np.array([[entry.low, entry.high] for _, entry in known]).T
        axes.plot(
            places,
            middle,
            color=colour,
            linestyle=line,
            marker=marker,
            markersize=5,
            linewidth=1.3,
            label=story.drawn[scenario],
        )
        for place, low, high in zip(places, *ends, strict=True):
            _interval(axes, place, (low, high), limit, colour)
    axes.axhline(0, color="black", linewidth=1.0)
    axes.set_ylim(-1.12 * limit, 1.12 * limit)
    axes.set_title(fill(outcome(key).title, 30), fontsize=9)
    axes.set_ylabel(f"change, {unit}")
    short = ["usual" if block == MAIN else block.removesuffix(" courts") for block in blocks]
    names = [f"{name}\n{story.design.court_waits[block]:.0f} days" for name, block in zip(short, blocks, strict=True)]
    axes.set_xticks(range(len(blocks)), names, fontsize=8)
    axes.set_xlim(-0.35, len(blocks) - 0.65)
    axes.set_xlabel("wait that courts are staffed for", fontsize=8.5)


def _limit(story: Story, key: str, blocks: list[str]) -> float:
    """Half height of a panel: all values, and the intervals of the world with most pairs several times over."""
    entries = [story.difference(scenario, key, block) for scenario in story.policies for block in blocks]
    known = [entry for entry in entries if entry is not None]
    usual = [max(abs(entry.low), abs(entry.high)) for entry in known if entry.block == MAIN]
    ends = [max(abs(entry.low), abs(entry.high)) for entry in known]
    values = [abs(entry.difference) for entry in known]
    widest = max((end for end in ends if np.isfinite(end)), default=0.0)
    least = _WIDEST * max((end for end in usual if np.isfinite(end)), default=widest)
    return max([min(widest, least), *(1.1 * value for value in values if np.isfinite(value))]) or 1.0


def _interval(axes: Axes, place: float, ends: tuple[float, float], limit: float, colour: str) -> None:
    """An upright interval; where it extends beyond the panel, an arrowhead with the number of its end."""
    low, high = np.clip(ends, -limit, limit)
    axes.plot([place, place], [low, high], color=colour, linewidth=1.3)
    for beyond, end, shown, arrow in ((ends[0] < -limit, ends[0], low, "v"), (ends[1] > limit, ends[1], high, "^")):
        if beyond:
            axes.plot(place, shown, arrow, color=colour, markersize=4)
            axes.annotate(
                signed(float(end)),
                (place, shown),
                (3, 0),
                textcoords="offset points",
                fontsize=6,
                rotation=90,
                va="top" if arrow == "^" else "bottom",
                color=colour,
            )
