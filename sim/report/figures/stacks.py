"""Stacked bars: where the time of a request goes, how old open ones are, and what becomes of identified members."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.statistics import Estimate
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures.arrays import Floats
from sim.measures.fate import Fate
from sim.measures.requests import Age
from sim.report.figures.kinds import Bars, Segment
from sim.report.sentences import at, quoted, strongest
from sim.report.story import Story
from sim.report.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, Caption, small_print
from sim.report.ticks import either_way, per_cent, spaced
from sim.results.labels import AGES, BEFORE_SENDING, FATES, STAGES
from sim.results.words import interval, span
from sim.world.records import Stage

#: What is drawn as one, as a request passes it: before sending, leftwards from the line, and after.
_STAGES = {
    (Stage.OUTGOING_CHECK,): ("#6E6E6E", "white"),
    (Stage.TRANSLATION,): ("#A0A0A0",),
    (Stage.DRAFTING,): ("#D0D0D0",),
    (Stage.TRANSMISSION,): (SKY,),
    (Stage.INCOMING_TRIAGE,): (BLUE, "white"),
    (Stage.DEFICIENCY_RETURN,): (VERMILLION, "white"),
    (Stage.REVIEW,): (PURPLE,),
    (Stage.COURT_ORDER,): (ORANGE,),
    (Stage.PRODUCTION,): (GREEN, "white"),
    (Stage.APPEAL, Stage.RETURN): ("#F5D0A9", "black", "//"),
}
_NAMES = {stages: ", ".join(STAGES[stage] for stage in stages) for stages in _STAGES}
_BEFORE = [_NAMES[stages] for stages in _STAGES if stages[0] in BEFORE_SENDING]
_AFTER = [name for name in _NAMES.values() if name not in _BEFORE]
_NUMBERED_DAYS = 9.0


def stage_bars(story: Story) -> Bars:
    """Stacked bars: days before sending to the left, after sending to the right."""
    days = pd.DataFrame({key: _mean_days(story, key) for key in story.asking}).T
    total = days[_AFTER].sum(axis=1)
    return Bars(
        Caption(
            "Where does the time go?",
            "Mean days that answered requests through central authorities spend in each stage. Left of the line: "
            "before the request is sent. Right of it: what turnaround measures. Only answered requests can be broken "
            "down by stage, so these means are not the turnaround of all requests.",
            small_print(
                story.command, f"Laboratory work comes after the answer and is not part of it. {story.left_out}"
            ),
        ),
        days,
        {name: Segment(name, *_STAGES[stages]) for stages, name in _NAMES.items()},
        [story.drawn[key] for key in story.asking],
        "days before sending  |  days after sending",
        either_way,
        1.12 * float(total.max()) or 1.0,
        _NUMBERED_DAYS,
        lambda size: f"{size:.0f}",
        [f"{size:.0f} days" for size in total],
        _BEFORE,
    )


def describe_stages(story: Story) -> str:
    """The longest stage after sending under the baseline, and where a policy changes it most."""
    days = {key: _mean_days(story, key) for key in story.asking}
    usual = days[story.baseline][_AFTER]
    if not days[story.baseline].any():
        return "No request through a central authority was answered."
    longest = str(usual.idxmax())
    text = (
        f"Under {quoted(story, story.baseline)}, {usual[longest]:.0f} of {usual.sum():.0f} days after sending go to "
        f"one stage: {longest}."
    )
    policies = [key for key in story.policies if key in days]
    if not policies:
        return text
    other = max(policies, key=lambda key: abs(days[key][longest] - usual[longest]))
    return (
        f"{text} It takes {days[other][longest]:.0f} days under {quoted(story, other)}. These are means of answered "
        "requests; intervals of turnaround itself are in the tables."
    )


def _mean_days(story: Story, scenario: str) -> "pd.Series[float]":
    """Mean days by name of what is drawn as one, over answered requests of all replicates; zero without any."""
    rows = story.breakdown("turnaround_by_stage", scenario)
    rows = rows[rows["channel"].isin(CENTRAL_AUTHORITY_CHANNELS)]
    total = (rows["days"] * rows["answers"]).groupby(rows["stage"]).sum()
    mean = (total / rows["answers"].groupby(rows["stage"]).sum()).fillna(0.0)
    return pd.Series({name: sum(mean.get(stage, 0.0) for stage in stages) for stages, name in _NAMES.items()})


#: From young to old: colour, colour of its number.
_AGES = {
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
    sizes = pd.DataFrame({key: {age: _open(story, key, (age,)).mean() for age in Age} for key in story.scenarios}).T
    longest = float(sizes.sum(axis=1).max())
    if not longest > 0:
        return None
    return Bars(
        Caption(
            "How old is what is still open?",
            "Formal requests to other states that are open at the end of the policy years, by the time since they "
            "were sent. Those over 5 years old may be older than the policy, which leaves them as they are. At the "
            f"right: all of them, and the change against “{story.drawn[story.baseline]}”, with 95 % intervals.",
            small_print(story.command, f"{story.basis}. Genuine requests of any day; abusive ones are left out."),
        ),
        sizes,
        {age: Segment(AGES[age], *look) for age, look in _AGES.items()},
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
    old = {key: _open(story, key, _OLD) for key in (story.baseline, *story.policies)}
    base = old[story.baseline]
    never = statistics.ratio(_floats(_open(story, story.baseline, _OLD, "never_answered")), _floats(base))
    number = interval(_mean(_open(story, story.baseline)))
    text = (
        f"Under {quoted(story, story.baseline)}, {number} formal requests are open on the last day, "
        f"{interval(_mean(base))} of them for over a year. Of those, {interval(never, 'share')} will never be answered."
    )
    changes = {key: _mean((old[key] - base).dropna()) for key in story.policies}
    clear = [key for key, change in changes.items() if not change.includes_zero]
    if not clear:
        return f"{text} No policy changes the number over a year old by more than noise." if changes else text
    most = max(clear, key=lambda key: abs(changes[key].value))
    words = span(*changes[most][:3], "requests")
    return f"{text} The number over a year old changes most under {quoted(story, most)}: {words}."


def _open(story: Story, key: str, ages: Sequence[Age] = tuple(Age), column: str = "requests") -> "pd.Series[float]":
    """Open requests of some ages by seed."""
    rows = story.breakdown("open_by_age", key)
    return rows[rows["age"].isin(ages)].groupby("seed")[column].sum()


def _mean(by_seed: "pd.Series[float]") -> Estimate:
    """The mean over replicates with its interval."""
    return statistics.mean(_floats(by_seed))


def _floats(by_seed: "pd.Series[float]") -> Floats:
    return np.asarray(by_seed, dtype=np.float64)


def _in_words(story: Story, key: str) -> str:
    """All open requests of a scenario and the change against the baseline, with intervals."""
    total, change = _open(story, key), (_open(story, key) - _open(story, story.baseline)).dropna()
    words = interval(_mean(total))
    return words if key == story.baseline else f"{words}\n{span(*_mean(change)[:3], 'requests')}"


#: Colour of the bar and of its number.
_FATES = {
    Fate.CONVICTED: (GREEN, "white"),
    Fate.ACQUITTED: ("#F0E442", "black"),
    Fate.SURRENDERED: (BLUE, "white"),
    Fate.HELD: (SKY, "black"),
    Fate.RELEASED: (VERMILLION, "white"),
    Fate.INDICTED: (ORANGE, "black"),
    Fate.WANTED: ("#C9C9C9", "black"),
    Fate.GIVEN_UP: ("#7A7A7A", "white"),
}


def fate_bars(story: Story) -> Bars | None:
    """One stacked bar per scenario; None where no member was identified early enough."""
    counts = story.fate_counts
    counts = counts[counts.sum(axis=1) > 0]
    if counts.empty:
        return None
    total, shown = counts.sum(axis=1), list(map(str, counts.index))
    per_run = [total[key] / story.replicates(key) for key in shown]
    names = [f"{story.drawn[key]}\n{members:.0f} members per run" for key, members in zip(shown, per_run, strict=True)]
    return Bars(
        Caption(
            "Named, but caught? Where identified members stand five years later",
            "Core members of groups that a case identified by name in the first half of the policy years, five years "
            "after that day. From left to right: judged, in custody, free. An indictment is not a conviction. "
            "Policies differ in how many members they identify: see the number under each name.",
            small_print(
                story.command, f"Pooled over {story.basis}; intervals of the share that is free are in the summary."
            ),
        ),
        counts.div(total, axis=0),
        {fate.value: Segment(FATES[fate], *look) for fate, look in _FATES.items()},
        names,
        "share of identified members",
        per_cent,
        1.0,
        0.025,
        lambda share: f"{100 * share:.0f}",
        across=3,
    )


def describe_fates(story: Story) -> str:
    """How many members are free after five years under the baseline, and which policy changes that most."""
    key = "impunity_share"
    text = (
        f"Under {quoted(story, story.baseline)}, {at(story, story.baseline, key)} of identified members are neither "
        "judged nor in custody after five years."
    )
    return f"{text} {strongest(story, key)}" if story.policies else text
