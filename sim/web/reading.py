"""Texts, cards and tables of the page, from the runs so far or from a stored study.

Pairs are a view as a report has it, so that all numbers are those of `comity compare`. Below FEWEST_PAIRS pairs there
is no interval, and until all pairs are there nothing is said to be distinguishable from chance: somebody who watches an
interval and stops when it leaves zero out would be wrong more often than one time in twenty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.config import Experiment
from sim.experiments.design import plain
from sim.experiments.plan import MAIN, Kind
from sim.experiments.results import Results
from sim.experiments.run import Failure, ScenarioRun
from sim.experiments.statistics import Estimate
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures.arrays import Columns
from sim.measures.outcome import Outcome, ShownIn
from sim.measures.outcomes import OUTCOMES, outcome, shown_in
from sim.policy.places import Place
from sim.policy.scenario import Scenario
from sim.report import saying
from sim.report.headline import EXPECTED, TURNAROUND
from sim.report.marking import marked
from sim.report.page.parts import Card
from sim.report.phrases import unmoved
from sim.report.places import Side, all_groups, bottlenecks, changes, in_short, who_gains
from sim.report.tables import price
from sim.report.view import View
from sim.results.effects import (
    PairedArms,
    PairedEffect,
    Verdict,
    against_baseline,
    effects,
    is_beyond_chance,
    is_defined,
    is_same,
)
from sim.results.labels import BEFORE_SENDING, STAGES
from sim.results.words import change, counted, plain_cell, relative, rough
from sim.web.worker import TABLES
from sim.world.records import Stage

#: Fewest pairs of which an interval is shown.
FEWEST_PAIRS = 5
#: The policy that moves, and the one that was kept, among the scenarios of a view.
MOVED, KEPT = "policy", "kept"
#: What a policy changes, and what it costs: rights and money.
SHOWN, COSTS = shown_in(ShownIn.PAGE), shown_in(ShownIn.COST)
_ABUSED = "abusive_executed_per_year"
_KEYS = ["block", "scenario", "seed"]
_MONTHS = 36  # on the axis of answers
#: Arms of a seed, today's law first; a seed is whole where none has failed.
Pairs = Mapping[int, tuple[ScenarioRun | Failure, ...]]


def _stage(stage: Stage) -> Outcome:
    """Makes the outcome for the mean days that answered requests spend in a stage."""
    title = f"{STAGES[stage].capitalize()}{' (before sending)' if stage in BEFORE_SENDING else ''}"
    return replace(outcome(TURNAROUND), key=stage.name, title=title, unit="days")


#: Stages of a request that figures show.
STAGE_DAYS = {stage: _stage(stage) for stage in STAGES if stage.row.bar}


@dataclass(frozen=True)
class PolicyAnswer:
    """Results so far on one policy: differences, price, and number of pairs of runs."""

    effects: Mapping[str, PairedEffect]  # what it changes, by outcome
    price: Estimate  # million euros over the policy years in the median world, and in 95 % of worlds
    pairs: int
    finished: bool = True  # whether nothing more will come
    # title, sets: of a stored answer, what it is of, and what its parameter sets were chosen by
    title: str = ""
    sets: str = ""

    @property
    def few(self) -> bool:
        """True if there are too few pairs of runs for intervals."""
        return self.pairs < FEWEST_PAIRS

    def basis(self, standing: str) -> str:
        """Text on the study behind a stored answer; `standing` describes the page's parameter sets."""
        others = f" They had other parameter sets than this page: {self.sets}." if self.sets != standing else ""
        return f"Stored answer: {self.pairs} simulated worlds, which come with Comity.{others}"


def whole(found: Pairs) -> dict[int, tuple[ScenarioRun, ...]]:
    """Results by seed, for seeds in which no run failed."""
    arms = {seed: tuple(arm for arm in each if isinstance(arm, ScenarioRun)) for seed, each in sorted(found.items())}
    return {seed: each for seed, each in arms.items() if len(each) == len(found[seed])}


