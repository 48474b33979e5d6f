"""Damages files of finished studies and checks that each reader reports the damage: `python -m tests.damage`.

Each damaged folder is met by `comity verify`, `comity status`, `sim.open` and `comity plot`, in one process, without
the model. A find is a damaged file that `verify` does not name, one of the study's own that `status` or `sim.open` with
`verify=True` let pass, any error that is no message, an endless wait, a character that controls a terminal on its way
there, and a file outside that was changed.
"""

import argparse
import faulthandler
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import sim
from sim.cases import command as of_cases
from sim.cli import main as command
from sim.experiments import conduct, seal
from sim.experiments.run import Replicate, Task
from sim.policy.problem import INPUT_ERROR, InputError, is_control
from sim.report import pages
from sim.results.league import RANKED_BY
from tests.experiments.replicates import fake_replicate
from tests.experiments.sweep.studies import carried_out, ready

SECONDS = 30  # of one step, beyond which it is a find; the slowest takes some three on an idle machine
HUGE = 2**40  # bytes that a file pretends to have
_NOBODY = 65534
#: What is changed in a file, given its bytes, the bytes of another file of the study, and a source of chance.
CHANGES: dict[str, Callable[[bytes, bytes, np.random.Generator], bytes]] = {
    "flipped bit": lambda raw, _, draw: _flipped(raw, draw.random()),
    "cut": lambda raw, _, draw: raw[: int(len(raw) * draw.random())],
    "emptied": lambda _raw, _, _draw: b"",
    "longer": lambda raw, _, draw: raw + draw.bytes(1 + draw.integers(100)),
    "zeros": lambda raw, _, _draw: bytes(len(raw)),
    "not UTF-8": lambda raw, _, _draw: raw[:30] + b"\xff\xfe\x80" + raw[30:],
    "another file of the study": lambda _raw, other, _draw: other,
}
#: What is put in the place of a file; `outside` is a file that is somebody else's.
PLACES: dict[str, Callable[[Path, Path], Any]] = {
    "missing": lambda _path, _: None,
    "a folder": lambda path, _: path.mkdir(),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a socket": lambda path, _: _bound(path),
    "a link outside": lambda path, outside: path.symlink_to(outside),
    "a link to itself": lambda path, _: path.symlink_to(path.name),
    "a device": lambda path, _: path.symlink_to("/dev/zero"),
}
_HUGE, _CLOSED, _ADDED, _SWAPPED = "huge", "unreadable", "one more beside", "of another study"
DAMAGES = (*CHANGES, *PLACES, _HUGE, _CLOSED, _ADDED, _SWAPPED)


@dataclass
class Case:
    """A case of damage: kind of study, file, and kind of damage."""

    study: str
    name: str
    how: str
    seed: int
    finds: list[str] = field(default_factory=list)

    @property
    def is_damage(self) -> bool:
        """True if readers must report the damage; changes of logs and locks are harmless."""
        return not seal.WITHOUT_SUM.fullmatch(self.name) or self.name == seal.FILE or self.how == _ADDED


def _flipped(raw: bytes, share: float) -> bytes:
    """Bytes with one bit changed."""
    at = int(len(raw) * share)
    return raw[:at] + bytes([raw[at] ^ (1 << at % 8)]) + raw[at + 1 :] if raw else b"\x01"


def _bound(path: Path) -> None:
    """Creates a socket at a path."""
    with chdir(path.parent), socket.socket(socket.AF_UNIX) as made:
        made.bind("s")
        Path("s").rename(path.name)


def cases(folders: dict[str, Path], seed: int) -> list[Case]:
    """All cases of damage to each kind of file, in random order."""
    found = [
        Case(study, name, how, seed + number)
        for study, folder in folders.items()
        for number, name in enumerate(_kinds_of_file(folder))
        for how in DAMAGES
    ]
    return [found[place] for place in np.random.default_rng(seed).permutation(len(found))]


