"""What follows from data in docs/trace.md and docs/limits.md: up to date, and firm only where the data say so."""

import numpy as np
import pandas as pd
import pytest

from docs.programs import DOCS, rendered
from docs.programs.standing import COMMAND, PAGES, flips, parts


def test_both_pages_are_up_to_date_and_a_part_that_nobody_makes_is_an_error() -> None:
    """Renew them with `make docs`."""
    made, named = parts(), set()
    for page in PAGES:
        text = (DOCS / f"{page}.md").read_text("utf-8")
        assert rendered(text, made, COMMAND) == text, page
        named |= {name for name in made if f"<!-- {name}: " in text}
    assert named == set(made)
    page = "<!-- one: `a` -->\nold\n<!-- end -->\n<!-- one: `b` -->\nold\n<!-- end -->"
    with pytest.raises(KeyError, match="one"):
        rendered(page, {"evidence": "new"}, "a")
    assert rendered(page, {"one": "new"}, "a") == page.replace("old\n", "\nnew\n\n", 1)  # that of others stays


def test_a_sign_is_firm_only_where_plausible_worlds_agree() -> None:
    row = {"block": "main", "scenario": "faster_mlat", "outcome": "groups_brought_down", "title": "Groups brought down"}
    row |= {"unit": "groups", "difference": 0.05, "low": 0.03, "high": 0.07}
    clear, no_spread = "distinguishable from noise", "firm: no spread between plausible worlds beyond chance was found"
    for verdict, chance, holds, words in (
        (clear, 0.3, 0.97, "firm: the same in 97 %"),
        (clear, 0.3, 0.7, "not firm: the same in 70 %"),
        (clear, 1.0, np.nan, no_spread),
        (f"not {clear}", 1.0, np.nan, "chance alone is seen"),
        ("identical in every replicate", np.nan, np.nan, "no change"),
    ):
        one = row | {"chance": chance, "holds": holds, "verdict": verdict}
        text = flips(pd.DataFrame([one, one | {"block": "without queues"}]))
        assert text.count(words) == 1 and "+0.050 (+0.030 to +0.070)" in text
