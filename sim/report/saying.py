"""Texts on changes and levels, for headlines, cards, bars and the what-if page.

All are made from one object, an effect with its interval and its verdict. What is no clear change is called so
everywhere, by the same verdict; numbers in prose have two figures.
"""

from math import isnan
from typing import Any

from sim.experiments.statistics import HARDLY, Estimate
from sim.measures.outcome import Better
from sim.measures.outcomes import outcome
from sim.report.page.parts import Card
from sim.results.effects import is_clear, is_defined, is_few, is_hardly, is_of_few_worlds, is_same
from sim.results.words import in_tenths, lowered, outward, rough, rough_ends, rough_sizes, wide_ends

NO_CLEAR, HARDLY_ANY, AS_TODAY = "unclear", f"change under {100.0 * HARDLY:.0f} %", "as today"
TOO_FEW, FEW_WORLDS = "too few to say", "too few worlds to say"
#: What marks a range whose own error no facts of the outcome's class have checked.
NOT_CHECKED = "not checked by facts"
#: Denominators of shares.
OF = {
    "mla_executed_within_12_months": "requests",
    "executed_within_12_months": "requests",
    "usable_within_12_months": "steps abroad",
    "unconverted_share": "answers by police",
    "abusive_executed_share": "such requests",
}


def per_cent(share: float, sign: bool = True) -> str:
    """Text on a relative change with its sign: +69 %."""
    number = in_tenths(abs(100.0 * share))
    return f"{('+' if share > 0.0 else '−') if sign and number != '0' else ''}{number} %"


def ends(entry: Any) -> str:
    """Text on both ends of the interval of a relative change, with signs: +63 to +76 %."""
    low, high = signed_ends(entry)
    return f"{low} to {high} %" if low != high else f"{low} %"


def in_brackets(entry: Any) -> str:
    """Interval of a relative change in brackets; empty if unknown or too wide to add anything."""
    low, high = entry.relative_low, entry.relative_high
    return f" ({ends(entry)})" if low < high and max(abs(low), abs(high)) < 1.0 else ""


def signed_ends(entry: Any) -> tuple[str, str]:
    """Both ends of a relative change's interval in per cent, as two texts with signs."""
    low, high = outward(100.0 * entry.relative_low, 100.0 * entry.relative_high)
    return _plus(low), _plus(high)


def _plus(text: str) -> str:
    return text if text.startswith("−") or text == "0" else f"+{text}"


def sizes(entry: Any) -> str:
    """Text on the interval of a clear relative change, without signs and the smaller end first: 63 to 76 %."""
    both = outward(*sorted(100.0 * abs(end) for end in (entry.relative_low, entry.relative_high)))
    return f"{' to '.join(dict.fromkeys(both))} %"


def sided_sizes(entry: Any) -> str:
    """Text on the size of a relative change and its direction: 63 to 76 % more, 59 to 64 % shorter."""
    words = ("shorter", "longer") if entry.unit in ("months", "days") else ("fewer", "more")
    return f"{sizes(entry)} {words[entry.difference > 0.0]}"


def of_100(entry: Any, what: str = "") -> str:
    """Text on a share today and under the policy, per hundred: 20 → 32 of 100 requests."""
    first, last = rough_ends(entry, 100.0, most=2)
    if first == last:
        first, last = (f"{100.0 * end:.1f}" for end in (entry.baseline_mean, entry.scenario_mean))
    return f"{first} → {last} of 100{f' {what}' if what else ''}"


def from_to(entry: Any, what: str = "") -> str:
    """Text on a share today and under the policy, for a sentence: from about 20 to 32 of 100 requests."""
    return f"from about {of_100(entry, what).replace(' →', ' to', 1)}"


def by(entry: Any, why: str = "") -> str:
    """Text on a change with its interval: 69 % (63 to 76 %); in the outcome's unit if today's value is 0.

    `why` says under which condition the interval holds.
    """
    if isnan(entry.relative_low):
        low, high = sorted((abs(entry.low), abs(entry.high)))
        return f"{rough(abs(entry.difference))} ({rough(low)} to {rough(high)}{why})"
    return f"{per_cent(entry.relative, sign=False)} ({sizes(entry)}{why})"


def verdict(entry: Any) -> str:
    """Short text on a change that is unknown, absent or unclear; empty for a clear change."""
    if entry is None or not is_defined(entry):
        return "–"
    if is_same(entry):
        return AS_TODAY
    if is_few(entry) or is_of_few_worlds(entry):
        return TOO_FEW if is_few(entry) else FEW_WORLDS
    return "" if is_clear(entry) else HARDLY_ANY if is_hardly(entry) else NO_CLEAR