def _kinds_of_file(folder: Path) -> list[str]:
    """Names of files in a study: all at its top level, and one of each kind below."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    kinds = {name if "/" not in name else (str(Path(name).parent), Path(name).suffix): name for name in names}
    return list(kinds.values())


def make(above: Path, only: tuple[str, ...] = ()) -> dict[str, Path]:
    """Makes finished studies of made-up runs; returns their folders by kind."""
    kinds: dict[str, Callable[[Path], Path]] = {
        "sweep": _sweep,
        "comparison": lambda place: _report(place, "compare", "faster_mlat", "--point", "--events"),
        "run": lambda place: _report(place, "run", "status_quo"),
        "league": lambda place: _report(place, "league", "--point"),
        "ablation": lambda place: _report(place, "ablate", "faster_mlat", "--mechanism", "hop_chain"),
        "regret": lambda place: _report(place, "regret"),
        "portfolio": lambda place: _report(place, "portfolio", "--budget", "20 M€", "world=tiny"),
        "case": _case,
    }
    with (
        patch.object(conduct, "run_replicate", _replicate),
        patch.object(conduct, "compile_rules"),
        patch.object(pages, "FIGURES", {"forest": pages.FIGURES["forest"]}),
    ):
        return {kind: fill(above / kind) for kind, fill in kinds.items() if kind in only or not only}


def _replicate(task: Task) -> Replicate:
    """Made-up runs in which staff of courts has an effect on outcomes."""
    arms = []
    for scenario, arm in zip(task.scenarios, fake_replicate(task).arms, strict=True):
        staff = sum(float(str(one.value)) for one in scenario.changes if one.lever.name == "court.staff")
        gained = arm.measured.outcomes | ({RANKED_BY: 10.0 + 8.0 * max(staff - 1.0, 0.0)} if staff else {})
        arms.append(replace(arm, measured=replace(arm.measured, outcomes=gained)))
    return Replicate(tuple(arms))


def _report(place: Path, *words: str) -> Path:
    """Writes a report by a command; returns its folder."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = command([*words, "--replicates", "4", "execution.executor=serial", "-q", "-o", str(place)])
    assert code == 0, said.getvalue()
    (folder,) = (path for path in place.iterdir() if not path.name.startswith("."))
    return folder


def _sweep(place: Path) -> Path:
    """Makes a sweep with figures and an analysis; returns its folder."""
    words = "court.staff=1,2", "execution.replicates=2"
    study, _ = carried_out(ready(place, *words, names=("status_quo", "faster_mlat")))
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        for after in (["plot", str(study.folder)], ["analyse", str(study.folder)]):
            assert command(after) == 0
    return study.folder


def _case(place: Path) -> Path:
    """Makes the report on a recorded operation from made-up worlds; returns its folder."""
    from tests.cases.test_command import made_up

    with patch.object(of_cases, "simulated", made_up), redirect_stdout(StringIO()):
        assert command(["case", "emotet", "-o", str(place), "--replicates", "7", "--quiet"]) == 0
    (folder,) = (path for path in place.iterdir() if not path.name.startswith("."))
    return folder


def damaged(case: Case, folder: Path, outside: Path, other: Path) -> None:
    """Applies a case of damage to a copy of a study."""
    path, draw = folder / case.name, np.random.default_rng(case.seed)
    if case.how == _ADDED:
        path.with_name("one_more.csv").write_text("a,b\n", "utf-8")
    elif case.how == _HUGE:
        os.truncate(path, HUGE)
    elif case.how == _CLOSED:
        path.chmod(0)
    elif case.how == _SWAPPED:
        files = sorted(one for one in other.rglob(f"*{path.suffix}") if one.is_file())
        path.write_bytes(files[draw.integers(len(files))].read_bytes() if files else b"another")
    elif case.how in CHANGES:
        before, files = path.read_bytes(), sorted(one for one in folder.rglob("*") if one.is_file())
        files = [one for one in files if one.read_bytes() != before]
        path.write_bytes(CHANGES[case.how](before, files[draw.integers(len(files))].read_bytes(), draw))
    else:
        path.unlink()
        PLACES[case.how](path, outside)


