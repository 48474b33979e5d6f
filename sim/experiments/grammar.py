"""Parses the words after `comity sweep`: axes of the sweep, and overrides with a single value.

Values are written in Hydra's sweep grammar: `key=1,2,3`, `range(1,2,0.25)`, `interval(1,3)`, `tag(log,interval(…))`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, QuotedString, RangeSweep

from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.config import Known, in_full, known_keys, nearest_key, read_word
from sim.experiments.settings import check_ranges_of, check_word
from sim.law.vocabulary import EvidenceTag
from sim.policy.change import check_instrument, times_in_world
from sim.policy.lever import Lever, Quantity
from sim.policy.levers import LEVERS
from sim.policy.places import load_atlas
from sim.policy.problem import COMMAND_LINE, Findings, InputError, mistake, read_each
from sim.policy.units import read_value
from sim.world.parameters import (
    Declaration,
    Parameters,
    Plausible,
    Scale,
    WorldSpec,
    declarations,
    out_of_range,
    with_values,
)

SCENARIO = "scenario"
#: Prefix of a name given to --vary: its whole allowed range instead of the plausible one.
ALLOWED = "allowed:"
#: More values than this on one axis are a slip of the keyboard.
MOST_VALUES = 1_000_000
_UNCERTAINTY, _WORLD = "uncertainty.", "world."


@dataclass(frozen=True)
class SweepWords:
    """Result of parsing the words after `comity sweep`: axes, overrides and mistakes."""

    axes: tuple[Axis, ...]
    overrides: tuple[str, ...]
    mistakes: tuple[InputError, ...]


def read_words(words: Sequence[str], vary: Sequence[str]) -> SweepWords:
    """Parses the words of a sweep into axes and overrides; `vary` names parameters to vary."""
    known, found = sweepable(), Findings()
    axes: list[Axis] = []
    overrides: list[str] = []
    words = [in_full(word) for word in words]
    for word in words:
        with found.gather():
            axis = _axis_of_word(word, known)
            if axis is None:
                overrides.append(word)
            else:
                axes.append(axis)
    with found.gather():
        typed = {word.partition("=")[0] for word in words}
        axes += [axis for axis in declared(vary) if axis.key not in typed]
    keys = [axis.key for axis in axes]
    for axis in axes:
        if keys.count(axis.key) > 1:
            found.add(mistake("this key is given twice", axis.key, None, "Write all of its values in one list."))
        labels = [level.label for level in axis.levels]
        if len(set(labels)) < len(labels):
            twice = next(label for label in labels if labels.count(label) > 1)
            found.add(mistake("this value is given twice", axis.key, twice, "Write each value once."))
    return SweepWords(tuple(axes), tuple(overrides), found.problems)


def _axis_of_word(word: str, known: Known) -> Axis | None:
    """Parses a word as an axis; None for a single value, unless it is of a lever or a scenario."""
    key, _, written = word.partition("=")
    override = read_word(word, known, several=True)
    values: Any = override.value()
    if not override.is_sweep_override():
        return axis_of(key, [values]) if key == SCENARIO or key in LEVERS else None
    if not isinstance(values, ChoiceSweep | RangeSweep | IntervalSweep):
        raise mistake("not values that can be swept", key, written, "Write a list, range(…) or interval(…).")
    if key.startswith(("execution.", "sweep.")):
        raise mistake("says how a study is carried out and cannot vary in it", key, written, "Write one value.")
    if isinstance(values, IntervalSweep):
        return _interval(key, values, written)
    return axis_of(key, _ranged(key, values, written) if isinstance(values, RangeSweep) else values.list)


def sweepable() -> Known:
    """Keys that a user may set or vary in a sweep: configuration, levers and the scenario."""
    known = known_keys("sweep")
    return Known(known.keys | set(LEVERS) | {SCENARIO}, known.groups)


@cache
def parameters() -> dict[str, tuple[Declaration, bool]]:
    """Uncertain parameters by full key: the declaration of each, and True for an integer parameter."""
    return {f"{_UNCERTAINTY}{name}": (about, item.type in (int, "int")) for name, item, about in declarations()}


def declared(names: Iterable[str]) -> list[Axis]:
    """Makes an axis for each parameter over its plausible range or, without one, over its allowed range.

    Names are full keys, themes such as `uncertainty.desk`, or `judgement` for all that rest on judgement alone;
    switches only where they are named by their full key. `allowed:` before a name takes the whole allowed range, on a
    linear scale. The last of two names for one parameter decides.
    """
    axes: dict[str, Axis] = {}
    found = Findings()
    for written in names:
        name = written.removeprefix(ALLOWED)
        meant = [key for key in parameters() if _means(name, key)]
        if not meant:
            themes = {key.rpartition(".")[0] for key in parameters()}
            fix = nearest_key(name, Known(frozenset({*parameters(), *themes, "judgement"}), {}))
            found.add(mistake("no uncertainty of that name", "--vary", written, fix))
        for key in meant:
            about, whole = parameters()[key]
            if about.unit == "switch":
                axes[key] = Axis(key, AxisKind.UNCERTAINTY, about.unit, (Level(0.0, 0.0), Level(1.0, 1.0)))
                continue
            span = about.plausible
            if span is None or name != written:
                span = Plausible(about.low, about.high, Scale.LINEAR, "all that the model allows")
            axes[key] = Axis(key, AxisKind.UNCERTAINTY, about.unit, (), span.low, span.high, span.scale, whole)
    found.raise_all()
    return list(axes.values())


def _means(name: str, key: str) -> bool:
    """True if a name given to `--vary` includes the parameter with this key."""
    about, _ = parameters()[key]
    if name in (key, key.removeprefix(_UNCERTAINTY)):
        return True
    if about.unit == "switch":
        return False
    if name == "judgement":
        return about.tag is EvidenceTag.JUDGEMENT
    return key.startswith((f"{name}.", f"{_UNCERTAINTY}{name}.")) or name == "uncertainty"


def _ranged(key: str, sweep: RangeSweep, written: str) -> list[float | int]:
    """Numbers of a range, its end excluded; an error for too many numbers."""
    start, stop, step = sweep.start, sweep.stop, sweep.step
    if start is None or stop is None or step == 0:
        raise mistake("not a range", key, written, "Write range(start,stop,step).")
    size = max(0, math.ceil((stop - start) / step - 1e-9))
    if size > MOST_VALUES:
        fix = f"At most {MOST_VALUES:,} values stand on one axis: choose a larger step."
        raise mistake(f"{size:,} values", key, written, fix)
    if size == 0:
        raise mistake("a range without any value", key, written, "The stop itself is left out: write a later one.")
    if all(isinstance(number, int) for number in (start, stop, step)):
        return [int(start) + number * int(step) for number in range(size)]
    return [round(start + number * step, 12) for number in range(size)]


def _interval(key: str, sweep: IntervalSweep, written: str) -> Axis:
    """Makes an axis over an interval of numbers."""
    if sweep.start is None or sweep.end is None or not sweep.start < sweep.end:
        raise mistake("not an interval", key, written, "Write interval(low,high).")
    low, high = float(sweep.start), float(sweep.end)
    scale = next((scale for scale in Scale if scale in sweep.tags), Scale.LINEAR)
    if problem := scale.why_not(low, high):
        raise mistake(problem, key, written, "Choose other ends, or leave the tag out.")
    if key in LEVERS:
        lever = LEVERS[key]
        if not lever.gradual:
            raise mistake("not a lever of numbers", key, written, f"It takes {lever.unit}: write a list.")
        for end in (low, high):
            _number(lever, end)
        return Axis(key, AxisKind.LEVER, lever.unit, (), low, high, scale)
    if key in parameters():
        about, whole = parameters()[key]
        return _within(Axis(key, AxisKind.UNCERTAINTY, about.unit, (), low, high, scale, whole))
    if key in ("world.groups", "world.follow_up_days"):
        return _within(Axis(key, AxisKind.WORLD, key.rpartition(".")[2], (), low, high, scale, True))
    raise mistake("takes no numbers", key, written, "Write a list of values.")


def axis_of(key: str, values: Iterable[Any]) -> Axis:
    """Makes an axis over listed values; all wrong values are reported together."""
    key = in_full(key)
    if key in LEVERS:
        lever = LEVERS[key]
        return Axis(key, AxisKind.LEVER, lever.unit, tuple(read_each(partial(_lever_level, lever), values)))
    plain = [_plain(value) for value in values]
    if key in parameters():
        about, whole = parameters()[key]
        read = partial(_parameter, key, whole=whole)
        return _within(Axis(key, AxisKind.UNCERTAINTY, about.unit, tuple(read_each(read, plain))))
    if key.startswith(_WORLD):
        return _within(Axis(key, AxisKind.WORLD, "", tuple(read_each(partial(_of_world, key), plain))))
    levels = tuple(Level(value, _label(value)) for value in plain)
    if key == SCENARIO:
        return Axis(key, AxisKind.SCENARIO, "", levels)
    read_each(lambda level: check_word(key, str(level.label), sweepable().groups[key]), levels)
    return Axis(key, AxisKind.CHOICE, "", levels)


def _within(axis: Axis) -> Axis:
    """Returns an axis of the configuration after a check of all its values against the allowed range."""
    name = axis.key.partition(".")[2]

    def check(level: Level) -> None:
        """Raises an error for a value out of its range."""
        if axis.kind is AxisKind.WORLD:
            check_ranges_of(replace(WorldSpec(), **{name: level.value}))
        else:
            for fault in out_of_range(with_values(Parameters(), {name: level.value}), [name]).values():
                raise InputError(fault, where=COMMAND_LINE)

    read_each(check, axis.extremes())
    return axis


def _of_world(key: str, value: Any) -> Level:
    """Level of a value for a key of the world's specification; an error if the value has another type."""
    default = getattr(WorldSpec(), key.removeprefix(_WORLD))
    if type(value) is not type(default):
        fix = f"Write a value such as {default if default != [] else '[DEU,FRA]'}."
        raise mistake("not a value of this key", key, _label(value), fix)
    return Level(value, _label(value))


