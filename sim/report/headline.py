"""The answer on one policy in three short paragraphs: groups brought down, wait, price and rights. Under 90 words.

Every number is of the policy that is named. Numbers are absolute and have two figures; counts are of the whole world
over all policy years.
"""

from math import isnan
from textwrap import shorten

from sim.experiments.plan import MAIN
from sim.experiments.run import window
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.story import Story
from sim.results.effects import Comparison, PairedEffect, effects, is_clear, is_same
from sim.results.words import change, counted, lowered, rough

BROUGHT_DOWN, EXPECTED, TURNAROUND = shown_in(ShownIn.FIRST)
#: Outcomes of rights of which the one that gets worst is named.
RIGHTS = shown_in(ShownIn.SUMMARY | ShownIn.RIGHTS)
_LONGEST_TITLE = 44  # letters of a title in a sentence
_WAIT = "the median wait for legal assistance"


def sentences(story: Story) -> tuple[str, ...]:
    """The answer of a comparison, or of a run, in three paragraphs; every number is of the one policy they name."""
    if not story.compared:
        return _levels(story)
    policy = leading(story)
    caveat = (_price(story, policy), _right(story, policy), _trust(story, policy), _others(story, policy))
    return _groups(story, policy), _turnaround(story, policy), " ".join(filter(None, caveat))


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


def as_good(story: Story, policy: str, key: str = BROUGHT_DOWN) -> list[str]:
    """Other policies whose difference to one may be chance."""
    others = [entry.scenario for entry in _all(story, key) if entry.scenario != policy]
    pairs = [Comparison((MAIN, other), (MAIN, policy)) for other in others]
    return [entry.scenario for entry in effects(story.arms, pairs, [outcome(key)]) if not is_clear(entry)]


def _all(story: Story, key: str) -> list[PairedEffect]:
    """An outcome under every policy in which it means something."""
    entries = (story.difference(scenario, key) for scenario in story.reported)
    return [entry for entry in entries if entry is not None]


def _years(story: Story) -> str:
    """How long the policy years are."""
    return counted(round(window(story.experiment.world).years), "year")


def _groups(story: Story, policy: str) -> str:
    """How many groups the policy brings down; where that is not more than chance, no other does more."""
    entry, who, years = story.difference(policy, BROUGHT_DOWN), named(story, policy), _years(story)
    if entry is not None and is_clear(entry):
        before, after = rough(entry.baseline_mean), rough(entry.scenario_mean)
        if before == after:
            return f"{who} brings down {_by(entry)} criminal groups in {years}; today there are {before}."
        words = f"{who} brings down {after} criminal groups in {years}, not {before} ({_by(entry)})."
        return f"{words}{_lasting(story, policy)}"
    base = rough(story.level(story.baseline, BROUGHT_DOWN).value)
    today = f"there are {base} in {years} under {named(story, story.baseline)}"
    if entry is None or len(story.reported) > 1:
        return f"None of the {len(story.reported)} policies changes groups brought down by more than chance: {today}."
    if is_same(entry):
        return f"{who} does not change groups brought down: {today}."
    if isnan(entry.low):
        return f"Too little is known to say whether {who} changes groups brought down: {today}."
    return f"{who} changes groups brought down by {change(entry)}, which may be chance: {today}."


def _lasting(story: Story, policy: str) -> str:
    """How many of them should stay down; nothing where that may be chance."""
    entry = story.difference(policy, EXPECTED)
    if entry is None or not is_clear(entry):
        return ""
    before, after = rough(entry.baseline_mean), rough(entry.scenario_mean)
    return f" {after} instead of {before} should stay down for half a year."


def _by(entry: PairedEffect) -> str:
    """The interval of a change that is more than chance, as more or fewer."""
    ends = " to ".join(rough(size) for size in sorted((abs(entry.low), abs(entry.high))))
    return f"{ends} {'more' if entry.difference > 0 else 'fewer'}"


