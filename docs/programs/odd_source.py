"""Reads the source code: comments of codes, first sentences of docstrings, and the rule that answers each event."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from docs.programs import ROOT

PACKAGE = ROOT / "sim"
_MECHANISM = re.compile(r"\bM(\d+)\b")
_RANGE = re.compile(r"\bM(\d+)[–-]M(\d+)\b")
_ROOMS = ("law", "world", "agents", "policy", "policy/levers")


@dataclass(frozen=True)
class Rule:
    """A function of the model.

    Attributes:
        place: module and name, dotted, without the package.
        says: first sentence of its docstring.
        mechanisms: numbers of the mechanisms that the docstring names.
    """

    place: str
    says: str
    mechanisms: frozenset[int]

    @property
    def name(self) -> str:
        """Name without the module."""
        return self.place.rpartition(".")[2]


@cache
def code_comments() -> dict[str, str]:
    """Comment on each member of each enumeration, by `Class.MEMBER`."""
    comments = {}
    for name in ("world/records/codes.py", "law/vocabulary.py", "agents/events.py"):
        text = (PACKAGE / name).read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                for item in node.body:
                    if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                        comments[f"{node.name}.{item.targets[0].id}"] = (
                            lines[item.lineno - 1].partition("  # ")[2].strip()
                        )
    return comments


def _paths() -> list[Path]:
    paths = [path for room in _ROOMS for path in sorted((PACKAGE / room).glob("*.py"))]
    return [*paths, PACKAGE / "simulate.py"]


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


@cache
def rules() -> tuple[Rule, ...]:
    """Every function at the top of a module in the rooms of the model and in simulate.py, in order of place."""
    found = []
    for path in _paths():
        module = _dotted(path)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                docstring = ast.get_docstring(node) or ""
                numbers = frozenset(int(number) for number in _MECHANISM.findall(docstring))
                found.append(Rule(f"{module}.{node.name}", " ".join(docstring.split("\n\n")[0].split()), numbers))
    return tuple(found)


def rules_of(mechanism: int) -> tuple[Rule, ...]:
    """Rules whose docstring names a mechanism."""
    return tuple(rule for rule in rules() if mechanism in rule.mechanisms)


@cache
def modules() -> Mapping[str, frozenset[int]]:
    """Numbers of the mechanisms that each module names in its docstring."""
    found = {}
    for path in _paths():
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        # "M8–M10" and "M8-M10" are all from 8 to 10.
        numbers = {int(number) for number in _MECHANISM.findall(docstring)}
        for first, last in _RANGE.findall(docstring):
            numbers |= set(range(int(first), int(last) + 1))
        found[_dotted(path)] = frozenset(numbers)
    return MappingProxyType(found)


def modules_of(mechanism: int) -> tuple[str, ...]:
    """Modules whose docstring names a mechanism."""
    return tuple(name for name, numbers in modules().items() if mechanism in numbers)


def _chain(first: ast.If) -> Iterator[tuple[ast.expr | None, ast.stmt]]:
    """Tests and first statements of an if-elif-else, None for the else."""
    branch = first
    while True:
        yield branch.test, branch.body[0]
        if len(branch.orelse) == 1 and isinstance(branch.orelse[0], ast.If):
            branch = branch.orelse[0]
            continue
        if branch.orelse:
            yield None, branch.orelse[0]
        return


def _called(statement: ast.stmt) -> str:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""


def answers() -> dict[str, Rule]:
    """The rule that answers each kind of event, read off the dispatch functions of simulate.py.

    The last branch of such a function names no event; those events are the ones that no other branch names, in order.

    Raises:
        ValueError: an event is answered by no rule, or by one that is not known.
    """
    from sim.agents.events import Event

    named: dict[str, str] = {}
    others: list[str] = []
    for node in ast.parse((PACKAGE / "simulate.py").read_text(encoding="utf-8")).body:
        if not (isinstance(node, ast.FunctionDef) and node.name.startswith("dispatch")):
            continue
        for statement in node.body:
            for test, body in _chain(statement) if isinstance(statement, ast.If) else ():
                called = _called(body)
                if called.startswith("dispatch"):
                    continue
                compared = test.comparators[0] if isinstance(test, ast.Compare) else None
                if isinstance(compared, ast.Attribute):
                    named[compared.attr] = called
                else:
                    others.append(called)
    left = [event.name for event in Event if event.name not in named]
    known = {rule.name: rule for rule in rules()}
    found = named | dict(zip(left, others, strict=True))
    if undefined := set(found.values()) - set(known):
        raise ValueError(f"events are answered by rules that are not defined: {sorted(undefined)}")
    return {event.name: known[found[event.name]] for event in Event}
