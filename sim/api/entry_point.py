"""Declares public functions, and translates between their arguments and the words of the command line.

A study is one function, whose body takes a `Request`. `study` makes the function of Python of it; the command line
reads its signature (`sim/cli.py`), and gives the body a `Request` from what was typed. Mistakes name arguments here,
where the shell names options.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import os
import re
import shlex
import shutil
import tempfile
import tomllib
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, wraps
from numbers import Integral, Real
from pathlib import Path
from textwrap import fill
from types import NoneType
from typing import TYPE_CHECKING, Any, Concatenate, Literal, NamedTuple, ParamSpec, TypeAlias, TypedDict, TypeVar, cast

from sim.api import scope
from sim.api.scope import stays
from sim.data import own
from sim.law.suggest import nearest
from sim.policy.problem import COMMAND_LINE, InputError, mistake, one_error

if TYPE_CHECKING:
    import concurrent.futures

    import pandas as pd
    from rich.console import Console

    from sim.api.own_model import Model
    from sim.experiments.control import OnProgress

#: A scenario by key, by its file, or made in Python, of which its file is the path.
ScenarioLike: TypeAlias = str | os.PathLike[str]
#: A value of the configuration.
Value = bool | int | float | str | Sequence[str]
#: Parameter sets: those of the package, a file or folder, a table with one row per set, or None for the defaults.
EnsembleLike: TypeAlias = "str | os.PathLike[str] | pd.DataFrame | None"
PACKAGE, NONE = "package", "none"
#: What carries a study out: by its name, or any executor of `concurrent.futures`, with `workers=` tasks at a time.
ExecutorLike: TypeAlias = "str | concurrent.futures.Executor | None"
#: Called with the number of runs that are done and of all runs; `bar` for a bar where standard error is a terminal.
Progress = Callable[[int, int], None] | Literal["bar"] | None
P = ParamSpec("P")
FoundT = TypeVar("FoundT")
MadeT = TypeVar("MadeT", bound=Callable[..., Any])

#: What a docstring says of a parameter: its name, in brackets its option and the word for its value, and what it does.
_ENTRY = re.compile(r"^ {4}(\w+)(?: \((--[\w-]+ )?(.*?)\))?: (.*(?:\n {8}.*)*)", re.MULTILINE)
#: Headings of what a docstring says behind its arguments.
_SECTION = re.compile(r"^(?:Returns|Raises|Examples):\n", re.MULTILINE)
#: The key of the configuration that an option is short for.
_KEY = re.compile(r"\(((?:execution|sweep)\.\w+)\)")
#: Options that one letter stands for, too.
_SHORT = {"results": ("-o",), "quiet": ("-q",)}
#: What help says: of options that several functions have, of those of a command alone, and below them.
HELP: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "help.toml").read_text(encoding="utf-8"))
#: Mark of an option that is given again for each value.
AGAIN = " …"


class StudyKeywords(TypedDict, total=False):
    """Keyword arguments of all studies."""

    replicates: int | None
    workers: int | None
    executor: ExecutorLike
    seed: int | None
    results: str | Path | None
    events: bool
    rules: str | Path
    world: str | None
    model: Model | None
    set: Mapping[str, Value] | None
    progress: Progress


class Declared(NamedTuple):
    """Declaration of a function's or command's parameter: name, type, default, and notation on the command line."""

    name: str  # in Python; an underscore at its end keeps it from a name that Python has
    kind: str  # its annotation
    default: Any  # ... where it has none.
    is_word: bool  # whether it is given by its place on the command line
    typed: tuple[str, ...]  # how the option is typed
    metavar: str  # what stands for its value; empty for a switch
    words: str  # what it does
    key: str  # of the configuration, for which it is short; empty where there is none


def declared(function: Callable[..., Any]) -> Iterator[Declared]:
    """Yields the parameters of a public function that the command line offers too."""
    own = HELP["options"].get(function.__name__, {})
    texts = {name: ["", *about] for name, about in (HELP["shared"] | own).items()}
    texts |= {name: about for name, *about in _ENTRY.findall(docstring(function))}
    for name, entry in inspect.signature(function).parameters.items():
        option, metavar, words = texts.get(name, ("", "", ""))
        if metavar or (name in texts and entry.annotation == "bool"):
            typed = (*_SHORT.get(name, ()), option.strip() or f"--{name.rstrip('_').replace('_', '-')}")
            is_word = entry.kind in (entry.POSITIONAL_OR_KEYWORD, entry.VAR_POSITIONAL) and not option
            usual, key = ... if entry.default is entry.empty else entry.default, _KEY.search(words)
            about = typed, metavar, " ".join(words.split()), key[1] if key else ""
            yield Declared(name, entry.annotation, usual, is_word, *about)


def docstring(owner: Any) -> str:
    """Docstring of a function or class, without indentation."""
    return inspect.getdoc(owner) or ""


#: Kinds of arguments by their annotation, without what is in it, and as text.
_PATH = (str, os.PathLike)
_KINDS: dict[str, tuple[tuple[Any, ...], str]] = {
    "int": ((Integral,), "a whole number, 1 or more"),
    "float": ((Real,), "a number above 0"),
    "bool": ((bool,), "True or False"),
    "str": ((str,), "a text"),
    "str | Sequence": ((str, Sequence), "a text, or a list of texts"),
    "str | Path": (_PATH, "a path"),
    "str | os.PathLike": (_PATH, "a name or a path"),
    "str | Path | pd.DataFrame": (_PATH, "a path or a DataFrame"),
    "ExecutorLike": ((str, Executor, NoneType), "a name, or an executor of concurrent.futures"),
    "EnsembleLike": ((*_PATH, NoneType), "a path, a DataFrame or None"),
    "Mapping": ((Mapping,), 'a mapping such as {"world.groups": 100}'),
    "Progress": ((Callable, NoneType), 'a function, "bar" or None'),
}
_LEAST = {"seed": 0, "workers": 0, "period_days": 1e-6, "alone": 0}


def _check(request: inspect.BoundArguments) -> None:
    """Raises an error if an argument has a wrong type."""
    for name, given in request.arguments.items():
        entry = request.signature.parameters[name]
        kinds, words = _KINDS.get(str(entry.annotation).removesuffix(" | None").partition("[")[0], ((), ""))
        if not words or entry.kind is entry.VAR_POSITIONAL or given is entry.default:
            continue
        least = _LEAST.get(name, 1)
        if not _fits(given, kinds, least) and not (hasattr(given, "to_csv") and "DataFrame" in words):
            fix = f"Give {words.replace('1 or', f'{least} or')}."
            raise InputError("of another kind than is needed", key=name, value=given, fix=fix)


def _fits(given: Any, kinds: tuple[Any, ...], least: float) -> bool:
    """True if an argument has one of the types in `kinds` and, as a number, is at least `least`."""
    if hasattr(given, "to_csv") or not isinstance(given, kinds) or isinstance(given, bool) != (bool in kinds):
        return Callable in kinds and isinstance(given, str) and given == "bar"
    if isinstance(given, Real) and bool not in kinds:
        return least <= float(given) < math.inf
    return not isinstance(given, Sequence) or all(isinstance(word, str) for word in given)


def _class_in_python(kind: type) -> None:
    """Changes a public class so that its methods run in its own model and errors name Python arguments."""
    for name, value in list(vars(kind).items()):
        if inspect.isfunction(value) and not name.startswith("_"):
            setattr(kind, name, in_python(value))
        elif isinstance(value, classmethod):
            setattr(kind, name, classmethod(in_python(value.__func__)))
        elif isinstance(value, cached_property):
            value.func = in_python(value.func)
        elif isinstance(value, property) and value.fget:
            setattr(kind, name, property(stays(value.fget), doc=value.__doc__))
        elif name == "_repr_html_":
            setattr(kind, name, stays(value))


def in_python(made: MadeT) -> MadeT:
    """Decorator for a public function or class whose errors name Python arguments instead of command-line options.

    Its docstring gets what help says of parameters that others have as well, and that mistakes are an `InputError`.
    """
    if isinstance(made, type):
        _class_in_python(made)
        return made

    signature, mine = inspect.signature(made), scope.present()

    @wraps(made)
    def called(*given: Any, **more: Any) -> Any:
        """Calls the function in the given `model`, or else in the function's own; errors name Python arguments."""
        if "model" in signature.parameters and (model := more.pop("model", None)) is not None:
            return _in_model(model, made.__name__, given, more)
        with scope.entered(mine):
            return answered(*given, **more)

    def answered(*given: Any, **more: Any) -> Any:
        """Calls the function in the present model, after a check of its arguments; errors name Python arguments."""
        _check(_bound(signature, given, more))
        try:
            return made(*given, **more)
        except InputError as problem:
            names = {"STUDY": "folder"}
            for entry in declared(made):
                names |= dict.fromkeys((*entry.typed, entry.key or entry.name), entry.name)
            raise one_error([_in_python(one, names) for one in problem.problems]) from None

    called.__doc__ = _whole_docstring(made, signature)
    return cast("MadeT", called)


