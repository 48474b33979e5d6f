"""Takes a policy apart: each change alone, and each left out, as further arms under the same seeds."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sim.law.order import legal_order
from sim.policy.change import Change
from sim.policy.scenario import Scenario, catalogue, load


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

    Parts are the scenarios of the catalogue that it is based on where these are several, as its author put it together
    from them, and else their changes; its own changes; and a policymaker who reviews. What belongs to the baseline as
    well, and amounts in `costs`, stay in every arm.
    """
    parts = _parts(scenario, base)
    if len(parts) < 2:
        return None
    labels, places = [*parts], [*parts.values()]
    every = {place for part in places for place in part}

    def arm(word: str, number: int, kept: Collection[int]) -> Scenario:
        """The policy with some of its parts."""
        left = [change for place, change in enumerate(scenario.changes) if place in kept or place not in every]
        return replace(
            scenario,
            key=f"{scenario.key}.{word}.{number}",
            title=f"{scenario.title}: {word} {labels[number - 1]}",
            changes=tuple(left),
            monitor=scenario.monitor if len(scenario.changes) in kept else base.monitor,
        )

    numbered = list(enumerate(places, 1))
    alone = [arm("only", number, part) for number, part in numbered]
    if len(parts) == 2:  # what is without one has the other one only
        without = alone[::-1]
    else:
        without = [arm("without", number, every.difference(part)) for number, part in numbered]
    keys = (tuple(scenario.key for scenario in arms) for arms in (alone, without))
    apart = Apart(scenario.key, tuple(labels), *keys)
    return apart, tuple(alone if len(parts) == 2 else [*alone, *without])


def _parts(scenario: Scenario, base: Scenario) -> dict[str, tuple[int, ...]]:
    """Places of the changes of each part, by its words; one place beyond them is the policymaker who reviews."""
    own = [place for place, change in enumerate(scenario.changes) if change not in base.changes]
    several = [load(key) for key in scenario.based_on if key in catalogue()] if len(scenario.based_on) > 1 else []
    found: dict[str, tuple[int, ...]] = {}
    for part in several:
        places = tuple(place for place in own if scenario.changes[place] in part.changes)
        own = [place for place in own if place not in places]
        if places:
            found[part.title] = places
    for place in own:
        words = label(scenario.changes[place])
        found[words if words not in found else f"{words}, change {place + 1}"] = (place,)
    if scenario.monitor is not None and scenario.monitor != base.monitor:
        found["reviews by a policymaker"] = (len(scenario.changes),)
    return found


def label(change: Change) -> str:
    """A change in plain words: what is moved, where to, and for whom, where that is not everybody."""
    whom = f"of {_name(change.instrument)}" if change.instrument else change.whom
    some = change.instrument or not (change.states.everywhere and change.pairs.everywhere)
    return f"{change.lever.title.partition(';')[0]}: {value_in_words(change)}{f', {whom}' if some else ''}".replace(
        "non_", "non-"
    )


def _name(instrument: str) -> str:
    """The name of an instrument of law; its identifier where it is of another kind."""
    known = legal_order().treaties.get(instrument)
    return known.name if known else instrument.replace("_", " ")


def value_in_words(change: Change) -> str:
    """The value of a change, with the name of an instrument of law."""
    return _name(change.value) if isinstance(change.value, str) else change.moved.replace("_", " ")
