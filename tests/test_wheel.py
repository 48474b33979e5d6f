"""Tests that the wheel, installed outside the checkout, contains everything that it needs."""

import json
import os
import shutil
import subprocess
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from sim.data.load import catalogue
from sim.policy.version import SUFFIXES, source_hash
from tests import interpreted
from tests.api.test_own_parts import PARTS, laid_out
from tests.test_architecture import ROOT, tracked

pytestmark = pytest.mark.slow
POLICY = """title: Files of closed cases are taken back
question: What changes where nearly all are taken back?
author: A
changes:
  - lever: request.closure_notified
    value: 90 %
    date: 2027-01-01
"""


def built(kind: str, sources: Path, folder: Path) -> Path:
    """A wheel or source distribution, built from a source folder."""
    build = f"import sys; from hatchling.build import build_{kind}; print(build_{kind}(sys.argv[1]))"
    words = ("-c", build, str(folder))
    return folder / interpreted.python(*words, cwd=sources).stdout.split()[-1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the unpacked wheel; dependencies come from the tests' environment."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(built("wheel", ROOT, folder)) as wheel:
        wheel.extractall(folder / "site")  # noqa: S202 - made above
    return folder / "site"


@pytest.fixture(scope="module")
def from_sdist(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """Names of files in the source distribution, and in the wheel built from it."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(built("sdist", ROOT, folder)) as archive:
        archive.extractall(folder / "sources", filter="data")
    (sources,) = (folder / "sources").iterdir()
    with zipfile.ZipFile(built("wheel", sources, folder)) as wheel:
        names = set(wheel.namelist())
    return {path.relative_to(sources).as_posix() for path in sources.rglob("*") if path.is_file()}, names


def python(installed: Path, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs Python code with the unpacked wheel, without the checkout on its path."""
    dependencies = sysconfig.get_path("purelib")
    begin = "import sys; sys.path[:0] = sys.argv[1:3]; import sim; assert sim.__file__.startswith(sys.argv[1]); "
    environment = {**os.environ, "COLUMNS": "160", "PYTHONPATH": os.pathsep.join((str(installed), dependencies))}
    given = ("-S", "-c", begin + code, str(installed), dependencies, *words)
    return interpreted.python(*given, cwd=installed.parent, env=environment)


def run(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of the unpacked wheel."""
    return python(installed, "from sim.cli import main; sys.exit(main(sys.argv[3:]))", *words)


def test_the_wheel_lists_scenarios_answers_questions_and_gives_its_page(installed: Path) -> None:
    for words, code, said in (
        ("scenarios", 0, "instant_authorities"),
        ("law DEU USA content --on 2026-09-01", 0, "mlat"),
        ("run status_quo world=tinny", 2, "Did you mean tiny?"),
    ):
        done = run(installed, *words.split())
        assert done.returncode == code, done.stderr
        assert said in done.stdout + done.stderr
    done = python(installed, "from sim.web.site import league, stored; print(len(league()), len(stored()))")
    assert done.returncode == 0, done.stderr
    assert all(int(number) > 20 for number in done.stdout.split())


def test_the_wheel_holds_every_file_of_the_package(installed: Path) -> None:
    """The wheel contains all files of the package: data, templates, styles, scripts and scenarios."""
    inside = {path.relative_to(ROOT / "sim") for path in tracked() if path.is_relative_to(ROOT / "sim")}
    wanted = {path for path in inside if path.parts[0] != "alias"}  # the name comity, a package next to it
    assert (installed / "comity" / "__init__.py").is_file()
    wanted |= {
        path.relative_to(ROOT)
        for path in tracked()
        if path.parts[len(ROOT.parts)] in ("conf", "scenarios") and path.suffix in (".yaml", ".md")
    }
    found = {path.relative_to(installed / "sim") for path in (installed / "sim").rglob("*") if path.is_file()}
    if not wanted:
        pytest.skip("no git to list files")
    assert Path("report/page/templates/report.html.j2") in wanted
    assert wanted - found == set()


def test_the_same_sources_have_the_same_hash_installed_and_with_other_files_beside_them(installed: Path) -> None:
    suffixes = {path.suffix for path in tracked() if path.is_relative_to(ROOT / "sim")}
    assert suffixes <= SUFFIXES | {".md", ".pyi", ".typed"}
    package = installed.parent / "altered_package"
    shutil.copytree(installed / "sim", package)
    here = source_hash(ROOT / "sim")
    assert source_hash(package) == here
    for stray in ("note.txt", "x.py.orig", "__pycache__/x.pyc", ".DS_Store", "law/._order.py", "conf/mine.yaml"):
        (package / stray).parent.mkdir(exist_ok=True)
        (package / stray).write_text("stray")
    assert source_hash.__wrapped__(package) == here
    (package / "law" / "order.py").write_text("")
    assert source_hash.__wrapped__(package) != here


def test_the_sdist_builds_the_same_wheel(installed: Path, from_sdist: tuple[set[str], set[str]]) -> None:
    sources, wheel = from_sdist
    beside = ("CITATION.cff", "README.md", "pyproject.toml", "requirements.lock", "Makefile")
    assert {"LICENSE", "NOTICE", *beside} <= sources
    found = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    found = {name for name in found if "__pycache__" not in name}
    assert {name for name in wheel if not name.endswith(".pyc")} == found


def test_the_wheel_attributes_data_to_those_who_ask_for_it(installed: Path) -> None:
    (notice,) = installed.rglob("NOTICE")
    asked = {name for name, row in catalogue().items() if "CC BY" in row["licence"]}
    assert asked >= {"countries.csv", "crime_geography.csv"}
    assert [name for name in asked if f"sim/data/{name}\n" not in notice.read_text("utf-8")] == []


@pytest.mark.compilation
def test_the_wheel_conducts_a_study_and_reports_it(installed: Path) -> None:
    """The wheel runs a study and reports it, after compiling its own rules."""
    code = "found = sim.demo(); print(found.headline); found.plot.forest(); found.report('answer.html')"
    done = python(installed, code)
    assert done.returncode == 0, done.stderr
    assert "takedowns" in done.stdout
    assert "<html" in (installed.parent / "answer.html").read_text("utf-8")


@pytest.mark.compilation
def test_the_wheel_takes_outcome_lever_treaty_and_state_from_another_folder(installed: Path, tmp_path: Path) -> None:
    """The wheel uses a user's outcome, lever, treaty and state from another folder, also in workers."""
    parts = laid_out(tmp_path / "parts", PARTS)
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    words = ["compare", str(policy), "--parts", parts, "world=tiny", "--replicates", "4", "--workers", "2", "--quiet"]
    done = run(installed, *words, "--point", "-o", str(tmp_path / "results"))
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "results").iterdir()
    about = json.loads((folder / "manifest.json").read_text("utf-8"))["parts"]
    assert (about["outcomes"], about["levers"]) == (["came_back_share"], ["request.closure_notified"])
    effects = pd.read_csv(folder / "differences.csv").query("block == 'main'").set_index("outcome")
    assert effects["difference"]["withdrawn_share"] > 0.0 < effects["baseline_mean"]["came_back_share"]
    done = run(installed, "law", "BRA", "IND", "content", "--on", "2027-06-01", "--parts", parts)
    assert "Agreement of five states" in done.stdout, done.stderr
    code = f"found = sim.open({str(folder)!r}); print(found.headline, 'came_back_share' in found.outcomes)"
    done = python(installed, code)
    assert done.returncode == 0 and done.stdout.endswith("False\n"), done.stderr
