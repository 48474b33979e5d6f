"""Tests that a light study shows what the complete one shows, and names missing tables."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import sim
from docs.programs.light import lightened
from docs.programs.stored_reports import rendered
from sim.cli import INPUT_ERROR, main
from sim.experiments import seal
from sim.experiments.light import left_out, read_outcomes
from sim.report import pages
from tests.damage import make

pytestmark = pytest.mark.slow
Light = tuple[Path, Path]
FEW = ("forest", "takedown_curves", "open_by_age")  # tests/report/test_stored.py draws all figures of a light study


@pytest.fixture(scope="module", autouse=True)
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Light]:
    """A comparison and its light copy, with only a few figures, as drawing takes long."""
    folder = tmp_path_factory.mktemp("made")
    whole = make(folder, ("comparison",))["comparison"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pages, "FIGURES", {name: pages.FIGURES[name] for name in FEW})
        patched.setattr("sim.report.style._DOTS_PER_INCH", 10)
        rendered(whole)
        lightened(whole, folder / "light")
        yield whole, folder / "light"


@pytest.fixture
def light(made: Light, tmp_path: Path) -> Path:
    """A light study that a test may change."""
    return Path(shutil.copytree(made[1], tmp_path / "light"))


def test_it_answers_as_the_whole_study_does(made: Light) -> None:
    whole, light = map(sim.open, made)
    assert light.headline == whole.headline
    assert_frame_equal(light.outcomes, whole.outcomes, check_exact=True)
    assert_frame_equal(light.differences, whole.differences, check_exact=True)
    assert "## Who gains" in light.summary and findings(light.summary) == findings(whole.summary)
    assert dir(light.plot) == dir(whole.plot)
    figures = {path.stem for path in (made[0] / "figures").glob("*.png")}
    assert {path.name for path in (made[1] / "figures").iterdir()} == {f"{name}.svg" for name in figures}
    for name in figures:
        assert getattr(light.plot, name)().axes


def findings(summary: str) -> str:
    """A summary without the digest of tables, which differs between studies."""
    return summary.split("## Where each number comes from")[0]


def test_outcomes_are_the_same_bit_for_bit_from_either_file(made: Light) -> None:
    text, table = read_outcomes(made[0] / "outcomes.csv"), pd.read_parquet(made[0] / "outcomes.parquet")
    assert_frame_equal(text, table, check_exact=True)
    assert (made[0] / "outcomes.csv").read_bytes() == (made[1] / "outcomes.csv").read_bytes()


def test_it_is_sealed_and_its_list_names_all_that_is_left_out(made: Light) -> None:
    whole, light = made
    assert seal.differences(light) == {}
    known = left_out(light)
    assert {*known, *seal.sums(light)} >= {*seal.sums(whole)}
    assert all(one == seal.sums(whole)[name] for name, one in known.items() if name in seal.sums(whole))
    assert not list(light.rglob("*.parquet")) and {*known} & {*seal.sums(light)} == set()


ASKED: dict[str, Callable[[Path], object]] = {
    "breakdown": lambda folder: sim.open(folder).breakdown("country"),
    "report of a state": lambda folder: sim.open(folder)._view.countries,
    "curves": lambda folder: main(["plot", str(folder), "--survival"]),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_left_out_is_one_message_that_names_the_command(
    name: str, light: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = ASKED[name](light)
        said = capsys.readouterr().err
    except sim.InputError as error:
        code, said = INPUT_ERROR, str(error)
    assert code == INPUT_ERROR and "left out" in said and "make reference" in said and str(light) in said
    assert "Traceback" not in said


def test_it_can_be_looked_at_plotted_and_written_again(light: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", str(light)]) == 0
    said = capsys.readouterr().out
    assert "(100%)" in said and "outcomes.csv" in said
    before = {path.name: path.read_bytes() for path in light.rglob("*") if path.is_file()}
    rendered(light)
    assert {path.name: path.read_bytes() for path in light.rglob("*") if path.is_file()} == before
    assert main(["plot", str(light), "--y", "harm"]) == 0
    assert main(["verify", str(light)]) == 0


@pytest.mark.parametrize("name", ["pooled.json", "left_out.csv", "outcomes.csv"])
def test_a_damaged_file_is_one_message(name: str, light: Path) -> None:
    file = light / name
    file.write_text(file.read_text("utf-8").replace("1", "2"), encoding="utf-8")
    with pytest.raises(sim.InputError, match="changed"):
        sim.open(light).report(light.parent / "report.html")
    (light / seal.FILE).unlink()
    file.write_text(json.dumps([1]) if name.endswith(".json") else "a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(sim.InputError, match=name):
        sim.open(light).report(light.parent / "report.html")
