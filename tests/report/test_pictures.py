"""Tests of figures as objects: names, descriptions from numbers, and files that fit into a page."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from sim.experiments.sets import OwnError, ParameterSets
from sim.experiments.statistics import Estimate, with_own_error
from sim.law.order import legal_order
from sim.measures.outcomes import OUTCOMES
from sim.report import provenance, saying, tables
from sim.report.draw import FIGURES, draw_all
from sim.report.figures import curves
from sim.report.figures.effects import MAPPED, describe_ladder, tile_grid
from sim.report.headline import leading
from sim.report.marking import drawn as as_drawn
from sim.report.page.parts import for_phone
from sim.report.phrases import strongest
from sim.report.style import frame, new_figure, save, styled
from sim.report.view import View
from sim.results import own_error
from sim.results.effects import Verdict
from sim.results.words import change
from tests.report.conftest import HOSTILE, TITLES
from tests.report.pages import altered

ENDINGS = ("svg", "png")
SVG = "{http://www.w3.org/2000/svg}"


def parsed(path: Path) -> ElementTree.Element:
    """Root element of a drawing that a test has saved."""
    return ElementTree.parse(path).getroot()  # noqa: S314


#: Saved by `make test`: curves, tiles, bars, marks, and lines of titles; the others differ in what is drawn alone.
SOME = ("takedown_curves", "state_map", "open_by_age", "forest", "turnaround_distribution")


@pytest.fixture(scope="module")
def figures(hostile: View) -> dict[str, Figure]:
    """Every figure with the layout of a saved one."""
    with styled():
        made = {name: picture.draw(hostile) for name, picture in FIGURES.items()}
        for figure in made.values():
            figure.draw_without_rendering()
    return made


def saved(view: View, names: Iterable[str], folder: Path) -> Path:
    """Folder of saved figures with their text."""
    chosen = {name: FIGURES[name] for name in names}
    assert draw_all(view, folder, lambda _: None, chosen) == list(chosen)
    return folder


@pytest.fixture(
    scope="module", params=[SOME, pytest.param(tuple(FIGURES), marks=pytest.mark.slow)], ids=["some", "all"]
)
def drawn(request: pytest.FixtureRequest, hostile: View, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some saved figures of the comparison with titles that would break pages."""
    return saved(hostile, request.param, tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="module")
def files(drawn: Path) -> dict[str, ElementTree.Element]:
    """The SVG of each figure."""
    return {path.stem: parsed(path) for path in drawn.glob("*.svg") if not path.stem.endswith(for_phone(""))}


def test_figures_are_saved_as_svg_and_png_and_have_the_same_bytes_each_time(hostile, drawn, tmp_path):
    names = {path.stem for path in drawn.glob("*.png")}
    made = {f"{name}.{ending}" for name in names for ending in ENDINGS} | {f"{for_phone(name)}.svg" for name in names}
    assert {path.name for path in drawn.iterdir()} == made
    for name in names:
        assert (drawn / f"{name}.svg").read_text("utf-8").lstrip().startswith("<?xml")
        with Image.open(drawn / f"{name}.png") as image:
            assert min(image.size) > 600, name
            assert np.asarray(image.convert("L")).std() > 5, f"{name}: an empty page"
    for path in saved(hostile, SOME[:2], tmp_path).iterdir():
        assert path.read_bytes() == (drawn / path.name).read_bytes(), path.name


def test_figures_name_command_and_units_and_do_not_spill(figures):
    for name, figure in figures.items():
        width, height = figure.get_size_inches() * figure.dpi
        words = " ".join(text.get_text() for text in figure.texts)
        assert "comity compare" in words.replace("\n", " "), name
        for text in figure.texts:
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, (name, text.get_text())
        for legend in figure.legends:
            box = legend.get_window_extent()
            assert box.x0 >= -1 and box.x1 <= width + 1, name
        assert any(axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes), name


def test_no_figure_takes_a_title_for_a_formula(figures: dict[str, Figure]) -> None:
    assert len(figures) >= 10
    for name, figure in figures.items():
        seen_text = [text.get_text() for text in figure.findobj(Text)]
        assert not [text.get_text() for text in figure.findobj(Text) if text.get_parse_math()], name
        assert not [text for text in seen_text if "mathdefault" in text], f"{name}: marks of formulas of our own"
        if name in ("turnaround_by_stage", "ladder"):
            assert all(any(text.startswith(as_drawn(title)) for text in seen_text) for title in TITLES.values()), name


