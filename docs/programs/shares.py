"""Tests how states' shares change, against providers' half-yearly counts: `python -m docs.programs.shares`.

Renews docs/shares.md and docs/shares.csv. The mechanism (M9): the log of a state's share moves by a rate that fades
with a half-life, and single half-years scatter about that. Each half-year is foretold from those before it, with
spreads that are estimated without it. Openings and shares that bring data are drawn by the model's own rules, in
calibrated sets.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import norm, pearsonr, poisson, rankdata, spearmanr

from docs.programs import DOCS, data, renew, table_of
from sim.agents.assistance.answering import opened_on, share_answered
from sim.agents.assistance.shares import drift
from sim.calibration.ensemble import sets_of_today
from sim.data.load import states
from sim.law.days import YEAR
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec
from sim.world.world import World

COMMAND, NAME = "python -m docs.programs.shares", "shares"
#: Requests in each half-year that is known, from which a state is judged; half-lives at which that is done.
FEWEST, HALF_LIVES = 10, (2.0, 3.5, 6.0)
#: The half-life of tables by state, and the provider that they are of.
LIFE, COUNTED = 3.5, "Google"
STORED = DOCS / "shares.csv"
#: Seeds for each parameter set that openings and shares are drawn by; years and number of the openings that are known.
SEEDS, KNOWN_YEARS, KNOWN = 5, 3.0, 2
_ENDS = (0.05, 0.5, 0.95)
SERIES = (("Google", "direct"), ("Apple", "direct"), ("Google", "emergency"), ("Google", "preservation"))
_WIDE = 100.0  # variance of a level that nothing is known of, next to logs of shares
_REACH = float(norm.ppf(0.95))


class Spreads(NamedTuple):
    """Standard deviations, in logs, of states' yearly growth rates and of single half-years."""

    rate: float
    scatter: float


def counted(provider: str, kind: str) -> pd.DataFrame:
    """Table of a provider's requests of one kind, states by half-years; missing counts are 0."""
    rows = data("provider_requests.csv", requests=float)
    rows = rows[(rows["provider"] == provider) & (rows["kind"] == kind)]
    return rows.pivot_table("requests", "state", "period_end", "sum", fill_value=0.0)


def logs(requests: pd.DataFrame) -> pd.DataFrame:
    """Logs of states' shares of each half-year's total, after adding half a request to each count."""
    return ((requests + 0.5) / requests.sum()).apply(np.log)


def covariance(requests: Floats, places: Floats, spreads: Spreads, life: float) -> Floats:
    """Model covariance of the log of a state's share between given half-years, float64 [half-year, half-year]."""
    gained = np.array([drift(0.5 * place, life) for place in places])
    alone = np.diag(spreads.scatter**2 + 1.0 / np.maximum(requests, 1.0))
    return np.asarray(_WIDE + spreads.rate**2 * np.outer(gained, gained) + alone)


def estimated(requests: pd.DataFrame, life: float, without: int | None = None) -> Spreads:
    """Most probable standard deviations for a half-life in years, from all half-years but one."""
    kept = [place for place in range(requests.shape[1]) if place != without]
    enough = (requests.iloc[:, kept] >= FEWEST).all(axis=1)
    counts, shares = (table[enough].to_numpy()[:, kept] for table in (requests, logs(requests)))
    shares = shares - shares.mean(axis=1, keepdims=True)
    places = np.array(kept, float)

    def unlikely(logged: Floats) -> float:
        minus_log = 0.0
        for count, share in zip(counts, shares, strict=True):
            of_state = covariance(count, places, Spreads(*np.exp(logged)), life)
            minus_log += np.linalg.slogdet(of_state)[1] + share @ np.linalg.solve(of_state, share)
        return float(minus_log)

    return Spreads(*np.exp(minimize(unlikely, np.log([0.3, 0.2]), method="Nelder-Mead").x).tolist())


def foretold(requests: pd.DataFrame, place: int, spreads: Spreads, life: float) -> pd.DataFrame:
    """Predicted and actual growth of each state with enough requests in all earlier half-years.

    Growth is the ratio of a state's requests to those of the half-year before, given the provider's total. A row per
    state; columns: low, median and high of the prediction (90 %), and came, the actual growth.
    """
    shares, rows = logs(requests), {}
    places, totals = np.arange(place + 1, dtype=float), np.log(requests.sum().to_numpy())
    for state in requests.index[(requests.iloc[:, :place] >= FEWEST).all(axis=1)]:
        counts = requests.loc[state].to_numpy()[: place + 1].copy()
        counts[place] = counts[place - 1]  # what is foretold is not known
        of_state = covariance(counts, places, spreads, life)
        past = shares.loc[state].to_numpy()[:place]
        weights = np.linalg.solve(of_state[:place, :place], of_state[:place, place])
        median = past.mean() + weights @ (past - past.mean())
        reach = _REACH * np.sqrt(of_state[place, place] - weights @ of_state[:place, place])
        ends = np.array([median - reach, median, median + reach, shares.loc[state].iloc[place]])
        rows[state] = np.exp(ends - past[-1] + totals[place] - totals[place - 1])
    return pd.DataFrame.from_dict(rows, orient="index", columns=["low", "median", "high", "came"])


