"""Fixtures for tests of reports: one comparison of stand-in runs, and one set of drawings."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from sim.experiments.design import comparison
from sim.policy.places import places_named
from sim.report import depends, studies
from sim.report.view import View
from sim.results.depends import Dependence, Dependences, open_choices
from tests.experiments.fakes import experiment, view_of

Once = Callable[[str, Callable[[Path], object]], Path]
TITLES = MappingProxyType(
    {
        "dollars": "Spend $5 million, 50 % of $10 million",
        "caret": "Raise $5^ to $10",
        "brackets": "Staff [/foo] doubled [bold]x",
        "links": '</desc><script>alert(1)</script> | ]]> & "x" and [x](javascript:1)',
        "marks": "_under_ *stars* `code` ~~struck~~ :smile: &lt; https://a.example @all C:\\",
    }
)
HOSTILE = TITLES["links"]


def six_scenarios(folder: Path, titles: Iterable[str] = ()) -> View:
    """The six scenarios with simulation steps, and with titles if given."""
    asked = replace(experiment(folder, replicates=4), by_change=True)
    if titles:
        titled = zip(asked.scenarios, titles, strict=True)
        asked = replace(asked, scenarios=tuple(replace(scenario, title=title) for scenario, title in titled))
    measured = replace(asked, places=places_named("Asia", "--for"))  # a country's side needs pairs of states
    return with_dependence(view_of(asked, comparison(measured, studies.rungs())))


def with_dependence(view: View) -> View:
    """Gives the view a made-up dependence of an effect on how far courts fill up; returns the view."""
    entry, parts = view.difference("faster_mlat", depends.ABOUT[0]), ((0.0, 0.3), (0.3, 0.5), (0.5, 0.8), (0.8, 1.0))
    assert entry is not None
    quarters = tuple(
        replace(entry, relative=size, relative_low=size - 0.2, relative_high=size + 0.2)
        for size in (0.9, 0.7, 0.4, 0.1)
    )
    one = Dependence(entry, open_choices()[0], -0.7, quarters, parts)
    view.once(("depends", entry.scenario, entry.outcome), lambda: Dependences((one,), 4))
    return view


@pytest.fixture(scope="session")
def view(once: Once) -> View:
    """A comparison of the six scenarios, from stand-in runs."""
    return six_scenarios(once("six_scenarios", six_scenarios))


@pytest.fixture(scope="session")
def hostile(once: Once) -> View:
    """The comparison with titles that would break pages and figures unless they are escaped."""
    titles = [*TITLES.values(), "_hidden title"]
    return six_scenarios(once("hostile_titles", lambda folder: six_scenarios(folder, titles)), titles)
