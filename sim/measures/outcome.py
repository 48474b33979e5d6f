"""An outcome: a named number with a definition, so that every figure can state what it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sim.measures.observation import Observation

#: Units of what is counted or added up: with nothing to count it is 0.
COUNTED = frozenset(
    (
        *("per year", "requests", "number", "persons", "groups", "item-days per year", "billion person-days"),
        *("million euros of 2024", "billion USD of 2024", "billion USD of 2024 a year"),
    )
)


class Better(StrEnum):
    """Whether a policy wants more of it; NEITHER where that depends on the view taken."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"


@dataclass(frozen=True)
class Outcome:
    """A named scalar of one arm.

    Attributes:
        key: column name in outcomes.parquet.
        title: what it is, in plain words.
        unit: unit of the value; "share" is 0–1.
        better: whether more of it is better.
        definition: what is counted over what, in one or two sentences.
        measure: the function that computes it; NaN when undefined.
        least: what it cannot be below; most outcomes are counts, times, sums or shares.
    """

    key: str
    title: str
    unit: str
    better: Better
    definition: str
    measure: Callable[[Observation], float]
    least: float = 0.0

    @property
    def heading(self) -> str:
        """Title and unit, as tables show them."""
        return f"{self.title} ({self.unit})"

    @property
    def may_be_missing(self) -> bool:
        """Whether it can be undefined, as a share of nothing or a median of no times; a number or a sum never is."""
        return self.unit not in COUNTED
