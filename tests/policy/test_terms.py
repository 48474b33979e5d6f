"""Tests of levers on an instrument's own terms: effects, states, and refusals."""

from datetime import date

import numpy as np
import pytest

from sim.law.amendments import ReviseTerms
from sim.law.channels import Question
from sim.law.order import LegalOrder
from sim.law.vocabulary import Channel, DataKind, Offence
from sim.policy.levers import spend
from sim.policy.problem import InputError
from sim.policy.scenario import load
from sim.world.baseline import Baseline
from tests.policy.conftest import Expand, Write, change

BEFORE, AFTER = date(2028, 12, 31), date(2029, 1, 1)


def revising(lever: str, instrument: str, value: str, more: str = "") -> str:
    """Lines of a scenario file with one change of an instrument's term."""
    return change(f"instrument.{lever}", value, "2029-01-01", more, instrument)


def row(order: LegalOrder, term: str) -> int:
    return [terms.id for terms in order.terms].index(term)


def test_an_orders_deadline_is_halved_from_its_day_on(timeline: Expand, order: LegalOrder) -> None:
    steps = timeline(load("faster_e_evidence"))
    place = row(order, "e_evidence")
    before, after = (order.arrays(day, steps.amendments(day)).terms for day in (BEFORE, AFTER))
    kinds = [DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT]
    assert before.deadline_days[place, kinds].tolist() == [10, 10, 10]
    assert after.deadline_days[place, kinds].tolist() == [5, 5, 5]
    after = after.copy()
    after.deadline_days[place, kinds] = 10
    assert after.tobytes() == before.tobytes(), "nothing else changes"
    assert order.arrays(AFTER).terms.deadline_days[place, DataKind.CONTENT] == 10, "nor any other arm"
    asked, amendments = Question("DEU", "FRA", DataKind.CONTENT, Offence.ILLEGAL_ACCESS, AFTER), steps.amendments(AFTER)
    ways = {way.channel: (way.terms.id, way.deadline_days) for way in order.channels(asked, amendments)}
    assert ways[Channel.PROVIDER_BINDING] == ("e_evidence", 5)
    np.testing.assert_array_equal(order.arrays(AFTER, amendments).instrument, order.arrays(AFTER).instrument)


def test_a_deadline_where_there_was_none_is_for_all_that_the_instrument_carries(write: Write, timeline: Expand) -> None:
    revised = timeline(write(revising("deadline", "budapest_ch3", "60 days"))).amendments(AFTER)
    carried = (DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT, DataKind.SEARCH_SEIZURE)
    assert revised == (ReviseTerms("budapest_ch3", "deadline_days", carried, 60.0, AFTER),)
    named = write(revising("deadline", "EIO", "2 days", "    kinds: [content, preservation]\n"))
    assert [a.kinds for a in timeline(named).amendments(AFTER)] == [(DataKind.PRESERVATION, DataKind.CONTENT)]  # type: ignore[union-attr]


def test_each_term_can_be_revised(write: Write, order: LegalOrder, timeline: Expand) -> None:
    for lever, instrument, value, field, old, new in (
        ("enforceable", "budapest_ch3", "yes", "enforceable", 0, 1),
        ("penalty_threshold", "untoc_art18", "2 years", "penalty_years", 4, 2),
        ("listed_penalty", "eio", "1 year", "listed_penalty_years", 3, 1),
        ("preservation", "budapest_247", "90 days", "preservation_days", 60, 90),
    ):
        amendments = timeline(write(revising(lever, instrument, value))).amendments(AFTER)
        place = row(order, instrument)
        assert order.arrays(AFTER).terms[field][place] == old, lever
        assert order.arrays(AFTER, amendments).terms[field][place] == new, lever


def test_a_lower_threshold_opens_the_channel_for_lesser_offences(write, order, timeline):
    """A lower penalty threshold opens the channel to states with lower penalties."""
    amendments = timeline(write(revising("penalty_threshold", "untoc_art18", "1 year"))).amendments(AFTER)
    penalties = order.national(AFTER).penalty_years[:, Offence.MISUSE_OF_DEVICES]
    low = next(state for state, years in zip(order.states, penalties, strict=True) if 1 <= years < 4 and state != "USA")
    asked = Question(low, "USA", DataKind.CONTENT, Offence.MISUSE_OF_DEVICES, AFTER)
    before, after = ({way.terms.id for way in order.channels(asked, amended)} for amended in ((), amendments))
    closed = {entry.terms.id for entry in order.closed(asked)}
    assert "untoc_art18" in closed
    assert "untoc_art18" not in {entry.terms.id for entry in order.closed(asked, amendments)}
    assert before <= after


def test_a_revision_has_no_price_and_says_so(timeline: Expand, before: Baseline) -> None:
    found = spend(timeline(load("faster_e_evidence")).steps, before, 5000.0)
    assert found.unpriced == ("instrument.deadline",) and found.ledger.size == 0


def test_a_deadline_that_no_lever_has_leads_to_those_that_there_are(write: Write) -> None:
    """A message on a misnamed lever for deadlines names the levers that exist."""
    with pytest.raises(InputError) as caught:
        write(change("provider.deadline", "5 days"))
    assert "instrument.deadline" in caught.value.fix and "provider.staff" not in caught.value.fix
