"""Cache of simulated warm-ups and of measured scenario runs, which later studies reuse.

A warm-up ends in a world on the first day of policies: its tables' bytes. Measurements of a scenario run are kept too,
so that the same question costs no world a second time; that of a baseline, whose policy changes nothing, serves other
questions as well. All stand in the user's private cache under a hash of all that they follow from: sources and data,
compiler and processor, world, parameters and seed, of a scenario run also its policy. What is damaged, or of other
code, is simulated again.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from time import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engine.caching import MEASURED, PASTS, CacheKind, Checked, is_temporary, read, write
from sim.engine.compiling import versions
from sim.engine.growable import GROWTH
from sim.measures.arrays import Columns
from sim.measures.outcomes import OUTCOMES, Measured
from sim.policy.lever import Lever
from sim.policy.scenario import Scenario
from sim.policy.version import source_hash, sources
from sim.world.parameters import Parameters, WorldSpec

if TYPE_CHECKING:
    from sim.simulate import Simulation
    from sim.world.world import World

Arrays = Mapping[str, npt.NDArray[Any]]

#: When this process read its sources, at the latest.
_BEGUN = time()
#: Name of the array of outcomes, which is no column of a breakdown.
_OUTCOMES = "outcomes"
_CODEC = "zstd"  # 0.78 of the bytes of lz4, and less than 0.1 s more for a warm-up
#: Least room of a table, in rows that the warm-up has used: a scenario run is twice as long. Unwritten rows take no
#: memory.
_ROOM_AHEAD = 4


def identity(scenario: Scenario) -> str | None:
    """Text of a scenario's content, as a key of the cache; empty if it changes nothing, None if not plain data.

    A lever is its name here: its rules are code, which names of scenario runs hold besides.
    """
    try:
        return "" if changes_nothing(scenario) else json.dumps(_plain(scenario))
    except TypeError:
        return None


def _plain(value: Any) -> Any:
    """Converts data to JSON values that include the names of types and fields."""
    if isinstance(value, Lever):
        return value.name
    if isinstance(value, float | int | str | None):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(map(_plain, value))
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return [[_plain(key), _plain(entry)] for key, entry in value.items()]
    if is_dataclass(value):
        return [type(value).__name__, *((item.name, _plain(getattr(value, item.name))) for item in fields(value))]
    raise TypeError(type(value).__name__)


def changes_nothing(scenario: Scenario) -> bool:
    """True for a scenario without any change of law, practice or cost, which can serve as a baseline."""
    return not (scenario.changes or scenario.monitor or scenario.costs or scenario.first_days or scenario.mistakes)


def name_of(
    world: WorldSpec,
    parameters: Parameters,
    seed: int,
    prices: Mapping[str, float] = MappingProxyType({}),
    arm: str = "",
) -> str | None:
    """Name in the cache for a warm-up or, if `arm` names a scenario, for a scenario run; None if nothing is cached.

    None where nothing is kept.
    """
    code, words = _code(), f"{world}\n{parameters}\n{seed}\n{sorted(prices.items())}\n{arm}"
    return code and hashlib.sha256(f"{code}\n{words}".encode()).hexdigest()


@cache
def _code() -> str | None:
    """Text that identifies code, compiler and processor; None if the code changed or the cache is temporary."""
    if is_temporary() or any(path.stat().st_mtime > _BEGUN for path in sources()):
        return None
    import llvmlite.binding
    from numba import config

    processor = f"{platform.machine()} {llvmlite.binding.get_host_cpu_name()} {config.CPU_NAME} {config.CPU_FEATURES}"
    return f"{source_hash()} {platform.python_version()} {versions()} {processor} {config.DISABLE_JIT}"


def keep_warm_up(name: str, past: Simulation) -> None:
    """Stores a warm-up in the cache."""
    from sim.world.world import TABLE_NAMES, records

    world = past.world
    arrays = {key: records(world, key) if key in TABLE_NAMES else table for key, table in world._asdict().items()}
    _write(PASTS, name, arrays, {key: len(getattr(world, key)) for key in TABLE_NAMES})


def find_warm_up(name: str, world: WorldSpec, seed: int, over: World | None = None) -> Simulation | None:
    """Reads a warm-up from the cache, byte for byte as it was stored; None if there is none.

    Its tables stand in the memory of `over`, a world that nobody needs any more.
    """
    from sim.engine.growable import empty
    from sim.law.order import legal_order
    from sim.policy.timeline import Timeline
    from sim.simulate import Simulation
    from sim.world.assemble import last_day
    from sim.world.records import FIXED, GROWING
    from sim.world.world import TABLE_NAMES, World, table

    known: dict[str, Any] = GROWING | {entity.name: entity.dtype for entity in FIXED}
    parts: dict[str, Any] = {}

    def place(kept: _Kept) -> npt.NDArray[Any]:
        """Array to read a stored array into: the used rows of a table of the world."""
        kind, rows = kept.dtype, kept.shape[0] if kept.shape else 0
        if known.get(kept.name, kind) != kind:
            raise ValueError(f"{kept.name} has other fields")
        length = kept.room or rows
        while (
            kept.room and length < _ROOM_AHEAD * rows
        ):  # room for a scenario run: a table that grows on its way is copied
            length *= GROWTH
        part: npt.NDArray[Any]
        if kept.name in TABLE_NAMES:
            part = table(kept.name, length, kind, over)
        else:
            part = empty(length, kind) if kind.names else np.empty(kept.shape, kind)
        parts[kept.name] = part
        return part[:rows] if kind.names else part

    def lived(content: memoryview) -> Simulation:
        """Makes a simulation from the stored content of a warm-up."""
        for kept in _unpacked(content, place):
            parts[kept.name].flags.writeable = kept.writeable
        return Simulation(World(**parts), legal_order().drawn(seed), Timeline(), last_day(world))

    return read(PASTS, name, lived)


def keep_measured(name: str, measured: Measured) -> None:
    """Stores the measurements of a scenario run in the cache."""
    arrays = {
        f"{table} {column}": values
        for table, columns in measured.breakdowns.items()
        for column, values in columns.items()
    }
    _write(MEASURED, name, {_OUTCOMES: np.array([measured.outcomes[entry.key] for entry in OUTCOMES]), **arrays})


def find_measured(name: str) -> Measured | None:
    """Reads the measurements of a scenario run from the cache; None if there are none."""
    arrays: dict[str, npt.NDArray[Any]] = {}

    def place(kept: _Kept) -> npt.NDArray[Any]:
        """New array to read a stored array into."""
        arrays[kept.name] = np.empty(kept.shape, kept.dtype)
        return arrays[kept.name]

    def measured(content: memoryview) -> Measured:
        """Makes the measurements of a scenario run from the stored content."""
        _unpacked(content, place)
        breakdowns: dict[str, Columns] = {}
        for key, values in list(arrays.items())[1:]:
            table, column = key.split(" ")
            breakdowns.setdefault(table, {})[column] = values
        keys = (entry.key for entry in OUTCOMES)
        return Measured(dict(zip(keys, arrays[_OUTCOMES].tolist(), strict=True)), breakdowns)

    return read(MEASURED, name, measured)


class _Kept(NamedTuple):
    """Description of an array in a cache file: its name, type and shape."""

    name: str  # of the table or column
    fields: Any  # its type, as NumPy describes types
    shape: tuple[int, ...]  # its shape
    room: int  # rows of the table that it is the used part of; 0 for others
    writeable: bool  # whether rules may write to it

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the array's elements."""
        if isinstance(self.fields, str):
            return np.dtype(self.fields)
        return np.lib.format.descr_to_dtype([(name, kind, *map(tuple, size)) for name, kind, *size in self.fields])


