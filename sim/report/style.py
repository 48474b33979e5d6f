"""Common look of figures: colours safe for colour-blind readers and for print, captions, legends, and files."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from io import StringIO
from pathlib import Path
from textwrap import fill, shorten
from typing import Any, NamedTuple, cast

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.legend import Legend
from matplotlib.text import Text

from sim.measures.arrays import Floats
from sim.policy.problem import printable
from sim.report.marking import drawn, texts

#: Okabe and Ito's palette, without the yellow that vanishes on paper.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#777777"
_FIXED = {
    "status_quo": (BLACK, "-", "o"),
    "harmonised_law": (BLUE, "-", "s"),
    "faster_mlat": (ORANGE, "-", "^"),
    "harmonised_and_faster": (GREEN, "-", "D"),
    "no_cooperation": (GREY, "--", "v"),
    "full_cooperation": (PURPLE, "--", "P"),
}
_COLOURS = (VERMILLION, SKY, PURPLE, BLACK, BLUE, GREEN, ORANGE)
_OTHERS = (
    *((VERMILLION, "-", "X"), (SKY, "-", "D"), (BLUE, ":", "P"), (GREEN, ":", "p"), (ORANGE, ":", "h")),
    *(
        (colour, line, mark)
        for line, mark in zip(("-.", ":", "--", "-", "-."), "d*8H<", strict=True)
        for colour in _COLOURS
    ),
)
#: Of the first, matplotlib has a copy; the others are about as wide, and stand in where a page is read without it.
_FONTS = ["DejaVu Sans", "Verdana", "Geneva", "Arial", "sans-serif"]
_SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": _FONTS[:-1],
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",  # text stays text: it can be searched, read aloud and translated
    "svg.hashsalt": "comity",
    "text.parse_math": False,  # titles come from users: text between two dollar signs is no formula
}
_DOTS_PER_INCH = 170
#: Files a thirtieth larger than at zlib's own level, made in three quarters of the time.
_PNG = {"compress_level": 3}
#: The same figure gives the same bytes on any day; what made it stands in its small print.
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_SMALL_LINE, _KEY_ROW = 0.12, 0.2  # heights in inches of a line of small print and of a row of a key
_LETTERS_PER_INCH = 12  # of a label in a key
_MOST_LETTERS = 60  # of a line of a label where a key has more than one column
_TITLE_LINE, _SHORTEST_TITLE = 0.22, 20  # height in inches of a line of the title, and the fewest letters of a line
_USUAL, _FAR = 0.85, 1.7  # share of intervals that are never outliers, and how many times as far outliers reach
_TINY = "world=tiny"  # as a command chooses it
#: The style that matplotlib writes for all elements of the page in which the drawing stands.
_STYLE = re.compile(r"\s*<defs>\s*<style type=\"text/css\">[^<]*</style>\s*</defs>")
#: Names that matplotlib gives to groups; nothing refers to them, and two drawings on a page would share them.
_GROUP = re.compile(r'<g id="[^"]*">')
_FONT = re.compile(r"; font-family: [^;\"]*(?=[;\"])")  # the fonts, which matplotlib repeats with every text
#: Places have six decimals, of which two are a hundredth of a point, and texts are turned by no degrees.
_PLACES, _LONG = re.compile(r'(?<=\s)(?:d|x|y|transform)="[^"]*"'), re.compile(r"-?\d+\.\d{3,}(?![\de])")
#: A path needs no space around its letters, and no line for each step: a fifth of a drawing.
_PATH, _ROOM = re.compile(r'(?<=\s)d="[^"]*"'), re.compile(r"\s*([A-Za-z])\s*")
_UNTURNED = re.compile(r' transform="rotate\(-?0 [^"]*"')
_INDENT = re.compile(r"\n +")  # a twentieth of a drawing
_OPENING = re.compile(r"<svg ([^>]*)>")
_ROWS_WITH_ROOM = 6  # of a key; a figure grows by each further row
#: A phone of 360 pixels and more, at 96 to an inch: width of its figures in inches, least size of type there in points,
#: letters of that in a line, and the most columns of a key.
NARROW_WIDTH, NARROW_SIZE, NARROW_LETTERS, NARROW_COLUMNS = 3.6, 9.0, 44, 2
NARROW_LINE = 0.17  # height of a line of names, in inches


def look(scenario: str, scenarios: Sequence[str]) -> tuple[str, str, str]:
    """Colour, line style and marker by which every figure shows a scenario."""
    if scenario in _FIXED:
        return _FIXED[scenario]
    others = [key for key in scenarios if key not in _FIXED]
    return _OTHERS[others.index(scenario) % len(_OTHERS)]


_NARROW = ContextVar("narrow", default=False)


@contextmanager
def styled(*, for_phone: bool = False) -> Iterator[None]:
    """Context manager: in the block, figures use the settings for paper or for a phone."""
    before = _NARROW.set(for_phone)
    try:
        with matplotlib.rc_context(_SETTINGS):
            yield
    finally:
        _NARROW.reset(before)


def narrow() -> bool:
    """True while figures for a phone are being drawn: panels below each other, texts outside."""
    return _NARROW.get()


def new_figure(width: float, height: float) -> Figure:
    """Makes an empty figure of a size in inches, whose layout avoids overlaps."""
    return Figure(figsize=(width, height), layout="constrained")


def grid(size: tuple[float, float], count: int = 1, across: int = 1, **shared: Any) -> tuple[Figure, list[Axes]]:
    """Makes a figure of a size in inches with `count` axes in rows."""
    across = 1 if narrow() else across
    figure = new_figure(*size)
    cast(ConstrainedLayoutEngine, figure.get_layout_engine()).set(w_pad=0.1)  # what stands right of axes needs room
    every = figure.subplots(-(-count // across), across, squeeze=False, **shared).ravel()
    for empty in every[count:]:
        empty.set_axis_off()
    return figure, list(every[:count])


class Caption(NamedTuple):
    """Texts around a figure: title, reading guide, and small print on data, method and command."""

    title: str
    explanation: str
    small_print: str

    @classmethod
    def of(cls, room: str, name: str, command: str, **gaps: object) -> "Caption":
        """Makes the caption of a figure from texts of a package, with fields filled in."""
        title, reads, rests = (part.format(**gaps) for part in texts(room)[f"caption_{name}"].values())
        return cls(title, reads, small_print(command, rests))


class Key(NamedTuple):
    """A legend below the axes of a figure."""

    handles: Sequence[Artist]  # as matplotlib's legend takes them, and labels
    labels: Sequence[str]
    columns: int  # number of columns

    def fitted(self, figure: Figure) -> "Key":
        """Copy of the legend with its labels wrapped to the width of the figure."""
        labels = [drawn(label) for label in self.labels]
        columns = min(self.columns, NARROW_COLUMNS) if narrow() else self.columns
        letters = int(_LETTERS_PER_INCH * figure.get_figwidth()) if columns == 1 else _MOST_LETTERS
        while True:
            made = self._replace(labels=[fill(label, letters) for label in labels], columns=columns)
            placed = _placed(figure, made, 0.0)
            width = placed.get_window_extent().width
            placed.remove()
            if width <= 0.98 * figure.bbox.width or letters <= 1:
                return made
            letters = min(letters - 1, int(letters * 0.98 * figure.bbox.width / width))


def frame(figure: Figure, title: str, explanation: str, small_print: str, key: Key | None = None) -> None:
    """Adds a title, texts and a legend around a figure's axes; the figure grows if they need more space."""
    width, height = figure.get_size_inches()
    key, rows = key.fitted(figure) if key else None, 0
    if key and key.labels:  # matplotlib fills one column after the other: the longest counts
        lines = [label.count("\n") + 1 for label in key.labels]
        rows = max(int(column.sum()) for column in np.array_split(lines, min(key.columns, len(lines))))
        height += _KEY_ROW * max(rows - (0 if narrow() else _ROWS_WITH_ROOM), 0)
        figure.set_size_inches(width, height)
    above, below = _words(figure, title, explanation, small_print)
    if key:
        _placed(figure, key, below / height)
        below += 0.08 + _KEY_ROW * rows
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0.005, below / height, 0.99, 1 - (above + below) / height))


