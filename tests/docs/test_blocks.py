"""Tests that every command and code block of the documentation works, in small worlds."""

from functools import cache
from pathlib import Path

import pytest

from sim.data import load
from sim.report.draw import FIGURES
from tests.docs.blocks import ROOT, Block, blocks_of, commands_of, pages, spans_of
from tests.docs.running import Reader, check_words, small

#: Files of the package, which every command checks, stay as they are meanwhile.
_check_once = cache(load.check_files)
#: Designs of many points, in several ways: the shorter pages have one of each command.
LONG = (
    *("docs/sweeps.md", "docs/tutorials/researcher.md", "docs/tutorials/own_target.md"),
    *("docs/tutorials/scenario_discovery.md", "docs/tutorials/sensitivity.md"),
)
#: EMA Workbench warns that altair is missing, and calls pandas in an old way.
_MARKS = [
    pytest.mark.slow,
    *(pytest.mark.filterwarnings(f"ignore:{begins}") for begins in ("altair", "The inplace keyword")),
]
PAGES = [
    pytest.param(page, id=name, marks=_MARKS if name in LONG else [])
    for page in pages()
    if blocks_of(page)
    for name in [page.relative_to(ROOT).as_posix()]
]


@pytest.fixture(scope="module")
def done() -> set[frozenset[str]]:
    """Fixture: kinds of command that have been run so far."""
    return set()


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: set[frozenset[str]]) -> Reader:
    """Fixture: runs code blocks in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(load, "check_files", _check_once)
    monkeypatch.setattr("sim.report.pages.FIGURES", {"forest": FIGURES["forest"]})
    return Reader(tmp_path, done=done)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_can_be_done(page: Path, reader: Reader) -> None:
    for block in blocks_of(page):
        reader.follow(block)
    print("\n".join(reader.report))  # shown by pytest -rP


def test_commands_in_sentences_are_known() -> None:
    for page in pages():
        for place, command in spans_of(page):
            check_words(place, command)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("sh", "comity scenarios --colour"), ("sh", "comity law DEU Atlantis content"), ("sh", "false")),
        *(("sh", "comity calibrate --sise small"), ("python", "1 / 0")),
        ("yaml", "changes:\n  - lever: no.such\n    value: 2 times\n    date: 2027-01-01\n"),
        ("", "comity scenarios"),
    ],
)
def test_what_is_wrong_is_noticed(language: str, text: str, reader: Reader) -> None:
    with pytest.raises((AssertionError, ArithmeticError, ValueError)):
        reader.follow(Block("page.md", 1, language, text))


def test_commands_are_read_as_a_shell_reads_them_and_small_words_come_last() -> None:
    text = "comity run a \\\n  b  # it's why\n# a comment\n\nsbatch --wrap 'one \\\n  two'\n"
    assert list(commands_of(Block("page.md", 1, "sh", text))) == ["comity run a   b", "sbatch --wrap 'one   two'"]
    words = small(["compare", "a.yaml", "--replicates", "200"])
    assert words.index("200") < words.index("2") and "faster_mlat" not in words
    assert "faster_mlat" in small(["compare", "--replicates", "200", "uncertainty=default"])


def test_a_block_is_saved_where_its_sentence_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.docs.blocks.ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("Save it as `a.yaml`:\n\n```yaml\na: 1\n```\n\nNot this:\n\n```yaml\nb: 1\n```\n", encoding="utf-8")
    assert [(block.line, block.saved_as) for block in blocks_of(page)] == [(3, "a.yaml"), (9, "")]
