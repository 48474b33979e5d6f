"""Tests of the page on headlines before and after a change: verdicts, and parts of items that sum up to the move."""

import numpy as np
import pandas as pd
import pytest

from docs.programs import TODAY, Found
from docs.programs.what_changed import (
    HEADLINES,
    ITEMS,
    LEAGUE,
    POLICIES,
    SHOWN,
    STAGES,
    before_and_now,
    headlines,
    jobs,
    kept,
    shares,
)
from sim.world.parameters import Parameters


def table(today: float, effect: float, reach: float = 0.01) -> pd.DataFrame:
    """Headlines that are the same for all policies and outcomes."""
    rows = [
        {
            "scenario": policy,
            "outcome": outcome,
            "today": today,
            "relative": effect,
            "low": effect - reach,
            "high": effect + reach,
        }
        for policy in POLICIES
        for outcome in SHOWN
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("now", "reach", "moved"),
    [((50.0, 0.6), 0.01, False), ((50.0, 0.7), 0.01, True), ((50.0, 0.7), 2.0, False), ((70.0, 0.5), 0.01, True)],
)
def test_what_moved_by_more_than_a_quarter_is_marked_where_an_effect_is_clear(
    now: tuple[float, float], reach: float, moved: bool
) -> None:
    text = before_and_now(table(50.0, 0.5, reach), table(*now, reach))
    assert ("| yes |" in text) is moved


def test_parts_of_items_sum_up_to_the_move() -> None:
    def world(level: float, effect: float) -> dict[str, dict[str, float]]:
        low, high = dict.fromkeys(SHOWN, level), dict.fromkeys(SHOWN, level * (1.0 + effect))
        return {TODAY: low, **dict.fromkeys(POLICIES, high)}

    values = dict(zip(STAGES, ((80.0, 0.5), (70.0, 0.45), (55.0, 0.40)), strict=True))
    found = {name: Found([world(*value)] * 2) for name, value in values.items()}
    rows = shares(found, table(50.0, 0.38), table(80.0, 0.5)).splitlines()[2:]
    assert len(rows) == len(SHOWN) * (1 + len(POLICIES))
    for row in rows:
        moved, *parts = (float(cell.replace("−", "-").replace(",", "")) for cell in row.split("|")[3:-1])
        assert len(parts) == len(ITEMS)
        assert sum(parts) == pytest.approx(moved, abs=0.21 if "points" in row else 2.1)
    first = [cell.strip() for cell in rows[0].split("|")[3:-1]]
    assert first == ["+30", "+10", "+15", "+5"]


def test_stages_take_changes_back_one_after_the_other() -> None:
    usual, tasks = Parameters(), list(jobs(1).values())
    assert len(tasks) == len(STAGES)
    slots = [task.parameters.case.case_slots for task in tasks]
    groups = [task.parameters.criminal.active_groups for task in tasks]
    assert np.array_equal([value == usual.case.case_slots for value in slots], [False, True, True])
    assert np.array_equal([value == usual.criminal.active_groups for value in groups], [False, False, True])


def test_headlines_of_the_stored_comparison_have_every_policy_and_outcome() -> None:
    now = headlines("now")
    assert (now["outcome"] != LEAGUE).sum() == len(POLICIES) * len(SHOWN)
    assert set(POLICIES) <= set(now.loc[now["outcome"] == LEAGUE, "scenario"])
    assert set(kept().columns) == set(now.columns)
    assert HEADLINES.stat().st_size < 10_000
