"""Formal requests that are open at the end of the policy years, by age: one stacked bar per scenario."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.experiments import statistics
from sim.experiments.statistics import Estimate
from sim.measures.arrays import Floats
from sim.measures.requests import Age
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import Key, frame, new_figure, small_print
from sim.report.ticks import spaced
from sim.results.labels import AGES
from sim.results.words import interval, listing, number, span

#: From young to old: colour, colour of its number.
_LOOKS = {
    Age.UNDER_SIX_MONTHS: ("#FDE8B8", "black"),
    Age.SIX_TO_TWELVE_MONTHS: ("#F5B84B", "black"),
    Age.ONE_TO_TWO_YEARS: ("#D55E00", "white"),
    Age.TWO_TO_FIVE_YEARS: ("#8C2D04", "white"),
    Age.OVER_FIVE_YEARS: ("#3B0F02", "white"),
}
_OLD = (Age.ONE_TO_TWO_YEARS, Age.TWO_TO_FIVE_YEARS, Age.OVER_FIVE_YEARS)
#: Share of the longest bar from which a part is wide enough for its number.
_LABELLED_SHARE = 0.045
#: Room at the right for the total with its interval, in lengths of the longest bar.
_ROOM = 1.42


def open_by_age(story: Story) -> Figure | None:
    """Stacked bars of means over replicates; None where nothing is open."""
    longest = max(_mean(_by_seed(story, scenario)).value for scenario in story.scenarios)
    if not longest > 0:
        return None
    figure = new_figure(9.6, 2.7 + 0.5 * len(story.scenarios))
    axes = figure.subplots()
    for row, scenario in enumerate(story.scenarios):
        edge = 0.0
        for age, (colour, ink) in _LOOKS.items():
            size = _mean(_by_seed(story, scenario, (age,))).value
            label = AGES[age] if row == 0 else "_"
            axes.barh(row, size, left=edge, height=0.66, label=label, color=colour, edgecolor="white", linewidth=0.5)
            if size >= _LABELLED_SHARE * longest:
                axes.text(edge + size / 2, row, number(size), ha="center", va="center", fontsize=7.5, color=ink)
            edge += size
        axes.annotate(
            _in_words(story, scenario), (edge, row), (5, 0), textcoords="offset points", va="center", fontsize=7.5
        )
    axes.set_yticks(range(len(story.scenarios)), [story.drawn[scenario] for scenario in story.scenarios])
    axes.set(xlim=(0, _ROOM * longest), xlabel="formal requests open on the last day, mean of a replicate")
    axes.xaxis.set_major_formatter(spaced)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    frame(
        figure,
        "How old is what is still open?",
        "Formal requests to other states that are open at the end of the policy years, by the time since they were "
        "sent. Old ones are mostly requests that nobody will ever answer: no state has to close them. Those over 5 "
        "years old may be older than the policy, which leaves them as they are. Right of each bar: all of them, and "
        f"the change against “{story.drawn[story.baseline]}” in the same worlds, each with its 95 % interval.",
        small_print(story.command, f"{story.basis}. Genuine requests of any day; abusive ones are left out."),
        Key.of(axes, 5),
    )
    return figure


def describe_ages(story: Story) -> str:
    """How many are open under the baseline and how old they are, and which policy changes the old ones most."""
    all_open, old = (_by_seed(story, story.baseline, ages) for ages in (tuple(Age), _OLD))
    never = _by_seed(story, story.baseline, _OLD, "never_answered")
    text = (
        f"Under {quoted(story, story.baseline)}, {interval(_mean(all_open))} formal requests are open on the last day, "
        f"{interval(_mean(old))} of them for over a year. Of those, "
        f"{interval(statistics.ratio(_floats(never), _floats(old)), 'share')} will never be "
        "answered."
    )
    idle = [quoted(story, scenario) for scenario in story.scenarios if scenario not in story.asking]
    text += f" Few are open under {listing(idle)} because hardly any are sent." if idle else ""
    changes = {scenario: _change(story, scenario, _OLD) for scenario in story.policies}
    clear = [scenario for scenario, change in changes.items() if not change.includes_zero]
    if not clear:
        return f"{text} No policy changes the number over a year old by more than noise." if changes else text
    most = max(clear, key=lambda scenario: abs(changes[scenario].value))
    words = span(*changes[most][:3], "requests")
    return f"{text} The number over a year old changes most under {quoted(story, most)}: {words}."


def _by_seed(
    story: Story, scenario: str, ages: Sequence[Age] = tuple(Age), column: str = "requests"
) -> "pd.Series[float]":
    """Open requests of some ages by seed."""
    rows = story.breakdown("open_by_age", scenario)
    return rows[rows["age"].isin(ages)].groupby("seed")[column].sum()


def _mean(by_seed: "pd.Series[float]") -> Estimate:
    """The mean over replicates with its interval."""
    return statistics.mean(_floats(by_seed))


def _floats(by_seed: "pd.Series[float]") -> Floats:
    return np.asarray(by_seed, dtype=np.float64)


def _change(story: Story, scenario: str, ages: Sequence[Age] = tuple(Age)) -> Estimate:
    """The paired difference from the baseline."""
    return _mean((_by_seed(story, scenario, ages) - _by_seed(story, story.baseline, ages)).dropna())


def _in_words(story: Story, scenario: str) -> str:
    """All open requests of a scenario and the change against the baseline, with intervals."""
    words = interval(_mean(_by_seed(story, scenario)))
    change = _change(story, scenario)
    return words if scenario == story.baseline else f"{words}\n{span(*change[:3], 'requests')}"
