"""Tests of a user's own outcome, defined as a function."""

import pytest

from sim.data.load import DataError
from sim.measures.observation import Observation
from sim.measures.outcome import Better, Outcome, ShownIn, as_outcome
from sim.measures.outcomes import _outcome


def counted(seen: Observation) -> float:
    """Requests that were sent.

    Answered   or not.
    """
    return float(seen.request("loops").size)


def test_a_function_becomes_an_outcome_by_its_name_and_docstring() -> None:
    made = as_outcome("Requests", "number", Better.MORE, -1.0, ShownIn.FOREST)(counted)
    words = ("counted", "Requests", "number", Better.MORE, "Requests that were sent. Answered or not.")
    assert made == Outcome(*words, counted, -1.0, ShownIn.FOREST)
    assert made.heading == "Requests (number)"


@pytest.mark.parametrize(("title", "unit"), [("", "number"), ("Requests", "")])
def test_an_outcome_without_title_or_unit_is_refused(title: str, unit: str) -> None:
    with pytest.raises(ValueError, match="counted needs a docstring as its definition, a title and a unit"):
        as_outcome(title, unit, Better.MORE)(counted)


def test_an_outcome_without_a_definition_is_refused() -> None:
    def bare(_: Observation) -> float:
        return 0.0

    with pytest.raises(ValueError, match="bare needs a docstring"):
        as_outcome("Requests", "number", Better.MORE)(bare)


def test_a_row_that_nothing_measures_is_named() -> None:
    row = {
        "key": "stray",
        "title": "Stray",
        "unit": "number",
        "better": "more",
        "least": "",
        "shows": "",
        "definition": "",
    }
    with pytest.raises(DataError, match=r"sim/measures/outcomes\.csv: stray: no MEASURES"):
        _outcome(row)
