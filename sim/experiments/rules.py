"""Rules that a user writes to replace rules of the model with the same names.

A file of rules is a program, unlike a scenario file: it is imported and compiled. Its text travels to worker processes,
so all of them run the same rules even if the file changes meanwhile. Each rule and entry point is made again for a set
of own rules, since compiled code holds what it calls; the model's own are put back afterwards.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from logging import getLogger
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from sim.data import own as parts
from sim.data.own import OwnPartError, module_of
from sim.engine import caching
from sim.engine.caching import RULES
from sim.engine.compiling import in_python, is_kernel, kernel, rule
from sim.law.suggest import UnknownNameError
from sim.policy.own_rules import check_circles, check_names, compiled_rules, replaceable, replacements, swap
from sim.policy.problem import InputError, mistake

_LOGGER = getLogger(__name__)
#: Option that names the file, for messages.
_KEY = "--rules"


@dataclass(frozen=True)
class OwnRules:
    """A user's file of rules that replace rules of the model."""

    file: str
    text: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's content."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def replaced(self) -> tuple[str, ...]:
        """Dotted names of the model's rules that the file replaces."""
        return tuple(sorted(_module(self)[1]))


def read_rules(file: str) -> OwnRules | None:
    """Reads and checks a file of rules; None if there is none."""
    if not file:
        return None
    if parts.files(parts.RULES):
        fix = "Name the file as a part as well: --parts my_rules.py."
        raise mistake("parts have rules already", _KEY, file, fix)
    if Path(file).suffix != ".py":
        raise mistake("not a Python file", _KEY, file, "Name a file of rules, such as my_rules.py.")
    try:
        own = OwnRules(file, Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise mistake(problem, _KEY, file, "Name a file of rules, such as my_rules.py.") from None
    with bound(own):  # compiled rules that call each other in a circle can crash the process that loads them
        check_circles(_module(own)[1], own.file)
    _LOGGER.info("rules of %s (SHA-256 %s) replace %s", file, own.sha256[:12], ", ".join(own.replaced))
    return own


@contextmanager
def bound(own: OwnRules | None) -> Iterator[None]:
    """Context manager: the user's rules replace the model's, in this process only."""
    if own is None or own.sha256 in _BOUND:
        yield
        return
    there = _bindings(own)
    back = {id(new): old for old, new in there.values()}
    _BOUND.add(own.sha256)
    swap({old: new for old, (_, new) in there.items()})
    try:
        yield
    finally:
        swap(back)
        _BOUND.discard(own.sha256)


@contextmanager
def compiling(own: OwnRules | None) -> Iterator[None]:
    """Context manager: compiles the user's rules with the model; adds cause and place to errors of Numba."""
    from numba.core.errors import NumbaError

    with bound(own):
        try:
            yield
        except NumbaError as error:
            programs = [own.file] if own else [parts.where(key) for key, _ in parts.files(parts.RULES)]
            if not programs:
                raise
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            what = next((line for line in lines if not line.startswith("Failed in")), type(error).__name__)
            named = [(line, file) for line in reversed(lines) for file in programs if file in line]
            place, file = named[0] if named else ("", ", ".join(programs))
            problem = f"does not compile ({what[:200]}{f'; {place[:120]}' if place else ''})"
            fix = "Numba compiles rules: numbers, records and other rules, no objects (docs/own_rules.md)."
            raise InputError(problem, where=file, fix=fix) from None


#: Hashes of the rules that are bound now.
_BOUND: set[str] = set()


@cache
def _bindings(own: OwnRules) -> dict[int, tuple[Any, Any]]:
    """Pairs of an object of the model (rule or entry point) and its replacement, by the object's id."""
    module, replaced = _module(own)
    compiled = [value for value in compiled_rules().values() if in_python(value) is not value]
    places = {id(old): (old, (kernel if is_kernel(old) else rule)(in_python(old))) for old in compiled}
    names = vars(module)
    for key, value in list(names.items()):
        if id(value) in places:  # what own rules call; what they replace stays theirs to call
            names[key] = places[id(value)][1]
    return places | {id(old): (old, new) for old, new in replaced.values()}


@cache
def _module(own: OwnRules) -> tuple[ModuleType, dict[str, tuple[Any, Any]]]:
    """Imports the user's file; returns the module, and its rules by the dotted names of rules that they replace."""
    try:
        module = module_of(f"comity_rules_{own.sha256[:16]}", own.file, own.text)
    except OwnPartError as error:
        raise InputError(**error.words) from None
    check_names(module, own.file)
    if not (replaced := replacements(module, own.file, replaceable())):
        fix = "Write a function with the name of a rule of the model, marked with @rule (docs/own_rules.md)."
        raise InputError("replaces no rule", where=own.file, fix=fix)
    return module, replaced


#: Files of parts that make what is tried.
_TRIED = (parts.OUTCOMES, parts.LEVERS, parts.RULES)
#: Days for which rules are tried.
_TRIED_DAYS = 60.0


def try_out() -> None:
    """Tests the user's parts in a small world in another process; repeats the test only if the folder changes."""
    from sim.experiments.processes import in_a_process
    from sim.policy.version import source_hash

    note = f"tried-{source_hash()[:24]}"
    if caching.holds(RULES, note) or not any(map(parts.files, _TRIED)):
        return
    before = dict(os.environ)
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    try:
        wrong = in_a_process(tried, "")
    finally:
        os.environ.clear()
        os.environ.update(before)
    if wrong:
        raise InputError(wrong[2], where=parts.where(wrong[0]), key=wrong[1], fix="Correct it.")
    caching.write(RULES, note, b"")


def tried(_: str) -> tuple[str, str, str] | None:
    """Simulates a tiny world; returns file, name and problem of the first failing part, or None if all work."""
    from sim.experiments.run import observed
    from sim.law.order import legal_order
    from sim.measures.outcome import Outcome
    from sim.policy.lever import LawLever, Quantity, Selected
    from sim.policy.timeline import Assignment, Timeline
    from sim.simulate import start
    from sim.world.parameters import Parameters, WorldSpec

    spec = WorldSpec(groups=1, start="2026-01-01", policy_start="2026-06-01", end="2027-01-05", states=["DEU", "FRA"])
    spec.background, spec.follow_up_days = False, 0
    try:
        simulation = start(spec, Parameters(), legal_order(), Timeline(), 0)
        simulation.advance(simulation.day + _TRIED_DAYS if parts.files(parts.RULES) else simulation.day)
    except Exception as error:
        programs = {parts.where(key): key for key, _ in parts.files(parts.RULES)}
        frames = [one for one in extract_tb(error.__traceback__) if one.filename in programs]
        if not frames:
            raise
        problem = f"line {frames[-1].lineno} fails in a small world ({type(error).__name__}: {error})"
        return programs[frames[-1].filename], frames[-1].name, problem
    seen, states = observed(simulation, spec), legal_order().states
    for file, made in parts.MADE.items():
        for part in made:
            name = part.key if isinstance(part, Outcome) else part.name
            try:
                if isinstance(part, Outcome):
                    float(part.measure(seen))
                elif isinstance(part, LawLever) and (part.gradual or part.quantity is Quantity.SWITCH):
                    part.amends(Selected(part.high, date(2026, 6, 1), states, states, states))
                elif part.gradual or part.quantity is Quantity.SWITCH:
                    part.writes(simulation.world, Assignment(name, part.high))
            except Exception as error:
                lines = [one.lineno for one in extract_tb(error.__traceback__) if one.filename == parts.where(file)]
                place = f"line {lines[-1]} " if lines else ""
                named = isinstance(error, UnknownNameError)  # and says file and line itself
                why = str(error).partition(": ")[2] if named else f"{type(error).__name__}: {error}"
                return file, name, f"{place}fails in a small world ({why})"
    return None
