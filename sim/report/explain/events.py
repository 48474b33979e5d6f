"""Reads the event tables of a run, which is one scenario under one seed of a study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.data.geography import Provider
from sim.experiments import store
from sim.experiments.parts import DamagedError, event_schema, read
from sim.experiments.study import STUDY, Study
from sim.law.days import to_day
from sim.law.order import LegalOrder, legal_order
from sim.law.suggest import nearest
from sim.policy.problem import InputError, mistake
from sim.world.records import GROWING

Table = np.recarray[Any, np.dtype[np.void]]
_WORLD = pa.schema([("scenario", pa.string()), ("seed", pa.int64())])  # columns of event files that identify a world


@dataclass(frozen=True, eq=False)
class Events:
    """Event tables of one simulated world, with the law and configuration that are needed to explain them."""

    folder: Path  # the results folder
    scenario: str  # which, with the seed, says which of its worlds
    seed: int
    others: int  # how many worlds the folder holds in all
    tables: Mapping[str, Table]  # event tables by name; their column `row` has the number that other tables name
    config: Mapping[str, Any]  # the run's configuration
    law: LegalOrder  # states, their names and the terms of instruments

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def rows(self, name: str, **values: float) -> Any:
        """Rows of a table in which the named columns have the given values."""
        table = self.tables[name]
        chosen = np.ones(len(table), bool)
        for column, value in values.items():
            chosen &= table[column] == value
        return table[chosen]

    def setting(self, *keys: str) -> Any:
        """Value at nested keys of the run's configuration."""
        found: Any = self.config
        for key in keys:
            if not isinstance(found, dict) or key not in found:
                where, fix = str(self.folder / STUDY), "Restore the file as the run wrote it, or run it again."
                name = ".".join(("configuration", *keys))
                raise InputError("this key is missing, or has no such value", where=where, key=name, fix=fix)
            found = found[key]
        return found

    @cached_property
    def end(self) -> float:
        """Last day on which the run was observed."""
        last, further = self.setting("world", "end"), self.setting("world", "follow_up_days")
        with store.understood(self.folder / STUDY):
            return to_day(date.fromisoformat(last)) + float(further)

    @cached_property
    def providers(self) -> Sequence[Provider]:
        """The providers of the world, in the order of their rows."""
        from sim.data.geography import CrimeGeography
        from sim.world.parameters import WorldSpec
        from sim.world.places import confined

        states = self.setting("world", "states")
        with store.understood(self.folder / STUDY):
            return confined(CrimeGeography.load(), self.law, WorldSpec(states=list(states))).providers

    def state(self, index: float) -> str:
        """Placeholder for the name of a state, given its index; `sentences.Naming` fills in the name."""
        return f"⟦{self.law.states[int(index)]}⟧"


def read_events(folder: Path, scenario: str | None = None, seed: str | None = None) -> Events:
    """Reads one world of a study, finished or not; by default, the first scenario under its lowest seed."""
    study = Study.open(folder, "RUN")
    if not study.about["blocks"]:
        problem = "a sweep, whose points are different worlds"
        fix = "Simulate one of its points by itself: `comity run SCENARIO KEY=VALUE … --events`."
        raise mistake(problem, "RUN", folder, fix)
    worlds = dict[tuple[str, int], Path]()
    try:
        for path in _files_of_groups(study):
            keys = read(path, _WORLD.names, schema=_WORLD).group_by(_WORLD.names).aggregate([])
            worlds |= {(row["scenario"], row["seed"]): path for row in keys.to_pylist()}
        world = _chosen(study, worlds, scenario, seed)
        file = worlds[world]
        tables = {name: _table(file.parents[1] / name / file.name, *world) for name in GROWING}
    except DamagedError as found:
        raise study.damaged(found) from None
    return Events(folder, *world, len(worlds), tables, study.about["configuration"], legal_order())


def _files_of_groups(study: Study) -> list[Path]:
    """Files that hold the table of groups, one per part of the study with finished runs."""
    events = study.folder / store.EVENTS
    names = sorted({path.name for path in events.glob("*/*.parquet")})
    files = [events / "group" / name for name in names] if study.is_report else study.files(f"{store.EVENTS}/group")
    if files:
        return files
    command, execution = study.command, study.about["configuration"].get("execution", {})
    if not (store.EVENTS in study.about["tables"] or execution.get("events")):
        again = f"Run it again with --events: {store.to_copy(study.about['command'])} --events"
        fix = " ".join(filter(None, (again, store.warning_of(study.about["command"]))))
        raise mistake("this run kept no event tables", "RUN", study.folder, fix)
    if study.is_report:
        raise DamagedError(events, "its files are missing")
    raise mistake("no run of this unfinished study is done yet", "RUN", study.folder, f"Resume it: {command}")


def _chosen(
    study: Study, worlds: Mapping[tuple[str, int], Path], scenario: str | None, seed: str | None
) -> tuple[str, int]:
    """Scenario and seed to read: the given ones, or the first scenario and its lowest seed."""
    known = [key for key in study.about["scenarios"] if any(key == of for of, _ in worlds)]
    if not known:
        raise DamagedError(study.folder / store.EVENTS, "its tables have no rows")
    if scenario is None:
        scenario = known[0]
    if scenario not in known:
        raise mistake("not in this run", "--scenario", scenario, nearest(scenario, known))
    seeds = sorted(number for key, number in worlds if key == scenario)
    if seed is not None and (not seed.isdecimal() or int(seed) not in seeds):
        fix = f"Use one of: {', '.join(map(str, seeds[:12]))}{', …' if len(seeds) > 12 else ''}."
        raise mistake("not a seed of this run", "--seed", seed, fix)
    return scenario, seeds[0] if seed is None else int(seed)


def _table(path: Path, scenario: str, seed: int) -> Table:
    """Reads the rows of one world from a file of events; DamagedError if it cannot be used."""
    schema = event_schema(path.parent.name)
    whole = read(path, schema.names, schema=schema)
    mine = whole.filter(pc.and_(pc.equal(whole["scenario"], scenario), pc.equal(whole["seed"], seed)))
    part = mine.drop_columns(["block", *_WORLD.names]).to_pandas()
    table: Table = part.assign(row=np.arange(len(part))).to_records(index=False).view(np.recarray)
    return table
