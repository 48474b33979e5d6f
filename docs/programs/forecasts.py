"""Forecasts from data alone and from the model, for docs/forecasts.md: `python -m docs.programs.forecasts`.

Data alone say what follows if things go on as they did, so that a forecast of the model has something to beat. A table
that is in the page is never written again; a later one is added below it.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from scipy.stats import betabinom, nbinom, norm, poisson, t

from docs.programs import asked, data, in_sets, ran
from sim.calibration.ensemble import sets_of_today
from sim.cases.real_case import operations
from sim.data.load import members, states
from sim.experiments.manifest import code_version
from sim.experiments.run import Task, observed, timeline_for, warm_up_of, window
from sim.experiments.statistics import with_own_error
from sim.measures.arrays import Floats, Mask, Table, among
from sim.measures.facts import FactKey
from sim.measures.facts import operations as seen_operations
from sim.policy.scenario import load
from sim.report.marking import markdown_table
from sim.results.own_error import on_class
from sim.world.records import Addressee, Ordinary

#: Ends of the intervals.
ENDS = (0.05, 0.95)
#: Growth of direct requests in a year, published by Meta (2022, and to the first half of 2023, of all states).
META = (np.log(1.14), np.log(1.18))
#: Orders from which a state's median is more than chance; years of operations that are counted; months that last.
FEWEST, FIRST, LAST, LASTING = 10, 2021, 2025, 6.0
#: Titles of what the model forecasts, too.
TIKTOK, FACEBOOK = "TikTok: orders of EU states", "Facebook: orders of EU states"
DIRECT, ASSISTED = "Google: direct requests from abroad", "Google: requests through authorities"
GROWN = (TIKTOK, FACEBOOK, DIRECT, ASSISTED)
LARGE, GONE = "Operations of three states or more", "of these, groups that are gone for six months or more"
#: Forecasts for 2027 that were added on 3 December 2026: one by growth, one of what will be on record.
NEXT, RECORDED = "TikTok: orders of EU states", "Operations of three states or more that are on record"
COMMAND = "python -m docs.programs.forecasts"
#: What is expected: a median and the ends of a 90 % interval.
Forecast = tuple[float, ...]


def of_growth(now: float, growth: Floats, years: float) -> Forecast:
    """Forecast of a number that keeps growing as before, from logs of its yearly growth."""
    spread = growth.std(ddof=1) * np.sqrt(years + years**2 / growth.size)
    ends = years * growth.mean() + spread * t.ppf((0.5, *ENDS), growth.size - 1)
    return tuple((now * np.exp(ends)).tolist())


def of_line(counts: Floats, steps: float) -> Forecast:
    """Forecast of a yearly number from half-yearly counts, by a linear trend of their logs."""
    at, size = np.arange(counts.size, dtype=np.float64), counts.size
    (slope, level), new = np.polyfit(at, np.log(counts), 1), at[-1] + steps
    spread = np.sqrt(((np.log(counts) - level - slope * at) ** 2).sum() / (size - 2))
    reach = spread * np.sqrt(0.5 + 1.0 / size + (new - at.mean()) ** 2 / ((at - at.mean()) ** 2).sum())
    return tuple((2.0 * np.exp(level + slope * new + reach * t.ppf((0.5, *ENDS), size - 2))).tolist())


def of_count(known: int, years: int, lasting: tuple[int, int] | None = None) -> Forecast:
    """Forecast of the number of events in a year, from the counts of past years.

    `lasting`: of those whose end is known, how many lasted, and how many did not.
    """
    most = np.arange(20 * known // years + 20)
    chance = nbinom.pmf(most, known + 0.5, years / (years + 1.0))
    if lasting:
        lasted, ended = lasting
        chance = chance @ betabinom.pmf(most, most[:, None], lasted + 0.5, ended + 0.5)
    return tuple(np.searchsorted(np.cumsum(chance), (0.5, *ENDS)).astype(float).tolist())


def of_time(medians: Floats, others: Floats) -> Forecast:
    """Forecast of a median time one year ahead, from times of states and other providers."""
    middle, apart = np.median(medians), np.log(np.median(medians) / np.median(others))
    sampled = 1.2533 * np.log(medians).std(ddof=1) / np.sqrt(medians.size)
    return tuple((middle * np.exp(np.hypot(np.sqrt(2.0) * sampled, apart) * norm.ppf((0.5, *ENDS)))).tolist())


def growth_of_union() -> Floats:
    """Logs of yearly growth of direct requests: from EU states to Google and Apple, and from all states to Meta."""
    rows = data("provider_requests.csv", requests=float)
    rows = rows[rows["state"].isin([*members("EU", "member")]) & (rows["kind"] == "direct")]
    halves = rows.pivot_table("requests", "period_end", "provider", "sum").apply(np.log)
    return np.concatenate([halves.diff(2).stack().dropna().to_numpy(), META])


def forecasts() -> list[tuple[str, str, float, Forecast]]:
    """Forecasts from data alone, each with title, date, and last known value."""
    growth, found, later = growth_of_union(), [], "second half of 2026"
    orders, asked = data("provider_orders.csv", orders=float), data("provider_requests.csv", requests=float)
    enough = orders[(orders["orders"] >= FEWEST) & (orders["median_hours"] != "")]
    hours = {name: rows.to_numpy(np.float64) for name, rows in enough.groupby("provider")["median_hours"]}
    for title, name, other in ((TIKTOK, "TikTok", "Meta"), (FACEBOOK, "Meta", "TikTok")):
        total = float(orders.loc[orders["provider"] == name, "orders"].sum())
        found.append((title, later, total, of_growth(total, growth, 1.0)))
        named = f"{title.partition(':')[0]}: hours to an answer, median of states with ten orders or more"
        found.append((named, later, float(np.median(hours[name])), of_time(hours[name], hours[other])))
    google = asked[(asked["provider"] == "Google") & (asked["kind"] == "direct")]
    direct = float(google.loc[google["period_end"] > "2021", "requests"].sum())
    halves = data("provider_assistance.csv", requests=float).groupby("period_end")["requests"].sum().to_numpy()
    large = sum(case.states >= 3 and FIRST <= case.acted.year <= LAST for case in operations())
    ends = [case for case in operations() if case.returned is not None]
    lasted, years = sum(not case.returned or (case.return_months or 0.0) >= LASTING for case in ends), LAST - FIRST + 1
    of_lasting = of_count(large, years, (lasted, len(ends) - lasted))
    return [
        *found,
        (DIRECT, "2026", direct, of_growth(direct, growth, 5.0)),
        (ASSISTED, "2026", float(halves[-2:].sum()), of_line(halves, 9.5)),
        (LARGE, "2027", large / years, of_count(large, years)),
        (GONE, "2027", large / years * lasted / len(ends), of_lasting),
    ]


def lived_world(task: Task) -> dict[str, float]:
    """Simulates one world in which recorded trends continue; returns each forecast's figure by title."""
    arm = warm_up_of(task).continued(timeline_for(task, *task.scenarios))
    arm.advance(window(task.world).observed_until)
    seen = observed(arm, task.world)
    counted, every, operation = seen.tables["ordinary"], range(len(states())), seen_operations(seen)
    union = [states().index(code) for code in members("EU", "member")]
    large = operation[operation["down"] & (operation["states"] >= 3)]
    lasting = set(zip(seen.histories.takedown_group, seen.histories.takedown_day, strict=True))
    gate, graded = ((Ordinary.VOLUNTARY + how, Ordinary.BINDING + how) for how in (Addressee.GATE, Addressee.GRADED))
    return {
        TIKTOK: _grown(counted, gate, union, (2025, 2026), 1.0),
        FACEBOOK: _grown(counted, graded, union, (2025, 2026), 1.0),
        DIRECT: _grown(counted, graded, every, (2022, 2026), 5.0),
        ASSISTED: _grown(counted, (Ordinary.ASSISTED_USA,), every, (2022, 2026), 5.0),
        LARGE: float(len(large)),
        GONE: float(sum(one in lasting for one in zip(large["group"], large["day"], strict=True))),
    }


