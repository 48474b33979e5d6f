"""Rules of a user, which replace the model's rules of the same names.

A file of rules is a program, unlike a scenario file: it is imported and compiled. Its text travels to worker processes,
so all of them run the same rules even if the file changes meanwhile. Each rule and entry point is made again for a set
of own rules, since compiled code holds what it calls; the model's own are put back afterwards.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from logging import getLogger
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.data import own as parts
from sim.data.own import OwnPartError, module_of
from sim.engine import caching
from sim.engine.bound import reached
from sim.engine.caching import RULES
from sim.engine.compiling import in_python, is_kernel, is_rule, kernel, rule
from sim.law.suggest import nearest
from sim.policy.problem import Findings, InputError, mistake

_LOGGER = getLogger(__name__)
#: Packages whose rules can be replaced.
_PACKAGES = ("sim.agents", "sim.world", "sim.law")
#: Option that names the file, for messages.
_KEY = "--rules"
#: Name in a file of rules that says which rule each of its functions replaces, where names alone do not.
REPLACES = "REPLACES"


@dataclass(frozen=True)
class OwnRules:
    """A user's file of rules."""

    file: str
    text: str

    @property
    def sha256(self) -> str:
        """Hash of the content."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def replaced(self) -> tuple[str, ...]:
        """Dotted names of the model's rules that the file replaces."""
        return tuple(sorted(_module(self)[1]))


