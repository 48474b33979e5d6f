"""The answer in three sentences on one policy: groups brought down, wait and cost. Plain text, under 90 words."""

from math import isnan
from textwrap import shorten

from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.story import Story
from sim.results.effects import PairedEffect, is_clear, is_same
from sim.results.words import change, counted, from_to, level, listing, lowered, number, relative_span

BROUGHT_DOWN, EXPECTED, TURNAROUND = shown_in(ShownIn.FIRST)
#: Outcomes of rights of which the one that gets worst is named.
RIGHTS = shown_in(ShownIn.SUMMARY | ShownIn.RIGHTS)
_LONGEST_TITLE = 44  # letters of a title in a sentence


def sentences(story: Story) -> tuple[str, ...]:
    """The answer of a comparison, or of a run, in three sentences; every number is of the one policy they name."""
    if not story.compared:
        return _levels(story)
    policy = leading(story)
    return _groups(story, policy), _turnaround(story, policy), _caveat(story, policy)


def named(story: Story, scenario: str) -> str:
    """A scenario's title in quotation marks, cut where it is long."""
    return f"“{shorten(story.title[scenario], _LONGEST_TITLE, placeholder=' …')}”"


def strongest(story: Story, key: str) -> PairedEffect | None:
    """The policy that changes an outcome most, among those whose change is more than chance."""
    found = [entry for entry in _all(story, key) if is_clear(entry)]
    return max(found, key=lambda entry: abs(entry.difference), default=None)


def leading(story: Story) -> str:
    """The policy put first: that which changes groups brought down most, or else turnaround, or is first."""
    first = strongest(story, BROUGHT_DOWN) or strongest(story, TURNAROUND)
    return first.scenario if first is not None else story.reported[0]


def _all(story: Story, key: str) -> list[PairedEffect]:
    """An outcome under every policy in which it means something."""
    entries = (story.difference(scenario, key) for scenario in story.reported)
    return [entry for entry in entries if entry is not None]


def _groups(story: Story, policy: str) -> str:
    """What the policy does to groups brought down; where it is not more than chance, no other does more."""
    entry, who, unit = story.difference(policy, BROUGHT_DOWN), named(story, policy), outcome(BROUGHT_DOWN).unit
    if entry is not None and is_clear(entry):
        return f"{who} changes groups brought down {from_to(entry)} ({change(entry)})."
    base = number(story.level(story.baseline, BROUGHT_DOWN).value)
    today = f"there are {base} {unit} under {named(story, story.baseline)}"
    if entry is None or len(story.reported) > 1:
        return f"None of the {len(story.reported)} policies changes groups brought down by more than chance: {today}."
    if is_same(entry):
        return f"{who} does not change groups brought down: {today}."
    if isnan(entry.low):
        return f"Too little is known to say whether {who} changes groups brought down: {today}."
    return f"{who} changes groups brought down by {change(entry)}, which may be chance: {today}."


def _turnaround(story: Story, policy: str) -> str:
    """What the policy does to the wait for an answer."""
    entry, wait = story.difference(policy, TURNAROUND), "the median wait for mutual legal assistance"
    if entry is not None and is_clear(entry):
        verb = "shortens" if entry.difference < 0 else "lengthens"
        who = "It" if strongest(story, BROUGHT_DOWN) else named(story, policy)
        return f"{who} {verb} {wait} {from_to(entry)} ({relative_span(entry)})."
    base = level(story.level(story.baseline, TURNAROUND), outcome(TURNAROUND))
    if strongest(story, TURNAROUND) is not None:
        return f"It does not move {wait} beyond chance, today {base} months."
    return f"Half of the requests for mutual legal assistance wait {base} months or longer; no policy moves that."


def _caveat(story: Story, policy: str) -> str:
    """What the policy costs, which right it touches, how far its sign can be trusted, and what the others do."""
    parts = [_price(story, policy), _right(story, policy), _trust(story, policy), _others(story, policy)]
    return f"{'; '.join(part for part in parts if part)}."


def _trust(story: Story, policy: str) -> str:
    """In how many plausible worlds the sign is the same."""
    if story.experiment.sets is None:
        return "these figures hold chance alone, not what nobody knows"
    key = BROUGHT_DOWN if strongest(story, BROUGHT_DOWN) else TURNAROUND
    entry = story.difference(policy, key)
    if entry is None or not is_clear(entry):
        return ""
    if isnan(entry.holds_low):
        return f"{story.basis} do not say in how many plausible worlds this holds"
    what = "groups brought down" if key == BROUGHT_DOWN else "the wait"
    share = f"{100 * entry.holds_low:.0f} to {100 * entry.holds_high:.0f} %"
    return f"its effect on {what} has this sign in {share} of plausible worlds"


def _price(story: Story, policy: str) -> str:
    """What the policy costs over its years."""
    cost = next((entry.policy.value for entry in story.costs if entry.scenario == policy), 0.0)
    who = "It" if strongest(story, BROUGHT_DOWN) or strongest(story, TURNAROUND) else named(story, policy)
    return f"{who} costs {number(cost)} million euros" if cost > 0 else f"{who} has no price"


def _right(story: Story, policy: str) -> str:
    """The right that suffers most among those that are touched once a year or more, where it is more than chance."""
    entries = (story.difference(policy, key) for key in RIGHTS)
    worse = [entry for entry in entries if entry is not None and is_clear(entry) and entry.difference > 0]
    if not worse:
        return "no loss of rights can be distinguished from chance"
    often = [entry for entry in worse if entry.scenario_mean >= 1.0]
    most = max(often or worse, key=lambda entry: 0.0 if isnan(entry.relative) else entry.relative)
    return f"{lowered(most.title.replace(' (rights)', ''))} rise {from_to(most)}"


def _others(story: Story, policy: str) -> str:
    """How many of the other policies do the same to groups brought down, without a number of theirs."""
    first = story.difference(policy, BROUGHT_DOWN)
    rest = [entry for entry in _all(story, BROUGHT_DOWN) if entry.scenario != policy]
    if first is None or not is_clear(first) or not rest:
        return ""
    same = sum(is_clear(entry) and (entry.difference > 0) == (first.difference > 0) for entry in rest)
    against = sum(map(is_clear, rest)) - same
    verb = "raise" if first.difference > 0 else "lower"
    parts = [(same, f"{verb}{'s' if same == 1 else ''} groups brought down too"), (against, "the reverse")]
    parts.append((len(rest) - same - against, "not, beyond chance"))
    shown = [f"{count} {how}" for count, how in parts if count]
    return f"of {counted(len(rest), 'other policy', 'other policies')}, {listing(shown)}"


def _levels(story: Story) -> tuple[str, ...]:
    """The answer of a run of one scenario."""
    scenario = story.scenarios[0]
    rate, wait, year = (
        level(story.level(scenario, key), outcome(key))
        for key in (BROUGHT_DOWN, TURNAROUND, "executed_within_12_months")
    )
    basis = "A single world says nothing about chance" if story.replicates(scenario) == 1 else f"Over {story.basis}"
    return (
        f"Under {named(story, scenario)}, {rate} criminal groups are brought down in the policy years.",
        f"Half of the requests for mutual legal assistance are answered within {wait} months, and {year} of all "
        "requests are executed within a year.",
        f"{basis}; a run has nothing to compare with: `comity compare` shows what a policy changes.",
    )
