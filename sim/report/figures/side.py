"""A country's side: what each policy changes for a state or a group of states, in per cent of today."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.compare import Verdict
from sim.policy.places import Place
from sim.report.picture import Picture
from sim.report.places import TITLE, Side
from sim.report.story import Story
from sim.report.style import Key, draw_interval, frame, look, name_marks, name_rows, new_figure, offsets, small_print
from sim.report.ticks import signed_per_cent
from sim.report.words import number

#: What is drawn, with the direction that is better for the place.
SHOWN = (
    ("own_in_time", "more is better"),
    ("own_in_time_share", "more is better"),
    ("executed", "help to others"),
    ("hours", "burden"),
    ("persons_disclosed", "burden"),
    ("removed_for_it", "more is better"),
    ("losses", "less is better"),
    ("handling_cost", "burden"),
)
_WIDEST = 1.5


def side_pictures(places: Sequence[Place]) -> dict[str, Picture]:
    """A picture for each place that somebody asks about, by name of its file."""
    return {
        f"side_{number}": Picture(
            f"{place.title}: what each policy changes",
            partial(side_figure, place=place),
            partial(describe_side, place=place),
        )
        for number, place in enumerate(places, 1)
    }


def side_figure(story: Story, place: Place) -> Figure | None:
    """Relative differences with intervals; None where no policy is compared, or nothing can be said."""
    side = Side(story, (place,))
    shown = [(key, why) for key, why in SHOWN if any(_known(side.row(s, place, key)) for s in story.reported)]
    if not shown:
        return None
    figure = new_figure(9.6, 1.9 + len(shown) * (0.16 + 0.2 * len(story.reported)))
    axes = figure.subplots()
    rows = [[side.row(scenario, place, key) for scenario in story.reported] for key, _ in shown]
    reach = min(_WIDEST, 1.08 * max(abs(end) for found in rows for row in found if _known(row) for end in _parts(row)))
    heights = offsets(len(story.reported))
    for height, found in enumerate(rows):
        for offset, scenario, row in zip(heights, story.reported, found, strict=True):
            _draw(axes, story, scenario, row, height + offset, reach)
    _finish(axes, story, side, place, shown, reach)
    frame(
        figure,
        f"{place.title}: what does each policy change here?",
        "Mean paired difference with its 95 % interval, in per cent of the level under "
        f"“{story.drawn[story.baseline]}”. Filled marks can be distinguished from noise, hollow ones cannot. An "
        "arrowhead: the interval extends beyond the axis. “Too few”: hardly any events.",
        small_print(story.command, f"Paired Student t, {story.basis}. About one mark in twenty is filled by chance."),
        Key.of(axes, 3),
    )
    return figure


def describe_side(story: Story, place: Place) -> str:
    """What each policy changes by more than chance, in a sentence."""
    side = Side(story, (place,))
    parts = []
    for scenario in story.reported:
        rows = [side.row(scenario, place, key) for key, _ in SHOWN]
        clear = [row for row in rows if _known(row) and row.verdict == Verdict.DISTINGUISHABLE]
        words = "; ".join(f"{TITLE[row.outcome].title.lower()} {_signed(row)} %" for row in clear)
        parts.append(f"“{story.title[scenario]}”: {words or 'nothing by more than chance'}.")
    return f"Changed by more than chance, in per cent of today. {' '.join(parts)}"


def _signed(row: Any) -> str:
    value = 100 * row.difference / row.baseline_mean
    return f"+{number(value)}" if value > 0 else number(value)


def _known(row: Any) -> bool:
    """Whether a difference can be drawn in per cent."""
    return row is not None and row.baseline_mean > 0 and not np.isnan(row.low)


def _parts(row: Any) -> tuple[float, float, float]:
    """Difference and interval over the level under the baseline."""
    return tuple(float(end / row.baseline_mean) for end in (row.difference, row.low, row.high))  # type: ignore[return-value]


def _draw(axes: Axes, story: Story, scenario: str, row: Any, height: float, reach: float) -> None:
    """One difference; a word where there is none."""
    if not _known(row):
        axes.text(0, height, " too few", fontsize=6.5, va="center", color="#555555")
        return
    hollow = row.verdict != Verdict.DISTINGUISHABLE
    span = (max(-reach, -1.0), reach)
    draw_interval(axes, height, _parts(row), span, look(scenario, story.scenarios), hollow=hollow)


def _finish(axes: Axes, story: Story, side: Side, place: Place, shown: Sequence[tuple[str, str]], reach: float) -> None:
    """Axis, zero line, names and key."""
    axes.axvline(0, color="black", linewidth=1.1)
    labels = [f"{TITLE[key].title}\n({side.today(place, key)}{_unit(key)} today; {why})" for key, why in shown]
    name_rows(axes, labels, striped=True, fontsize=8)
    axes.set_xlim(-1.06 * reach, 1.06 * reach)
    axes.set_xlabel("difference, per cent of today")
    axes.xaxis.set_major_formatter(signed_per_cent)
    axes.tick_params(axis="y", length=0)
    name_marks(axes, story.reported, story.scenarios, story.drawn)


def _unit(key: str) -> str:
    """The unit behind a level; shares have their own sign."""
    return "" if TITLE[key].unit == "share" else f" {TITLE[key].unit}"
