"""Compares portfolios under a budget by averted losses, effects on rights, money, time, and robustness.

A portfolio is a scenario with a value of every lever that the study varies. Only combinations that were simulated are
judged: effects of policies do not add up. What else varies is an uncertainty; each combination of its values is one
state of the world. Portfolios are compared in the same worlds with one of them: the cheapest under the status quo, or
the cheapest of all where the study does not have that. What costs nothing need not be what is done today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.analyse.cases import Cases, Condition
from sim.experiments.axis import AxisKind
from sim.experiments.grammar import SCENARIO
from sim.measures.arrays import Floats, Mask
from sim.policy.problem import mistake
from sim.policy.well_known import BASELINE

#: Disclosures that stand on no crime of the asked state, on no genuine case, or on a false emergency; no request is
#: counted under two of them.
RIGHTS = ("without_criminality_per_year", "abusive_executed_per_year", "false_disclosures_per_year")
HARM, MONEY = "harm", "policy_cost"
TIME = "turnaround_median"
AVERTED, RIGHTS_COST = "harm_averted", "rights_cost"
#: Objectives of the front, and whether more is better.
OBJECTIVES = {AVERTED: True, RIGHTS_COST: False, MONEY: False, TIME: False}
#: Rights may be touched this much more often than under the reference before a portfolio fails by default.
TOLERATED = 0.1
_DECISIONS = (AxisKind.LEVER, AxisKind.SCENARIO)


@dataclass(frozen=True)
class Tradeoff:
    """Performance of a study's portfolios, with marks for budget, requirements and the Pareto front."""

    decisions: tuple[str, ...]  # what makes a portfolio: `scenario` and levers
    uncertain: tuple[str, ...]  # keys of what else varies
    baseline: int  # the portfolio that all are compared with, by number
    budget: float  # million euros; infinite where there is none
    # one row per portfolio: its decisions, objectives (means over worlds), harm_low and harm_high (95 % interval of
    # harm averted), affordable, front, regret_* and satisfied
    table: pd.DataFrame
    by_state: pd.DataFrame  # objectives by portfolio and state of the world
    requirements: tuple[str, ...]  # what satisfies, as text
    reference: str  # what all are compared with, as text

    @property
    def front(self) -> pd.DataFrame:
        """Table of the portfolios on the Pareto front, most averted harm first."""
        return self.table[self.table["front"]].sort_values(AVERTED, ascending=False)

    def name(self, number: Any) -> str:
        """Short name of a portfolio, made of the lever values in which portfolios differ."""
        row = self.table.loc[number, list(self.decisions)]
        words = row.map(lambda level: f"{level:.4g}" if isinstance(level, float | int) else str(level))
        apart = [key for key in self.decisions if self.table[key].nunique() > 1]
        return ", ".join(words[key] if key == SCENARIO else f"{key} {words[key]}" for key in apart) or words.iloc[0]


@dataclass(frozen=True)
class _Runs:
    """Runs of a study, each assigned to a portfolio of decisions and a state of the world."""

    cases: Cases
    decisions: tuple[str, ...]
    uncertain: tuple[str, ...]
    rows: pd.DataFrame = field(repr=False)

    @classmethod
    def of(cls, cases: Cases) -> _Runs:
        """Makes this table from a study; levers and scenario are decisions, and all other axes are uncertain."""
        levers = tuple(axis.key for axis in cases.axes if axis.kind is AxisKind.LEVER)
        uncertain = tuple(axis.key for axis in cases.axes if axis.kind not in _DECISIONS)
        rows = cases.rows
        if cases.named:
            rows = rows[rows["point"] == 0]
            seeds = rows.groupby(SCENARIO)["seed"].transform("nunique")
            rows, uncertain = rows[seeds == seeds.max()], ()
        rows = rows.assign(**{RIGHTS_COST: rows[list(RIGHTS)].sum(axis=1, skipna=False)})
        decisions = (SCENARIO, *levers)
        rank = {key: place for place, key in enumerate(cases.scenarios)}
        rows = rows.assign(_rank=rows[SCENARIO].map(rank)).sort_values(["_rank", *levers], kind="stable")
        rows = rows.assign(portfolio=rows.groupby(list(decisions), sort=False).ngroup())
        state = rows.groupby(list(uncertain), sort=True).ngroup() if uncertain else 0
        return cls(cases, decisions, uncertain, rows.assign(state=state))

    def means(self, column: str) -> pd.DataFrame:
        """Mean of a column over seeds, with a row per portfolio and a column per state of the world."""
        return self.rows.pivot_table(index="portfolio", columns="state", values=column, aggfunc="mean", dropna=False)

    @cached_property
    def baseline(self) -> int:
        """Number of the reference portfolio: the cheapest under the status quo, or else the cheapest of all."""
        cost = self.means(MONEY).mean(axis=1).fillna(np.inf).to_numpy()
        today = self.rows.loc[self.rows[SCENARIO] == BASELINE, "portfolio"].unique()
        asked = np.isin(np.arange(len(cost)), today) | (len(today) == 0)
        return int(np.where(asked, cost, np.inf).argmin())


