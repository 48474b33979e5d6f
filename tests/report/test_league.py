"""Tests of a league's page, figure and command: on stand-in runs, and on all scenarios in a tiny world."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.cli import main
from sim.experiments import conduct as conducting
from sim.experiments.design import plain
from sim.experiments.plan import Kind
from sim.experiments.settings import mechanisms
from sim.policy.problem import INPUT_ERROR
from sim.policy.scenario import Scenario, catalogue, load
from sim.report import comparison, league, questions
from sim.report import section as registry
from sim.report.draw import FIGURES, side_pictures
from sim.report.league import _groups, describe, league_figure, league_of, sentences
from sim.report.page.parts import markdown_of
from sim.report.pages import PUBLICATIONS, kind_of, page_of
from sim.report.phrases import named
from sim.report.section import PageKind, sections_of
from sim.report.style import styled
from sim.report.view import TABLES, View
from sim.results.effects import Verdict, is_clear
from sim.results.league import RANKED_BY
from tests.experiments.fakes import experiment, view_of
from tests.experiments.replicates import fake_replicate

CLEAR, NOISE = Verdict.DISTINGUISHABLE, Verdict.NOT_DISTINGUISHABLE


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    """A league of six scenarios, three of which are policies."""
    asked = experiment(tmp_path_factory.mktemp("league"), replicates=6)
    return view_of(asked, plain(asked, Kind.LEAGUE))


def test_bounds_stand_beside_the_policies(view: View) -> None:
    policies = {"harmonised_law", "faster_mlat", "harmonised_and_faster"}
    assert {entry.scenario for entry in league_of(view)} == policies
    assert {entry.scenario for entry in league_of(view, apart=True)} == {"no_cooperation", "full_cooperation"}
    assert {entry.place for entry in league_of(view, apart=True)} == {0}


def test_what_is_not_answerable_is_below_with_its_number_and_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = {"faster_mlat": {"court.staff": "Courts do not learn"}}
    monkeypatch.setattr(Scenario, "unanswered", property(lambda one: declared.get(one.key, {})))
    asked = experiment(tmp_path, replicates=6)
    made = view_of(asked, plain(asked, Kind.LEAGUE))
    ranked, others = league_of(made), league_of(made, apart=True)
    assert {entry.scenario for entry in ranked} == {"harmonised_law", "harmonised_and_faster"}
    assert [entry.place for entry in others if entry.scenario == "faster_mlat"] == [0]
    text = markdown_of(page_of(made, ("league",)))
    below = text[text.index("Not answerable: ") :]
    assert below.startswith(f"Not answerable: {made.marked['faster_mlat']}. Courts do not learn.")
    assert f"|  | {made.marked['faster_mlat']} |" in below.replace("| | ", "|  | ")


def test_each_policy_has_a_row_in_figure_and_table_under_its_group(view: View) -> None:
    shown = league_figure(view)
    assert shown is not None
    with styled():
        shown.draw()
    assert set(shown.table.groupby("panel").size()) == {5}, "policies and bounds, in each of three panels"
    text = markdown_of(page_of(view, ("league",)))
    for entry in league_of(view):
        assert f"| {entry.group} | {view.marked[entry.scenario]} |" in text
    opened = [entry.scenario for entry in league_of(view) if entry.to_first is None]
    assert 0 < len(opened) < 5 and "others" not in describe(view), "up to four are named"
    assert all(view.title[key] in describe(view) for key in opened)
    first = league_of(view)[0]
    assert len(sentences(view)) == 5
    assert (view.title[first.scenario][:30] in sentences(view)[0]) == is_clear(first.ranked)


#: Group, verdict and price of each policy; what is said, ! what is not.
LEAGUES = """\
1!5 1!3 2~1 => 1 other cannot|{1} would cost least|2 of 3 policies would raise takedowns; for 1 ! None|no other
1!5 2!3 2!1 => no other policy would do as much ! would cost least|not clear
1!5 1~0 1~9 => 2 others cannot|{0} would cost least|1 of 3 policies would raise takedowns; for 2 the ! no other
1!0 1!0 2!1 => 1 other cannot ! would cost least|None
1~5 1~3 1~1 => None of 3 policies|{2} would cost least ! not clear|first of
"""


@pytest.mark.parametrize("line", LEAGUES.splitlines())
def test_what_is_said_of_a_league_follows_from_groups_verdicts_and_prices(view: View, line: str) -> None:
    cells, _, said = line.partition(" => ")
    found, changes = league_of(view), zip((20.0, 9.0, 4.0), (12.0, 5.0, -3.0), (29.0, 31.0, 9.0), strict=True)
    entries = []
    for cell, entry, (value, low, high) in zip(cells.split(), found, changes, strict=True):
        verdict, base = CLEAR if cell[1] == "!" else NOISE, view.level(view.baseline, RANKED_BY).value
        ends = dict(
            zip(("relative", "relative_low", "relative_high"), (value / base, low / base, high / base), strict=True)
        )
        ranked = replace(entry.ranked, verdict=verdict, difference=value, low=low, high=high, **ends)
        known = {"effects": {**entry.effects, RANKED_BY: ranked}, "price": entry.price._replace(value=float(cell[2]))}
        entries.append(replace(entry, group=int(cell[0]), **known))
    parts = [[one for one in entries if one.group == number] for number in dict.fromkeys(one.group for one in entries)]
    assert list(_groups(entries)) == parts
    made = View(view.experiment, view.design, view.results)
    made.once(("league", False), lambda: entries)
    there, _, absent = said.format(*(named(made, entry.scenario) for entry in entries)).partition(" ! ")
    text = " ".join(sentences(made))
    assert all(part in text for part in there.split("|")), text
    assert not any(part in text for part in absent.split("|") if part), text
    base = view.level(view.baseline, RANKED_BY).value
    moves = [(20.0, 12.0, 29.0), (9.0, 5.0, 31.0), (4.0, -3.0, 9.0)]
    moves = [ends if cell[1] == "!" else (0.0,) * 3 for cell, ends in zip(cells.split(), moves, strict=True)]
    today, *bars = page_of(made, ()).bars
    assert today.after == today.today == 1.0 and today.cells[0] == ""
    assert [bar.cells[0] for bar in bars] == [cell[0] for cell in cells.split()]
    assert [(bar.kind, bar.after, bar.low, bar.high) for bar in bars] == [
        ("" if place else "lead", *(pytest.approx(1.0 + end / base) for end in ends))
        for place, ends in enumerate(moves)
    ]


@pytest.mark.slow
def test_the_whole_catalogue_takes_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All shipped scenarios that start within the run take part, and the folder gives the same table."""
    monkeypatch.setattr(conducting, "run_replicate", fake_replicate)
    monkeypatch.setattr(conducting, "compile_rules", lambda *_: None)
    words = ["world=tiny", "--replicates", "2", "execution.executor=serial", "-q", "-o", str(tmp_path)]
    assert main(["league", *words]) == 0
    (folder,) = tmp_path.glob("league-*")
    table = pd.read_csv(folder / "league.csv")
    there = {key for key in catalogue() if load(key).group == "main"} - {"status_quo", "training"}
    assert set(table["scenario"]) == there
    assert not (folder / "breakdowns").exists() and (folder / "figures" / "league.svg").exists()
    summary, kept = (folder / "summary.md").read_text(encoding="utf-8"), sim.open(folder)
    assert isinstance(kept, sim.StudyResult)
    of_report, of_folder = (text.split("## ")[2] for text in (summary, kept.summary))
    assert of_folder == of_report and of_report.startswith("In numbers")
    assert kept.headline.splitlines()[0] in summary.replace("\\", "")


