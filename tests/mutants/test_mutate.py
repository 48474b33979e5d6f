"""Mutants are errors that one could make, at places that calculate or decide, and nothing else."""

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import chosen, stages_of
from tests.mutants.mutate import ROOMS, ROOT, comparing_worlds, draw, mutants, mutants_of

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
    drawn = draw(60, seed=3)
    assert drawn[:10] == draw(10, seed=3)
    assert draw(10, seed=4) != drawn[:10]
    assert len({mutant.path.split("/")[1] for mutant in drawn}) > len(ROOMS) // 2
    assert {mutant.path.split("/")[1] for mutant in draw(10, seed=3, rooms=["web"])} == {"web"}


def test_rules_meet_plain_python_first_and_fingerprints_last() -> None:
    rule = next(mutant for mutant in draw(200, seed=1) if mutant.path.startswith("sim/agents/"))
    stages = stages_of(rule, ROOT)
    assert [(stage.plain, stage.fingerprints) for stage in stages] == [(True, False)] * 2 + [(False, False)] * 2 + [
        (False, True)
    ]
    tests = [test for stage in stages for test in stage.tests]
    assert len(tests) == len(set(tests)) > 100
    retention = next(mutant for mutant in mutants_of("world", ROOT) if mutant.path.endswith("retention.py"))
    (plain, _, lived, *_) = stages_of(retention, ROOT)
    assert (
        "tests/world/test_retention.py::test_mean_retention_is_that_of_the_law_or_of_what_custodians_do_where_that_is_longer"
        in plain.tests
    )
    assert any(test.startswith("tests/world/test_retention.py") for test in lived.tests)
    page = next(mutant for mutant in draw(200, seed=1) if mutant.path.startswith("sim/report/"))
    assert not any(stage.tests for stage in stages_of(page, ROOT) if stage.plain)


def test_the_nearest_tests_come_first_and_all_of_the_room_follow() -> None:
    for path, nearest in (("agents/postings.py", "agents/test_postings.py"), ("law/extent.py", "law/test_extent.py")):
        mutant = mutants((ROOT / "sim" / path).read_text("utf-8"), Path("sim") / path)[0]
        first, rest = chosen(mutant, ROOT)
        assert f"tests/{nearest}" in first and not set(first) & set(rest)
        room = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests" / nearest).parent.glob("test_*.py")}
        assert room <= {*first, *rest}


def test_fingerprints_are_recognised() -> None:
    found = set(comparing_worlds(ROOT / "tests" / "agents" / "test_worlds.py"))
    assert len(found) == 1
    assert not set(comparing_worlds(ROOT / "tests" / "agents" / "test_postings.py"))
