"""Targets are read whole, every entry is checked, and distances are measured in half-widths."""

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim.data
from sim.calibration import targets as module
from sim.calibration.targets import Insight, Role, of_role, targets
from sim.data.load import DataError
from sim.measures.outcomes import OUTCOMES

ENTRY = {
    **{"key": "one", "title": "One", "unit": "months", "outcome": "turnaround_median", "definition": "As it is."},
    **{"value": [10], "low": 6, "high": 12, "scale": "linear", "role": "calibrate", "kind": "informative"},
    **{"source": "somebody", "status": "verified"},
}


@pytest.fixture(autouse=True)
def again():
    yield
    targets.cache_clear()


def read(monkeypatch, *entries):
    monkeypatch.setattr(module, "read_entries", lambda _: [dict(entry) for entry in entries])
    targets.cache_clear()
    return targets()


def test_every_shipped_target_has_all_that_it_needs():
    known = {outcome.key: outcome for outcome in OUTCOMES}
    assert len(targets()) > 20
    for target in targets():
        assert target.definition.endswith(".") and target.source and target.value, target.key
        assert not target.outcome or known[target.outcome].unit == target.unit
        assert any(target.low <= value <= target.high for value in target.value), target.key
    assert {target.role for target in targets()} == set(Role)
    used = [{target.outcome for target in of_role(role)} for role in Role]
    assert not used[0] & used[1], "no outcome serves to fit and to judge"
    echoes = [target for target in targets() if target.insight is Insight.ECHO]
    assert echoes and all(target.echo_of in target.kind for target in echoes)
    assert replace(echoes[0], insight=Insight.INFORMATIVE).kind == "informative"


def test_figures_of_the_record_are_those_of_the_record():
    with (Path(sim.data.__file__).parent / "operations.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    arrests = [float(row["arrests"]) for row in rows]
    states = [float(row["n_countries"]) for row in rows]
    recent = [n for n, row in zip(states, rows, strict=True) if "2021" <= row["action_date"][:4] <= "2025"]
    known = [row for row in rows if row["resurgence"] != "unknown"]
    back = [row for row in known if row["resurgence"] != "none" and float(row["months_to_resurgence"] or 99) <= 12]
    by_key = {target.key: target.value for target in targets()}
    assert by_key["without_arrest"] == pytest.approx([np.mean([n == 0 for n in arrests])], abs=0.005)
    assert by_key["few_arrests"] == pytest.approx([np.mean([n <= 6 for n in arrests])], abs=0.005)
    assert by_key["operation_states"] == pytest.approx([np.median(states)])
    assert by_key["operations_per_year"] == pytest.approx([sum(n >= 3 for n in recent) / 5], abs=0.05)
    assert by_key["back_within_year"] == pytest.approx([len(back) / len(known)], abs=0.005)


def test_the_fingerprint_changes_with_a_band(monkeypatch):
    read(monkeypatch, ENTRY)
    before = module.fingerprint()
    read(monkeypatch, ENTRY | {"high": 13})
    assert module.fingerprint() != before


MISTAKES = (
    *(({"low": 12}, "low = 12 is not below high = 12"), ({"low": None, "high": None}, "open on both sides")),
    *(({"scale": "cubic"}, "neither linear nor log"), ({"outcome": "turnaround"}, "is no outcome")),
    *(({"unit": "days"}, "the outcome has 'months'"), ({"kind": "echo", "echo_of": "desk.nothing"}, "is no parameter")),
    *(({"echo_of": "desk.rebound"}, "what is no echo"), ({"role": "both"}, "both"), ({"status": "sure"}, "sure")),
    ({"value": ["ten"]}, "ten"),
)


def test_a_mistake_names_entry_and_value(monkeypatch):
    for change, words in MISTAKES:
        with pytest.raises(DataError, match=rf"targets\.yaml: one: .*{words}"):
            read(monkeypatch, ENTRY | change)
    with pytest.raises(DataError, match="source is missing"):
        read(monkeypatch, {key: value for key, value in ENTRY.items() if key != "source"})
    with pytest.raises(DataError, match="two targets of this name"):
        read(monkeypatch, ENTRY, ENTRY)


def test_distances_on_both_scales_and_from_an_open_band(monkeypatch):
    (target,) = read(monkeypatch, ENTRY)
    values = np.array([3.0, 6.0, 9.0, 12.0, 18.0, math.nan])
    assert target.distance(values) == pytest.approx([1.0, 0, 0, 0, 2.0, math.nan], nan_ok=True)
    assert target.inside(values).tolist() == [False, True, True, True, False, False]
    (target,) = read(monkeypatch, ENTRY | {"low": 4, "high": 16, "scale": "log"})
    assert target.distance(np.array([2.0, 4.0, 64.0])) == pytest.approx([1.0, 0, 2.0])
    assert math.isfinite(target.distance(np.array([0.0]))[0])
    (target,) = read(monkeypatch, ENTRY | {"low": 4, "high": None})
    assert target.distance(np.array([3.0, 100.0])) == pytest.approx([1.0, 0.0])
    (target,) = read(monkeypatch, ENTRY | {"low": None, "high": 8, "scale": "log"})
    assert target.distance(np.array([0.0, 10.0])) == pytest.approx([0.0, 1.0])
