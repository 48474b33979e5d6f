"""Tests of benchmarks: comparison with stored values, gain by pairing, agreement of libraries."""

import time
from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.measures.outcomes import OUTCOMES
from sim.policy.well_known import BASELINE
from tests.benchmarks import kept
from tests.benchmarks.__main__ import PAGE
from tests.benchmarks.kept import Kept
from tests.benchmarks.measures import MEASURES
from tests.benchmarks.pairs import POLICIES, gain, page
from tests.benchmarks.pipeline import Pipeline, disagreement, summary
from tests.benchmarks.speed import Library, libraries


def test_what_is_stored_comes_back_rows_that_were_not_measured_stay_and_a_quarter_is_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FILE", tmp_path / "benchmarks.csv")
    rows = [Kept("arm", 0.5, 2.0, "s"), Kept("events", 7e5, 7e5, "events")]
    kept.store(rows)
    kept.store([rows[0]._replace(ratio=3.0)])
    assert list(kept.stored().values()) == [rows[0]._replace(ratio=3.0), rows[1]]
    assert not rows[0]._replace(ratio=2.4).worse_than(rows[0]) and rows[0]._replace(ratio=2.6).worse_than(rows[0])


def test_every_row_has_a_measurement():
    assert {wanted.measure for wanted in kept.WANTED.values()} <= set(MEASURES)


def test_gain_is_the_ratio_of_variances_and_what_gains_most_stands_first():
    draw = np.random.default_rng(1)
    world, own = draw.normal(0, 3, 4_000), draw.normal(0, 1, (2, 4_000))
    assert gain(world + own[0], world + own[1]) == pytest.approx((9 + 1) * 2 / 2, rel=0.1)
    assert gain(own[0], own[1]) == pytest.approx(1, rel=0.1)
    assert np.isinf(gain(world, world))
    assert np.isnan(gain(np.full(20, np.nan), world[:20]))
    draw = np.random.default_rng(2)
    spread = {entry.key: 1.3**place for place, entry in enumerate(OUTCOMES)}
    values = {
        key: {name: size * world + draw.normal(0, 1, 200) for name, size in spread.items()}
        for world in [draw.normal(0, 1, 200)]
        for key in (BASELINE, *POLICIES)
    }
    text = page(values, 200)
    rows = [line.split(" | ")[0][2:] for line in text.splitlines() if line.startswith("| ")][2:]
    assert (rows[0], rows[-1], len(rows)) == (OUTCOMES[-1].title, OUTCOMES[0].title, len(OUTCOMES))


SMALL = Pipeline(requests=4_000)
LIBRARIES = libraries()


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    """Mean and quantiles of days in the first library, from many requests."""
    return summary(LIBRARIES[0].prepare(replace(SMALL, requests=20_000), 3)())


#: The first in `make test`; others, which take some seconds each and guard no user, in `make test-all`.
LATER = [pytest.param(library, marks=pytest.mark.slow) for library in LIBRARIES[1:]]


@pytest.mark.parametrize("library", [LIBRARIES[0], *LATER], ids=lambda library: library.name)
def test_same_distribution(library: Library, reference: np.ndarray) -> None:
    """Means of three seeds agree between libraries (their standard deviation is at most 2 %)."""
    found = [library.prepare(SMALL, seed)() for seed in (4, 5, 6)]
    for turnarounds in found:
        assert np.isfinite(turnarounds).all() and (turnarounds > 0).all()
    assert disagreement([reference, np.mean([summary(turnarounds) for turnarounds in found], axis=0)]) < 0.08


def test_other_staff_is_noticed(reference: np.ndarray) -> None:
    slower = replace(SMALL, incoming=replace(SMALL.incoming, servers=13))
    assert disagreement([reference, summary(LIBRARIES[0].prepare(slower, 4)())]) > 0.2


def test_a_whole_parameter_set_costs_little_beside_the_run():
    """Checking a whole parameter set takes little time compared with a run."""
    chosen, best = sim.ensemble().iloc[0], {1: np.inf, len(sim.parameters()): np.inf}
    for _ in range(4):
        for number in best:
            begun = time.process_time()
            sim.simulate(dict(chosen.iloc[:number]), 1, world="tiny")
            best[number] = min(best[number], time.process_time() - begun)
    assert max(best.values()) < 2 * best[1]


def test_there_is_something_to_compare_with() -> None:
    """The page of benchmarks has the stored table, and a note at its top if the model has changed."""
    text, stored = PAGE.read_text(encoding="utf-8"), kept.stored()
    assert {"arm", "events", "first_past", "worker_memory", "compiling"} <= set(stored)
    assert kept.table() in text or kept.EARLIER in text[:1000]


@pytest.mark.slow
def test_what_is_stored_is_of_the_model_of_today() -> None:
    """Stored numbers of events equal today's; `make benchmarks` renews them."""
    assert kept.measurement("arms")["events"] == pytest.approx(kept.stored()["events"].value, rel=0.02)
