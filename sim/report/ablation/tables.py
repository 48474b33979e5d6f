"""Tables of an ablation in Markdown: effects, the ground that they stand on, and the order of policies."""

from sim.experiments.ablate import Conclusion
from sim.experiments.mechanisms import Mechanism
from sim.measures.outcomes import HEADLINES, outcome
from sim.report.ablation.sentences import order
from sim.report.story import Story
from sim.report.tables import markdown
from sim.report.words import change, level, span

_WHOLE = "every mechanism there"


def effects(story: Story, key: str) -> str:
    """What each policy changes in one outcome: one row per mechanism left out, one column per policy."""
    whole = [story.difference(policy, key) for policy in story.compared]
    rows = [[_WHOLE, *(change(entry) if entry else "–" for entry in whole)]]
    for mechanism in story.design.mechanisms:
        found = [entry for entry in story.effects if (entry.mechanism, entry.whole.outcome) == (mechanism, key)]
        rows.append([mechanism.block, *(marked(entry) for entry in found)])
    unit = outcome(key).unit
    titles = [story.marked[policy] for policy in story.compared]
    return markdown(["change" if unit == "share" else f"change, {unit}", *titles], rows)


def marked(entry: Conclusion) -> str:
    """The effect without a mechanism: bold where the conclusion flips, italic where only by a border within noise."""
    mark = "**" if entry.flips else "*" if entry.borderline else ""
    return f"{mark}{change(entry.without)}{mark}"


def ground(story: Story) -> str:
    """Headlines under the baseline: with every mechanism, and how much they differ without each."""
    base = story.baseline
    rows = [[_WHOLE, *(level(story.level(base, key), outcome(key)) for key in HEADLINES)]]
    for mechanism in story.design.mechanisms:
        cells = (
            span(entry.shift.value, entry.shift.low, entry.shift.high, outcome(entry.outcome).unit)
            for entry in story.baseline_shifts[mechanism.key]
        )
        rows.append([mechanism.block, *cells])
    return markdown(["", *(f"{outcome(key).title} ({outcome(key).unit})" for key in HEADLINES)], rows)


def orders(story: Story) -> str:
    """Order of the policies on each outcome: one row per mechanism left out."""
    rows = [[_WHOLE, *(_order(story, key, None) for key in HEADLINES)]]
    for mechanism in story.design.mechanisms:
        cells = []
        for key in HEADLINES:
            pairs = [entry for entry in story.rankings if (entry.mechanism, entry.whole.outcome) == (mechanism, key)]
            mark = "**" if any(entry.flips for entry in pairs) else ""
            cells.append(f"{mark}{_order(story, key, mechanism)}{mark}")
        rows.append([mechanism.block, *cells])
    return markdown(["", *(outcome(key).title for key in HEADLINES)], rows)


def _order(story: Story, key: str, left_out: Mechanism | None) -> str:
    """The order of policies on an outcome, with every mechanism or without one."""
    mechanism = left_out or story.design.mechanisms[0]
    inside = [
        [entry for entry in entries if (entry.mechanism, entry.whole.outcome) == (mechanism, key)]
        for entries in (story.effects, story.rankings)
    ]
    mine, pairs = ([entry.without if left_out else entry.whole for entry in entries] for entries in inside)
    return order(pairs, story.compared, {entry.scenario: entry.difference for entry in mine}, key)
