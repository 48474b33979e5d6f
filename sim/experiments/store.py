"""Files in results folders: their names, and safe ways to write and read them.

A report is written under a dot-name and renamed when it is whole. What is read, somebody else may have written, and a
disk may have damaged: only plain files are opened, never a pipe, a device or a link, and none without a limit. Texts
are UTF-8; characters that control a terminal are kept as visible escapes. A missing file is a `FileNotFoundError`,
every kind of damage one `InputError`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import StringIO
from logging import getLogger
from pathlib import Path
from textwrap import shorten
from typing import IO, TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ValidationError

from sim.experiments.durable import durable_replace, flush, lasting_folder
from sim.experiments.seal import OPENING, kind_of, seal
from sim.policy.problem import InputError, is_control, mistake, printable

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
    """Creates a results folder and tests that files can be written to it."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        lasting_folder(folder)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise mistake(f"the results folder cannot be written ({error.strerror or error})", key, folder, fix) from error


@contextmanager
def beside(place: Path) -> Iterator[Path]:
    """Context manager that yields a temporary file, which replaces the target unless an error occurs."""
    writing = place.with_name(f".{place.name}.tmp")
    if not place.parent.is_dir():
        lasting_folder(place.parent)
    writing.unlink(missing_ok=True)  # never written through a link
    try:
        yield writing
        durable_replace(writing, place)
    finally:
        writing.unlink(missing_ok=True)


def run_name(command: str, moment: datetime | None = None) -> str:
    """Name for a report's folder, from its command and time, so that names sort by time."""
    return f"{command}-{(moment or datetime.now(UTC)):%Y%m%d-%H%M%S}"


@dataclass
class ReportFolder:
    """The folder of a report."""

    folder: Path  # where it is being written, under a dot-name
    place: Path  # where it lands


@contextmanager
def writing(results: Path, name: str, instead_of: Path | None = None) -> Iterator[ReportFolder]:
    """Context manager that yields a folder for a report, which gets checksums and its final name at the end."""
    folder = results / f"{WRITING}{name}-{os.getpid()}"
    folder.mkdir(parents=True)
    report = ReportFolder(folder, instead_of or finished(results, name))
    try:
        yield report
        seal(folder)  # all of it is on the disk then: the study that it is made of goes next
        if instead_of is not None and instead_of.exists():
            old = folder.with_name(f"{folder.name}-old")
            instead_of.replace(old)
            folder.replace(instead_of)
            shutil.rmtree(old, ignore_errors=True)
        else:
            report.place = instead_of or finished(results, name)
            folder.replace(report.place)
        flush(results)
        getLogger(__name__).info("report in %s", report.place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def finished(results: Path, name: str) -> Path:
    """Path for a finished report, with a suffix if another report of the same second has the name."""
    number, place = 1, results / name
    while place.exists():
        number += 1
        place = results / f"{name}-{number}"
    return place


def yaml_text(content: Mapping[str, Any], width: int = 100) -> str:
    """YAML text of plain values, in their order."""
    from ruamel.yaml import YAML

    yaml, text = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style = False
    yaml.width = width
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.representer.ignore_aliases = lambda _: True
    yaml.dump(dict(content), text)
    return text.getvalue()


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Writes one Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open("wb") as file:
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file, compression="zstd")


#: Largest text that is read; that of a study of 100,000 points has some megabytes.
MOST_BYTES = 2**26
RESTORE = "Restore the file as Comity wrote it, or give the command again in a new folder."
#: Parts of a command that a shell takes as they are, and what it would carry out elsewhere.
_QUOTED, _SHELL = re.compile(r"'[^']*'|\"'\""), re.compile(r"[;|&<>$`()\\\"'{}*?\[\]!~#\n\r]")
_OUTPUTS = (".csv", ".html", ".json", ".md", ".png", ".svg")


