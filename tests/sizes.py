"""Counts lines, bytes and files of each package of `sim/` and of `docs/programs/`."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]


def room(path: Path) -> str:
    """The package of a file: its folder in `sim/`, or `sim` itself."""
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def sizes() -> dict[str, tuple[int, int, int]]:
    """Lines, bytes and files by package."""
    lines, size, files = Counter[str](), Counter[str](), Counter[str]()
    for top in ("sim", "docs/programs"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                content = path.read_bytes()
                lines[room(path)] += content.count(b"\n")
                size[room(path)] += len(content)
                files[room(path)] += 1
    return {name: (lines[name], size[name], files[name]) for name in sorted(files)}


if __name__ == "__main__":
    print(f"{'room':<20}{'lines':>10}{'bytes':>12}{'files':>8}")
    for name, numbers in sizes().items():
        print(f"{name:<20}{numbers[0]:>10,}{numbers[1]:>12,}{numbers[2]:>8,}")
