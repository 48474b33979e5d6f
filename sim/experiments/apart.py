"""Takes a policy apart: each change alone, and each left out, as further arms under the same seeds."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sim.policy.change import Change
from sim.policy.lever import Quantity
from sim.policy.scenario import Scenario


@dataclass(frozen=True)
class Apart:
    """A policy with the arms that take it apart.

    Attributes:
        scenario: key of the policy.
        labels: each part in words, in the order of the file, the changes of scenarios that it is based on first.
        alone: key of the arm with this part only.
        without: key of the arm with all other parts.
    """

    scenario: str
    labels: tuple[str, ...]
    alone: tuple[str, ...]
    without: tuple[str, ...]


def take_apart(scenario: Scenario, base: Scenario) -> tuple[Apart, tuple[Scenario, ...]] | None:
    """The arms of a policy; None where it has fewer than two parts.

    Parts are the changes as written in the file, those of scenarios that it is based on included, and a policymaker
    who reviews. What belongs to the baseline as well, and amounts in `costs`, stay in every arm.

    Args:
        scenario: the policy.
        base: the baseline.
    """
    changes = [place for place, change in enumerate(scenario.changes) if change not in base.changes]
    reviews = scenario.monitor is not None and scenario.monitor != base.monitor
    parts = [*changes, *([len(scenario.changes)] if reviews else [])]
    if len(parts) < 2:
        return None
    labels = [label(scenario.changes[place]) for place in changes] + (["reviews by a policymaker"] if reviews else [])

    def arm(word: str, number: int, kept: Collection[int]) -> Scenario:
        """The policy with some of its parts."""
        left = [change for place, change in enumerate(scenario.changes) if place in kept or place not in parts]
        return replace(
            scenario,
            key=f"{scenario.key}.{word}.{number}",
            title=f"{scenario.title}: {word} {labels[number - 1]}",
            changes=tuple(left),
            monitor=scenario.monitor if len(scenario.changes) in kept else base.monitor,
        )

    numbered = list(enumerate(parts, 1))
    alone = [arm("only", number, {part}) for number, part in numbered]
    if len(parts) == 2:  # what is without one has the other one only
        without = alone[::-1]
    else:
        without = [arm("without", number, {*parts} - {part}) for number, part in numbered]
    keys = (tuple(scenario.key for scenario in arms) for arms in (alone, without))
    apart = Apart(scenario.key, tuple(labels), *keys)
    return apart, tuple(alone if len(parts) == 2 else [*alone, *without])


def label(change: Change) -> str:
    """A change in words: what is moved, and where to."""
    return f"{change.lever.title}: {value_in_words(change)}"


def value_in_words(change: Change) -> str:
    """The value of a change with its unit, as short as it can be."""
    value, quantity = change.value, change.lever.quantity
    if change.growth is not None:
        return f"{100 * change.growth:+g} % a year".replace("-", "−")
    if isinstance(value, tuple):
        return ", ".join(value).replace("_", " ")
    if isinstance(value, str):
        return value.replace("_", " ")
    match quantity:
        case Quantity.RATIO:
            return f"{value:g} times today’s"
        case Quantity.SHARE:
            return f"{100 * value:g} %"
        case Quantity.RATE:
            return f"{100 * value:g} % a year"
        case Quantity.SHIFT:
            return f"{value:+g} on a scale of 0 to 1".replace("-", "−")
        case Quantity.SWITCH:
            return "yes" if value else "no"
        case _:
            return f"{value:g} {change.lever.unit}"