def assert_apart(figure: Figure) -> None:
    """Checks that axis numbers and row names do not overlap."""
    room = 0.04 * figure.dpi
    for axes in figure.axes:
        shown = [text for text in axes.get_xticklabels() if text.get_visible() and text.get_text()]
        boxes = sorted((text.get_window_extent() for text in shown), key=lambda box: box.x0)
        inside = [box for box in boxes if axes.bbox.x0 - 1 <= (box.x0 + box.x1) / 2 <= axes.bbox.x1 + 1]
        assert all(one.x1 + room < next_.x0 for one, next_ in pairwise(inside)), [text.get_text() for text in shown]
        rows = [text for text in axes.get_yticklabels() if text.get_visible() and text.get_text()]
        boxes = sorted((text.get_window_extent() for text in rows), key=lambda box: box.y0)
        assert all(one.y1 < next_.y0 + 1 for one, next_ in pairwise(boxes)), [text.get_text() for text in rows]


def test_numbers_at_an_axis_do_not_touch(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        assert_apart(figure)


def test_figures_are_described_in_a_few_sentences_from_the_numbers(hostile: View) -> None:
    for name in FIGURES:
        words = FIGURES[name].describe(hostile)
        assert re.search(r"\d", words), f"{name}: no number"
        assert "nan" not in words and words.endswith("."), words
        assert 40 < len(words) < 900, name
        keys = set(re.findall(r"\w+", words)) & {"status_quo", "faster_mlat", "turnaround_median"}
        assert not keys, f"{name}: titles, not keys"


def test_files_say_what_they_show_and_keep_text_as_text(hostile: View, files: dict[str, ElementTree.Element]) -> None:
    for name, root in files.items():
        assert root.get("role") == "img"
        title, description = root[0], root[1]
        assert (title.tag, title.text) == (f"{SVG}title", FIGURES[name].title)
        assert (description.tag, description.text) == (f"{SVG}desc", FIGURES[name].describe(hostile))
        assert root.get("aria-labelledby") == title.get("id")
        assert root.get("aria-describedby") == description.get("id")
        assert len(root.findall(f".//{SVG}text")) > 10, name
    assert any(HOSTILE in (entry.text or "") for root in files.values() for entry in root.iter(f"{SVG}desc"))


def test_figures_of_a_phone_are_as_wide_as_one_and_leave_words_to_the_page(drawn: Path, hostile: View) -> None:
    """Figures for phones have a phone's width and letters of at least 9 points (11 pixels).

    No letter is smaller than 9 points of 72 to an inch, 11 pixels where 262 points are 360 pixels wide.
    """
    for path in drawn.glob(f"*{for_phone('')}.svg"):
        root, name = parsed(path), path.stem.removesuffix(for_phone(""))
        width = float(root.get("viewBox", "").split()[2])
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:\w+ )*([\d.]+)px", path.read_text("utf-8"))]
        assert width == pytest.approx(72 * 3.6) and sizes and min(sizes) >= 9.0, name
        shown = FIGURES[name].of(hostile)
        assert shown is not None and shown.caption.explanation[:20] not in path.read_text("utf-8").split("</desc>")[1]
        assert shown.caption.explanation in FIGURES[name].reads(hostile)


def test_marks_of_several_files_do_not_meet_on_a_page(files: dict[str, ElementTree.Element]) -> None:
    """Equal identifiers in several SVG files refer to equal elements, and no file has styles or scripts."""
    seen: dict[str, bytes] = {}
    for root in files.values():
        assert not root.findall(f".//{SVG}style") + root.findall(f".//{SVG}script") + root.findall(".//script")
        for element in root.iter():
            if name := element.get("id"):
                text = ElementTree.tostring(element).strip()
                assert seen.setdefault(name, text) == text


def test_the_policy_that_changes_an_outcome_most_is_named_with_its_interval(view: View) -> None:
    key = "executed_within_12_months"
    entries = [view.difference(policy, key) for policy in view.policies]
    most = max((entry for entry in entries if entry is not None), key=lambda entry: abs(entry.difference))
    clear, noise = (
        altered(view, differences={"main": [replace(entry, verdict=verdict) for entry in view.differences["main"]]})
        for verdict in (Verdict.DISTINGUISHABLE, Verdict.NOT_DISTINGUISHABLE)
    )
    assert view.title[most.scenario] in strongest(clear, key) and change(most) in strongest(clear, key)
    assert strongest(noise, key).endswith("no policy changes it by more than noise.")


def test_a_turnaround_that_says_nothing_is_explained(view: View) -> None:
    """The description of a figure explains a median of hardly any requests."""
    fewer = altered(view, asking=[key for key in view.scenarios if key != "no_cooperation"])
    words = FIGURES["turnaround_distribution"].describe(fewer)
    assert words.endswith(f"hardly any requests: {view.title['no_cooperation']}.")
    assert view.title["no_cooperation"] not in FIGURES["turnaround_distribution"].describe(view)


