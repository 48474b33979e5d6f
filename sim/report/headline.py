"""The answer in three sentences: takedowns, turnaround, and what it rests on and costs. Plain text, under 90 words."""

from collections.abc import Sequence
from math import isnan
from textwrap import shorten

from sim.experiments.compare import Difference, Verdict
from sim.measures.outcomes import outcome
from sim.report.answer import moved
from sim.report.story import Story
from sim.report.words import change, level, lowered, number, relative_span

TAKEDOWNS, TURNAROUND = "takedown_rate", "turnaround_median"
#: Outcomes of rights of which the one that gets worst is named.
RIGHTS = ("abusive_executed_per_year", "without_criminality_per_year", "bystanders_per_year")
_ALL_CHANCE = 0.98  # share of the spread of an effect from which on it says nothing about parameters
_LONGEST_TITLE = 44  # letters of a title in a sentence


def sentences(story: Story) -> tuple[str, ...]:
    """The answer of a comparison, or of a run, in three sentences."""
    if not story.compared:
        return _levels(story)
    return _takedowns(story), _turnaround(story), _caveat(story)


def named(story: Story, scenario: str) -> str:
    """A scenario's title in quotation marks, cut where it is long."""
    return f"“{shorten(story.title[scenario], _LONGEST_TITLE, placeholder=' …')}”"


def strongest(story: Story, key: str) -> Difference | None:
    """The policy that changes an outcome most, among those whose change is more than chance."""
    found = [entry for entry in _all(story, key) if moved(entry)]
    return max(found, key=lambda entry: abs(entry.difference), default=None)


def leading(story: Story) -> str:
    """The policy that the report puts first: that which changes takedowns most, or else turnaround, or is first."""
    first = strongest(story, TAKEDOWNS) or strongest(story, TURNAROUND)
    return first.scenario if first is not None else story.reported[0]


def _all(story: Story, key: str) -> list[Difference]:
    """An outcome under every policy in which it means something."""
    entries = (story.difference(scenario, key) for scenario in story.reported)
    return [entry for entry in entries if entry is not None]


def _takedowns(story: Story) -> str:
    """What happens to takedowns."""
    entries, first = _all(story, TAKEDOWNS), strongest(story, TAKEDOWNS)
    unit = outcome(TAKEDOWNS).unit
    if first is None:
        return _still(story, entries)
    verb = "raises" if first.difference > 0 else "lowers"
    before, after = number(first.baseline_mean), number(first.scenario_mean)
    levels = f"from {before} to {after} {unit} ({relative_span(first)})"
    return f"{named(story, first.scenario)} {verb} takedowns {levels}{_others(story, entries, first)}."


def _still(story: Story, entries: Sequence[Difference]) -> str:
    """Takedowns where no policy changes them by more than chance; of a single policy, how much it may change them."""
    base, unit = number(story.level(story.baseline, TAKEDOWNS).value), outcome(TAKEDOWNS).unit
    today = f"there are {base} {unit} under {named(story, story.baseline)}"
    if len(entries) != 1:
        return f"None of the {len(entries)} policies changes takedowns by more than chance: {today}."
    (entry,), who = entries, named(story, entries[0].scenario)
    if entry.verdict is Verdict.IDENTICAL:
        return f"{who} does not change takedowns: {today}."
    if isnan(entry.low):
        return f"Too little is known to say whether {who} changes takedowns: {today}."
    return f"{who} changes takedowns by {change(entry)}, which may be chance: {today}."


def _others(story: Story, entries: Sequence[Difference], first: Difference) -> str:
    """What the other policies do to the same outcome, in a few words."""
    rest = [entry for entry in entries if entry is not first]
    same = [entry for entry in rest if moved(entry) and (entry.difference > 0) == (first.difference > 0)]
    against = [entry for entry in rest if moved(entry) and entry not in same]
    still = [entry for entry in rest if not moved(entry)]
    if not rest:
        return ""
    parts = []
    if same:
        parts.append(f"so {'does' if len(same) == 1 else 'do'} {_who(story, same)}")
    if against:
        parts.append(f"{_who(story, against)} {'does' if len(against) == 1 else 'do'} the reverse")
    if still:
        parts.append(f"{_who(story, still)} {'does' if len(still) == 1 else 'do'} not, beyond chance")
    return f"; {'; '.join(parts)}"


def _who(story: Story, entries: Sequence[Difference]) -> str:
    """One policy by its title, several by their number."""
    return named(story, entries[0].scenario) if len(entries) == 1 else f"{len(entries)} others"


def _turnaround(story: Story) -> str:
    """What happens to the wait for an answer."""
    first = strongest(story, TURNAROUND)
    if first is None:
        base = level(story.level(story.baseline, TURNAROUND), outcome(TURNAROUND))
        return f"Half of the requests for mutual legal assistance wait {base} months or longer; no policy moves that."
    verb = "shortens" if first.difference < 0 else "lengthens"
    leading = strongest(story, TAKEDOWNS)
    who = "It" if leading is not None and leading.scenario == first.scenario else named(story, first.scenario)
    before, after = number(first.baseline_mean), number(first.scenario_mean)
    levels = f"from {before} to {after} months ({relative_span(first)})"
    return f"{who} {verb} the median wait for mutual legal assistance {levels}."


def _caveat(story: Story) -> str:
    """How far the sign of the first effect can be trusted, what it costs, and which right it touches."""
    policy = leading(story)
    entry = strongest(story, TAKEDOWNS) or strongest(story, TURNAROUND)
    parts = [_trust(story, entry), _price(story, policy), _right(story, policy)]
    text = "; ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}."


def _trust(story: Story, entry: Difference | None) -> str:
    """In how many plausible worlds the sign is the same."""
    if story.experiment.sets is None:
        return "these figures hold chance alone, not what nobody knows"
    if entry is None:
        return ""
    if isnan(entry.holds):
        return f"{story.basis} do not say in how many plausible worlds this holds"
    if entry.chance >= _ALL_CHANCE:
        return "plausible worlds differ in this by no more than chance"
    return f"the sign is the same in {100 * entry.holds:.0f} % of plausible worlds"


def _price(story: Story, scenario: str) -> str:
    """What the policy costs over its years."""
    cost = next((entry.policy.value for entry in story.efficiencies if entry.scenario == scenario), 0.0)
    return f"the policy costs {number(cost)} million euros" if cost > 0 else "the policy has no price"


def _right(story: Story, scenario: str) -> str:
    """The right that suffers most, where it is more than chance."""
    entries = (story.difference(scenario, key) for key in RIGHTS)
    worse = [entry for entry in entries if entry is not None and moved(entry) and entry.difference > 0]
    if not worse:
        return "no loss of rights can be distinguished from chance"
    most = max(worse, key=lambda entry: 0.0 if isnan(entry.relative) else entry.relative)
    title = most.title.replace(" (rights)", "")
    return f"{lowered(title)} rise by {number(100 * most.relative)} %"


def _levels(story: Story) -> tuple[str, ...]:
    """The answer of a run of one scenario."""
    scenario = story.scenarios[0]
    rate, wait, year = (
        level(story.level(scenario, key), outcome(key)) for key in (TAKEDOWNS, TURNAROUND, "executed_within_12_months")
    )
    basis = "A single world says nothing about chance" if story.replicates(scenario) == 1 else f"Over {story.basis}"
    return (
        f"Under {named(story, scenario)}, {rate} groups are taken down per 100 group-years.",
        f"Half of the requests for mutual legal assistance are answered within {wait} months, and {year} of all "
        "requests are executed within a year.",
        f"{basis}; a run has nothing to compare with: `comity compare` shows what a policy changes.",
    )
