"""Reader of text tables in files next to tests."""

from pathlib import Path


def rows(path: Path) -> list[list[str]]:
    """Cells of each line, separated by vertical bars; lines with # are comments."""
    lines = path.read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if not line.startswith("#")]
