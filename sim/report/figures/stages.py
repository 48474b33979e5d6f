"""Mean days by stage of requests through central authorities, stacked per scenario."""

import pandas as pd

from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.report.figures.kinds import Bars, Segment
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, Caption, small_print
from sim.report.ticks import either_way
from sim.results.labels import BEFORE_SENDING, STAGES
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