def check_plain(path: Path, fix: str = RESTORE) -> None:
    """Raises an error unless a path is a regular file."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), fix="Check its permissions.") from None
    if kind := kind_of(mode):
        raise InputError(f"no plain file but {kind}", where=str(path), fix=fix)


def check_folders(*folders: Path) -> None:
    """Raises an error if one of the given folders is a link or a file."""
    for folder in folders:
        if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
            kind = "a link" if folder.is_symlink() else "a file"
            fix = "Put the folder itself in its place, or take it away."
            raise InputError(f"no folder but {kind}", where=str(folder), fix=fix)


def check_outputs(*places: Path) -> None:
    """Raises an error if a path to be written is a link or another special file."""
    for place in places:
        check_folders(place.parent if place.suffix else place)
        inside = [] if place.suffix or not place.exists() else list(place.iterdir())
        for path in (path for path in [place, *inside] if path.suffix in _OUTPUTS and os.path.lexists(path)):
            check_plain(path, "Take it away.")


def open_own(path: Path, fix: str, *, write: bool) -> IO[str]:
    """Opens a lock or log file of a study; created if needed for writing."""
    if not write or os.path.lexists(path):
        check_plain(path, fix)
    mode = os.O_RDWR | os.O_CREAT | os.O_APPEND if write else os.O_RDONLY
    return os.fdopen(os.open(path, mode | OPENING, 0o666), "a" if write else "r", encoding="utf-8")


def read_text(path: Path, fix: str = RESTORE) -> str:
    """Reads a text file."""
    check_plain(path, fix)
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | OPENING), "rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise InputError(f"larger than {MOST_BYTES:,} bytes", where=str(path), fix=fix)
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError("not UTF-8 text", where=f"{path}:{line}", fix=fix) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), fix="Check its permissions.") from None


def last_line(path: Path) -> str:
    """The last line of a log; empty if there is none."""
    try:
        lines = read_text(path, "Take it away: Comity begins a new one.").splitlines()
    except FileNotFoundError:
        return ""
    return printable(lines[-1]) if lines else ""


def read_csv(path: Path, **options: Any) -> pd.DataFrame:
    """Reads a CSV table of numbers and words."""
    import pandas as pd

    lines = map(_visible, read_text(path).splitlines(keepends=True))
    with understood(path):
        frame: pd.DataFrame = pd.read_csv(StringIO("".join(lines)), **options)
    return frame


def read_yaml(path: Path) -> Any:
    """Reads the plain values of a YAML file; aliases are an error because they can expand without limit."""
    text = read_text(path)
    with understood(path):
        return deepcopy(_yaml_values(text))


@lru_cache(maxsize=8)
def _yaml_values(text: str) -> Any:
    """Parses a YAML text; cached because a study's file takes 0.1 s."""
    from ruamel.yaml import YAML
    from ruamel.yaml.events import AliasEvent

    if re.search(r"[&*]\w", text) and any(
        isinstance(event, AliasEvent) for event in YAML(typ="safe", pure=True).parse(text)
    ):
        raise ValueError("references between entries")
    return _plain(YAML(typ="safe", pure=True).load(text))


def read_json(path: Path) -> Any:
    """Reads plain values of a JSON file."""
    text = read_text(path)
    with understood(path):
        return _plain(json.loads(text))


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """Context manager: errors of libraries about unreadable content become a message that names the file."""
    try:
        yield
    except (InputError, MemoryError, NameError, AssertionError):  # no fault of the content
        raise
    except Exception as error:
        raise damaged(path, error) from None


def _visible(text: str, but: str = "\n\r\t") -> str:
    """Escapes the terminal control characters in a text, except for harmless ones that `but` lists."""
    if text.rstrip(but).isprintable():
        return text
    return "".join(repr(letter)[1:-1] if is_control(letter) and letter not in but else letter for letter in text)


def _plain(value: Any) -> Any:
    """Escapes terminal control characters in nested plain values."""
    if isinstance(value, str):
        return _visible(value, "")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key that is no text")
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ValueError(f"a value that is neither text nor number: {value}")


def check_content(model: type[BaseModel], content: Any, path: Path, fix: str = RESTORE) -> None:
    """Raises an error if the content of a file does not have the form that a pydantic model declares."""
    try:
        model.model_validate(content)
    except ValidationError as error:
        found = error.errors()[0]
        problem = found["msg"].removeprefix("Value error, ")
        key = ".".join(str(place) for place in found["loc"])
        raise InputError(problem[:1].lower() + problem[1:], where=str(path), key=key, fix=fix) from None


def refuse_references(content: Any) -> Any:
    """Returns content unchanged; an error if it has `${…}`, which OmegaConf would replace."""
    if found := re.search(r"[^'\"]*\$\{[^'\"]*", str(content)):
        raise ValueError(f"values that are looked up elsewhere are not allowed: {found[0][:80]}")
    return content


def check_command(command: str) -> str:
    """Returns a command unchanged; an error if it is not a command of Comity, as users may copy it into a shell."""
    if not re.match(r"(comity|python -m sim\.\w+)( |$)", command):
        raise ValueError("not a command of Comity")
    if _SHELL.search(_QUOTED.sub("", command)):
        raise ValueError("not a single command with its words quoted")
    return command


#: Options that name a program, which the command runs, and the commands that make studies.
_PROGRAMS = ("--rules", "--parts")
_MAKERS = ("run", "compare", "league", "portfolio", "ablate", "regret", "sweep", "calibrate", "case")


def to_copy(command: str) -> str:
    """Rebuilds a study's command from its words, in a form safe for a shell."""
    words = shlex.split(check_command(command))
    return " ".join(word if word.split() == [word] and not _SHELL.search(word) else shlex.quote(word) for word in words)


def warning_of(command: str) -> str:
    """Warning about a command that makes no study or would run a program; empty for other commands."""
    words = shlex.split(command)
    if words[0] == "comity" and words[1:2] and words[1] not in _MAKERS:
        return f"Warning: comity {words[1]} makes no study. Do not copy it."
    named = [f"{word} {more}" for word, more in zip(words, [*words[1:], ""], strict=True) if word in _PROGRAMS]
    named += [word for word in words if word.startswith(tuple(f"{name}=" for name in _PROGRAMS))]
    if not named:
        return ""
    return f"Warning: the command runs a program ({', '.join(named)}). Whose is it? Look at it before you copy this."


#: The command of a study.
Command = Annotated[str, AfterValidator(check_command)]


def damaged(path: Path, error: Exception, fix: str = RESTORE) -> InputError:
    """Makes the error for a file whose content cannot be understood."""
    first = next(iter(str(error).strip().splitlines()), type(error).__name__)
    words = shorten(first, 120, placeholder=" …").rstrip(".:,")
    return InputError(f"damaged ({words})", where=str(path), fix=fix)