def _whole_docstring(function: Callable[..., Any], signature: inspect.Signature) -> str:
    """Docstring of a public function, completed by the parameters that many functions share, and by errors."""
    text = docstring(function)
    ends = [*(heading.start() for heading in _SECTION.finditer(text)), len(text)]
    arguments, others = text[: ends[0]].rstrip(), text[ends[0] :]
    unsaid = signature.parameters.keys() - {entry[1] for entry in _ENTRY.finditer(arguments)}
    for name in [name for name in HELP["shared"] if name in unsaid]:
        metavar, words = HELP["shared"][name]
        heading = f"{name} ({metavar})" if metavar else name
        entry = f"{heading}: {words}".replace("{}", str(signature.parameters[name].default or NONE))
        arguments += "" if "Args:\n" in arguments else "\n\nArgs:"
        arguments += "\n" + fill(
            entry, 116, initial_indent="    ", subsequent_indent="        ", break_on_hyphens=False
        )
    if "Raises:\n" not in others:
        returns, heading, examples = others.partition("Examples:\n")
        others = f"{returns.rstrip()}\n\nRaises:\n    InputError: a mistake in what was given.\n\n{heading}{examples}"
    return f"{arguments}\n\n{others.strip()}"


def _in_model(model: Any, name: str, given: tuple[Any, ...], more: Mapping[str, Any]) -> Any:
    """Calls a public function, given by name, in a model of the user's own, and returns the result."""
    if not hasattr(type(model), "call"):
        raise InputError("not a model", key="model", value=model, fix="Give a sim.Model, such as sim.Model(parts).")
    return model.call(name, given, more)


