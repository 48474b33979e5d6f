"""Readiness of instruments that are introduced in steps, as it is expected over worlds (M4).

Which states are ready when is drawn for each world from the same numbers (sim/agents/assistance/channels.py).
"""

import math
from datetime import date

from sim.data.load import read_table
from sim.law.days import YEAR

FILE, _PARAMETERS = "readiness.csv", "parameters.csv"


def share_on(opened: date, on: date) -> float:
    """Expected share of binding orders that can be sent and are taken on a day, 0 to 1, by central values."""
    late, years, addressee = (_central(name) for name in ("orders_late", "orders_late_years", "addressee_years"))
    passed = max((on - opened).days / YEAR, 0.0)
    ready = 1.0 - late * math.exp(-passed / max(years, 1e-6))
    return ready * (1.0 - math.exp(-passed / max(addressee, 1e-6)))


def known() -> tuple[dict[str, str], ...]:
    """Facts on readiness that have been read: rows with `instrument`, `date`, `what`, `source` and `status`."""
    return tuple(dict(row) for row in read_table(FILE).rows)


def note(opened: date, on: date) -> str:
    """Readiness on a day, as a remark on a channel."""
    share = share_on(opened, on)
    return f"readiness: about {share:.0%} of orders can be sent on that day (drawn by state and world; judgement)"


def _central(name: str) -> float:
    """Central value of a parameter of the choice of channels."""
    table = read_table(_PARAMETERS)
    return next(table.number(row, "default") for row in table.rows if row["parameter"] == f"channel.{name}")
