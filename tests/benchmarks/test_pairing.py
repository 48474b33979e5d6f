"""The gain of pairing on made-up numbers, and the page that reports it."""

import numpy as np
import pytest

from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.well_known import BASELINE
from tests.benchmarks.pairing import POLICIES, gain, page


def test_gain_is_the_ratio_of_variances():
    draw = np.random.default_rng(1)
    world, own = draw.normal(0, 3, 4_000), draw.normal(0, 1, (2, 4_000))
    assert gain(world + own[0], world + own[1]) == pytest.approx((9 + 1) * 2 / 2, rel=0.1)
    assert gain(own[0], own[1]) == pytest.approx(1, rel=0.1)
    assert np.isinf(gain(world, world))
    assert np.isnan(gain(np.full(20, np.nan), world[:20]))


def test_the_page_names_what_gains_most_and_least():
    draw = np.random.default_rng(2)
    spread = {entry.key: 1.3**place for place, entry in enumerate(OUTCOMES)}
    values = {
        key: {name: size * world + draw.normal(0, 1, 200) for name, size in spread.items()}
        for world in [draw.normal(0, 1, 200)]
        for key in (BASELINE, *POLICIES)
    }
    text = page(values, 200)
    assert f"It gains most on “{outcome(OUTCOMES[-1].key).title}”" in text
    assert f"“{OUTCOMES[0].title}”." in text
    assert text.count("\n| ") == len(OUTCOMES) + 2
