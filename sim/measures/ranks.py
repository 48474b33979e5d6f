"""Rank correlation of one column with many others, and the size that chance alone seldom reaches."""

import numpy as np

from sim.measures.arrays import Floats


def rank_correlations(columns: Floats, values: Floats) -> Floats:
    """Spearman's rank correlation of each column with the values; NaN where either does not vary.

    Args:
        columns: f8[rows, columns], without NaN.
        values: f8[rows], without NaN.

    Returns:
        f8[columns], each −1 to 1.
    """
    from scipy.stats import rankdata

    ranks, own = rankdata(columns, axis=0), rankdata(values)
    apart, own_apart = ranks - ranks.mean(axis=0), own - own.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(own_apart @ apart / np.sqrt((apart**2).sum(axis=0) * (own_apart**2).sum()))


def beyond_chance(rows: int, columns: int, error: float) -> float:
    """Size that a rank correlation of any of some independent columns exceeds by chance with at most a probability.

    The probability is `error`, shared evenly by the columns (Bonferroni); a rank correlation over `rows` rows that has
    no cause follows Student's t. Infinite if there are no columns or fewer than four rows.
    """
    from scipy.special import stdtrit

    if columns < 1 or rows < 4:
        return float("inf")
    t = float(stdtrit(rows - 2, 1.0 - error / (2.0 * columns)))
    return t / float(np.sqrt(rows - 2 + t * t))


def seen_in_most(rows: int, least: float, share: float = 0.9) -> float:
    """Size of a true rank correlation whose estimate exceeds `least` in most samples, by Fisher's transformation.

    Args:
        rows: number of rows of a sample, four or more.
        least: size to be exceeded, 0 to 1.
        share: share of samples in which it is.
    """
    from scipy.special import ndtri

    error = np.sqrt(1.06 / (rows - 3))  # of a rank correlation on that scale (Fieller, Hartley and Pearson 1957)
    return float(np.tanh(np.arctanh(least) + float(ndtri(share)) * error))
