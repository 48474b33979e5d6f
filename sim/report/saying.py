"""Texts on relative effects, for headlines, cards, bars and the what-if page.

All are made from one object, an effect with its interval and its verdict. What is no clear change is called so
everywhere, by the same verdict; numbers in prose have two figures.
"""

from math import isnan
from typing import Any

from sim.experiments.statistics import Estimate
from sim.measures.outcome import Better
from sim.measures.outcomes import outcome
from sim.report.page.parts import Card
from sim.results.effects import HARDLY, is_clear, is_defined, is_few, is_hardly, is_of_few_worlds, is_same
from sim.results.words import in_tenths, outward, rough, rough_ends, rough_sizes, wide_ends

NO_CLEAR, HARDLY_ANY, AS_TODAY = "no clear effect", f"change under {100.0 * HARDLY:.0f} %", "as today"
TOO_FEW, FEW_WORLDS = "too few to say", "too few worlds to say"


def per_cent(share: float, sign: bool = True) -> str:
    """A signed relative change: +69 %."""
    number = in_tenths(abs(100.0 * share))
    return f"{('+' if share > 0.0 else '−') if sign and number != '0' else ''}{number} %"


def ends(entry: Any) -> str:
    """Both ends of a relative change, signed: +63 to +76 %."""
    low, high = signed_ends(entry)
    return f"{low} to {high} %" if low != high else f"{low} %"


def signed_ends(entry: Any) -> tuple[str, str]:
    """Both ends in per cent, each with its sign."""
    low, high = outward(100.0 * entry.relative_low, 100.0 * entry.relative_high)
    return _plus(low), _plus(high)


def _plus(text: str) -> str:
    return text if text.startswith("−") or text == "0" else f"+{text}"


def sizes(entry: Any) -> str:
    """Both ends of a relative change beyond chance, unsigned, smaller one first: 63 to 76 %."""
    both = outward(*sorted(100.0 * abs(end) for end in (entry.relative_low, entry.relative_high)))
    return f"{' to '.join(dict.fromkeys(both))} %"


def by(entry: Any) -> str:
    """Size of a change with its interval, 69 % (63 to 76 %); in the outcome's unit if today's value is 0."""
    if isnan(entry.relative_low):
        low, high = sorted((abs(entry.low), abs(entry.high)))
        return f"{rough(abs(entry.difference))} ({rough(low)} to {rough(high)})"
    return f"{per_cent(entry.relative, sign=False)} ({sizes(entry)})"


def verdict(entry: Any) -> str:
    """Text on an unclear change; empty for a clear one."""
    if entry is None or not is_defined(entry):
        return "–"
    if is_same(entry):
        return AS_TODAY
    if is_few(entry) or is_of_few_worlds(entry):
        return TOO_FEW if is_few(entry) else FEW_WORLDS
    return "" if is_clear(entry) else HARDLY_ANY if is_hardly(entry) else NO_CLEAR


def change(entry: Any) -> str:
    """A relative change with its interval, after its verdict if unclear: +69 % (+63 to +76 %)."""
    word = verdict(entry)
    if word in ("–", AS_TODAY, TOO_FEW, FEW_WORLDS):
        return word
    if isnan(entry.relative_low):
        return word or moved(entry)
    return f"{word or per_cent(entry.relative)} ({ends(entry)})"


def moved(entry: Any) -> str:
    """Interval of a change in its own unit: 5.3 to 5.9 months shorter, 34 to 41 more, 6.3 to 7.2 points more."""
    scale = 100.0 if entry.unit == "share" else 1.0
    near, far = sorted((scale * entry.low, scale * entry.high), key=abs)
    first, last, time = rough_sizes(near, far, entry.unit)
    unit = f" {time}s" if time else " points" if entry.unit == "share" else " days" if entry.unit == "days" else ""
    words = ("shorter", "longer") if time or entry.unit == "days" else ("fewer", "more")
    yearly = " a year" if entry.unit.endswith("per year") else ""
    if entry.low < 0.0 < entry.high:
        low, high = (first, last) if entry.low == near / scale else (last, first)
        return f"{low}{unit} {words[0]} to {high} {words[1]}{yearly}"
    return f"{' to '.join(dict.fromkeys((first, last)))}{unit} {words[entry.difference > 0.0]}{yearly}"


def size(entry: Any) -> str:
    """A relative change without its interval: −61 %; in its own unit if today's value is 0."""
    return moved(entry) if isnan(entry.relative_low) else per_cent(entry.relative)


def step(entry: Any) -> str:
    """A signed change in its own unit: −5.6 months, +37 takedowns, +6.8 points."""
    size = abs(entry.difference) * (100.0 if entry.unit == "share" else 1.0)
    near, _, time = rough_sizes(size, size, entry.unit)
    near, unit = (in_tenths(size), "points") if entry.unit == "share" else (near, f"{time}s" if time else entry.unit)
    return f"{'+' if entry.difference > 0.0 else '−'}{near} {unit}"


def level(value: float, worlds: Estimate, unit: str) -> str:
    """Today's level with its range by the model's own error, if known."""
    scale, sign = (100.0, " %") if unit == "share" else (1.0, " months" if unit == "months" else "")
    low, high = wide_ends(scale * worlds.low, scale * worlds.high)
    may = "" if isnan(worlds.low) or low == high else f" (could be {low} to {high}{sign})"
    return f"Today about {rough(scale * value)}{sign}{may}"


def card(entry: Any, title: str, today: str = "", sure: str = "") -> Card:
    """Card of an outcome: relative change in large type, level in small type."""
    word = verdict(entry)
    if word:
        about = "" if word in ("–", AS_TODAY, TOO_FEW, FEW_WORLDS) or isnan(entry.relative_low) else ends(entry)
        return Card(title, word, about, True, today=today, sure=sure)
    about = outcome(entry.outcome).better
    worse = entry.difference > 0 if about is Better.LESS else entry.difference < 0 if about is Better.MORE else False
    value = per_cent(entry.relative) if not isnan(entry.relative_low) else " → ".join(rough_ends(entry))
    detail = "; ".join(filter(None, (sizes(entry) if not isnan(entry.relative_low) else "", moved(entry))))
    return Card(title, value, detail, burden=worse, today=today, sure=sure)
