"""Finds the model's rules that a user's file replaces by name, and puts the replacements in place.

Parts of a user's own (`sim.data.own`) stand from the beginning: `take_over` puts their rules in place when all rules of
the model are known, and none is compiled. A study can have a file of rules besides (`sim.experiments.rules`).
"""

from __future__ import annotations

import builtins
import dis
import inspect
import pkgutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib import import_module
from logging import getLogger
from types import ModuleType
from typing import Any

import numpy as np

from sim.data import own
from sim.data.own import OwnPartError, module_of
from sim.engine.bound import reached
from sim.engine.clock import DUE, EVENT
from sim.engine.compiling import in_python, is_kernel, is_rule, rule
from sim.law.instruments import TERMS
from sim.law.suggest import nearest
from sim.policy.problem import Findings, InputError
from sim.world.own_events import FILE_OF, HANDLES, OwnEvent
from sim.world.parameters import SETTING
from sim.world.records import ENTITIES

_LOGGER = getLogger(__name__)
#: Packages whose rules can be replaced.
_PACKAGES = ("sim.agents", "sim.world", "sim.law")
#: Name in a file of rules that says which rule each of its functions replaces, where names alone do not.
REPLACES = "REPLACES"
#: Arguments of a rule that answers an event.
_ANSWERS = ("world", "row", "stamp")
#: What a rule can read of a local value, besides fields of named tuples: fields of records, what arrays and codes have.
_FIELDS = frozenset(
    (
        *(name for kind in (SETTING, TERMS, EVENT, DUE, *(one.dtype for one in ENTITIES)) for name in kind.names or ()),
        *(name for name in dir(np.ndarray) if not name.startswith("_")),
        "value",
    )
)
#: Dotted names of the rules that parts replace, in this process.
REPLACED: list[str] = []


def replaceable() -> dict[str, Any]:
    """Rules of the model that users can replace, by dotted name."""
    return {name: value for name, value in compiled_rules().items() if name.startswith(_PACKAGES) and is_rule(value)}


