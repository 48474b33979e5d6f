"""Paired differences by state: by hand, against the scalar statistics, and under no effect at all."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from sim.experiments import statistics
from sim.measures.country import by_state
from sim.results.countries import COUNTRY_OUTCOMES, FEWEST, country_differences
from sim.results.effects import Verdict
from tests.measures.worlds import observation

COLUMNS = [name for name in by_state(observation()) if name != "state"]
NOISE, TOO_FEW = str(Verdict.NOT_DISTINGUISHABLE), str(Verdict.TOO_FEW)


def table(scenario: str, first: int = 1, **columns: np.ndarray) -> pd.DataFrame:
    """The breakdown of one scenario from f8[seeds, states] of some columns; all others are zero."""
    seeds, states = next(iter(columns.values())).shape
    keys = {"scenario": scenario, "seed": np.repeat(np.arange(seeds) + first, states)}
    numbers = dict.fromkeys(COLUMNS, 0.0) | {name: values.ravel() for name, values in columns.items()}
    return pd.DataFrame(keys | {"state": np.tile(np.arange(states) - 1, seeds)} | numbers)


def compared(*tables: pd.DataFrame) -> pd.DataFrame:
    """Differences of "then" from "now" by state and outcome; rows come in no order."""
    rows = pd.concat(tables, ignore_index=True).sample(frac=1.0, random_state=1)
    return country_differences(rows, "now", ["then"]).set_index(["state", "outcome"])


def column(*values: float) -> np.ndarray:
    """f8[seeds, 2]: nothing for what no state has of its own, and these for state 0."""
    return np.column_stack((np.zeros(len(values)), values))


def test_counts_are_paired_and_shares_pooled() -> None:
    now, then = column(30, 41, 35, 20), column(33, 45, 36, 30)
    found = compared(table("now", received=now), table("then", received=then)).loc[(0, "received")]
    expected = statistics.difference(then[:, 1], now[:, 1])
    assert (found["difference"], found["low"], found["high"]) == pytest.approx(expected[:3])
    assert (found["pairs"], found["baseline_mean"], found["scenario_mean"]) == (4, 31.5, 36.0)
    assert found["verdict"] == NOISE
    now, then = table("now", received=column(10, 20, 30)), table("then", 2, received=column(25, 35, 90))
    found = compared(now, then).loc[(0, "received")]
    assert (found["pairs"], found["baseline_mean"], found["difference"]) == (2, 25.0, 5.0)
    now = table("now", received=column(100, 10, 20), in_time_given=column(50, 0, 4))
    then = table("then", received=column(100, 10, 20), in_time_given=column(51, 4, 10))
    found = compared(now, then).loc[(0, "in_time_share")]
    assert found["baseline_mean"] == 54 / 130, "not the mean of .5, 0 and .2"
    assert found["difference"] == pytest.approx(11 / 130)
    # Equal wholes w, parts that differ by d: the influence of a pair is (d − difference × w) ÷ the mean of w.
    influence = (np.array([1, 4, 6]) - 11 / 130 * np.array([100, 10, 20])) / (130 / 3)
    assert found["high"] - found["difference"] == pytest.approx(float(statistics.half_width(influence)))


def test_what_is_too_few_is_marked_and_not_reported() -> None:
    few = np.zeros(20)
    few[: FEWEST // 2 - 1] = 1
    for name, key in (("takedowns", "takedowns"), ("received", "in_time_share")):
        found = compared(table("now", **{name: column(*few)}), table("then", **{name: column(*few[::-1])}))
        row = found.loc[(0, key)]
        assert row["verdict"] == TOO_FEW and row[["difference", "low", "high"]].isna().all()
    now = np.full(100, 2.0)
    then = now.copy()
    then[:5] += 1
    assert statistics.difference(then, now).low > 0, "Student's interval would call it an effect"
    for moved, verdict in ((then, TOO_FEW), (now, str(Verdict.IDENTICAL)), (now + (np.arange(100) < 6), None)):
        found = compared(table("now", cases_opened=column(*now)), table("then", cases_opened=column(*moved)))
        assert found.loc[(0, "cases_opened"), "verdict"] == (verdict or str(Verdict.DISTINGUISHABLE))
    # One request in one of eight pairs moves the pooled share, and with it the influence of every pair.
    wholes, parts = np.full(8, 50.0), np.arange(8.0)
    now = {"received": column(*wholes), "in_time_given": column(*parts)}
    for more, verdict in ((0, str(Verdict.IDENTICAL)), (1, TOO_FEW)):
        then = {"received": column(*wholes + more * (parts == 3)), "in_time_given": column(*parts)}
        found = compared(table("now", **now), table("then", **then))
        assert found.loc[(0, "in_time_share"), "verdict"] == verdict


def test_few_pairs_are_enough_where_events_are_many_and_costs_of_no_state_have_a_row() -> None:
    now, then = column(300, 310, 290), column(330, 341, 321)
    assert compared(table("now", received=now), table("then", received=then)).loc[(0, "received"), "low"] > 0
    found = compared(table("now", received=column(30)), table("then", received=column(40))).loc[(0, "received")]
    assert found["verdict"] == str(Verdict.UNDEFINED) and np.isnan(found["low"])
    alone = table("now", received=column(3, 4))
    assert country_differences(alone, "now", ["then"]).empty
    assert country_differences(alone, "then", ["now"]).empty
    seeds = 3
    now = {"received": np.zeros((seeds, 3)), "committed": np.zeros((seeds, 3))}
    then = {"received": np.zeros((seeds, 3)), "committed": np.tile([4.0, 2.0, 0.0], (seeds, 1))}
    found = compared(table("now", **now), table("then", **then))
    assert set(found.index.get_level_values("state")) == {-1, 0}
    assert list(found.loc[-1].index) == ["policy_cost"]
    assert found.loc[(-1, "policy_cost"), "difference"] == 4.0
    assert found.loc[(-1, "policy_cost"), "verdict"] == str(Verdict.DISTINGUISHABLE), "what is committed is not counted"
    assert len(found.loc[0]) == len(COUNTRY_OUTCOMES)


@pytest.mark.slow
def test_no_effect_is_rarely_called_one() -> None:
    """Counts of two arms with some events in common, 100 pairs, 2,000 states: about one in twenty at most."""
    for rate, shared in product((0.02, 0.1, 0.5, 5.0), (0.0, 0.9)):
        draw, shape = np.random.default_rng(5), (100, 2001)
        common = draw.poisson(rate * shared, shape)
        arms = [(common + draw.poisson(rate * (1 - shared), shape)).astype(float) for _ in range(2)]
        found = compared(table("now", takedowns=arms[0]), table("then", takedowns=arms[1]))
        verdicts = found.xs("takedowns", level="outcome")["verdict"]
        assert (verdicts == str(Verdict.DISTINGUISHABLE)).mean() < 0.065
