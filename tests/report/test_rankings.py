"""Tests of rankings in the terminal: the report's order and numbers, and whole rows in a pipe."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.table import Table

from sim.experiments.config import Experiment
from sim.experiments.design import ablation, plain
from sim.experiments.plan import Kind
from sim.experiments.settings import chosen
from sim.report import saying, tables
from sim.report.headline import leading
from sim.report.league import league_of
from sim.report.publish import print_answer
from sim.report.rankings import of_ablation, of_league, of_regret
from sim.report.studies import read_report
from sim.report.view import View
from sim.results.league import JUDGED, RANKED_BY
from sim.results.words import span
from tests.experiments.fakes import decided, experiment, view_of
from tests.report.conftest import Once
from tests.report.test_ablation import without_queues_nothing_is_faster

WAIT = "turnaround_median"


def rows_of(table: Table | None) -> list[list[str]]:
    """Cells of a table, row by row."""
    assert table is not None
    columns = [[str(cell) for cell in column.cells] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def said(view: View, key: str) -> list[str]:
    """Changes and price of a policy as the report states them."""
    changes = [saying.change(view.difference(key, what)) for what in (RANKED_BY, WAIT)]
    return [*changes, tables.price(view.price(key))[0]]


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> View:
    """A league of three policies and the bounds."""
    asked = experiment(tmp_path_factory.mktemp("league"), replicates=6)
    return view_of(asked, plain(asked, Kind.LEAGUE))


def test_policies_stand_in_the_order_of_the_league_with_takedowns_wait_and_price(league: View) -> None:
    rows = rows_of(of_league(league))
    assert [row[:2] for row in rows] == [[str(one.place), league.title[one.scenario]] for one in league_of(league)]
    for row, entry in zip(rows, league_of(league), strict=True):
        assert row[2:] == said(league, entry.scenario)
    assert any("%" in cell for row in rows for cell in row), "ratios, with their intervals"


def test_mechanisms_stand_by_how_many_conclusions_rest_on_them(tmp_path: Path) -> None:
    asked: Experiment = experiment(tmp_path, ("status_quo", "harmonised_law", "faster_mlat"), replicates=4)
    asked = replace(asked, mechanisms=chosen(("trust", "queues"), ""))
    view = view_of(asked, ablation(asked), without_queues_nothing_is_faster)
    whole, *rows = rows_of(of_ablation(view))
    resting = {one.title: [entry.flips for entry in view.effects if entry.mechanism == one] for one in asked.mechanisms}
    first, second = sorted(resting, key=lambda title: -sum(resting[title]))
    assert sum(resting[first]) > sum(resting[second])
    assert [row[:3] for row in rows] == [
        ["1", first, f"{sum(resting[first])} of {len(resting[first])}"],
        ["2", second, f"{sum(resting[second])} of {len(resting[second])}"],
    ]
    policy = leading(view)
    assert whole[1] == "nothing" and whole[3:] == rows[1][3:], "trust does nothing in these worlds"
    without = {
        (entry.mechanism.title, entry.whole.outcome): entry.without
        for entry in view.effects
        if entry.whole.scenario == policy
    }
    for row in rows:
        assert row[3:] == [saying.change(without.get((row[1], what))) for what in (RANKED_BY, WAIT)]


def test_ways_to_decide_stand_by_lasting_takedowns_with_their_regret(once: Once) -> None:
    view = read_report(next(once("decided", decided).glob("regret-*")))
    rows = rows_of(of_regret(view))
    assert sorted(row[1] for row in rows) == sorted(view.title[key] for key in view.compared)
    keys = {title: key for key, title in view.title.items()}
    sizes = [view.difference(keys[row[1]], RANKED_BY) for row in rows]
    assert [one.difference for one in sizes if one] == sorted((one.difference for one in sizes if one), reverse=True)
    regrets = {entry.scenario: entry.regret for entry in view.regrets if entry.outcome == JUDGED[0]}
    for place, row in enumerate(rows, 1):
        key = keys[row[1]]
        assert row[0] == str(place) and row[2:5] == said(view, key)
        assert row[5] == span(*regrets[key][:3], "groups")
    assert of_regret(_without_plans(view)) is None


def _without_plans(view: View) -> View:
    """A copy of the view without fixed plans."""
    other = replace(view)
    other.__dict__["regrets"] = []
    return other


def lines_of(text: str, words: Sequence[str]) -> list[str]:
    """Lines of output that contain all given words."""
    return [line for line in text.splitlines() if all(word in line for word in words)]


def test_a_pipe_gets_each_row_on_one_line_and_a_terminal_cuts_nothing(
    league: View, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = of_league(league)
    assert table is not None
    print_answer(Path("results"), False, "The answer.", table)
    piped = capsys.readouterr().out
    for row in rows_of(table):
        assert len(lines_of(piped, row)) == 1, row
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "60", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    print_answer(Path("results"), False, "The answer.", table)
    shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert "…" not in piped + shown and max(map(len, shown.splitlines())) <= 60 < max(map(len, piped.splitlines()))
    seen = set(re.findall(r"\S+", shown))
    assert all(set(cell.split()) <= seen for row in rows_of(table) for cell in row)
