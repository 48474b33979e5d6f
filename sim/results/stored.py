"""Reads the outcomes and breakdowns of a finished report, and converts between codes and words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from sim.data.costs import Payer
from sim.experiments import light, seal, store
from sim.experiments.manifest import code_version, file_hash, read_manifest
from sim.experiments.parts import UNREADABLE
from sim.experiments.results import OUTCOME_KEYS
from sim.experiments.sets import ChosenBy
from sim.experiments.store import check_plain, damaged
from sim.experiments.study import STUDY
from sim.law.order import legal_order
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.cases import Reached
from sim.measures.country import Income
from sim.measures.custody import Fate
from sim.measures.facts import FactKey
from sim.measures.outcomes import OUTCOMES
from sim.measures.requests import Age, Way
from sim.policy.problem import InputError
from sim.world import records
from sim.world.parameters import declarations

_T = TypeVar("_T")
#: Table of a report with a row for each parameter set and a column for each parameter, and where the package has data.
PARAMETER_SETS, DATA = "parameter_sets.csv", Path(str(resources.files("sim.data")))
AGAIN = "This report cannot be repaired, but its command makes a new one"

#: What the codes of a column mean: most columns have the names of their enumerations.
_CODES: dict[str, type[IntEnum]] = {"fact": FactKey, "data_kind": DataKind, "status": records.RequestStatus}
_CODES |= {"desk": records.DeskKind, "evidence_status": records.EvidenceStatus, "action_type": records.ActionType}
_CODES |= {"unit": records.UnitKind, "task": records.ReferralTask}
_NAMED = (Channel, records.Stage, Reached, Age, Ground, Fate, Income, Payer, records.Body, Way, records.Addressee)
_CODES |= {kind.__name__.lower(): kind for kind in _NAMED}
_STATES = ("residence", "requesting", "requested", "trusting", "trusted", "state", "sending", "host")
_ALL = {-1: "all"}
NO_STATE = {-1: "no state"}


def decoded(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy of a table with words in place of codes, and ISO codes of states."""
    words = _words()
    return frame.assign(**{column: frame[column].map(words[column]) for column in map(str, frame) if column in words})


def coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy of a table with codes in place of words; ValueError for an unknown word."""
    codes = {column: {word: code for code, word in words.items()} for column, words in _words().items()}
    found: dict[str, Any] = {}
    for column in (name for name in map(str, frame) if name in codes):
        found[column] = frame[column].map(codes[column])
        if found[column].isna().any():
            word = frame[column][found[column].isna()].iloc[0]
            raise ValueError(f"{column} {word!r} is not known")
        found[column] = found[column].astype("int64")
    return frame.assign(**found)


def _words() -> Mapping[str, Mapping[int, str]]:
    """Word for each code, by column and code."""
    words: dict[str, Mapping[int, str]] = {
        column: {code.value: code.name.lower() for code in kind} | _ALL for column, kind in _CODES.items()
    }
    return words | {column: dict(enumerate(legal_order().states)) | NO_STATE for column in _STATES}


class StoredBreakdowns(Mapping[str, pd.DataFrame]):
    """Mapping of a report's breakdowns by name; each is read when first used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / store.BREAKDOWNS
        self._known: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._known:
            file = self._folder / f"{name}.parquet"
            if name in self._left_out:
                raise light.lacking(file)
            self._known[name] = read_stored(file, lambda path: coded(pd.read_parquet(path)))
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return os.path.lexists(self._folder / f"{name}.parquet") or name in self._left_out

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*(path.stem for path in self._folder.glob("*.parquet")), *self._left_out}))

    @property
    def pooled(self) -> Mapping[str, pd.DataFrame]:
        """Small tables that replace a light study's missing breakdowns, by name."""
        return light.pooled(self._folder.parent)

    @cached_property
    def _left_out(self) -> frozenset[str]:
        """Names of the breakdowns that a light study does not contain."""
        names = map(Path, light.left_out(self._folder.parent))
        return frozenset(name.stem for name in names if name.parent == Path(store.BREAKDOWNS))

    def __len__(self) -> int:
        return len(list(iter(self)))


def read_stored(path: Path, reader: Callable[[Path], _T]) -> _T:
    """Reads a file of a report by a function; errors name the file."""
    try:
        check_plain(path, f"{AGAIN}.")
        seal.check(path)
        return reader(path)
    except InputError:
        raise
    except FileNotFoundError:
        problem = "missing from this report, or not kept by the version that made it"
        raise InputError(problem, where=str(path), fix=f"{AGAIN}.") from None
    except UNREADABLE as error:
        raise damaged(path, error, f"{AGAIN}.") from None


def outcomes_file(folder: Path) -> Path:
    """Path of the file with a report's outcomes, Parquet or (light studies) CSV."""
    parquet = f"{store.OUTCOMES}.parquet"
    return folder / (f"{store.OUTCOMES}.csv" if light.lacks(folder, parquet) else parquet)


