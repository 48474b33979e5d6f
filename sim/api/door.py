"""The door of Python: mistakes name arguments, where the command line names options; parts of one's own come in."""

from __future__ import annotations

import inspect
import math
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, cast

from sim.data import own
from sim.policy.problem import COMMAND_LINE, InputError, mistake, one_error

#: Commands, which stay as they are; options with a value; keys of the configuration.
_OPTION = r"`[^`]*`|(?<![\w-])(--[a-z][a-z-]*|-o|(?:execution|sweep)\.[a-z_]+)\b(?: ([A-Z0-9][\w/]*))?"
#: The folder of a table or scenario that was given, with the hash of a table.
_GIVEN = r"\S*\bcomity-\w{8}[/\\](?:(ensemble|points|targets)-[0-9a-f]{8}\.csv)?"
MadeT = TypeVar("MadeT", bound=Callable[..., Any])
#: What `ensemble` takes beside a file or folder.
PACKAGE, NONE = "package", "none"
#: Arguments by the option or key that stands for each, where it has another name.
_ARGUMENTS = {
    **{"SCENARIO": "scenario", "CASE": "case", "FOLDER": "folder", "STUDY": "folder", "-o": "results"},
    **{"--for": "places", "--mechanism": "mechanisms", "execution.first_seed": "seed", "sweep.design": "design"},
    **{f"execution.{name}": name for name in ("replicates", "workers", "results", "events")},
    **{"sweep.samples": "samples", "sweep.points": "points"},
}
#: What lists things in Python.
_CALLS = {f"`comity {name}`": f"sim.{name}()" for name in ("scenarios", "levers")}


_TEXT, _PATH, _WORDS, _WHOLE = (str,), (str, os.PathLike), (str, Sequence), (Integral,)
#: Kinds of each argument, and in words.
_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    **dict.fromkeys(("replicates", "samples", "horizon"), (_WHOLE, "a whole number, 1 or more")),
    **dict.fromkeys(("seed", "workers"), (_WHOLE, "a whole number, 0 or more")),
    **dict.fromkeys(("point", "by_change", "events", "survival"), ((bool,), "True or False")),
    **dict.fromkeys(("places", "mechanisms", "vary", "parameters"), (_WORDS, "a text, or a list of texts")),
    **dict.fromkeys(("rules", "results", "folder", "study", "path"), (_PATH, "a path")),
    "name": (_PATH, "a name or a path"),
    **dict.fromkeys(
        ("until", "design", "size", "seeds", "executor", "world", "requesting", "requested", "data", "offence"),
        (_TEXT, "a text"),
    ),
    **dict.fromkeys(("points", "ensemble", "targets"), (_PATH, "a path or a DataFrame")),
    **dict.fromkeys(("values", "reference"), ((Mapping,), 'a mapping such as {"court.staff": 2}')),
    "set": ((Mapping,), 'a mapping such as {"world.groups": 100}'),
    "progress": ((Callable, NoneType), 'a function, "bar" or None'),  # type: ignore[dict-item]  # an abstract class
    "period_days": ((Real,), "a number of days above 0"),
}
_LEAST = {"seed": 0, "workers": 0, "period_days": 1e-6}


def _fits(name: str, given: Any) -> bool:
    """Whether an argument is of a kind that it may be of."""
    kinds, words = _KINDS[name]
    if hasattr(given, "to_csv"):
        return "DataFrame" in words
    if not isinstance(given, kinds) or isinstance(given, bool) != (bool in kinds):
        return name == "progress" and given == "bar"
    if isinstance(given, Real) and bool not in kinds:
        return _LEAST.get(name, 1) <= float(given) < math.inf
    return not isinstance(given, Sequence) or all(isinstance(word, str) for word in given)


def _check(asked: inspect.BoundArguments) -> None:
    """Refuses arguments of another kind than the function takes.

    Raises:
        InputError: names the first.
    """
    for name, given in asked.arguments.items():
        default = asked.signature.parameters[name].default
        if name in _KINDS and given is not default and not _fits(name, given):
            raise InputError("of another kind than is needed", key=name, value=given, fix=f"Give {_KINDS[name][1]}.")


