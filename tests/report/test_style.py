"""Tests of the style of figures with more content than usual."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from sim.report import style
from sim.report.style import Key, draw_interval, frame, look, name_rows, new_figure, offsets, save, styled


def drawn(size: tuple[float, float], key: Key | None = None, title: str = "Title", words: str = "Words") -> Figure:
    """A figure with one line, after styling and layout."""
    with styled():
        figure = new_figure(*size)
        figure.subplots().plot(np.arange(3))
        frame(figure, title, words, "Small print", *([key] if key else []))
        figure.draw_without_rendering()
    return figure


def key_of(labels: list[str], columns: int) -> Key:
    return Key([Line2D([], []) for _ in labels], labels, columns)


def test_a_long_key_makes_the_figure_grow(tmp_path: Path) -> None:
    """A long legend makes the figure larger, so that axes keep half of their size."""
    for rows, columns in ((6, 1), (40, 1), (60, 2)):
        figure = drawn((8.6, 5.6), key_of(["label"] * rows * columns, columns))
        with styled():
            save(figure, tmp_path, "figure")
        height = figure.get_size_inches()[1]
        assert figure.axes[0].get_position().height * height > 2.8
        assert (height == 5.6) == (rows == 6)
        with Image.open(tmp_path / "figure.png") as image:
            assert image.height == pytest.approx(170 * height, abs=1)


def test_a_key_is_as_high_as_its_longest_column() -> None:
    """A legend is as high as its longest column, and only a long label takes a second line."""
    short = ["short"] * 5
    for labels, columns, lines in ((short, 1, 5), (short, 2, 3), (["a " * 50, *short], 2, 4)):
        figure = drawn((8.6, 5.6), key_of(labels, columns))
        key = figure.legends[0].get_window_extent()
        assert 0.14 * lines < key.height / figure.dpi < 0.2 * lines + 0.1
        above = figure.axes[0].get_tightbbox().y0 - key.y1
        assert 0 < above / figure.dpi < 0.3, "no empty band between axes and key"


def test_a_key_to_long_titles_is_shown_whole_and_no_two_scenarios_of_the_library_look_alike() -> None:
    for title, columns in product(("Spend 5 million on " + "staff and courts " * 6, "W" * 119), (1, 3)):
        figure = drawn((9.6, 5.0), key_of([title] * 10, columns))
        (key,) = figure.legends
        assert all(label.get_text().replace("\n", "").replace(" ", "") == title.replace(" ", "") for label in key.texts)
        for box in (key.get_window_extent(), *(label.get_window_extent() for label in key.texts)):
            assert box.x0 >= 0 and box.x1 <= figure.bbox.width
        assert key.get_window_extent().y1 < figure.axes[0].get_tightbbox().y0
    names = [path.stem for path in (Path(__file__).parents[2] / "scenarios").glob("*.yaml")]
    assert len({look(name, names) for name in names}) == len(names) > 25


def test_a_long_title_is_wrapped_and_what_is_below_moves_down() -> None:
    for words, explained in ((4, "Words"), (4, "long words " * 40), (30, "Words")):
        figure = drawn((7.2, 6.3), title=" ".join(["Long words"] * words), words=explained)
        title, explanation, _ = (text.get_window_extent() for text in figure.texts)
        assert title.x1 <= figure.bbox.width and explanation.y1 <= title.y0
        assert figure.axes[0].get_window_extent().y1 < explanation.y0
        assert (explanation.y1 == pytest.approx((6.3 - 0.42) * figure.dpi, abs=3)) == (words == 4)


def test_an_interval_beyond_the_axis_ends_in_an_arrowhead() -> None:
    for (value, low, high), marks in (
        *(((0.0, -1.0, 1.0), ["D"]), ((0.0, -3.0, 1.0), ["<", "D"]), ((2.5, 2.2, 3.0), [">"])),
        *(((0.0, -9.0, 9.0), ["<", ">", "D"]), ((2.0, -2.0, 2.0), ["D"]), ((-2.0, -2.0, -1.0), ["D"])),
    ):
        axes = new_figure(4, 4).subplots()
        draw_interval(axes, 0.0, (value, low, high), (-2.0, 2.0), ("red", "-", "D"), hollow=True)
        interval, *drawn = axes.lines
        assert [line.get_marker() for line in drawn] == marks
        assert all(-2 <= place <= 2 for line in axes.lines for place in line.get_xdata())
        assert tuple(interval.get_xdata()) == (max(low, -2.0) if low < 2 else 2.0, min(high, 2.0))
        assert all(line.get_markerfacecolor() == "white" for line in drawn if line.get_marker() == "D")


def test_rows_are_named_from_top_to_bottom() -> None:
    axes = new_figure(4, 4).subplots()
    name_rows(axes, ["first", "second", "third"], striped=True, fontsize=7)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["first", "second", "third"]
    assert axes.get_ylim() == (2.5, -0.5) and len(axes.patches) == 1
    assert offsets(1).tolist() == [0.0] and offsets(3, 0.2).tolist() == [-0.2, 0.0, 0.2]


def test_numbers_at_an_axis_are_short_and_have_their_sign_and_unit() -> None:
    for write, numbers, expected in (
        (style.plain, (0.5, 1000.0, 1e6), "0.5|1000|1e+06"),
        (style.money, (999.0, 1000.0, 2500.0), "999|1 bn|2.5 bn"),
        (style.spaced, (999.0, 12345.5), "999|12 345.5"),
        (style.either_way, (-12.4, 12.6), "12|13"),
        (style.signed, (-0.5, 0.0, 2.0), "−0.5|0|+2"),
        (style.per_cent, (-0.125, 0.5, 1.0), "−12.5 %|50 %|100 %"),
        (style.signed_per_cent, (-0.1, 0.0, 0.254), "−10 %|0 %|+25 %"),
    ):
        assert [write(number, None) for number in numbers] == expected.split("|")


def test_an_axis_holds_all_intervals_but_outliers() -> None:
    """An axis covers all intervals except outliers."""
    outlier = [1.0, 1.1, 0.9, 1.2, 1.0, 1.1, 40.0]
    for ends, reach in (
        *((outlier, 1.7 * 1.2), ([1.0, 2.0, 3.0], 3.0), ([0.0] * 9 + [7.0], 7.0), ([np.nan, 2.0], 2.0), ([], 1.0)),
    ):
        assert style.without_outliers(ends) == pytest.approx(reach)
