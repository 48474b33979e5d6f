"""Tests of `comity case` from command line to results folder, with made-up results."""

import json
from pathlib import Path

import pandas as pd
import pytest

from docs.programs.cases import all_figures, all_page
from sim.cases import command
from sim.cases.real_case import RealCase, operations
from sim.cases.run import Law
from sim.cli import main
from sim.report.page.parts import markdown_of
from tests.cases.test_case_file import WHOLE
from tests.cases.test_scoring import frame

asked: list[tuple[int, tuple[Law, ...], int]] = []


def made_up(
    cases: tuple[RealCase, ...], laws: tuple[Law, ...], options: command.CaseOptions, _console: object
) -> pd.DataFrame:
    """Made-up results of simulating each case."""
    asked.append((len(cases), laws, options.seeds))
    parts = [frame(100).assign(case=case.key) for case in cases]
    return pd.concat([part[part["law"].isin(laws)] for part in parts], ignore_index=True)


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixture: cases get made-up results instead of simulations."""
    monkeypatch.setattr(command, "simulated", made_up)
    asked.clear()


def test_one_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("".join(f"{key}: {value}\n" for key, value in WHOLE.items()), encoding="utf-8")
    assert main(["case", str(own), "-o", str(tmp_path / "r"), "--replicates", "7", "--quiet"]) == 0
    folder = Path(capsys.readouterr().out.strip())
    files = "SHA256SUMS cases.csv codebook.csv figures manifest.json report.html summary.md"
    assert sorted(path.name for path in folder.iterdir()) == files.split()
    assert sorted(path.name for path in (folder / "figures").glob("*.png")) == ["laws.png"]
    text = (folder / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("# A case: what the model expected")
    assert "figures/laws.png" in text
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["seeds"] == [1, 7]
    assert asked == [(1, tuple(Law), 7)]


def test_all_cases() -> None:
    record = operations()
    placed = [case for case in record if case.planted is not None]
    results = pd.concat([frame(100).assign(case=case.key) for case in placed], ignore_index=True)
    assert list(all_figures(results, record)) == ["cases_pit", "cases_intervals"]
    text = markdown_of(all_page(results, record, 0.0, ()))
    assert "PowerOFF" in text.split("Not placed")[1]
    for case in placed:
        assert case.title in text


def test_each_world_has_a_seed_of_its_own_from_the_first_on(tmp_path: Path) -> None:
    options = command.CaseOptions(3, 7, 1, tmp_path, "comity case")
    placed = tuple(case for case in operations() if case.planted is not None)
    for cases in (placed[:1], placed):
        tasks = command.tasks_of(cases, (Law.AS_IT_WAS,), options)
        assert [(task.seed, task.copies, task.cases) for task in tasks] == [(seed, 4, cases) for seed in (7, 8, 9)]
