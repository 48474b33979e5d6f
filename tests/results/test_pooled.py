"""Members, requests and harm pooled over replicates, on tables counted by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.data.geography import CrimeGeography
from sim.law.days import MONTH
from sim.measures.fate import Fate
from sim.measures.income import Income
from sim.results.pooled import FEWEST_REQUESTS, by_income, exchange, fate_counts, impunity, pair_medians, steps

RICH, POOR = 0, 1


def fates(*rows):
    frame = pd.DataFrame(rows, columns=["scenario", "seed", "residence", "fate", "members"])
    return frame.assign(indicted=1.0, arrested=frame["members"], surrendered=0.0)


FATES = fates(
    *(("now", 1, 5, Fate.WANTED, 3.0), ("now", 1, 5, Fate.CONVICTED, 1.0), ("now", 2, 5, Fate.RELEASED, 2.0)),
    *(("now", 2, 5, Fate.HELD, 2.0), ("now", 2, 7, Fate.ACQUITTED, 1.0)),
    *(("then", 1, 5, Fate.GIVEN_UP, 1.0), ("then", 1, 8, Fate.GIVEN_UP, 9.0)),
)


def test_fates_and_steps_are_summed():
    counts = fate_counts(FATES, ["then", "now", "never"])
    assert list(counts.index) == ["then", "now", "never"]
    assert list(counts.loc["now"]) == [0, 3, 0, 2, 2, 0, 1, 1] and counts.loc["never"].sum() == 0
    assert list(steps(FATES, ["now"]).loc["now"]) == [9, 5, 9, 0, 1]


def test_impunity_is_reported_for_the_states_with_most_members_under_the_baseline():
    table = impunity(FATES, "now", count=1)
    assert list(table["scenario"]) == ["now", "then"] and list(table["residence"]) == [5, 5]
    assert list(table["members"]) == [8, 1] and list(table["share"]) == [5 / 8, 1]
    assert table["low"][0] < 5 / 8 < table["high"][0]
    assert np.isnan(table["low"][1]), "one replicate gives no interval"


@pytest.fixture
def exchanged():
    counts = ["received", "answers_got", "answers_given", "in_time_got", "in_time_given", "takedowns"]
    rows = [("now", 1, RICH, 6.0), ("now", 1, POOR, 1.0), ("now", 2, RICH, 2.0), ("then", 1, RICH, 5.0)]
    frame = pd.DataFrame(rows, columns=["scenario", "seed", "state", "sent"])
    return exchange(frame.assign(**dict.fromkeys(counts, 1.0)))


def test_exchange_is_a_mean_over_all_replicates(exchanged):
    found = exchanged.set_index(["scenario", "state"])["sent"]
    assert (found["now", RICH], found["then", RICH]) == (4.0, 5.0)
    assert found["now", POOR] == 0.5, "nothing in one of two replicates"


def test_harm_falls_on_income_groups_by_their_victims(exchanged):
    geography = CrimeGeography.load()._replace(gdp=np.array([1e6, 1e3]), population=np.array([10.0, 30.0]))
    seeds = [("now", 1, 10.0), ("now", 2, 12.0), ("then", 1, 6.0), ("then", 2, 4.0)]
    losses = [
        (scenario, seed, state, share * 1e3 * harm)
        for scenario, seed, harm in seeds
        for state, share in ((-1, 0.0), (RICH, 0.75), (POOR, 0.25))
    ]
    by_state = pd.DataFrame(losses, columns=["scenario", "seed", "state", "losses"])
    table = by_income(exchanged, by_state, "now", geography, ["now", "then"])
    then = table[table["scenario"] == "then"].set_index("income")
    assert list(then.loc[[Income.LOW, Income.HIGH], "harm_averted"]) == [0.25 * 6.0, 0.75 * 6.0]
    assert then.loc[Income.HIGH, "harm"] == 0.75 * 5.0
    assert then.loc[Income.LOW, "averted_per_person"] == pytest.approx(1.5e9 / 30)
    assert then.loc[Income.HIGH, "harm_averted_low"] < 4.5 < then.loc[Income.HIGH, "harm_averted_high"]
    assert list(then["sent"]) == [0, 0, 0, 5] and then["population_share"].sum() == 1.0
    now = table[table["scenario"] == "now"]
    assert np.all(now["harm_averted"] == 0.0) and list(now["states"]) == [1, 0, 0, 1]


def test_turnaround_is_pooled_by_scenario_and_pair_among_the_states_named():
    """Hundreds of states, as their pairs must not be numbered in too few bytes; a median a pair, of rows that count."""
    states, many = list(range(300)), FEWEST_REQUESTS
    rows = [
        *[("now", 299, 298, MONTH * (1 + n % 3), True) for n in range(3 * many)],
        *[("then", 299, 298, MONTH, True)] * many,
        *[("then", 298, 299, MONTH, True)] * (many - 1),
        *[("then", 299, 300, MONTH, True)] * many,
        *[("then", 299, 298, 9 * MONTH, True)] * 5 * many,
    ]
    pairs = pd.DataFrame(rows, columns=["scenario", "requesting", "requested", "days", "answered"])
    within = np.arange(len(rows)) < len(rows) - 5 * many
    table = pair_medians(pairs, within, states).set_index(["scenario", "requesting", "requested"])
    counts = {("now", 299, 298): 3 * many, ("then", 298, 299): many - 1, ("then", 299, 298): many}
    assert table["requests"].to_dict() == counts
    assert list(table["median_months"]) == pytest.approx([2.0, np.nan, 1.0], nan_ok=True)
