"""A country's side: what each policy changes for a state or a group of states, in per cent of today."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.policy.places import Place
from sim.report.picture import Picture
from sim.report.places import TITLE, Side
from sim.report.story import Story
from sim.report.style import Key, draw_interval, frame, look, name_marks, name_rows, new_figure, offsets, small_print
from sim.report.ticks import signed_per_cent
from sim.results.effects import is_clear
from sim.results.words import relative

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
        "Ratio to the level under "
        f"“{story.drawn[story.baseline]}” less one, with its 95 % interval. Filled marks: the difference can be "
        "distinguished from noise; hollow ones: it cannot. An "
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
        clear = [row for row in rows if _known(row) and is_clear(row)]
        words = "; ".join(f"{TITLE[row.outcome].title.lower()} {relative(row)}" for row in clear)
        parts.append(f"“{story.title[scenario]}”: {words or 'nothing by more than chance'}.")
    return f"Changed by more than chance, in per cent of today. {' '.join(parts)}"


def _known(row: Any) -> bool:
    """Whether a difference can be drawn in per cent."""
    return row is not None and not np.isnan(row.relative_low)


def _parts(row: Any) -> tuple[float, float, float]:
    """The ratio to the level under the baseline less one, with its interval."""
    return row.relative, row.relative_low, row.relative_high


def _draw(axes: Axes, story: Story, scenario: str, row: Any, height: float, reach: float) -> None:
    """One difference; a word where there is none."""
    if not _known(row):
        axes.text(0, height, " too few", fontsize=6.5, va="center", color="#555555")
        return
    span = (max(-reach, -1.0), reach)
    draw_interval(axes, height, _parts(row), span, look(scenario, story.scenarios), hollow=not is_clear(row))


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
