"""Parses values and amounts as users write them: `150 %`, `+50 %`, `90 days`, `yes`, `40 M€ a year`."""

import math
import re
from collections.abc import Collection, Iterable
from typing import Any

from sim.law.days import MONTH, YEAR
from sim.law.suggest import nearest
from sim.policy.lever import Lever, Quantity, Value
from sim.policy.problem import InputError, read_each

_DAYS = {"day": 1.0, "week": 7.0, "month": MONTH, "year": YEAR}
_NUMBER = re.compile(r"([+-]?)\s*(\d{1,9}(?:[.,]\d{1,9})?|\.\d{1,9})\s*([^\d\s].{0,30})?")
_BARE = re.compile(r"[+−-]?\s*\d{1,9}(?:[.,]\d{1,9})?")
_A_YEAR = re.compile(r"\s*(?:a|per|/)\s*year\s*$", re.IGNORECASE)
_MONEY = re.compile(
    r"(?:€|EUR|euros?)?\s*(\d{1,9}(?:[.,]\d{1,9})?)\s*(k|thousand|m|million|bn|billion)?\s*(?:€|EUR|euros?)?",
    re.IGNORECASE,
)
_SCALE = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_YES_NO = {"yes": 1.0, "true": 1.0, "on": 1.0, "no": 0.0, "false": 0.0, "off": 0.0}
_EXAMPLE = {
    Quantity.RATIO: "Write '+50 %', '150 %' or '1.5 times'.",
    Quantity.SHARE: "Write a share such as '90 %' or 0.9.",
    Quantity.DAYS: "Write a number with its unit, such as '90 days' or '6 months'.",
    Quantity.YEARS: "Write a number with its unit, such as '5 years'.",
    Quantity.SHIFT: "Write a number from -1 to 1, such as 0.2.",
    Quantity.SPREAD: "Write a number such as 0.07.",
    Quantity.INSTRUMENT: "Write one treaty, such as budapest.",
    Quantity.RATE: "Write a share a year, such as '4 % a year'.",
}


def read_value(lever: Lever, written: Any) -> Value:
    """Parses the value of a lever from a scenario file.

    It becomes a number in the lever's unit, an instrument's identifier, or words of the lever's list.
    """
    if lever.quantity is Quantity.CHOICES:
        return _read_words(lever, written)
    if isinstance(written, list | dict) or written is None:
        shown = ", ".join(map(str, written)) if isinstance(written, list) else written
        raise InputError("one value is needed here", value=shown, fix=_example(lever))
    if lever.quantity is Quantity.INSTRUMENT:
        return str(written)
    if lever.quantity is Quantity.CHOICE:
        return float(lever.choices.index(read_name(written, lever.choices, f"not a value of {lever.name}")))
    if lever.quantity is Quantity.SWITCH:
        if (switch := _YES_NO.get(str(written).strip().lower())) is None:
            raise InputError("neither yes nor no", value=written, fix="Write yes or no.")
        return switch
    number = _read_number(lever.quantity, written, _example(lever))
    if not lever.low <= number <= lever.high:
        raise InputError(_out_of_range(lever), value=written, fix=_beyond(lever.quantity, written, _example(lever)))
    return number


def read_months(written: Any, what: str = "a ramp") -> int:
    """Parses a duration in whole months; messages call the duration `what`."""
    fix = "Write a whole number of months or years, such as '24 months'."
    match = _NUMBER.fullmatch(str(written).replace("−", "-").strip())
    unit = _singular(match[3] or "") if match else ""
    if match is None or unit not in ("month", "year") or match[1] == "-":
        raise InputError(f"not the length of {what}", value=written, fix=fix)
    months = float(match[2].replace(",", ".")) * (12 if unit == "year" else 1)
    if months != int(months) or not 1 <= months <= 480:
        raise InputError(f"{what} lasts from 1 to 480 whole months", value=written, fix=fix)
    return int(months)


def read_quantity(quantity: Quantity, written: str, low: float, high: float) -> float:
    """Parses a number that does not belong to a lever, in the unit of its quantity."""
    number = _read_number(quantity, written, _EXAMPLE[quantity])
    if not low <= number <= high:
        fix = _beyond(quantity, written, _EXAMPLE[quantity])
        raise InputError(f"must be from {low:g} to {high:g} ({quantity.value})", value=written, fix=fix)
    return number


def read_euros(written: str) -> float:
    """Parses an amount of euros: `2 M€`, `300 k€`, `1.5 million euros`."""
    match = _MONEY.fullmatch(written.strip())
    if match is None or not re.search("€|eur", written, re.IGNORECASE):
        raise InputError("not an amount in euros", value=written, fix="Write for example '2 M€' or '300 k€'.")
    return float(match[1].replace(",", ".")) * _SCALE[(match[2] or "").lower()]


def read_euros_per_year(written: str) -> float:
    """Parses an amount of euros per year: `40 M€ a year`."""
    bare = _A_YEAR.sub("", written)
    if bare == written:
        raise InputError("the unit is missing", value=written, fix="Write for example '40 M€ a year'.")
    return read_euros(bare)


