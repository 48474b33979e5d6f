"""The view of a running or finished study, from which reports are made: outcomes, breakdowns, derived tables.

Pages, figures and sentences are made from a view. It has no words of its own but titles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments import statistics, store
from sim.experiments.config import Experiment
from sim.experiments.design import MAIN, Design
from sim.experiments.results import Results
from sim.experiments.statistics import Estimate, as_frame
from sim.law.suggest import unknown_name
from sim.measures.arrays import Integers
from sim.measures.outcomes import BREAKDOWNS, HEADLINES, OUTCOMES, outcome
from sim.policy.scenario_timeline import is_fixed
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.marking import drawn, marked
from sim.results import conclusions, countries, own_error, pooled
from sim.results.conclusions import Conclusion
from sim.results.costs import Efficiency, Rung, costs, ladder
from sim.results.effects import (
    Comparison,
    PairedArms,
    PairedEffect,
    against_baseline,
    as_table,
    effects,
    taken_apart,
)
from sim.results.league import Regret, regret_table, regrets
from sim.results.own_error import ClassError
from sim.results.stored import PARAMETER_SETS, StoredBreakdowns, with_codes
from sim.results.words import counted
from sim.world.parameters import Parameters, declarations, value_of

_FEW = 0.05  # share of the baseline's requests below which a scenario's turnaround means nothing
PRICE = "policy_cost"
TAKEN_APART = (*HEADLINES, PRICE)  # what is shown of each change of a policy: outcomes of the question, and its cost
_IN_FORCE = "instruments_in_force"  # the breakdown that is made for reports


def breakdown_of(results: Results, name: str) -> pd.DataFrame:
    """Rows of a breakdown; an error with the place of the code that asks where nothing has this name."""
    if name not in BREAKDOWNS:
        raise unknown_name("breakdown", name, "is none of sim/measures/outcomes.py", BREAKDOWNS, __file__)
    return results.breakdowns[name]


@dataclass(frozen=True)
class View:
    """Everything that reports show of one study, as tables, each computed when first needed."""

    experiment: Experiment  # what the user asked for
    design: Design  # what was run
    results: Results  # what was measured
    folder: Path | None = None  # of the finished report that it was read from

    @property
    def scenarios(self) -> list[str]:
        """Keys of the scenarios, in the order in which reports show them."""
        return [scenario.key for scenario in self.design.scenarios]

    @property
    def baseline(self) -> str:
        """Key of the scenario that all others are compared with."""
        return self.design.baseline

    @property
    def compared(self) -> list[str]:
        """Keys of all scenarios except the baseline, which they are compared with."""
        return [key for key in self.scenarios if key != self.baseline]

    @property
    def policies(self) -> list[str]:
        """Keys of all scenarios except the baseline and the bounds."""
        return [key for key in self.compared if key not in (LOWER_BOUND, UPPER_BOUND)]

    @property
    def reported(self) -> list[str]:
        """Keys of the scenarios that answers are about: the policies or, without policies, the bounds."""
        return self.policies or self.compared

    @cached_property
    def asking(self) -> list[str]:
        """Keys of scenarios with enough requests to report on; closed channels can leave hardly any requests."""
        usual = self.level(self.baseline, "requests_per_year").value
        return [key for key in self.scenarios if self.level(key, "requests_per_year").value >= _FEW * usual]

    @property
    def left_out(self) -> str:
        """Text on scenarios with hardly any requests, which are left out."""
        names = [self.title[key] for key in self.scenarios if key not in self.asking]
        return f"Left out, hardly any requests: {', '.join(names)}." if names else ""

    @cached_property
    def title(self) -> dict[str, str]:
        """Full title of each scenario and ladder step by key; equal titles get their keys added."""
        return _apart({scenario.key: scenario.title for scenario in (*self.design.scenarios, *self.design.rungs)})

    @cached_property
    def short(self) -> dict[str, str]:
        """Short title of each scenario by key."""
        shown = (*self.design.scenarios, *self.design.rungs)
        return _apart({scenario.key: scenario.short or scenario.title for scenario in shown})

    @cached_property
    def marked(self) -> dict[str, str]:
        """Title of each scenario by key, escaped for Markdown."""
        return {key: marked(title) for key, title in self.title.items()}

    @cached_property
    def drawn(self) -> dict[str, str]:
        """Title of each scenario by key, wrapped for figures."""
        return {key: drawn(title) for key, title in self.title.items()}

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Table of outcomes in worlds with all mechanisms, one row per run."""
        return self.results.outcomes[self.results.outcomes["block"] == MAIN]

    @cached_property
    def arms(self) -> PairedArms:
        """Outcomes of all runs, arranged for paired comparisons; blocks are `main` and the mechanisms left out."""
        return PairedArms(self.results.outcomes, self.experiment.sets)

    @cached_property
    def differences(self) -> dict[str, list[PairedEffect]]:
        """Effects of every scenario except ladder steps on every outcome, by block (`main` or mechanism left out)."""
        found = {block: against_baseline(self.arms, self.baseline, block) for block in self.design.blocks}
        wanted = {block: [one for one in pairs if one.arm[1] in self.scenarios] for block, pairs in found.items()}
        return {block: effects(self.arms, pairs) for block, pairs in wanted.items()}

    def difference(self, scenario: str, outcome: str, block: str = MAIN) -> PairedEffect | None:
        """Effect of a scenario on one outcome; None if it was not run."""
        return self._by_name.get((block, scenario, outcome))

    def of_policies(self, outcome: str) -> list[PairedEffect]:
        """Effect of each reported scenario on an outcome, as far as known."""
        found = (self.difference(key, outcome) for key in self.reported)
        return [entry for entry in found if entry is not None]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str, str], PairedEffect]:
        """Effects of scenarios by block, scenario and outcome."""
        return {(block, one.scenario, one.outcome): one for block, found in self.differences.items() for one in found}

    @cached_property
    def in_force(self) -> pd.DataFrame:
        """Table of the number of states that an instrument binds: by scenario, seed, instrument, group, and year."""
        known = self.results.breakdowns
        return known[_IN_FORCE] if _IN_FORCE in known else pooled.in_force(self.experiment, self.design)

    @cached_property
    def costs(self) -> list[Efficiency]:
        """Costs of all scenarios except the baseline, in total and per unit of effect."""
        return costs(self.arms, self.scenarios, self.baseline)

    @cached_property
    def effects(self) -> list[Conclusion]:
        """Conclusions of an ablation: each policy's effects, with all mechanisms and with each left out."""
        return conclusions.of_policies(self.arms, self.design, HEADLINES)

    @cached_property
    def rankings(self) -> list[Conclusion]:
        """Differences between any two policies, with all mechanisms and with each one left out."""
        return conclusions.of_rankings(self.arms, self.design, HEADLINES)

    @property
    def plans(self) -> list[str]:
        """Keys of the scenarios with a fixed plan, which a policymaker follows without reviews."""
        return [scenario.key for scenario in self.design.scenarios if is_fixed(scenario)]

    @cached_property
    def regrets(self) -> list[Regret]:
        """Gain and regret of every decision rule, on every outcome that rules are judged by."""
        return regrets(self.arms, self.baseline, self.compared, self.plans) if self.plans else []

    @cached_property
    def ladder(self) -> list[Rung]:
        """Progress of each scenario between no cooperation (0) and full cooperation (1), by outcome."""
        return ladder(self.arms, self.scenarios + [rung.key for rung in self.design.rungs], self.baseline)

    @cached_property
    def contributions(self) -> list[PairedEffect]:
        """Effects of each change in a policy on some outcomes and the price; empty if no policy is split."""
        about = [outcome(key) for key in TAKEN_APART]
        parts = (taken_apart(policy, self.baseline) for policy in self.design.apart)
        return [entry for part in parts for entry in effects(self.arms, part, about)]

    def clusters(self, seeds: Integers) -> Integers | None:
        """Parameter set number of each seed, for intervals; None if all seeds have the same parameters."""
        return None if self.experiment.sets is None else self.experiment.sets.numbers(seeds)

    @cached_property
    def drawn_values(self) -> pd.DataFrame:
        """Table of what parameter sets draw: a row per set, a column per parameter; without rows if not known.

        A parameter that the user sets is not among them.
        """
        sets, chosen, usual = self.experiment.sets, self.experiment.parameters, Parameters()
        table = pd.DataFrame([dict(values) for values in sets.values] if sets else [])
        if not len(table.columns):
            return pd.DataFrame()
        fixed = {name for name, _, _ in declarations() if value_of(chosen, name) != value_of(usual, name)}
        return table[[name for name in table if name not in fixed]]

    def level(self, scenario: str, outcome: str) -> Estimate:
        """Mean of an outcome over the replicates of a scenario, with its interval."""
        return self.arms.level(outcome, (MAIN, scenario))

    def price(self, of: str | Comparison) -> Estimate:
        """Cost of a policy or of a part of it, in millions of euros: median and 95 % range of worlds.

        Two figures of each, as nobody knows more; the one price of which all words and tables speak.
        """
        one = of if isinstance(of, Comparison) else Comparison((MAIN, of), (MAIN, self.baseline))
        others = (arm for pair in one.taken_off for arm in pair)
        values, base, *off = self.arms.values(PRICE, one.arm, one.against, *others)
        more = values - base - sum(off[::2], 0.0 * base) + sum(off[1::2], 0.0 * base)
        *parts, worlds = statistics.middle(more)
        middle, low, high = (float(f"{part:.2g}") for part in parts)
        return Estimate(middle, low, high, worlds)

    def of_worlds(self, scenario: str, outcome_key: str) -> Estimate:
        """Median of an outcome over worlds and the range of 95 % of them, widened by the model's own error."""
        values, own = self.arms.values(outcome_key, (MAIN, scenario))[0], self.own_error(outcome_key)
        return statistics.with_own_error(values, own.error if own else 0.0, outcome(outcome_key).unit == "share")

    def own_error(self, outcome_key: str) -> ClassError | None:
        """The model's own error on an outcome, with the facts of its class; None with one set of parameters."""
        sets = self.experiment.sets
        return own_error.on(outcome(outcome_key), sets.own_error) if sets else None

    def unchecked(self, outcome_key: str) -> bool:
        """True if no facts, or few, say how far the model is off in outcomes of this class."""
        own = self.own_error(outcome_key)
        return own is not None and not own.checked

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Table of every outcome's mean under every scenario, with interval and number of replicates."""
        arms = [(key, about) for key in self.scenarios for about in OUTCOMES]
        rows = [(key, about.key, about.title, about.unit, *self.level(key, about.key)) for key, about in arms]
        columns = ["scenario", "outcome", "title", "unit", "mean", "low", "high", "replicates"]
        return pd.DataFrame(rows, columns=columns)

    def curve(self, name: str, scenario: str, column: str) -> pd.DataFrame:
        """Table of a mean curve with its 95 % band: month, value, low, high."""
        return self.pooled(f"curve {name} {scenario} {column}", lambda: self._curve(name, scenario, column)).copy()

    def _curve(self, name: str, scenario: str, column: str) -> pd.DataFrame:
        rows = self.main(name, scenario)
        table = rows.pivot(index="seed", columns="month", values=column)
        clusters = self.clusters(table.index.to_numpy())
        estimates = [statistics.mean(table[month].to_numpy(dtype=np.float64), clusters) for month in table]
        return pd.DataFrame(estimates, columns=Estimate._fields).assign(month=np.array(table.columns, np.float64))

    def main(self, name: str, *scenarios: str) -> pd.DataFrame:
        """Rows of a breakdown in worlds with all mechanisms, for given scenarios or all except ladder steps."""
        frame = breakdown_of(self.results, name)
        return frame[(frame["block"] == MAIN) & frame["scenario"].isin(scenarios or self.scenarios)]

    @cached_property
    def countries(self) -> pd.DataFrame:
        """Effects of each scenario on each state: paired differences from the baseline."""
        return self._of_places(self.main("country"))

    def _of_places(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Effects of each scenario on each place: paired differences between rows of a table by place."""
        return countries.country_differences(rows, self.baseline, self.compared, self.experiment.sets)

    def of_groups(self, groups: Sequence[Sequence[int]]) -> pd.DataFrame:
        """Table of effects on groups of states; the column `state` contains group numbers."""
        add = partial(countries.added, groups=groups)
        return self.pooled(f"groups {named_by(groups)}", lambda: self._of_places(add(self.main("country"))))

    def pooled(self, name: str, find: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A small derived table by name; computed once, or read if the study's breakdowns were left out."""
        if name not in self.pool:
            self.pool[name] = find()
        return self.pool[name]

    @cached_property
    def pool(self) -> dict[str, pd.DataFrame]:
        """Small derived tables by name, computed so far or read from a study without breakdowns."""
        known = self.results.breakdowns
        return dict(known.pooled) if isinstance(known, StoredBreakdowns) else {}

    def once(self, key: Hashable, find: Callable[[], Any]) -> Any:
        """Value of the function `find`, which is called only when `key` is used for the first time."""
        if key not in self._found:
            self._found[key] = find()
        return self._found[key]

    @cached_property
    def _found(self) -> dict[Any, Any]:
        """Cache of the values that `once` has computed, by key."""
        return {}

    def table(self, name: str) -> pd.DataFrame:
        """Table of the report by its file name; empty if the report has none of this name."""
        return TABLES[name](self)

    def replicates(self, scenario: str) -> int:
        """Number of replicates that a scenario has."""
        return int((self.outcomes["scenario"] == scenario).sum())

    @property
    def worlds(self) -> str:
        """Text on the number of worlds behind the answer."""
        return f"{self._fewest}{counted(self.replicates(self.baseline), 'simulated world')}"

    @property
    def basis(self) -> str:
        """Text on the number of replicates behind the results."""
        return f"{self._fewest}{counted(self.replicates(self.baseline), 'replicate')}"

    @property
    def _fewest(self) -> str:
        """Smallest number of worlds of a policy, as the start of a range such as `20 to `; empty if all are equal."""
        fewest = min(self.design.worlds_of.values(), default=0)
        return f"{fewest} to " if 0 < fewest < self.replicates(self.baseline) else ""


#: Tables of a report that follow from outcomes and breakdowns, by file.
TABLES: Mapping[str, Callable[[View], pd.DataFrame]] = {
    f"{store.DIFFERENCES}.csv": lambda view: as_table(chain.from_iterable(view.differences.values())),
    store.LEVELS: lambda view: view.levels,
    f"{store.COSTS}.csv": lambda view: as_frame(view.costs),
    f"{store.COUNTRIES}.csv": lambda view: with_codes(view.countries) if view.compared else pd.DataFrame(),
    PARAMETER_SETS: lambda view: view.drawn_values,
    f"{store.CONCLUSIONS}.csv": lambda view: conclusions.as_table([*view.effects, *view.rankings]),
    f"{store.REGRET}.csv": lambda view: regret_table(view.regrets) if view.regrets else pd.DataFrame(),
    f"{store.BY_CHANGE}.csv": lambda view: as_table(view.contributions),
    f"{store.BREAKDOWNS}/{_IN_FORCE}.parquet": lambda view: view.in_force,
}


def named_by(rows: object) -> str:
    """Short hash that names groups of states by the states' numbers."""
    return sha256(repr(rows).encode()).hexdigest()[:10]


def _apart(titles: Mapping[str, str]) -> dict[str, str]:
    """Titles by key, made distinct: equal titles get their key added."""
    alike = Counter(titles.values())
    return {key: title if alike[title] == 1 else f"{title} ({key})" for key, title in titles.items()}
