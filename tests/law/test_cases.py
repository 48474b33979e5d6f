"""Legal conformance: every case in cases/*.yaml, as a lawyer wrote it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sim.law.channels import OpenChannel, Question
from sim.law.order import LegalOrder
from sim.law.vocabulary import DataKind, Offence
from tests.law.written import amendments_of

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [case for file in FILES for case in YAML(typ="safe").load(file)]


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


def faults(order: LegalOrder, case: dict[str, Any]) -> Iterator[str]:
    """What the law answers otherwise than a case expects."""
    question = question_of(case), amendments_of(case)
    found = {channel.channel.name.lower(): facts_of(channel) for channel in order.channels(*question)}
    closed = {entry.terms.id: entry.reason for entry in order.closed(*question)}
    expect = case["expect"]
    assert set(expect) <= {"open", "shut", "exactly", "closed"}, case["title"]
    for channel, facts in expect.get("open", {}).items():
        if channel not in found:
            yield f"{channel} is not open"
        else:
            got = {key: found[channel][key] for key in facts}
            yield from [f"{channel}: {got}, not {facts}"] * (got != facts)
    yield from (f"{channel} is open" for channel in set(expect.get("shut", ())) & set(found))
    if "exactly" in expect and set(expect["exactly"]) != set(found):
        yield f"open are {sorted(found)}, not {expect['exactly']}"
    for instrument, reason in expect.get("closed", {}).items():
        if reason not in closed.get(instrument, ""):
            yield f"{instrument} is closed as {closed.get(instrument)!r}, not {reason!r}"


def test_the_law_answers_every_case_and_cases_are_many(order: LegalOrder) -> None:
    wrong = [f"{case['title']}: {fault}" for case in CASES for fault in faults(order, case)]
    assert not wrong, "\n".join(wrong)
    assert len(CASES) >= 40
    assert all(case["authority"] and case["expect"] for case in CASES)
    assert len({case["title"] for case in CASES}) == len(CASES)


def test_a_wrong_expectation_is_noticed(order: LegalOrder) -> None:
    case = next(case for case in CASES if case["expect"].get("open"))
    channel, facts = next(iter(case["expect"]["open"].items()))
    for expect in ({"shut": [channel]}, {"exactly": []}, {"open": {channel: facts | {"since": "never"}}}):
        assert len(list(faults(order, case | {"expect": expect}))) == 1
