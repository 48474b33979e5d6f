"""Plain modern English: sources, texts and messages contain no words that make a native reader stumble."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.test_architecture import ROOT, tracked

PLACES = (
    *("sim", "docs", "scenarios", "conf", "tests", "results/README.md"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
)
SUFFIXES = (".py", ".md", ".yaml", ".csv")


class Avoided(NamedTuple):
    """A word or phrase to avoid."""

    # regular expression; letter case does not matter. An attribute (after a dot) counts only where it is declared
    pattern: str
    instead: str  # what to write
    example: str  # a text that contains it
    fine: str  # a similar text in plain English


_THINGS = (
    "(?:row|line|panel|file|folder|column|sentence|entry|message|table|page|part|block|figure|number|process|value|"
    "question|bar|curve|point|theme|job|step|clause|draw|run|year)"
)
AVOIDED = (
    Avoided(
        r"(?<![a-z.])(?:un)?(?:told|tells?|telling|tellers?)(?![a-z])",
        "report, say, identify, distinguish",
        "Both cannot be told from noise",
        "a satellite foretold it",
    ),
    Avoided(r"\bn[ao]ught\b", "zero, nothing", "above nought", "noughties"),
    Avoided(r"\banew\b", "again", "compiled anew", "a new rule"),
    Avoided(r"(?<![a-z.])mend(?:s|ed|ing)?(?![a-z])", "fix, complete, correct", "mended by phone", "amended"),
    Avoided(
        r"\b(?:(?:who|whom|what|where)(?:so)?ever|how(?:so)?ever\s+(?:many|much|long|far|often|few|small|large))\b",
        "the one who, any, each, no matter how many",
        "whoever asks",
        "However, it may end",
    ),
    Avoided(r"\bfor\s+want\s+of\b", "without, for lack of", "for want of memory", "for what it wants"),
    Avoided(r"\bin\s+hand\b", "being worked on, open", "files in hand", "in handling"),
    Avoided(r"\b(?:go|goes|going|gone|went)\s+on\s+with\b", "resume, continue", "is gone on with", "the case goes on"),
    Avoided(
        rf"\b(?:an?|one|two|three)\s+{_THINGS}s?\s+an?\s+(?!few\b|little\b|lot\b)\w+",
        "one … per …, one … for each …",
        "one row a request",
        "a row for a request",
    ),
    Avoided(
        r"(?:^|[#:.\"]\s*)So\s+(?:often|long|many|much)\b",
        "Number of …, Maximum …, Interval …",
        "#: So often is looked",
        "It is so often said",
    ),
    Avoided(
        r"\bcomity\[|\b(?:install|add|uvx)\s+(?:-\S+\s+)*[\"']?comity\b(?! )",
        "pip install . in the folder of the source: no index has Comity, so anybody may take its name there",
        'pip install -q "comity[web]"',
        'pip install ".[web]", then comity',
    ),
    Avoided(r"\bin\s+(?:its|his|her|their|the)\s+stead\b", "instead", "in its stead", "instead"),
    Avoided(
        r"\b(?:wherein|whence|whither|thereof|therein|hitherto|lest|amiss|forthwith|whilst|amongst|betwixt)\b",
        "in which, from which, so far, so that … not, wrong, at once, while, among",
        "lest it fail",
        "at least",
    ),
)
#: Names of functions are read as words, too.
_NAME = re.compile(r"(?<=def )\w+")
_ANY = re.compile("|".join(f"(?:{avoided.pattern})" for avoided in AVOIDED), re.IGNORECASE | re.MULTILINE)


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    """By file, each place with its word and what to write instead."""
    places: dict[str, list[str]] = {}
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path == Path(__file__) or path.suffix not in SUFFIXES or not any(is_in(name, place) for place in PLACES):
            continue
        text = _NAME.sub(lambda name: name[0].replace("_", " "), path.read_text("utf-8"))
        for match in _ANY.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            instead = next(avoided.instead for avoided in AVOIDED if _contains(avoided, match[0]))
            places.setdefault(name, []).append(f"{name}:{line}: “{match[0].strip()}”: write: {instead}")
    if not places and not tracked():
        pytest.skip("no git to list files")
    return places


def _contains(avoided: Avoided, text: str) -> bool:
    return re.search(avoided.pattern, text, re.IGNORECASE | re.MULTILINE) is not None


def is_in(name: str, place: str) -> bool:
    """True if a file is this place, or is inside it."""
    return name == place or name.startswith(f"{place}/")


def test_words_are_plain(found: dict[str, list[str]]) -> None:
    wrong = [place for places in found.values() for place in places]
    assert not wrong, "\n".join(wrong[:40])


def test_each_word_is_recognised() -> None:
    for avoided in AVOIDED:
        assert _contains(avoided, avoided.example) and not _contains(avoided, avoided.fine), avoided.example
