"""Tests of the positions of marks in each kind of figure, on hand-written tables."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure

from sim.report.figures.kinds import Bars, Curves, Pane, Points, Segment, Tiles
from sim.report.figures.rows import Panel, Rows, around_zero, marks_of
from sim.report.style import Caption, plain, styled
from sim.results.effects import Verdict
from tests.report.test_words import entry

SAID = Caption("Title", "How to read it.", "Small print")
LOOKS = {"a": ("#ff0000", "-", "o"), "b": ("#00ff00", "--", "s"), "c": ("#0000ff", "-", "D")}
nan, inf = float("nan"), float("inf")


def laid_out(shown: Bars | Tiles | Curves | Points | Rows) -> Figure:
    """A figure with the layout of a saved one."""
    with styled():
        figure = shown.draw()
        figure.draw_without_rendering()
    assert all(min(axes.bbox.width, axes.bbox.height) > 0.7 * figure.dpi for axes in figure.axes[:1])
    return figure


def words(axes: Axes) -> dict[str, tuple[float, float]]:
    """Position of each text in a figure."""
    found = [(text.get_text(), getattr(text, "xy", text.get_position())) for text in axes.texts]
    return {text: tuple(round(float(part), 6) for part in place) for text, place in found}


def segments(axes: Axes, colour: str) -> list[list[float]]:
    """Ends of straight lines of a colour: x, y, x, y."""
    lines = [part for part in axes.collections if isinstance(part, LineCollection)]
    own = [part for part in lines if to_hex(part.get_color()[0]) == colour]
    return [np.round(segment, 6).ravel().tolist() for part in own for segment in part.get_segments()]


def test_bars_begin_where_those_before_them_end() -> None:
    sizes = pd.DataFrame({"a": [2.0, 1.25], "b": [3.0, 4.0], "c": [0.5, 1.0]}, index=["x", "y"])
    parts = [Segment(key, "#888888") for key in "abc"]
    for left, start in ((["a"], [-2.0, -1.25]), ([], [0.0, 0.0])):
        more = plain, 9.0, 1.0, lambda size: f"n{size:g}", ["E", "F"], left
        (axes,) = laid_out(Bars(SAID, sizes, parts, ["X", "Y"], "label", *more)).axes
        at = np.array(start)
        for number, key in enumerate("abc"):
            bars = axes.patches[2 * number : 2 * number + 2]
            assert [(bar.get_x(), bar.get_width()) for bar in bars] == list(zip(at, sizes[key], strict=True))
            middles = at + sizes[key].to_numpy() / 2
            for row, (middle, size) in enumerate(zip(middles, sizes[key], strict=True)):
                assert (words(axes).get(f"n{size:g}") == (middle, row)) == (size >= 1.0)
            at = at + sizes[key].to_numpy()
        assert [words(axes)[end] for end in "EF"] == [(at[0], 0.0), (at[1], 1.0)]
        assert axes.get_xlim()[1] == 9.0 and (axes.get_xlim()[0] == 0.0) == (not left) and len(axes.lines) == len(left)
    both = (Bars(SAID, sizes.loc[rows], parts, rows, "", plain, 9.0, 1.0) for rows in (["x"], ["x", "y"]))
    heights = [laid_out(shown).get_figheight() for shown in both]
    assert 0.3 < heights[1] - heights[0] < 0.7, "each row takes its room"


@pytest.mark.parametrize(("up", "across"), [(True, 2), (False, 1)])
def test_tiles_have_the_colours_of_their_values_and_words_that_can_be_read(up: bool, across: int) -> None:
    cells = pd.DataFrame({"panel": ["p", "p", "p", "q", "q"], "x": [0, 1, 2, 0, 1], "y": [0, 1, 0, 1, 0]})
    cells["value"], cells["words"] = [0.0, 1.0, nan, 0.75, nan], list("abcde")
    cells["face"], cells["ink"] = ["", "", "", "", "#00ff00"], ["", "", "", "#123456", ""]
    names, size = (["A", "B", "C"], ["D", "E"]), (7.0, 7.0)
    shown = Tiles(SAID, cells, ["p", "q"], names, ("across", "up"), Normalize(0, 1), "gray", "bar", size, across, up=up)
    first, second, *_ = laid_out(shown).axes
    assert words(first) == {"a": (0.0, 0.0), "b": (1.0, 1.0)} and words(second) == {"d": (0.0, 1.0), "e": (1.0, 0.0)}
    assert [text.get_color() for text in (*first.texts, *second.texts)] == ["white", "black", "#123456", "black"]
    assert [to_hex(tile.get_facecolor()) for tile in first.patches] == ["#000000", "#ffffff"]
    tiles = np.array([(*tile.get_xy(), tile.get_width(), tile.get_height()) for tile in second.patches])
    assert tiles == pytest.approx(np.array([(-0.48, 0.52, 0.96, 0.96), (0.52, -0.48, 0.96, 0.96)]))
    assert first.get_xlim() == (-0.55, 2.55) and first.get_ylim() == ((-0.55, 1.55) if up else (1.55, -0.55))
    assert (second.get_ylabel() == "up") == (across == 1) and first.get_ylabel() == "up"


def points(*rows: tuple[int, str, float, float]) -> pd.DataFrame:
    """Points of curves, with a band of ±1 and a wider band of ±2."""
    table = pd.DataFrame(rows, columns=["panel", "series", "at", "value"])
    table["low"], table["high"] = table["value"] - 1.0, table["value"] + 1.0
    return table.assign(spread_low=table["value"] - 2.0, spread_high=table["value"] + 2.0)


def curves(table: pd.DataFrame, **more: object) -> Curves:
    panes = [Pane(f"pane {number}", "across", "up") for number in range(table["panel"].max() + 1)]
    return Curves(SAID, table, panes, LOOKS, {key: key.upper() for key in LOOKS}, (7.0, 5.0), len(panes), **more)


def test_curves_have_their_bands_and_marks_of_words_stand_side_by_side() -> None:
    table = points((0, "a", 0.0, 5.0), (0, "a", 1.0, 6.0), (0, "b", 0.0, 8.0), (0, "c", 0.0, 9.0), (1, "a", 0.0, 7.0))
    dots = pd.DataFrame({"panel": [0, 1], "series": ["b", "a"], "at": 0.0, "value": [8.5, 7.5]})
    left, right = laid_out(curves(table, steps=["one", "two"], dots=dots)).axes
    red = [[-0.08, 3, -0.08, 7], [0.92, 4, 0.92, 8], [-0.08, 4, -0.08, 6], [0.92, 5, 0.92, 7]]
    assert segments(left, "#ff0000") == red
    assert segments(left, "#0000ff") == [[0.08, 7, 0.08, 11], [0.08, 8, 0.08, 10]]
    assert segments(right, "#ff0000") == [[-0.08, 5, -0.08, 9], [-0.08, 6, -0.08, 8]]
    marks = [(line.get_marker(), np.round(line.get_xdata(), 6).tolist()) for line in left.lines]
    assert marks == [("o", [-0.08, 0.92]), (".", [0.04]), ("s", [0.0]), ("D", [0.08])]
    assert left.get_xlim() == (-0.5, 1.5) and not right.get_legend() and left.figure.legends
    later = table.assign(at=table["at"] + 1.0)
    left, right = laid_out(curves(later, levels=((6.0, "named"), (4.0, "")), dots=dots, log=True)).axes
    markers = [line.get_marker() for line in left.lines if line.get_marker() != "None"]
    assert markers == ["o", ".", "s", "D"] and len(left.lines) == 4 + 3 * 2 + 2, "edges of the wide band, and levels"
    widths = [line.get_linewidth() for line in left.lines if line.get_marker() in ("o", "s", "D")]
    assert widths == pytest.approx([3.4, 2.8, 2.2]), "one below shows as a rim"
    band = left.collections[0].get_paths()[0].vertices
    assert {tuple(place) for place in band} == {(1.0, 4.0), (1.0, 6.0), (2.0, 5.0), (2.0, 7.0)}
    assert words(left)["named"] == (0.995, 6.0) and left.figure.legends and left.get_xscale() == "log"


def test_names_stand_where_curves_end_and_none_upon_another() -> None:
    def named(*ends: float) -> dict[str, tuple[float, float]]:
        rows = [
            (0, key, float(at), value) for key, end in zip("abc", ends, strict=True) for at, value in ((0, 0), (1, end))
        ]
        figure = laid_out(curves(points(*rows), named=True, spans={"xlim": (0, 2), "ylim": (0, 10)}))
        assert not figure.legends
        return words(figure.axes[0])

    assert named(1.0, 5.0, 9.0) == {" C": (2.0, 9.0), " B": (2.0, 5.0), " A": (2.0, 1.0)}
    assert named(4.6, 4.5, 9.0) == {" C": (2.0, 9.0), " A": (2.0, 4.6), " B": (2.0, 4.1)}, (
        "a twentieth of the axis each"
    )
    assert named(8.7, 9.0, 8.6) == {" B": (2.0, 9.0), " A": (2.0, 8.5), " C": (2.0, 8.0)}


def test_points_stand_at_their_numbers() -> None:
    table = pd.DataFrame({"panel": [0, 0, 1], "series": ["a", "b", "a"], "x": [1.0, 2.0, 3.0], "y": [4.0, 5.0, 6.0]})
    table = table.assign(low=table["y"] - 1, high=table["y"] + 1, words=["", "n", "m"])
    panes, lines = [Pane("p", "x", "y"), Pane("q", "x", "y")], (("h", 4.5, "-"), ("v", 1.5, "--"))
    labels = {key: key for key in LOOKS}
    first, second = laid_out(Points(SAID, table, panes, LOOKS, labels, (8.0, 5.0), 2, lines=lines)).axes[:2]
    drawn = [line for line in first.lines if line.get_marker() != "None"]
    assert [line.get_xydata().tolist() for line in drawn] == [[[1.0, 4.0]], [[2.0, 5.0]], []]
    assert segments(second, "#999999") == [[3.0, 5.0, 3.0, 7.0]] and words(first) == {"n": (2.0, 5.0)}
    across, upright = (line for line in first.lines if line.get_marker() == "None")
    assert set(across.get_ydata()) == {4.5} and set(upright.get_xdata()) == {1.5} and first.figure.legends
    shaded = table.assign(shade=[0.0, 1.0, 0.5], edge="black")
    none = dict.fromkeys(LOOKS, "")
    one = laid_out(Points(SAID, shaded, panes, LOOKS, none, (8.0, 5.0), 2, Normalize(0, 1), "bar"))
    assert not one.legends and len(one.axes) == 3 and one.axes[2].get_ylabel() == "bar"


def test_rows_show_each_mark_with_what_is_known_of_it() -> None:
    marks = pd.DataFrame({"row": [0, 0, 1, 1], "series": list("abab"), "value": [1.0, 2.0, nan, 0.5]})
    marks = marks.assign(start=[0.5, nan, nan, -9.0], end=[1.5, nan, nan, 1.0], least=[-inf, -inf, -inf, -2.0])
    marks = marks.assign(words=list("ABCD"), missing=["", "", "none", ""], shade=[True, *[False] * 3], clear=True)
    marks = marks.assign(inner_start=[0.75, nan, nan, nan], inner_end=[1.25, nan, nan, nan])
    looks = {key: LOOKS[key] for key in "ab"}
    panel = Panel("P", "label", marks, (-4.0, 4.0), band=(-1.0, 1.0), ticks=plain, numbered=True)
    shown = Rows(SAID, [panel, panel], ["first", "second"], looks, {"a": "A"}, (10.0, 4.0), bold=[1])
    left, right = laid_out(shown).axes
    beside = {word: (1.015, height) for word, height in zip("ABCD", (-0.3, 0.3, 0.7, 1.3), strict=True)}
    assert words(left) == beside | {" none": (0.0, 0.7)} and segments(left, "#ff0000") == [[0.75, -0.3, 1.25, -0.3]]
    lines = [line for line in left.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1.3]
    whole = [np.round(line.get_xdata(), 6).tolist() for line in lines]
    assert whole == [[0.5, 1.5], [2.0, 2.0], [-2.0, 1.0]], "as far as the value can fall"
    assert left.get_xlim() == pytest.approx((-4.24, 4.24)), "room for arrowheads"
    shaded = next(patch for patch in left.patches if to_hex(patch.get_facecolor()) == "#f3d9c9").get_extents()
    assert np.ptp(left.transData.inverted().transform(shaded), axis=0)[1] == pytest.approx(0.26)
    assert [axes.yaxis.get_tick_params()["labelleft"] for axes in (left, right)] == [True, False]
    assert [label.get_fontweight() for label in left.get_yticklabels()] == ["normal", "bold"]
    assert list(shown.table["series"]) == list("AbAb") * 2 and len(shown.table) == 8
    for scale, ends in (("log", (1.0, 1000.0)), ("log", (10.0, 1000.0)), ("symlog", (0.0, 5.0))):
        other = Panel("", "label", marks.assign(value=1.0, start=1.0, end=1.0), ends, (), ticks=plain, scale=scale)
        axes = laid_out(Rows(SAID, [other], ["first", "second"], looks, {}, (10.0, 4.0))).axes[0]
        assert axes.get_xlim() == ends and (20.0 in axes.get_xticks()) == (ends[0] == 10.0)


def test_a_mark_has_its_share_of_today_and_says_why_it_is_missing() -> None:
    """A mark shows its change relative to today, or the reason for a missing value."""
    row = marks_of([(0, "a", entry()), (1, "b", None)]).iloc[0]
    assert [row[name] for name in ("value", "start", "end", "least")] == pytest.approx([5.0, 4.0, 6.0, -inf])
    row = marks_of([(2, "a", entry(baseline_mean=-0.5))], relative=True).iloc[0]
    assert [row[name] for name in ("row", "value", "start", "end", "least")] == pytest.approx([2, 1 / 6, 0.1, 0.2, 1.0])
    few, none, same = Verdict.TOO_FEW, Verdict.UNDEFINED, Verdict.IDENTICAL
    whys = (("no interval", 0.3, few), ("the baseline is zero", 0.0, few), ("not defined", 0.3, none), ("", 0.3, same))
    for why, mean, verdict in whys:
        assert marks_of([(0, "a", entry(low=nan, baseline_mean=mean, verdict=verdict))])["missing"].item() == why
    ends = pd.DataFrame({"start": [-3.0, nan], "end": [1.0, 2.0]})
    assert around_zero(ends) == pytest.approx((-3.24, 3.24)) and around_zero(ends, 1.5) == (-1.5, 1.5)
    assert around_zero(ends.assign(least=-1.0))[1] == pytest.approx(1.08 * 1.7)