def _grown(counted: Table, kinds: Sequence[int], senders: Sequence[int], years: tuple[int, int], over: float) -> float:
    """Growth factor of some kinds of request over `over` years, at the rate between two recorded years."""
    rows: Mask = among(counted["kind"], kinds) & among(counted["state"], senders)
    first, last = (float(counted["requests"][rows & (counted["year"] == year)].sum()) for year in years)
    return float((last / first) ** (over / (years[1] - years[0])))


def of_model(worlds: int, workers: int) -> dict[str, Forecast]:
    """The model's forecasts by title, from calibrated parameter sets; those of operations with its own error."""
    jobs = in_sets(worlds, {"trends": load("current_trends")})
    short = {name: replace(task, world=replace(task.world, end="2027-12-31")) for name, task in jobs.items()}
    frame = pd.DataFrame(ran(COMMAND, lived_world, short, workers).values())
    own = on_class("counts", sets_of_today().own_error).error  # both are numbers of operations
    found = {title: frame[title].quantile([0.5, *ENDS]).tolist() for title in GROWN}
    found |= {title: list(with_own_error(frame[title].to_numpy(), own, False, 0.9)[:3]) for title in (LARGE, GONE)}
    return {title: tuple(ends) for title, ends in found.items()}


def recorded_world(task: Task) -> dict[str, float]:
    """Simulates one world in which recorded trends continue; returns its figures for the forecasts of 2027 by title."""
    run = warm_up_of(task).continued(timeline_for(task, *task.scenarios))
    run.advance(window(task.world).observed_until)
    seen = observed(run, task.world)
    union = [states().index(code) for code in members("EU", "member")]
    gate = (Ordinary.VOLUNTARY + Addressee.GATE, Ordinary.BINDING + Addressee.GATE)
    kinds = [fact for fact in FactKey if fact.name.startswith("RECORDED_")]
    return {
        # from 2027 on the model's requests no longer grow by their own rate, so that a later year would hide it
        NEXT: _grown(seen.tables["ordinary"], gate, union, (2025, 2026), 1.5),
        RECORDED: sum(float(fact.measure(seen)) for fact in kinds),
    }


