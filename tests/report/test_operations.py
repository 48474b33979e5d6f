"""The record of operations, and pages that are made from runs: kinds, dates, order, ratios."""

import numpy as np
import pandas as pd
import pytest

from sim.report.operations import KIND_OF_TARGET, page, record
from sim.report.statements import STATEMENTS, find
from sim.report.strongest import Strength, ends
from sim.report.strongest import page as strongest_page
from sim.world.parameters import GROUP_KINDS, Parameters


def test_every_operation_on_the_record_has_a_kind_and_states() -> None:
    found = record()
    assert len(found) >= 30
    assert set(found["kind"]) <= set(GROUP_KINDS)
    assert {"marketplaces", "communication_services"} <= set(found["kind"])
    assert set(KIND_OF_TARGET.values()) <= set(GROUP_KINDS)
    assert (found["states"] >= 1).all()
    known = found["months"].dropna()
    assert len(known) > 15
    assert known.between(0, 120).all()
    emotet = found[(found["states"] == 8) & (found["kind"] == "technical_services")]
    assert emotet["months"].round(0).tolist() == [30.0]  # August 2018 to 26 January 2021


def test_the_page_keeps_record_and_model_apart() -> None:
    model = pd.DataFrame({"kind": ["scams"] * 4, "states": [2, 3, 4, 5], "arrests": [0, 0, 1, 1], "months": [10.0] * 4})
    text = page(record(), model.assign(seed=1), 1)
    rows = [line for line in text.splitlines() if line.startswith("| scams")]
    assert "37 (37–37; n = 1)" in rows[0]
    assert "4 (3–4; n = 4)" in rows[1]
    assert "50 %" in rows[1]


def test_strongest_first() -> None:
    weak, strong = Strength("a.b", 1.0, 1.1, 1.0, 1.2), Strength("c.d", 2.0, 0.4, 0.3, 0.5)
    text = strongest_page([weak, strong], 2, 24)
    assert text.index("c.d") < text.index("a.b")
    assert "largest factor is 2.5" in text


def test_every_judgement_parameter_is_moved_to_both_ends() -> None:
    for name, (low, high) in ends().items():
        theme, _, field = name.partition(".")
        default = float(getattr(getattr(Parameters(), theme), field))
        assert low <= default <= high
    assert len(ends()) > 300
    assert np.isfinite(list(ends().values())).all()


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_half_is_as_far_as_double(ratio: float) -> None:
    assert Strength("a", 1.0, ratio, 0.0, 3.0).distance == pytest.approx(np.log(2.0))


def test_statements_are_measured_over_pairs() -> None:
    """A level and a difference, two seeds of the default world."""
    chosen = [
        entry
        for entry in STATEMENTS
        if entry.text in ("Requests refused for lack of proof, %", "No arrests: takedowns")
    ]
    level, change = find(chosen, 2, 1)
    assert 0.0 < level.estimate < 50.0
    assert level.low <= level.estimate <= level.high
    assert change.estimate < 100.0
    assert level.verdict
