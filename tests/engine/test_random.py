"""Statistical tests of the random number generator.

Every draw is a pure function of its four components, so these tests give the same answer each time: the error rates
say how often a perfect generator would fail them, had other constants been chosen.
"""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.engine.compiling import in_python, kernel
from sim.engine.random import bits, choose, derive, exponential, gumbel, lognormal, normal, poisson, uniform

DRAWS = 1 << 18
PURPOSE_BITS, COUNT_BITS = 16, 48
COMPONENTS = ("seed", "purpose", "key", "count")
RARE = 1e-4  # error rate of each test of a distribution

Words = np.ndarray


@kernel
def words(seeds, purposes, keys, counts, out):
    """Writes random words for many draws."""
    for i in range(len(out)):
        out[i] = bits(seeds[i], purposes[i], keys[i], counts[i])


@kernel
def uniforms(seeds, purposes, keys, counts, out):
    """Writes uniform draws."""
    for i in range(len(out)):
        out[i] = uniform(seeds[i], purposes[i], keys[i], counts[i])


@kernel
def shaped(seed, key, out):
    """Writes draws of each distribution: normal, exponential, lognormal, Gumbel, Poisson."""
    for i in range(out.shape[1]):
        out[0, i] = normal(seed, 1, key, i)
        out[1, i] = exponential(seed, 2, key, i, 3.0)
        out[2, i] = lognormal(seed, 3, key, i, 180.0, 0.8)
        out[3, i] = gumbel(seed, 4, key, i)
        out[4, i] = poisson(seed, 5, key, i, 1.6)


@kernel
def chosen(cumulative, shares, out):
    """Writes the index that `choose` returns for each share."""
    for i in range(len(out)):
        out[i] = choose(cumulative, shares[i])


@kernel
def descendants(parents, components, out):
    """Writes keys derived from other keys."""
    for i in range(len(out)):
        out[i] = derive(parents[i], components[i])


def components(varied: str, draws: int = DRAWS, start: int = 0) -> list[Words]:
    """Makes columns of seeds, purposes, keys and counts, one of which increases by one."""
    if varied == "purpose":
        draws = min(draws, 1 << PURPOSE_BITS)
    columns = {"seed": 7, "purpose": 53, "key": 0x9E37, "count": 3}
    return [
        np.arange(start, start + draws, dtype=np.uint64) if name == varied else np.full(draws, columns[name], np.uint64)
        for name in COMPONENTS
    ]


def stream(columns: list[Words], draw: Any = uniforms, kind: Any = float) -> np.ndarray:
    """Random numbers, one for each row of the columns."""
    out = np.zeros(len(columns[0]), kind)
    draw(*columns, out)
    return out


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Correlation of two samples, in standard errors."""
    return float(np.corrcoef(x, y)[0, 1] * math.sqrt(len(x)))


def even(observed: np.ndarray) -> float:
    """Two-sided p-value of a chi-squared test of equal expected counts."""
    p = stats.chisquare(observed.ravel()).pvalue
    return float(2 * min(p, 1 - p))


def mixed(seed: int, purpose: int, key: int, count: int) -> int:
    """Expected random word, computed with Python's integers."""
    word = (1 << 64) - 1

    def absorb(state: int, component: int) -> int:
        z = ((state ^ component) + 0x9E3779B97F4A7C15) & word
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & word
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & word
        return z ^ (z >> 31)

    return absorb(absorb(seed * 0xBF58476D1CE4E5B9 & word, purpose << 48 | count), key)


WORD = st.integers(0, 2**64 - 1)


@given(
    st.lists(
        st.tuples(WORD, st.integers(0, 2**PURPOSE_BITS - 1), WORD, st.integers(0, 2**COUNT_BITS - 1)),
        min_size=1,
        max_size=30,
    )
)
def test_words_are_those_of_the_definition(draws: list[tuple[int, int, int, int]]) -> None:
    columns = list(np.array(draws, np.uint64).T.copy())
    assert stream(columns, words, np.uint64).tolist() == [mixed(*draw) for draw in draws]


@pytest.mark.parametrize("varied", COMPONENTS)
def test_draws_are_even_along_every_component_down_to_their_lowest_bits(varied: str) -> None:
    columns = components(varied)
    drawn, whole = stream(columns), stream(columns, words, np.uint64)
    assert 0.0 <= drawn.min() < 1e-4 and 1 - 1e-4 < drawn.max() < 1.0
    assert even(np.bincount((drawn * 1024).astype(int), minlength=1024)) > RARE
    pairs, _, _ = np.histogram2d(drawn[:-1:2], drawn[1::2], bins=64, range=[[0, 1], [0, 1]])
    assert even(pairs) > RARE
    for lag in (1, 2, 3, 7, 64):
        assert abs(correlation(drawn[:-lag], drawn[lag:])) < 5.2, lag
    assert even(np.bincount((whole & np.uint64(0xFF)).astype(int), minlength=256)) > RARE
    ones = int(np.unpackbits(whole.view(np.uint8)).sum()) - 32 * len(whole)
    assert abs(ones) / (4 * math.sqrt(len(whole))) < 5.2  # error rate 2e-7
    assert len(np.unique(whole)) == len(whole)


