"""Checks scenarios before a simulation, and warns of lines without effect.

Only what is certain is found: a course of law is taken to be as quick as it can be, so what is missing then is missing
in every world. A reviewer's measures are left aside, since nobody knows which of them begin.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from sim.law.order import LegalOrder
from sim.policy.change import Change
from sim.policy.lever import Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.levers.law import JOIN
from sim.policy.places import Atlas, load_atlas
from sim.policy.problem import InputError
from sim.policy.process import REQUIRES
from sim.policy.scenario import Scenario
from sim.policy.selection import StateSelection, term_entries
from sim.world.parameters import Parameters, WorldSpec

#: Most names in a message; more are counted.
_MOST_NAMED = 3
#: Law of the European Union, by its reference, and what serves states that are no members instead.
_OF_THE_UNION = re.compile(r"Regulation \(EU\)|Directive |Framework Decision ")
_BY_TREATY = "join budapest, or be asked through mutual assistance"
_INSTEAD = {
    "e_evidence": "order providers directly by joining second_protocol, or by law.conclude of cloud",
    "eio": "join ets_182 or second_protocol",
    "eaw": "join extradition_1957",
    "jit_eu": "join jit_agreement",
}
_FORCED, _DATED = "central_authority.deadline_enforceable", "central_authority.deadline"


def check(scenario: Scenario, law: LegalOrder, world: WorldSpec) -> tuple[InputError, ...]:
    """Finds lines of a valid scenario without effect; returns a warning for each.

    The specification of the world says which states take part, and until when.
    """
    notes, atlas = [], load_atlas()
    for number, change in enumerate(scenario.changes):
        others = (*scenario.changes[:number], *scenario.changes[number + 1 :])
        for problem, fix in _findings(change, others, law, atlas, world):
            key, value = change.key.replace("states", "value"), change.moved
            notes.append(InputError(problem, where=change.value_where, key=key, value=value, fix=fix))
    return tuple(notes)


_Finding = Iterator[tuple[str, str]]


def _findings(change: Change, others: Sequence[Change], law: LegalOrder, atlas: Atlas, world: WorldSpec) -> _Finding:
    """Yields the problem and a fix for each line of a change without effect."""
    yield from _outside(change, law, atlas, world.states)
    if change.lever.name == JOIN.name:
        yield from _joining(change, others, law, atlas, date.fromisoformat(world.end))
    elif change.lever.name == "law.in_force":
        day = law.treaties[str(change.value)].entry()
        if day is not None and day <= change.start:
            yield f"in force since {day}: nothing changes", "Remove the change."
    elif change.lever.target is Target.INSTRUMENT:
        yield from _terms(change, others)
    else:
        yield from _values(change, others, law, atlas)


def _values(change: Change, others: Sequence[Change], law: LegalOrder, atlas: Atlas) -> _Finding:
    """Yields problem and fix for values equal to today's, deadlines too long to act, enforcement without a deadline."""
    if change.lever.name == _DATED and isinstance(change.value, float):
        horizon = Parameters().desk.deadline_horizon
        if change.value >= horizon:
            days = f"{horizon:g} days by default (desk.deadline_horizon)"
            yield f"binds nobody: a file without a deadline is taken to have {days}", "Write a shorter one."
    elif change.lever.name == _FORCED and change.value:
        states = set(change.states.resolve(atlas, law, change.start))
        dated = (other.states.resolve(atlas, law, other.start) for other in others if other.lever.name == _DATED)
        if not any(states.intersection(named) for named in dated):
            yield f"changes nothing alone: it needs {change.lever.needs}", f"Add a change of {_DATED}."
    elif change.lever.quantity is Quantity.RATIO:
        yield from _multiples(change, others, law, atlas)


def _multiples(change: Change, others: Sequence[Change], law: LegalOrder, atlas: Atlas) -> _Finding:
    """Yields problem and fix for values equal to today's, and for multiples of a number that is zero today."""
    alone, count = all(other.lever.name != change.lever.name for other in others), change.lever.count
    if alone and change.growth is None and change.in_numbers is None and change.value == change.lever.neutral:
        yield "is today's: nothing changes", "Write for example '+50 %' or '2 times'."
    elif count and change.lever.target is Target.STATES and not (change.in_numbers or change.states.everywhere):
        chosen = change.states.resolve(atlas, law, change.start)
        none = [state for state in chosen if not np.rint(count.each()[atlas.states.index(state)])]
        if none:
            which = "" if len(none) == len(chosen) else f" in {len(none)} of {len(chosen)} states"
            fix = f"Write for example '10 {count.unit} each'." if count.most else "Name others."
            yield f"0 {count.unit} today{which}: nothing to multiply{' there' if which else ''}", fix


