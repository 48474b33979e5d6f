"""Tests of the prior: varying parameters, and conversion between shares and values."""

import numpy as np

from sim.calibration import prior
from sim.experiments.grammar import parameters
from sim.experiments.plan import with_values
from sim.law.vocabulary import EvidenceTag
from sim.world.parameters import Parameters, check


def test_everything_varies_that_is_not_verified_and_no_switch():
    names = set(prior.names())
    for key, (about, _) in parameters().items():
        varies = about.tag is not EvidenceTag.VERIFIED and about.unit != "switch"
        assert (key.removeprefix(prior.PREFIX) in names) == varies, key


def test_shares_reach_the_ends_of_plausible_ranges_and_come_back():
    real = np.array([not axis.whole for axis in prior.axes()])
    for share in (0.0, 1.0):
        row = prior.frame_of(np.full((1, len(prior.axes())), share))
        (values,) = row.to_dict("records")
        about, _ = parameters()["uncertainty.desk.rebound"]
        assert values["desk.rebound"] == (about.plausible.low if share == 0.0 else about.plausible.high)
        check(with_values(Parameters(), values))
        back = prior.shares(row)
        assert (back > 0.0).all() and (back < 1.0).all() and np.allclose(back[:, real], share, atol=1e-6)
    cube = np.random.default_rng(1).random((20, len(prior.axes())))
    assert np.allclose(prior.shares(prior.frame_of(cube))[:, real], cube[:, real], atol=1e-6)
