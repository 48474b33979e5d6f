"""Draws mutants: replacements of single operators in the code.

Only what is calculated or decided is changed, inside functions and lambdas. Docstrings, annotations, texts (the words
of an Outcome among them) and constants stay.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
#: Packages of sim/ that can be mutated.
ROOMS = (
    *("agents", "api", "calibration", "cases", "data", "engine", "experiments"),
    *("law", "measures", "policy", "report", "results", "web", "world"),
)
#: What is written instead of an operator; a `not` is left out. The bars of `a | b` mostly join types, and stay.
SWAPS = {
    **{"<": "<=", "<=": "<", ">": "<", ">=": ">", "==": "!=", "!=": "=="},
    **{"+": "-", "-": "+", "*": "/", "/": "*", "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="},
    **{"and": "or", "or": "and", "&": "|"},
}
_WORD = re.compile(r"\w+")
_TOKENS: dict[type[ast.AST], str] = {
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
    **{ast.IsNot: "not", ast.NotIn: "not", ast.And: "and", ast.Or: "or"},
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.BitAnd: "&"},
}


@dataclass(frozen=True, order=True)
class Mutant:
    """A replacement of one operator in a file.

    The line counts from 1, the columns of the first character and of that behind the last from 0. The function is the
    innermost around it; empty for a lambda outside of functions.
    """

    path: str
    line: int
    first: int
    last: int
    written: str
    function: str

    @property
    def place(self) -> str:
        """Text `path:line:column`."""
        return f"{self.path}:{self.line}:{self.first + 1}"

    def lines(self, text: str) -> tuple[str, str]:
        """The changed line before and after, without indentation."""
        before = text.splitlines()[self.line - 1]
        return before.strip(), self._changed(before).strip()

    def applied(self, text: str) -> str:
        """Text of the file with the mutant."""
        lines = text.splitlines(keepends=True)
        lines[self.line - 1] = self._changed(lines[self.line - 1])
        return "".join(lines)

    def _changed(self, line: str) -> str:
        return line[: self.first] + self.written + line[self.last :]


def draw(number: int, seed: int, root: Path = ROOT, rooms: Sequence[str] = ROOMS) -> list[Mutant]:
    """Draws mutants from packages in proportion to their lines, in a fixed order for each seed."""
    generator = np.random.default_rng(seed)
    left = {room: list(generator.permutation(len(mutants_of(room, root)))) for room in rooms}
    lines = {room: sum(text.count("\n") for text in texts_of(room, root).values()) for room in rooms}
    drawn: list[Mutant] = []
    while len(drawn) < number and (rooms := [room for room in left if left[room]]):
        weights = np.array([lines[room] for room in rooms], float)
        room = rooms[generator.choice(len(rooms), p=weights / weights.sum())]
        drawn.append(mutants_of(room, root)[left[room].pop()])
    return drawn


def draw_each(each: int, seed: int, root: Path = ROOT, rooms: Sequence[str] = ROOMS) -> list[Mutant]:
    """Draws the same number of mutants from every package, one at a time in turn."""
    drawn = [draw(each, seed, root, [room]) for room in rooms]
    return [of_room[turn] for turn in range(each) for of_room in drawn if turn < len(of_room)]


@cache
def texts_of(room: str, root: Path) -> Mapping[Path, str]:
    """Source texts of a package, by path."""
    return {path.relative_to(root): path.read_text("utf-8") for path in sorted((root / "sim" / room).rglob("*.py"))}


@cache
def mutants_of(room: str, root: Path) -> list[Mutant]:
    """All mutants of a package."""
    return [mutant for path, text in texts_of(room, root).items() for mutant in mutants(text, path)]


def mutants(text: str, path: Path) -> list[Mutant]:
    """All mutants of a file, in order of position."""
    finder = _Finder(text, path.as_posix())
    finder.visit(ast.parse(text))
    return sorted(finder.found)


class _Finder(ast.NodeVisitor):
    """Collects the mutants of a file: one for each operator that can be replaced or deleted."""

    def __init__(self, text: str, path: str) -> None:
        self.path, self._lines = path, text.splitlines()
        self.found: list[Mutant] = []
        self._inside: list[str] = []  # functions around the present place, from the outermost

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Visits the body only, without decorators, arguments and annotations."""
        self._inside.append(node.name)
        for statement in node.body:
            self.visit(statement)
        self._inside.pop()

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Visits the body as part of the enclosing function."""
        self._inside.append(self._inside[-1] if self._inside else "")
        self.visit(node.body)
        self._inside.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Visits the value only, without the annotation."""
        self.visit(node.value or ast.Pass())

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Skips formatted strings."""

    def generic_visit(self, node: ast.AST) -> None:
        """Collects comparisons, `and`, `or`, `not`, and arithmetic operators."""
        match node:
            case ast.Compare(left=first, ops=operators, comparators=rest):
                for operator, left in zip(operators, [first, *rest], strict=False):
                    self._keep(operator, left)
            case ast.BoolOp(op=operator, values=sides):
                for left in sides[:-1]:
                    self._keep(operator, left)
            case ast.BinOp(left=left, op=operator) if not _is_text(node):  # joined texts stay
                self._keep(operator, left)
            case ast.AugAssign(target=left, op=operator):
                self._keep(operator, left, "=")
            case ast.UnaryOp(op=ast.Not()):
                self._drop(*self._place(node.lineno, node.col_offset))
        super().generic_visit(node)

    def _keep(self, operator: ast.AST, left: ast.expr, suffix: str = "") -> None:
        """Collects the operator that follows an expression, after brackets and comments."""
        word = _TOKENS.get(type(operator), "") + suffix
        if not self._inside or word not in (*SWAPS, "not"):
            return
        line, column = self._place(left.end_lineno or 0, left.end_col_offset or 0)
        while word not in (between := self._lines[line - 1][column:].partition("#")[0]):
            line, column = line + 1, 0
        first = column + between.index(word)
        if word == "not":
            self._drop(line, first)
        else:
            self.found.append(Mutant(self.path, line, first, first + len(word), SWAPS[word], self._inside[-1]))

    def _drop(self, line: int, first: int) -> None:
        """Collects a `not` as a mutant that deletes it."""
        behind = self._lines[line - 1][first:].removeprefix("not").partition("#")[0].lstrip()
        if self._inside and behind:
            last = self._lines[line - 1].index(behind, first + 3)
            self.found.append(Mutant(self.path, line, first, last, "", self._inside[-1]))

    def _place(self, line: int, offset: int) -> tuple[int, int]:
        """Line and column of a position, with columns in characters instead of Python's bytes."""
        return line, len(self._lines[line - 1].encode()[:offset].decode())


def _is_text(node: ast.expr) -> bool:
    """True if an expression is a string or a concatenation of strings."""
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def comparing_worlds(path: Path) -> Iterator[str]:
    """Names of a file's tests that compare fingerprints of worlds."""
    marks = {"digest", "digests", "digests_of", "golden", "fingerprint"}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            used |= {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
            if used & marks:
                yield node.name


def living(path: Path, pattern: re.Pattern[str]) -> dict[str, bool]:
    """Functions of a test file, with True if they or functions that they name match a pattern."""
    text = path.read_text("utf-8")
    lines, bodies = text.splitlines(), {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
            bodies[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    found = {name for name, body in bodies.items() if pattern.search(body)}
    while more := {name for name, body in bodies.items() if name not in found and found & set(_WORD.findall(body))}:
        found |= more
    return {name: name in found for name in bodies}
