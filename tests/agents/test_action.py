"""Readiness of states for an action day (M13)."""

import numpy as np
import pytest

from sim.engine.clock import empty_clock
from sim.world.records import CASE, GROUP, NODE, PARTNER
from tests.agents.kernels import Investigation, days_to_readiness
from tests.tiny import row_of_settings

MONTH = 30.4375


def investigation(nodes: int = 12) -> Investigation:
    """A case that knows all nodes of a group; their one state is ready."""
    group, node = np.zeros(1, GROUP).view(np.recarray), np.zeros(nodes, NODE).view(np.recarray)
    group["nodes"] = nodes
    case, partner = np.zeros(1, CASE).view(np.recarray), np.zeros(1, PARTNER).view(np.recarray)
    partner["next_partner"] = -1
    return Investigation(
        row_of_settings(),
        *empty_clock(8, 1000, 32).values(),
        group,
        node,
        case,
        partner,
    )


def test_the_last_of_many_states_decides_readiness() -> None:
    """M13: the largest of n LN(180 d, 0.8) has medians of 5.9, 14.6, 19.7 and 29 months; within 2 %."""
    days = np.zeros((20_000, 30))
    days_to_readiness(investigation(), days)
    medians = np.median(days, axis=0)[[0, 4, 9, 29]] / MONTH
    assert medians == pytest.approx([5.9, 14.6, 19.7, 29.0], rel=0.02)
