"""Tests of the default world under today's law against published delays (facts 1a, 1f; mechanisms §I).

Twelve worlds are pooled, about 35,000 requests through central authorities. Seeds are fixed, so a run passes or fails
for good; over other seeds each bound would be missed by chance in less than one run of a hundred (the margins are more
than three standard errors, measured over 12 seeds), save the slow tenth, whose upper bound lies one standard error off.
"""

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from sim.experiments.run import harm_rates, tables_of
from sim.law.order import legal_order
from sim.measures.observation import Observation, Window
from sim.measures.outcomes import Measured, measure
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import RequestStatus

pytestmark = pytest.mark.slow

MONTH = 30.4375
POLICY, MIDDLE, END = 1826.0, 3652.0, 5478.0  # 2027-01-01, 2032-01-01, 2036-12-31


@pytest.fixture(scope="module")
def worlds() -> list[Observation]:
    """Twelve default worlds, observed over the policy decade."""
    found = []
    for seed in range(1, 13):
        run = start(WorldSpec(), Parameters(), legal_order(), Timeline(), seed)
        run.advance(run.end)
        found.append(Observation(Window(POLICY, END, END + 180.0), tables_of(run), harm_rates()))
    return found


def _quantiles(measured: list[Measured]) -> tuple[float, float, float]:
    """Months until a tenth, half and nine tenths of non-silent requests are answered, pooled over worlds."""
    days = np.concatenate([np.asarray(one.breakdowns["pairs"]["days"]) for one in measured])
    answered = np.concatenate([np.asarray(one.breakdowns["pairs"]["answered"]) for one in measured])
    survival = ecdf(CensoredData(uncensored=days[answered], right=days[~answered])).sf
    fast, median, slow = (survival.quantiles[np.argmax(survival.probabilities <= 1 - q)] for q in (0.1, 0.5, 0.9))
    return float(fast) / MONTH, float(median) / MONTH, float(slow) / MONTH


def test_turnaround_of_mutual_legal_assistance(worlds: list[Observation]) -> None:
    _, median, slow = _quantiles([measure(world) for world in worlds])
    assert 6.0 <= median <= 12.0
    assert 15.0 <= slow <= 30.0


@pytest.mark.xfail(strict=True, reason="2.6 months at defaults that were chosen with slower desks: to be calibrated")
def test_the_fastest_tenth_of_assistance_takes_three_months(worlds: list[Observation]) -> None:
    assert _quantiles([measure(world) for world in worlds])[0] >= 3.0


def test_turnaround_is_stable_over_the_decade(worlds: list[Observation]) -> None:
    halves = []
    for since, until in ((POLICY, MIDDLE), (MIDDLE, END)):
        window = Window(since, until, until + 180.0)
        halves.append(_quantiles([measure(Observation(window, world.tables, harm_rates())) for world in worlds])[1])
    assert halves[1] / halves[0] == pytest.approx(1.0, abs=0.15)


def test_order_of_channels(worlds: list[Observation]) -> None:
    outcomes = [measure(world).outcomes for world in worlds]
    police = np.mean([one["police_median"] for one in outcomes])
    provider = np.mean([one["provider_median"] for one in outcomes])
    assistance = np.mean([one["turnaround_median"] for one in outcomes]) * MONTH
    assert 2.0 <= police <= 10.0  # days, not months
    assert provider < assistance / 5.0


def test_major_coordinated_cases_take_years(worlds: list[Observation]) -> None:
    months = [measure(world).outcomes["major_case_months"] for world in worlds]
    assert 20.0 <= np.nanmean(months) <= 50.0


def test_non_content_dominates_and_files_are_withdrawn(worlds: list[Observation]) -> None:
    """At least 60 % of requests ask for non-content data, and 10 to 40 % of MLA requests are withdrawn."""
    kinds = np.concatenate([world.request("data_kind") for world in worlds])
    evidence = np.isin(kinds, (1, 2, 3))
    assert np.isin(kinds[evidence], (1, 2)).mean() >= 0.6
    sent = [world.mature & world.mutual_assistance for world in worlds]
    withdrawn = [
        (world.request("status")[asked] == RequestStatus.WITHDRAWN).mean()
        for world, asked in zip(worlds, sent, strict=True)
    ]
    assert 0.1 <= np.mean(withdrawn) <= 0.4
