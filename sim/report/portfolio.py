"""`comity portfolio`: simulates random doses, then finds, checks and reports the best portfolios.

Two studies of the conductor, each resumed by the same command: the design, and the best portfolios in worlds that the
emulator has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import fill
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
from sim.report.draw import Picture, draw_all, exhibits
from sim.report.figures.rows import Panel, Rows, axis_label, captioned, marks_of, with_zero
from sim.report.marking import markdown_table, marked, texts, worded
from sim.report.page.parts import Fold, Page, write_manifest, write_page
from sim.report.publish import print_answer
from sim.report.section import PageKind, chapters, section
from sim.report.style import BLUE, GREY, per_cent, plain
from sim.report.view import View
from sim.results.codebook import write_csv
from sim.results.league import RANKED_BY, LeaguePlace, standings
from sim.results.words import change, counted, interval, listing, lowered, number

_MILLION = 1e6
_PAGES = (PageKind.PORTFOLIO,)
_NAMED = 4  # measures that a sentence names, at most
_BEST, _SETS = "In the best portfolio", "Bought by"  # panels of a figure
_RUNS, _EMULATOR = "runs in other worlds", "emulator"  # series of the other


@dataclass(frozen=True)
class Bought:
    """The portfolios with the greatest gain under a budget: their doses, gains and prices."""

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
        """Indices of measures bought under any parameter set, sorted by share of sets, then by money spent."""
        wanted = (self.chosen > 0.0) | np.any(self.doses > 0.0, axis=0)
        order = np.lexsort((-self.money, -self.chosen))
        return [place for place in order.tolist() if wanted[place]]

    def name(self, place: int) -> str:
        """Name of a measure for readers."""
        return self.measures[place].change.lever.title

    def short(self, place: int) -> str:
        """Short name of a measure for a sentence."""
        return lowered(self.name(place).partition(";")[0])

    def dose(self, place: int, row: int = 0) -> str:
        """Text on the dose of a measure in a portfolio, in the measure's unit; empty if the dose is zero."""
        entry, dose = self.measures[place], float(self.doses[row, place])
        return value_in_words(replace(entry.change, value=entry.value(dose))) if dose else ""

    @property
    def table(self) -> pd.DataFrame:
        """Table of measures: source, dose in each portfolio, money, and share of parameter sets that favour it."""
        whole = [(entry.key, entry.change.lever.title, entry.scenario, entry.value(1.0)) for entry in self.measures]
        rows = pd.DataFrame(whole, columns=["lever", "title", "from", "whole"])
        for row, doses in enumerate(self.doses.tolist(), 1):
            rows[f"portfolio_{row}"] = [entry.value(dose) for entry, dose in zip(self.measures, doses, strict=True)]
        return rows.assign(million_euros=self.money, share_of_sets=self.chosen)


@dataclass(frozen=True)
class PortfolioView(View):
    """View of the runs that check the best portfolios, with the doses bought in these portfolios."""

    bought: Bought = field(kw_only=True)


def report(experiment: Experiment, budget: float, console: Console) -> Path:
    """Finds the best use of a budget in euros, checks it by simulated runs, and reports it; returns the folder."""
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
    view = PortfolioView(checked, check, results, bought=found)
    with alone(second.folder, "p"):
        place = _write(view, study.outcomes(), finished)
    for done in (study, second):
        done.remove()
    print_answer(place, console.quiet, *sentences(view))
    return place


def _conducted(experiment: Experiment, plan: Plan, console: Console) -> tuple[Study, Finished]:
    """Begins or resumes one of the two studies of a portfolio report; returns the study with its final state."""
    folder = unfinished_folder(experiment, plan)
    return conduct(experiment, plan, folder, Options(retry_failed=True), console, about={})


def _found(
    experiment: Experiment, budget: float, measures: tuple[Purchase, ...], doses: Floats, outcomes: pd.DataFrame
) -> Bought:
    """Finds the best portfolios from outcomes of the runs with random doses."""
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
    """f8[measures]: the best doses under one parameter set alone, at its own prices."""
    prices = None if experiment.sets is None else experiment.sets.prices(seed)
    at = shopping.shop(experiment.world, measures, budget, prices)
    return at.best(lambda some: emulator.gain(some, row), np.ones(len(measures), np.bool_))