def _bound(signature: inspect.Signature, given: tuple[Any, ...], more: dict[str, Any]) -> inspect.BoundArguments:
    """Binds the arguments of a call to the names of parameters; a TypeError suggests a similar keyword."""
    try:
        return signature.bind(*given, **more)
    except TypeError as error:
        known = dict.fromkeys((*signature.parameters, *StudyKeywords.__annotations__))
        for name in (name for name in more if name not in signature.parameters):
            if hint := nearest(name, known, what=""):
                raise TypeError(f"{error}. {hint}") from None
        raise


#: Commands, which stay as they are; options with a value; keys of the configuration.
_OPTION = r"`[^`]*`|(?<![\w-])(--[a-z][a-z-]*|-o|(?:execution|sweep)\.[a-z_]+)\b(?: ([A-Z0-9][\w/]*))?"
#: The folder of a table or scenario that was given, with the hash of a table.
_GIVEN = r"\S*\bcomity-\w{8}[/\\](?:(ensemble|points|targets)-[0-9a-f]{8}\.csv)?"
#: What lists things in Python.
_CALLS = {f"`comity {name}`": f"sim.{name}()" for name in ("scenarios", "levers")}


def _in_python(problem: InputError, names: Mapping[str, str]) -> InputError:
    """Copy of an error that names Python arguments instead of command-line options and keys."""

    def name(key: str) -> str:
        """Python argument for the name of a command-line option, an operand or a configuration key."""
        is_option = key.startswith("--") or key.isupper()
        return names.get(key, key.removeprefix("--").replace("-", "_").lower() if is_option else key)

    def worded(found: re.Match[str]) -> str:
        """Replaces a matched command-line option and its value by the Python argument; leaves commands as they are."""
        if not found[1]:
            return _CALLS.get(found[0], found[0])
        return f"{name(found[1])}={found[2]}" if found[2] else name(found[1])

    what, fix = (re.sub(_OPTION, worded, text) for text in (problem.problem, problem.fix))
    where = "" if problem.where == COMMAND_LINE else re.sub(_GIVEN, r"\1", problem.where)
    return InputError(what, where=where, key=name(problem.key), value=problem.value, fix=fix)


