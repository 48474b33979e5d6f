"""Reads the event tables of a run: one scenario under one seed of a results folder."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sim.data.geography import Provider
from sim.experiments import store
from sim.experiments.parts import event_schema
from sim.law.days import to_day
from sim.law.instruments import Terms
from sim.law.order import LegalOrder
from sim.law.suggest import nearest
from sim.policy.problem import COMMAND_LINE, InputError
from sim.report.explain.wording import token
from sim.world.records import ENTITIES, GROWING, MilestoneKind
from sim.world.records.field import Entity

Table = np.recarray[Any, np.dtype[np.void]]
Rows = npt.NDArray[np.intp]
_KEYS = ("block", "scenario", "seed")
#: Tables that runs of earlier versions do not have; nothing is reported of what they would hold.
_LATER = frozenset(("trust", "referral", "posting"))


@dataclass(frozen=True, eq=False)
class Events:
    """Event tables of one simulated world, with the law and the configuration that explain them.

    Attributes:
        folder: the results folder.
        scenario, seed: which of its worlds.
        others: how many worlds the folder holds in all.
        tables: event tables by name; row numbers are those of the model.
        config: the run's configuration.
        law: states, their names and the terms of instruments.
    """

    folder: Path
    scenario: str
    seed: int
    others: int
    tables: Mapping[str, Table]
    config: Mapping[str, Any]
    law: LegalOrder

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def where(self, name: str, **values: float) -> Rows:
        """Rows of a table whose columns have the given values."""
        table = self.tables[name]
        chosen = np.ones(len(table), bool)
        for column, value in values.items():
            chosen &= table[column] == value
        return np.flatnonzero(chosen)

    @cached_property
    def end(self) -> float:
        """The last day observed."""
        world = self.config["world"]
        return to_day(date.fromisoformat(world["end"])) + float(world["follow_up_days"])

    @cached_property
    def providers(self) -> Sequence[Provider]:
        """The providers, in the order of their rows."""
        from sim.data.geography import CrimeGeography
        from sim.world.assemble import confined
        from sim.world.parameters import WorldSpec

        spec = WorldSpec(states=list(self.config["world"]["states"]))
        return confined(CrimeGeography.load(), self.law, spec).providers

    def milestones(self, kind: MilestoneKind, **values: float) -> list[tuple[float, int, int]]:
        """(Day, subject, reason) of each turning point of a kind with the given values, in the order of days."""
        table = self["milestone"]
        rows = self.where("milestone", kind=kind, **values)
        return [(float(table.day[row]), int(table.subject[row]), int(table.reason[row])) for row in rows]

    def setting(self, theme: str, name: str) -> float:
        """An uncertainty of the run."""
        try:
            return float(self.config["uncertainty"][theme][name])
        except (LookupError, TypeError, ValueError):
            raise _no_key(self.folder, f"uncertainty.{theme}.{name}") from None

    def state(self, index: float) -> str:
        """A state by its index, as a token that `wording.Naming` replaces by its name."""
        return token(self.law.states[int(index)])

    def terms(self, row: float) -> Terms | None:
        """The instrument of a request, None for a domestic one."""
        return self.law.terms[int(row)] if row >= 0 else None


def read_events(folder: Path, scenario: str | None = None, seed: str | None = None) -> Events:
    """Reads one world of a results folder: by default the first scenario under its lowest seed.

    Raises:
        InputError: no run's folder, no event tables, or no such scenario or seed.
    """
    manifest, config = _read_texts(folder)
    files = _event_files(folder, manifest)
    again = f"Run it again: {manifest.get('command', 'comity run SCENARIO --events')}"
    worlds: dict[tuple[str, int], Path] = {}
    for path in files["group"]:
        with _readable(path, again):
            worlds |= dict.fromkeys(_worlds(path), path)
    if not worlds:
        raise InputError("it has no rows", where=str(files["group"][0].parent), fix=again)
    chosen = _choose_scenario(worlds, manifest, scenario)
    number = _choose_seed(sorted(seed_ for key, seed_ in worlds if key == chosen), seed)
    tables: dict[str, Table] = {}
    for name in GROWING:
        path = folder / store.EVENTS / name / worlds[chosen, number].name
        with _readable(path, again):
            tables[name] = _table(path, chosen, name) if files[name] else _missing(name, 0)
    law = LegalOrder.load()
    sizes = {name: len(table) for name, table in tables.items() if len(table)}
    sizes |= {"state": len(law.states), "terms.yaml": len(law.terms)}
    for name, table in tables.items():
        with _readable(folder / store.EVENTS / name / worlds[chosen, number].name, again):
            _check_rows(name, table, sizes)
    return Events(folder, chosen, number, len(worlds), tables, config, law)


@contextmanager
def _readable(path: Path, fix: str) -> Iterator[None]:
    """Reports an error inside the block as a flaw of this file."""
    try:
        yield
    except (OSError, ValueError, LookupError) as error:
        cause = str(error).splitlines()[0].rstrip(".").rpartition(f"{path}': ")[2]
        raise InputError(f"it cannot be read ({cause})", where=str(path), fix=fix) from None


def _check_rows(name: str, table: Table, sizes: Mapping[str, int]) -> None:
    """Checks that rows to which a table refers exist.

    Raises:
        ValueError: If one does not: files are truncated, or of different runs.
    """
    for field in _entity(name).fields:
        meant = str(field.unit).removeprefix("row of ")
        last = int(table[field.name].max()) if meant in sizes and meant != field.unit and len(table) else -1
        if last >= sizes.get(meant, 0):
            raise ValueError(f"{field.name} refers to row {last} of {meant}, which has {sizes[meant]} rows")


def _read_texts(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Manifest and configuration."""
    try:
        manifest = json.loads((folder / store.MANIFEST).read_text("utf-8"))
        config = YAML(typ="safe", pure=True).load((folder / store.CONFIG).read_text("utf-8"))
        manifest, config = dict(manifest), dict(config)
    except (OSError, ValueError, TypeError, YAMLError):
        inside = sorted(place.parent.name for place in folder.glob(f"*/{store.MANIFEST}")) if folder.is_dir() else []
        fix = (
            f"It holds runs: name {folder / inside[-1]}." if inside else "Name a folder that `comity run` has written."
        )
        raise InputError("not the folder of a run", where=COMMAND_LINE, key="RUN", value=folder, fix=fix) from None
    for key, kind in (("end", str), ("follow_up_days", int), ("states", list)):
        if not isinstance(config.get("world"), dict) or not isinstance(config["world"].get(key), kind):
            raise _no_key(folder, f"world.{key}")
    return manifest, config


