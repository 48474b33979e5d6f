"""A study on disk: a folder with study.yaml, a ledger of runs, and tables."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from sim.experiments import light, parts, seal, store
from sim.experiments.axis import AxisKind, span_of
from sim.experiments.durable import durable_replace, flush, lasting_folder
from sim.experiments.parts import BREAKDOWN_TABLES, EVENT_TABLES, EXPERIMENTS, OUTCOME_TABLE, DamagedError, Part
from sim.experiments.plan import Kind
from sim.experiments.run import DISK_FULL
from sim.experiments.store import MANIFEST, Command, check_folders, refuse_references
from sim.policy.problem import InputError, mistake
from sim.world.parameters import Scale

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.plan import Table

STUDY, LOG = "study.yaml", "log.txt"
#: File of an unfinished study that names the folder of the report of its first worlds.
EARLY_REPORT = "report.txt"
#: Folders of Comity's in the folder of a study, or in its store.
FOLDERS = (EXPERIMENTS, OUTCOME_TABLE, BREAKDOWN_TABLES, EVENT_TABLES, store.FIGURES)
_HIDDEN = re.compile(r"\.lock(-(p|s\d+of\d+))?|\.study\.yaml-\d+")
#: Maximum number of differing settings that a message names.
MOST_DIFFERENCES = 6
#: Entries of a design in study.yaml that may differ: the number of points follows from its axes, and the limit on runs
#: changes no run.
_NO_DIFFERENCE = ("points", "most_runs")


class Written(BaseModel):
    """Base of schemas for stored files: types must match exactly, unknown entries are allowed."""

    model_config = ConfigDict(strict=True)


class _Axis(Written):
    """Schema of an axis's entry in study.yaml."""

    key: str
    kind: Annotated[AxisKind, Field(strict=False)]
    unit: str
    values: list[float | int | str] | None = None
    low: float | None = None
    high: float | None = None
    scale: Annotated[Scale | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _spans(self) -> Self:
        if self.values is None and None in (self.low, self.high, self.scale):
            raise ValueError("neither values nor low, high and scale")
        return self


class _Design(Written):
    """Schema of the design's entry in study.yaml."""

    design: Annotated[Kind, Field(strict=False)]
    points: int = Field(ge=1, le=10**7)
    seeds: Literal["common", "own", "paired"]


class _Code(Written):
    """Schema of the code's entry in study.yaml."""

    version: str = ""
    sources: str
    commit: str | None = None
    dirty: bool | None = None


class _About(Written):
    """Schema of study.yaml."""

    study: str
    command: Command
    design: _Design
    axes: list[_Axis]
    scenarios: list[str] = Field(min_length=1)
    replicates: int = Field(ge=1)
    first_seed: int = Field(ge=0)
    parameter_sets_are: str = ""
    runs: int = Field(ge=0)
    blocks: list[str]
    store: Literal[".", "runs"]
    tables: list[Annotated[str, Field(pattern=r"^(experiments|outcomes|events|breakdowns/\w+)$")]]
    read: dict[str, str] = Field(default_factory=dict)
    code: _Code
    configuration: Annotated[dict[str, Any], AfterValidator(refuse_references)]
    inputs: dict[str, str]


@dataclass(frozen=True)
class Study:
    """A study on disk, with the content of its study.yaml."""

    folder: Path
    about: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path, key: str = "STUDY") -> Study:
        """Opens the study in a folder; errors name the setting `key` for the folder."""
        file = folder / STUDY
        if folder.is_file():
            raise _no_study(folder, key)
        try:
            seal.check(file)
            about = store.read_yaml(file)
        except FileNotFoundError:
            raise _no_study(folder, key) from None
        store.check_content(_About, about, file)
        study = cls(folder, about)
        study.check_folders()
        return cls(folder, about)

    @property
    def store(self) -> Path:
        """Folder within the study that contains its tables."""
        return self.folder / str(self.about["store"])

    def check_folders(self) -> None:
        """Raises an error if one of the study's folders is a link or a file."""
        names = (*FOLDERS, *(name for name in self.about["tables"] if name != EVENT_TABLES))
        check_folders(self.store, *(self.folder / name for name in FOLDERS), *(self.store / name for name in names))
        for above in (BREAKDOWN_TABLES, EVENT_TABLES):
            check_folders(*(place for place in (self.store / above).glob("*") if place.is_symlink()))

    def remove(self) -> None:
        """Removes all files of the study; keeps files that Comity has not made."""
        place = self.store
        for table in (place / EXPERIMENTS, *parts.tables(place).values()):
            for path in table.iterdir() if table.is_dir() else ():
                if parts.is_own(path) and (path.is_symlink() or not path.is_dir()):
                    path.unlink()
            _remove_empty(table)
        for folder in (place / BREAKDOWN_TABLES, place / EVENT_TABLES, place):
            _remove_empty(folder)
        for path in self.folder.iterdir():
            if path.name in (LOG, EARLY_REPORT, seal.FILE) or _HIDDEN.fullmatch(path.name):
                path.unlink()
        flush(self.folder)  # a folder whose study.yaml alone is gone could not be resumed
        (self.folder / STUDY).unlink(missing_ok=True)
        _remove_empty(self.folder)

    @property
    def is_report(self) -> bool:
        """True for a finished report; its command makes a new report instead of resuming this one."""
        return (self.folder / MANIFEST).exists()

    @property
    def is_light(self) -> bool:
        """True for a light study, which is a report without its runs."""
        return light.lacks(self.folder, f"{self.about['store']}/{EXPERIMENTS}/")

    @cached_property
    def parts(self) -> list[Part]:
        """Parts of the study, after a check that all are readable and belong to it."""
        found = []
        for part, rows in parts.inspected(self.store, self.about):
            if isinstance(rows, DamagedError):
                raise self.damaged(rows)
            found.append(part)
        return found

    def files(self, name: str) -> list[Path]:
        """Files of a table such as `breakdowns/takedown_curve`, with one file per part."""
        if light.lacks(self.folder, f"{self.store.relative_to(self.folder) / name}/"):
            raise light.lacking(self.store / name)
        if name == EXPERIMENTS:
            return [part.ledger for part in self.parts]
        return [file for part in self.parts for file in part.files.get(name, ())]

    def damaged(
        self, found: DamagedError, fix: str = "Give its command again, which makes the part's runs again"
    ) -> InputError:
        """Makes the error for a file of the study that cannot be used."""
        if self.is_report:
            fix = "This report cannot be repaired, but its command makes a new one"
        return InputError(found.problem, where=str(found.file), fix=f"{fix}: {self.command}")

    def refuse_changed(self) -> None:
        """Raises an error if a file of a finished study has changed; files made from its tables may change."""
        if found := seal.changed(self.folder, derived=False):
            raise self.damaged(DamagedError(self.folder, seal.named(found)))

    @property
    def command(self) -> str:
        """Text of the study's command for copying, with a warning if it would run a program."""
        command = str(self.about["command"])
        return " ".join(filter(None, (store.to_copy(command), store.warning_of(command))))

    def outcomes(self) -> pd.DataFrame:
        """Table of all successful runs, with a row per run and a column per outcome and axis."""
        if not self.is_light:
            return self.table(OUTCOME_TABLE)
        path = self.folder / f"{store.OUTCOMES}.csv"  # a light study has those of its report
        seal.check(path)
        frame = light.read_outcomes(path)
        points = frame["block"].map({name: point for point, name in enumerate(self.about["blocks"])})
        return frame.assign(run=frame.index.astype("str"), point=points).drop(columns="block")

    def table(self, name: str, runs: Table | None = None) -> pd.DataFrame:
        """Reads a table of the study by its path, such as `breakdowns/takedown_curve`."""
        import pandas as pd

        frame = pd.DataFrame(self.columns(name, runs), copy=False)
        return frame if frame.empty else frame.astype({"run": "str", "scenario": "str"}).copy()  # in one piece

    def columns(self, name: str, runs: Table | None = None, *, ids: bool = True) -> dict[str, Any]:
        """Reads columns of a table, sorted by point, seed and scenario.

        They are restricted to some runs of a plan, and those that need no ids leave these out.
        """
        try:
            return parts.columns_in_order(self.files(name), self.about["scenarios"], runs, ids=ids)
        except DamagedError as error:
            ledger = self.store / EXPERIMENTS / f"{parts.stem(error.file)}.parquet"
            raise self.damaged(error, f"Delete {ledger} and give its command again") from None

    def axes(self) -> list[str]:
        """Keys of the study's axes."""
        return [str(axis["key"]) for axis in self.about["axes"]]


