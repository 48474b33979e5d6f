"""Tests that old names of rules' modules keep working for one release."""

from importlib import import_module

import pytest

from sim.agents.assistance import exposure
from sim.agents.assistance.court import is_enough


@pytest.mark.parametrize(
    ("old", "name", "rule"), [("court", "is_enough", is_enough), ("leaks", "leaks", exposure.leaks)]
)
def test_a_moved_module_is_found_under_its_old_name(old: str, name: str, rule: object) -> None:
    with pytest.warns(FutureWarning, match=rf"sim\.agents\.{old} is sim\.agents\.assistance\.\w+ now"):
        assert getattr(import_module(f"sim.agents.{old}"), name) is rule


def test_a_module_that_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"sim\.agents\.nothing"):
        import_module("sim.agents.nothing")
