"""The record of operations as a sample: planted rates and shares are found again, by the code that weighs sets."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.stats import gamma, poisson

from sim.calibration import calibrate
from sim.calibration.emulator import DISCREPANCY, Match, Matched, count_probability
from sim.calibration.targets import CalibrationTarget, Role, of_role
from sim.measures.arrays import Floats
from tests.calibration.made_up import of_one

#: Share on record, rate of operations, split between kinds, and parameters that do nothing.
PARAMETERS, SHARE, RATE = 6, 0, 1
#: Kinds of a record, and the part of all operations that each has, which is known here.
KINDS = (0.4, 0.4, 0.2)
YEARS = 5.0


class Planted(CalibrationTarget):
    """A count of a record that may be 0, as no published fact is."""

    is_counted, counted_years = True, YEARS


COUNTED = [target for target in of_role(Role.FIT) if target.is_counted]
PLANTED = Planted(**{item.name: getattr(COUNTED[0], item.name) for item in fields(CalibrationTarget)})


class Product:
    """Predicts the root of a kind's yearly number on record: the share on record times the rate of operations."""

    error, explained = 0.0, 1.0

    def __init__(self, part: float, rate: float = 0.0) -> None:
        self.part, self.rate = part, rate

    def __call__(self, cube: Floats) -> Floats:
        """Predicts sets, given as shares of ranges, f8[sets, parameters]."""
        rate = np.full(len(cube), self.rate) if self.rate else rate_of(cube)
        return np.sqrt(share_of(cube) * rate * self.part)


def share_of(cube: Floats) -> Floats:
    """Share on record, from 0.2 to 0.95 on a logit scale, as its plausible range."""
    low, high = np.log(0.2 / 0.8), np.log(0.95 / 0.05)
    return 1.0 / (1.0 + np.exp(-(low + cube[:, SHARE] * (high - low))))


def rate_of(cube: Floats) -> Floats:
    """Operations a year, from 1 to 40 on a log scale."""
    return np.asarray(np.exp(cube[:, RATE] * np.log(40.0)))


def weighed(counts: Sequence[int], seed: int, rate: float = 0.0) -> Floats:
    """Draws parameter sets by the record alone."""
    made = [replace(PLANTED, of=float(count), value=max(count, 0.1) / YEARS) for count in counts]
    parts = [Matched(one, Product(part, rate), None, 0.0) for one, part in zip(made, KINDS, strict=True)]  # type: ignore[arg-type]
    return calibrate.weighted(Match(tuple(parts)), 3.0, 400, seed)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few parameters and particles."""
    monkeypatch.setattr(calibrate.prior, "axes", lambda: range(PARAMETERS))
    monkeypatch.setattr(calibrate.prior, "PARTICLES", 1200)


def held(found: Floats, truth: float) -> bool:
    low, high = np.quantile(found, (0.05, 0.95))
    return bool(low <= truth <= high)


def test_planted_rates_of_operations_are_inside_their_intervals() -> None:
    """Inside in at least 15 of 20, drawn from the prior: at 90 % by binomial, 15 fail in one of 89 trials (1.1 %).

    Wrong code fails: where a record counts as a lower bound, or the share on record as 1, fewer are inside.
    """
    inside = 0
    for trial in range(20):
        truth = np.random.default_rng((7, trial)).random((1, PARAMETERS))
        rate, share = float(rate_of(truth)[0]), float(share_of(truth)[0])
        counts = np.random.default_rng((8, trial)).poisson(YEARS * rate * share * np.array(KINDS))
        inside += held(rate_of(weighed(counts.tolist(), trial)), rate)
    assert inside >= 15


def test_planted_shares_on_record_are_inside_their_intervals_where_the_rate_is_fixed() -> None:
    """Inside in at least 15 of 20; one of 89 trials fails by chance (1.1 %)."""
    inside = 0
    for trial in range(20):
        truth = np.random.default_rng((9, trial)).random((1, PARAMETERS))
        share, rate = float(share_of(truth)[0]), 12.0
        counts = np.random.default_rng((10, trial)).poisson(YEARS * rate * share * np.array(KINDS))
        inside += held(share_of(weighed(counts.tolist(), trial, rate)), share)
    assert inside >= 15


def test_a_count_is_poisson_or_negative_binomial_where_its_expectation_is_uncertain() -> None:
    """Probabilities equal a mixture of Poisson counts over a gamma, by 200,000 draws: within five standard errors."""
    mean, variance = np.array([2.0, 5.0, 11.0]), 4.0
    assert count_probability(5, mean) == pytest.approx(poisson.pmf(5, mean) / poisson.pmf(5, 5))
    for place, middle in enumerate(mean):
        drawn = gamma(middle**2 / variance, scale=variance / middle).rvs(200_000, random_state=place)
        each = poisson.pmf(5, drawn) / poisson.pmf(5, 5)
        found = count_probability(5, mean, variance)[place]
        assert found == pytest.approx(each.mean(), abs=5 * each.std() / np.sqrt(len(each)))


def test_the_record_weighs_sets_and_no_power_sharpens_it() -> None:
    """Facts with a band are sharpened, and counts of the record are not."""
    assert len(COUNTED) == 3 and all(target.counted_years == pytest.approx(5.0, rel=0.01) for target in COUNTED)
    assert not any(target.is_counted for target in of_role(Role.FIT) if target.bound or target.unit != "per year")
    banded = Matched(of_role(Role.FIT)[0], of_one(PARAMETERS, 3, 1.0, 2.3, 0.04), None, 0.0)
    cube = np.random.default_rng(3).random((50, PARAMETERS))
    counted = Matched(COUNTED[0], Product(1.0), None, 0.0)  # type: ignore[arg-type]
    match = Match((banded, counted))
    once, thrice = match.weight(cube), match.weight(cube, 3.0)
    assert thrice - once == pytest.approx(-2.0 * np.log(banded.probability(cube)))
    rate = share_of(cube) * rate_of(cube)
    spread = (DISCREPANCY * COUNTED[0].slope) ** 2
    variance = 25.0 * (4.0 * rate * spread + 2.0 * spread**2)
    expected = [
        count_probability(5, np.array([5.0 * mean]), of_mean)[0] for mean, of_mean in zip(rate, variance, strict=True)
    ]
    assert counted.likelihood(cube) == pytest.approx(expected, rel=0.02)