def folders_of_studies(folder: Path) -> list[Path]:
    """Folders of all studies in a results folder, including the hidden folders of unfinished studies."""
    return sorted(path.parent for path in folder.glob(f"*/{STUDY}") if not path.parent.name.startswith(store.WRITING))


def _remove_empty(folder: Path) -> None:
    """Removes a folder if it is empty."""
    with suppress(OSError):
        folder.rmdir()


def _no_study(folder: Path, key: str) -> InputError:
    """Makes the error for a folder without study.yaml, with a description of the folder's content."""
    if folder.is_file():
        problem, fix = "a file, not a folder", "Name the folder of results that holds it."
    elif not folder.is_dir():
        problem, fix = "no such folder", "Name a folder of results: `comity status DIR` lists the studies in DIR."
    elif folders_of_studies(folder):
        problem = "no study itself, but a folder of studies"
        fix = f"Name one of those that `comity status {shlex.quote(str(folder))}` lists."
    elif any(any(folder.glob(name)) for name in (MANIFEST, f"{EXPERIMENTS}/*.parquet", f"*/{EXPERIMENTS}/*.parquet")):
        problem = f"a study whose {STUDY} is missing"
        fix = f"Restore {STUDY} as Comity wrote it, or give the command of the study again."
    else:
        problem, fix = "no study", f"Name a folder of results that holds {STUDY}."
    return mistake(problem, key, folder, fix)


