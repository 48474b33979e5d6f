"""The door of Python: how a public function is declared, and mistakes that name its arguments instead of options."""

from __future__ import annotations

import inspect
import math
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple, TypeVar, cast

from sim.data import own
from sim.policy.problem import COMMAND_LINE, InputError, mistake, one_error

MadeT = TypeVar("MadeT", bound=Callable[..., Any])
#: What `ensemble` takes beside a file or folder.
PACKAGE, NONE = "package", "none"
#: What a docstring says of a parameter: its name, in brackets its option and the word for its value, and what it does.
_ENTRY = re.compile(r"^ {4}(\w+)(?: \((--[\w-]+ )?(.*?)\))?: (.*(?:\n {8}.*)*)", re.MULTILINE)
#: The key of the configuration that an option is short for.
_KEY = re.compile(r"\(((?:execution|sweep)\.\w+)\)")
#: Options that one letter stands for, too.
_SHORT = {"results": "-o", "quiet": "-q"}
#: Of an option that is given again for another.
AGAIN = " …"


class Declared(NamedTuple):
    """A parameter of a public function or a command, as signature and docstring declare it."""

    name: str  # in Python; an underscore at its end keeps it from a name that Python has
    kind: str  # its annotation
    default: Any  # ... where it has none.
    is_word: bool  # whether it is given by its place on the command line
    option: str  # how it is typed where that does not follow from its name
    metavar: str  # what stands for its value; empty where only Python has it, or it is a switch
    words: str  # what it does

    @property
    def is_typed(self) -> bool:
        """Whether the command line has it, too."""
        return bool(self.metavar) or self.kind == "bool"

    @property
    def typed(self) -> tuple[str, ...]:
        """How the option is typed."""
        long = self.option.strip() or f"--{self.name.rstrip('_').replace('_', '-')}"
        return (_SHORT[self.name], long) if self.name in _SHORT else (long,)

    @property
    def key(self) -> str:
        """The key of the configuration for which it is short; empty where there is none."""
        found = _KEY.search(self.words)
        return found[1] if found else ""


def declared(owner: Any) -> Iterator[Declared]:
    """Parameters of a function, or keys of a class, of which its docstring says what they are."""
    said = {name: (option, metavar, words) for name, option, metavar, words in _ENTRY.findall(docstring(owner))}
    if isinstance(owner, type):
        kinds: dict[str, Any] = {name: (kind, None, False) for name, kind in owner.__annotations__.items()}
    else:
        entries, places = inspect.signature(owner).parameters.values(), ("POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL")
        kinds = {one.name: (one.annotation, one.default, one.kind.name in places) for one in entries}
    for name, (kind, default, by_place) in kinds.items():
        if name in said:
            option, metavar, words = said[name]
            usual = ... if default is inspect.Parameter.empty else default
            kind = getattr(kind, "__forward_arg__", kind)  # as a class keeps it
            yield Declared(name, kind, usual, by_place and not option, option, metavar, " ".join(words.split()))


def docstring(owner: Any) -> str:
    """Without the margin that it has in the source."""
    return inspect.getdoc(owner) or ""


#: Kinds of arguments by their annotation, and in words.
_PATH, _MAPPING = (str, os.PathLike), (Mapping,)
_KINDS: dict[str, tuple[tuple[Any, ...], str]] = {
    "int": ((Integral,), "a whole number, 1 or more"),
    "float": ((Real,), "a number of days above 0"),
    "bool": ((bool,), "True or False"),
    "str": ((str,), "a text"),
    "str | Sequence[str]": ((str, Sequence), "a text, or a list of texts"),
    "str | Path": (_PATH, "a path"),
    "str | os.PathLike[str]": (_PATH, "a name or a path"),
    "str | Path | pd.DataFrame": (_PATH, "a path or a DataFrame"),
    "EnsembleLike": ((*_PATH, NoneType), "a path, a DataFrame or None"),
    "Mapping[str, Value]": (_MAPPING, 'a mapping such as {"world.groups": 100}'),
    **dict.fromkeys(
        ("Mapping[str, Sequence[Value] | str]", "Mapping[str, SupportsFloat | str]"),
        (_MAPPING, 'a mapping such as {"court.staff": 2}'),
    ),
    "Progress": ((Callable, NoneType), 'a function, "bar" or None'),
}
_LEAST = {"seed": 0, "workers": 0, "period_days": 1e-6}