def _parameter(key: str, value: Any, *, whole: bool) -> Level:
    """Converts a value for an uncertain parameter to a number."""
    try:
        number = float(value)
    except (ValueError, TypeError):
        raise mistake("a number is needed", key, value, "Write for example 0.5.") from None
    if whole and number != int(number):
        raise mistake("a whole number is needed", key, value, f"Write {int(number)}.")
    level = int(number) if whole else number
    return Level(level, level)


def _lever_level(lever: Lever, written: Any) -> Level:
    """Converts a value for a lever: a number in the lever's unit, or text as in a scenario file."""
    plain = _plain(written)
    if isinstance(plain, float | int) and not isinstance(plain, bool) and lever.gradual:
        return Level(_number(lever, float(plain)), float(plain))
    try:
        times = times_in_world(lever, str(plain))
        value = read_value(lever, str(plain).lower() if isinstance(plain, bool) else plain) if times is None else times
        check_instrument(lever, value, load_atlas())
    except InputError as problem:
        raise problem.at(COMMAND_LINE, lever.name) from None
    if lever.quantity is Quantity.CHOICE and isinstance(value, float):
        return Level(value, lever.choices[int(value)])
    return Level(value, value if isinstance(value, float) else _label(value))


def _number(lever: Lever, number: float) -> float:
    """Returns a number for a lever unchanged; an error if it is out of the lever's range."""
    if not lever.low <= number <= lever.high:
        fix = f"Choose a number from {lever.low:g} to {lever.high:g} ({lever.unit})."
        raise mistake("out of range", lever.name, f"{number:g}", fix)
    return number


def _plain(value: Any) -> Any:
    """Converts a value that Hydra has parsed to a plain Python value."""
    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value


def _label(value: Any) -> float | int | str:
    """Converts a value to the label that tables show: a number or a text."""
    if isinstance(value, list | tuple):
        return ",".join(str(entry) for entry in value)
    return value if isinstance(value, float | int) and not isinstance(value, bool) else str(value)
