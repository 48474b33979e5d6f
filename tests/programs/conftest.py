"""Fixture that stores results of programs in a temporary folder during tests."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def kept_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("docs.programs.KEPT", tmp_path)
