"""Adapts links in Markdown files that work in the repository, so that they work on the site too."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
#: Where the pages are that the build writes; git ignores the folder.
GENERATED = DOCS / "generated"
#: What the gallery is made from.
GALLERY = DOCS / "gallery"

#: Markdown files outside docs/ that the site shows, and the page on which it does.
SHOWN: Mapping[Path, Path] = MappingProxyType(
    {
        ROOT / "CONTRIBUTING.md": GENERATED / "contributing.md",
        ROOT / "CHANGELOG.md": GENERATED / "changelog.md",
        ROOT / "scenarios" / "README.md": GENERATED / "scenarios.md",
        ROOT / "sim" / "data" / "README.md": GENERATED / "data.md",
        ROOT / "results" / "reference" / "summary.md": GENERATED / "reference_comparison.md",
    }
)
#: Files from which the build makes a page that says more; a clone has the file alone.
MADE_FROM: Mapping[Path, Path] = MappingProxyType(
    {
        ROOT / "sim" / "commands.py": GENERATED / "commands.md",
        ROOT / "sim" / "policy" / "schema.py": GENERATED / "scenario_file.md",
        ROOT / "sim" / "experiments" / "settings.py": GENERATED / "configuration.md",
        ROOT / "sim" / "data" / "levers.csv": GENERATED / "levers.md",
        ROOT / "sim" / "measures" / "outcomes.csv": GENERATED / "outcomes.md",
        ROOT / "results" / "reference" / "codebook.csv": GENERATED / "results.md",
        GALLERY / "GALLERY_HEADER.rst": GENERATED / "gallery" / "index.rst",
        **{file: GENERATED / "gallery" / f"{file.stem}.rst" for file in GALLERY.glob("plot_*.py")},
    }
)
#: A place that a link leads to, as pages on the web of the repository know it.
_ANCHOR = re.compile(r'<a id="(?P<name>[\w-]+)"></a>(?P<word>[^\s|]+)')
_LINK = re.compile(r"(?<=\]\()(?P<path>[^)\s#:]+)(?=[#)])")


def turned(text: str, file: Path, page: Path) -> str:
    """Text of a Markdown file with links and anchors adapted for a page of the site.

    Links to a file that the site shows, or of which it makes a page, lead to that page. Links to any other file that
    exists become downloads, unless Sphinx finds it by itself: a page, or a picture. An anchor of HTML becomes one that
    Sphinx knows.

    Args:
        text: Markdown.
        file: where it was written.
        page: the page that shows it.
    """

    def turn(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(file.parent / link["path"]))
        if not target.is_file():
            return link["path"]  # Sphinx reports it
        shown = (SHOWN | MADE_FROM).get(target, target)
        before = link.string[: link.start()]
        is_picture = before[before.rfind("[") - 1] == "!"
        is_page = shown.suffix in {".md", ".rst"} and shown.is_relative_to(DOCS)
        scheme = "" if is_picture or is_page else "path:"
        return scheme + Path(os.path.relpath(shown, page.parent)).as_posix()

    text = text.replace("```csv\n", "```text\n")  # a language that the site cannot colour
    return _LINK.sub(turn, _ANCHOR.sub(r"[\g<word>]{#\g<name>}", text))


def copies() -> dict[Path, str]:
    """Text of each page that shows a file from outside docs/, by the page's path."""
    return {page: turned(file.read_text(encoding="utf-8"), file, page) for file, page in SHOWN.items()}
