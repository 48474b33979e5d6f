"""A study's worker: simulates runs that share a warm-up, and compiles rules in advance.

Outcomes and breakdowns travel back as numbers. Event tables, which are large, are written by the worker under names of
unfinished files, which the parent changes: a worker whose parent has died can leave nothing that looks like a result.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from sim.data.own import layout
from sim.engine import caching
from sim.engine.caching import RULES
from sim.engine.caching import folder as cache_folder
from sim.experiments.plan import Base, Run, SharedRuns
from sim.experiments.rules import OwnRules, bound, compiling
from sim.experiments.run import DISK_FULL, Failure, FailureStage, Replicate, ScenarioRun, Task, run_replicate
from sim.measures.outcomes import Measured
from sim.policy.problem import InputError
from sim.policy.version import source_hash

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from sim.world.parameters import Parameters, WorldSpec

_LOGGER = getLogger(__name__)


@dataclass(frozen=True)
class BatchResult:
    """Results of runs that share a warm-up: measurements, failures, event tables, time and memory."""

    results: tuple[tuple[Run, ScenarioRun | Failure], ...]
    events: tuple[Path, ...] = ()  # files of event tables
    seconds: float = 0.0
    peak_memory: int = 0
    tables: tuple[tuple[str, bytes], ...] = ()  # event tables by name, of a worker that cannot reach the store

    def __len__(self) -> int:
        """Number of runs."""
        return len(self.results)

    @property
    def done(self) -> list[tuple[Run, Measured]]:
        """Successful runs, each with its measurements."""
        return [(run, result.measured) for run, result in self.results if isinstance(result, ScenarioRun)]

    @property
    def failed(self) -> list[tuple[Run, Failure]]:
        """Failed runs, each with the record of its failure."""
        return [(run, result) for run, result in self.results if isinstance(result, Failure)]

    def landed(self, store: Path, tag: str) -> BatchResult:
        """Writes to files the event tables that a worker sent; returns the results without these tables."""
        if not self.tables:
            return self
        from sim.experiments.parts import EVENT_TABLES, unfinished_name

        files = [
            store / EVENT_TABLES / name / unfinished_name(tag, self.results[0][0].number) for name, _ in self.tables
        ]
        for file, (_, content) in zip(files, self.tables, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)  # never written through a link
            with file.open("xb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
        return replace(self, events=tuple(files), tables=())

    @classmethod
    def of_death(cls, base: Base, past: SharedRuns, cause: str) -> BatchResult:
        """Makes the result of runs whose worker died, all of which have failed."""
        keys = [(base.block(run.point), run.seed, base.scenarios[run.scenario].key) for run in past]
        return cls(tuple((run, Failure.of_death(cause, *key)) for run, key in zip(past, keys, strict=True)))


@dataclass(frozen=True)
class Worker:
    """Callable that executors send to workers; it contains everything that runs need."""

    base: Base
    folder: Path | None  # of the store; None where it is out of reach, and event tables travel back
    identities: str  # from which ids of runs follow; tables bear them
    tag: str  # of the parent's parts
    evaluate: Callable[[Task], Replicate] = run_replicate
    rules: OwnRules | None = None

    def __call__(self, past: SharedRuns) -> BatchResult:
        """Executes runs that share a warm-up; returns their results."""
        begun = perf_counter()
        with bound(self.rules):
            found = list(zip(past, self._results(past), strict=True))
        tables = self._event_tables([(run, arm) for run, arm in found if isinstance(arm, ScenarioRun)])
        results = tuple((run, replace(one, events={}) if isinstance(one, ScenarioRun) else one) for run, one in found)
        if self.folder is None:
            packed = tuple((name, packed_table(rows)) for name, rows in tables)
            return BatchResult(results, (), perf_counter() - begun, peak_memory(), packed)
        files = tuple(self._written(self.folder, name, rows, past[0].number) for name, rows in tables)
        return BatchResult(results, files, perf_counter() - begun, peak_memory())

    def _results(self, past: SharedRuns) -> tuple[ScenarioRun | Failure, ...]:
        """Simulates runs; returns the measurements or the failure of each."""
        try:
            return self.evaluate(self.base.task(past)).results
        except Exception as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            failure = Failure.of(error, self.base.block(past[0].point), past[0].seed, "", FailureStage.BURN_IN)
            return (failure,) * len(past)

    def _event_tables(self, arms: list[tuple[Run, ScenarioRun]]) -> Iterator[tuple[str, pa.Table]]:
        """Yields name and content of the event tables of runs that share a warm-up."""
        for name in arms[0][1].events if arms else ():
            import pyarrow as pa  # for those who keep events

            from sim.experiments.parts import KEY_KINDS, event_schema, spread

            schema = event_schema(name)
            schema = schema.insert(0, pa.field("point", pa.int64())).insert(0, pa.field("run", pa.string()))
            rows = []
            for run, arm in arms:
                columns, keys = spread(arm.events[name]), self.base.keys(run, self.identities)
                size = next(iter(columns.values())).size
                front = {key: pa.repeat(pa.scalar(keys[key], kind), size) for key, kind in KEY_KINDS}
                front["block"] = pa.repeat(self.base.block(run.point), size)
                rows.append(pa.table(front | columns).select(schema.names).cast(schema))
            yield name, pa.concat_tables(rows)

    def _written(self, store: Path, name: str, rows: pa.Table, number: int) -> Path:
        """Writes an event table to a temporary file; returns its path."""
        from sim.experiments.parts import EVENT_TABLES, unfinished_name, write

        path = store / EVENT_TABLES / name / unfinished_name(self.tag, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(rows, path)
        return path


def packed_table(rows: pa.Table) -> bytes:
    """Writes a table to an in-memory file; returns its bytes."""
    import pyarrow as pa

    from sim.experiments.parts import write_to

    sink = pa.BufferOutputStream()
    write_to(rows, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def peak_memory() -> int:
    """Largest memory that this process has used, in bytes; 0 if the system does not report it."""
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def compile_rules(
    world: WorldSpec, parameters: Parameters, console: Console, own: OwnRules | None = None, quiet: bool = False
) -> None:
    """Compiles the model's rules in one process before workers start.

    Any world and parameters with which a run can begin will do; `own` are rules of the user's own.
    """
    from rich.progress import BarColumn, Progress, TimeElapsedColumn

    from sim.experiments.control import stopping_at_once
    from sim.experiments.processes import in_a_process

    check_cache_size()
    if own is None and _are_compiled():
        _LOGGER.info("rules are compiled already, in %s", cache_folder(RULES))
        return
    caching.make_sure_of_room()
    _LOGGER.info("compiling rules, in %s", cache_folder(RULES))
    label = f"Compiling the rules (once for {'this version' if own is None else 'these rules'})"
    columns = ("{task.description}", BarColumn(), TimeElapsedColumn())
    with stopping_at_once(), Progress(*columns, console=console, disable=quiet) as bar:
        bar.add_task(label, total=None)  # nobody knows how far a compiler has come
        in_a_process(_call_every_entry, (world, parameters, own))


def check_cache_size() -> None:
    """Raises an error if the size limit of the cache is invalid."""
    try:
        caching.limit()
    except ValueError:
        said, fix = os.environ.get(caching.SIZE), "Write a size, such as 2GB or 500MB."
        raise InputError("no size", where="environment", key=caching.SIZE, value=said, fix=fix) from None


def compile_here(world: WorldSpec, parameters: Parameters, own: OwnRules | None) -> None:
    """Compiles the rules on an engine's machine, while other processes there wait."""
    if own is None and _are_compiled():
        return
    with _alone():
        if own is not None or not _are_compiled():
            _LOGGER.info("compiling rules, in %s", cache_folder(RULES))
            _call_every_entry((world, parameters, own))


