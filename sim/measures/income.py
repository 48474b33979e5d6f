"""Income groups of states, and how victims' losses fall on them.

Rule: GDP per person in current US$ (sim/data/countries.csv, the latest year given there) cut at the World Bank's
thresholds of gross national income per person for its fiscal year 2025 (recalled). It stands in for the Bank's own
list, which uses another measure of income and smooths exchange rates, so a few states fall on the other side. A
state without a figure (the Holy See) counts as high income; Venezuela's figure is old and puts it there too.

Victims of domestic groups live where these do. Those of any other group are spread over states alike, by GDP × share
of internet users.
"""

from enum import IntEnum

import numpy as np

from sim.data.geography import CrimeGeography
from sim.measures.arrays import Integers

#: Upper ends of low, lower middle and upper middle income, US$ a person.
CUTS = (1145.0, 4515.0, 14005.0)


class Income(IntEnum):
    """Income group of a state."""

    LOW = 0
    LOWER_MIDDLE = 1
    UPPER_MIDDLE = 2
    HIGH = 3


def income_groups(geography: CrimeGeography) -> Integers:
    """Income group of each state."""
    per_person = geography.gdp / np.maximum(geography.population, 1.0)
    known = np.where(geography.gdp > 0.0, per_person, np.inf)
    return np.searchsorted(CUTS, known, side="left")