def _words(figure: Figure, title: str, explanation: str, small_print: str) -> tuple[float, float]:
    """Adds texts above and below the axes; returns the height of each in inches."""
    width, height = figure.get_size_inches()
    if narrow():
        for axes in figure.axes:
            axes.tick_params(labelsize=NARROW_SIZE)
            axes.set_xlabel(fill(axes.get_xlabel(), NARROW_LETTERS))
        for words in figure.findobj(Text):
            if isinstance(words, Text):  # mypy does not know what findobj finds
                words.set_fontsize(max(words.get_fontsize(), NARROW_SIZE))
        return 0.05, 0.05
    above = 0.20 + _title(figure, title)
    text, small = fill(explanation, int(width * 14.5)), fill(small_print, int(width * 19))
    figure.text(0.01, 1 - above / height, text, va="top", fontsize=9, color="#333333")
    figure.text(0.01, 0.05 / height, small, va="bottom", fontsize=6.5, color="#555555")
    return above + 0.10 + 0.165 * len(text.splitlines()), 0.13 + _SMALL_LINE * len(small.splitlines())


def _title(figure: Figure, title: str) -> float:
    """Adds a title with as many lines as it needs; returns its height in inches."""
    height = figure.get_size_inches()[1]
    placed = figure.text(0.01, 1 - 0.10 / height, title, va="top", fontsize=13, fontweight="bold")
    letters = len(title)
    while placed.get_window_extent().x1 > 0.99 * figure.bbox.width and letters > _SHORTEST_TITLE:
        letters -= 1
        placed.set_text(fill(title, letters, break_long_words=False))
    return _TITLE_LINE * len(placed.get_text().splitlines())


