"""Counts of events by kind, and of rows and bytes by table, in a warm-up and one scenario run.

The worlds are those of a comparison, 300 groups and all states: three with parameter sets of their own (sets.csv, taken
from the calibrated ensemble once and never renewed, so that only rules change the counts), one at the default values.
Seconds depend on the machine; these counts do not.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sim.agents.events import kinds
from sim.engine.clock import EVENT_COUNTS
from sim.law.days import to_day
from sim.law.order import legal_order
from sim.policy.timeline import Timeline
from sim.simulate import Simulation, start
from sim.world.parameters import Parameters, WorldSpec, declarations, with_values
from sim.world.records import GROWING
from sim.world.world import records

HERE = Path(__file__).parent
SETS, LEDGER = HERE / "sets.csv", HERE / "ledger.csv"
#: Worlds by name, with the seed of each.
WORLDS: Mapping[str, int] = {"set_1": 1, "set_2": 2, "set_3": 3, "default": 1}
#: A figure may rise by this factor without a reason.
RISE = 1.1
#: And by this share of all figures of its sort: what hardly ever happens may happen twice as often by chance.
NEGLIGIBLE = 0.002

Key = tuple[str, str, str]  # stretch (warm_up, run), sort (events, rows, bytes), kind of event or table
Figures = dict[Key, list[int]]  # of each world


class Entry(NamedTuple):
    """A count of the ledger."""

    counts: tuple[int, ...]  # of each world
    least: int  # smallest total since a rise was last given a reason
    reason: str  # what the last rise beyond a tenth buys

    @property
    def total(self) -> int:
        """Sum of the count over all worlds."""
        return sum(self.counts)


def values() -> dict[str, dict[str, Any]]:
    """Stored parameters of each set, by dotted name, without parameters that no longer exist."""
    known = {name for name, _, _ in declarations()}
    with SETS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["parameter"] in known]
    return {name: {row["parameter"]: float(row[name]) for row in rows} for name in WORLDS if name != "default"}


def _counts(simulation: Simulation) -> dict[tuple[str, str], int]:
    """Events handled, and rows and bytes in use so far, each with its total."""
    world = simulation.world
    found = {("events", kind.name): int(world.counters[EVENT_COUNTS + kind]) for kind in kinds().values()}
    rows = {name: len(records(world, name)) for name in GROWING}
    found |= {("rows", name): number for name, number in rows.items()}
    found |= {("bytes", name): number * GROWING[name].itemsize for name, number in rows.items()}
    for sort in ("events", "rows", "bytes"):
        found[sort, "all"] = sum(number for (of, _), number in found.items() if of == sort)
    return found


def measured() -> Figures:
    """Counts of a simulated warm-up and one scenario run of each world, under the law of today."""
    figures: Figures = {}
    spec, pinned, over = WorldSpec(groups=300), values(), None
    for name, seed in WORLDS.items():
        parameters = with_values(Parameters(), pinned.get(name, {}))
        over = run = start(spec, parameters, legal_order(), Timeline(), seed, over)
        done: dict[tuple[str, str], int] = {}
        for stretch, until in (("warm_up", to_day(date.fromisoformat(spec.policy_start))), ("run", run.end)):
            run.advance(until)
            now = _counts(run)
            for (sort, what), number in now.items():
                figures.setdefault((stretch, sort, what), []).append(number - done.get((sort, what), 0))
            done = now
    return figures


def stored() -> dict[Key, Entry]:
    """The committed ledger; empty if there is none."""
    if not LEDGER.exists():
        return {}
    with LEDGER.open(encoding="utf-8", newline="") as file:
        return {
            (row["stretch"], row["sort"], row["what"]): Entry(
                tuple(int(row[name]) for name in WORLDS), int(row["least"]), row["reason"]
            )
            for row in csv.DictReader(file)
        }


def rises(figures: Mapping[Key, Iterable[int]], ledger: Mapping[Key, Entry]) -> dict[Key, tuple[int, int]]:
    """Lowest and present value, by key, of counts that rose by more than a tenth."""
    found = {}
    for key, counts in figures.items():
        total, least = sum(counts), ledger[key].least if key in ledger else 0
        stretch, sort, _ = key
        whole = ledger[stretch, sort, "all"].least if (stretch, sort, "all") in ledger else total
        if total > RISE * least and total - least > NEGLIGIBLE * whole:
            found[key] = (least, total)
    return found


def renewed(figures: Figures, ledger: Mapping[Key, Entry], reason: str) -> dict[Key, Entry]:
    """Ledger with new counts, and with the reason for each increase of more than a tenth."""
    risen, entries = rises(figures, ledger), {}
    for key, counts in figures.items():
        total, old = sum(counts), ledger.get(key)
        if old is None or key in risen:
            entries[key] = Entry(tuple(counts), total, reason if ledger else "")
        else:
            entries[key] = Entry(tuple(counts), min(old.least, total), old.reason)
    return entries


def write(entries: Mapping[Key, Entry]) -> None:
    """Writes the ledger."""
    with LEDGER.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("stretch", "sort", "what", *WORLDS, "least", "reason"))
        for key, entry in entries.items():
            writer.writerow((*key, *entry.counts, entry.least, entry.reason))
