"""Fixtures that tests of the Python interface share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def few_figures() -> Iterator[None]:
    """Fixture: reports draw only one figure, since drawing takes longest."""
    from sim.report.draw import draw_all

    def few(view, folder, advance, figures, **more):
        return draw_all(view, folder, advance, {name: figures[name] for name in figures if name == "forest"}, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.report.publish.draw_all", few)
        yield
