"""A figure as an object: its title, its drawing, and what it says in words."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from sim.report.story import Story


@dataclass(frozen=True)
class Picture:
    """A figure that a story may have data for.

    Attributes:
        title: the caption in a report, plain text.
        draw: makes the figure; None without data.
        describe: one or two sentences, made from the numbers, that say what to see: the caption's text and the
            description for those who cannot see the figure. Plain text, asked for only where there is a figure.
    """

    title: str
    draw: Callable[[Story], Figure | None]
    describe: Callable[[Story], str]
