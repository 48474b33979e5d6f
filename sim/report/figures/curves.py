"""Curves over time: groups taken down by age, and requests answered by month, each with its 95 % band."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sim.measures import takedown
from sim.measures.outcomes import outcome
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.figures.kinds import Curves, Pane
from sim.report.sentences import at, quoted, strongest
from sim.report.story import Story, watched
from sim.report.style import Caption, look, small_print
from sim.report.ticks import per_cent
from sim.results.words import level, listing

_LAST_MONTH = 36.0


def takedown_curves(story: Story) -> Curves:
    """Time to takedown: incidence by age of the group, self-exit competing."""
    panels = _panels(story)
    label = "months since the group's first day"
    parts = [_curves(story, keys, "takedown_curve", "taken_down", number) for number, (_, keys) in enumerate(panels)]
    return Curves(
        Caption(
            "How soon are criminal groups taken down?",
            "Share of groups that have had their first lasting takedown by a given age (lasting: 180 days at a tenth "
            "of capability or less). A curve ends where no group is at risk any more. Groups that leave by themselves "
            "count as never taken down. Bands: 95 % interval of the mean over replicates."
            f"{' The two panels have different scales.' if len(panels) > 1 else ''}",
            small_print(
                story.command, f"Aalen–Johansen, late entry at the policy's start. {story.basis} of the policy years."
            ),
        ),
        pd.concat(parts, ignore_index=True),
        [Pane(title, label, "" if number else "groups taken down") for number, (title, _) in enumerate(panels)],
        _looks(story, story.scenarios),
        story.title,
        (5.6 * len(panels) if len(panels) > 1 else 7.5, 4.0),
        len(panels),
        ticks=per_cent,
        spans={"xlim": (0, takedown.CURVE_MONTHS[-1]), "ylim": (0, None), "xticks": np.arange(0, 97, 24)},
        key=0,
        named=True,
    )


def turnaround_curves(story: Story) -> Curves:
    """Distribution of turnaround: share of requests answered by month."""
    silence = {key: story.level(key, "silence_share").value for key in story.asking}
    notes = {key: "" if np.isnan(share) else f" ({100 * share:.0f} % never answered)" for key, share in silence.items()}
    return Curves(
        Caption(
            "How long does mutual legal assistance take?",
            "Share of requests through central authorities that have been answered by a given month after sending "
            "(executed, refused, or no data left). Requests met with silence are left out; withdrawn ones are "
            "censored. In brackets: the share of all formal requests that are never answered.",
            small_print(story.command, f"Kaplan–Meier. {story.basis} of the policy years. {story.left_out}"),
        ),
        _curves(story, story.asking, "turnaround_curve", "answered"),
        [Pane("", "months since the request was sent", "requests answered")],
        _looks(story, story.asking),
        {key: story.title[key] + note for key, note in notes.items()},
        (8.6, 4.6),
        1,
        ticks=per_cent,
        spans={"xlim": (0, _LAST_MONTH), "ylim": (0, 1.01), "xticks": np.arange(0, _LAST_MONTH + 1, 6)},
        levels=((0.1, "fast tenth"), (0.5, "median"), (0.9, "slow tenth")),
        key=0,
        named=True,
    )


def describe_takedown_curves(story: Story) -> str:
    """Shares taken down within five years: the baseline, the bounds, and the policy that moves them most."""
    key = "takedown_five_year"
    named = [one for one in story.scenarios if one in (story.baseline, LOWER_BOUND, UPPER_BOUND)]
    shares = listing([f"{at(story, scenario, key)} under {quoted(story, scenario)}" for scenario in named])
    first = f"Of all groups, taken down within five years: {shares}."
    return f"{first} {strongest(story, key)}" if story.policies else first


def describe_turnaround_curves(story: Story) -> str:
    """Medians, the share that is never answered, and which scenarios are left out."""
    key = "turnaround_median"
    half = at(story, story.baseline, key)
    silence = level(story.level(story.baseline, "silence_share"), outcome("silence_share"))
    first = (
        f"Under {quoted(story, story.baseline)}, half of the requests are answered within {half}; those that are never "
        f"answered, {silence}, are left out."
    )
    return f"{first}{f' {strongest(story, key)}' if story.policies else ''} {story.left_out}".strip()


def _panels(story: Story) -> list[tuple[str, list[str]]]:
    """Separate panels for bounds and policies: on the scale of the bounds, policies would look alike."""
    bounds = [key for key in story.scenarios if key in (LOWER_BOUND, UPPER_BOUND)]
    others = [key for key in story.scenarios if key not in bounds]
    if not bounds or len(others) < 2:
        return [("", story.scenarios)]
    wide = [story.baseline, *bounds]
    return [("What cooperation can do at all", wide), ("What the policies change (enlarged)", others)]


def _looks(story: Story, scenarios: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Colour and line of each scenario, without marks."""
    return {key: (*look(key, story.scenarios)[:2], "") for key in scenarios}


def _curves(story: Story, scenarios: Iterable[str], table: str, column: str, panel: int = 0) -> pd.DataFrame:
    """Mean curves and bands, up to the last month in which a group is at risk."""
    found = []
    for key in scenarios:
        curve = story.curve(table, key, column)
        if table == "takedown_curve":
            at_risk = story.curve(table, key, "at_risk")["value"]
            curve = watched(curve.assign(at_risk=at_risk), at_risk)
        found.append(curve.assign(panel=panel, series=key))
    points = pd.concat(found, ignore_index=True).rename(columns={"month": "at"})
    return points.assign(low=points["low"].clip(lower=0.0), high=points["high"].clip(upper=1.0))