def _write(view: PortfolioView, outcomes: pd.DataFrame, finished: Finished) -> Path:
    """Writes the folder of the portfolio report; returns its path."""
    both = [(one.title, gain, entry.ranked, entry.price) for one, gain, entry in _pairs(view)]
    checks = pd.DataFrame(
        [(title, gain, ranked.difference, ranked.low, ranked.high, *price[:3]) for title, gain, ranked, price in both],
        columns=["portfolio", "emulator", "difference", "low", "high", "price", "price_low", "price_high"],
    )
    figures = pictures(view)
    with store.writing(view.experiment.results, store.run_name("portfolio")) as run:
        drawn = draw_all(view, run.folder / store.FIGURES, lambda _: None, figures)
        made = manifest(view.experiment, view.design, view.results.failures, finished.seconds, finished.peak_memory)
        write_csv(view.bought.table, run.folder / "portfolio.csv")
        write_csv(checks, run.folder / "checked.csv")
        store.write_table(outcomes, run.folder / "design.parquet")
        made["digest"] = digest(summed(run.folder))
        sections = chapters(
            PageKind.PORTFOLIO, view, lambda names: exhibits(view, drawn, {name: figures[name] for name in names})
        )
        write_page(replace(head(view, made), sections=sections), run.folder)
        write_manifest(made, run.folder)
    return run.place


def _pairs(view: PortfolioView) -> list[tuple[Scenario, float, LeaguePlace]]:
    """Each portfolio with its predicted gain and its result in simulated runs; empty if no run succeeded."""
    ranked = {entry.scenario: entry for entry in standings(view.arms, view.baseline, view.compared)}
    both = zip(view.bought.scenarios, view.bought.gains.tolist(), strict=True)
    return [(scenario, gain, ranked[scenario.key]) for scenario, gain in both if scenario.key in ranked]


def sentences(view: PortfolioView) -> tuple[str, ...]:
    """Answer of a portfolio report in three sentences."""
    found, ((_, gain, first), *_) = view.bought, _pairs(view)
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


def head(view: PortfolioView, made: Mapping[str, Any] | None) -> Page:
    """First screen of the portfolio report."""
    title = f"What do {number(view.bought.budget)} million euros buy?"
    return Page(title, sentences(view), provenance.notes(view), (), provenance.manifest(view, made))


def _every_measure(view: PortfolioView) -> tuple[Fold, ...]:
    """Collapsible section with a table of all measures that could be bought."""
    table = as_csv(view.bought.table)
    return (Fold("Every measure", "Values in units of their levers.", "portfolio.csv", table),)


@section("What to buy", 10, figures=("portfolio",), folds=_every_measure, pages=_PAGES)
def what_to_buy(view: PortfolioView) -> str:
    """Section with a table of measures to buy: doses, money, and share of parameter sets that favour each."""
    found = view.bought
    titles = [scenario.title for scenario in found.scenarios]
    rows = []
    for place in found.shown:
        doses = (found.dose(place, row) or "–" for row in range(len(titles)))
        spent = number(found.money[place]), number(found.chosen[place], "share")
        rows.append([marked(found.name(place)), *doses, *spent])
    names = ["measure", *(title.lower() for title in titles), "million euros in portfolio 1", "bought by sets"]
    return f"{worded('portfolio_buy')}\n\n{markdown_table(names, rows)}"


@section("Checked by runs", 20, figures=("checked",), pages=_PAGES)
def checks(view: PortfolioView) -> str:
    """Table of each portfolio's gain as predicted by the emulator and as found in simulated runs."""
    rows = [
        [scenario.title, number(gain), change(entry.ranked), interval(entry.price)]
        for scenario, gain, entry in _pairs(view)
    ]
    about = lowered(outcome(RANKED_BY).title)
    columns = ["", f"{about}, emulator", f"{about}, runs", "price, million euros"]
    return f"{worded('portfolio_checked')}\n\n{markdown_table(columns, rows)}"


@section("How it was found", 30, pages=_PAGES)
def how(view: PortfolioView) -> str:
    """Report section on the method: random doses, the fitted emulator, and the parameter sets."""
    return worded("portfolio_method", points=POINTS, sets=view.bought.sets)


