"""Tests that European orders are introduced over years, in 12 unselected draws and 12 calibrated sets."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest

from sim.calibration import ensemble, prior
from sim.law.order import legal_order
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import Ordinary

YEARS = range(2026, 2037)


def european_orders(values: Mapping[str, float], seed: int) -> np.ndarray:
    """Binding orders in ordinary cases of the Regulation's states, [year]."""
    law = legal_order()
    world = start(WorldSpec(groups=4), with_values(Parameters(), values), law, Timeline(), seed)
    world.advance(world.end)
    rows = world.world.ordinary
    states = [law.index(state) for state in law.parties("e_evidence", date(2027, 1, 1))]
    mine = (rows["kind"] >= Ordinary.BINDING) & (rows["kind"] < Ordinary.PRESERVATION) & np.isin(rows["state"], states)
    return np.array([rows["requests"][mine & (rows["year"] == year)].sum() for year in YEARS])


@pytest.mark.slow
def test_binding_orders_between_members_rise_over_years_and_not_on_one_day() -> None:
    """European orders rise over years in each of 24 worlds: 2028 has under three quarters of 2036."""
    values = [*prior.unselected()[:12], *ensemble.load().sets().values[:12]]
    for number, one in enumerate(values):
        counts = european_orders(one, number % 12 + 1)
        assert (np.diff(counts[1:7]) > 0.0).all(), number
        assert counts[1] < 0.25 * counts[-1] and counts[2] < 0.75 * counts[-1], number
