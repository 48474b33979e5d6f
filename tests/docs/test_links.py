"""What pages name is there: files and headings behind links, modules, files and targets of `make` in backquotes."""

import importlib.util
import os
import re
from functools import cache
from pathlib import Path

import pytest

from docs.pages.links import GENERATED, ROOT, SHOWN
from docs.pages.write import pages as written
from tests.docs.blocks import pages

_written = cache(written)
_FENCE = re.compile(r"^( *)```.*?^\1```$", re.M | re.S)
_LINK = re.compile(r"\]\((?P<path>[^)\s#:]*)(?:#(?P<place>[^)\s]+))?\)")
_PLACE = re.compile(r'(?:<a id="|\{#)([\w-]+)|^#+ (.+)$', re.M)
_NAMED = re.compile(r"`(?:python -m )?(?P<name>(?:sim|docs|tests|conf|scenarios)[./][a-z\d_./-]+|make [a-z-]+)[^`\n]*`")
PAGES = [*(page for page in pages() if page.suffix == ".md"), ROOT / "CONTRIBUTING.md"]


def places_of(text: str) -> set[str]:
    """Where links of a page may lead: anchors, and headings as sites write them."""
    found = (
        anchor or re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for anchor, heading in _PLACE.findall(text)
    )
    return set(found)


def dead_links(text: str, page: Path) -> list[str]:
    """Links of a page that lead to no file or heading."""
    made, dead = _written(), []
    for link in _LINK.finditer(_FENCE.sub("", text)):
        target = Path(os.path.normpath(page.parent / link["path"])) if link["path"] else page
        if GENERATED / "gallery" in target.parents:
            target = ROOT / "docs" / "gallery" / f"{target.stem.replace('index', 'GALLERY_HEADER')}.py"
            target = target if target.exists() else target.with_suffix(".rst")
        there = target in made or target in SHOWN.values() or target.exists()
        if there and link["place"] and target.suffix == ".md":
            there = link["place"] in places_of(made.get(target) or target.read_text("utf-8"))
        dead += [] if there else [link[0]]
    return dead


def gone(name: str) -> bool:
    """Whether a module, file or target of `make` that a page names is not there."""
    if name.startswith("make "):
        return f"\n{name[5:]}:" not in (ROOT / "Makefile").read_text("utf-8")
    if "/" in name:
        return not (ROOT / name).exists() and not list(ROOT.glob(f"{name}*"))
    parts = name.rstrip(".").split(".")
    for size in range(len(parts), 0, -1):  # the longest part that is a module, and what is in it
        try:
            spec = importlib.util.find_spec(".".join(parts[:size]))
        except ModuleNotFoundError:
            continue
        if spec is not None:
            found = importlib.import_module(".".join(parts[:size]))
            return size < len(parts) and not hasattr(found, parts[size])
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    assert dead_links(text, page) == []
    if "changed" not in page.parts:  # which are about older code
        assert [match["name"] for match in _NAMED.finditer(_FENCE.sub("", text)) if gone(match["name"])] == []


def test_what_is_gone_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# One, two\n", encoding="utf-8")
    text = "# Here\n\n[a](b.md) [a](b.md#one-two) [a](#here) [dead](c.md) [dead](b.md#three) [dead](#there)"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    assert dead_links(text, tmp_path / "a.md") == ["](c.md)", "](b.md#three)", "](#there)"]
    assert gone("sim.no_such.module") and gone("make nothing") and gone("sim/none.py") and gone("sim.simulate.none")
    assert not gone("sim.simulate") and not gone("make site") and not gone("sim/simulate.py")
