"""One conclusion in a sentence: what becomes of it when a mechanism is left out."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from sim.experiments.ablate import Conclusion, Flip, sign
from sim.experiments.compare import Difference, Verdict
from sim.measures.outcome import Better
from sim.measures.outcomes import outcome
from sim.report.words import change, span

Titles = Mapping[str, str]


def effect(entry: Difference) -> str:
    """A difference with its interval and its unit."""
    if entry.verdict is Verdict.IDENTICAL:
        return "no change at all"
    return change(entry) if entry.unit == "share" else f"{change(entry)} {entry.unit}"


def with_and_without(entry: Conclusion) -> str:
    """Both effects, and how far they are apart."""
    apart = span(entry.shift.value, entry.shift.low, entry.shift.high, entry.whole.unit)
    return f"{effect(entry.whole)} with it, {effect(entry.without)} without; {apart} apart"


def on_policy(entry: Conclusion, title: Titles) -> str:
    """A conclusion on a policy against the baseline."""
    who, what = f"“{title[entry.whole.scenario]}”", f"*{outcome(entry.whole.outcome).title}*"
    words = {
        Flip.HOLDS: f"{who}: {what} {_verb(entry.whole)} either way",
        Flip.REVERSED: f"{who}: {what} {_verb(entry.without)} instead of what it does with it",
        Flip.LOST: f"{who}: {what} no longer {_verb(entry.whole)} so that it could be distinguished from noise",
        Flip.GAINED: f"{who}: {what} {_verb(entry.without)}, which cannot be distinguished from noise with it",
        Flip.UNDEFINED: f"{who}: the change in {what} is defined in only one of the two",
    }
    return f"{words[entry.flip]} ({with_and_without(entry)})"


def on_order(entry: Conclusion, title: Titles) -> str:
    """A conclusion on the order of two policies."""
    first, second = f"“{title[entry.whole.scenario]}”", f"“{title[entry.whole.baseline]}”"
    what = f"*{outcome(entry.whole.outcome).title}*"
    words = {
        Flip.HOLDS: f"{what}: {first} and {second} stand to each other as they do with it",
        Flip.REVERSED: f"{what}: {_leader(entry.without, first, second)} now, not the other",
        Flip.LOST: f"{what}: {first} and {second} can no longer be distinguished",
        Flip.GAINED: f"{what}: {_leader(entry.without, first, second)}; with it the two cannot be distinguished",
        Flip.UNDEFINED: f"{what}: {first} and {second} can be set side by side in only one of the two",
    }
    return f"{words[entry.flip]} ({with_and_without(entry)})"


def order(entries: Sequence[Difference], policies: Sequence[str], effects: Mapping[str, float], key: str) -> str:
    """Policies by number, best first: > where two neighbours can be distinguished, ≈ where not.

    Args:
        entries: differences between any two policies on the outcome.
        policies: keys, in the order of their numbers.
        effects: mean effect by policy.
        key: of the outcome.
    """
    less = outcome(key).better is Better.LESS
    ranked = sorted(policies, key=lambda policy: effects[policy] if less else -effects[policy])
    apart = {frozenset((entry.scenario, entry.baseline)): sign(entry) != 0 for entry in entries}
    text = str(policies.index(ranked[0]) + 1)
    for before, after in pairwise(ranked):
        text += f" {'>' if apart[frozenset((before, after))] else '≈'} {policies.index(after) + 1}"
    return text


def _verb(entry: Difference) -> str:
    """What an outcome does."""
    return {1: "rises", -1: "falls", 0: "does not move"}[sign(entry)]


def _leader(entry: Difference, first: str, second: str) -> str:
    """Which of two policies is better, or higher where neither direction is."""
    better = outcome(entry.outcome).better
    ahead = sign(entry) > 0 if better is not Better.LESS else sign(entry) < 0
    word = "is higher" if better is Better.NEITHER else "does better"
    return f"{first if ahead else second} {word} than {second if ahead else first}"
