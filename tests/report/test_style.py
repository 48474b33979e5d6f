"""How figures look when there is more to show than usual."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.lines import Line2D
from PIL import Image

from sim.report.style import Key, frame, look, new_figure, save, styled


@pytest.mark.parametrize(("rows", "columns"), [(6, 1), (40, 1), (60, 2)])
def test_a_long_key_makes_the_figure_grow(rows: int, columns: int, tmp_path: Path) -> None:
    """However many scenarios are compared, axes keep half of what the figure was made for, and it can be saved."""
    with styled():
        figure = new_figure(8.6, 5.6)
        axes = figure.subplots()
        axes.plot(np.arange(3))
        handles = [Line2D([], []) for _ in range(rows * columns)]
        frame(figure, "Title", "Explanation", "Small print", Key(handles, ["label"] * len(handles), columns))
        save(figure, tmp_path, "figure")
    height = figure.get_size_inches()[1]
    assert axes.get_position().height * height > 2.8
    assert (height == 5.6) == (rows == 6)
    with Image.open(tmp_path / "figure.png") as image:
        assert image.height == pytest.approx(170 * height, abs=1)


def test_no_two_scenarios_of_the_library_look_alike() -> None:
    names = [path.stem for path in (Path(__file__).parents[2] / "scenarios").glob("*.yaml")]
    assert len({look(name, names) for name in names}) == len(names) > 25


@pytest.mark.parametrize("words", [4, 30])
def test_a_long_title_is_wrapped_and_what_is_below_moves_down(words: int) -> None:
    with styled():
        figure = new_figure(7.2, 6.3)
        axes = figure.subplots()
        frame(figure, " ".join(["Long words"] * words), "Explanation", "Small print")
        figure.draw_without_rendering()
    title, explanation, _ = (text.get_window_extent() for text in figure.texts)
    assert title.x1 <= figure.bbox.width
    assert explanation.y1 <= title.y0
    assert axes.get_window_extent().y1 < explanation.y0
    assert (explanation.y1 == pytest.approx((6.3 - 0.42) * figure.dpi, abs=3)) == (words == 4)
