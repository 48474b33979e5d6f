"""Numbers, effects and verdicts as text."""

import re
from collections.abc import Callable, Sequence
from math import ceil, floor, inf, isnan, log10
from typing import Any

import numpy as np

from sim.experiments.statistics import Estimate
from sim.law.days import MONTH
from sim.measures.outcome import Outcome
from sim.results.effects import PairedEffect, Verdict, is_clear, is_defined, is_few, is_same

_MINUS = "−"
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
#: Between two ends, and between a part and its whole.
_RANGE = re.compile(r"(?<=\d) (to|of) (?=[+−]?\d)")
#: Before a unit.
_UNIT = re.compile(r"(?<=\d) (?=(?:days|months|points|takedowns|million|billion)\b)")
_NOTHING = "–"
#: The last figure that is shown, and what is zero but for the computer's rounding.
_LEAST, _ROUNDING = 0.001, 1e-9
#: Units of which nothing can be more than one.
_UP_TO_ONE = ("share", "0–1", "Gini, 0–1", "correlation")


def number(value: float, unit: str = "") -> str:
    """Text of a number for readers: three digits, shares in per cent, never rounded to zero."""
    if isnan(value):
        return _NOTHING
    if unit == "share":
        digits = 1 if abs(value) >= 0.001 or value == 0 else 3  # a share that is small is not zero
        return f"{_trace(100 * value) or _minus(f'{100 * value:.{digits}f}')} %"
    return _trace(value) or _minus(_figures(value))


def rough(value: float) -> str:
    """Text of a number for prose: two significant digits, without decimals from ten on."""
    if isnan(value):
        return _NOTHING
    kept = float(f"{value:.2g}")
    small = f"{kept:.1f}" if abs(kept) >= 1 else f"{kept:g}"
    return _minus(f"{kept:,.0f}".replace(",", " ") if abs(kept) >= 10 else small)


def in_tenths(value: float) -> str:
    """Text of a number for prose, with two digits and at most one decimal: 0.57 becomes 0.6."""
    return rough(value) if not abs(value) < 1.0 else _minus(f"{value:.1f}") if abs(value) >= 0.05 else "0"


def stepped(value: float, to: Callable[[float], int], least: float = 0.0) -> float:
    """Rounds a number up or down (`to`) to two digits, or to a multiple of `least` if that is coarser."""
    if isnan(value) or value == 0.0:
        return value
    step = max(10.0 ** (floor(log10(abs(value)) + _ROUNDING) - 1), least)
    parts = value / step
    return step * (round(parts) if abs(parts - round(parts)) < 1e-6 else to(parts))


def outward(low: float, high: float) -> tuple[str, str]:
    """Returns texts of both ends of an interval in per cent, rounded outward."""
    return _outward(low, floor), _outward(high, ceil)


def _outward(value: float, to: Callable[[float], int]) -> str:
    """Text of one end of an interval in per cent, rounded outward."""
    if not 100.0 <= abs(value) < 1000.0:
        return in_tenths(stepped(value, to, 0.1))
    return _minus(f"{round(value) if abs(value - round(value)) < 1e-6 else to(value)}")


def wide_ends(low: float, high: float) -> tuple[str, str]:
    """Returns texts of both ends of a wide range, rounded outward to two digits."""
    return rough_end(low, floor), rough_end(high, ceil)


def rough_end(value: float, to: Callable[[float], int]) -> str:
    """Text of one end of a wide range, rounded up or down (`to`)."""
    near = 1.0 <= abs(value) < 10.0
    return _minus(f"{stepped(value, to, 1.0):.0f}") if near else rough(stepped(value, to))


