"""Tests that a user's outcomes and levers are tried in a small world before a study."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.data import own
from sim.engine import caching
from sim.experiments import rules
from sim.measures.observation import Observation
from sim.measures.outcome import Better, as_outcome
from sim.policy.lever import LawLever, Lever, Quantity
from sim.policy.levers import LAW_LEVERS, WORLD_LEVERS
from sim.policy.problem import InputError


def is_switch(lever: Lever) -> bool:
    """True if a lever is a switch."""
    return lever.quantity is Quantity.SWITCH


def is_number(lever: Lever) -> bool:
    """True if a lever has a number that can be raised gradually."""
    return lever.quantity is not Quantity.SWITCH and lever.gradual


def takes_words(lever: Lever) -> bool:
    """True if a lever takes text."""
    return not (is_switch(lever) or lever.gradual)


def first(levers: Any, kind: Callable[[Lever], bool]) -> Any:
    """First lever of the package of some kind."""
    return next(one for one in levers.values() if kind(one))


def broken(*_: object) -> Any:
    """A rule that raises KeyError."""
    raise KeyError("missing")


def with_broken(lever: Any) -> Any:
    """A copy of a lever with a rule that fails."""
    return replace(lever, **{"amends" if isinstance(lever, LawLever) else "writes": broken})


def counted(seen: Observation) -> float:
    """Outcome: number of requests sent."""
    return float(seen.request("loops").size)


@pytest.mark.parametrize("levers", [LAW_LEVERS, WORLD_LEVERS])
@pytest.mark.parametrize("kind", [is_switch, is_number])
def test_a_switch_and_a_number_that_fail_are_named(
    levers: Any, kind: Callable[[Lever], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    lever = first(levers, kind)
    monkeypatch.setattr(own, "MADE", {own.LEVERS: [lever, with_broken(lever)]})
    wrong = rules.tried("")
    assert wrong == (own.LEVERS, lever.name, "fails in a small world (KeyError: 'missing')")
    monkeypatch.setattr(own, "MADE", {own.LEVERS: [lever]})
    assert rules.tried("") is None


def test_a_lever_that_takes_words_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lever that takes text is not tried, as no valid text is known."""
    levers = [with_broken(first(LAW_LEVERS, takes_words))]
    monkeypatch.setattr(own, "MADE", {own.LEVERS: levers})
    assert rules.tried("") is None


def test_an_outcome_is_tried_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    makes = as_outcome("Requests", "number", Better.MORE)

    def words(_: Observation) -> Any:
        """Outcome that returns text instead of a number."""
        return "many"

    for measure, problem in ((counted, None), (broken_outcome, "KeyError: 'missing'"), (words, "ValueError")):
        monkeypatch.setattr(own, "MADE", {own.OUTCOMES: [makes(measure)]})
        wrong = rules.tried("")
        assert (wrong is None) == (problem is None)
        if wrong and problem:
            assert wrong[:2] == (own.OUTCOMES, measure.__name__) and problem in wrong[2]


def broken_outcome(_: Observation) -> float:
    """Outcome that raises an error."""
    raise KeyError("missing")


def test_parts_are_tried_once_in_another_process_and_the_environment_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Parts are tried once in another process, and again if they failed."""
    asked: list[tuple[Any, str | None]] = []
    answers = iter([(f"mine/{own.OUTCOMES}", "mine", "fails"), None])

    def in_a_process(function: Any, task: str) -> Any:
        assert task == ""
        asked.append((function, os.environ.get("NUMBA_DISABLE_JIT")))
        return next(answers)

    monkeypatch.setattr("sim.experiments.processes.in_a_process", in_a_process)
    kept: set[tuple[object, str]] = set()
    monkeypatch.setattr(caching, "holds", lambda *note: note in kept)
    monkeypatch.setattr(caching, "write", lambda *note: kept.add(note[:2]))
    monkeypatch.setattr(own, "places", lambda: (Path("mine"),))
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(own, "texts", lambda: {f"mine/{own.DATA}/treaties.csv": ""})
    rules.try_out()
    assert asked == []
    monkeypatch.setattr(own, "texts", lambda: {f"mine/{own.OUTCOMES}": ""})
    with pytest.raises(InputError) as raised:
        rules.try_out()
    assert "mine/outcomes.py" in str(raised.value) and "fails" in str(raised.value)
    for _ in range(2):
        rules.try_out()
    assert asked == [(rules.tried, "1")] * 2 and "NUMBA_DISABLE_JIT" not in os.environ
