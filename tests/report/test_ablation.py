"""Tests of an ablation study, from stand-in runs to text, tables, figure and folder."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from io import StringIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from rich.console import Console

from sim.experiments import conduct
from sim.experiments.config import Experiment
from sim.experiments.design import MAIN, ablation
from sim.experiments.plan import Kind
from sim.experiments.run import Replicate, Task
from sim.experiments.seal import FILE
from sim.experiments.settings import chosen
from sim.measures.outcomes import HEADLINES, outcome
from sim.policy.scenario import load
from sim.report import studies
from sim.report.draw import ABLATION_FIGURES, draw_all
from sim.report.figures.effects import OF_MECHANISMS
from sim.report.page.parts import markdown_of
from sim.report.pages import page_of, publication
from sim.report.questions import ablation_sentences as sentences
from sim.report.questions import short
from sim.report.style import styled
from sim.report.view import View
from sim.results.effects import Verdict
from sim.results.words import change, effect, lowered
from tests.experiments.fakes import experiment, view_of
from tests.experiments.replicates import fake_replicate
from tests.report.pages import altered, with_results
from tests.report.reading import check_first_screen

SCENARIOS = ("status_quo", "harmonised_law", "faster_mlat")
CLEAR, NOISE = Verdict.DISTINGUISHABLE, Verdict.NOT_DISTINGUISHABLE
SLOWEST = load("status_quo")


def without_queues_nothing_is_faster(task: Task) -> Replicate:
    """Stand-in runs in which no scenario has an effect if queues are left out."""
    if task.block != "without queues":
        return fake_replicate(task)
    (same,) = fake_replicate(replace(task, scenarios=(SLOWEST,))).arms
    return Replicate(tuple(replace(same, scenario=scenario.key) for scenario in task.scenarios))


def asked_for(folder: Path, *keys: str) -> Experiment:
    asked = replace(experiment(folder, SCENARIOS, replicates=4), mechanisms=chosen(keys, ""))
    return replace(asked, command="comity ablate harmonised_law faster_mlat")


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    """An ablation in which the conclusions on faster assistance depend on queues."""
    folder = tmp_path_factory.mktemp("ablation")
    asked = asked_for(folder, "hop_chain", "queues")
    return view_of(asked, ablation(asked), without_queues_nothing_is_faster)


def written(view: View, figures: Iterable[str] = ()) -> str:
    """Text of the summary."""
    return markdown_of(page_of(view, list(figures)))


def part_of(view: View, start: str, end: str) -> str:
    """Text of the summary from one heading to another."""
    return written(view, ABLATION_FIGURES).split(start)[1].split(end)[0]


def test_the_summary_answers_first(view: View) -> None:
    text = written(view, ABLATION_FIGURES)
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings[:3] == ["## What was asked", "## What was found", "## What flips when a mechanism is left out"]
    figure = "figures/effects_by_mechanism.png"
    for words in ("same random worlds", "judgement", view.experiment.command, "4 here", "rough", figure):
        assert words in text
    assert "nan" not in text and "$" not in text


def test_the_first_screen_can_be_read_and_gives_the_numbers(view: View) -> None:
    check_first_screen(sentences(view))
    asked, found, limits = sentences(view)
    assert "2 policies" in asked and "2 mechanisms" in asked
    flips = {(entry.whole.scenario, entry.whole.outcome) for entry in view.effects if entry.flips}
    assert f"{10 - len(flips)} of 10 conclusions hold" in found and f"{len(flips)} rest on one" in found
    entry = next(entry for entry in view.effects if entry.flips and entry.whole.outcome == "turnaround_median")
    assert "on queues: " in found and change(entry.whole) in found, "with its interval"
    assert "about 1 of 20 effects" in limits and "rough" in limits
    assert page_of(view, ()).answer == sentences(view), "the summary begins with them"


def test_where_nothing_rests_on_a_mechanism_the_clearest_effect_stands_first(view: View) -> None:
    firm = [entry for entry in view.effects if entry.mechanism.key == "hop_chain"]
    found = sentences(altered(view, effects=firm))[1]
    assert found.startswith("All 10 conclusions hold whichever is left out, such as "), found
    still = [replace(entry.whole, verdict=Verdict.NOT_DISTINGUISHABLE) for entry in firm]
    quiet = [replace(entry, whole=whole, without=whole) for entry, whole in zip(firm, still, strict=True)]
    found = sentences(altered(view, effects=quiet))[1]
    assert "no change can be distinguished from chance" in found


def test_what_rests_on_a_mechanism_is_reported_in_words(view: View) -> None:
    """The report says that faster assistance shortens the median only with queues."""
    shown = part_of(view, "## What was found", "## What flips")
    resting = next(line for line in shown.splitlines() if "faster_mlat" in line or view.title["faster_mlat"] in line)
    assert "rests on queues (can no longer be distinguished from noise)" in resting
    queues = part_of(view, "### Without queues", "## Effects")
    row = next(line for line in queues.splitlines() if f"| {outcome('turnaround_median').title} |" in line)
    entry = view.difference("faster_mlat", "turnaround_median")
    assert entry is not None and change(entry) in row, "with its interval"
    assert row.endswith("| **can no longer be distinguished from noise** |")
    second, first = view.title["faster_mlat"], view.title["harmonised_law"]
    assert f"| {second} | {first} |" in queues, "policies that change places"
    assert "Every world is the same without it" in part_of(view, "### Without hop chain", "### Without queues")


def test_numbers_of_the_tables_are_those_of_the_differences(view: View) -> None:
    table = part_of(view, f"### {outcome('turnaround_median').title}", "###")
    rows = [line for line in table.splitlines() if line.startswith(("| every", "| without"))]
    assert len(rows) == 3
    for row, block in zip(rows, (MAIN, "without hop chain", "without queues"), strict=True):
        entry = view.difference("faster_mlat", "turnaround_median", block)
        written = re.sub(r"[*+]", "", row.split("|")[3]).replace("−", "-")
        assert float(written.split()[0]) == pytest.approx(entry.difference, rel=0.02, abs=0.01)
        assert row.split("|")[3].strip().startswith("**") == (block == "without queues")


def test_pairs_of_policies_that_change_places_stand_under_the_mechanism(view: View) -> None:
    """Two policies whose order depends on a mechanism are listed under that mechanism."""
    flips = [entry for entry in view.rankings if entry.flips]
    assert {entry.mechanism.key for entry in flips} == {"queues"}
    queues = part_of(view, "### Without queues", "## Effects")
    pair = f"| {view.marked['faster_mlat']} | {view.marked['harmonised_law']} |"
    there = [line.split(" | ")[2] for line in queues.splitlines() if line.startswith(pair)]
    assert there == [outcome(entry.whole.outcome).title for entry in flips]
    assert "median turnaround of mutual legal assistance" in map(str.lower, there)


def test_the_terminal_says_what_the_page_answers(view: View) -> None:
    shown = publication(view).answer(view)
    assert shown == page_of(view, ()).answer and "4 rest on one" in shown[1]


def test_the_clearest_effect_is_the_farthest_from_zero_in_widths_of_its_interval(view: View) -> None:
    held = [entry for entry in view.effects if entry.mechanism.key == "hop_chain"]
    for first in range(3):
        ends = [(9.0, 6.0, 12.0), (2.0, 2.0, 2.0), (0.1, 0.0, 0.2)]
        ends[first] = (0.5, 0.4, 0.6)
        changes = [dict(zip(("difference", "low", "high"), three, strict=True)) for three in ends]
        wholes = [replace(entry.whole, verdict=CLEAR, **one) for entry, one in zip(held, changes, strict=False)]
        shown = [replace(entry, whole=one, without=one) for entry, one in zip(held, wholes, strict=False)]
        said = sentences(altered(view, effects=shown))[1]
        assert f"such as {lowered(outcome(wholes[first].outcome).title)} under" in said
        assert effect(wholes[first]) in said
        flips = [replace(one, without=replace(one.whole, verdict=NOISE), shift=one.whole) for one in shown]
        said = sentences(altered(view, effects=flips))[1]
        assert f"most clearly {lowered(outcome(wholes[first].outcome).title)} under" in said, said


def test_only_conclusions_that_rest_on_a_mechanism_are_listed(view: View) -> None:
    flipped, held = (next(entry for entry in view.effects if entry.flips is flips) for flips in (True, False))
    (line,) = short(altered(view, effects=[flipped, held])).splitlines()
    assert line.startswith(f"- “{view.title[flipped.whole.scenario]}”: *{outcome(flipped.whole.outcome).title}*")
    assert line.endswith(f"rests on {flipped.mechanism.title} ({flipped.flip})")
    assert short(altered(view, effects=[held])).startswith("Every conclusion")


@pytest.fixture(params=["undefined", "one policy", "failed arms"])
def odd(request: pytest.FixtureRequest, view: View) -> View:
    """Views with missing results: undefined outcomes, failed runs, or a single policy."""
    outcomes = view.results.outcomes.copy()
    if request.param == "undefined":
        outcomes.loc[outcomes["block"] == "without queues", "takedown_rate"] = np.nan
        outcomes["harm"] = np.nan
    if request.param == "failed arms":
        outcomes = outcomes[(outcomes["block"] == MAIN) | (outcomes["seed"] == 1)]
    found = with_results(view, outcomes)
    scenarios = view.design.scenarios[:: 2 if request.param == "one policy" else 1]
    return View(view.experiment, replace(view.design, scenarios=scenarios), found.results)


def test_the_report_is_whole_no_matter_what_is_missing(odd: View, tmp_path: Path) -> None:
    check_first_screen(sentences(odd))
    assert draw_all(odd, tmp_path, lambda _: None, ABLATION_FIGURES) == ["effects_by_mechanism"]
    text = written(odd)
    assert "nan" not in text
    assert text.count("| without queues |") == len(HEADLINES) + 1
    with Image.open(tmp_path / "effects_by_mechanism.png") as image:
        assert min(image.size) > 500 and np.asarray(image.convert("L")).std() > 5, "not an empty page"


def test_the_figure_names_command_and_units_and_does_not_spill(view: View) -> None:
    with styled():
        figure = ABLATION_FIGURES["effects_by_mechanism"].draw(view)
        assert figure is not None
        figure.draw_without_rendering()
        width, height = figure.get_size_inches() * figure.dpi
        for text in figure.texts:
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, text.get_text()
        boxes = [axes.title.get_window_extent() for axes in figure.axes]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes)), "titles overlap"
    assert "comity ablate" in " ".join(text.get_text() for text in figure.texts)
    units = " ".join(axes.get_xlabel() for axes in figure.axes)
    assert all(unit in units for unit in ("percentage points", "months", "groups", "million euros"))


def test_each_panel_shows_one_outcome_and_ends_where_its_effects_do(view: View) -> None:
    shown, rows = ABLATION_FIGURES["effects_by_mechanism"].specify(view), [MAIN, "without hop chain", "without queues"]
    for panel, key in zip(shown.panels, OF_MECHANISMS, strict=True):
        scale = 100.0 if outcome(key).unit == "share" else 1.0
        for mark in panel.marks.itertuples():
            entry = view.difference(mark.series, key, rows[mark.row])
            ends = [scale * end for end in (entry.difference, entry.low, entry.high)]
            assert [mark.value, mark.start, mark.end] == pytest.approx(ends)
        mine = [one for one in view.effects if one.whole.outcome == key and one.flips]
        flips = {(one.whole.scenario, one.mechanism.block) for one in mine}
        shaded = panel.marks[panel.marks["shade"].astype(bool)]
        assert {(mark.series, rows[mark.row]) for mark in shaded.itertuples()} == flips
        ends = panel.marks[["start", "end"]].to_numpy()
        limit = 3.0 * np.abs(ends[panel.marks["row"] == 0]).max()
        low, high = ends.clip(-limit, limit).min(), ends.clip(-limit, limit).max()
        low, high = min(low, 0.0), max(high, 0.0)
        margin = 0.08 * (high - low)
        assert panel.span == pytest.approx((low - margin, high + margin))
        assert [place for place, *_ in panel.lines[1:]] == pytest.approx(
            panel.marks.query("row == 0")["value"].tolist()
        )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Experiment]:
    """An ablation by the command, from stand-in runs."""
    asked = asked_for(tmp_path_factory.mktemp("published"), "queues", "silence")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conduct, "run_replicate", without_queues_nothing_is_faster)
        patch.setattr(conduct, "compile_rules", lambda *_: None)
        return studies.report(asked, Kind.ABLATE, Console(file=StringIO(), width=200)), asked


def test_the_folder_holds_everything_and_nothing_is_left_beside_it(published: tuple[Path, Experiment]) -> None:
    place, asked = published
    assert place.name.startswith("ablate-")
    assert [path.name for path in asked.results.iterdir()] == [place.name]
    files = "config.yaml manifest.json summary.md report.html levels.csv outcomes.parquet outcomes.csv differences.csv"
    files += " conclusions.csv codebook.csv costs.csv countries.csv breakdowns figures study.yaml log.txt runs"
    files += f" {FILE}"
    assert sorted(path.name for path in place.iterdir()) == sorted(files.split())
    endings = {path.suffix for path in (place / "figures").glob("effects_by_mechanism.*")}
    assert endings == {".svg", ".png"} and len(list((place / "figures").iterdir())) == 3, "and one for a phone"
    made = json.loads((place / "manifest.json").read_text("utf-8"))
    assert made["left_out_in_turn"] == ["queues", "silence"]
    assert made["seeds"] == {block: [1, 2, 3, 4] for block in (MAIN, "without queues", "without silence")}
    table = pd.read_csv(place / "conclusions.csv")
    assert len(table) == 2 * len(HEADLINES) * (2 + 1)
    mine = table[(table["left_out"] == "queues") & (table["outcome"] == "turnaround_median")]
    mine = mine[(mine["scenario"] == "faster_mlat") & (mine["compared_with"] == "status_quo")]
    assert mine["conclusion"].item() == "can no longer be distinguished from noise"
    assert mine["without"].item() == 0.0
    assert mine["shift"].item() == pytest.approx(mine["without"].item() - mine["whole"].item())
