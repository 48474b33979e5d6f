"""Counts the states for which an instrument is in force, of those that a change names, at the end of each year.

The counts come from the law, not from the simulation: the treaties of today with the amendments of a scenario's
timeline. Days that a process draws differ from seed to seed, and so may the counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sim.law.order import TREATY, LegalOrder
from sim.policy.change import Change
from sim.policy.levers.law import JOIN
from sim.policy.places import load_atlas
from sim.policy.scenario import Scenario
from sim.policy.timeline import Timeline


@dataclass(frozen=True)
class Joined:
    """One instrument and named group at the end of one year.

    Attributes:
        instrument: id of treaties.csv.
        states: the words that name the group.
        of: states in it.
        year: on whose last day it is counted.
        in_force: states of the group that it binds, where it has entered into force.
        usable: of these, states whose law and offices can use it.
    """

    instrument: str
    states: str
    of: int
    year: int
    in_force: int
    usable: int


def joined_by_year(
    scenario: Scenario, timeline: Timeline, law: LegalOrder, policy_start: date, end: date
) -> Iterator[Joined]:
    """Counts, year by year, for every group that the scenario makes join an instrument.

    Args:
        scenario: its changes, those that it is based on included.
        timeline: of the same scenario under one seed.
        law: the legal order.
        policy_start: first day on which a policy may act.
        end: last day of the run.
    """
    for change in _joining(scenario):
        instrument = str(change.value)
        states = frozenset(change.states.resolve(load_atlas(), law, change.start))
        for year in range(policy_start.year, end.year + 1):
            day = min(date(year, 12, 31), end)
            amendments = tuple(entry for entry in timeline.amendments(day) if isinstance(entry, TREATY))
            treaty = law.treaties[instrument].amended(amendments)
            bound = usable = frozenset[str]()
            if (entry := treaty.entry()) is not None and entry <= day < (treaty.ended or date.max):
                bonds = treaty.bonds.items()
                usable = states & {state for state, bond in bonds if bond.since <= day < (bond.until or date.max)}
                bound = usable | states & {state for state, since in treaty.ratified.items() if since <= day}
            yield Joined(instrument, ", ".join(change.states.words), len(states), year, len(bound), len(usable))


def joins(scenario: Scenario) -> bool:
    """Whether a scenario makes states join an instrument."""
    return bool(_joining(scenario))


def _joining(scenario: Scenario) -> list[Change]:
    """Changes that make states join an instrument, each instrument and group once."""
    found = [change for change in scenario.changes if change.lever.name == JOIN.name]
    return list({(change.value, change.states.words): change for change in found}.values())
