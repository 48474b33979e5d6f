"""Tests of the reasons that open or close a channel, on a treaty of two states."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.law.amendments import Amendment, CloseChannels, ReviseTerms
from sim.law.channels import Question, closed_channel, maximum, open_channel
from sim.law.instruments import DualCriminality, Terms, revised, terms_array
from sim.law.national import NationalLaw
from sim.law.treaties import Membership, Treaty
from sim.law.vocabulary import Channel, DataKind, EvidenceTag, Offence

ON, BEFORE, AFTER = date(2026, 9, 1), date(2026, 8, 31), date(2026, 9, 2)
CONTENT, TRAFFIC = DataKind.CONTENT, DataKind.TRAFFIC
ACCESS, FRAUD = Offence.ILLEGAL_ACCESS, Offence.COMPUTER_FRAUD
ASKED = Question("AUT", "BEL", CONTENT, ACCESS, ON)
_USUAL: dict[str, Any] = {
    **{"id": "pact", "name": "The Pact", "treaty": "pact", "channel": Channel.MLAT, "rank": 1, "reading": ""},
    **dict.fromkeys(("carries", "dual_criminality_kinds", "penalty_kinds"), frozenset({CONTENT})),
    **{"deadline_days": {CONTENT: 45.0}, "emergency_days": None, "preservation_days": None, "enforceable": False},
    **{"dual_criminality": DualCriminality.TESTED_UNLESS_LISTED, "listed_penalty_years": 3.0, "penalty_years": 2.0},
    **{"penalty_both": True, "exempt_offences": frozenset({FRAUD}), "electronic": False, "diplomatic": False},
    **{"in_steps": False},
    **{"only_requesting": (), "reserved_by": (), "refusal": ("public order",), "article": "art. 1"},
    **{"source": "a source", "tag": EvidenceTag.VERIFIED},
}
TERMS = Terms(**_USUAL)


Amendments = tuple[Amendment, ...]


def tie(since: date = BEFORE, until: date | None = None, role: str = "member", note: str = "") -> Membership:
    return Membership(since, until, role, EvidenceTag.VERIFIED, "a row", note)


def treaty(
    form: str = "parties",
    entry: date | None = BEFORE,
    ended: date | None = None,
    both: bool = False,
    **ties: Membership,
) -> Treaty:
    """Makes a treaty with the given members."""
    bare = Treaty("pact", "The Pact", form, entry, ended, 5, "art. 1", "a source", EvidenceTag.VERIFIED)
    if form == "pairs":
        return replace(bare, pairs=dict.fromkeys([("AUT", "BEL")] if ties else [], ties.get("tie", tie())))
    return replace(bare, memberships={"AUT": tie(), "BEL": tie()} if both else ties)


def reason(
    pact: Treaty,
    terms: Terms = TERMS,
    is_open: bool = False,
    penalty: float = 5.0,
    amendments: Sequence[Amendment] = (),
) -> str | None:
    """The reason why the Pact does not open a channel, without the Pact's name."""
    found = closed_channel(ASKED, terms, pact, is_open, penalty, amendments)
    return None if found is None else found.reason.removeprefix("The Pact: ")


LISTED, ASSOCIATE, EXCLUDED = (tie(role=role, note="by policy") for role in ("requested", "associate", "excluded"))


