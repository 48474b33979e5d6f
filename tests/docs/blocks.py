"""Finds the code blocks and commands in the documentation's pages."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)(?P<marks>`{3,})(?P<language>[^\n`]*)\n(?P<text>.*?)^ *(?P=marks)$", re.M | re.S)
#: The end of a sentence that asks the reader to save the block that follows.
_SAVE = re.compile(r"[Ss]ave (?:it|this|this one) as `(?P<file>\w+\.yaml)`:\s*$")
_SPAN = re.compile(r"(?<!`)`(comity [^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Block:
    """A fenced code block of a page."""

    page: str  # the file, from the root of the repository
    line: int  # of its fence, from 1; of a notebook, the number of the cell
    language: str  # as written behind the fence; `{name}` for a directive of MyST
    text: str  # what stands between the fences
    saved_as: str = ""  # the file as which the sentence before it asks the reader to save it; empty for none

    @property
    def place(self) -> str:
        """Text of page and line of the block."""
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Paths of all hand-written pages with text to copy."""
    written = (path for kind in ("md", "ipynb") for path in (ROOT / "docs").rglob(f"*.{kind}"))
    written = (path for path in written if "generated" not in path.parts)
    others = (ROOT / "README.md", ROOT / "scenarios" / "README.md")
    return sorted([*others, *(path for path in written if path.name != "odd.template.md")])


def blocks_of(page: Path) -> list[Block]:
    """Code blocks of a page or notebook, in order."""
    text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
    if page.suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        return [Block(name, number, "python", "".join(cell["source"])) for number, cell in enumerate(cells, 1)]
    return [
        Block(
            page=name,
            line=text.count("\n", 0, match.start()) + 1,
            language=_language(match["language"].strip()),
            text=_without(match),
            saved_as=saved["file"] if (saved := _SAVE.search(text, 0, match.start())) else "",
        )
        for match in _FENCE.finditer(text)
    ]


def _language(written: str) -> str:
    """Programming language of a code block."""
    return "python" if written.startswith("{code-cell}") else written


def _without(match: re.Match[str]) -> str:
    """Text of a code block without the indentation of its fence."""
    return re.sub(rf"^{match['indent']}", "", match["text"], flags=re.M)


def commands_of(block: Block) -> Iterator[str]:
    """Yields the commands in a block of shell code, without comments."""
    held = ""
    for line in block.text.splitlines():
        held += line
        if held.endswith("\\"):
            held = held[:-1]
        elif _uncommented(held).count("'") % 2:  # a quoted text continues on the next line
            held += "\n"
        else:
            yield from (command for command in [_uncommented(held)] if command)
            held = ""


def _uncommented(line: str) -> str:
    """Line without the comment at its end."""
    return re.sub(r"(?:^|\s)#\s.*$", "", line).strip()


def spans_of(page: Path) -> list[tuple[str, str]]:
    """Place and text of each command in single backquotes on a page."""
    text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
    prose = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    return [(f"{name}:{prose.count(chr(10), 0, match.start()) + 1}", match[1]) for match in _SPAN.finditer(prose)]
