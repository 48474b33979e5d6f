"""Members and requests pooled over replicates, on tables counted by hand."""

import pandas as pd

from sim.measures.fate import Fate
from sim.results.pooled import fate_counts


def fates(*rows):
    frame = pd.DataFrame(rows, columns=["scenario", "seed", "residence", "fate", "members"])
    return frame.assign(indicted=1.0, arrested=frame["members"], surrendered=0.0)


FATES = fates(
    *(("now", 1, 5, Fate.WANTED, 3.0), ("now", 1, 5, Fate.CONVICTED, 1.0), ("now", 2, 5, Fate.RELEASED, 2.0)),
    *(("now", 2, 5, Fate.HELD, 2.0), ("now", 2, 7, Fate.ACQUITTED, 1.0)),
    *(("then", 1, 5, Fate.GIVEN_UP, 1.0), ("then", 1, 8, Fate.GIVEN_UP, 9.0)),
)


def test_fates_are_summed():
    counts = fate_counts(FATES, ["then", "now", "never"])
    assert list(counts.index) == ["then", "now", "never"]
    assert list(counts.loc["now"]) == [0, 3, 0, 2, 2, 0, 1, 1] and counts.loc["never"].sum() == 0
