"""Reads the event tables of a run: one scenario under one seed of a study."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sim.data.geography import Provider
from sim.experiments import store
from sim.experiments.parts import DamagedError, event_schema, read
from sim.experiments.study import STUDY, Study
from sim.law.days import to_day
from sim.law.instruments import Terms
from sim.law.order import LegalOrder, legal_order
from sim.law.suggest import nearest
from sim.law.vocabulary import Channel
from sim.policy.problem import InputError, mistake
from sim.report.explain.words import Entry, Sentence, Value, days, sentences
from sim.results import labels
from sim.world.records import ENTITIES, GROWING, DeskKind, MilestoneKind, RequestStatus, Stage

Table = np.recarray[Any, np.dtype[np.void]]
Rows = npt.NDArray[np.intp]
_WORLD = pa.schema([("scenario", pa.string()), ("seed", pa.int64())])  # columns of event files that identify a world
_KEYS = frozenset(("run", "point", "block", "scenario", "seed"))


Gap = str | Callable[[Any], str]  # what fills a gap besides the columns of a row: words, or what finds them for a row
is_set = math.isfinite  # whether a time of the tables has come
_NAMED_BY_CHANNEL = (Channel.LETTERS_ROGATORY, Channel.PROVIDER_VOLUNTARY)


@dataclass(frozen=True, eq=False)
class Events:
    """Event tables of one simulated world, with the law and the configuration that explain them."""

    folder: Path  # the results folder
    scenario: str  # which, with the seed, says which of its worlds
    seed: int
    others: int  # how many worlds the folder holds in all
    tables: Mapping[str, Table]  # event tables by name; row numbers are those of the model
    config: Mapping[str, Any]  # the run's configuration
    law: LegalOrder  # states, their names and the terms of instruments

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def where(self, name: str, **values: float) -> Rows:
        """Rows of a table whose columns have the given values."""
        table = self.tables[name]
        chosen = np.ones(len(table), bool)
        for column, value in values.items():
            chosen &= table[column] == value
        return np.flatnonzero(chosen)

    def say(self, text: str, row: Any, /, **gaps: Gap) -> str:
        """A sentence with its gaps filled from a row of a table."""
        return text.format_map(_Gaps(self, row, {"way": self.way, "custodian": self.custodian, **gaps}))

    def first(self, kind: str, row: Any) -> Sentence | None:
        """The first sentence of a kind that holds for a row, if any."""
        return next((sentence for sentence in sentences().get(kind, ()) if sentence.holds(row)), None)

    def said(self, kind: str, row: Any, /, **gaps: Gap) -> str:
        """The same with its gaps filled; empty for none."""
        found = self.first(kind, row)
        return self.say(found.text, row, **gaps) if found else ""

    def reports(self, subject: int, /, *kinds: str, column: str = "", **gaps: Gap) -> Iterator[Entry]:
        """Entries about a case, group or request, row by row; the column says where it is, if the sentences do not."""
        every = [sentence for kind in kinds for sentence in sentences()[kind]]
        for (table, own), found in groupby(every, key=lambda sentence: (sentence.table, sentence.subject)):
            of_row = list(found)
            for number in self.where(table, **{own or column: subject}):
                row = self[table][number]
                for day, alike in groupby(of_row, key=lambda sentence: sentence.day):
                    first = next((sentence for sentence in alike if sentence.holds(row)), None)
                    if first and is_set(row[day]):
                        yield Entry(float(row[day]), self.say(first.text, row, **gaps), first.tone)

    @cached_property
    def end(self) -> float:
        """The last day observed."""
        world = self.config["world"]
        return to_day(date.fromisoformat(world["end"])) + float(world["follow_up_days"])

    @cached_property
    def providers(self) -> Sequence[Provider]:
        """The providers, in the order of their rows."""
        from sim.data.geography import CrimeGeography
        from sim.world.parameters import WorldSpec
        from sim.world.places import confined

        spec = WorldSpec(states=list(self.config["world"]["states"]))
        return confined(CrimeGeography.load(), self.law, spec).providers

    def milestones(self, kind: MilestoneKind, **values: float) -> list[tuple[float, int, int]]:
        """(Day, subject, reason) of each turning point of a kind with the given values, in the order of days."""
        rows = (self["milestone"][row] for row in self.where("milestone", kind=kind, **values))
        return [(float(row.day), int(row.subject), int(row.reason)) for row in rows]

    def setting(self, theme: str, name: str) -> float:
        """An uncertainty of the run."""
        try:
            return float(self.config["uncertainty"][theme][name])
        except (LookupError, TypeError, ValueError):
            raise _no_key(self.folder, f"uncertainty.{theme}.{name}") from None

    def state(self, index: float) -> str:
        """A state by its index, as a mark that `words.Naming` replaces by its name."""
        return f"⟦{self.law.states[int(index)]}⟧"

    def terms(self, row: float) -> Terms | None:
        """The instrument of a request, None for a domestic one."""
        return self.law.terms[int(row)] if row >= 0 else None

    def way(self, request: Any) -> str:
        """Channel and instrument."""
        channel, terms = Channel(request.channel), self.terms(request.instrument)
        named = "" if terms is None or channel in _NAMED_BY_CHANNEL else f" ({terms.name})"
        return f"{labels.CHANNELS[channel]}{named}"

    def custodian(self, request: Any) -> str:
        """The provider that holds the data, in its state."""
        place = self.state(request.requested)
        if request.provider < 0:
            return place
        provider = self.providers[int(request.provider)]
        names = ("", f"a hosting provider in {place}", f"an access provider in {place}")
        return names[provider.provider_class] or f"{provider.name}, asked in {place}"


@dataclass(frozen=True)
class _Gaps:
    """Fills the gaps of a sentence: see `words.Sentence`."""

    events: Events
    row: Any
    found: Mapping[str, Gap]

    def __getitem__(self, name: str) -> object:
        if name in self.found:
            found = self.found[name]
            return found if isinstance(found, str) else found(self.row)
        if name in sentences() and name not in self.row.dtype.names:
            return self.events.said(name, self.row, **self.found)
        first, minus, second = name.partition("-")
        value = self.row[first] - self.row[second] if minus else min(self.row[column] for column in name.split("&"))
        return Value(value, self.events.law.states)


def read_events(folder: Path, scenario: str | None = None, seed: str | None = None) -> Events:
    """Reads one world of a study, finished or not: by default the first scenario under its lowest seed."""
    study = Study.open(folder, "RUN")
    config = _checked_configuration(study)
    files, worlds = _event_files(study), dict[tuple[str, int], Path]()
    try:
        for path in files["group"]:
            keys = read(path, ["scenario", "seed"], schema=_WORLD).group_by(["scenario", "seed"]).aggregate([])
            worlds |= {(row["scenario"], row["seed"]): path for row in keys.to_pylist()}
        if not worlds:
            raise DamagedError(files["group"][0], "it has no rows")
        chosen, number = _chosen(worlds, study.about["scenarios"], scenario, seed)
        file, law = worlds[chosen, number], legal_order()
        paths = {name: file.parents[1] / name / file.name for name in GROWING}
        tables = {name: _table(path, chosen, number, name) for name, path in paths.items()}
        sizes = {name: len(table) for name, table in tables.items() if len(table)}
        sizes |= {"state": len(law.states), "terms.yaml": len(law.terms)}
        for name, path in paths.items():
            _check_rows(path, tables[name], sizes)
    except DamagedError as found:
        raise study.damaged(found) from None
    return Events(folder, chosen, number, len(worlds), tables, config, law)


def _checked_configuration(study: Study) -> Mapping[str, Any]:
    """The configuration of a run, with the keys that every account needs."""
    if not study.about["blocks"]:
        problem = "a sweep, whose points are different worlds"
        fix = "Simulate one of its points by itself: `comity run SCENARIO KEY=VALUE … --events`."
        raise mistake(problem, "RUN", study.folder, fix)
    config: Mapping[str, Any] = study.about["configuration"]
    world = config.get("world")
    for key, kind in (("end", str), ("follow_up_days", int), ("states", list)):
        if not isinstance(world, dict) or not isinstance(world.get(key), kind):
            raise _no_key(study.folder, f"world.{key}")
    return config


def _no_key(folder: Path, key: str) -> InputError:
    """The error for a configuration that has been changed."""
    fix = "Restore the file as the run wrote it, or run it again."
    where = str(folder / STUDY)
    return InputError("this key is missing, or has no such value", where=where, key=f"configuration.{key}", fix=fix)


def _event_files(study: Study) -> dict[str, list[Path]]:
    """Files of each event table; of an unfinished study, those whose runs are done."""
    events = (study.folder if study.is_report else study.store) / store.EVENTS
    if study.is_report:
        files = {name: sorted((events / name).glob("*.parquet")) for name in GROWING}
    else:
        files = {name: study.files(f"{store.EVENTS}/{name}") for name in GROWING}
    command, execution = str(study.about["command"]), study.about["configuration"].get("execution", {})
    kept = store.EVENTS in study.about["tables"] or execution.get("events")  # a report lists the tables of its store
    if not (kept or any(files.values())):
        fix = f"Run it again with --events: {command} --events"
        raise mistake("this run kept no event tables", "RUN", study.folder, fix)
    if not (study.is_report or any(files.values())):
        raise mistake("no run of this unfinished study is done yet", "RUN", study.folder, f"Resume it: {command}")
    times = Counter(path.name for paths in files.values() for path in paths)
    names = {name for name, found in times.items() if found > len(files) / 2}  # all tables have files of these names
    for name, paths in files.items():
        if not paths:
            raise study.damaged(DamagedError(events / name, "its files are missing"))
        if lost := names - {path.name for path in paths}:
            raise study.damaged(DamagedError(events / name / min(lost), "it is missing"))
    return files


def _chosen(
    worlds: Iterable[tuple[str, int]], order: Sequence[str], scenario: str | None, seed: str | None
) -> tuple[str, int]:
    """The scenario asked for, or the first of the run; and its seed asked for, or the lowest."""
    known = {key for key, _ in worlds}
    if scenario is None:
        scenario = next((key for key in order if key in known), min(known))
    if scenario not in known:
        raise mistake("not in this run", "--scenario", scenario, nearest(scenario, known))
    seeds = sorted(number for key, number in worlds if key == scenario)
    if seed is not None and (not seed.isdecimal() or int(seed) not in seeds):
        fix = f"Use one of: {', '.join(map(str, seeds[:12]))}{', …' if len(seeds) > 12 else ''}."
        raise mistake("not a seed of this run", "--seed", seed, fix)
    return scenario, seeds[0] if seed is None else int(seed)


def _table(path: Path, scenario: str, seed: int, name: str) -> Table:
    """Rows of one world; a file that cannot be read, or has other columns, is a DamagedError."""
    schema = event_schema(name)
    whole = read(path, schema.names, schema=schema)
    mine = whole.filter(pc.and_(pc.equal(whole["scenario"], scenario), pc.equal(whole["seed"], seed)))
    part = mine.drop_columns([key for key in mine.column_names if key in _KEYS])
    records: Table = part.to_pandas().to_records(index=False).view(np.recarray)
    return records


def _check_rows(path: Path, table: Table, sizes: Mapping[str, int]) -> None:
    """Rows to which a table refers exist; else files are truncated, or of different runs: a DamagedError."""
    for field in next(entity for entity in ENTITIES if entity.name == path.parent.name).fields:
        meant = str(field.unit).removeprefix("row of ")
        last = int(table[field.name].max()) if meant in sizes and meant != field.unit and len(table) else -1
        if last >= sizes.get(meant, 0):
            problem = f"{field.name} refers to row {last} of {meant}, which has {sizes[meant]} rows"
            raise DamagedError(path, problem)


def is_given_up(request: Any) -> bool:
    """Whether the requester gave up on a request before it ended, if it did end."""
    return is_set(request.given_up) and not request.ended <= request.given_up


def ended_by(day: float, end: float) -> float:
    """A day that may not have come, as the end of a span."""
    return float(day) if is_set(day) else end


class Visit(NamedTuple):
    """A file at a desk."""

    kind: DeskKind
    state: int  # index of that of the desk
    stage: Stage  # of the request
    arrived: float  # a day, as the next two; NaN where it has not happened
    started: float
    ended: float
    expected: float  # days that it could expect to wait when it came, by the work before it and the people there


def visits_of(events: Events, request: int) -> list[Visit]:
    """A request's visits to desks, in order."""
    states, visits = len(events.law.states), []
    for row in events.where("job", request=request):
        job = events["job"][row]
        kind, state = DeskKind(min(job.desk // states, DeskKind.PROVIDER)), int(job.desk % states)
        if kind >= DeskKind.PROVIDER:
            state = events.providers[int(job.desk) - DeskKind.PROVIDER * states].state
        waits = (float(job[column]) for column in ("arrived", "started", "ended", "expected"))
        visits.append(Visit(kind, state, Stage(int(job.stage)), *waits))
    return visits


def behind(visit: Visit) -> str:
    """The work that a file waited behind, in a few words."""
    nothing = math.isnan(visit.expected) or visit.expected < 1.0
    return "with nothing waiting before it" if nothing else f"behind {days(visit.expected)} of work"


def stage_lengths(events: Events, row: int) -> dict[Stage, float]:
    """Days spent in each stage; the stage that was not finished counts until the request ended.

    A request that is withdrawn at the moment at which a desk is done with it has had that stage counted already.
    """
    request = events["request"][row]
    lengths = {stage: float(request[f"stage_{stage.value}"]) for stage in Stage if stage > 0}
    if RequestStatus(request.status) in (RequestStatus.OPEN, RequestStatus.WITHDRAWN) and request.stage > 0:
        last = ended_by(request.ended, events.end)
        uncounted = last - float(request.drafted) - sum(lengths.values())
        lengths[Stage(request.stage)] += max(min(last - float(request.stage_since), uncounted), 0.0)
    return {stage: length for stage, length in lengths.items() if length > 0.0}