def _check(asked: inspect.BoundArguments) -> None:
    """Refuses arguments of another kind than the function takes."""
    for name, given in asked.arguments.items():
        entry = asked.signature.parameters[name]
        kinds, words = _KINDS.get(str(entry.annotation).removesuffix(" | None"), ((), ""))
        if not words or entry.kind is entry.VAR_POSITIONAL or given is entry.default:
            continue
        least = _LEAST.get(name, 1)
        if not _fits(given, kinds, least) and not (hasattr(given, "to_csv") and "DataFrame" in words):
            fix = f"Give {words.replace('1 or', f'{least} or')}."
            raise InputError("of another kind than is needed", key=name, value=given, fix=fix)


def _fits(given: Any, kinds: tuple[Any, ...], least: float) -> bool:
    """Whether an argument is of one of the kinds, and no number below the least."""
    if hasattr(given, "to_csv") or not isinstance(given, kinds) or isinstance(given, bool) != (bool in kinds):
        return Callable in kinds and isinstance(given, str) and given == "bar"
    if isinstance(given, Real) and bool not in kinds:
        return least <= float(given) < math.inf
    return not isinstance(given, Sequence) or all(isinstance(word, str) for word in given)


def in_python(made: MadeT) -> MadeT:
    """A public function, or a class with its methods, whose mistakes name arguments where the shell names options.

    That these are an `InputError` is added to its docstring.
    """
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
    text = f"{docstring(made)}\n\nRaises:\n    InputError: a mistake in what was given."

    @wraps(made)
    def door(*given: Any, **more: Any) -> Any:
        """What users call."""
        _check(signature.bind(*given, **more))
        try:
            return made(*given, **more)
        except InputError as problem:
            names = {"STUDY": "folder"}
            for entry in declared(made):
                names |= dict.fromkeys((*entry.typed, entry.key or entry.name), entry.name)
            raise one_error([_in_python(one, names) for one in problem.problems]) from None

    door.__doc__ = text
    return cast("MadeT", door)


#: Commands, which stay as they are; options with a value; keys of the configuration.
_OPTION = r"`[^`]*`|(?<![\w-])(--[a-z][a-z-]*|-o|(?:execution|sweep)\.[a-z_]+)\b(?: ([A-Z0-9][\w/]*))?"
#: The folder of a table or scenario that was given, with the hash of a table.
_GIVEN = r"\S*\bcomity-\w{8}[/\\](?:(ensemble|points|targets)-[0-9a-f]{8}\.csv)?"
#: What lists things in Python.
_CALLS = {f"`comity {name}`": f"sim.{name}()" for name in ("scenarios", "levers")}


def _in_python(problem: InputError, names: Mapping[str, str]) -> InputError:
    """The same mistake, in the words of Python: with arguments by the option or key that stands for each."""

    def name(key: str) -> str:
        """The argument that an option, an operand or a key stands for."""
        is_option = key.startswith("--") or key.isupper()
        return names.get(key, key.removeprefix("--").replace("-", "_").lower() if is_option else key)

    def worded(found: re.Match[str]) -> str:
        """An option, with its value where one follows, as an argument; commands stay as they are."""
        if not found[1]:
            return _CALLS.get(found[0], found[0])
        return f"{name(found[1])}={found[2]}" if found[2] else name(found[1])

    texts = [re.sub(_OPTION, worded, text) for text in (problem.problem, problem.fix)]
    where = "" if problem.where == COMMAND_LINE else re.sub(_GIVEN, r"\1", problem.where)
    return InputError(texts[0], where=where, key=name(problem.key), value=problem.value, fix=texts[1])


@in_python
def use(folder: str | Path) -> None:
    """Adds outcomes, levers and rows of data from a folder to the model, for this process and its workers.

    Call it directly after `import sim`. The folder holds one or more of `outcomes.py`, `levers.py`, and `data/` with
    files named as in `sim/data`. Python files of it are programs: use only folders that you trust.

    Args:
        folder: of the parts.
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
    """Reads and tries all parts."""
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
