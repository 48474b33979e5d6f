"""The answer: what policies change, what cooperation can do at all, and whether courts decide it."""

from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.story import Story
from sim.results.words import change, counted, interval, line, number

#: Outcomes of the answer, and those of them that are no burden on rights.
ANSWER = shown_in(ShownIn.SUMMARY)
GAINS = tuple(key for key in ANSWER if key not in shown_in(ShownIn.RIGHTS))
_COURT_OUTCOME = "executed_within_12_months"


def one_policy(story: Story, scenario: str) -> str:
    """What one policy changes: a list."""
    entries = [story.difference(scenario, key) for key in ANSWER]
    return "\n".join(f"- {entry.title}: {line(entry)}" for entry in entries if entry is not None)


def bounds(story: Story) -> str:
    """What the two ends say, and what today's law reaches of it."""
    words = [rung for rung in story.ladder if rung.scenario == story.baseline and not rung.withheld]
    if not story.ladder:
        return ""
    levels = {rung.scenario: rung.level for rung in story.ladder if rung.outcome == "takedown_rate"}
    rate = [number(levels[key]) for key in (LOWER_BOUND, story.baseline, UPPER_BOUND)]
    ends = (
        f"**What cooperation can do at all.** Takedowns per 100 group-years: {rate[0]} without any "
        f"cooperation, {rate[1]} under “{story.marked[story.baseline]}”, {rate[2]} if nothing stood "
        "in the way of a request."
    )
    shares = "; ".join(f"{outcome(rung.outcome).title.lower()} {interval(rung.share, 'share')}" for rung in words)
    return f"{ends} Share of that way reached today: {shares or 'withheld, the gap is within noise'}."


def courts(story: Story) -> str:
    """How the headline depends on court slack."""
    waits = story.design.court_waits
    if not waits or not story.policies:
        return ""
    lines = []
    for scenario in story.policies:
        found = [(waits[block], story.difference(scenario, _COURT_OUTCOME, block)) for block in waits]
        known = sorted((days, change(entry)) for days, entry in found if entry is not None)
        gains = "; ".join(f"{gain} where it is {days:.0f} days" for days, gain in known)
        lines.append(f"- {story.marked[scenario]}: {gains}")
    return (
        f"**Does it depend on courts?** Change in {outcome(_COURT_OUTCOME).title.lower()}, by the wait that "
        "courts' "
        f"staffing aims at ({pairs_by_wait(story)}):\n\n" + "\n".join(lines)
    )


def pairs_by_wait(story: Story) -> str:
    """On how many paired replicates each part of the question of courts rests."""
    waits = story.design.court_waits
    return ", ".join(
        f"{waits[block]:.0f} days: {counted(len(story.design.seeds(block)), 'pair')}"
        for block in sorted(waits, key=waits.__getitem__)
    )