def is_inside(table: pd.DataFrame) -> pd.Series:
    """True for each row whose actual value lies inside the predicted interval."""
    return (table["low"] < table["came"]) & (table["came"] < table["high"])


def inside(requests: pd.DataFrame, place: int, spreads: Spreads, life: float) -> list[bool]:
    """True for each state inside the 90 % interval that earlier half-years give for a half-year."""
    return list(is_inside(foretold(requests, place, spreads, life)))


def left_out(provider: str, kind: str, life: float) -> pd.DataFrame:
    """Table with a row per omitted half-year: numbers of states, and standard deviations without it."""
    requests, rows = counted(provider, kind), []
    for place in range(2, requests.shape[1]):
        spreads = estimated(requests, life, place)
        held = inside(requests, place, spreads, life)
        row = {"half-year to": requests.columns[place], "states": len(held), "inside": sum(held)}
        rows.append(row | spreads._asdict())
    return pd.DataFrame(rows)


def pooled() -> list[dict[str, object]]:
    """Table of states inside 90 % intervals over all half-years, by series and half-life."""
    rows: list[dict[str, object]] = []
    for provider, kind in SERIES:
        for life in HALF_LIVES:
            table, whole = left_out(provider, kind, life), estimated(counted(provider, kind), life)
            number, held = table["states"].sum(), table["inside"].sum()
            row: dict[str, object] = {"provider": provider, "kind": kind, "half-life, years": f"{life:g}"}
            row |= {"rates, log a year": f"{whole.rate:.2f}", "scatter, log": f"{whole.scatter:.2f}"}
            rows.append(row | {"inside": f"{held} of {number}", "%": f"{100 * held / number:.0f}"})
    return rows


def growth_by_state(provider: str) -> pd.DataFrame:
    """Table of predicted and actual growth, a row per state and omitted half-year."""
    requests, tables = counted(provider, "direct"), []
    for place in range(2, requests.shape[1]):
        table = foretold(requests, place, estimated(requests, LIFE, place), LIFE)
        tables.append(table.assign(half_year=requests.columns[place]).rename_axis("state").reset_index())
    return pd.concat(tables, ignore_index=True).assign(provider=provider, what="growth, a multiple")


def success(provider: str) -> pd.DataFrame:
    """Share of direct requests that brought data, states by half-years; NaN for fewer than ten requests."""
    rows = data("provider_requests.csv", requests=float)
    rows = rows[(rows["provider"] == provider) & (rows["kind"] == "direct") & (rows["share"] != "")]
    return rows[rows["requests"] >= FEWEST].astype({"share": float}).pivot_table("share", "state", "period_end")


def read_success(provider: str) -> "pd.Series[float]":
    """Share of direct requests that brought data in 2021, by state, as the model reads it from the data."""
    rows = data("provider_states.csv")
    rows = rows[(rows["provider"] == provider) & (rows["door"] != "shut") & (rows["share"] != "")]
    return rows.set_index("state")["share"].astype(float)


@cache
def world_of_draws() -> World:
    """A small world in which openings and shares are drawn for one seed and parameter set after another."""
    world = start(WorldSpec(groups=4), Parameters(), legal_order(), Timeline(), 1).world
    world.setting["openings_go_on"] = 1.0
    return world


def draws() -> list[tuple[int, dict[str, float]]]:
    """Pairs of seed and parameter set; each set has several seeds."""
    sets = sets_of_today().values
    return [(number, dict(sets[number % len(sets)])) for number in range(SEEDS * len(sets))]


def unread_success(asking: "pd.Index[str]") -> pd.DataFrame:
    """Share of requests with data by state, as the model draws it unpublished: median and 90 % interval."""
    world, places, rows = world_of_draws(), [states().index(state) for state in asking], []
    unread = len(world.door_share)  # the first provider of which nothing is read
    for seed, values in draws():
        world.setting["seed"], world.setting["provider_share"] = seed, values["evidence.provider_share"]
        rows.append([share_answered(world, unread, place) for place in places])
    return pd.DataFrame(np.quantile(rows, _ENDS, axis=0).T, index=asking, columns=["low", "median", "high"])


