"""Fixture that all tests of agents share."""

from tests.agents.plain import as_python

__all__ = ["as_python"]
