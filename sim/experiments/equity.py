"""Who asks whom, and who benefits: requests by state and income group, harm averted by income group.

One replicate has few requests a state, so counts are means over replicates.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.data.geography import CrimeGeography
from sim.experiments import statistics
from sim.experiments.statistics import Estimate, Paired
from sim.measures.arrays import Floats, Integers
from sim.measures.income import Income, income_groups

_COUNTS = (
    "sent",
    "received",
    "answers_got",
    "answers_given",
    "in_time_got",
    "in_time_given",
    "takedowns",
)
_FRONT = ("scenario", "income", "states", "population_share", "victims_share")
_BACK = ("harm", "harm_averted", "harm_averted_low", "harm_averted_high", "averted_per_person")


def exchange(by_state: pd.DataFrame) -> pd.DataFrame:
    """Mean counts per replicate by scenario and state.

    Args:
        by_state: breakdown country of one block.

    Returns:
        scenario, state (row number), and counts of requests between states and of takedowns, of states that have any.
    """
    replicates = by_state.groupby("scenario", observed=True)["seed"].nunique()
    involved = by_state[(by_state["sent"] + by_state["received"] + by_state["takedowns"]).to_numpy() > 0]
    total = involved.groupby(["scenario", "state"], observed=True)[list(_COUNTS)].sum()
    return total.div(replicates, axis=0, level="scenario").reset_index()


def by_income(
    exchanged: pd.DataFrame, outcomes: Paired, baseline: str, geography: CrimeGeography, scenarios: Sequence[str]
) -> pd.DataFrame:
    """Requests, takedowns and harm by scenario and income group of states.

    Harm falls on a group in proportion to its share of victims, see sim/measures/income.py.

    Args:
        exchanged: as `exchange` gives it.
        outcomes: outcomes of the same block.
        baseline: scenario against which harm is averted.
        geography: weights of the states that take part.
        scenarios: what is shown, in this order.

    Returns:
        scenario, income, states, population_share, victims_share, counts per replicate, harm (billion USD of 2024
        over the policy years), harm_averted with harm_averted_low and _high, averted_per_person (USD).
    """
    group = income_groups(geography)
    summed = exchanged.assign(income=group[exchanged["state"].to_numpy(dtype=np.int64)])
    counts = summed.groupby(["scenario", "income"], observed=True)[list(_COUNTS)].sum()
    facts = _facts(geography, group)
    parts = []
    for scenario in scenarios:
        harm, averted = _harm(outcomes, scenario, baseline)
        part = facts.join(counts.xs(scenario, level="scenario")) if scenario in counts.index else facts
        victims = part["victims_share"]
        part = part.assign(
            harm=harm * victims,
            harm_averted=averted.value * victims,
            harm_averted_low=averted.low * victims,
            harm_averted_high=averted.high * victims,
            averted_per_person=1e9 * averted.value * victims / part["population"],
        )
        parts.append(part.reset_index().assign(scenario=scenario))
    table = pd.concat(parts, ignore_index=True).reindex(columns=[*_FRONT, *_COUNTS, *_BACK])
    return table.fillna(dict.fromkeys(_COUNTS, 0.0))


def _facts(geography: CrimeGeography, group: Integers) -> pd.DataFrame:
    """What is known of each income group before any run."""
    people: Floats = np.bincount(group, geography.population, len(Income))
    return pd.DataFrame(
        {
            "states": np.bincount(group, minlength=len(Income)),
            "population": people,
            "population_share": people / people.sum(),
            "victims_share": np.bincount(group, geography.victims, len(Income)),
        },
        index=pd.Index(range(len(Income)), name="income"),
    )


def _harm(outcomes: Paired, scenario: str, baseline: str) -> tuple[float, Estimate]:
    """Mean harm under a scenario, and how much less it is than under the baseline, with its interval."""
    values, base = outcomes.values("harm", scenario, baseline)
    return statistics.mean(values).value, statistics.difference(base, values)
