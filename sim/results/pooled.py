"""Small tables for figures, summed over replicates because a single replicate has few events.

Turnaround between pairs of states, the fate of identified members, and instruments in force.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import pandas as pd

from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.law.amendments import TreatyAmendment, of_kind
from sim.law.days import MONTH
from sim.law.order import LegalOrder, legal_order
from sim.measures.arrays import Floats, Integers
from sim.measures.custody import Fate
from sim.measures.survival import quantile, risk_table
from sim.policy.change import Change
from sim.policy.levers.law import JOIN
from sim.policy.places import load_atlas
from sim.policy.scenario import Scenario
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.policy.timeline import Timeline

#: Fewer requests than this give no median.
FEWEST_REQUESTS = 10


def partners(requests: pd.DataFrame) -> pd.DataFrame:
    """Table of states that receive requests, by state number, with the longest total waits first.

    Columns: requests, share_of_waiting (of the days of all within a year of sending), median_months (Kaplan–Meier; NaN:
    too few or not reached).
    """
    waiting = np.minimum(requests["days"].to_numpy(np.float64), 12 * MONTH)
    groups = requests.assign(waiting=waiting).groupby("requested")
    table = pd.DataFrame({"requests": groups.size(), "waiting": groups["waiting"].sum()})
    table["share_of_waiting"] = table["waiting"] / max(float(waiting.sum()), 1e-9)
    table["median_months"] = [_median(rows["days"].to_numpy(), rows["answered"].to_numpy()) for _, rows in groups]
    return table.drop(columns="waiting").sort_values("share_of_waiting", ascending=False, kind="stable")


def _median(days: Floats, answered: Integers) -> float:
    if days.size < FEWEST_REQUESTS:
        return float("nan")
    return quantile(risk_table(days, answered), 0.5) / MONTH


def fate_counts(fates: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Table of group members by scenario (rows) and legal outcome (columns), over all replicates."""
    table = fates.pivot_table(index="scenario", columns="fate", values="members", aggfunc="sum", observed=True)
    return table.reindex(index=list(scenarios), columns=[fate.value for fate in Fate]).fillna(0.0)


def in_force(experiment: Experiment, design: Design) -> pd.DataFrame:
    """Table of the number of states that an instrument binds: by scenario, seed, instrument, group, and year."""
    world, law, base = experiment.world, legal_order(), design.plan.base
    days, rows = policy_days(world), []
    for seed in design.seeds():
        reform = base.of_seed(experiment.parameters, seed).reform
        for scenario in filter(joins, design.scenarios):
            timeline = timeline_of(scenario, law, *days, seed, reform, world.states)
            found = joined_by_year(scenario, timeline, law, *days)
            rows += [{"scenario": scenario.key, "seed": seed, **asdict(entry)} for entry in found]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Joined:
    """Number of states in a group that have joined an instrument by the end of a year."""

    instrument: str  # id of treaties.csv
    states: str  # the words that name the group
    of: int  # states in it
    year: int  # on whose last day it is counted
    in_force: int  # states of the group that it binds, where it has entered into force
    usable: int  # of these, states whose law and offices can use it


def joined_by_year(
    scenario: Scenario, timeline: Timeline, law: LegalOrder, policy_start: date, end: date
) -> Iterator[Joined]:
    """Yields yearly numbers of states that have joined, for each group in a scenario and seed."""
    for change in _joining(scenario):
        instrument = str(change.value)
        states = frozenset(change.states.resolve(load_atlas(), law, change.start))
        for year in range(policy_start.year, end.year + 1):
            day = min(date(year, 12, 31), end)
            treaty = law.treaties[instrument].amended(of_kind(TreatyAmendment, timeline.amendments(day)))
            bound = usable = frozenset[str]()
            if (entry := treaty.entry()) is not None and entry <= day < (treaty.ended or date.max):
                bonds = treaty.memberships.items()
                usable = states & {state for state, bond in bonds if bond.since <= day < (bond.until or date.max)}
                bound = usable | states & {state for state, since in treaty.ratified.items() if since <= day}
            yield Joined(instrument, ", ".join(change.states.words), len(states), year, len(bound), len(usable))


def joins(scenario: Scenario) -> bool:
    """True if a scenario makes states join a legal instrument."""
    return bool(_joining(scenario))


def _joining(scenario: Scenario) -> list[Change]:
    """Changes of a scenario that make states join an instrument."""
    found = [change for change in scenario.changes if change.lever.name == JOIN.name]
    return list({(change.value, change.states.words): change for change in found}.values())