def _reference(table: pd.DataFrame, number: int) -> str:
    """Text that describes the portfolio that others are compared with."""
    if table.at[number, SCENARIO] != BASELINE:
        return "the cheapest portfolio"
    free = table.at[number, MONEY] == 0
    return "today's law and practice" if free else "the cheapest portfolio under today's law and practice"


def tradeoff(cases: Cases, budget: float = float("inf"), requirements: Sequence[Condition] = ()) -> Tradeoff:
    """Compares all portfolios of a study, under a budget in millions of euros.

    Without requirements, what satisfies in a state of the world is less harm than under the reference, no longer median
    turnaround, and rights touched no more than a tenth more often.
    """
    runs = _Runs.of(cases)
    portfolios = runs.rows.drop_duplicates("portfolio").set_index("portfolio")[list(runs.decisions)]
    _check(runs, portfolios)
    objectives, harm = {key: runs.means(key) for key in (RIGHTS_COST, MONEY, TIME)}, runs.means(HARM)
    objectives[AVERTED] = harm.loc[runs.baseline] - harm
    table = portfolios.assign(**{key: objectives[key].mean(axis=1) for key in OBJECTIVES})
    table = table.join(_intervals(runs))
    affordable = table[MONEY] <= budget
    if not affordable.any():
        fix = f"The cheapest costs {table[MONEY].min():,.0f} million euros."
        raise mistake("no portfolio costs so little", "--budget", budget, fix)
    table = table.assign(affordable=affordable, front=False)
    signed = {key: objectives[key] if more else -objectives[key] for key, more in OBJECTIVES.items()}
    means = [table.loc[affordable, key] * (1 if more else -1) for key, more in OBJECTIVES.items()]
    table.loc[affordable, "front"] = pareto(np.column_stack(means).astype(np.float64))
    for key, better in signed.items():  # most that a portfolio falls short, in any state, of the best affordable one
        table[f"regret_{key}"] = (better[affordable].max(axis=0) - better).max(axis=1)
    reference = _reference(table, runs.baseline)
    satisfied, words = _satisfied(runs, objectives, requirements, reference)
    table["satisfied"] = satisfied.mean(axis=1)
    by_state = pd.concat({key: values.stack() for key, values in objectives.items()}, axis=1)
    by_state["satisfied"] = satisfied.stack()
    states = runs.rows.drop_duplicates("state").set_index("state")[list(runs.uncertain)]
    by_state = by_state.reset_index().join(states, on="state")
    return Tradeoff(runs.decisions, runs.uncertain, runs.baseline, budget, table, by_state, words, reference)


def pareto(values: Floats) -> Mask:
    """True for each row of objectives (larger is better) that no other row dominates."""
    known = np.where(np.isnan(values), -np.inf, values)
    as_good = (known[:, None, :] >= known[None, :, :]).all(axis=2)
    better = (known[:, None, :] > known[None, :, :]).any(axis=2)
    return np.asarray(~(as_good & better).any(axis=0))


def _intervals(runs: _Runs) -> pd.DataFrame:
    """95 % interval of the harm that each portfolio averts, with each seed as a cluster; NaN with one seed."""
    harm = runs.rows.pivot_table(index="portfolio", columns=["state", "seed"], values=HARM, aggfunc="mean")
    averted = harm.loc[runs.baseline] - harm
    by_seed = averted.T.groupby(level="seed").mean().T
    ends = [statistics.mean(row.to_numpy(np.float64))[1:3] for _, row in by_seed.iterrows()]
    return pd.DataFrame(ends, columns=["averted_low", "averted_high"], index=by_seed.index)


def _satisfied(
    runs: _Runs, objectives: dict[str, pd.DataFrame], requirements: Sequence[Condition], reference: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Table by portfolio and state of the world, true if all requirements are met; also the requirements as texts."""
    if requirements:
        pairs = [(entry, runs.means(entry.outcome.key)) for entry in requirements]
        found = [values.apply(lambda one, entry=entry: entry.met(one.to_numpy(np.float64))) for entry, values in pairs]
        words = tuple(entry.words(values.to_numpy(np.float64)) for entry, values in pairs)
    else:
        base = runs.baseline
        found = [
            objectives[AVERTED] > 0,
            objectives[TIME] <= objectives[TIME].loc[base],
            objectives[RIGHTS_COST] <= (1 + TOLERATED) * objectives[RIGHTS_COST].loc[base],
        ]
        words = (
            f"less harm than under {reference}",
            "a median turnaround that is no longer",
            f"at most {100 * TOLERATED:.0f} % more disclosures that touch rights",
        )
    return reduce(and_, (entry.astype(bool) for entry in found)), words


def _check(runs: _Runs, portfolios: pd.DataFrame) -> None:
    """Raises an error if portfolios cannot be compared: fewer than two, or some not run in every state of the world."""
    folder = runs.cases.study.folder
    if len(portfolios) < 2:
        fix = "Sweep scenarios or levers, such as comity sweep status_quo faster_mlat court.staff=1,1.5."
        raise mistake("one portfolio has nothing to be weighed against", "STUDY", folder, fix)
    if runs.rows.groupby(["portfolio", "state"]).size().unstack().isna().to_numpy().any():
        fix = "Cross levers with everything else: a factorial design, or scenarios as words next to --vary. "
        fix += "If runs are missing, resume the study first."
        raise mistake("portfolios were not all run in the same worlds", "STUDY", folder, fix)
