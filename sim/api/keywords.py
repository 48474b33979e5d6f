"""What all studies take, and what was asked for: keywords of Python become the words of the command line.

A study is one function, whose body makes of an `Asked` what is to be simulated. `study` makes the function of Python of
it; the command line reads its signature (`sim/cli.py`), and gives the body an `Asked` of what was typed.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeAlias, TypedDict, TypeVar

from sim.api.door import AGAIN, NONE, declared, docstring, in_python
from sim.data import own
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sim.api.scenario import DraftScenario, TemporaryFolder
    from sim.experiments.control import OnProgress

#: A scenario by key, by its file, or made in Python.
ScenarioLike: TypeAlias = "str | os.PathLike[str] | DraftScenario"
#: A value of the configuration.
Value = bool | int | float | str | Sequence[str]
#: Parameter sets: those of the package, a file or folder, a table with one row per set, or None for the defaults.
EnsembleLike: TypeAlias = "str | os.PathLike[str] | pd.DataFrame | None"
#: Called with the number of runs that are done and of all runs; `bar` for a bar where standard error is a terminal.
Progress = Callable[[int, int], None] | Literal["bar"] | None
P = ParamSpec("P")
AskedT = TypeVar("AskedT")
FoundT = TypeVar("FoundT")


class StudyKeywords(TypedDict, total=False):
    """Keywords of all studies; those that have a word in brackets, and `events`, are options of their commands, too.

    Attributes:
        replicates (N): number of seeds (execution.replicates)
        workers (N): worker processes, 0 for one per core (execution.workers)
        seed (N): first seed (execution.first_seed)
        results (DIR): folder in which a new folder of results is made (execution.results)
        events: keep each request, case and action in tables (execution.events)
        rules (FILE): Python file of rules that replace rules of the model; it is a program: run only what you trust
        set: values of the configuration by key, such as {"world.groups": 100, "uncertainty": "overloaded_courts"}.
        progress: called with the number of runs that are done and of all runs; "bar" shows a bar where standard error
            is a terminal, and nothing elsewhere; None shows nothing.
    """

    replicates: int | None
    workers: int | None
    seed: int | None
    results: str | Path | None
    events: bool
    rules: str | Path
    set: Mapping[str, Value] | None
    progress: Progress


@dataclass(frozen=True)
class Asked:
    """What was asked for."""

    kind: str  # name of the command
    names: Sequence[str]
    words: Sequence[str]
    command: str
    console: Console
    quiet: bool = False
    progress: OnProgress | None = None
    rules: str = ""  # file of rules in the place of the model's; empty for none
    ensemble: str = ""  # parameter sets that worlds take in turn, as `sets_named` reads them; empty for what is usual
    in_python: bool = False  # whether Python asks, which takes results back and publishes nothing
    results: str | Path | None = None  # folder of results that Python names; None where nothing is to be kept
    kept: object = None  # what must last as long as this is asked for, such as the folder of a table that was given

    @property
    def temporary(self) -> bool:
        """Whether no folder of results remains."""
        return self.in_python and self.results is None


def study(
    finish: Callable[[Asked, AskedT], FoundT],
) -> Callable[[Callable[Concatenate[Asked, P], AskedT]], Callable[P, FoundT]]:
    """Makes the function of Python of a body; both doors have what the body gives finished (`conducted`)."""

    def made_of(body: Callable[Concatenate[Asked, P], AskedT]) -> Callable[P, FoundT]:
        """The function, in whose signature and docstring stand keywords of all studies, where it takes them."""
        signature, text = inspect.signature(body), docstring(body)
        entries = list(signature.parameters.values())[1:]
        if entries[-1].kind is entries[-1].VAR_KEYWORD:
            alone, usual = inspect.Parameter.KEYWORD_ONLY, {"events": False, "rules": "", "progress": "bar"}
            entries[-1:] = [
                inspect.Parameter(name, alone, default=usual.get(name), annotation=kind.__forward_arg__)
                for name, kind in StudyKeywords.__annotations__.items()
            ]
            text += "\n" + docstring(StudyKeywords).partition("Attributes:\n")[2]

        @wraps(body)
        def function(*given: P.args, **more: P.kwargs) -> FoundT:
            """What users call, once its arguments are checked."""
            bound = inspect.signature(function).bind(*given, **more)
            asked = _asked_for(function, bound.arguments)
            return finish(asked, body(asked, *given, **more))

        found = inspect.signature(finish).return_annotation
        more = {"__signature__": signature.replace(parameters=entries, return_annotation=found), "finish": finish}
        vars(function).update(more)
        function.__doc__ = text
        return in_python(function)

    return made_of


def conducted(function: Callable[..., Any], asked: Asked, *given: Any, **more: Any) -> Any:
    """What a study of Python comes to, for what was asked for by the other door."""
    return vars(function)["finish"](asked, inspect.unwrap(function)(asked, *given, **more))


def _asked_for(function: Callable[..., Any], given: Mapping[str, Any]) -> Asked:
    """What arguments ask for."""
    from sim.api.scenario import DraftScenario

    scenarios = [*given.get("scenarios", ()), *(given[name] for name in ("scenario", "name") if name in given)]
    names, results = [named(scenario) for scenario in scenarios], given.get("results")
    if given.get("events") and results is None:
        raise mistake("event tables need a folder", "events", True, 'Write results="results".')
    if results is not None and any(isinstance(one, DraftScenario) and not one.is_saved for one in scenarios):
        problem, fix = "results that are kept rest on files", "Save the scenario first: scenario.save()."
        raise mistake(problem, "results", results, fix)
    tables = {name: table_file(given[name], name, results) for name in ("points", "ensemble") if name in given}
    given = {**given, **{name: file for name, (file, _) in tables.items()}}
    if "ensemble" in given:
        usual, word = inspect.signature(function).parameters["ensemble"].default, given.pop("ensemble")
        given |= {} if word == usual or (word == NONE and usual is None) else {"ensemble": os.fspath(word or NONE)}
    options, words = _in_words(function, given)
    options += ["--parts", str(own.folder())] if own.folder() else []
    progress = given.get("progress", "bar")
    quiet = progress != "bar" or not console().is_terminal
    command = shlex.join(["comity", function.__name__, *names, *options, *words])
    shown = console(quiet=quiet), quiet, progress if callable(progress) else None
    worlds = str(given.get("rules", "")), given.get("ensemble", "")
    what = function.__name__, names, words, command, *shown, *worlds
    return Asked(*what, in_python=True, results=results, kept=tables)


def _in_words(function: Callable[..., Any], given: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Options of the command, and overrides in the order in which they are given."""
    options, keys = [], {}
    for entry in declared(function):
        value = given.get(entry.name)
        if entry.is_word or not entry.is_typed or value is None or value == entry.default:
            continue
        if entry.key:
            keys[entry.key] = value
        elif entry.metavar.endswith(AGAIN):
            options += [word for one in listed(value) for word in (entry.typed[-1], one)]
        elif value is True:
            options.append(entry.typed[-1])
        else:
            plain = os.fspath(value) if isinstance(value, os.PathLike) else value
            options += [entry.typed[-1], ",".join(plain) if isinstance(plain, list | tuple) else str(plain)]
    chosen = given.get("set") or {}
    if twice := [key for key in keys if key in chosen]:
        raise mistake("given twice", "set", twice[0], "Keep the keyword, or the key in set.")
    axes = [f"{key}={_axis(key, values)}" for key, values in (given.get("values") or {}).items()]
    return options, [*axes, *overrides(chosen), *overrides(keys)]