def of_mixture(expected: Floats, own: float) -> Forecast:
    """Forecast of a number of events from expected numbers in worlds, with chance and the model's own error."""
    steps = np.exp(own * norm.ppf((np.arange(25) + 0.5) / 25))
    rates = np.maximum(np.outer(expected, steps).ravel(), 1e-9)
    most = np.arange(int(poisson.ppf(0.9999, rates.max())) + 2)
    chance = np.cumsum(poisson.pmf(most[:, np.newaxis], rates).mean(axis=1))
    return tuple(np.searchsorted(chance, (0.5, *ENDS)).astype(float).tolist())


def of_2027(worlds: int, workers: int) -> list[list[tuple[str, str, float, Forecast]]]:
    """The two forecasts for 2027, from data alone and then from the model."""
    jobs = in_sets(worlds, {"trends": load("current_trends")})
    short = {f"2027, {name}": replace(task, world=replace(task.world, end="2027-12-31")) for name, task in jobs.items()}
    frame = pd.DataFrame(ran(COMMAND, recorded_world, short, workers).values())
    orders = data("provider_orders.csv", orders=float)
    total = float(orders.loc[orders["provider"] == "TikTok", "orders"].sum())
    large = sum(case.states >= 3 and FIRST <= case.acted.year <= LAST for case in operations())
    years, own = LAST - FIRST + 1, on_class("counts", sets_of_today().own_error).error
    grown = tuple(total * end for end in frame[NEXT].quantile([0.5, *ENDS]).tolist())
    half, year = "first half of 2027", "2027"
    return [
        [
            (NEXT, half, total, of_growth(total, growth_of_union(), 1.5)),
            (RECORDED, year, large / years, of_count(large, years)),
        ],
        [(NEXT, half, total, grown), (RECORDED, year, large / years, of_mixture(frame[RECORDED].to_numpy(), own))],
    ]


def table(rows: Sequence[tuple[str, str, float, Forecast]]) -> str:
    """Markdown table of forecasts."""
    cells = []
    for title, when, now, ends in rows:
        numbers = (f"{float(f'{end:.3g}'):,.0f}" if end >= 10 else f"{end:.2g}" for end in ends)
        cells.append([title, when, f"{now:,.3g}" if now < 1000 else f"{now:,.0f}", *numbers])
    return markdown_table(["what", "when", "last known", "median", "5 %", "95 %"], cells, right=range(2, 6))


if __name__ == "__main__":
    wanted, code = asked(COMMAND, worlds=100, for_2027=0), code_version()
    if wanted.for_2027:
        for name, rows in zip(("data alone", "the model"), of_2027(wanted.worlds, wanted.workers), strict=True):
            sys.stdout.write(f"## {datetime.now(UTC).date()}, for 2027, from {name}\n\n{table(rows)}\n\n")
        sys.exit()
    of_data, expected = forecasts(), []
    model = of_model(wanted.worlds, wanted.workers)
    for title, when, now, _ in (row for row in of_data if row[0] in model):
        by = now if title in GROWN else 1.0
        expected.append((title, when, now, tuple(end * by for end in model[title])))
    for name, rows in (("data alone", of_data), ("the model", expected)):
        sys.stdout.write(f"## {datetime.now(UTC).date()}, from {name}\n\n")
        sys.stdout.write(f"Comity {code['version']}, commit {str(code['commit'])[:7]}.\n\n{table(rows)}\n\n")
