"""Makes parameters from rows of sim/data/parameters.csv, as fields of one dataclass per theme.

A parameter has two ranges. The allowed range is what the model can be run with. The plausible range is what an informed
expert could not exclude: studies vary a parameter over it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, make_dataclass
from enum import StrEnum
from keyword import iskeyword
from math import exp, isfinite, log, nan
from typing import TYPE_CHECKING, TypeVar

from sim.data.load import DataError, Row, Table, derived
from sim.law.vocabulary import EvidenceTag

FILE = "parameters.csv"
_PLAUSIBLE = ("plausible_low", "plausible_high", "scale", "reason")
COLUMNS = ("parameter", "meaning", "unit", "default", "low", "high", *_PLAUSIBLE, "source", "flag", "note")
#: Unit of what is 1 for on, or 0 for off.
SWITCH = "switch"
#: Stands for a default that the default world turns out to give: derived.csv has it, under the same name.
_MEASURED = "derived"

WordT = TypeVar("WordT", bound=StrEnum)


class Scale(StrEnum):
    """Scales (such as linear or logarithmic) on which values are drawn from a range."""

    LINEAR = "linear"
    LOG = "log"
    LOGIT = "logit"

    def between(self, low: float, high: float, share: float) -> float:
        """Value at a share (0–1) of the way from the low end to the high end of a range."""
        if self is Scale.LINEAR:
            return low + share * (high - low)
        if self is Scale.LOG:
            return exp(log(low) + share * (log(high) - log(low)))
        start, end = log(low / (1 - low)), log(high / (1 - high))
        return 1 / (1 + exp(-(start + share * (end - start))))

    def why_not(self, low: float, high: float) -> str:
        """Reason why this scale cannot be used for a range; empty if it can."""
        if not low < high:
            return "its low end is not below its high end"
        if self is Scale.LOG and low <= 0:
            return "a range on a log scale begins above 0"
        if self is Scale.LOGIT and not (low > 0 and high < 1):
            return "a range on a logit scale lies between 0 and 1, both excluded"
        return ""


@dataclass(frozen=True)
class Plausible:
    """Range of values that informed experts would not exclude, and the scale of the range."""

    low: float  # its ends, in the parameter's unit
    high: float  # likewise
    scale: Scale  # on which values are equally likely
    reason: str  # why these ends, and what they rest on

    def __post_init__(self) -> None:
        if problem := self.scale.why_not(self.low, self.high):
            raise ValueError(f"plausible range {self.low:g} to {self.high:g} ({self.scale}): {problem}")


@dataclass(frozen=True)
class Declaration:
    """Facts that the data file gives on a parameter: unit, ranges, source and evidence tag."""

    unit: str  # of its values
    low: float  # what the model allows
    high: float  # likewise
    source: str  # in a word or two; docs/sources.md explains them
    tag: EvidenceTag  # how well the default is known
    meaning: str  # what it is
    plausible: Plausible | None = None  # what an informed expert could not exclude; None for a switch


#: Default and declaration of a parameter.
Declared = tuple[float, Declaration]


@dataclass
class Theme:
    """Base class of the dataclasses that contain the parameters of one theme."""

    if TYPE_CHECKING:  # types that are known only once the file is read

        def __init__(self, **values: float) -> None: ...

        def __getattr__(self, name: str) -> float: ...


def theme_of(name: str, about: str, rows: Mapping[str, Declared]) -> type[Theme]:
    """Makes the dataclass of a theme, with the given parameters as fields."""
    items = [
        (item, float, field(default=value, metadata={"declaration": says})) for item, (value, says) in rows.items()
    ]
    made = make_dataclass(f"{name.title()}Parameters", items, bases=(Theme,), namespace={"__doc__": about})
    made.__module__ = __package__  # where pickle finds it
    return made


def declared(table: Table, themes: Iterable[str], own: Iterable[Table] = ()) -> dict[str, dict[str, Declared]]:
    """Parameters that the rows of a table declare, by theme and name."""
    found: dict[str, dict[str, Declared]] = {theme: {} for theme in themes}
    taken: set[str] = set()
    for each in (table, *own):
        if each.columns != COLUMNS:
            raise DataError(f"{each.name}: its columns are {','.join(each.columns)}; write {','.join(COLUMNS)}")
        for cells in each.rows:
            row = _Row(each.name, cells)
            theme, _, name = cells["parameter"].partition(".")
            if theme not in found:
                raise row.wrong("parameter", f"begins with no theme; themes are {', '.join(found)}")
            if not name.isidentifier() or iskeyword(name):
                raise row.wrong("parameter", "is no name; write small letters, digits and _ after the theme")
            if name in taken:
                problem = f"is the second {name}: rules read it without its theme; choose another name"
                raise row.wrong("parameter", problem)
            taken.add(name)
            found[theme][name] = row.declared()
    return found


@dataclass(frozen=True)
class _Row:
    """A row of the data file that declares one parameter."""

    file: str
    cells: Row

    def declared(self) -> Declared:
        """Makes the default value and the declaration of the parameter."""
        low, high = self._ends("low", "high")
        default = self._default(low, high)
        tag = self._one_of("flag", EvidenceTag)
        meaning, unit, source = (self._words(column) for column in ("meaning", "unit", "source"))
        plausible = None
        if unit != SWITCH:
            plausible = self._plausible(low, high)
        elif (low, high) != (0, 1) or default not in (low, high):
            raise self.wrong("default", "is no switch; write 0 or 1, low 0 and high 1")
        elif more := [column for column in _PLAUSIBLE if self.cells[column]]:
            raise self.wrong(more[0], "a switch has no plausible range; leave it blank")
        return default, Declaration(unit, low, high, source, tag, meaning, plausible)

    def wrong(self, column: str, problem: str) -> DataError:
        """Makes the error for a wrong cell, with a suggested correction."""
        return DataError(f"{self.file}: {self.cells['parameter']}: {column} = {self.cells[column]!r} {problem}")

    def _default(self, low: float, high: float) -> float:
        """Default value, from the row or, for a value derived from the default world, from derived.csv."""
        if self.cells["default"] == _MEASURED:
            return derived(self.cells["parameter"])
        value = self._number("default")
        if not low <= value <= high:
            raise self.wrong("default", f"is outside {low:g} to {high:g}; choose a value in that range")
        return value

    def _plausible(self, low: float, high: float) -> Plausible:
        """Reads the plausible range of the parameter, which lies within the allowed range."""
        start, end = self._ends("plausible_low", "plausible_high")
        for column, value in (("plausible_low", start), ("plausible_high", end)):
            if not low <= value <= high:
                raise self.wrong(column, f"is outside the allowed {low:g} to {high:g}; choose a value in that range")
        scale = self._one_of("scale", Scale)
        if problem := scale.why_not(start, end):
            raise self.wrong("scale", f"does not fit {start:g} to {end:g}: {problem}; change the range or the scale")
        return Plausible(start, end, scale, self._words("reason"))

    def _ends(self, low: str, high: str) -> tuple[float, float]:
        """Reads the two ends of a range, the low one first."""
        start, end = self._number(low), self._number(high)
        if not start < end:
            raise self.wrong(low, f"is not below {high}, {end:g}; put the lower end first")
        return start, end

    def _number(self, column: str) -> float:
        """Number in a cell, an int or a float as written."""
        text = self.cells[column]
        try:
            value = int(text) if text.lstrip("-").isdecimal() else float(text)
        except ValueError:
            value = nan
        if not isfinite(value):
            raise self.wrong(column, "is not a number; write one, such as 0.5")
        return value

    def _words(self, column: str) -> str:
        """Text of a cell; an empty cell is an error."""
        if not self.cells[column].strip():
            raise self.wrong(column, "is blank; write a word or two")
        return self.cells[column]

    def _one_of(self, column: str, known: type[WordT]) -> WordT:
        """Member of the enumeration `known` that a cell names."""
        try:
            return known(self.cells[column])
        except ValueError:
            raise self.wrong(column, f"is not known; write {', '.join(known)}") from None