def test_the_map_has_a_tile_for_every_state() -> None:
    grid = tile_grid()
    assert set(grid) == set(legal_order().states)
    assert len(set(grid.values())) == len(grid), "no two states in one tile"
    north, south, west, east = (grid[code] for code in ("NOR", "ZAF", "USA", "JPN"))
    assert north[0] < south[0] and west[1] < north[1] < east[1]
    for one, other in (("USA", "CAN"), ("DEU", "POL"), ("BRA", "PRY"), ("IND", "BGD"), ("ZWE", "MOZ"), ("SYC", "TZA")):
        (row, column), (other_row, other_column) = grid[one], grid[other]
        assert max(abs(row - other_row), abs(column - other_column)) <= 2, (one, other)


def test_a_state_within_noise_has_no_colour_and_no_number(view: View) -> None:
    table = view.countries.copy()
    ours = (table["outcome"] == MAPPED) & (table["scenario"] == leading(view))
    table.loc[ours, "verdict"] = str(Verdict.NOT_DISTINGUISHABLE)
    first = table.index[ours & (table["state"] >= 0)][0]
    table.loc[first, ["verdict", "difference", "relative"]] = [str(Verdict.DISTINGUISHABLE), 5.0, 0.5]
    shown = altered(view, countries=table)
    axes = FIGURES["state_map"].draw(shown).axes[0]
    grey = [patch for patch in axes.patches if len(set(patch.get_facecolor()[:3])) == 1]
    assert len(axes.patches) == 196 and len(grey) == 195
    assert [text.get_text()[3:] for text in axes.texts if "%" in text.get_text()] == ["\n+50%"]
    words = FIGURES["state_map"].describe(shown)
    assert "1 state has clearly more of their own requests" in words and "0 fewer" in words
    for others, beyond, ends in ((0.01, 0.01, "neither"), (0.5, 9.0, "both")):
        table.loc[ours, ["verdict", "difference", "relative"]] = [str(Verdict.DISTINGUISHABLE), 5.0, others]
        table.loc[first, "relative"] = beyond
        assert FIGURES["state_map"].specify(altered(view, countries=table)).ticks["extend"] == ends, "of the scale"


def test_one_extreme_interval_does_not_flatten_the_others(view: View) -> None:
    """One extreme interval is cut off with an arrowhead, so that others remain readable."""
    first, *rest = view.contributions
    wide = replace(
        first, outcome="groups_brought_down", difference=1e6, low=-1e6, high=3e6, verdict=Verdict.DISTINGUISHABLE
    )
    extreme = altered(view, contributions=[wide, *rest])
    usual, clipped = (FIGURES["by_change"].draw(entry).axes[0] for entry in (view, extreme))
    assert clipped.get_xlim()[1] < 5 * usual.get_xlim()[1]
    arrows = [sum(line.get_marker() in "<>" for line in axes.lines) for axes in (usual, clipped)]
    assert arrows[1] > arrows[0]
    assert any("1000000" in re.sub(r"\s", "", text.get_text()) for text in clipped.texts)


def test_the_table_behind_a_figure_is_what_it_draws(view: View) -> None:
    """The table behind a figure has one row for each mark, bar, cell and point."""
    tables = {name: picture.fold(view, name) for name, picture in FIGURES.items()}
    assert all(fold is not None and fold.file and fold.csv for fold in tables.values())
    for name in ("ladder", "gain_against_rights", "by_change"):
        shown = FIGURES[name].specify(view)
        marks = [mark for panel in shown.panels for mark in panel.marks["value"]]
        assert len(shown.table) == len(marks) > 10
    assert view.title["faster_mlat"] in tables["turnaround_by_stage"].markdown


def test_bounds_have_a_panel_of_their_own_where_there_is_more_to_compare() -> None:
    low, high = "no_cooperation", "full_cooperation"
    wanted = {"s p": "s p", f"s {low}": f"s {low}", f"s p {high}": f"s {high}, s p"}
    for keys, panels in (wanted | {f"s p {low} {high}": f"s {low} {high}, s p"}).items():
        found = curves._panels(SimpleNamespace(scenarios=keys.split(), baseline="s"))
        assert ", ".join(" ".join(shown) for _, shown in found) == panels