def _placed(figure: Figure, key: Key, bottom: float) -> Legend:
    """Adds a legend, centred above the small print."""
    size = NARROW_SIZE if narrow() else 8.5
    where: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, bottom), "borderaxespad": 0}
    placed = figure.legend(key.handles, key.labels, ncols=key.columns, fontsize=size, **where)
    placed.set_in_layout(False)
    return placed


def small_print(command: str, note: str) -> str:
    """Text below a figure: data, method, and the command that reproduces it."""
    return f"{warning(command)}{note}  Made by: {shorten(command, 140, placeholder=' …')}"


def warning(command: str) -> str:
    """Text that warns if the command simulates a tiny world; otherwise empty."""
    return "A tiny world, for trying things out: its numbers mean nothing. " if _TINY in command.split() else ""


def save(figure: Figure, folder: Path, name: str, title: str = "", description: str = "", *, png: bool = True) -> None:
    """Writes the figure as SVG and, if wanted, as PNG; equal figures give equal bytes.

    Title and description for those who cannot see it are those of its frame where none are given.
    """
    own = [text.get_text() for text in figure.texts[:2]] + ["", ""]  # the first that a frame puts
    engine = figure.get_layout_engine()
    if engine:
        engine.execute(figure)  # once, then rounded: the last digits of its solution differ from call to call
    figure.set_layout_engine(None)  # the placeholder that "none" leaves makes matplotlib draw each figure twice
    for axes in figure.axes:
        left, bottom, width, height = (round(float(edge), 4) for edge in axes.get_position(original=True).bounds)
        axes.set_position((left, bottom, width, height))
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(written := StringIO(), format="svg", metadata=_NO_METADATA)
    svg = labelled(written.getvalue(), name, title or own[0], description or own[1], _FONTS)
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    if png:
        figure.savefig(folder / f"{name}.png", dpi=_DOTS_PER_INCH, pil_kwargs=_PNG)


def labelled(svg: str, name: str, title: str, description: str, fonts: Sequence[str]) -> str:
    """Adds a label for screen readers to an SVG from matplotlib, and ids for embedding."""
    marks = {
        "role": "img",
        "aria-labelledby": f"{name}-title",
        "aria-describedby": f"{name}-desc",
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
        "font-family": ", ".join(fonts),
    }
    attributes = " ".join(f'{key}="{escape(value)}"' for key, value in marks.items())
    words = f'<title id="{escape(name)}-title">{_text(title)}</title>\n <desc id="{escape(name)}-desc">'
    words += f"{_text(description)}</desc>"
    plain = _UNTURNED.sub("", _GROUP.sub("<g>", _FONT.sub("", _STYLE.sub("", _INDENT.sub("\n", svg)))))
    plain = _PLACES.sub(
        lambda found: _LONG.sub(lambda one: f"{float(one[0]):.2f}".rstrip("0").rstrip("."), found[0]), plain
    )
    plain = _PATH.sub(lambda found: 'd="' + _ROOM.sub(r"\1", found[0][3:-1].strip()) + '"', plain)
    return _OPENING.sub(lambda found: f"<svg {found[1]} {attributes}>\n {words}", plain, count=1)


def _text(words: str) -> str:
    """Escapes a text for XML and removes its control characters."""
    return escape(printable(" ".join(words.split())))


def offsets(count: int, reach: float = 0.3) -> Floats:
    """Vertical positions of several scenarios within one row of a figure, spread around the row's middle."""
    return np.linspace(-reach, reach, count) if count > 1 else np.zeros(1)


