"""Readers of reports: elements of a page, and a check of the first screen's language."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

#: Most words, numbers included; of what the answer leaves out and how sure it is, behind it, as many more.
WORDS = 90
#: Most words of a sentence, numbers included; but no range in brackets.
LONGEST = 20
#: School grade by Flesch and Kincaid's formula that the first screen must stay below; see `grade`.
GRADE = 12.0
_VOWELS = re.compile(r"[aeiouy]+")


def grade(text: str) -> float:
    """Flesch–Kincaid grade: 0.39 words per sentence + 11.8 syllables per word − 15.59.

    Clauses that end in a semicolon or a colon count as sentences, groups of vowels as syllables; numbers are no words.
    """
    words = re.findall(r"[A-Za-z]+", text)
    syllables = sum(max(1, len(_VOWELS.findall(word.lower()))) for word in words)
    clauses = max(1, len(re.findall(r"[.;:](?:\s|$)", text)))
    return 0.39 * len(words) / clauses + 11.8 * syllables / len(words) - 15.59


def plain(markdown: str) -> str:
    """A line of Markdown as plain text, without formatting."""
    return re.sub(r"\\(.)|\*+|&lt;", lambda mark: mark[1] or ("<" if mark[0] == "&lt;" else ""), markdown)


def answer_in(text: str) -> tuple[str, ...]:
    """Sentences between a page's title and its first list or heading, as plain text."""
    paragraphs = re.split(r"\n(?=- |## )", text, maxsplit=1)[0].split("\n\n")[1:]
    return tuple(plain(" ".join(part.split())) for part in paragraphs if part.strip())


def inches(drawing: Path) -> float:
    """Height of a saved SVG, in inches."""
    found = re.search(r'height="([\d.]+)pt"', drawing.read_text(encoding="utf-8"))
    assert found is not None
    return float(found[1]) / 72


def check_first_screen(found: Sequence[str], parts: int = 3) -> None:
    """Checks that the first screen consists of short, complete, plain sentences."""
    text = " ".join(found)
    assert len(found) == parts, found
    for part in found:
        assert part.endswith(".") and ".." not in part and "**" not in part, part
        assert "nan" not in part.split() and "$" not in part, part
    assert len(text.split()) <= WORDS, f"{len(text.split())} words: {text}"
    assert grade(text) < GRADE, f"grade {grade(text):.1f}: {text}"


def check_quotable(found: Sequence[str]) -> None:
    """Checks the five parts of a finding: short clauses, and numbers of at most two significant digits."""
    assert len(found) == 5, found
    finding, sure, said, *behind = found
    check_first_screen((finding, said), 2)
    doubts = tuple(filter(None, (sure, *behind)))
    check_first_screen(doubts, len(doubts))
    text = " ".join(found)
    for sentence in re.split(r"(?<=[.;:])\s+(?=[A-Z“0-9a-z])", text):
        bare = re.sub(r" \(\S+ to [^)]+\)", "", sentence)
        assert len(bare.split()) <= LONGEST, sentence
    for number in re.findall(r"\d[\d.]*", re.sub(r"“[^”]*”", "", text)):
        assert len(number.replace(".", "").strip("0")) <= 2, f"{number}: more than two figures"


class Elements(HTMLParser):
    """Names, attributes and nesting of a page's elements."""

    VOID = frozenset(("meta", "br", "img", "link", "input", "hr"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Records the start of an element."""
        self.found.append((tag, dict(attrs)))
        self.open += [tag] * (tag not in self.VOID)

    def handle_endtag(self, tag: str) -> None:
        """Checks that elements are closed in reverse order of opening."""
        assert tag in self.VOID or self.open.pop() == tag
