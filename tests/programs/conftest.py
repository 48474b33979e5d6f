"""Keeps results that programs simulate in tests apart from those that they keep."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def kept_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("docs.programs.KEPT", tmp_path)
