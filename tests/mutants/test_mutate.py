"""Tests that mutants are plausible errors at operators that calculate or decide."""

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import stages_of
from tests.mutants.mutate import ROOT, Mutant, draw, draw_each, mutants

SOURCE = (Path(__file__).parent / "source.txt").read_text("utf-8")
CHANGED = (
    *(("a.b & a.c", "a.b | a.c"), ("first - LIMIT", "first + LIMIT"), ("second += 1", "second -= 1")),
    *(("is not None", "is None"), ("None and not", "None or not"), ("not (others in y)", "(others in y)")),
    *((') or "Ä"', ') and "Ä"'), ("not in y", "in y"), ("first < LIMIT", "first <= LIMIT")),
    ("LIMIT <= second", "LIMIT < second"),
)


def test_each_operator_that_decides_is_mutated_once_and_nothing_else() -> None:
    found = [mutant.applied(SOURCE) for mutant in mutants(SOURCE, Path("some.py"))]
    assert sorted(found) == sorted(SOURCE.replace(before, after) for before, after in CHANGED)


def test_each_room_has_its_turn_and_a_longer_draw_begins_with_the_shorter_one() -> None:
    rooms = ("data", "results")
    drawn = draw_each(3, 5, rooms=rooms)
    assert [mutant.path.split("/")[1] for mutant in drawn] == [*rooms] * 3
    assert drawn[::2] == draw(3, 5, rooms=["data"]) and drawn[:4] == draw_each(2, 5, rooms=rooms)
    assert draw_each(3, 6, rooms=rooms) != drawn


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


def test_tests_that_name_it_come_first_plain_ones_before_all_and_fingerprints_last(tmp_path: Path) -> None:
    texts = {
        "agents/test_few.py": "def test_few():\n    pass\n",
        "agents/test_some.py": "from sim.agents.some import rule\n\n\ndef test_rule():\n    rule()\n\n\n"
        "def test_lives():\n    rule(begun())\n\n\ndef test_worlds():\n    assert digest(world_at(1)) == 3\n",
        "law/test_far.py": "def test_far():\n    pass\n",
        "law/test_naming.py": "from sim.agents import few, some\n\n\ndef test_naming():\n    pass\n",
    }
    for name, text in texts.items():
        file = tmp_path / "tests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    stages = stages_of(Mutant("sim/agents/some.py", 1, 0, 1, "-", "rule"), tmp_path)
    rule, lives, worlds = (f"tests/agents/test_some.py::test_{name}" for name in ("rule", "lives", "worlds"))
    naming, few = "tests/law/test_naming.py::test_naming", "tests/agents/test_few.py::test_few"
    assert [(stage.plain, stage.fingerprints, stage.tests) for stage in stages] == [
        *((True, False, [rule, naming]), (False, False, [rule, lives, naming, few]), (False, True, [worlds])),
    ]
