"""Numbers and verdicts in plain words."""

from math import isnan

from sim.experiments.compare import Difference, Verdict
from sim.experiments.statistics import Estimate

_MINUS = "−"
_NOTHING = "–"


def number(value: float, unit: str = "") -> str:
    """A number as people read it: shares as per cents, three figures, a real minus sign."""
    if isnan(value):
        return _NOTHING
    if unit == "share":
        digits = 1 if abs(value) >= 0.001 or value == 0 else 3  # a share that is small is not nought
        return _minus(f"{100 * value:.{digits}f} %")
    return _minus(_figures(value))


def _figures(value: float) -> str:
    """About three figures, thousands apart."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or size == 0 else 3
    return f"{value:.{digits}f}"


def _minus(text: str) -> str:
    """A true minus sign, and no minus before nought."""
    plain = text.replace("-", _MINUS)
    return plain if any(digit in plain for digit in "123456789") else plain.removeprefix(_MINUS)


def change(entry: Difference) -> str:
    """A difference with its interval, in the unit; shares in percentage points."""
    return span(entry.difference, entry.low, entry.high, entry.unit)


def span(value: float, low: float, high: float, unit: str) -> str:
    """A change with its interval, in the unit; shares in percentage points."""
    if isnan(low):
        return _NOTHING
    factor, points = (100.0, " points") if unit == "share" else (1.0, "")
    middle, *ends = (signed(factor * part) for part in (value, low, high))
    return f"{middle}{points} ({' to '.join(ends)})"


def signed(value: float) -> str:
    """A number with its sign."""
    text = number(value)
    return text if text.startswith(_MINUS) or not any(digit in text for digit in "123456789") else f"+{text}"


def relative(entry: Difference) -> str:
    """A difference in per cent of the baseline."""
    if isnan(entry.relative) or isnan(entry.relative_low):
        return _NOTHING
    return f"{signed(100 * entry.relative)} %"


def interval(estimate: Estimate, unit: str = "") -> str:
    """A value with its interval."""
    if isnan(estimate.low):
        return number(estimate.value, unit)
    return f"{number(estimate.value, unit)} ({number(estimate.low, unit)} to {number(estimate.high, unit)})"


def verdict(entry: Difference) -> str:
    """Whether a difference can be told from noise, in words for a table."""
    if entry.verdict is Verdict.DISTINGUISHABLE:
        return "rises" if entry.difference > 0 else "falls"
    return {
        Verdict.NOT_DISTINGUISHABLE: "not distinguishable",
        Verdict.IDENTICAL: "identical",
        Verdict.UNDEFINED: "not defined",
    }[entry.verdict]
