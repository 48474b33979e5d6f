"""The text of the project with a change in it, made by names: rows, members, functions, words.

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
    """A place that a change names is not there any more."""


class Touched(NamedTuple):
    """Files and lines outside tests/ that a change touches, and files of tests/."""

    files: int
    added: int
    removed: int
    tests: int


@cache
def original(file: str) -> str:
    """The text of a file as it is in the project; empty where there is none."""
    path = ROOT / file
    return path.read_text(encoding="utf-8") if path.is_file() else ""


class Tree:
    """The project, as one change or several leave it."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._examples: set[str] = set()

    def text(self, file: str) -> str:
        """The text of a file after the changes so far."""
        return self.texts.get(file, original(file))

    def new(self, file: str, text: str) -> None:
        """A file that was not there."""
        if self.text(file):
            raise StaleError(f"{file} is there already")
        self.texts[file] = text

    def delete(self, file: str) -> None:
        """Takes away a file."""
        if not self.text(file):
            raise StaleError(f"{file} is not there")
        self.texts[file] = ""

    def replace(self, file: str, old: str, new: str) -> None:
        """Other text in the one place that has the old one."""
        text = self.text(file)
        if text.count(old) != 1:
            raise StaleError(f"{file} has {text.count(old)} times, not once:\n{old}")
        self.texts[file] = text.replace(old, new)

    def before(self, file: str, place: str, text: str) -> None:
        """Lines before the one line that begins with `place`, spaces aside."""
        self._insert(file, place, text, 0)

    def after(self, file: str, place: str, text: str) -> None:
        """Lines behind the one line that begins with `place`, spaces aside."""
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
        """Rows of a data file: at its end, or behind the row that begins with `after`."""
        if not self.text(file):
            raise StaleError(f"{file} is not there")
        if after:
            self.after(file, after, rows)
        else:
            self.texts[file] = self.text(file) + rows

    def drop_row(self, file: str, key: str) -> None:
        """Takes away the row of a data file that begins with a key."""
        lines = self.text(file).splitlines(keepends=True)
        del lines[self._line(file, key, lines)]
        self.texts[file] = "".join(lines)

    def remove(self, file: str, *names: str) -> None:
        """Takes away functions and classes of a module, and entries of its enumerations, by name."""
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
        """Another definition in place of a function or class of a module."""
        text = self.text(file)
        spans = [_span(node) for node in ast.parse(text).body if name in _named(node)]
        if len(spans) != 1:
            raise StaleError(f"{file} has {len(spans)} definitions of {name}, not one")
        lines, (first, last) = text.splitlines(keepends=True), spans[0]
        self.texts[file] = "".join([*lines[:first], code, *lines[last:]])

    def document(self, file: str, text: str) -> None:
        """Another docstring of a module."""
        lines = self.text(file).splitlines(keepends=True)
        tree = ast.parse("".join(lines))
        if ast.get_docstring(tree) is None:
            raise StaleError(f"{file} has no docstring")
        self.texts[file] = "".join([f'"""{text}"""\n', *lines[tree.body[0].end_lineno :]])

    def fix(self) -> None:
        """Does what `make fix` does with the modules of the change: unused imports go, lines are laid out."""
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
        """Another word for a concept, wherever it is a whole word."""
        word, found = re.compile(rf"\b{old}\b"), False
        for file in _files():
            text = self.text(file)
            if old in text and word.search(text):
                self.texts[file] = word.sub(new, text)
                found = True
        if not found:
            raise StaleError(f"no file has the word {old}")

    def example(self, kind: str) -> None:
        """The blocks of a section of CONTRIBUTING.md; once, where several changes need them."""
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
        """Counts what differs from the project."""
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
        """Writes a copy of the project with the changes."""
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
    """Has Ruff, with the settings of the project, check or lay out modules of a copy; what it finds is an error."""
    command = [sys.executable, "-m", "ruff", words[0], "--quiet", "--config", str(ROOT / "pyproject.toml"), *words[1:]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def _files() -> tuple[str, ...]:
    """Text files that may name a concept; texts that commands write, such as docs/odd.md, are not among them."""
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
    """First and last line of a statement with its decorators, as a slice."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])  # type: ignore[attr-defined]
    return first - 1, node.end_lineno  # type: ignore[attr-defined]
