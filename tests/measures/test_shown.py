"""Tests that the places where an outcome is shown are defined in outcomes.csv only."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import sim
from sim.calibration.targets import targets
from sim.data.load import parse_table, read_text
from sim.measures.facts import FactKey
from sim.measures.outcome import Better, ShownIn
from sim.measures.outcomes import CHECKS, HEADLINES, OUTCOMES, outcome, shown_in
from sim.policy.lever import OwnStage
from sim.policy.levers import LAW_LEVERS, WORLD_LEVERS
from sim.results.countries import COUNTRY_OUTCOMES

ROOT = Path(sim.__file__).parent
KEYS = {entry.key for entry in OUTCOMES} | {entry.key for entry in COUNTRY_OUTCOMES}
#: What lists may remain: roles in a formula, and names of figures.
MOST_LISTS = 4


def lists_of_outcomes(text: str) -> Iterator[int]:
    """Line numbers of literals or calls that list the keys of three or more outcomes."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict | ast.Call):
            continue
        parts = node.keys if isinstance(node, ast.Dict) else node.args if isinstance(node, ast.Call) else node.elts
        first = [part.elts[0] if isinstance(part, ast.Tuple) and part.elts else part for part in parts]
        if sum(isinstance(part, ast.Constant) and part.value in KEYS for part in first) >= 3:
            yield node.lineno


def test_few_lists_of_outcomes_stand_outside_of_measures_and_all_are_seen() -> None:
    files = [path for path in ROOT.rglob("*.py") if "measures" not in path.parts and path.name != "countries.py"]
    found = [
        f"{path.relative_to(ROOT)}:{line}" for path in files for line in lists_of_outcomes(path.read_text("utf-8"))
    ]
    assert len(found) <= MOST_LISTS, found
    seen = 'a = ("harm", "takedowns", "policy_cost")', 'b = {"harm": 1, "takedowns": 2, "policy_cost": 3}'
    pairs = 'c = [("harm", 1), ("takedowns", 2), ("policy_cost", 3)]', 'd("harm", "takedowns", "policy_cost")'
    assert [len(list(lists_of_outcomes(text))) for text in (*seen, *pairs)] == [1] * 4
    assert not list(lists_of_outcomes('e = ("harm", "takedowns")'))


def test_every_place_shows_something_that_can_be_read_there() -> None:
    of_states = {place for entry in COUNTRY_OUTCOMES for place in entry.shows}
    for place in set(ShownIn) - {ShownIn.CHECKS}:
        assert shown_in(place) or place in of_states, place
    assert all(entry.shows is ShownIn.CHECKS for entry in CHECKS), "what is shown is measured in every run"
    assert len(shown_in(ShownIn.FIRST)) == 3 and set(shown_in(ShownIn.FIRST)) < set(HEADLINES)
    for key in (*HEADLINES, *shown_in(ShownIn.REGRET), *shown_in(ShownIn.RIGHTS)):
        assert outcome(key).better is not Better.NEITHER, f"{key}: nobody could say who does well"
    for entry in COUNTRY_OUTCOMES:
        assert bool(entry.means) == (ShownIn.FOREST in entry.shows), entry.key


def test_every_row_has_a_measure_and_every_measure_a_row() -> None:
    rows = [row["key"] for row in parse_table("outcomes.csv", read_text("outcomes.csv", "sim.measures")).rows]
    themes = [import_module(f"sim.measures.{path.stem}") for path in (ROOT / "measures").glob("[a-z]*.py")]
    measured = [key for theme in themes for key in getattr(theme, "MEASURES", ())]
    assert len(set(rows)) == len(rows) and sorted(rows) == sorted(measured)
    listed = [entry.key for entry in (*OUTCOMES, *CHECKS) if entry.key in rows]  # a mechanism makes its own whole
    assert listed == sorted(rows, key=lambda key: outcome(key) in CHECKS)
    assert all(entry.title and entry.unit and entry.definition for entry in (*OUTCOMES, *CHECKS))


def test_outcomes_hold_what_targets_and_levers_name() -> None:
    """Outcomes that targets and levers refer to are measured in every run."""
    keys = {entry.key for entry in OUTCOMES}
    measured = {fact.name.lower() for fact in FactKey}
    assert {target.outcome for target in targets() if target.outcome} <= keys | measured
    levers = (*WORLD_LEVERS.values(), *LAW_LEVERS.values())
    assert {lever.stage.outcome for lever in levers if isinstance(lever.stage, OwnStage)} <= keys
