"""Tests how states' shares change, against providers' half-yearly counts: `python -m docs.programs.shares`.

Renews docs/shares.md. The mechanism (M9): the log of a state's share moves by a rate that fades with a half-life, and
single half-years scatter about that. Each half-year is foretold from those before it, with spreads that are estimated
without it.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import norm, poisson, spearmanr

from docs.programs import data, renew, table_of
from sim.agents.assistance.shares import drift
from sim.measures.arrays import Floats
from sim.world.parameters import Parameters

COMMAND, NAME = "python -m docs.programs.shares", "shares"
#: Requests in each half-year that is known, from which a state is judged; half-lives at which that is done.
FEWEST, HALF_LIVES = 10, (2.0, 3.5, 6.0)
SERIES = (("Google", "direct"), ("Apple", "direct"), ("Google", "emergency"), ("Google", "preservation"))
_WIDE = 100.0  # variance of a level that nothing is known of, next to logs of shares
_REACH = float(norm.ppf(0.95))


class Spreads(NamedTuple):
    """Standard deviations of states' yearly growth and of single half-years, in logs."""

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


def inside(requests: pd.DataFrame, place: int, spreads: Spreads, life: float) -> list[bool]:
    """True for each state inside the 90 % interval that earlier half-years give for a half-year."""
    shares, hits = logs(requests), []
    places = np.arange(place + 1, dtype=float)
    for state in requests.index[(requests.iloc[:, :place] >= FEWEST).all(axis=1)]:
        counts = requests.loc[state].to_numpy()[: place + 1].copy()
        counts[place] = counts[place - 1]  # what is foretold is not known
        of_state = covariance(counts, places, spreads, life)
        past = shares.loc[state].to_numpy()[:place]
        weights = np.linalg.solve(of_state[:place, :place], of_state[:place, place])
        median = past.mean() + weights @ (past - past.mean())
        spread = np.sqrt(of_state[place, place] - weights @ of_state[:place, place])
        hits.append(bool(abs(shares.loc[state].iloc[place] - median) < _REACH * spread))
    return hits


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


def openings() -> str:
    """Sentence on the yearly number of states that Google starts to answer, in the record and in the model."""
    rows = data("provider_states.csv")
    shut = int(((rows["provider"] == "Google") & (rows["door"] == "shut")).sum())
    low, high = (float(poisson_end(2, side)) / 3.0 for side in (0.05, 0.95))
    drawn = shut / Parameters().evidence.years_closed
    return (
        f"Two openings in 2019 to 2021 are 0.67 a year, with a 90 % interval of {low:.2f} to {high:.2f}. At the "
        f"default rate the {shut} states that Google was closed to in 2021 bring {drawn:.2f} a year; those "
        "that it never had ten requests from come on top."
    )


def poisson_end(count: int, side: float) -> float:
    """One end of the exact confidence interval of a Poisson mean, given a count."""
    means = np.linspace(1e-3, 30.0, 30_000)
    chance = poisson.cdf(count, means) if side > 0.5 else 1.0 - poisson.cdf(count - 1, means)
    return float(means[np.abs(chance - (1.0 - side if side > 0.5 else side)).argmin()])


def ranks() -> str:
    """Sentence on how states' growth and success rates correlate between Google and Apple."""
    growth, success = {}, {}
    for provider in ("Google", "Apple"):
        requests = counted(provider, "direct")
        enough = requests[(requests >= FEWEST).all(axis=1)]
        growth[provider] = logs(requests).loc[enough.index].pipe(lambda table: table.iloc[:, -1] - table.iloc[:, -5])
        rows = data("provider_requests.csv", requests=float)
        rows = rows[(rows["provider"] == provider) & (rows["kind"] == "direct") & (rows["share"] != "")]
        success[provider] = rows.assign(share=rows["share"].astype(float)).groupby("state")["share"].mean()
    words = []
    for what, by in (("growth over two years", growth), ("share that brings data", success)):
        both = pd.DataFrame(by).dropna()
        words.append(f"{what} {spearmanr(both['Google'], both['Apple'])[0]:.2f} ({len(both)} states)")
    return f"Rank correlation of states at Google and at Apple: {', '.join(words)}."


def main() -> None:
    """Updates the tables in docs/shares.md."""
    each = left_out("Google", "direct", 3.5).round(2)
    renew(
        NAME,
        {
            "pooled": table_of(pooled(), range(2, 7)),
            "each": table_of(each, range(1, 5)),
            "doors": f"{openings()}\n\n{ranks()}",
        },
        COMMAND,
    )


if __name__ == "__main__":
    main()
