"""Tests that the repository stays small: size of a clone, and content of stored studies."""

from pathlib import Path

import pytest

from tests.test_architecture import ROOT, tracked

MOST_BYTES, MOST_OF_A_STUDY = 25_000_000, 4_000_000
#: Folders that git ignores, or that are its own.
_IGNORED = {"build", "dist", "outputs", "multirun", "generated", "__pycache__"}


def files() -> list[Path]:
    """Files tracked by git; without git, files in the tree that git would not ignore."""
    own = ROOT / "results"
    kept = ("reference", "league", "README.md")

    def is_kept(path: Path) -> bool:
        inside = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part != ".ci" for part in inside[:-1])
        return not (hidden or _IGNORED & {*inside} or (path.is_relative_to(own) and inside[1] not in kept))

    return tracked() or [path for path in ROOT.rglob("*") if path.is_file() and is_kept(path)]


def test_the_tree_is_small() -> None:
    sizes = {path: path.stat().st_size for path in files()}
    largest = sorted(sizes, key=lambda path: -sizes[path])[:10]
    assert len(sizes) > 500
    assert sum(sizes.values()) < MOST_BYTES, [(str(path.relative_to(ROOT)), sizes[path]) for path in largest]


@pytest.mark.parametrize("name", ["reference", "league"])
def test_a_stored_study_holds_tables_pages_and_drawings_alone(name: str) -> None:
    folder = ROOT / "results" / name
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in found} <= {"", ".csv", ".xz", ".json", ".yaml", ".md", ".html", ".svg"}
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"figures"}
    assert sum(path.stat().st_size for path in found) < MOST_OF_A_STUDY


def test_pages_show_drawings_that_are_there() -> None:
    """No PNG file is tracked, as pages show drawings as SVG."""
    assert not [path for path in tracked() if path.suffix == ".png"]
