"""Writes the example parts of docs/howto/own_model.md to files, for tests."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "own_model.md"
#: Content of each file of the page, by its part and name.
FILES: dict[str, str] = dict(
    re.findall(r"^`(\w+/[\w./]+)`\n\n```\w+\n(.*?)```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
)
PARTS = tuple(dict.fromkeys(name.partition("/")[0] for name in FILES))


def laid_out(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Writes all or the given example parts to a folder; returns the folder."""
    for name, text in (FILES if files is None else files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
