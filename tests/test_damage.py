"""Tests that `comity verify` names damaged files of a study, and that no reader crashes or hangs."""

from pathlib import Path

import pytest

from sim.cli import main
from sim.experiments import seal
from tests.damage import DAMAGES, all_met, cases, make

_SEED = 56
_FEW = 6


def test_a_few_damages_are_named(tmp_path: Path) -> None:
    folders = make(tmp_path, ("sweep", "run"))
    every = cases(folders, _SEED)
    assert {case.how for case in every} == set(DAMAGES)
    assert all_met(every[:_FEW], folders) == []


@pytest.mark.slow
def test_a_tenth_of_all_damages_is_named_and_whole_studies_are_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = make(tmp_path)
    for kind, folder in folders.items():
        assert main(["verify", str(folder)]) == 0, kind
        assert seal.digest(seal.sums(folder))[: seal.SHORT] in capsys.readouterr().out
    assert all_met(cases(folders, _SEED)[::10], folders) == []
