"""What people read."""

import io
from datetime import date

import pytest
from rich.console import Console

from sim.law.explain import answer, render
from sim.law.order import LegalOrder
from sim.law.vocabulary import Channel, DataKind, EvidenceTag, Offence

ON = date(2026, 9, 1)


def shown(order: LegalOrder, asking: str, asked: str, kind: DataKind) -> str:
    console = Console(width=110, file=io.StringIO(), record=True)
    console.print(render(answer(order, asking, asked, kind, ON), dict(order.names)))
    return " ".join(console.export_text().split())


def test_every_open_channel_shows_deadline_tests_grounds_source_and_flag(order: LegalOrder) -> None:
    text = shown(order, "DEU", "USA", DataKind.CONTENT)
    for part in (
        "Germany → United States",
        "deadline: none fixed",
        "dual criminality: tested, met",
        "penalty threshold: none",
        "grounds of refusal in its text: ",
        "sovereignty security ordre public",
        "The model does not read the grounds of refusal in the text",
        "ETS 185 arts 25, 27",
        "not in force (3 of 5 ratifications seen)",
        "DEU: maximum penalty",
        "standard of proof",
        "judgement",
        "verified",
    ):
        assert part in text, part


def test_the_order_to_a_provider_shows_its_ten_days(order: LegalOrder) -> None:
    text = shown(order, "DEU", "IRL", DataKind.SUBSCRIBER)
    assert "deadline: 10 days" in text and "emergency: 8 hours" in text


def test_channels_that_never_carry_the_data_are_left_out(order: LegalOrder) -> None:
    found = answer(order, "DEU", "USA", DataKind.CONTENT, ON)
    channels = {entry.channel for entry in found.closed}
    assert not channels & {Channel.SURRENDER, Channel.POLICE, Channel.PRESERVATION_24_7}
    assert Channel.PROVIDER_BINDING in channels and Channel.PROVIDER_VOLUNTARY in channels


def test_facts_are_tagged_by_what_they_rest_on(order: LegalOrder) -> None:
    found = answer(order, "TCD", "DEU", DataKind.CONTENT, ON, Offence.COMPUTER_FRAUD)
    tags = {fact.what: fact.tag for fact in found.facts}
    assert tags["TCD: computer fraud is an offence"] is EvidenceTag.JUDGEMENT
    assert tags["DEU: computer fraud is an offence"] is EvidenceTag.RECALLED
    read = answer(order, "TCD", "DEU", DataKind.CONTENT, ON, Offence.ILLEGAL_ACCESS)
    assert {fact.what: fact.tag for fact in read.facts}["DEU: maximum penalty"] is EvidenceTag.VERIFIED


def test_what_is_unread_is_said_to_be_uncertain_with_its_probability(order: LegalOrder) -> None:
    asked = ("TCD", "DEU", DataKind.CONTENT, ON, Offence.COMPUTER_FRAUD)
    values = {fact.what: fact.value for fact in answer(order, *asked).facts}
    chance = order.reading.coverage[0, order.index("TCD"), Offence.COMPUTER_FRAUD]
    assert f"uncertain: {chance:.0%} likely" in values["TCD: computer fraud is an offence"]
    assert "uncertain: about 5 years" in values["TCD: maximum penalty"]
    drawn = {fact.what: fact.value for fact in answer(order.drawn(3), *asked).facts}
    assert "uncertain" not in drawn["TCD: computer fraud is an offence"] + drawn["TCD: maximum penalty"]
    other = answer(order, "DEU", "TCD", DataKind.SEARCH_SEIZURE, ON, Offence.COMPUTER_FRAUD)
    assert any(
        channel.dual_criminality_tested and channel.dual_criminality_chance == pytest.approx(chance)
        for channel in other.open
    )


def test_no_open_channel_is_said(order: LegalOrder) -> None:
    assert "No channel is open" in shown(order, "USA", "TWN", DataKind.POLICE_INFORMATION)
