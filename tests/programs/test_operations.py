"""The record of operations, and pages that are made from runs: kinds, dates, order, ratios."""

import pandas as pd

from docs.programs.operations import parts, record
from sim.cases.real_case import KIND_OF_TARGET
from sim.world.parameters import GROUP_KINDS


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


def test_the_table_keeps_record_and_model_apart() -> None:
    model = pd.DataFrame({"kind": ["scams"] * 4, "states": [2, 3, 4, 5], "arrests": [0, 0, 1, 1], "months": [10.0] * 4})
    text = parts(record(), model.assign(seed=1), 1)["operations"]
    rows = [line for line in text.splitlines() if line.startswith("| scams")]
    assert "37 (37–37; n = 1)" in rows[0]
    assert "4 (3–4; n = 4)" in rows[1]
    assert "50 %" in rows[1]
