"""docs/law.md says what the data and the code say."""

from datetime import date, timedelta

import pytest

from docs.programs import DOCS, rendered
from docs.programs import law as page
from docs.programs.law import COMMAND, STATES, WHY_NOT, national, parts
from sim.data.load import read_table
from sim.data.spreadsheet import as_csv
from sim.law.order import legal_order


def test_the_page_is_current_and_says_why_an_instrument_opens_no_channel() -> None:
    """`python -m docs.programs.law` renews it."""
    text = (DOCS / "law.md").read_text("utf-8")
    assert rendered(text, parts(), COMMAND) == text
    assert all(f"<!-- {name}: `{COMMAND}`" in text for name in parts())
    assert STATES.read_text("utf-8") == as_csv(national(legal_order()))
    order, renamed = legal_order(), {"ets_030": "coe_1959"}
    for row in read_table("regional_instruments.csv").rows:
        used = renamed.get(row["id"], row["id"]) in {terms.treaty for terms in order.terms}
        assert used != (row["id"] in WHY_NOT), row["id"]


def test_the_page_counts_what_binds_from_the_first_day_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Britain's part in orders and warrants of the Union ended with 2020; the youngest Party counts from its day on."""
    order = legal_order()
    state, bond = max(order.treaties["budapest"].bonds.items(), key=lambda item: item[1].since)
    last, day = date(2020, 12, 31), timedelta(days=1)
    for treaty, party, on, binds in (
        ("eio", "GBR", last, True),
        ("eio", "GBR", last + day, False),
        ("budapest", state, bond.since, True),
        ("budapest", state, bond.since - day, False),
    ):
        monkeypatch.setattr(page, "ON", on)
        pairs = page._open_pairs(order, {name: order.treaties[name] for name in order.treaties})[treaty]
        assert bool(pairs[order.index("DEU"), order.index(party)]) == binds
        (line,) = (row for row in page._instruments(order).splitlines() if f"| {order.treaties[treaty].name} |" in row)
        assert sum(int(cell) for cell in line.split("|")[4:7]) == len(order.parties(treaty, on))
