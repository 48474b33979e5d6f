"""What reports show pooled over replicates, since one replicate has few of it.

Turnaround and trust between pairs of states, the fate of identified members, and who asks whom and who benefits.
"""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from sim.data.geography import CrimeGeography
from sim.experiments import statistics
from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.experiments.sets import ParameterSets
from sim.law.days import MONTH
from sim.law.order import legal_order
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.fate import FREE, Fate
from sim.measures.income import Income, income_groups
from sim.measures.survival import quantile, risk_table
from sim.policy.in_force import joined_by_year, joins
from sim.policy.scenario_timeline import policy_days, timeline_of

BUSIEST, MOST_MEMBERS = 20, 12
#: Fewer requests than this give no median.
FEWEST_REQUESTS = 10
_COUNTS = ("sent", "received", "answers_got", "answers_given", "in_time_got", "in_time_given", "takedowns")
_FRONT = ("scenario", "income", "states", "population_share")
_BACK = ("harm", "harm_averted", "harm_averted_low", "harm_averted_high", "averted_per_person")


def busiest_states(pairs: pd.DataFrame) -> list[int]:
    """Row numbers of the states that send and receive most requests, busiest first."""
    traffic = np.bincount(pairs["requesting"].to_numpy(dtype=np.int64))
    answered = np.bincount(pairs["requested"].to_numpy(dtype=np.int64), minlength=traffic.size)
    total = answered.astype(np.int64)
    total[: traffic.size] += traffic
    order = np.lexsort((np.arange(total.size), -total))[:BUSIEST]
    return [int(state) for state in order if total[state] > 0]


