"""A panel of attacks by state and month, and the regression of Hui, Kim and Wang (2017) on it.

ln(attacks) of a state and month on whether the Convention on Cybercrime is in force there, apart for states with a
reservation or declaration on cooperation, with fixed effects of states and months and standard errors clustered by
state. The panel is balanced, so that taking out the means of states and months is the same as a dummy for each.
"""

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.data.load import read_table
from sim.measures.arrays import Floats

Flags = npt.NDArray[np.bool_]
#: Articles on jurisdiction and on international cooperation, to which the paper's reservations refer.
COOPERATION = (22, 35)


@dataclass(frozen=True)
class Treatment:
    """Who enforces the Convention when.

    Attributes:
        enforces: bool [state, month].
        reserved: bool [state], has a reservation or declaration on cooperation.
    """

    enforces: Flags
    reserved: Flags


@dataclass(frozen=True)
class PanelEffect:
    """Estimates of a regression: change of attacks as a share, with standard errors of the log.

    Attributes:
        free: where the Convention is enforced without reservation on cooperation.
        free_error: its standard error, log.
        reserved: where it is enforced with one.
        reserved_error: its standard error, log.
    """

    free: float
    free_error: float
    reserved: float
    reserved_error: float


def months(first: date, last: date) -> tuple[date, ...]:
    """First days of the months from one day to another."""
    return tuple(
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    )


def treatment(states: tuple[str, ...], when: tuple[date, ...]) -> Treatment:
    """Enforcement on the first day of each month, by the days of entry into force of ETS 185 (verified).

    Args:
        states: ISO codes in order.
        when: first days of months.
    """
    table = read_table("budapest_convention.csv")
    enforces = np.zeros((len(states), len(when)), np.bool_)
    for row in table.rows:
        since = table.day(row, "entry_into_force_date")
        if since is not None and row["iso3"] in states:
            enforces[states.index(row["iso3"])] = [since <= day for day in when]
    return Treatment(enforces, np.isin(states, sorted(_reserved())))


def _reserved() -> set[str]:
    """States with a reservation or declaration on cooperation that was not withdrawn."""
    found = set()
    for row in read_table("budapest_reservations.csv").rows:
        article = int((re.match(r"\d+", row["article"]) or ["0"])[0])
        if COOPERATION[0] <= article <= COOPERATION[1] and "withdrawn" not in row["kind"]:
            found.add(row["iso3"])
    return found


def within(values: Floats) -> Floats:
    """Values of a balanced panel less the means of their state and month, plus that of all, float64 [state, month]."""
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()


def estimate(attacks: Floats, treated: Treatment) -> PanelEffect:
    """The regression.

    Args:
        attacks: expected attacks, above zero, float64 [state, month].
        treated: of the same states and months.

    Raises:
        ValueError: attacks are not above zero everywhere.
    """
    import statsmodels.api as sm

    if not (attacks > 0.0).all():
        raise ValueError("attacks must be above zero: leave out states without any")
    enforces, reserved = treated.enforces.astype(np.float64), treated.reserved[:, None]
    parts = [part for part in (enforces * ~reserved, enforces * reserved) if part.any()]
    places = [index for index, part in enumerate((enforces * ~reserved, enforces * reserved)) if part.any()]
    design = np.column_stack([within(part).ravel() for part in parts])
    groups = np.repeat(np.arange(len(attacks)), attacks.shape[1])
    fit = sm.OLS(within(np.log(attacks)).ravel(), design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    found, errors = np.full(2, np.nan), np.full(2, np.nan)
    found[places], errors[places] = fit.params, fit.bse
    return PanelEffect(float(np.expm1(found[0])), float(errors[0]), float(np.expm1(found[1])), float(errors[1]))