def _write(kind: CacheKind, name: str, arrays: Arrays, room: Mapping[str, int] = MappingProxyType({})) -> None:
    """Stores arrays in a cache entry: descriptions first, then bytes."""
    import pyarrow as pa

    described = [
        _Kept(key, np.lib.format.dtype_to_descr(array.dtype), array.shape, room.get(key, 0), array.flags.writeable)
        for key, array in arrays.items()
    ]
    head = json.dumps(described).encode()

    def content(opened: Checked) -> None:
        """Writes the compressed content of a cache entry to the open file."""
        with pa.CompressedOutputStream(pa.PythonFile(opened, "w"), _CODEC) as file:
            file.write(len(head).to_bytes(8, "little") + head)
            for array in arrays.values():
                file.write(_bytes(np.ascontiguousarray(array)))

    write(kind, name, content)


def _unpacked(content: memoryview, place: Callable[[_Kept], npt.NDArray[Any]]) -> list[_Kept]:
    """Reads arrays of a cache entry into the memory that `place` gives; returns their descriptions."""
    import pyarrow as pa

    with pa.CompressedInputStream(pa.BufferReader(content), _CODEC) as file:
        described = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        found = [_Kept(key, fields, tuple(shape), *others) for key, fields, shape, *others in described]
        for kept in found:
            memory = _bytes(place(kept))
            if file.readinto(memory) != memory.size:
                raise EOFError
        return found


def _bytes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Bytes of an array as a flat array, copied if its rows are not contiguous."""
    return np.asarray(array).reshape(-1).view(np.uint8)
