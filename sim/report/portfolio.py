"""`comity portfolio`: conducts the design and the check of the best portfolios, and reports what to buy.

Two studies of the conductor, each resumed by the same command: the design, and the best portfolios in worlds that the
emulator has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from sim.data.spreadsheet import as_csv
from sim.experiments import portfolio as shopping
from sim.experiments import store
from sim.experiments.conduct import Finished, Options, conduct
from sim.experiments.config import Experiment
from sim.experiments.control import alone
from sim.experiments.design import plain as every_scenario
from sim.experiments.design import value_in_words
from sim.experiments.manifest import manifest, unfinished_folder
from sim.experiments.plan import Kind, Plan
from sim.experiments.portfolio import POINTS, DoseEmulator, Purchase
from sim.experiments.results import read_results
from sim.experiments.run import AllFailedError
from sim.experiments.seal import digest, summed
from sim.experiments.study import Study
from sim.measures.arrays import Floats
from sim.measures.outcomes import outcome
from sim.policy.scenario import Scenario
from sim.report import provenance
from sim.report.marking import markdown_table, marked, worded
from sim.report.page.parts import Chapter, Fold, Page, write_manifest, write_page
from sim.report.publish import print_answer
from sim.report.story import Story
from sim.results.codebook import write_csv
from sim.results.league import RANKED_BY, LeaguePlace, standings
from sim.results.words import change, counted, interval, listing, lowered, number

_MILLION = 1e6
_NAMED = 4  # measures that a sentence names, at most


@dataclass(frozen=True)
class Bought:
    """What was found."""

    budget: float  # million euros
    measures: tuple[Purchase, ...]  # all that could be bought
    doses: Floats  # f8[portfolios, measures] of the best portfolios, the best first
    gains: Floats  # f8[portfolios] what the emulator says that they gain
    money: Floats  # f8[measures] million euros that the best spends on each
    chosen: Floats  # f8[measures] share of parameter sets whose own best portfolio has some of it
    sets: int  # number of parameter sets
    explained: float  # R² of the emulator for runs that were left out
    scenarios: tuple[Scenario, ...]  # the portfolios

    @property
    def shown(self) -> list[int]:
        """Measures that anybody would buy, by the share of sets and the money of the best."""
        wanted = (self.chosen > 0.0) | np.any(self.doses > 0.0, axis=0)
        order = np.lexsort((-self.money, -self.chosen))
        return [place for place in order.tolist() if wanted[place]]

    def name(self, place: int) -> str:
        """A measure in plain words."""
        return self.measures[place].change.lever.title

    def short(self, place: int) -> str:
        """The same for a sentence."""
        return lowered(self.name(place).partition(";")[0])

    def dose(self, place: int, row: int = 0) -> str:
        """What a portfolio buys of a measure, in its unit; empty for nothing."""
        entry, dose = self.measures[place], float(self.doses[row, place])
        return value_in_words(replace(entry.change, value=entry.value(dose))) if dose else ""

    @property
    def table(self) -> pd.DataFrame:
        """One row for each measure: where it comes from, its doses in the portfolios, money, and who would buy it."""
        whole = [(entry.key, entry.change.lever.title, entry.scenario, entry.value(1.0)) for entry in self.measures]
        rows = pd.DataFrame(whole, columns=["lever", "title", "from", "whole"])
        for row, doses in enumerate(self.doses.tolist(), 1):
            rows[f"portfolio_{row}"] = [entry.value(dose) for entry, dose in zip(self.measures, doses, strict=True)]
        return rows.assign(million_euros=self.money, share_of_sets=self.chosen)


def report(experiment: Experiment, budget: float, console: Console) -> Path:
    """Finds what a budget in euros over the policy years buys, checks and reports it; returns the complete folder."""
    store.check_writable(experiment.results)
    measures = shopping.purchases(experiment.world)
    plan, doses = shopping.design(experiment, measures)
    console.print(f"1. {counted(len(plan), 'run')}: {counted(len(measures), 'measure')} at random doses")
    asked = replace(experiment, scenarios=plan.base.scenarios)
    study, _ = _conducted(asked, plan, console)
    found = _found(asked, budget / _MILLION, measures, doses, study.outcomes())
    scenarios, first = (*experiment.scenarios, *found.scenarios), experiment.first_seed + experiment.replicates
    checked = replace(experiment, scenarios=scenarios, first_seed=first)
    check = every_scenario(checked, Kind.LEAGUE)
    console.print(f"2. {counted(len(check.plan), 'run')}: the best portfolios in other worlds")
    second, finished = _conducted(checked, check.plan, console)
    results = read_results(second, check.plan)
    if not finished.done:
        raise AllFailedError(list(results.failures))
    story = Story(checked, check, results)
    with alone(second.folder, "p"):
        place = _write(story, found, study.outcomes(), finished)
    for done in (study, second):
        done.remove()
    print_answer(place, console.quiet, *sentences(story, found))
    return place


def _conducted(experiment: Experiment, plan: Plan, console: Console) -> tuple[Study, Finished]:
    """One of the two studies, begun or resumed."""
    folder = unfinished_folder(experiment, plan)
    return conduct(experiment, plan, folder, Options(retry_failed=True), console, about={})


def _found(
    experiment: Experiment, budget: float, measures: tuple[Purchase, ...], doses: Floats, outcomes: pd.DataFrame
) -> Bought:
    """What the runs of the design say."""
    rows = outcomes.set_index("point")[RANKED_BY]
    worlds = experiment.replicates
    today = rows.reindex(np.arange(worlds)).to_numpy(np.float64)
    points = rows.index.to_numpy(np.int64)
    gains = rows.to_numpy(np.float64) - today[points % worlds]
    known = (points >= worlds) & ~np.isnan(gains)
    seeds = experiment.first_seed + points % worlds
    numbers = np.zeros(len(points), np.int64) if experiment.sets is None else experiment.sets.numbers(seeds)
    kept, sets = np.unique(numbers[known], return_inverse=True)
    emulator = shopping.learn(doses[points[known]], gains[known], sets)
    best = shopping.best_five(emulator, at := shopping.shop(experiment.world, measures, budget))
    named = ((f"Portfolio {place}", row) for place, row in enumerate(best.tolist(), 1))
    scenarios = tuple(shopping.portfolio(measures, row, name) for name, row in named)
    steps = np.rint(best[0] * (at.prices.shape[1] - 1)).astype(np.int64)
    money = at.prices[np.arange(len(measures)), steps]
    firsts = [int(seeds[known][sets == row][0]) for row in range(len(kept))]
    own = [_own(experiment, measures, budget, emulator, row, seed) for row, seed in enumerate(firsts)]
    chosen, gains = np.mean(np.array(own) > 0.0, axis=0), emulator.gain(best)
    return Bought(budget, measures, best, gains, money, chosen, len(kept), emulator.explained, scenarios)


def _own(
    experiment: Experiment, measures: tuple[Purchase, ...], budget: float, emulator: DoseEmulator, row: int, seed: int
) -> Floats:
    """f8[measures] what one parameter set would buy at its own prices."""
    prices = None if experiment.sets is None else experiment.sets.prices(seed)
    at = shopping.shop(experiment.world, measures, budget, prices)
    return at.best(lambda some: emulator.gain(some, row), np.ones(len(measures), np.bool_))


def _write(story: Story, found: Bought, outcomes: pd.DataFrame, finished: Finished) -> Path:
    """Writes the folder of the report."""
    both = [(one.title, gain, entry.ranked, entry.price) for one, gain, entry in _pairs(story, found)]
    checks = pd.DataFrame(
        [(title, gain, ranked.difference, ranked.low, ranked.high, *price[:3]) for title, gain, ranked, price in both],
        columns=["portfolio", "emulator", "difference", "low", "high", "price", "price_low", "price_high"],
    )
    with store.writing(story.experiment.results, store.run_name("portfolio")) as run:
        made = manifest(story.experiment, story.design, story.results.failures, finished.seconds, finished.peak_memory)
        write_csv(found.table, run.folder / "portfolio.csv")
        write_csv(checks, run.folder / "checked.csv")
        store.write_table(outcomes, run.folder / "design.parquet")
        made["digest"] = digest(summed(run.folder))
        write_page(_page(story, found, made), run.folder)
        write_manifest(made, run.folder)
    return run.place


def _pairs(story: Story, found: Bought) -> list[tuple[Scenario, float, LeaguePlace]]:
    """Each portfolio with what the emulator said and what runs measure, as far as any succeeded."""
    ranked = {entry.scenario: entry for entry in standings(story.arms, story.baseline, story.compared)}
    both = zip(found.scenarios, found.gains.tolist(), strict=True)
    return [(scenario, gain, ranked[scenario.key]) for scenario, gain in both if scenario.key in ranked]


def sentences(story: Story, found: Bought) -> tuple[str, ...]:
    """The answer in three sentences."""
    (_, gain, first), *_ = _pairs(story, found)
    mine = [place for place in np.argsort(-found.money).tolist() if found.money[place] > 0.0]
    names = [f"{found.short(place)} ({number(found.money[place])})" for place in mine[:_NAMED]]
    more = f" and {counted(len(mine) - _NAMED, 'more measure')}" if len(mine) > _NAMED else ""
    sure = [place for place in found.shown if found.chosen[place] >= 0.9]
    steady = listing([found.short(place) for place in sure[:_NAMED]]) or "no measure"
    what = lowered(outcome(RANKED_BY).title)
    return (
        f"For {number(found.budget)} million euros the best portfolio buys {', '.join(names) or 'nothing'}{more}.",
        f"In other worlds it brings {change(first.ranked)} {what} in the policy years, for {interval(first.price)} "
        f"million euros; the emulator said {number(gain)}.",
        f"Nine in ten parameter sets or more would buy {steady}; the emulator explains "
        f"{number(found.explained, 'share')} of the spread between runs, chance included.",
    )


def _page(story: Story, found: Bought, made: Mapping[str, Any]) -> Page:
    """The report."""
    titles = [scenario.title for scenario in found.scenarios]
    rows = []
    for place in found.shown:
        doses = (found.dose(place, row) or "–" for row in range(len(titles)))
        spent = number(found.money[place]), number(found.chosen[place], "share")
        rows.append([marked(found.name(place)), *doses, *spent])
    every = Fold("Every measure", "Values in units of their levers.", "portfolio.csv", as_csv(found.table))
    head = ["measure", *(title.lower() for title in titles), "million euros in portfolio 1", "bought by sets"]
    checks = [
        [scenario.title, number(gain), change(entry.ranked), interval(entry.price)]
        for scenario, gain, entry in _pairs(story, found)
    ]
    about = lowered(outcome(RANKED_BY).title)
    columns = ["", f"{about}, emulator", f"{about}, runs", "price, million euros"]
    what = f"{worded('portfolio_buy')}\n\n{markdown_table(head, rows)}"
    sections = (
        Chapter("What to buy", what, folds=(every,)),
        Chapter("Checked by runs", f"{worded('portfolio_checked')}\n\n{markdown_table(columns, checks)}"),
        Chapter("How it was found", worded("portfolio_method", points=POINTS, sets=found.sets)),
        *provenance.closing(story),
    )
    title = f"What do {number(found.budget)} million euros buy?"
    return Page(title, sentences(story, found), provenance.notes(story), sections, provenance.manifest(story, made))
