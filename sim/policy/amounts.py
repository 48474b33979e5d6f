"""Reads amounts that belong to no lever: `3 years`, `200 %`, `8 % a year`, `40 M€ a year`."""

import re

from sim.policy.lever import Quantity
from sim.policy.problem import InputError
from sim.policy.units import read_quantity

_A_YEAR = re.compile(r"\s*(?:a|per|/)\s*year\s*$", re.IGNORECASE)
_MONEY = re.compile(
    r"(?:€|EUR|euros?)?\s*(\d{1,9}(?:[.,]\d{1,9})?)\s*(k|thousand|m|million|bn|billion)?\s*(?:€|EUR|euros?)?",
    re.IGNORECASE,
)
_SCALE = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}


def read_years(written: str, key: str) -> float:
    """A length of time, in years.

    Raises:
        InputError: not one from 0 to 40 years; names the key.
    """
    return _of(key, Quantity.YEARS, written, 0, 40)


def read_ratio(written: str, key: str) -> float:
    """A multiple: `200 %`, `+100 %`, `2 times`.

    Raises:
        InputError: not one from 0 to 100; names the key.
    """
    return _of(key, Quantity.RATIO, written, 0, 100)


def read_share(written: str, key: str) -> float:
    """A share, 0–1.

    Raises:
        InputError: not one; names the key.
    """
    return _of(key, Quantity.SHARE, written, 0, 1)


def read_per_year(written: str, key: str) -> float:
    """A hazard, as a share per year: `8 % a year`.

    Raises:
        InputError: not one; names the key.
    """
    bare = _A_YEAR.sub("", written)
    if bare == written:
        raise InputError("the unit is missing", key=key, value=written, fix="Write for example '8 % a year'.")
    return _of(key, Quantity.RATIO, bare, 0, 10)


def read_euros(written: str, key: str) -> float:
    """An amount of money in euros: `2 M€`, `300 k€`, `1.5 million euros`.

    Raises:
        InputError: not one; names the key.
    """
    match = _MONEY.fullmatch(written.strip())
    if match is None or not re.search("€|eur", written, re.IGNORECASE):
        raise InputError("not an amount in euros", key=key, value=written, fix="Write for example '2 M€' or '300 k€'.")
    return float(match[1].replace(",", ".")) * _SCALE[(match[2] or "").lower()]


def read_euros_per_year(written: str, key: str) -> float:
    """An amount of money per year: `40 M€ a year`.

    Raises:
        InputError: not one; names the key.
    """
    bare = _A_YEAR.sub("", written)
    if bare == written:
        raise InputError("the unit is missing", key=key, value=written, fix="Write for example '40 M€ a year'.")
    return read_euros(bare, key)


def _of(key: str, quantity: Quantity, written: str, low: float, high: float) -> float:
    """One number with its key in the message."""
    try:
        return read_quantity(quantity, written, low, high)
    except InputError as problem:
        raise problem.at("", key) from None
