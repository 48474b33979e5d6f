"""Requests sent and received, and answers received and given, by state."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from sim.report.sentences import state_name
from sim.report.story import Story
from sim.report.style import BLUE, ORANGE, Key, frame, new_figure, per_cent_axis, small_print
from sim.report.ticks import spaced
from sim.results.words import number

BUSIEST = 20


def request_exchange(story: Story) -> Figure | None:
    """Two panels of the busiest states under the baseline; None where there are no requests."""
    rows = story.exchange[story.exchange["scenario"] == story.baseline]
    rows = rows[(rows["sent"] > 0) & (rows["received"] > 0)]
    rows = rows.assign(traffic=rows["sent"] + rows["received"]).nlargest(BUSIEST, "traffic", keep="first")
    if rows.empty:
        return None
    figure = new_figure(9.6, 2.4 + 0.25 * len(rows))
    left, right = figure.subplots(1, 2, sharey=True)
    _pairs(left, rows["sent"], rows["received"])
    left.set(xscale="log", xlabel="requests per run", title="Requests sent and received")
    left.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    left.xaxis.set_major_formatter(spaced)
    left.xaxis.set_minor_formatter(NullFormatter())
    _pairs(right, rows["answers_got"] / rows["sent"], rows["answers_given"] / rows["received"])
    right.set(xlabel="share of requests that are answered", title="Answers received and given")
    per_cent_axis(right, "x")
    left.set_yticks(range(len(rows)), [story.states[state] for state in rows["state"]])
    left.set_ylim(len(rows) - 0.4, -0.6)
    handles, _ = left.get_legend_handles_labels()
    frame(
        figure,
        "Who asks, who is asked, and who gets answers?",
        f"The {len(rows)} states with the most requests to and from other states, under "
        f"“{story.drawn[story.baseline]}”, busiest first. Circles: requests that a state sends, and the "
        "share of them that is answered. Squares: requests that it receives, and the share of them that it answers. "
        "The longer the line, the less even the exchange. Direct requests to providers are left out.",
        small_print(
            story.command,
            f"Formal requests of the policy years that have had twelve months; mean of {story.basis}. An answer: "
            "executed, refused or no data.",
        ),
        Key(handles, ["as requesting state", "as requested state"], 2),
    )
    return figure


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


def _pairs(axes: Axes, asking: "pd.Series[float]", asked: "pd.Series[float]") -> None:
    """One line per state, from its value as requesting state to its value as requested state."""
    height = np.arange(len(asking))
    axes.hlines(height, asking, asked, color="#B0B0B0", linewidth=1.6)
    axes.plot(asking, height, "o", color=BLUE, markersize=6.5, label="asking")
    axes.plot(asked, height, "s", color=ORANGE, markersize=6, label="asked")
    axes.tick_params(axis="y", length=0)
