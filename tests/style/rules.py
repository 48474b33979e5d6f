"""Rules of style: forms that make native readers stumble, and words with better alternatives (words.csv)."""

import csv
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from tests.style.passages import Kind, Passage, passages

HERE = Path(__file__).parent
#: Stands before and after each passage: what a pattern has at the beginning of one.
END = "\0"
_PROSE = frozenset({Kind.FIRST_LINE, Kind.DOCSTRING, Kind.COMMENT, Kind.MESSAGE, Kind.DOCUMENT})


class Rule(NamedTuple):
    """A form or word to avoid; patterns of words ignore case."""

    name: str  # rules of one name are counted together
    pattern: re.Pattern[str]
    better: str
    example: str  # a text that breaks it
    fine: str  # a similar text that does not
    kinds: frozenset[Kind]
    only: tuple[str, ...] = ("",)  # where it holds, as beginnings of names of files
    allowed: tuple[str, ...] = ()  # where it is the usual term

    def holds_in(self, name: str) -> bool:
        """True if the rule applies to a file; older entries of the changelog keep their words."""
        if not name.startswith(self.only) or (self.allowed and name.startswith(self.allowed)):
            return False
        return name != _HISTORY or self.name == "old word"


class Finding(NamedTuple):
    """A breach of a rule."""

    file: str
    line: int
    rule: str
    words: str
    better: str


FORMS = (
    Rule(
        "leading zero",
        re.compile(r"(?<![\w.)\]}%/\\*\"'-])[−-]?\.\d+(?!\w|\.\w)"),
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
        "clear, unclear, likely, always",
        "it makes no sure change",
        "it makes no clear change; make sure that it is there",
        _PROSE,
    ),
    Rule(
        "fronted partitive",
        # “Of 31 policies, 11 have …” is usual: a comma, then the number
        re.compile(
            r"(?:\0\s*(?:[-*] )?|[.:;!?]\s+|[“(|]\s*)Of "
            r"(?!course\b|[^.,:;]+,\s+(?:\d|\{|_|one\b|two\b|three\b|four\b|some\b|most\b|half\b|none\b))\w"
        ),
        "the subject first: in 13 % of operations …",
        "Of action days 13 % are foreseen.",
        "Of 31 policies, 11 have an effect.",
        _PROSE,
    ),
    Rule(
        "indirect question",
        re.compile(
            r"\0(?:(?:By|In|From|To|With|Of|For|On|At|Under|After|Until)\s+)?"
            r"(?:Whether|What|How|Which|Who|Whom|Whose|Why)\b[^\0\n]{0,30}",
        ),
        "a statement: Reports whether …, True if …, Number of …, or a noun",
        "Whether a state is bound.",
        "True if a state is bound.",
        frozenset({Kind.FIRST_LINE}),
    ),
    Rule(
        "participle as name",
        re.compile(r"\0(?:found|made|about|said|asked)(?=\0)"),
        "a noun of what it holds: rows, effects, text, request",
        "found",
        "found rows",
        frozenset({Kind.NAME}),
        ("sim/", "docs/"),
    ),
)
#: What was written about earlier versions stays as it is.
_HISTORY = "CHANGELOG.md"


@cache
def rules() -> tuple[Rule, ...]:
    """All rules: forms, old-fashioned words (in all texts), and house terms (in prose)."""
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
    """All breaches in a file, each once."""
    read, seen = passages(name, content), set()
    for kinds in dict.fromkeys(rule.kinds for rule in rules()):
        chosen = [passage for passage in read if passage.kind in kinds]
        for rule in rules():
            if rule.kinds == kinds and rule.holds_in(name):
                for line, words in broken(rule, chosen):
                    if (line, rule.pattern, words) not in seen:
                        seen.add((line, rule.pattern, words))
                        yield Finding(name, line, rule.name, words, rule.better)


def broken(rule: Rule, chosen: Sequence[Passage]) -> Iterator[tuple[int, str]]:
    """Line numbers and words of all breaches of a rule."""
    starts = [0, *accumulate(len(passage.text) + 1 for passage in chosen)]
    text = END.join(("", *(passage.text for passage in chosen), ""))
    for match in rule.pattern.finditer(text):
        words = match[0].strip(f"{END} \n")
        at = match.start() + match[0].index(words)
        passage = chosen[bisect_right(starts, at - 1) - 1]
        yield passage.line + text.count("\n", starts[bisect_right(starts, at - 1) - 1] + 1, at), words
