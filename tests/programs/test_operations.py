"""Pages of operations and of ordinary requests: what is on record and what one tiny world gives."""

from pathlib import Path

import pandas as pd
import pytest

from docs.programs import DOCS
from docs.programs.operations import parts, record
from docs.programs.requests import parts as of_requests
from docs.programs.requests import published, published_days, published_years, simulated
from docs.programs.requests_figures import write
from sim.cases.real_case import KIND_OF_TARGET
from sim.world.parameters import GROUP_KINDS
from tests.tiny import TINY


def test_operations_and_requests_on_the_record_are_those_that_were_published() -> None:
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
    google = published("Google")
    assert google["requests"].sum() == 197_456
    assert 0.7 < google["answered"].sum() / google["requests"].sum() < 0.8
    assert "USA" not in google.index
    years = published_years().set_index(["provider", "kind", "year"])["requests"]
    assert 240 < years["Google", "direct", 2019] / years["Google", "assisted", 2019] < 560
    assert 1.3 < years["Google", "direct", 2021] / years["Google", "direct", 2020] < 1.5
    assert published_days()["TikTok"].between(1.0, 20.0).all()


def test_the_table_keeps_record_and_model_apart() -> None:
    model = pd.DataFrame({"kind": ["scams"] * 4, "states": [2, 3, 4, 5], "arrests": [0, 0, 1, 1], "months": [10.0] * 4})
    text = parts(record(), model.assign(seed=1), 1)["operations"]
    rows = [line for line in text.splitlines() if line.startswith("| scams")]
    assert "37 (37–37; n = 1)" in rows[0]
    assert "4 (3–4; n = 4)" in rows[1]
    assert "50 %" in rows[1]


@pytest.mark.slow
def test_page_and_figures(tmp_path: Path) -> None:
    made = simulated(1, TINY)
    text = "\n".join(of_requests(made).values())
    rows = [line for line in text.splitlines() if line.startswith(("| Google", "| Apple", "| EU orders"))]
    assert len(rows) > 8
    assert all("input" in row or "follows" in row for row in rows)
    assert "nan" not in text
    write(made, tmp_path)
    figures = {path.name for path in tmp_path.glob("*.png")}
    assert figures == {f"requests_{name}.png" for name in ("google", "apple", "orders")}
    assert all(f"figures/{name}" in (DOCS / "requests.md").read_text("utf-8") for name in figures)