def success_by_state() -> pd.DataFrame:
    """Rows of the share of requests with data in 2021, as published and as drawn by the model."""
    tables = []
    for provider in ("Google", "Apple"):
        read = read_success(provider)
        table = unread_success(read.index).assign(came=read, half_year="2021", provider=provider)
        tables.append(table.rename_axis("state").reset_index())
    return pd.concat(tables, ignore_index=True).assign(what="share that brings data")


def years_of_openings() -> tuple[int, Floats]:
    """Number of states that Google did not answer in 2021, and years until it answers each, f8[draws, states]."""
    world, rows = world_of_draws(), []
    shut = np.argwhere(np.isposinf(world.door_since))
    for seed, values in draws():
        world.setting["seed"], world.setting["years_closed"] = seed, values["evidence.years_closed"]
        rows.append([opened_on(world, provider, state) / YEAR for provider, state in shut.tolist()])
    return len(shut), np.array(rows)


def openings() -> str:
    """Text and table on the states that Google starts to answer, in the record and in the model."""
    shut, years = years_of_openings()
    low, middle, high = np.quantile((years < KNOWN_YEARS).sum(axis=1), _ENDS)
    rates = np.array([shut / values["evidence.years_closed"] for _, values in draws()])
    ends = [poisson_end(KNOWN, side) / KNOWN_YEARS for side in (0.05, 0.95)]
    inside_of = float(np.mean((ends[0] <= rates) & (rates <= ends[1])))
    drawn = "{1:.2f} ({0:.2f} to {2:.2f})".format(*np.quantile(rates, _ENDS))
    published = f"{KNOWN / KNOWN_YEARS:.2f} ({ends[0]:.2f} to {ends[1]:.2f})"
    rows: list[dict[str, object]] = [
        {"openings": "in three years", "published": KNOWN, "model": f"{middle:.0f} ({low:.0f} to {high:.0f})"},
        {"openings": "a year", "published": published, "model": drawn},
    ]
    return (
        f"Published: 2019 to 2021, with the 90 % interval of a Poisson rate. Model: the {shut} states that Google was "
        f"closed to in 2021, from 2022 on, in {len(years)} draws of seed and set; those that it never had ten requests "
        f"from come on top. The published count is {'inside' if low <= KNOWN <= high else 'outside'} the model's 90 % "
        f"interval, and {100 * inside_of:.0f} % of the model's rates are inside that of the count.\n\n"
        f"{table_of(rows, (1, 2))}"
    )


def poisson_end(count: int, side: float) -> float:
    """One end of the exact confidence interval of a Poisson mean, given a count."""
    means = np.linspace(1e-3, 30.0, 30_000)
    chance = poisson.cdf(count, means) if side > 0.5 else 1.0 - poisson.cdf(count - 1, means)
    return float(means[np.abs(chance - (1.0 - side if side > 0.5 else side)).argmin()])


def rank(one: "pd.Series[float]", other: "pd.Series[float]") -> dict[str, object]:
    """Cells of a rank correlation: number of pairs, correlation, and 90 % interval (Fisher)."""
    both = pd.DataFrame({"one": one, "other": other}).dropna()
    correlation = pearsonr(rankdata(both["one"]), rankdata(both["other"]))
    low, high = correlation.confidence_interval(0.9)
    shown = (f"{end:.2f}".replace("-", "−") for end in (correlation.statistic, low, high))
    return {"pairs": len(both), "rank correlation": "{} ({} to {})".format(*shown)}


def ranks(growth: pd.DataFrame, success_of_2021: pd.DataFrame) -> str:
    """Markdown table of rank correlations between published figures of states and the model's."""
    rows: list[dict[str, object]] = []
    for (provider, half_year), part in growth.groupby(["provider", "half_year"], sort=False):
        of = {"provider": provider, "what": "growth, foretold", "half-year to": half_year}
        rows.append(of | rank(part["median"], part["came"]))
    for provider, part in growth.groupby("provider", sort=False):
        within = part.groupby("half_year")[["median", "came"]].rank(pct=True)  # half-years differ in their totals
        of = {"provider": provider, "what": "growth, foretold", "half-year to": "all together"}
        rows.append(of | rank(within["median"], within["came"]))
    for provider in ("Google", "Apple"):
        read, table = read_success(provider), success(provider)
        for half_year in table:
            if str(half_year) < "2021":
                of = {"provider": provider, "what": "share that brings data, of 2021", "half-year to": half_year}
                rows.append(of | rank(read, table[half_year]))
    for provider, part in success_of_2021.groupby("provider", sort=False):
        of = {"provider": provider, "what": "share that brings data, unread", "half-year to": "2021"}
        rows.append(of | rank(part["median"], part["came"]))
    return table_of(rows, (3, 4))