@dataclass(frozen=True)
class Request:
    """A request for a study: command, scenarios, options and overrides."""

    kind: str  # name of the command
    names: Sequence[str]
    words: Sequence[str]
    command: str
    console: Console
    progress: OnProgress | None = None
    rules: str = ""  # file of rules in the place of the model's; empty for none
    ensemble: str = ""  # parameter sets that worlds take in turn, as `sets_named` reads them; empty for what is usual
    facts: str = ""  # file of the user's figures, which weigh the parameter sets; empty for none
    executor: concurrent.futures.Executor | None = None  # that Python gives; None for the one that words name
    in_python: bool = False  # whether Python asks, which takes results back and publishes nothing
    temporary: bool = False  # whether no folder of results remains
    kept: object = None  # what must last as long as this is asked for, such as the folder of a table that was given


def study(body: Callable[Concatenate[Request, P], FoundT]) -> Callable[P, FoundT]:
    """Decorator that makes a function public; its signature gets the study keywords that the function accepts."""
    signature = inspect.signature(body)
    entries = list(signature.parameters.values())[1:]
    if entries[-1].kind is entries[-1].VAR_KEYWORD:
        alone, usual = inspect.Parameter.KEYWORD_ONLY, {"events": False, "rules": "", "progress": "bar"}
        entries[-1:] = [
            inspect.Parameter(name, alone, default=usual.get(name), annotation=kind.__forward_arg__)
            for name, kind in StudyKeywords.__annotations__.items()
        ]

    @wraps(body)
    def function(*given: P.args, **more: P.kwargs) -> FoundT:
        """Checks the arguments, then calls the decorated function."""
        return body(_request_from(function, inspect.signature(function).bind(*given, **more).arguments), *given, **more)

    vars(function)["__signature__"] = signature.replace(parameters=entries)
    return in_python(function)


