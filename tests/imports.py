"""Which file of sim/ imports which, and a picture of it.

`python -m tests.imports` draws the rooms of sim/ into docs/imports.svg. `python -m tests.imports policy` draws the
files inside a room; a second argument names the picture. A room is a folder under sim/, or a file beside the folders.

Every import counts, also one inside a function or below `if TYPE_CHECKING`: a reader must follow it all the same.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "imports.svg"
_WIDTH, _HEIGHT, _GAP = 2.4, 0.62, 1.15  # of a box, in inches, and from one row of boxes to the next
_INK, _GREY, _RED = "#222222", "#8a8a8a", "#c0392b"

#: What imports what; a value names the files (or the one file) behind an arrow.
Graph = Mapping[str, Mapping[str, set[str]]]


def module_graph(package: Path = ROOT / "sim") -> dict[str, dict[str, set[str]]]:
    """Modules of a package, each with the modules of the package that it imports.

    Of `from package import name`, the module `name` is meant where there is one. The packages around an imported
    module do not count.
    """
    paths = {_dotted(path, package): path for path in sorted(package.rglob("*.py")) if "alias" not in path.parts}
    graph: dict[str, dict[str, set[str]]] = {name: {} for name in paths}
    for name, path in paths.items():
        for imported in _imported(ast.parse(path.read_text(encoding="utf-8")), set(paths)):
            if imported in paths and imported != name:
                graph[name][imported] = {name}
    return graph


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


def room_graph(graph: Graph) -> dict[str, dict[str, set[str]]]:
    """Rooms, each with the rooms that it imports from and the files that do."""
    rooms: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, targets in graph.items():
        own = rooms[room(name)]
        for target in targets:
            if room(target) != room(name):
                own[room(target)].add(name)
    return {name: dict(targets) for name, targets in rooms.items() if name != "sim"}


def room(module: str) -> str:
    """The room of a module."""
    return (*module.split("."), "sim")[1]


def circles(graph: Mapping[str, Mapping[str, Hashable]]) -> list[list[str]]:
    """Groups of names that reach each other, each group sorted; what stands alone is left out."""
    reached = {name: _reach(graph, name) for name in graph}
    groups = {tuple(sorted(other for other in reach if name in reached[other])) for name, reach in reached.items()}
    return sorted(list(group) for group in groups if len(group) > 1)


def _reach(graph: Mapping[str, Mapping[str, Hashable]], start: str) -> set[str]:
    """What can be reached from a name."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def split(graph: Graph) -> tuple[dict[str, dict[str, set[str]]], list[tuple[str, str]]]:
    """Arrows that run downwards, and those that would have to run upwards.

    Of each circle, the arrow with the fewest files behind it is the one that runs upwards.
    """
    down = {name: dict(targets) for name, targets in graph.items()}
    up: list[tuple[str, str]] = []
    while groups := circles(down):
        group = set(groups[0])
        arrows = [(name, target) for name in group for target in down[name] if target in group]
        weakest = min(arrows, key=lambda arrow: (len(down[arrow[0]][arrow[1]]), arrow))
        del down[weakest[0]][weakest[1]]
        up.append(weakest)
    return down, up


@dataclass(frozen=True)
class Box:
    """A room or a file in the picture: two lines of text, and whether something inside goes in a circle."""

    title: str
    text: str
    in_circle: bool