def _no_key(folder: Path, key: str) -> InputError:
    """The error for a configuration that has been changed."""
    fix = "Restore the file as the run wrote it, or run it again."
    return InputError("this key is missing, or has no such value", where=str(folder / store.CONFIG), key=key, fix=fix)


def _event_files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, list[Path]]:
    """Files of each event table, by seed."""
    files = {name: sorted((folder / store.EVENTS / name).glob("*.parquet")) for name in GROWING}
    if all(files[name] for name in files if name not in _LATER):
        return files
    command = manifest.get("command", "comity run SCENARIO")
    raise InputError(
        "this run kept no event tables",
        where=COMMAND_LINE,
        key="RUN",
        value=folder,
        fix=f"Run it again with --events: {command} --events",
    )


def _worlds(path: Path) -> list[tuple[str, int]]:
    """Scenario and seed of every world in a file."""
    keys = pq.read_table(path, columns=["scenario", "seed"]).group_by(["scenario", "seed"]).aggregate([])
    return [(row["scenario"], row["seed"]) for row in keys.to_pylist()]


def _choose_scenario(worlds: Iterable[tuple[str, int]], manifest: Mapping[str, Any], wanted: str | None) -> str:
    """The scenario asked for, or the first of the run."""
    known = {key for key, _ in worlds}
    if wanted is None:
        return next((key for key in manifest.get("scenarios", ()) if key in known), min(known))
    if wanted not in known:
        fix = nearest(wanted, known)
        raise InputError("not in this run", where=COMMAND_LINE, key="--scenario", value=wanted, fix=fix)
    return wanted


def _choose_seed(known: Sequence[int], wanted: str | None) -> int:
    """The seed asked for, or the lowest."""
    if wanted is None:
        return known[0]
    if not wanted.isdecimal() or int(wanted) not in known:
        shown = ", ".join(map(str, known[:12])) + (", …" if len(known) > 12 else "")
        raise InputError(
            "not a seed of this run", where=COMMAND_LINE, key="--seed", value=wanted, fix=f"Use one of: {shown}."
        )
    return int(wanted)


def _table(path: Path, scenario: str, name: str) -> Table:
    """One scenario's rows of an event table; columns that an earlier version did not have get neutral values."""
    whole = pq.read_table(path)
    part = whole.filter(pc.equal(whole["scenario"], scenario)).drop_columns(list(_KEYS)).to_pandas()
    nothing = _missing(name, len(part))
    added = {column: nothing[column] for column in nothing.dtype.names or () if column not in part}
    records: Table = part.assign(**added).to_records(index=False).view(np.recarray)
    return records


def _missing(name: str, size: int) -> Table:
    """New rows of a table, in which nothing has happened yet, with the columns that runs keep."""
    columns = [field for field in event_schema(name) if field.name not in _KEYS]
    rows = np.zeros(size, [(field.name, field.type.to_pandas_dtype()) for field in columns])
    for field in _entity(name).fields:
        if field.name in (rows.dtype.names or ()):
            rows[field.name] = field.neutral
    records: Table = rows.view(np.recarray)
    return records


def _entity(name: str) -> Entity:
    """The declaration of a table."""
    return next(entity for entity in ENTITIES if entity.name == name)


def is_given_up(request: Any) -> bool:
    """Whether the requester gave up on a request before it ended, if it did end."""
    return is_set(request.given_up) and not request.ended <= request.given_up


def is_set(day: float) -> bool:
    """Whether a time of the tables has come."""
    return not math.isnan(day) and not math.isinf(day)


def ended_by(day: float, end: float) -> float:
    """A day that may not have come, as the end of a span."""
    return day if is_set(day) else end
