"""Staff given as numbers (`+20 people each`, `+1,650 people together`), and rounding to whole persons."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class InNumbers(NamedTuple):
    """A change in persons or posts instead of a multiple: a new total, or an addition."""

    number: float  # how many; below zero where they are taken away
    more: bool  # whether it comes on top of what there is
    unit: str  # of what
    part: float = 1.0  # of the way from what there is, 0–1, for ramps
    together: bool = False  # whether those that are selected share it; else each has or gets it

    def added(self, base: Floats, place: Places | None = None) -> Floats:
        """[row] Whole persons or posts that the number adds in each row of a table; negative for cuts.

        Rows are of states, or of desks with the state of each in `place`. They share in proportion to what there is,
        and their parts add up to the number that was asked for.
        """
        whole = np.rint(base)
        group = np.arange(len(base)) if place is None else place
        group = np.zeros_like(group) if self.together else group
        there, rows = np.bincount(group, whole), np.bincount(group)
        target = np.maximum(there + self.number if self.more else self.number, 0.0)
        reached = np.rint(there + self.part * (target - there))[group]
        equal = there[group] == 0.0
        weight = np.where(equal, 1.0, whole) / np.where(equal, rows[group], np.maximum(there[group], 1.0))
        return in_whole_numbers(reached * weight, group) - whole

    def of(self, base: Floats) -> Floats:
        """[state] Whole persons or posts in each state after the change."""
        return np.rint(base) + self.added(base)

    def __str__(self) -> str:
        """Text of the number as in a scenario file: +10 posts each."""
        number = f"{self.number:+,.10g}" if self.more else f"{self.number:,.10g}"
        return f"{number} {self.unit} {'together' if self.together else 'each'}".replace("-", "−")


def in_whole_numbers(values: Floats, group: Places, size: Floats | None = None) -> Floats:
    """[row] Values rounded to integers, so that each group's sum is the rounded sum of its values.

    Groups are numbered from 0; of equal remainders the larger size comes first, then the earlier row.
    """
    low = np.floor(values + 1e-9)
    left = np.rint(np.bincount(group, values)) - np.bincount(group, low)
    smaller = np.zeros(len(values)) if size is None else -size
    order = np.lexsort((np.arange(len(values)), smaller, np.round(low - values, 9), group))
    first = np.searchsorted(group[order], group[order])
    low[order[np.arange(len(values)) - first < left[group[order]]]] += 1.0
    return low


def added_by(times: float, whole: Floats, group: Places, size: Floats, kept: float = 0.0) -> Floats:
    """[row] Whole persons or posts that a factor adds in each row of a table; negative for cuts.

    A dose of x % adds x % of what each group has, rounded once. All share in proportion to what they have, and of those
    with as much the larger by unrounded size get one first. Where some are taken away, each keeps as many as said.
    """
    shared = whole if times >= 1.0 else np.maximum(whole - kept, 0.0)
    there, sharing = np.bincount(group, whole), np.bincount(group, shared)
    change = np.maximum((times - 1.0) * there, -sharing) / np.maximum(sharing, 1.0)
    return in_whole_numbers(shared * change[group], group, size)


def multiplied(base: Floats, times: float, group: Places) -> Floats:
    """[desk] Whole persons at each desk after a multiplication, rounded over groups; at least one each.

    Groups, such as states governed alike, are numbered from 0.
    """
    whole = whole_persons(base)
    return whole + added_by(times, whole, group, base, kept=1.0)


def whole_persons(unrounded: Floats) -> Floats:
    """[desk] Number of people at desks, rounded to whole persons as in a world; at least one each."""
    return np.maximum(np.rint(unrounded), 1.0)
