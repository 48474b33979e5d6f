"""An axis of a study: its key, the part of the model that it changes, and its values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.world.parameters import Scale

#: A longer list of numbers is checked at its lowest and highest: what is allowed is a range.
MOST_CHECKED = 100


class AxisKind(StrEnum):
    """Parts of the model that an axis can change."""

    SCENARIO = "scenario"
    LEVER = "lever"
    UNCERTAINTY = "uncertainty"
    WORLD = "world"
    MECHANISM = "mechanism"
    CHOICE = "choice of a file in conf/"


class Level(NamedTuple):
    """One value of an axis, with the label that tables show."""

    value: Any  # as the model takes it
    label: float | int | str  # as tables show it: a number or a word


@dataclass(frozen=True)
class Axis:
    """A quantity that varies in a study, over a list of values or over an interval."""

    key: str
    kind: AxisKind
    unit: str = ""  # unit of its values, empty where they have none
    levels: tuple[Level, ...] = ()  # the values listed; empty for an interval
    # low, high: ends of the interval
    low: float = 0.0
    high: float = 0.0
    scale: Scale = Scale.LINEAR  # on which the interval is drawn from evenly
    whole: bool = False  # whether values are whole numbers

    @property
    def name(self) -> str:
        """Key of the axis as users write it, without the prefix `uncertainty.` of parameters."""
        return self.key.removeprefix(f"{AxisKind.UNCERTAINTY}.")

    @property
    def listed(self) -> bool:
        """True if the axis has a list of values instead of an interval."""
        return bool(self.levels)

    @property
    def numeric(self) -> bool:
        """True if all values of the axis are numbers."""
        return not self.listed or all(isinstance(level.label, float | int) for level in self.levels)

    @property
    def integral(self) -> bool:
        """True if all values of the axis are whole numbers."""
        return all(isinstance(level.label, int) for level in self.levels) if self.listed else self.whole

    def column(self, labels: list[float | int | str]) -> npt.NDArray[Any]:
        """Column of a table of points, made from labels: integers, floats or texts."""
        if not self.numeric:
            return np.array([str(label) for label in labels])
        return np.array(labels, dtype=np.int64 if self.integral else np.float64)

    def level(self, label: float | int | str) -> Level:
        """Finds the level with a given label."""
        return self._by_label[label] if self.listed else Level(label, label)

    @cached_property
    def _by_label(self) -> dict[float | int | str, Level]:
        return {level.label if self.numeric else str(level.label): level for level in self.levels}

    def at(self, share: float) -> Level:
        """Value at a position along the axis, from 0 to 1; listed values take equal parts of this range."""
        if self.listed:
            return self.levels[min(int(share * len(self.levels)), len(self.levels) - 1)]
        number = min(max(self.scale.between(self.low, self.high, share), self.low), self.high)
        return Level(round(number), round(number)) if self.whole else Level(number, number)

    def extremes(self) -> tuple[Level, ...]:
        """Levels to check in advance: ends of an interval, or a list's values; of over 100 numbers, its extremes."""
        if not self.listed:
            return self.at(0.0), self.at(1.0)
        numbers = [level for level in self.levels if isinstance(level.value, float | int)]
        if len(self.levels) <= MOST_CHECKED or len(numbers) < len(self.levels) or self.unit == "switch":
            return self.levels
        odd = [level for level in numbers if not isfinite(level.value)]
        return *odd, min(numbers, key=lambda level: level.value), max(numbers, key=lambda level: level.value)

    def plain(self) -> dict[str, Any]:
        """Entry of the axis in study.yaml, as plain values."""
        about: dict[str, Any] = {"key": self.key, "kind": str(self.kind), "unit": self.unit}
        if self.listed:
            return about | {"values": [level.label for level in self.levels]}
        return about | {"low": self.low, "high": self.high, "scale": str(self.scale)}


def span_of(plain: Mapping[str, Any]) -> str:
    """Text of an axis's values with their unit, from the axis's entry in study.yaml."""
    if plain.get("values") is None:
        scale = "" if plain["scale"] == Scale.LINEAR else f" ({plain['scale']} scale)"
        return f"{plain['low']:g} to {plain['high']:g}{scale} {plain['unit']}".rstrip()
    shown = [f"{value:g}" if isinstance(value, float) else str(value) for value in plain["values"]]
    words = ", ".join(shown if len(shown) <= 8 else [*shown[:3], "…", shown[-1]])
    return f"{words} {plain['unit']}".rstrip()