def _request_from(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Request:
    """Makes a request from the arguments of a function."""
    given, kept = dict(arguments), []
    scenarios = [*given.get("scenarios", ()), *(given[name] for name in ("scenario", "name") if name in given)]
    names, results = [named(scenario) for scenario in scenarios], given.get("results")
    if given.get("events") and results is None:
        raise mistake("event tables need a folder", "events", True, 'Write results="results".')
    if results is not None and not all(getattr(one, "is_saved", True) for one in scenarios):
        problem, fix = "results that are kept rest on files", "Save the scenario first: scenario.save()."
        raise mistake(problem, "results", results, fix)
    for name in {"points", "ensemble"} & given.keys():
        given[name], folder = table_file(given[name], name, results)
        kept.append(folder)
    if "ensemble" in given:
        usual, sets = inspect.signature(function).parameters["ensemble"].default, given.pop("ensemble")
        given |= {"ensemble": os.fspath(sets or NONE)} if (sets or NONE) != (usual or NONE) else {}
    executor = given.pop("executor") if isinstance(given.get("executor"), Executor) else None
    options, words = _as_words(function, given)
    options += [word for place in own.places() for word in ("--parts", str(place))]
    progress = given.get("progress", "bar")
    shown = console(quiet=progress != "bar" or not console().is_terminal), progress if callable(progress) else None
    command = shlex.join(["comity", function.__name__, *names, *options, *words])
    what = function.__name__, names, words, command, *shown, str(given.get("rules", "")), given.get("ensemble", "")
    return Request(*what, str(given.get("facts") or ""), executor, in_python=True, temporary=results is None, kept=kept)


def _as_words(function: Callable[..., Any], given: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Words of the command line equivalent to a request, in two lists: options, and overrides in the given order."""
    options, keys = [], {}
    for entry in declared(function):
        value = given.get(entry.name)
        if entry.is_word or value is None or value == entry.default:
            continue
        if entry.key:
            keys[entry.key] = value
        elif entry.metavar.endswith(AGAIN):
            options += [word for one in listed(value) for word in (entry.typed[-1], one)]
        elif value is True:
            options.append(entry.typed[-1])
        else:
            options += [entry.typed[-1], ",".join(value) if isinstance(value, list | tuple) else str(value)]
    chosen = _chosen(given)
    if twice := [key for key in keys if key in chosen]:
        raise mistake("given twice", "set", twice[0], "Keep the keyword, or the key in set.")
    axes = []
    for key, values in (given.get("values") or {}).items():
        if not isinstance(values, Iterable):
            fix = f"Write a list, [{values}], or set it by set= for all points."
            raise mistake("one value is no axis", key, values, fix)
        values = values if isinstance(values, str) else list(values)
        if not values:
            raise mistake("no values", key, fix="Write one or more, or leave it out.")
        axes.append(f"{key}={values if isinstance(values, str) else ','.join(map(written, values))}")
    return options, [*axes, *overrides(chosen), *overrides(keys)]


def _chosen(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Configuration values that the arguments of a call set, by key; a `world` argument is one of them."""
    chosen, world = given.get("set") or {}, given.get("world")
    if world and "world" in chosen:
        raise mistake("given twice", "set", "world", "Keep the keyword, or the key in set.")
    return {"world": world, **chosen} if world else chosen


def named(scenario: ScenarioLike) -> str:
    """Word by which the command line names a scenario: its key, or the path of its file."""
    if isinstance(scenario, str | os.PathLike):
        return os.fspath(scenario)
    fix = "Write each scenario as an argument of its own: a key, a file, or a sim.Scenario."
    raise mistake("not a scenario", "SCENARIO", scenario, fix)


def listed(given: str | Sequence[str]) -> list[str]:
    """List of words: a text is split at its commas, a list is returned as it is."""
    return given.split(",") if isinstance(given, str) else list(given)


class TemporaryFolder:
    """A temporary folder at `path`, which is removed when this object is no longer used."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="comity-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def table_file(given: Any, name: str, results: str | Path | None) -> tuple[Any, TemporaryFolder | None]:
    """Path of a file with a table's content, and what keeps it from deletion; anything else as it is, and None."""
    from sim.data.spreadsheet import as_csv

    if not hasattr(given, "to_csv"):
        return given, None
    _check_cells(given, name)
    content = as_csv(given).encode()
    temporary = TemporaryFolder() if results is None else None
    folder = temporary.path if temporary else Path(str(results))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:8]}.csv"
    file.write_bytes(content)
    return file, temporary


def _check_cells(table: Any, name: str) -> None:
    """Raises an error for an empty cell in a user's table of points or parameter sets."""
    unknown = table.isna()
    for column in table.columns[unknown.any().to_numpy()]:
        row = table.index[unknown[column].to_numpy()][0]
        fix = f"Give it a value, or leave the row out: {name}.dropna()."
        raise mistake(f"row {row!r} has no value", f"{name}: {column}", fix=fix)


def console(*, quiet: bool = False) -> Console:
    """Makes the console for progress and notes on standard error.

    The text holds paths, names and words of the user: nothing in it is markup.
    """
    from rich.console import Console

    return Console(stderr=True, quiet=quiet, markup=False, emoji=False)


def overrides(values: Mapping[str, Any]) -> list[str]:
    """Converts values by dotted configuration key to overrides, such as `desk.rebound=0.4`."""
    return [f"{key}={written(value)}" for key, value in values.items()]


def written(value: Any) -> str:
    """Converts a value to the notation of overrides on the command line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{','.join(written(item) for item in value)}]"
    text = str(value)
    if not isinstance(value, str | Path) or (text and all(letter.isalnum() or letter in "_-.:/" for letter in text)):
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
