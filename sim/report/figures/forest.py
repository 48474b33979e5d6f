"""Forest plot: effects of every policy on the main outcomes, relative to the baseline, with a zero line."""

from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.figures.rows import EFFECTS, Rows, in_per_cent
from sim.report.sentences import moved, strongest
from sim.report.story import Story
from sim.report.style import Caption, look, small_print
from sim.results.labels import BETTER

SHOWN = shown_in(ShownIn.FOREST)
#: What is drawn when there are too many policies to show all outcomes.
_FEW = tuple(key for key in SHOWN if key in shown_in(ShownIn.BRIEF) + shown_in(ShownIn.RIGHTS))
_MANY_POLICIES = 8


def forest(story: Story) -> Rows | None:
    """Relative differences with intervals; None when there is no policy to compare."""
    if not story.policies:
        return None
    keys, few = SHOWN, ""
    if len(story.policies) > _MANY_POLICIES:
        keys, few = _FEW, " With this many policies, only a few outcomes are drawn; differences.csv has all of them."
    about = [outcome(key) for key in keys]
    drawn = [(row, key, story.difference(key, what)) for row, what in enumerate(keys) for key in story.policies]
    units = ["" if one.unit == "share" else f"{one.unit}; " for one in about]
    return Rows(
        Caption(
            f"What each policy changes, against “{story.drawn[story.baseline]}”",
            "Ratio of means over paired replicates less one, with its 95 % interval. Filled marks: the difference is "
            "distinguishable from noise; hollow ones: it is not. An arrowhead: the interval extends beyond the axis, "
            "perhaps with its mark, or passes −100 % of an outcome that cannot be negative. The right column gives "
            "the difference in the outcome's own unit. Shares refer to requests sent: a policy that changes what is "
            f"requested changes them too.{few}",
            small_print(story.command, "Paired Student t, delta method. The bounds are in the ladder figure."),
        ),
        [in_per_cent(drawn, {one.key: one.least for one in about}, "the baseline")],
        [f"{one.title}\n({unit}{BETTER[one.better]})" for one, unit in zip(about, units, strict=True)],
        {key: look(key, story.scenarios) for key in story.policies},
        story.title,
        (9.6, 2.0 + len(keys) * (0.14 + 0.19 * len(story.policies))),
        columns=EFFECTS,
    )


def describe_forest(story: Story) -> str:
    """How many outcomes each policy moves, and which one moves the headline most."""
    return f"{moved(story, SHOWN)} {strongest(story, 'takedown_rate')} {strongest(story, 'turnaround_median')}"
