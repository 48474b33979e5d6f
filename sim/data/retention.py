"""Mandatory retention: how long the law of a state makes custodians keep data."""

from datetime import date

import numpy as np
import numpy.typing as npt

from sim.data.load import read_table, states

FILE = "retention_by_state.csv"


def mandatory_days(data_kind: str, on: date) -> npt.NDArray[np.float64]:
    """[S] days for which custodians of each state must keep data of a kind, by the law of a day.

    0: the state has no such duty on that day, or had none yet. NaN: nothing is known of the state.

    Args:
        data_kind: `traffic/IP`, `subscriber`, `logs`, `application logs`, `content`, or `traffic/IP (grave crime)`.
        on: the day.

    Raises:
        DataError: the file cannot be used.
    """
    table = read_table(FILE)
    position = {state: index for index, state in enumerate(states())}
    days = np.full(len(position), np.nan)
    for row in table.rows:
        if row["data_kind"] == data_kind:
            since, until = table.day(row, "since"), table.day(row, "until")
            binds = (since or date.min) <= on < (until or date.max)  # without a first day it has always been so
            days[position[row["iso3"]]] = table.number(row, "mandatory_days") if binds else 0.0
    return days
