"""The page of ordinary requests, and its figures, from one tiny world."""

from pathlib import Path

import pytest

from docs.programs import DOCS
from docs.programs.requests import parts, published, published_days, published_years, simulated
from docs.programs.requests_figures import write
from tests.tiny import TINY


def test_what_is_published() -> None:
    google = published("Google")
    assert google["requests"].sum() == 197_456
    assert 0.7 < google["answered"].sum() / google["requests"].sum() < 0.8
    assert "USA" not in google.index
    years = published_years().set_index(["provider", "kind", "year"])["requests"]
    assert 240 < years["Google", "direct", 2019] / years["Google", "assisted", 2019] < 560
    assert 1.3 < years["Google", "direct", 2021] / years["Google", "direct", 2020] < 1.5
    assert published_days()["TikTok"].between(1.0, 20.0).all()


@pytest.mark.slow
def test_page_and_figures(tmp_path: Path) -> None:
    made = simulated(1, TINY)
    text = "\n".join(parts(made).values())
    rows = [line for line in text.splitlines() if line.startswith(("| Google", "| Apple", "| EU orders"))]
    assert len(rows) > 8
    assert all("input" in row or "follows" in row for row in rows)
    assert "nan" not in text
    write(made, tmp_path)
    figures = {path.name for path in tmp_path.glob("*.png")}
    assert figures == {f"requests_{name}.png" for name in ("google", "apple", "orders")}
    assert all(f"figures/{name}" in (DOCS / "requests.md").read_text("utf-8") for name in figures)
