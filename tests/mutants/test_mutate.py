"""Mutants are errors that one could make, at places that calculate or decide, and nothing else."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.__main__ import stages_of
from tests.mutants.mutate import ROOT, Mutant, comparing_worlds, draw, mutants
from tests.mutants.touched import Touched, read, touching

SOURCE = '''
"""Not a < b."""
from x import y

LIMIT = 3 * 4  # constants stay
OUTCOMES = (Outcome("share", "less " + "text", "Ä", lambda a: a.b & a.c),)


@rule(LIMIT + 1)
def given(first: int | None = 2 + 2, *others: int) -> int | None:
    """Text: a + b, not c."""
    second: int | None = first - LIMIT
    second += 1
    if first is not None and not (others in y) or "Ä" not in y:
        return f"{first * 2}"
    return first < LIMIT <= second
'''
CHANGED = (
    ("a.b & a.c", "a.b | a.c"),
    ("first - LIMIT", "first + LIMIT"),
    ("second += 1", "second -= 1"),
    ("is not None", "is None"),
    ("None and not", "None or not"),
    ("not (others in y)", "(others in y)"),
    (') or "Ä"', ') and "Ä"'),
    ("not in y", "in y"),
    ("first < LIMIT", "first <= LIMIT"),
    ("LIMIT <= second", "LIMIT < second"),
)


def test_each_operator_that_decides_is_mutated_once_and_nothing_else() -> None:
    found = [mutant.applied(SOURCE) for mutant in mutants(SOURCE, Path("some.py"))]
    assert sorted(found) == sorted(SOURCE.replace(before, after) for before, after in CHANGED)


@pytest.mark.slow
def test_all_mutants_of_the_model_are_other_programs() -> None:
    for mutant in draw(200, seed=1):
        text = (ROOT / mutant.path).read_text("utf-8")
        assert ast.dump(ast.parse(mutant.applied(text))) != ast.dump(ast.parse(text)), mutant.place


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    rooms = ("data", "results", "world")  # to read them all takes seconds
    drawn = draw(60, 3, rooms=rooms)
    assert drawn[:10] == draw(10, 3, rooms=rooms)
    assert draw(10, 4, rooms=rooms) != drawn[:10]
    assert {mutant.path.split("/")[1] for mutant in drawn} == {*rooms}
    assert {mutant.path.split("/")[1] for mutant in draw(10, 3, rooms=["data"])} == {"data"}


TOUCHED = (
    Touched("tests/world/test_growth.py::test_slow", 9.0, frozenset({"sim/world/growth.py:grown"})),
    Touched("tests/world/test_growth.py::test_quick", 1.0, frozenset({"sim/world/growth.py:grown"})),
    Touched("tests/report/test_style.py::test_elsewhere", 0.1, frozenset({"sim/world/growth.py:grown"})),
    Touched("tests/world/test_growth.py::test_of_another", 0.1, frozenset({"sim/world/growth.py:other"})),
)


def test_the_tests_that_call_a_function_are_those_of_its_room() -> None:
    mutant = Mutant("sim/report/forest.py", 1, 0, 1, "-", "drawn")
    drawn = [touched._replace(functions=frozenset({"sim/report/forest.py:drawn"})) for touched in TOUCHED]
    plain, usual, prints = stages_of(mutant, ROOT, drawn, [])
    assert (plain.tests, prints.tests) == ([], [])
    assert usual.tests == ["tests/report/test_style.py::test_elsewhere"]


def test_rules_meet_plain_python_first_and_fingerprints_last(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "agents" / "test_some.py"
    file.parent.mkdir(parents=True)
    worlds = "\n\ndef test_worlds():\n    assert digest(world_at(1)) == 3\n"
    file.write_text(f"from sim.agents.some import rule\n\n\ndef test_rule():\n    rule()\n{worlds}", "utf-8")
    mutant = Mutant("sim/agents/some.py", 1, 0, 1, "-", "rule")
    tests = [f"tests/agents/test_some.py::{name}" for name in ("test_rule", "test_worlds")]
    usual = [Touched(test, 1.0, frozenset()) for test in tests]
    stages = stages_of(mutant, tmp_path, usual, [usual[0]._replace(functions=frozenset({"sim/agents/some.py:rule"}))])
    assert [(stage.plain, stage.fingerprints, stage.tests) for stage in stages] == [
        (True, False, tests[:1]),
        (False, False, []),
        (False, True, tests[1:]),
    ]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="what is called is watched with sys.monitoring, new in 3.12")
def test_what_a_test_calls_is_noted_with_what_its_fixtures_call(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import pytest\n"
        "from sim.report.ticks import plain\n\n\n"
        "@pytest.fixture(scope='module')\ndef said():\n    return plain(3, None)\n\n\n"
        "def test_first(said):\n    assert said\n\n\ndef test_second(said):\n    assert said\n\n\n"
        "def test_third():\n    assert True\n",
        "utf-8",
    )
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.mutants.touched",
        str(tmp_path),
    ]
    subprocess.run(words, cwd=ROOT, env=os.environ | {"TOUCHED": str(tmp_path)}, check=True, capture_output=True)
    called = touching("sim/report/ticks.py", "plain", read(tmp_path))
    assert sorted(test.split("::")[1] for test in called) == ["test_first", "test_second"]


def test_fingerprints_are_recognised() -> None:
    found = set(comparing_worlds(ROOT / "tests" / "world" / "test_people_and_bodies.py"))
    assert len(found) == 1
    assert not set(comparing_worlds(ROOT / "tests" / "agents" / "test_postings.py"))