def replacements(module: ModuleType, file: str, known: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Rules of the model that a file replaces, by dotted name, each with its replacement."""
    functions = {
        name: value
        for name, value in vars(module).items()
        if is_rule(value) and in_python(value).__module__ == module.__name__ and not name.startswith("_")
        if HANDLES not in vars(in_python(value))
    }
    named = _named(file, module, functions)
    mistakes, replaced = Findings(), dict[str, tuple[Any, Any]]()
    for name, function in functions.items():
        with mistakes.gather():
            target = _target(file, named.get(name, name), known)
            wanted = list(inspect.signature(in_python(known[target])).parameters)
            _check_signature(file, name, function, wanted, "the rule that it replaces", f", like {target}")
            replaced[target] = known[target], function
    mistakes.raise_all()
    return replaced


def _check_signature(file: str, name: str, function: Any, wanted: list[str], whose: str, like: str = "") -> None:
    """Raises an error if a user's rule does not take the wanted arguments."""
    mine = list(inspect.signature(in_python(function)).parameters)
    if mine != wanted:
        problem = f"takes other arguments ({', '.join(mine) or 'none'}) than {whose}"
        line = in_python(function).__code__.co_firstlineno
        fix = f"Write def {name}({', '.join(wanted)}){like}."
        raise InputError(problem, where=f"{file}:{line}", key=name, fix=fix)


def check_circles(replaced: Mapping[str, tuple[Any, Any]], file: str) -> None:
    """Raises an error if a replacement calls itself, because such a call could crash compiled code."""
    for name, (_, function) in replaced.items():
        if in_python(function) in reached(function):
            fix = "Call other rules, or the one that it replaces, imported under another name."
            key = name.rpartition(".")[2]
            raise InputError("calls itself, or a rule that calls it", where=file, key=key, fix=fix)


def check_names(module: ModuleType, file: str) -> None:
    """Raises an error for names in a file's rules that nothing has: compiled code would fail without the place."""
    mistakes, fields = Findings(), known_fields()
    for name, function in vars(module).items():
        if is_rule(function) and in_python(function).__module__ == module.__name__:
            for line, what, wrong, known in unknown_names(in_python(function), fields):
                where = f"{file}:{line}"
                mistakes.add(InputError(what, where=where, key=name, value=wrong, fix=nearest(wrong, known)))
    mistakes.raise_all()


def known_fields() -> frozenset[str]:
    """Names that a rule can read of a local value: a record, an array, a code, or a named tuple such as the world."""
    kinds = [
        kind
        for name, module in list(sys.modules.items())
        if name.startswith(("sim.", "comity_"))
        for kind in vars(module).values()
    ]
    return _FIELDS.union(*(kind._fields for kind in kinds if isinstance(kind, type) and hasattr(kind, "_fields")))


def unknown_names(function: Any, fields: Collection[str]) -> Iterator[tuple[int | None, str, str, Iterable[str]]]:
    """Yields line, problem, name and known names for each name that a rule uses and nothing has."""
    known: Any = {**vars(builtins), **function.__globals__}
    owner: Any = None  # what was read last, where it is known before the rule runs
    for step in dis.get_instructions(function):
        name, line, before, owner = step.argval, step.positions and step.positions.lineno, owner, None
        if step.opname == "LOAD_GLOBAL":
            if name not in known:
                yield line, "nothing has this name", name, function.__globals__
            owner = known.get(name)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR"):
            if before is None and name not in fields:
                yield line, "no table has such a field, and no parameter has this name", name, fields
            elif before is not None and not hasattr(before, name):
                yield line, f"{getattr(before, '__name__', before)} has no such name", name, dir(before)
            owner = getattr(before, name, None)


def swap(places: Mapping[int, Any]) -> None:
    """Replaces objects in all modules of the package; `places` maps ids of old objects to new objects."""
    for name, module in list(sys.modules.items()):
        if name.startswith("sim.") and module is not None:
            names = vars(module)
            for key, value in list(names.items()):
                if id(value) in places:
                    names[key] = places[id(value)]


def compiled_rules() -> dict[str, Any]:
    """All rules and entry points of the model, by dotted name."""
    import_module("sim.simulate")  # which imports the agents
    for room in _PACKAGES:
        for entry in pkgutil.walk_packages(import_module(room).__path__, f"{room}."):
            import_module(entry.name)
    return {
        f"{name}.{key}": value
        for name, module in list(sys.modules.items())
        if name.startswith("sim.") and module is not None
        for key, value in vars(module).items()
        if (is_rule(value) or is_kernel(value)) and in_python(value).__module__ == name
    }


def _named(file: str, module: ModuleType, functions: Mapping[str, Any]) -> Mapping[str, str]:
    """Rules of the model by name of the function that replaces each, from a table in the user's file."""
    named = getattr(module, REPLACES, {})
    if not isinstance(named, Mapping):
        fix = f'Write {REPLACES} = {{"my_learn": "channels.learn"}}.'
        raise InputError("not a mapping", where=file, key=REPLACES, fix=fix)
    for name in named:
        if name not in functions:
            fix = nearest(str(name), list(functions)) or "Mark the function with @rule."
            raise InputError("no rule of this file", where=file, key=REPLACES, value=name, fix=fix)
    return {str(name): str(target) for name, target in named.items()}


def _target(file: str, name: str, known: Mapping[str, Any]) -> str:
    """Dotted name of the model's rule that a user means by a shorter name."""
    rules = [dotted for dotted in known if dotted.endswith(f".{name}")]
    if not rules:
        last = {dotted.rpartition(".")[2]: dotted for dotted in known}
        meant = nearest(name.rpartition(".")[2], list(last), what="")
        answers = f'One that answers an event is marked with @handles("{next(iter(FILE_OF))}"). ' if FILE_OF else ""
        fix = f"{meant} {answers}A rule that only yours call begins with _.".strip()
        raise InputError("the model has no such rule", where=file, key=name, fix=fix)
    if len(rules) > 1:
        choices = " or ".join(".".join(dotted.split(".")[-2:]) for dotted in rules)
        fix = f'Say which: {REPLACES} = {{"{name}": "MODULE.{name}"}}, with {choices}.'
        raise InputError("the model has several rules of this name", where=file, key=name, fix=fix)
    return rules[0]


def take_over() -> None:
    """Replaces the model's rules by rules of the user's parts, and connects events of these parts to rules.

    A part can replace a rule that another has replaced before, if it calls that one.
    """
    answers: dict[str, Any] = {}
    before: dict[str, str] = {}
    known = replaceable() if own.files(own.RULES) else {}
    for key, text in own.files(own.RULES):
        file = own.where(key)
        try:
            module = own.program(key, text)
        except OwnPartError as error:
            raise InputError(**error.words) from None
        check_names(module, file)
        replaced = replacements(module, file, known)
        for name, (old, new) in replaced.items():
            if name in before and in_python(old) not in reached(new):
                fix = "Have one of them call the other's, which it imports under another name; or use one of the parts."
                problem = f"replaces a rule that {before[name]} replaces, too"
                raise InputError(problem, where=file, key=name.rpartition(".")[2], fix=fix)
        before |= dict.fromkeys(replaced, file)
        swap({id(old): new for old, new in replaced.values()})
        known |= {name: new for name, (_, new) in replaced.items()}
        check_circles(replaced, file)
        more = _answers(module, file, answers)
        if not (replaced or more):
            fix = "Write a function with the name of a rule of the model, marked with @rule (docs/own_rules.md)."
            raise InputError("replaces no rule and answers no event", where=file, fix=fix)
        answers |= more
        _LOGGER.info("rules of %s replace %s", file, ", ".join(replaced) or "none")
    REPLACED[:] = sorted(before)
    for name in FILE_OF:
        if name not in answers:
            fix = f'Write a rule marked with @handles("{name}") in {own.RULES}, or take the event out.'
            raise InputError("nobody handles this event", where=FILE_OF[name], key=name, fix=fix)
    if answers:
        _dispatch(answers)


def _answers(module: ModuleType, file: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Rules in a file that handle events of the user's parts, by event."""
    rules: dict[str, Any] = {}
    for name, function in vars(module).items():
        if not callable(function) or getattr(in_python(function), "__module__", "") != module.__name__:
            continue
        event = vars(in_python(function)).get(HANDLES) if is_rule(function) else None
        if event is None:
            if HANDLES in getattr(in_python(function), "__dict__", ()):
                raise InputError("is no rule", where=file, key=name, fix="Mark it with @rule below @handles.")
            continue
        if event not in FILE_OF:
            fix = nearest(event, FILE_OF) or f"Write a row of it into {own.DATA}/{own.EVENTS}."
            raise InputError("no event of a part", where=file, key=name, value=event, fix=fix)
        if event in (*known, *rules):
            problem, fix = "another rule handles this event", "Keep one, which may call the other."
            raise InputError(problem, where=file, key=name, value=event, fix=fix)
        _check_signature(file, name, function, list(_ANSWERS), "one that handles an event")
        rules[event] = function
    return rules


def _dispatch(answers: Mapping[str, Any]) -> None:
    """Replaces the rule that dispatches events by one that tries the user's events first."""
    simulate = sys.modules["sim.simulate"]  # which is being imported, and has all of its rules
    module = module_of("comity_events_of_parts", "events of parts", _ladder(answers))
    vars(module).update(answers, usual=simulate.dispatch)
    swap({id(simulate.dispatch): rule(module.dispatch)})


def _ladder(answers: Mapping[str, Any]) -> str:
    """Python source of a rule that passes each of the user's events to its rule."""
    steps = [f"if kind == {OwnEvent[name].value}:\n        {name}(world, row, stamp)\n    el" for name in answers]
    body = f"{''.join(steps)}se:\n        usual(world, kind, row, stamp)\n"
    return f"def dispatch(world, kind, row, stamp):\n    {body}"