def _read_number(quantity: Quantity, written: Any, example: str) -> float:
    """Parses a number in the unit of its quantity."""
    match = None if isinstance(written, bool) else _NUMBER.fullmatch(str(written).replace("−", "-").strip())
    if match is None:
        raise InputError("not a number", value=written, fix=example)
    number = float(match[2].replace(",", ".")) * (-1 if match[1] == "-" else 1)
    unit = (match[3] or "").strip()
    if quantity is Quantity.RATE:
        if not _A_YEAR.search(unit):
            raise InputError("the unit is missing", value=written, fix=example)
        unit = _A_YEAR.sub("", unit)
    unit = _singular(unit)
    result = _convert(quantity, number, unit, relative=bool(match[1]))
    if result is None:
        problem = f"unknown unit '{(match[3] or '').strip()}'" if unit else "the unit is missing"
        raise InputError(problem, value=written, fix=example)
    if not math.isfinite(result):
        raise InputError("not a number", value=written, fix=example)
    return result


def _convert(quantity: Quantity, number: float, unit: str, *, relative: bool) -> float | None:
    """Converts a number with a unit to the quantity's own unit; None if the unit does not fit."""
    if quantity in (Quantity.DAYS, Quantity.YEARS):
        days = _DAYS.get(unit)
        return None if days is None else number * days / (_DAYS["year"] if quantity is Quantity.YEARS else 1)
    if unit in ("%", "percent", "per cent"):
        share = number / 100
        return 1 + share if quantity is Quantity.RATIO and relative else share
    if unit == "" or (quantity is Quantity.RATIO and unit in ("time", "x")):
        return number
    return None


def _read_words(lever: Lever, written: Any) -> tuple[str, ...]:
    """Parses the words that are a lever's value, in the lever's order; `all` means every word."""
    words = written if isinstance(written, list) else [written]
    if words == ["all"]:
        return lever.choices
    chosen = read_names(words, lever.choices, f"not a value of {lever.name}")
    if not chosen:
        raise InputError("the list is empty", fix="Name at least one, or write all.")
    return tuple(word for word in lever.choices if word in chosen)


def read_names(words: Iterable[Any], known: Collection[str], problem: str) -> list[str]:
    """Finds the known words that a user's words mean, regardless of their spelling."""
    return read_each(lambda word: read_name(word, known, problem), words)


def read_name(written: Any, known: Collection[str], problem: str) -> str:
    """Finds the known word that a user's word means."""
    name = as_name(str(written))
    if name not in known:
        raise InputError(problem, value=written, fix=nearest(name, known))
    return name


def as_name(written: str) -> str:
    """Normalises the spelling of a name: `Search-and seizure` becomes `search_and_seizure`."""
    return written.strip().lower().replace("-", "_").replace(" ", "_")


def _singular(unit: str) -> str:
    """Name of a unit in lower case and singular: `Days` becomes `day`."""
    word = unit.strip().lower()
    return word[:-1] if word.endswith("s") and len(word) > 2 else word


def _example(lever: Lever) -> str:
    """Text with an example of a value for the lever."""
    words = f"Write one of {', '.join(lever.choices)}." if lever.choices else f"Write {lever.unit}."
    words = _EXAMPLE.get(lever.quantity, words)
    return f"{words} Of {lever.count.unit}: '+10 {lever.count.unit} together'." if lever.count else words


def check_times(lever: Lever, written: Any) -> None:
    """Raises an error for a bare number as a multiple: `10` could mean ten times or ten persons."""
    number = "" if isinstance(written, bool) else str(written).strip()
    if lever.quantity is not Quantity.RATIO or not _BARE.fullmatch(number):
        return
    today, size = "today's", number.lstrip("+-−")
    if lever.count:
        today += f" {lever.count.today():g} {lever.count.unit}"
    ways = [f"'{size} times' for {size} times {today}"] if float(size.replace(",", ".")) <= lever.high else []
    ways += [] if ways else [f"'{size} %' or '+{size} %' if per cent are meant"]
    if lever.count and size.isdecimal():
        ways.append(f"'+{size} {lever.count.unit} together' for {size} more")
    fix = f"Write {', or '.join(ways)}."
    raise InputError("the unit is missing", value=written, fix=fix)


def _beyond(quantity: Quantity, written: Any, example: str) -> str:
    """Text that suggests a fix for a number out of range, such as a per cent sign."""
    number = str(written).strip()
    if number.isdecimal() and quantity is Quantity.RATIO:
        return f"Write '{number} %' or '+{number} %' if per cent are meant."
    if number.isdecimal() and quantity is Quantity.SHARE and int(number) <= 100:
        return f"Write '{number} %' if per cent are meant."
    return example


def _out_of_range(lever: Lever) -> str:
    """Text on the range of values that a lever allows."""
    known = {Quantity.RATIO: f"from 0 to {lever.high:g} times today's", Quantity.SHARE: "a share from 0 % to 100 %"}
    return f"{lever.name} must be {known.get(lever.quantity, f'from {lever.low:g} to {lever.high:g} ({lever.unit})')}"