def _turnaround(story: Story, policy: str) -> str:
    """What the policy does to the wait for an answer."""
    entry = story.difference(policy, TURNAROUND)
    if entry is not None and is_clear(entry):
        verb = "shortens" if entry.difference < 0 else "lengthens"
        who = "It" if strongest(story, BROUGHT_DOWN) else named(story, policy)
        ends = f"from {rough(entry.baseline_mean)} to {rough(entry.scenario_mean)} months"
        return f"{who} {verb} {_WAIT} {ends}."
    base = rough(story.level(story.baseline, TURNAROUND).value)
    if strongest(story, TURNAROUND) is not None:
        return f"It does not move {_WAIT} beyond chance, today {base} months."
    return f"Half of the requests for legal assistance wait {base} months or longer; no policy moves that."


def _price(story: Story, policy: str) -> str:
    """What the policy costs over its years, with the range of nine in ten worlds."""
    price = next((entry.policy for entry in story.costs if entry.scenario == policy), None)
    who = "It" if strongest(story, BROUGHT_DOWN) or strongest(story, TURNAROUND) else named(story, policy)
    if price is None or price.value <= 0.0:
        return f"{who} has no price."
    share, unit = (1e-3, "billion") if price.value >= 1e3 else (1.0, "million")
    middle, low, high = (rough(share * part) for part in price[:3])
    ends = "" if isnan(price.low) or low == high else f" ({low} to {high})"
    return f"{who} costs {middle} {unit} euros{ends}."


def _right(story: Story, policy: str) -> str:
    """The right that suffers most among those that are touched once a year or more, where it is more than chance."""
    entries = (story.difference(policy, key) for key in RIGHTS)
    worse = [entry for entry in entries if entry is not None and is_clear(entry) and entry.difference > 0]
    often = [entry for entry in worse if entry.scenario_mean >= 1.0]
    if not often:
        return "No loss of rights once a year or more is seen."
    most = max(often, key=lambda entry: 0.0 if isnan(entry.relative) else entry.relative)
    what = lowered(most.title.replace(" (rights)", ""))
    return f"A year, {what} rise from {rough(most.baseline_mean)} to {rough(most.scenario_mean)}."


def _trust(story: Story, policy: str) -> str:
    """In how many plausible worlds the sign is the same."""
    if story.experiment.sets is None:
        return "This is one set of parameters: what nobody knows is left out."
    key = BROUGHT_DOWN if strongest(story, BROUGHT_DOWN) else TURNAROUND
    entry = story.difference(policy, key)
    if entry is None or not is_clear(entry):
        return ""
    if isnan(entry.holds_low):
        return f"{story.basis} do not say in how many plausible worlds this holds."
    share = f"{100 * entry.holds_low:.0f} to {100 * entry.holds_high:.0f} %"
    return f"The direction is the same in {share} of plausible worlds."


def _others(story: Story, policy: str) -> str:
    """How many other policies cannot be distinguished from it; if none, the one that comes next."""
    first = story.difference(policy, BROUGHT_DOWN)
    rest = [entry for entry in _all(story, BROUGHT_DOWN) if entry.scenario != policy]
    if first is None or not is_clear(first) or not rest:
        return ""
    alike = len(as_good(story, policy))
    if not alike:
        gains = [entry for entry in rest if is_clear(entry) and entry.difference * first.difference > 0.0]
        second = max(gains, key=lambda entry: abs(entry.difference), default=None)
        if second is None:
            return "No other policy does as much."
        return f"{named(story, second.scenario)} comes next, with {rough(second.scenario_mean)} groups."
    return f"{alike} of {counted(len(rest), 'other policy', 'other policies')} may do as much."


def _levels(story: Story) -> tuple[str, ...]:
    """The answer of a run of one scenario."""
    scenario = story.scenarios[0]
    down, lasting, wait = (rough(story.level(scenario, key).value) for key in (BROUGHT_DOWN, EXPECTED, TURNAROUND))
    basis = "A single world says nothing about chance" if story.replicates(scenario) == 1 else f"Over {story.basis}"
    return (
        f"Under {named(story, scenario)}, {down} criminal groups are brought down in {_years(story)}; {lasting} of "
        "them should stay down for half a year.",
        f"Half of the requests for legal assistance are answered within {wait} months.",
        f"{basis}; a run has nothing to compare with: `comity compare` shows what a policy changes.",
    )
