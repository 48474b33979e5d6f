"""What the default world turns out to give, and parameters start from: sim/data/derived.csv.

A world that begins with beliefs, trust and loads far from what it then gives would drift for years. These numbers are
therefore measured in it, by `python -m sim.experiments.derive`, and read here as defaults.
"""

from sim.data.load import DataError, Row, read_table

FILE = "derived.csv"


def derived(name: str, column: str = "value") -> float:
    """A measured number.

    Args:
        name: its row.
        column: `value`, or `error` for its standard error.

    Raises:
        DataError: there is no such row, or no such number in it.
    """
    return read_table(FILE).number(_row(name), column)


def _row(name: str) -> Row:
    for row in read_table(FILE).rows:
        if row["name"] == name:
            return row
    raise DataError(f"{FILE}: no row is called {name!r}")
