"""One comparison on fake replicates, and one set of its drawings, for all tests of reports."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from sim.experiments.design import comparison
from sim.experiments.statistics import Estimate
from sim.report import studies
from sim.report.draw import FIGURES, draw_all
from sim.report.story import Story
from sim.report.style import styled
from tests.experiments.fakes import experiment, story_of

Once = Callable[[str, Callable[[Path], object]], Path]
HOSTILE = '</desc><script>alert(1)</script> & "x" ]]>'


def six_scenarios(folder: Path, title: str = "") -> Story:
    """The six scenarios with rungs, court slack and a quotient of displacement, and a title of its own for one."""
    asked = replace(experiment(folder, replicates=4), by_change=True)
    if title:
        titled = (replace(one, title=title) if one.key == "faster_mlat" else one for one in asked.scenarios)
        asked = replace(asked, scenarios=tuple(titled))
    made = story_of(asked, comparison(asked, studies.rungs(), court_fewest=2))
    first, *rest = made.displacements
    made.__dict__["displacements"] = [replace(first, withheld="", quotient=Estimate(-0.5, -0.9, -0.1, 4)), *rest]
    return made


@pytest.fixture(scope="session")
def story(once: Once) -> Story:
    """A comparison of the six scenarios; tests that need another outcome make a story from its parts."""
    return six_scenarios(once("six_scenarios", six_scenarios))


@pytest.fixture(scope="session")
def hostile(once: Once) -> Story:
    """The same, one scenario with a title that would break a page."""
    return six_scenarios(once("hostile_title", lambda folder: six_scenarios(folder, HOSTILE)), HOSTILE)


@pytest.fixture(scope="session")
def drawn(once: Once, hostile: Story) -> Path:
    """Every figure of the comparison with that title, saved here by one process."""
    return once("drawings", lambda folder: draw_all(lambda: hostile, folder, lambda _: None))


@pytest.fixture(scope="module")
def figures(story: Story) -> Iterator[dict[str, Figure]]:
    """Every figure of the comparison as an object, in the style in which it is saved."""
    with styled():
        yield {name: picture.draw(story) for name, picture in FIGURES.items()}
