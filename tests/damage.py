"""Damages every kind of file of finished studies, one at a time: `python -m tests.damage`, part of `make fuzz`.

Each damaged folder is read by `comity status`, `sim.open`, `comity plot` and, where its command resumes it, resumed: in
one process, without the model. Each must succeed or end in one message. A find is any other error, an endless wait,
a character that controls a terminal on its way there, and a file lost that is not Comity's.
"""

import argparse
import faulthandler
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import sim
from sim.api.sweeps import SweepResult
from sim.cli import main as command
from sim.experiments import conduct
from sim.policy.problem import InputError, is_control
from sim.report import publish
from tests.experiments.replicates import fake_replicate
from tests.experiments.sweep.studies import carried_out, ready

SECONDS = 60  # of one step, beyond which it is a find; the slowest takes two on an idle machine
_SEED = 41
_SWEEP, _REPORT = "sweep", "report"
#: Files that are damaged as bytes, by kind of folder.
FILES = {
    _SWEEP: (
        "study.yaml",
        "log.txt",
        ".lock",
        "experiments/p-000001.parquet",
        "outcomes/p-000001.parquet",
        "breakdowns/takedown_curve/p-000001.parquet",
        "analysis/sensitivity.csv",
        "figures/lines_harm.csv",
    ),
    _REPORT: (
        "study.yaml",
        "manifest.json",
        "log.txt",
        "config.yaml",
        "differences.csv",
        "levels.csv",
        "outcomes.parquet",
        "breakdowns/country.parquet",
        "runs/experiments/p-000001.parquet",
        "runs/outcomes/p-000001.parquet",
    ),
}
#: Texts of which each value is replaced, and by what.
_VALUES = {
    "gone": None,
    "number": -7,
    "list": [["x"]],
    "lookup": "${oc.env:HOME}/x",
    "escape": "\x1b]0;owned\x07\x1b[2J",
    "huge": 10**30,
}


@dataclass
class Case:
    """One damage.

    Attributes:
        folder: kind of the folder.
        name: of the damage.
        damage: does it to a copy of the folder.
    """

    folder: str
    name: str
    damage: Callable[[Path], None]
    finds: list[str] = field(default_factory=list)


def cases() -> list[Case]:
    """All damages, in an order in which neighbours differ."""
    found = [Case(kind, f"{name}: {how}", damage) for kind in FILES for name, how, damage in _of_files(kind)]
    for kind, name in ((_SWEEP, "study.yaml"), (_REPORT, "study.yaml"), (_REPORT, "manifest.json")):
        found += [Case(kind, f"{name}: {how}", damage) for how, damage in _of_values(kind, name)]
    return [found[place] for place in np.random.default_rng(_SEED).permutation(len(found))]


def _of_files(kind: str) -> Iterator[tuple[str, str, Callable[[Path], None]]]:
    """Damages to the bytes of a file, and to what it is."""
    draw = np.random.default_rng(_SEED)
    for name in FILES[kind]:
        for share in (0.1, 0.5, 0.99):
            yield name, f"cut at {share:.0%}", _bytes(name, lambda b, s=share: b[: int(len(b) * s)])
        for at in draw.random(5):
            yield name, f"bit at {at:.1%}", _bytes(name, lambda b, at=at: _flipped(b, at))
        yield name, "empty", _bytes(name, lambda _: b"")
        yield name, "no UTF-8", _bytes(name, lambda b: b[:30] + b"\xff\xfe\x80" + b[30:])
        yield name, "zeros", _bytes(name, lambda b: bytes(len(b)))
        yield name, "missing", lambda folder, name=name: (folder / name).unlink(missing_ok=True)
        yield name, "pipe", _instead(name, os.mkfifo)
        yield name, "folder", _instead(name, Path.mkdir)
        yield name, "link outside", _instead(name, lambda path: path.symlink_to(path.parents[3] / "outside" / "kept"))
        yield name, "device", _instead(name, lambda path: path.symlink_to("/dev/zero"))


