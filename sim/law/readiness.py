"""Expected readiness of states and providers for instruments that come into use gradually (M4).

Which states are ready when is drawn for each world from the same numbers (sim/agents/assistance/channels.py).
"""

import math
from datetime import date

from sim.data.load import read_table
from sim.law.days import YEAR

FILE, _PARAMETERS = "readiness.csv", "parameters.csv"


def share_on(opened: date, on: date) -> float:
    """Expected share (0–1) of binding orders that can be sent and are accepted on a date."""
    late, years, addressee = (_central(name) for name in ("orders_late", "orders_late_years", "addressee_years"))
    passed = max((on - opened).days / YEAR, 0.0)
    ready = 1.0 - late * math.exp(-passed / max(years, 1e-6))
    return ready * (1.0 - math.exp(-passed / max(addressee, 1e-6)))


def known() -> tuple[dict[str, str], ...]:
    """Published facts on readiness, as rows with `instrument`, `date`, `what`, `source` and `status`."""
    return tuple(dict(row) for row in read_table(FILE).rows)


def note(opened: date, on: date) -> str:
    """Note for readers on the share of orders that can use a channel on a date."""
    share = share_on(opened, on)
    return f"readiness: about {share:.0%} of orders can be sent on that day (drawn by state and world; judgement)"


def _central(name: str) -> float:
    """Central value of a parameter of channel choice, from parameters.csv."""
    table = read_table(_PARAMETERS)
    return next(table.number(row, "default") for row in table.rows if row["parameter"] == f"channel.{name}")