@pytest.mark.parametrize(
    ("pact", "why"),
    [
        (treaty(entry=None, both=True), "not in force (2 of 5 ratifications seen)"),
        *((treaty(entry=AFTER, both=True), f"applies from {AFTER}"), (treaty(ended=ON, both=True), f"ended on {ON}")),
        (treaty(entry=ON, ended=AFTER, AUT=tie(), BEL=tie(AFTER)), f"binds BEL from {AFTER}"),
        *((treaty(AUT=tie()), "BEL is not a Party"), (treaty(), "AUT is not a Party; BEL is not a Party")),
        (treaty(AUT=tie(until=ON), BEL=tie(until=AFTER)), f"no longer binds AUT since {ON}"),
        (treaty(AUT=ASSOCIATE, BEL=ASSOCIATE), "both are associated, neither is a full member"),
        (treaty("pairs"), "none between AUT and BEL in the data"),
        (treaty("pairs", tie=tie(AFTER)), f"binds the two States from {AFTER}"),
        (treaty("pairs", tie=tie(until=ON)), f"no longer binds the two States since {ON}"),
        (treaty("requested"), "providers in BEL are not known to answer foreign authorities"),
        (
            treaty("requested", BEL=tie(role="other")),
            "providers in BEL are not known to answer foreign authorities",
        ),
        (treaty("requested", BEL=tie(AFTER, role="requested")), f"binds BEL from {AFTER}"),
        (treaty("requested", AUT=EXCLUDED, BEL=LISTED), "not answered to AUT (by policy)"),
        (treaty("requested", AUT=LISTED, BEL=replace(LISTED, until=ON)), f"no longer binds BEL since {ON}"),
    ],
)
def test_a_treaty_that_is_not_open_says_since_when_or_for_whom(pact: Treaty, why: str) -> None:
    assert reason(pact) == why


def test_open_treaties_help_with_what_they_carry_unless_reserved_or_closed_by_a_scenario() -> None:
    """A treaty's channel can be closed by a reservation, or by a scenario for some or all states."""
    assert reason(treaty(both=True), replace(TERMS, reserved_by=("BEL",))) == "BEL has reserved it"
    closed, asking, asked = f"closed by the scenario on {ON}", ("AUT",), ("BEL",)
    for sides in ((None, None), (asking, None), (None, asked), (asking, asked)):
        assert reason(treaty(both=True), amendments=(CloseChannels((Channel.MLAT,), ON, *sides),)) == closed
    for sides in ((asked, None), (None, asking), (asked, asked), (asking, asking)):
        assert reason(treaty(), amendments=(CloseChannels((Channel.MLAT,), ON, *sides),)) != closed
    assert reason(treaty(), amendments=(CloseChannels((Channel.POLICE,), ON),)) != closed
    assert reason(treaty(), amendments=(ReviseTerms("pact", "enforceable", (), 1.0, ON),)) != closed
    pact = treaty(both=True)
    assert reason(pact, is_open=True, penalty=2.0) is None
    assert reason(pact, is_open=True, penalty=1.5) == "maximum penalty 1.5 years in AUT is below the 2 years asked for"
    assert reason(pact, is_open=True, penalty=0.0) == "no offence in AUT"
    assert reason(pact, replace(TERMS, carries=frozenset({TRAFFIC})), is_open=True) == "does not carry content"
    assert reason(treaty(), replace(TERMS, only_requesting=("CHL",))) is None  # it is none of Austria's
    assert reason(treaty(), replace(TERMS, only_requesting=("AUT",))) is not None


def test_thresholds_and_dual_criminality_bind_their_kinds_of_data_below_a_penalty() -> None:
    asked = (CONTENT, ACCESS, 1.9), (CONTENT, ACCESS, 2.0), (CONTENT, FRAUD, 1.9), (TRAFFIC, ACCESS, 1.9)
    assert [TERMS.meets_threshold(*question) for question in asked] == [False, True, True, True]
    # From three years on a listed offence skips the test; where it is always tested, no penalty lifts it.
    always = replace(TERMS, dual_criminality=DualCriminality.TESTED)
    never = replace(TERMS, dual_criminality=DualCriminality.NOT_TESTED)
    assert [TERMS.tests_dual_criminality(CONTENT, years) for years in (2.9, 3.0)] == [True, False]
    assert [always.tests_dual_criminality(CONTENT, years) for years in (2.9, 3.0)] == [True, True]
    assert not TERMS.tests_dual_criminality(TRAFFIC, 1.0) and not never.tests_dual_criminality(CONTENT, 1.0)
    assert maximum(national(), 0, ACCESS) == 4.0 and maximum(national(offence=0), 0, ACCESS) == 0.0


