"""What tests of the Python interface share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def few_figures() -> Iterator[None]:
    """Figures take longer than all else; one is enough."""
    from sim.report.draw import FIGURES, draw_all

    left_out = set(FIGURES) - {"forest"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "sim.report.publish.draw_all",
            lambda *given, **more: draw_all(
                *given[:3], {name: given[3][name] for name in given[3] if name not in left_out}, **more
            ),
        )
        yield