def in_python(made: MadeT) -> MadeT:
    """A public function, or a class with its methods, whose mistakes name arguments where the shell names options."""
    if isinstance(made, type):
        for name, value in list(vars(made).items()):
            if inspect.isfunction(value) and not name.startswith("_"):
                setattr(made, name, in_python(value))
            elif isinstance(value, classmethod):
                setattr(made, name, classmethod(in_python(value.__func__)))
            elif isinstance(value, cached_property):
                value.func = in_python(value.func)
        return made

    signature = inspect.signature(made)

    @wraps(made)
    def door(*given: Any, **more: Any) -> Any:
        """What users call."""
        _check(signature.bind(*given, **more))
        try:
            return made(*given, **more)
        except InputError as problem:
            raise one_error([_in_python(one) for one in problem.problems]) from None

    return cast("MadeT", door)


def option(argument: str) -> str:
    """The option of the command line that stands for an argument."""
    named = {name: typed for typed, name in _ARGUMENTS.items() if typed.startswith("--")}
    return named.get(argument, f"--{argument.replace('_', '-')}")


def _in_python(problem: InputError) -> InputError:
    """The same mistake, in the words of Python."""

    def worded(found: re.Match[str]) -> str:
        """An option, with its value where one follows, as an argument; commands stay as they are."""
        if not found[1]:
            return _CALLS.get(found[0], found[0])
        return f"{_name(found[1])}={found[2]}" if found[2] else _name(found[1])

    texts = [re.sub(_OPTION, worded, text) for text in (problem.problem, problem.fix)]
    where = "" if problem.where == COMMAND_LINE else re.sub(_GIVEN, r"\1", problem.where)
    return InputError(texts[0], where=where, key=_name(problem.key), value=problem.value, fix=texts[1])


def _name(key: str) -> str:
    """The argument that an option, an operand or a key stands for."""
    if key.startswith("--") or key.isupper():
        return _ARGUMENTS.get(key, key.removeprefix("--").replace("-", "_").lower())
    return _ARGUMENTS.get(key, key)


@in_python
def use(folder: str | Path) -> None:
    """Adds outcomes, levers and rows of data from a folder to the model, for this process and its workers.

    Call it directly after `import sim`. The folder holds one or more of `outcomes.py`, `levers.py`, and `data/` with
    files named as in `sim/data`. Python files of it are programs: use only folders that you trust.

    Args:
        folder: of the parts.

    Raises:
        InputError: a part cannot be used, or this process has read the model already.
    """
    place = Path(folder).resolve()
    if own.texts.cache_info().currsize:
        if place != own.folder() or own.read(place) != own.texts():
            fix = "Write sim.use directly after import sim, and start Python again."
            raise mistake("this process has read the model already, without these parts", "folder", folder, fix)
        return
    os.environ[own.PLACE], before = str(place), set(sys.modules)
    os.environ.pop(own.SEEN, None)
    try:
        _try_out()
    except BaseException:  # what was read of the model is read again, and the next call may be right
        for name in set(sys.modules) - before:
            if name.startswith(("sim.", "comity_")):
                del sys.modules[name]
        own.texts.cache_clear()
        own.MADE.clear()
        for variable in (own.PLACE, own.SEEN):
            os.environ.pop(variable, None)
        raise


def _try_out() -> None:
    """Reads and tries all parts.

    Raises:
        InputError: one of them cannot be used.
    """
    from sim.data.load import DataError, check_files

    try:
        os.environ[own.SEEN] = own.hashed(own.texts())
        from sim.experiments.rules import try_out
        from sim.law.order import legal_order
        from sim.measures.outcomes import OUTCOMES
        from sim.policy.lever import OwnStage
        from sim.policy.levers import LEVERS

        check_files()
        legal_order()
    except own.OwnPartError as error:
        raise InputError(**error.words) from None
    except (DataError, ValueError, LookupError) as error:
        raise InputError(str(error), where=str(own.folder()), fix="Correct the rows of data/.") from None
    keys = {entry.key for entry in OUTCOMES}
    for lever in LEVERS.values():
        if isinstance(lever.stage, OwnStage) and lever.stage.outcome not in keys:
            problem, where = "its stage names no outcome", f"{own.folder()}/{own.LEVERS}"
            raise InputError(problem, where=where, key=lever.name, value=lever.stage.outcome)
    try_out()
