"""How figures look: colour-blind safe colours, type that survives print, the command in small print."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill, shorten

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

#: Okabe and Ito's palette, without the yellow that vanishes on paper.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#777777"
_FIXED = {
    "status_quo": (BLACK, "-", "o"),
    "harmonised_law": (BLUE, "-", "s"),
    "faster_mlat": (ORANGE, "-", "^"),
    "harmonised_and_faster": (GREEN, "-", "D"),
    "no_cooperation": (GREY, "--", "v"),
    "frictionless": (PURPLE, "--", "P"),
}
_OTHERS = ((VERMILLION, "-", "X"), (SKY, "-", "<"), (BLUE, ":", ">"), (GREEN, ":", "p"), (ORANGE, ":", "h"))
_SETTINGS = {
    "font.family": "DejaVu Sans",
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
    "svg.hashsalt": "comity",
}
_DOTS_PER_INCH = 200


def look(scenario: str, scenarios: Sequence[str]) -> tuple[str, str, str]:
    """Colour, line style and marker of a scenario; the same in every figure."""
    if scenario in _FIXED:
        return _FIXED[scenario]
    others = [key for key in scenarios if key not in _FIXED]
    return _OTHERS[others.index(scenario) % len(_OTHERS)]


@contextmanager
def styled() -> Iterator[None]:
    """The settings under which figures are made and saved."""
    with matplotlib.rc_context(_SETTINGS):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of a size in inches, laid out without overlaps."""
    return Figure(figsize=(width, height), layout="constrained")


def heading(figure: Figure, title: str, explanation: str) -> None:
    """A title in plain words and a line or two on how to read the figure."""
    width = int(figure.get_figwidth() * 13.2)
    text = fill(explanation, width)
    figure.suptitle(f"{title}\n", x=0.01, ha="left", fontsize=13, fontweight="bold")
    figure.text(
        0.01, 1 - 0.33 / figure.get_figheight(), text, ha="left", va="top", fontsize=9, color="#333333"
    )
    top = 0.42 + 0.155 * text.count("\n") + 0.16
    _reserve(figure, top)


def _reserve(figure: Figure, inches: float) -> None:
    """Leaves room above the axes for the heading, and below for the small print."""
    height = figure.get_figheight()
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0.005, 0.30 / height, 0.99, 1 - (inches + 0.30) / height))  # type: ignore[call-arg]


def sign(figure: Figure, command: str, note: str) -> None:
    """The small print: what the figure rests on, and the command that makes it again."""
    text = f"{note}  Made by: {shorten(command, 140, placeholder=' …')}"
    width = int(figure.get_figwidth() * 18)
    figure.text(
        0.01, 0.06 / figure.get_figheight(), fill(text, width), fontsize=6.5, color="#555555", va="bottom"
    )


def save(figure: Figure, folder: Path, name: str) -> None:
    """Writes the figure as SVG and PNG; the same figure gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    figure.savefig(folder / f"{name}.png", dpi=_DOTS_PER_INCH)


def per_cent_axis(axes: Axes, axis: str = "y") -> None:
    """Shares as per cents, with a decimal where the axis is short."""
    from matplotlib.ticker import PercentFormatter

    getattr(axes, f"{axis}axis").set_major_formatter(PercentFormatter(1.0))
