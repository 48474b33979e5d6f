"""Legal conformance: every case in cases/*.yaml, as a lawyer wrote it."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sim.law.amendments import Amendment, BringIntoForce, CloseChannels, Conclude, Join
from sim.law.channels import OpenChannel, Question
from sim.law.order import LegalOrder
from sim.law.vocabulary import Channel, DataKind, Offence

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [case for file in FILES for case in YAML(typ="safe").load(file)]


def amendments_of(case: dict[str, Any]) -> tuple[Amendment, ...]:
    return tuple(_amendment(kind, entry) for item in case.get("amendments", ()) for kind, entry in item.items())


def _amendment(kind: str, entry: dict[str, Any]) -> Amendment:
    on = entry["on"]
    if kind == "bring_into_force":
        return BringIntoForce(entry["instrument_id"], on)
    if kind == "join":
        return Join(tuple(entry["states"]), entry["instrument_id"], on)
    if kind == "conclude":
        return Conclude(tuple((a, b) for a, b in entry["pairs"]), entry["instrument_id"], on)
    assert kind == "close_channels" and entry["channels"] == "all"
    return CloseChannels(tuple(Channel), on)


def question_of(case: dict[str, Any]) -> Question:
    offence = Offence[case.get("offence", "illegal_access").upper()]
    return Question(case["requesting"], case["requested"], DataKind[case["data"].upper()], offence, case["on"])


def facts_of(channel: OpenChannel) -> dict[str, Any]:
    terms = channel.terms
    return {
        "instrument": terms.id,
        "deadline_days": "none" if channel.deadline_days is None else channel.deadline_days,
        "emergency_hours": None if terms.emergency_days is None else round(terms.emergency_days * 24),
        "dual_criminality": channel.dual_criminality_tested,
        "threshold_years": channel.threshold_years,
        "preservation_days": terms.preservation_days,
        "enforceable": terms.enforceable,
        "since": channel.since,
        "diplomatic": terms.diplomatic,
        "evidence": channel.tag.value,
    }


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_case(order: LegalOrder, case: dict[str, Any]) -> None:
    question = question_of(case), amendments_of(case)
    found = {channel.channel.name.lower(): facts_of(channel) for channel in order.channels(*question)}
    closed = {entry.terms.id: entry.reason for entry in order.closed(*question)}
    expect = case["expect"]
    assert set(expect) <= {"open", "shut", "exactly", "closed"}
    for channel, facts in expect.get("open", {}).items():
        assert channel in found
        assert facts == {key: found[channel][key] for key in facts}
    assert not set(expect.get("shut", ())) & set(found)
    assert "exactly" not in expect or set(expect["exactly"]) == set(found)
    for instrument, reason in expect.get("closed", {}).items():
        assert reason in closed[instrument]


def test_cases_are_many_and_name_their_authority() -> None:
    assert len(CASES) >= 40
    assert all(case["authority"] and case["expect"] for case in CASES)
    assert len({case["title"] for case in CASES}) == len(CASES)
