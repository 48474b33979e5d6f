"""Tests that a misspelt name in a changed file of the package is one message with its place, and exit code 2."""

import os
from pathlib import Path

import pytest

from tests.changes.tree import Tree
from tests.interpreted import python

#: What is changed: file, text there, wrong text, and what the message holds.
SLIPS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "text": (
        "sim/report/texts.yaml",
        "\nfunnel: >-",
        "\nfunel: >-",
        ("sim/report/tables.py:", "'funnel'", "sim/report/texts.yaml", "Did you mean funel?"),
    ),
    "field of a text": (
        "sim/report/provenance.py",
        'worded("part_of_the_world", states=states',
        'worded("part_of_the_world", state=states',
        ("sim/report/provenance.py:", "'states'", "sim/report/texts.yaml", "Did you mean state?"),
    ),
    "breakdown": (
        "sim/report/tables.py",
        'view.main("cases_by_progress")',
        'view.main("cases_by_progres")',
        ("sim/report/tables.py:", "'cases_by_progres'", "Did you mean cases_by_progress?"),
    ),
    "field": (
        "sim/measures/capacity.py",
        'seen.request("loops") > 0, seen.mutual_assistance',
        'seen.request("lops") > 0, seen.mutual_assistance',
        ("sim/measures/capacity.py:", "'lops'", "Did you mean loops?"),
    ),
    "seat": (
        "sim/data/bodies.csv",
        "EUROPOL,Europol,,own,NLD,",
        "EUROPOL,Europol,,own,Netherlands,",
        ("sim/data/bodies.csv: EUROPOL: seat = 'Netherlands'", "write NLD"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_one_message_with_its_place(slip: str, tmp_path: Path) -> None:
    file, right, wrong, parts = SLIPS[slip]
    tree = Tree()
    tree.replace(file, right, wrong)
    tree.write(tmp_path / "copy")
    words = ["compare", "faster_mlat", "world=tiny", "--replicates", "4", "--quiet", "-o", str(tmp_path / "results")]
    ended = python("-m", "sim", *words, cwd=tmp_path / "copy", env=os.environ | {"PYTHONPATH": str(tmp_path / "copy")})
    assert ended.returncode == 2, ended.stderr
    (message,) = ended.stderr.splitlines()
    for part in parts:
        assert part in message
