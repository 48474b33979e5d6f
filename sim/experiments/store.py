"""Results folders: names of their files, and how a report is written under a dot-name and renamed when it is whole."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd  # a second that the start of a run can do without

#: What a finished folder always holds.
CONFIG, MANIFEST, SUMMARY, REPORT = "config.yaml", "manifest.json", "summary.md", "report.html"
LEVELS = "levels.csv"
OUTCOMES, DIFFERENCES, CONCLUSIONS, COSTS = "outcomes", "differences", "conclusions", "costs"
REGRET, BY_CHANGE = "regret", "by_change"
COUNTRIES = "countries"
BREAKDOWNS, EVENTS, FIGURES = "breakdowns", "events", "figures"
#: What to do about a folder that cannot be written.
NAME_ANOTHER = "Name another folder, or change its permissions."
#: How the name of a report begins while it is written.
WRITING = ".writing-"


def check_writable(
    folder: Path,
    key: str = "execution.results",
    fix: str = "Name another folder with -o DIR, or change its permissions.",
) -> None:
    """Makes a folder for results and tries to write there, before any work is done; `key` of the command names it."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise mistake(f"the results folder cannot be written ({error.strerror or error})", key, folder, fix) from error


@contextmanager
def beside(place: Path) -> Iterator[Path]:
    """Where a file is written that lands at its place when the block ends without an error."""
    writing = place.with_name(f".{place.name}.tmp")
    place.parent.mkdir(parents=True, exist_ok=True)
    writing.unlink(missing_ok=True)  # never written through a link
    try:
        yield writing
        writing.replace(place)
    finally:
        writing.unlink(missing_ok=True)


def run_name(command: str, moment: datetime | None = None) -> str:
    """Name of a report's folder: the command and the moment, so that names sort by time."""
    return f"{command}-{(moment or datetime.now(UTC)):%Y%m%d-%H%M%S}"


@dataclass
class ReportFolder:
    """The folder of a report.

    Attributes:
        folder: where it is being written, under a dot-name.
        place: where it lands.
    """

    folder: Path
    place: Path


@contextmanager
def writing(results: Path, name: str, instead_of: Path | None = None) -> Iterator[ReportFolder]:
    """A folder to write a report into; it gets its name only when the block ends without an error."""
    folder = results / f"{WRITING}{name}-{os.getpid()}"
    folder.mkdir(parents=True)
    report = ReportFolder(folder, instead_of or finished(results, name))
    try:
        yield report
        if instead_of is not None and instead_of.exists():
            old = folder.with_name(f"{folder.name}-old")
            instead_of.replace(old)
            folder.replace(instead_of)
            shutil.rmtree(old, ignore_errors=True)
        else:
            report.place = instead_of or finished(results, name)
            folder.replace(report.place)
        getLogger(__name__).info("report in %s", report.place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def finished(results: Path, name: str) -> Path:
    """Where a report of that name lands: next to an older one of the same second."""
    number, place = 1, results / name
    while place.exists():
        number += 1
        place = results / f"{name}-{number}"
    return place


def yaml_text(content: Mapping[str, Any], width: int = 100) -> str:
    """Plain values as YAML, in their order and without references between entries."""
    from ruamel.yaml import YAML

    yaml, text = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style = False
    yaml.width = width
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.representer.ignore_aliases = lambda _: True
    yaml.dump(dict(content), text)
    return text.getvalue()


def write_table(frame: "pd.DataFrame", path: Path) -> None:
    """One Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")
