"""Reads the source code: comments of codes, first sentences of docstrings, and the rule that answers each event."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from docs.programs import ROOT

PACKAGE = ROOT / "sim"
_MECHANISM = re.compile(r"\bM(\d+)\b")
_RANGE = re.compile(r"\bM(\d+)[–-]M(\d+)\b")
_ROOMS = ("law", "world", "agents", "policy", "policy/levers")


class Rule(NamedTuple):
    """A function of the model: module and name, dotted, without the package; and the first sentence about it."""

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
        for node in (part for part in ast.parse(text).body if isinstance(part, ast.ClassDef)):
            for item in node.body:
                if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                    said = lines[item.lineno - 1].partition("  # ")[2].strip()
                    comments[f"{node.name}.{item.targets[0].id}"] = said
    return comments


@cache
def _modules() -> tuple[tuple[str, ast.Module], ...]:
    """Modules of the model, dotted and without the package, in order of room."""
    paths = [path for room in _ROOMS for path in sorted((PACKAGE / room).glob("*.py"))]
    return tuple(
        (".".join(path.relative_to(PACKAGE).with_suffix("").parts), ast.parse(path.read_text(encoding="utf-8")))
        for path in (*paths, PACKAGE / "simulate.py")
    )


@cache
def rules() -> tuple[Rule, ...]:
    """Every function at the top of a module of the model, in order of place."""
    found = []
    for module, tree in _modules():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                docstring = ast.get_docstring(node) or ""
                numbers = frozenset(int(number) for number in _MECHANISM.findall(docstring))
                found.append(Rule(f"{module}.{node.name}", " ".join(docstring.split("\n\n")[0].split()), numbers))
    return tuple(found)


def rules_of(mechanism: int) -> tuple[Rule, ...]:
    """Rules whose docstring names a mechanism."""
    return tuple(rule for rule in rules() if mechanism in rule.mechanisms)


def modules_of(mechanism: int) -> tuple[str, ...]:
    """Modules whose docstring names a mechanism; “M8–M10” and “M8-M10” are all from 8 to 10."""
    found = []
    for module, tree in _modules():
        docstring = ast.get_docstring(tree) or ""
        numbers = {int(number) for number in _MECHANISM.findall(docstring)}
        numbers |= {n for first, last in _RANGE.findall(docstring) for n in range(int(first), int(last) + 1)}
        found += [module] if mechanism in numbers else []
    return tuple(found)


def _branches(first: ast.If) -> Iterator[tuple[ast.expr | None, ast.stmt]]:
    """Tests and first statements of an if-elif-else, None for the else."""
    yield first.test, first.body[0]
    if len(first.orelse) == 1 and isinstance(first.orelse[0], ast.If):
        yield from _branches(first.orelse[0])
    elif first.orelse:
        yield None, first.orelse[0]


def answers() -> dict[str, Rule]:
    """The rule that answers each kind of event, read off the dispatch functions of simulate.py.

    The last branch of such a function names no event; those events are the ones that no other branch names, in order.

    Raises:
        ValueError: an event is answered by no rule, or by one that is not known.
    """
    from sim.agents.events import Event

    named: dict[str, str] = {}
    others: list[str] = []
    dispatch = [node for node in dict(_modules())["simulate"].body if isinstance(node, ast.FunctionDef)]
    statements = [part for node in dispatch if node.name.startswith("dispatch") for part in node.body]
    for test, body in (branch for part in statements if isinstance(part, ast.If) for branch in _branches(part)):
        call = body.value if isinstance(body, ast.Expr) else None
        called = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        compared = test.comparators[0] if isinstance(test, ast.Compare) else None
        if called.startswith("dispatch"):
            continue
        if isinstance(compared, ast.Attribute):
            named[compared.attr] = called
        else:
            others.append(called)
    found = named | dict(zip([event.name for event in Event if event.name not in named], others, strict=True))
    known = {rule.name: rule for rule in rules()}
    if undefined := set(found.values()) - set(known):
        raise ValueError(f"events are answered by rules that are not defined: {sorted(undefined)}")
    return {event.name: known[found[event.name]] for event in Event}
