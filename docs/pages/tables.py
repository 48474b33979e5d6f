"""Shows CSV files as tables with filters on the site, where a paragraph is only a link to the file."""

import csv
import json
import os
import re
from pathlib import Path

_ALONE = re.compile(r"^\[[^\]\n]+\]\((?P<path>[^)\s:]+\.csv)\)$", re.MULTILINE)
_FRONT = '---\nmyst:\n  html_meta:\n    "keywords": {words}\n---\n\n{text}'


def with_tables(text: str, file: Path) -> str:
    """Text of a page with the rows of each linked CSV file added.

    The rows stand in the page, since a page that was opened from a folder may not read another file. Names of the first
    column become keywords, by which the site's search finds the page.

    Args:
        text: Markdown.
        file: where it was written.
    """
    names: list[str] = []

    def rows_of(link: re.Match[str]) -> str:
        path = Path(os.path.normpath(file.parent / link["path"]))
        if not path.is_file():
            return link[0]  # Sphinx reports it
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        names.extend(word for row in rows[1:] for word in re.findall(r"\w+", row[0]))
        data = json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c")
        return f'{link[0]}\n\n<div class="filtered"><script type="application/json">{data}</script></div>'

    text = _ALONE.sub(rows_of, text)
    return _FRONT.format(words=", ".join(dict.fromkeys(names)), text=text) if names else text
