"""Scores forecasts whose figures have been published: `python -m docs.programs.scores`.

Writes a part of docs/forecasts.md. docs/programs/published.csv has what was published, with its source. Each row of
each section is read from the page as it is; none is ever edited. The score is the log of the forecast's density at the
published figure, on the log scale (a half is added to numbers of events). The density is half a normal distribution on
each side of the median, each with its own spread, so that median and both ends are as the forecast gives them. More is
better; data alone say what a forecast has to beat.
"""

import hashlib
import re
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from docs.programs import DOCS, renew, table_of

COMMAND, PAGE = "python -m docs.programs.scores", "forecasts"
PUBLISHED = DOCS / "programs" / "published.csv"
#: Sections that stand, with the hash of each.
SECTIONS = DOCS / "programs" / "forecast_sections.csv"
_SECTION = re.compile(r"^## (\d{4}-\d\d-\d\d, .*?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (?!what)([^|]+) \| ([^|]+) \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_REACH = float(norm.ppf(0.95))


class Row(NamedTuple):
    """A forecast on the page: section, what, when, and its median with the ends of its 90 % interval."""

    section: str
    what: str
    when: str
    median: float
    low: float
    high: float


def sections(text: str) -> dict[str, str]:
    """Dated sections of the page by heading, as they are."""
    return dict(_SECTION.findall(text))


def hashed(body: str) -> str:
    """Hash of a section's text without white space at its end."""
    return hashlib.sha256(body.rstrip().encode()).hexdigest()[:16]


def rows_of(text: str) -> list[Row]:
    """All forecasts of the page."""
    found = []
    for head, body in sections(text).items():
        for what, when, *ends in _ROW.findall(body):
            if not set(what) <= {"-", ":", " "}:
                found.append(Row(head, what.strip(), when.strip(), *(float(end.replace(",", "")) for end in ends)))
    return found


def score(row: Row, value: float) -> float:
    """Log density of a forecast at a published value, on the log scale."""
    median, low, high, real = np.log(np.array([row.median, row.low, row.high, value]) + 0.5)
    spread = max(median - low if real < median else high - median, 1e-6) / _REACH
    return float(norm.logpdf((real - median) / spread) - np.log(spread))


def judged(rows: list[Row], published: pd.DataFrame) -> pd.DataFrame:
    """Table of the forecasts whose figures are published, with score and whether the interval holds them."""
    lines = []
    for one in published.to_dict("records"):
        for row in rows:
            if (row.what, row.when) == (one["what"], one["when"]):
                value = float(one["value"])
                lines.append(
                    {
                        "what": row.what,
                        "when": row.when,
                        "published": f"{value:,.3g}" if value < 1000 else f"{value:,.0f}",
                        "forecast": row.section,
                        "90 % holds it": "yes" if row.low <= value <= row.high else "no",
                        "log score": f"{score(row, value):+.2f}".replace("-", "−"),
                    }
                )
    return pd.DataFrame(lines)


def part(text: str, published: pd.DataFrame) -> str:
    """Markdown of the scores, or a sentence on what is awaited."""
    rows = rows_of(text)
    table = judged(rows, published)
    known = set(zip(published["what"], published["when"], strict=True))
    awaited = sorted({row.when for row in rows if (row.what, row.when) not in known})
    if table.empty:
        return f"No figure that was forecast is published yet. Awaited: {', '.join(awaited)}."
    return f"{table_of(table, (2, 5))}\n\nAwaited: {', '.join(awaited) or 'nothing'}."


if __name__ == "__main__":
    page = (DOCS / f"{PAGE}.md").read_text("utf-8")
    renew(PAGE, {"scores": part(page, pd.read_csv(PUBLISHED, dtype=str, keep_default_na=False))}, COMMAND)
