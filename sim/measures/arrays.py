"""Array types and basic statistics that all measures share."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

#: Structured array, one record an entity (sim/world/records/).
Table = npt.NDArray[np.void]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer[Any]]
Mask = npt.NDArray[np.bool_]
#: A tidy table of one run: equally long arrays by column name.
Columns = dict[str, npt.NDArray[Any]]

#: Whole numbers as they are measured: tables hold every one in 64 bits, of which codes and rows fill few.
CODE, STATE, ROW = np.int8, np.int16, np.int32
#: A request counts as executed in time, and evidence as had in time, within this many days.
EXECUTION_DAYS = 365.0


def share(part: Mask, whole: Mask | None = None) -> float:
    """Share of rows for which `part` is true, among the rows in the mask `whole` or all rows."""
    if whole is None:
        return ratio(float(np.count_nonzero(part)), part.size)
    return ratio(float(np.count_nonzero(part & whole)), float(np.count_nonzero(whole)))


def ratio(part: float, whole: float) -> float:
    """Quotient of two numbers; NaN if the denominator is zero."""
    return float(part / whole) if whole else float("nan")


def mean(values: Floats) -> float:
    """Mean of an array's values; NaN for an empty array."""
    return float(values.mean()) if values.size else float("nan")


def median(values: Floats) -> float:
    """Median of an array's values; NaN for an empty array."""
    return float(np.median(values)) if values.size else float("nan")


def weighted_mean(values: Floats, weights: Floats) -> float:
    """Weighted mean of values; NaN if the weights sum to zero.

    A dot product would be summed in an order that depends on how many threads linear algebra has.
    """
    return ratio(float((values * weights).sum()), float(weights.sum()))


def among(codes: Integers, wanted: Sequence[int]) -> Mask:
    """True for each code that equals one of the wanted codes; faster than numpy.isin."""
    codes, mask = np.ascontiguousarray(codes), np.zeros(codes.shape, dtype=np.bool_)
    for code in wanted:
        mask |= codes == code
    return mask


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's correlation coefficient, equal to the last bit on all machines."""
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / np.sqrt((one * one).sum() * (other * other).sum()))


def select(columns: Columns, rows: Mask | Integers) -> Columns:
    """Selects rows of a table by row numbers or by a mask."""
    places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    return {name: column.take(places, axis=0) for name, column in columns.items()}


class Kinds(NamedTuple):
    """Combinations of codes (such as channel and kind of data) that occur in a table's rows."""

    codes: Columns  # i4[n] codes of each, by column, in order
    number: Integers  # [n] rows of each
    place: Integers  # [rows] of each row, among all combinations that could occur
    kept: Integers  # [n] which of all these do occur

    @classmethod
    def of(cls, codes: Mapping[str, Integers | Mask]) -> "Kinds":
        """Finds the combinations of codes that occur in several columns."""
        sizes = [int(column.max(initial=0)) + 1 for column in codes.values()]
        place = np.zeros(next(iter(codes.values())).size, dtype=np.int64)
        for size, column in zip(sizes, codes.values(), strict=True):
            place = place * size + column
        number = np.bincount(place)
        kept = np.flatnonzero(number)
        each = np.unravel_index(kept, sizes)
        columns: Columns = {name: code.astype(np.int32) for name, code in zip(codes, each, strict=True)}
        return cls(columns, number[kept], place, kept)

    def sum(self, values: Floats | Integers | Mask) -> Floats:
        """Sum of a column over the rows of each combination of codes."""
        return np.bincount(self.place, values)[self.kept].astype(np.float64)  # without any rows it gives whole numbers