def change(entry: Any) -> str:
    """Text on a relative change with its interval, after a verdict if it is unclear: +69 % (+63 to +76 %)."""
    word = verdict(entry)
    if word in ("–", AS_TODAY, TOO_FEW, FEW_WORLDS):
        return word
    if isnan(entry.relative_low):
        return word or moved(entry)
    return f"{word or per_cent(entry.relative)} ({ends(entry)})"


def moved(entry: Any, side: bool = True) -> str:
    """Text on the interval of a change in its own unit: 5.3 to 5.9 months shorter, 34 to 41 more.

    Without `side` it has no such word, but where zero lies inside.
    """
    scale = 100.0 if entry.unit == "share" else 1.0
    near, far = sorted((scale * entry.low, scale * entry.high), key=abs)
    first, last, time = rough_sizes(near, far, entry.unit)
    unit = f" {time}s" if time else " of 100" if entry.unit == "share" else " days" if entry.unit == "days" else ""
    words = ("shorter", "longer") if time or entry.unit == "days" else ("fewer", "more")
    yearly = " a year" if entry.unit.endswith("per year") else ""
    if entry.low < 0.0 < entry.high:
        low, high = (first, last) if entry.low == near / scale else (last, first)
        return f"{low}{unit} {words[0]} to {high} {words[1]}{yearly}"
    word = f" {words[entry.difference > 0.0]}" if side else ""
    return f"{' to '.join(dict.fromkeys((first, last)))}{unit}{word}{yearly}"


def size(entry: Any) -> str:
    """Text on the size of a change, without its interval: −61 %; for a share, today's level and the new one."""
    if entry.unit == "share":
        return of_100(entry).removesuffix(" of 100")
    return moved(entry) if isnan(entry.relative_low) else per_cent(entry.relative)


def step(entry: Any) -> str:
    """Text on a change with its sign and in its own unit: −5.6 months, +37 takedowns, +6.8 points."""
    size = abs(entry.difference) * (100.0 if entry.unit == "share" else 1.0)
    near, _, time = rough_sizes(size, size, entry.unit)
    near, unit = (in_tenths(size), "points") if entry.unit == "share" else (near, f"{time}s" if time else entry.unit)
    return f"{'+' if entry.difference > 0.0 else '−'}{near} {unit}"


def level(value: float, worlds: Estimate, unit: str, what: str = "", unchecked: bool = False) -> str:
    """Text on today's level of an outcome, with its range under the model's own error if known."""
    scale, sign = (100.0, f" of 100 {what}".rstrip()) if unit == "share" else (1.0, " months" * (unit == "months"))
    may = in_reality(worlds, unit, unchecked)
    return f"Today about {rough(scale * value)}{sign}{f' ({may})' if may else ''}"


def in_reality(worlds: Estimate, unit: str, unchecked: bool = False) -> str:
    """Text on the range of today's level, widened by the model's own error; empty if that error is unknown.

    It says so if no facts of the outcome's class have checked that error.
    """
    scale = 100.0 if unit == "share" else 1.0
    low, high = wide_ends(scale * worlds.low, scale * worlds.high)
    known = "" if isnan(worlds.low) or low == high else f"in reality perhaps {low} to {high}"
    return f"{known}, {NOT_CHECKED}" if known and unchecked else known


def card(entry: Any, title: str, today: str = "", sure: str = "", years: str = "") -> Card:
    """Makes a card on an outcome: the relative change in large type, the level in small type.

    What is counted over all policy years says so, in the words of `years`.
    """
    word = verdict(entry)
    if word:
        about = "" if word in ("–", AS_TODAY, TOO_FEW, FEW_WORLDS) or isnan(entry.relative_low) else ends(entry)
        return Card(title, word, about, True, today=today, sure=sure)
    about = outcome(entry.outcome).better
    worse = entry.difference > 0 if about is Better.LESS else entry.difference < 0 if about is Better.MORE else False
    if isnan(entry.relative_low):
        return Card(title, " → ".join(rough_ends(entry)), moved(entry), burden=worse, today=today, sure=sure)
    known: dict[str, Any] = {"burden": worse, "sure": sure, "today": today}
    size_ = per_cent(entry.relative)
    if entry.unit == "share":
        then = f"about {of_100(entry, OF.get(entry.outcome, ''))}"
        return Card(title, size_, sided_sizes(entry), then=then, **known)
    if not today:
        return Card(title, size_, f"{sided_sizes(entry)}, by {moved(entry, side=False)}", **known)
    if years and entry.unit == "takedowns":  # which are counted over all policy years, today as well
        then = f"{moved(entry)} in {years} than today’s {today.removeprefix('Today ')}"
        return Card(title, size_, sided_sizes(entry), **known | {"today": then})
    return Card(title, size_, sided_sizes(entry), **known | {"today": f"{moved(entry)}; {lowered(today)}"})