def pictures(view: PortfolioView) -> dict[str, Picture]:
    """Figures of the portfolio report by name: purchases, and predicted next to simulated gains."""
    found = view.bought
    wanted = [f"{found.short(place)} {number(found.chosen[place], 'share')}" for place in found.shown[:_NAMED]]
    bought = f"Bought by most parameter sets: {listing(wanted)}." if wanted else "No parameter set would buy anything."
    runs = (f"{one.title}: emulator {number(gain)}, runs {change(at.ranked)}" for one, gain, at in _pairs(view))
    said = f"{'; '.join(runs)}."
    title = texts("report")["pictures"]
    return {
        "portfolio": Picture(title["portfolio"], lambda _: money_and_sets(view), lambda _: bought),
        "checked": Picture(title["checked"], lambda _: as_checked(view), lambda _: said),
    }


def money_and_sets(view: PortfolioView) -> Rows | None:
    """Figure of bought measures: money, and share of parameter sets that favour each; None if nothing is bought."""
    found = view.bought
    if not found.shown:
        return None
    columns = ["row", "value", "words"]
    money = [(row, found.money[place], found.dose(place) or "none") for row, place in enumerate(found.shown)]
    sets = [(row, found.chosen[place], number(found.chosen[place], "share")) for row, place in enumerate(found.shown)]
    top = 1.1 * max(float(found.money.max()), 1.0)
    panels = [
        Panel(title, label, _from_zero(pd.DataFrame(rows, columns=columns), title), (0.0, end), (), None, ticks, True)
        for title, label, rows, end, ticks in (
            (_BEST, "million euros of 2024, and the dose", money, top, plain),
            (_SETS, "share of parameter sets", sets, 1.0, per_cent),
        )
    ]
    names = [fill(found.name(place), 44) for place in found.shown]
    caption = captioned(view, "portfolio", budget=number(found.budget), sets=counted(found.sets, "parameter set"))
    looks = {_BEST: (BLUE, "-", "o"), _SETS: (GREY, "-", "s")}
    shown = {"panel": "panel", "row": "measure", "value": "value", "words": "words"}
    size = 11.0, 2.4 + 0.32 * len(names)
    return Rows(caption, panels, names, looks, {}, size, places=dict.fromkeys(looks, 0.0), columns=shown)


def _from_zero(marks: pd.DataFrame, series: str) -> pd.DataFrame:
    """Table of markers as lines, each from zero to the marker's value."""
    return marks.assign(series=series, start=0.0, end=marks["value"])


def as_checked(view: PortfolioView) -> Rows | None:
    """Figure of each portfolio's predicted gain and of its gain in runs; None if no run succeeded."""
    pairs = _pairs(view)
    if not pairs:
        return None
    gains = [gain for _, gain, _ in pairs]
    runs = marks_of((row, _RUNS, entry.ranked) for row, (_, _, entry) in enumerate(pairs))
    runs["words"] = [f"{words}; emulator {number(gain)}" for words, gain in zip(runs["words"], gains, strict=True)]
    said = pd.DataFrame({"row": range(len(gains)), "series": _EMULATOR, "words": "", "missing": "", "clear": True})
    said = said.assign(value=gains, start=gains, end=gains, least=-np.inf)
    marks = pd.concat([said, runs[list(said)]], ignore_index=True)  # runs are drawn above
    about, span = outcome(RANKED_BY), with_zero(marks[["value", "start", "end"]])
    panel = Panel(about.title, axis_label(about), marks, span, numbered=True)
    names = [f"{scenario.title}\n{interval(entry.price)} million euros" for scenario, _, entry in pairs]
    looks = {_RUNS: (BLUE, "-", "o"), _EMULATOR: (GREY, "-", "D")}
    shown = {"row": "portfolio", "series": "source", "value": "value", "start": "low", "end": "high"}
    labels, places, size = {key: key for key in looks}, dict.fromkeys(looks, 0.0), (10.4, 2.6 + 0.45 * len(pairs))
    caption = captioned(view, "portfolio_checks")
    return Rows(caption, [panel], names, looks, labels, size, places=places, columns=shown)
