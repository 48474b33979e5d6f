"""Fixtures that write scenario files and make their timelines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sim.agents.first_day import begin_world
from sim.data.geography import CrimeGeography
from sim.law.order import LegalOrder, legal_order
from sim.policy.problem import Findings, InputError
from sim.policy.scenario import Scenario, load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.timeline import Timeline
from sim.world.baseline import Baseline, baseline
from sim.world.parameters import Parameters, WorldSpec
from sim.world.world import World, duplicate

HEAD = "title: A title\nquestion: A question?\nauthor: Somebody\n"
POLICY_START, END = date(2027, 1, 1), date(2036, 12, 31)

Write = Callable[[str], Scenario]
Expand = Callable[[Scenario], Timeline]
Refuse = Callable[..., None]


def changes(*entries: str) -> str:
    """Lines of a scenario file with some changes, each on one line."""
    return "changes:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def change(lever: str, value: str, day: str = "2027-01-01", more: str = "", instrument: str = "") -> str:
    """Lines of a scenario file with one change, each key on its own line."""
    of_instrument = f"    instrument: {instrument}\n" if instrument else ""
    return f"changes:\n  - lever: {lever}\n{of_instrument}    value: {value}\n    date: {day}\n{more}"


@pytest.fixture(scope="session")
def before(order: LegalOrder) -> Baseline:
    """Fixture: numbers of today's world, from which costs are calculated."""
    return baseline(CrimeGeography.load(), order.arrays(date(2022, 1, 1)).police_body)


@pytest.fixture(scope="session")
def order() -> LegalOrder:
    return legal_order()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Fixture: function that reads a scenario from its lines and raises the mistakes in them."""

    def read(body: str, head: str = HEAD) -> Scenario:
        path = tmp_path / "written.yaml"
        path.write_text(head + body, encoding="utf-8")
        scenario = load(str(path))
        Findings(scenario.mistakes).raise_all()
        return scenario

    return read


@pytest.fixture
def refuse(write: Write) -> Refuse:
    """Fixture: function that checks that lines of a scenario file are refused with the right message."""

    def ask(body: str, line: int, *words: str) -> None:
        with pytest.raises(InputError) as caught:
            write(body)
        reported = [text for text in str(caught.value).splitlines() if f"written.yaml:{line}: " in text]
        assert any(all(word in text for word in words) for text in reported), (str(caught.value), words)

    return ask


@pytest.fixture
def timeline(order: LegalOrder) -> Expand:
    return lambda scenario: timeline_of(scenario, order, POLICY_START, END)


@pytest.fixture(scope="session")
def assembled(order: LegalOrder) -> World:
    spec = replace(WorldSpec(groups=5), background=False, states=["DEU", "FRA", "USA"])
    return begin_world(spec, Parameters(), order, 1)


@pytest.fixture
def world(assembled: World) -> World:
    """Fixture: a small world that a test may change."""
    return duplicate(assembled)
