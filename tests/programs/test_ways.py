"""Requests by way and year, and effects, in two models: what is counted, and what the page shows of it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from docs.programs import DOCS, ROOT, rendered, ways
from docs.programs.before_after import SHOWN, of_study
from docs.programs.earlier_draws import WAYS, requests_of
from sim.data.load import states
from sim.policy.well_known import BASELINE
from sim.world.records import Addressee, Ordinary


def test_requests_are_counted_by_way_to_large_providers_alone() -> None:
    """Counts voluntary requests and orders to all classes but hosts, and those through authorities."""
    kind = [("year", "i4"), ("kind", "i4"), ("state", "i4"), ("requests", "f8")]
    uk, other, large = states().index("GBR"), states().index("FRA"), [*Addressee][:-1]
    rows = [(2027, Ordinary.VOLUNTARY + one, uk, 10.0) for one in Addressee]
    rows += [(2027, Ordinary.BINDING + one, uk, 1.0) for one in Addressee] + [(2028, Ordinary.BINDING, uk, 7.0)]
    rows += [(2027, Ordinary.ASSISTED_USA, uk, 3.0), (2027, Ordinary.ASSISTED_IRL, uk, 4.0)]
    rows += [(2027, Ordinary.VOLUNTARY, other, 99.0), (2027, Ordinary.PRESERVATION, uk, 99.0)]
    found = requests_of(np.array(rows, kind), ["GBR"])
    assert found == {
        "GBR voluntary 2027": 10.0 * len(large),
        "GBR binding 2027": 1.0 * len(large),
        "GBR binding 2028": 7.0,
        "GBR through authorities 2027": 7.0,
    }


def world(number: int, factor: float) -> Mapping[str, Mapping[str, float]]:
    """A made-up world; a policy brings a quarter more of everything, requests are by number and year."""
    keys = [f"{state} {way} {year}" for state in ways.STATES for way in WAYS for year in ways.YEARS]
    today = dict.fromkeys(SHOWN, 4.0 + 0.1 * number) | {key: factor * (100 + number) * int(key[-4:]) for key in keys}
    more = {key: 1.25 * value for key, value in today.items()}
    return {BASELINE: today} | dict.fromkeys((ways.TRENDS, *ways.POLICIES), more)


def test_the_page_has_medians_of_both_models_and_the_effects_of_each() -> None:
    """The page has medians of requests in both models, and effects of the old model and of the league."""
    names = ("block", "scenario", "outcome", "relative", "relative_low", "relative_high", "difference", "low", "high")
    league = [",".join((*names, "pairs"))]
    league += [
        f"main,{policy},{key},0.5,0.4,0.6,2.0,1.0,3.0,33" for policy in (*ways.POLICIES, "training") for key in SHOWN
    ]
    then = [world(number, 1.0) for number in range(5)]
    now = [world(number, 3.0) for number in range(7)]
    table = pd.concat([ways.rows_then(then, then[:4]), ways.rows_now(now, "\n".join(league))])
    parts = ways.parts(table)
    row = next(line for line in parts["GBR"].splitlines() if line.startswith("| 2030 |"))
    medians = [102 * 2030, 3 * 103 * 2030, 1.25 * 3 * 103 * 2030]
    assert row.split(" | ")[1:4] == [ways.rounded(value) for value in medians]
    rows = table[(table["model"] == ways.THEN) & (table["of"] == "IND") & (table["year"] == 2022)]
    assert rows["low"].tolist() == pytest.approx([100.2 * 2022] * 3)
    takedowns = [line for line in parts["effects"].splitlines() if "lasting takedowns" in line]
    assert len(takedowns) == len(ways.POLICIES)
    assert all("| +25 (" in line and "| +50 (+40 to +60) |" in line for line in takedowns)
    assert "5 to 7 worlds" in parts["worlds"] and "4 worlds before" in parts["worlds"] and "33 now" in parts["worlds"]


def test_the_page_is_what_its_table_says() -> None:
    """The page equals what its stored table gives; `python -m docs.programs.ways` renews it."""
    text = (DOCS / "ways.md").read_text("utf-8")
    made = ways.parts(pd.read_csv(ways.STORED, keep_default_na=False))
    assert rendered(text, made, ways.COMMAND) == text and all(f"<!-- {part}: `" in text for part in made)


def test_effects_of_now_are_those_of_the_league_that_is_stored() -> None:
    table = pd.read_csv(ways.STORED, keep_default_na=False)
    stored = of_study((ROOT / "results" / "league" / "differences.csv").read_text("utf-8"), ways.NAME)
    shown = ways.effects_in(table, ways.NOW)
    assert len(shown) == len(ways.POLICIES) * len(SHOWN)
    for place, effect in shown.items():
        assert effect == pytest.approx(stored[place], rel=1e-3), f"{place}: {ways.COMMAND}"