def name_rows(axes: Axes, names: Sequence[str], *, striped: bool = False, fontsize: float | None = None) -> None:
    """Labels the rows of a figure from top to bottom; `striped` shades every second row."""
    axes.set_yticks(range(len(names)), names)
    if fontsize:
        axes.tick_params(axis="y", labelsize=fontsize)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    for row in range(1, len(names), 2) if striped else ():
        axes.axhspan(row - 0.5, row + 0.5, color="#F4F4F4", zorder=0)


class NamesAbove(NamedTuple):
    """Layout of rows for a narrow screen: each row's name is printed above its content."""

    names: Sequence[str]  # in lines
    height: float  # of a row, in inches
    top: float  # part of a row that its name takes, 0–1

    @classmethod
    def of(cls, names: Sequence[str], shown: float) -> "NamesAbove":
        """Makes the layout for rows whose content has the height `shown`, in inches."""
        lines = ["\n".join(fill(line, NARROW_LETTERS) for line in name.splitlines()) for name in names]
        top = 0.06 + NARROW_LINE * max((name.count("\n") + 1 for name in lines if name), default=0)
        return cls(lines, top + shown, top / (top + shown))

    def at(self, place: float) -> float:
        """Vertical position in a row of a point in the row's content; `place` counts from −0.5 to 0.5."""
        return self.top + (1.0 - self.top) * (place + 0.5) - 0.5

    def draw(self, axes: Axes, bold: Collection[int] = ()) -> None:
        """Draws the names of rows above their content, and shades every second row."""
        name_rows(axes, [""] * len(self.names), striped=True)
        look: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "top", "in_layout": False}
        for row, name in enumerate(self.names):
            axes.text(0.0, row - 0.47, name, weight="bold" if row in bold else "normal", fontsize=NARROW_SIZE, **look)


def draw_interval(
    axes: Axes, height: float, values: Sequence[float], span: tuple[float, float], shown: Sequence[str], *, hollow: bool
) -> None:
    """Draws a marker with its interval in a row; an arrowhead marks an end that lies beyond the axis.

    Values are of the mark, which is left out beyond the span, and of the ends of its interval; hollow: within noise.
    """
    (middle, *ends), (colour, _, marker) = values, shown
    low, high = np.clip(ends, *span)
    axes.plot([low, high], [height, height], color=colour, linewidth=1.6, solid_capstyle="butt")
    for beyond, end, arrow in ((ends[0] < span[0], low, "<"), (ends[1] > span[1], high, ">")):
        if beyond:
            axes.plot(end, height, arrow, color=colour, markersize=5, clip_on=False)
    if span[0] <= middle <= span[1]:
        filled = "white" if hollow else colour
        axes.plot(middle, height, marker, color=colour, markerfacecolor=filled, markersize=6)


def without_outliers(ends: Sequence[float]) -> float:
    """Distance from zero to the end of a symmetric axis that shows all intervals except a few outliers.

    Those end in an arrowhead (`draw_interval`), and their number is to be written: one of them must not flatten all
    others.
    """
    known = np.array([end for end in ends if np.isfinite(end)])
    usual = float(np.quantile(known, _USUAL, method="lower")) if known.size else 0.0
    return float(min(known.max(initial=0.0), _FAR * usual)) or float(known.max(initial=0.0)) or 1.0


def ticks(form: str, scale: float = 1.0) -> Callable[[float, object], str]:
    """Makes a function that writes tick labels: scaled, with a true minus sign and thousands separators."""
    return lambda value, _: form.format(scale * value).replace("-", "−").replace(",", " ")


plain = ticks("{:g}")  # as short as it can be
spaced = ticks("{:,.10g}")
per_cent = ticks("{:.3g} %", 100.0)  # of a share


def money(value: float, _: object) -> str:
    """Tick label for millions of euros on a logarithmic axis."""
    return f"{value / 1000.0:g} bn" if value >= 1000.0 else f"{value:g}"


def either_way(value: float, _: object) -> str:
    """Tick label without a sign, for axes with two directions from zero."""
    return f"{abs(value):.0f}"


def signed(value: float, _: object) -> str:
    """Text of a number with its sign, as a tick label."""
    return f"{value:+g}".replace("-", "−") if value else "0"


def signed_per_cent(value: float, _: object) -> str:
    """Tick label for a difference of shares, in per cent with its sign."""
    return f"{100 * value:+.0f} %".replace("-", "−").replace("+0 ", "0 ")
