"""Finds the imports between files of sim/ and draws docs/imports.svg: `python -m tests.imports`.

`python -m tests.imports sim.report.publish` prints how many files of sim/ a module imports, and which.

A package is a folder under sim/, or a file next to the folders. Every import counts, also one inside a function or
below `if TYPE_CHECKING`: a reader must follow it all the same.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import matplotlib as mpl

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "imports.svg"
_INK, _GREY = "#222222", "#8a8a8a"


@cache
def tree(path: Path) -> ast.Module:
    """Syntax tree of a file, parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def module_graph(package: Path = ROOT / "sim") -> dict[str, set[str]]:
    """For each module of a package, the modules of the package that it imports.

    `from package import name` means the module `name` where there is one. The packages around an imported
    module do not count.
    """
    paths = {_dotted(path, package): path for path in sorted(package.rglob("*.py")) if "alias" not in path.parts}
    known = set(paths)
    return {name: set(_imported(tree(path), known)) & known - {name} for name, path in paths.items()}


def _dotted(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.AST, known: set[str]) -> Iterator[str]:
    """Dotted names of imported modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in known else str(node.module) for name in names)


def room_graph(graph: Mapping[str, set[str]]) -> dict[str, Counter[str]]:
    """For each package, the packages that it imports and the number of files that do so."""
    rooms: dict[str, Counter[str]] = {room(name): Counter() for name in graph if name != "sim"}
    for name, targets in graph.items():
        if name != "sim":
            rooms[room(name)].update(sorted({room(target) for target in targets} - {room(name)}))
    return rooms


def room(module: str) -> str:
    """The package of a module."""
    return (*module.split("."), "sim")[1]


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of names that reach each other in a circle, sorted."""
    reached = {name: _reach(graph, name) for name in graph}
    groups = {tuple(sorted(other for other in reach if name in reached[other])) for name, reach in reached.items()}
    return sorted(list(group) for group in groups if len(group) > 1)


def _reach(graph: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Every name that can be reached from a name."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = set(graph.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def imports_of(name: str, graph: Mapping[str, set[str]]) -> tuple[set[str], set[str]]:
    """Modules that a module imports directly, and all modules that it reaches.

    Raises:
        KeyError: The graph has no such module.
    """
    return graph[name], _reach(graph, name) - {name}


def draw_rooms(picture: Path = PICTURE) -> None:
    """Draws the packages of sim/ in rows, each above all packages that it imports.

    Tests hold that no packages import each other in a circle; with one, there would be no such rows.
    """
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    files = module_graph()
    graph = room_graph(files)
    rows = _rows(graph)
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "imports", "font.family": "sans-serif"})
    figure, axes = plt.subplots(figsize=(3.2 * max(map(len, rows)), 1.2 * len(rows)))
    place: dict[str, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        for column, name in enumerate(row):
            # Rows are staggered, so that an arrow over several rows does not run behind boxes.
            place[name] = (column - (len(row) - 1) / 2 + 0.3 * (number % 3 - 1), -number)
    box = {"boxstyle": "square,pad=0.6", "facecolor": "white", "edgecolor": _INK}
    arrow = {"arrowstyle": "-|>", "connectionstyle": "arc3,rad=0.06", "color": _GREY, "shrinkA": 0, "shrinkB": 0}
    for name, targets in graph.items():
        for target, files_behind in targets.items():
            style, (x, y) = arrow | {"linewidth": 0.5 + 0.05 * min(files_behind, 40)}, place[target]
            axes.annotate("", (x, y + 0.26), place[name], arrowprops=style, zorder=1)  # from behind to the top of a box
        inside = [module for module in files if room(module) == name]
        text = f"{name}\n{len(inside)} file{'s' * (len(inside) > 1)}, {sum(map(_lines, inside)):,} lines"
        axes.text(*place[name], text, ha="center", va="center", fontsize=9, bbox=box, zorder=4)
    axes.set_title("Packages of sim/: an arrow leads to what is imported, wider for more files", fontsize=9, color=_INK)
    axes.set(xlim=(-max(map(len, rows)) / 2 - 0.3, max(map(len, rows)) / 2 + 0.3), ylim=(-len(rows) + 0.5, 0.5))
    axes.axis("off")
    figure.savefig(picture, bbox_inches="tight", metadata={"Date": None} if picture.suffix == ".svg" else None)
    plt.close(figure)


def _rows(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Names in rows, from the highest row to the lowest."""
    height: dict[str, int] = {}
    while len(height) < len(graph):
        for name, targets in graph.items():
            if name not in height and all(target in height for target in targets):
                height[name] = 1 + max((height[target] for target in targets), default=-1)
    return [sorted(n for n in graph if height[n] == level) for level in range(max(height.values()), -1, -1)]


def _lines(module: str) -> int:
    path = ROOT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return source.read_text(encoding="utf-8").count("\n")


def main(names: Iterable[str]) -> None:
    """Prints the imports of the named modules, or draws the packages."""
    if not names:
        draw_rooms()
    files = module_graph() if names else {}
    for name in names:
        if name not in files:
            sys.exit(f"sim/ has no module {name}: name one as sim.report.publish")
        own, reached = imports_of(name, files)
        print(f"{name} imports {len(own)} files of sim/, and reaches {len(reached)} of {len(files) - 1}:")
        print(*(f"  {other}" for other in sorted(own)), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