def by_state(growth: pd.DataFrame, success_of_2021: pd.DataFrame) -> str:
    """Markdown table by state: growth in the last half-year, and shares of requests with data."""
    names = {row["iso3"]: row["name"] for row in data("countries.csv").to_dict("records")}
    growth, share = (table[table["provider"] == COUNTED] for table in (growth, success_of_2021))
    last, rows = growth["half_year"].max(), []
    for state, of_state in sorted(growth.groupby("state"), key=lambda part: names[str(part[0])]):
        held, grown = is_inside(of_state), of_state[of_state["half_year"] == last]
        row = {"state": names[str(state)], "half-years inside": f"{held.sum()} of {len(held)}"}
        row |= _cells("growth, %", 100.0 * (grown.set_index("state")[[*_SHOWN]] - 1.0), "+")
        row |= _cells("brings data, %", 100.0 * share[share["state"] == state].set_index("state")[[*_SHOWN]])
        rows.append(row)
    return table_of(rows, range(1, 6))


_SHOWN = ("came", "low", "median", "high")


def _cells(what: str, table: pd.DataFrame, sign: str = "") -> dict[str, str]:
    """Cells of a state: published value, and the model's median and 90 % interval; dashes if unknown."""
    if table.empty:
        return {f"{what}, published": "–", f"{what}, model": "–"}
    came, low, median, high = (f"{value:{sign}.0f}".replace("-", "−") for value in table.iloc[0])
    return {f"{what}, published": came, f"{what}, model": f"{median} ({low} to {high})"}


def held_by_state(growth: pd.DataFrame, success_of_2021: pd.DataFrame) -> str:
    """Sentence on the number of published figures inside the model's 90 % intervals."""
    words = []
    for what, table in (
        ("growth in a half-year left out", growth),
        ("share that brings data, unread", success_of_2021),
    ):
        for provider, part in table.groupby("provider", sort=False):
            held = is_inside(part)
            words.append(f"{what}, {provider}: {held.sum()} of {len(held)} ({100 * held.mean():.0f} %)")
    return f"Inside 90 % intervals: {'; '.join(words)}."


def between_providers() -> str:
    """Sentence on how states' growth and success rates correlate between Google and Apple."""
    growth, shares = {}, {}
    for provider in ("Google", "Apple"):
        requests = counted(provider, "direct")
        enough = requests[(requests >= FEWEST).all(axis=1)]
        growth[provider] = logs(requests).loc[enough.index].pipe(lambda table: table.iloc[:, -1] - table.iloc[:, -5])
        shares[provider] = success(provider).mean(axis=1)
    words = []
    for what, by in (("growth over two years", growth), ("share that brings data", shares)):
        both = pd.DataFrame(by).dropna()
        words.append(f"{what} {spearmanr(both['Google'], both['Apple'])[0]:.2f} ({len(both)} states)")
    return f"Rank correlation of states at Google and at Apple: {', '.join(words)}."


def reach() -> str:
    """Markdown table of how far states' requests may grow apart from those of all states, by year, at the defaults."""
    usual, rows = Parameters().evidence, []
    for year in (2022, 2025, 2027, 2030, 2036):
        spread = np.hypot(usual.share_spread * drift(year - 2021.0, usual.share_half_life), usual.share_scatter)
        factor = float(np.exp(_REACH * spread))
        rows.append({"middle of": year, "standard deviation, log": f"{spread:.2f}", "factor": f"{factor:.1f}"})
    return table_of(rows, (1, 2))


def main() -> None:
    """Updates docs/shares.csv and the tables in docs/shares.md."""
    each = left_out(COUNTED, "direct", LIFE).round(2)
    growth, share = pd.concat([growth_by_state("Google"), growth_by_state("Apple")]), success_by_state()
    both = pd.concat([growth, share], ignore_index=True)
    columns = ["what", "provider", "state", "half_year", "came", "median", "low", "high"]
    both.assign(inside=is_inside(both))[[*columns, "inside"]].to_csv(STORED, index=False, float_format="%.3g")
    renew(
        NAME,
        {
            "pooled": table_of(pooled(), range(2, 7)),
            "each": table_of(each, range(1, 5)),
            "doors": openings(),
            "states": f"{held_by_state(growth, share)}\n\n{by_state(growth, share)}",
            "reach": reach(),
            "ranks": f"{ranks(growth, share)}\n\n{between_providers()}",
        },
        COMMAND,
    )


if __name__ == "__main__":
    main()
