"""Figures that a result can draw, as methods of one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from sim.api.door import in_python
from sim.law.suggest import nearest
from sim.policy.problem import mistake

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Plots:
    """Draws figures by name: `plots.forest()` gives a matplotlib figure that can be changed and saved.

    Args:
        drawers: what draws each figure; None of it where there are no data for it.
    """

    def __init__(self, drawers: Mapping[str, Callable[[], Figure | None]]) -> None:
        self._drawers = drawers

    def __dir__(self) -> Iterable[str]:
        return sorted(self._drawers)

    def __getattr__(self, name: str) -> Callable[[], Figure]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._drawers:
            raise AttributeError(f"no figure {name}. {nearest(name, list(self._drawers))}")
        return partial(self._drawn, name)

    @in_python
    def _drawn(self, name: str) -> Figure:
        """One figure.

        Raises:
            InputError: the study has no data for it.
        """
        from sim.report.style import styled

        with styled():
            figure = self._drawers[name]()
        if figure is None:
            raise mistake("this study has no data for it", "figure", name, "A comparison of several scenarios has.")
        return shown_in_notebooks(figure)


def shown_in_notebooks(figure: Figure) -> Figure:
    """The same figure, which a notebook shows without pyplot."""
    setattr(figure, "_repr_png_", partial(_png, figure))  # noqa: B010 - matplotlib declares no such method
    return figure


def _png(figure: Figure) -> bytes:
    """The figure as a picture."""
    from sim.report.style import styled

    with BytesIO() as picture, styled():
        figure.savefig(picture, format="png", dpi=100)
        return picture.getvalue()