def _outside(change: Change, law: LegalOrder, atlas: Atlas, inside: Sequence[str]) -> _Finding:
    """Yields problem and fix for selected states outside this world, unless a treaty still needs ratifications."""
    waits = change.lever.name == JOIN.name and law.treaties[str(change.value)].entry() is None
    if not inside or waits or change.lever.target not in (Target.STATES, Target.PAIRS):
        return
    sides: tuple[StateSelection, ...] = (change.states,)
    if change.lever.target is Target.PAIRS:
        sides = (change.pairs.requesting, change.pairs.requested)
    for side in sides:
        words = [StateSelection((word,)) for word in side.words]
        out = [word.words[0] for word in words if not {*inside}.intersection(word.resolve(atlas, law, change.start))]
        if out:
            which = "none of these states is in" if len(out) == len(words) else "these states are not in"
            problem = f"{which} this world: {', '.join(out)}"
            yield problem, f"Name some of {', '.join(inside[:6])} (world.states), or remove the change."


def _joining(change: Change, others: Sequence[Change], law: LegalOrder, atlas: Atlas, end: date) -> _Finding:
    """Yields problem and fix for states that are bound or cannot join, or for a treaty with too few ratifications."""
    treaty = law.treaties[str(change.value)]
    chosen = set(change.states.resolve(atlas, law, change.start))
    counted = {state for state, membership in treaty.memberships.items() if membership.since <= end}
    counted |= {state for state, since in treaty.ratified.items() if since <= end}
    bound = {*law.parties(treaty.id, change.start), *(s for s, on in treaty.ratified.items() if on <= change.start)}
    joining, required = chosen - bound, REQUIRES.get(treaty.id)
    third = joining - {*atlas.members("EU")} if _OF_THE_UNION.search(treaty.reference) else set()
    if third:
        problem = f"{_named(third, atlas)}: {treaty.name} ({treaty.reference}) can bind only members of the EU"
        yield problem, f"Name members alone: others can {_INSTEAD.get(treaty.id, _BY_TREATY)}."
    if not joining:
        yield f"{_named(chosen, atlas)}: bound by it already, nothing changes", "Name others, or remove the change."
    elif change.process and required and not joining.intersection(law.parties(required, change.start)):
        problem = f"{_named(joining, atlas)}: not bound by {required} on {change.start}, as its Parties must be"
        yield problem, f"Let them join {required} earlier, with the date of this change after it."
    same = [other for other in others if other.value == treaty.id]
    if treaty.entry() is not None or any(other.lever.name == "law.in_force" for other in same):
        return
    for other in same:
        counted.update(other.states.resolve(atlas, law, other.start))
    counted |= chosen
    if len(counted) < treaty.needed:
        missing = treaty.needed - len(counted)
        yield (
            f"with {_named(chosen, atlas)}, {treaty.name} has {len(counted)} of {treaty.needed} ratifications: it does "
            "not enter into force, and nothing changes",
            f"Name {missing} more {'state' if missing == 1 else 'states'}, or add a change of law.in_force.",
        )


def _terms(change: Change, others: Sequence[Change]) -> _Finding:
    """Yields problem and fix for deadlines not shorter or not enforceable, and for enforcement without a deadline."""
    entry = term_entries()[change.instrument]
    also = {other.lever.name for other in others if other.instrument == change.instrument}
    today = entry.get("deadline_days", {})
    if change.lever.name == "instrument.deadline" and isinstance(change.value, float):
        terms = [today.get(kind.name) for kind in change.kinds]
        if change.lever.name not in also and all(days is not None and change.value >= days for days in terms):
            days = " or ".join(f"{days:g}" for days in sorted(set(terms)))
            yield f"binds nobody: today's is {days} days", "Write a shorter one."
        if not entry.get("enforceable") and "instrument.enforceable" not in also:
            yield (
                f"decides only which answers count as late: {change.instrument} has no force of its own",
                "Add a change of instrument.enforceable for the same instrument.",
            )
    elif change.lever.name == "instrument.enforceable" and change.value:
        if entry.get("enforceable"):
            yield "has force today: nothing changes", "Remove the change."
        elif not today and "instrument.deadline" not in also:
            needs = LEVERS["instrument.enforceable"].needs
            yield f"changes nothing alone: it needs {needs}", "Add a change of instrument.deadline."


def _named(states: set[str], atlas: Atlas) -> str:
    """Text with the names of a few states, or with the number of many states."""
    names = sorted(atlas.names[state] for state in states)
    return " and ".join(names) if len(names) <= _MOST_NAMED else f"{len(names)} states"
