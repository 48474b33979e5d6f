"""Gain against rights: what a policy brings to investigations, and what it costs in rights."""

from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.figures.rows import EFFECTS, Rows, in_per_cent
from sim.report.sentences import clear, quoted
from sim.report.story import Story
from sim.report.style import Caption, look, small_print
from sim.results.words import change, counted, in_unit, listing, number

#: What a policy brings, in the first row.
GAIN = "executed_per_year"
#: What it costs; less is better.
COSTS = shown_in(ShownIn.RIGHTS)


def gain_against_rights(story: Story) -> Rows | None:
    """The gain, and below it one row per measure of rights; None when there is no policy to compare."""
    if not story.policies:
        return None
    shown = [outcome(key) for key in (GAIN, *COSTS)]
    drawn = [(row, key, story.difference(key, one.key)) for row, one in enumerate(shown) for key in story.policies]
    today = [number(story.level(story.baseline, one.key).value, one.unit) for one in shown]
    return Rows(
        Caption(
            "What does each gain cost in rights?",
            "First row: what a policy brings. Below: what it costs in rights, where less is better. Ratio of means to "
            f"that under “{story.drawn[story.baseline]}” less one, with its 95 % interval over paired replicates. "
            "Hollow marks are not distinguishable from noise. An arrowhead marks an end beyond the axis. The right "
            "column gives the difference in the measure's own unit.",
            small_print(story.command, "Paired Student t; delta method for ratios."),
        ),
        [in_per_cent(drawn, {one.key: one.least for one in shown}, "the baseline")],
        [
            f"{one.title.removesuffix(' (rights)')}\n({level} {one.unit} today)"
            for one, level in zip(shown, today, strict=True)
        ],
        {key: look(key, story.scenarios) for key in story.policies},
        story.title,
        (9.6, 2.0 + len(shown) * (0.2 + 0.19 * len(story.policies))),
        bold=[0],
        columns=EFFECTS,
    )


def describe_rights(story: Story) -> str:
    """What the policy with the largest gain changes in rights."""
    gains = clear(story, GAIN)
    if not gains or gains[0].difference < 0:
        policies = counted(len(story.policies), "policy", "policies")
        return f"None of {policies} has more requests executed by more than noise: no gain stands against a cost."
    first = gains[0]
    costs = [entry for key in COSTS for entry in clear(story, key) if entry.scenario == first.scenario]
    parts = [
        f"{word} of {listing([f'“{entry.title}” ({change(entry)}{in_unit(entry.unit)})' for entry in found])}."
        for word, more in (("More", True), ("Less", False))
        if (found := [entry for entry in costs if (entry.difference > 0) == more])
    ]
    return (
        f"The largest gain is that of {quoted(story, first.scenario)}: {change(first)} requests executed per year. "
        f"{' '.join(parts) or 'None of these measures of rights changes there by more than noise.'}"
    )
