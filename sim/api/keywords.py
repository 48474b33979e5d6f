"""Keywords of the Python interface as words of the command line, which checks them."""

from __future__ import annotations

import hashlib
import inspect
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from sim.api.door import NONE, MadeT, option
from sim.data import own
from sim.policy.problem import mistake

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sim.api.asked import Asked
    from sim.api.scenario import DraftScenario, TemporaryFolder

#: A scenario by key, by its file, or made in Python.
ScenarioLike: TypeAlias = "str | os.PathLike[str] | DraftScenario"
#: A value of the configuration.
Value = bool | int | float | str | Sequence[str]
#: Parameter sets: those of the package, a file or folder, a table with one row per set, or None for the defaults.
EnsembleLike: TypeAlias = "str | os.PathLike[str] | pd.DataFrame | None"
#: Called with the number of runs that are done and of all runs; `bar` for a bar where standard error is a terminal.
Progress = Callable[[int, int], None] | Literal["bar"] | None


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


_USUAL: StudyKeywords = {"replicates": None, "workers": None, "seed": None, "results": None, "events": False}
_USUAL |= {"rules": "", "set": None, "progress": "bar"}


def with_study_keywords(made: MadeT) -> MadeT:
    """Shows the keywords of all studies in the signature and the docstring of a function that takes them."""
    signature, text, alone = inspect.signature(made), inspect.getdoc(made) or "", inspect.Parameter.KEYWORD_ONLY
    own = [entry for entry in signature.parameters.values() if entry.kind is not entry.VAR_KEYWORD]
    kinds = {name: kind.__forward_arg__ for name, kind in StudyKeywords.__annotations__.items()}
    shared = [inspect.Parameter(name, alone, default=usual, annotation=kinds[name]) for name, usual in _USUAL.items()]
    vars(made)["__signature__"] = signature.replace(parameters=[*own, *shared])
    said = (inspect.getdoc(StudyKeywords) or "").partition("Attributes:\n")[2]
    made.__doc__ = text.replace("\n\nRaises:", f"\n{said}\n\nRaises:")
    return made


def asked_for(
    command: str,
    scenarios: Sequence[ScenarioLike],
    study: StudyKeywords,
    options: Mapping[str, Any],
    axes: Sequence[str] = (),
    *,
    ensemble: EnsembleLike = "",
    usual: str = "",
) -> Asked:
    """What keywords ask for.

    Args:
        command: name of the command that does the same.
        scenarios: by key, by file, or made in Python.
        study: keywords of all studies.
        options: value of each other keyword; of a list, one option for each; none for None, False and "".
        axes: overrides that come first.
        ensemble: parameter sets.
        usual: what the command takes where no sets are named.

    Raises:
        InputError: keywords that do not go together.
    """
    from sim.api.asked import Asked
    from sim.api.scenario import DraftScenario

    given = _USUAL | study
    names, results = [named(scenario) for scenario in scenarios], given["results"]
    if given["events"] and results is None:
        raise mistake("event tables need a folder", "events", True, 'Write results="results".')
    if results is not None and any(isinstance(one, DraftScenario) and not one.is_saved for one in scenarios):
        problem, fix = "results that are kept rest on files", "Save the scenario first: scenario.save()."
        raise mistake(problem, "results", results, fix)
    execution = {"replicates": given["replicates"], "first_seed": given["seed"], "workers": given["workers"]}
    kept_in = None if results is None else str(results)
    words = [*axes, *overrides(given["set"], execution | {"results": kept_in, "events": given["events"] or None})]
    sets, kept = ensemble_word(ensemble, results, usual)
    rules, progress = str(given["rules"]), given["progress"]
    all_options = {**options, "rules": rules, "ensemble": sets, "parts": str(own.folder() or "")}
    in_words = [word for name, value in all_options.items() for word in _as_typed(option(name), value)]
    typed = shlex.join(["comity", command, *names, *in_words, *words])
    shown = progress == "bar" and console().is_terminal
    called = progress if callable(progress) else None
    return Asked(names, words, typed, console(quiet=not shown), not shown, called, rules, sets, kept)


def _as_typed(option: str, value: Any) -> list[str]:
    """An option of the command line with its value, as it is typed."""
    if value is None or value is False or value == "":
        return []
    if isinstance(value, list):
        return [word for one in value for word in (option, str(one))]
    return [option] if value is True else [option, str(value)]


def named(scenario: ScenarioLike) -> str:
    """The key or file of a scenario.

    Raises:
        InputError: it is no scenario.
    """
    if isinstance(scenario, str | os.PathLike):
        return os.fspath(scenario)
    fix = "Write each scenario as an argument of its own: a key, a file, or a sim.Scenario."
    raise mistake("not a scenario", "SCENARIO", scenario, fix)


def listed(given: str | Sequence[str]) -> list[str]:
    """Words that may stand in one text with commas, or in a list."""
    return given.split(",") if isinstance(given, str) else list(given)


def table_file(given: Any, name: str, results: str | Path | None) -> tuple[Any, TemporaryFolder | None]:
    """A table that somebody gave as the file that the command line takes; a path or nothing as it is.

    Args:
        given: the table.
        name: first word of the file's name, whose second is a hash of the content.
        results: folder of results that are kept, where the file lies, too; None for a temporary folder.

    Returns:
        The file, and the temporary folder, which lives as long as it is held.
    """
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


def ensemble_word(given: Any, results: str | Path | None, usual: str) -> tuple[str, TemporaryFolder | None]:
    """Parameter sets as a word of the command line; empty for what is usual."""
    file, temporary = table_file(given, "ensemble", results)
    word = NONE if file is None else os.fspath(file)
    return "" if word == usual else word, temporary


def console(*, quiet: bool = False) -> Console:
    """Where progress is shown: standard error."""
    from rich.console import Console

    return Console(stderr=True, quiet=quiet, markup=False, emoji=False)


def overrides(set: Mapping[str, Value] | None, execution: Mapping[str, Value | None]) -> list[str]:
    """Overrides as words, in the order in which they were given.

    Args:
        set: values of the configuration by dotted key.
        execution: settings of `execution.…` by name; None for those that were not given.

    Raises:
        InputError: a value is given twice.
    """
    given = {f"execution.{name}": value for name, value in execution.items() if value is not None}
    if twice := [key for key in given if set and key in set]:
        raise mistake("given twice", "set", twice[0], "Keep the keyword, or the key in set.")
    return [f"{key}={written(value)}" for key, value in {**(set or {}), **given}.items()]


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