def view_of(experiment: Experiment, scenarios: tuple[Scenario, ...], found: Pairs, finished: bool) -> View | None:
    """Makes the view of the pairs of runs so far; None if there are none."""
    pairs = whole(found)
    if not pairs:
        return None
    measured = [arm.measured for each in pairs.values() for arm in each]
    keys = pd.DataFrame([(MAIN, one.key, seed) for seed in pairs for one in scenarios], columns=_KEYS)
    outcomes = pd.DataFrame([one.outcomes for one in measured], columns=[entry.key for entry in OUTCOMES])
    names = TABLES if finished else TABLES[:-1]
    tables = {name: _joined(keys, [one.breakdowns[name] for one in measured]) for name in names}
    asked = replace(experiment, scenarios=scenarios, replicates=len(pairs))
    return View(asked, plain(asked, Kind.COMPARE), Results(pd.concat([keys, outcomes], axis=1), tables, ()))


def _joined(keys: pd.DataFrame, tables: Sequence[Columns]) -> pd.DataFrame:
    """Joins a breakdown of several runs to one table, with the keys of each run."""
    arm = np.repeat(np.arange(len(tables)), [len(next(iter(one.values()))) for one in tables])
    rows = {name: np.concatenate([one[name] for one in tables]) for name in tables[0]}
    return pd.concat([keys.iloc[arm].reset_index(drop=True), pd.DataFrame(rows)], axis=1)


def answers(view: View, finished: bool) -> dict[str, PolicyAnswer]:
    """Makes the answer on each policy, from a view that compares it with the baseline."""
    pairs, contrasts = view.replicates(view.baseline), against_baseline(view.arms, view.baseline)
    days = effects(PairedArms(_days(view), view.experiment.sets), contrasts, tuple(STAGE_DAYS.values()))
    found: dict[str, dict[str, PairedEffect]] = {policy: {} for policy in view.compared}
    for one in (*view.differences[MAIN], *days):
        found[one.scenario][one.outcome] = _withheld(one, pairs, finished)
    return {policy: PolicyAnswer(own, view.price(policy), pairs, finished) for policy, own in found.items()}


def _days(view: View) -> pd.DataFrame:
    """Table of mean days that answered requests spend in each stage, by scenario and seed."""
    rows = view.main("turnaround_by_stage")
    rows = rows[rows["channel"].isin(CENTRAL_AUTHORITY_CHANNELS)]
    rows = rows.assign(days=rows["days"] * rows["answers"])
    sums = rows.pivot_table(["days", "answers"], _KEYS, "stage", "sum")
    mean = pd.DataFrame(sums["days"] / sums["answers"]).reindex(columns=list(STAGE_DAYS))
    return mean.rename(columns={stage: about.key for stage, about in STAGE_DAYS.items()}).reset_index()


def _withheld(found: PairedEffect, pairs: int, finished: bool) -> PairedEffect:
    """Effect as the page shows it before the end: no verdict yet, and no interval if pairs are few."""
    early = is_beyond_chance(found) and not finished
    unsure = replace(found, verdict=Verdict.NOT_DISTINGUISHABLE) if early else found
    if pairs >= FEWEST_PAIRS or isnan(found.difference):
        return unsure
    point, base = found.difference, found.baseline_mean
    share = point / base if base else nan
    verdict = Verdict.NOT_DISTINGUISHABLE if point else Verdict.IDENTICAL
    ends: dict[str, Any] = {
        "low": point,
        "high": point,
        "relative": share,
        "relative_low": share,
        "relative_high": share,
    }
    return replace(found, verdict=verdict, **ends)


def status(found: Pairs, wanted: int) -> str:
    """Text on the number of complete pairs of runs, and on pairs that could not be simulated."""
    pairs, failed = len(whole(found)), len(found) - len(whole(found))
    lost = f" {counted(failed, 'pair')} could not be simulated." if failed else ""
    if len(found) < wanted:
        few = "" if pairs >= FEWEST_PAIRS else f" Intervals come with {FEWEST_PAIRS} pairs."
        return f"{pairs} of {counted(wanted, 'pair')}, still running.{few}{lost}"
    return f"{counted(pairs, 'pair')} of the same simulated worlds, finished.{lost}"


