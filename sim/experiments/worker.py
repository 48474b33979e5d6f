"""What a worker does: runs what shares a past and hands back its outcomes, once one process has compiled the rules.

Outcomes and breakdowns travel back as numbers. Event tables, which are large, are written by the worker under names of
unfinished files, which the parent changes: a worker whose parent has died can leave nothing that looks like a result.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from sim.engine import caching
from sim.engine.caching import RULES
from sim.engine.caching import folder as cache_folder
from sim.experiments.plan import Base, Past, Run
from sim.experiments.rules import OwnRules, bound, compiling
from sim.experiments.run import DISK_FULL, Arm, Failure, FailureStage, Replicate, Task, run_replicate
from sim.measures.outcomes import Measured
from sim.policy.problem import InputError
from sim.policy.version import source_hash

if TYPE_CHECKING:
    from rich.console import Console

    from sim.world.parameters import Parameters, WorldSpec

_LOGGER = getLogger(__name__)


@dataclass(frozen=True)
class BatchResult:
    """What came of runs that share their past."""

    results: tuple[tuple[Run, Arm | Failure], ...]
    events: tuple[Path, ...] = ()  # files of event tables
    seconds: float = 0.0
    peak_memory: int = 0

    def __len__(self) -> int:
        """Number of runs."""
        return len(self.results)

    @property
    def done(self) -> list[tuple[Run, Measured]]:
        """Runs that succeeded, measured."""
        return [(run, result.measured) for run, result in self.results if isinstance(result, Arm)]

    @property
    def failed(self) -> list[tuple[Run, Failure]]:
        """Runs that failed."""
        return [(run, result) for run, result in self.results if isinstance(result, Failure)]

    @classmethod
    def of_death(cls, base: Base, past: Past, cause: str) -> BatchResult:
        """What a worker that died would have reported."""
        keys = [(base.block(run.point), run.seed, base.scenarios[run.scenario].key) for run in past]
        return cls(tuple((run, Failure.of_death(cause, *key)) for run, key in zip(past, keys, strict=True)))


@dataclass(frozen=True)
class Worker:
    """The function that executors carry out."""

    base: Base
    folder: Path  # of the store
    identities: str  # from which ids of runs follow; tables bear them
    tag: str  # of the parent's parts
    evaluate: Callable[[Task], Replicate] = run_replicate
    rules: OwnRules | None = None

    def __call__(self, past: Past) -> BatchResult:
        """Runs what shares a past."""
        begun = perf_counter()
        with bound(self.rules):
            found = list(zip(past, self._results(past), strict=True))
        events = tuple(self._write_events([(run, arm) for run, arm in found if isinstance(arm, Arm)]))
        results = tuple((run, replace(one, events={}) if isinstance(one, Arm) else one) for run, one in found)
        return BatchResult(results, events, perf_counter() - begun, peak_memory())

    def _results(self, past: Past) -> tuple[Arm | Failure, ...]:
        """An arm or a failure for each run; every error is a failure."""
        try:
            return self.evaluate(self.base.task(past)).results
        except Exception as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            failure = Failure.of(error, self.base.block(past[0].point), past[0].seed, "", FailureStage.BURN_IN)
            return (failure,) * len(past)

    def _write_events(self, arms: list[tuple[Run, Arm]]) -> Iterator[Path]:
        """Writes the event tables of runs that share their past, if any, one file per table."""
        for name in arms[0][1].events if arms else ():
            import pyarrow as pa  # for those who keep events

            from sim.experiments.parts import EVENT_TABLES, KEY_KINDS, event_schema, spread, unfinished_name, write

            schema = event_schema(name)
            schema = schema.insert(0, pa.field("point", pa.int64())).insert(0, pa.field("run", pa.string()))
            rows = []
            for run, arm in arms:
                columns, keys = spread(arm.events[name]), self.base.keys(run, self.identities)
                size = next(iter(columns.values())).size
                front = {key: pa.repeat(pa.scalar(keys[key], kind), size) for key, kind in KEY_KINDS}
                front["block"] = pa.repeat(self.base.block(run.point), size)
                rows.append(pa.table(front | columns).select(schema.names).cast(schema))
            path = self.folder / EVENT_TABLES / name / unfinished_name(self.tag, arms[0][0].number)
            path.parent.mkdir(parents=True, exist_ok=True)
            write(pa.concat_tables(rows), path)
            yield path


def peak_memory() -> int:
    """Largest resident memory of this process so far in bytes, 0 where the system does not report it."""
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def compile_rules(
    world: WorldSpec, parameters: Parameters, console: Console, own: OwnRules | None = None, quiet: bool = False
) -> None:
    """Has one process compile the rules, so that no two workers do the same work, and a signal stops it at once.

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
    """Refuses a size of the cache that is none."""
    try:
        caching.limit()
    except ValueError:
        said, fix = os.environ.get(caching.SIZE), "Write a size, such as 2GB or 500MB."
        raise InputError("no size", where="environment", key=caching.SIZE, value=said, fix=fix) from None


def _are_compiled() -> bool:
    """Whether rules are compiled; Numba, which takes a second to import, is asked once for these sources."""
    from sim.engine.compiling import PLAIN, is_compiled, kernel_name, rules_hash

    note = f"known-{sha256(f'{rules_hash()} {source_hash()}'.encode()).hexdigest()[:24]}"
    known = None if PLAIN else caching.read(RULES, note, lambda content: str(content, "utf-8"))
    if known and caching.holds(RULES, f"{known}-"):
        return True
    from sim.simulate import run_until

    if not is_compiled(run_until):
        return False
    if not PLAIN:
        caching.write(RULES, note, kernel_name(run_until).encode())
    return True


def _call_every_entry(task: tuple[WorldSpec, Parameters, OwnRules | None]) -> None:
    """Lives a day of a world of one group, and measures it."""
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
