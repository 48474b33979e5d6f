"""Figures as objects: they are named and described from the numbers, and their files can stand in a page."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sim.experiments.compare import Verdict
from sim.law.order import legal_order
from sim.report.by_change import by_change_table
from sim.report.draw import FIGURES
from sim.report.figures.state_map import SHOWN, tile_grid
from sim.report.headline import leading
from sim.report.marking import plain as unmarked
from sim.report.sentences import strongest
from sim.report.story import Story
from sim.report.style import frame, new_figure, save, styled
from sim.report.words import change
from tests.report.conftest import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def parsed(path: Path) -> ElementTree.Element:
    """The root of a drawing that the test has written."""
    return ElementTree.parse(path).getroot()  # noqa: S314


@pytest.fixture(scope="module")
def files(drawn: Path) -> dict[str, ElementTree.Element]:
    """The SVG of each figure."""
    return {name: parsed(drawn / f"{name}.svg") for name in FIGURES}


def test_figures_are_described_in_a_few_sentences_from_the_numbers(hostile: Story) -> None:
    for name in FIGURES:
        words = FIGURES[name].describe(hostile)
        assert re.search(r"\d", words), f"{name}: no number"
        assert "nan" not in words and words.endswith("."), words
        assert 40 < len(words) < 900, name
        keys = set(re.findall(r"\w+", words)) & {"status_quo", "faster_mlat", "turnaround_median"}
        assert not keys, f"{name}: titles, not keys"


def test_files_say_what_they_show_and_keep_text_as_text(hostile: Story, files: dict[str, ElementTree.Element]) -> None:
    for name, root in files.items():
        assert root.get("role") == "img"
        title, description = root[0], root[1]
        assert (title.tag, title.text) == (f"{SVG}title", FIGURES[name].title)
        assert (description.tag, description.text) == (f"{SVG}desc", FIGURES[name].describe(hostile))
        assert root.get("aria-labelledby") == title.get("id")
        assert root.get("aria-describedby") == description.get("id")
        assert len(root.findall(f".//{SVG}text")) > 10, name


def test_marks_of_several_files_do_not_meet_on_a_page(files: dict[str, ElementTree.Element]) -> None:
    """A name that stands in two files stands for the same thing in both, and no style acts beyond its file."""
    seen: dict[str, bytes] = {}
    for root in files.values():
        assert not root.findall(f".//{SVG}style")
        for element in root.iter():
            if name := element.get("id"):
                assert (
                    seen.setdefault(name, ElementTree.tostring(element).strip())
                    == ElementTree.tostring(element).strip()
                )


def test_hostile_titles_stay_text(files: dict[str, ElementTree.Element]) -> None:
    for root in files.values():
        assert not root.findall(f".//{SVG}script")
        assert not root.findall(".//script")
    assert any(HOSTILE in (entry.text or "") for root in files.values() for entry in root.iter(f"{SVG}desc"))


def test_the_policy_that_changes_an_outcome_most_is_named_with_its_interval(story: Story) -> None:
    key = "executed_within_12_months"
    entries = [story.difference(policy, key) for policy in story.policies]
    most = max((entry for entry in entries if entry is not None), key=lambda entry: abs(entry.difference))
    clear = [replace(entry, verdict=Verdict.DISTINGUISHABLE) for entry in story.differences["main"]]
    altered = Story(story.experiment, story.design, story.results)
    altered.__dict__["differences"] = {"main": clear}
    assert story.title[most.scenario] in strongest(altered, key)
    assert change(most) in strongest(altered, key)
    noise = [replace(entry, verdict=Verdict.NOT_DISTINGUISHABLE) for entry in clear]
    altered.__dict__["differences"] = {"main": noise}
    assert strongest(altered, key).endswith("no policy changes it by more than noise.")


def test_a_turnaround_that_says_nothing_is_explained(story: Story) -> None:
    """Where channels are closed, the few requests left may be answered sooner: not because of the policy."""
    altered = Story(story.experiment, story.design, story.results)
    altered.__dict__["asking"] = [key for key in story.scenarios if key != "no_cooperation"]
    words = FIGURES["turnaround_distribution"].describe(altered)
    assert f"“{story.title['no_cooperation']}” is left out" in words
    assert "says nothing about speed" in words
    assert "says nothing about speed" not in FIGURES["turnaround_distribution"].describe(story)


def test_the_map_has_a_tile_for_every_state() -> None:
    grid = tile_grid()
    assert set(grid) == set(legal_order().states)
    assert len(set(grid.values())) == len(grid), "no two states in one tile"
    north, south, west, east = (grid[code] for code in ("NOR", "ZAF", "USA", "JPN"))
    assert north[0] < south[0]
    assert west[1] < north[1] < east[1]
    for one, other in (("USA", "CAN"), ("DEU", "POL"), ("BRA", "PRY"), ("IND", "BGD"), ("ZWE", "MOZ"), ("SYC", "TZA")):
        (row, column), (other_row, other_column) = grid[one], grid[other]
        assert max(abs(row - other_row), abs(column - other_column)) <= 2, (one, other)


def test_a_state_within_noise_has_no_colour_and_no_number(story: Story) -> None:
    altered = Story(story.experiment, story.design, story.results)
    table = story.countries.copy()
    ours = (table["outcome"] == SHOWN) & (table["scenario"] == leading(story))
    table.loc[ours, "verdict"] = str(Verdict.NOT_DISTINGUISHABLE)
    first = table.index[ours & (table["state"] >= 0)][0]
    table.loc[first, ["verdict", "difference", "baseline_mean"]] = [str(Verdict.DISTINGUISHABLE), 5.0, 10.0]
    altered.__dict__["countries"] = table
    axes = FIGURES["state_map"].draw(altered).axes[0]
    grey = [patch for patch in axes.patches if len(set(patch.get_facecolor()[:3])) == 1]
    assert len(axes.patches) == 196
    assert len(grey) == 195
    assert [text.get_text() for text in axes.texts if "%" in text.get_text()] == ["+50%"]
    words = FIGURES["state_map"].describe(altered)
    assert "1 state has clearly more of their own requests" in words
    assert "0 fewer" in words


def test_open_requests_of_all_ages_add_up(story: Story) -> None:
    figure = FIGURES["open_by_age"].draw(story)
    bars = [bar for bar in figure.axes[0].patches if bar.get_y() + bar.get_height() / 2 == 0]
    rows = story.breakdown("open_by_age", story.baseline)
    assert sum(bar.get_width() for bar in bars) == pytest.approx(rows.groupby("seed")["requests"].sum().mean())
    assert [bar.get_width() for bar in bars] == pytest.approx(rows.groupby("age")["requests"].mean().tolist())


def test_one_extreme_interval_does_not_flatten_the_others(story: Story) -> None:
    """It ends in an arrowhead, and its number is written."""
    altered = Story(story.experiment, story.design, story.results)
    first, *rest = story.contributions
    wide = replace(first, outcome="takedown_rate", difference=1e6, low=-1e6, high=3e6, verdict=Verdict.DISTINGUISHABLE)
    altered.__dict__["contributions"] = [wide, *rest]
    usual, clipped = (FIGURES["by_change"].draw(entry).axes[0] for entry in (story, altered))
    assert clipped.get_xlim()[1] < 5 * usual.get_xlim()[1]
    assert sum(line.get_marker() in "<>" for line in clipped.lines) > sum(
        line.get_marker() in "<>" for line in usual.lines
    )
    assert any("1000000" in re.sub(r"\s", "", text.get_text()) for text in clipped.texts)


def test_intervals_of_few_pairs_do_not_flatten_the_panel_of_courts(story: Story) -> None:
    altered = Story(story.experiment, story.design, story.results)
    wide = {
        block: [replace(entry, low=entry.difference - 1e4, high=entry.difference + 1e4) for entry in entries]
        if block != "main"
        else entries
        for block, entries in story.differences.items()
    }
    altered.__dict__["differences"] = wide
    panel = FIGURES["court_slack"].draw(altered).axes[1]
    usual = [story.difference(policy, "turnaround_median") for policy in story.policies]
    assert panel.get_ylim()[1] < 10 * max(max(abs(entry.low), abs(entry.high)) for entry in usual if entry)
    assert sum(line.get_marker() in ("v", "^") and len(line.get_xdata()) == 1 for line in panel.lines) == 12
    numbers = [text.get_text() for text in panel.texts]
    assert len(numbers) == 12
    assert all(abs(float(text.replace(" ", "").replace("−", "-"))) > 9000 for text in numbers)


def test_a_price_in_rights_beyond_the_panel_is_written(story: Story) -> None:
    altered = Story(story.experiment, story.design, story.results)
    far = [
        replace(entry, relative=4.0, relative_low=3.0, relative_high=5.0)
        if (entry.scenario, entry.outcome) == ("faster_mlat", "abusive_executed_per_year")
        else entry
        for entry in story.differences["main"]
    ]
    altered.__dict__["differences"] = story.differences | {"main": far}
    texts = [text.get_text() for axes in FIGURES["gain_against_rights"].draw(altered).axes for text in axes.texts]
    assert "+500 %" in texts


def test_a_change_that_moves_nothing_has_its_reason_below_the_table(story: Story) -> None:
    idle = Story(story.experiment, story.design, story.results)
    idle.__dict__["contributions"] = [
        replace(entry, verdict=Verdict.IDENTICAL)
        if entry.part == 2
        else replace(entry, verdict=Verdict.DISTINGUISHABLE)
        for entry in story.contributions
    ]
    table = by_change_table(idle, "faster_mlat")
    second = next(entry for entry in story.design.scenarios if entry.key == "faster_mlat").changes[1].lever
    assert table.count("moves none of these") == 1 and "Change 2, " in table
    needs = getattr(second, "needs", "")
    assert (f"{second.name} needs" in unmarked(table)) if needs else ("Not explained by what was measured" in table)
    busy = [replace(entry, verdict=Verdict.NOT_DISTINGUISHABLE) for entry in story.contributions]
    idle.__dict__["contributions"] = busy
    assert "moves none of these" not in by_change_table(idle, "faster_mlat"), "noise is no proof of nothing"


def test_the_table_by_change_marks_only_what_is_clear(story: Story) -> None:
    table = by_change_table(story, "faster_mlat")
    bold = sum(
        entry.verdict is Verdict.DISTINGUISHABLE for entry in story.contributions if entry.scenario == "faster_mlat"
    )
    assert table.count("**") == 2 * bold
    assert len(table.splitlines()) == 2 + 2 * 5 + 2


def test_a_figure_without_words_of_its_own_takes_those_of_its_frame(tmp_path: Path) -> None:
    with styled():
        figure = new_figure(4.0, 3.0)
        figure.subplots().plot([1, 2])
        frame(figure, "A & B", "How to <read> it", "small")
        save(figure, tmp_path, "framed")
    root = parsed(tmp_path / "framed.svg")
    assert [entry.text for entry in root[:2]] == ["A & B", "How to <read> it"]
