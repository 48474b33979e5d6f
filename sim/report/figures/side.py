"""A country's side: what each policy changes for a state or a group of states, in per cent of today."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from sim.measures.outcome import ShownIn, keys_of
from sim.policy.places import Place
from sim.report.figures.rows import EFFECTS, Rows, in_per_cent
from sim.report.picture import Picture
from sim.report.places import TITLE, Side
from sim.report.story import Story
from sim.report.style import Caption, look, small_print
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.effects import is_clear
from sim.results.words import in_unit, relative

#: What is drawn.
SHOWN = keys_of(COUNTRY_OUTCOMES, ShownIn.FOREST)


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


def side_figure(story: Story, place: Place) -> Rows | None:
    """Relative differences with intervals; None where no policy is compared, or nothing can be said."""
    side = Side(story, (place,))
    shown = [key for key in SHOWN if any(_known(side.row(s, place, key)) for s in story.reported)]
    if not shown:
        return None
    drawn = [(at, key, side.row(key, place, what)) for at, what in enumerate(shown) for key in story.reported]
    today = {key: f"{side.today(place, key)}{in_unit(TITLE[key].unit)} today" for key in shown}
    return Rows(
        Caption(
            f"{place.title}: what does each policy change here?",
            f"Ratio to the level under “{story.drawn[story.baseline]}” less one, with its 95 % interval. Filled marks: "
            "the difference can be distinguished from noise; hollow ones: it cannot. An arrowhead: the interval "
            "extends beyond the axis. The right column gives the difference in its own unit. “Too few”: hardly any "
            "events.",
            small_print(story.command, f"Paired t, {story.basis}. About one mark in twenty is filled by chance."),
        ),
        [in_per_cent(drawn, dict.fromkeys(TITLE, 0.0), "today")],
        [f"{TITLE[key].title}\n({today[key]}; {TITLE[key].means})" for key in shown],
        {key: look(key, story.scenarios) for key in story.reported},
        story.title,
        (9.6, 1.9 + len(shown) * (0.16 + 0.2 * len(story.reported))),
        columns={"row": "outcome"} | EFFECTS,
    )


def describe_side(story: Story, place: Place) -> str:
    """What each policy changes by more than chance, in a sentence."""
    side = Side(story, (place,))
    parts = []
    for scenario in story.reported:
        rows = [side.row(scenario, place, key) for key in SHOWN]
        clear = [row for row in rows if _known(row) and is_clear(row)]
        words = "; ".join(f"{TITLE[row.outcome].title.lower()} {relative(row)}" for row in clear)
        parts.append(f"“{story.title[scenario]}”: {words or 'nothing by more than chance'}.")
    return f"Changed by more than chance, in per cent of today. {' '.join(parts)}"


def _known(row: Any) -> bool:
    """Whether a difference can be drawn in per cent."""
    return row is not None and not np.isnan(row.relative_low)