def settle(folder: Path, about: Mapping[str, Any], allow_other_code: bool) -> Study:
    """Creates a study in a folder, or opens the folder's study if its settings are the same."""
    if not os.path.lexists(folder / STUDY) and _is_free(folder):
        return write_study(folder, about)
    there = Study.open(folder)
    if there.about["study"] != about["study"]:
        problem = f"another study is in this folder: it differs {_differences(there.about, about)}"
        fix = f"Name another folder, or resume the study that is there: {there.command}"
        raise mistake(problem, "--study", folder, fix)
    if there.about["code"]["sources"] != about["code"]["sources"] and not allow_other_code:
        fix = "Name another folder for a new study, or write --allow-other-code to mix both"
        fix += " (the column `code` shows which run is whose)."
        raise mistake("made by another version of the code, whose results may differ", "--study", folder, fix)
    if about["replicates"] > there.about["replicates"] or (about["blocks"] and there.about != about):
        seal.unseal(folder)
        return write_study(folder, {**about, "code": there.about["code"]})
    return there


def write_study(folder: Path, about: Mapping[str, Any]) -> Study:
    """Writes study.yaml under a temporary name and renames it."""
    plain = json.loads(json.dumps(about))
    text = store.yaml_text(plain, 2**31)  # the name of a file, broken over lines as a key, could not be read again
    try:
        lasting_folder(folder)
        writing = folder / f".{STUDY}-{os.getpid()}"
        writing.unlink(missing_ok=True)
        with writing.open("x", encoding="utf-8") as file:
            file.write(text)
        durable_replace(writing, folder / STUDY)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise
        problem, fix = f"the study's folder cannot be written ({error.strerror or error})", store.NAME_ANOTHER
        raise mistake(problem, "--study", folder, fix) from error
    return Study(folder, plain)


def _is_free(folder: Path) -> bool:
    """True if a folder can take a new study; an error if it contains other files."""
    if not folder.exists():
        return True
    if folder.is_dir() and all(path.name.startswith(".") for path in folder.iterdir()):
        return True
    if (folder / STUDY).exists():
        return False
    fix = "Name a new folder for the study."
    raise mistake("the folder holds something else", "--study", folder, fix)


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """Text on the settings that differ between a stored study and a new one."""
    ours, theirs = _settings(here), _settings(there)
    keys = [key for key in dict.fromkeys([*theirs, *ours]) if theirs.get(key) != ours.get(key)]
    words = [
        f"{key} (there {theirs.get(key, 'not set')}; here {ours.get(key, 'not set')})"
        for key in keys[:MOST_DIFFERENCES]
    ]
    if there["inputs"] != here["inputs"]:
        changed = sorted({name for name, _ in there["inputs"].items() ^ here["inputs"].items()})
        words.append(f"the content of {', '.join(changed[:MOST_DIFFERENCES])}")
    more = f" and {len(keys) - MOST_DIFFERENCES} more" if len(keys) > MOST_DIFFERENCES else ""
    return f"in {', '.join(words)}{more}" if words else "in its points or in the tables that it keeps"


def _settings(about: Mapping[str, Any]) -> dict[str, str]:
    """Settings that must be equal for a study to be resumed, as texts by key."""
    import pandas as pd

    found = {"scenarios": ", ".join(about["scenarios"]), "first seed": str(about["first_seed"])}
    found |= {f"sweep.{key}": str(value) for key, value in about["design"].items() if key not in _NO_DIFFERENCE}
    found |= {axis["key"]: span_of(axis) for axis in about["axes"]}
    plain = pd.json_normalize(about["configuration"]).iloc[0].items()
    return {str(key): str(value) for key, value in plain if not str(key).startswith(("execution.", "sweep."))} | found
