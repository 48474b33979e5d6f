"""Members and requests pooled over replicates, on tables counted by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.law.days import MONTH
from sim.measures.fate import Fate
from sim.results.pooled import FEWEST_REQUESTS, fate_counts, pair_medians, steps


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
