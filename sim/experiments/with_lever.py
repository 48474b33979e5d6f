"""A scenario with one lever at another value: what a sweep over a lever means."""

from dataclasses import replace
from datetime import date

from sim.policy.change import Change
from sim.policy.lever import Target
from sim.policy.levers import find_lever
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario
from sim.policy.schema import Order
from sim.policy.selection import PairSelection, StateSelection
from sim.policy.terms import read_kinds
from sim.policy.units import Value


def with_lever(scenario: Scenario, name: str, value: Value, on: str, instrument: str = "") -> Scenario:
    """The scenario with a lever at a value.

    Where the scenario moves that lever itself, its value is replaced, and its days, ramp and states stay; where it
    does not, the lever is moved everywhere at once on the policy's first day.

    Args:
        scenario: what is changed.
        name: the lever.
        value: in the lever's unit.
        on: the policy's first day, ISO date.
        instrument: that a lever of instruments is about, where the scenario does not name one.

    Raises:
        InputError: If there is no such lever, or it is about an instrument that the scenario does not name.
    """
    lever = find_lever(name)

    def moves(change: Change) -> bool:
        """Whether a change gives the lever a value; growth goes on beside it."""
        return change.lever is lever and change.growth is None

    if any(map(moves, scenario.changes)):
        changes = tuple(replace(change, value=value) if moves(change) else change for change in scenario.changes)
    elif lever.target is Target.INSTRUMENT and not instrument:
        raise InputError(
            "is about one instrument, which the scenario does not name",
            where="command line",
            key=name,
            fix="Sweep it over a scenario that has a change of it, with `instrument: …`.",
        )
    else:
        everywhere = Change(
            lever=lever,
            value=value,
            start=date.fromisoformat(on),
            until=None,
            order=Order.BEST_GOVERNED_FIRST,
            ramp_months=None,
            states=StateSelection(),
            pairs=PairSelection(),
            where="command line",
            instrument=instrument,
            kinds=read_kinds(lever, instrument, None) if instrument else (),
        )
        changes = (*scenario.changes, everywhere)
    return replace(scenario, changes=changes)