def draw(graph: Graph, boxes: Mapping[str, Box], heading: str, picture: Path) -> list[tuple[str, str]]:
    """Draws boxes in rows so that arrows run downwards, and those that cannot in red.

    Returns:
        The arrows that run upwards.
    """
    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.patches import FancyArrowPatch, Rectangle

    down, up = split(graph)
    rows = _rows(down)
    widest = max(map(len, rows))
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "imports", "font.family": "sans-serif"})
    figure, axes = plt.subplots(figsize=(widest * _WIDTH * 1.25 + 0.4, len(rows) * _GAP + 0.6))
    place: dict[str, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        for column, name in enumerate(row):
            # Rows are staggered, so that an arrow over several rows does not run behind boxes.
            shift = 0.3 * (number % 3 - 1) if len(row) < widest else 0.0
            place[name] = ((column - (len(row) - 1) / 2 + shift) * _WIDTH * 1.25, -number * _GAP)
    for name, targets in graph.items():
        for target, files in targets.items():
            upwards = (name, target) in up
            (x, y), (to_x, to_y) = place[name], place[target]
            sign = 1 if upwards else -1
            arrow = FancyArrowPatch(
                (x, y + sign * _HEIGHT / 2),
                (to_x, to_y - sign * _HEIGHT / 2),
                arrowstyle="-|>",
                mutation_scale=9,
                connectionstyle="arc3,rad=0.1" if upwards else "arc3,rad=0.06",
                linewidth=1.8 if upwards else 0.5 + 0.05 * min(len(files), 40),
                color=_RED if upwards else _GREY,
                alpha=1.0 if upwards else 0.7,
                zorder=6 if upwards else 1,
            )
            axes.add_patch(arrow)
    for name, (x, y) in place.items():
        edge = _RED if boxes[name].in_circle else _INK
        corner = (x - _WIDTH / 2, y - _HEIGHT / 2)
        axes.add_patch(Rectangle(corner, _WIDTH, _HEIGHT, facecolor="white", edgecolor=edge, zorder=4))
        axes.text(x, y + 0.1, boxes[name].title, ha="center", va="center", fontsize=10, weight="bold", zorder=5)
        axes.text(x, y - 0.15, boxes[name].text, ha="center", va="center", fontsize=7, color=edge, zorder=5)
    axes.set_title(heading, fontsize=9, color=_INK)
    axes.set_xlim(-widest * _WIDTH * 0.66, widest * _WIDTH * 0.66)
    axes.set_ylim(-(len(rows) - 1) * _GAP - 0.5, 0.5)
    axes.axis("off")
    figure.savefig(picture, bbox_inches="tight", metadata={"Date": None} if picture.suffix == ".svg" else None)
    plt.close(figure)
    return up


def _rows(down: Graph) -> list[list[str]]:
    """Names in rows: each as high as it must be to stand above all that it imports."""
    height: dict[str, int] = {}
    while len(height) < len(down):
        for name, targets in down.items():
            if name not in height and all(target in height for target in targets):
                height[name] = 1 + max((height[target] for target in targets), default=-1)
    return [sorted(n for n in down if height[n] == level) for level in range(max(height.values()), -1, -1)]


def draw_rooms(picture: Path = PICTURE) -> list[tuple[str, str]]:
    """The rooms of sim/."""
    files = module_graph()
    in_circle = {room(group[0]): len(group) for group in circles(files)}
    boxes = {}
    for name in room_graph(files):
        inside = [module for module in files if room(module) == name]
        count = "1 file" if len(inside) == 1 else f"{len(inside)} files"
        problem = f", {in_circle[name]} in a circle" if name in in_circle else ""
        boxes[name] = Box(name, f"{count}, {sum(map(_lines, inside)):,} lines{problem}", name in in_circle)
    heading = "Rooms of sim/: an arrow leads to what is imported, wider for more files; red runs upwards"
    return draw(room_graph(files), boxes, heading, picture)


def draw_inside(name: str, picture: Path) -> list[tuple[str, str]]:
    """The files of one room."""
    files = module_graph()
    inside = {module for module in files if room(module) == name and not module.endswith(name)}
    graph = {module: {t: f for t, f in files[module].items() if t in inside} for module in sorted(inside)}
    group = {module for members in circles(graph) for module in members}
    prefix = f"sim.{name}."
    boxes = {m: Box(m.removeprefix(prefix), f"{_lines(m):,} lines", m in group) for m in graph}
    return draw(graph, boxes, f"Files of sim/{name}: an arrow leads to what is imported; red runs upwards", picture)


def _lines(module: str) -> int:
    path = ROOT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return source.read_text(encoding="utf-8").count("\n")


def main() -> None:
    """Draw what the command line names."""
    name, picture = (*sys.argv[1:], "", "")[:2]
    target = Path(picture or (f"{name}.svg" if name else PICTURE))
    up = draw_inside(name, target) if name else draw_rooms(target)
    print(f"{target} is drawn")
    for upper, lower in up:
        print(f"upwards: {upper} → {lower}")
    for group in circles(module_graph()):
        print(f"circle: {', '.join(group)}")


if __name__ == "__main__":
    main()
