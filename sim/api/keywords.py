"""Keywords of the Python interface as words of the command line, which checks them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.api.asked import Asked
from sim.api.scenario import DraftScenario
from sim.policy.problem import mistake

if TYPE_CHECKING:
    from rich.console import Console

#: A scenario by key, by its file, or made in Python.
ScenarioLike = str | os.PathLike[str] | DraftScenario
#: A value of the configuration.
Value = bool | int | float | str | Sequence[str]
#: Called with the number of runs that are done and of all runs; `bar` for a bar where standard error is a terminal.
Progress = Callable[[int, int], None] | Literal["bar"] | None


def asked_for(
    command: str,
    scenarios: Iterable[ScenarioLike],
    words: Sequence[str],
    progress: Progress,
    options: Sequence[str] = (),
    rules: str | Path = "",
) -> Asked:
    """What keywords ask for.

    Args:
        command: name of the command that does the same.
        scenarios: by key, by file, or made in Python.
        words: overrides.
        progress: who is kept informed.
        options: of the command.
        rules: file of rules in the place of the model's.
    """
    names = [scenario if isinstance(scenario, str) else os.fspath(scenario) for scenario in scenarios]
    options = [*options, *(["--rules", str(rules)] if rules else [])]
    typed = shlex.join(["comity", command, *names, *options, *words])
    shown = progress == "bar" and console().is_terminal
    called = progress if callable(progress) else None
    return Asked(names, words, typed, console(quiet=not shown), quiet=not shown, progress=called, rules=str(rules))


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
        InputError: `set` is no mapping.
    """
    if set is not None and not isinstance(set, Mapping):
        raise mistake("not a mapping", "set", set, 'Write set={"world.groups": 100}.')
    given = {f"execution.{name}": value for name, value in execution.items() if value is not None}
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


def check_saved(scenarios: Iterable[ScenarioLike], results: str | Path | None) -> None:
    """Kept results name the files that they rest on, which must not be temporary.

    Raises:
        InputError: a scenario has no file yet.
    """
    for scenario in scenarios:
        if results is not None and isinstance(scenario, DraftScenario) and not scenario.is_saved:
            problem, fix = "results that are kept rest on files", "Save the scenario first: scenario.save()."
            raise mistake(problem, "results", results, fix)
