"""Tests of drifting shares of states in whole worlds: 12 unselected draws and 12 calibrated sets."""

from collections.abc import Mapping

import numpy as np
import pytest

from sim.calibration import ensemble, prior
from sim.data.load import members
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import Addressee, Ordinary

SPEC = WorldSpec(groups=4, policy_start="2023-07-01", end="2025-12-31")
OFF = {"evidence.share_spread": 0.0, "evidence.share_scatter": 0.0}


def lived(values: Mapping[str, float], seed: int) -> tuple[list[float], Floats, Floats]:
    """Shares that facts describe, needs outside the USA at start and end, and ordinary needs by state at the end."""
    law = legal_order()
    world = start(SPEC, with_values(Parameters(), values), law, Timeline(), seed)
    others = np.arange(len(law.states)) != law.index("USA")
    fields = ("ordinary", "preserves", "emergencies", "assisted_usa", "assisted_irl")
    sums = [[world.world.state[field][others].sum() for field in fields]]
    world.advance(world.end)
    sums.append([world.world.state[field][others].sum() for field in fields])
    rows, union = world.world.ordinary, [law.index(code) for code in members("EU", "member")]
    found = []
    for kinds, year in (
        ((Ordinary.VOLUNTARY + Addressee.GRADED, Ordinary.BINDING + Addressee.GRADED), 2022),
        ((Ordinary.VOLUNTARY + Addressee.GRADED, Ordinary.BINDING + Addressee.GRADED), 2025),
        ((Ordinary.EMERGENCY,), 2022),
        ((Ordinary.PRESERVATION,), 2022),
    ):
        chosen = np.isin(rows["kind"], kinds) & (rows["year"] == year)
        asked = np.bincount(rows["state"][chosen], rows["requests"][chosen], len(law.states))
        found += [asked[union].sum() / asked.sum(), np.sort(asked)[-3:].sum() / asked.sum()]
    return found, np.array(sums), np.array(world.world.state["ordinary"])


@pytest.mark.slow
def test_totals_stay_and_no_fact_on_shares_has_an_interval_without_width() -> None:
    """Total requests stay constant while states' shares vary between worlds (24 worlds).

    Without the mechanism, as a test of the test, shares of the same law and door differ by less.
    """
    values = [*prior.unselected()[:12], *ensemble.load().sets().values[:12]]
    found, fixed = [], []
    for number, one in enumerate(values):
        shares, (before, after), needs = lived(one, number % 12 + 1)
        np.testing.assert_allclose(after, before, rtol=1e-9)
        found.append(shares)
        if number % 12 == 0:
            shares, (before, after), still = lived({**one, **OFF}, number % 12 + 1)
            assert (before == after).all()
            assert np.std(np.log(needs[needs > 0.0] / still[needs > 0.0])) > 0.2
            fixed.append(shares)
    for shares in (found[:12], found[12:]):
        low, high = np.quantile(shares, (0.05, 0.95), axis=0)
        assert (high / low > 1.02).all()
    assert np.ptp(fixed, axis=0).min() < 1e-6
