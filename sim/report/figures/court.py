"""Court slack: each policy's gain where courts are idle, normal or overloaded."""

from sim.experiments.design import MAIN
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.figures.rows import EFFECTS, Panel, Rows, around_zero, axis_label, marks_of
from sim.report.sentences import clear, quoted
from sim.report.story import Story
from sim.report.style import Caption, look, small_print
from sim.results.words import change, counted

#: A panel is at most this many times as wide as intervals of the world with most pairs need.
_WIDEST = 4.0
SHOWN = shown_in(ShownIn.COURT)


def court_slack(story: Story) -> Rows | None:
    """One panel per outcome, one row per wait; None where court slack was not varied."""
    waits = story.design.court_waits
    if not waits or not story.policies:
        return None
    blocks = sorted(waits, key=waits.__getitem__)
    named = {block: "usual courts" if block == MAIN else block for block in blocks}
    pairs = {block: counted(len(story.design.seeds(block)), "pair") for block in blocks}
    return Rows(
        Caption(
            "Does it still help when courts are overloaded?",
            "Gain of each policy over the baseline, in worlds whose courts keep a request waiting for a short, "
            "a usual or a long time. Where courts are slow, the queue can move from central authorities to courts. "
            "Bars are 95 % intervals of paired differences; an arrowhead marks an end beyond the panel. Numbers stand "
            "at the right.",
            small_print(story.command, "Paired Student t. Behind each name: the wait that courts are staffed for."),
        ),
        [_panel(story, key, blocks) for key in SHOWN],
        [f"{named[block]}: {waits[block]:.0f} days\n({pairs[block]})" for block in blocks],
        {key: look(key, story.scenarios) for key in story.policies},
        story.title,
        (11.6, 2.4 + len(blocks) * (0.2 + 0.17 * len(story.policies))),
        columns={"row": "courts"} | EFFECTS,
    )


def describe_court(story: Story) -> str:
    """The gain of the strongest policy in the world of the slowest courts, beside that in the usual one."""
    key, waits = SHOWN[0], story.design.court_waits
    slow = max(waits, key=waits.__getitem__)
    gains = clear(story, key) or [entry for entry in (story.difference(story.policies[0], key),) if entry]
    if not gains:
        return "There are too few worlds to say whether courts decide it."
    policy = gains[0].scenario
    entry = story.difference(policy, key, slow)
    overloaded = change(entry) if entry else "not known"
    return (
        f"{outcome(key).title} under {quoted(story, policy)}: {change(gains[0])} with usual courts, {overloaded} where "
        f"courts keep a request waiting for {waits[slow]:.0f} days. The second rests on "
        f"{counted(len(story.design.seeds(slow)), 'pair')}, so its interval is wide."
    )


def _panel(story: Story, key: str, blocks: list[str]) -> Panel:
    """One outcome: all values, and the intervals of the world with most pairs several times over."""
    marks = marks_of(
        (row, policy, story.difference(policy, key, block))
        for row, block in enumerate(blocks)
        for policy in story.policies
    )
    usual = marks[marks["block"] == MAIN]
    widest = max(_WIDEST * around_zero(usual)[1], 1.1 * float(marks["value"].abs().max()))
    return Panel(outcome(key).title, axis_label(outcome(key)), marks, around_zero(marks, widest), numbered=True)
