"""Tables that stand in files next to their tests."""

from pathlib import Path


def rows(path: Path) -> list[list[str]]:
    """The cells of each line, between upright bars; a line that begins with # says what they are."""
    lines = path.read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if not line.startswith("#")]