def pair_medians(pairs: pd.DataFrame, within: Mask, states: list[int]) -> pd.DataFrame:
    """Kaplan–Meier median of turnaround between the given states, by scenario.

    Args:
        pairs: one row per request: scenario, requesting, requested, days, answered.
        within: rows that count; to copy the others away first would take longer than all that is done with them.
        states: row numbers of the states.

    Returns:
        scenario, requesting, requested (row numbers), requests, median_months (NaN: too few or not reached).
    """
    names = pairs["scenario"].astype("category").cat
    asking, answering = (_places(pairs[end], states) for end in ("requesting", "requested"))
    inside = np.flatnonzero((asking >= 0) & (answering >= 0) & within)
    size = max(len(states), 1)
    kind = np.min_scalar_type(names.categories.size * size * size)  # the fewer bytes, the sooner it is sorted
    code = names.codes.to_numpy()[inside].astype(kind)
    for place in (asking, answering):
        code = code * kind.type(size) + place[inside].astype(kind)
    order = np.argsort(code, kind="stable")
    found, start = np.unique(code[order], return_index=True)
    days, answered = (pairs[column].to_numpy()[inside][order] for column in ("days", "answered"))
    groups = zip(np.split(days, start[1:]), np.split(answered, start[1:]), strict=True)
    scenario, pair = np.divmod(found.astype(np.int64), size * size)
    table = {
        "scenario": np.asarray(names.categories)[scenario],
        "requesting": np.asarray(states, dtype=np.int64)[pair // size],
        "requested": np.asarray(states, dtype=np.int64)[pair % size],
        "requests": np.diff(np.append(start, code.size)),
        "median_months": np.array([_median(*group) for group in groups][: found.size], dtype=np.float64),
    }
    return pd.DataFrame(table)


def partners(requests: pd.DataFrame) -> pd.DataFrame:
    """Where the requests of some states wait: one row per state that is asked, most waiting first.

    Args:
        requests: one row per request of one scenario: requested, days, answered.

    Returns:
        Index: row number of the state. requests, share_of_waiting (of the days of all within a year of sending),
        median_months (Kaplan–Meier; NaN: too few or not reached).
    """
    waiting = np.minimum(requests["days"].to_numpy(np.float64), 12 * MONTH)
    groups = requests.assign(waiting=waiting).groupby("requested")
    table = pd.DataFrame({"requests": groups.size(), "waiting": groups["waiting"].sum()})
    table["share_of_waiting"] = table["waiting"] / max(float(waiting.sum()), 1e-9)
    table["median_months"] = [_median(rows["days"].to_numpy(), rows["answered"].to_numpy()) for _, rows in groups]
    return table.drop(columns="waiting").sort_values("share_of_waiting", ascending=False, kind="stable")


def pair_trust(accounts: pd.DataFrame) -> pd.DataFrame:
    """Trust of each state in each by scenario, pooled over replicates and weighted by dealings.

    Args:
        accounts: one row per replicate and ordered pair: scenario, trusting, trusted, trust, dealings.

    Returns:
        scenario, trusting, trusted (row numbers), trust, dealings (of all replicates).
    """
    weighted = accounts.assign(trust=accounts["trust"] * accounts["dealings"])
    keys = ["scenario", "trusting", "trusted"]
    pooled = weighted.groupby(keys, observed=True, as_index=False)[["trust", "dealings"]].sum()
    return pooled.assign(trust=pooled["trust"] / pooled["dealings"])


def _places(ends: "pd.Series[int]", states: list[int]) -> Integers:
    """Place of each state in the list, -1 for others."""
    rows = ends.to_numpy()
    table = np.full(max([int(rows.max(initial=0)), *states]) + 1, -1, dtype=np.int16)
    table[states] = np.arange(len(states))
    return table[rows]


def _median(days: Floats, answered: Integers) -> float:
    if days.size < FEWEST_REQUESTS:
        return float("nan")
    return quantile(risk_table(days, answered), 0.5) / MONTH


def fate_counts(fates: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Members by scenario (rows, in the given order) and fate (columns, all of them), summed over replicates.

    Args:
        fates: breakdown members_by_fate of one block.
        scenarios: what is shown.
    """
    table = fates.pivot_table(index="scenario", columns="fate", values="members", aggfunc="sum", observed=True)
    return table.reindex(index=list(scenarios), columns=[fate.value for fate in Fate]).fillna(0.0)


def steps(fates: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Members identified, and those of them indicted, arrested, surrendered and convicted within five years."""
    known = fates.assign(convicted=np.where(fates["fate"] == Fate.CONVICTED, fates["members"], 0.0))
    columns = ["members", "indicted", "arrested", "surrendered", "convicted"]
    return known.groupby("scenario", observed=True)[columns].sum().reindex(list(scenarios)).fillna(0.0)


def impunity(
    fates: pd.DataFrame, baseline: str, sets: ParameterSets | None = None, count: int = MOST_MEMBERS
) -> pd.DataFrame:
    """Share of identified members neither judged nor in custody after five years, by scenario and residence.

    Args:
        fates: breakdown members_by_fate of one block.
        baseline: scenario under which states are chosen: those with most identified members.
        sets: what seeds take in turn, if anything.
        count: number of states.

    Returns:
        scenario, residence (row number), members and free (sums over replicates), share, low, high; the interval
        takes replicates as independent, not members.
    """
    under = fates[fates["scenario"] == baseline].groupby("residence")["members"].sum()
    states = list(under.sort_values(ascending=False, kind="stable").index[:count])
    kept = fates[fates["residence"].isin(states)]
    kept = kept.assign(free=np.where(kept["fate"].isin(FREE), kept["members"], 0.0))
    by_seed = kept.groupby(["scenario", "residence", "seed"], observed=True)[["members", "free"]].sum()
    rows = []
    for (scenario, residence), part in by_seed.groupby(level=["scenario", "residence"], observed=True):
        free, members = (part[name].to_numpy(dtype=np.float64) for name in ("free", "members"))
        clusters = None if sets is None else sets.numbers(part.index.get_level_values("seed").to_numpy())
        share = statistics.ratio(free, members, clusters)
        rows.append((scenario, residence, members.sum(), free.sum(), free.sum() / members.sum(), share.low, share.high))
    table = pd.DataFrame(rows, columns=["scenario", "residence", "members", "free", "share", "low", "high"])
    rank = {state: place for place, state in enumerate(states)}
    order = np.lexsort((table["residence"].map(rank), table["scenario"].astype(str)))
    return table.iloc[order].reset_index(drop=True)


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
    exchanged: pd.DataFrame,
    by_state: pd.DataFrame,
    baseline: str,
    geography: CrimeGeography,
    scenarios: Sequence[str],
    sets: ParameterSets | None = None,
) -> pd.DataFrame:
    """Requests, takedowns and harm by scenario and income group of states.

    Args:
        exchanged: as `exchange` gives it.
        by_state: breakdown country of the same block: losses of victims.
        baseline: scenario against which harm is averted.
        geography: weights of the states that take part.
        scenarios: what is shown, in this order.
        sets: what seeds take in turn, if anything.

    Returns:
        scenario, income, states, population_share, counts per replicate, harm (billion USD of 2024
        over the policy years), harm_averted with harm_averted_low and _high, averted_per_person (USD).
    """
    group = income_groups(geography)
    summed = exchanged.assign(income=group[exchanged["state"].to_numpy(dtype=np.int64)])
    counts = summed.groupby(["scenario", "income"], observed=True)[list(_COUNTS)].sum()
    facts, losses = _facts(geography, group), _losses(by_state, group)
    parts = []
    for scenario in scenarios:
        values, base = losses[scenario], losses[baseline]
        paired = values.index.intersection(base.index)
        clusters = None if sets is None else sets.numbers(paired.to_numpy())
        changes = [
            statistics.difference(base.loc[paired, income].to_numpy(), values.loc[paired, income].to_numpy(), clusters)
            for income in range(len(Income))
        ]
        part = facts.join(counts.xs(scenario, level="scenario")) if scenario in counts.index else facts
        part = part.assign(
            harm=values.mean(),
            harm_averted=[change.value for change in changes],
            harm_averted_low=[change.low for change in changes],
            harm_averted_high=[change.high for change in changes],
        )
        part["averted_per_person"] = 1e9 * part["harm_averted"] / part["population"]
        parts.append(part.reset_index().assign(scenario=scenario))
    table = pd.concat(parts, ignore_index=True).reindex(columns=[*_FRONT, *_COUNTS, *_BACK])
    return table.fillna(dict.fromkeys(_COUNTS, 0.0))


def _losses(by_state: pd.DataFrame, group: Integers) -> dict[str, pd.DataFrame]:
    """Losses of victims by scenario: a row per seed, a column per income group of states, billion USD of 2024.

    Args:
        by_state: breakdown country of one block.
        group: income group of each state.
    """
    known = by_state[(by_state["state"] >= 0).to_numpy()]
    known = known.assign(income=group[known["state"].to_numpy(dtype=np.int64)])
    known["losses"] /= 1e3
    tables = {
        str(scenario): part.pivot_table("losses", "seed", "income", "sum")
        for scenario, part in known.groupby("scenario", observed=True)
    }
    return {scenario: table.reindex(columns=range(len(Income))).fillna(0.0) for scenario, table in tables.items()}


def _facts(geography: CrimeGeography, group: Integers) -> pd.DataFrame:
    """What is known of each income group before any run."""
    people: Floats = np.bincount(group, geography.population, len(Income))
    return pd.DataFrame(
        {
            "states": np.bincount(group, minlength=len(Income)),
            "population": people,
            "population_share": people / people.sum(),
        },
        index=pd.Index(range(len(Income)), name="income"),
    )


def in_force(experiment: Experiment, design: Design) -> pd.DataFrame:
    """States that have joined what a scenario makes them join, by scenario, seed, instrument, group and year."""
    world, law, base = experiment.world, legal_order(), design.plan.base
    days, rows = policy_days(world), []
    for seed in design.seeds():
        reform = base.of_seed(experiment.parameters, seed).reform
        for scenario in filter(joins, design.scenarios):
            timeline = timeline_of(scenario, law, *days, seed, reform, world.states)
            found = joined_by_year(scenario, timeline, law, *days)
            rows += [{"scenario": scenario.key, "seed": seed, **asdict(entry)} for entry in found]
    return pd.DataFrame(rows)