@contextmanager
def _alone() -> Iterator[None]:
    """Context manager: in the block, other processes that share the caches have to wait."""
    handle = os.open(caching.root() / ".compiling", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with suppress(ImportError, OSError):
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _are_compiled() -> bool:
    """True if the rules are compiled already, so that no process needs to compile them."""
    from sim.engine.compiling import PLAIN, is_compiled, kernel_name, rules_hash

    note = f"known-{sha256(f'{rules_hash()} {source_hash()}'.encode()).hexdigest()[:24]}"
    known = None if PLAIN else caching.read(RULES, note, lambda content: str(content, "utf-8"))
    if known and caching.holds(RULES, f"{known}-") and layout() == "":
        return True
    from sim.simulate import run_until

    if not is_compiled(run_until) or not (layout() == "" or caching.holds(RULES, _layout_note())):
        return False
    if not PLAIN:
        caching.write(RULES, note, kernel_name(run_until).encode())
    return True


def _call_every_entry(task: tuple[WorldSpec, Parameters, OwnRules | None]) -> None:
    """Compiles all entry points by simulating and measuring one day of a world with one group."""
    from sim.experiments.run import observed
    from sim.law.order import legal_order
    from sim.measures.outcomes import measure
    from sim.policy.timeline import Timeline
    from sim.simulate import desks_changed, desks_lived, start
    from sim.world.growth import with_room

    world, parameters, own = task
    with compiling(own):
        simulation = start(replace(world, groups=1), parameters, legal_order(), Timeline(), seed=0)
        simulation.advance(1.0)
        with_room(with_room(simulation.world, desks_lived), desks_changed)
        measure(observed(simulation, world))
    if layout():
        caching.write(RULES, _layout_note(), b"")


def _layout_note() -> str:
    """Name of the cache entry that marks rules as compiled for the present fields of the user's parts.

    The name of compiled code is by what it is bound to, and the types of what it is given come behind.
    """
    from sim.engine.compiling import kernel_name
    from sim.simulate import run_until

    return f"layout-{sha256(f'{kernel_name(run_until)} {layout()}'.encode()).hexdigest()[:24]}"
