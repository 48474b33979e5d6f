"""Declarations of tables: every field with its NumPy type, its unit and its meaning.

The description of the model (docs/odd.md) is made from the same declarations.
"""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np


@dataclass(frozen=True)
class Field:
    """One column of a table.

    Attributes:
        name: as compiled rules address it.
        kind: NumPy type: whole numbers "i4", or "i2" in long tables whose rows would else take more cache lines; all
            others "f8", or "f4" where nothing is worked out from them; keys and hashes "u8".
        unit: unit, or the enumeration of its codes. A "day" is a place on the clock, "days" are a length of time.
        meaning: what it says, in a few words.
        shape: of an array in every row; empty for a single number.
        initial: value in a new row, where it does not follow from the unit.
    """

    name: str
    kind: str
    unit: str | type[Enum]
    meaning: str
    shape: tuple[int, ...] = ()
    initial: float | None = None

    @property
    def neutral(self) -> float:
        """Value in a new row: no row is meant, no day has come, nothing is counted."""
        if self.initial is not None:
            return self.initial
        if isinstance(self.unit, str) and self.unit.split()[0] == "row":
            return -1
        return math.nan if self.unit == "day" else 0


@dataclass(frozen=True)
class Entity:
    """One kind of thing in the world and the table that holds it. NumPy accepts it in place of a dtype.

    Attributes:
        name: of the table.
        meaning: what a row is.
        fields: in the order in which they lie in memory.
    """

    name: str
    meaning: str
    fields: tuple[Field, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """The plain record type, which is all that arrays and compiled rules see."""
        return np.dtype([(item.name, item.kind, item.shape) for item in self.fields])

    @property
    def neutral(self) -> np.void:
        """A new row, in which nothing has happened yet."""
        rows = np.zeros(1, self.dtype)
        for item in self.fields:
            rows[item.name] = item.neutral
        row: np.void = rows[0]
        return row


KEY = Field("key", "u8", "key", "identity for random draws, hashed from where the entity comes from")