def test_neither_runs_nor_streams_next_to_each_other_draw_the_same() -> None:
    """Random streams of neighbouring seeds, purposes and counts do not repeat or correlate."""
    seeds, purposes, counts = (grid.ravel().astype(np.uint64) for grid in np.mgrid[0:64, 0:64, 0:256])
    drawn = stream([seeds, purposes, np.full(len(seeds), 0x9E37, np.uint64), counts], words, np.uint64)
    assert len(np.unique(drawn)) == len(seeds)  # error rate 3e-8
    columns = components("count")
    for place in range(3):
        neighbour = [column + np.uint64(number == place) for number, column in enumerate(columns)]
        assert abs(correlation(stream(columns), stream(neighbour))) < 5.2, COMPONENTS[place]


@pytest.mark.parametrize(("place", "length"), list(enumerate((64, PURPOSE_BITS, 64, COUNT_BITS))), ids=COMPONENTS)
def test_one_bit_of_input_flips_half_of_the_output(place: int, length: int) -> None:
    bases, rng = 4096, np.random.default_rng(5)
    columns = [rng.integers(0, 2**bits, bases, np.uint64) for bits in (63, PURPOSE_BITS, 63, COUNT_BITS)]
    before, worst = stream(columns, words, np.uint64), 0.0
    for bit in range(length):
        flipped = [column ^ np.uint64((number == place) << bit) for number, column in enumerate(columns)]
        after = stream(flipped, words, np.uint64)
        changed = np.unpackbits((before ^ after).view(np.uint8)).reshape(bases, 64).sum(axis=0)
        worst = max(worst, float(np.abs(changed - bases / 2).max() / (math.sqrt(bases) / 2)))
    assert worst < 6.0  # 4,096 proportions in standard errors: error rate 1e-5


def test_shapes() -> None:
    out = np.zeros((5, DRAWS))
    shaped(np.uint64(3), np.uint64(99), out)
    bell = np.log(out[2] / 180) / 0.8
    for drawn, law in ((out[0], "norm"), (out[1] / 3, "expon"), (bell, "norm"), (out[3], "gumbel_r")):
        assert stats.kstest(drawn, law).pvalue > RARE, law
    most = 8
    observed = np.bincount(np.minimum(out[4], most).astype(int), minlength=most + 1)
    expected = stats.poisson.pmf(np.arange(most + 1), 1.6)
    expected[most] = stats.poisson.sf(most - 1, 1.6)
    assert stats.chisquare(observed, expected * DRAWS).pvalue > RARE


def test_poisson_draws_of_large_means() -> None:
    rule, number = in_python(poisson), 2_000
    for mean in (190.0, 210.0, 40_000.0):
        with np.errstate(over="ignore"):
            draws = np.array([rule(np.uint64(3), 5, np.uint64(key), 0, mean) for key in range(number)])
        assert abs(draws.mean() - mean) < 5 * math.sqrt(mean / number)  # error rate 6e-7
        assert abs(draws.var() / mean - 1) < 5 * math.sqrt(2 / number)


#: Draws of `shaped` on the scale of their distribution, where a ziggurat's lowest layer ends, and edges of bins.
LAST, END = 3.442619855899, 7.69711747013105
TAILED = (
    (0, 1.0, stats.norm, LAST, (-99, -4.2, -3.8, -LAST, *np.linspace(-3.4, 3.4, 341), LAST, 3.8, 4.2, 99)),
    (1, 3.0, stats.expon, END, (0.0, *np.linspace(0.001, 7.5, 400), END, 8.5, 9.5, 99)),
)


@pytest.mark.parametrize(("row", "mean", "distribution", "tail", "edges"), TAILED, ids=("normal", "exponential"))
def test_draws_have_the_tails_of_the_distribution(row, mean, distribution, tail, edges):
    """Draws follow the distribution in its tails and at the edges of the ziggurat's layers."""
    out = np.zeros((5, 16 * DRAWS))
    shaped(np.uint64(8), np.uint64(21), out)
    drawn = out[row] / mean
    expected = np.diff(distribution.cdf(edges)) * drawn.size
    assert expected.min() > 40 and stats.chisquare(np.histogram(drawn, edges)[0], expected).pvalue > RARE
    beyond = np.abs(drawn[np.abs(drawn) > tail])
    assert stats.kstest(distribution.sf(beyond) / distribution.sf(tail), "uniform").pvalue > RARE


@given(
    st.lists(st.sampled_from([0.0, 0.0, 0.1, 1.0, 2.5]), min_size=1, max_size=40).filter(any),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20),
)
def test_choice_by_weight(weights: list[float], shares: list[float]) -> None:
    cumulative, out = np.cumsum(weights), np.zeros(len(shares), np.int64)
    chosen(cumulative, np.array(shares), out)
    first_above = np.searchsorted(cumulative, np.array(shares) * cumulative[-1], side="right")
    np.testing.assert_array_equal(out, first_above)
    assert all(weights[place] > 0 for place in out)


def test_descendants_do_not_collide_and_know_their_line() -> None:
    parents, numbers = (grid.ravel().astype(np.uint64) for grid in np.mgrid[0:512, 0:512])
    keys, swapped = (stream(pair, descendants, np.uint64) for pair in ([parents, numbers], [numbers, parents]))
    grandchildren = stream([keys, numbers[::-1].copy()], descendants, np.uint64)
    assert len(np.unique(np.concatenate([keys, grandchildren]))) == 2 * len(keys)
    assert (swapped != keys).sum() == len(keys) - 512  # only where parent and component are the same number
