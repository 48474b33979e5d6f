"""Formal requests that are open at the end of the policy years, by age: one stacked bar per scenario."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.statistics import Estimate
from sim.measures.arrays import Floats
from sim.measures.requests import Age
from sim.report.figures.kinds import Bars, Segment
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import Caption, small_print
from sim.report.ticks import spaced
from sim.results.labels import AGES
from sim.results.words import interval, listing, span

#: From young to old: colour, colour of its number.
_LOOKS = {
    Age.UNDER_SIX_MONTHS: ("#FDE8B8", "black"),
    Age.SIX_TO_TWELVE_MONTHS: ("#F5B84B", "black"),
    Age.ONE_TO_TWO_YEARS: ("#D55E00", "white"),
    Age.TWO_TO_FIVE_YEARS: ("#8C2D04", "white"),
    Age.OVER_FIVE_YEARS: ("#3B0F02", "white"),
}
_OLD = (Age.ONE_TO_TWO_YEARS, Age.TWO_TO_FIVE_YEARS, Age.OVER_FIVE_YEARS)
#: Share of the longest bar from which a part is wide enough for its number, and room for totals in lengths of it.
_NUMBERED, _ROOM = 0.045, 1.42


def open_by_age(story: Story) -> Bars | None:
    """Stacked bars of means over replicates; None where nothing is open."""
    sizes = pd.DataFrame(
        {key: {age: _mean(_by_seed(story, key, (age,))).value for age in Age} for key in story.scenarios}
    ).T
    longest = float(sizes.sum(axis=1).max())
    if not longest > 0:
        return None
    return Bars(
        Caption(
            "How old is what is still open?",
            "Formal requests to other states that are open at the end of the policy years, by the time since they "
            "were sent. Old ones are mostly requests that nobody will ever answer: no state has to close them. Those "
            "over 5 years old may be older than the policy, which leaves them as they are. Right of each bar: all of "
            f"them, and the change against “{story.drawn[story.baseline]}” in the same worlds, each with its 95 % "
            "interval.",
            small_print(story.command, f"{story.basis}. Genuine requests of any day; abusive ones are left out."),
        ),
        sizes,
        {age: Segment(AGES[age], *look) for age, look in _LOOKS.items()},
        [story.drawn[key] for key in story.scenarios],
        "formal requests open on the last day, mean of a replicate",
        spaced,
        _ROOM * longest,
        _NUMBERED * longest,
        ends=[_in_words(story, key) for key in story.scenarios],
        across=5,
    )


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