def test_terms_are_revised_and_read_by_rules_as_bits_and_missing_values() -> None:
    other = replace(TERMS, id="other")

    def after(field: str, kinds: tuple[DataKind, ...], value: float) -> Terms:
        first, second = revised((other, TERMS), (ReviseTerms("pact", field, kinds, value, ON),))
        assert first is other
        return second

    assert after("deadline_days", (TRAFFIC,), 9.0).deadline_days == {CONTENT: 45.0, TRAFFIC: 9.0}
    assert [after("enforceable", (), value).enforceable for value in (0.0, 1.0)] == [False, True]
    threshold = after("penalty_years", (TRAFFIC,), 4.0)
    assert (threshold.penalty_years, threshold.penalty_kinds) == (4.0, frozenset({CONTENT, TRAFFIC}))
    assert after("preservation_days", (), 30.0).preservation_days == 30.0
    with pytest.raises(ValueError, match="rank"):
        after("rank", (), 2.0)
    terms = replace(TERMS, carries=frozenset({DataKind.SUBSCRIBER, CONTENT}), preservation_days=60.0)
    (row,) = terms_array((terms,))
    assert (row.carries, row.exempt_offences) == (2 + 8, 64) and row.deadline_days[CONTENT] == 45.0
    assert np.isnan(row.deadline_days[TRAFFIC]) and np.isnan(row.emergency_days)
    assert (row.penalty_years, row.preservation_days, row.penalty_both) == (2.0, 60.0, 1)


def national(offence: int = 1, elements: int = 0) -> NationalLaw:
    """National law of two states with different penalties and elements of offences."""
    size = 2, len(Offence)
    kinds = np.ones((2, len(DataKind)))
    penalty, chance = np.full(size, 4.0, np.float32), np.full(size, 0.25, np.float32)
    offences, asked = np.full(size, offence, np.int8), np.array([[0] * size[1], [elements] * size[1]], np.uint8)
    powers, ones = kinds.astype(np.int8), np.ones(2, np.float32)
    return NationalLaw(offences, penalty, asked, powers, ones, chance, kinds.astype(np.float32))


def test_an_open_channel_has_the_tests_of_the_question_and_the_weakest_flag() -> None:
    pact = treaty(AUT=tie(note="day assumed"), BEL=replace(tie(note="day assumed"), tag=EvidenceTag.RECALLED))
    always = replace(TERMS, dual_criminality=DualCriminality.TESTED, reading="as a lawyer would")
    found = open_channel(ASKED, always, pact, (1.0, 32.0), national(elements=0b101), (0, 1))
    assert (found.opened, found.since) == (date(2022, 1, 2), date(2022, 2, 2))
    assert (found.deadline_days, found.threshold_years) == (45.0, 2.0)
    assert (found.dual_criminality_tested, found.dual_criminality_chance) == (True, 0.25)
    assert (found.tag, found.source) == (EvidenceTag.RECALLED, "a source; a row")
    assert found.notes == (
        "reading (judgement): as a lawyer would",
        "day assumed",
        "BEL asks for further elements: security_measure, serious_damage",
    )


def test_further_elements_are_named_where_dual_criminality_is_tested() -> None:
    """Further elements of an offence are named only if dual criminality is tested."""
    pact = treaty("pairs", tie=tie())
    always = replace(TERMS, dual_criminality=DualCriminality.TESTED)
    assert open_channel(ASKED, TERMS, pact, (1.0, 1.0), national(elements=1), (0, 1)).notes == ()
    assert open_channel(ASKED, always, pact, (1.0, 1.0), national(), (0, 1)).notes == ()
    exempt = open_channel(replace(ASKED, offence=FRAUD), TERMS, pact, (1.0, 1.0), national(), (0, 1))
    assert (exempt.threshold_years, exempt.dual_criminality_tested) == (0.0, False)
    of_pair = open_channel(ASKED, always, treaty("requested", BEL=tie(note="n")), (1.0, 1.0), national(), (0, 1))
    assert of_pair.notes == ("n",)
    traffic = open_channel(replace(ASKED, data_kind=TRAFFIC), TERMS, pact, (1.0, 1.0), national(), (0, 1))
    assert (traffic.threshold_years, traffic.deadline_days) == (0.0, None)
