"""Tests of intervals for states' shares against half-years that providers counted."""

import numpy as np
import pandas as pd
import pytest

from docs.programs import DOCS
from docs.programs.shares import (
    FEWEST,
    STORED,
    Spreads,
    counted,
    draws,
    estimated,
    foretold,
    held_by_state,
    inside,
    is_inside,
    left_out,
    rank,
    years_of_openings,
)
from sim.agents.assistance.shares import drift
from sim.world.parameters import Parameters, declarations


def covered(provider: str, times: float = 1.0) -> tuple[int, int]:
    """Number of states inside their 90 % intervals, and number of states, over a provider's half-years."""
    life, requests = Parameters().evidence.share_half_life, counted(provider, "direct")
    held: list[bool] = []
    for place in range(2, requests.shape[1]):
        spreads = estimated(requests, life, place)
        held += inside(requests, place, Spreads(times * spreads.rate, times * spreads.scatter), life)
    return sum(held), len(held)


def test_growth_left_out_is_inside_intervals_in_80_to_97_of_100_states() -> None:
    """80 to 97 % of states are inside 90 % intervals, but not if intervals are half or three times as wide."""
    shares = []
    for times in (0.5, 1.0, 3.0):
        found = np.sum([covered(provider, times) for provider in ("Google", "Apple")], axis=0)
        shares.append(found[0] / found[1])
    assert shares[0] < 0.8 <= shares[1] <= 0.97 < shares[2]


def test_spreads_do_not_see_the_half_year_that_is_left_out() -> None:
    """The half-year that is left out affects neither the estimates nor the forecast for it."""
    requests = counted("Google", "direct")
    other = requests.copy()
    other.iloc[:, 4] = other.iloc[::-1, 4].to_numpy() + 10.0
    assert estimated(other, 3.5, 4) == pytest.approx(estimated(requests, 3.5, 4), rel=1e-6)
    assert estimated(other, 3.5) != pytest.approx(estimated(requests, 3.5), rel=0.01)


def test_spreads_of_made_up_states_are_found() -> None:
    """Standard deviations of 200 made-up states are recovered within a fifth (standard error 5 %)."""
    draws, at = np.random.default_rng(1), np.arange(10) * 0.5
    gained = (1.0 - 2.0 ** (-at / 3.5)) * 3.5 / np.log(2.0)
    logged = 0.3 * draws.standard_normal((200, 1)) * gained + 0.2 * draws.standard_normal((200, 10))
    found = estimated(pd.DataFrame(1e5 * np.exp(logged)), 3.5)
    assert found == pytest.approx((0.3, 0.2), rel=0.2)


def test_defaults_are_the_estimates() -> None:
    """Default parameters equal the estimates from Google's counts, and plausible ranges contain Apple's."""
    usual = Parameters().evidence
    found = estimated(counted("Google", "direct"), usual.share_half_life)
    assert (found.rate, found.scatter) == pytest.approx((usual.share_spread, usual.share_scatter), rel=0.05)
    ranges = {name: declared.plausible for name, _, declared in declarations()}
    for name, value in zip(("spread", "scatter"), estimated(counted("Apple", "direct"), 3.5), strict=True):
        plausible = ranges[f"evidence.share_{name}"]
        assert plausible is not None
        assert plausible.low <= value <= plausible.high
    assert len(left_out("Apple", "direct", 2.0)) == 6


def made_up(rate: float, scatter: float, number: int = 120) -> pd.DataFrame:
    """Requests of states over seven half-years, drawn by the mechanism with a half-life of 3.5 years."""
    draws = np.random.default_rng(3)
    gained = np.array([drift(0.5 * place, 3.5) for place in range(7)])
    logged = rate * draws.standard_normal((number, 1)) * gained + scatter * draws.standard_normal((number, 7))
    return pd.DataFrame(1e5 * np.exp(logged))


def test_growth_that_goes_on_is_foretold_and_growth_that_scatters_is_as_wide_as_it_says() -> None:
    """Growth without scatter is predicted, and 90 % intervals contain 82 to 97 % of 120 states (P below 2 %)."""
    smooth = foretold(made_up(0.5, 0.005), 6, Spreads(0.5, 0.005), 3.5)
    assert rank(smooth["median"], smooth["came"])["pairs"] == 120
    assert float(str(rank(smooth["median"], smooth["came"])["rank correlation"]).split()[0]) > 0.9
    rough = foretold(made_up(0.3, 0.2), 6, Spreads(0.3, 0.2), 3.5)
    assert 0.82 <= is_inside(rough).mean() <= 0.97
    assert (smooth["high"] / smooth["low"]).max() < (rough["high"] / rough["low"]).min()


def test_openings_are_drawn_by_the_rule_at_the_rate_of_each_set() -> None:
    """The mean of drawn years to an opening is `years_closed`, and the published openings are plausible."""
    shut, years = years_of_openings()
    rates = [values["evidence.years_closed"] for _, values in draws()]
    assert years.shape == (len(rates), shut) and shut > 4 and (years > 0.0).all()
    assert np.corrcoef(np.log(rates), np.log(years.mean(axis=1)))[0, 1] > 0.8
    assert (years.mean(axis=1) / rates).mean() == pytest.approx(1.0, abs=0.1)  # standard error 0.016


def test_the_table_has_every_state_that_is_judged_and_the_page_what_the_table_says() -> None:
    """Stored table and page are current; `python -m docs.programs.shares` renews both."""
    table = pd.read_csv(STORED)
    growth, success = table[table["what"].str.startswith("growth")], table[table["what"].str.startswith("share")]
    text = (DOCS / "shares.md").read_text("utf-8")
    assert held_by_state(growth, success) in text
    requests = counted("Google", "direct")
    last = growth[(growth["provider"] == "Google") & (growth["half_year"] == requests.columns[-1])]
    assert set(last["state"]) == set(requests.index[(requests.iloc[:, :-1] >= FEWEST).all(axis=1)])
    japan = last[last["state"] == "JPN"].iloc[0]
    assert japan["came"] == pytest.approx(requests.loc["JPN"].iloc[-1] / requests.loc["JPN"].iloc[-2], rel=0.02)