def rough_ends(entry: Any, scale: float = 1.0, most: int = 3) -> tuple[str, str]:
    """Texts of two levels, rounded so that two digits of their difference remain.

    104 and 109 in two figures each would be 100 and 110, ten apart: they are 104 and 109. 97.7 and 161.4 are 98 and
    162: 64 more are stated with them. From ten on both are whole, and alike where that leaves no difference.
    Neither has more figures than `most`.
    """
    before, after = scale * entry.baseline_mean, scale * entry.scenario_mean
    if not before < after and not after < before:
        return rough(before), rough(after)
    small, large = sorted((abs(before), abs(after)))
    step = max(_last_of_two(after - before), _last_of_two(large) / 10.0 ** (most - 2), 1.0 if small >= 10.0 else 0.0)
    first, last = (step * round(end / step) for end in (before, after))
    if abs(last - first - (after - before)) > min(0.1 * abs(after - before), 0.5 * step if step >= 1.0 else inf):
        last = first + step * round((after - before) / step)
    digits = max(0, -floor(log10(step) + _ROUNDING))
    shown = [_minus(f"{end:,.{digits}f}".replace(",", " ")) for end in (first, last)]
    return rough(before) if first == 0.0 else shown[0], rough(after) if last == 0.0 else shown[1]


def _last_of_two(value: float) -> float:
    """Place value of a number's second significant digit, such as 10 for 150."""
    return 10.0 ** (floor(log10(float(f"{abs(value):.2g}"))) - 1) if value else 0.0


def rough_sizes(low: float, high: float, unit: str) -> tuple[str, str, str]:
    """Returns rounded texts of both ends of a change, and the text of their unit of time.

    They are rounded outward, away from a zero between them, so that no interval becomes narrower; equal ones, to the
    nearest.
    """
    sizes, time = (abs(low), abs(high)), "month" if unit == "months" else ""
    if time and min(sizes) < 1.0:
        sizes, time = (sizes[0] * MONTH, sizes[1] * MONTH), "day"
    whole, least = time == "day" or unit in ("groups", "takedowns"), min(sizes)
    texts = []
    for size in sizes:
        to = ceil if low * high < 0.0 or size > least else floor
        near = size if sizes[0] == sizes[1] else stepped(size, to, 1.0 if whole and size < 10.0 else 0.0)
        texts.append(f"{round(near) or 'under 1'}" if whole and 0.0 < size < 10.0 else rough(near))
    return texts[0], texts[1], time


def rough_wait(months: float) -> str:
    """Text of a wait for prose, in months or, below one month, in days."""
    days = rough_sizes(months, months, "months")[0]
    short = f"{days} {'day' if days in ('1', 'under 1') else 'days'}"
    return short if months < 1.0 else f"{rough(months)} months"


def counted(count: int, word: str, plural: str = "") -> str:
    """Text of a number with its noun, in singular or plural."""
    return f"{number(count) if count >= 1000 else int(count)} {word if count == 1 else plural or f'{word}s'}"


def per_cent(share: float) -> str:
    """Text of a share in whole per cent."""
    return _NOTHING if isnan(share) else f"{100 * share:.0f} %"


def lowered(title: str) -> str:
    """Title with a small first letter, for use in a sentence."""
    return f"{title[0].lower()}{title[1:]}"