def test_a_policy_that_is_none_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["league", "faster_mlt"]) == INPUT_ERROR
    assert "faster_mlat" in capsys.readouterr().err


def test_each_kind_of_study_has_its_page_figures_and_tables(view: View) -> None:
    alone = replace(view, design=plain(replace(view.experiment, scenarios=view.experiment.scenarios[:1])))
    assert kind_of(view) is PageKind.LEAGUE and kind_of(alone) is PageKind.RUN
    some = {*FIGURES, *side_pictures(view.experiment.places)}
    for kind, of, head, drawn, written in (
        (PageKind.ABLATE, view, questions.ablation_head, {*questions.ABLATION_FIGURES}, TABLES),
        (PageKind.REGRET, view, questions.regret_head, {*questions.REGRET_FIGURES}, TABLES),
        (PageKind.LEAGUE, view, league.head, {*league.LEAGUE_FIGURES}, league.TABLES),
        (PageKind.COMPARE, view, comparison.head, some, TABLES),
        (PageKind.RUN, alone, comparison.head_of_run, {*FIGURES}, TABLES),
    ):
        found = PUBLICATIONS[kind]
        assert (found.head, {*found.pictures(of)}, found.tables) == (head, drawn, written), kind
        named = [name for one in sections_of(kind, of) for name in one.figures]
        shown = (
            drawn - {"forest", "by_change", "depends_on"} if kind is PageKind.RUN else drawn
        )  # a run has no differences
        assert sorted(named) == sorted(shown), "each figure stands in one section"


def test_a_section_that_is_registered_stands_in_its_place_on_its_pages(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_SECTIONS", [*registry._SECTIONS])
    registry.section("Twice as much", 15, pages=(PageKind.LEAGUE,))(lambda shown: f"{len(shown.compared)} policies")
    titles = [chapter.title for chapter in page_of(view, ()).sections]
    assert titles[:3] == ["The league", "Twice as much", "In numbers"]
    assert f"## Twice as much\n\n{len(view.compared)} policies" in markdown_of(page_of(view, ()))
    assert "Twice as much" not in {one.title for one in registry.sections_of(PageKind.COMPARE)}


def test_mechanisms_are_printed_with_their_switches(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    questions.print_mechanisms()
    rows = [line.split("│")[1:-1] for line in capsys.readouterr().out.splitlines() if "│" in line]
    shown = {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}
    assert shown == {one.key: [one.meaning, one.source, one.switch] for one in mechanisms()}
