"""The wheel, installed outside the checkout, holds all it needs: conf/ and scenarios/ travel inside."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel was unpacked; dependencies come from the environment of the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    told = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(folder / told.stdout.split()[-1]) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command of the unpacked wheel, outside the checkout, which is not on its path."""
    dependencies = sysconfig.get_path("purelib")
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]; import sim; assert sim.__file__.startswith(sys.argv[1]); "
        "from sim.cli import main; sys.exit(main(sys.argv[3:]))"
    )
    environment = {**os.environ, "COLUMNS": "160"}
    return subprocess.run(
        [sys.executable, "-S", "-c", code, str(installed), dependencies, *words],
        cwd=installed.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_lists_its_scenarios(installed: Path) -> None:
    told = run(installed, "scenarios")
    assert told.returncode == 0, told.stderr
    assert "harmonised_law" in told.stdout
    assert "no_delay_no_refusal" in told.stdout


def test_the_wheel_answers_a_legal_question(installed: Path) -> None:
    told = run(installed, "law", "DEU", "USA", "content", "--on", "2026-09-01")
    assert told.returncode == 0, told.stderr
    assert "mlat" in told.stdout


def test_the_wheel_composes_its_configuration(installed: Path) -> None:
    told = run(installed, "run", "status_quo", "world=tinny")
    assert told.returncode == 2
    assert "Did you mean tiny?" in told.stderr


def test_the_wheel_holds_every_file_that_is_read(installed: Path) -> None:
    for kind, folder in (("scenarios", "scenarios"), ("conf", "conf"), ("data", "sim/data")):
        wanted = {path.name for path in (ROOT / folder).rglob("*") if path.suffix in (".yaml", ".csv")}
        found = {path.name for path in (installed / "sim" / kind).rglob("*")}
        assert wanted <= found
