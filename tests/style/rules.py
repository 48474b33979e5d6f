"""The rules: forms that make a native reader stumble, and words with a better one (words.csv)."""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.style.passages import Kind, Passage, passages

HERE = Path(__file__).parent
_PROSE = frozenset({Kind.FIRST_LINE, Kind.DOCSTRING, Kind.COMMENT, Kind.MESSAGE, Kind.DOCUMENT})


class Rule(NamedTuple):
    """A form or a word to avoid. Patterns of words ignore letter case."""

    name: str  # rules of one name are counted together
    pattern: re.Pattern[str]
    better: str
    example: str  # a text that breaks it
    fine: str  # a similar text that does not
    kinds: frozenset[Kind]
    only: tuple[str, ...] = ("",)  # where it holds, as beginnings of names of files
    allowed: tuple[str, ...] = ()  # where it is the usual term


class Finding(NamedTuple):
    """A place that breaks a rule."""

    file: str
    line: int
    rule: str
    words: str
    better: str


FORMS = (
    Rule(
        "leading zero",
        re.compile(r"(?<![\w.)\]}%/\\*\"'-])[−-]?\.\d+(?![\w.])"),
        "0.5",
        "a share of .5",
        "a share of 0.5, in version 1.5",
        _PROSE,
    ),
    Rule(
        "negated certainty",
        re.compile(
            r"\b(?:no|not|nothing|none|never|less|least)\s+(?:\w+\s+)?(?:sure|firm)\b(?!\s+that)"
            r"|\b(?:un)?sure(?:r|st)\b|\bfor sure\b|\bno certain\b",
            re.IGNORECASE,
        ),
        "clear, no clear effect, likely, always",
        "it makes no sure change",
        "it makes no clear change; make sure that it is there",
        _PROSE,
    ),
    Rule(
        "fronted partitive",
        re.compile(r"(?:^\s*|[.:;!?]\s+|[“(|]\s*|^[-*] )Of (?!course\b)[^\W\d]"),
        "the subject first: in 13 % of operations …",
        "Of action days 13 % are foreseen.",
        "13 % of action days are foreseen.",
        _PROSE,
    ),
    Rule(
        "indirect question",
        re.compile(
            r"(?:(?:By|In|From|To|With|Of|For|On|At|Under|After|Until)\s+)?"
            r"(?:Whether|What|How|Which|Who|Whom|Whose|Why)\b",
        ),
        "a statement: Reports whether …, True if …, Number of …, or a noun",
        "Whether a state is bound.",
        "True if a state is bound.",
        frozenset({Kind.FIRST_LINE}),
    ),
    Rule(
        "participle as name",
        re.compile(r"(?:found|made|about|said|asked)"),
        "a noun of what it holds: rows, effects, text, request",
        "found",
        "found_rows",
        frozenset({Kind.NAME}),
        ("sim/", "docs/"),
    ),
)
#: What was written about earlier versions stays as it is.
_HISTORY = "CHANGELOG.md"


@cache
def rules() -> tuple[Rule, ...]:
    """Forms, and the words of words.csv: those of old English are avoided everywhere, terms of the house in prose."""
    with (HERE / "words.csv").open(encoding="utf-8", newline="") as file:
        return (*FORMS, *(_word(row) for row in csv.DictReader(file)))


def _word(row: dict[str, str]) -> Rule:
    return Rule(
        row["rule"],
        re.compile(row["pattern"], re.IGNORECASE | re.MULTILINE),
        row["better"],
        row["example"],
        row["fine"],
        frozenset(Kind),
        tuple(row["only"].split()) or ("",),
        tuple(row["allowed"].split()),
    )


def findings(name: str, content: str) -> Iterator[Finding]:
    """Every place of a file that breaks a rule, once."""
    read = passages(name, content)
    seen = set()
    for rule in rules():
        if not name.startswith(rule.only) or (rule.allowed and name.startswith(rule.allowed)):
            continue
        if name == _HISTORY and rule.name != "old word":
            continue
        for passage in read:
            if passage.kind in rule.kinds:
                for start, words in broken(rule, passage):
                    line = passage.line + passage.text.count("\n", 0, start)
                    if (line, rule.pattern, words) not in seen:
                        seen.add((line, rule.pattern, words))
                        yield Finding(name, line, rule.name, words, rule.better)


def broken(rule: Rule, passage: Passage) -> Iterator[tuple[int, str]]:
    """Where a passage breaks a rule, and the words that do."""
    if rule.name == "participle as name":
        if rule.pattern.fullmatch(passage.text):
            yield 0, passage.text
    elif rule.name == "indirect question":
        if match := rule.pattern.match(passage.text):
            yield 0, passage.text[: match.end() + 30]
    else:
        for match in rule.pattern.finditer(passage.text):
            yield match.start() + len(match[0]) - len(match[0].lstrip()), match[0].strip()
