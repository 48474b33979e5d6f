"""Tests of generated pages, and of names and links on all pages."""

import importlib.util
import json
import os
import re
from pathlib import Path

import pytest

from docs.pages import commands, configuration, levers, results, scenario_file
from docs.pages.accessible import accessible
from docs.pages.links import GENERATED, MADE_FROM, ROOT, SHOWN, turned
from docs.pages.tables import with_tables
from docs.pages.write import pages as written
from sim.cli import build_parser
from sim.experiments.config import known_keys
from sim.measures.outcomes import BREAKDOWNS, HEADLINES, OUTCOMES
from sim.policy.levers import LEVERS
from tests.docs.blocks import pages


def test_commands_has_every_command_and_option() -> None:
    page, parser = commands.page(), build_parser()
    choices = next(action.choices for action in parser._actions if isinstance(action.choices, dict))
    for name, command in choices.items():
        section = page.split(f"\n## comity {name}\n")[1].split("\n## ")[0]
        options = {option for action in command._actions for option in action.option_strings} - {"-h", "--help"}
        assert not [option for option in options if option not in section], name


def test_pages_name_every_key_lever_outcome_and_file() -> None:
    page = scenario_file.page()
    for key in ("title", "based_on", "costs", "from", "phased", "both_ways", "reservations", "stop_below", "ramp"):
        assert f"| `{key}` |" in page
    assert "| `title` | text | yes |" in page and "`ratification`" in page
    page = configuration.page()
    keys = {key for name in ("run", "sweep", "ablate") for key in known_keys(name).keys}
    assert not [key for key in keys if not key.startswith("uncertainty.") and f"`{key}`" not in page]
    assert "| `world.groups` | `300` |" in page
    assert not [name for name in LEVERS if f"### `{name}`" not in levers.levers()]
    page = levers.outcomes()
    assert not [name for name in (*HEADLINES, *BREAKDOWNS) if f"| `{name}` |" not in page]
    assert {entry.key for entry in OUTCOMES} <= set(
        re.findall(r'"(\w+)"', with_tables(page, GENERATED / "outcomes.md"))
    )
    names = {f"{path.name}/" if path.is_dir() else path.name for path in (ROOT / "results" / "reference").iterdir()}
    assert names <= set(results.FILES)


def test_ten_lines_are_ten_lines() -> None:
    cells = json.loads((ROOT / "docs" / "tutorials" / "ten_lines.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "".join(line for cell in cells if cell["cell_type"] == "code" for line in cell["source"])
    assert len([line for line in code.splitlines() if line]) <= 10
    assert not [cell for cell in cells if cell.get("outputs")], "outputs are made by the build"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        *(("[a](docs/odd.md)", "[a](../odd.md)"), ("[a](docs/odd.md#design)", "[a](../odd.md#design)")),
        ("[a](docs/gallery/GALLERY_HEADER.rst)", "[a](gallery/index.rst)"),
        ("[a](docs/gallery/plot_8_heat.py)", "[a](gallery/plot_8_heat.rst)"),
        *(("[a](CONTRIBUTING.md)", "[a](contributing.md)"), ("[a](docs/imports.svg)", "[a](path:../imports.svg)")),
        ("![a](results/reference/figures/forest.svg)", "![a](../../results/reference/figures/forest.svg)"),
        ("[a](sim/data/levers.csv)", "[a](levers.md)"),
        *(("[a](https://example.org/docs)", "[a](https://example.org/docs)"), ("[a](#here)", "[a](#here)")),
        *(("[a](no/such.md)", "[a](no/such.md)"), ('| <a id="m1"></a>M1 |', "| [M1]{#m1} |")),
    ],
)
def test_links_lead_to_the_same_file_from_elsewhere(link: str, expected: str) -> None:
    assert turned(link, ROOT / "README.md", GENERATED / "page.md") == expected


def test_parts_of_a_page_are_open_to_all() -> None:
    heading = '<p class="caption" role="heading"><span>Use</span></p>'
    link = '<a class="reference internal" href="plot_1_forest.html"><span class="doc">Effects</span></a>'
    turned = accessible(f"{heading}<pre>1</pre>{link}")
    assert 'role="heading" aria-level="2">' in turned
    assert '<pre tabindex="0">1</pre>' in turned
    assert 'href="plot_1_forest.html" aria-label="Effects">' in turned
    assert accessible(turned) == turned, "it is done once"


def test_a_link_to_a_table_alone_in_its_paragraph_gets_the_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('name,says\ndesk.wait,"<b>, or not"\n', encoding="utf-8")
    made = with_tables("# A\n\n[Rows](a.csv)\n\nSee [rows](a.csv).\n", tmp_path / "page.md")
    assert json.loads(made.split('json">')[1].split("</script>")[0]) == [["name", "says"], ["desk.wait", "<b>, or not"]]
    assert made.count("<script") == 1 and "<b>" not in made and '"keywords": desk, wait\n' in made
    assert with_tables("[Rows](b.csv)\n", tmp_path / "page.md") == "[Rows](b.csv)\n"


_FENCE = re.compile(r"^( *)```.*?^\1```$", re.M | re.S)
_LINK = re.compile(r"\]\((?P<path>[^)\s#:]*)(?:#(?P<place>[^)\s]+))?\)")
_PLACE = re.compile(r'(?:<a id="|\{#)([\w-]+)|^#+ (.+)$', re.M)
_NAMED = re.compile(r"`(?:python -m )?(?P<name>(?:sim|docs|tests|conf|scenarios)[./][a-z\d_./-]+|make [a-z-]+)[^`\n]*`")
PAGES = [*(page for page in pages() if page.suffix == ".md"), ROOT / "CONTRIBUTING.md"]


def places_of(text: str) -> set[str]:
    """Anchors of a page that links can lead to, from headings and HTML."""
    found = (
        anchor or re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for anchor, heading in _PLACE.findall(text)
    )
    return set(found)


def dead_links(text: str, page: Path) -> list[str]:
    """Links of a page to files or headings that a fresh clone does not have."""
    dead = []
    for link in _LINK.finditer(_FENCE.sub("", text)):
        target = Path(os.path.normpath(page.parent / link["path"])) if link["path"] else page
        there = target.exists() and GENERATED not in target.parents
        if there and link["place"] and target.suffix == ".md":
            there = link["place"] in places_of(target.read_text("utf-8"))
        dead += [] if there else [link[0]]
    return dead


def gone(name: str) -> bool:
    """True if a module, file or `make` target that a page names does not exist."""
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


def test_every_generated_page_is_reached_from_a_file_of_the_repository() -> None:
    reached = {*SHOWN.values(), *MADE_FROM.values()}
    assert {page for page in written() if page.suffix == ".md"} <= reached
    assert [file for file in (*SHOWN, *MADE_FROM) if not file.is_file()] == []


def test_what_is_gone_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# One, two\n", encoding="utf-8")
    text = "# Here\n\n[a](b.md) [a](b.md#one-two) [a](#here) [dead](c.md) [dead](b.md#three) [dead](#there)"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    assert dead_links(text, tmp_path / "a.md") == ["](c.md)", "](b.md#three)", "](#there)"]
    assert dead_links("[a](generated/levers.md)", GENERATED.parent / "page.md") == ["](generated/levers.md)"]
    assert gone("sim.no_such.module") and gone("make nothing") and gone("sim/none.py") and gone("sim.simulate.none")
    assert not gone("sim.simulate") and not gone("make site") and not gone("sim/simulate.py")
