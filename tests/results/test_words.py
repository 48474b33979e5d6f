"""Numbers as prose shows them."""

import pytest

from sim.results.words import rough_ends


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (164.16, 226.4, ("160", "220")),
        (164.16, 167.8, ("160", "160")),
        (8.1, 3.3, ("8.1", "3.3")),
        (33.0, 35.7, ("33", "36")),
        (float("nan"), 3.0, ("–", "3.0")),
    ],
)
def test_two_levels_are_as_far_apart_as_shown(before: float, after: float, shown: tuple[str, str]) -> None:
    assert rough_ends(before, after) == shown
