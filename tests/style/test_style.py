"""Tests of style: each rule recognises its examples, every kind of text is read, and counts only fall."""

import re

import pytest

from tests.style.__main__ import allowed, counted, find_all
from tests.style.passages import Kind, Passage, passages
from tests.style.rules import Finding, Rule, broken, findings, rules
from tests.test_architecture import tracked

CODE = '''
"""Whether it is .5.

No sure change.
"""
# Of days 3 are lost.
TEXT = "it is laid aside for want of time"
about: int = 2


def errands(found: int) -> str:
    return f"{found} rungs of the ladder; `a rung` is a name, as is `sim.rungs(.5)`"
'''


@pytest.fixture(scope="module")
def places() -> list[Finding]:
    """Fixture: all breaches in the repository."""
    if not tracked():
        pytest.skip("no git to list files")
    return find_all()


def test_nothing_gets_worse(places: list[Finding]) -> None:
    worse = counted(places) - allowed()
    assert not worse, f"`python -m tests.style` lists them: {dict(worse)}"


def test_first_lines_zeros_and_certainty_are_as_they_should_be_where_nothing_is_left(places: list[Finding]) -> None:
    left = {rule for rule, _ in allowed()}
    assert not {place.rule for place in places} - left


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: re.sub(r"\W+", "-", f"{rule.name} {rule.example}"))
def test_each_rule_recognises_its_example_alone(rule: Rule) -> None:
    kind = min(rule.kinds)
    assert list(broken(rule, [Passage(kind, 1, rule.example)])), rule.example
    assert not list(broken(rule, [Passage(kind, 1, rule.fine)])), rule.fine


def test_code_is_read_by_kind_with_its_lines() -> None:
    found = [(place.line, place.rule, place.words) for place in findings("sim/some.py", CODE)]
    assert {(line, rule) for line, rule, _ in found} == {
        (2, "indirect question"),
        (2, "leading zero"),
        (4, "negated certainty"),
        (6, "fronted partitive"),
        (7, "house term"),
        (7, "old word"),
        (8, "participle as name"),
        (11, "house term"),
        (11, "participle as name"),
        (12, "house term"),
    }
    assert [words for line, _, words in found if line == 12] == ["rungs"], "code in texts is not read"


def test_documents_and_tables_are_read_without_code_and_quotes() -> None:
    page = "# A rung\n\nSome text of .5.\n\n```sh\necho .5 rung\n```\n\nSee [the fold](fold.md) of `fold`.\n"
    assert [(place.line, place.words) for place in findings("docs/some.md", page)] == [
        (3, ".5"),
        (1, "rung"),
        (9, "fold"),
    ], "neither code nor the address of a link"
    table = 'name,meaning,source\na,"one rung, of .5",a rung of .5\n'
    assert [place.words for place in findings("sim/some.csv", table)] == [".5", "rung"]
    assert not passages("docs/odd.md", page), "what programs write is read where it is written"
    assert {one.kind for one in passages("sim/some.py", CODE)} == set(Kind) - {Kind.DOCUMENT}
