"""Prices in euros of 2024: unit costs with ranges, wages in each state, and kinds of payer.

Nobody knows unit costs well, so each has a range, and worlds with parameters of their own have prices of their own:
even in the logarithm between the least and the central price in one half of worlds, and between the central and the
greatest in the other. What people cost a year moves together, all else by itself.

Unit costs are those of a rich state (GDP of 50,000 US$ a person). Elsewhere people cost that times
(GDP per person ÷ 50,000)^0.7, kept between 0.05 and 1.2: public wages rise a little slower than GDP (judgement).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from sim.data.geography import CrimeGeography
from sim.data.load import read_table

RICH_USD = 50_000.0
WAGE_EXPONENT = 0.7
WAGE_LEAST, WAGE_MOST = 0.05, 1.2
#: Hours that a person works in a year.
HOURS_A_YEAR = 1600.0
#: US dollars of 2024 for one euro (mean of 2024, European Central Bank, recalled).
USD_PER_EURO = 1.08

Floats = npt.NDArray[np.float64]
#: Units of what people cost, which moves together: who misjudges one wage misjudges all.
_OF_PEOPLE = ("euros a person-year", "euros a post-year")
#: Each unit cost at one value, by its name.
Prices = Mapping[str, float]


class Payer(IntEnum):
    """Kinds of payer for a policy's costs."""

    CENTRAL_AUTHORITY = 0
    COURT = 1
    LABORATORY = 2
    PROVIDER = 3
    INVESTIGATOR = 4
    LIAISON = 5
    LEGISLATURE = 6
    OTHER = 7


#: One row per commitment of money: an amount paid on its first day, and a yearly amount from then until its last. Where
#: the yearly amount is for posts abroad, `posts` says how many more or fewer there are from then on, and only those are
#: paid that are filled.
LEDGER = np.dtype(
    [
        *(("payer", "i8"), ("state", "i8"), ("start", "f8"), ("until", "f8"), ("once", "f8"), ("a_year", "f8")),
        ("posts", "f8"),
    ]
)


@dataclass(frozen=True)
class UnitCost:
    """Range of the cost of one unit (such as a post for a year), with the unit's name."""

    unit: str
    low: float
    central: float
    high: float

    def at(self, share: float) -> float:
        """Cost of a unit at a quantile (0–1) of its distribution over worlds."""
        low, high = (self.low, self.central) if share < 0.5 else (self.central, self.high)
        return float(low * (high / low) ** (2.0 * share % 1.0)) if share < 1.0 else high


@cache
def unit_costs() -> Mapping[str, UnitCost]:
    """All unit costs by name."""
    table = read_table("unit_costs.csv")
    return {
        row["id"]: UnitCost(row["unit"], *(table.number(row, end) for end in ("low", "central", "high")))
        for row in table.rows
    }


def central_prices() -> Prices:
    """Unit costs in worlds with default parameters."""
    return {name: cost.central for name, cost in unit_costs().items()}


def drawn_prices(key: str) -> Prices:
    """Unit costs in worlds with one parameter set, as a random draw from its key."""
    people = _share(f"{key} people")
    return {
        name: cost.at(people if cost.unit in _OF_PEOPLE else _share(f"{key} {name}"))
        for name, cost in unit_costs().items()
    }


def _share(words: str) -> float:
    """Number from 0 to 1 computed from a hash of a text."""
    return int.from_bytes(sha256(words.encode()).digest()[:6], "big") / 2**48


@cache
def wage_level() -> Floats:
    """Wages in each state relative to a rich state, float64 [state]."""
    geography = CrimeGeography.load()
    per_person = geography.gdp / np.maximum(geography.population, 1.0)
    level = np.clip((per_person / RICH_USD) ** WAGE_EXPONENT, WAGE_LEAST, WAGE_MOST)
    level[geography.gdp <= 0.0] = 1.0  # no figure: the Holy See
    level.setflags(write=False)
    return np.asarray(level)
