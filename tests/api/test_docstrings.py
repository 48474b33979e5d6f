"""Tests of the docstrings of public names: results, errors, and examples that are run."""

import doctest
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim

#: Examples that take more than five seconds.
SLOW = {"CalibrationFolder", "CaseReplay", "calibrate", "case", "league", "portfolio", "regret", "runs"}
#: Names that the docstring of a class makes, which examples of its methods take.
MADE = {"found": "StudyResult", "swept": "SweepResult", "policy": "Scenario"}
#: The outcome that docs/own_rules.md shows, as a part of a user's own.
OUTCOME = re.findall(
    r"```python\n# outcomes.py\n(.*?)```",
    (Path(__file__).parents[2] / "docs/own_rules.md").read_text("utf-8"),
    re.DOTALL,
)[0]


def documented() -> Iterator[tuple[str, Any]]:
    """Yields all public names with their objects, including methods and properties of classes."""
    for name in sorted(set(sim.__all__) - {"__version__"}):
        owner = getattr(sim, name)
        yield name, owner
        if isinstance(owner, type):
            for inner in (inner for inner in vars(owner) if not inner.startswith("_")):
                yield f"{name}.{inner}", inspect.getattr_static(owner, inner)


def function_of(owner: Any) -> Any:
    """Function behind a class method, or any other object unchanged."""
    return getattr(owner, "__func__", owner)


def text_of(name: str) -> str:
    """Docstring of a public name, without indentation."""
    return inspect.getdoc(function_of(NAMES[name])) or ""


NAMES = dict(documented())
FUNCTIONS = [name for name, owner in NAMES.items() if not isinstance(owner, type) and callable(function_of(owner))]
WITH_EXAMPLE = [name for name, owner in NAMES.items() if isinstance(owner, type) or name in FUNCTIONS]


def section(name: str, heading: str) -> str:
    """Text of a section of a docstring; empty if the section is missing."""
    _, _, rest = text_of(name).partition(f"\n\n{heading}:\n")
    lines = rest.split("\n")
    end = next((place for place, line in enumerate(lines) if line and not line.startswith(" ")), len(lines))
    return "\n".join(lines[:end])


def test_names_are_functions_methods_properties_and_classes() -> None:
    known = {"compare", "levers", "simulate", "law", "Scenario.from_changes", "StudyResult.series"}
    assert known <= set(FUNCTIONS) and "Model" in WITH_EXAMPLE
    properties = NAMES.keys() - set(WITH_EXAMPLE)
    assert {"StudyResult.differences", "SweepResult.axes", "LegalAnswer.open"} <= properties
    assert all(text_of(name) for name in properties)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_returns_and_raises(name: str) -> None:
    assert section(name, "Returns").strip()
    takes = set(inspect.signature(function_of(NAMES[name])).parameters) - {"self", "cls"}
    for entry in takes - {"more"}:
        assert f"\n    {entry}" in f"\n{section(name, 'Args')}", entry
    assert "InputError: " in section(name, "Raises") or not takes or name == "InputError.at"


@pytest.mark.parametrize("name", WITH_EXAMPLE)
def test_help_has_an_example(name: str) -> None:
    assert ">>> " in section(name, "Examples")


@cache
def made(name: str) -> Any:
    """Object that a class's example creates, on which the examples of its methods run."""
    names: dict[str, Any] = {"sim": sim}
    for example in doctest.DocTestParser().get_examples(text_of(MADE[name])):
        if name not in names:
            exec(example.source, names)  # noqa: S102 - our own docstrings
    return names[name]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else []) for name in WITH_EXAMPLE]
)
def test_the_example_is_right(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_parts").mkdir()
    (tmp_path / "my_parts" / "outcomes.py").write_text(OUTCOME, encoding="utf-8")
    text = text_of(name)
    names = {"sim": sim, "pd": pd} | {one: made(one) for one in MADE if one in text and f">>> {one} = " not in text}
    example = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    differences: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example, out=differences.append)
    assert result.attempted and not result.failed, "".join(differences)
