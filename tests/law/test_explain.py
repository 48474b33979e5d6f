"""Tests of texts that answer legal questions."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from sim.data.load import read_table
from sim.law.explain import _block, answer, conditions, render
from sim.law.order import LegalOrder
from sim.law.vocabulary import Channel, DataKind, EvidenceTag, Offence

ON = date(2026, 9, 1)


def shown(order: LegalOrder, asking: str, asked: str, kind: DataKind) -> str:
    console = Console(width=110, file=io.StringIO(), record=True)
    console.print(render(answer(order, asking, asked, kind, ON), dict(order.names)))
    return " ".join(console.export_text().split())


def test_open_channels_are_shown_with_deadline_tests_grounds_source_and_flag(order: LegalOrder) -> None:
    text = shown(order, "DEU", "USA", DataKind.CONTENT)
    for part in (
        *("Germany → United States", "deadline: none fixed", "dual criminality: tested, met", "law in action"),
        *("penalty threshold: none", "grounds of refusal in its text: ", "sovereignty security ordre public"),
        *("The model does not read the grounds of refusal in the text", "not in force (3 of 5 ratifications seen)"),
        *("ETS 185 arts 25, 27", "DEU: maximum penalty", "judgement", "verified"),
    ):
        assert part in text, part
    text = shown(order, "DEU", "IRL", DataKind.SUBSCRIBER)
    assert "deadline: 10 days" in text and "emergency: 8 hours" in text
    assert "No channel is open" in shown(order, "USA", "TWN", DataKind.POLICE_INFORMATION)


def test_channels_that_never_carry_the_data_and_treaties_of_open_ones_are_left_out(order: LegalOrder) -> None:
    found = answer(order, "DEU", "USA", DataKind.CONTENT, ON)
    channels = {entry.channel for entry in found.closed}
    assert not channels & {Channel.SURRENDER, Channel.POLICE, Channel.PRESERVATION_24_7}
    assert Channel.PROVIDER_BINDING in channels and Channel.PROVIDER_VOLUNTARY in channels
    # Germany asks Chile by mutual assistance under another treaty; other treaties of that channel are still listed.
    found = answer(order, "DEU", "CHL", DataKind.CONTENT, ON, Offence.COMPUTER_FRAUD)
    assert Channel.MLAT in {entry.channel for entry in found.open}
    forms = [order.treaties[entry.terms.treaty].form for entry in found.closed if entry.channel is Channel.MLAT]
    assert forms and "pairs" not in forms
    closed = {entry.channel for entry in found.closed if order.treaties[entry.terms.treaty].form == "pairs"}
    assert not closed & {entry.channel for entry in found.open}


def test_facts_are_tagged_by_what_they_rest_on_and_what_is_unread_has_its_probability(order: LegalOrder) -> None:
    found = answer(order, "TCD", "DEU", DataKind.CONTENT, ON, Offence.COMPUTER_FRAUD)
    tags = {fact.what: fact.tag for fact in found.facts}
    assert tags["TCD: computer fraud is an offence"] is EvidenceTag.JUDGEMENT
    assert tags["DEU: computer fraud is an offence"] is EvidenceTag.RECALLED
    rows = read_table("powers_by_state.csv").rows
    for row in rows:
        stands = EvidenceTag(row["status"]) if row["fixed"] == "yes" else EvidenceTag.JUDGEMENT
        assert order.reading.power_tag(row["iso3"]) is stands, row
    read = answer(order, "TCD", "DEU", DataKind.CONTENT, ON, Offence.ILLEGAL_ACCESS)
    assert {fact.what: fact.tag for fact in read.facts}["DEU: maximum penalty"] is EvidenceTag.VERIFIED
    found = answer(order, "DEU", "BRA", DataKind.CONTENT, ON, Offence.ILLEGAL_ACCESS)
    facts = {fact.what: fact.value for fact in found.facts}
    statute = order.reading.statutes["DEU", Offence.ILLEGAL_ACCESS]
    words = facts["DEU: illegal access is an offence"]
    assert words.startswith("yes; further elements: security measure; ")
    assert words.endswith(f"{statute['title']}, {statute['article']}; source: {statute['source']}")
    law = order.arrays(ON)
    i, j = order.index("DEU"), order.index("BRA")
    assert facts["affinity (0–1)"] == f"{law.affinity[i, j]:.2f}"
    assert facts["best common police body"] == "INTERPOL"
    assert facts["BRA: extradition of its nationals"].startswith("refused, arrest warrants apart (")
    asked = ("TCD", "DEU", DataKind.CONTENT, ON, Offence.COMPUTER_FRAUD)
    values = {fact.what: fact.value for fact in answer(order, *asked).facts}
    chance = order.reading.chances[0][-1, 0, order.index("TCD"), Offence.COMPUTER_FRAUD]
    assert f"uncertain: {chance:.0%} likely" in values["TCD: computer fraud is an offence"]
    assert "uncertain: about 5 years" in values["TCD: maximum penalty"]
    drawn = {fact.what: fact.value for fact in answer(order.drawn(3), *asked).facts}
    assert "uncertain" not in drawn["TCD: computer fraud is an offence"] + drawn["TCD: maximum penalty"]
    other = answer(order, "DEU", "TCD", DataKind.SEARCH_SEIZURE, ON, Offence.COMPUTER_FRAUD)
    assert any(
        channel.dual_criminality_tested and channel.dual_criminality_chance == pytest.approx(chance)
        for channel in other.open
    )


def test_deadlines_and_tests_of_a_channel_are_said_with_their_numbers(order: LegalOrder) -> None:
    """A text on a channel gives its deadlines and the results of its legal tests."""
    (channel, *_) = answer(order, "DEU", "USA", DataKind.CONTENT, ON).open

    def lines(carries: frozenset[DataKind] = frozenset(), deadline: float | None = None, **more: object) -> list[str]:
        terms = replace(channel.terms, **({"carries": carries, "preservation_days": 60.0} | more))  # type: ignore[arg-type]
        return conditions(replace(channel, terms=terms, deadline_days=deadline, notes=("a note",), **tests))

    tests: dict[str, Any] = {"dual_criminality_tested": False, "threshold_years": 0.0}
    assert lines(emergency_days=None, enforceable=False) == [
        *("deadline: none fixed", "dual criminality: not tested", "penalty threshold: none", "a note")
    ]
    tests = {"dual_criminality_tested": True, "dual_criminality_chance": 0.25, "threshold_years": 4.0}
    carries = frozenset({DataKind.PRESERVATION})
    assert lines(carries, 10.0, emergency_days=0.25, enforceable=True, penalty_both=True) == [
        *("deadline: 10 days", "emergency: 6 hours", "preservation holds 60 days"),
        "dual criminality: tested, uncertain (25% likely to be met)",
        *("penalty threshold: maximum ≥ 4 years in both states", "breach of the deadline or order is punished"),
        "a note",
    ]
    tests["dual_criminality_chance"] = 0.0
    found = lines(carries, emergency_days=2.0, penalty_both=False, preservation_days=None)
    assert "emergency: 2 days" in found and "dual criminality: tested, not met: expect refusal" in found
    assert "penalty threshold: maximum ≥ 4 years in the requesting state" in found
    assert not any(line.startswith("preservation") for line in found)


def test_what_is_older_than_the_model_is_not_given_a_day(order: LegalOrder) -> None:
    """The text on a treaty gives no date if the treaty is older than the model."""
    since = {
        channel.channel: _block(channel).plain.splitlines()[0].rpartition(" since ")[2]
        for channel in answer(order, "DEU", "USA", DataKind.CONTENT, ON).open
    }
    assert since[Channel.LETTERS_ROGATORY] == "before 2022"
    assert since[Channel.MLAT] == str(order.treaties["mlat_us"].pairs["DEU", "USA"].since)
