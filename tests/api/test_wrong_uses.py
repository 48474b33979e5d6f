"""Tests that each wrong use of a public function gives one message with argument, value and fix."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np  # noqa: F401 - calls of the table use it
import pandas as pd
import pytest

import sim
from sim.cli import INPUT_ERROR, main
from sim.law.order import legal_order
from sim.policy.places import load_atlas
from sim.policy.scenario import load
from tests.tables import rows

FILES = {"empty.csv": "", "heading.csv": "court.staff\n", "words.csv": "court.staff\nx\n", "cut.yaml": "a: ["}
FILES |= {"rules.py": "x = 1\n"}
ONE: dict[str, Any] = {"replicates": 1, "set": {"world": "tiny"}, "progress": None}
CHANGE = {"lever": "court.staff", "value": "+10 %", "date": "2027-01-01"}
frame = pd.DataFrame
BELOW = frame({"desk.court_wait_days": [-1.0]})


def changed(**more: Any) -> Callable[[], object]:
    """Function that makes a scenario with one change, some of whose keys are wrong."""
    return lambda: sim.Scenario.from_changes("m", [CHANGE | more], title="t", question="q", author="a")


def with_(name: str, *given: Any, **more: Any) -> Callable[[], object]:
    """Function that calls a public function in one tiny world."""
    return lambda: getattr(sim, name)(*given, **{**ONE, **more})


def alone(name: str, *given: Any, **more: Any) -> Callable[[], object]:
    """Function that calls a public function with the given arguments only."""
    return lambda: getattr(sim, name)(*given, **more)


#: Call, beginning of the message (the argument, as a rule), and a part of the rest.
USES = rows(Path(__file__).parent / "wrong_uses.txt")


@pytest.fixture
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_files")
def test_a_wrong_use_is_one_message_in_the_words_of_python() -> None:
    sim.states()  # the law is read
    wrong = []
    for call, begins, said in USES:
        try:
            found = f"{eval(call)()!r} instead of an error"  # noqa: S307
        except sim.InputError as problem:
            found = str(problem)
        except Exception as error:
            found = f"{error!r}: no message"
        options = " --" in found.replace("`comity ablate --list`", "") or "command line" in found
        if options or "\n" in found or not found.startswith(begins) or said not in found:
            wrong.append((begins, said, found))
    assert not wrong, "\n".join(map(str, wrong))


#: Words of a command; what the one message must hold.
TYPED = rows(Path(__file__).parent / "typed.txt")


def test_a_mistake_on_the_command_line_is_one_message_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words, *parts in TYPED:
        assert main(words.split()) == INPUT_ERROR, words
        printed = capsys.readouterr()
        assert (printed.out, printed.err.count("\n")) == ("", 1)
        assert printed.err.startswith("comity: error: command line: ")
        assert all(part in printed.err for part in parts), printed.err


def test_a_misspelt_name_says_what_was_meant_in_the_error_that_python_has_for_it() -> None:
    """A misspelt name raises Python's usual error, with a suggestion of the correct name."""
    found = sim.Outcomes("status_quo", 1, {"takedown_rate": 2.0})
    for wrong, kind in ((lambda: found["takedown_rat"], KeyError), (lambda: found["takedown_rat"], sim.InputError)):
        with pytest.raises(kind, match=r"Did you mean takedown_rate\?"):
            wrong()
    with pytest.raises(AttributeError, match=r"\['takedown_rate'\]"):
        _ = found.takedown_rate
    assert found.get("takedown_rat", 3.0) == 3.0 and not hasattr(found, "_repr_html_")
    with pytest.raises(TypeError, match="Did you mean replicates"):
        sim.compare("faster_mlat", replicate=2)  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="Did you mean levers"):
        sim.levels()  # type: ignore[attr-defined]


def test_states_are_taken_by_codes_of_two_letters() -> None:
    """States are accepted by ISO 3166-1 codes of two letters, and by the European Union's EL and UK."""
    for short, code in (("DE", "DEU"), ("ch", "CHE"), ("IE", "IRL"), ("GB", "GBR"), ("UK", "GBR"), ("EL", "GRC")):
        assert sim.law(short, "US", "content", on="2026-12-01").answer.question.requesting == code
    draft = changed(states=["DE", "uk"], lever="court.staff")()
    assert isinstance(draft, sim.Scenario)
    assert load(str(draft.file)).changes[0].states.resolve(load_atlas(), legal_order(), date(2027, 1, 1)) == (
        "DEU",
        "GBR",
    )