def meet(case: Case, folders: dict[str, Path], above: Path) -> None:
    """Damages a copy of a study, calls every reader, and records what they failed to report."""
    above.chmod(0o755)  # another account reads it, too
    outside = above / "outside" / "kept"
    outside.parent.mkdir()
    outside.write_text("kept", encoding="utf-8")
    kinds, folder = list(folders), above / "study"
    shutil.copytree(folders[case.study], folder, copy_function=shutil.copyfile)
    path = folder / case.name
    before = path.read_bytes()
    damaged(case, folder, outside, folders[kinds[kinds.index(case.study) - 1]])
    same = path.is_file() and not path.is_symlink() and case.how not in (_HUGE, _CLOSED) and path.read_bytes() == before
    must = case.is_damage and (case.how == _ADDED or not same)
    name = path.with_name("one_more.csv").relative_to(folder).as_posix() if case.how == _ADDED else case.name
    own = must and case.how != _ADDED and not case.name.startswith(("figures/", "analysis/", "analysis."))
    taken = case.name == seal.FILE and case.how == "missing"  # by which a changed study is read as it is: said alone
    with _somebody_else() if case.how == _CLOSED else nullcontext():
        said = _met(case, "verify", lambda: command(["verify", str(folder)]))
        if must and f"{name}:" not in said:
            case.finds.append(f"verify does not name it: {said[-200:]!r}")
        if must and not said.endswith(f"[{INPUT_ERROR}]"):
            case.finds.append(f"verify ends with {said[-5:]}")
        said = _met(case, "status", lambda: command(["status", str(folder)]))
        if own and not said.endswith(f"[{INPUT_ERROR}]") and not (taken and f"without {seal.FILE}" in said):
            case.finds.append("status lets it pass")
        said = _met(case, "open", lambda: _opened(folder, verify=True))
        if must and not said.endswith(f"[{INPUT_ERROR}]"):
            case.finds.append("sim.open lets it pass")
        _met(case, "open without verify", lambda: _opened(folder, verify=False))
        survival = ["--survival"] if case.study == "comparison" else []
        _met(case, "plot", lambda: command(["plot", str(folder), *survival]))
    if outside.read_text("utf-8") != "kept" or len(list(outside.parent.iterdir())) > 1:
        case.finds.append("a file outside was changed")


def _opened(folder: Path, *, verify: bool) -> int:
    """Reads a study's folder as a notebook does; returns an exit code."""
    found = sim.open(folder, verify=verify)
    print(found.headline, found.outcomes, found.analysis if isinstance(found, sim.SweepResult) else found.breakdowns)
    return 0


@contextmanager
def _somebody_else() -> Iterator[None]:
    """Context manager: runs the block as an account without special permissions."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def _met(case: Case, name: str, step: Callable[[], int]) -> str:
    """Text and exit code of one reader, whose failures are recorded."""
    said, code = StringIO(), 1
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    faulthandler.dump_traceback_later(4 * SECONDS, exit=True, file=sys.__stderr__)  # where the wait is not in Python
    try:
        with redirect_stdout(said), redirect_stderr(said):
            code = step()
    except InputError as problem:
        code = INPUT_ERROR
        print(problem, file=said)
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        case.finds.append(f"{name}: {type(error).__name__}: {str(error)[:80]} ({place})")
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        faulthandler.cancel_dump_traceback_later()
    if any(is_control(letter) for letter in said.getvalue() if letter not in "\n\t"):
        case.finds.append(f"{name}: prints what controls a terminal")
    return f"{said.getvalue()}[{code}]"


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


def all_met(chosen: list[Case], folders: dict[str, Path]) -> list[str]:
    """Text lines on all problems that the cases reveal."""
    for case in chosen:
        with tempfile.TemporaryDirectory(prefix="comity-damage-") as above:
            meet(case, folders, Path(above))
    return [f"{case.study}, {case.name}, {case.how}: {find}" for case in chosen for find in case.finds]


def main(words: list[str]) -> int:
    """Tries some cases of damage; returns 1 if there are problems."""
    reader = argparse.ArgumentParser(prog="python -m tests.damage", description=__doc__)
    reader.add_argument("--number", type=int, default=300, help="how many are drawn; 0 for all")
    reader.add_argument("--first", type=int, default=0, help="number of the first that is met: for a run in parts")
    reader.add_argument("--seed", type=int, default=56)
    asked, begun = reader.parse_args(words), time.process_time()
    with tempfile.TemporaryDirectory(prefix="comity-damage-") as above:
        folders = make(Path(above))
        every = cases(folders, asked.seed)
        chosen = every[asked.first : asked.first + (asked.number or len(every))]
        finds = all_met(chosen, folders)
    print(*finds, sep="\n")
    kinds = ", ".join(f"{number} {study}" for study, number in Counter(case.study for case in chosen).items())
    bad = sum(bool(case.finds) for case in chosen)
    seconds = time.process_time() - begun
    print(f"{len(chosen)} of {len(every)} damages ({kinds}), {bad} with finds; {seconds:.0f} s of processor time")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
