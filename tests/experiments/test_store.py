"""Tests of stored results: a folder is complete or absent, and write errors are reported early."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from sim.cli import INPUT_ERROR, main
from sim.experiments import store
from sim.policy.problem import InputError
from sim.results.codebook import write_csv


def visible(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if not path.name.startswith(".")]


def test_a_run_appears_when_it_is_whole_under_a_name_that_sorts_by_time(tmp_path):
    with pytest.raises(ZeroDivisionError), store.writing(tmp_path, "run") as run:
        (run.folder / "summary.md").write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with store.writing(tmp_path, "run") as run:
        (run.folder / "summary.md").write_text("done")
        assert visible(tmp_path) == []
    assert (run.place / "summary.md").read_text() == "done"
    with store.writing(tmp_path, "run"):
        pass
    assert sorted(visible(tmp_path)) == ["run", "run-2"], "two runs of one second stand side by side"
    early, late = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    assert store.run_name("compare", early) == "compare-20260102-030405" < store.run_name("compare", late)


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path, capsys):
    store.check_writable(tmp_path / "new" / "results")
    assert list((tmp_path / "new" / "results").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"command line: execution.results .*file.*cannot be written.*Name another"):
        store.check_writable(tmp_path / "file" / "results")
    words = ["sweep", "central_authority.staff=1,2", "world=tiny", "--study", str(tmp_path / "file" / "study")]
    assert main(words) == INPUT_ERROR
    assert re.match(r"comity: error: command line: --study = .*cannot be written", capsys.readouterr().err)


def test_no_cell_of_a_csv_is_run_by_a_spreadsheet(tmp_path):
    text = ["=cmd|' /C calc'!A0", "+cmd|calc.yaml", "-2+3", "@SUM(A1)", "\tx", "\rx", " =1", "＝1"]
    fine = ["-0.5", "+3", "-1e-3", "a = b", "a - b", "x; -5", ""]
    frame = pd.DataFrame({"=title": pd.Categorical([*text, "a;=1", *fine]), "value": -1 / 3})
    write_csv(frame, tmp_path / "table.csv")
    read = pd.read_csv(tmp_path / "table.csv", keep_default_na=False, dtype=str)
    assert list(read.columns) == ["'=title", "value"]
    assert read["'=title"].tolist() == [*(f"'{cell}" for cell in text), "a;'=1", *fine]
    assert set(read["value"]) == {repr(-1 / 3)}


def test_csv_reads_back_the_same_numbers_and_a_codebook_says_what_each_column_is(tmp_path):
    frame = pd.DataFrame({"scenario": ["a", "b"], "harm": [1 / 3, float("nan")], "harm_low": [0.5, 1]})
    for name in ("table.csv", "other.csv", "table.csv"):
        write_csv(frame, tmp_path / name)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "table.csv"), frame)
    book = pd.read_csv(tmp_path / "codebook.csv", keep_default_na=False).set_index(["file", "column"])
    assert sorted(book.index) == sorted((file, column) for file in ("other.csv", "table.csv") for column in frame)
    assert list(book.loc["table.csv"]["unit"]) == ["", *["billion USD of 2024"] * 2]
    assert "lower end" in book.loc[("table.csv", "harm_low"), "meaning"]
    assert [text.startswith("empty") for text in book.loc["table.csv"]["missing"]] == [False, True, False]
    store.write_table(frame, tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "table.parquet"), frame)