def outcomes_of(path: Path) -> pd.DataFrame:
    """Reads outcomes of all runs; NaN for outcomes that the report's version did not have."""
    frame = light.read_outcomes(path) if path.suffix == ".csv" else pd.read_parquet(path)
    keys = [outcome.key for outcome in OUTCOMES]
    kinds = {"block": "str", "scenario": "str", "seed": "int64", **{key: "float64" for key in keys if key in frame}}
    for column, kind in kinds.items():
        if column not in frame:
            raise InputError("this column is missing", where=str(path), key=column, fix=f"{AGAIN}.")
        try:
            frame = frame.astype({column: kind})
        except (ValueError, TypeError) as error:
            raise InputError(f"damaged ({error})", where=str(path), key=column, fix=f"{AGAIN}.") from None
    return frame.reindex(columns=[*OUTCOME_KEYS, *keys])


def values_of_sets(folder: Path, manifest: Mapping[str, Any]) -> list[dict[str, float]]:
    """Values of each parameter set of a finished report by dotted name; empty ones if nobody knows them any more.

    A report has a table of them. One that lacks it, such as a light one, used the package's sets if it names no others
    and the package still has the same. The manifest is that of the report.
    """
    number, path = manifest["parameter_sets"], folder / PARAMETER_SETS
    unknown: list[dict[str, float]] = [{} for _ in range(number)]
    if os.path.lexists(path):
        frame = read_stored(path, _numbers)
    else:
        text, own = DATA / "ensemble.yaml", DATA / "ensemble.parquet"
        same = text.is_file() and manifest["inputs"].get(f"sim/data/{text.name}") == file_hash(text)
        is_own = manifest.get("parameter_sets_are") == ChosenBy.CALIBRATED and "--ensemble" not in manifest["command"]
        if not (same and is_own and own.is_file()):
            return unknown
        named = {name for name, _, _ in declarations()}
        frame = pd.read_parquet(own)
        frame = frame[[name for name in frame if name in named]]
    rows = ({str(name): float(value) for name, value in row.items()} for row in frame.to_dict("records"))
    return [*rows] if len(frame) == number else unknown


def _numbers(path: Path) -> pd.DataFrame:
    """Reads a CSV table of numbers, all digits."""
    frame = store.read_csv(path, dtype="str")
    with store.understood(path):
        return frame.astype("float64")


def with_codes(table: pd.DataFrame) -> pd.DataFrame:
    """Table of differences by state, with states as ISO codes."""
    return table.assign(state=table["state"].map(_words()["state"]))


def check_runs_are_there(folder: Path) -> None:
    """Raises an error if a finished report comes without its runs."""
    if os.path.lexists(folder / STUDY) or not os.path.lexists(folder / store.MANIFEST):
        return
    made = read_stored(folder / store.MANIFEST, read_manifest)
    code, day = made["code"], f" on {made['made']}" if made.get("made") else ""
    commit = f", commit {code['commit'][:12]}" if code["commit"] else ""
    same = code["sources"] == code_version()["sources"]
    by = "the same code as here" if same else "other code than here, which may give other numbers"
    tables = ", ".join(sorted(path.name for path in folder.glob("*.csv")))
    command, warned = store.to_copy(made["command"]), store.warning_of(made["command"])
    warning = f" {warned}" if warned else ""
    problem = (
        f"a finished report of “{command}”, made{day} by Comity {code['version']}{commit}: {by}. "
        "Its runs were removed, so that it cannot be opened, resumed or compared"
    )
    again = "" if same else " with the code of that commit"
    fix = f"Read {store.REPORT} and its tables ({tables or 'none'}). To have its runs, give the command again{again}."
    raise InputError(problem, where=str(folder), fix=f"{fix}{warning}")


def check_report(folder: Path) -> None:
    """Raises an error if the outcomes of a finished report are damaged or changed."""
    path = outcomes_file(folder)
    if os.path.lexists(folder / store.MANIFEST) and os.path.lexists(path):
        read_stored(path, outcomes_of)


#: A file that only such a folder holds, what the folder is, and how it is read.
_OTHERS = (
    ("cases.csv", "results of an operation on record", "Read its table: pandas.read_csv('{folder}/cases.csv')."),
    ("ensemble.parquet", "a calibration", "Read its sets: pandas.read_parquet('{folder}/ensemble.parquet')."),
    ("sensitivity.csv", "tables of an analysis", "Open the study above it: sim.open('{folder.parent}').analysis."),
    ("boxes.csv", "tables of an analysis", "Open the study above it: sim.open('{folder.parent}').analysis."),
    ("portfolios.csv", "tables of an analysis", "Open the study above it: sim.open('{folder.parent}').analysis."),
    ("checked.csv", "a portfolio", "Read its page: {folder}/report.html, and the tables next to it."),
    ("report.html", "a report without tables", "Read it: {folder}/report.html."),
)


def check_other(folder: Path) -> None:
    """Raises an error if a folder contains results of another kind than a study."""
    for name, what, fix in _OTHERS:
        if (folder / name).is_file():
            if name == store.REPORT:
                check_runs_are_there(folder)
            raise InputError(f"{what}, not a study", where=str(folder), fix=fix.format(folder=folder))
