"""Tests of scores of forecasts: planted figures, rows of the page, and sections that stand."""

import numpy as np
import pandas as pd
import pytest

from docs.programs import DOCS
from docs.programs.scores import SECTIONS, Row, hashed, judged, part, rows_of, score, sections

TEXT = """# Page

## 2026-01-01, from data alone

| what | when | last known | median | 5 % | 95 % |
| --- | --- | ---: | ---: | ---: | ---: |
| Orders | 2027 | 1,000 | 1,200 | 1,000 | 1,500 |
| Operations | 2027 | 4.6 | 4 | 0 | 9 |

## 2026-01-02, from the model

| what | when | last known | median | 5 % | 95 % |
| --- | --- | ---: | ---: | ---: | ---: |
| Orders | 2027 | 1,000 | 2,000 | 1,500 | 2,500 |

## Scores
"""


def published(**value: str) -> pd.DataFrame:
    return pd.DataFrame([{"what": what, "when": "2027", "value": number} for what, number in value.items()])


def test_a_planted_figure_is_scored_in_every_section_that_foretold_it() -> None:
    found = judged(rows_of(TEXT), published(Orders="1250", Operations="12"))
    assert found["90 % holds it"].tolist() == ["yes", "no", "no"]
    first, second = (float(one.replace("−", "-")) for one in found["log score"][:2])
    assert first > second
    assert "Awaited: nothing." in part(TEXT, published(Orders="1250", Operations="12"))
    assert "Awaited: 2027." in part(TEXT, published(Orders="1250"))  # operations have the same date
    assert "2027" in part(TEXT, pd.DataFrame(columns=["what", "when", "value"]))


def test_a_score_is_the_log_of_a_density() -> None:
    row = Row("", "Orders", "2027", 1200.0, 1000.0, 1600.0)
    grid = np.linspace(5.0, 10.0, 20_001)
    density = np.exp([score(row, float(np.exp(at) - 0.5)) for at in grid])
    assert np.sum(density) * (grid[1] - grid[0]) == pytest.approx(1.0, abs=1e-3)
    step, at_low, at_median = grid[1] - grid[0], grid < np.log(1000.5), grid < np.log(1200.5)
    assert density[at_low].sum() * step == pytest.approx(0.05, abs=1e-3)
    assert density[at_median].sum() * step == pytest.approx(0.5, abs=2e-3)
    assert score(row, 1200.0) > score(row, 1000.0) > score(row, 500.0)


def test_sections_of_the_page_stand_as_they_were_written() -> None:
    known = pd.read_csv(SECTIONS, dtype=str)
    now = {head: hashed(body) for head, body in sections((DOCS / "forecasts.md").read_text("utf-8")).items()}
    assert dict(zip(known["section"], known["sha256"], strict=True)) == now, "a section is never edited; add a new one"


def test_every_row_of_the_page_is_read() -> None:
    rows = rows_of((DOCS / "forecasts.md").read_text("utf-8"))
    assert len(rows) >= 36 and all(row.low <= row.median <= row.high for row in rows)
