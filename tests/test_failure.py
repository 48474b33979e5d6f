"""Tests of failures of the machine: full disk, kill, unusable files."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pandas as pd
import pytest

from sim.cli import INPUT_ERROR, main
from sim.experiments.control import status
from tests.damage import make
from tests.interpreted import python

TINY = ["world=tiny", "--replicates", "2", "--workers", "1"]
COMMAND = ("-m", "sim", "compare", "status_quo", "faster_mlat", *TINY)


def _visible(folder: Path) -> list[str]:
    """Visible entries of a folder; names with a dot are work in progress."""
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))


def _limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Fixture: compiles the rules before a limit on file sizes could prevent it."""
    python(*COMMAND, "-o", str(tmp_path_factory.mktemp("warm"))).check_returncode()


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
def test_a_full_disk_is_one_message_and_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    alone = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}  # git, asked for the version, would leave half an index.lock
    done = python(*COMMAND, "-o", str(tmp_path), preexec_fn=_limit_file_size, env=alone)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "cannot be written" in done.stderr and "same command again" in done.stderr
    assert _visible(tmp_path) == []


LONG = (*COMMAND, "--replicates", "40")


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_ends_early_leaves_nothing_that_looks_whole_and_the_same_command_resumes(tmp_path, number):
    """An interrupted study leaves nothing that looks complete, and the same command resumes it."""
    words, pipes = (*LONG, "-o", str(tmp_path)), {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    begun = subprocess.Popen((sys.executable, *words), **pipes, text=True, start_new_session=True)
    while begun.poll() is None and not list(tmp_path.glob(".unfinished-compare-*/runs/experiments/[!.]*.parquet")):
        time.sleep(0.02)
    assert begun.poll() is None
    os.killpg(begun.pid, number)  # as a terminal does: workers hear it too
    _, said = begun.communicate(timeout=120)
    if number == signal.SIGINT:
        assert begun.returncode == 130
        assert "Traceback" not in said
        assert "Resume with: comity compare" in " ".join(said.split())
    assert _visible(tmp_path) == []
    (unfinished,) = tmp_path.glob(".unfinished-compare-*")
    before = status(unfinished)
    assert before.failed == 0
    assert 0 < before.done < before.runs == 40 * 2
    done = python(*words)
    assert f"{before.done} of {before.runs} runs were there already" in done.stderr
    (finished,) = tmp_path.iterdir()
    assert (finished / "summary.md").exists()
    assert (status(finished).done, status(finished).missing) == (before.runs, 0)
    assert len(pd.read_csv(finished / "outcomes.csv")) == before.runs


#: Damages files of data one after another, as `FILE KIND` says, and prints what a command then ends with and says.
DAMAGES = """
import sys
from pathlib import Path
from sim.cli import main
for word in sys.argv[2:]:
    name, damage = word.split()
    file = Path("sim/data") / name
    whole = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(whole[: len(whole) * 2 // 3] if damage == "truncated" else bytes((255, 254, 0)))
    print(f"{word}: ", end="", file=sys.stderr, flush=True)
    print(word, main(["run", "status_quo", "world=tiny", "-o", sys.argv[1]]))
    file.write_bytes(whole)
"""


def test_a_damaged_data_file_is_one_message(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    for folder in ("sim", "conf", "scenarios"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    files = (
        "../world/records/fields.csv",
        "parameters.csv",
        "countries.csv",
        "bilateral.csv",
        "terms.yaml",
        "liaison_feed.csv",
    )
    damaged = [f"{name} {damage}" for name in files for damage in ("truncated", "missing", "binary")]
    given = ("-c", DAMAGES, str(tmp_path / "results"), *damaged)
    done = python(*given, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)})
    assert done.stdout.splitlines() == [f"{word} {INPUT_ERROR}" for word in damaged]
    for word, message in zip(damaged, done.stderr.splitlines(), strict=True):
        assert message.startswith(f"{word}: comity: error: "), message
        assert Path(word.split()[0]).name in message.removeprefix(word), message
    assert not (tmp_path / "results").exists() or _visible(tmp_path / "results") == []


def test_a_damaged_report_is_not_promised_to_be_repaired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message on a damaged report does not promise a repair by its command."""
    folder = make(tmp_path, ("comparison",))["comparison"]
    (folder / "SHA256SUMS").unlink()
    part = folder / "runs" / "outcomes" / "p-000001.parquet"
    part.write_bytes(part.read_bytes()[:500])
    assert main(["status", str(folder)]) == INPUT_ERROR
    printed = "".join(capsys.readouterr())
    assert "cannot be repaired, but its command makes a new one: comity compare" in " ".join(printed.split())
    assert "Resume with" not in printed


def test_sources_that_are_not_installed_are_one_message(tmp_path: Path) -> None:
    """Comity without its installed sources gives one message."""
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "comity" not in path.name and path.suffix != ".pth":
            (tmp_path / path.name).symlink_to(path)
    bare = {"env": os.environ | {"PYTHONPATH": str(tmp_path)}}
    for words in (("--version",), ("run", "status_quo", "world=tiny", "-o", str(tmp_path / "results"))):
        done = python("-S", "-m", "sim", *words, **bare)
        assert (done.returncode, done.stdout) == (INPUT_ERROR, "")
        assert done.stderr.startswith("comity: error: ") and "not installed" in done.stderr
        assert "pip install" in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "results").exists() or _visible(tmp_path / "results") == []
    asked = "import sim\ntry:\n    sim.__version__\nexcept ValueError as error:\n    print(error)"
    assert "pip install" in python("-S", "-c", asked, **bare).stdout