def _axis(key: str, given: Sequence[Value] | str) -> str:
    """The values of an axis in words."""
    if isinstance(given, str):
        return given
    try:
        return ",".join(map(written, given))
    except TypeError:
        fix = f"Write a list, [{given}], or set it by set= for all points."
        raise mistake("one value is no axis", key, given, fix) from None


def named(scenario: ScenarioLike) -> str:
    """The key or file of a scenario."""
    if isinstance(scenario, str | os.PathLike):
        return os.fspath(scenario)
    fix = "Write each scenario as an argument of its own: a key, a file, or a sim.Scenario."
    raise mistake("not a scenario", "SCENARIO", scenario, fix)


def listed(given: str | Sequence[str]) -> list[str]:
    """Words that may stand in one text with commas, or in a list."""
    return given.split(",") if isinstance(given, str) else list(given)


def table_file(given: Any, name: str, results: str | Path | None) -> tuple[Any, TemporaryFolder | None]:
    """A table that somebody gave as the file that the command line takes; a path or nothing as it is."""
    from sim.api.scenario import TemporaryFolder
    from sim.data.spreadsheet import as_csv

    if not hasattr(given, "to_csv"):
        return given, None
    content = as_csv(given).encode()
    temporary = TemporaryFolder() if results is None else None
    folder = temporary.path if temporary else Path(str(results))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:8]}.csv"
    file.write_bytes(content)
    return file, temporary


def console(*, quiet: bool = False) -> Console:
    """Where progress and notes are printed: standard error, so that standard output holds the answer alone.

    The text holds paths, names and words of the user: nothing in it is markup.
    """
    from rich.console import Console

    return Console(stderr=True, quiet=quiet, markup=False, emoji=False)


def overrides(values: Mapping[str, Any]) -> list[str]:
    """Values of the configuration by dotted key as overrides, in their order."""
    return [f"{key}={written(value)}" for key, value in values.items()]


def written(value: Any) -> str:
    """A value as the grammar of overrides takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | Path):
        return quoted(str(value))
    if isinstance(value, Sequence):
        return f"[{','.join(written(item) for item in value)}]"
    return str(value)


def quoted(text: str) -> str:
    """A text in quotes, where it needs them."""
    if text and all(letter.isalnum() or letter in "_-.:/" for letter in text):
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
