"""Edits the project's files by names of rows, members, functions and words.

Nothing is written before `write`, so that a change is counted in milliseconds. A place that is gone is a `StaleError`.
"""

import ast
import difflib
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.changes.examples import added, examples

ROOT = Path(__file__).parents[2]
#: What a copy holds: enough to import, to simulate, and to run tests.
COPIED = ("sim", "conf", "scenarios", "tests")
_TEXT = {".py", ".csv", ".yaml", ".toml", ".html", ".txt", ".js", ".css"}


class StaleError(AssertionError):
    """Error for a change whose place no longer exists."""


class Touched(NamedTuple):
    """Numbers of files and lines touched outside tests/, and number of files touched in tests/."""

    files: int
    added: int
    removed: int
    tests: int


@cache
def original(file: str) -> str:
    """Text of a file of the project; empty if it does not exist."""
    path = ROOT / file
    return path.read_text(encoding="utf-8") if path.is_file() else ""


class Tree:
    """The project's files with one or several changes, in memory."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._examples: set[str] = set()

    def text(self, file: str) -> str:
        """Text of a file with the changes so far."""
        return self.texts.get(file, original(file))

    def new(self, file: str, text: str) -> None:
        """Adds a file."""
        if self.text(file):
            raise StaleError(f"{file} is there already")
        self.texts[file] = text

    def delete(self, file: str) -> None:
        """Removes a file."""
        if not self.text(file):
            raise StaleError(f"{file} is not there")
        self.texts[file] = ""

    def replace(self, file: str, old: str, new: str) -> None:
        """Replaces a text that occurs once in a file."""
        text = self.text(file)
        if text.count(old) != 1:
            raise StaleError(f"{file} has {text.count(old)} times, not once:\n{old}")
        self.texts[file] = text.replace(old, new)

    def before(self, file: str, place: str, text: str) -> None:
        """Inserts lines before the only line that begins with `place`."""
        self._insert(file, place, text, 0)

    def after(self, file: str, place: str, text: str) -> None:
        """Inserts lines after the only line that begins with `place`."""
        self._insert(file, place, text, 1)

    def _insert(self, file: str, place: str, text: str, behind: int) -> None:
        lines = self.text(file).splitlines(keepends=True)
        at = self._line(file, place, lines) + behind
        self.texts[file] = "".join([*lines[:at], text, *lines[at:]])

    @staticmethod
    def _line(file: str, place: str, lines: list[str]) -> int:
        found = [number for number, line in enumerate(lines) if line.lstrip().startswith(place)]
        if len(found) != 1:
            raise StaleError(f"{file} has {len(found)} lines, not one, that begin with: {place}")
        return found[0]

    def rows(self, file: str, rows: str, after: str = "") -> None:
        """Adds rows to a data file, at its end or after a certain row."""
        if not self.text(file):
            raise StaleError(f"{file} is not there")
        if after:
            self.after(file, after, rows)
        else:
            self.texts[file] = self.text(file) + rows

    def drop_row(self, file: str, key: str) -> None:
        """Removes a row of a data file by its key."""
        lines = self.text(file).splitlines(keepends=True)
        del lines[self._line(file, key, lines)]
        self.texts[file] = "".join(lines)

    def remove(self, file: str, *names: str) -> None:
        """Removes functions, classes and enumeration members of a module by name."""
        for name in names:
            text = self.text(file)
            spans = [_span(node) for node in ast.walk(ast.parse(text)) if name in _named(node)]
            if len(spans) != 1:
                raise StaleError(f"{file} has {len(spans)} definitions of {name}, not one")
            lines = text.splitlines(keepends=True)
            (first, last), rest = spans[0], len(lines)
            while last < rest and not lines[last].strip():  # the blank lines behind it go as well
                last += 1
            kept = "".join([*lines[:first], *lines[last:]])
            self.texts[file] = kept.rstrip("\n") + "\n" if last == rest else kept

    def redefine(self, file: str, name: str, code: str) -> None:
        """Replaces a function or class of a module."""
        text = self.text(file)
        spans = [_span(node) for node in ast.parse(text).body if name in _named(node)]
        if len(spans) != 1:
            raise StaleError(f"{file} has {len(spans)} definitions of {name}, not one")
        lines, (first, last) = text.splitlines(keepends=True), spans[0]
        self.texts[file] = "".join([*lines[:first], code, *lines[last:]])

    def document(self, file: str, text: str) -> None:
        """Replaces the docstring of a module."""
        lines = self.text(file).splitlines(keepends=True)
        tree = ast.parse("".join(lines))
        if ast.get_docstring(tree) is None:
            raise StaleError(f"{file} has no docstring")
        self.texts[file] = "".join([f'"""{text}"""\n', *lines[tree.body[0].end_lineno :]])

    def fix(self) -> None:
        """Removes unused imports and formats changed modules, as `make fix` does."""
        with TemporaryDirectory() as place:
            modules = [file for file in self.texts if file.endswith(".py")]
            for file in modules:
                Path(place, file).parent.mkdir(parents=True, exist_ok=True)
                Path(place, file).write_text(self.texts[file], encoding="utf-8")
            for words in (("check", "--fix", "--select", "F401"), ("format",)):
                ruff(Path(place), *words, *modules)
            for file in modules:
                self.texts[file] = Path(place, file).read_text(encoding="utf-8")

    def rename(self, old: str, new: str) -> None:
        """Replaces a word everywhere in the project."""
        word, found = re.compile(rf"\b{old}\b"), False
        for file in _files():
            text = self.text(file)
            if old in text and word.search(text):
                self.texts[file] = word.sub(new, text)
                found = True
        if not found:
            raise StaleError(f"no file has the word {old}")

    def example(self, kind: str) -> None:
        """Adds the code blocks of a section of CONTRIBUTING.md, unless added already."""
        if kind in self._examples:
            return
        self._examples.add(kind)
        blocks = examples()
        if kind not in blocks:
            raise StaleError(f"CONTRIBUTING.md has no section on: {kind}")
        for example in blocks[kind]:
            if example.place == "a new file":
                self.new(example.file, example.code)
            elif example.place:
                try:
                    self.texts[example.file] = added(self.text(example.file), example)
                except (LookupError, StopIteration, ValueError) as error:
                    raise StaleError(
                        f"{example.file} has no place that CONTRIBUTING.md calls {example.place}"
                    ) from error
            else:
                self.rows(example.file, example.code)

    def touched(self) -> Touched:
        """Counts files and lines that differ from the project's."""
        more = fewer = files = tests = 0
        for file, text in self.texts.items():
            old = original(file)
            if text == old:
                continue
            if file.startswith("tests/"):
                tests += 1
                continue
            files += 1
            changed = difflib.unified_diff(old.splitlines(), text.splitlines(), n=0, lineterm="")
            marks = [line[0] for line in changed if not line.startswith(("---", "+++"))]
            more, fewer = more + marks.count("+"), fewer + marks.count("-")
        return Touched(files, more, fewer, tests)

    def write(self, folder: Path) -> None:
        """Writes a changed copy of the project to a folder."""
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "CONTRIBUTING.md"):
            shutil.copy(ROOT / name, folder / name)
        for file, text in self.texts.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
            if not text:
                (folder / file).unlink()


def ruff(folder: Path, *words: str) -> None:
    """Checks or formats modules of a copy with Ruff; any finding is an error."""
    command = [sys.executable, "-m", "ruff", words[0], "--quiet", "--config", str(ROOT / "pyproject.toml"), *words[1:]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def _files() -> tuple[str, ...]:
    """Names of text files that may contain the name of a concept, without generated files."""
    tops = (*COPIED, "docs/programs")
    paths = (path for top in tops for path in sorted((ROOT / top).rglob("*")) if path.suffix in _TEXT)
    own = Path(__file__).parent
    return tuple(path.relative_to(ROOT).as_posix() for path in paths if path.is_file() and own not in path.parents)


def _named(node: ast.AST) -> set[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()


def _span(node: ast.AST) -> tuple[int, int]:
    """Slice of the lines of a statement with its decorators."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])  # type: ignore[attr-defined]
    return first - 1, node.end_lineno  # type: ignore[attr-defined]
