"""What figures and words are made from: the results of a command, what follows from them, and parts of sentences.

Sentences are plain text, each number with its interval. They say, too, that a scenario moved no outcome: a change that
does nothing must not read as a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
from sim.experiments.run import window
from sim.experiments.statistics import Estimate, as_frame
from sim.measures.arrays import Integers
from sim.measures.outcomes import HEADLINES, OUTCOMES, outcome
from sim.policy.scenario_timeline import is_fixed
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.marking import drawn, marked
from sim.results import conclusions, countries, pooled
from sim.results.conclusions import Conclusion
from sim.results.costs import Efficiency, Rung, costs, ladder
from sim.results.effects import (
    ROUNDING,
    Comparison,
    PairedArms,
    PairedEffect,
    against_baseline,
    as_table,
    effects,
    is_clear,
    taken_apart,
)
from sim.results.league import Regret, regret_table, regrets
from sim.results.stored import StoredBreakdowns, with_codes
from sim.results.words import change, counted, in_unit, level, rough, rough_sizes

_FEW = 0.05  # share of the baseline's requests below which a scenario's turnaround means nothing
PRICE = "policy_cost"
TAKEN_APART = (*HEADLINES, PRICE)  # what is shown of each change of a policy: outcomes of the question, and its cost
_IN_FORCE = "instruments_in_force"  # the breakdown that is made for reports


@dataclass(frozen=True)
class Story:
    """The results of one command."""

    experiment: Experiment  # what the user asked for
    design: Design  # what was run
    results: Results  # what was measured
    folder: Path | None = None  # of the finished report that it was read from

    @property
    def scenarios(self) -> list[str]:
        """Keys of the scenarios, in the order in which they are shown."""
        return [scenario.key for scenario in self.design.scenarios]

    @property
    def baseline(self) -> str:
        """The scenario with which the others are compared."""
        return self.design.baseline

    @property
    def compared(self) -> list[str]:
        """All scenarios but the baseline."""
        return [key for key in self.scenarios if key != self.baseline]

    @property
    def policies(self) -> list[str]:
        """Scenarios that are neither the baseline nor a bound."""
        return [key for key in self.compared if key not in (LOWER_BOUND, UPPER_BOUND)]

    @property
    def reported(self) -> list[str]:
        """Policies, or the bounds where no policy takes part."""
        return self.policies or self.compared

    @cached_property
    def asking(self) -> list[str]:
        """Scenarios in which requests are sent in numbers: where channels close, only stragglers are left."""
        usual = self.level(self.baseline, "requests_per_year").value
        return [key for key in self.scenarios if self.level(key, "requests_per_year").value >= _FEW * usual]

    @property
    def left_out(self) -> str:
        """A note on scenarios that are not `asking`."""
        names = [self.title[key] for key in self.scenarios if key not in self.asking]
        return f"Left out, hardly any requests: {', '.join(names)}." if names else ""

    @cached_property
    def title(self) -> dict[str, str]:
        """Plain title by key, of scenarios and rungs; those that share one have their key behind it."""
        return _apart({scenario.key: scenario.title for scenario in (*self.design.scenarios, *self.design.rungs)})

    @cached_property
    def short(self) -> dict[str, str]:
        """The same where there is little room: the short titles of their files."""
        shown = (*self.design.scenarios, *self.design.rungs)
        return _apart({scenario.key: scenario.short or scenario.title for scenario in shown})

    @cached_property
    def marked(self) -> dict[str, str]:
        """The same for Markdown."""
        return {key: marked(title) for key, title in self.title.items()}

    @cached_property
    def drawn(self) -> dict[str, str]:
        """The same for figures."""
        return {key: drawn(title) for key, title in self.title.items()}

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Outcomes of the main block."""
        return self.results.outcomes[self.results.outcomes["block"] == MAIN]

    @cached_property
    def arms(self) -> PairedArms:
        """Outcomes of all blocks, to be set side by side."""
        return PairedArms(self.results.outcomes, self.experiment.sets)

    @cached_property
    def differences(self) -> dict[str, list[PairedEffect]]:
        """Effects of the scenarios by block, rungs left out."""
        found = {block: against_baseline(self.arms, self.baseline, block) for block in self.design.blocks}
        wanted = {block: [one for one in pairs if one.arm[1] in self.scenarios] for block, pairs in found.items()}
        return {block: effects(self.arms, pairs) for block, pairs in wanted.items()}

    def difference(self, scenario: str, outcome: str, block: str = MAIN) -> PairedEffect | None:
        """One effect, None where it was not run."""
        return self._by_name.get((block, scenario, outcome))

    def of_policies(self, outcome: str) -> list[PairedEffect]:
        """An outcome under every scenario that is reported and in which it was found."""
        found = (self.difference(key, outcome) for key in self.reported)
        return [entry for entry in found if entry is not None]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str, str], PairedEffect]:
        """Effects by block, scenario and outcome."""
        return {(block, one.scenario, one.outcome): one for block, found in self.differences.items() for one in found}

    @cached_property
    def in_force(self) -> pd.DataFrame:
        """States that have joined what a scenario makes them join, by scenario, seed, instrument, group and year."""
        known = self.results.breakdowns
        return known[_IN_FORCE] if _IN_FORCE in known else pooled.in_force(self.experiment, self.design)

    @cached_property
    def costs(self) -> list[Efficiency]:
        """Costs of every scenario but the baseline, and per unit of what it achieves."""
        return costs(self.arms, self.scenarios, self.baseline)

    @cached_property
    def effects(self) -> list[Conclusion]:
        """What each policy changes with every mechanism and without each; empty but for an ablation."""
        return conclusions.of_policies(self.arms, self.design, HEADLINES)

    @cached_property
    def rankings(self) -> list[Conclusion]:
        """How policies differ from each other with every mechanism and without each."""
        return conclusions.of_rankings(self.arms, self.design, HEADLINES)

    @property
    def plans(self) -> list[str]:
        """Scenarios that follow a fixed plan."""
        return [scenario.key for scenario in self.design.scenarios if is_fixed(scenario)]

    @cached_property
    def regrets(self) -> list[Regret]:
        """Gain and regret of every way to decide on every judged outcome; empty where there is no fixed plan."""
        return regrets(self.arms, self.baseline, self.compared, self.plans) if self.plans else []

    @cached_property
    def ladder(self) -> list[Rung]:
        """Shares of the way from no cooperation to full cooperation."""
        return ladder(self.arms, self.scenarios + [rung.key for rung in self.design.rungs], self.baseline)

    @cached_property
    def contributions(self) -> list[PairedEffect]:
        """What each change of a policy does to the headline outcomes, and its price; empty unless taken apart."""
        about = [outcome(key) for key in TAKEN_APART]
        parts = (taken_apart(policy, self.baseline) for policy in self.design.apart)
        return [entry for part in parts for entry in effects(self.arms, part, about)]

    def clusters(self, seeds: Integers) -> Integers | None:
        """Number of the parameter set of each seed; None where all have the same parameters."""
        return None if self.experiment.sets is None else self.experiment.sets.numbers(seeds)

    def level(self, scenario: str, outcome: str) -> Estimate:
        """Mean of an outcome over the replicates of a scenario, with its interval."""
        return self.arms.level(outcome, (MAIN, scenario))

    def price(self, of: str | Comparison) -> Estimate:
        """Million euros that a policy, or a part of one, commits: the median world, and 95 % of worlds.

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
        """Median of an outcome over worlds, and between which ends 95 % lie, with the model's own error in both."""
        values = self.arms.values(outcome_key, (MAIN, scenario))[0]
        sets, share = self.experiment.sets, outcome(outcome_key).unit == "share"
        return statistics.with_own_error(values, sets.own_error.of(share) if sets else 0.0, share)

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Mean of every outcome under every scenario with its interval, and in how many replicates it is defined."""
        arms = [(key, about) for key in self.scenarios for about in OUTCOMES]
        rows = [(key, about.key, about.title, about.unit, *self.level(key, about.key)) for key, about in arms]
        columns = ["scenario", "outcome", "title", "unit", "mean", "low", "high", "replicates"]
        return pd.DataFrame(rows, columns=columns)

    def curve(self, name: str, scenario: str, column: str) -> pd.DataFrame:
        """Mean curve over replicates with its 95 % band: month, value, low, high."""
        return self.pooled(f"curve {name} {scenario} {column}", lambda: self._curve(name, scenario, column)).copy()

    def _curve(self, name: str, scenario: str, column: str) -> pd.DataFrame:
        rows = self.main(name, scenario)
        table = rows.pivot(index="seed", columns="month", values=column)
        clusters = self.clusters(table.index.to_numpy())
        estimates = [statistics.mean(table[month].to_numpy(dtype=np.float64), clusters) for month in table]
        return pd.DataFrame(estimates, columns=Estimate._fields).assign(month=np.array(table.columns, np.float64))

    def main(self, name: str, *scenarios: str) -> pd.DataFrame:
        """Rows of a breakdown of the main block: of these scenarios, or of all but rungs."""
        frame = self.results.breakdowns[name]
        return frame[(frame["block"] == MAIN) & frame["scenario"].isin(scenarios or self.scenarios)]

    @cached_property
    def countries(self) -> pd.DataFrame:
        """What each scenario changes for each state: paired differences from the baseline."""
        return self._of_places(self.main("country"))

    def _of_places(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What each scenario changes for each place that has rows."""
        return countries.country_differences(rows, self.baseline, self.compared, self.experiment.sets)

    def of_groups(self, groups: Sequence[Sequence[int]]) -> pd.DataFrame:
        """The same as `countries` for groups of states, which stand in the column `state` by their number."""
        add = partial(countries.added, groups=groups)
        return self.pooled(f"groups {named_by(groups)}", lambda: self._of_places(add(self.main("country"))))

    def pooled(self, name: str, find: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A small table that pages and figures take from breakdowns, found once; a light study has it already."""
        if name not in self.pool:
            self.pool[name] = find()
        return self.pool[name]

    @cached_property
    def pool(self) -> dict[str, pd.DataFrame]:
        """Those that were asked for so far, by name, or that a light study has."""
        known = self.results.breakdowns
        return dict(known.pooled) if isinstance(known, StoredBreakdowns) else {}

    @cached_property
    def figures(self) -> dict[Any, Any]:
        """What figures show and what was asked of groups of states, once it is found."""
        return {}

    def table(self, name: str) -> pd.DataFrame:
        """A table of the report by the file that it stands in: one of `TABLES`; without rows where there is none."""
        return TABLES[name](self)

    def replicates(self, scenario: str) -> int:
        """Number of replicates of a scenario."""
        return int((self.outcomes["scenario"] == scenario).sum())

    @property
    def worlds(self) -> str:
        """Number of worlds on which the answer rests, in words."""
        return counted(self.replicates(self.baseline), "simulated world")

    @property
    def basis(self) -> str:
        """Number of replicates on which figures rest, in words."""
        return counted(self.replicates(self.baseline), "replicate")


#: Tables of a report that follow from outcomes and breakdowns, by file.
TABLES: Mapping[str, Callable[[Story], pd.DataFrame]] = {
    f"{store.DIFFERENCES}.csv": lambda story: as_table(chain.from_iterable(story.differences.values())),
    store.LEVELS: lambda story: story.levels,
    f"{store.COSTS}.csv": lambda story: as_frame(story.costs),
    f"{store.COUNTRIES}.csv": lambda story: with_codes(story.countries) if story.compared else pd.DataFrame(),
    f"{store.CONCLUSIONS}.csv": lambda story: conclusions.as_table([*story.effects, *story.rankings]),
    f"{store.REGRET}.csv": lambda story: regret_table(story.regrets) if story.regrets else pd.DataFrame(),
    f"{store.BY_CHANGE}.csv": lambda story: as_table(story.contributions),
    f"{store.BREAKDOWNS}/{_IN_FORCE}.parquet": lambda story: story.in_force,
}


def named_by(rows: object) -> str:
    """A short name of groups of states by their numbers."""
    return sha256(repr(rows).encode()).hexdigest()[:10]


def _apart(titles: Mapping[str, str]) -> dict[str, str]:
    """Titles by key; those that are alike have their key behind them."""
    alike = Counter(titles.values())
    return {key: title if alike[title] == 1 else f"{title} ({key})" for key, title in titles.items()}


def quoted(story: Story, scenario: str) -> str:
    """The title of a scenario in quotation marks."""
    return f"“{story.title[scenario]}”"


def named(story: Story, scenario: str) -> str:
    """The short title in quotation marks; no two policies of a story look alike."""
    return f"“{story.short[scenario]}”"


def by(entry: Any, what: str = "") -> str:
    """A change that is more than chance, in two figures, and of what: 5 more, 68 fewer criminal groups."""
    size = rough_sizes(*2 * (entry.difference,), entry.unit)[0]
    thing = f" {what}{'' if size in ('1', 'under 1') else 's'}" if what else ""
    return f"{sided(size, '', entry.difference)}{thing}"


def beside(entry: Any, what: str, how: str = "") -> str:
    """The same with how, its range, and what it adds to: 68 more groups a year (26 to 180), on top of 98 without it."""
    top = "on top " * (entry.difference > 0)
    return f"{by(entry, what)}{how} ({reach(entry)}), {top}of {rough(entry.baseline_mean)} without it"


def reach(entry: Any, scale: float = 1.0) -> str:
    """The ends of a change that is more than chance, the smaller one first, without their side: 26 to 180."""
    low, high = sorted((scale * entry.low, scale * entry.high), key=abs)
    return " to ".join(dict.fromkeys(rough_sizes(low, high, entry.unit)[:2]))


def sided(size: str, time: str, side: float) -> str:
    """A size with its time, and to which side it goes: 5.1 months shorter, 26 more."""
    unit = f" {time}{'' if size in ('1', 'under 1') else 's'}" if time else ""
    return f"{size}{unit} {(('shorter', 'longer') if time else ('fewer', 'more'))[side > 0]}"


def years(story: Story) -> str:
    """How long the policy years are."""
    return counted(round(window(story.experiment.world).years), "year")


def at(story: Story, scenario: str, key: str) -> str:
    """The mean of an outcome under a scenario, with its interval and unit."""
    about = outcome(key)
    return f"{level(story.level(scenario, key), about)}{in_unit(about.unit)}"


def clear(story: Story, key: str) -> list[PairedEffect]:
    """Effects of an outcome that can be distinguished from noise, largest first, over all policies."""
    return sorted(filter(is_clear, story.of_policies(key)), key=lambda entry: -abs(entry.difference))


def strongest(story: Story, key: str) -> str:
    """Which policy changes an outcome most, and by how much."""
    found, title = clear(story, key), outcome(key).title
    if not found:
        return f"{title}: no policy changes it by more than noise."
    first = found[0]
    return f"{title}: most changed by {quoted(story, first.scenario)}, {change(first)}{in_unit(first.unit)}."


#: Outcomes but what a scenario costs, which follows from its file whether or not anything moves.
THAT_MOVE = tuple(entry.key for entry in OUTCOMES if entry.key != "policy_cost")


def moved_nothing(pairs: int, baseline: str) -> str:
    """That every outcome equals the baseline's in so many replicates, as the rest of a sentence."""
    replicates = "the one replicate" if pairs == 1 else f"any of {counted(pairs, 'replicate')}"
    return f"moved no outcome in {replicates}: each equals that under “{baseline}”, the policy's own cost aside"


def unmoved(story: Story) -> dict[str, str]:
    """Scenarios of a comparison that moved nothing, by key, with what happened."""
    found, there = {}, story.arms.scenarios()
    for key in (key for key in story.compared if key in there):
        one, other = story.arms.values(THAT_MOVE, (MAIN, key), (MAIN, story.baseline))
        if one.size and np.allclose(one, other, rtol=ROUNDING, atol=0.0, equal_nan=True):
            found[key] = moved_nothing(len(one), story.title[story.baseline])
    return found


def unmoved_lines(story: Story) -> list[str]:
    """A line each, for a terminal."""
    return [f"“{story.title[key]}” {words}." for key, words in unmoved(story).items()]


def unmoved_paragraphs(story: Story) -> list[str]:
    """A paragraph each, for a page."""
    return [f"**“{story.marked[key]}” {marked(words)}.**" for key, words in unmoved(story).items()]