def listing(parts: Sequence[str], last: str = "and") -> str:
    """Joins texts to a list in a sentence: one, two and three."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def _trace(value: float) -> str:
    """Text for a small number that would be rounded to zero; otherwise empty."""
    if abs(value) >= _LEAST / 2 or abs(value) < _ROUNDING:
        return ""
    return f"under {_LEAST}" if value > 0 else f"above {_MINUS}{_LEAST}"


def _figures(value: float) -> str:
    """Text of a number with about three digits and separators of thousands."""
    size = abs(value)
    if round(size) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or size < _ROUNDING else 3
    return f"{value:.{digits}f}"


def _minus(text: str) -> str:
    """Text with a true minus sign; −0 becomes 0."""
    plain = text.replace("-", _MINUS)
    return plain if any(digit in plain for digit in "123456789") else plain.removeprefix(_MINUS)


def unbroken(text: str) -> str:
    """Text with non-breaking spaces, so that numbers, ranges and units stay on one line."""
    text = _UNIT.sub("\u00a0", _RANGE.sub("\u00a0\\1\u00a0", text))
    return _THOUSANDS.sub("\u202f", text).replace(" → ", "\u00a0→ ").replace(" %", "\u00a0%")


def in_unit(unit: str) -> str:
    """Text of a unit to put after a number; empty for shares."""
    return "" if unit == "share" else f" {unit}"


def change(entry: Any) -> str:
    """Text of an effect with its interval, without its unit; shares are in percentage points."""
    return span(entry.difference, entry.low, entry.high, entry.unit)


def cell(entry: Any, words: Callable[[Any], str] = change) -> str:
    """Table cell with an effect, in bold if clear."""
    found = plain_cell(entry, words)
    return f"**{found}**" if entry is not None and is_clear(entry) else found


def plain_cell(entry: Any, words: Callable[[Any], str] = change) -> str:
    """Table cell with an effect, never bold."""
    if entry is None or not is_defined(entry):
        return _NOTHING
    return "too few" if is_few(entry) else "the same" if is_same(entry) else words(entry)


def effect(entry: Any) -> str:
    """Text of an effect with interval and unit, or a text that there is none."""
    if not is_defined(entry):
        return "not defined"
    return "no change at all" if is_same(entry) else f"{change(entry)}{in_unit(entry.unit)}"


def span(value: float, low: float, high: float, unit: str) -> str:
    """Text of a change with its interval, without its unit; shares are in percentage points."""
    if isnan(low):
        return _NOTHING
    factor, points = (100.0, " points") if unit == "share" else (1.0, "")
    middle, *ends = (signed(factor * part) for part in (value, low, high))
    if high - low <= _ROUNDING * abs(value):
        return f"{middle}{points}"  # it follows from the scenario alone
    return f"{middle}{points} ({' to '.join(ends)})"


def signed(value: float) -> str:
    """Text of a number with its sign, and enough decimals to differ from zero."""
    small = _ROUNDING <= abs(value) < _LEAST / 2
    text = _minus(np.format_float_positional(value, precision=1, fractional=False)) if small else number(value)
    return text if text.startswith(_MINUS) or not any(digit in text for digit in "123456789") else f"+{text}"


def plausible_worlds(entry: PairedEffect) -> str:
    """Text of the share of worlds that agree with an effect's sign: a dash if unknown, words if it may be chance."""
    if isnan(entry.chance):
        return _NOTHING
    if isnan(entry.holds) or entry.holds_low < 0.5:
        return "not apart from chance"
    ends = "" if isnan(entry.holds_low) else f" ({100 * entry.holds_low:.0f} to {100 * entry.holds_high:.0f} %)"
    return f"{100 * entry.holds:.0f} %{ends}"


def relative(entry: Any) -> str:
    """Text of an effect in per cent of the baseline."""
    if isnan(entry.relative) or isnan(entry.relative_low):
        return _NOTHING
    return f"{signed(100 * entry.relative)} %"


def interval(estimate: Estimate, unit: str = "") -> str:
    """Text of a value with its interval."""
    if isnan(estimate.low):
        return number(estimate.value, unit)
    return f"{number(estimate.value, unit)} ({number(estimate.low, unit)} to {number(estimate.high, unit)})"


def level(estimate: Estimate, entry: Outcome) -> str:
    """Text of an outcome's mean with its interval, kept within possible values.

    Student's interval knows nothing of bounds: over few replicates it reaches below zero, or beyond all there is.
    """
    most = 1.0 if entry.unit in _UP_TO_ONE else float("inf")
    low, high = (float(np.clip(end, entry.least, most)) for end in (estimate.low, estimate.high))
    return interval(estimate._replace(low=low, high=high), entry.unit)


def verdict(entry: PairedEffect) -> str:
    """Table cell with the verdict on an effect."""
    if is_clear(entry):
        return "rises" if entry.difference > 0 else "falls"
    return {Verdict.IDENTICAL: "identical", Verdict.UNDEFINED: "not defined"}.get(entry.verdict, "not distinguishable")
