"""Pasts and baselines on disk, so that a second comparison lives neither again.

A past is a world on the first day of policies, as its tables' bytes. A baseline is what was measured of an arm whose
policy changes nothing. Both stand in the user's private cache under a hash of all that they follow from: sources and
data, compiler and processor, world, parameters and seed. What is damaged, or of other code, is simulated again.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from time import time
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.engine.caching import BASELINES, PASTS, CacheKind, is_temporary, read, write
from sim.engine.compiling import versions
from sim.engine.growable import GROWTH
from sim.measures.arrays import Columns
from sim.measures.outcomes import OUTCOMES, Measured
from sim.policy.scenario import Scenario
from sim.policy.version import source_hash, sources
from sim.world.parameters import Parameters, WorldSpec

if TYPE_CHECKING:
    from sim.simulate import Simulation
    from sim.world.world import World

Arrays = Mapping[str, npt.NDArray[Any]]

#: When this process read its sources, at the latest.
_BEGUN = time()
#: Names of arrays that no table has.
_ROOM, _WRITEABLE, _OUTCOMES = "of tables", "is writeable", "outcomes"
_CODEC = "lz4"
#: Least room of a table, in rows that the past has used: an arm lives twice as long. Unwritten rows take no memory.
_ROOM_AHEAD = 4
_NOT_READABLE = (OSError, ValueError, LookupError, TypeError, EOFError)


def changes_nothing(scenario: Scenario) -> bool:
    """Whether a scenario leaves law and practice as they are, and costs nothing: a baseline."""
    return not (scenario.changes or scenario.monitor or scenario.costs or scenario.first_days or scenario.mistakes)


def name_of(world: WorldSpec, parameters: Parameters, seed: int) -> str | None:
    """The name of a past and of its baseline; None where nothing is kept."""
    code = _code()
    return code and hashlib.sha256(f"{code}\n{world}\n{parameters}\n{seed}".encode()).hexdigest()


@cache
def _code() -> str | None:
    """What made a past, besides its parameters; None where sources have changed since this process began."""
    if is_temporary() or any(path.stat().st_mtime > _BEGUN for path in sources()):
        return None
    import llvmlite.binding
    from numba import config

    processor = f"{platform.machine()} {llvmlite.binding.get_host_cpu_name()} {config.CPU_NAME} {config.CPU_FEATURES}"
    return f"{source_hash()} {platform.python_version()} {versions()} {processor} {config.DISABLE_JIT}"


def keep_past(name: str, past: Simulation) -> None:
    """Keeps a past."""
    from sim.world.world import TABLE_NAMES, records

    world = past.world
    arrays = {key: records(world, key) if key in TABLE_NAMES else table for key, table in world._asdict().items()}
    room = np.array([len(getattr(world, key)) for key in TABLE_NAMES])
    writeable = np.array([table.flags.writeable for table in world])
    _write(PASTS, name, arrays | {_ROOM: room, _WRITEABLE: writeable})


def find_past(name: str, world: WorldSpec, seed: int) -> Simulation | None:
    """A past that is kept, with all bytes as they were; None where there is none."""
    from sim.law.order import legal_order
    from sim.policy.timeline import Timeline
    from sim.simulate import Simulation
    from sim.world.assemble import last_day

    arrays = _read(PASTS, name)
    made = None if arrays is None else _world(arrays)
    return made and Simulation(made, legal_order().drawn(seed), Timeline(), last_day(world))


def _world(arrays: Arrays) -> World | None:
    """The world of a file; None where its tables are not those of this model."""
    from sim.engine.growable import empty
    from sim.world.records import FIXED, GROWING
    from sim.world.world import World

    known = GROWING | {entity.name: entity.dtype for entity in FIXED}
    if tuple(arrays) != (*World._fields, _ROOM, _WRITEABLE) or any(arrays[key].dtype != known[key] for key in known):
        return None
    room = {key: _roomy(rows, len(arrays[key])) for key, rows in zip(GROWING, arrays[_ROOM].tolist(), strict=True)}
    parts: dict[str, Any] = {}
    for key, writeable in zip(World._fields, arrays[_WRITEABLE].tolist(), strict=True):
        part = arrays[key]
        if part.dtype.names:
            rows = part
            part = empty(room.get(key, len(rows)), rows.dtype)
            part[: len(rows)].view(np.uint8)[:] = rows.view(np.uint8)  # NumPy copies records one by one
        part.flags.writeable = writeable
        parts[key] = part
    return World(**parts)


def _roomy(rows: int, used: int) -> int:
    """Rows of a table with room for an arm from the start: a table that grows on its way is copied."""
    while rows < _ROOM_AHEAD * used:
        rows *= GROWTH
    return rows


def keep_baseline(name: str, measured: Measured) -> None:
    """Keeps what was measured of a baseline."""
    arrays = {
        f"{table} {column}": values
        for table, columns in measured.breakdowns.items()
        for column, values in columns.items()
    }
    _write(BASELINES, name, {_OUTCOMES: np.array([measured.outcomes[entry.key] for entry in OUTCOMES]), **arrays})


def find_baseline(name: str) -> Measured | None:
    """What was measured of a baseline; None where it is not kept."""
    arrays = _read(BASELINES, name)
    if arrays is None:
        return None
    breakdowns: dict[str, Columns] = {}
    for key, values in list(arrays.items())[1:]:
        table, column = key.split(" ")
        breakdowns.setdefault(table, {})[column] = values
    keys = (entry.key for entry in OUTCOMES)
    return Measured(dict(zip(keys, arrays[_OUTCOMES].tolist(), strict=True)), breakdowns)


def _write(kind: CacheKind, name: str, arrays: Arrays) -> None:
    """Keeps arrays under a name: what they are and their names stand first."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, _CODEC) as file:
        for array in (np.array([f"{kind.name} {name}", *arrays]), *arrays.values()):
            np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)
    write(kind, name, sink.getvalue())


def _read(kind: CacheKind, name: str) -> dict[str, npt.NDArray[Any]] | None:
    """Arrays that are kept under a name; None where there are none."""
    import pyarrow as pa

    content = read(kind, name)
    if content is None:
        return None
    try:
        with pa.CompressedInputStream(pa.BufferReader(content), _CODEC) as file:
            what, *names = _array(file).tolist()
            return {key: _array(file) for key in names} if what == f"{kind.name} {name}" else None
    except _NOT_READABLE:
        return None


def _array(file: Any) -> npt.NDArray[Any]:
    """The next array of a file; the header of settings names hundreds of fields."""
    array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False, max_header_size=100_000)
    return array