def test_the_ladder_is_described_by_the_policy_that_gets_furthest_of_those_that_have_a_share() -> None:
    def rung(key: str, share: float, withheld: bool = False) -> SimpleNamespace:
        estimate = Estimate(share, share - 0.1, share + 0.1, 9)
        return SimpleNamespace(scenario=key, outcome="takedowns_expected", share=estimate, withheld=withheld)

    for policies, said in (
        ([rung("a", 0.2), rung("b", 0.4), rung("c", 0.9, True)], "“B” gets furthest: 40.0 % (30.0 % to 50.0 %)."),
        ([rung("a", 0.2, True)], "cooperation to full cooperation."),
    ):
        held = {"policies": [one.scenario for one in policies], "title": {key: key.upper() for key in "sabc"}}
        found = SimpleNamespace(ladder=[rung("s", 0.1), *policies], baseline="s", **held)
        assert describe_ladder(found).endswith(said) and "“S” reaches 10.0 %" in describe_ladder(found)
        assert "within noise" in describe_ladder(SimpleNamespace(ladder=[rung("s", 0.1, True)], baseline="s"))


def test_costs_are_given_but_for_ratios_that_are_withheld_and_levels_have_the_models_own_error(view: View) -> None:
    one, two, three = (Estimate(value, np.nan, np.nan, 1) for value in (1.0, 2.0, 3.0))
    entry = {"scenario": "p", "handling": one, "per_takedown": two, "per_euro_averted": three}
    for takedown, harm, cells in (("", "", "2.00 | 3.00"), ("few", "none", "few | none"), ("few", "", "few | 3.00")):
        rows = [SimpleNamespace(**entry, withheld_takedown=takedown, withheld_harm=harm)]
        held = SimpleNamespace(costs=rows, marked={"p": "P"}, price=lambda _: one)
        assert tables.costs(held).endswith(f"| P | 1.00 | 1.00 | {cells} |")
    for own, said in ((OwnError(), False), (OwnError(0.5, 0.1), True)):
        asked = replace(view.experiment, sets=ParameterSets([{}], own_error=own))
        made = View(asked, view.design, view.results)
        for key, error in (("harm", own.levels), ("takedown_five_year", own.shares)) if said else ():
            values, is_share = view.arms.values(key, ("main", "status_quo"))[0], key != "harm"
            assert made.of_worlds("status_quo", key) == with_own_error(values, error, is_share)
        assert ("with the model's own error" in tables.levels_with_intervals(made, "status_quo", ())) == said
    assert "own error" not in tables.levels_with_intervals(view, "status_quo", ())


def test_ranges_of_outcomes_whose_class_no_facts_check_say_so_with_the_sets_whose_errors_are_known_by_class(
    view: View,
) -> None:
    by_class = own_error.packaged()
    common = OwnError(by_class.common.error, by_class.common.error)
    for own, by_its_class in ((common, True), (OwnError(0.9, 0.4), False)):
        made = View(replace(view.experiment, sets=ParameterSets([{}], own_error=own)), view.design, view.results)
        for entry in OUTCOMES:
            row = tables.levels_with_intervals(made, "status_quo", (entry,)).splitlines()[-1]
            of_class = by_class.of(own_error.class_of(entry.key, entry.unit))
            assert (saying.NOT_CHECKED in row) == (by_its_class and not of_class.checked), entry.key
        marked = by_its_class and not by_class.of("times").checked
        assert provenance.own_error(made).count(saying.NOT_CHECKED) >= marked
    estimate = Estimate(10.0, 5.0, 20.0, 9)
    usual = saying.in_reality(estimate, "months")
    assert saying.in_reality(estimate, "months", True) == f"{usual}, {saying.NOT_CHECKED}"
    nothing = Estimate(10.0, np.nan, np.nan, 1)
    assert saying.in_reality(nothing, "months", True) == ""


def test_a_table_of_many_scenarios_is_turned_by_a_quarter() -> None:
    turned = ["| now | b |", *(f"| p{number} | {number} |" for number in range(7))]
    for many, lines in ((6, ["| a | b | 0 | 1 | 2 | 3 | 4 | 5 |"]), (7, turned)):
        numbers = list(map(str, range(many)))
        found = tables._upright(["", "now", *(f"p{number}" for number in numbers)], [["a", "b", *numbers]])
        assert found.splitlines()[2:] == lines


def test_the_table_by_change_marks_only_what_is_clear(view: View) -> None:
    table = tables.by_change(view, "faster_mlat")
    mine = [entry.verdict for entry in view.contributions if entry.scenario == "faster_mlat"]
    assert table.count("**") == 2 * mine.count(Verdict.DISTINGUISHABLE)
    assert len(table.splitlines()) == 2 + 2 * 6 + 2


def test_a_figure_without_words_of_its_own_takes_those_of_its_frame(tmp_path: Path) -> None:
    with styled():
        figure = new_figure(4.0, 3.0)
        figure.subplots().plot([1, 2])
        frame(figure, "A & B", "How to <read> it", "small")
        save(figure, tmp_path, "framed")
    root = parsed(tmp_path / "framed.svg")
    assert [entry.text for entry in root[:2]] == ["A & B", "How to <read> it"]
