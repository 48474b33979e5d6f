"""Tests of the page of files on the table: it is that of its data, and each option has dose, day, price and flag."""

import pandas as pd
import pytest

from docs.programs import DOCS, rendered
from docs.programs.files_on_the_table import (
    COMMAND,
    NAME,
    PLACES,
    STORED,
    WORLD,
    dose_rows,
    in_short,
    named,
    parts,
    shown_effect,
)
from sim.policy.files import EVERYWHERE, options, records
from sim.results.effects import Verdict


def test_the_page_is_that_of_the_data_and_of_the_stored_effects() -> None:
    text = (DOCS / f"{NAME}.md").read_text("utf-8")
    assert rendered(text, parts(), COMMAND) == text
    assert all(record.title in text and record.checked.isoformat() in text for record in records().values())


def test_each_option_has_rows_with_dose_day_price_article_and_flag() -> None:
    for key, one in options().items():
        rows = list(dose_rows(one))
        assert rows and all(all(row.values()) for row in rows), key
        assert len(rows) == len(one.changes) + len(one.costs) + bool(one.based_on) + (key == "uk_us_renewed")
    (dose,) = dose_rows(options()["uk_us_lapses"])
    assert dose["dose"] == "`channels.closed` provider_binding, GBR and USA"
    assert dose["day"] == "2027-10-03 (recalled)" and dose["flag: article or text"].startswith("**recalled**: ")
    _, price, _ = dose_rows(options()["europol_580_package"])
    assert price["price"] == "254.85 M€ once, 47.9 M€ a year to 2034-12-31"


def test_every_option_has_an_effect_in_the_world_and_where_its_file_acts_first() -> None:
    table = pd.read_csv(STORED, comment="#")
    assert set(table["verdict"]) <= set(Verdict.__members__)
    for key, one in options().items():
        places = {"world", one.record.places} - {EVERYWHERE}
        rows = table[table["scenario"] == key]
        assert set(rows["place"]) == places and len(rows) == len(WORLD) + len(PLACES) * (len(places) - 1), key
    renewed = table[table["scenario"] == "uk_us_renewed"]
    assert set(renewed["verdict"]) == {Verdict.IDENTICAL.name}, "today's law is compared with itself"


@pytest.mark.parametrize(
    ("difference", "verdict", "expected"),
    [
        (-1234.5, Verdict.DISTINGUISHABLE, "−1,230 (−2,000 to −468) on 15,200: clear"),
        (0.0, Verdict.IDENTICAL, "the same in each world"),
        (0.0004, Verdict.NOT_DISTINGUISHABLE, "0 (−2,000 to −468) on 15,200: no clear change"),
        (0.125, Verdict.FEW_WORLDS, "+0.125 (−2,000 to −468) on 15,200: too few worlds to say"),
    ],
)
def test_an_effect_has_three_digits_and_its_verdict(difference: float, verdict: Verdict, expected: str) -> None:
    row = {"scenario": "one", "outcome": "orders_sent", "difference": difference, "low": -2000.4, "high": -468.2}
    table = pd.DataFrame([{**row, "baseline_mean": 15_187.0, "verdict": verdict.name}])
    assert shown_effect(table, "one", "orders_sent") == expected
    assert shown_effect(table, "two", "orders_sent") == "–"


def test_clear_effects_are_counted_and_named() -> None:
    verdicts = {"uk_us_lapses": Verdict.DISTINGUISHABLE, "uk_us_renewed": Verdict.IDENTICAL}
    rows = [{"scenario": key, "outcome": "orders_sent", "verdict": verdict.name} for key, verdict in verdicts.items()]
    line = in_short(pd.DataFrame(rows)).splitlines()[list(PLACES).index("orders_sent")]
    assert "1 of 2" in line and "`uk_us_lapses`" in line and "`uk_us_renewed`" not in line


def test_many_states_are_counted() -> None:
    assert named(["A", "B", "C", "D", "E"]) == "A, B, C, D, E"
    assert named(["A", "B", "C", "D", "E", "F"]) == "A, B, C, D and 2 others"
