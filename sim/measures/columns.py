"""Some fields of all records of a table, each as an array of its own.

Records are long: a processor that read them again for each field would wait for memory most of the time.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from sim.engine.compiling import Key, Record, kernel, rule
from sim.engine.tables import as_table

Arrays = dict[str, npt.NDArray[Any]]

_BLOCK = 64  # records that are read at a time, one field after another: they stay in the nearest cache
_WIDER = 10  # kinds of copy from it on give whole numbers more bytes, by their sign
_SHIFT, _SHIFT_2 = np.uint64(16), np.uint64(32)
_EDGE = 64  # bytes of a cache line, on which each array begins


@rule
def _four(words: Record, row: int, at: int) -> Key:
    """Four bytes of a record."""
    return words[row, at] | np.uint64(words[row, at + 1]) << _SHIFT


@rule
def _copy(words: Record, rows: tuple[int, int], line: Record, one: Record, two: Record, four: Record) -> None:
    """Copies a field of some records to up to four bytes each."""
    kind, at, place, step = line[0], line[1], line[2], line[3]
    if kind == 1:
        for row in range(rows[0], rows[1]):
            one[place + row * step] = words[row, at]
    elif kind == 2:
        for row in range(rows[0], rows[1]):
            two[place + row * step] = words[row, at]
    elif kind == 4:
        for row in range(rows[0], rows[1]):
            four[place + row * step] = _four(words, row, at)
    else:
        for row in range(rows[0], rows[1]):
            four[place + row * step] = np.int16(words[row, at])


@rule
def _copy_eight(words: Record, rows: tuple[int, int], line: Record, eight: Record) -> None:
    """Copies a field of some records to eight bytes each."""
    kind, at, place, step = line[0], line[1], line[2], line[3]
    if kind == 8:
        for row in range(rows[0], rows[1]):
            eight[place + row * step] = _four(words, row, at) | _four(words, row, at + 2) << _SHIFT_2
    else:
        for row in range(rows[0], rows[1]):
            eight[place + row * step] = np.int32(_four(words, row, at))


@kernel
def _spread(words: Record, plan: Record, one: Record, two: Record, four: Record, eight: Record) -> None:
    """Compiled entry: copies fields as the plan says, see `_planned`; `one` to `eight` are one memory, by width."""
    words, plan, one, two = as_table(words), as_table(plan), as_table(one), as_table(two)
    four, eight = as_table(four), as_table(eight)
    for first in range(0, len(words), _BLOCK):
        rows = first, min(first + _BLOCK, len(words))
        for line in range(len(plan)):
            if plan[line, 0] % _WIDER == 8:
                _copy_eight(words, rows, plan[line], eight)
            else:
                _copy(words, rows, plan[line], one, two, four)


def _planned(kind: np.dtype[Any], name: str, wanted: np.dtype[Any], place: int) -> Iterator[tuple[int, ...]]:
    """How each number of a field is copied: kind of copy, 16-bit word of the record, place and step in numbers."""
    field, offset = kind.fields[name][:2]  # type: ignore[index]
    held, width, count = field.base.itemsize, wanted.itemsize, field.itemsize // field.base.itemsize
    if width > 2 * held or (width != held and field.base.kind == "f"):
        raise TypeError(f"{name} cannot be copied as {wanted}")
    copy = width if width <= held else _WIDER + width
    if width == held and field.itemsize % 8 == 0:  # several numbers at a time
        copy, held, width, count = 8, 8, 8, field.itemsize // 8
    for number in range(count):
        yield copy, (offset + number * held) // 2, place // width + number, count


def gather(table: npt.NDArray[np.void], fields: Mapping[str, Any]) -> Arrays:
    """Some fields of all records.

    Args:
        table: records whose numbers begin at even bytes.
        fields: the type in which each field is wanted, by its name.

    Raises:
        TypeError: numbers that are not whole are wanted in another width, or whole ones in four times theirs.
    """
    place, plan, parts = 0, list[tuple[int, ...]](), dict[str, tuple[int, int]]()
    for name, wanted in fields.items():
        size = len(table) * int(np.prod(table.dtype[name].shape, dtype=int)) * np.dtype(wanted).itemsize
        plan += _planned(table.dtype, name, np.dtype(wanted), place)
        parts[name] = place, place + size
        place += size + -size % _EDGE
    memory = np.empty(place, np.uint8)
    found: Arrays = {
        name: memory[slice(*part)].view(fields[name]).reshape(-1, *table.dtype[name].shape)
        for name, part in parts.items()
    }
    if numba.config.DISABLE_JIT:
        for name, column in found.items():
            column[:] = table[name]
    else:
        words = table.view(np.uint16).reshape(len(table), table.dtype.itemsize // 2)
        _spread(words, np.array(plan), *(memory.view(kind) for kind in (np.uint8, np.uint16, np.uint32, np.uint64)))
    return found