def _bytes(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A change of the content of a file."""
    return lambda folder: _write(folder / name, change((folder / name).read_bytes()))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _flipped(content: bytes, share: float) -> bytes:
    """The same with one bit changed."""
    at = int(len(content) * share)
    return content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :] if content else b"\x01"


def _instead(name: str, make: Callable[[Path], Any]) -> Callable[[Path], None]:
    """Something else in place of a file."""

    def damage(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return damage


def _of_values(kind: str, name: str) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Values of a text replaced, each by some of the others."""
    draw = np.random.default_rng(_SEED)
    content = _read(folders()[kind] / name)
    for place in _places(content):
        for how in draw.choice(list(_VALUES), 3 if len(place) == 1 else 1, replace=False).tolist():
            yield f"{'.'.join(place)} {how}", lambda folder, p=place, h=how: _change(folder / name, p, h)


def _places(content: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Keys of a text down to the second level, at most four of a group."""
    for key, value in content.items():
        yield (key,)
        yield from ((key, inner) for inner in (list(value)[:4] if isinstance(value, dict) else ()))


def _read(path: Path) -> Any:
    import json

    from ruamel.yaml import YAML

    text = path.read_text("utf-8")
    return json.loads(text) if path.suffix == ".json" else YAML(typ="safe", pure=True).load(text)


def _change(path: Path, place: tuple[str, ...], how: str) -> None:
    """Replaces a value; JSON is YAML, so one writer does for both."""
    import json

    content = _read(path)
    *above, last = place
    node = content
    for key in above:
        node = node[key]
    if how == "gone":
        del node[last]
    else:
        node[last] = _VALUES[how]
    path.write_text(json.dumps(content), encoding="utf-8")


_MADE: dict[str, Path] = {}


def folders() -> dict[str, Path]:
    """A finished sweep and the report of a comparison, of runs without a model."""
    if not _MADE:
        above = Path(tempfile.mkdtemp(prefix="comity-damage-"))
        study, _ = _resume(above / _SWEEP)
        with (
            patch.object(conduct, "run_replicate", fake_replicate),
            patch.object(conduct, "compile_rules"),
            patch.object(publish, "FIGURES", {"forest": publish.FIGURES["forest"]}),
        ):
            words = ["compare", "faster_mlat", "--point", "--replicates", "3", "execution.executor=serial", "-q"]
            assert command([*words, "-o", str(above / _REPORT)]) == 0
        report = next((above / _REPORT).glob("compare-*"))
        shutil.rmtree(report / "figures", ignore_errors=True)
        for name in ("analysis/sensitivity.csv", "figures/lines_harm.csv"):
            (study.folder / name).parent.mkdir()
            (study.folder / name).write_text("a,b\n1,2\n", encoding="utf-8")
        _MADE.update({_SWEEP: study.folder, _REPORT: report})
    return _MADE


def _resume(results: Path) -> Any:
    """The command of the sweep, again."""
    return carried_out(ready(results, "court.staff=1,2", "execution.replicates=2", names=("status_quo", "faster_mlat")))


def _open(folder: Path) -> None:
    """All that a notebook looks at first."""
    found = sim.open(folder)
    if isinstance(found, SweepResult):
        print(found.headline, found.analysis)
    else:
        print(found.headline, found.differences, found.outcomes)


def meet(case: Case, above: Path) -> None:
    """Damages a copy, lets every command meet it, and notes what is wrong."""
    outside = above / "outside" / "kept"
    outside.parent.mkdir()
    outside.write_text("kept", encoding="utf-8")
    folder = above / "results" / case.folder / "study"
    shutil.copytree(folders()[case.folder], folder)
    case.damage(folder)
    note = folder / ("" if case.folder == _SWEEP else "runs") / "outcomes" / "note.csv"
    note.write_text("mine", encoding="utf-8")
    steps: dict[str, Callable[[], Any]] = {
        "status": lambda: command(["status", str(folder)]),
        "status of all": lambda: command(["status", str(folder.parent)]),
        "open": lambda: _open(folder),
        "plot": lambda: command(
            ["plot", str(folder)] if case.folder == _SWEEP else ["plot", str(folder), "--survival"]
        ),
    }
    if case.folder == _SWEEP:
        steps["resume"] = lambda: _resume(folder.parent)
    for name, step in steps.items():
        case.finds += [f"{name}: {find}" for find in _met(step)]
    if outside.read_text("utf-8") != "kept" or len(list(outside.parent.iterdir())) > 1:
        case.finds.append("a file outside was changed")
    if not note.exists():
        case.finds.append("a note was lost")


def _met(step: Callable[[], Any]) -> Iterator[str]:
    """What is wrong with one step."""
    said = StringIO()
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    faulthandler.dump_traceback_later(2 * SECONDS, exit=True)  # where the wait is not in Python
    try:
        with redirect_stdout(said), redirect_stderr(said):
            step()
    except InputError as problem:
        print(problem, file=said)
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        yield f"{type(error).__name__}: {str(error)[:80]} ({Path(frame.filename).name}:{frame.lineno})"
    finally:
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
    if any(map(is_control, said.getvalue())):
        yield "prints what controls a terminal"


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


def main(words: list[str]) -> int:
    """Does all damages that are asked for; returns 1 if there are finds."""
    reader = argparse.ArgumentParser(prog="python -m tests.damage", description=__doc__)
    reader.add_argument("--every", type=int, default=1, help="only every so-manieth damage")
    begun, chosen = time.process_time(), cases()[:: reader.parse_args(words).every]
    for case in chosen:
        with tempfile.TemporaryDirectory() as above:
            meet(case, Path(above))
        for find in case.finds:
            print(f"{case.folder}, {case.name}: {find}", flush=True)
    shutil.rmtree(folders()[_SWEEP].parents[1])
    bad = sum(bool(case.finds) for case in chosen)
    print(f"{len(chosen)} damages, {bad} with finds; {time.process_time() - begun:.0f} s of processor time")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