def read_rules(file: str) -> OwnRules | None:
    """Reads and checks a file of rules; None if there is none."""
    if not file:
        return None
    if Path(file).suffix != ".py":
        raise mistake("not a Python file", _KEY, file, "Name a file of rules, such as my_rules.py.")
    try:
        own = OwnRules(file, Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise mistake(problem, _KEY, file, "Name a file of rules, such as my_rules.py.") from None
    with bound(own):  # compiled rules that call each other in a circle can crash the process that loads them
        for name, (_, function) in _module(own)[1].items():
            if in_python(function) in reached(function):
                fix = "Call other rules, or the one that it replaces, imported under another name."
                key = name.rpartition(".")[2]
                raise InputError("calls itself, or a rule that calls it", where=own.file, key=key, fix=fix)
    _LOGGER.info("rules of %s (SHA-256 %s) replace %s", file, own.sha256[:12], ", ".join(own.replaced))
    return own


@contextmanager
def bound(own: OwnRules | None) -> Iterator[None]:
    """Replaces the model's rules by the user's in the block, in this process only."""
    if own is None or own.sha256 in _BOUND:
        yield
        return
    there = _bindings(own)
    back = {id(new): old for old, new in there.values()}
    _BOUND.add(own.sha256)
    _swap({old: new for old, (_, new) in there.items()})
    try:
        yield
    finally:
        _swap(back)
        _BOUND.discard(own.sha256)


@contextmanager
def compiling(own: OwnRules | None) -> Iterator[None]:
    """Binds the user's rules for compilation in the block; reports Numba's errors with cause and place."""
    from numba.core.errors import NumbaError

    with bound(own):
        try:
            yield
        except NumbaError as error:
            if own is None:
                raise
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            what = next((line for line in lines if not line.startswith("Failed in")), type(error).__name__)
            place = next((line for line in reversed(lines) if own.file in line), "")
            problem = f"does not compile ({what[:200]}{f'; {place[:120]}' if place else ''})"
            fix = "Numba compiles rules: numbers, records and other rules, no objects (docs/own_rules.md)."
            raise InputError(problem, where=own.file, fix=fix) from None


#: Hashes of the rules that are bound now.
_BOUND: set[str] = set()


def _swap(places: Mapping[int, Any]) -> None:
    """Replaces objects, by id, in every module of the package that refers to them."""
    for name, module in list(sys.modules.items()):
        if name.startswith("sim.") and module is not None:
            names = vars(module)
            for key, value in list(names.items()):
                if id(value) in places:
                    names[key] = places[id(value)]


@cache
def _bindings(own: OwnRules) -> dict[int, tuple[Any, Any]]:
    """Each rule and entry point of the model with its replacement, by id."""
    module, replaced = _module(own)
    compiled = [value for value in _compiled().values() if in_python(value) is not value]
    places = {id(old): (old, (kernel if is_kernel(old) else rule)(in_python(old))) for old in compiled}
    names = vars(module)
    for key, value in list(names.items()):
        if id(value) in places:  # what own rules call; what they replace stays theirs to call
            names[key] = places[id(value)][1]
    return places | {id(old): (old, new) for old, new in replaced.values()}


@cache
def _module(own: OwnRules) -> tuple[ModuleType, dict[str, tuple[Any, Any]]]:
    """The file as a module, with its replacements by the replaced rules' dotted names."""
    known = {name: value for name, value in _compiled().items() if name.startswith(_PACKAGES) and is_rule(value)}
    try:
        module = module_of(f"comity_rules_{own.sha256[:16]}", own.file, own.text)
    except OwnPartError as error:
        raise InputError(**error.words) from None
    functions = {
        name: value
        for name, value in vars(module).items()
        if is_rule(value) and in_python(value).__module__ == module.__name__ and not name.startswith("_")
    }
    named = _named(own, module, functions)
    found, replaced = Findings(), {}
    for name, function in functions.items():
        with found.gather():
            target = _target(own, named.get(name, name), known)
            mine, wanted = (list(inspect.signature(in_python(one)).parameters) for one in (function, known[target]))
            if mine != wanted:
                fix = f"Write def {name}({', '.join(wanted)}), like {target}."
                problem = f"takes other arguments ({', '.join(mine) or 'none'}) than the rule that it replaces"
                line = in_python(function).__code__.co_firstlineno
                raise InputError(problem, where=f"{own.file}:{line}", key=name, fix=fix)
            replaced[target] = known[target], function
    found.raise_all()
    if not replaced:
        fix = "Write a function with the name of a rule of the model, marked with @rule (docs/own_rules.md)."
        raise InputError("replaces no rule", where=own.file, fix=fix)
    return module, replaced


@cache
def _compiled() -> dict[str, Any]:
    """Every rule and entry point of the model by its dotted name."""
    import sim.simulate  # noqa: F401 - which imports the agents

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


def _named(own: OwnRules, module: ModuleType, functions: Mapping[str, Any]) -> Mapping[str, str]:
    """The file's table of replaced rules, by function."""
    named = getattr(module, REPLACES, {})
    if not isinstance(named, Mapping):
        fix = f'Write {REPLACES} = {{"my_learn": "channels.learn"}}.'
        raise InputError("not a mapping", where=own.file, key=REPLACES, fix=fix)
    for name in named:
        if name not in functions:
            fix = nearest(str(name), list(functions)) or "Mark the function with @rule."
            raise InputError("no rule of this file", where=own.file, key=REPLACES, value=name, fix=fix)
    return {str(name): str(target) for name, target in named.items()}


def _target(own: OwnRules, name: str, known: Mapping[str, Any]) -> str:
    """Dotted name of the intended rule."""
    found = [dotted for dotted in known if dotted.endswith(f".{name}")]
    if not found:
        last = {dotted.rpartition(".")[2]: dotted for dotted in known}
        fix = f"{nearest(name.rpartition('.')[2], list(last))} A rule that only yours call begins with _."
        raise InputError("the model has no such rule", where=own.file, key=name, fix=fix)
    if len(found) > 1:
        choices = " or ".join(".".join(dotted.split(".")[-2:]) for dotted in found)
        fix = f'Say which: {REPLACES} = {{"{name}": "MODULE.{name}"}}, with {choices}.'
        raise InputError("the model has several rules of this name", where=own.file, key=name, fix=fix)
    return found[0]


def try_out() -> None:
    """Tries the user's parts on a small world in another process, once per state of the folder."""
    from sim.experiments.processes import in_a_process
    from sim.policy.version import source_hash

    note = f"tried-{source_hash()[:24]}"
    if caching.holds(RULES, note) or not {parts.OUTCOMES, parts.LEVERS} & set(parts.texts()):
        return
    before = dict(os.environ)
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    try:
        wrong = in_a_process(tried, "")
    finally:
        os.environ.clear()
        os.environ.update(before)
    if wrong:
        raise InputError(wrong[2], where=f"{parts.folder()}/{wrong[0]}", key=wrong[1], fix="Correct it.")
    caching.write(RULES, note, b"")


def tried(_: str) -> tuple[str, str, str] | None:
    """File, name and problem of the user's first part that fails in a tiny world; None if all work."""
    from sim.experiments.run import observed
    from sim.law.order import legal_order
    from sim.measures.outcome import Outcome
    from sim.policy.lever import LawLever, Quantity, Selected
    from sim.policy.timeline import Assignment, Timeline
    from sim.simulate import start
    from sim.world.parameters import Parameters, WorldSpec

    spec = WorldSpec(groups=1, start="2026-01-01", policy_start="2026-06-01", end="2027-01-05", states=["DEU", "FRA"])
    spec.background, spec.follow_up_days = False, 0
    simulation = start(spec, Parameters(), legal_order(), Timeline(), 0)
    seen, states = observed(simulation, spec), legal_order().states
    for file, made in parts.MADE.items():
        for part in made:
            name = part.key if file == parts.OUTCOMES else part.name
            try:
                if isinstance(part, Outcome):
                    float(part.measure(seen))
                elif isinstance(part, LawLever) and (part.gradual or part.quantity is Quantity.SWITCH):
                    part.amends(Selected(part.high, date(2026, 6, 1), states, states, states))
                elif part.gradual or part.quantity is Quantity.SWITCH:
                    part.writes(simulation.world, Assignment(name, part.high))
            except Exception as error:
                return file, name, f"fails in a small world ({type(error).__name__}: {error})"
    return None