def headline(view: View | None, finished: bool) -> str:
    """Text above the cards that says that no pair is complete, or that a policy has no effect; often empty."""
    if view is None:
        return "No pair could be simulated." if finished else "The first pair is being simulated."
    nothing = unmoved(view).get(MOVED)
    return f"This policy {nothing}." if nothing else ""


def cards(answer: PolicyAnswer, years: int) -> tuple[Card, ...]:
    """Makes the page's four cards on a policy: takedowns, wait, price, and one right."""
    wanted = (
        (EXPECTED, f"Lasting takedowns, world, {counted(years, 'year')}", ""),
        (TURNAROUND, "Median wait for legal assistance", " months"),
        (_ABUSED, "Rights: abusive requests executed", " a year"),
    )
    groups, wait, abused = (_card(answer, answer.effects[key], *words) for key, *words in wanted)
    value, ends = price(answer.price)
    detail = ends or "nothing that is counted"
    spent = Card(f"Price over {counted(years, 'year')}", value, detail, not ends, answer.price.value > 0.0)
    return groups, wait, spent, abused


def _card(answer: PolicyAnswer, found: PairedEffect, title: str, unit: str) -> Card:
    """Makes a card as in the final report."""
    today = f"today {rough(found.baseline_mean)}{unit}"
    if not is_defined(found) or is_same(found) or (answer.finished and not answer.few):
        made = saying.card(found, title)
        return replace(made, detail="; ".join(filter(None, (made.detail, today))))
    value = saying.per_cent(found.relative) if not isnan(found.relative) else rough(found.difference)
    if answer.few:
        return Card(title, value, f"so far, too few pairs for an interval; {today}")
    return Card(title, value, f"so far; {'' if isnan(found.relative_low) else f'{saying.ends(found)}; '}{today}")


def in_words(answer: PolicyAnswer, years: int) -> str:
    """Text of the cards as sentences, for screen readers."""
    shown = cards(answer, years)
    return " ".join(f"{card.title}: {card.value}{f' ({card.detail})' if card.detail else ''}." for card in shown)


def said(found: PairedEffect) -> str:
    """Text on a change in its outcome's unit, and relative to today's level."""
    part = "" if relative(found) == "–" else f", {relative(found)}"
    return plain_cell(found, lambda entry: f"{change(entry)}{part}")


def widest(row: Sequence[PairedEffect]) -> float:
    """Half the width of an axis that contains all intervals of a row, relative to today's level."""
    ends = [abs(end) for one in row for end in (one.relative, one.relative_low, one.relative_high) if not isnan(end)]
    most = max(ends, default=0.0)
    return next((step for step in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if most <= step), most)


def curves(view: View) -> dict[str, list[dict[Any, Any]]]:
    """Points of curves with bands, by policy: share of requests answered, by month."""
    found = {}
    for key in view.scenarios:
        curve = view.curve("turnaround_curve", key, "answered")
        low, high = curve["low"].clip(lower=0.0), curve["high"].clip(upper=1.0)
        found[view.title[key]] = curve.assign(low=low, high=high)[curve["month"] <= _MONTHS].to_dict("records")
    return found


def gains(view: View) -> Iterator[tuple[str, str]]:
    """Yields title and table of each policy's gains and costs, by income group and region."""
    side = Side(view, all_groups(view.experiment.world))
    for policy in view.compared:
        yield f"What “{view.title[policy]}” changes", who_gains(view, policy, side)


def sides(view: View, asked: Sequence[Place], finished: bool) -> Iterator[tuple[str, str]]:
    """Yields title and text for each place: gains and costs, sentences, and waits by partner."""
    side = Side(view, asked)
    for place in asked:
        short = [f"- {in_short(view, place, policy, side)}" for policy in view.compared] if finished else []
        table = changes(view, place, side)
        text = "\n".join([f"### {marked(place.title)}", "", *short, "", table if finished else table.replace("**", "")])
        yield place.title, text
        if finished:
            yield "Where its own requests wait", bottlenecks(view, place)
